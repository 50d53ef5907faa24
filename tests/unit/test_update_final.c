/* SPDX-License-Identifier: Apache-2.0 */
/* update: staging and final partitions, bootloaders, tables, data. */
#include "core/bytes.h"
#include "support/board.h"
#include "support/unit.h"

#define KIB(n) ((uint32_t)(n) << 10)

static void open_session(board_t *board, ota_update_t *update, const char *label)
{
    ota_part_t part = board_part(board, label);
    assert_int_equal(ota_update_begin(update, &board->device, &part, OTA_SIZE_UNKNOWN, 0), OTA_OK);
}

static ota_status_t staged(board_t *board, const char *staging, const char *final, bool copy,
                           const board_image_t *image)
{
    ota_update_t update;
    ota_part_t part = board_part(board, final);
    open_session(board, &update, staging);
    ota_status_t status = ota_update_set_final(&update, &part, copy);
    if (status == OTA_OK) {
        status = ota_update_write(&update, image->bytes, image->len);
    }
    if (status != OTA_OK) {
        ota_update_abort(&update);
        return status;
    }
    return ota_update_finish(&update);
}

/* --- final ---------------------------------------------------------------------------------- */

static void the_type_of_final_decides_how_bytes_are_judged(void **state)
{
    board_t *board = *state;
    uint8_t words[] = "just some bytes, no image at all ...";
    board_image_t text = {.bytes = words, .len = sizeof(words)};
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    assert_int_equal(staged(board, "storage", "ota_1", false, &text), OTA_ERR_IMAGE_MAGIC);
    assert_int_equal(board_operations(board), 0);
    assert_int_equal(staged(board, "storage", "ota_1", false, &image), OTA_OK);
    assert_int_equal(staged(board, "ota_1", "spare", false, &text), OTA_OK);
    assert_true(board_holds(board, "ota_1", &text));
    board_image_free(&image);
}

static void copy_puts_a_staged_image_into_its_slot(void **state)
{
    board_t *board = *state;
    ota_otadata_t od;
    board_image_t image = board_image((board_want_t){.size = KIB(70) + 16});
    assert_int_equal(staged(board, "storage", "ota_1", true, &image), OTA_OK);
    assert_true(board_holds(board, "storage", &image));
    assert_true(board_holds(board, "ota_1", &image));
    assert_int_equal(ota_otadata_read(&board->nor.flash, board->device.layout.otadata, &od),
                     OTA_OK);
    assert_true(ota_entry_is_blank(&od.copy[1])); /* ota_1's record went before its bytes */
    board_image_free(&image);
}

static void the_record_of_a_final_slot_is_forgotten_as_well(void **state)
{
    board_t *board = *state;
    ota_otadata_t od;
    uint8_t bytes[OTA_ENTRY_SIZE];
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    assert_int_equal(ota_otadata_read(&board->nor.flash, board->device.layout.otadata, &od),
                     OTA_OK);
    od.copy[1].seq = 3; /* names ota_2 */
    od.copy[1].crc = ota_entry_crc(3);
    ota_entry_encode(bytes, &od.copy[1]);
    board_put(board, 0xe000, bytes, sizeof(bytes));
    assert_int_equal(staged(board, "ota_1", "ota_2", true, &image), OTA_OK);
    assert_true(board_holds(board, "ota_2", &image));
    assert_true(board_blank(board, 0xe000, OTA_OTADATA_SECTOR));
    board_image_free(&image);
}

/* nvs starts 0x9000 into a page of 64 KiB: nothing could be mapped there, nor is it. */
static void an_image_is_judged_at_the_address_where_it_will_run(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    assert_int_equal(staged(board, "nvs", "ota_1", true, &image), OTA_OK);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static void a_final_that_changes_under_the_session_cannot_hit_the_running_slot(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "spare");
    board_image_t old = board_image((board_want_t){.size = 0x3000, .seed = 1});
    open_session(board, &update, "storage");
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    assert_int_equal(ota_update_write(&update, "data", 4), OTA_OK);
    final.offset = 0x2F000 + 0x1000;
    assert_int_equal(ota_update_finish(&update), OTA_ERR_RUNNING);
    assert_true(board_holds(board, "ota_0", &old));
    board_image_free(&old);
}

static void without_copy_final_is_not_touched(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    assert_int_equal(staged(board, "storage", "ota_1", false, &image), OTA_OK);
    assert_true(board_blank(board, 0x60000, 0x30000));
    board_image_free(&image);
}

