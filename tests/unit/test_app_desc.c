/* SPDX-License-Identifier: Apache-2.0 */
/* app_desc: descriptors of an application and of a bootloader, field by field. */
#include "core/bytes.h"
#include "ota/image.h"
#include "support/unit.h"

/* As many of the letter as the field has room for, and no NUL. */
static void expect_full(const char *text, size_t room, char letter)
{
    assert_int_equal(strlen(text), room);
    for (size_t i = 0; i < room; i++) {
        assert_int_equal(text[i], letter);
    }
}

static void texts_of_an_app_may_fill_their_fields(void **state)
{
    (void)state;
    uint8_t bytes[OTA_APP_DESC_SIZE];
    ota_app_desc_t desc;
    memset(bytes, 0x77, sizeof(bytes));
    ota_put_le32(bytes, OTA_APP_DESC_MAGIC);
    ota_put_le32(bytes + 4, 0x01020304);
    memset(bytes + 16, 'v', 32);
    memset(bytes + 48, 'p', 32);
    memset(bytes + 80, 't', 16);
    memset(bytes + 96, 'd', 16);
    memset(bytes + 112, 'i', 32);
    memset(bytes + 144, 0x5A, 32);
    ota_put_le16(bytes + 176, 0x0506);
    ota_put_le16(bytes + 178, 0x0708);
    bytes[180] = 16;
    bytes[181] = 2;
    memset(&desc, 0xA5, sizeof(desc));
    assert_int_equal(ota_app_desc_decode(&desc, bytes), OTA_OK);
    assert_int_equal(desc.secure_version, 0x01020304);
    expect_full(desc.version, 32, 'v');
    expect_full(desc.project, 32, 'p');
    expect_full(desc.time, 16, 't');
    expect_full(desc.date, 16, 'd');
    expect_full(desc.idf_version, 32, 'i');
    assert_memory_equal(desc.elf_sha256, bytes + 144, 32);
    assert_int_equal(desc.min_block_rev, 0x0506);
    assert_int_equal(desc.max_block_rev, 0x0708);
    assert_int_equal(desc.mmu_page_log2, 16);
    assert_int_equal(desc.spi_mode, 2);
}

static void texts_of_a_bootloader_may_fill_their_fields(void **state)
{
    (void)state;
    uint8_t bytes[OTA_BOOTLOADER_DESC_SIZE];
    struct {
        ota_bootloader_desc_t desc;
        uint8_t behind[32];
    } room;
    memset(bytes, 0x77, sizeof(bytes));
    bytes[0] = OTA_BOOTLOADER_DESC_MAGIC;
    bytes[3] = 9;
    ota_put_le32(bytes + 4, 0x01020304);
    memset(bytes + 8, 'i', 32);
    memset(bytes + 40, 'd', 24);
    memset(&room, 0xA5, sizeof(room));
    assert_int_equal(ota_bootloader_desc_decode(&room.desc, bytes), OTA_OK);
    assert_int_equal(room.desc.secure_version, 9);
    assert_int_equal(room.desc.version, 0x01020304);
    expect_full(room.desc.idf_version, 32, 'i');
    expect_full(room.desc.date_time, 24, 'd');
    for (size_t i = 0; i < sizeof(room.behind); i++) {
        assert_int_equal(room.behind[i], 0xA5);
    }
}

static void what_follows_the_end_of_a_text_is_not_shown(void **state)
{
    (void)state;
    uint8_t bytes[OTA_APP_DESC_SIZE] = {0};
    ota_app_desc_t desc;
    ota_put_le32(bytes, OTA_APP_DESC_MAGIC);
    memcpy(bytes + 16, "1.2\0rest", 8);
    memset(&desc, 0xA5, sizeof(desc));
    assert_int_equal(ota_app_desc_decode(&desc, bytes), OTA_OK);
    assert_string_equal(desc.version, "1.2");
    for (size_t i = 3; i < sizeof(desc.version); i++) {
        assert_int_equal(desc.version[i], 0);
    }
    assert_string_equal(desc.project, "");
}

static void a_descriptor_begins_with_its_magic(void **state)
{
    (void)state;
    uint8_t bytes[OTA_APP_DESC_SIZE] = {0};
    ota_app_desc_t app;
    ota_bootloader_desc_t bootloader;
    ota_put_le32(bytes, OTA_APP_DESC_MAGIC ^ 0x80000000u);
    assert_int_equal(ota_app_desc_decode(&app, bytes), OTA_ERR_IMAGE_DESCRIPTOR);
    bytes[0] = OTA_BOOTLOADER_DESC_MAGIC + 1u;
    assert_int_equal(ota_bootloader_desc_decode(&bootloader, bytes), OTA_ERR_IMAGE_DESCRIPTOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_an_app_may_fill_their_fields),
        cmocka_unit_test(texts_of_a_bootloader_may_fill_their_fields),
        cmocka_unit_test(what_follows_the_end_of_a_text_is_not_shown),
        cmocka_unit_test(a_descriptor_begins_with_its_magic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
