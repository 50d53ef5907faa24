/* SPDX-License-Identifier: Apache-2.0 */
#include "host/rtc.h"

#include "host/file.h"
#include "host/flash_image.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RTC_VERSION  1
#define RTC_SIZE_MAX 4096u
#define PATH_SIZE    4096u

static bool rtc_path(char path[PATH_SIZE], const char *flash_path)
{
    int n = snprintf(path, PATH_SIZE, "%s.rtc", flash_path);
    return n > 0 && (size_t)n < PATH_SIZE;
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text != NULL ? text : "";
}

static uint32_t number_of(const cJSON *object, const char *name, uint32_t max)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    double value = cJSON_IsNumber(item) ? item->valuedouble : 0;
    return value >= 0 && value <= (double)max ? (uint32_t)value : 0;
}

static bool flag_of(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name)) != 0;
}

static ota_slot_t slot_of(const char *name)
{
    for (ota_slot_t slot = OTA_SLOT_TEST; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        if (strcmp(slot_name(slot), name) == 0) {
            return slot;
        }
    }
    return OTA_SLOT_NONE;
}

static void take(rtc_t *rtc, const cJSON *object)
{
    if (strcmp(text_of(object, "otary"), "rtc") != 0 ||
        number_of(object, "version", UINT32_MAX) != RTC_VERSION) {
        rtc->found = RTC_DAMAGED;
        return;
    }
    rtc->found = RTC_FOUND;
    rtc->running = slot_of(text_of(object, "running"));
    rtc->boots = number_of(object, "boots", UINT32_MAX);
    rtc->efuse = number_of(object, "efuse", UINT32_MAX);
    rtc->config.policy =
        strcmp(text_of(object, "policy"), "otary") == 0 ? OTA_POLICY_OTARY : OTA_POLICY_STOCK;
    rtc->config.rollback = flag_of(object, "rollback");
    rtc->config.anti_rollback = flag_of(object, "anti_rollback");
    rtc->config.trial_boots = (uint8_t)number_of(object, "trial_boots", UINT8_MAX);
    rtc->config.secure_version_bits = (uint8_t)number_of(object, "secure_version_bits", 32);
}

void rtc_load(rtc_t *rtc, const char *flash_path)
{
    char path[PATH_SIZE];
    uint8_t *bytes = NULL;
    size_t len = 0;
    *rtc = (rtc_t){.found = RTC_FRESH, .running = OTA_SLOT_NONE};
    if (!rtc_path(path, flash_path)) {
        return;
    }
    file_result_t result = file_read(path, RTC_SIZE_MAX, &bytes, &len);
    if (result == FILE_ERR_OPEN) {
        return;
    }
    cJSON *object = result == FILE_OK ? cJSON_Parse((const char *)bytes) : NULL;
    take(rtc, object);
    cJSON_Delete(object);
    free(bytes);
}

bool rtc_store(const rtc_t *rtc, const char *flash_path)
{
    char path[PATH_SIZE];
    char text[RTC_SIZE_MAX];
    int n = snprintf(
        text, sizeof(text),
        "{\"otary\": \"rtc\", \"version\": %d,\n"
        " \"running\": \"%s\", \"boots\": %u, \"efuse\": %u,\n"
        " \"policy\": \"%s\", \"rollback\": %s, \"anti_rollback\": %s,\n"
        " \"trial_boots\": %u, \"secure_version_bits\": %u}\n",
        RTC_VERSION, slot_name(rtc->running), (unsigned)rtc->boots, (unsigned)rtc->efuse,
        rtc->config.policy == OTA_POLICY_OTARY ? "otary" : "stock",
        rtc->config.rollback ? "true" : "false", rtc->config.anti_rollback ? "true" : "false",
        (unsigned)rtc->config.trial_boots, (unsigned)rtc->config.secure_version_bits);
    return n > 0 && (size_t)n < sizeof(text) && rtc_path(path, flash_path) &&
           file_write(path, text, (size_t)n, true) == FILE_OK;
}
