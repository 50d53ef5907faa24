/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file as bytes without copying it: for reading images at the speed of the hash. Pipes and
 * stdin ("-"), which cannot be mapped, are read into memory. A mapped file that another program
 * shortens meanwhile ends the process, so long-lived programs use file_read instead.
 */
#ifndef HOST_FILE_MAP_H
#define HOST_FILE_MAP_H

#include "host/file.h"

typedef struct {
    const uint8_t *bytes;
    size_t len;
    void *owned; /* the same bytes */
    bool mapped; /* else from malloc */
} file_map_t;

/* At most `limit` bytes. Results of file_read. On FILE_OK end with file_unmap. */
file_result_t file_map(const char *path, size_t limit, file_map_t *map);
void file_unmap(file_map_t *map);

#endif
