/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ESP-IDF's own tests of the OTA component do on a board, on a simulated one: updates around
 * the slots, rollback, damaged otadata, pins. docs/conformance.md names the origin of each.
 */
#include "support/idf_board.h"
#include "support/unit.h"

static idf_board_t board;

static int start(void **state, bool rollback)
{
    (void)state;
    idf_board_start(&board, idf_board_rows, idf_board_row_count);
    board.compat.config.boot.rollback = rollback;
    idf_board_image(&board, "factory", "1.0", 0x2010, 0);
    idf_board_run(&board, "factory");
    return 0;
}

static int set_up(void **state)
{
    return start(state, false);
}

static int set_up_rollback(void **state)
{
    return start(state, true);
}

static int tear_down(void **state)
{
    (void)state;
    idf_board_stop(&board);
    return 0;
}

/* Updates the next slot from what runs, boots it, and (as any application does) confirms. */
static void next(const char *expected)
{
    idf_board_update(&board, esp_ota_get_next_update_partition(NULL), OTA_SIZE_UNKNOWN, true);
    assert_string_equal(idf_board_boot(&board), expected);
    assert_string_equal(esp_ota_get_running_partition()->label, expected);
    if (board.compat.config.boot.rollback) {
        assert_int_equal(esp_ota_mark_app_valid_cancel_rollback(), ESP_OK);
    }
}

static esp_ota_img_states_t state_of(const char *label)
{
    esp_ota_img_states_t state;
    assert_int_equal(esp_ota_get_state_partition(idf_board_part(label), &state), ESP_OK);
    return state;
}

/* Zeroes the CRC of one otadata copy in place, as a failing chip would. */
static void spoil_copy(unsigned copy)
{
    memset(board.nor.bytes + idf_board_part("otadata")->address + copy * 0x1000u + 28, 0, 4);
}

static void updates_go_around_the_slots(void **state)
{
    (void)state;
    next("ota_0");
    next("ota_1");
    next("ota_0");
}

static void a_damaged_first_copy_leaves_the_decision_to_the_second(void **state)
{
    (void)state;
    next("ota_0");
    idf_board_update(&board, idf_board_part("ota_1"), OTA_SIZE_UNKNOWN, true);
    spoil_copy(0);
    assert_string_equal(idf_board_boot(&board), "ota_1");
}

static void two_damaged_copies_boot_factory(void **state)
{
    (void)state;
    next("ota_0");
    next("ota_1");
    spoil_copy(0);
    spoil_copy(1);
    assert_string_equal(idf_board_boot(&board), "factory");
}

static void a_damaged_second_copy_boots_the_first(void **state)
{
    (void)state;
    next("ota_0");
    next("ota_1");
    spoil_copy(1);
    assert_string_equal(idf_board_boot(&board), "ota_0");
}

static void the_factory_pin_boots_factory_and_forgets_otadata(void **state)
{
    (void)state;
    next("ota_0");
    board.compat.config.boot.factory_reset = true;
    board.compat.config.boot.factory_erases_otadata = true;
    board.factory_pin = true;
    assert_string_equal(idf_board_boot(&board), "factory");
    board.factory_pin = false;
    assert_string_equal(idf_board_boot(&board), "factory");
}

static void the_test_pin_boots_the_test_app_once(void **state)
{
    (void)state;
    idf_board_image(&board, "test", "t", 0, 0);
    board.compat.config.boot.test_app = true;
    board.test_pin = true;
    assert_string_equal(idf_board_boot(&board), "test");
    board.test_pin = false;
    assert_string_equal(idf_board_boot(&board), "factory");
}

