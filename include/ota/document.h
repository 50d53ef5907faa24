/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Document: what a publisher signs and a device reads. Manifests (ota/manifest.h) and key sets
 * (ota/keys.h) are JSON texts with detached signatures over their exact bytes; docs/manifest.md
 * specifies both.
 *
 * The readers take untrusted bytes, but a device verifies first and reads afterwards:
 * ota_manifest_accept and ota_keys_replace do both, in that order.
 *
 * Strict: RFC 8259 without exceptions, and no freedom that two readers could use differently.
 *   - known members at most once, of their type, within their bounds; numbers are whole and
 *     0 .. 2^32-1, written without sign, fraction and exponent;
 *   - member names and names of things carry no escapes;
 *   - nothing but white space behind the last bracket; UTF-8 and escapes must be right everywhere.
 * Unknown members are skipped, whatever they hold. Brackets nest up to OTA_DOCUMENT_DEPTH deep,
 * the document's own included.
 *
 * A fault's offset is the byte in the document.
 */
#ifndef OTA_DOCUMENT_H
#define OTA_DOCUMENT_H

#include "ota/crypto.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_DOCUMENT_MAX    16384u /* bytes; a release of two images has about 1.5 KiB */
#define OTA_DOCUMENT_DEPTH  8u     /* brackets in brackets */
#define OTA_DOCUMENT_FORMAT 1u

#define OTA_NAME_MAX    32u  /* product, channel, variant, cohort, version: bytes */
#define OTA_KEY_ID_SIZE 16u  /* hexadecimal digits */
#define OTA_SIG_MAX     384u /* bytes of one signature: RSA-3072; ECDSA P-256 has at most 72 */

/* A piece of the document: the bytes between the quotes, as they stand there. Not terminated.
 * An absent one has length 0. */
typedef struct {
    const char *at;
    uint32_t len;
} ota_text_t;

/* Equal to this C string, byte for byte? An empty text equals "". */
bool ota_text_is(ota_text_t text, const char *string);

/* One detached signature, as `openssl dgst -sha256 -sign` writes it: DER for ECDSA, 384 bytes of
 * PKCS#1 v1.5 for RSA. Untrusted. */
typedef struct {
    ota_text_t key_id; /* the key that is said to have made it: from the file's name */
    const uint8_t *bytes;
    uint32_t len;
    ota_status_t status; /* comes back: OTA_OK, OTA_ERR_SIGNATURE_KEY (no such key in the set, or it
                            has signed already), OTA_ERR_SIGNATURE_FORM, OTA_ERR_SIGNATURE, or what
                            the crypto port said */
} ota_detached_t;

/* A document with its signatures. Caller-owned; must outlive what is read from it. */
typedef struct {
    const uint8_t *bytes;
    uint32_t len;
    ota_detached_t *signatures;
    uint32_t count;
} ota_signed_t;

/* The name of the file that holds a key's signature over a document, in the document's folder:
 * 16 digits of the document's SHA-256, '.', the key's id, ".sig". Named by content, so that a new
 * document never meets an old signature, whatever order files and caches change in.
 * crypto NULL: ota_crypto_builtin. OTA_ERR_ARG: no 16 digits of id; statuses of hash_start. */
#define OTA_SIG_NAME_SIZE 38u /* with NUL */
OTA_MUST_CHECK ota_status_t ota_signed_name(const ota_crypto_t *crypto, const uint8_t *bytes,
                                            size_t len, ota_text_t key_id,
                                            char name[OTA_SIG_NAME_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
