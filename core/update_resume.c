/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"
#include "core/update.h"

/* Does [from, to) of the staging partition read as erased? */
static ota_status_t blank(const ota_update_t *update, uint32_t from, uint32_t to, bool *is_blank)
{
    uint8_t piece[64];
    *is_blank = true;
    for (uint32_t n; from < to && *is_blank; from += n) {
        n = min_u32(to - from, sizeof(piece));
        ota_status_t status =
            ota_flash_read(update->device->flash, update->staging.offset + from, piece, n);
        if (status != OTA_OK) {
            return status;
        }
        for (uint32_t i = 0; i < n; i++) {
            *is_blank = *is_blank && piece[i] == 0xFF;
        }
    }
    return OTA_OK;
}

/*
 *   sector            offset        end of sector
 *   |--- in flash? ------|--- blank? ----|
 *
 * Blank: the sector's erase was finished before its first bytes were programmed, so the rest
 * of it can be programmed as it is. Anything else (also: encrypted flash, where erased cells
 * do not decrypt to FF) goes back to the sector's start, which will be erased again.
 */
static ota_status_t place(const ota_update_t *update, uint32_t *offset)
{
    uint32_t sector = *offset - *offset % OTA_FLASH_SECTOR;
    /* Less than a whole unit was never programmed, nor were the first bytes one by one. */
    uint32_t at = *offset - *offset % update_unit(update, &update->staging);
    bool is_blank = true;
    if (at < UPDATE_FIRST) {
        *offset = 0;
        return OTA_OK;
    }
    if (at == sector) {
        *offset = at;
        return OTA_OK;
    }
    ota_status_t status = blank(update, at, sector + OTA_FLASH_SECTOR, &is_blank);
    *offset = is_blank ? at : sector;
    return status;
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
    if (*offset > update->staging.size || (update_exact(update) && *offset > size)) {
        status = update_fail(update, OTA_ERR_RANGE, *offset);
    } else {
        status = place(update, offset);
    }
    if (status == OTA_OK) {
        status = update_judge_flash(update, *offset);
        if (status != OTA_OK && status != OTA_ERR_FLASH_READ && status != OTA_ERR_PORT) {
            status = OTA_ERR_RESUME; /* the fault keeps the judge's word and the place */
        }
    }
    if (status != OTA_OK) {
        ota_update_abort(update);
        return status;
    }
    update->accepted = *offset;
    update->programmed = *offset;
    update->erased = update_round_up(*offset, OTA_FLASH_SECTOR);
    return OTA_OK;
}
