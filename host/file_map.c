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
    *map = (file_map_t){.bytes = bytes, .len = len};
    return result;
}

file_result_t file_map(const char *path, size_t limit, file_map_t *map)
{
    struct stat st;
    void *bytes = MAP_FAILED;
    if (strcmp(path, "-") == 0 || stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
        (uint64_t)st.st_size > limit) {
        return read_instead(path, limit, map); /* which also knows all the failures */
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return FILE_ERR_OPEN;
    }
    if (fstat(fd, &st) == 0 && st.st_size > 0 && (uint64_t)st.st_size <= limit) {
        bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    (void)close(fd);
    if (bytes == MAP_FAILED) {
        return read_instead(path, limit, map);
    }
    *map = (file_map_t){.bytes = bytes, .len = (size_t)st.st_size, .mapped = bytes};
    return FILE_OK;
}

void file_unmap(file_map_t *map)
{
    if (map->mapped != NULL) {
        (void)munmap(map->mapped, map->len);
    } else {
        free((void *)(uintptr_t)map->bytes);
    }
    *map = (file_map_t){0};
}
