/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy otary: Espressif's formats, without the faults of its decisions (docs/boot.md).
 *
 *   order   [test pin: test]  record in force, other record, factory, slots without a record,
 *           test, and only then what was rejected: never zero candidates while an image is there
 *   before  nothing but PENDING -> ABORTED is written before an image has been judged
 *   after   a boot leaves otadata so that the next one, ours or stock, begins with the slot that
 *           has just proved good; the record rewritten for that is never the one that names it
 */
#include "core/boot_plan.h"

#include "core/bytes.h"

/* Only rejected records name it. */
static bool slot_rejected(const ota_otadata_t *od, uint8_t count, ota_slot_t slot)
{
    return slot >= 0 && ota_otadata_find(od, count, slot, ota_entry_valid) < 0 &&
           ota_otadata_find(od, count, slot, ota_entry_crc_ok) >= 0;
}

/* --- before: the order ------------------------------------------------------------------ */

static void order(const ota_boot_input_t *input, ota_boot_plan_t *plan, const ota_otadata_t *od)
{
    uint8_t count = input->layout->boot_count;
    for (int i = 0; plan->active >= 0 && i < 2; i++) {
        const ota_entry_t *entry = &od->copy[plan->active ^ i];
        if (ota_entry_valid(entry)) {
            ota_boot_candidate(input, plan, ota_entry_slot(entry, count));
        }
    }
    ota_boot_candidate(input, plan, OTA_SLOT_FACTORY);
    for (ota_slot_t slot = 0; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        if (!slot_rejected(od, count, slot)) {
            ota_boot_candidate(input, plan, slot);
        }
    }
    ota_boot_candidate(input, plan, OTA_SLOT_TEST);
    for (ota_slot_t slot = 0; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        ota_boot_candidate(input, plan, slot);
    }
    plan->chosen = plan->count > 0 ? plan->candidate[0] : OTA_SLOT_NONE;
}

static void explain(const ota_boot_input_t *input, ota_boot_plan_t *plan, const ota_otadata_t *od)
{
    if (plan->chosen == OTA_SLOT_TEST || plan->chosen == OTA_SLOT_NONE) {
        return; /* the pin, or nothing at all */
    }
    ota_slot_t named = OTA_SLOT_NONE;
    if (plan->active >= 0) {
        const ota_entry_t *entry = &od->copy[plan->active];
        named = ota_entry_slot(entry, input->layout->boot_count);
        bool trial = ota_boot_rollback(input) && entry->state == OTA_STATE_NEW;
        ota_boot_why(plan,
                     named != plan->chosen ? OTA_WHY_SLOT_ABSENT
                     : trial               ? OTA_WHY_TRIAL
                                           : OTA_WHY_ACTIVE,
                     plan->active, named);
    }
    if (named != plan->chosen) {
        bool factory = plan->chosen == OTA_SLOT_FACTORY;
        ota_boot_why(plan, factory ? OTA_WHY_BLANK_FACTORY : OTA_WHY_BLANK_FIRST_SLOT, -1,
                     plan->chosen);
    }
}

/* Pins come first, so that a reset costs a waiting update nothing. */
static void look_at_pins(const ota_boot_input_t *input, ota_boot_plan_t *plan, ota_otadata_t *od)
{
    const ota_boot_config_t *config = input->config;
    if (config->factory_reset && input->factory_pin) {
        ota_boot_why(plan, OTA_WHY_FACTORY_PIN, -1, OTA_SLOT_NONE);
        for (int i = 0; config->factory_erases_otadata && i < 2; i++) {
            if (!ota_entry_is_blank(&od->copy[i])) {
                ota_plan_erase(&plan->writes, i);
                ota_entry_blank(&od->copy[i]);
            }
        }
    }
    if (config->test_app && input->test_pin) {
        bool there = input->layout->test.size != 0;
        ota_boot_why(plan, there ? OTA_WHY_TEST_PIN : OTA_WHY_TEST_ABSENT, -1, OTA_SLOT_TEST);
        ota_boot_candidate(input, plan, OTA_SLOT_TEST);
    }
}

void ota_boot_decide_otary(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    ota_boot_plan_start(plan);
    uint8_t count = input->layout->boot_count;
    ota_otadata_t od;
    ota_entry_blank(&od.copy[0]);
    ota_entry_blank(&od.copy[1]);
    if (ota_boot_has_otadata(input)) {
        od = *input->otadata;
    } else {
        ota_boot_why(plan,
                     input->layout->otadata.size == 0 ? OTA_WHY_NO_OTADATA : OTA_WHY_OTADATA_SIZE,
                     -1, OTA_SLOT_NONE);
    }
    look_at_pins(input, plan, &od);
    for (int i = 0; i < 2; i++) {
        if (ota_boot_rollback(input) && od.copy[i].state == OTA_STATE_PENDING &&
            ota_entry_crc_ok(&od.copy[i])) {
            ota_boot_abort_pending(plan, &od, i, count);
        }
    }
    plan->initialise = !ota_entry_crc_ok(&od.copy[0]) && !ota_entry_crc_ok(&od.copy[1]);
    plan->active = count != 0 ? ota_otadata_active(&od) : -1;
    order(input, plan, &od);
    explain(input, plan, &od);
}

