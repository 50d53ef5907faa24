/* SPDX-License-Identifier: Apache-2.0 */
/* The search. What it rests on stands in explore.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/search.h"

#define BOOTS_MAX 24u /* lives of one chain: more is no recovery */
#define KEPT_EACH 3u  /* violations of one oracle that are kept */
#define MEMORY    ((size_t)64 << 20)

/* --- violations ---------------------------------------------------------------------------- */

static void keep_violation(lab_world_t *world, const lab_verdict_t *verdict)
{
    explore_result_t *result = world->result;
    uint32_t same = 0;
    for (uint32_t i = 0; i < result->kept; i++) {
        same += result->violation[i].verdict.oracle == verdict->oracle;
    }
    if (same < KEPT_EACH && result->kept < LAB_VIOLATIONS_KEPT) {
        lab_violation_t *kept = &result->violation[result->kept++];
        kept->verdict = *verdict;
        kept->path = world->path;
        lab_path_id(&world->plan->scenario, &world->path, kept->id);
    }
}

static void violate(lab_world_t *world, const chain_t *chain, const lab_verdict_t *verdict)
{
    if (world->script != NULL) {
        if (chain->level == world->script->cuts && !world->script_violated) {
            world->script_violated = true;
            world->script_verdict = *verdict;
        }
        return;
    }
    if (world->result == NULL || (world->storm != NULL && chain->cuts == 0)) {
        return; /* nobody asked, or that life is over */
    }
    world->result->violations[verdict->oracle]++;
    keep_violation(world, verdict);
    world->stop = world->stop || world->limits.first_violation;
}

static void no_rest(lab_world_t *world, const chain_t *chain, const char *why)
{
    lab_verdict_t verdict = {.oracle = LAB_L1};
    (void)snprintf(verdict.what, sizeof(verdict.what), "no rest: %s after %u boots without a cut",
                   why, (unsigned)chain->boots);
    violate(world, chain, &verdict);
}

/* --- what is known of a state -------------------------------------------------------------- */

static judged_t claim(judged_entry_t *entry, const chain_t *chain, judged_t as)
{
    entry->state = JUDGED_OPEN;
    entry->chain = chain->id;
    if (as == JUDGED_NEW) {
        entry->cuts = chain->dry ? 0 : chain->cuts; /* dry: nothing was cut on the way */
    }
    return as;
}

static judged_t known(judged_entry_t *entry, const chain_t *chain)
{
    bool enough = chain->dry || entry->cuts >= chain->cuts;
    if (entry->state == JUDGED_OPEN) {
        judged_t own = chain->resumed ? JUDGED_NEW : JUDGED_CIRCLE;
        return entry->chain != chain->id ? JUDGED_OPEN : own;
    }
    if (entry->state == JUDGED_NEW || !enough) {
        return claim(entry, chain, JUDGED_NEW);
    }
    if (entry->state == JUDGED_DONE) {
        return JUDGED_DONE;
    }
    /* What was judged before this chain began cannot lead into it but by an unfinished one. */
    return entry->chain < chain->id ? JUDGED_OPEN : claim(entry, chain, JUDGED_TENTATIVE);
}

/* One path, a storm or a single life are lived as they come. */
static bool skips(const lab_world_t *world)
{
    return world->script == NULL && world->storm == NULL && world->result != NULL &&
           !world->limits.no_skipping;
}

judged_t search_look(lab_world_t *world, uint64_t key, const chain_t *chain, size_t *index)
{
    *index = SIZE_MAX;
    if (!skips(world)) {
        return JUDGED_NEW;
    }
    judged_entry_t *entry = judged_find(&world->judged, key);
    if (entry == NULL) {
        world->result->complete = false;
        return JUDGED_DONE; /* unknown, and said so */
    }
    *index = (size_t)(entry - world->judged.entry);
    return known(entry, chain);
}

static void settle(lab_world_t *world, size_t index, bool rests)
{
    if (index != SIZE_MAX) {
        world->judged.entry[index].state = rests ? JUDGED_DONE : JUDGED_TENTATIVE;
    }
}

/* What decides how marginal cells will read from here on. */
static uint64_t reading_state(const medium_t *medium)
{
    bool counts = medium->reading >= MEDIUM_MIXED;
    return medium->marginal_total == 0
               ? 0x5EA1u
               : medium_mix(medium->reading + 1u, counts ? medium->marginal_reads : 0);
}

