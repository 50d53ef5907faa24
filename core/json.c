/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include "core/bytes.h"

COLD ota_status_t ota_json_fail(const json_t *json, ota_status_t status, uint32_t at,
                                uint32_t found, uint32_t expected)
{
    *json->fault = (ota_fault_t){status, at, found, expected};
    return status;
}

/* What stands here cannot stand here; or nothing does. */
static COLD ota_status_t unexpected(const json_t *json)
{
    if (json->at >= json->len) {
        return ota_json_fail(json, OTA_ERR_JSON_TRUNCATED, json->at, 0, 0);
    }
    return ota_json_fail(json, OTA_ERR_JSON_SYNTAX, json->at, json->bytes[json->at], 0);
}

/* The present byte; 0 at the end, where nothing that is looked for is 0. */
static uint8_t here(const json_t *json)
{
    return json->at < json->len ? json->bytes[json->at] : 0;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

uint8_t ota_json_peek(json_t *json)
{
    while (is_blank(here(json))) {
        json->at++;
    }
    return here(json);
}

static ota_status_t take(json_t *json, uint8_t wanted)
{
    if (ota_json_peek(json) != wanted) {
        return unexpected(json);
    }
    json->at++;
    return OTA_OK;
}

ota_status_t ota_json_end(json_t *json)
{
    (void)ota_json_peek(json);
    if (json->at < json->len) {
        return ota_json_fail(json, OTA_ERR_JSON_TRAILING, json->at, json->bytes[json->at], 0);
    }
    return OTA_OK;
}

/* Another kind of value than the member has. At the end of the text it is the text that is wrong,
 * and a byte that begins no value is no value of another kind. */
static COLD ota_status_t wrong_type(json_t *json)
{
    uint8_t c = ota_json_peek(json);
    bool begins = is_digit(c) || (c != 0 && strchr("{[\"-tfn", c) != NULL);
    return begins ? ota_json_fail(json, OTA_ERR_FIELD_TYPE, json->at, c, 0) : unexpected(json);
}

/* --- strings -------------------------------------------------------------------------------- */

/* One character of more than one byte; Unicode's table 3-7, as arithmetic. */
static ota_status_t take_utf8(json_t *json)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint8_t lead = here(json);
    uint32_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    uint32_t value = lead & (0x3Fu >> more);
    uint32_t start = json->at++;
    bool good = lead >= 0xC0 && lead < 0xF8; /* which of them is in the table says the value */
    for (uint32_t i = 0; good && i < more; i++, json->at++) {
        good = (here(json) & 0xC0u) == 0x80u;
        value = value << 6 | (here(json) & 0x3Fu);
    }
    good = good && value >= least[more] && value <= 0x10FFFF;
    if (!good || value >> 11 == 0x1B) { /* 0xD800..0xDFFF: halves of UTF-16 */
        return ota_json_fail(json, OTA_ERR_JSON_UTF8, start, lead, 0);
    }
    return OTA_OK;
}

/* Four hexadecimal digits; 0 also where there are none. */
static uint32_t take_hex4(json_t *json)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < 4; i++, json->at++) {
        int digit = ota_hex_digit(here(json), true);
        if (digit < 0) {
            return 0;
        }
        value = value << 4 | (uint32_t)digit;
    }
    return value;
}

/* Behind "\u". A first half of UTF-16 needs its second; NUL would end a text early in C. */
static bool take_unicode(json_t *json)
{
    uint32_t value = take_hex4(json);
    if (value == 0 || value >> 10 == 0x37) {
        return false;
    }
    if (value >> 10 != 0x36) {
        return true;
    }
    if (here(json) != '\\') {
        return false;
    }
    json->at++;
    if (here(json) != 'u') {
        return false;
    }
    json->at++;
    return take_hex4(json) >> 10 == 0x37;
}

