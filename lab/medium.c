/* SPDX-License-Identifier: Apache-2.0 */
/* The medium: cells, what is known of them, and the log that takes changes back. */
#include "lab/medium.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LOG_BYTES ((size_t)1 << 29) /* reserved, not taken: pages come as forks nest */
#define WORD      8u

/*
 * A change in the log, read from its end:
 *
 *   | old cells, len | old marginal mask, len, if there was one | pad | footer |
 *                                                                          ^ log_top
 */
typedef struct {
    uint64_t hash;
    uint64_t key;
    uint32_t addr;
    uint32_t len;
    uint32_t wear;
    uint32_t marginal_bits;
    uint32_t marginal_total;
    uint32_t masked;
} footer_t;

/* --- content hash -------------------------------------------------------------------------- */

uint64_t medium_mix(uint64_t a, uint64_t b)
{
    uint64_t x = a ^ (b * 0x9E3779B97F4A7C15u);
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    x ^= x >> 29;
    x += b;
    x *= 0xFF51AFD7ED558CCDu;
    x ^= x >> 32;
    return x;
}

uint64_t medium_mix_bytes(uint64_t key, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    uint64_t word;
    for (; len >= WORD; at += WORD, len -= WORD) {
        memcpy(&word, at, WORD);
        key = medium_mix(key, word);
    }
    word = 0;
    memcpy(&word, at, len);
    return medium_mix(key, word + len);
}

static inline uint64_t hash_word(uint64_t at, uint64_t cells, uint64_t marginal)
{
    uint64_t x = ~cells;
    if ((x | marginal) == 0) {
        return 0; /* blank and solid */
    }
    x ^= at * 0x9E3779B97F4A7C15u;
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    x ^= x >> 29;
    x += marginal * 0xC2B2AE3D27D4EB4Fu + at;
    x *= 0xFF51AFD7ED558CCDu;
    x ^= x >> 32;
    return x;
}

/* Of the words that [addr, addr+len) touches. */
static uint64_t hash_range(const medium_t *medium, uint32_t addr, uint32_t len, bool masked)
{
    uint32_t end = addr + len;
    uint64_t sum = 0;
    for (uint32_t at = addr & ~(WORD - 1u); at < end; at += WORD) {
        uint64_t cells;
        uint64_t marginal = 0;
        memcpy(&cells, medium->cells + at, WORD);
        if (masked) {
            memcpy(&marginal, medium->marginal + at, WORD);
        }
        sum += hash_word(at, cells, marginal);
    }
    return sum;
}

static uint32_t word_bits(uint64_t x)
{
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (uint32_t)(x * 0x0101010101010101u >> 56);
}

static uint32_t count_bits(const uint8_t *bytes, uint32_t len)
{
    uint32_t bits = 0;
    uint64_t word;
    for (; len >= WORD; bytes += WORD, len -= WORD) {
        memcpy(&word, bytes, WORD);
        bits += word_bits(word);
    }
    word = 0;
    memcpy(&word, bytes, len);
    return bits + word_bits(word);
}

/* --- changes ------------------------------------------------------------------------------- */

static void *log_take(medium_t *medium, size_t len)
{
    size_t at = medium->log_top;
    len = (len + WORD - 1u) & ~(size_t)(WORD - 1u);
    if (len > medium->log_size - at) {
        (void)fprintf(stderr, "lab: the undo log is full: lives are nested too deep\n");
        abort();
    }
    medium->log_top = at + len;
    if (medium->log_top > medium->log_peak) {
        medium->log_peak = medium->log_top;
    }
    return medium->log + at;
}

/* [addr, addr+len) of one sector is about to change. Its part of the hash is taken out. */
static void change_begin(medium_t *medium, uint32_t addr, uint32_t len)
{
    uint32_t sector = addr / MEDIUM_SECTOR;
    bool masked = medium->marginal_bits[sector] != 0;
    uint8_t *old = log_take(medium, (size_t)len * (masked ? 2u : 1u));
    footer_t *footer = log_take(medium, sizeof(*footer));
    *footer = (footer_t){.hash = medium->hash[sector],
                         .key = medium->key,
                         .addr = addr,
                         .len = len,
                         .wear = medium->wear[sector],
                         .marginal_bits = medium->marginal_bits[sector],
                         .marginal_total = medium->marginal_total,
                         .masked = masked};
    memcpy(old, medium->cells + addr, len);
    if (masked) {
        uint32_t bits = count_bits(medium->marginal + addr, len);
        memcpy(old + len, medium->marginal + addr, len);
        medium->marginal_bits[sector] -= bits;
        medium->marginal_total -= bits;
    }
    uint64_t part = hash_range(medium, addr, len, masked);
    medium->hash[sector] -= part;
    medium->key -= part;
}

