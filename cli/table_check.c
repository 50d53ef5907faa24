/* SPDX-License-Identifier: Apache-2.0 */
/* otary table check: the generator's rules and those beyond. */
#include "cli/table.h"
#include "host/flash_map.h"
#include "host/table_lint.h"

const cli_option_t table_check_options[] = {
    TABLE_READ_OPTIONS,
    {"app", 0, CLI_FILE, "FILE", NULL, "firmware that is to fit"},
    {"app-size", 0, CLI_NUMBER, "SIZE", NULL, "its size, instead of the file"},
    {"bootloader", 0, CLI_FILE, "FILE", NULL, "bootloader that is to fit below the table"},
    {"strict", 0, CLI_FLAG, NULL, NULL, "warnings are errors, too"},
    CLI_END,
};

#define FILE_MAX (64u << 20)

static bool size_of(cli_t *cli, const char *option, uint32_t *size)
{
    cli_bytes_t file;
    if (!cli_given(cli, option)) {
        return true;
    }
    if (!cli_read(cli, cli_text(cli, option), FILE_MAX, &file)) {
        return false;
    }
    *size = (uint32_t)file.len;
    return true;
}

static bool read_lint(cli_t *cli, table_lint_t *lint)
{
    *lint = (table_lint_t){.flash_size = cli_number(cli, "flash-size"),
                           .app_size = cli_number(cli, "app-size"),
                           .bootloader_offset = cli_number(cli, "primary-bootloader-offset")};
    return size_of(cli, "app", &lint->app_size) &&
           size_of(cli, "bootloader", &lint->bootloader_size);
}

static const char *plural(cli_t *cli, size_t n, const char *word)
{
    return cli_format(cli, "%zu %s%s", n, word, n == 1 ? "" : "s");
}

static int check_one(cli_t *cli, const char *path, const table_lint_t *lint, cJSON *item)
{
    int status = CLI_OK;
    table_input_t *input = table_open(cli, path, &status);
    if (input == NULL) {
        return status;
    }
    (void)cJSON_AddStringToObject(item, "path", input->path);
    if (input->read) {
        (void)table_lint(&input->source, lint, input->file.bytes, input->file.len);
        table_report_parts(input, item);
    }
    status = table_report(cli, input, item);
    const table_findings_t *findings = &input->source.findings;
    size_t warnings = table_findings_count(findings, TABLE_WARNING);
    if (cli_flag(cli, "strict") && warnings > 0) {
        status = CLI_REFUSED;
    }
    cli_print(cli, "%s: %s%s%s, %s, %s, %s\n", input->path,
              cli_style(cli, status == CLI_OK ? CLI_GREEN : CLI_RED),
              status == CLI_OK ? "usable" : "not usable", cli_style(cli, CLI_PLAIN),
              plural(cli, table_findings_count(findings, TABLE_ERROR), "error"),
              plural(cli, warnings, "warning"),
              plural(cli, table_findings_count(findings, TABLE_ADVICE), "hint"));
    (void)cJSON_AddBoolToObject(item, "usable", status == CLI_OK);
    table_close(input);
    return status;
}

int table_check(cli_t *cli)
{
    table_lint_t lint;
    if (!read_lint(cli, &lint)) {
        return CLI_REFUSED;
    }
    int worst = CLI_OK;
    cJSON *tables = cJSON_AddArrayToObject(cli->report, "tables");
    for (size_t i = 0; i < cli->operands; i++) {
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddItemToArray(tables, item);
        int status = check_one(cli, cli->operand[i], &lint, item);
        worst = status > worst ? status : worst;
    }
    return worst;
}
