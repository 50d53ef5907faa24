/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/net/site.h"

#include "host/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX ((size_t)16 << 20)
#define DEPTH    5u

static site_kind_t kind_of(const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    if (strncmp(path, "/images/", 8) == 0) {
        return SITE_IMAGE;
    }
    return strcmp(name, "manifest.json") == 0 ? SITE_MANIFEST : SITE_OTHER;
}

static ota_status_t take_file(site_t *site, const char *full, const char *path)
{
    size_t len = 0;
    if (site->files == SITE_FILES || strlen(path) >= SITE_PATH) {
        return OTA_ERR_NO_ROOM;
    }
    site_file_t *file = &site->file[site->files];
    if (file_read(full, FILE_MAX, &file->bytes, &len) != FILE_OK) {
        return OTA_ERR_PORT;
    }
    site->files++;
    (void)snprintf(file->path, sizeof(file->path), "%s", path);
    file->len = (uint32_t)len;
    file->kind = kind_of(path);
    return OTA_OK;
}

static ota_status_t take_folder(site_t *site, const char *directory, const char *path,
                                unsigned depth);

/* What lies at `path`, from the directory on. */
static ota_status_t take(site_t *site, const char *directory, const char *path, unsigned depth)
{
    char full[4096];
    struct stat what;
    int n = snprintf(full, sizeof(full), "%s%s", directory, path);
    if (n < 0 || (size_t)n >= sizeof(full) || strlen(path) >= SITE_PATH || depth == 0) {
        return OTA_ERR_NO_ROOM;
    }
    if (stat(full, &what) != 0) {
        return OTA_ERR_PORT;
    }
    return S_ISDIR(what.st_mode) ? take_folder(site, directory, path, depth - 1)
                                 : take_file(site, full, path);
}

static ota_status_t take_folder(site_t *site, const char *directory, const char *path,
                                unsigned depth)
{
    char text[4096 + 256];
    ota_status_t status = OTA_OK;
    (void)snprintf(text, sizeof(text), "%s%s", directory, path);
    DIR *folder = opendir(text);
    if (folder == NULL) {
        return OTA_ERR_PORT;
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL && status == OTA_OK;
         entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            (void)snprintf(text, sizeof(text), "%s/%s", path, entry->d_name);
            status = take(site, directory, text, depth);
        }
    }
    (void)closedir(folder);
    return status;
}

ota_status_t site_load(site_t *site, const char *directory)
{
    memset(site, 0, sizeof(*site));
    return take_folder(site, directory, "", DEPTH);
}

void site_free(site_t *site)
{
    for (size_t i = 0; i < site->files; i++) {
        free(site->file[i].bytes);
    }
    site->files = 0;
}

const site_file_t *site_find(const site_t *site, const char *path)
{
    for (size_t i = 0; i < site->files; i++) {
        if (strcmp(site->file[i].path, path) == 0) {
            return &site->file[i];
        }
    }
    return NULL;
}
