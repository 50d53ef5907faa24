/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTC: what a powered device knows besides its flash, kept in the file FLASH.rtc, so that a
 * sequence of commands on a flash file behaves as one device.
 *
 *   {"otary": "rtc", "version": 1, "running": "ota_0", "boots": 3, "efuse": 0,
 *    "policy": "stock", "rollback": false, "anti_rollback": false, "secure_version_bits": 0}
 *
 * running   the slot that the last boot started; "none": it ended in a reset
 * efuse     the emulated anti-rollback version
 * policy .. how the device's bootloader is built: the defaults of the next command
 *
 * A missing file is a device that was never booted. A damaged one is treated as missing, and
 * said so; each field that cannot be believed has its default.
 */
#ifndef HOST_RTC_H
#define HOST_RTC_H

#include "ota/boot.h"

typedef enum {
    RTC_FRESH,  /* no file: never booted */
    RTC_FOUND,  /* read */
    RTC_DAMAGED /* there is a file, and it is not one of ours: as fresh */
} rtc_found_t;

typedef struct {
    rtc_found_t found;
    ota_slot_t running; /* OTA_SLOT_NONE: nothing, or not known */
    uint32_t boots;
    uint32_t efuse;
    ota_boot_config_t config; /* pins and factory reset are not kept */
} rtc_t;

/* Reads the facts beside the flash file `flash_path`. Never fails: see rtc->found. */
void rtc_load(rtc_t *rtc, const char *flash_path);

/* Writes them, whole or not at all. false: errno says why. */
bool rtc_store(const rtc_t *rtc, const char *flash_path);

#endif
