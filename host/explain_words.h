/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences behind host/explain.h, one entry a status. Internal to host/explain*.c. */
#ifndef HOST_EXPLAIN_WORDS_H
#define HOST_EXPLAIN_WORDS_H

#include "ota/status.h"

/* How found and expected of a fault are to be read. */
typedef enum {
    AS_NOTHING, /* they carry nothing; the offset neither */
    AS_OFFSET,  /* only the offset counts */
    AS_BYTE,    /* one byte each */
    AS_WORD,    /* 32 bits, hexadecimal */
    AS_COUNT,   /* decimal */
    AS_SIZE,    /* bytes; found: needed, expected: there is */
    AS_SHORT,   /* bytes; found: there is, expected: needed */
    AS_CHIP,
    AS_REV,
    AS_HEADER_SIZE, /* flash size of an image header against the chip's, both in bytes */
    AS_LIMIT,       /* found against an upper limit */
    AS_SEGMENT,     /* a segment's length against what can be mapped */
    AS_TIME         /* seconds since 1970 */
} explain_as_t;

typedef struct {
    ota_status_t status;
    explain_as_t as;
    const char *place; /* "the image's header", continued with ", byte N" */
    const char *what;
    const char *todo;
} explain_words_t;

/* Those of documents and releases. */
extern const explain_words_t explain_words_release[];
extern const size_t explain_words_releases;

/* NULL for a number that is no status. */
const explain_words_t *explain_words(ota_status_t status);

#endif
