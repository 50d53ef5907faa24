/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Own: the laboratory on a user's table and images.
 *
 *   the update   boots old, downloads new, selects it, boots it, confirms it: a list of operations.
 *                Each is cut before and after it. Those on otadata, and a sample of those on image
 *                data and the download's journal, are cut inside too, in ways that stand for all.
 *                (By Espressif's rules: in all ways.)
 *   in small     the same on the user's table with images of 8 KiB: every operation, every byte of
 *                it, every damage. A megabyte, written and judged anew after each of these cuts,
 *                would take a day.
 *   the records  every scenario that moves metadata alone (select, trial, confirm, reject, roll
 *                back ..), with any number of cuts in a row, to closure; by Espressif's rules,
 * where there is no end to it, two in a row
 *
 * What was left out is counted and said.
 */
#ifndef LAB_OWN_H
#define LAB_OWN_H

#include "lab/explore.h"

#define OWN_CELLS_MAX 320u
#define OWN_ROWS_MAX  32u

typedef enum { OWN_DOWNLOAD, OWN_SELECT, OWN_BOOT, OWN_CONFIRM } own_phase_t;

typedef struct {
    const uint8_t *table; /* OTA_TABLE_SIZE bytes, as in flash */
    uint32_t flash_size;
    const uint8_t *old_image;
    size_t old_len;
    const uint8_t *new_image;
    size_t new_len;
    lab_way_t way;
    bool rollback;  /* the bootloader was built with it */
    uint8_t depth;  /* cuts in a row of the update in small; 0: 1 */
    uint64_t seed;  /* of what is drawn by lot; 0: the laboratory's own */
    unsigned jobs;  /* 0: one a core */
    double seconds; /* when it must have ended; 0: whenever */
    void (*progress)(void *user, uint64_t done, uint64_t total);
    void *user;
} own_wish_t;

/* A piece of the update: operations [first, first + count), and how they were cut. */
typedef struct {
    own_phase_t phase;
    bool erase;    /* its first operation is an erase */
    bool metadata; /* on otadata, but for the journal */
    bool inside;   /* a sample: cut inside, not only before and after */
    uint32_t first;
    uint32_t count;
    uint32_t addr; /* of the first operation */
    uint32_t len;  /* bytes of all of them */
} own_cell_t;

typedef struct {
    bool done;
    uint64_t cuts;
    uint64_t violations;
    lab_oracle_t oracle; /* of the first violation */
    char what[160];
    char id[160]; /* its replay id */
} own_cut_t;

typedef struct {
    bool done;
    bool closed; /* every state that any number of cuts can lead to was judged */
    const lab_row_t *row;
    uint64_t cuts;
    uint64_t states;
    uint64_t violations;
} own_row_t;

/* Large: allocate it. */
typedef struct {
    uint32_t cells;
    own_cell_t cell[OWN_CELLS_MAX];
    own_cut_t cut[OWN_CELLS_MAX];
    uint32_t rows;
    own_row_t row[OWN_ROWS_MAX];
    uint32_t metadata_ops;
    uint32_t data_ops;    /* on image data and the download's journal */
    uint32_t data_inside; /* of these, cut inside */
    uint32_t fine_ops;    /* of the update in small; 0: there is none */
    uint32_t fine_pieces; /* in which they are cut */
    uint32_t fine_done;
    uint64_t fine_cuts;
    uint64_t fine_violations;
    uint32_t unfinished; /* pieces left out or cut short for want of time or memory */
    explore_result_t sum;
} own_result_t;

/* The plan of a scenario on what the user gave; rows of metadata alone get small images. */
OTA_MUST_CHECK ota_status_t own_plan(const own_wish_t *wish, const lab_scenario_t *scenario,
                                     lab_plan_t *plan, ota_fault_t *fault);

/* OTA_OK: it ran; violations are results. Statuses of lab_plan_own (fault says where), of
 * share_run; OTA_ERR_STATE: the update does not reach its end even without a cut. */
OTA_MUST_CHECK ota_status_t own_run(const own_wish_t *wish, own_result_t *result,
                                    ota_fault_t *fault);

const char *own_phase_name(own_phase_t phase);

#endif
