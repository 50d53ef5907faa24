/* SPDX-License-Identifier: Apache-2.0 */
#include "host/table_lint.h"
#include "host/size.h"

#include "host/flash_map.h"
#include "host/table_lint_rules.h"
#include "host/table_parts.h"

#include <stdlib.h>
#include <string.h>

table_finding_t *lint_say(table_source_t *source, table_severity_t severity, const char *rule,
                          const table_row_t *row)
{
    table_finding_t *finding =
        table_finding_add(&source->findings, severity, rule, row != NULL ? row->line : 0);
    if (row != NULL) {
        table_finding_part(finding, row->name, row->name_len);
    }
    return finding;
}

const table_row_t *lint_find(const table_source_t *source, int64_t type, int64_t subtype)
{
    for (size_t i = 0; i < source->count; i++) {
        if (source->rows[i].type == type && source->rows[i].subtype == subtype) {
            return &source->rows[i];
        }
    }
    return NULL;
}

bool lint_is_slot(const table_row_t *row)
{
    return row->type == OTA_TYPE_APP && row->subtype >= (int)OTA_SUBTYPE_OTA_0 &&
           row->subtype <= (int)OTA_SUBTYPE_OTA_15;
}

/* --- each partition on its own ------------------------------------------------------------ */

static void check_size(table_source_t *source, const table_row_t *row)
{
    char size[HEX_ROOM];
    if (row->size == 0) {
        table_finding_t *finding = lint_say(
            source, row->type == OTA_TYPE_APP ? TABLE_ERROR : TABLE_WARNING, "size_zero", row);
        table_finding_what(finding, "the partition has size 0");
        table_finding_todo(finding, "Give it a size, or remove it.");
    } else if (row->type != OTA_TYPE_APP && row->size % ALIGN_OTHER != 0) {
        table_finding_t *finding = lint_say(source, TABLE_WARNING, "size_unaligned", row);
        table_finding_what(finding,
                           "size %s is not a multiple of 0x1000, the unit that flash erases",
                           table_hex(row->size, size));
        table_finding_todo(finding,
                           "Use 0x%llx: the last, incomplete sector cannot be used anyway.",
                           (unsigned long long)(row->size / ALIGN_OTHER * ALIGN_OTHER));
    }
}

static void check_label(table_source_t *source, const table_row_t *row)
{
    if (row->name_len <= OTA_LABEL_MAX) {
        return;
    }
    table_finding_t *finding = lint_say(source, TABLE_WARNING, "label_cut", row);
    table_finding_what(finding, "the name has %zu bytes; the table keeps 16", row->name_len);
    table_finding_todo(finding, "Shorten it: looking it up by its full name fails on the device.");
    for (size_t i = 0; i < source->count; i++) {
        const table_row_t *other = &source->rows[i];
        if (other < row && other->name_len >= OTA_LABEL_MAX &&
            memcmp(other->name, row->name, OTA_LABEL_MAX) == 0) {
            finding = lint_say(source, TABLE_ERROR, "label_twice", row);
            table_finding_what(finding, "cut to 16 bytes the name is the same as that of line %u",
                               other->line);
            table_finding_todo(finding, "Let the names differ within their first 16 bytes.");
        }
    }
}

static void check_flags(table_source_t *source, const table_row_t *row)
{
    if ((row->flags & OTA_PART_READONLY) != 0 && row->type == OTA_TYPE_APP) {
        table_finding_t *finding = lint_say(source, TABLE_WARNING, "readonly_app", row);
        table_finding_what(finding,
                           "an app partition is flagged readonly: no update can be written "
                           "to it");
        table_finding_todo(finding, "Remove the flag; it is meant for data.");
    }
    if ((row->flags & OTA_PART_ENCRYPTED) != 0 && row->type == OTA_TYPE_DATA &&
        row->subtype == (int)OTA_SUBTYPE_NVS) {
        table_finding_t *finding = lint_say(source, TABLE_WARNING, "nvs_encrypted_flag", row);
        table_finding_what(finding,
                           "nvs is flagged encrypted, and does not work with flash encryption");
        table_finding_todo(finding, "Remove the flag and add an nvs_keys partition: nvs encrypts "
                                    "itself.");
    }
}

static void check_type(table_source_t *source, const table_row_t *row)
{
    if (row->type >= 0x04 && row->type < 0x40) {
        table_finding_t *finding = lint_say(source, TABLE_WARNING, "type_reserved", row);
        table_finding_what(finding, "type 0x%02llx is reserved for ESP-IDF",
                           (unsigned long long)row->type);
        table_finding_todo(finding, "Types of your own are 0x40 to 0xfe.");
    }
    if (row->type == OTA_TYPE_APP && row->size > 0x1000000) {
        table_finding_t *finding = lint_say(source, TABLE_WARNING, "app_over_16M", row);
        table_finding_what(finding,
                           "an app partition above 16 MiB is refused as a whole on most chips");
        table_finding_todo(finding, "Only ESP32-S3, P4, C5 and C61 take more; make it 16 MiB.");
    }
}

static void check_rows(table_source_t *source)
{
    for (size_t i = 0; i < source->count; i++) {
        const table_row_t *row = &source->rows[i];
        check_size(source, row);
        check_label(source, row);
        check_flags(source, row);
        check_type(source, row);
    }
}

