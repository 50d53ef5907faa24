/* SPDX-License-Identifier: Apache-2.0 */
/* Applications at work. Private to lab/. */
#ifndef LAB_APPLICATION_H
#define LAB_APPLICATION_H

#include "lab/world.h"

/* One application, from its start to its reset. */
typedef struct {
    lab_world_t *world;
    life_t *life;
    lab_ledger_t *ledger;
    int image; /* that runs */
    ota_device_t device;
    ota_efuse_t efuse;
    ota_offer_t offer; /* stays while its session is open */
} app_t;

/* --- application.c: the library's calls, and what the ledger learns from them -------------- */

ota_status_t application_start(app_t *app);

/* Opens the session. *offset: from where to send. */
ota_status_t application_open(app_t *app, ota_update_t *update, const ota_part_t *part,
                              uint32_t size, uint32_t *offset);

ota_status_t application_select(app_t *app, ota_slot_t slot, bool trusted);
ota_status_t application_confirm(app_t *app);
ota_status_t application_reject(app_t *app);

/* Everything that the session will go by, as one number. next, end: bytes to send. */
uint64_t application_ram(const ota_update_t *update, uint32_t next, uint32_t end);

/* --- behaviour.c --------------------------------------------------------------------------- */

/* On a flash that works, the call must not have failed. With failures armed the application
 * restarts. */
act_t behaviour_failed(app_t *app, const char *call, ota_status_t status);

/* --- feed.c -------------------------------------------------------------------------------- */

/* Fetches what the server offers, and selects it. */
act_t feed_update(app_t *app);

/* On trial: an update must be refused before it touches anything. */
void feed_too_early(app_t *app);

#endif
