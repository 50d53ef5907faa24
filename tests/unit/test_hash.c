/* SPDX-License-Identifier: Apache-2.0 */
/* crc32, md5, sha256: published vectors, every split of the input, and OpenSSL beside ours. */
/* OpenSSL's low-level calls: the only ones that let a test begin behind 512 MiB. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/crc32.h"
#include "core/md5.h"
#include "core/sha256.h"
#include "ota/crypto.h"
#include "ports/crypto/openssl.h"
#include "support/data.h"
#include "support/unit.h"

#include <openssl/md5.h>
#include <openssl/sha.h>
#include <zlib.h>

static void crc_matches_zlib_and_the_rom(void **state)
{
    (void)state;
    static const uint8_t one[4] = {1, 0, 0, 0};
    assert_int_equal(ota_crc32(0, "123456789", 9), 0xCBF43926u);
    assert_int_equal(ota_crc32(0xFFFFFFFFu, one, 4), 0x4743989Au);
    assert_int_equal(ota_crc32(ota_crc32(0, "1234", 4), "56789", 5), 0xCBF43926u);
}

/* Of every length, from any place on, and begun with the CRC of what came before. */
static void crc_is_zlibs_in_every_split(void **state)
{
    (void)state;
    uint8_t bytes[600];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * 167u + (i >> 3));
    }
    for (size_t from = 0; from < 4; from++) {
        for (size_t len = 0; from + len <= sizeof(bytes); len++) {
            uint32_t whole = (uint32_t)crc32(0, bytes + from, (uInt)len);
            size_t first = len / 3;
            uint32_t begun = ota_crc32(0, bytes + from, first);
            assert_int_equal(ota_crc32(0, bytes + from, len), whole);
            assert_int_equal(ota_crc32(begun, bytes + from + first, len - first), whole);
        }
    }
}

static void md5_matches_rfc_1321(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *digest;
    } vectors[] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "d174ab98d277d9f5a5611c2c9f419d9f"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        uint8_t want[MD5_SIZE];
        uint8_t got[MD5_SIZE];
        assert_int_equal(hex_decode(vectors[i].digest, want, sizeof(want)), MD5_SIZE);
        ota_md5(vectors[i].text, strlen(vectors[i].text), got);
        assert_memory_equal(got, want, MD5_SIZE);
    }
}

static void digest_of(const ota_crypto_t *crypto, ota_hash_kind_t kind, const uint8_t *data,
                      size_t len, size_t split, uint8_t *digest)
{
    ota_hash_t hash;
    assert_int_equal(crypto->hash_start(crypto->ctx, &hash, kind), OTA_OK);
    crypto->hash_update(crypto->ctx, &hash, data, split);
    ota_hash_t copy = hash; /* a state is a value: the copy goes on */
    crypto->hash_update(crypto->ctx, &copy, data + split, len - split);
    crypto->hash_finish(crypto->ctx, &copy, digest);
}

static void sha256_is_the_same_in_every_split_and_in_openssl(void **state)
{
    (void)state;
    uint8_t data[200];
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 7);
    }
    for (size_t len = 0; len <= sizeof(data); len++) {
        uint8_t whole[32];
        digest_of(&crypto_openssl, OTA_HASH_SHA256, data, len, 0, whole);
        for (size_t split = 0; split <= len; split++) {
            uint8_t ours[32];
            digest_of(&ota_crypto_builtin, OTA_HASH_SHA256, data, len, split, ours);
            assert_memory_equal(ours, whole, sizeof(ours));
        }
    }
}

static void sha_of_abc(void **state)
{
    (void)state;
    uint8_t want[48];
    uint8_t got[48];
    const uint8_t *abc = (const uint8_t *)"abc";
    (void)hex_decode("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", want, 32);
    digest_of(&ota_crypto_builtin, OTA_HASH_SHA256, abc, 3, 1, got);
    assert_memory_equal(got, want, 32);
    (void)hex_decode("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                     "8086072ba1e7cc2358baeca134c825a7",
                     want, 48);
    digest_of(&crypto_openssl, OTA_HASH_SHA384, abc, 3, 2, got);
    assert_memory_equal(got, want, 48);
    ota_hash_t hash;
    assert_int_equal(ota_crypto_builtin.hash_start(NULL, &hash, OTA_HASH_SHA384),
                     OTA_ERR_UNSUPPORTED);
}

static void md5_of_every_length_is_openssls(void **state)
{
    (void)state;
    uint8_t data[200];
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 11 + 3);
    }
    for (size_t len = 0; len <= sizeof(data); len++) {
        uint8_t want[MD5_SIZE];
        uint8_t got[MD5_SIZE];
        assert_non_null(MD5(data, len, want));
        ota_md5(data, len, got);
        assert_memory_equal(got, want, MD5_SIZE);
    }
}

/* The number of bits is counted beyond 32 of them: as if so many bytes had been hashed before. */
static void sha256_counts_bits_beyond_32_of_them(void **state)
{
    (void)state;
    static const uint64_t before[] = {0x20000000u - 64u, 0x20000000u, 0x1FFFFFFFC0u,
                                      0x123456789AB00u};
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        SHA256_CTX theirs;
        sha256_t ours;
        uint8_t want[32];
        uint8_t got[32];
        assert_int_equal(SHA256_Init(&theirs), 1);
        theirs.Nl = (SHA_LONG)(before[i] << 3);
        theirs.Nh = (SHA_LONG)(before[i] >> 29);
        ota_sha256_start(&ours);
        ours.len = before[i];
        uint8_t data[124] = {1, 2, 3}; /* leaves no room for the count in the last block */
        assert_int_equal(SHA256_Update(&theirs, data, sizeof(data)), 1);
        assert_int_equal(SHA256_Final(want, &theirs), 1);
        ota_sha256_update(&ours, data, sizeof(data));
        ota_sha256_finish(&ours, got);
        assert_memory_equal(got, want, sizeof(want));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_matches_zlib_and_the_rom),
        cmocka_unit_test(crc_is_zlibs_in_every_split),
        cmocka_unit_test(md5_matches_rfc_1321),
        cmocka_unit_test(sha256_is_the_same_in_every_split_and_in_openssl),
        cmocka_unit_test(sha_of_abc),
        cmocka_unit_test(md5_of_every_length_is_openssls),
        cmocka_unit_test(sha256_counts_bits_beyond_32_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
