/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to who answers it. */
#include "server/report.h"
#include "server/serve.h"
#include "server/status.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

/* A body that is too long is read to its end, so that its sender sees the answer, but not
 * for ever. */
#define DRAIN_MAX 65536u

typedef struct {
    size_t len;
    char bytes[REPORT_MAX];
} body_t;

/* --- the admin ------------------------------------------------------------------------------ */

static bool is_loopback(const struct sockaddr *peer)
{
    static const uint8_t mapped[13] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127};
    if (peer->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, peer, sizeof(in));
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    }
    if (peer->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, peer, sizeof(in6));
        return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) ||
               memcmp(in6.sin6_addr.s6_addr, mapped, sizeof(mapped)) == 0;
    }
    return false;
}

/* A token that went over a network in the clear is everybody's. */
static bool is_private(const serve_request_t *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return request->entrance->tls || (info != NULL && is_loopback(info->client_addr));
}

static bool wants_page(const serve_request_t *request)
{
    const char *accept = serve_header(request, "Accept");
    return strcmp(request->url, "/status") == 0 && accept != NULL &&
           strstr(accept, "text/html") != NULL;
}

enum MHD_Result serve_status(const serve_request_t *request)
{
    const struct server *server = request->entrance->server;
    if (!is_private(request)) {
        return serve_say(request, MHD_HTTP_FORBIDDEN,
                         "the status is shown over HTTPS, or on the server's own machine\n");
    }
    if (!token_authorized(serve_header(request, "Authorization"), server->wish.token)) {
        return serve_say_with(request, MHD_HTTP_UNAUTHORIZED, "the admin token is needed\n",
                              "WWW-Authenticate", "Basic realm=\"otary\", charset=\"UTF-8\"");
    }
    cJSON *status = status_collect(server->root, server->store);
    if (status == NULL) {
        return serve_say(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "the database fails\n");
    }
    size_t len = 0;
    bool page = wants_page(request);
    char *text = page ? status_page(status, &len) : cJSON_PrintUnformatted(status);
    cJSON_Delete(status);
    return page ? serve_text(request, text, len, "text/html; charset=utf-8")
                : serve_text(request, text, text != NULL ? strlen(text) : 0, "application/json");
}

/* --- reports -------------------------------------------------------------------------------- */

enum MHD_Result serve_report(const serve_request_t *request, const void *bytes, size_t len)
{
    report_t report;
    ota_fault_t fault;
    char text[160];
    ota_status_t status = report_read(&report, bytes, len, &fault);
    if (status == OTA_ERR_DOCUMENT_SIZE) {
        return serve_say(request, MHD_HTTP_CONTENT_TOO_LARGE, "a report has at most 2048 bytes\n");
    }
    if (status != OTA_OK) {
        (void)snprintf(text, sizeof(text), "%s at byte %" PRIu32 "\n", ota_status_name(status),
                       (uint32_t)fault.offset);
        return serve_say(request, MHD_HTTP_BAD_REQUEST, text);
    }
    switch (store_report(request->entrance->server->store, &report, (uint32_t)time(NULL))) {
    case STORE_OK:
        return serve_send(request, MHD_HTTP_NO_CONTENT,
                          MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT), 0);
    case STORE_FULL:
        return serve_say_with(request, MHD_HTTP_SERVICE_UNAVAILABLE, "too many devices\n",
                              "Retry-After", "3600");
    case STORE_FAILED:
        break;
    }
    return serve_say_with(request, MHD_HTTP_SERVICE_UNAVAILABLE, "the database fails\n",
                          "Retry-After", "60");
}

/* Before the body: is it worth waiting for? 0: yes. What a web page could send without asking
 * first (a form's types) is refused, so that no page that someone visits reports as a device. */
static unsigned judge_report(const serve_request_t *request)
{
    const char *length = serve_header(request, "Content-Length");
    const char *type = serve_header(request, "Content-Type");
    if (length != NULL && strtoull(length, NULL, 10) > REPORT_MAX) {
        return MHD_HTTP_CONTENT_TOO_LARGE;
    }
    bool json = type == NULL || strncasecmp(type, "application/json", 16) == 0;
    return json ? 0 : MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
}

static enum MHD_Result begin_report(const serve_request_t *request, void **state)
{
    unsigned refused = judge_report(request);
    if (refused != 0) {
        return serve_say(request, refused,
                         refused == MHD_HTTP_CONTENT_TOO_LARGE ? "a report has at most 2048 bytes\n"
                                                               : "a report is application/json\n");
    }
    *state = calloc(1, sizeof(body_t));
    return *state != NULL ? MHD_YES : MHD_NO;
}

/* More of the body; *size == 0: that was all. */
static enum MHD_Result continue_report(const serve_request_t *request, const char *data,
                                       size_t *size, body_t *body)
{
    if (*size == 0) {
        return serve_report(request, body->bytes, body->len);
    }
    if (body->len < REPORT_MAX) {
        size_t room = REPORT_MAX - body->len;
        memcpy(body->bytes + body->len, data, *size < room ? *size : room);
    }
    body->len += *size;
    *size = 0;
    return body->len <= DRAIN_MAX ? MHD_YES : MHD_NO;
}

/* --- all of them ---------------------------------------------------------------------------- */

static enum MHD_Result route(const serve_request_t *request, void **state)
{
    bool get = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    bool post = strcmp(request->method, "POST") == 0;
    bool report = strcmp(request->url, "/report") == 0;
    if (report && post) {
        return begin_report(request, state);
    }
    if (report || !get) {
        return serve_say_with(request, MHD_HTTP_METHOD_NOT_ALLOWED, "method not allowed\n", "Allow",
                              report ? "POST" : "GET, HEAD");
    }
    if (strcmp(request->url, "/status") == 0 || strcmp(request->url, "/status.json") == 0) {
        return serve_status(request);
    }
    return serve_file(request);
}

/* Stands for a request without a body. Answered when it has been read to its end: answers that
 * come before end the connection. */
static char asked;

static bool has_body(const serve_request_t *request)
{
    const char *length = serve_header(request, "Content-Length");
    return serve_header(request, "Transfer-Encoding") != NULL ||
           (length != NULL && strcmp(length, "0") != 0);
}

enum MHD_Result serve_handle(void *context, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *size, void **state)
{
    const serve_request_t request = {context, connection, method, url};
    (void)version;
    if (*state == &asked) {
        return *size > 0 ? MHD_NO : route(&request, state);
    }
    if (*state != NULL) {
        return continue_report(&request, data, size, *state);
    }
    if (has_body(&request)) {
        return route(&request, state); /* at once: a body that nobody wants is not read */
    }
    *state = &asked;
    return MHD_YES;
}

void serve_completed(void *context, struct MHD_Connection *connection, void **state,
                     enum MHD_RequestTerminationCode how)
{
    const entrance_t *entrance = context;
    (void)how;
    if (*state != &asked) {
        free(*state);
    }
    *state = NULL;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info != NULL && info->socket_context != NULL) {
        watch_wait(entrance->server->watch, info->socket_context);
    }
}
