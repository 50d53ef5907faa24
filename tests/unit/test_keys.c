/* SPDX-License-Identifier: Apache-2.0 */
/* Key sets: whose signatures count, how many it takes, and how that changes. */
#include "host/release.h"
#include "ports/crypto/openssl.h"
#include "support/document.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define KEYS 5u /* four P-256, one RSA-3072 */

static crypto_key_t *keys[KEYS];
static char ids[KEYS][CRYPTO_KEY_ID];

static int make_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        keys[i] = crypto_key_generate(i < KEYS - 1 ? OTA_SIGNATURE_ECDSA_P256
                                                   : OTA_SIGNATURE_RSA3072_PSS);
        if (keys[i] == NULL || !crypto_key_id(keys[i], ids[i])) {
            return -1;
        }
    }
    return 0;
}

static int drop_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        crypto_key_free(keys[i]);
    }
    return 0;
}

/* A set of the keys with these indices, as a document; the text lives until the next call but
 * three. */
static document_t set_of(uint32_t version, uint32_t threshold, const char *members)
{
    static char *texts[4];
    static size_t next;
    crypto_key_t *list[KEYS];
    size_t count = 0;
    for (; members[count] != '\0'; count++) {
        list[count] = keys[members[count] - '0'];
    }
    cJSON *json = release_keys_json("lamp", version, threshold, list, count);
    free(texts[next]);
    texts[next] = release_print(json);
    cJSON_Delete(json);
    assert_non_null(texts[next]);
    document_t document = {(const uint8_t *)texts[next], strlen(texts[next])};
    next = (next + 1) % 4;
    return document;
}

typedef struct {
    ota_detached_t list[8];
    uint8_t bytes[8][OTA_SIG_MAX];
    ota_signed_t document;
} signed_t;

/* The document signed by the keys with these indices. */
static const ota_signed_t *sign(signed_t *out, document_t document, const char *signers)
{
    uint32_t count = 0;
    for (; signers[count] != '\0'; count++) {
        size_t key = (size_t)(signers[count] - '0');
        size_t len =
            crypto_key_sign_document(keys[key], document.bytes, document.len, out->bytes[count]);
        assert_true(len > 0);
        out->list[count] = (ota_detached_t){
            {ids[key], OTA_KEY_ID_SIZE}, out->bytes[count], (uint32_t)len, OTA_ERR_STATE};
    }
    out->document = (ota_signed_t){document.bytes, (uint32_t)document.len, out->list, count};
    return &out->document;
}

static ota_keys_t open_set(document_t document)
{
    ota_keys_t set;
    assert_int_equal(ota_keys_open(&set, document.bytes, document.len, NULL), OTA_OK);
    return set;
}

/* --- reading --------------------------------------------------------------------------------- */

static void a_key_set_is_read(void **state)
{
    (void)state;
    ota_keys_t set = open_set(whole(good_keys()));
    assert_int_equal(set.version, 3);
    assert_int_equal(set.threshold, 2);
    assert_int_equal(set.count, 3);
    assert_true(ota_text_is(set.product, "lamp"));
    assert_true(ota_text_is(set.key[1].id, "bbbbbbbbbbbbbbbb"));
    assert_int_equal(set.key[1].exponent, 0);
    assert_int_equal(set.key[2].exponent, 65537);
    assert_int_equal(set.key[2].number.len, 768);
    /* An RSA key without exponent has the usual one. */
    document_t document = changed(good_keys(), "\"exponent\": 65537,", "");
    assert_int_equal(open_set(document).key[2].exponent, 65537);
}

