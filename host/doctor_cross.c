/* SPDX-License-Identifier: Apache-2.0 */
/* What log, table, app and flash say together. */
#include "host/doctor_internal.h"
#include "host/size.h"

#include "host/flash_image.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NEARLY_FULL    9u /* tenths */
#define MIN_SPIFFS     0x1E0000u
#define CRASHES        3u
#define BACK_AND_FORTH 3u

static doctor_finding_t *finding_of(doctor_t *doctor, const char *id)
{
    for (size_t i = 0; i < doctor->count; i++) {
        if (strcmp(doctor->finding[i].entry->id, id) == 0) {
            return &doctor->finding[i];
        }
    }
    return NULL;
}

/* The sentence that ends the search of everybody with one slot. */
static void advise_two_slots(doctor_t *doctor, doctor_finding_t *finding)
{
    char fit[320];
    if (doctor->facts.app_size > MIN_SPIFFS) {
        doctor_fit(doctor->facts.app_size, doctor->facts.flash_size, fit, sizeof(fit));
        doctor_advise(finding, "%s", fit);
        return;
    }
    doctor_advise(
        finding,
        "min_spiffs.csv has two slots of 1.875 MiB (1966080 bytes) on 4 MiB flash, %s. In "
        "platformio.ini: `board_build.partitions = min_spiffs.csv`; then flash by cable "
        "once.",
        doctor->facts.app_size != 0 ? "enough for this app" : "enough unless your app is larger");
}

static ota_slot_t only_slot(const ota_layout_t *layout)
{
    ota_slot_t slot = 0;
    while (slot < (ota_slot_t)(OTA_SLOTS_MAX - 1u) && layout->slot[slot].size == 0) {
        slot++;
    }
    return slot;
}

/* A conflict in a log and a table: the table proves the first cause, or rules it out. */
static void conclude_conflict(doctor_t *doctor)
{
    const doctor_facts_t *facts = &doctor->facts;
    doctor_finding_t *finding = finding_of(doctor, "ota-partition-conflict");
    if (finding == NULL) {
        return;
    }
    if (!facts->table_usable) {
        size_t len = strlen(finding->seen);
        (void)snprintf(finding->seen + len, sizeof(finding->seen) - len,
                       ". Give doctor the partition table too (its CSV, or `esptool read_flash "
                       "0x8000 0xc00 table.bin`) to be certain");
        advise_two_slots(doctor, finding);
        return;
    }
    if (facts->layout.boot_count == 1) {
        char mb[SIZE_TEXT];
        ota_slot_t slot = only_slot(&facts->layout);
        ota_region_t where = ota_layout_region(&facts->layout, slot);
        (void)snprintf(finding->seen, sizeof(finding->seen),
                       "proven: %s has one OTA slot, %s (%s at 0x%" PRIx32
                       "), and the app runs from it: the next update partition is the running one",
                       facts->table_name, slot_name(slot), size_text(where.size, mb), where.offset);
        advise_two_slots(doctor, finding);
        return;
    }
    (void)snprintf(finding->seen, sizeof(finding->seen),
                   "%s has %u slots, so the table is not the cause, if the device really has it. "
                   "Remaining causes: the program passes the running partition itself; or otadata "
                   "names a slot that does not boot, the bootloader fell back to another, and the "
                   "next slot was counted from otadata",
                   facts->table_name, facts->layout.boot_count);
    doctor_advise(finding, "Take the target from esp_ota_get_next_update_partition(NULL), and give "
                           "doctor the whole flash (`esptool read_flash 0 ALL flash.bin`): it "
                           "compares otadata with what boots.");
}

static void conclude_table(doctor_t *doctor)
{
    static const char *const ids[] = {"table-one-slot", "table-no-slots"};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        doctor_finding_t *finding = finding_of(doctor, ids[i]);
        if (finding != NULL) {
            advise_two_slots(doctor, finding);
        }
    }
}

static uint32_t smallest_slot(const ota_layout_t *layout)
{
    uint32_t size = 0;
    for (unsigned i = 0; i < OTA_SLOTS_MAX; i++) {
        uint32_t slot = layout->slot[i].size;
        size = slot != 0 && (size == 0 || slot < size) ? slot : size;
    }
    return size != 0 ? size : layout->factory.size;
}

