/* SPDX-License-Identifier: Apache-2.0 */
/* update: sessions of a device that trusts signed images only. */
#include "host/image_sign.h"
#include "ports/crypto/openssl.h"
#include "support/board.h"
#include "support/keys.h"
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    ota_scheme_t scheme;
    ota_signature_kind_t kind;
    uint32_t block; /* bytes of a signature block */
} case_t;

static const case_t cases[] = {
    {OTA_SCHEME_V1_P256, OTA_SIGNATURE_ECDSA_P256, 68},
    {OTA_SCHEME_V2_P256, OTA_SIGNATURE_ECDSA_P256, OTA_SIGNATURE_BLOCK},
    {OTA_SCHEME_V2_P384, OTA_SIGNATURE_ECDSA_P384, OTA_SIGNATURE_BLOCK},
    {OTA_SCHEME_V2_RSA3072, OTA_SIGNATURE_RSA3072_PSS, OTA_SIGNATURE_BLOCK},
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

static void sign(const board_image_t *app, const case_t *c, image_bytes_t *image,
                 uint8_t trusted[64])
{
    crypto_key_t *key = keys_take(c->kind, 0);
    assert_non_null(key);
    *image = (image_bytes_t){.bytes = malloc(app->len), .len = app->len};
    assert_non_null(image->bytes);
    memcpy(image->bytes, app->bytes, app->len);
    assert_int_equal(image_sign(image, c->scheme, &key, 1), OTA_OK);
    assert_int_equal(image_key_trust(key, c->scheme, trusted), OTA_OK);
    crypto_key_free(key);
}

/* The write that completes the block fails after it has been judged, and is repeated. */
static void fail_behind_the_block(const case_t *c, uint32_t before)
{
    board_t board;
    ota_update_t update;
    image_bytes_t image;
    uint8_t trusted[1][64];
    board_start(&board);
    board_image_t app = board_image((board_want_t){.size = 0x2000});
    sign(&app, c, &image, trusted[0]);
    ota_trust_t trust = {
        .scheme = c->scheme, .blocks = 1, .key_count = 1, .keys = (const uint8_t(*)[64])trusted};
    board.device.trust = &trust;
    ota_part_t part = board_part(&board, "ota_1");
    uint32_t cut = app.len + before;
    uint32_t end = app.len + c->block;
    assert_int_equal(ota_update_begin(&update, &board.device, &part, OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes, cut), OTA_OK);
    board.nor.fail_in = 0;
    assert_int_not_equal(ota_update_write(&update, image.bytes + cut, end - cut), OTA_OK);
    assert_int_equal(ota_update_written(&update), cut);
    assert_int_equal(ota_update_write(&update, image.bytes + cut, image.len - cut), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_memory_equal(board.nor.bytes + part.offset, image.bytes, image.len);
    image_free(&image);
    board_image_free(&app);
    board_stop(&board);
}

static void a_failed_write_spoilt_the_half_of_the_signature_that_was_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        fail_behind_the_block(&cases[i], 0);
        fail_behind_the_block(&cases[i], 1);
        fail_behind_the_block(&cases[i], cases[i].block / 2);
        fail_behind_the_block(&cases[i], cases[i].block - 1);
    }
}

static ota_status_t read_fuse(void *ctx, uint32_t *version)
{
    (void)ctx;
    *version = 1;
    return OTA_OK;
}

/* A bootloader has no app descriptor, and a v1 signature of its own stands elsewhere in flash. */
static void a_bootloader_is_not_asked_for_what_only_apps_have(void **state)
{
    (void)state;
    static const uint8_t trusted[1][64] = {{0}};
    static const ota_trust_t trust = {
        .scheme = OTA_SCHEME_V1_P256, .key_count = 1, .keys = trusted};
    static const ota_efuse_t efuse = {.version = 1, .read = read_fuse};
    board_t board;
    board_start(&board);
    board_image_t image = board_image((board_want_t){.size = 0x2000, .bootloader = true});
    board_image_t app = board_image((board_want_t){.size = 0x2000});
    board.device.boot.anti_rollback = true;
    board.device.efuse = &efuse;
    assert_int_equal(board_update(&board, "boot_new", &image, OTA_SIZE_UNKNOWN, 0, 1000), OTA_OK);
    assert_int_equal(board_update(&board, "ota_1", &app, OTA_SIZE_UNKNOWN, 0, 1000),
                     OTA_ERR_SECURE_VERSION);
    board.device.trust = &trust;
    assert_int_equal(board_update(&board, "boot_new", &image, OTA_SIZE_UNKNOWN, 0, 1000), OTA_OK);
    board_image_free(&app);
    board_image_free(&image);
    board_stop(&board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_write_spoilt_the_half_of_the_signature_that_was_there),
        cmocka_unit_test(a_bootloader_is_not_asked_for_what_only_apps_have),
    };
    return cmocka_run_group_tests_name("update: signed", tests, NULL, NULL);
}
