/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: every scheme signed and checked with OpenSSL keys made here, every region bent,
 * foreign keys, several blocks, rotation, and ports that cannot check. */
#include "core/bytes.h"
#include "core/crc32.h"
#include "host/image_sign.h"
#include "ports/crypto/openssl.h"
#include "support/image.h"
#include "support/keys.h"
#include "support/unit.h"

enum { RSA, RSA_B, P256, P256_B, P384, P384_B, KEYS };

static crypto_key_t *keys[KEYS];
static uint8_t workspace[OTA_SIGNATURE_BLOCK];

static int make_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        keys[i] = keys_take((ota_signature_kind_t)(i / 2), (int)(i % 2));
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

typedef struct {
    const char *name;
    ota_scheme_t scheme;
    size_t key; /* the trusted one; the next is a stranger of the same kind */
    uint32_t signature;
    uint32_t signature_len;
    uint32_t key_field;
    uint32_t key_len;
} scheme_case_t;

/* Offsets within a block. */
static const scheme_case_t schemes[] = {
    {"v1", OTA_SCHEME_V1_P256, P256, 4, 64, 0, 0},
    {"v2 RSA", OTA_SCHEME_V2_RSA3072, RSA, 812, 384, 36, 776},
    {"v2 P-256", OTA_SCHEME_V2_P256, P256, 101, 64, 36, 65},
    {"v2 P-384", OTA_SCHEME_V2_P384, P384, 149, 96, 52, 97},
};

#define SCHEMES (sizeof(schemes) / sizeof(schemes[0]))
#define PLAIN   4192u
#define SECTOR  8192u /* where the v2 sector of a PLAIN image begins */

typedef struct {
    image_bytes_t image;
    uint8_t trusted[3][64];
    ota_trust_t trust;
    ota_image_rules_t rules;
} signed_t;

/* An image signed by the keys `by`, and rules that trust the one key `trusted`. */
static void sign(signed_t *s, ota_scheme_t scheme, const size_t *by, size_t count, size_t trusted)
{
    image_wish_t wish;
    crypto_key_t *signers[3] = {NULL};
    image_wish_default(&wish);
    wish.size = PLAIN;
    memset(s, 0, sizeof(*s));
    assert_int_equal(image_build(&wish, &s->image), OTA_OK);
    for (size_t i = 0; i < count; i++) {
        signers[i] = keys[by[i]];
    }
    assert_int_equal(image_sign(&s->image, scheme, signers, count), OTA_OK);
    assert_int_equal(image_key_trust(keys[trusted], scheme, s->trusted[0]), OTA_OK);
    s->trust = (ota_trust_t){
        .scheme = scheme, .blocks = 1, .key_count = 1, .keys = (const uint8_t(*)[64])s->trusted};
    s->rules = rules_for("esp32");
    s->rules.trust = &s->trust;
    s->rules.workspace = workspace;
    s->rules.crypto = &crypto_openssl;
}

static void sign_one(signed_t *s, const scheme_case_t *c)
{
    sign(s, c->scheme, &c->key, 1, c->key);
}

static verdict_t check(const signed_t *s)
{
    return verify(&s->rules, s->image.bytes, s->image.len);
}

static uint32_t block_at(const scheme_case_t *c)
{
    return c->scheme == OTA_SCHEME_V1_P256 ? PLAIN : SECTOR;
}

static void renew_crc(uint8_t *block)
{
    ota_put_le32(block + 1196, ota_crc32(0, block, 1196));
}

static void signed_images_verify_in_every_scheme(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCHEMES; i++) {
        signed_t s;
        sign_one(&s, &schemes[i]);
        verdict_t verdict = check(&s);
        assert_int_equal(verdict.status, OTA_OK);
        assert_int_equal(verdict.length, s.image.len);
        assert_int_equal(s.image.len,
                         schemes[i].scheme == OTA_SCHEME_V1_P256 ? PLAIN + 68 : SECTOR + 4096);
        s.rules.trust = NULL; /* an unsigned build does not see the signature */
        assert_int_equal(check(&s).length, PLAIN);
        image_free(&s.image);
    }
}

/* A cut exactly before the signature leaves a whole, unsigned image. */
static ota_status_t cut_status(const scheme_case_t *c, size_t cut)
{
    bool unsigned_image = cut == PLAIN || (cut == SECTOR && c->scheme != OTA_SCHEME_V1_P256);
    return unsigned_image ? OTA_ERR_SIGNATURE_MISSING : OTA_ERR_IMAGE_TRUNCATED;
}

