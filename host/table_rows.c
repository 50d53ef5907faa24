/* SPDX-License-Identifier: Apache-2.0 */
/* CSV text to rows: one line, six cells, each by its own rule. */
#include "host/table_parts.h"

#include <stdlib.h>
#include <string.h>

#define CELLS 6

/* One line on its way: `cell` are its trimmed parts, `field` the name of the one being read. */
typedef struct {
    table_source_t *source;
    table_view_t cell[CELLS];
    uint32_t line;
} line_t;

static bool empty_cell(const line_t *line, const char *rule, const char *what, const char *todo)
{
    table_finding_t *finding = table_refuse(line->source, rule, NULL, line->line);
    table_finding_part(finding, line->cell[0].at, line->cell[0].len);
    table_finding_what(finding, "%s", what);
    table_finding_todo(finding, "%s", todo);
    return false;
}

static bool bad_cell(const line_t *line, table_cell_t why, const char *field, table_view_t value)
{
    char text[80];
    table_finding_t *finding = table_refuse(
        line->source, why == TABLE_CELL_NUMBER ? "bad_number" : "bad_keyword", NULL, line->line);
    table_finding_part(finding, line->cell[0].at, line->cell[0].len);
    (void)table_printable(value.at, value.len, text, sizeof(text));
    if (why == TABLE_CELL_NUMBER) {
        table_finding_what(finding, "%s \"%s\" is not a number", field, text);
        table_finding_todo(finding,
                           "Write decimal without leading zeros or 0x hexadecimal, with K or "
                           "M behind it if need be: 4096, 0x1000, 64K, 1M.");
    } else {
        table_finding_what(finding, "%s \"%s\" is neither a number nor a known name", field, text);
        table_finding_todo(finding, "%s",
                           strcmp(field, "type") == 0
                               ? "Types are app, data, bootloader, partition_table, or 0x40..0xfe "
                                 "of your own."
                               : "Use a subtype of that type (app: factory, ota_0..ota_15, test; "
                                 "data: ota, nvs, phy, coredump, fat, spiffs, littlefs ...) or a "
                                 "number.");
    }
    return false;
}

static bool read_cell(const line_t *line, size_t index, int64_t words, int64_t *value)
{
    static const char *const fields[CELLS] = {"name", "type", "subtype", "offset", "size", "flags"};
    table_view_t rest;
    table_cell_t result =
        table_cell(&line->source->subtypes, line->cell[index], words, value, &rest);
    return result == TABLE_CELL_OK || bad_cell(line, result, fields[index], rest);
}

static bool read_type(const line_t *line, table_row_t *row)
{
    if (line->cell[1].len == 0) {
        return empty_cell(line, "type_empty", "the Type cell is empty",
                          "Columns are Name, Type, SubType, Offset, Size, Flags, with commas "
                          "between; give a type such as app or data.");
    }
    return read_cell(line, 1, TABLE_TYPES, &row->type);
}

static bool read_subtype(const line_t *line, table_row_t *row)
{
    if (line->cell[2].len > 0) {
        return read_cell(line, 2, row->type, &row->subtype);
    }
    if (row->type == OTA_TYPE_APP) {
        return empty_cell(line, "subtype_empty_app", "the SubType cell of an app is empty",
                          "Give factory, test or ota_0 .. ota_15.");
    }
    row->subtype = table_subtype_value(&line->source->subtypes, OTA_TYPE_DATA, "undefined");
    return true;
}

static bool needs_option(const line_t *line, bool given, const char *rule, const char *option)
{
    if (given) {
        return true;
    }
    table_finding_t *finding = table_refuse(line->source, rule, NULL, line->line);
    table_finding_part(finding, line->cell[0].at, line->cell[0].len);
    table_finding_what(finding, "a bootloader row needs to know where that bootloader lies");
    table_finding_todo(finding, "Give --%s.", option);
    return false;
}

static bool needs_primary(const line_t *line)
{
    return needs_option(line, line->source->options.has_bootloader,
                        "primary_bootloader_offset_missing", "primary-bootloader-offset");
}

static bool read_offset(const line_t *line, table_row_t *row)
{
    const table_options_t *options = &line->source->options;
    row->has_offset = true;
    if (table_is_kind(line->source, row, OTA_TYPE_BOOTLOADER, "primary")) {
        row->offset = options->bootloader_offset;
        return needs_primary(line);
    }
    if (table_is_kind(line->source, row, OTA_TYPE_BOOTLOADER, "recovery")) {
        row->offset = options->recovery_offset;
        return needs_option(line, options->has_recovery, "recovery_bootloader_offset_missing",
                            "recovery-bootloader-offset");
    }
    if (table_is_kind(line->source, row, OTA_TYPE_TABLE, "primary")) {
        row->offset = options->table_offset;
        return true;
    }
    row->has_offset = line->cell[3].len > 0;
    return !row->has_offset || read_cell(line, 3, TABLE_NO_WORDS, &row->offset);
}