static void a_rejected_first_update_goes_back_to_factory(void **state)
{
    (void)state;
    bool rollback = board.compat.config.boot.rollback;
    esp_ota_img_states_t ignored;
    idf_board_update(&board, idf_board_part("ota_0"), OTA_WITH_SEQUENTIAL_WRITES, true);
    assert_int_equal(state_of("ota_0"), rollback ? ESP_OTA_IMG_NEW : ESP_OTA_IMG_UNDEFINED);
    assert_int_equal(esp_ota_get_state_partition(idf_board_part("factory"), &ignored),
                     ESP_ERR_NOT_SUPPORTED);
    assert_string_equal(idf_board_boot(&board), "ota_0");
    assert_int_equal(state_of("ota_0"),
                     rollback ? ESP_OTA_IMG_PENDING_VERIFY : ESP_OTA_IMG_UNDEFINED);
    assert_int_equal(esp_ota_mark_app_valid_cancel_rollback(), ESP_OK);
    assert_int_equal(state_of("ota_0"), ESP_OTA_IMG_VALID);
    assert_string_equal(idf_board_boot(&board), "ota_0");
    assert_int_equal(state_of("ota_0"), ESP_OTA_IMG_VALID);
    assert_null(esp_ota_get_last_invalid_partition());

    assert_true(esp_ota_check_rollback_is_possible());
    assert_int_equal(esp_ota_mark_app_invalid_rollback_and_reboot(), ESP_OK);
    assert_int_equal(board.restarts, 1);
    assert_string_equal(idf_board_boot(&board), "factory");
    assert_ptr_equal(esp_ota_get_last_invalid_partition(), idf_board_part("ota_0"));
    assert_ptr_equal(esp_ota_get_last_invalid_partition(), esp_ota_get_next_update_partition(NULL));
    assert_int_equal(state_of("ota_0"), ESP_OTA_IMG_INVALID);
}

static void an_unconfirmed_update_is_aborted_at_the_next_boot(void **state)
{
    (void)state;
    next("ota_0");
    idf_board_update(&board, idf_board_part("ota_1"), OTA_SIZE_UNKNOWN, true);
    assert_string_equal(idf_board_boot(&board), "ota_1");
    assert_int_equal(state_of("ota_1"), ESP_OTA_IMG_PENDING_VERIFY);
    assert_string_equal(idf_board_boot(&board), "ota_0");
    assert_int_equal(state_of("ota_1"), ESP_OTA_IMG_ABORTED);
    assert_ptr_equal(esp_ota_get_last_invalid_partition(), idf_board_part("ota_1"));
    assert_ptr_equal(esp_ota_get_next_update_partition(NULL), idf_board_part("ota_1"));
    assert_int_equal(state_of("ota_0"), ESP_OTA_IMG_VALID);
}

static void without_rollback_a_rejected_update_goes_back_too(void **state)
{
    (void)state;
    next("ota_0");
    assert_int_equal(esp_ota_mark_app_valid_cancel_rollback(), ESP_OK);
    next("ota_1");
    assert_int_equal(esp_ota_mark_app_invalid_rollback(), ESP_OK);
    assert_int_equal(state_of("ota_1"), ESP_OTA_IMG_INVALID);
    assert_string_equal(idf_board_boot(&board), "ota_0");
    assert_ptr_equal(esp_ota_get_last_invalid_partition(), idf_board_part("ota_1"));
    assert_int_equal(state_of("ota_0"), ESP_OTA_IMG_VALID);
}

static void erasing_the_last_app_leaves_factory_to_go_back_to(void **state)
{
    (void)state;
    next("ota_0");
    next("ota_1");
    assert_int_equal(esp_ota_erase_last_boot_app_partition(), ESP_OK);
    const esp_partition_t *old = idf_board_part("ota_0");
    for (uint32_t i = 0; i < old->size; i++) {
        assert_int_equal(board.nor.bytes[old->address + i], 0xFF);
    }
    assert_int_equal(esp_ota_mark_app_invalid_rollback_and_reboot(), ESP_OK);
    assert_string_equal(idf_board_boot(&board), "factory");
    assert_int_equal(esp_ota_erase_last_boot_app_partition(), ESP_FAIL);
}

static void a_slot_written_by_offsets_boots(void **state)
{
    (void)state;
    const esp_partition_t *running = esp_ota_get_running_partition();
    const esp_partition_t *target = esp_ota_get_next_update_partition(NULL);
    esp_ota_handle_t handle;
    assert_int_equal(esp_ota_begin(target, OTA_SIZE_UNKNOWN, &handle), ESP_OK);
    for (uint32_t at = 0; at < running->size; at += 4096) {
        assert_int_equal(
            esp_ota_write_with_offset(handle, board.nor.bytes + running->address + at, 4096, at),
            ESP_OK);
    }
    assert_int_equal(esp_ota_end(handle), ESP_OK);
    assert_memory_equal(board.nor.bytes + target->address, board.nor.bytes + running->address,
                        running->size);
    assert_int_equal(esp_ota_set_boot_partition(target), ESP_OK);
    assert_string_equal(idf_board_boot(&board), "ota_0");
}

