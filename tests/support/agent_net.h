/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP port over nothing: files, and a server that misbehaves as told. */
#ifndef TESTS_SUPPORT_AGENT_NET_H
#define TESTS_SUPPORT_AGENT_NET_H

#include "agent/ports.h"

#define NET_FILES 24u
#define NET_NEVER UINT32_MAX

typedef struct {
    char path[160]; /* from the first '/' behind the host */
    const uint8_t *bytes;
    uint32_t len;
} net_file_t;

/* What it does with requests for images. */
typedef enum {
    NET_FINE,
    NET_WHOLE,       /* 200 whatever was asked for */
    NET_SHIFTED,     /* 206 of other bytes, and says so */
    NET_LYING,       /* 206 of other bytes, and says they were the right ones */
    NET_NO_RANGE,    /* 206 without Content-Range */
    NET_ALWAYS_206,  /* 206 even where no range was asked for */
    NET_416,         /* 416 where a range was asked for */
    NET_CHUNKED,     /* no Content-Length, no total in the range */
    NET_LONGER,      /* Content-Length of another file */
    NET_LONGER_BODY, /* no Content-Length, and more bytes */
    NET_SHORT_BODY,  /* Content-Length is right, bytes are missing; the end is reported */
    NET_PAGE,        /* a page with 200 */
    NET_PAGE_TYPED_BINARY,
    NET_TEXT,
    NET_GZIP,
    NET_CODE, /* net->code_sent */
    NET_SILENT,
    NET_DRIP, /* one byte a second */
    NET_LOOP, /* redirects to itself */
    NET_FAR   /* redirects to another host, with a URL of net->far bytes */
} net_mode_t;

typedef struct {
    net_file_t file[NET_FILES];
    size_t files;
    net_mode_t mode;
    uint16_t code_sent;
    const char *retry_after; /* of every answer of NET_CODE; NULL: none */
    uint32_t far;
    const char *etag;  /* of every file; NULL: none */
    uint32_t chunk;    /* bytes of one read */
    uint32_t reset_at; /* image bytes after which the connection breaks, once; NET_NEVER */
    uint32_t stall_at; /* after which it goes silent, once */
    uint32_t swap_at;  /* after which a break comes, and the file is `swapped` under a new tag */
    const uint8_t *swapped;
    bool portal;  /* every answer is a page */
    bool offline; /* nobody answers */
    uint16_t report_code;
    const uint32_t *ms; /* the world's clock */

    unsigned requests;
    unsigned image_requests;
    uint32_t image_bytes; /* delivered in all */
    bool if_range_seen;
    char report[512];
    char last_url[1100];

    /* The request under way. */
    bool open;
    bool image;
    bool gone;
    uint16_t code;
    const net_file_t *at;
    uint32_t from;
    uint32_t sent;
    uint32_t end; /* of the body, in the file */
    uint32_t dripped;
    char location[1100];
} net_t;

void net_start(net_t *net, const uint32_t *ms);
/* The port; ctx is net. */
ota_http_t net_port(net_t *net);
void net_put(net_t *net, const char *path, const void *bytes, uint32_t len);

#endif
