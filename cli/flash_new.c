/* SPDX-License-Identifier: Apache-2.0 */
/* otary flash new: everything is judged in memory, then one file is written. */
#include "cli/chip.h"
#include "cli/flash.h"
#include "cli/table_file.h"
#include "host/flash_build.h"
#include "host/flash_image.h"

#include <string.h>

const cli_option_t flash_new_options[] = {
    {"table", 't', CLI_FILE, "FILE", NULL, "partition table, CSV or binary (needed)"},
    {"bootloader", 'b', CLI_FILE, "FILE", NULL, "second-stage bootloader"},
    {"app", 'a', CLI_FILE, "SLOT=FILE", NULL, "an app into a slot; may be repeated"},
    {"data", 'd', CLI_FILE, "LABEL=FILE", NULL, "bytes into a partition; may be repeated"},
    {"flash-size", 's', CLI_NUMBER, "SIZE", NULL,
     "size of the chip; else the bootloader's header says, else the table"},
    {"chip", 'c', CLI_TEXT, "CHIP", NULL, "esp32, esp32s3, ..; else the images say"},
    {"table-offset", 0, CLI_NUMBER, "OFFSET", "0x8000", "where the table goes"},
    CLI_FORCE,
    CLI_END};

static bool place_of(cli_t *cli, const char *pair, const char **name, const char **path)
{
    const char *equals = strchr(pair, '=');
    if (equals == NULL || equals == pair || equals[1] == '\0') {
        return false;
    }
    *name = cli_format(cli, "%.*s", (int)(equals - pair), pair);
    *path = equals + 1;
    return true;
}

static uint32_t choose_size(const cli_t *cli, const cli_bytes_t *table, const cli_bytes_t *boot)
{
    uint32_t size = cli_number(cli, "flash-size");
    if (size != 0 || boot->len > 0) {
        return size != 0 ? size : image_flash_size(boot->bytes, boot->len);
    }
    ota_fault_t fault;
    ota_table_t opened;
    if (ota_table_open_boot(&opened, table->bytes, table->len, UINT32_MAX, &fault) != OTA_OK) {
        return 0;
    }
    return flash_size_for(&opened);
}

/* One line of what was placed, for people and for the report. */
static void placed(cli_t *cli, const char *what, uint32_t address, const char *path, size_t len)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(cli->report, "parts");
    cJSON *item = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(item, "part", what);
    (void)cJSON_AddNumberToObject(item, "offset", address);
    (void)cJSON_AddNumberToObject(item, "bytes", (double)len);
    (void)cJSON_AddStringToObject(item, "file", path);
    (void)cJSON_AddItemToArray(list, item);
    cli_print(cli, "  0x%06x  %-12s %10s  %s\n", (unsigned)address, what, cli_bytes(cli, len),
              path);
}

static bool put_bootloader(cli_t *cli, flash_build_t *build, const cli_bytes_t *boot)
{
    const char *path = cli_text(cli, "bootloader");
    ota_fault_t fault = {0};
    if (path == NULL) {
        cli_warn(cli, "FLASH-NO-BOOTLOADER", "no bootloader: a real chip will not start from this",
                 NULL, "add --bootloader FILE; the virtual boots of this tool need none");
        return true;
    }
    ota_status_t status = flash_build_bootloader(build, boot->bytes, boot->len, &fault);
    if (status != OTA_OK) {
        (void)cli_status(cli, status, &fault, cli_format(cli, "bootloader %s", path));
        return false;
    }
    placed(cli, "bootloader", build->chip != NULL ? build->chip->bootloader_offset : 0, path,
           boot->len);
    return true;
}

static bool refuse_pair(cli_t *cli, const char *option, const char *pair)
{
    (void)cli_misuse(cli, cli_format(cli, "--%s cannot be \"%s\"", option, pair),
                     cli_format(cli, "write --%s %s=FILE", option,
                                strcmp(option, "app") == 0 ? "ota_0" : "nvs"));
    return false;
}

static const char *known_parts(cli_t *cli, const ota_table_t *table, bool apps)
{
    const char *list = "";
    ota_part_t part;
    for (uint32_t i = 0; i < table->count; i++) {
        if (ota_table_get(table, i, &part) == OTA_OK && (!apps || part.type == OTA_TYPE_APP)) {
            list = cli_format(cli, "%s%s%s", list, list[0] != '\0' ? ", " : "", part.label);
        }
    }
    return list[0] != '\0' ? cli_format(cli, "the table has %s", list) : "the table has none";
}

static bool put_app(cli_t *cli, flash_build_t *build, const char *pair)
{
    const char *name = NULL;
    const char *path = NULL;
    cli_bytes_t file;
    ota_fault_t fault = {0};
    if (!place_of(cli, pair, &name, &path)) {
        return refuse_pair(cli, "app", pair);
    }
    ota_slot_t slot = slot_parse(&build->table, name);
    if (slot == OTA_SLOT_NONE) {
        (void)cli_refuse(cli, "OTA_ERR_NOT_A_SLOT",
                         cli_format(cli, "the table has no app slot \"%s\"", name),
                         cli_text(cli, "table"), known_parts(cli, &build->table, true));
        return false;
    }
    if (!cli_read(cli, path, CLI_FILE_MAX, &file)) {
        return false;
    }
    ota_status_t status = flash_build_app(build, slot, file.bytes, file.len, &fault);
    if (status != OTA_OK) {
        (void)cli_status(cli, status, &fault, cli_format(cli, "%s for %s", path, slot_name(slot)));
        return false;
    }
    placed(cli, slot_name(slot), ota_layout_region(&build->layout, slot).offset, path, file.len);
    return true;
}

