/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ledger and oracles: what the world outside was told, and what must hold after every fault.
 *
 * The ledger is the memory of people and servers: it survives power cuts because nobody cut their
 * power. It moves only by what the device said or did for all to see: a call that returned, a call
 * that was under way when the power went, an application that started.
 *
 *   S1 boots       a valid image runs within 2 resets of the cut; never zero candidates
 *   S2 atomic      what runs is, bit for bit, what was put there, in solid cells
 *   S3 durable     what was accepted is tried; what was confirmed stays
 *   S4 guarded     an unconfirmed image is started at most N times, and what was given up, rejected
 *                  or never accepted does not come alive by itself
 *   S5 monotone    the anti-rollback counter never falls, and never rises above the version of an
 *                  image that was confirmed (or whose confirm was under way)
 *   L1 heals       the application goes on by itself and reaches its goal; an interrupted download
 *                  sends at most one erase unit twice
 *   L2 bounded     boots to rest, flash operations of a boot, erases of a sector
 *   C1 compatible  at rest and between boots a stock bootloader would choose the same slot
 *   X  rules       the library asked the chip for what no code may ask (medium_fault_t), wrote into
 *                  the running slot, or its calls failed though the flash works
 *
 * Which slot may boot, as the ledger sees it ("open": a call was cut before it returned):
 *
 *   no trial                        current; also the target while a select is open
 *   trial, never started            the trial's slot; or current after `patience` cut boots
 *   trial, started, unconfirmed     the trial's slot while starts are left; or current
 *   trial, confirm open             the trial's slot, any number of times; or current
 *   trial, reject open              as unconfirmed
 */
#ifndef LAB_ORACLE_H
#define LAB_ORACLE_H

#include "boot/boot.h"
#include "lab/medium.h"

typedef enum {
    LAB_S1,
    LAB_S2,
    LAB_S3,
    LAB_S4,
    LAB_S5,
    LAB_L1,
    LAB_L2,
    LAB_C1,
    LAB_X,
    LAB_ORACLES
} lab_oracle_t;

/* A call whose return nobody has seen yet. */
typedef enum {
    LAB_OPEN_NOTHING,
    LAB_OPEN_SELECT,
    LAB_OPEN_CONFIRM,
    LAB_OPEN_REJECT,
    LAB_OPEN_BACK /* to target, which needs no trial: a confirmed app gives up, an update is undone
                   */
} lab_open_t;

/* Plain bytes, no padding, no pointers: hashed as it stands. */
typedef struct {
    int8_t current;       /* slot that is confirmed, the way back while a trial runs */
    int8_t trial;         /* accepted and unconfirmed; OTA_SLOT_NONE */
    int8_t target;        /* of the open call; OTA_SLOT_NONE */
    uint8_t open;         /* lab_open_t */
    uint8_t starts;       /* of the trial's slot since it was accepted */
    uint8_t maybe;        /* a confirm was under way once: the trial may be over */
    uint8_t given_up;     /* trials that ended without confirm or reject, so far */
    uint8_t rejected;     /* rejections acknowledged */
    uint8_t confirmed;    /* confirmations acknowledged */
    uint8_t updates;      /* updates that the server still offers */
    uint8_t silent;       /* resets in a row without an application; stops at 255 */
    uint8_t attempts;     /* power-ons of a trial that was never started, cut while it booted */
    int8_t dropped;       /* the slot last given up, rejected, or selected in vain */
    uint8_t offer;        /* image that the server offers */
    int8_t content[18];   /* what each slot holds: 0..15, factory, test -> image index; -1: nothing
                             whole; see lab_slot_index */
    uint32_t progress;    /* bytes of the download acknowledged; 0: none under way */
    uint32_t efuse;       /* the counter as last seen */
    uint32_t efuse_limit; /* the highest version it may have */
    uint32_t vain;        /* selects that were cut, after which another slot ran */
} lab_ledger_t;

_Static_assert(sizeof(lab_ledger_t) == 48, "no padding: a ledger is hashed as bytes");

typedef struct {
    lab_oracle_t oracle;
    char what[160]; /* one sentence */
} lab_verdict_t;

/* 0..15 for slots, 16 factory, 17 test. */
unsigned lab_slot_index(ota_slot_t slot);

const char *lab_oracle_name(lab_oracle_t oracle);  /* "S1" */
const char *lab_oracle_title(lab_oracle_t oracle); /* "boots" */

/* --- the ledger moves ---------------------------------------------------------------------- */

/* A call begins; it is open until one of the others is called. */
void ledger_open(lab_ledger_t *ledger, lab_open_t what, ota_slot_t target);

/* select returned OK. trial: the bootloader will want a confirmation. */
void ledger_selected(lab_ledger_t *ledger, ota_slot_t target, bool trial);
void ledger_confirmed(lab_ledger_t *ledger);
void ledger_rejected(lab_ledger_t *ledger);
/* The open call refused before it changed anything: nothing is open. */
void ledger_refused(lab_ledger_t *ledger);

/* --- the oracles --------------------------------------------------------------------------- */

/* What trials are on this device. */
typedef struct {
    bool trials;      /* off: what is selected is in force at once */
    uint8_t starts;   /* that a trial has */
    uint8_t patience; /* a trial that was never started may be given up after so many power-ons that
                         were cut while it booted */
    bool failing; /* calls of the port fail: a trial whose boot cannot be written down is put off */
} lab_trials_t;

/* The application in `slot` starts. Moves the ledger by what that shows, and judges S3 and S4.
 * true: allowed. */
bool oracle_started(lab_ledger_t *ledger, ota_slot_t slot, const lab_trials_t *trials,
                    lab_verdict_t *verdict);

/* No application starts (boot failed): true while S1's two resets are not used up. */
bool oracle_silent(lab_ledger_t *ledger, ota_status_t why, lab_verdict_t *verdict);

/* The counter now. true: allowed. */
bool oracle_efuse(lab_ledger_t *ledger, uint32_t now, lab_verdict_t *verdict);

#endif
