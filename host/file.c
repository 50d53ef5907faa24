/* SPDX-License-Identifier: Apache-2.0 */
#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM  4096
#define FIRST_ROOM 65536u

/* Reads up to `room` bytes; the count, or -1. */
static long read_some(int fd, uint8_t *bytes, size_t room)
{
    ssize_t n;
    do {
        n = read(fd, bytes, room);
    } while (n < 0 && errno == EINTR);
    return (long)n;
}

/* Grows *bytes so that one more byte than *have fits (and the NUL); at most limit + 2. */
static bool grow(uint8_t **bytes, size_t *room, size_t have, size_t limit)
{
    if (have + 1 < *room) {
        return true;
    }
    size_t wanted = *room * 2 < limit + 2 ? *room * 2 : limit + 2;
    uint8_t *more = realloc(*bytes, wanted);
    if (more == NULL) {
        return false;
    }
    *bytes = more;
    *room = wanted;
    return true;
}

static size_t first_room(const struct stat *st, size_t limit)
{
    size_t room = FIRST_ROOM;
    if (S_ISREG(st->st_mode) && st->st_size > 0) {
        room = (size_t)st->st_size + 2; /* one to see the end, one for the NUL */
    }
    return room < limit + 2 ? room : limit + 2;
}

/* What can be told before reading. */
static file_result_t judge(int fd, size_t limit, size_t *room)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return FILE_ERR_READ;
    }
    if (S_ISDIR(st.st_mode)) {
        return FILE_ERR_DIRECTORY;
    }
    if (S_ISREG(st.st_mode) && st.st_size > 0 && (uint64_t)st.st_size > limit) {
        return FILE_ERR_TOO_BIG;
    }
    *room = first_room(&st, limit);
    return FILE_OK;
}

static file_result_t read_all(int fd, size_t limit, uint8_t **bytes, size_t *len)
{
    size_t room = 0;
    size_t have = 0;
    file_result_t result = judge(fd, limit, &room);
    if (result != FILE_OK) {
        return result;
    }
    *bytes = malloc(room);
    while (*bytes != NULL) {
        long n = read_some(fd, *bytes + have, room - have - 1);
        if (n <= 0) {
            (*bytes)[have] = 0;
            *len = have;
            return n < 0 ? FILE_ERR_READ : FILE_OK;
        }
        have += (size_t)n;
        if (have > limit) {
            return FILE_ERR_TOO_BIG;
        }
        if (!grow(bytes, &room, have, limit)) {
            break;
        }
    }
    return FILE_ERR_MEMORY;
}

file_result_t file_read(const char *path, size_t limit, uint8_t **bytes, size_t *len)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    *bytes = NULL;
    *len = 0;
    if (fd < 0) {
        return FILE_ERR_OPEN;
    }
    file_result_t result = read_all(fd, limit, bytes, len);
    int kept = errno;
    if (result != FILE_OK) {
        free(*bytes);
        *bytes = NULL;
    }
    if (!standard) {
        (void)close(fd);
    }
    errno = kept;
    return result;
}

static bool write_all(int fd, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        p += n;
        len -= (size_t)n;
    }
    return true;
}

/* mkstemp makes files for the owner only; give what the umask would have given. */
static void usual_mode(int fd)
{
    mode_t mask = umask(0);
    (void)umask(mask);
    (void)fchmod(fd, 0666 & ~mask);
}

/* Puts the finished temporary file in place. link refuses what exists, rename replaces it;
 * file systems without links get an empty file of our own to be replaced. */
static file_result_t put_in_place(const char *temporary, const char *path, bool replace)
{
    if (!replace && link(temporary, path) == 0) {
        (void)unlink(temporary);
        return FILE_OK;
    }
    if (!replace) {
        int fd = errno == EEXIST ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0) {
            return errno == EEXIST ? FILE_ERR_EXISTS : FILE_ERR_WRITE;
        }
        (void)close(fd);
    }
    return rename(temporary, path) == 0 ? FILE_OK : FILE_ERR_WRITE;
}

/* Devices and pipes (/dev/null, a FIFO) are written straight: there is nothing to replace. */
static file_result_t write_through(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return FILE_ERR_OPEN;
    }
    bool ok = write_all(fd, bytes, len);
    return close(fd) == 0 && ok ? FILE_OK : FILE_ERR_WRITE;
}

static file_result_t write_beside(const char *path, const void *bytes, size_t len, bool replace)
{
    char temporary[PATH_ROOM];
    int n = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
    int fd = n > 0 && (size_t)n < sizeof(temporary) ? mkstemp(temporary) : -1;
    if (fd < 0) {
        return FILE_ERR_OPEN;
    }
    usual_mode(fd);
    bool ok = write_all(fd, bytes, len) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    file_result_t result = ok ? put_in_place(temporary, path, replace) : FILE_ERR_WRITE;
    if (result != FILE_OK) {
        int kept = errno;
        (void)unlink(temporary);
        errno = kept;
    }
    return result;
}

file_result_t file_write(const char *path, const void *bytes, size_t len, bool replace)
{
    struct stat st;
    if (strcmp(path, "-") == 0) {
        return write_all(STDOUT_FILENO, bytes, len) ? FILE_OK : FILE_ERR_WRITE;
    }
    if (stat(path, &st) != 0) {
        return write_beside(path, bytes, len, replace);
    }
    if (S_ISDIR(st.st_mode)) {
        return FILE_ERR_DIRECTORY;
    }
    if (!S_ISREG(st.st_mode)) {
        return write_through(path, bytes, len);
    }
    return replace ? write_beside(path, bytes, len, true) : FILE_ERR_EXISTS;
}

bool file_size(const char *path, uint64_t *size)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return false;
    }
    *size = (uint64_t)st.st_size;
    return true;
}

const char *file_result_text(file_result_t result)
{
    switch (result) {
    case FILE_OK:
        return "fine";
    case FILE_ERR_OPEN:
    case FILE_ERR_READ:
    case FILE_ERR_WRITE:
        return strerror(errno);
    case FILE_ERR_DIRECTORY:
        return "it is a folder";
    case FILE_ERR_TOO_BIG:
        return "it is too big";
    case FILE_ERR_MEMORY:
        return "out of memory";
    case FILE_ERR_EXISTS:
        return "it exists already";
    }
    return "unknown result";
}
