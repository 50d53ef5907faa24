/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unit.h"

#include "host/flash_build.h"
#include "host/flash_cut.h"
#include "host/flash_look.h"
#include "host/image_build.h"
#include "ports/flash/nor_sim.h"

#include <stdlib.h>

#define CHIP_SIZE 0x100000u
#define SLOT_SIZE 0x10000u

typedef struct {
    uint8_t table[OTA_TABLE_SIZE];
    image_bytes_t app;
    flash_build_t build;
    ota_fault_t fault;
} bench_t;

static bench_t *bench;

static const ota_part_t parts[] = {
    {OTA_TYPE_DATA, OTA_SUBTYPE_OTADATA, 0x9000, 0x2000, 0, "otadata"},
    {OTA_TYPE_APP, OTA_SUBTYPE_OTA_0, 0x10000, SLOT_SIZE, 0, "app0"},
    {OTA_TYPE_APP, OTA_SUBTYPE_OTA_0 + 1, 0x20000, SLOT_SIZE, 0, "app1"},
    {OTA_TYPE_DATA, 0x82, 0x30000, 0x1000, 0, "spiffs"},
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

static ota_status_t make_app(const char *chip, uint32_t size)
{
    image_wish_t wish;
    image_wish_default(&wish);
    wish.chip = ota_chip_by_name(chip);
    wish.size = size;
    wish.flash_size = 0;
    image_free(&bench->app);
    return image_build(&wish, &bench->app);
}

static int set_up(void **state)
{
    bench = calloc(1, sizeof(*bench));
    *state = bench;
    if (bench == NULL) {
        return -1;
    }
    memset(bench->table, 0xFF, sizeof(bench->table));
    for (size_t i = 0; i < PARTS; i++) {
        ota_table_encode(bench->table + i * OTA_TABLE_ENTRY, &parts[i]);
    }
    ota_table_encode_md5(bench->table + PARTS * OTA_TABLE_ENTRY, bench->table, PARTS);
    ota_status_t status =
        flash_build_start(&bench->build, CHIP_SIZE, OTA_TABLE_OFFSET, NULL, &bench->fault);
    if (status == OTA_OK) {
        status =
            flash_build_table(&bench->build, bench->table, sizeof(bench->table), &bench->fault);
    }
    return status == OTA_OK && make_app("esp32s3", 4096) == OTA_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    image_free(&bench->app);
    flash_build_stop(&bench->build);
    free(bench);
    return 0;
}

static ota_status_t put(ota_slot_t slot)
{
    return flash_build_app(&bench->build, slot, bench->app.bytes, bench->app.len, &bench->fault);
}

static bool blank(uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        if (bench->build.bytes[i] != 0xFF) {
            return false;
        }
    }
    return true;
}

static void a_good_app_is_placed_and_names_the_chip(void **state)
{
    (void)state;
    assert_int_equal(put(0), OTA_OK);
    assert_memory_equal(bench->build.bytes + 0x10000, bench->app.bytes, bench->app.len);
    assert_string_equal(bench->build.chip->name, "esp32s3");
    assert_true(blank(0x20000, CHIP_SIZE));
}

static void a_broken_app_is_refused_and_nothing_placed(void **state)
{
    (void)state;
    bench->app.bytes[1000] ^= 1;
    assert_int_equal(put(0), OTA_ERR_IMAGE_CHECKSUM);
    assert_int_equal(bench->fault.status, OTA_ERR_IMAGE_CHECKSUM);
    assert_true(blank(0x10000, CHIP_SIZE));
    assert_null(bench->build.chip);
}

static void an_app_of_another_chip_is_refused(void **state)
{
    (void)state;
    assert_int_equal(put(0), OTA_OK);
    assert_int_equal(make_app("esp32c3", 4096), OTA_OK);
    assert_int_equal(put(1), OTA_ERR_IMAGE_CHIP);
    assert_true(blank(0x20000, CHIP_SIZE));
}

