/* SPDX-License-Identifier: Apache-2.0 */
/* boot/: the executor on a whole chip: it carries out the plan, and boots whatever fails. */
#include "boot/boot.h"

#include "ports/flash/nor_sim.h"
#include "support/boot_bench.h"
#include "support/boot_world.h"
#include "support/unit.h"

#define F OTA_SLOT_FACTORY
#define T OTA_SLOT_TEST

static void expect(boot_bench_t *b, ota_status_t status, ota_slot_t booted, const char *otadata)
{
    char text[WORLD_TEXT];
    assert_int_equal(ota_boot_run(&b->machine, &b->trace), status);
    assert_int_equal(b->trace.booted, booted);
    assert_string_equal(rig_sectors(&b->rig, text), otadata);
}

static void a_trial_lives_through_its_boots(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "0 1", "1V", "2N");
    expect(&b, OTA_OK, 1, "1V ; 2P");
    assert_int_equal(b.trace.tries, 1);
    assert_int_equal(b.trace.before.copy[1].state, OTA_STATE_NEW);
    assert_int_equal(b.trace.after.copy[1].state, OTA_STATE_PENDING);
    expect(&b, OTA_OK, 0, "1V ; 2A");
    expect(&b, OTA_OK, 0, "1V ; 2A");
    assert_int_equal(b.trace.plan.writes.count + b.trace.settled.writes.count, 0);
    rig_stop(&b.rig);
}

static void policy_otary_spends_the_boots_of_a_trial_one_by_one(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "0 1", "1V", "2N");
    b.config.policy = OTA_POLICY_OTARY;
    expect(&b, OTA_OK, 1, "R4 1 2/3 else 0 V0 ; R2 1 3/3 else 0 V0");
    expect(&b, OTA_OK, 1, "R4 1 2/3 else 0 V0 ; R6 1 1/3 else 0 V0");
    expect(&b, OTA_OK, 1, "R8 1 0/3 else 0 V0 ; R7 0 V0"); /* and the way back behind it */
    assert_int_equal(b.trace.settled.commit.write, 0);
    assert_int_equal(b.trace.after.record[0].left, 0);
    assert_int_equal(b.trace.before.record[1].left, 1);
    expect(&b, OTA_OK, 0, "R8 1 0/3 else 0 V0 ; R9 0 V0 A1 refused 1");
    uint64_t erases = b.rig.nor.erases[0];
    expect(&b, OTA_OK, 0, "R8 1 0/3 else 0 V0 ; R9 0 V0 A1 refused 1");
    assert_int_equal(b.rig.nor.erases[0], erases);
    rig_stop(&b.rig);
}

static unsigned loads_until_good;
static ota_status_t loads_say;

static ota_status_t load_later(void *ctx, ota_slot_t slot, ota_region_t where, ota_fault_t *fault)
{
    if (slot == 1 && loads_until_good > 0) {
        loads_until_good--;
        return loads_say;
    }
    return ota_boot_verify(ctx, slot, where, fault);
}

static void an_image_that_cannot_be_read_is_not_given_up(void **state)
{
    (void)state;
    static const struct {
        ota_status_t says;
        unsigned times;
        ota_slot_t booted;
        const char *after;
    } rows[] = {
        {OTA_ERR_IMAGE_HASH, 1, 1, "R3 0 V0 ; R4 1 else 0 V0 V1"}, /* one wrong read */
        {OTA_ERR_IMAGE_HASH, 2, 0, "R5 0 V0 A1 refused 1 ; R4 1 else 0 V0 V1"},
        {OTA_ERR_FLASH_READ, 1, 1, "R3 0 V0 ; R4 1 else 0 V0 V1"},
        {OTA_ERR_FLASH_READ, 2, 0, "R3 0 V0 ; R4 1 else 0 V0 V1"}, /* and 1 again next time */
        {OTA_ERR_PORT, 2, 0, "R3 0 V0 ; R4 1 else 0 V0 V1"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        boot_bench_t b;
        boot_bench_start(&b, "0 1", "R3 0 V0", "R4 1 else 0 V0 V1");
        b.config.policy = OTA_POLICY_OTARY;
        b.machine.load = load_later;
        loads_say = rows[i].says;
        loads_until_good = rows[i].times;
        expect(&b, OTA_OK, rows[i].booted, rows[i].after);
        expect(&b, OTA_OK, strstr(rows[i].after, "A1") != NULL ? 0 : 1, rows[i].after);
        rig_stop(&b.rig);
    }
}

static void stock_tries_every_image_once(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "0 1", "1V", "2V");
    b.machine.load = load_later;
    loads_say = OTA_ERR_IMAGE_HASH;
    loads_until_good = 1;
    expect(&b, OTA_OK, 0, "1V ; 2V");
    rig_stop(&b.rig);
}