static void pieces_and_truncations_of_signed_images(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCHEMES; i++) {
        signed_t s;
        sign_one(&s, &schemes[i]);
        for (size_t piece = 500; piece < 6000; piece += 611) {
            assert_int_equal(verify_pieces(&s.rules, s.image.bytes, s.image.len, 3, piece).status,
                             OTA_OK);
        }
        for (size_t cut = PLAIN - 40; cut < s.image.len; cut += cut < PLAIN + 4 ? 1 : cut / 97) {
            verdict_t verdict = verify(&s.rules, s.image.bytes, cut);
            assert_int_equal(verdict.status, cut_status(&schemes[i], cut));
            assert_int_equal(verdict.fault.offset, cut);
        }
        if (schemes[i].scheme != OTA_SCHEME_V1_P256) {
            assert_int_equal(verify(&s.rules, s.image.bytes, SECTOR).status,
                             cut_status(&schemes[i], SECTOR));
        }
        s.rules.limit = (uint32_t)s.image.len - 1;
        assert_int_equal(check(&s).status, OTA_ERR_IMAGE_TOO_BIG);
        image_free(&s.image);
    }
}

static void bent_regions_have_their_status_at_their_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCHEMES; i++) {
        const scheme_case_t *c = &schemes[i];
        bool v1 = c->scheme == OTA_SCHEME_V1_P256;
        signed_t s;
        sign_one(&s, c);
        uint8_t *bytes = s.image.bytes;
        uint8_t *block = bytes + block_at(c);
        uint8_t good[OTA_SIGNATURE_BLOCK];
        size_t block_len = v1 ? 68 : sizeof(good);
        memcpy(good, block, block_len);
        /* image, appended hash, and for v2 the padding up to the sector: all signed */
        static const uint32_t covered[] = {0x60, PLAIN - 1, PLAIN + 100};
        for (size_t k = 0; k < (v1 ? 2u : 3u); k++) {
            bytes[covered[k]] ^= 1;
            bytes[covered[k] ^ 4] ^= 1; /* twice, so that the XOR checksum stays right */
            verdict_t verdict = check(&s);
            assert_int_equal(verdict.status, OTA_ERR_SIGNATURE);
            assert_int_equal(verdict.fault.offset, block_at(c) + c->signature);
            bytes[covered[k]] ^= 1;
            bytes[covered[k] ^ 4] ^= 1;
        }
        for (uint32_t at = c->signature; at < c->signature + c->signature_len; at += 13) {
            block[at] ^= 0x10;
            if (!v1) {
                assert_int_equal(check(&s).status, OTA_ERR_SIGNATURE_MISSING); /* its CRC */
                renew_crc(block);
            }
            assert_int_equal(check(&s).status, OTA_ERR_SIGNATURE);
            memcpy(block, good, block_len);
        }
        for (uint32_t at = c->key_field + 1; at < c->key_field + c->key_len; at += 61) {
            block[at] ^= 0x10;
            renew_crc(block);
            verdict_t verdict = check(&s);
            assert_int_equal(verdict.status, OTA_ERR_SIGNATURE_KEY);
            assert_int_equal(verdict.fault.offset, SECTOR + c->key_field);
            memcpy(block, good, block_len);
        }
        image_free(&s.image);
    }
}

static void a_block_counts_only_if_it_is_well_formed(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCHEMES; i++) {
        const scheme_case_t *c = &schemes[i];
        signed_t s;
        sign_one(&s, c);
        uint8_t *block = s.image.bytes + block_at(c);
        uint32_t edits[] = {0, 1, c->key_field};
        bool ecdsa = c->scheme == OTA_SCHEME_V2_P256 || c->scheme == OTA_SCHEME_V2_P384;
        for (size_t k = 0; k < (ecdsa ? 3u : 2u); k++) {
            block[edits[k]] ^= 0x40;
            if (c->scheme != OTA_SCHEME_V1_P256) {
                renew_crc(block);
            }
            verdict_t verdict = check(&s);
            assert_int_equal(verdict.status, OTA_ERR_SIGNATURE_MISSING);
            assert_int_equal(verdict.fault.offset, block_at(c));
            block[edits[k]] ^= 0x40;
        }
        image_free(&s.image);
    }
}

