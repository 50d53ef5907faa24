/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar under manifests: JSON without exceptions, whatever stands in it. */
#include "support/document.h"
#include "support/unit.h"

#include <stdio.h>

static void json_is_held_to_its_grammar(void **state)
{
    (void)state;
    static const refusal_t refusals[] = {
        {"\"format\": 1,", "\"format\": 1", OTA_ERR_JSON_SYNTAX, "\"product\""},
        {"\"format\": 1,", "\"format\": 1,,", OTA_ERR_JSON_SYNTAX, ","},
        {"\"format\": 1", "\"format\" 1", OTA_ERR_JSON_SYNTAX, "1"},
        {"\"format\": 1", "format: 1", OTA_ERR_JSON_SYNTAX, "format"},
        {"\"format\": 1", "'format': 1", OTA_ERR_JSON_SYNTAX, "'"},
        {"\"format\": 1", "/* */ \"format\": 1", OTA_ERR_JSON_SYNTAX, "/"},
        {"\\ude80\"\n}", "\\ude80\",\n}", OTA_ERR_JSON_SYNTAX, "}"},
        {"\"chip\": 0}\n", "\"chip\": 0},\n", OTA_ERR_JSON_SYNTAX, "]"},
        {"\\ude80\"\n}\n", "\\ude80\"\n}\n}", OTA_ERR_JSON_TRAILING, "}"},
        {"\\ude80\"\n}\n", "\\ude80\"\n} x", OTA_ERR_JSON_TRAILING, "x"},
        {"Line one", "Line\none", OTA_ERR_JSON_SYNTAX, "\none"},
        {"Line one", "Line\x1F", OTA_ERR_JSON_SYNTAX, "\x1F"},
        {"Line one", "Line\\", OTA_ERR_JSON_ESCAPE, NULL},
        {"Line one", "Line\\x", OTA_ERR_JSON_ESCAPE, "\\x"},
        {"Line one", "Line\\u12g4", OTA_ERR_JSON_ESCAPE, "\\u12"},
        {"Line one", "Line\\u0000", OTA_ERR_JSON_ESCAPE, "\\u0000"},
        {"\\ud83d\\ude80", "\\ud83d", OTA_ERR_JSON_ESCAPE, "\\ud83d"},
        {"\\ud83d\\ude80", "\\ud83d\\n", OTA_ERR_JSON_ESCAPE, "\\ud83d"},
        {"\\ud83d\\ude80", "\\ud83d\\u0041", OTA_ERR_JSON_ESCAPE, "\\ud83d"},
        {"\\ud83d\\ude80", "\\ude80", OTA_ERR_JSON_ESCAPE, "\\ude80"},
        {"\xC3\xA9", "\xC3", OTA_ERR_JSON_UTF8, "\xC3"},
        {"\xC3\xA9", "\xA9", OTA_ERR_JSON_UTF8, "\xA9"},
        {"\xC3\xA9", "\xC0\x80", OTA_ERR_JSON_UTF8, "\xC0"},
        {"\xC3\xA9", "\xC1\xBF", OTA_ERR_JSON_UTF8, "\xC1"},
        {"\xC3\xA9", "\xE0\x9F\xBF", OTA_ERR_JSON_UTF8, "\xE0"},
        {"\xC3\xA9", "\xED\xA0\x80", OTA_ERR_JSON_UTF8, "\xED"},
        {"\xC3\xA9", "\xF0\x8F\xBF\xBF", OTA_ERR_JSON_UTF8, "\xF0"},
        {"\xC3\xA9", "\xF4\x90\x80\x80", OTA_ERR_JSON_UTF8, "\xF4"},
        {"\xC3\xA9", "\xF5\x80\x80\x80", OTA_ERR_JSON_UTF8, "\xF5"},
        {"\xC3\xA9", "\xFF", OTA_ERR_JSON_UTF8, "\xFF"},
        {"\"format\"", "\"fo\\u0072mat\"", OTA_ERR_JSON_ESCAPE, "\"fo"},
        {"\"format\": 1", "\"\\n\": 1, \"format\": 1", OTA_ERR_JSON_ESCAPE, "\"\\n"},
        {"{\n", "[\n", OTA_ERR_FIELD_TYPE, "["},
        {"{\n", "\xEF\xBB\xBF{\n", OTA_ERR_JSON_SYNTAX, "\xEF"},
        {"{\n", "<html>{\n", OTA_ERR_JSON_SYNTAX, "<"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        expect_refusal(good_manifest, &refusals[i]);
    }
}

static void unknown_members_are_skipped_whatever_they_hold(void **state)
{
    (void)state;
    static const char *const values[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "12",
        "-1.5e+10",
        "1E9",
        "0.25",
        "\"\"",
        "\"x\\ty\"",
        "[]",
        "{}",
        "[1, 2]",
        "[[], {}, [{}]]",
        "1e-07",
        "[{}]",
        "{\"a\": 1}",
        "{\"a\": {\"b\": [null, {\"c\": \"d\"}]}, \"e\": [3]}",
        "[[[[[1]]]]]",
        "\"\xE2\x82\xAC\xF0\x9F\x9A\x80\xEF\xBF\xBF\xED\x9F\xBF\xF4\x8F\xBF\xBF\xC2\x80\"",
        "\"\xE0\xA0\x80\xF0\x90\x80\x80\xEE\x80\x80\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20ac\"",
        "123456789012345678901234567890",
        " \t\r\n1 \t\r\n",
    };
    static const char *const places[] = {"\"format\": 1", "\"share\": 500", "\"order\": 9",
                                         "\"size\": 70000"};
    for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
        for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
            char new[256];
            ota_manifest_t manifest;
            ota_fault_t fault;
            (void)snprintf(new, sizeof(new), "\"later\": %s, \"\": 0, %s", values[v], places[p]);
            assert_int_equal(
                read_manifest(changed(good_manifest, places[p], new), &manifest, &fault), OTA_OK);
        }
    }
}

