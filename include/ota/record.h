/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Record: what Otary keeps of the choice of slots, behind the 32 bytes that a stock bootloader
 * reads. One otadata sector:
 *
 *   +0x000  entry                              seq u32 | label[20] | state u32 | crc u32
 *   +0x020  record, 64 bytes                   below
 *   +0x060  seal 1, 32 bytes of 5A             the record counts
 *   +0x080  seal 2, 32 bytes of A5             seal 1 is solid
 *   +0x0A0  wiped,  32 bytes of 3C             this sector was erased to the end, and is empty
 *   +0x0C0  FF
 *   +0x100  journal of a download              lines of 16: offset | crc of [0, offset) | check
 *   +0x1000
 *
 *   record  +0  magic "OTR1"    +16 slot      i8     +24 offer id, 16 bytes
 *           +4  seq             +17 fallback  i8     +40 offer size
 *           +8  replaces        +18 refused   i8     +44 done: bytes of it in flash
 *           +12 states          +19 writing   i8     +48 crc of those
 *                               +20 trial     u8     +52 FF
 *                               +21 left      u8     +60 CRC-32 of [0, 60)
 *                               +22 FF FF
 *
 * How it is written, and why:
 *
 *   sector in force      never touched, but for journal lines
 *   the other            erase | record | entry: state and crc | entry: seq | seal 1 | seal 2
 *                                                               ^             ^
 *                                     a stock bootloader sees it from here    we from here
 *
 * The label is FF but for its last four bytes, the tag: the CRC-32 of seq and state. By it an entry
 * of an unfinished write of ours is told from one that stock software wrote or changed, in
 * encrypted flash too, where erased cells read as anything.
 *
 * The entry's crc covers its seq alone; seq goes in last, so that no torn write leaves an entry
 * that counts with a state that nobody wrote. At boot, before anything is acted upon: a record
 * without seal 2 is programmed once more, byte for byte, which makes cells solid that a power
 * cut left marginal; and what the other sector holds of an unfinished write is wiped.
 *
 * A stock entry without a record (foreign, ota/commit.h) is adopted in its place: seal 1 | record |
 * seal 2 are programmed behind it, so that nothing has to be erased for it.
 *
 * A seal is two blocks of 16 bytes, one encrypted block each. A block counts if at most 16 of its
 * bits differ, a seal if either block counts: no single rotten bit breaks one.
 */
#ifndef OTA_RECORD_H
#define OTA_RECORD_H

#include "ota/table.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_RECORD_AT   0x20u /* bytes from the sector's start */
#define OTA_RECORD_SIZE 64u
#define OTA_SEAL_1_AT   0x60u
#define OTA_SEAL_2_AT   0x80u
#define OTA_WIPED_AT    0xA0u
#define OTA_SEAL_SIZE   32u
#define OTA_JOURNAL_AT  0x100u
#define OTA_OFFER_ID    16u

typedef struct {
    uint32_t seq;        /* as in the entry beside it; larger with every record */
    uint32_t replaces;   /* seq of the record that this one was written beside */
    uint32_t states;     /* two bits a slot: ota_record_state */
    ota_slot_t slot;     /* what boots: 0..15, OTA_SLOT_FACTORY, OTA_SLOT_NONE (nothing chosen) */
    ota_slot_t fallback; /* what boots if that does not; OTA_SLOT_NONE */
    ota_slot_t refused;  /* given up or rejected last; OTA_SLOT_NONE */
    ota_slot_t writing;  /* being overwritten with an offer; OTA_SLOT_NONE */
    uint8_t trial;       /* boots that `slot` has to be confirmed in; 0: not on trial */
    uint8_t left;        /* those that it still has */
    uint8_t offer[OTA_OFFER_ID];
    uint32_t offer_size;
    uint32_t done;     /* bytes [0, done) of `writing` hold the offer's, */
    uint32_t done_crc; /* and this is their CRC-32 */
} ota_record_t;

/* No choice, nothing known of any slot. */
void ota_record_blank(ota_record_t *record);

void ota_record_encode(uint8_t bytes[OTA_RECORD_SIZE], const ota_record_t *record);

/* False: no whole record, and *record is blank. */
bool ota_record_decode(ota_record_t *record, const uint8_t bytes[OTA_RECORD_SIZE]);

/* What is known of a slot 0..15: OTA_STATE_VALID, OTA_STATE_INVALID, OTA_STATE_ABORTED, or
 * OTA_STATE_UNDEFINED (nothing). Of other slots nothing is known; setting them does nothing. */
uint32_t ota_record_state(const ota_record_t *record, ota_slot_t slot);
void ota_record_set_state(ota_record_t *record, ota_slot_t slot, uint32_t state);

/* The application rejected it, or the bootloader gave it up. */
bool ota_record_rejected(const ota_record_t *record, ota_slot_t slot);

#ifdef __cplusplus
}
#endif

#endif
