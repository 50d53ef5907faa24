/* SPDX-License-Identifier: Apache-2.0 */
/* slots: plans of changes in otadata, as stock software makes them: marking, forgetting, and how
 * they are applied and carried out. */
#include "ports/flash/nor_sim.h"
#include "support/entries.h"
#include "support/unit.h"

static void marking_acts_on_the_newest_copy_of_that_slot_only(void **state)
{
    (void)state;
    ota_plan_t plan;
    ota_otadata_t od = otadata(entry(3, OTA_STATE_PENDING), entry(4, OTA_STATE_NEW));
    assert_int_equal(ota_plan_mark(&od, 2, 0, OTA_STATE_VALID, &plan), OTA_OK);
    assert_int_equal(plan.count, 1);
    assert_int_equal(plan.step[0].copy, 0); /* although copy 1 is in force */
    assert_int_equal(plan.step[0].entry.seq, 3);
    assert_int_equal(plan.step[0].entry.state, OTA_STATE_VALID);

    od = otadata(entry(1, OTA_STATE_VALID), entry(3, OTA_STATE_PENDING));
    assert_int_equal(ota_plan_mark(&od, 2, 0, OTA_STATE_INVALID, &plan), OTA_OK);
    assert_int_equal(plan.step[0].copy, 1);
    od = otadata(entry(5, OTA_STATE_PENDING), entry(3, OTA_STATE_VALID));
    assert_int_equal(ota_plan_mark(&od, 2, 0, OTA_STATE_INVALID, &plan), OTA_OK);
    assert_int_equal(plan.step[0].copy, 0);
    assert_int_equal(ota_plan_mark(&od, 2, 1, OTA_STATE_VALID, &plan), OTA_ERR_NO_RECORD);
    assert_int_equal(ota_plan_mark(&od, 2, OTA_SLOT_FACTORY, OTA_STATE_VALID, &plan),
                     OTA_ERR_NO_RECORD);
    assert_int_equal(ota_plan_mark(&od, 2, OTA_SLOT_NONE, OTA_STATE_VALID, &plan),
                     OTA_ERR_NO_RECORD);
}

static void marking_again_writes_nothing_and_rejected_stays_rejected(void **state)
{
    (void)state;
    ota_plan_t plan;
    ota_otadata_t od = otadata(entry(1, OTA_STATE_VALID), entry(2, OTA_STATE_INVALID));
    assert_int_equal(ota_plan_mark(&od, 2, 0, OTA_STATE_VALID, &plan), OTA_OK);
    assert_int_equal(plan.count, 0);
    assert_int_equal(ota_plan_mark(&od, 2, 1, OTA_STATE_INVALID, &plan), OTA_OK);
    assert_int_equal(plan.count, 0);
    assert_int_equal(ota_plan_mark(&od, 2, 1, OTA_STATE_VALID, &plan), OTA_ERR_NO_RECORD);
    ota_otadata_t older = otadata(entry(1, OTA_STATE_VALID), entry(3, OTA_STATE_INVALID));
    assert_int_equal(ota_plan_mark(&older, 2, 0, OTA_STATE_VALID, &plan), OTA_OK);
    assert_int_equal(plan.count, 0); /* the newer one of that slot says nothing any more */
    ota_otadata_t lone = otadata(entry(1, OTA_STATE_INVALID), blank());
    assert_int_equal(ota_plan_mark(&lone, 2, 0, OTA_STATE_VALID, &plan), OTA_ERR_NO_RECORD);
    od.copy[1].crc ^= 1u;
    assert_int_equal(ota_plan_mark(&od, 2, 1, OTA_STATE_INVALID, &plan), OTA_ERR_NO_RECORD);
}

