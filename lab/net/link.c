/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/net/link.h"

#include <stdio.h>
#include <string.h>

#define PIECE    700u   /* bytes that come at once, at most */
#define DRIP_MS  20000u /* between two bytes */
#define FAR_URL  540u
#define FAR_HOST "http://cdn.example"

static const char page[] = "<!DOCTYPE html><html><body>Please log in</body></html>";

const char *link_cut_name(link_cut_t cut)
{
    static const char *const names[LINK_CUTS] = {"reset", "stall", "end"};
    return (unsigned)cut < LINK_CUTS ? names[cut] : "?";
}

static uint32_t now(const net_link_t *link)
{
    return link->ms(link->clock);
}

static uint32_t dice(net_link_t *link)
{
    link->random = link->random * 1664525u + 1013904223u;
    return link->random >> 8;
}

/* --- what breaks --------------------------------------------------------------------------- */

static bool down(const net_link_t *link)
{
    uint32_t period = link->plan.down_ms + link->plan.up_ms;
    return link->plan.down_ms != 0 && now(link) % period < link->plan.down_ms;
}

/* The cut comes within the next *n places: *n is what comes before it. */
static bool cut_before(net_link_t *link, uint32_t *n)
{
    uint64_t left = link->plan.cut_at - link->places;
    if (link->plan.cut_at == LINK_NEVER || left >= *n) {
        return false;
    }
    *n = (uint32_t)left;
    return left == 0;
}

/* One place that is no byte; false: the cut was here. */
static bool pass(net_link_t *link)
{
    uint32_t n = 1;
    bool cut = cut_before(link, &n);
    link->places++;
    if (cut) {
        link->plan.cut_at = LINK_NEVER;
        link->broken++;
        link->gone = link->plan.cut == LINK_STALL;
    }
    return !cut || link->gone;
}

/* --- requests ------------------------------------------------------------------------------ */

/* From the first '/' behind the host; "": there is none. */
static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host != NULL ? strchr(host + 3, '/') : NULL;
    return path != NULL ? path : "";
}

static bool redirects(net_link_t *link, const char *url)
{
    size_t room = sizeof(link->location);
    if (!link->bad) {
        return false;
    }
    if (link->plan.mode == LINK_LOOP) {
        (void)snprintf(link->location, room, "%s", path_of(url));
    } else if (link->plan.mode == LINK_NOWHERE) {
        (void)snprintf(link->location, room, "ftp://[half an address");
    } else if (link->plan.mode == LINK_FAR && strncmp(url, FAR_HOST, strlen(FAR_HOST)) != 0) {
        int n = snprintf(link->location, room, FAR_HOST "%s?token=", path_of(url));
        memset(link->location + n, 'x', FAR_URL - (uint32_t)n);
        link->location[FAR_URL] = '\0';
    } else {
        return false;
    }
    return true;
}

static uint16_t code_of(const net_link_t *link, bool ranged)
{
    link_mode_t mode = link->bad ? link->plan.mode : LINK_FINE;
    if (mode == LINK_CODE) {
        return link->plan.code;
    }
    if (mode == LINK_416 && ranged) {
        return 416;
    }
    return mode == LINK_ALWAYS_206 || (mode != LINK_WHOLE && ranged) ? 206 : 200;
}

static const char *tag_of(const net_link_t *link)
{
    return link->bad && link->plan.mode == LINK_SWAPPED ? "\"another\"" : "\"one\"";
}

static void answer(net_link_t *link, const ota_http_request_t *request)
{
    bool same = request->if_range == NULL || strcmp(request->if_range, tag_of(link)) == 0;
    bool ranged = request->from > 0 && request->from < link->file->len && same;
    link->code = code_of(link, ranged);
    link->from = link->code == 206 ? request->from : 0;
    bool moves = link->plan.mode == LINK_SHIFTED || link->plan.mode == LINK_LYING;
    if (link->bad && moves && link->code == 206) {
        link->from = request->from > 16 ? request->from - 16 : request->from + 16;
    }
}

/* The mode is for requests for one kind of file, for the first few of them. */
static bool concerned(net_link_t *link)
{
    const link_plan_t *plan = &link->plan;
    if (link->file == NULL || link->file->kind != plan->of || plan->mode == LINK_FINE) {
        return false;
    }
    return plan->times == 0 || link->served++ < plan->times;
}

