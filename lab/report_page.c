/* SPDX-License-Identifier: Apache-2.0 */
/* A page that grows: markup in, text escaped. */
#include "host/size.h"
#include "lab/report_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

static bool reserve(page_t *page, size_t more)
{
    if (page->failed || more >= SIZE_MAX / 4) {
        page->failed = true;
        return false;
    }
    if (page->len + more + 1 > page->room) {
        size_t room = (page->len + more + 1) * 2;
        char *text = realloc(page->text, room);
        if (text == NULL) {
            page->failed = true;
            return false;
        }
        page->text = text;
        page->room = room;
    }
    return true;
}

static void add(page_t *page, const char *bytes, size_t len)
{
    if (reserve(page, len)) {
        memcpy(page->text + page->len, bytes, len);
        page->len += len;
        page->text[page->len] = '\0';
    }
}

void page_put(page_t *page, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0 || !reserve(page, (size_t)len)) {
        page->failed = true;
        return;
    }
    va_start(args, format);
    (void)vsnprintf(page->text + page->len, (size_t)len + 1, format, args);
    va_end(args);
    page->len += (size_t)len;
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* What the second byte of a sequence may be, by its first: neither too long, nor a surrogate, nor
 * beyond the end, nor a control character. */
static const struct {
    unsigned char first;
    unsigned char last;
    unsigned char low;
    unsigned char high;
    size_t len;
} sequences[] = {
    {0xC2, 0xC2, 0xA0, 0xBF, 2}, {0xC3, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

/* The bytes behind the second, which the NUL at the end of the text ends as well. */
static bool continues(const unsigned char *text, size_t len)
{
    for (size_t i = 2; i < len; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return false;
        }
    }
    return true;
}

/* Bytes of the UTF-8 sequence at `text`; 0: it is none, or a control character. */
static size_t sequence(const unsigned char *text)
{
    if (text[0] < 0x80) {
        return text[0] >= 0x20 && text[0] != 0x7F ? 1 : 0;
    }
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        if (text[0] >= sequences[i].first && text[0] <= sequences[i].last) {
            bool second = text[1] >= sequences[i].low && text[1] <= sequences[i].high;
            return second && continues(text, sequences[i].len) ? sequences[i].len : 0;
        }
    }
    return 0;
}

void page_text(page_t *page, const char *text)
{
    while (text != NULL && *text != '\0') {
        const char *instead = entity(*text);
        size_t len = sequence((const unsigned char *)text);
        if (instead != NULL) {
            add(page, instead, strlen(instead));
            text++;
        } else if (len > 0) {
            add(page, text, len);
            text += len;
        } else {
            add(page, REPLACEMENT, strlen(REPLACEMENT));
            text++;
        }
    }
}

void page_number(page_t *page, uint64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    for (int i = 0; i < len; i++) {
        add(page, &digits[i], 1);
        if (i + 1 < len && (len - i - 1) % 3 == 0) {
            add(page, ",", 1);
        }
    }
}

void page_bytes(page_t *page, uint64_t bytes)
{
    char text[SIZE_TEXT];
    page_put(page, "%s", size_text(bytes, text));
}
