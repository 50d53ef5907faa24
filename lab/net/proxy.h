/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proxy: between devices and a server on loopback, over TCP. It hands bytes on, and breaks
 * connections at a byte that follows from the seed and the connection's number: reset, stalled, or
 * ended properly, in either direction, inside of TLS too. It kills the server every so many bytes.
 */
#ifndef LAB_NET_PROXY_H
#define LAB_NET_PROXY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define PROXY_PLAIN 0u
#define PROXY_TLS   1u
#define PROXY_DOORS 2u

typedef enum { PROXY_RESET, PROXY_STALL, PROXY_END, PROXY_CUTS } proxy_cut_t;

/* In memory that all processes see. */
typedef struct {
    atomic_uint upstream[PROXY_DOORS]; /* the server's ports; 0: it is down */
    atomic_int server;                 /* its process; 0: none, or killed already */
    atomic_uint starts;
    atomic_uint crashes; /* ends that nobody asked for */
    atomic_uint kills;
    atomic_uint connections;
    atomic_uint refused; /* while the server was down */
    atomic_uint cuts[PROXY_CUTS];
    atomic_uint tls; /* cuts of HTTPS connections */
    atomic_ullong bytes;
} proxy_shared_t;

typedef struct {
    uint32_t seed;
    uint32_t cut;       /* per cent of connections that break */
    uint32_t kills;     /* of the server, */
    uint32_t kill_each; /* one in about so many bytes */
    uint32_t stall_ms;  /* until a stalled connection is dropped */
    int life;           /* a pipe: its end ends the proxy */
    int listening[PROXY_DOORS];
    uint16_t port[PROXY_DOORS];
    proxy_shared_t *shared;
} proxy_t;

/* Listens on two ports of 127.0.0.1 that the kernel chooses. false: errno says why. */
bool proxy_open(proxy_t *proxy);
void proxy_close(proxy_t *proxy);

/* Serves until the pipe ends. The process must ignore SIGPIPE. */
void proxy_run(const proxy_t *proxy);

#endif
