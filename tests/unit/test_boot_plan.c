/* SPDX-License-Identifier: Apache-2.0 */
/* boot: decisions of both policies in full, with the reasons that they give. */
#include "core/boot_plan.h"

#include "host/boot_text.h"
#include "support/boot_world.h"
#include "support/unit.h"

#include <stdio.h>

#define PLAN_TEXT 320u

/*
 * how  R rollback, A anti-rollback with eFuse version 1;
 *      f factory pin held, e and that erases otadata; t test pin held, c it could be;
 *      n no otadata, s otadata of one sector
 * plan "1 0:2 changed | active 0 1, trial 0 1 | 1 0 F": chosen; sector in force, under otary with
 *      the slot in its record; why, about which copy, which slot; candidates
 */
typedef struct {
    const char *copy[2], *apps, *how;
    const char *plan;
} row_t;

static const char *slot_text(ota_slot_t slot, char text[8])
{
    const char *name = slot == OTA_SLOT_FACTORY ? "F"
                       : slot == OTA_SLOT_TEST  ? "T"
                       : slot == OTA_SLOT_NONE  ? "-"
                                                : NULL;
    if (name != NULL) {
        return strcpy(text, name);
    }
    (void)snprintf(text, 8, "%d", slot);
    return text;
}

static const char *plan_text(const ota_boot_plan_t *plan, bool otary, const char *order,
                             char text[PLAN_TEXT])
{
    char slot[8];
    int used = snprintf(text, PLAN_TEXT, "%s %d", slot_text(plan->chosen, slot), plan->active);
    if (otary) {
        used += snprintf(text + used, PLAN_TEXT - (size_t)used, ":%s",
                         slot_text(plan->commit.record.slot, slot));
    }
    if (plan->raise_to != 0) {
        used +=
            snprintf(text + used, PLAN_TEXT - (size_t)used, " raise %u", (unsigned)plan->raise_to);
    }
    used += snprintf(text + used, PLAN_TEXT - (size_t)used, "%s%s |",
                     plan->initialise ? " initialise" : "", plan->changed ? " changed" : "");
    for (uint8_t i = 0; i < plan->whys; i++) {
        used += snprintf(text + used, PLAN_TEXT - (size_t)used, "%s %s %d %s", i > 0 ? "," : "",
                         boot_why_name(plan->why[i].why), plan->why[i].copy,
                         slot_text(plan->why[i].slot, slot));
    }
    (void)snprintf(text + used, PLAN_TEXT - (size_t)used, " | %s", order);
    return text;
}

static bool has(const row_t *row, char letter)
{
    return strchr(row->how, letter) != NULL;
}

static void make(world_t *world, ota_policy_t policy, const row_t *row)
{
    world_make(world, row->apps, row->copy[0], row->copy[1]);
    world->config = (ota_boot_config_t){.policy = policy,
                                        .rollback = has(row, 'R'),
                                        .anti_rollback = has(row, 'A'),
                                        .factory_reset = true,
                                        .factory_erases_otadata = has(row, 'e'),
                                        .test_app = has(row, 't') || has(row, 'c')};
    world->efuse = has(row, 'A') ? 1 : 0;
    world->factory_pin = has(row, 'f');
    world->test_pin = has(row, 't');
    if (has(row, 'n') || has(row, 's')) {
        world->layout.otadata.size = has(row, 's') ? OTA_OTADATA_SECTOR : 0;
    }
}

static void check(ota_policy_t policy, const row_t *row)
{
    world_t world;
    boot_result_t boot;
    char text[PLAN_TEXT];
    bool otary = policy == OTA_POLICY_OTARY;
    make(&world, policy, row);
    world_boot(&world, &boot);
    assert_string_equal(plan_text(&boot.plan, otary, boot.order, text), row->plan);
    assert_int_equal(boot.plan.commit.sector, otary ? boot.plan.active : OTA_SECTOR_NONE);
    assert_false(boot.plan.unread);
}

