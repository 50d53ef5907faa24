/* SPDX-License-Identifier: Apache-2.0 */
/* The device's otadata, for device.c. Each reads what it needs and keeps nothing. */
#ifndef CORE_DEVICE_H
#define CORE_DEVICE_H

#include "ota/device.h"

/* Write that `slot` boots next; nothing where it would change nothing. */
OTA_MUST_CHECK ota_status_t ota_device_record_choice(const ota_device_t *device, ota_slot_t slot);

/* Write the running slot's state. OTA_ERR_NO_CHOICE, OTA_ERR_NO_RECORD. */
OTA_MUST_CHECK ota_status_t ota_device_record_state(const ota_device_t *device, uint32_t state);

/* What boots once the running slot's records are rejected: the other record's slot, else
 * factory; it may not be there. OTA_ERR_NO_CHOICE, OTA_ERR_NO_RECORD. */
OTA_MUST_CHECK ota_status_t ota_device_way_back(const ota_device_t *device, ota_slot_t *to);

/* The slot that was rejected last. OTA_ERR_NO_RECORD. */
OTA_MUST_CHECK ota_status_t ota_device_rejected(const ota_device_t *device, ota_slot_t *slot);

#endif
