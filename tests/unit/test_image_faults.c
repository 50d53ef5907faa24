/* SPDX-License-Identifier: Apache-2.0 */
/* image: what every refusal says, to the number, and the last value on each side of a limit. */
#include "core/bytes.h"
#include "host/image_build.h"
#include "ota/flash.h"
#include "ota/image.h"
#include "support/fault.h"
#include "support/image.h"

#define MIB(n) ((uint32_t)(n) << 20)

static uint8_t image[WORKED_IMAGE];

static ota_fault_t verdict_of(const ota_image_rules_t *rules)
{
    return verify(rules, image, sizeof(image)).fault;
}

/* The worked image with a number in it changed, and sealed again. */
static void change(uint32_t at, uint32_t value, uint32_t bytes)
{
    (void)worked_image(image);
    for (uint32_t b = 0; b < bytes; b++) {
        image[at + b] = (uint8_t)(value >> 8 * b);
    }
    (void)!image_reseal(image, sizeof(image));
}

static void header_faults_say_what_was_found_and_wanted(void **state)
{
    (void)state;
    ota_image_rules_t rules = rules_for("esp32s3");
    change(12, 5, 2);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_CHIP, 12, 5, 9);
    rules.chip = NULL;
    change(12, 0x1234, 2);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_CHIP, 12, 0x1234, OTA_CHIP_ID_INVALID);
    rules.chip_by_id = NULL;
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_CHIP, 12, 0x1234, OTA_CHIP_ID_INVALID);
    rules = rules_for("esp32s3");
    rules.chip_rev = 100;
    change(15, 101, 2);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_CHIP_REV_MIN, 15, 101, 100);
    change(17, 99, 2);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_CHIP_REV_MAX, 17, 99, 100);
    rules.chip_rev = 0;
    change(1, 17, 1);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_SEGMENT_COUNT, 1, 17, 16);
    rules = rules_for("esp32");
    rules.limit = MIB(16) + 1;
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_PARTITION, 0, MIB(16) + 1, MIB(16));
    rules = rules_for("esp32s3");
    rules.require_hash = true;
    change(23, 0, 1);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_NO_HASH, 23, 0, 1);
}

/* 16 segments are as many as there may be. */
static void sixteen_segments_are_a_good_image(void **state)
{
    (void)state;
    image_bytes_t many;
    image_wish_t wish;
    ota_image_rules_t rules = rules_for("esp32");
    image_wish_default(&wish);
    wish.chip = rules.chip;
    assert_int_equal(image_build(&wish, &many), OTA_OK);
    many.bytes[1] = 16;
    verdict_t verdict = verify(&rules, many.bytes, many.len);
    assert_int_not_equal(verdict.status, OTA_ERR_IMAGE_SEGMENT_COUNT);
    image_free(&many);
}

static void every_flash_size_of_a_header_is_held_against_the_chips(void **state)
{
    (void)state;
    ota_image_rules_t rules = rules_for("esp32s3");
    for (uint32_t n = 0; n < 16; n++) {
        uint32_t size = n <= 7 ? MIB(1) << n : 0xFFFFFFFFu;
        change(3, n << 4, 1);
        rules.flash_size = n <= 7 ? size : 0x80000000u;
        assert_int_equal(verdict_of(&rules).status, n <= 7 ? OTA_OK : OTA_ERR_IMAGE_FLASH_SIZE);
        rules.flash_size = n <= 7 ? size - 1 : 0x7FFFFFFFu;
        assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_FLASH_SIZE, 3, size, rules.flash_size);
    }
}

static void segment_faults_say_what_was_found_and_wanted(void **state)
{
    (void)state;
    ota_image_rules_t rules = rules_for("esp32s3");
    change(28, 0x102, 4);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_SEGMENT_LENGTH, 28, 0x102,
                 rules.chip->segment_limit);
    change(28, 252, 4);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_SEGMENT0_SHORT, 28, 252, OTA_APP_DESC_SIZE);
    change(28, OTA_APP_DESC_SIZE, 4); /* long enough */
    assert_int_not_equal(verdict_of(&rules).status, OTA_ERR_IMAGE_SEGMENT0_SHORT);
    change(24, 0x3C00BEE0, 4);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_MAPPING, 24, 0xBEE0, 0x20);
    change(0x120, 0x4201BEE0, 4);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_MAPPING, 0x120, 0xBEE0, 0x128);
    change(0x120, 0x4201BEE1, 4); /* the lowest bit of an address counts as well */
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_MAPPING, 0x120, 0xBEE1, 0x128);
}

