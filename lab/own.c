/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/own.h"

#include "lab/own_cells.h"
#include "lab/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHUNK       4096u              /* of one write: what an HTTP client hands over */
#define FEW_CUTS    2u                 /* in a row, of the records, before any number of them */
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

static ota_status_t plan_with(const own_wish_t *wish, const lab_scenario_t *scenario,
                              lab_plan_t *plan, ota_fault_t *fault)
{
    ota_status_t status =
        lab_plan_own(plan, scenario, wish->table, wish->flash_size, wish->old_image, wish->old_len,
                     wish->new_image, wish->new_len, fault);
    plan->chunk = CHUNK;
    plan->chip.seed = wish->seed != 0 ? wish->seed : plan->chip.seed;
    return status;
}

/* Small images in the place of the user's: otadata does not care what a slot holds, and judging a
 * megabyte for each of a million choices would. */
static ota_status_t stand_in(const own_wish_t *wish, uint64_t seed, image_bytes_t *image)
{
    image_wish_t small;
    ota_image_header_t header;
    image_wish_default(&small);
    if (wish->new_len >= OTA_IMAGE_HEADER &&
        ota_image_header_decode(&header, wish->new_image) == OTA_OK &&
        ota_chip_by_id(header.chip_id) != NULL) {
        small.chip = ota_chip_by_id(header.chip_id);
    }
    small.flash_size = 0;
    small.seed = seed;
    return image_build(&small, image);
}

static ota_status_t small_plan(const own_wish_t *wish, const lab_scenario_t *scenario,
                               lab_plan_t *plan, ota_fault_t *fault)
{
    image_bytes_t old = {0};
    image_bytes_t new = {0};
    own_wish_t small = *wish;
    ota_status_t status = stand_in(wish, 1, &old);
    status = status == OTA_OK ? stand_in(wish, 2, &new) : status;
    if (status == OTA_OK) {
        small.old_image = old.bytes;
        small.old_len = old.len;
        small.new_image = new.bytes;
        small.new_len = new.len;
        status = plan_with(&small, scenario, plan, fault);
    }
    image_free(&old);
    image_free(&new);
    return status;
}

ota_status_t own_plan(const own_wish_t *wish, const lab_scenario_t *scenario, lab_plan_t *plan,
                      ota_fault_t *fault)
{
    return scenario->row->metadata ? small_plan(wish, scenario, plan, fault)
                                   : plan_with(wish, scenario, plan, fault);
}

/* Which of the laboratory's tables the user's is like. */
static lab_table_t table_of(const ota_layout_t *layout)
{
    bool factory = layout->factory.size != 0;
    return factory && layout->app_count < 2 ? LAB_TABLE_RECOVERY
           : factory                        ? LAB_TABLE_FACTORY_TWO
           : layout->app_count > 2          ? LAB_TABLE_FOUR
                                            : LAB_TABLE_TWO;
}

/* The scenario of that row as the user's chip has it: programs of any length, large erases. */
static bool scenario_of(const own_wish_t *wish, const lab_row_t *row, lab_scenario_t *scenario)
{
    ota_table_t table;
    ota_layout_t layout;
    ota_fault_t fault;
    lab_variant_t variant = {.way = wish->way, .program_unit = 1, .large_erases = true};
    if (ota_table_open_boot(&table, wish->table, OTA_TABLE_SIZE, wish->flash_size, &fault) !=
        OTA_OK) {
        return false;
    }
    ota_layout_read(&layout, &table);
    variant.table = table_of(&layout);
    return lab_scenario_make(row, &variant, scenario);
}

/* The whole update: with a trial, or without where the bootloader was built so. */
static const lab_row_t *main_row(const own_wish_t *wish)
{
    const char *name = wish->rollback ? "normal" : "plain";
    for (size_t i = 0; i < lab_row_count; i++) {
        if (strcmp(lab_rows[i].name, name) == 0) {
            return &lab_rows[i];
        }
    }
    return NULL;
}

/* A world for that row; the plan must outlive it. */
static ota_status_t open_world(const own_wish_t *wish, const lab_row_t *row, lab_plan_t *plan,
                               lab_world_t **world, ota_fault_t *fault)
{
    lab_scenario_t scenario;
    if (row == NULL || !scenario_of(wish, row, &scenario)) {
        return OTA_ERR_ARG;
    }
    ota_status_t status = own_plan(wish, &scenario, plan, fault);
    if (status == OTA_OK) {
        status = lab_world_open(world, plan);
        if (status != OTA_OK) {
            lab_plan_close(plan);
        }
    }
    return status;
}

/* --- one piece ------------------------------------------------------------------------------- */

/* What a worker has of its own. Large. */
typedef struct {
    const job_t *job;
    lab_plan_t plan;
    lab_world_t *world; /* of the whole update */
    own_result_t *mine;
    explore_result_t found;
} worker_t;

