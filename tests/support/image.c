/* SPDX-License-Identifier: Apache-2.0 */
#include "support/image.h"

#include "core/bytes.h"
#include "host/image_build.h"
#include "support/unit.h"

ota_image_rules_t rules_for(const char *chip)
{
    return (ota_image_rules_t){.chip = ota_chip_by_name(chip),
                               .chip_by_id = ota_chip_by_id,
                               .address = 0x10000,
                               .limit = 0x100000};
}

verdict_t verify_pieces(const ota_image_rules_t *rules, const uint8_t *bytes, size_t len,
                        size_t first, size_t piece)
{
    ota_image_t image;
    verdict_t verdict = {.status = ota_image_start(&image, rules)};
    size_t at = 0;
    size_t n = min_size(first, len);
    while (verdict.status == OTA_OK && at < len) {
        verdict.status = ota_image_feed(&image, bytes + at, n);
        at += n;
        n = min_size(piece, len - at);
    }
    if (verdict.status == OTA_OK) {
        verdict.status = ota_image_finish(&image);
    }
    verdict.fault = *ota_image_fault(&image);
    verdict.length = verdict.status == OTA_OK ? ota_image_length(&image) : 0;
    assert_int_equal(verdict.status, verdict.fault.status); /* a failure always names its place */
    return verdict;
}

verdict_t verify(const ota_image_rules_t *rules, const uint8_t *bytes, size_t len)
{
    return verify_pieces(rules, bytes, len, len, len);
}

size_t worked_image(uint8_t image[WORKED_IMAGE])
{
    static const uint8_t head[] = {0xE9, 2, 2,    0x20, 0x28, 1,    1,  0x42, 0xEE, 0, 0,
                                   0,    9, 0,    0,    0,    0,    99, 0,    0,    0, 0,
                                   0,    1, 0x20, 0,    0,    0x3C, 0,  1,    0,    0};
    memset(image, 0, 352);
    memcpy(image, head, sizeof(head));
    ota_put_le32(image + 0x20, OTA_APP_DESC_MAGIC);
    memcpy(image + 0x30, "1.0", 3);
    memcpy(image + 0x50, "demo", 4);
    memcpy(image + 0x70, "12:00:00", 8);
    memcpy(image + 0x80, "Jan  1 2026", 11);
    memcpy(image + 0x90, "v6.2-dev", 8);
    for (uint8_t i = 0; i < 32; i++) {
        image[0xB0 + i] = i;
    }
    image[0xD2] = 99;
    image[0xD4] = 16;
    ota_put_le32(image + 0x120, 0x42010128);
    ota_put_le32(image + 0x124, 16);
    for (uint8_t i = 0; i < 16; i++) {
        image[0x128 + i] = i;
    }
    assert_int_equal(image_reseal(image, 352), OTA_OK);
    return 352;
}
