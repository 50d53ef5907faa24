/* SPDX-License-Identifier: Apache-2.0 */
/* The gate: one reason a refusal, decided in one order; and who is in a rollout. */
#include "ota/release.h"
#include "support/document.h"
#include "support/unit.h"

#include <stdio.h>

/* A device for which good_manifest is meant: it runs order 5, and its board has PSRAM. */
static ota_target_t device(void)
{
    static const char *const cohorts[] = {"beta"};
    static const uint8_t id[] = {1, 2, 3, 4, 5, 6};
    return (ota_target_t){
        .product = "lamp",
        .channel = "stable",
        .variant = "psram",
        .chip = 9,
        .chip_rev = 100,
        .secure_version = 3,
        .flash_size = 0x400000,
        .slot_size = 0x100000,
        .slots = 2,
        .bootloader = 2,
        .rollback = true,
        .version = "2.0.0",
        .order = 5,
        .serial = 11,
        .keys = 2,
        .now = 1795000000,
        .id = id,
        .id_len = sizeof(id),
        .cohorts = cohorts,
        .cohort_count = 1,
    };
}

static ota_status_t gate_of(document_t document, const ota_target_t *target,
                            ota_release_image_t *image, ota_fault_t *fault)
{
    ota_manifest_t manifest;
    assert_int_equal(ota_manifest_open(&manifest, document.bytes, document.len, NULL), OTA_OK);
    ota_status_t status = ota_release_gate(&manifest, target, NULL, image, fault);
    assert_int_equal(ota_release_gate(&manifest, target, NULL, image, NULL), status);
    return status;
}

static void expect(const ota_target_t *target, const char *old, const char *new,
                   ota_status_t wanted, uint32_t found, uint32_t expected)
{
    ota_release_image_t image;
    ota_fault_t fault = {0};
    ota_status_t status = gate_of(changed(good_manifest, old, new), target, &image, &fault);
    if (status != wanted) {
        fail_msg("%s -> %s: %s, not %s", old, new, ota_status_name(status),
                 ota_status_name(wanted));
    }
    if (status != OTA_OK) {
        assert_int_equal(fault.status, wanted);
        assert_int_equal(fault.found, found);
        assert_int_equal(fault.expected, expected);
    }
}

#define SAME "lamp", "lamp"

static void the_device_it_is_meant_for_gets_its_image(void **state)
{
    (void)state;
    ota_target_t target = device();
    ota_release_image_t image;
    ota_fault_t fault;
    assert_int_equal(gate_of(whole(good_manifest), &target, &image, &fault), OTA_OK);
    assert_int_equal(image.size, 1000000);
    target.variant = NULL;
    target.chip = 0;
    target.secure_version = 0;
    assert_int_equal(gate_of(whole(good_manifest), &target, &image, &fault), OTA_OK);
    assert_int_equal(image.size, 70000);
}

static void another_product_or_channel_is_refused(void **state)
{
    (void)state;
    ota_target_t target = device();
    expect(&target, "\"lamp\"", "\"lamp2\"", OTA_ERR_RELEASE_PRODUCT, 0, 0);
    expect(&target, "\"stable\"", "\"beta\"", OTA_ERR_RELEASE_CHANNEL, 0, 0);
    target.channel = NULL;
    expect(&target, SAME, OTA_ERR_RELEASE_CHANNEL, 0, 0);
    target.product = NULL;
    expect(&target, SAME, OTA_ERR_RELEASE_PRODUCT, 0, 0);
}

static void an_old_manifest_is_refused_whoever_signed_it(void **state)
{
    (void)state;
    ota_target_t target = device();
    target.serial = 12;
    expect(&target, SAME, OTA_OK, 0, 0); /* the same one again */
    target.serial = 13;
    expect(&target, SAME, OTA_ERR_RELEASE_SERIAL, 12, 13);
    target = device();
    target.keys = 1;
    expect(&target, SAME, OTA_ERR_RELEASE_KEYS, 1, 2);
}

static void an_expired_manifest_is_refused_where_there_is_a_clock(void **state)
{
    (void)state;
    ota_target_t target = device();
    target.now = 1800000000;
    expect(&target, SAME, OTA_OK, 0, 0); /* the last second */
    target.now = 1800000001;
    expect(&target, SAME, OTA_ERR_RELEASE_EXPIRED, 1800000000, 1800000001);
    expect(&target, "  \"expires\": 1800000000,\n", "", OTA_OK, 0, 0);
    target.now = 0; /* no clock */
    expect(&target, SAME, OTA_OK, 0, 0);
    target.now = 1000; /* a clock that has lost its time */
    expect(&target, SAME, OTA_OK, 0, 0);
}

