/* SPDX-License-Identifier: Apache-2.0 */
/* The story over the air: publish, serve, update on a bad line, roll back, report, halt. */
#include "cli/demo.h"

#include <string.h>

#define FLEET       12u
#define WATCH_FOR   3u     /* seconds that the download takes where somebody watches */
#define SECTOR      4096u  /* what may be fetched twice, bytes */
#define PAPERS      16384u /* most that all documents of a run may take, bytes */
#define NEW_VERSION "2.0.0"

typedef struct {
    demo_t *demo;
    demo_server_t *server;
    demo_wire_t *wire;
    const char *slot;   /* of new.bin, once it runs */
    cJSON *first_reach; /* of the rollout: a set of ids */
} air_t;

/* --- the console -------------------------------------------------------------------------------
 */

/* Does the bar show it better? "I (8) agent: 4096 of 8192 bytes", unless it is the last one. */
static bool in_bar(const demo_t *demo, const char *text)
{
    const char *of = strstr(text, " of ");
    const char *tag = strstr(text, " agent: ");
    if (!demo->cli->progress || of == NULL || tag == NULL || strstr(of, " bytes") == NULL) {
        return false;
    }
    const char *done = tag + strlen(" agent: ");
    return strncmp(done, of + strlen(" of "), (size_t)(of - done) + 1) != 0;
}

/* Of the console what a person would look at: not how the bootloader came to its decision. */
static bool worth_showing(const demo_t *demo, const char *text)
{
    static const char *const dull[] = {" agent: checking ", ": nothing to do", ") boot: "};
    if (strchr("IWE", text[0]) == NULL || strstr(text, ") ") == NULL || in_bar(demo, text)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(dull) / sizeof(dull[0]); i++) {
        if (strstr(text, dull[i]) != NULL) {
            return false;
        }
    }
    return true;
}

static void hear(void *user, const char *text)
{
    const demo_t *demo = user;
    const cli_t *cli = demo->cli;
    cli_style_t style = text[0] == 'E' ? CLI_RED : text[0] == 'W' ? CLI_YELLOW : CLI_DIM;
    if (worth_showing(demo, text)) {
        cli_print(cli, "     %s%.*s%s\n", cli_style(cli, style), (int)strcspn(text, "\n"), text,
                  cli_style(cli, CLI_PLAIN));
    }
}

/* --- one device --------------------------------------------------------------------------------
 */

static void command(demo_t *demo, const char *line)
{
    cJSON_Delete(demo_run(demo, CLI_OK, line));
}

/* Switches the device on until it has nothing more to do; the report is to be deleted. */
static cJSON *run_device(demo_t *demo, const char *url, const char *more)
{
    return demo_run_heard(demo, CLI_OK,
                          cli_format(demo->cli,
                                     "device run " DEMO_FLASH " --server %s --ca public.db.crt "
                                     "--seed 1%s",
                                     url, more),
                          hear);
}

static const cJSON *device_of(const cJSON *report)
{
    return cJSON_GetObjectItemCaseSensitive(report, "device");
}

static bool counts(const cJSON *device, const char *name, uint32_t wanted)
{
    return demo_count(device, name) == wanted;
}

static void publish(demo_t *demo, const char *version, const char *image, const char *more)
{
    command(demo, cli_format(demo->cli,
                             "publish --key key.pem --product lamp --version %s %s%s -o public",
                             version, image, more));
}

/* --- chapters ----------------------------------------------------------------------------------
 */

static void a_release(air_t *air)
{
    demo_t *demo = air->demo;
    demo_chapter(demo, "A developer publishes, a server serves",
                 "A folder of plain files: images named by their SHA-256, and a small manifest\n"
                 "   that is signed. Devices trust the signature; HTTPS is for privacy.");
    command(demo, "keys new key.pem");
    publish(demo, NEW_VERSION, DEMO_NEW, "");
    air->server = demo_serve(demo);
}

static void a_device(air_t *air)
{
    demo_t *demo = air->demo;
    cli_t *cli = demo->cli;
    demo_chapter(demo, "A device comes to life",
                 "A flash with the old application, which knows the public key and the server.");
    cJSON *report =
        demo_run(demo, CLI_OK,
                 cli_format(cli,
                            "device new " DEMO_FLASH " --id hall --table " DEMO_TABLE
                            " --bootloader " DEMO_BOOTLOADER " --policy %s --app %s=" DEMO_OLD
                            " --keys public/lamp/keys/1.json",
                            demo_policy(demo), demo->first));
    demo_fact(demo, strcmp(demo_text(report, "product"), "lamp") == 0,
              cli_format(cli, "device %s is a %s", demo_text(report, "id"),
                         demo_text(report, "product")));
    cJSON_Delete(report);
}

