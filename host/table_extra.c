/* SPDX-License-Identifier: Apache-2.0 */
/* Subtypes of one's own, from options of the form "type, name, value". */
#include "host/table_parts.h"

typedef struct {
    table_view_t type;
    table_view_t name;
    table_view_t value;
} extra_t;

static bool refuse(table_source_t *source, const char *rule, const char *text, const char *what)
{
    char shown[100];
    size_t len = 0;
    while (text[len] != '\0') {
        len++;
    }
    table_finding_t *finding = table_refuse(source, rule, NULL, 0);
    table_finding_what(finding, "extra subtype \"%s\": %s",
                       table_printable(text, len, shown, sizeof(shown)), what);
    table_finding_todo(
        finding, "Write \"type, name, value\": type is app, data, bootloader or "
                 "partition_table, value a hexadecimal number that the type does not use yet.");
    return false;
}

/* Three cells; more are ignored. */
static bool split(const char *text, extra_t *extra)
{
    table_view_t rest = {text, 0};
    while (text[rest.len] != '\0') {
        rest.len++;
    }
    table_view_t *cells[] = {&extra->type, &extra->name, &extra->value};
    for (size_t i = 0; i < 3; i++) {
        table_view_t part;
        if (!table_next_part(&rest, ',', &part)) {
            return false;
        }
        *cells[i] = table_trim(part);
    }
    return true;
}

static bool used_anywhere(const table_subtypes_t *subtypes, int64_t value)
{
    bool used = false;
    for (int type = 0; table_type_name(type) != NULL; type++) {
        used = used || table_subtype_used(subtypes, type, value);
    }
    return used;
}

/* The type may be a number or in capitals while a duplicate is looked for, and must be the exact
 * word where the subtype is added: both as in Espressif's tool. */
static bool add(table_source_t *source, const char *text, const extra_t *extra)
{
    int64_t value = 0;
    int64_t type = 0;
    table_view_t rest;
    if (!table_number(extra->value, 16, &value)) {
        return refuse(source, "extra_subtype_bad_value", text,
                      "the value is not a hexadecimal number");
    }
    if (used_anywhere(&source->subtypes, value)) {
        if (table_cell(&source->subtypes, extra->type, TABLE_TYPES, &type, &rest) !=
            TABLE_CELL_OK) {
            return refuse(source, "extra_subtype_bad_type", text, "there is no such type");
        }
        if (table_type_name(type) != NULL &&
            table_subtype_used(&source->subtypes, (int)type, value)) {
            return refuse(source, "extra_subtype_duplicate", text,
                          "the type already has a subtype of this value");
        }
    }
    type = table_type_value(extra->type);
    if (type < 0) {
        return refuse(source, "extra_subtype_unknown_type", text, "there is no such type");
    }
    if (!table_subtypes_set(&source->subtypes, (int)type, extra->name, value)) {
        return refuse(source, "extra_subtype_too_many", text, "there are too many of them");
    }
    return true;
}

bool table_read_extra(table_source_t *source)
{
    for (size_t i = 0; i < source->options.extra_count; i++) {
        extra_t extra;
        const char *text = source->options.extra[i];
        if (!split(text, &extra)) {
            return refuse(source, "extra_subtype_missing_field", text, "fewer than three fields");
        }
        if (!add(source, text, &extra)) {
            return false;
        }
    }
    return true;
}
