/* SPDX-License-Identifier: Apache-2.0 */
/* otary table build: CSV to binary, binary to CSV. otary table presets: known tables as CSV. */
#include "cli/table.h"
#include "host/flash_map.h"
#include "host/size.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const cli_option_t table_build_options[] = {
    TABLE_READ_OPTIONS,
    {"output", 'o', CLI_FILE, "FILE", "-", "where the result goes, - for stdout"},
    {"no-verify", 0, CLI_FLAG, NULL, NULL, "convert also what the rules refuse"},
    CLI_FORCE,
    CLI_END,
};

const cli_option_t table_presets_options[] = {
    {"output", 'o', CLI_FILE, "FILE", "-", "where the CSV goes, - for stdout"},
    {"flash-size", 0, CLI_NUMBER, "SIZE", NULL, "only those that fit"},
    CLI_FORCE,
    CLI_END,
};

/* The result to a file, or to stdout where that is no terminal or takes text. */
static int deliver(cli_t *cli, const void *bytes, size_t len, bool text)
{
    const char *path = cli_text(cli, "output");
    bool to_stdout = strcmp(path, "-") == 0;
    (void)cJSON_AddStringToObject(cli->report, "output", path);
    (void)cJSON_AddNumberToObject(cli->report, "bytes", (double)len);
    if (to_stdout && !text && isatty(STDOUT_FILENO)) {
        return cli_misuse(cli, "a binary table does not go to a terminal", "name a file: -o FILE");
    }
    if (!cli_write(cli, path, bytes, len)) {
        return CLI_REFUSED;
    }
    if (!to_stdout) {
        cli_print(cli, "%s: %zu bytes\n", path, len);
    }
    return CLI_OK;
}

/* The input after its rules; false: refused, with the reason among the findings. */
static bool judge(const cli_t *cli, table_input_t *input)
{
    table_source_t *source = &input->source;
    return input->read && (cli_flag(cli, "no-verify") || table_verify(source)) &&
           (source->options.flash_mb == 0 || table_verify_size(source));
}

static int convert(cli_t *cli, table_input_t *input)
{
    uint8_t binary[OTA_TABLE_SIZE];
    char *csv = NULL;
    size_t len = sizeof(binary);
    bool ok = judge(cli, input);
    bool to_csv = input->source.from_binary;
    if (ok && to_csv) {
        csv = table_to_csv(&input->source, &len);
        ok = csv != NULL;
    } else if (ok) {
        ok = table_to_binary(&input->source, binary);
    }
    int status = table_report(cli, input, cli->report);
    if (ok) {
        (void)cJSON_AddStringToObject(cli->report, "format", to_csv ? "csv" : "binary");
        table_report_parts(input, cli->report);
        status = to_csv ? deliver(cli, csv, len, true) : deliver(cli, binary, len, false);
    }
    free(csv);
    return status;
}

int table_build(cli_t *cli)
{
    int status = CLI_OK;
    table_input_t *input = table_open(cli, cli->operand[0], &status);
    if (input == NULL) {
        return status;
    }
    status = convert(cli, input);
    table_close(input);
    return status;
}

/* --- presets ------------------------------------------------------------------------------ */

static const char *ways[] = {"A/B slots", "recovery", "no OTA"};

static void list_preset(cli_t *cli, const preset_t *preset, cJSON *list)
{
    suggestion_t measured = {.preset = preset};
    suggest_need_t need = {.app_size = 1, .flash_size = preset->flash_mb << 20, .no_ota = true};
    char slot[SIZE_TEXT];
    char fs[SIZE_TEXT];
    measured.count = preset_parts(preset, measured.parts);
    suggest_measure(&measured, &need);
    cJSON *item = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(item, "name", preset->name);
    (void)cJSON_AddStringToObject(item, "source", preset_source_name(preset->source));
    (void)cJSON_AddNumberToObject(item, "flash_size", (double)((uint64_t)preset->flash_mb << 20));
    (void)cJSON_AddNumberToObject(item, "slot_size", measured.slot_size);
    (void)cJSON_AddNumberToObject(item, "fs_size", measured.fs_size);
    (void)cJSON_AddStringToObject(item, "update", ways[measured.update]);
    (void)cJSON_AddItemToArray(list, item);
    cli_print(cli, "  %-34s %-8s %3u MiB  %10s  %10s  %s\n", preset->name,
              preset_source_name(preset->source), (unsigned)preset->flash_mb,
              size_text(measured.slot_size, slot),
              measured.fs_size > 0 ? size_text(measured.fs_size, fs) : "-", ways[measured.update]);
}

static int write_preset(cli_t *cli, const char *name)
{
    suggestion_t table = {.preset = preset_find(name)};
    if (table.preset == NULL) {
        return cli_refuse(cli, NULL, cli_format(cli, "no known table is called \"%s\"", name), NULL,
                          "`otary table presets` lists them");
    }
    table.count = preset_parts(table.preset, table.parts);
    size_t len = 0;
    char *csv = suggest_csv(&table, &len);
    if (csv == NULL) {
        return cli_refuse(cli, NULL, "out of memory", NULL, NULL);
    }
    int status = deliver(cli, csv, len, true);
    free(csv);
    return status;
}

int table_presets(cli_t *cli)
{
    if (cli->operands > 0) {
        return write_preset(cli, cli->operand[0]);
    }
    uint32_t flash = cli_number(cli, "flash-size");
    cJSON *list = cJSON_AddArrayToObject(cli->report, "presets");
    cli_print(cli, "  %-34s %-8s %6s  %10s  %10s  %s\n", "name", "of", "flash", "app slot", "files",
              "update");
    for (size_t i = 0; i < presets_count; i++) {
        if (flash == 0 || (uint64_t)presets[i].flash_mb << 20 <= flash) {
            list_preset(cli, &presets[i], list);
        }
    }
    return CLI_OK;
}
