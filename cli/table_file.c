/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table_file.h"

#include "cli/table.h"

static void report(cli_t *cli, const char *path, const table_findings_t *findings, bool refused)
{
    for (size_t i = 0; i < findings->count; i++) {
        const table_finding_t *f = &findings->items[i];
        if (f->severity == TABLE_WARNING) {
            table_say(cli, path, f);
        }
    }
    const table_finding_t *error = refused ? table_findings_error(findings) : NULL;
    if (error != NULL) {
        table_say(cli, path, error);
    } else if (refused) {
        (void)cli_refuse(cli, NULL, "the table cannot be read", path,
                         cli_format(cli, "`otary table check %s` says more", path));
    }
}

bool cli_table_read(cli_t *cli, const char *path, uint32_t table_offset, cli_bytes_t *table)
{
    cli_bytes_t file;
    table_source_t source;
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    options.table_offset = table_offset;
    options.env = table_environment;
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
