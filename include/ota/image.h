/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image: a streaming verifier for Espressif's app and bootloader images.
 *
 *   0x00  header: E9, segments, spi mode, speed|size, entry, .., chip id @12,
 *         min rev @15, max rev @17, hash appended @23                     24 bytes
 *   0x18  segment 0: load address, length, data; app descriptor first (0x20)
 *    ..   further segments
 *    ..   zero padding so that the next byte ends a block of 16; XOR checksum byte
 *    ..   SHA-256 of all of the above, if the header says so              32 bytes
 *    ..   v1: signature block of 68 bytes
 *         v2: FF up to the next 4 KiB boundary, then a 4 KiB sector of up to 3 blocks
 *    ..   anything else is trailing and belongs to nobody
 *
 * Bytes go in in pieces of any size, in order, once. Every rule is applied at the
 * first byte that allows it; the first rule broken ends the verification with its
 * status and the offset of the byte (or of the field) that broke it. The rules and
 * their order are those of the stock verifier (docs/formats.md), with one
 * deliberate difference: that the image fits its partition is checked as soon as a
 * segment header shows that it does not, not after everything was read.
 *
 *   ota_image_start -> ota_image_feed* -> ota_image_finish
 *
 * The struct owns nothing: abandon it at any time, copy it for a snapshot.
 */
#ifndef OTA_IMAGE_H
#define OTA_IMAGE_H

#include "ota/chip.h"
#include "ota/crypto.h"
#include "ota/flash.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_IMAGE_MAGIC           0xE9u
#define OTA_IMAGE_HEADER          24u /* bytes */
#define OTA_IMAGE_SEGMENTS_MAX    16u
#define OTA_APP_DESC_OFFSET       32u
#define OTA_APP_DESC_SIZE         256u
#define OTA_APP_DESC_MAGIC        0xABCD5432u
#define OTA_BOOTLOADER_DESC_SIZE  80u
#define OTA_BOOTLOADER_DESC_MAGIC 80u
#define OTA_SIGNATURE_BLOCK       1216u /* one v2 block; a v1 block has 68 bytes */

typedef enum { OTA_IMAGE_APP, OTA_IMAGE_BOOTLOADER } ota_image_kind_t;

typedef enum {
    OTA_SCHEME_NONE,    /* unsigned build */
    OTA_SCHEME_V1_P256, /* Secure Boot v1: ECDSA P-256, key compiled in */
    OTA_SCHEME_V2_RSA3072,
    OTA_SCHEME_V2_P256,
    OTA_SCHEME_V2_P384
} ota_scheme_t;

/* Whose signatures count. Caller-owned; must outlive its users. */
typedef struct {
    ota_scheme_t scheme;
    uint8_t blocks; /* v2: how many blocks of the sector to look at, 1..3 */
    uint8_t key_count;
    const uint8_t (*keys)[64]; /* v2: SHA-256 of the public key as the block stores it, in the
                                  first 32 bytes. v1: the key itself, X || Y big-endian */
} ota_trust_t;

/* What the image is held against. Zeroed and with `limit` set it is the plainest check. */
typedef struct {
    ota_image_kind_t kind;
    const ota_chip_t *chip; /* must match; NULL: the one that the header names, if this knows it: */
    const ota_chip_t *(*chip_by_id)(
        uint16_t id);         /* hosts: ota_chip_by_id. Firmware knows its chip and
                                 leaves it NULL: no other chip's facts are linked */
    uint16_t chip_rev;        /* major*100 + minor of the chip that shall run it */
    uint16_t block_rev;       /* eFuse block revision, likewise */
    bool any_rev;             /* do not look at revisions at all (host: the chip is not known) */
    bool any_max_rev;         /* the "disable wafer version check" eFuse is set */
    uint32_t address;         /* flash address of byte 0, for the mapping rule */
    uint32_t limit;           /* size of the partition; 0xFFFFFFFF: none */
    uint32_t flash_size;      /* refuse headers that name a larger chip; 0: do not look (stock) */
    bool require_hash;        /* refuse images that carry neither hash nor signature (stock: no) */
    bool bootloader_hash;     /* compare a bootloader's appended hash too (stock: only apps') */
    bool anti_rollback;       /* apps: a descriptor must be there, its secure version not below: */
    uint32_t secure_version;  /* the floor */
    const ota_trust_t *trust; /* NULL: signatures are not looked at */
    uint8_t *workspace;       /* OTA_SIGNATURE_BLOCK bytes, needed only with trust */
    const ota_crypto_t *crypto; /* NULL: ota_crypto_builtin */
} ota_image_rules_t;

/* What the header says; filled as soon as 24 bytes have passed. */
typedef struct {
    uint8_t segments;
    uint8_t spi_mode;
    uint8_t spi_speed_size; /* low nibble speed, high nibble flash size: 1 MiB << n */
    uint8_t hash_appended;
    uint32_t entry;
    uint16_t chip_id;
    uint16_t min_rev;
    uint16_t max_rev;
} ota_image_header_t;

