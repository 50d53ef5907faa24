/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/faults_sweep.h"

#include <stdio.h>
#include <string.h>

#define ALL_KINDS 7u

/* --- forking ------------------------------------------------------------------------------- */

typedef struct {
    size_t mark;
    lab_ledger_t ledger;
    uint32_t efuse;
    medium_fail_t fail;
    uint64_t fail_count;
    bool failing;
} fork_t;

static void fork_begin(const lab_world_t *world, fork_t *fork)
{
    *fork = (fork_t){medium_mark(&world->medium), world->ledger, world->efuse, world->medium.fail,
                     world->medium.fail_count,    world->failing};
}

static void fork_end(lab_world_t *world, const fork_t *fork)
{
    medium_undo(&world->medium, fork->mark);
    world->ledger = fork->ledger;
    world->efuse = fork->efuse;
    world->medium.fail = fork->fail;
    world->medium.fail_count = fork->fail_count;
    world->failing = fork->failing;
}

static void arm(lab_world_t *world, const faults_case_t *which)
{
    const medium_fail_t fail = {.kinds = (uint8_t)(1u << which->kind),
                                .how = which->how,
                                .for_ever = which->plan == FAULTS_FOR_EVER,
                                .nth = which->nth};
    medium_fail(&world->medium, &fail);
    world->failing = true;
}

static void count_case(sweep_t *sweep)
{
    sweep->result->cases[sweep->now.plan]++;
    if (sweep->done != NULL) {
        ++*sweep->done;
    }
}

/* From a state without power: the armed failure, then a port that works. */
static void judge_failure(sweep_t *sweep)
{
    fork_t fork;
    fork_begin(sweep->world, &fork);
    arm(sweep->world, &sweep->now);
    count_case(sweep);
    if (faults_live_failing(sweep)) {
        faults_live_on(sweep);
    }
    fork_end(sweep->world, &fork);
}

/* --- cuts
 * ------------------------------------------------------------------------------------------ */

/* What is known when the power goes, as the explorer counts it. */
static void note_cut(lab_world_t *world)
{
    lab_ledger_t *ledger = &world->ledger;
    ledger->silent = 0;
    if (world->life->booting && ledger->trial != OTA_SLOT_NONE && ledger->starts == 0 &&
        ledger->attempts < application_trials(world->plan).patience) {
        ledger->attempts++;
    }
}

/* How many calls of each kind a device makes from here to rest. */
static void count_calls(lab_world_t *world, uint64_t calls[3])
{
    lab_lived_t lived;
    for (unsigned kind = 0; kind < 3; kind++) {
        fork_t fork;
        const medium_fail_t count = {
            .kinds = (uint8_t)(1u << kind), .how = MEDIUM_FAILS, .nth = UINT64_MAX};
        fork_begin(world, &fork);
        medium_fail(&world->medium, &count);
        lab_world_settle(world, MEDIUM_ONES, FAULTS_BOOTS, &lived);
        calls[kind] = world->medium.fail_count;
        fork_end(world, &fork);
    }
}

/* After this cut every call of recovery fails, one at a time. */
static void fail_recovery(sweep_t *sweep)
{
    uint64_t calls[3];
    if (sweep->only) {
        sweep->now = sweep->only_cut;
        judge_failure(sweep);
        return;
    }
    count_calls(sweep->world, calls);
    for (unsigned kind = 0; kind < 3; kind++) {
        for (uint32_t nth = 0; nth < calls[kind]; nth++) {
            sweep->now.kind = (medium_kind_t)kind;
            sweep->now.nth = nth;
            sweep->now.how = MEDIUM_FAILS;
            judge_failure(sweep);
        }
    }
}

static void cut(sweep_t *sweep, const medium_op_t *op, damage_t damage)
{
    fork_t fork;
    lab_world_t *world = sweep->world;
    fork_begin(world, &fork);
    if (damage_apply(&world->medium, op, damage)) {
        sweep->armed_cut = false;
        sweep->now.damage = damage;
        note_cut(world);
        faults_works_again(world);
        if (sweep->now.plan == FAULTS_AFTER_CUT) {
            fail_recovery(sweep);
        } else {
            count_case(sweep);
            faults_live_on(sweep);
        }
        sweep->armed_cut = true;
    }
    fork_end(world, &fork);
}

/* Outcomes that stand for all: the plain ones, thinned. Every one of them is the explorer's work.
 */
