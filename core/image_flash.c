/* SPDX-License-Identifier: Apache-2.0 */
/* Images that lie in flash: read once, in order, and never past their own end. */
#include "core/bytes.h"
#include "core/image_internal.h"

/* Bytes that may be read: the partition, as far as there is flash. */
static uint32_t readable(const ota_flash_t *flash, const ota_image_rules_t *rules)
{
    uint32_t there = rules->address < flash->size ? flash->size - rules->address : 0;
    return min_u32(there, rules->limit);
}

static ota_status_t run(ota_image_t *image, const ota_flash_t *flash, uint8_t *buffer,
                        size_t buffer_len)
{
    uint32_t end = readable(flash, image->rules);
    uint32_t at = 0;
    ota_status_t status = OTA_OK;
    while (status == OTA_OK && !ota_image_complete(image) && at < end) {
        uint32_t certain = ota_image_length_at_least(image) - at;
        size_t n = min_size(buffer_len, min_u32(certain, end - at));
        status = ota_flash_read(flash, image->rules->address + at, buffer, n);
        if (status != OTA_OK) {
            return ota_image_fail(image, status, at, 0, 0);
        }
        status = ota_image_feed(image, buffer, n);
        at += (uint32_t)n;
    }
    return ota_image_finish(image);
}

ota_status_t ota_image_check_flash(const ota_flash_t *flash, const ota_image_rules_t *rules,
                                   void *buffer, size_t buffer_len, uint32_t *length,
                                   ota_fault_t *fault)
{
    ota_image_t image;
    if (flash == NULL || buffer == NULL || buffer_len < 64) {
        return OTA_ERR_ARG;
    }
    ota_status_t status = ota_image_start(&image, rules);
    if (status == OTA_OK) {
        status = run(&image, flash, buffer, buffer_len);
    }
    if (fault != NULL) {
        *fault = image.fault;
    }
    if (length != NULL) {
        *length = status == OTA_OK ? image.length : 0;
    }
    return status;
}

ota_status_t ota_app_secure_version(const ota_flash_t *flash, uint32_t address,
                                    uint32_t *secure_version)
{
    uint8_t head[8];
    if (address > 0xFFFFFFFFu - OTA_APP_DESC_OFFSET) {
        return OTA_ERR_RANGE;
    }
    ota_status_t status = ota_flash_read(flash, address + OTA_APP_DESC_OFFSET, head, sizeof(head));
    if (status != OTA_OK) {
        return status;
    }
    if (ota_get_le32(head) != OTA_APP_DESC_MAGIC) {
        return OTA_ERR_IMAGE_DESCRIPTOR;
    }
    *secure_version = ota_get_le32(head + 4);
    return OTA_OK;
}
