/* SPDX-License-Identifier: Apache-2.0 */
/* Rows to the CSV that Espressif's tool prints: names where there are any, sizes in M or K. */
#include "host/table_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char title[] = "# ESP-IDF Partition Table\n"
                            "# Name, Type, SubType, Offset, Size, Flags\n";

/* A row's text behind its name. Returns the length. */
static size_t render(const table_source_t *source, const table_row_t *row, char *out, size_t room)
{
    char type[24];
    const char *type_name = table_type_name(row->type);
    (void)snprintf(type, sizeof(type), "%lld", (long long)row->type);
    char number[24];
    (void)snprintf(number, sizeof(number), "%lld", (long long)row->subtype);
    table_view_t subtype = table_subtype_name(&source->subtypes, row->type, row->subtype);
    if (subtype.at == NULL) {
        subtype = (table_view_t){number, strlen(number)};
    }
    char size[24];
    if (row->size % 0x100000 == 0) {
        (void)snprintf(size, sizeof(size), "%lldM", (long long)(row->size / 0x100000));
    } else if (row->size % 0x400 == 0) {
        (void)snprintf(size, sizeof(size), "%lldK", (long long)(row->size / 0x400));
    } else {
        (void)table_hex(row->size, size);
    }
    char offset[HEX_ROOM];
    unsigned flags = row->flags & (OTA_PART_ENCRYPTED | OTA_PART_READONLY);
    static const char *const flag_text[] = {"", "encrypted", "readonly", "encrypted:readonly"};
    int n = snprintf(out, room, ",%s,%.*s,%s,%s,%s\n", type_name != NULL ? type_name : type,
                     (int)subtype.len, subtype.at, table_hex(row->offset, offset), size,
                     flag_text[flags]);
    return n > 0 ? (size_t)n : 0;
}

static size_t row_room(const table_source_t *source, const table_row_t *row)
{
    char none[1];
    return row->name_len + render(source, row, none, sizeof(none));
}

char *table_to_csv(const table_source_t *source, size_t *len)
{
    size_t room = sizeof(title);
    for (size_t i = 0; i < source->count; i++) {
        room += row_room(source, &source->rows[i]);
    }
    char *text = malloc(room);
    if (text == NULL) {
        return NULL;
    }
    size_t n = sizeof(title) - 1;
    memcpy(text, title, sizeof(title));
    for (size_t i = 0; i < source->count; i++) {
        const table_row_t *row = &source->rows[i];
        memcpy(text + n, row->name, row->name_len);
        n += row->name_len;
        n += render(source, row, text + n, room - n);
    }
    *len = n;
    return text;
}
