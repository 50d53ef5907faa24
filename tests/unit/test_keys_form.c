/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of key sets before any mathematics: the one form of ECDSA, whose numbers reach the
 * crypto port as they should, who is looked for, and what a refusal says. */
#include "core/bytes.h"
#include "ota/keys.h"
#include "support/document.h"
#include "support/unit.h"

#define HALF 32u

/* What the port was asked. */
static ota_signature_t asked;
static uint8_t pair[2 * HALF];
static uint8_t key_bytes[OTA_SIG_MAX];
static unsigned times;

static ota_status_t take_down(void *ctx, const ota_signature_t *signature)
{
    (void)ctx;
    asked = *signature;
    times++;
    memcpy(key_bytes, signature->key, signature->key_len);
    memcpy(pair, signature->signature,
           signature->signature_len < 64 ? signature->signature_len : 64);
    return OTA_OK;
}

static ota_status_t no_hash(void *ctx, ota_hash_t *hash, ota_hash_kind_t kind)
{
    (void)ctx, (void)hash, (void)kind;
    return OTA_ERR_PORT;
}

static ota_keys_t set_of_one(void)
{
    ota_keys_t keys;
    const char *text = good_keys();
    assert_int_equal(ota_keys_open(&keys, (const uint8_t *)text, strlen(text), NULL), OTA_OK);
    keys.threshold = 1;
    return keys;
}

static ota_status_t verify(const ota_keys_t *keys, const char *id, const uint8_t *bytes,
                           uint32_t len, ota_detached_t *one)
{
    ota_crypto_t crypto = ota_crypto_builtin;
    crypto.verify = take_down;
    times = 0;
    memset(pair, 0xEE, sizeof(pair));
    document_t der = cut((const char *)bytes, len);
    *one = (ota_detached_t){{id, (uint32_t)strlen(id)}, der.bytes, len, OTA_ERR_PORT};
    const ota_signed_t text = {(const uint8_t *)"text", 4, one, 1};
    return ota_keys_verify(keys, &crypto, &text, NULL);
}

static void numbers_reach_the_port_with_their_zeros(void **state)
{
    (void)state;
    static const struct {
        uint8_t der[72];
        uint32_t len;
        uint32_t r_at, s_at; /* of their first byte that is not 0 */
    } rows[] = {
        {{0x30, 6, 2, 1, 0x11, 2, 1, 0x22}, 8, 31, 31},
        {{0x30, 7, 2, 2, 0, 0x81, 2, 1, 0x22}, 9, 31, 31},
        {{0x30, 8, 2, 2, 0x11, 0, 2, 2, 0, 0x92}, 10, 30, 31},
        {{0x30, 37, 2, 32, 0x11, [36] = 2, 1, 0x22}, 39, 0, 31},
        {{0x30, 38, 2, 33, 0, 0x91, [37] = 2, 1, 0x22}, 40, 0, 31},
        {{0x30, 70, 2, 33, 0, 0x91, [37] = 2, 33, 0, 0xA2}, 72, 0, 0},
    };
    ota_keys_t keys = set_of_one();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ota_detached_t one;
        const uint8_t *r = pair;
        const uint8_t *s = pair + HALF;
        assert_int_equal(verify(&keys, "aaaaaaaaaaaaaaaa", rows[i].der, rows[i].len, &one), OTA_OK);
        assert_int_equal(one.status, OTA_OK);
        assert_int_equal(asked.kind, OTA_SIGNATURE_ECDSA_P256);
        assert_int_equal(asked.signature_len, 2 * HALF);
        assert_int_equal(asked.key_len, 2 * HALF);
        for (uint32_t at = 0; at < HALF; at++) {
            assert_int_equal(r[at] != 0, at == rows[i].r_at);
            assert_int_equal(s[at] != 0, at == rows[i].s_at);
        }
    }
}

