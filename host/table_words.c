/* SPDX-License-Identifier: Apache-2.0 */
#include "host/table_words.h"

#include "ota/table.h"

#include <string.h>

static const char *const type_names[] = {"app", "data", "bootloader", "partition_table"};
#define TYPE_COUNT (sizeof(type_names) / sizeof(type_names[0]))

static const struct {
    uint8_t type;
    uint8_t value;
    const char *name;
} known[] = {
    {0, 0x00, "factory"},  {0, 0x20, "test"},   {0, 0x10, "ota_0"},     {0, 0x11, "ota_1"},
    {0, 0x12, "ota_2"},    {0, 0x13, "ota_3"},  {0, 0x14, "ota_4"},     {0, 0x15, "ota_5"},
    {0, 0x16, "ota_6"},    {0, 0x17, "ota_7"},  {0, 0x18, "ota_8"},     {0, 0x19, "ota_9"},
    {0, 0x1A, "ota_10"},   {0, 0x1B, "ota_11"}, {0, 0x1C, "ota_12"},    {0, 0x1D, "ota_13"},
    {0, 0x1E, "ota_14"},   {0, 0x1F, "ota_15"}, {0, 0x30, "tee_0"},     {0, 0x31, "tee_1"},
    {1, 0x00, "ota"},      {1, 0x01, "phy"},    {1, 0x02, "nvs"},       {1, 0x03, "coredump"},
    {1, 0x04, "nvs_keys"}, {1, 0x05, "efuse"},  {1, 0x06, "undefined"}, {1, 0x80, "esphttpd"},
    {1, 0x81, "fat"},      {1, 0x82, "spiffs"}, {1, 0x83, "littlefs"},  {1, 0x90, "tee_ota"},
    {2, 0x00, "primary"},  {2, 0x01, "ota"},    {2, 0x02, "recovery"},  {3, 0x00, "primary"},
    {3, 0x01, "ota"},
};

static int64_t cap(int64_t v)
{
    return v > TABLE_HUGE ? TABLE_HUGE : v < -TABLE_HUGE ? -TABLE_HUGE : v;
}

int64_t table_add(int64_t a, int64_t b)
{
    return cap(a + b);
}

/* What every digit of every script looks like to the reader: ASCII. Ten code points from each. */
static const uint32_t zeros[] = {
    0x30,    0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,
    0xC66,   0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,  0x1090,  0x17E0,
    0x1810,  0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,
    0xA8D0,  0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0,
    0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2,
    0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
};

/* A cursor over text that hands out ASCII: digits folded, blanks beyond ASCII as ' ', else '?'. */
typedef struct {
    const char *at;
    const char *end;
} cursor_t;

static char fold(uint32_t c)
{
    if (c < 0x80) {
        return (char)c;
    }
    for (size_t i = 0; c != TABLE_NOT_A_CHAR && i < sizeof(zeros) / sizeof(zeros[0]); i++) {
        if (c >= zeros[i] && c - zeros[i] < 10) {
            return (char)('0' + (c - zeros[i]));
        }
    }
    return table_is_blank(c) ? ' ' : '?';
}

static int peek(const cursor_t *cursor)
{
    const char *at = cursor->at;
    return at == cursor->end ? -1 : (unsigned char)fold(table_next_char(&at, cursor->end));
}

static int take(cursor_t *cursor)
{
    int c = peek(cursor);
    if (c >= 0) {
        (void)table_next_char(&cursor->at, cursor->end);
    }
    return c;
}

static void skip_blanks(cursor_t *cursor)
{
    while (peek(cursor) == ' ' || (peek(cursor) >= '\t' && peek(cursor) <= '\r')) {
        (void)take(cursor);
    }
}

static unsigned digit_value(int c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 99;
}

static unsigned prefix_base(int c)
{
    switch (c | 0x20) {
    case 'x':
        return 16;
    case 'o':
        return 8;
    case 'b':
        return 2;
    default:
        return 0;
    }
}

/* Takes "0x" and the like, with the one underscore that may follow. The base that results; 0: a
 * decimal that begins with 0, which must be zero altogether. */
static unsigned take_prefix(cursor_t *cursor, unsigned base)
{
    if (peek(cursor) != '0') {
        return base == 0 ? 10 : base;
    }
    cursor_t ahead = *cursor;
    (void)take(&ahead);
    int letter = take(&ahead);
    unsigned named = letter < 0 ? 0 : prefix_base(letter);
    if (named == 0 || (base != 0 && base != named)) {
        return base;
    }
    *cursor = ahead;
    if (peek(cursor) == '_') {
        (void)take(cursor);
    }
    return named;
}

static bool take_digits(cursor_t *cursor, unsigned base, int64_t *value)
{
    bool digit_before = false;
    for (;; (void)take(cursor)) {
        int c = peek(cursor);
        if (c == '_' && digit_before) {
            digit_before = false;
            continue;
        }
        if (c < 0 || digit_value(c) >= base) {
            return digit_before;
        }
        digit_before = true;
        *value = *value >= TABLE_HUGE / 16 ? TABLE_HUGE : *value * (int64_t)base + digit_value(c);
    }
}

bool table_number(table_view_t text, unsigned base, int64_t *value)
{
    cursor_t cursor = {text.at, text.at + text.len};
    *value = 0;
    skip_blanks(&cursor);
    bool negative = peek(&cursor) == '-';
    if (negative || peek(&cursor) == '+') {
        (void)take(&cursor);
    }
    unsigned found = take_prefix(&cursor, base);
    if (!take_digits(&cursor, found == 0 ? 10 : found, value) || (found == 0 && *value != 0)) {
        return false;
    }
    skip_blanks(&cursor);
    *value = negative ? -*value : *value;
    return cursor.at == cursor.end;
}

