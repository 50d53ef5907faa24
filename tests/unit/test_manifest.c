/* SPDX-License-Identifier: Apache-2.0 */
/* The device's reader of manifests: what it reads, and every reason for which it refuses. */
#include "support/document.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define FRONT "{\"otary\": \"manifest\", \"format\": 1"

static void a_manifest_is_read_member_by_member(void **state)
{
    (void)state;
    ota_manifest_t manifest;
    ota_fault_t fault;
    document_t document = whole(good_manifest);
    assert_int_equal(read_manifest(document, &manifest, &fault), OTA_OK);
    assert_true(ota_text_is(manifest.product, "lamp"));
    assert_true(ota_text_is(manifest.channel, "stable"));
    assert_true(ota_text_is(manifest.version, "2.1.0"));
    assert_int_equal(manifest.serial, 12);
    assert_int_equal(manifest.order, 7);
    assert_int_equal(manifest.issued, 1790000000);
    assert_int_equal(manifest.expires, 1800000000);
    assert_int_equal(manifest.keys, 2);
    assert_int_equal(manifest.attempts, 2);
    assert_int_equal(manifest.rollout.share, 500);
    assert_true(ota_text_is(manifest.rollout.salt, "lamp-2.1.0"));
    assert_false(manifest.rollout.halted);
    assert_memory_equal(manifest.notes.at, "Line one.\\n", 11);
}

static void images_recalls_and_cohorts_are_walked_in_order(void **state)
{
    (void)state;
    ota_manifest_t manifest;
    ota_fault_t fault;
    ota_release_image_t image;
    ota_recall_t recall;
    ota_text_t cohort;
    uint32_t at = 0;
    document_t document = whole(good_manifest);
    assert_int_equal(read_manifest(document, &manifest, &fault), OTA_OK);
    assert_true(ota_manifest_image(&manifest, &at, &image));
    assert_int_equal(image.sha256[1], 0x11);
    assert_int_equal(image.size, 1000000);
    assert_int_equal(image.chip, 9);
    assert_int_equal(image.min_rev, 1);
    assert_int_equal(image.max_rev, 199);
    assert_int_equal(image.secure_version, 3);
    assert_int_equal(image.flash_size, 4194304);
    assert_int_equal(image.slot_size, 1048576);
    assert_int_equal(image.bootloader, 2);
    assert_true(image.rollback);
    assert_true(ota_text_is(image.variant, "psram"));
    assert_true(ota_manifest_image(&manifest, &at, &image));
    /* What is not said. */
    assert_int_equal(image.max_rev, 0xFFFF);
    assert_int_equal(image.slot_size, 70000);
    assert_int_equal(image.slots, 2);
    assert_false(image.rollback);
    assert_int_equal(image.variant.len, 0);
    char path[OTA_IMAGE_PATH_SIZE];
    ota_manifest_image_path(&image, path);
    assert_string_equal(path, "images/ffeeddccbbaa99887766554433221100ffeeddccbbaa9988776655443322"
                              "1100.bin");
    for (int i = 0; i < 3; i++) { /* behind the end it stays the end */
        assert_false(ota_manifest_image(&manifest, &at, &image));
    }
    at = 0;
    assert_true(ota_manifest_recall(&manifest, &at, &recall));
    assert_int_equal(recall.order, 9);
    assert_int_equal(recall.to, 7);
    assert_true(ota_text_is(recall.version, "2.2.0"));
    assert_false(ota_manifest_recall(&manifest, &at, &recall));
    at = 0;
    assert_true(ota_manifest_cohort(&manifest, &at, &cohort));
    assert_true(ota_text_is(cohort, "beta"));
    assert_true(ota_manifest_cohort(&manifest, &at, &cohort));
    assert_true(ota_text_is(cohort, "lab"));
    for (int i = 0; i < 3; i++) {
        assert_false(ota_manifest_cohort(&manifest, &at, &cohort));
    }
}

