/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlines of connections. libmicrohttpd drops who says nothing; who says one byte now and then
 * would hold a place for ever. Here every connection has a time by which its request must be
 * whole, and then one by which its answer must be taken; a thread ends those that are late. When
 * places get scarce, waiting for a request gets short, so that whoever has one is served.
 */
#ifndef SERVER_WATCH_H
#define SERVER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

typedef struct watch watch_t;
typedef struct watched watched_t;

/* places: how many connections there can be; patience: seconds for a request. NULL: no memory. */
watch_t *watch_start(uint32_t places, uint32_t patience);
void watch_stop(watch_t *watch);

/* A connection: begins, ends (before its socket is closed). NULL: no memory. */
watched_t *watch_enter(watch_t *watch, int fd);
void watch_leave(watch_t *watch, watched_t *watched);

/* The request is whole; the answer has so many bytes. Or: it was answered, the next may come. */
void watch_answer(watch_t *watch, watched_t *watched, uint64_t bytes);
void watch_wait(watch_t *watch, watched_t *watched);

#endif
