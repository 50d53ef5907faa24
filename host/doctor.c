/* SPDX-License-Identifier: Apache-2.0 */
/* The list of findings, and what reports share. */
#include "host/doctor_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void doctor_begin(doctor_t *doctor)
{
    *doctor = (doctor_t){.count = 0};
    doctor->facts.app_chip = OTA_CHIP_ID_INVALID;
    doctor->facts.boot_chip = OTA_CHIP_ID_INVALID;
}

/* --- entries -------------------------------------------------------------------------------- */

const doctor_entry_t *doctor_entry_at(size_t index)
{
    static const doctor_entry_t *const lists[] = {doctor_entries_file, doctor_entries_image,
                                                  doctor_entries_table, doctor_entries_boot,
                                                  doctor_entries_update};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (const doctor_entry_t *entry = lists[i]; entry->id != NULL; entry++) {
            if (index == 0) {
                return entry;
            }
            index--;
        }
    }
    return NULL;
}

const doctor_entry_t *doctor_entry_find(const char *id)
{
    const doctor_entry_t *entry = NULL;
    for (size_t i = 0; (entry = doctor_entry_at(i)) != NULL; i++) {
        if (strcmp(entry->id, id) == 0) {
            break;
        }
    }
    return entry;
}

/* --- reporting ------------------------------------------------------------------------------- */

static doctor_finding_t *same_finding(doctor_t *doctor, const doctor_entry_t *entry,
                                      const char *seen)
{
    for (size_t i = 0; i < doctor->count; i++) {
        doctor_finding_t *finding = &doctor->finding[i];
        if (finding->entry == entry && strcmp(finding->seen, seen) == 0) {
            return finding;
        }
    }
    return NULL;
}

static doctor_finding_t *new_finding(doctor_t *doctor)
{
    if (doctor->count < DOCTOR_FINDINGS) {
        doctor->count++;
    } else {
        doctor->more = true;
    }
    doctor_finding_t *finding = &doctor->finding[doctor->count - 1];
    *finding = (doctor_finding_t){.times = 1};
    return finding;
}

doctor_finding_t *doctor_report(doctor_t *doctor, const char *id, const char *where,
                                const char *seen, ...)
{
    const doctor_entry_t *entry = doctor_entry_find(id);
    if (entry == NULL) {
        abort(); /* a slip in our own data; a test reports every id */
    }
    char text[sizeof(doctor->finding[0].seen)];
    va_list args;
    va_start(args, seen);
    (void)vsnprintf(text, sizeof(text), seen, args);
    va_end(args);
    doctor_finding_t *finding = same_finding(doctor, entry, text);
    if (finding != NULL) {
        finding->times++;
        return finding;
    }
    finding = new_finding(doctor);
    finding->entry = entry;
    (void)snprintf(finding->where, sizeof(finding->where), "%s", where);
    (void)snprintf(finding->seen, sizeof(finding->seen), "%s", text);
    return finding;
}

void doctor_advise(doctor_finding_t *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(finding->advice, sizeof(finding->advice), format, args);
    va_end(args);
}

bool doctor_has(const doctor_t *doctor, const char *id)
{
    for (size_t i = 0; i < doctor->count; i++) {
        if (strcmp(doctor->finding[i].entry->id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* --- results -----------------------------------------------------------------------------------
 */

doctor_level_t doctor_worst(const doctor_t *doctor)
{
    doctor_level_t worst = DOCTOR_NOTE;
    for (size_t i = 0; i < doctor->count; i++) {
        if (doctor->finding[i].entry->level > worst) {
            worst = doctor->finding[i].entry->level;
        }
    }
    return worst;
}

const char *doctor_level_name(doctor_level_t level)
{
    switch (level) {
    case DOCTOR_NOTE:
        return "note";
    case DOCTOR_WARNING:
        return "warning";
    case DOCTOR_ERROR:
        break;
    }
    return "error";
}

static bool add_text(cJSON *object, const char *name, const char *value)
{
    return cJSON_AddStringToObject(object, name, value) != NULL;
}

static bool add_cases(cJSON *object, const doctor_entry_t *entry)
{
    cJSON *cases = cJSON_AddArrayToObject(object, "cases");
    bool ok = cases != NULL;
    for (size_t i = 0; ok && i < DOCTOR_CASES && entry->cases[i] != 0; i++) {
        ok = cJSON_AddItemToArray(cases, cJSON_CreateNumber(entry->cases[i])) != 0;
    }
    return ok;
}

static bool add_finding(cJSON *list, const doctor_finding_t *finding)
{
    const doctor_entry_t *entry = finding->entry;
    cJSON *object = cJSON_CreateObject();
    if (object == NULL || cJSON_AddItemToArray(list, object) == 0) {
        cJSON_Delete(object);
        return false;
    }
    const char *const texts[][2] = {
        {"id", entry->id},          {"level", doctor_level_name(entry->level)},
        {"what", entry->what},      {"where", finding->where},
        {"seen", finding->seen},    {"todo", entry->todo},
        {"advice", finding->advice}};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof(texts) / sizeof(texts[0]); i++) {
        ok = add_text(object, texts[i][0], texts[i][1]);
    }
    return ok && cJSON_AddNumberToObject(object, "times", finding->times) != NULL &&
           add_cases(object, entry);
}

cJSON *doctor_json(const doctor_t *doctor)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; list != NULL && i < doctor->count; i++) {
        if (!add_finding(list, &doctor->finding[i])) {
            cJSON_Delete(list);
            list = NULL;
        }
    }
    return list;
}

/* --- pieces
 * ---------------------------------------------------------------------------------------- */

void doctor_clean(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < 0x20 || *text > 0x7E) {
            *text = '?';
        }
    }
}

unsigned doctor_idf_version(const char *text)
{
    while (*text != '\0' && (*text < '0' || *text > '9')) {
        text++;
    }
    char *end = NULL;
    unsigned long major = strtoul(text, &end, 10);
    if (end == text || *end != '.' || major > 99) {
        return 0;
    }
    unsigned long minor = strtoul(end + 1, NULL, 10);
    return (unsigned)(major * 100 + (minor > 99 ? 99 : minor));
}
