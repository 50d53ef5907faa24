/* SPDX-License-Identifier: Apache-2.0 */
/* agent: a server, or what stands before it, that misbehaves. Each misbehaviour ends in the right
 * image or in a clean refusal. */
#include "support/agent_world.h"
#include "support/unit.h"

#include <stdio.h>

static void expect_update(scene_t *world)
{
    assert_true(scene_until(world, OTA_AGENT_INSTALLED, 60000));
    assert_true(scene_holds_new(world, "ota_1"));
}

/* Nothing is installed, and what ran goes on. */
static void expect_gave_up(scene_t *world, ota_status_t status)
{
    assert_true(scene_until(world, OTA_AGENT_GAVE_UP, 60000));
    assert_int_equal(world->last[OTA_AGENT_GAVE_UP].status, status);
    assert_int_equal(world->seen[OTA_AGENT_INSTALLED], 0);
    assert_int_equal(ota_device_chosen(&world->board.device), 0);
    assert_true(scene_boot(world));
    assert_int_equal(world->board.device.running, 0);
}

/* Broken off at 9000 bytes; then the server answers in this way. */
static void resume_with(scene_t *world, net_mode_t mode)
{
    world->net.reset_at = 9000;
    assert_true(scene_until(world, OTA_AGENT_RETRY, 3000));
    assert_int_equal(world->last[OTA_AGENT_RETRY].status, OTA_ERR_HTTP_LOST);
    world->net.mode = mode;
}

static void users_46_a_200_where_a_part_was_asked_for_is_not_appended(void **state)
{
    scene_t *world = *state;
    resume_with(world, NET_WHOLE);
    expect_update(world);
    assert_int_equal(world->net.image_bytes, 9000 + world->image.len);
    assert_int_equal(world->net.image_requests, 2);
}

static void another_range_than_was_asked_for_is_not_taken(void **state)
{
    scene_t *world = *state;
    resume_with(world, NET_SHIFTED);
    expect_update(world); /* by asking for the whole file */
    assert_int_equal(world->net.image_requests, 3);
}

static void a_part_that_does_not_say_which_is_not_taken(void **state)
{
    scene_t *world = *state;
    resume_with(world, NET_NO_RANGE);
    expect_update(world);
}

static void a_416_leads_to_the_whole_file(void **state)
{
    scene_t *world = *state;
    resume_with(world, NET_416);
    expect_update(world);
}

static void bytes_of_another_place_are_found_out(void **state)
{
    scene_t *world = *state;
    resume_with(world, NET_LYING);
    assert_true(scene_until(world, OTA_AGENT_RETRY, 3000)); /* the checksum or the hash tells */
    expect_update(world);
}

static void a_part_that_nobody_asked_for_is_refused(void **state)
{
    scene_t *world = *state;
    world->net.mode = NET_ALWAYS_206;
    expect_gave_up(world, OTA_ERR_HTTP_RANGE);
}

static void a_file_that_changes_midway_is_begun_anew(void **state)
{
    scene_t *world = *state;
    board_image_t other = board_image((board_want_t){.size = 20480, .seed = 5});
    world->net.swapped = other.bytes;
    world->net.swap_at = 10000;
    expect_gave_up(world, OTA_ERR_RELEASE_HASH); /* another file under this name, to the end */
    assert_true(world->net.if_range_seen);
    board_image_free(&other);
}

static void an_etag_that_changes_while_the_bytes_do_not_costs_one_more_download(void **state)
{
    scene_t *world = *state;
    world->net.swapped = world->image.bytes;
    world->net.swap_at = 10000;
    expect_update(world);
    assert_int_equal(world->net.image_bytes, 10000 + world->image.len);
}

static void weak_and_long_tags_are_not_used(void **state)
{
    scene_t *world = *state;
    char tag[200];
    memset(tag, 'x', sizeof(tag));
    tag[0] = tag[198] = '"';
    tag[199] = '\0';
    world->net.etag = tag;
    resume_with(world, NET_FINE);
    expect_update(world);
    assert_false(world->net.if_range_seen);
    assert_int_equal(world->net.image_bytes, world->image.len);
}

static void users_60_a_body_of_unknown_length_is_fine(void **state)
{
    scene_t *world = *state;
    world->net.mode = NET_CHUNKED;
    world->net.reset_at = 7777;
    expect_update(world);
    assert_int_equal(world->net.image_bytes, world->image.len);
}

static void a_wrong_length_is_refused_before_an_erase(void **state)
{
    scene_t *world = *state;
    world->net.mode = NET_LONGER;
    assert_true(scene_until(world, OTA_AGENT_RETRY, 3000));
    assert_int_equal(world->last[OTA_AGENT_RETRY].status, OTA_ERR_HTTP_LENGTH);
    assert_int_equal(world->net.image_bytes, 0);
    expect_gave_up(world, OTA_ERR_HTTP_LENGTH);
}

static void a_body_that_does_not_end_is_refused(void **state)
{
    scene_t *world = *state;
    world->net.mode = NET_LONGER_BODY;
    expect_gave_up(world, OTA_ERR_HTTP_LENGTH);
}

