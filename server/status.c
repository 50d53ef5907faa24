/* SPDX-License-Identifier: Apache-2.0 */
#include "server/status.h"

#include "host/explain.h"
#include "ota/manifest.h"
#include "server/path.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FOLDERS_MAX 1000 /* of products and of channels; more is no place for a page */
#define NUMBER_MAX  10000

static void add_text(cJSON *json, const char *name, ota_text_t text)
{
    char value[OTA_NAME_MAX + 1];
    (void)snprintf(value, sizeof(value), "%.*s", (int)text.len, text.len > 0 ? text.at : "");
    (void)cJSON_AddStringToObject(json, name, value);
}

static void add_manifest(cJSON *release, const ota_manifest_t *manifest)
{
    ota_recall_t recall;
    uint32_t at = 0;
    bool recalled = false;
    add_text(release, "version", manifest->version);
    (void)cJSON_AddNumberToObject(release, "order", manifest->order);
    (void)cJSON_AddNumberToObject(release, "serial", manifest->serial);
    (void)cJSON_AddNumberToObject(release, "issued", manifest->issued);
    if (manifest->expires != 0) {
        (void)cJSON_AddNumberToObject(release, "expires", manifest->expires);
        (void)cJSON_AddBoolToObject(release, "expired", manifest->expires <= (uint32_t)time(NULL));
    }
    (void)cJSON_AddNumberToObject(release, "share", manifest->rollout.share);
    (void)cJSON_AddBoolToObject(release, "halted", manifest->rollout.halted);
    while (ota_manifest_recall(manifest, &at, &recall)) {
        recalled = recalled || recall.order == manifest->order;
    }
    (void)cJSON_AddBoolToObject(release, "recalled", recalled);
    ota_text_t cohort;
    cJSON *cohorts = cJSON_AddArrayToObject(release, "cohorts");
    for (at = 0; ota_manifest_cohort(manifest, &at, &cohort);) {
        char name[OTA_NAME_MAX + 1];
        (void)snprintf(name, sizeof(name), "%.*s", (int)cohort.len, cohort.at);
        (void)cJSON_AddItemToArray(cohorts, cJSON_CreateString(name));
    }
}

/* Appends the release of a folder, if there is one. */
static void add_release(int root, const char *product, const char *channel, cJSON *releases)
{
    char path[SERVER_PATH];
    struct stat info;
    uint8_t bytes[OTA_DOCUMENT_MAX + 1];
    (void)snprintf(path, sizeof(path), "%s/%s/manifest.json", product, channel);
    int fd = path_open(root, path, &info);
    if (fd < 0) {
        return;
    }
    ssize_t len = read(fd, bytes, sizeof(bytes));
    (void)close(fd);
    ota_manifest_t manifest;
    ota_fault_t fault;
    cJSON *release = cJSON_CreateObject();
    (void)cJSON_AddItemToArray(releases, release);
    (void)cJSON_AddStringToObject(release, "product", product);
    (void)cJSON_AddStringToObject(release, "channel", channel);
    ota_status_t status = ota_manifest_open(&manifest, bytes, len > 0 ? (size_t)len : 0, &fault);
    if (status == OTA_OK) {
        add_manifest(release, &manifest);
    } else {
        (void)cJSON_AddStringToObject(release, "error", ota_status_name(status));
    }
}

static int open_folder(int at, const char *name)
{
    return openat(at, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY);
}

/* Names of the entries of a folder, sorted, so that two looks give the same page. */
static cJSON *names_of(int folder)
{
    cJSON *names = cJSON_CreateArray();
    DIR *dir = folder >= 0 ? fdopendir(folder) : NULL;
    if (dir == NULL && folder >= 0) {
        (void)close(folder);
    }
    const struct dirent *entry = dir != NULL ? readdir(dir) : NULL;
    for (int seen = 0; entry != NULL && seen < FOLDERS_MAX; entry = readdir(dir)) {
        if (path_word(entry->d_name, strlen(entry->d_name))) {
            (void)cJSON_AddItemToArray(names, cJSON_CreateString(entry->d_name));
            seen++;
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return names;
}

static int by_place(const void *a, const void *b)
{
    const cJSON *const *x = a;
    const cJSON *const *y = b;
    const char *const members[] = {"product", "channel"};
    int order = 0;
    for (size_t i = 0; i < 2 && order == 0; i++) {
        order = strcmp(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(*x, members[i])),
                       cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(*y, members[i])));
    }
    return order;
}

static void sort(cJSON *array)
{
    size_t count = (size_t)cJSON_GetArraySize(array);
    cJSON **items = count > 0 ? calloc(count, sizeof(*items)) : NULL;
    for (size_t i = 0; items != NULL && i < count; i++) {
        items[i] = cJSON_DetachItemFromArray(array, 0);
    }
    if (items != NULL) {
        qsort(items, count, sizeof(*items), by_place);
    }
    for (size_t i = 0; items != NULL && i < count; i++) {
        (void)cJSON_AddItemToArray(array, items[i]);
    }
    free(items);
}

static void add_product(int root, const char *product, cJSON *releases)
{
    const cJSON *channel = NULL;
    cJSON *channels = names_of(open_folder(root, product));
    cJSON_ArrayForEach(channel, channels)
    {
        if (cJSON_GetArraySize(releases) < FOLDERS_MAX) {
            add_release(root, product, channel->valuestring, releases);
        }
    }
    cJSON_Delete(channels);
}

/* A device has no room for names: it says "status -202". People get the words for it. */
static void add_meanings(const cJSON *reports)
{
    static const char prefix[] = "status -";
    cJSON *report = NULL;
    cJSON_ArrayForEach(report, reports)
    {
        const char *reason =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(report, "reason"));
        char *end = NULL;
        if (reason == NULL || strncmp(reason, prefix, sizeof(prefix) - 1) != 0) {
            continue;
        }
        long number = strtol(reason + sizeof(prefix) - 1, &end, 10);
        if (number > 0 && number < NUMBER_MAX && *end == '\0') {
            explain_t words;
            explain_status((ota_status_t)-number, &words);
            (void)cJSON_AddStringToObject(report, "meaning", words.what);
        }
    }
}

cJSON *status_collect(int root, store_t *store)
{
    const cJSON *product = NULL;
    cJSON *status = cJSON_CreateObject();
    (void)cJSON_AddNumberToObject(status, "now", (uint32_t)time(NULL));
    cJSON *releases = cJSON_AddArrayToObject(status, "releases");
    cJSON *products = names_of(open_folder(root, "."));
    cJSON_ArrayForEach(product, products)
    {
        add_product(root, product->valuestring, releases);
    }
    cJSON_Delete(products);
    sort(releases);
    if (!store_status(store, status)) {
        cJSON_Delete(status);
        return NULL;
    }
    add_meanings(cJSON_GetObjectItemCaseSensitive(status, "failures"));
    add_meanings(cJSON_GetObjectItemCaseSensitive(status, "latest"));
    return status;
}
