/* SPDX-License-Identifier: Apache-2.0 */
/* update: what a session accepts, refuses, erases and leaves behind. */
#include "core/bytes.h"
#include "support/board.h"
#include "support/unit.h"

#define KIB(n) ((uint32_t)(n) << 10)

static ota_status_t begin(board_t *board, ota_update_t *update, const char *label, uint32_t size,
                          uint32_t flags)
{
    ota_part_t part = board_part(board, label);
    return ota_update_begin(update, &board->device, &part, size, flags);
}

static void open_session(board_t *board, ota_update_t *update, const char *label, uint32_t size)
{
    assert_int_equal(begin(board, update, label, size, 0), OTA_OK);
}

/* --- bytes arrive ------------------------------------------------------------------------ */

static void every_chunk_size_and_begin_mode_gives_the_same_flash_bytes(void **state)
{
    board_t *board = *state;
    static const uint32_t chunks[] = {1, 7, 24, 31, 32, 33, 1000, 4095, 4096, 4097, 65536};
    board_image_t image = board_image((board_want_t){.size = 70000 / 16 * 16, .seed = 2});
    board_image_t small = board_image((board_want_t){.size = 9008, .seed = 3});
    const uint32_t modes[] = {OTA_SIZE_UNKNOWN, OTA_WITH_SEQUENTIAL_WRITES, small.len};
    for (size_t m = 0; m < 3; m++) {
        for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
            assert_int_equal(board_update(board, "ota_1", &small, modes[m], 0, chunks[i]), OTA_OK);
            assert_true(board_holds(board, "ota_1", &small));
            assert_int_equal(
                board_update(board, "ota_1", &image, OTA_SIZE_UNKNOWN, 0, chunks[i] * 64 + 1),
                OTA_OK);
            assert_true(board_holds(board, "ota_1", &image));
        }
    }
    board_image_free(&image);
    board_image_free(&small);
}

static void random_chunk_sizes_give_the_same_flash_bytes(void **state)
{
    board_t *board = *state;
    uint32_t x = 12345;
    board_image_t image = board_image((board_want_t){.size = 50000 / 16 * 16, .seed = 4});
    for (int round = 0; round < 20; round++) {
        ota_update_t update;
        open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
        for (uint32_t at = 0, n; at < image.len; at += n) {
            x = x * 1664525u + 1013904223u;
            n = (x >> 8) % (1u << ((x >> 3) % 17u));
            n = min_u32(n, image.len - at);
            assert_int_equal(ota_update_write(&update, image.bytes + at, n), OTA_OK);
            assert_int_equal(ota_update_written(&update), at + n);
        }
        assert_int_equal(ota_update_finish(&update), OTA_OK);
        assert_true(board_holds(board, "ota_1", &image));
    }
    board_image_free(&image);
}

static void begin_touches_nothing(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    open_session(board, &update, "ota_1", KIB(64));
    assert_true(ota_update_open(&update));
    assert_int_equal(ota_update_written(&update), 0);
    ota_update_abort(&update);
    assert_false(ota_update_open(&update));
    assert_int_equal(board_operations(board), 0);
}

/* --- refused before the first erase -------------------------------------------------------- */

/* Whatever the pieces, `bytes` are refused with `want` and flash stays as it was. */
static void costs_nothing(board_t *board, const uint8_t *bytes, uint32_t len, ota_status_t want,
                          uint32_t offset)
{
    static const uint32_t chunks[] = {1, 5, 31, 32, 4096};
    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        ota_update_t update;
        ota_status_t status = OTA_OK;
        open_session(board, &update, "ota_1", OTA_WITH_SEQUENTIAL_WRITES);
        for (uint32_t at = 0; status == OTA_OK && at < len; at += chunks[i]) {
            status = ota_update_write(&update, bytes + at, min_u32(chunks[i], len - at));
        }
        assert_int_equal(status, want);
        assert_int_equal(ota_update_fault(&update)->status, want);
        assert_int_equal(ota_update_fault(&update)->offset, offset);
        assert_true(ota_update_open(&update));
        ota_update_abort(&update);
        assert_int_equal(board_operations(board), 0);
    }
}

static void an_html_page_costs_nothing(void **state)
{
    static const char page[] = "<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head>"
                               "<body>There is no firmware here.</body></html>\n";
    costs_nothing(*state, (const uint8_t *)page, sizeof(page) - 1, OTA_ERR_IMAGE_MAGIC, 0);
}