static void a_body_that_ends_early_is_gone_on_with(void **state)
{
    scene_t *world = *state;
    world->net.mode = NET_SHORT_BODY;
    assert_true(scene_until(world, OTA_AGENT_RETRY, 3000));
    world->net.mode = NET_FINE;
    expect_update(world);
    assert_int_equal(world->net.image_bytes, world->image.len);
}

static void users_59_redirects_to_another_host_with_540_characters(void **state)
{
    scene_t *world = *state;
    world->net.mode = NET_FAR;
    world->net.far = 540;
    world->net.reset_at = 5000;
    expect_update(world);
    assert_int_equal(strlen(world->net.last_url), 540);
    assert_int_equal(world->net.image_bytes, world->image.len);
}

static void addresses_have_a_limit(void **state)
{
    scene_t *world = *state;
    world->net.mode = NET_FAR;
    world->net.far = OTA_AGENT_URL - 1;
    expect_update(world);
    world->net.far = OTA_AGENT_URL;
    scene_publish(world, 6, "3.0", "");
    assert_true(scene_until(world, OTA_AGENT_GAVE_UP, 60000));
    assert_int_equal(world->last[OTA_AGENT_GAVE_UP].status, OTA_ERR_HTTP_URL);
}

static void redirects_in_a_circle_end(void **state)
{
    scene_t *world = *state;
    world->net.mode = NET_LOOP;
    expect_gave_up(world, OTA_ERR_HTTP_REDIRECTS);
    assert_true(world->net.image_requests <= 6 * (1 + OTA_AGENT_REDIRECTS));
}

static void pages_and_texts_are_no_images(void **state)
{
    scene_t *world = *state;
    static const struct {
        net_mode_t mode;
        ota_status_t status;
    } cases[] = {{NET_PAGE, OTA_ERR_HTTP_TYPE},
                 {NET_TEXT, OTA_ERR_HTTP_TYPE},
                 {NET_GZIP, OTA_ERR_HTTP_TYPE},
                 {NET_PAGE_TYPED_BINARY, OTA_ERR_IMAGE_MAGIC}};
    uint64_t erases = world->board.nor.erases[0] + world->board.nor.erases[1];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        world->net.mode = cases[i].mode;
        expect_gave_up(world, cases[i].status);
        assert_int_equal(world->board.nor.erases[0] + world->board.nor.erases[1], erases);
    }
}

static void a_captive_portal_costs_nothing(void **state)
{
    scene_t *world = *state;
    world->net.portal = true;
    expect_gave_up(world, OTA_ERR_HTTP_TYPE);
    assert_int_equal(world->net.image_requests, 0);
    world->net.portal = false;
    expect_update(world);
}

static void statuses_have_their_meaning(void **state)
{
    scene_t *world = *state;
    static const struct {
        uint16_t code;
        ota_status_t status;
    } cases[] = {{404, OTA_ERR_HTTP_ABSENT}, {410, OTA_ERR_HTTP_ABSENT}, {401, OTA_ERR_HTTP_DENIED},
                 {403, OTA_ERR_HTTP_DENIED}, {429, OTA_ERR_HTTP_BUSY},   {500, OTA_ERR_HTTP_BUSY},
                 {503, OTA_ERR_HTTP_BUSY},   {418, OTA_ERR_HTTP_STATUS}, {304, OTA_ERR_HTTP_STATUS},
                 {204, OTA_ERR_HTTP_STATUS}, {600, OTA_ERR_HTTP_STATUS}, {302, OTA_ERR_HTTP_URL}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        world->net.mode = NET_CODE;
        world->net.code_sent = cases[i].code;
        expect_gave_up(world, cases[i].status);
    }
}

/* The wait after one busy answer for the image, in milliseconds. */
static uint32_t wait_after(scene_t *world, uint16_t code, const char *retry_after)
{
    world->net.mode = NET_CODE;
    world->net.code_sent = code;
    world->net.retry_after = retry_after;
    world->agent.wake = world->ms;
    assert_true(scene_until(world, OTA_AGENT_RETRY, 10000));
    return world->last[OTA_AGENT_RETRY].wait_ms;
}

static void a_busy_server_is_not_asked_earlier_than_it_says(void **state)
{
    scene_t *world = *state;
    uint32_t wait = wait_after(world, 503, "90");
    assert_in_range(wait, 90000, 101250);
    wait = wait_after(world, 429, "600");
    assert_in_range(wait, 600000, 675000);
    world->net.mode = NET_FINE; /* and then the download goes on */
    expect_update(world);
}

static void nobody_can_ask_for_more_than_a_poll(void **state)
{
    scene_t *world = *state;
    uint32_t wait = wait_after(world, 503, "7200");
    assert_int_equal(wait, world->config.poll_ms);
    wait = wait_after(world, 503, "4294967295");
    assert_int_equal(wait, world->config.poll_ms);
}

