/* SPDX-License-Identifier: Apache-2.0 */
#include "host/flash_cut.h"

static ota_status_t cut_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const flash_cut_t *cut = ctx;
    return cut->cut ? OTA_ERR_PORT : cut->inner.read(cut->inner.ctx, addr, dst, len);
}

/* True if the power still holds for one more operation. */
static bool powered(flash_cut_t *cut, bool *first)
{
    *first = false;
    if (cut->cut) {
        return false;
    }
    if (cut->left > 0) {
        cut->left--;
        return true;
    }
    cut->cut = true;
    *first = true;
    return false;
}

/* What the torn operation could still do; its status no longer interests anyone. */
static ota_status_t dead(const flash_cut_t *cut, bool first, ota_status_t torn)
{
    (void)torn;
    if (first && cut->on_cut != NULL) {
        cut->on_cut(cut->user);
    }
    return OTA_ERR_PORT;
}

static ota_status_t cut_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    flash_cut_t *cut = ctx;
    bool first = false;
    if (powered(cut, &first)) {
        return cut->inner.program(cut->inner.ctx, addr, src, len);
    }
    size_t half = len / 2 - len / 2 % cut->inner.program_unit;
    return dead(cut, first,
                first && half > 0 ? cut->inner.program(cut->inner.ctx, addr, src, half) : OTA_OK);
}

static ota_status_t cut_erase(void *ctx, uint32_t addr, size_t len)
{
    flash_cut_t *cut = ctx;
    bool first = false;
    if (powered(cut, &first)) {
        return cut->inner.erase(cut->inner.ctx, addr, len);
    }
    size_t half = len / 2 - len / 2 % OTA_FLASH_SECTOR;
    ota_status_t torn = OTA_OK;
    for (size_t at = 0; first && at < half && torn == OTA_OK; at += OTA_FLASH_SECTOR) {
        torn = cut->inner.erase(cut->inner.ctx, addr + (uint32_t)at, OTA_FLASH_SECTOR);
    }
    return dead(cut, first, torn);
}

void flash_cut_arm(flash_cut_t *cut, ota_flash_t *flash, uint32_t operations)
{
    *cut = (flash_cut_t){.inner = *flash, .left = operations};
    flash->ctx = cut;
    flash->read = cut_read;
    flash->program = cut_program;
    flash->erase = cut_erase;
}
