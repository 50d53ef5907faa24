/* SPDX-License-Identifier: Apache-2.0 */
#include "host/explain.h"

#include "host/date.h"
#include "host/explain_words.h"
#include "host/size.h"
#include "ota/chip.h"
#include <inttypes.h>
#include <stdio.h>

#define NUMBER 96 /* room for one decoded value */

static void decode_size(uint32_t bytes, char *text, size_t room)
{
    char size[SIZE_TEXT];
    (void)snprintf(text, room, "%s", bytes == UINT32_MAX ? "no limit" : size_exact(bytes, size));
}

static bool printable(unsigned byte)
{
    return byte >= 0x20 && byte <= 0x7E;
}

void explain_chip(uint16_t id, char *text, size_t room)
{
    const ota_chip_t *chip = ota_chip_by_id(id);
    unsigned low = id & 0xFFu;
    unsigned high = id >> 8;
    if (chip != NULL) {
        (void)snprintf(text, room, "%u (%s)", id, chip->name);
    } else if (printable(low) && printable(high)) {
        (void)snprintf(text, room, "%u (0x%04x, bytes %02x %02x: the text \"%c%c\")", id, id, low,
                       high, (int)low, (int)high);
    } else {
        (void)snprintf(text, room, "%u (0x%04x, bytes %02x %02x: no known chip)", id, id, low,
                       high);
    }
}

void explain_rev(uint32_t rev, bool open, char *text, size_t room)
{
    if (open && (rev == 0 || rev == 0xFFFFu)) {
        (void)snprintf(text, room, "any");
    } else {
        (void)snprintf(text, room, "v%" PRIu32 ".%" PRIu32, rev / 100u, rev % 100u);
    }
}

static void decode_chip(uint32_t value, char *text, size_t room)
{
    explain_chip((uint16_t)value, text, room);
}

static void decode_rev(uint32_t value, char *text, size_t room)
{
    explain_rev(value, false, text, room);
}

static void decode_byte(uint32_t value, char *text, size_t room)
{
    (void)snprintf(text, room, "0x%02" PRIx32, value);
}

static void decode_word(uint32_t value, char *text, size_t room)
{
    (void)snprintf(text, room, "0x%08" PRIx32, value);
}

static void decode_address(uint32_t value, char *text, size_t room)
{
    (void)snprintf(text, room, "0x%" PRIx32, value);
}

static void decode_length(uint32_t value, char *text, size_t room)
{
    (void)snprintf(text, room, "0x%" PRIx32 "%s", value,
                   value == UINT32_MAX ? " (erased flash)" : "");
}

/* The limit that a length met; it cannot tell which of the two rules was broken. */
static void decode_mappable(uint32_t limit, char *text, size_t room)
{
    int n = snprintf(text, room, "a multiple of 4");
    if (limit != UINT32_MAX && n > 0) {
        (void)snprintf(text + n, room - (size_t)n, " below 0x%" PRIx32, limit);
    }
}

static void decode_count(uint32_t value, char *text, size_t room)
{
    (void)snprintf(text, room, "%" PRIu32, value);
}

static void decode_time(uint32_t seconds, char *text, size_t room)
{
    char date[DATE_TEXT];
    (void)snprintf(text, room, "%s", date_text(seconds, date));
}

/* How one value of a fault is written; NULL: the kind has none. */
static void (*const decoders[])(uint32_t, char *, size_t) = {
    [AS_NOTHING] = NULL,         [AS_OFFSET] = NULL,
    [AS_BYTE] = decode_byte,     [AS_WORD] = decode_word,
    [AS_COUNT] = decode_count,   [AS_SIZE] = decode_size,
    [AS_SHORT] = decode_size,    [AS_CHIP] = decode_chip,
    [AS_REV] = decode_rev,       [AS_HEADER_SIZE] = decode_size,
    [AS_LIMIT] = decode_address, [AS_SEGMENT] = decode_length,
    [AS_TIME] = decode_time,
};

/* The verbs that make "needed 5, there is 4" read right for the kind. */
static const char *expected_verb(explain_as_t as)
{
    if (as == AS_SHORT) {
        return "needed";
    }
    return as == AS_LIMIT || as == AS_SIZE || as == AS_HEADER_SIZE ? "there is" : "expected";
}

static const char *found_verb(explain_as_t as)
{
    if (as == AS_SHORT) {
        return "there is";
    }
    return as == AS_SIZE || as == AS_HEADER_SIZE ? "needed" : "found";
}

