/* SPDX-License-Identifier: Apache-2.0 */
/* table: what both readers say of a wrong table, to the byte, and where they stop reading. */
#include "support/fault.h"
#include "support/table_maker.h"

#define ENTRY  0x50AAu
#define DIGEST 0xEBEBu
#define END    0xFFFFu

static void missing_arguments_have_no_place(void **state)
{
    (void)state;
    maker_t m;
    ota_table_t table;
    two_ota(&m);
    ota_fault_t fault = NO_FAULT_YET;
    assert_int_equal(ota_table_open_boot(NULL, m.bytes, OTA_TABLE_SIZE, MIB(4), &fault),
                     OTA_ERR_ARG);
    assert_fault(fault, OTA_ERR_ARG, 0, 0, 0);
    fault = NO_FAULT_YET;
    assert_int_equal(ota_table_open_boot(&table, NULL, 0, MIB(4), &fault), OTA_ERR_ARG);
    assert_fault(fault, OTA_ERR_ARG, 0, 0, 0);
    fault = NO_FAULT_YET;
    assert_int_equal(ota_table_open_app(NULL, m.bytes, OTA_TABLE_SECTOR, &fault), OTA_ERR_ARG);
    assert_fault(fault, OTA_ERR_ARG, 0, 0, 0);
    fault = NO_FAULT_YET;
    assert_int_equal(ota_table_open_app(&table, NULL, 0, &fault), OTA_ERR_ARG);
    assert_fault(fault, OTA_ERR_ARG, 0, 0, 0);
}

static void the_boot_reader_says_what_it_found_and_wanted(void **state)
{
    (void)state;
    maker_t m;
    ota_table_t table;
    ota_fault_t fault = NO_FAULT_YET;
    start(&m);
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), &fault),
                     OTA_ERR_TABLE_EMPTY);
    assert_fault(fault, OTA_ERR_TABLE_EMPTY, 0, END, ENTRY);
    add(&m, "a", 0, 0, 0x10000, MIB(4));
    seal(&m);
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), &fault),
                     OTA_ERR_TABLE_RANGE);
    assert_fault(fault, OTA_ERR_TABLE_RANGE, 8, MIB(4), MIB(4) - 0x10000);
    two_ota(&m);
    m.count++;
    memcpy(m.bytes + 7 * (size_t)OTA_TABLE_ENTRY, m.bytes + 6 * (size_t)OTA_TABLE_ENTRY,
           OTA_TABLE_ENTRY);
    assert_int_equal(ota_table_open_boot(&table, m.bytes, OTA_TABLE_SIZE, MIB(4), &fault),
                     OTA_ERR_TABLE_MD5_TWICE);
    assert_fault(fault, OTA_ERR_TABLE_MD5_TWICE, 0xE0, DIGEST, END);
    assert_int_equal(ota_table_open_boot(&table, m.bytes, 0xC0, MIB(4), &fault),
                     OTA_ERR_TABLE_NO_END);
    assert_fault(fault, OTA_ERR_TABLE_NO_END, 0xC0, 0, END);
}

/* 3 KiB are read for a table, and a row that begins there would lie outside. */
static void a_table_of_all_rows_has_no_end(void **state)
{
    (void)state;
    maker_t m;
    ota_table_t table;
    ota_fault_t fault = NO_FAULT_YET;
    start(&m);
    for (uint32_t i = 0; i < OTA_TABLE_SIZE / OTA_TABLE_ENTRY; i++) {
        add(&m, "a", 1, 2, 0x9000, 0x1000);
    }
    assert_int_equal(ota_table_open_boot(&table, m.bytes, sizeof(m.bytes), MIB(4), &fault),
                     OTA_ERR_TABLE_NO_END);
    assert_fault(fault, OTA_ERR_TABLE_NO_END, OTA_TABLE_SIZE, 0, END);
    memset(m.bytes + OTA_TABLE_SIZE - OTA_TABLE_ENTRY, 0xFF, OTA_TABLE_ENTRY);
    assert_int_equal(ota_table_open_boot(&table, m.bytes, sizeof(m.bytes), MIB(4), &fault), OTA_OK);
    assert_int_equal(table.count, OTA_TABLE_SIZE / OTA_TABLE_ENTRY - 1);
}

