/* SPDX-License-Identifier: Apache-2.0 */
#include "host/doctor_match.h"

/* What is left to match; functions eat from the front and say whether they could. */
typedef struct {
    const char *at;
    const char *end;
} cursor_t;

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static int digit(char c, unsigned base)
{
    int value = c >= '0' && c <= '9'                 ? c - '0'
                : lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10
                                                     : 16;
    return value < (int)base ? value : -1;
}

static bool eat_number(cursor_t *c, unsigned base, uint32_t *number)
{
    uint64_t value = 0;
    const char *start = c->at;
    while (c->at < c->end && digit(*c->at, base) >= 0) {
        value = value * base + (unsigned)digit(*c->at, base);
        value = value > UINT32_MAX ? UINT32_MAX : value;
        c->at++;
    }
    *number = (uint32_t)value;
    return c->at > start;
}

static bool has_0x(const cursor_t *c)
{
    return c->end - c->at > 2 && c->at[0] == '0' && lower(c->at[1]) == 'x' &&
           digit(c->at[2], 16) >= 0;
}

static bool eat_hex(cursor_t *c, uint32_t *number)
{
    if (has_0x(c)) {
        c->at += 2;
    }
    return eat_number(c, 16, number);
}

static bool eat_revision(cursor_t *c, uint32_t *number)
{
    uint32_t major;
    uint32_t minor;
    if (c->at == c->end || lower(*c->at) != 'v') {
        return false;
    }
    c->at++;
    if (!eat_number(c, 10, &major) || c->at == c->end || *c->at != '.') {
        return false;
    }
    c->at++;
    if (!eat_number(c, 10, &minor)) {
        return false;
    }
    *number = major > 100000 || minor > 100000 ? UINT32_MAX : major * 100 + minor;
    return true;
}

static bool eat_word(cursor_t *c)
{
    const char *start = c->at;
    while (c->at < c->end &&
           (digit(*c->at, 10) >= 0 || (lower(*c->at) >= 'a' && lower(*c->at) <= 'z') ||
            *c->at == '_' || *c->at == '-' || *c->at == '.' || *c->at == '/')) {
        c->at++;
    }
    return c->at > start;
}

/* One %-directive. */
static bool eat_directive(char kind, cursor_t *c, match_t *match)
{
    uint32_t number = 0;
    bool ok = false;
    switch (kind) {
    case 'd':
        ok = eat_number(c, 10, &number);
        break;
    case 'x':
        ok = eat_hex(c, &number);
        break;
    case 'n':
        ok = has_0x(c) ? eat_hex(c, &number) : eat_number(c, 10, &number);
        break;
    case 'v':
        ok = eat_revision(c, &number);
        break;
    default:
        return eat_word(c);
    }
    if (ok && match->count < MATCH_NUMBERS) {
        match->number[match->count++] = number;
    }
    return ok;
}

static bool eat_blanks(cursor_t *c)
{
    const char *start = c->at;
    while (c->at < c->end && blank(*c->at)) {
        c->at++;
    }
    return c->at > start;
}

/* The piece of the pattern up to the next %* or its end, exactly at the cursor. Returns where
 * the pattern goes on, NULL if it does not match here. */
static const char *eat_piece(const char *pattern, cursor_t *c, match_t *match)
{
    while (*pattern != '\0' && !(pattern[0] == '%' && pattern[1] == '*')) {
        bool ok;
        if (*pattern == '%') {
            pattern++;
            ok = eat_directive(*pattern, c, match);
        } else if (*pattern == ' ') {
            ok = eat_blanks(c);
        } else {
            ok = c->at < c->end && lower(*c->at) == lower(*pattern);
            c->at += ok ? 1 : 0;
        }
        if (!ok) {
            return NULL;
        }
        pattern++;
    }
    return pattern;
}

/* The first place at or after the cursor where the piece fits. Pieces are found one after the
 * other without going back: enough for log lines, and linear in the line for each piece. */
static const char *find_piece(const char *pattern, cursor_t *c, match_t *match)
{
    bool literal = *pattern != '\0' && *pattern != '%' && *pattern != ' ';
    for (const char *from = c->at; from <= c->end; from++) {
        if (literal && (from == c->end || lower(*from) != lower(*pattern))) {
            continue; /* most places end here: this loop is where the time goes */
        }
        cursor_t here = {from, c->end};
        match_t captured = *match;
        const char *rest = eat_piece(pattern, &here, &captured);
        if (rest != NULL) {
            *c = here;
            *match = captured;
            return rest;
        }
    }
    return NULL;
}

bool match_line(const char *pattern, const char *line, size_t len, match_t *match)
{
    cursor_t cursor = {line, line + len};
    *match = (match_t){.count = 0};
    for (;;) {
        pattern = find_piece(pattern, &cursor, match);
        if (pattern == NULL) {
            return false;
        }
        if (*pattern == '\0') {
            return true;
        }
        pattern += 2; /* %* */
    }
}
