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

/* `path`: where we are, from the directory on. */
static ota_status_t take_folder(site_t *site, const char *directory, const char *path,
                                unsigned depth)
{
    char full[4096];
    char below[SITE_PATH + 256];
    ota_status_t status = OTA_OK;
    (void)snprintf(full, sizeof(full), "%s%s", directory, path);
    DIR *folder = opendir(full);
    if (folder == NULL) {
        return OTA_ERR_PORT;
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL && status == OTA_OK;
         entry = readdir(folder)) {
        struct stat what;
        (void)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
        int n = snprintf(full, sizeof(full), "%s%s", directory, below);
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (n < 0 || (size_t)n >= sizeof(full) || strlen(below) >= SITE_PATH) {
            status = OTA_ERR_NO_ROOM;
        } else if (stat(full, &what) != 0) {
            status = OTA_ERR_PORT;
        } else if (S_ISDIR(what.st_mode)) {
            status = depth > 0 ? take_folder(site, directory, below, depth - 1) : OTA_ERR_NO_ROOM;
        } else {
            status = take_file(site, full, below);
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
