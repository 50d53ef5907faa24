/* SPDX-License-Identifier: Apache-2.0 */
/* A TCP line on loopback that is as slow as told and breaks once. It sees what a network sees:
 * with HTTPS, ciphertext. */
#include "cli/demo.h"
#include "host/loopback.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PAIRS_MAX 8u
#define PIECE     4096u
#define LOOK_MS   50

typedef struct {
    int device; /* -1: free */
    int server;
} pair_t;

struct demo_wire {
    pthread_t thread;
    atomic_bool stopping;
    atomic_uint resets;
    int listener;
    uint16_t port;
    uint16_t to;
    uint64_t carried; /* bytes towards the device */
    uint64_t reset_after;
    uint32_t bytes_a_second;
    pair_t pair[PAIRS_MAX];
};

static void hang_up(pair_t *pair, bool reset)
{
    loopback_hang_up(pair->device, reset);
    if (pair->server >= 0) {
        (void)close(pair->server);
    }
    pair->device = -1;
}

static void take_in(demo_wire_t *wire)
{
    pair_t *pair = wire->pair;
    while (pair < wire->pair + PAIRS_MAX && pair->device >= 0) {
        pair++;
    }
    int device = accept(wire->listener, NULL, NULL);
    if (device < 0 || pair == wire->pair + PAIRS_MAX) {
        (void)(device >= 0 && close(device));
        return;
    }
    pair->server = loopback_connect(wire->to);
    pair->device = device;
    if (pair->server < 0) {
        hang_up(pair, true);
    }
}

static void wait_for(uint64_t ns)
{
    struct timespec pause = {.tv_sec = (time_t)(ns / 1000000000u),
                             .tv_nsec = (long)(ns % 1000000000u)};
    (void)nanosleep(&pause, NULL);
}

static bool hand_on(int from, int to, size_t *len)
{
    char piece[PIECE];
    ssize_t n = recv(from, piece, sizeof(piece), 0);
    *len = n > 0 ? (size_t)n : 0;
    size_t sent = 0;
    while (sent < *len) {
        ssize_t m = send(to, piece + sent, *len - sent, MSG_NOSIGNAL);
        if (m <= 0) {
            return false;
        }
        sent += (size_t)m;
    }
    return n > 0;
}

/* False: this connection is over. */
static void carry(demo_wire_t *wire, pair_t *pair, const struct pollfd ready[2])
{
    size_t len = 0;
    if (ready[0].revents != 0 && !hand_on(pair->device, pair->server, &len)) {
        hang_up(pair, false);
        return;
    }
    if (ready[1].revents == 0) {
        return;
    }
    bool open = hand_on(pair->server, pair->device, &len);
    wire->carried += len;
    bool breaks = wire->reset_after > 0 && wire->carried >= wire->reset_after;
    if (breaks) {
        wire->reset_after = 0;
        (void)atomic_fetch_add(&wire->resets, 1);
    }
    if (!open || breaks) {
        hang_up(pair, breaks);
    } else if (wire->bytes_a_second > 0) {
        wait_for((uint64_t)len * 1000000000u / wire->bytes_a_second);
    }
}

static void *run(void *context)
{
    demo_wire_t *wire = context;
    struct pollfd ready[1 + 2 * PAIRS_MAX];
    while (!atomic_load(&wire->stopping)) {
        ready[0] = (struct pollfd){.fd = wire->listener, .events = POLLIN};
        for (size_t i = 0; i < PAIRS_MAX; i++) {
            bool used = wire->pair[i].device >= 0; /* poll passes over -1 */
            ready[1 + 2 * i] =
                (struct pollfd){.fd = used ? wire->pair[i].device : -1, .events = POLLIN};
            ready[2 + 2 * i] =
                (struct pollfd){.fd = used ? wire->pair[i].server : -1, .events = POLLIN};
        }
        if (poll(ready, 1 + 2 * PAIRS_MAX, LOOK_MS) <= 0) {
            continue;
        }
        for (size_t i = 0; i < PAIRS_MAX; i++) {
            if (wire->pair[i].device >= 0) {
                carry(wire, &wire->pair[i], &ready[1 + 2 * i]);
            }
        }
        if (ready[0].revents != 0) {
            take_in(wire);
        }
    }
    return NULL;
}

demo_wire_t *demo_wire_start(uint16_t port, uint64_t reset_after, uint32_t bytes_a_second)
{
    demo_wire_t *wire = calloc(1, sizeof(*wire));
    if (wire == NULL) {
        return NULL;
    }
    wire->to = port;
    wire->reset_after = reset_after;
    wire->bytes_a_second = bytes_a_second;
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        wire->pair[i].device = -1;
    }
    wire->listener = loopback_listen(PAIRS_MAX, &wire->port);
    if (wire->listener < 0 || pthread_create(&wire->thread, NULL, run, wire) != 0) {
        (void)(wire->listener >= 0 && close(wire->listener));
        free(wire);
        return NULL;
    }
    return wire;
}

void demo_wire_stop(demo_wire_t *wire)
{
    if (wire == NULL) {
        return;
    }
    atomic_store(&wire->stopping, true);
    (void)pthread_join(wire->thread, NULL);
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        if (wire->pair[i].device >= 0) {
            hang_up(&wire->pair[i], false);
        }
    }
    (void)close(wire->listener);
    free(wire);
}

uint16_t demo_wire_port(const demo_wire_t *wire)
{
    return wire->port;
}

unsigned demo_wire_resets(const demo_wire_t *wire)
{
    return atomic_load(&wire->resets);
}