/* What is still to come is known from the header: 16 headers of segments. */
static void an_image_that_cannot_fit_is_refused_as_early_as_that_shows(void **state)
{
    (void)state;
    ota_image_rules_t rules = rules_for("esp32s3");
    (void)worked_image(image);
    uint32_t tail = ((24 + 2 * 8) | 15) + 1 + 32; /* two empty segments */
    rules.limit = tail;
    assert_int_not_equal(verdict_of(&rules).offset, 1);
    rules.limit = tail - 1;
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_TOO_BIG, 1, tail, tail - 1);
    for (uint32_t segments = 3; segments < 5; segments++) { /* 48 and 56 bytes of headers */
        change(1, segments, 1);
        assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_TOO_BIG, 1, tail + 16, tail - 1);
    }
    change(1, 16, 1);
    uint32_t with_first = ((32 + 256 + 15 * 8) | 15) + 1 + 32;
    rules.limit = with_first - 1;
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_TOO_BIG, 28, with_first, with_first - 1);
    (void)worked_image(image);
    rules.limit = NO_LIMIT;
    rules.address = NO_LIMIT - 40;
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_WRAP, 1, tail, 40);
}

static void descriptor_faults_say_what_was_found_and_wanted(void **state)
{
    (void)state;
    ota_image_rules_t rules = rules_for("esp32s3");
    rules.anti_rollback = true;
    change(0x20, 0x11223344, 4);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_DESCRIPTOR, 0x20, 0x11223344,
                 OTA_APP_DESC_MAGIC);
    rules.secure_version = 8;
    change(0x24, 7, 4);
    assert_fault(verdict_of(&rules), OTA_ERR_SECURE_VERSION, 0x24, 7, 8);
    rules.anti_rollback = false;
    rules.block_rev = 200;
    change(0xD2, 0, 2); /* up to any */
    assert_int_equal(verdict_of(&rules).status, OTA_OK);
    change(0xD0, 201 | 400u << 16, 4);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_BLOCK_REV, 0xD0, 201, 200);
    change(0xD0, 100 | 199u << 16, 4);
    assert_fault(verdict_of(&rules), OTA_ERR_IMAGE_BLOCK_REV, 0xD2, 199, 200);
    rules = rules_for("esp32"); /* has no block revision */
    rules.block_rev = 200;
    change(12, 0, 2);
    image[0xD2] = 99;
    (void)!image_reseal(image, sizeof(image));
    assert_int_equal(verdict_of(&rules).status, OTA_OK);
}

static void a_page_that_does_not_exist_is_none(void **state)
{
    (void)state;
    ota_image_rules_t rules = rules_for("esp32c6");
    ota_chip_t chip = *rules.chip;
    rules.chip = &chip;
    chip.mmu_pages |= 0x80000001u; /* of 1 byte, and of 2 GiB */
    image_bytes_t app;
    image_wish_t wish;
    image_wish_default(&wish);
    wish.chip = ota_chip_by_name("esp32c6");
    static const struct {
        uint8_t log2;
        ota_status_t status;
    } cases[] = {{0, OTA_OK}, /* any place in a page of one byte */
                 {31, OTA_ERR_IMAGE_MAPPING},
                 {32, OTA_OK}, /* no such page: the default one, of 64 KiB */
                 {33, OTA_OK}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wish.mmu_page_log2 = 0;
        assert_int_equal(image_build(&wish, &app), OTA_OK);
        app.bytes[0x20 + 180] = cases[i].log2;
        assert_int_equal(image_reseal(app.bytes, app.len), OTA_OK);
        assert_int_equal(verify(&rules, app.bytes, app.len).status, cases[i].status);
        image_free(&app);
    }
}

