/* SPDX-License-Identifier: Apache-2.0 */
#include "support/sector_text.h"

#include "core/bytes.h"
#include "core/crc32.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "NPVIA";

/* --- entries ---------------------------------------------------------------------------- */

static uint32_t state_of_letter(char c)
{
    const char *letter = strchr(letters, c);
    return c == 'U' ? OTA_STATE_UNDEFINED : letter != NULL ? (uint32_t)(letter - letters) : 7u;
}

static char letter_of_state(uint32_t state)
{
    return (char)(state == OTA_STATE_UNDEFINED ? 'U' : state < 5 ? letters[state] : 'X');
}

void sector_entry(ota_entry_t *entry, const char *text)
{
    ota_entry_blank(entry);
    if (text[0] == '-') {
        return;
    }
    char *state = NULL;
    entry->seq = (uint32_t)strtoul(text, &state, 0);
    entry->state = state_of_letter(*state);
    entry->crc = ota_entry_crc(entry->seq) ^ (state[1] == '!' ? 0x100u : 0u);
}

const char *sector_entry_text(const ota_entry_t *entry, char text[24])
{
    if (ota_entry_is_blank(entry)) {
        return strcpy(text, "-");
    }
    (void)snprintf(text, 24, "%u%c%s", (unsigned)entry->seq, letter_of_state(entry->state),
                   entry->crc == ota_entry_crc(entry->seq) ? "" : "!");
    return text;
}

/* By which an entry of ours is told from one of stock software. */
static void put_tag(ota_entry_t *entry)
{
    uint8_t about[8];
    ota_put_le32(about, entry->seq);
    ota_put_le32(about + 4, entry->state);
    ota_put_le32(entry->label + 16, ota_crc32(0, about, sizeof(about)));
}

/* What stands beside a record: nothing if no sequence names its slot. */
static void own_entry(ota_entry_t *entry, const ota_record_t *record, uint8_t count)
{
    ota_entry_blank(entry);
    if (record->slot < 0 || record->slot >= count) {
        return;
    }
    entry->seq = record->seq;
    entry->crc = ota_entry_crc(record->seq);
    entry->state = ota_record_state(record, record->slot);
    if (record->trial != 0) {
        entry->state = record->left != 0 ? OTA_STATE_NEW : OTA_STATE_PENDING;
    }
    put_tag(entry);
}

/* --- text to bytes ---------------------------------------------------------------------- */

static const char *word_after(const char *text, const char *word)
{
    const char *found = strstr(text, word);
    return found != NULL ? found + strlen(word) : NULL;
}

static ota_slot_t slot_at(const char *text)
{
    return *text == 'F'   ? OTA_SLOT_FACTORY
           : *text == '-' ? OTA_SLOT_NONE
                          : (ota_slot_t)strtol(text, NULL, 10);
}

static ota_slot_t slot_after(const char *text, const char *word)
{
    const char *at = word_after(text, word);
    return at != NULL ? slot_at(at) : OTA_SLOT_NONE;
}

static void read_states(ota_record_t *record, const char *text)
{
    for (const char *at = text; at[0] != '\0' && at[0] != '|'; at++) {
        if (at[0] == ' ' && strchr("VIA", at[1]) != NULL && at[2] >= '0' && at[2] <= '9') {
            ota_record_set_state(record, slot_at(at + 2), state_of_letter(at[1]));
        }
    }
}

void sector_record(ota_record_t *record, const char *text)
{
    ota_record_blank(record);
    record->seq = (uint32_t)strtoul(text + 1, NULL, 0);
    const char *at = strchr(text, ' ') + 1;
    record->slot = slot_at(at);
    const char *half = strchr(at, '/');
    if (half != NULL) {
        record->left = (uint8_t)strtoul(strchr(at, ' ') + 1, NULL, 10);
        record->trial = (uint8_t)strtoul(half + 1, NULL, 10);
    }
    record->fallback = slot_after(at, "else ");
    record->refused = slot_after(at, "refused ");
    record->writing = slot_after(at, "writing ");
    const char *replaces = word_after(at, "replaces ");
    record->replaces = replaces != NULL ? (uint32_t)strtoul(replaces, NULL, 0) : record->seq - 1u;
    read_states(record, at);
}