static void find_file(net_link_t *link, const char *url)
{
    char path[LINK_URL];
    (void)snprintf(path, sizeof(path), "%s", path_of(url));
    path[strcspn(path, "?")] = '\0';
    link->file = site_find(link->site, path);
    link->image_requests += link->file != NULL && link->file->kind == SITE_IMAGE;
}

static ota_status_t start(void *ctx, const ota_http_request_t *request)
{
    net_link_t *link = ctx;
    link->requests++;
    find_file(link, request->url);
    link->bad = concerned(link);
    bool nobody = (link->bad && link->plan.mode == LINK_OFFLINE) || down(link);
    link->dead += nobody;
    if (nobody || !pass(link)) {
        return OTA_ERR_HTTP_CONNECT;
    }
    link->sent = 0;
    link->from = 0;
    link->asked_ms = now(link);
    if (request->body != NULL) {
        link->reports++;
        link->code = 200;
        link->file = NULL;
    } else if (link->file == NULL) {
        link->code = 404;
    } else if (redirects(link, request->url)) {
        link->code = 302;
    } else {
        answer(link, request);
    }
    return OTA_OK;
}

static ota_status_t head(void *ctx, uint16_t *code)
{
    net_link_t *link = ctx;
    bool silent = link->bad && link->plan.mode == LINK_SILENT;
    *code = 0;
    if (down(link) || !pass(link)) {
        return OTA_ERR_HTTP_LOST;
    }
    *code = silent || link->gone ? 0 : link->code;
    return OTA_OK;
}

/* --- header fields ------------------------------------------------------------------------- */

static bool is_page(const net_link_t *link)
{
    link_mode_t mode = link->plan.mode;
    return link->bad && (mode == LINK_PAGE || mode == LINK_PAGE_BINARY || mode == LINK_CODE);
}

/* No Content-Length: an answer that ends early is then a proper one. */
static bool untold(const net_link_t *link)
{
    link_mode_t mode = link->plan.mode;
    bool chunks = link->bad && (mode == LINK_CHUNKED || mode == LINK_LONGER_BODY);
    return chunks || link->file == NULL || is_page(link) ||
           (link->plan.cut == LINK_END && link->plan.cut_at != LINK_NEVER);
}

static void content_range(const net_link_t *link, char *text, size_t room)
{
    link_mode_t mode = link->bad ? link->plan.mode : LINK_FINE;
    uint32_t len = link->file->len;
    unsigned from = link->from + (mode == LINK_LYING ? 16u : 0);
    if (mode == LINK_NO_RANGE) {
        return;
    }
    if (untold(link)) {
        (void)snprintf(text, room, "bytes %u-%u/*", from, (unsigned)len - 1);
    } else {
        (void)snprintf(text, room, "bytes %u-%u/%u", from, (unsigned)len - 1, (unsigned)len);
    }
}

static const char *type_of(const net_link_t *link)
{
    if (is_page(link) && link->plan.mode != LINK_PAGE_BINARY) {
        return "text/html; charset=utf-8";
    }
    if (link->bad && link->plan.mode == LINK_TEXT) {
        return "text/plain";
    }
    bool image = link->file != NULL && link->file->kind == SITE_IMAGE;
    return image ? "application/octet-stream" : "application/json";
}

static const char *bad_field_of(const net_link_t *link, const char *name, char number[12])
{
    if (strcmp(name, "retry-after") == 0 && link->plan.later != 0) {
        (void)snprintf(number, 12, "%u", (unsigned)link->plan.later);
        return number;
    }
    bool packed = strcmp(name, "content-encoding") == 0 && link->plan.mode == LINK_GZIP;
    return packed ? "gzip" : NULL;
}

/* NULL: there is no such field. */
static const char *field_of(const net_link_t *link, const char *name, char number[12])
{
    if (strcmp(name, "content-type") == 0) {
        return type_of(link);
    }
    if (strcmp(name, "etag") == 0) {
        return link->file != NULL ? tag_of(link) : NULL;
    }
    if (strcmp(name, "location") == 0) {
        return link->code == 302 ? link->location : NULL;
    }
    return link->bad ? bad_field_of(link, name, number) : NULL;
}

