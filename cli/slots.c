/* SPDX-License-Identifier: Apache-2.0 */
/* otary slots: otadata explained and changed, by the calls that an application makes. */
#include "cli/flash_open.h"
#include "cli/powered_open.h"
#include "host/boot_text.h"
#include "host/slots_text.h"

static const cli_option_t show_options[] = {CLI_BOOTLOADER, CLI_RUNNING, CLI_TABLE_OFFSET, CLI_END};
static const cli_option_t set_options[] = {
    CLI_BOOTLOADER,
    {"state", 's', CLI_CHOICE, "new|pending|valid|invalid|aborted|undefined", NULL,
     "write this state instead of the one that the call would"},
    {"unverified", 'u', CLI_FLAG, NULL, NULL, "do not look at the image first"},
    CLI_RUNNING,
    CLI_CUT_AFTER,
    CLI_TABLE_OFFSET,
    CLI_END};
static const cli_option_t change_options[] = {CLI_BOOTLOADER, CLI_RUNNING, CLI_CUT_AFTER,
                                              CLI_TABLE_OFFSET, CLI_END};
static const cli_option_t erase_options[] = {CLI_CUT_AFTER, CLI_TABLE_OFFSET, CLI_END};

/* --- show ----------------------------------------------------------------------------------- */

static void show_copies(cli_t *cli, const powered_t *powered, const ota_otadata_t *od)
{
    const flash_image_t *image = powered->image;
    const ota_boot_config_t *config = &powered->rtc.config;
    uint8_t count = image->layout.boot_count;
    char text[256];
    for (int i = 0; i < 2; i++) {
        bool active = ota_otadata_active(od) == i;
        slots_entry_text(&od->copy[i], count, text, sizeof(text));
        cli_print(cli, "copy %d  %s%s%s\n", i, cli_style(cli, active ? CLI_GREEN : CLI_PLAIN), text,
                  cli_style(cli, CLI_PLAIN));
    }
    slots_winner_text(od, count, text, sizeof(text));
    cli_print(cli, "        %s\n", text);
    (void)cJSON_AddItemToObject(cli->report, "otadata", slots_json(od, count));
    (void)cJSON_AddNumberToObject(cli->report, "active", ota_otadata_active(od));
    (void)cJSON_AddNumberToObject(cli->report, "slots", count);
    (void)cJSON_AddStringToObject(cli->report, "why", text);
    if (slots_in_force_text(od, config, count, text, sizeof(text))) {
        cli_print(cli, "record  %s\n", text);
    }
    cli_print(cli, "\n");
    (void)cJSON_AddItemToObject(cli->report, "record", slots_in_force_json(od, config, count));
}

static void show_next_boot(cli_t *cli, powered_t *powered, ota_policy_t policy)
{
    ota_boot_trace_t *trace = cli_allocate(cli, sizeof(*trace));
    ota_slot_t slot = powered_would_boot(powered, policy, trace);
    const char *name = policy == OTA_POLICY_OTARY ? "otary" : "stock";
    ota_status_t status = slot != OTA_SLOT_NONE ? OTA_OK : OTA_ERR_NO_FALLBACK;
    char text[256];
    boot_summary(trace, status, text, sizeof(text));
    cli_print(cli, "%s would start %s\n", boot_policy_title(policy), text);
    cJSON *item = boot_json(trace, status);
    (void)cJSON_AddStringToObject(item, "words", text);
    (void)cJSON_AddItemToObject(cli->report, name, item);
}

static void show_running(cli_t *cli, const powered_t *powered)
{
    const rtc_t *rtc = &powered->rtc;
    const char *text = rtc->found != RTC_FOUND         ? "never switched on"
                       : rtc->running == OTA_SLOT_NONE ? "nothing: the last boot ended in a reset"
                                                       : slot_name(rtc->running);
    cli_print(cli, "running %s\n", text);
    (void)cJSON_AddStringToObject(cli->report, "running", slot_name(rtc->running));
    (void)cJSON_AddNumberToObject(cli->report, "boots", rtc->boots);
    (void)cJSON_AddNumberToObject(cli->report, "efuse", rtc->efuse);
}

