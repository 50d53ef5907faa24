/* SPDX-License-Identifier: Apache-2.0 */
/* otary device run: one device with its console, or a fleet. */
#include "cli/device.h"

#include "device/device.h"
#include "host/date.h"
#include "host/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FLEET_MAX    200u
#define WAIT_REAL_MS 20u

const cli_option_t device_run_options[] = {
    {"server", 's', CLI_TEXT, "URL", NULL, "base address of the published directory (needed)"},
    {"report", 0, CLI_TEXT, "URL", NULL, "where reports go; else the server's address and /report"},
    {"no-report", 0, CLI_FLAG, NULL, NULL, "make none"},
    {"ca", 0, CLI_FILE, "FILE", NULL, "certificates to trust for https, instead of the system's"},
    {"any-certificate", 0, CLI_FLAG, NULL, NULL,
     "take any: what is trusted are the manifest's signatures"},
    {"behave", 0, CLI_TEXT, "HOW", "healthy",
     "on trial: healthy, crash, crash@N, hang, no-server, forget"},
    {"boots", 0, CLI_NUMBER, "N", "20", "end after so many boots"},
    {"kill-at", 0, CLI_NUMBER, "N", NULL, "in the first boot the power fails in flash operation N"},
    {"cuts", 0, CLI_NUMBER, "PERCENT", "0", "in so many of 100 boots it fails somewhere"},
    {"seed", 0, CLI_NUMBER, "N", NULL, "of everything random; else the time"},
    {"count", 0, CLI_NUMBER, "N", NULL, "a fleet of copies in memory, at most 200"},
    CLI_END};

typedef struct {
    cli_t *cli;
    cli_progress_t bar;
} console_t;

static void print_line(void *user, char level, uint32_t ms, const char *tag, const char *text)
{
    console_t *console = user;
    const cli_t *cli = console->cli;
    cli_progress_end(cli, &console->bar); /* they share the terminal's last line */
    cli_style_t style = level == 'E' ? CLI_RED : level == 'W' ? CLI_YELLOW : CLI_PLAIN;
    cli_print(cli, "%s%c (%u) %s: %s%s\n", cli_style(cli, style), level, (unsigned)ms, tag, text,
              cli_style(cli, CLI_PLAIN));
}

static void draw(void *user, uint32_t done, uint32_t total)
{
    console_t *console = user;
    console->bar.label = "download";
    console->bar.total = total;
    cli_progress(console->cli, &console->bar, done);
}

static bool take_behave(cli_t *cli, device_wish_t *wish)
{
    static const struct {
        const char *name;
        device_behave_t behave;
    } known[] = {{"healthy", DEVICE_HEALTHY},
                 {"crash", DEVICE_CRASH},
                 {"hang", DEVICE_HANG},
                 {"no-server", DEVICE_NO_SERVER},
                 {"forget", DEVICE_FORGET}};
    const char *how = cli_text(cli, "behave");
    if (strncmp(how, "crash@", 6) == 0 && cli_parse_number(how + 6, &wish->crash_at) &&
        wish->crash_at > 0) {
        wish->behave = DEVICE_CRASH;
        return true;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(how, known[i].name) == 0) {
            wish->behave = known[i].behave;
            return true;
        }
    }
    (void)cli_misuse(cli, cli_format(cli, "no app behaves \"%s\"", how),
                     "say healthy, crash, crash@N, hang, no-server or forget");
    return false;
}

static bool take_wish(cli_t *cli, console_t *console, device_wish_t *wish)
{
    const char *server = cli_text(cli, "server");
    const char *report = cli_text(cli, "report");
    if (server == NULL) {
        (void)cli_misuse(cli, "a device needs to know its server", "add --server URL");
        return false;
    }
    size_t len = strlen(server);
    server =
        cli_format(cli, "%.*s", (int)(len > 0 && server[len - 1] == '/' ? len - 1 : len), server);
    *wish =
        (device_wish_t){.server = server,
                        .report = report != NULL ? report : cli_format(cli, "%s/report", server),
                        .authorities = cli_text(cli, "ca"),
                        .any_certificate = cli_flag(cli, "any-certificate"),
                        .boots = cli_number(cli, "boots"),
                        .kill = cli_given(cli, "kill-at"),
                        .kill_at = cli_number(cli, "kill-at"),
                        .cuts = cli_number(cli, "cuts"),
                        .seed = cli_given(cli, "seed") ? cli_number(cli, "seed") : date_now(),
                        .http_wait_ms = cli_given(cli, "count") ? 1 : WAIT_REAL_MS,
                        .user = console};
    if (cli_flag(cli, "no-report")) {
        wish->report = NULL;
    }
    if (!cli_given(cli, "count")) {
        wish->line = print_line;
        wish->progress = draw;
    }
    return take_behave(cli, wish);
}

