/* SPDX-License-Identifier: Apache-2.0 */
/* A server on loopback that says, byte for byte, what a test wants said. */
#ifndef TESTS_SUPPORT_TALKER_H
#define TESTS_SUPPORT_TALKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TALKER_REQUEST  8192u
#define TALKER_REQUESTS 4u

typedef enum {
    AND_CLOSE, /* an orderly end */
    AND_RESET,
    AND_HOLD, /* say nothing more, until the client goes */
    AND_NEXT, /* wait for the next request on the same connection */
    UNASKED   /* said at once, whatever the client says; then as AND_HOLD */
} talk_then_t;

/* What is said to the n-th request. */
typedef struct {
    const char *text; /* NULL: nothing, and no request is waited for */
    size_t len;       /* 0: strlen(text) */
    talk_then_t then;
} talk_t;

typedef struct {
    pthread_t thread;
    int listener;
    uint16_t port; /* 0: it does not run */
    const talk_t *talk;
    size_t talks;
    atomic_bool stopping;
    unsigned connections;
    char request[TALKER_REQUESTS][TALKER_REQUEST]; /* the first ones, as they came */
} talker_t;

/* In a thread, until all is said. `talk` must outlive it. False: no socket, no thread. */
bool talker_start(talker_t *talker, const talk_t *talk, size_t talks);
/* Then the counters and requests may be read. */
void talker_stop(talker_t *talker);

#endif
