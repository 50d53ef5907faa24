/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of a download, in the otadata sector in force, behind the record that names the
 * offer (include/ota/record.h). Appended line by line, never rewritten:
 *
 *   +0 offset u32 | +4 crc u32 of bytes [0, offset) | +8 FF FF FF FF | +12 CRC-32 of the 12 before
 *
 * A torn line fails its own check; a line about bytes that flash does not hold fails theirs. When
 * the sector is full the next record takes over with what is done, and a fresh journal.
 */
#include "core/bytes.h"
#include "core/crc32.h"
#include "core/device.h"
#include "core/update.h"

#define LINE     16u
#define CHECK_AT 12u

/* --- writing ---------------------------------------------------------------------------- */

static uint32_t stride(const ota_flash_t *flash)
{
    return flash->program_unit > LINE ? flash->program_unit : LINE;
}

static uint32_t line_address(const ota_device_t *device, int8_t sector, uint32_t line)
{
    return device->layout.otadata.offset + (uint32_t)sector * OTA_OTADATA_SECTOR + OTA_JOURNAL_AT +
           line * stride(device->flash);
}

static uint32_t lines(const ota_flash_t *flash)
{
    return (OTA_OTADATA_SECTOR - OTA_JOURNAL_AT) / stride(flash);
}

/* What fails here costs a later session time, and is no failure of the update. */
static void append(ota_update_t *update, uint32_t offset)
{
    uint8_t bytes[32];
    const ota_device_t *device = update->device;
    memset(bytes, 0xFF, sizeof(bytes));
    ota_put_le32(bytes, offset);
    ota_put_le32(bytes + 4, update->crc);
    ota_put_le32(bytes + CHECK_AT, ota_crc32(0, bytes, CHECK_AT));
    uint32_t address = line_address(device, update->journal, update->line++);
    (void)!ota_flash_program(device->flash, address, bytes, stride(device->flash));
}

/* The session's crc is that of [0, offset): the next record begins with what that says. */
static void turn_page(ota_update_t *update, uint32_t offset)
{
    const ota_fault_t fault = update->fault;
    const uint32_t programmed = update->programmed;
    update->programmed = offset;
    (void)!ota_update_forget(update, &update->staging);
    update->programmed = programmed;
    update->fault = fault;
}

void ota_update_note(ota_update_t *update, uint32_t at, const uint8_t *data, uint32_t len)
{
    uint32_t end = at + len;
    if (update->offer == NULL) {
        return;
    }
    update->crc = ota_crc32(update->crc, data, len);
    if (end % OTA_FLASH_SECTOR != 0 || update->journal < 0) {
        return;
    }
    if (update->line < lines(update->device->flash)) {
        append(update, end);
    } else {
        turn_page(update, end);
    }
}

/* --- reading ---------------------------------------------------------------------------- */

typedef struct {
    uint32_t offset;
    uint32_t crc;
} mark_t;

static ota_status_t read_line(const ota_device_t *device, int8_t sector, uint32_t line,
                              mark_t *mark)
{
    uint8_t bytes[LINE];
    ota_status_t status =
        ota_flash_read(device->flash, line_address(device, sector, line), bytes, sizeof(bytes));
    if (status == OTA_OK && ota_get_le32(bytes + CHECK_AT) == ota_crc32(0, bytes, CHECK_AT)) {
        mark->offset = ota_get_le32(bytes);
        mark->crc = ota_get_le32(bytes + 4);
    }
    return status;
}

/* Goes on from `good` to the mark; false: flash holds something else there. */
static ota_status_t follow(const ota_update_t *update, mark_t *good, const mark_t *mark,
                           bool *holds)
{
    uint8_t piece[256];
    uint32_t crc = good->crc;
    ota_status_t status = OTA_OK;
    for (uint32_t at = good->offset, n; status == OTA_OK && at < mark->offset; at += n) {
        n = min_u32(mark->offset - at, sizeof(piece));
        status = ota_flash_read(update->device->flash, update->staging.offset + at, piece, n);
        crc = ota_crc32(crc, piece, n);
    }
    *holds = status == OTA_OK && crc == mark->crc;
    if (*holds) {
        *good = *mark;
    }
    return status;
}

/* The last mark up to which flash holds what was downloaded. */
static ota_status_t last_good(const ota_update_t *update, const ota_progress_t *left, int8_t sector,
                              mark_t *good)
{
    mark_t mark = {left->done, left->crc};
    bool holds = true;
    ota_status_t status = OTA_OK;
    uint32_t count = lines(update->device->flash);
    for (uint32_t line = 0; status == OTA_OK && holds && line <= count; line++) {
        if (mark.offset > good->offset && mark.offset <= update->limit &&
            mark.offset % OTA_FLASH_SECTOR == 0) {
            status = follow(update, good, &mark, &holds);
        }
        if (status == OTA_OK && line < count) {
            status = read_line(update->device, sector, line, &mark);
        }
    }
    return status;
}

static ota_status_t go_on(ota_update_t *update, uint32_t *offset)
{
    const ota_device_t *device = update->device;
    ota_slot_t slot = (ota_slot_t)(update->staging.subtype - OTA_SUBTYPE_OTA_0);
    ota_progress_t left;
    mark_t good = {0, 0};
    int8_t sector;
    ota_status_t status =
        ota_device_records(device)->progress(device, slot, update->offer, &left, &sector);
    if (status == OTA_OK) {
        status = last_good(update, &left, sector, &good);
    }
    if (status != OTA_OK) {
        return status;
    }
    if (ota_update_judge_flash(update, good.offset) != OTA_OK) { /* no image for this device */
        return ota_update_judge_flash(update, 0);
    }
    *offset = good.offset;
    update->accepted = good.offset;
    update->programmed = good.offset;
    update->erased = good.offset;
    update->crc = good.crc;
    return OTA_OK;
}

ota_status_t ota_update_continue(ota_update_t *update, ota_device_t *device,
                                 const ota_part_t *target, const ota_offer_t *offer, uint32_t flags,
                                 uint32_t *offset)
{
    if (offer == NULL || offset == NULL) {
        return OTA_ERR_ARG;
    }
    *offset = 0;
    ota_status_t status = ota_update_begin(update, device, target, offer->size, flags);
    if (status != OTA_OK || !ota_part_is_slot(target)) {
        return status;
    }
    update->offer = offer;
    status = go_on(update, offset);
    if (status == OTA_ERR_NO_RECORD || status == OTA_ERR_NO_OTADATA ||
        status == OTA_ERR_OTADATA_SIZE) {
        status = OTA_OK; /* from the start */
    }
    if (status != OTA_OK) {
        ota_update_abort(update);
    }
    return status;
}
