/* SPDX-License-Identifier: Apache-2.0 */
/* Each lint rule fires on the table that has the fault and is silent on a good one. */
#include "host/presets.h"
#include "host/table_lint.h"
#include "host/table_suggest.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define GOOD                                                                                       \
    "nvs,data,nvs,0x9000,20K,\notadata,data,ota,0xe000,8K,\na0,app,ota_0,0x10000,1M,\n"            \
    "a1,app,ota_1,0x110000,1M,\nfs,data,littlefs,0x210000,0x1e0000,\n"                             \
    "core,data,coredump,0x3f0000,64K,\n"

static table_source_t source;

static void lint_bytes(const void *bytes, size_t len, const table_lint_t *lint)
{
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    table_source_free(&source);
    assert_true(table_read(&source, &options, bytes, len));
    (void)table_lint(&source, lint, bytes, len);
}

static void lint_text(const char *text)
{
    table_lint_t lint = {.flash_size = 4u << 20};
    lint_bytes(text, strlen(text), &lint);
}

static const table_finding_t *find(const char *rule)
{
    for (size_t i = 0; i < source.findings.count; i++) {
        if (strcmp(source.findings.items[i].rule, rule) == 0) {
            return &source.findings.items[i];
        }
    }
    return NULL;
}

static const table_finding_t *expect(const char *rule, table_severity_t severity, uint32_t line)
{
    const table_finding_t *finding = find(rule);
    if (finding == NULL) {
        fail_msg("rule %s did not fire", rule);
        return &source.findings.spare;
    }
    assert_int_equal(finding->severity, severity);
    assert_int_equal(finding->line, line);
    assert_true(finding->what[0] != '\0' && finding->todo[0] != '\0');
    assert_null(strstr(finding->what, "(null)"));
    return finding;
}

static void a_good_table_has_no_findings(void **state)
{
    (void)state;
    lint_text(GOOD);
    assert_int_equal(source.findings.count, 0);
}

static void each_rule_fires_on_its_fault(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        table_severity_t severity;
        uint32_t line;
        const char *csv;
    } rows[] = {
        {"no_otadata", TABLE_ERROR, 0, "a,app,ota_0,,1M\nb,app,ota_1,,1M\n"},
        {"otadata_unused", TABLE_ADVICE, 1, "o,data,ota,,8K\na,app,factory,,1M\n"},
        {"no_app", TABLE_ERROR, 0, "nvs,data,nvs,,20K\n"},
        {"no_slots", TABLE_WARNING, 0, "a,app,factory,,1M\n"},
        {"single_slot", TABLE_WARNING, 0, "o,data,ota,,8K\na,app,ota_0,,1M\n"},
        {"recovery_layout", TABLE_ADVICE, 0,
         "o,data,ota,,8K\nr,app,factory,,512K\na,app,ota_0,,1M\n"},
        {"slot_holes", TABLE_ERROR, 0, "o,data,ota,,8K\na,app,ota_0,,1M\nb,app,ota_2,,1M\n"},
        {"slot_holes", TABLE_ERROR, 0, "o,data,ota,,8K\na,app,ota_1,,1M\nb,app,ota_2,,1M\n"},
        {"duplicate_subtype", TABLE_ERROR, 3, "o,data,ota,,8K\na,app,ota_0,,1M\nb,app,ota_0,,1M\n"},
        {"duplicate_subtype", TABLE_WARNING, 2, "a,data,coredump,,64K\nb,data,coredump,,64K\n"},
        {"slots_unequal", TABLE_WARNING, 2,
         "o,data,ota,,8K\na,app,ota_0,,1M\nb,app,ota_1,,0x110000\n"},
        {"size_zero", TABLE_ERROR, 1, "a,app,ota_0,,0\n"},
        {"size_zero", TABLE_WARNING, 1, "a,data,fat,,0\n"},
        {"size_unaligned", TABLE_WARNING, 1, "a,data,fat,,1000\n"},
        {"label_cut", TABLE_WARNING, 1, "abcdefghijklmnopq,data,fat,,4K\n"},
        {"label_twice", TABLE_ERROR, 2,
         "abcdefghijklmnop,data,fat,,4K\nabcdefghijklmnopq,data,fat,,4K\n"},
        {"readonly_app", TABLE_WARNING, 1, "a,app,ota_0,,1M,readonly\n"},
        {"nvs_encrypted_flag", TABLE_WARNING, 1, "n,data,nvs,,20K,encrypted\n"},
        {"type_reserved", TABLE_WARNING, 1, "a,0x10,0,,4K\n"},
        {"app_over_16M", TABLE_WARNING, 1, "a,app,factory,,17M\n"},
        {"beyond_flash", TABLE_ERROR, 1, "a,app,factory,,4M\n"},
        {"space_unused", TABLE_ADVICE, 0, "a,app,factory,,1M\n"},
        {"no_nvs", TABLE_WARNING, 0, "a,app,factory,,1M\n"},
        {"no_coredump", TABLE_ADVICE, 0, "a,app,factory,,1M\n"},
        {"offset_unaligned", TABLE_ERROR, 1, "a,app,factory,0x18000,1M\n"},
        {"nvs_too_small", TABLE_ERROR, 2, "a,app,factory,0x18000,1M\nn,data,nvs,,4K\n"},
        {"value_out_of_range", TABLE_ERROR, 1, "a,0x101,0,,4K\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        lint_text(rows[i].csv);
        (void)expect(rows[i].rule, rows[i].severity, rows[i].line);
    }
}

