/* SPDX-License-Identifier: Apache-2.0 */
/* JSON under documents, call by call: what is taken, how far, and every field of a fault. */
#include "core/json.h"

#include "support/unit.h"

#include <stdlib.h>

typedef enum { TEXT, NAME, NUMBER, BOOL, SKIP, END, OBJECT } call_t;

typedef struct {
    const char *text;
    call_t call;
    ota_fault_t fault; /* all 0: it is taken, */
    uint32_t at;       /* up to here */
} row_t;

/* In a block of its own, without a NUL behind it. */
static json_t open_text(const char *text, ota_fault_t *fault)
{
    static uint8_t *block;
    uint32_t len = (uint32_t)strlen(text);
    free(block);
    block = malloc(len > 0 ? len : 1u);
    assert_non_null(block);
    memcpy(block, text, len);
    *fault = (ota_fault_t){0};
    return (json_t){.bytes = block, .len = len, .fault = fault};
}

static ota_status_t call(json_t *json, call_t what)
{
    ota_text_t text;
    json_list_t list;
    uint32_t number;
    bool flag;
    switch (what) {
    case TEXT:
        return ota_json_text(json, &text, &flag);
    case NAME:
        return ota_json_name(json, &text);
    case NUMBER:
        return ota_json_number(json, 10, UINT32_MAX, &number);
    case BOOL:
        return ota_json_bool(json, &flag);
    case SKIP:
        return ota_json_skip(json);
    case OBJECT:
        return ota_json_begin(json, &list, '{');
    case END:
    default:
        return ota_json_end(json);
    }
}

static void check(const row_t *row)
{
    ota_fault_t fault;
    json_t json = open_text(row->text, &fault);
    ota_status_t status = call(&json, row->call);
    bool same = status == row->fault.status && fault.status == row->fault.status &&
                fault.offset == row->fault.offset && fault.found == row->fault.found &&
                fault.expected == row->fault.expected;
    if (!same || (status == OTA_OK && json.at != row->at)) {
        fail_msg("%s: %s at %u, found %u, expected %u; read up to %u", row->text,
                 ota_status_name(status), (unsigned)fault.offset, (unsigned)fault.found,
                 (unsigned)fault.expected, (unsigned)json.at);
    }
}

#define FAULT(status, ...)                                                                         \
    {                                                                                              \
        OTA_ERR_##status, __VA_ARGS__                                                              \
    }
#define CHECK(rows)                                                                                \
    for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) {                                \
        check(&(rows)[i]);                                                                         \
    }

static void strings(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"\"\" x", TEXT, {0}, 2},
        {" \t\r\n\"a\x7F\"", TEXT, {0}, 8},
        {"\"\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF4\x8F\xBF\xBF\"", TEXT, {0}, 14},
        {"\"\\u20AC\\uABCD\\uabcd\\uFFFF\\uDBFF\\uDFFF\"", TEXT, {0}, 38},
        {"", TEXT, FAULT(JSON_TRUNCATED, 0, 0, 0), 0},
        {"  ", TEXT, FAULT(JSON_TRUNCATED, 2, 0, 0), 0},
        {"\"ab", TEXT, FAULT(JSON_TRUNCATED, 3, 0, 0), 0},
        {"\"a\x1F\"", TEXT, FAULT(JSON_SYNTAX, 2, 0x1F, 0), 0},
        {"7", TEXT, FAULT(FIELD_TYPE, 0, '7', 0), 0},
        {"]", TEXT, FAULT(JSON_SYNTAX, 0, ']', 0), 0},
        {"\"\\", TEXT, FAULT(JSON_ESCAPE, 1, 0, 0), 0},
        {"\"\\x\"", TEXT, FAULT(JSON_ESCAPE, 1, 'x', 0), 0},
        {"\"a\\u00g0\"", TEXT, FAULT(JSON_ESCAPE, 2, 'u', 0), 0},
        {"\"\\u0000\"", TEXT, FAULT(JSON_ESCAPE, 1, 'u', 0), 0},
        {"\"\\uDC00\"", TEXT, FAULT(JSON_ESCAPE, 1, 'u', 0), 0},
        {"\"\\uD800\\uD800\"", TEXT, FAULT(JSON_ESCAPE, 1, 'u', 0), 0},
        {"\"\\uD800x\"", TEXT, FAULT(JSON_ESCAPE, 1, 'u', 0), 0},
        {"\"\\uD800\\nDC00\"", TEXT, FAULT(JSON_ESCAPE, 1, 'u', 0), 0},
    };
    CHECK(rows);
}

