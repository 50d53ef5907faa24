/* SPDX-License-Identifier: Apache-2.0 */
/* Revoking Secure Boot v2 keys: never one without which the app or the bootloader would not verify.
 */
#include "host/image_sign.h"
#include "ports/crypto/openssl.h"
#include "support/idf_board.h"
#include "support/unit.h"

static idf_board_t board;
static crypto_key_t *keys[2];
static uint8_t trusted[2][64];
static ota_trust_t trust;
static bool revoked[2];

static bool key_revoked(void *user, unsigned index)
{
    (void)user;
    return revoked[index];
}

static esp_err_t revoke_key(void *user, unsigned index)
{
    (void)user;
    revoked[index] = true;
    return ESP_OK;
}

static void put(uint32_t address, ota_image_kind_t kind, size_t first, size_t count)
{
    image_wish_t wish;
    image_bytes_t image;
    image_wish_default(&wish);
    wish.chip = ota_chip_by_name("esp32s3");
    wish.kind = kind;
    wish.address = address;
    assert_int_equal(image_build(&wish, &image), OTA_OK);
    assert_int_equal(image_sign(&image, OTA_SCHEME_V2_P256, keys + first, count), OTA_OK);
    memset(board.nor.bytes + address, 0xFF, 0x4000);
    memcpy(board.nor.bytes + address, image.bytes, image.len);
    image_free(&image);
}

/* The bootloader is signed with both keys, the app with `count` keys from `first` on. */
static void start(size_t first, size_t count)
{
    idf_board_start(&board, idf_board_rows, idf_board_row_count);
    put(0, OTA_IMAGE_BOOTLOADER, 0, 2);
    put(idf_board_rows[3].offset, OTA_IMAGE_APP, first, count);
    memset(revoked, 0, sizeof(revoked));
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(image_key_trust(keys[i], OTA_SCHEME_V2_P256, trusted[i]), OTA_OK);
    }
    trust = (ota_trust_t){.scheme = OTA_SCHEME_V2_P256, .blocks = 3, .key_count = 2};
    trust.keys = (const uint8_t(*)[64])trusted;
    board.compat.config.trust = &trust;
    board.compat.config.crypto = &crypto_openssl;
    board.compat.config.key_revoked = key_revoked;
    board.compat.config.revoke_key = revoke_key;
    idf_board_run(&board, "factory");
}

static int make_keys(void **state)
{
    (void)state;
    keys[0] = crypto_key_generate(OTA_SIGNATURE_ECDSA_P256);
    keys[1] = crypto_key_generate(OTA_SIGNATURE_ECDSA_P256);
    return keys[0] != NULL && keys[1] != NULL ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    crypto_key_free(keys[0]);
    crypto_key_free(keys[1]);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    idf_board_stop(&board);
    return 0;
}

static void a_key_goes_while_another_one_verifies_and_the_last_one_stays(void **state)
{
    (void)state;
    start(0, 2);
    assert_int_equal(esp_ota_revoke_secure_boot_public_key(SECURE_BOOT_PUBLIC_KEY_INDEX_0), ESP_OK);
    assert_true(revoked[0]);
    assert_int_equal(esp_ota_revoke_secure_boot_public_key(SECURE_BOOT_PUBLIC_KEY_INDEX_0), ESP_OK);
    assert_int_equal(esp_ota_revoke_secure_boot_public_key(SECURE_BOOT_PUBLIC_KEY_INDEX_1),
                     ESP_FAIL);
    assert_false(revoked[1]);
    assert_int_equal(esp_ota_revoke_secure_boot_public_key(SECURE_BOOT_PUBLIC_KEY_INDEX_2),
                     ESP_ERR_INVALID_ARG);
}

static void the_key_that_the_app_needs_stays(void **state)
{
    (void)state;
    start(0, 1);
    assert_int_equal(esp_ota_revoke_secure_boot_public_key(SECURE_BOOT_PUBLIC_KEY_INDEX_0),
                     ESP_FAIL);
    assert_false(revoked[0]);
    assert_int_equal(esp_ota_revoke_secure_boot_public_key(SECURE_BOOT_PUBLIC_KEY_INDEX_1), ESP_OK);
    assert_true(revoked[1]);
}

static void an_app_on_trial_revokes_nothing(void **state)
{
    (void)state;
    start(0, 2);
    board.compat.config.boot.rollback = true;
    idf_board_run(&board, "factory");
    assert_int_equal(esp_ota_revoke_secure_boot_public_key(SECURE_BOOT_PUBLIC_KEY_INDEX_0),
                     ESP_FAIL);
    assert_false(revoked[0]);
}

static void without_a_way_to_burn_nothing_is_promised(void **state)
{
    (void)state;
    start(0, 2);
    board.compat.config.revoke_key = NULL;
    assert_int_equal(esp_ota_revoke_secure_boot_public_key(SECURE_BOOT_PUBLIC_KEY_INDEX_0),
                     ESP_ERR_NOT_SUPPORTED);
}

static void an_unsigned_update_of_a_signed_device_is_refused(void **state)
{
    (void)state;
    esp_ota_handle_t handle = 0;
    start(0, 2);
    const uint8_t *app = board.nor.bytes + idf_board_rows[3].offset;
    const esp_partition_pos_t where = {idf_board_rows[3].offset, idf_board_rows[3].size};
    esp_image_metadata_t data;
    assert_int_equal(esp_image_verify(ESP_IMAGE_VERIFY, &where, &data), ESP_OK);
    assert_int_equal(esp_ota_begin(idf_board_part("ota_0"), OTA_SIZE_UNKNOWN, &handle), ESP_OK);
    assert_int_equal(esp_ota_write(handle, app, data.image_len - 4096), ESP_OK);
    assert_int_equal(esp_ota_end(handle), ESP_ERR_OTA_VALIDATE_FAILED);
    assert_int_equal(esp_ota_begin(idf_board_part("ota_0"), OTA_SIZE_UNKNOWN, &handle), ESP_OK);
    assert_int_equal(esp_ota_write(handle, app, data.image_len), ESP_OK);
    assert_int_equal(esp_ota_end(handle), ESP_OK);
}

#define CASE(test) cmocka_unit_test_teardown(test, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_key_goes_while_another_one_verifies_and_the_last_one_stays),
        CASE(the_key_that_the_app_needs_stays),
        CASE(an_app_on_trial_revokes_nothing),
        CASE(without_a_way_to_burn_nothing_is_promised),
        CASE(an_unsigned_update_of_a_signed_device_is_refused),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