static ota_status_t take_escape(json_t *json)
{
    uint32_t start = json->at++;
    uint8_t c = here(json);
    json->at++;
    bool good = c == 'u' ? take_unicode(json) : c != 0 && strchr("\"\\/bfnrt", c) != NULL;
    if (good) {
        return OTA_OK;
    }
    return ota_json_fail(json, OTA_ERR_JSON_ESCAPE, start, c, 0);
}

ota_status_t ota_json_text(json_t *json, ota_text_t *text, bool *escaped)
{
    bool with_escapes = false;
    if (ota_json_peek(json) != '"') {
        return wrong_type(json);
    }
    uint32_t start = ++json->at;
    while (here(json) != '"') {
        ota_status_t status = OTA_OK;
        if (here(json) < 0x20) {
            return unexpected(json);
        }
        if (here(json) >= 0x80) {
            status = take_utf8(json);
        } else if (here(json) == '\\') {
            status = take_escape(json);
            with_escapes = true;
        } else {
            json->at++;
        }
        if (status != OTA_OK) {
            return status;
        }
    }
    *text = (ota_text_t){(const char *)json->bytes + start, json->at - start};
    json->at++;
    if (escaped != NULL) {
        *escaped = with_escapes;
    }
    return OTA_OK;
}

ota_status_t ota_json_name(json_t *json, ota_text_t *name)
{
    bool escaped = false;
    if (ota_json_peek(json) != '"') {
        return unexpected(json);
    }
    uint32_t start = json->at;
    ota_status_t status = ota_json_text(json, name, &escaped);
    if (escaped) {
        return ota_json_fail(json, OTA_ERR_JSON_ESCAPE, start, '\\', 0);
    }
    return status == OTA_OK ? take(json, ':') : status;
}

/* --- numbers and words ---------------------------------------------------------------------- */

/* Digits, if there are any; false: beyond 32 bits. */
static bool take_u32(json_t *json, uint32_t *value)
{
    bool fits = true;
    for (*value = 0; is_digit(here(json)); json->at++) {
        uint32_t digit = here(json) - (uint32_t)'0';
        uint32_t room = *value < 0xFFFFFFFFu / 10 ? 9 : 0xFFFFFFFFu % 10;
        fits = fits && *value <= 0xFFFFFFFFu / 10 && digit <= room;
        *value = *value * 10 + digit;
    }
    return fits;
}

/* What makes a number more than its digits. */
static bool goes_on(uint8_t c)
{
    return c == '.' || (c | 0x20u) == 'e';
}

ota_status_t ota_json_number(json_t *json, uint32_t least, uint32_t most, uint32_t *number)
{
    uint8_t first = ota_json_peek(json);
    uint32_t start = json->at;
    uint32_t value;
    if (first != '-' && !is_digit(first)) {
        return wrong_type(json);
    }
    bool whole = take_u32(json, &value); /* takes nothing in front of a sign */
    if (first == '0' && json->at - start > 1) {
        json->at = start + 1; /* a zero in front */
        return unexpected(json);
    }
    whole = whole && first != '-' && !goes_on(here(json));
    if (!whole || value - least > most - least) { /* below `least` it wraps */
        return ota_json_fail(json, OTA_ERR_FIELD_NUMBER, start, whole ? value : 0, most);
    }
    *number = value;
    return OTA_OK;
}

static bool take_digits(json_t *json)
{
    uint32_t start = json->at;
    while (is_digit(here(json))) {
        json->at++;
    }
    return json->at > start;
}

/* RFC 8259: -? int frac? exp?, of any size. */
static ota_status_t skip_number(json_t *json)
{
    json->at += here(json) == '-';
    if (here(json) == '0') {
        json->at++;
    } else if (!take_digits(json)) {
        return unexpected(json);
    }
    if (here(json) == '.') {
        json->at++;
        if (!take_digits(json)) {
            return unexpected(json);
        }
    }
    if ((here(json) | 0x20u) != 'e') {
        return OTA_OK;
    }
    json->at++;
    json->at += here(json) == '+' || here(json) == '-';
    return take_digits(json) ? OTA_OK : unexpected(json);
}

