/* SPDX-License-Identifier: Apache-2.0 */
/* Search: what explore.c and cuts.c have in common. Private to lab/. */
#ifndef LAB_SEARCH_H
#define LAB_SEARCH_H

#include "lab/world.h"

/* What a nested chain may change, and gets back. */
typedef struct {
    size_t mark;
    lab_ledger_t ledger;
    uint32_t efuse;
} fork_t;

static inline void search_fork(const lab_world_t *world, fork_t *fork)
{
    *fork = (fork_t){medium_mark(&world->medium), world->ledger, world->efuse};
}

static inline void search_back(lab_world_t *world, const fork_t *fork)
{
    medium_undo(&world->medium, fork->mark);
    world->ledger = fork->ledger;
    world->efuse = fork->efuse;
}

static inline void search_maximum(uint32_t *most, uint32_t value)
{
    *most = value > *most ? value : *most;
}

/* What is known of the state with this key, and takes it on if it is new. *index: its entry. */
judged_t search_look(lab_world_t *world, uint64_t key, const chain_t *chain, size_t *index);

/* Judges what is left without power. false: whether it rests hangs on an unfinished chain. */
bool search_state(lab_world_t *world, chain_t *chain);

/* An operation is about to be carried out: the place to cut. */
void search_op(lab_world_t *world, chain_t *chain, bool booting, const medium_op_t *op);

#endif