/* Explores and adds up. false: no time was left for it. */
static bool explore_in_time(worker_t *worker, lab_world_t *world, explore_limits_t *limits)
{
    const job_t *job = worker->job;
    if (job->deadline > 0) {
        limits->seconds = (job->deadline - now()) / 2; /* nothing takes it all */
    }
    if (limits->seconds < 0) {
        worker->mine->complete = false;
        return false;
    }
    explore(world, limits, &worker->found);
    worker->mine->complete = worker->mine->complete && worker->found.complete;
    explore_add(&worker->mine->sum, &worker->found);
    return true;
}

static void cut_cell(worker_t *worker, uint32_t index)
{
    const own_cell_t *cell = &worker->job->result->cell[index];
    const explore_result_t *found = &worker->found;
    own_cut_t *cut = &worker->mine->cut[index];
    explore_limits_t limits = {.cuts = cell->metadata ? worker->job->wish->depth : 1,
                               .damages =
                                   cell->metadata || cell->inside ? DAMAGE_ALL : DAMAGE_EDGES,
                               .grain = cell->metadata ? DAMAGE_FINE : DAMAGE_COARSE,
                               .later_grain = DAMAGE_COARSE,
                               .first_op = cell->first,
                               .last_op = cell->first + cell->count - 1u,
                               .memory = CELL_MEMORY};
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
        open_world(wish, worker->job->result->row[index].row, &plan, &world, &fault);
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

/* --- all pieces ----------------------------------------------------------------------------------
 */

/* The piece that is taken as the n-th: otadata's operations are the heart of it, should time run
 * out; the records take what is left of it. */
static ota_status_t do_piece(worker_t *worker, uint32_t n)
{
    const own_result_t *all = worker->job->result;
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < all->cells; i++) {
            if (all->cell[i].metadata == (pass == 0) && n-- == 0) {
                cut_cell(worker, i);
                return OTA_OK;
            }
        }
    }
    return close_row(worker, n);
}

static ota_status_t take_pieces(worker_t *worker, const share_worker_t *me)
{
    const own_result_t *all = worker->job->result;
    ota_status_t status = OTA_OK;
    for (uint32_t i = share_take(me); i < all->rows + all->cells && status == OTA_OK;
         i = share_take(me)) {
        status = do_piece(worker, i);
        ++*me->done;
    }
    return status;
}

static ota_status_t work(void *ctx, const share_worker_t *me, void *result)
{
    const job_t *job = ctx;
    ota_fault_t fault;
    worker_t *worker = calloc(1, sizeof(*worker));
    if (worker == NULL) {
        return OTA_ERR_NO_ROOM;
    }
    worker->job = job;
    worker->mine = result;
    worker->mine->complete = true;
    ota_status_t status =
        open_world(job->wish, main_row(job->wish), &worker->plan, &worker->world, &fault);
    if (status == OTA_OK) {
        status = take_pieces(worker, me);
        lab_world_close(worker->world);
        lab_plan_close(&worker->plan);
    }
    free(worker);
    return status;
}

static void add(void *sum, const void *result)
{
    own_result_t *to = sum;
    const own_result_t *from = result;
    bool first = to->sum.lives == 0 && !to->complete;
    to->complete = (first || to->complete) && from->complete;
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
    explore_add(&to->sum, &from->sum);
}

static void advance(void *user, uint64_t done)
{
    const job_t *job = user;
    if (job->wish->progress != NULL) {
        job->wish->progress(job->wish->user, done, job->result->rows + job->result->cells);
    }
}

/* Rows that the user's table can have and that cost no download. */
static void find_rows(const own_wish_t *wish, own_result_t *result)
{
    lab_scenario_t scenario;
    for (size_t i = 0; i < lab_row_count && result->rows < OWN_ROWS_MAX; i++) {
        ota_fault_t fault;
        lab_plan_t plan;
        const lab_row_t *row = &lab_rows[i];
        if (!row->metadata || row->no_rollback == wish->rollback || row->versions != 0 ||
            !scenario_of(wish, row, &scenario)) {
            continue;
        }
        if (own_plan(wish, &scenario, &plan, &fault) == OTA_OK) {
            result->row[result->rows++].row = row;
            lab_plan_close(&plan);
        }
    }
}

static ota_status_t prepare(const own_wish_t *wish, own_result_t *result, ota_fault_t *fault)
{
    lab_plan_t plan;
    lab_world_t *world = NULL;
    ota_status_t status = open_world(wish, main_row(wish), &plan, &world, fault);
    if (status == OTA_OK) {
        status = own_cells(world, result);
        lab_world_close(world);
        lab_plan_close(&plan);
        find_rows(wish, result);
    }
    return status;
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
    if (status == OTA_OK && sum == NULL) {
        status = OTA_ERR_NO_ROOM;
    }
    if (status == OTA_OK) {
        status = share_run(&share, sum);
    }
    if (status == OTA_OK) {
        for (uint32_t i = 0; i < result->rows; i++) { /* the parent's rows, the workers' findings */
            sum->row[i].row = result->row[i].row;
        }
        memcpy(result->cut, sum->cut, sizeof(sum->cut));
        memcpy(result->row, sum->row, sizeof(sum->row));
        result->sum = sum->sum;
        result->complete = sum->complete;
    }
    free(sum);
    return status;
}
