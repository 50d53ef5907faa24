/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Report: what a run of the laboratory found, as one HTML page.
 *
 * The page is one file: no network, no scripts, no fonts of its own. It says everything in text and
 * shape too, so that it can be read in black and white, by a screen reader, on a phone, in light
 * and dark. Every text is escaped here: callers hand over names as they found them.
 *
 *   verdict | figures | stock beside ours | flash map | operations and where cuts hurt
 *   | what was cut | assumptions | replay ids
 */
#ifndef LAB_REPORT_HTML_H
#define LAB_REPORT_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    REPORT_PART_SYSTEM, /* bootloader, partition table */
    REPORT_PART_OTADATA,
    REPORT_PART_OLD, /* the slot that runs at the start */
    REPORT_PART_NEW, /* the slot that the update goes to */
    REPORT_PART_APP,
    REPORT_PART_DATA
} report_role_t;

typedef struct {
    const char *label;
    const char *kind; /* "app/ota_0" */
    uint32_t offset;
    uint32_t size;
    report_role_t role;
} report_part_t;

/* One cell of a timeline: an operation, or a run of them that are alike. */
typedef struct {
    const char *phase; /* "download", "select", ..; a new word begins a new group */
    bool erase;
    bool metadata;
    uint32_t count;   /* operations in this cell, at least 1 */
    uint32_t addr;    /* of the first */
    uint32_t len;     /* bytes of all of them */
    uint64_t cuts;    /* judged in them */
    uint64_t hurt;    /* boots after them that broke a promise; a cut may have several, by what
                         marginal cells read as */
    const char *what; /* the worst of it, a sentence; NULL: nothing hurt */
    const char *id;   /* replay id of that; NULL */
} report_op_t;

/* One set of rules, and what it did. */
typedef struct {
    const char *name; /* "stock", "otary" */
    const char *words;
    uint64_t ops;
    uint64_t cuts;
    uint64_t states;
    uint64_t bricks;       /* S1 */
    uint64_t damaged;      /* S2 */
    uint64_t lost;         /* S3 */
    uint64_t unguarded;    /* S4, S5 */
    uint64_t other;        /* everything else */
    uint32_t boots;        /* longest recovery */
    uint64_t boot_us;      /* slowest boot's flash operations */
    uint32_t wear;         /* erases of one sector */
    const report_op_t *op; /* the timeline */
    size_t op_count;
} report_side_t;

typedef struct {
    const char *id;
    const char *what;
    const char *side;
} report_case_t;

typedef struct {
    const char *verdict; /* one sentence */
    bool good;
    const char *table; /* names as the user typed them */
    const char *old_image;
    const char *new_image;
    const char *old_words; /* "esp32s3, version 1.0, 1.1 MiB" */
    const char *new_words;
    const char *program; /* "otary 0.1.0" */
    const char *command; /* that made the report; NULL */
    uint32_t flash_size;
    const report_part_t *part; /* in the order of their offsets */
    size_t part_count;
    const report_side_t *side; /* ours last: the verdict is about it */
    size_t side_count;
    const char *const *sampled; /* what was cut, and how finely: sentences */
    size_t sampled_count;
    const char *const *assumption; /* about the medium: sentences */
    size_t assumption_count;
    const report_case_t *example; /* replay ids */
    size_t example_count;
} report_t;

/* The page, malloc'ed and NUL-terminated; *len without the NUL. NULL: no memory. */
char *report_html(const report_t *report, size_t *len);

#endif
