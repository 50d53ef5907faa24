/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Update: one session, from the first byte to a verified image in a slot.
 *
 *   bytes -> judge (image) -> erase what the next bytes need -> program -> [read back]
 *
 *   ota_update_begin | ota_update_continue | ota_update_resume
 *        -> ota_update_write* | ota_update_write_at*
 *        -> ota_update_finish, or ota_update_abort at any moment
 *
 * Rules that hold whatever fails (and that the tests break on purpose):
 *   - the running slot is never erased or programmed;
 *   - no byte outside the staging partition (and `final` with copy) is touched, but for
 *     otadata's record of the slot;
 *   - nothing is erased before the first 32 bytes (an image's header and first segment header;
 *     of a table's first entry the magic) have been judged: an HTML page costs nothing. Only
 *     writes out of order, which come before there is anything to judge, erase first;
 *   - two sessions never own the same slot;
 *   - that record is forgotten before the slot's first erase, with rollback on or off, unless
 *     nothing would be left that names the running slot (ota_plan_forget);
 *   - a failed write consumed nothing: the same call may be repeated. Once an operation has
 *     failed, everything programmed after it is compared with flash, read-back asked for or not.
 *
 * Erasing: sectors are erased as the bytes reach them, in the largest unit that lies
 * wholly in space that will certainly be written (the announced size, or what the
 * image's own segment headers promise). A whole slot is never erased up front.
 *
 * The struct is the caller's and must not move or be reused while the session is open:
 * the device keeps it in a list, and the device must not move either. It need not be zeroed
 * before begin or resume, but then nothing else may be called with it first. finish and abort
 * always end the session. Sessions with a signed or table target share device->workspace, and
 * so do the device's own calls: let one end its image before the next one begins its own.
 */
#ifndef OTA_UPDATE_H
#define OTA_UPDATE_H

#include "ota/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_SIZE_UNKNOWN           0xFFFFFFFFu /* any order of writes */
#define OTA_WITH_SEQUENTIAL_WRITES 0xFFFFFFFEu /* in order only */

/* begin flags */
#define OTA_UPDATE_READ_BACK (1u << 0) /* compare every programmed byte with flash */
#define OTA_UPDATE_SIZE_HINT (1u << 1) /* size only guides erasing; other lengths are fine */

/*
 * What somebody offers, so that a session may go on after a power cut: `id` names the image and
 * changes whenever its bytes do (the first half of its SHA-256, of an ETag's, of a manifest's).
 */
typedef struct {
    uint8_t id[OTA_OFFER_ID];
    uint32_t size; /* bytes, OTA_SIZE_UNKNOWN or OTA_WITH_SEQUENTIAL_WRITES */
} ota_offer_t;

typedef struct ota_update {
    /* What is read most comes first: within reach of short instructions. */
    struct ota_update *next;
    ota_device_t *device;    /* NULL: not open */
    const ota_part_t *final; /* the caller's; NULL: staging is final */
    uint32_t size;           /* as given to begin */
    uint32_t limit;          /* bytes that may be written: by size, staging and final */
    uint32_t flags;
    uint32_t accepted;        /* bytes taken from the caller in order */
    uint32_t scattered;       /* bytes taken out of order */
    uint32_t programmed;      /* bytes [0, programmed) of the slot hold them */
    uint32_t erased;          /* bytes [0, erased) are erased or written in this session */
    const ota_offer_t *offer; /* the caller's; NULL: no journal is kept */
    uint32_t crc;             /* of bytes [0, programmed) */
    ota_part_t staging;
    ota_fault_t fault;
    uint16_t line;  /* of the journal: the next */
    int8_t journal; /* otadata sector that it is in */
    uint8_t held;   /* bytes waiting for a whole program unit */
    uint8_t hold[32];
    ota_image_rules_t rules;
    ota_image_t image;
} ota_update_t;

#ifndef __cplusplus /* C++ spells it static_assert */
_Static_assert(sizeof(void *) != 4 || sizeof(ota_update_t) <= 512, "a session is 512 bytes");
#endif

/*
 * Open a session on `target`, which must be in the device's table (ota_table_find) or an
 * agreed external partition: an OTA slot, or any other partition type (data, bootloader,
 * table) where no rule about slots applies.
 * size: bytes of the image, OTA_SIZE_UNKNOWN, or OTA_WITH_SEQUENTIAL_WRITES.
 * No flash is touched.
 * OTA_ERR_ARG; OTA_ERR_STATE (the struct is open on this device already); OTA_ERR_NOT_A_SLOT
 * (app, but not ota_0..15); OTA_ERR_NOT_IN_TABLE (a slot, but not where the bootloader looks
 * for that number); OTA_ERR_RUNNING (any type that overlaps it); OTA_ERR_UNCONFIRMED (rollback
 * on, slots only); OTA_ERR_BUSY; OTA_ERR_RANGE (partition leaves the chip, or size larger than
 * the partition); OTA_ERR_ALIGN (partition not whole sectors); OTA_ERR_READ_ONLY; statuses of
 * ota_image_start; OTA_ERR_NO_ROOM (table, and device->workspace_size below OTA_TABLE_SIZE).
 */
OTA_MUST_CHECK ota_status_t ota_update_begin(ota_update_t *update, ota_device_t *device,
                                             const ota_part_t *target, uint32_t size,
                                             uint32_t flags);

/*
 * Go on with an update that an earlier session left at *offset bytes. What is in flash up
 * to there is read once and judged like fresh bytes. *offset comes back as the position
 * from which to send: never larger than given, moved back to the last sector boundary where
 * the rest of that sector is not blank. As begin, and OTA_ERR_RESUME: flash does not hold
 * the beginning of a valid image (start again from 0; the fault says what the judge found and
 * where); OTA_ERR_RANGE (*offset beyond partition or size); OTA_ERR_FLASH_READ. Give an offset
 * up to which bytes were accepted; what was never programmed cannot be found out by reading.
 */
OTA_MUST_CHECK ota_status_t ota_update_resume(ota_update_t *update, ota_device_t *device,
                                              const ota_part_t *target, uint32_t size,
                                              uint32_t flags, uint32_t *offset);

/*
 * Begin, or go on where a power cut ended an earlier session on the same offer: *offset is the
 * first byte to send (0: all of them), in order. It costs at most one sector fetched twice: every
 * 4 KiB the session notes in otadata how far it is and the CRC-32 of all bytes up to there, and
 * here what flash really holds is held against that, and judged. Another offer, another slot,
 * flash that holds something else: from 0.
 * `offer` must stay unchanged until the session ends. Only slots keep a journal, and only
 * where records are committed (ota_device_t.records); elsewhere *offset is 0.
 * As begin (target->size for offer->size); OTA_ERR_FLASH_READ.
 */
OTA_MUST_CHECK ota_status_t ota_update_continue(ota_update_t *update, ota_device_t *device,
                                                const ota_part_t *target, const ota_offer_t *offer,
                                                uint32_t flags, uint32_t *offset);

/* Deliver into `final` (which must outlive the session unchanged) instead: its type decides how the
 * bytes are judged; with `copy`, finish copies them there from the staging partition. Before the
 * first write only: OTA_ERR_STATE. OTA_ERR_ARG; statuses of ota_image_start; OTA_ERR_NO_ROOM; what
 * a resumed session has is judged anew: statuses of ota_image_feed. With copy the rules of begin
 * apply to final as well, except that an app need not be ota_0..15; OTA_ERR_RANGE also where it
 * overlaps staging or is smaller than the size or than what a resumed session has. The last final
 * counts, the target itself: none. A call that fails changes nothing. */
OTA_MUST_CHECK ota_status_t ota_update_set_final(ota_update_t *update, const ota_part_t *final,
                                                 bool copy);

/* The next `len` bytes. Statuses of ota_image_feed (the session stays open, nothing was
 * consumed), OTA_ERR_RANGE (beyond the partition), OTA_ERR_LENGTH (beyond the announced
 * size), flash statuses, OTA_ERR_FLASH_MISMATCH. len 0 is fine. */
OTA_MUST_CHECK ota_status_t ota_update_write(ota_update_t *update, const void *data, size_t len);

/* Bytes at an offset from the partition's start, in any order (not with sequential writes:
 * OTA_ERR_STATE). Where they do not continue the stream, judging waits for finish, which
 * then reads the partition once, and every byte is compared with flash as it is programmed:
 * OTA_ERR_FLASH_MISMATCH where something else was written before. offset and len are multiples
 * of the program unit, 16 in encrypted partitions: OTA_ERR_ALIGN. OTA_ERR_STATE: over bytes of
 * the stream that still wait for a whole unit. Otherwise as ota_update_write. */
OTA_MUST_CHECK ota_status_t ota_update_write_at(ota_update_t *update, uint32_t offset,
                                                const void *data, size_t len);

/* Complete: judge, flush, copy to final. Ends the session whatever it returns. Does not
 * change what boots: ota_device_select does. OTA_ERR_EMPTY, OTA_ERR_LENGTH (fewer bytes than
 * announced), statuses of ota_image_finish and of both table readers, OTA_ERR_NOT_IN_TABLE (a
 * table without the running app or otadata at their places, or with so many slots that the record
 * in force would name another), flash statuses. What is copied is judged once more as it stands in
 * flash, and compared afterwards. Data has no judge: there only OTA_UPDATE_READ_BACK notices a bad
 * cell. */
OTA_MUST_CHECK ota_status_t ota_update_finish(ota_update_t *update);

/* Drop the session. What was written stays in flash and may be resumed. No-op if not open. */
void ota_update_abort(ota_update_t *update);

bool ota_update_open(const ota_update_t *update);
uint32_t ota_update_written(const ota_update_t *update);         /* bytes accepted so far */
const ota_fault_t *ota_update_fault(const ota_update_t *update); /* of the last failure; also
                                                                    after finish */

#ifdef __cplusplus
}
#endif

#endif
