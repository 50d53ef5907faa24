/* SPDX-License-Identifier: Apache-2.0 */
/* otary device: a virtual ESP32 that updates itself. */
#include "cli/device.h"

#include "device/device.h"
#include "host/flash_image.h"

int device_refuse_identity(cli_t *cli, const char *path)
{
    return cli_refuse(cli, "DEVICE", "this flash belongs to no device: nothing says who it is",
                      cli_format(cli, "%s.device", path),
                      "make device and flash together with `otary device new`");
}

static void show_report(cli_t *cli, const ota_agent_memory_t *memory)
{
    (void)cJSON_AddBoolToObject(cli->report, "report_pending", memory->report.kind != 0);
    if (memory->report.kind != 0) {
        cli_print(cli, "report    about %s is pending (%s)\n", memory->report.version,
                  ota_status_name(memory->report.status));
    }
}

static void show_memory(cli_t *cli, const ota_agent_memory_t *memory)
{
    cJSON *failures = cJSON_AddArrayToObject(cli->report, "failures");
    (void)cJSON_AddNumberToObject(cli->report, "serial", memory->serial);
    (void)cJSON_AddNumberToObject(cli->report, "order", memory->order);
    (void)cJSON_AddStringToObject(cli->report, "version", memory->version);
    cli_print(cli, "runs      %s, %s (order %u)\n", slot_name(memory->slot),
              memory->version[0] != '\0' ? memory->version : "not known", (unsigned)memory->order);
    cli_print(cli, "manifest  serial %u is the newest accepted\n", (unsigned)memory->serial);
    for (size_t i = 0; i < OTA_AGENT_FAILURES; i++) {
        const ota_failure_t *failure = &memory->failure[i];
        if (failure->attempts > 0) {
            cJSON *item = cJSON_CreateObject();
            (void)cJSON_AddNumberToObject(item, "order", failure->order);
            (void)cJSON_AddNumberToObject(item, "attempts", failure->attempts);
            (void)cJSON_AddItemToArray(failures, item);
            cli_print(cli, "failed    order %u, %u time%s\n", (unsigned)failure->order,
                      (unsigned)failure->attempts, failure->attempts == 1 ? "" : "s");
        }
    }
    show_report(cli, memory);
}

int device_show(cli_t *cli)
{
    const char *path = cli->operand[0];
    device_identity_t *identity = cli_allocate(cli, sizeof(*identity));
    ota_agent_memory_t memory;
    if (!device_identity_load(identity, path)) {
        return device_refuse_identity(cli, path);
    }
    ota_status_t status = device_memory(path, &memory);
    if (status != OTA_OK) {
        return cli_status(cli, status, NULL, path);
    }
    (void)cJSON_AddStringToObject(cli->report, "product", identity->product);
    (void)cJSON_AddStringToObject(cli->report, "channel", identity->channel);
    (void)cJSON_AddStringToObject(cli->report, "id", identity->id);
    cli_print(cli, "device    %s, a %s on channel %s\n", identity->id, identity->product,
              identity->channel);
    show_memory(cli, &memory);
    return CLI_OK;
}

static const cli_verb_t verbs[] = {
    {.name = "new",
     .operands = "FLASH",
     .min = 1,
     .max = 1,
     .summary = "make a device: a flash with its first app, and who it is",
     .details = "Beside FLASH it writes FLASH.rtc (how the bootloader is built), FLASH.device "
                "(product, channel,\nid, the key set that its firmware trusts). The device keeps "
                "what it learns in FLASH.ota.*.",
     .example = "otary device new dev.bin --table partitions.csv --app ota_0=v1.bin \\\n"
                "    --keys public/lamp/keys/1.json",
     .options = device_new_options,
     .run = device_new},
    {.name = "run",
     .operands = "FLASH",
     .min = 1,
     .max = 1,
     .summary = "switch it on: it checks, updates, restarts, confirms and reports",
     .details =
         "The console shows what a board's serial port would. The run ends when the device has "
         "nothing\nmore to do until its next poll (exit status 0 unless it gave up), when its "
         "boots are used up,\nor when nothing boots. Waits are shortened; its clock does not "
         "notice.\n\n--behave says what an app does while it is on trial: healthy; crash in each "
         "boot, or crash@N\nin the Nth; hang, until the watchdog; no-server, never reaching it; "
         "forget to confirm.\nWith --count the flash is only the model: each device has a copy in "
         "memory.",
     .example = "otary device run dev.bin --server http://127.0.0.1:8080\n"
                "otary device run dev.bin --server http://127.0.0.1:8080 --kill-at 40\n"
                "otary device run dev.bin --server http://127.0.0.1:8080 --count 50 --cuts 30 "
                "--seed 7",
     .options = device_run_options,
     .run = device_run},
    {.name = "show",
     .operands = "FLASH",
     .min = 1,
     .max = 1,
     .summary = "who it is, and what it remembers",
     .example = "otary device show dev.bin",
     .run = device_show},
    {0}};

const cli_command_t cli_device = {"device", "a virtual device that updates itself", verbs};