static void a_version_that_runs_or_is_older_is_refused(void **state)
{
    (void)state;
    ota_target_t target = device();
    target.order = 7;
    expect(&target, SAME, OTA_ERR_RELEASE_CURRENT, 7, 7);
    target.order = 8;
    expect(&target, SAME, OTA_ERR_RELEASE_OLDER, 7, 8);
    /* Flashed by cable: the version's text tells whether it is the same. */
    target.order = 0;
    expect(&target, SAME, OTA_OK, 0, 0);
    target.version = "2.1.0";
    expect(&target, SAME, OTA_ERR_RELEASE_CURRENT, 7, 0);
    target.version = NULL;
    expect(&target, SAME, OTA_OK, 0, 0);
    /* Texts are never compared where orders are known. */
    target.order = 5;
    target.version = "2.1.0";
    expect(&target, SAME, OTA_OK, 0, 0);
}

static void a_recall_is_the_only_way_back(void **state)
{
    (void)state;
    ota_target_t target = device();
    target.order = 9; /* recalled, to 7 */
    expect(&target, SAME, OTA_OK, 0, 0);
    target.order = 10;
    expect(&target, SAME, OTA_ERR_RELEASE_OLDER, 7, 10);
    target.order = 9;
    expect(&target, "\"to\": 7", "\"to\": 6", OTA_OK, 0, 0); /* to it or a newer one */
    expect(&target, "\"to\": 7", "\"to\": 8", OTA_ERR_RELEASE_OLDER, 7, 9);
    expect(&target, "\"to\": 7, ", "", OTA_ERR_RELEASE_OLDER, 7, 9);
    /* The release itself was recalled. */
    expect(&target, "{\"order\": 9, \"to\": 7,", "{\"order\": 7,", OTA_ERR_RELEASE_RECALLED, 7, 9);
    target.order = 7;
    expect(&target, "{\"order\": 9, \"to\": 7,", "{\"order\": 7,", OTA_ERR_RELEASE_RECALLED, 7, 7);
}

static void a_recalled_version_is_left_without_regard_to_the_share(void **state)
{
    (void)state;
    ota_target_t target = device();
    target.cohort_count = 0;
    target.order = 9;
    expect(&target, "\"share\": 500", "\"share\": 0", OTA_OK, 0, 0);
    expect(&target, "\"halted\": false", "\"halted\": true", OTA_ERR_RELEASE_HALTED, 0, 0);
    target.order = 5;
    expect(&target, "{\"order\": 9, \"to\": 7,", "{\"order\": 5,", OTA_OK, 0, 0);
}

static void what_does_not_fit_is_refused_with_its_reason(void **state)
{
    (void)state;
    ota_target_t target = device();
    target.chip = 5;
    expect(&target, SAME, OTA_ERR_RELEASE_CHIP, 0, 5);
    expect(&target, "\"chip\": 0", "\"chip\": 2", OTA_ERR_RELEASE_CHIP, 2, 5);
    target = device();
    target.variant = "plain";
    expect(&target, SAME, OTA_ERR_RELEASE_VARIANT, 0, 0);
    target.variant = NULL;
    expect(&target, SAME, OTA_ERR_RELEASE_VARIANT, 0, 0);
    target = device();
    target.chip_rev = 0;
    expect(&target, SAME, OTA_ERR_RELEASE_REV_MIN, 0, 1);
    target.chip_rev = 1;
    expect(&target, SAME, OTA_OK, 0, 0);
    target.chip_rev = 199;
    expect(&target, SAME, OTA_OK, 0, 0);
    target.chip_rev = 200;
    expect(&target, SAME, OTA_ERR_RELEASE_REV_MAX, 200, 199);
    target.any_rev = true;
    expect(&target, SAME, OTA_OK, 0, 0);
    target.chip_rev = 0;
    expect(&target, SAME, OTA_OK, 0, 0);
    target = device();
    target.secure_version = 4;
    expect(&target, SAME, OTA_ERR_RELEASE_SECURE, 3, 4);
    target = device();
    target.flash_size = 0x3FFFFF;
    expect(&target, SAME, OTA_ERR_RELEASE_FLASH, 0x3FFFFF, 0x400000);
    target = device();
    target.slots = 1;
    expect(&target, SAME, OTA_ERR_RELEASE_TABLE, 1, 2);
    target = device();
    target.slot_size = 0xFFFFF;
    expect(&target, SAME, OTA_ERR_RELEASE_SLOT, 0xFFFFF, 0x100000);
    target = device();
    target.bootloader = 1;
    expect(&target, SAME, OTA_ERR_RELEASE_BOOTLOADER, 1, 2);
    target = device();
    target.rollback = false;
    expect(&target, SAME, OTA_ERR_RELEASE_ROLLBACK, 0, 1);
    expect(&target, "\"rollback\": true", "\"rollback\": false", OTA_OK, 0, 0);
}

