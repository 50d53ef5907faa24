/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image_blocks.h"

#include "core/bytes.h"
#include "core/crc32.h"
#include "ports/crypto/openssl.h"

#define AT_CRC 1196u

const char *image_block_name(image_block_kind_t kind)
{
    static const char *const names[] = {
        [BLOCK_ABSENT] = "absent",   [BLOCK_MALFORMED] = "malformed", [BLOCK_V1] = "v1",
        [BLOCK_RSA3072] = "rsa3072", [BLOCK_P192] = "p192",           [BLOCK_P256] = "p256",
        [BLOCK_P384] = "p384",
    };
    return names[kind];
}

static bool blank(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0xFF) {
            return false;
        }
    }
    return true;
}

/* What is wrong with a block before its key matters; NULL: nothing. */
static const char *malformed(const uint8_t *block)
{
    if (block[0] != 0xE7) {
        return "its first byte is not E7";
    }
    if (block[1] != 2 && block[1] != 3) {
        return "its version is neither 2 (RSA) nor 3 (ECDSA)";
    }
    return ota_crc32(0, block, AT_CRC) != ota_get_le32(block + AT_CRC) ? "its CRC is wrong" : NULL;
}

static image_block_kind_t kind_of(const uint8_t *block, const char **why)
{
    if (blank(block, OTA_SIGNATURE_BLOCK)) {
        return BLOCK_ABSENT;
    }
    *why = malformed(block);
    if (*why != NULL) {
        return BLOCK_MALFORMED;
    }
    if (block[1] == 2) {
        return BLOCK_RSA3072;
    }
    if (block[36] == 1 || block[36] == 2) {
        return block[36] == 1 ? BLOCK_P192 : BLOCK_P256;
    }
    *why = block[52] == 3 ? NULL : "it names no known curve";
    return block[52] == 3 ? BLOCK_P384 : BLOCK_MALFORMED;
}

static void digest_of(ota_hash_kind_t kind, const uint8_t *bytes, size_t len, uint8_t *digest)
{
    ota_hash_t hash;
    if (crypto_openssl.hash_start(crypto_openssl.ctx, &hash, kind) == OTA_OK) {
        crypto_openssl.hash_update(crypto_openssl.ctx, &hash, bytes, len);
        crypto_openssl.hash_finish(crypto_openssl.ctx, &hash, digest);
    }
}

static void reversed(uint8_t *out, const uint8_t *in, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = in[len - 1 - i];
    }
}

typedef struct {
    ota_signature_kind_t kind;
    size_t key; /* key field */
    size_t key_len;
    size_t numbers;
    size_t number; /* bytes of one number */
    size_t count;  /* numbers in the key, and in the signature */
    size_t signature;
} place_t;

static place_t place_of(image_block_kind_t kind)
{
    if (kind == BLOCK_RSA3072) {
        return (place_t){OTA_SIGNATURE_RSA3072_PSS, 36, 776, 36, 384, 1, 812};
    }
    if (kind == BLOCK_P384) {
        return (place_t){OTA_SIGNATURE_ECDSA_P384, 52, 97, 53, 48, 2, 149};
    }
    return (place_t){OTA_SIGNATURE_ECDSA_P256, 36, 65, 37, 32, 2, 101};
}

static bool verify(const uint8_t *block, const place_t *place, const uint8_t *digest)
{
    uint8_t key[384];
    uint8_t signature[384];
    for (size_t i = 0; i < place->count; i++) {
        size_t at = i * place->number;
        reversed(key + at, block + place->numbers + at, place->number);
        reversed(signature + at, block + place->signature + at, place->number);
    }
    ota_signature_t check = {
        .kind = place->kind,
        .key = key,
        .key_len = place->count * place->number,
        .exponent = ota_get_le32(block + 420),
        .digest = digest,
        .digest_len = place->kind == OTA_SIGNATURE_ECDSA_P384 ? OTA_SHA384_SIZE : OTA_SHA256_SIZE,
        .signature = signature,
        .signature_len = place->count * place->number,
    };
    return crypto_openssl.verify(crypto_openssl.ctx, &check) == OTA_OK;
}

void image_block_read(const uint8_t *bytes, size_t len, size_t sector, size_t at,
                      image_block_t *block)
{
    *block = (image_block_t){.at = (uint32_t)at};
    if (at > len || len - at < OTA_SIGNATURE_BLOCK) {
        return;
    }
    const uint8_t *p = bytes + at;
    block->kind = kind_of(p, &block->why);
    if (block->kind == BLOCK_ABSENT || block->kind == BLOCK_MALFORMED) {
        return;
    }
    if (block->kind == BLOCK_P192) { /* told apart, not checked */
        digest_of(OTA_HASH_SHA256, p + 36, 49, block->key_digest);
        return;
    }
    place_t place = place_of(block->kind);
    bool p384 = block->kind == BLOCK_P384;
    uint8_t digest[OTA_SHA384_SIZE] = {0};
    digest_of(p384 ? OTA_HASH_SHA384 : OTA_HASH_SHA256, bytes, sector, digest);
    digest_of(OTA_HASH_SHA256, p + place.key, place.key_len, block->key_digest);
    block->digest_true = memcmp(p + 4, digest, p384 ? OTA_SHA384_SIZE : OTA_SHA256_SIZE) == 0;
    block->signature_true = verify(p, &place, digest);
}
