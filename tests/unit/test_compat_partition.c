/* SPDX-License-Identifier: Apache-2.0 */
/* esp_partition.h: finding, reading, writing, erasing, mapping, copying, registering, hashing. */
#include "support/idf_board.h"
#include "support/unit.h"

#define M 0x100000u

static idf_board_t board;

static const idf_board_row_t rows[] = {
    {"nvs", OTA_TYPE_DATA, OTA_SUBTYPE_NVS, 0x9000, 0x6000, 0},
    {"phy", OTA_TYPE_DATA, OTA_SUBTYPE_PHY, 0xF000, 0x1000, 0},
    {"factory", OTA_TYPE_APP, OTA_SUBTYPE_FACTORY, 0x20000, M, 0},
    {"ota_0", OTA_TYPE_APP, OTA_SUBTYPE_OTA_0, 0x120000, M, 0},
    {"storage", OTA_TYPE_DATA, 0x81, 0x220000, 0x40000, 0},
    {"fixed", OTA_TYPE_DATA, 0x82, 0x260000, 0x2000, OTA_PART_READONLY},
};

static int set_up(void **state)
{
    (void)state;
    idf_board_start(&board, rows, sizeof(rows) / sizeof(rows[0]));
    idf_board_image(&board, "factory", "1.0", 0, 0);
    idf_board_run(&board, "factory");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    idf_board_stop(&board);
    return 0;
}

static unsigned count(esp_partition_type_t type)
{
    unsigned n = 0;
    esp_partition_iterator_t it = esp_partition_find(type, ESP_PARTITION_SUBTYPE_ANY, NULL);
    uint32_t last = 0;
    for (; it != NULL; it = esp_partition_next(it), n++) {
        assert_true(esp_partition_get(it)->address > last);
        last = esp_partition_get(it)->address;
    }
    return n;
}

static void partitions_are_found_in_table_order(void **state)
{
    (void)state;
    assert_int_equal(count(ESP_PARTITION_TYPE_APP), 2);
    assert_int_equal(count(ESP_PARTITION_TYPE_DATA), 4);
    assert_int_equal(count(ESP_PARTITION_TYPE_ANY), 6);
    const esp_partition_t *first =
        esp_partition_find_first(ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_ANY, NULL);
    assert_string_equal(first->label, "factory");
    assert_int_equal(first->address, 0x20000);
    esp_partition_iterator_t it =
        esp_partition_find(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, "storage");
    assert_non_null(it);
    assert_int_equal(esp_partition_get(it)->size, 0x40000);
    assert_null(esp_partition_next(it));
    assert_null(
        esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, "nothing"));
}

static void finding_says_why_it_finds_nothing(void **state)
{
    (void)state;
    esp_partition_iterator_t it = NULL;
    const esp_partition_t *p = NULL;
    assert_int_equal(
        esp_partition_find_err(ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_ANY, NULL, &it),
        ESP_OK);
    assert_non_null(it);
    esp_partition_iterator_release(it);
    assert_int_equal(
        esp_partition_find_err(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, "no", &it),
        ESP_ERR_NOT_FOUND);
    assert_null(it);
    assert_int_equal(
        esp_partition_find_err(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_DATA_NVS, NULL, &it),
        ESP_ERR_INVALID_ARG);
    assert_int_equal(
        esp_partition_find_err(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, NULL, NULL),
        ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_find_first_err(ESP_PARTITION_TYPE_APP,
                                                  ESP_PARTITION_SUBTYPE_APP_OTA_0, NULL, &p),
                     ESP_OK);
    assert_ptr_equal(p, idf_board_part("ota_0"));
    assert_int_equal(esp_partition_find_first_err(ESP_PARTITION_TYPE_APP,
                                                  ESP_PARTITION_SUBTYPE_APP_OTA_1, NULL, &p),
                     ESP_ERR_NOT_FOUND);
    assert_null(p);
    assert_int_equal(
        esp_partition_find_first_err(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, NULL, NULL),
        ESP_ERR_INVALID_ARG);
}

static void iterators_come_from_a_fixed_pool_and_go_back_to_it(void **state)
{
    (void)state;
    esp_partition_iterator_t it[OTARY_COMPAT_ITERATORS + 1];
    for (unsigned i = 0; i < OTARY_COMPAT_ITERATORS; i++) {
        it[i] = esp_partition_find(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, NULL);
        assert_non_null(it[i]);
    }
    assert_int_equal(esp_partition_find_err(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, NULL,
                                            &it[OTARY_COMPAT_ITERATORS]),
                     ESP_ERR_NO_MEM);
    esp_partition_iterator_release(it[3]);
    esp_partition_iterator_release(NULL);
    assert_non_null(esp_partition_find(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, NULL));
}

