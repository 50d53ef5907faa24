/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about app slots and otadata: can this table be updated, and does it come back? */
#include "host/flash_map.h"
#include "host/table_lint_rules.h"
#include "host/table_parts.h"

#include <string.h>

/* What of the table an update depends on. */
typedef struct {
    const table_row_t
        *slot[OTA_SLOTS_MAX]; /* the last one of its number, as the bootloader takes */
    unsigned rows;            /* OTA rows, doubles included */
    unsigned slots;           /* different numbers */
    unsigned leading;         /* ota_0, ota_1, .. without a hole */
    const table_row_t *factory;
    const table_row_t *test;
    const table_row_t *otadata;
} slots_t;

static slots_t collect(const table_source_t *source)
{
    slots_t slots;
    memset(&slots, 0, sizeof(slots));
    for (size_t i = 0; i < source->count; i++) {
        const table_row_t *row = &source->rows[i];
        if (lint_is_slot(row)) {
            const table_row_t **slot = &slots.slot[row->subtype - (int)OTA_SUBTYPE_OTA_0];
            slots.slots += *slot == NULL;
            slots.rows++;
            *slot = row;
        }
    }
    while (slots.leading < OTA_SLOTS_MAX && slots.slot[slots.leading] != NULL) {
        slots.leading++;
    }
    slots.factory = lint_find(source, OTA_TYPE_APP, OTA_SUBTYPE_FACTORY);
    slots.test = lint_find(source, OTA_TYPE_APP, OTA_SUBTYPE_TEST);
    slots.otadata = lint_find(source, OTA_TYPE_DATA, OTA_SUBTYPE_OTADATA);
    return slots;
}

static void check_otadata(table_source_t *source, const slots_t *slots)
{
    if (slots->slots > 0 && slots->otadata == NULL) {
        table_finding_t *finding = lint_say(source, TABLE_ERROR, "no_otadata", NULL);
        table_finding_what(finding,
                           "there are OTA slots and no data/ota partition: nothing can say which "
                           "one boots, and updates fail with \"not found otadata\"");
        table_finding_todo(finding, "Add a row: otadata, data, ota, , 0x2000,");
    }
    if (slots->slots == 0 && slots->otadata != NULL) {
        table_finding_t *finding = lint_say(source, TABLE_ADVICE, "otadata_unused", slots->otadata);
        table_finding_what(finding,
                           "there is a data/ota partition and no OTA slot that it could choose");
        table_finding_todo(finding, "Remove it, or add ota_0 and ota_1.");
    }
}

static void check_count(table_source_t *source, const slots_t *slots)
{
    bool apps = slots->factory != NULL || slots->slots > 0;
    if (!apps) {
        table_finding_t *finding = lint_say(source, TABLE_ERROR, "no_app", NULL);
        table_finding_what(finding, "there is no app partition that the bootloader could start");
        table_finding_todo(finding, "Add a factory or an ota_0 partition of type app.");
    } else if (slots->slots == 0) {
        table_finding_t *finding = lint_say(source, TABLE_WARNING, "no_slots", NULL);
        table_finding_what(finding,
                           "there is no OTA slot: this table cannot be updated over the air");
        table_finding_todo(finding,
                           "Use two OTA slots and otadata if updates are wanted; the table "
                           "cannot be changed safely in the field.");
    } else if (slots->slots == 1 && slots->factory == NULL) {
        table_finding_t *finding = lint_say(source, TABLE_WARNING, "single_slot", NULL);
        table_finding_what(finding,
                           "there is one OTA slot only: the next update partition is the running "
                           "one, and updates fail with ESP_ERR_OTA_PARTITION_CONFLICT");
        table_finding_todo(finding,
                           "Use two slots (min_spiffs.csv on 4 MiB), or a factory recovery app "
                           "beside the one slot.");
    } else if (slots->slots == 1) {
        table_finding_t *finding = lint_say(source, TABLE_ADVICE, "recovery_layout", NULL);
        table_finding_what(finding,
                           "one OTA slot beside factory: only the factory app can update it");
        table_finding_todo(finding,
                           "Let the app in the slot reboot into factory to be updated; there is "
                           "no rollback to an older version of it.");
    }
}

