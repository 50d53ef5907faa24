/* SPDX-License-Identifier: Apache-2.0 */
/* Rows to the binary table and back, as strict and as lax as Espressif's host tool. */
#include "core/bytes.h"
#include "core/md5.h"
#include "host/table_parts.h"

#include <stdlib.h>
#include <string.h>

static bool fits(table_source_t *source, const table_row_t *row, const char *field, int64_t value,
                 int64_t limit)
{
    if (value >= 0 && value <= limit) {
        return true;
    }
    char most[HEX_ROOM];
    table_finding_t *finding = table_refuse(source, "value_out_of_range", row, 0);
    table_finding_what(finding, "%s %lld does not fit its field of the table", field,
                       (long long)value);
    table_finding_todo(finding, "Use 0 to %s.", table_hex(limit, most));
    return false;
}

static bool row_fits(table_source_t *source, const table_row_t *row)
{
    return fits(source, row, "type", row->type, 0xFF) &&
           fits(source, row, "subtype", row->subtype, 0xFF) &&
           fits(source, row, "offset", row->offset, 0xFFFFFFFF) &&
           fits(source, row, "size", row->size, 0xFFFFFFFF);
}

/* The label of the table is bytes, and may hold a NUL in the middle if the CSV's name does. */
static void encode(uint8_t slot[OTA_TABLE_ENTRY], const table_row_t *row)
{
    ota_part_t part = {.type = (uint8_t)row->type,
                       .subtype = (uint8_t)row->subtype,
                       .offset = (uint32_t)row->offset,
                       .size = (uint32_t)row->size,
                       .flags = row->flags & (OTA_PART_ENCRYPTED | OTA_PART_READONLY)};
    ota_table_encode(slot, &part);
    memcpy(slot + 12, row->name, row->name_len < OTA_LABEL_MAX ? row->name_len : OTA_LABEL_MAX);
}

bool table_to_binary(table_source_t *source, uint8_t out[OTA_TABLE_SIZE])
{
    for (size_t i = 0; i < source->count; i++) {
        if (!row_fits(source, &source->rows[i])) {
            return false;
        }
    }
    size_t slots = source->count + (source->options.no_md5 ? 0 : 1);
    if (slots * OTA_TABLE_ENTRY >= OTA_TABLE_SIZE) {
        table_finding_t *finding = table_refuse(source, "too_many_entries", NULL, 0);
        table_finding_what(finding,
                           "%zu partitions take %zu bytes; the end marker needs room in 3072",
                           source->count, slots * OTA_TABLE_ENTRY);
        table_finding_todo(finding, "A table holds %d partitions at most.",
                           source->options.no_md5 ? 95 : 94);
        return false;
    }
    memset(out, 0xFF, OTA_TABLE_SIZE);
    for (size_t i = 0; i < source->count; i++) {
        encode(out + i * OTA_TABLE_ENTRY, &source->rows[i]);
    }
    if (!source->options.no_md5) {
        ota_table_encode_md5(out + source->count * OTA_TABLE_ENTRY, out, (uint32_t)source->count);
    }
    return true;
}

static bool refuse_slot(table_source_t *source, const char *rule, size_t at, const char *what,
                        const char *todo)
{
    table_finding_t *finding = table_refuse(source, rule, NULL, 0);
    table_finding_what(finding, "at byte 0x%zx: %s", at, what);
    table_finding_todo(finding, "%s", todo);
    return false;
}

static bool read_slot(table_source_t *source, const uint8_t *slot, size_t at)
{
    const char *label = (const char *)slot + 12;
    const char *nul = memchr(label, '\0', OTA_LABEL_MAX);
    table_view_t name = {label, nul != NULL ? (size_t)(nul - label) : OTA_LABEL_MAX};
    if (!table_is_utf8(name.at, name.len)) {
        return refuse_slot(source, "bin_name_not_utf8", at, "the label is not UTF-8 text",
                           "Not an entry of a partition table, or a damaged one: read the table "
                           "from the device again.");
    }
    if (ota_get_le16(slot) != 0x50AA) {
        return refuse_slot(source, "bin_magic", at, "the slot does not begin with AA 50",
                           "The table is damaged, or is not one from here on: read it again.");
    }
    table_row_t *row = table_add_row(source, name, 0);
    if (row == NULL) {
        return false;
    }
    row->type = slot[2];
    row->subtype = slot[3];
    row->offset = ota_get_le32(slot + 4);
    row->size = ota_get_le32(slot + 8);
    row->has_offset = true;
    row->flags = ota_get_le32(slot + 28);
    row->slot_at = (uint32_t)at;
    uint32_t unknown = row->flags & ~(OTA_PART_ENCRYPTED | OTA_PART_READONLY);
    if (unknown != 0) {
        table_finding_t *finding =
            table_finding_add(&source->findings, TABLE_WARNING, "unknown_flags", 0);
        table_finding_part(finding, row->name, row->name_len);
        table_finding_what(finding, "unknown flag bits 0x%08x", unknown);
        table_finding_todo(finding, "A newer format, or damage; the bits are ignored.");
    }
    return true;
}

static bool is_blank_slot(const uint8_t *slot)
{
    for (size_t i = 0; i < OTA_TABLE_ENTRY; i++) {
        if (slot[i] != 0xFF) {
            return false;
        }
    }
    return true;
}

/* The digest covers the entries alone: one that comes after another digest slot counts both
 * before and behind it. `entries` holds them without gaps. */
typedef struct {
    uint8_t *entries;
    size_t len;
    size_t digested; /* `digest` is that of so many bytes */
    uint8_t digest[MD5_SIZE];
} sum_t;

static const uint8_t *sum_now(sum_t *sum)
{
    if (sum->digested != sum->len || sum->len == 0) {
        ota_md5(sum->entries, sum->len, sum->digest);
        sum->digested = sum->len;
    }
    return sum->digest;
}

static bool read_slots(table_source_t *source, const uint8_t *bytes, size_t len, sum_t *sum)
{
    size_t at = 0;
    for (; len - at >= OTA_TABLE_ENTRY; at += OTA_TABLE_ENTRY) {
        const uint8_t *slot = bytes + at;
        if (is_blank_slot(slot)) {
            return true;
        }
        if (source->options.no_md5 || ota_get_le16(slot) != 0xEBEB) {
            if (!read_slot(source, slot, at)) {
                return false;
            }
            memcpy(sum->entries + sum->len, slot, OTA_TABLE_ENTRY);
            sum->len += OTA_TABLE_ENTRY;
        } else if (memcmp(sum_now(sum), slot + 16, MD5_SIZE) == 0) {
            source->has_md5 = true;
        } else {
            return refuse_slot(
                source, "bin_md5", at, "the MD5 differs from the entries before it",
                "The table was changed or damaged: build it again, or read it again.");
        }
    }
    if (len > at) {
        return refuse_slot(source, "bin_length", at, "a slot is shorter than 32 bytes",
                           "The file is cut off: a table has 3072 bytes.");
    }
    return refuse_slot(source, "bin_no_end", at, "there is no end marker (32 bytes of FF)",
                       "The file is cut off: a table has 3072 bytes.");
}

bool table_read_binary(table_source_t *source, const uint8_t *bytes, size_t len)
{
    uint8_t *entries = malloc(len);
    if (entries == NULL) {
        table_finding_what(table_refuse(source, "no_memory", NULL, 0), "out of memory");
        return false;
    }
    sum_t sum = {.entries = entries};
    bool ok = read_slots(source, bytes, len, &sum);
    free(entries);
    return ok;
}
