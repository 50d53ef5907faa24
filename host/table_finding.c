/* SPDX-License-Identifier: Apache-2.0 */
#include "host/table_finding.h"

#include "host/table_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDINGS_MAX 4096u

table_finding_t *table_finding_add(table_findings_t *list, table_severity_t severity,
                                   const char *rule, uint32_t line)
{
    table_finding_t *finding = &list->spare;
    if (list->count == list->room && list->room < FINDINGS_MAX) {
        size_t room = list->room == 0 ? 16 : list->room * 2;
        table_finding_t *items = realloc(list->items, room * sizeof(*items));
        if (items != NULL) {
            list->items = items;
            list->room = room;
        }
    }
    if (list->count < list->room) {
        finding = &list->items[list->count++];
    }
    memset(finding, 0, sizeof(*finding));
    finding->severity = severity;
    finding->rule = rule;
    finding->line = line;
    return finding;
}

/* Marks that reorder or hide the text around them. */
static bool is_sly(uint32_t c)
{
    return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

static bool is_printable(uint32_t c)
{
    if (c == TABLE_NOT_A_CHAR || c < 0x20 || (c >= 0x7F && c < 0xA0)) {
        return false;
    }
    return c == 0x20 || (!table_is_blank(c) && !is_sly(c));
}

char *table_printable(const char *bytes, size_t len, char *text, size_t room)
{
    size_t out = 0;
    const char *end = bytes + len;
    while (bytes < end) {
        const char *from = bytes;
        uint32_t c = table_next_char(&bytes, end);
        size_t n = (size_t)(bytes - from);
        bool as_is = is_printable(c);
        if (out + (as_is ? n : 4 * n) + 3 > room) {
            memcpy(text + out, "..", 2);
            out += 2;
            break;
        }
        for (size_t i = 0; i < n; i++) {
            if (as_is) {
                text[out++] = from[i];
            } else {
                out += (size_t)snprintf(text + out, room - out, "\\x%02x",
                                        (unsigned)(unsigned char)from[i]);
            }
        }
    }
    text[out] = '\0';
    return text;
}

void table_finding_part(table_finding_t *finding, const char *name, size_t len)
{
    (void)table_printable(name, len, finding->part, sizeof(finding->part));
}

void table_finding_what(table_finding_t *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(finding->what, sizeof(finding->what), format, args);
    va_end(args);
}

void table_finding_todo(table_finding_t *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(finding->todo, sizeof(finding->todo), format, args);
    va_end(args);
}

const table_finding_t *table_findings_error(const table_findings_t *list)
{
    for (size_t i = list->count; i > 0; i--) {
        if (list->items[i - 1].severity == TABLE_ERROR) {
            return &list->items[i - 1];
        }
    }
    return NULL;
}

size_t table_findings_count(const table_findings_t *list, table_severity_t severity)
{
    size_t n = 0;
    for (size_t i = 0; i < list->count; i++) {
        n += list->items[i].severity == severity;
    }
    return n;
}

void table_findings_free(table_findings_t *list)
{
    free(list->items);
    memset(list, 0, sizeof(*list));
}

const char *table_severity_name(table_severity_t severity)
{
    static const char *const names[] = {"error", "warning", "advice"};
    return names[severity];
}
