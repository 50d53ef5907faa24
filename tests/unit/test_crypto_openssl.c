/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenSSL port: signatures of OpenSSL's own making, lengths, keys as PEM. */
#include "ports/crypto/openssl.h"
#include "ports/crypto/openssl_key.h"
#include "support/unit.h"

enum { RSA, RSA_B, P256, P256_B, P384, P384_B, KEYS };

static crypto_key_t *keys[KEYS];
static int make_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        keys[i] = crypto_key_generate((ota_signature_kind_t)(i / 2));
        if (keys[i] == NULL) {
            return -1;
        }
    }
    return 0;
}

static int free_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        crypto_key_free(keys[i]);
    }
    return 0;
}

static void a_signature_fits_its_digest_its_key_and_itself_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i += 2) {
        uint8_t numbers[2][CRYPTO_NUMBERS_MAX];
        uint8_t bytes[CRYPTO_NUMBERS_MAX];
        uint8_t digest[48] = {1, 2, 3};
        uint8_t r[384];
        uint32_t m = 0;
        size_t digest_len = i < P384 ? 32 : 48;
        size_t len = crypto_key_sign(keys[i], digest, digest_len, bytes);
        ota_signature_t signature = {.kind = crypto_key_kind(keys[i]),
                                     .key = numbers[0],
                                     .key_len = crypto_key_numbers(keys[i], numbers[0]),
                                     .digest = digest,
                                     .digest_len = digest_len,
                                     .signature = bytes,
                                     .signature_len = len};
        assert_int_equal(crypto_key_rsa(keys[i], &signature.exponent, r, &m), i == RSA);
        assert_int_equal(crypto_key_numbers(keys[i + 1], numbers[1]), signature.key_len);
        assert_int_equal(crypto_openssl.verify(NULL, &signature), OTA_OK);
        signature.key = numbers[1];
        assert_int_equal(crypto_openssl.verify(NULL, &signature), OTA_ERR_SIGNATURE);
        signature.key = numbers[0];
        digest[digest_len - 1] ^= 1;
        assert_int_equal(crypto_openssl.verify(NULL, &signature), OTA_ERR_SIGNATURE);
        digest[digest_len - 1] ^= 1;
        bytes[len - 1] ^= 1;
        assert_int_equal(crypto_openssl.verify(NULL, &signature), OTA_ERR_SIGNATURE);
    }
}

/* n * m = -1 mod 2^32 is what the number is for. */
static void the_montgomery_word_is_the_negative_inverse(void **state)
{
    (void)state;
    uint8_t n[CRYPTO_NUMBERS_MAX];
    uint8_t r[384];
    uint32_t exponent = 0;
    uint32_t m = 0;
    assert_true(crypto_key_rsa(keys[RSA], &exponent, r, &m));
    assert_int_equal(exponent, 65537);
    assert_int_equal(crypto_key_numbers(keys[RSA], n), 384);
    uint32_t low = (uint32_t)n[380] << 24 | (uint32_t)n[381] << 16 | (uint32_t)n[382] << 8 | n[383];
    assert_int_equal(low * m, 0xFFFFFFFFu);
}

static void the_port_refuses_lengths_and_keys_that_are_none(void **state)
{
    (void)state;
    uint8_t zeros[384] = {0};
    ota_signature_t signature = {.kind = OTA_SIGNATURE_ECDSA_P256,
                                 .key = zeros,
                                 .key_len = 64,
                                 .digest = zeros,
                                 .digest_len = 32,
                                 .signature = zeros,
                                 .signature_len = 64};
    assert_int_equal(crypto_openssl.verify(NULL, &signature), OTA_ERR_SIGNATURE);
    signature.key_len = 63;
    assert_int_equal(crypto_openssl.verify(NULL, &signature), OTA_ERR_UNSUPPORTED);
    signature.kind = OTA_SIGNATURE_RSA3072_PSS;
    signature.key_len = 384;
    signature.signature_len = 384;
    assert_int_equal(crypto_openssl.verify(NULL, &signature), OTA_ERR_SIGNATURE);
    signature.exponent = 3;
    assert_int_equal(crypto_openssl.verify(NULL, &signature), OTA_ERR_SIGNATURE);
    signature.kind = (ota_signature_kind_t)9;
    assert_int_equal(crypto_openssl.verify(NULL, &signature), OTA_ERR_UNSUPPORTED);
}

static void keys_travel_as_pem(void **state)
{
    (void)state;
    char pem[4096];
    for (size_t i = 0; i < KEYS; i++) {
        uint8_t a[CRYPTO_NUMBERS_MAX];
        uint8_t b[CRYPTO_NUMBERS_MAX];
        uint8_t digest[48] = {1};
        for (int public_only = 0; public_only < 2; public_only++) {
            size_t len = crypto_key_write(keys[i], public_only == 1, pem, sizeof(pem));
            assert_int_not_equal(len, 0);
            crypto_key_t *key = crypto_key_read(pem, len);
            assert_non_null(key);
            assert_int_equal(crypto_key_is_private(key), public_only == 0);
            assert_int_equal(crypto_key_kind(key), crypto_key_kind(keys[i]));
            size_t numbers = crypto_key_numbers(key, a);
            assert_int_equal(crypto_key_numbers(keys[i], b), numbers);
            assert_memory_equal(a, b, numbers);
            if (public_only == 1) {
                assert_int_equal(crypto_key_sign(key, digest, i < P384 ? 32 : 48, a), 0);
            }
            crypto_key_free(key);
        }
        assert_int_equal(crypto_key_write(keys[i], false, pem, 20), 0);
        assert_int_equal(crypto_key_sign(keys[i], digest, 20, a), 0);
    }
    assert_null(crypto_key_read("no key", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_fits_its_digest_its_key_and_itself_only),
        cmocka_unit_test(the_montgomery_word_is_the_negative_inverse),
        cmocka_unit_test(the_port_refuses_lengths_and_keys_that_are_none),
        cmocka_unit_test(keys_travel_as_pem),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
