/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule with its status at its offset, and what the descriptors say. */
#include "core/bytes.h"
#include "host/image_build.h"
#include "ota/image.h"
#include "support/image.h"
#include "support/unit.h"

typedef struct {
    const char *what;
    uint32_t at;    /* edit here .. */
    uint32_t value; /* .. a little-endian number .. */
    uint32_t bytes; /* .. of so many bytes; then checksum and hash are made right */
    ota_status_t status;
    uint32_t offset;
} rule_case_t;

static void every_rule_has_its_status_and_its_offset(void **state)
{
    (void)state;
    static const rule_case_t cases[] = {
        {"magic", 0, 0x3C, 1, OTA_ERR_IMAGE_MAGIC, 0},
        {"segment count", 1, 17, 1, OTA_ERR_IMAGE_SEGMENT_COUNT, 1},
        {"chip", 12, 0, 2, OTA_ERR_IMAGE_CHIP, 12},
        {"min rev", 15, 101, 2, OTA_ERR_IMAGE_CHIP_REV_MIN, 15},
        {"min rev met", 15, 100, 2, OTA_OK, 0},
        {"max rev", 17, 99, 2, OTA_ERR_IMAGE_CHIP_REV_MAX, 17},
        {"max rev met", 17, 100, 2, OTA_OK, 0},
        {"max rev unset", 17, 0, 2, OTA_OK, 0},
        {"max rev unset too", 17, 65535, 2, OTA_OK, 0},
        {"legacy min rev", 14, 255, 1, OTA_OK, 0},
        {"length of segment 0 no multiple of 4", 28, 0x102, 4, OTA_ERR_IMAGE_SEGMENT_LENGTH, 28},
        {"segment 0 short", 28, 252, 4, OTA_ERR_IMAGE_SEGMENT0_SHORT, 28},
        {"length of segment 1", 0x124, 0x11, 4, OTA_ERR_IMAGE_SEGMENT_LENGTH, 0x124},
        {"segment 1 huge", 0x124, 0xFFFFFFFC, 4, OTA_ERR_IMAGE_TOO_BIG, 0x124},
        {"segment 1 beyond the end", 0x124, 0x100, 4, OTA_ERR_IMAGE_TRUNCATED, 352},
        {"load address of segment 0", 24, 0x3C000024, 4, OTA_ERR_IMAGE_MAPPING, 24},
        {"load address of segment 1", 0x120, 0x42010130, 4, OTA_ERR_IMAGE_MAPPING, 0x120},
        {"load address of segment 1 in RAM", 0x120, 0x40370001, 4, OTA_OK, 0},
        {"descriptor of a chip with fixed pages", 0x20, 0, 4, OTA_OK, 0},
        {"min block rev", 0xD0, 201, 2, OTA_ERR_IMAGE_BLOCK_REV, 0xD0},
        {"max block rev", 0xD2, 199, 2, OTA_ERR_IMAGE_BLOCK_REV, 0xD2},
        {"block revs unset", 0xD0, 0xFFFFFFFF, 4, OTA_OK, 0},
    };
    ota_image_rules_t rules = rules_for("esp32s3");
    rules.chip_rev = 100;
    rules.block_rev = 200;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t image[352];
        size_t len = worked_image(image);
        ota_put_le16(image + 17, 399);
        ota_put_le16(image + 0xD2, 0);
        for (uint32_t b = 0; b < cases[i].bytes; b++) {
            image[cases[i].at + b] = (uint8_t)(cases[i].value >> 8 * b);
        }
        (void)!image_reseal(image, len);
        verdict_t verdict = verify(&rules, image, len);
        if (verdict.status != cases[i].status || verdict.fault.offset != cases[i].offset) {
            fail_msg("%s: %s at %u", cases[i].what, ota_status_name(verdict.status),
                     verdict.fault.offset);
        }
    }
}

static void seals_are_compared_where_they_stand(void **state)
{
    (void)state;
    uint8_t image[352];
    size_t len = worked_image(image);
    ota_image_rules_t rules = rules_for("esp32s3");
    image[0x13F] ^= 1;
    verdict_t verdict = verify(&rules, image, len);
    assert_int_equal(verdict.status, OTA_ERR_IMAGE_CHECKSUM);
    assert_int_equal(verdict.fault.offset, 0x13F);
    assert_int_equal(verdict.fault.found, 0xE6);
    assert_int_equal(verdict.fault.expected, 0xE7);
    image[0x13F] ^= 1;
    image[0x15F] ^= 0x80;
    verdict = verify(&rules, image, len);
    assert_int_equal(verdict.status, OTA_ERR_IMAGE_HASH);
    assert_int_equal(verdict.fault.offset, 0x140);
}

