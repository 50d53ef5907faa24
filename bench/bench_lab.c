/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many cuts one core judges in a second: with images of 16 KiB, and on metadata alone. And that
 * the memory of a run does not grow: resident size at its start and at its end.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lab/lab.h"

#define STACK         ((size_t)256 << 20)
#define ROUND_SECONDS 3.0 /* rounds are repeated until so much has passed */
#define IMAGE_GOAL    30000.0
#define META_GOAL     300000.0
#define GROWTH_KIB    1024L

typedef struct {
    const char *what;
    const char *scenario;
    uint8_t cuts;
    double goal; /* cuts a second */
    double reached;
    uint64_t judged;
    double seconds;
    long first_kib; /* resident after the first round */
    long last_kib;
    bool failed;
} row_t;

/* Processor time of this thread: what a core does, whoever else is on the machine. */
static double busy(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static long resident_kib(void)
{
    long pages = 0;
    char text[128];
    FILE *file = fopen("/proc/self/statm", "r"); /* all, resident, .. in pages */
    if (file != NULL) {
        if (fgets(text, sizeof(text), file) != NULL && strchr(text, ' ') != NULL) {
            pages = strtol(strchr(text, ' '), NULL, 10);
        }
        (void)fclose(file);
    }
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void rounds(row_t *row, lab_world_t *world, explore_result_t *result)
{
    const explore_limits_t limits = {.cuts = row->cuts, .memory = (size_t)32 << 20};
    double started = busy();
    for (unsigned i = 0; row->seconds < ROUND_SECONDS; i++) {
        explore(world, &limits, result);
        row->judged += result->cuts;
        row->seconds = busy() - started;
        row->last_kib = resident_kib();
        row->first_kib = i == 0 ? row->last_kib : row->first_kib;
        row->failed = row->failed || !result->complete;
    }
    row->reached = (double)row->judged / row->seconds;
}

static void *measure(void *argument)
{
    row_t *row = argument;
    lab_scenario_t scenario;
    lab_plan_t plan;
    lab_world_t *world;
    explore_result_t *result = malloc(sizeof(*result));
    row->failed = true;
    if (result != NULL && lab_scenario_parse(row->scenario, &scenario) &&
        lab_plan_open(&plan, &scenario) == OTA_OK) {
        if (lab_world_open(&world, &plan) == OTA_OK) {
            row->failed = false;
            rounds(row, world, result);
            lab_world_close(world);
        }
        lab_plan_close(&plan);
    }
    free(result);
    return NULL;
}

static void run(row_t *row)
{
    pthread_t thread;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0 || pthread_attr_setstacksize(&attributes, STACK) != 0 ||
        pthread_create(&thread, &attributes, measure, row) != 0) {
        row->failed = true;
        return;
    }
    (void)pthread_join(thread, NULL);
    (void)pthread_attr_destroy(&attributes);
}

int main(void)
{
    row_t rows[] = {
        {.what = "16 KiB images, one cut", .scenario = "normal/o4", .cuts = 1, .goal = IMAGE_GOAL},
        {.what = "16 KiB images, stock", .scenario = "normal/s4", .cuts = 1, .goal = IMAGE_GOAL},
        {.what = "metadata, two cuts", .scenario = "select/o4", .cuts = 2, .goal = META_GOAL},
        {.what = "metadata, two cuts, stock", .scenario = "crash/s4", .cuts = 2, .goal = META_GOAL},
    };
    bool failed = false;
    (void)printf("%-28s %-12s %12s %12s %10s   %s\n", "", "scenario", "cuts", "cuts/s/core", "goal",
                 "resident KiB: start, end");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        row_t *row = &rows[i];
        run(row);
        bool missed =
            row->failed || row->reached < row->goal || row->last_kib - row->first_kib > GROWTH_KIB;
        (void)printf("%-28s %-12s %12llu %12.0f %10.0f   %ld, %ld%s\n", row->what, row->scenario,
                     (unsigned long long)row->judged, row->reached, row->goal, row->first_kib,
                     row->last_kib, missed ? "  MISSED" : "");
        failed = failed || missed;
    }
    return failed ? 1 : 0;
}