/* What is decided about a release or by its signatures has no place in a file. */
static bool has_offset(const explain_words_t *words)
{
    bool whole = words->status <= OTA_ERR_SIGNATURE_FORM && words->status != OTA_ERR_KEYS_SET;
    return words->as != AS_NOTHING && !whole;
}

static void explain_where(const explain_words_t *words, const ota_fault_t *fault, char *text,
                          size_t room)
{
    char found[NUMBER] = "";
    char expected[NUMBER] = "";
    char offset[NUMBER] = "";
    if (has_offset(words)) {
        (void)snprintf(offset, sizeof(offset), ", byte %" PRIu32 " (0x%" PRIx32 ")", fault->offset,
                       fault->offset);
    }
    if (decoders[words->as] == NULL || (fault->found == 0 && fault->expected == 0)) {
        (void)snprintf(text, room, "%s%s", words->place, offset);
        return;
    }
    decoders[words->as](fault->found, found, sizeof(found));
    (words->as == AS_SEGMENT ? decode_mappable : decoders[words->as])(fault->expected, expected,
                                                                      sizeof(expected));
    (void)snprintf(text, room, "%s%s: %s %s, %s %s", words->place, offset, found_verb(words->as),
                   found, expected_verb(words->as), expected);
}

void explain_fault(const ota_fault_t *fault, explain_t *out)
{
    const explain_words_t *words = explain_words(fault->status);
    out->name = ota_status_name(fault->status);
    if (words == NULL) {
        out->what = "This number is no status of the library.";
        out->todo = "Pass the number that the call returned.";
        (void)snprintf(out->where, sizeof(out->where), "status %d", (int)fault->status);
        return;
    }
    out->what = words->what;
    out->todo = words->todo;
    explain_where(words, fault, out->where, sizeof(out->where));
}

void explain_status(ota_status_t status, explain_t *out)
{
    const explain_words_t *words = explain_words(status);
    const ota_fault_t fault = {.status = status};
    explain_fault(&fault, out);
    if (words != NULL) {
        (void)snprintf(out->where, sizeof(out->where), "%s", words->place);
    }
}

size_t explain_text(const ota_fault_t *fault, char *text, size_t room)
{
    explain_t words;
    explain_fault(fault, &words);
    const char *at = words.where[0] != '\0' ? "  at: " : "";
    const char *end = words.where[0] != '\0' ? "\n" : "";
    int n =
        snprintf(text, room, "%s\n%s%s%s  do: %s\n", words.what, at, words.where, end, words.todo);
    return n > 0 ? (size_t)n : 0;
}

/* Adds a member; false if memory ran out (cJSON says so by NULL). */
static bool add_text(cJSON *object, const char *name, const char *value)
{
    return cJSON_AddStringToObject(object, name, value) != NULL;
}

static bool add_number(cJSON *object, const char *name, double value)
{
    return cJSON_AddNumberToObject(object, name, value) != NULL;
}

/* `object` if all its members were added, else NULL and the object is gone. */
static cJSON *whole(cJSON *object, bool complete)
{
    if (complete) {
        return object;
    }
    cJSON_Delete(object);
    return NULL;
}

cJSON *explain_json(const ota_fault_t *fault)
{
    explain_t words;
    explain_fault(fault, &words);
    cJSON *object = cJSON_CreateObject();
    bool ok = object != NULL && add_text(object, "status", words.name) &&
              add_number(object, "code", (double)fault->status) &&
              add_text(object, "what", words.what) && add_text(object, "where", words.where) &&
              add_text(object, "todo", words.todo) && add_number(object, "offset", fault->offset) &&
              add_number(object, "found", fault->found) &&
              add_number(object, "expected", fault->expected);
    return whole(object, ok);
}

cJSON *explain_esp_json(const explain_esp_t *entry)
{
    cJSON *object = cJSON_CreateObject();
    bool ok = object != NULL && add_text(object, "name", entry->name) &&
              add_number(object, "code", entry->code) && add_text(object, "what", entry->what);
    cJSON *causes = ok ? cJSON_AddArrayToObject(object, "causes") : NULL;
    ok = causes != NULL;
    for (size_t i = 0; ok && i < EXPLAIN_CAUSES && entry->cause[i] != NULL; i++) {
        ok = cJSON_AddItemToArray(causes, cJSON_CreateString(entry->cause[i])) != 0;
    }
    return whole(object, ok && add_text(object, "todo", entry->todo));
}
