/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's otadata, for device.c and the session. Two ways of changing it stand behind one
 * table of functions: commits (device_commit.c) and in place (device_in_place.c). Each function
 * reads what it needs and keeps nothing.
 */
#ifndef CORE_DEVICE_H
#define CORE_DEVICE_H

#include "ota/device.h"
#include "ota/update.h"

/* What has been downloaded of an offer into a slot. */
typedef struct {
    const ota_offer_t *offer;
    uint32_t done; /* bytes in flash */
    uint32_t crc;  /* of those */
} ota_progress_t;

/* All of them also return statuses of ota_otadata_read and of the flash port. */
struct ota_records {
    /* Write that `slot` boots next; nothing where it would change nothing. OTA_ERR_NO_SLOTS,
     * OTA_ERR_SLOT_UNREACHABLE. */
    ota_status_t (*choose)(const ota_device_t *device, ota_slot_t slot);
    /* The running slot is good (OTA_STATE_VALID), or bad (OTA_STATE_INVALID) and `back` boots.
     * OTA_ERR_NO_CHOICE, OTA_ERR_NO_RECORD. */
    ota_status_t (*mark)(const ota_device_t *device, uint32_t state, ota_slot_t back);
    /* The slot that is chosen; OTA_SLOT_NONE: none is. */
    ota_status_t (*chosen)(const ota_device_t *device, ota_slot_t *slot);
    ota_status_t (*state)(const ota_device_t *device, ota_slot_t slot, uint32_t *state);
    /* What boots if the running app is rejected. OTA_ERR_NO_CHOICE, OTA_ERR_NO_RECORD,
     * OTA_ERR_NO_FALLBACK. */
    ota_status_t (*way_back)(const ota_device_t *device, ota_slot_t *to);
    /* The slot that was rejected last; OTA_SLOT_NONE: none was. */
    ota_status_t (*rejected)(const ota_device_t *device, ota_slot_t *slot);
    /* The slot that booted before this one; and forgetting it. OTA_ERR_NO_RECORD. */
    ota_status_t (*previous)(const ota_device_t *device, ota_slot_t *slot);
    ota_status_t (*drop)(const ota_device_t *device, ota_slot_t slot);
    /* `target` is about to be overwritten: nothing may boot it, go back to it or believe in it any
     * more. With progress (NULL: none) that is recorded, and *sector is where its journal goes. */
    ota_status_t (*forget)(const ota_device_t *device, ota_slot_t target,
                           const ota_progress_t *made, int8_t *sector);
    /* How much an earlier session recorded of this offer in `target` (done and crc alone are set),
     * and the sector with its journal. OTA_ERR_NO_RECORD. */
    ota_status_t (*progress)(const ota_device_t *device, ota_slot_t target,
                             const ota_offer_t *offer, ota_progress_t *left, int8_t *sector);
};

/* The device's way. */
const ota_records_t *ota_device_records(const ota_device_t *device);

extern const ota_records_t ota_records_commit;

#endif
