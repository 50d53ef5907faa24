/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/http/curl.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#define CONNECT_SECONDS 20L
#define WAIT_MS         20u

/* --- what libcurl calls ------------------------------------------------------------------------
 */

/* One piece at a time: while it has not been read the transfer stands still, and so the server. */
static size_t take(const char *data, size_t size, size_t count, void *user)
{
    http_curl_t *curl = user;
    size_t len = size * count;
    if (curl->len > 0) {
        curl->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (len > sizeof(curl->buffer)) {
        return 0;
    }
    memcpy(curl->buffer, data, len);
    curl->at = 0;
    curl->len = len;
    return len;
}

/* An empty line ends the head; 1xx have one of their own. */
static size_t head_line(const char *data, size_t size, size_t count, void *user)
{
    http_curl_t *curl = user;
    size_t len = size * count;
    long code = 0;
    bool last = len <= 2 && (len == 0 || data[0] == '\r' || data[0] == '\n');
    if (last && curl_easy_getinfo(curl->easy, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK &&
        code >= 200 && code <= 999) {
        curl->code = (uint16_t)code;
    }
    return len;
}

/* --- driving -----------------------------------------------------------------------------------
 */

/* libcurl says "unsupported protocol" of an address, and of an answer that is no HTTP. */
static bool was_connected(const http_curl_t *curl)
{
    long port = 0;
    return curl_easy_getinfo(curl->easy, CURLINFO_PRIMARY_PORT, &port) == CURLE_OK && port != 0;
}

static ota_status_t failure(const http_curl_t *curl, CURLcode result)
{
    switch ((int)result) {
    case CURLE_OK:
        return OTA_OK;
    case CURLE_URL_MALFORMAT:
        return OTA_ERR_HTTP_URL;
    case CURLE_UNSUPPORTED_PROTOCOL:
        return was_connected(curl) ? OTA_ERR_HTTP_LOST : OTA_ERR_HTTP_URL;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
        return OTA_ERR_HTTP_CONNECT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return OTA_ERR_HTTP_CERTIFICATE;
    case CURLE_OPERATION_TIMEDOUT:
        return curl->code == 0 ? OTA_ERR_HTTP_CONNECT : OTA_ERR_HTTP_LOST;
    default:
        return OTA_ERR_HTTP_LOST;
    }
}

static void look_for_end(http_curl_t *curl)
{
    int left = 0;
    const CURLMsg *message = curl_multi_info_read(curl->multi, &left);
    if (message != NULL && message->msg == CURLMSG_DONE) {
        curl->done = true;
        curl->status = failure(curl, message->data.result);
    }
}

/* Lets the network move, and waits a little where it does not. */
static void drive(http_curl_t *curl, bool wait)
{
    int running = 0;
    if (curl->done) {
        return;
    }
    if (wait && curl_multi_poll(curl->multi, NULL, 0, (int)curl->wait_ms, NULL) != CURLM_OK) {
        curl->status = OTA_ERR_PORT;
    }
    if (curl_multi_perform(curl->multi, &running) != CURLM_OK) {
        curl->status = OTA_ERR_PORT;
    }
    look_for_end(curl);
}

/* --- the port ----------------------------------------------------------------------------------
 */

static bool set_range(http_curl_t *curl, const ota_http_request_t *request)
{
    char text[128];
    struct curl_slist *lines = curl_slist_append(NULL, "Accept-Encoding: identity");
    if (request->from > 0) {
        (void)snprintf(text, sizeof(text), "Range: bytes=%u-", (unsigned)request->from);
        lines = curl_slist_append(lines, text);
    }
    if (request->from > 0 && request->if_range != NULL) {
        (void)snprintf(text, sizeof(text), "If-Range: %s", request->if_range);
        lines = curl_slist_append(lines, text);
    }
    if (request->body != NULL) {
        lines = curl_slist_append(lines, "Content-Type: application/json");
        lines = curl_slist_append(lines, "Expect:");
    }
    curl->lines = lines;
    return lines != NULL && curl_easy_setopt(curl->easy, CURLOPT_HTTPHEADER, lines) == CURLE_OK;
}

static bool set_body(const http_curl_t *curl, const ota_http_request_t *request)
{
    return request->body == NULL ||
           (curl_easy_setopt(curl->easy, CURLOPT_POSTFIELDSIZE, (long)request->body_len) ==
                CURLE_OK &&
            curl_easy_setopt(curl->easy, CURLOPT_COPYPOSTFIELDS, request->body) == CURLE_OK);
}

static bool set_trust(const http_curl_t *curl)
{
    long check = curl->any_certificate ? 0L : 1L;
    return curl_easy_setopt(curl->easy, CURLOPT_SSL_VERIFYPEER, check) == CURLE_OK &&
           curl_easy_setopt(curl->easy, CURLOPT_SSL_VERIFYHOST, check * 2) == CURLE_OK &&
           (curl->authorities == NULL ||
            curl_easy_setopt(curl->easy, CURLOPT_CAINFO, curl->authorities) == CURLE_OK);
}

static bool set_callbacks(http_curl_t *curl)
{
    CURL *easy = curl->easy;
    return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, curl) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, head_line) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, curl) == CURLE_OK;
}