static void the_digest_that_a_block_stores_decides_nothing(void **state)
{
    (void)state;
    signed_t s;
    sign_one(&s, &schemes[1]);
    s.image.bytes[SECTOR + 4] ^= 1;
    renew_crc(s.image.bytes + SECTOR);
    assert_int_equal(check(&s).status, OTA_OK);
    image_free(&s.image);
}

static void a_strangers_signature_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCHEMES; i++) {
        signed_t s;
        size_t stranger = schemes[i].key + 1;
        sign(&s, schemes[i].scheme, &stranger, 1, schemes[i].key);
        verdict_t verdict = check(&s);
        bool v1 = schemes[i].scheme == OTA_SCHEME_V1_P256; /* which names no key */
        assert_int_equal(verdict.status, v1 ? OTA_ERR_SIGNATURE : OTA_ERR_SIGNATURE_KEY);
        s.trust.key_count = 0;
        assert_int_equal(check(&s).status, OTA_ERR_SIGNATURE_KEY);
        image_free(&s.image);
    }
}

static void another_schemes_signature_is_no_signature(void **state)
{
    (void)state;
    signed_t s;
    sign_one(&s, &schemes[2]);
    s.trust.scheme = OTA_SCHEME_V2_RSA3072;
    assert_int_equal(check(&s).status, OTA_ERR_SIGNATURE_MISSING);
    s.trust.scheme = OTA_SCHEME_V2_P384;
    bool alike = s.image.bytes[SECTOR + 52] == 3; /* the curve there; here of the key */
    assert_int_equal(check(&s).status, OTA_ERR_SIGNATURE_MISSING - (alike ? 1 : 0));
    image_free(&s.image);
}

static void an_unsigned_image_is_refused_by_a_signed_build(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCHEMES; i++) {
        signed_t s;
        sign_one(&s, &schemes[i]);
        memset(s.image.bytes + block_at(&schemes[i]), 0xFF, s.image.len - block_at(&schemes[i]));
        verdict_t verdict = check(&s);
        assert_int_equal(verdict.status, OTA_ERR_SIGNATURE_MISSING);
        assert_int_equal(verdict.fault.offset, block_at(&schemes[i]));
        image_free(&s.image);
    }
}

