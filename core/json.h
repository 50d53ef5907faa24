/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A JSON text in memory, read in one direction, without recursion and without copying. Strict
 * (ota/document.h says how). Internal to core.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "ota/document.h"

typedef struct {
    const uint8_t *bytes;
    uint32_t len;
    uint32_t at;
    ota_fault_t *fault; /* never NULL */
} json_t;

/* Notes the failure at `at` and returns its status. */
ota_status_t ota_json_fail(const json_t *json, ota_status_t status, uint32_t at, uint32_t found,
                           uint32_t expected);

/* Skips white space; the byte that begins what follows, 0 at the end (no value begins with 0). */
uint8_t ota_json_peek(json_t *json);

/* The elements of a bracket. Begin: the opening bracket must follow (OTA_ERR_FIELD_TYPE). Next:
 * *more says that an element (a name, in an object) begins here; false: the closing one was taken.
 */
typedef struct {
    uint8_t close; /* '}' or ']' */
    bool started;
} json_list_t;

OTA_MUST_CHECK ota_status_t ota_json_begin(json_t *json, json_list_t *list, uint8_t open);
OTA_MUST_CHECK ota_status_t ota_json_next(json_t *json, json_list_t *list, bool *more);

/* A member's name and the colon behind it. OTA_ERR_JSON_ESCAPE: it has escapes. */
OTA_MUST_CHECK ota_status_t ota_json_name(json_t *json, ota_text_t *name);

/* A string. *escaped (may be NULL): there are escapes in it. */
OTA_MUST_CHECK ota_status_t ota_json_text(json_t *json, ota_text_t *text, bool *escaped);

/* A whole number from `least` to `most`. OTA_ERR_FIELD_TYPE: no number; OTA_ERR_FIELD_NUMBER. */
OTA_MUST_CHECK ota_status_t ota_json_number(json_t *json, uint32_t least, uint32_t most,
                                            uint32_t *number);

/* true or false. OTA_ERR_FIELD_TYPE. */
OTA_MUST_CHECK ota_status_t ota_json_bool(json_t *json, bool *value);

/* Any value, with all that is in it. */
OTA_MUST_CHECK ota_status_t ota_json_skip(json_t *json);

/* Nothing but white space may follow. OTA_ERR_JSON_TRAILING. */
OTA_MUST_CHECK ota_status_t ota_json_end(json_t *json);

#endif
