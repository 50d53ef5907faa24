/* SPDX-License-Identifier: Apache-2.0 */
#include "server/token.h"

#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASIC_MAX 256u

static bool is_token(const char *text, size_t len)
{
    return len == TOKEN_DIGITS && strspn(text, "0123456789abcdef") == TOKEN_DIGITS;
}

static bool make(int fd, const char *path, char token[TOKEN_DIGITS + 1], release_trouble_t *trouble)
{
    unsigned char bits[TOKEN_DIGITS / 2];
    char line[TOKEN_DIGITS + 2];
    if (RAND_bytes(bits, sizeof(bits)) != 1) {
        return release_fail(trouble, "TOKEN", path, "look at OpenSSL's configuration",
                            "OpenSSL gives no random bits");
    }
    for (size_t i = 0; i < sizeof(bits); i++) {
        (void)snprintf(token + i * 2, 3, "%02x", bits[i]);
    }
    (void)snprintf(line, sizeof(line), "%s\n", token);
    if (write(fd, line, sizeof(line) - 1) != (ssize_t)sizeof(line) - 1 || fsync(fd) != 0) {
        return release_fail(trouble, "FILE", path, "look at free space and permissions",
                            "the admin token cannot be stored");
    }
    return true;
}

static bool read_back(const char *path, char token[TOKEN_DIGITS + 1], release_trouble_t *trouble)
{
    struct stat info;
    uint8_t *bytes = NULL;
    size_t len = 0;
    file_result_t result = file_read(path, TOKEN_DIGITS + 2, &bytes, &len);
    if (result != FILE_OK) {
        return release_fail(trouble, "FILE", path, "remove it, and a new token is made", "%s",
                            file_result_text(result));
    }
    bool mine = stat(path, &info) == 0 && (info.st_mode & 077) == 0;
    size_t digits = strcspn((const char *)bytes, "\r\n");
    bool good = is_token((const char *)bytes, digits);
    if (good) {
        memcpy(token, bytes, TOKEN_DIGITS);
        token[TOKEN_DIGITS] = '\0';
    }
    free(bytes);
    if (!mine) {
        return release_fail(trouble, "TOKEN", path, "remove it: a new token is made, mode 0600",
                            "others may read the admin token");
    }
    return good || release_fail(trouble, "TOKEN", path, "remove it, and a new token is made",
                                "this is no admin token");
}

bool token_load(const char *path, char token[TOKEN_DIGITS + 1], bool *made,
                release_trouble_t *trouble)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    *made = fd >= 0;
    if (fd < 0 && errno == EEXIST) {
        return read_back(path, token, trouble);
    }
    if (fd < 0) {
        return release_fail(trouble, "FILE", path, "name a place to write to with --database",
                            "the admin token cannot be stored");
    }
    bool good = make(fd, path, token, trouble);
    good = close(fd) == 0 && good;
    if (!good) {
        (void)unlink(path);
    }
    return good;
}

bool token_equal(const char *given, const char *token)
{
    size_t len = strlen(token);
    return strlen(given) == len && CRYPTO_memcmp(given, token, len) == 0;
}

static bool basic(const char *text, const char *token)
{
    unsigned char plain[BASIC_MAX];
    size_t len = strlen(text);
    if (len == 0 || len % 4 != 0 || len / 4 * 3 >= sizeof(plain)) {
        return false;
    }
    int got = EVP_DecodeBlock(plain, (const unsigned char *)text, (int)len);
    if (got < 0) {
        return false;
    }
    size_t end = (size_t)got;
    end -= text[len - 1] == '=';
    end -= text[len - 2] == '=';
    plain[end] = '\0';
    const char *password = strchr((const char *)plain, ':');
    return password != NULL && token_equal(password + 1, token);
}

bool token_authorized(const char *header, const char *token)
{
    if (header == NULL) {
        return false;
    }
    if (strncasecmp(header, "Bearer ", 7) == 0) {
        return token_equal(header + 7, token);
    }
    return strncasecmp(header, "Basic ", 6) == 0 && basic(header + 6, token);
}