static void what_staging_does_not_hold_right_is_never_copied(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "ota_1");
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    open_session(board, &update, "storage");
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes, image.len), OTA_OK);
    board->nor.bytes[0xc1000] ^= 0x20; /* the stream was right, flash is not */
    board->nor.bytes[0xc1004] ^= 0x20;
    assert_int_equal(ota_update_finish(&update), OTA_ERR_IMAGE_HASH);
    assert_true(board_blank(board, 0x60000, 0x30000));
    board_image_free(&image);
}

static void copy_into_the_running_slot_is_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t running = board_part(board, "ota_0");
    open_session(board, &update, "storage");
    assert_int_equal(ota_update_set_final(&update, &running, true), OTA_ERR_RUNNING);
    ota_update_abort(&update);
}

static void copy_obeys_the_rules_of_begin(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_update_t other;
    ota_part_t final = board_part(board, "locked");
    open_session(board, &update, "storage");
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_ERR_READ_ONLY);
    final = board_part(board, "storage");
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK); /* nothing to do */
    final.offset += 0x1000;
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_ERR_RANGE);
    open_session(board, &other, "ota_1");
    final = board_part(board, "ota_1");
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_ERR_BUSY);
    ota_update_abort(&other);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    ota_part_t target = board_part(board, "ota_1");
    assert_int_equal(ota_update_begin(&other, &board->device, &target, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_BUSY);
    ota_update_abort(&update);
}

static void final_is_settled_by_the_first_byte(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "spare");
    open_session(board, &update, "storage");
    assert_int_equal(ota_update_write(&update, "x", 1), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_ERR_STATE);
    ota_update_abort(&update);
}

static void more_than_final_holds_is_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    static uint8_t bytes[0x10001];
    ota_part_t staging = board_part(board, "storage");
    ota_part_t final = board_part(board, "spare");
    open_session(board, &update, "storage");
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, sizeof(bytes)), OTA_ERR_RANGE);
    ota_update_abort(&update);
    assert_int_equal(ota_update_begin(&update, &board->device, &staging, 0x10001, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_ERR_RANGE);
    ota_update_abort(&update);
}

static void another_final_has_its_own_limit(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    static uint8_t bytes[0x10001];
    ota_part_t small = board_part(board, "spare");
    open_session(board, &update, "storage");
    assert_int_equal(ota_update_set_final(&update, &small, true), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &small, false), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, sizeof(bytes)), OTA_OK);
    ota_update_abort(&update);
}

/* A chip with one cell in `spare` that does not take its 0. */
static ota_status_t (*strict_program)(void *, uint32_t, const void *, size_t);

static ota_status_t weak_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    nor_sim_t *nor = ctx;
    ota_status_t status = strict_program(ctx, addr, src, len);
    nor->bytes[0xf0123] |= 0x80;
    return status;
}

static void a_cell_that_does_not_take_the_copy_is_found(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    static uint8_t bytes[0x1000];
    ota_part_t final = board_part(board, "spare");
    strict_program = board->nor.flash.program;
    board->nor.flash.program = weak_program;
    open_session(board, &update, "storage");
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, sizeof(bytes)), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_ERR_FLASH_MISMATCH);
    assert_int_equal(ota_update_fault(&update)->offset, 0x123);
    assert_int_equal(ota_update_fault(&update)->found, 0x80);
}

static void data_is_copied_as_it_is(void **state)
{
    board_t *board = *state;
    uint8_t bytes[5001];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    board_image_t data = {.bytes = bytes, .len = sizeof(bytes)};
    memset(board->nor.bytes + 0xf0000, 0, 0x10000);
    board->nor.flash.program_unit = 4;
    assert_int_equal(staged(board, "storage", "spare", true, &data), OTA_OK);
    assert_true(board_holds(board, "spare", &data));
    assert_true(board_blank(board, 0xf0000 + 5001, 0x2000 - 5001));
    assert_int_equal(board->nor.bytes[0xf2000], 0); /* beyond the bytes: as it was */
}

static void scattered_data_is_copied_to_its_last_sector(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "spare");
    open_session(board, &update, "storage");
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 0x1800, "end", 3), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 0x10, "begin", 5), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_memory_equal(board->nor.bytes + 0xf0000, board->nor.bytes + 0xc0000, 0x2000);
    assert_memory_equal(board->nor.bytes + 0xf1800, "end", 3);
}

/* --- bootloader --------------------------------------------------------------------------------
 */

