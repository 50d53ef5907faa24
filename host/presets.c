/* SPDX-License-Identifier: Apache-2.0 */
#include "host/presets.h"

#include "host/table_words.h"

#include <stdlib.h>
#include <string.h>

static bool same_name(const char *name, size_t len, const char *preset)
{
    static const char idf[] = "partitions_";
    const size_t prefix = sizeof(idf) - 1;
    if (strlen(preset) == len && memcmp(name, preset, len) == 0) {
        return true;
    }
    return strncmp(preset, idf, prefix) == 0 && strlen(preset + prefix) == len &&
           memcmp(name, preset + prefix, len) == 0;
}

const preset_t *preset_find(const char *name)
{
    size_t len = strlen(name);
    if (len > 4 && strcmp(name + len - 4, ".csv") == 0) {
        len -= 4;
    }
    for (size_t i = 0; i < presets_count; i++) {
        if (same_name(name, len, presets[i].name)) {
            return &presets[i];
        }
    }
    return NULL;
}

/* A subtype's word or number, with the type that it belongs to. */
static void read_kind(const table_subtypes_t *subtypes, table_view_t word, ota_part_t *part)
{
    for (int type = 0; type <= (int)OTA_TYPE_DATA; type++) {
        for (size_t i = 0; i < subtypes->count; i++) {
            const table_word_t *known = &subtypes->words[i];
            if (known->type == type && known->name.len == word.len &&
                memcmp(known->name.at, word.at, word.len) == 0) {
                part->type = (uint8_t)type;
                part->subtype = (uint8_t)known->value;
                return;
            }
        }
    }
    part->type = OTA_TYPE_DATA;
    part->subtype = (uint8_t)strtoul(word.at, NULL, 16);
}

static void read_row(const table_subtypes_t *subtypes, table_view_t row, ota_part_t *part)
{
    table_view_t word;
    memset(part, 0, sizeof(*part));
    (void)table_next_part(&row, ' ', &word);
    memcpy(part->label, word.at, word.len < OTA_LABEL_MAX ? word.len : OTA_LABEL_MAX);
    (void)table_next_part(&row, ' ', &word);
    read_kind(subtypes, word, part);
    (void)table_next_part(&row, ' ', &word);
    part->offset = (uint32_t)strtoul(word.at, NULL, 16);
    (void)table_next_part(&row, ' ', &word);
    part->size = (uint32_t)strtoul(word.at, NULL, 16);
    part->flags = table_next_part(&row, ' ', &word) ? OTA_PART_ENCRYPTED : 0;
}

size_t preset_parts(const preset_t *preset, ota_part_t parts[PRESET_PARTS_MAX])
{
    table_subtypes_t subtypes;
    table_subtypes_init(&subtypes);
    table_view_t rest = {preset->rows, strlen(preset->rows)};
    table_view_t row;
    size_t n = 0;
    while (n < PRESET_PARTS_MAX && table_next_part(&rest, '|', &row)) {
        read_row(&subtypes, row, &parts[n++]);
    }
    return n;
}

const char *preset_source_name(preset_source_t source)
{
    static const char *const names[] = {"arduino", "esp-idf", "otary"};
    return names[source];
}