static int show_open(cli_t *cli, powered_t *powered)
{
    const flash_image_t *image = powered->image;
    ota_otadata_t od;
    ota_status_t status = ota_otadata_read(&image->file.flash, image->layout.otadata, &od);
    if (cli_given(cli, "running")) {
        if (!cli_powered_run(cli, powered, false)) {
            return CLI_REFUSED;
        }
        powered->rtc.running = powered->device.running;
        powered->rtc.found = RTC_FOUND;
    }
    if (status == OTA_OK) {
        show_copies(cli, powered, &od);
    } else {
        (void)cJSON_AddNullToObject(cli->report, "otadata");
    }
    show_running(cli, powered);
    show_next_boot(cli, powered, OTA_POLICY_STOCK);
    show_next_boot(cli, powered, OTA_POLICY_OTARY);
    return status == OTA_OK ? CLI_OK : cli_status(cli, status, NULL, cli->operand[0]);
}

/* --- change --------------------------------------------------------------------------------- */

static int report_change(cli_t *cli, const powered_t *powered, const char *done)
{
    ota_otadata_t od;
    const flash_image_t *image = powered->image;
    ota_status_t status = ota_otadata_read(&image->file.flash, image->layout.otadata, &od);
    if (status != OTA_OK) {
        return cli_status(cli, status, NULL, cli->operand[0]);
    }
    cli_print(cli, "%s\n\n", done);
    show_copies(cli, powered, &od);
    return CLI_OK;
}

/* A state that no call would write, for experiments: straight into the entry, as stock software
 * would. Under policy otary that counts as foreign, and is taken over. */
static ota_status_t set_state(const powered_t *powered, ota_slot_t slot, uint32_t state)
{
    const flash_image_t *image = powered->image;
    ota_otadata_t od;
    ota_plan_t plan;
    ota_status_t status = ota_otadata_read(&image->file.flash, image->layout.otadata, &od);
    if (status == OTA_OK) {
        status = ota_plan_select(&od, image->layout.boot_count, slot, state, &plan);
    }
    return status == OTA_OK ? ota_plan_execute(&plan, &image->file.flash, image->layout.otadata)
                            : status;
}

static int set_open(cli_t *cli, powered_t *powered)
{
    ota_slot_t slot = slot_parse(&powered->image->table, cli->operand[1]);
    ota_fault_t fault = {0};
    uint32_t state;
    ota_status_t status;
    if (slot == OTA_SLOT_NONE) {
        return cli_refuse(cli, "OTA_ERR_NOT_A_SLOT",
                          cli_format(cli, "the table has no app partition \"%s\"", cli->operand[1]),
                          cli->operand[0],
                          cli_format(cli, "`otary flash show %s` lists them", cli->operand[0]));
    }
    if (!cli_powered_run(cli, powered, true)) {
        return CLI_REFUSED;
    }
    if (cli_text(cli, "state") != NULL && slots_state_parse(cli_text(cli, "state"), &state)) {
        status = cli_flag(cli, "unverified") ? OTA_OK
                                             : ota_device_verdict(&powered->device, slot, &fault);
        status = status == OTA_OK ? set_state(powered, slot, state) : status;
    } else {
        status = ota_device_select(&powered->device, slot, cli_flag(cli, "unverified"), &fault);
    }
    if (status != OTA_OK) {
        fault.status = status;
        return cli_status(cli, status, &fault,
                          cli_format(cli, "%s, %s", cli->operand[0], cli->operand[1]));
    }
    bool by_hand = cli_text(cli, "state") != NULL;
    return report_change(
        cli, powered,
        cli_format(cli, "%s %s", slot_name(slot),
                   by_hand ? "gets a record as Espressif's software writes it; Otary's takes it "
                             "over at the next boot"
                           : "boots next"));
}

static int confirm_open(cli_t *cli, powered_t *powered)
{
    if (!cli_powered_run(cli, powered, false)) {
        return CLI_REFUSED;
    }
    ota_status_t status = ota_device_confirm(&powered->device);
    const char *slot = slot_name(powered->device.running);
    if (status != OTA_OK) {
        return cli_status(cli, status, NULL, cli_format(cli, "%s, %s", cli->operand[0], slot));
    }
    if (powered->rtc.found == RTC_FOUND && !cli_powered_save(cli, powered)) { /* the eFuse */
        return CLI_REFUSED;
    }
    return report_change(cli, powered, cli_format(cli, "%s is confirmed", slot));
}