static void the_app_reader_says_where_the_digest_should_be(void **state)
{
    (void)state;
    maker_t m;
    ota_table_t table;
    ota_fault_t fault = NO_FAULT_YET;
    two_ota(&m);
    assert_int_equal(ota_table_open_app(&table, m.bytes, 6 * (size_t)OTA_TABLE_ENTRY, &fault),
                     OTA_ERR_TABLE_MD5_MISSING);
    assert_fault(fault, OTA_ERR_TABLE_MD5_MISSING, 0xC0, 0, DIGEST);
    fault = NO_FAULT_YET;
    assert_int_equal(ota_table_open_app(&table, m.bytes, 7 * (size_t)OTA_TABLE_ENTRY - 1, &fault),
                     OTA_ERR_TABLE_MD5_MISSING);
    assert_fault(fault, OTA_ERR_TABLE_MD5_MISSING, 0xC0, 0, DIGEST);
    assert_int_equal(ota_table_open_app(&table, m.bytes, 6 * (size_t)OTA_TABLE_ENTRY - 1, &fault),
                     OTA_ERR_TABLE_MD5_MISSING); /* its last entry is cut */
    assert_fault(fault, OTA_ERR_TABLE_MD5_MISSING, 0xA0, 0, DIGEST);
    assert_int_equal(ota_table_open_app(&table, m.bytes, 7 * (size_t)OTA_TABLE_ENTRY, &fault),
                     OTA_OK);
    m.bytes[0xC0] = 0x12;
    m.bytes[0xC1] = 0x34;
    assert_int_equal(ota_table_open_app(&table, m.bytes, sizeof(m.bytes), &fault),
                     OTA_ERR_TABLE_MD5_MISSING);
    assert_fault(fault, OTA_ERR_TABLE_MD5_MISSING, 0xC0, 0x3412, DIGEST);
}

/* A whole sector of rows, and bytes behind it that would go on as one. */
static void the_app_reader_stops_at_the_sectors_end(void **state)
{
    (void)state;
    static uint8_t bytes[OTA_TABLE_SECTOR + OTA_TABLE_ENTRY];
    maker_t m;
    ota_table_t table;
    ota_fault_t fault = NO_FAULT_YET;
    start(&m);
    for (uint32_t i = 0; i < OTA_TABLE_SECTOR / OTA_TABLE_ENTRY; i++) {
        add(&m, "a", 1, 2, 0x9000, 0x1000);
    }
    memcpy(bytes, m.bytes, sizeof(m.bytes));
    ota_table_encode_md5(bytes + OTA_TABLE_SECTOR, bytes, OTA_TABLE_SECTOR / OTA_TABLE_ENTRY);
    assert_int_equal(ota_table_open_app(&table, bytes, sizeof(bytes), &fault),
                     OTA_ERR_TABLE_MD5_MISSING);
    assert_fault(fault, OTA_ERR_TABLE_MD5_MISSING, OTA_TABLE_SECTOR, 0, DIGEST);
    /* The last row of a sector may be the digest. */
    ota_table_encode_md5(bytes + OTA_TABLE_SECTOR - OTA_TABLE_ENTRY, bytes,
                         OTA_TABLE_SECTOR / OTA_TABLE_ENTRY - 1);
    assert_int_equal(ota_table_open_app(&table, bytes, sizeof(bytes), &fault), OTA_OK);
    assert_int_equal(table.count, OTA_TABLE_SECTOR / OTA_TABLE_ENTRY - 1);
}

