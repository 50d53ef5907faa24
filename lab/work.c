/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/work.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define STACK        ((size_t)256 << 20) /* reserved; lives nest */
#define OPS_EACH     96u                 /* of a scenario that is shared out */
#define SHARED_ABOVE 16u                 /* KiB of image: larger scenarios are shared out */
#define SHORT_PATHS  4u                  /* cuts with which a closure's violation is looked for */
#define MINIMISED    3u                  /* violations of a scenario that are shortened */

double work_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* --- items --------------------------------------------------------------------------------- */

static uint8_t depth_of(const lab_options_t *options, const lab_row_t *row)
{
    if (options->mode == LAB_CLOSURE) {
        return LAB_CUTS_UNBOUNDED;
    }
    return options->depth != 0 ? options->depth : row->metadata ? 2 : 1;
}

/* Operations of a run without cuts. */
static uint32_t count_ops(const lab_plan_t *plan)
{
    lab_world_t *world;
    lab_lived_t lived = {.ops = 0};
    if (lab_world_open(&world, plan) == OTA_OK) {
        lab_world_settle(world, MEDIUM_ONES, 32, &lived);
        lab_world_close(world);
    }
    return lived.ops;
}

static uint32_t ranged_ops(const lab_options_t *options, const lab_scenario_t *scenario)
{
    lab_plan_t plan;
    uint32_t ops = 0;
    if (options->mode != LAB_CUTS) {
        return 0;
    }
    if (options->plan != NULL) {
        return count_ops(options->plan);
    }
    if (scenario->row->image_kib > SHARED_ABOVE && lab_plan_open(&plan, scenario) == OTA_OK) {
        ops = count_ops(&plan);
        lab_plan_close(&plan);
    }
    return ops;
}

static bool make_room(work_t *work, uint32_t parts, size_t *room)
{
    if (work->count + parts > *room) {
        *room = (*room + parts) * 2u;
        work_item_t *larger = realloc(work->items, *room * sizeof(*larger));
        if (larger == NULL) {
            return false;
        }
        work->items = larger;
    }
    return true;
}

static bool add_items(work_t *work, uint32_t row, uint32_t ops, size_t *room)
{
    uint32_t parts = ops / OPS_EACH + 1u;
    if (!make_room(work, parts, room)) {
        return false;
    }
    for (uint32_t i = 0; i < parts; i++) {
        bool last = i + 1u == parts; /* what comes at rest lies behind the last operation */
        uint32_t end = last ? UINT32_MAX : i * OPS_EACH + OPS_EACH - 1u;
        work->items[work->count++] = (work_item_t){row, i * OPS_EACH, parts > 1 ? end : 0, 0};
    }
    return true;
}

/* Solid outcomes close among themselves, and outcomes that leave cells undecided do: with both at
 * once there are too many states. */
static bool add_closures(work_t *work, uint32_t row, size_t *room)
{
    static const damage_set_t lists[] = {DAMAGE_SOLID, DAMAGE_EDGES | DAMAGE_MARGINAL};
    if (!make_room(work, 2, room)) {
        return false;
    }
    for (size_t i = 0; i < 2; i++) {
        work->items[work->count++] = (work_item_t){.row = row, .damages = lists[i]};
    }
    return true;
}

static bool add_row(work_t *work, uint32_t row, size_t *room)
{
    const lab_options_t *options = work->options;
    if (options->mode == LAB_CLOSURE && options->tears == NULL) {
        return add_closures(work, row, room);
    }
    return add_items(work, row, ranged_ops(options, &work->report->rows[row].scenario), room);
}

static void *share(size_t len)
{
    void *at =
        mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at != MAP_FAILED ? at : NULL;
}

ota_status_t work_start(work_t *work, const lab_options_t *options, const lab_report_t *report)
{
    size_t room = 0;
    memset(work, 0, sizeof(*work));
    work->options = options;
    work->report = report;
    work->deadline = options->seconds > 0 ? work_now() + options->seconds : 0;
    for (uint32_t i = 0; i < report->scenarios; i++) {
        if (!add_row(work, i, &room)) {
            work_stop(work);
            return OTA_ERR_NO_ROOM;
        }
    }
    work->shared = share(sizeof(*work->shared));
    work->results = share(work->count * sizeof(*work->results));
    if (work->shared == NULL || work->results == NULL) {
        work_stop(work);
        return OTA_ERR_NO_ROOM;
    }
    return OTA_OK;
}

void work_stop(work_t *work)
{
    if (work->shared != NULL) {
        (void)munmap(work->shared, sizeof(*work->shared));
    }
    if (work->results != NULL) {
        (void)munmap(work->results, work->count * sizeof(*work->results));
    }
    free(work->items);
    memset(work, 0, sizeof(*work));
}

/* --- one item ------------------------------------------------------------------------------ */

static void shorten(lab_world_t *world, explore_result_t *result)
{
    uint32_t done = 0;
    bool seen[LAB_ORACLES] = {false};
    for (uint32_t i = 0; i < result->kept && done < MINIMISED; i++) {
        lab_violation_t *violation = &result->violation[i];
        if (!seen[violation->verdict.oracle] && violation->path.cuts <= LAB_PATH_MAX) {
            seen[violation->verdict.oracle] = true;
            (void)explore_minimise(world, &violation->path, &violation->verdict);
            lab_path_id(&lab_world_plan(world)->scenario, &violation->path, violation->id);
            done++;
        }
    }
}

