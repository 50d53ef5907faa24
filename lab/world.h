/* SPDX-License-Identifier: Apache-2.0 */
/*
 * World: what the laboratory's files share. Private to lab/.
 *
 *   explore.c        the search: chains, cuts, what is skipped
 *   explore_path.c   one path again: ids, replay, shortening
 *   judged.c         the table of judged states
 *   deferred.c       chains put off
 *   storm.c          random cuts
 *   life.c           one power-on: boot, oracles, the application, its end
 *   application.c    the calls into the library; behaviour.c, feed.c: what applications do
 */
#ifndef LAB_WORLD_H
#define LAB_WORLD_H

#include "lab/explore.h"
#include "ota/update.h"

#define CHECKPOINTS 96u   /* of one life; later ones are not remembered */
#define MEMO        4096u /* image verdicts, a power of two */

/* --- judged states ------------------------------------------------------------------------- */

typedef enum {
    JUDGED_NEW,       /* not seen with so many cuts left: live it */
    JUDGED_DONE,      /* judged, and comes to rest */
    JUDGED_TENTATIVE, /* safe as far as cuts go, but whether it rests hangs on an unfinished chain
                       */
    JUDGED_OPEN,      /* being judged by a life that is suspended */
    JUDGED_CIRCLE     /* being judged by this very chain */
} judged_t;

typedef struct {
    uint64_t key; /* 0: free */
    uint32_t chain;
    uint8_t cuts;  /* left when it was judged */
    uint8_t state; /* judged_t: DONE, TENTATIVE or OPEN */
    uint16_t spare;
} judged_entry_t;

typedef struct {
    judged_entry_t *entry;
    size_t mask;
    size_t used;
    bool full;
} judged_table_t;

bool judged_start(judged_table_t *table, size_t bytes);
void judged_stop(judged_table_t *table);
/* The entry of that key, made if there is none (key 0 there); NULL: no room. */
judged_entry_t *judged_find(judged_table_t *table, uint64_t key);

/* --- lives --------------------------------------------------------------------------------- */

/* A chain of lives without a cut between them. On the C stack. */
typedef struct chain {
    uint32_t id;
    uint32_t ops;  /* programs, erases and burns since it began */
    uint8_t cuts;  /* left */
    uint8_t level; /* cuts made so far */
    uint8_t boots; /* lives so far */
    uint8_t
        idle; /* lives in a row that came to rest, were switched off and had written something */
    bool dry; /* judged before as far as cuts go: only see that it rests */
    bool resumed; /* put off before: the table knows its first state */
} chain_t;

/* One life, on the C stack. */
typedef struct {
    medium_port_t port;
    chain_t *chain;
    bool booting;
    bool stopped;   /* a checkpoint knew the rest */
    bool tentative; /* and that hangs on an unfinished chain */
    ota_slot_t running;
    uint32_t ops;
    uint32_t record_erases[2]; /* of the two otadata sectors */
    uint32_t checkpoints;
    size_t checkpoint[CHECKPOINTS]; /* indexes into the table of judged states */
    lab_verdict_t verdict;
    bool violated;
} life_t;

typedef struct {
    uint64_t key;
    ota_status_t status;
    int image;
} memo_t;

typedef enum { ACT_RESTS, ACT_RESETS, ACT_STOPPED } act_t;

typedef act_t (*lab_actor_t)(void *user, lab_world_t *world, life_t *life, int image);

struct lab_world {
    const lab_plan_t *plan;
    medium_t medium;
    lab_ledger_t ledger;
    uint32_t efuse;
    ota_table_t table; /* a view of the plan's bytes */
    ota_region_t apps[OTA_SLOTS_MAX + 2u];
    ota_slot_t app_slot[OTA_SLOTS_MAX + 2u];
    unsigned app_count; /* partitions that hold apps */
    memo_t memo[MEMO];
    bool no_memo; /* every boot reads what it loads: its reads are to be counted, and to fail */
    bool failing; /* calls of the port fail: lab_trials_t */
    uint8_t *read_buffer; /* for verifying */
    lab_wrap_t wrap;
    void *wrap_user;
    lab_actor_t actor; /* acts instead of the row's behaviours; NULL: those do */
    void *actor_user;
    life_t *life; /* the one under power */
    /* the search */
    explore_limits_t limits;
    explore_result_t *result; /* NULL: lives are lived, nothing is explored */
    judged_table_t judged;
    uint32_t chains;
    uint32_t nesting;
    lab_path_t path;
    double deadline;
    bool stop;
    struct deferred *deferred;
    uint64_t *ground;  /* hashes of the sectors as exploring began */
    uint64_t patience; /* cuts until the clock is looked at */
    /* a storm */
    struct storm *storm;
    /* replay */
    const lab_path_t *script;
    lab_watch_t watch;
    void *watch_user;
    bool script_violated;
    lab_verdict_t script_verdict;
};

/* --- life.c -------------------------------------------------------------------------------- */

/* One power-on. `life` is filled by it. */
void life_live(lab_world_t *world, life_t *life, chain_t *chain, medium_reading_t reading,
               lab_lived_t *lived);

/* Notes a violation of this life, the first one only. Returns false. */
bool life_blame(life_t *life, lab_oracle_t oracle, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The anti-rollback counter as the code under test sees it; burning it is an operation. */
ota_efuse_t life_efuse(lab_world_t *world);

/* What is left without power, as one key. */
uint64_t world_key(const lab_world_t *world);

/* --- explore.c ----------------------------------------------------------------------------- */

/* Before an operation of the life under power. A burn of the eFuse is one too: MEDIUM_READ with
 * len 0 and the new version as addr. */
void explore_op(lab_world_t *world, const medium_op_t *op);

/* Random cuts; on the C stack of explore_storm. */
typedef struct storm {
    uint64_t coin; /* state of the generator */
    unsigned left; /* cuts to come */
    uint32_t next; /* operation of the present chain at which the power goes */
} storm_t;

uint64_t storm_coin(storm_t *storm, uint64_t below);
/* Sets when the power goes next. */
void storm_draw(storm_t *storm);
/* One of the outcomes that the operation has. */
damage_t storm_damage(const lab_world_t *world, const medium_op_t *op);

/* One path and nothing else, or (script NULL) everything within the limits. */
void explore_chain(lab_world_t *world, uint8_t cuts);

/* A chain put off until the stack of lives is short again: what differs from the ground. */
typedef struct deferred {
    struct deferred *next;
    lab_ledger_t ledger;
    lab_path_t path;
    uint32_t efuse;
    uint32_t chain;
    uint8_t level;
    size_t len;
    uint8_t bytes[];
} deferred_t;

/* Keeps the present state; NULL: no memory. deferred_restore brings it back over the ground, and
 * is undone by the caller. deferred_ground notes what the ground is. */
deferred_t *deferred_keep(const lab_world_t *world);
void deferred_restore(lab_world_t *world, const deferred_t *kept);
bool deferred_ground(lab_world_t *world);

/* The application's RAM has this hash and it will go on from here in the same way whatever came
 * before. true: the rest is known, stop living. */
bool explore_checkpoint(lab_world_t *world, uint64_t ram);

/* --- application.c ------------------------------------------------------------------------- */

/* The image in life->running acts until it rests or resets; violations go into the life. */
act_t application_act(lab_world_t *world, life_t *life, int image);

/* Starts that a trial has under the plan's rules. */
lab_trials_t application_trials(const lab_plan_t *plan);

/* The boot rules for this way. */
void application_boot_config(const lab_scenario_t *scenario, ota_boot_config_t *config);

#endif
