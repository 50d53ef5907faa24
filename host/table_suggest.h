/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Table suggest: which partition table fits this app?
 *
 * Known tables and one that is computed for the case are measured against what must be kept and
 * ranked. A table that cannot be updated over the air is never ranked above one that can, and
 * never given as an answer unless updates were waived.
 */
#ifndef HOST_TABLE_SUGGEST_H
#define HOST_TABLE_SUGGEST_H

#include "host/presets.h"

typedef enum { FS_ANY, FS_SPIFFS, FS_LITTLEFS, FS_FAT } suggest_fs_t;

typedef struct {
    uint32_t app_size;   /* bytes, > 0 */
    uint32_t flash_size; /* bytes, a multiple of 64 KiB, at least 1 MiB */
    uint32_t nvs;        /* bytes at least; 0: 0x5000 */
    bool fs_given;       /* fs_size was asked for; else some file system is liked, none needed */
    uint32_t fs_size;    /* bytes at least */
    suggest_fs_t fs;     /* kind of the file system; FS_ANY: whichever */
    uint32_t coredump;   /* bytes at least */
    bool factory;        /* a factory app that fits the app */
    bool no_ota;         /* updates over the air are not wanted */
} suggest_need_t;

/* How a table is updated. */
typedef enum {
    SUGGEST_TWO_SLOTS, /* and more */
    SUGGEST_RECOVERY,  /* one slot, updated by a smaller app in factory */
    SUGGEST_NO_OTA,    /* over the cable only */
} suggest_update_t;

typedef struct {
    const preset_t *preset; /* NULL: computed */
    ota_part_t parts[PRESET_PARTS_MAX];
    size_t count;
    uint32_t slot_size; /* the smallest partition that the app has to fit */
    uint32_t fs_size;
    uint32_t growth; /* percent that the app can grow; 0 if it does not fit */
    suggest_update_t update;
    bool fits;        /* everything asked for */
    const char *lack; /* the first thing that is missing; constant, NULL if it fits */
} suggestion_t;

#define SUGGESTIONS_MAX 128u

/* Measures one table against the needs. */
void suggest_measure(suggestion_t *suggestion, const suggest_need_t *need);

/*
 * The best table that can be computed: nvs, otadata, two equal slots of whole 64 KiB (one with
 * no_ota), file system and coredump behind them. False: the needs do not fit the flash.
 */
bool suggest_compute(suggestion_t *suggestion, const suggest_need_t *need);

/*
 * All presets that fit the flash, best first: those that meet the needs, among them OTA before
 * none, general before special ones, a file system where none was waived, then head-room. Returns
 * how many were written to `list` (room for SUGGESTIONS_MAX).
 */
size_t suggest_rank(suggestion_t *list, const suggest_need_t *need);

/* Smallest usual flash size (bytes) in which two slots for the needs can be computed; 0: none. */
uint32_t suggest_flash_for(const suggest_need_t *need);

/* The partitions as a CSV: malloc'ed. NULL: no memory. */
char *suggest_csv(const suggestion_t *suggestion, size_t *len);

#endif
