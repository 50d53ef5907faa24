/* SPDX-License-Identifier: Apache-2.0 */
/* The device's otadata, changed by commits: the sector in force is never touched. */
#include "core/bytes.h"
#include "core/commit.h"
#include "core/device.h"

typedef struct {
    ota_otadata_t od;
    ota_commit_t commit;
} choice_t;

static ota_status_t look(const ota_device_t *device, choice_t *choice)
{
    ota_status_t status =
        ota_otadata_read_surely(device->flash, device->layout.otadata, &choice->od);
    if (status == OTA_OK) {
        ota_commit_open(&choice->commit, &choice->od, &device->boot, device->layout.boot_count);
    }
    return status;
}

static ota_status_t write(const ota_device_t *device, choice_t *choice, bool changed)
{
    uint8_t count = device->layout.boot_count;
    ota_commit_close(&choice->commit, &choice->od, count, changed);
    return ota_commit_execute(&choice->commit, &choice->od, count, device->flash,
                              device->layout.otadata);
}

/* A record can say that it boots. */
static bool nameable(const ota_device_t *device, ota_slot_t slot)
{
    return slot == OTA_SLOT_FACTORY || (slot >= 0 && slot < (ota_slot_t)device->layout.boot_count);
}

static bool trials(const ota_device_t *device)
{
    return ota_boot_config_trials(&device->boot);
}

/* --- the choice ------------------------------------------------------------------------- */

/* Nothing to write: it is in force as it would be written, or it is the running app and confirmed
 * (gaps 26: that one would be put on trial again). */
static bool stands(const ota_device_t *device, const ota_commit_t *commit, ota_slot_t slot)
{
    const ota_record_t *record = &commit->record;
    if (commit->sector < 0) {
        return slot == OTA_SLOT_FACTORY; /* what boots without a record */
    }
    if (record->slot != slot || ota_record_rejected(record, slot)) {
        return false;
    }
    bool confirmed = slot == device->running && ota_record_state(record, slot) == OTA_STATE_VALID;
    bool waits = trials(device) && slot >= 0 ? record->trial != 0 && record->left == record->trial
                                             : record->trial == 0;
    return waits || (confirmed && record->trial == 0);
}

static void put_on_trial(const ota_device_t *device, ota_record_t *record, ota_slot_t slot)
{
    if (nameable(device, device->running) && device->running != slot) {
        record->fallback = device->running;
    } else if (record->fallback == slot) {
        record->fallback = OTA_SLOT_NONE;
    }
    record->slot = slot;
    record->trial = trials(device) && slot >= 0 ? ota_commit_trial_boots(&device->boot) : 0;
    record->left = record->trial;
    record->refused = record->refused == slot ? OTA_SLOT_NONE : record->refused;
    record->writing = OTA_SLOT_NONE;
    ota_record_set_state(record, slot, OTA_STATE_UNDEFINED);
}

static ota_status_t choose(const ota_device_t *device, ota_slot_t slot)
{
    choice_t choice;
    ota_status_t status = look(device, &choice);
    if (status == OTA_OK && slot >= 0 && device->layout.boot_count == 0) {
        status = OTA_ERR_NO_SLOTS;
    } else if (status == OTA_OK && !nameable(device, slot)) {
        status = OTA_ERR_SLOT_UNREACHABLE;
    }
    if (status != OTA_OK || stands(device, &choice.commit, slot)) {
        return status == OTA_OK ? write(device, &choice, false) : status; /* firm it up */
    }
    put_on_trial(device, &choice.commit.record, slot);
    return write(device, &choice, true);
}

static ota_status_t chosen(const ota_device_t *device, ota_slot_t *slot)
{
    choice_t choice;
    ota_status_t status = look(device, &choice);
    *slot = status == OTA_OK ? choice.commit.record.slot : OTA_SLOT_NONE;
    return status;
}

/* --- trial and fallback ----------------------------------------------------------------- */

/* Somebody wrote down that the slot boots, or would. */
static bool recorded(const choice_t *choice, ota_slot_t slot, uint8_t count)
{
    const ota_record_t *record = &choice->commit.record;
    bool named = slot == record->slot || slot == record->fallback ||
                 ota_record_state(record, slot) != OTA_STATE_UNDEFINED;
    return named || ota_otadata_find(&choice->od, count, slot, ota_entry_crc_ok) >= 0;
}