static void later_blocks_count_as_far_as_the_build_looks(void **state)
{
    (void)state;
    static const struct {
        ota_scheme_t scheme;
        size_t by[3];
        size_t trusted;
        uint8_t blocks_needed;
    } cases[] = {
        {OTA_SCHEME_V2_RSA3072, {RSA, RSA_B, RSA_B}, RSA, 1},
        {OTA_SCHEME_V2_RSA3072, {RSA_B, RSA, RSA_B}, RSA, 2},
        {OTA_SCHEME_V2_RSA3072, {RSA_B, RSA_B, RSA}, RSA, 3},
        {OTA_SCHEME_V2_P256, {P256_B, P256_B, P256}, P256, 3},
        {OTA_SCHEME_V2_P384, {P384_B, P384, P384}, P384, 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        signed_t s;
        sign(&s, cases[i].scheme, cases[i].by, 3, cases[i].trusted);
        for (uint8_t blocks = 1; blocks <= 3; blocks++) {
            s.trust.blocks = blocks;
            assert_int_equal(check(&s).status,
                             blocks >= cases[i].blocks_needed ? OTA_OK : OTA_ERR_SIGNATURE_KEY);
        }
        image_free(&s.image);
    }
}

/* Old devices trust A, new ones B; images of the transition carry both. */
static void keys_rotate(void **state)
{
    (void)state;
    static const size_t both[] = {RSA, RSA_B};
    static const size_t new_only[] = {RSA_B};
    signed_t s;
    sign(&s, OTA_SCHEME_V2_RSA3072, both, 2, RSA);
    s.trust.blocks = 3;
    assert_int_equal(check(&s).status, OTA_OK);
    assert_int_equal(image_key_trust(keys[RSA_B], s.trust.scheme, s.trusted[0]), OTA_OK);
    assert_int_equal(check(&s).status, OTA_OK);
    image_free(&s.image);
    sign(&s, OTA_SCHEME_V2_RSA3072, new_only, 1, RSA);
    s.trust.blocks = 3;
    assert_int_equal(check(&s).status, OTA_ERR_SIGNATURE_KEY);
    assert_int_equal(image_key_trust(keys[RSA_B], s.trust.scheme, s.trusted[1]), OTA_OK);
    s.trust.key_count = 2;
    assert_int_equal(check(&s).status, OTA_OK);
    image_free(&s.image);
    sign(&s, OTA_SCHEME_V1_P256, &(size_t){P256_B}, 1, P256);
    assert_int_equal(image_key_trust(keys[P256_B], s.trust.scheme, s.trusted[1]), OTA_OK);
    s.trust.key_count = 2;
    assert_int_equal(check(&s).status, OTA_OK);
    image_free(&s.image);
}

static void the_nearest_miss_is_the_one_that_is_told(void **state)
{
    (void)state;
    static const size_t by[] = {RSA_B, RSA, RSA_B};
    signed_t s;
    sign(&s, OTA_SCHEME_V2_RSA3072, by, 3, RSA);
    s.trust.blocks = 3;
    uint8_t *second = s.image.bytes + SECTOR + OTA_SIGNATURE_BLOCK;
    second[900] ^= 1;
    renew_crc(second);
    verdict_t verdict = check(&s);
    assert_int_equal(verdict.status, OTA_ERR_SIGNATURE);
    assert_int_equal(verdict.fault.offset, SECTOR + OTA_SIGNATURE_BLOCK + 812);
    second[0] = 0; /* the first block's key is the nearest now */
    verdict = check(&s);
    assert_int_equal(verdict.status, OTA_ERR_SIGNATURE_KEY);
    assert_int_equal(verdict.fault.offset, SECTOR + 36);
    image_free(&s.image);
}

/* Stock: the signature covers the hash, which is then not compared; and a v1 bootloader's
 * signature does not lie behind the image. */
static void what_signed_builds_do_not_look_at(void **state)
{
    (void)state;
    signed_t s;
    image_wish_t wish;
    image_wish_default(&wish);
    wish.size = PLAIN;
    memset(&s, 0, sizeof(s));
    assert_int_equal(image_build(&wish, &s.image), OTA_OK);
    s.image.bytes[PLAIN - 1] ^= 1; /* a wrong hash, signed */
    image_bytes_t wrong = s.image;
    crypto_key_t *signer = keys[P256];
    assert_int_equal(image_sign(&wrong, OTA_SCHEME_V2_P256, &signer, 1), OTA_OK);
    uint8_t trusted[1][64];
    assert_int_equal(image_key_trust(signer, OTA_SCHEME_V2_P256, trusted[0]), OTA_OK);
    s.image = wrong;
    s.trust = (ota_trust_t){OTA_SCHEME_V2_P256, 1, 1, (const uint8_t(*)[64])trusted};
    s.rules = rules_for("esp32");
    assert_int_equal(check(&s).status, OTA_ERR_IMAGE_HASH);
    s.rules.trust = &s.trust;
    s.rules.workspace = workspace;
    s.rules.crypto = &crypto_openssl;
    assert_int_equal(check(&s).status, OTA_OK);
    s.trust.scheme = OTA_SCHEME_NONE;
    assert_int_equal(check(&s).status, OTA_ERR_IMAGE_HASH);
    s.trust.scheme = OTA_SCHEME_V1_P256;
    s.rules.kind = OTA_IMAGE_BOOTLOADER;
    assert_int_equal(check(&s).length, PLAIN);
    image_free(&s.image);
}

static void an_image_without_hash_can_be_signed(void **state)
{
    (void)state;
    signed_t s;
    sign_one(&s, &schemes[2]);
    s.image.bytes[23] = 0;
    crypto_key_t *signer = keys[P256];
    assert_int_equal(image_sign(&s.image, OTA_SCHEME_V2_P256, &signer, 1), OTA_OK);
    s.rules.require_hash = true;
    assert_int_equal(check(&s).status, OTA_OK);
    image_free(&s.image);
}

/* --- ports ------------------------------------------------------------------------------ */

static ota_status_t broken_verify(void *ctx, const ota_signature_t *signature)
{
    (void)ctx;
    (void)signature;
    return OTA_ERR_PORT;
}

static void rules_that_cannot_be_checked_are_refused_at_the_start(void **state)
{
    (void)state;
    signed_t s;
    ota_image_t image;
    sign_one(&s, &schemes[3]);
    s.rules.workspace = NULL;
    assert_int_equal(ota_image_start(&image, &s.rules), OTA_ERR_ARG);
    s.rules.workspace = workspace;
    s.rules.crypto = NULL; /* the built-in one checks no signatures */
    assert_int_equal(ota_image_start(&image, &s.rules), OTA_ERR_UNSUPPORTED);
    ota_crypto_t crypto = ota_crypto_builtin;
    crypto.verify = broken_verify; /* but has no SHA-384 */
    s.rules.crypto = &crypto;
    assert_int_equal(ota_image_start(&image, &s.rules), OTA_ERR_UNSUPPORTED);
    s.rules.crypto = &crypto_openssl;
    s.trust.blocks = 0;
    assert_int_equal(ota_image_start(&image, &s.rules), OTA_ERR_ARG);
    s.trust.blocks = 4;
    assert_int_equal(ota_image_start(&image, &s.rules), OTA_ERR_ARG);
    s.trust.blocks = 1;
    s.trust.keys = NULL;
    assert_int_equal(ota_image_start(&image, &s.rules), OTA_ERR_ARG);
    s.trust.scheme = (ota_scheme_t)9;
    assert_int_equal(ota_image_start(&image, &s.rules), OTA_ERR_ARG);
    image_free(&s.image);
}

static void a_port_that_cannot_tell_is_no_acceptance(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCHEMES; i++) {
        signed_t s;
        sign_one(&s, &schemes[i]);
        ota_crypto_t crypto = crypto_openssl;
        crypto.verify = broken_verify;
        s.rules.crypto = &crypto;
        verdict_t verdict = check(&s);
        assert_int_equal(verdict.status, OTA_ERR_PORT);
        assert_int_equal(verdict.fault.offset, block_at(&schemes[i]) + schemes[i].signature);
        image_free(&s.image);
    }
}

