/* SPDX-License-Identifier: Apache-2.0 */
#include "host/flash_image.h"

#include "core/bytes.h"

#define IMAGE_MAGIC 0xE9u
#define CHIP_ID_AT  12u
#define IMAGE_PEEK  16u

/* The chip that an image at `address` names, or NULL: no image, or no chip that we know. */
static const ota_chip_t *chip_at(const ota_flash_t *flash, uint32_t address)
{
    uint8_t head[IMAGE_PEEK];
    if (ota_flash_read(flash, address, head, sizeof(head)) != OTA_OK || head[0] != IMAGE_MAGIC) {
        return NULL;
    }
    return ota_chip_by_id(ota_get_le16(head + CHIP_ID_AT));
}

/* Every chip's boot ROM looks at one address: an image there that names this chip is it. */
static bool find_bootloader(flash_image_t *image, const ota_flash_t *flash)
{
    static const uint32_t places[] = {0x0, 0x1000, 0x2000};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const ota_chip_t *chip = chip_at(flash, places[i]);
        if (chip != NULL && chip->bootloader_offset == places[i] &&
            places[i] < image->table_offset) {
            image->chip = chip;
            image->chip_from = FLASH_CHIP_BOOTLOADER;
            image->bootloader = (ota_region_t){places[i], image->table_offset - places[i]};
            return true;
        }
    }
    return false;
}

static void chip_from_apps(flash_image_t *image, const ota_flash_t *flash)
{
    uint32_t index = 0;
    ota_part_t part;
    while (ota_table_find(&image->table, &index, OTA_TYPE_APP, OTA_ANY, NULL, &part) == OTA_OK) {
        image->chip = chip_at(flash, part.offset);
        if (image->chip != NULL) {
            image->chip_from = FLASH_CHIP_APP;
            return;
        }
    }
}

static ota_status_t failed(ota_fault_t *fault, ota_status_t status, uint32_t offset)
{
    *fault = (ota_fault_t){.status = status, .offset = offset};
    return status;
}

/* A table at `offset`? fault->offset comes back as a place in the flash. */
static ota_status_t try_table(flash_image_t *image, const ota_flash_t *flash, uint32_t offset,
                              ota_fault_t *fault)
{
    ota_status_t status =
        ota_flash_read(flash, offset, image->table_bytes, sizeof(image->table_bytes));
    if (status != OTA_OK) {
        return failed(fault, status, offset);
    }
    *fault = (ota_fault_t){0};
    status =
        ota_table_open_boot(&image->table, image->table_bytes, OTA_TABLE_SIZE, flash->size, fault);
    fault->status = status;
    fault->offset += offset;
    image->table_offset = offset;
    return status;
}

static ota_status_t search(flash_image_t *image, const ota_flash_t *flash, ota_fault_t *fault)
{
    ota_status_t status = try_table(image, flash, OTA_TABLE_OFFSET, fault);
    if (status == OTA_OK) {
        return OTA_OK;
    }
    image->usual_fault = *fault;
    for (uint32_t at = OTA_FLASH_SECTOR; at <= FLASH_TABLE_SEARCH_END; at += OTA_FLASH_SECTOR) {
        ota_fault_t other;
        if (at != OTA_TABLE_OFFSET && try_table(image, flash, at, &other) == OTA_OK) {
            image->table_elsewhere = true;
            *fault = (ota_fault_t){0};
            return OTA_OK;
        }
    }
    return status;
}

ota_status_t flash_image_read(flash_image_t *image, const ota_flash_t *flash, uint32_t table_offset,
                              ota_fault_t *fault)
{
    image->table_elsewhere = false;
    image->chip = NULL;
    image->chip_from = FLASH_CHIP_UNKNOWN;
    image->bootloader = (ota_region_t){0};
    image->usual_fault = (ota_fault_t){0};
    if (table_offset % OTA_FLASH_SECTOR != 0) {
        return failed(fault, OTA_ERR_ARG, table_offset);
    }
    ota_status_t status = table_offset == FLASH_TABLE_ANYWHERE
                              ? search(image, flash, fault)
                              : try_table(image, flash, table_offset, fault);
    if (status != OTA_OK) {
        return status;
    }
    ota_layout_read(&image->layout, &image->table);
    if (!find_bootloader(image, flash)) {
        chip_from_apps(image, flash);
    }
    return OTA_OK;
}

