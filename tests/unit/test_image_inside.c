/* SPDX-License-Identifier: Apache-2.0 */
/* image, inside: lengths to the byte, what is hashed, and that every segment is judged on every
 * chip. */
#include "core/image_internal.h"
#include "host/image_build.h"
#include "support/fault.h"
#include "support/image.h"

static ota_image_t with(const ota_image_rules_t *rules, bool hashed)
{
    return (ota_image_t){.rules = rules, .header = {.hash_appended = hashed, .segments = 3}};
}

static void lengths_are_rounded_up_and_sealed(void **state)
{
    (void)state;
    static const uint8_t keys[1][64] = {{0}};
    static const ota_trust_t v1 = {OTA_SCHEME_V1_P256, 1, 1, keys};
    static const ota_trust_t v2 = {OTA_SCHEME_V2_P256, 1, 1, keys};
    static const struct {
        const ota_trust_t *trust;
        bool hashed;
        uint32_t end, total;
    } rows[] = {
        {NULL, false, 100, 112},   {NULL, false, 111, 112},  {NULL, false, 112, 128},
        {NULL, true, 100, 144},    {&v1, true, 100, 212},    {&v2, false, 100, 8192},
        {&v2, false, 4079, 8192},  {&v2, false, 4080, 8192}, {&v2, false, 4095, 8192},
        {&v2, false, 4096, 12288}, {&v2, true, 4063, 8192},  {&v2, true, 4064, 12288},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ota_image_rules_t rules = rules_for("esp32s3");
        rules.trust = rows[i].trust;
        ota_image_t image = with(&rules, rows[i].hashed);
        if (ota_image_total(&image, rows[i].end) != rows[i].total) {
            fail_msg("row %zu: %u", i, (unsigned)ota_image_total(&image, rows[i].end));
        }
    }
}

/* Where what follows might not fit into 32 bits, it is too long for everything. */
static void lengths_stop_at_the_largest_number(void **state)
{
    (void)state;
    const uint32_t follows = 2u * 4096u + 128u;
    ota_image_rules_t rules = rules_for("esp32s3");
    ota_image_t image = with(&rules, false);
    assert_int_equal(ota_image_total(&image, UINT32_MAX - follows), UINT32_MAX);
    assert_int_equal(ota_image_total(&image, UINT32_MAX), UINT32_MAX);
    uint32_t last = UINT32_MAX - follows - 1u;
    assert_int_equal(ota_image_total(&image, last), (last | 15u) + 1u);
}

/* Of a header of three segments, so many bytes must come at least. */
static void what_is_certain_grows_with_each_segment(void **state)
{
    (void)state;
    static const struct {
        uint8_t segment;
        uint32_t end, at_least;
    } rows[] = {{0, 24, 64}, {1, 1000, 1024}, {2, 5000, 5024}, {3, 9000, 9008}};
    ota_image_rules_t rules = rules_for("esp32s3");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ota_image_t image = with(&rules, false);
        assert_int_equal(ota_image_length_at_least(&image), 24);
        image.flags = FLAG_HEADER;
        image.segment = rows[i].segment;
        image.segment_end = rows[i].end;
        if (ota_image_length_at_least(&image) != rows[i].at_least) {
            fail_msg("row %zu: %u", i, (unsigned)ota_image_length_at_least(&image));
        }
        image.length = 77;
        assert_int_equal(ota_image_length_at_least(&image), 77);
    }
    ota_image_t many = with(&rules, false);
    many.flags = FLAG_HEADER;
    many.header.segments = 16;
    many.segment_end = OTA_IMAGE_HEADER;
    assert_int_equal(ota_image_length_at_least(&many), 160);
}

/* --- hashing --------------------------------------------------------------------------------- */

static size_t hashed;

static void count_hashed(void *ctx, ota_hash_t *hash, const void *data, size_t len)
{
    hashed += len;
    ota_crypto_builtin.hash_update(ctx, hash, data, len);
}

static void only_what_has_a_hash_is_hashed(void **state)
{
    (void)state;
    uint8_t image[WORKED_IMAGE];
    ota_crypto_t crypto = ota_crypto_builtin;
    ota_image_rules_t rules = rules_for("esp32s3");
    size_t len = worked_image(image);
    crypto.hash_update = count_hashed;
    rules.crypto = &crypto;
    rules.require_hash = true;
    hashed = 0;
    assert_int_equal(verify(&rules, image, len).status, OTA_OK);
    assert_int_equal(hashed, len - OTA_SHA256_SIZE);
    rules.require_hash = false;
    image[23] = 0;
    hashed = 0;
    assert_int_equal(image_reseal(image, len), OTA_OK);
    assert_int_equal(verify(&rules, image, len).status, OTA_OK);
    assert_int_equal(hashed, OTA_IMAGE_HEADER); /* until it says that it has none */
}

static ota_hash_kind_t begun;

static ota_status_t note_kind(void *ctx, ota_hash_t *hash, ota_hash_kind_t kind)
{
    (void)ctx, (void)hash;
    begun = kind;
    return OTA_OK;
}

static ota_status_t check_nothing(void *ctx, const ota_signature_t *signature)
{
    (void)ctx, (void)signature;
    return OTA_OK;
}