static bool take_word(json_t *json, const char *word)
{
    uint32_t len = (uint32_t)strlen(word);
    if (json->len - json->at < len || memcmp(json->bytes + json->at, word, len) != 0) {
        return false;
    }
    json->at += len;
    return true;
}

ota_status_t ota_json_bool(json_t *json, bool *value)
{
    (void)ota_json_peek(json);
    *value = take_word(json, "true");
    if (*value || take_word(json, "false")) {
        return OTA_OK;
    }
    return wrong_type(json);
}

static ota_status_t skip_scalar(json_t *json)
{
    uint8_t c = here(json);
    ota_text_t text;
    if (c == '"') {
        return ota_json_text(json, &text, NULL);
    }
    if (c == '-' || is_digit(c)) {
        return skip_number(json);
    }
    if (take_word(json, "true") || take_word(json, "false") || take_word(json, "null")) {
        return OTA_OK;
    }
    return unexpected(json);
}

/* --- brackets ------------------------------------------------------------------------------- */

ota_status_t ota_json_begin(json_t *json, json_list_t *list, uint8_t open)
{
    if (ota_json_peek(json) != open) {
        return wrong_type(json);
    }
    json->at++;
    *list = (json_list_t){.close = open == '{' ? '}' : ']'};
    return OTA_OK;
}

ota_status_t ota_json_next(json_t *json, json_list_t *list, bool *more)
{
    *more = ota_json_peek(json) != list->close;
    if (!*more) {
        json->at++;
        return OTA_OK;
    }
    if (!list->started) {
        list->started = true;
        return OTA_OK;
    }
    ota_status_t status = take(json, ',');
    if (ota_json_peek(json) == list->close) {
        return unexpected(json); /* a comma in front of the bracket */
    }
    return status;
}

/* The brackets that are open around the present place; bit 0 of `objects` is the innermost. */
typedef struct {
    json_list_t list; /* the innermost */
    uint32_t objects;
    uint32_t depth;
} nest_t;

static void reopen(nest_t *nest)
{
    nest->list = (json_list_t){.close = (nest->objects & 1u) != 0 ? '}' : ']', .started = true};
}

/* Into the bracket that begins here. */
static ota_status_t enter(json_t *json, nest_t *nest)
{
    bool object = here(json) == '{';
    if (nest->depth == OTA_DOCUMENT_DEPTH - 1) { /* one is the document's own */
        return ota_json_fail(json, OTA_ERR_JSON_DEPTH, json->at, OTA_DOCUMENT_DEPTH + 1,
                             OTA_DOCUMENT_DEPTH);
    }
    json->at++;
    nest->depth++;
    nest->objects = nest->objects << 1 | (object ? 1u : 0u);
    reopen(nest);
    nest->list.started = false;
    return OTA_OK;
}

/* Behind a value: out of the brackets that close here, up to the next value. */
static ota_status_t leave(json_t *json, nest_t *nest)
{
    while (nest->depth > 0) {
        bool more;
        ota_text_t name;
        ota_status_t status = ota_json_next(json, &nest->list, &more);
        if (status != OTA_OK) {
            return status;
        }
        if (more) {
            return nest->list.close == '}' ? ota_json_name(json, &name) : OTA_OK;
        }
        nest->depth--;
        nest->objects >>= 1;
        reopen(nest);
    }
    return OTA_OK;
}

ota_status_t ota_json_skip(json_t *json)
{
    nest_t nest = {0};
    ota_status_t status;
    do {
        uint8_t c = ota_json_peek(json);
        status = c == '{' || c == '[' ? enter(json, &nest) : skip_scalar(json);
        if (status == OTA_OK) {
            status = leave(json, &nest);
        }
    } while (status == OTA_OK && nest.depth > 0);
    return status;
}
