/* SPDX-License-Identifier: Apache-2.0 */
/*
 * otadata as Espressif's esp_ota_ops changes it: a record's state by erasing its sector and writing
 * it anew. A power cut in between loses that record (docs/reliability.md counts what it costs), so
 * nothing uses this unless it is asked to: recorded vectors and the laboratory, for comparison.
 */
#include "core/bytes.h"
#include "core/device.h"

static bool rollback(const ota_device_t *device)
{
    return device->boot.rollback || device->boot.anti_rollback;
}

static ota_status_t records(const ota_device_t *device, ota_otadata_t *od)
{
    return ota_otadata_read(device->flash, device->layout.otadata, od);
}

/* NULL: none is. */
static const ota_entry_t *in_force(const ota_otadata_t *od)
{
    int active = ota_otadata_active(od);
    return active >= 0 ? &od->copy[active] : NULL;
}

/* OTA_SLOT_NONE: there is no such entry. */
static ota_slot_t named(const ota_device_t *device, const ota_entry_t *entry)
{
    return entry != NULL ? ota_entry_slot(entry, device->layout.boot_count) : OTA_SLOT_NONE;
}

/* --- the choice ------------------------------------------------------------------------- */

/* The record in force stays so until the last erase. */
static void plan_factory(const ota_otadata_t *od, ota_plan_t *plan)
{
    int last = ota_otadata_active(od) == 0 ? 0 : 1;
    for (int i = 0; i < 2; i++) {
        int copy = i == 0 ? last ^ 1 : last;
        if (!ota_entry_is_blank(&od->copy[copy])) {
            ota_plan_erase(plan, copy);
        }
    }
}

/* Nothing to write: it is in force, in the state that it would get, or it is the running app
 * and confirmed (gaps 26: that one would be put on trial again). */
static bool already_chosen(const ota_device_t *device, const ota_otadata_t *od, ota_slot_t slot,
                           uint32_t state)
{
    const ota_entry_t *entry = in_force(od);
    if (entry == NULL || ota_entry_slot(entry, device->layout.boot_count) != slot) {
        return false;
    }
    return entry->state == state || (slot == device->running && entry->state == OTA_STATE_VALID);
}

static ota_status_t plan_choice(const ota_device_t *device, const ota_otadata_t *od,
                                ota_slot_t slot, ota_plan_t *plan)
{
    uint32_t state = rollback(device) ? OTA_STATE_NEW : OTA_STATE_UNDEFINED;
    plan->count = 0;
    if (slot == OTA_SLOT_FACTORY) {
        plan_factory(od, plan);
        return OTA_OK;
    }
    if (already_chosen(device, od, slot, state)) {
        return OTA_OK;
    }
    return ota_plan_select(od, device->layout.boot_count, slot, state, plan);
}

static ota_status_t choose(const ota_device_t *device, ota_slot_t slot)
{
    ota_otadata_t od;
    ota_plan_t plan;
    ota_status_t status = records(device, &od);
    if (status == OTA_OK) {
        status = plan_choice(device, &od, slot, &plan);
    }
    return status == OTA_OK ? ota_plan_execute(&plan, device->flash, device->layout.otadata)
                            : status;
}

static ota_status_t chosen(const ota_device_t *device, ota_slot_t *slot)
{
    ota_otadata_t od;
    ota_status_t status = records(device, &od);
    *slot = named(device, status == OTA_OK ? in_force(&od) : NULL);
    return status;
}

/* --- trial and fallback ----------------------------------------------------------------- */

static ota_status_t state_of(const ota_device_t *device, ota_slot_t slot, uint32_t *state)
{
    ota_otadata_t od;
    uint8_t count = device->layout.boot_count;
    ota_status_t status = records(device, &od);
    if (status != OTA_OK) {
        return status;
    }
    if (count == 0) {
        return OTA_ERR_NO_SLOTS;
    }
    int copy = ota_otadata_find(&od, count, slot, ota_entry_crc_ok);
    if (copy < 0) {
        return OTA_ERR_NO_RECORD;
    }
    *state = od.copy[copy].state;
    return OTA_OK;
}

/* Both copies may name the running slot: each is marked, the newer first. */
static ota_status_t mark(const ota_device_t *device, uint32_t state, ota_slot_t back)
{
    (void)back; /* the other record says it */
    ota_otadata_t od;
    ota_plan_t plan;
    ota_status_t status = records(device, &od);
    if (status == OTA_OK && device->running < 0) {
        status = OTA_ERR_NO_CHOICE;
    }
    do {
        if (status == OTA_OK) {
            status = ota_plan_mark(&od, device->layout.boot_count, device->running, state, &plan);
        }
        if (status == OTA_OK) {
            status = ota_plan_execute(&plan, device->flash, device->layout.otadata);
        }
        if (status == OTA_OK) {
            ota_plan_apply(&plan, &od);
        }
    } while (status == OTA_OK && plan.count > 0);
    return status;
}

/* Blanks an entry of the running slot; true: there was one. */
static bool take_out(const ota_device_t *device, ota_entry_t *entry)
{
    bool recorded = ota_entry_crc_ok(entry) && named(device, entry) == device->running;
    if (recorded) {
        ota_entry_blank(entry);
    }
    return recorded;
}

