/* SPDX-License-Identifier: Apache-2.0 */
/* agent: what went wrong for people who update in the field (docs/complaints.md has the numbers).
 */
#include "support/agent_world.h"
#include "support/unit.h"

#include <stdio.h>

#define STEPS 60000u

static uint64_t erases(const scene_t *world)
{
    return world->board.nor.erases[0] + world->board.nor.erases[1] + world->board.nor.erases[2];
}

static scene_t *anew(void **state)
{
    (void)scene_teardown(state);
    (void)scene_setup(state);
    return *state;
}

/* Refused by the gate: no image asked for, nothing erased. */
static void expect_refused(scene_t *world, ota_status_t status)
{
    uint64_t before = erases(world);
    unsigned requests = world->net.image_requests;
    assert_true(scene_until(world, OTA_AGENT_REFUSED, STEPS));
    assert_int_equal(world->last[OTA_AGENT_REFUSED].status, status);
    assert_int_equal(world->net.image_requests, requests);
    assert_int_equal(erases(world), before);
}

/* --- network, size, memory, time --------------------------------------------------------------
 */

static void users_47_awake_for_moments_it_gets_there(void **state)
{
    scene_t *world = *state;
    unsigned sessions = 0;
    while (world->seen[OTA_AGENT_INSTALLED] == 0) {
        uint32_t start = world->net.image_bytes; /* asleep again after 5,000 bytes */
        while (world->net.image_bytes < start + 5000 && world->seen[OTA_AGENT_INSTALLED] == 0) {
            assert_true(scene_step(world));
        }
        assert_true(++sessions < 20);
        if (world->seen[OTA_AGENT_INSTALLED] == 0) {
            assert_true(scene_boot(world));
        }
    }
    assert_true(sessions > 3);
    assert_true(scene_holds_new(world, "ota_1"));
    assert_true(world->net.image_bytes <= world->image.len + sessions * OTA_FLASH_SECTOR);
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, STEPS));
}

static void users_52_a_result_is_not_lost_with_the_restart(void **state)
{
    scene_t *world = *state;
    world->net.report_code = 503;
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, STEPS));
    for (unsigned i = 0; i < 5; i++) {
        assert_true(scene_boot(world));
        assert_int_equal(world->seen[OTA_AGENT_REPORTED], 0);
    }
    world->net.report_code = 204;
    assert_true(scene_until(world, OTA_AGENT_REPORTED, STEPS));
    assert_int_equal(world->last[OTA_AGENT_REPORTED].status, OTA_OK);
    assert_non_null(strstr(world->net.report, "\"version\":\"2.0\",\"order\":5,\"result\":"
                                              "\"confirmed\""));
}

/* Whatever workspace the product can spare: an update or a refusal, and never a byte beyond. */
static void users_54_too_little_memory_is_a_refusal(void **state)
{
    scene_t *world = NULL;
    unsigned updates = 0;
    unsigned refusals = 0;
    char extra[1700]; /* a member that is not known is skipped, but fetched */
    int n = snprintf(extra, sizeof(extra), "\"x\":\"");
    memset(extra + n, 'n', 1600);
    (void)snprintf(extra + n + 1600, sizeof(extra) - (size_t)n - 1600, "\",");
    for (uint32_t size = 2048; size <= 4096; size += 16) {
        world = anew(state);
        world->config.workspace_size = size;
        memset(world->workspace + size, 0xA5, sizeof(world->workspace) - size);
        scene_publish(world, 5, "2.0", extra);
        assert_int_equal(ota_agent_start(&world->agent, &world->config), OTA_OK);
        for (unsigned i = 0; i < STEPS && world->seen[OTA_AGENT_CONFIRMED] == 0 &&
                             world->seen[OTA_AGENT_GAVE_UP] == 0;
             i++) {
            assert_true(scene_step(world));
        }
        if (world->seen[OTA_AGENT_CONFIRMED] > 0) {
            updates++;
        } else {
            refusals++;
            assert_int_equal(updates, 0); /* more is never worse */
            ota_status_t status = world->last[OTA_AGENT_GAVE_UP].status;
            assert_true(status == OTA_ERR_DOCUMENT_SIZE || status == OTA_ERR_NO_ROOM);
            assert_int_equal(world->net.image_requests, 0);
        }
        for (uint32_t i = size; i < sizeof(world->workspace); i++) {
            assert_int_equal(world->workspace[i], 0xA5);
        }
    }
    assert_true(updates > 0 && refusals > 0);
}

