/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the server share. Internal to server/. */
#ifndef SERVER_SERVE_H
#define SERVER_SERVE_H

#include "server/server.h"
#include "server/store.h"
#include "server/watch.h"

#include <microhttpd.h>

/* One way in: HTTP or HTTPS. */
typedef struct {
    struct server *server;
    struct MHD_Daemon *daemon;
    bool tls;
} entrance_t;

struct server {
    server_wish_t wish;
    entrance_t plain;
    entrance_t tls;
    int root;
    store_t *store;
    watch_t *watch;
    char *cert; /* texts of the PEM files */
    char *key;
};

typedef struct {
    const entrance_t *entrance;
    struct MHD_Connection *connection;
    const char *method;
    const char *url;
} serve_request_t;

const char *serve_header(const serve_request_t *request, const char *name);
/* A header of the answer. */
void serve_add(struct MHD_Response *response, const char *name, const char *value);

/* Sends an answer of `bytes` bytes (for its deadline), and drops it. NULL: no memory. */
enum MHD_Result serve_send(const serve_request_t *request, unsigned status,
                           struct MHD_Response *response, uint64_t bytes);
/* An answer that is one line of text. */
enum MHD_Result serve_say(const serve_request_t *request, unsigned status, const char *text);
/* The same with one more header. */
enum MHD_Result serve_say_with(const serve_request_t *request, unsigned status, const char *text,
                               const char *name, const char *value);
/* An answer that was made with malloc; takes it over. NULL: no memory. */
enum MHD_Result serve_text(const serve_request_t *request, char *text, size_t len,
                           const char *type);

enum MHD_Result serve_file(const serve_request_t *request);
enum MHD_Result serve_status(const serve_request_t *request);
/* The body of POST /report. */
enum MHD_Result serve_report(const serve_request_t *request, const void *bytes, size_t len);

/* Callbacks of libmicrohttpd; their first argument is the entrance. */
enum MHD_Result serve_handle(void *context, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *size, void **state);
void serve_completed(void *context, struct MHD_Connection *connection, void **state,
                     enum MHD_RequestTerminationCode how);

#endif
