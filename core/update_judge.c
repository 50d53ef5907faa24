/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"
#include "core/update.h"

/* What the bytes will be: the partition that they are for, not the one they wait in. */
static const ota_part_t *purpose(const ota_update_t *update)
{
    return update->final != NULL ? update->final : &update->staging;
}

update_judge_t ota_update_judge_kind(const ota_update_t *update)
{
    switch (purpose(update)->type) {
    case OTA_TYPE_APP:
    case OTA_TYPE_BOOTLOADER:
        return JUDGE_IMAGE;
    case OTA_TYPE_TABLE:
        return JUDGE_TABLE;
    default:
        return JUDGE_NOTHING;
    }
}

static ota_status_t start_image(ota_update_t *update)
{
    const ota_part_t *part = purpose(update);
    ota_image_rules_t *rules = &update->rules;
    /* The address is where the image will run: the mapping rule depends on it. */
    ota_region_t where = {part->offset, min_u32(part->size, update->staging.size)};
    ota_device_rules(update->device, where, rules);
    if (part->type == OTA_TYPE_BOOTLOADER) {
        rules->kind = OTA_IMAGE_BOOTLOADER;
        rules->bootloader_hash = true; /* nobody checks it later, and there is no second one */
    }
    return ota_image_start(&update->image, rules);
}

ota_status_t ota_update_judge_start(ota_update_t *update)
{
    const ota_device_t *device = update->device;
    ota_status_t status = OTA_OK;
    update_judge_t kind = ota_update_judge_kind(update);
    if (kind == JUDGE_IMAGE) {
        status = start_image(update);
    } else if (kind == JUDGE_TABLE &&
               (device->workspace == NULL || device->workspace_size < OTA_TABLE_SIZE)) {
        status = OTA_ERR_NO_ROOM;
    }
    return status != OTA_OK ? ota_update_fail(update, status, 0) : OTA_OK;
}

COLD static ota_status_t blame(ota_update_t *update, ota_status_t status)
{
    update->fault = *ota_image_fault(&update->image);
    return status;
}

/* A table starts with AA 50. The rest is judged as a whole, at finish. */
static ota_status_t feed_table(ota_update_t *update, uint32_t at, const uint8_t *data, size_t len)
{
    for (; len > 0 && at < 2; at++, data++, len--) {
        uint8_t expected = at == 0 ? 0xAA : 0x50;
        if (*data != expected) {
            return ota_update_differs(update, OTA_ERR_TABLE_MAGIC, at, *data, expected);
        }
    }
    return OTA_OK;
}

ota_status_t ota_update_judge_feed(ota_update_t *update, uint32_t at, const void *data, size_t len)
{
    update_judge_t kind = ota_update_judge_kind(update);
    if (kind == JUDGE_TABLE) {
        return feed_table(update, at, data, len);
    }
    ota_status_t status = kind == JUDGE_IMAGE ? ota_image_feed(&update->image, data, len) : OTA_OK;
    return status != OTA_OK ? blame(update, status) : OTA_OK;
}

ota_status_t ota_update_judge_finish(ota_update_t *update)
{
    update_judge_t kind = ota_update_judge_kind(update);
    if (kind == JUDGE_TABLE && ota_update_written(update) < UPDATE_FIRST) {
        return ota_update_fail(update, OTA_ERR_TABLE_NO_END, update->accepted);
    }
    ota_status_t status = kind == JUDGE_IMAGE ? ota_image_finish(&update->image) : OTA_OK;
    return status != OTA_OK ? blame(update, status) : OTA_OK;
}

ota_status_t ota_update_judge_flash(ota_update_t *update, uint32_t upto)
{
    uint8_t piece[256];
    ota_status_t status = ota_update_judge_start(update);
    if (ota_update_judge_kind(update) == JUDGE_NOTHING) {
        return status;
    }
    for (uint32_t at = 0, n; status == OTA_OK && at < upto; at += n) {
        n = min_u32(upto - at, sizeof(piece));
        status = ota_flash_read(update->device->flash, update->staging.offset + at, piece, n);
        if (status != OTA_OK) {
            return ota_update_fail(update, status, at);
        }
        status = ota_update_judge_feed(update, at, piece, n);
    }
    return status;
}

/* With `count` slots, does the record in force still name the slot that it names now? */
static ota_status_t keep_choice(const ota_device_t *device, uint8_t count)
{
    ota_otadata_t od;
    ota_status_t status = ota_otadata_read(device->flash, device->layout.otadata, &od);
    if (status != OTA_OK) {
        return status == OTA_ERR_NO_OTADATA || status == OTA_ERR_OTADATA_SIZE ? OTA_OK : status;
    }
    int active = ota_otadata_active(&od);
    return active < 0 || ota_entry_slot(&od.copy[active], count) ==
                             ota_entry_slot(&od.copy[active], device->layout.boot_count)
               ? OTA_OK
               : OTA_ERR_NOT_IN_TABLE;
}

/*
 * Both readers of a table must be content: the bootloader's, and the application's, which
 * insists on the MD5 (with a table that only the first accepts, the device boots and then
 * finds no partitions). And the running application and otadata must keep their place: the
 * next boot looks for both through the new table, and divides by its number of slots.
 */
ota_status_t ota_update_judge_table(ota_update_t *update)
{
    const ota_device_t *device = update->device;
    ota_table_t table;
    ota_layout_t layout;
    ota_status_t status =
        ota_flash_read(device->flash, update->staging.offset, device->workspace, OTA_TABLE_SIZE);
    if (status != OTA_OK) {
        return ota_update_fail(update, status, 0);
    }
    status = ota_table_open_boot(&table, device->workspace, OTA_TABLE_SIZE, device->flash->size,
                                 &update->fault);
    if (status == OTA_OK) {
        status = ota_table_open_app(&table, device->workspace, OTA_TABLE_SIZE, &update->fault);
    }
    if (status != OTA_OK) {
        return status;
    }
    ota_layout_read(&layout, &table);
    ota_region_t before = ota_layout_region(&device->layout, device->running);
    ota_region_t after = ota_layout_region(&layout, device->running);
    if (memcmp(&layout.otadata, &device->layout.otadata, sizeof(layout.otadata)) != 0 ||
        memcmp(&before, &after, sizeof(after)) != 0) {
        return ota_update_fail(update, OTA_ERR_NOT_IN_TABLE, 0);
    }
    status = keep_choice(device, layout.boot_count);
    return status != OTA_OK ? ota_update_fail(update, status, 0) : OTA_OK;
}
