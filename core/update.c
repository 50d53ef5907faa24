/* SPDX-License-Identifier: Apache-2.0 */
#include "core/update.h"

#include "core/bytes.h"

ota_status_t ota_update_differs(ota_update_t *update, ota_status_t status, uint32_t offset,
                                uint8_t found, uint8_t expected)
{
    update->fault = (ota_fault_t){status, offset, found, expected};
    return status;
}

ota_status_t ota_update_fail(ota_update_t *update, ota_status_t status, uint32_t offset)
{
    return ota_update_differs(update, status, offset, 0, 0);
}

/* --- the device's list of open sessions ------------------------------------------------ */

static ota_update_t **link_of(ota_device_t *device, const ota_update_t *update)
{
    ota_update_t **link = &device->sessions;
    while (*link != NULL && *link != update) {
        link = &(*link)->next;
    }
    return link;
}

static void leave(ota_update_t *update)
{
    ota_update_t **link = link_of(update->device, update);
    if (*link == update) {
        *link = update->next;
    }
    update->next = NULL;
    update->device = NULL;
}

static bool parts_overlap(const ota_part_t *a, const ota_part_t *b)
{
    return update_overlap(a->offset, a->size, b->offset, b->size);
}

/* Does an open session write into `part`? */
static bool owned(const ota_device_t *device, const ota_part_t *part)
{
    for (const ota_update_t *other = device->sessions; other != NULL; other = other->next) {
        bool copies = (other->flags & UPDATE_COPY) != 0;
        if (parts_overlap(&other->staging, part) || (copies && parts_overlap(other->final, part))) {
            return true;
        }
    }
    return false;
}

/* --- which partitions may be written --------------------------------------------------- */

static bool overlaps_running(const ota_device_t *device, const ota_part_t *part)
{
    ota_region_t running = ota_layout_region(&device->layout, device->running);
    return update_overlap(part->offset, part->size, running.offset, running.size);
}

static ota_status_t refuse_on_trial(const ota_device_t *device)
{
    bool trial = false;
    ota_status_t status =
        ota_boot_config_trials(&device->boot) ? ota_device_trial(device, &trial) : OTA_OK;
    return trial ? OTA_ERR_UNCONFIRMED : status;
}

/* A slot must be the one that the bootloader would take for that number. */
static bool in_layout(const ota_device_t *device, const ota_part_t *part)
{
    ota_slot_t slot = (ota_slot_t)(part->subtype - OTA_SUBTYPE_OTA_0);
    ota_region_t region = ota_layout_region(&device->layout, slot);
    return region.offset == part->offset && region.size == part->size;
}

/* Whole sectors on the chip that may be written at all. */
static ota_status_t writable(const ota_flash_t *flash, const ota_part_t *part)
{
    if (part->size > flash->size || part->offset > flash->size - part->size) {
        return OTA_ERR_RANGE;
    }
    if ((part->offset | part->size) % OTA_FLASH_SECTOR != 0) {
        return OTA_ERR_ALIGN;
    }
    return (part->flags & OTA_PART_READONLY) != 0 ? OTA_ERR_READ_ONLY : OTA_OK;
}

/* The rules for what is written, staging and final alike, in the order of the header. */
static ota_status_t admit(const ota_device_t *device, const ota_part_t *part)
{
    if (ota_part_is_slot(part) && !in_layout(device, part)) {
        return OTA_ERR_NOT_IN_TABLE;
    }
    if (overlaps_running(device, part)) {
        return OTA_ERR_RUNNING;
    }
    ota_status_t status = ota_part_is_slot(part) ? refuse_on_trial(device) : OTA_OK;
    if (status != OTA_OK) {
        return status;
    }
    return owned(device, part) ? OTA_ERR_BUSY : writable(device->flash, part);
}

/* --- life ------------------------------------------------------------------------------ */

static uint32_t own_limit(const ota_update_t *update)
{
    return update_exact(update) ? update->size : update->staging.size;
}

static ota_status_t prepare(ota_update_t *update, const ota_device_t *device)
{
    const ota_part_t *target = &update->staging;
    if (target->type == OTA_TYPE_APP && !ota_part_is_slot(target)) {
        return OTA_ERR_NOT_A_SLOT;
    }
    ota_status_t status = admit(device, target);
    if (status == OTA_OK && update->size < OTA_WITH_SEQUENTIAL_WRITES &&
        update->size > target->size) {
        status = OTA_ERR_RANGE;
    }
    update->limit = own_limit(update);
    return status != OTA_OK ? status : ota_update_judge_start(update);
}