static void a_bootloader_is_judged_as_one(void **state)
{
    board_t *board = *state;
    board_image_t good = board_image((board_want_t){.size = KIB(16), .bootloader = true});
    board_image_t other =
        board_image((board_want_t){.size = KIB(16), .bootloader = true, .chip = 5});
    assert_int_equal(board_update(board, "boot_new", &other, OTA_SIZE_UNKNOWN, 0, 1000),
                     OTA_ERR_IMAGE_CHIP);
    assert_int_equal(board_operations(board), 0);
    assert_int_equal(board_update(board, "boot_new", &good, OTA_SIZE_UNKNOWN, 0, 1000), OTA_OK);
    assert_true(board_holds(board, "boot_new", &good));
    good.bytes[good.len - 1] ^= 1; /* stock does not compare a bootloader's hash */
    assert_int_equal(board_update(board, "boot_new", &good, OTA_SIZE_UNKNOWN, 0, 1000),
                     OTA_ERR_IMAGE_HASH);
    board_image_free(&good);
    board_image_free(&other);
}

/* --- table
 * ---------------------------------------------------------------------------------------- */

static board_image_t table_of(board_t *board, uint8_t bytes[OTA_TABLE_SIZE])
{
    memcpy(bytes, board->table_bytes, OTA_TABLE_SIZE);
    return (board_image_t){.bytes = bytes, .len = OTA_TABLE_SIZE};
}

static void renew_digest(const board_t *board, uint8_t *bytes)
{
    ota_table_encode_md5(bytes + board->table.count * OTA_TABLE_ENTRY, bytes, board->table.count);
}

static void a_good_table_is_taken_in_any_pieces(void **state)
{
    board_t *board = *state;
    uint8_t bytes[OTA_TABLE_SIZE];
    board_image_t table = table_of(board, bytes);
    for (uint32_t chunk = 1; chunk < 4096; chunk = chunk * 5 + 1) {
        assert_int_equal(board_update(board, "table_new", &table, OTA_SIZE_UNKNOWN, 0, chunk),
                         OTA_OK);
        assert_true(board_holds(board, "table_new", &table));
    }
}

static void what_does_not_start_like_a_table_costs_nothing(void **state)
{
    board_t *board = *state;
    uint8_t bytes[OTA_TABLE_SIZE];
    board_image_t table = table_of(board, bytes);
    bytes[1] = 0x51;
    assert_int_equal(board_update(board, "table_new", &table, OTA_SIZE_UNKNOWN, 0, 1),
                     OTA_ERR_TABLE_MAGIC);
    assert_int_equal(board_update(board, "table_new", &table, OTA_SIZE_UNKNOWN, 0, 4096),
                     OTA_ERR_TABLE_MAGIC);
    assert_int_equal(board_operations(board), 0);
}

static void a_table_that_the_bootloader_refuses_is_refused(void **state)
{
    board_t *board = *state;
    uint8_t bytes[OTA_TABLE_SIZE];
    board_image_t table = table_of(board, bytes);
    bytes[OTA_TABLE_ENTRY * 2 + 4] ^= 0x10;
    assert_int_equal(board_update(board, "table_new", &table, OTA_SIZE_UNKNOWN, 0, 1000),
                     OTA_ERR_TABLE_MD5);
}

static void a_table_that_only_the_bootloader_reads_is_refused(void **state)
{
    board_t *board = *state;
    uint8_t bytes[OTA_TABLE_SIZE];
    board_image_t table = table_of(board, bytes);
    memset(bytes + board->table.count * OTA_TABLE_ENTRY, 0xFF, OTA_TABLE_ENTRY);
    assert_int_equal(board_update(board, "table_new", &table, OTA_SIZE_UNKNOWN, 0, 1000),
                     OTA_ERR_TABLE_MD5_MISSING);
}

static void a_table_that_moves_the_running_app_is_refused(void **state)
{
    board_t *board = *state;
    uint8_t bytes[OTA_TABLE_SIZE];
    board_image_t table = table_of(board, bytes);
    ota_put_le32(bytes + 4 * OTA_TABLE_ENTRY + 8, 0x20000); /* ota_0 ends earlier */
    renew_digest(board, bytes);
    assert_int_equal(board_update(board, "table_new", &table, OTA_SIZE_UNKNOWN, 0, 1000),
                     OTA_ERR_NOT_IN_TABLE);
    table = table_of(board, bytes);
    ota_put_le32(bytes + 1 * OTA_TABLE_ENTRY + 4, 0xb000); /* otadata elsewhere */
    renew_digest(board, bytes);
    assert_int_equal(board_update(board, "table_new", &table, OTA_SIZE_UNKNOWN, 0, 1000),
                     OTA_ERR_NOT_IN_TABLE);
}

