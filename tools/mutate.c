/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into the mutated library (tools/mutate.py): takes the chosen mutant from the environment
 * before main, bounds the process, and writes what was reached when it ends.
 */
#define _DEFAULT_SOURCE
#include "mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#define MEMORY (2ul << 30)

int ota_mutant;
unsigned char ota_reached[OTA_MUTANTS + 1];

/* Processor time, not the clock's: a busy machine kills nothing. What waits for ever is caught by
 * the clock, much later. */
static void bound_time(long milliseconds)
{
    struct itimerval timer = {.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000}};
    (void)setitimer(ITIMER_PROF, &timer, NULL);
    (void)alarm(60 + (unsigned)(milliseconds / 50));
}

static void bound_memory(void)
{
#ifndef __SANITIZE_ADDRESS__ /* its shadow takes terabytes of addresses */
    struct rlimit limit = {MEMORY, MEMORY};
    (void)setrlimit(RLIMIT_AS, &limit);
#endif
}

__attribute__((constructor)) static void choose(void)
{
    const char *chosen = getenv("OTARY_MUTANT");
    const char *milliseconds = getenv("OTARY_MUTANT_MS");
    ota_mutant = chosen != NULL ? atoi(chosen) : 0;
    if (milliseconds != NULL) {
        bound_time(atol(milliseconds));
        bound_memory();
    }
}

__attribute__((destructor)) static void report(void)
{
    const char *name = getenv("OTARY_REACHED");
    FILE *file = name != NULL ? fopen(name, "wb") : NULL;
    if (file != NULL) {
        (void)fwrite(ota_reached, 1, sizeof(ota_reached), file);
        (void)fclose(file);
    }
}