/* What became of it, from the device's own report. */
static void judge_update(air_t *air, const cJSON *device)
{
    demo_t *demo = air->demo;
    cli_t *cli = demo->cli;
    uint32_t fetched = demo_count(device, "fetched");
    air->slot = cli_format(cli, "%s", demo_text(device, "running"));
    demo_fact(demo, demo_wire_resets(air->wire) == 1 && demo_count(device, "retries") >= 1,
              "the connection was reset in the middle: the device waited, and asked again");
    demo_fact(demo, counts(device, "power_cuts", 1),
              "the power failed inside a flash operation: the old application booted");
    demo_fact(demo, fetched < (uint32_t)demo->new_len + 2 * SECTOR + PAPERS,
              cli_format(cli, "%u bytes fetched for an image of %zu: it went on where it was",
                         fetched, demo->new_len));
    demo_fact(demo,
              counts(device, "confirmed", 1) && counts(device, "rolled_back", 0) &&
                  strcmp(air->slot, demo->first) != 0,
              cli_format(cli, "%s runs, and stays: on trial it has reached its server", air->slot));
    demo_fact(demo, counts(device, "reported", 1), "and the server has its report");
    demo_holds_new(demo, air->slot);
}

static void an_update(air_t *air)
{
    demo_t *demo = air->demo;
    cli_t *cli = demo->cli;
    if (demo->failures > 0) {
        return;
    }
    demo_chapter(demo, "An update, with all the bad luck there is",
                 "The line to the server breaks in the middle of the image; then the power\n"
                 "   fails inside a flash operation (--kill-at).");
    uint32_t slow = cli->progress ? (uint32_t)(demo->new_len / WATCH_FOR) : 0;
    air->wire = demo_wire_start(demo_serve_port(air->server), demo->new_len / 3, slow);
    demo_fact(demo, air->wire != NULL,
              cli_format(cli, "a line of its own to the server, %s, that breaks once",
                         slow > 0 ? cli_format(cli, "%u KiB/s", (unsigned)(slow / 1024u))
                                  : "not slowed down"));
    if (air->wire == NULL) {
        return;
    }
    cJSON *report = run_device(
        demo, cli_format(cli, "https://127.0.0.1:%u", (unsigned)demo_wire_port(air->wire)),
        cli_format(cli, " --kill-at %zu", demo->new_len * 3 / 4096));
    if (demo->failures == 0) {
        judge_update(air, device_of(report));
    }
    cJSON_Delete(report);
}

static void judge_rollback(air_t *air, const cJSON *device)
{
    demo_t *demo = air->demo;
    cli_t *cli = demo->cli;
    demo_fact(demo,
              counts(device, "rolled_back", 1) && counts(device, "confirmed", 0) &&
                  strcmp(demo_text(device, "running"), air->slot) == 0,
              cli_format(cli, DEMO_BAD_VERSION " was tried and given up: %s runs again",
                         demo_text(device, "running")));
    demo_fact(demo, counts(device, "reported", 1), "and the server has been told");
}

static void a_bad_release(air_t *air)
{
    demo_t *demo = air->demo;
    if (demo->failures > 0) {
        return;
    }
    demo_chapter(demo, "A release that crashes",
                 "Signed and whole, but its application dies at once, each time it boots.");
    publish(demo, DEMO_BAD_VERSION, DEMO_CRASHING, "");
    cJSON *report = run_device(demo, demo_serve_url(air->server), " --behave crash");
    if (demo->failures == 0) {
        judge_rollback(air, device_of(report));
        demo_holds_new(demo, air->slot);
    }
    cJSON_Delete(report);
    report = run_device(demo, demo_serve_url(air->server), "");
    if (demo->failures == 0) {
        uint32_t fetched = demo_count(device_of(report), "fetched");
        demo_fact(
            demo,
            strcmp(demo_text(device_of(report), "last_status"), "OTA_ERR_RELEASE_FAILED") == 0 &&
                fetched < PAPERS,
            cli_format(demo->cli, "it is not tried again: %u bytes fetched, no image", fetched));
    }
    cJSON_Delete(report);
}

/* --- a rollout ---------------------------------------------------------------------------------
 */

/* Which devices of a fleet run the next release; a set of their ids. */
static cJSON *reach_of(const cJSON *report)
{
    cJSON *reached = cJSON_CreateObject();
    const cJSON *device = NULL;
    cJSON_ArrayForEach(device, cJSON_GetObjectItemCaseSensitive(report, "devices"))
    {
        if (demo_count(device, "confirmed") > 0 &&
            strcmp(demo_text(device, "version"), DEMO_NEXT_VERSION) == 0) {
            (void)cJSON_AddTrueToObject(reached, demo_text(device, "id"));
        }
    }
    return reached;
}

