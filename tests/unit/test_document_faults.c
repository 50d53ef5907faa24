/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that are refused: every field of the fault, and what is said where two things are
 * wrong. */
#include "core/fields.h"
#include "ota/manifest.h"
#include "support/document.h"
#include "support/unit.h"

#define HEAD                                                                                       \
    "\"otary\":\"manifest\",\"format\":1,\"product\":\"lamp\",\"channel\":\"beta\",\"serial\":1,"  \
    "\"version\":\"1.0\",\"order\":1,\"issued\":5,\"keys\":1"
#define SHA    "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\""
#define IMAGE  "{\"sha256\":" SHA ",\"size\":100,\"chip\":0}"
#define IMAGES ",\"images\":[" IMAGE "]"

typedef struct {
    const char *text;
    ota_status_t status;
    const char *at; /* the fault is where this begins; NULL: at 0 */
    uint32_t found;
    uint32_t expected;
} row_t;

static ota_status_t open_manifest(document_t document, ota_fault_t *fault)
{
    ota_manifest_t manifest;
    return ota_manifest_open(&manifest, document.bytes, document.len, fault);
}

static ota_status_t open_keys(document_t document, ota_fault_t *fault)
{
    ota_keys_t keys;
    return ota_keys_open(&keys, document.bytes, document.len, fault);
}

static void check(const row_t *row, ota_status_t (*open)(document_t document, ota_fault_t *fault))
{
    ota_fault_t fault = {.offset = 99, .found = 99, .expected = 99};
    uint32_t at = row->at != NULL ? (uint32_t)(strstr(row->text, row->at) - row->text) : 0;
    ota_status_t status = open(whole(row->text), &fault);
    if (status != row->status || fault.status != status || fault.offset != at ||
        fault.found != row->found || fault.expected != row->expected) {
        fail_msg("%s: %s at %u, found %u, expected %u", row->text, ota_status_name(status),
                 (unsigned)fault.offset, (unsigned)fault.found, (unsigned)fault.expected);
    }
}

static void faults_of_a_manifest_say_where_and_what(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"{" HEAD IMAGES "}", OTA_OK, NULL, 0, 0},
        {"7", OTA_ERR_FIELD_TYPE, NULL, '7', 0},
        {" {\"format\":1}", OTA_ERR_FIELD_MISSING, "{", 0, 0},
        {"{\"otary\":\"keys\",\"format\":1}", OTA_ERR_DOCUMENT_KIND, "keys", 0, 0},
        {" {\"otary\":\"manifest\",\"format\":2}", OTA_ERR_DOCUMENT_FORMAT, NULL, 2, 1},
        {"{" HEAD ",\"keys\":1" IMAGES "}", OTA_ERR_FIELD_TWICE, "\"keys\":1,\"images", 8, 0},
        {" {" HEAD "}", OTA_ERR_FIELD_MISSING, "{", 11, 0},
        {"{" HEAD ",\"images\": []}", OTA_ERR_FIELD_VALUE, "[]", 0, 1},
        {"{" HEAD ",\"expires\":5" IMAGES "}", OTA_ERR_FIELD_VALUE, NULL, 5, 5},
        {"{" HEAD ",\"images\":[ {\"size\":100,\"chip\":0}]}", OTA_ERR_FIELD_MISSING, "{\"size", 0,
         0},
        {"{" HEAD ",\"images\":[ {\"sha256\":" SHA ",\"size\":9,\"slot_size\":8,\"chip\":0}]}",
         OTA_ERR_FIELD_VALUE, "{\"sha256", 8, 9},
        {"{" HEAD ",\"images\":[ {\"sha256\":" SHA
         ",\"size\":9,\"min_rev\":3,\"max_rev\":2,\"chip\":0}]}",
         OTA_ERR_FIELD_VALUE, "{\"sha256", 2, 3},
        {"{" HEAD IMAGES ",\"recalls\":[ {\"order\":4,\"to\":4}]}", OTA_ERR_FIELD_VALUE,
         "{\"order\":4", 4, 4},
        {"{" HEAD IMAGES ",\"rollout\":{\"share\":1,\"salt\":\"s\",\"cohorts\":[ \".x\"]}}",
         OTA_ERR_FIELD_VALUE, "\".x\"", 2, OTA_NAME_MAX},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check(&rows[i], open_manifest);
    }
}

