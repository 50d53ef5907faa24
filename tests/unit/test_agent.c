/* SPDX-License-Identifier: Apache-2.0 */
/* agent: the whole way, gates, trust, trials, reports. */
#include "agent/internal.h"
#include "support/agent_world.h"
#include "support/unit.h"

static void an_update_goes_the_whole_way(void **state)
{
    scene_t *world = *state;
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, 2000));
    assert_int_equal(world->board.device.running, 1);
    assert_true(scene_holds_new(world, "ota_1"));
    assert_int_equal(world->agent.memory.order, 5);
    assert_int_equal(world->net.image_bytes, world->image.len);
    assert_true(scene_until(world, OTA_AGENT_REPORTED, 2000));
    assert_string_equal(world->net.report,
                        "{\"device\":\"0102\",\"product\":\"lamp\",\"channel\":\"stable\","
                        "\"version\":\"2.0\",\"order\":5,\"result\":\"confirmed\",\"serial\":1}");
    assert_true(scene_until(world, OTA_AGENT_REFUSED, 2000));
    assert_int_equal(world->last[OTA_AGENT_REFUSED].status, OTA_ERR_RELEASE_CURRENT);
    assert_int_equal(world->agent.memory.report.kind, 0);
}

static void a_version_that_was_rolled_back_is_reported_and_not_tried_again(void **state)
{
    scene_t *world = *state;
    world->crashes = true;
    assert_true(scene_until(world, OTA_AGENT_ROLLED_BACK, 3000));
    assert_int_equal(world->board.device.running, 0);
    assert_string_equal(world->version, "2.0");
    assert_true(scene_until(world, OTA_AGENT_REFUSED, 3000));
    assert_int_equal(world->last[OTA_AGENT_REFUSED].status, OTA_ERR_RELEASE_FAILED);
    assert_non_null(strstr(world->net.report, "\"result\":\"rolled-back\""));
    assert_non_null(strstr(world->net.report, "\"reason\":\"status -202\",\"from\":\"1.0\""));
    uint32_t bytes = world->net.image_bytes;
    assert_true(scene_boot(world)); /* and a reset does not forget it */
    assert_true(scene_until(world, OTA_AGENT_REFUSED, 3000));
    assert_int_equal(world->net.image_bytes, bytes);
    scene_publish(world, 5, "2.0", "\"attempts\":2,");
    world->crashes = false;
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, 3000)); /* unless the manifest permits */
}

static void without_contact_the_trial_ends_in_the_old_version(void **state)
{
    scene_t *world = *state;
    assert_true(scene_until(world, OTA_AGENT_TRIAL, 3000));
    world->net.offline = true;
    assert_true(scene_until(world, OTA_AGENT_ROLLED_BACK, 3000));
    assert_int_equal(world->seen[OTA_AGENT_CONFIRMED], 0);
    assert_int_equal(world->seen[OTA_AGENT_REJECTED], 1);
    assert_int_equal(world->board.device.running, 0);
}

static void a_captive_portal_is_no_contact(void **state)
{
    scene_t *world = *state;
    assert_true(scene_until(world, OTA_AGENT_TRIAL, 3000));
    world->net.portal = true;
    assert_true(scene_until(world, OTA_AGENT_REJECTED, 3000));
    assert_int_equal(world->seen[OTA_AGENT_CONFIRMED], 0);
}

static void expect_refused(scene_t *world, ota_status_t status)
{
    uint64_t operations = board_operations(&world->board);
    assert_true(scene_until(world, OTA_AGENT_REFUSED, 3000));
    assert_int_equal(world->last[OTA_AGENT_REFUSED].status, status);
    assert_int_equal(world->net.image_requests, 0);
    assert_int_equal(board_operations(&world->board), operations); /* not a byte of flash */
}

