/* SPDX-License-Identifier: Apache-2.0 */
/* Where the power goes: all of them, a script's, or a storm's. */
#include <stdlib.h>
#include <time.h>

#include "lab/search.h"

#define NESTING_MAX 200u /* lives suspended in one another; what goes deeper is put off */
#define CLOCK_EVERY 2048u
#define BURN(op)    ((op)->kind == MEDIUM_READ)

static void defer(lab_world_t *world, chain_t *chain)
{
    size_t index;
    if (search_look(world, world_key(world), chain, &index) != JUDGED_NEW) {
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
    const uint32_t before = world->efuse;
    search_fork(world, &fork);
    bool broken = break_it(world, op, damage);
    if (broken) {
        enter(world, from, booting, index, damage, &chain);
        chain.idle = BURN(op) && op->addr == before ? from->idle : 0; /* at rest nothing was cut */
        if (world->nesting >= NESTING_MAX && world->script == NULL && world->storm == NULL) {
            defer(world, &chain);
        } else {
            world->nesting++;
            (void)search_state(world, &chain);
            world->nesting--;
        }
        if (world->script == NULL) {
            world->path.cuts = from->level;
        }
    }
    search_back(world, &fork);
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

static bool in_range(const lab_world_t *world, const chain_t *chain, uint32_t index)
{
    const explore_limits_t *limits = &world->limits;
    return chain->level > 0 || (limits->first_op == 0 && limits->last_op == 0) ||
           (index >= limits->first_op && index <= limits->last_op);
}

static void cut_everywhere(lab_world_t *world, const chain_t *chain, bool booting,
                           const medium_op_t *op, uint32_t index)
{
    damage_set_t set = chain->level == 0 ? world->limits.damages : world->limits.later;
    set &= BURN(op) ? DAMAGE_EDGES : DAMAGE_ALL;
    for (unsigned kind = 0; kind < DAMAGE_KINDS; kind++) {
        if ((set & (1u << kind)) != 0) {
            cut_kind(world, chain, booting, op, index, (damage_kind_t)kind);
        }
    }
}

void search_op(lab_world_t *world, chain_t *chain, bool booting, const medium_op_t *op)
{
    uint32_t index = chain->ops++;
    bool cuts = chain->cuts != 0 && !chain->dry;
    if (world->script != NULL) {
        scripted(world, chain, booting, op, index);
    } else if (world->storm != NULL) {
        stormy(world, chain, booting, op, index);
    } else if (world->result != NULL && cuts && !world->stop && in_range(world, chain, index)) {
        cut_everywhere(world, chain, booting, op, index);
    }
}

void explore_op(lab_world_t *world, const medium_op_t *op)
{
    life_t *life = world->life;
    if (life != NULL && !life->violated) {
        search_op(world, life->chain, life->booting, op);
    }
}