static void an_image_fits_its_partition_or_is_refused_at_the_segment_that_shows_it(void **state)
{
    (void)state;
    uint8_t image[352];
    size_t len = worked_image(image);
    ota_image_rules_t rules = rules_for("esp32s3");
    rules.limit = 352;
    assert_int_equal(verify(&rules, image, len).status, OTA_OK);
    rules.limit = 351;
    verdict_t verdict = verify(&rules, image, len);
    assert_int_equal(verdict.status, OTA_ERR_IMAGE_TOO_BIG);
    assert_int_equal(verdict.fault.offset, 0x124);
    assert_int_equal(verdict.fault.found, 352);
    assert_int_equal(verdict.fault.expected, 351);
    rules.limit = 330; /* already the first segment and the tail are more */
    assert_int_equal(verify(&rules, image, len).fault.offset, 28);
    rules.limit = 60; /* so is the header alone */
    assert_int_equal(verify(&rules, image, len).fault.offset, 1);
    rules.limit = 23; /* no header fits */
    assert_int_equal(verify(&rules, image, len).fault.offset, 0);
    assert_int_equal(verify(&rules, image, len).status, OTA_ERR_IMAGE_TOO_BIG);
    rules.limit = NO_LIMIT;
    rules.address = NO_LIMIT - 351 - 0x20;
    ota_put_le32(image + 24, 0);
    ota_put_le32(image + 0x120, 0);
    (void)!image_reseal(image, len);
    assert_int_equal(verify(&rules, image, len).status, OTA_OK);
    rules.address = NO_LIMIT - 351;
    assert_int_equal(verify(&rules, image, len).status, OTA_ERR_IMAGE_WRAP);
}

static void what_the_chip_cannot_map_is_refused_before_any_byte(void **state)
{
    (void)state;
    uint8_t image[352];
    (void)worked_image(image);
    ota_image_rules_t rules = rules_for("esp32");
    ota_image_t verifier;
    rules.limit = 0x1000001;
    assert_int_equal(ota_image_start(&verifier, &rules), OTA_ERR_IMAGE_PARTITION);
    assert_int_equal(ota_image_feed(&verifier, image, 1), OTA_ERR_IMAGE_PARTITION);
    rules.chip = NULL; /* known only from the header */
    ota_put_le16(image + 12, 0);
    verdict_t verdict = verify(&rules, image, sizeof(image));
    assert_int_equal(verdict.status, OTA_ERR_IMAGE_PARTITION);
    rules.limit = 0x1000000;
    rules.chip = ota_chip_by_name("esp32");
    assert_int_equal(ota_image_start(&verifier, &rules), OTA_OK);
    ota_put_le32(image + 28, 0x1000000);
    assert_int_equal(verify(&rules, image, sizeof(image)).status, OTA_ERR_IMAGE_SEGMENT_LENGTH);
}

static void our_own_rules_are_asked_for(void **state)
{
    (void)state;
    uint8_t image[352];
    size_t len = worked_image(image);
    ota_image_rules_t rules = rules_for("esp32s3");
    rules.flash_size = 4u << 20;
    assert_int_equal(verify(&rules, image, len).status, OTA_OK);
    rules.flash_size = 2u << 20;
    verdict_t verdict = verify(&rules, image, len);
    assert_int_equal(verdict.status, OTA_ERR_IMAGE_FLASH_SIZE);
    assert_int_equal(verdict.fault.offset, 3);
    image[3] = 0x80; /* no size has that number */
    assert_int_equal(verify(&rules, image, len).status, OTA_ERR_IMAGE_FLASH_SIZE);
    rules.flash_size = 0;
    image[23] = 0;
    assert_int_equal(verify(&rules, image, len).length, 320);
    rules.require_hash = true;
    verdict = verify(&rules, image, len);
    assert_int_equal(verdict.status, OTA_ERR_IMAGE_NO_HASH);
    assert_int_equal(verdict.fault.offset, 23);
}

static void a_version_below_the_floor_is_refused(void **state)
{
    (void)state;
    uint8_t image[352];
    size_t len = worked_image(image);
    ota_image_rules_t rules = rules_for("esp32s3");
    ota_put_le32(image + 0x24, 7);
    assert_int_equal(image_reseal(image, len), OTA_OK);
    rules.secure_version = 8;
    assert_int_equal(verify(&rules, image, len).status, OTA_OK); /* nobody asked */
    rules.anti_rollback = true;
    verdict_t verdict = verify(&rules, image, len);
    assert_int_equal(verdict.status, OTA_ERR_SECURE_VERSION);
    assert_int_equal(verdict.fault.offset, 0x24);
    assert_int_equal(verdict.fault.found, 7);
    assert_int_equal(verdict.fault.expected, 8);
    rules.secure_version = 7;
    assert_int_equal(verify(&rules, image, len).status, OTA_OK);
    image[0x20] ^= 1; /* and without a descriptor there is no version */
    verdict = verify(&rules, image, len);
    assert_int_equal(verdict.status, OTA_ERR_IMAGE_DESCRIPTOR);
    assert_int_equal(verdict.fault.offset, 0x20);
}

