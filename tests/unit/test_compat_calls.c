/* SPDX-License-Identifier: Apache-2.0 */
/* The esp_ota calls one by one: arguments, codes, handles; and the faults of the original that must
 * not come back. */
#include "support/idf_board.h"
#include "support/unit.h"

static idf_board_t board;
static uint8_t image[0x3000];
static uint32_t image_len;

static int start(bool rollback)
{
    idf_board_start(&board, idf_board_rows, idf_board_row_count);
    board.compat.config.boot.rollback = rollback;
    idf_board_image(&board, "ota_0", "1.0", 0x2010, 0);
    idf_board_run(&board, "ota_0");
    const esp_partition_t *running = esp_ota_get_running_partition();
    const esp_partition_pos_t where = {running->address, running->size};
    esp_image_metadata_t data;
    assert_int_equal(esp_image_verify(ESP_IMAGE_VERIFY, &where, &data), ESP_OK);
    image_len = data.image_len;
    memcpy(image, board.nor.bytes + running->address, image_len);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return start(false);
}

static int set_up_rollback(void **state)
{
    (void)state;
    return start(true);
}

static int tear_down(void **state)
{
    (void)state;
    idf_board_stop(&board);
    return 0;
}

static void begin_refuses_and_leaves_the_handle_alone(void **state)
{
    (void)state;
    esp_ota_handle_t handle = 0;
    const esp_partition_t *running = esp_ota_get_running_partition();
    assert_int_equal(esp_ota_begin(running, OTA_SIZE_UNKNOWN, &handle),
                     ESP_ERR_OTA_PARTITION_CONFLICT);
    assert_int_equal(handle, 0);
    esp_partition_t copy = *idf_board_part("ota_1");
    copy.address--;
    assert_int_equal(esp_ota_begin(&copy, OTA_SIZE_UNKNOWN, &handle), ESP_ERR_NOT_FOUND);
    assert_int_equal(handle, 0);
    assert_int_equal(esp_ota_begin(NULL, 0, &handle), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_begin(idf_board_part("ota_1"), 0, NULL), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_begin(idf_board_part("factory"), 0, &handle), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_begin(idf_board_part("test"), 0, &handle), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_begin(idf_board_part("ota_1"), 0xB0001, &handle),
                     ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_ota_begin(idf_board_part("ota_1"), 0xFFFFF800, &handle),
                     ESP_ERR_INVALID_SIZE);
    assert_int_equal(handle, 0);
    assert_int_equal(board.nor.erases[0] + board.nor.erases[1] + board.nor.erases[2], 0);
}

static void huge_app_names_the_running_slot_and_begin_refuses_it(void **state)
{
    (void)state;
    static const idf_board_row_t huge[] = {
        {"nvs", OTA_TYPE_DATA, OTA_SUBTYPE_NVS, 0x9000, 0x5000, 0},
        {"otadata", OTA_TYPE_DATA, OTA_SUBTYPE_OTADATA, 0xE000, 0x2000, 0},
        {"app0", OTA_TYPE_APP, OTA_SUBTYPE_OTA_0, 0x10000, 0x300000, 0},
    };
    idf_board_stop(&board);
    idf_board_start(&board, huge, 3);
    idf_board_image(&board, "app0", "1.0", 0, 0);
    idf_board_run(&board, "app0");
    esp_ota_handle_t handle = 0;
    const esp_partition_t *target = esp_ota_get_next_update_partition(NULL);
    assert_ptr_equal(target, esp_ota_get_running_partition());
    assert_int_equal(esp_ota_begin(target, OTA_SIZE_UNKNOWN, &handle),
                     ESP_ERR_OTA_PARTITION_CONFLICT);
}

static void a_pending_app_must_be_settled_before_the_next_update(void **state)
{
    (void)state;
    esp_ota_handle_t handle = 0;
    idf_board_update(&board, idf_board_part("ota_1"), OTA_SIZE_UNKNOWN, true);
    assert_string_equal(idf_board_boot(&board), "ota_1");
    assert_int_equal(esp_ota_begin(idf_board_part("ota_0"), 0, &handle),
                     ESP_ERR_OTA_ROLLBACK_INVALID_STATE);
    assert_int_equal(esp_ota_resume(idf_board_part("ota_0"), 0, 0, &handle),
                     ESP_ERR_OTA_ROLLBACK_INVALID_STATE);
    assert_int_equal(esp_ota_mark_app_valid_cancel_rollback(), ESP_OK);
    assert_int_equal(esp_ota_begin(idf_board_part("ota_0"), 0, &handle), ESP_OK);
}

