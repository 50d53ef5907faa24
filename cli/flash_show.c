/* SPDX-License-Identifier: Apache-2.0 */
/* otary flash show: who lives where, what each slot holds, what would boot. */
#include "cli/flash.h"
#include "cli/flash_open.h"
#include "host/explain.h"
#include "host/flash_look.h"
#include "host/table_words.h"

#include <string.h>

const cli_option_t flash_show_options[] = {CLI_TABLE_OFFSET, CLI_END};

static const char *kind_of(cli_t *cli, const table_subtypes_t *subtypes, const ota_part_t *part)
{
    const char *type = table_type_name(part->type);
    table_view_t subtype = table_subtype_name(subtypes, part->type, part->subtype);
    const char *first = type != NULL ? type : cli_format(cli, "0x%02x", part->type);
    return subtype.at != NULL ? cli_format(cli, "%s/%.*s", first, (int)subtype.len, subtype.at)
                              : cli_format(cli, "%s/0x%02x", first, part->subtype);
}

/* Good, blank, or the verifier's verdict. */
static const char *verdict(const flash_app_t *app)
{
    if (app->status == OTA_OK) {
        return "good";
    }
    return app->blank ? "blank" : ota_status_name(app->status);
}

static cli_style_t verdict_style(const flash_app_t *app)
{
    if (app->status == OTA_OK) {
        return CLI_GREEN;
    }
    return app->blank ? CLI_DIM : CLI_RED;
}

static void report_app(cJSON *item, const flash_app_t *app)
{
    (void)cJSON_AddStringToObject(item, "verdict", verdict(app));
    (void)cJSON_AddNumberToObject(item, "length", app->length);
    if (app->has_desc) {
        (void)cJSON_AddStringToObject(item, "project", app->desc.project);
        (void)cJSON_AddStringToObject(item, "version", app->desc.version);
        (void)cJSON_AddStringToObject(item, "idf", app->desc.idf_version);
        (void)cJSON_AddNumberToObject(item, "secure_version", app->desc.secure_version);
    }
    if (app->status != OTA_OK && !app->blank) {
        (void)cJSON_AddItemToObject(item, "fault", explain_json(&app->fault));
    }
}

/* "otary 1.2.3 (IDF v5.1), 1.08 MiB of 1.25 MiB" */
static const char *app_words(cli_t *cli, const flash_app_t *app, uint32_t room)
{
    const char *who = "";
    const char *length = "";
    if (app->has_desc) {
        who = cli_format(cli, "%s %s", app->desc.project, app->desc.version);
    }
    if (app->status == OTA_OK) {
        length =
            cli_format(cli, "%s%s, %u%% of the slot", who[0] != '\0' ? ", " : "",
                       cli_bytes(cli, app->length), (unsigned)((uint64_t)app->length * 100 / room));
    }
    return cli_format(cli, "%s%s", who, length);
}

static void show_bootloader(cli_t *cli, const flash_image_t *image, void *buffer)
{
    flash_app_t app;
    if (image->bootloader.size == 0) {
        (void)cJSON_AddNullToObject(cli->report, "bootloader");
        cli_print(cli, "  bootloader  none found\n");
        return;
    }
    flash_look_app(&image->file.flash, image->chip, OTA_IMAGE_BOOTLOADER, image->bootloader, buffer,
                   CLI_BUFFER_SIZE, &app);
    cJSON *item = cJSON_AddObjectToObject(cli->report, "bootloader");
    (void)cJSON_AddNumberToObject(item, "offset", image->bootloader.offset);
    report_app(item, &app);
    cli_print(cli, "  %-11s 0x%06x  %s%s%s  %s\n", "bootloader", (unsigned)image->bootloader.offset,
              cli_style(cli, verdict_style(&app)), verdict(&app), cli_style(cli, CLI_PLAIN),
              app.status == OTA_OK ? cli_bytes(cli, app.length) : "");
}

