/* SPDX-License-Identifier: Apache-2.0 */
/* Key sets: made, loaded along their chain, put in place. */
#include "host/release.h"

#include "host/image_info.h"
#include "host/release_place.h"
#include "ports/crypto/openssl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_MAX 1000u /* rotations; a walk must end */

void release_keys_free(release_keys_t *keys)
{
    release_document_free(&keys->document);
    *keys = (release_keys_t){0};
}

bool release_keys_has(const ota_keys_t *set, const crypto_key_t *key)
{
    char id[CRYPTO_KEY_ID];
    for (uint32_t i = 0; crypto_key_id(key, id) && i < set->count; i++) {
        if (ota_text_is(set->key[i].id, id)) {
            return true;
        }
    }
    return false;
}

bool release_keys_check(const ota_keys_t *set, crypto_key_t *const *signers, size_t count,
                        release_trouble_t *trouble)
{
    for (size_t i = 0; i < count; i++) {
        if (!release_keys_has(set, signers[i])) {
            char id[CRYPTO_KEY_ID] = "?";
            (void)crypto_key_id(signers[i], id);
            return release_fail(trouble, "OTA_ERR_SIGNATURE_KEY", id,
                                "sign with a key of the product's set (`otary keys show`), or take "
                                "this one into it with `otary keys rotate`",
                                "devices of this product do not trust the key");
        }
    }
    return true;
}

/* --- making --------------------------------------------------------------------------------- */

static cJSON *key_json(const crypto_key_t *key)
{
    char id[CRYPTO_KEY_ID];
    uint8_t numbers[CRYPTO_NUMBERS_MAX];
    char text[2 * CRYPTO_NUMBERS_MAX + 1];
    uint8_t r[384];
    uint32_t exponent = 0;
    uint32_t m = 0;
    bool rsa = crypto_key_kind(key) == OTA_SIGNATURE_RSA3072_PSS;
    size_t len = crypto_key_numbers(key, numbers);
    if ((!rsa && crypto_key_kind(key) != OTA_SIGNATURE_ECDSA_P256) || len == 0 ||
        !crypto_key_id(key, id) || (rsa && !crypto_key_rsa(key, &exponent, r, &m))) {
        return NULL;
    }
    image_hex(numbers, len, text);
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(json, "id", id);
    (void)cJSON_AddStringToObject(json, "kind", rsa ? "rsa-3072" : "ecdsa-p256");
    (void)cJSON_AddStringToObject(json, "public", text);
    if (rsa) {
        (void)cJSON_AddNumberToObject(json, "exponent", exponent);
    }
    return json;
}

cJSON *release_keys_json(const char *product, uint32_t version, uint32_t threshold,
                         crypto_key_t *const *keys, size_t count)
{
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(json, "otary", "keys");
    (void)cJSON_AddNumberToObject(json, "format", OTA_DOCUMENT_FORMAT);
    (void)cJSON_AddStringToObject(json, "product", product);
    (void)cJSON_AddNumberToObject(json, "version", version);
    (void)cJSON_AddNumberToObject(json, "threshold", threshold);
    cJSON *list = cJSON_AddArrayToObject(json, "keys");
    for (size_t i = 0; i < count; i++) {
        cJSON *key = key_json(keys[i]);
        if (key == NULL || !cJSON_AddItemToArray(list, key)) {
            cJSON_Delete(key);
            cJSON_Delete(json);
            return NULL;
        }
    }
    return json;
}

/* --- loading -------------------------------------------------------------------------------- */

/* The set is trusted for another reason than signatures. */
static bool open_first(release_keys_t *keys, const char *path, release_trouble_t *trouble)
{
    ota_fault_t fault;
    ota_status_t status =
        ota_keys_open(&keys->set, keys->document.bytes, keys->document.len, &fault);
    return status == OTA_OK || release_fail_status(trouble, &fault, path);
}

/* The new set names its own keys' signatures, so it is read here before it is trusted; what counts
 * is what ota_keys_replace says, which begins with the signatures of the held keys. */
ota_status_t release_follow(const release_document_t *document, const ota_keys_t *held,
                            ota_keys_t *next, ota_fault_t *fault)
{
    release_signatures_t of_held;
    release_signatures_t of_next;
    ota_detached_t all[2 * OTA_KEYS_MAX];
    uint32_t count = 0;
    ota_keys_t named;
    ota_status_t status = ota_keys_open(&named, document->bytes, document->len, fault);
    if (status != OTA_OK) {
        return status;
    }
    release_signatures_read(document, held, &of_held);
    release_signatures_read(document, &named, &of_next);
    for (uint32_t i = 0; i < of_held.count; i++) {
        all[count++] = of_held.list[i];
    }
    for (uint32_t i = 0; i < of_next.count; i++) {
        all[count++] = of_next.list[i];
    }
    const ota_signed_t whole = {document->bytes, (uint32_t)document->len, all, count};
    return ota_keys_replace(held, next, &crypto_openssl, &whole, fault);
}

