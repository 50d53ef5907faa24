/* SPDX-License-Identifier: Apache-2.0 */
/* The server's own parsers, and the walk to a file: no network. */
#include "server/path.h"
#include "server/range.h"
#include "server/report.h"
#include "support/folder.h"
#include "support/unit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- paths ---------------------------------------------------------------------------------- */

static void a_path_is_decoded_once(void **state)
{
    (void)state;
    char path[SERVER_PATH];
    assert_true(path_decode("/lamp/stable/manifest.json", path));
    assert_string_equal(path, "lamp/stable/manifest.json");
    assert_true(path_decode("/l%61mp/%73table%2Fmanifest.json", path));
    assert_string_equal(path, "lamp/stable/manifest.json");
    assert_false(path_decode("/l%2561mp", path)); /* %25 is no name's letter */
}

static void what_is_no_name_opens_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "/",
                                      "//",
                                      "lamp",
                                      "/lamp/",
                                      "//lamp",
                                      "/lamp//stable",
                                      "/..",
                                      "/../x",
                                      "/lamp/../x",
                                      "/lamp/..",
                                      "/.",
                                      "/./lamp",
                                      "/.hidden",
                                      "/lamp/.lock",
                                      "/%2e%2e/x",
                                      "/%2E%2e%2fx",
                                      "/..%2fx",
                                      "/%2e./x",
                                      "/%252e%252e/x",
                                      "/%c0%ae%c0%ae/x",
                                      "/..\\x",
                                      "/lamp\\..\\x",
                                      "/%5c..%5cx",
                                      "/lamp%00.json",
                                      "/%00",
                                      "/lamp%",
                                      "/lamp%2",
                                      "/lamp%zz",
                                      "/a b",
                                      "/a%20b",
                                      "/a\nb",
                                      "/a%0ab",
                                      "/\xff",
                                      "/-x",
                                      "/a;b",
                                      "/a:b",
                                      "/~root",
                                      "/http://x/y",
                                      "/%2f",
                                      "/x?y"};
    char path[SERVER_PATH];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (path_decode(bad[i], path)) {
            fail_msg("\"%s\" passes as %s", bad[i], path);
        }
    }
    char longest[4096];
    memset(longest, 'a', sizeof(longest));
    longest[0] = '/';
    longest[sizeof(longest) - 1] = '\0';
    assert_false(path_decode(longest, path));
    for (size_t i = 0; i < sizeof(longest) - 1; i += 2) {
        longest[i] = '/';
    }
    assert_false(path_decode(longest, path));
}

static void put(int at, const char *name, const char *text)
{
    int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
}

static int make_root(void)
{
    int top = open(folder_name(), O_RDONLY | O_DIRECTORY);
    assert_true(top >= 0);
    put(top, "secret", "secret");
    (void)mkdirat(top, "outside", 0700);
    (void)mkdirat(top, "root", 0700);
    (void)mkdirat(top, "root/inner", 0700);
    int root = openat(top, "root", O_RDONLY | O_DIRECTORY);
    assert_true(root >= 0);
    put(root, "inner/file", "inner");
    assert_int_equal(close(top), 0);
    return root;
}

static void no_symbolic_link_is_followed(void **state)
{
    (void)state;
    struct stat info;
    int root = make_root();
    assert_int_equal(symlinkat("../secret", root, "link"), 0);
    assert_int_equal(symlinkat("../outside", root, "out"), 0);
    assert_int_equal(symlinkat("..", root, "up"), 0);
    assert_int_equal(symlinkat("inner", root, "in"), 0);
    assert_int_equal(path_open(root, "link", &info), -1);
    assert_int_equal(path_open(root, "out/x", &info), -1);
    assert_int_equal(path_open(root, "up/secret", &info), -1);
    assert_int_equal(path_open(root, "in/file", &info), -1); /* also one that stays inside */
    int fd = path_open(root, "inner/file", &info);
    assert_true(fd >= 0);
    assert_int_equal(info.st_size, 5);
    assert_int_equal(close(fd), 0);
    assert_int_equal(close(root), 0);
}

