/* SPDX-License-Identifier: Apache-2.0 */
/* otary table suggest: a ranking, the reasons, and the lines that choose the best one. */
#include "cli/table.h"
#include "host/flash_map.h"
#include "host/size.h"
#include "ota/image.h"

#include <stdlib.h>
#include <string.h>

const cli_option_t table_suggest_options[] = {
    {"app-size", 0, CLI_NUMBER, "SIZE", NULL, "size of the app, instead of its file"},
    {"flash-size", 0, CLI_NUMBER, "SIZE", "4M",
     "size of the flash chip; else APP's header says it"},
    {"spiffs", 0, CLI_NUMBER, "SIZE", NULL, "keep a SPIFFS of at least this"},
    {"littlefs", 0, CLI_NUMBER, "SIZE", NULL, "keep a LittleFS of at least this"},
    {"fat", 0, CLI_NUMBER, "SIZE", NULL, "keep a FAT of at least this"},
    {"fs", 0, CLI_NUMBER, "SIZE", NULL, "keep a file system of any kind; 0: none needed"},
    {"nvs", 0, CLI_NUMBER, "SIZE", NULL, "keep an nvs of at least this"},
    {"coredump", 0, CLI_NUMBER, "SIZE", NULL, "keep a coredump partition of at least this"},
    {"factory", 0, CLI_FLAG, NULL, NULL, "keep a factory app that holds the app"},
    {"no-ota", 0, CLI_FLAG, NULL, NULL, "updates over the air are not wanted"},
    {"all", 0, CLI_FLAG, NULL, NULL, "list every table, also those that do not fit"},
    {"output", 'o', CLI_FILE, "FILE", NULL, "write the computed table as CSV"},
    CLI_FORCE,
    CLI_END,
};

#define SHOWN   6u
#define APP_MAX (64u << 20)

static void read_file_system(cli_t *cli, suggest_need_t *need)
{
    static const struct {
        const char *option;
        suggest_fs_t fs;
    } kinds[] = {{"fs", FS_ANY}, {"spiffs", FS_SPIFFS}, {"littlefs", FS_LITTLEFS}, {"fat", FS_FAT}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (cli_given(cli, kinds[i].option)) {
            need->fs_given = true;
            need->fs = kinds[i].fs;
            need->fs_size = cli_number(cli, kinds[i].option);
        }
    }
}

/* The build has written it into the header; 0: that is no image. */
static uint32_t header_flash_size(const cli_bytes_t *app)
{
    ota_image_header_t header;
    if (app->len < OTA_IMAGE_HEADER || ota_image_header_decode(&header, app->bytes) != OTA_OK) {
        return 0;
    }
    uint8_t n = header.spi_speed_size >> 4;
    return n <= 7 ? 0x100000u << n : 0;
}

static int read_need(cli_t *cli, suggest_need_t *need)
{
    *need = (suggest_need_t){.app_size = cli_number(cli, "app-size"),
                             .flash_size = cli_number(cli, "flash-size"),
                             .nvs = cli_number(cli, "nvs"),
                             .coredump = cli_number(cli, "coredump"),
                             .factory = cli_flag(cli, "factory"),
                             .no_ota = cli_flag(cli, "no-ota")};
    read_file_system(cli, need);
    if ((cli->operands > 0) == cli_given(cli, "app-size")) {
        return cli_misuse(cli, "the size of the app is needed, once",
                          "name its file, or give --app-size SIZE");
    }
    if (cli->operands > 0) {
        cli_bytes_t app;
        if (!cli_read(cli, cli->operand[0], APP_MAX, &app)) {
            return CLI_REFUSED;
        }
        need->app_size = (uint32_t)app.len;
        if (!cli_given(cli, "flash-size") && header_flash_size(&app) != 0) {
            need->flash_size = header_flash_size(&app);
        }
    }
    if (need->app_size == 0) {
        return cli_misuse(cli, "the app has no bytes", "name the firmware file that was built");
    }
    if (need->flash_size % (1u << 20) != 0 || need->flash_size == 0) {
        return cli_misuse(cli, "--flash-size is not whole MiB",
                          "write it as 2M, 4M, 8M, 16M or 32M");
    }
    return CLI_OK;
}

static const char *name_of(const suggestion_t *table)
{
    return table->preset != NULL ? table->preset->name : "computed";
}

static const char *way_of(const suggestion_t *table)
{
    static const char *const words[] = {"A/B slots", "recovery app", "NO OTA"};
    return words[table->update];
}

static void print_row(cli_t *cli, const suggestion_t *table, size_t rank)
{
    char slot[SIZE_TEXT];
    char fs[SIZE_TEXT];
    const char *number = rank > 0 ? cli_format(cli, "%zu.", rank) : "";
    cli_print(cli, "  %3s %-30s %10s  %5u %%  %10s  %s%s%s%s\n", number, name_of(table),
              size_text(table->slot_size, slot), (unsigned)table->growth,
              table->fs_size > 0 ? size_text(table->fs_size, fs) : "-",
              cli_style(cli, table->update == SUGGEST_NO_OTA ? CLI_YELLOW : CLI_PLAIN),
              way_of(table), cli_style(cli, CLI_PLAIN),
              table->lack != NULL ? cli_format(cli, "  (%s)", table->lack) : "");
}

