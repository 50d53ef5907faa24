/* SPDX-License-Identifier: Apache-2.0 */
/* The checklist of Espressif's own tests of its generator, re-created with fixtures of our own,
 * and what the recorded runs do not ask. */
#include "host/table_csv.h"
#include "host/table_lint.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

/* One run over a text. Everything is freed by done(). */
typedef struct {
    table_source_t source;
    uint8_t binary[OTA_TABLE_SIZE];
    char *csv;
    size_t csv_len;
    bool ok;
} run_t;

static run_t run;

static void done(void)
{
    table_source_free(&run.source);
    free(run.csv);
    memset(&run, 0, sizeof(run));
}

static void build_bytes(const void *bytes, size_t len, const table_options_t *options)
{
    done();
    run.ok = table_read(&run.source, options, bytes, len) && table_verify(&run.source) &&
             (options->flash_mb == 0 || table_verify_size(&run.source));
    if (run.ok && run.source.from_binary) {
        run.csv = table_to_csv(&run.source, &run.csv_len);
    } else if (run.ok) {
        run.ok = table_to_binary(&run.source, run.binary);
    }
}

static void build_with(const char *text, const table_options_t *options)
{
    build_bytes(text, strlen(text), options);
}

static void build(const char *text)
{
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    build_with(text, &options);
}

static void accept(const char *text)
{
    build(text);
    if (!run.ok) {
        fail_msg("%s", table_findings_error(&run.source.findings)->what);
    }
}

static const table_finding_t *expect_refusal(const char *rule, uint32_t line)
{
    const table_finding_t *error = table_findings_error(&run.source.findings);
    assert_false(run.ok);
    assert_non_null(error);
    assert_string_equal(error->rule, rule);
    assert_int_equal(error->line, line);
    assert_true(error->what[0] != '\0');
    assert_true(error->todo[0] != '\0');
    return error;
}

static ota_part_t part(uint32_t index)
{
    ota_table_t table;
    ota_part_t found = {0};
    assert_int_equal(ota_table_open_boot(&table, run.binary, OTA_TABLE_SIZE, UINT32_MAX, NULL),
                     OTA_OK);
    assert_int_equal(ota_table_get(&table, index, &found), OTA_OK);
    return found;
}

static void the_smallest_table(void **state)
{
    (void)state;
    accept("# a comment\n\nfirst, 0x30, 0xEE, 0x101000, 0x300000\n");
    assert_int_equal(run.source.count, 1);
    assert_int_equal(part(0).type, 0x30);
    assert_int_equal(part(0).subtype, 0xEE);
    assert_int_equal(part(0).offset, 0x101000);
    assert_int_equal(part(0).size, 0x300000);
    assert_string_equal(part(0).label, "first");
}

static void a_missing_type_is_named(void **state)
{
    (void)state;
    build("nvs,,nvs,0x9000,0x3000\n");
    const table_finding_t *error = expect_refusal("type_empty", 1);
    assert_non_null(strstr(error->what, "Type"));
    assert_string_equal(error->part, "nvs");
}

static void keywords_are_numbers(void **state)
{
    (void)state;
    uint8_t words[OTA_TABLE_SIZE];
    accept("f,app,factory,0x10000,64K\na,app,ota_0,,64K\nb,app,ota_1,,64K\nc,app,ota_15,,64K\n"
           "t,app,test,,64K\no,data,ota,,8K\n");
    memcpy(words, run.binary, sizeof(words));
    accept("f,0,0,0x10000,64K\na,0,0x10,,64K\nb,0,17,,64K\nc,0,0x1f,,64K\nt,0,32,,64K\n"
           "o,1,0,,8K\n");
    assert_memory_equal(words, run.binary, sizeof(words));
}