static void bytes_written_are_read_and_erased_bytes_are_blank(void **state)
{
    (void)state;
    const esp_partition_t *p = idf_board_part("storage");
    char back[17];
    static const char text[17] = "sixteen letters!";
    assert_int_equal(esp_partition_erase_range(p, 0, p->size), ESP_OK);
    assert_int_equal(esp_partition_write(p, 4093, text, sizeof(text)), ESP_OK);
    assert_int_equal(esp_partition_read(p, 4093, back, sizeof(back)), ESP_OK);
    assert_memory_equal(back, text, sizeof(text));
    assert_int_equal(esp_partition_read_raw(p, 4093, back, sizeof(back)), ESP_OK);
    assert_int_equal(esp_partition_erase_range(p, 0, 2 * 4096), ESP_OK);
    assert_int_equal(esp_partition_read(p, 4093, back, sizeof(back)), ESP_OK);
    for (unsigned i = 0; i < sizeof(back); i++) {
        assert_int_equal((unsigned char)back[i], 0xFF);
    }
}

static void ranges_are_checked_in_espressifs_order(void **state)
{
    (void)state;
    const esp_partition_t *p = idf_board_part("storage");
    uint8_t byte = 0;
    assert_int_equal(esp_partition_read(p, p->size + 1, &byte, 1), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_read(p, p->size, &byte, 1), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_read(p, p->size, &byte, 0), ESP_OK);
    assert_int_equal(esp_partition_read(p, 1, &byte, SIZE_MAX), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_write(p, p->size + 1, &byte, 1), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_write(p, p->size, &byte, 1), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_erase_range(p, p->size + 1, 4096), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_erase_range(p, 0, p->size + 4096), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_erase_range(p, 1, 100), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_erase_range(p, 1, 4096), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_erase_range(p, 0, 0), ESP_OK);
    assert_int_equal(esp_partition_read(NULL, 0, &byte, 1), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_write(NULL, 0, &byte, 1), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_erase_range(NULL, 0, 0), ESP_ERR_INVALID_ARG);
}

static void read_only_partitions_are_only_read(void **state)
{
    (void)state;
    const esp_partition_t *p = idf_board_part("fixed");
    uint8_t byte = 0;
    assert_true(p->readonly);
    assert_int_equal(esp_partition_write(p, 0, &byte, 1), ESP_ERR_NOT_ALLOWED);
    assert_int_equal(esp_partition_erase_range(p, 0, 4096), ESP_ERR_NOT_ALLOWED);
    assert_int_equal(esp_partition_read(p, 0, &byte, 1), ESP_OK);
    assert_int_equal(board.nor.programs, 0);
}

static void the_running_app_bootloader_and_table_are_protected(void **state)
{
    (void)state;
    uint8_t byte = 0;
    const esp_partition_t *boot;
    assert_int_equal(esp_partition_write(idf_board_part("factory"), M - 1, &byte, 1),
                     ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_erase_range(idf_board_part("factory"), 0, 4096),
                     ESP_ERR_INVALID_ARG);
    assert_int_equal(
        esp_partition_register_external(NULL, 0, 0x8000, "boot", ESP_PARTITION_TYPE_BOOTLOADER,
                                        ESP_PARTITION_SUBTYPE_BOOTLOADER_PRIMARY, &boot),
        ESP_OK);
    assert_int_equal(esp_partition_erase_range(boot, 0, 4096), ESP_ERR_INVALID_ARG);
    board.compat.config.allow_dangerous_writes = true;
    assert_int_equal(esp_partition_erase_range(boot, 0, 4096), ESP_OK);
}

static void encrypted_partitions_take_blocks_of_16(void **state)
{
    (void)state;
    static uint8_t block[32];
    ota_flash_t encrypted = board.nor.flash;
    encrypted.encrypted_unit = 16;
    board.compat.config.flash = &encrypted;
    idf_board_run(&board, "factory");
    const esp_partition_t *p = idf_board_part("ota_0");
    assert_true(p->encrypted);
    assert_false(idf_board_part("storage")->encrypted);
    assert_int_equal(esp_partition_write(p, 8, block, 16), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_write(p, 16, block, 17), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_write(p, 16, block, 0), ESP_OK);
    assert_int_equal(esp_partition_write(p, 16, block, 32), ESP_OK);
    assert_int_equal(esp_partition_write_raw(p, 16, block, 16), ESP_ERR_NOT_SUPPORTED);
    assert_int_equal(esp_partition_read_raw(p, 16, block, 16), ESP_ERR_NOT_SUPPORTED);
}

