/* SPDX-License-Identifier: Apache-2.0 */
/* boot/: what the executor asks of its machine: which reads, which writes, which callbacks. */
#include "support/boot_bench.h"
#include "support/unit.h"

#define SEGMENT 0x10000u /* of an app; rig_address gives multiples */

static void set_policy(boot_bench_t *b, int policy)
{
    b->config.policy = policy == 0 ? OTA_POLICY_STOCK : OTA_POLICY_OTARY;
}

static void expect(boot_bench_t *b, ota_status_t status, ota_slot_t booted, const char *otadata)
{
    char text[WORLD_TEXT];
    assert_int_equal(ota_boot_run(&b->machine, &b->trace), status);
    assert_int_equal(b->trace.booted, booted);
    assert_string_equal(rig_sectors(&b->rig, text), otadata);
}

/* Rows up to the last two, which the digest and the end take. */
static void fill_table(uint8_t table[OTA_TABLE_SIZE], uint32_t count)
{
    const ota_part_t part = {.type = OTA_TYPE_DATA,
                             .subtype = OTA_SUBTYPE_NVS,
                             .offset = 0x10000,
                             .size = OTA_FLASH_SECTOR,
                             .label = "more"};
    uint32_t full = OTA_TABLE_SIZE / OTA_TABLE_ENTRY - 2u;
    for (; count < full; count++) {
        ota_table_encode(table + OTA_TABLE_ENTRY * count, &part);
    }
    ota_table_encode_md5(table + OTA_TABLE_ENTRY * full, table, full);
}

static void a_full_table_is_read_whole_at_the_very_end_of_flash_too(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "0 1", "1V", "2V");
    uint8_t *first = b.rig.nor.bytes + OTA_TABLE_OFFSET;
    uint8_t *last = b.rig.nor.bytes + RIG_SIZE - OTA_TABLE_SIZE;
    memcpy(last, first, OTA_TABLE_SIZE);
    memset(first, 0xFF, OTA_TABLE_SIZE);
    fill_table(last, b.rig.table.count);
    b.machine.table_offset = RIG_SIZE - OTA_TABLE_SIZE;
    expect(&b, OTA_OK, 1, "1V ; 2V");
    assert_memory_equal(b.table, last, OTA_TABLE_SIZE);
    rig_stop(&b.rig);
}

/* Of descriptors, by the segment of flash that they lie in. */
static unsigned reads[RIG_SIZE / SEGMENT];
static unsigned first_reads_fail;

static ota_status_t read_and_count(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    memcpy(dst, nor->bytes + addr, len);
    if (addr % SEGMENT == OTA_APP_DESC_OFFSET) {
        reads[addr / SEGMENT]++;
        return reads[addr / SEGMENT] <= first_reads_fail ? OTA_ERR_FLASH_READ : OTA_OK;
    }
    return OTA_OK;
}

static ota_status_t load_nothing(void *ctx, ota_slot_t slot, ota_region_t where, ota_fault_t *fault)
{
    (void)ctx;
    (void)slot;
    (void)where;
    (void)fault;
    return OTA_OK;
}

static void every_app_is_asked_for_its_version_once_unless_a_read_fails(void **state)
{
    (void)state;
    static const ota_slot_t apps[] = {0, 15, OTA_SLOT_FACTORY, OTA_SLOT_TEST};
    for (first_reads_fail = 0; first_reads_fail < 3; first_reads_fail++) {
        boot_bench_t b;
        unsigned expected[RIG_SIZE / SEGMENT] = {0};
        boot_bench_start(&b, "F@1 0@0 15@1 T@0", "1V", "-"); /* 0 and T are too old */
        b.config.anti_rollback = true;
        b.rig.burnt = 1;
        b.machine.load = load_nothing;
        b.rig.nor.flash.read = read_and_count;
        memset(reads, 0, sizeof(reads));
        for (size_t i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
            expected[rig_address(apps[i]) / SEGMENT] = first_reads_fail == 0 ? 1 : 2;
        }
        bool readable = first_reads_fail < 2;
        expect(&b, readable ? OTA_OK : OTA_ERR_NO_FALLBACK,
               readable ? OTA_SLOT_FACTORY : OTA_SLOT_NONE, "1V ; -");
        assert_memory_equal(reads, expected, sizeof(reads));
        rig_stop(&b.rig);
    }
}

