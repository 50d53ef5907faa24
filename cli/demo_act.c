/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/demo.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS 80u

const char *demo_text(const cJSON *report, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(report, name));
    return text != NULL ? text : "";
}

uint32_t demo_count(const cJSON *report, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(report, name);
    return cJSON_IsNumber(item) && item->valuedouble >= 0 ? (uint32_t)item->valuedouble : 0;
}

void demo_holds_new(demo_t *demo, const char *slot)
{
    cli_t *cli = demo->cli;
    cJSON_Delete(demo_run(
        demo, CLI_OK, cli_format(cli, "flash extract " DEMO_FLASH " %s out.bin --force", slot)));
    demo_fact(demo, demo->failures == 0 && demo_same_files(demo, "out.bin", DEMO_NEW),
              cli_format(cli, "%s holds " DEMO_NEW ", bit for bit", slot));
}

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
    (void)fflush(stdout); /* in a pipe, too, one wants to watch */
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

/* Splits a copy of `line` at blanks; the words end with NULL, behind one for --color. */
static void split(cli_t *cli, const char *line, const char *words[DEMO_WORDS_MAX + 3])
{
    size_t count = 0;
    while (*line != '\0' && count < DEMO_WORDS_MAX) {
        size_t len = strcspn(line, " ");
        if (len > 0) {
            words[count++] = cli_format(cli, "%.*s", (int)len, line);
        }
        line += len + (line[len] == ' ');
    }
    words[count++] = "--color";
    words[count++] = "never"; /* colours are the story's */
    words[count] = NULL;
}

/* Bytes of the next word, with the value behind it where it is an option. */
static size_t next_part(const char *line)
{
    size_t len = strcspn(line, " ");
    bool value = line[0] == '-' && line[len] == ' ' && line[len + 1] != '-';
    return value ? len + 1 + strcspn(line + len + 1, " ") : len;
}

void demo_show_command(const demo_t *demo, const char *line)
{
    const cli_t *cli = demo->cli;
    size_t column = strlen("   $ otary");
    cli_print(cli, "   %s$ otary", cli_style(cli, CLI_CYAN));
    while (*line != '\0') {
        size_t len = next_part(line);
        if (column + 1 + len > COLUMNS - 2) { /* as one would type it on two lines */
            cli_print(cli, " \\\n        ");
            column = 8;
        }
        cli_print(cli, " %.*s", (int)len, line);
        column += 1 + len;
        line += len + (line[len] == ' ');
    }
    cli_print(cli, "%s\n", cli_style(cli, CLI_PLAIN));
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

static int carry_out(demo_t *demo, const char *line, demo_hear_t hear, cJSON **report)
{
    const char *words[DEMO_WORDS_MAX + 3];
    split(demo->cli, line, words);
    return hear != NULL && !demo->cli->json ? cli_run_heard(words, report, hear, demo)
                                            : cli_run(words, report);
}

cJSON *demo_run_heard(demo_t *demo, int status, const char *line, demo_hear_t hear)
{
    cli_t *cli = demo->cli;
    cJSON *report = NULL;
    if (demo->failures > 0) {
        return cJSON_CreateObject();
    }
    demo_show_command(demo, line);
    int got = carry_out(demo, line, hear, &report);
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
    demo_look_for_end(demo);
    return report;
}

cJSON *demo_run(demo_t *demo, int status, const char *line)
{
    return demo_run_heard(demo, status, line, NULL);
}