static void a_table_without_slots_is_named_before_its_size(void **state)
{
    (void)state;
    ota_target_t target = device();
    target.slots = 0;
    target.slot_size = 0;
    expect(&target, SAME, OTA_ERR_RELEASE_TABLE, 0, 2);
}

static void of_several_images_the_one_that_came_furthest_names_the_reason(void **state)
{
    (void)state;
    ota_target_t target = device();
    ota_release_image_t image;
    ota_fault_t fault;
    /* Both are for this chip now: the second one for its plain variant. */
    document_t document = changed(good_manifest, "\"size\": 70000, \"chip\": 0",
                                  "\"size\": 70000, \"chip\": 9, \"slots\": 3");
    target.variant = NULL;
    target.secure_version = 0;
    assert_int_equal(gate_of(document, &target, &image, &fault), OTA_ERR_RELEASE_TABLE);
    target.variant = "psram";
    target.secure_version = 4;
    assert_int_equal(gate_of(document, &target, &image, &fault), OTA_ERR_RELEASE_SECURE);
    /* Revisions apart: the first one that fits is taken. */
    document =
        changed(good_manifest, "\"size\": 70000, \"chip\": 0",
                "\"size\": 70000, \"chip\": 9, \"variant\": \"psram\", \"secure_version\": 9, "
                "\"min_rev\": 200");
    target.chip_rev = 200;
    assert_int_equal(gate_of(document, &target, &image, &fault), OTA_OK);
    assert_int_equal(image.size, 70000);
}

static void a_version_that_failed_here_is_tried_as_often_as_allowed(void **state)
{
    (void)state;
    ota_target_t target = device();
    ota_failure_t failures[] = {{3, 9}, {7, 1}};
    target.failures = failures;
    target.failure_count = 2;
    expect(&target, SAME, OTA_OK, 0, 0); /* two attempts in all */
    expect(&target, "  \"attempts\": 2,\n", "", OTA_ERR_RELEASE_FAILED, 1, 1);
    failures[1].attempts = 2;
    expect(&target, SAME, OTA_ERR_RELEASE_FAILED, 2, 2);
    expect(&target, "\"attempts\": 2", "\"attempts\": 3", OTA_OK, 0, 0);
    expect(&target, "\"order\": 7", "\"order\": 8", OTA_OK, 0, 0); /* the next version */
}

static void nobody_new_gets_a_halted_release(void **state)
{
    (void)state;
    ota_target_t target = device();
    expect(&target, "\"halted\": false", "\"halted\": true", OTA_ERR_RELEASE_HALTED, 0, 0);
}

/* --- rollout --------------------------------------------------------------------------------- */

static uint32_t bucket_of(const char *salt, const void *id, size_t len)
{
    uint32_t bucket = OTA_SHARE_ALL;
    const ota_text_t text = {salt, (uint32_t)strlen(salt)};
    assert_int_equal(ota_release_bucket(NULL, text, id, len, &bucket), OTA_OK);
    assert_true(bucket < OTA_SHARE_ALL);
    return bucket;
}

/* printf 'lamp-7\0aabbccddeeff' | sha256sum, first eight digits modulo 10000. */
static void buckets_are_those_of_the_specification(void **state)
{
    (void)state;
    static const struct {
        const char *salt;
        const char *id;
        uint32_t bucket;
    } vectors[] = {
        {"lamp-7", "aabbccddeeff", 1092},      {"lamp-7", "aabbccddeefe", 146},
        {"lamp-8", "aabbccddeeff", 5544},      {"0", "", 442},
        {"lamp-7", "24:6f:28:00:00:01", 1952},
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        assert_int_equal(bucket_of(vectors[i].salt, vectors[i].id, strlen(vectors[i].id)),
                         vectors[i].bucket);
    }
}

