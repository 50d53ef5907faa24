/* SPDX-License-Identifier: Apache-2.0 */
/* One path again, and paths made shorter; results added up. */
#include <string.h>

#include "lab/world.h"

#define TRIES_MAX  4000u
#define OPS_LOOKED 64u /* operations tried in the place of one that a dropped cut has moved */

/* From here on `readings` counts those used up; what the path does not name reads as ones. */
static void use_up(lab_cut_t *cut)
{
    for (unsigned i = cut->readings; i < LAB_READINGS_MAX; i++) {
        cut->reading[i] = (uint8_t)MEDIUM_ONES;
    }
    cut->readings = 0;
}

bool explore_path(lab_world_t *world, const lab_path_t *path, lab_watch_t watch, void *user,
                  lab_verdict_t *verdict)
{
    explore_limits_t limits = {.cuts = LAB_CUTS_UNBOUNDED};
    world->limits = limits;
    world->script = path;
    world->path = *path;
    for (unsigned i = 0; i < LAB_PATH_MAX; i++) {
        use_up(&world->path.cut[i]);
    }
    world->watch = watch;
    world->watch_user = user;
    world->script_violated = false;
    world->stop = false;
    world->nesting = 0;
    world->result = NULL;
    explore_chain(world, LAB_CUTS_UNBOUNDED);
    world->script = NULL;
    world->watch = NULL;
    *verdict = world->script_verdict;
    return world->script_violated;
}

/* --- shortening ---------------------------------------------------------------------------- */

typedef struct {
    lab_world_t *world;
    lab_oracle_t oracle; /* that must still be violated */
    unsigned tries;
    lab_path_t best;
    lab_verdict_t verdict;
} shorten_t;

static bool still(shorten_t *shorten, const lab_path_t *path)
{
    lab_verdict_t verdict;
    if (shorten->tries >= TRIES_MAX) {
        return false;
    }
    shorten->tries++;
    if (!explore_path(shorten->world, path, NULL, NULL, &verdict) ||
        verdict.oracle != shorten->oracle) {
        return false;
    }
    shorten->best = *path;
    shorten->verdict = verdict;
    return true;
}

/* Without cut `drop`; the next one's operation is looked for again. */
static bool without(shorten_t *shorten, unsigned drop)
{
    lab_path_t path = shorten->best;
    unsigned cuts = --path.cuts;
    memmove(&path.cut[drop], &path.cut[drop + 1u], (cuts - drop) * sizeof(path.cut[0]));
    if (still(shorten, &path)) {
        return true;
    }
    for (uint32_t op = 0; drop < cuts && op < OPS_LOOKED; op++) {
        path.cut[drop].op = op;
        if (still(shorten, &path)) {
            return true;
        }
    }
    return false;
}

static bool fewer_cuts(shorten_t *shorten)
{
    for (unsigned i = 0; i < shorten->best.cuts; i++) {
        if (without(shorten, i)) {
            return true;
        }
    }
    return false;
}

static void simpler_damage(shorten_t *shorten, unsigned which)
{
    /* The plainest first. */
    static const damage_kind_t plain[] = {DAMAGE_BEFORE, DAMAGE_AFTER, DAMAGE_PREFIX,
                                          DAMAGE_PAGES,  DAMAGE_BIT,   DAMAGE_WEAK};
    damage_t now = shorten->best.cut[which].damage;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]) && plain[i] < now.kind; i++) {
        lab_path_t path = shorten->best;
        path.cut[which].damage = (damage_t){plain[i], 0};
        path.cut[which].readings = 0;
        if (still(shorten, &path)) {
            return;
        }
    }
    for (uint32_t index = 0; index < now.index && index < OPS_LOOKED; index++) {
        lab_path_t path = shorten->best;
        path.cut[which].damage.index = index;
        if (still(shorten, &path)) {
            return;
        }
    }
}

static void simpler_readings(shorten_t *shorten, unsigned which)
{
    lab_path_t path = shorten->best;
    path.cut[which].readings = 0;
    if (shorten->best.cut[which].readings == 0 || still(shorten, &path)) {
        return;
    }
    while (shorten->best.cut[which].readings > 1) { /* what is not said is ones */
        path = shorten->best;
        path.cut[which].readings--;
        if (!still(shorten, &path)) {
            return;
        }
    }
}

unsigned explore_minimise(lab_world_t *world, lab_path_t *path, lab_verdict_t *verdict)
{
    shorten_t shorten = {.world = world, .oracle = verdict->oracle, .best = *path};
    if (path->cuts > LAB_PATH_MAX || !still(&shorten, path)) {
        return shorten.tries;
    }
    while (fewer_cuts(&shorten)) {
    }
    for (unsigned i = 0; i < shorten.best.cuts; i++) {
        simpler_damage(&shorten, i);
        simpler_readings(&shorten, i);
    }
    *path = shorten.best;
    *verdict = shorten.verdict;
    return shorten.tries;
}

/* --- sums ---------------------------------------------------------------------------------- */

static void maximum(uint32_t *most, uint32_t value)
{
    *most = value > *most ? value : *most;
}

void explore_add(explore_result_t *sum, const explore_result_t *more)
{
    sum->complete = sum->complete && more->complete;
    sum->ops += more->ops;
    sum->cuts += more->cuts;
    sum->states += more->states;
    sum->lives += more->lives;
    sum->deferred += more->deferred;
    for (unsigned i = 0; i < LAB_ORACLES; i++) {
        sum->violations[i] += more->violations[i];
    }
    for (unsigned i = 0; i < DAMAGE_KINDS; i++) {
        sum->kinds[i] += more->kinds[i];
    }
    maximum(&sum->longest_silence, more->longest_silence);
    maximum(&sum->longest_chain, more->longest_chain);
    maximum(&sum->most_ops, more->most_ops);
    maximum(&sum->worst_wear, more->worst_wear);
    maximum(&sum->most_resent, more->most_resent);
    maximum(&sum->deepest, more->deepest);
    if (more->slowest_boot_us > sum->slowest_boot_us) {
        sum->slowest_boot_us = more->slowest_boot_us;
    }
    for (uint32_t i = 0; i < more->kept && sum->kept < LAB_VIOLATIONS_KEPT; i++) {
        sum->violation[sum->kept++] = more->violation[i];
    }
}

uint64_t explore_violations(const explore_result_t *result)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < LAB_ORACLES; i++) {
        sum += result->violations[i];
    }
    return sum;
}
