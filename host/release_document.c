/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, their signatures and folders. */
#include "host/release.h"

#include "host/explain.h"
#include "host/file.h"
#include "host/release_place.h"
#include "ports/crypto/openssl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool release_fail(release_trouble_t *trouble, const char *code, const char *where, const char *todo,
                  const char *what, ...)
{
    va_list args;
    trouble->code = code;
    va_start(args, what);
    (void)vsnprintf(trouble->what, sizeof(trouble->what), what, args);
    va_end(args);
    (void)snprintf(trouble->where, sizeof(trouble->where), "%s", where);
    (void)snprintf(trouble->todo, sizeof(trouble->todo), "%s", todo);
    return false;
}

bool release_fail_status(release_trouble_t *trouble, const ota_fault_t *fault, const char *where)
{
    explain_t words;
    explain_fault(fault, &words);
    (void)release_fail(trouble, words.name, where, words.todo, "%s", words.what);
    (void)snprintf(trouble->where, sizeof(trouble->where), "%s: %s", where, words.where);
    return false;
}

/* --- documents ------------------------------------------------------------------------------ */

void release_sync(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

void release_document_free(release_document_t *document)
{
    free(document->bytes);
    *document = (release_document_t){0};
}

bool release_document_read(release_document_t *document, const char *folder, const char *name,
                           bool *absent, release_trouble_t *trouble)
{
    char path[RELEASE_PATH];
    struct stat st;
    *document = (release_document_t){0};
    (void)snprintf(document->folder, sizeof(document->folder), "%s", folder);
    (void)snprintf(document->name, sizeof(document->name), "%s", name);
    int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (n < 0 || (size_t)n >= sizeof(path)) {
        return release_fail(trouble, "FILE", folder, "use a shorter path", "the path is too long");
    }
    if (absent != NULL) {
        *absent = stat(path, &st) != 0 && errno == ENOENT;
        if (*absent) {
            return true;
        }
    }
    file_result_t result = file_read(path, OTA_DOCUMENT_MAX, &document->bytes, &document->len);
    if (result != FILE_OK) {
        return release_fail(trouble, "FILE", path, "check the name and the permissions",
                            "cannot read the document: %s", file_result_text(result));
    }
    return true;
}

static bool make_one(const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

/* mkdir -p. */
static bool make_all(const char *path)
{
    char part[RELEASE_PATH];
    (void)snprintf(part, sizeof(part), "%s", path);
    for (char *at = part + 1; *at != '\0'; at++) {
        if (*at == '/') {
            *at = '\0';
            if (!make_one(part)) {
                return false;
            }
            *at = '/';
        }
    }
    return make_one(part);
}

bool release_folder(char folder[RELEASE_PATH], const char *root, const char *product,
                    const char *channel, bool make, release_trouble_t *trouble)
{
    int n = snprintf(folder, RELEASE_PATH, "%s/%s%s%s", root, product, channel != NULL ? "/" : "",
                     channel != NULL ? channel : "");
    if (n < 0 || (size_t)n + 64 >= RELEASE_PATH) {
        return release_fail(trouble, "FILE", root, "use a shorter path", "the path is too long");
    }
    if (make && !make_all(folder)) {
        return release_fail(trouble, "FILE", folder,
                            "check the folder above it and its permissions",
                            "cannot make the folder: %s", strerror(errno));
    }
    return true;
}

/* A file of ours in the folder: fails if another process holds it. Closing it lets go. */
int release_lock(const char *root, const char *product, release_trouble_t *trouble)
{
    char folder[RELEASE_PATH];
    char path[RELEASE_PATH + 8];
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!release_folder(folder, root, product, NULL, true, trouble)) {
        return -1;
    }
    (void)snprintf(path, sizeof(path), "%s/.lock", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0 && fcntl(fd, F_SETLK, &whole) == 0) {
        return fd;
    }
    bool held = fd >= 0 && (errno == EACCES || errno == EAGAIN);
    (void)release_fail(trouble, "FILE", folder,
                       held ? "wait until it has ended" : "check the folder and its permissions",
                       held ? "another publisher is at work here" : "cannot lock the folder");
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

void release_unlock(int lock)
{
    if (lock >= 0) {
        (void)close(lock);
    }
}

/* --- signatures ----------------------------------------------------------------------------- */

static bool signature_path(const release_document_t *document, ota_text_t id,
                           char path[RELEASE_PATH + 64])
{
    char name[OTA_SIG_NAME_SIZE];
    if (ota_signed_name(&crypto_openssl, document->bytes, document->len, id, name) != OTA_OK) {
        return false;
    }
    (void)snprintf(path, RELEASE_PATH + 64, "%s/%s", document->folder, name);
    return true;
}

void release_signatures_read(const release_document_t *document, const ota_keys_t *keys,
                             release_signatures_t *signatures)
{
    signatures->count = 0;
    for (uint32_t i = 0; i < keys->count; i++) {
        char path[RELEASE_PATH + 64];
        uint8_t *bytes = NULL;
        size_t len = 0;
        if (!signature_path(document, keys->key[i].id, path) ||
            file_read(path, OTA_SIG_MAX, &bytes, &len) != FILE_OK) {
            continue; /* this key has not signed */
        }
        uint32_t n = signatures->count++;
        memcpy(signatures->bytes[n], bytes, len);
        signatures->list[n] = (ota_detached_t){
            .key_id = keys->key[i].id, .bytes = signatures->bytes[n], .len = (uint32_t)len};
        free(bytes);
    }
}

ota_status_t release_verify(const release_document_t *document, const ota_keys_t *keys,
                            release_signatures_t *signatures, ota_fault_t *fault)
{
    release_signatures_read(document, keys, signatures);
    const ota_signed_t whole = {document->bytes, (uint32_t)document->len, signatures->list,
                                signatures->count};
    return ota_keys_verify(keys, &crypto_openssl, &whole, fault);
}

bool release_sign(const release_document_t *document, const crypto_key_t *key,
                  release_trouble_t *trouble)
{
    char path[RELEASE_PATH + 64];
    char id[CRYPTO_KEY_ID];
    uint8_t signature[CRYPTO_NUMBERS_MAX];
    size_t len = crypto_key_sign_document(key, document->bytes, document->len, signature);
    if (len == 0 || !crypto_key_id(key, id) ||
        !signature_path(document, (ota_text_t){id, OTA_KEY_ID_SIZE}, path)) {
        return release_fail(trouble, "KEY", document->folder,
                            "give a private key: ECDSA P-256 or RSA-3072",
                            "this key cannot sign a document");
    }
    file_result_t result = file_write(path, signature, len, true);
    return result == FILE_OK ||
           release_fail(trouble, "FILE", path, "check the folder, its permissions and free space",
                        "cannot write the signature: %s", file_result_text(result));
}
