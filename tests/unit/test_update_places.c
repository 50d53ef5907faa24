/* SPDX-License-Identifier: Apache-2.0 */
/* update: to the byte, where an earlier session is gone on with, what is judged first, and what a
 * journal may say. */
#include "core/bytes.h"
#include "core/crc32.h"
#include "core/update.h"
#include "support/download.h"
#include "support/no_read.h"
#include "support/unit.h"

#include <stdlib.h>

#define SECTOR OTA_FLASH_SECTOR

static ota_status_t begin(board_t *board, ota_update_t *update, const char *label)
{
    ota_part_t part = board_part(board, label);
    return ota_update_begin(update, &board->device, &part, OTA_SIZE_UNKNOWN, 0);
}

static ota_status_t resume(board_t *board, ota_update_t *update, const char *label,
                           uint32_t *offset)
{
    ota_part_t part = board_part(board, label);
    return ota_update_resume(update, &board->device, &part, OTA_SIZE_UNKNOWN, 0, offset);
}

/* --- where it is gone on --------------------------------------------------------------------- */

static void the_place_is_kept_from_the_first_bytes_to_the_last(void **state)
{
    board_t *board = *state;
    static const struct {
        const char *label;
        uint32_t offset, place;
        uint32_t flags;
    } rows[] = {
        {"storage", 31, 0, 0}, /* less than is judged at once */
        {"storage", 32, 32, UPDATE_DOUBT},
        {"storage", SECTOR, SECTOR, 0},
        {"storage", SECTOR + 1, SECTOR + 1, UPDATE_DOUBT},
        {"storage", 0x20000, 0x20000, 0}, /* all of it */
        {"spare", 0x10000, 0x10000, 0},   /* and of what ends with the chip */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ota_update_t update;
        uint32_t offset = rows[i].offset;
        assert_int_equal(resume(board, &update, rows[i].label, &offset), OTA_OK);
        assert_int_equal(offset, rows[i].place);
        assert_int_equal(update.flags, rows[i].flags);
        assert_int_equal(ota_update_fault(&update)->status, OTA_OK);
        ota_update_abort(&update);
    }
}

static void the_last_cell_of_a_sector_counts_with_whole_units_too(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint32_t offset = SECTOR + 920;
    board->nor.flash.program_unit = 16;
    board->nor.bytes[0xc0000 + 2 * SECTOR - 1] = 0xFE;
    assert_int_equal(resume(board, &update, "storage", &offset), OTA_OK);
    assert_int_equal(offset, SECTOR);
    assert_int_equal(ota_update_fault(&update)->status, OTA_OK); /* that is no failure */
    ota_update_abort(&update);
}

static void the_first_bytes_are_kept_if_the_rest_is_blank(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint32_t offset = 32;
    board->nor.bytes[0xc0000 + 33] = 0xFE;
    assert_int_equal(resume(board, &update, "storage", &offset), OTA_OK);
    assert_int_equal(offset, 0);
    ota_update_abort(&update);
}

static void a_rest_that_cannot_be_read_is_no_place(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint32_t offset = SECTOR + 920;
    board->nor.flash.read = no_read;
    assert_int_equal(resume(board, &update, "storage", &offset), OTA_ERR_FLASH_READ);
    assert_null(board->device.sessions);
}

static void a_table_is_judged_by_its_first_bytes_when_it_is_gone_on_with(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint32_t offset = 600;
    memset(board->nor.bytes + 0xe8000, 0x33, 600);
    assert_int_equal(resume(board, &update, "table_new", &offset), OTA_ERR_RESUME);
    assert_int_equal(ota_update_fault(&update)->status, OTA_ERR_TABLE_MAGIC);
    assert_int_equal(ota_update_fault(&update)->offset, 0);
}

/* --- what is judged -------------------------------------------------------------------------- */

static void thirty_two_bytes_are_enough_to_begin_with(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(4)});
    assert_int_equal(begin(board, &update, "ota_1"), OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes, 31), OTA_OK);
    assert_int_equal(update.programmed, 0);
    assert_int_equal(ota_update_write(&update, image.bytes + 31, 1), OTA_OK);
    assert_int_equal(update.programmed, 32);
    ota_update_abort(&update);
    board_image_free(&image);
}

static void a_table_comes_byte_by_byte(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    static const uint8_t bytes[] = {0xAA, 0, 0x50, 0};
    assert_int_equal(begin(board, &update, "table_new"), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, 1), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes + 2, 1), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes + 1, 1), OTA_OK); /* judged at its end */
    ota_update_abort(&update);
}

static void without_room_for_a_table_none_is_taken(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "table_new");
    board->device.workspace = NULL;
    assert_int_equal(begin(board, &update, "table_new"), OTA_ERR_NO_ROOM);
    assert_int_equal(ota_update_fault(&update)->offset, 0);
    assert_int_equal(begin(board, &update, "storage"), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_ERR_NO_ROOM);
    assert_int_equal(ota_update_fault(&update)->status, OTA_ERR_NO_ROOM);
    assert_int_equal(ota_update_fault(&update)->offset, 0);
    ota_update_abort(&update);
}

