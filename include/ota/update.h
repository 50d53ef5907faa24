/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Update: one session, from the first byte to a verified image in a slot.
 *
 *   bytes -> judge (image) -> erase what the next bytes need -> program -> [read back]
 *
 *   ota_update_begin | ota_update_resume
 *        -> ota_update_write* | ota_update_write_at*
 *        -> ota_update_finish, or ota_update_abort at any moment
 *
 * Rules that hold whatever fails (and that the tests break on purpose):
 *   - the running slot is never erased or programmed;
 *   - no byte outside the staging partition (and `final` with copy) is touched;
 *   - nothing is erased before the first bytes have been judged: an HTML page costs nothing;
 *   - two sessions never own the same slot;
 *   - otadata's record of the slot is forgotten before the slot's first erase;
 *   - a failed write consumed nothing: the same call may be repeated.
 *
 * Erasing: sectors are erased as the bytes reach them, in the largest unit that lies
 * wholly in space that will certainly be written (the announced size, or what the
 * image's own segment headers promise). A whole slot is never erased up front.
 *
 * The struct is the caller's and must not move or be reused while the session is open:
 * the device keeps it in a list. finish and abort always end the session.
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

typedef struct ota_update {
    struct ota_update *next;
    ota_device_t *device; /* NULL: not open */
    ota_part_t staging;
    const ota_part_t *final; /* the caller's; NULL: staging is final */
    ota_image_rules_t rules;
    ota_image_t image;
    ota_fault_t fault;
    uint32_t size;       /* as given to begin */
    uint32_t accepted;   /* bytes taken from the caller in order */
    uint32_t scattered;  /* bytes taken out of order */
    uint32_t programmed; /* bytes [0, programmed) of the slot hold them */
    uint32_t erased;     /* bytes [0, erased) are erased or written in this session */
    uint32_t flags;
    uint8_t held; /* bytes waiting for a whole program unit */
    uint8_t hold[32];
} ota_update_t;

/* 504 bytes on a 32-bit chip. */
_Static_assert(sizeof(void *) != 4 || sizeof(ota_update_t) <= 512, "a session is 512 bytes");

/*
 * Open a session on `target`, which must be in the device's table (ota_table_find) or an
 * agreed external partition: an OTA slot, or any other partition type (data, bootloader,
 * table) where no rule about slots applies.
 * size: bytes of the image, OTA_SIZE_UNKNOWN, or OTA_WITH_SEQUENTIAL_WRITES.
 * No flash is touched.
 * OTA_ERR_ARG; OTA_ERR_NOT_A_SLOT (app, but not ota_0..15); OTA_ERR_RUNNING;
 * OTA_ERR_UNCONFIRMED; OTA_ERR_BUSY; OTA_ERR_RANGE (size larger than the partition);
 * OTA_ERR_READ_ONLY.
 */
OTA_MUST_CHECK ota_status_t ota_update_begin(ota_update_t *update, ota_device_t *device,
                                             const ota_part_t *target, uint32_t size,
                                             uint32_t flags);

/*
 * Go on with an update that an earlier session left at *offset bytes. What is in flash up
 * to there is read once and judged like fresh bytes. *offset comes back as the position
 * from which to send: never larger than given, moved back to the last sector boundary where
 * the rest of that sector is not blank. As begin, and OTA_ERR_RESUME: flash does not hold
 * the beginning of a valid image (start again from 0).
 */
OTA_MUST_CHECK ota_status_t ota_update_resume(ota_update_t *update, ota_device_t *device,
                                              const ota_part_t *target, uint32_t size,
                                              uint32_t flags, uint32_t *offset);

/* Deliver into `final` (which must outlive the session) instead: its type decides how the bytes are
 * judged; with `copy` finish copies them there from the staging partition. Before the first write
 * only: OTA_ERR_STATE. */
OTA_MUST_CHECK ota_status_t ota_update_set_final(ota_update_t *update, const ota_part_t *final,
                                                 bool copy);

/* The next `len` bytes. Statuses of ota_image_feed (the session stays open, nothing was
 * consumed), OTA_ERR_RANGE (beyond the partition), OTA_ERR_LENGTH (beyond the announced
 * size), flash statuses, OTA_ERR_FLASH_MISMATCH. len 0 is fine. */
OTA_MUST_CHECK ota_status_t ota_update_write(ota_update_t *update, const void *data, size_t len);

/* Bytes at an offset from the partition's start, in any order (not with sequential writes:
 * OTA_ERR_STATE). Where they do not continue the stream, judging waits for finish, which
 * then reads the partition once. Encrypted partitions: offset and len multiples of 16,
 * OTA_ERR_ALIGN. */
OTA_MUST_CHECK ota_status_t ota_update_write_at(ota_update_t *update, uint32_t offset,
                                                const void *data, size_t len);

/* Complete: flush, judge, copy to final. Ends the session whatever it returns. Does not
 * change what boots: ota_device_select does. OTA_ERR_EMPTY, OTA_ERR_LENGTH (fewer bytes than
 * announced), statuses of ota_image_finish and of the table reader, flash statuses. */
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
