/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"
#include "core/device.h"
#include "core/update.h"

uint32_t ota_update_unit(const ota_update_t *update, const ota_part_t *part)
{
    const ota_flash_t *flash = update->device->flash;
    uint32_t block = ota_part_encrypted(part) ? flash->encrypted_unit : 0;
    return flash->program_unit > block ? flash->program_unit : block;
}

/*
 * The only place where a session changes partitions (their records: see forget). Whatever went
 * wrong above, nothing leaves the partition and nothing reaches the running slot. data NULL: erase.
 */
static ota_status_t touch(ota_update_t *update, const ota_part_t *part, uint32_t at,
                          const void *data, size_t len)
{
    const ota_device_t *device = update->device;
    const ota_flash_t *flash = device->flash;
    ota_region_t running = ota_layout_region(&device->layout, device->running);
    if (at > part->size || len > part->size - at) {
        return ota_update_fail(update, OTA_ERR_RANGE, at);
    }
    uint32_t addr = part->offset + at;
    if (update_overlap(addr, (uint32_t)len, running.offset, running.size)) {
        return ota_update_fail(update, OTA_ERR_RUNNING, at);
    }
    ota_status_t status = data != NULL ? ota_flash_program(flash, addr, data, len)
                                       : ota_flash_erase(flash, addr, len);
    if (status != OTA_OK) {
        /* Whatever is programmed from now on may meet bits that this left behind. */
        update->flags |= UPDATE_DOUBT;
        return ota_update_fail(update, status, at);
    }
    return OTA_OK;
}

/*
 * A record that names the slot must not outlive the slot's content: a half-written image
 * would count as confirmed. This holds with rollback off as well. What it leaves in force
 * is the running slot, which is what shall boot if the update is never finished.
 */
ota_status_t ota_update_forget(ota_update_t *update, const ota_part_t *part)
{
    const ota_device_t *device = update->device;
    const ota_progress_t made = {update->offer, update->programmed, update->crc};
    ota_slot_t slot = (ota_slot_t)(part->subtype - OTA_SUBTYPE_OTA_0);
    ota_status_t status = ota_device_records(device)->forget(
        device, slot, update->offer != NULL ? &made : NULL, &update->journal);
    if (status == OTA_ERR_NO_OTADATA || status == OTA_ERR_OTADATA_SIZE) {
        status = OTA_OK; /* nothing there that could name a slot */
    }
    if (status != OTA_OK) {
        return ota_update_fail(update, status, 0);
    }
    update->line = 0;
    update->flags |= UPDATE_FORGOTTEN;
    return OTA_OK;
}

static ota_status_t forget_once(ota_update_t *update, const ota_part_t *part)
{
    bool done = (update->flags & UPDATE_FORGOTTEN) != 0 || !ota_part_is_slot(part);
    return done ? OTA_OK : ota_update_forget(update, part);
}

/* Bytes from the partition's start that this update will write in any case. */
static uint32_t certain(const ota_update_t *update)
{
    if (update->size < OTA_WITH_SEQUENTIAL_WRITES) {
        return update->size;
    }
    if (ota_update_judge_kind(update) == JUDGE_IMAGE) {
        return ota_image_length_at_least(&update->image);
    }
    return 0;
}

/*
 *   0          erased                  end     certain                    size
 *   |-- written --|-- these bytes come --|-- and these --|-- perhaps never --|
 *                 |<- 4K ->|<------ 64K ------>|<- 4K ->|
 *
 * A sector that merely reads as blank is erased like any other: after an erase that a power
 * cut ended, cells can read FF today and something else tomorrow.
 */
ota_status_t ota_update_make_room(ota_update_t *update, const ota_part_t *part, uint32_t end)
{
    ota_status_t status = forget_once(update, part);
    uint32_t most = certain(update);
    most = most > end ? most : end;
    uint32_t limit = most < part->size ? update_round_up(most, OTA_FLASH_SECTOR) : part->size;
    while (status == OTA_OK && update->erased < end) {
        uint32_t at = update->erased;
        uint32_t unit = ota_flash_erase_unit(update->device->flash, part->offset + at, limit - at);
        status = touch(update, part, at, NULL, unit);
        if (status == OTA_OK) {
            update->erased = at + unit;
        }
    }
    return status;
}

ota_status_t ota_update_compare(ota_update_t *update, const ota_part_t *part, uint32_t at,
                                const uint8_t *data, size_t len)
{
    uint8_t found[64];
    for (size_t n; len > 0; at += (uint32_t)n, len -= n) {
        n = min_size(len, sizeof(found));
        ota_status_t status = ota_flash_read(update->device->flash, part->offset + at, found, n);
        if (status != OTA_OK) {
            return ota_update_fail(update, status, at);
        }
        for (size_t i = 0; i < n; i++) {
            uint8_t expected = data != NULL ? *data++ : 0xFF;
            if (found[i] != expected) {
                return ota_update_differs(update, OTA_ERR_FLASH_MISMATCH, at + (uint32_t)i,
                                          found[i], expected);
            }
        }
    }
    return OTA_OK;
}

ota_status_t ota_update_program(ota_update_t *update, const ota_part_t *part, uint32_t at,
                                const void *data, size_t len)
{
    if (len == 0) {
        return OTA_OK;
    }
    ota_status_t status = touch(update, part, at, data, len);
    if (status == OTA_OK && (update->flags & (OTA_UPDATE_READ_BACK | UPDATE_DOUBT)) != 0) {
        status = ota_update_compare(update, part, at, data, len);
    }
    return status;
}