static void sixteen_slots_and_a_test_partition(void **state)
{
    (void)state;
    char text[1024] = "o,data,ota,,8K\nt,app,test,,64K\n";
    for (int i = 0; i < 16; i++) {
        (void)sprintf(text + strlen(text), "s%d,app,ota_%d,,64K\n", i, i);
    }
    lint_text(text);
    (void)expect("sixteen_slots_and_test", TABLE_WARNING, 2);
    assert_null(find("slot_holes"));
}

static void several_faults_are_all_reported(void **state)
{
    (void)state;
    lint_text("a,app,ota_0,0x18000,1M\nb,app,ota_0,,0x100800\nb,data,nvs,,4K\n");
    assert_non_null(find("offset_unaligned"));
    assert_non_null(find("app_size_unaligned"));
    assert_non_null(find("nvs_too_small"));
    assert_non_null(find("duplicate_names"));
    assert_non_null(find("no_otadata"));
}

static void huge_app_is_explained(void **state)
{
    (void)state;
    suggestion_t huge = {.preset = preset_find("huge_app.csv")};
    size_t len = 0;
    huge.count = preset_parts(huge.preset, huge.parts);
    char *csv = suggest_csv(&huge, &len);
    assert_non_null(csv);
    lint_text(csv);
    const table_finding_t *finding = expect("single_slot", TABLE_WARNING, 0);
    assert_non_null(strstr(finding->what, "ESP_ERR_OTA_PARTITION_CONFLICT"));
    assert_non_null(strstr(finding->todo, "min_spiffs"));
    free(csv);
}

static void binary_tables_are_read_as_the_device_does(void **state)
{
    (void)state;
    uint8_t bytes[OTA_TABLE_SIZE];
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    table_lint_t lint = {.flash_size = 4u << 20};
    table_source_free(&source);
    assert_true(table_read(&source, &options, (const uint8_t *)GOOD, strlen(GOOD)));
    assert_true(table_to_binary(&source, bytes));
    lint_bytes(bytes, sizeof(bytes), &lint);
    assert_int_equal(source.findings.count, 0);
    memset(bytes + 6 * 32, 0xFF, 32); /* the digest */
    lint_bytes(bytes, sizeof(bytes), &lint);
    (void)expect("no_md5", TABLE_ERROR, 0);
    lint.flash_size = 2u << 20;
    lint_bytes(bytes, sizeof(bytes), &lint);
    (void)expect("bootloader_refuses", TABLE_ERROR, 0);
    lint.flash_size = 4u << 20;
    ota_table_encode_md5(bytes + 5 * 32, bytes, 5);
    ota_part_t late = {1, 3, 0x3f0000, 0x10000, 0, "late"};
    ota_table_encode(bytes + 6 * 32, &late);
    lint_bytes(bytes, sizeof(bytes), &lint);
    (void)expect("entry_behind_md5", TABLE_ERROR, 0);
}

