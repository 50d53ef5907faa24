/* SPDX-License-Identifier: Apache-2.0 */
/* One sweep of failing calls, shared by lab/faults.c (what fails) and lab/faults_judge.c (what may
 * come of it). Private to them. */
#ifndef LAB_FAULTS_SWEEP_H
#define LAB_FAULTS_SWEEP_H

#include "lab/faults.h"
#include "lab/world.h"

#define FAULTS_BOOTS 16u /* of one case, and again when the port works: more is no recovery */

typedef struct {
    lab_world_t *world;
    faults_result_t *result;
    faults_case_t now; /* being judged */
    uint32_t share;
    uint32_t of;
    uint64_t index;
    uint64_t *done;
    uint32_t ops;   /* programs and erases of this case, until the cut */
    bool armed_cut; /* at operations of the life under power */
    bool only;      /* replay: only the cut that `only_cut` names */
    faults_case_t only_cut;
    uint64_t recovery_calls[3];
    const faults_watch_t *watch; /* NULL: nobody watches */
    void (*hook)(void *user, const medium_op_t *op);
    void *user;
} sweep_t;

/* The port works again. */
void faults_works_again(lab_world_t *world);

/* May that not hold as long as calls fail? */
bool faults_excused(const sweep_t *sweep, lab_oracle_t oracle);

/* Lives while calls fail. false: a promise is broken, or something went unnoticed; both counted. */
bool faults_live_failing(sweep_t *sweep);

/* Lives when the port works: everything must hold. */
void faults_live_on(sweep_t *sweep);

#endif