static void a_copy_is_verified_against_the_list(void **state)
{
    (void)state;
    const esp_partition_t *found = NULL;
    const esp_partition_t *p = idf_board_part("storage");
    esp_partition_t copy = *p;
    assert_ptr_equal(esp_partition_verify(&copy), p);
    assert_int_equal(esp_partition_verify_err(&copy, &found), ESP_OK);
    assert_ptr_equal(found, p);
    copy.label[0] = '\0';
    assert_ptr_equal(esp_partition_verify(&copy), p);
    copy = *p;
    copy.readonly = true;
    assert_ptr_equal(esp_partition_verify(&copy), p);
    copy = *p;
    copy.address += 0x1000;
    assert_int_equal(esp_partition_verify_err(&copy, &found), ESP_ERR_NOT_FOUND);
    copy = *p;
    copy.size -= 0x1000;
    assert_int_equal(esp_partition_verify_err(&copy, &found), ESP_ERR_NOT_FOUND);
    copy = *p;
    copy.type = ESP_PARTITION_TYPE_APP;
    assert_int_equal(esp_partition_verify_err(&copy, &found), ESP_ERR_NOT_FOUND);
    assert_null(found);
    assert_int_equal(esp_partition_verify_err(NULL, &found), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_verify_err(p, NULL), ESP_ERR_INVALID_ARG);
}

static void mapping_shows_flash_and_handles_are_finite(void **state)
{
    (void)state;
    const esp_partition_t *p = idf_board_part("storage");
    const void *at = NULL;
    esp_partition_mmap_handle_t h = 0;
    assert_int_equal(esp_partition_mmap(p, 0, p->size, ESP_PARTITION_MMAP_DATA, &at, &h), ESP_OK);
    assert_ptr_equal(at, board.nor.bytes + p->address);
    esp_partition_munmap(h);
    esp_partition_munmap(h);
    assert_int_equal(esp_partition_mmap(p, p->size + 1, 1, ESP_PARTITION_MMAP_DATA, &at, &h),
                     ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_mmap(p, 1, p->size, ESP_PARTITION_MMAP_DATA, &at, &h),
                     ESP_ERR_INVALID_SIZE);
    for (unsigned i = 0; i < OTARY_COMPAT_MAPS; i++) {
        assert_int_equal(esp_partition_mmap(p, 0, 1, ESP_PARTITION_MMAP_INST, &at, &h), ESP_OK);
    }
    assert_int_equal(esp_partition_mmap(p, 0, 1, ESP_PARTITION_MMAP_DATA, &at, &h), ESP_ERR_NO_MEM);
    board.compat.config.map = NULL;
    assert_int_equal(esp_partition_mmap(p, 0, 1, ESP_PARTITION_MMAP_DATA, &at, &h),
                     ESP_ERR_NOT_SUPPORTED);
}

static void copying_takes_a_range_or_the_rest(void **state)
{
    (void)state;
    const esp_partition_t *from = idf_board_part("nvs");
    const esp_partition_t *to = idf_board_part("storage");
    for (uint32_t i = 0; i < from->size; i++) {
        board.nor.bytes[from->address + i] = (uint8_t)(i * 7);
    }
    memset(board.nor.bytes + to->address, 0, to->size);
    assert_int_equal(esp_partition_copy(to, 0x1000, from, 0x800, 0x1234), ESP_OK);
    assert_memory_equal(board.nor.bytes + to->address + 0x1000,
                        board.nor.bytes + from->address + 0x800, 0x1234);
    assert_int_equal(board.nor.bytes[to->address + 0x2FFF], 0xFF);
    assert_int_equal(board.nor.bytes[to->address + 0x3000], 0);
    assert_int_equal(esp_partition_copy(to, 0, from, 0, SIZE_MAX), ESP_OK);
    assert_memory_equal(board.nor.bytes + to->address, board.nor.bytes + from->address, from->size);
    assert_int_equal(board.nor.bytes[to->address + to->size - 1], 0xFF);
    assert_int_equal(esp_partition_copy(to, 0, from, from->size + 1, 1), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_copy(to, to->size + 1, from, 0, 1), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_copy(to, 0, from, 0, SIZE_MAX - 1), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_copy(to, UINT32_MAX, from, 0, 1), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_copy(to, 0, from, UINT32_MAX, 1), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_copy(to, 0, to, 0, 1), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_copy(NULL, 0, to, 0, 1), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_copy(to, 0, NULL, 0, 1), ESP_ERR_INVALID_ARG);
}

