/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fields.h"

#include "core/bytes.h"

bool ota_text_is(ota_text_t text, const char *string)
{
    size_t len = strlen(string);
    return text.len == len && (len == 0 || memcmp(text.at, string, len) == 0);
}

static bool in_name(uint8_t c)
{
    uint8_t letter = c | 0x20u;
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool ota_text_is_name(ota_text_t text)
{
    for (uint32_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.at[i];
        bool inner = i > 0 && (c == '.' || c == '-');
        if (!in_name(c) && !inner) {
            return false;
        }
    }
    return text.len > 0;
}

static bool is_hex(ota_text_t text)
{
    for (uint32_t i = 0; i < text.len; i++) {
        if (ota_hex_digit((uint8_t)text.at[i], false) < 0) {
            return false;
        }
    }
    return true;
}

/* Is the text what its member may hold? */
static bool allowed(const field_t *field, ota_text_t text, bool escaped)
{
    if (field->kind == FIELD_HEX) {
        return (text.len == field->least || text.len == field->most) && is_hex(text);
    }
    if (text.len > field->most) {
        return false;
    }
    if (field->kind == FIELD_PROSE) {
        return true;
    }
    return field->kind == FIELD_NAME ? ota_text_is_name(text) : text.len > 0 && !escaped;
}

static ota_status_t read_text(json_t *json, const field_t *field, uint8_t *place)
{
    ota_text_t text;
    bool escaped = false;
    (void)ota_json_peek(json);
    uint32_t at = json->at;
    ota_status_t status = ota_json_text(json, &text, &escaped);
    if (status == OTA_OK && !allowed(field, text, escaped)) {
        return ota_json_fail(json, OTA_ERR_FIELD_VALUE, at, text.len, field->most);
    }
    memcpy(place, &text, sizeof(text));
    return status;
}

/* Only the syntax, and where it is. */
static ota_status_t note_place(json_t *json, uint8_t open, uint8_t *place)
{
    json_list_t list;
    (void)ota_json_peek(json);
    uint32_t at = json->at;
    ota_status_t status = ota_json_begin(json, &list, open);
    if (status != OTA_OK) {
        return status;
    }
    memcpy(place, &at, sizeof(at));
    json->at = at;
    return ota_json_skip(json);
}

static ota_status_t read_number(json_t *json, const field_t *field, uint8_t *place)
{
    uint32_t number;
    ota_status_t status = ota_json_number(json, field->least, field->most, &number);
    if (status == OTA_OK) {
        memcpy(place, &number, sizeof(number));
    }
    return status;
}

static ota_status_t read_flag(json_t *json, uint8_t *place)
{
    bool flag;
    ota_status_t status = ota_json_bool(json, &flag);
    if (status == OTA_OK) {
        memcpy(place, &flag, sizeof(flag));
    }
    return status;
}

static ota_status_t read_field(json_t *json, const field_t *field, void *out)
{
    uint8_t *place = (uint8_t *)out + field->place;
    switch ((field_kind_t)field->kind) {
    case FIELD_NUMBER:
        return read_number(json, field, place);
    case FIELD_BOOL:
        return read_flag(json, place);
    case FIELD_OBJECT:
        return note_place(json, '{', place);
    case FIELD_ARRAY:
        return note_place(json, '[', place);
    case FIELD_NAME:
    case FIELD_LINE:
    case FIELD_PROSE:
    case FIELD_HEX:
        break;
    }
    return read_text(json, field, place);
}

static uint32_t find(const field_t *fields, uint32_t count, ota_text_t name)
{
    uint32_t i = 0;
    while (i < count && !ota_text_is(name, fields[i].name)) {
        i++;
    }
    return i;
}

/* The member whose name was just read, at `at`. Bit i of *seen: field i was there. */
static ota_status_t read_member(json_t *json, const field_t *fields, uint32_t count, uint32_t i,
                                uint32_t at, uint32_t *seen, void *out)
{
    if (i == count) {
        return ota_json_skip(json);
    }
    if ((*seen >> i & 1u) != 0) {
        return ota_json_fail(json, OTA_ERR_FIELD_TWICE, at, i, 0);
    }
    *seen |= 1u << i;
    return read_field(json, &fields[i], out);
}

ota_status_t ota_fields_read(json_t *json, const field_t *fields, uint32_t count, void *out)
{
    json_list_t list;
    uint32_t seen = 0;
    bool more = true;
    (void)ota_json_peek(json);
    uint32_t start = json->at;
    ota_status_t status = ota_json_begin(json, &list, '{');
    while (status == OTA_OK) {
        ota_text_t name;
        status = ota_json_next(json, &list, &more);
        if (status != OTA_OK || !more) {
            break;
        }
        uint32_t at = json->at;
        status = ota_json_name(json, &name);
        if (status == OTA_OK) {
            status = read_member(json, fields, count, find(fields, count, name), at, &seen, out);
        }
    }
    for (uint32_t i = 0; status == OTA_OK && i < count; i++) {
        if (fields[i].needed && (seen >> i & 1u) == 0) {
            return ota_json_fail(json, OTA_ERR_FIELD_MISSING, start, i, 0);
        }
    }
    return status;
}

/* --- documents ------------------------------------------------------------------------------ */

typedef struct {
    ota_text_t kind;
    uint32_t format;
} head_t;

static const field_t head_fields[] = {
    {"otary", FIELD_NAME, true, offsetof(head_t, kind), 0, OTA_NAME_MAX},
    {"format", FIELD_NUMBER, true, offsetof(head_t, format), 1, 0xFFFFFFFFu},
};

ota_status_t ota_document_open(json_t *json, const uint8_t *bytes, size_t len, const char *kind,
                               ota_fault_t *fault, ota_fault_t *spare)
{
    head_t head = {0};
    *json = (json_t){.bytes = bytes, .fault = fault != NULL ? fault : spare};
    *json->fault = (ota_fault_t){0};
    if (len > OTA_DOCUMENT_MAX) {
        return ota_json_fail(json, OTA_ERR_DOCUMENT_SIZE, 0, (uint32_t)min_size(len, 0xFFFFFFFFu),
                             OTA_DOCUMENT_MAX);
    }
    json->len = bytes != NULL ? (uint32_t)len : 0;
    ota_status_t status =
        ota_fields_read(json, head_fields, sizeof(head_fields) / sizeof(head_fields[0]), &head);
    if (status == OTA_OK) {
        status = ota_json_end(json);
    }
    if (status != OTA_OK) {
        return status;
    }
    json->at = 0;
    if (!ota_text_is(head.kind, kind)) {
        return ota_json_fail(json, OTA_ERR_DOCUMENT_KIND,
                             (uint32_t)((const uint8_t *)head.kind.at - bytes), 0, 0);
    }
    if (head.format != OTA_DOCUMENT_FORMAT) {
        return ota_json_fail(json, OTA_ERR_DOCUMENT_FORMAT, 0, head.format, OTA_DOCUMENT_FORMAT);
    }
    return OTA_OK;
}