static void a_record_that_has_rotted_is_written_anew_from_its_entry(void **state)
{
    (void)state;
    static const struct {
        const char *entry, *after;
        ota_slot_t booted;
    } rows[] = {
        {"4V r", "R6 1 else 0 V0 V1 ; 4V r", 1},
        {"4N r", "R6 1 2/3 else 0 V0 ; 4N r", 1},
        {"4P r", "R5 0 V0 A1 refused 1 ; 4P r", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        boot_bench_t b;
        boot_bench_start(&b, "0 1", "R3 0 V0", rows[i].entry);
        b.config.policy = OTA_POLICY_OTARY;
        expect(&b, OTA_OK, rows[i].booted, rows[i].after);
        rig_stop(&b.rig);
    }
}

static void the_trace_says_why_each_candidate_failed(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "F 0x 1u", "1V", "2V");
    b.config.policy = OTA_POLICY_OTARY;
    expect(&b, OTA_OK, F, "R3 F else 0 V0 A1 refused 1 ; w");
    assert_int_equal(b.trace.tries, 3);
    assert_int_equal(b.trace.tried[0].slot, 1);
    assert_int_equal(b.trace.tried[0].fault.status, OTA_ERR_IMAGE_MAGIC);
    assert_int_equal(b.trace.tried[1].slot, 0);
    assert_int_equal(b.trace.tried[1].fault.status, OTA_ERR_IMAGE_CHECKSUM);
    assert_int_equal(b.trace.tried[2].fault.status, OTA_OK);
    rig_stop(&b.rig);
}

static void a_dry_run_tells_the_same_and_touches_nothing(void **state)
{
    (void)state;
    for (int policy = 0; policy < 2; policy++) {
        boot_bench_t b;
        boot_bench_start(&b, "0@2 1@3", "1V", "2V");
        b.config.policy = policy == 0 ? OTA_POLICY_STOCK : OTA_POLICY_OTARY;
        b.config.anti_rollback = true;
        b.config.factory_reset = true;
        b.machine.factory_pin = true;
        b.machine.dry_run = true;
        expect(&b, OTA_OK, 1, "1V ; 2V");
        assert_int_equal(b.trace.efuse_after, 3);
        assert_int_equal(b.rig.burns, 0);
        assert_int_equal(b.rig.nor.erases[0], 0);
        b.machine.dry_run = false;
        expect(&b, OTA_OK, 1, policy == 0 ? "1V ; 2V" : "1V ; R2 1 else 0 V0 V1");
        assert_int_equal(b.rig.burnt, 3);
        rig_stop(&b.rig);
    }
}

static void a_version_too_low_is_refused_without_loading(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "0@1 1@2", "2V", "3V");
    b.config.anti_rollback = true;
    b.rig.burnt = 2;
    expect(&b, OTA_OK, 1, "2V ; 3V");
    b.config.policy = OTA_POLICY_OTARY;
    expect(&b, OTA_OK, 1, "R4 1 A0 V1 refused 0 ; R3 0 else 1 V0 V1");
    assert_true(b.trace.tried[0].refused);
    assert_int_equal(b.trace.tried[0].slot, 0);
    assert_int_equal(b.trace.tried[0].fault.status, OTA_ERR_SECURE_VERSION);
    assert_int_equal(b.trace.tried[0].fault.offset, 36); /* in the descriptor */
    rig_stop(&b.rig);
}