static void what_retry_after_does_not_say_in_seconds_is_not_heard(void **state)
{
    scene_t *world = *state;
    static const char *const said[] = {"Fri, 31 Dec 2027 23:59:59 GMT", "-5", "9000x", "",
                                       "99999999999"};
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        world->agent.tries = 0;
        uint32_t wait = wait_after(world, 503, said[i]);
        assert_in_range(wait, 500, 1000);
    }
    world->agent.tries = 0;
    uint32_t wait = wait_after(world, 404, "600"); /* it is not busy */
    assert_in_range(wait, 500, 1000);
}

static void users_53_silence_has_an_end(void **state)
{
    scene_t *world = *state;
    world->net.stall_at = 6000;
    uint32_t begun = world->ms;
    expect_update(world);
    assert_true(world->ms - begun < 20000);
    assert_int_equal(world->net.image_bytes, world->image.len);
    world->net.mode = NET_SILENT;
    scene_publish(world, 6, "3.0", "");
    assert_true(scene_until(world, OTA_AGENT_GAVE_UP, 200000));
    assert_int_equal(world->last[OTA_AGENT_GAVE_UP].status, OTA_ERR_HTTP_STALLED);
}

static void a_byte_a_second_is_not_waited_for(void **state)
{
    scene_t *world = *state;
    world->net.mode = NET_DRIP;
    world->config.image_ms = 30000;
    assert_true(scene_boot(world));
    assert_true(scene_until(world, OTA_AGENT_GAVE_UP, 400000));
    assert_int_equal(world->last[OTA_AGENT_GAVE_UP].status, OTA_ERR_HTTP_SLOW);
    world->net.mode = NET_FINE; /* and what came is kept */
    expect_update(world);
    assert_true(world->net.image_bytes < world->image.len + OTA_FLASH_SECTOR);
}

static void delays_grow_are_spread_and_have_a_limit(void **state)
{
    scene_t *world = *state;
    uint32_t longest = 0;
    world->net.offline = true;
    for (uint32_t i = 0, ms = 1000; i < 5; i++, ms *= 2) {
        assert_true(scene_until(world, OTA_AGENT_RETRY, 3000));
        uint32_t wait = world->last[OTA_AGENT_RETRY].wait_ms;
        uint32_t most = ms < 20000 ? ms : 20000;
        assert_true(wait >= most / 2 && wait <= most);
        longest = wait > longest ? wait : longest;
    }
    assert_true(longest > 4000);
    expect_gave_up(world, OTA_ERR_HTTP_CONNECT);
    assert_true(world->seen[OTA_AGENT_RETRY] == 5);
}

static void a_document_that_is_too_long_is_not_kept(void **state)
{
    scene_t *world = *state;
    static uint8_t much[9000];
    memset(much, ' ', sizeof(much));
    net_put(&world->net, "/lamp/stable/manifest.json", much, sizeof(much));
    expect_gave_up(world, OTA_ERR_DOCUMENT_SIZE);
}

static void an_image_that_is_not_the_manifests_does_not_boot(void **state)
{
    scene_t *world = *state;
    board_image_t other = board_image((board_want_t){.size = 20480, .seed = 9});
    for (size_t i = 0; i < world->net.files; i++) {
        if (world->net.file[i].bytes == world->image.bytes) {
            world->net.file[i].bytes = other.bytes; /* whole and bootable, and not signed for */
        }
    }
    expect_gave_up(world, OTA_ERR_RELEASE_HASH);
    assert_int_equal(world->net.image_bytes, 2 * other.len);
    board_image_free(&other);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(users_46_a_200_where_a_part_was_asked_for_is_not_appended),
        TEST(another_range_than_was_asked_for_is_not_taken),
        TEST(a_part_that_does_not_say_which_is_not_taken),
        TEST(a_416_leads_to_the_whole_file),
        TEST(bytes_of_another_place_are_found_out),
        TEST(a_part_that_nobody_asked_for_is_refused),
        TEST(a_file_that_changes_midway_is_begun_anew),
        TEST(an_etag_that_changes_while_the_bytes_do_not_costs_one_more_download),
        TEST(weak_and_long_tags_are_not_used),
        TEST(users_60_a_body_of_unknown_length_is_fine),
        TEST(a_wrong_length_is_refused_before_an_erase),
        TEST(a_body_that_does_not_end_is_refused),
        TEST(a_body_that_ends_early_is_gone_on_with),
        TEST(users_59_redirects_to_another_host_with_540_characters),
        TEST(addresses_have_a_limit),
        TEST(redirects_in_a_circle_end),
        TEST(pages_and_texts_are_no_images),
        TEST(a_captive_portal_costs_nothing),
        TEST(statuses_have_their_meaning),
        TEST(a_busy_server_is_not_asked_earlier_than_it_says),
        TEST(nobody_can_ask_for_more_than_a_poll),
        TEST(what_retry_after_does_not_say_in_seconds_is_not_heard),
        TEST(users_53_silence_has_an_end),
        TEST(a_byte_a_second_is_not_waited_for),
        TEST(delays_grow_are_spread_and_have_a_limit),
        TEST(a_document_that_is_too_long_is_not_kept),
        TEST(an_image_that_is_not_the_manifests_does_not_boot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
