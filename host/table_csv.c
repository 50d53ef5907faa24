/* SPDX-License-Identifier: Apache-2.0 */
/* The way in: options, the kind of input, rows and their names. */
#include "host/table_csv.h"

#include "host/table_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

table_finding_t *table_refuse(table_source_t *source, const char *rule, const table_row_t *row,
                              uint32_t line)
{
    table_finding_t *finding =
        table_finding_add(&source->findings, TABLE_ERROR, rule, row != NULL ? row->line : line);
    if (row != NULL) {
        table_finding_part(finding, row->name, row->name_len);
    }
    return finding;
}

static table_row_t *no_memory(table_source_t *source, uint32_t line)
{
    table_finding_what(table_refuse(source, "no_memory", NULL, line), "out of memory");
    return NULL;
}

static bool grow(table_source_t *source)
{
    size_t room = source->room == 0 ? 16 : source->room * 2;
    table_row_t *rows = realloc(source->rows, room * sizeof(*rows));
    if (rows == NULL) {
        return false;
    }
    source->rows = rows;
    source->room = room;
    return true;
}

static char *copy_name(table_view_t name)
{
    char *copy = malloc(name.len + 1);
    if (copy != NULL) {
        memcpy(copy, name.len > 0 ? name.at : "", name.len);
        copy[name.len] = '\0';
    }
    return copy;
}

table_row_t *table_add_row(table_source_t *source, table_view_t name, uint32_t line)
{
    if (source->count == TABLE_ROWS_MAX) {
        table_finding_t *finding = table_refuse(source, "too_many_entries", NULL, line);
        table_finding_what(finding, "more than %u rows; a table holds 95", TABLE_ROWS_MAX);
        table_finding_todo(finding, "Remove rows.");
        return NULL;
    }
    if (source->count == source->room && !grow(source)) {
        return no_memory(source, line);
    }
    char *copy = copy_name(name);
    if (copy == NULL) {
        return no_memory(source, line);
    }
    table_row_t *row = &source->rows[source->count++];
    *row = (table_row_t){.name = copy, .name_len = name.len, .line = line};
    return row;
}

bool table_is_kind(const table_source_t *source, const table_row_t *row, int type,
                   const char *subtype)
{
    return row->type == type &&
           row->subtype == table_subtype_value(&source->subtypes, type, subtype);
}

bool table_is_primary(const table_source_t *source, const table_row_t *row)
{
    return table_is_kind(source, row, OTA_TYPE_BOOTLOADER, "primary") ||
           table_is_kind(source, row, OTA_TYPE_TABLE, "primary");
}

int64_t table_alignment(const table_row_t *row)
{
    return row->type == OTA_TYPE_APP ? ALIGN_APP : ALIGN_OTHER;
}

int64_t table_end(const table_source_t *source)
{
    return table_add(source->options.table_offset, OTA_TABLE_SECTOR);
}

char *table_hex(int64_t value, char text[HEX_ROOM])
{
    (void)snprintf(text, HEX_ROOM, "%s0x%llx", value < 0 ? "-" : "",
                   (unsigned long long)(value < 0 ? -value : value));
    return text;
}

static bool check_options(table_source_t *source)
{
    const table_options_t *options = &source->options;
    if (options->has_bootloader && options->bootloader_offset >= options->table_offset) {
        char boot[HEX_ROOM];
        char table[HEX_ROOM];
        table_finding_t *finding =
            table_refuse(source, "primary_bootloader_not_below_table", NULL, 0);
        table_finding_what(finding, "the primary bootloader at %s is not below the table at %s",
                           table_hex(options->bootloader_offset, boot),
                           table_hex(options->table_offset, table));
        table_finding_todo(finding, "Give a bootloader offset below the table: 0x1000 on ESP32 and "
                                    "S2, 0x2000 on P4 and C5, 0x0 on the others.");
        return false;
    }
    return table_read_extra(source);
}

bool table_read(table_source_t *source, const table_options_t *options, const uint8_t *bytes,
                size_t len)
{
    memset(source, 0, sizeof(*source));
    source->options = *options;
    table_subtypes_init(&source->subtypes);
    if (!check_options(source)) {
        return false;
    }
    if (len > TABLE_INPUT_MAX) {
        table_finding_t *finding = table_refuse(source, "input_too_large", NULL, 0);
        table_finding_what(finding, "the input has %zu bytes, more than %u", len, TABLE_INPUT_MAX);
        table_finding_todo(finding,
                           "A partition CSV or table has a few KiB: is this the right file?");
        return false;
    }
    source->from_binary = len >= 2 && bytes[0] == 0xAA && bytes[1] == 0x50;
    if (source->from_binary) {
        return table_read_binary(source, bytes, len);
    }
    return table_read_csv(source, bytes, len) && table_place(source);
}

size_t table_parts(const table_source_t *source, ota_part_t *parts, size_t room)
{
    size_t n = source->count < room ? source->count : room;
    for (size_t i = 0; i < n; i++) {
        const table_row_t *row = &source->rows[i];
        memset(&parts[i], 0, sizeof(parts[i]));
        parts[i].type = (uint8_t)row->type;
        parts[i].subtype = (uint8_t)row->subtype;
        parts[i].offset = (uint32_t)row->offset;
        parts[i].size = (uint32_t)row->size;
        parts[i].flags = row->flags;
        memcpy(parts[i].label, row->name,
               row->name_len < OTA_LABEL_MAX ? row->name_len : OTA_LABEL_MAX);
    }
    return n;
}

void table_source_free(table_source_t *source)
{
    for (size_t i = 0; i < source->count; i++) {
        free(source->rows[i].name);
    }
    free(source->rows);
    source->rows = NULL;
    source->count = 0;
    source->room = 0;
    table_findings_free(&source->findings);
}
