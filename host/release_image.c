/* SPDX-License-Identifier: Apache-2.0 */
/* An image becomes a file of the directory and an entry of a manifest. */
#include "host/release.h"

#include "host/file.h"
#include "host/image_info.h"
#include "host/release_place.h"
#include "ports/crypto/openssl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool digest_of(const uint8_t *bytes, size_t len, uint8_t digest[OTA_SHA256_SIZE])
{
    ota_hash_t hash;
    if (crypto_openssl.hash_start(crypto_openssl.ctx, &hash, OTA_HASH_SHA256) != OTA_OK) {
        return false;
    }
    crypto_openssl.hash_update(crypto_openssl.ctx, &hash, bytes, len);
    crypto_openssl.hash_finish(crypto_openssl.ctx, &hash, digest);
    return true;
}

/* A file whose name is its content need not be written twice; one that is damaged is. */
static bool write_image(const char *path, const uint8_t *bytes, size_t len,
                        release_trouble_t *trouble)
{
    uint8_t *there = NULL;
    size_t there_len = 0;
    bool same = file_read(path, len, &there, &there_len) == FILE_OK && there_len == len &&
                memcmp(there, bytes, len) == 0;
    free(there);
    file_result_t result = same ? FILE_OK : file_write(path, bytes, len, true);
    return result == FILE_OK ||
           release_fail(trouble, "FILE", path, "check the folder, its permissions and free space",
                        "cannot write the image: %s", file_result_text(result));
}

/* Only what says something: a limit that no chip meets is none. */
static void add_number(cJSON *entry, const char *name, uint32_t value, uint32_t nothing)
{
    if (value != nothing) {
        (void)cJSON_AddNumberToObject(entry, name, value);
    }
}

static cJSON *entry_of(const image_info_t *info, size_t len, const char *sha256,
                       const char *variant)
{
    cJSON *entry = cJSON_CreateObject();
    uint8_t size_code = info->header.spi_speed_size >> 4;
    uint32_t flash_size = size_code < 8 ? 0x100000u << size_code : 0;
    (void)cJSON_AddStringToObject(entry, "sha256", sha256);
    (void)cJSON_AddNumberToObject(entry, "size", (double)len);
    (void)cJSON_AddNumberToObject(entry, "chip", info->header.chip_id);
    if (variant != NULL) {
        (void)cJSON_AddStringToObject(entry, "variant", variant);
    }
    add_number(entry, "min_rev", info->header.min_rev, 0);
    add_number(entry, "max_rev", info->header.max_rev != 0 ? info->header.max_rev : 0xFFFF, 0xFFFF);
    add_number(entry, "secure_version", info->has_app_desc ? info->app.secure_version : 0, 0);
    add_number(entry, "flash_size", flash_size, 0);
    (void)cJSON_AddNumberToObject(entry, "slot_size", (double)len);
    (void)cJSON_AddNumberToObject(entry, "slots", 2);
    return entry;
}

/* "" if OpenSSL cannot hash. */
static void name_of(const uint8_t *bytes, size_t len, char sha256[2 * OTA_SHA256_SIZE + 1])
{
    uint8_t digest[OTA_SHA256_SIZE];
    sha256[0] = '\0';
    if (digest_of(bytes, len, digest)) {
        image_hex(digest, sizeof(digest), sha256);
    }
}

cJSON *release_image(const uint8_t *bytes, size_t len, const char *variant)
{
    static image_info_t info;
    char sha256[2 * OTA_SHA256_SIZE + 1];
    name_of(bytes, len, sha256);
    image_info_read(bytes, len, &info);
    return entry_of(&info, len, sha256, variant);
}

bool release_image_store(const char *root, const uint8_t *bytes, size_t len,
                         release_trouble_t *trouble)
{
    char sha256[2 * OTA_SHA256_SIZE + 1];
    char folder[RELEASE_PATH];
    char path[RELEASE_PATH + OTA_IMAGE_PATH_SIZE];
    name_of(bytes, len, sha256);
    if (!release_folder(folder, root, "images", NULL, true, trouble)) {
        return false;
    }
    (void)snprintf(path, sizeof(path), "%s/%s.bin", folder, sha256);
    bool ok = write_image(path, bytes, len, trouble);
    release_sync(folder);
    return ok;
}