void table_subtypes_init(table_subtypes_t *subtypes)
{
    subtypes->count = 0;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        table_view_t name = {known[i].name, strlen(known[i].name)};
        (void)table_subtypes_set(subtypes, known[i].type, name, known[i].value);
    }
}

static bool same_view(table_view_t a, table_view_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool table_subtypes_set(table_subtypes_t *subtypes, int type, table_view_t name, int64_t value)
{
    size_t i = 0;
    while (i < subtypes->count &&
           (subtypes->words[i].type != type || !same_view(subtypes->words[i].name, name))) {
        i++;
    }
    if (i == TABLE_WORDS_MAX) {
        return false;
    }
    subtypes->words[i] = (table_word_t){type, name, value};
    subtypes->count += i == subtypes->count;
    return true;
}

int64_t table_subtype_value(const table_subtypes_t *subtypes, int type, const char *name)
{
    for (size_t i = 0; i < subtypes->count; i++) {
        if (subtypes->words[i].type == type && table_view_is(subtypes->words[i].name, name)) {
            return subtypes->words[i].value;
        }
    }
    return -1;
}

table_view_t table_subtype_name(const table_subtypes_t *subtypes, int64_t type, int64_t value)
{
    for (size_t i = 0; i < subtypes->count; i++) {
        if (subtypes->words[i].type == type && subtypes->words[i].value == value) {
            return subtypes->words[i].name;
        }
    }
    return (table_view_t){NULL, 0};
}

bool table_subtype_used(const table_subtypes_t *subtypes, int type, int64_t value)
{
    return table_subtype_name(subtypes, type, value).at != NULL;
}

bool table_is_subtype_name(const table_subtypes_t *subtypes, table_view_t name)
{
    for (size_t i = 0; i < subtypes->count; i++) {
        if (same_view(subtypes->words[i].name, name)) {
            return true;
        }
    }
    return false;
}

int64_t table_type_value(table_view_t name)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (table_view_is(name, type_names[i])) {
            return (int64_t)i;
        }
    }
    return -1;
}

const char *table_type_name(int64_t type)
{
    return type >= 0 && (uint64_t)type < TYPE_COUNT ? type_names[type] : NULL;
}

/* Of letters beyond ASCII only the Kelvin sign has a lower case within it. */
static uint32_t lower(uint32_t c)
{
    if (c == 0x212A) {
        return 'k';
    }
    return c >= 'A' && c <= 'Z' ? c + 0x20 : c;
}

static bool lower_is(table_view_t text, table_view_t word)
{
    const char *a = text.at;
    const char *b = word.at;
    while (a < text.at + text.len && b < word.at + word.len) {
        if (lower(table_next_char(&a, text.at + text.len)) !=
            table_next_char(&b, word.at + word.len)) {
            return false;
        }
    }
    return a == text.at + text.len && b == word.at + word.len;
}

/* INT64_MIN: no such word. INT64_MAX: there are no words at all. */
static int64_t look_up(const table_subtypes_t *subtypes, table_view_t text, int64_t words)
{
    for (size_t i = 0; words == TABLE_TYPES && i < TYPE_COUNT; i++) {
        if (lower_is(text, (table_view_t){type_names[i], strlen(type_names[i])})) {
            return (int64_t)i;
        }
    }
    bool any = words == TABLE_TYPES;
    for (size_t i = 0; words >= 0 && i < subtypes->count; i++) {
        if (subtypes->words[i].type == words) {
            any = true;
            if (lower_is(text, subtypes->words[i].name)) {
                return subtypes->words[i].value;
            }
        }
    }
    return any ? INT64_MIN : INT64_MAX;
}

/* Takes one suffix off the end; its factor as a number of bits, 0 if there is none. */
static unsigned take_suffix(table_view_t *text)
{
    static const char kelvin[] = "\xE2\x84\xAA";
    if (text->len >= 3 && memcmp(text->at + text->len - 3, kelvin, 3) == 0) {
        text->len -= 3;
        return 10;
    }
    char last = text->len > 0 ? text->at[text->len - 1] : '\0';
    unsigned bits = last == 'k' || last == 'K' ? 10 : last == 'm' || last == 'M' ? 20 : 0;
    text->len -= bits != 0;
    return bits;
}

static int64_t scale(int64_t value, unsigned bits)
{
    int64_t factor = (int64_t)1 << bits;
    if (value > TABLE_HUGE / factor || value < -TABLE_HUGE / factor) {
        return value > 0 ? TABLE_HUGE : -TABLE_HUGE;
    }
    return value * factor;
}

table_cell_t table_cell(const table_subtypes_t *subtypes, table_view_t text, int64_t words,
                        int64_t *value, table_view_t *rest)
{
    unsigned bits = 0;
    *rest = text;
    for (unsigned more = take_suffix(rest); more != 0; more = take_suffix(rest)) {
        bits = bits + more > 60 ? 60 : bits + more;
    }
    if (!table_number(*rest, 0, value)) {
        *value = look_up(subtypes, *rest, words);
        if (*value == INT64_MAX) {
            return TABLE_CELL_NUMBER;
        }
        if (*value == INT64_MIN) {
            return TABLE_CELL_KEYWORD;
        }
    }
    *value = scale(*value, bits);
    return TABLE_CELL_OK;
}