static void what_may_be_absent_may_be_absent(void **state)
{
    (void)state;
    static const char least[] =
        FRONT ",\"product\":\"a\",\"channel\":\"b\",\"version\":\"c\",\"serial\":1,\"order\":1,"
              "\"issued\":1,\"keys\":1,\"images\":[{\"sha256\":\"0011223344556677889900112233445566"
              "778899001122334455667788990011\",\"size\":1,\"chip\":65534}]}";
    ota_manifest_t manifest;
    ota_fault_t fault;
    ota_recall_t recall;
    ota_text_t cohort;
    uint32_t at = 0;
    assert_int_equal(read_manifest(whole(least), &manifest, &fault), OTA_OK);
    assert_int_equal(manifest.rollout.share, OTA_SHARE_ALL);
    assert_int_equal(manifest.attempts, 1);
    assert_int_equal(manifest.expires, 0);
    assert_false(ota_manifest_recall(&manifest, &at, &recall));
    at = 0;
    assert_false(ota_manifest_cohort(&manifest, &at, &cohort));
    assert_int_equal(ota_manifest_open(&manifest, (const uint8_t *)least, strlen(least), NULL),
                     OTA_OK);
}

/* --- every refusal --------------------------------------------------------------------------- */

static void each_member_is_held_to_its_type_and_bounds(void **state)
{
    (void)state;
    static const refusal_t refusals[] = {
        {"\"manifest\"", "\"keys\"", OTA_ERR_DOCUMENT_KIND, "keys"},
        {"\"manifest\"", "7", OTA_ERR_FIELD_TYPE, "7"},
        {"\"format\": 1", "\"format\": 2", OTA_ERR_DOCUMENT_FORMAT, NULL},
        {"\"format\": 1", "\"format\": 0", OTA_ERR_FIELD_NUMBER, "0"},
        {"  \"format\": 1,\n", "", OTA_ERR_FIELD_MISSING, "{"},
        {"  \"product\": \"lamp\",\n", "", OTA_ERR_FIELD_MISSING, "{"},
        {"  \"serial\": 12,\n", "", OTA_ERR_FIELD_MISSING, "{"},
        {"\"serial\": 12", "\"serial\": 12, \"serial\": 12", OTA_ERR_FIELD_TWICE,
         "\"serial\": 12,\n"},
        {"\"format\": 1", "\"format\": 1, \"format\": 1", OTA_ERR_FIELD_TWICE, NULL},
        {"\"lamp\"", "\"\"", OTA_ERR_FIELD_VALUE, "\"\""},
        {"\"lamp\"", "\".lamp\"", OTA_ERR_FIELD_VALUE, "\".lamp"},
        {"\"lamp\"", "\"-lamp\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"lamp\"", "\"la/mp\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"lamp\"", "\"la mp\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"lamp\"", "\"la:mp\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"lamp\"", "\"la@mp\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"lamp\"", "\"la[mp\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"lamp\"", "\"l\xC3\xA4mp\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"lamp\"", "~", OTA_ERR_JSON_SYNTAX, "~"},
        {"\"lamp\"", "\"la\\u006dp\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"lamp\"", "\"abcdefghijklmnopqrstuvwxyz0123456\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"lamp\"", "null", OTA_ERR_FIELD_TYPE, "null"},
        {"\"lamp\"", "[\"lamp\"]", OTA_ERR_FIELD_TYPE, "["},
        {"\"2.1.0\"", "\"\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"2.1.0\"", "\"2\\t1\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"2.1.0\"", "2.1", OTA_ERR_FIELD_TYPE, "2.1"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        expect_refusal(good_manifest, &refusals[i]);
    }
}

static void each_number_is_held_to_its_bounds(void **state)
{
    (void)state;
    static const refusal_t refusals[] = {
        {"\"serial\": 12", "\"serial\": \"12\"", OTA_ERR_FIELD_TYPE, "\"12\""},
        {"\"serial\": 12", "\"serial\": true", OTA_ERR_FIELD_TYPE, "true"},
        {"\"serial\": 12", "\"serial\": {}", OTA_ERR_FIELD_TYPE, "{}"},
        {"\"serial\": 12", "\"serial\": 0", OTA_ERR_FIELD_NUMBER, "0"},
        {"\"serial\": 12", "\"serial\": -12", OTA_ERR_FIELD_NUMBER, "-12"},
        {"\"serial\": 12", "\"serial\": 12.0", OTA_ERR_FIELD_NUMBER, "12.0"},
        {"\"serial\": 12", "\"serial\": 12e1", OTA_ERR_FIELD_NUMBER, "12e1"},
        {"\"serial\": 12", "\"serial\": 12E1", OTA_ERR_FIELD_NUMBER, "12E1"},
        {"\"serial\": 12", "\"serial\": 012", OTA_ERR_JSON_SYNTAX, "12"},
        {"\"serial\": 12", "\"serial\": 4294967296", OTA_ERR_FIELD_NUMBER, "4294967296"},
        {"\"serial\": 12", "\"serial\": 99999999999999999999", OTA_ERR_FIELD_NUMBER, NULL},
        {"\"serial\": 12", "\"serial\": 4294967299", OTA_ERR_FIELD_NUMBER, "4294967299"},
        {"\"serial\": 12", "\"serial\": 8589934593", OTA_ERR_FIELD_NUMBER, "8589934593"},
        {"\"serial\": 12", "\"serial\": 42949672961", OTA_ERR_FIELD_NUMBER, NULL},
        {"\"serial\": 12", "\"serial\": 1x", OTA_ERR_JSON_SYNTAX, "x"},
        {"\"format\": 1", "\"format\": \"1\"", OTA_ERR_FIELD_TYPE, "\"1\""},
        {"\"format\": 1", "\"format\": null", OTA_ERR_FIELD_TYPE, "null"},
        {"\"format\": 1", "\"format\": true", OTA_ERR_FIELD_TYPE, "true"},
        {"\"format\": 1", "\"format\": false", OTA_ERR_FIELD_TYPE, "false"},
        {"\"format\": 1", "\"format\": z", OTA_ERR_JSON_SYNTAX, "z"},
        {"\"manifest\"", "-1", OTA_ERR_FIELD_TYPE, "-1"},
        {"\"manifest\"", "{}", OTA_ERR_FIELD_TYPE, "{}"},
        {"\"manifest\"", "[]", OTA_ERR_FIELD_TYPE, "[]"},
        {"\"attempts\": 2", "\"attempts\": 0", OTA_ERR_FIELD_NUMBER, "0"},
        {"\"attempts\": 2", "\"attempts\": 256", OTA_ERR_FIELD_NUMBER, "256"},
        {"1800000000", "1790000000", OTA_ERR_FIELD_VALUE, NULL},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        expect_refusal(good_manifest, &refusals[i]);
    }
}

static void each_member_inside_is_held_to_its_type_and_bounds(void **state)
{
    (void)state;
    static const refusal_t refusals[] = {
        {"\"share\": 500", "\"share\": 10001", OTA_ERR_FIELD_NUMBER, "10001"},
        {"\"share\": 500, ", "", OTA_ERR_FIELD_MISSING, "{\"salt\""},
        {"\"halted\": false", "\"halted\": 0", OTA_ERR_FIELD_TYPE, "0"},
        {"\"halted\": false", "\"halted\": fals", OTA_ERR_JSON_SYNTAX, "fals"},
        {"\"beta\"", "\"be ta\"", OTA_ERR_FIELD_VALUE, "\"be ta\""},
        {"\"beta\"", "7", OTA_ERR_FIELD_TYPE, "7"},
        {"\"beta\"", "\"abcdefghijklmnopqrstuvwxyz0123456\"", OTA_ERR_FIELD_VALUE, NULL},
        {"\"to\": 7", "\"to\": 9", OTA_ERR_FIELD_VALUE, "{\"order\": 9"},
        {"{\"order\": 9, ", "{", OTA_ERR_FIELD_MISSING, "{\"to\""},
        {"[{\"order\": 9", "[7, {\"order\": 9", OTA_ERR_FIELD_TYPE, "7"},
        {"[{\"order\": 9, \"to\": 7, \"version\": \"2.2.0\"}]", "{}", OTA_ERR_FIELD_TYPE, "{}"},
        {"0011223344556677", "A011223344556677", OTA_ERR_FIELD_VALUE, NULL},
        {"0011223344556677", "011223344556677", OTA_ERR_FIELD_VALUE, NULL},
        {"\"size\": 70000, ", "", OTA_ERR_FIELD_MISSING, "{\"sha256\": \"ffee"},
        {"\"size\": 1000000", "\"size\": 1048577", OTA_ERR_FIELD_VALUE, "{\"sha256\": \"0011"},
        {"\"min_rev\": 1,", "\"min_rev\": 200,", OTA_ERR_FIELD_VALUE, "{\"sha256\": \"0011"},
        {"\"chip\": 9", "\"chip\": 65535", OTA_ERR_FIELD_NUMBER, "65535"},
        {"\"slots\": 2", "\"slots\": 17", OTA_ERR_FIELD_NUMBER, "17"},
        {"\"size\": 70000, \"chip\": 0", "\"size\": 70000, \"chip\": 0, \"chip\": 0",
         OTA_ERR_FIELD_TWICE, "\"chip\": 0}"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        expect_refusal(good_manifest, &refusals[i]);
    }
}

static void the_bounds_themselves_are_fine(void **state)
{
    (void)state;
    static const struct {
        const char *old;
        const char *new;
    } cases[] = {
        {"\"lamp\"", "\"azAZ09_.-_-.abcdefghijklmnopqrst\""},
        {"\"2.1.0\"", "\"!abcdefghijklmnopqrstuvwxyz ~\xC3\xA4z\""},
        {"\"beta\"", "\"abcdefghijklmnopqrstuvwxyz012345\""},
        {"\"serial\": 12", "\"serial\": 4294967295"},
        {"\"serial\": 12", "\"serial\": 4294967290"},
        {"\"serial\": 12", "\"serial\": 1"},
        {"\"attempts\": 2", "\"attempts\": 255"},
        {"\"share\": 500", "\"share\": 10000"},
        {"\"share\": 500", "\"share\": 0"},
        {"1800000000", "1790000001"},
        {"\"chip\": 9", "\"chip\": 65534"},
        {"\"slots\": 2", "\"slots\": 16"},
        {"\"slots\": 2", "\"slots\": 1"},
        {"\"size\": 1000000", "\"size\": 1048576"},
        {"\"min_rev\": 1,", "\"min_rev\": 199,"},
        {"\"max_rev\": 199,", "\"max_rev\": 65535,"},
        {"[\"beta\", \"lab\"]", "[]"},
        {"[{\"order\": 9, \"to\": 7, \"version\": \"2.2.0\"}]", "[ ]"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ota_manifest_t manifest;
        ota_fault_t fault;
        if (read_manifest(changed(good_manifest, cases[i].old, cases[i].new), &manifest, &fault) !=
            OTA_OK) {
            fail_msg("%s -> %s: %s", cases[i].old, cases[i].new, ota_status_name(fault.status));
        }
    }
}

static void notes_have_a_largest_size(void **state)
{
    (void)state;
    static char notes[OTA_MANIFEST_NOTES + 2];
    ota_manifest_t manifest;
    ota_fault_t fault;
    memset(notes, 'n', sizeof(notes) - 1);
    assert_int_equal(read_manifest(changed(good_manifest, "Line one.", notes), &manifest, &fault),
                     OTA_ERR_FIELD_VALUE);
    notes[OTA_MANIFEST_NOTES - strlen("\\nCaf\xC3\xA9 \\ud83d\\ude80")] = '\0';
    assert_int_equal(read_manifest(changed(good_manifest, "Line one.", notes), &manifest, &fault),
                     OTA_OK);
    assert_int_equal(manifest.notes.len, OTA_MANIFEST_NOTES);
}

static void a_release_without_images_is_none(void **state)
{
    (void)state;
    static const char none[] =
        FRONT ",\"product\":\"a\",\"channel\":\"b\",\"version\":\"c\",\"serial\":1,\"order\":1,"
              "\"issued\":1,\"keys\":1,\"images\":[ ]}";
    ota_manifest_t manifest;
    ota_fault_t fault;
    assert_int_equal(read_manifest(whole(none), &manifest, &fault), OTA_ERR_FIELD_VALUE);
}

/* --- bounds ---------------------------------------------------------------------------------- */

static void no_prefix_of_a_manifest_is_a_manifest(void **state)
{
    (void)state;
    size_t len = strlen(good_manifest) - 1; /* without the last line's end */
    for (size_t n = 0; n < len; n++) {
        ota_manifest_t manifest;
        ota_fault_t fault;
        ota_status_t status = read_manifest(cut(good_manifest, n), &manifest, &fault);
        if (status != OTA_ERR_JSON_TRUNCATED && status != OTA_ERR_JSON_UTF8 &&
            status != OTA_ERR_JSON_ESCAPE && status != OTA_ERR_JSON_SYNTAX) {
            fail_msg("%zu bytes: %s", n, ota_status_name(status));
        }
    }
    ota_manifest_t manifest;
    assert_int_equal(ota_manifest_open(&manifest, NULL, 7, NULL), OTA_ERR_JSON_TRUNCATED);
}

static void no_changed_byte_makes_the_reader_leave_the_bytes(void **state)
{
    (void)state;
    static const char replacements[] = {'"', '\\', '{', '}', '[', ']', ',', ':', '0', '\0', '\xFF'};
    size_t len = strlen(good_manifest);
    for (size_t at = 0; at < len; at++) {
        for (size_t r = 0; r < sizeof(replacements); r++) {
            document_t document = whole(good_manifest);
            uint8_t *bytes = (uint8_t *)(uintptr_t)document.bytes;
            ota_manifest_t manifest;
            ota_fault_t fault;
            ota_release_image_t image;
            uint32_t place = 0;
            bytes[at] = (uint8_t)replacements[r];
            if (read_manifest(document, &manifest, &fault) == OTA_OK) {
                assert_true(ota_manifest_image(&manifest, &place, &image));
            }
        }
    }
}

static void a_document_has_a_largest_size(void **state)
{
    (void)state;
    static char large[OTA_DOCUMENT_MAX + 2];
    ota_manifest_t manifest;
    ota_fault_t fault;
    size_t len = strlen(good_manifest);
    memset(large, ' ', sizeof(large));
    memcpy(large, good_manifest, len);
    assert_int_equal(read_manifest(cut(large, OTA_DOCUMENT_MAX), &manifest, &fault), OTA_OK);
    assert_int_equal(read_manifest(cut(large, OTA_DOCUMENT_MAX + 1), &manifest, &fault),
                     OTA_ERR_DOCUMENT_SIZE);
    assert_int_equal(fault.found, OTA_DOCUMENT_MAX + 1);
}

static void bytes_that_change_later_end_the_walk(void **state)
{
    (void)state;
    ota_manifest_t manifest;
    ota_fault_t fault;
    ota_release_image_t image;
    uint32_t at = 0;
    document_t document = whole(good_manifest);
    assert_int_equal(read_manifest(document, &manifest, &fault), OTA_OK);
    memset((uint8_t *)(uintptr_t)document.bytes, 'x', document.len);
    assert_false(ota_manifest_image(&manifest, &at, &image));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_is_read_member_by_member),
        cmocka_unit_test(images_recalls_and_cohorts_are_walked_in_order),
        cmocka_unit_test(what_may_be_absent_may_be_absent),
        cmocka_unit_test(each_member_is_held_to_its_type_and_bounds),
        cmocka_unit_test(each_number_is_held_to_its_bounds),
        cmocka_unit_test(each_member_inside_is_held_to_its_type_and_bounds),
        cmocka_unit_test(the_bounds_themselves_are_fine),
        cmocka_unit_test(notes_have_a_largest_size),
        cmocka_unit_test(a_release_without_images_is_none),
        cmocka_unit_test(no_prefix_of_a_manifest_is_a_manifest),
        cmocka_unit_test(no_changed_byte_makes_the_reader_leave_the_bytes),
        cmocka_unit_test(a_document_has_a_largest_size),
        cmocka_unit_test(bytes_that_change_later_end_the_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
