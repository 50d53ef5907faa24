/* SPDX-License-Identifier: Apache-2.0 */
/* Updates of what is no app: bootloader, partition table, data; through a spare partition, in
 * place, and through a free OTA slot. And resuming. */
#include "support/idf_board.h"
#include "support/unit.h"

static idf_board_t board;
static image_bytes_t boot;

static int set_up(void **state)
{
    (void)state;
    image_wish_t wish;
    idf_board_start(&board, idf_board_rows, idf_board_row_count);
    idf_board_image(&board, "ota_0", "1.0", 0x2010, 0);
    image_wish_default(&wish);
    wish.chip = ota_chip_by_name("esp32s3");
    wish.kind = OTA_IMAGE_BOOTLOADER;
    wish.address = 0;
    wish.size = 0x1010;
    assert_int_equal(image_build(&wish, &boot), OTA_OK);
    idf_board_run(&board, "ota_0");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    image_free(&boot);
    idf_board_stop(&board);
    return 0;
}

static const esp_partition_t *external(const char *label, uint32_t offset, uint32_t size,
                                       esp_partition_type_t type, int subtype)
{
    const esp_partition_t *p = NULL;
    assert_int_equal(esp_partition_register_external(NULL, offset, size, label, type,
                                                     (esp_partition_subtype_t)subtype, &p),
                     ESP_OK);
    return p;
}

static const esp_partition_t *primary(void)
{
    return external("boot", 0, 0x8000, ESP_PARTITION_TYPE_BOOTLOADER,
                    ESP_PARTITION_SUBTYPE_BOOTLOADER_PRIMARY);
}

static const esp_partition_t *table(void)
{
    return external("table", 0x8000, 0x1000, ESP_PARTITION_TYPE_PARTITION_TABLE,
                    ESP_PARTITION_SUBTYPE_PARTITION_TABLE_PRIMARY);
}

static esp_err_t deliver(const esp_partition_t *to, const esp_partition_t *final, bool copy,
                         const uint8_t *bytes, size_t len)
{
    esp_ota_handle_t handle = 0;
    assert_int_equal(esp_ota_begin(to, OTA_SIZE_UNKNOWN, &handle), ESP_OK);
    if (final != NULL) {
        assert_int_equal(esp_ota_set_final_partition(handle, final, copy), ESP_OK);
    }
    for (size_t done = 0; done < len; done += 700) {
        esp_err_t err = esp_ota_write(handle, bytes + done, len - done < 700 ? len - done : 700);
        if (err != ESP_OK) {
            assert_int_equal(esp_ota_abort(handle), ESP_OK);
            return err;
        }
    }
    return esp_ota_end(handle);
}

static void a_bootloader_arrives_by_every_way(void **state)
{
    (void)state;
    const esp_partition_t *target = primary();
    const esp_partition_t *spare =
        external("spare", 0x3E0000, 0x8000, ESP_PARTITION_TYPE_BOOTLOADER,
                 ESP_PARTITION_SUBTYPE_BOOTLOADER_OTA);
    assert_int_equal(deliver(spare, target, true, boot.bytes, boot.len), ESP_OK);
    assert_memory_equal(board.nor.bytes, boot.bytes, boot.len);
    memset(board.nor.bytes, 0xFF, 0x8000);
    assert_int_equal(deliver(target, NULL, false, boot.bytes, boot.len), ESP_OK);
    assert_memory_equal(board.nor.bytes, boot.bytes, boot.len);
    memset(board.nor.bytes, 0xFF, 0x8000);
    assert_int_equal(deliver(idf_board_part("ota_1"), target, true, boot.bytes, boot.len), ESP_OK);
    assert_memory_equal(board.nor.bytes, boot.bytes, boot.len);
    assert_int_equal(esp_image_verify_bootloader(NULL), ESP_OK);
}

static void a_spoilt_bootloader_never_reaches_its_place(void **state)
{
    (void)state;
    const esp_partition_t *target = primary();
    boot.bytes[boot.len - 1] ^= 1; /* in the hash that stock does not compare */
    assert_int_equal(deliver(idf_board_part("ota_1"), target, true, boot.bytes, boot.len),
                     ESP_ERR_OTA_VALIDATE_FAILED);
    assert_int_equal(board.nor.bytes[0], 0xFF);
}

static void a_partition_table_arrives_by_every_way(void **state)
{
    (void)state;
    uint8_t bytes[OTA_TABLE_SIZE];
    const esp_partition_t *target = table();
    memcpy(bytes, board.nor.bytes + 0x8000, sizeof(bytes));
    const esp_partition_t *spare =
        external("spare", 0x3E0000, 0x1000, ESP_PARTITION_TYPE_PARTITION_TABLE,
                 ESP_PARTITION_SUBTYPE_PARTITION_TABLE_OTA);
    assert_int_equal(deliver(spare, target, true, bytes, sizeof(bytes)), ESP_OK);
    assert_int_equal(deliver(target, NULL, false, bytes, sizeof(bytes)), ESP_OK);
    assert_int_equal(deliver(idf_board_part("ota_1"), target, true, bytes, sizeof(bytes)), ESP_OK);
    assert_memory_equal(board.nor.bytes + 0x8000, bytes, sizeof(bytes));
    bytes[4] ^= 1;
    assert_int_equal(deliver(spare, target, true, bytes, sizeof(bytes)),
                     ESP_ERR_OTA_VALIDATE_FAILED);
    assert_int_not_equal(board.nor.bytes[0x8004], bytes[4]);
}

