/* SPDX-License-Identifier: Apache-2.0 */
/* Reads text line by line: known lines, and esp_err_t numbers and names wherever they stand. */
#include "host/doctor_patterns.h"
#include "host/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_LEN 1024u
#define IDS_MAX      8u

/* A line being looked at. */
typedef struct {
    doctor_t *doctor;
    doctor_line_t line;
    const char *reported[IDS_MAX]; /* ids found in this line already */
    size_t count;
} looking_t;

/* --- lines --------------------------------------------------------------------------------------
 */

/* Length of an escape sequence (ESC [ .. letter) at `text`; 0: none. */
static size_t escape_length(const char *text, size_t len)
{
    if (len < 2 || text[0] != 0x1B || text[1] != '[') {
        return 0;
    }
    size_t n = 2;
    while (n < len && (text[n] < '@' || text[n] > '~')) {
        n++;
    }
    return n < len ? n + 1 : n;
}

/* Copies a line without colours; bytes that do not print become '?'. */
static size_t clean_line(const char *text, size_t len, char out[LINE_MAX_LEN])
{
    size_t n = 0;
    for (size_t at = 0; at < len && n < LINE_MAX_LEN; at++) {
        size_t escape = escape_length(text + at, len - at);
        if (escape > 0) {
            at += escape - 1;
            continue;
        }
        unsigned char c = (unsigned char)text[at];
        if (c == '\r') {
            continue;
        }
        out[n++] = c == '\t' ? ' ' : (char)(c >= 0x20 && c < 0x7F ? c : '?');
    }
    while (n > 0 && out[n - 1] == ' ') {
        n--;
    }
    return n;
}

static bool seen_in_line(looking_t *look, const char *id)
{
    for (size_t i = 0; i < look->count; i++) {
        if (strcmp(look->reported[i], id) == 0) {
            return true;
        }
    }
    if (look->count < IDS_MAX) {
        look->reported[look->count++] = id;
    }
    return false;
}

static void try_patterns(looking_t *look)
{
    for (const doctor_pattern_t *p = doctor_patterns; p->pattern != NULL; p++) {
        if (!match_line(p->pattern, look->line.text, look->line.len, &look->line.match)) {
            continue;
        }
        look->line.id = p->id;
        if (p->id != NULL && seen_in_line(look, p->id)) {
            continue;
        }
        if (p->say != NULL) {
            p->say(look->doctor, &look->line);
        } else {
            (void)doctor_quote(look->doctor, &look->line);
        }
    }
}

/* --- esp_err_t
 * ------------------------------------------------------------------------------------ */

static const struct {
    int32_t code;
    const char *id;
} codes[] = {
    {0x1501, "ota-partition-conflict"}, {0x1503, "ota-validate-failed"},
    {0x1504, "ota-secure-version"},     {0x1505, "ota-no-fallback"},
    {0x1506, "ota-unconfirmed"},        {0x1507, "ota-already-in-progress"},
    {0x1508, "ota-spi-mode"},
};

static const char *id_of(int32_t code)
{
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (codes[i].code == code) {
            return codes[i].id;
        }
    }
    return "esp-error";
}

static void list_causes(const explain_esp_t *entry, char *text, size_t room)
{
    size_t len = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < EXPLAIN_CAUSES && entry->cause[i] != NULL && len < room; i++) {
        int n = snprintf(text + len, room - len, "%s(%u) %s", i > 0 ? "; " : "", i + 1,
                         entry->cause[i]);
        len += n > 0 ? (size_t)n : 0;
    }
}

