/* SPDX-License-Identifier: Apache-2.0 */
/* lab/report_html: one page, complete in itself, whatever the user's files are called. With an
 * argument: writes a sample page there, to be looked at. */
#include "lab/report_html.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

static const report_part_t parts[] = {
    {"bootloader", "bootloader", 0x0, 0x8000, REPORT_PART_SYSTEM},
    {"table", "partition table", 0x8000, 0x1000, REPORT_PART_SYSTEM},
    {"nvs", "data/nvs", 0x9000, 0x5000, REPORT_PART_DATA},
    {"otadata", "data/ota", 0xe000, 0x2000, REPORT_PART_OTADATA},
    {"app0", "app/ota_0", 0x10000, 0x1E0000, REPORT_PART_OLD},
    {"app1", "app/ota_1", 0x1F0000, 0x1E0000, REPORT_PART_NEW},
    {"spiffs", "data/spiffs", 0x3D0000, 0x30000, REPORT_PART_DATA},
};

#define OPS_MAX 128u

/* 18 blocks of download: an erase and two runs of programs each. */
static size_t make_download(report_op_t *op)
{
    size_t n = 0;
    for (uint32_t at = 0x1F0000; at < 0x310000; at += 0x10000) {
        op[n++] = (report_op_t){
            .phase = "download", .erase = true, .count = 1, .addr = at, .len = 0x10000, .cuts = 27};
        for (uint32_t half = 0; half < 2; half++) {
            op[n++] = (report_op_t){.phase = "download",
                                    .count = 8,
                                    .addr = at + half * 0x8000,
                                    .len = 0x8000,
                                    .cuts = 16};
        }
    }
    return n;
}

static report_op_t record_op(const char *phase, bool erase, uint32_t addr, uint64_t hurt)
{
    return (report_op_t){.phase = phase,
                         .erase = erase,
                         .metadata = true,
                         .count = 1,
                         .addr = addr,
                         .len = erase ? 0x1000 : 32,
                         .cuts = erase ? 88 : 301,
                         .hurt = hurt,
                         .what = erase ? "S3 durable: the accepted update is not tried"
                                       : "S4 guarded: the new image runs for good, unconfirmed",
                         .id = erase ? "own/i1.40.z" : "own/i1.41.p29"};
}

static size_t make_ops(report_op_t *op, bool stock)
{
    static const char *const phases[] = {"select", "first boot", "confirm"};
    size_t n = make_download(op);
    for (uint32_t p = 0; p < 3; p++) {
        uint32_t addr = p == 0 || stock ? 0xF000 : 0xE000;
        op[n++] = record_op(phases[p], true, addr, stock && p > 0 ? 61 : 0);
        for (uint32_t j = 0; j < (stock ? 1u : 5u); j++) {
            op[n++] = record_op(phases[p], false, addr + j * 32, stock ? 158 : 0);
        }
    }
    return n;
}

static void make_sides(report_side_t sides[2], bool good)
{
    static report_op_t ops[2][OPS_MAX];
    sides[0] = (report_side_t){.name = "stock",
                               .words = "Espressif's bootloader and application",
                               .ops = 3606,
                               .cuts = 1204882,
                               .states = 20411,
                               .lost = 12822,
                               .unguarded = 411,
                               .boots = 3,
                               .boot_us = 95000,
                               .wear = 3,
                               .op = ops[0],
                               .op_count = make_ops(ops[0], true)};
    sides[1] = (report_side_t){.name = "otary",
                               .words = "Otary's bootloader and library",
                               .ops = 3621,
                               .cuts = 3214882,
                               .states = 51234,
                               .bricks = good ? 0 : 3,
                               .boots = 2,
                               .boot_us = 140000,
                               .wear = 2,
                               .op = ops[1],
                               .op_count = make_ops(ops[1], false)};
}

static char *sample(const char *name, bool good, size_t *len)
{
    static const char *const sampled[] = {
        "Every operation on otadata was cut before it, after it and at every byte inside it, with "
        "21 kinds of damage.",
        "Of the 3,600 operations on image data each was cut before and after; 64 of them inside, "
        "at 16 places each."};
    static const char *const assumptions[] = {
        "A program only clears bits; programming the same bytes again firms up weak cells.",
        "An operation that is cut can leave any mixture of old and new bits in its range, and "
        "nowhere else."};
    static const report_case_t cases[] = {
        {"own/i1.41.p29", "the new image runs for good, unconfirmed", "stock"}};
    report_side_t sides[2];
    make_sides(sides, good);
    report_t report = {
        .verdict = good ? "3,214,882 cuts: 0 bricks, 0 lost updates; longest recovery 2 boots"
                        : "3,214,882 cuts: 3 bricks, 0 lost updates; longest recovery 2 boots",
        .good = good,
        .table = name,
        .old_image = name,
        .new_image = "new.bin",
        .old_words = "esp32s3, version 1.0.0, 1.102 MiB",
        .new_words = "esp32s3, version 1.1.0, 1.125 MiB",
        .program = "otary 0.1.0",
        .command = name,
        .flash_size = 0x400000,
        .part = parts,
        .part_count = sizeof(parts) / sizeof(parts[0]),
        .side = sides,
        .side_count = 2,
        .sampled = sampled,
        .sampled_count = 2,
        .assumption = assumptions,
        .assumption_count = 2,
        .example = cases,
        .example_count = 1};
    return report_html(&report, len);
}