static void only_regular_files_are_opened(void **state)
{
    (void)state;
    struct stat info;
    int root = make_root();
    (void)mkfifo(folder_path("root/pipe"), 0600);
    assert_int_equal(path_open(root, "pipe", &info), -1); /* and does not wait for a writer */
    assert_int_equal(path_open(root, "inner", &info), -1);
    assert_int_equal(path_open(root, "absent", &info), -1);
    assert_int_equal(path_open(root, "inner/file/x", &info), -1);
    assert_int_equal(path_open(root, "../secret", &info), -1);
    assert_int_equal(path_open(root, "inner/../../secret", &info), -1);
    assert_int_equal(path_open(root, "", &info), -1);
    assert_int_equal(close(root), 0);
}

/* --- ranges --------------------------------------------------------------------------------- */

static void ranges_are_what_the_rfc_says(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        uint64_t size;
        range_kind_t kind;
        uint64_t first;
        uint64_t len;
    } cases[] = {
        {NULL, 10, RANGE_WHOLE, 0, 10},
        {"bytes=0-", 10, RANGE_PART, 0, 10},
        {"bytes=9-", 10, RANGE_PART, 9, 1},
        {"bytes=10-", 10, RANGE_BEYOND, 0, 0},
        {"bytes=2-4", 10, RANGE_PART, 2, 3},
        {"Bytes=2-2", 10, RANGE_PART, 2, 1},
        {"bytes=2-99", 10, RANGE_PART, 2, 8},
        {"bytes=-3", 10, RANGE_PART, 7, 3},
        {"bytes=-99", 10, RANGE_PART, 0, 10},
        {"bytes=-0", 10, RANGE_BEYOND, 0, 0},
        {"bytes=0-0", 0, RANGE_BEYOND, 0, 0},
        {"bytes=-1", 0, RANGE_BEYOND, 0, 0},
        {"bytes=0-18446744073709551615", 10, RANGE_PART, 0, 10},
        {"bytes=0-99999999999999999999999999", 10, RANGE_PART, 0, 10},
        {"bytes=18446744073709551615-18446744073709551616", 10, RANGE_BEYOND, 0, 0},
        {"bytes=-18446744073709551617", 10, RANGE_PART, 0, 10},
        {"bytes=4-2", 10, RANGE_WHOLE, 0, 10},
        {"bytes=", 10, RANGE_WHOLE, 0, 10},
        {"bytes=-", 10, RANGE_WHOLE, 0, 10},
        {"bytes=--1", 10, RANGE_WHOLE, 0, 10},
        {"bytes=+1-2", 10, RANGE_WHOLE, 0, 10},
        {"bytes=0x1-2", 10, RANGE_WHOLE, 0, 10},
        {"bytes= 1-2", 10, RANGE_WHOLE, 0, 10},
        {"bytes=1-2x", 10, RANGE_WHOLE, 0, 10},
        {"bytes=0-1,3-4", 10, RANGE_WHOLE, 0, 10},
        {"lines=1-2", 10, RANGE_WHOLE, 0, 10},
        {"", 10, RANGE_WHOLE, 0, 10},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t first = 77;
        uint64_t len = 77;
        range_kind_t kind = range_read(cases[i].header, cases[i].size, &first, &len);
        bool same = kind == cases[i].kind &&
                    (kind == RANGE_BEYOND || (first == cases[i].first && len == cases[i].len));
        if (!same) {
            fail_msg("%s of %" PRIu64 ": kind %d, %" PRIu64 "+%" PRIu64, cases[i].header,
                     cases[i].size, (int)kind, first, len);
        }
    }
}

