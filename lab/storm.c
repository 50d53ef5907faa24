/* SPDX-License-Identifier: Apache-2.0 */
/* Storms: what a device on a bad supply goes through. */
#include <stdio.h>
#include <string.h>

#include "lab/world.h"

/* Most cuts come early in a chain, while things are being repaired; some much later. */
#define SOON 8u
#define LATE 64u

uint64_t storm_coin(storm_t *storm, uint64_t below)
{
    storm->coin = medium_mix(storm->coin, 0x570A3u);
    return storm->coin % below;
}

void storm_draw(storm_t *storm)
{
    storm->next = (uint32_t)storm_coin(storm, storm_coin(storm, 4) == 0 ? LATE : SOON);
}

damage_t storm_damage(const lab_world_t *world, const medium_op_t *op)
{
    if (op->kind == MEDIUM_READ) {
        return (damage_t){storm_coin(world->storm, 2) != 0 ? DAMAGE_AFTER : DAMAGE_BEFORE, 0};
    }
    for (unsigned tries = 0; tries < 64; tries++) {
        damage_kind_t kind = (damage_kind_t)storm_coin(world->storm, DAMAGE_KINDS);
        uint32_t count = damage_count(&world->medium, op, kind, DAMAGE_FINE);
        if (count > 0) {
            return (damage_t){kind, (uint32_t)storm_coin(world->storm, count)};
        }
    }
    return (damage_t){DAMAGE_BEFORE, 0};
}

/* Its path is too long for an id: the seed names it. */
static void name_storm(const lab_world_t *world, uint64_t seed, explore_result_t *result)
{
    for (uint32_t i = 0; i < result->kept; i++) {
        result->violation[i].path.cuts = 0;
        (void)snprintf(result->violation[i].id, sizeof(result->violation[i].id), "%s!%llu",
                       world->plan->scenario.name, (unsigned long long)seed);
    }
}

void explore_storm(lab_world_t *world, uint64_t seed, unsigned cuts, lab_watch_t watch, void *user,
                   explore_result_t *result)
{
    storm_t storm = {.coin = medium_mix(seed, 0xB10Bu), .left = cuts};
    memset(result, 0, sizeof(*result));
    result->complete = true;
    world->limits = (explore_limits_t){.first_violation = true};
    world->script = NULL;
    world->stop = false;
    world->nesting = 0;
    world->path = (lab_path_t){0};
    world->storm = &storm;
    world->result = result;
    world->watch = watch;
    world->watch_user = user;
    storm_draw(&storm);
    explore_chain(world, LAB_CUTS_UNBOUNDED);
    world->watch = NULL;
    world->result = NULL;
    world->storm = NULL;
    name_storm(world, seed, result);
}