/* The verifier. Every field is the library's; read them through the functions. */
typedef struct {
    const ota_image_rules_t *rules;
    const ota_chip_t *chip;
    ota_image_header_t header;
    ota_fault_t fault;
    uint32_t offset; /* bytes consumed */
    uint32_t need;   /* bytes until the present item is complete */
    uint32_t length; /* image length, once known */
    uint32_t segment_load;
    uint32_t segment_end;
    uint32_t mmu_page;
    uint16_t held;    /* bytes of the present item gathered so far */
    uint8_t state;    /* the present item */
    uint8_t segment;  /* segment headers judged; later signature blocks judged */
    uint8_t checksum; /* running XOR */
    uint8_t flags;
    uint8_t hold[24]; /* the header or small item being gathered */
    ota_hash_t hash;  /* running; later the finished digest in its first bytes */
} ota_image_t;

/* Begin. OTA_ERR_ARG; OTA_ERR_IMAGE_PARTITION: limit beyond what the chip can map;
 * OTA_ERR_IMAGE_TOO_BIG: a limit that no header fits;
 * OTA_ERR_UNSUPPORTED: the crypto port lacks what `trust` needs. `rules` must stay alive. */
OTA_MUST_CHECK ota_status_t ota_image_start(ota_image_t *image, const ota_image_rules_t *rules);

/* The next len bytes, any len. OTA_OK as long as nothing is wrong; after the first failure
 * every further call returns it again. Bytes after the end of the image are ignored. */
OTA_MUST_CHECK ota_status_t ota_image_feed(ota_image_t *image, const void *data, size_t len);

/* No more bytes. OTA_OK: complete and right. OTA_ERR_IMAGE_TRUNCATED with the offset at which
 * bytes were missing (found: the length needed, at least; expected: the bytes there were);
 * OTA_ERR_SIGNATURE_MISSING where they end exactly before the signature; or the failure that
 * feed met. */
OTA_MUST_CHECK ota_status_t ota_image_finish(ota_image_t *image);

/* Place and cause of the failure: offset from the image's first byte. */
const ota_fault_t *ota_image_fault(const ota_image_t *image);

bool ota_image_has_header(const ota_image_t *image); /* header judged and good */
bool ota_image_complete(const ota_image_t *image);   /* all of it seen and good */

/* Whole length incl. checksum, hash and signature area; 0 before it is known. */
uint32_t ota_image_length(const ota_image_t *image);

/* A lower bound of the image's length from what has been seen so far: lets a session erase
 * ahead in large units and refuse early. */
uint32_t ota_image_length_at_least(const ota_image_t *image);

/* Run an image in flash through the verifier: reads [rules->address, +limit) once, through
 * `buffer` (any size >= 64; larger is faster). With `length` (may be NULL) the image length.
 * Statuses of start, feed, finish, and of the flash port. */
OTA_MUST_CHECK ota_status_t ota_image_check_flash(const ota_flash_t *flash,
                                                  const ota_image_rules_t *rules, void *buffer,
                                                  size_t buffer_len, uint32_t *length,
                                                  ota_fault_t *fault);

/* --- descriptors ------------------------------------------------------------------- */

/* esp_app_desc_t, decoded. Strings are always terminated (one byte longer than in flash). */
typedef struct {
    uint32_t secure_version;
    char version[33];
    char project[33];
    char time[17];
    char date[17];
    char idf_version[33];
    uint8_t elf_sha256[32];
    uint16_t min_block_rev;
    uint16_t max_block_rev;
    uint8_t mmu_page_log2; /* 0: the chip's default */
    uint8_t spi_mode;      /* 0: unknown */
} ota_app_desc_t;

/* esp_bootloader_desc_t, decoded. */
typedef struct {
    uint8_t secure_version;
    uint32_t version;
    char idf_version[33];
    char date_time[25];
} ota_bootloader_desc_t;

/* Decode 256 / 80 bytes. OTA_ERR_IMAGE_DESCRIPTOR: the magic is not there. */
OTA_MUST_CHECK ota_status_t ota_app_desc_decode(ota_app_desc_t *desc,
                                                const uint8_t bytes[OTA_APP_DESC_SIZE]);
OTA_MUST_CHECK ota_status_t ota_bootloader_desc_decode(
    ota_bootloader_desc_t *desc, const uint8_t bytes[OTA_BOOTLOADER_DESC_SIZE]);

/* Just the secure version of the app at `address`, for selection with anti-rollback.
 * OTA_ERR_IMAGE_DESCRIPTOR if there is none; statuses of the flash port. */
OTA_MUST_CHECK ota_status_t ota_app_secure_version(const ota_flash_t *flash, uint32_t address,
                                                   uint32_t *secure_version);

/* Decode 24 header bytes; no judgement beyond OTA_ERR_IMAGE_MAGIC. */
OTA_MUST_CHECK ota_status_t ota_image_header_decode(ota_image_header_t *header,
                                                    const uint8_t bytes[OTA_IMAGE_HEADER]);

#ifdef __cplusplus
}
#endif

#endif
