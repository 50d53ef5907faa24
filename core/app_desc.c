/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors: what an application and a bootloader say about themselves. */
#include "core/bytes.h"
#include "ota/image.h"

/* Strings may fill their field without a terminator; what follows one is not theirs. */
static void copy_text(char *text, const uint8_t *field, size_t room)
{
    strncpy(text, (const char *)field, room); /* ends at a NUL and fills the rest with them */
    text[room] = '\0';
}

ota_status_t ota_app_desc_decode(ota_app_desc_t *desc, const uint8_t bytes[OTA_APP_DESC_SIZE])
{
    if (ota_get_le32(bytes) != OTA_APP_DESC_MAGIC) {
        return OTA_ERR_IMAGE_DESCRIPTOR;
    }
    desc->secure_version = ota_get_le32(bytes + 4);
    copy_text(desc->version, bytes + 16, 32);
    copy_text(desc->project, bytes + 48, 32);
    copy_text(desc->time, bytes + 80, 16);
    copy_text(desc->date, bytes + 96, 16);
    copy_text(desc->idf_version, bytes + 112, 32);
    memcpy(desc->elf_sha256, bytes + 144, sizeof(desc->elf_sha256));
    desc->min_block_rev = ota_get_le16(bytes + 176);
    desc->max_block_rev = ota_get_le16(bytes + 178);
    desc->mmu_page_log2 = bytes[180];
    desc->spi_mode = bytes[181];
    return OTA_OK;
}

ota_status_t ota_bootloader_desc_decode(ota_bootloader_desc_t *desc,
                                        const uint8_t bytes[OTA_BOOTLOADER_DESC_SIZE])
{
    if (bytes[0] != OTA_BOOTLOADER_DESC_MAGIC) {
        return OTA_ERR_IMAGE_DESCRIPTOR;
    }
    desc->secure_version = bytes[3];
    desc->version = ota_get_le32(bytes + 4);
    copy_text(desc->idf_version, bytes + 8, 32);
    copy_text(desc->date_time, bytes + 40, 24);
    return OTA_OK;
}
