/* SPDX-License-Identifier: Apache-2.0 */
/* otary lab net --sockets: the real server, killed and started again under a fleet. */
#include "cli/lab_net.h"

#include "cli/lab.h"
#include "lab/net/sockets.h"
#include "lab/share.h"
#include "server/certificate.h"
#include "server/server.h"
#include "server/store.h"

#include <stdio.h>
#include <string.h>

#define DEVICES     20u
#define DEVICES_MAX 1000u
#define KILLS_MAX   1000u

typedef struct {
    cli_t *cli;
    cli_progress_t bar;
    server_wish_t server;
} run_t;

static void advance(void *user, uint64_t done)
{
    run_t *run = user;
    cli_progress(run->cli, &run->bar, done);
}

/* In the server's process. */
static bool serve(void *ctx, uint16_t port[PROXY_DOORS])
{
    const run_t *run = ctx;
    release_trouble_t trouble;
    const server_t *server = server_start(&run->server, &trouble);
    if (server == NULL) {
        return false;
    }
    port[PROXY_PLAIN] = server_port(server);
    port[PROXY_TLS] = server_tls_port(server);
    return true;
}

static bool prepare(run_t *run, lab_net_stage_t *stage)
{
    cli_t *cli = run->cli;
    release_trouble_t trouble;
    bool made = false;
    if (!lab_net_folder(cli, stage)) {
        return false;
    }
    const char *database = cli_format(cli, "%s/reports.db", stage->folder);
    run->server = (server_wish_t){.root = stage->directory,
                                  .database = database,
                                  .address = "127.0.0.1",
                                  .tls_address = "127.0.0.1",
                                  .cert = cli_format(cli, "%s.crt", database),
                                  .key = cli_format(cli, "%s.key", database),
                                  .token = "",
                                  .threads = 2};
    if (certificate_ensure(run->server.cert, run->server.key, "127.0.0.1", &made, &trouble)) {
        return true;
    }
    (void)cli_refuse(cli, "LAB-NET", "no certificate can be made", run->server.cert,
                     "set TMPDIR to a folder that can be written");
    return false;
}

/* What the database knows. */
typedef struct {
    uint32_t devices;   /* that it has heard of, */
    uint32_t confirmed; /* and whose last word was that the update stays */
} heard_t;

/* false: the database cannot be read. */
static bool count_heard(const run_t *run, heard_t *heard)
{
    release_trouble_t trouble;
    const cJSON *row = NULL;
    store_t *store = store_open(run->server.database, 0, 0, &trouble);
    cJSON *json = cJSON_CreateObject();
    bool good = store != NULL && store_status(store, json);
    *heard = (heard_t){0, 0};
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(json, "results"))
    {
        const char *result = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "result"));
        const cJSON *number = cJSON_GetObjectItemCaseSensitive(row, "devices");
        bool confirmed = result != NULL && strcmp(result, "confirmed") == 0;
        uint32_t devices = (uint32_t)cJSON_GetNumberValue(number);
        heard->devices += devices;
        heard->confirmed += confirmed ? devices : 0u;
    }
    cJSON_Delete(json);
    if (store != NULL) {
        store_close(store);
    }
    return good;
}

static void add_json(cli_t *cli, const sockets_sum_t *sum, const heard_t *heard)
{
    cJSON *json = cJSON_AddObjectToObject(cli->report, "sockets");
    const struct {
        const char *name;
        uint64_t value;
    } members[] = {{"sessions", sum->net.sessions},
                   {"updated", sum->net.ends[NET_UPDATED]},
                   {"refused", sum->net.ends[NET_REFUSED]},
                   {"broken", sum->net.ends[NET_BROKEN]},
                   {"boots", sum->net.boots},
                   {"powerCuts", sum->net.power_cuts},
                   {"requests", sum->net.requests},
                   {"imageBytes", sum->net.image_bytes},
                   {"reports", sum->net.reports},
                   {"told", sum->told},
                   {"devicesInDatabase", heard->devices},
                   {"confirmedInDatabase", heard->confirmed},
                   {"connections", sum->connections},
                   {"refusedConnections", sum->refused},
                   {"resets", sum->cuts[PROXY_RESET]},
                   {"stalls", sum->cuts[PROXY_STALL]},
                   {"earlyEnds", sum->cuts[PROXY_END]},
                   {"cutInTls", sum->tls},
                   {"serverStarts", sum->starts},
                   {"serverKills", sum->kills},
                   {"serverCrashes", sum->crashes},
                   {"bytes", sum->bytes}};
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        (void)cJSON_AddNumberToObject(json, members[i].name, (double)members[i].value);
    }
    cJSON *list = cJSON_AddArrayToObject(json, "cases");
    for (uint32_t i = 0; i < sum->net.kept; i++) {
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(item, "case", sum->net.example[i].name);
        (void)cJSON_AddStringToObject(item, "what", sum->net.example[i].what);
        (void)cJSON_AddItemToArray(list, item);
    }
}

