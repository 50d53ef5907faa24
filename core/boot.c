/* SPDX-License-Identifier: Apache-2.0 */
/* Policy stock: Espressif's second-stage bootloader, step by step (docs/boot.md). */
#include "ota/boot.h"

#include "core/boot_plan.h"
#include "core/bytes.h"

#define DEFAULT_VERSION_BITS 16u

void ota_boot_plan_start(ota_boot_plan_t *plan)
{
    memset(plan, 0, sizeof(*plan));
    plan->chosen = OTA_SLOT_NONE;
    plan->active = -1;
    plan->commit.sector = OTA_SECTOR_NONE;
}

void ota_boot_settle_start(ota_boot_settled_t *settled)
{
    memset(settled, 0, sizeof(*settled));
    settled->commit.sector = OTA_SECTOR_NONE;
    settled->commit.firm = OTA_SECTOR_NONE;
    settled->commit.write = OTA_SECTOR_NONE;
}

void ota_boot_why(ota_boot_plan_t *plan, ota_why_t why, int copy, ota_slot_t slot)
{
    if (plan->whys < OTA_BOOT_WHYS) {
        plan->why[plan->whys].why = why;
        plan->why[plan->whys].copy = (int8_t)copy;
        plan->why[plan->whys].slot = slot;
        plan->whys++;
    }
}

void ota_boot_candidate(const ota_boot_input_t *input, ota_boot_plan_t *plan, ota_slot_t slot)
{
    if (ota_layout_region(input->layout, slot).size == 0) {
        return;
    }
    for (uint8_t i = 0; i < plan->count; i++) {
        if (plan->candidate[i] == slot) {
            return;
        }
    }
    plan->candidate[plan->count++] = slot; /* distinct and existing: at most 18 */
}

bool ota_boot_rollback(const ota_boot_input_t *input)
{
    return ota_boot_config_trials(input->config);
}

bool ota_boot_has_otadata(const ota_boot_input_t *input)
{
    return input->layout->otadata.size >= OTA_OTADATA_SIZE;
}

/* NULL: no such app. */
static const ota_boot_app_t *app_in(const ota_boot_input_t *input, ota_slot_t slot)
{
    if (input->apps == NULL || ota_layout_region(input->layout, slot).size == 0) {
        return NULL;
    }
    unsigned index = slot >= 0                  ? (unsigned)slot
                     : slot == OTA_SLOT_FACTORY ? OTA_SLOTS_MAX
                                                : OTA_SLOTS_MAX + 1u;
    return &input->apps[index];
}

/* NULL: also where nobody said what its descriptor holds. */
static const ota_boot_app_t *app_at(const ota_boot_input_t *input, ota_slot_t slot)
{
    const ota_boot_app_t *app = app_in(input, slot);
    return app != NULL && app->readable ? app : NULL;
}

bool ota_boot_app_unread(const ota_boot_input_t *input, ota_slot_t slot)
{
    const ota_boot_app_t *app = app_in(input, slot);
    return app != NULL && app->unread;
}

bool ota_boot_version_ok(const ota_boot_input_t *input, ota_slot_t candidate)
{
    if (!input->config->anti_rollback) {
        return true;
    }
    const ota_boot_app_t *app = app_at(input, candidate);
    return app != NULL && app->secure_version >= input->efuse_version;
}

uint32_t ota_boot_burnable(const ota_boot_input_t *input, ota_slot_t slot)
{
    const ota_boot_app_t *app = input->config->anti_rollback ? app_at(input, slot) : NULL;
    uint8_t bits = input->config->secure_version_bits;
    if (app == NULL || app->secure_version <= input->efuse_version ||
        app->secure_version > (bits != 0 ? bits : DEFAULT_VERSION_BITS)) {
        return 0;
    }
    return app->secure_version;
}

/* --- policy stock ---------------------------------------------------------------------- */

static void fall_to_factory_or_first(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    bool factory = input->layout->factory.size != 0;
    plan->chosen = factory ? OTA_SLOT_FACTORY : 0;
    ota_boot_why(plan, factory ? OTA_WHY_BLANK_FACTORY : OTA_WHY_BLANK_FIRST_SLOT, -1,
                 plan->chosen);
}

static void stock_follow(const ota_boot_input_t *input, ota_boot_plan_t *plan, ota_otadata_t *od)
{
    ota_entry_t *entry = &od->copy[plan->active];
    plan->chosen = ota_entry_slot(entry, input->layout->boot_count);
    ota_boot_why(plan, OTA_WHY_ACTIVE, plan->active, plan->chosen);
    if (ota_boot_rollback(input) && entry->state == OTA_STATE_NEW) {
        entry->state = OTA_STATE_PENDING;
        ota_plan_write(&plan->writes, plan->active, entry);
        ota_boot_why(plan, OTA_WHY_TRIAL, plan->active, plan->chosen);
    }
    uint32_t raise_to =
        entry->state == OTA_STATE_VALID ? ota_boot_burnable(input, plan->chosen) : 0;
    if (raise_to != 0) {
        plan->raise_to = raise_to;
        ota_boot_why(plan, OTA_WHY_EFUSE_RAISED, plan->active, plan->chosen);
    }
}

/* The copy in force among those whose app is new enough. */
static int stock_active_with_version(const ota_boot_input_t *input, ota_boot_plan_t *plan,
                                     const ota_otadata_t *od)
{
    ota_otadata_t eligible = *od;
    for (int i = 0; i < 2; i++) {
        ota_slot_t slot = ota_entry_slot(&od->copy[i], input->layout->boot_count);
        if (ota_entry_valid(&od->copy[i]) && !ota_boot_version_ok(input, slot)) {
            ota_entry_blank(&eligible.copy[i]);
            ota_boot_why(plan, OTA_WHY_VERSION_FILTERED, i, slot);
        }
    }
    return ota_otadata_active(&eligible);
}

