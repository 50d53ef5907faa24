/* SPDX-License-Identifier: Apache-2.0 */
/* Signature blocks as facts: what each holds and whether it is true in itself. Whether its key
 * is trusted is a matter of rules (ota/image.h), not of facts. */
#ifndef HOST_IMAGE_BLOCKS_H
#define HOST_IMAGE_BLOCKS_H

#include "ota/image.h"

#define IMAGE_BLOCKS 3u

typedef enum {
    BLOCK_ABSENT,    /* nothing there: all FF, or the bytes end */
    BLOCK_MALFORMED, /* something, but magic, version, curve or CRC are wrong */
    BLOCK_V1,        /* 68 bytes, ECDSA P-256; its key is not in it */
    BLOCK_RSA3072,
    BLOCK_P192, /* an old scheme that nothing here checks */
    BLOCK_P256,
    BLOCK_P384
} image_block_kind_t;

typedef struct {
    image_block_kind_t kind;
    uint32_t at;
    const char *why;        /* BLOCK_MALFORMED: what is wrong */
    uint8_t key_digest[32]; /* SHA-256 of the key field, as eFuses hold it; v2 only */
    bool digest_true;       /* v2: the stored digest is that of the bytes before the sector */
    bool signature_true;    /* v2: the signature fits those bytes and the key in the block */
} image_block_t;

/* Reads the block of 1216 bytes at `at` (which signs the bytes before its sector at `sector`). */
void image_block_read(const uint8_t *bytes, size_t len, size_t sector, size_t at,
                      image_block_t *block);

/* "rsa3072", "p256", …; constant. */
const char *image_block_name(image_block_kind_t kind);

#endif