/* --- after: the record ------------------------------------------------------------------ */

static void set_state(ota_plan_t *writes, const ota_otadata_t *od, int copy, uint32_t state)
{
    ota_plan_entry(writes, od, copy, od->copy[copy].seq, state);
}

/* Which copy to give up for a slot that none names: one that says nothing; else one that has
 * just been refuted, the older of two; else the older of two rejections. */
static int victim(const ota_otadata_t *od)
{
    for (int i = 0; i < 2; i++) {
        if (!ota_entry_crc_ok(&od->copy[i])) {
            return i;
        }
    }
    bool first = ota_entry_valid(&od->copy[0]);
    bool second = ota_entry_valid(&od->copy[1]);
    if (first != second) {
        return second ? 1 : 0;
    }
    return od->copy[1].seq < od->copy[0].seq ? 1 : 0;
}

/* UNDEFINED: it boots, but nobody has confirmed it, and so it raises no eFuse. */
static void record(ota_plan_t *writes, const ota_otadata_t *od, uint8_t count, ota_slot_t booted)
{
    int copy = victim(od);
    const ota_entry_t *kept = &od->copy[copy ^ 1];
    ota_otadata_t fresh = *od;
    ota_entry_blank(&fresh.copy[copy]);
    uint32_t seq = ota_seq_next(ota_entry_crc_ok(kept) ? kept->seq + 1u : 1u, booted, count);
    ota_plan_entry(writes, &fresh, copy, seq != 0 ? seq : (uint32_t)booted + 1u,
                   OTA_STATE_UNDEFINED);
    if (seq == 0 && ota_entry_valid(kept)) { /* the count starts again */
        ota_plan_erase(writes, copy ^ 1);
    }
}

static void settle_slot(const ota_boot_input_t *input, ota_plan_t *writes, const ota_otadata_t *od,
                        ota_slot_t booted)
{
    uint8_t count = input->layout->boot_count;
    int active = ota_otadata_active(od);
    int copy = ota_otadata_find(od, count, booted, ota_entry_valid);
    if (copy < 0) {
        record(writes, od, count, booted);
        return;
    }
    if (copy != active) { /* what stood before it has been tried */
        set_state(writes, od, active, OTA_STATE_ABORTED);
    }
    if (ota_boot_rollback(input) && od->copy[copy].state == OTA_STATE_NEW) {
        set_state(writes, od, copy, OTA_STATE_PENDING);
    }
}

/* A stock bootloader goes to factory only when no copy counts. */
static void settle_factory(ota_plan_t *writes, const ota_otadata_t *od)
{
    for (int i = 0; i < 2; i++) {
        if (ota_entry_valid(&od->copy[i])) {
            set_state(writes, od, i, OTA_STATE_ABORTED);
        }
    }
}

static void wipe_leftovers(ota_plan_t *writes, const ota_otadata_t *od)
{
    for (int i = 0; i < 2; i++) {
        if (!ota_entry_crc_ok(&od->copy[i]) && !ota_entry_is_blank(&od->copy[i])) {
            ota_plan_erase(writes, i);
        }
    }
}

void ota_boot_settle_otary(const ota_boot_input_t *input, const ota_boot_plan_t *plan,
                           ota_slot_t booted, ota_plan_t *writes, uint32_t *raise_to)
{
    writes->count = 0;
    *raise_to = 0;
    uint8_t count = input->layout->boot_count;
    if (!ota_boot_has_otadata(input) || count == 0 || booted < OTA_SLOT_FACTORY ||
        booted >= (ota_slot_t)count) {
        return; /* nothing in otadata could name it */
    }
    ota_otadata_t od = *input->otadata;
    ota_plan_apply(&plan->writes, &od);
    if (slot_rejected(&od, count, booted)) {
        return; /* the last resort stays rejected */
    }
    if (booted == OTA_SLOT_FACTORY) {
        settle_factory(writes, &od);
    } else {
        settle_slot(input, writes, &od, booted);
    }
    ota_plan_apply(writes, &od);
    wipe_leftovers(writes, &od);
    int active = ota_otadata_active(&od);
    if (active >= 0 && od.copy[active].state == OTA_STATE_VALID) {
        *raise_to = ota_boot_burnable(input, booted);
    }
}