/* --- the rest of the flash ----------------------------------------------------------------- */

static void check_end(table_source_t *source, const table_lint_t *lint)
{
    char end_text[HEX_ROOM];
    char size[SIZE_TEXT];
    for (size_t i = 0; lint->flash_size != 0 && i < source->count; i++) {
        const table_row_t *row = &source->rows[i];
        int64_t end = table_add(row->offset, row->size);
        if (end > (int64_t)lint->flash_size) {
            table_finding_t *finding = lint_say(source, TABLE_ERROR, "beyond_flash", row);
            table_finding_what(finding, "ends at %s, beyond the %s of flash",
                               table_hex(end, end_text), size_text(lint->flash_size, size));
            table_finding_todo(finding,
                               "Make it %lld bytes smaller, or move it down: a bootloader "
                               "refuses the whole table.",
                               (long long)(end - (int64_t)lint->flash_size));
        }
    }
}

static void check_unused(table_source_t *source, const table_lint_t *lint)
{
    int64_t used = table_end(source);
    int64_t end = used;
    for (size_t i = 0; i < source->count; i++) {
        const table_row_t *row = &source->rows[i];
        if (!table_is_primary(source, row)) {
            used = table_add(used, row->size);
            end = table_add(row->offset, row->size) > end ? table_add(row->offset, row->size) : end;
        }
    }
    int64_t until = lint->flash_size != 0 ? (int64_t)lint->flash_size : end;
    int64_t unused = until - used;
    if (unused >= 4 * (int64_t)ALIGN_APP && unused < (int64_t)UINT32_MAX) {
        char size[SIZE_TEXT];
        table_finding_t *finding = lint_say(source, TABLE_ADVICE, "space_unused", NULL);
        table_finding_what(finding, "%s of flash belong to no partition",
                           size_text((uint64_t)unused, size));
        table_finding_todo(finding,
                           "Give them to the app slots: a table cannot grow in the field.");
    }
}

/* --- a binary table, as the device's two readers see it --------------------------------------- */

static void check_readers(table_source_t *source, const table_lint_t *lint, const uint8_t *bytes,
                          size_t len)
{
    uint8_t *sector = malloc(OTA_TABLE_SECTOR);
    if (sector == NULL) {
        return;
    }
    memset(sector, 0xFF, OTA_TABLE_SECTOR);
    memcpy(sector, bytes, len < OTA_TABLE_SECTOR ? len : OTA_TABLE_SECTOR);
    ota_table_t table;
    ota_fault_t fault = {OTA_OK, 0, 0, 0};
    uint32_t chip = lint->flash_size != 0 ? lint->flash_size : UINT32_MAX;
    ota_status_t status = ota_table_open_boot(&table, sector, OTA_TABLE_SECTOR, chip, &fault);
    if (status != OTA_OK) {
        table_finding_t *finding = lint_say(source, TABLE_ERROR, "bootloader_refuses", NULL);
        table_finding_what(finding, "the bootloader refuses the table at byte 0x%x: %s",
                           fault.offset, ota_status_name(status));
        table_finding_todo(finding, "A device with it does not start: build the table again.");
    }
    uint32_t boot_count = status == OTA_OK ? table.count : 0;
    status = ota_table_open_app(&table, sector, OTA_TABLE_SECTOR, &fault);
    if (status == OTA_ERR_TABLE_MD5_MISSING) {
        table_finding_t *finding = lint_say(source, TABLE_ERROR, "no_md5", NULL);
        table_finding_what(finding, "the table has no MD5: it boots, and then the app finds no "
                                    "partitions at all");
        table_finding_todo(finding,
                           "Build it without --disable-md5sum, unless the app was built with "
                           "CONFIG_PARTITION_TABLE_MD5=n.");
    } else if (status == OTA_OK && boot_count != 0 && boot_count != table.count) {
        table_finding_t *finding = lint_say(source, TABLE_ERROR, "entry_behind_md5", NULL);
        table_finding_what(finding,
                           "the bootloader reads %u rows, the app %u: entries follow the MD5",
                           boot_count, table.count);
        table_finding_todo(finding, "Build the table again; the MD5 must come last.");
    }
    free(sector);
}

bool table_lint(table_source_t *source, const table_lint_t *lint, const uint8_t *bytes, size_t len)
{
    source->options.keep_going = true;
    (void)table_verify(source);
    check_rows(source);
    lint_slots(source);
    lint_data(source);
    check_end(source, lint);
    check_unused(source, lint);
    uint8_t binary[OTA_TABLE_SIZE];
    if (!source->from_binary) {
        (void)table_to_binary(source, binary); /* for what it says about values and their number */
    }
    if (source->from_binary && bytes != NULL) {
        check_readers(source, lint, bytes, len);
    } else if (source->options.no_md5) {
        table_finding_t *finding = lint_say(source, TABLE_ERROR, "no_md5", NULL);
        table_finding_what(finding, "without its MD5 the table boots, and then the app finds no "
                                    "partitions at all");
        table_finding_todo(finding, "Leave --disable-md5sum out, unless the app was built with "
                                    "CONFIG_PARTITION_TABLE_MD5=n.");
    }
    table_lint_fit(source, lint);
    return table_findings_count(&source->findings, TABLE_ERROR) == 0;
}