static void handles_are_never_zero_never_reused_and_die_with_their_session(void **state)
{
    (void)state;
    esp_ota_handle_t last = 0;
    for (int i = 0; i < 3; i++) {
        esp_ota_handle_t handle = 0;
        esp_ota_handle_t second = 0;
        assert_int_equal(esp_ota_begin(idf_board_part("ota_1"), 0, &handle), ESP_OK);
        assert_true(handle > last);
        assert_int_equal(esp_ota_begin(idf_board_part("ota_1"), 0, &second),
                         ESP_ERR_OTA_ALREADY_IN_PROGRESS);
        assert_int_equal(esp_ota_abort(handle), ESP_OK);
        assert_int_equal(esp_ota_abort(handle), ESP_ERR_NOT_FOUND);
        assert_int_equal(esp_ota_end(handle), ESP_ERR_NOT_FOUND);
        assert_int_equal(esp_ota_write(handle, image, 16), ESP_ERR_INVALID_ARG);
        assert_int_equal(esp_ota_write(handle, image, 0), ESP_OK);
        assert_int_equal(esp_ota_write_with_offset(handle, image, 16, 0), ESP_ERR_INVALID_ARG);
        last = handle;
    }
    assert_int_equal(esp_ota_abort(0), ESP_ERR_NOT_FOUND);
}

static void sessions_come_from_a_fixed_pool(void **state)
{
    (void)state;
    static const char *const labels[] = {"ota_1", "nvs", "phy_init", "otadata"};
    esp_ota_handle_t handle = 0;
    for (unsigned i = 0; i < OTARY_COMPAT_SESSIONS; i++) {
        assert_int_equal(esp_ota_begin(idf_board_part(labels[i]), 0, &handle), ESP_OK);
    }
    const esp_partition_t *more = NULL;
    assert_int_equal(esp_partition_register_external(NULL, 0x3F0000, 0x1000, "more",
                                                     ESP_PARTITION_TYPE_DATA,
                                                     ESP_PARTITION_SUBTYPE_DATA_NVS, &more),
                     ESP_OK);
    assert_int_equal(esp_ota_begin(more, 0, &handle), ESP_ERR_NO_MEM);
    assert_int_equal(esp_ota_abort(handle), ESP_OK);
    assert_int_equal(esp_ota_begin(more, 0, &handle), ESP_OK);
}

static void an_html_page_is_refused_before_anything_is_erased(void **state)
{
    (void)state;
    static const char page[64] = "<!DOCTYPE html><html><head><title>Not found</title>";
    esp_ota_handle_t handle = 0;
    assert_int_equal(esp_ota_begin(idf_board_part("ota_1"), OTA_SIZE_UNKNOWN, &handle), ESP_OK);
    assert_int_equal(esp_ota_write(handle, page, sizeof(page)), ESP_ERR_OTA_VALIDATE_FAILED);
    assert_int_equal(board.nor.erases[0] + board.nor.erases[1] + board.nor.erases[2], 0);
    assert_int_equal(board.nor.programs, 0);
    assert_int_equal(esp_ota_abort(handle), ESP_OK);
}

static void a_sequential_session_says_no_to_offsets_instead_of_dying(void **state)
{
    (void)state;
    esp_ota_handle_t handle = 0;
    assert_int_equal(esp_ota_begin(idf_board_part("ota_1"), OTA_WITH_SEQUENTIAL_WRITES, &handle),
                     ESP_OK);
    assert_int_equal(esp_ota_write_with_offset(handle, image, 16, 0), ESP_ERR_INVALID_STATE);
    assert_int_equal(esp_ota_write(handle, image, image_len), ESP_OK);
    assert_int_equal(esp_ota_end(handle), ESP_OK);
}

