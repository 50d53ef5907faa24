/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: rules that make no sense, ports that fail, and how often a port is asked. */
#include "host/image_sign.h"
#include "ports/crypto/openssl.h"
#include "support/fault.h"
#include "support/image.h"
#include "support/keys.h"

#define PLAIN  4192u
#define SECTOR 8192u /* where the v2 sector of a PLAIN image begins */

static uint8_t workspace[OTA_SIGNATURE_BLOCK];

typedef struct {
    crypto_key_t *keys[2];
    image_bytes_t image;
    uint8_t trusted[2][64];
    ota_trust_t trust;
    ota_image_rules_t rules;
} signed_t;

/* Signed by the first key; both are trusted, the second one first if `last`. */
static void start(signed_t *s, ota_scheme_t scheme, bool last)
{
    image_wish_t wish;
    image_wish_default(&wish);
    wish.size = PLAIN;
    memset(s, 0, sizeof(*s));
    assert_int_equal(image_build(&wish, &s->image), OTA_OK);
    for (int i = 0; i < 2; i++) {
        s->keys[i] = keys_take(OTA_SIGNATURE_ECDSA_P256, i);
        assert_int_equal(image_key_trust(s->keys[i], scheme, s->trusted[last ? 1 - i : i]), OTA_OK);
    }
    assert_int_equal(image_sign(&s->image, scheme, s->keys, 1), OTA_OK);
    s->trust = (ota_trust_t){
        .scheme = scheme, .blocks = 1, .key_count = 2, .keys = (const uint8_t(*)[64])s->trusted};
    s->rules = rules_for("esp32");
    s->rules.trust = &s->trust;
    s->rules.workspace = workspace;
    s->rules.crypto = &crypto_openssl;
}

static void stop(signed_t *s)
{
    image_free(&s->image);
    crypto_key_free(s->keys[0]);
    crypto_key_free(s->keys[1]);
}

static ota_fault_t begin(const ota_image_rules_t *rules)
{
    ota_image_t image;
    ota_status_t status = ota_image_start(&image, rules);
    ota_fault_t fault = *ota_image_fault(&image);
    assert_int_equal(status, fault.status);
    return fault;
}

/* --- rules ---------------------------------------------------------------------------------- */

static void each_senseless_rule_is_refused_by_itself(void **state)
{
    (void)state;
    signed_t s;
    start(&s, OTA_SCHEME_V2_P256, false);
    assert_int_equal(begin(&s.rules).status, OTA_OK);
    s.trust.scheme = (ota_scheme_t)(OTA_SCHEME_V2_P384 + 1);
    assert_fault(begin(&s.rules), OTA_ERR_ARG, 0, 0, 0);
    s.trust.scheme = OTA_SCHEME_V2_P256;
    s.trust.keys = NULL;
    assert_fault(begin(&s.rules), OTA_ERR_ARG, 0, 0, 0);
    s.trust.key_count = 0; /* trusts nobody: allowed, and nothing verifies */
    assert_int_equal(begin(&s.rules).status, OTA_OK);
    s.rules.crypto = NULL; /* the built-in one has this hash, but checks no signatures */
    assert_fault(begin(&s.rules), OTA_ERR_UNSUPPORTED, 0, 0, 0);
    s.trust.scheme = OTA_SCHEME_V1_P256;
    s.trust.blocks = 0; /* there is one block, and nobody counts it */
    s.rules.crypto = &crypto_openssl;
    assert_int_equal(begin(&s.rules).status, OTA_OK);
    s.trust.blocks = 4;
    assert_int_equal(begin(&s.rules).status, OTA_OK);
    stop(&s);
}

static void rules_without_a_signature_are_refused_with_a_place_too(void **state)
{
    (void)state;
    ota_image_t image;
    uint8_t bytes[WORKED_IMAGE];
    ota_image_rules_t rules = rules_for("esp32s3");
    assert_int_equal(ota_image_start(NULL, &rules), OTA_ERR_ARG);
    assert_int_equal(ota_image_start(&image, NULL), OTA_ERR_ARG);
    assert_fault(*ota_image_fault(&image), OTA_ERR_ARG, 0, 0, 0);
    rules.kind = (ota_image_kind_t)(OTA_IMAGE_BOOTLOADER + 1);
    assert_fault(begin(&rules), OTA_ERR_ARG, 0, 0, 0);
    rules.kind = OTA_IMAGE_APP;
    ota_crypto_t crypto = ota_crypto_builtin;
    crypto.version++;
    rules.crypto = &crypto;
    assert_fault(begin(&rules), OTA_ERR_ARG, 0, 0, 0);
    rules.crypto = NULL;
    rules.limit = OTA_IMAGE_HEADER - 1;
    assert_fault(begin(&rules), OTA_ERR_IMAGE_TOO_BIG, 0, OTA_IMAGE_HEADER, OTA_IMAGE_HEADER - 1);
    rules.limit = OTA_IMAGE_HEADER; /* a header fits: its own words tell that no more does */
    assert_int_equal(begin(&rules).status, OTA_OK);
    (void)worked_image(bytes);
    assert_int_equal(verify(&rules, bytes, sizeof(bytes)).fault.offset, 1);
    bytes[0] = 0x7F;
    assert_fault(verify(&rules, bytes, sizeof(bytes)).fault, OTA_ERR_IMAGE_MAGIC, 0, 0x7F, 0xE9);
}