static void a_gzip_file_costs_nothing(void **state)
{
    static const uint8_t gzip[64] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3};
    costs_nothing(*state, gzip, sizeof(gzip), OTA_ERR_IMAGE_MAGIC, 0);
}

static void another_chips_image_costs_nothing(void **state)
{
    board_image_t image = board_image((board_want_t){.size = 4096, .chip = 9});
    costs_nothing(*state, image.bytes, image.len, OTA_ERR_IMAGE_CHIP, 12);
    board_image_free(&image);
}

static void an_image_for_a_larger_flash_chip_costs_nothing(void **state)
{
    board_image_t image = board_image((board_want_t){.size = 4096, .flash = 2});
    costs_nothing(*state, image.bytes, image.len, OTA_ERR_IMAGE_FLASH_SIZE, 3);
    board_image_free(&image);
}

static void an_image_without_hash_costs_nothing_where_one_is_required(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = 4096, .no_hash = true});
    board->device.require_hash = true;
    costs_nothing(board, image.bytes, image.len, OTA_ERR_IMAGE_NO_HASH, 23);
    board_image_free(&image);
}

static void a_first_segment_larger_than_the_slot_costs_nothing(void **state)
{
    board_image_t image = board_image((board_want_t){.size = 4096});
    ota_put_le32(image.bytes + 28, 0x30000);
    costs_nothing(*state, image.bytes, image.len, OTA_ERR_IMAGE_TOO_BIG, 28);
    board_image_free(&image);
}

static void an_announced_size_larger_than_the_slot_is_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    assert_int_equal(begin(board, &update, "ota_1", 0x30001, 0), OTA_ERR_RANGE);
    assert_int_equal(ota_update_fault(&update)->status, OTA_ERR_RANGE);
    /* stock rounds these up to 0 and erases nothing */
    assert_int_equal(begin(board, &update, "ota_1", 0xFFFFF001u, 0), OTA_ERR_RANGE);
    assert_int_equal(begin(board, &update, "ota_1", 0xFFFFFFFDu, 0), OTA_ERR_RANGE);
    assert_int_equal(begin(board, &update, "ota_1", 0x30001, OTA_UPDATE_SIZE_HINT), OTA_ERR_RANGE);
    assert_false(ota_update_open(&update));
}

/* --- whose flash it is ----------------------------------------------------------------------- */

static void the_running_slot_is_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    assert_int_equal(begin(board, &update, "ota_0", OTA_SIZE_UNKNOWN, 0), OTA_ERR_RUNNING);
    assert_false(ota_update_open(&update));
    assert_null(board->device.sessions);
}

static void an_app_that_is_no_ota_slot_is_refused(void **state)
{
    ota_update_t update;
    assert_int_equal(begin(*state, &update, "factory", OTA_SIZE_UNKNOWN, 0), OTA_ERR_NOT_A_SLOT);
}

static void a_read_only_partition_is_refused(void **state)
{
    ota_update_t update;
    assert_int_equal(begin(*state, &update, "locked", OTA_SIZE_UNKNOWN, 0), OTA_ERR_READ_ONLY);
}

static void a_partition_over_the_running_slot_is_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "storage");
    part.offset = 0x2F000;
    part.size = 0x2000;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_RUNNING);
    part.offset = 0x5F000;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_RUNNING);
}

static void a_slot_that_the_bootloader_would_not_take_is_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "ota_1");
    part.offset = 0x90000;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_NOT_IN_TABLE);
    part = board_part(board, "ota_1");
    part.size += 0x1000; /* into ota_2 */
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_NOT_IN_TABLE);
}

static void partitions_off_the_chip_or_off_sectors_are_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "storage");
    part.offset = BOARD_FLASH - 0x1000;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_RANGE);
    part.offset = 0xFFFFF000u;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_RANGE);
    part = board_part(board, "storage");
    part.offset += 16;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_ALIGN);
    part = board_part(board, "storage");
    part.size -= 16;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_ALIGN);
}