static void stock_says_what_it_chose_and_why(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"-", "-"}, "F 0", "", "F -1 | blank_factory -1 F | F 0"},
        {{"-", "-"}, "0 1", "", "0 -1 initialise | blank_first_slot -1 0 | 0 1"},
        {{"1V!", "2V!"}, "F 0 1", "", "F -1 | crc_factory -1 F | F 0 1"},
        {{"1V", "-"}, "0 1 2 T", "", "0 0 | active 0 0 | 0 1 2 T"},
        {{"2V", "-"}, "F 0 1 2", "", "1 0 | active 0 1 | 1 0 F 2"},
        {{"1V", "2N"}, "0 1", "R", "1 1 | active 1 1, trial 1 1 | 1 0"},
        {{"1P", "2V"}, "0 1", "R", "1 1 | pending_aborted 0 0, active 1 1 | 1 0"},
        {{"-", "-"}, "F 0", "A", "F -1 initialise | blank_factory -1 F | F 0"},
        {{"1V", "-"}, "0 1", "A", "F -1 | version_filtered 0 0, crc_factory -1 F | 0 1"},
        {{"1V!", "2V!"}, "0 1", "A", "F -1 initialise | blank_factory -1 F | 0 1"},
        {{"1V", "-"}, "0@3 1", "A", "0 0 raise 3 | active 0 0, efuse_raised 0 0 | 0 1"},
        {{"1V", "2V"}, "0 1", "n", "F -1 | no_otadata -1 F | 0 1"},
        {{"1V", "2V"}, "0 1", "s", "- -1 | otadata_size -1 - | "},
        {{"1V", "2V"}, "0 T", "sft", "- -1 | otadata_size -1 - | "}, /* no pin is looked at */
        {{"1V", "2V"}, "F 0 1", "f", "1 1 | active 1 1, factory_pin -1 -, active 1 1 | 1 0 F"},
        {{"1V", "2V"},
         "F 0 1",
         "fe",
         "F -1 | active 1 1, factory_pin -1 -, blank_factory -1 F | F 0 1"},
        {{"1V", "-"}, "0 T", "t", "T 0 | active 0 0, test_pin -1 T | T"},
        {{"1V", "-"}, "0 T", "c", "0 0 | active 0 0 | 0 T"},
        {{"1V", "-"}, "0 1", "t", "- 0 | active 0 0, test_absent -1 - | "},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check(OTA_POLICY_STOCK, &rows[i]);
    }
}

/* Nothing behind them, be it the very bytes of an entry that asks for something. */
static void stock_looks_at_the_two_entries_alone(void **state)
{
    (void)state;
    static const row_t row = {
        {"1V", "2V"}, "0@1 1", "A", "0 0 | version_filtered 1 1, active 0 0 | 0 1"};
    static const char *const behind[] = {"2V", "2P"};
    for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
        world_t world;
        boot_result_t boot;
        char text[PLAN_TEXT];
        ota_entry_t entry;
        make(&world, OTA_POLICY_STOCK, &row);
        sector_entry(&entry, behind[i]);
        memcpy(&world.od.record[0], &entry, sizeof(entry));
        memcpy(&world.od.record[1], &entry, sizeof(entry));
        world_boot(&world, &boot);
        assert_string_equal(plan_text(&boot.plan, false, boot.order, text), row.plan);
        assert_int_equal(boot.plan.writes.count, 0);
    }
}

