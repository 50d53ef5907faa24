/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Medium: a NOR chip for breaking.
 *
 *                 port of life 1        port of life 2        (ota_flash_t, one a power-on)
 *                        |                     |
 *                        +------ epoch? -------+               a port whose life is over aborts
 *                                  |
 *      hook: "about to carry out op" ---> explorer cuts here, lives whole lives, undoes them
 *                                  |
 *      cells     bytes as they stand; a marginal cell stands as 1
 *      marginal  1: this cell reads either way until it is erased or programmed
 *      log       what every change replaced: mark and undo, nested, are the fork
 *
 * Rules of the chip
 *   - programs clear bits. A program that asks a solid 0 to become 1 is a fault of the code under
 *     test: it is noted (medium->fault) and the program fails.
 *   - an operation that completes leaves solid cells: erased to 1, programmed to 0. A bit that a
 *     program leaves at 1 keeps what it was, marginal cells too.
 *   - erases have one of the declared sizes, at a multiple of it.
 *   - a marginal cell reads as the reading of the present power-on says (medium_reading_t).
 *   - stuck cells never change, whatever is done.
 *   - inside the encrypted range: programs are whole aligned blocks of 16 bytes, and the cells hold
 * a scrambled form of what the library sees. Erased cells do not read as FF there, and one wrong
 *     cell spoils the 16 bytes around it. Programming different bytes over a block asks bits to
 *     rise, and is found by that. (The scrambling is a keyed permutation for every address. It
 *     is a model of AES-XTS's consequences and no cipher.)
 *
 * The content hash is a sum over all 8-byte words of a mix of address, value and marginal mask,
 * kept up to date by every change. Blank words count nothing. Two contents share a key by accident
 * with a probability of 2^-64; n states together n^2 / 2^65.
 *
 * After medium_open nothing is allocated: the log is one reserved range whose pages are taken
 * from the system as nested forks first reach them, and used again from then on.
 */
#ifndef LAB_MEDIUM_H
#define LAB_MEDIUM_H

#include "host/flash_time.h"
#include "ota/flash.h"

#define MEDIUM_SECTOR OTA_FLASH_SECTOR
#define MEDIUM_BLOCK  16u /* bytes of one block of flash encryption */

typedef enum { MEDIUM_READ, MEDIUM_PROGRAM, MEDIUM_ERASE } medium_kind_t;

/* One call of the port, as it is about to be carried out. */
typedef struct {
    medium_kind_t kind;
    uint32_t addr;
    uint32_t len;
    const uint8_t
        *cells; /* MEDIUM_PROGRAM: what the cells shall hold (scrambled where encrypted) */
} medium_op_t;

/* How marginal cells read during one power-on. */
typedef enum {
    MEDIUM_ONES,    /* all as 1: an interrupted program looks as if it had never begun */
    MEDIUM_ZEROS,   /* all as 0: it looks finished */
    MEDIUM_MIXED,   /* each cell at each read as a seeded coin says */
    MEDIUM_MIXED_2, /* with another seed */
    MEDIUM_FADING,  /* as 0 for the first reads of a power-on, then as 1 */
    MEDIUM_READINGS
} medium_reading_t;

#define MEDIUM_FADES_AFTER 6u /* reads of marginal cells in one power-on */

/* What a failing operation leaves behind and says. */
typedef enum {
    MEDIUM_WORKS,
    MEDIUM_FAILS,  /* says so, changed nothing */
    MEDIUM_HALF,   /* says so, did the first half of its bytes (a read: delivers nothing) */
    MEDIUM_SILENT, /* says OK, changed nothing (a read: delivers what was in the buffer) */
    MEDIUM_FAILURES
} medium_failure_t;

/* Which call fails. Calls of the chosen kinds are counted from 0 since medium_fail. */
typedef struct {
    uint8_t kinds; /* bit (1 << medium_kind_t) for each kind that is counted */
    medium_failure_t how;
    bool for_ever; /* that one and every later one of these kinds */
    uint64_t nth;
} medium_fail_t;

/* What the code under test did that no code may. */
typedef enum {
    MEDIUM_FAULT_NONE,
    MEDIUM_FAULT_RAISE, /* a program asked a 0 to become 1 */
    MEDIUM_FAULT_BLOCK, /* encrypted range: not whole aligned blocks */
    MEDIUM_FAULT_ERASE, /* an erase of a size or address that the chip does not offer */
    MEDIUM_FAULT_RANGE  /* beyond the chip, or not a multiple of the program unit */
} medium_fault_t;

typedef struct {
    uint32_t size;         /* bytes, a multiple of MEDIUM_SECTOR */
    uint32_t program_unit; /* as ota_flash_t */
    uint32_t erase_units;
    uint32_t guarantees;
    bool encrypted; /* flash encryption is on for [encrypted_from, encrypted_to) */
    uint32_t encrypted_from;
    uint32_t encrypted_to;
    uint32_t tried_to; /* [encrypted_from, tried_to): asking bits to rise is refused, not blamed */
    uint64_t seed;     /* of scrambling and of mixed readings */
} medium_spec_t;

/* What operations cost since the last power-on (or medium_cost_reset). */
typedef struct {
    uint32_t reads;
    uint32_t programs;
    uint32_t erases;
    flash_bill_t bill; /* priced by flash_bill_typical and _maximum */
} medium_cost_t;

typedef struct medium {
    medium_spec_t spec;
    uint8_t *cells;
    uint8_t *marginal;
    uint8_t *stuck; /* 1: the cell keeps its value; NULL: no cell does */
    uint32_t sectors;
    uint64_t *hash;          /* of each sector */
    uint32_t *marginal_bits; /* of each sector */
    uint32_t *wear;          /* erases of each sector; undone with everything else */
    uint32_t marginal_total;
    uint64_t key; /* sum of hash: the content of the whole chip */
    /* the log */
    uint8_t *log;
    size_t log_top;
    size_t log_size;
    size_t log_peak;
    /* the present power-on */
    uint32_t epoch; /* 0: power is off */
    uint32_t epochs;
    medium_reading_t reading;
    uint32_t marginal_reads;
    medium_cost_t cost;
    medium_fail_t fail;
    uint64_t fail_count;
    /* what happened */
    medium_fault_t fault; /* the first since the caller cleared it */
    medium_op_t fault_op; /* its cells pointer is stale */
    /* called before a program or erase is carried out, with power on; NULL: nobody */
    void (*hook)(void *user, const medium_op_t *op);
    void *user;
    /* called when a dead life touches the chip; NULL: says so on stderr and aborts the process */
    void (*after_death)(void *user, const medium_op_t *op);
    /* A call is being made to fail. NULL: nobody asks. */
    void (*failed)(void *user, const medium_op_t *op, medium_failure_t how);
} medium_t;

/* What one power-on sees of the chip. Must not move while in use. */
typedef struct {
    medium_t *medium;
    uint32_t epoch;
    ota_flash_t flash;
} medium_port_t;

/* What was under power when a nested life began. */
typedef struct {
    uint32_t epoch;
    medium_reading_t reading;
    uint32_t marginal_reads;
    medium_cost_t cost;
} medium_power_t;

/* A blank chip. OTA_ERR_ARG: incoherent spec; OTA_ERR_PORT: no memory. */
OTA_MUST_CHECK ota_status_t medium_open(medium_t *medium, const medium_spec_t *spec);
void medium_close(medium_t *medium);

/* --- power --------------------------------------------------------------------------------- */

/* Power on: `port` is the one that works from now on; any other one is dead or suspended. `before`
 * is handed to medium_power_off, which makes the suspended life (if any) the working one again. */
void medium_power_on(medium_t *medium, medium_port_t *port, medium_reading_t reading,
                     medium_power_t *before);
void medium_power_off(medium_t *medium, const medium_power_t *before);

void medium_cost_reset(medium_t *medium);

/* Arms a failure (how MEDIUM_WORKS: disarms). Counting begins now and goes on over power-ons. */
void medium_fail(medium_t *medium, const medium_fail_t *fail);

/* --- forking ------------------------------------------------------------------------------- */

/* A point to come back to. Marks nest; undo to an older one drops the newer ones. Cells, marginal
 * cells, wear and hashes come back; costs and counters do not. */
static inline size_t medium_mark(const medium_t *medium)
{
    return medium->log_top;
}
void medium_undo(medium_t *medium, size_t mark);

/* Makes all that was done so far the ground: empties the log. No mark survives. */
void medium_settle(medium_t *medium);

/* --- the world's hands: no power, no hook, no rules; undone like everything else ----------- */

/* Cells at addr become `cells`, marginal where the mask says 1 (NULL: all solid). A marginal cell
 * is stored as 1. Stuck cells stay. */
void medium_store(medium_t *medium, uint32_t addr, const uint8_t *cells, const uint8_t *marginal,
                  uint32_t len);

/* As medium_store with one value everywhere, all solid. */
void medium_fill(medium_t *medium, uint32_t addr, uint8_t cells, uint32_t len);

/* The operation completes: what the chip does when the power stays. */
void medium_carry_out(medium_t *medium, const medium_op_t *op);

/* Plaintext into the chip as a factory would: scrambled where encrypted. Encrypted ranges take
 * whole blocks: the rest of a last one is padded with FF. */
void medium_write(medium_t *medium, uint32_t addr, const void *bytes, uint32_t len);

/* What the library would read, marginal cells by the present reading. */
void medium_view(medium_t *medium, uint32_t addr, void *bytes, uint32_t len);

/* The library would read exactly these bytes, today and at every later power-on. */
bool medium_holds(medium_t *medium, uint32_t addr, const void *bytes, uint32_t len);

/* Bit rot: one cell changes its value, solid. bit counts from the chip's first byte, bit 0. */
void medium_flip(medium_t *medium, uint64_t bit);

/* That cell keeps its value from now on (not undone; medium_unstick frees all). */
OTA_MUST_CHECK ota_status_t medium_stick(medium_t *medium, uint64_t bit);
void medium_unstick(medium_t *medium);

/* --- content ------------------------------------------------------------------------------- */

/* Everything that a later power-on could read: cells and marginal masks of the whole chip. */
static inline uint64_t medium_key(const medium_t *medium)
{
    return medium->key;
}

/* The same of whole sectors [addr, addr+len). */
uint64_t medium_region_key(const medium_t *medium, uint32_t addr, uint32_t len);
uint32_t medium_region_marginal(const medium_t *medium, uint32_t addr, uint32_t len);

/* A good 64-bit mix of two words, for keys of the caller's. */
uint64_t medium_mix(uint64_t a, uint64_t b);
/* Folds any bytes into a key. */
uint64_t medium_mix_bytes(uint64_t key, const void *bytes, size_t len);

/* True where [addr, addr+len) touches the encrypted range. */
bool medium_encrypted(const medium_t *medium, uint32_t addr, uint32_t len);

const char *medium_fault_text(medium_fault_t fault);
const char *medium_reading_name(medium_reading_t reading);

#endif