static void limit_time(const work_t *work, explore_limits_t *limits)
{
    if (work->deadline > 0) {
        limits->seconds = work->deadline - work_now();
        limits->seconds = limits->seconds > 0.001 ? limits->seconds : 0.001;
    }
}

/* Any number of cuts. What is violated then is looked for again with few: for a short id. */
static void close_up(const work_t *work, lab_world_t *world, explore_limits_t *limits,
                     explore_result_t *result)
{
    limits->cuts = LAB_CUTS_UNBOUNDED;
    limits->first_violation = true;
    limit_time(work, limits);
    explore(world, limits, result);
    explore_result_t shorter = {.complete = true};
    for (uint8_t cuts = 1; cuts <= SHORT_PATHS && explore_violations(result) > 0; cuts++) {
        limits->cuts = cuts;
        limit_time(work, limits);
        explore(world, limits, &shorter);
        if (explore_violations(&shorter) > 0) {
            *result = shorter;
            return;
        }
    }
}

static void storms(lab_world_t *world, const lab_options_t *options, double deadline,
                   explore_result_t *result)
{
    unsigned count = options->storms != 0 ? options->storms : 20u;
    unsigned cuts = options->storm_cuts != 0 ? options->storm_cuts : 1000u;
    explore_result_t one;
    for (unsigned i = 0; i < count; i++) {
        explore_storm(world, options->seed + i, cuts, NULL, NULL, &one);
        explore_add(result, &one);
        if (deadline > 0 && work_now() > deadline) {
            result->complete = i + 1u == count;
            return;
        }
    }
}

static void set_grain(const lab_options_t *options, const lab_row_t *row, explore_limits_t *limits)
{
    bool closure = options->mode == LAB_CLOSURE;
    bool long_way = limits->cuts > (row->metadata ? 2 : 1);
    limits->grain = closure ? DAMAGE_SPARSE : DAMAGE_FINE;
    limits->later_grain = closure ? DAMAGE_SPARSE : long_way ? DAMAGE_COARSE : DAMAGE_FINE;
    limits->memory = closure ? (size_t)128 << 20 : 0;
}

static void set_limits(const work_t *work, const work_item_t *item, const lab_row_t *row,
                       explore_limits_t *limits)
{
    const lab_options_t *options = work->options;
    *limits = (explore_limits_t){.cuts = depth_of(options, row),
                                 .damages = row->boundaries_only ? DAMAGE_EDGES : DAMAGE_ALL,
                                 .first_op = item->first_op,
                                 .last_op = item->last_op};
    limits->damages = item->damages != 0 ? item->damages : limits->damages;
    set_grain(options, row, limits);
    if (options->tears != NULL) {
        (void)damage_set_parse(options->tears, &limits->damages);
    }
    limit_time(work, limits);
}

static void run_item(const work_t *work, const work_item_t *item, const lab_plan_t *plan,
                     work_result_t *out)
{
    lab_world_t *world;
    explore_limits_t limits;
    explore_result_t result;
    memset(&result, 0, sizeof(result));
    result.complete = true;
    out->status = lab_world_open(&world, plan);
    if (out->status != OTA_OK) {
        return;
    }
    set_limits(work, item, plan->scenario.row, &limits);
    if (work->options->mode == LAB_STORM) {
        storms(world, work->options, work->deadline, &result);
    } else if (work->options->mode == LAB_CLOSURE) {
        close_up(work, world, &limits, &result);
    } else {
        explore(world, &limits, &result);
    }
    if (work->options->mode != LAB_STORM) {
        shorten(world, &result);
    }
    lab_world_close(world);
    out->result = result;
}

static void do_item(const work_t *work, size_t index)
{
    const work_item_t *item = &work->items[index];
    work_result_t *out = &work->results[index];
    double started = work_now();
    lab_plan_t plan;
    if (work->deadline > 0 && started > work->deadline) {
        return; /* not complete, and nothing else */
    }
    if (work->options->plan != NULL) {
        run_item(work, item, work->options->plan, out);
    } else {
        out->status = lab_plan_open(&plan, &work->report->rows[item->row].scenario);
        if (out->status == OTA_OK) {
            run_item(work, item, &plan, out);
            lab_plan_close(&plan);
        }
    }
    out->seconds = work_now() - started;
}

static void *take_items(void *argument)
{
    work_t *work = argument;
    size_t index;
    while ((index = atomic_fetch_add(&work->shared->next, 1u)) < work->count) {
        atomic_store(&work->results[index].worker, (int)getpid());
        atomic_store(&work->results[index].state, WORK_BEGUN);
        do_item(work, index);
        atomic_store(&work->results[index].state, WORK_DONE);
    }
    return NULL;
}

void work_all(work_t *work)
{
    pthread_t thread;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) == 0 && pthread_attr_setstacksize(&attributes, STACK) == 0 &&
        pthread_create(&thread, &attributes, take_items, work) == 0) {
        (void)pthread_join(thread, NULL);
    }
    (void)pthread_attr_destroy(&attributes);
}