static void arguments_are_checked(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "ota_1");
    uint32_t offset = 0;
    assert_int_equal(ota_update_begin(NULL, &board->device, &part, 1, 0), OTA_ERR_ARG);
    assert_int_equal(ota_update_begin(&update, NULL, &part, 1, 0), OTA_ERR_ARG);
    assert_int_equal(ota_update_begin(&update, &board->device, NULL, 1, 0), OTA_ERR_ARG);
    assert_int_equal(ota_update_begin(&update, &board->device, &part, 1, 1u << 16), OTA_ERR_ARG);
    assert_int_equal(ota_update_resume(&update, &board->device, &part, 1, 0, NULL), OTA_ERR_ARG);
    assert_int_equal(ota_update_resume(&update, NULL, &part, 1, 0, &offset), OTA_ERR_ARG);
    board->nor.flash.version = 0;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, 1, 0), OTA_ERR_ARG);
    board->nor.flash.version = OTA_FLASH_VERSION;
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
    assert_int_equal(ota_update_write(&update, NULL, 1), OTA_ERR_ARG);
    assert_int_equal(ota_update_write(&update, NULL, 0), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 0, NULL, 1), OTA_ERR_ARG);
    assert_int_equal(ota_update_write_at(&update, 0, NULL, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, NULL, false), OTA_ERR_ARG);
    ota_update_abort(&update);
    ota_update_abort(&update);
    ota_update_abort(NULL);
    assert_false(ota_update_open(NULL));
}

static void a_closed_session_takes_nothing(void **state)
{
    (void)state;
    ota_update_t update = {0};
    ota_part_t part = {0};
    assert_int_equal(ota_update_write(&update, "x", 1), OTA_ERR_STATE);
    assert_int_equal(ota_update_write_at(&update, 0, "x", 1), OTA_ERR_STATE);
    assert_int_equal(ota_update_set_final(&update, &part, false), OTA_ERR_STATE);
    assert_int_equal(ota_update_finish(&update), OTA_ERR_STATE);
}

static void a_session_that_is_led_astray_still_spares_the_running_slot(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = 4096});
    open_session(board, &update, "ota_1", OTA_WITH_SEQUENTIAL_WRITES);
    board->device.running = 1; /* nobody does this; the last gate holds even so */
    assert_int_equal(ota_update_write(&update, image.bytes, image.len), OTA_ERR_RUNNING);
    assert_int_equal(board_operations(board), 0);
    ota_update_abort(&update);
    board->device.running = 0;
    open_session(board, &update, "spare", OTA_SIZE_UNKNOWN);
    assert_int_equal(ota_update_write(&update, image.bytes, 1), OTA_OK);
    update.staging.offset = 0x60000 - 2; /* ota_0 ends at 0x60000 */
    assert_int_equal(ota_update_write(&update, image.bytes, 1), OTA_ERR_RUNNING);
    update.staging.offset = 0x60000 - 1;
    assert_int_equal(ota_update_write(&update, image.bytes, 1), OTA_OK);
    update.staging.offset = 0x30000 - 3; /* ota_0 begins at 0x30000 */
    assert_int_equal(ota_update_write(&update, image.bytes, 2), OTA_ERR_RUNNING);
    update.staging.size = 2;
    assert_int_equal(ota_update_write(&update, image.bytes, 1), OTA_ERR_RANGE);
    ota_update_abort(&update);
    board_image_free(&image);
}

/* --- lengths ------------------------------------------------------------------------------------
 */

static void more_bytes_than_announced_are_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = 4096});
    open_session(board, &update, "ota_1", 4000);
    assert_int_equal(ota_update_write(&update, image.bytes, 4096), OTA_ERR_LENGTH);
    assert_int_equal(board_operations(board), 0);
    assert_int_equal(ota_update_write(&update, image.bytes, 3000), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 3996, image.bytes, 5), OTA_ERR_LENGTH);
    assert_int_equal(ota_update_finish(&update), OTA_ERR_LENGTH);
    assert_int_equal(ota_update_fault(&update)->offset, 3000);
    assert_false(ota_update_open(&update));
    board_image_free(&image);
}

static void a_hint_allows_other_lengths(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = 8192});
    assert_int_equal(board_update(board, "ota_1", &image, 4096, OTA_UPDATE_SIZE_HINT, 1000),
                     OTA_OK);
    assert_int_equal(board_update(board, "ota_1", &image, KIB(64), OTA_UPDATE_SIZE_HINT, 1000),
                     OTA_OK);
    board_image_free(&image);
}