static void writes_leave_neither_the_partition_nor_the_arguments_unchecked(void **state)
{
    (void)state;
    esp_ota_handle_t handle = 0;
    const esp_partition_t *p = idf_board_part("ota_1");
    assert_int_equal(esp_ota_begin(p, OTA_SIZE_UNKNOWN, &handle), ESP_OK);
    assert_int_equal(esp_ota_write(handle, NULL, 4), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_write_with_offset(handle, NULL, 4, 0), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_write_with_offset(handle, image, 16, p->size + 1),
                     ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_write_with_offset(handle, image, 16, p->size - 8),
                     ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_ota_end(handle), ESP_ERR_INVALID_ARG); /* nothing was written */
}

static void a_cut_and_a_spoilt_image_fail_at_the_end(void **state)
{
    (void)state;
    esp_ota_handle_t handle = 0;
    assert_int_equal(esp_ota_begin(idf_board_part("ota_1"), image_len, &handle), ESP_OK);
    assert_int_equal(esp_ota_write(handle, image, image_len - 1), ESP_OK);
    assert_int_equal(esp_ota_end(handle), ESP_ERR_OTA_VALIDATE_FAILED);
    image[image_len - 1] ^= 1;
    assert_int_equal(esp_ota_begin(idf_board_part("ota_1"), image_len, &handle), ESP_OK);
    assert_int_equal(esp_ota_write(handle, image, 1000), ESP_OK);
    assert_int_equal(esp_ota_write(handle, image + 1000, image_len - 1000),
                     ESP_ERR_OTA_VALIDATE_FAILED);
    assert_int_equal(esp_ota_end(handle), ESP_ERR_OTA_VALIDATE_FAILED);
    assert_int_equal(esp_ota_set_boot_partition(idf_board_part("ota_1")),
                     ESP_ERR_OTA_VALIDATE_FAILED);
}

static void the_next_partition_goes_around_and_stays_during_a_session(void **state)
{
    (void)state;
    assert_ptr_equal(esp_ota_get_next_update_partition(NULL), idf_board_part("ota_1"));
    assert_ptr_equal(esp_ota_get_next_update_partition(idf_board_part("factory")),
                     idf_board_part("ota_0"));
    assert_ptr_equal(esp_ota_get_next_update_partition(idf_board_part("test")),
                     idf_board_part("ota_0"));
    assert_ptr_equal(esp_ota_get_next_update_partition(idf_board_part("ota_0")),
                     idf_board_part("ota_1"));
    assert_ptr_equal(esp_ota_get_next_update_partition(idf_board_part("ota_1")),
                     idf_board_part("ota_0"));
    assert_null(idf_board_part("ota_2"));
    assert_int_equal(esp_ota_get_app_partition_count(), 2);
    esp_partition_t unknown = *idf_board_part("ota_1");
    unknown.size += 0x1000;
    assert_null(esp_ota_get_next_update_partition(&unknown));
    esp_ota_handle_t handle = 0;
    assert_int_equal(esp_ota_begin(idf_board_part("ota_1"), 0, &handle), ESP_OK);
    assert_ptr_equal(esp_ota_get_next_update_partition(NULL), idf_board_part("ota_1"));
}

static void only_apps_that_otadata_can_name_are_selected(void **state)
{
    (void)state;
    idf_board_image(&board, "test", "t", 0, 0);
    assert_int_equal(esp_ota_set_boot_partition(NULL), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_set_boot_partition(idf_board_part("test")), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_set_boot_partition(idf_board_part("nvs")),
                     ESP_ERR_OTA_VALIDATE_FAILED);
    assert_int_equal(esp_ota_set_boot_partition_skip_validate(idf_board_part("nvs")),
                     ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_set_boot_partition(idf_board_part("ota_1")),
                     ESP_ERR_OTA_VALIDATE_FAILED);
    assert_int_equal(esp_ota_set_boot_partition_skip_validate(idf_board_part("ota_0")), ESP_OK);
    assert_ptr_equal(esp_ota_get_boot_partition(), idf_board_part("ota_0"));
    idf_board_image(&board, "factory", "f", 0, 0);
    assert_int_equal(esp_ota_set_boot_partition(idf_board_part("factory")), ESP_OK);
    assert_ptr_equal(esp_ota_get_boot_partition(), idf_board_part("factory"));
}

