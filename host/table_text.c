/* SPDX-License-Identifier: Apache-2.0 */
#include "host/table_text.h"

#include <stdlib.h>
#include <string.h>

/* Length of the sequence that `lead` starts, 0 if none does. */
static size_t sequence_length(uint8_t lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
        return 0;
    }
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static bool is_scalar(uint32_t c, size_t n)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return c >= least[n] && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

uint32_t table_next_char(const char **at, const char *end)
{
    const uint8_t *p = (const uint8_t *)*at;
    size_t n = sequence_length(p[0]);
    *at += 1;
    if (n == 1) {
        return p[0];
    }
    if (n == 0 || n > (size_t)(end - (*at - 1))) {
        return TABLE_NOT_A_CHAR;
    }
    uint32_t c = p[0] & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0u) != 0x80u) {
            return TABLE_NOT_A_CHAR;
        }
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (!is_scalar(c, n)) {
        return TABLE_NOT_A_CHAR;
    }
    *at += n - 1;
    return c;
}

bool table_is_blank(uint32_t c)
{
    static const uint16_t others[] = {0x20,   0x85,   0xA0,   0x1680, 0x2028,
                                      0x2029, 0x202F, 0x205F, 0x3000};
    if ((c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F) || (c >= 0x2000 && c <= 0x200A)) {
        return true;
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (c == others[i]) {
            return true;
        }
    }
    return false;
}

static size_t utf8_error(const char *bytes, size_t len)
{
    const char *at = bytes;
    while (at < bytes + len) {
        const char *from = at;
        if (table_next_char(&at, bytes + len) == TABLE_NOT_A_CHAR) {
            return (size_t)(from - bytes);
        }
    }
    return len;
}

bool table_is_utf8(const char *bytes, size_t len)
{
    return utf8_error(bytes, len) == len;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; c >>= 6) {
        out[i] = (char)(0x80u | (c & 0x3Fu));
    }
    out[0] = (char)(lead[n] | c);
    return n;
}

/* One way to cut bytes into code points: how many bytes the code point at p takes, 0 if broken. */
typedef size_t (*reader_t)(const uint8_t *p, size_t len, uint32_t *c);

static size_t read_utf16(const uint8_t *p, size_t len, uint32_t *c, unsigned low)
{
    if (len < 2) {
        return 0;
    }
    uint32_t first = (uint32_t)p[low] | (uint32_t)p[1 - low] << 8;
    *c = first;
    if (first < 0xD800 || first > 0xDFFF) {
        return 2;
    }
    if (first > 0xDBFF || len < 4) {
        return 0;
    }
    uint32_t second = (uint32_t)p[2 + low] | (uint32_t)p[3 - low] << 8;
    *c = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    return second >= 0xDC00 && second <= 0xDFFF ? 4 : 0;
}

static size_t read_utf16_le(const uint8_t *p, size_t len, uint32_t *c)
{
    return read_utf16(p, len, c, 0);
}

static size_t read_utf16_be(const uint8_t *p, size_t len, uint32_t *c)
{
    return read_utf16(p, len, c, 1);
}

static size_t read_utf32_be(const uint8_t *p, size_t len, uint32_t *c)
{
    if (len < 4) {
        return 0;
    }
    *c = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
    return is_scalar(*c, 0) ? 4 : 0;
}

static size_t read_utf8(const uint8_t *p, size_t len, uint32_t *c)
{
    const char *at = (const char *)p;
    *c = table_next_char(&at, at + len);
    return *c == TABLE_NOT_A_CHAR ? 0 : (size_t)(at - (const char *)p);
}

/* The mark of UTF-32 LE begins with that of UTF-16 LE, which is looked for first: such a file
 * reads as UTF-16 with a NUL in front, here as in Espressif's generator. */
static const struct {
    const char *name;
    uint8_t mark[4];
    size_t mark_len;
    reader_t read;
} encodings[] = {
    {"UTF-8", {0xEF, 0xBB, 0xBF, 0}, 3, read_utf8},
    {"UTF-16 LE", {0xFF, 0xFE, 0, 0}, 2, read_utf16_le},
    {"UTF-16 BE", {0xFE, 0xFF, 0, 0}, 2, read_utf16_be},
    {"UTF-32 BE", {0x00, 0x00, 0xFE, 0xFF}, 4, read_utf32_be},
    {"UTF-8", {0, 0, 0, 0}, 0, read_utf8},
};

