/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unit.h"

#include "host/flash_image.h"
#include "ports/flash/nor_sim.h"

#include <stdlib.h>

#define CHIP_SIZE 0x100000u

typedef struct {
    nor_sim_t nor;
    flash_image_t image;
    ota_fault_t fault;
} bench_t;

static bench_t *bench;

static int set_up(void **state)
{
    bench = calloc(1, sizeof(*bench));
    *state = bench;
    return bench != NULL && nor_sim_start(&bench->nor, CHIP_SIZE) == OTA_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    nor_sim_stop(&bench->nor);
    free(bench);
    return 0;
}

static void put_table(uint32_t offset)
{
    static const ota_part_t parts[] = {
        {OTA_TYPE_DATA, OTA_SUBTYPE_OTADATA, 0x22000, 0x2000, 0, "otadata"},
        {OTA_TYPE_APP, OTA_SUBTYPE_FACTORY, 0x30000, 0x10000, 0, "rescue"},
        {OTA_TYPE_APP, OTA_SUBTYPE_OTA_0, 0x40000, 0x10000, 0, "app0"},
        {OTA_TYPE_APP, OTA_SUBTYPE_OTA_0 + 1, 0x50000, 0x10000, 0, "app1"},
    };
    for (size_t i = 0; i < 4; i++) {
        ota_table_encode(bench->nor.bytes + offset + i * OTA_TABLE_ENTRY, &parts[i]);
    }
    ota_table_encode_md5(bench->nor.bytes + offset + 4 * OTA_TABLE_ENTRY, bench->nor.bytes + offset,
                         4);
}

static void put_image_head(uint32_t offset, uint8_t chip_id)
{
    memset(bench->nor.bytes + offset, 0, 24);
    bench->nor.bytes[offset] = 0xE9;
    bench->nor.bytes[offset + 12] = chip_id;
}

static ota_status_t read_flash(uint32_t table_offset)
{
    return flash_image_read(&bench->image, &bench->nor.flash, table_offset, &bench->fault);
}

static void the_table_is_found_where_it_usually_is(void **state)
{
    (void)state;
    put_table(0x8000);
    assert_int_equal(read_flash(FLASH_TABLE_ANYWHERE), OTA_OK);
    assert_int_equal(bench->image.table_offset, 0x8000);
    assert_false(bench->image.table_elsewhere);
    assert_int_equal(bench->image.layout.boot_count, 2);
    assert_int_equal(bench->image.layout.slot[1].offset, 0x50000);
}

static void the_table_is_found_elsewhere_and_said_to_be(void **state)
{
    (void)state;
    put_table(0x10000);
    assert_int_equal(read_flash(FLASH_TABLE_ANYWHERE), OTA_OK);
    assert_int_equal(bench->image.table_offset, 0x10000);
    assert_true(bench->image.table_elsewhere);
    assert_int_equal(bench->image.usual_fault.status, OTA_ERR_TABLE_EMPTY);
}

static void a_place_that_was_named_is_the_only_one_looked_at(void **state)
{
    (void)state;
    put_table(0x8000);
    assert_int_equal(read_flash(0x9000), OTA_ERR_TABLE_EMPTY);
    assert_int_equal(bench->fault.offset, 0x9000);
    assert_int_equal(read_flash(0x9001), OTA_ERR_ARG);
    assert_int_equal(read_flash(CHIP_SIZE), OTA_ERR_RANGE);
}

static void a_broken_table_is_reported_by_its_place_in_the_flash(void **state)
{
    (void)state;
    put_table(0x8000);
    bench->nor.bytes[0x8000 + 2 * OTA_TABLE_ENTRY] = 0;
    assert_int_equal(read_flash(FLASH_TABLE_ANYWHERE), OTA_ERR_TABLE_MAGIC);
    assert_int_equal(bench->fault.offset, 0x8040);
    assert_int_equal(bench->fault.status, OTA_ERR_TABLE_MAGIC);
}

static void the_bootloader_names_the_chip_only_where_that_chip_looks(void **state)
{
    (void)state;
    put_table(0x8000);
    put_image_head(0x0, 0x00); /* an ESP32 image at 0: the ESP32 looks at 0x1000 */
    assert_int_equal(read_flash(FLASH_TABLE_ANYWHERE), OTA_OK);
    assert_int_equal(bench->image.chip_from, FLASH_CHIP_UNKNOWN);
    assert_null(bench->image.chip);
    put_image_head(0x0, 0x09);
    assert_int_equal(read_flash(FLASH_TABLE_ANYWHERE), OTA_OK);
    assert_int_equal(bench->image.chip_from, FLASH_CHIP_BOOTLOADER);
    assert_string_equal(bench->image.chip->name, "esp32s3");
    assert_int_equal(bench->image.bootloader.offset, 0);
    assert_int_equal(bench->image.bootloader.size, 0x8000);
}

static void without_a_bootloader_the_first_app_names_the_chip(void **state)
{
    (void)state;
    put_table(0x8000);
    put_image_head(0x50000, 0x05);
    assert_int_equal(read_flash(FLASH_TABLE_ANYWHERE), OTA_OK);
    assert_int_equal(bench->image.chip_from, FLASH_CHIP_APP);
    assert_string_equal(bench->image.chip->name, "esp32c3");
    assert_int_equal(bench->image.bootloader.size, 0);
}

static void slots_go_by_name_and_by_label(void **state)
{
    ota_part_t part;
    (void)state;
    put_table(0x8000);
    assert_int_equal(read_flash(FLASH_TABLE_ANYWHERE), OTA_OK);
    const ota_table_t *table = &bench->image.table;
    assert_int_equal(slot_parse(table, "ota_1"), 1);
    assert_int_equal(slot_parse(table, "app1"), 1);
    assert_int_equal(slot_parse(table, "factory"), OTA_SLOT_FACTORY);
    assert_int_equal(slot_parse(table, "rescue"), OTA_SLOT_FACTORY);
    assert_int_equal(slot_parse(table, "ota_2"), OTA_SLOT_NONE);
    assert_int_equal(slot_parse(table, "otadata"), OTA_SLOT_NONE);
    assert_int_equal(slot_parse(table, ""), OTA_SLOT_NONE);
    assert_int_equal(part_parse(table, "otadata", &part), OTA_OK);
    assert_int_equal(part.offset, 0x22000);
    assert_int_equal(part_parse(table, "ota_0", &part), OTA_OK);
    assert_string_equal(part.label, "app0");
    assert_int_equal(part_parse(table, "nothing", &part), OTA_ERR_NOT_IN_TABLE);
    assert_int_equal(slot_part(table, OTA_SLOT_NONE, &part), OTA_ERR_NOT_IN_TABLE);
    assert_string_equal(slot_name(15), "ota_15");
    assert_string_equal(slot_name(OTA_SLOT_NONE), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_table_is_found_where_it_usually_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_table_is_found_elsewhere_and_said_to_be, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_place_that_was_named_is_the_only_one_looked_at, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_broken_table_is_reported_by_its_place_in_the_flash,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_bootloader_names_the_chip_only_where_that_chip_looks,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_bootloader_the_first_app_names_the_chip, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(slots_go_by_name_and_by_label, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
