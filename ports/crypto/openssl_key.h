/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys over OpenSSL 3: read from PEM, generate, sign. Hosts only: a device never signs.
 * All numbers are big-endian, as in ota/crypto.h.
 */
#ifndef PORTS_CRYPTO_OPENSSL_KEY_H
#define PORTS_CRYPTO_OPENSSL_KEY_H

#include "ota/crypto.h"

#define CRYPTO_NUMBERS_MAX 384u /* RSA-3072: the modulus, a signature */

typedef struct crypto_key crypto_key_t;

/* PEM text with a private or a public key: RSA-3072, P-256 or P-384. NULL: neither. */
crypto_key_t *crypto_key_read(const char *pem, size_t len);
/* A key in a store, by its URI: "pkcs11:token=…;object=…" (through OpenSSL's provider, or its
 * engine where there is none), "file:…". NULL: OpenSSL has none there, or of another kind. */
crypto_key_t *crypto_key_open(const char *uri);
bool crypto_key_is_uri(const char *text); /* one of these two schemes? */
/* A fresh key pair; NULL: OpenSSL would not. */
crypto_key_t *crypto_key_generate(ota_signature_kind_t kind);
void crypto_key_free(crypto_key_t *key);

ota_signature_kind_t crypto_key_kind(const crypto_key_t *key);
bool crypto_key_is_private(const crypto_key_t *key);

/* RSA: the modulus, 384 bytes. ECDSA: X || Y, 64 or 96 bytes. Length, 0 on failure. */
size_t crypto_key_numbers(const crypto_key_t *key, uint8_t numbers[CRYPTO_NUMBERS_MAX]);

/* RSA: exponent, and what a Montgomery multiplier wants: R = 2^6144 mod n, and -1/n mod 2^32.
 * False for other keys. */
bool crypto_key_rsa(const crypto_key_t *key, uint32_t *exponent, uint8_t r[384], uint32_t *m);

/* Signs a digest as ota_crypto_t.verify checks it. Length of the signature (as the numbers'),
 * 0: no private key, a digest of the wrong length, or OpenSSL failed. */
size_t crypto_key_sign(const crypto_key_t *key, const uint8_t *digest, size_t digest_len,
                       uint8_t signature[CRYPTO_NUMBERS_MAX]);

/* The key's name: 16 digits of the SHA-256 of its SubjectPublicKeyInfo (DER), and NUL. False:
 * OpenSSL failed. */
#define CRYPTO_KEY_ID 17u
bool crypto_key_id(const crypto_key_t *key, char id[CRYPTO_KEY_ID]);

/* Signs a document as `openssl dgst -sha256 -sign` does: DER for P-256, PKCS#1 v1.5 for RSA-3072.
 * Length, 0: no private key, a P-384 key, or OpenSSL failed. */
size_t crypto_key_sign_document(const crypto_key_t *key, const void *bytes, size_t len,
                                uint8_t signature[CRYPTO_NUMBERS_MAX]);

/* The key as PEM text (PKCS#8, or SubjectPublicKeyInfo with `public_only`) into `pem`;
 * its length without NUL, 0: does not fit or failed. */
size_t crypto_key_write(const crypto_key_t *key, bool public_only, char *pem, size_t room);

#endif
