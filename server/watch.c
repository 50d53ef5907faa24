/* SPDX-License-Identifier: Apache-2.0 */
#include "server/watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

/* The slowest device that is still served: 1 KiB/s, and a minute for whatever stalls. */
#define SLOWEST  1024u
#define GRACE    60u
#define PATIENCE 20u
#define SCARCE_DIV                                                                                 \
    5u /* patience is divided by this when three quarters of the places are taken                  \
        */

struct watched {
    watched_t *next;
    watched_t *previous;
    int fd;
    bool waiting; /* for a request */
    int64_t since;
    int64_t deadline; /* of an answer */
};

struct watch {
    pthread_mutex_t mutex;
    pthread_cond_t stop;
    pthread_t thread;
    watched_t *first;
    uint32_t count;
    uint32_t places;
    uint32_t patience;
    bool stopping;
};

static int64_t now_seconds(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static void end_late(watch_t *watch)
{
    int64_t now = now_seconds();
    bool scarce = watch->count >= watch->places - watch->places / 4;
    int64_t patience = scarce ? watch->patience / SCARCE_DIV : watch->patience;
    for (watched_t *at = watch->first; at != NULL; at = at->next) {
        if (at->waiting ? now - at->since > patience : now > at->deadline) {
            /* Its thread sees the end and closes it. */
            (void)shutdown(at->fd, SHUT_RDWR);
        }
    }
}

static void *run(void *context)
{
    watch_t *watch = context;
    (void)pthread_mutex_lock(&watch->mutex);
    while (!watch->stopping) {
        struct timespec next;
        (void)clock_gettime(CLOCK_MONOTONIC, &next);
        next.tv_sec++;
        (void)pthread_cond_timedwait(&watch->stop, &watch->mutex, &next);
        end_late(watch);
    }
    (void)pthread_mutex_unlock(&watch->mutex);
    return NULL;
}

watch_t *watch_start(uint32_t places, uint32_t patience)
{
    pthread_condattr_t monotonic;
    watch_t *watch = calloc(1, sizeof(*watch));
    if (watch == NULL) {
        return NULL;
    }
    watch->places = places;
    watch->patience = patience != 0 ? patience : PATIENCE;
    (void)pthread_mutex_init(&watch->mutex, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&watch->stop, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (pthread_create(&watch->thread, NULL, run, watch) != 0) {
        (void)pthread_cond_destroy(&watch->stop);
        (void)pthread_mutex_destroy(&watch->mutex);
        free(watch);
        return NULL;
    }
    return watch;
}

void watch_stop(watch_t *watch)
{
    if (watch == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&watch->mutex);
    watch->stopping = true;
    (void)pthread_cond_signal(&watch->stop);
    (void)pthread_mutex_unlock(&watch->mutex);
    (void)pthread_join(watch->thread, NULL);
    (void)pthread_cond_destroy(&watch->stop);
    (void)pthread_mutex_destroy(&watch->mutex);
    free(watch);
}

watched_t *watch_enter(watch_t *watch, int fd)
{
    watched_t *watched = calloc(1, sizeof(*watched));
    if (watched == NULL) {
        return NULL;
    }
    watched->fd = fd;
    watched->waiting = true;
    watched->since = now_seconds();
    (void)pthread_mutex_lock(&watch->mutex);
    watched->next = watch->first;
    if (watch->first != NULL) {
        watch->first->previous = watched;
    }
    watch->first = watched;
    watch->count++;
    (void)pthread_mutex_unlock(&watch->mutex);
    return watched;
}

void watch_leave(watch_t *watch, watched_t *watched)
{
    if (watched == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&watch->mutex);
    if (watched->next != NULL) {
        watched->next->previous = watched->previous;
    }
    if (watched->previous != NULL) {
        watched->previous->next = watched->next;
    } else {
        watch->first = watched->next;
    }
    watch->count--;
    (void)pthread_mutex_unlock(&watch->mutex);
    free(watched);
}

void watch_answer(watch_t *watch, watched_t *watched, uint64_t bytes)
{
    (void)pthread_mutex_lock(&watch->mutex);
    watched->waiting = false;
    watched->deadline = now_seconds() + GRACE + (int64_t)(bytes / SLOWEST);
    (void)pthread_mutex_unlock(&watch->mutex);
}

void watch_wait(watch_t *watch, watched_t *watched)
{
    (void)pthread_mutex_lock(&watch->mutex);
    watched->waiting = true;
    watched->since = now_seconds();
    (void)pthread_mutex_unlock(&watch->mutex);
}
