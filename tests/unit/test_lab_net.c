/* SPDX-License-Identifier: Apache-2.0 */
/* The network torture: what it counts, that its sessions end as they must, and that it can fail. */
#include "agent/internal.h"
#include "lab/net/net.h"
#include "support/folder.h"
#include "support/unit.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROOM  4096
#define WORDS 24u
#define SLOT0 0x10000u /* of table.csv: what runs at first, */
#define SLOT1 0x20000u /* and where the release goes */
#define SLOT  0x10000u
#define SHA   32u /* behind an image */

typedef struct {
    char flash[128];
    char directory[128];
    net_stage_t stage;
} scene_t;

/* --- the stage: made by the command itself --------------------------------------------------- */

/* The command, with words between blanks, in the folder. */
static void otary(const char *line)
{
    char words[ROOM];
    char *argv[WORDS] = {NULL};
    char *rest = NULL;
    int status = -1;
    size_t count = 0;
    (void)snprintf(words, sizeof(words), OTARY_COMMAND " %s", line);
    for (char *word = strtok_r(words, " ", &rest); word != NULL && count < WORDS - 1;
         word = strtok_r(NULL, " ", &rest)) {
        argv[count++] = word;
    }
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (chdir(folder_name()) == 0 && dup2(null, 1) == 1) {
            (void)execvp(argv[0], argv);
        }
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int setup(void **state)
{
    static const char table[] = "nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\n"
                                "app0,app,ota_0,0x10000,0x10000\napp1,app,ota_1,0x20000,0x10000\n";
    scene_t *scene = calloc(1, sizeof(*scene));
    assert_non_null(scene);
    assert_int_equal(folder_make(state), 0);
    folder_put("table.csv", table, sizeof(table) - 1u);
    otary("keys new key.pem");
    otary("image new 1.bin --size 12K --version 1 --seed 1 --flash-size 1M");
    otary("image new 2.bin --size 12K --version 2 --seed 2 --flash-size 1M");
    otary("image new other.bin --size 12K --version 3 --seed 3 --flash-size 1M");
    otary("publish --key key.pem --product lamp --version 2 2.bin --output public");
    otary("device new device.bin --table table.csv --app ota_0=1.bin "
          "--keys public/lamp/keys/1.json --id lamp --flash-size 1M");
    (void)snprintf(scene->flash, sizeof(scene->flash), "%s", folder_path("device.bin"));
    (void)snprintf(scene->directory, sizeof(scene->directory), "%s", folder_path("public"));
    assert_int_equal(
        stage_open(&scene->stage, scene->flash, scene->directory, (uint32_t)time(NULL)), OTA_OK);
    *state = scene;
    return 0;
}

static int teardown(void **state)
{
    scene_t *scene = *state;
    stage_close(&scene->stage);
    free(scene);
    return folder_remove(state);
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

/* Of each rule that keeps a promise: it is broken between the steps of a device, and noticed. */

typedef struct {
    uint8_t other[64u * 1024u]; /* an image that is whole, and that nobody published */
    size_t len;
    bool done;
} meddler_t;

static void put_other(const meddler_t *meddler, device_t *device)
{
    memcpy(device->nor.bytes + SLOT1, meddler->other, meddler->len);
}

static void swap_before_the_hash(void *user, device_t *device, const net_link_t *link)
{
    meddler_t *meddler = user;
    (void)link;
    if (device->agent.state == STATE_HASH && !meddler->done) {
        meddler->done = true;
        put_other(meddler, device);
    }
}

static void swap_and_hash_that(void *user, device_t *device, const net_link_t *link)
{
    const meddler_t *meddler = user;
    (void)link;
    if (device->agent.state == STATE_HASH) {
        uint8_t all[SHA];
        (void)EVP_Digest(meddler->other, meddler->len, all, NULL, EVP_sha256(), NULL);
        put_other(meddler, device);
        memcpy(device->agent.image.sha256, all, sizeof(all));
    }
}

static void swap_after_the_hash(void *user, device_t *device, const net_link_t *link)
{
    (void)link;
    if (device->agent.state == STATE_RESTART) {
        put_other(user, device);
    }
}

static void erase_all_slots(void *user, device_t *device, const net_link_t *link)
{
    (void)user;
    (void)link;
    if (device->agent.state == STATE_RESTART) {
        memset(device->nor.bytes + SLOT0, 0xFF, 2u * SLOT);
    }
}

static void lose_what_is_there(void *user, device_t *device, const net_link_t *link)
{
    meddler_t *meddler = user;
    if (link->broken > 0 && !meddler->done) {
        meddler->done = true;
        memset(device->nor.bytes + SLOT1, 0xFF, SLOT);
    }
}

static void never_lose_patience(void *user, device_t *device, const net_link_t *link)
{
    (void)user;
    (void)link;
    device->agent.config.stall_ms = device->agent.config.document_ms = INT32_MAX / 2;
}

static void stay_away(void *user, device_t *device, const net_link_t *link)
{
    (void)user;
    (void)link;
    device->offline = true;
}

static void forget_why(void *user, device_t *device, const net_link_t *link)
{
    (void)user;
    (void)link;
    device->last_status = OTA_OK;
}

static void forget_the_choice(void *user, device_t *device, const net_link_t *link)
{
    (void)user;
    (void)link;
    if (device->end == DEVICE_SETTLED && device->agent.memory.report.kind == 0) {
        memset(device->nor.bytes + 0xE000u, 0xFF, OTA_OTADATA_SIZE);
    }
}

static void read_other(meddler_t *meddler)
{
    FILE *file = fopen(folder_path("other.bin"), "rb");
    assert_non_null(file);
    meddler->len = fread(meddler->other, 1, sizeof(meddler->other), file);
    assert_in_range(meddler->len, 4096, sizeof(meddler->other) - 1u);
    assert_int_equal(fclose(file), 0);
    meddler->done = false;
}

static void every_broken_rule_is_noticed(void **state)
{
    static const struct {
        const char *name;
        void (*meddle)(void *user, device_t *device, const net_link_t *link);
        net_end_t end;
        const char *what;
    } breaks[] = {
        {"reset@9000", NULL, NET_UPDATED, ""},
        {"404-for-ever", NULL, NET_REFUSED, ""},
        {"flipped", swap_before_the_hash, NET_UPDATED, ""}, /* the rule itself */
        {"flipped", swap_and_hash_that, NET_BROKEN, "N1 (whole)"},
        {"reset@9000", swap_after_the_hash, NET_BROKEN, "N1 (whole)"},
        {"reset@9000", erase_all_slots, NET_BROKEN, "N2 (ends)"},
        {"silent", never_lose_patience, NET_BROKEN, "N2 (ends)"},
        {"flipped", stay_away, NET_BROKEN, "N3 (converges)"},
        {"reset@9000", lose_what_is_there, NET_BROKEN, "N4 (frugal)"},
        {"404-for-ever", forget_why, NET_BROKEN, "N5 (told)"},
        {"reset@9000", forget_the_choice, NET_BROKEN, "N6 (stays)"},
    };
    const scene_t *scene = *state;
    meddler_t *meddler = malloc(sizeof(*meddler));
    assert_non_null(meddler);
    for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
        net_plan_t plan;
        net_outcome_t outcome;
        read_other(meddler);
        assert_true(net_plan_parse(breaks[i].name, 1, &plan));
        plan.meddle = breaks[i].meddle;
        plan.user = meddler;
        assert_int_equal(net_session(&scene->stage, &plan, &outcome), OTA_OK);
        if (outcome.end != breaks[i].end || strstr(outcome.what, breaks[i].what) == NULL) {
            fail_msg("break %zu of %s: end %d, \"%s\"", i, breaks[i].name, (int)outcome.end,
                     outcome.what);
        }
    }
    free(meddler);
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
    assert_int_equal(stage_open(&stage, scene->flash, folder_path("none"), 1), OTA_ERR_PORT);
    assert_int_equal(stage_open(&stage, scene->flash, folder_path("public/lamp"), 1),
                     OTA_ERR_NO_FALLBACK);
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
        cmocka_unit_test(every_broken_rule_is_noticed),
        cmocka_unit_test(names_are_parsed_strictly),
        cmocka_unit_test(a_stage_without_a_release_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