static void report_code(looking_t *look, const explain_esp_t *entry)
{
    const char *id = id_of(entry->code);
    bool generic = strcmp(id, "esp-error") == 0;
    if (seen_in_line(look, id) || (generic && look->count > 1)) {
        return; /* a line that is known says more than its number */
    }
    char causes[640];
    list_causes(entry, causes, sizeof(causes));
    if (!generic) { /* its entry says what it means */
        (void)doctor_report(look->doctor, id, look->line.where, "possible causes: %s", causes);
        look->doctor->facts.log_conflict |= entry->code == 0x1501;
        return;
    }
    doctor_finding_t *finding = doctor_report(
        look->doctor, id, look->line.where, "%s (%s0x%x): %s Possible causes: %s", entry->name,
        entry->code < 0 ? "-" : "", (unsigned)(entry->code < 0 ? -entry->code : entry->code),
        entry->what, causes);
    doctor_advise(finding, "%s", entry->todo);
}

static bool name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void look_for_names(looking_t *look)
{
    const char *text = look->line.text;
    size_t len = look->line.len;
    for (size_t at = 0; at + 8 <= len; at++) {
        if (memcmp(text + at, "ESP_ERR_", 8) != 0 && memcmp(text + at, "ESP_FAIL", 8) != 0) {
            continue;
        }
        size_t n = 0;
        while (at + n < len && name_char(text[at + n])) {
            n++;
        }
        const explain_esp_t *entry = explain_esp_name(text + at, n);
        if (entry != NULL && entry->code != 0) {
            report_code(look, entry);
        }
        at += n;
    }
}

/* Numbers count only where the line speaks of an error; "size=0x105" is none. */
static void look_for_numbers(looking_t *look)
{
    static const char *const shapes[] = {"err%*0x%x", "fail%*0x%x", "ret%*0x%x", "rc%*0x%x",
                                         "code%*0x%x"};
    static const char *const decimal[] = {"err%*53%d", "fail%*53%d", "ota%*53%d"};
    match_t match;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        bool found = match_line(shapes[i], look->line.text, look->line.len, &match);
        const explain_esp_t *entry = found && match.number[0] > 0xFF && match.number[0] < 0xA000
                                         ? explain_esp_code((int32_t)match.number[0])
                                         : NULL;
        if (entry != NULL) {
            report_code(look, entry);
            return;
        }
    }
    /* 5377 .. 5384 are 0x1501 .. 0x1508 */
    for (size_t i = 0; i < sizeof(decimal) / sizeof(decimal[0]); i++) {
        if (match_line(decimal[i], look->line.text, look->line.len, &match) &&
            match.number[0] >= 77 && match.number[0] <= 84) {
            report_code(look, explain_esp_code((int32_t)(5300 + match.number[0])));
            return;
        }
    }
}

/* A bare number, as people paste it: "0x1501". */
static void look_for_bare(looking_t *look)
{
    match_t match;
    if (look->line.len > 6 || !match_line("0x%x", look->line.text, look->line.len, &match)) {
        return;
    }
    const explain_esp_t *entry =
        match.number[0] < 0xA000 ? explain_esp_code((int32_t)match.number[0]) : NULL;
    if (entry != NULL && entry->code != 0) {
        report_code(look, entry);
    }
}

/* --- the log
 * ------------------------------------------------------------------------------------------ */

static void look_at_line(doctor_t *doctor, const char *where, const char *text, size_t len)
{
    char clean[LINE_MAX_LEN];
    looking_t look = {.doctor = doctor};
    look.line.where = where;
    look.line.text = clean;
    look.line.len = clean_line(text, len, clean);
    if (look.line.len == 0) {
        return;
    }
    try_patterns(&look);
    look_for_names(&look);
    look_for_numbers(&look);
    look_for_bare(&look);
}

void doctor_log(doctor_t *doctor, const char *name, const char *text, size_t len)
{
    unsigned long number = 0;
    bool single = memchr(text, '\n', len) == NULL;
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end != NULL ? (size_t)(end - (text + at)) : len - at;
        char where[160];
        number++;
        if (single && name[0] == '\0') {
            (void)snprintf(where, sizeof(where), "the line");
        } else {
            (void)snprintf(where, sizeof(where), "%.120s%sline %lu", name,
                           name[0] != '\0' ? ", " : "", number);
        }
        look_at_line(doctor, where, text + at, n);
        at += n + 1;
    }
}
