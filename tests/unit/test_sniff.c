/* SPDX-License-Identifier: Apache-2.0 */
/* sniff: every kind by a file of it, where images are inside others, and hostile lengths. */
#include "host/sniff.h"
#include "support/data.h"
#include "support/sample.h"
#include "support/unit.h"

#include "core/bytes.h"
#include <stdlib.h>

static void make_xz(sample_t *sample)
{
    sample_bytes(sample, "\xFD\x37zXZ\0\0\4", 8);
}

static const struct {
    sample_maker_t make;
    const char *text;
    sniff_kind_t kind;
} kinds[] = {
    {sample_empty, NULL, SNIFF_EMPTY},
    {sample_blank, NULL, SNIFF_BLANK},
    {sample_zeroes, NULL, SNIFF_ZEROES},
    {sample_app, NULL, SNIFF_APP},
    {sample_cut_app, NULL, SNIFF_APP},
    {sample_bootloader, NULL, SNIFF_BOOTLOADER},
    {sample_merged, NULL, SNIFF_MERGED},
    {sample_broken_table, NULL, SNIFF_TABLE},
    {NULL, sample_two_slots, SNIFF_TABLE_CSV},
    {NULL, "# Name, Type, SubType, Offset, Size\nnvs, data, nvs, , 0x5000\n", SNIFF_TABLE_CSV},
    {NULL, "\xEF\xBB\xBFnvs,0x01,2,0x9000,0x5000,\r\n", SNIFF_TABLE_CSV},
    {sample_encrypted_image, NULL, SNIFF_ENCRYPTED_IMAGE},
    {sample_delta, NULL, SNIFF_DELTA},
    {sample_esp8266, NULL, SNIFF_ESP8266},
    {sample_mcuboot, NULL, SNIFF_MCUBOOT},
    {sample_littlefs, NULL, SNIFF_FILESYSTEM},
    {sample_gzip, NULL, SNIFF_GZIP},
    {sample_zip, NULL, SNIFF_ZIP},
    {sample_elf, NULL, SNIFF_ELF},
    {sample_uf2, NULL, SNIFF_UF2},
    {sample_ciphertext, NULL, SNIFF_RANDOM},
    {sample_http, NULL, SNIFF_HTTP},
    {sample_multipart, NULL, SNIFF_MULTIPART},
    {sample_shifted, NULL, SNIFF_SHIFTED},
    {NULL, "<!DOCTYPE html><html></html>", SNIFF_HTML},
    {NULL, "\n  <HTML><BODY>", SNIFF_HTML},
    {NULL, "<?xml version=\"1.0\"?><!DOCTYPE html><html xmlns=\"x\">", SNIFF_HTML},
    {NULL, "<?xml version=\"1.0\"?><Error/>", SNIFF_XML},
    {NULL, "{\"message\":\"Not Found\"}", SNIFF_JSON},
    {NULL, "[{\"tag\":1}]", SNIFF_JSON},
    {NULL, ":10010000214601360121470136007EFE09D2190140\n", SNIFF_IHEX},
    {NULL, "S1130000285F245F2212226A000424290008237C2A\n", SNIFF_SREC},
    {NULL, "version https://git-lfs.github.com/spec/v1\n", SNIFF_LFS},
    {NULL, "I (31) boot: ESP-IDF v5.1 2nd stage bootloader\n", SNIFF_LOG},
    {NULL, "[ 67607][E][HTTPUpdate.cpp:442] runUpdate(): failed\n", SNIFF_LOG},
    {NULL, "dear diary", SNIFF_TEXT},
    {make_xz, NULL, SNIFF_XZ},
    {NULL, "\x01\x02\x03\x04", SNIFF_UNKNOWN},
};

static void make(size_t i, sample_t *sample)
{
    if (kinds[i].make != NULL) {
        kinds[i].make(sample);
    } else {
        sample_text(sample, kinds[i].text);
    }
}

static void every_kind_is_recognised(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        sample_t sample;
        sniff_t out;
        make(i, &sample);
        sniff(sample.bytes, sample.len, &out);
        if (out.kind != kinds[i].kind) {
            fail_msg("sample %zu: %s, expected %s", i, sniff_name(out.kind),
                     sniff_name(kinds[i].kind));
        }
        sample_free(&sample);
    }
}

/* Every prefix of every sample in a block of exactly its size: the sanitizer sees one byte more. */
static void no_prefix_is_read_beyond_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        sample_t sample;
        make(i, &sample);
        for (size_t len = 0; len < sample.len; len += len < 600 ? 1 : 997) {
            sample_t cut;
            sniff_t out;
            sample_bytes(&cut, sample.bytes, len);
            sniff(cut.bytes, cut.len, &out);
            assert_true(out.kind < SNIFF_KINDS);
            assert_true(out.at <= len && out.first_used <= len);
            sample_free(&cut);
        }
        sample_free(&sample);
    }
}