char *table_decode(const uint8_t *bytes, size_t len, size_t *out_len, const char **encoding,
                   size_t *bad)
{
    size_t e = 0;
    while (len < encodings[e].mark_len ||
           memcmp(bytes, encodings[e].mark, encodings[e].mark_len) != 0) {
        e++;
    }
    *encoding = encodings[e].name;
    *bad = SIZE_MAX;
    char *out = malloc(2 * len + 4); /* two bytes of UTF-16 become three at most */
    if (out == NULL) {
        return NULL;
    }
    size_t n = 0;
    for (size_t at = encodings[e].mark_len; at < len;) {
        uint32_t c = 0;
        size_t taken = encodings[e].read(bytes + at, len - at, &c);
        if (taken == 0) {
            *bad = at;
            free(out);
            return NULL;
        }
        n += put_utf8(out + n, c);
        at += taken;
    }
    *out_len = n;
    return out;
}

static bool ends_line(uint32_t c)
{
    return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
           c == 0x2029;
}

bool table_next_line(table_view_t *rest, table_view_t *line)
{
    if (rest->len == 0) {
        return false;
    }
    const char *end = rest->at + rest->len;
    const char *at = rest->at;
    const char *stop = at;
    bool found = false;
    while (at < end && !found) {
        stop = at;
        uint32_t c = table_next_char(&at, end);
        found = ends_line(c);
        if (c == '\r' && at < end && *at == '\n') {
            at++;
        }
    }
    line->at = rest->at;
    line->len = (size_t)((found ? stop : end) - rest->at);
    rest->at = at;
    rest->len = (size_t)(end - at);
    return true;
}

table_view_t table_trim(table_view_t text)
{
    const char *end = text.at + text.len;
    const char *at = text.at;
    const char *first = NULL;
    const char *last = text.at;
    while (at < end) {
        const char *from = at;
        if (!table_is_blank(table_next_char(&at, end))) {
            first = first == NULL ? from : first;
            last = at;
        }
    }
    table_view_t trimmed = {first == NULL ? text.at : first, 0};
    trimmed.len = first == NULL ? 0 : (size_t)(last - first);
    return trimmed;
}

bool table_next_part(table_view_t *rest, char separator, table_view_t *part)
{
    part->at = rest->at;
    part->len = 0;
    if (rest->at == NULL) {
        return false;
    }
    const char *cut = rest->len > 0 ? memchr(rest->at, separator, rest->len) : NULL;
    part->len = cut != NULL ? (size_t)(cut - rest->at) : rest->len;
    if (cut == NULL) {
        rest->at = NULL;
        rest->len = 0;
        return true;
    }
    rest->at = cut + 1;
    rest->len -= part->len + 1;
    return true;
}

static bool is_word(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* `at` is behind a '$'. Fills the name and returns the length of what stands for it, 0: nothing. */
static size_t variable_at(const char *at, const char *end, table_view_t *name)
{
    const char *p = at;
    if (p < end && *p == '{') {
        const char *close = memchr(p, '}', (size_t)(end - p));
        name->at = p + 1;
        name->len = close != NULL ? (size_t)(close - p - 1) : 0;
        return close != NULL ? name->len + 2 : 0;
    }
    while (p < end && is_word(*p)) {
        p++;
    }
    name->at = at;
    name->len = (size_t)(p - at);
    return name->len;
}

static const char *value_of(table_view_t name, table_env_t env, void *ctx)
{
    char text[256];
    if (env == NULL || name.len == 0 || name.len >= sizeof(text) ||
        memchr(name.at, '\0', name.len) != NULL) {
        return NULL;
    }
    memcpy(text, name.at, name.len);
    text[name.len] = '\0';
    return env(ctx, text);
}

char *table_expand(table_view_t line, table_env_t env, void *ctx, size_t *out_len)
{
    char *out = malloc(TABLE_LINE_MAX);
    size_t n = 0;
    const char *end = line.at + line.len;
    for (const char *p = line.at; out != NULL && p < end;) {
        table_view_t name = {NULL, 0};
        size_t taken = *p == '$' ? variable_at(p + 1, end, &name) : 0;
        const char *value = taken > 0 ? value_of(name, env, ctx) : NULL;
        const char *from = value != NULL ? value : p;
        size_t len = value != NULL ? strlen(value) : 1;
        if (len > TABLE_LINE_MAX - n) {
            free(out);
            return NULL;
        }
        memcpy(out + n, from, len);
        n += len;
        p += value != NULL ? 1 + taken : 1;
    }
    *out_len = n;
    return out;
}

bool table_starts_with_variable(table_view_t line, table_view_t *name)
{
    if (line.len < 2 || line.at[0] != '$' || !is_word(line.at[1]) ||
        (line.at[1] >= '0' && line.at[1] <= '9')) {
        return false;
    }
    (void)variable_at(line.at + 1, line.at + line.len, name);
    return true;
}

bool table_view_is(table_view_t view, const char *text)
{
    return view.len == strlen(text) && (view.len == 0 || memcmp(view.at, text, view.len) == 0);
}
