/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identity: who a virtual device is, in the file FLASH.device beside its flash: what a product
 * would have in its firmware and in its eFuses.
 *
 *   {"otary": "device", "version": 1, "product": "lamp", "channel": "stable", "variant": "",
 *    "id": "aabbccddeeff", "cohorts": ["beta"], "keys": "{...}"}
 */
#ifndef DEVICE_IDENTITY_H
#define DEVICE_IDENTITY_H

#include "ota/keys.h"

#define DEVICE_COHORTS 8u

typedef struct {
    char product[OTA_NAME_MAX + 1];
    char channel[OTA_NAME_MAX + 1];
    char variant[OTA_NAME_MAX + 1]; /* empty: none */
    char id[OTA_NAME_MAX + 1];
    char cohort[DEVICE_COHORTS][OTA_NAME_MAX + 1];
    const char *cohorts[DEVICE_COHORTS];
    uint32_t cohort_count;
    char keys[OTA_DOCUMENT_MAX + 1]; /* the key set that the firmware was built with */
} device_identity_t;

/* false: no such file, or not one of ours. */
bool device_identity_load(device_identity_t *identity, const char *flash_path);
/* false: errno says why. */
bool device_identity_store(const device_identity_t *identity, const char *flash_path);

#endif
