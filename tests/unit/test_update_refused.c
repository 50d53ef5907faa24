/* SPDX-License-Identifier: Apache-2.0 */
/* update: what a final partition that is refused, or named again, leaves behind. */
#include "core/bytes.h"
#include "support/board.h"
#include "support/unit.h"

#define KIB(n) ((uint32_t)(n) << 10)

static void open_session(board_t *board, ota_update_t *update, const char *label)
{
    ota_part_t part = board_part(board, label);
    assert_int_equal(ota_update_begin(update, &board->device, &part, OTA_SIZE_UNKNOWN, 0), OTA_OK);
}

/* --- finals that are refused ---------------------------------------------------------------- */

static void a_refused_final_left_the_session_without_its_copy_and_with_a_smaller_limit(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    static uint8_t bytes[KIB(96)];
    ota_part_t staging = board_part(board, "storage");
    ota_part_t good = board_part(board, "ota_1");
    ota_part_t locked = board_part(board, "locked");
    ota_part_t small = board_part(board, "spare");
    board_image_t image = board_image((board_want_t){.size = KIB(96)});
    assert_int_equal(ota_update_begin(&update, &board->device, &staging, image.len, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &good, true), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &locked, true), OTA_ERR_READ_ONLY);
    assert_int_equal(ota_update_set_final(&update, &small, true), OTA_ERR_RANGE);
    assert_int_equal(ota_update_fault(&update)->status, OTA_ERR_RANGE);
    assert_int_equal(ota_update_write(&update, bytes, image.len), OTA_ERR_IMAGE_MAGIC);
    assert_int_equal(ota_update_write(&update, image.bytes, image.len), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static void a_final_refused_by_the_judge_spoilt_the_resumed_session(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t staging = board_part(board, "storage");
    ota_part_t app = board_part(board, "ota_1");
    ota_part_t data = board_part(board, "spare");
    uint32_t offset = KIB(8);
    board_image_t text = {.bytes = board->nor.bytes + 0xc0000, .len = KIB(12)};
    memset(board->nor.bytes + 0xc0000, 0x55, KIB(8));
    assert_int_equal(
        ota_update_resume(&update, &board->device, &staging, OTA_SIZE_UNKNOWN, 0, &offset), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &data, true), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &app, true), OTA_ERR_IMAGE_MAGIC);
    assert_int_equal(ota_update_write(&update, text.bytes, KIB(4)), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_true(board_holds(board, "spare", &text));
    assert_true(board_blank(board, 0x60000, 0x30000));
}

static void a_final_too_small_for_the_image_spoilt_the_resumed_session(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t target = board_part(board, "ota_1");
    ota_part_t small = board_part(board, "ota_2");
    uint32_t offset = KIB(8);
    board_image_t image = board_image((board_want_t){.size = KIB(16)});
    board_put(board, 0x60000, image.bytes, offset);
    small.size = KIB(12);
    assert_int_equal(
        ota_update_resume(&update, &board->device, &target, OTA_SIZE_UNKNOWN, 0, &offset), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &small, false), OTA_ERR_IMAGE_TOO_BIG);
    assert_int_equal(ota_update_fault(&update)->status, OTA_ERR_IMAGE_TOO_BIG);
    assert_int_equal(ota_update_write(&update, image.bytes + offset, image.len - offset), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static void naming_the_target_as_final_did_not_undo_an_earlier_one(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t other = board_part(board, "spare");
    ota_part_t target = board_part(board, "ota_1");
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    open_session(board, &update, "ota_1");
    assert_int_equal(ota_update_set_final(&update, &other, true), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &target, true), OTA_OK);
    assert_int_equal(ota_update_write(&update, "no image", 8), OTA_ERR_IMAGE_MAGIC);
    assert_int_equal(ota_update_write(&update, image.bytes, image.len), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_true(board_blank(board, 0xf0000, 0x10000));
    board_image_free(&image);
}

static void resumed_data_longer_than_final_was_cut_in_the_copy(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t staging = board_part(board, "storage");
    ota_part_t final = board_part(board, "spare");
    uint32_t offset = KIB(68);
    memset(board->nor.bytes + 0xc0000, 0x55, KIB(68));
    assert_int_equal(
        ota_update_resume(&update, &board->device, &staging, OTA_SIZE_UNKNOWN, 0, &offset), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_ERR_RANGE);
    ota_update_abort(&update);
}

/* Whoever copies it there later would find no room. */
static void an_image_larger_than_its_final_partition_is_refused_at_its_header(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "ota_1");
    board_image_t image = board_image((board_want_t){.size = KIB(64)});
    final.size = KIB(32);
    open_session(board, &update, "storage");
    assert_int_equal(ota_update_set_final(&update, &final, false), OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes, image.len), OTA_ERR_IMAGE_TOO_BIG);
    assert_int_equal(board_operations(board), 0);
    ota_update_abort(&update);
    board_image_free(&image);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, board_setup, board_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_refused_final_left_the_session_without_its_copy_and_with_a_smaller_limit),
        TEST(a_final_refused_by_the_judge_spoilt_the_resumed_session),
        TEST(a_final_too_small_for_the_image_spoilt_the_resumed_session),
        TEST(naming_the_target_as_final_did_not_undo_an_earlier_one),
        TEST(resumed_data_longer_than_final_was_cut_in_the_copy),
        TEST(an_image_larger_than_its_final_partition_is_refused_at_its_header),
    };
    return cmocka_run_group_tests_name("update: refused", tests, NULL, NULL);
}
