/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Presets: the partition tables that people know by name, and some of our own.
 *
 * arduino-esp32's (also PlatformIO's) and ESP-IDF's names with the layout that they stand for,
 * as facts: label, subtype, offset, size. A test compares each with the bytes of Espressif's
 * own table. Ours are two slots as large as they go for each flash size (two_slots_4MB), and one
 * large slot beside a small recovery app in `factory` that receives the updates (recovery_4MB).
 */
#ifndef HOST_PRESETS_H
#define HOST_PRESETS_H

#include "ota/table.h"

typedef enum { PRESET_ARDUINO, PRESET_IDF, PRESET_OTARY } preset_source_t;

typedef struct {
    const char *name;
    preset_source_t source;
    uint32_t flash_mb; /* smallest usual flash chip that holds it */
    bool special;      /* made for one board or one framework: not for general use */
    const char *menu;  /* Arduino: entry of Tools > Partition Scheme. IDF: what follows
                          CONFIG_PARTITION_TABLE_. NULL: it has none */
    const char *rows;  /* "label subtype offset size[ e]|..." in hexadecimal */
} preset_t;

extern const preset_t presets[];
extern const size_t presets_count;

#define PRESET_PARTS_MAX 16u

/* By name, with or without ".csv" or "partitions_"; NULL: unknown. */
const preset_t *preset_find(const char *name);

/* The partitions of a preset; returns how many (at most PRESET_PARTS_MAX). */
size_t preset_parts(const preset_t *preset, ota_part_t parts[PRESET_PARTS_MAX]);

/* "arduino", "esp-idf", "otary". */
const char *preset_source_name(preset_source_t source);

#endif
