/* SPDX-License-Identifier: Apache-2.0 */
/* update: which flash operations a session makes, in which order and no others. */
#include "core/bytes.h"
#include "support/board.h"
#include "support/no_read.h"
#include "support/unit.h"

#include <stdlib.h>

#define KIB(n) ((uint32_t)(n) << 10)

static int setup(void **state)
{
    static board_t board;
    board_start(&board);
    memset(board.nor.bytes + 0xd000, 0xFF, OTA_OTADATA_SIZE); /* nothing to forget */
    *state = &board;
    return 0;
}

static int teardown(void **state)
{
    board_stop(*state);
    return 0;
}

static void open_session(board_t *board, ota_update_t *update, const char *label, uint32_t size,
                         uint32_t flags)
{
    ota_part_t part = board_part(board, label);
    assert_int_equal(ota_update_begin(update, &board->device, &part, size, flags), OTA_OK);
}

/* --- erasing ------------------------------------------------------------------------------ */

static void a_known_size_is_erased_in_the_largest_units_and_no_further(void **state)
{
    board_t *board = *state;
    board_log_t log;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(108) + 16});
    board_log(board, &log);
    open_session(board, &update, "ota_1", image.len, 0);
    assert_int_equal(ota_update_write(&update, image.bytes, KIB(4)), OTA_OK);
    assert_string_equal(log.text, "e:60000:10000 w:60000:1000");
    assert_int_equal(ota_update_write(&update, image.bytes + KIB(4), KIB(60)), OTA_OK);
    log.len = 0;
    assert_int_equal(ota_update_write(&update, image.bytes + KIB(64), KIB(44) + 16), OTA_OK);
    assert_string_equal(log.text, "e:70000:8000 e:78000:1000 e:79000:1000 e:7a000:1000 "
                                  "e:7b000:1000 w:70000:b010");
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    board_image_free(&image);
}