/* What stands behind a label's end is not written, whatever the caller left there. */
static void a_label_ends_where_it_ends(void **state)
{
    (void)state;
    uint8_t slot[OTA_TABLE_ENTRY + 1];
    ota_part_t part = {.type = 1, .subtype = 2, .offset = 0x9000, .size = 0x1000, .flags = 0};
    memset(part.label, 'x', sizeof(part.label));
    part.label[3] = '\0';
    memset(slot, 0xEE, sizeof(slot));
    ota_table_encode(slot, &part);
    assert_memory_equal(slot + 12, "xxx\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    part.label[0] = 1; /* a letter like any other */
    ota_table_encode(slot, &part);
    assert_memory_equal(slot + 12, "\1xx\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    part.label[1] = (char)0xFF;
    ota_table_encode(slot, &part);
    assert_memory_equal(slot + 12, "\1\xFFx\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_int_equal(slot[OTA_TABLE_ENTRY], 0xEE);
}

static void a_digest_row_is_filled_with_ff(void **state)
{
    (void)state;
    maker_t m;
    two_ota(&m);
    uint8_t slot[OTA_TABLE_ENTRY] = {0};
    ota_table_encode_md5(slot, m.bytes, m.count);
    assert_memory_equal(slot, m.bytes + (size_t)m.count * OTA_TABLE_ENTRY, OTA_TABLE_ENTRY);
    for (size_t i = 2; i < 16; i++) {
        assert_int_equal(slot[i], 0xFF);
    }
}

static void only_apps_are_slots(void **state)
{
    (void)state;
    for (int type = 0; type < 3; type++) {
        for (int subtype = 0; subtype < 256; subtype++) {
            ota_part_t part = {.type = (uint8_t)type, .subtype = (uint8_t)subtype};
            assert_int_equal(ota_part_is_slot(&part),
                             type == 0 && subtype >= 0x10 && subtype < 0x20);
        }
    }
}

/* An app that begins at 0 and one that ends at the last address: no difference wraps. */
static void an_address_belongs_to_the_app_that_holds_it(void **state)
{
    (void)state;
    ota_layout_t layout;
    memset(&layout, 0, sizeof(layout));
    layout.slot[0] = (ota_region_t){0x10000, 0x10000};
    layout.slot[1] = (ota_region_t){0xFFFF0000u, 0x10000};
    layout.factory = (ota_region_t){0x8000, 0xFFFFFFFFu};
    assert_int_equal(ota_layout_slot_at(&layout, 0x10000), 0);
    assert_int_equal(ota_layout_slot_at(&layout, 0x1FFFF), 0);
    assert_int_equal(ota_layout_slot_at(&layout, 0x20000), OTA_SLOT_FACTORY);
    assert_int_equal(ota_layout_slot_at(&layout, 0xFFFFFFFFu), 1);
    assert_int_equal(ota_layout_slot_at(&layout, 0x7FFE), OTA_SLOT_NONE);
}

static void the_last_of_sixteen_slots_is_found(void **state)
{
    (void)state;
    ota_layout_t layout;
    ota_slot_t next;
    memset(&layout, 0, sizeof(layout));
    layout.slot[15].size = 1;
    assert_int_equal(ota_layout_next(&layout, OTA_SLOT_FACTORY, &next), OTA_OK);
    assert_int_equal(next, 15);
    assert_int_equal(ota_layout_next(&layout, 0, &next), OTA_OK);
    assert_int_equal(next, 15);
    assert_int_equal(ota_layout_next(&layout, 15, &next), OTA_ERR_ONLY_SLOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_arguments_have_no_place),
        cmocka_unit_test(the_boot_reader_says_what_it_found_and_wanted),
        cmocka_unit_test(a_table_of_all_rows_has_no_end),
        cmocka_unit_test(the_app_reader_says_where_the_digest_should_be),
        cmocka_unit_test(the_app_reader_stops_at_the_sectors_end),
        cmocka_unit_test(a_label_ends_where_it_ends),
        cmocka_unit_test(a_digest_row_is_filled_with_ff),
        cmocka_unit_test(only_apps_are_slots),
        cmocka_unit_test(an_address_belongs_to_the_app_that_holds_it),
        cmocka_unit_test(the_last_of_sixteen_slots_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