static void cut_all(sweep_t *sweep, const medium_op_t *op)
{
    static const damage_kind_t kinds[] = {DAMAGE_BEFORE, DAMAGE_AFTER, DAMAGE_PREFIX,
                                          DAMAGE_RANDOM, DAMAGE_PAGES, DAMAGE_E_RANDOM,
                                          DAMAGE_ZERO};
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        bool edge = kinds[k] <= DAMAGE_AFTER;
        uint32_t count =
            edge ? 1 : damage_count(&sweep->world->medium, op, kinds[k], DAMAGE_COARSE);
        for (uint32_t i = 0; i < count; i++) {
            damage_t damage = {kinds[k], 0};
            if (!edge) {
                damage = damage_nth(&sweep->world->medium, op, kinds[k], DAMAGE_COARSE, i);
            }
            cut(sweep, op, damage);
        }
    }
}

/* Has the failure that is waited for happened? */
static bool ripe(const sweep_t *sweep)
{
    return sweep->now.plan == FAULTS_AFTER_CUT || sweep->world->medium.fail_count > sweep->now.nth;
}

static void tell_op(const sweep_t *sweep, const medium_op_t *op, const damage_t *cut)
{
    if (sweep->watch != NULL && sweep->world->life != NULL) {
        sweep->watch->op(sweep->watch->user, sweep->world, op, sweep->world->life->ops, cut);
    }
}

static void on_failed(void *user, const medium_op_t *op, medium_failure_t how)
{
    const sweep_t *sweep = user;
    if (sweep->watch != NULL) {
        sweep->watch->failed(sweep->watch->user, sweep->world, op, how);
    }
}

static bool cut_here(const sweep_t *sweep)
{
    return sweep->only && sweep->armed_cut && sweep->only_cut.op == sweep->ops && ripe(sweep);
}

static void on_op(void *user, const medium_op_t *op)
{
    sweep_t *sweep = user;
    tell_op(sweep, op, cut_here(sweep) ? &sweep->only_cut.damage : NULL);
    sweep->hook(sweep->user, op);
    if (!sweep->armed_cut || sweep->world->life == NULL || sweep->world->life->violated) {
        return;
    }
    uint32_t index = sweep->ops++;
    if (!ripe(sweep)) {
        return;
    }
    faults_case_t before = sweep->now;
    sweep->now.op = index;
    if (!sweep->only) {
        cut_all(sweep, op);
    } else if (sweep->only_cut.op == index) {
        cut(sweep, op, sweep->only_cut.damage);
    }
    sweep->now = before;
}

/* One run with cuts armed at its operations: with a failure (then-cut), or without (after-cut). */
static void run_with_cuts(sweep_t *sweep)
{
    fork_t fork;
    lab_lived_t lived = {.end = LAB_LIFE_RESETS};
    fork_begin(sweep->world, &fork);
    if (sweep->now.plan == FAULTS_THEN_CUT) {
        arm(sweep->world, &sweep->now);
    }
    sweep->ops = 0;
    sweep->armed_cut = true;
    for (unsigned i = 0; i < FAULTS_BOOTS && lived.end != LAB_LIFE_RESTS; i++) {
        lab_world_live(sweep->world, MEDIUM_ONES, &lived);
        if (lived.end == LAB_LIFE_VIOLATES && !faults_excused(sweep, lived.verdict.oracle)) {
            break; /* judged by FAULTS_ONCE */
        }
    }
    sweep->armed_cut = false;
    fork_end(sweep->world, &fork);
}

/* --- the sweep
 * --------------------------------------------------------------------------------------- */

static bool mine(sweep_t *sweep)
{
    return sweep->index++ % (sweep->of != 0 ? sweep->of : 1u) == sweep->share;
}

static void fail_call(sweep_t *sweep, medium_kind_t kind, uint32_t nth, bool cuts)
{
    static const medium_failure_t hows[] = {MEDIUM_FAILS, MEDIUM_HALF, MEDIUM_SILENT};
    for (unsigned plan = FAULTS_ONCE; plan <= FAULTS_FOR_EVER; plan++) {
        for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
            sweep->now = (faults_case_t){
                .plan = (faults_plan_t)plan, .kind = kind, .how = hows[i], .nth = nth};
            judge_failure(sweep);
        }
    }
    if (cuts) {
        sweep->now =
            (faults_case_t){.plan = FAULTS_THEN_CUT, .kind = kind, .how = MEDIUM_FAILS, .nth = nth};
        run_with_cuts(sweep);
    }
}

static void fail_all(sweep_t *sweep, bool cuts)
{
    uint64_t calls[3];
    count_calls(sweep->world, calls);
    for (unsigned kind = 0; kind < 3; kind++) {
        sweep->result->calls[kind] += sweep->share == 0 ? calls[kind] : 0;
        for (uint32_t nth = 0; nth < calls[kind]; nth++) {
            if (mine(sweep)) {
                fail_call(sweep, (medium_kind_t)kind, nth, cuts);
            }
        }
    }
    if (cuts && mine(sweep)) {
        sweep->now = (faults_case_t){.plan = FAULTS_AFTER_CUT};
        run_with_cuts(sweep);
    }
}

