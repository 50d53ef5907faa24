/* SPDX-License-Identifier: Apache-2.0 */
/* The next key set's signatures under what is published already. */
#include "host/release.h"

#include "host/release_place.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const ota_keys_t *held;
    const ota_keys_t *next;
    crypto_key_t *const *signers;
    size_t count;
} resign_t;

static bool sign_one(const resign_t *resign, const release_document_t *document,
                     release_trouble_t *trouble)
{
    for (size_t i = 0; i < resign->count; i++) {
        if (release_keys_has(resign->next, resign->signers[i]) &&
            !release_sign(document, resign->signers[i], trouble)) {
            return false;
        }
    }
    return true;
}

/* SERIAL.json: the present manifest is the last of them. */
static bool sign_channel(const resign_t *resign, const char *folder, uint32_t serial,
                         release_trouble_t *trouble)
{
    bool ok = true;
    for (uint32_t n = 1; ok && n <= serial; n++) {
        char name[32];
        release_document_t document;
        release_signatures_t signatures;
        release_trouble_t passed_over;
        (void)snprintf(name, sizeof(name), "%" PRIu32 ".json", n);
        if (release_document_read(&document, folder, name, NULL, &passed_over) &&
            release_verify(&document, resign->held, &signatures, NULL) == OTA_OK) {
            ok = sign_one(resign, &document, trouble);
        }
        release_document_free(&document);
    }
    return ok;
}

bool release_resign(const char *root, const char *product, const ota_keys_t *held,
                    const ota_keys_t *next, crypto_key_t *const *signers, size_t count,
                    release_trouble_t *trouble)
{
    const resign_t resign = {held, next, signers, count};
    char folder[RELEASE_PATH];
    if (!release_folder(folder, root, product, NULL, false, trouble)) {
        return false;
    }
    bool ok = true;
    DIR *dir = opendir(folder);
    for (struct dirent *entry = dir != NULL ? readdir(dir) : NULL; ok && entry != NULL;
         entry = readdir(dir)) {
        const release_place_t place = {root, product, entry->d_name};
        release_t release;
        release_trouble_t passed_over;
        bool absent = true;
        if (entry->d_name[0] != '.' &&
            release_load(&release, &place, held, &absent, &passed_over) && !absent) {
            ok = sign_channel(&resign, release.document.folder, release.manifest.serial, trouble);
            release_free(&release);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return ok;
}
