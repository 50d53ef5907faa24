/* SPDX-License-Identifier: Apache-2.0 */
/* Images and helpers: verifying in flash, descriptors, hashes, labels, otadata copies, keys. */
#include "support/idf_board.h"
#include "support/unit.h"

#include "bootloader_common.h"

static idf_board_t board;

static int set_up(void **state)
{
    (void)state;
    image_wish_t wish;
    image_bytes_t boot;
    idf_board_start(&board, idf_board_rows, idf_board_row_count);
    idf_board_image(&board, "factory", "1.0", 0x2010, 0);
    image_wish_default(&wish);
    wish.chip = ota_chip_by_name("esp32s3");
    wish.kind = OTA_IMAGE_BOOTLOADER;
    wish.bootloader_version = 7;
    wish.address = 0;
    assert_int_equal(image_build(&wish, &boot), OTA_OK);
    memcpy(board.nor.bytes, boot.bytes, boot.len);
    image_free(&boot);
    idf_board_run(&board, "factory");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    idf_board_stop(&board);
    return 0;
}

static void the_bootloader_in_flash_verifies(void **state)
{
    (void)state;
    uint32_t length = 0;
    esp_image_metadata_t data;
    const esp_partition_pos_t where = {0, 0x8000};
    assert_int_equal(esp_image_verify(ESP_IMAGE_VERIFY, &where, &data), ESP_OK);
    assert_int_not_equal(data.image_len, 0);
    assert_int_equal(esp_image_verify_bootloader(&length), ESP_OK);
    assert_int_equal(length, data.image_len);
    assert_int_equal(esp_image_verify_bootloader_data(NULL), ESP_ERR_INVALID_ARG);
    board.nor.bytes[0] = 0;
    assert_int_equal(esp_image_verify_bootloader(&length), ESP_ERR_IMAGE_INVALID);
    assert_int_equal(length, 0);
}

static void the_running_app_in_flash_verifies(void **state)
{
    (void)state;
    esp_image_metadata_t data;
    const esp_partition_t *p = esp_ota_get_running_partition();
    assert_string_equal(p->label, "factory");
    const esp_partition_pos_t where = {p->address, p->size};
    assert_int_equal(esp_image_verify(ESP_IMAGE_VERIFY, &where, &data), ESP_OK);
    assert_int_equal(data.image_len, 0x2010);
    assert_int_equal(data.start_addr, p->address);
    assert_int_equal(data.image.chip_id, ESP_CHIP_ID_ESP32S3);
    assert_memory_equal(data.image_digest, board.nor.bytes + p->address + 0x2010 - 32, 32);
    uint32_t first = data.segment_data[0] - p->address;
    assert_int_equal(first, 32);
}

static void a_failed_verification_says_why_and_leaves_zeroes(void **state)
{
    (void)state;
    static const esp_image_metadata_t zero;
    esp_image_metadata_t data;
    const esp_partition_t *p = esp_ota_get_running_partition();
    const esp_partition_pos_t where = {p->address, p->size};
    const esp_partition_pos_t outside = {IDF_BOARD_FLASH - 0x1000, 0x2000};
    uint8_t *image = board.nor.bytes + p->address;
    image[0x1000] ^= 1;
    assert_int_equal(esp_image_verify(ESP_IMAGE_VERIFY, &where, &data), ESP_ERR_IMAGE_INVALID);
    assert_memory_equal(&data, &zero, sizeof(zero));
    image[0x1000] ^= 1;
    image[12] = 5; /* another chip */
    assert_int_equal(esp_image_verify(ESP_IMAGE_VERIFY, &where, &data), ESP_FAIL);
    assert_int_equal(esp_image_verify(ESP_IMAGE_VERIFY, &outside, &data), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_image_verify(ESP_IMAGE_VERIFY, NULL, &data), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_image_verify(ESP_IMAGE_VERIFY, &where, NULL), ESP_ERR_INVALID_ARG);
}

static void metadata_of_hostile_headers_stays_inside_the_partition(void **state)
{
    (void)state;
    esp_image_metadata_t data;
    const esp_partition_t *p = idf_board_part("ota_0");
    const esp_partition_pos_t where = {p->address, p->size};
    uint8_t *image = board.nor.bytes + p->address;
    image[0] = 0xE9;
    image[1] = 16;
    memset(image + 24, 0xFC, 64);
    assert_int_equal(esp_image_get_metadata(&where, &data), ESP_ERR_IMAGE_INVALID);
    image[1] = 17;
    assert_int_equal(esp_image_get_metadata(&where, &data), ESP_ERR_IMAGE_INVALID);
    const esp_partition_pos_t tiny = {p->address, 8};
    assert_int_equal(esp_image_get_metadata(&tiny, &data), ESP_ERR_FLASH_OP_FAIL);
}

