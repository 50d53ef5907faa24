/* SPDX-License-Identifier: Apache-2.0 */
/* The policy as a value: both are linked. */
#include "ota/boot.h"

void ota_boot_decide(const ota_boot_input_t *input, ota_boot_plan_t *plan)
{
    if (input->config->policy == OTA_POLICY_OTARY) {
        ota_boot_decide_otary(input, plan);
    } else {
        ota_boot_decide_stock(input, plan);
    }
}

void ota_boot_settle(const ota_boot_input_t *input, const ota_boot_plan_t *plan, ota_slot_t booted,
                     ota_boot_settled_t *settled)
{
    if (input->config->policy == OTA_POLICY_OTARY) {
        ota_boot_settle_otary(input, plan, booted, settled);
    } else {
        ota_boot_settle_stock(input, plan, booted, settled);
    }
}