/* --- outcome -------------------------------------------------------------------------------------
 */

static const char *end_name(device_end_t end)
{
    switch (end) {
    case DEVICE_RUNS:
        return "runs";
    case DEVICE_SETTLED:
        return "settled";
    case DEVICE_GAVE_UP:
        return "gave-up";
    case DEVICE_WORN_OUT:
        return "boots-used-up";
    case DEVICE_BRICK:
        return "brick";
    }
    return "";
}

static cJSON *outcome(const device_t *device)
{
    cJSON *item = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(item, "id", device->identity.id);
    (void)cJSON_AddStringToObject(item, "end", end_name(device->end));
    (void)cJSON_AddStringToObject(item, "version", device->version);
    (void)cJSON_AddStringToObject(item, "running", slot_name(device->powered.rtc.running));
    (void)cJSON_AddNumberToObject(item, "order", device->agent.memory.order);
    (void)cJSON_AddNumberToObject(item, "boots", device->boots);
    (void)cJSON_AddNumberToObject(item, "power_cuts", device->power_cuts);
    (void)cJSON_AddNumberToObject(item, "retries", device->retries);
    (void)cJSON_AddNumberToObject(item, "fetched", (double)device->fetched);
    (void)cJSON_AddNumberToObject(item, "confirmed", device->confirmed);
    (void)cJSON_AddNumberToObject(item, "rolled_back", device->rolled_back);
    (void)cJSON_AddNumberToObject(item, "reported", device->reported);
    (void)cJSON_AddStringToObject(item, "last_status", ota_status_name(device->last_status));
    return item;
}

static void wait_ms(uint32_t ms)
{
    struct timespec pause = {.tv_sec = 0, .tv_nsec = (long)ms * 1000000L};
    (void)nanosleep(&pause, NULL);
}

/* Waits are the clock's: a little of each is real. */
static void live(device_t *device, uint32_t real_ms)
{
    uint32_t ms = device_pause(device);
    uint32_t real = ms < real_ms ? ms : real_ms;
    if (real > 0) {
        wait_ms(real);
    }
    device_skip(device, ms - real);
}

static int refuse_open(cli_t *cli, const char *path, ota_status_t status, const ota_fault_t *fault)
{
    device_identity_t *identity = cli_allocate(cli, sizeof(*identity));
    bool known = device_identity_load(identity, path);
    return known ? cli_status(cli, status, fault, path) : device_refuse_identity(cli, path);
}

/* Why it gave up, in the words of the status. */
static int gave_up(cli_t *cli, const device_t *device)
{
    explain_t words;
    explain_status(device->last_status, &words);
    return cli_refuse(cli, words.name,
                      cli_format(cli, "the device gave up until its next poll: %s", words.what),
                      device->identity.id, words.todo);
}

static int verdict(cli_t *cli, const device_t *device)
{
    switch (device->end) {
    case DEVICE_SETTLED:
        return CLI_OK;
    case DEVICE_GAVE_UP:
        return gave_up(cli, device);
    case DEVICE_WORN_OUT:
        return cli_refuse(cli, ota_status_name(device->last_status),
                          "the boots were used up before it settled", device->identity.id,
                          "allow more with --boots");
    case DEVICE_BRICK:
    case DEVICE_RUNS:
        break;
    }
    return cli_refuse(cli, ota_status_name(device->last_status), "nothing boots any more",
                      device->identity.id, "the console says what happened before");
}

