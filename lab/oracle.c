/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/oracle.h"

#include <stdarg.h>
#include <stdio.h>

unsigned lab_slot_index(ota_slot_t slot)
{
    return slot >= 0                  ? (unsigned)slot % OTA_SLOTS_MAX
           : slot == OTA_SLOT_FACTORY ? OTA_SLOTS_MAX
                                      : OTA_SLOTS_MAX + 1u;
}

const char *lab_oracle_name(lab_oracle_t oracle)
{
    static const char *const names[LAB_ORACLES] = {"S1", "S2", "S3", "S4", "S5",
                                                   "L1", "L2", "C1", "X"};
    return (unsigned)oracle < LAB_ORACLES ? names[oracle] : "?";
}

const char *lab_oracle_title(lab_oracle_t oracle)
{
    static const char *const titles[LAB_ORACLES] = {"boots",   "atomic",     "durable",
                                                    "guarded", "monotone",   "heals",
                                                    "bounded", "compatible", "rules"};
    return (unsigned)oracle < LAB_ORACLES ? titles[oracle] : "?";
}

__attribute__((format(printf, 3, 4))) static bool
refuse(lab_verdict_t *verdict, lab_oracle_t oracle, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    verdict->oracle = oracle;
    (void)vsnprintf(verdict->what, sizeof(verdict->what), format, list);
    va_end(list);
    return false;
}

/* --- the ledger moves ---------------------------------------------------------------------- */

static void close_call(lab_ledger_t *ledger)
{
    ledger->open = LAB_OPEN_NOTHING;
    ledger->target = OTA_SLOT_NONE;
}

void ledger_open(lab_ledger_t *ledger, lab_open_t what, ota_slot_t target)
{
    ledger->open = (uint8_t)what;
    ledger->target = target;
}

void ledger_selected(lab_ledger_t *ledger, ota_slot_t target, bool trial)
{
    close_call(ledger);
    ledger->starts = 0;
    ledger->maybe = 0;
    ledger->attempts = 0;
    ledger->updates = (uint8_t)(ledger->updates - (ledger->updates > 0 ? 1u : 0));
    ledger->progress = 0;
    if (ledger->dropped == target) {
        ledger->dropped = OTA_SLOT_NONE;
    }
    if (trial && target != ledger->current) {
        ledger->trial = target;
    } else {
        ledger->trial = OTA_SLOT_NONE;
        ledger->current = target;
    }
}

static void end_trial(lab_ledger_t *ledger)
{
    ledger->trial = OTA_SLOT_NONE;
    ledger->starts = 0;
    ledger->maybe = 0;
    ledger->attempts = 0;
    close_call(ledger);
}

void ledger_confirmed(lab_ledger_t *ledger)
{
    if (ledger->trial != OTA_SLOT_NONE) {
        ledger->current = ledger->trial;
        ledger->confirmed++;
    }
    end_trial(ledger);
}

void ledger_rejected(lab_ledger_t *ledger)
{
    ledger->dropped = ledger->trial;
    ledger->rejected++;
    end_trial(ledger);
}

void ledger_refused(lab_ledger_t *ledger)
{
    close_call(ledger);
}

/* --- the oracles --------------------------------------------------------------------------- */

static int number(ota_slot_t slot)
{
    return slot;
}

static bool trial_started(lab_ledger_t *ledger, const lab_trials_t *trials, lab_verdict_t *verdict)
{
    if (ledger->starts < UINT8_MAX) {
        ledger->starts++;
    }
    ledger->maybe |= ledger->open == LAB_OPEN_CONFIRM;
    close_call(ledger);
    if (ledger->maybe == 0 && ledger->starts > trials->starts) {
        return refuse(verdict, LAB_S4, "slot %d was started %u times without a confirm; %u allowed",
                      number(ledger->trial), (unsigned)ledger->starts, (unsigned)trials->starts);
    }
    if (ledger->maybe != 0) {
        ledger->starts = 1; /* how often no longer matters */
    }
    return true;
}