/* A whole slot erased at once takes seconds, and the watchdog bites. Here a step erases a sector of
 * the slot, the first and the last one also a sector of otadata. */
static void users_55_no_step_erases_more_than_two_sectors(void **state)
{
    scene_t *world = *state;
    unsigned twice = 0;
    while (world->seen[OTA_AGENT_INSTALLED] == 0) {
        uint64_t before = erases(world);
        assert_true(scene_step(world));
        assert_true(erases(world) <= before + 2);
        twice += erases(world) == before + 2;
    }
    assert_true(twice <= 2);
    assert_true(erases(world) >= world->image.len / OTA_FLASH_SECTOR);
    assert_int_equal(world->board.nor.erases[1] + world->board.nor.erases[2], 0);
}

static void users_58_each_cause_has_a_status_of_its_own(void **state)
{
    scene_t *world = NULL;
    static const struct {
        net_mode_t mode;
        ota_status_t status;
    } cases[] = {{NET_PAGE, OTA_ERR_HTTP_TYPE},
                 {NET_LONGER, OTA_ERR_HTTP_LENGTH},
                 {NET_LOOP, OTA_ERR_HTTP_REDIRECTS},
                 {NET_SILENT, OTA_ERR_HTTP_STALLED},
                 {NET_ALWAYS_206, OTA_ERR_HTTP_RANGE}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        world = anew(state);
        world->net.mode = cases[i].mode;
        assert_true(scene_until(world, OTA_AGENT_GAVE_UP, 200000));
        assert_int_equal(world->last[OTA_AGENT_GAVE_UP].status, cases[i].status);
    }
}

/* --- certificates and clocks -------------------------------------------------------------------
 */

static void users_63_a_clock_that_was_never_set_strands_nobody(void **state)
{
    static const uint32_t clocks[] = {0, 1, 999}; /* before the manifest was made */
    scene_t *world = NULL;
    for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        world = anew(state);
        world->now = clocks[i];
        scene_publish(world, 5, "2.0", "\"expires\":2000,");
        assert_true(scene_until(world, OTA_AGENT_CONFIRMED, STEPS));
    }
    world = anew(state);
    world->now = 2001; /* who knows the time is protected from a host that is frozen */
    scene_publish(world, 5, "2.0", "\"expires\":2000,");
    expect_refused(world, OTA_ERR_RELEASE_EXPIRED);
}

/* --- what is signed, and what boots ------------------------------------------------------------
 */

static void publish_bytes(scene_t *world, void (*spoil)(uint8_t *bytes, uint32_t len))
{
    spoil(world->image.bytes, world->image.len);
    scene_publish(world, 5, "2.0", ""); /* with its true SHA-256: the publisher's own mistake */
}

static void one_bit(uint8_t *bytes, uint32_t len)
{
    bytes[len / 2] ^= 0x10;
}

static void users_65_success_is_not_told_of_what_the_bootloader_would_drop(void **state)
{
    scene_t *world = *state;
    publish_bytes(world, one_bit);
    assert_true(scene_until(world, OTA_AGENT_GAVE_UP, STEPS));
    assert_int_equal(world->last[OTA_AGENT_GAVE_UP].status, OTA_ERR_IMAGE_CHECKSUM);
    assert_int_equal(world->seen[OTA_AGENT_INSTALLED], 0);
    assert_int_equal(ota_device_chosen(&world->board.device), 0);
    assert_true(scene_boot(world));
    assert_int_equal(world->board.device.running, 0);
}

static void ciphertext(uint8_t *bytes, uint32_t len)
{
    uint32_t x = 2463534242u;
    for (uint32_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        bytes[i] = (uint8_t)x;
    }
    bytes[0] = 0x5A; /* never E9 */
}

static void users_70_ciphertext_is_refused_before_an_erase(void **state)
{
    scene_t *world = *state;
    uint64_t before = erases(world);
    publish_bytes(world, ciphertext);
    assert_true(scene_until(world, OTA_AGENT_GAVE_UP, STEPS));
    assert_int_equal(world->last[OTA_AGENT_GAVE_UP].status, OTA_ERR_IMAGE_MAGIC);
    assert_int_equal(erases(world), before);
}