/* keys/N.json follows the held set. *absent: there is none. */
static bool step(release_keys_t *keys, const char *folder, bool *absent, release_trouble_t *trouble)
{
    char name[32];
    release_keys_t next = {0};
    ota_fault_t fault;
    (void)snprintf(name, sizeof(name), "%" PRIu32 ".json", keys->set.version + 1);
    if (!release_document_read(&next.document, folder, name, absent, trouble)) {
        return false;
    }
    if (*absent) {
        return true;
    }
    if (release_follow(&next.document, &keys->set, &next.set, &fault) != OTA_OK) {
        release_keys_free(&next);
        return release_fail_status(trouble, &fault, name);
    }
    release_document_free(&keys->document);
    *keys = next;
    return true;
}

/* A trusted set from a file of the caller's, which may lie anywhere. */
static bool read_trusted(release_keys_t *keys, const char *path, release_trouble_t *trouble)
{
    const char *slash = strrchr(path, '/');
    char folder[RELEASE_PATH] = ".";
    if (slash != NULL) {
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
    }
    return release_document_read(&keys->document, slash == path ? "/" : folder,
                                 slash != NULL ? slash + 1 : path, NULL, trouble) &&
           open_first(keys, path, trouble);
}

/* Where the chain begins. */
static bool load_first(release_keys_t *keys, const char *folder, const char *trusted, bool *absent,
                       release_trouble_t *trouble)
{
    if (trusted != NULL) {
        return read_trusted(keys, trusted, trouble);
    }
    return release_document_read(&keys->document, folder, "1.json", absent, trouble) &&
           (*absent || open_first(keys, "keys/1.json", trouble));
}

bool release_keys_load(release_keys_t *keys, const char *root, const char *product,
                       const char *trusted, bool *absent, release_trouble_t *trouble)
{
    char folder[RELEASE_PATH];
    *keys = (release_keys_t){0};
    *absent = false;
    bool ok = release_folder(folder, root, product, "keys", false, trouble) &&
              load_first(keys, folder, trusted, absent, trouble);
    bool end = *absent;
    for (uint32_t i = 0; ok && !end && i < CHAIN_MAX; i++) {
        ok = step(keys, folder, &end, trouble);
    }
    if (!ok) {
        release_keys_free(keys);
    }
    return ok;
}

/* --- putting in place ----------------------------------------------------------------------- */

/* Signed by whom it takes? *pending: by fewer. */
static bool judge(const release_document_t *document, const ota_keys_t *held, ota_keys_t *next,
                  bool *pending, release_trouble_t *trouble)
{
    ota_fault_t fault;
    release_signatures_t signatures;
    ota_status_t status = held != NULL ? release_follow(document, held, next, &fault)
                                       : release_verify(document, next, &signatures, &fault);
    *pending = status == OTA_ERR_KEYS_THRESHOLD;
    return status == OTA_OK || *pending || release_fail_status(trouble, &fault, "the new key set");
}

/* Read as a device reads it, and signed. */
static bool open_and_sign(const release_document_t *document, ota_keys_t *next,
                          crypto_key_t *const *signers, size_t count, release_trouble_t *trouble)
{
    ota_fault_t fault;
    if (ota_keys_open(next, document->bytes, document->len, &fault) != OTA_OK) {
        return release_fail_status(trouble, &fault, "the new key set");
    }
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        ok = release_sign(document, signers[i], trouble);
    }
    return ok;
}

bool release_keys_commit(const char *root, const char *product, const ota_keys_t *held,
                         const cJSON *json, crypto_key_t *const *signers, size_t count,
                         bool *pending, release_trouble_t *trouble)
{
    release_document_t document = {0};
    ota_keys_t next;
    bool ok = release_folder(document.folder, root, product, "keys", true, trouble) &&
              release_draft(&document, json, trouble) &&
              open_and_sign(&document, &next, signers, count, trouble) &&
              judge(&document, held, &next, pending, trouble);
    if (ok && held != NULL) {
        ok = release_resign(root, product, held, &next, signers, count, trouble);
    }
    if (ok) {
        char name[32];
        (void)snprintf(name, sizeof(name), "%" PRIu32 ".json", next.version);
        ok = release_place_document(&document, *pending ? "next.json" : name, trouble);
    }
    release_document_free(&document);
    return ok;
}
