/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lab: the fault laboratory as a whole. Scenarios in, a verdict out; all cores.
 *
 *   lab_select(&options)  ->  list of scenarios   ->  work items (scenario, range of operations)
 *       fork()ed workers take items one by one, explore, and put the sums into shared memory
 *   lab_run  ->  lab_report_t: rows, sums, first violations minimised, each with a replay id
 */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include "lab/explore.h"
#include "lab/faults.h"

#include <stdio.h>

typedef enum {
    LAB_CUTS,    /* every operation, every damage, `depth` cuts in a row */
    LAB_CLOSURE, /* metadata scenarios, any number of cuts: one list of solid damages, one of
                    marginal ones, each with DAMAGE_SPARSE; up to the first violation */
    LAB_STORM    /* seeded random cuts, many in a row */
} lab_mode_t;

typedef struct lab_report lab_report_t;

typedef struct {
    lab_mode_t mode;
    unsigned jobs;          /* worker processes; 0: one a core */
    uint8_t depth;          /* cuts in a row; 0: 1 for image data, 2 for metadata rows */
    const char *scenarios;  /* names with `*`, commas between; NULL: what the mode's preset says */
    const char *tears;      /* damage_set_parse; NULL: all */
    int way;                /* lab_way_t; -1: all */
    uint64_t seed;          /* of storms */
    unsigned storms;        /* of each scenario; 0: 20 */
    unsigned storm_cuts;    /* of each storm; 0: 1,000 */
    double seconds;         /* for the whole run; 0: no limit */
    bool quick;             /* the selection for `make test`: above a million cuts */
    const lab_plan_t *plan; /* the user's own instead of `scenarios`; NULL: no */
    void (*progress)(void *user, const lab_report_t *report); /* now and then; NULL */
    void *user;
} lab_options_t;

/* An options struct that runs everything: LAB_CUTS, all ways. */
void lab_options_default(lab_options_t *options);

/* Result of one scenario. */
typedef struct {
    lab_scenario_t scenario;
    explore_result_t result; /* violations named by id, minimised */
    double seconds;          /* of work, over all workers */
    uint32_t left;           /* items of work that are not done */
    bool failed;             /* a worker died on it: `what` of the first violation says how */
} lab_row_result_t;

struct lab_report {
    size_t scenarios; /* rows */
    size_t items;     /* of work, and how many of them are done */
    size_t done;
    lab_row_result_t *rows;
    explore_result_t sum; /* all ways */
    explore_result_t by_way[LAB_WAYS];
    uint64_t way_scenarios[LAB_WAYS];
    double seconds; /* by the clock */
    unsigned jobs;
};

/* OTA_OK: it ran (violations are results, not failures). OTA_ERR_ARG: a name that fits no scenario
 * or damage; OTA_ERR_NO_ROOM: no memory; OTA_ERR_PORT: no process. Free with lab_report_free. */
OTA_MUST_CHECK ota_status_t lab_run(const lab_options_t *options, lab_report_t *report);
void lab_report_free(lab_report_t *report);

/* Fills `list` with the scenarios that the options name; returns how many there are (at most max
 * are stored). 0: a name fits none. */
size_t lab_select(const lab_options_t *options, lab_scenario_t *list, size_t max);

/* Runs one replay id and tells it: operations, the map of what they touch, cuts, boots, the
 * verdict. plan: NULL, or the user's own that the id was found on. OTA_ERR_ARG: no id. *violated
 * (may be NULL): it ended in a violation. */
OTA_MUST_CHECK ota_status_t lab_replay(const char *id, const lab_plan_t *plan, FILE *out,
                                       bool *violated);

/* The same of a case of failing calls (lab/faults.h). Statuses of faults_replay. */
OTA_MUST_CHECK ota_status_t lab_replay_fault(const lab_scenario_t *scenario,
                                             const faults_case_t *which, FILE *out, bool *violated,
                                             lab_verdict_t *verdict);

/* One line a way: scenarios, ops, cuts, states, violations by oracle; then the first ids. */
void lab_report_print(const lab_report_t *report, FILE *out);

#endif