static void an_app_larger_than_its_slot_is_refused(void **state)
{
    (void)state;
    assert_int_equal(make_app("esp32s3", SLOT_SIZE + 16), OTA_OK);
    assert_int_equal(put(0), OTA_ERR_IMAGE_TOO_BIG);
    assert_true(blank(0x10000, CHIP_SIZE));
}

static void bytes_behind_the_image_must_fit_too(void **state)
{
    (void)state;
    uint8_t *longer = calloc(1, SLOT_SIZE + 1);
    assert_non_null(longer);
    memcpy(longer, bench->app.bytes, bench->app.len);
    assert_int_equal(flash_build_app(&bench->build, 0, longer, SLOT_SIZE + 1, &bench->fault),
                     OTA_ERR_IMAGE_TOO_BIG);
    assert_int_equal(flash_build_app(&bench->build, 0, longer, SLOT_SIZE, &bench->fault), OTA_OK);
    free(longer);
}

static void an_app_needs_a_slot(void **state)
{
    (void)state;
    assert_int_equal(put(2), OTA_ERR_NOT_A_SLOT);
    assert_int_equal(put(OTA_SLOT_FACTORY), OTA_ERR_NOT_A_SLOT);
}

static void data_must_fit_its_partition(void **state)
{
    static const uint8_t data[0x1001] = {1};
    (void)state;
    assert_int_equal(flash_build_data(&bench->build, &parts[3], data, sizeof(data), &bench->fault),
                     OTA_ERR_RANGE);
    assert_int_equal(bench->fault.expected, 0x1000);
    assert_true(blank(0x30000, CHIP_SIZE));
    assert_int_equal(flash_build_data(&bench->build, &parts[3], data, 0x1000, &bench->fault),
                     OTA_OK);
    assert_int_equal(bench->build.bytes[0x30000], 1);
}

static void a_bootloader_goes_where_its_chip_looks(void **state)
{
    image_wish_t wish;
    (void)state;
    image_wish_default(&wish);
    wish.kind = OTA_IMAGE_BOOTLOADER;
    wish.flash_size = 0;
    image_free(&bench->app);
    assert_int_equal(image_build(&wish, &bench->app), OTA_OK);
    assert_int_equal(
        flash_build_bootloader(&bench->build, bench->app.bytes, bench->app.len, &bench->fault),
        OTA_OK);
    assert_true(blank(0, 0x1000)); /* an esp32 */
    assert_int_equal(bench->build.bytes[0x1000], OTA_IMAGE_MAGIC);
}

static void sizes_that_no_chip_has_are_refused(void **state)
{
    flash_build_t build;
    ota_fault_t fault;
    (void)state;
    assert_int_equal(flash_build_start(&build, 0, 0x8000, NULL, &fault), OTA_ERR_ARG);
    assert_int_equal(flash_build_start(&build, 0x1001, 0x0, NULL, &fault), OTA_ERR_ARG);
    assert_int_equal(flash_build_start(&build, 0x8000, 0x8000, NULL, &fault), OTA_ERR_ARG);
    assert_int_equal(flash_build_start(&build, 0x20000000, 0x8000, NULL, &fault), OTA_ERR_ARG);
}

static void the_size_of_the_chip_follows_from_the_table(void **state)
{
    (void)state;
    assert_int_equal(flash_size_for(&bench->build.table), 0x100000);
    assert_int_equal(image_flash_size(bench->app.bytes, bench->app.len), 0x100000);
    assert_int_equal(image_flash_size(bench->app.bytes, 10), 0);
}

