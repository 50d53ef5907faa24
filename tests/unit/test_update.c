/* SPDX-License-Identifier: Apache-2.0 */
/* update: what a session accepts, refuses, erases and leaves behind. */
#include "core/bytes.h"
#include "support/board.h"
#include "support/unit.h"

#define KIB(n) ((uint32_t)(n) << 10)

static int setup(void **state)
{
    static board_t board;
    board_start(&board);
    *state = &board;
    return 0;
}

static int teardown(void **state)
{
    board_stop(*state);
    return 0;
}

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

static void a_first_segment_larger_than_the_slot_costs_nothing(void **state)
{
    board_image_t image = board_image((board_want_t){.size = 4096});
    put_le32(image.bytes + 28, 0x30000);
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
    board_image_free(&image);
}

/* --- sessions side by side ------------------------------------------------------------------- */

static void a_second_session_on_a_slot_is_refused_until_the_first_ends(void **state)
{
    board_t *board = *state;
    ota_update_t first;
    ota_update_t second;
    open_session(board, &first, "ota_1", OTA_SIZE_UNKNOWN);
    assert_int_equal(begin(board, &second, "ota_1", OTA_SIZE_UNKNOWN, 0), OTA_ERR_BUSY);
    assert_false(ota_update_open(&second));
    ota_update_abort(&first);
    open_session(board, &second, "ota_1", OTA_SIZE_UNKNOWN);
    assert_int_equal(ota_update_finish(&second), OTA_ERR_EMPTY); /* also ends it */
    open_session(board, &first, "ota_1", OTA_SIZE_UNKNOWN);
    ota_update_abort(&first);
    assert_null(board->device.sessions);
}

static void sessions_on_different_partitions_do_not_disturb_each_other(void **state)
{
    board_t *board = *state;
    ota_update_t a;
    ota_update_t b;
    ota_update_t c;
    board_image_t image = board_image((board_want_t){.size = 8192, .seed = 5});
    open_session(board, &a, "ota_1", OTA_SIZE_UNKNOWN);
    open_session(board, &b, "storage", OTA_SIZE_UNKNOWN);
    open_session(board, &c, "spare", OTA_SIZE_UNKNOWN);
    for (uint32_t at = 0; at < image.len; at += 512) {
        assert_int_equal(ota_update_write(&a, image.bytes + at, 512), OTA_OK);
        assert_int_equal(ota_update_write(&b, image.bytes + at, 512), OTA_OK);
    }
    ota_update_abort(&c);
    assert_int_equal(ota_update_finish(&a), OTA_OK);
    assert_int_equal(ota_update_finish(&b), OTA_OK);
    assert_true(board_holds(board, "ota_1", &image));
    assert_true(board_holds(board, "storage", &image));
    assert_null(board->device.sessions);
    board_image_free(&image);
}

static void an_open_struct_cannot_be_begun_again(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
    assert_int_equal(begin(board, &update, "storage", OTA_SIZE_UNKNOWN, 0), OTA_ERR_STATE);
    assert_true(ota_update_open(&update));
    assert_int_equal(update.staging.subtype, 0x11);
    ota_update_abort(&update);
}

static void the_next_slot_asked_twice_stays_the_same(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_slot_t first;
    ota_slot_t again;
    assert_int_equal(ota_device_next(&board->device, &first), OTA_OK);
    assert_int_equal(first, 1);
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
    assert_int_equal(ota_device_next(&board->device, &again), OTA_OK);
    assert_int_equal(again, first);
    ota_update_abort(&update);
}

/* --- trials and records ----------------------------------------------------------------------- */

static void put_state(board_t *board, int copy, uint32_t state)
{
    ota_otadata_t od;
    uint8_t bytes[OTA_ENTRY_SIZE];
    assert_int_equal(ota_otadata_read(&board->nor.flash, board->device.layout.otadata, &od),
                     OTA_OK);
    od.copy[copy].state = state;
    ota_entry_encode(bytes, &od.copy[copy]);
    board_put(board, 0xd000 + (uint32_t)copy * OTA_OTADATA_SECTOR, bytes, sizeof(bytes));
}

static void no_update_while_the_running_app_is_on_trial(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint32_t offset = 0;
    ota_part_t part = board_part(board, "ota_1");
    board->device.boot.rollback = true;
    put_state(board, 0, OTA_STATE_PENDING);
    assert_int_equal(begin(board, &update, "ota_1", OTA_SIZE_UNKNOWN, 0), OTA_ERR_UNCONFIRMED);
    assert_int_equal(
        ota_update_resume(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0, &offset),
        OTA_ERR_UNCONFIRMED);
    open_session(board, &update, "storage", OTA_SIZE_UNKNOWN); /* data is another matter */
    ota_update_abort(&update);
    put_state(board, 0, OTA_STATE_VALID);
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
    ota_update_abort(&update);
}