/* Without anti-rollback: true if there is nothing to weigh. */
static bool stock_nothing_usable(const ota_boot_input_t *input, const ota_otadata_t *od)
{
    return input->layout->boot_count == 0 ||
           (ota_entry_rejected(&od->copy[0]) && ota_entry_rejected(&od->copy[1]));
}

static void stock_weigh(const ota_boot_input_t *input, ota_boot_plan_t *plan, ota_otadata_t *od,
                        bool unwritten)
{
    bool plain = !input->config->anti_rollback;
    if (plain && stock_nothing_usable(input, od)) {
        fall_to_factory_or_first(input, plan);
        plan->initialise = unwritten && plan->chosen == 0;
        return;
    }
    plan->initialise = !plain && unwritten;
    if (plain) {
        plan->active = ota_otadata_active(od);
    } else if (input->layout->boot_count != 0) {
        plan->active = stock_active_with_version(input, plan, od);
    }
    if (plan->active >= 0) {
        stock_follow(input, plan, od);
        return;
    }
    plan->chosen = OTA_SLOT_FACTORY; /* present or not */
    ota_boot_why(plan, unwritten && !plain ? OTA_WHY_BLANK_FACTORY : OTA_WHY_CRC_FACTORY, -1,
                 plan->chosen);
}

/* Its CRC stays as it was found. */
static void stock_abort(ota_boot_plan_t *plan, ota_otadata_t *od, int copy, uint8_t count)
{
    od->copy[copy].state = OTA_STATE_ABORTED;
    ota_plan_write(&plan->writes, copy, &od->copy[copy]);
    ota_boot_why(plan, OTA_WHY_PENDING_ABORTED, copy, ota_entry_slot(&od->copy[copy], count));
}

static void stock_select(const ota_boot_input_t *input, ota_boot_plan_t *plan, ota_otadata_t *od)
{
    plan->active = -1;
    for (int i = 0; ota_boot_rollback(input) && i < 2; i++) {
        if (od->copy[i].state == OTA_STATE_PENDING) { /* whatever its CRC says */
            stock_abort(plan, od, i, input->layout->boot_count);
        }
    }
    stock_weigh(input, plan, od,
                !ota_entry_crc_ok(&od->copy[0]) && !ota_entry_crc_ok(&od->copy[1]));
}

/* Too late to spare the record: step 2 has written already. */
static void stock_pins(const ota_boot_input_t *input, ota_boot_plan_t *plan, ota_otadata_t *od)
{
    const ota_boot_config_t *config = input->config;
    if (config->factory_reset && input->factory_pin) {
        ota_boot_why(plan, OTA_WHY_FACTORY_PIN, -1, OTA_SLOT_NONE);
        if (ota_boot_has_otadata(input)) {
            for (int i = 0; config->factory_erases_otadata && i < 2; i++) {
                ota_plan_erase(&plan->writes, i);
                ota_entry_blank(&od->copy[i]);
            }
            stock_select(input, plan, od);
        }
    }
    if (config->test_app && input->test_pin) {
        bool there = input->layout->test.size != 0;
        plan->chosen = there ? OTA_SLOT_TEST : OTA_SLOT_NONE;
        ota_boot_why(plan, there ? OTA_WHY_TEST_PIN : OTA_WHY_TEST_ABSENT, -1, plan->chosen);
    }
}

static void stock_choose(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    ota_otadata_t od;
    if (input->layout->otadata.size == 0) {
        plan->chosen = OTA_SLOT_FACTORY;
        ota_boot_why(plan, OTA_WHY_NO_OTADATA, -1, plan->chosen);
    } else if (!ota_boot_has_otadata(input)) {
        ota_boot_why(plan, OTA_WHY_OTADATA_SIZE, -1, OTA_SLOT_NONE);
        return; /* a reset at once: the pins are not looked at */
    } else {
        od = *input->otadata;
        stock_select(input, plan, &od);
    }
    stock_pins(input, plan, &od);
}

/* By number: the chosen one and below, factory, above, test. States are not consulted. */
static void stock_order(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    if (plan->chosen == OTA_SLOT_NONE) {
        return;
    }
    for (ota_slot_t slot = plan->chosen; slot >= 0; slot--) {
        ota_boot_candidate(input, plan, slot);
    }
    if (plan->chosen != OTA_SLOT_TEST) {
        ota_boot_candidate(input, plan, OTA_SLOT_FACTORY);
        for (ota_slot_t slot = 0; slot < (ota_slot_t)input->layout->boot_count; slot++) {
            ota_boot_candidate(input, plan, slot);
        }
    }
    ota_boot_candidate(input, plan, OTA_SLOT_TEST);
}

void ota_boot_decide_stock(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    ota_boot_plan_start(plan);
    stock_choose(input, plan);
    stock_order(input, plan);
}

void ota_boot_settle_stock(const ota_boot_input_t *input, const ota_boot_plan_t *plan,
                           ota_slot_t booted, ota_boot_settled_t *settled)
{
    ota_boot_settle_start(settled);
    if (plan->initialise && booted >= 0) {
        ota_otadata_t fresh;
        ota_otadata_blank(&fresh);
        ota_plan_entry(&settled->writes, &fresh, 0, (uint32_t)booted + 1u, OTA_STATE_VALID);
        settled->raise_to = ota_boot_burnable(input, booted);
    }
}