/* gaps 15, as stock does it: the damaged app's version locks the good one out. */
static void what_was_burnt_before_the_load_counts_for_the_next_candidate(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "0@2 1x@3", "1V", "2V");
    b.config.anti_rollback = true;
    expect(&b, OTA_ERR_NO_FALLBACK, OTA_SLOT_NONE, "1V ; 2V");
    assert_int_equal(b.rig.burnt, 3);
    assert_int_equal(b.trace.tries, 2);
    assert_true(b.trace.tried[1].refused);
    assert_int_equal(b.trace.tried[1].fault.expected, 3);
    rig_stop(&b.rig);
}

static ota_status_t failing_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    if (addr >= RIG_OTADATA && addr < RIG_OTADATA + OTA_OTADATA_SIZE) {
        return OTA_ERR_FLASH_READ;
    }
    memcpy(dst, nor->bytes + addr, len);
    return OTA_OK;
}

static void set_row(boot_bench_t *b, uint32_t row, const ota_part_t *part)
{
    uint8_t *rows = b->rig.nor.bytes + 0x8000;
    ota_table_encode(rows + OTA_TABLE_ENTRY * row, part);
    ota_table_encode_md5(rows + OTA_TABLE_ENTRY * b->rig.table.count, rows, b->rig.table.count);
}

/* The row of the table becomes one that boots nothing. */
static void drop_row(boot_bench_t *b, uint32_t row)
{
    ota_part_t part;
    assert_int_equal(ota_table_get(&b->rig.table, row, &part), OTA_OK);
    part.type = OTA_TYPE_DATA;
    part.subtype = OTA_SUBTYPE_NVS;
    set_row(b, row, &part);
}

static ota_status_t stuck_raise(void *ctx, uint32_t version)
{
    (void)ctx;
    (void)version;
    return OTA_ERR_PORT;
}

static void an_efuse_that_cannot_be_burnt_keeps_nothing_from_booting(void **state)
{
    (void)state;
    for (int policy = 0; policy < 2; policy++) {
        boot_bench_t b;
        boot_bench_start(&b, "0@2 1@3", "1V", "2V");
        b.config.policy = policy == 0 ? OTA_POLICY_STOCK : OTA_POLICY_OTARY;
        b.config.anti_rollback = true;
        b.rig.efuse.raise = stuck_raise;
        const char *after = policy == 0 ? "1V ; 2V" : "1V ; R2 1 else 0 V0 V1";
        expect(&b, OTA_OK, 1, after);
        assert_int_equal(b.trace.efuse, OTA_ERR_PORT);
        assert_int_equal(b.trace.efuse_after, 0);
        b.machine.efuse = NULL;
        expect(&b, OTA_OK, 1, after);
        assert_int_equal(b.trace.efuse, OTA_OK);
        assert_int_equal(b.trace.efuse_after, 0);
        rig_stop(&b.rig);
    }
}

static void a_table_without_otadata_boots_and_writes_nothing(void **state)
{
    (void)state;
    for (int policy = 0; policy < 2; policy++) {
        boot_bench_t b;
        boot_bench_start(&b, "F 0 T", "2V", "1V");
        b.config.policy = policy == 0 ? OTA_POLICY_STOCK : OTA_POLICY_OTARY;
        drop_row(&b, 0);
        expect(&b, OTA_OK, F, "2V ; 1V");
        assert_int_equal(b.trace.otadata, OTA_ERR_NO_OTADATA);
        for (int i = 0; i < 2; i++) {
            assert_true(ota_entry_is_blank(&b.trace.before.copy[i]));
            assert_true(ota_entry_is_blank(&b.trace.after.copy[i]));
        }
        b.rig.nor.flash.read = failing_read; /* nobody reads what is not there */
        expect(&b, OTA_OK, F, "2V ; 1V");
        rig_stop(&b.rig);
    }
}

