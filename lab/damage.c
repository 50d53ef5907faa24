/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of damages. Every outcome is made piece by piece, a sector at a time, out of three
 * things: the cells as they are, what the operation wants of them, and which of the two (or
 * neither) each bit gets.
 */
#include "lab/damage.h"

#include <stdlib.h>
#include <string.h>

#define PAGE        256u
#define BIT_BYTES   64u /* operations up to here have every bit tried */
#define BIT_SAMPLES 64u
#define COARSE      8u
#define SPARSE      1u

/* One sector's worth of an operation on its way into an outcome. */
typedef struct {
    const medium_op_t *op;
    uint32_t index;
    uint32_t count; /* outcomes of this kind */
    uint32_t from;  /* offset of this piece in the operation */
    uint32_t len;
    const uint8_t *old;
    uint8_t cells[MEDIUM_SECTOR];
    uint8_t marginal[MEDIUM_SECTOR];
    uint64_t seed;
    uint32_t chosen; /* bit kinds: number of the wanted bit in the whole operation */
    uint32_t passed; /* wanted bits before this byte */
    uint32_t edge;   /* prefix and page kinds: bytes that count */
} piece_t;

typedef uint32_t (*count_t)(const medium_t *medium, const medium_op_t *op);
typedef void (*outcome_t)(piece_t *piece);

/* --- how many ------------------------------------------------------------------------------ */

/* Bits that the operation wants to be 0. Counted over what it wants and not over what is still to
 * fall, so that a program repeated over its own torn half has the same outcomes again. */
static uint32_t wanted_bits(const medium_op_t *op)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < op->len; i++) {
        bits += (uint32_t)__builtin_popcount((uint8_t)~op->cells[i]);
    }
    return bits;
}

static uint32_t count_one(const medium_t *medium, const medium_op_t *op)
{
    (void)medium;
    (void)op;
    return 1;
}

static uint32_t count_bytes(const medium_t *medium, const medium_op_t *op)
{
    uint32_t unit = medium->spec.guarantees != 0 ? medium->spec.program_unit : 1u;
    return (op->len - 1u) / unit;
}

static uint32_t count_bits(const medium_t *medium, const medium_op_t *op)
{
    (void)medium;
    uint32_t bits = wanted_bits(op);
    return op->len > BIT_BYTES && bits > BIT_SAMPLES ? BIT_SAMPLES : bits;
}

static uint32_t count_random(const medium_t *medium, const medium_op_t *op)
{
    (void)medium;
    (void)op;
    return 8;
}

static uint32_t count_pair(const medium_t *medium, const medium_op_t *op)
{
    (void)medium;
    return op->len > 1 ? 1 : 0;
}

/* Where the certain part ends: every byte of short operations, every 16 of longer ones. */
static uint32_t count_edges(const medium_t *medium, const medium_op_t *op)
{
    (void)medium;
    return op->len <= BIT_BYTES ? op->len - 1u : (op->len - 1u) / 16u;
}

static uint32_t count_few(const medium_t *medium, const medium_op_t *op)
{
    (void)medium;
    (void)op;
    return 4;
}

static uint32_t count_pages(const medium_t *medium, const medium_op_t *op)
{
    (void)medium;
    (void)op;
    return MEDIUM_SECTOR / PAGE - 1u; /* of larger units so many, spread */
}

static uint32_t count_sectors(const medium_t *medium, const medium_op_t *op)
{
    (void)medium;
    return op->len > MEDIUM_SECTOR ? 8 : 0;
}

/* --- what happens: programs ---------------------------------------------------------------- */

static void do_byte(piece_t *piece, uint32_t i)
{
    uint8_t data = piece->op->cells[piece->from + i];
    piece->cells[i] &= data;
    piece->marginal[i] &= data;
}

static void doubt_byte(piece_t *piece, uint32_t i)
{
    uint8_t touched = (uint8_t)(piece->old[i] & ~piece->op->cells[piece->from + i]);
    piece->marginal[i] |= touched;
}

/* Only these bits of the byte fall. */
static void do_bits(piece_t *piece, uint32_t i, uint8_t bits)
{
    uint8_t data = (uint8_t)(piece->op->cells[piece->from + i] | (uint8_t)~bits);
    piece->cells[i] &= data;
    piece->marginal[i] &= data;
}

