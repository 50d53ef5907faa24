/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/net/net.h"

#include "lab/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A fleet's weather. */
#define FLEET_CUTS    30u   /* per cent of boots */
#define FLEET_OPS     60u   /* flash operations of a usual boot: the power fails in one of them */
#define FLEET_LOSS    200u  /* of 10,000 pieces */
#define FLEET_DOWN_MS 4000u /* the server is killed and comes back: 100 times in 15 minutes */
#define FLEET_UP_MS   5000u

/* --- plans --------------------------------------------------------------------------------- */

static void start_plan(net_plan_t *plan)
{
    memset(plan, 0, sizeof(*plan));
    plan->link.cut_at = LINK_NEVER;
    plan->must_update = true;
}

static void plan_byte(uint64_t place, link_cut_t cut, net_plan_t *plan)
{
    start_plan(plan);
    plan->link.cut_at = place;
    plan->link.cut = cut;
}

static void plan_case(const net_case_t *which, net_plan_t *plan)
{
    start_plan(plan);
    plan->link = which->link;
    plan->must_update = which->must_update;
}

static void plan_device(uint32_t number, uint32_t seed, net_plan_t *plan)
{
    start_plan(plan);
    plan->number = number;
    plan->seed = seed * 1000003u;
    plan->cuts = FLEET_CUTS;
    plan->cut_ops = FLEET_OPS;
    plan->link.loss = FLEET_LOSS;
    plan->link.seed = seed + number;
    plan->link.down_ms = FLEET_DOWN_MS;
    plan->link.up_ms = FLEET_UP_MS;
}

void net_plan_of(const net_wish_t *wish, uint64_t index, net_plan_t *plan, char name[NET_NAME])
{
    uint32_t stride = wish->stride != 0 ? wish->stride : 1u;
    uint64_t place = index / LINK_CUTS * stride;
    link_cut_t cut = (link_cut_t)(index % LINK_CUTS);
    switch (wish->part) {
    case NET_BYTES:
        plan_byte(place, cut, plan);
        (void)snprintf(name, NET_NAME, "%s@%llu", link_cut_name(cut), (unsigned long long)place);
        break;
    case NET_CASES:
        plan_case(&net_cases[index % net_case_count], plan);
        (void)snprintf(name, NET_NAME, "%s", net_cases[index % net_case_count].name);
        break;
    case NET_FLEET:
    case NET_PARTS:
        plan_device((uint32_t)index, wish->seed, plan);
        (void)snprintf(name, NET_NAME, "device@%llu", (unsigned long long)index);
        break;
    }
}

static const net_case_t *find_case(const char *name)
{
    for (size_t i = 0; i < net_case_count; i++) {
        if (strcmp(net_cases[i].name, name) == 0) {
            return &net_cases[i];
        }
    }
    return NULL;
}

const char *net_case_words(const char *name)
{
    const net_case_t *found = find_case(name);
    return found != NULL ? found->what : "";
}

/* The number behind "WORD@"; false: it is not that word. */
static bool numbered(const char *name, const char *word, uint64_t *number)
{
    size_t len = strlen(word);
    char *end;
    if (strncmp(name, word, len) != 0 || name[len] != '@' || name[len + 1] < '0' ||
        name[len + 1] > '9') {
        return false;
    }
    *number = strtoull(name + len + 1, &end, 10);
    return *end == '\0';
}

bool net_plan_parse(const char *name, uint32_t seed, net_plan_t *plan)
{
    uint64_t number = 0;
    const net_case_t *found = find_case(name);
    if (found != NULL) {
        plan_case(found, plan);
        return true;
    }
    for (unsigned cut = 0; cut < LINK_CUTS; cut++) {
        if (numbered(name, link_cut_name((link_cut_t)cut), &number)) {
            plan_byte(number, (link_cut_t)cut, plan);
            return true;
        }
    }
    if (!numbered(name, "device", &number) || number > UINT32_MAX) {
        return false;
    }
    plan_device((uint32_t)number, seed, plan);
    return true;
}