static void suffixes_multiply(void **state)
{
    (void)state;
    accept("a,app,factory,64K,1M\nb,data,fat,,1kk\nc,data,fat,,1mk\n");
    assert_int_equal(part(0).offset, 0x10000);
    assert_int_equal(part(0).size, 0x100000);
    assert_int_equal(part(1).size, 0x100000);
    assert_int_equal(part(2).size, 0x40000000);
    build("a,app,factory,64K,1.5M\n");
    (void)expect_refusal("bad_number", 1);
    build("a,app,factory,010000,1M\n");
    (void)expect_refusal("bad_number", 1);
}

static void offsets_fill_themselves_in(void **state)
{
    (void)state;
    accept("first,app,factory,,1M\nsecond,data,0x15,,1M\nminidata,data,0x40,,32K\n"
           "other,app,ota_0,,1M\n");
    assert_int_equal(part(0).offset, 0x10000);
    assert_int_equal(part(1).offset, 0x110000);
    assert_int_equal(part(2).offset, 0x210000);
    assert_int_equal(part(3).offset, 0x220000);
}

static void a_negative_size_reaches_up_to_an_address(void **state)
{
    (void)state;
    accept("first,app,factory,0x10000,-2M\nsecond,data,0x15,,1M\n");
    assert_int_equal(part(0).size, 0x1F0000);
    assert_int_equal(part(1).offset, 0x200000);
    build("first,app,factory,0x210000,-2M\n");
    (void)expect_refusal("value_out_of_range", 1);
}

static void overlaps_are_refused_with_their_line(void **state)
{
    (void)state;
    build("first,app,factory,0x100000,2M\nsecond,app,ota_0,0x200000,1M\n");
    const table_finding_t *error = expect_refusal("order_overlap_previous", 2);
    assert_non_null(strstr(error->todo, "0x300000"));
    build("# x\n\na,app,factory,0x0,1M\nb,app,ota_0,,1M\n");
    (void)expect_refusal("order_overlap_table", 3);
}

static void two_equal_names_are_refused(void **state)
{
    (void)state;
    build("a,app,factory,,1M\nb,data,nvs,,16K\na,app,ota_0,,1M\n");
    const table_finding_t *error = expect_refusal("duplicate_names", 3);
    assert_non_null(strstr(error->what, "line 1"));
}

static void bootloader_rows_need_their_options(void **state)
{
    (void)state;
    static const char text[] = "bl,bootloader,primary,N/A,N/A\npt,partition_table,primary,N/A,N/A\n"
                               "f,app,factory,,32K\nblo,bootloader,ota,,N/A\n"
                               "pto,partition_table,ota,,N/A\nblr,bootloader,recovery,N/A,N/A\n";
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    build(text);
    const table_finding_t *error = expect_refusal("primary_bootloader_offset_missing", 1);
    assert_non_null(strstr(error->todo, "--primary-bootloader-offset"));
    options.table_offset = 0x9000;
    options.has_bootloader = true;
    options.bootloader_offset = 0x1000;
    build_with(text, &options);
    (void)expect_refusal("recovery_bootloader_offset_missing", 6);
    options.has_recovery = true;
    options.recovery_offset = 0x200000;
    build_with(text, &options);
    assert_true(run.ok);
    static const uint32_t want[6][2] = {{0x1000, 0x8000},  {0x9000, 0x1000},  {0x10000, 0x8000},
                                        {0x18000, 0x8000}, {0x20000, 0x1000}, {0x200000, 0x8000}};
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(part(i).offset, want[i][0]);
        assert_int_equal(part(i).size, want[i][1]);
    }
    options.bootloader_offset = 0x9000;
    build_with(text, &options);
    (void)expect_refusal("primary_bootloader_not_below_table", 0);
}

