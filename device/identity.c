/* SPDX-License-Identifier: Apache-2.0 */
#include "device/identity.h"

#include "host/file.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE  4096u
#define FILE_LIMIT (4u * OTA_DOCUMENT_MAX)

static bool path_of(char path[PATH_SIZE], const char *flash_path)
{
    int n = snprintf(path, PATH_SIZE, "%s.device", flash_path);
    return n > 0 && (size_t)n < PATH_SIZE;
}

static bool take(const cJSON *object, const char *name, char *text, size_t room)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    int n = snprintf(text, room, "%s", value != NULL ? value : "");
    return value != NULL && n >= 0 && (size_t)n < room;
}

static bool take_all(device_identity_t *identity, const cJSON *object)
{
    char kind[16];
    const cJSON *item = NULL;
    bool good = take(object, "otary", kind, sizeof(kind)) && strcmp(kind, "device") == 0 &&
                take(object, "product", identity->product, sizeof(identity->product)) &&
                take(object, "channel", identity->channel, sizeof(identity->channel)) &&
                take(object, "variant", identity->variant, sizeof(identity->variant)) &&
                take(object, "id", identity->id, sizeof(identity->id)) &&
                take(object, "keys", identity->keys, sizeof(identity->keys));
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "cohorts"))
    {
        uint32_t at = identity->cohort_count;
        if (at < DEVICE_COHORTS && cJSON_IsString(item)) {
            (void)snprintf(identity->cohort[at], sizeof(identity->cohort[at]), "%s",
                           item->valuestring);
            identity->cohorts[at] = identity->cohort[at];
            identity->cohort_count++;
        }
    }
    return good;
}

bool device_identity_load(device_identity_t *identity, const char *flash_path)
{
    char path[PATH_SIZE];
    uint8_t *bytes = NULL;
    size_t len = 0;
    memset(identity, 0, sizeof(*identity));
    if (!path_of(path, flash_path) || file_read(path, FILE_LIMIT, &bytes, &len) != FILE_OK) {
        return false;
    }
    cJSON *object = cJSON_Parse((const char *)bytes);
    bool good = object != NULL && take_all(identity, object);
    cJSON_Delete(object);
    free(bytes);
    return good;
}

bool device_identity_store(const device_identity_t *identity, const char *flash_path)
{
    char path[PATH_SIZE];
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "otary", "device");
    (void)cJSON_AddNumberToObject(object, "version", 1);
    (void)cJSON_AddStringToObject(object, "product", identity->product);
    (void)cJSON_AddStringToObject(object, "channel", identity->channel);
    (void)cJSON_AddStringToObject(object, "variant", identity->variant);
    (void)cJSON_AddStringToObject(object, "id", identity->id);
    cJSON *cohorts = cJSON_AddArrayToObject(object, "cohorts");
    for (uint32_t i = 0; i < identity->cohort_count; i++) {
        (void)cJSON_AddItemToArray(cohorts, cJSON_CreateString(identity->cohort[i]));
    }
    (void)cJSON_AddStringToObject(object, "keys", identity->keys);
    char *text = cJSON_Print(object);
    bool good = text != NULL && path_of(path, flash_path) &&
                file_write(path, text, strlen(text), true) == FILE_OK;
    free(text);
    cJSON_Delete(object);
    return good;
}
