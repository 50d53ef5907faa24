/* SPDX-License-Identifier: Apache-2.0 */
#include "support/image_vectors.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/unit.h"

#define FILES_MAX 64u

/* Files of the firmware collection, read once. */
static const uint8_t *base_file(const char *name, size_t *len)
{
    static struct {
        char name[160];
        uint8_t *bytes;
        size_t len;
    } files[FILES_MAX];
    size_t i = 0;
    for (; i < FILES_MAX && files[i].bytes != NULL; i++) {
        if (strcmp(files[i].name, name) == 0) {
            *len = files[i].len;
            return files[i].bytes;
        }
    }
    assert_true(i < FILES_MAX);
    char path[256];
    (void)snprintf(path, sizeof(path), "firmware/%s", name);
    const char *full = data_path(path);
    assert_non_null(full);
    (void)snprintf(files[i].name, sizeof(files[i].name), "%s", name);
    files[i].bytes = data_read(full, &files[i].len);
    assert_non_null(files[i].bytes);
    *len = files[i].len;
    return files[i].bytes;
}

/* One change; `bytes` has room for what comes. */
static void apply(const cJSON *op, uint8_t *bytes, size_t *len)
{
    const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(op, 0));
    const cJSON *first = cJSON_GetArrayItem(op, 1);
    const cJSON *second = cJSON_GetArrayItem(op, 2);
    if (strcmp(name, "set") == 0) {
        size_t at = (size_t)cJSON_GetNumberValue(first);
        assert_true(hex_decode(cJSON_GetStringValue(second), bytes + at, *len - at) >= 0);
    } else if (strcmp(name, "truncate") == 0) {
        *len = (size_t)cJSON_GetNumberValue(first);
    } else if (strcmp(name, "append") == 0) {
        const char *hex = cJSON_GetStringValue(first);
        assert_true(hex_decode(hex, bytes + *len, strlen(hex) / 2) >= 0);
        *len += strlen(hex) / 2;
    } else {
        assert_string_equal(name, "fill");
        size_t n = (size_t)cJSON_GetNumberValue(first);
        memset(bytes + *len, (int)cJSON_GetNumberValue(second), n);
        *len += n;
    }
}

static size_t growth(const cJSON *ops)
{
    size_t bytes = 0;
    const cJSON *op = NULL;
    cJSON_ArrayForEach(op, ops)
    {
        const cJSON *first = cJSON_GetArrayItem(op, 1);
        bytes += cJSON_IsString(first) ? strlen(first->valuestring) / 2
                                       : (size_t)cJSON_GetNumberValue(first);
    }
    return bytes;
}

uint8_t *image_vector_bytes(const cJSON *record, size_t *len)
{
    const char *b64 = json_text(record, "b64");
    const cJSON *ops = cJSON_GetObjectItemCaseSensitive(record, "ops");
    uint8_t *bytes = NULL;
    if (b64 != NULL) {
        bytes = malloc(strlen(b64) + 1);
        assert_non_null(bytes);
        long n = base64_decode(b64, bytes, strlen(b64));
        assert_true(n >= 0);
        *len = (size_t)n;
    } else {
        const char *base = json_text(record, "base");
        assert_int_equal(strncmp(base, "dev/", 4), 0);
        const uint8_t *file = base_file(base + 4, len);
        bytes = malloc(*len + growth(ops) + 1);
        assert_non_null(bytes);
        memcpy(bytes, file, *len);
    }
    const cJSON *op = NULL;
    cJSON_ArrayForEach(op, ops)
    {
        apply(op, bytes, len);
    }
    assert_int_equal(*len, json_number(record, "size", -1));
    return bytes;
}

const crypto_key_t *image_vector_key(const char *name)
{
    static struct {
        char name[32];
        crypto_key_t *key;
    } keys[8];
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i].name[0] != '\0' && strcmp(keys[i].name, name) != 0) {
            continue;
        }
        if (keys[i].name[0] == '\0') {
            char path[128];
            size_t len = 0;
            (void)snprintf(path, sizeof(path), "vectors/tables-and-images/keys/%s.pub.pem", name);
            const char *full = data_path(path);
            assert_non_null(full);
            uint8_t *pem = data_read(full, &len);
            assert_non_null(pem);
            (void)snprintf(keys[i].name, sizeof(keys[i].name), "%s", name);
            keys[i].key = crypto_key_read((const char *)pem, len);
            free(pem);
        }
        return keys[i].key;
    }
    fail_msg("too many keys");
    return NULL;
}

typedef struct {
    void (*each)(void *user, const cJSON *record);
    void *user;
} visitor_t;

static bool visit(void *user, long number, char *line)
{
    const visitor_t *visitor = user;
    (void)number;
    cJSON *record = cJSON_Parse(line);
    assert_non_null(record);
    visitor->each(visitor->user, record);
    cJSON_Delete(record);
    return true;
}

void image_vectors(void (*each)(void *user, const cJSON *record), void *user)
{
    visitor_t visitor = {each, user};
    const char *path = data_path(IMAGE_VECTORS);
    assert_non_null(path);
    assert_int_equal(data_lines(path, visit, &visitor), IMAGE_VECTOR_RECORDS);
}
