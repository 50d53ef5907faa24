/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making images: valid ones, for tests, demonstrations and fixtures. They boot nowhere (their
 * code is pseudo-random), but every verifier accepts them, and the same wish gives the same
 * bytes on every machine.
 *
 * An app gets the segments that a linker's output has, in esptool's order: DROM with the
 * descriptor, RAM data, IROM, RAM code; a bootloader gets three in RAM. Small images get one.
 */
#ifndef HOST_IMAGE_BUILD_H
#define HOST_IMAGE_BUILD_H

#include "ota/image.h"
#include "ports/crypto/openssl_key.h"

/* What the image shall be. Start from image_wish_default. */
typedef struct {
    const ota_chip_t *chip;
    ota_image_kind_t kind;
    uint32_t size;    /* bytes without signature, a multiple of 16; 0: the smallest */
    uint64_t seed;    /* of the pseudo-random content */
    uint32_t address; /* flash address it is made for: any slot with the same place in its page */
    const char *version;
    const char *project;
    const char *idf_version;
    const char *date;
    const char *time;
    uint32_t secure_version;
    uint32_t bootloader_version;
    uint16_t min_rev;
    uint16_t max_rev;
    uint16_t min_block_rev;
    uint16_t max_block_rev;
    uint8_t spi_mode;
    uint8_t spi_speed;
    uint8_t flash_size; /* 1 MiB << n */
    uint8_t mmu_page_log2;
    bool no_hash;
} image_wish_t;

typedef struct {
    uint8_t *bytes; /* from malloc; image_free */
    size_t len;
} image_bytes_t;

/* An esp32 app for 0x10000, version "1.0", project "otary", DIO, 40 MHz, 4 MiB. */
void image_wish_default(image_wish_t *wish);

/* The smallest size the wish can have. */
uint32_t image_wish_smallest(const image_wish_t *wish);

/* OTA_ERR_ARG: no chip; OTA_ERR_ALIGN: size not a multiple of 16 (with hash: of 16 too);
 * OTA_ERR_RANGE: too small; OTA_ERR_NO_ROOM: no memory. */
OTA_MUST_CHECK ota_status_t image_build(const image_wish_t *wish, image_bytes_t *image);

void image_free(image_bytes_t *image);

/* Checksum and appended hash made right again after an edit of header or content. Only the
 * image itself is looked at, not its signature. OTA_ERR_IMAGE_MAGIC, OTA_ERR_IMAGE_TRUNCATED. */
OTA_MUST_CHECK ota_status_t image_reseal(uint8_t *bytes, size_t len);

/* Length of the image in these bytes without signature, from its headers alone; 0: none. */
size_t image_plain_length(const uint8_t *bytes, size_t len);

#endif