static void external_partitions_come_and_go(void **state)
{
    (void)state;
    const esp_partition_t *p = NULL;
    const esp_partition_t *q = NULL;
    assert_int_equal(esp_partition_register_external(NULL, 0x262000, M, "ota_1",
                                                     ESP_PARTITION_TYPE_APP,
                                                     ESP_PARTITION_SUBTYPE_APP_OTA_1, &p),
                     ESP_OK);
    assert_ptr_equal(idf_board_part("ota_1"), p);
    assert_int_equal(esp_partition_register_external(NULL, 0x362000, 0x1000, "more",
                                                     ESP_PARTITION_TYPE_DATA,
                                                     ESP_PARTITION_SUBTYPE_DATA_NVS, &q),
                     ESP_OK);
    assert_int_equal(esp_partition_register_external(NULL, 0x261000, 0x2000, "x",
                                                     ESP_PARTITION_TYPE_DATA,
                                                     ESP_PARTITION_SUBTYPE_DATA_NVS, NULL),
                     ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_register_external(NULL, IDF_BOARD_FLASH - 0x1000, 0x2000, "x",
                                                     ESP_PARTITION_TYPE_DATA,
                                                     ESP_PARTITION_SUBTYPE_DATA_NVS, NULL),
                     ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_deregister_external(idf_board_part("nvs")), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_partition_deregister_external(p), ESP_OK);
    assert_null(idf_board_part("ota_1"));
    assert_ptr_equal(idf_board_part("more"), q);
    assert_int_equal(esp_partition_deregister_external(q), ESP_OK);
    assert_int_equal(esp_partition_deregister_external(q), ESP_ERR_NOT_FOUND);
}

static void partitions_on_another_chip_are_on_that_chip(void **state)
{
    (void)state;
    nor_sim_t other;
    uint8_t byte = 0x5A;
    const esp_partition_t *p = NULL;
    assert_int_equal(nor_sim_start(&other, 0x10000), OTA_OK);
    esp_flash_t chip = {&other.flash};
    assert_int_equal(esp_partition_register_external(&chip, 0, 0x10000, "ext",
                                                     ESP_PARTITION_TYPE_DATA,
                                                     ESP_PARTITION_SUBTYPE_DATA_FAT, &p),
                     ESP_OK);
    assert_int_equal(esp_partition_write(p, 0, &byte, 1), ESP_OK);
    assert_int_equal(other.bytes[0], 0x5A);
    assert_int_equal(esp_partition_copy(idf_board_part("storage"), 0, p, 0, 1),
                     ESP_ERR_NOT_SUPPORTED);
    const void *at = NULL;
    esp_partition_mmap_handle_t h = 0;
    assert_int_equal(esp_partition_mmap(p, 0, 1, ESP_PARTITION_MMAP_DATA, &at, &h),
                     ESP_ERR_NOT_SUPPORTED);
    nor_sim_stop(&other);
}

static void the_hash_of_a_partition_is_of_its_image_or_its_bytes(void **state)
{
    (void)state;
    uint8_t app[32];
    uint8_t other[32];
    const esp_partition_t *p = idf_board_part("ota_0");
    assert_int_equal(esp_partition_copy(p, 0, idf_board_part("factory"), 0, 0x4000), ESP_OK);
    assert_int_equal(esp_partition_get_sha256(p, app), ESP_OK);
    assert_int_equal(esp_partition_get_sha256(idf_board_part("factory"), other), ESP_OK);
    assert_memory_equal(app, other, 32);
    assert_true(esp_partition_check_identity(p, idf_board_part("factory")));
    memset(board.nor.bytes + p->address + 0x50, 0, 4);
    memset(other, 0, sizeof(other));
    assert_int_equal(esp_partition_get_sha256(p, other), ESP_ERR_IMAGE_INVALID);
    assert_memory_equal(app, other, 32); /* the stored one all the same */
    assert_false(esp_partition_check_identity(p, idf_board_part("factory")));
    assert_int_equal(esp_partition_get_sha256(idf_board_part("storage"), other), ESP_OK);
    assert_int_equal(esp_partition_get_sha256(p, NULL), ESP_ERR_INVALID_ARG);
}