static void fit(const char *csv, uint32_t app, uint32_t bootloader, uint32_t at)
{
    table_lint_t lint = {.app_size = app, .bootloader_size = bootloader, .bootloader_offset = at};
    lint_bytes(csv, strlen(csv), &lint);
}

static void apps_are_measured_against_all_partitions(void **state)
{
    (void)state;
    fit(GOOD, 900000, 0, 0);
    assert_null(find("app_nearly_full"));
    fit(GOOD, 1048576, 0, 0);
    (void)expect("app_nearly_full", TABLE_WARNING, 3);
    fit(GOOD, 1048577, 0, 0);
    const table_finding_t *finding = expect("app_too_big", TABLE_ERROR, 3);
    assert_non_null(strstr(finding->todo, "otary table suggest --app-size 1048577"));
    static const char uneven[] = "f,app,factory,,512K\na,app,ota_0,,1M\nt,app,tee_0,,64K\n";
    fit(uneven, 600000, 0, 0);
    (void)expect("app_fits_some", TABLE_WARNING, 1);
}

static void sizes_beyond_every_field_do_not_overflow(void **state)
{
    (void)state;
    fit("a,app,factory,0x10000,999999999999999999999K\n", 1000, 0, 0);
    (void)expect("value_out_of_range", TABLE_ERROR, 1);
    assert_null(find("app_nearly_full"));
    fit("a,app,factory,0x10000,-999999999999999999999M\n", 1000, 0, 0);
    (void)expect("value_out_of_range", TABLE_ERROR, 1);
}

static void bootloaders_are_measured_against_the_table(void **state)
{
    (void)state;
    fit(GOOD, 0, 0x7000, 0x1000);
    assert_null(find("bootloader_too_big"));
    fit(GOOD, 0, 0x7001, 0x1000);
    (void)expect("bootloader_too_big", TABLE_ERROR, 0);
    fit(GOOD, 0, 0x7001, 0);
    assert_null(find("bootloader_too_big"));
}

static void every_preset_of_ours_is_clean(void **state)
{
    (void)state;
    for (size_t i = 0; i < presets_count; i++) {
        if (presets[i].source != PRESET_OTARY) {
            continue;
        }
        suggestion_t table = {.preset = &presets[i]};
        table_lint_t lint = {.flash_size = presets[i].flash_mb << 20};
        size_t len = 0;
        table.count = preset_parts(&presets[i], table.parts);
        char *csv = suggest_csv(&table, &len);
        assert_non_null(csv);
        lint_bytes(csv, len, &lint);
        assert_int_equal(table_findings_count(&source.findings, TABLE_ERROR), 0);
        assert_int_equal(table_findings_count(&source.findings, TABLE_WARNING), 0);
        free(csv);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_table_has_no_findings),
        cmocka_unit_test(each_rule_fires_on_its_fault),
        cmocka_unit_test(sixteen_slots_and_a_test_partition),
        cmocka_unit_test(several_faults_are_all_reported),
        cmocka_unit_test(huge_app_is_explained),
        cmocka_unit_test(binary_tables_are_read_as_the_device_does),
        cmocka_unit_test(apps_are_measured_against_all_partitions),
        cmocka_unit_test(sizes_beyond_every_field_do_not_overflow),
        cmocka_unit_test(bootloaders_are_measured_against_the_table),
        cmocka_unit_test(every_preset_of_ours_is_clean),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    table_source_free(&source);
    return failed;
}