static void revisions_can_be_left_out(void **state)
{
    (void)state;
    uint8_t image[352];
    size_t len = worked_image(image);
    ota_image_rules_t rules = rules_for("esp32s3");
    rules.chip_rev = 200;
    rules.block_rev = 200;
    assert_int_equal(verify(&rules, image, len).status, OTA_ERR_IMAGE_CHIP_REV_MAX);
    rules.any_max_rev = true;
    assert_int_equal(verify(&rules, image, len).status, OTA_ERR_IMAGE_BLOCK_REV);
    rules.any_rev = true;
    assert_int_equal(verify(&rules, image, len).status, OTA_OK);
}

/* The C6 takes its page from the descriptor; 0 and nonsense mean 64 KiB. */
static void the_mapping_rule_uses_the_page_that_the_image_names(void **state)
{
    (void)state;
    static const struct {
        uint8_t log2;
        uint32_t address;
        ota_status_t status;
    } cases[] = {
        {0, 0x10000, OTA_OK},   {0, 0x12000, OTA_ERR_IMAGE_MAPPING},
        {13, 0x12000, OTA_OK},  {13, 0x11000, OTA_ERR_IMAGE_MAPPING},
        {14, 0x14000, OTA_OK},  {14, 0x12000, OTA_ERR_IMAGE_MAPPING},
        {15, 0x18000, OTA_OK},  {17, 0x18000, OTA_ERR_IMAGE_MAPPING},
        {255, 0x10000, OTA_OK}, {12, 0x11000, OTA_ERR_IMAGE_MAPPING},
    };
    ota_image_rules_t rules = rules_for("esp32c6");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        image_bytes_t image;
        image_wish_t wish;
        image_wish_default(&wish);
        wish.chip = rules.chip;
        wish.mmu_page_log2 = cases[i].log2;
        assert_int_equal(image_build(&wish, &image), OTA_OK);
        rules.address = cases[i].address;
        verdict_t verdict = verify(&rules, image.bytes, image.len);
        assert_int_equal(verdict.status, cases[i].status);
        assert_int_equal(verdict.fault.offset, verdict.status == OTA_OK ? 0 : 24);
        image.bytes[0x20] ^= 1; /* the page needs its descriptor */
        assert_int_equal(verify(&rules, image.bytes, image.len).status, OTA_ERR_IMAGE_DESCRIPTOR);
        image_free(&image);
    }
}

/* The chips on which the descriptor is needed and names the page: formats.md 4.3. */
static void chips_have_the_pages_that_espressif_gives_them(void **state)
{
    (void)state;
    static const struct {
        const char *chip;
        uint32_t pages; /* in KiB, one bit each */
    } chips[] = {
        {"esp32", 64},
        {"esp32s2", 64},
        {"esp32c3", 64},
        {"esp32s3", 64},
        {"esp32c2", 16 | 32 | 64},
        {"esp32c6", 8 | 16 | 32 | 64},
        {"esp32h2", 8 | 16 | 32 | 64},
        {"esp32p4", 64},
        {"esp32c61", 8 | 16 | 32 | 64},
        {"esp32c5", 64},
        {"esp32h21", 8 | 16 | 32 | 64},
        {"esp32h4", 8 | 16 | 32 | 64},
        {"esp32s31", 32 | 64 | 128 | 256},
    };
    for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
        const ota_chip_t *chip = ota_chip_by_name(chips[i].chip);
        assert_non_null(chip);
        assert_int_equal(chip->mmu_pages, chips[i].pages * 1024);
        assert_true((chip->mmu_pages & chip->mmu_page) != 0);
    }
}

static void a_bootloader_is_judged_as_its_own_kind(void **state)
{
    (void)state;
    image_bytes_t image;
    image_wish_t wish;
    ota_image_rules_t rules = rules_for("esp32c3");
    image_wish_default(&wish);
    wish.chip = rules.chip;
    wish.kind = OTA_IMAGE_BOOTLOADER;
    wish.max_rev = 50;
    assert_int_equal(image_build(&wish, &image), OTA_OK);
    rules.chip_rev = 100;
    assert_int_equal(verify(&rules, image.bytes, image.len).status, OTA_ERR_IMAGE_CHIP_REV_MAX);
    rules.kind = OTA_IMAGE_BOOTLOADER;
    assert_int_equal(verify(&rules, image.bytes, image.len).length, image.len);
    image.bytes[2] ^= 1; /* as a flasher does that sets another SPI mode */
    assert_int_equal(verify(&rules, image.bytes, image.len).status, OTA_OK);
    rules.bootloader_hash = true;
    assert_int_equal(verify(&rules, image.bytes, image.len).status, OTA_ERR_IMAGE_HASH);
    image_free(&image);
}

