/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explorer: cuts the power at every operation, in every way, and lives on from each.
 *
 *   chain(state)          a state is what is left without power: cells, ledger, eFuse
 *     for each reading of marginal cells
 *        life             ota_boot_run -> the image that boots acts (application.h) -> reset or
 * rest | before op i is carried out, and once more after the last: |   for each damage d:  mark -
 * apply d - chain(that state) - undo        <- a cut
 *          v
 *        chain(the state that the reset left), unless it rests
 *
 * A cut does not replay anything: the whole later life runs inside the callback of the operation,
 * the suspended life goes on when all that was undone. No longjmp, no snapshots of a process.
 *
 * States that have been judged are skipped. Sound, because a life depends on nothing but
 * the state and the reading of marginal cells: RAM does not survive. The key of a state is 64 bits
 * over cells, marginal masks, ledger and eFuse; with a bounded number of cuts a state counts as
 * judged only where it was judged with at least as many cuts left. With cuts unbounded, an empty
 * rest means closure: any number of cuts, at any operations, has been judged.
 *
 * Within a life, an application passes checkpoints (application.c): there its RAM is a few hundred
 * bytes whose hash joins the key, so that lives which have become equal are not lived twice.
 *
 * Liveness: a chain of resets without cuts must come to rest. One that meets itself again never
 * rests (L1). A chain that meets an unfinished one, which is suspended further up, is lived again
 * without cuts when it is next met, so that a circle through both is not missed.
 */
#ifndef LAB_EXPLORE_H
#define LAB_EXPLORE_H

#include "lab/damage.h"
#include "lab/scenario.h"

#define LAB_CUTS_UNBOUNDED 255u
#define LAB_PATH_MAX       12u /* cuts that a path records; deeper ones are judged, not named */
#define LAB_READINGS_MAX   8u  /* lives between two cuts whose reading a path records */

/* One cut, and how marginal cells read in the lives after it. */
typedef struct {
    uint32_t op; /* counted from the previous cut (or the start), over resets */
    damage_t damage;
    uint8_t readings;
    uint8_t reading[LAB_READINGS_MAX]; /* medium_reading_t, of lives that met marginal cells */
} lab_cut_t;

typedef struct {
    uint8_t cuts;
    lab_cut_t cut[LAB_PATH_MAX];
} lab_path_t;

typedef struct {
    lab_verdict_t verdict;
    lab_path_t path;
    char id[160]; /* scenario and path */
} lab_violation_t;

#define LAB_VIOLATIONS_KEPT 16u

/* What to do. Zeroed is: one cut, every damage, every reading, the whole scenario. */
typedef struct {
    uint8_t cuts;         /* in a row; 0: 1; LAB_CUTS_UNBOUNDED */
    damage_set_t damages; /* 0: DAMAGE_ALL */
    damage_set_t later;   /* damages of the second and later cuts; 0: as damages */
    damage_grain_t grain; /* of the first cut */
    damage_grain_t later_grain;
    uint32_t first_op; /* cuts of the first level only in [first_op, last_op]; 0, 0: all */
    uint32_t last_op;
    size_t memory;        /* bytes of the table of judged states; 0: 64 MiB */
    double seconds;       /* 0: no limit; else stop and say so (complete = false) */
    bool first_violation; /* stop there */
    bool one_reading;     /* marginal cells only as 1 */
    bool no_skipping;     /* live judged states again: the proof that skipping hides nothing */
} explore_limits_t;

/* Plain numbers: they cross from worker processes through shared memory, and add up. */
typedef struct {
    bool complete;     /* nothing was left out by a limit */
    uint32_t ops;      /* programs and erases of the run without cuts */
    uint64_t op_bytes; /* that they carry */
    uint64_t cuts;     /* judged: each damage of each operation of each life counts */
    uint64_t states;   /* different ones that were booted */
    uint64_t lives;    /* power-ons */
    uint64_t deferred; /* chains put off because the stack of lives was deep */
    uint64_t violations[LAB_ORACLES];
    uint64_t kinds[DAMAGE_KINDS]; /* cuts by damage */
    uint32_t longest_silence;     /* most resets after a cut until an application ran */
    uint32_t longest_chain;       /* most boots from a cut to rest */
    uint32_t most_ops;            /* flash operations of one boot before the application */
    uint64_t slowest_boot_us;     /* their time on flash_part_w25q32jv, typical */
    uint32_t worst_wear;          /* most erases of one otadata sector in one life */
    uint32_t most_resent;         /* bytes sent again after a cut */
    uint32_t deepest;             /* cuts in a row */
    uint32_t kept;
    lab_violation_t violation[LAB_VIOLATIONS_KEPT];
} explore_result_t;

