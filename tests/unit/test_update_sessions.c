/* SPDX-License-Identifier: Apache-2.0 */
/* update: sessions beside each other, trials, and the records of the slots they write. */
#include "core/bytes.h"
#include "core/update.h"
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
    board->device.boot.rollback = false;
    board->device.boot.anti_rollback = true; /* implies it */
    assert_int_equal(begin(board, &update, "ota_1", OTA_SIZE_UNKNOWN, 0), OTA_ERR_UNCONFIRMED);
    put_state(board, 0, OTA_STATE_VALID);
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
    ota_update_abort(&update);
}

static void a_record_that_could_not_be_forgotten_is_forgotten_by_the_next_try(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = 4096});
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
    board->nor.fail_in = 0;
    assert_int_equal(ota_update_write(&update, image.bytes, image.len), OTA_ERR_FLASH_ERASE);
    assert_false(board_blank(board, 0xe000, OTA_ENTRY_SIZE));
    assert_true(board_blank(board, 0x60000, 4096));
    assert_int_equal(ota_update_write(&update, image.bytes, image.len), OTA_OK);
    assert_true(board_blank(board, 0xe000, OTA_ENTRY_SIZE));
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    board_image_free(&image);
}

static void a_table_without_otadata_has_no_record_to_forget(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = 4096});
    board->device.layout.otadata.size = 0;
    assert_int_equal(board_update(board, "ota_1", &image, OTA_SIZE_UNKNOWN, 0, 1000), OTA_OK);
    board->device.layout.otadata.size = OTA_OTADATA_SECTOR;
    assert_int_equal(board_update(board, "ota_2", &image, OTA_SIZE_UNKNOWN, 0, 1000), OTA_OK);
    assert_false(board_blank(board, 0xd000, OTA_ENTRY_SIZE));
    board_image_free(&image);
}

static void a_final_that_is_only_meant_leaves_its_partition_free(void **state)
{
    board_t *board = *state;
    ota_update_t first;
    ota_update_t second;
    ota_part_t final = board_part(board, "ota_1");
    open_session(board, &first, "storage", OTA_SIZE_UNKNOWN);
    assert_int_equal(ota_update_set_final(&first, &final, false), OTA_OK);
    open_session(board, &second, "ota_1", OTA_SIZE_UNKNOWN);
    ota_update_abort(&second);
    ota_update_abort(&first);
}

static void a_final_that_will_be_copied_to_is_taken(void **state)
{
    board_t *board = *state;
    ota_update_t first;
    ota_update_t second;
    ota_part_t final = board_part(board, "ota_1");
    open_session(board, &first, "storage", OTA_SIZE_UNKNOWN);
    assert_int_equal(ota_update_set_final(&first, &final, true), OTA_OK);
    assert_int_equal(begin(board, &second, "ota_1", OTA_SIZE_UNKNOWN, 0), OTA_ERR_BUSY);
    open_session(board, &second, "spare", OTA_SIZE_UNKNOWN);
    ota_update_abort(&second);
    ota_update_abort(&first);
}

/* A session must not move; one that did nevertheless harms no other. */
static void a_copy_of_a_session_ends_nothing(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    open_session(board, &update, "ota_1", OTA_SIZE_UNKNOWN);
    ota_update_t copy = update;
    ota_update_abort(&copy);
    assert_ptr_equal(board->device.sessions, &update);
    assert_null(update.next);
    ota_update_abort(&update);
    assert_null(board->device.sessions);
}

static void nothing_overlaps_what_has_no_length(void **state)
{
    (void)state;
    assert_true(update_overlap(5, 1, 0, 10));
    assert_false(update_overlap(5, 0, 0, 10));
    assert_false(update_overlap(0, 10, 5, 0));
    assert_false(update_overlap(0, 5, 5, 5));
    assert_false(update_overlap(5, 5, 0, 5));
}

/* Nothing can be written into it, wherever it lies. */
static void an_empty_partition_is_in_nobodys_way(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    const ota_part_t empty = {.type = OTA_TYPE_DATA, .subtype = 0x82, .offset = 0x31000};
    assert_int_equal(ota_update_begin(&update, &board->device, &empty, OTA_SIZE_UNKNOWN, 0),
                     OTA_OK);
    assert_int_equal(ota_update_write(&update, "x", 1), OTA_ERR_RANGE);
    ota_update_abort(&update);
}

/* Too large besides: what is worse is said. */
static void the_running_slot_is_refused_whatever_the_size(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    assert_int_equal(begin(board, &update, "ota_0", 0x40000, 0), OTA_ERR_RUNNING);
    assert_int_equal(begin(board, &update, "ota_1", 0x40000, 0), OTA_ERR_RANGE);
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, board_setup, board_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_second_session_on_a_slot_is_refused_until_the_first_ends),
        TEST(sessions_on_different_partitions_do_not_disturb_each_other),
        TEST(an_open_struct_cannot_be_begun_again),
        TEST(the_next_slot_asked_twice_stays_the_same),
        TEST(no_update_while_the_running_app_is_on_trial),
        TEST(a_record_that_could_not_be_forgotten_is_forgotten_by_the_next_try),
        TEST(a_table_without_otadata_has_no_record_to_forget),
        TEST(a_final_that_is_only_meant_leaves_its_partition_free),
        TEST(nothing_overlaps_what_has_no_length),
        TEST(an_empty_partition_is_in_nobodys_way),
        TEST(the_running_slot_is_refused_whatever_the_size),
        TEST(a_copy_of_a_session_ends_nothing),
        TEST(a_final_that_will_be_copied_to_is_taken),
        TEST(users_15_a_half_written_slot_is_not_counted_as_valid),
        TEST(users_1_the_slot_after_a_fallback_boot_is_not_the_running_one),
        TEST(users_2_updaters_that_race_cannot_both_have_the_slot),
        TEST(users_7_a_table_with_one_slot_is_refused_and_not_overwritten),
    };
    return cmocka_run_group_tests_name("update: sessions", tests, NULL, NULL);
}
