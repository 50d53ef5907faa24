/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of the laboratory's applications into the device library that writes, and nothing
 * else: a change of the library's calls is made here. What applications do with them: behaviour.c,
 * feed.c.
 */
#include "lab/application.h"

#include <string.h>

#include "ports/crypto/openssl.h"

/* Starts that the boot code gives a trial, and after how many cut boots a trial that never started
 * may be given up: never where Espressif's bootloader decides, an accepted update is lost then. */
static const lab_trials_t stock_trials = {.starts = 1, .patience = UINT8_MAX};
static const lab_trials_t otary_trials = {.starts = OTA_TRIAL_BOOTS, .patience = OTA_TRIAL_BOOTS};

void application_boot_config(const lab_scenario_t *scenario, ota_boot_config_t *config)
{
    *config = (ota_boot_config_t){
        .policy = scenario->variant.way == LAB_WAY_OTARY ? OTA_POLICY_OTARY : OTA_POLICY_STOCK,
        .rollback = !scenario->row->no_rollback,
        .anti_rollback = scenario->row->versions != 0,
    };
}

lab_trials_t application_trials(const lab_plan_t *plan)
{
    lab_trials_t trials = plan->boot.policy == OTA_POLICY_OTARY ? otary_trials : stock_trials;
    trials.trials = plan->boot.rollback || plan->boot.anti_rollback;
    return trials;
}

/* --- the calls ----------------------------------------------------------------------------- */

ota_status_t application_start(app_t *app)
{
    const lab_plan_t *plan = app->world->plan;
    app->efuse = life_efuse(app->world);
    app->device = (ota_device_t){
        .flash = &app->life->port.flash,
        .crypto = &crypto_openssl,
        .efuse = plan->boot.anti_rollback ? &app->efuse : NULL,
        .chip = plan->image_chip,
        .any_rev = true,
        .records = plan->scenario.variant.way == LAB_WAY_IN_PLACE ? &ota_records_in_place : NULL,
        .boot = plan->boot};
    uint32_t pc = ota_layout_region(&plan->layout, app->life->running).offset + 0x20u;
    return ota_device_init(&app->device, &app->world->table, pc);
}

/* Where otadata is changed in place there is no journal: the application goes by what it was told
 * to have delivered. */
static ota_status_t open_told(app_t *app, ota_update_t *update, const ota_part_t *part,
                              uint32_t size, uint32_t *offset)
{
    ota_status_t status = OTA_ERR_RESUME;
    *offset = app->ledger->progress;
    if (*offset > 0) {
        status = ota_update_resume(update, &app->device, part, size, 0, offset);
    }
    if (status == OTA_ERR_RESUME) {
        *offset = 0;
        status = ota_update_begin(update, &app->device, part, size, 0);
    }
    return status;
}

/* Opens the session. *offset: from where to send. */
ota_status_t application_open(app_t *app, ota_update_t *update, const ota_part_t *part,
                              uint32_t size, uint32_t *offset)
{
    const image_bytes_t *image = &app->world->plan->image[app->ledger->offer];
    if (app->device.records == &ota_records_in_place) {
        return open_told(app, update, part, size, offset);
    }
    if (size >= OTA_WITH_SEQUENTIAL_WRITES) { /* in any order: nothing to go on from */
        *offset = 0;
        return ota_update_begin(update, &app->device, part, size, 0);
    }
    app->offer.size = size;
    memcpy(app->offer.id, image->bytes + image->len - OTA_OFFER_ID, OTA_OFFER_ID);
    return ota_update_continue(update, &app->device, part, &app->offer, 0, offset);
}

ota_status_t application_select(app_t *app, ota_slot_t slot, bool trusted)
{
    ota_fault_t fault;
    bool trial = slot != OTA_SLOT_FACTORY && application_trials(app->world->plan).trials;
    ledger_open(app->ledger, LAB_OPEN_SELECT, slot);
    ota_status_t status = ota_device_select(&app->device, slot, trusted, &fault);
    if (status == OTA_OK) {
        ledger_selected(app->ledger, slot, trial);
    }
    return status;
}

ota_status_t application_confirm(app_t *app)
{
    uint32_t version = app->world->plan->image_version[app->image];
    ledger_open(app->ledger, LAB_OPEN_CONFIRM, OTA_SLOT_NONE);
    if (version > app->ledger->efuse_limit) {
        app->ledger->efuse_limit = version;
    }
    ota_status_t status = ota_device_confirm(&app->device);
    if (status == OTA_OK) {
        ledger_confirmed(app->ledger);
    }
    return status;
}

ota_status_t application_reject(app_t *app)
{
    ledger_open(app->ledger, LAB_OPEN_REJECT, OTA_SLOT_NONE);
    ota_status_t status = ota_device_reject(&app->device);
    if (status == OTA_OK) {
        ledger_rejected(app->ledger);
    }
    return status;
}

/* --- the session's RAM, for checkpoints ---------------------------------------------------- */

uint64_t application_ram(const ota_update_t *update, uint32_t next, uint32_t end)
{
    ota_update_t copy; /* without what differs from life to life */
    memcpy(&copy, update, sizeof(copy));
    copy.next = NULL;
    copy.device = NULL;
    copy.final = NULL;
    copy.offer = NULL;
    copy.rules.crypto = NULL;
    copy.image.rules = NULL;
    return medium_mix_bytes(((uint64_t)end << 32) + next, &copy, sizeof(copy));
}