static void cohorts_get_it_at_once_and_others_by_their_bucket(void **state)
{
    (void)state;
    static const char *const others[] = {"gamma", "bet", "beta2", "lab"};
    ota_target_t target = device();
    uint32_t bucket = bucket_of("lamp-2.1.0", target.id, target.id_len);
    char share[32];
    expect(&target, "\"share\": 500", "\"share\": 0", OTA_OK, 0, 0);
    target.cohorts = others;
    target.cohort_count = 3;
    expect(&target, "\"share\": 500", "\"share\": 0", OTA_ERR_RELEASE_ROLLOUT, bucket, 0);
    target.cohort_count = 4;
    expect(&target, "\"share\": 500", "\"share\": 0", OTA_OK, 0, 0);
    target.cohort_count = 0;
    (void)snprintf(share, sizeof(share), "\"share\": %u", bucket);
    expect(&target, "\"share\": 500", share, OTA_ERR_RELEASE_ROLLOUT, bucket, bucket);
    (void)snprintf(share, sizeof(share), "\"share\": %u", bucket + 1);
    expect(&target, "\"share\": 500", share, OTA_OK, 0, 0);
    expect(&target, "\"share\": 500", "\"share\": 10000", OTA_OK, 0, 0);
}

#define FLEET 100000u

/* Chi-squared of 100 equal parts: 99 degrees of freedom exceed 150 once in 1,500 times; the ids
 * here are fixed, so the test's answer is too. */
static void a_hundred_thousand_devices_spread_evenly(void **state)
{
    (void)state;
    static uint32_t parts[100];
    uint32_t in_share[4] = {0};
    static const uint32_t shares[4] = {100, 500, 2500, 5000};
    memset(parts, 0, sizeof(parts));
    for (uint32_t i = 0; i < FLEET; i++) {
        char id[32];
        (void)snprintf(id, sizeof(id), "24:6f:28:%02x:%02x:%02x", i >> 16, i >> 8 & 0xFF, i & 0xFF);
        uint32_t bucket = bucket_of("lamp-7", id, strlen(id));
        parts[bucket / 100]++;
        for (size_t s = 0; s < 4; s++) {
            in_share[s] += bucket < shares[s];
        }
    }
    double chi = 0;
    for (size_t i = 0; i < 100; i++) {
        double off = (double)parts[i] - FLEET / 100.0;
        chi += off * off / (FLEET / 100.0);
    }
    assert_true(chi < 150);
    for (size_t s = 0; s < 4; s++) { /* within 4 sigma of the smallest share */
        double wanted = (double)shares[s] * FLEET / OTA_SHARE_ALL;
        double off = (double)in_share[s] - wanted;
        assert_true(off < wanted * 0.126 && off > -wanted * 0.126);
    }
    print_message("chi-squared of 100 parts: %.1f; 5 %% gave %u of %u\n", chi, in_share[1], FLEET);
}

/* Through the gate itself, for every device and a rising share. */
static void a_larger_share_never_drops_a_device(void **state)
{
    (void)state;
    static const uint32_t shares[] = {0, 1, 500, 501, 2500, 9999, 10000};
    static bool in[2000];
    memset(in, 0, sizeof(in));
    for (size_t s = 0; s < sizeof(shares) / sizeof(shares[0]); s++) {
        char text[32];
        ota_manifest_t manifest;
        (void)snprintf(text, sizeof(text), "\"share\": %u", shares[s]);
        document_t document = changed(good_manifest, "\"share\": 500", text);
        assert_int_equal(ota_manifest_open(&manifest, document.bytes, document.len, NULL), OTA_OK);
        for (uint32_t i = 0; i < 2000; i++) {
            ota_target_t target = device();
            ota_release_image_t image;
            const uint8_t id[] = {(uint8_t)(i >> 8), (uint8_t)i};
            target.cohort_count = 0;
            target.id = id;
            target.id_len = sizeof(id);
            ota_status_t status = ota_release_gate(&manifest, &target, NULL, &image, NULL);
            assert_true(status == OTA_OK || status == OTA_ERR_RELEASE_ROLLOUT);
            assert_false(in[i] && status != OTA_OK);
            in[i] = status == OTA_OK;
            assert_true(shares[s] != 0 || status != OTA_OK);
            assert_true(shares[s] != 10000 || status == OTA_OK);
        }
    }
}

static void another_salt_is_another_order(void **state)
{
    (void)state;
    uint32_t both = 0;
    for (uint32_t i = 0; i < 10000; i++) {
        const uint8_t id[] = {(uint8_t)(i >> 8), (uint8_t)i};
        both += bucket_of("lamp-7", id, 2) < 1000 && bucket_of("lamp-8", id, 2) < 1000;
    }
    assert_true(both > 60 && both < 140); /* a tenth of a tenth, give or take 4 sigma */
}

