/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults: calls of the flash port that fail. Every read, program and erase of a scenario is made to
 * fail, one at a time, in every way, and what follows is judged by the laboratory's oracles.
 *
 *   once, for ever     that call, or that one and every later one of its kind
 *   fails              it says so, and has changed nothing
 *   half               it says so, and has done half of it
 *   silent             it says OK, and has done nothing
 *   then a cut         after a call that failed once, the power is cut at each later operation
 *   after a cut        the power is cut at each operation, and then each call of recovery fails
 *
 * While calls fail the device need not reach its goal (L1), nor cheaply (L2, C1); but it never
 * bricks, runs nothing wrong, loses nothing that was accepted and guards its trial. (Where reads
 * fail for ever nothing can boot; S1 then waits until they work again.) When the port works again,
 * everything must hold, and the goal is reached.
 *
 * Where every read says OK and delivers nothing the device is deceived for good: of what it did
 * meanwhile only S1 and S2 are asked when the port works again.
 *
 * A call that fails while booting can make the bootloader start the other one of two good images:
 * as if a record were not there, or because it cannot write down that a boot of a trial begins. As
 * long as nothing of that stays (the next boot goes the right way), it is counted apart, as a
 * detour.
 *
 * A program or erase of image data that does nothing and says OK cannot be noticed unless what was
 * written is read back (OTA_UPDATE_READ_BACK, which the scenarios do not use). The bootloader
 * refuses the image then; that is counted apart, as unnoticed.
 */
#ifndef LAB_FAULTS_H
#define LAB_FAULTS_H

#include "lab/explore.h"

typedef enum {
    FAULTS_ONCE,
    FAULTS_FOR_EVER,
    FAULTS_THEN_CUT,
    FAULTS_AFTER_CUT,
    FAULTS_PLANS
} faults_plan_t;

typedef struct {
    faults_plan_t plan;
    medium_kind_t kind;
    medium_failure_t how;
    uint32_t nth; /* of the calls of that kind; for FAULTS_AFTER_CUT counted from the cut */
    uint32_t op;  /* of the cut */
    damage_t damage;
} faults_case_t;

#define FAULTS_NAME 160u
#define FAULTS_KEPT 8u

typedef struct {
    faults_case_t which;
    char name[FAULTS_NAME]; /* "fault.normal/o4.once.program.17.half" */
    lab_verdict_t verdict;
} faults_violation_t;

/* Plain numbers: shares add up. */
typedef struct {
    uint64_t calls[3]; /* reads, programs, erases of the scenarios without failures */
    uint64_t cases[FAULTS_PLANS];
    uint64_t unnoticed;
    uint64_t detours;
    uint64_t violations[LAB_ORACLES];
    uint64_t broken[FAULTS_PLANS][3][MEDIUM_FAILURES]; /* the same by plan, kind and how */
    uint32_t kept;
    faults_violation_t violation[FAULTS_KEPT];
} faults_result_t;

/* One scenario: cases share, share + of, .. of all. `cuts`: with FAULTS_THEN_CUT and
 * FAULTS_AFTER_CUT too, which are many. *done (may be NULL) counts cases. A scenario that breaks a
 * promise even without a failure is one violation, under its own name. OTA_OK; statuses of
 * lab_plan_open and lab_world_open. */
OTA_MUST_CHECK ota_status_t faults_run(const lab_scenario_t *scenario, bool cuts, uint32_t share,
                                       uint32_t of, uint64_t *done, faults_result_t *result);

/* Who watches a case: every operation, cut or not, every call that is made to fail, and the moment
 * from which on none is. */
typedef struct {
    lab_watch_t op;
    void (*failed)(void *user, lab_world_t *world, const medium_op_t *op, medium_failure_t how);
    void (*works_again)(void *user, lab_world_t *world);
    void *user;
} faults_watch_t;

/* One case again; watch may be NULL. true: it violates an oracle, *verdict says which. Statuses of
 * faults_run; OTA_ERR_RANGE: the scenario has no such call or operation. */
OTA_MUST_CHECK ota_status_t faults_replay(const lab_scenario_t *scenario,
                                          const faults_case_t *which, const faults_watch_t *watch,
                                          bool *violated, lab_verdict_t *verdict);

void faults_add(faults_result_t *sum, const faults_result_t *more);
uint64_t faults_violations(const faults_result_t *result);
uint64_t faults_cases(const faults_result_t *result);

const char *faults_kind_name(medium_kind_t kind);  /* "read", .. */
const char *faults_how_name(medium_failure_t how); /* "fails", .. */
const char *faults_plan_name(faults_plan_t plan);  /* "once", "for-ever", "then-cut", .. */

void faults_case_name(const lab_scenario_t *scenario, const faults_case_t *which,
                      char text[FAULTS_NAME]);
bool faults_case_parse(const char *text, lab_scenario_t *scenario, faults_case_t *which);

#endif
