/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Share: one sweep on all cores. Each worker is a process of its own and does a share of the work;
 * its result and how far it came lie in memory that the parent sees.
 */
#ifndef LAB_SHARE_H
#define LAB_SHARE_H

#include "ota/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHARE_JOBS_MAX 32u

/* A worker. */
typedef struct {
    unsigned share;  /* its number, 0 .. of - 1 */
    unsigned of;     /* workers */
    uint64_t *done;  /* it counts its cases here as they are judged */
    uint32_t *queue; /* share_take's */
} share_worker_t;

typedef struct {
    unsigned jobs;      /* workers; 0: one for each core */
    size_t result_size; /* bytes of a result: plain data, no pointers */
    /* One worker's part: a fixed share, or what it takes. */
    ota_status_t (*work)(void *ctx, const share_worker_t *worker, void *result);
    /* Adds a worker's result to the sum, which starts as zeroes. */
    void (*add)(void *sum, const void *result);
    void *ctx;
    /* Called a few times a second with what all workers have judged; NULL: nobody wants to know. */
    void (*progress)(void *user, uint64_t done);
    void *user;
} share_t;

/* The next number, 0, 1, .. that no worker has taken yet. */
uint32_t share_take(const share_worker_t *worker);

/* OTA_OK: sum holds everything. The first status that a worker returned; OTA_ERR_NO_ROOM: no
 * memory; OTA_ERR_PORT: a worker could not be started, or died. */
OTA_MUST_CHECK ota_status_t share_run(const share_t *share, void *sum);

/* Cores that this process may use. */
unsigned share_cores(void);

#endif