static char *page(const char *name)
{
    size_t len = 0;
    char *text = sample(name, true, &len);
    assert_non_null(text);
    assert_int_equal(strlen(text), len);
    return text;
}

static unsigned occurrences(const char *text, const char *what)
{
    unsigned n = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) {
        n++;
    }
    return n;
}

static void it_says_the_verdict_and_both_sides(void **state)
{
    (void)state;
    char *text = page("partitions.csv");
    assert_non_null(strstr(text, "3,214,882 cuts: 0 bricks, 0 lost updates"));
    assert_non_null(strstr(text, "aria-label=\"passed\""));
    assert_non_null(strstr(text, "Espressif&#39;s bootloader and application"));
    assert_non_null(strstr(text, "Otary&#39;s bootloader and library"));
    assert_non_null(strstr(text, "12,822 &#9888;"));
    assert_non_null(strstr(text, "otadata"));
    assert_non_null(strstr(text, "own/i1.41.p29"));
    free(text);
    size_t len = 0;
    text = sample("partitions.csv", false, &len);
    assert_non_null(strstr(text, "aria-label=\"failed\""));
    free(text);
}

/* One file: nothing is fetched, nothing runs. */
static void it_is_complete_in_itself(void **state)
{
    (void)state;
    static const char *const wants[] = {
        "http:", "https:",  "src=",       "href=", "<script", "@import",
        "<link", "<iframe", "javascript", "url(h", "url(/"};
    char *text = page("partitions.csv");
    for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
        if (strstr(text, wants[i]) != NULL) {
            fail_msg("the page has %s", wants[i]);
        }
    }
    assert_non_null(strstr(text, "default-src 'none'"));
    assert_non_null(strstr(text, "prefers-color-scheme:dark"));
    free(text);
}

/* Every cell tells what it is, and where a cut hurts there is a shape, not only a colour. */
static void the_timeline_can_be_read_without_colour(void **state)
{
    (void)state;
    char *text = page("partitions.csv");
    unsigned marks = occurrences(text, "<path class=\"hurt\" d=\"M");
    assert_int_equal(marks, 5 + 1); /* and the legend's */
    assert_int_equal(occurrences(text, "class=\"bang\""), marks);
    assert_int_equal(occurrences(text, "<g><title>"), 7 + 60 + 72);
    free(text);
}

static void names_from_files_cannot_break_out(void **state)
{
    (void)state;
    static const char *const names[] = {"<script>alert(1)</script>",
                                        "\"><svg onload=x>",
                                        "' onclick='x",
                                        "a&b",
                                        "</title><h1>",
                                        "]]>",
                                        "-->"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *text = page(names[i]);
        char *plain = page("x");
        assert_null(strstr(text, names[i]));
        /* the name added no markup: as many tags and quotes as with a harmless one */
        assert_int_equal(occurrences(text, "<"), occurrences(plain, "<"));
        assert_int_equal(occurrences(text, ">"), occurrences(plain, ">"));
        assert_int_equal(occurrences(text, "\""), occurrences(plain, "\""));
        free(text);
        free(plain);
    }
}

static void what_is_no_text_is_replaced(void **state)
{
    (void)state;
    static const char *const broken[] = {"\x1b[31m",         "\xff",     "\xc0\xaf", "\xed\xa0\x80",
                                         "\xf5\x80\x80\x80", "\xe2\x82", "\x7f",     "\xc2\x85",
                                         "\xf0\x80\x80\x80"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        char *text = page(broken[i]);
        assert_null(strstr(text, broken[i]));
        assert_non_null(strstr(text, "\xEF\xBF\xBD"));
        free(text);
    }
    char *text = page("Größe 設定.csv \xf0\x9f\xa6\xad");
    assert_non_null(strstr(text, "Größe 設定.csv \xf0\x9f\xa6\xad"));
    assert_null(strstr(text, "\xEF\xBF\xBD"));
    free(text);
}

/* Tags are closed in the order in which they were opened. */
static void tags_are_balanced(void **state)
{
    (void)state;
    static const char *const single[] = {"!DOCTYPE", "meta", "br"};
    char open[32][16];
    size_t depth = 0;
    char *text = page("partitions.csv");
    for (const char *at = strchr(text, '<'); at != NULL; at = strchr(at + 1, '<')) {
        char name[16] = "";
        const char *end = strchr(at, '>');
        assert_non_null(end);
        (void)sscanf(at + 1, "%15[!/A-Za-z0-9]", name);
        bool alone = end[-1] == '/';
        for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
            alone = alone || strcmp(name, single[i]) == 0;
        }
        if (name[0] == '/') {
            assert_true(depth > 0);
            assert_string_equal(open[--depth], name + 1);
        } else if (!alone) {
            assert_true(depth < 32);
            (void)strcpy(open[depth++], name);
        }
    }
    assert_int_equal(depth, 0);
    free(text);
}

static int write_sample(const char *path, bool good)
{
    size_t len = 0;
    char *text = sample("partitions.csv", good, &len);
    FILE *file = fopen(path, "w");
    bool ok = text != NULL && file != NULL && fwrite(text, 1, len, file) == len;
    free(text);
    return file != NULL && fclose(file) == 0 && ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        return write_sample(argv[1], argc == 2);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_the_verdict_and_both_sides),
        cmocka_unit_test(it_is_complete_in_itself),
        cmocka_unit_test(the_timeline_can_be_read_without_colour),
        cmocka_unit_test(names_from_files_cannot_break_out),
        cmocka_unit_test(what_is_no_text_is_replaced),
        cmocka_unit_test(tags_are_balanced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
