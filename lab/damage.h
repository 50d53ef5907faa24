/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Damage: what a power cut at an operation can leave in flash. One table of kinds; each kind knows
 * how many outcomes it has for an operation, and makes the n-th of them.
 *
 * Program (cells old -> new, both known; "touched" are the bits that shall fall):
 *   before after  nothing / everything
 *   prefix suffix the first / last n bytes; every n
 *   bit           one bit only; every bit that shall fall (operations above 64 bytes: 64, spread)
 *   allbut        all but one; likewise
 *   random        seeded subsets of the touched bits, from thin to thick
 *   reversed      from the last byte to the first, cut in the middle of a byte
 *   m-...         prefix, suffix, random, and all of it, with what was touched beyond that marginal
 * Erase (every declared unit; sectors of it are treated one by one in the multi-sector kinds):
 *   before after  nothing / everything
 *   pages         the first n pages of 256 bytes; every n (above 4 KiB: 16 of them, spread)
 *   random        seeded bits set, from few to most; the rest as it was
 *   m-random      the same, and every bit that was 0 and is not set is marginal
 *   weak          every cell that was 0 is marginal: old data, or erased, or between
 *   zero          all bits 0: the pre-program phase of an erase
 *   m-zero        the same, marginal
 *   ee            0xEE everywhere
 *   sectors       units above 4 KiB: subsets of sectors done (ends, halves, alternate, seeded)
 *
 * The medium's guarantees narrow the list: OTA_FLASH_PREFIX_PROGRAM leaves only prefixes (solid),
 * OTA_FLASH_ATOMIC_PROGRAM_UNIT only outcomes in which no program unit is torn.
 *
 * Seeds depend on the address and the index alone, so that the same outcome on the same cells is
 * the same state: what makes a closure finite.
 */
#ifndef LAB_DAMAGE_H
#define LAB_DAMAGE_H

#include "lab/medium.h"

typedef enum {
    DAMAGE_BEFORE,
    DAMAGE_AFTER,
    DAMAGE_PREFIX,
    DAMAGE_SUFFIX,
    DAMAGE_BIT,
    DAMAGE_ALL_BUT,
    DAMAGE_RANDOM,
    DAMAGE_REVERSED,
    DAMAGE_M_PREFIX,
    DAMAGE_M_SUFFIX,
    DAMAGE_M_RANDOM,
    DAMAGE_M_ALL,
    DAMAGE_PAGES,
    DAMAGE_E_RANDOM,
    DAMAGE_E_M_RANDOM,
    DAMAGE_WEAK,
    DAMAGE_ZERO,
    DAMAGE_M_ZERO,
    DAMAGE_EE,
    DAMAGE_SECTORS,
    DAMAGE_KINDS
} damage_kind_t;

/* A set of kinds: bit (1 << kind). */
typedef uint32_t damage_set_t;
#define DAMAGE_ALL   ((damage_set_t)((1u << DAMAGE_KINDS) - 1u))
#define DAMAGE_SOLID (DAMAGE_ALL & ~DAMAGE_MARGINAL) /* no cell left undecided */
#define DAMAGE_MARGINAL                                                                            \
    ((damage_set_t)(1u << DAMAGE_M_PREFIX | 1u << DAMAGE_M_SUFFIX | 1u << DAMAGE_M_RANDOM |        \
                    1u << DAMAGE_M_ALL | 1u << DAMAGE_E_M_RANDOM | 1u << DAMAGE_WEAK |             \
                    1u << DAMAGE_M_ZERO))
#define DAMAGE_EDGES ((damage_set_t)(1u << DAMAGE_BEFORE | 1u << DAMAGE_AFTER)) /* between ops */

/* How finely the lists are walked. */
typedef enum {
    DAMAGE_FINE,   /* as described above */
    DAMAGE_COARSE, /* each list thinned to at most 8 spread outcomes, first and last among them */
    DAMAGE_SPARSE  /* for closures, where outcomes meet outcomes without end: 3; 1 of seeded ones */
} damage_grain_t;

typedef struct {
    damage_kind_t kind;
    uint32_t index;
} damage_t;

/* How many outcomes of that kind this operation has on this medium; 0: it does not apply. */
uint32_t damage_count(const medium_t *medium, const medium_op_t *op, damage_kind_t kind,
                      damage_grain_t grain);

/* The n-th of damage_count: its index does not depend on the grain, so that an id means the same
 * everywhere. */
damage_t damage_nth(const medium_t *medium, const medium_op_t *op, damage_kind_t kind,
                    damage_grain_t grain, uint32_t n);

/* The cells become that outcome (medium_undo takes it back). Returns false where it is the same as
 * `before` or `after`, or as an outcome of the same kind with a smaller index, and was not applied.
 */
bool damage_apply(medium_t *medium, const medium_op_t *op, damage_t damage);

/* "p17", "x3", "w": one letter and the index, as replay ids write it; `damage_parse` reads it back:
 * false if there is no such damage. *end: first character after it. */
void damage_code(damage_t damage, char text[16]);
bool damage_parse(const char *text, damage_t *damage, const char **end);

/* "prefix 17": for people. */
void damage_text(damage_t damage, char text[32]);
const char *damage_kind_name(damage_kind_t kind);

/* "all", "solid", "marginal", "edges", or names of kinds with commas between them, into a set.
 * false: a word is unknown. */
bool damage_set_parse(const char *text, damage_set_t *set);

#endif
