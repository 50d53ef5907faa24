/* SPDX-License-Identifier: Apache-2.0 */
#include "host/file_map.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static file_result_t read_instead(const char *path, size_t limit, file_map_t *map)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    file_result_t result = file_read(path, limit, &bytes, &len);
    *map = (file_map_t){.bytes = bytes, .len = len, .owned = bytes};
    return result;
}

static bool mappable(const struct stat *st, size_t limit)
{
    return S_ISREG(st->st_mode) && st->st_size > 0 && (uint64_t)st->st_size <= limit;
}

file_result_t file_map(const char *path, size_t limit, file_map_t *map)
{
    struct stat st;
    void *bytes = MAP_FAILED;
    int fd = strcmp(path, "-") != 0 ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (fd >= 0 && fstat(fd, &st) == 0 && mappable(&st, limit)) {
        bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    if (bytes == MAP_FAILED) {
        return read_instead(path, limit, map); /* which also knows all the failures */
    }
    *map = (file_map_t){.bytes = bytes, .len = (size_t)st.st_size, .owned = bytes, .mapped = true};
    return FILE_OK;
}

void file_unmap(file_map_t *map)
{
    if (map->mapped) {
        (void)munmap(map->owned, map->len);
    } else {
        free(map->owned);
    }
    *map = (file_map_t){0};
}
