/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots: Espressif's otadata, the 2 x 32 bytes that say which OTA slot boots.
 *
 *   otadata partition, 0x2000 bytes
 *   +0x0000 copy 0   seq u32 | label[20] | state u32 | crc u32      32 bytes
 *   +0x0020          Otary's record and its seals (ota/record.h), or FF
 *   +0x1000 copy 1   the same
 *   +0x1020          the same
 *
 * crc covers seq alone (CRC-32 with start value FFFFFFFF at the ROM's convention,
 * docs/formats.md). slot = (seq - 1) mod number of OTA slots. Of two valid copies the
 * larger seq wins; a tie goes to copy 0.
 *
 * Deciding is pure here: a plan says which sectors to erase and what to write; one
 * executor carries plans out.
 */
#ifndef OTA_SLOTS_H
#define OTA_SLOTS_H

#include "ota/record.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_OTADATA_SIZE   0x2000u
#define OTA_OTADATA_SECTOR 0x1000u
#define OTA_ENTRY_SIZE     32u
#define OTA_SEQ_EMPTY      0xFFFFFFFFu

/* States as they stand in flash. Any other value counts as bootable, like UNDEFINED. */
#define OTA_STATE_NEW       0u          /* selected, never booted; only where rollback is on */
#define OTA_STATE_PENDING   1u          /* booted once, not confirmed yet */
#define OTA_STATE_VALID     2u          /* confirmed */
#define OTA_STATE_INVALID   3u          /* the application rejected itself */
#define OTA_STATE_ABORTED   4u          /* the bootloader gave up on it */
#define OTA_STATE_UNDEFINED 0xFFFFFFFFu /* no trial: rollback off */

typedef struct {
    uint32_t seq;
    uint8_t label[20]; /* never interpreted, kept as found */
    uint32_t state;
    uint32_t crc;
} ota_entry_t;

/* Bits of ota_otadata_t.marks. */
#define OTA_MARK_WHOLE  (1u << 0) /* record[i] is whole */
#define OTA_MARK_SEAL_1 (1u << 1)
#define OTA_MARK_SEAL_2 (1u << 2)
#define OTA_MARK_WIPED  (1u << 3) /* erased to the end */
#define OTA_MARK_LITTER (1u << 4) /* no whole record, no seal 1, and yet something between them */

/* Both sectors. A zeroed struct with its copies set is otadata that only ever knew stock. */
typedef struct {
    ota_entry_t copy[2];
    ota_record_t record[2]; /* blank where not whole */
    uint8_t marks[2];
} ota_otadata_t;

uint32_t ota_entry_crc(uint32_t seq);
void ota_entry_decode(ota_entry_t *entry, const uint8_t bytes[OTA_ENTRY_SIZE]);
void ota_entry_encode(uint8_t bytes[OTA_ENTRY_SIZE], const ota_entry_t *entry);
void ota_entry_blank(ota_entry_t *entry); /* all FF */
bool ota_entry_is_blank(const ota_entry_t *entry);

bool ota_entry_crc_ok(const ota_entry_t *entry); /* seq not empty and crc matches */
bool ota_entry_rejected(
    const ota_entry_t *entry);                  /* empty, INVALID or ABORTED; crc not looked at */
bool ota_entry_valid(const ota_entry_t *entry); /* not rejected and crc matches */

/* Slot that the entry names with `count` OTA slots (a table has at most 96); OTA_SLOT_NONE if
 * count is 0. */
ota_slot_t ota_entry_slot(const ota_entry_t *entry, uint8_t count);

/* 0 or 1: the copy in force. -1: none. */
int ota_otadata_active(const ota_otadata_t *od);

/* The newest copy that names `slot` and for which `counts` holds (ota_entry_valid,
 * ota_entry_crc_ok); -1: none. */
int ota_otadata_find(const ota_otadata_t *od, uint8_t count, ota_slot_t slot,
                     bool (*counts)(const ota_entry_t *entry));

/* Smallest sequence >= seq, and never 0, that names `slot` (0 <= slot < count), without loops. 0 if
 * the 32-bit range ends before one is found: the caller starts a new count (ota_plan_select does).
 */
uint32_t ota_seq_next(uint32_t seq, ota_slot_t slot, uint8_t count);

/* Reads both sectors. OTA_ERR_NO_OTADATA, OTA_ERR_OTADATA_SIZE, statuses of the flash port. */
OTA_MUST_CHECK ota_status_t ota_otadata_read(const ota_flash_t *flash, ota_region_t where,
                                             ota_otadata_t *od);

