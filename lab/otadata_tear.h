/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One torn operation on otadata: noting operations as they happen, and leaving one of them half
 * done. For otadata_tears.c and nobody else.
 *
 *   before   11111111 00000010 11111111     bytes from the operation's address on
 *   after    01010101 00000010 00001111     `bits` of them differ (here 8)
 *   torn     01011111 00000010 11111111     some of these bits have changed
 */
#ifndef LAB_OTADATA_TEAR_H
#define LAB_OTADATA_TEAR_H

#include "lab/otadata_tears.h"

#define TEAR_OPS  64u
#define TEAR_DATA 256u /* longest program that is noted whole */

typedef struct {
    nor_op_t kind;
    uint32_t at; /* from the start of otadata */
    uint32_t len;
    uint8_t data[TEAR_DATA];
} tear_op_t;

typedef struct {
    bool noting;
    bool lost; /* too many operations, or too long: the sweep would not be whole */
    unsigned ops;
    tear_op_t op[TEAR_OPS];
} tear_log_t;

void tear_log_arm(tear_log_t *log, stand_t *stand);
void tear_log_start(tear_log_t *log); /* forgets what was noted */
void tear_log_stop(tear_log_t *log);

/* What the operation changes: the bytes from `at` on. Of an erase only as much as holds
 * something, but never less than an entry. */
typedef struct {
    uint32_t at;
    uint32_t len;
    uint32_t bits; /* that differ */
    uint32_t id;   /* which operation: part of the random tears' seed */
    uint8_t before[OTA_OTADATA_SECTOR];
    uint8_t after[OTA_OTADATA_SECTOR];
} tear_span_t;

void tear_span(const tear_op_t *op, const uint8_t *otadata, uint32_t id, tear_span_t *span);

/* The operation carried out. */
void tear_complete(const tear_op_t *op, uint8_t *otadata);

/* How many states the model has of this operation. */
uint32_t tear_states(const tear_span_t *span, tears_model_t model, uint32_t random);

/* Leaves the n-th of them in otadata, which must be as before the operation. */
void tear_apply(const tear_span_t *span, tears_model_t model, uint32_t n, uint64_t seed,
                uint8_t *otadata);

#endif