static void gates_refuse_before_a_byte_is_asked_for_or_erased(void **state)
{
    scene_t *world = *state;
    world->who.product = "lamp";
    world->who.channel = "stable";
    scene_publish(world, 5, "1.0", ""); /* its version runs, though its order is not known */
    expect_refused(world, OTA_ERR_RELEASE_CURRENT);
    scene_publish(world, 5, "2.0", "\"expires\":2000,");
    world->now = 3000;
    expect_refused(world, OTA_ERR_RELEASE_EXPIRED);
    scene_publish(world, 5, "2.0", "\"rollout\":{\"share\":0,\"salt\":\"s\"},");
    expect_refused(world, OTA_ERR_RELEASE_ROLLOUT);
    scene_publish(world, 5, "2.0", "\"rollout\":{\"share\":10000,\"salt\":\"s\",\"halted\":true},");
    expect_refused(world, OTA_ERR_RELEASE_HALTED);
    scene_publish(world, 5, "2.0", "\"recalls\":[{\"order\":5}],");
    expect_refused(world, OTA_ERR_RELEASE_RECALLED);
    world->serial = 1;
    scene_publish(world, 6, "2.1", ""); /* an older manifest, replayed */
    expect_refused(world, OTA_ERR_RELEASE_SERIAL);
    world->serial = 20;
    world->board.device.chip = ota_chip_by_name("esp32s3");
    scene_publish(world, 6, "2.1", "");
    expect_refused(world, OTA_ERR_RELEASE_CHIP);
    assert_int_equal(world->agent.memory.serial, 21);
}

static void the_serial_survives_a_reset(void **state)
{
    scene_t *world = *state;
    world->serial = 9;
    scene_publish(world, 5, "1.0", "");
    assert_true(scene_until(world, OTA_AGENT_REFUSED, 3000));
    world->serial = 3;
    scene_publish(world, 6, "3.0", "");
    assert_true(scene_boot(world));
    assert_true(scene_until(world, OTA_AGENT_REFUSED, 3000));
    assert_int_equal(world->last[OTA_AGENT_REFUSED].status, OTA_ERR_RELEASE_SERIAL);
}

static void what_nobody_signed_is_not_read(void **state)
{
    scene_t *world = *state;
    world->manifest[strlen(world->manifest) - 2] = ' ';
    assert_true(scene_until(world, OTA_AGENT_GAVE_UP, 3000));
    assert_int_equal(world->last[OTA_AGENT_GAVE_UP].status, OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(world->net.image_requests, 0);
    assert_int_equal(world->agent.memory.serial, 0);
}

static void the_next_key_set_is_taken_over_and_kept(void **state)
{
    scene_t *world = *state;
    const char *next = scene_key_set(world, 1, 2, 'b');
    net_put(&world->net, "/lamp/keys/2.json", next, (uint32_t)strlen(next));
    scene_sign(world, "keys", next, 'a');
    scene_sign(world, "keys", next, 'b');
    scene_publish(world, 5, "1.0", "");
    assert_true(scene_until(world, OTA_AGENT_KEYS, 3000));
    assert_int_equal(world->agent.keys.version, 2);
    assert_true(scene_until(world, OTA_AGENT_GAVE_UP, 3000)); /* the old key counts no more */
    scene_sign(world, "stable", world->manifest, 'b');
    assert_true(scene_boot(world));
    assert_int_equal(world->agent.keys.version, 2);
    expect_refused(world, OTA_ERR_RELEASE_CURRENT);
}

static void a_key_set_that_the_old_one_has_not_signed_is_passed_over(void **state)
{
    scene_t *world = *state;
    const char *next = scene_key_set(world, 1, 2, 'b');
    net_put(&world->net, "/lamp/keys/2.json", next, (uint32_t)strlen(next));
    scene_sign(world, "keys", next, 'b');
    expect_refused(world, OTA_ERR_KEYS_THRESHOLD);
    assert_int_equal(world->agent.keys.version, 1);
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, 3000)); /* what the old one vouches for */
}

