/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/keys.h"

#include "core/bytes.h"
#include "core/signed.h"

#define HALF 32u /* bytes of a number of P-256 */

/*
 * An ECDSA signature in DER, as OpenSSL writes it:
 *   30 len | 02 len r | 02 len s         r, s: positive, no needless zero in front
 * All lengths here are below 128, so each is one byte. One form a signature: what could be written
 * in two ways is refused.
 */
static bool take_integer(const uint8_t **at, const uint8_t *end, uint8_t out[HALF])
{
    const uint8_t *p = *at;
    if (end - p < 3 || p[0] != 0x02) {
        return false;
    }
    uint32_t len = p[1];
    p += 2;
    if (len == 0 || (size_t)(end - p) < len) {
        return false;
    }
    bool padded = p[0] == 0;
    bool high = (p[padded && len > 1 ? 1 : 0] & 0x80u) != 0;
    if (high != padded) { /* negative, or a zero that nothing asks for */
        return false;
    }
    p += padded;
    len -= padded;
    if (len > HALF) {
        return false;
    }
    memset(out, 0, HALF - len);
    memcpy(out + HALF - len, p, len);
    *at = p + len;
    return true;
}

static bool decode_ecdsa(const uint8_t *der, uint32_t len, uint8_t out[2 * HALF])
{
    if (len < 8 || der[0] != 0x30 || der[1] != len - 2) {
        return false;
    }
    const uint8_t *at = der + 2;
    const uint8_t *end = der + len;
    return take_integer(&at, end, out) && take_integer(&at, end, out + HALF) && at == end;
}

ota_status_t ota_signed_digest(const ota_crypto_t *crypto, const uint8_t *bytes, size_t len,
                               uint8_t digest[OTA_SHA256_SIZE])
{
    ota_hash_t hash;
    if (crypto == NULL) {
        crypto = &ota_crypto_builtin;
    }
    ota_status_t status = crypto->hash_start(crypto->ctx, &hash, OTA_HASH_SHA256);
    if (status == OTA_OK) {
        crypto->hash_update(crypto->ctx, &hash, bytes, len);
        crypto->hash_finish(crypto->ctx, &hash, digest);
    }
    return status;
}

ota_status_t ota_signed_name(const ota_crypto_t *crypto, const uint8_t *bytes, size_t len,
                             ota_text_t key_id, char name[OTA_SIG_NAME_SIZE])
{
    uint8_t digest[OTA_SHA256_SIZE];
    if (key_id.len != OTA_KEY_ID_SIZE) {
        return OTA_ERR_ARG;
    }
    ota_status_t status = ota_signed_digest(crypto, bytes, len, digest);
    if (status == OTA_OK) {
        ota_hex_text(digest, 8, name);
        name[16] = '.';
        memcpy(name + 17, key_id.at, OTA_KEY_ID_SIZE);
        memcpy(name + 33, ".sig", 5);
    }
    return status;
}

static ota_status_t check(const ota_crypto_t *crypto, const ota_key_t *key,
                          const uint8_t digest[OTA_SHA256_SIZE], const ota_detached_t *detached)
{
    uint8_t number[OTA_SIG_MAX];
    uint8_t pair[2 * HALF];
    bool rsa = key->exponent != 0;
    ota_signature_t signature = {
        .kind = rsa ? OTA_SIGNATURE_RSA3072_PKCS1 : OTA_SIGNATURE_ECDSA_P256,
        .key = number,
        .key_len = key->number.len / 2,
        .exponent = key->exponent,
        .digest = digest,
        .digest_len = OTA_SHA256_SIZE,
        .signature = rsa ? detached->bytes : pair,
        .signature_len = rsa ? detached->len : sizeof(pair),
    };
    bool form =
        rsa ? detached->len == OTA_SIG_MAX : decode_ecdsa(detached->bytes, detached->len, pair);
    if (!form) {
        return OTA_ERR_SIGNATURE_FORM;
    }
    ota_hex_bytes(key->number.at, number, key->number.len / 2);
    return crypto->verify(crypto->ctx, &signature);
}

static ota_status_t refuse(ota_fault_t *fault, ota_status_t status, uint32_t found,
                           uint32_t expected)
{
    if (fault != NULL) {
        *fault = (ota_fault_t){status, 0, found, expected};
    }
    return status;
}

/* Index in the set; its count: not in it. */
static uint32_t find(const ota_keys_t *keys, ota_text_t id)
{
    uint32_t i = 0;
    while (i < keys->count &&
           (id.len != keys->key[i].id.len || memcmp(id.at, keys->key[i].id.at, id.len) != 0)) {
        i++;
    }
    return i;
}

ota_status_t ota_keys_verify(const ota_keys_t *keys, const ota_crypto_t *crypto,
                             const ota_signed_t *document, ota_fault_t *fault)
{
    uint8_t digest[OTA_SHA256_SIZE];
    uint32_t signers = 0; /* bit i: key i has signed */
    uint32_t good = 0;
    if (crypto == NULL || crypto->verify == NULL) {
        return refuse(fault, OTA_ERR_UNSUPPORTED, 0, 0);
    }
    ota_status_t status = ota_signed_digest(crypto, document->bytes, document->len, digest);
    if (status != OTA_OK) {
        return refuse(fault, status, 0, 0);
    }
    for (uint32_t i = 0; i < document->count; i++) {
        ota_detached_t *detached = &document->signatures[i];
        uint32_t key = find(keys, detached->key_id);
        detached->status = OTA_ERR_SIGNATURE_KEY;
        if (key == keys->count || (signers >> key & 1u) != 0) {
            continue;
        }
        detached->status = check(crypto, &keys->key[key], digest, detached);
        if (detached->status == OTA_OK) {
            signers |= 1u << key;
            good++;
        }
    }
    if (good == 0 || good < keys->threshold) { /* a set that was never opened asks for 0 */
        return refuse(fault, OTA_ERR_KEYS_THRESHOLD, good, keys->threshold);
    }
    return OTA_OK;
}

ota_status_t ota_keys_replace(const ota_keys_t *held, ota_keys_t *next, const ota_crypto_t *crypto,
                              const ota_signed_t *document, ota_fault_t *fault)
{
    ota_status_t status = ota_keys_verify(held, crypto, document, fault);
    if (status == OTA_OK) {
        status = ota_keys_open(next, document->bytes, document->len, fault);
    }
    if (status != OTA_OK) {
        return status;
    }
    if (next->product.len != held->product.len ||
        memcmp(next->product.at, held->product.at, held->product.len) != 0) {
        return refuse(fault, OTA_ERR_KEYS_PRODUCT, 0, 0);
    }
    if (next->version <= held->version) {
        return refuse(fault, OTA_ERR_KEYS_OLD, next->version, held->version);
    }
    return ota_keys_verify(next, crypto, document, fault);
}
