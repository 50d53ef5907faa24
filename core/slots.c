/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/slots.h"

#include "core/bytes.h"
#include "core/crc32.h"

/*
 *   0      4                          24      28     32
 *   | seq  | label, never interpreted | state | crc  |
 */
#define LABEL_AT 4u
#define STATE_AT 24u
#define CRC_AT   28u

_Static_assert(CRC_AT + 4u == OTA_ENTRY_SIZE, "an entry is 32 bytes");
_Static_assert(STATE_AT - LABEL_AT == sizeof(((ota_entry_t *)0)->label), "the label fills the gap");

#define SEQ_LAST (OTA_SEQ_EMPTY - 1u)

uint32_t ota_entry_crc(uint32_t seq)
{
    uint8_t bytes[4];
    ota_put_le32(bytes, seq);
    return ota_crc32(0xFFFFFFFFu, bytes, sizeof(bytes));
}

void ota_entry_decode(ota_entry_t *entry, const uint8_t bytes[OTA_ENTRY_SIZE])
{
    entry->seq = ota_get_le32(bytes);
    memcpy(entry->label, bytes + LABEL_AT, sizeof(entry->label));
    entry->state = ota_get_le32(bytes + STATE_AT);
    entry->crc = ota_get_le32(bytes + CRC_AT);
}

void ota_entry_encode(uint8_t bytes[OTA_ENTRY_SIZE], const ota_entry_t *entry)
{
    ota_put_le32(bytes, entry->seq);
    memcpy(bytes + LABEL_AT, entry->label, sizeof(entry->label));
    ota_put_le32(bytes + STATE_AT, entry->state);
    ota_put_le32(bytes + CRC_AT, entry->crc);
}

void ota_entry_blank(ota_entry_t *entry)
{
    memset(entry, 0xFF, sizeof(*entry));
}

bool ota_entry_is_blank(const ota_entry_t *entry)
{
    ota_entry_t blank;
    ota_entry_blank(&blank);
    return memcmp(entry, &blank, sizeof(blank)) == 0;
}

bool ota_entry_crc_ok(const ota_entry_t *entry)
{
    return entry->seq != OTA_SEQ_EMPTY && entry->crc == ota_entry_crc(entry->seq);
}

bool ota_entry_rejected(const ota_entry_t *entry)
{
    return entry->seq == OTA_SEQ_EMPTY || entry->state == OTA_STATE_INVALID ||
           entry->state == OTA_STATE_ABORTED;
}

bool ota_entry_valid(const ota_entry_t *entry)
{
    return !ota_entry_rejected(entry) && ota_entry_crc_ok(entry);
}

ota_slot_t ota_entry_slot(const ota_entry_t *entry, uint8_t count)
{
    if (count == 0) {
        return OTA_SLOT_NONE;
    }
    return (ota_slot_t)((entry->seq - 1u) % count);
}

int ota_otadata_active(const ota_otadata_t *od)
{
    bool first = ota_entry_valid(&od->copy[0]);
    bool second = ota_entry_valid(&od->copy[1]);
    if (first && second) {
        return od->copy[1].seq > od->copy[0].seq ? 1 : 0;
    }
    if (first) {
        return 0;
    }
    return second ? 1 : -1;
}

uint32_t ota_seq_next(uint32_t seq, ota_slot_t slot, uint8_t count)
{
    if (slot < 0 || slot >= count) {
        return 0;
    }
    uint32_t from = seq == 0 ? 1 : seq;
    uint32_t ahead = ((uint32_t)slot + count - (from - 1u) % count) % count;
    return from <= SEQ_LAST && ahead <= SEQ_LAST - from ? from + ahead : 0;
}

/* A table may claim an otadata partition anywhere: no sum elsewhere may wrap. */
ota_status_t ota_otadata_check(ota_region_t where)
{
    if (where.size == 0) {
        return OTA_ERR_NO_OTADATA;
    }
    if (where.size < OTA_OTADATA_SIZE) {
        return OTA_ERR_OTADATA_SIZE;
    }
    return where.offset > UINT32_MAX - OTA_OTADATA_SIZE ? OTA_ERR_RANGE : OTA_OK;
}

/* --- plans ---------------------------------------------------------------------------- */

void ota_plan_write(ota_plan_t *plan, int copy, const ota_entry_t *entry)
{
    if (plan->count < OTA_PLAN_STEPS) {
        ota_plan_step_t *step = &plan->step[plan->count++];
        step->copy = (uint8_t)copy;
        step->write = true;
        step->entry = *entry;
    }
}

void ota_plan_erase(ota_plan_t *plan, int copy)
{
    if (plan->count < OTA_PLAN_STEPS) {
        ota_plan_step_t *step = &plan->step[plan->count++];
        step->copy = (uint8_t)copy;
        step->write = false;
        ota_entry_blank(&step->entry);
    }
}

void ota_plan_apply(const ota_plan_t *plan, ota_otadata_t *od)
{
    for (uint8_t i = 0; i < plan->count; i++) {
        uint8_t copy = plan->step[i].copy;
        od->copy[copy] = plan->step[i].entry; /* an erased one is all FF */
        ota_record_blank(&od->record[copy]);
        od->marks[copy] = 0;
    }
}

