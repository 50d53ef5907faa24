/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session's rooms, from the caller down to the flash:
 *
 *   update.c         opens, closes and finishes sessions; the device's list of them
 *   update_resume.c  goes on with what an earlier session left, by the caller's word
 *   update_journal.c keeps a journal of what is in flash, and goes on by that
 *   update_write.c   takes bytes: all of a call's or none
 *   update_copy.c    moves a finished update from staging into its final partition
 *   update_judge.c   what the bytes are held against: image, table, nothing
 *   update_flash.c   the only code that erases and programs
 */
#ifndef CORE_UPDATE_H
#define CORE_UPDATE_H

#include "core/bytes.h"
#include "ota/update.h"

/* Bits of ota_update_t.flags above those of the caller. */
#define UPDATE_CALLER    (OTA_UPDATE_READ_BACK | OTA_UPDATE_SIZE_HINT)
#define UPDATE_STARTED   (1u << 16) /* took bytes since begin or resume: final is settled */
#define UPDATE_COPY      (1u << 17) /* finish copies to final */
#define UPDATE_DOUBT     (1u << 18) /* flash may hold unknown bits: compare what is programmed */
#define UPDATE_FORGOTTEN (1u << 19) /* otadata names the slot being written no more */

/* An image's header and first segment header; a table's first entry. Nothing is erased
 * before this many bytes have been judged. */
#define UPDATE_FIRST 32u

typedef enum { JUDGE_NOTHING, JUDGE_IMAGE, JUDGE_TABLE } update_judge_t;

static inline uint32_t update_round_up(uint32_t value, uint32_t unit)
{
    return (value + unit - 1u) & ~(unit - 1u);
}

static inline bool update_overlap(uint32_t a, uint32_t a_len, uint32_t b, uint32_t b_len)
{
    return a_len != 0 && b_len != 0 && (a < b ? b - a < a_len : a - b < b_len);
}

/* True if the announced size binds. */
static inline bool update_exact(const ota_update_t *update)
{
    return update->size < OTA_WITH_SEQUENTIAL_WRITES && (update->flags & OTA_UPDATE_SIZE_HINT) == 0;
}

/* Notes the failure for ota_update_fault and hands it on. */
COLD ota_status_t ota_update_fail(ota_update_t *update, ota_status_t status, uint32_t offset);
ota_status_t ota_update_differs(ota_update_t *update, ota_status_t status, uint32_t offset,
                                uint8_t found, uint8_t expected);

/* --- update_judge.c ------------------------------------------------------------------- */

update_judge_t ota_update_judge_kind(const ota_update_t *update);

/* From the first byte again. Statuses of ota_image_start; OTA_ERR_NO_ROOM: the device's
 * workspace cannot hold a table. */
ota_status_t ota_update_judge_start(ota_update_t *update);

/* The next bytes of the stream, the first of them at `at`. */
ota_status_t ota_update_judge_feed(ota_update_t *update, uint32_t at, const void *data, size_t len);

/* No more bytes: statuses of ota_image_finish. */
ota_status_t ota_update_judge_finish(ota_update_t *update);

/* Start, and feed [0, upto) of the staging partition out of flash. */
ota_status_t ota_update_judge_flash(ota_update_t *update, uint32_t upto);

/* The staging partition holds a partition table that this device can live with. */
ota_status_t ota_update_judge_table(ota_update_t *update);

/* --- update_flash.c ------------------------------------------------------------------- */

/* Programs of `part` come in multiples of this. */
uint32_t ota_update_unit(const ota_update_t *update, const ota_part_t *part);

/* Otadata names the slot `part` no more, and says how far its offer has got. */
ota_status_t ota_update_forget(ota_update_t *update, const ota_part_t *part);

/* See to it that [update->erased, end) of `part` is erased, and in passing what this update
 * will write in any case. */
ota_status_t ota_update_make_room(ota_update_t *update, const ota_part_t *part, uint32_t end);

/* Does flash hold these bytes (data NULL: FF)? OTA_ERR_FLASH_MISMATCH, flash statuses. */
ota_status_t ota_update_compare(ota_update_t *update, const ota_part_t *part, uint32_t at,
                                const uint8_t *data, size_t len);

/* Program whole units, and compare if the session reads back. */
ota_status_t ota_update_program(ota_update_t *update, const ota_part_t *part, uint32_t at,
                                const void *data, size_t len);

/* --- update_journal.c ----------------------------------------------------------------- */

/* [at, at + len) has been programmed with these bytes of the stream. Notes it at the end of a
 * sector; that this may fail costs a later session time, and no more. */
void ota_update_note(ota_update_t *update, uint32_t at, const uint8_t *data, uint32_t len);

/* --- update_write.c, update_copy.c -------------------------------------------------------- */

/* Programs what is held back, padded with FF to a whole unit. */
ota_status_t ota_update_flush(ota_update_t *update);

/* Copies [0, len) of staging to final and compares. */
ota_status_t ota_update_copy(ota_update_t *update, uint32_t len);

#endif