static bool set_all(http_curl_t *curl, const ota_http_request_t *request)
{
    CURL *easy = curl->easy;
    curl_easy_reset(easy);
    return curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS) == CURLE_OK &&
           set_callbacks(curl) && set_trust(curl) && set_range(curl, request) &&
           set_body(curl, request);
}

static void stop(void *ctx)
{
    http_curl_t *curl = ctx;
    (void)curl_multi_remove_handle(curl->multi, curl->easy);
    curl_slist_free_all(curl->lines);
    curl->lines = NULL;
}

static ota_status_t start(void *ctx, const ota_http_request_t *request)
{
    http_curl_t *curl = ctx;
    curl->status = OTA_OK;
    curl->code = 0;
    curl->done = false;
    curl->paused = false;
    curl->len = 0;
    if (!set_all(curl, request) || curl_multi_add_handle(curl->multi, curl->easy) != CURLM_OK) {
        curl_slist_free_all(curl->lines);
        curl->lines = NULL;
        return OTA_ERR_PORT;
    }
    return OTA_OK;
}

static ota_status_t head(void *ctx, uint16_t *code)
{
    http_curl_t *curl = ctx;
    if (curl->code == 0) {
        drive(curl, true);
    }
    /* libcurl takes an answer that ends inside of its head for a whole one. */
    if (curl->code == 0 && curl->done && curl->status == OTA_OK) {
        curl->status = OTA_ERR_HTTP_LOST;
    }
    *code = curl->code;
    return curl->code != 0 ? OTA_OK : curl->status;
}

static size_t header(void *ctx, const char *name, char *value, size_t room)
{
    const http_curl_t *curl = ctx;
    struct curl_header *found = NULL;
    value[0] = '\0';
    if (curl_easy_header(curl->easy, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) {
        return 0;
    }
    (void)snprintf(value, room, "%s", found->value);
    return strlen(found->value);
}

static ota_status_t read_body(void *ctx, void *dst, size_t room, size_t *len, bool *end)
{
    http_curl_t *curl = ctx;
    if (curl->len == 0 && curl->paused) {
        curl->paused = false;
        (void)curl_easy_pause(curl->easy, CURLPAUSE_CONT);
    }
    if (curl->len == 0) {
        drive(curl, false);
    }
    if (curl->len == 0) {
        drive(curl, true);
    }
    *len = curl->len < room ? curl->len : room;
    memcpy(dst, curl->buffer + curl->at, *len);
    curl->at += *len;
    curl->len -= *len;
    *end = *len == 0 && curl->done && curl->status == OTA_OK;
    return *len > 0 ? OTA_OK : curl->status;
}

ota_status_t http_curl_open(http_curl_t *curl)
{
    memset(curl, 0, sizeof(*curl));
    curl->wait_ms = WAIT_MS;
    curl->http = (ota_http_t){OTA_HTTP_VERSION, curl, start, head, header, read_body, stop};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return OTA_ERR_PORT;
    }
    curl->multi = curl_multi_init();
    curl->easy = curl_easy_init();
    if (curl->multi == NULL || curl->easy == NULL) {
        http_curl_close(curl);
        return OTA_ERR_PORT;
    }
    return OTA_OK;
}

void http_curl_close(http_curl_t *curl)
{
    if (curl->easy != NULL) {
        (void)curl_multi_remove_handle(curl->multi, curl->easy);
    }
    curl_slist_free_all(curl->lines);
    curl_easy_cleanup(curl->easy);
    (void)curl_multi_cleanup(curl->multi);
    curl_global_cleanup();
    memset(curl, 0, sizeof(*curl));
}