static ota_status_t no_hash(void *ctx, ota_hash_t *hash, ota_hash_kind_t kind)
{
    (void)ctx;
    (void)hash;
    (void)kind;
    return OTA_ERR_PORT;
}

static void a_port_that_cannot_hash_lets_nobody_in(void **state)
{
    (void)state;
    static const ota_crypto_t broken = {.version = OTA_CRYPTO_VERSION, .hash_start = no_hash};
    ota_target_t target = device();
    ota_manifest_t manifest;
    ota_release_image_t image;
    ota_fault_t fault;
    document_t document = whole(good_manifest);
    target.cohort_count = 0;
    assert_int_equal(ota_manifest_open(&manifest, document.bytes, document.len, NULL), OTA_OK);
    assert_int_equal(ota_release_gate(&manifest, &target, &broken, &image, &fault), OTA_ERR_PORT);
    assert_int_equal(fault.status, OTA_ERR_PORT);
    assert_int_equal(fault.found + fault.expected, 0);
    document = changed(good_manifest, "\"share\": 500", "\"share\": 10000"); /* needs no bucket */
    assert_int_equal(ota_manifest_open(&manifest, document.bytes, document.len, NULL), OTA_OK);
    assert_int_equal(ota_release_gate(&manifest, &target, &broken, &image, &fault), OTA_OK);
    document = changed(good_manifest, "\"share\": 500", "\"share\": 9999");
    assert_int_equal(ota_manifest_open(&manifest, document.bytes, document.len, NULL), OTA_OK);
    assert_int_equal(ota_release_gate(&manifest, &target, &broken, &image, &fault), OTA_ERR_PORT);
}

static void version_1_can_be_recalled(void **state)
{
    (void)state;
    ota_manifest_t manifest;
    ota_recall_t recall;
    document_t document = changed(good_manifest, "\"order\": 9, \"to\": 7", "\"order\": 1");
    assert_int_equal(ota_manifest_open(&manifest, document.bytes, document.len, NULL), OTA_OK);
    assert_true(ota_release_recalled(&manifest, 1, &recall));
    assert_int_equal(recall.to, 0);
    assert_false(ota_release_recalled(&manifest, 0, &recall));
}

/* Bytes that somebody changed after they were read: no image is found, and that is a refusal. */
static void without_an_image_no_chip_is_the_right_one(void **state)
{
    (void)state;
    ota_target_t target = device();
    ota_manifest_t manifest;
    ota_release_image_t image;
    ota_fault_t fault = {.found = 9};
    char text[2048];
    strcpy(text, good_manifest);
    assert_int_equal(ota_manifest_open(&manifest, (const uint8_t *)text, strlen(text), NULL),
                     OTA_OK);
    text[manifest.images_at] = 'x';
    assert_int_equal(ota_release_gate(&manifest, &target, NULL, &image, &fault),
                     OTA_ERR_RELEASE_CHIP);
    assert_int_equal(fault.status, OTA_ERR_RELEASE_CHIP);
    assert_int_equal(fault.found, 0);
    assert_int_equal(fault.expected, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_device_it_is_meant_for_gets_its_image),
        cmocka_unit_test(another_product_or_channel_is_refused),
        cmocka_unit_test(an_old_manifest_is_refused_whoever_signed_it),
        cmocka_unit_test(an_expired_manifest_is_refused_where_there_is_a_clock),
        cmocka_unit_test(a_version_that_runs_or_is_older_is_refused),
        cmocka_unit_test(a_recall_is_the_only_way_back),
        cmocka_unit_test(a_recalled_version_is_left_without_regard_to_the_share),
        cmocka_unit_test(what_does_not_fit_is_refused_with_its_reason),
        cmocka_unit_test(a_table_without_slots_is_named_before_its_size),
        cmocka_unit_test(of_several_images_the_one_that_came_furthest_names_the_reason),
        cmocka_unit_test(a_version_that_failed_here_is_tried_as_often_as_allowed),
        cmocka_unit_test(nobody_new_gets_a_halted_release),
        cmocka_unit_test(version_1_can_be_recalled),
        cmocka_unit_test(without_an_image_no_chip_is_the_right_one),
        cmocka_unit_test(buckets_are_those_of_the_specification),
        cmocka_unit_test(cohorts_get_it_at_once_and_others_by_their_bucket),
        cmocka_unit_test(a_hundred_thousand_devices_spread_evenly),
        cmocka_unit_test(a_larger_share_never_drops_a_device),
        cmocka_unit_test(another_salt_is_another_order),
        cmocka_unit_test(a_port_that_cannot_hash_lets_nobody_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