static void a_key_set_that_cannot_work_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *old;
        const char *new;
        ota_status_t status;
    } cases[] = {
        {"\"keys\",", "\"manifest\",", OTA_ERR_DOCUMENT_KIND},
        {"\"format\": 1", "\"format\": 3", OTA_ERR_DOCUMENT_FORMAT},
        {"\"product\": \"lamp\", ", "", OTA_ERR_FIELD_MISSING},
        {"\"version\": 3", "\"version\": 0", OTA_ERR_FIELD_NUMBER},
        {"\"threshold\": 2", "\"threshold\": 0", OTA_ERR_FIELD_NUMBER},
        {"\"threshold\": 2", "\"threshold\": 9", OTA_ERR_FIELD_NUMBER},
        {"\"threshold\": 2", "\"threshold\": 4", OTA_ERR_KEYS_SET},
        {"bbbbbbbbbbbbbbbb", "aaaaaaaaaaaaaaaa", OTA_ERR_KEYS_SET},
        {"bbbbbbbbbbbbbbbb", "bbbbbbbbbbbbbbb", OTA_ERR_FIELD_VALUE},
        {"bbbbbbbbbbbbbbbb", "BBBBBBBBBBBBBBBB", OTA_ERR_FIELD_VALUE},
        {"\"ecdsa-p256\"", "\"rsa-3072\"", OTA_ERR_FIELD_VALUE},
        {"\"rsa-3072\"", "\"ecdsa-p256\"", OTA_ERR_FIELD_VALUE},
        {"\"ecdsa-p256\"", "\"ecdsa-p384\"", OTA_ERR_FIELD_VALUE},
        {"\"exponent\": 65537", "\"exponent\": 1", OTA_ERR_FIELD_NUMBER},
        {"\"keys\": [", "\"keys\": [7, ", OTA_ERR_FIELD_TYPE},
        {"\"keys\": [", "\"keys\": [{}, ", OTA_ERR_FIELD_MISSING},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ota_keys_t set;
        ota_fault_t fault;
        document_t document = changed(good_keys(), cases[i].old, cases[i].new);
        ota_status_t status = ota_keys_open(&set, document.bytes, document.len, &fault);
        if (status != cases[i].status) {
            fail_msg("%s -> %s: %s", cases[i].old, cases[i].new, ota_status_name(status));
        }
        assert_int_equal(fault.status, status);
    }
}

static void one_key_under_two_names_is_refused(void **state)
{
    (void)state;
    document_t twice = set_of(1, 2, "00");
    ota_keys_t set;
    ota_fault_t fault;
    assert_int_equal(ota_keys_open(&set, twice.bytes, twice.len, &fault), OTA_ERR_KEYS_SET);
    document_t later = set_of(1, 2, "0211");
    assert_int_equal(ota_keys_open(&set, later.bytes, later.len, &fault), OTA_ERR_KEYS_SET);
    document_t renamed = changed((const char *)twice.bytes, ids[0], "0123456789abcdef");
    assert_int_equal(ota_keys_open(&set, renamed.bytes, renamed.len, &fault), OTA_ERR_KEYS_SET);
}

static void no_prefix_of_a_key_set_is_one(void **state)
{
    (void)state;
    const char *text = good_keys();
    for (size_t n = 0; n < strlen(text) - 1; n++) {
        ota_keys_t set;
        document_t document = cut(text, n);
        assert_int_not_equal(ota_keys_open(&set, document.bytes, document.len, NULL), OTA_OK);
    }
}

static void a_set_holds_eight_keys(void **state)
{
    (void)state;
    char text[4096] = "{\"otary\":\"keys\",\"format\":1,\"product\":\"p\",\"version\":1,"
                      "\"threshold\":1,\"keys\":[";
    size_t len = strlen(text);
    for (unsigned i = 0; i < 9; i++) {
        char number[129];
        memset(number, '0' + (int)i, 128);
        number[128] = '\0';
        int n = snprintf(text + len, sizeof(text) - len,
                         "%s{\"id\":\"%016u\",\"kind\":\"ecdsa-p256\",\"public\":\"%s\"}",
                         i > 0 ? "," : "", i, number);
        size_t end = len + (size_t)n;
        ota_keys_t set;
        ota_fault_t fault;
        (void)snprintf(text + end, sizeof(text) - end, "]}");
        ota_status_t status = ota_keys_open(&set, (const uint8_t *)text, strlen(text), &fault);
        assert_int_equal(status, i < 8 ? OTA_OK : OTA_ERR_KEYS_SET);
        assert_true(status == OTA_OK || fault.found == 9);
        len = end;
    }
}

