/* SPDX-License-Identifier: Apache-2.0 */
/* Partition tables: do they hold what an update needs? */
#include "host/doctor_internal.h"
#include "host/size.h"

#include "host/explain.h"
#include "host/flash_image.h"
#include "host/table_lint.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ANY_CHIP 0xFFFFFFFFu
#define SHOWN    8u /* findings of the linter that are repeated here */

/* --- the layout ---------------------------------------------------------------------------------
 */

static void list_slots(const ota_layout_t *layout, char *text, size_t room)
{
    size_t len = 0;
    char mb[SIZE_TEXT];
    text[0] = '\0';
    for (ota_slot_t slot = OTA_SLOT_TEST; slot < (ota_slot_t)OTA_SLOTS_MAX && len < room; slot++) {
        ota_region_t region = ota_layout_region(layout, slot);
        if (region.size == 0) {
            continue;
        }
        int n = snprintf(text + len, room - len, "%s%s %s at 0x%" PRIx32, len > 0 ? ", " : "",
                         slot_name(slot), size_text(region.size, mb), region.offset);
        len += n > 0 ? (size_t)n : 0;
    }
    if (text[0] == '\0') {
        (void)snprintf(text, room, "no app partition at all");
    }
}

static bool slots_differ(const ota_layout_t *layout)
{
    uint32_t first = layout->slot[0].size;
    for (unsigned i = 1; i < layout->app_count; i++) {
        if (layout->slot[i].size != first) {
            return true;
        }
    }
    return false;
}

static bool judge_slots(doctor_t *doctor, const char *name, const ota_layout_t *layout,
                        const char *slots)
{
    if (layout->boot_count == 0) {
        (void)doctor_report(doctor, "table-no-slots", name, "%s", slots);
        return false;
    }
    if (layout->app_count != layout->boot_count) {
        (void)doctor_report(doctor, "table-slot-holes", name,
                            "%s: the bootloader counts %u, the application %u", slots,
                            layout->boot_count, layout->app_count);
        return false;
    }
    if (layout->boot_count == 1 && layout->factory.size == 0) {
        (void)doctor_report(doctor, "table-one-slot", name,
                            "its only app partition is %s: an update would have to go there, where "
                            "the app runs",
                            slots);
        return false;
    }
    if (layout->boot_count == 1) {
        (void)doctor_report(doctor, "table-safeboot", name, "%s", slots);
    }
    if (slots_differ(layout)) {
        (void)doctor_report(doctor, "table-slots-differ", name, "%s", slots);
    }
    return layout->boot_count > 1;
}

void doctor_judge_layout(doctor_t *doctor, const char *name, const ota_layout_t *layout)
{
    char slots[512];
    list_slots(layout, slots, sizeof(slots));
    bool two = judge_slots(doctor, name, layout, slots);
    if (layout->otadata.size == 0 && layout->boot_count > 0) {
        (void)doctor_report(doctor, "table-no-otadata", name, "%s, no data/ota partition", slots);
    } else if (layout->otadata.size != 0 && layout->otadata.size < 0x2000u) {
        (void)doctor_report(doctor, "table-otadata-size", name, "%" PRIu32 " bytes at 0x%" PRIx32,
                            layout->otadata.size, layout->otadata.offset);
    } else if (two && !doctor_has(doctor, "table-refused")) {
        (void)doctor_report(doctor, "table-ok", name, "%s, otadata at 0x%" PRIx32, slots,
                            layout->otadata.offset);
    }
    doctor->facts.has_table = true;
    doctor->facts.table_usable = true;
    doctor->facts.layout = *layout;
    (void)snprintf(doctor->facts.table_name, sizeof(doctor->facts.table_name), "%s", name);
}

/* --- binary
 * ----------------------------------------------------------------------------------------- */

static void report_fault(doctor_t *doctor, const char *id, const char *name,
                         const ota_fault_t *fault)
{
    explain_t words;
    explain_fault(fault, &words);
    doctor_finding_t *finding =
        doctor_report(doctor, id, name, "%s Place: %s [%s]", words.what, words.where, words.name);
    doctor_advise(finding, "%s", words.todo);
}