static void other_forms_never_reach_it(void **state)
{
    (void)state;
    static const struct {
        uint8_t der[80];
        uint32_t len;
    } rows[] = {
        {{0}, 0},
        {{0x30}, 1},
        {{0x30, 0}, 2},
        {{0x30, 5, 2, 1, 1, 2, 1}, 7},       /* no last byte */
        {{0x30, 5, 2, 1, 1, 2, 0}, 7},       /* an empty number */
        {{0x31, 6, 2, 1, 1, 2, 1, 1}, 8},    /* no sequence */
        {{0x30, 7, 2, 1, 1, 2, 1, 1}, 8},    /* longer than it is */
        {{0x30, 5, 2, 1, 1, 2, 1, 1}, 8},    /* shorter */
        {{0x30, 7, 2, 1, 1, 2, 1, 1, 0}, 9}, /* something behind */
        {{0x30, 6, 3, 1, 1, 2, 1, 1}, 8},    /* no integer */
        {{0x30, 6, 2, 1, 1, 4, 1, 1}, 8},    /* nor a second */
        {{0x30, 6, 2, 0, 2, 2, 1, 1}, 8},    /* of no bytes */
        {{0x30, 6, 2, 1, 0x80, 2, 1, 1}, 8}, /* negative */
        {{0x30, 6, 2, 1, 0, 2, 1, 1}, 8},    /* zero */
        {{0x30, 6, 2, 1, 1, 2, 1, 0}, 8},
        {{0x30, 7, 2, 2, 0, 0x7F, 2, 1, 1}, 9},           /* a needless zero */
        {{0x30, 38, 2, 33, 1, [37] = 2, 1, 1}, 40},       /* too large */
        {{0x30, 39, 2, 34, 0, 0x80, [38] = 2, 1, 1}, 41}, /* larger still */
        {{0x30, 38, 2, 33, 0x81, [37] = 2, 1, 1}, 40},    /* and negative */
        {{0x30, 6, 2, 9, 1, 2, 1, 1}, 8},                 /* beyond the end */
        {{0x30, 6, 2, 4, 1, 1, 1, 1}, 8},                 /* up to the end */
    };
    ota_keys_t keys = set_of_one();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ota_detached_t one;
        assert_int_equal(verify(&keys, "aaaaaaaaaaaaaaaa", rows[i].der, rows[i].len, &one),
                         OTA_ERR_KEYS_THRESHOLD);
        if (one.status != OTA_ERR_SIGNATURE_FORM || times != 0) {
            fail_msg("row %zu: %s, asked %u times", i, ota_status_name(one.status), times);
        }
    }
}

static void an_rsa_signature_reaches_it_as_it_is(void **state)
{
    (void)state;
    static uint8_t bytes[OTA_SIG_MAX + 1];
    ota_keys_t keys = set_of_one();
    ota_detached_t one;
    for (uint32_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i + 1);
    }
    assert_int_equal(verify(&keys, "cccccccccccccccc", bytes, OTA_SIG_MAX, &one), OTA_OK);
    assert_int_equal(asked.kind, OTA_SIGNATURE_RSA3072_PKCS1);
    assert_int_equal(asked.exponent, 65537);
    assert_int_equal(asked.key_len, OTA_SIG_MAX);
    assert_int_equal(asked.signature_len, OTA_SIG_MAX);
    assert_memory_equal(pair, bytes, sizeof(pair));
    for (uint32_t i = 0; i < OTA_SIG_MAX; i++) { /* the digits of good_keys() */
        assert_int_equal(key_bytes[i], ((2 * i * 7 + 3) % 16) << 4 | ((2 * i + 1) * 7 + 3) % 16);
    }
    for (uint32_t len = OTA_SIG_MAX - 1; len <= OTA_SIG_MAX + 1; len += 2) {
        (void)verify(&keys, "cccccccccccccccc", bytes, len, &one);
        assert_int_equal(one.status, OTA_ERR_SIGNATURE_FORM);
    }
}

static void only_the_whole_id_names_a_key(void **state)
{
    (void)state;
    static const char *const ids[] = {"", "aaaa", "aaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaa"};
    static const uint8_t der[] = {0x30, 6, 2, 1, 1, 2, 1, 1};
    ota_keys_t keys = set_of_one();
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        ota_detached_t one;
        (void)verify(&keys, ids[i], der, sizeof(der), &one);
        assert_int_equal(one.status, OTA_ERR_SIGNATURE_KEY);
    }
}

