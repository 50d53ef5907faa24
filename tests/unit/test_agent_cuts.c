/* SPDX-License-Identifier: Apache-2.0 */
/* agent: the connection cut at every byte, the power at every step, flash operation and byte of the
 * store. Always the same end, and at most one sector fetched twice. */
#include "support/agent_world.h"
#include "support/unit.h"

#define SECTOR OTA_FLASH_SECTOR

static void expect_end(scene_t *world, uint32_t twice)
{
    assert_true(world->seen[OTA_AGENT_CONFIRMED] > 0 ||
                scene_until(world, OTA_AGENT_CONFIRMED, 5000));
    assert_int_equal(world->board.device.running, 1);
    assert_true(scene_holds_new(world, "ota_1"));
    assert_int_equal(world->agent.memory.order, 5);
    assert_int_equal(world->seen[OTA_AGENT_ROLLED_BACK], 0);
    if (world->net.image_bytes > world->image.len + twice) {
        fail_msg("%u bytes fetched of %u", world->net.image_bytes, world->image.len);
    }
}

static scene_t *anew(void **state)
{
    (void)scene_teardown(state);
    (void)scene_setup(state);
    return *state;
}

static void the_connection_may_break_at_any_byte(void **state)
{
    scene_t *world = *state;
    uint32_t len = world->image.len;
    unsigned runs = 0;
    for (uint32_t at = 0; at <= len; at += at < SECTOR + 40 || len - at < 40 ? 1 : 37, runs++) {
        world = anew(state);
        world->net.reset_at = at;
        expect_end(world, 0);
    }
    print_message("%u places\n", runs);
}

static void and_a_reset_of_the_device_with_it(void **state)
{
    scene_t *world = *state;
    uint32_t len = world->image.len;
    for (uint32_t at = 0; at < len; at += at % SECTOR < 40 ? 1 : 331) {
        world = anew(state);
        world->net.reset_at = at;
        assert_true(scene_until(world, OTA_AGENT_RETRY, 3000));
        assert_true(scene_boot(world));
        expect_end(world, SECTOR);
    }
}

static void a_reset_may_come_after_any_step(void **state)
{
    scene_t *world = *state;
    unsigned steps = 0;
    for (; world->seen[OTA_AGENT_REPORTED] == 0; steps++) {
        assert_true(scene_step(world));
    }
    for (unsigned at = 0; at <= steps; at++) {
        world = anew(state);
        for (unsigned i = 0; i < at; i++) {
            assert_true(scene_step(world));
        }
        assert_true(scene_boot(world));
        expect_end(world, SECTOR);
        assert_true(world->seen[OTA_AGENT_REPORTED] > 0 ||
                    scene_until(world, OTA_AGENT_REPORTED, 5000));
    }
    print_message("%u steps\n", steps);
}

/* Runs with the power failing at flash operation `at`; false: it was never reached. */
static bool cut_flash(scene_t *world, uint32_t at)
{
    world->flash = world->board.nor.flash;
    world->board.nor.lenient = true; /* what a torn erase leaves may be programmed */
    flash_cut_arm(&world->cut, &world->flash, at);
    world->cutting = true;
    while (world->seen[OTA_AGENT_CONFIRMED] == 0 && scene_step(world)) {
    }
    bool cut = world->cut.cut;
    world->cutting = false;
    return cut;
}

static void the_power_may_fail_in_any_flash_operation(void **state)
{
    uint32_t at = 0;
    bool cut = true;
    for (; cut; at++) {
        scene_t *world = anew(state);
        cut = cut_flash(world, at);
        if (cut) {
            assert_true(scene_boot(world));
        }
        expect_end(world, SECTOR);
    }
    assert_true(at > 20);
    print_message("%u operations\n", at - 1);
}

static void the_power_may_fail_at_any_byte_of_the_store(void **state)
{
    unsigned runs = 0;
    for (int64_t at = 0;; at++, runs++) {
        scene_t *world = anew(state);
        world->store_torn_at = at;
        while (world->seen[OTA_AGENT_REPORTED] == 0 && scene_step(world)) {
        }
        if (!world->dead) {
            break;
        }
        world->store_torn_at = -1;
        assert_true(scene_boot(world));
        expect_end(world, SECTOR);
    }
    assert_true(runs > 500);
    print_message("%u bytes\n", runs);
}

static void a_rollback_is_remembered_whatever_fails(void **state)
{
    for (int64_t at = 0;; at += 7) {
        scene_t *world = anew(state);
        world->crashes = true;
        world->store_torn_at = at;
        while (world->last[OTA_AGENT_REFUSED].status != OTA_ERR_RELEASE_FAILED) {
            if (!scene_step(world) && world->dead) {
                break;
            }
        }
        bool torn = world->dead;
        world->store_torn_at = -1;
        assert_true(scene_boot(world));
        while (world->last[OTA_AGENT_REFUSED].status != OTA_ERR_RELEASE_FAILED) {
            assert_true(scene_step(world));
        }
        assert_int_equal(world->board.device.running, 0);
        assert_int_equal(world->agent.memory.failure[0].attempts, 1);
        if (!torn) {
            break;
        }
    }
}

static void a_key_set_survives_a_torn_one(void **state)
{
    for (int64_t at = 0; at < 1400; at += 13) {
        scene_t *world = anew(state);
        const char *next = scene_key_set(world, 1, 2, 'b');
        net_put(&world->net, "/lamp/keys/2.json", next, (uint32_t)strlen(next));
        scene_sign(world, "keys", next, 'a');
        scene_sign(world, "keys", next, 'b');
        scene_sign(world, "stable", world->manifest, 'b');
        world->store_torn_at = at;
        while (world->seen[OTA_AGENT_OFFER] == 0 && scene_step(world)) {
        }
        world->store_torn_at = -1;
        assert_true(scene_boot(world));
        assert_in_range(world->agent.keys.version, 1, 2);
        expect_end(world, SECTOR);
        assert_int_equal(world->agent.keys.version, 2);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_connection_may_break_at_any_byte),
        TEST(and_a_reset_of_the_device_with_it),
        TEST(a_reset_may_come_after_any_step),
        TEST(the_power_may_fail_in_any_flash_operation),
        TEST(the_power_may_fail_at_any_byte_of_the_store),
        TEST(a_rollback_is_remembered_whatever_fails),
        TEST(a_key_set_survives_a_torn_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