bool explore_checkpoint(lab_world_t *world, uint64_t ram)
{
    life_t *life = world->life;
    size_t index;
    if (!skips(world) || life->checkpoints >= CHECKPOINTS) {
        return false;
    }
    uint64_t key = medium_mix(world_key(world), ram ^ reading_state(&world->medium));
    switch (search_look(world, key, life->chain, &index)) {
    case JUDGED_CIRCLE:
        (void)life_blame(life, LAB_L1, "no rest: a download begins again and again");
        break;
    case JUDGED_OPEN:
        life->tentative = true;
        break;
    case JUDGED_DONE:
        break;
    case JUDGED_NEW:
    case JUDGED_TENTATIVE:
        life->checkpoint[life->checkpoints++] = index;
        return false;
    }
    life->stopped = true;
    return true;
}

/* --- chains -------------------------------------------------------------------------------- */

static void note_life(lab_world_t *world, const chain_t *chain, const lab_lived_t *lived)
{
    explore_result_t *result = world->result;
    if (result == NULL) {
        return;
    }
    const flash_bill_t *bill = &lived->boot_cost.bill;
    uint64_t us = flash_bill_typical(bill, &flash_part_w25q32jv);
    result->lives++;
    search_maximum(&result->worst_wear, lived->record_erases);
    result->slowest_boot_us = us > result->slowest_boot_us ? us : result->slowest_boot_us;
    search_maximum(&result->most_ops, lived->boot_cost.programs + lived->boot_cost.erases);
    search_maximum(&result->longest_silence, world->ledger.silent);
    search_maximum(&result->deepest, chain->level);
    if (lived->end == LAB_LIFE_RESTS) {
        search_maximum(&result->longest_chain, chain->boots);
    }
}

/* A power cut while everything rests: the last operation is long over. */
static void cut_at_rest(lab_world_t *world, chain_t *chain)
{
    const medium_op_t rest = {MEDIUM_READ, world->efuse, 0, NULL};
    if (world->storm != NULL) { /* the offers come again, and the power goes now */
        const lab_row_t *row = world->plan->scenario.row;
        world->ledger.updates = row->repeat ? row->updates : world->ledger.updates;
        world->ledger.vain = 0;
        world->storm->left = row->repeat || world->storm->left == 0 ? world->storm->left : 1;
        world->storm->next = 0;
    }
    search_op(world, chain, false, &rest);
}

/* One life and what follows. false: whether it rests hangs on an unfinished chain. */
static bool run_life(lab_world_t *world, chain_t *chain, medium_reading_t reading)
{
    life_t life;
    lab_lived_t lived;
    bool rests = true;
    chain->boots++;
    life_live(world, &life, chain, reading, &lived);
    note_life(world, chain, &lived);
    switch (lived.end) {
    case LAB_LIFE_VIOLATES:
        violate(world, chain, &lived.verdict);
        break;
    case LAB_LIFE_RESTS:
        cut_at_rest(world, chain);
        break;
    case LAB_LIFE_RESETS:
    case LAB_LIFE_SILENT:
        rests = life.stopped ? !life.tentative : search_state(world, chain);
        break;
    }
    for (uint32_t i = 0; i < life.checkpoints; i++) {
        settle(world, life.checkpoint[i], rests);
    }
    return rests;
}

static void path_reading(lab_cut_t *cut, medium_reading_t reading)
{
    if (cut->readings < LAB_READINGS_MAX) {
        cut->reading[cut->readings++] = (uint8_t)reading;
    }
}

/* The readings that the next life is to be lived with. */
static unsigned readings_of(lab_world_t *world, const chain_t *chain, medium_reading_t *first)
{
    *first = MEDIUM_ONES;
    if (world->medium.marginal_total == 0) {
        return 0; /* solid: one life, nothing to note */
    }
    if (world->script != NULL && chain->level > 0) {
        lab_cut_t *cut = &world->path.cut[chain->level - 1u]; /* a copy of the script, used up */
        if (cut->readings < LAB_READINGS_MAX) {
            *first = (medium_reading_t)cut->reading[cut->readings];
            cut->readings++;
        }
        return 1;
    }
    if (world->storm != NULL) {
        *first = (medium_reading_t)storm_coin(world->storm, MEDIUM_READINGS);
        return 1;
    }
    return world->limits.one_reading || world->result == NULL ? 1 : MEDIUM_READINGS;
}

