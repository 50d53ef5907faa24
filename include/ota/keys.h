/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys: whose signatures count, how many of them it takes, and how that changes.
 *
 * A key set is a document (docs/manifest.md, "Key sets"). A device is born with one, compiled in;
 * from there the next one must be signed by as many keys as the held one asks for, and by as many
 * of its own as it asks for itself, and carry a higher version. A key that is in no newer set is
 * revoked: there is no other list.
 *
 * Signatures are checked by the crypto port; the bytes of a document are never parsed before.
 */
#ifndef OTA_KEYS_H
#define OTA_KEYS_H

#include "ota/document.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_KEYS_MAX 8u

typedef struct {
    ota_text_t id;
    ota_text_t number; /* hexadecimal, big-endian: X || Y, or the RSA modulus */
    uint32_t exponent; /* RSA; 0: ECDSA P-256 */
} ota_key_t;

/* A key set, as offsets into the caller's bytes, which must outlive it. */
typedef struct {
    ota_text_t product;
    uint32_t version;
    uint32_t threshold;
    uint32_t count;
    ota_key_t key[OTA_KEYS_MAX];
} ota_keys_t;

/* Read a key set that is trusted for another reason: compiled in, or verified when it was stored.
 * fault may be NULL. Statuses of reading (OTA_ERR_JSON_*, _DOCUMENT_*, _FIELD_*);
 * OTA_ERR_KEYS_SET (no key, one twice, or a threshold that they cannot reach). */
OTA_MUST_CHECK ota_status_t ota_keys_open(ota_keys_t *keys, const uint8_t *bytes, size_t len,
                                          ota_fault_t *fault);

/* Do enough different keys of the set vouch for these bytes? Looks at every signature and leaves
 * its verdict beside it. crypto NULL: ota_crypto_builtin, which checks none.
 * OTA_ERR_KEYS_THRESHOLD (fault->found good ones, fault->expected wanted); OTA_ERR_UNSUPPORTED
 * (the port checks no signatures, or cannot hash). */
OTA_MUST_CHECK ota_status_t ota_keys_verify(const ota_keys_t *keys, const ota_crypto_t *crypto,
                                            const ota_signed_t *document, ota_fault_t *fault);

/* Take over the next key set: verifies `document` by `held`, reads it into `next`, verifies it by
 * `next` too. Then `next` counts and `held` is forgotten: store document and version first.
 * Statuses of ota_keys_verify and ota_keys_open; OTA_ERR_KEYS_PRODUCT; OTA_ERR_KEYS_OLD. After a
 * failure `next` means nothing. To learn whose signatures to fetch for it: verify the document by
 * `held`, then ota_keys_open names its keys. */
OTA_MUST_CHECK ota_status_t ota_keys_replace(const ota_keys_t *held, ota_keys_t *next,
                                             const ota_crypto_t *crypto,
                                             const ota_signed_t *document, ota_fault_t *fault);

#ifdef __cplusplus
}
#endif

#endif
