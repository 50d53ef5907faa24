/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"
#include "core/update.h"

/*
 *   sector            offset        end of sector
 *   |--- in flash? ------|--- blank? ----|
 *
 * Blank: the sector's erase was finished before its first bytes were programmed, so the rest
 * of it can be programmed as it is. Anything else (also: encrypted flash, where erased cells
 * do not decrypt to FF) goes back to the sector's start, which will be erased again.
 */
static ota_status_t place(ota_update_t *update, uint32_t *offset)
{
    const ota_part_t *part = &update->staging;
    uint32_t in_sector = *offset % OTA_FLASH_SECTOR;
    /* Less than a whole unit was never programmed, nor were the first bytes one by one. */
    uint32_t in_unit = *offset % ota_update_unit(update, part);
    uint32_t at = *offset - in_unit;
    if (at < UPDATE_FIRST || in_sector == in_unit) {
        *offset = at < UPDATE_FIRST ? 0 : at;
        return OTA_OK;
    }
    ota_status_t status =
        ota_update_compare(update, part, at, NULL, OTA_FLASH_SECTOR - (in_sector - in_unit));
    *offset = status == OTA_OK ? at : *offset - in_sector;
    return status == OTA_ERR_FLASH_MISMATCH ? OTA_OK : status;
}

ota_status_t ota_update_resume(ota_update_t *update, ota_device_t *device, const ota_part_t *target,
                               uint32_t size, uint32_t flags, uint32_t *offset)
{
    if (offset == NULL) {
        return OTA_ERR_ARG;
    }
    ota_status_t status = ota_update_begin(update, device, target, size, flags);
    if (status != OTA_OK) {
        return status;
    }
    if (*offset > update->limit) {
        status = ota_update_fail(update, OTA_ERR_RANGE, *offset);
    } else {
        status = place(update, offset);
    }
    if (status == OTA_OK) {
        status = ota_update_judge_flash(update, *offset);
        if (status != OTA_OK && !ota_flash_unread(status)) {
            status = OTA_ERR_RESUME; /* the fault keeps the judge's word and the place */
        }
    }
    if (status != OTA_OK) {
        ota_update_abort(update);
        return status;
    }
    update->fault.status = OTA_OK; /* that a sector is not blank is no failure */
    if (*offset % OTA_FLASH_SECTOR != 0) {
        /* It reads as blank, but the cut may have left cells there that will not stay so. */
        update->flags |= UPDATE_DOUBT;
    }
    update->accepted = *offset;
    update->programmed = *offset;
    update->erased = update_round_up(*offset, OTA_FLASH_SECTOR);
    return OTA_OK;
}