static void both_descriptions_of_the_running_app_agree(void **state)
{
    (void)state;
    esp_app_desc_t by_app;
    esp_app_desc_t by_bootloader;
    const esp_partition_t *p = esp_ota_get_running_partition();
    const esp_partition_pos_t where = {p->address, p->size};
    const esp_partition_pos_t otadata = {idf_board_part("otadata")->address, 0x2000};
    const esp_partition_pos_t nowhere = {0, 0x1000};
    assert_int_equal(esp_ota_get_partition_description(p, &by_app), ESP_OK);
    assert_int_equal(bootloader_common_get_partition_description(&where, &by_bootloader), ESP_OK);
    assert_memory_equal(&by_app, &by_bootloader, sizeof(by_app));
    assert_memory_equal(&by_app, esp_app_get_description(), sizeof(by_app));
    assert_int_equal(bootloader_common_get_partition_description(&otadata, &by_bootloader),
                     ESP_ERR_NOT_FOUND);
    assert_int_equal(bootloader_common_get_partition_description(&nowhere, &by_bootloader),
                     ESP_ERR_INVALID_ARG);
}

static void the_elf_hash_is_cut_to_fit(void **state)
{
    (void)state;
    char text[80];
    assert_int_equal(esp_app_get_elf_sha256(NULL, 10), 0);
    assert_int_equal(esp_app_get_elf_sha256(text, 0), 0);
    assert_int_equal(esp_app_get_elf_sha256(text, 1), 0);
    const char *full = esp_app_get_elf_sha256_str();
    assert_int_equal(strlen(full), CONFIG_APP_RETRIEVE_LEN_ELF_SHA);
    for (int n = 2; n < 70; n++) {
        int want = n <= CONFIG_APP_RETRIEVE_LEN_ELF_SHA ? n : CONFIG_APP_RETRIEVE_LEN_ELF_SHA + 1;
        memset(text, '!', sizeof(text));
        assert_int_equal(esp_app_get_elf_sha256(text, (size_t)n), want);
        assert_int_equal(text[want - 1], '\0');
        assert_int_equal(text[want], '!');
        assert_memory_equal(text, full, (size_t)want - 1);
    }
}

static void the_bootloader_describes_itself(void **state)
{
    (void)state;
    esp_bootloader_desc_t desc;
    assert_int_equal(esp_ota_get_bootloader_description(NULL, &desc), ESP_OK);
    assert_int_equal(desc.magic_byte, ESP_BOOTLOADER_DESC_MAGIC_BYTE);
    assert_int_equal(desc.version, 7);
}

static void labels_are_found_as_whole_words(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        const char *label;
        bool found;
    } cases[] = {
        {NULL, NULL, false},
        {"nvs", NULL, false},
        {NULL, "nvs", false},
        {"", "nvs", false},
        {"nvs", "nvs", true},
        {"nvs, ", "nvs", true},
        {"nvs1", "nvs", false},
        {"nvs1, ", "nvs", false},
        {"nvs1nvs1, phy", "nvs1", false},
        {"nvs1, nvs1, phy", "nvs1", true},
        {"nvs12, nvs1, phy", "nvs1", true},
        {"nvs12,nvs1,phy", "nvs1", true},
        {"ota_data, backup_nvs", "nvs", false},
        {"nvs1, nvs2, ota, nvs", "vs1", false},
        {"12345678901234, nvs", "12345678901234", true},
        {"phy, 123456789012345", "123456789012345", true},
        {"1234567890123456, x", "1234567890123456", true},
        {"12345678901234567", "12345678901234567", false},
        {"1234567890123456", "12345678901234567", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char label[32] = {0};
        if (cases[i].label != NULL) {
            memcpy(label, cases[i].label, strlen(cases[i].label));
        }
        assert_int_equal(
            bootloader_common_label_search(cases[i].list, cases[i].label != NULL ? label : NULL),
            cases[i].found);
    }
}

static void listed_data_partitions_are_erased_and_apps_never(void **state)
{
    (void)state;
    memset(board.nor.bytes + 0x9000, 0, 0x7000);
    assert_true(bootloader_common_erase_part_type_data("phy_init, factory", false));
    assert_int_equal(board.nor.bytes[0xF000], 0xFF);
    assert_int_equal(board.nor.bytes[0x9000], 0);
    assert_int_equal(board.nor.bytes[0xD000], 0);
    assert_int_equal(board.nor.bytes[0x10000], 0xE9);
    assert_true(bootloader_common_erase_part_type_data("", true));
    assert_int_equal(board.nor.bytes[0xD000], 0xFF);
}

