/* SPDX-License-Identifier: Apache-2.0 */
/* Does the firmware fit? The questions that a build asks, with the numbers in the answer. */
#include "host/flash_map.h"
#include "host/table_lint_rules.h"
#include "host/table_parts.h"

typedef struct {
    unsigned apps;
    unsigned fitting;
    const table_row_t *smallest;
    const table_row_t *largest;
} fit_t;

static fit_t measure(const table_source_t *source, uint32_t size)
{
    fit_t fit = {0, 0, NULL, NULL};
    for (size_t i = 0; i < source->count; i++) {
        const table_row_t *row = &source->rows[i];
        if (row->type != OTA_TYPE_APP || row->subtype == (int)OTA_SUBTYPE_TEE_0 ||
            row->subtype == (int)OTA_SUBTYPE_TEE_1) {
            continue;
        }
        fit.apps++;
        fit.fitting += row->size >= (int64_t)size;
        fit.smallest = fit.smallest == NULL || row->size < fit.smallest->size ? row : fit.smallest;
        fit.largest = fit.largest == NULL || row->size > fit.largest->size ? row : fit.largest;
    }
    return fit;
}

static void check_app(table_source_t *source, uint32_t size)
{
    fit_t fit = measure(source, size);
    char room[HEX_ROOM];
    if (fit.apps == 0) {
        return; /* no_app has said so */
    }
    if (fit.fitting == 0) {
        table_finding_t *finding = lint_say(source, TABLE_ERROR, "app_too_big", fit.largest);
        table_finding_what(finding,
                           "the app has %u bytes (0x%x) and fits no app partition; the largest "
                           "has %s, %lld bytes less",
                           size, size, table_hex(fit.largest->size, room),
                           (long long)((int64_t)size - fit.largest->size));
        table_finding_todo(finding, "`otary table suggest --app-size %u` names tables that fit.",
                           size);
    } else if (fit.fitting < fit.apps) {
        table_finding_t *finding = lint_say(source, TABLE_WARNING, "app_fits_some", fit.smallest);
        table_finding_what(finding,
                           "the app has %u bytes and does not fit here (%s); it fits %u of %u "
                           "app partitions",
                           size, table_hex(fit.smallest->size, room), fit.fitting, fit.apps);
        table_finding_todo(finding, "An update into this partition is refused: make it larger.");
    } else if (fit.smallest->size - (int64_t)size < fit.smallest->size / 20) {
        long long left = (long long)(fit.smallest->size - (int64_t)size);
        table_finding_t *finding = lint_say(source, TABLE_WARNING, "app_nearly_full", fit.smallest);
        table_finding_what(finding, "the app leaves %lld of %s bytes free, less than 5 %%", left,
                           table_hex(fit.smallest->size, room));
        table_finding_todo(finding,
                           "Choose a larger slot before devices ship: "
                           "`otary table suggest --app-size %u`.",
                           size);
    }
}

static void check_bootloader(table_source_t *source, const table_lint_t *lint)
{
    int64_t room = source->options.table_offset - (int64_t)lint->bootloader_offset;
    if (lint->bootloader_size != 0 && (int64_t)lint->bootloader_size > room) {
        char text[HEX_ROOM];
        table_finding_t *finding = lint_say(source, TABLE_ERROR, "bootloader_too_big", NULL);
        table_finding_what(finding,
                           "the bootloader has %u bytes; between its offset 0x%x and the table "
                           "there are %s",
                           lint->bootloader_size, lint->bootloader_offset, table_hex(room, text));
        table_finding_todo(finding,
                           "Lower its log level, switch features off, or move the table up "
                           "(CONFIG_PARTITION_TABLE_OFFSET).");
    }
}

void table_lint_fit(table_source_t *source, const table_lint_t *lint)
{
    if (lint->app_size != 0) {
        check_app(source, lint->app_size);
    }
    check_bootloader(source, lint);
}
