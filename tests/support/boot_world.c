/* SPDX-License-Identifier: Apache-2.0 */
#include "support/boot_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned world_index(ota_slot_t slot)
{
    return slot >= 0                  ? (unsigned)slot
           : slot == OTA_SLOT_FACTORY ? OTA_SLOTS_MAX
                                      : OTA_SLOTS_MAX + 1u;
}

static const char *add_app(world_t *world, const char *at)
{
    ota_slot_t slot = *at == 'F' ? OTA_SLOT_FACTORY : OTA_SLOT_TEST;
    ota_region_t *region = *at == 'F' ? &world->layout.factory : &world->layout.test;
    char *end = NULL;
    if (*at == 'F' || *at == 'T') {
        at++;
    } else {
        slot = (ota_slot_t)strtoul(at, &end, 10);
        at = end;
        region = &world->layout.slot[slot];
        world->layout.boot_count++;
        world->layout.app_count = (uint8_t)(world->layout.app_count + 1u);
    }
    unsigned index = world_index(slot);
    *region = (ota_region_t){0x10000u * (index + 1u), 0x10000};
    world->loads[index] = *at != 'x' && *at != 'u';
    world->apps[index].readable = *at != 'u';
    at += *at == 'x' || *at == 'u' ? 1 : 0;
    if (*at == '@') {
        world->apps[index].secure_version = (uint32_t)strtoul(at + 1, &end, 10);
        at = end;
    }
    return at;
}

void world_make(world_t *world, const char *apps, const char *copy0, const char *copy1)
{
    memset(world, 0, sizeof(*world));
    world->layout.otadata = (ota_region_t){0xE000, OTA_OTADATA_SIZE};
    for (const char *at = apps; *at != '\0'; at += *at == ' ' ? 1 : 0) {
        at = add_app(world, at);
    }
    world_sector(world, 0, copy0);
    world_sector(world, 1, copy1);
}

void world_sector(world_t *world, int i, const char *text)
{
    uint8_t bytes[OTA_JOURNAL_AT];
    sector_bytes(bytes, world->layout.boot_count, text);
    ota_otadata_decode(&world->od, i, bytes);
}

const char *world_text(const world_t *world, char text[WORLD_TEXT])
{
    char second[SECTOR_TEXT];
    uint8_t count = world->layout.boot_count;
    (void)sector_text(&world->od, 0, count, text);
    strcat(text, " ; ");
    return strcat(text, sector_text(&world->od, 1, count, second));
}

static void note(char *order, size_t room, ota_slot_t slot)
{
    size_t used = strlen(order);
    const char *gap = used > 0 ? " " : "";
    if (slot >= 0) {
        (void)snprintf(order + used, room - used, "%s%d", gap, slot);
    } else {
        (void)snprintf(order + used, room - used, "%s%s", gap,
                       slot == OTA_SLOT_FACTORY ? "F" : "T");
    }
}

void world_boot(world_t *world, boot_result_t *result)
{
    memset(result, 0, sizeof(*result));
    memset(&result->plan, 0xA5, sizeof(result->plan)); /* nothing may be left to luck */
    result->booted = OTA_SLOT_NONE;
    ota_otadata_t before = world->od;
    ota_boot_input_t input = {
        .config = &world->config,
        .layout = &world->layout,
        .otadata = world->layout.otadata.size >= OTA_OTADATA_SIZE ? &before : NULL,
        .apps = world->config.anti_rollback ? world->apps : NULL,
        .efuse_version = world->efuse,
        .factory_pin = world->factory_pin,
        .test_pin = world->test_pin,
    };
    ota_boot_decide(&input, &result->plan);
    ota_plan_apply(&result->plan.writes, &world->od);
    input.efuse_version = result->plan.raise_to != 0 ? result->plan.raise_to : world->efuse;
    uint32_t raise_to = 0;
    for (uint8_t i = 0; i < result->plan.count; i++) {
        ota_slot_t slot = result->plan.candidate[i];
        note(result->order, sizeof(result->order), slot);
        if (result->booted == OTA_SLOT_NONE && world->loads[world_index(slot)] &&
            ota_boot_version_ok(&input, slot)) {
            result->booted = slot;
            memset(&result->settled, 0xA5, sizeof(result->settled));
            ota_boot_settle(&input, &result->plan, slot, &result->settled);
            ota_plan_apply(&result->settled.writes, &world->od);
            ota_commit_apply(&result->settled.commit, &world->od, world->layout.boot_count);
            raise_to = result->settled.raise_to;
            result->writes =
                result->settled.writes.count + ota_commit_steps(&result->settled.commit);
        }
    }
    uint32_t efuse = raise_to != 0 ? raise_to : input.efuse_version;
    result->burnt = efuse != world->efuse;
    world->efuse = efuse;
    result->writes += (unsigned)result->plan.writes.count;
}