uint64_t net_places(const net_stage_t *stage)
{
    net_plan_t plan;
    net_outcome_t outcome;
    start_plan(&plan);
    ota_status_t status = net_session(stage, &plan, &outcome);
    return status == OTA_OK && outcome.end == NET_UPDATED ? outcome.places : 0;
}

uint64_t net_count(const net_wish_t *wish, uint64_t places)
{
    uint32_t stride = wish->stride != 0 ? wish->stride : 1u;
    return wish->part == NET_BYTES   ? (places + stride - 1u) / stride * LINK_CUTS
           : wish->part == NET_CASES ? net_case_count
                                     : wish->count;
}

/* --- running them -------------------------------------------------------------------------- */

typedef struct {
    const net_stage_t *stage;
    const net_wish_t *wish;
} work_t;

static void keep(net_sum_t *sum, const char *name, const char *what)
{
    if (sum->kept < NET_KEPT) {
        net_broken_t *example = &sum->example[sum->kept++];
        (void)snprintf(example->name, sizeof(example->name), "%s", name);
        (void)snprintf(example->what, sizeof(example->what), "%s", what);
    }
}

void net_count_in(net_sum_t *sum, const char *name, const net_outcome_t *outcome)
{
    if (outcome->end == NET_BROKEN) {
        keep(sum, name, outcome->what);
    }
    sum->sessions++;
    sum->ends[outcome->end]++;
    sum->boots += outcome->boots;
    sum->power_cuts += outcome->power_cuts;
    sum->broken += outcome->broken;
    sum->requests += outcome->requests;
    sum->reports += outcome->reports;
    sum->image_bytes += outcome->image_bytes;
    sum->dead += outcome->dead;
    sum->most_boots = outcome->boots > sum->most_boots ? outcome->boots : sum->most_boots;
    sum->most_minutes =
        outcome->minutes > sum->most_minutes ? (uint32_t)outcome->minutes : sum->most_minutes;
}

static ota_status_t work(void *ctx, const share_worker_t *worker, void *result)
{
    const work_t *job = ctx;
    net_sum_t *sum = result;
    ota_status_t status = OTA_OK;
    memset(sum, 0, sizeof(*sum));
    for (uint64_t i = share_take(worker); i < job->wish->count && status == OTA_OK;
         i = share_take(worker)) {
        net_plan_t plan;
        net_outcome_t outcome;
        char name[NET_NAME];
        net_plan_of(job->wish, i, &plan, name);
        status = net_session(job->stage, &plan, &outcome);
        net_count_in(sum, name, &outcome);
        ++*worker->done;
    }
    return status;
}

void net_sum_add(net_sum_t *sum, const net_sum_t *more)
{
    sum->sessions += more->sessions;
    for (unsigned i = 0; i < 3; i++) {
        sum->ends[i] += more->ends[i];
    }
    sum->boots += more->boots;
    sum->power_cuts += more->power_cuts;
    sum->broken += more->broken;
    sum->requests += more->requests;
    sum->reports += more->reports;
    sum->image_bytes += more->image_bytes;
    sum->dead += more->dead;
    sum->most_boots = more->most_boots > sum->most_boots ? more->most_boots : sum->most_boots;
    sum->most_minutes =
        more->most_minutes > sum->most_minutes ? more->most_minutes : sum->most_minutes;
    for (uint32_t i = 0; i < more->kept; i++) {
        keep(sum, more->example[i].name, more->example[i].what);
    }
}

static void add(void *to, const void *from)
{
    net_sum_add(to, from);
}

ota_status_t net_run(const net_stage_t *stage, const net_wish_t *wish, net_sum_t *sum)
{
    work_t job = {stage, wish};
    share_t share = {.jobs = wish->jobs,
                     .result_size = sizeof(*sum),
                     .work = work,
                     .add = add,
                     .ctx = &job,
                     .progress = wish->progress,
                     .user = wish->user};
    memset(sum, 0, sizeof(*sum));
    return share_run(&share, sum);
}
