/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chip: what the rules of images and tables need to know of each ESP32-family chip.
 * Sources: Espressif's SoC headers and esptool as of 2026-07, see docs/formats.md.
 */
#ifndef OTA_CHIP_H
#define OTA_CHIP_H

#include "ota/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_CHIP_WINDOWS    2u
#define OTA_CHIP_ID_INVALID 0xFFFFu

/* A range of load addresses that is mapped from flash through the MMU: [start, end). */
typedef struct {
    uint32_t start;
    uint32_t end;
} ota_window_t;

typedef struct {
    uint16_t id;                /* image header bytes 12..13 */
    const char *name;           /* "esp32s3": esptool's spelling */
    uint32_t bootloader_offset; /* flash address of the second-stage bootloader */
    uint32_t segment_limit;     /* a segment must be shorter than this; partitions not longer */
    uint32_t mmu_page;          /* default page, bytes */
    uint32_t mmu_pages;         /* bit n: pages of 2^n bytes exist (one bit: fixed) */
    bool block_rev;             /* images may restrict the eFuse block revision */
    ota_window_t windows[OTA_CHIP_WINDOWS]; /* unused ones are {0, 0} */
} ota_chip_t;

/* The chip with this image-header id, or NULL. The result is constant data. */
const ota_chip_t *ota_chip_by_id(uint16_t id);

/* The chip of this name ("esp32", "ESP32-S3" and "esp32s3" are all found), or NULL. */
const ota_chip_t *ota_chip_by_name(const char *name);

/* All known chips in order of id; `index` 0..; NULL after the last. */
const ota_chip_t *ota_chip_at(size_t index);

#ifdef __cplusplus
}
#endif

#endif