static bool read_size(const line_t *line, table_row_t *row)
{
    const table_options_t *options = &line->source->options;
    if (row->type == OTA_TYPE_BOOTLOADER) {
        row->size = table_add(options->table_offset, -options->bootloader_offset);
        return needs_primary(line);
    }
    if (row->type == OTA_TYPE_TABLE) {
        row->size = OTA_TABLE_SECTOR;
        return true;
    }
    if (line->cell[4].len == 0) {
        return empty_cell(line, "size_empty", "the Size cell is empty",
                          "Give a size (64K, 0x10000), or -2M for \"up to address 2M\".");
    }
    return read_cell(line, 4, TABLE_NO_WORDS, &row->size);
}

static bool read_flags(const line_t *line, table_row_t *row)
{
    table_view_t rest = line->cell[5];
    table_view_t flag;
    while (table_next_part(&rest, ':', &flag)) {
        if (table_view_is(flag, "encrypted")) {
            row->flags |= OTA_PART_ENCRYPTED;
        } else if (table_view_is(flag, "readonly")) {
            row->flags |= OTA_PART_READONLY;
        } else if (flag.len > 0) {
            char text[80];
            table_finding_t *finding = table_refuse(line->source, "unknown_flag", NULL, line->line);
            table_finding_part(finding, line->cell[0].at, line->cell[0].len);
            table_finding_what(finding, "unknown flag \"%s\"",
                               table_printable(flag.at, flag.len, text, sizeof(text)));
            table_finding_todo(finding,
                               "Flags are encrypted and readonly, in lower case, with a colon "
                               "between; comments need a line of their own.");
            return false;
        }
    }
    return true;
}

static bool read_row(table_source_t *source, table_view_t text, uint32_t number)
{
    line_t line = {.source = source, .line = number};
    for (size_t i = 0; i < CELLS; i++) {
        table_view_t part;
        (void)table_next_part(&text, ',', &part);
        line.cell[i] = part.len > 0 ? table_trim(part) : (table_view_t){"", 0};
    }
    table_row_t row = {.line = number};
    if (!read_type(&line, &row) || !read_subtype(&line, &row) || !read_offset(&line, &row) ||
        !read_size(&line, &row) || !read_flags(&line, &row)) {
        return false;
    }
    table_row_t *added = table_add_row(source, line.cell[0], number);
    if (added == NULL) {
        return false;
    }
    row.name = added->name;
    row.name_len = added->name_len;
    *added = row;
    return true;
}

/* A line with its variables replaced. */
static bool read_expanded(table_source_t *source, table_view_t line, uint32_t number)
{
    table_view_t name;
    if (table_starts_with_variable(line, &name)) {
        char text[80];
        table_finding_t *finding = table_refuse(source, "unknown_variable", NULL, number);
        table_finding_what(finding, "the line begins with $%s, a variable that is not set",
                           table_printable(name.at, name.len, text, sizeof(text)));
        table_finding_todo(finding, "Set it in the environment, or remove the line.");
        return false;
    }
    line = table_trim(line);
    return line.len == 0 || line.at[0] == '#' || read_row(source, line, number);
}

static bool read_line(table_source_t *source, table_view_t line, uint32_t number)
{
    if (line.len == 0 || memchr(line.at, '$', line.len) == NULL) {
        return read_expanded(source, line, number);
    }
    table_view_t expanded = {NULL, 0};
    char *text = table_expand(line, source->options.env, source->options.env_ctx, &expanded.len);
    if (text == NULL) {
        table_finding_t *finding = table_refuse(source, "line_too_long", NULL, number);
        table_finding_what(finding, "the line is longer than %u bytes with its variables replaced",
                           TABLE_LINE_MAX);
        table_finding_todo(finding, "Shorten the values of its variables.");
        return false;
    }
    expanded.at = text;
    bool ok = read_expanded(source, expanded, number);
    free(text);
    return ok;
}

static bool refuse_bytes(table_source_t *source, const char *encoding, size_t bad)
{
    table_finding_t *finding = table_refuse(source, "decode_error", NULL, 0);
    if (bad == SIZE_MAX) {
        table_finding_what(finding, "out of memory");
        return false;
    }
    table_finding_what(finding, "byte 0x%zx is not valid %s: neither a CSV nor a binary table", bad,
                       encoding);
    table_finding_todo(finding,
                       "Save the CSV as UTF-8. A binary table begins with the bytes AA 50; in "
                       "a whole flash image it lies at 0x8000.");
    return false;
}

bool table_read_csv(table_source_t *source, const uint8_t *bytes, size_t len)
{
    const char *encoding = NULL;
    size_t bad = 0;
    table_view_t rest = {NULL, 0};
    char *text = table_decode(bytes, len, &rest.len, &encoding, &bad);
    if (text == NULL) {
        return refuse_bytes(source, encoding, bad);
    }
    rest.at = text;
    table_view_t line;
    bool ok = true;
    for (uint32_t number = 1; ok && table_next_line(&rest, &line); number++) {
        ok = read_line(source, line, number);
    }
    free(text);
    return ok;
}
