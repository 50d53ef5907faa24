/* SPDX-License-Identifier: Apache-2.0 */
/* Between commit.c, which decides, commit_write.c, which does, and the calls. Private to core. */
#ifndef CORE_COMMIT_H
#define CORE_COMMIT_H

#include "ota/commit.h"

#define OTA_MARKS_SEALED (OTA_MARK_WHOLE | OTA_MARK_SEAL_1) /* the record counts */

/* Boots that an update gets under this bootloader. */
uint8_t ota_commit_trial_boots(const ota_boot_config_t *config);

/* Sector i holds a whole record, and beside it the entry that belongs to it. */
bool ota_commit_entry_fits(const ota_otadata_t *od, int i, uint8_t count);

/* The record for the other sector, with the fallback, where commit->behind asks for one: older than
 * what is written. */
void ota_commit_behind(const ota_commit_t *commit, uint8_t count, ota_record_t *record);

/* The bytes may be what is left of a record whose writing or whose erase a cut ended. */
bool ota_record_remains(const uint8_t bytes[OTA_RECORD_SIZE]);

#endif