static void what_cannot_be_signed_is_refused(void **state)
{
    (void)state;
    signed_t s;
    crypto_key_t *signers[4] = {keys[RSA], keys[P256], keys[RSA], keys[RSA]};
    sign_one(&s, &schemes[1]);
    assert_int_equal(image_sign(&s.image, OTA_SCHEME_V2_RSA3072, signers, 0), OTA_ERR_ARG);
    assert_int_equal(image_sign(&s.image, OTA_SCHEME_V2_RSA3072, signers, 4), OTA_ERR_ARG);
    assert_int_equal(image_sign(&s.image, OTA_SCHEME_V2_RSA3072, signers, 2), OTA_ERR_UNSUPPORTED);
    assert_int_equal(image_sign(&s.image, OTA_SCHEME_V1_P256, signers, 1), OTA_ERR_UNSUPPORTED);
    assert_int_equal(image_key_trust(keys[RSA], OTA_SCHEME_V1_P256, s.trusted[0]),
                     OTA_ERR_UNSUPPORTED);
    assert_int_equal(image_key_trust(keys[RSA], OTA_SCHEME_V2_P384, s.trusted[0]),
                     OTA_ERR_UNSUPPORTED);
    char pem[2048];
    size_t len = crypto_key_write(keys[RSA], true, pem, sizeof(pem));
    crypto_key_t *public_key = crypto_key_read(pem, len);
    assert_int_equal(image_sign(&s.image, OTA_SCHEME_V2_RSA3072, &public_key, 1), OTA_ERR_ARG);
    crypto_key_free(public_key);
    s.image.bytes[0] = 0;
    assert_int_equal(image_sign(&s.image, OTA_SCHEME_V2_RSA3072, signers, 1),
                     OTA_ERR_IMAGE_TRUNCATED);
    image_free(&s.image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_images_verify_in_every_scheme),
        cmocka_unit_test(pieces_and_truncations_of_signed_images),
        cmocka_unit_test(bent_regions_have_their_status_at_their_offset),
        cmocka_unit_test(a_block_counts_only_if_it_is_well_formed),
        cmocka_unit_test(the_digest_that_a_block_stores_decides_nothing),
        cmocka_unit_test(a_strangers_signature_is_refused),
        cmocka_unit_test(another_schemes_signature_is_no_signature),
        cmocka_unit_test(an_unsigned_image_is_refused_by_a_signed_build),
        cmocka_unit_test(later_blocks_count_as_far_as_the_build_looks),
        cmocka_unit_test(keys_rotate),
        cmocka_unit_test(the_nearest_miss_is_the_one_that_is_told),
        cmocka_unit_test(what_signed_builds_do_not_look_at),
        cmocka_unit_test(an_image_without_hash_can_be_signed),
        cmocka_unit_test(rules_that_cannot_be_checked_are_refused_at_the_start),
        cmocka_unit_test(a_port_that_cannot_tell_is_no_acceptance),
        cmocka_unit_test(what_cannot_be_signed_is_refused),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