static int reject_open(cli_t *cli, powered_t *powered)
{
    if (!cli_powered_run(cli, powered, false)) {
        return CLI_REFUSED;
    }
    ota_slot_t to = OTA_SLOT_NONE;
    ota_status_t status = ota_device_can_reject(&powered->device, &to);
    if (status == OTA_OK) {
        status = ota_device_reject(&powered->device);
    }
    const char *slot = slot_name(powered->device.running);
    if (status != OTA_OK) {
        return cli_status(cli, status, NULL, cli_format(cli, "%s, %s", cli->operand[0], slot));
    }
    return report_change(cli, powered,
                         cli_format(cli, "%s is rejected; %s boots next", slot, slot_name(to)));
}

static int erase_open(cli_t *cli, powered_t *powered)
{
    const flash_image_t *image = powered->image;
    ota_plan_t plan;
    ota_plan_clear(&plan);
    ota_status_t status = ota_plan_execute(&plan, &image->file.flash, image->layout.otadata);
    if (status != OTA_OK) {
        return cli_status(cli, status, NULL, cli->operand[0]);
    }
    return report_change(cli, powered, "otadata is blank, as after a serial flash");
}

static int with_device(cli_t *cli, bool writable, int (*run)(cli_t *cli, powered_t *powered))
{
    flash_image_t image;
    if (!cli_flash_open(cli, cli->operand[0], writable, &image)) {
        return CLI_REFUSED;
    }
    int result = run(cli, cli_powered(cli, cli->operand[0], &image));
    flash_image_close(&image);
    return result;
}

static int show(cli_t *cli)
{
    return with_device(cli, false, show_open);
}

static int set(cli_t *cli)
{
    return with_device(cli, true, set_open);
}

static int confirm(cli_t *cli)
{
    return with_device(cli, true, confirm_open);
}

static int reject(cli_t *cli)
{
    return with_device(cli, true, reject_open);
}

static int erase(cli_t *cli)
{
    return with_device(cli, true, erase_open);
}

static const cli_verb_t verbs[] = {
    {.name = "show",
     .operands = "FLASH",
     .min = 1,
     .max = 1,
     .summary = "otadata in words: which copy wins, why, and what would boot",
     .details = "What would boot is decided by the device's own code, by the rules of Espressif's "
                "bootloader\nand by Otary's; nothing is written.",
     .example = "otary slots show device.bin\notary slots show device.bin --rollback --json",
     .options = show_options,
     .run = show},
    {.name = "set",
     .operands = "FLASH SLOT",
     .min = 2,
     .max = 2,
     .summary = "make a slot boot next, as the application's call does",
     .details =
         "The image is judged first, as the bootloader will. What is in force stays untouched "
         "until its\nsuccessor is complete. With --state the entry is rewritten in place, as "
         "Espressif's software\ndoes it; Otary's bootloader takes that over.",
     .example = "otary slots set device.bin ota_1\n"
                "otary slots set device.bin ota_0 --state valid --unverified",
     .options = set_options,
     .run = set},
    {.name = "confirm",
     .operands = "FLASH",
     .min = 1,
     .max = 1,
     .summary = "the running app is good: end its trial",
     .details = "Acts on the record of the slot that runs, never on another.",
     .example = "otary slots confirm device.bin",
     .options = change_options,
     .run = confirm},
    {.name = "reject",
     .operands = "FLASH",
     .min = 1,
     .max = 1,
     .summary = "the running app is bad: go back at the next boot",
     .details = "Refused where nothing that verifies could boot instead.",
     .example = "otary slots reject device.bin && otary boot device.bin",
     .options = change_options,
     .run = reject},
    {.name = "erase",
     .operands = "FLASH",
     .min = 1,
     .max = 1,
     .summary = "blank otadata: as after a serial flash",
     .example = "otary slots erase device.bin",
     .options = erase_options,
     .run = erase},
    {0}};

const cli_command_t cli_slots = {"slots", "otadata: which slot boots, and its trial", verbs};