static ota_status_t execute_step(const ota_plan_step_t *step, const ota_flash_t *flash,
                                 uint32_t address)
{
    ota_status_t status = ota_flash_erase(flash, address, OTA_OTADATA_SECTOR);
    if (status == OTA_OK && step->write) {
        uint8_t bytes[OTA_ENTRY_SIZE];
        ota_entry_encode(bytes, &step->entry);
        status = ota_flash_program(flash, address, bytes, sizeof(bytes));
    }
    return status;
}

ota_status_t ota_plan_execute(const ota_plan_t *plan, const ota_flash_t *flash, ota_region_t where)
{
    ota_status_t status = plan->count > 0 ? ota_otadata_check(where) : OTA_OK;
    for (uint8_t i = 0; status == OTA_OK && i < plan->count; i++) {
        const ota_plan_step_t *step = &plan->step[i];
        status = execute_step(step, flash, where.offset + step->copy * OTA_OTADATA_SECTOR);
    }
    return status;
}

void ota_plan_entry(ota_plan_t *plan, const ota_otadata_t *od, int copy, uint32_t seq,
                    uint32_t state)
{
    ota_entry_t entry = od->copy[copy]; /* its label stays */
    entry.seq = seq;
    entry.state = state;
    entry.crc = ota_entry_crc(seq);
    ota_plan_write(plan, copy, &entry);
}

/*
 * Where the sequence runs out the count starts again, and the way back is not lost:
 *       winner   FFFFFFFE slot 1     FFFFFFFE slot 1 *    (erased)       2 slot 1
 *       other    FFFFFFFD slot 0     3 slot 0             3 slot 0 *     3 slot 0 *
 * At every moment exactly one of the two choices (*) is in force.
 */
static void plan_move(const ota_otadata_t *od, uint8_t count, ota_slot_t slot, uint32_t state,
                      ota_plan_t *plan)
{
    int active = ota_otadata_active(od);
    const ota_entry_t *winner = &od->copy[active];
    uint32_t seq = ota_seq_next(winner->seq, slot, count);
    if (seq != 0) {
        ota_plan_entry(plan, od, active ^ 1, seq, state);
        return;
    }
    uint32_t back = (uint32_t)ota_entry_slot(winner, count) + 1u;
    ota_plan_entry(plan, od, active ^ 1, (uint32_t)slot + 1u + count, state);
    ota_plan_entry(plan, od, active, back, winner->state);
}

ota_status_t ota_plan_select(const ota_otadata_t *od, uint8_t count, ota_slot_t slot,
                             uint32_t state, ota_plan_t *plan)
{
    plan->count = 0;
    if (count == 0) {
        return OTA_ERR_NO_SLOTS;
    }
    if (slot < 0 || slot >= count) {
        return OTA_ERR_SLOT_UNREACHABLE;
    }
    int active = ota_otadata_active(od);
    if (active < 0) {
        ota_plan_entry(plan, od, 0, (uint32_t)slot + 1u, state);
    } else if (ota_entry_slot(&od->copy[active], count) == slot) {
        ota_plan_entry(plan, od, active, od->copy[active].seq, state);
    } else {
        plan_move(od, count, slot, state, plan);
    }
    return OTA_OK;
}

int ota_otadata_find(const ota_otadata_t *od, uint8_t count, ota_slot_t slot,
                     bool (*counts)(const ota_entry_t *entry))
{
    int newest = -1;
    for (int i = 0; i < 2; i++) {
        const ota_entry_t *entry = &od->copy[i];
        if (counts(entry) && ota_entry_slot(entry, count) == slot &&
            (newest < 0 || entry->seq > od->copy[newest].seq)) {
            newest = i;
        }
    }
    return newest;
}

ota_status_t ota_plan_mark(const ota_otadata_t *od, uint8_t count, ota_slot_t slot, uint32_t state,
                           ota_plan_t *plan)
{
    plan->count = 0;
    if (slot < 0) {
        return OTA_ERR_NO_RECORD;
    }
    int copy = ota_otadata_find(od, count, slot, ota_entry_valid);
    if (copy >= 0 && od->copy[copy].state != state) {
        ota_plan_entry(plan, od, copy, od->copy[copy].seq, state);
    } else if (copy < 0) { /* marked before, and rejected by that? */
        copy = ota_otadata_find(od, count, slot, ota_entry_crc_ok);
        return copy >= 0 && od->copy[copy].state == state ? OTA_OK : OTA_ERR_NO_RECORD;
    }
    return OTA_OK;
}

void ota_plan_forget(const ota_otadata_t *od, uint8_t count, ota_slot_t target, ota_slot_t running,
                     ota_plan_t *plan)
{
    plan->count = 0;
    if (target < 0 || target == running ||
        (running >= 0 && ota_otadata_find(od, count, running, ota_entry_valid) < 0)) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (ota_entry_crc_ok(&od->copy[i]) && ota_entry_slot(&od->copy[i], count) == target) {
            ota_plan_erase(plan, i);
        }
    }
}

void ota_plan_clear(ota_plan_t *plan)
{
    plan->count = 0;
    ota_plan_erase(plan, 0);
    ota_plan_erase(plan, 1);
}