static void sequential_writes_erase_what_the_image_promises(void **state)
{
    board_t *board = *state;
    board_log_t log;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(80)});
    board_log(board, &log);
    open_session(board, &update, "ota_1", OTA_WITH_SEQUENTIAL_WRITES, 0);
    /* the first segment header promises 300 bytes, the second one all of it */
    assert_int_equal(ota_update_write(&update, image.bytes, 40), OTA_OK);
    assert_string_equal(log.text, "e:60000:1000 w:60000:28");
    log.len = 0;
    assert_int_equal(ota_update_write(&update, image.bytes + 40, KIB(8)), OTA_OK);
    assert_string_equal(log.text, "e:61000:1000 e:62000:1000 w:60028:2000");
    log.len = 0;
    assert_int_equal(ota_update_write(&update, image.bytes + 40 + KIB(8), KIB(24)), OTA_OK);
    assert_string_equal(log.text, "e:63000:1000 e:64000:1000 e:65000:1000 e:66000:1000 "
                                  "e:67000:1000 e:68000:8000 w:62028:6000");
    log.len = 0;
    assert_int_equal(ota_update_write(&update, image.bytes + 40 + KIB(32), KIB(48) - 40), OTA_OK);
    assert_string_equal(log.text, "e:70000:1000 e:71000:1000 e:72000:1000 e:73000:1000 "
                                  "w:68028:bfd8");
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static void data_of_unknown_size_is_erased_sector_by_sector(void **state)
{
    board_t *board = *state;
    board_log_t log;
    ota_update_t update;
    static uint8_t bytes[KIB(9)];
    board_log(board, &log);
    open_session(board, &update, "storage", OTA_SIZE_UNKNOWN, 0);
    assert_int_equal(ota_update_write(&update, bytes, sizeof(bytes)), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_string_equal(log.text, "e:c0000:1000 e:c1000:1000 e:c2000:1000 w:c0000:2400");
}

static void erasing_never_leaves_the_partition_or_the_units_on_offer(void **state)
{
    board_t *board = *state;
    board_log_t log;
    static uint8_t bytes[KIB(32)];
    board_image_t data = {.bytes = bytes, .len = sizeof(bytes)};
    board_image_t whole = board_image((board_want_t){.size = 0x30000});
    assert_int_equal(board_update(board, "ota_1", &whole, whole.len, 0, 4096), OTA_OK);
    assert_int_equal(board->nor.erases[2], 3);
    assert_int_equal(board->nor.erases[0] + board->nor.erases[1], 0);
    board->nor.flash.erase_units = OTA_ERASE_4K | OTA_ERASE_64K;
    board_log(board, &log);
    assert_int_equal(board_update(board, "spare", &data, OTA_SIZE_UNKNOWN, 0, KIB(32)), OTA_OK);
    assert_int_equal(board->nor.erases[0], 8);
    assert_int_equal(board->nor.erases[1], 0);
    board_image_free(&whole);
}

static void a_sector_that_reads_blank_is_erased_all_the_same(void **state)
{
    board_t *board = *state;
    board_log_t log;
    board_image_t data = {.bytes = (uint8_t[]){1, 2, 3}, .len = 3};
    assert_true(board_blank(board, 0xc0000, 4096));
    board_log(board, &log);
    assert_int_equal(board_update(board, "storage", &data, OTA_SIZE_UNKNOWN, 0, 3), OTA_OK);
    assert_string_equal(log.text, "e:c0000:1000 w:c0000:3");
}

/* --- the traces of stock's esp_ota_write, beside ours ------------------------------------------
 */

typedef struct {
    const char *stock; /* for the reader; addresses relative to the slot */
    uint32_t piece[8];
    const char *ours;
} trace_t;

/* Data, so that nothing promises a length: the erases are those that the bytes force. */
static void an_erase_that_failed_is_done_again(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    memset(board->nor.bytes + 0x60000, 0, KIB(8));
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN, 0);
    board->nor.fail_in = 1; /* behind that of ota_1's record */
    assert_int_equal(ota_update_write(&update, image.bytes, image.len), OTA_ERR_FLASH_ERASE);
    assert_int_equal(ota_update_write(&update, image.bytes, image.len), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static void traces_beside_those_of_stock(void **state)
{
    board_t *board = *state;
    static const trace_t traces[] = {
        {"e0; w0; w3e8; w7d0; wbb8; e1000, w fa0; w1388+96",
         {1000, 1000, 1000, 1000, 1000, 96},
         "e:c0000:1000 w:c0000:3e8 w:c03e8:3e8 w:c07d0:3e8 w:c0bb8:3e8 e:c1000:1000 w:c0fa0:3e8 "
         "w:c1388:60"},
        {"e0+3000; w0", {10000}, "e:c0000:1000 e:c1000:1000 e:c2000:1000 w:c0000:2710"},
    };
    static uint8_t bytes[10000];
    for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
        board_log_t log;
        ota_update_t update;
        board_log(board, &log);
        open_session(board, &update, "storage", OTA_WITH_SEQUENTIAL_WRITES, 0);
        for (size_t n = 0; traces[i].piece[n] != 0; n++) {
            assert_int_equal(ota_update_write(&update, bytes, traces[i].piece[n]), OTA_OK);
        }
        assert_int_equal(ota_update_finish(&update), OTA_OK);
        assert_string_equal(log.text, traces[i].ours);
    }
}

/* --- out of order --------------------------------------------------------------------------------
 */

static void pieces_in_any_order_give_the_same_flash_bytes(void **state)
{
    board_t *board = *state;
    uint32_t x = 7;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    for (int round = 0; round < 10; round++) {
        uint32_t order[20];
        ota_update_t update;
        for (uint32_t i = 0; i < 20; i++) {
            order[i] = i;
        }
        for (uint32_t i = 19; i > 0; i--) {
            x = x * 1664525u + 1013904223u;
            uint32_t j = (x >> 16) % (i + 1);
            uint32_t swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN, 0);
        for (uint32_t i = 0; i < 20; i++) {
            uint32_t at = KIB(order[i]);
            assert_int_equal(ota_update_write_at(&update, at, image.bytes + at, KIB(1)), OTA_OK);
        }
        assert_int_equal(ota_update_written(&update), image.len);
        assert_int_equal(ota_update_finish(&update), OTA_OK);
        assert_true(board_holds(board, "ota_1", &image));
    }
    board_image_free(&image);
}

static void pieces_in_order_by_offset_are_judged_as_they_come(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN, 0);
    assert_int_equal(ota_update_write_at(&update, 0, "<html>", 6), OTA_ERR_IMAGE_MAGIC);
    assert_int_equal(board_operations(board), 0);
    ota_update_abort(&update);
}