/* The other record's slot, else factory; it may not be there. */
static ota_status_t other_record(const ota_device_t *device, ota_slot_t *to)
{
    ota_otadata_t od;
    ota_status_t status = records(device, &od);
    if (status != OTA_OK || device->running < 0) {
        return status != OTA_OK ? status : OTA_ERR_NO_CHOICE;
    }
    bool first = take_out(device, &od.copy[0]);
    bool second = take_out(device, &od.copy[1]);
    const ota_entry_t *other = in_force(&od);
    *to = other != NULL ? named(device, other) : OTA_SLOT_FACTORY;
    return first || second ? OTA_OK : OTA_ERR_NO_RECORD;
}

/* The record that is left names an app that is broken. A stock bootloader then goes down the
 * numbers before it looks at factory, and would meet the rejected app again. */
static ota_slot_t instead_of(const ota_device_t *device, ota_slot_t broken)
{
    bool stock = device->boot.policy == OTA_POLICY_STOCK;
    for (ota_slot_t slot = (ota_slot_t)(broken - 1); stock && slot >= 0; slot--) {
        if (slot == device->running) {
            return OTA_SLOT_NONE;
        }
        if (ota_device_verdict(device, slot, NULL) == OTA_OK) {
            return slot;
        }
    }
    return ota_device_verdict(device, OTA_SLOT_FACTORY, NULL) == OTA_OK ? OTA_SLOT_FACTORY
                                                                        : OTA_SLOT_NONE;
}

static ota_status_t way_back(const ota_device_t *device, ota_slot_t *to)
{
    ota_status_t status = other_record(device, to);
    if (status == OTA_OK && ota_device_verdict(device, *to, NULL) != OTA_OK) {
        *to = instead_of(device, *to);
        status = *to != OTA_SLOT_NONE ? OTA_OK : OTA_ERR_NO_FALLBACK;
    }
    return status;
}

static bool was_rejected(const ota_entry_t *entry)
{
    return ota_entry_crc_ok(entry) && ota_entry_rejected(entry);
}

/* Of two rejections the one with the smaller sequence came last: what is rejected gives way to
 * what was there before. */
static const ota_entry_t *last_rejected(const ota_otadata_t *od)
{
    const ota_entry_t *first = was_rejected(&od->copy[0]) ? &od->copy[0] : NULL;
    const ota_entry_t *second = was_rejected(&od->copy[1]) ? &od->copy[1] : NULL;
    if (first != NULL && second != NULL) {
        return second->seq < first->seq ? second : first;
    }
    return first != NULL ? first : second;
}

static ota_status_t rejected(const ota_device_t *device, ota_slot_t *slot)
{
    ota_otadata_t od;
    ota_status_t status = records(device, &od);
    if (status == OTA_OK) {
        *slot = named(device, last_rejected(&od));
    }
    return status;
}

/* --- what is about to be overwritten ------------------------------------------------------ */

static ota_status_t forget(const ota_device_t *device, ota_slot_t target,
                           const ota_progress_t *made, int8_t *sector)
{
    ota_otadata_t od;
    ota_plan_t plan;
    (void)made; /* there is no place for it */
    *sector = OTA_SECTOR_NONE;
    ota_status_t status = records(device, &od);
    if (status == OTA_OK) {
        ota_plan_forget(&od, device->layout.boot_count, target, device->running, &plan);
        status = ota_plan_execute(&plan, device->flash, device->layout.otadata);
    }
    return status;
}

static ota_status_t previous(const ota_device_t *device, ota_slot_t *slot)
{
    ota_otadata_t od;
    ota_status_t status = records(device, &od);
    if (status != OTA_OK) {
        return status;
    }
    int active = ota_otadata_active(&od);
    if (active < 0 || !ota_entry_crc_ok(&od.copy[active ^ 1])) {
        return OTA_ERR_NO_RECORD;
    }
    *slot = named(device, &od.copy[active ^ 1]);
    return OTA_OK;
}

static ota_status_t drop(const ota_device_t *device, ota_slot_t slot)
{
    ota_otadata_t od;
    ota_plan_t plan = {0};
    (void)slot; /* previous() named it */
    ota_status_t status = records(device, &od);
    if (status == OTA_OK) {
        ota_plan_erase(&plan, ota_otadata_active(&od) == 0 ? 1 : 0);
        status = ota_plan_execute(&plan, device->flash, device->layout.otadata);
    }
    return status;
}

static ota_status_t progress(const ota_device_t *device, ota_slot_t target,
                             const ota_offer_t *offer, ota_progress_t *left, int8_t *sector)
{
    (void)device, (void)target, (void)offer, (void)left;
    *sector = OTA_SECTOR_NONE;
    return OTA_ERR_NO_RECORD; /* nowhere to keep it */
}

const ota_records_t ota_records_in_place = {
    .choose = choose,
    .mark = mark,
    .chosen = chosen,
    .state = state_of,
    .way_back = way_back,
    .rejected = rejected,
    .previous = previous,
    .drop = drop,
    .forget = forget,
    .progress = progress,
};