static void show_slot(cli_t *cli, const flash_image_t *image, const ota_part_t *part,
                      ota_slot_t slot, void *buffer)
{
    flash_app_t app;
    flash_look_app(&image->file.flash, image->chip, OTA_IMAGE_APP,
                   (ota_region_t){part->offset, part->size}, buffer, CLI_BUFFER_SIZE, &app);
    cJSON *item = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(item, "slot", slot_name(slot));
    (void)cJSON_AddStringToObject(item, "label", part->label);
    (void)cJSON_AddNumberToObject(item, "offset", part->offset);
    (void)cJSON_AddNumberToObject(item, "size", part->size);
    report_app(item, &app);
    (void)cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(cli->report, "slots"), item);
    cli_print(cli, "  %-11s 0x%06x  %s%s%s  %s\n", slot_name(slot), (unsigned)part->offset,
              cli_style(cli, verdict_style(&app)), verdict(&app), cli_style(cli, CLI_PLAIN),
              app_words(cli, &app, part->size > 0 ? part->size : 1));
}

static void show_slots(cli_t *cli, const flash_image_t *image)
{
    void *buffer = cli_allocate(cli, CLI_BUFFER_SIZE);
    ota_part_t part;
    (void)cJSON_AddArrayToObject(cli->report, "slots");
    cli_print(cli, "\n%sImages%s\n", cli_style(cli, CLI_BOLD), cli_style(cli, CLI_PLAIN));
    show_bootloader(cli, image, buffer);
    for (ota_slot_t slot = OTA_SLOT_TEST; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        if (slot_part(&image->table, slot, &part) == OTA_OK) {
            show_slot(cli, image, &part, slot, buffer);
        }
    }
}

static void show_partitions(cli_t *cli, const flash_image_t *image)
{
    table_subtypes_t *subtypes = cli_allocate(cli, sizeof(*subtypes));
    cJSON *list = cJSON_AddArrayToObject(cli->report, "partitions");
    ota_part_t part;
    table_subtypes_init(subtypes);
    for (uint32_t i = 0; i < image->table.count; i++) {
        if (ota_table_get(&image->table, i, &part) != OTA_OK) {
            continue;
        }
        const char *kind = kind_of(cli, subtypes, &part);
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(item, "label", part.label);
        (void)cJSON_AddStringToObject(item, "kind", kind);
        (void)cJSON_AddNumberToObject(item, "offset", part.offset);
        (void)cJSON_AddNumberToObject(item, "size", part.size);
        (void)cJSON_AddBoolToObject(item, "encrypted", (part.flags & OTA_PART_ENCRYPTED) != 0);
        (void)cJSON_AddBoolToObject(item, "readonly", (part.flags & OTA_PART_READONLY) != 0);
        (void)cJSON_AddItemToArray(list, item);
        cli_print(cli, "  %-16s %-14s 0x%06x  %s\n", part.label, kind, (unsigned)part.offset,
                  cli_bytes(cli, part.size));
    }
}

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

static void show_otadata(cli_t *cli, const flash_image_t *image)
{
    ota_otadata_t od;
    ota_status_t status = ota_otadata_read(&image->file.flash, image->layout.otadata, &od);
    cli_print(cli, "\n%sotadata%s\n", cli_style(cli, CLI_BOLD), cli_style(cli, CLI_PLAIN));
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

static void show_head(cli_t *cli, const flash_image_t *image)
{
    static const char *const from[] = {
        [FLASH_CHIP_UNKNOWN] = "no image names it",
        [FLASH_CHIP_BOOTLOADER] = "its bootloader says so",
        [FLASH_CHIP_APP] = "its first app says so",
    };
    const char *chip = image->chip != NULL ? image->chip->name : "unknown chip";
    (void)cJSON_AddStringToObject(cli->report, "flash", cli->operand[0]);
    (void)cJSON_AddNumberToObject(cli->report, "size", image->file.flash.size);
    if (image->chip != NULL) {
        (void)cJSON_AddStringToObject(cli->report, "chip", chip);
    } else {
        (void)cJSON_AddNullToObject(cli->report, "chip");
    }
    (void)cJSON_AddNumberToObject(cli->report, "table_offset", image->table_offset);
    cli_print(cli, "%s%s%s: %s of flash, %s (%s), table at 0x%x\n\n", cli_style(cli, CLI_BOLD),
              cli->operand[0], cli_style(cli, CLI_PLAIN), cli_bytes(cli, image->file.flash.size),
              chip, from[image->chip_from], (unsigned)image->table_offset);
}

int flash_show(cli_t *cli)
{
    flash_image_t image;
    if (!cli_flash_open(cli, cli->operand[0], false, &image)) {
        return CLI_REFUSED;
    }
    show_head(cli, &image);
    show_partitions(cli, &image);
    show_slots(cli, &image);
    show_otadata(cli, &image);
    flash_image_close(&image);
    return CLI_OK;
}
