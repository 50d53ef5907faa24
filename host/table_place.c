/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filling in what a CSV leaves open, one pass in file order:
 *
 *   table offset ...... +0x1000 = end
 *   row with an offset        must not lie below `end`
 *   row without               end, rounded up: 0x10000 for apps, 0x1000 for others
 *   negative size -X          reaches up to address X
 *   then                      end = offset + size
 *
 * The rows of the primary bootloader and of the table itself stand outside of this.
 */
#include "host/table_parts.h"

#include <string.h>

static bool same_row(const table_row_t *a, const table_row_t *b)
{
    return a->name_len == b->name_len && memcmp(a->name, b->name, a->name_len) == 0 &&
           a->type == b->type && a->subtype == b->subtype && a->size == b->size &&
           a->has_offset == b->has_offset && a->offset == b->offset;
}

static bool refuse_order(table_source_t *source, const table_row_t *row, int64_t end)
{
    char at[HEX_ROOM];
    char free_at[HEX_ROOM];
    bool first = same_row(row, &source->rows[0]);
    table_finding_t *finding =
        table_refuse(source, first ? "order_overlap_table" : "order_overlap_previous", row, 0);
    (void)table_hex(row->offset, at);
    (void)table_hex(end, free_at);
    if (first) {
        table_finding_what(finding,
                           "offset %s lies in or before the partition table, which ends at %s", at,
                           free_at);
    } else {
        table_finding_what(finding, "offset %s lies below %s, where the partition before it ends",
                           at, free_at);
    }
    table_finding_todo(finding,
                       "Use %s or more, leave the Offset cell empty, or sort the rows by offset.",
                       free_at);
    return false;
}

static int64_t round_up(int64_t value, int64_t to)
{
    int64_t over = value % to;
    return over == 0 ? value : table_add(value, over > 0 ? to - over : -over);
}

bool table_place(table_source_t *source)
{
    int64_t end = table_end(source);
    for (size_t i = 0; i < source->count; i++) {
        table_row_t *row = &source->rows[i];
        if (table_is_primary(source, row)) {
            continue;
        }
        if (row->has_offset && row->offset < end) {
            return refuse_order(source, row, end);
        }
        if (!row->has_offset) {
            row->offset = round_up(end, table_alignment(row));
            row->has_offset = true;
        }
        if (row->size < 0) {
            row->size = table_add(-row->size, -row->offset);
        }
        end = table_add(row->offset, row->size);
    }
    return true;
}
