/* SPDX-License-Identifier: Apache-2.0 */
/* The part of otary flash show about the next boot: otadata in words, and what it leads to. */
#include "cli/flash.h"
#include "host/explain.h"
#include "ota/slots.h"

static const char *state_word(cli_t *cli, uint32_t state)
{
    switch (state) {
    case OTA_STATE_NEW:
        return "new: its trial boot is still to come";
    case OTA_STATE_PENDING:
        return "on trial: booted once, not confirmed yet";
    case OTA_STATE_VALID:
        return "confirmed";
    case OTA_STATE_INVALID:
        return "rejected by its application";
    case OTA_STATE_ABORTED:
        return "given up by the bootloader";
    case OTA_STATE_UNDEFINED:
        return "no trial asked for";
    default:
        return cli_format(cli, "unknown state 0x%08x, taken as good", (unsigned)state);
    }
}

static const char *copy_words(cli_t *cli, const ota_entry_t *entry, uint8_t slots)
{
    if (entry->seq == OTA_SEQ_EMPTY) {
        return "blank";
    }
    if (!ota_entry_crc_ok(entry)) {
        return cli_format(cli, "damaged: sequence %u, but the CRC is 0x%08x instead of 0x%08x",
                          (unsigned)entry->seq, (unsigned)entry->crc,
                          (unsigned)ota_entry_crc(entry->seq));
    }
    return cli_format(cli, "%s, sequence %u, %s", slot_name(ota_entry_slot(entry, slots)),
                      (unsigned)entry->seq, state_word(cli, entry->state));
}

void flash_show_otadata(cli_t *cli, const flash_image_t *image)
{
    ota_otadata_t od;
    ota_status_t status = ota_otadata_read(&image->file.flash, image->layout.otadata, &od);
    if (status != OTA_OK) {
        explain_t words;
        explain_status(status, &words);
        (void)cJSON_AddNullToObject(cli->report, "otadata");
        cli_print(cli, "  %s\n", words.what);
        return;
    }
    int active = ota_otadata_active(&od);
    cJSON *list = cJSON_AddArrayToObject(cli->report, "otadata");
    for (int i = 0; i < 2; i++) {
        const ota_entry_t *entry = &od.copy[i];
        const char *words = copy_words(cli, entry, image->layout.boot_count);
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddNumberToObject(item, "copy", i);
        (void)cJSON_AddBoolToObject(item, "in_force", i == active);
        (void)cJSON_AddNumberToObject(item, "seq", entry->seq);
        (void)cJSON_AddNumberToObject(item, "state", entry->state);
        (void)cJSON_AddBoolToObject(item, "crc_ok", ota_entry_crc_ok(entry));
        (void)cJSON_AddStringToObject(item, "words", words);
        (void)cJSON_AddItemToArray(list, item);
        cli_print(cli, "  copy %d  %s%s%s%s\n", i, i == active ? cli_style(cli, CLI_GREEN) : "",
                  words, i == active ? " (in force)" : "", cli_style(cli, CLI_PLAIN));
    }
}
