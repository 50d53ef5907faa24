/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 4096u

static bool path_of(const store_file_t *file, const char *key, char path[PATH_SIZE])
{
    int n = snprintf(path, PATH_SIZE, "%s.%s", file->prefix, key);
    return n > 0 && (size_t)n < PATH_SIZE;
}

static ota_status_t store_read(void *ctx, const char *key, void *dst, size_t room, size_t *len)
{
    char path[PATH_SIZE];
    uint8_t *bytes = dst;
    *len = 0;
    if (!path_of(ctx, key, path)) {
        return OTA_ERR_RANGE;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? OTA_OK : OTA_ERR_PORT;
    }
    ssize_t n = 1;
    while (n > 0 && *len < room) {
        n = read(fd, bytes + *len, room - *len);
        *len += n > 0 ? (size_t)n : 0;
    }
    (void)close(fd);
    return n < 0 ? OTA_ERR_PORT : OTA_OK;
}

static ota_status_t store_write(void *ctx, const char *key, const void *src, size_t len)
{
    char path[PATH_SIZE];
    const uint8_t *bytes = src;
    if (!path_of(ctx, key, path)) {
        return OTA_ERR_RANGE;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    size_t done = 0;
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0 && done < len) {
        n = write(fd, bytes + done, len - done);
        done += n > 0 ? (size_t)n : 0;
    }
    bool closed = fd >= 0 && close(fd) == 0;
    return n < 0 || !closed ? OTA_ERR_PORT : OTA_OK;
}

ota_status_t store_file_start(store_file_t *file, const char *prefix)
{
    if (strlen(prefix) >= sizeof(file->prefix)) {
        return OTA_ERR_RANGE;
    }
    memcpy(file->prefix, prefix, strlen(prefix) + 1);
    file->store = (ota_store_t){OTA_STORE_VERSION, file, store_read, store_write};
    return OTA_OK;
}
