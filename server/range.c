/* SPDX-License-Identifier: Apache-2.0 */
#include "server/range.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HASH_DIGITS 64u

/* Digits, as many as there are; what is too large stays the largest. false: none. */
static bool number(const char **at, uint64_t *value)
{
    const char *start = *at;
    *value = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        unsigned digit = (unsigned)(**at - '0');
        *value = *value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *value * 10 + digit;
    }
    return *at != start;
}

/* "-500": the last 500 bytes. */
static range_kind_t suffix(const char *at, uint64_t size, uint64_t *first, uint64_t *len)
{
    uint64_t wanted = 0;
    at++;
    if (!number(&at, &wanted) || *at != '\0') {
        return RANGE_WHOLE;
    }
    *len = wanted < size ? wanted : size;
    *first = size - *len;
    return *len > 0 ? RANGE_PART : RANGE_BEYOND;
}

/* "5-" or "5-9" and nothing behind it. What is several ranges is none of these; nobody needs
 * them for an image. */
static bool two_numbers(const char *at, uint64_t *from, uint64_t *last)
{
    *last = UINT64_MAX;
    if (!number(&at, from) || *at++ != '-') {
        return false;
    }
    return *at == '\0' || (number(&at, last) && *at == '\0' && *last >= *from);
}

range_kind_t range_read(const char *header, uint64_t size, uint64_t *first, uint64_t *len)
{
    uint64_t from = 0;
    uint64_t last = 0;
    *first = 0;
    *len = size;
    if (header == NULL || strncasecmp(header, "bytes=", 6) != 0) {
        return RANGE_WHOLE;
    }
    if (header[6] == '-') {
        return suffix(header + 6, size, first, len);
    }
    if (!two_numbers(header + 6, &from, &last)) {
        return RANGE_WHOLE;
    }
    if (from >= size) {
        return RANGE_BEYOND;
    }
    *first = from;
    *len = (last < size ? last + 1 : size) - from;
    return RANGE_PART;
}

void range_tag(const char *path, const struct stat *info, char tag[RANGE_TAG])
{
    static const char folder[] = "images/";
    const char *name = path + sizeof(folder) - 1;
    if (strncmp(path, folder, sizeof(folder) - 1) == 0 &&
        strspn(name, "0123456789abcdef") == HASH_DIGITS &&
        strcmp(name + HASH_DIGITS, ".bin") == 0) {
        (void)snprintf(tag, RANGE_TAG, "\"%.64s-%jx\"", name, (uintmax_t)info->st_size);
        return;
    }
    (void)snprintf(tag, RANGE_TAG, "\"%jx-%jx.%lx-%jx\"", (uintmax_t)info->st_ino,
                   (uintmax_t)info->st_mtim.tv_sec, (unsigned long)info->st_mtim.tv_nsec,
                   (uintmax_t)info->st_size);
}

bool range_tag_listed(const char *list, const char *tag)
{
    size_t len = strlen(tag);
    for (const char *at = list; *at != '\0';) {
        at += strspn(at, " \t,");
        if (*at == '*') {
            return true;
        }
        if (strncmp(at, "W/", 2) == 0) {
            at += 2;
        }
        if (*at != '"') {
            return false; /* no list of tags */
        }
        const char *end = strchr(at + 1, '"');
        if (end == NULL) {
            return false;
        }
        if ((size_t)(end + 1 - at) == len && memcmp(at, tag, len) == 0) {
            return true;
        }
        at = end + 1;
        at += strspn(at, " \t");
    }
    return false;
}

bool range_allowed(const char *header, const char *tag)
{
    return header == NULL || strcmp(header, tag) == 0;
}
