/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commit: which record is in force, and how the next one replaces it. The only module that
 * decides either; the bootloader, the application's calls and the update session all go through it.
 *
 *   ota_commit_open ----> commit.record: what is in force, whoever wrote it
 *        the caller edits commit.record
 *   ota_commit_close ---> commit.firm, .write, .wipe: what that takes
 *   ota_commit_execute -> firm up | erase the other sector, write, seal, read back | wipe
 *
 * Of two sectors the newest complete record wins:
 *   sealed     a whole record with seal 1 (policy otary; under a stock bootloader what counts is
 *              what that sees: the entry)
 *   foreign    no whole record, but a stock entry that counts: written by a stock bootloader or
 *              by esp_ota_ops, or our record has rotted. Read as such software means it, and
 *              adopted: where the cells behind it take them, a record that says the same and its
 *              seals are programmed there, so that nothing has to be erased.
 *   newer      the larger seq; where the sequence ran out, the one that `replaces` the other
 * Everything else is doubtful, and is wiped before anything is acted upon.
 *
 * After a power cut at any byte of execute, once or any number of times, the record before or the
 * record after is in force, and after the next execute of a boot it stays so: docs/reliability.md.
 */
#ifndef OTA_COMMIT_H
#define OTA_COMMIT_H

#include "ota/policy.h"
#include "ota/slots.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_SECTOR_NONE ((int8_t)-1)

typedef struct {
    ota_record_t before; /* what is in force */
    ota_record_t record; /* the caller's to edit: what shall be */
    int8_t sector;       /* of what is in force; OTA_SECTOR_NONE: nothing is */
    bool foreign;        /* no record of ours: read out of a stock entry */
    bool mend;           /* entry and record disagree: it has to be written anew */
    bool expiring;       /* a stock bootloader gives it up at the next boot: the other one counts */
    bool spare;          /* close: `write` is done only if a foreign entry cannot be adopted; */
    bool behind;         /* what is written has its last boot: the other sector gets its fallback */
    int8_t firm;         /* to be done in this order: the sector to program again, or to adopt; */
    int8_t write;        /* the sector to write (OTA_SECTOR_NONE: none); */
    uint8_t wipe;        /* the sectors to wipe (bit i is sector i): after writing, */
    uint8_t wipe_idle;   /* or where nothing was written */
} ota_commit_t;

/* What is in force, for a bootloader built like `config` and a table of `count` OTA slots. */
void ota_commit_open(ota_commit_t *commit, const ota_otadata_t *od, const ota_boot_config_t *config,
                     uint8_t count);

/* The same record is in force already, field by field but for seq and replaces. */
bool ota_commit_same(const ota_record_t *a, const ota_record_t *b);

/* What has to be done: firm up or adopt what is in force; if `write`, or if that is needed to mend
 * it, write commit->record (seq, replaces are given here); wipe what a stock bootloader would
 * prefer, or what is doubtful. */
void ota_commit_close(ota_commit_t *commit, const ota_otadata_t *od, uint8_t count, bool write);

/* There is nothing to do. */
bool ota_commit_idle(const ota_commit_t *commit);

/* The sectors that are wiped last: bit i is sector i. adopted: a foreign entry could be. */
uint8_t ota_commit_wipes(const ota_commit_t *commit, bool adopted);

/* How many sectors are programmed again, written or wiped, if a foreign entry can be adopted. */
unsigned ota_commit_steps(const ota_commit_t *commit);

/* Does it. `od` and `count` as in close. Stops at the first failure; then the record before or the
 * record after is in force. OTA_ERR_FLASH_MISMATCH: flash does not hold what was
 * written; statuses of ota_otadata_check and of the flash port. */
OTA_MUST_CHECK ota_status_t ota_commit_execute(const ota_commit_t *commit, const ota_otadata_t *od,
                                               uint8_t count, const ota_flash_t *flash,
                                               ota_region_t where);

/* What a later read would see, if cells behind a foreign entry are blank. */
void ota_commit_apply(const ota_commit_t *commit, ota_otadata_t *od, uint8_t count);

/* The entry beside a record: blank if no sequence names the slot. State: on trial NEW, in its last
 * boot PENDING; else what is known of the slot. */
void ota_commit_entry(const ota_record_t *record, uint8_t count, ota_entry_t *entry);

#ifdef __cplusplus
}
#endif

#endif