static void without_anti_rollback_nobody_is_asked_for_a_version(void **state)
{
    (void)state;
    static const unsigned none[RIG_SIZE / SEGMENT];
    boot_bench_t b;
    boot_bench_start(&b, "F 0 1 T", "1V", "2V");
    b.machine.load = load_nothing;
    b.rig.nor.flash.read = read_and_count;
    memset(reads, 0, sizeof(reads));
    expect(&b, OTA_OK, 1, "1V ; 2V");
    assert_memory_equal(reads, none, sizeof(reads));
    rig_stop(&b.rig);
}

static unsigned resets;

static void count_resets(void *ctx, const ota_table_t *table)
{
    (void)ctx;
    resets += table->count > 0;
}

static void only_the_factory_pin_calls_for_a_reset_of_data(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        boot_bench_t b;
        bool pin = (i & 1) != 0;
        bool configured = (i & 2) != 0;
        boot_bench_start(&b, "0 1", "1V", "R2 1 else 0 V0 V1");
        set_policy(&b, i >> 2);
        b.config.factory_reset = configured;
        b.machine.factory_pin = pin;
        b.machine.factory_reset = count_resets;
        resets = 0;
        expect(&b, OTA_OK, 1, "1V ; R2 1 else 0 V0 V1");
        assert_int_equal(resets, pin && configured ? 1 : 0);
        rig_stop(&b.rig);
    }
}

static void stock_writes_down_what_it_found_by_itself(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "0 1", "-", "-");
    expect(&b, OTA_OK, 0, "1V ; -");
    assert_int_equal(b.trace.after.copy[0].seq, 1);
    for (size_t i = 0; i < sizeof(b.trace.after.copy[0].label); i++) {
        assert_int_equal(b.trace.after.copy[0].label[i], 0xFF);
    }
    assert_int_equal(b.trace.write, OTA_OK);
    rig_stop(&b.rig);
}

/* Before the load as after it. */
static void a_write_of_stock_that_failed_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *after;
        ota_slot_t booted;
    } rows[] = {{{"1V", "2N"}, "1V ; 2N", 1}, {{"-", "-"}, "- ; -", 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        boot_bench_t b;
        boot_bench_start(&b, "0 1", rows[i].copy[0], rows[i].copy[1]);
        b.rig.nor.fail_in = 0;
        expect(&b, OTA_OK, rows[i].booted, rows[i].after);
        assert_int_equal(b.trace.write, OTA_ERR_FLASH_ERASE);
        rig_stop(&b.rig);
    }
}

static void where_nothing_boots_otary_leaves_otadata_as_it_is(void **state)
{
    (void)state;
    static const char *const copies[][2] = {
        {"1V", "2P"}, {"1V!", "2N!"}, {"R1' 0 V0", "R2? 1 1/1"}};
    for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
        boot_bench_t b;
        char text[WORLD_TEXT];
        char before[WORLD_TEXT];
        boot_bench_start(&b, "0x 1x", copies[i][0], copies[i][1]);
        set_policy(&b, 1);
        (void)strcpy(before, rig_sectors(&b.rig, text));
        expect(&b, OTA_ERR_NO_FALLBACK, OTA_SLOT_NONE, before);
        assert_int_equal(b.rig.nor.programs + b.rig.nor.erases[0], 0);
        rig_stop(&b.rig);
    }
}

/* Whatever else its caller verifies by the same rules. */
static void what_lies_in_an_apps_partition_is_verified_as_an_app(void **state)
{
    (void)state;
    boot_bench_t b;
    boot_bench_start(&b, "0 1", "1V", "2V");
    b.verifier.rules.kind = OTA_IMAGE_BOOTLOADER;
    expect(&b, OTA_OK, 1, "1V ; 2V");
    uint8_t *end = b.rig.nor.bytes + rig_address(1) + SEGMENT - 1u;
    while (*end == 0xFF) {
        end--;
    }
    *end ^= 0x01; /* the hash behind it, which only apps are held to */
    expect(&b, OTA_OK, 0, "1V ; 2V");
    assert_int_equal(b.trace.tried[0].fault.status, OTA_ERR_IMAGE_HASH);
    rig_stop(&b.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_table_is_read_whole_at_the_very_end_of_flash_too),
        cmocka_unit_test(every_app_is_asked_for_its_version_once_unless_a_read_fails),
        cmocka_unit_test(without_anti_rollback_nobody_is_asked_for_a_version),
        cmocka_unit_test(only_the_factory_pin_calls_for_a_reset_of_data),
        cmocka_unit_test(stock_writes_down_what_it_found_by_itself),
        cmocka_unit_test(a_write_of_stock_that_failed_is_told),
        cmocka_unit_test(where_nothing_boots_otary_leaves_otadata_as_it_is),
        cmocka_unit_test(what_lies_in_an_apps_partition_is_verified_as_an_app),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
