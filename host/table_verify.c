/* SPDX-License-Identifier: Apache-2.0 */
/* The generator's own checks, in its order: each row, then the table as a whole. */
#include "host/table_parts.h"

#include <stdlib.h>
#include <string.h>

static bool check_alignment(table_source_t *source, const table_row_t *row)
{
    int64_t align = table_alignment(row);
    char at[HEX_ROOM];
    if (row->offset % align != 0) {
        table_finding_t *finding = table_refuse(source, "offset_unaligned", row, 0);
        table_finding_what(finding, "offset %s is not a multiple of 0x%x",
                           table_hex(row->offset, at), (unsigned)align);
        table_finding_todo(finding, "Use 0x%llx, or leave the Offset cell empty.",
                           (unsigned long long)((row->offset / align + 1) * align));
        return false;
    }
    int64_t unit = source->options.secure == TABLE_SECURE_V1 ? ALIGN_APP : ALIGN_OTHER;
    if (row->type == OTA_TYPE_APP && row->size % unit != 0) {
        table_finding_t *finding = table_refuse(source, "app_size_unaligned", row, 0);
        table_finding_what(finding, "size %s of an app is not a multiple of 0x%x",
                           table_hex(row->size, at), (unsigned)unit);
        table_finding_todo(finding, "Use 0x%llx.", (unsigned long long)(row->size / unit * unit));
        return false;
    }
    return true;
}

static void warn(table_source_t *source, const table_row_t *row, const char *rule, const char *kind)
{
    table_finding_t *finding = table_finding_add(&source->findings, TABLE_WARNING, rule, row->line);
    table_finding_part(finding, row->name, row->name_len);
    table_finding_what(finding, "the name is that of a %s, but the partition is of another one",
                       kind);
    table_finding_todo(finding, "Check that the columns are not swapped, or rename the partition.");
}

static void warn_of_names(table_source_t *source, const table_row_t *row)
{
    table_view_t name = {row->name, row->name_len};
    int64_t type = table_type_value(name);
    if (type >= 0 && type != row->type) {
        warn(source, row, "name_is_other_type", "type");
    }
    if (!table_is_subtype_name(&source->subtypes, name)) {
        return;
    }
    int64_t own = -1;
    bool known = false;
    for (size_t i = 0; i < source->subtypes.count; i++) {
        const table_word_t *word = &source->subtypes.words[i];
        if (word->type == row->type && word->name.len == name.len &&
            memcmp(word->name.at, name.at, name.len) == 0) {
            own = word->value;
            known = true;
        }
    }
    if (!known || own != row->subtype) {
        warn(source, row, "name_is_other_subtype", "subtype");
    }
}

