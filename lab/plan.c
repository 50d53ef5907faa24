/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a scenario needs and does not change: chip, table, images.
 *
 *   0x8000   table
 *   0xE000   otadata
 *   0x10000  [factory] ota_0 ota_1 ..., each at a multiple of 64 KiB
 *
 * Encryption begins at otadata. (A real one covers the table too; nobody writes the table here.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "lab/world.h"

#define OTADATA_AT  0xE000u
#define APPS_AT     0x10000u
#define PAGE_64K    0x10000u
#define SMALLEST    0x100000u /* no header names a smaller chip */
#define TAIL        416u      /* images end this much before a sector does: whole blocks of 32 */
#define CHUNK       400u      /* of one write: fits neither pages nor sectors */
#define LARGE_CHUNK 4096u

static uint32_t round_up(uint32_t value, uint32_t unit)
{
    return (value + unit - 1u) / unit * unit;
}

/* --- table --------------------------------------------------------------------------------- */

static void add_part(lab_plan_t *plan, uint32_t *count, uint8_t type, uint8_t subtype, uint32_t at,
                     uint32_t size, const char *label)
{
    ota_part_t part = {.type = type, .subtype = subtype, .offset = at, .size = size};
    (void)snprintf(part.label, sizeof(part.label), "%s", label);
    ota_table_encode(plan->table + (size_t)(*count)++ * OTA_TABLE_ENTRY, &part);
}

static bool has_factory(lab_table_t table)
{
    return table == LAB_TABLE_FACTORY_TWO || table == LAB_TABLE_RECOVERY;
}

static unsigned slots_of(lab_table_t table)
{
    return table == LAB_TABLE_FOUR ? 4 : table == LAB_TABLE_RECOVERY ? 1 : 2;
}

static void make_table(lab_plan_t *plan, uint32_t slot_size)
{
    lab_table_t table = plan->scenario.variant.table;
    uint32_t at = APPS_AT;
    uint32_t count = 0;
    uint32_t stride = round_up(slot_size, PAGE_64K);
    memset(plan->table, 0xFF, OTA_TABLE_SIZE);
    add_part(plan, &count, OTA_TYPE_DATA, OTA_SUBTYPE_OTADATA, OTADATA_AT, OTA_OTADATA_SIZE,
             "otadata");
    if (has_factory(table)) {
        add_part(plan, &count, OTA_TYPE_APP, OTA_SUBTYPE_FACTORY, at, slot_size, "factory");
        at += stride;
    }
    for (unsigned i = 0; i < slots_of(table); i++, at += stride) {
        char label[16];
        (void)snprintf(label, sizeof(label), "app%u", i);
        add_part(plan, &count, OTA_TYPE_APP, (uint8_t)(OTA_SUBTYPE_OTA_0 + i), at, slot_size,
                 label);
    }
    ota_table_encode_md5(plan->table + (size_t)count * OTA_TABLE_ENTRY, plan->table, count);
    plan->chip.size = SMALLEST;
    while (plan->chip.size < at) {
        plan->chip.size *= 2u;
    }
}

/* --- images -------------------------------------------------------------------------------- */

static ota_status_t make_image(lab_plan_t *plan, unsigned which, uint32_t size)
{
    static const char *const versions[LAB_IMAGES_MAX] = {"1.0", "2.0", "0.9", "2.1"};
    const lab_row_t *row = plan->scenario.row;
    image_wish_t wish;
    image_wish_default(&wish);
    bool fresh = which == LAB_IMAGE_NEW || which == LAB_IMAGE_OTHER;
    if (which == LAB_IMAGE_NEW && row->feed == LAB_FEED_CHIP) {
        wish.chip = ota_chip_by_name("esp32s3");
    }
    wish.size = size;
    wish.seed = which + 1u;
    wish.version = versions[which];
    wish.flash_size = 0;
    wish.secure_version = row->versions == 0 ? 0 : fresh ? 2 : 1;
    plan->image_version[which] = wish.secure_version;
    return image_build(&wish, &plan->image[which]);
}

static ota_status_t make_images(lab_plan_t *plan, uint32_t slot_size)
{
    const lab_row_t *row = plan->scenario.row;
    uint32_t size = row->image_kib != 0 ? row->image_kib * 1024u - TAIL : 0;
    ota_status_t status = OTA_OK;
    for (unsigned i = 0; i < LAB_IMAGES_MAX && status == OTA_OK; i++) {
        bool full = row->fills_slot && i == LAB_IMAGE_NEW;
        status = make_image(plan, i, full ? slot_size : size);
    }
    return status;
}

/* --- plans --------------------------------------------------------------------------------- */

static void set_chip(lab_plan_t *plan)
{
    const lab_variant_t *variant = &plan->scenario.variant;
    uint32_t size = plan->chip.size;
    plan->chip = (medium_spec_t){
        .size = size,
        .program_unit = variant->program_unit,
        .erase_units = variant->large_erases ? OTA_ERASE_4K | OTA_ERASE_64K : OTA_ERASE_4K,
        .encrypted = variant->encrypted,
        .encrypted_from = variant->encrypted ? plan->layout.otadata.offset : 0,
        .encrypted_to = variant->encrypted ? size : 0,
        .tried_to = variant->encrypted ? plan->layout.otadata.offset + OTA_OTADATA_SIZE : 0,
        .seed = 0x07A21u,
    };
}

/* Where old lives and where the first update goes. */
ota_status_t lab_plan_slots(lab_plan_t *plan)
{
    bool factory = plan->layout.factory.size != 0;
    bool home_factory =
        factory && (plan->scenario.row->start == LAB_START_BLANK || plan->layout.app_count < 2);
    plan->home = home_factory ? OTA_SLOT_FACTORY : 0;
    return ota_layout_next(&plan->layout, plan->home, &plan->target);
}

static ota_status_t read_table(lab_plan_t *plan, ota_fault_t *fault)
{
    ota_table_t table;
    ota_status_t status =
        ota_table_open_boot(&table, plan->table, OTA_TABLE_SIZE, plan->chip.size, fault);
    if (status != OTA_OK) {
        return status;
    }
    ota_layout_read(&plan->layout, &table);
    set_chip(plan);
    application_boot_config(&plan->scenario, &plan->boot);
    plan->chunk = plan->scenario.row->image_kib > 64 ? LARGE_CHUNK : CHUNK;
    return lab_plan_slots(plan);
}

ota_status_t lab_plan_open(lab_plan_t *plan, const lab_scenario_t *scenario)
{
    const lab_row_t *row = scenario->row;
    ota_fault_t fault;
    memset(plan, 0, sizeof(*plan));
    plan->scenario = *scenario;
    plan->image_chip = ota_chip_by_name("esp32");
    plan->table = malloc(OTA_TABLE_SIZE);
    uint32_t least = round_up(row->image_kib * 1024u, OTA_FLASH_SECTOR) + OTA_FLASH_SECTOR;
    uint32_t slot_size = row->slot_kib != 0 ? row->slot_kib * 1024u : least;
    if (scenario->variant.large_erases) {
        slot_size = round_up(slot_size, PAGE_64K);
    }
    ota_status_t status = OTA_ERR_NO_ROOM;
    if (plan->table != NULL) {
        make_table(plan, slot_size);
        status = make_images(plan, slot_size);
    }
    if (status == OTA_OK) {
        status = read_table(plan, &fault);
    }
    if (status != OTA_OK) {
        lab_plan_close(plan);
    }
    return status;
}

static ota_status_t take_image(image_bytes_t *image, const uint8_t *bytes, size_t len)
{
    image->bytes = malloc(len);
    if (image->bytes == NULL) {
        return OTA_ERR_NO_ROOM;
    }
    memcpy(image->bytes, bytes, len);
    image->len = len;
    return OTA_OK;
}

static ota_status_t take_chip(lab_plan_t *plan)
{
    ota_image_header_t header;
    const image_bytes_t *image = &plan->image[LAB_IMAGE_NEW];
    ota_status_t status = image->len >= OTA_IMAGE_HEADER
                              ? ota_image_header_decode(&header, image->bytes)
                              : OTA_ERR_IMAGE_TRUNCATED;
    if (status == OTA_OK) {
        plan->image_chip = ota_chip_by_id(header.chip_id);
        status = plan->image_chip != NULL ? OTA_OK : OTA_ERR_IMAGE_CHIP;
    }
    return status;
}

static ota_status_t fit(const lab_plan_t *plan, unsigned which, ota_slot_t slot, ota_fault_t *fault)
{
    ota_region_t where = ota_layout_region(&plan->layout, slot);
    if (plan->image[which].len > where.size) {
        *fault =
            (ota_fault_t){OTA_ERR_IMAGE_TOO_BIG, 0, (uint32_t)plan->image[which].len, where.size};
        return OTA_ERR_IMAGE_TOO_BIG;
    }
    return OTA_OK;
}

ota_status_t lab_plan_own(lab_plan_t *plan, const lab_scenario_t *scenario, const uint8_t *table,
                          uint32_t flash_size, const uint8_t *old_image, size_t old_len,
                          const uint8_t *new_image, size_t new_len, ota_fault_t *fault)
{
    memset(plan, 0, sizeof(*plan));
    memset(fault, 0, sizeof(*fault));
    plan->scenario = *scenario;
    plan->chip.size = flash_size;
    plan->table = malloc(OTA_TABLE_SIZE);
    ota_status_t status = plan->table != NULL ? OTA_OK : OTA_ERR_NO_ROOM;
    if (status == OTA_OK) {
        memcpy(plan->table, table, OTA_TABLE_SIZE);
        status = take_image(&plan->image[LAB_IMAGE_OLD], old_image, old_len);
    }
    if (status == OTA_OK) {
        status = take_image(&plan->image[LAB_IMAGE_NEW], new_image, new_len);
    }
    status = status == OTA_OK ? take_chip(plan) : status;
    status = status == OTA_OK ? read_table(plan, fault) : status;
    status = status == OTA_OK ? fit(plan, LAB_IMAGE_OLD, plan->home, fault) : status;
    status = status == OTA_OK ? fit(plan, LAB_IMAGE_NEW, plan->target, fault) : status;
    if (status != OTA_OK) {
        fault->status = status;
        lab_plan_close(plan);
    }
    return status;
}

void lab_plan_close(lab_plan_t *plan)
{
    for (unsigned i = 0; i < LAB_IMAGES_MAX; i++) {
        image_free(&plan->image[i]);
    }
    free(plan->table);
    plan->table = NULL;
}