static void keep_stuck(medium_t *medium, uint32_t addr, uint32_t len)
{
    const footer_t *footer =
        (const footer_t *)(const void *)(medium->log + medium->log_top - sizeof(footer_t));
    size_t data = (size_t)len * (footer->masked ? 2u : 1u);
    data = (data + WORD - 1u) & ~(size_t)(WORD - 1u);
    const uint8_t *old = (const uint8_t *)footer - data;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t stuck = medium->stuck[addr + i];
        medium->cells[addr + i] = (uint8_t)((medium->cells[addr + i] & ~stuck) | (old[i] & stuck));
        medium->marginal[addr + i] &= (uint8_t)~stuck;
    }
}

/* The cells are new. `masked`: marginal masks of the range may have changed. */
static void change_end(medium_t *medium, uint32_t addr, uint32_t len, bool masked)
{
    uint32_t sector = addr / MEDIUM_SECTOR;
    if (medium->stuck != NULL) {
        keep_stuck(medium, addr, len);
    }
    if (masked) {
        uint32_t bits = count_bits(medium->marginal + addr, len);
        medium->marginal_bits[sector] += bits;
        medium->marginal_total += bits;
    }
    uint64_t part = hash_range(medium, addr, len, masked || medium->marginal_bits[sector] != 0);
    medium->hash[sector] += part;
    medium->key += part;
}

void medium_undo(medium_t *medium, size_t mark)
{
    while (medium->log_top > mark) {
        size_t at = medium->log_top - sizeof(footer_t);
        const footer_t *footer = (const footer_t *)(const void *)(medium->log + at);
        size_t data = (size_t)footer->len * (footer->masked ? 2u : 1u);
        at -= (data + WORD - 1u) & ~(size_t)(WORD - 1u);
        uint32_t sector = footer->addr / MEDIUM_SECTOR;
        memcpy(medium->cells + footer->addr, medium->log + at, footer->len);
        if (footer->masked) {
            memcpy(medium->marginal + footer->addr, medium->log + at + footer->len, footer->len);
        } else if (medium->marginal_bits[sector] != 0) {
            memset(medium->marginal + footer->addr, 0, footer->len);
        }
        medium->hash[sector] = footer->hash;
        medium->key = footer->key;
        medium->wear[sector] = footer->wear;
        medium->marginal_bits[sector] = footer->marginal_bits;
        medium->marginal_total = footer->marginal_total;
        medium->log_top = at;
    }
}

void medium_settle(medium_t *medium)
{
    medium->log_top = 0;
}

static uint32_t in_sector(uint32_t addr, uint32_t len)
{
    uint32_t room = MEDIUM_SECTOR - addr % MEDIUM_SECTOR;
    return len < room ? len : room;
}

void medium_store(medium_t *medium, uint32_t addr, const uint8_t *cells, const uint8_t *marginal,
                  uint32_t len)
{
    for (uint32_t n, done = 0; done < len; done += n) {
        uint32_t at = addr + done;
        n = in_sector(at, len - done);
        bool masked = medium->marginal_bits[at / MEDIUM_SECTOR] != 0 || marginal != NULL;
        change_begin(medium, at, n);
        memcpy(medium->cells + at, cells + done, n);
        if (marginal != NULL) {
            memcpy(medium->marginal + at, marginal + done, n);
            for (uint32_t i = 0; i < n; i++) {
                medium->cells[at + i] |= marginal[done + i];
            }
        } else if (masked) {
            memset(medium->marginal + at, 0, n);
        }
        change_end(medium, at, n, masked);
    }
}

void medium_fill(medium_t *medium, uint32_t addr, uint8_t cells, uint32_t len)
{
    for (uint32_t n, done = 0; done < len; done += n) {
        uint32_t at = addr + done;
        n = in_sector(at, len - done);
        bool masked = medium->marginal_bits[at / MEDIUM_SECTOR] != 0;
        change_begin(medium, at, n);
        memset(medium->cells + at, cells, n);
        if (masked) {
            memset(medium->marginal + at, 0, n);
        }
        change_end(medium, at, n, masked);
    }
}

static uint64_t load_word(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, WORD);
    return word;
}

static void clear_bits(uint8_t *restrict cells, const uint8_t *restrict data, uint32_t len)
{
    uint32_t i = 0;
    for (; i + WORD <= len; i += WORD) {
        const uint64_t both = load_word(cells + i) & load_word(data + i);
        memcpy(cells + i, &both, WORD);
    }
    for (; i < len; i++) {
        cells[i] &= data[i];
    }
}

static void program(medium_t *medium, uint32_t addr, const uint8_t *data, uint32_t len)
{
    for (uint32_t n, done = 0; done < len; done += n) {
        uint32_t at = addr + done;
        n = in_sector(at, len - done);
        bool masked = medium->marginal_bits[at / MEDIUM_SECTOR] != 0;
        change_begin(medium, at, n);
        clear_bits(medium->cells + at, data + done, n);
        if (masked) {
            clear_bits(medium->marginal + at, data + done, n); /* what falls now falls for good */
        }
        change_end(medium, at, n, masked);
    }
}