static void tags_of_images_are_their_names(void **state)
{
    (void)state;
    static const char image[] =
        "images/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.bin";
    struct stat info = {.st_size = 256, .st_ino = 5};
    char tag[RANGE_TAG];
    char other[RANGE_TAG];
    range_tag(image, &info, tag);
    assert_string_equal(tag,
                        "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef-100\"");
    info.st_ino = 6; /* a copy on another host is the same image */
    info.st_mtim.tv_sec = 9;
    range_tag(image, &info, other);
    assert_string_equal(tag, other);
    info.st_size = 255; /* one that is not finished yet is not */
    range_tag(image, &info, other);
    assert_string_not_equal(tag, other);
    range_tag("lamp/stable/manifest.json", &info, tag);
    info.st_ino = 7; /* what came by a rename */
    range_tag("lamp/stable/manifest.json", &info, other);
    assert_string_not_equal(tag, other);
    info.st_mtim.tv_nsec = 1;
    range_tag("lamp/stable/manifest.json", &info, tag);
    assert_string_not_equal(tag, other);
}

static void lists_of_tags_are_searched(void **state)
{
    (void)state;
    assert_true(range_tag_listed("\"a\"", "\"a\""));
    assert_true(range_tag_listed("W/\"a\"", "\"a\""));
    assert_true(range_tag_listed("\"b\", W/\"c\" ,\"a\"", "\"a\""));
    assert_true(range_tag_listed("*", "\"a\""));
    assert_false(range_tag_listed("\"b\"", "\"a\""));
    assert_false(range_tag_listed("\"ab\"", "\"a\""));
    assert_false(range_tag_listed("a", "\"a\""));
    assert_false(range_tag_listed("\"a", "\"a\""));
    assert_false(range_tag_listed("", "\"a\""));
    assert_false(range_tag_listed(",,, ,", "\"a\""));
    assert_true(range_allowed(NULL, "\"a\""));
    assert_true(range_allowed("\"a\"", "\"a\""));
    assert_false(range_allowed("W/\"a\"", "\"a\"")); /* weak: the bytes may differ */
    assert_false(range_allowed("Wed, 25 Nov 2026 09:06:25 GMT", "\"a\""));
}

/* --- reports -------------------------------------------------------------------------------- */

static const char good[] = "{\"device\":\"aa:bb\",\"product\":\"lamp\",\"channel\":\"stable\","
                           "\"version\":\"2.1.0\",\"order\":7,\"from\":\"2.0.4\","
                           "\"result\":\"rolled-back\",\"reason\":\"crash\",\"boots\":3}";

static void a_report_is_read(void **state)
{
    (void)state;
    report_t report;
    ota_fault_t fault;
    assert_int_equal(report_read(&report, good, sizeof(good) - 1, &fault), OTA_OK);
    assert_string_equal(report.device, "aa:bb");
    assert_string_equal(report.product, "lamp");
    assert_string_equal(report.channel, "stable");
    assert_string_equal(report.version, "2.1.0");
    assert_string_equal(report.from, "2.0.4");
    assert_string_equal(report.reason, "crash");
    assert_int_equal(report.order, 7);
    assert_int_equal(report.boots, 3);
    assert_string_equal(report_result_name(report.result), "rolled-back");
}

static void expect_report(const char *text, size_t len, ota_status_t wanted)
{
    report_t report;
    ota_fault_t fault;
    ota_status_t status = report_read(&report, text, len, &fault);
    if (status != wanted || fault.offset > len) {
        fail_msg("%.60s: %s", text, ota_status_name(status));
    }
}