static void forgetting_the_list_reads_the_table_again(void **state)
{
    (void)state;
    esp_ota_handle_t handle = 0;
    assert_int_equal(esp_ota_begin(idf_board_part("ota_0"), 0, &handle), ESP_OK);
    esp_partition_unload_all();
    assert_int_equal(esp_ota_abort(handle), ESP_ERR_NOT_FOUND);
    assert_int_equal(count(ESP_PARTITION_TYPE_ANY), 6);
    assert_int_equal(esp_partition_get_main_flash_sector_size(), 4096);
    otary_compat_uninstall();
    assert_null(idf_board_part("nvs"));
    uint8_t byte;
    esp_partition_t p = {0};
    assert_int_equal(esp_partition_read(&p, 0, &byte, 1), ESP_ERR_INVALID_STATE);
}

static void a_table_without_a_right_digest_is_not_installed(void **state)
{
    (void)state;
    board.nor.bytes[OTA_TABLE_OFFSET + 4] ^= 1;
    assert_int_equal(otary_compat_install(&board.compat), ESP_ERR_INVALID_STATE);
    memset(board.nor.bytes + OTA_TABLE_OFFSET + 6 * 32, 0xFF, 32);
    assert_int_equal(otary_compat_install(&board.compat), ESP_ERR_NOT_FOUND);
    assert_null(otary_compat_installed());
    assert_null(esp_ota_get_running_partition());
}

static void a_copy_that_does_not_fit_erases_nothing(void **state)
{
    (void)state;
    const esp_partition_t *small = idf_board_part("nvs");
    const esp_partition_t *large = idf_board_part("storage");
    assert_true(large->size > small->size);
    memset(board.nor.bytes + small->address, 0x5A, small->size);
    uint64_t erases = board.nor.erases[0] + board.nor.erases[1] + board.nor.erases[2];
    assert_int_equal(esp_partition_copy(small, 0, large, 0, small->size + 1), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_copy(small, 0, large, 0, SIZE_MAX), ESP_ERR_INVALID_SIZE);
    assert_int_equal(esp_partition_copy(small, 1, large, 0, small->size), ESP_ERR_INVALID_SIZE);
    assert_int_equal(board.nor.erases[0] + board.nor.erases[1] + board.nor.erases[2], erases);
    assert_int_equal(board.nor.bytes[small->address], 0x5A);
}

static void unloading_the_list_ends_the_sessions(void **state)
{
    (void)state;
    const esp_partition_t *slot = idf_board_part("ota_0");
    esp_ota_handle_t handle = 0;
    uint8_t byte = 0xE9;
    assert_int_equal(esp_ota_begin(slot, OTA_WITH_SEQUENTIAL_WRITES, &handle), ESP_OK);
    esp_partition_unload_all();
    assert_null(board.compat.device.sessions);
    assert_int_equal(esp_ota_write(handle, &byte, 1), ESP_ERR_INVALID_ARG);
    assert_int_equal(esp_ota_end(handle), ESP_ERR_NOT_FOUND);
    slot = idf_board_part("ota_0");
    assert_int_equal(esp_ota_begin(slot, OTA_WITH_SEQUENTIAL_WRITES, &handle), ESP_OK);
}

/* On a 64-bit host 4 GiB + 4 KiB must not become 4 KiB. */
static void a_size_above_32_bits_is_not_cut_off(void **state)
{
    (void)state;
    const esp_partition_t *slot = idf_board_part("ota_0");
    esp_ota_handle_t handle = 0;
    if (SIZE_MAX > UINT32_MAX) {
        size_t huge = (size_t)UINT32_MAX;
        huge += 0x1001u;
        assert_int_equal(esp_ota_begin(slot, huge, &handle), ESP_ERR_INVALID_SIZE);
        assert_null(board.compat.device.sessions);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(partitions_are_found_in_table_order),
        CASE(finding_says_why_it_finds_nothing),
        CASE(iterators_come_from_a_fixed_pool_and_go_back_to_it),
        CASE(bytes_written_are_read_and_erased_bytes_are_blank),
        CASE(ranges_are_checked_in_espressifs_order),
        CASE(read_only_partitions_are_only_read),
        CASE(the_running_app_bootloader_and_table_are_protected),
        CASE(encrypted_partitions_take_blocks_of_16),
        CASE(a_copy_is_verified_against_the_list),
        CASE(mapping_shows_flash_and_handles_are_finite),
        CASE(copying_takes_a_range_or_the_rest),
        CASE(a_copy_that_does_not_fit_erases_nothing),
        CASE(unloading_the_list_ends_the_sessions),
        CASE(a_size_above_32_bits_is_not_cut_off),
        CASE(external_partitions_come_and_go),
        CASE(partitions_on_another_chip_are_on_that_chip),
        CASE(the_hash_of_a_partition_is_of_its_image_or_its_bytes),
        CASE(forgetting_the_list_reads_the_table_again),
        CASE(a_table_without_a_right_digest_is_not_installed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