static void an_offset_beyond_what_is_erased_erases_up_to_its_end_once(void **state)
{
    board_t *board = *state;
    board_log_t log;
    ota_update_t update;
    static uint8_t bytes[4096];
    board_log(board, &log);
    open_session(board, &update, "storage", OTA_SIZE_UNKNOWN, 0);
    assert_int_equal(ota_update_write_at(&update, 0x2000, bytes, 16), OTA_OK);
    assert_string_equal(log.text, "e:c0000:1000 e:c1000:1000 e:c2000:1000 w:c2000:10");
    log.len = 0;
    assert_int_equal(ota_update_write_at(&update, 0x1000, bytes, 16), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 0, bytes, 16), OTA_OK);
    assert_string_equal(log.text, "w:c1000:10 w:c0000:10");
    ota_update_abort(&update);
}

static void offsets_are_refused_with_sequential_writes(void **state)
{
    ota_update_t update;
    open_session(*state, &update, "storage", OTA_WITH_SEQUENTIAL_WRITES, 0);
    assert_int_equal(ota_update_write_at(&update, 0, "x", 1), OTA_ERR_STATE);
    ota_update_abort(&update);
}

static void a_scattered_image_is_judged_from_flash(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    image.bytes[300] ^= 1;
    image.bytes[304] ^= 1;
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN, 0);
    assert_int_equal(ota_update_write_at(&update, KIB(4), image.bytes + KIB(4), KIB(4)), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 0, image.bytes, KIB(4)), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_ERR_IMAGE_HASH);
    assert_int_equal(ota_update_fault(&update)->offset, KIB(8) - 32);
    board_image_free(&image);
}

static void a_hole_in_a_scattered_image_is_found(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    open_session(board, &update, "ota_1", image.len, OTA_UPDATE_SIZE_HINT);
    assert_int_equal(ota_update_write_at(&update, KIB(8), image.bytes + KIB(8), KIB(4)), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 0, image.bytes, KIB(4)), OTA_OK);
    assert_int_not_equal(ota_update_finish(&update), OTA_OK);
    board_image_free(&image);
}

static void writing_over_what_is_there_is_noticed(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board->nor.lenient = true; /* as a real chip: AND, and no error */
    open_session(board, &update, "storage", OTA_SIZE_UNKNOWN, 0);
    assert_int_equal(ota_update_write_at(&update, 16, "\xF0\xF0\xF0\xF0", 4), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 17, "\xF0\x0F", 2), OTA_ERR_FLASH_MISMATCH);
    assert_int_equal(ota_update_fault(&update)->offset, 18);
    assert_int_equal(ota_update_fault(&update)->found, 0);
    assert_int_equal(ota_update_fault(&update)->expected, 0x0F);
    assert_int_equal(ota_update_written(&update), 4);
    ota_update_abort(&update);
}

/* --- read-back
 * ------------------------------------------------------------------------------------ */

/* A chip with one cell that does not take its 0. */
static ota_status_t weak_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    nor_sim_t *nor = ctx;
    uint8_t *copy = malloc(len);
    assert_non_null(copy);
    memcpy(copy, src, len);
    if (addr <= 0x61234 && 0x61234 - addr < len) {
        copy[0x61234 - addr] |= 0x10;
    }
    for (size_t i = 0; i < len; i++) {
        nor->bytes[addr + i] &= copy[i];
    }
    nor->programs++;
    free(copy);
    return OTA_OK;
}

