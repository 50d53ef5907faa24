/* SPDX-License-Identifier: Apache-2.0 */
/* otary flash show: who lives where, what each slot holds, what would boot. */
#include "cli/flash.h"
#include "cli/flash_open.h"
#include "cli/layer.h"
#include "host/explain.h"
#include "host/flash_look.h"
#include "host/flash_map.h"

#include <stdlib.h>
#include <string.h>

const cli_option_t flash_show_options[] = {
    {"ascii", 0, CLI_FLAG, NULL, NULL, "without line drawing characters"},
    CLI_TABLE_OFFSET,
    CLI_END};

/* What is gathered before anything is printed. */
typedef struct {
    size_t count;
    ota_part_t part[FLASH_MAP_PARTS_MAX];
    flash_app_t app[FLASH_MAP_PARTS_MAX]; /* of app partitions */
    flash_app_t bootloader;
    void *buffer;
} view_t;

static void heading(const cli_t *cli, const char *text)
{
    cli_print(cli, "\n%s%s%s\n", cli_style(cli, CLI_BOLD), text, cli_style(cli, CLI_PLAIN));
}

static const char *verdict(const flash_app_t *app)
{
    if (app->status == OTA_OK) {
        return "good";
    }
    return app->blank ? "blank" : "broken";
}

