/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests: loaded, found again, put in place. */
#include "host/release.h"

#include "host/file.h"
#include "host/release_place.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void release_free(release_t *release)
{
    cJSON_Delete(release->json);
    release_document_free(&release->document);
    *release = (release_t){0};
}

/* The reader's view and the tree of bytes that were read. */
static bool open_both(release_t *release, release_trouble_t *trouble)
{
    ota_fault_t fault;
    if (ota_manifest_open(&release->manifest, release->document.bytes, release->document.len,
                          &fault) != OTA_OK) {
        return release_fail_status(trouble, &fault, release->document.name);
    }
    release->json =
        cJSON_ParseWithLength((const char *)release->document.bytes, release->document.len);
    return release->json != NULL || release_fail(trouble, NULL, release->document.name,
                                                 "close other programs", "out of memory");
}

bool release_load(release_t *release, const release_place_t *place, const ota_keys_t *keys,
                  bool *absent, release_trouble_t *trouble)
{
    char folder[RELEASE_PATH];
    release_signatures_t signatures;
    ota_fault_t fault;
    *release = (release_t){0};
    if (!release_folder(folder, place->root, place->product, place->channel, false, trouble) ||
        !release_document_read(&release->document, folder, "manifest.json", absent, trouble)) {
        return false;
    }
    if (*absent) {
        return true;
    }
    bool ok = release_verify(&release->document, keys, &signatures, &fault) == OTA_OK ||
              release_fail_status(trouble, &fault, "manifest.json");
    ok = ok && open_both(release, trouble);
    if (!ok) {
        release_free(release);
    }
    return ok;
}

/* This document, if it reads well, is trusted as far as `keys` ask, and of this version. */
static bool is_release_of(release_t *release, const ota_keys_t *keys, const char *version)
{
    release_trouble_t passed_over;
    release_signatures_t signatures;
    return (keys == NULL ||
            release_verify(&release->document, keys, &signatures, NULL) == OTA_OK) &&
           open_both(release, &passed_over) && ota_text_is(release->manifest.version, version);
}

bool release_find(release_t *release, const release_place_t *place, const ota_keys_t *keys,
                  const char *version, uint32_t serial, bool *absent, release_trouble_t *trouble)
{
    char folder[RELEASE_PATH];
    *release = (release_t){0};
    *absent = true;
    if (!release_folder(folder, place->root, place->product, place->channel, false, trouble)) {
        return false;
    }
    for (uint32_t n = serial; n > 0 && *absent; n--) {
        char name[32];
        release_trouble_t passed_over;
        (void)snprintf(name, sizeof(name), "%" PRIu32 ".json", n);
        if (release_document_read(&release->document, folder, name, NULL, &passed_over) &&
            is_release_of(release, keys, version)) {
            *absent = false;
        } else {
            release_free(release);
        }
    }
    return true;
}

/* --- putting in place ----------------------------------------------------------------------- */

bool release_draft(release_document_t *document, const cJSON *json, release_trouble_t *trouble)
{
    document->bytes = (uint8_t *)release_print(json);
    document->len = document->bytes != NULL ? strlen((const char *)document->bytes) : 0;
    return document->bytes != NULL ||
           release_fail(trouble, NULL, document->folder, "close other programs", "out of memory");
}

bool release_place_document(release_document_t *document, const char *name,
                            release_trouble_t *trouble)
{
    char path[RELEASE_PATH + 64];
    (void)snprintf(path, sizeof(path), "%s/%s", document->folder, name);
    file_result_t result = file_write(path, document->bytes, document->len, true);
    return result == FILE_OK ||
           release_fail(trouble, "FILE", path, "check the folder, its permissions and free space",
                        "cannot write the document: %s", file_result_text(result));
}

/* The copy that stays, then the one that counts. */
static bool place_manifest(release_document_t *document, uint32_t serial,
                           release_trouble_t *trouble)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "%" PRIu32 ".json", serial);
    if (!release_place_document(document, name, trouble)) {
        return false;
    }
    release_sync(document->folder); /* signatures and copy before the manifest that needs them */
    return release_place_document(document, "manifest.json", trouble);
}

/* Every image that the manifest names must lie there, whole: nobody may be sent to a hole. */
static bool images_there(const release_place_t *place, const ota_manifest_t *manifest,
                         release_trouble_t *trouble)
{
    ota_release_image_t image;
    uint32_t at = 0;
    while (ota_manifest_image(manifest, &at, &image)) {
        char name[OTA_IMAGE_PATH_SIZE];
        char path[RELEASE_PATH + OTA_IMAGE_PATH_SIZE];
        uint64_t size = 0;
        ota_manifest_image_path(&image, name);
        (void)snprintf(path, sizeof(path), "%s/%s", place->root, name);
        if (!file_size(path, &size) || size != image.size) {
            return release_fail(trouble, "FILE", path,
                                "put the file back, or publish the version's image again",
                                "an image of the release is missing or has another size");
        }
    }
    return true;
}

static bool sign_all(const release_document_t *document, const ota_keys_t *keys,
                     crypto_key_t *const *signers, size_t count, release_trouble_t *trouble)
{
    bool ok = release_keys_check(keys, signers, count, trouble);
    for (size_t i = 0; ok && i < count; i++) {
        ok = release_sign(document, signers[i], trouble);
    }
    return ok;
}