static uint8_t random_bits(const piece_t *piece, uint32_t i, uint32_t density)
{
    uint64_t a = medium_mix(piece->seed, piece->from + i);
    uint64_t b = a >> 8;
    uint64_t c = a >> 16;
    switch (density % 4u) {
    case 0:
        return (uint8_t)(a & b & c);
    case 1:
        return (uint8_t)(a & b);
    case 2:
        return (uint8_t)a;
    default:
        return (uint8_t)(a | b);
    }
}

static void nothing(piece_t *piece)
{
    (void)piece;
}

static void everything(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        do_byte(piece, i);
    }
}

static void prefix(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len && piece->from + i < piece->edge; i++) {
        do_byte(piece, i);
    }
}

static void suffix(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        if (piece->from + i >= piece->edge) {
            do_byte(piece, i);
        }
    }
}

static void m_prefix(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        if (piece->from + i < piece->edge) {
            do_byte(piece, i);
        } else {
            doubt_byte(piece, i);
        }
    }
}

static void m_suffix(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        if (piece->from + i >= piece->edge) {
            do_byte(piece, i);
        } else {
            doubt_byte(piece, i);
        }
    }
}

/* The chosen bit's place in this byte; 0: it lies elsewhere. */
static uint8_t chosen_bit(piece_t *piece, uint32_t i)
{
    uint8_t wanted = (uint8_t)~piece->op->cells[piece->from + i];
    uint32_t bits = (uint32_t)__builtin_popcount(wanted);
    uint32_t first = piece->passed;
    piece->passed += bits;
    if (piece->chosen < first || piece->chosen >= first + bits) {
        return 0;
    }
    for (uint32_t skip = piece->chosen - first; skip > 0; skip--) {
        wanted &= (uint8_t)(wanted - 1u);
    }
    return (uint8_t)(wanted & (uint8_t)-wanted);
}

static void one_bit(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        do_bits(piece, i, chosen_bit(piece, i));
    }
}

static void all_but_one(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        do_bits(piece, i, (uint8_t)~chosen_bit(piece, i));
    }
}

static void some(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        do_bits(piece, i, random_bits(piece, i, piece->index));
    }
}

static void m_some(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        uint8_t sure = random_bits(piece, i, piece->index);
        doubt_byte(piece, i);
        do_bits(piece, i, sure);
    }
}

static void m_all(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        doubt_byte(piece, i);
    }
}

/* From the last byte to the first, cut in the middle: of the byte there only the low half is done.
 */
static void reversed(piece_t *piece)
{
    const medium_op_t *op = piece->op;
    uint32_t middle = op->len / 2u;
    for (uint32_t i = 0; i < piece->len; i++) {
        uint32_t at = piece->from + i;
        uint8_t undone = at > middle ? 0 : at == middle ? 0xF0 : 0xFF;
        uint8_t data = op->cells[at] | undone;
        piece->cells[i] &= data;
        piece->marginal[i] &= data;
    }
}

/* --- what happens: erases ------------------------------------------------------------------ */

static void clear(piece_t *piece, uint32_t from, uint32_t len)
{
    memset(piece->cells + from, 0xFF, len);
    memset(piece->marginal + from, 0, len);
}

static void erased(piece_t *piece)
{
    clear(piece, 0, piece->len);
}

static void pages(piece_t *piece)
{
    if (piece->edge > piece->from) {
        uint32_t n = piece->edge - piece->from;
        clear(piece, 0, n < piece->len ? n : piece->len);
    }
}

static void risen(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        uint8_t up = random_bits(piece, i, piece->index);
        piece->cells[i] |= up;
        piece->marginal[i] &= (uint8_t)~up;
    }
}

static void m_risen(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        uint8_t up = random_bits(piece, i, piece->index);
        piece->marginal[i] = (uint8_t)((piece->marginal[i] | (uint8_t)~piece->cells[i]) & ~up);
        piece->cells[i] |= up;
    }
}

static void weak(piece_t *piece)
{
    for (uint32_t i = 0; i < piece->len; i++) {
        piece->marginal[i] |= (uint8_t)~piece->cells[i];
    }
}