static void a_static_host_takes_no_reports_and_that_is_fine(void **state)
{
    scene_t *world = *state;
    world->net.report_code = 405;
    assert_true(scene_until(world, OTA_AGENT_REPORTED, 3000));
    assert_int_equal(world->last[OTA_AGENT_REPORTED].status, OTA_ERR_HTTP_STATUS);
    assert_int_equal(world->agent.memory.report.kind, 0);
}

static void a_report_waits_for_a_server_that_is_out_of_order(void **state)
{
    scene_t *world = *state;
    world->net.report_code = 503;
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, 3000));
    assert_true(scene_until(world, OTA_AGENT_GAVE_UP, 3000));
    assert_true(scene_boot(world));
    assert_int_not_equal(world->agent.memory.report.kind, 0);
    world->net.report_code = 204;
    assert_true(scene_until(world, OTA_AGENT_REPORTED, 3000));
    assert_int_equal(world->last[OTA_AGENT_REPORTED].status, OTA_OK);
}

static void a_report_that_nobody_takes_keeps_no_update_back(void **state)
{
    scene_t *world = *state;
    world->net.report_code = 503;
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, 3000));
    assert_true(scene_until(world, OTA_AGENT_GAVE_UP, 3000));
    assert_int_not_equal(world->agent.memory.report.kind, 0);
    scene_publish(world, 6, "3.0", "");
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, 3000));
    assert_int_equal(world->last[OTA_AGENT_CONFIRMED].order, 6);
}

static void a_trial_does_not_wait_for_a_report_to_be_taken(void **state)
{
    scene_t *world = *state;
    world->net.report_code = 503;
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, 3000));
    scene_publish(world, 6, "3.0", "");
    world->config.retry_ms = 60000; /* a report's tries would take longer than the trial may */
    world->config.retry_max_ms = 300000;
    assert_true(scene_boot(world));
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, 3000));
    assert_int_equal(world->last[OTA_AGENT_CONFIRMED].order, 6);
    assert_int_equal(world->seen[OTA_AGENT_ROLLED_BACK], 0);
}

static void without_a_memory_nothing_is_installed(void **state)
{
    scene_t *world = *state;
    world->store_fails = true;
    assert_true(scene_until(world, OTA_AGENT_REFUSED, 3000));
    assert_int_equal(world->last[OTA_AGENT_REFUSED].status, OTA_ERR_PORT);
    assert_true(world->seen[OTA_AGENT_STORE] > 0);
    assert_int_equal(world->net.image_requests, 0);
}

static unsigned read_well; /* readings of otadata to come that do not fail, */
static unsigned unread;    /* and behind them those that do */

static ota_status_t read_badly(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    bool otadata = addr >= 0xd000 && addr < 0xf000;
    if (otadata && read_well > 0) {
        read_well--;
    } else if (otadata && unread > 0) {
        unread--;
        return OTA_ERR_PORT;
    }
    memcpy(dst, nor->bytes + addr, len);
    return OTA_OK;
}

static bool on_trial(const scene_t *world)
{
    return ota_device_on_trial(&world->board.device);
}

static void a_trial_that_cannot_be_read_at_the_start_is_none_the_less(void **state)
{
    scene_t *world = *state;
    assert_true(scene_until(world, OTA_AGENT_TRIAL, 3000));
    world->flash.read = read_badly;
    unread = UINT32_MAX;
    assert_int_equal(ota_agent_start(&world->agent, &world->config), OTA_OK);
    assert_int_equal(world->seen[OTA_AGENT_CONFIRMED], 0);
    unsigned requests = world->net.requests;
    assert_true(scene_until(world, OTA_AGENT_RETRY, 1)); /* it says so, and asks for nothing */
    assert_int_equal(world->last[OTA_AGENT_RETRY].status, OTA_ERR_PORT);
    unread = 0;
    assert_true(scene_until(world, OTA_AGENT_TRIAL, 3));
    assert_int_equal(world->net.requests, requests);
    assert_true(on_trial(world));
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, 3000));
    assert_false(on_trial(world));
}