/* Rules of the linter that a finding of our own says better. */
static bool said_already(const char *rule)
{
    static const char *const ours[] = {"single_slot", "recovery_layout", "no_slots",
                                       "no_otadata",  "slot_holes",      "slots_unequal",
                                       "no_app",      "space_unused",    "otadata_unused"};
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (strcmp(rule, ours[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void repeat(doctor_t *doctor, const doctor_input_t *input, const table_finding_t *found,
                   const char *id)
{
    char where[160];
    char line[32] = "";
    if (found->line != 0) {
        (void)snprintf(line, sizeof(line), ", line %" PRIu32, found->line);
    }
    (void)snprintf(where, sizeof(where), "%.120s%s", input->name, line);
    doctor_finding_t *finding =
        doctor_report(doctor, id, where, "%s%s%s [%s]", found->part,
                      found->part[0] != '\0' ? ": " : "", found->what, found->rule);
    doctor_advise(finding, "%s", found->todo);
}

/* The generator's rules and those beyond, over CSV or binary; advice is left to `table check`. */
static void lint(doctor_t *doctor, const doctor_input_t *input, const table_source_t *source)
{
    size_t shown = 0;
    for (size_t i = 0; i < source->findings.count && shown < SHOWN; i++) {
        const table_finding_t *found = &source->findings.items[i];
        if (found->severity != TABLE_ADVICE && !said_already(found->rule)) {
            repeat(doctor, input, found,
                   found->severity == TABLE_ERROR ? "table-refused" : "table-lint");
            shown++;
        }
    }
}

/* Opens the table as the bootloader does and keeps its layout; false: it is broken. */
static bool open_bytes(doctor_t *doctor, const char *name, const uint8_t *bytes, size_t len,
                       ota_layout_t *layout)
{
    ota_table_t table;
    ota_fault_t fault = {.status = OTA_OK};
    doctor->facts.has_table = true;
    fault.status = ota_table_open_boot(&table, bytes, len, ANY_CHIP, &fault);
    if (fault.status != OTA_OK) {
        report_fault(doctor, "table-broken", name, &fault);
        return false;
    }
    ota_layout_read(layout, &table);
    return true;
}

void doctor_look_table(doctor_t *doctor, const doctor_input_t *input)
{
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    const table_lint_t wish = {.flash_size = doctor->facts.flash_size};
    table_source_t source;
    ota_layout_t layout;
    if (!open_bytes(doctor, input->name, input->bytes, input->len, &layout)) {
        return; /* its rows mean nothing */
    }
    if (input->len <= TABLE_INPUT_MAX) {
        if (table_read(&source, &options, input->bytes, input->len)) {
            (void)table_lint(&source, &wish, input->bytes, input->len);
        }
        lint(doctor, input, &source);
        table_source_free(&source);
    }
    doctor_judge_layout(doctor, input->name, &layout);
}

/* --- CSV ------------------------------------------------------------------------------------ */

void doctor_look_csv(doctor_t *doctor, const doctor_input_t *input)
{
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    const table_lint_t wish = {.flash_size = doctor->facts.flash_size};
    table_source_t source;
    ota_layout_t layout;
    uint8_t binary[OTA_TABLE_SIZE];
    if (input->len > TABLE_INPUT_MAX) {
        (void)doctor_report(doctor, "table-refused", input->name, "%zu bytes are too many",
                            input->len);
        return;
    }
    bool good = table_read(&source, &options, input->bytes, input->len);
    if (good) {
        (void)table_lint(&source, &wish, input->bytes, input->len);
        good = table_to_binary(&source, binary);
    }
    lint(doctor, input, &source);
    table_source_free(&source);
    doctor->facts.has_table = true;
    if (good && open_bytes(doctor, input->name, binary, sizeof(binary), &layout)) {
        doctor_judge_layout(doctor, input->name, &layout);
    }
}
