/* SPDX-License-Identifier: Apache-2.0 */
#include "support/keys.h"

#include <stdio.h>
#include <stdlib.h>

#define PEM_ROOM 4096u

static bool kept_name(char *name, size_t room, int number)
{
    const char *folder = getenv("OTARY_TEST_KEYS");
    int n = folder != NULL ? snprintf(name, room, "%s/rsa%d.pem", folder, number) : -1;
    return n > 0 && (size_t)n < room;
}

static crypto_key_t *read_key(const char *name)
{
    char pem[PEM_ROOM];
    FILE *file = fopen(name, "r");
    if (file == NULL) {
        return NULL;
    }
    size_t len = fread(pem, 1, sizeof(pem), file);
    (void)fclose(file);
    return crypto_key_read(pem, len);
}

static void write_key(const char *name, const crypto_key_t *key)
{
    char pem[PEM_ROOM];
    size_t len = crypto_key_write(key, false, pem, sizeof(pem));
    FILE *file = fopen(name, "w");
    if (file != NULL) {
        (void)fwrite(pem, 1, len, file);
        (void)fclose(file);
    }
}

crypto_key_t *keys_take(ota_signature_kind_t kind, int number)
{
    char name[1024];
    if (kind != OTA_SIGNATURE_RSA3072_PSS || !kept_name(name, sizeof(name), number)) {
        return crypto_key_generate(kind);
    }
    crypto_key_t *key = read_key(name);
    if (key == NULL) {
        key = crypto_key_generate(kind);
        write_key(name, key);
    }
    return key;
}
