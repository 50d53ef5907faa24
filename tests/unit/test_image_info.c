/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of images: good ones, damaged ones as far as they go, and what signature blocks hold. */
#include "host/image_build.h"
#include "host/image_info.h"
#include "host/image_sign.h"
#include "host/image_verify.h"
#include "support/image.h"
#include "support/unit.h"

static image_info_t info;

static void the_worked_image_reads_as_the_reference_says(void **state)
{
    (void)state;
    uint8_t image[WORKED_IMAGE] = {0};
    image_info_read(image, worked_image(image), &info);
    assert_int_equal(info.stop, IMAGE_STOP_NONE);
    assert_string_equal(info.chip->name, "esp32s3");
    assert_int_equal(info.kind, OTA_IMAGE_APP);
    assert_int_equal(info.segments, 2);
    assert_int_equal(info.segment[1].at, 0x120);
    assert_int_equal(info.segment[1].len, 16);
    assert_string_equal(info.segment[0].name[0], "DROM");
    assert_string_equal(info.segment[1].name[0], "IROM");
    assert_string_equal(info.app.project, "demo");
    assert_int_equal(info.checksum_at, 0x13F);
    assert_int_equal(info.checksum, 0xE7);
    assert_true(info.hash_true);
    assert_int_equal(info.length, 352);
    assert_int_equal(info.signed_length, 352);
    assert_int_equal(info.trailing, 0);
    assert_string_equal(image_flash_size_name(info.header.spi_speed_size), "4MB");
    assert_string_equal(image_flash_freq_name(info.chip, info.header.spi_speed_size), "40m");
    assert_string_equal(image_spi_mode_name(info.header.spi_mode), "DIO");
}

static void reading_stops_where_the_bytes_do(void **state)
{
    (void)state;
    uint8_t image[WORKED_IMAGE];
    static const struct {
        size_t len;
        image_stop_t stop;
    } cuts[] = {
        {0, IMAGE_STOP_EMPTY},        {1, IMAGE_STOP_HEADER},      {23, IMAGE_STOP_HEADER},
        {31, IMAGE_STOP_HEADER},      {32, IMAGE_STOP_SEGMENT},    {0x11F, IMAGE_STOP_SEGMENT},
        {0x127, IMAGE_STOP_HEADER},   {0x137, IMAGE_STOP_SEGMENT}, {0x138, IMAGE_STOP_CHECKSUM},
        {0x13F, IMAGE_STOP_CHECKSUM}, {0x140, IMAGE_STOP_NONE},
    };
    (void)worked_image(image);
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        image_info_read(image, cuts[i].len, &info);
        assert_int_equal(info.stop, cuts[i].stop);
        assert_int_equal(info.stop_at, cuts[i].stop == IMAGE_STOP_NONE ? 0 : cuts[i].len);
        assert_string_not_equal(image_stop_text(info.stop), "");
        cJSON *json = image_info_json(&info);
        assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(json, "complete")),
                         cuts[i].stop == IMAGE_STOP_NONE);
        cJSON_Delete(json);
    }
    assert_false(info.hash_there);
    image[1] = 17;
    image_info_read(image, sizeof(image), &info);
    assert_int_equal(info.stop, IMAGE_STOP_TOO_MANY);
    image[0] = '<';
    image_info_read(image, sizeof(image), &info);
    assert_int_equal(info.stop, IMAGE_STOP_MAGIC);
}

static void what_lies_behind_is_counted(void **state)
{
    (void)state;
    uint8_t image[WORKED_IMAGE + 100];
    memset(image, 0xFF, sizeof(image));
    (void)worked_image(image);
    image_info_read(image, sizeof(image), &info);
    assert_int_equal(info.trailing, 100);
    assert_true(info.trailing_blank);
    image[WORKED_IMAGE + 50] = 0;
    image_info_read(image, sizeof(image), &info);
    assert_false(info.trailing_blank);
}

static void a_bootloader_is_told_from_an_app(void **state)
{
    (void)state;
    for (size_t c = 0; ota_chip_at(c) != NULL; c++) {
        for (int kind = OTA_IMAGE_APP; kind <= OTA_IMAGE_BOOTLOADER; kind++) {
            image_bytes_t image;
            image_wish_t wish;
            image_wish_default(&wish);
            wish.chip = ota_chip_at(c);
            wish.kind = (ota_image_kind_t)kind;
            wish.size = 8192;
            assert_int_equal(image_build(&wish, &image), OTA_OK);
            image_info_read(image.bytes, image.len, &info);
            assert_int_equal(info.kind, kind);
            assert_int_equal(info.has_app_desc, kind == OTA_IMAGE_APP);
            assert_int_equal(info.has_bootloader_desc, kind == OTA_IMAGE_BOOTLOADER);
            assert_int_equal(image_guess_kind(image.bytes, image.len), kind);
            image_free(&image);
        }
    }
}

static void signature_blocks_show_what_is_true_in_them(void **state)
{
    (void)state;
    image_bytes_t image;
    image_wish_t wish;
    uint8_t trusted[64];
    crypto_key_t *key = crypto_key_generate(OTA_SIGNATURE_ECDSA_P256);
    image_wish_default(&wish);
    assert_int_equal(image_build(&wish, &image), OTA_OK);
    assert_int_equal(image_sign(&image, OTA_SCHEME_V2_P256, &key, 1), OTA_OK);
    assert_int_equal(image_key_trust(key, OTA_SCHEME_V2_P256, trusted), OTA_OK);
    image_info_read(image.bytes, image.len, &info);
    assert_int_equal(info.signed_length, 8192);
    assert_int_equal(info.block[0].kind, BLOCK_P256);
    assert_memory_equal(info.block[0].key_digest, trusted, 32);
    assert_true(info.block[0].digest_true && info.block[0].signature_true);
    assert_int_equal(info.block[1].kind, BLOCK_ABSENT);
    image.bytes[4000] = 0; /* padding is signed too */
    image_info_read(image.bytes, image.len, &info);
    assert_false(info.block[0].digest_true || info.block[0].signature_true);
    image.bytes[4097] = 9;
    image_info_read(image.bytes, image.len, &info);
    assert_int_equal(info.block[0].kind, BLOCK_MALFORMED);
    assert_int_equal(info.signed_length, info.length);
    assert_int_equal(image_sign(&image, OTA_SCHEME_V1_P256, &key, 1), OTA_OK);
    image_info_read(image.bytes, image.len, &info);
    assert_int_equal(info.v1.kind, BLOCK_V1);
    assert_int_equal(info.signed_length, info.length + 68);
    image_free(&image);
    crypto_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_image_reads_as_the_reference_says),
        cmocka_unit_test(reading_stops_where_the_bytes_do),
        cmocka_unit_test(what_lies_behind_is_counted),
        cmocka_unit_test(a_bootloader_is_told_from_an_app),
        cmocka_unit_test(signature_blocks_show_what_is_true_in_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