static int run_one(cli_t *cli, const device_wish_t *wish)
{
    const char *path = cli->operand[0];
    console_t *console = wish->user;
    device_t *device = cli_allocate(cli, sizeof(*device));
    ota_fault_t fault = {OTA_OK, 0, 0, 0};
    ota_status_t status = device_open(device, path, wish, &fault);
    if (status != OTA_OK) {
        return refuse_open(cli, path, status, &fault);
    }
    while (device_step(device) == DEVICE_RUNS) {
        live(device, WAIT_REAL_MS);
    }
    cli_progress_end(cli, &console->bar);
    (void)cJSON_AddItemToObject(cli->report, "device", outcome(device));
    int rc = verdict(cli, device);
    if (!device_close(device)) {
        return cli_refuse(cli, "RTC", cli_format(cli, "cannot keep what runs: %s", strerror(errno)),
                          cli_format(cli, "%s.rtc", path),
                          "make the folder of the flash file writable");
    }
    return rc;
}

/* --- a fleet -------------------------------------------------------------------------------------
 */

static int close_fleet(cli_t *cli, device_t **fleet, uint32_t count)
{
    unsigned ends[DEVICE_BRICK + 1] = {0};
    cJSON *list = cJSON_AddArrayToObject(cli->report, "devices");
    unsigned cuts = 0;
    unsigned boots = 0;
    for (uint32_t i = 0; i < count; i++) {
        ends[fleet[i]->end]++;
        cuts += fleet[i]->power_cuts;
        boots += fleet[i]->boots;
        (void)cJSON_AddItemToArray(list, outcome(fleet[i]));
        cli_print(cli, "  %-24s %-14s %-10s %s\n", fleet[i]->identity.id, end_name(fleet[i]->end),
                  fleet[i]->version, slot_name(fleet[i]->powered.rtc.running));
        (void)device_close(fleet[i]); /* a clone has nothing to keep */
    }
    cli_print(cli, "%u devices, %u boots, %u power cuts: %u settled, %u gave up, %u bricks\n",
              (unsigned)count, boots, cuts, ends[DEVICE_SETTLED], ends[DEVICE_GAVE_UP],
              ends[DEVICE_BRICK]);
    if (ends[DEVICE_SETTLED] == count) {
        return CLI_OK;
    }
    return cli_refuse(cli, "FLEET", "not every device settled",
                      cli_format(cli, "%u of %u", ends[DEVICE_SETTLED], (unsigned)count),
                      "run one of them alone with the same seed to see its console");
}

static int run_fleet(cli_t *cli, const device_wish_t *wish)
{
    uint32_t count = cli_number(cli, "count");
    ota_fault_t fault = {OTA_OK, 0, 0, 0};
    uint32_t alive = count;
    if (count == 0 || count > FLEET_MAX) {
        return cli_misuse(cli, "a fleet has 1 to 200 devices", "give --count a number between");
    }
    device_t **fleet = cli_allocate(cli, count * sizeof(device_t *));
    for (uint32_t i = 0; i < count; i++) {
        fleet[i] = cli_allocate(cli, sizeof(device_t));
        ota_status_t status = device_clone(fleet[i], cli->operand[0], i, wish, &fault);
        if (status != OTA_OK) {
            while (i-- > 0) {
                (void)device_close(fleet[i]); /* a clone has nothing to keep */
            }
            return refuse_open(cli, cli->operand[0], status, &fault);
        }
    }
    while (alive > 0) {
        alive = 0;
        for (uint32_t i = 0; i < count; i++) {
            if (device_step(fleet[i]) == DEVICE_RUNS) {
                live(fleet[i], 0);
                alive++;
            }
        }
    }
    return close_fleet(cli, fleet, count);
}

int device_run(cli_t *cli)
{
    console_t *console = cli_allocate(cli, sizeof(*console));
    device_wish_t wish;
    console->cli = cli;
    if (!take_wish(cli, console, &wish)) {
        return CLI_MISUSE;
    }
    (void)cJSON_AddNumberToObject(cli->report, "seed", wish.seed);
    cli_print(cli, "seed %u\n", (unsigned)wish.seed);
    return cli_given(cli, "count") ? run_fleet(cli, &wish) : run_one(cli, &wish);
}