void medium_carry_out(medium_t *medium, const medium_op_t *op)
{
    if (op->kind == MEDIUM_PROGRAM) {
        program(medium, op->addr, op->cells, op->len);
    } else if (op->kind == MEDIUM_ERASE) {
        medium_fill(medium, op->addr, 0xFF, op->len);
        for (uint32_t at = op->addr; at < op->addr + op->len; at += MEDIUM_SECTOR) {
            medium->wear[at / MEDIUM_SECTOR]++; /* the log's entry of the fill takes it back */
        }
    }
}

void medium_flip(medium_t *medium, uint64_t bit)
{
    uint32_t addr = (uint32_t)(bit / 8u);
    uint8_t cell = (uint8_t)(medium->cells[addr] ^ (1u << (bit % 8u)));
    medium_store(medium, addr, &cell, NULL, 1);
}

ota_status_t medium_stick(medium_t *medium, uint64_t bit)
{
    if (medium->stuck == NULL) {
        medium->stuck = calloc(1, medium->spec.size);
    }
    if (medium->stuck == NULL || bit / 8u >= medium->spec.size) {
        return medium->stuck == NULL ? OTA_ERR_PORT : OTA_ERR_RANGE;
    }
    medium->stuck[bit / 8u] |= (uint8_t)(1u << (bit % 8u));
    return OTA_OK;
}

void medium_unstick(medium_t *medium)
{
    free(medium->stuck);
    medium->stuck = NULL;
}

/* --- content ------------------------------------------------------------------------------- */

uint64_t medium_region_key(const medium_t *medium, uint32_t addr, uint32_t len)
{
    uint64_t sum = 0;
    for (uint32_t i = addr / MEDIUM_SECTOR; i < (addr + len) / MEDIUM_SECTOR; i++) {
        sum += medium->hash[i];
    }
    return sum;
}

uint32_t medium_region_marginal(const medium_t *medium, uint32_t addr, uint32_t len)
{
    uint32_t sum = 0;
    for (uint32_t i = addr / MEDIUM_SECTOR; i < (addr + len) / MEDIUM_SECTOR; i++) {
        sum += medium->marginal_bits[i];
    }
    return sum;
}

/* --- life ---------------------------------------------------------------------------------- */

static void *reserve(size_t len)
{
    void *at =
        mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at != MAP_FAILED ? at : NULL;
}

static bool range_coherent(const medium_spec_t *spec)
{
    uint32_t from = spec->encrypted_from;
    uint32_t to = spec->encrypted_to;
    return !spec->encrypted || ((from | to) % MEDIUM_BLOCK == 0 && from <= to && to <= spec->size);
}

static bool coherent(const medium_spec_t *spec)
{
    uint32_t unit = spec->program_unit;
    return spec->size != 0 && spec->size % MEDIUM_SECTOR == 0 && unit != 0 && unit <= 32 &&
           (unit & (unit - 1u)) == 0 && (spec->erase_units & OTA_ERASE_4K) != 0 &&
           range_coherent(spec);
}

ota_status_t medium_open(medium_t *medium, const medium_spec_t *spec)
{
    memset(medium, 0, sizeof(*medium));
    if (!coherent(spec)) {
        return OTA_ERR_ARG;
    }
    medium->spec = *spec;
    medium->sectors = spec->size / MEDIUM_SECTOR;
    medium->cells = malloc(spec->size);
    medium->marginal = reserve(spec->size);
    medium->hash = calloc(medium->sectors, sizeof(*medium->hash));
    medium->marginal_bits = calloc(medium->sectors, sizeof(*medium->marginal_bits));
    medium->wear = calloc(medium->sectors, sizeof(*medium->wear));
    medium->log_size = LOG_BYTES;
    medium->log = reserve(medium->log_size);
    if (medium->cells == NULL || medium->marginal == NULL || medium->hash == NULL ||
        medium->marginal_bits == NULL || medium->wear == NULL || medium->log == NULL) {
        medium_close(medium);
        return OTA_ERR_PORT;
    }
    memset(medium->cells, 0xFF, spec->size);
    return OTA_OK;
}

void medium_close(medium_t *medium)
{
    if (medium->marginal != NULL) {
        (void)munmap(medium->marginal, medium->spec.size);
    }
    if (medium->log != NULL) {
        (void)munmap(medium->log, medium->log_size);
    }
    free(medium->cells);
    free(medium->stuck);
    free(medium->hash);
    free(medium->marginal_bits);
    free(medium->wear);
    memset(medium, 0, sizeof(*medium));
}
