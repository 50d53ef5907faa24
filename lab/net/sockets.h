/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets: a fleet over real connections, through the proxy, from a real server that is killed and
 * started again. All of it is in processes of their own that end with this one, however it ends.
 */
#ifndef LAB_NET_SOCKETS_H
#define LAB_NET_SOCKETS_H

#include "lab/net/net.h"
#include "lab/net/proxy.h"

typedef struct {
    uint32_t devices;
    uint32_t kills; /* of the server */
    uint32_t seed;
    unsigned jobs;
    const char *authorities; /* the server's certificate */
    /* In the server's process: starts it, and says its ports. false: it does not start. */
    bool (*serve)(void *ctx, uint16_t port[PROXY_DOORS]);
    void *ctx;
    void (*progress)(void *user, uint64_t done);
    void *user;
} sockets_wish_t;

typedef struct {
    net_sum_t net;
    uint32_t told; /* devices whose report was answered with 2xx */
    uint32_t starts;
    uint32_t kills;
    uint32_t crashes;
    uint32_t connections;
    uint32_t refused; /* while the server was down */
    uint32_t cuts[PROXY_CUTS];
    uint32_t tls; /* cuts of HTTPS connections */
    uint64_t bytes;
} sockets_sum_t;

/* Every second device over HTTPS. OTA_ERR_PORT: no sockets, no processes, or no server; statuses of
 * share_run. The process must have no threads. */
OTA_MUST_CHECK ota_status_t sockets_run(const net_stage_t *stage, const sockets_wish_t *wish,
                                        sockets_sum_t *sum);

#endif
