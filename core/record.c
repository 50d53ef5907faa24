/* SPDX-License-Identifier: Apache-2.0 */
/* The record: bytes and fields. include/ota/record.h draws them. */
#include "core/bytes.h"
#include "core/commit.h"
#include "core/crc32.h"

#define MAGIC 0x3152544Fu /* "OTR1" */

enum {
    SEQ_AT = 4,
    REPLACES_AT = 8,
    STATES_AT = 12,
    SLOT_AT = 16,
    FALLBACK_AT = 17,
    REFUSED_AT = 18,
    WRITING_AT = 19,
    TRIAL_AT = 20,
    LEFT_AT = 21,
    OFFER_AT = 24,
    OFFER_SIZE_AT = 40,
    DONE_AT = 44,
    DONE_CRC_AT = 48,
    RESERVED_AT = 52, /* FF */
    CRC_AT = 60
};

_Static_assert(CRC_AT + 4u == OTA_RECORD_SIZE, "a record is 64 bytes");
_Static_assert(OFFER_AT + OTA_OFFER_ID == OFFER_SIZE_AT, "the offer's name fills the gap");

void ota_record_blank(ota_record_t *record)
{
    memset(record, 0, sizeof(*record));
    record->slot = OTA_SLOT_NONE;
    record->fallback = OTA_SLOT_NONE;
    record->refused = OTA_SLOT_NONE;
    record->writing = OTA_SLOT_NONE;
}

void ota_record_encode(uint8_t bytes[OTA_RECORD_SIZE], const ota_record_t *record)
{
    memset(bytes, 0xFF, OTA_RECORD_SIZE);
    ota_put_le32(bytes, MAGIC);
    ota_put_le32(bytes + SEQ_AT, record->seq);
    ota_put_le32(bytes + REPLACES_AT, record->replaces);
    ota_put_le32(bytes + STATES_AT, record->states);
    bytes[SLOT_AT] = (uint8_t)record->slot;
    bytes[FALLBACK_AT] = (uint8_t)record->fallback;
    bytes[REFUSED_AT] = (uint8_t)record->refused;
    bytes[WRITING_AT] = (uint8_t)record->writing;
    bytes[TRIAL_AT] = record->trial;
    bytes[LEFT_AT] = record->left;
    memcpy(bytes + OFFER_AT, record->offer, OTA_OFFER_ID);
    ota_put_le32(bytes + OFFER_SIZE_AT, record->offer_size);
    ota_put_le32(bytes + DONE_AT, record->done);
    ota_put_le32(bytes + DONE_CRC_AT, record->done_crc);
    ota_put_le32(bytes + CRC_AT, ota_crc32(0, bytes, CRC_AT));
}

bool ota_record_decode(ota_record_t *record, const uint8_t bytes[OTA_RECORD_SIZE])
{
    ota_record_blank(record);
    if (ota_get_le32(bytes) != MAGIC ||
        ota_get_le32(bytes + CRC_AT) != ota_crc32(0, bytes, CRC_AT)) {
        return false;
    }
    record->seq = ota_get_le32(bytes + SEQ_AT);
    record->replaces = ota_get_le32(bytes + REPLACES_AT);
    record->states = ota_get_le32(bytes + STATES_AT);
    record->slot = (ota_slot_t)bytes[SLOT_AT];
    record->fallback = (ota_slot_t)bytes[FALLBACK_AT];
    record->refused = (ota_slot_t)bytes[REFUSED_AT];
    record->writing = (ota_slot_t)bytes[WRITING_AT];
    record->trial = bytes[TRIAL_AT];
    record->left = bytes[LEFT_AT];
    memcpy(record->offer, bytes + OFFER_AT, OTA_OFFER_ID);
    record->offer_size = ota_get_le32(bytes + OFFER_SIZE_AT);
    record->done = ota_get_le32(bytes + DONE_AT);
    record->done_crc = ota_get_le32(bytes + DONE_CRC_AT);
    return true;
}

/* Cells only fall while a record is written, and only rise while it is erased: what has to be 1 in
 * every record is 1 in each of its remains, but hardly in bytes that somebody else put there. */
bool ota_record_remains(const uint8_t bytes[OTA_RECORD_SIZE])
{
    bool rest = (ota_get_le32(bytes) & MAGIC) == MAGIC;
    for (uint32_t i = RESERVED_AT; i < CRC_AT; i++) {
        rest = rest && bytes[i] == 0xFF;
    }
    return rest;
}

/* --- two bits a slot -------------------------------------------------------------------- */

static const uint32_t states[] = {OTA_STATE_UNDEFINED, OTA_STATE_VALID, OTA_STATE_INVALID,
                                  OTA_STATE_ABORTED};

static bool is_number(ota_slot_t slot)
{
    return slot >= 0 && slot < (ota_slot_t)OTA_SLOTS_MAX;
}

uint32_t ota_record_state(const ota_record_t *record, ota_slot_t slot)
{
    return is_number(slot) ? states[record->states >> 2 * slot & 3u] : OTA_STATE_UNDEFINED;
}

void ota_record_set_state(ota_record_t *record, ota_slot_t slot, uint32_t state)
{
    uint32_t code = 0;
    for (uint32_t i = 1; i < sizeof(states) / sizeof(states[0]); i++) {
        code = states[i] == state ? i : code;
    }
    if (is_number(slot)) {
        record->states = (record->states & ~(3u << 2 * slot)) | code << 2 * slot;
    }
}

bool ota_record_rejected(const ota_record_t *record, ota_slot_t slot)
{
    uint32_t state = ota_record_state(record, slot);
    return state == OTA_STATE_INVALID || state == OTA_STATE_ABORTED;
}
