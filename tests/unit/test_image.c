/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier as a stream: every split, every truncation, every bit, images in flash. */
#include "core/bytes.h"
#include "host/image_build.h"
#include "ota/image.h"
#include "support/data.h"
#include "support/image.h"
#include "support/unit.h"

typedef struct {
    const uint8_t *bytes;
    uint32_t len;
    uint32_t next; /* address that the next read must start at */
    uint32_t fails_at;
} flash_stub_t;

static ota_status_t stub_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    flash_stub_t *stub = ctx;
    assert_int_equal(addr, stub->next);
    stub->next = addr + (uint32_t)len;
    if (stub->next > stub->fails_at) {
        return OTA_ERR_FLASH_READ;
    }
    memset(dst, 0xFF, len);
    memcpy(dst, stub->bytes + (addr - 0x10000), min_size(len, stub->len - (addr - 0x10000)));
    return OTA_OK;
}

static void the_worked_image_of_the_reference_verifies(void **state)
{
    (void)state;
    uint8_t image[352];
    uint8_t want[32];
    ota_image_rules_t rules = rules_for("esp32s3");
    size_t len = worked_image(image);
    assert_int_equal(image[0x13F], 0xE7);
    (void)hex_decode("645037516930a07beeb8dbcd96967d7cc6966046cd2963aa58a447d0fbffd9e7", want, 32);
    assert_memory_equal(image + 0x140, want, 32);
    verdict_t verdict = verify(&rules, image, len);
    assert_int_equal(verdict.status, OTA_OK);
    assert_int_equal(verdict.length, 352);
    rules.chip = NULL; /* the one that the header names */
    assert_int_equal(verify(&rules, image, len).status, OTA_OK);
    rules.chip_by_id = NULL; /* firmware that knows no other chip, nor its own */
    verdict = verify(&rules, image, len);
    assert_int_equal(verdict.status, OTA_ERR_IMAGE_CHIP);
    assert_int_equal(verdict.fault.offset, 12);
}

static void a_zero_segment_image_of_64_bytes_verifies(void **state)
{
    (void)state;
    uint8_t image[64] = {0xE9, 0, 2, 0x20, 0, 0, 0, 0,  0xEE,     0,
                         0,    0, 0, 0,    0, 0, 0, 99, [23] = 1, [31] = 0xEF};
    uint8_t want[32];
    ota_image_rules_t rules = rules_for("esp32");
    assert_int_equal(image_reseal(image, sizeof(image)), OTA_OK);
    (void)hex_decode("58774211c4e58a9bb3d01cc990ce040c40e1022dddfc424a6d59e274f8c9a180", want, 32);
    assert_memory_equal(image + 32, want, 32);
    assert_int_equal(image[31], 0xEF);
    assert_int_equal(verify(&rules, image, sizeof(image)).length, 64);
}

static void every_split_of_an_image_gives_the_same_answer(void **state)
{
    (void)state;
    uint8_t image[352];
    size_t len = worked_image(image);
    ota_image_rules_t rules = rules_for("esp32s3");
    static const uint32_t flips[] = {NO_LIMIT, 0,     13,    25,    29,   0x60,
                                     0x121,    0x130, 0x138, 0x13F, 0x155};
    for (size_t f = 0; f < sizeof(flips) / sizeof(flips[0]); f++) {
        if (flips[f] != NO_LIMIT) {
            image[flips[f]] ^= 0x41;
        }
        verdict_t whole = verify(&rules, image, len);
        assert_int_equal(whole.status == OTA_OK, flips[f] == NO_LIMIT);
        for (size_t first = 0; first <= len; first++) {
            verdict_t split = verify_pieces(&rules, image, len, first, len);
            assert_memory_equal(&split, &whole, sizeof(whole));
        }
        for (size_t piece = 1; piece < 70; piece++) {
            verdict_t pieces = verify_pieces(&rules, image, len, piece, piece);
            assert_memory_equal(&pieces, &whole, sizeof(whole));
        }
        if (flips[f] != NO_LIMIT) {
            image[flips[f]] ^= 0x41;
        }
    }
}

static void every_truncation_says_where_bytes_are_missing(void **state)
{
    (void)state;
    uint8_t image[352];
    size_t len = worked_image(image);
    ota_image_rules_t rules = rules_for("esp32s3");
    for (size_t cut = 0; cut < len; cut++) {
        verdict_t verdict = verify(&rules, image, cut);
        assert_int_equal(verdict.status, OTA_ERR_IMAGE_TRUNCATED);
        assert_int_equal(verdict.fault.offset, cut);
    }
}

static void bytes_behind_the_image_are_nobodys(void **state)
{
    (void)state;
    uint8_t image[400];
    memset(image, 0x5A, sizeof(image));
    (void)worked_image(image);
    ota_image_rules_t rules = rules_for("esp32s3");
    assert_int_equal(verify_pieces(&rules, image, sizeof(image), 7, 100).length, 352);
}