static void what_is_no_report_is_refused(void **state)
{
    (void)state;
#define LEAST                                                                                      \
    "\"device\":\"d\",\"product\":\"p\",\"version\":\"1\",\"order\":1,\"result\":\"failed\""
    static const struct {
        const char *text;
        ota_status_t status;
    } cases[] = {
        {"{" LEAST "}", OTA_OK},
        {"{" LEAST ",\"more\":[{\"a\":null}]}", OTA_OK},
        {"{" LEAST ",\"reason\":\"\",\"from\":\"\"}", OTA_OK},
        {"", OTA_ERR_JSON_TRUNCATED},
        {"[]", OTA_ERR_FIELD_TYPE},
        {"{}", OTA_ERR_FIELD_MISSING},
        {"{" LEAST "}x", OTA_ERR_JSON_TRAILING},
        {"{" LEAST "}{}", OTA_ERR_JSON_TRAILING},
        {"{" LEAST ",\"device\":\"d\"}", OTA_ERR_FIELD_TWICE},
        {"{" LEAST ",\"boots\":-1}", OTA_ERR_FIELD_NUMBER},
        {"{" LEAST ",\"boots\":4294967296}", OTA_ERR_FIELD_NUMBER},
        {"{" LEAST ",\"boots\":\"1\"}", OTA_ERR_FIELD_TYPE},
        {"{" LEAST ",\"from\":1}", OTA_ERR_FIELD_TYPE},
        {"{" LEAST ",\"channel\":\"../x\"}", OTA_ERR_FIELD_VALUE},
        {"{" LEAST ",\"channel\":\"\"}", OTA_ERR_FIELD_VALUE},
        {"{" LEAST ",\"x\":[[[[[[[[[[[]]]]]]]]]]]}", OTA_ERR_JSON_DEPTH},
        {"{" LEAST ",\"x\":\"\xff\"}", OTA_ERR_JSON_UTF8},
        {"{" LEAST ",\"reason\":\"a\nb\"}", OTA_ERR_JSON_SYNTAX},
        {"{\"device\":\"d\",\"product\":\"p\",\"version\":\"1\",\"order\":1,\"result\":\"fine\"}",
         OTA_ERR_FIELD_VALUE},
        {"{\"device\":\"\",\"product\":\"p\",\"version\":\"1\",\"order\":1,\"result\":\"failed\"}",
         OTA_ERR_FIELD_VALUE},
        {"{\"device\":\"\\u0041\",\"product\":\"p\",\"version\":\"1\",\"order\":1,"
         "\"result\":\"failed\"}",
         OTA_ERR_FIELD_VALUE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect_report(cases[i].text, strlen(cases[i].text), cases[i].status);
    }
    for (size_t len = 0; len < sizeof(good) - 1; len++) {
        expect_report(good, len, OTA_ERR_JSON_TRUNCATED);
    }
    expect_report(good, sizeof(good), OTA_ERR_JSON_TRAILING); /* the NUL behind it */
}

static void bounds_of_a_report_hold(void **state)
{
    (void)state;
    char text[REPORT_MAX + 2];
    char word[REPORT_DEVICE + 2] = "";
    report_t report;
    ota_fault_t fault;
    for (size_t len = REPORT_DEVICE; len <= REPORT_DEVICE + 1; len++) {
        memset(word, 'd', len);
        int n = snprintf(text, sizeof(text),
                         "{\"device\":\"%s\",\"product\":\"p\",\"version\":\"1\",\"order\":1,"
                         "\"result\":\"failed\"}",
                         word);
        assert_int_equal(report_read(&report, text, (size_t)n, &fault),
                         len == REPORT_DEVICE ? OTA_OK : OTA_ERR_FIELD_VALUE);
    }
    memset(text, ' ', sizeof(text));
    memcpy(text, good, sizeof(good) - 1);
    assert_int_equal(report_read(&report, text, REPORT_MAX, &fault), OTA_OK);
    assert_int_equal(report_read(&report, text, REPORT_MAX + 1, &fault), OTA_ERR_DOCUMENT_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_decoded_once),
        cmocka_unit_test(what_is_no_name_opens_nothing),
        cmocka_unit_test(no_symbolic_link_is_followed),
        cmocka_unit_test(only_regular_files_are_opened),
        cmocka_unit_test(ranges_are_what_the_rfc_says),
        cmocka_unit_test(tags_of_images_are_their_names),
        cmocka_unit_test(lists_of_tags_are_searched),
        cmocka_unit_test(a_report_is_read),
        cmocka_unit_test(what_is_no_report_is_refused),
        cmocka_unit_test(bounds_of_a_report_hold),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