/* --- in flash ------------------------------------------------------------------------- */

typedef struct {
    uint32_t reads_left;
} failing_t;

static ota_status_t read_or_fail(void *ctx, uint32_t addr, void *dst, size_t len)
{
    failing_t *failing = ctx;
    if (failing->reads_left-- == 0) {
        return OTA_ERR_PORT;
    }
    memcpy(dst, image + addr - 0x10000, len);
    return OTA_OK;
}

static void images_are_read_from_flash_with_the_callers_buffer(void **state)
{
    (void)state;
    uint8_t buffer[64];
    uint32_t length = 1;
    ota_fault_t fault;
    failing_t failing = {100};
    ota_flash_t flash = {.size = 0x10000 + WORKED_IMAGE, .read = read_or_fail, .ctx = &failing};
    ota_image_rules_t rules = rules_for("esp32s3");
    (void)worked_image(image);
    assert_int_equal(ota_image_check_flash(&flash, &rules, buffer, 64, &length, &fault), OTA_OK);
    assert_int_equal(length, WORKED_IMAGE);
    assert_int_equal(ota_image_check_flash(NULL, &rules, buffer, 64, NULL, NULL), OTA_ERR_ARG);
    assert_int_equal(ota_image_check_flash(&flash, &rules, NULL, 64, NULL, NULL), OTA_ERR_ARG);
    assert_int_equal(ota_image_check_flash(&flash, &rules, buffer, 63, NULL, NULL), OTA_ERR_ARG);
    failing.reads_left = 1;
    fault = NO_FAULT_YET;
    assert_int_equal(ota_image_check_flash(&flash, &rules, buffer, 64, &length, &fault),
                     OTA_ERR_PORT);
    assert_fault(fault, OTA_ERR_PORT, 24, 0, 0);
    assert_int_equal(length, 0);
    failing.reads_left = 100;
    rules.address = flash.size; /* behind the last byte of flash: nothing is there */
    assert_int_equal(ota_image_check_flash(&flash, &rules, buffer, 64, &length, &fault),
                     OTA_ERR_IMAGE_TRUNCATED);
}

static uint32_t asked_at;

static ota_status_t note_address(void *ctx, uint32_t addr, void *dst, size_t len)
{
    (void)ctx;
    asked_at = addr;
    memset(dst, 0, len);
    return OTA_OK;
}

/* The descriptor of an app at the very end of the address space: no sum wraps. */
static void a_secure_version_is_not_looked_for_behind_the_last_address(void **state)
{
    (void)state;
    uint32_t version;
    ota_flash_t flash = {.size = 0xFFFFFFFFu, .read = note_address};
    assert_int_equal(ota_app_secure_version(&flash, 0xFFFFFFFFu, &version), OTA_ERR_RANGE);
    assert_int_equal(ota_app_secure_version(&flash, 0xFFFFFFE0u, &version), OTA_ERR_RANGE);
    asked_at = 0;
    assert_int_equal(ota_app_secure_version(&flash, 0xFFFFFFFFu - 0x20 - 8, &version),
                     OTA_ERR_IMAGE_DESCRIPTOR);
    assert_int_equal(asked_at, 0xFFFFFFFFu - 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_faults_say_what_was_found_and_wanted),
        cmocka_unit_test(sixteen_segments_are_a_good_image),
        cmocka_unit_test(every_flash_size_of_a_header_is_held_against_the_chips),
        cmocka_unit_test(segment_faults_say_what_was_found_and_wanted),
        cmocka_unit_test(an_image_that_cannot_fit_is_refused_as_early_as_that_shows),
        cmocka_unit_test(descriptor_faults_say_what_was_found_and_wanted),
        cmocka_unit_test(a_page_that_does_not_exist_is_none),
        cmocka_unit_test(images_are_read_from_flash_with_the_callers_buffer),
        cmocka_unit_test(a_secure_version_is_not_looked_for_behind_the_last_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
