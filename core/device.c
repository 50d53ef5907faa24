/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device: what it runs, what it may run, what it shall run next. Nothing here keeps otadata
 * on the stack while an image is being judged: that is for the files behind ota_records_t.
 */
#include "ota/device.h"

#include "core/bytes.h"
#include "core/device.h"
#include "core/update.h"

#define READ_BUFFER 64u /* on the stack, with the verifier beside it */

ota_status_t ota_device_init(ota_device_t *device, const ota_table_t *table,
                             uint32_t running_address)
{
    if (device == NULL || table == NULL || ota_flash_check(device->flash) != OTA_OK) {
        return OTA_ERR_ARG;
    }
    device->sessions = NULL;
    ota_layout_read(&device->layout, table);
    device->running = ota_layout_slot_at(&device->layout, running_address);
    if (device->running == OTA_SLOT_NONE) {
        return OTA_ERR_NOT_A_SLOT;
    }
    ota_region_t app = ota_layout_region(&device->layout, device->running);
    ota_region_t otadata = device->layout.otadata;
    return update_overlap(app.offset, app.size, otadata.offset, otadata.size) ? OTA_ERR_RUNNING
                                                                              : OTA_OK;
}

static bool has_floor(const ota_device_t *device)
{
    return device->boot.anti_rollback && device->efuse != NULL;
}

static ota_status_t make_rules(const ota_device_t *device, ota_region_t where,
                               ota_image_rules_t *rules)
{
    ota_status_t status = OTA_OK;
    memset(rules, 0, sizeof(*rules)); /* the kind is OTA_IMAGE_APP then */
    rules->chip = device->chip;
    rules->chip_by_id = device->chip_by_id;
    rules->chip_rev = device->chip_rev;
    rules->block_rev = device->block_rev;
    rules->any_rev = device->any_rev;
    rules->address = where.offset;
    rules->limit = where.size;
    rules->flash_size = device->flash->size;
    rules->require_hash = device->require_hash;
    rules->trust = device->trust;
    rules->workspace = device->workspace;
    rules->crypto = device->crypto;
    rules->anti_rollback = has_floor(device);
    if (rules->anti_rollback) {
        status = device->efuse->read(device->efuse->ctx, &rules->secure_version);
    }
    if (status != OTA_OK) {
        rules->secure_version = UINT32_MAX;
    }
    return status;
}

void ota_device_rules(const ota_device_t *device, ota_region_t where, ota_image_rules_t *rules)
{
    (void)make_rules(device, where, rules);
}

/* While a session is open on a slot, that slot. */
static bool open_slot(const ota_device_t *device, ota_slot_t *slot)
{
    for (const ota_update_t *u = device->sessions; u != NULL; u = u->next) {
        if (ota_part_is_slot(&u->staging)) {
            *slot = (ota_slot_t)(u->staging.subtype - OTA_SUBTYPE_OTA_0);
            return true;
        }
    }
    return false;
}

/* OTA_SLOTS_MAX: there are none. */
static ota_slot_t lowest_slot(const ota_layout_t *layout)
{
    ota_slot_t slot = 0;
    while (slot < (ota_slot_t)OTA_SLOTS_MAX && layout->slot[slot].size == 0) {
        slot++;
    }
    return slot;
}

ota_status_t ota_device_next(const ota_device_t *device, ota_slot_t *slot)
{
    const ota_layout_t *layout = &device->layout;
    ota_slot_t end = (ota_slot_t)layout->boot_count; /* no bootloader finds that one */
    if (open_slot(device, slot)) {
        return OTA_OK;
    }
    ota_status_t status = ota_layout_next(layout, device->running, slot);
    if (*slot >= end) { /* nor those behind it: round to the lowest */
        *slot = lowest_slot(layout);
    }
    return *slot >= end || *slot == device->running ? OTA_ERR_SLOT_UNREACHABLE : status;
}

/* --- the verdict ------------------------------------------------------------------------ */

/* A failure without a place. */
static ota_status_t only_status(ota_fault_t *fault, ota_status_t status)
{
    if (fault != NULL) {
        *fault = (ota_fault_t){.status = status};
    }
    return status;
}

static ota_status_t no_slot(ota_fault_t *fault)
{
    return only_status(fault, OTA_ERR_NOT_A_SLOT);
}

/* The image is whole and this chip's, whatever its secure version. No image fits into a slot that
 * is not there. */
static ota_status_t whole(const ota_device_t *device, ota_slot_t slot)
{
    uint8_t buffer[READ_BUFFER];
    ota_image_rules_t rules;
    ota_region_t where = ota_layout_region(&device->layout, slot);
    ota_device_rules(device, where, &rules);
    rules.anti_rollback = false;
    return ota_image_check_flash(device->flash, &rules, buffer, sizeof(buffer), NULL, NULL);
}

static uint32_t field_bits(const ota_device_t *device)
{
    return device->boot.secure_version_bits != 0 ? device->boot.secure_version_bits : 16u;
}

/* A version that the eFuse field cannot hold would boot, and never be confirmed. */
static ota_status_t check_field(const ota_device_t *device, const ota_image_rules_t *rules,
                                ota_fault_t *fault)
{
    uint32_t bits = field_bits(device);
    uint32_t version;
    if (!rules->anti_rollback) {
        return OTA_OK;
    }
    ota_status_t status = ota_app_secure_version(device->flash, rules->address, &version);
    if (status != OTA_OK || version <= bits) {
        return only_status(fault, status);
    }
    if (fault != NULL) {
        *fault = (ota_fault_t){OTA_ERR_SECURE_VERSION, OTA_APP_DESC_OFFSET + 4u, version, bits};
    }
    return OTA_ERR_SECURE_VERSION;
}