static bool came_back(lab_ledger_t *ledger, const lab_trials_t *trials, lab_verdict_t *verdict)
{
    bool tried = ledger->starts > 0 || ledger->maybe != 0 || ledger->attempts >= trials->patience;
    bool rejecting = ledger->open == LAB_OPEN_REJECT;
    ota_slot_t lost = ledger->trial;
    ledger->dropped = lost;
    if (rejecting) {
        ledger->rejected++;
    } else if (ledger->given_up < UINT8_MAX) {
        ledger->given_up++;
    }
    end_trial(ledger);
    return tried || refuse(verdict, LAB_S3,
                           "the update in slot %d was accepted and never tried: slot %d runs",
                           number(lost), number(ledger->current));
}

static bool nobody_chose(const lab_ledger_t *ledger, ota_slot_t slot, lab_verdict_t *verdict)
{
    if (ledger->trial != OTA_SLOT_NONE) {
        return refuse(verdict, LAB_S3,
                      "slot %d runs, which nobody chose: %d is on trial, %d stands", number(slot),
                      number(ledger->trial), number(ledger->current));
    }
    if (slot == ledger->dropped) {
        return refuse(verdict, LAB_S4, "slot %d came alive by itself: it had been given up for %d",
                      number(slot), number(ledger->current));
    }
    return refuse(verdict, LAB_S3, "slot %d came back by itself: %d had been confirmed",
                  number(slot), number(ledger->current));
}

/* The open call had got that far. Nobody is on trial in factory. */
static void take_open_call(lab_ledger_t *ledger, ota_slot_t slot, const lab_trials_t *trials)
{
    if (slot == ledger->target && ledger->open == LAB_OPEN_SELECT) {
        ledger_selected(ledger, slot, trials->trials && slot != OTA_SLOT_FACTORY);
    }
    if (slot == ledger->target && ledger->open == LAB_OPEN_BACK) {
        ledger_selected(ledger, slot, false);
    }
}

bool oracle_started(lab_ledger_t *ledger, ota_slot_t slot, const lab_trials_t *trials,
                    lab_verdict_t *verdict)
{
    ledger->silent = 0;
    if (trials->failing && slot == ledger->current) {
        return true; /* put off, given up, undone: later boots show which */
    }
    take_open_call(ledger, slot, trials);
    if (slot == ledger->trial) {
        return trial_started(ledger, trials, verdict);
    }
    if (slot != ledger->current) {
        return nobody_chose(ledger, slot, verdict);
    }
    if (ledger->trial != OTA_SLOT_NONE) {
        return came_back(ledger, trials, verdict);
    }
    if (ledger->open == LAB_OPEN_SELECT) {
        ledger->dropped = ledger->target; /* in vain, for all to see */
        ledger->vain++;
    }
    close_call(ledger);
    return true;
}

bool oracle_silent(lab_ledger_t *ledger, ota_status_t why, lab_verdict_t *verdict)
{
    if (ledger->silent < UINT8_MAX) {
        ledger->silent++;
    }
    return ledger->silent <= 2u || refuse(verdict, LAB_S1, "nothing boots (%s), %u resets in a row",
                                          ota_status_name(why), (unsigned)ledger->silent);
}

bool oracle_efuse(lab_ledger_t *ledger, uint32_t now, lab_verdict_t *verdict)
{
    uint32_t before = ledger->efuse;
    ledger->efuse = now;
    if (now < before) {
        return refuse(verdict, LAB_S5, "the anti-rollback counter fell from %u to %u",
                      (unsigned)before, (unsigned)now);
    }
    return now <= ledger->efuse_limit ||
           refuse(verdict, LAB_S5,
                  "the anti-rollback counter is %u; nothing above %u was confirmed", (unsigned)now,
                  (unsigned)ledger->efuse_limit);
}
