/* SPDX-License-Identifier: Apache-2.0 */
#include "support/rig.h"

#include "host/image_build.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define APP_SIZE 0x10000u
#define TABLE_AT 0x8000u

static ota_status_t efuse_read(void *ctx, uint32_t *version)
{
    const rig_t *rig = ctx;
    *version = rig->burnt;
    return rig->efuse_status;
}

static ota_status_t efuse_raise(void *ctx, uint32_t version)
{
    rig_t *rig = ctx;
    if (rig->efuse_status == OTA_OK) {
        rig->burnt = version;
        rig->burns++;
    }
    return rig->efuse_status;
}

uint32_t rig_address(ota_slot_t slot)
{
    return APP_SIZE * (world_index(slot) + 1u);
}

void rig_image(rig_t *rig, ota_slot_t slot, uint32_t secure_version)
{
    image_wish_t wish;
    image_bytes_t image;
    image_wish_default(&wish);
    wish.address = rig_address(slot);
    wish.seed = world_index(slot);
    wish.secure_version = secure_version;
    wish.flash_size = 0;
    assert_int_equal(image_build(&wish, &image), OTA_OK);
    memset(rig->nor.bytes + rig_address(slot), 0xFF, APP_SIZE);
    memcpy(rig->nor.bytes + rig_address(slot), image.bytes, image.len);
    image_free(&image);
}

void rig_spoil(rig_t *rig, ota_slot_t slot)
{
    rig->nor.bytes[rig_address(slot) + 0xF0] ^= 0x01; /* a reserved byte of the descriptor */
}

void rig_records(rig_t *rig, const char *copy0, const char *copy1)
{
    const char *text[2] = {copy0, copy1};
    for (uint32_t i = 0; i < 2; i++) {
        uint8_t *sector = rig->nor.bytes + RIG_OTADATA + i * OTA_OTADATA_SECTOR;
        memset(sector, 0xFF, OTA_OTADATA_SECTOR);
        sector_bytes(sector, rig->slots, text[i]);
    }
}

const char *rig_sectors(const rig_t *rig, char text[WORLD_TEXT])
{
    world_t world;
    memset(&world, 0, sizeof(world));
    world.layout.boot_count = rig->slots;
    for (int i = 0; i < 2; i++) {
        ota_otadata_decode(&world.od, i,
                           rig->nor.bytes + RIG_OTADATA + (uint32_t)i * OTA_OTADATA_SECTOR);
    }
    return world_text(&world, text);
}

const char *rig_otadata(const rig_t *rig, char text[48])
{
    char copy[2][24];
    for (uint32_t i = 0; i < 2; i++) {
        ota_entry_t entry;
        ota_entry_decode(&entry, rig->nor.bytes + RIG_OTADATA + i * OTA_OTADATA_SECTOR);
        (void)sector_entry_text(&entry, copy[i]);
    }
    (void)snprintf(text, 48, "%s %s", copy[0], copy[1]);
    return text;
}

static void add_row(rig_t *rig, const ota_part_t *part)
{
    uint8_t *rows = rig->nor.bytes + TABLE_AT;
    ota_table_encode(rows + OTA_TABLE_ENTRY * rig->table.count++, part);
}

static void add_app(rig_t *rig, ota_slot_t slot, const world_t *world)
{
    unsigned index = world_index(slot);
    uint8_t subtype = slot == OTA_SLOT_FACTORY ? OTA_SUBTYPE_FACTORY
                      : slot == OTA_SLOT_TEST  ? OTA_SUBTYPE_TEST
                                               : (uint8_t)(OTA_SUBTYPE_OTA_0 + (unsigned)slot);
    ota_part_t part = {
        .type = OTA_TYPE_APP, .subtype = subtype, .offset = rig_address(slot), .size = APP_SIZE};
    (void)snprintf(part.label, sizeof(part.label), "app%u", index);
    if (ota_layout_region(&world->layout, slot).size == 0) {
        return;
    }
    add_row(rig, &part);
    if (world->apps[index].readable) {
        rig_image(rig, slot, world->apps[index].secure_version);
        if (!world->loads[index]) {
            rig_spoil(rig, slot);
        }
    }
}

void rig_start(rig_t *rig, const char *apps, const char *copy0, const char *copy1,
               ota_slot_t running)
{
    world_t world;
    world_make(&world, apps, copy0, copy1);
    memset(rig, 0, sizeof(*rig));
    assert_int_equal(nor_sim_start(&rig->nor, RIG_SIZE), OTA_OK);
    rig->table.bytes = rig->nor.bytes + TABLE_AT;
    ota_part_t otadata = {.type = OTA_TYPE_DATA,
                          .subtype = OTA_SUBTYPE_OTADATA,
                          .offset = RIG_OTADATA,
                          .size = OTA_OTADATA_SIZE,
                          .label = "otadata"};
    add_row(rig, &otadata);
    for (ota_slot_t slot = OTA_SLOT_TEST; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        add_app(rig, slot, &world);
    }
    ota_table_encode_md5(rig->nor.bytes + TABLE_AT + OTA_TABLE_ENTRY * rig->table.count,
                         rig->table.bytes, rig->table.count);
    rig->slots = world.layout.boot_count;
    rig_records(rig, copy0, copy1);
    rig->efuse = (ota_efuse_t){1, rig, efuse_read, efuse_raise};
    rig->device.flash = &rig->nor.flash;
    rig->device.efuse = &rig->efuse;
    rig->device.records = &ota_records_in_place;
    rig->device.chip = ota_chip_by_name("esp32");
    assert_int_equal(ota_device_init(&rig->device, &rig->table, rig_address(running) + 0x100),
                     OTA_OK);
    assert_int_equal(rig->device.running, running);
}

void rig_commits(rig_t *rig, ota_policy_t policy)
{
    rig->device.records = NULL;
    rig->device.boot.policy = policy;
    rig->device.boot.rollback = true;
}

ota_slot_t rig_boots(const rig_t *rig, const char *apps, ota_policy_t policy)
{
    world_t world;
    boot_result_t boot;
    world_make(&world, apps, "-", "-");
    world.config = rig->device.boot;
    world.config.policy = policy;
    assert_int_equal(ota_otadata_read(&rig->nor.flash, world.layout.otadata, &world.od), OTA_OK);
    world_boot(&world, &boot);
    return boot.booted;
}

void rig_stop(rig_t *rig)
{
    nor_sim_stop(&rig->nor);
}
