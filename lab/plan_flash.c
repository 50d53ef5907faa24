/* SPDX-License-Identifier: Apache-2.0 */
/* The flash and the ledger as a scenario starts. */
#include <stdlib.h>
#include <string.h>

#include "lab/world.h"

#define TABLE_AT OTA_TABLE_OFFSET

static void put_image(const lab_plan_t *plan, medium_t *medium, lab_ledger_t *ledger,
                      ota_slot_t slot, int which)
{
    const image_bytes_t *image = &plan->image[which];
    if (image->bytes != NULL) {
        medium_write(medium, ota_layout_region(&plan->layout, slot).offset, image->bytes,
                     (uint32_t)image->len);
        ledger->content[lab_slot_index(slot)] = (int8_t)which;
    }
}

static void put_record(const lab_plan_t *plan, medium_t *medium, unsigned copy, uint32_t seq,
                       uint32_t state)
{
    uint8_t bytes[OTA_ENTRY_SIZE];
    ota_entry_t entry;
    ota_entry_blank(&entry);
    entry.seq = seq;
    entry.state = plan->boot.rollback || plan->boot.anti_rollback ? state : OTA_STATE_UNDEFINED;
    entry.crc = ota_entry_crc(seq);
    ota_entry_encode(bytes, &entry);
    medium_write(medium, plan->layout.otadata.offset + copy * OTA_OTADATA_SECTOR, bytes,
                 sizeof(bytes));
}

/* Whatever lay there: nobody erased it. */
static void put_garbage(medium_t *medium, uint32_t at, uint32_t len)
{
    for (uint32_t i = 0; i < len; i += 8u) {
        uint64_t word = medium_mix(at + i, 0x6A12BA6Eu);
        medium_store(medium, at + i, (const uint8_t *)&word, NULL, 8);
    }
}

static uint32_t first_seq(ota_slot_t slot)
{
    return slot >= 0 ? (uint32_t)slot + 1u : 0;
}

/* The next sequence number after `seq` that names `slot`. */
static uint32_t seq_after(const lab_plan_t *plan, uint32_t seq, ota_slot_t slot)
{
    return ota_seq_next(seq + 1u, slot, plan->layout.boot_count);
}

/* The last one there is for `home`, and before it one for the target. */
static void put_last(const lab_plan_t *plan, medium_t *medium)
{
    uint32_t count = plan->layout.boot_count;
    uint32_t seq = OTA_SEQ_EMPTY - 1u;
    while ((seq - 1u) % count != (uint32_t)plan->home) {
        seq--;
    }
    uint32_t older = seq - 1u;
    while ((older - 1u) % count != (uint32_t)plan->target) {
        older--;
    }
    put_record(plan, medium, 0, older, OTA_STATE_VALID);
    put_record(plan, medium, 1, seq, OTA_STATE_VALID);
}

static void put_both(const lab_plan_t *plan, medium_t *medium)
{
    uint32_t older = first_seq(plan->target);
    put_record(plan, medium, 0, older, OTA_STATE_VALID);
    put_record(plan, medium, 1, seq_after(plan, older, plan->home), OTA_STATE_VALID);
}

/* Home's record, and a newer one for the target. Where factory is home it has none. */
static void put_newer(const lab_plan_t *plan, medium_t *medium, uint32_t state)
{
    uint32_t seq = first_seq(plan->home);
    if (seq != 0) {
        put_record(plan, medium, 0, seq, OTA_STATE_VALID);
    }
    put_record(plan, medium, 1, seq_after(plan, seq, plan->target), state);
}

static void put_confirmed(const lab_plan_t *plan, medium_t *medium)
{
    if (plan->home >= 0) {
        put_record(plan, medium, 0, first_seq(plan->home), OTA_STATE_VALID);
    }
}

static void put_records(const lab_plan_t *plan, medium_t *medium, lab_ledger_t *ledger)
{
    uint32_t otadata = plan->layout.otadata.offset;
    ota_region_t target = ota_layout_region(&plan->layout, plan->target);
    switch (plan->scenario.row->start) {
    case LAB_START_CONFIRMED:
        put_confirmed(plan, medium);
        break;
    case LAB_START_BLANK:
        break;
    case LAB_START_BOTH:
        put_both(plan, medium);
        break;
    case LAB_START_TRIAL:
        put_newer(plan, medium, OTA_STATE_NEW);
        ledger->trial = plan->target;
        break;
    case LAB_START_REJECTED:
        put_newer(plan, medium, OTA_STATE_INVALID);
        ledger->dropped = plan->target;
        break;
    case LAB_START_GARBAGE:
        put_garbage(medium, target.offset, target.size);
        put_garbage(medium, otadata, OTA_OTADATA_SIZE);
        put_confirmed(plan, medium);
        break;
    case LAB_START_LAST_SEQ:
        put_last(plan, medium);
        break;
    }
}

/* What lies in the target before the first update. */
static int target_image(const lab_row_t *row)
{
    if (row->start == LAB_START_TRIAL || row->feed == LAB_FEED_STAGED) {
        return LAB_IMAGE_NEW;
    }
    bool older = row->start == LAB_START_BOTH || row->start == LAB_START_REJECTED ||
                 row->start == LAB_START_LAST_SEQ;
    return older ? LAB_IMAGE_OLDER : -1;
}

ota_status_t lab_plan_flash(const lab_plan_t *plan, medium_t *medium, lab_ledger_t *ledger)
{
    const lab_row_t *row = plan->scenario.row;
    memset(ledger, 0, sizeof(*ledger));
    memset(ledger->content, -1, sizeof(ledger->content));
    ledger->current = plan->home;
    ledger->trial = OTA_SLOT_NONE;
    ledger->target = OTA_SLOT_NONE;
    ledger->dropped = OTA_SLOT_NONE;
    ledger->updates = row->updates;
    ledger->offer = row->same ? LAB_IMAGE_OLD : LAB_IMAGE_NEW;
    ledger->efuse = row->versions;
    ledger->efuse_limit = row->versions;
    if (plan->layout.otadata.size < OTA_OTADATA_SIZE) {
        return OTA_ERR_NO_OTADATA;
    }
    medium_write(medium, TABLE_AT, plan->table, OTA_TABLE_SIZE);
    put_image(plan, medium, ledger, plan->home, LAB_IMAGE_OLD);
    if (plan->layout.factory.size != 0 && plan->home != OTA_SLOT_FACTORY) {
        put_image(plan, medium, ledger, OTA_SLOT_FACTORY, LAB_IMAGE_OLD);
    }
    put_records(plan, medium, ledger);
    if (target_image(row) >= 0) {
        put_image(plan, medium, ledger, plan->target, target_image(row));
    }
    return OTA_OK;
}