static void read_back_finds_a_cell_that_did_not_take(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    ota_update_t update;
    image.bytes[0x1234] &= 0xEF;
    board_image_seal(&image);
    board->nor.flash.program = weak_program;
    open_session(board, &update, "ota_1", image.len, OTA_UPDATE_READ_BACK);
    assert_int_equal(ota_update_write(&update, image.bytes, KIB(4)), OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes + KIB(4), KIB(4)),
                     OTA_ERR_FLASH_MISMATCH);
    assert_int_equal(ota_update_fault(&update)->offset, 0x1234);
    assert_int_equal(ota_update_fault(&update)->found, image.bytes[0x1234] | 0x10);
    assert_int_equal(ota_update_fault(&update)->expected, image.bytes[0x1234]);
    assert_int_equal(ota_update_written(&update), KIB(4));
    ota_update_abort(&update);
    /* without it the session cannot know; the verdict before selecting reads flash */
    assert_int_equal(board_update(board, "ota_1", &image, image.len, 0, 4096), OTA_OK);
    assert_false(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static void a_chip_that_cannot_be_read_back_fails_the_write(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    open_session(board, &update, "storage", OTA_SIZE_UNKNOWN, OTA_UPDATE_READ_BACK);
    board->nor.flash.read = no_read;
    assert_int_equal(ota_update_write(&update, "abc", 3), OTA_ERR_FLASH_READ);
    ota_update_abort(&update);
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN, 0);
    board_image_t image = board_image((board_want_t){.size = 512});
    /* the record of the slot cannot be forgotten, so the slot is not erased */
    assert_int_equal(ota_update_write(&update, image.bytes, image.len), OTA_ERR_FLASH_READ);
    assert_int_equal(board_operations(board), 2);
    ota_update_abort(&update);
    board_image_free(&image);
}

/* --- the end of the bytes
 * ---------------------------------------------------------------------------- */

static void a_tail_shorter_than_the_program_unit_is_padded_with_ff(void **state)
{
    board_t *board = *state;
    for (uint32_t unit = 1; unit <= 32; unit *= 2) {
        for (uint32_t len = 1; len < 70; len += 3) {
            uint8_t bytes[70];
            board_image_t data = {.bytes = bytes, .len = len};
            memset(bytes, 0xA5, sizeof(bytes));
            board->nor.flash.program_unit = unit;
            assert_int_equal(board_update(board, "storage", &data, OTA_SIZE_UNKNOWN, 0, 7), OTA_OK);
            assert_true(board_holds(board, "storage", &data));
            assert_true(board_blank(board, 0xc0000 + len, 4096 - len));
        }
    }
}

static void a_tail_that_reaches_a_new_sector_has_it_erased(void **state)
{
    board_t *board = *state;
    uint8_t bytes[4096 + 15];
    memset(bytes, 0x11, sizeof(bytes));
    board_image_t data = {.bytes = bytes, .len = sizeof(bytes)};
    memset(board->nor.bytes + 0xc0000, 0, 0x2000);
    board->nor.flash.program_unit = 16;
    assert_int_equal(board_update(board, "storage", &data, OTA_SIZE_UNKNOWN, 0, 4096), OTA_OK);
    assert_true(board_holds(board, "storage", &data));
    assert_true(board_blank(board, 0xc100f, 0xff1));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_known_size_is_erased_in_the_largest_units_and_no_further),
        TEST(sequential_writes_erase_what_the_image_promises),
        TEST(data_of_unknown_size_is_erased_sector_by_sector),
        TEST(erasing_never_leaves_the_partition_or_the_units_on_offer),
        TEST(a_sector_that_reads_blank_is_erased_all_the_same),
        TEST(an_erase_that_failed_is_done_again),
        TEST(traces_beside_those_of_stock),
        TEST(pieces_in_any_order_give_the_same_flash_bytes),
        TEST(pieces_in_order_by_offset_are_judged_as_they_come),
        TEST(an_offset_beyond_what_is_erased_erases_up_to_its_end_once),
        TEST(offsets_are_refused_with_sequential_writes),
        TEST(a_scattered_image_is_judged_from_flash),
        TEST(a_hole_in_a_scattered_image_is_found),
        TEST(writing_over_what_is_there_is_noticed),
        TEST(read_back_finds_a_cell_that_did_not_take),
        TEST(a_chip_that_cannot_be_read_back_fails_the_write),
        TEST(a_tail_shorter_than_the_program_unit_is_padded_with_ff),
        TEST(a_tail_that_reaches_a_new_sector_has_it_erased),
    };
    return cmocka_run_group_tests_name("update: flash", tests, NULL, NULL);
}