static void data_arrives_directly_and_through_a_free_slot(void **state)
{
    (void)state;
    uint8_t bytes[0x4000];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * 31 + 7);
    }
    const esp_partition_t *nvs2 =
        external("nvs2", 0x3E0000, 0x4000, ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_DATA_NVS);
    assert_int_equal(deliver(nvs2, NULL, false, bytes, sizeof(bytes)), ESP_OK);
    assert_memory_equal(board.nor.bytes + 0x3E0000, bytes, sizeof(bytes));
    bytes[0] ^= 0xFF;
    assert_int_equal(
        deliver(idf_board_part("ota_1"), idf_board_part("nvs"), true, bytes, sizeof(bytes)),
        ESP_OK);
    assert_memory_equal(board.nor.bytes + 0x9000, bytes, sizeof(bytes));
}

static void a_final_partition_is_named_before_the_first_byte_or_not_at_all(void **state)
{
    (void)state;
    esp_ota_handle_t handle = 0;
    const esp_partition_t *nvs = idf_board_part("nvs");
    esp_partition_t unknown = *nvs;
    unknown.size -= 0x1000;
    assert_int_equal(esp_ota_begin(idf_board_part("phy_init"), 0, &handle), ESP_OK);
    assert_int_equal(esp_ota_set_final_partition(handle, NULL, true), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_set_final_partition(handle + 1, nvs, true), ESP_ERR_NOT_FOUND);
    assert_int_equal(esp_ota_set_final_partition(handle, &unknown, true), ESP_ERR_NOT_FOUND);
    assert_int_equal(esp_ota_set_final_partition(handle, esp_ota_get_running_partition(), true),
                     ESP_ERR_OTA_PARTITION_CONFLICT);
    assert_int_equal(esp_ota_set_final_partition(handle, idf_board_part("phy_init"), true), ESP_OK);
    assert_int_equal(esp_ota_write(handle, "abcdefgh", 8), ESP_OK);
    assert_int_equal(esp_ota_set_final_partition(handle, nvs, true), ESP_ERR_INVALID_STATE);
    assert_int_equal(esp_ota_end(handle), ESP_OK);
}

static void another_final_that_was_refused_changed_the_one_before(void **state)
{
    (void)state;
    esp_ota_handle_t handle = 0;
    const esp_partition_t *nvs = idf_board_part("nvs");
    const esp_partition_t *staging = idf_board_part("phy_init");
    assert_int_equal(esp_ota_begin(staging, 0, &handle), ESP_OK);
    assert_int_equal(esp_ota_set_final_partition(handle, nvs, true), ESP_OK);
    assert_int_equal(esp_ota_set_final_partition(handle, esp_ota_get_running_partition(), true),
                     ESP_ERR_OTA_PARTITION_CONFLICT);
    assert_int_equal(esp_ota_set_final_partition(handle, staging, true), ESP_OK);
    assert_int_equal(esp_ota_write(handle, "abcdefgh", 8), ESP_OK);
    assert_int_equal(esp_ota_end(handle), ESP_OK);
    assert_memory_equal(board.nor.bytes + staging->address, "abcdefgh", 8);
    assert_memory_equal(board.nor.bytes + nvs->address, "abcdefgh", 8);
}

/* Any offset, also in the middle of a sector that an earlier attempt wrote beyond it. */
static void a_download_goes_on_where_it_stopped(void **state)
{
    (void)state;
    static uint8_t image[0x2010];
    const esp_partition_t *p = idf_board_part("ota_1");
    memcpy(image, board.nor.bytes + esp_ota_get_running_partition()->address, sizeof(image));
    for (size_t stop = 0; stop < sizeof(image); stop += 777) {
        esp_ota_handle_t handle = 0;
        size_t beyond = stop + 50 < sizeof(image) ? stop + 50 : sizeof(image);
        memset(board.nor.bytes + p->address, 0, p->size); /* an older image: nothing is blank */
        assert_int_equal(esp_ota_begin(p, OTA_WITH_SEQUENTIAL_WRITES, &handle), ESP_OK);
        assert_int_equal(esp_ota_write(handle, image, beyond), ESP_OK);
        assert_int_equal(esp_ota_abort(handle), ESP_OK);
        assert_int_equal(esp_ota_resume(p, OTA_WITH_SEQUENTIAL_WRITES, stop, &handle), ESP_OK);
        assert_int_equal(esp_ota_write(handle, image + stop, sizeof(image) - stop), ESP_OK);
        assert_int_equal(esp_ota_end(handle), ESP_OK);
        assert_memory_equal(board.nor.bytes + p->address, image, sizeof(image));
    }
}

static void a_download_does_not_go_on_from_garbage(void **state)
{
    (void)state;
    esp_ota_handle_t handle = 0;
    const esp_partition_t *p = idf_board_part("ota_1");
    memset(board.nor.bytes + p->address, 0x42, 0x1000);
    assert_int_equal(esp_ota_resume(p, OTA_WITH_SEQUENTIAL_WRITES, 0x800, &handle),
                     ESP_ERR_OTA_VALIDATE_FAILED);
    assert_int_equal(esp_ota_resume(p, OTA_WITH_SEQUENTIAL_WRITES, p->size + 1, &handle),
                     ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_resume(esp_ota_get_running_partition(), 0, 0, &handle),
                     ESP_ERR_OTA_PARTITION_CONFLICT);
    assert_int_equal(esp_ota_resume(p, OTA_WITH_SEQUENTIAL_WRITES, 0, &handle), ESP_OK);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_bootloader_arrives_by_every_way),
        CASE(a_spoilt_bootloader_never_reaches_its_place),
        CASE(a_partition_table_arrives_by_every_way),
        CASE(data_arrives_directly_and_through_a_free_slot),
        CASE(a_final_partition_is_named_before_the_first_byte_or_not_at_all),
        CASE(another_final_that_was_refused_changed_the_one_before),
        CASE(a_download_goes_on_where_it_stopped),
        CASE(a_download_does_not_go_on_from_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