static void what_cannot_boot_says_why(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "0x 1u", "1V", "-");
    expect(&b, OTA_ERR_NO_FALLBACK, OTA_SLOT_NONE, "1V ; -");
    memset(&b.rig.nor.bytes[0x8000], 0xFF, OTA_TABLE_ENTRY);
    expect(&b, OTA_ERR_TABLE_EMPTY, OTA_SLOT_NONE, "1V ; -");
    rig_stop(&b.rig);
    boot_bench_start(&b, "0x 1u", "1V", "-");
    b.config.test_app = true;
    b.machine.test_pin = true;
    expect(&b, OTA_ERR_NOT_A_SLOT, OTA_SLOT_NONE, "1V ; -");
    b.rig.efuse_status = OTA_ERR_PORT;
    expect(&b, OTA_ERR_PORT, OTA_SLOT_NONE, "1V ; -");
    assert_int_equal(b.trace.efuse, OTA_ERR_PORT);
    b.machine.efuse = NULL;
    b.rig.nor.bytes[0x8000 + 4] ^= 1;
    expect(&b, OTA_ERR_TABLE_MD5, OTA_SLOT_NONE, "1V ; -");
    assert_int_equal(b.trace.table.status, OTA_ERR_TABLE_MD5);
    b.machine.table_offset = RIG_SIZE;
    expect(&b, OTA_ERR_RANGE, OTA_SLOT_NONE, "1V ; -");
    assert_int_equal(b.trace.table.status, OTA_ERR_RANGE);
    rig_stop(&b.rig);
    boot_bench_start(&b, "0 Tx", "-", "-"); /* nothing to be said of a choice */
    b.config.policy = OTA_POLICY_OTARY;
    drop_row(&b, 2);
    expect(&b, OTA_ERR_NO_FALLBACK, OTA_SLOT_NONE, "- ; -");
    assert_int_equal(b.trace.plan.whys, 0);
    rig_stop(&b.rig);
}

static void shrink_otadata(boot_bench_t *b, uint32_t size)
{
    ota_part_t part;
    assert_int_equal(ota_table_get(&b->rig.table, 0, &part), OTA_OK);
    part.size = size;
    set_row(b, 0, &part);
}

static void otadata_that_is_too_small_stops_stock_and_not_otary(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "0 1", "2V", "1V");
    shrink_otadata(&b, 0x1000);
    expect(&b, OTA_ERR_OTADATA_SIZE, OTA_SLOT_NONE, "2V ; 1V");
    b.config.policy = OTA_POLICY_OTARY;
    expect(&b, OTA_OK, 0, "2V ; 1V");
    rig_stop(&b.rig);
}

static void otadata_that_cannot_be_read_is_left_alone(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "0 1", "2V", "1V");
    b.rig.nor.flash.read = failing_read;
    expect(&b, OTA_ERR_FLASH_READ, OTA_SLOT_NONE, "2V ; 1V");
    assert_int_equal(b.trace.plan.why[0].why, OTA_WHY_OTADATA_SIZE);
    b.config.policy = OTA_POLICY_OTARY;
    expect(&b, OTA_OK, 0, "2V ; 1V");
    assert_int_equal(b.trace.otadata, OTA_ERR_FLASH_READ);
    assert_int_equal(b.trace.plan.why[0].why, OTA_WHY_NO_OTADATA);
    rig_stop(&b.rig);
}

static void erase_nvs(void *ctx, const ota_table_t *table)
{
    ota_part_t part;
    boot_bench_t *b = ctx;
    b->table[0] = ota_table_get(table, 0, &part) == OTA_OK ? 0xEE : 0;
}