static ota_status_t state_of(const ota_device_t *device, ota_slot_t slot, uint32_t *state)
{
    choice_t choice;
    uint8_t count = device->layout.boot_count;
    ota_status_t status = look(device, &choice);
    if (status != OTA_OK || count == 0) {
        return status != OTA_OK ? status : OTA_ERR_NO_SLOTS;
    }
    if (slot < 0 || !recorded(&choice, slot, count)) {
        return OTA_ERR_NO_RECORD;
    }
    const ota_record_t *record = &choice.commit.record;
    if (slot == record->slot && record->trial != 0) {
        bool began = slot == device->running || record->left != record->trial;
        *state = began ? OTA_STATE_PENDING : OTA_STATE_NEW;
    } else {
        *state = ota_record_state(record, slot);
    }
    return OTA_OK;
}

/* The running slot, if anything can be said of it. */
static ota_status_t look_at_running(const ota_device_t *device, choice_t *choice)
{
    ota_status_t status = look(device, choice);
    if (status == OTA_OK && device->running < 0) {
        return OTA_ERR_NO_CHOICE;
    }
    if (status == OTA_OK && (choice->commit.sector < 0 || !nameable(device, device->running) ||
                             !recorded(choice, device->running, device->layout.boot_count))) {
        return OTA_ERR_NO_RECORD;
    }
    return status;
}

static void move_back(ota_record_t *record, ota_slot_t running, ota_slot_t back)
{
    if (record->slot == running) {
        record->slot = back;
        record->trial = 0;
        record->left = 0;
    }
    record->refused = running;
    record->fallback = record->fallback == running || record->fallback == record->slot
                           ? OTA_SLOT_NONE
                           : record->fallback;
}

/* The record says it already. */
static bool marked(const ota_record_t *record, ota_slot_t running, uint32_t state)
{
    bool stays = state == OTA_STATE_VALID ? record->slot != running || record->trial == 0
                                          : record->slot != running;
    return stays && ota_record_state(record, running) == state;
}

static void confirm(ota_record_t *record, ota_slot_t running)
{
    if (record->slot == running) {
        record->trial = 0;
        record->left = 0;
    }
}

/* What was rejected stays rejected until it is selected again. */
static ota_status_t mark(const ota_device_t *device, uint32_t state, ota_slot_t back)
{
    choice_t choice;
    ota_slot_t running = device->running;
    ota_record_t *record = &choice.commit.record;
    ota_status_t status = look_at_running(device, &choice);
    if (status == OTA_OK && state == OTA_STATE_VALID && ota_record_rejected(record, running)) {
        status = OTA_ERR_NO_RECORD;
    }
    if (status != OTA_OK || marked(record, running, state)) {
        return status == OTA_OK ? write(device, &choice, false) : status;
    }
    ota_record_set_state(record, running, state);
    if (state == OTA_STATE_VALID) {
        confirm(record, running);
    } else {
        move_back(record, running, back);
    }
    return write(device, &choice, true);
}

/* Twice: one bad read must not cost a good image its place. */
static ota_status_t judge(const ota_device_t *device, const ota_record_t *record, ota_slot_t slot)
{
    if (slot == device->running || !nameable(device, slot) || ota_record_rejected(record, slot)) {
        return OTA_ERR_NO_FALLBACK;
    }
    ota_status_t status = ota_device_verdict(device, slot, NULL);
    return status == OTA_OK ? OTA_OK : ota_device_verdict(device, slot, NULL);
}

/* The search ends: found, or it cannot be known whether this is it. */
static bool ends(ota_status_t status)
{
    return status == OTA_OK || ota_flash_unread(status);
}

APART static ota_status_t running_record(const ota_device_t *device, ota_record_t *record)
{
    choice_t choice;
    ota_status_t status = look_at_running(device, &choice);
    if (status == OTA_OK) {
        *record = choice.commit.record;
    }
    return status;
}

/* In the order in which policy otary would try them. The record will name what is found, so that
 * a stock bootloader goes there too. The record alone is kept while images are verified. */
