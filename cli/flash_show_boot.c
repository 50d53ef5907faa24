/* SPDX-License-Identifier: Apache-2.0 */
/* The part of otary flash show about the next boot: otadata in words, and what it leads to. */
#include "cli/flash.h"
#include "host/boot_text.h"
#include "host/explain.h"
#include "host/powered.h"
#include "host/slots_text.h"

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

/* The device as it is kept beside the file. One that was never switched on (a dump of a board)
 * counts as built with rollback: records NEW and PENDING are only ever written where it is on,
 * and only they make a difference to it. */
static powered_t *power_up(cli_t *cli, const flash_image_t *image, const char *path)
{
    powered_t *powered = cli_allocate(cli, sizeof(*powered));
    powered_start(powered, image, path);
    if (powered->rtc.found != RTC_FOUND) {
        powered->rtc.config.rollback = true;
    }
    return powered;
}

void flash_show_next(cli_t *cli, const flash_image_t *image, const char *path)
{
    static const struct {
        ota_policy_t policy;
        const char *key;
    } policies[] = {{OTA_POLICY_STOCK, "stock"}, {OTA_POLICY_OTARY, "otary"}};
    cJSON *next = cJSON_AddObjectToObject(cli->report, "next_boot");
    powered_t *powered = power_up(cli, image, path);
    for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
        ota_boot_trace_t trace;
        char text[TEXT_ROOM];
        ota_slot_t slot = powered_would_boot(powered, policies[i].policy, &trace);
        ota_status_t status = slot != OTA_SLOT_NONE ? OTA_OK : OTA_ERR_NO_FALLBACK;
        boot_summary(&trace, status, text, sizeof(text));
        (void)cJSON_AddItemToObject(next, policies[i].key, boot_json(&trace, status));
        cli_print(cli, "  %-23s %s%s%s\n", boot_policy_title(policies[i].policy),
                  cli_style(cli, status == OTA_OK ? CLI_GREEN : CLI_RED), text,
                  cli_style(cli, CLI_PLAIN));
    }
}
