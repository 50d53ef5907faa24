/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports of the agent: what it needs of a product besides flash and crypto. Structs of callbacks, as
 * in ota/flash.h: `ctx` is handed back untouched, `version` must be the constant beside it.
 *
 * No callback may call the agent. None may block for long: HTTP is asked again and again, and the
 * agent's own clock decides when an answer is too slow.
 */
#ifndef AGENT_PORTS_H
#define AGENT_PORTS_H

#include "ota/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- HTTP --------------------------------------------------------------------------------------
 */

#define OTA_HTTP_VERSION 1u

/* Valid until `start` returns; what a port needs longer it copies. */
typedef struct {
    const char *url;      /* absolute, http or https */
    uint32_t from;        /* > 0: ask for "Range: bytes=FROM-" */
    const char *if_range; /* with from: a strong ETag, quotes included, or NULL */
    const void *body;     /* NULL: GET; else POST of these bytes as application/json */
    size_t body_len;
} ota_http_request_t;

/*
 * One request at a time: start, head until it has a status, read until the end, stop. stop may come
 * at any moment and ends everything; start comes only after stop.
 *
 * Asked of a port: it follows no redirect (the agent does, and bounds them), asks for no
 * Content-Encoding (Accept-Encoding: identity), decodes chunks, skips 1xx, and takes a body that
 * ends before its Content-Length for lost. TLS is its business; trust does not depend on it.
 * OTA_ERR_HTTP_CONNECT: nobody answered; OTA_ERR_HTTP_CERTIFICATE; OTA_ERR_HTTP_LOST: the
 * connection broke; OTA_ERR_HTTP_URL.
 */
typedef struct ota_http {
    uint32_t version; /* OTA_HTTP_VERSION */
    void *ctx;
    ota_status_t (*start)(void *ctx, const ota_http_request_t *request);
    /* *code: the response's status; 0: not there yet. */
    ota_status_t (*head)(void *ctx, uint16_t *code);
    /* Value of a header field of the response, after head has had a code: cut to `room` and
     * terminated. Returns its full length, 0 where it is absent or empty. Names are given in small
     * letters and compared without regard to case. */
    size_t (*header)(void *ctx, const char *name, char *value, size_t room);
    /* Up to `room` bytes of the body. *len 0 and not *end: nothing yet. *end: and that was all. */
    ota_status_t (*read)(void *ctx, void *dst, size_t room, size_t *len, bool *end);
    void (*stop)(void *ctx);
} ota_http_t;

/* --- clock and random --------------------------------------------------------------------------
 */

#define OTA_CLOCK_VERSION 1u

typedef struct ota_clock {
    uint32_t version; /* OTA_CLOCK_VERSION */
    void *ctx;
    uint32_t (*ms)(void *ctx);  /* milliseconds that go forward, from anywhere, wrapping at 2^32 */
    uint32_t (*now)(void *ctx); /* seconds since 1970; 0: not known */
} ota_clock_t;

#define OTA_RANDOM_VERSION 1u

/* For the jitter of delays only: no secret depends on it. */
typedef struct ota_random {
    uint32_t version; /* OTA_RANDOM_VERSION */
    void *ctx;
    uint32_t (*next)(void *ctx);
} ota_random_t;

/* --- store -------------------------------------------------------------------------------------
 */

#define OTA_STORE_VERSION 1u

/*
 * Values by key, in non-volatile memory: NVS, two flash sectors, files. The agent has four keys of
 * at most 11 characters: "ota.state.a", "ota.state.b" (256 bytes), "ota.keys.a", "ota.keys.b" (a
 * key set: up to 16 KiB). It writes them in turns and checks what it reads, so a port promises
 * little: a power cut inside write may leave anything under that key, and nothing else changed.
 */
typedef struct ota_store {
    uint32_t version; /* OTA_STORE_VERSION */
    void *ctx;
    /* *len: bytes of the value, at most `room` of them in dst; 0: no such key. */
    ota_status_t (*read)(void *ctx, const char *key, void *dst, size_t room, size_t *len);
    ota_status_t (*write)(void *ctx, const char *key, const void *src, size_t len);
} ota_store_t;

/* --- identity ----------------------------------------------------------------------------------
 */

/* Who the device is. Everything must outlive the agent. */
typedef struct {
    const char *product;
    const char *channel;
    const char *variant; /* of the board; NULL: none */
    const uint8_t *id;   /* what it is known by, any bytes, at most 32; must not change */
    uint32_t id_len;
    const char *const *cohorts;
    uint32_t cohort_count;
    const char *version; /* of the running app, from its descriptor */
    uint32_t bootloader; /* version of its descriptor; 0: it has none */
    const uint8_t *keys; /* the key set that the firmware was built with (ota/keys.h) */
    uint32_t keys_len;
} ota_identity_t;

#ifdef __cplusplus
}
#endif

#endif
