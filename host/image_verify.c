/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image_verify.h"

#include "core/bytes.h"
#include "host/image_memory.h"

#define PIECE          32768u
#define SEGMENT_HEADER 8u

ota_status_t image_verify(ota_image_t *image, const ota_image_rules_t *rules, const uint8_t *bytes,
                          size_t len)
{
    ota_status_t status = ota_image_start(image, rules);
    for (size_t at = 0; status == OTA_OK && at < len && !ota_image_complete(image);) {
        size_t n = min_size(PIECE, len - at);
        status = ota_image_feed(image, bytes + at, n);
        at += n;
    }
    return status == OTA_OK ? ota_image_finish(image) : status;
}

/* Only apps have segments in flash, and only apps begin with this descriptor. */
static bool of_an_app(const ota_chip_t *chip, uint32_t load, const uint8_t *data, size_t len)
{
    return image_memory_is(chip, load, "DROM") || image_memory_is(chip, load, "IROM") ||
           (len >= 4 && ota_get_le32(data) == OTA_APP_DESC_MAGIC);
}

ota_image_kind_t image_guess_kind(const uint8_t *bytes, size_t len)
{
    ota_image_header_t header;
    if (len < OTA_IMAGE_HEADER || ota_image_header_decode(&header, bytes) != OTA_OK) {
        return OTA_IMAGE_APP;
    }
    const ota_chip_t *chip = ota_chip_by_id(header.chip_id);
    size_t at = OTA_IMAGE_HEADER;
    unsigned left = chip != NULL ? header.segments : 0;
    ota_image_kind_t kind = left > 0 ? OTA_IMAGE_BOOTLOADER : OTA_IMAGE_APP;
    for (; left > 0 && kind == OTA_IMAGE_BOOTLOADER; left--) {
        if (len - at < SEGMENT_HEADER) {
            return OTA_IMAGE_APP;
        }
        uint32_t load = ota_get_le32(bytes + at);
        uint32_t segment = ota_get_le32(bytes + at + 4);
        at += SEGMENT_HEADER;
        if (segment > len - at || of_an_app(chip, load, bytes + at, len - at)) {
            kind = OTA_IMAGE_APP;
        }
        at += segment;
    }
    return kind;
}