/* The scenario's world, with the sweep's hook before the world's own. */
static ota_status_t start(sweep_t *sweep, lab_plan_t *plan, const lab_scenario_t *scenario,
                          lab_lived_t *uncut)
{
    lab_lived_t lived;
    fork_t fork;
    ota_status_t status = lab_plan_open(plan, scenario);
    if (status != OTA_OK) {
        return status;
    }
    status = lab_world_open(&sweep->world, plan);
    if (status != OTA_OK) {
        lab_plan_close(plan);
        return status;
    }
    sweep->world->no_memo = true;
    fork_begin(sweep->world, &fork);
    lab_world_settle(sweep->world, MEDIUM_ONES, FAULTS_BOOTS, &lived);
    fork_end(sweep->world, &fork);
    sweep->hook = sweep->world->medium.hook;
    sweep->user = sweep->world->medium.user;
    sweep->world->medium.hook = on_op;
    sweep->world->medium.user = sweep;
    sweep->world->medium.failed = on_failed;
    *uncut = lived;
    return OTA_OK;
}

/* The scenario breaks a promise with a port that works: it is its own name. */
static void blame_scenario(sweep_t *sweep, const lab_lived_t *uncut)
{
    faults_result_t *result = sweep->result;
    result->violations[uncut->verdict.oracle]++;
    result->violation[0].verdict = uncut->verdict;
    (void)snprintf(result->violation[0].name, FAULTS_NAME, "%s", sweep->world->plan->scenario.name);
    result->kept = 1;
}

static void stop(sweep_t *sweep, lab_plan_t *plan)
{
    if (sweep->world != NULL) {
        lab_world_close(sweep->world);
        lab_plan_close(plan);
    }
}

ota_status_t faults_run(const lab_scenario_t *scenario, bool cuts, uint32_t share, uint32_t of,
                        uint64_t *done, faults_result_t *result)
{
    lab_plan_t plan;
    lab_lived_t uncut;
    sweep_t sweep = {.result = result, .share = share, .of = of};
    sweep.done = done;
    memset(result, 0, sizeof(*result));
    ota_status_t status = start(&sweep, &plan, scenario, &uncut);
    if (status == OTA_OK && uncut.end != LAB_LIFE_RESTS) {
        if (share == 0) {
            blame_scenario(&sweep, &uncut);
        }
    } else if (status == OTA_OK) {
        fail_all(&sweep, cuts);
    }
    stop(&sweep, &plan);
    return status;
}

ota_status_t faults_replay(const lab_scenario_t *scenario, const faults_case_t *which,
                           const faults_watch_t *watch, bool *violated, lab_verdict_t *verdict)
{
    lab_plan_t plan;
    lab_lived_t uncut;
    faults_result_t result = {0};
    sweep_t sweep = {
        .result = &result, .now = *which, .only = true, .only_cut = *which, .watch = watch};
    ota_status_t status = start(&sweep, &plan, scenario, &uncut);
    if (status == OTA_OK) {
        if (which->plan <= FAULTS_FOR_EVER) {
            judge_failure(&sweep);
        } else {
            run_with_cuts(&sweep);
        }
    }
    stop(&sweep, &plan);
    *violated = result.kept > 0;
    if (*violated) {
        *verdict = result.violation[0].verdict;
    }
    return status == OTA_OK && faults_cases(&result) == 0 ? OTA_ERR_RANGE : status;
}

void faults_add(faults_result_t *sum, const faults_result_t *more)
{
    for (unsigned i = 0; i < 3; i++) {
        sum->calls[i] += more->calls[i];
    }
    for (unsigned i = 0; i < FAULTS_PLANS; i++) {
        sum->cases[i] += more->cases[i];
    }
    for (unsigned i = 0; i < LAB_ORACLES; i++) {
        sum->violations[i] += more->violations[i];
    }
    for (size_t i = 0; i < sizeof(sum->broken) / sizeof(uint64_t); i++) {
        (&sum->broken[0][0][0])[i] += (&more->broken[0][0][0])[i];
    }
    sum->unnoticed += more->unnoticed;
    sum->detours += more->detours;
    for (uint32_t i = 0; i < more->kept && sum->kept < FAULTS_KEPT; i++) {
        sum->violation[sum->kept++] = more->violation[i];
    }
}

uint64_t faults_violations(const faults_result_t *result)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < LAB_ORACLES; i++) {
        sum += result->violations[i];
    }
    return sum;
}

uint64_t faults_cases(const faults_result_t *result)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < FAULTS_PLANS; i++) {
        sum += result->cases[i];
    }
    return sum;
}