static void record_bytes(uint8_t bytes[OTA_JOURNAL_AT], uint8_t count, const char *text)
{
    ota_record_t record;
    ota_entry_t entry;
    sector_record(&record, text);
    const char *other = word_after(text, "| ");
    if (other != NULL) {
        sector_entry(&entry, other);
    } else {
        own_entry(&entry, &record, count);
    }
    ota_entry_encode(bytes, &entry);
    ota_record_encode(bytes + 0x20, &record);
    char seals = text[1 + strspn(text + 1, "0123456789xABCDEF")];
    memset(bytes + 0x60, seals != '?' ? 0x5A : 0xFF, 32);
    memset(bytes + 0x80, seals == ' ' ? 0xA5 : 0xFF, 32);
}

void sector_bytes(uint8_t bytes[OTA_JOURNAL_AT], uint8_t count, const char *text)
{
    size_t len = strlen(text);
    memset(bytes, 0xFF, OTA_JOURNAL_AT);
    if (text[0] == 'R') {
        record_bytes(bytes, count, text);
    } else if (text[0] == 'w') {
        memset(bytes + 0xA0, 0x3C, 32);
    } else {
        ota_entry_t entry;
        sector_entry(&entry, text);
        if (len > 2 && text[len - 1] == 't') {
            put_tag(&entry);
        }
        ota_entry_encode(bytes, &entry);
    }
    if (len > 2 && strchr("dr", text[len - 1]) != NULL) {
        memset(bytes + 0x24, 0, 16); /* as what is left of a record */
        memset(bytes + 0x60, text[len - 1] == 'r' ? 0x5A : 0xFF, 32);
        memset(bytes + 0x80, text[len - 1] == 'r' ? 0xA5 : 0xFF, 32);
    }
}

/* --- and back --------------------------------------------------------------------------- */

typedef struct {
    char *text;
    size_t used;
} line_t;

static void put(line_t *line, const char *text)
{
    size_t n = strlen(text);
    if (line->used + n < SECTOR_TEXT) {
        memcpy(line->text + line->used, text, n + 1);
        line->used += n;
    }
}

static void put_slot(line_t *line, const char *word, ota_slot_t slot)
{
    char number[8];
    (void)snprintf(number, sizeof(number), "%d", slot);
    put(line, word);
    put(line, slot == OTA_SLOT_FACTORY ? "F" : slot == OTA_SLOT_NONE ? "-" : number);
}

static void put_some_slot(line_t *line, const char *word, ota_slot_t slot)
{
    if (slot != OTA_SLOT_NONE) {
        put_slot(line, word, slot);
    }
}

static void put_record(line_t *line, const ota_record_t *record, uint8_t marks)
{
    char piece[24];
    const char *seals = (marks & OTA_MARK_SEAL_1) == 0   ? "?"
                        : (marks & OTA_MARK_SEAL_2) == 0 ? "'"
                                                         : "";
    (void)snprintf(piece, sizeof(piece), "R%u%s", (unsigned)record->seq, seals);
    put(line, piece);
    put_slot(line, " ", record->slot);
    if (record->trial != 0 || record->left != 0) {
        (void)snprintf(piece, sizeof(piece), " %u/%u", record->left, record->trial);
        put(line, piece);
    }
    put_some_slot(line, " else ", record->fallback);
    for (ota_slot_t slot = 0; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        char word[3] = {' ', letter_of_state(ota_record_state(record, slot)), '\0'};
        if (word[1] != 'U') {
            put_slot(line, word, slot);
        }
    }
    put_some_slot(line, " refused ", record->refused);
    put_some_slot(line, " writing ", record->writing);
}

const char *sector_text(const ota_otadata_t *od, int i, uint8_t count, char text[SECTOR_TEXT])
{
    line_t line = {text, 0};
    char entry[24];
    text[0] = '\0';
    (void)sector_entry_text(&od->copy[i], entry);
    uint8_t marks = od->marks[i];
    if ((marks & OTA_MARK_WHOLE) == 0) {
        put(&line, (marks & OTA_MARK_WIPED) != 0 && entry[0] == '-' ? "w" : entry);
        put(&line, (marks & OTA_MARK_SEAL_1) != 0   ? " r"
                   : (marks & OTA_MARK_LITTER) != 0 ? " d"
                                                    : "");
        return text;
    }
    ota_entry_t own;
    own_entry(&own, &od->record[i], count);
    put_record(&line, &od->record[i], od->marks[i]);
    if (own.seq != od->copy[i].seq || own.state != od->copy[i].state ||
        own.crc != od->copy[i].crc) { /* stock software's, adopted, has no tag */
        put(&line, " | ");
        put(&line, entry);
    }
    return text;
}
