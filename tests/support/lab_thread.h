/* SPDX-License-Identifier: Apache-2.0 */
/* Exploring nests lives: tests of it run on a thread with a large stack. */
#ifndef TESTS_SUPPORT_LAB_THREAD_H
#define TESTS_SUPPORT_LAB_THREAD_H

#include "lab/explore.h"

/* The named scenario's plan and world, opened; asserts. Close with lab_close. */
typedef struct {
    lab_scenario_t scenario;
    lab_plan_t plan;
    lab_world_t *world;
} lab_bench_t;

void lab_open(lab_bench_t *lab, const char *name);
void lab_close(lab_bench_t *lab);

/* explore() on a thread with 256 MiB of stack. */
void lab_explore(lab_world_t *world, const explore_limits_t *limits, explore_result_t *result);

#endif