static cJSON *row_json(const suggestion_t *table)
{
    cJSON *item = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(item, "name", name_of(table));
    (void)cJSON_AddBoolToObject(item, "fits", table->fits);
    (void)cJSON_AddNumberToObject(item, "slot_size", table->slot_size);
    (void)cJSON_AddNumberToObject(item, "growth_percent", table->growth);
    (void)cJSON_AddNumberToObject(item, "fs_size", table->fs_size);
    (void)cJSON_AddStringToObject(item, "update", way_of(table));
    if (table->lack != NULL) {
        (void)cJSON_AddStringToObject(item, "lack", table->lack);
    }
    return item;
}

/* --- the lines to type ------------------------------------------------------------------- */

static void line(cJSON *how, const char *tool, const char *text)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(how, tool);
    if (list == NULL) {
        list = cJSON_AddArrayToObject(how, tool);
    }
    (void)cJSON_AddItemToArray(list, cJSON_CreateString(text));
}

static void print_lines(cli_t *cli, const cJSON *how)
{
    for (const cJSON *tool = how->child; tool != NULL; tool = tool->next) {
        cli_print(cli, "  %s%s%s\n", cli_style(cli, CLI_BOLD), tool->string,
                  cli_style(cli, CLI_PLAIN));
        for (const cJSON *text = tool->child; text != NULL; text = text->next) {
            cli_print(cli, "    %s\n", text->valuestring);
        }
    }
}

static void with_platformio(const preset_t *arduino, const char *save, unsigned mib, cli_t *cli,
                            cJSON *how)
{
    if (arduino == NULL) {
        line(how, "PlatformIO", save);
    }
    line(how, "PlatformIO",
         cli_format(cli, "board_build.partitions = %s.csv",
                    arduino != NULL ? arduino->name : "partitions"));
    if (mib != 4) {
        line(how, "PlatformIO", cli_format(cli, "board_upload.flash_size = %uMB", mib));
    }
}

static void with_arduino(const preset_t *arduino, const char *save, cli_t *cli, cJSON *how)
{
    if (arduino != NULL && arduino->menu != NULL) {
        line(how, "Arduino IDE", cli_format(cli, "Tools > Partition Scheme > %s", arduino->menu));
        return;
    }
    line(how, "Arduino IDE", save);
    line(how, "Arduino IDE",
         "put partitions.csv into the sketch's folder; it is used before any Partition Scheme");
}

static void with_idf(const preset_t *idf, const char *save, unsigned mib, cli_t *cli, cJSON *how)
{
    if (idf != NULL && idf->menu != NULL) {
        line(how, "ESP-IDF", cli_format(cli, "CONFIG_PARTITION_TABLE_%s=y", idf->menu));
    } else {
        line(how, "ESP-IDF", save);
        line(how, "ESP-IDF", "CONFIG_PARTITION_TABLE_CUSTOM=y");
        line(how, "ESP-IDF", "CONFIG_PARTITION_TABLE_CUSTOM_FILENAME=\"partitions.csv\"");
    }
    line(how, "ESP-IDF", cli_format(cli, "CONFIG_ESPTOOLPY_FLASHSIZE_%uMB=y", mib));
}

static const preset_t *if_of(const preset_t *preset, preset_source_t source)
{
    return preset != NULL && preset->source == source ? preset : NULL;
}

static void how_to_choose(cli_t *cli, const suggestion_t *table, const suggest_need_t *need,
                          cJSON *how)
{
    unsigned mib = need->flash_size >> 20;
    const char *save =
        table->preset != NULL
            ? cli_format(cli, "otary table presets %s -o partitions.csv", table->preset->name)
            : "save the table above as partitions.csv (this command with -o partitions.csv)";
    with_platformio(if_of(table->preset, PRESET_ARDUINO), save, mib, cli, how);
    with_arduino(if_of(table->preset, PRESET_ARDUINO), save, cli, how);
    with_idf(if_of(table->preset, PRESET_IDF), save, mib, cli, how);
}

/* What a layout without a second slot costs, said before it is chosen. */
static void say_recovery(cli_t *cli, const suggest_need_t *need)
{
    uint32_t flash = suggest_flash_for(need);
    cli_print(cli,
              "  Updates are received by a small app in factory, not by the app itself, and there "
              "is\n  no older version to go back to.");
    if (flash > need->flash_size) {
        cli_print(cli, " Two slots need %u MiB of flash.", (unsigned)(flash >> 20));
    }
    cli_print(cli, "\n  Tables with one large slot and nothing else (huge_app) hold more, and end "
                   "updates\n  over the air for good.\n");
}

