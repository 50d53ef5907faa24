/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trial: when an update on trial counts as good. The rule is data and the clock is the caller's, so
 * that the same rule runs on the chip, in the virtual device and in a test that lasts no time.
 *
 *   ota_trial_start, once after a boot
 *   ota_trial_step, now and then: confirms or rejects when the rule says so
 *
 *   manual    never by itself: the application calls ota_device_confirm
 *   healthy   after `seconds` without a break in which the application said that it is healthy
 *   contact   once the application has reached its server (and was healthy for `seconds` by then)
 *
 * With every rule `deadline` seconds end a trial that is still open: it is rejected. That spares a
 * device that hangs on politely, but never confirms, from running so for ever.
 *
 * Seconds are counted by differences modulo 2^32, so that a clock may start anywhere and wrap.
 * A clock that jumps back counts as one that stood still.
 */
#ifndef OTA_TRIAL_H
#define OTA_TRIAL_H

#include "ota/device.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { OTA_TRIAL_MANUAL, OTA_TRIAL_HEALTHY, OTA_TRIAL_CONTACT } ota_trial_kind_t;

typedef struct {
    ota_trial_kind_t kind;
    uint32_t seconds;  /* healthy: without a break; 0: at once */
    uint32_t deadline; /* seconds after which an open trial is rejected; 0: never */
} ota_trial_rule_t;

/* Fields are the library's. */
typedef struct {
    ota_trial_rule_t rule;
    uint32_t last;    /* clock at the last look */
    uint32_t elapsed; /* seconds since the start; stops at the largest number */
    uint32_t healthy; /* seconds healthy without a break */
    bool contact;     /* the server has been reached */
} ota_trial_t;

typedef enum { OTA_TRIAL_WAITS, OTA_TRIAL_CONFIRM, OTA_TRIAL_REJECT } ota_trial_verdict_t;

/* now: seconds of any clock that goes forward. */
void ota_trial_start(ota_trial_t *trial, const ota_trial_rule_t *rule, uint32_t now);

/* The verdict at `now`. healthy: true of all the time since the last look; contact: the server
 * answered since then. Pure but for the counting. A good verdict comes before the deadline's. */
ota_trial_verdict_t ota_trial_look(ota_trial_t *trial, uint32_t now, bool healthy, bool contact);

/* Looks, and where the running app is on trial carries the verdict out; *verdict (may be NULL)
 * says what was done, OTA_TRIAL_WAITS also where there is no trial. After OTA_TRIAL_REJECT the
 * caller restarts. Statuses of ota_device_confirm and ota_device_reject; the next step tries again.
 */
OTA_MUST_CHECK ota_status_t ota_trial_step(ota_trial_t *trial, ota_device_t *device, uint32_t now,
                                           bool healthy, bool contact,
                                           ota_trial_verdict_t *verdict);

#ifdef __cplusplus
}
#endif

#endif
