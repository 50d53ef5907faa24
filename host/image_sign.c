/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image_sign.h"

#include <stdlib.h>

#include "core/bytes.h"
#include "core/crc32.h"
#include "ports/crypto/openssl.h"

#define SECTOR   4096u
#define BLOCK_V1 68u

ota_scheme_t image_key_scheme(const crypto_key_t *key)
{
    switch (crypto_key_kind(key)) {
    case OTA_SIGNATURE_RSA3072_PSS:
        return OTA_SCHEME_V2_RSA3072;
    case OTA_SIGNATURE_ECDSA_P256:
        return OTA_SCHEME_V2_P256;
    case OTA_SIGNATURE_ECDSA_P384:
    case OTA_SIGNATURE_RSA3072_PKCS1: /* of no key */
        break;
    }
    return OTA_SCHEME_V2_P384;
}

static const char *const scheme_names[] = {
    [OTA_SCHEME_NONE] = "none",          [OTA_SCHEME_V1_P256] = "v1",
    [OTA_SCHEME_V2_RSA3072] = "rsa3072", [OTA_SCHEME_V2_P256] = "p256",
    [OTA_SCHEME_V2_P384] = "p384",
};

const char *image_scheme_name(ota_scheme_t scheme)
{
    return scheme_names[scheme];
}

ota_scheme_t image_scheme_by_name(const char *name)
{
    for (ota_scheme_t i = OTA_SCHEME_V1_P256; i <= OTA_SCHEME_V2_P384; i++) {
        if (strcmp(scheme_names[i], name) == 0) {
            return i;
        }
    }
    return OTA_SCHEME_NONE;
}

/* Numbers are little-endian in v2 blocks. */
static void put_reversed(uint8_t *out, const uint8_t *in, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = in[len - 1 - i];
    }
}

static void digest_of(ota_hash_kind_t kind, const uint8_t *data, size_t len, uint8_t *digest)
{
    ota_hash_t hash;
    if (crypto_openssl.hash_start(crypto_openssl.ctx, &hash, kind) == OTA_OK) {
        crypto_openssl.hash_update(crypto_openssl.ctx, &hash, data, len);
        crypto_openssl.hash_finish(crypto_openssl.ctx, &hash, digest);
    }
}

/* The key field of a block: n, e, R, m at 36 (776 bytes), or curve, X, Y. Its length, 0: failed. */
static size_t put_key(const crypto_key_t *key, uint8_t *field)
{
    uint8_t numbers[CRYPTO_NUMBERS_MAX];
    uint8_t r[384];
    uint32_t exponent = 0;
    uint32_t m = 0;
    size_t len = crypto_key_numbers(key, numbers);
    if (len == 0) {
        return 0;
    }
    if (crypto_key_kind(key) != OTA_SIGNATURE_RSA3072_PSS) {
        field[0] = len == 64 ? 2 : 3;
        put_reversed(field + 1, numbers, len / 2);
        put_reversed(field + 1 + len / 2, numbers + len / 2, len / 2);
        return 1 + len;
    }
    if (!crypto_key_rsa(key, &exponent, r, &m)) {
        return 0;
    }
    put_reversed(field, numbers, 384);
    ota_put_le32(field + 384, exponent);
    put_reversed(field + 388, r, 384);
    ota_put_le32(field + 772, m);
    return 776;
}

ota_status_t image_key_trust(const crypto_key_t *key, ota_scheme_t scheme, uint8_t trusted[64])
{
    uint8_t field[776];
    memset(trusted, 0, 64);
    if (scheme == OTA_SCHEME_V1_P256) {
        uint8_t numbers[CRYPTO_NUMBERS_MAX];
        if (crypto_key_kind(key) != OTA_SIGNATURE_ECDSA_P256 ||
            crypto_key_numbers(key, numbers) != 64) {
            return OTA_ERR_UNSUPPORTED;
        }
        memcpy(trusted, numbers, 64);
        return OTA_OK;
    }
    if (scheme != image_key_scheme(key)) {
        return OTA_ERR_UNSUPPORTED;
    }
    size_t len = put_key(key, field);
    if (len == 0) {
        return OTA_ERR_PORT;
    }
    digest_of(OTA_HASH_SHA256, field, len, trusted);
    return OTA_OK;
}

/* --- signing --------------------------------------------------------------------------------- */

