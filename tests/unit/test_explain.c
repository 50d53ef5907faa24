/* SPDX-License-Identifier: Apache-2.0 */
/* explain: every status and every esp_err_t number has its words, and numbers are decoded. */
#include "host/explain.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

/* The enumerators are found by their names: core/status.c is complete by the compiler's word. */
static bool is_status(int code)
{
    return strcmp(ota_status_name((ota_status_t)code), "unknown status") != 0;
}

static void every_status_has_a_sentence_a_place_and_a_remedy(void **state)
{
    (void)state;
    unsigned seen = 0;
    for (int code = 1000; code >= -1000; code--) {
        explain_t words;
        explain_status((ota_status_t)code, &words);
        bool explained = strstr(words.what, "no status") == NULL;
        if (explained != is_status(code)) {
            fail_msg("status %d (%s): %s", code, words.name, words.what);
        }
        if (is_status(code)) {
            seen++;
            assert_true(strlen(words.what) >= 15);
            assert_true(strlen(words.todo) >= 10);
            assert_true(code == OTA_OK || words.where[0] != '\0');
            assert_non_null(strchr(".?", words.what[strlen(words.what) - 1]));
            assert_non_null(strchr(".?", words.todo[strlen(words.todo) - 1]));
        }
    }
    assert_true(seen >= 60);
}

static void no_two_statuses_share_a_sentence(void **state)
{
    (void)state;
    for (int a = 0; a >= -240; a--) {
        for (int b = a - 1; is_status(a) && b >= -240; b--) {
            explain_t one;
            explain_t other;
            explain_status((ota_status_t)a, &one);
            explain_status((ota_status_t)b, &other);
            assert_true(!is_status(b) || strcmp(one.what, other.what) != 0);
        }
    }
}

