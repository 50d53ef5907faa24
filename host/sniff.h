/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sniff: what is this file really?
 *
 * People send web pages, archives, whole flashes and ciphertext as firmware, and the device
 * answers "invalid magic byte". This looks at the bytes and says what they are. It is a
 * judgement for people, never a check: what an image is worth is for ota/image.h to say.
 *
 * Every read is bounded by `len`; the time is linear in it (all FF or 00: the whole file;
 * everything else: the first 256 KiB at most).
 */
#ifndef HOST_SNIFF_H
#define HOST_SNIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    SNIFF_UNKNOWN,
    SNIFF_EMPTY,  /* no byte */
    SNIFF_BLANK,  /* nothing but FF: erased flash */
    SNIFF_ZEROES, /* nothing but 00 */
    /* Espressif's own */
    SNIFF_APP,        /* application image: E9, known chip, app descriptor */
    SNIFF_BOOTLOADER, /* bootloader image: no app descriptor, loads into RAM first */
    SNIFF_IMAGE,      /* an image of neither kind for sure (bare metal, very old) */
    SNIFF_MERGED,     /* bootloader, table and apps in one file, for address 0 */
    SNIFF_FLASH,      /* the same with the size of a flash chip: a dump */
    SNIFF_TABLE,      /* partition table, binary */
    SNIFF_TABLE_CSV,  /* partition table, CSV */
    SNIFF_OTADATA,
    SNIFF_ENCRYPTED_IMAGE, /* esp_encrypted_img: header 0788B6CF, AES-GCM behind it */
    SNIFF_DELTA,           /* esp_delta_ota patch: header FCCDDE10 */
    SNIFF_ESP8266,         /* an image of the older chip */
    SNIFF_MCUBOOT,         /* an MCUboot image */
    SNIFF_FILESYSTEM,      /* LittleFS or FAT volume */
    SNIFF_NVS,             /* NVS partition */
    /* other people's binaries */
    SNIFF_GZIP,
    SNIFF_ZIP,
    SNIFF_XZ,
    SNIFF_ARCHIVE, /* bzip2, zstd, 7z, lz4, rar */
    SNIFF_ELF,
    SNIFF_UF2,
    SNIFF_RANDOM, /* evenly spread bytes: flash-encrypted or otherwise enciphered */
    SNIFF_MEDIA,  /* picture or PDF */
    /* text */
    SNIFF_HTML,
    SNIFF_XML,
    SNIFF_JSON,
    SNIFF_IHEX,
    SNIFF_SREC,
    SNIFF_LFS,       /* Git LFS pointer */
    SNIFF_HTTP,      /* an HTTP answer with its header, `at` names the image behind it */
    SNIFF_MULTIPART, /* a form upload with its part header, likewise */
    SNIFF_SHIFTED,   /* other bytes, then an app image at offset `at` */
    SNIFF_LOG,       /* a console log */
    SNIFF_TEXT,
    SNIFF_KINDS
} sniff_kind_t;

typedef struct {
    sniff_kind_t kind;
    size_t at;         /* images: where the image begins; merged, flash: the bootloader */
    size_t table_at;   /* merged, flash: where the table begins */
    uint16_t chip_id;  /* images, merged, flash: of the header at `at`; else 0xFFFF */
    uint64_t needs;    /* images: bytes from `at` that the segment headers ask for, at least */
    bool truncated;    /* images: the file ends before that */
    bool has_app;      /* HTTP, multipart, shifted: an app image stands at `at` */
    double entropy;    /* bits a byte of the blocks that are neither FF nor 00; 0..8 */
    size_t first_used; /* offset of the first byte that is not FF; len if there is none */
} sniff_t;

/* Judge `len` bytes. Never fails: what cannot be told is SNIFF_UNKNOWN. */
void sniff(const uint8_t *bytes, size_t len, sniff_t *out);

/* "app-image", "html", ..: stable words for reports. */
const char *sniff_name(sniff_kind_t kind);
/* "an application image", "a web page (HTML)", ..: to follow "this is". */
const char *sniff_words(sniff_kind_t kind);

/* --- pieces that the decoder shares ------------------------------------------------------- */

/* Offset of the first byte at or after `from` where an app image begins (header plausible and
 * app descriptor in place), looking at offsets below `limit`; SIZE_MAX: none. */
size_t sniff_find_app(const uint8_t *bytes, size_t len, size_t from, size_t limit);

/* Bits a byte, 0..8, over the 16-byte blocks that are neither all FF nor all 00, of the first
 * 256 KiB; `used` (may be NULL): how many bytes those were. */
double sniff_entropy(const uint8_t *bytes, size_t len, size_t *used);

/* True if `used` bytes of this entropy are as evenly spread as random ones. */
bool sniff_is_random(double entropy, size_t used);

/* True if bytes at `at` look like the beginning of a partition table. */
bool sniff_table_at(const uint8_t *bytes, size_t len, size_t at);

/* Decode a header at `at`: 0 no image; 1 a plausible header; 2 and a descriptor behind it. */
int sniff_header_at(const uint8_t *bytes, size_t len, size_t at);

#endif