ota_status_t ota_update_begin(ota_update_t *update, ota_device_t *device, const ota_part_t *target,
                              uint32_t size, uint32_t flags)
{
    if (update == NULL || device == NULL || target == NULL || (flags & ~UPDATE_CALLER) != 0 ||
        ota_flash_check(device->flash) != OTA_OK) {
        return OTA_ERR_ARG;
    }
    if (*link_of(device, update) == update) {
        return OTA_ERR_STATE;
    }
    memset(update, 0, sizeof(*update));
    update->device = device;
    update->staging = *target;
    update->size = size;
    update->flags = flags;
    ota_status_t status = prepare(update, device);
    if (status != OTA_OK) {
        update->device = NULL;
        return ota_update_fail(update, status, 0);
    }
    update->next = device->sessions;
    device->sessions = update;
    return OTA_OK;
}

/* What copying to `final` asks for; narrows the limit to what fits there. */
static ota_status_t admit_copy(ota_update_t *update, const ota_part_t *final)
{
    if (parts_overlap(final, &update->staging)) {
        return OTA_ERR_RANGE;
    }
    ota_status_t status = admit(update->device, final);
    if (status == OTA_OK && final->size < update->limit) {
        bool more = update_exact(update) || final->size < update->accepted;
        status = more ? OTA_ERR_RANGE : OTA_OK;
        update->limit = final->size;
    }
    return status;
}

/* A resumed session has bytes already: they are judged anew, as what they now are. */
static ota_status_t settle_final(ota_update_t *update, const ota_part_t *final, bool copy)
{
    bool same = ota_part_equal(final, &update->staging);
    update->flags &= ~UPDATE_COPY;
    update->limit = own_limit(update);
    if (copy && !same) {
        ota_status_t status = admit_copy(update, final);
        if (status != OTA_OK) {
            return ota_update_fail(update, status, 0);
        }
        update->flags |= UPDATE_COPY;
    }
    update->final = same ? NULL : final;
    return ota_update_judge_flash(update, update->accepted);
}

ota_status_t ota_update_set_final(ota_update_t *update, const ota_part_t *final, bool copy)
{
    if (!ota_update_open(update) || (update->flags & UPDATE_STARTED) != 0) {
        return OTA_ERR_STATE;
    }
    if (final == NULL) {
        return ota_update_fail(update, OTA_ERR_ARG, 0);
    }
    const ota_part_t *before = update->final;
    uint32_t flags = update->flags;
    uint32_t limit = update->limit;
    ota_status_t status = settle_final(update, final, copy);
    if (status != OTA_OK) { /* the session goes on as it was */
        update->final = before;
        update->flags = flags;
        update->limit = limit;
        (void)ota_update_judge_flash(update, update->accepted);
    }
    return status;
}

/* What no stream could tell: bytes out of order, what will be copied, a whole table. */
static ota_status_t judge_flash(ota_update_t *update)
{
    bool scattered = update->scattered > 0;
    ota_status_t status = OTA_OK;
    if (scattered || (update->flags & UPDATE_COPY) != 0) {
        status = ota_update_judge_flash(update, scattered ? update->erased : update->accepted);
        if (status == OTA_OK) {
            status = ota_update_judge_finish(update);
        }
    }
    if (status == OTA_OK && ota_update_judge_kind(update) == JUDGE_TABLE) {
        status = ota_update_judge_table(update);
    }
    return status;
}

/* The stream is judged before its last bytes are programmed: an image that ends early costs
 * nothing more. */
static ota_status_t complete(ota_update_t *update)
{
    uint32_t written = ota_update_written(update);
    if (written == 0) {
        return ota_update_fail(update, OTA_ERR_EMPTY, 0);
    }
    if (update_exact(update) && written < update->size) {
        return ota_update_fail(update, OTA_ERR_LENGTH, written);
    }
    ota_status_t status = update->scattered == 0 ? ota_update_judge_finish(update) : OTA_OK;
    if (status == OTA_OK) {
        status = ota_update_flush(update);
    }
    return status == OTA_OK ? judge_flash(update) : status;
}

ota_status_t ota_update_finish(ota_update_t *update)
{
    if (!ota_update_open(update)) {
        return OTA_ERR_STATE;
    }
    ota_status_t status = complete(update);
    if (status == OTA_OK && (update->flags & UPDATE_COPY) != 0) {
        /* Written out of order: nobody knows the last byte, only the last sector. */
        uint32_t len = update->scattered > 0 ? update->erased : update->accepted;
        status = ota_update_copy(update, min_u32(len, update->final->size));
    }
    leave(update);
    return status;
}

void ota_update_abort(ota_update_t *update)
{
    if (ota_update_open(update)) {
        leave(update);
    }
}

bool ota_update_open(const ota_update_t *update)
{
    return update != NULL && update->device != NULL;
}

uint32_t ota_update_written(const ota_update_t *update)
{
    return update->accepted + update->scattered;
}

const ota_fault_t *ota_update_fault(const ota_update_t *update)
{
    return &update->fault;
}