static void bytes_beyond_the_partition_are_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    static uint8_t bytes[0x1001];
    open_session(board, &update, "table_new", OTA_SIZE_UNKNOWN);
    assert_int_equal(ota_update_write(&update, bytes, 0x1001), OTA_ERR_RANGE);
    assert_int_equal(ota_update_write_at(&update, 0x1000, bytes, 1), OTA_ERR_RANGE);
    assert_int_equal(ota_update_write_at(&update, 0xFFFFFFFFu, bytes, 2), OTA_ERR_RANGE);
    ota_update_abort(&update);
}

static void finishing_without_bytes_says_so(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
    assert_int_equal(ota_update_write(&update, "", 0), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_ERR_EMPTY);
    assert_false(ota_update_open(&update));
}

static void a_truncated_image_is_refused_with_its_place(void **state)
{
    board_t *board = *state;
    static const uint32_t cuts[] = {1, 23, 31, 32, 100, 4096, 8191};
    board_image_t image = board_image((board_want_t){.size = 8192});
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        ota_update_t update;
        open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
        assert_int_equal(ota_update_write(&update, image.bytes, cuts[i]), OTA_OK);
        assert_int_equal(ota_update_finish(&update), OTA_ERR_IMAGE_TRUNCATED);
        assert_int_equal(ota_update_fault(&update)->status, OTA_ERR_IMAGE_TRUNCATED);
        assert_int_equal(ota_update_fault(&update)->offset, cuts[i]);
        assert_int_equal(ota_update_written(&update), cuts[i]);
        if (cuts[i] < 32) {
            assert_int_equal(board_operations(board), 0);
        }
    }
    board_image_free(&image);
}

static void a_wrong_byte_is_found_when_the_hash_arrives(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = 8192});
    image.bytes[5000] ^= 1;
    image.bytes[5004] ^= 1; /* keeps the XOR checksum */
    assert_int_equal(board_update(board, "ota_1", &image, OTA_SIZE_UNKNOWN, 0, 1000),
                     OTA_ERR_IMAGE_HASH);
    board_image_free(&image);
}

static void a_refused_piece_can_be_sent_again_correctly(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = 8192});
    uint32_t last = image.len - OTA_SHA256_SIZE;
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
    assert_int_equal(ota_update_write(&update, "<html>", 6), OTA_ERR_IMAGE_MAGIC);
    assert_int_equal(ota_update_write(&update, image.bytes, last), OTA_OK);
    image.bytes[last] ^= 1;
    assert_int_equal(ota_update_write(&update, image.bytes + last, OTA_SHA256_SIZE),
                     OTA_ERR_IMAGE_HASH);
    assert_int_equal(ota_update_written(&update), last);
    image.bytes[last] ^= 1;
    assert_int_equal(ota_update_write(&update, image.bytes + last, OTA_SHA256_SIZE), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, board_setup, board_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_chunk_size_and_begin_mode_gives_the_same_flash_bytes),
        TEST(random_chunk_sizes_give_the_same_flash_bytes),
        TEST(begin_touches_nothing),
        TEST(an_html_page_costs_nothing),
        TEST(a_gzip_file_costs_nothing),
        TEST(another_chips_image_costs_nothing),
        TEST(an_image_for_a_larger_flash_chip_costs_nothing),
        TEST(an_image_without_hash_costs_nothing_where_one_is_required),
        TEST(a_first_segment_larger_than_the_slot_costs_nothing),
        TEST(an_announced_size_larger_than_the_slot_is_refused),
        TEST(the_running_slot_is_refused),
        TEST(an_app_that_is_no_ota_slot_is_refused),
        TEST(a_read_only_partition_is_refused),
        TEST(a_partition_over_the_running_slot_is_refused),
        TEST(a_slot_that_the_bootloader_would_not_take_is_refused),
        TEST(partitions_off_the_chip_or_off_sectors_are_refused),
        TEST(a_session_that_is_led_astray_still_spares_the_running_slot),
        TEST(arguments_are_checked),
        TEST(a_closed_session_takes_nothing),
        TEST(more_bytes_than_announced_are_refused),
        TEST(a_hint_allows_other_lengths),
        TEST(bytes_beyond_the_partition_are_refused),
        TEST(finishing_without_bytes_says_so),
        TEST(a_truncated_image_is_refused_with_its_place),
        TEST(a_wrong_byte_is_found_when_the_hash_arrives),
        TEST(a_refused_piece_can_be_sent_again_correctly),
    };
    return cmocka_run_group_tests_name("update", tests, NULL, NULL);
}