static void progress_is_known_byte_by_byte(void **state)
{
    (void)state;
    uint8_t bytes[352];
    size_t len = worked_image(bytes);
    ota_image_rules_t rules = rules_for("esp32s3");
    ota_image_t image;
    uint32_t least = 0;
    assert_int_equal(ota_image_start(&image, &rules), OTA_OK);
    for (uint32_t at = 0; at < len; at++) {
        assert_true(ota_image_length_at_least(&image) >= least);
        least = ota_image_length_at_least(&image);
        assert_true(least > at && least <= len);
        assert_int_equal(ota_image_has_header(&image), at >= 24);
        assert_int_equal(ota_image_length(&image), at >= 0x128 ? 352 : 0);
        assert_false(ota_image_complete(&image));
        assert_int_equal(ota_image_feed(&image, bytes + at, 1), OTA_OK);
    }
    assert_true(ota_image_complete(&image));
    assert_int_equal(ota_image_finish(&image), OTA_OK);
}

static void every_flipped_bit_is_found(void **state)
{
    (void)state;
    uint8_t image[352];
    size_t len = worked_image(image);
    ota_image_rules_t rules = rules_for("esp32s3");
    for (uint32_t bit = 0; bit < len * 8; bit++) {
        image[bit / 8] ^= (uint8_t)(1u << bit % 8);
        rules.require_hash = false;
        bool accepted = verify(&rules, image, len).status == OTA_OK;
        /* Espressif's rule: without the flag nothing but the checksum is left. */
        assert_int_equal(accepted, bit == 23 * 8);
        rules.require_hash = true;
        assert_int_not_equal(verify(&rules, image, len).status, OTA_OK);
        image[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void without_hash_the_checksum_finds_a_flipped_data_bit(void **state)
{
    (void)state;
    uint8_t image[352];
    size_t len = worked_image(image);
    ota_image_rules_t rules = rules_for("esp32s3");
    image[23] = 0;
    for (uint32_t at = 0x128; at < 0x138; at++) {
        image[at] ^= 0x10;
        assert_int_equal(verify(&rules, image, len).status, OTA_ERR_IMAGE_CHECKSUM);
        image[at] ^= 0x10;
    }
}

static void an_image_in_flash_is_read_once_and_not_beyond_its_end(void **state)
{
    (void)state;
    image_bytes_t image;
    image_wish_t wish;
    uint8_t buffer[4096];
    uint32_t length = 0;
    ota_fault_t fault;
    image_wish_default(&wish);
    wish.size = 40000;
    assert_int_equal(image_build(&wish, &image), OTA_OK);
    flash_stub_t stub = {image.bytes, (uint32_t)image.len, 0x10000, NO_LIMIT};
    ota_flash_t flash = {.size = 0x100000, .ctx = &stub, .read = stub_read};
    ota_image_rules_t rules = rules_for("esp32");
    for (size_t room = 64; room <= sizeof(buffer); room += 1344) {
        stub.next = 0x10000;
        assert_int_equal(ota_image_check_flash(&flash, &rules, buffer, room, &length, &fault),
                         OTA_OK);
        assert_int_equal(stub.next, 0x10000 + 40000);
        assert_int_equal(length, 40000);
    }
    stub.next = 0x10000;
    stub.fails_at = 0x13000;
    assert_int_equal(ota_image_check_flash(&flash, &rules, buffer, 4096, &length, &fault),
                     OTA_ERR_FLASH_READ);
    assert_in_range(fault.offset, 0x2000, 0x3000);
    assert_int_equal(length, 0);
    stub = (flash_stub_t){image.bytes, (uint32_t)image.len, 0x10000, NO_LIMIT};
    flash.size = 0x14000; /* the chip ends inside the image */
    assert_int_equal(ota_image_check_flash(&flash, &rules, buffer, 4096, NULL, &fault),
                     OTA_ERR_IMAGE_TRUNCATED);
    assert_int_equal(fault.offset, 0x4000);
    assert_int_equal(ota_image_check_flash(&flash, &rules, buffer, 63, NULL, NULL), OTA_ERR_ARG);
    assert_int_equal(ota_image_check_flash(NULL, &rules, buffer, 64, NULL, NULL), OTA_ERR_ARG);
    assert_int_equal(ota_image_check_flash(&flash, NULL, buffer, 64, NULL, &fault), OTA_ERR_ARG);
    rules.address = 0x14000;
    assert_int_equal(ota_image_check_flash(&flash, &rules, buffer, 64, NULL, &fault),
                     OTA_ERR_IMAGE_TRUNCATED);
    image_free(&image);
}

static void the_secure_version_is_read_without_the_rest(void **state)
{
    (void)state;
    uint8_t image[352];
    uint32_t version = 0;
    (void)worked_image(image);
    ota_put_le32(image + 0x24, 0x01020304);
    flash_stub_t stub = {image, sizeof(image), 0x10020, NO_LIMIT};
    ota_flash_t flash = {.size = 0x100000, .ctx = &stub, .read = stub_read};
    assert_int_equal(ota_app_secure_version(&flash, 0x10000, &version), OTA_OK);
    assert_int_equal(version, 0x01020304);
    image[0x23] = 0;
    stub.next = 0x10020;
    assert_int_equal(ota_app_secure_version(&flash, 0x10000, &version), OTA_ERR_IMAGE_DESCRIPTOR);
    assert_int_equal(ota_app_secure_version(&flash, 0x100000, &version), OTA_ERR_RANGE);
    assert_int_equal(ota_app_secure_version(&flash, NO_LIMIT, &version), OTA_ERR_RANGE);
}

static void misuse_is_refused(void **state)
{
    (void)state;
    ota_image_rules_t rules = rules_for("esp32");
    ota_image_t image;
    uint8_t byte = 0;
    assert_int_equal(ota_image_start(NULL, &rules), OTA_ERR_ARG);
    assert_int_equal(ota_image_start(&image, NULL), OTA_ERR_ARG);
    assert_int_equal(ota_image_feed(&image, &byte, 1), OTA_ERR_ARG);
    rules.kind = (ota_image_kind_t)7;
    assert_int_equal(ota_image_start(&image, &rules), OTA_ERR_ARG);
    rules.kind = OTA_IMAGE_APP;
    ota_crypto_t crypto = ota_crypto_builtin;
    crypto.version = 2;
    rules.crypto = &crypto;
    assert_int_equal(ota_image_start(&image, &rules), OTA_ERR_ARG);
    rules.crypto = NULL;
    assert_int_equal(ota_image_start(&image, &rules), OTA_OK);
    assert_int_equal(ota_image_feed(&image, NULL, 1), OTA_ERR_ARG);
    assert_int_equal(ota_image_feed(&image, NULL, 0), OTA_OK);
    assert_int_equal(ota_image_feed(NULL, &byte, 1), OTA_ERR_ARG);
    assert_int_equal(ota_image_finish(NULL), OTA_ERR_ARG);
    assert_int_equal(ota_image_feed(&image, &byte, 1), OTA_ERR_IMAGE_MAGIC);
    assert_int_equal(ota_image_feed(&image, &byte, 0), OTA_ERR_IMAGE_MAGIC); /* it stays so */
    assert_int_equal(ota_image_finish(&image), OTA_ERR_IMAGE_MAGIC);
}

static void a_copy_of_the_struct_is_a_snapshot(void **state)
{
    (void)state;
    uint8_t bytes[352];
    size_t len = worked_image(bytes);
    ota_image_rules_t rules = rules_for("esp32s3");
    ota_image_t image;
    assert_int_equal(ota_image_start(&image, &rules), OTA_OK);
    assert_int_equal(ota_image_feed(&image, bytes, 200), OTA_OK);
    ota_image_t copy = image;
    uint8_t wrong[152] = {0};
    assert_int_not_equal(ota_image_feed(&image, wrong, sizeof(wrong)), OTA_OK);
    assert_int_equal(ota_image_feed(&copy, bytes + 200, len - 200), OTA_OK);
    assert_int_equal(ota_image_finish(&copy), OTA_OK);
}

static void a_cut_image_says_how_much_is_there_and_how_much_was_needed(void **state)
{
    (void)state;
    uint8_t image[352];
    ota_image_rules_t rules = rules_for("esp32s3");
    (void)worked_image(image);
    verdict_t verdict = verify(&rules, image, 300);
    assert_int_equal(verdict.status, OTA_ERR_IMAGE_TRUNCATED);
    assert_int_equal(verdict.fault.offset, 300);
    assert_int_equal(verdict.fault.found, 300);
    assert_int_equal(verdict.fault.expected, 352);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_image_of_the_reference_verifies),
        cmocka_unit_test(a_cut_image_says_how_much_is_there_and_how_much_was_needed),
        cmocka_unit_test(a_zero_segment_image_of_64_bytes_verifies),
        cmocka_unit_test(every_split_of_an_image_gives_the_same_answer),
        cmocka_unit_test(every_truncation_says_where_bytes_are_missing),
        cmocka_unit_test(bytes_behind_the_image_are_nobodys),
        cmocka_unit_test(progress_is_known_byte_by_byte),
        cmocka_unit_test(every_flipped_bit_is_found),
        cmocka_unit_test(without_hash_the_checksum_finds_a_flipped_data_bit),
        cmocka_unit_test(an_image_in_flash_is_read_once_and_not_beyond_its_end),
        cmocka_unit_test(the_secure_version_is_read_without_the_rest),
        cmocka_unit_test(misuse_is_refused),
        cmocka_unit_test(a_copy_of_the_struct_is_a_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
