/* SPDX-License-Identifier: Apache-2.0 */
/* layout: both counts, regions, which slot an address belongs to, and the next slot. */
#include "support/table_maker.h"

static ota_layout_t layout_of(maker_t *m)
{
    ota_table_t table;
    ota_layout_t layout;
    assert_int_equal(ota_table_open_boot(&table, m->bytes, sizeof(m->bytes), MIB(16), NULL),
                     OTA_OK);
    ota_layout_read(&layout, &table);
    return layout;
}

static void layout_counts_slots_in_both_ways(void **state)
{
    (void)state;
    maker_t m;
    start(&m);
    add(&m, "boot", OTA_TYPE_BOOTLOADER, 0, 0x1000, 0x7000); /* no slot, no otadata: passed over */
    add(&m, "nvs", OTA_TYPE_DATA, OTA_SUBTYPE_NVS, 0x9000, 0x5000);
    add(&m, "t", 0, OTA_SUBTYPE_TEST, 0x10000, 0x10000);
    add(&m, "a", 0, 0x10, 0x20000, 0x10000);
    add(&m, "c", 0, 0x12, 0x30000, 0x10000);
    add(&m, "c2", 0, 0x12, 0x40000, 0x20000);
    add(&m, "e", 0, 0x1F, 0x60000, 0x10000);
    add(&m, "tee", 0, 0x30, 0x70000, 0x10000);
    seal(&m);
    ota_layout_t layout = layout_of(&m);
    assert_int_equal(layout.boot_count, 4);
    assert_int_equal(layout.app_count, 1);
    assert_int_equal(layout.slot[2].offset, 0x40000); /* the last of two wins */
    assert_int_equal(layout.otadata.size, 0);
    assert_int_equal(layout.factory.size, 0);
    assert_int_equal(ota_layout_region(&layout, OTA_SLOT_TEST).offset, 0x10000);
    assert_int_equal(ota_layout_region(&layout, 15).size, 0x10000);
    assert_int_equal(ota_layout_region(&layout, 16).size, 0);
    assert_int_equal(ota_layout_region(&layout, OTA_SLOT_NONE).size, 0);
}

static void sixteen_slots_and_a_test_partition_are_sixteen_slots(void **state)
{
    (void)state;
    maker_t m;
    start(&m);
    for (uint32_t i = 0; i < 16; i++) {
        add(&m, "x", 0, (uint8_t)(0x10 + i), 0x10000 * (i + 1), 0x10000);
    }
    add(&m, "test", 0, OTA_SUBTYPE_TEST, 0x200000, 0x10000);
    seal(&m);
    ota_layout_t layout = layout_of(&m);
    assert_int_equal(layout.app_count, 16);
    assert_int_equal(layout.boot_count, 16);
}

static void an_address_names_its_slot(void **state)
{
    (void)state;
    maker_t m;
    two_ota(&m);
    ota_layout_t layout = layout_of(&m);
    assert_int_equal(ota_layout_slot_at(&layout, 0x10000), OTA_SLOT_FACTORY);
    assert_int_equal(ota_layout_slot_at(&layout, 0x10ffff), OTA_SLOT_FACTORY);
    assert_int_equal(ota_layout_slot_at(&layout, 0x110000), 0);
    assert_int_equal(ota_layout_slot_at(&layout, 0x30ffff), 1);
    assert_int_equal(ota_layout_slot_at(&layout, 0x310000), OTA_SLOT_NONE);
    assert_int_equal(ota_layout_slot_at(&layout, 0xd000), OTA_SLOT_NONE);
    assert_int_equal(ota_layout_slot_at(&layout, 0xffffffff), OTA_SLOT_NONE);
    layout.test = (ota_region_t){0xfffff000u, 0x1000};
    assert_int_equal(ota_layout_slot_at(&layout, 0xffffffff), OTA_SLOT_TEST);
}

static void expect_next(const ota_layout_t *layout, ota_slot_t running, ota_status_t status,
                        ota_slot_t want)
{
    ota_slot_t next = 7;
    assert_int_equal(ota_layout_next(layout, running, &next), status);
    assert_int_equal(next, want);
}

static ota_layout_t slots(uint32_t mask)
{
    ota_layout_t layout = {.factory = {0x10000, 0x10000}};
    for (uint32_t i = 0; i < OTA_SLOTS_MAX; i++) {
        if ((mask >> i & 1u) != 0) {
            layout.slot[i] = (ota_region_t){0x10000 * (i + 2), 0x10000};
        }
    }
    return layout;
}

static void the_next_slot_goes_round_and_never_meets_the_running_one(void **state)
{
    (void)state;
    ota_layout_t layout = slots(1u << 0 | 1u << 1);
    expect_next(&layout, OTA_SLOT_FACTORY, OTA_OK, 0);
    expect_next(&layout, OTA_SLOT_TEST, OTA_OK, 0);
    expect_next(&layout, OTA_SLOT_NONE, OTA_OK, 0);
    expect_next(&layout, 16, OTA_OK, 0); /* no slot has that number */
    expect_next(&layout, 0, OTA_OK, 1);
    expect_next(&layout, 1, OTA_OK, 0);
    layout = slots(1u << 0 | 1u << 2 | 1u << 5);
    expect_next(&layout, 0, OTA_OK, 2);
    expect_next(&layout, 2, OTA_OK, 5);
    expect_next(&layout, 5, OTA_OK, 0);
    layout = slots(1u << 0);
    expect_next(&layout, 0, OTA_ERR_ONLY_SLOT, OTA_SLOT_NONE);
    expect_next(&layout, OTA_SLOT_FACTORY, OTA_OK, 0);
    layout = slots(0);
    expect_next(&layout, OTA_SLOT_FACTORY, OTA_ERR_NO_SLOTS, OTA_SLOT_NONE);
    expect_next(&layout, 3, OTA_ERR_NO_SLOTS, OTA_SLOT_NONE);
    for (uint32_t mask = 1; mask < 0x10000; mask++) {
        layout = slots(mask);
        for (ota_slot_t run = 0; run < 16; run++) {
            ota_slot_t next = OTA_SLOT_NONE;
            ota_status_t status = ota_layout_next(&layout, run, &next);
            bool others = (mask & ~(1u << run)) != 0;
            assert_int_equal(status, others ? OTA_OK : OTA_ERR_ONLY_SLOT);
            assert_true(!others || (next != run && (mask >> next & 1u) != 0));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout_counts_slots_in_both_ways),
        cmocka_unit_test(sixteen_slots_and_a_test_partition_are_sixteen_slots),
        cmocka_unit_test(an_address_names_its_slot),
        cmocka_unit_test(the_next_slot_goes_round_and_never_meets_the_running_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