static void choose(cli_t *cli, const suggestion_t *table, const suggest_need_t *need,
                   const char *title, const char *key)
{
    cJSON *item = row_json(table);
    (void)cJSON_AddItemToObject(cli->report, key, item);
    cli_print(cli, "\n%s%s%s%s%s", cli_style(cli, CLI_BOLD), title,
              table->preset != NULL ? ": " : "", table->preset != NULL ? table->preset->name : "",
              cli_style(cli, CLI_PLAIN));
    cli_print(cli, table->update == SUGGEST_NO_OTA ? ", WITHOUT updates over the air\n" : "\n");
    if (table->update == SUGGEST_RECOVERY) {
        say_recovery(cli, need);
    }
    if (table->preset == NULL) {
        size_t len = 0;
        char *csv = suggest_csv(table, &len);
        if (csv != NULL) {
            (void)cJSON_AddStringToObject(item, "csv", csv);
            cli_print(cli, "%s", csv);
        }
        free(csv);
    }
    cJSON *how = cJSON_AddObjectToObject(item, "how");
    how_to_choose(cli, table, need, how);
    if (table->preset != NULL || cJSON_GetObjectItemCaseSensitive(cli->report, "best") == NULL) {
        print_lines(cli, how);
    } else {
        cli_print(cli, "  save it: the same command with -o partitions.csv; then\n"
                       "    PlatformIO   board_build.partitions = partitions.csv\n"
                       "    Arduino IDE  put it into the sketch's folder\n"
                       "    ESP-IDF      CONFIG_PARTITION_TABLE_CUSTOM=y, file name as above\n");
    }
}

/* --- the answer ------------------------------------------------------------------------------ */

static size_t print_ranking(cli_t *cli, const suggestion_t *list, size_t count)
{
    cJSON *tables = cJSON_AddArrayToObject(cli->report, "tables");
    size_t fitting = 0;
    cli_print(cli, "      %-30s %10s  %7s  %10s  %s\n", "table", "app slot", "growth", "files",
              "update");
    for (size_t i = 0; i < count; i++) {
        fitting += list[i].fits;
        (void)cJSON_AddItemToArray(tables, row_json(&list[i]));
        if ((i < SHOWN && list[i].fits) || cli_flag(cli, "all")) {
            print_row(cli, &list[i], list[i].fits ? i + 1 : 0);
        }
    }
    if (fitting > SHOWN && !cli_flag(cli, "all")) {
        cli_print(cli, "      .. and %zu more that fit (--all)\n", fitting - SHOWN);
    }
    return fitting;
}

static int nothing_fits(cli_t *cli, const suggest_need_t *need)
{
    uint32_t flash = suggest_flash_for(need);
    const char *what =
        cli_format(cli, "no table%s holds an app of %s in %s of flash with what is to be kept",
                   need->no_ota ? "" : " with updates over the air", cli_bytes(cli, need->app_size),
                   cli_bytes(cli, need->flash_size));
    const char *todo =
        flash != 0 ? cli_format(cli,
                                "two slots need %u MiB of flash; or keep less, make the app "
                                "smaller%s",
                                flash >> 20,
                                need->no_ota ? "" : ", or give up updates over the air (--no-ota)")
                   : "make the app smaller, or keep less";
    return cli_refuse(cli, "nothing_fits", what, NULL, todo);
}

static int write_computed(cli_t *cli, const suggestion_t *computed)
{
    size_t len = 0;
    char *csv = suggest_csv(computed, &len);
    bool ok = csv != NULL && cli_write(cli, cli_text(cli, "output"), csv, len);
    free(csv);
    return ok ? CLI_OK : CLI_REFUSED;
}

static int answer(cli_t *cli, const suggest_need_t *need, suggestion_t *list)
{
    suggestion_t *computed = cli_allocate(cli, sizeof(*computed));
    size_t count = suggest_rank(list, need);
    cli_print(cli, "app %u bytes (%s), flash %s\n\n", (unsigned)need->app_size,
              cli_bytes(cli, need->app_size), cli_bytes(cli, need->flash_size));
    size_t fitting = print_ranking(cli, list, count);
    bool can = suggest_compute(computed, need);
    if (can) {
        print_row(cli, computed, 0);
    }
    if (fitting > 0) {
        choose(cli, &list[0], need, "Best known table", "best");
    }
    if (can) {
        choose(cli, computed, need, "Computed for this app", "computed");
    }
    if (fitting == 0 && !can) {
        return nothing_fits(cli, need);
    }
    return can && cli_given(cli, "output") ? write_computed(cli, computed) : CLI_OK;
}

int table_suggest(cli_t *cli)
{
    suggest_need_t need;
    int status = read_need(cli, &need);
    if (status != CLI_OK) {
        return status;
    }
    (void)cJSON_AddNumberToObject(cli->report, "app_size", need.app_size);
    (void)cJSON_AddNumberToObject(cli->report, "flash_size", need.flash_size);
    return answer(cli, &need, cli_allocate(cli, SUGGESTIONS_MAX * sizeof(suggestion_t)));
}