static void the_scheme_of_a_signature_says_which_hash(void **state)
{
    (void)state;
    static const uint8_t keys[1][64] = {{0}};
    static uint8_t room[OTA_SIGNATURE_BLOCK];
    static const struct {
        ota_scheme_t scheme;
        ota_hash_kind_t kind;
    } rows[] = {{OTA_SCHEME_V2_P384, OTA_HASH_SHA384}, {OTA_SCHEME_V2_P256, OTA_HASH_SHA256}};
    ota_crypto_t crypto = ota_crypto_builtin;
    crypto.hash_start = note_kind;
    crypto.verify = check_nothing;
    for (size_t i = 0; i < 2; i++) {
        const ota_trust_t trust = {rows[i].scheme, 1, 1, keys};
        ota_image_rules_t rules = rules_for("esp32s3");
        ota_image_t image;
        rules.trust = &trust;
        rules.workspace = room;
        rules.crypto = &crypto;
        assert_int_equal(ota_image_start(&image, &rules), OTA_OK);
        assert_int_equal(begun, rows[i].kind);
    }
}

static void a_wrong_hash_has_no_numbers_to_show(void **state)
{
    (void)state;
    uint8_t image[WORKED_IMAGE];
    ota_image_rules_t rules = rules_for("esp32s3");
    size_t len = worked_image(image);
    image[len - 1] ^= 1;
    assert_fault(verify(&rules, image, len).fault, OTA_ERR_IMAGE_HASH,
                 WORKED_IMAGE - OTA_SHA256_SIZE, 0, 0);
}

/* --- headers --------------------------------------------------------------------------------- */

static void each_byte_of_a_header_has_its_field(void **state)
{
    (void)state;
    uint8_t bytes[OTA_IMAGE_HEADER];
    ota_image_header_t header;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(0x20 + i);
    }
    bytes[0] = 0xE9;
    assert_int_equal(ota_image_header_decode(&header, bytes), OTA_OK);
    assert_int_equal(header.segments, 0x21);
    assert_int_equal(header.spi_mode, 0x22);
    assert_int_equal(header.spi_speed_size, 0x23);
    assert_int_equal(header.entry, 0x27262524);
    assert_int_equal(header.chip_id, 0x2D2C);
    assert_int_equal(header.hash_appended, 0x37);
}

/* --- segments on every chip --------------------------------------------------------------------
 */

/* The image with its second segment loaded elsewhere. */
static ota_status_t second_at(const ota_image_rules_t *rules, uint32_t load)
{
    image_bytes_t app;
    image_wish_t wish;
    image_wish_default(&wish);
    wish.chip = rules->chip;
    wish.size = 0x8000; /* smaller ones have one segment */
    assert_int_equal(image_build(&wish, &app), OTA_OK);
    assert_true(app.bytes[1] > 1);
    uint32_t first = ota_get_le32(app.bytes + OTA_IMAGE_HEADER + 4);
    ota_put_le32(app.bytes + OTA_IMAGE_HEADER + SEGMENT_HEADER + first, load);
    assert_int_equal(image_reseal(app.bytes, app.len), OTA_OK);
    ota_status_t status = verify(rules, app.bytes, app.len).status;
    image_free(&app);
    return status;
}

static void a_later_segment_keeps_its_place_in_its_page_on_every_chip(void **state)
{
    (void)state;
    static const char *const names[] = {"esp32",   "esp32s2", "esp32c3", "esp32s3", "esp32c2",
                                        "esp32c6", "esp32h2", "esp32p4", "esp32c5"};
    unsigned windows = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        ota_image_rules_t rules = rules_for(names[i]);
        for (size_t w = 0; w < OTA_CHIP_WINDOWS; w++) {
            uint32_t start = rules.chip->windows[w].start;
            uint32_t end = rules.chip->windows[w].end;
            if (end == 0) {
                continue;
            }
            windows++;
            assert_int_equal(second_at(&rules, start + 4), OTA_ERR_IMAGE_MAPPING);
            assert_int_equal(second_at(&rules, end - 4), OTA_ERR_IMAGE_MAPPING);
            assert_int_equal(second_at(&rules, end), OTA_OK); /* not mapped there */
        }
    }
    assert_true(windows > 10);
}

static void block_revisions_are_asked_for_where_the_image_names_the_page(void **state)
{
    (void)state;
    image_bytes_t app;
    image_wish_t wish;
    ota_image_rules_t rules = rules_for("esp32c6");
    ota_chip_t chip = *rules.chip;
    chip.block_rev = true;
    rules.chip = &chip;
    rules.block_rev = 5;
    image_wish_default(&wish);
    wish.chip = ota_chip_by_name("esp32c6");
    assert_int_equal(image_build(&wish, &app), OTA_OK);
    ota_put_le16(app.bytes + OTA_APP_DESC_OFFSET + 176, 5);
    assert_int_equal(image_reseal(app.bytes, app.len), OTA_OK);
    assert_int_equal(verify(&rules, app.bytes, app.len).status, OTA_OK);
    ota_put_le16(app.bytes + OTA_APP_DESC_OFFSET + 176, 6);
    assert_int_equal(image_reseal(app.bytes, app.len), OTA_OK);
    assert_int_equal(verify(&rules, app.bytes, app.len).status, OTA_ERR_IMAGE_BLOCK_REV);
    image_free(&app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_rounded_up_and_sealed),
        cmocka_unit_test(lengths_stop_at_the_largest_number),
        cmocka_unit_test(what_is_certain_grows_with_each_segment),
        cmocka_unit_test(only_what_has_a_hash_is_hashed),
        cmocka_unit_test(the_scheme_of_a_signature_says_which_hash),
        cmocka_unit_test(a_wrong_hash_has_no_numbers_to_show),
        cmocka_unit_test(each_byte_of_a_header_has_its_field),
        cmocka_unit_test(a_later_segment_keeps_its_place_in_its_page_on_every_chip),
        cmocka_unit_test(block_revisions_are_asked_for_where_the_image_names_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
