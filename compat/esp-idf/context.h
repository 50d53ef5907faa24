/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share: the installed device and how its parts are converted. */
#ifndef COMPAT_CONTEXT_H
#define COMPAT_CONTEXT_H

#include "otary_compat.h"

/* The installed device with its partition list read; NULL if there is none. */
otary_compat_t *compat_ready(void);

/* Reads (or reads again) table and running partition. Codes of otary_compat_install. */
esp_err_t compat_load(otary_compat_t *c);

/* Between ESP-IDF's view of a partition and core's. */
void compat_part(ota_part_t *part, const esp_partition_t *partition);

/* The table's entry for a slot of core (0..15, factory, test); NULL if absent. */
const esp_partition_t *compat_slot_partition(const otary_compat_t *c, ota_slot_t slot);

/* ota_0..ota_15, factory or test as core's number; OTA_SLOT_NONE for every other partition. */
ota_slot_t compat_partition_slot(const esp_partition_t *partition);

bool compat_is_slot(const esp_partition_t *partition); /* an app, ota_0..ota_15 */

/* Core's rules for the stock verifier's question about the image in a flash region. */
void compat_image_rules(otary_compat_t *c, const esp_partition_pos_t *where,
                        ota_image_rules_t *rules);

/* esp_image_verify without its metadata; `trust` instead of the installed one. */
esp_err_t compat_image_verify(otary_compat_t *c, const esp_partition_pos_t *where,
                              const ota_trust_t *trust, uint32_t *length);

#endif
