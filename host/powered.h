/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Powered: a device made of a flash file and the facts beside it (host/rtc.h). It boots as a
 * chip would, and its application's calls are those of ota/device.h.
 */
#ifndef HOST_POWERED_H
#define HOST_POWERED_H

#include "boot/boot.h"
#include "host/flash_image.h"
#include "host/rtc.h"

#define POWERED_BUFFER 65536u

typedef struct {
    const char *path;           /* of the flash file */
    const flash_image_t *image; /* open */
    rtc_t rtc;                  /* loaded; its `efuse` is the eFuse */
    ota_efuse_t efuse;
    ota_device_t device; /* valid after powered_run */
    ota_status_t reset;  /* of the last boot: first failure of erasing data by the factory pin */
    uint8_t workspace[OTA_TABLE_SIZE];
    uint8_t buffer[POWERED_BUFFER];
} powered_t;

/* What a boot depends on besides rtc.config. */
typedef struct {
    bool factory_pin; /* and how that reset is built: */
    bool factory_erases_otadata;
    const char *factory_erases; /* labels of data partitions, comma or blank between; NULL: nvs */
    bool test_pin;
    bool dry_run;
} powered_switches_t;

/* Loads the facts. The structs are large: allocate them. Nothing is changed yet. */
void powered_start(powered_t *powered, const flash_image_t *image, const char *path);

/*
 * One boot by rtc.config; the facts move on in memory, and with `dry_run` not even there.
 * Statuses of ota_boot_run.
 */
OTA_MUST_CHECK ota_status_t powered_boot(powered_t *powered, const powered_switches_t *switches,
                                         ota_boot_trace_t *trace);

/* What `policy` would start from here and now; OTA_SLOT_NONE: a reset. Changes nothing. */
ota_slot_t powered_would_boot(powered_t *powered, ota_policy_t policy, ota_boot_trace_t *trace);

/* The application in `running` is up: fills `device`. OTA_ERR_NOT_A_SLOT. */
OTA_MUST_CHECK ota_status_t powered_run(powered_t *powered, ota_slot_t running);

/* Keeps the facts. false: errno says why. */
bool powered_save(const powered_t *powered);

#endif
