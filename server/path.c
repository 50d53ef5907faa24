/* SPDX-License-Identifier: Apache-2.0 */
#include "server/path.h"

#include "core/bytes.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define WORD_MAX 128u

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool path_word(const char *word, size_t len)
{
    if (len == 0 || len > WORD_MAX || word[0] == '.' || word[0] == '-') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_alnum(word[i]) && word[i] != '.' && word[i] != '_' && word[i] != '-') {
            return false;
        }
    }
    return true;
}

/* The next character, decoded; 0: %00, half an escape, or the end. */
static char take(const char **at)
{
    char c = **at;
    if (c != '%') {
        *at += c != '\0';
        return c;
    }
    int high = ota_hex_digit((uint8_t)(*at)[1], true);
    int low = high >= 0 ? ota_hex_digit((uint8_t)(*at)[2], true) : -1;
    if (low < 0) {
        return '\0';
    }
    *at += 3;
    return (char)(high * 16 + low);
}

static bool words(const char *path)
{
    for (;;) {
        size_t len = strcspn(path, "/");
        if (!path_word(path, len)) {
            return false;
        }
        if (path[len] == '\0') {
            return true;
        }
        path += len + 1;
    }
}

bool path_decode(const char *url, char path[SERVER_PATH])
{
    size_t len = 0;
    if (*url++ != '/') {
        return false;
    }
    while (*url != '\0') {
        char c = take(&url);
        if (c == '\0' || len + 1 >= SERVER_PATH) {
            return false;
        }
        path[len++] = c;
    }
    path[len] = '\0';
    return words(path);
}

/* The next word of *path below `at`, which is closed unless it is the root; -1: it is none, or not
 * there. *path moves behind it, and is NULL after the last one. */
static int step(int root, int at, const char **path)
{
    char word[WORD_MAX + 1];
    size_t len = strcspn(*path, "/");
    bool last = (*path)[len] == '\0';
    int next = -1;
    if (path_word(*path, len)) { /* a caller that did not decode must not get out either */
        memcpy(word, *path, len);
        word[len] = '\0';
        /* O_NONBLOCK: a FIFO must not hold a thread. */
        next =
            openat(at, word, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (last ? O_NONBLOCK : O_DIRECTORY));
    }
    if (at != root) {
        (void)close(at);
    }
    *path = last ? NULL : *path + len + 1;
    return next;
}

int path_open(int root, const char *path, struct stat *info)
{
    int at = root;
    while (path != NULL && at >= 0) {
        at = step(root, at, &path);
    }
    if (at >= 0 && (fstat(at, info) != 0 || !S_ISREG(info->st_mode))) {
        (void)close(at);
        return -1;
    }
    return at;
}