static void an_image_behind_other_bytes_is_found_at_its_offset(void **state)
{
    (void)state;
    sample_t sample;
    sniff_t out;
    sample_shifted(&sample);
    sniff(sample.bytes, sample.len, &out);
    assert_true(out.has_app);
    assert_int_equal(out.at, 467);
    assert_int_equal(out.chip_id, 0);
    assert_false(out.truncated);
    sample_free(&sample);
    sample_http(&sample);
    sniff(sample.bytes, sample.len, &out);
    assert_int_equal(out.at, 56);
    sample_free(&sample);
}

static void a_cut_image_says_how_much_it_needs(void **state)
{
    (void)state;
    sample_t sample;
    sniff_t out;
    sample_app(&sample);
    sniff(sample.bytes, sample.len, &out);
    assert_false(out.truncated);
    assert_int_equal(out.needs, sample.len);
    sample_free(&sample);
    sample_cut_app(&sample);
    sniff(sample.bytes, sample.len, &out);
    assert_true(out.truncated);
    assert_true(out.needs > sample.len);
    sample_free(&sample);
}

/* A segment length of 4 GiB - 4 must not wrap. */
static void a_hostile_segment_length_does_not_wrap(void **state)
{
    (void)state;
    sample_t sample;
    sniff_t out;
    sample_app(&sample);
    uint32_t second = 24 + 8 + ota_get_le32(sample.bytes + 28);
    ota_put_le32(sample.bytes + second + 4, 0xFFFFFFFCu);
    sniff(sample.bytes, sample.len, &out);
    assert_true(out.needs > 0xFFFFFFFFu);
    assert_true(out.truncated);
    sample_free(&sample);
}

static void random_bytes_are_told_from_code_and_text(void **state)
{
    (void)state;
    for (size_t len = 1024; len <= 0x40000; len *= 4) {
        sample_t sample;
        size_t used;
        sample_noise(&sample, len);
        double entropy = sniff_entropy(sample.bytes, sample.len, &used);
        assert_true(sniff_is_random(entropy, used));
        for (size_t i = 0; i < len; i++) { /* one bit less of it */
            sample.bytes[i] &= 0x7F;
        }
        entropy = sniff_entropy(sample.bytes, sample.len, &used);
        assert_false(sniff_is_random(entropy, used));
        sample_free(&sample);
    }
}

static void a_dump_has_the_size_of_a_chip(void **state)
{
    (void)state;
    const sample_flash_t what = {.csv = sample_two_slots, .flash = 0x100000, .good = 1};
    sample_t sample;
    sniff_t out;
    sample_flash(&sample, &what);
    sniff(sample.bytes, sample.len, &out);
    assert_int_equal(out.kind, SNIFF_FLASH);
    assert_int_equal(out.at, 0x1000);
    assert_int_equal(out.table_at, 0x8000);
    sniff(sample.bytes, sample.len - 4096, &out);
    assert_int_equal(out.kind, SNIFF_MERGED);
    sample_free(&sample);
}

static void otadata_is_recognised_by_its_records(void **state)
{
    (void)state;
    sample_t sample;
    sniff_t out;
    sample_otadata(&sample, 1, OTA_STATE_VALID, 0, 0);
    sniff(sample.bytes, sample.len, &out);
    assert_int_equal(out.kind, SNIFF_OTADATA);
    sample_free(&sample);
    sample_otadata(&sample, 0, 0, 2, OTA_STATE_NEW);
    sniff(sample.bytes, sample.len, &out);
    assert_int_equal(out.kind, SNIFF_OTADATA);
    sample.bytes[0x1000] ^= 1;
    sniff(sample.bytes, sample.len, &out);
    assert_int_not_equal(out.kind, SNIFF_OTADATA);
    sample_free(&sample);
}

static void every_kind_has_a_name_and_words(void **state)
{
    (void)state;
    for (int a = 0; a < SNIFF_KINDS; a++) {
        assert_non_null(sniff_name((sniff_kind_t)a));
        assert_non_null(sniff_words((sniff_kind_t)a));
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(sniff_name((sniff_kind_t)a), sniff_name((sniff_kind_t)b));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_recognised),
        cmocka_unit_test(no_prefix_is_read_beyond_its_end),
        cmocka_unit_test(an_image_behind_other_bytes_is_found_at_its_offset),
        cmocka_unit_test(a_cut_image_says_how_much_it_needs),
        cmocka_unit_test(a_hostile_segment_length_does_not_wrap),
        cmocka_unit_test(random_bytes_are_told_from_code_and_text),
        cmocka_unit_test(a_dump_has_the_size_of_a_chip),
        cmocka_unit_test(otadata_is_recognised_by_its_records),
        cmocka_unit_test(every_kind_has_a_name_and_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
