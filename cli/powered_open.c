/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/powered_open.h"

#include <errno.h>
#include <string.h>

static void apply(const cli_t *cli, powered_t *powered)
{
    ota_boot_config_t *config = &powered->rtc.config;
    const char *policy = cli_text(cli, "policy");
    if (policy != NULL) {
        config->policy = strcmp(policy, "otary") == 0 ? OTA_POLICY_OTARY : OTA_POLICY_STOCK;
    }
    if (cli_flag(cli, "rollback")) {
        config->rollback = true;
    }
    if (cli_flag(cli, "no-rollback")) {
        config->rollback = false;
        config->anti_rollback = false;
    }
    if (cli_given(cli, "trial-boots")) {
        uint32_t boots = cli_number(cli, "trial-boots");
        config->trial_boots = (uint8_t)(boots < UINT8_MAX ? boots : UINT8_MAX);
    }
    if (cli_given(cli, "secure-version")) {
        config->anti_rollback = true;
        powered->rtc.efuse = cli_number(cli, "secure-version");
    }
}

powered_t *cli_powered(cli_t *cli, const char *path, const flash_image_t *image)
{
    powered_t *powered = cli_allocate(cli, sizeof(*powered));
    powered_start(powered, image, path);
    if (powered->rtc.found == RTC_DAMAGED) {
        cli_warn(cli, "RTC", "what was kept of the last boot cannot be read; it counts as none",
                 cli_format(cli, "%s.rtc", path),
                 cli_format(cli, "`otary boot %s` writes it anew", path));
    }
    if (cli_has(cli, "policy")) {
        apply(cli, powered);
    }
    return powered;
}

static bool named_slot(cli_t *cli, const powered_t *powered, ota_slot_t *slot)
{
    const char *name = cli_text(cli, "running");
    if (name == NULL) {
        return true;
    }
    *slot = slot_parse(&powered->image->table, name);
    if (*slot == OTA_SLOT_NONE) {
        (void)cli_refuse(cli, "OTA_ERR_NOT_A_SLOT",
                         cli_format(cli, "the table has no app partition \"%s\"", name),
                         powered->path,
                         cli_format(cli, "`otary flash show %s` lists them", powered->path));
    }
    return *slot != OTA_SLOT_NONE;
}

bool cli_powered_run(cli_t *cli, powered_t *powered, bool may_guess)
{
    ota_slot_t slot = powered->rtc.running;
    if (!named_slot(cli, powered, &slot)) {
        return false;
    }
    if (slot == OTA_SLOT_NONE && may_guess) {
        ota_boot_trace_t *trace = cli_allocate(cli, sizeof(*trace));
        slot = powered_would_boot(powered, powered->rtc.config.policy, trace);
    }
    if (slot == OTA_SLOT_NONE) {
        const char *what = powered->rtc.found == RTC_FOUND && powered->rtc.boots > 0
                               ? "nothing runs: the last boot ended in a reset"
                               : "nothing runs: the device was never switched on";
        (void)cli_refuse(cli, "OTA_ERR_NO_CHOICE", what, powered->path,
                         cli_format(cli, "switch it on with `otary boot %s`, or say --running SLOT",
                                    powered->path));
        return false;
    }
    if (powered_run(powered, slot) != OTA_OK) {
        (void)cli_refuse(cli, "OTA_ERR_NOT_A_SLOT",
                         cli_format(cli, "%s should be running, but the table does not have it",
                                    slot_name(slot)),
                         powered->path,
                         cli_format(cli, "switch it on again with `otary boot %s`", powered->path));
        return false;
    }
    return true;
}

bool cli_powered_save(cli_t *cli, const powered_t *powered)
{
    if (powered_save(powered)) {
        return true;
    }
    (void)cli_refuse(cli, "RTC", cli_format(cli, "cannot keep what runs: %s", strerror(errno)),
                     cli_format(cli, "%s.rtc", powered->path),
                     "make the folder of the flash file writable");
    return false;
}