static void an_update_below_the_efuse_version_costs_the_slot_nothing(void **state)
{
    (void)state;
    board.compat.config.boot.anti_rollback = true;
    board.efuse = 2;
    idf_board_image(&board, "ota_1", "old", 0, 1);
    idf_board_run(&board, "ota_0");
    const esp_partition_t *p = idf_board_part("ota_1");
    uint8_t first = board.nor.bytes[p->address];
    assert_int_equal(esp_ota_set_boot_partition(p), ESP_ERR_OTA_SMALL_SEC_VER);
    assert_int_equal(esp_ota_set_boot_partition_skip_validate(p), ESP_ERR_OTA_SMALL_SEC_VER);
    assert_int_equal(board.nor.bytes[p->address], first);
}

static void confirming_burns_the_running_version(void **state)
{
    (void)state;
    board.compat.config.boot.rollback = true;
    board.compat.config.boot.anti_rollback = true;
    idf_board_image(&board, "ota_1", "new", 0, 3);
    idf_board_run(&board, "ota_0");
    assert_int_equal(esp_ota_set_boot_partition(idf_board_part("ota_1")), ESP_OK);
    assert_string_equal(idf_board_boot(&board), "ota_1");
    assert_int_equal(board.efuse, 0);
    assert_int_equal(esp_ota_mark_app_valid_cancel_rollback(), ESP_OK);
    assert_int_equal(board.efuse, 3);
}

static void marking_never_touches_an_app_that_does_not_run(void **state)
{
    (void)state;
    esp_ota_img_states_t mark;
    assert_int_equal(esp_ota_set_boot_partition(idf_board_part("ota_0")), ESP_OK);
    assert_string_equal(idf_board_boot(&board), "ota_0");
    assert_int_equal(esp_ota_mark_app_valid_cancel_rollback(), ESP_OK);
    idf_board_update(&board, idf_board_part("ota_1"), OTA_SIZE_UNKNOWN, true);
    assert_int_equal(esp_ota_mark_app_valid_cancel_rollback(), ESP_OK);
    assert_int_equal(esp_ota_get_state_partition(idf_board_part("ota_1"), &mark), ESP_OK);
    assert_int_equal(mark, ESP_OTA_IMG_NEW);
}

static void state_and_description_say_what_they_cannot_answer(void **state)
{
    (void)state;
    esp_ota_img_states_t mark;
    esp_app_desc_t desc;
    esp_bootloader_desc_t boot;
    assert_int_equal(esp_ota_get_state_partition(NULL, &mark), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_get_state_partition(idf_board_part("nvs"), &mark),
                     ESP_ERR_NOT_SUPPORTED);
    assert_int_equal(esp_ota_get_state_partition(idf_board_part("ota_0"), &mark),
                     ESP_ERR_NOT_FOUND);
    assert_int_equal(esp_ota_get_partition_description(idf_board_part("ota_0"), &desc), ESP_OK);
    assert_string_equal(desc.version, "1.0");
    assert_int_equal(esp_ota_get_partition_description(idf_board_part("otadata"), &desc),
                     ESP_ERR_NOT_SUPPORTED);
    assert_int_equal(esp_ota_get_partition_description(idf_board_part("ota_1"), &desc),
                     ESP_ERR_NOT_FOUND);
    assert_int_equal(esp_ota_get_partition_description(NULL, &desc), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_get_bootloader_description(NULL, &boot), ESP_ERR_NOT_FOUND);
    assert_int_equal(esp_ota_get_bootloader_description(NULL, NULL), ESP_ERR_INVALID_ARG);
}