/* One life with this reading, everything as before afterwards. */
static bool run_reading(lab_world_t *world, chain_t *chain, medium_reading_t reading, bool noted)
{
    fork_t fork;
    const chain_t before = *chain;
    bool path = noted && world->script == NULL && chain->level > 0 && chain->level <= LAB_PATH_MAX;
    lab_cut_t *cut = &world->path.cut[path ? chain->level - 1u : 0];
    const uint8_t readings = cut->readings;
    search_fork(world, &fork);
    if (path) {
        path_reading(cut, reading);
    }
    bool rests = run_life(world, chain, reading);
    search_back(world, &fork);
    uint32_t ops = chain->ops;
    *chain = before;
    chain->ops = ops;
    if (path) {
        cut->readings = readings;
    }
    return rests;
}

static bool run_readings(lab_world_t *world, chain_t *chain)
{
    bool rests = true;
    medium_reading_t first;
    uint32_t ops = chain->ops;
    unsigned readings = readings_of(world, chain, &first);
    for (unsigned i = 0; i < (readings > 0 ? readings : 1u) && !world->stop; i++) {
        chain->ops = ops; /* every reading counts from here */
        rests = run_reading(world, chain, (medium_reading_t)(first + i), readings > 0) && rests;
    }
    return rests;
}

/* Judges what is left without power. false: whether it rests hangs on an unfinished chain. */
bool search_state(lab_world_t *world, chain_t *chain)
{
    size_t index;
    bool dry = chain->dry;
    if (chain->boots >= BOOTS_MAX) {
        no_rest(world, chain, "still busy");
        return true;
    }
    switch (search_look(world, world_key(world), chain, &index)) {
    case JUDGED_DONE:
        return true;
    case JUDGED_OPEN:
        return false;
    case JUDGED_CIRCLE:
        no_rest(world, chain, "the same state again");
        return true;
    case JUDGED_TENTATIVE:
        chain->dry = true;
        break;
    case JUDGED_NEW:
        if (world->result != NULL) {
            world->result->states++;
        }
        break;
    }
    chain->resumed = false;
    bool rests = run_readings(world, chain);
    chain->dry = dry;
    settle(world, index, rests);
    return rests;
}

/* --- exploring ----------------------------------------------------------------------------- */

void explore_chain(lab_world_t *world, uint8_t cuts)
{
    chain_t chain = {.id = ++world->chains, .cuts = cuts};
    fork_t fork;
    search_fork(world, &fork);
    (void)search_state(world, &chain);
    search_back(world, &fork);
    if (world->result != NULL) {
        world->result->ops = chain.ops;
    }
}

static void run_deferred(lab_world_t *world)
{
    while (world->deferred != NULL) {
        deferred_t *kept = world->deferred;
        chain_t chain = {
            .id = kept->chain, .cuts = LAB_CUTS_UNBOUNDED, .level = kept->level, .resumed = true};
        fork_t fork;
        world->deferred = kept->next;
        search_fork(world, &fork);
        deferred_restore(world, kept);
        if (!world->stop) {
            (void)search_state(world, &chain);
        }
        search_back(world, &fork);
        free(kept);
    }
}

static void set_limits(lab_world_t *world, const explore_limits_t *limits)
{
    struct timespec now;
    explore_limits_t *mine = &world->limits;
    *mine = *limits;
    mine->cuts = mine->cuts != 0 ? mine->cuts : 1;
    mine->damages = mine->damages != 0 ? mine->damages : DAMAGE_ALL;
    mine->later = mine->later != 0 ? mine->later : mine->damages;
    mine->memory = mine->memory != 0 ? mine->memory : MEMORY;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    world->deadline = (double)now.tv_sec + (double)now.tv_nsec * 1e-9 + mine->seconds;
    world->patience = 0;
    world->stop = false;
    world->path = (lab_path_t){0};
    world->nesting = 0;
}

void explore(lab_world_t *world, const explore_limits_t *limits, explore_result_t *result)
{
    memset(result, 0, sizeof(*result));
    result->complete = true;
    set_limits(world, limits);
    world->script = NULL;
    world->result = result;
    if (!judged_start(&world->judged, world->limits.memory) || !deferred_ground(world)) {
        result->complete = false;
        judged_stop(&world->judged);
        return;
    }
    explore_chain(world, world->limits.cuts);
    run_deferred(world);
    world->result = NULL;
    judged_stop(&world->judged);
    free(world->ground);
    world->ground = NULL;
}
