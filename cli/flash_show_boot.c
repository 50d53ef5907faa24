/* SPDX-License-Identifier: Apache-2.0 */
/* The part of otary flash show about the next boot: otadata in words, and what it leads to. */
#include "boot/boot.h"
#include "cli/flash.h"
#include "host/boot_text.h"
#include "host/explain.h"
#include "host/slots_text.h"
#include "ports/crypto/openssl.h"

#define TEXT_ROOM 256u

void flash_show_otadata(cli_t *cli, const flash_image_t *image)
{
    ota_otadata_t od;
    char text[TEXT_ROOM];
    uint8_t slots = image->layout.boot_count;
    ota_status_t status = ota_otadata_read(&image->file.flash, image->layout.otadata, &od);
    if (status != OTA_OK) {
        explain_t words;
        explain_status(status, &words);
        (void)cJSON_AddNullToObject(cli->report, "otadata");
        cli_print(cli, "  %s\n", words.what);
        return;
    }
    (void)cJSON_AddItemToObject(cli->report, "otadata", slots_json(&od, slots));
    for (int i = 0; i < 2; i++) {
        slots_entry_text(&od.copy[i], slots, text, sizeof(text));
        cli_print(cli, "  copy %d  %s\n", i, text);
    }
    slots_winner_text(&od, slots, text, sizeof(text));
    cli_print(cli, "  %s\n", text);
}

static ota_status_t rehearse(cli_t *cli, const flash_image_t *image, ota_policy_t policy,
                             ota_boot_trace_t *trace)
{
    ota_boot_verifier_t verifier = {
        .flash = &image->file.flash,
        .rules = {.chip = image->chip, .any_rev = true, .crypto = &crypto_openssl},
        .buffer = cli_allocate(cli, CLI_BUFFER_SIZE),
        .buffer_len = CLI_BUFFER_SIZE};
    /* Records NEW and PENDING are only ever written where rollback is on, and only they make a
     * difference to it. */
    ota_boot_config_t config = {.policy = policy, .rollback = true};
    ota_machine_t machine = {.flash = &image->file.flash,
                             .table_offset = image->table_offset,
                             .table_buffer = cli_allocate(cli, OTA_TABLE_SIZE),
                             .config = &config,
                             .dry_run = true,
                             .ctx = &verifier,
                             .load = ota_boot_verify};
    return ota_boot_run(&machine, trace);
}

void flash_show_next(cli_t *cli, const flash_image_t *image)
{
    static const struct {
        ota_policy_t policy;
        const char *key;
    } policies[] = {{OTA_POLICY_STOCK, "stock"}, {OTA_POLICY_OTARY, "otary"}};
    cJSON *next = cJSON_AddObjectToObject(cli->report, "next_boot");
    for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
        ota_boot_trace_t trace;
        char text[TEXT_ROOM];
        ota_status_t status = rehearse(cli, image, policies[i].policy, &trace);
        boot_summary(&trace, status, text, sizeof(text));
        (void)cJSON_AddItemToObject(next, policies[i].key, boot_json(&trace, status));
        cli_print(cli, "  %-23s %s%s%s\n", boot_policy_title(policies[i].policy),
                  cli_style(cli, status == OTA_OK ? CLI_GREEN : CLI_RED), text,
                  cli_style(cli, CLI_PLAIN));
    }
}