/* --- verifying ------------------------------------------------------------------------------- */

static ota_status_t verify(const ota_keys_t *set, const char *signers)
{
    static const char text[] = "any bytes at all";
    signed_t made;
    ota_fault_t fault = {0};
    const ota_signed_t *document =
        sign(&made, (document_t){(const uint8_t *)text, sizeof(text)}, signers);
    ota_status_t status = ota_keys_verify(set, &crypto_openssl, document, &fault);
    assert_int_equal(fault.status, status);
    return status;
}

static void it_takes_as_many_keys_as_the_threshold(void **state)
{
    (void)state;
    document_t document = set_of(1, 2, "014");
    ota_keys_t set = open_set(document);
    assert_int_equal(verify(&set, "01"), OTA_OK);
    assert_int_equal(verify(&set, "40"), OTA_OK);
    assert_int_equal(verify(&set, "014"), OTA_OK);
    assert_int_equal(verify(&set, "230123"), OTA_OK); /* strangers do no harm */
    assert_int_equal(verify(&set, ""), OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(verify(&set, "0"), OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(verify(&set, "00"), OTA_ERR_KEYS_THRESHOLD); /* one key counts once */
    assert_int_equal(verify(&set, "4444"), OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(verify(&set, "23"), OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(verify(&set, "02"), OTA_ERR_KEYS_THRESHOLD);
}

static void each_signature_gets_its_verdict(void **state)
{
    (void)state;
    static const char text[] = "text";
    document_t document = set_of(1, 1, "014");
    ota_keys_t set = open_set(document);
    signed_t made;
    ota_fault_t fault;
    (void)sign(&made, (document_t){(const uint8_t *)text, 4}, "00124");
    made.list[0].bytes = made.bytes[2]; /* the signature of another key */
    made.list[0].len = made.list[2].len;
    made.list[4].len--;
    made.list[3].key_id.len--;
    assert_int_equal(ota_keys_verify(&set, &crypto_openssl, &made.document, &fault), OTA_OK);
    assert_int_equal(made.list[0].status, OTA_ERR_SIGNATURE);
    assert_int_equal(made.list[1].status, OTA_OK); /* a bad one does not spoil the good one */
    assert_int_equal(made.list[2].status, OTA_OK);
    assert_int_equal(made.list[3].status, OTA_ERR_SIGNATURE_KEY);
    assert_int_equal(made.list[4].status, OTA_ERR_SIGNATURE_FORM);
}

static void no_changed_bit_of_the_document_passes(void **state)
{
    (void)state;
    uint8_t text[16] = "sixteen bytes ok";
    document_t keys_text = set_of(1, 1, "0");
    ota_keys_t set = open_set(keys_text);
    signed_t made;
    (void)sign(&made, (document_t){text, sizeof(text)}, "0");
    assert_int_equal(ota_keys_verify(&set, &crypto_openssl, &made.document, NULL), OTA_OK);
    for (size_t bit = 0; bit < sizeof(text) * 8; bit++) {
        text[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(ota_keys_verify(&set, &crypto_openssl, &made.document, NULL),
                         OTA_ERR_KEYS_THRESHOLD);
        text[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void no_changed_bit_of_a_signature_passes(void **state)
{
    (void)state;
    static const char text[] = "text";
    document_t document = set_of(1, 1, "04");
    ota_keys_t set = open_set(document);
    for (size_t key = 0; key < 2; key++) {
        signed_t made;
        (void)sign(&made, (document_t){(const uint8_t *)text, 4}, key == 0 ? "0" : "4");
        for (size_t bit = 0; bit < made.list[0].len * 8; bit += key == 0 ? 1 : 61) {
            made.bytes[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(ota_keys_verify(&set, &crypto_openssl, &made.document, NULL),
                             OTA_ERR_KEYS_THRESHOLD);
            made.bytes[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

/* DER has one way to write a signature; all others are refused, not only those that OpenSSL does.
 */
static void ecdsa_signatures_have_one_form(void **state)
{
    (void)state;
    /* 30 06 02 01 01 02 01 01: r = s = 1 */
    static const struct {
        const char *what;
        uint8_t der[48];
        uint32_t len;
        ota_status_t status;
    } cases[] = {
        {"r and s of one byte", {0x30, 6, 2, 1, 1, 2, 1, 1}, 8, OTA_ERR_SIGNATURE},
        {"a padded high bit", {0x30, 7, 2, 2, 0, 0x80, 2, 1, 1}, 9, OTA_ERR_SIGNATURE},
        {"empty", {0}, 0, OTA_ERR_SIGNATURE_FORM},
        {"cut", {0x30, 6, 2, 1, 1, 2, 1}, 7, OTA_ERR_SIGNATURE_FORM},
        {"no sequence", {0x31, 6, 2, 1, 1, 2, 1, 1}, 8, OTA_ERR_SIGNATURE_FORM},
        {"length too large", {0x30, 7, 2, 1, 1, 2, 1, 1}, 8, OTA_ERR_SIGNATURE_FORM},
        {"length too small", {0x30, 5, 2, 1, 1, 2, 1, 1}, 8, OTA_ERR_SIGNATURE_FORM},
        {"something behind", {0x30, 7, 2, 1, 1, 2, 1, 1, 0}, 9, OTA_ERR_SIGNATURE_FORM},
        {"no integer", {0x30, 6, 3, 1, 1, 2, 1, 1}, 8, OTA_ERR_SIGNATURE_FORM},
        {"no second integer", {0x30, 6, 2, 1, 1, 4, 1, 1}, 8, OTA_ERR_SIGNATURE_FORM},
        {"nothing behind the first", {0x30, 6, 2, 4, 1, 1, 1, 1}, 8, OTA_ERR_SIGNATURE_FORM},
        {"negative", {0x30, 6, 2, 1, 0x80, 2, 1, 1}, 8, OTA_ERR_SIGNATURE_FORM},
        {"a needless zero", {0x30, 7, 2, 2, 0, 1, 2, 1, 1}, 9, OTA_ERR_SIGNATURE_FORM},
        {"zero", {0x30, 6, 2, 1, 0, 2, 1, 1}, 8, OTA_ERR_SIGNATURE_FORM},
        {"no bytes", {0x30, 6, 2, 0, 2, 2, 1, 1}, 8, OTA_ERR_SIGNATURE_FORM},
        {"beyond the end", {0x30, 6, 2, 9, 1, 2, 1, 1}, 8, OTA_ERR_SIGNATURE_FORM},
        {"33 bytes", {0x30, 38, 2, 33, 1, 0, [37] = 2, 1, 1}, 40, OTA_ERR_SIGNATURE_FORM},
        {"34 bytes", {0x30, 39, 2, 34, 0, 0x80, [38] = 2, 1, 1}, 41, OTA_ERR_SIGNATURE_FORM},
        {"long form", {0x30, 0x81, 6, 2, 1, 1, 2, 1, 1}, 9, OTA_ERR_SIGNATURE_FORM},
    };
    document_t document = set_of(1, 1, "0");
    ota_keys_t set = open_set(document);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        document_t der = cut((const char *)cases[i].der, cases[i].len);
        ota_detached_t one = {{ids[0], OTA_KEY_ID_SIZE}, der.bytes, cases[i].len, OTA_OK};
        const ota_signed_t text = {(const uint8_t *)"text", 4, &one, 1};
        assert_int_equal(ota_keys_verify(&set, &crypto_openssl, &text, NULL),
                         OTA_ERR_KEYS_THRESHOLD);
        if (one.status != cases[i].status) {
            fail_msg("%s: %s", cases[i].what, ota_status_name(one.status));
        }
    }
}

static void a_set_that_was_never_opened_trusts_nobody(void **state)
{
    (void)state;
    ota_keys_t none;
    memset(&none, 0, sizeof(none));
    assert_int_equal(verify(&none, ""), OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(verify(&none, "0"), OTA_ERR_KEYS_THRESHOLD);
}

static ota_status_t no_hash(void *ctx, ota_hash_t *hash, ota_hash_kind_t kind)
{
    (void)ctx;
    (void)hash;
    (void)kind;
    return OTA_ERR_PORT;
}

static void a_port_that_cannot_check_lets_nothing_pass(void **state)
{
    (void)state;
    document_t document = set_of(1, 1, "0");
    ota_keys_t set = open_set(document);
    signed_t made;
    ota_fault_t fault;
    ota_crypto_t broken = crypto_openssl;
    const ota_signed_t *text = sign(&made, document, "0");
    assert_int_equal(ota_keys_verify(&set, NULL, text, &fault), OTA_ERR_UNSUPPORTED);
    assert_int_equal(fault.status, OTA_ERR_UNSUPPORTED);
    assert_int_equal(ota_keys_verify(&set, &ota_crypto_builtin, text, NULL), OTA_ERR_UNSUPPORTED);
    broken.hash_start = no_hash;
    assert_int_equal(ota_keys_verify(&set, &broken, text, &fault), OTA_ERR_PORT);
}

/* --- accepting ------------------------------------------------------------------------------- */

static void a_manifest_is_verified_before_it_is_read(void **state)
{
    (void)state;
    document_t document = set_of(2, 1, "0");
    ota_keys_t set = open_set(document);
    ota_manifest_t manifest;
    signed_t made;
    ota_fault_t fault;
    assert_int_equal(ota_manifest_accept(&manifest, &set, &crypto_openssl,
                                         sign(&made, whole(good_manifest), "0"), &fault),
                     OTA_OK);
    assert_int_equal(manifest.serial, 12);
    /* Broken JSON that nobody signed is never looked at: the signature is what is wrong. */
    assert_int_equal(ota_manifest_accept(&manifest, &set, &crypto_openssl,
                                         sign(&made, whole("{broken"), "1"), &fault),
                     OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(ota_manifest_accept(&manifest, &set, &crypto_openssl,
                                         sign(&made, whole("{broken"), "0"), &fault),
                     OTA_ERR_JSON_SYNTAX);
    /* A key set is no manifest, though the same keys sign both. */
    assert_int_equal(
        ota_manifest_accept(&manifest, &set, &crypto_openssl, sign(&made, document, "0"), &fault),
        OTA_ERR_DOCUMENT_KIND);
    document_t other = changed(good_manifest, "\"lamp\"", "\"oven\"");
    assert_int_equal(
        ota_manifest_accept(&manifest, &set, &crypto_openssl, sign(&made, other, "0"), &fault),
        OTA_ERR_KEYS_PRODUCT);
    assert_int_equal(fault.status, OTA_ERR_KEYS_PRODUCT);
    other = changed(good_manifest, "\"lamp\"", "\"lamps\"");
    assert_int_equal(
        ota_manifest_accept(&manifest, &set, &crypto_openssl, sign(&made, other, "0"), NULL),
        OTA_ERR_KEYS_PRODUCT);
}

/* --- rotation -------------------------------------------------------------------------------- */

static ota_status_t replace(const ota_keys_t *held, document_t document, const char *signers)
{
    ota_keys_t next;
    signed_t made;
    ota_fault_t fault = {0};
    ota_status_t status =
        ota_keys_replace(held, &next, &crypto_openssl, sign(&made, document, signers), &fault);
    assert_int_equal(fault.status, status);
    return status;
}

static void the_next_set_is_signed_by_the_old_one_and_by_itself(void **state)
{
    (void)state;
    document_t first = set_of(1, 2, "012");
    ota_keys_t held = open_set(first);
    document_t next = set_of(2, 1, "3");
    assert_int_equal(replace(&held, next, "013"), OTA_OK);
    assert_int_equal(replace(&held, next, "01"),
                     OTA_ERR_KEYS_THRESHOLD); /* nobody has the new key */
    assert_int_equal(replace(&held, next, "03"), OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(replace(&held, next, "3"), OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(replace(&held, set_of(9, 2, "02"), "02"), OTA_OK); /* versions may jump */
    assert_int_equal(replace(&held, set_of(1, 2, "02"), "02"), OTA_ERR_KEYS_OLD);
}

static void an_older_set_does_not_come_back(void **state)
{
    (void)state;
    document_t second = set_of(2, 1, "01");
    ota_keys_t held = open_set(second);
    assert_int_equal(replace(&held, set_of(1, 1, "0"), "0"), OTA_ERR_KEYS_OLD);
    assert_int_equal(replace(&held, set_of(2, 1, "0"), "0"), OTA_ERR_KEYS_OLD);
    assert_int_equal(replace(&held, set_of(3, 1, "0"), "0"), OTA_OK);
}

static void a_revoked_key_signs_nothing_more(void **state)
{
    (void)state;
    document_t second = set_of(2, 1, "1"); /* key 0 was in set 1 */
    ota_keys_t held = open_set(second);
    assert_int_equal(verify(&held, "0"), OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(replace(&held, set_of(3, 1, "0"), "0"), OTA_ERR_KEYS_THRESHOLD);
}

static void a_set_of_another_product_is_refused(void **state)
{
    (void)state;
    document_t first = set_of(1, 1, "0");
    ota_keys_t held = open_set(first);
    document_t other = set_of(2, 1, "0");
    document_t renamed = changed((const char *)other.bytes, "lamp", "oven");
    assert_int_equal(replace(&held, renamed, "0"), OTA_ERR_KEYS_PRODUCT);
    renamed = changed((const char *)other.bytes, "lamp", "lam");
    assert_int_equal(replace(&held, renamed, "0"), OTA_ERR_KEYS_PRODUCT);
    document_t broken = whole("{}");
    assert_int_equal(replace(&held, broken, "0"), OTA_ERR_FIELD_MISSING);
}

static void a_signature_file_is_named_by_document_and_key(void **state)
{
    (void)state;
    char name[OTA_SIG_NAME_SIZE];
    const ota_text_t id = {"0123456789abcdef", OTA_KEY_ID_SIZE};
    assert_int_equal(ota_signed_name(NULL, (const uint8_t *)"abc", 3, id, name), OTA_OK);
    assert_string_equal(name, "ba7816bf8f01cfea.0123456789abcdef.sig");
    assert_int_equal(ota_signed_name(NULL, (const uint8_t *)"abc", 3, (ota_text_t){"0", 1}, name),
                     OTA_ERR_ARG);
    ota_crypto_t broken = crypto_openssl;
    broken.hash_start = no_hash;
    assert_int_equal(ota_signed_name(&broken, (const uint8_t *)"abc", 3, id, name), OTA_ERR_PORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_set_is_read),
        cmocka_unit_test(a_key_set_that_cannot_work_is_refused),
        cmocka_unit_test(one_key_under_two_names_is_refused),
        cmocka_unit_test(no_prefix_of_a_key_set_is_one),
        cmocka_unit_test(a_set_holds_eight_keys),
        cmocka_unit_test(it_takes_as_many_keys_as_the_threshold),
        cmocka_unit_test(each_signature_gets_its_verdict),
        cmocka_unit_test(no_changed_bit_of_the_document_passes),
        cmocka_unit_test(no_changed_bit_of_a_signature_passes),
        cmocka_unit_test(ecdsa_signatures_have_one_form),
        cmocka_unit_test(a_set_that_was_never_opened_trusts_nobody),
        cmocka_unit_test(a_port_that_cannot_check_lets_nothing_pass),
        cmocka_unit_test(a_manifest_is_verified_before_it_is_read),
        cmocka_unit_test(the_next_set_is_signed_by_the_old_one_and_by_itself),
        cmocka_unit_test(an_older_set_does_not_come_back),
        cmocka_unit_test(a_revoked_key_signs_nothing_more),
        cmocka_unit_test(a_set_of_another_product_is_refused),
        cmocka_unit_test(a_signature_file_is_named_by_document_and_key),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
