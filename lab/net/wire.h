/* SPDX-License-Identifier: Apache-2.0 */
/* Wire: the HTTP port over libcurl and real sockets, with the counters of lab/net/link.h. */
#ifndef LAB_NET_WIRE_H
#define LAB_NET_WIRE_H

#include "lab/net/link.h"
#include "ports/http/curl.h"

/* Where the real server is. */
typedef struct {
    const char *url;
    const char *report;
    const char *authorities; /* PEM; NULL: http */
    uint32_t stall_ms;       /* of the agent */
} wire_server_t;

typedef struct {
    http_curl_t curl;
    net_link_t *link; /* counts here */
    bool image;       /* the request under way */
    bool post;
    bool ended;
} wire_t;

/* The port's ctx is the wire, which must not move. OTA_ERR_PORT: no libcurl. */
OTA_MUST_CHECK ota_status_t wire_open(wire_t *wire, const wire_server_t *server, net_link_t *link);
void wire_close(wire_t *wire);
ota_http_t wire_port(wire_t *wire);

#endif
