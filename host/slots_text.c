/* SPDX-License-Identifier: Apache-2.0 */
#include "host/slots_text.h"

#include "host/flash_image.h"
#include "host/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    uint32_t state;
    const char *name;
    const char *words;
} states[] = {
    {OTA_STATE_NEW, "NEW", "selected, not booted yet"},
    {OTA_STATE_PENDING, "PENDING", "on trial: booted once, not confirmed yet"},
    {OTA_STATE_VALID, "VALID", "confirmed"},
    {OTA_STATE_INVALID, "INVALID", "rejected by its application"},
    {OTA_STATE_ABORTED, "ABORTED", "given up by the bootloader"},
    {OTA_STATE_UNDEFINED, "UNDEFINED", "bootable, confirmed by nobody"},
};

#define STATES (sizeof(states) / sizeof(states[0]))

static size_t state_index(uint32_t state)
{
    size_t i = 0;
    while (i < STATES && states[i].state != state) {
        i++;
    }
    return i;
}

const char *slots_state_name(uint32_t state)
{
    size_t i = state_index(state);
    return i < STATES ? states[i].name : "unknown";
}

const char *slots_state_words(uint32_t state)
{
    size_t i = state_index(state);
    return i < STATES ? states[i].words : "no state that anybody writes; taken as bootable";
}

bool slots_state_parse(const char *name, uint32_t *state)
{
    for (size_t i = 0; i < STATES; i++) {
        if (strcasecmp(states[i].name, name) == 0) {
            *state = states[i].state;
            return true;
        }
    }
    return false;
}

void slots_record_text(const ota_record_t *record, char *text, size_t room)
{
    size_t used = text_append(text, room, 0, "%s",
                              record->slot == OTA_SLOT_NONE ? "no slot" : slot_name(record->slot));
    if (record->trial != 0) {
        used = text_append(text, room, used, ", on trial with %u of %u boots left", record->left,
                           record->trial);
    } else if (record->slot >= 0) {
        used = text_append(text, room, used, ", %s",
                           slots_state_words(ota_record_state(record, record->slot)));
    }
    if (record->fallback != OTA_SLOT_NONE) {
        bool confirmed = ota_record_state(record, record->fallback) == OTA_STATE_VALID;
        used = text_append(text, room, used, "; else %s%s", slot_name(record->fallback),
                           confirmed ? " (confirmed)" : "");
    }
    if (record->refused != OTA_SLOT_NONE) {
        used = text_append(text, room, used, "; %s was %s", slot_name(record->refused),
                           ota_record_state(record, record->refused) == OTA_STATE_ABORTED
                               ? "given up"
                               : "rejected");
    }
    if (record->writing != OTA_SLOT_NONE) {
        (void)text_append(text, room, used, "; %s is being written", slot_name(record->writing));
    }
}

bool slots_in_force_text(const ota_otadata_t *od, const ota_boot_config_t *config, uint8_t count,
                         char *text, size_t room)
{
    ota_commit_t commit;
    char record[200];
    text[0] = '\0';
    ota_commit_open(&commit, od, config, count);
    if (commit.sector < 0 || commit.foreign) {
        return false;
    }
    slots_record_text(&commit.record, record, sizeof(record));
    (void)snprintf(text, room, "sector %d, Otary's record: %s", commit.sector, record);
    return true;
}

static void add_slot(cJSON *object, const char *key, ota_slot_t slot)
{
    if (slot == OTA_SLOT_NONE) {
        (void)cJSON_AddNullToObject(object, key);
    } else {
        (void)cJSON_AddStringToObject(object, key, slot_name(slot));
    }
}

cJSON *slots_in_force_json(const ota_otadata_t *od, const ota_boot_config_t *config, uint8_t count)
{
    ota_commit_t commit;
    char words[200];
    ota_commit_open(&commit, od, config, count);
    if (commit.sector < 0 || commit.foreign) {
        return cJSON_CreateNull();
    }
    const ota_record_t *record = &commit.record;
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddNumberToObject(object, "sector", commit.sector);
    add_slot(object, "slot", record->slot);
    add_slot(object, "fallback", record->fallback);
    add_slot(object, "refused", record->refused);
    add_slot(object, "writing", record->writing);
    (void)cJSON_AddNumberToObject(object, "trial", record->trial);
    (void)cJSON_AddNumberToObject(object, "left", record->left);
    cJSON *known = cJSON_AddObjectToObject(object, "states");
    for (ota_slot_t slot = 0; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        uint32_t state = ota_record_state(record, slot);
        if (state != OTA_STATE_UNDEFINED) {
            (void)cJSON_AddStringToObject(known, slot_name(slot), slots_state_name(state));
        }
    }
    slots_record_text(record, words, sizeof(words));
    (void)cJSON_AddStringToObject(object, "words", words);
    return object;
}

