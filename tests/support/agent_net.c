/* SPDX-License-Identifier: Apache-2.0 */
#include "support/agent_net.h"

#include "support/unit.h"

#include <stdio.h>

static const char page[] = "<!DOCTYPE html><html><body>Please log in</body></html>";

static const net_file_t *find(const net_t *net, const char *path)
{
    for (size_t i = 0; i < net->files; i++) {
        if (strcmp(net->file[i].path, path) == 0) {
            return &net->file[i];
        }
    }
    return NULL;
}

void net_put(net_t *net, const char *path, const void *bytes, uint32_t len)
{
    net_file_t *file = (net_file_t *)(uintptr_t)find(net, path);
    if (file == NULL) {
        assert_true(net->files < NET_FILES);
        file = &net->file[net->files++];
        (void)snprintf(file->path, sizeof(file->path), "%s", path);
    }
    file->bytes = bytes;
    file->len = len;
}

static bool redirects(net_t *net, const char *url)
{
    if (!net->image || net->mode == NET_FINE || (net->mode != NET_LOOP && net->mode != NET_FAR)) {
        return false;
    }
    if (net->mode == NET_LOOP) {
        (void)snprintf(net->location, sizeof(net->location), "%s", strchr(url + 7, '/'));
        return true;
    }
    if (strncmp(url, "http://cdn.example/", 19) == 0) {
        return false;
    }
    int n = snprintf(net->location, sizeof(net->location),
                     "http://cdn.example%s?token=", strchr(url + 7, '/'));
    assert_true(n > 0 && (uint32_t)n < net->far && net->far < sizeof(net->location));
    memset(net->location + n, 'x', net->far - (uint32_t)n);
    net->location[net->far] = '\0';
    return true;
}

static uint16_t image_code(net_t *net, bool ranged)
{
    if (net->mode == NET_CODE) {
        return net->code_sent;
    }
    if (net->mode == NET_416 && ranged) {
        return 416;
    }
    bool part = net->mode == NET_ALWAYS_206 || (net->mode != NET_WHOLE && ranged);
    return part ? 206 : 200;
}

/* The tag of the request is the file's, or there is none. */
static bool same_tag(const net_t *net, const ota_http_request_t *request)
{
    return request->if_range == NULL ||
           (net->etag != NULL && strcmp(net->etag, request->if_range) == 0);
}

static void misplace(net_t *net, uint32_t asked)
{
    if ((net->mode == NET_SHIFTED || net->mode == NET_LYING) && net->code == 206) {
        net->from = asked > 16 ? asked - 16 : asked + 16;
    }
    if (net->mode == NET_SHORT_BODY) {
        net->end = net->from + (net->end - net->from) / 2;
    }
}

static void answer_file(net_t *net, const ota_http_request_t *request)
{
    bool ranged = request->from > 0 && same_tag(net, request);
    net->if_range_seen |= request->from > 0 && request->if_range != NULL;
    net->code = net->image ? image_code(net, ranged) : 200;
    net->from = net->code == 206 ? request->from : 0;
    net->end = net->at->len;
    if (net->image) {
        misplace(net, request->from);
    }
}

static ota_status_t start(void *ctx, const ota_http_request_t *request)
{
    net_t *net = ctx;
    assert_false(net->open);
    net->requests++;
    if (net->offline) {
        return OTA_ERR_HTTP_CONNECT;
    }
    (void)snprintf(net->last_url, sizeof(net->last_url), "%s", request->url);
    char path[1100];
    (void)snprintf(path, sizeof(path), "%s", strchr(request->url + 7, '/'));
    path[strcspn(path, "?")] = '\0';
    net->open = true;
    net->gone = false;
    net->sent = 0;
    net->dripped = *net->ms;
    net->image = strncmp(path, "/images/", 8) == 0;
    net->image_requests += net->image;
    net->at = find(net, path);
    if (request->body != NULL) {
        (void)snprintf(net->report, sizeof(net->report), "%.*s", (int)request->body_len,
                       (const char *)request->body);
        net->code = net->report_code;
    } else if (redirects(net, request->url)) {
        net->code = 302;
    } else if (net->at == NULL) {
        net->code = net->portal ? 200 : 404;
    } else {
        answer_file(net, request);
    }
    return OTA_OK;
}

static ota_status_t head(void *ctx, uint16_t *code)
{
    const net_t *net = ctx;
    assert_true(net->open);
    bool silent = net->image && net->mode == NET_SILENT;
    *code = silent ? 0 : net->code;
    return OTA_OK;
}

static bool page_now(const net_t *net)
{
    return net->portal ||
           (net->image && (net->mode == NET_PAGE || net->mode == NET_PAGE_TYPED_BINARY));
}

static void content_range(const net_t *net, char *text, size_t room)
{
    uint32_t from = net->from;
    if (net->mode == NET_LYING) {
        from = net->from + 16;
    }
    if (net->mode == NET_CHUNKED) {
        (void)snprintf(text, room, "bytes %u-%u/*", from, net->at->len - 1);
    } else if (net->mode != NET_NO_RANGE) {
        (void)snprintf(text, room, "bytes %u-%u/%u", from, net->at->len - 1, net->at->len);
    }
}