/* The same, for whoever writes by what it reads: what fails, and a sector of which nothing sensible
 * could be read, is read until two readings in a row agree, at most four times. */
OTA_MUST_CHECK ota_status_t ota_otadata_read_surely(const ota_flash_t *flash, ota_region_t where,
                                                    ota_otadata_t *od);

/* Nothing written in either sector. */
void ota_otadata_blank(ota_otadata_t *od);

/* Decodes the first OTA_JOURNAL_AT bytes of sector `i`. */
void ota_otadata_decode(ota_otadata_t *od, int i, const uint8_t bytes[OTA_JOURNAL_AT]);

/* OTA_OK if the table's otadata partition can hold both sectors. OTA_ERR_NO_OTADATA,
 * OTA_ERR_OTADATA_SIZE, OTA_ERR_RANGE. */
OTA_MUST_CHECK ota_status_t ota_otadata_check(ota_region_t where);

/* --- plans: Espressif's way of changing otadata ----------------------------------------- */
/* What a stock bootloader does, and what esp_ota_ops does: erase a sector, write its entry anew.
 * Otary's own way is a commit (ota/commit.h). */

#define OTA_PLAN_STEPS 6u

/* One step: erase the sector of `copy`, then, if `write`, program `entry` there. */
typedef struct {
    uint8_t copy;
    bool write;
    ota_entry_t entry;
} ota_plan_step_t;

typedef struct {
    uint8_t count;
    ota_plan_step_t step[OTA_PLAN_STEPS];
} ota_plan_t;

/* The longest plan, a boot with a factory reset, has 5 steps; more than OTA_PLAN_STEPS are dropped.
 * Appends a step / applies a plan to a decoded otadata (what a later read would see). */
void ota_plan_write(ota_plan_t *plan, int copy, const ota_entry_t *entry);
void ota_plan_erase(ota_plan_t *plan, int copy);

/* Appends: write copy `copy` with this seq and state, its CRC, and the label it has now. */
void ota_plan_entry(ota_plan_t *plan, const ota_otadata_t *od, int copy, uint32_t seq,
                    uint32_t state);
void ota_plan_apply(const ota_plan_t *plan, ota_otadata_t *od);

/* Carries the plan out, step by step; stops at the first failure of the flash port.
 * OTA_ERR_NO_OTADATA, OTA_ERR_OTADATA_SIZE, OTA_ERR_RANGE, OTA_ERR_ALIGN. */
OTA_MUST_CHECK ota_status_t ota_plan_execute(const ota_plan_t *plan, const ota_flash_t *flash,
                                             ota_region_t where);

/*
 * Make `slot` boot next. state: OTA_STATE_NEW (trial) or OTA_STATE_UNDEFINED.
 * Espressif's rule (v6.0+): no valid copy -> copy 0 with seq = slot + 1; the active copy
 * already names the slot -> same copy, same seq, new state; else the other copy with the
 * next sequence. Where the 32-bit sequence would run out, both copies are renewed: the
 * other one first with seq = slot + 1 + count, then the old winner with its slot + 1, so
 * that at every moment either the old or the new choice is in force.
 * OTA_ERR_NO_SLOTS, OTA_ERR_SLOT_UNREACHABLE.
 */
OTA_MUST_CHECK ota_status_t ota_plan_select(const ota_otadata_t *od, uint8_t count, ota_slot_t slot,
                                            uint32_t state, ota_plan_t *plan);

/* Set the state of the newest valid copy that names `slot` (VALID to confirm, INVALID to
 * reject). An empty plan if it already has it. OTA_ERR_NO_RECORD: no valid copy names the slot
 * (what was rejected stays rejected until it is selected again). */
OTA_MUST_CHECK ota_status_t ota_plan_mark(const ota_otadata_t *od, uint8_t count, ota_slot_t slot,
                                          uint32_t state, ota_plan_t *plan);

/* Forget the records of a slot that is about to be overwritten. Where an OTA slot is running
 * that no valid copy names, nothing is forgotten: a boot in between would find blank otadata
 * and start at slot 0. An empty plan if there is nothing to forget. */
void ota_plan_forget(const ota_otadata_t *od, uint8_t count, ota_slot_t target, ota_slot_t running,
                     ota_plan_t *plan);

/* Back to factory: both sectors blank. */
void ota_plan_clear(ota_plan_t *plan);

#ifdef __cplusplus
}
#endif

#endif