/* A v1 bootloader is signed elsewhere; every other one behind itself. */
static void a_bootloader_of_v2_is_signed_like_an_app(void **state)
{
    (void)state;
    signed_t s;
    start(&s, OTA_SCHEME_V2_P256, false);
    s.rules.kind = OTA_IMAGE_BOOTLOADER;
    assert_int_equal(verify(&s.rules, s.image.bytes, s.image.len).length, s.image.len);
    assert_int_equal(verify(&s.rules, s.image.bytes, PLAIN).status, OTA_ERR_SIGNATURE_MISSING);
    stop(&s);
}

/* --- blocks --------------------------------------------------------------------------------- */

static void a_v1_image_has_one_block_whatever_the_build_looks_at(void **state)
{
    (void)state;
    signed_t s;
    start(&s, OTA_SCHEME_V1_P256, false);
    s.trust.blocks = 3;
    s.image.bytes[PLAIN] = 9; /* no version of a block */
    verdict_t verdict = verify(&s.rules, s.image.bytes, s.image.len);
    assert_fault(verdict.fault, OTA_ERR_SIGNATURE_MISSING, PLAIN, 0, 0);
    stop(&s);
}

/* After a block that was there and did not fit the image is cut, not unsigned. */
static void an_image_cut_behind_its_first_block_is_truncated(void **state)
{
    (void)state;
    signed_t s;
    start(&s, OTA_SCHEME_V2_P256, false);
    s.trust.blocks = 2;
    s.image.bytes[PLAIN - 1] ^= 1;
    size_t one = SECTOR + OTA_SIGNATURE_BLOCK;
    assert_int_equal(verify(&s.rules, s.image.bytes, one).status, OTA_ERR_IMAGE_TRUNCATED);
    assert_int_equal(verify(&s.rules, s.image.bytes, SECTOR).status, OTA_ERR_SIGNATURE_MISSING);
    assert_int_equal(verify(&s.rules, s.image.bytes, SECTOR - 1).status, OTA_ERR_IMAGE_TRUNCATED);
    stop(&s);
}

/* --- ports ---------------------------------------------------------------------------------- */

static unsigned asked;
static ota_status_t answer;

static ota_status_t count_and_answer(void *ctx, const ota_signature_t *signature)
{
    asked++;
    return answer != OTA_OK ? answer : crypto_openssl.verify(ctx, signature);
}

static ota_fault_t ask(const signed_t *s, ota_status_t what)
{
    ota_image_rules_t rules = s->rules;
    ota_crypto_t crypto = crypto_openssl;
    crypto.verify = count_and_answer;
    rules.crypto = &crypto;
    asked = 0;
    answer = what;
    return verify(&rules, s->image.bytes, s->image.len).fault;
}

static void a_v1_signature_is_asked_about_until_a_key_fits(void **state)
{
    (void)state;
    signed_t s;
    start(&s, OTA_SCHEME_V1_P256, false);
    assert_int_equal(ask(&s, OTA_OK).status, OTA_OK);
    assert_int_equal(asked, 1);
    assert_fault(ask(&s, OTA_ERR_PORT), OTA_ERR_PORT, PLAIN + 4, 0, 0);
    assert_int_equal(asked, 1); /* a port that cannot tell of one key is not asked about another */
    assert_fault(ask(&s, OTA_ERR_SIGNATURE), OTA_ERR_SIGNATURE, PLAIN + 4, 0, 0);
    assert_int_equal(asked, 2);
    stop(&s);
    start(&s, OTA_SCHEME_V1_P256, true);
    assert_int_equal(ask(&s, OTA_OK).status, OTA_OK);
    assert_int_equal(asked, 2);
    stop(&s);
}

static int hashes_left;

static ota_status_t start_or_fail(void *ctx, ota_hash_t *hash, ota_hash_kind_t kind)
{
    return hashes_left-- > 0 ? crypto_openssl.hash_start(ctx, hash, kind) : OTA_ERR_PORT;
}

static void a_hash_that_cannot_be_started_is_no_stranger(void **state)
{
    (void)state;
    signed_t s;
    start(&s, OTA_SCHEME_V2_P256, false);
    ota_crypto_t crypto = crypto_openssl;
    crypto.hash_start = start_or_fail;
    s.rules.crypto = &crypto;
    hashes_left = 0;
    assert_fault(begin(&s.rules), OTA_ERR_PORT, 0, 0, 0);
    hashes_left = 1; /* the image's, and not the key's */
    ota_fault_t fault = verify(&s.rules, s.image.bytes, s.image.len).fault;
    assert_fault(fault, OTA_ERR_PORT, SECTOR, 0, 0);
    hashes_left = 2;
    assert_int_equal(verify(&s.rules, s.image.bytes, s.image.len).status, OTA_OK);
    stop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_senseless_rule_is_refused_by_itself),
        cmocka_unit_test(rules_without_a_signature_are_refused_with_a_place_too),
        cmocka_unit_test(a_bootloader_of_v2_is_signed_like_an_app),
        cmocka_unit_test(a_v1_image_has_one_block_whatever_the_build_looks_at),
        cmocka_unit_test(an_image_cut_behind_its_first_block_is_truncated),
        cmocka_unit_test(a_v1_signature_is_asked_about_until_a_key_fits),
        cmocka_unit_test(a_hash_that_cannot_be_started_is_no_stranger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
