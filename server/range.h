/* SPDX-License-Identifier: Apache-2.0 */
/* What a client has, and which part it wants: Range, If-Range, If-None-Match (RFC 9110). */
#ifndef SERVER_RANGE_H
#define SERVER_RANGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

typedef enum {
    RANGE_WHOLE, /* no range, or none that this server answers with a part: several, other units */
    RANGE_PART,
    RANGE_BEYOND /* nothing of it exists: 416 */
} range_kind_t;

/* `header`: the value of Range, or NULL. `first` and `len` are set with RANGE_PART, and then lie
 * within `size`. */
range_kind_t range_read(const char *header, uint64_t size, uint64_t *first, uint64_t *len);

#define RANGE_TAG 100u /* with quotes and NUL */

/* The strong entity tag of a file: for an image the SHA-256 that it is named by and its length (a
 * copy that is not finished yet is another thing), for others inode, time and length. */
void range_tag(const char *path, const struct stat *info, char tag[RANGE_TAG]);

/* Does a list of tags (If-None-Match), or "*", hold this one? Compares weakly, as the RFC wants. */
bool range_tag_listed(const char *list, const char *tag);

/* May the part be sent? `header`: If-Range or NULL. Only a strong tag that is the same counts: a
 * date cannot tell two versions of the same second apart, and so never does. */
bool range_allowed(const char *header, const char *tag);

#endif
