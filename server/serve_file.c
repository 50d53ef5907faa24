/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the directory: whole, in part, or not again. */
#include "server/path.h"
#include "server/range.h"
#include "server/serve.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Below this a file is copied into the answer's first packet; above, sendfile is faster. */
#define COPY_MAX  16384u
#define TLS_BLOCK 32768u
#define DATE_MAX  80u /* what int could hold; a date has 29 */

typedef struct {
    char path[SERVER_PATH];
    char tag[RANGE_TAG];
    struct stat info;
    int fd;
    uint64_t first;
    uint64_t len;
} file_t;

/* --- headers -------------------------------------------------------------------------------- */

static bool ends(const char *path, const char *end)
{
    size_t len = strlen(path);
    size_t tail = strlen(end);
    return len >= tail && strcmp(path + len - tail, end) == 0;
}

/* Everything but what a new release replaces stays as it is for ever (docs/manifest.md). */
static const char *cache_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    bool number =
        name[0] >= '1' && name[0] <= '9' && strcmp(name + strspn(name, "0123456789"), ".json") == 0;
    return number || ends(name, ".sig") || strncmp(path, "images/", 7) == 0
               ? "public, max-age=31536000, immutable"
               : "no-cache";
}

/* RFC 9110's date, whatever the locale. */
static void http_date(time_t seconds, char text[DATE_MAX])
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm;
    text[0] = '\0';
    if (gmtime_r(&seconds, &tm) != NULL && tm.tm_year < 8100) {
        (void)snprintf(text, DATE_MAX, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday],
                       tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                       tm.tm_sec);
    }
}

static void add_headers(struct MHD_Response *response, const file_t *file, const char *date)
{
    serve_add(response, "ETag", file->tag);
    if (date[0] != '\0') {
        serve_add(response, "Last-Modified", date);
    }
    serve_add(response, "Accept-Ranges", "bytes");
    serve_add(response, "Cache-Control", cache_of(file->path));
    /* Never text/html: what lies in the directory must not act in the admin's browser. */
    serve_add(response, "Content-Type",
              ends(file->path, ".json") ? "application/json" : "application/octet-stream");
}

/* Does the client have it already? A date counts if it is the one that we gave. */
static bool unchanged(const serve_request_t *request, const file_t *file, const char *date)
{
    const char *tags = serve_header(request, "If-None-Match");
    const char *since = serve_header(request, "If-Modified-Since");
    if (tags != NULL) {
        return range_tag_listed(tags, file->tag);
    }
    return since != NULL && date[0] != '\0' && strcmp(since, date) == 0;
}

/* --- bodies --------------------------------------------------------------------------------- */

/* With TLS every byte passes through here anyway; larger blocks are fewer records. */
static ssize_t read_block(void *context, uint64_t at, char *bytes, size_t max)
{
    const file_t *file = context;
    ssize_t got = pread(file->fd, bytes, max, (off_t)(file->first + at));
    return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void drop(void *context)
{
    file_t *file = context;
    (void)close(file->fd);
    free(file);
}

static struct MHD_Response *from_blocks(const file_t *file)
{
    file_t *copy = malloc(sizeof(*copy));
    if (copy == NULL) {
        (void)close(file->fd);
        return NULL;
    }
    *copy = *file;
    struct MHD_Response *response =
        MHD_create_response_from_callback(file->len, TLS_BLOCK, read_block, copy, drop);
    if (response == NULL) {
        drop(copy);
    }
    return response;
}

static struct MHD_Response *from_copy(const file_t *file)
{
    char *bytes = malloc((size_t)file->len + 1);
    ssize_t got =
        bytes != NULL ? pread(file->fd, bytes, (size_t)file->len, (off_t)file->first) : -1;
    (void)close(file->fd);
    struct MHD_Response *response =
        got == (ssize_t)file->len
            ? MHD_create_response_from_buffer((size_t)file->len, bytes, MHD_RESPMEM_MUST_FREE)
            : NULL;
    if (response == NULL) {
        free(bytes);
    }
    return response;
}

/* The bytes from `first` on; takes the descriptor over. */
static struct MHD_Response *body(const file_t *file, bool tls)
{
    if (file->len <= COPY_MAX) {
        return from_copy(file);
    }
    if (tls) {
        return from_blocks(file);
    }
    struct MHD_Response *response =
        MHD_create_response_from_fd_at_offset64(file->len, file->fd, file->first);
    if (response == NULL) {
        (void)close(file->fd);
    }
    return response;
}

/* --- the answer ----------------------------------------------------------------------------- */

static struct MHD_Response *empty(int fd)
{
    (void)close(fd);
    return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result answer(const serve_request_t *request, file_t *file)
{
    char date[DATE_MAX];
    char content_range[80] = "";
    uint64_t size = (uint64_t)file->info.st_size;
    unsigned status = MHD_HTTP_OK;
    struct MHD_Response *response = NULL;
    http_date(file->info.st_mtim.tv_sec, date);
    const char *wanted = range_allowed(serve_header(request, "If-Range"), file->tag)
                             ? serve_header(request, "Range")
                             : NULL;
    range_kind_t kind = range_read(wanted, size, &file->first, &file->len);
    if (unchanged(request, file, date)) {
        status = MHD_HTTP_NOT_MODIFIED;
        response = empty(file->fd);
        file->len = 0;
    } else if (kind == RANGE_BEYOND) {
        status = MHD_HTTP_RANGE_NOT_SATISFIABLE;
        response = empty(file->fd);
        (void)snprintf(content_range, sizeof(content_range), "bytes */%" PRIu64, size);
    } else {
        response = body(file, request->entrance->tls);
    }
    if (response != NULL && kind == RANGE_PART && status == MHD_HTTP_OK) {
        status = MHD_HTTP_PARTIAL_CONTENT;
        (void)snprintf(content_range, sizeof(content_range),
                       "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, file->first,
                       file->first + file->len - 1, size);
    }
    if (response != NULL) {
        add_headers(response, file, date);
        if (content_range[0] != '\0') {
            serve_add(response, "Content-Range", content_range);
        }
    }
    return serve_send(request, status, response, file->len);
}

enum MHD_Result serve_file(const serve_request_t *request)
{
    file_t file = {.fd = -1};
    if (path_decode(request->url, file.path)) {
        file.fd = path_open(request->entrance->server->root, file.path, &file.info);
    }
    if (file.fd < 0) {
        return serve_say(request, MHD_HTTP_NOT_FOUND, "not found\n");
    }
    range_tag(file.path, &file.info, file.tag);
    return answer(request, &file);
}
