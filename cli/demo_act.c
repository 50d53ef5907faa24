/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/demo.h"

#include <string.h>

void demo_chapter(demo_t *demo, const char *title, const char *sentence)
{
    cli_t *cli = demo->cli;
    if (demo->failures > 0) {
        return;
    }
    cJSON *chapter = cJSON_CreateObject();
    demo->number++;
    (void)cJSON_AddStringToObject(chapter, "title", title);
    (void)cJSON_AddStringToObject(chapter, "about", sentence);
    demo->acts = cJSON_AddArrayToObject(chapter, "acts");
    (void)cJSON_AddItemToArray(demo->chapters, chapter);
    cli_print(cli, "\n%s%u  %s%s\n   %s\n", cli_style(cli, CLI_BOLD), demo->number, title,
              cli_style(cli, CLI_PLAIN), sentence);
}

static void mark(demo_t *demo, bool good, const char *sentence)
{
    cli_t *cli = demo->cli;
    const char *sign = good ? "ok" : "NOT SO";
    if (cli->colour) {
        sign = good ? "\xE2\x9C\x93" : "\xE2\x9C\x97"; /* tick, cross */
    }
    cli_print(cli, "   %s%s%s %s\n", cli_style(cli, good ? CLI_GREEN : CLI_RED), sign,
              cli_style(cli, CLI_PLAIN), sentence);
    if (!good) {
        demo->failures++;
        (void)cli_refuse(cli, "DEMO", cli_format(cli, "not so: %s", sentence),
                         cli_format(cli, "chapter %u", demo->number),
                         "run it with --keep DIR and type the commands there by hand");
    }
}

void demo_fact(demo_t *demo, bool true_so, const char *sentence)
{
    if (demo->failures > 0) {
        return;
    }
    cJSON *act = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(act, "fact", sentence);
    (void)cJSON_AddBoolToObject(act, "ok", true_so);
    (void)cJSON_AddItemToArray(demo->acts, act);
    mark(demo, true_so, sentence);
}

/* Splits a copy of `line` at blanks; the words end with NULL. */
static void split(cli_t *cli, const char *line, const char *words[DEMO_WORDS_MAX + 1])
{
    size_t count = 0;
    while (*line != '\0' && count < DEMO_WORDS_MAX) {
        size_t len = strcspn(line, " ");
        if (len > 0) {
            words[count++] = cli_format(cli, "%.*s", (int)len, line);
        }
        line += len + (line[len] == ' ');
    }
    words[count] = NULL;
}

/* The first error of a report, as people see it. */
static void say_refusal(const demo_t *demo, const cJSON *report)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(report, "errors")->child;
    static const char *const parts[] = {"what", "where", "do"};
    for (size_t i = 0; error != NULL && i < sizeof(parts) / sizeof(parts[0]); i++) {
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, parts[i]));
        if (text != NULL) {
            cli_print(demo->cli, "     %s%s%s%s\n", cli_style(demo->cli, CLI_DIM),
                      i == 0 ? "" : (i == 1 ? "where: " : "do:    "), text,
                      cli_style(demo->cli, CLI_PLAIN));
        }
    }
}

cJSON *demo_run(demo_t *demo, int status, const char *line)
{
    cli_t *cli = demo->cli;
    const char *words[DEMO_WORDS_MAX + 1];
    cJSON *report = NULL;
    if (demo->failures > 0) {
        return cJSON_CreateObject();
    }
    split(cli, line, words);
    cli_print(cli, "   %s$ otary %s%s\n", cli_style(cli, CLI_CYAN), line,
              cli_style(cli, CLI_PLAIN));
    int got = cli_run(words, &report);
    cJSON *act = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(act, "command", cli_format(cli, "otary %s", line));
    (void)cJSON_AddNumberToObject(act, "exit", got);
    (void)cJSON_AddBoolToObject(act, "ok", got == status);
    (void)cJSON_AddItemToArray(demo->acts, act);
    if (got != CLI_OK) {
        say_refusal(demo, report);
    }
    if (got != status) {
        mark(demo, false, cli_format(cli, "`otary %s` ends with %d, not %d", line, got, status));
    }
    return report;
}