static void a_trial_that_cannot_be_read_is_not_over(void **state)
{
    scene_t *world = *state;
    assert_true(scene_until(world, OTA_AGENT_TRIAL, 3000));
    world->flash.read = read_badly;
    unread = UINT32_MAX;
    for (unsigned i = 0; i < 3; i++) {
        assert_true(scene_step(world));
        assert_int_equal(world->seen[OTA_AGENT_CONFIRMED], 0);
    }
    unread = 0;
    assert_true(on_trial(world));
    assert_true(scene_until(world, OTA_AGENT_CONFIRMED, 3000));
    assert_false(on_trial(world));
}

/* Given up or never chosen: the record tells, and whichever reading of it fails, it is asked. */
static void a_version_given_up_is_counted_whatever_reading_fails(void **state)
{
    scene_t *world = *state;
    unsigned first = 0;
    bool failed = false;
    assert_true(scene_until(world, OTA_AGENT_TRIAL, 3000));
    world->net.offline = true;
    assert_true(scene_until(world, OTA_AGENT_ROLLED_BACK, 3000));
    world->flash.read = read_badly;
    do {
        memset(world->agent.memory.failure, 0, sizeof(world->agent.memory.failure));
        world->agent.memory.install.phase = 1; /* as where the power failed behind the choice */
        assert_int_equal(ota_agent_remember(&world->agent), OTA_OK);
        unsigned before = world->seen[OTA_AGENT_ROLLED_BACK];
        read_well = first++;
        unread = UINT32_MAX;
        assert_int_equal(ota_agent_start(&world->agent, &world->config), OTA_OK);
        failed = unread != UINT32_MAX;
        unread = 0;
        for (unsigned i = 0; i < 2 && !world->agent.judged; i++) {
            assert_true(scene_step(world));
        }
        assert_int_equal(world->seen[OTA_AGENT_ROLLED_BACK], before + 1);
        assert_int_equal(world->agent.memory.failure[0].attempts, 1);
    } while (failed);
    assert_true(first > 2);
    read_well = 0;
}

static void wrong_ports_are_refused(void **state)
{
    scene_t *world = *state;
    ota_agent_t *agent = &world->agent;
    ota_agent_config_t config = world->config;
    world->http.version = 2;
    assert_int_equal(ota_agent_start(agent, &config), OTA_ERR_ARG);
    world->http.version = 1;
    config.workspace_size = 100;
    assert_int_equal(ota_agent_start(agent, &config), OTA_ERR_ARG);
    config.workspace_size = sizeof(world->workspace);
    world->who.product = "other";
    assert_int_equal(ota_agent_start(agent, &config), OTA_ERR_KEYS_PRODUCT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_update_goes_the_whole_way),
        TEST(a_version_that_was_rolled_back_is_reported_and_not_tried_again),
        TEST(without_contact_the_trial_ends_in_the_old_version),
        TEST(a_captive_portal_is_no_contact),
        TEST(gates_refuse_before_a_byte_is_asked_for_or_erased),
        TEST(the_serial_survives_a_reset),
        TEST(what_nobody_signed_is_not_read),
        TEST(the_next_key_set_is_taken_over_and_kept),
        TEST(a_key_set_that_the_old_one_has_not_signed_is_passed_over),
        TEST(a_static_host_takes_no_reports_and_that_is_fine),
        TEST(a_report_waits_for_a_server_that_is_out_of_order),
        TEST(a_report_that_nobody_takes_keeps_no_update_back),
        TEST(a_trial_does_not_wait_for_a_report_to_be_taken),
        TEST(without_a_memory_nothing_is_installed),
        TEST(a_trial_that_cannot_be_read_at_the_start_is_none_the_less),
        TEST(a_trial_that_cannot_be_read_is_not_over),
        TEST(a_version_given_up_is_counted_whatever_reading_fails),
        TEST(wrong_ports_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