static void length(const net_t *net, char *text, size_t room)
{
    bool untold = net->image && (net->mode == NET_CHUNKED || net->mode == NET_LONGER_BODY ||
                                 net->mode == NET_LYING);
    if (net->at != NULL && !untold && !page_now(net)) {
        uint32_t more = net->image && net->mode == NET_LONGER ? 1 : 0;
        (void)snprintf(text, room, "%u", net->at->len - net->from + more);
    }
}

static const char *type_of(const net_t *net)
{
    if (net->portal || (net->image && net->mode == NET_PAGE)) {
        return "text/html; charset=utf-8";
    }
    return net->image && net->mode == NET_TEXT ? "text/plain" : "application/octet-stream";
}

static const char *other_header(const net_t *net, const char *name)
{
    if (strcmp(name, "content-type") == 0) {
        return type_of(net);
    }
    if (strcmp(name, "content-encoding") == 0 && net->image && net->mode == NET_GZIP) {
        return "gzip";
    }
    if (strcmp(name, "etag") == 0 && net->etag != NULL) {
        return net->etag;
    }
    return strcmp(name, "location") == 0 && net->code == 302 ? net->location : "";
}

static const char *busy(const net_t *net)
{
    return net->image && net->mode == NET_CODE && net->retry_after != NULL ? net->retry_after : "";
}

static size_t header(void *ctx, const char *name, char *value, size_t room)
{
    const net_t *net = ctx;
    char text[1100] = "";
    assert_true(net->open && net->code != 0);
    if (strcmp(name, "content-range") == 0 && net->code == 206) {
        content_range(net, text, sizeof(text));
    } else if (strcmp(name, "content-length") == 0) {
        length(net, text, sizeof(text));
    } else if (strcmp(name, "retry-after") == 0) {
        (void)snprintf(text, sizeof(text), "%s", busy(net));
    } else {
        (void)snprintf(text, sizeof(text), "%s", other_header(net, name));
    }
    (void)snprintf(value, room, "%s", text);
    return strlen(text);
}

static uint32_t min3(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Bytes that may be sent before the next mishap; true: it happens now. */
static bool mishap(net_t *net, uint32_t *at, uint32_t *n)
{
    if (!net->image || *at == NET_NEVER) {
        return false;
    }
    if (net->image_bytes >= *at) {
        *at = NET_NEVER;
        return true;
    }
    *n = *n < *at - net->image_bytes ? *n : *at - net->image_bytes;
    return false;
}

static ota_status_t read_page(net_t *net, void *dst, size_t room, size_t *len, bool *end)
{
    uint32_t left = (uint32_t)sizeof(page) - 1 - net->sent;
    *len = left < room ? left : room;
    memcpy(dst, page + net->sent, *len);
    net->sent += (uint32_t)*len;
    *end = net->sent == sizeof(page) - 1;
    return OTA_OK;
}

static bool dripping(net_t *net)
{
    if (!net->image || net->mode != NET_DRIP) {
        return false;
    }
    bool wait = *net->ms - net->dripped < 1000;
    net->dripped += wait ? 0 : 1000;
    return wait;
}

static ota_status_t read_file(net_t *net, void *dst, uint32_t n, size_t *len, bool *end)
{
    uint32_t at = net->from + net->sent;
    if (net->image && net->mode == NET_LONGER_BODY && at >= net->end) {
        memset(dst, 'x', 1);
        *len = 1;
    } else {
        memcpy(dst, net->at->bytes + at, n);
        *len = n;
        *end = at + n == net->end && !(net->image && net->mode == NET_LONGER_BODY);
    }
    net->sent += (uint32_t)*len;
    net->image_bytes += net->image ? (uint32_t)*len : 0;
    return OTA_OK;
}

/* Mishaps, then bytes. */
static ota_status_t read_some(net_t *net, void *dst, size_t room, size_t *len, bool *end)
{
    uint32_t n = min3((uint32_t)room, net->chunk, net->end - net->from - net->sent);
    if (mishap(net, &net->reset_at, &n)) {
        return OTA_ERR_HTTP_LOST;
    }
    if (mishap(net, &net->swap_at, &n)) {
        net->etag = "\"another\"";
        ((net_file_t *)(uintptr_t)net->at)->bytes = net->swapped;
        return OTA_ERR_HTTP_LOST;
    }
    if (mishap(net, &net->stall_at, &n)) {
        net->gone = true;
    }
    if (net->gone || dripping(net)) {
        return OTA_OK;
    }
    n = net->image && net->mode == NET_DRIP && n > 1 ? 1 : n;
    return read_file(net, dst, n, len, end);
}

static ota_status_t read_body(void *ctx, void *dst, size_t room, size_t *len, bool *end)
{
    net_t *net = ctx;
    assert_true(net->open && room > 0);
    *len = 0;
    *end = false;
    if (page_now(net)) {
        return read_page(net, dst, room, len, end);
    }
    *end = net->at == NULL;
    return *end ? OTA_OK : read_some(net, dst, room, len, end);
}

static void stop(void *ctx)
{
    net_t *net = ctx;
    assert_true(net->open);
    net->open = false;
}

void net_start(net_t *net, const uint32_t *ms)
{
    memset(net, 0, sizeof(*net));
    net->chunk = 700;
    net->reset_at = net->stall_at = net->swap_at = NET_NEVER;
    net->report_code = 200;
    net->etag = "\"one\"";
    net->ms = ms;
}

ota_http_t net_port(net_t *net)
{
    return (ota_http_t){OTA_HTTP_VERSION, net, start, head, header, read_body, stop};
}