/* One block of 1216 bytes over `digest`. */
static bool put_block(uint8_t *block, const crypto_key_t *key, const uint8_t *digest,
                      size_t digest_len)
{
    uint8_t signature[CRYPTO_NUMBERS_MAX];
    bool rsa = crypto_key_kind(key) == OTA_SIGNATURE_RSA3072_PSS;
    memset(block, 0, OTA_SIGNATURE_BLOCK);
    block[0] = 0xE7;
    block[1] = rsa ? 2 : 3;
    block[2] = digest_len == OTA_SHA384_SIZE ? 1 : 0;
    memcpy(block + 4, digest, digest_len);
    size_t field = 4 + digest_len;
    size_t len = put_key(key, block + field);
    size_t signature_len = crypto_key_sign(key, digest, digest_len, signature);
    if (len == 0 || signature_len == 0) {
        return false;
    }
    uint8_t *out = block + field + len;
    if (rsa) {
        put_reversed(out, signature, signature_len);
    } else {
        put_reversed(out, signature, signature_len / 2);
        put_reversed(out + signature_len / 2, signature + signature_len / 2, signature_len / 2);
    }
    ota_put_le32(block + 1196, ota_crc32(0, block, 1196));
    return true;
}

static bool resize(image_bytes_t *image, size_t len)
{
    uint8_t *bytes = realloc(image->bytes, len);
    if (bytes == NULL) {
        return false;
    }
    if (len > image->len) {
        memset(bytes + image->len, 0xFF, len - image->len);
    }
    image->bytes = bytes;
    image->len = len;
    return true;
}

static ota_status_t sign_v1(image_bytes_t *image, size_t plain, const crypto_key_t *key)
{
    uint8_t digest[OTA_SHA256_SIZE];
    image->len = plain;
    if (!resize(image, plain + BLOCK_V1)) {
        return OTA_ERR_NO_ROOM;
    }
    digest_of(OTA_HASH_SHA256, image->bytes, plain, digest);
    uint8_t signature[CRYPTO_NUMBERS_MAX];
    if (crypto_key_sign(key, digest, sizeof(digest), signature) != 64) {
        return OTA_ERR_PORT;
    }
    ota_put_le32(image->bytes + plain, 0);
    memcpy(image->bytes + plain + 4, signature, 64);
    return OTA_OK;
}

static ota_status_t sign_v2(image_bytes_t *image, size_t plain, crypto_key_t *const *keys,
                            size_t count)
{
    uint8_t digest[OTA_SHA384_SIZE];
    bool p384 = crypto_key_kind(keys[0]) == OTA_SIGNATURE_ECDSA_P384;
    size_t sector = (plain + SECTOR - 1) / SECTOR * SECTOR;
    image->len = plain;
    if (!resize(image, sector + SECTOR)) {
        return OTA_ERR_NO_ROOM;
    }
    digest_of(p384 ? OTA_HASH_SHA384 : OTA_HASH_SHA256, image->bytes, sector, digest);
    for (size_t i = 0; i < count; i++) {
        if (!put_block(image->bytes + sector + i * OTA_SIGNATURE_BLOCK, keys[i], digest,
                       p384 ? OTA_SHA384_SIZE : OTA_SHA256_SIZE)) {
            return OTA_ERR_PORT;
        }
    }
    return OTA_OK;
}

ota_status_t image_sign(image_bytes_t *image, ota_scheme_t scheme, crypto_key_t *const *keys,
                        size_t count)
{
    bool v1 = scheme == OTA_SCHEME_V1_P256;
    size_t plain = image_plain_length(image->bytes, image->len);
    if (plain == 0) {
        return OTA_ERR_IMAGE_TRUNCATED;
    }
    if (count == 0 || count > (v1 ? 1 : IMAGE_KEYS_MAX)) {
        return OTA_ERR_ARG;
    }
    for (size_t i = 0; i < count; i++) {
        if (!crypto_key_is_private(keys[i])) {
            return OTA_ERR_ARG;
        }
        if (image_key_scheme(keys[i]) != (v1 ? OTA_SCHEME_V2_P256 : scheme)) {
            return OTA_ERR_UNSUPPORTED;
        }
    }
    return v1 ? sign_v1(image, plain, keys[0]) : sign_v2(image, plain, keys, count);
}
