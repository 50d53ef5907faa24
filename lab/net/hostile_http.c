/* SPDX-License-Identifier: Apache-2.0 */
/* The network: an HTTP port that answers as the script says. */
#include "lab/net/hostile_parts.h"

#include <stdio.h>
#include <string.h>

#define PIECE   700u
#define DRIP_MS 4000u

enum { TYPE, LENGTH, RANGE, ENCODING, ETAG, LOCATION, LATER };

const char *const hostile_fields[FIELDS] = {"content-type",     "content-length", "content-range",
                                            "content-encoding", "etag",           "location",
                                            "retry-after"};

static const hostile_document_t *find(const hostile_site_t *site, const char *path)
{
    size_t len = strcspn(path, "?");
    for (size_t i = 0; i < site->files; i++) {
        if (strlen(site->file[i].path) == len && memcmp(site->file[i].path, path, len) == 0) {
            return &site->file[i];
        }
    }
    return NULL;
}

static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host != NULL ? strchr(host + 3, '/') : NULL;
    return path != NULL ? path : "";
}

static void tag_of(const hostile_t *stage, char *text, size_t room)
{
    (void)snprintf(text, room, "\"%u\"", (unsigned)(stage->file - stage->site.file));
}

static void redirect(hostile_t *stage, const char *url)
{
    static const char *const hosts[3] = {"", "http://cdn.example", "ftp://[half"};
    (void)snprintf(stage->location, sizeof(stage->location), "%s%s",
                   hosts[stage->turn.redirect - 1u], path_of(url));
    stage->code = 302;
}

static void answer(hostile_t *stage, const ota_http_request_t *request)
{
    const hostile_turn_t *turn = &stage->turn;
    char tag[16];
    tag_of(stage, tag, sizeof(tag));
    bool same = request->if_range == NULL || strcmp(request->if_range, tag) == 0;
    if (request->from > 0 && same && !turn->whole) {
        int64_t from = (int64_t)request->from + turn->shift;
        stage->from = from < 0                           ? 0
                      : from > (int64_t)stage->file->len ? stage->file->len
                                                         : (uint32_t)from;
        stage->code = 206;
    }
}

static void choose_file(hostile_t *stage, const char *url)
{
    const hostile_turn_t *turn = &stage->turn;
    stage->file = find(&stage->site, path_of(url));
    if (turn->other) {
        stage->file = turn->file < stage->site.files ? &stage->site.file[turn->file] : NULL;
    }
}

static ota_status_t start(void *ctx, const ota_http_request_t *request)
{
    hostile_t *stage = ctx;
    const hostile_turn_t *turn = &stage->turn;
    stage->result->requests++;
    hostile_next_turn(stage);
    if (turn->nobody) {
        return OTA_ERR_HTTP_CONNECT;
    }
    stage->open = true;
    stage->lost = false;
    stage->from = stage->sent = 0;
    stage->begun = stage->ms;
    choose_file(stage, request->url);
    bool there = stage->file != NULL || turn->raw || request->body != NULL;
    stage->code = there ? 200 : 404;
    if (stage->file != NULL && !turn->raw) {
        answer(stage, request);
    }
    if (turn->redirect != 0) {
        redirect(stage, request->url);
    }
    stage->code = turn->code != 0 ? turn->code : stage->code;
    return OTA_OK;
}

static uint32_t body_len(const hostile_t *stage)
{
    if (stage->turn.raw) {
        return stage->turn.raw_len;
    }
    return stage->file != NULL ? stage->file->len - stage->from : 0;
}

static ota_status_t head(void *ctx, uint16_t *code)
{
    const hostile_t *stage = ctx;
    *code = stage->turn.silent ? 0 : stage->code;
    return OTA_OK;
}

/* What an honest server says. */
static void of_file(const hostile_t *stage, unsigned which, char *text, size_t room)
{
    if (which == RANGE && stage->code == 206) {
        (void)snprintf(text, room, "bytes %u-%u/%u", (unsigned)stage->from,
                       (unsigned)stage->file->len - 1u, (unsigned)stage->file->len);
    } else if (which == ETAG) {
        tag_of(stage, text, room);
    }
}

static void honest(const hostile_t *stage, unsigned which, char *text, size_t room)
{
    bool ends = stage->turn.breaks && stage->turn.how == 2;
    if (which == TYPE) {
        (void)snprintf(text, room, "application/octet-stream");
    } else if (which == LENGTH && !ends) {
        (void)snprintf(text, room, "%u", (unsigned)body_len(stage));
    } else if (which == LOCATION && stage->turn.redirect != 0) {
        (void)snprintf(text, room, "%s", stage->location);
    } else if (stage->file != NULL) {
        of_file(stage, which, text, room);
    }
}

static size_t header(void *ctx, const char *name, char *value, size_t room)
{
    const hostile_t *stage = ctx;
    char text[256] = "";
    for (unsigned i = 0; i < FIELDS; i++) {
        if (strcmp(hostile_fields[i], name) == 0) {
            honest(stage, i, text, sizeof(text));
            if (stage->turn.says[i]) {
                (void)snprintf(text, sizeof(text), "%s", stage->turn.field[i]);
            }
        }
    }
    (void)snprintf(value, room, "%s", text);
    return strlen(text);
}

/* Bytes that are there for the taking. */
static uint32_t ready(const hostile_t *stage, size_t room)
{
    const hostile_turn_t *turn = &stage->turn;
    uint32_t n = turn->piece != 0 ? turn->piece : PIECE;
    uint32_t left = body_len(stage) - stage->sent;
    n = n < left ? n : left;
    n = n < room ? n : (uint32_t)room;
    if (turn->breaks && stage->sent + n > turn->break_at) {
        n = turn->break_at > stage->sent ? turn->break_at - stage->sent : 0;
    }
    if (turn->drip) {
        uint32_t due = (stage->ms - stage->begun) / DRIP_MS;
        n = n > 0 && due > stage->sent ? 1u : 0;
    }
    return n;
}

static ota_status_t broken(hostile_t *stage, bool *end)
{
    stage->lost = stage->turn.how == 1;
    *end = stage->turn.how == 2;
    return stage->turn.how == 0 ? OTA_ERR_HTTP_LOST : OTA_OK;
}

static ota_status_t read_body(void *ctx, void *dst, size_t room, size_t *len, bool *end)
{
    hostile_t *stage = ctx;
    const hostile_turn_t *turn = &stage->turn;
    *len = 0;
    *end = false;
    if (stage->lost) {
        return OTA_OK;
    }
    if (turn->breaks && stage->sent >= turn->break_at) {
        return broken(stage, end);
    }
    uint32_t n = ready(stage, room);
    const uint8_t *from = turn->raw             ? turn->raw_at
                          : stage->file != NULL ? stage->file->bytes + stage->from
                                                : NULL;
    if (n > 0 && from != NULL) {
        memcpy(dst, from + stage->sent, n);
        uint32_t flip = turn->flip_at - stage->sent; /* wraps where it lies before */
        if (flip < n) {
            ((uint8_t *)dst)[flip] ^= turn->flip;
        }
    }
    stage->sent += n;
    stage->moved += n;
    *len = n;
    *end = stage->sent == body_len(stage);
    return OTA_OK;
}

static void stop(void *ctx)
{
    ((hostile_t *)ctx)->open = false;
}

ota_http_t hostile_http(hostile_t *stage)
{
    return (ota_http_t){OTA_HTTP_VERSION, stage, start, head, header, read_body, stop};
}
