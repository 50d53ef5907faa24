/* SPDX-License-Identifier: Apache-2.0 */
#include "support/data.h"

#include "core/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define BESIDE "../shared/data" /* where the folder is looked for unless OTARY_DATA names it */

/* NULL: not named. */
static const char *named(void)
{
    const char *folder = getenv("OTARY_DATA");
    return folder != NULL && folder[0] != '\0' ? folder : NULL;
}

const char *data_path(const char *name)
{
    static char path[4096];
    const char *folder = named() != NULL ? named() : OTARY_SOURCE_DIR "/" BESIDE;
    int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
    return n > 0 && (size_t)n < sizeof(path) && access(path, R_OK) == 0 ? path : NULL;
}

int data_skip(const char *what)
{
    (void)printf("SKIPPED: %s (not in %s)\n", what, named() != NULL ? named() : BESIDE);
    return TEST_SKIPPED;
}

/* Twice the room; NULL (and nothing left to free) if there is no memory. */
static uint8_t *grow(uint8_t *bytes, size_t *room)
{
    *room *= 2;
    uint8_t *more = realloc(bytes, *room + 1);
    if (more == NULL) {
        free(bytes);
    }
    return more;
}

uint8_t *data_read(const char *path, size_t *len)
{
    gzFile file = gzopen(path, "rb"); /* reads plain files as they are */
    if (file == NULL) {
        return NULL;
    }
    size_t room = 1u << 20;
    size_t have = 0;
    uint8_t *bytes = malloc(room + 1);
    while (bytes != NULL) {
        int n = gzread(file, bytes + have, (unsigned)(room - have));
        if (n < 0) { /* a gzip file that is cut short is no data */
            free(bytes);
            bytes = NULL;
            break;
        }
        if (n == 0) {
            bytes[have] = 0;
            *len = have;
            break;
        }
        have += (size_t)n;
        if (have == room) {
            bytes = grow(bytes, &room);
        }
    }
    (void)gzclose(file);
    return bytes;
}

long data_lines(const char *path, bool (*each)(void *user, long number, char *line), void *user)
{
    size_t len = 0;
    uint8_t *bytes = data_read(path, &len);
    if (bytes == NULL) {
        return -1;
    }
    long number = 0;
    char *line = (char *)bytes;
    while (line < (char *)bytes + len) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        number++;
        if (!each(user, number, line) || end == NULL) {
            break;
        }
        line = end + 1;
    }
    free(bytes);
    return number;
}

const char *json_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

long long json_number(const cJSON *object, const char *name, long long otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) ? (long long)item->valuedouble : otherwise;
}

long hex_decode(const char *hex, uint8_t *out, size_t room)
{
    size_t n = 0;
    for (; hex[0] != '\0'; hex += 2, n++) {
        int high = ota_hex_digit((uint8_t)hex[0], true);
        int low = high < 0 ? -1 : ota_hex_digit((uint8_t)hex[1], true);
        if (low < 0 || n == room) {
            return -1;
        }
        out[n] = (uint8_t)(high << 4 | low);
    }
    return (long)n;
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *p = c != '\0' ? strchr(digits, c) : NULL;
    return p != NULL ? (int)(p - digits) : -1;
}

long base64_decode(const char *text, uint8_t *out, size_t room)
{
    size_t n = 0;
    uint32_t bits = 0;
    unsigned have = 0;
    for (; *text != '\0' && *text != '='; text++) {
        int digit = base64_digit(*text);
        if (digit < 0) {
            return -1;
        }
        bits = bits << 6 | (uint32_t)digit;
        have += 6;
        if (have >= 8) {
            have -= 8;
            if (n == room) {
                return -1;
            }
            out[n++] = (uint8_t)(bits >> have);
        }
    }
    return (long)n;
}