static bool put_data(cli_t *cli, flash_build_t *build, const char *pair)
{
    const char *name = NULL;
    const char *path = NULL;
    cli_bytes_t file;
    ota_part_t part;
    ota_fault_t fault = {0};
    if (!place_of(cli, pair, &name, &path)) {
        return refuse_pair(cli, "data", pair);
    }
    if (part_parse(&build->table, name, &part) != OTA_OK) {
        (void)cli_refuse(cli, "OTA_ERR_NOT_IN_TABLE",
                         cli_format(cli, "the table has no partition \"%s\"", name),
                         cli_text(cli, "table"), known_parts(cli, &build->table, false));
        return false;
    }
    if (part.type == OTA_TYPE_APP) {
        (void)cli_refuse(
            cli, "FLASH-DATA-IN-APP", cli_format(cli, "%s is an app partition", name),
            cli_text(cli, "table"),
            cli_format(cli, "write --app %s=%s, so that the image is judged", name, path));
        return false;
    }
    if (!cli_read(cli, path, CLI_FILE_MAX, &file)) {
        return false;
    }
    if (flash_build_data(build, &part, file.bytes, file.len, &fault) != OTA_OK) {
        (void)cli_refuse(cli, "OTA_ERR_RANGE",
                         cli_format(cli, "the file is larger than partition %s", part.label),
                         cli_format(cli, "%s: %llu bytes, the partition has %u", path,
                                    (unsigned long long)file.len, (unsigned)part.size),
                         "give a smaller file, or a table with a larger partition");
        return false;
    }
    placed(cli, part.label, part.offset, path, file.len);
    return true;
}

static bool put_all(cli_t *cli, flash_build_t *build, const cli_bytes_t *boot)
{
    size_t at = 0;
    bool ok = put_bootloader(cli, build, boot);
    for (const char *pair = cli_next(cli, "app", &at); ok && pair != NULL;
         pair = cli_next(cli, "app", &at)) {
        ok = put_app(cli, build, pair);
    }
    at = 0;
    for (const char *pair = cli_next(cli, "data", &at); ok && pair != NULL;
         pair = cli_next(cli, "data", &at)) {
        ok = put_data(cli, build, pair);
    }
    return ok;
}

static bool start(cli_t *cli, flash_build_t *build, const cli_bytes_t *table,
                  const cli_bytes_t *boot)
{
    const ota_chip_t *chip = NULL;
    ota_fault_t fault = {0};
    if (!cli_chip(cli, &chip)) {
        return false;
    }
    uint32_t size = choose_size(cli, table, boot);
    if (flash_build_start(build, size, cli_number(cli, "table-offset"), chip, &fault) != OTA_OK) {
        (void)cli_refuse(cli, ota_status_name(fault.status), "no flash of that size can be made",
                         cli_format(cli, "size 0x%x, table at 0x%x", (unsigned)size,
                                    (unsigned)cli_number(cli, "table-offset")),
                         "give --flash-size, such as 4M, and a --table-offset inside it, both "
                         "multiples of 4 KiB");
        return false;
    }
    if (flash_build_table(build, table->bytes, table->len, &fault) != OTA_OK) {
        (void)cli_status(cli, fault.status, &fault, cli_text(cli, "table"));
        flash_build_stop(build);
        return false;
    }
    if (build->table.count == 0) { /* a right table for the generator; no use in a flash */
        (void)cli_refuse(cli, "OTA_ERR_TABLE_EMPTY", "the table has no partitions",
                         cli_text(cli, "table"), "`otary table presets` shows complete ones");
        flash_build_stop(build);
        return false;
    }
    return true;
}

/* Everything is in `build` and good: write, and say what it is. */
static int finish(cli_t *cli, const flash_build_t *build)
{
    const char *path = cli->operand[0];
    const char *chip = build->chip != NULL ? build->chip->name : "unknown";
    if (!cli_write(cli, path, build->bytes, build->size)) {
        return CLI_REFUSED;
    }
    (void)cJSON_AddStringToObject(cli->report, "flash", path);
    (void)cJSON_AddNumberToObject(cli->report, "size", build->size);
    (void)cJSON_AddStringToObject(cli->report, "chip", chip);
    if (strcmp(path, "-") != 0) {
        cli_print(cli, "%s%s%s: %s, chip %s\n", cli_style(cli, CLI_GREEN), path,
                  cli_style(cli, CLI_PLAIN), cli_bytes(cli, build->size), chip);
    }
    return CLI_OK;
}

int flash_new(cli_t *cli)
{
    cli_bytes_t table;
    cli_bytes_t boot = {NULL, 0};
    flash_build_t build;
    const char *path = cli_text(cli, "table");
    const char *boot_path = cli_text(cli, "bootloader");
    if (path == NULL) {
        return cli_misuse(cli, "a flash needs a partition table", "add --table FILE");
    }
    if (strcmp(cli->operand[0], "-") == 0) {
        return cli_misuse(cli, "a flash is written to a file, not to stdout", "name a file");
    }
    (void)cJSON_AddArrayToObject(cli->report, "parts");
    if (!cli_may_write(cli, cli->operand[0]) ||
        !cli_table_read(cli, path, cli_number(cli, "table-offset"), &table) ||
        (boot_path != NULL && !cli_read(cli, boot_path, CLI_FILE_MAX, &boot)) ||
        !start(cli, &build, &table, &boot)) {
        return CLI_REFUSED;
    }
    placed(cli, "table", build.table_offset, path, table.len);
    int rc = put_all(cli, &build, &boot) ? finish(cli, &build) : CLI_REFUSED;
    flash_build_stop(&build);
    return rc;
}
