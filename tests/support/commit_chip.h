/* SPDX-License-Identifier: Apache-2.0 */
/* Two otadata sectors on a strict NOR chip, plain or encrypted, and a commit opened on them. */
#ifndef TESTS_SUPPORT_COMMIT_CHIP_H
#define TESTS_SUPPORT_COMMIT_CHIP_H

#include "ota/commit.h"
#include "ports/flash/nor_sim.h"
#include "support/sector_text.h"

#define CHIP_OTADATA   0xE000u
#define CHIP_SIZE      0x10000u
#define CHIP_ENCRYPTED 0u /* for a program unit: 16, and every byte is turned over */

typedef struct {
    nor_sim_t nor;
    ota_boot_config_t config;
    uint8_t count;
    bool encrypted;
    ota_otadata_t od;
    ota_commit_t commit; /* of what od holds */
    char name[2 * SECTOR_TEXT + 64];
} chip_t;

extern const ota_region_t chip_otadata;

/* Policy otary; sectors as in sector_text.h. */
void chip_start(chip_t *chip, const char *const copy[2], uint8_t count, uint32_t unit);
void chip_stop(chip_t *chip);

void chip_read(chip_t *chip); /* od, and what is in force */
ota_status_t chip_execute(chip_t *chip);

#endif
