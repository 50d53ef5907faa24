/* SPDX-License-Identifier: Apache-2.0 */
/* chip: the ways in which people write a chip's name. */
#include "ota/chip.h"
#include "support/unit.h"

static void a_chip_is_found_however_people_write_it(void **state)
{
    (void)state;
    static const char *const spellings[][2] = {{"esp32s3", "esp32s3"},  {"ESP32-S3", "esp32s3"},
                                               {"Esp32-s3", "esp32s3"}, {"ESP32", "esp32"},
                                               {"ESP32-P4", "esp32p4"}, {"eSP32c61", "esp32c61"},
                                               {"-esp32-", "esp32"},    {"ESP32-H21", "esp32h21"}};
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        const ota_chip_t *chip = ota_chip_by_name(spellings[i][0]);
        assert_non_null(chip);
        assert_string_equal(chip->name, spellings[i][1]);
    }
}

/* Neighbours of the letters in ASCII are no letters: `{` is not a small `[`. */
static void what_only_looks_like_a_name_is_none(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",         "esp32x",   "esp3",     "esp32s", "esp32_s3",
                                        "esp32.s3", "esp32,s3", "esp32 s3", "E",      "ESP32S3 "};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_null(ota_chip_by_name(wrong[i]));
    }
}

static void chips_are_listed_by_id_and_the_list_ends(void **state)
{
    (void)state;
    size_t count = 0;
    for (; ota_chip_at(count) != NULL; count++) {
        const ota_chip_t *chip = ota_chip_at(count);
        assert_ptr_equal(ota_chip_by_id(chip->id), chip);
        assert_ptr_equal(ota_chip_by_name(chip->name), chip);
        assert_true(count == 0 || ota_chip_at(count - 1)->id < chip->id);
    }
    assert_true(count >= 13);
    assert_null(ota_chip_at(count + 1));
    assert_null(ota_chip_by_id(OTA_CHIP_ID_INVALID));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chip_is_found_however_people_write_it),
        cmocka_unit_test(what_only_looks_like_a_name_is_none),
        cmocka_unit_test(chips_are_listed_by_id_and_the_list_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