static void the_factory_pin_calls_for_a_reset_of_data_once(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "F 0u 1", "1V", "2V");
    b.config.factory_reset = true;
    b.config.factory_erases_otadata = true;
    b.machine.factory_pin = true;
    b.machine.factory_reset = erase_nvs;
    b.machine.ctx = &b;
    b.machine.dry_run = true;
    b.machine.load = NULL; /* nothing may be loaded before: no candidate is tried here */
    b.config.test_app = true;
    b.machine.test_pin = true; /* and no test app: reset */
    expect(&b, OTA_ERR_NOT_A_SLOT, OTA_SLOT_NONE, "1V ; 2V");
    assert_int_not_equal(b.table[0], 0xEE);
    b.machine.dry_run = false;
    expect(&b, OTA_ERR_NOT_A_SLOT, OTA_SLOT_NONE, "- ; -");
    assert_int_equal(b.table[0], 0xEE);
    rig_stop(&b.rig);
}

/* Whichever operation fails, once or from then on, it boots, and
 * with a chip that works again the next boot is the old or the new slot. */
static void whatever_write_fails_a_boot_boots(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *apps;
    } rows[] = {
        {{"1V", "2N"}, "0 1"},
        {{"1V", "2P"}, "0 1"},
        {{"-", "-"}, "0 1"},
        {{"1V", "2N"}, "0 1x"},
        {{"1P", "2P"}, "F 0 1"},
        {{"1V!", "2V!"}, "0 1"},
        {{"1V", "-"}, "0x 1"},
        {{"2V", "3V"}, "F 0x 1x"},
        {{"R3 0 V0", "R4' 1 3/3 else 0 V0"}, "0 1"},
        {{"R8 1 0/3 else 0 V0", "R6? 1 1/3"}, "0 1"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) * 64; i++) {
        boot_bench_t b;
        boot_bench_start(&b, rows[i / 64].apps, rows[i / 64].copy[0], rows[i / 64].copy[1]);
        b.config.policy = i % 2 == 0 ? OTA_POLICY_STOCK : OTA_POLICY_OTARY;
        b.rig.nor.fail_for_ever = i / 2 % 2 == 0;
        b.rig.nor.fail_in = (int64_t)(i / 4 % 16);
        assert_int_equal(ota_boot_run(&b.machine, &b.trace), OTA_OK);
        ota_slot_t first = b.trace.booted;
        bool failed = b.trace.write != OTA_OK;
        assert_true(!failed || b.trace.write == OTA_ERR_FLASH_ERASE ||
                    b.trace.write == OTA_ERR_FLASH_PROGRAM);
        b.rig.nor.fail_in = -1;
        assert_int_equal(ota_boot_run(&b.machine, &b.trace), OTA_OK);
        assert_true(first >= F && b.trace.booted >= F);
        rig_stop(&b.rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trial_lives_through_its_boots),
        cmocka_unit_test(policy_otary_spends_the_boots_of_a_trial_one_by_one),
        cmocka_unit_test(an_image_that_cannot_be_read_is_not_given_up),
        cmocka_unit_test(stock_tries_every_image_once),
        cmocka_unit_test(a_record_that_has_rotted_is_written_anew_from_its_entry),
        cmocka_unit_test(the_trace_says_why_each_candidate_failed),
        cmocka_unit_test(a_dry_run_tells_the_same_and_touches_nothing),
        cmocka_unit_test(a_version_too_low_is_refused_without_loading),
        cmocka_unit_test(what_was_burnt_before_the_load_counts_for_the_next_candidate),
        cmocka_unit_test(an_efuse_that_cannot_be_burnt_keeps_nothing_from_booting),
        cmocka_unit_test(a_table_without_otadata_boots_and_writes_nothing),
        cmocka_unit_test(what_cannot_boot_says_why),
        cmocka_unit_test(otadata_that_is_too_small_stops_stock_and_not_otary),
        cmocka_unit_test(otadata_that_cannot_be_read_is_left_alone),
        cmocka_unit_test(the_factory_pin_calls_for_a_reset_of_data_once),
        cmocka_unit_test(whatever_write_fails_a_boot_boots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
