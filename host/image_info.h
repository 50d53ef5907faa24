/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that is in an image, as facts: the reader goes on past what is wrong as far as the
 * bytes allow, and says where it had to stop. Judging is ota_image_*'s business.
 */
#ifndef HOST_IMAGE_INFO_H
#define HOST_IMAGE_INFO_H

#include <cjson/cJSON.h>

#include "host/image_blocks.h"
#include "host/image_memory.h"

typedef enum {
    IMAGE_STOP_NONE,     /* all of it is there */
    IMAGE_STOP_EMPTY,    /* no bytes at all */
    IMAGE_STOP_MAGIC,    /* byte 0 is not E9 */
    IMAGE_STOP_HEADER,   /* header or a segment header is cut off */
    IMAGE_STOP_TOO_MANY, /* more than 16 segments */
    IMAGE_STOP_SEGMENT,  /* a segment's data is cut off */
    IMAGE_STOP_CHECKSUM  /* the checksum byte is not there */
} image_stop_t;

typedef struct {
    uint32_t at; /* of the segment header */
    uint32_t load;
    uint32_t len;
    size_t names;
    const char *name[IMAGE_MEMORIES_MAX]; /* of the memory at `load` */
} image_segment_t;

typedef struct {
    size_t file_len;
    image_stop_t stop;
    uint32_t stop_at; /* where bytes were missing or wrong */

    ota_image_header_t header;
    const ota_chip_t *chip; /* NULL: the id is nobody's */
    uint8_t wp_pin;
    uint8_t drive[3];
    uint8_t min_rev_legacy;
    size_t segments; /* that could be read */
    image_segment_t segment[OTA_IMAGE_SEGMENTS_MAX];

    ota_image_kind_t kind; /* by its descriptor, else by where its segments go */
    bool has_app_desc;
    bool has_bootloader_desc;
    uint32_t desc_at;
    ota_app_desc_t app;
    ota_bootloader_desc_t bootloader;

    bool sealed; /* checksum fields below are there */
    uint32_t checksum_at;
    uint8_t checksum_stored;
    uint8_t checksum;
    bool hash_there; /* all 32 bytes; computed either way */
    bool hash_true;
    uint32_t hash_at;
    uint8_t hash_stored[32];
    uint8_t hash[32];

    uint32_t length;        /* image proper: up to checksum or hash */
    uint32_t signed_length; /* with the signature behind it, if there is one */
    image_block_t v1;
    image_block_t block[IMAGE_BLOCKS];
    size_t trailing; /* bytes behind all that */
    bool trailing_blank;
} image_info_t;

void image_info_read(const uint8_t *bytes, size_t len, image_info_t *info);

/* Words; constant; "?" where nobody has a name for the value. */
const char *image_spi_mode_name(uint8_t mode);
const char *image_flash_size_name(uint8_t spi_speed_size);
const char *image_flash_freq_name(const ota_chip_t *chip, uint8_t spi_speed_size);
const char *image_stop_text(image_stop_t stop);

/* All of it as an object that the caller deletes; NULL: no memory. */
cJSON *image_info_json(const image_info_t *info);

/* Lower-case hex with NUL: 2 * len + 1 characters. */
void image_hex(const uint8_t *bytes, size_t len, char *text);

#endif