static void a_refusal_says_how_many_were_good(void **state)
{
    (void)state;
    static const uint8_t der[] = {0x30, 6, 2, 1, 1, 2, 1, 1};
    ota_keys_t keys = set_of_one();
    ota_fault_t fault = {.offset = 9, .found = 9, .expected = 9};
    ota_crypto_t crypto = ota_crypto_builtin;
    ota_detached_t two[2] = {{keys.key[1].id, der, sizeof(der), OTA_OK},
                             {keys.key[1].id, der, sizeof(der), OTA_OK}};
    const ota_signed_t text = {(const uint8_t *)"text", 4, two, 2};
    assert_int_equal(ota_keys_verify(&keys, &crypto, &text, &fault), OTA_ERR_UNSUPPORTED);
    assert_memory_equal(&fault, (&(ota_fault_t){OTA_ERR_UNSUPPORTED, 0, 0, 0}), sizeof(fault));
    crypto.verify = take_down;
    keys.threshold = 2;
    assert_int_equal(ota_keys_verify(&keys, &crypto, &text, &fault), OTA_ERR_KEYS_THRESHOLD);
    assert_memory_equal(&fault, (&(ota_fault_t){OTA_ERR_KEYS_THRESHOLD, 0, 1, 2}), sizeof(fault));
    assert_int_equal(two[0].status, OTA_OK);
    assert_int_equal(two[1].status, OTA_ERR_SIGNATURE_KEY); /* the same key twice is one */
    fault.found = 9;
    crypto.hash_start = no_hash;
    assert_int_equal(ota_keys_verify(&keys, &crypto, &text, &fault), OTA_ERR_PORT);
    assert_memory_equal(&fault, (&(ota_fault_t){OTA_ERR_PORT, 0, 0, 0}), sizeof(fault));
}

static ota_status_t replace(const ota_keys_t *held, document_t document, ota_fault_t *fault)
{
    static const uint8_t der[] = {0x30, 6, 2, 1, 1, 2, 1, 1};
    ota_keys_t next;
    ota_crypto_t crypto = ota_crypto_builtin;
    crypto.verify = take_down;
    ota_detached_t one = {held->key[0].id, der, sizeof(der), OTA_OK};
    const ota_signed_t text = {document.bytes, (uint32_t)document.len, &one, 1};
    return ota_keys_replace(held, &next, &crypto, &text, fault);
}

static void the_next_set_is_for_the_same_product_and_newer(void **state)
{
    (void)state;
    ota_keys_t held = set_of_one();
    ota_fault_t fault = {0};
    assert_int_equal(replace(&held, changed(good_keys(), "lamp", "lump"), &fault),
                     OTA_ERR_KEYS_PRODUCT);
    assert_memory_equal(&fault, (&(ota_fault_t){OTA_ERR_KEYS_PRODUCT, 0, 0, 0}), sizeof(fault));
    assert_int_equal(replace(&held, changed(good_keys(), "lamp", "lamps"), NULL),
                     OTA_ERR_KEYS_PRODUCT);
    assert_int_equal(replace(&held, changed(good_keys(), "lamp", "lam"), NULL),
                     OTA_ERR_KEYS_PRODUCT);
    assert_int_equal(replace(&held, whole(good_keys()), &fault), OTA_ERR_KEYS_OLD);
    assert_memory_equal(&fault, (&(ota_fault_t){OTA_ERR_KEYS_OLD, 0, 3, 3}), sizeof(fault));
    assert_int_equal(
        replace(&held, changed(good_keys(), "\"version\": 3", "\"version\": 4"), &fault),
        OTA_ERR_KEYS_THRESHOLD); /* of its own two, one has signed */
    assert_memory_equal(&fault, (&(ota_fault_t){OTA_ERR_KEYS_THRESHOLD, 0, 1, 2}), sizeof(fault));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_reach_the_port_with_their_zeros),
        cmocka_unit_test(other_forms_never_reach_it),
        cmocka_unit_test(an_rsa_signature_reaches_it_as_it_is),
        cmocka_unit_test(only_the_whole_id_names_a_key),
        cmocka_unit_test(a_refusal_says_how_many_were_good),
        cmocka_unit_test(the_next_set_is_for_the_same_product_and_newer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
