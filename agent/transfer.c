/* SPDX-License-Identifier: Apache-2.0 */
/* One request: sent, redirected, answered or given up. */
#include "agent/internal.h"

#include "core/bytes.h"

#define DAY_SECONDS 86400u

/* --- addresses ---------------------------------------------------------------------------------
 */

ota_status_t ota_agent_address(ota_agent_t *agent, const char *const *parts, size_t count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(parts[i]);
        if (len >= sizeof(agent->url) - at) {
            return OTA_ERR_HTTP_URL;
        }
        memcpy(agent->url + at, parts[i], len);
        at += len;
    }
    agent->url[at] = '\0';
    return OTA_OK;
}

const char *ota_agent_digits(uint32_t number, char text[NUMBER_SIZE])
{
    char *at = &text[NUMBER_SIZE - 1];
    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return at;
}

bool ota_agent_number(const char **at, uint32_t *number)
{
    const char *first = *at;
    uint32_t n = 0;
    while (**at >= '0' && **at <= '9') {
        uint32_t digit = (uint32_t)(**at - '0');
        if (n > (UINT32_MAX - digit) / 10) {
            return false;
        }
        n = n * 10 + digit;
        (*at)++;
    }
    *number = n;
    return *at != first;
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool begins(const char *text, const char *with)
{
    for (; *with != '\0'; text++, with++) {
        if (small(*text) != *with) {
            return false;
        }
    }
    return true;
}

static bool absolute(const char *url)
{
    return begins(url, "http://") || begins(url, "https://");
}

/* Bytes of the present address that stand before what `location` says. */
static size_t kept(const char *url, const char *location)
{
    const char *host = strstr(url, "//");
    if (host == NULL) {
        return 0;
    }
    if (location[0] == '/' && location[1] == '/') {
        return (size_t)(host - url);
    }
    size_t origin = (size_t)(host - url) + 2 + strcspn(host + 2, "/?#");
    size_t path = origin + strcspn(url + origin, "?#");
    while (location[0] != '/' && path > origin && url[path - 1] != '/') {
        path--;
    }
    return location[0] == '/' ? origin : path;
}

/* RFC 3986 as far as servers use it: whole addresses, //host, /path, and names beside. */
static ota_status_t redirect(ota_agent_t *agent, char *location)
{
    location[strcspn(location, "#")] = '\0';
    size_t scheme = strcspn(location, ":/?");
    bool whole = absolute(location);
    if (location[0] == '\0' || (!whole && location[scheme] == ':')) {
        return OTA_ERR_HTTP_URL;
    }
    size_t at = whole ? 0 : kept(agent->url, location);
    bool slash = !whole && location[0] != '/' && at > 0 && agent->url[at - 1] != '/';
    size_t len = strlen(location);
    if (at + slash + len >= sizeof(agent->url)) {
        return OTA_ERR_HTTP_URL;
    }
    if (slash) {
        agent->url[at++] = '/';
    }
    memcpy(agent->url + at, location, len + 1);
    return OTA_OK;
}

/* --- the request -------------------------------------------------------------------------------
 */

static ota_status_t start(ota_agent_t *agent)
{
    agent->code = 0;
    agent->asked_ms = 0;
    agent->request.url = agent->url;
    agent->heard = ota_agent_ms(agent);
    ota_status_t status = absolute(agent->url)
                              ? agent->config.http->start(agent->config.http->ctx, &agent->request)
                              : OTA_ERR_HTTP_URL;
    agent->open = status == OTA_OK;
    return status;
}

ota_status_t ota_agent_send(ota_agent_t *agent, const ota_http_request_t *request)
{
    agent->request = *request;
    agent->redirects = 0;
    agent->begun = ota_agent_ms(agent);
    return start(agent);
}

void ota_agent_hang_up(ota_agent_t *agent)
{
    if (agent->open) {
        agent->config.http->stop(agent->config.http->ctx);
        agent->open = false;
    }
    agent->code = 0;
}

/* Silence has a limit, and so has all of it: a server that sends a byte now and then
 * would otherwise hold the agent for ever. */
static ota_status_t in_time(const ota_agent_t *agent, uint32_t limit_ms)
{
    uint32_t now = ota_agent_ms(agent);
    if (now - agent->begun >= limit_ms) {
        return OTA_ERR_HTTP_SLOW;
    }
    return now - agent->heard >= agent->config.stall_ms ? OTA_ERR_HTTP_STALLED : OTA_OK;
}

static bool is_redirect(uint16_t code)
{
    return code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

static ota_status_t judge(uint16_t code)
{
    switch (code) {
    case 200:
    case 201:
    case 202:
    case 204:
    case 206:
        return OTA_OK;
    case 404:
    case 410:
        return OTA_ERR_HTTP_ABSENT;
    case 401:
    case 402:
    case 403:
    case 407:
    case 451:
    case 511:
        return OTA_ERR_HTTP_DENIED;
    case 408:
    case 425:
    case 429:
        return OTA_ERR_HTTP_BUSY;
    case 416:
        return OTA_ERR_HTTP_RANGE;
    case 501:
        return OTA_ERR_HTTP_STATUS;
    default:
        return code >= 500 && code <= 599 ? OTA_ERR_HTTP_BUSY : OTA_ERR_HTTP_STATUS;
    }
}

static size_t header(const ota_agent_t *agent, const char *name, char *value, size_t room)
{
    return agent->config.http->header(agent->config.http->ctx, name, value, room);
}

bool ota_agent_length(const ota_agent_t *agent, uint32_t *length)
{
    char text[NUMBER_SIZE + 1];
    const char *at = text;
    size_t len = header(agent, "content-length", text, sizeof(text));
    if (len == 0) {
        return false;
    }
    if (len >= sizeof(text) || !ota_agent_number(&at, length) || *at != '\0') {
        *length = UINT32_MAX; /* there is one, and it fits nothing */
    }
    return true;
}

/* A page is never what was asked for, and nothing here unpacks. */
static ota_status_t judge_type(const ota_agent_t *agent)
{
    char text[24];
    if (header(agent, "content-encoding", text, sizeof(text)) > 0 && !begins(text, "identity")) {
        return OTA_ERR_HTTP_TYPE;
    }
    bool page = header(agent, "content-type", text, sizeof(text)) > 0 &&
                (begins(text, "text/html") || begins(text, "application/xhtml"));
    return page && agent->request.body == NULL ? OTA_ERR_HTTP_TYPE : OTA_OK;
}

/* Seconds only: a date would need a clock that is right. Beyond a day it is one. */
static uint32_t retry_after(const ota_agent_t *agent)
{
    char text[NUMBER_SIZE + 1];
    const char *at = text;
    uint32_t seconds = 0;
    size_t len = header(agent, "retry-after", text, sizeof(text));
    if (len == 0 || len >= sizeof(text) || !ota_agent_number(&at, &seconds) || *at != '\0') {
        return 0;
    }
    return min_u32(seconds, DAY_SECONDS) * 1000u;
}

static ota_status_t follow(ota_agent_t *agent)
{
    char *location = (char *)agent->piece;
    size_t len = header(agent, "location", location, sizeof(agent->piece));
    ota_agent_hang_up(agent);
    if (agent->redirects++ >= OTA_AGENT_REDIRECTS) {
        return OTA_ERR_HTTP_REDIRECTS;
    }
    if (len == 0 || len >= sizeof(agent->piece)) {
        return OTA_ERR_HTTP_URL;
    }
    ota_status_t status = redirect(agent, location);
    return status == OTA_OK ? start(agent) : status;
}

ota_status_t ota_agent_head(ota_agent_t *agent, uint32_t limit_ms)
{
    uint16_t code = 0;
    ota_status_t status = agent->config.http->head(agent->config.http->ctx, &code);
    if (status != OTA_OK) {
        return status;
    }
    if (code == 0) {
        return in_time(agent, limit_ms);
    }
    if (is_redirect(code)) {
        return follow(agent);
    }
    agent->code = code;
    agent->heard = ota_agent_ms(agent);
    status = judge(code);
    agent->asked_ms = status == OTA_ERR_HTTP_BUSY ? retry_after(agent) : 0;
    return status == OTA_OK ? judge_type(agent) : status;
}

ota_status_t ota_agent_body(ota_agent_t *agent, void *dst, size_t room, size_t *len, bool *end,
                            uint32_t limit_ms)
{
    *len = 0;
    *end = false;
    ota_status_t status = agent->config.http->read(agent->config.http->ctx, dst, room, len, end);
    if (status == OTA_OK && *len > room) {
        status = OTA_ERR_PORT; /* it has written beyond: trust nothing of it */
    }
    if (status != OTA_OK) {
        return status;
    }
    if (*len > 0) {
        agent->heard = ota_agent_ms(agent);
    }
    return *end ? OTA_OK : in_time(agent, limit_ms);
}