static void what_the_port_cannot_check_is_not_begun(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    static const uint8_t keys[1][64] = {{0}};
    static const ota_trust_t trust = {OTA_SCHEME_V2_P384, 1, 1, keys};
    static uint8_t room[OTA_SIGNATURE_BLOCK];
    board->device.trust = &trust;
    board->device.crypto = &ota_crypto_builtin; /* it has no SHA-384 */
    board->device.workspace = room;
    assert_int_equal(begin(board, &update, "ota_1"), OTA_ERR_UNSUPPORTED);
    assert_int_equal(begin(board, &update, "storage"), OTA_OK);
    ota_update_abort(&update);
}

/* The last failure stays to be asked for, whatever succeeds after it. */
static void a_failure_is_told_until_the_next_one(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    assert_int_equal(begin(board, &update, "ota_1"), OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes, KIB(4)), OTA_OK);
    board->nor.fail_in = 0;
    assert_int_equal(ota_update_write(&update, image.bytes + KIB(4), KIB(4)), OTA_ERR_FLASH_ERASE);
    assert_int_equal(ota_update_write(&update, image.bytes + KIB(4), KIB(4)), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_int_equal(ota_update_fault(&update)->status, OTA_ERR_FLASH_ERASE);
    assert_int_equal(ota_update_fault(&update)->offset, KIB(4));
    board_image_free(&image);
    assert_int_equal(begin(board, &update, "table_new"), OTA_OK);
    board->nor.fail_in = 0;
    assert_int_equal(ota_update_write(&update, board->table_bytes, OTA_TABLE_SIZE),
                     OTA_ERR_FLASH_ERASE);
    assert_int_equal(ota_update_write(&update, board->table_bytes, OTA_TABLE_SIZE), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_int_equal(ota_update_fault(&update)->status, OTA_ERR_FLASH_ERASE);
}

static void what_cannot_be_erased_is_not_scattered_over(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    const uint8_t bytes[16] = {0};
    assert_int_equal(begin(board, &update, "storage"), OTA_OK);
    board->nor.fail_in = 0;
    assert_int_equal(ota_update_write_at(&update, KIB(4), bytes, 16), OTA_ERR_FLASH_ERASE);
    assert_int_equal(board->nor.programs, 0);
    assert_int_equal(ota_update_written(&update), 0);
    ota_update_abort(&update);
}

static void a_table_may_have_one_row_left(void **state)
{
    board_t *board = *state;
    board_image_t table = {calloc(1, OTA_TABLE_SIZE), OTA_TABLE_SIZE};
    assert_non_null(table.bytes);
    memset(table.bytes, 0xFF, OTA_TABLE_SIZE);
    memcpy(table.bytes, board->table_bytes, 12 * (size_t)OTA_TABLE_ENTRY);
    ota_part_t more = {.type = 0x40, .subtype = 1, .offset = 0xea000, .size = 0x10};
    for (uint32_t i = 12; i < 94; i++, more.offset += 0x10) {
        ota_table_encode(table.bytes + (size_t)i * OTA_TABLE_ENTRY, &more);
    }
    ota_table_encode_md5(table.bytes + 94 * (size_t)OTA_TABLE_ENTRY, table.bytes, 94);
    memset(board->nor.bytes + 0xd000, 0xFF, OTA_OTADATA_SIZE); /* nor is anything chosen */
    assert_int_equal(board_update(board, "table_new", &table, OTA_SIZE_UNKNOWN, 0, 1000), OTA_OK);
    assert_true(board_holds(board, "table_new", &table));
    board_image_free(&table);
}

static void a_table_that_moves_otadata_is_refused_as_a_whole(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t moved = board_part(board, "otadata");
    uint8_t bytes[OTA_TABLE_SIZE];
    moved.offset += 0x1000;
    memcpy(bytes, board->table_bytes, sizeof(bytes));
    ota_table_encode(bytes + OTA_TABLE_ENTRY, &moved);
    ota_table_encode_md5(bytes + 12 * (size_t)OTA_TABLE_ENTRY, bytes, 12);
    assert_int_equal(begin(board, &update, "table_new"), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, sizeof(bytes)), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_ERR_NOT_IN_TABLE);
    assert_int_equal(ota_update_fault(&update)->status, OTA_ERR_NOT_IN_TABLE);
    assert_int_equal(ota_update_fault(&update)->offset, 0);
}

/* --- what a journal says --------------------------------------------------------------------- */

static uint8_t *journal(board_t *board)
{
    return board->nor.bytes + DOWNLOAD_OTADATA + OTA_JOURNAL_AT; /* fresh: in sector 0 */
}