static void descriptors_are_decoded_field_by_field(void **state)
{
    (void)state;
    uint8_t image[352];
    ota_app_desc_t desc;
    ota_image_header_t header;
    (void)worked_image(image);
    ota_put_le32(image + 0x24, 5);
    ota_put_le16(image + 0xD0, 102);
    image[0xD5] = 3;
    memset(image + 0x30, 'v', 32); /* no terminator */
    assert_int_equal(ota_app_desc_decode(&desc, image + 0x20), OTA_OK);
    assert_int_equal(desc.secure_version, 5);
    assert_string_equal(desc.version, "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv");
    assert_string_equal(desc.project, "demo");
    assert_string_equal(desc.time, "12:00:00");
    assert_string_equal(desc.date, "Jan  1 2026");
    assert_string_equal(desc.idf_version, "v6.2-dev");
    assert_memory_equal(desc.elf_sha256, image + 0xB0, 32);
    assert_int_equal(desc.min_block_rev, 102);
    assert_int_equal(desc.max_block_rev, 99);
    assert_int_equal(desc.mmu_page_log2, 16);
    assert_int_equal(desc.spi_mode, 3);
    memset(image + 0x30, 'v', 32 + 32 + 16 + 16 + 32); /* none of them has one */
    assert_int_equal(ota_app_desc_decode(&desc, image + 0x20), OTA_OK);
    assert_int_equal(strlen(desc.version), 32);
    assert_int_equal(strlen(desc.project), 32);
    assert_int_equal(strlen(desc.time), 16);
    assert_int_equal(strlen(desc.date), 16);
    assert_int_equal(strlen(desc.idf_version), 32);
    image[0x20] = 0;
    assert_int_equal(ota_app_desc_decode(&desc, image + 0x20), OTA_ERR_IMAGE_DESCRIPTOR);
    assert_int_equal(ota_image_header_decode(&header, image), OTA_OK);
    assert_int_equal(header.entry, 0x42010128);
    assert_int_equal(header.spi_mode, 2);
    assert_int_equal(header.chip_id, 9);
    assert_int_equal(header.max_rev, 99);
    assert_int_equal(header.segments, 2);
    image[0] = 0;
    assert_int_equal(ota_image_header_decode(&header, image), OTA_ERR_IMAGE_MAGIC);
}

static void a_bootloader_descriptor_is_decoded(void **state)
{
    (void)state;
    uint8_t bytes[OTA_BOOTLOADER_DESC_SIZE] = {80, 0, 0, 3, 2, 1};
    ota_bootloader_desc_t desc;
    memcpy(bytes + 8, "v6.2-dev-with-a-name-of-32-chars", 32);
    memcpy(bytes + 40, "Jan  1 2026 12:00:00.000", 24);
    assert_int_equal(ota_bootloader_desc_decode(&desc, bytes), OTA_OK);
    assert_int_equal(desc.secure_version, 3);
    assert_int_equal(desc.version, 0x102);
    assert_string_equal(desc.idf_version, "v6.2-dev-with-a-name-of-32-chars");
    assert_string_equal(desc.date_time, "Jan  1 2026 12:00:00.000");
    bytes[0] = 0;
    assert_int_equal(ota_bootloader_desc_decode(&desc, bytes), OTA_ERR_IMAGE_DESCRIPTOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_has_its_status_and_its_offset),
        cmocka_unit_test(seals_are_compared_where_they_stand),
        cmocka_unit_test(an_image_fits_its_partition_or_is_refused_at_the_segment_that_shows_it),
        cmocka_unit_test(what_the_chip_cannot_map_is_refused_before_any_byte),
        cmocka_unit_test(our_own_rules_are_asked_for),
        cmocka_unit_test(a_version_below_the_floor_is_refused),
        cmocka_unit_test(revisions_can_be_left_out),
        cmocka_unit_test(the_mapping_rule_uses_the_page_that_the_image_names),
        cmocka_unit_test(chips_have_the_pages_that_espressif_gives_them),
        cmocka_unit_test(a_bootloader_is_judged_as_its_own_kind),
        cmocka_unit_test(descriptors_are_decoded_field_by_field),
        cmocka_unit_test(a_bootloader_descriptor_is_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
