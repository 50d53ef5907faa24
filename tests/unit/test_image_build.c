/* SPDX-License-Identifier: Apache-2.0 */
/* Images that we make: valid for the verifier, the same for the same wish. */
#include "host/image_build.h"
#include "ota/image.h"
#include "support/image.h"
#include "support/unit.h"

static void built_images_verify_for_every_chip_kind_and_size(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 368, 4096, 4192, 70000, 200000};
    for (size_t c = 0; ota_chip_at(c) != NULL; c++) {
        for (size_t s = 0; s < 4 * sizeof(sizes) / sizeof(sizes[0]); s++) {
            image_bytes_t image;
            image_wish_t wish;
            image_wish_default(&wish);
            wish.chip = ota_chip_at(c);
            wish.size = sizes[s / 4];
            wish.kind = s % 2 == 0 ? OTA_IMAGE_APP : OTA_IMAGE_BOOTLOADER;
            wish.no_hash = s % 4 > 1;
            wish.seed = s;
            assert_int_equal(image_build(&wish, &image), OTA_OK);
            ota_image_rules_t rules = {.kind = wish.kind,
                                       .chip = wish.chip,
                                       .address = wish.address,
                                       .limit = 0x100000,
                                       .bootloader_hash = true};
            verdict_t verdict = verify_pieces(&rules, image.bytes, image.len, 1000, 1000);
            assert_int_equal(verdict.status, OTA_OK);
            assert_int_equal(verdict.length, image.len);
            assert_int_equal(image.len, wish.size != 0 ? wish.size : image_wish_smallest(&wish));
            image_free(&image);
        }
    }
}

static void the_same_wish_gives_the_same_bytes(void **state)
{
    (void)state;
    image_bytes_t a;
    image_bytes_t b;
    image_wish_t wish;
    image_wish_default(&wish);
    wish.size = 8192;
    assert_int_equal(image_build(&wish, &a), OTA_OK);
    assert_int_equal(image_build(&wish, &b), OTA_OK);
    assert_memory_equal(a.bytes, b.bytes, 8192);
    image_free(&b);
    wish.seed++;
    assert_int_equal(image_build(&wish, &b), OTA_OK);
    assert_memory_not_equal(a.bytes, b.bytes, 8192);
    image_free(&a);
    image_free(&b);
}

static void impossible_wishes_are_refused(void **state)
{
    (void)state;
    image_bytes_t image;
    image_wish_t wish;
    image_wish_default(&wish);
    wish.size = 1001;
    assert_int_equal(image_build(&wish, &image), OTA_ERR_ALIGN);
    wish.size = image_wish_smallest(&wish) - 16;
    assert_int_equal(image_build(&wish, &image), OTA_ERR_RANGE);
    wish.chip = NULL;
    assert_int_equal(image_build(&wish, &image), OTA_ERR_ARG);
}

static void an_edited_header_is_sealed_again(void **state)
{
    (void)state;
    uint8_t image[352];
    size_t len = worked_image(image);
    ota_image_rules_t rules = rules_for("esp32s3");
    image[3] = 0x30;
    assert_int_equal(verify(&rules, image, len).status, OTA_ERR_IMAGE_HASH);
    assert_int_equal(image_reseal(image, len), OTA_OK);
    assert_int_equal(verify(&rules, image, len).status, OTA_OK);
    assert_int_equal(image_reseal(image, 351), OTA_ERR_IMAGE_TRUNCATED);
    assert_int_equal(image_reseal(image, 30), OTA_ERR_IMAGE_TRUNCATED);
    assert_int_equal(image_reseal(image + 1, 30), OTA_ERR_IMAGE_MAGIC);
    assert_int_equal(image_reseal(image, 0), OTA_ERR_IMAGE_MAGIC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_images_verify_for_every_chip_kind_and_size),
        cmocka_unit_test(the_same_wish_gives_the_same_bytes),
        cmocka_unit_test(impossible_wishes_are_refused),
        cmocka_unit_test(an_edited_header_is_sealed_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
