/* SPDX-License-Identifier: Apache-2.0 */
#include "server/path.h"

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

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The next character, decoded; 0: %00, half an escape, or the end. */
static char take(const char **at)
{
    char c = **at;
    if (c != '%') {
        *at += c != '\0';
        return c;
    }
    int high = hex_digit((*at)[1]);
    int low = high >= 0 ? hex_digit((*at)[2]) : -1;
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

int path_open(int root, const char *path, struct stat *info)
{
    char word[WORD_MAX + 1];
    int at = root;
    for (;;) {
        size_t len = strcspn(path, "/");
        bool last = path[len] == '\0';
        if (!path_word(path, len)) { /* a caller that did not decode must not get out either */
            break;
        }
        memcpy(word, path, len);
        word[len] = '\0';
        /* O_NONBLOCK: a FIFO must not hold a thread. */
        int next =
            openat(at, word, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (last ? O_NONBLOCK : O_DIRECTORY));
        if (at != root) {
            (void)close(at);
        }
        at = next;
        if (next < 0) {
            return -1;
        }
        if (last) {
            break;
        }
        path += len + 1;
    }
    if (at != root && fstat(at, info) == 0 && S_ISREG(info->st_mode)) {
        return at;
    }
    if (at != root) {
        (void)close(at);
    }
    return -1;
}
