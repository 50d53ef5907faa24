/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doctor: from a file, a flash or a line of a log to cause, place and remedy.
 *
 *   doctor_begin -> doctor_file | doctor_log, any number, any order -> doctor_finish
 *
 * What is known is data: host/doctor_entries*.c holds the findings (id, what it means, what to
 * do, which cases of docs/doctor.md it answers), host/doctor_patterns.c the lines of logs.
 * The code only looks: doctor_file.c at single files, doctor_table.c at tables, doctor_flash.c
 * at whole flashes, doctor_log.c at text, doctor_cross.c at what several of them say together
 * (a conflict in the log and a table with one slot explain each other).
 *
 * The struct owns nothing but itself; it is large (some 150 KiB), so do not put it on a stack.
 */
#ifndef HOST_DOCTOR_H
#define HOST_DOCTOR_H

#include "host/sniff.h"
#include "ota/image.h"
#include "ota/table.h"

#include <cjson/cJSON.h>

typedef enum {
    DOCTOR_NOTE,    /* worth knowing, nothing wrong */
    DOCTOR_WARNING, /* will or may fail in some use */
    DOCTOR_ERROR    /* does not work */
} doctor_level_t;

#define DOCTOR_CASES    8u
#define DOCTOR_FINDINGS 64u

/* One thing that can be found: constant data. */
typedef struct {
    const char *id; /* "table-one-slot": stable */
    doctor_level_t level;
    const char *what;            /* what it means, whoever has it */
    const char *todo;            /* what to do, whoever has it; "" for plain notes */
    uint8_t cases[DOCTOR_CASES]; /* numbers of the cases in docs/doctor.md; 0 ends */
} doctor_entry_t;

/* It was found here. */
typedef struct {
    const doctor_entry_t *entry;
    char where[160];  /* "firmware.bin, byte 12"; "line 3" */
    char seen[768];   /* the numbers of this case, decoded; "" if there are none */
    char advice[512]; /* what to do in this very case, beyond entry->todo; "" if nothing */
    unsigned times;   /* seen so often with the same words */
} doctor_finding_t;

/* What is known so far; the parts tell each other through this. */
typedef struct {
    bool has_table;
    bool table_usable; /* layout was read from a table that opens */
    char table_name[64];
    ota_layout_t layout;
    uint32_t flash_size;     /* bytes; 0: not known */
    uint32_t app_size;       /* of the app image or of the build's message; 0: not known */
    uint16_t app_chip;       /* OTA_CHIP_ID_INVALID: not known */
    uint16_t boot_chip;      /* chip of a bootloader or flash, likewise */
    uint32_t app_flash_size; /* of the app's header; 0: not known */
    char app_name[64];
    uint32_t log_slot_size;      /* partition length that a device's log named; 0: none */
    bool log_conflict;           /* ESP_ERR_OTA_PARTITION_CONFLICT was in a log */
    unsigned boots;              /* "Loaded app from partition at offset .." lines */
    unsigned boot_switches;      /* of them, at another offset than the one before */
    unsigned crashes;            /* panics and watchdog resets since the last switch */
    uint32_t boot_offset;        /* of the last one */
    unsigned bootloader_version; /* major * 100 + minor of ESP-IDF; 0: not known */
    unsigned app_version;        /* likewise, of the app */
} doctor_facts_t;

typedef struct {
    doctor_facts_t facts;
    size_t count;
    bool more; /* there were more than DOCTOR_FINDINGS: the rest was dropped */
    doctor_finding_t finding[DOCTOR_FINDINGS];
} doctor_t;

void doctor_begin(doctor_t *doctor);

/* A file of any kind; `name` is how findings call it. A text file that is a log is read as one. */
void doctor_file(doctor_t *doctor, const char *name, const uint8_t *bytes, size_t len);

/* A line, or a whole log; colours, time stamps and prefixes do not matter. `name` as above;
 * "" for a line that was typed. */
void doctor_log(doctor_t *doctor, const char *name, const char *text, size_t len);

/* Everything was shown: draw conclusions from the parts together, put the worst first. */
void doctor_finish(doctor_t *doctor);

/* The worst level among the findings; DOCTOR_NOTE if there are none. */
doctor_level_t doctor_worst(const doctor_t *doctor);

/* "note", "warning", "error". */
const char *doctor_level_name(doctor_level_t level);

/* [{"id","level","what","where","seen","todo","advice","times","cases":[..]}]. The caller deletes
 * it. NULL: no memory. */
cJSON *doctor_json(const doctor_t *doctor);

/* All that can be found, `index` 0..; NULL after the last. By id; NULL: unknown. */
const doctor_entry_t *doctor_entry_at(size_t index);
const doctor_entry_t *doctor_entry_find(const char *id);

#endif
