/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object of a document, read by a table of its known members into a struct. Internal to core.
 *
 * Objects and arrays among the members are checked for syntax and their place is noted; who
 * needs them reads them from there. So nothing here calls itself.
 */
#ifndef CORE_FIELDS_H
#define CORE_FIELDS_H

#include "core/json.h"

typedef enum {
    FIELD_NUMBER, /* uint32_t, from `least` to `most` */
    FIELD_BOOL,   /* bool */
    FIELD_NAME,   /* ota_text_t: 1..most letters, digits, '.', '_', '-'; no '.' or '-' in front */
    FIELD_LINE,   /* ota_text_t: 1..most bytes without escapes */
    FIELD_PROSE,  /* ota_text_t: up to `most` bytes, escapes as they stand */
    FIELD_HEX,    /* ota_text_t: lower-case digits, `least` or `most` of them */
    FIELD_OBJECT, /* uint32_t: place of its bracket */
    FIELD_ARRAY
} field_kind_t;

typedef struct {
    const char *name;
    uint8_t kind;
    bool needed;
    uint16_t place; /* offsetof in the struct */
    uint32_t least;
    uint32_t most;
} field_t;

/* Reads the object that begins at json->at. What is absent and not needed stays as it was.
 * The object's own place stands in faults that have no better one. */
OTA_MUST_CHECK ota_status_t ota_fields_read(json_t *json, const field_t *fields, uint32_t count,
                                            void *out);

/* Bounds, syntax from first to last byte, kind ("manifest", "keys") and format of a document.
 * Leaves `json` in front of its object. `fault` may be NULL, then `spare` takes it. */
OTA_MUST_CHECK ota_status_t ota_document_open(json_t *json, const uint8_t *bytes, size_t len,
                                              const char *kind, ota_fault_t *fault,
                                              ota_fault_t *spare);

/* A name of the alphabet of FIELD_NAME? */
bool ota_text_is_name(ota_text_t text);

#endif