static void characters_of_more_than_one_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t lead;
    } bad[] = {
        {"\"\x80\"", 0x80},
        {"\"\x80\x80\"", 0x80},
        {"\"\xBF\x80\"", 0xBF},
        {"\"\xA9\x80\"", 0xA9},
        {"\"\xC0\x80\"", 0xC0},
        {"\"\xC1\xBF\"", 0xC1},
        {"\"\xE0\x9F\xBF\"", 0xE0},
        {"\"\xE1\x41\x80\"", 0xE1},
        {"\"\xE1\x80\x41\"", 0xE1},
        {"\"\xE1\xC0\x80\"", 0xE1},
        {"\"\xED\xA0\x80\"", 0xED},
        {"\"\xED\xBF\xBF\"", 0xED},
        {"\"\xF0\x8F\xBF\xBF\"", 0xF0},
        {"\"\xF4\x90\x80\x80\"", 0xF4},
        {"\"\xF8\x90\x80\x80\"", 0xF8},
        {"\"\xF9\x80\x80\x80\"", 0xF9},
        {"\"\xFF\xBF\xBF\xBF\"", 0xFF},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const row_t row = {bad[i].text, TEXT, FAULT(JSON_UTF8, 1, bad[i].lead, 0), 0};
        check(&row);
    }
}

static void names(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"\"a\" :1", NAME, {0}, 5},
        {"\"a\"", NAME, FAULT(JSON_TRUNCATED, 3, 0, 0), 0},
        {"\"a\" 1", NAME, FAULT(JSON_SYNTAX, 4, '1', 0), 0},
        {" \"\\n\":", NAME, FAULT(JSON_ESCAPE, 1, '\\', 0), 0},
        {"\"\xFF\":", NAME, FAULT(JSON_UTF8, 1, 0xFF, 0), 0},
        {"7:", NAME, FAULT(JSON_SYNTAX, 0, '7', 0), 0},
    };
    CHECK(rows);
}

static void numbers(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"10", NUMBER, {0}, 2},
        {" 4294967295,", NUMBER, {0}, 11},
        {"4000000009", NUMBER, {0}, 10},
        {"4294967296", NUMBER, FAULT(FIELD_NUMBER, 0, 0, UINT32_MAX), 0},
        {"4294967300", NUMBER, FAULT(FIELD_NUMBER, 0, 0, UINT32_MAX), 0},
        {"42949672950", NUMBER, FAULT(FIELD_NUMBER, 0, 0, UINT32_MAX), 0},
        {"99999999999999999999", NUMBER, FAULT(FIELD_NUMBER, 0, 0, UINT32_MAX), 0},
        {" 9", NUMBER, FAULT(FIELD_NUMBER, 1, 9, UINT32_MAX), 0},
        {"-12", NUMBER, FAULT(FIELD_NUMBER, 0, 0, UINT32_MAX), 0},
        {"12.0", NUMBER, FAULT(FIELD_NUMBER, 0, 0, UINT32_MAX), 0},
        {"12E2", NUMBER, FAULT(FIELD_NUMBER, 0, 0, UINT32_MAX), 0},
        {"12d", NUMBER, {0}, 2},
        {"01", NUMBER, FAULT(JSON_SYNTAX, 1, '1', 0), 0},
        {"012", NUMBER, FAULT(JSON_SYNTAX, 1, '1', 0), 0},
        {"/5", NUMBER, FAULT(JSON_SYNTAX, 0, '/', 0), 0},
        {":5", NUMBER, FAULT(JSON_SYNTAX, 0, ':', 0), 0},
        {"true", NUMBER, FAULT(FIELD_TYPE, 0, 't', 0), 0},
        {"", NUMBER, FAULT(JSON_TRUNCATED, 0, 0, 0), 0},
    };
    CHECK(rows);
}

static void words_brackets_and_the_end(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {" true", BOOL, {0}, 5},
        {"false,", BOOL, {0}, 5},
        {"tru", BOOL, FAULT(FIELD_TYPE, 0, 't', 0), 0},
        {"null", BOOL, FAULT(FIELD_TYPE, 0, 'n', 0), 0},
        {" {", OBJECT, {0}, 2},
        {"[", OBJECT, FAULT(FIELD_TYPE, 0, '[', 0), 0},
        {" }", OBJECT, FAULT(JSON_SYNTAX, 1, '}', 0), 0},
        {" \n", END, {0}, 2},
        {" x", END, FAULT(JSON_TRAILING, 1, 'x', 0), 0},
    };
    CHECK(rows);
}