ota_status_t flash_image_open(flash_image_t *image, const char *path, bool writable,
                              uint32_t table_offset, ota_fault_t *fault)
{
    ota_status_t status = flash_file_open(&image->file, path, writable);
    if (status != OTA_OK) {
        return failed(fault, status, 0);
    }
    status = flash_image_read(image, &image->file.flash, table_offset, fault);
    if (status != OTA_OK) {
        flash_file_close(&image->file);
    }
    return status;
}

void flash_image_close(flash_image_t *image)
{
    flash_file_close(&image->file);
}

static const char *const ota_names[OTA_SLOTS_MAX] = {
    "ota_0", "ota_1", "ota_2",  "ota_3",  "ota_4",  "ota_5",  "ota_6",  "ota_7",
    "ota_8", "ota_9", "ota_10", "ota_11", "ota_12", "ota_13", "ota_14", "ota_15"};

const char *slot_name(ota_slot_t slot)
{
    if (slot >= 0 && slot < (ota_slot_t)OTA_SLOTS_MAX) {
        return ota_names[slot];
    }
    if (slot == OTA_SLOT_FACTORY) {
        return "factory";
    }
    return slot == OTA_SLOT_TEST ? "test" : "none";
}

static int slot_subtype(ota_slot_t slot)
{
    if (slot == OTA_SLOT_FACTORY) {
        return OTA_SUBTYPE_FACTORY;
    }
    return slot == OTA_SLOT_TEST ? (int)OTA_SUBTYPE_TEST : (int)OTA_SUBTYPE_OTA_0 + slot;
}

static ota_slot_t subtype_slot(const ota_part_t *part)
{
    if (part->type != OTA_TYPE_APP) {
        return OTA_SLOT_NONE;
    }
    if (ota_part_is_slot(part)) {
        return (ota_slot_t)(part->subtype - OTA_SUBTYPE_OTA_0);
    }
    if (part->subtype == OTA_SUBTYPE_FACTORY) {
        return OTA_SLOT_FACTORY;
    }
    return part->subtype == OTA_SUBTYPE_TEST ? OTA_SLOT_TEST : OTA_SLOT_NONE;
}

static ota_slot_t slot_of_name(const char *text)
{
    for (ota_slot_t slot = OTA_SLOT_TEST; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        if (strcmp(slot_name(slot), text) == 0) {
            return slot;
        }
    }
    return OTA_SLOT_NONE;
}

ota_status_t slot_part(const ota_table_t *table, ota_slot_t slot, ota_part_t *part)
{
    uint32_t index = 0;
    ota_part_t found;
    ota_status_t result = OTA_ERR_NOT_IN_TABLE;
    if (slot < OTA_SLOT_TEST || slot >= (ota_slot_t)OTA_SLOTS_MAX) {
        return result;
    }
    while (ota_table_find(table, &index, OTA_TYPE_APP, slot_subtype(slot), NULL, &found) ==
           OTA_OK) {
        *part = found;
        result = OTA_OK;
    }
    return result;
}

ota_slot_t slot_parse(const ota_table_t *table, const char *text)
{
    uint32_t index = 0;
    ota_part_t part;
    ota_slot_t slot = slot_of_name(text);
    if (slot != OTA_SLOT_NONE && slot_part(table, slot, &part) == OTA_OK) {
        return slot;
    }
    if (ota_table_find(table, &index, OTA_TYPE_APP, OTA_ANY, text, &part) == OTA_OK) {
        return subtype_slot(&part);
    }
    return OTA_SLOT_NONE;
}

ota_status_t part_parse(const ota_table_t *table, const char *text, ota_part_t *part)
{
    uint32_t index = 0;
    if (ota_table_find(table, &index, OTA_ANY, OTA_ANY, text, part) == OTA_OK) {
        return OTA_OK;
    }
    return slot_part(table, slot_of_name(text), part);
}