static void a_table_shorter_than_one_entry_erased_what_was_there(void **state)
{
    board_t *board = *state;
    board_image_t table = {.bytes = board->table_bytes, .len = 31};
    assert_int_equal(board_update(board, "table_new", &table, OTA_SIZE_UNKNOWN, 0, 31),
                     OTA_ERR_TABLE_NO_END);
    assert_int_equal(board_operations(board), 0);
}

/* Sequence 4 names ota_0 of three slots, and ota_1 of two. */
static void a_table_with_another_number_of_slots_booted_another_slot(void **state)
{
    board_t *board = *state;
    uint8_t bytes[OTA_TABLE_SIZE];
    board_image_t table = {.bytes = bytes, .len = sizeof(bytes)};
    memcpy(bytes, board->table_bytes, sizeof(bytes));
    bytes[6 * OTA_TABLE_ENTRY + 2] = OTA_TYPE_DATA; /* ota_2 is none any more */
    bytes[6 * OTA_TABLE_ENTRY + 3] = 0x82;
    ota_table_encode_md5(bytes + board->table.count * OTA_TABLE_ENTRY, bytes, board->table.count);
    assert_int_equal(board_update(board, "table_new", &table, OTA_SIZE_UNKNOWN, 0, 1000),
                     OTA_ERR_NOT_IN_TABLE);
    memset(board->nor.bytes + 0xd000, 0xFF, 0x2000); /* nothing is chosen: nothing can change */
    assert_int_equal(board_update(board, "table_new", &table, OTA_SIZE_UNKNOWN, 0, 1000), OTA_OK);
}

static void a_table_needs_a_workspace_to_be_judged_in(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "table_new");
    board->device.workspace_size = 0;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_NO_ROOM);
    board->device.workspace_size = OTA_TABLE_SIZE;
    board->device.workspace = NULL;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_NO_ROOM);
}

static void a_staged_table_is_judged_before_it_is_copied(void **state)
{
    board_t *board = *state;
    uint8_t bytes[OTA_TABLE_SIZE];
    board_image_t table = table_of(board, bytes);
    assert_int_equal(staged(board, "storage", "table_new", true, &table), OTA_OK);
    assert_true(board_holds(board, "table_new", &table));
    bytes[OTA_TABLE_ENTRY * 2 + 4] ^= 0x10;
    assert_int_equal(staged(board, "storage", "table_new", true, &table), OTA_ERR_TABLE_MD5);
    bytes[OTA_TABLE_ENTRY * 2 + 4] ^= 0x10;
    assert_true(board_holds(board, "table_new", &table));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, board_setup, board_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_type_of_final_decides_how_bytes_are_judged),
        TEST(copy_puts_a_staged_image_into_its_slot),
        TEST(the_record_of_a_final_slot_is_forgotten_as_well),
        TEST(an_image_is_judged_at_the_address_where_it_will_run),
        TEST(a_final_that_changes_under_the_session_cannot_hit_the_running_slot),
        TEST(without_copy_final_is_not_touched),
        TEST(what_staging_does_not_hold_right_is_never_copied),
        TEST(copy_into_the_running_slot_is_refused),
        TEST(copy_obeys_the_rules_of_begin),
        TEST(final_is_settled_by_the_first_byte),
        TEST(more_than_final_holds_is_refused),
        TEST(another_final_has_its_own_limit),
        TEST(a_cell_that_does_not_take_the_copy_is_found),
        TEST(data_is_copied_as_it_is),
        TEST(scattered_data_is_copied_to_its_last_sector),
        TEST(a_bootloader_is_judged_as_one),
        TEST(a_good_table_is_taken_in_any_pieces),
        TEST(what_does_not_start_like_a_table_costs_nothing),
        TEST(a_table_that_the_bootloader_refuses_is_refused),
        TEST(a_table_that_only_the_bootloader_reads_is_refused),
        TEST(a_table_that_moves_the_running_app_is_refused),
        TEST(a_table_shorter_than_one_entry_erased_what_was_there),
        TEST(a_table_with_another_number_of_slots_booted_another_slot),
        TEST(a_table_needs_a_workspace_to_be_judged_in),
        TEST(a_staged_table_is_judged_before_it_is_copied),
    };
    return cmocka_run_group_tests_name("update: final", tests, NULL, NULL);
}