static void forgetting_keeps_the_running_slots_record(void **state)
{
    (void)state;
    static const struct {
        uint32_t seq[2];
        uint32_t state[2];
        ota_slot_t target, running;
        int erased; /* -1 none, 0, 1, 2 both */
    } vectors[] = {
        {{1, 2}, {2, 2}, 0, 1, 0},
        {{1, 2}, {2, 2}, 1, 0, 1}, /* selected, not booted, overwritten again */
        {{1, 2}, {2, 4}, 1, 0, 1},
        {{1, 2}, {2, 2}, 1, 1, -1}, /* the running slot itself */
        {{1, 3}, {2, 2}, 0, 1, -1}, /* slot 1 runs by fallback: otadata would be blank */
        {{1, 2}, {2, 4}, 0, 1, -1}, /* its record is rejected: same */
        {{1, 3}, {2, 2}, 0, OTA_SLOT_FACTORY, 2},
        {{1, 2}, {2, 2}, OTA_SLOT_FACTORY, 0, -1},
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        ota_otadata_t od = otadata(entry(vectors[i].seq[0], vectors[i].state[0]),
                                   entry(vectors[i].seq[1], vectors[i].state[1]));
        ota_plan_t plan = {.count = 4};
        ota_plan_forget(&od, 2, vectors[i].target, vectors[i].running, &plan);
        int erased = vectors[i].erased;
        assert_int_equal(plan.count, erased < 0 ? 0 : erased == 2 ? 2 : 1);
        for (uint8_t k = 0; k < plan.count; k++) {
            assert_false(plan.step[k].write);
            assert_int_equal(plan.step[k].copy, erased == 2 ? k : erased);
        }
    }
}

static void forgetting_leaves_damaged_copies_alone(void **state)
{
    (void)state;
    ota_otadata_t od = otadata(entry(1, OTA_STATE_VALID), entry(2, OTA_STATE_VALID));
    od.copy[1].crc ^= 1u;
    ota_plan_t plan;
    ota_plan_forget(&od, 2, 1, 0, &plan);
    assert_int_equal(plan.count, 0);
}

static void a_plan_never_outgrows_its_steps(void **state)
{
    (void)state;
    ota_plan_t plan = {0};
    ota_entry_t e = entry(1, OTA_STATE_VALID);
    for (int i = 0; i < 9; i++) {
        ota_plan_erase(&plan, 0);
        ota_plan_write(&plan, 1, &e);
    }
    assert_int_equal(plan.count, OTA_PLAN_STEPS);
    plan.count = OTA_PLAN_STEPS - 1u; /* up to the last one, of either kind */
    ota_plan_erase(&plan, 0);
    assert_int_equal(plan.count, OTA_PLAN_STEPS);
    plan.count = OTA_PLAN_STEPS - 1u;
    ota_plan_write(&plan, 1, &e);
    assert_int_equal(plan.count, OTA_PLAN_STEPS);
    assert_true(plan.step[OTA_PLAN_STEPS - 1u].write);
}

/* What stock software writes has no record behind it, whatever was there. */
static void a_plan_takes_the_record_of_its_sector_with_it(void **state)
{
    (void)state;
    ota_otadata_t od = otadata(entry(1, OTA_STATE_VALID), entry(2, OTA_STATE_VALID));
    ota_plan_t plan = {0};
    ota_record_t none;
    ota_record_blank(&none);
    for (int i = 0; i < 2; i++) {
        od.record[i].slot = 1;
        od.record[i].seq = 9;
        od.marks[i] = OTA_MARK_WHOLE;
    }
    ota_plan_erase(&plan, 1);
    ota_plan_apply(&plan, &od);
    assert_int_equal(od.marks[0], OTA_MARK_WHOLE);
    assert_int_equal(od.record[0].seq, 9);
    assert_int_equal(od.marks[1], 0);
    assert_int_equal(od.record[1].seq, none.seq);
    assert_int_equal(od.record[1].slot, none.slot);
}