static void users_15_a_half_written_slot_is_not_counted_as_valid(void **state)
{
    board_t *board = *state;
    for (int rollback = 0; rollback < 2; rollback++) {
        board_log_t log;
        ota_otadata_t od;
        ota_update_t update;
        board_image_t image = board_image((board_want_t){.size = 8192});
        board_stop(board);
        board_start(board);
        board->device.boot.rollback = rollback != 0;
        board_log(board, &log);
        open_session(board, &update, "ota_1", OTA_WITH_SEQUENTIAL_WRITES);
        assert_int_equal(ota_update_write(&update, image.bytes, 4096), OTA_OK);
        assert_string_equal(log.text, "e:e000:1000 e:60000:1000 w:60000:1000");
        assert_int_equal(ota_otadata_read(&board->nor.flash, board->device.layout.otadata, &od),
                         OTA_OK);
        assert_true(ota_entry_is_blank(&od.copy[1]));
        assert_int_equal(ota_entry_slot(&od.copy[0], 3), 0);
        assert_int_equal(od.copy[0].state, OTA_STATE_VALID);
        ota_update_abort(&update);
        board_image_free(&image);
    }
}

static void users_1_the_slot_after_a_fallback_boot_is_not_the_running_one(void **state)
{
    board_t *board = *state;
    ota_slot_t next;
    ota_update_t update;
    /* otadata names ota_1, the bootloader fell back to ota_0 */
    put_state(board, 0, OTA_STATE_INVALID);
    assert_int_equal(ota_device_next(&board->device, &next), OTA_OK);
    assert_int_equal(next, 1);
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
    ota_update_abort(&update);
}

static void users_2_updaters_that_race_cannot_both_have_the_slot(void **state)
{
    board_t *board = *state;
    ota_update_t bluetooth;
    ota_update_t http;
    board_image_t image = board_image((board_want_t){.size = 4096, .seed = 6});
    open_session(board, &bluetooth, "ota_1", OTA_SIZE_UNKNOWN);
    assert_int_equal(ota_update_write(&bluetooth, image.bytes, 2048), OTA_OK);
    assert_int_equal(begin(board, &http, "ota_1", OTA_SIZE_UNKNOWN, 0), OTA_ERR_BUSY);
    assert_int_equal(ota_update_write(&bluetooth, image.bytes + 2048, 2048), OTA_OK);
    assert_int_equal(ota_update_finish(&bluetooth), OTA_OK);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static void users_7_a_table_with_one_slot_is_refused_and_not_overwritten(void **state)
{
    board_t *board = *state;
    ota_slot_t next;
    ota_update_t update;
    board->device.layout.slot[1] = (ota_region_t){0, 0};
    board->device.layout.slot[2] = (ota_region_t){0, 0};
    board->device.layout.boot_count = 1;
    board->device.layout.app_count = 1;
    assert_int_equal(ota_device_next(&board->device, &next), OTA_ERR_ONLY_SLOT);
    assert_int_equal(begin(board, &update, "ota_0", OTA_SIZE_UNKNOWN, 0), OTA_ERR_RUNNING);
    assert_int_equal(board_operations(board), 0);
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_chunk_size_and_begin_mode_gives_the_same_flash_bytes),
        TEST(random_chunk_sizes_give_the_same_flash_bytes),
        TEST(begin_touches_nothing),
        TEST(an_html_page_costs_nothing),
        TEST(a_gzip_file_costs_nothing),
        TEST(another_chips_image_costs_nothing),
        TEST(an_image_for_a_larger_flash_chip_costs_nothing),
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
        TEST(a_second_session_on_a_slot_is_refused_until_the_first_ends),
        TEST(sessions_on_different_partitions_do_not_disturb_each_other),
        TEST(an_open_struct_cannot_be_begun_again),
        TEST(the_next_slot_asked_twice_stays_the_same),
        TEST(no_update_while_the_running_app_is_on_trial),
        TEST(users_15_a_half_written_slot_is_not_counted_as_valid),
        TEST(users_1_the_slot_after_a_fallback_boot_is_not_the_running_one),
        TEST(users_2_updaters_that_race_cannot_both_have_the_slot),
        TEST(users_7_a_table_with_one_slot_is_refused_and_not_overwritten),
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