static void zero(piece_t *piece)
{
    memset(piece->cells, 0, piece->len);
    memset(piece->marginal, 0, piece->len);
}

static void m_zero(piece_t *piece)
{
    memset(piece->marginal, 0xFF, piece->len);
}

static void ee(piece_t *piece)
{
    memset(piece->cells, 0xEE, piece->len);
    memset(piece->marginal, 0, piece->len);
}

/* Sector number `n` of `all`, in the subset `index`. */
static bool subset(const piece_t *piece, uint32_t n, uint32_t all)
{
    const bool named[] = {n == 0,        n == all - 1u, n < all / 2u,
                          n >= all / 2u, n % 2u == 0,   n % 2u == 1};
    return piece->index < sizeof(named) / sizeof(named[0]) ? named[piece->index]
                                                           : (medium_mix(piece->seed, n) & 1u) != 0;
}

static void some_sectors(piece_t *piece)
{
    if (subset(piece, piece->from / MEDIUM_SECTOR, piece->op->len / MEDIUM_SECTOR)) {
        erased(piece);
    }
}

/* --- the table ----------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    bool erase;
    bool torn;  /* leaves part of a program unit done: not on media that promise better */
    bool loose; /* not in address order either */
    bool drawn; /* a list of seeded outcomes: one is as good as another */
    count_t count;
    outcome_t outcome;
} row_t;

static const row_t rows[DAMAGE_KINDS] = {
    [DAMAGE_BEFORE] = {"before", false, false, false, false, count_one, nothing},
    [DAMAGE_AFTER] = {"after", false, false, false, false, count_one, everything},
    [DAMAGE_PREFIX] = {"prefix", false, false, false, false, count_bytes, prefix},
    [DAMAGE_SUFFIX] = {"suffix", false, false, true, false, count_bytes, suffix},
    [DAMAGE_BIT] = {"bit", false, true, true, false, count_bits, one_bit},
    [DAMAGE_ALL_BUT] = {"allbut", false, true, true, false, count_bits, all_but_one},
    [DAMAGE_RANDOM] = {"random", false, true, true, true, count_random, some},
    [DAMAGE_REVERSED] = {"reversed", false, true, true, false, count_pair, reversed},
    [DAMAGE_M_PREFIX] = {"m-prefix", false, true, true, false, count_edges, m_prefix},
    [DAMAGE_M_SUFFIX] = {"m-suffix", false, true, true, false, count_edges, m_suffix},
    [DAMAGE_M_RANDOM] = {"m-random", false, true, true, true, count_few, m_some},
    [DAMAGE_M_ALL] = {"m-all", false, true, true, false, count_one, m_all},
    [DAMAGE_PAGES] = {"pages", true, false, false, false, count_pages, pages},
    [DAMAGE_E_RANDOM] = {"e-random", true, false, false, true, count_random, risen},
    [DAMAGE_E_M_RANDOM] = {"e-m-random", true, false, false, true, count_few, m_risen},
    [DAMAGE_WEAK] = {"weak", true, false, false, false, count_one, weak},
    [DAMAGE_ZERO] = {"zero", true, false, false, false, count_one, zero},
    [DAMAGE_M_ZERO] = {"m-zero", true, false, false, false, count_one, m_zero},
    [DAMAGE_EE] = {"ee", true, false, false, false, count_one, ee},
    [DAMAGE_SECTORS] = {"sectors", true, false, false, false, count_sectors, some_sectors},
};

static bool applies(const medium_t *medium, const medium_op_t *op, damage_kind_t kind)
{
    const row_t *row = &rows[kind];
    uint32_t promised = medium->spec.guarantees;
    if (op->kind == MEDIUM_READ || op->len == 0) {
        return false;
    }
    if (kind == DAMAGE_BEFORE || kind == DAMAGE_AFTER) {
        return true;
    }
    if (row->erase != (op->kind == MEDIUM_ERASE)) {
        return false;
    }
    return !(row->torn && promised != 0) &&
           !(row->loose && (promised & OTA_FLASH_PREFIX_PROGRAM) != 0);
}

