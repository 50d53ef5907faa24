/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile networks: bytes that are answers. fuzz/fuzz_agent.c makes them up. */
#include "support/unit.h"

#include "lab/net/hostile.h"

static hostile_t *stage;

static int open_stage(void **state)
{
    (void)state;
    stage = hostile_open();
    return stage != NULL ? 0 : -1;
}

static int close_stage(void **state)
{
    (void)state;
    hostile_close(stage);
    return 0;
}

static void play(const char *bytes, size_t len, hostile_result_t *result)
{
    hostile_play(stage, (const uint8_t *)bytes, len, result);
}

#define PLAY(bytes, result) play(bytes, sizeof(bytes) - 1u, result)

static void without_a_word_the_update_is_taken_and_confirmed(void **state)
{
    (void)state;
    hostile_result_t result;
    PLAY("", &result);
    assert_string_equal(result.what, "");
    assert_int_equal(result.broken, HOSTILE_FINE);
    assert_true(result.updated);
    assert_int_equal(result.boots, 2);
    print_message("%u steps, %u requests\n", (unsigned)result.steps, (unsigned)result.requests);
}

/* Up to the image: the next key set, its signatures, none behind it, the manifest, its signature.
 */
#define TO_MANIFEST "...."
#define TO_IMAGE    TO_MANIFEST ".."

static void the_answers_are_what_the_bytes_say(void **state)
{
    (void)state;
    hostile_result_t result;
    hostile_result_t again;
    PLAY(TO_IMAGE "X\x00\x12\x00."
                  "N."
                  "B\x00\x28\x01."
                  "S\x10."
                  "D.",
         &result);
    assert_string_equal(result.what, "");
    assert_true(result.updated);
    assert_true(result.requests > 16);
    PLAY(TO_IMAGE "X\x00\x12\x00."
                  "N."
                  "B\x00\x28\x01."
                  "S\x10."
                  "D.",
         &again);
    assert_memory_equal(&result, &again, sizeof(result)); /* all is set up anew */
}

static void power_and_flash_fail_where_the_bytes_say(void **state)
{
    (void)state;
    hostile_result_t result;
    PLAY(TO_IMAGE "k\x02\x01.w\x00.r\x03\x09.o\x00\x02.t\x01.z.u\x05.", &result);
    assert_string_equal(result.what, "");
    assert_true(result.updated);
    assert_true(result.cuts > 0);
    assert_true(result.failures > 0);
    assert_true(result.boots > 3);
}

static void an_application_that_is_not_well_is_rolled_back(void **state)
{
    (void)state;
    hostile_result_t result;
    PLAY(TO_IMAGE ".u\xFFN.u\xFFN.u\xFFN.u\xFFN.u\xFFN.u\xFFN.", &result);
    assert_string_equal(result.what, "");
    assert_false(result.updated);
}

/* --- an oracle that cannot fire proves nothing ------------------------------------------------ */

static void expect(hostile_wrap_t wrap, const char *bytes, size_t len, hostile_oracle_t oracle)
{
    hostile_result_t result;
    play(bytes, len, &result); /* the same bytes, and nothing broken */
    assert_string_equal(result.what, "");
    hostile_wrap(stage, wrap, NULL);
    play(bytes, len, &result);
    hostile_wrap(stage, NULL, NULL);
    print_message("%s: %s\n", hostile_oracle_name(result.broken), result.what);
    assert_int_equal(result.broken, oracle);
}

#define EXPECT(wrap, bytes, oracle) expect(wrap, bytes, sizeof(bytes) - 1u, oracle)

static ota_status_t believe(void *ctx, const ota_signature_t *signature)
{
    (void)ctx;
    (void)signature;
    return OTA_OK;
}

static void make_credulous(void *user, const hostile_parts_t *parts)
{
    (void)user;
    parts->crypto->verify = believe;
}

/* A manifest of nobody with any bytes for a signature. */
#define FORGERY "C\x94\x01.F\x03.F\x08."

static void a_manifest_that_nobody_signed_is_found(void **state)
{
    (void)state;
    EXPECT(make_credulous, FORGERY, HOSTILE_SIGNED);
}

static void (*real_finish)(void *ctx, ota_hash_t *hash, uint8_t *digest);
static uint8_t published[OTA_SHA256_SIZE];
static uint8_t foreign[OTA_SHA256_SIZE];

static void finish_blindly(void *ctx, ota_hash_t *hash, uint8_t *digest)
{
    real_finish(ctx, hash, digest);
    if (memcmp(digest, foreign, sizeof(foreign)) == 0) {
        memcpy(digest, published, sizeof(published));
    }
}

static void take_digest(const ota_crypto_t *crypto, hostile_file_t file, uint8_t *digest)
{
    uint32_t len;
    ota_hash_t hash;
    const uint8_t *bytes = hostile_file(stage, file, &len);
    assert_int_equal(crypto->hash_start(crypto->ctx, &hash, OTA_HASH_SHA256), OTA_OK);
    crypto->hash_update(crypto->ctx, &hash, bytes, len);
    crypto->hash_finish(crypto->ctx, &hash, digest);
}

/* Takes one image for the other: as if nothing compared what lies in flash with the manifest. */
static void make_blind(void *user, const hostile_parts_t *parts)
{
    (void)user;
    take_digest(parts->crypto, HOSTILE_NEW, published);
    take_digest(parts->crypto, HOSTILE_OTHER, foreign);
    real_finish = parts->crypto->hash_finish;
    parts->crypto->hash_finish = finish_blindly;
}

static void another_image_than_the_published_one_is_found(void **state)
{
    (void)state;
    EXPECT(make_blind, TO_IMAGE "F\x07.F\x07.F\x07.F\x07.", HOSTILE_WHOLE);
}

static void make_patient(void *user, const hostile_parts_t *parts)
{
    (void)user;
    parts->config->stall_ms = parts->config->document_ms = parts->config->image_ms = UINT32_MAX;
}

static void a_request_without_an_end_is_found(void **state)
{
    (void)state;
    EXPECT(make_patient, "Q.", HOSTILE_ENDS);
}

static ota_status_t (*real_start)(void *ctx, const ota_http_request_t *request);

static ota_status_t start_badly(void *ctx, const ota_http_request_t *request)
{
    return strstr(request->url, "/images/") != NULL ? OTA_ERR_HTTP_CONNECT
                                                    : real_start(ctx, request);
}

static void make_unreachable(void *user, const hostile_parts_t *parts)
{
    (void)user;
    real_start = parts->http->start;
    parts->http->start = start_badly;
}

static void a_device_that_does_not_come_to_the_image_is_found(void **state)
{
    (void)state;
    EXPECT(make_unreachable, "", HOSTILE_CONVERGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_word_the_update_is_taken_and_confirmed),
        cmocka_unit_test(the_answers_are_what_the_bytes_say),
        cmocka_unit_test(power_and_flash_fail_where_the_bytes_say),
        cmocka_unit_test(an_application_that_is_not_well_is_rolled_back),
        cmocka_unit_test(a_manifest_that_nobody_signed_is_found),
        cmocka_unit_test(another_image_than_the_published_one_is_found),
        cmocka_unit_test(a_request_without_an_end_is_found),
        cmocka_unit_test(a_device_that_does_not_come_to_the_image_is_found),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