static void flags_go_there_and_back(void **state)
{
    (void)state;
    static const char text[] = "# ESP-IDF Partition Table\n"
                               "# Name, Type, SubType, Offset, Size, Flags\n"
                               "a,data,fat,0x9000,4K,encrypted\n"
                               "b,data,fat,0xa000,4K,encrypted:readonly\n"
                               "c,data,fat,0xb000,4K,readonly\n";
    uint8_t binary[OTA_TABLE_SIZE];
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    accept(text);
    assert_int_equal(part(1).flags, 3);
    memcpy(binary, run.binary, sizeof(binary));
    build_bytes(binary, sizeof(binary), &options);
    assert_true(run.ok);
    assert_string_equal(run.csv, text);
    build("a,data,fat,0x9000,4K,Encrypted\n");
    (void)expect_refusal("unknown_flag", 1);
}

static void an_empty_subtype_is_undefined_for_all_but_apps(void **state)
{
    (void)state;
    accept("a,data,,0x9000,4K\nb,data,ota,,8K\nc,data,undefined,,4K\nd,0x40,,,4K\n");
    assert_int_equal(part(0).subtype, 6);
    assert_int_equal(part(1).subtype, 0);
    assert_int_equal(part(2).subtype, 6);
    assert_int_equal(part(3).subtype, 6);
    build("a,app,,0x10000,64K\n");
    (void)expect_refusal("subtype_empty_app", 1);
}

static void a_byte_order_mark_changes_nothing(void **state)
{
    (void)state;
    static const char plain[] = "n\xC3\xA9,data,fat,0x9000,4K\n";
    uint8_t utf16[128];
    size_t n = 0;
    uint8_t first[OTA_TABLE_SIZE];
    char marked[sizeof(plain) + 3] = "\xEF\xBB\xBF";
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    accept(plain);
    assert_string_equal(part(0).label, "n\xC3\xA9");
    memcpy(first, run.binary, sizeof(first));
    memcpy(marked + 3, plain, sizeof(plain));
    accept(marked);
    assert_memory_equal(first, run.binary, sizeof(first));
    utf16[n++] = 0xFF;
    utf16[n++] = 0xFE;
    for (const char *p = plain; *p != '\0'; p++) {
        if (*p == '\xC3') {
            utf16[n++] = 0xE9;
            p++;
        } else {
            utf16[n++] = (uint8_t)*p;
        }
        utf16[n++] = 0;
    }
    build_bytes(utf16, n, &options);
    assert_true(run.ok);
    assert_memory_equal(first, run.binary, sizeof(first));
    build_bytes(utf16, n - 1, &options);
    (void)expect_refusal("decode_error", 0);
}

static void a_mark_within_an_old_label_stays(void **state)
{
    (void)state;
    uint8_t binary[OTA_TABLE_SIZE];
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    ota_part_t old = {1, 2, 0x9000, 0x4000, 0, "\xEF\xBB\xBFnvs"};
    memset(binary, 0xFF, sizeof(binary));
    ota_table_encode(binary, &old);
    build_bytes(binary, sizeof(binary), &options);
    assert_true(run.ok);
    assert_non_null(strstr(run.csv, "\n\xEF\xBB\xBFnvs,data,nvs,0x9000,16K,\n"));
}

static void bad_binaries_are_refused_at_their_byte(void **state)
{
    (void)state;
    uint8_t good[OTA_TABLE_SIZE];
    uint8_t bad[OTA_TABLE_SIZE];
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    accept("a,app,factory,,64K\nb,data,nvs,,16K\n");
    memcpy(good, run.binary, sizeof(good));
    memcpy(bad, good, sizeof(bad));
    bad[0x20] = 0x10;
    build_bytes(bad, sizeof(bad), &options);
    assert_non_null(strstr(expect_refusal("bin_magic", 0)->what, "0x20"));
    memcpy(bad, good, sizeof(bad));
    bad[0x50] ^= 1;
    build_bytes(bad, sizeof(bad), &options);
    assert_non_null(strstr(expect_refusal("bin_md5", 0)->what, "0x40"));
    build_bytes(good, 0x5F, &options);
    assert_non_null(strstr(expect_refusal("bin_length", 0)->what, "0x40"));
    build_bytes(good, 0x60, &options);
    (void)expect_refusal("bin_no_end", 0);
    bad[0x50] ^= 1;
    bad[0x2C] = 0xC3;
    build_bytes(bad, sizeof(bad), &options);
    (void)expect_refusal("bin_name_not_utf8", 0);
}