static void the_first_of_two_equal_copies_is_found(void **state)
{
    (void)state;
    ota_otadata_t od = otadata(entry(3, OTA_STATE_VALID), entry(3, OTA_STATE_VALID));
    assert_int_equal(ota_otadata_find(&od, 2, 0, ota_entry_valid), 0);
    assert_int_equal(ota_otadata_find(&od, 2, 1, ota_entry_valid), -1);
}

/* Bytes behind them that look like a third one. */
static void there_are_two_copies_and_no_more(void **state)
{
    (void)state;
    ota_plan_t plan;
    ota_otadata_t od = otadata(blank(), blank());
    const ota_entry_t third = entry(1, OTA_STATE_VALID);
    memcpy((uint8_t *)&od + offsetof(ota_otadata_t, copy) + sizeof(od.copy), &third, sizeof(third));
    assert_int_equal(ota_otadata_find(&od, 2, 0, ota_entry_valid), -1);
    ota_plan_forget(&od, 2, 0, OTA_SLOT_FACTORY, &plan);
    assert_int_equal(plan.count, 0);
}

static void forgetting_needs_a_slot_to_forget_and_one_to_stay(void **state)
{
    (void)state;
    ota_plan_t plan;
    ota_otadata_t od = otadata(entry(2, OTA_STATE_VALID), blank());
    ota_plan_forget(&od, 2, 1, 0, &plan); /* slot 0 runs, and nothing says so */
    assert_int_equal(plan.count, 0);
    ota_plan_forget(&od, 0, OTA_SLOT_NONE, OTA_SLOT_FACTORY, &plan); /* in a table without slots */
    assert_int_equal(plan.count, 0);
    ota_plan_forget(&od, 2, 1, OTA_SLOT_FACTORY, &plan);
    assert_int_equal(plan.count, 1);
}

static void otadata_may_end_where_addresses_do(void **state)
{
    (void)state;
    ota_region_t last = {UINT32_MAX - OTA_OTADATA_SIZE, OTA_OTADATA_SIZE};
    assert_int_equal(ota_otadata_check(last), OTA_OK);
    last.offset++;
    assert_int_equal(ota_otadata_check(last), OTA_ERR_RANGE);
}

#define OTADATA_AT 0xE000u

static void a_plan_is_carried_out_as_applied(void **state)
{
    (void)state;
    nor_sim_t nor;
    assert_int_equal(nor_sim_start(&nor, 0x20000), OTA_OK);
    ota_region_t where = {OTADATA_AT, OTA_OTADATA_SIZE};
    ota_otadata_t od;
    ota_otadata_t got;
    memset(&od, 0, sizeof(od)); /* padding is compared too */
    memset(&got, 0, sizeof(got));
    assert_int_equal(ota_otadata_read(&nor.flash, where, &od), OTA_OK);
    assert_true(ota_entry_is_blank(&od.copy[0]) && ota_entry_is_blank(&od.copy[1]));
    ota_plan_t plan = {0};
    ota_entry_t e = entry(1, OTA_STATE_VALID);
    ota_entry_t f = entry(2, OTA_STATE_NEW);
    ota_plan_write(&plan, 0, &e);
    ota_plan_write(&plan, 1, &f);
    ota_plan_erase(&plan, 0);
    assert_int_equal(ota_plan_execute(&plan, &nor.flash, where), OTA_OK);
    ota_plan_apply(&plan, &od);
    assert_int_equal(ota_otadata_read(&nor.flash, where, &got), OTA_OK);
    assert_memory_equal(&got, &od, sizeof(od));
    assert_int_equal(nor.erases[0], 3);
    assert_int_equal(nor.programs, 2);
    for (uint32_t i = 0; i < nor.flash.size; i++) { /* and nothing else was touched */
        assert_true(nor.bytes[i] == 0xFF || (i >= OTADATA_AT + 0x1000 && i < OTADATA_AT + 0x1020));
    }
    ota_plan_clear(&plan);
    assert_int_equal(plan.count, 2);
    assert_int_equal(plan.step[0].copy + plan.step[1].copy, 1);
    assert_int_equal(ota_plan_execute(&plan, &nor.flash, where), OTA_OK);
    assert_int_equal(ota_otadata_read(&nor.flash, where, &got), OTA_OK);
    assert_true(ota_entry_is_blank(&got.copy[0]) && ota_entry_is_blank(&got.copy[1]));
    nor_sim_stop(&nor);
}

