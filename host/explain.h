/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explain: words for failures.
 *
 * The library reports a status and an ota_fault_t; a person wants three sentences: what
 * happened, where exactly, what to do now. They are data (host/explain_words.c), one entry
 * a status; a test fails when a status has none.
 *
 * The same for ESP-IDF's esp_err_t numbers, each of which stands for several causes: all
 * of them are named, most likely first (host/explain_esp.c).
 *
 * Nothing is allocated except by the JSON forms; all text ends in NUL and is cut at the
 * end of its buffer, never in the middle of a number's digits that matter elsewhere.
 */
#ifndef HOST_EXPLAIN_H
#define HOST_EXPLAIN_H

#include "ota/status.h"
#include <cjson/cJSON.h>

typedef struct {
    const char *name; /* "OTA_ERR_IMAGE_CHIP"; constant */
    const char *what; /* one sentence; constant */
    const char *todo; /* what to do, one or two sentences; constant */
    char where[256];  /* place, found and expected, decoded; "" if there is none to name */
} explain_t;

/*
 * Words for a failure. fault->offset, found and expected are decoded by the rules of its
 * status: chip ids by name (and as text, if their two bytes are), revisions as vX.Y, sizes
 * as size_exact, secure versions, addresses. A status that is no enumerator is explained as such.
 */
void explain_fault(const ota_fault_t *fault, explain_t *out);

/* As explain_fault for a status alone: `where` names the kind of place, no numbers. */
void explain_status(ota_status_t status, explain_t *out);

/* "what\n  at: where\n  do: todo\n" into a buffer, cut if need be. Returns the length that a
 * buffer of any size would hold, as snprintf does. */
size_t explain_text(const ota_fault_t *fault, char *text, size_t room);

/* {"status","code","what","where","todo","offset","found","expected"}. The caller deletes it.
 * NULL: no memory. */
cJSON *explain_json(const ota_fault_t *fault);

/* --- pieces that reports share ------------------------------------------------------------ */

/* "9 (esp32s3)"; "27757 (0x6c6d, bytes 6d 6c: the text \"ml\")"; "4 (no known chip)". */
void explain_chip(uint16_t id, char *text, size_t room);

/* "v3.99" of 399; "any" of 0 and 65535 where `open` says that these mean no limit. */
void explain_rev(uint32_t rev, bool open, char *text, size_t room);

/* --- esp_err_t ------------------------------------------------------------------------------ */

#define EXPLAIN_CAUSES 7u

typedef struct {
    int32_t code;
    const char *name;                  /* "ESP_ERR_OTA_PARTITION_CONFLICT" */
    const char *what;                  /* one sentence */
    const char *cause[EXPLAIN_CAUSES]; /* most likely first; NULL ends the list */
    const char *todo;
} explain_esp_t;

/* The entry of a number / a name (exactly `len` bytes of it); NULL if unknown. Constant data. */
const explain_esp_t *explain_esp_code(int32_t code);
const explain_esp_t *explain_esp_name(const char *name, size_t len);
/* All entries, `index` 0..; NULL after the last. */
const explain_esp_t *explain_esp_at(size_t index);

/* {"name","code","what","causes":[..],"todo"}. The caller deletes it. NULL: no memory. */
cJSON *explain_esp_json(const explain_esp_t *entry);

#endif