static void a_line_is_these_bytes(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    for (uint32_t unit = 16; unit <= 32; unit *= 2) {
        uint8_t *line = journal(board);
        board->nor.flash.program_unit = unit;
        download_fresh(board);
        (void)download_until(board, &image, &download_unknown, KIB(5), 1000);
        assert_int_equal(ota_get_le32(line), KIB(4));
        for (uint32_t i = 8; i < unit; i++) {
            assert_true(line[i] == 0xFF || (i >= 12 && i < 16));
        }
    }
    board_image_free(&image);
}

/* Up to a whole unit it is filled up with FF, which the offer does not have. */
static void what_only_fills_up_is_not_noted(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = 2 * SECTOR - 16});
    board->nor.flash.program_unit = 32;
    download_fresh(board);
    assert_int_equal(download_go_on(board, &update, "ota_1", &download_unknown), 0);
    download_send(&update, &image, 0, image.len, 1000);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_int_equal(ota_get_le32(journal(board)), SECTOR);
    assert_int_equal(ota_get_le32(journal(board) + 32), 0xFFFFFFFF);
    board_image_free(&image);
}

/* A sector was noted, the next one failed: the same bytes come again, and count once. */
static void a_call_that_fails_midway_is_noted_as_it_is_repeated(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(16)});
    download_fresh(board);
    assert_int_equal(download_go_on(board, &update, "ota_1", &download_unknown), 0);
    download_send(&update, &image, 0, KIB(4), 1000);
    board->nor.fail_in = 4; /* two sectors erased, one programmed, its line; the second */
    assert_int_equal(ota_update_write(&update, image.bytes + KIB(4), KIB(8)),
                     OTA_ERR_FLASH_PROGRAM);
    assert_int_equal(ota_update_write(&update, image.bytes + KIB(4), KIB(8)), OTA_OK);
    download_lose(board);
    download_complete(board, &image, &download_unknown, KIB(12));
    board_image_free(&image);
}

/* One line that lies ends the search, though those behind it are true. */
static void nothing_is_believed_behind_a_line_that_lies(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    download_fresh(board);
    (void)download_until(board, &image, &download_unknown, KIB(13), 1000);
    uint8_t *line = journal(board) + 16;
    assert_int_equal(ota_get_le32(line), KIB(8));
    line[4] ^= 1;
    ota_put_le32(line + 12, ota_crc32(0, line, 12));
    download_complete(board, &image, &download_unknown, KIB(4));
    board_image_free(&image);
}

static bool in_otadata(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    unsigned *times = user;
    (void)op, (void)data, (void)len;
    *times += addr >= DOWNLOAD_OTADATA && addr < DOWNLOAD_OTADATA + OTA_OTADATA_SIZE;
    return true;
}

static void of_data_nothing_is_noted_anywhere(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    unsigned times = 0;
    static const uint8_t data[9000] = {1};
    board->nor.watch = in_otadata;
    board->nor.user = &times;
    assert_int_equal(download_go_on(board, &update, "storage", &download_unknown), 0);
    assert_int_equal(ota_update_write(&update, data, sizeof(data)), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_int_equal(times, 0);
}

static void without_a_journal_nothing_is_written_beside_the_slot(void **state)
{
    board_t *board = *state;
    uint8_t before[0x10000];
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    board->device.layout.otadata.size = 0;
    memcpy(before, board->nor.bytes, sizeof(before));
    (void)download_until(board, &image, &download_unknown, KIB(9), 1000);
    assert_memory_equal(board->nor.bytes, before, sizeof(before));
    board_image_free(&image);
}

#define TEST(name)     cmocka_unit_test_setup_teardown(name, board_setup, board_teardown)
#define DOWNLOAD(name) cmocka_unit_test_setup_teardown(name, download_setup, board_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_place_is_kept_from_the_first_bytes_to_the_last),
        TEST(the_last_cell_of_a_sector_counts_with_whole_units_too),
        TEST(the_first_bytes_are_kept_if_the_rest_is_blank),
        TEST(a_rest_that_cannot_be_read_is_no_place),
        TEST(a_table_is_judged_by_its_first_bytes_when_it_is_gone_on_with),
        TEST(thirty_two_bytes_are_enough_to_begin_with),
        TEST(a_table_comes_byte_by_byte),
        TEST(without_room_for_a_table_none_is_taken),
        TEST(what_the_port_cannot_check_is_not_begun),
        TEST(a_failure_is_told_until_the_next_one),
        TEST(what_cannot_be_erased_is_not_scattered_over),
        TEST(a_table_may_have_one_row_left),
        TEST(a_table_that_moves_otadata_is_refused_as_a_whole),
        DOWNLOAD(a_line_is_these_bytes),
        DOWNLOAD(what_only_fills_up_is_not_noted),
        DOWNLOAD(a_call_that_fails_midway_is_noted_as_it_is_repeated),
        DOWNLOAD(nothing_is_believed_behind_a_line_that_lies),
        DOWNLOAD(of_data_nothing_is_noted_anywhere),
        DOWNLOAD(without_a_journal_nothing_is_written_beside_the_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
