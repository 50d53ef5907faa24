/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Link: the network between one device and one site, with everything that goes wrong on it. An HTTP
 * port (agent/ports.h) over nothing: no sockets, no real time, the same from the same plan.
 *
 * Places count what a session is made of, so that a cut has a number:
 *
 *   request | status and headers | byte 0 | byte 1 | ... | next request | ...
 *   place 0   place 1              place 2  place 3
 */
#ifndef LAB_NET_LINK_H
#define LAB_NET_LINK_H

#include "agent/ports.h"
#include "lab/net/site.h"

#define LINK_NEVER UINT64_MAX
#define LINK_URL   1100u

/* How it breaks at a place. */
typedef enum {
    LINK_RESET, /* the connection is gone */
    LINK_STALL, /* it stays, and nothing comes any more */
    LINK_END,   /* the answer ends early, and properly */
    LINK_CUTS
} link_cut_t;

/* What is wrong with answers to requests for one kind of file. */
typedef enum {
    LINK_FINE,
    LINK_WHOLE,       /* 200 whatever was asked for */
    LINK_SHIFTED,     /* 206 of other bytes, and says so */
    LINK_LYING,       /* 206 of other bytes, and says they were the right ones */
    LINK_NO_RANGE,    /* 206 without Content-Range */
    LINK_ALWAYS_206,  /* also where no range was asked for */
    LINK_416,         /* where a range was asked for */
    LINK_CHUNKED,     /* no Content-Length, no total in the range */
    LINK_LONGER,      /* Content-Length says one byte more */
    LINK_LONGER_BODY, /* no Content-Length, and more bytes than the file has */
    LINK_PAGE,        /* a page of a captive portal, with 200 */
    LINK_PAGE_BINARY, /* the same, called application/octet-stream */
    LINK_TEXT,        /* Content-Type: text/plain */
    LINK_GZIP,        /* Content-Encoding: gzip */
    LINK_CODE,        /* plan.code and a page */
    LINK_SILENT,      /* it takes the request and says nothing */
    LINK_DRIP,        /* one byte every 20 seconds */
    LINK_LOOP,        /* redirects to itself */
    LINK_FAR,         /* redirects to another host by a URL of 540 characters */
    LINK_NOWHERE,     /* redirects to what is no URL */
    LINK_FLIPPED,     /* one bit of the body is another */
    LINK_SWAPPED,     /* the body is another file's, of the same length, under another ETag */
    LINK_OFFLINE,     /* nobody answers */
    LINK_MODES
} link_mode_t;

typedef struct {
    link_mode_t mode;
    site_kind_t of;  /* which files */
    uint32_t times;  /* so many requests for them, then LINK_FINE; 0: for ever */
    uint16_t code;   /* LINK_CODE, */
    uint16_t later;  /* with "Retry-After: SECONDS"; 0: without */
    uint64_t cut_at; /* the place; LINK_NEVER */
    link_cut_t cut;
    uint32_t loss;    /* of 10,000 pieces, after which the connection breaks */
    uint32_t seed;    /* of that */
    uint32_t down_ms; /* the server is down so long, */
    uint32_t up_ms;   /* and up so long, in turns; 0: always up */
} link_plan_t;

typedef struct {
    link_plan_t plan;
    const site_t *site;
    uint32_t (*ms)(void *ctx); /* the device's clock */
    void *clock;
    /* what happened */
    uint64_t places;
    uint32_t requests;
    uint32_t image_requests;
    uint64_t image_bytes; /* delivered */
    uint32_t reports;
    uint32_t broken; /* connections */
    uint32_t dead;   /* requests that met no server, or lost it */
    uint32_t served; /* requests for plan.of */
    /* the request under way */
    bool gone; /* nothing comes any more */
    bool bad;  /* the plan's mode is for this one */
    uint16_t code;
    const site_file_t *file;
    uint32_t from;
    uint32_t sent;
    uint32_t asked_ms;
    uint32_t random;
    char location[LINK_URL];
} net_link_t;

void link_start(net_link_t *link, const site_t *site, const link_plan_t *plan);
/* The port; its ctx is the link, which must not move. */
ota_http_t link_port(net_link_t *link);

const char *link_cut_name(link_cut_t cut); /* "reset" */

#endif
