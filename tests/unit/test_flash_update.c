/* SPDX-License-Identifier: Apache-2.0 */
/* flash_update: one whole update through the public calls, step by step, with its bill. */
#include "host/flash_update.h"
#include "support/board.h"
#include "support/unit.h"

#define KIB(n) ((uint32_t)(n) << 10)

static flash_update_wish_t wish_of(const board_image_t *image)
{
    return (flash_update_wish_t){
        .bytes = image->bytes, .len = image->len, .size = image->len, .chunk = 4096};
}

static void a_whole_update_lands_in_the_next_slot_and_boots_next(void **state)
{
    board_t *board = *state;
    flash_meter_t meter;
    flash_update_result_t result;
    board_image_t image = board_image((board_want_t){.size = KIB(70)});
    flash_update_wish_t wish = wish_of(&image);
    flash_meter_arm(&meter, &board->nor.flash);
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_OK);
    assert_int_equal(result.step, FLASH_UPDATE_DONE);
    assert_int_equal(result.slot, 1);
    assert_true(result.selected);
    assert_int_equal(result.written, image.len);
    assert_string_equal(result.target.label, "ota_1");
    assert_true(board_holds(board, "ota_1", &image));
    assert_int_equal(ota_device_chosen(&board->device), 1);
    assert_int_equal(meter.bill.erases[2], board->nor.erases[2]);
    assert_int_equal(meter.bill.erases[0], board->nor.erases[0]);
    assert_int_equal(meter.bill.programmed_bytes, board->nor.programmed_bytes);
    board_image_free(&image);
}

static void keep_choice_leaves_what_boots(void **state)
{
    board_t *board = *state;
    flash_update_result_t result;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    flash_update_wish_t wish = wish_of(&image);
    wish.keep_choice = true;
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_OK);
    assert_false(result.selected);
    assert_int_equal(ota_device_chosen(&board->device), 0);
    board_image_free(&image);
}

static void failures_name_their_step(void **state)
{
    board_t *board = *state;
    flash_update_result_t result;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    board_image_t other = board_image((board_want_t){.size = KIB(8), .chip = 5});
    flash_update_wish_t wish = wish_of(&other);
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_ERR_IMAGE_CHIP);
    assert_int_equal(result.step, FLASH_UPDATE_WRITE);
    assert_int_equal(result.fault.offset, 12);
    wish = wish_of(&image);
    wish.len -= 100;
    wish.size = wish.len;
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_ERR_IMAGE_TRUNCATED);
    assert_int_equal(result.step, FLASH_UPDATE_FINISH);
    wish.judge_first = true;
    uint64_t operations = board_operations(board);
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_ERR_IMAGE_TRUNCATED);
    assert_int_equal(result.step, FLASH_UPDATE_JUDGE);
    assert_int_equal(board_operations(board), operations);
    wish.judge_first = false;
    wish.size = KIB(1024);
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_ERR_RANGE);
    assert_int_equal(result.step, FLASH_UPDATE_BEGIN);
    board->device.layout.otadata.size = 0;
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_ERR_NO_OTADATA);
    assert_int_equal(result.step, FLASH_UPDATE_TARGET);
    board->device.layout.slot[1].size = 0;
    board->device.layout.slot[2].size = 0;
    board->device.layout.boot_count = 1;
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_ERR_ONLY_SLOT);
    assert_int_equal(result.fault.status, OTA_ERR_ONLY_SLOT);
    assert_null(board->device.sessions);
    board_image_free(&image);
    board_image_free(&other);
}

/* A bit that flipped after the update. */
static void a_damaged_byte_is_found_and_sent_again(void **state)
{
    board_t *board = *state;
    flash_update_result_t result;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    flash_update_wish_t wish = wish_of(&image);
    wish.keep_choice = true;
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_OK);
    board->nor.bytes[0x61000] ^= 4;
    wish.keep_choice = false;
    wish.resume = true; /* the damaged part is seen, and sent again */
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_OK);
    assert_int_equal(result.found, 0x1000);
    assert_int_equal(result.resumed, 0x1000);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static void resuming_where_nothing_is_starts_over(void **state)
{
    board_t *board = *state;
    flash_update_result_t result;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    flash_update_wish_t wish = wish_of(&image);
    wish.resume = true;
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_OK);
    assert_int_equal(result.resumed, 0);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static void data_is_written_and_nothing_selected(void **state)
{
    board_t *board = *state;
    flash_update_result_t result;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    flash_update_wish_t wish = wish_of(&image);
    ota_part_t target = board_part(board, "storage");
    ota_part_t final = board_part(board, "ota_2");
    wish.target = &target;
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_OK);
    assert_int_equal(result.slot, OTA_SLOT_NONE);
    assert_int_equal(ota_device_chosen(&board->device), 0);
    wish.final = &final;
    wish.copy = true;
    assert_int_equal(flash_update_run(&board->device, &wish, &result), OTA_OK);
    assert_int_equal(result.slot, 2);
    assert_int_equal(ota_device_chosen(&board->device), 2);
    assert_true(board_holds(board, "ota_2", &image));
    board_image_free(&image);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, board_setup, board_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_whole_update_lands_in_the_next_slot_and_boots_next),
        TEST(keep_choice_leaves_what_boots),
        TEST(failures_name_their_step),
        TEST(a_damaged_byte_is_found_and_sent_again),
        TEST(resuming_where_nothing_is_starts_over),
        TEST(data_is_written_and_nothing_selected),
    };
    return cmocka_run_group_tests_name("flash_update", tests, NULL, NULL);
}