/* The first from the front, also where the other is in what is read only later. */
static void of_two_faults_the_first_is_said(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"{" HEAD ",\"recalls\":7,\"images\":[],\"notes\":5}", OTA_ERR_FIELD_TYPE, "7,", '7', 0},
        {"{" HEAD ",\"rollout\":8,\"images\":[],\"notes\":5}", OTA_ERR_FIELD_TYPE, "8,", '8', 0},
        {"{" HEAD ",\"expires\":5,\"images\":[]}", OTA_ERR_FIELD_VALUE, "[]", 0, 1},
        {"{" HEAD ",\"images\":[],\"x\":[[[[[[[[1]]]]]]]]}", OTA_ERR_JSON_DEPTH, "[1]", 9, 8},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check(&rows[i], open_manifest);
    }
}

#define KEYS "\"otary\":\"keys\",\"format\":1,\"product\":\"lamp\",\"version\":1"

static void faults_of_a_key_set_say_where_and_what(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"{" KEYS ",\"threshold\":1,\"keys\": []}", OTA_ERR_KEYS_SET, "[]", 0, 1},
        {"{" KEYS ",\"threshold\":1,\"keys\":7}", OTA_ERR_FIELD_TYPE, "7}", '7', 0},
        {"{" KEYS ",\"threshold\":1,\"keys\":[ {\"id\":\"aaaaaaaaaaaaaaaa\"}]}",
         OTA_ERR_FIELD_MISSING, "{\"id", 1, 0},
        {"{" KEYS ",\"threshold\":1,\"keys\":[ {\"id\":\"aaaaaaaaaaaaaaag\"}]}",
         OTA_ERR_FIELD_VALUE, "\"aaaaaaaaaaaaaaag", 16, 16},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check(&rows[i], open_keys);
    }
    document_t bad = changed(good_keys(), "\"ecdsa-p256\"", "\"rsa-3072\"");
    const char *at = strstr((const char *)bad.bytes, "{\"id\"");
    ota_fault_t fault;
    assert_int_equal(open_keys(bad, &fault), OTA_ERR_FIELD_VALUE);
    assert_int_equal(fault.offset, at - (const char *)bad.bytes);
    assert_int_equal(fault.found, 128);
    assert_int_equal(fault.expected, 768);
    bad = changed(good_keys(), "bbbbbbbbbbbbbbbb", "aaaaaaaaaaaaaaaa");
    assert_int_equal(open_keys(bad, &fault), OTA_ERR_KEYS_SET);
    assert_int_equal(fault.found, 2);
    assert_int_equal(fault.expected, 8);
}

#define P4 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define P8 P4 P4
#define EC "{\"id\":\"aaaaaaaaaaaaaaaa\",\"kind\":\"ecdsa-p256\",\"public\":\"" P8 "\"}"
#define RSA                                                                                        \
    "{\"id\":\"bbbbbbbbbbbbbbbb\",\"kind\":\"rsa-3072\",\"public\":\"" P8 P8 P8 P8 P8 P8 "\"}"

static void keys_of_two_kinds_may_begin_alike(void **state)
{
    (void)state;
    static const char *const orders[] = {"{" KEYS ",\"threshold\":2,\"keys\":[" EC "," RSA "]}",
                                         "{" KEYS ",\"threshold\":2,\"keys\":[" RSA "," EC "]}"};
    for (size_t i = 0; i < 2; i++) {
        ota_fault_t fault;
        assert_int_equal(open_keys(whole(orders[i]), &fault), OTA_OK);
    }
}