static size_t header(void *ctx, const char *name, char *value, size_t room)
{
    const net_link_t *link = ctx;
    char text[LINK_URL] = "";
    if (strcmp(name, "content-range") == 0 && link->code == 206) {
        content_range(link, text, sizeof(text));
    } else if (strcmp(name, "content-length") == 0 && !untold(link)) {
        uint32_t more = link->bad && link->plan.mode == LINK_LONGER ? 1 : 0;
        (void)snprintf(text, sizeof(text), "%u", (unsigned)(link->file->len - link->from + more));
    } else {
        char number[12];
        const char *field = field_of(link, name, number);
        (void)snprintf(text, sizeof(text), "%s", field != NULL ? field : "");
    }
    (void)snprintf(value, room, "%s", text);
    return strlen(text);
}

/* --- bodies -------------------------------------------------------------------------------- */

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void read_page(net_link_t *link, void *dst, uint32_t room, size_t *len, bool *end)
{
    uint32_t size = is_page(link) ? (uint32_t)sizeof(page) - 1u : 0;
    *len = least(size - link->sent, room);
    memcpy(dst, page + link->sent, *len);
    link->sent += (uint32_t)*len;
    *end = link->sent == size;
}

static void put_bytes(net_link_t *link, uint8_t *dst, uint32_t n)
{
    const site_file_t *file = link->file;
    uint32_t at = link->from + link->sent;
    link_mode_t mode = link->bad ? link->plan.mode : LINK_FINE;
    for (uint32_t i = 0; i < n; i++) {
        dst[i] = at + i < file->len ? file->bytes[at + i] : (uint8_t)'x';
        dst[i] ^= mode == LINK_SWAPPED ? 0x5Au : 0;
        dst[i] ^= mode == LINK_FLIPPED && at + i == file->len / 2u ? 0x10u : 0;
    }
    link->sent += n;
    link->places += n;
    link->image_bytes += file->kind == SITE_IMAGE ? n : 0;
}

/* Bytes that are there for the taking. */
static uint32_t ready(const net_link_t *link, size_t room)
{
    bool longer = link->bad && link->plan.mode == LINK_LONGER_BODY;
    uint32_t left = link->file->len - link->from + (longer ? PIECE : 0) - link->sent;
    uint32_t n = least(least(left, PIECE), (uint32_t)room);
    if (link->bad && link->plan.mode == LINK_DRIP) {
        uint32_t due = (now(link) - link->asked_ms) / DRIP_MS;
        n = least(n, due > link->sent ? 1u : 0);
    }
    return n;
}

static ota_status_t break_off(net_link_t *link, bool *end)
{
    link->plan.cut_at = LINK_NEVER;
    link->broken++;
    link->gone = link->plan.cut == LINK_STALL;
    *end = link->plan.cut == LINK_END;
    return link->plan.cut == LINK_RESET ? OTA_ERR_HTTP_LOST : OTA_OK;
}

static ota_status_t read_file(net_link_t *link, void *dst, size_t room, size_t *len, bool *end)
{
    uint32_t n = ready(link, room);
    if (n > 0 && cut_before(link, &n)) {
        return break_off(link, end);
    }
    if (n > 0 && link->plan.loss != 0 && dice(link) % 10000u < link->plan.loss) {
        link->broken++;
        return OTA_ERR_HTTP_LOST;
    }
    put_bytes(link, dst, n);
    *len = n;
    bool longer = link->bad && link->plan.mode == LINK_LONGER_BODY;
    *end = link->from + link->sent == link->file->len + (longer ? PIECE : 0);
    return OTA_OK;
}

static ota_status_t read_body(void *ctx, void *dst, size_t room, size_t *len, bool *end)
{
    net_link_t *link = ctx;
    *len = 0;
    *end = false;
    if (down(link)) {
        link->dead++;
        link->broken++;
        return OTA_ERR_HTTP_LOST;
    }
    if (link->gone) {
        return OTA_OK;
    }
    if (link->file == NULL || is_page(link) || link->code >= 300) {
        read_page(link, dst, (uint32_t)room, len, end);
        return OTA_OK;
    }
    return read_file(link, dst, room, len, end);
}

static void stop(void *ctx)
{
    net_link_t *link = ctx;
    link->gone = false;
}

void link_start(net_link_t *link, const site_t *site, const link_plan_t *plan)
{
    memset(link, 0, sizeof(*link));
    link->plan = *plan;
    link->site = site;
    link->random = plan->seed * 2654435761u + 1u;
}

ota_http_t link_port(net_link_t *link)
{
    return (ota_http_t){OTA_HTTP_VERSION, link, start, head, header, read_body, stop};
}
