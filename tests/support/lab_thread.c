/* SPDX-License-Identifier: Apache-2.0 */
#include "support/lab_thread.h"

#include <pthread.h>

#include "support/unit.h"

#define STACK ((size_t)256 << 20)

void lab_open(lab_bench_t *lab, const char *name)
{
    assert_true(lab_scenario_parse(name, &lab->scenario));
    assert_int_equal(lab_plan_open(&lab->plan, &lab->scenario), OTA_OK);
    assert_int_equal(lab_world_open(&lab->world, &lab->plan), OTA_OK);
}

void lab_close(lab_bench_t *lab)
{
    lab_world_close(lab->world);
    lab_plan_close(&lab->plan);
}

typedef struct {
    lab_world_t *world;
    const explore_limits_t *limits;
    explore_result_t *result;
} job_t;

static void *work(void *argument)
{
    job_t *job = argument;
    explore(job->world, job->limits, job->result);
    return NULL;
}

void lab_explore(lab_world_t *world, const explore_limits_t *limits, explore_result_t *result)
{
    pthread_t thread;
    pthread_attr_t attributes;
    job_t job = {world, limits, result};
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, STACK), 0);
    assert_int_equal(pthread_create(&thread, &attributes, work, &job), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pthread_attr_destroy(&attributes), 0);
}