static void conclude_room(doctor_t *doctor)
{
    const doctor_facts_t *facts = &doctor->facts;
    char fit[320];
    char mb[SIZE_TEXT];
    if (!facts->table_usable || facts->app_size == 0 || facts->app_name[0] == '\0') {
        return;
    }
    uint32_t slot = smallest_slot(&facts->layout);
    if (slot == 0) {
        return; /* no app partition: another finding says so */
    }
    if (facts->app_size > slot) {
        doctor_fit(facts->app_size, facts->flash_size, fit, sizeof(fit));
        doctor_finding_t *finding = doctor_report(
            doctor, "app-too-big-for-slot", facts->table_name,
            "%s has %" PRIu32 " bytes, the slot %" PRIu32 " (%s): %" PRIu32 " bytes too many",
            facts->app_name, facts->app_size, slot, size_text(slot, mb), facts->app_size - slot);
        doctor_advise(finding, "%s", fit);
    } else if ((uint64_t)facts->app_size * 10u > (uint64_t)slot * NEARLY_FULL) {
        (void)doctor_report(doctor, "slot-nearly-full", facts->table_name,
                            "%s has %" PRIu32 " of %" PRIu32 " bytes (%u %%)", facts->app_name,
                            facts->app_size, slot,
                            (unsigned)((uint64_t)facts->app_size * 100u / slot));
    }
}

/* The device's log names a partition length that this table does not have. */
static void conclude_device_table(doctor_t *doctor)
{
    const doctor_facts_t *facts = &doctor->facts;
    if (!facts->table_usable || facts->log_slot_size == 0) {
        return;
    }
    for (size_t i = 0; i < OTA_SLOTS_MAX; i++) {
        if (facts->layout.slot[i].size == facts->log_slot_size) {
            return;
        }
    }
    if (facts->layout.factory.size != facts->log_slot_size) {
        (void)doctor_report(doctor, "table-not-on-device", facts->table_name,
                            "the device's slot has %" PRIu32 " bytes; this table has no such slot",
                            facts->log_slot_size);
    }
}

static void conclude_chips(doctor_t *doctor)
{
    const doctor_facts_t *facts = &doctor->facts;
    const ota_chip_t *app = ota_chip_by_id(facts->app_chip);
    const ota_chip_t *boot = ota_chip_by_id(facts->boot_chip);
    if (app != NULL && boot != NULL && app != boot && !doctor_has(doctor, "flash-other-chip")) {
        (void)doctor_report(doctor, "flash-other-chip", facts->app_name,
                            "the app is for %s, the bootloader for %s", app->name, boot->name);
    }
    if (facts->app_name[0] != '\0' && facts->flash_size != 0 &&
        facts->app_flash_size > facts->flash_size) {
        char has[SIZE_TEXT];
        char needs[SIZE_TEXT];
        (void)doctor_report(
            doctor, "flash-size-header", facts->app_name, "the header says %s, the flash has %s",
            size_text(facts->app_flash_size, needs), size_text(facts->flash_size, has));
    }
}

static void conclude_story(doctor_t *doctor)
{
    const doctor_facts_t *facts = &doctor->facts;
    if (facts->boot_switches >= BACK_AND_FORTH) {
        (void)doctor_report(doctor, "boot-alternates", "the log",
                            "%u boots, %u times another slot than before", facts->boots,
                            facts->boot_switches);
    }
    if (facts->crashes >= CRASHES) {
        (void)doctor_report(doctor, "boot-crash-loop", "the log",
                            "%u crashes of the app at 0x%" PRIx32 " without a switch",
                            facts->crashes, facts->boot_offset);
    }
    if (facts->app_version != 0 && facts->app_version < facts->bootloader_version) {
        (void)doctor_report(doctor, "app-older-than-bootloader", "ESP-IDF versions",
                            "bootloader v%u.%u, app v%u.%u", facts->bootloader_version / 100,
                            facts->bootloader_version % 100, facts->app_version / 100,
                            facts->app_version % 100);
    }
}

/* Worst first; what came first stays first among equals. */
static void sort(doctor_t *doctor)
{
    for (size_t i = 1; i < doctor->count; i++) {
        doctor_finding_t finding = doctor->finding[i];
        size_t at = i;
        while (at > 0 && doctor->finding[at - 1].entry->level < finding.entry->level) {
            doctor->finding[at] = doctor->finding[at - 1];
            at--;
        }
        doctor->finding[at] = finding;
    }
}

void doctor_finish(doctor_t *doctor)
{
    conclude_conflict(doctor);
    conclude_table(doctor);
    conclude_room(doctor);
    conclude_device_table(doctor);
    conclude_chips(doctor);
    conclude_story(doctor);
    sort(doctor);
}
