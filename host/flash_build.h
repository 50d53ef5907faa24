/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash build: a whole flash chip in memory, put together from its parts.
 *
 *   flash_build_start -> flash_build_bootloader | _app | _data * -> bytes, size -> _stop
 *
 * Each part is judged by the device's own code before a byte of it is placed; what does not
 * verify or does not fit leaves the build as it was.
 */
#ifndef HOST_FLASH_BUILD_H
#define HOST_FLASH_BUILD_H

#include "ota/image.h"
#include "ota/table.h"

typedef struct {
    uint8_t *bytes; /* the whole chip, blank where nothing was placed; owned */
    uint32_t size;
    uint32_t table_offset;
    ota_table_t table; /* a view into bytes */
    ota_layout_t layout;
    const ota_chip_t *chip; /* NULL until named, or told by the first image placed */
} flash_build_t;

/* A chip of `size` bytes (whole sectors, at most 256 MiB) whose table shall lie at table_offset.
 * chip: NULL to take it from the images.
 * OTA_OK; OTA_ERR_ARG (size, table_offset); OTA_ERR_NO_ROOM (no memory). Nothing to free on
 * failure. */
OTA_MUST_CHECK ota_status_t flash_build_start(flash_build_t *build, uint32_t size,
                                              uint32_t table_offset, const ota_chip_t *chip,
                                              ota_fault_t *fault);

/* The table, once, before anything else. OTA_ERR_NO_ROOM (longer than a sector), statuses of
 * ota_table_open_boot. fault->offset: byte in the table. */
OTA_MUST_CHECK ota_status_t flash_build_table(flash_build_t *build, const uint8_t *bytes,
                                              size_t len, ota_fault_t *fault);

/* The bootloader where this chip's ROM looks for it. It must verify, and end before the table.
 * Statuses of the image verifier; OTA_ERR_RANGE. fault->offset: byte in the image. */
OTA_MUST_CHECK ota_status_t flash_build_bootloader(flash_build_t *build, const uint8_t *bytes,
                                                   size_t len, ota_fault_t *fault);

/* An app into a slot. It must verify for this place, chip and flash size, and the whole file
 * must fit. Statuses of the image verifier; OTA_ERR_NOT_A_SLOT. */
OTA_MUST_CHECK ota_status_t flash_build_app(flash_build_t *build, ota_slot_t slot,
                                            const uint8_t *bytes, size_t len, ota_fault_t *fault);

/* Any bytes into a partition, from its start. OTA_ERR_RANGE with found (bytes given) and
 * expected (bytes of the partition). */
OTA_MUST_CHECK ota_status_t flash_build_data(flash_build_t *build, const ota_part_t *part,
                                             const uint8_t *bytes, size_t len, ota_fault_t *fault);

void flash_build_stop(flash_build_t *build);

/* Runs bytes through the verifier by these rules. length (may be NULL): of the image proper. */
OTA_MUST_CHECK ota_status_t image_check_bytes(const ota_image_rules_t *rules, const uint8_t *bytes,
                                              size_t len, uint32_t *length, ota_fault_t *fault);

/* Flash size that an image header names, bytes; 0: none of the known ones. */
uint32_t image_flash_size(const uint8_t *bytes, size_t len);

/* The smallest usual chip (1, 2, 4 .. 256 MiB) that holds every partition of the table; 0: none. */
uint32_t flash_size_for(const ota_table_t *table);

#endif
