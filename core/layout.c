/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"
#include "ota/table.h"

/* Rows are taken as the bootloader takes them: by type and subtype, whatever their magic. */
static ota_region_t *region_for(ota_layout_t *layout, const ota_part_t *part)
{
    if (part->type == OTA_TYPE_DATA) {
        return part->subtype == OTA_SUBTYPE_OTADATA ? &layout->otadata : NULL;
    }
    if (part->type != OTA_TYPE_APP) {
        return NULL;
    }
    if (part->subtype == OTA_SUBTYPE_FACTORY) {
        return &layout->factory;
    }
    if (part->subtype == OTA_SUBTYPE_TEST) {
        return &layout->test;
    }
    return ota_part_is_slot(part) ? &layout->slot[part->subtype & 0x0Fu] : NULL;
}

void ota_layout_read(ota_layout_t *layout, const ota_table_t *table)
{
    ota_part_t part;
    uint32_t present = 0; /* bit n: there is an ota_n, be its size 0 */
    memset(layout, 0, sizeof(*layout));
    for (uint32_t i = 0; ota_table_get(table, i, &part) == OTA_OK; i++) {
        ota_region_t *region = region_for(layout, &part);
        if (region != NULL) {
            region->offset = part.offset;
            region->size = part.size;
        }
        if (ota_part_is_slot(&part)) {
            layout->boot_count++;
            present |= 1u << (part.subtype & 0x0Fu);
        }
    }
    while ((present >> layout->app_count & 1u) != 0) {
        layout->app_count++;
    }
}

static bool is_number(ota_slot_t slot)
{
    return slot >= 0 && slot < (ota_slot_t)OTA_SLOTS_MAX;
}

ota_region_t ota_layout_region(const ota_layout_t *layout, ota_slot_t slot)
{
    static const ota_region_t absent = {0, 0};
    if (is_number(slot)) {
        return layout->slot[slot];
    }
    if (slot == OTA_SLOT_FACTORY) {
        return layout->factory;
    }
    return slot == OTA_SLOT_TEST ? layout->test : absent;
}

static bool holds(const ota_region_t *region, uint32_t address)
{
    return address >= region->offset && address - region->offset < region->size;
}

ota_slot_t ota_layout_slot_at(const ota_layout_t *layout, uint32_t address)
{
    for (ota_slot_t i = 0; is_number(i); i++) {
        if (holds(&layout->slot[i], address)) {
            return i;
        }
    }
    if (holds(&layout->factory, address)) {
        return OTA_SLOT_FACTORY;
    }
    return holds(&layout->test, address) ? OTA_SLOT_TEST : OTA_SLOT_NONE;
}

ota_status_t ota_layout_next(const ota_layout_t *layout, ota_slot_t running, ota_slot_t *next)
{
    uint32_t first = is_number(running) ? (uint32_t)running + 1u : 0;
    uint32_t others = is_number(running) ? OTA_SLOTS_MAX - 1u : OTA_SLOTS_MAX;
    for (uint32_t i = 0; i < others; i++) {
        uint32_t slot = (first + i) % OTA_SLOTS_MAX;
        if (layout->slot[slot].size != 0) {
            *next = (ota_slot_t)slot;
            return OTA_OK;
        }
    }
    *next = OTA_SLOT_NONE;
    return ota_layout_region(layout, running).size != 0 && is_number(running) ? OTA_ERR_ONLY_SLOT
                                                                              : OTA_ERR_NO_SLOTS;
}