static void where_decodes_the_numbers_of_the_fault(void **state)
{
    (void)state;
    static const struct {
        ota_fault_t fault;
        const char *where;
    } cases[] = {
        {{OTA_ERR_IMAGE_CHIP, 12, 27757, 9},
         "the image's header, byte 12 (0xc): found 27757 (0x6c6d, bytes 6d 6c: the text \"ml\"), "
         "expected 9 (esp32s3)"},
        {{OTA_ERR_IMAGE_CHIP, 12, 0, 5},
         "the image's header, byte 12 (0xc): found 0 (esp32), expected 5 (esp32c3)"},
        {{OTA_ERR_IMAGE_CHIP, 12, 4, 9},
         "the image's header, byte 12 (0xc): found 4 (0x0004, bytes 04 00: no known chip), "
         "expected 9 (esp32s3)"},
        {{OTA_ERR_IMAGE_CHIP_REV_MIN, 15, 399, 300},
         "the image's header, byte 15 (0xf): found v3.99, expected v3.0"},
        {{OTA_ERR_IMAGE_TOO_BIG, 8, 1479570, 0x140000},
         "the partition, byte 8 (0x8): needed 1.411 MiB (1479570 bytes), there is "
         "1.25 MiB (1310720 bytes)"},
        {{OTA_ERR_IMAGE_SEGMENT_LENGTH, 28, 0xFFFFFFFFu, 0x1000000},
         "a segment header, byte 28 (0x1c): found 0xffffffff (erased flash), expected a multiple "
         "of 4 below 0x1000000"},
        {{OTA_ERR_IMAGE_SEGMENT_LENGTH, 28, 0xFFFFFFFFu, 0xFFFFFFFFu},
         "a segment header, byte 28 (0x1c): found 0xffffffff (erased flash), expected a multiple "
         "of 4"},
        {{OTA_ERR_IMAGE_CHECKSUM, 303, 0xcb, 0x34},
         "the image's checksum, byte 303 (0x12f): found 0xcb, expected 0x34"},
        {{OTA_ERR_IMAGE_MAGIC, 0, 0x3c, 0xe9},
         "the image, byte 0 (0x0): found 0x3c, expected 0xe9"},
        {{OTA_ERR_TABLE_RANGE, 100, 0x410000, 0x400000},
         "the partition table, byte 100 (0x64): found 0x410000, there is 0x400000"},
        {{OTA_ERR_IMAGE_TRUNCATED, 32768, 32768, 331776},
         "the image, byte 32768 (0x8000): there is 32 KiB (32768 bytes), needed "
         "324 KiB (331776 bytes)"},
        {{OTA_ERR_IMAGE_HASH, 320, 0, 0}, "the image's appended SHA-256, byte 320 (0x140)"},
        {{OTA_ERR_ONLY_SLOT, 0, 0, 0}, "the partition table"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        explain_t words;
        explain_fault(&cases[i].fault, &words);
        assert_string_equal(words.where, cases[i].where);
    }
}

static void text_is_cut_at_the_end_of_its_buffer(void **state)
{
    (void)state;
    const ota_fault_t fault = {OTA_ERR_IMAGE_CHIP, 12, 27757, 9};
    char whole[1024];
    size_t len = explain_text(&fault, whole, sizeof(whole));
    assert_int_equal(len, strlen(whole));
    assert_non_null(strstr(whole, "\n  at: the image's header"));
    assert_non_null(strstr(whole, "\n  do: Take the file"));
    for (size_t room = 0; room <= len; room++) {
        char *cut = malloc(room > 0 ? room : 1);
        assert_non_null(cut);
        assert_int_equal(explain_text(&fault, cut, room), len);
        assert_true(room == 0 || strncmp(cut, whole, room - 1) == 0);
        free(cut);
    }
}

static void json_carries_words_and_numbers(void **state)
{
    (void)state;
    const ota_fault_t fault = {OTA_ERR_IMAGE_TOO_BIG, 0, 2000000, 1310720};
    cJSON *json = explain_json(&fault);
    assert_non_null(json);
    assert_string_equal(cJSON_GetObjectItem(json, "status")->valuestring, "OTA_ERR_IMAGE_TOO_BIG");
    assert_int_equal(cJSON_GetObjectItem(json, "code")->valueint, -75);
    assert_int_equal(cJSON_GetObjectItem(json, "found")->valueint, 2000000);
    assert_int_equal(cJSON_GetObjectItem(json, "expected")->valueint, 1310720);
    assert_non_null(strstr(cJSON_GetObjectItem(json, "where")->valuestring, "1.25 MiB"));
    assert_non_null(cJSON_GetObjectItem(json, "what"));
    assert_non_null(cJSON_GetObjectItem(json, "todo"));
    cJSON_Delete(json);
}

static void esp_errors_have_name_meaning_causes_and_remedy(void **state)
{
    (void)state;
    static const int32_t wanted[] = {
        -1,     0x101,  0x102,  0x103,  0x104,  0x105,  0x106,  0x107,  0x108,
        0x109,  0x10A,  0x10B,  0x10C,  0x10D,  0x1501, 0x1502, 0x1503, 0x1504,
        0x1505, 0x1506, 0x1507, 0x1508, 0x2001, 0x2002, 0x6001, 0x6002,
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        const explain_esp_t *entry = explain_esp_code(wanted[i]);
        assert_non_null(entry);
        assert_int_equal(strncmp(entry->name, "ESP_", 4), 0);
        assert_ptr_equal(explain_esp_name(entry->name, strlen(entry->name)), entry);
        assert_true(strlen(entry->what) > 5 && strlen(entry->todo) > 3);
        assert_non_null(entry->cause[0]);
    }
    assert_null(explain_esp_code(0x1599));
    assert_null(explain_esp_name("ESP_ERR_OTA_PARTITION_CONFLICT", 10));
    for (size_t i = 0; explain_esp_at(i) != NULL; i++) {
        assert_ptr_equal(explain_esp_code(explain_esp_at(i)->code), explain_esp_at(i));
    }
}

static void the_conflict_names_huge_app_first(void **state)
{
    (void)state;
    cJSON *json = explain_esp_json(explain_esp_code(0x1501));
    assert_non_null(json);
    const cJSON *causes = cJSON_GetObjectItem(json, "causes");
    assert_int_equal(cJSON_GetArraySize(causes), 3);
    assert_non_null(strstr(cJSON_GetArrayItem(causes, 0)->valuestring, "huge_app.csv"));
    assert_non_null(strstr(cJSON_GetObjectItem(json, "todo")->valuestring,
                           "board_build.partitions = min_spiffs.csv"));
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_sentence_a_place_and_a_remedy),
        cmocka_unit_test(no_two_statuses_share_a_sentence),
        cmocka_unit_test(where_decodes_the_numbers_of_the_fault),
        cmocka_unit_test(text_is_cut_at_the_end_of_its_buffer),
        cmocka_unit_test(json_carries_words_and_numbers),
        cmocka_unit_test(esp_errors_have_name_meaning_causes_and_remedy),
        cmocka_unit_test(the_conflict_names_huge_app_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