static void without_otadata_nothing_is_chosen_or_marked(void **state)
{
    (void)state;
    static const idf_board_row_t bare[] = {
        {"factory", OTA_TYPE_APP, OTA_SUBTYPE_FACTORY, 0x10000, 0x40000, 0},
        {"ota_0", OTA_TYPE_APP, OTA_SUBTYPE_OTA_0, 0x50000, 0x40000, 0},
    };
    idf_board_stop(&board);
    idf_board_start(&board, bare, 2);
    idf_board_image(&board, "factory", "1.0", 0, 0);
    idf_board_image(&board, "ota_0", "1.0", 0, 0);
    idf_board_run(&board, "factory");
    assert_null(esp_ota_get_boot_partition());
    assert_int_equal(esp_ota_set_boot_partition(idf_board_part("ota_0")), ESP_ERR_NOT_FOUND);
    assert_int_equal(esp_ota_mark_app_valid_cancel_rollback(), ESP_ERR_NOT_FOUND);
    assert_int_equal(esp_ota_mark_app_invalid_rollback(), ESP_ERR_NOT_FOUND);
    assert_false(esp_ota_check_rollback_is_possible());
    assert_null(esp_ota_get_last_invalid_partition());
    assert_int_equal(esp_ota_invalidate_inactive_ota_data_slot(), ESP_FAIL);
}

static void nothing_installed_answers_everything(void **state)
{
    (void)state;
    const esp_partition_t *p = idf_board_part("ota_1");
    esp_ota_handle_t handle = 0;
    otary_compat_uninstall();
    assert_int_equal(esp_ota_begin(p, 0, &handle), ESP_ERR_INVALID_STATE);
    assert_int_equal(esp_ota_write(1, image, 1), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_set_boot_partition(p), ESP_ERR_INVALID_STATE);
    assert_int_equal(esp_ota_mark_app_valid_cancel_rollback(), ESP_ERR_INVALID_STATE);
    assert_null(esp_ota_get_next_update_partition(NULL));
    assert_null(esp_ota_get_boot_partition());
    assert_null(esp_app_get_description());
    assert_int_equal(esp_ota_get_app_partition_count(), 0);
}

static void codes_have_their_names(void **state)
{
    (void)state;
    char text[12];
    assert_string_equal(esp_err_to_name(ESP_OK), "ESP_OK");
    assert_string_equal(esp_err_to_name(0x1501), "ESP_ERR_OTA_PARTITION_CONFLICT");
    assert_string_equal(esp_err_to_name(0x1508), "ESP_ERR_OTA_SPI_MODE_MISMATCH");
    assert_string_equal(esp_err_to_name(0x2002), "ESP_ERR_IMAGE_INVALID");
    assert_string_equal(esp_err_to_name(0x6001), "ESP_ERR_FLASH_OP_FAIL");
    assert_string_equal(esp_err_to_name(4711), "UNKNOWN ERROR");
    assert_string_equal(esp_err_to_name_r(-1, text, sizeof(text)), "ESP_FAIL");
    assert_string_equal(esp_err_to_name_r(0x102, text, sizeof(text)), "ESP_ERR_INV");
}

#define PLAIN(test)    cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define ROLLBACK(test) cmocka_unit_test_setup_teardown(test, set_up_rollback, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(begin_refuses_and_leaves_the_handle_alone),
        PLAIN(huge_app_names_the_running_slot_and_begin_refuses_it),
        ROLLBACK(a_pending_app_must_be_settled_before_the_next_update),
        PLAIN(handles_are_never_zero_never_reused_and_die_with_their_session),
        PLAIN(sessions_come_from_a_fixed_pool),
        PLAIN(an_html_page_is_refused_before_anything_is_erased),
        PLAIN(a_sequential_session_says_no_to_offsets_instead_of_dying),
        PLAIN(writes_leave_neither_the_partition_nor_the_arguments_unchecked),
        PLAIN(a_cut_and_a_spoilt_image_fail_at_the_end),
        PLAIN(the_next_partition_goes_around_and_stays_during_a_session),
        PLAIN(only_apps_that_otadata_can_name_are_selected),
        ROLLBACK(an_update_below_the_efuse_version_costs_the_slot_nothing),
        PLAIN(confirming_burns_the_running_version),
        ROLLBACK(marking_never_touches_an_app_that_does_not_run),
        PLAIN(state_and_description_say_what_they_cannot_answer),
        PLAIN(without_otadata_nothing_is_chosen_or_marked),
        PLAIN(nothing_installed_answers_everything),
        PLAIN(codes_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