static ota_status_t way_back(const ota_device_t *device, ota_slot_t *to)
{
    ota_record_t record;
    ota_status_t status = running_record(device, &record);
    if (status != OTA_OK) {
        return status;
    }
    *to = record.slot;
    status = judge(device, &record, *to);
    if (!ends(status)) {
        *to = record.fallback;
        status = judge(device, &record, *to);
    }
    for (ota_slot_t slot = OTA_SLOT_FACTORY; !ends(status) && nameable(device, slot); slot++) {
        *to = slot;
        status = judge(device, &record, slot);
    }
    return ends(status) ? status : OTA_ERR_NO_FALLBACK;
}

static ota_status_t rejected(const ota_device_t *device, ota_slot_t *slot)
{
    choice_t choice;
    ota_status_t status = look(device, &choice);
    if (status == OTA_OK) {
        *slot = choice.commit.record.refused;
    }
    return status;
}

static ota_status_t previous(const ota_device_t *device, ota_slot_t *slot)
{
    choice_t choice;
    ota_status_t status = look(device, &choice);
    if (status != OTA_OK) {
        return status;
    }
    *slot = choice.commit.record.fallback;
    return *slot < 0 ? OTA_ERR_NO_RECORD : OTA_OK;
}

/* --- what is being downloaded ----------------------------------------------------------- */

static ota_status_t progress(const ota_device_t *device, ota_slot_t target,
                             const ota_offer_t *offer, ota_progress_t *left, int8_t *sector)
{
    choice_t choice;
    const ota_record_t *record = &choice.commit.record;
    ota_status_t status = look(device, &choice);
    if (status == OTA_OK && (record->writing != target || record->offer_size != offer->size ||
                             memcmp(record->offer, offer->id, sizeof(record->offer)) != 0)) {
        status = OTA_ERR_NO_RECORD;
    }
    if (status == OTA_OK) {
        left->done = record->done;
        left->crc = record->done_crc;
        *sector = choice.commit.sector;
    }
    return status;
}

/* --- what is about to be overwritten ------------------------------------------------------ */

/* The target, which is never what runs, must not be what boots: the running app is, or else the way
 * back. */
static ota_slot_t instead(const ota_device_t *device, const ota_record_t *record, ota_slot_t target)
{
    if (nameable(device, device->running)) {
        return device->running;
    }
    if (record->fallback != target && record->fallback != OTA_SLOT_NONE) {
        return record->fallback;
    }
    return device->layout.factory.size != 0 ? OTA_SLOT_FACTORY : OTA_SLOT_NONE;
}

static void forget_slot(const ota_device_t *device, ota_commit_t *commit, ota_slot_t target)
{
    ota_record_t *record = &commit->record;
    if (record->slot == target || commit->sector < 0) {
        record->slot = instead(device, record, target);
        record->trial = 0;
        record->left = 0;
    }
    record->fallback = record->fallback == target || record->fallback == record->slot
                           ? OTA_SLOT_NONE
                           : record->fallback;
    record->refused = record->refused == target ? OTA_SLOT_NONE : record->refused;
    ota_record_set_state(record, target, OTA_STATE_UNDEFINED);
}

static void note_progress(ota_record_t *record, ota_slot_t target, const ota_progress_t *made)
{
    record->writing = OTA_SLOT_NONE;
    if (made != NULL) {
        record->writing = target;
        memcpy(record->offer, made->offer->id, sizeof(record->offer));
        record->offer_size = made->offer->size;
        record->done = made->done;
        record->done_crc = made->crc;
    }
}

static ota_status_t forget(const ota_device_t *device, ota_slot_t target,
                           const ota_progress_t *made, int8_t *sector)
{
    choice_t choice;
    *sector = OTA_SECTOR_NONE;
    ota_status_t status = look(device, &choice);
    if (status != OTA_OK || device->layout.boot_count == 0) {
        return status;
    }
    forget_slot(device, &choice.commit, target);
    note_progress(&choice.commit.record, target, made);
    bool changed =
        choice.commit.sector >= 0 && !ota_commit_same(&choice.commit.before, &choice.commit.record);
    status = write(device, &choice, made != NULL || changed);
    *sector = choice.commit.write;
    return status;
}

static ota_status_t drop(const ota_device_t *device, ota_slot_t slot)
{
    int8_t sector;
    return forget(device, slot, NULL, &sector);
}

const ota_records_t ota_records_commit = {
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
