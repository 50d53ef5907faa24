/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image, inside: the verifier is a chain of items. An item is a number of bytes (`need`) of
 * one kind (`state`); when its last byte has passed, its judge runs and names the next item.
 * Items begin and end at the same offsets however the bytes are cut into pieces, so every
 * split gives the same answer.
 *
 *   image.c            the chain: which item follows which, hash and checksum on the way
 *   image_rules.c      what a header, a segment header and a descriptor must fulfil
 *   image_signature.c  signature blocks
 *   image_flash.c      images that lie in flash
 */
#ifndef CORE_IMAGE_INTERNAL_H
#define CORE_IMAGE_INTERNAL_H

#include "core/bytes.h"
#include "ota/image.h"

#define IMAGE_LIMIT_NONE 0xFFFFFFFFu
#define SEGMENT_HEADER   8u
#define SIGNATURE_SECTOR 4096u
#define SIGNATURE_V1     68u /* bytes of a v1 block */

enum {
    ITEM_MAGIC,     /* byte 0: a wrong file is refused at its first byte */
    ITEM_HEADER,    /* the other 23 */
    ITEM_SEGMENT,   /* segment header */
    ITEM_DESC_HEAD, /* app descriptor: magic, secure version */
    ITEM_DESC_BODY, /* strings and digest: nothing to judge */
    ITEM_DESC_TAIL, /* block revisions, MMU page */
    ITEM_DATA,      /* a segment's bytes, or what is left of them */
    ITEM_PAD,       /* padding and the checksum byte */
    ITEM_DIGEST,    /* appended SHA-256 */
    ITEM_FILL,      /* v2: up to the signature sector */
    ITEM_BLOCK,     /* one signature block, gathered in the workspace */
    ITEM_REST,      /* the sector's bytes that no block needs */
    ITEM_DONE,
    ITEM_FAILED
};

enum {
    FLAG_HEADER = 1u << 0,  /* the header is judged and good */
    FLAG_HASHING = 1u << 1, /* bytes go into the hash */
    FLAG_DIFFERS = 1u << 2, /* the appended digest differs from the computed one */
    FLAG_GENUINE = 1u << 3  /* a trusted signature fits */
};

/* Ends the verification: first failure wins, because nothing is judged after it. */
COLD ota_status_t ota_image_fail(ota_image_t *image, ota_status_t status, uint32_t offset,
                                 uint32_t found, uint32_t expected);

const ota_crypto_t *ota_image_crypto(const ota_image_t *image);

/* True if these rules make signatures count. */
bool ota_image_signed(const ota_image_rules_t *rules);

/* a + b, or the largest number: lengths that overflow are too big for every limit. */
uint32_t ota_image_add(uint32_t a, uint32_t b);

/* Length of the whole image if its last segment ends at `end`; saturates likewise. */
uint32_t ota_image_total(const ota_image_t *image, uint32_t end);

/* image->hold has the item's bytes; see docs/images.md for the rules and their order. */
ota_status_t ota_image_judge_header(ota_image_t *image);
ota_status_t ota_image_judge_partition(ota_image_t *image); /* the chip is known */
ota_status_t ota_image_judge_segment(ota_image_t *image, uint32_t load, uint32_t len);
ota_status_t ota_image_judge_desc_head(ota_image_t *image);
ota_status_t ota_image_judge_desc_tail(ota_image_t *image);

/* OTA_OK if the rules' trust can be checked at all: OTA_ERR_ARG, OTA_ERR_UNSUPPORTED. */
ota_status_t ota_image_trust_check(const ota_image_rules_t *rules, const ota_crypto_t *crypto);

/* Bytes of one signature block under these rules. */
uint32_t ota_image_block_size(const ota_image_rules_t *rules);

/* A block is in the workspace, the image's digest in the first bytes of image->hash. Sets
 * FLAG_GENUINE, or remembers why not; a failure only of the port. */
ota_status_t ota_image_judge_block(ota_image_t *image);

/* All blocks are judged and none was genuine: fails with the nearest miss. */
void ota_image_no_genuine_block(ota_image_t *image);

#endif
