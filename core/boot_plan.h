/* SPDX-License-Identifier: Apache-2.0 */
/* What the two boot policies share: small steps on a plan. Private to core. */
#ifndef CORE_BOOT_PLAN_H
#define CORE_BOOT_PLAN_H

#include "ota/boot.h"

/* Notes a reason. */
void ota_boot_why(ota_boot_plan_t *plan, ota_why_t why, int copy, ota_slot_t slot);

/* Appends a candidate if its partition exists and it is not yet in the list. */
void ota_boot_candidate(const ota_boot_input_t *input, ota_boot_plan_t *plan, ota_slot_t slot);

/* Both policies: anti-rollback cannot be had without rollback. */
bool ota_boot_rollback(const ota_boot_input_t *input);

/* The table has an otadata partition that holds both copies. */
bool ota_boot_has_otadata(const ota_boot_input_t *input);

/* The version that the app in `slot` would burn, 0 if there is nothing to burn: not above the
 * eFuse's, unknown, or wider than the field. */
uint32_t ota_boot_burnable(const ota_boot_input_t *input, ota_slot_t slot);

/* A plan without writes, reasons and candidates. */
void ota_boot_plan_start(ota_boot_plan_t *plan);

/* Nothing to be done before the jump. */
void ota_boot_settle_start(ota_boot_settled_t *settled);

#endif
