/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crypto: the port for hashing and for checking signatures.
 *
 * The library computes no RSA and no elliptic curves: ports do, over OpenSSL or
 * mbedTLS. It does bring a small SHA-256 of its own (ota_crypto_builtin), so that
 * unsigned updates need no port at all.
 *
 * A running hash is a plain value inside the caller's struct: it may be copied with
 * `=` (a snapshot), dropped at any moment, and owns nothing.
 */
#ifndef OTA_CRYPTO_H
#define OTA_CRYPTO_H

#include "ota/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_CRYPTO_VERSION 1u
#define OTA_SHA256_SIZE    32u
#define OTA_SHA384_SIZE    48u

typedef enum { OTA_HASH_SHA256, OTA_HASH_SHA384 } ota_hash_kind_t;

/* 224 bytes: the largest implementation (a SHA-512-family state of 216) and its kind. */
typedef struct {
    uint64_t opaque[28];
} ota_hash_t;

typedef enum {
    OTA_SIGNATURE_RSA3072_PSS,  /* SHA-256, MGF1-SHA-256, salt of 32 bytes */
    OTA_SIGNATURE_ECDSA_P256,   /* over a SHA-256 digest */
    OTA_SIGNATURE_ECDSA_P384,   /* over a SHA-384 digest */
    OTA_SIGNATURE_RSA3072_PKCS1 /* SHA-256, PKCS#1 v1.5: documents (ota/keys.h), never images */
} ota_signature_kind_t;

/*
 * One signature to check. All byte strings are big-endian, as textbooks and OpenSSL
 * write them (the library has already turned Espressif's little-endian fields).
 *   RSA    key = modulus, 384 bytes; exponent; signature 384 bytes
 *   ECDSA  key = X || Y, 64 or 96 bytes; signature r || s of the same length
 */
typedef struct {
    ota_signature_kind_t kind;
    const uint8_t *key;
    size_t key_len;
    uint32_t exponent;
    const uint8_t *digest;
    size_t digest_len;
    const uint8_t *signature;
    size_t signature_len;
} ota_signature_t;

typedef struct ota_crypto {
    uint32_t version; /* OTA_CRYPTO_VERSION */
    void *ctx;
    /* OTA_ERR_UNSUPPORTED if this port has no such hash. */
    ota_status_t (*hash_start)(void *ctx, ota_hash_t *hash, ota_hash_kind_t kind);
    void (*hash_update)(void *ctx, ota_hash_t *hash, const void *data, size_t len);
    /* Writes 32 or 48 bytes; the state is spent. */
    void (*hash_finish)(void *ctx, ota_hash_t *hash, uint8_t *digest);
    /* OTA_OK: genuine. OTA_ERR_SIGNATURE: not. OTA_ERR_UNSUPPORTED: kind unknown here.
     * OTA_ERR_PORT: could not tell. NULL: this port checks no signatures. */
    ota_status_t (*verify)(void *ctx, const ota_signature_t *signature);
} ota_crypto_t;

/* SHA-256 in portable C, no SHA-384, no signatures. ctx unused; always available. */
extern const ota_crypto_t ota_crypto_builtin;

#ifdef __cplusplus
}
#endif

#endif
