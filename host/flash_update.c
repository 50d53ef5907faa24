/* SPDX-License-Identifier: Apache-2.0 */
#include "host/flash_update.h"

#include <stdio.h>
#include <string.h>

ota_part_t flash_update_part(const ota_device_t *device, ota_slot_t slot)
{
    ota_region_t region = ota_layout_region(&device->layout, slot);
    ota_part_t part = {.type = OTA_TYPE_APP,
                       .subtype = (uint8_t)(OTA_SUBTYPE_OTA_0 + (unsigned)slot),
                       .offset = region.offset,
                       .size = region.size};
    (void)snprintf(part.label, sizeof(part.label), "ota_%d", slot);
    return part;
}

/* How much of the new image does the target begin with? */
static ota_status_t common_prefix(const ota_device_t *device, const flash_update_wish_t *wish,
                                  const ota_part_t *target, uint32_t *same)
{
    uint8_t piece[4096];
    uint32_t end = wish->len < target->size ? wish->len : target->size;
    *same = 0;
    while (*same < end) {
        uint32_t n = end - *same < sizeof(piece) ? end - *same : (uint32_t)sizeof(piece);
        ota_status_t status = ota_flash_read(device->flash, target->offset + *same, piece, n);
        if (status != OTA_OK) {
            return status;
        }
        uint32_t i = 0;
        while (i < n && piece[i] == wish->bytes[*same + i]) {
            i++;
        }
        *same += i;
        if (i < n) {
            break;
        }
    }
    return OTA_OK;
}

/* The partition that the bytes end up in; NULL: nowhere that could be selected. */
static const ota_part_t *landing(const flash_update_wish_t *wish,
                                 const flash_update_result_t *result)
{
    if (wish->final == NULL) {
        return &result->target;
    }
    return wish->copy ? wish->final : NULL;
}

static ota_status_t choose(const ota_device_t *device, const flash_update_wish_t *wish,
                           flash_update_result_t *result)
{
    result->slot = OTA_SLOT_NONE;
    if (wish->target != NULL) {
        result->target = *wish->target;
    } else {
        ota_slot_t next = OTA_SLOT_NONE;
        ota_status_t status = ota_device_next(device, &next);
        if (status != OTA_OK) {
            return status;
        }
        result->target = flash_update_part(device, next);
    }
    const ota_part_t *part = landing(wish, result);
    if (part != NULL && ota_part_is_slot(part)) {
        result->slot = (ota_slot_t)(part->subtype - OTA_SUBTYPE_OTA_0);
    }
    bool switches = result->slot != OTA_SLOT_NONE && !wish->keep_choice;
    return switches && device->layout.otadata.size == 0 ? OTA_ERR_NO_OTADATA : OTA_OK;
}

/* What the session would find in the course of the update, found before it. */
static ota_status_t judge(const ota_device_t *device, const flash_update_wish_t *wish,
                          flash_update_result_t *result)
{
    const ota_part_t *part = wish->final != NULL ? wish->final : &result->target;
    ota_region_t where = {part->offset, part->size};
    ota_image_rules_t rules;
    ota_image_t image;
    if (!wish->judge_first || (part->type != OTA_TYPE_APP && part->type != OTA_TYPE_BOOTLOADER)) {
        return OTA_OK;
    }
    result->step = FLASH_UPDATE_JUDGE;
    ota_device_rules(device, where, &rules);
    if (part->type == OTA_TYPE_BOOTLOADER) {
        rules.kind = OTA_IMAGE_BOOTLOADER;
        rules.anti_rollback = false;
    }
    ota_status_t status = ota_image_start(&image, &rules);
    if (status == OTA_OK) {
        status = ota_image_feed(&image, wish->bytes, wish->len);
    }
    if (status == OTA_OK) {
        status = ota_image_finish(&image);
    }
    result->fault = *ota_image_fault(&image);
    return status;
}

/* Where nothing of it is there, or not enough to go on with, from the start. */
static ota_status_t open_session(ota_update_t *update, ota_device_t *device,
                                 const flash_update_wish_t *wish, flash_update_result_t *result)
{
    if (wish->resume) {
        ota_status_t status = common_prefix(device, wish, &result->target, &result->found);
        if (status != OTA_OK) {
            return status;
        }
        result->resumed = result->found;
        status = ota_update_resume(update, device, &result->target, wish->size, wish->flags,
                                   &result->resumed);
        if (status != OTA_ERR_RESUME) {
            return status;
        }
        result->resumed = 0;
    }
    return ota_update_begin(update, device, &result->target, wish->size, wish->flags);
}

static ota_status_t send(ota_update_t *update, const flash_update_wish_t *wish, uint32_t from)
{
    for (uint32_t at = from, n; at < wish->len; at += n) {
        n = wish->len - at < wish->chunk ? wish->len - at : wish->chunk;
        ota_status_t status = ota_update_write(update, wish->bytes + at, n);
        if (status != OTA_OK) {
            return status;
        }
        if (wish->progress != NULL) {
            wish->progress(wish->user, at + n);
        }
    }
    return OTA_OK;
}

static ota_status_t transfer(ota_device_t *device, const flash_update_wish_t *wish,
                             flash_update_result_t *result)
{
    ota_update_t update = {0};
    result->step = FLASH_UPDATE_BEGIN;
    ota_status_t status = open_session(&update, device, wish, result);
    if (status == OTA_OK && wish->final != NULL) {
        status = ota_update_set_final(&update, wish->final, wish->copy);
    }
    if (status == OTA_OK) {
        result->step = FLASH_UPDATE_WRITE;
        status = send(&update, wish, result->resumed);
    }
    if (status == OTA_OK) {
        result->step = FLASH_UPDATE_FINISH;
        status = ota_update_finish(&update);
    }
    ota_update_abort(&update);
    result->written = ota_update_written(&update);
    result->fault = *ota_update_fault(&update);
    return status;
}

static ota_status_t settle(ota_device_t *device, const flash_update_wish_t *wish,
                           flash_update_result_t *result)
{
    if (result->slot == OTA_SLOT_NONE) {
        return OTA_OK;
    }
    result->step = FLASH_UPDATE_VERDICT;
    ota_status_t status = ota_device_verdict(device, result->slot, &result->fault);
    if (status == OTA_OK && !wish->keep_choice) {
        result->step = FLASH_UPDATE_SELECT;
        status = ota_device_select(device, result->slot, true, &result->fault);
        result->selected = status == OTA_OK;
    }
    return status;
}

ota_status_t flash_update_run(ota_device_t *device, const flash_update_wish_t *wish,
                              flash_update_result_t *result)
{
    memset(result, 0, sizeof(*result));
    ota_status_t status = choose(device, wish, result);
    if (status == OTA_OK) {
        status = judge(device, wish, result);
    }
    if (status == OTA_OK) {
        status = transfer(device, wish, result);
    }
    if (status == OTA_OK) {
        status = settle(device, wish, result);
    }
    if (status == OTA_OK) {
        result->step = FLASH_UPDATE_DONE;
    } else if (result->fault.status != status) {
        result->fault = (ota_fault_t){.status = status};
    }
    result->status = status;
    return status;
}