static const char *named_slot(const ota_entry_t *entry, uint8_t count)
{
    return count == 0 ? "no slot (the table has none)" : slot_name(ota_entry_slot(entry, count));
}

void slots_entry_text(const ota_entry_t *entry, uint8_t count, char *text, size_t room)
{
    if (ota_entry_is_blank(entry)) {
        (void)snprintf(text, room, "blank");
    } else if (entry->seq == OTA_SEQ_EMPTY) {
        (void)snprintf(text, room, "damaged: no sequence, but not blank either");
    } else if (!ota_entry_crc_ok(entry)) {
        (void)snprintf(text, room,
                       "damaged: sequence %u with CRC 0x%08x, which should be 0x%08x (state %s)",
                       (unsigned)entry->seq, (unsigned)entry->crc,
                       (unsigned)ota_entry_crc(entry->seq), slots_state_name(entry->state));
    } else {
        (void)snprintf(text, room, "%s, sequence %u, %s (%s)", named_slot(entry, count),
                       (unsigned)entry->seq, slots_state_name(entry->state),
                       slots_state_words(entry->state));
    }
}

static const char *why_not(const ota_entry_t *entry)
{
    if (ota_entry_is_blank(entry)) {
        return "is blank";
    }
    if (!ota_entry_crc_ok(entry)) {
        return "is damaged";
    }
    return entry->state == OTA_STATE_INVALID ? "was rejected by its application"
                                             : "was given up by the bootloader";
}

void slots_winner_text(const ota_otadata_t *od, uint8_t count, char *text, size_t room)
{
    int active = ota_otadata_active(od);
    if (active < 0) {
        (void)snprintf(text, room, "no copy is in force: copy 0 %s, copy 1 %s",
                       why_not(&od->copy[0]), why_not(&od->copy[1]));
        return;
    }
    const ota_entry_t *winner = &od->copy[active];
    const ota_entry_t *other = &od->copy[active ^ 1];
    if (!ota_entry_valid(other)) {
        (void)snprintf(text, room, "copy %d is in force and names %s: copy %d %s", active,
                       named_slot(winner, count), active ^ 1, why_not(other));
    } else if (winner->seq == other->seq) {
        (void)snprintf(text, room,
                       "copy %d is in force and names %s: both have sequence %u, and a tie goes "
                       "to copy 0",
                       active, named_slot(winner, count), (unsigned)winner->seq);
    } else {
        (void)snprintf(
            text, room, "copy %d is in force and names %s: its sequence %u is larger than %u",
            active, named_slot(winner, count), (unsigned)winner->seq, (unsigned)other->seq);
    }
}

cJSON *slots_json(const ota_otadata_t *od, uint8_t count)
{
    cJSON *list = cJSON_CreateArray();
    for (int i = 0; i < 2; i++) {
        const ota_entry_t *entry = &od->copy[i];
        bool named = ota_entry_crc_ok(entry) && count > 0;
        char words[160];
        cJSON *item = cJSON_CreateObject();
        slots_entry_text(entry, count, words, sizeof(words));
        (void)cJSON_AddNumberToObject(item, "copy", i);
        if (named) {
            (void)cJSON_AddStringToObject(item, "slot", slot_name(ota_entry_slot(entry, count)));
        } else {
            (void)cJSON_AddNullToObject(item, "slot");
        }
        (void)cJSON_AddNumberToObject(item, "seq", entry->seq);
        (void)cJSON_AddStringToObject(item, "state", slots_state_name(entry->state));
        (void)cJSON_AddNumberToObject(item, "state_value", entry->state);
        (void)cJSON_AddBoolToObject(item, "crc_ok", ota_entry_crc_ok(entry));
        (void)cJSON_AddBoolToObject(item, "valid", ota_entry_valid(entry));
        (void)cJSON_AddBoolToObject(item, "in_force", ota_otadata_active(od) == i);
        (void)cJSON_AddStringToObject(item, "words", words);
        (void)cJSON_AddItemToArray(list, item);
    }
    return list;
}