/* All outcomes of the kind, thinned or not. */
static uint32_t count_all(const medium_t *medium, const medium_op_t *op, damage_kind_t kind)
{
    return applies(medium, op, kind) ? rows[kind].count(medium, op) : 0;
}

/* How many of `all` outcomes are shown. */
static uint32_t thin(damage_kind_t kind, damage_grain_t grain, uint32_t all)
{
    uint32_t most = grain == DAMAGE_FINE ? all : grain == DAMAGE_COARSE ? COARSE : SPARSE;
    if (grain == DAMAGE_SPARSE && rows[kind].drawn) {
        most = 1;
    }
    return all < most ? all : most;
}

uint32_t damage_count(const medium_t *medium, const medium_op_t *op, damage_kind_t kind,
                      damage_grain_t grain)
{
    return thin(kind, grain, count_all(medium, op, kind));
}

/* Entry `index` of `shown` spread over `all`: first and last are kept. */
static uint32_t spread(uint32_t index, uint32_t shown, uint32_t all)
{
    if (shown >= all) {
        return index;
    }
    return shown < 2u ? (all - 1u) / 2u : (uint32_t)((uint64_t)index * (all - 1u) / (shown - 1u));
}

damage_t damage_nth(const medium_t *medium, const medium_op_t *op, damage_kind_t kind,
                    damage_grain_t grain, uint32_t n)
{
    uint32_t all = count_all(medium, op, kind);
    return (damage_t){kind, spread(n, thin(kind, grain, all), all)};
}

/* Bytes of the operation that lie before the edge of prefix, suffix and page kinds. */
static uint32_t edge_of(const medium_t *medium, const medium_op_t *op, damage_t damage)
{
    uint32_t unit = medium->spec.guarantees != 0 ? medium->spec.program_unit : 1u;
    if (damage.kind == DAMAGE_M_PREFIX || damage.kind == DAMAGE_M_SUFFIX) {
        unit = op->len <= BIT_BYTES ? 1u : 16u;
    } else if (damage.kind == DAMAGE_PAGES) {
        unit = op->len / (MEDIUM_SECTOR / PAGE);
    }
    return (damage.index + 1u) * unit;
}

/* The outcome of one piece goes into the medium. */
static void store_piece(medium_t *medium, piece_t *piece, outcome_t outcome)
{
    uint32_t at = piece->op->addr + piece->from;
    uint32_t room = MEDIUM_SECTOR - at % MEDIUM_SECTOR;
    piece->len = piece->op->len - piece->from < room ? piece->op->len - piece->from : room;
    piece->old = medium->cells + at;
    memcpy(piece->cells, piece->old, piece->len);
    memcpy(piece->marginal, medium->marginal + at, piece->len);
    outcome(piece);
    medium_store(medium, at, piece->cells, piece->marginal, piece->len);
    medium->wear[at / MEDIUM_SECTOR] += piece->op->kind == MEDIUM_ERASE ? 1u : 0;
}

bool damage_apply(medium_t *medium, const medium_op_t *op, damage_t damage)
{
    const uint64_t before = medium->key;
    const size_t mark = medium_mark(medium);
    piece_t piece = {.op = op,
                     .index = damage.index,
                     .count = count_all(medium, op, damage.kind),
                     .seed = medium_mix(op->addr, damage.index * 64u + (uint32_t)damage.kind),
                     .edge = edge_of(medium, op, damage)};
    if (damage.index >= piece.count) {
        return false;
    }
    if (damage.kind == DAMAGE_BEFORE) {
        return true;
    }
    if (damage.kind == DAMAGE_BIT || damage.kind == DAMAGE_ALL_BUT) {
        piece.chosen = spread(damage.index, piece.count, wanted_bits(op));
    }
    bool whole_erase = op->kind == MEDIUM_ERASE && damage.kind == DAMAGE_AFTER;
    for (; piece.from < op->len; piece.from += piece.len) {
        store_piece(medium, &piece, whole_erase ? erased : rows[damage.kind].outcome);
    }
    if (medium->key == before) {
        medium_undo(medium, mark);
        return false;
    }
    return true;
}

const char *damage_kind_name(damage_kind_t kind)
{
    return (unsigned)kind < DAMAGE_KINDS ? rows[kind].name : "?";
}
