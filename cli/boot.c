/* SPDX-License-Identifier: Apache-2.0 */
/* otary boot: one boot of a flash file, step by step, and its facts kept for the next command. */
#include "cli/flash_open.h"
#include "cli/powered_open.h"
#include "host/boot_text.h"
#include "host/slots_text.h"

static const cli_option_t options[] = {
    CLI_BOOTLOADER,
    {"factory-pin", 0, CLI_FLAG, NULL, NULL, "the factory-reset pin is held"},
    {"factory-erases-otadata", 0, CLI_FLAG, NULL, NULL, "and that reset erases otadata as well"},
    {"factory-erases", 0, CLI_TEXT, "LABELS", "nvs", "and these data partitions"},
    {"test-pin", 0, CLI_FLAG, NULL, NULL, "the test-app pin is held"},
    {"dry-run", 'n', CLI_FLAG, NULL, NULL, "decide and say, but write nothing"},
    CLI_RUNNING,
    CLI_CUT_AFTER,
    CLI_TABLE_OFFSET,
    CLI_END};

static void print_line(void *user, char level, const char *text)
{
    cli_t *cli = user;
    cli_style_t style = level == 'E' ? CLI_RED : level == 'W' ? CLI_YELLOW : CLI_PLAIN;
    cli_print(cli, "%s%c boot: %s%s\n", cli_style(cli, style), level, text,
              cli_style(cli, CLI_PLAIN));
}

static void say_reset_data(cli_t *cli, const powered_t *powered)
{
    if (powered->reset != OTA_OK) {
        (void)cli_status(cli, powered->reset, NULL, "a data partition that the reset erases");
    }
}

static int boot_now(cli_t *cli, powered_t *powered)
{
    powered_switches_t switches = {.factory_pin = cli_flag(cli, "factory-pin"),
                                   .factory_erases_otadata =
                                       cli_flag(cli, "factory-erases-otadata"),
                                   .factory_erases = cli_text(cli, "factory-erases"),
                                   .test_pin = cli_flag(cli, "test-pin"),
                                   .dry_run = cli_flag(cli, "dry-run")};
    ota_boot_trace_t *trace = cli_allocate(cli, sizeof(*trace));
    ota_status_t status = powered_boot(powered, &switches, trace);
    boot_log(trace, status, &powered->rtc.config, print_line, cli);
    say_reset_data(cli, powered);
    (void)cJSON_AddItemToObject(cli->report, "boot", boot_json(trace, status));
    (void)cJSON_AddBoolToObject(cli->report, "dry_run", switches.dry_run);
    (void)cJSON_AddNumberToObject(cli->report, "boots", powered->rtc.boots);
    if (!switches.dry_run && !cli_powered_save(cli, powered)) {
        return CLI_REFUSED;
    }
    if (status == OTA_ERR_NOT_A_SLOT && switches.test_pin) {
        return cli_refuse(cli, ota_status_name(status),
                          "the test pin is held, but the table has no test app", cli->operand[0],
                          "leave --test-pin out, or add a row of type app and subtype test");
    }
    if (status != OTA_OK) {
        return cli_status(cli, status, trace->table.status != OTA_OK ? &trace->table : NULL,
                          cli->operand[0]);
    }
    return trace->write != OTA_OK ? cli_status(cli, trace->write, NULL, cli->operand[0]) : CLI_OK;
}

/* --running: somebody else, a real chip's log say, has told what runs. */
static int take_running(cli_t *cli, powered_t *powered)
{
    if (!cli_powered_run(cli, powered, false)) {
        return CLI_REFUSED;
    }
    powered->rtc.running = powered->device.running;
    (void)cJSON_AddStringToObject(cli->report, "running", slot_name(powered->rtc.running));
    cli_print(cli, "%s runs, as you say; nothing was decided and otadata is as it was\n",
              slot_name(powered->rtc.running));
    return cli_flag(cli, "dry-run") || cli_powered_save(cli, powered) ? CLI_OK : CLI_REFUSED;
}

static int boot(cli_t *cli)
{
    flash_image_t image;
    if (!cli_flash_open(cli, cli->operand[0], !cli_flag(cli, "dry-run"), &image)) {
        return CLI_REFUSED;
    }
    powered_t *powered = cli_powered(cli, cli->operand[0], &image);
    int result = cli_given(cli, "running") ? take_running(cli, powered) : boot_now(cli, powered);
    flash_image_close(&image);
    return result;
}

static const cli_verb_t verbs[] = {
    {.operands = "FLASH",
     .min = 1,
     .max = 1,
     .summary = "switch the device on: decide what boots, write state, say why",
     .details = "One boot of the device that the flash file is, by the device's own code. Which "
                "slot runs\nafterwards, the emulated eFuse and how the bootloader is built are "
                "kept in FLASH.rtc, so\nthat a sequence of commands behaves as one powered "
                "device.",
     .example = "otary boot device.bin\n"
                "otary boot device.bin --policy otary --rollback\n"
                "otary boot device.bin --dry-run --secure-version 3",
     .options = options,
     .run = boot},
    {0}};

const cli_command_t cli_boot = {"boot", "one boot: which slot starts, and why", verbs};