static void check_numbers(table_source_t *source, const slots_t *slots)
{
    if (slots->slots > 0 && slots->leading != slots->slots) {
        table_finding_t *finding = lint_say(source, TABLE_ERROR, "slot_holes", NULL);
        table_finding_what(
            finding,
            "OTA slots are not numbered ota_0, ota_1 .. without holes: the bootloader "
            "counts %u, the app %u, and they choose different slots",
            slots->rows, slots->leading);
        table_finding_todo(finding, "Renumber the subtypes from ota_0 on.");
    }
    if (slots->slots == OTA_SLOTS_MAX && slots->test != NULL) {
        table_finding_t *finding =
            lint_say(source, TABLE_WARNING, "sixteen_slots_and_test", slots->test);
        table_finding_what(finding,
                           "16 OTA slots and a test partition: ESP-IDF's slot count runs into "
                           "an assertion");
        table_finding_todo(finding, "Remove a slot or the test partition.");
    }
}

/* One subtype of app twice. The bootloader uses the last, the application finds the first. */
static void check_doubles(table_source_t *source)
{
    for (size_t i = 0; i < source->count; i++) {
        const table_row_t *row = &source->rows[i];
        bool counts = row->type == OTA_TYPE_APP ||
                      (row->type == OTA_TYPE_DATA && row->subtype == (int)OTA_SUBTYPE_COREDUMP);
        const table_row_t *first = lint_find(source, row->type, row->subtype);
        if (!counts || first == row) {
            continue;
        }
        char name[72];
        char kind[40];
        ota_part_t part = {.type = (uint8_t)row->type, .subtype = (uint8_t)row->subtype};
        table_severity_t severity = row->type == OTA_TYPE_APP ? TABLE_ERROR : TABLE_WARNING;
        table_finding_t *finding = lint_say(source, severity, "duplicate_subtype", row);
        table_finding_what(finding, "%s is already there as %s: %s", flash_map_kind(&part, kind),
                           table_printable(first->name, first->name_len, name, sizeof(name)),
                           row->type == OTA_TYPE_APP
                               ? "the bootloader takes the last one, the app the first"
                               : "only the first one is used");
        table_finding_todo(finding, "Give it a subtype of its own.");
    }
}

static void check_equal(table_source_t *source, const slots_t *slots)
{
    const table_row_t *smallest = NULL;
    const table_row_t *largest = NULL;
    for (size_t i = 0; i < OTA_SLOTS_MAX; i++) {
        const table_row_t *slot = slots->slot[i];
        if (slot != NULL) {
            smallest = smallest == NULL || slot->size < smallest->size ? slot : smallest;
            largest = largest == NULL || slot->size > largest->size ? slot : largest;
        }
    }
    if (smallest != NULL && smallest->size != largest->size) {
        char low[HEX_ROOM];
        char high[HEX_ROOM];
        table_finding_t *finding = lint_say(source, TABLE_WARNING, "slots_unequal", smallest);
        table_finding_what(finding,
                           "OTA slots differ in size, %s to %s: an app may fit today's slot and "
                           "not the next one",
                           table_hex(smallest->size, low), table_hex(largest->size, high));
        table_finding_todo(finding, "Make them equal.");
    }
}

void lint_slots(table_source_t *source)
{
    slots_t slots = collect(source);
    check_count(source, &slots);
    check_otadata(source, &slots);
    check_numbers(source, &slots);
    check_doubles(source);
    check_equal(source, &slots);
}

void lint_data(table_source_t *source)
{
    const table_row_t *nvs = lint_find(source, OTA_TYPE_DATA, OTA_SUBTYPE_NVS);
    if (nvs == NULL) {
        table_finding_t *finding = lint_say(source, TABLE_WARNING, "no_nvs", NULL);
        table_finding_what(finding,
                           "there is no nvs partition: Wi-Fi, Bluetooth and PHY calibration "
                           "keep their data there");
        table_finding_todo(finding, "Add a row: nvs, data, nvs, 0x9000, 0x5000,");
    }
    if (lint_find(source, OTA_TYPE_DATA, OTA_SUBTYPE_COREDUMP) == NULL) {
        table_finding_t *finding = lint_say(source, TABLE_ADVICE, "no_coredump", NULL);
        table_finding_what(finding,
                           "there is no coredump partition: a crash in the field leaves nothing "
                           "to look at");
        table_finding_todo(finding, "Add a row: coredump, data, coredump, , 64K,");
    }
}