static void no_text_and_too_much_of_it(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        ota_fault_t fault;
    } rows[] = {
        {NULL, 0, {OTA_ERR_JSON_TRUNCATED, 0, 0, 0}},
        {NULL, 5, {OTA_ERR_JSON_TRUNCATED, 0, 0, 0}},
        {"{", 0, {OTA_ERR_JSON_TRUNCATED, 0, 0, 0}},
        {"{", 1, {OTA_ERR_JSON_TRUNCATED, 1, 0, 0}},
        {"{", OTA_DOCUMENT_MAX + 1u, {OTA_ERR_DOCUMENT_SIZE, 0, 16385, 16384}},
        {"{", SIZE_MAX, {OTA_ERR_DOCUMENT_SIZE, 0, UINT32_MAX, 16384}},
    };
    assert_int_equal(OTA_DOCUMENT_MAX, 16384);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ota_keys_t keys;
        ota_fault_t fault = {.found = 99};
        ota_status_t status =
            ota_keys_open(&keys, (const uint8_t *)rows[i].bytes, rows[i].len, &fault);
        assert_int_equal(status, rows[i].fault.status);
        assert_memory_equal(&fault, &rows[i].fault, sizeof(fault));
    }
}

static void texts_are_compared_to_their_ends(void **state)
{
    (void)state;
    const ota_text_t none = {NULL, 0};
    assert_true(ota_text_is(none, ""));
    assert_false(ota_text_is(none, "a"));
    assert_true(ota_text_is((ota_text_t){"a", 1}, "a"));
    assert_false(ota_text_is((ota_text_t){"b", 1}, "a"));
    assert_false(ota_text_is((ota_text_t){"ab", 1}, "ab"));
    assert_true(ota_text_is_name((ota_text_t){"a.b", 3}));
    assert_true(ota_text_is_name((ota_text_t){"a-", 2}));
    assert_false(ota_text_is_name((ota_text_t){".b", 2}));
    assert_false(ota_text_is_name((ota_text_t){"-", 1}));
    assert_false(ota_text_is_name((ota_text_t){"", 0}));
}

/* --- accepting ------------------------------------------------------------------------------- */

static ota_status_t believe(void *ctx, const ota_signature_t *signature)
{
    (void)ctx;
    (void)signature;
    return OTA_OK;
}

/* Whose every signature is good; a good set, and one RSA signature by its key c. */
static ota_status_t accept_it(document_t document, ota_keys_t *keys, ota_fault_t *fault)
{
    static const uint8_t bytes[OTA_SIG_MAX];
    ota_crypto_t crypto = ota_crypto_builtin;
    ota_manifest_t manifest;
    ota_detached_t one = {{"cccccccccccccccc", OTA_KEY_ID_SIZE}, bytes, OTA_SIG_MAX, OTA_OK};
    const ota_signed_t is_signed = {document.bytes, (uint32_t)document.len, &one, 1};
    crypto.verify = believe;
    keys->threshold = 1;
    return ota_manifest_accept(&manifest, keys, &crypto, &is_signed, fault);
}

static void only_a_manifest_of_the_keys_product_is_accepted(void **state)
{
    (void)state;
    ota_keys_t keys;
    ota_fault_t fault = {.found = 99};
    document_t set = whole(good_keys());
    document_t other = changed(good_manifest, "\"lamp\"", "\"lump\"");
    document_t longer = changed(good_manifest, "\"lamp\"", "\"lamps\"");
    assert_int_equal(ota_keys_open(&keys, set.bytes, set.len, NULL), OTA_OK);
    assert_int_equal(accept_it(whole(good_manifest), &keys, &fault), OTA_OK);
    assert_int_equal(accept_it(other, &keys, &fault), OTA_ERR_KEYS_PRODUCT);
    assert_int_equal(fault.status, OTA_ERR_KEYS_PRODUCT);
    assert_int_equal(fault.found, 0);
    assert_int_equal(accept_it(longer, &keys, NULL), OTA_ERR_KEYS_PRODUCT);
    assert_int_equal(accept_it(whole("{}"), &keys, &fault), OTA_ERR_FIELD_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_of_a_manifest_say_where_and_what),
        cmocka_unit_test(of_two_faults_the_first_is_said),
        cmocka_unit_test(faults_of_a_key_set_say_where_and_what),
        cmocka_unit_test(keys_of_two_kinds_may_begin_alike),
        cmocka_unit_test(no_text_and_too_much_of_it),
        cmocka_unit_test(texts_are_compared_to_their_ends),
        cmocka_unit_test(only_a_manifest_of_the_keys_product_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