/* Signed by whom it takes? *pending: by fewer. */
static bool judge(const release_document_t *document, const ota_keys_t *keys, bool *pending,
                  release_trouble_t *trouble)
{
    release_signatures_t signatures;
    ota_fault_t fault;
    ota_status_t status = release_verify(document, keys, &signatures, &fault);
    *pending = status == OTA_ERR_KEYS_THRESHOLD;
    return status == OTA_OK || *pending || release_fail_status(trouble, &fault, "the new manifest");
}

static bool open_draft(ota_manifest_t *manifest, const release_document_t *document,
                       release_trouble_t *trouble)
{
    ota_fault_t fault;
    return ota_manifest_open(manifest, document->bytes, document->len, &fault) == OTA_OK ||
           release_fail_status(trouble, &fault, "the new manifest");
}

bool release_commit(const release_place_t *place, const ota_keys_t *keys, const cJSON *json,
                    crypto_key_t *const *signers, size_t count, bool *pending,
                    release_trouble_t *trouble)
{
    release_document_t document = {0};
    ota_manifest_t manifest;
    bool ok = release_folder(document.folder, place->root, place->product, place->channel, true,
                             trouble) &&
              release_draft(&document, json, trouble) &&
              open_draft(&manifest, &document, trouble) &&
              images_there(place, &manifest, trouble) &&
              sign_all(&document, keys, signers, count, trouble) &&
              judge(&document, keys, pending, trouble);
    if (ok) {
        ok = *pending ? release_place_document(&document, "next.json", trouble)
                      : place_manifest(&document, manifest.serial, trouble);
    }
    release_document_free(&document);
    return ok;
}

/* --- next.json ------------------------------------------------------------------------------ */

static bool remove_next(const release_document_t *next, release_trouble_t *trouble)
{
    char path[RELEASE_PATH + 64];
    (void)snprintf(path, sizeof(path), "%s/%s", next->folder, next->name);
    return unlink(path) == 0 || release_fail(trouble, "FILE", path, "remove it by hand",
                                             "the document counts now, but its draft stays");
}

/* A manifest replaces the one that counts only if it counts on from there: a draft that lay about
 * while another release was published would take devices back. */
static bool counts_on(const release_place_t *place, const ota_keys_t *keys,
                      const ota_manifest_t *manifest, release_trouble_t *trouble)
{
    release_t present;
    bool absent = false;
    if (!release_load(&present, place, keys, &absent, trouble)) {
        return false;
    }
    bool ok = absent || manifest->serial > present.manifest.serial;
    release_free(&present);
    return ok || release_fail(trouble, "OTA_ERR_RELEASE_SERIAL", "next.json", "publish it again",
                              "another release was published meanwhile");
}

static bool promote_manifest(const char *root, const ota_keys_t *keys, release_document_t *document,
                             bool *done, release_trouble_t *trouble)
{
    ota_manifest_t manifest;
    ota_fault_t fault;
    release_signatures_t signatures;
    char product[OTA_NAME_MAX + 1];
    char channel[OTA_NAME_MAX + 1];
    ota_status_t status = ota_manifest_open(&manifest, document->bytes, document->len, &fault);
    if (status == OTA_OK) {
        status = release_verify(document, keys, &signatures, &fault);
    }
    *done = status == OTA_OK;
    if (!*done) {
        return status == OTA_ERR_KEYS_THRESHOLD ||
               release_fail_status(trouble, &fault, document->name);
    }
    (void)snprintf(product, sizeof(product), "%.*s", (int)manifest.product.len,
                   manifest.product.at);
    (void)snprintf(channel, sizeof(channel), "%.*s", (int)manifest.channel.len,
                   manifest.channel.at);
    const release_place_t place = {root, product, channel};
    return counts_on(&place, keys, &manifest, trouble) &&
           place_manifest(document, manifest.serial, trouble);
}

static bool promote_keys(const ota_keys_t *held, release_document_t *document, bool *done,
                         release_trouble_t *trouble)
{
    ota_keys_t next;
    ota_fault_t fault;
    char name[32];
    ota_status_t status = release_follow(document, held, &next, &fault);
    *done = status == OTA_OK;
    if (!*done) {
        return status == OTA_ERR_KEYS_THRESHOLD ||
               release_fail_status(trouble, &fault, document->name);
    }
    (void)snprintf(name, sizeof(name), "%" PRIu32 ".json", next.version);
    return release_place_document(document, name, trouble);
}

bool release_promote(const char *root, const char *product, const release_document_t *next,
                     bool *done, release_trouble_t *trouble)
{
    release_keys_t keys;
    ota_keys_t set;
    bool absent = false;
    release_document_t document = *next;
    bool is_keys = ota_keys_open(&set, next->bytes, next->len, NULL) == OTA_OK;
    *done = false;
    if (!release_keys_load(&keys, root, product, NULL, &absent, trouble)) {
        return false;
    }
    bool ok = false;
    if (absent && is_keys) {
        release_signatures_t signatures;
        ota_fault_t fault;
        *done = release_verify(&document, &set, &signatures, &fault) == OTA_OK;
        ok = !*done || release_place_document(&document, "1.json", trouble);
    } else {
        ok = is_keys ? promote_keys(&keys.set, &document, done, trouble)
                     : promote_manifest(root, &keys.set, &document, done, trouble);
    }
    release_keys_free(&keys);
    return ok && (!*done || remove_next(next, trouble));
}