static void looking_at_a_slot_tells_good_broken_and_blank(void **state)
{
    nor_sim_t nor;
    flash_app_t app;
    uint8_t buffer[512];
    (void)state;
    assert_int_equal(put(0), OTA_OK);
    assert_int_equal(put(1), OTA_OK);
    assert_int_equal(nor_sim_start(&nor, CHIP_SIZE), OTA_OK);
    memcpy(nor.bytes, bench->build.bytes, CHIP_SIZE);
    nor.bytes[0x20000 + 2000] ^= 0x10;
    const ota_region_t where[] = {{0x10000, SLOT_SIZE}, {0x20000, SLOT_SIZE}, {0x30000, 0x1000}};
    flash_look_app(&nor.flash, NULL, OTA_IMAGE_APP, where[0], buffer, sizeof(buffer), &app);
    assert_int_equal(app.status, OTA_OK);
    assert_int_equal(app.length, bench->app.len);
    assert_true(app.has_desc);
    assert_string_equal(app.desc.project, "otary");
    flash_look_app(&nor.flash, NULL, OTA_IMAGE_APP, where[1], buffer, sizeof(buffer), &app);
    assert_int_equal(app.status, OTA_ERR_IMAGE_CHECKSUM);
    assert_int_equal(app.fault.status, app.status);
    assert_true(app.has_desc);
    assert_false(app.blank);
    flash_look_app(&nor.flash, NULL, OTA_IMAGE_APP, where[2], buffer, sizeof(buffer), &app);
    assert_true(app.blank);
    assert_int_equal(app.status, OTA_ERR_IMAGE_MAGIC);
    nor_sim_stop(&nor);
}

static void count_cut(void *user)
{
    (*(unsigned *)user)++;
}

static void a_cut_leaves_the_operation_half_done_and_the_chip_dead(void **state)
{
    nor_sim_t nor;
    flash_cut_t cut;
    unsigned cuts = 0;
    uint8_t data[64] = {0};
    (void)state;
    assert_int_equal(nor_sim_start(&nor, CHIP_SIZE), OTA_OK);
    flash_cut_arm(&cut, &nor.flash, 1);
    cut.on_cut = count_cut;
    cut.user = &cuts;
    assert_int_equal(ota_flash_program(&nor.flash, 0, data, sizeof(data)), OTA_OK);
    assert_int_equal(ota_flash_program(&nor.flash, 256, data, sizeof(data)), OTA_ERR_PORT);
    assert_int_equal(nor.bytes[256 + 31], 0);
    assert_int_equal(nor.bytes[256 + 32], 0xFF);
    assert_int_equal(ota_flash_read(&nor.flash, 0, data, 1), OTA_ERR_PORT);
    assert_int_equal(ota_flash_erase(&nor.flash, 0, 0x1000), OTA_ERR_PORT);
    assert_int_equal(nor.bytes[0], 0);
    assert_int_equal(cuts, 1);
    nor_sim_stop(&nor);
}

static void a_cut_erase_leaves_the_second_half(void **state)
{
    nor_sim_t nor;
    flash_cut_t cut;
    (void)state;
    assert_int_equal(nor_sim_start(&nor, CHIP_SIZE), OTA_OK);
    memset(nor.bytes, 0, 0x10000);
    flash_cut_arm(&cut, &nor.flash, 0);
    assert_int_equal(ota_flash_erase(&nor.flash, 0, 0x10000), OTA_ERR_PORT);
    assert_int_equal(nor.bytes[0x7FFF], 0xFF);
    assert_int_equal(nor.bytes[0x8000], 0);
    nor_sim_stop(&nor);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_good_app_is_placed_and_names_the_chip),
        TEST(a_broken_app_is_refused_and_nothing_placed),
        TEST(an_app_of_another_chip_is_refused),
        TEST(an_app_larger_than_its_slot_is_refused),
        TEST(bytes_behind_the_image_must_fit_too),
        TEST(an_app_needs_a_slot),
        TEST(data_must_fit_its_partition),
        TEST(a_bootloader_goes_where_its_chip_looks),
        TEST(sizes_that_no_chip_has_are_refused),
        TEST(the_size_of_the_chip_follows_from_the_table),
        TEST(looking_at_a_slot_tells_good_broken_and_blank),
        TEST(a_cut_leaves_the_operation_half_done_and_the_chip_dead),
        TEST(a_cut_erase_leaves_the_second_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
