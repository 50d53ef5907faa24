/* SPDX-License-Identifier: Apache-2.0 */
/* What the publisher made, and what somebody else did. */
#include "lab/net/hostile_parts.h"

#include "core/bytes.h"
#include "ports/crypto/openssl.h"

#include <stdio.h>
#include <string.h>

#define HEX_SIZE (2u * OTA_SHA256_SIZE + 1u)

static void sha256(const void *bytes, size_t len, uint8_t digest[OTA_SHA256_SIZE])
{
    ota_hash_t hash;
    if (crypto_openssl.hash_start(NULL, &hash, OTA_HASH_SHA256) == OTA_OK) {
        crypto_openssl.hash_update(NULL, &hash, bytes, len);
        crypto_openssl.hash_finish(NULL, &hash, digest);
    }
}

static void put(hostile_site_t *site, const char *path, const void *bytes, uint32_t len)
{
    hostile_document_t *file = &site->file[site->files++];
    (void)snprintf(file->path, sizeof(file->path), "%s", path);
    file->bytes = bytes;
    file->len = len;
}

/* A signature is the digest; it is good for those pairs of digest and key that stand in `made`, so
 * that no search can come upon one. */
static bool sign(hostile_site_t *site, const char *folder, const char *text, char key)
{
    char id[OTA_KEY_ID_SIZE];
    char name[OTA_SIG_NAME_SIZE];
    char path[160];
    uint8_t *bytes = site->signature[site->made_count];
    hostile_signed_t *made = &site->made[site->made_count++];
    memset(id, key, sizeof(id));
    if (ota_signed_name(&crypto_openssl, (const uint8_t *)text, strlen(text),
                        (ota_text_t){id, OTA_KEY_ID_SIZE}, name) != OTA_OK) {
        return false;
    }
    sha256(text, strlen(text), made->digest);
    made->key = (uint8_t)(ota_hex_digit((uint8_t)key, false) * 17);
    memcpy(bytes, made->digest, OTA_SHA256_SIZE);
    (void)snprintf(path, sizeof(path), "/%s/%s", folder, name);
    put(site, path, bytes, OTA_SIG_MAX);
    return true;
}

bool hostile_vouched(const hostile_site_t *site, const ota_signature_t *signature)
{
    for (size_t i = 0; i < site->made_count; i++) {
        const hostile_signed_t *made = &site->made[i];
        if (signature->signature_len == OTA_SIG_MAX && made->key == signature->key[0] &&
            memcmp(made->digest, signature->digest, OTA_SHA256_SIZE) == 0 &&
            memcmp(made->digest, signature->signature, OTA_SHA256_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

static void key_set(char *text, size_t room, unsigned version, char key)
{
    char id[OTA_KEY_ID_SIZE + 1];
    char number[769];
    memset(id, key, OTA_KEY_ID_SIZE);
    memset(number, key, 768);
    id[OTA_KEY_ID_SIZE] = number[768] = '\0';
    (void)snprintf(text, room,
                   "{\"otary\":\"keys\",\"format\":1,\"product\":\"lamp\",\"version\":%u,"
                   "\"threshold\":1,\"keys\":[{\"id\":\"%s\",\"kind\":\"rsa-3072\",\"public\":"
                   "\"%s\"}]}",
                   version, id, number);
}

typedef struct {
    const char *product;
    const char *version;
    unsigned serial;
    unsigned order;
    unsigned image;
} release_t;

static const release_t releases[] = {
    {"lamp", "2.0", 2, 5, 1},
    {"lamp", "1.0", 1, 4, 0},
    {"stove", "6.6", 77, 6, 2},
    {"lamp", "6.6", 99, 9, 2}, /* nobody signs it */
};

static void manifest(hostile_site_t *site, unsigned n)
{
    uint8_t digest[OTA_SHA256_SIZE];
    char sha[HEX_SIZE] = "";
    char path[160];
    const release_t *release = &releases[n];
    const image_bytes_t *image = &site->image[release->image];
    sha256(image->bytes, image->len, digest);
    ota_hex_text(digest, sizeof(digest), sha);
    (void)snprintf(site->text[n], sizeof(site->text[n]),
                   "{\"otary\":\"manifest\",\"format\":1,\"product\":\"%s\",\"channel\":"
                   "\"stable\",\"serial\":%u,\"version\":\"%s\",\"order\":%u,\"issued\":1000,"
                   "\"keys\":1,\"images\":[{\"sha256\":\"%s\",\"size\":%u,\"chip\":0}]}",
                   release->product, release->serial, release->version, release->order, sha,
                   (unsigned)image->len);
    (void)snprintf(path, sizeof(path), n == 0 ? "/lamp/stable/manifest.json" : "/other/%u", n);
    put(site, path, site->text[n], (uint32_t)strlen(site->text[n]));
}

static void put_image(hostile_site_t *site, unsigned n)
{
    uint8_t digest[OTA_SHA256_SIZE];
    char sha[HEX_SIZE] = "";
    char path[160];
    sha256(site->image[n].bytes, site->image[n].len, digest);
    ota_hex_text(digest, sizeof(digest), sha);
    (void)snprintf(path, sizeof(path), "/images/%s.bin", sha);
    put(site, path, site->image[n].bytes, (uint32_t)site->image[n].len);
}

static bool make_images(hostile_site_t *site)
{
    static const char *const versions[3] = {"1.0", "2.0", "6.6"};
    bool ok = true;
    for (unsigned i = 0; ok && i < 3; i++) {
        image_wish_t wish;
        image_wish_default(&wish);
        wish.flash_size = 0; /* 1 MiB */
        wish.version = versions[i];
        wish.seed = i;
        wish.size = IMAGE_SIZE;
        ok = image_build(&wish, &site->image[i]) == OTA_OK;
    }
    return ok;
}

bool hostile_site_start(hostile_site_t *site)
{
    if (!make_images(site)) {
        return false;
    }
    key_set(site->born, sizeof(site->born), 1, 'a');
    key_set(site->text[HOSTILE_KEYS], sizeof(site->text[HOSTILE_KEYS]), 2, 'b');
    for (unsigned i = 0; i < 4; i++) {
        manifest(site, i);
    }
    const char *next = site->text[HOSTILE_KEYS];
    put(site, "/lamp/keys/2.json", next, (uint32_t)strlen(next));
    for (unsigned i = 0; i < 3; i++) {
        put_image(site, i);
    }
    return sign(site, "lamp/stable", site->text[HOSTILE_MANIFEST], 'a') &&
           sign(site, "lamp/stable", site->text[HOSTILE_MANIFEST], 'b') &&
           sign(site, "lamp/stable", site->text[HOSTILE_REPLAYED], 'a') &&
           sign(site, "lamp/stable", site->text[HOSTILE_STOVE], 'a') &&
           sign(site, "lamp/stable", site->text[HOSTILE_STOVE], 'b') &&
           sign(site, "lamp/keys", next, 'a') && sign(site, "lamp/keys", next, 'b');
}

void hostile_site_stop(hostile_site_t *site)
{
    for (unsigned i = 0; i < 3; i++) {
        image_free(&site->image[i]);
    }
}
