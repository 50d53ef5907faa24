/* SPDX-License-Identifier: Apache-2.0 */
/* otary lab net: the network cut at every byte, servers that misbehave, a fleet in bad weather. */
#include "cli/lab_net.h"

#include "cli/lab.h"
#include "cli/lab_parts.h"
#include "lab/share.h"

#include <string.h>

const cli_option_t lab_net_options[] = {
    {"flash", 0, CLI_FILE, "FILE", NULL, "flash of `otary device new`; else one is made"},
    {"directory", 0, CLI_FILE, "DIR", NULL, "directory of `otary publish`; else one is made"},
    {"devices", 'n', CLI_NUMBER, "N", "1000", "in the fleet; with --sockets 20"},
    {"every", 0, CLI_NUMBER, "N", "1", "cut at every Nth place only"},
    {"sockets", 0, CLI_FLAG, NULL, NULL, "real sockets: a fleet, a proxy, a server that is killed"},
    {"kills", 0, CLI_NUMBER, "N", "20", "of the server, with --sockets"},
    {"case", 0, CLI_TEXT, "NAME", NULL, "one session again: reset@412, whole, device@17"},
    LAB_JOBS_OPTION,
    LAB_SEED_OPTION,
    CLI_END,
};

#define DEVICES_MAX 1000000u

static const char *const titles[NET_PARTS] = {
    "the session is cut at every place: reset, stalled, ended early", "the server misbehaves",
    "a fleet: power cuts in 30 % of boots, losses, a server that comes and goes"};
static const char *const part_names[NET_PARTS] = {"bytes", "cases", "fleet"};

typedef struct {
    cli_t *cli;
    cli_progress_t bar;
} show_t;

static void advance(void *user, uint64_t done)
{
    show_t *show = user;
    cli_progress(show->cli, &show->bar, done);
}

/* --- telling ------------------------------------------------------------------------------- */

static void add_json(cli_t *cli, net_part_t part, const net_sum_t *sum)
{
    cJSON *json = cJSON_AddObjectToObject(cli->report, part_names[part]);
    const struct {
        const char *name;
        uint64_t value;
    } members[] = {{"sessions", sum->sessions},
                   {"updated", sum->ends[NET_UPDATED]},
                   {"refused", sum->ends[NET_REFUSED]},
                   {"broken", sum->ends[NET_BROKEN]},
                   {"boots", sum->boots},
                   {"powerCuts", sum->power_cuts},
                   {"connectionsBroken", sum->broken},
                   {"requests", sum->requests},
                   {"reports", sum->reports},
                   {"imageBytes", sum->image_bytes},
                   {"serverDown", sum->dead},
                   {"mostBoots", sum->most_boots},
                   {"mostMinutes", sum->most_minutes}};
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        (void)cJSON_AddNumberToObject(json, members[i].name, (double)members[i].value);
    }
    cJSON *list = cJSON_AddArrayToObject(json, "cases");
    for (uint32_t i = 0; i < sum->kept; i++) {
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(item, "case", sum->example[i].name);
        (void)cJSON_AddStringToObject(item, "what", sum->example[i].what);
        (void)cJSON_AddItemToArray(list, item);
    }
}

static void print(cli_t *cli, net_part_t part, const net_sum_t *sum)
{
    uint64_t broken = sum->ends[NET_BROKEN];
    cli_print(cli, "%s\n", titles[part]);
    cli_print(cli, "  %s sessions: %s updated, %s refused with a reason, %s%s broken%s\n",
              lab_number(cli, sum->sessions), lab_number(cli, sum->ends[NET_UPDATED]),
              lab_number(cli, sum->ends[NET_REFUSED]),
              cli_style(cli, broken == 0 ? CLI_GREEN : CLI_RED), lab_number(cli, broken),
              cli_style(cli, CLI_PLAIN));
    cli_print(cli, "  %s connections broken, %s power cuts, %s boots (at most %u), %s bytes sent\n",
              lab_number(cli, sum->broken), lab_number(cli, sum->power_cuts),
              lab_number(cli, sum->boots), (unsigned)sum->most_boots,
              lab_number(cli, sum->image_bytes));
    if (part == NET_FLEET) {
        cli_print(cli,
                  "  %s requests met a server that was down; the longest way took %u minutes\n",
                  lab_number(cli, sum->dead), (unsigned)sum->most_minutes);
    }
    for (uint32_t i = 0; i < sum->kept; i++) {
        cli_print(cli, "  %s  %s\n", sum->example[i].name, sum->example[i].what);
    }
}

/* What of it is run. */
typedef struct {
    uint64_t places;
    uint32_t devices;
    uint32_t stride;
} how_t;

/* --- running ------------------------------------------------------------------------------- */

/* One part. false: it did not run, or nothing could; reported. */
static bool run_part(cli_t *cli, const lab_net_stage_t *stage, net_part_t part, const how_t *how,
                     net_sum_t *sum)
{
    show_t show = {.cli = cli};
    net_wish_t wish = {.part = part,
                       .count = how->devices,
                       .stride = how->stride,
                       .seed = cli_number(cli, "seed"),
                       .jobs = cli_number(cli, "jobs"),
                       .progress = advance,
                       .user = &show};
    uint64_t places = how->places;
    wish.count = net_count(&wish, places);
    show.bar = (cli_progress_t){.label = part_names[part], .total = wish.count, .unit = "sessions"};
    ota_status_t status = net_run(&stage->stage, &wish, sum);
    cli_progress_end(cli, &show.bar);
    if (status != OTA_OK) {
        (void)lab_broken(cli, status, part_names[part]);
    }
    return status == OTA_OK;
}

