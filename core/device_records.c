/* SPDX-License-Identifier: Apache-2.0 */
/* The device: its otadata. What is chosen, what state a slot is in, and the writes. */
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

/* --- the choice ------------------------------------------------------------------------- */

/* The record in force stays so until the last erase. */
static void plan_factory(const ota_otadata_t *od, ota_plan_t *plan)
{
    int last = ota_otadata_active(od) == 0 ? 0 : 1;
    plan->count = 0;
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
    int active = ota_otadata_active(od);
    if (active < 0 || ota_entry_slot(&od->copy[active], device->layout.boot_count) != slot) {
        return false;
    }
    uint32_t now = od->copy[active].state;
    return now == state || (slot == device->running && now == OTA_STATE_VALID);
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

ota_status_t ota_device_record_choice(const ota_device_t *device, ota_slot_t slot)
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

static ota_slot_t chosen_without_record(const ota_layout_t *layout)
{
    if (layout->factory.size != 0) {
        return OTA_SLOT_FACTORY;
    }
    for (ota_slot_t slot = 0; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        if (layout->slot[slot].size != 0) {
            return slot;
        }
    }
    return layout->test.size != 0 ? OTA_SLOT_TEST : OTA_SLOT_NONE;
}

ota_slot_t ota_device_chosen(const ota_device_t *device)
{
    const ota_layout_t *layout = &device->layout;
    ota_otadata_t od;
    ota_status_t status = records(device, &od);
    if (status != OTA_OK) {
        bool resets = status != OTA_ERR_NO_OTADATA && device->boot.policy == OTA_POLICY_STOCK;
        return resets ? OTA_SLOT_NONE : chosen_without_record(layout);
    }
    int active = ota_otadata_active(&od);
    if (active < 0 || layout->boot_count == 0) {
        return chosen_without_record(layout);
    }
    ota_slot_t slot = ota_entry_slot(&od.copy[active], layout->boot_count);
    return ota_layout_region(layout, slot).size != 0 ? slot : OTA_SLOT_NONE;
}

/* --- trial and fallback ----------------------------------------------------------------- */

ota_status_t ota_device_state(const ota_device_t *device, ota_slot_t slot, uint32_t *state)
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
    int copy = slot < 0 ? -1 : ota_otadata_find(&od, count, slot, ota_entry_crc_ok);
    if (copy < 0) {
        return OTA_ERR_NO_RECORD;
    }
    *state = od.copy[copy].state;
    return OTA_OK;
}

bool ota_device_on_trial(const ota_device_t *device)
{
    uint32_t state;
    return rollback(device) && ota_device_state(device, device->running, &state) == OTA_OK &&
           state == OTA_STATE_PENDING;
}

/* Both copies may name the running slot: each is marked, the newer first. */
ota_status_t ota_device_record_state(const ota_device_t *device, uint32_t state)
{
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

ota_status_t ota_device_way_back(const ota_device_t *device, ota_slot_t *to)
{
    uint8_t count = device->layout.boot_count;
    ota_otadata_t od;
    bool recorded = false;
    ota_status_t status = records(device, &od);
    if (status != OTA_OK || device->running < 0) {
        return status != OTA_OK ? status : OTA_ERR_NO_CHOICE;
    }
    for (int i = 0; i < 2; i++) {
        if (ota_entry_slot(&od.copy[i], count) == device->running) {
            recorded = recorded || ota_entry_crc_ok(&od.copy[i]);
            ota_entry_blank(&od.copy[i]);
        }
    }
    int other = ota_otadata_active(&od);
    *to = other >= 0 ? ota_entry_slot(&od.copy[other], count) : OTA_SLOT_FACTORY;
    return recorded ? OTA_OK : OTA_ERR_NO_RECORD;
}

static bool was_rejected(const ota_entry_t *entry)
{
    return ota_entry_crc_ok(entry) && ota_entry_rejected(entry);
}

/* Of two rejections the one with the smaller sequence came last: what is rejected gives way to
 * what was there before. */
ota_status_t ota_device_rejected(const ota_device_t *device, ota_slot_t *slot)
{
    ota_otadata_t od;
    int last = -1;
    ota_status_t status = records(device, &od);
    for (int i = 0; status == OTA_OK && i < 2; i++) {
        if (was_rejected(&od.copy[i]) && (last < 0 || od.copy[i].seq < od.copy[last].seq)) {
            last = i;
        }
    }
    if (status == OTA_OK && last < 0) {
        status = OTA_ERR_NO_RECORD;
    }
    *slot = last >= 0 ? ota_entry_slot(&od.copy[last], device->layout.boot_count) : OTA_SLOT_NONE;
    return status;
}
