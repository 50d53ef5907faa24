/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash look: what a flash file holds, slot by slot, and what would boot from it.
 *
 * Read only, of any bytes at all: used by `otary flash show`, the doctor and the fuzzer.
 */
#ifndef HOST_FLASH_LOOK_H
#define HOST_FLASH_LOOK_H

#include "host/flash_image.h"
#include "ota/boot.h"
#include "ota/image.h"

/* What lies in one app partition (or where the bootloader lies). */
typedef struct {
    bool blank;          /* FF where an image would begin: nothing was ever written */
    ota_status_t status; /* the verifier's, for this place, chip and flash size */
    ota_fault_t fault;   /* offset: from the start of the image */
    uint32_t length;     /* of the image; 0 unless status is OTA_OK */
    bool has_header;
    ota_image_header_t header;
    bool has_desc; /* app descriptor, readable even where the image is broken */
    ota_app_desc_t desc;
} flash_app_t;

/* Judges the image at `where`. chip NULL: any. buffer: at least 64 bytes, larger is faster.
 * Revisions are not looked at: a file does not tell which chip it will run on. */
void flash_look_app(const ota_flash_t *flash, const ota_chip_t *chip, ota_image_kind_t kind,
                    ota_region_t where, void *buffer, size_t buffer_len, flash_app_t *app);

#endif