static void otary_says_what_it_chose_and_why(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"-", "-"}, "0", "", "0 -1:- | blank_first_slot -1 0 | 0"},
        {{"-", "-"}, "F 0", "", "F -1:- | blank_factory -1 F | F 0"},
        {{"-", "-"}, "0 15 T", "", "0 -1:- | blank_first_slot -1 0 | 0 15 T"},
        {{"R3 0 V0", "w"}, "0 1", "", "0 0:0 | active 0 0 | 0 1"},
        {{"R3 0 A15", "w"}, "0 15 T", "", "0 0:0 | active 0 0 | 0 T 15"},
        {{"R3 F", "w"}, "F 0", "", "F 0:F | active 0 F | F 0"},
        {{"R3 0 V0", "R4 1 2/3 else 0"}, "0 1", "R", "1 1:1 | trial 1 1 | 1 0"},
        {{"R3 0 V0", "R4 1 2/3 else 0"}, "0 1", "", "1 1:1 | active 1 1 | 1 0"},
        {{"R4 1 0/3 else 0", "w"},
         "0 1",
         "R",
         "0 0:1 changed | pending_aborted 0 1, fallback 0 0 | 0 1"},
        {{"w", "R4 1 0/3"},
         "F 0 1",
         "R",
         "F 1:1 changed | pending_aborted 1 1, blank_factory -1 F | F 0 1"},
        {{"R3 1 I1", "w"}, "0 1", "", "0 0:1 | blank_first_slot -1 0 | 0 1"},
        {{"2V", "-"}, "0 2", "", "0 0:1 | slot_absent 0 1, blank_first_slot -1 0 | 0 2"},
        {{"1V", "-"}, "1", "", "1 0:0 | slot_absent 0 0, blank_first_slot -1 1 | 1"},
        {{"R3 F", "w"}, "0 1", "", "0 0:F | blank_first_slot -1 0 | 0 1"},
        {{"1V", "2V"}, "0 1", "n", "0 -1:- | no_otadata -1 -, blank_first_slot -1 0 | 0 1"},
        {{"1V", "2V"}, "0 1", "s", "0 -1:- | otadata_size -1 -, blank_first_slot -1 0 | 0 1"},
        {{"-", "-"}, "Tx", "", "T -1:- | | T"},
        {{"-", "-"}, "", "", "- -1:- | | "},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check(OTA_POLICY_OTARY, &rows[i]);
    }
}

static void otary_says_what_the_pins_did(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0", "w"}, "F 0", "f", "0 0:0 | factory_pin -1 -, active 0 0 | 0 F"},
        {{"R3 0 V0", "w"}, "F 0", "fe", "F 0:F changed | factory_pin -1 -, active 0 F | F 0"},
        {{"1U", "-"}, "F 0", "fe", "F 0:F changed | factory_pin -1 -, active 0 F | F 0"},
        {{"1A", "2I"},
         "F 0 1",
         "fe",
         "F -1:F changed | factory_pin -1 -, blank_factory -1 F | F 0 1"},
        {{"-", "-"}, "F 0", "fe", "F -1:- | factory_pin -1 -, blank_factory -1 F | F 0"},
        {{"R3 0 V0", "w"}, "0 T", "t", "T 0:0 | test_pin -1 T | T 0"},
        {{"R3 0 V0", "w"}, "0 T", "c", "0 0:0 | active 0 0 | 0 T"},
        {{"R3 0 V0", "w"}, "0 1", "t", "0 0:0 | test_absent -1 T, active 0 0 | 0 1"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check(OTA_POLICY_OTARY, &rows[i]);
    }
}

/* Stock commits nothing, and otary nothing where no record could be kept. */
static void a_boot_without_records_settles_without_a_commit(void **state)
{
    (void)state;
    static const struct {
        ota_policy_t policy;
        row_t row;
    } rows[] = {
        {OTA_POLICY_STOCK, {{"-", "-"}, "0 1", "R", NULL}},
        {OTA_POLICY_STOCK, {{"1V", "2N"}, "0 1", "R", NULL}},
        {OTA_POLICY_OTARY, {{"1V!", "2N"}, "0 1", "Rn", NULL}},
        {OTA_POLICY_OTARY, {{"1V!", "2N"}, "0 1", "Rs", NULL}},
        {OTA_POLICY_OTARY, {{"1V!", "2N!"}, "F", "R", NULL}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_t world;
        boot_result_t boot;
        make(&world, rows[i].policy, &rows[i].row);
        world_boot(&world, &boot);
        assert_int_not_equal(boot.booted, OTA_SLOT_NONE);
        assert_true(ota_commit_idle(&boot.settled.commit));
        assert_int_equal(boot.settled.commit.sector, OTA_SECTOR_NONE);
        assert_int_equal(boot.settled.commit.firm, OTA_SECTOR_NONE);
        assert_int_equal(boot.settled.commit.write, OTA_SECTOR_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stock_says_what_it_chose_and_why),
        cmocka_unit_test(stock_looks_at_the_two_entries_alone),
        cmocka_unit_test(otary_says_what_it_chose_and_why),
        cmocka_unit_test(otary_says_what_the_pins_did),
        cmocka_unit_test(a_boot_without_records_settles_without_a_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