static void the_first_failure_of_the_flash_ends_a_plan(void **state)
{
    (void)state;
    for (int64_t k = 0; k < 4; k++) {
        nor_sim_t nor;
        assert_int_equal(nor_sim_start(&nor, 0x20000), OTA_OK);
        ota_plan_t plan = {0};
        ota_entry_t e = entry(1, OTA_STATE_VALID);
        ota_plan_write(&plan, 0, &e);
        ota_plan_write(&plan, 1, &e);
        nor.fail_in = k;
        assert_int_equal(ota_plan_execute(&plan, &nor.flash, (ota_region_t){OTADATA_AT, 0x2000}),
                         k % 2 == 0 ? OTA_ERR_FLASH_ERASE : OTA_ERR_FLASH_PROGRAM);
        assert_int_equal(nor.erases[0] + nor.programs, k);
        nor_sim_stop(&nor);
    }
}

static void hostile_regions_are_refused(void **state)
{
    (void)state;
    static const struct {
        ota_region_t where;
        ota_status_t status;
    } vectors[] = {
        {{OTADATA_AT, 0}, OTA_ERR_NO_OTADATA}, {{OTADATA_AT, 0x1FFF}, OTA_ERR_OTADATA_SIZE},
        {{0x1F000, 0x2000}, OTA_ERR_RANGE},    /* second copy outside the chip */
        {{0xFFFFF000, 0x2000}, OTA_ERR_RANGE}, /* the sum wraps onto address 0 */
        {{0x20000, 0x2000}, OTA_ERR_RANGE},
    };
    nor_sim_t nor;
    assert_int_equal(nor_sim_start(&nor, 0x20000), OTA_OK);
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        ota_otadata_t od;
        assert_int_equal(ota_otadata_read(&nor.flash, vectors[i].where, &od), vectors[i].status);
        ota_plan_t plan = {0};
        ota_plan_erase(&plan, 1);
        assert_int_equal(ota_plan_execute(&plan, &nor.flash, vectors[i].where), vectors[i].status);
        assert_int_equal(nor.erases[0], 0);
    }
    ota_plan_t none = {0};
    assert_int_equal(ota_plan_execute(&none, &nor.flash, vectors[0].where), OTA_OK);
    ota_plan_clear(&none);
    assert_int_equal(ota_plan_execute(&none, &nor.flash, (ota_region_t){0xE100, 0x2000}),
                     OTA_ERR_ALIGN);
    nor_sim_stop(&nor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marking_acts_on_the_newest_copy_of_that_slot_only),
        cmocka_unit_test(marking_again_writes_nothing_and_rejected_stays_rejected),
        cmocka_unit_test(forgetting_keeps_the_running_slots_record),
        cmocka_unit_test(forgetting_leaves_damaged_copies_alone),
        cmocka_unit_test(a_plan_never_outgrows_its_steps),
        cmocka_unit_test(a_plan_takes_the_record_of_its_sector_with_it),
        cmocka_unit_test(the_first_of_two_equal_copies_is_found),
        cmocka_unit_test(there_are_two_copies_and_no_more),
        cmocka_unit_test(forgetting_needs_a_slot_to_forget_and_one_to_stay),
        cmocka_unit_test(otadata_may_end_where_addresses_do),
        cmocka_unit_test(a_plan_is_carried_out_as_applied),
        cmocka_unit_test(the_first_failure_of_the_flash_ends_a_plan),
        cmocka_unit_test(hostile_regions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