static void writing_a_slot_forgets_its_record_and_an_unselected_update_stays_out(void **state)
{
    (void)state;
    esp_ota_img_states_t ignored;
    next("ota_0");
    next("ota_1");
    idf_board_update(&board, idf_board_part("ota_0"), OTA_SIZE_UNKNOWN, false);
    assert_int_equal(esp_ota_get_state_partition(idf_board_part("ota_0"), &ignored),
                     ESP_ERR_NOT_FOUND);
    assert_string_equal(idf_board_boot(&board), "ota_1");
    assert_int_equal(state_of("ota_1"), ESP_OTA_IMG_VALID);
    assert_null(esp_ota_get_last_invalid_partition());
}

static void updating_the_same_slot_twice_keeps_the_running_record(void **state)
{
    (void)state;
    next("ota_0");
    idf_board_update(&board, idf_board_part("ota_1"), OTA_SIZE_UNKNOWN, true);
    idf_board_update(&board, idf_board_part("ota_1"), OTA_SIZE_UNKNOWN, true);
    assert_int_equal(state_of("ota_0"),
                     board.compat.config.boot.rollback ? ESP_OTA_IMG_VALID : ESP_OTA_IMG_UNDEFINED);
    assert_string_equal(idf_board_boot(&board), "ota_1");
}

#define PLAIN(test)    cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define ROLLBACK(test) cmocka_unit_test_setup_teardown(test, set_up_rollback, tear_down)

/* The copy that is not in force is the running app's as long as the new choice was not booted. */
static void the_running_apps_record_is_never_forgotten(void **state)
{
    (void)state;
    uint8_t before[0x2000];
    const uint8_t *otadata = board.nor.bytes + idf_board_part("otadata")->address;
    next("ota_0");
    idf_board_update(&board, idf_board_part("ota_1"), OTA_SIZE_UNKNOWN, true);
    memcpy(before, otadata, sizeof(before));
    assert_int_equal(esp_ota_invalidate_inactive_ota_data_slot(), ESP_FAIL);
    assert_int_equal(esp_ota_erase_last_boot_app_partition(), ESP_FAIL);
    assert_memory_equal(otadata, before, sizeof(before));
}

static void a_cut_while_the_last_app_is_erased_leaves_no_record_of_it(void **state)
{
    (void)state;
    next("ota_0");
    next("ota_1");
    esp_ota_img_states_t before;
    assert_int_equal(esp_ota_get_state_partition(idf_board_part("ota_0"), &before), ESP_OK);
    board.nor.fail_in = 1;
    assert_int_not_equal(esp_ota_erase_last_boot_app_partition(), ESP_OK);
    assert_int_equal(esp_ota_get_state_partition(idf_board_part("ota_0"), &before),
                     ESP_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(updates_go_around_the_slots),
        ROLLBACK(updates_go_around_the_slots),
        PLAIN(a_damaged_first_copy_leaves_the_decision_to_the_second),
        PLAIN(the_running_apps_record_is_never_forgotten),
        PLAIN(a_cut_while_the_last_app_is_erased_leaves_no_record_of_it),
        PLAIN(two_damaged_copies_boot_factory),
        PLAIN(a_damaged_second_copy_boots_the_first),
        PLAIN(the_factory_pin_boots_factory_and_forgets_otadata),
        PLAIN(the_test_pin_boots_the_test_app_once),
        PLAIN(a_rejected_first_update_goes_back_to_factory),
        ROLLBACK(a_rejected_first_update_goes_back_to_factory),
        ROLLBACK(an_unconfirmed_update_is_aborted_at_the_next_boot),
        PLAIN(without_rollback_a_rejected_update_goes_back_too),
        PLAIN(erasing_the_last_app_leaves_factory_to_go_back_to),
        ROLLBACK(erasing_the_last_app_leaves_factory_to_go_back_to),
        PLAIN(a_slot_written_by_offsets_boots),
        ROLLBACK(writing_a_slot_forgets_its_record_and_an_unselected_update_stays_out),
        PLAIN(updating_the_same_slot_twice_keeps_the_running_record),
        ROLLBACK(updating_the_same_slot_twice_keeps_the_running_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
