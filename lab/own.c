/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/own.h"

#include "lab/own_cells.h"
#include "lab/own_plan.h"
#include "lab/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BOOTS_MAX   16u                /* of an update without a cut */
#define FEW_CUTS    2u                 /* in a row, of the records, before any number of them */
#define FINE_OPS    4u                 /* operations of one piece of the fine run */
#define CELL_MEMORY ((size_t)16 << 20) /* judged states of one cell: there are few */

typedef struct {
    const own_wish_t *wish;
    own_result_t *result; /* the parent's: cells and rows */
    double deadline;      /* 0: none */
} job_t;

const char *own_phase_name(own_phase_t phase)
{
    static const char *const names[] = {"download", "select", "boot", "confirm"};
    return names[phase];
}

static double now(void)
{
    struct timespec time = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* --- one piece ------------------------------------------------------------------------------- */

/* What a worker has of its own. Large. */
typedef struct {
    const job_t *job;
    lab_plan_t plan;
    lab_world_t *world; /* of the whole update */
    lab_plan_t fine_plan;
    lab_world_t *fine; /* of the same with small images; NULL: none */
    own_result_t *mine;
    explore_result_t found;
} worker_t;

/* What of a real image's otadata operations is tried where the rest is tried with small ones. */
#define THIN                                                                                       \
    ((damage_set_t)(1u << DAMAGE_BEFORE | 1u << DAMAGE_AFTER | 1u << DAMAGE_PREFIX |               \
                    1u << DAMAGE_RANDOM | 1u << DAMAGE_M_ALL | 1u << DAMAGE_PAGES |                \
                    1u << DAMAGE_E_RANDOM | 1u << DAMAGE_WEAK | 1u << DAMAGE_ZERO))

/* Explores and adds up. false: no time was left for it. */
static bool explore_in_time(worker_t *worker, lab_world_t *world, explore_limits_t *limits)
{
    const job_t *job = worker->job;
    if (job->deadline > 0) {
        limits->seconds = (job->deadline - now()) / 2; /* nothing takes it all */
    }
    if (limits->seconds < 0) {
        worker->mine->unfinished++;
        return false;
    }
    explore(world, limits, &worker->found);
    worker->mine->unfinished += !worker->found.complete;
    explore_add(&worker->mine->sum, &worker->found);
    return true;
}

static void set_damages(const worker_t *worker, const own_cell_t *cell, explore_limits_t *limits)
{
    bool fine = cell->metadata && worker->job->wish->way == LAB_WAY_IN_PLACE;
    limits->grain = fine ? DAMAGE_FINE : DAMAGE_COARSE;
    limits->damages = fine ? DAMAGE_ALL : cell->metadata || cell->inside ? THIN : DAMAGE_EDGES;
}

static void cut_cell(worker_t *worker, uint32_t index)
{
    const own_cell_t *cell = &worker->job->result->cell[index];
    const explore_result_t *found = &worker->found;
    own_cut_t *cut = &worker->mine->cut[index];
    explore_limits_t limits = {.cuts = 1,
                               .later_grain = DAMAGE_COARSE,
                               .first_op = cell->first,
                               .last_op = cell->first + cell->count - 1u,
                               .memory = CELL_MEMORY};
    set_damages(worker, cell, &limits);
    if (limits.last_op == 0) {
        limits.last_op = 1; /* 0, 0 would mean all of them */
    }
    if (!explore_in_time(worker, worker->world, &limits)) {
        return;
    }
    cut->done = true;
    cut->cuts = found->cuts;
    cut->violations = explore_violations(found);
    if (found->kept > 0) {
        cut->oracle = found->violation[0].verdict.oracle;
        (void)snprintf(cut->what, sizeof(cut->what), "%s", found->violation[0].verdict.what);
        (void)snprintf(cut->id, sizeof(cut->id), "%s", found->violation[0].id);
    }
}

/* A few operations of the update with small images: every byte, every damage. */
static void cut_fine(worker_t *worker, uint32_t piece)
{
    const own_result_t *all = worker->job->result;
    bool last = piece + 1u == all->fine_pieces; /* a cut at rest lies behind the last operation */
    explore_limits_t limits = {.cuts = worker->job->wish->depth,
                               .later_grain = DAMAGE_COARSE,
                               .first_op = piece * FINE_OPS,
                               .last_op = last ? UINT32_MAX : (piece + 1u) * FINE_OPS - 1u};
    if (explore_in_time(worker, worker->fine, &limits)) {
        worker->mine->fine_done++;
        worker->mine->fine_cuts += worker->found.cuts;
        worker->mine->fine_violations += explore_violations(&worker->found);
    }
}

/* false: no time was left. */
static bool explore_row(worker_t *worker, lab_world_t *world, own_row_t *row, uint8_t cuts)
{
    explore_limits_t limits = {.cuts = cuts, .grain = DAMAGE_COARSE, .later_grain = DAMAGE_COARSE};
    if (!explore_in_time(worker, world, &limits)) {
        return false;
    }
    row->done = true;
    row->closed = cuts == LAB_CUTS_UNBOUNDED && worker->found.complete;
    row->cuts += worker->found.cuts;
    row->states += worker->found.states;
    row->violations += explore_violations(&worker->found);
    return true;
}

static ota_status_t close_row(worker_t *worker, uint32_t index)
{
    lab_plan_t plan;
    lab_world_t *world = NULL;
    ota_fault_t fault;
    const own_wish_t *wish = worker->job->wish;
    own_row_t *row = &worker->mine->row[index];
    ota_status_t status =
        own_world(wish, worker->job->result->row[index].row, &plan, &world, &fault);
    if (status != OTA_OK) {
        return status;
    }
    /* What is found after many cuts is found after few as well, and has a name that can be typed.
     */
    bool judged = explore_row(worker, world, row, FEW_CUTS);
    if (judged && row->violations == 0 && wish->way == LAB_WAY_OTARY) {
        (void)explore_row(worker, world, row, LAB_CUTS_UNBOUNDED);
    }
    lab_world_close(world);
    lab_plan_close(&plan);
    return OTA_OK;
}

/* --- all pieces --------------------------------------------------------------------------------
 */

static uint32_t pieces(const own_result_t *result)
{
    return result->cells + result->fine_pieces + result->rows;
}

/* The n-th cell on otadata, or of image data; SIZE_MAX: there are fewer, n goes on behind them. */
static size_t cell_of(const own_result_t *all, bool metadata, uint32_t *n)
{
    for (uint32_t i = 0; i < all->cells; i++) {
        if (all->cell[i].metadata == metadata && (*n)-- == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* The piece that is taken as the n-th: otadata's operations are the heart of it, should time run
 * out; the records take what is left of it. */
static ota_status_t do_piece(worker_t *worker, uint32_t n)
{
    const own_result_t *all = worker->job->result;
    size_t cell = cell_of(all, true, &n);
    if (cell == SIZE_MAX && n < all->fine_pieces) {
        cut_fine(worker, n);
        return OTA_OK;
    }
    if (cell == SIZE_MAX) {
        n -= all->fine_pieces;
        cell = cell_of(all, false, &n);
    }
    if (cell == SIZE_MAX) {
        return close_row(worker, n);
    }
    cut_cell(worker, (uint32_t)cell);
    return OTA_OK;
}

static ota_status_t take_pieces(worker_t *worker, const share_worker_t *me)
{
    uint32_t count = pieces(worker->job->result);
    ota_status_t status = OTA_OK;
    for (uint32_t i = share_take(me); i < count && status == OTA_OK; i = share_take(me)) {
        status = do_piece(worker, i);
        ++*me->done;
    }
    return status;
}

static ota_status_t open_worlds(worker_t *worker)
{
    const own_wish_t *wish = worker->job->wish;
    ota_fault_t fault;
    ota_status_t status =
        own_world(wish, own_main_row(wish), &worker->plan, &worker->world, &fault);
    if (status == OTA_OK && worker->job->result->fine_pieces > 0) {
        status = own_world(wish, own_fine_row(wish), &worker->fine_plan, &worker->fine, &fault);
    }
    return status;
}

static void close_worlds(worker_t *worker)
{
    if (worker->world != NULL) {
        lab_world_close(worker->world);
        lab_plan_close(&worker->plan);
    }
    if (worker->fine != NULL) {
        lab_world_close(worker->fine);
        lab_plan_close(&worker->fine_plan);
    }
}

static ota_status_t work(void *ctx, const share_worker_t *me, void *result)
{
    worker_t *worker = calloc(1, sizeof(*worker));
    if (worker == NULL) {
        return OTA_ERR_NO_ROOM;
    }
    worker->job = ctx;
    worker->mine = result;
    ota_status_t status = open_worlds(worker);
    if (status == OTA_OK) {
        status = take_pieces(worker, me);
    }
    close_worlds(worker);
    free(worker);
    return status;
}

static void add(void *sum, const void *result)
{
    own_result_t *to = sum;
    const own_result_t *from = result;
    for (uint32_t i = 0; i < OWN_CELLS_MAX; i++) {
        if (from->cut[i].done) {
            to->cut[i] = from->cut[i];
        }
    }
    for (uint32_t i = 0; i < OWN_ROWS_MAX; i++) {
        if (from->row[i].done) {
            to->row[i] = from->row[i];
        }
    }
    to->unfinished += from->unfinished;
    to->fine_done += from->fine_done;
    to->fine_cuts += from->fine_cuts;
    to->fine_violations += from->fine_violations;
    explore_add(&to->sum, &from->sum);
}

static void advance(void *user, uint64_t done)
{
    const job_t *job = user;
    if (job->wish->progress != NULL) {
        job->wish->progress(job->wish->user, done, pieces(job->result));
    }
}

/* --- before the workers begin --------------------------------------------------------------------
 */

/* Rows that the user's table can have and that cost no download. */
static void find_rows(const own_wish_t *wish, own_result_t *result)
{
    for (size_t i = 0; i < lab_row_count && result->rows < OWN_ROWS_MAX; i++) {
        ota_fault_t fault;
        lab_plan_t plan;
        lab_world_t *world = NULL;
        const lab_row_t *row = &lab_rows[i];
        if (row->metadata && row->no_rollback != wish->rollback && row->versions == 0 &&
            own_world(wish, row, &plan, &world, &fault) == OTA_OK) {
            result->row[result->rows++].row = row;
            lab_world_close(world);
            lab_plan_close(&plan);
        }
    }
}

static void find_fine(const own_wish_t *wish, own_result_t *result)
{
    lab_plan_t plan;
    ota_fault_t fault;
    lab_lived_t lived;
    lab_world_t *world = NULL;
    if (own_world(wish, own_fine_row(wish), &plan, &world, &fault) == OTA_OK) {
        lab_world_settle(world, MEDIUM_ONES, BOOTS_MAX, &lived);
        result->fine_ops = lived.ops;
        result->fine_pieces = lived.ops / FINE_OPS + 1u;
        lab_world_close(world);
        lab_plan_close(&plan);
    }
}

static ota_status_t prepare(const own_wish_t *wish, own_result_t *result, ota_fault_t *fault)
{
    lab_plan_t plan;
    lab_world_t *world = NULL;
    ota_status_t status = own_world(wish, own_main_row(wish), &plan, &world, fault);
    if (status == OTA_OK) {
        status = own_cells(world, result);
        lab_world_close(world);
        lab_plan_close(&plan);
        find_fine(wish, result);
        find_rows(wish, result);
    }
    return status;
}

/* The parent's list, the workers' findings. */
static void take_findings(own_result_t *result, const own_result_t *sum)
{
    for (uint32_t i = 0; i < result->rows; i++) {
        const lab_row_t *row = result->row[i].row;
        result->row[i] = sum->row[i];
        result->row[i].row = row;
    }
    memcpy(result->cut, sum->cut, sizeof(sum->cut));
    result->sum = sum->sum;
    result->unfinished += sum->unfinished;
    result->fine_done = sum->fine_done;
    result->fine_cuts = sum->fine_cuts;
    result->fine_violations = sum->fine_violations;
}

ota_status_t own_run(const own_wish_t *wish, own_result_t *result, ota_fault_t *fault)
{
    job_t job = {wish, result, wish->seconds > 0 ? now() + wish->seconds : 0};
    share_t share = {.jobs = wish->jobs,
                     .result_size = sizeof(*result),
                     .work = work,
                     .add = add,
                     .ctx = &job,
                     .progress = advance,
                     .user = &job};
    memset(result, 0, sizeof(*result));
    ota_status_t status = prepare(wish, result, fault);
    own_result_t *sum = status == OTA_OK ? calloc(1, sizeof(*sum)) : NULL;
    if (status == OTA_OK) {
        status = sum != NULL ? share_run(&share, sum) : OTA_ERR_NO_ROOM;
    }
    if (status == OTA_OK) {
        take_findings(result, sum);
    }
    free(sum);
    return status;
}
