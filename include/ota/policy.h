/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy: whose rules a bootloader follows, and how it was built. Data: the bootloader and
 * the application of one device must be given the same.
 */
#ifndef OTA_POLICY_H
#define OTA_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* stock: Espressif's bootloader, decision for decision. otary: ours (docs/boot.md). */
typedef enum { OTA_POLICY_STOCK, OTA_POLICY_OTARY } ota_policy_t;

#define OTA_TRIAL_BOOTS 3u /* of an update on trial, if nothing else is asked for */

/* How the bootloader was built. */
typedef struct {
    ota_policy_t policy;
    bool rollback;       /* CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE */
    bool anti_rollback;  /* CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK; implies rollback */
    uint8_t trial_boots; /* otary: boots an update has to be confirmed in; 0: OTA_TRIAL_BOOTS.
                            stock: always one */
    uint8_t
        secure_version_bits; /* width of the eFuse field; 0: 16. Higher versions cannot be burnt */
    bool factory_reset;      /* CONFIG_BOOTLOADER_FACTORY_RESET */
    bool factory_erases_otadata; /* CONFIG_BOOTLOADER_OTA_DATA_ERASE */
    bool test_app;               /* CONFIG_BOOTLOADER_APP_TEST */
} ota_boot_config_t;

/* Trials exist at all. */
static inline bool ota_boot_config_trials(const ota_boot_config_t *config)
{
    return config->rollback || config->anti_rollback;
}

#ifdef __cplusplus
}
#endif

#endif