static bool check_data(table_source_t *source, const table_row_t *row)
{
    bool readonly = (row->flags & OTA_PART_READONLY) != 0;
    bool otadata = table_is_kind(source, row, OTA_TYPE_DATA, "ota");
    char size[HEX_ROOM];
    if (readonly && (otadata || table_is_kind(source, row, OTA_TYPE_DATA, "coredump"))) {
        table_finding_t *finding = table_refuse(source, "readonly_forbidden", row, 0);
        table_finding_what(finding, "%s cannot be readonly: the device itself writes it",
                           otadata ? "data/ota" : "data/coredump");
        table_finding_todo(finding, "Remove the flag.");
        return false;
    }
    if (!readonly && row->size < NVS_MIN && table_is_kind(source, row, OTA_TYPE_DATA, "nvs")) {
        table_finding_t *finding = table_refuse(source, "nvs_too_small", row, 0);
        table_finding_what(finding, "size %s is too small for nvs, which needs 0x3000 to write",
                           table_hex(row->size, size));
        table_finding_todo(finding, "Make it 0x3000 or more, or flag it readonly.");
        return false;
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    const table_row_t *x = *(const table_row_t *const *)a;
    const table_row_t *y = *(const table_row_t *const *)b;
    size_t n = x->name_len < y->name_len ? x->name_len : y->name_len;
    int order = memcmp(x->name, y->name, n);
    if (order != 0) {
        return order;
    }
    if (x->name_len != y->name_len) {
        return x->name_len < y->name_len ? -1 : 1;
    }
    return x < y ? -1 : 1;
}

static int by_offset(const void *a, const void *b)
{
    const table_row_t *x = *(const table_row_t *const *)a;
    const table_row_t *y = *(const table_row_t *const *)b;
    if (x->offset != y->offset) {
        return x->offset < y->offset ? -1 : 1;
    }
    return x < y ? -1 : 1;
}

static void sort_rows(const table_source_t *source, const table_row_t **order,
                      int (*by)(const void *, const void *))
{
    for (size_t i = 0; i < source->count; i++) {
        order[i] = &source->rows[i];
    }
    qsort(order, source->count, sizeof(const table_row_t *), by);
}

static bool check_names(table_source_t *source, const table_row_t **order)
{
    sort_rows(source, order, by_name);
    bool ok = true;
    for (size_t i = 1; i < source->count; i++) {
        const table_row_t *a = order[i - 1];
        const table_row_t *b = order[i];
        if (a->name_len == b->name_len && memcmp(a->name, b->name, a->name_len) == 0) {
            table_finding_t *finding = table_refuse(source, "duplicate_names", b, 0);
            if (b->line != 0) {
                table_finding_what(finding, "the name is already taken by line %u", a->line);
            } else {
                table_finding_what(finding, "the name is already taken by the entry at byte 0x%x",
                                   a->slot_at);
            }
            table_finding_todo(finding, "Give every partition a name of its own.");
            ok = false;
            if (!source->options.keep_going) {
                break;
            }
        }
    }
    return ok;
}

static bool check_below(table_source_t *source, const table_row_t *row)
{
    char at[HEX_ROOM];
    char end[HEX_ROOM];
    if (row->offset >= table_end(source) || table_is_primary(source, row)) {
        return true;
    }
    table_finding_t *finding = table_refuse(source, "below_table_end", row, 0);
    table_finding_what(finding, "offset %s lies below %s, the end of the partition table",
                       table_hex(row->offset, at), table_hex(table_end(source), end));
    table_finding_todo(finding, "Move it to %s or above.", end);
    return false;
}

static bool check_overlap(table_source_t *source, const table_row_t *row, const table_row_t *before)
{
    int64_t end = table_add(before->offset, before->size);
    if (row->offset >= end) {
        return true;
    }
    char at[HEX_ROOM];
    char other[HEX_ROOM];
    char last[HEX_ROOM];
    char name[72];
    table_finding_t *finding = table_refuse(source, "overlap", row, 0);
    table_finding_what(finding, "the partition at %s overlaps %s at %s-%s",
                       table_hex(row->offset, at),
                       table_printable(before->name, before->name_len, name, sizeof(name)),
                       table_hex(before->offset, other), table_hex(end - 1, last));
    table_finding_todo(finding, "Move it to %s or above, or make the other one smaller.",
                       table_hex(end, last));
    return false;
}

static bool check_order(table_source_t *source, const table_row_t **order)
{
    sort_rows(source, order, by_offset);
    bool ok = true;
    for (size_t i = 0; i < source->count && (ok || source->options.keep_going); i++) {
        ok = check_below(source, order[i]) && ok;
        if (i > 0 && (ok || source->options.keep_going)) {
            ok = check_overlap(source, order[i], order[i - 1]) && ok;
        }
    }
    return ok;
}

static bool check_single(table_source_t *source, const char *subtype, const char *many,
                         const char *wrong)
{
    const table_row_t *found = NULL;
    for (size_t i = 0; i < source->count; i++) {
        const table_row_t *row = &source->rows[i];
        if (!table_is_kind(source, row, OTA_TYPE_DATA, subtype)) {
            continue;
        }
        if (found != NULL) {
            table_finding_t *finding = table_refuse(source, many, row, 0);
            table_finding_what(finding, "there is more than one data/%s partition", subtype);
            table_finding_todo(finding, "Keep one.");
            return false;
        }
        found = row;
    }
    if (found != NULL && found->size != OTADATA_LEN) {
        char size[HEX_ROOM];
        table_finding_t *finding = table_refuse(source, wrong, found, 0);
        table_finding_what(finding, "size %s of data/%s is not 0x2000",
                           table_hex(found->size, size), subtype);
        table_finding_todo(finding, "Make it 0x2000: two sectors, one for each copy.");
        return false;
    }
    return true;
}

static bool check_rows(table_source_t *source)
{
    bool ok = true;
    for (size_t i = 0; i < source->count && (ok || source->options.keep_going); i++) {
        const table_row_t *row = &source->rows[i];
        ok = check_alignment(source, row) && ok;
        if (ok || source->options.keep_going) {
            warn_of_names(source, row);
            ok = check_data(source, row) && ok;
        }
    }
    return ok;
}

static bool check_whole(table_source_t *source, const table_row_t **order)
{
    typedef struct {
        const char *subtype;
        const char *many;
        const char *size;
    } single_t;
    static const single_t singles[] = {
        {"ota", "otadata_multiple", "otadata_size"},
        {"tee_ota", "tee_otadata_multiple", "tee_otadata_size"},
    };
    bool go_on = source->options.keep_going;
    bool ok = check_names(source, order);
    ok = (ok || go_on) && check_order(source, order) && ok;
    for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]) && (ok || go_on); i++) {
        ok = check_single(source, singles[i].subtype, singles[i].many, singles[i].size) && ok;
    }
    return ok;
}

bool table_verify(table_source_t *source)
{
    bool ok = check_rows(source);
    if (!ok && !source->options.keep_going) {
        return false;
    }
    const table_row_t **order = malloc((source->count + 1) * sizeof(*order));
    if (order == NULL) {
        table_finding_what(table_refuse(source, "no_memory", NULL, 0), "out of memory");
        return false;
    }
    ok = check_whole(source, order) && ok;
    free(order);
    return ok;
}

bool table_verify_size(table_source_t *source)
{
    const table_row_t *last = NULL;
    for (size_t i = 0; i < source->count; i++) {
        if (last == NULL || source->rows[i].offset > last->offset) {
            last = &source->rows[i];
        }
    }
    int64_t flash = (int64_t)source->options.flash_mb << 20;
    int64_t end = last != NULL ? table_add(last->offset, last->size) : 0;
    if (end <= flash) {
        return true;
    }
    table_finding_t *finding = table_refuse(source, "flash_size", last, 0);
    table_finding_what(finding, "the table ends at %lld bytes, beyond the %u MiB of flash",
                       (long long)end, source->options.flash_mb);
    table_finding_todo(finding,
                       "Shrink partitions by %lld bytes in all, or name the real flash size.",
                       (long long)(end - flash));
    return false;
}
