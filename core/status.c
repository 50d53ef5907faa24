/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/status.h"

/* One line a status; the compiler reports one that is missing. */
#define NAME(status)                                                                               \
    case status:                                                                                   \
        return #status

const char *ota_status_name(ota_status_t status)
{
    switch (status) {
        NAME(OTA_OK);
        NAME(OTA_ERR_ARG);
        NAME(OTA_ERR_STATE);
        NAME(OTA_ERR_RANGE);
        NAME(OTA_ERR_ALIGN);
        NAME(OTA_ERR_UNSUPPORTED);
        NAME(OTA_ERR_NO_ROOM);
        NAME(OTA_ERR_FLASH_READ);
        NAME(OTA_ERR_FLASH_PROGRAM);
        NAME(OTA_ERR_FLASH_ERASE);
        NAME(OTA_ERR_FLASH_MISMATCH);
        NAME(OTA_ERR_FLASH_NOT_BLANK);
        NAME(OTA_ERR_READ_ONLY);
        NAME(OTA_ERR_PORT);
        NAME(OTA_ERR_TABLE_EMPTY);
        NAME(OTA_ERR_TABLE_MAGIC);
        NAME(OTA_ERR_TABLE_NO_END);
        NAME(OTA_ERR_TABLE_MD5);
        NAME(OTA_ERR_TABLE_MD5_TWICE);
        NAME(OTA_ERR_TABLE_MD5_MISSING);
        NAME(OTA_ERR_TABLE_RANGE);
        NAME(OTA_ERR_IMAGE_MAGIC);
        NAME(OTA_ERR_IMAGE_TRUNCATED);
        NAME(OTA_ERR_IMAGE_CHIP);
        NAME(OTA_ERR_IMAGE_CHIP_REV_MIN);
        NAME(OTA_ERR_IMAGE_CHIP_REV_MAX);
        NAME(OTA_ERR_IMAGE_BLOCK_REV);
        NAME(OTA_ERR_IMAGE_SEGMENT_COUNT);
        NAME(OTA_ERR_IMAGE_SEGMENT_LENGTH);
        NAME(OTA_ERR_IMAGE_SEGMENT0_SHORT);
        NAME(OTA_ERR_IMAGE_MAPPING);
        NAME(OTA_ERR_IMAGE_DESCRIPTOR);
        NAME(OTA_ERR_IMAGE_WRAP);
        NAME(OTA_ERR_IMAGE_CHECKSUM);
        NAME(OTA_ERR_IMAGE_HASH);
        NAME(OTA_ERR_IMAGE_NO_HASH);
        NAME(OTA_ERR_IMAGE_TOO_BIG);
        NAME(OTA_ERR_IMAGE_FLASH_SIZE);
        NAME(OTA_ERR_IMAGE_PARTITION);
        NAME(OTA_ERR_SECURE_VERSION);
        NAME(OTA_ERR_SIGNATURE_MISSING);
        NAME(OTA_ERR_SIGNATURE_KEY);
        NAME(OTA_ERR_SIGNATURE);
        NAME(OTA_ERR_IMAGE_SPI_MODE);
        NAME(OTA_ERR_NO_OTADATA);
        NAME(OTA_ERR_OTADATA_SIZE);
        NAME(OTA_ERR_NO_SLOTS);
        NAME(OTA_ERR_SLOT_UNREACHABLE);
        NAME(OTA_ERR_NOT_A_SLOT);
        NAME(OTA_ERR_NOT_IN_TABLE);
        NAME(OTA_ERR_NO_RECORD);
        NAME(OTA_ERR_NO_CHOICE);
        NAME(OTA_ERR_RUNNING);
        NAME(OTA_ERR_ONLY_SLOT);
        NAME(OTA_ERR_BUSY);
        NAME(OTA_ERR_UNCONFIRMED);
        NAME(OTA_ERR_NO_FALLBACK);
        NAME(OTA_ERR_EMPTY);
        NAME(OTA_ERR_LENGTH);
        NAME(OTA_ERR_RESUME);
    }
    return "unknown status";
}
