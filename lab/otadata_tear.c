/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/otadata_tear.h"

#include "lab/dice.h"

#include <string.h>

/* --- noting -------------------------------------------------------------------------------- */

static void note(void *user, nor_op_t kind, uint32_t at, const void *data, size_t len)
{
    tear_log_t *log = user;
    if (!log->noting) {
        return;
    }
    if (log->ops == TEAR_OPS || (kind == NOR_PROGRAM && len > TEAR_DATA)) {
        log->lost = true;
        return;
    }
    tear_op_t *op = &log->op[log->ops++];
    op->kind = kind;
    op->at = at;
    op->len = (uint32_t)len;
    if (kind == NOR_PROGRAM) {
        memcpy(op->data, data, len);
    }
}

void tear_log_arm(tear_log_t *log, stand_t *stand)
{
    memset(log, 0, sizeof(*log));
    stand->note = note;
    stand->user = log;
}

void tear_log_start(tear_log_t *log)
{
    log->ops = 0;
    log->noting = true;
}

void tear_log_stop(tear_log_t *log)
{
    log->noting = false;
}

/* --- tearing -------------------------------------------------------------------------------- */

void tear_complete(const tear_op_t *op, uint8_t *otadata)
{
    for (uint32_t i = 0; i < op->len; i++) {
        uint8_t *byte = &otadata[op->at + i];
        *byte = op->kind == NOR_ERASE ? 0xFF : (uint8_t)(*byte & op->data[i]);
    }
}

static uint32_t count_bits(const tear_span_t *span)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < span->len; i++) {
        for (unsigned v = span->before[i] ^ span->after[i]; v != 0; v &= v - 1) {
            bits++;
        }
    }
    return bits;
}

/* Length of what the erased range holds; an entry has its 32 bytes, blank or not. */
static uint32_t held(const uint8_t *bytes, uint32_t len)
{
    while (len > OTA_ENTRY_SIZE && bytes[len - 1] == 0xFF) {
        len--;
    }
    return len;
}

void tear_span(const tear_op_t *op, const uint8_t *otadata, uint32_t id, tear_span_t *span)
{
    span->at = op->at;
    span->id = id;
    span->len = op->kind == NOR_ERASE ? held(otadata + op->at, op->len) : op->len;
    memcpy(span->before, otadata + op->at, span->len);
    for (uint32_t i = 0; i < span->len; i++) {
        span->after[i] = op->kind == NOR_ERASE ? 0xFF : (uint8_t)(span->before[i] & op->data[i]);
    }
    span->bits = count_bits(span);
}

uint32_t tear_states(const tear_span_t *span, tears_model_t model, uint32_t random)
{
    switch (model) {
    case TEARS_PREFIX:
        return span->len + 1;
    case TEARS_ONE_BIT:
        return 2 * span->bits;
    case TEARS_RANDOM:
        break;
    }
    return random;
}

/* The n-th of the bits that differ has changed; with `others` all but that one have. */
static void one_bit(const tear_span_t *span, uint32_t n, bool others, uint8_t *bytes)
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < span->len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            uint8_t mask = (uint8_t)(1u << bit);
            if (((span->before[i] ^ span->after[i]) & mask) != 0) {
                bytes[i] ^= (seen == n) != others ? mask : 0;
                seen++;
            }
        }
    }
}

static void random_bits(const tear_span_t *span, uint32_t n, uint64_t seed, uint8_t *bytes)
{
    dice_t dice;
    dice_start(&dice, seed ^ ((uint64_t)span->id << 40) ^ n);
    uint64_t share = dice_roll(&dice);
    for (uint32_t i = 0; i < span->len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            uint8_t mask = (uint8_t)(1u << bit);
            if (((span->before[i] ^ span->after[i]) & mask) != 0 && dice_roll(&dice) < share) {
                bytes[i] ^= mask;
            }
        }
    }
}

void tear_apply(const tear_span_t *span, tears_model_t model, uint32_t n, uint64_t seed,
                uint8_t *otadata)
{
    uint8_t *bytes = otadata + span->at;
    switch (model) {
    case TEARS_PREFIX:
        memcpy(bytes, span->after, n);
        break;
    case TEARS_ONE_BIT:
        one_bit(span, n % (span->bits != 0 ? span->bits : 1), n >= span->bits, bytes);
        break;
    case TEARS_RANDOM:
        random_bits(span, n, seed, bytes);
        break;
    }
}