static void users_72_an_older_version_is_refused_also_by_who_has_updated(void **state)
{
    scene_t *world = *state;
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, STEPS));
    scene_publish(world, 4, "1.9", "");
    assert_true(scene_until(world, OTA_AGENT_REFUSED, STEPS)); /* the check that was under way */
    while (world->last[OTA_AGENT_REFUSED].status == OTA_ERR_RELEASE_CURRENT) {
        assert_true(scene_until(world, OTA_AGENT_REFUSED, STEPS));
    }
    assert_int_equal(world->last[OTA_AGENT_REFUSED].status, OTA_ERR_RELEASE_OLDER);
    assert_int_equal(world->board.device.running, 1);
}

static void users_86_a_recall_leads_back_where_nothing_else_does(void **state)
{
    scene_t *world = *state;
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, STEPS));
    scene_publish(world, 4, "1.9", "\"recalls\":[{\"order\":5,\"to\":4}],");
    unsigned before = world->seen[OTA_AGENT_CONFIRMED];
    while (world->seen[OTA_AGENT_CONFIRMED] == before) {
        assert_true(scene_step(world));
        assert_true(world->seen[OTA_AGENT_REFUSED] < 10);
    }
    assert_int_equal(world->agent.memory.order, 4);
    assert_int_not_equal(world->board.device.running, 1);
}

static void users_88_no_reset_and_no_update_switches_the_check_off(void **state)
{
    scene_t *world = *state;
    for (unsigned i = 0; i < 3; i++) {
        world->manifest[strlen(world->manifest) - 2] = i % 2 == 0 ? ' ' : '\t';
        assert_true(scene_boot(world));
        assert_true(scene_until(world, OTA_AGENT_GAVE_UP, STEPS));
        assert_int_equal(world->last[OTA_AGENT_GAVE_UP].status, OTA_ERR_KEYS_THRESHOLD);
        assert_int_equal(world->net.image_requests, 0);
    }
    scene_publish(world, 5, "2.0", "");
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, STEPS));
    scene_publish(world, 6, "3.0", "");
    world->manifest[strlen(world->manifest) - 2] = ' ';
    unsigned requests = world->net.image_requests;
    assert_true(scene_until(world, OTA_AGENT_GAVE_UP, STEPS));
    assert_int_equal(world->last[OTA_AGENT_GAVE_UP].status, OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(world->net.image_requests, requests);
}

/* --- fleets ------------------------------------------------------------------------------------
 */

static void users_85_a_device_does_not_flip_from_poll_to_poll(void **state)
{
    scene_t *world = NULL;
    unsigned reached = 0;
    for (unsigned salt = 0; salt < 16; salt++) {
        char extra[64];
        (void)snprintf(extra, sizeof(extra), "\"rollout\":{\"share\":5000,\"salt\":\"s%u\"},",
                       salt);
        world = anew(state);
        scene_publish(world, 5, "2.0", extra);
        for (unsigned looks = 0; looks < 20 && world->seen[OTA_AGENT_OFFER] == 0; looks++) {
            while (world->seen[OTA_AGENT_REFUSED] == looks && world->seen[OTA_AGENT_OFFER] == 0) {
                assert_true(scene_step(world));
            }
            assert_true(looks % 5 != 4 || scene_boot(world));
        }
        /* At the first look, or not in twenty with resets between. */
        assert_true(world->seen[OTA_AGENT_REFUSED] == 0 || world->seen[OTA_AGENT_OFFER] == 0);
        reached += world->seen[OTA_AGENT_OFFER] > 0;
    }
    assert_true(reached > 2 && reached < 14);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(users_47_awake_for_moments_it_gets_there),
        TEST(users_52_a_result_is_not_lost_with_the_restart),
        TEST(users_54_too_little_memory_is_a_refusal),
        TEST(users_55_no_step_erases_more_than_two_sectors),
        TEST(users_58_each_cause_has_a_status_of_its_own),
        TEST(users_63_a_clock_that_was_never_set_strands_nobody),
        TEST(users_65_success_is_not_told_of_what_the_bootloader_would_drop),
        TEST(users_70_ciphertext_is_refused_before_an_erase),
        TEST(users_72_an_older_version_is_refused_also_by_who_has_updated),
        TEST(users_85_a_device_does_not_flip_from_poll_to_poll),
        TEST(users_86_a_recall_leads_back_where_nothing_else_does),
        TEST(users_88_no_reset_and_no_update_switches_the_check_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
