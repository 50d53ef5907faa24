/* SPDX-License-Identifier: Apache-2.0 */
/* otary lab list: what the laboratory knows to play. */
#include "cli/lab.h"
#include "lab/lab.h"

const cli_option_t lab_list_options[] = {
    {"scenario", 0, CLI_TEXT, "PATTERN", NULL,
     "each variant whose name fits, * stands for anything; else the rows alone"},
    CLI_END,
};

static void add(cli_t *cli, cJSON *list, const char *name, const lab_row_t *row)
{
    cJSON *item = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(item, "name", name);
    (void)cJSON_AddStringToObject(item, "what", row->what);
    (void)cJSON_AddBoolToObject(item, "metadata", row->metadata);
    (void)cJSON_AddItemToArray(list, item);
    cli_print(cli, "%-24s %s%s\n", name, row->what, row->metadata ? " (otadata alone)" : "");
}

int lab_list(cli_t *cli)
{
    cJSON *list = cJSON_AddArrayToObject(cli->report, "scenarios");
    const char *pattern = cli_text(cli, "scenario");
    if (pattern == NULL) {
        for (size_t i = 0; i < lab_row_count; i++) {
            add(cli, list, lab_rows[i].name, &lab_rows[i]);
        }
        return CLI_OK;
    }
    lab_options_t options;
    lab_options_default(&options);
    options.scenarios = pattern;
    size_t count = lab_select(&options, NULL, 0);
    if (count == 0) {
        return cli_refuse(cli, "LAB-SCENARIO", "no scenario has such a name", pattern,
                          "`otary lab list` shows the rows, `otary help lab list` the variants");
    }
    lab_scenario_t *scenarios = cli_allocate(cli, count * sizeof(*scenarios));
    (void)lab_select(&options, scenarios, count);
    for (size_t i = 0; i < count; i++) {
        add(cli, list, scenarios[i].name, scenarios[i].row);
    }
    return CLI_OK;
}