static void app_sizes_align_by_the_secure_boot_scheme(void **state)
{
    (void)state;
    static const struct {
        table_secure_t secure;
        const char *csv;
        bool ok;
    } rows[] = {
        {TABLE_SECURE_NO, "a,app,factory,,0x100800\n", false},
        {TABLE_SECURE_NO, "a,app,factory,,0x101000\n", true},
        {TABLE_SECURE_V1, "a,app,factory,,0x101000\n", false},
        {TABLE_SECURE_V1, "a,app,factory,,0x110000\n", true},
        {TABLE_SECURE_V2, "a,app,factory,,0x100800\n", false},
        {TABLE_SECURE_V2, "a,app,factory,,0x101000\n", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        table_options_t options = TABLE_OPTIONS_DEFAULT;
        options.secure = rows[i].secure;
        build_with(rows[i].csv, &options);
        assert_int_equal(run.ok, rows[i].ok);
        if (!rows[i].ok) {
            (void)expect_refusal("app_size_unaligned", 1);
        }
    }
}

static void offsets_are_aligned(void **state)
{
    (void)state;
    build("a,app,factory,32K,1M\n");
    (void)expect_refusal("order_overlap_table", 1);
    build("a,app,factory,0x18000,1M\n");
    assert_non_null(strstr(expect_refusal("offset_unaligned", 1)->todo, "0x20000"));
    build("n,data,nvs,0x9420,0x4000\n");
    assert_non_null(strstr(expect_refusal("offset_unaligned", 1)->todo, "0xa000"));
}

static void otadata_is_single_and_two_sectors(void **state)
{
    (void)state;
    build("a,data,ota,0x9000,0x2000\nb,data,ota,,0x2000\n");
    (void)expect_refusal("otadata_multiple", 2);
    build("a,data,ota,0x9000,0x3000\n");
    (void)expect_refusal("otadata_size", 1);
    build("a,data,ota,0x9000,0x2000,readonly\n");
    (void)expect_refusal("readonly_forbidden", 1);
    build("a,data,nvs,0x9000,0x2000\n");
    (void)expect_refusal("nvs_too_small", 1);
    accept("a,data,nvs,0x9000,0x2000,readonly\n");
}

static void misleading_names_are_warned_of(void **state)
{
    (void)state;
    accept("app,data,fat,0x9000,4K\nota_0,data,coredump,,64K\nota,data,ota,,8K\n");
    assert_int_equal(run.source.findings.count, 2);
    assert_string_equal(run.source.findings.items[0].rule, "name_is_other_type");
    assert_string_equal(run.source.findings.items[1].rule, "name_is_other_subtype");
    assert_int_equal(run.source.findings.items[1].line, 2);
}

static void a_table_larger_than_the_flash_is_refused(void **state)
{
    (void)state;
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    options.flash_mb = 16;
    build_with("factory,app,factory,0x10000,20M\n", &options);
    (void)expect_refusal("flash_size", 1);
    build_with("factory,app,factory,0x10000,-16M\n", &options);
    assert_true(run.ok);
}

static void subtypes_of_ones_own(void **state)
{
    (void)state;
    static const char *const extra[] = {"app, my_app, 0x40", " data ,movie,99"};
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    options.extra = extra;
    options.extra_count = 2;
    build_with("a,app,MY_APP,0x10000,64K\nb,data,movie,,4K\n", &options);
    assert_true(run.ok);
    assert_int_equal(part(0).subtype, 0x40);
    assert_int_equal(part(1).subtype, 0x99);
    static const char *const bad[][2] = {{"data,x,0x02", "extra_subtype_duplicate"},
                                         {"data,x", "extra_subtype_missing_field"},
                                         {"data,x,zz", "extra_subtype_bad_value"},
                                         {"foo,x,0x99", "extra_subtype_unknown_type"},
                                         {"foo,x,0x02", "extra_subtype_bad_type"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        options.extra = &bad[i][0];
        options.extra_count = 1;
        build_with("a,app,factory,,64K\n", &options);
        (void)expect_refusal(bad[i][1], 0);
    }
}

static const char *environment(void *ctx, const char *name)
{
    (void)ctx;
    if (strcmp(name, "SIZE") == 0) {
        return "64K";
    }
    return strcmp(name, "LOOP") == 0 ? "$LOOP" : NULL;
}

static void variables_are_replaced_once(void **state)
{
    (void)state;
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    options.env = environment;
    build_with("a,app,factory,,$SIZE\nb,data,fat,,${SIZE}\n", &options);
    assert_true(run.ok);
    assert_int_equal(part(1).size, 0x10000);
    build_with("a,app,factory,,$LOOP\n", &options);
    (void)expect_refusal("bad_number", 1);
    build_with("$NOPE,app,factory,,64K\n", &options);
    assert_non_null(strstr(expect_refusal("unknown_variable", 1)->what, "NOPE"));
}

static void hostile_sizes_end_early(void **state)
{
    (void)state;
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    char *big = test_calloc(1, TABLE_INPUT_MAX + 1);
    memset(big, '#', TABLE_INPUT_MAX + 1);
    build_bytes(big, TABLE_INPUT_MAX, &options);
    assert_true(run.ok);
    build_bytes(big, TABLE_INPUT_MAX + 1, &options);
    (void)expect_refusal("input_too_large", 0);
    size_t n = 0;
    for (unsigned i = 0; i < TABLE_ROWS_MAX + 1; i++) {
        n += (size_t)sprintf(big + n, "p%u,data,fat,,4K\n", i);
    }
    build_bytes(big, n, &options);
    (void)expect_refusal("too_many_entries", TABLE_ROWS_MAX + 1);
    test_free(big);
}

static void text_for_a_terminal_holds_no_escapes(void **state)
{
    (void)state;
    build("\x1b[31mred\xC2\x9B,app,nonsense,,1M\n");
    const table_finding_t *error = expect_refusal("bad_keyword", 1);
    assert_string_equal(error->part, "\\x1b[31mred\\xc2\\x9b");
    char text[8];
    assert_string_equal(table_printable("abcdefghij", 10, text, sizeof(text)), "abcde..");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_table),
        cmocka_unit_test(a_missing_type_is_named),
        cmocka_unit_test(keywords_are_numbers),
        cmocka_unit_test(suffixes_multiply),
        cmocka_unit_test(offsets_fill_themselves_in),
        cmocka_unit_test(a_negative_size_reaches_up_to_an_address),
        cmocka_unit_test(overlaps_are_refused_with_their_line),
        cmocka_unit_test(two_equal_names_are_refused),
        cmocka_unit_test(bootloader_rows_need_their_options),
        cmocka_unit_test(flags_go_there_and_back),
        cmocka_unit_test(an_empty_subtype_is_undefined_for_all_but_apps),
        cmocka_unit_test(a_byte_order_mark_changes_nothing),
        cmocka_unit_test(a_mark_within_an_old_label_stays),
        cmocka_unit_test(bad_binaries_are_refused_at_their_byte),
        cmocka_unit_test(app_sizes_align_by_the_secure_boot_scheme),
        cmocka_unit_test(offsets_are_aligned),
        cmocka_unit_test(otadata_is_single_and_two_sectors),
        cmocka_unit_test(misleading_names_are_warned_of),
        cmocka_unit_test(a_table_larger_than_the_flash_is_refused),
        cmocka_unit_test(subtypes_of_ones_own),
        cmocka_unit_test(variables_are_replaced_once),
        cmocka_unit_test(hostile_sizes_end_early),
        cmocka_unit_test(text_for_a_terminal_holds_no_escapes),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    done();
    return failed;
}
