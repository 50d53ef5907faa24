/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table_file.h"

#include "host/table_csv.h"

#include <stdlib.h>

static const char *environment(void *ctx, const char *name)
{
    (void)ctx;
    return getenv(name);
}

static const char *where(cli_t *cli, const char *path, const table_finding_t *finding)
{
    const char *line =
        finding->line > 0 ? cli_format(cli, ", line %u", (unsigned)finding->line) : "";
    const char *part =
        finding->part[0] != '\0' ? cli_format(cli, ", partition %s", finding->part) : "";
    return cli_format(cli, "%s%s%s", path, line, part);
}

/* Copies: findings go with their source. */
static const char *copy(cli_t *cli, const char *text)
{
    return text[0] != '\0' ? cli_format(cli, "%s", text) : NULL;
}

static void report(cli_t *cli, const char *path, const table_findings_t *findings, bool refused)
{
    for (size_t i = 0; i < findings->count; i++) {
        const table_finding_t *f = &findings->items[i];
        if (f->severity == TABLE_WARNING) {
            cli_warn(cli, f->rule, copy(cli, f->what), where(cli, path, f), copy(cli, f->todo));
        }
    }
    const table_finding_t *error = refused ? table_findings_error(findings) : NULL;
    if (error != NULL) {
        (void)cli_refuse(cli, error->rule, copy(cli, error->what), where(cli, path, error),
                         copy(cli, error->todo));
    } else if (refused) {
        (void)cli_refuse(cli, NULL, "the table cannot be read", path, "try `otary table check`");
    }
}

bool cli_table_read(cli_t *cli, const char *path, uint32_t table_offset, cli_bytes_t *table)
{
    cli_bytes_t file;
    table_source_t source;
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    options.table_offset = table_offset;
    options.env = environment;
    if (!cli_read(cli, path, TABLE_INPUT_MAX, &file)) {
        return false;
    }
    uint8_t *bytes = cli_allocate(cli, OTA_TABLE_SIZE);
    bool ok = table_read(&source, &options, file.bytes, file.len) && table_verify(&source) &&
              table_to_binary(&source, bytes);
    report(cli, path, &source.findings, !ok);
    table_source_free(&source);
    *table = (cli_bytes_t){bytes, OTA_TABLE_SIZE};
    return ok;
}
