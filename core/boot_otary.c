/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy otary: Espressif's formats, without the faults of its decisions (docs/boot.md).
 *
 *   order   [test pin: test]  slot in force unless its trial is over, its fallback, factory, slots
 *           of which nothing is known, test, and only then what was rejected: never zero candidates
 *           while an image is there
 *   before  nothing is written before an image has been judged
 *   after   one commit: what boots is in force, with one boot of its trial spent; the sector
 *           that was in force until then is not touched. At rest nothing is written, and a stock
 *           bootloader picks the same slot
 */
#include "core/boot_plan.h"

#include "core/bytes.h"

static bool on_trial(const ota_boot_input_t *input, const ota_record_t *record)
{
    return ota_boot_rollback(input) && record->trial != 0;
}

/* --- before: the order ------------------------------------------------------------------ */

static void unless_rejected(const ota_boot_input_t *input, ota_boot_plan_t *plan, ota_slot_t slot)
{
    if (!ota_record_rejected(&plan->commit.record, slot)) {
        ota_boot_candidate(input, plan, slot);
    }
}

static void order(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    unless_rejected(input, plan, plan->commit.record.slot);
    unless_rejected(input, plan, plan->commit.record.fallback);
    unless_rejected(input, plan, OTA_SLOT_FACTORY);
    for (ota_slot_t slot = 0; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        unless_rejected(input, plan, slot);
    }
    ota_boot_candidate(input, plan, OTA_SLOT_TEST);
    for (ota_slot_t slot = 0; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        ota_boot_candidate(input, plan, slot);
    }
    plan->chosen = plan->count > 0 ? plan->candidate[0] : OTA_SLOT_NONE;
}

/* Not the slot in force. */
static void explain_other(ota_boot_plan_t *plan, const ota_record_t *record)
{
    ota_slot_t chosen = plan->chosen;
    bool fallback = record->fallback == chosen;
    if (record->slot >= 0 && !ota_record_rejected(record, record->slot)) {
        ota_boot_why(plan, OTA_WHY_SLOT_ABSENT, plan->active, record->slot);
    }
    ota_boot_why(plan,
                 fallback                     ? OTA_WHY_FALLBACK
                 : chosen == OTA_SLOT_FACTORY ? OTA_WHY_BLANK_FACTORY
                                              : OTA_WHY_BLANK_FIRST_SLOT,
                 fallback ? plan->active : -1, chosen);
}

static void explain(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    const ota_record_t *record = &plan->commit.record;
    ota_slot_t chosen = plan->chosen;
    if (chosen == OTA_SLOT_TEST || chosen == OTA_SLOT_NONE) {
        return; /* the pin, or nothing at all */
    }
    if (plan->active >= 0 && record->slot == chosen) {
        ota_boot_why(plan, on_trial(input, record) ? OTA_WHY_TRIAL : OTA_WHY_ACTIVE, plan->active,
                     chosen);
        return;
    }
    explain_other(plan, record);
}

/* All its boots are spent. */
static void end_trial(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    ota_record_t *record = &plan->commit.record;
    if (on_trial(input, record) && record->left == 0) {
        ota_boot_why(plan, OTA_WHY_PENDING_ABORTED, plan->active, record->slot);
        ota_record_set_state(record, record->slot, OTA_STATE_ABORTED);
        record->refused = record->slot;
        record->trial = 0;
        plan->changed = true;
    }
}

/* Back to factory, and nothing is known of any slot. */
static void forget_all(ota_boot_plan_t *plan)
{
    ota_record_t *record = &plan->commit.record;
    plan->changed = plan->commit.sector >= 0 || record->states != 0;
    ota_record_blank(record);
    if (plan->changed) {
        record->slot = OTA_SLOT_FACTORY;
    }
}

/* Pins come first, so that a reset costs a waiting update nothing. */
static void look_at_pins(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    const ota_boot_config_t *config = input->config;
    if (config->factory_reset && input->factory_pin) {
        ota_boot_why(plan, OTA_WHY_FACTORY_PIN, -1, OTA_SLOT_NONE);
        if (config->factory_erases_otadata) {
            forget_all(plan);
        }
    }
    if (config->test_app && input->test_pin) {
        bool there = input->layout->test.size != 0;
        ota_boot_why(plan, there ? OTA_WHY_TEST_PIN : OTA_WHY_TEST_ABSENT, -1, OTA_SLOT_TEST);
        ota_boot_candidate(input, plan, OTA_SLOT_TEST);
    }
}

static void open_commit(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    uint8_t count = input->layout->boot_count;
    if (!ota_boot_has_otadata(input)) {
        ota_boot_why(plan,
                     input->layout->otadata.size == 0 ? OTA_WHY_NO_OTADATA : OTA_WHY_OTADATA_SIZE,
                     -1, OTA_SLOT_NONE);
        count = 0; /* nothing is in force, and nothing known */
    }
    ota_commit_open(&plan->commit, input->otadata, input->config, count);
    plan->active = plan->commit.sector;
}

void ota_boot_decide_otary(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    ota_boot_plan_start(plan);
    open_commit(input, plan);
    look_at_pins(input, plan);
    end_trial(input, plan);
    order(input, plan);
    explain(input, plan);
}

/* --- after: the record ------------------------------------------------------------------ */

/* What stood before it has been tried, or was given up. UNDEFINED where nobody has confirmed what
 * boots: it raises no eFuse. */
static void move_to(const ota_boot_input_t *input, ota_record_t *record, ota_slot_t booted)
{
    ota_slot_t before = record->slot;
    if (ota_layout_region(input->layout, before).size != 0 && before >= 0 &&
        !ota_record_rejected(record, before)) {
        ota_record_set_state(record, before, OTA_STATE_ABORTED);
        record->refused = before;
    }
    record->slot = booted;
    record->fallback = record->fallback == booted ? OTA_SLOT_NONE : record->fallback;
    record->trial = 0;
    record->left = 0;
}

/* True if that has to be written. */
static bool settle_record(const ota_boot_input_t *input, ota_commit_t *commit, ota_slot_t booted,
                          bool unread)
{
    ota_record_t *record = &commit->record;
    if (booted == record->slot) {
        bool spends = on_trial(input, record);
        record->left = (uint8_t)(record->left - (spends ? 1u : 0u));
        return spends;
    }
    if (unread || ota_record_rejected(record, booted) ||
        (commit->sector < 0 && booted == OTA_SLOT_FACTORY)) {
        return false; /* the last resort stays rejected; without a record factory boots anyway */
    }
    move_to(input, record, booted);
    return true;
}

void ota_boot_settle_otary(const ota_boot_input_t *input, const ota_boot_plan_t *plan,
                           ota_slot_t booted, ota_boot_settled_t *settled)
{
    ota_boot_settle_start(settled);
    uint8_t count = input->layout->boot_count;
    if (!ota_boot_has_otadata(input) || count == 0) {
        return;
    }
    ota_commit_t *commit = &settled->commit;
    *commit = plan->commit;
    bool write = plan->changed;
    if (booted >= OTA_SLOT_FACTORY && booted < (ota_slot_t)count) { /* a record can name it */
        write = settle_record(input, commit, booted, plan->unread) || write;
    }
    ota_commit_close(commit, input->otadata, count, write);
    if (commit->record.slot == booted && commit->record.trial == 0 &&
        ota_record_state(&commit->record, booted) == OTA_STATE_VALID) {
        settled->raise_to = ota_boot_burnable(input, booted);
    }
}
