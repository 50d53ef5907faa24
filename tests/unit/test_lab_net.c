/* SPDX-License-Identifier: Apache-2.0 */
/* The network torture: what it counts, that its sessions end as they must, and that it can fail. */
#include "lab/net/net.h"
#include "support/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROOM  4096
#define WORDS 24u

typedef struct {
    char folder[64];
    char flash[128];
    char directory[128];
    net_stage_t stage;
} scene_t;

/* --- the stage: made by the command itself --------------------------------------------------- */

/* A program, with words between blanks, in the scene's folder. */
static int run(const scene_t *scene, const char *program, const char *line)
{
    char words[ROOM];
    char *argv[WORDS] = {NULL};
    char *rest = NULL;
    int status = -1;
    size_t count = 0;
    (void)snprintf(words, sizeof(words), "%s %s", program, line);
    for (char *word = strtok_r(words, " ", &rest); word != NULL && count < WORDS - 1;
         word = strtok_r(NULL, " ", &rest)) {
        argv[count++] = word;
    }
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (chdir(scene->folder) == 0 && dup2(null, 1) == 1) {
            (void)execvp(argv[0], argv);
        }
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void otary(const scene_t *scene, const char *line)
{
    assert_int_equal(run(scene, OTARY_COMMAND, line), 0);
}

static void put_text(const scene_t *scene, const char *name, const char *text)
{
    char path[ROOM];
    (void)snprintf(path, sizeof(path), "%s/%s", scene->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    scene_t *scene = calloc(1, sizeof(*scene));
    assert_non_null(scene);
    (void)snprintf(scene->folder, sizeof(scene->folder), "/tmp/otary-test.XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    put_text(scene, "table.csv",
             "nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\n"
             "app0,app,ota_0,0x10000,0x10000\napp1,app,ota_1,0x20000,0x10000\n");
    otary(scene, "keys new key.pem");
    otary(scene, "image new 1.bin --size 12K --version 1 --seed 1 --flash-size 1M");
    otary(scene, "image new 2.bin --size 12K --version 2 --seed 2 --flash-size 1M");
    otary(scene, "publish --key key.pem --product lamp --version 2 2.bin --output public");
    otary(scene, "device new device.bin --table table.csv --app ota_0=1.bin "
                 "--keys public/lamp/keys/1.json --id lamp --flash-size 1M");
    (void)snprintf(scene->flash, sizeof(scene->flash), "%s/device.bin", scene->folder);
    (void)snprintf(scene->directory, sizeof(scene->directory), "%s/public", scene->folder);
    assert_int_equal(
        stage_open(&scene->stage, scene->flash, scene->directory, (uint32_t)time(NULL)), OTA_OK);
    *state = scene;
    return 0;
}

static int teardown(void **state)
{
    scene_t *scene = *state;
    char line[ROOM];
    stage_close(&scene->stage);
    (void)snprintf(line, sizeof(line), "-r %s", scene->folder);
    int gone = run(scene, "rm", line);
    free(scene);
    return gone;
}

static void live(const scene_t *scene, const char *name, net_outcome_t *outcome)
{
    net_plan_t plan;
    assert_true(net_plan_parse(name, 1, &plan));
    assert_int_equal(net_session(&scene->stage, &plan, outcome), OTA_OK);
}

/* --- sessions -------------------------------------------------------------------------------- */

static void a_quiet_session_sends_every_byte_once(void **state)
{
    const scene_t *scene = *state;
    uint64_t places = net_places(&scene->stage);
    assert_true(places > scene->stage.image->len);
    net_outcome_t outcome;
    char never[32];
    (void)snprintf(never, sizeof(never), "reset@%llu", (unsigned long long)places + 1000u);
    live(scene, never, &outcome);
    assert_int_equal(outcome.end, NET_UPDATED);
    assert_int_equal(outcome.image_bytes, scene->stage.image->len);
    assert_int_equal(outcome.broken, 0);
    assert_int_equal(outcome.places, places);
    assert_true(outcome.reports > 0);
}

/* `make net` takes every place. */
static void a_session_may_be_cut_anywhere(void **state)
{
    const scene_t *scene = *state;
    net_wish_t wish = {.part = NET_BYTES, .stride = 61, .jobs = 2};
    net_sum_t sum;
    wish.count = net_count(&wish, net_places(&scene->stage));
    assert_true(wish.count > 600);
    assert_int_equal(net_run(&scene->stage, &wish, &sum), OTA_OK);
    assert_int_equal(sum.sessions, wish.count);
    assert_int_equal(sum.ends[NET_UPDATED], wish.count);
    assert_true(sum.broken >= wish.count - LINK_CUTS);
}

static void the_places_around_a_request_and_a_sector_too(void **state)
{
    const scene_t *scene = *state;
    net_outcome_t outcome;
    char name[NET_NAME];
    for (unsigned place = 0; place < 40; place++) {
        for (unsigned cut = 0; cut < LINK_CUTS; cut++) {
            (void)snprintf(name, sizeof(name), "%s@%u", link_cut_name((link_cut_t)cut), place);
            live(scene, name, &outcome);
            assert_int_equal(outcome.end, NET_UPDATED);
            assert_int_equal(outcome.broken, 1);
        }
    }
}

static void a_misbehaving_server_harms_nobody(void **state)
{
    const scene_t *scene = *state;
    net_wish_t wish = {.part = NET_CASES, .jobs = 2};
    net_sum_t sum;
    wish.count = net_count(&wish, 0);
    assert_int_equal(net_run(&scene->stage, &wish, &sum), OTA_OK);
    assert_int_equal(sum.sessions, net_case_count);
    for (uint32_t i = 0; i < sum.kept; i++) {
        print_error("%s: %s\n", sum.example[i].name, sum.example[i].what);
    }
    assert_int_equal(sum.ends[NET_BROKEN], 0);
    assert_true(sum.ends[NET_REFUSED] > 5); /* those that never mend their ways */
}

static void a_refusal_has_its_reason(void **state)
{
    static const struct {
        const char *name;
        ota_status_t why;
    } refusals[] = {{"portal-for-ever", OTA_ERR_HTTP_TYPE},
                    {"404-for-ever", OTA_ERR_HTTP_ABSENT},
                    {"offline-for-ever", OTA_ERR_HTTP_CONNECT},
                    {"loop-for-ever", OTA_ERR_HTTP_REDIRECTS}};
    const scene_t *scene = *state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        net_outcome_t outcome;
        live(scene, refusals[i].name, &outcome);
        assert_int_equal(outcome.end, NET_REFUSED);
        if (outcome.status != refusals[i].why) {
            fail_msg("%s: %s", refusals[i].name, ota_status_name(outcome.status));
        }
    }
}

static void a_fleet_converges_in_any_weather(void **state)
{
    const scene_t *scene = *state;
    net_wish_t wish = {.part = NET_FLEET, .count = 60, .seed = 3, .jobs = 2};
    net_sum_t sum;
    assert_int_equal(net_run(&scene->stage, &wish, &sum), OTA_OK);
    assert_int_equal(sum.ends[NET_UPDATED], 60);
    assert_true(sum.power_cuts > 5);
    assert_true(sum.broken > 5);
    assert_true(sum.dead > 5);
    assert_true(sum.reports >= 60);
}

static void the_same_seed_is_the_same_weather(void **state)
{
    const scene_t *scene = *state;
    net_outcome_t first;
    net_outcome_t again;
    live(scene, "device@7", &first);
    live(scene, "device@7", &again);
    assert_memory_equal(&first, &again, sizeof(first));
}

/* --- a torture that cannot fail proves nothing ------------------------------------------------ */

static void an_image_that_nobody_published_is_found(void **state)
{
    scene_t *scene = *state;
    net_outcome_t outcome;
    site_file_t other = *scene->stage.image;
    uint8_t *bytes = malloc(other.len);
    assert_non_null(bytes);
    memcpy(bytes, other.bytes, other.len);
    bytes[other.len / 2] ^= 1;
    const site_file_t *right = scene->stage.image;
    other.bytes = bytes;
    scene->stage.image = &other; /* what runs in the end differs from what was asked for by a bit */
    live(scene, "device@1", &outcome);
    scene->stage.image = right;
    free(bytes);
    assert_int_equal(outcome.end, NET_BROKEN);
    assert_non_null(strstr(outcome.what, "N1 (whole)"));
}

static void an_update_that_never_comes_is_found(void **state)
{
    const scene_t *scene = *state;
    net_plan_t plan;
    net_outcome_t outcome;
    assert_true(net_plan_parse("404-for-ever", 1, &plan));
    plan.must_update = true;
    assert_int_equal(net_session(&scene->stage, &plan, &outcome), OTA_OK);
    assert_int_equal(outcome.end, NET_BROKEN);
    assert_non_null(strstr(outcome.what, "N3 (converges)"));
}

static void a_device_that_never_comes_to_rest_is_found(void **state)
{
    const scene_t *scene = *state;
    net_plan_t plan;
    net_outcome_t outcome;
    assert_true(net_plan_parse("flipped", 1, &plan));
    plan.link.mode = LINK_FINE;
    plan.cuts = 100; /* the power fails in every boot, before anything is kept */
    plan.cut_ops = 1;
    assert_int_equal(net_session(&scene->stage, &plan, &outcome), OTA_OK);
    assert_int_equal(outcome.end, NET_BROKEN);
    assert_non_null(strstr(outcome.what, "N2 (ends)"));
}

static void names_are_parsed_strictly(void **state)
{
    static const char *const bad[] = {"",         "reset",  "reset@",           "reset@-1",
                                      "reset@1x", "tear@1", "device@4294967296"};
    net_plan_t plan;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(net_plan_parse(bad[i], 1, &plan));
    }
    assert_string_equal(net_case_words("portal"), "a captive portal for the image");
    assert_string_equal(net_case_words("no such"), "");
}