static void print(cli_t *cli, const sockets_sum_t *sum, const heard_t *heard)
{
    const net_sum_t *net = &sum->net;
    cli_print(cli, "a fleet over TCP and TLS, from a server that is killed\n");
    cli_print(cli, "  %s devices: %s updated, %s refused with a reason, %s broken\n",
              lab_number(cli, net->sessions), lab_number(cli, net->ends[NET_UPDATED]),
              lab_number(cli, net->ends[NET_REFUSED]), lab_number(cli, net->ends[NET_BROKEN]));
    cli_print(cli, "  %s connections: %s reset, %s stalled, %s ended early (%s of them in TLS)\n",
              lab_number(cli, sum->connections), lab_number(cli, sum->cuts[PROXY_RESET]),
              lab_number(cli, sum->cuts[PROXY_STALL]), lab_number(cli, sum->cuts[PROXY_END]),
              lab_number(cli, sum->tls));
    cli_print(cli,
              "  the server: killed %u times, started %u times, %u crashes; %s connections met "
              "none\n",
              (unsigned)sum->kills, (unsigned)sum->starts, (unsigned)sum->crashes,
              lab_number(cli, sum->refused));
    cli_print(cli, "  %s power cuts, %s boots, %s bytes of image\n",
              lab_number(cli, net->power_cuts), lab_number(cli, net->boots),
              lab_number(cli, net->image_bytes));
    cli_print(cli,
              "  reports: %s devices were answered 2xx, %s are in the database, %s confirmed\n",
              lab_number(cli, sum->told), lab_number(cli, heard->devices),
              lab_number(cli, heard->confirmed));
    for (uint32_t i = 0; i < net->kept; i++) {
        cli_print(cli, "  %s  %s\n", net->example[i].name, net->example[i].what);
    }
}

static int judge(cli_t *cli, const sockets_sum_t *sum, const heard_t *heard)
{
    uint32_t updated = (uint32_t)sum->net.ends[NET_UPDATED];
    if (heard->devices < sum->told || heard->confirmed < updated) {
        return cli_refuse(cli, "LAB-NET", "the server lost reports that it had answered with 2xx",
                          cli_format(cli, "%u devices told it, %u updated: it knows %u and %u",
                                     (unsigned)sum->told, (unsigned)updated,
                                     (unsigned)heard->devices, (unsigned)heard->confirmed),
                          "please report this, with the seed");
    }
    if (sum->crashes > 0) {
        return cli_refuse(cli, "LAB-NET", "the server ended, and nobody had killed it",
                          cli_format(cli, "%u times", (unsigned)sum->crashes),
                          "please report this, with the seed");
    }
    return sum->net.ends[NET_BROKEN] > 0 ? CLI_REFUSED : CLI_OK;
}

int lab_net_sockets(cli_t *cli, lab_net_stage_t *stage)
{
    run_t run = {.cli = cli};
    sockets_sum_t sum;
    heard_t heard;
    uint32_t devices = cli_given(cli, "devices") ? cli_number(cli, "devices") : DEVICES;
    uint32_t kills = cli_number(cli, "kills");
    if (devices == 0 || devices > DEVICES_MAX || kills > KILLS_MAX) {
        return cli_misuse(cli, "--devices or --kills is out of range",
                          "give 1 to 1000 devices and at most 1000 kills");
    }
    if (!prepare(&run, stage)) {
        return CLI_REFUSED;
    }
    run.bar = (cli_progress_t){.label = "sockets", .total = devices, .unit = "devices"};
    sockets_wish_t wish = {.devices = devices,
                           .kills = kills,
                           .seed = cli_number(cli, "seed"),
                           .jobs = cli_number(cli, "jobs"),
                           .authorities = run.server.cert,
                           .serve = serve,
                           .ctx = &run,
                           .progress = advance,
                           .user = &run};
    (void)fflush(stdout); /* children must not say it again */
    ota_status_t status = sockets_run(&stage->stage, &wish, &sum);
    cli_progress_end(cli, &run.bar);
    if (status != OTA_OK || !count_heard(&run, &heard)) {
        return lab_broken(cli, status != OTA_OK ? status : OTA_ERR_PORT, "sockets");
    }
    (void)cJSON_AddNumberToObject(cli->report, "seed", cli_number(cli, "seed"));
    add_json(cli, &sum, &heard);
    print(cli, &sum, &heard);
    cli_print(cli, "seed %u\n", (unsigned)cli_number(cli, "seed"));
    return judge(cli, &sum, &heard);
}
