/* SPDX-License-Identifier: Apache-2.0 */
#include "server/serve.h"

#include <stdlib.h>
#include <string.h>

const char *serve_header(const serve_request_t *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

void serve_add(struct MHD_Response *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

static watched_t *watched_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

enum MHD_Result serve_send(const serve_request_t *request, unsigned status,
                           struct MHD_Response *response, uint64_t bytes)
{
    watched_t *watched = watched_of(request->connection);
    if (response == NULL || watched == NULL) {
        MHD_destroy_response(response);
        return MHD_NO;
    }
    watch_answer(request->entrance->server->watch, watched, bytes);
    serve_add(response, "X-Content-Type-Options", "nosniff");
    enum MHD_Result result = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static struct MHD_Response *line(const char *text)
{
    size_t len = strlen(text);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (response != NULL) {
        serve_add(response, "Content-Type", "text/plain; charset=utf-8");
        serve_add(response, "Cache-Control", "no-store");
    }
    return response;
}

enum MHD_Result serve_say(const serve_request_t *request, unsigned status, const char *text)
{
    return serve_send(request, status, line(text), strlen(text));
}

enum MHD_Result serve_say_with(const serve_request_t *request, unsigned status, const char *text,
                               const char *name, const char *value)
{
    struct MHD_Response *response = line(text);
    if (response != NULL) {
        serve_add(response, name, value);
    }
    return serve_send(request, status, response, strlen(text));
}

enum MHD_Result serve_text(const serve_request_t *request, char *text, size_t len, const char *type)
{
    if (text == NULL) {
        return MHD_NO;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(text);
        return MHD_NO;
    }
    serve_add(response, "Content-Type", type);
    serve_add(response, "Cache-Control", "no-store");
    serve_add(response, "Referrer-Policy", "no-referrer");
    serve_add(response, "Content-Security-Policy",
              "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    return serve_send(request, MHD_HTTP_OK, response, len);
}
