/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains put off: the sectors that differ from the ground, run-length coded by words of 8 bytes.
 *
 *   sector u32 | masked u32 | runs of the cells | runs of the marginal mask, if masked
 *   run: count u64 | word u64, until 512 words are told
 */
#include <stdlib.h>
#include <string.h>

#include "lab/world.h"

#define WORDS   (MEDIUM_SECTOR / 8u)
#define LARGEST (16u + 2u * WORDS * 16u) /* one sector that does not repeat */

bool deferred_ground(lab_world_t *world)
{
    size_t len = world->medium.sectors * sizeof(*world->ground);
    world->ground = malloc(len);
    if (world->ground != NULL) {
        memcpy(world->ground, world->medium.hash, len);
    }
    return world->ground != NULL;
}

static size_t put(uint8_t *to, size_t at, uint64_t value)
{
    memcpy(to + at, &value, sizeof(value));
    return at + sizeof(value);
}

static size_t put_runs(uint8_t *to, size_t at, const uint8_t *bytes)
{
    for (uint32_t i = 0, n; i < WORDS; i += n) {
        uint64_t word;
        memcpy(&word, bytes + (size_t)i * 8u, 8);
        for (n = 1; i + n < WORDS && memcmp(bytes + (size_t)(i + n) * 8u, &word, 8) == 0; n++) {
        }
        at = put(to, at, n);
        at = put(to, at, word);
    }
    return at;
}

deferred_t *deferred_keep(const lab_world_t *world)
{
    const medium_t *medium = &world->medium;
    size_t changed = 0;
    for (uint32_t i = 0; i < medium->sectors; i++) {
        changed += medium->hash[i] != world->ground[i];
    }
    deferred_t *kept = malloc(sizeof(*kept) + changed * LARGEST);
    if (kept == NULL) {
        return NULL;
    }
    kept->ledger = world->ledger;
    kept->path = world->path;
    kept->efuse = world->efuse;
    size_t at = 0;
    for (uint32_t i = 0; i < medium->sectors; i++) {
        if (medium->hash[i] != world->ground[i]) {
            at = put(kept->bytes, at, (uint64_t)i << 1 | (medium->marginal_bits[i] != 0));
            at = put_runs(kept->bytes, at, medium->cells + (size_t)i * MEDIUM_SECTOR);
            if (medium->marginal_bits[i] != 0) {
                at = put_runs(kept->bytes, at, medium->marginal + (size_t)i * MEDIUM_SECTOR);
            }
        }
    }
    kept->len = at;
    deferred_t *smaller = realloc(kept, sizeof(*kept) + at);
    return smaller != NULL ? smaller : kept;
}

static size_t get(const uint8_t *from, size_t at, uint64_t *value)
{
    memcpy(value, from + at, sizeof(*value));
    return at + sizeof(*value);
}

static size_t get_runs(const uint8_t *from, size_t at, uint8_t *bytes)
{
    for (uint64_t n, word, i = 0; i < WORDS;) {
        at = get(from, at, &n);
        at = get(from, at, &word);
        for (; n > 0; n--, i++) {
            memcpy(bytes + i * 8u, &word, 8);
        }
    }
    return at;
}

void deferred_restore(lab_world_t *world, const deferred_t *kept)
{
    uint8_t cells[MEDIUM_SECTOR];
    uint8_t marginal[MEDIUM_SECTOR];
    world->ledger = kept->ledger;
    world->path = kept->path;
    world->efuse = kept->efuse;
    for (size_t at = 0; at < kept->len;) {
        uint64_t head;
        at = get(kept->bytes, at, &head);
        at = get_runs(kept->bytes, at, cells);
        bool masked = (head & 1u) != 0;
        if (masked) {
            at = get_runs(kept->bytes, at, marginal);
        }
        medium_store(&world->medium, (uint32_t)(head >> 1) * MEDIUM_SECTOR, cells,
                     masked ? marginal : NULL, MEDIUM_SECTOR);
    }
}