ota_status_t ota_device_verdict(const ota_device_t *device, ota_slot_t slot, ota_fault_t *fault)
{
    uint8_t buffer[READ_BUFFER];
    ota_image_rules_t rules;
    ota_region_t where = ota_layout_region(&device->layout, slot);
    if (where.size == 0) {
        return no_slot(fault);
    }
    ota_status_t status = make_rules(device, where, &rules);
    if (status != OTA_OK) {
        return only_status(fault, status);
    }
    status = ota_image_check_flash(device->flash, &rules, buffer, sizeof(buffer), NULL, fault);
    return status == OTA_OK ? check_field(device, &rules, fault) : status;
}

/* --- records ---------------------------------------------------------------------------- */

const ota_records_t *ota_device_records(const ota_device_t *device)
{
    return device->records != NULL ? device->records : &ota_records_commit;
}

ota_status_t ota_device_state(const ota_device_t *device, ota_slot_t slot, uint32_t *state)
{
    return ota_device_records(device)->state(device, slot, state);
}

/* The running app is. *status: what the record could be read with. */
static bool on_trial(const ota_device_t *device, ota_status_t *status)
{
    uint32_t state;
    *status = ota_device_state(device, device->running, &state);
    return ota_boot_config_trials(&device->boot) && *status == OTA_OK && state == OTA_STATE_PENDING;
}

ota_status_t ota_device_trial(const ota_device_t *device, bool *trial)
{
    ota_status_t status;
    *trial = on_trial(device, &status);
    return ota_flash_unread(status) ? status : OTA_OK; /* all else says that there is none */
}

bool ota_device_on_trial(const ota_device_t *device)
{
    ota_status_t status;
    return on_trial(device, &status);
}

ota_status_t ota_device_previous(const ota_device_t *device, ota_slot_t *slot)
{
    ota_status_t status = ota_device_records(device)->previous(device, slot);
    return status == OTA_OK && *slot == device->running ? OTA_ERR_NO_RECORD : status;
}

ota_status_t ota_device_forget(ota_device_t *device, ota_slot_t slot)
{
    return slot == device->running ? OTA_ERR_RUNNING
                                   : ota_device_records(device)->drop(device, slot);
}

static ota_slot_t chosen_without_record(const ota_layout_t *layout)
{
    ota_slot_t lowest = lowest_slot(layout);
    if (layout->factory.size != 0) {
        return OTA_SLOT_FACTORY;
    }
    if (lowest < (ota_slot_t)OTA_SLOTS_MAX) {
        return lowest;
    }
    return layout->test.size != 0 ? OTA_SLOT_TEST : OTA_SLOT_NONE;
}

ota_slot_t ota_device_chosen(const ota_device_t *device)
{
    const ota_layout_t *layout = &device->layout;
    ota_slot_t slot;
    ota_status_t status = ota_device_records(device)->chosen(device, &slot);
    if (status != OTA_OK && status != OTA_ERR_NO_OTADATA &&
        device->boot.policy == OTA_POLICY_STOCK) {
        return OTA_SLOT_NONE; /* it resets */
    }
    if (slot == OTA_SLOT_NONE) {
        return chosen_without_record(layout);
    }
    return ota_layout_region(layout, slot).size != 0 ? slot : OTA_SLOT_NONE;
}

/* --- what boots next -------------------------------------------------------------------- */

ota_status_t ota_device_select(ota_device_t *device, ota_slot_t slot, bool trusted,
                               ota_fault_t *fault)
{
    ota_status_t status = OTA_OK;
    if (slot == OTA_SLOT_TEST || ota_layout_region(&device->layout, slot).size == 0) {
        return no_slot(fault);
    }
    if (!trusted) {
        status = ota_device_verdict(device, slot, fault);
    }
    if (status == OTA_OK) {
        status = ota_device_records(device)->choose(device, slot);
        status = only_status(fault, status);
    }
    return status;
}

static ota_status_t raise_floor(const ota_device_t *device)
{
    uint32_t floor;
    uint32_t version;
    if (!has_floor(device)) {
        return OTA_OK;
    }
    ota_status_t status = device->efuse->read(device->efuse->ctx, &floor);
    if (status != OTA_OK) {
        return status;
    }
    ota_region_t where = ota_layout_region(&device->layout, device->running);
    status = ota_app_secure_version(device->flash, where.offset, &version);
    if (status != OTA_OK || version <= floor) {
        return status;
    }
    return version > field_bits(device) ? OTA_ERR_SECURE_VERSION
                                        : device->efuse->raise(device->efuse->ctx, version);
}

/* gaps 16: the record first, then the eFuse; repeating the call completes what failed. */
ota_status_t ota_device_confirm(ota_device_t *device)
{
    ota_status_t status = ota_device_records(device)->mark(device, OTA_STATE_VALID, OTA_SLOT_NONE);
    return status == OTA_OK ? raise_floor(device) : status;
}

ota_status_t ota_device_can_reject(const ota_device_t *device, ota_slot_t *to)
{
    ota_slot_t back;
    ota_status_t status = ota_device_records(device)->way_back(device, &back);
    if (to != NULL) {
        *to = status == OTA_OK ? back : OTA_SLOT_NONE;
    }
    return status;
}

ota_status_t ota_device_reject(ota_device_t *device)
{
    ota_slot_t back;
    ota_status_t status = ota_device_can_reject(device, &back);
    return status == OTA_OK ? ota_device_records(device)->mark(device, OTA_STATE_INVALID, back)
                            : status;
}

ota_status_t ota_device_last_rejected(const ota_device_t *device, ota_slot_t *slot)
{
    ota_status_t status = ota_device_records(device)->rejected(device, slot);
    if (status == OTA_OK && whole(device, *slot) != OTA_OK) {
        status = OTA_ERR_NO_RECORD;
    }
    return status;
}
