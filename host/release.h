/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Releases: the directory that a publisher writes and any static host serves as it is.
 *
 *   ROOT/images/SHA256.bin                  images, named by content
 *   ROOT/PRODUCT/keys/N.json                key sets, N = 1, 2, ..
 *   ROOT/PRODUCT/CHANNEL/manifest.json      the release that counts
 *   ROOT/PRODUCT/CHANNEL/SERIAL.json        every manifest that ever counted, the same bytes
 *   ROOT/PRODUCT/CHANNEL/next.json          one that waits for more signatures (keys/next.json too)
 *   beside each document                    HASH.KEYID.sig, its detached signatures
 *
 * Order of writing: images, signatures, SERIAL.json, and last manifest.json by a rename. Everything
 * but manifest.json and next.json is written once and never changed, so that a reader who comes at
 * any moment finds a whole release: the old one or the new one. docs/manifest.md is the
 * specification.
 *
 * Documents are built with cJSON: members that this version does not know survive a new rollout.
 * Before anything is written a document has passed the device's own reader.
 */
#ifndef HOST_RELEASE_H
#define HOST_RELEASE_H

#include <cjson/cJSON.h>

#include "ota/manifest.h"
#include "ports/crypto/openssl_key.h"

#define RELEASE_PATH 4096u
#define RELEASE_IDS  OTA_KEYS_MAX

/* What went wrong, in the three parts of a message. */
typedef struct {
    const char *code; /* "FILE", "KEY", or a status' name; constant */
    char what[512];
    char where[RELEASE_PATH];
    char todo[512];
} release_trouble_t;

/* Fills the three parts; returns false, to be returned. `what` and `todo` are cut if need be. */
bool release_fail(release_trouble_t *trouble, const char *code, const char *where, const char *todo,
                  const char *what, ...) __attribute__((format(printf, 5, 6)));
/* The words of host/explain for a failure of the library. */
bool release_fail_status(release_trouble_t *trouble, const ota_fault_t *fault, const char *where);

/* A document in memory and in its folder. Zeroed: none. */
typedef struct {
    uint8_t *bytes; /* a NUL follows; release_document_free */
    size_t len;
    char folder[RELEASE_PATH];
    char name[64];
} release_document_t;

void release_document_free(release_document_t *document);
/* Reads folder/name. `absent` (may be NULL): it is not there, which is then no trouble. */
bool release_document_read(release_document_t *document, const char *folder, const char *name,
                           bool *absent, release_trouble_t *trouble);
/* Text with two blanks a level and what is short on one line; free() it. NULL: no memory. */
char *release_print(const cJSON *json);

/* --- signatures ---------------------------------------------------------------------------- */

/* The signatures that lie beside a document, of any key of the set. */
typedef struct {
    ota_detached_t list[OTA_KEYS_MAX];
    uint8_t bytes[OTA_KEYS_MAX][OTA_SIG_MAX];
    uint32_t count;
} release_signatures_t;

void release_signatures_read(const release_document_t *document, const ota_keys_t *keys,
                             release_signatures_t *signatures);

/* Signs a document with a key and writes the signature beside it. */
bool release_sign(const release_document_t *document, const crypto_key_t *key,
                  release_trouble_t *trouble);

/* Do enough keys of the set vouch for it? The fault says how many do. */
ota_status_t release_verify(const release_document_t *document, const ota_keys_t *keys,
                            release_signatures_t *signatures, ota_fault_t *fault);

/* --- key sets ------------------------------------------------------------------------------ */

typedef struct {
    release_document_t document;
    ota_keys_t set;
} release_keys_t;

void release_keys_free(release_keys_t *keys);

/* A key set as a document in memory: print it with release_print. NULL: no memory, or a key that
 * is neither P-256 nor RSA-3072. */
cJSON *release_keys_json(const char *product, uint32_t version, uint32_t threshold,
                         crypto_key_t *const *keys, size_t count);

/* The newest key set of a product: from keys/1.json (or, if given, from `trusted`, a file with a
 * key set that is trusted) along the chain. *absent: there is no set at all. */
bool release_keys_load(release_keys_t *keys, const char *root, const char *product,
                       const char *trusted, bool *absent, release_trouble_t *trouble);

/* Is this key in the set? */
bool release_keys_has(const ota_keys_t *set, const crypto_key_t *key);

/* All of them? */
bool release_keys_check(const ota_keys_t *set, crypto_key_t *const *signers, size_t count,
                        release_trouble_t *trouble);

/* Signs `json`, the key set that follows `held` (NULL: the first one), and puts it in place, or as
 * next.json where signatures are missing (*pending). */
bool release_keys_commit(const char *root, const char *product, const ota_keys_t *held,
                         const cJSON *json, crypto_key_t *const *signers, size_t count,
                         bool *pending, release_trouble_t *trouble);

/* What `held` vouches for, in every channel, gets the signature of each signer that is in `next`:
 * devices that take the new set over must still find a release that it vouches for, and the
 * publisher must find the earlier ones. To be called before the new set counts. */
bool release_resign(const char *root, const char *product, const ota_keys_t *held,
                    const ota_keys_t *next, crypto_key_t *const *signers, size_t count,
                    release_trouble_t *trouble);

/* --- manifests ----------------------------------------------------------------------------- */

typedef struct {
    const char *root;
    const char *product;
    const char *channel;
} release_place_t;

/* The manifest that counts, verified by `keys`; *absent: there is none yet. `json` is its tree. */
typedef struct {
    release_document_t document;
    ota_manifest_t manifest;
    cJSON *json;
} release_t;

void release_free(release_t *release);
bool release_load(release_t *release, const release_place_t *place, const ota_keys_t *keys,
                  bool *absent, release_trouble_t *trouble);
/* An earlier manifest of this version, the newest one; *absent: never published. Reads the
 * SERIAL.json up to `serial`; those that cannot be read are passed over, and with `keys` those
 * for which they do not vouch: whoever holds the directory could have put them there. */
bool release_find(release_t *release, const release_place_t *place, const ota_keys_t *keys,
                  const char *version, uint32_t serial, bool *absent, release_trouble_t *trouble);

/* Signs and puts in place, as release_keys_commit. A manifest carries `serial`, `issued` and
 * `keys` already. */
bool release_commit(const release_place_t *place, const ota_keys_t *keys, const cJSON *json,
                    crypto_key_t *const *signers, size_t count, bool *pending,
                    release_trouble_t *trouble);

/* next.json has got another signature: puts it in place if there are enough now. *done: it was. */
bool release_promote(const char *root, const char *product, const release_document_t *next,
                     bool *done, release_trouble_t *trouble);

/* Facts of an image as an entry of `images`. `bytes` are a whole image that
 * the device's verifier has passed; variant may be NULL. NULL: no memory. */
cJSON *release_image(const uint8_t *bytes, size_t len, const char *variant);
/* Its file into ROOT/images. */
bool release_image_store(const char *root, const uint8_t *bytes, size_t len,
                         release_trouble_t *trouble);

/* One publisher of a product at a time: locks ROOT/PRODUCT until release_unlock. -1: trouble. */
int release_lock(const char *root, const char *product, release_trouble_t *trouble);
void release_unlock(int lock);

/* "ROOT/PRODUCT/CHANNEL", made if need be with `make`. */
bool release_folder(char folder[RELEASE_PATH], const char *root, const char *product,
                    const char *channel, bool make, release_trouble_t *trouble);

#endif
