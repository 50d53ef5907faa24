/* SPDX-License-Identifier: Apache-2.0 */
#include "host/sniff_text.h"

#include "core/bytes.h"

#define HEAD  1024u /* where names of formats are looked for */
#define LOOK  4096u /* what decides whether it is text at all */
#define LINE  512u
#define LINES 64u

typedef struct {
    const char *text;
    size_t len;
} view_t;

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool begins(view_t view, const char *word)
{
    size_t n = strlen(word);
    if (view.len < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (lower(view.text[i]) != word[i]) {
            return false;
        }
    }
    return true;
}

static bool holds(view_t view, const char *word)
{
    for (size_t i = 0; i < view.len; i++) {
        if (begins((view_t){view.text + i, view.len - i}, word)) {
            return true;
        }
    }
    return false;
}

static bool text_byte(uint8_t c)
{
    return c >= 0x20 ? c != 0x7F : c == '\n' || c == '\r' || c == '\t' || c == 0x1B || c == 0x0C;
}

/* Console logs carry the odd bad byte, so up to one in 32 may be none of text's. */
static bool is_text(const uint8_t *bytes, size_t len)
{
    size_t look = min_size(len, LOOK);
    size_t bad = 0;
    size_t high = 0;
    for (size_t i = 0; i < look; i++) {
        bad += text_byte(bytes[i]) ? 0 : 1;
        high += bytes[i] >= 0x80 ? 1 : 0;
    }
    return bad * 32 <= look && high * 3 <= look;
}

static bool hex_digits(view_t view, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char c = i < view.len ? lower(view.text[i]) : '\0';
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return true;
}

static bool is_hex_record(view_t view, const char *kinds)
{
    bool srec = kinds[0] == 'S';
    view_t digits = {view.text + 1, view.len > 0 ? view.len - 1 : 0};
    if (view.len < 11 || view.text[0] != kinds[0]) {
        return false;
    }
    return srec ? hex_digits(digits, 9) && digits.text[0] <= '9' : hex_digits(digits, 10);
}

/* One line without its end; what is left comes back in `rest`. */
static view_t next_line(view_t *rest)
{
    size_t n = 0;
    while (n < rest->len && rest->text[n] != '\n') {
        n++;
    }
    view_t line = {rest->text, min_size(n, LINE)};
    size_t eaten = n < rest->len ? n + 1 : n;
    rest->text += eaten;
    rest->len -= eaten;
    return line;
}

static view_t trim(view_t view)
{
    while (view.len > 0 && (view.text[0] == ' ' || view.text[0] == '\t')) {
        view.text++;
        view.len--;
    }
    while (view.len > 0 && (view.text[view.len - 1] == ' ' || view.text[view.len - 1] == '\t' ||
                            view.text[view.len - 1] == '\r')) {
        view.len--;
    }
    return view;
}

static bool is_type(view_t cell)
{
    static const char *const types[] = {"app", "data", "bootloader", "partition_table"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (cell.len == strlen(types[i]) && begins(cell, types[i])) {
            return true;
        }
    }
    return begins(cell, "0x") || (cell.len >= 1 && cell.text[0] >= '0' && cell.text[0] <= '9');
}

/* name, type, subtype, offset, size, flags: at least three commas, and a type in its place. */
static bool is_partition_line(view_t line)
{
    size_t commas = 0;
    view_t cell = {line.text, 0};
    for (size_t i = 0; i < line.len; i++) {
        if (line.text[i] != ',') {
            continue;
        }
        commas++;
        if (commas == 1) {
            cell.text = line.text + i + 1;
        } else if (commas == 2) {
            cell.len = (size_t)(line.text + i - cell.text);
        }
    }
    return commas >= 3 && is_type(trim(cell));
}

static bool is_partition_csv(view_t rest)
{
    size_t good = 0;
    size_t other = 0;
    for (size_t i = 0; i < LINES && rest.len > 0; i++) {
        view_t line = trim(next_line(&rest));
        if (line.len == 0 || line.text[0] == '#') {
            continue;
        }
        if (is_partition_line(line)) {
            good++;
        } else {
            other++;
        }
    }
    return good > other;
}

/* "E (123) tag: text", "[  12][E][file.cpp:3] ..", or lines that only a boot prints. */
static bool is_log(view_t head)
{
    static const char *const marks[] = {"i (", "e (", "w (", "rst:0x", "][e][", "][i][", "][w]["};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (holds(head, marks[i])) {
            return true;
        }
    }
    return false;
}

static view_t skip_bom_and_blanks(const uint8_t *bytes, size_t len)
{
    size_t at = len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < len &&
           (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
        at++;
    }
    return (view_t){(const char *)bytes + at, len - at};
}

static sniff_kind_t markup(view_t head)
{
    if (begins(head, "<!doctype html") || holds(head, "<html") || begins(head, "<head") ||
        begins(head, "<body")) {
        return SNIFF_HTML;
    }
    return SNIFF_XML;
}

/* What the first characters already say, whatever follows them. */
static sniff_kind_t by_first_words(view_t head)
{
    if (begins(head, "http/1.") || begins(head, "http/2 ")) {
        return SNIFF_HTTP;
    }
    if ((begins(head, "--") && holds(head, "content-disposition")) ||
        begins(head, "content-disposition:") || begins(head, "content-type:")) {
        return SNIFF_MULTIPART;
    }
    if (begins(head, "version https://git-lfs")) {
        return SNIFF_LFS;
    }
    if (is_hex_record(head, ":")) {
        return SNIFF_IHEX;
    }
    return is_hex_record(head, "S") ? SNIFF_SREC : SNIFF_UNKNOWN;
}

static bool is_json(view_t head)
{
    return head.len > 0 && (head.text[0] == '{' || (head.text[0] == '[' && holds(head, "{")));
}

sniff_kind_t sniff_text(const uint8_t *bytes, size_t len)
{
    view_t all = skip_bom_and_blanks(bytes, len);
    view_t head = {all.text, min_size(all.len, HEAD)};
    sniff_kind_t kind = by_first_words(head);
    if (kind != SNIFF_UNKNOWN || !is_text(bytes, len)) {
        return kind;
    }
    if (head.len > 0 && head.text[0] == '<') {
        return markup(head);
    }
    if (is_partition_csv((view_t){all.text, min_size(all.len, 16u * LOOK)})) {
        return SNIFF_TABLE_CSV;
    }
    if (is_log((view_t){all.text, min_size(all.len, LOOK)})) {
        return SNIFF_LOG;
    }
    return is_json(head) ? SNIFF_JSON : SNIFF_TEXT;
}