static void otadata_copies_are_read_and_weighed(void **state)
{
    (void)state;
    esp_ota_select_entry_t two[2];
    const esp_partition_pos_t where = {0xD000, 0x2000};
    const esp_partition_pos_t small = {0xD000, 0x1000};
    const esp_partition_pos_t none = {0, 0x2000};
    assert_int_equal(esp_ota_set_boot_partition(idf_board_part("factory")), ESP_OK);
    assert_int_equal(bootloader_common_read_otadata(&where, two), ESP_OK);
    assert_int_equal(bootloader_common_get_active_otadata(two), -1);
    assert_true(bootloader_common_ota_select_invalid(&two[0]));
    two[1].ota_seq = 2;
    two[1].ota_state = ESP_OTA_IMG_VALID;
    two[1].crc = bootloader_common_ota_select_crc(&two[1]);
    assert_int_equal(two[1].crc, 0x55F63774);
    assert_true(bootloader_common_ota_select_valid(&two[1]));
    assert_int_equal(bootloader_common_get_active_otadata(two), 1);
    two[0] = two[1];
    assert_int_equal(bootloader_common_get_active_otadata(two), 0);
    bool valid[2] = {true, true};
    two[0].ota_seq = 1;
    assert_int_equal(bootloader_common_select_otadata(two, valid, true), 1);
    assert_int_equal(bootloader_common_select_otadata(two, valid, false), 0);
    valid[1] = false;
    assert_int_equal(bootloader_common_select_otadata(two, valid, true), 0);
    assert_int_equal(bootloader_common_get_active_otadata(NULL), -1);
    assert_int_equal(bootloader_common_read_otadata(&small, two), ESP_FAIL);
    assert_int_equal(bootloader_common_read_otadata(&none, two), ESP_ERR_NOT_FOUND);
}

static void a_header_for_another_chip_is_refused_beforehand(void **state)
{
    (void)state;
    esp_image_header_t header;
    esp_app_desc_t desc = *esp_app_get_description();
    memcpy(&header, board.nor.bytes + 0x10000, sizeof(header));
    assert_int_equal(esp_ota_check_image_validity(ESP_PARTITION_TYPE_APP, &header, &desc), ESP_OK);
    assert_int_equal(esp_ota_check_image_validity(ESP_PARTITION_TYPE_DATA, &header, NULL),
                     ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_check_image_validity(ESP_PARTITION_TYPE_APP, NULL, NULL),
                     ESP_ERR_INVALID_ARG);
    header.min_chip_rev_full = 100;
    assert_int_equal(esp_ota_check_image_validity(ESP_PARTITION_TYPE_APP, &header, NULL),
                     ESP_ERR_INVALID_VERSION);
    assert_int_equal(bootloader_common_check_chip_validity(&header, ESP_IMAGE_APPLICATION),
                     ESP_FAIL);
    header.min_chip_rev_full = 0;
    header.chip_id = ESP_CHIP_ID_ESP32;
    assert_int_equal(esp_ota_check_image_validity(ESP_PARTITION_TYPE_BOOTLOADER, &header, NULL),
                     ESP_ERR_INVALID_VERSION);
    header.chip_id = ESP_CHIP_ID_ESP32S3;
    board.nor.bytes[0x10000 + 0xD5] = 1;
    idf_board_run(&board, "factory");
    desc.spi_flash_mode = 2;
    assert_int_equal(esp_ota_check_image_validity(ESP_PARTITION_TYPE_APP, &header, &desc),
                     ESP_ERR_OTA_SPI_MODE_MISMATCH);
    assert_int_equal(esp_image_get_flash_size(ESP_IMAGE_FLASH_SIZE_4MB), 0x400000);
}

static void unsigned_builds_have_no_keys_to_revoke(void **state)
{
    (void)state;
    assert_int_equal(esp_ota_revoke_secure_boot_public_key(SECURE_BOOT_PUBLIC_KEY_INDEX_0),
                     ESP_FAIL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_bootloader_in_flash_verifies),
        CASE(the_running_app_in_flash_verifies),
        CASE(a_failed_verification_says_why_and_leaves_zeroes),
        CASE(metadata_of_hostile_headers_stays_inside_the_partition),
        CASE(both_descriptions_of_the_running_app_agree),
        CASE(the_elf_hash_is_cut_to_fit),
        CASE(the_bootloader_describes_itself),
        CASE(labels_are_found_as_whole_words),
        CASE(listed_data_partitions_are_erased_and_apps_never),
        CASE(otadata_copies_are_read_and_weighed),
        CASE(a_header_for_another_chip_is_refused_beforehand),
        CASE(unsigned_builds_have_no_keys_to_revoke),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
