/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work: items for worker processes. Private to lab/.
 *
 *   parent                     shared memory                        workers (fork)
 *   items, one a scenario  ->  next: atomic counter      <-  take the next, explore it on a
 *   or a range of its ops      results, one an item      ->  thread with a large stack, write it
 *   waits, sums up             state of each item
 *
 * A worker that dies leaves its item marked as begun: that item has failed, a new worker goes on.
 */
#ifndef LAB_WORK_H
#define LAB_WORK_H

#include <stdatomic.h>

#include "lab/lab.h"

typedef enum { WORK_WAITING, WORK_BEGUN, WORK_DONE } work_state_t;

typedef struct {
    uint32_t row; /* of the report */
    uint32_t first_op;
    uint32_t last_op;     /* 0: all */
    damage_set_t damages; /* 0: the run's */
} work_item_t;

typedef struct {
    _Atomic int state;  /* work_state_t */
    _Atomic int worker; /* process that began it */
    ota_status_t status;
    double seconds;
    explore_result_t result;
} work_result_t;

typedef struct {
    _Atomic size_t next;
} work_shared_t;

typedef struct {
    const lab_options_t *options;
    const lab_report_t *report;
    work_item_t *items;
    size_t count;
    work_shared_t *shared;
    work_result_t *results;
    double deadline; /* CLOCK_MONOTONIC; 0: none */
} work_t;

/* Lists the items of the report's rows. OTA_ERR_NO_ROOM. */
OTA_MUST_CHECK ota_status_t work_start(work_t *work, const lab_options_t *options,
                                       const lab_report_t *report);
void work_stop(work_t *work);

/* Takes items until there are none: what a worker does. On a thread with a stack for nested lives.
 */
void work_all(work_t *work);

double work_now(void);

#endif
