/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of `otary table` share. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/cli.h"
#include "host/table_csv.h"
#include "host/table_suggest.h"

/* Options that say how a table is read; the names are those of Espressif's generator. */
#define TABLE_READ_OPTIONS                                                                          \
    {"offset", 0, CLI_NUMBER, "ADDRESS", "0x8000", "flash address of the table"},                   \
        {"primary-bootloader-offset",                                                               \
         0,                                                                                         \
         CLI_NUMBER,                                                                                \
         "ADDRESS",                                                                                 \
         NULL,                                                                                      \
         "where the bootloader lies, for rows of type bootloader"},                                 \
        {"recovery-bootloader-offset",        0, CLI_NUMBER, "ADDRESS", NULL,                       \
         "where the recovery bootloader lies"},                                                     \
        {"secure", 0, CLI_CHOICE, "v1|v2", NULL, "secure boot scheme; v1 aligns app sizes to 64K"}, \
        {"flash-size", 0, CLI_NUMBER, "SIZE", NULL, "size of the flash chip, such as 4M"},          \
        {"disable-md5sum", 0, CLI_FLAG, NULL, NULL, "without the table's MD5"},                     \
    {                                                                                               \
        "extra-partition-subtypes", 0, CLI_TEXT, "LIST", NULL,                                      \
            "a subtype of one's own, \"type, name, value\"; repeatable"                             \
    }

/* A table on its way through a verb. Lives in the command's memory. */
typedef struct {
    const char *path;       /* as typed, or "preset NAME" */
    const preset_t *preset; /* what it is, if no file has that name */
    cli_bytes_t file;
    table_source_t source;
    bool read; /* table_read succeeded */
} table_input_t;

/* Reads a file ("-": stdin) or a known table by its name. NULL: reported, or typed wrongly (then
 * *status is CLI_MISUSE). A table that is refused comes back with read == false. Free with
 * table_close. */
table_input_t *table_open(cli_t *cli, const char *path, int *status);
void table_close(table_input_t *input);

/* The variables that a CSV may name: those of the environment (table_options_t.env). */
const char *table_environment(void *ctx, const char *name);

/* One finding about `path`: errors and warnings to stderr and the report, advice to stdout. */
void table_say(cli_t *cli, const char *path, const table_finding_t *finding);

/* Errors and warnings to stderr and the report, advice to stdout; all of them into an array
 * "findings" of `item`. Returns CLI_REFUSED if there is an error, else CLI_OK. */
int table_report(cli_t *cli, const table_input_t *input, cJSON *item);

/* Array "partitions" of `item`. */
void table_report_parts(const table_input_t *input, cJSON *item);

extern const cli_option_t table_check_options[];
extern const cli_option_t table_show_options[];
extern const cli_option_t table_build_options[];
extern const cli_option_t table_suggest_options[];
extern const cli_option_t table_presets_options[];
int table_check(cli_t *cli);
int table_show(cli_t *cli);
int table_build(cli_t *cli);
int table_suggest(cli_t *cli);
int table_presets(cli_t *cli);

#endif