/* A world to explore: plan, chip, ledger, table of judged states. Large; lives on the heap. */
typedef struct lab_world lab_world_t;

/* A port wrapped around every life's flash, for laboratories that break the code under test on
 * purpose: called after power-on with the port that the life will use. It may replace callbacks. */
typedef void (*lab_wrap_t)(void *user, ota_flash_t *flash);

OTA_MUST_CHECK ota_status_t lab_world_open(lab_world_t **world, const lab_plan_t *plan);
void lab_world_close(lab_world_t *world);
void lab_world_wrap(lab_world_t *world, lab_wrap_t wrap, void *user);

medium_t *lab_world_medium(lab_world_t *world);
lab_ledger_t *lab_world_ledger(lab_world_t *world);
const lab_plan_t *lab_world_plan(const lab_world_t *world);

/* --- one life after the other, without cuts: what rot, port failures and replays stand on -- */

typedef enum { LAB_LIFE_RESTS, LAB_LIFE_RESETS, LAB_LIFE_SILENT, LAB_LIFE_VIOLATES } lab_life_t;

typedef struct {
    lab_life_t end;
    ota_slot_t booted;      /* OTA_SLOT_NONE: nothing */
    int image;              /* that runs there; -1: none that is known */
    uint32_t ops;           /* programs and erases of this life */
    uint32_t record_erases; /* of the otadata sector erased most */
    medium_cost_t boot_cost;
    lab_verdict_t verdict;
} lab_lived_t;

/* One power-on, with this reading of marginal cells, judged by the oracles. Changes medium and
 * ledger: mark before, undo after. */
void lab_world_live(lab_world_t *world, medium_reading_t reading, lab_lived_t *lived);

/* Lives until it rests, at most `boots` times. end is LAB_LIFE_VIOLATES also where it does not
 * rest. */
void lab_world_settle(lab_world_t *world, medium_reading_t reading, unsigned boots,
                      lab_lived_t *lived);

/* --- exploring ----------------------------------------------------------------------------- */

/* Told of each operation before it is carried out or cut. */
typedef void (*lab_watch_t)(void *user, lab_world_t *world, const medium_op_t *op, uint32_t index,
                            const damage_t *cut);

/* From the world's present state; leaves it as it was. */
void explore(lab_world_t *world, const explore_limits_t *limits, explore_result_t *result);

/*
 * A storm: random cuts, one after the other, `cuts` of them, then peace. Where the application
 * comes to rest before, the server makes its offers again (rows that repeat) or the device is
 * switched off and on. A violation's id is "<scenario>!<seed>". Changes nothing.
 */
void explore_storm(lab_world_t *world, uint64_t seed, unsigned cuts, lab_watch_t watch, void *user,
                   explore_result_t *result);

/* Adds `more` to `sum` (maxima and counts; the first violations are kept). */
void explore_add(explore_result_t *sum, const explore_result_t *more);
uint64_t explore_violations(const explore_result_t *result);

/* Runs exactly one path and says which violation it ends in. false: it ends in none. watch: or
 * NULL. */
bool explore_path(lab_world_t *world, const lab_path_t *path, lab_watch_t watch, void *user,
                  lab_verdict_t *verdict);

/* Shortens a violating path: fewer cuts first, then simpler damage; the same oracle must still be
 * violated. Returns the number of paths tried. */
unsigned explore_minimise(lab_world_t *world, lab_path_t *path, lab_verdict_t *verdict);

/* "normal/o4.17.p5@zo-3.x" and back. A path that was cut short is not parsed: false. */
void lab_path_id(const lab_scenario_t *scenario, const lab_path_t *path, char id[160]);
bool lab_path_parse(const char *id, lab_scenario_t *scenario, lab_path_t *path);

#endif