static cJSON *run_fleet(air_t *air)
{
    demo_t *demo = air->demo;
    cJSON *report = demo_run(demo, CLI_OK,
                             cli_format(demo->cli,
                                        "device run " DEMO_FLASH " --server %s --ca public.db.crt "
                                        "--seed 1 --count %u",
                                        demo_serve_url(air->server), FLEET));
    cJSON *reached = reach_of(report);
    cJSON_Delete(report);
    return reached;
}

static bool holds_all(const cJSON *set, const cJSON *of)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, of)
    {
        if (!cJSON_HasObjectItem(set, item->string)) {
            return false;
        }
    }
    return true;
}

static void raise_share(air_t *air)
{
    demo_t *demo = air->demo;
    command(demo, "rollout set public 75% --key key.pem");
    cJSON *reached = run_fleet(air);
    int before = cJSON_GetArraySize(air->first_reach);
    int now = cJSON_GetArraySize(reached);
    demo_fact(demo, now > before && now < (int)FLEET && holds_all(reached, air->first_reach),
              cli_format(demo->cli, "75 %%: %d of %u, those %d among them", now, FLEET, before));
    cJSON_Delete(reached);
}

static void a_rollout(air_t *air)
{
    demo_t *demo = air->demo;
    cli_t *cli = demo->cli;
    demo_chapter(demo, "A rollout, and its halt",
                 "The manifest names a share; each device decides by its id, so any static host\n"
                 "   can do it. Each time a dozen further devices, all with " NEW_VERSION
                 ", look.");
    publish(demo, DEMO_NEXT_VERSION, DEMO_NEXT, " --rollout 25%");
    air->first_reach = run_fleet(air);
    int first = cJSON_GetArraySize(air->first_reach);
    demo_fact(demo, first > 0 && first < (int)FLEET,
              cli_format(cli, "25 %%: %d of %u run " DEMO_NEXT_VERSION " now", first, FLEET));
    raise_share(air);
    command(demo, "rollout halt public --key key.pem");
    cJSON *reached = run_fleet(air);
    demo_fact(demo, cJSON_GetArraySize(reached) == 0,
              cli_format(cli, "halted: %d of %u, nobody new", cJSON_GetArraySize(reached), FLEET));
    cJSON_Delete(reached);
    cJSON_Delete(air->first_reach);
}

/* --- what the server knows ---------------------------------------------------------------------
 */

static const cJSON *first_of(const cJSON *status, const char *list)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(status, list), 0);
}

static void show_status(const demo_t *demo, const cJSON *status)
{
    const cli_t *cli = demo->cli;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(status, "versions"))
    {
        cli_print(cli, "     %-8s runs on %u of the devices that reported\n",
                  demo_text(item, "version"), (unsigned)demo_count(item, "devices"));
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(status, "failures"))
    {
        cli_print(cli, "     %-8s %s on %u of them:\n       %s\n", demo_text(item, "version"),
                  demo_text(item, "result"), (unsigned)demo_count(item, "devices"),
                  demo_text(item, "meaning"));
    }
}

static void the_status(air_t *air)
{
    demo_t *demo = air->demo;
    if (demo->failures > 0) {
        return;
    }
    demo_chapter(demo, "What the server knows",
                 "GET /status, with the admin token that the server made at its first start.");
    cJSON *status = demo_serve_status(demo, air->server);
    const cJSON *release = first_of(status, "releases");
    const cJSON *failure = first_of(status, "failures");
    show_status(demo, status);
    demo_fact(demo,
              strcmp(demo_text(failure, "version"), DEMO_BAD_VERSION) == 0 &&
                  strcmp(demo_text(failure, "result"), "rolled-back") == 0,
              "the release that crashed stands there, with the reason");
    demo_fact(demo,
              strcmp(demo_text(release, "version"), DEMO_NEXT_VERSION) == 0 &&
                  cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(release, "halted")),
              "so does the rollout that was halted");
    cJSON_Delete(status);
}

void demo_air(demo_t *demo)
{
    air_t air = {.demo = demo, .slot = ""};
    a_release(&air);
    a_device(&air);
    an_update(&air);
    a_bad_release(&air);
    if (demo->failures == 0) {
        a_rollout(&air);
    }
    the_status(&air);
    demo_wire_stop(air.wire);
    demo_serve_stop(air.server);
}