static void unknown_members_are_held_to_the_grammar_too(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        ota_status_t status;
    } cases[] = {
        {"", OTA_ERR_JSON_SYNTAX},        {"nul", OTA_ERR_JSON_SYNTAX},
        {"tru", OTA_ERR_JSON_SYNTAX},     {"+1", OTA_ERR_JSON_SYNTAX},
        {"-", OTA_ERR_JSON_SYNTAX},       {"01", OTA_ERR_JSON_SYNTAX},
        {"1.", OTA_ERR_JSON_SYNTAX},      {".5", OTA_ERR_JSON_SYNTAX},
        {"1e", OTA_ERR_JSON_SYNTAX},      {"1e+", OTA_ERR_JSON_SYNTAX},
        {"-a", OTA_ERR_JSON_SYNTAX},      {"[1,]", OTA_ERR_JSON_SYNTAX},
        {"[1 2]", OTA_ERR_JSON_SYNTAX},   {"{1: 2}", OTA_ERR_JSON_SYNTAX},
        {"{\"a\"}", OTA_ERR_JSON_SYNTAX}, {"{\"a\": 1,}", OTA_ERR_JSON_SYNTAX},
        {"[1}", OTA_ERR_JSON_SYNTAX},     {"{\"a\": 1]", OTA_ERR_JSON_SYNTAX},
        {"NaN", OTA_ERR_JSON_SYNTAX},     {"[[[[[[[[1]]]]]]]]", OTA_ERR_JSON_DEPTH},
        {"\"\xFE\"", OTA_ERR_JSON_UTF8},  {"{\"a\\\"\": 1}", OTA_ERR_JSON_ESCAPE},
        {"[,1]", OTA_ERR_JSON_SYNTAX},    {"{\"a\": [1, {\"b\": }]}", OTA_ERR_JSON_SYNTAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char new[128];
        (void)snprintf(new, sizeof(new), "\"later\": %s, \"format\": 1", cases[i].value);
        const refusal_t refusal = {"\"format\": 1", new, cases[i].status, NULL};
        expect_refusal(good_manifest, &refusal);
    }
}

static void brackets_nest_eight_deep_and_no_deeper(void **state)
{
    (void)state;
    ota_manifest_t manifest;
    ota_fault_t fault;
    assert_int_equal(read_manifest(changed(good_manifest, "\"format\": 1",
                                           "\"later\": [{\"a\": [[[[[1]]]]]}], \"format\": 1"),
                                   &manifest, &fault),
                     OTA_OK);
    assert_int_equal(
        read_manifest(changed(good_manifest, "\"chip\": 0", "\"chip\": 0, \"x\": [[[[[[1]]]]]]"),
                      &manifest, &fault),
        OTA_ERR_JSON_DEPTH);
    assert_int_equal(fault.found, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_held_to_its_grammar),
        cmocka_unit_test(unknown_members_are_skipped_whatever_they_hold),
        cmocka_unit_test(unknown_members_are_held_to_the_grammar_too),
        cmocka_unit_test(brackets_nest_eight_deep_and_no_deeper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