static uint64_t find_places(cli_t *cli, const lab_net_stage_t *stage)
{
    uint64_t places = net_places(&stage->stage);
    if (places == 0) {
        (void)cli_refuse(cli, "LAB-NET", "a device on a quiet network does not take this release",
                         stage->stage.flash, "`otary device run` on it shows why");
    }
    return places;
}

static int run_all(cli_t *cli, const lab_net_stage_t *stage)
{
    bool broken = false;
    const how_t how = {find_places(cli, stage), cli_number(cli, "devices"),
                       cli_number(cli, "every")};
    if (how.places == 0) {
        return CLI_REFUSED;
    }
    (void)cJSON_AddNumberToObject(cli->report, "seed", cli_number(cli, "seed"));
    (void)cJSON_AddNumberToObject(cli->report, "places", (double)how.places);
    for (unsigned part = 0; part < NET_PARTS; part++) {
        net_sum_t sum;
        if (!run_part(cli, stage, (net_part_t)part, &how, &sum)) {
            return CLI_REFUSED;
        }
        add_json(cli, (net_part_t)part, &sum);
        print(cli, (net_part_t)part, &sum);
        broken = broken || sum.ends[NET_BROKEN] > 0;
    }
    cli_print(cli, "seed %u\n", (unsigned)cli_number(cli, "seed"));
    return broken ? CLI_REFUSED : CLI_OK;
}

static int run_case(cli_t *cli, const lab_net_stage_t *stage)
{
    static const char *const ends[] = {"updated", "refused", "broken"};
    const char *name = cli_text(cli, "case");
    net_plan_t plan;
    net_outcome_t outcome;
    if (!net_plan_parse(name, cli_number(cli, "seed"), &plan)) {
        return cli_refuse(cli, "LAB-ID", "there is no such case", name,
                          "reset@N, stall@N, end@N, device@N, or a name from docs/network.md");
    }
    ota_status_t status = net_session(&stage->stage, &plan, &outcome);
    if (status != OTA_OK) {
        return lab_broken(cli, status, name);
    }
    const char *why = outcome.end == NET_BROKEN    ? outcome.what
                      : outcome.end == NET_REFUSED ? ota_status_name(outcome.status)
                                                   : "runs the published image, confirmed";
    (void)cJSON_AddStringToObject(cli->report, "end", ends[outcome.end]);
    (void)cJSON_AddStringToObject(cli->report, "why", why);
    (void)cJSON_AddNumberToObject(cli->report, "boots", outcome.boots);
    (void)cJSON_AddNumberToObject(cli->report, "imageBytes", (double)outcome.image_bytes);
    cli_print(cli, "%s  %s\n%s: %s\n", name, net_case_words(name), ends[outcome.end], why);
    cli_print(cli,
              "%u boots, %u power cuts, %u connections broken, %s bytes of image, %s minutes\n",
              (unsigned)outcome.boots, (unsigned)outcome.power_cuts, (unsigned)outcome.broken,
              lab_number(cli, outcome.image_bytes), lab_number(cli, outcome.minutes));
    return outcome.end == NET_BROKEN ? CLI_REFUSED : CLI_OK;
}

bool lab_part_net(cli_t *cli, const char **ours, bool *met)
{
    lab_net_stage_t stage;
    net_sum_t sum[NET_PARTS];
    bool quick = cli_flag(cli, "quick");
    if (!lab_net_open(cli, NULL, NULL, &stage)) {
        return false;
    }
    const how_t how = {find_places(cli, &stage), quick ? 50u : 1000u, quick ? 500u : 1u};
    bool ran = how.places != 0;
    uint64_t broken = 0;
    for (unsigned part = 0; part < NET_PARTS && ran; part++) {
        ran = run_part(cli, &stage, (net_part_t)part, &how, &sum[part]);
        broken += ran ? sum[part].ends[NET_BROKEN] : 0;
    }
    lab_net_close(&stage);
    if (!ran) {
        return false;
    }
    *met = broken == 0;
    *ours = cli_format(
        cli,
        "%s sessions cut at every byte, %s misbehaving servers, %s devices with %s "
        "power cuts and %s broken connections: %s broken promises",
        lab_number(cli, sum[NET_BYTES].sessions), lab_number(cli, sum[NET_CASES].sessions),
        lab_number(cli, sum[NET_FLEET].sessions), lab_number(cli, sum[NET_FLEET].power_cuts),
        lab_number(cli, sum[NET_FLEET].broken), lab_number(cli, broken));
    return true;
}

int lab_net(cli_t *cli)
{
    lab_net_stage_t stage;
    const char *flash = cli_text(cli, "flash");
    const char *directory = cli_text(cli, "directory");
    if ((flash == NULL) != (directory == NULL)) {
        return cli_misuse(cli, "--flash and --directory belong together",
                          "give both, or neither: then both are made");
    }
    if (cli_number(cli, "jobs") > SHARE_JOBS_MAX) {
        return cli_misuse(cli, "--jobs is out of range", "give at most 32");
    }
    if (cli_number(cli, "devices") > DEVICES_MAX) {
        return cli_misuse(cli, "--devices is out of range", "give at most 1000000");
    }
    if (cli_flag(cli, "sockets") && cli_text(cli, "case") != NULL) {
        return cli_misuse(cli, "--sockets runs a whole fleet, --case one session without them",
                          "give one of the two");
    }
    if (!lab_net_open(cli, flash, directory, &stage)) {
        return CLI_REFUSED;
    }
    int rc = cli_flag(cli, "sockets")        ? lab_net_sockets(cli, &stage)
             : cli_text(cli, "case") != NULL ? run_case(cli, &stage)
                                             : run_all(cli, &stage);
    lab_net_close(&stage);
    return rc;
}
