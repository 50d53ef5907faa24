/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server: a published directory over HTTP and HTTPS, and what devices report about it.
 *
 *   GET, HEAD /PRODUCT/CHANNEL/manifest.json, /images/SHA256.bin, ..   files of the directory
 *   POST      /report                                                  docs/report.md
 *   GET       /status        a page, or JSON for who does not ask for text/html; needs the token
 *   GET       /status.json   JSON; needs the token
 *
 * Anyone may fetch and report: a device has no password. Whatever lists devices needs the admin
 * token, which is taken over HTTPS, or over HTTP from this machine only.
 *
 * A pool of threads with epoll; files leave by sendfile. Nothing in the directory is written.
 * Bounded: connections, headers (32 KiB), bodies (REPORT_MAX), time (server/watch.h), rows.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "host/release.h"
#include "server/token.h"

typedef struct {
    const char *root;        /* the published directory; a symbolic link is followed here only */
    const char *database;    /* SQLite's file, outside of it */
    const char *address;     /* of HTTP: a number or a name; NULL: none */
    uint16_t port;           /* 0: any */
    const char *tls_address; /* of HTTPS; NULL: none */
    uint16_t tls_port;
    const char *cert; /* PEM files for HTTPS */
    const char *key;
    const char *token;    /* the admin's */
    uint32_t connections; /* 0: 4096, or what open files allow */
    uint32_t threads;     /* 0: one a processor */
    uint32_t patience;    /* seconds in which a request must be whole; 0: 20 */
    uint32_t devices;     /* bounds of the database; 0: STORE_DEVICES, STORE_LOG */
    uint32_t log;
} server_wish_t;

typedef struct server server_t;

/* NULL: trouble. The process must ignore SIGPIPE. The texts of `wish` must outlive the server. */
server_t *server_start(const server_wish_t *wish, release_trouble_t *trouble);
/* Ends all connections and closes the database. */
void server_stop(server_t *server);

/* The ports that it listens on; 0: not at all. */
uint16_t server_port(const server_t *server);
uint16_t server_tls_port(const server_t *server);

#endif
