/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device in a line of text, and its boots: for tables of boot decisions.
 *
 *   apps     "F 0 1x 2@3 T"   factory, slots, test; x: does not load; @n: secure version n;
 *                             u: descriptor unreadable as well
 *   entry    "-" blank; "2N" seq 2, state New Pending Valid Invalid Aborted Undefined X (7);
 *            "2N!" with a bad CRC
 */
#ifndef TESTS_SUPPORT_BOOT_WORLD_H
#define TESTS_SUPPORT_BOOT_WORLD_H

#include "ota/boot.h"

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
    unsigned writes;   /* steps of both plans */
    bool burnt;
} boot_result_t;

void world_entry(ota_entry_t *entry, const char *text);
const char *world_entry_text(const ota_entry_t *entry, char text[24]);
void world_make(world_t *world, const char *apps, const char *copy0, const char *copy1);

unsigned world_index(ota_slot_t slot); /* into apps and loads */

/* One boot as the executor does it, with `loads` for verdicts; otadata and eFuse move on. */
void world_boot(world_t *world, boot_result_t *result);

#endif