static void values_of_any_kind_are_skipped(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"0,", SKIP, {0}, 1},
        {"-0.5e-3 ", SKIP, {0}, 7},
        {"9e9]", SKIP, {0}, 3},
        {"12E+34", SKIP, {0}, 6},
        {"1d", SKIP, {0}, 1},
        {"null,", SKIP, {0}, 4},
        {"\"a\",", SKIP, {0}, 3},
        {"[ 1 , [ ] , { } ] ,", SKIP, {0}, 17},
        {"{\"a\":{\"b\":[1,{\"c\":0}]},\"d\":1} ", SKIP, {0}, 29},
        {"[[[[[[[1]]]]]]]", SKIP, {0}, 15},
        {"[[[[[[[[1]]]]]]]]", SKIP, FAULT(JSON_DEPTH, 7, 9, 8), 0},
        {"[{\"a\":[[[[[{\"b\":1}]]]]]}]", SKIP, FAULT(JSON_DEPTH, 11, 9, 8), 0},
        {"[1}", SKIP, FAULT(JSON_SYNTAX, 2, '}', 0), 0},
        {"{\"a\":1]", SKIP, FAULT(JSON_SYNTAX, 6, ']', 0), 0},
        {"[{\"a\":1},{\"a\":1]", SKIP, FAULT(JSON_SYNTAX, 15, ']', 0), 0},
        {"[[1],2}", SKIP, FAULT(JSON_SYNTAX, 6, '}', 0), 0},
        {"{\"a\":[1],2}", SKIP, FAULT(JSON_SYNTAX, 9, '2', 0), 0},
        {"[,1]", SKIP, FAULT(JSON_SYNTAX, 1, ',', 0), 0},
        {"[1,]", SKIP, FAULT(JSON_SYNTAX, 3, ']', 0), 0},
        {"[1 2]", SKIP, FAULT(JSON_SYNTAX, 3, '2', 0), 0},
        {"{1:2}", SKIP, FAULT(JSON_SYNTAX, 1, '1', 0), 0},
        {"{\"a\\n\":2}", SKIP, FAULT(JSON_ESCAPE, 1, '\\', 0), 0},
        {"-", SKIP, FAULT(JSON_TRUNCATED, 1, 0, 0), 0},
        {"-x", SKIP, FAULT(JSON_SYNTAX, 1, 'x', 0), 0},
        {"1.x", SKIP, FAULT(JSON_SYNTAX, 2, 'x', 0), 0},
        {"1e", SKIP, FAULT(JSON_TRUNCATED, 2, 0, 0), 0},
        {"1e+x", SKIP, FAULT(JSON_SYNTAX, 3, 'x', 0), 0},
        {"nul", SKIP, FAULT(JSON_SYNTAX, 0, 'n', 0), 0},
        {"[", SKIP, FAULT(JSON_TRUNCATED, 1, 0, 0), 0},
        {"{\"a\":", SKIP, FAULT(JSON_TRUNCATED, 5, 0, 0), 0},
    };
    CHECK(rows);
}

/* What was read stands in the text as it was; without an escape a text need not be looked at. */
static void what_was_read_is_handed_out(void **state)
{
    (void)state;
    ota_fault_t fault;
    ota_text_t text;
    bool flag = false;
    uint32_t number = 0;
    json_t json = open_text(" \"a\\n\" \"b\" \"c\" : 77 true false", &fault);
    assert_int_equal(ota_json_text(&json, &text, &flag), OTA_OK);
    assert_true(flag && ota_text_is(text, "a\\n"));
    assert_int_equal(ota_json_text(&json, &text, &flag), OTA_OK);
    assert_true(!flag && ota_text_is(text, "b"));
    assert_int_equal(ota_json_name(&json, &text), OTA_OK);
    assert_true(ota_text_is(text, "c"));
    assert_int_equal(ota_json_number(&json, 77, 77, &number), OTA_OK);
    assert_int_equal(number, 77);
    assert_int_equal(ota_json_bool(&json, &flag), OTA_OK);
    assert_true(flag);
    assert_int_equal(ota_json_bool(&json, &flag), OTA_OK);
    assert_false(flag);
    assert_int_equal(ota_json_end(&json), OTA_OK);
}

static void the_elements_of_a_bracket(void **state)
{
    (void)state;
    ota_fault_t fault;
    json_list_t list;
    bool more = false;
    json_t json = open_text("[ 1 , 2 ]", &fault);
    assert_int_equal(ota_json_begin(&json, &list, '['), OTA_OK);
    assert_int_equal(ota_json_next(&json, &list, &more), OTA_OK);
    assert_true(more && ota_json_peek(&json) == '1');
    json.at++;
    assert_int_equal(ota_json_next(&json, &list, &more), OTA_OK);
    assert_true(more && ota_json_peek(&json) == '2');
    json.at++;
    assert_int_equal(ota_json_next(&json, &list, &more), OTA_OK);
    assert_false(more);
    assert_int_equal(json.at, 9);
    json = open_text("[1,]", &fault);
    assert_int_equal(ota_json_begin(&json, &list, '['), OTA_OK);
    assert_int_equal(ota_json_next(&json, &list, &more), OTA_OK);
    json.at++;
    assert_int_equal(ota_json_next(&json, &list, &more), OTA_ERR_JSON_SYNTAX);
    json = open_text("[]", &fault);
    assert_int_equal(ota_json_begin(&json, &list, '['), OTA_OK);
    assert_int_equal(ota_json_next(&json, &list, &more), OTA_OK);
    assert_false(more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings),
        cmocka_unit_test(characters_of_more_than_one_byte),
        cmocka_unit_test(names),
        cmocka_unit_test(numbers),
        cmocka_unit_test(words_brackets_and_the_end),
        cmocka_unit_test(values_of_any_kind_are_skipped),
        cmocka_unit_test(what_was_read_is_handed_out),
        cmocka_unit_test(the_elements_of_a_bracket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
