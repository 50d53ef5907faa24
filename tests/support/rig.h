/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole small chip in memory with a device on it: table at 0x8000, otadata at 0xE000, one
 * 64 KiB partition per app, an emulated eFuse. Apps and sectors are written as in boot_world.h.
 */
#ifndef TESTS_SUPPORT_RIG_H
#define TESTS_SUPPORT_RIG_H

#include "ota/device.h"
#include "ports/flash/nor_sim.h"
#include "support/boot_world.h"

#define RIG_SIZE    0x140000u
#define RIG_OTADATA 0xE000u

typedef struct {
    nor_sim_t nor;
    ota_table_t table;
    ota_device_t device;
    uint32_t burnt; /* the eFuse */
    unsigned burns;
    ota_status_t efuse_status; /* what the eFuse port answers */
    ota_efuse_t efuse;
    uint8_t slots; /* that the table has */
} rig_t;

/* Partitions, images, otadata; the device runs `running`. x: the image is spoilt; u: none. */
void rig_start(rig_t *rig, const char *apps, const char *copy0, const char *copy1,
               ota_slot_t running);
void rig_stop(rig_t *rig);

/* The device changes otadata by commits, for a bootloader of this policy with rollback. */
void rig_commits(rig_t *rig, ota_policy_t policy);

/* What a bootloader of this policy would start now; nothing is written. */
ota_slot_t rig_boots(const rig_t *rig, const char *apps, ota_policy_t policy);

uint32_t rig_address(ota_slot_t slot);
void rig_image(rig_t *rig, ota_slot_t slot, uint32_t secure_version);
void rig_spoil(rig_t *rig, ota_slot_t slot);
void rig_records(rig_t *rig, const char *copy0, const char *copy1);

/* Both sectors as they stand, as world_text has them. */
const char *rig_sectors(const rig_t *rig, char text[WORLD_TEXT]);

/* "1V 2N": the entries alone. */
const char *rig_otadata(const rig_t *rig, char text[48]);

#endif
