/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files, in and out, with bounds and without half-written results.
 */
#ifndef HOST_FILE_H
#define HOST_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    FILE_OK,
    FILE_ERR_OPEN,      /* errno says why */
    FILE_ERR_DIRECTORY, /* it is a folder */
    FILE_ERR_READ,      /* errno says why */
    FILE_ERR_TOO_BIG,   /* more than `limit` bytes */
    FILE_ERR_MEMORY,
    FILE_ERR_EXISTS, /* there is something already, and `replace` was false */
    FILE_ERR_WRITE   /* errno says why; the path is as it was */
} file_result_t;

/* Reads a whole file ("-": stdin, also pipes), at most `limit` bytes, into a block that the
 * caller frees; a NUL follows the last byte. Every result but EXISTS and WRITE. */
file_result_t file_read(const char *path, size_t limit, uint8_t **bytes, size_t *len);

/* Writes a whole file ("-": stdout) by a temporary file beside it, fsync and rename: at every
 * moment the path holds what it held or all of the new bytes. Without `replace` an existing path
 * is refused, also when it appears at the last moment. OK, OPEN (of the folder), EXISTS, WRITE,
 * DIRECTORY. */
file_result_t file_write(const char *path, const void *bytes, size_t len, bool replace);

/* Bytes of a regular file; false: there is none. */
bool file_size(const char *path, uint64_t *size);

/* One sentence for people; uses errno where the result says so. Call it at once. */
const char *file_result_text(file_result_t result);

#endif