static void a_stage_without_a_release_is_refused(void **state)
{
    const scene_t *scene = *state;
    net_stage_t stage;
    char none[160];
    (void)snprintf(none, sizeof(none), "%s/none", scene->folder);
    assert_int_equal(stage_open(&stage, scene->flash, none, 1), OTA_ERR_PORT);
    (void)snprintf(none, sizeof(none), "%s/public/lamp", scene->folder);
    assert_int_equal(stage_open(&stage, scene->flash, none, 1), OTA_ERR_NO_FALLBACK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_session_sends_every_byte_once),
        cmocka_unit_test(a_session_may_be_cut_anywhere),
        cmocka_unit_test(the_places_around_a_request_and_a_sector_too),
        cmocka_unit_test(a_misbehaving_server_harms_nobody),
        cmocka_unit_test(a_refusal_has_its_reason),
        cmocka_unit_test(a_fleet_converges_in_any_weather),
        cmocka_unit_test(the_same_seed_is_the_same_weather),
        cmocka_unit_test(an_image_that_nobody_published_is_found),
        cmocka_unit_test(an_update_that_never_comes_is_found),
        cmocka_unit_test(a_device_that_never_comes_to_rest_is_found),
        cmocka_unit_test(names_are_parsed_strictly),
        cmocka_unit_test(a_stage_without_a_release_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
