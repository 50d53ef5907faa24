/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device in a line of text, and its boots: for tables of boot decisions.
 *
 *   apps     "F 0 1x 2@3 T"   factory, slots, test; x: does not load; @n: secure version n;
 *                             u: descriptor unreadable as well
 *   copies   as in sector_text.h: "-", "2N", "R5 1 2/3 else 0"
 */
#ifndef TESTS_SUPPORT_BOOT_WORLD_H
#define TESTS_SUPPORT_BOOT_WORLD_H

#include "ota/boot.h"
#include "support/sector_text.h"

typedef struct {
    ota_layout_t layout;
    ota_boot_config_t config;
    ota_boot_app_t apps[OTA_BOOT_APPS];
    bool loads[OTA_BOOT_APPS];
    ota_otadata_t od;
    uint32_t efuse;
    bool factory_pin;
    bool test_pin;
} world_t;

/* What one boot did. */
typedef struct {
    ota_boot_plan_t plan;
    ota_boot_settled_t settled;
    ota_slot_t booted; /* OTA_SLOT_NONE: reset */
    char order[64];    /* "1 0 F" */
    unsigned writes;   /* steps of both plans; of a commit: sectors firmed, written, wiped */
    bool burnt;
} boot_result_t;

#define WORLD_TEXT (2u * SECTOR_TEXT + 4u)

void world_make(world_t *world, const char *apps, const char *copy0, const char *copy1);

void world_sector(world_t *world, int i, const char *text); /* once the apps are known */

/* Both sectors: "R5 1 V1 ; w". */
const char *world_text(const world_t *world, char text[WORLD_TEXT]);

unsigned world_index(ota_slot_t slot); /* into apps and loads */

/* One boot as the executor does it, with `loads` for verdicts; otadata and eFuse move on. */
void world_boot(world_t *world, boot_result_t *result);

#endif
