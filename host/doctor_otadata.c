/* SPDX-License-Identifier: Apache-2.0 */
/* otadata in words: what its two records say, and what that means for the app. */
#include "host/doctor_internal.h"

#include "host/flash_image.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SLOTS_ASSUMED 2u  /* where no table says how many there are */
#define SEQUENCE_16   16u /* where bootloaders of 2017 fail */

static const char *state_name(uint32_t state)
{
    static const char *const names[] = {"NEW", "PENDING_VERIFY", "VALID", "INVALID", "ABORTED"};
    if (state < sizeof(names) / sizeof(names[0])) {
        return names[state];
    }
    return state == OTA_STATE_UNDEFINED ? "UNDEFINED" : "an unknown state";
}

static void describe_copy(const ota_entry_t *entry, uint8_t count, char *text, size_t room)
{
    if (entry->seq == OTA_SEQ_EMPTY) {
        (void)snprintf(text, room, "blank");
    } else if (!ota_entry_crc_ok(entry)) {
        (void)snprintf(text, room, "damaged (sequence 0x%" PRIx32 ", CRC 0x%" PRIx32 ")",
                       entry->seq, entry->crc);
    } else {
        (void)snprintf(text, room, "sequence %" PRIu32 ", %s, names %s", entry->seq,
                       state_name(entry->state), slot_name(ota_entry_slot(entry, count)));
    }
}

/* The record with the highest sequence whose CRC is right, rejected or not; -1: none. */
static int newest(const ota_otadata_t *od)
{
    bool good[2] = {ota_entry_crc_ok(&od->copy[0]), ota_entry_crc_ok(&od->copy[1])};
    if (good[0] && good[1]) {
        return od->copy[1].seq > od->copy[0].seq ? 1 : 0;
    }
    return good[0] ? 0 : good[1] ? 1 : -1;
}

static const char *state_id(uint32_t state)
{
    switch (state) {
    case OTA_STATE_NEW:
        return "otadata-new";
    case OTA_STATE_PENDING:
        return "otadata-pending";
    case OTA_STATE_INVALID:
        return "otadata-invalid";
    case OTA_STATE_ABORTED:
        return "otadata-aborted";
    case OTA_STATE_UNDEFINED:
        return "otadata-undefined";
    default:
        return NULL;
    }
}

static void report_state(doctor_t *doctor, const char *name, const ota_entry_t *entry, int copy,
                         uint8_t count)
{
    const char *id = state_id(entry->state);
    if (id != NULL) {
        (void)doctor_report(doctor, id, name, "copy %d, sequence %" PRIu32 ", names %s", copy,
                            entry->seq, slot_name(ota_entry_slot(entry, count)));
    }
    if (entry->seq >= SEQUENCE_16 && doctor->facts.bootloader_version == 0) {
        (void)doctor_report(doctor, "otadata-sequence-16", name, "sequence %" PRIu32, entry->seq);
    }
}

void doctor_judge_otadata(doctor_t *doctor, const char *name, const ota_otadata_t *od,
                          uint8_t count)
{
    char copy[2][96];
    char force[64] = "none in force";
    uint8_t slots = count > 0 ? count : SLOTS_ASSUMED;
    int active = ota_otadata_active(od);
    int last = newest(od);
    for (int i = 0; i < 2; i++) {
        describe_copy(&od->copy[i], slots, copy[i], sizeof(copy[i]));
        if (od->copy[i].seq != OTA_SEQ_EMPTY && !ota_entry_crc_ok(&od->copy[i])) {
            (void)doctor_report(doctor, "otadata-damaged", name, "copy %d: %s", i, copy[i]);
        }
    }
    if (active >= 0) {
        (void)snprintf(force, sizeof(force), "copy %d is in force", active);
    }
    (void)doctor_report(doctor, "otadata-says", name, "copy 0: %s; copy 1: %s; %s%s", copy[0],
                        copy[1], force,
                        count > 0 ? "" : " (slots counted as two: give the table to be certain)");
    if (last >= 0) {
        report_state(doctor, name, &od->copy[last], last, slots);
    }
}

void doctor_look_otadata(doctor_t *doctor, const doctor_input_t *input)
{
    uint8_t bytes[2][OTA_ENTRY_SIZE];
    ota_otadata_t od;
    memset(bytes, 0xFF, sizeof(bytes));
    for (size_t i = 0; i < 2; i++) {
        size_t at = i * OTA_OTADATA_SECTOR;
        if (input->len >= at + OTA_ENTRY_SIZE) {
            memcpy(bytes[i], input->bytes + at, OTA_ENTRY_SIZE);
        }
        ota_entry_decode(&od.copy[i], bytes[i]);
    }
    doctor_judge_otadata(doctor, input->name, &od,
                         doctor->facts.table_usable ? doctor->facts.layout.boot_count : 0);
}