/* "clock 1.2.3, 1.10 MiB, 88% of its place" */
static const char *app_words(cli_t *cli, const flash_app_t *app, uint32_t room)
{
    const char *who =
        app->has_desc ? cli_format(cli, "%s %s", app->desc.project, app->desc.version) : "";
    if (app->status != OTA_OK) {
        return who;
    }
    unsigned percent = room > 0 ? (unsigned)((uint64_t)app->length * 100 / room) : 0;
    return cli_format(cli, "%s%s%s, %u%% of its place", who, who[0] != '\0' ? ", " : "",
                      cli_bytes(cli, app->length), percent);
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

static cJSON *report_part(cJSON *list, const ota_part_t *part)
{
    char kind[40];
    cJSON *item = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(item, "label", part->label);
    (void)cJSON_AddStringToObject(item, "kind", flash_map_kind(part, kind));
    (void)cJSON_AddNumberToObject(item, "offset", part->offset);
    (void)cJSON_AddNumberToObject(item, "size", part->size);
    (void)cJSON_AddBoolToObject(item, "encrypted", (part->flags & OTA_PART_ENCRYPTED) != 0);
    (void)cJSON_AddBoolToObject(item, "readonly", (part->flags & OTA_PART_READONLY) != 0);
    (void)cJSON_AddItemToArray(list, item);
    return item;
}

static void gather(cli_t *cli, const flash_image_t *image, view_t *view)
{
    cJSON *list = cJSON_AddArrayToObject(cli->report, "partitions");
    for (uint32_t i = 0; i < image->table.count && view->count < FLASH_MAP_PARTS_MAX; i++) {
        ota_part_t *part = &view->part[view->count];
        flash_app_t *app = &view->app[view->count];
        if (ota_table_get(&image->table, i, part) != OTA_OK) {
            continue;
        }
        cJSON *item = report_part(list, part);
        if (part->type == OTA_TYPE_APP) {
            flash_look_app(&image->file.flash, image->chip, OTA_IMAGE_APP,
                           (ota_region_t){part->offset, part->size}, view->buffer, CLI_BUFFER_SIZE,
                           app);
            report_app(cJSON_AddObjectToObject(item, "app"), app);
        }
        view->count++;
    }
}

static void gather_bootloader(cli_t *cli, const flash_image_t *image, view_t *view)
{
    if (image->bootloader.size == 0) {
        (void)cJSON_AddNullToObject(cli->report, "bootloader");
        return;
    }
    flash_look_app(&image->file.flash, image->chip, OTA_IMAGE_BOOTLOADER, image->bootloader,
                   view->buffer, CLI_BUFFER_SIZE, &view->bootloader);
    cJSON *item = cJSON_AddObjectToObject(cli->report, "bootloader");
    (void)cJSON_AddNumberToObject(item, "offset", image->bootloader.offset);
    report_app(item, &view->bootloader);
}

static void show_head(cli_t *cli, const flash_image_t *image)
{
    static const char *const from[] = {
        [FLASH_CHIP_UNKNOWN] = "no image names it",
        [FLASH_CHIP_BOOTLOADER] = "its bootloader says so",
        [FLASH_CHIP_APP] = "its first app says so",
    };
    const char *chip = image->chip != NULL ? image->chip->name : NULL;
    (void)cJSON_AddStringToObject(cli->report, "flash", cli->operand[0]);
    (void)cJSON_AddNumberToObject(cli->report, "size", image->file.flash.size);
    (void)cJSON_AddItemToObject(cli->report, "chip",
                                chip != NULL ? cJSON_CreateString(chip) : cJSON_CreateNull());
    (void)cJSON_AddNumberToObject(cli->report, "table_offset", image->table_offset);
    cli_print(cli, "%s%s%s: %s of flash, %s (%s), table at 0x%x\n\n", cli_style(cli, CLI_BOLD),
              cli->operand[0], cli_style(cli, CLI_PLAIN), cli_bytes(cli, image->file.flash.size),
              chip != NULL ? chip : "unknown chip", from[image->chip_from],
              (unsigned)image->table_offset);
}

static bool show_map(cli_t *cli, const flash_image_t *image, const view_t *view)
{
    flash_map_t map = FLASH_MAP_DEFAULT;
    map.flash_size = image->file.flash.size;
    map.table_offset = image->table_offset;
    map.bootloader_offset = image->chip != NULL ? image->chip->bootloader_offset : 0;
    map.width = cli->width;
    map.utf8 = cli->utf8 && !cli_flag(cli, "ascii");
    map.colour = cli->colour;
    char *text = flash_map_draw(&map, view->part, view->count);
    if (text == NULL) {
        (void)cli_refuse(cli, "OTA_ERR_NO_ROOM", "the map cannot be drawn: out of memory",
                         cli->operand[0], "close other programs and try again");
        return false;
    }
    cli_print(cli, "%s", text);
    free(text);
    return true;
}

#define HANG 27u /* where the words behind a verdict begin */

static void print_words(const cli_t *cli, size_t column, const char *words)
{
    if (words[0] == '\0') {
        cli_print(cli, "\n");
    } else if (!cli->json) {
        cli_print(cli, "%*s", (int)(HANG - column), "");
        cli_fold(stdout, HANG, cli->width, words);
    }
}

static void show_app(cli_t *cli, const char *name, const flash_app_t *app, uint32_t room)
{
    explain_t words;
    cli_style_t style = app->status == OTA_OK ? CLI_GREEN : (app->blank ? CLI_DIM : CLI_RED);
    cli_print(cli, "  %-16s %s%s%s", name, cli_style(cli, style), verdict(app),
              cli_style(cli, CLI_PLAIN));
    print_words(cli, 19 + strlen(verdict(app)), app_words(cli, app, room));
    if (app->status != OTA_OK && !app->blank) {
        explain_fault(&app->fault, &words);
        print_words(cli, 0, words.what);
        if (words.where[0] != '\0') {
            print_words(cli, 0, words.where);
        }
    }
}

static void show_apps(cli_t *cli, const flash_image_t *image, const view_t *view)
{
    heading(cli, "Images");
    if (image->bootloader.size == 0) {
        cli_print(cli, "  %-16s none: a real chip would not start\n", "bootloader");
    } else {
        show_app(cli, "bootloader", &view->bootloader, image->bootloader.size);
    }
    for (size_t i = 0; i < view->count; i++) {
        if (view->part[i].type == OTA_TYPE_APP) {
            show_app(cli, view->part[i].label, &view->app[i], view->part[i].size);
        }
    }
}

static int show(cli_t *cli, const flash_image_t *image)
{
    view_t *view = cli_allocate(cli, sizeof(*view));
    view->buffer = cli_allocate(cli, CLI_BUFFER_SIZE);
    show_head(cli, image);
    gather(cli, image, view);
    gather_bootloader(cli, image, view);
    if (!show_map(cli, image, view)) {
        return CLI_REFUSED;
    }
    show_apps(cli, image, view);
    heading(cli, "otadata");
    flash_show_otadata(cli, image);
    heading(cli, "The next boot would run");
    flash_show_next(cli, image, cli->operand[0]);
    return CLI_OK;
}

int flash_show(cli_t *cli)
{
    flash_image_t image;
    if (!cli_flash_open(cli, cli->operand[0], false, &image)) {
        return CLI_REFUSED;
    }
    int rc = show(cli, &image);
    flash_image_close(&image);
    return rc;
}
