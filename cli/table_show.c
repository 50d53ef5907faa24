/* SPDX-License-Identifier: Apache-2.0 */
/* otary table show: the map. */
#include "cli/chip.h"
#include "cli/table.h"
#include "host/flash_map.h"

#include <stdlib.h>
#include <string.h>

const cli_option_t table_show_options[] = {
    TABLE_READ_OPTIONS,
    {"chip", 'c', CLI_TEXT, "CHIP", "esp32", "where the bootloader lies depends on it"},
    {"ascii", 0, CLI_FLAG, NULL, NULL, "without line drawing characters"},
    {"width", 0, CLI_NUMBER, "COLUMNS", NULL, "instead of the terminal's, 60 to 160"},
    CLI_END,
};

static int draw(cli_t *cli, const table_input_t *input, const ota_chip_t *chip)
{
    ota_part_t parts[FLASH_MAP_PARTS_MAX];
    size_t count = table_parts(&input->source, parts, FLASH_MAP_PARTS_MAX);
    flash_map_t map = FLASH_MAP_DEFAULT;
    map.flash_size = cli_number(cli, "flash-size");
    map.table_offset = cli_number(cli, "offset");
    map.bootloader_offset = cli_given(cli, "primary-bootloader-offset")
                                ? cli_number(cli, "primary-bootloader-offset")
                                : chip->bootloader_offset;
    map.width = cli_given(cli, "width") ? cli_number(cli, "width") : cli->width;
    map.utf8 = cli->utf8 && !cli_flag(cli, "ascii");
    map.colour = cli->colour;
    uint32_t flash = map.flash_size != 0 ? map.flash_size : flash_map_chip_size(parts, count);
    (void)cJSON_AddNumberToObject(cli->report, "flash_size", flash);
    char *text = flash_map_draw(&map, parts, count);
    if (text == NULL) {
        return cli_refuse(cli, NULL, "out of memory", NULL, NULL);
    }
    cli_print(cli, "%s", text);
    free(text);
    return CLI_OK;
}

int table_show(cli_t *cli)
{
    const ota_chip_t *chip = NULL;
    if (!cli_chip(cli, &chip)) {
        return CLI_MISUSE;
    }
    int status = CLI_OK;
    table_input_t *input = table_open(cli, cli->operand[0], &status);
    if (input == NULL) {
        return status;
    }
    (void)cJSON_AddStringToObject(cli->report, "path", input->path);
    if (input->read) {
        table_report_parts(input, cli->report);
        status = draw(cli, input, chip);
        (void)table_verify(&input->source);
        if (input->source.options.flash_mb != 0) {
            (void)table_verify_size(&input->source);
        }
    }
    if (table_report(cli, input, cli->report) != CLI_OK) {
        status = CLI_REFUSED;
    }
    table_close(input);
    return status;
}
