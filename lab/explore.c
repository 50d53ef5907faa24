/* SPDX-License-Identifier: Apache-2.0 */
/* The search. What it rests on stands in explore.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/world.h"

#define BOOTS_MAX   24u /* lives of one chain: more is no recovery */
#define NESTING_MAX 200u
#define KEPT_EACH   3u /* violations of one oracle that are kept */
#define CLOCK_EVERY 2048u
#define MEMORY      ((size_t)64 << 20)
#define BURN(op)    ((op)->kind == MEDIUM_READ)

/* What a nested chain may change, and gets back. */
typedef struct {
    size_t mark;
    lab_ledger_t ledger;
    uint32_t efuse;
} fork_t;

static void fork_begin(const lab_world_t *world, fork_t *fork)
{
    *fork = (fork_t){medium_mark(&world->medium), world->ledger, world->efuse};
}

static void fork_end(lab_world_t *world, const fork_t *fork)
{
    medium_undo(&world->medium, fork->mark);
    world->ledger = fork->ledger;
    world->efuse = fork->efuse;
}

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
        entry->cuts = chain->cuts;
    }
    return as;
}

static judged_t look(lab_world_t *world, uint64_t key, const chain_t *chain, size_t *index)
{
    *index = SIZE_MAX;
    if (world->script != NULL || world->storm != NULL || world->result == NULL) {
        return JUDGED_NEW;
    }
    judged_entry_t *entry = judged_find(&world->judged, key);
    if (entry == NULL) {
        world->result->complete = false;
        return JUDGED_DONE; /* unknown, and said so */
    }
    *index = (size_t)(entry - world->judged.entry);
    bool enough = chain->dry || entry->cuts >= chain->cuts;
    switch (entry->state) {
    case JUDGED_OPEN:
        return entry->chain != chain->id ? JUDGED_OPEN
               : chain->resumed          ? JUDGED_NEW
                                         : JUDGED_CIRCLE;
    case JUDGED_DONE:
        return enough ? JUDGED_DONE : claim(entry, chain, JUDGED_NEW);
    case JUDGED_TENTATIVE:
        /* What was judged before this chain began cannot lead into it but by an unfinished one. */
        return !enough                    ? claim(entry, chain, JUDGED_NEW)
               : entry->chain < chain->id ? JUDGED_OPEN
                                          : claim(entry, chain, JUDGED_TENTATIVE);
    default:
        return claim(entry, chain, JUDGED_NEW);
    }
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
    if (world->script != NULL || world->storm != NULL || world->result == NULL ||
        life->checkpoints >= CHECKPOINTS) {
        return false;
    }
    uint64_t key = medium_mix(world_key(world), ram ^ reading_state(&world->medium));
    switch (look(world, key, life->chain, &index)) {
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

static bool run_state(lab_world_t *world, chain_t *chain);

static void maximum(uint32_t *most, uint32_t value)
{
    *most = value > *most ? value : *most;
}

static void note_life(lab_world_t *world, const chain_t *chain, const lab_lived_t *lived)
{
    explore_result_t *result = world->result;
    if (result == NULL) {
        return;
    }
    const flash_bill_t *bill = &lived->boot_cost.bill;
    uint64_t us = flash_bill_typical(bill, &flash_part_w25q32jv);
    result->lives++;
    maximum(&result->worst_wear, lived->record_erases);
    result->slowest_boot_us = us > result->slowest_boot_us ? us : result->slowest_boot_us;
    maximum(&result->most_ops, lived->boot_cost.programs + lived->boot_cost.erases);
    maximum(&result->longest_silence, world->ledger.silent);
    maximum(&result->deepest, chain->level);
    if (lived->end == LAB_LIFE_RESTS) {
        maximum(&result->longest_chain, chain->boots);
    }
}

/* A power cut while everything rests: the last operation is long over. */
static void chain_op(lab_world_t *world, chain_t *chain, bool booting, const medium_op_t *op);

static void cut_at_rest(lab_world_t *world, chain_t *chain)
{
    const medium_op_t rest = {MEDIUM_READ, world->efuse, 0, NULL};
    if (world->storm != NULL) { /* the offers come again, and the power goes now */
        const lab_row_t *row = world->plan->scenario.row;
        world->ledger.updates = row->repeat ? row->updates : world->ledger.updates;
        world->storm->next = 0;
    }
    chain_op(world, chain, false, &rest);
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
        rests = life.stopped ? !life.tentative : run_state(world, chain);
        break;
    }
    for (uint32_t i = 0; i < life.checkpoints; i++) {
        settle(world, life.checkpoint[i], rests);
    }
    return rests;
}

static void path_reading(lab_world_t *world, const chain_t *chain, medium_reading_t reading)
{
    if (chain->level > 0 && chain->level <= LAB_PATH_MAX && world->script == NULL) {
        lab_cut_t *cut = &world->path.cut[chain->level - 1u];
        if (cut->readings < LAB_READINGS_MAX) {
            cut->reading[cut->readings] = (uint8_t)reading;
        }
        cut->readings++;
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

static bool run_readings(lab_world_t *world, chain_t *chain)
{
    bool rests = true;
    medium_reading_t first;
    unsigned readings = readings_of(world, chain, &first);
    for (unsigned i = 0; i < (readings > 0 ? readings : 1u) && !world->stop; i++) {
        fork_t fork;
        chain_t before = *chain;
        uint8_t level = chain->level <= LAB_PATH_MAX ? chain->level : 0;
        uint8_t noted = level > 0 ? world->path.cut[level - 1u].readings : 0;
        fork_begin(world, &fork);
        if (readings > 0) {
            path_reading(world, chain, (medium_reading_t)(first + i));
        }
        rests = run_life(world, chain, (medium_reading_t)(first + i)) && rests;
        fork_end(world, &fork);
        before.ops = chain->ops > before.ops && readings <= 1u ? chain->ops : before.ops;
        *chain = before;
        if (level > 0 && world->script == NULL) {
            world->path.cut[level - 1u].readings = noted;
        }
    }
    return rests;
}

/* Judges what is left without power. false: whether it rests hangs on an unfinished chain. */
static bool run_state(lab_world_t *world, chain_t *chain)
{
    size_t index;
    bool dry = chain->dry;
    if (chain->boots >= BOOTS_MAX) {
        no_rest(world, chain, "still busy");
        return true;
    }
    switch (look(world, world_key(world), chain, &index)) {
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

/* --- cuts ---------------------------------------------------------------------------------- */

static void defer(lab_world_t *world, chain_t *chain)
{
    size_t index;
    if (look(world, world_key(world), chain, &index) != JUDGED_NEW) {
        return;
    }
    deferred_t *kept = deferred_keep(world);
    if (kept == NULL) {
        world->result->complete = false;
        return;
    }
    kept->chain = chain->id;
    kept->level = chain->level;
    kept->next = world->deferred;
    world->deferred = kept;
    world->result->deferred++;
}

static void watch_clock(lab_world_t *world)
{
    struct timespec now;
    if (world->limits.seconds <= 0 || world->patience-- > 0) {
        return;
    }
    world->patience = CLOCK_EVERY;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    if ((double)now.tv_sec + (double)now.tv_nsec * 1e-9 > world->deadline) {
        world->stop = true;
        world->result->complete = false;
    }
}

static void enter(lab_world_t *world, const chain_t *from, bool booting, uint32_t index,
                  damage_t damage, chain_t *chain)
{
    lab_ledger_t *ledger = &world->ledger;
    const uint8_t patience = application_trials(world->plan).patience;
    *chain = (chain_t){.id = ++world->chains, .level = (uint8_t)(from->level + 1u)};
    chain->level = chain->level == 0 ? UINT8_MAX : chain->level;
    chain->cuts = from->cuts == LAB_CUTS_UNBOUNDED ? from->cuts : (uint8_t)(from->cuts - 1u);
    ledger->silent = 0;
    if (booting && ledger->trial != OTA_SLOT_NONE && ledger->starts == 0 &&
        ledger->attempts < patience && patience != UINT8_MAX) {
        ledger->attempts++;
    }
    if (world->script == NULL) {
        world->path.cuts = chain->level;
        if (chain->level <= LAB_PATH_MAX) {
            world->path.cut[chain->level - 1u] = (lab_cut_t){.op = index, .damage = damage};
        }
    }
}

static bool break_it(lab_world_t *world, const medium_op_t *op, damage_t damage)
{
    if (!BURN(op)) {
        return damage_apply(&world->medium, op, damage);
    }
    if (damage.kind == DAMAGE_AFTER && op->addr != world->efuse) {
        world->efuse = op->addr;
        return true;
    }
    return damage.kind == DAMAGE_BEFORE;
}

static bool cut(lab_world_t *world, const chain_t *from, bool booting, const medium_op_t *op,
                uint32_t index, damage_t damage)
{
    fork_t fork;
    chain_t chain;
    fork_begin(world, &fork);
    bool broken = break_it(world, op, damage);
    if (broken) {
        enter(world, from, booting, index, damage, &chain);
        if (world->nesting >= NESTING_MAX && world->script == NULL && world->storm == NULL) {
            defer(world, &chain);
        } else {
            world->nesting++;
            (void)run_state(world, &chain);
            world->nesting--;
        }
        if (world->script == NULL) {
            world->path.cuts = from->level;
        }
    }
    fork_end(world, &fork);
    return broken;
}

static void cut_kind(lab_world_t *world, const chain_t *from, bool booting, const medium_op_t *op,
                     uint32_t index, damage_kind_t kind)
{
    damage_grain_t grain = from->level == 0 ? world->limits.grain : world->limits.later_grain;
    uint32_t count = kind == DAMAGE_BEFORE || kind == DAMAGE_AFTER
                         ? 1u
                         : damage_count(&world->medium, op, kind, grain);
    for (uint32_t i = 0; i < count && !world->stop; i++) {
        damage_t damage = {kind, i};
        if (count > 1) {
            damage = damage_nth(&world->medium, op, kind, grain, i);
        }
        if (cut(world, from, booting, op, index, damage)) {
            world->result->cuts++;
            world->result->kinds[kind]++;
        }
        watch_clock(world);
    }
}

/* The script's cut, if it falls on this operation. */
static void scripted(lab_world_t *world, chain_t *from, bool booting, const medium_op_t *op,
                     uint32_t index)
{
    const lab_path_t *script = world->script;
    bool here =
        from->level < script->cuts && script->cut[from->level].op == index && from->cuts != 0;
    const damage_t *damage = here ? &script->cut[from->level].damage : NULL;
    if (world->watch != NULL && from->cuts != 0) {
        world->watch(world->watch_user, world, op, index, damage);
    }
    if (here) {
        (void)cut(world, from, booting, op, index, *damage);
        from->cuts = 0; /* this life is over; it runs out unjudged */
    }
}

/* The storm's next cut, if it falls on this operation. */
static void stormy(lab_world_t *world, chain_t *from, bool booting, const medium_op_t *op,
                   uint32_t index)
{
    storm_t *storm = world->storm;
    bool here = from->cuts != 0 && storm->left > 0 && index >= storm->next;
    damage_t damage = here ? storm_damage(world, op) : (damage_t){DAMAGE_BEFORE, 0};
    if (world->watch != NULL && from->cuts != 0) {
        world->watch(world->watch_user, world, op, index, here ? &damage : NULL);
    }
    if (here) {
        storm->left--;
        storm_draw(storm);
        world->result->cuts++;
        world->result->kinds[damage.kind]++;
        if (!cut(world, from, booting, op, index, damage)) {
            (void)cut(world, from, booting, op, index, (damage_t){DAMAGE_BEFORE, 0});
        }
        from->cuts = 0; /* this life is over; it runs out unjudged */
    }
}

static void chain_op(lab_world_t *world, chain_t *chain, bool booting, const medium_op_t *op)
{
    const explore_limits_t *limits = &world->limits;
    uint32_t index = chain->ops++;
    if (world->script != NULL) {
        scripted(world, chain, booting, op, index);
        return;
    }
    if (world->storm != NULL) {
        stormy(world, chain, booting, op, index);
        return;
    }
    bool ranged = limits->first_op != 0 || limits->last_op != 0;
    if (world->result == NULL || chain->dry || chain->cuts == 0 || world->stop ||
        (chain->level == 0 && ranged && (index < limits->first_op || index > limits->last_op))) {
        return;
    }
    damage_set_t set = chain->level == 0 ? limits->damages : limits->later;
    for (unsigned kind = 0; kind < DAMAGE_KINDS; kind++) {
        if ((set & (1u << kind)) != 0 && (!BURN(op) || kind <= DAMAGE_AFTER)) {
            cut_kind(world, chain, booting, op, index, (damage_kind_t)kind);
        }
    }
}

void explore_op(lab_world_t *world, const medium_op_t *op)
{
    life_t *life = world->life;
    if (life != NULL && !life->violated) {
        chain_op(world, life->chain, life->booting, op);
    }
}

/* --- exploring ----------------------------------------------------------------------------- */

void explore_chain(lab_world_t *world, uint8_t cuts)
{
    chain_t chain = {.id = ++world->chains, .cuts = cuts};
    fork_t fork;
    fork_begin(world, &fork);
    (void)run_state(world, &chain);
    fork_end(world, &fork);
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
        fork_begin(world, &fork);
        deferred_restore(world, kept);
        if (!world->stop) {
            (void)run_state(world, &chain);
        }
        fork_end(world, &fork);
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
    world->patience = CLOCK_EVERY;
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
