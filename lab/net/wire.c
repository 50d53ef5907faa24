/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/net/wire.h"

#include <string.h>

static ota_status_t start(void *ctx, const ota_http_request_t *request)
{
    wire_t *wire = ctx;
    wire->image = strstr(request->url, "/images/") != NULL;
    wire->post = request->body != NULL;
    wire->ended = false;
    wire->link->requests++;
    wire->link->image_requests += wire->image ? 1u : 0u;
    return wire->curl.http.start(&wire->curl, request);
}

static ota_status_t head(void *ctx, uint16_t *code)
{
    wire_t *wire = ctx;
    bool early = wire->curl.code == 0;
    ota_status_t status = wire->curl.http.head(&wire->curl, code);
    if (early && *code >= 200 && *code < 300 && wire->post) {
        wire->link->reports++;
    }
    wire->link->dead += status == OTA_ERR_HTTP_CONNECT ? 1u : 0u;
    return status;
}

static size_t header(void *ctx, const char *name, char *value, size_t room)
{
    wire_t *wire = ctx;
    return wire->curl.http.header(&wire->curl, name, value, room);
}

static ota_status_t read_body(void *ctx, void *dst, size_t room, size_t *len, bool *end)
{
    wire_t *wire = ctx;
    ota_status_t status = wire->curl.http.read(&wire->curl, dst, room, len, end);
    wire->ended = wire->ended || (status == OTA_OK && *end);
    wire->link->image_bytes += status == OTA_OK && wire->image ? *len : 0;
    return status;
}

/* What a power cut broke counts too: more interruptions than there were would allow more bytes, so
 * only those are counted that ended an image. */
static void stop(void *ctx)
{
    wire_t *wire = ctx;
    wire->link->broken += wire->image && !wire->ended ? 1u : 0u;
    wire->ended = true;
    wire->curl.http.stop(&wire->curl);
}

ota_status_t wire_open(wire_t *wire, const wire_server_t *server, net_link_t *link)
{
    memset(wire, 0, sizeof(*wire));
    ota_status_t status = http_curl_open(&wire->curl);
    wire->curl.authorities = server->authorities;
    wire->link = link;
    wire->ended = true;
    return status;
}

void wire_close(wire_t *wire)
{
    http_curl_close(&wire->curl);
}

ota_http_t wire_port(wire_t *wire)
{
    return (ota_http_t){OTA_HTTP_VERSION, wire, start, head, header, read_body, stop};
}
