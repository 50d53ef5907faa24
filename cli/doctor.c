/* SPDX-License-Identifier: Apache-2.0 */
/* otary doctor: the failure decoder. What it knows is in host/doctor*. */
#include "host/doctor.h"
#include "cli/layer.h"

#include <string.h>

/* `first` stands in front of the first line, as wide as the others are indented. */
static void print_paragraph(const cli_t *cli, const char *first, const char *text)
{
    if (!cli->json) {
        cli_print(cli, "%s", first);
        cli_fold(stdout, strlen(first), cli->width, text);
    }
}

/* --- findings
 * ------------------------------------------------------------------------------------- */

static cli_style_t level_style(doctor_level_t level)
{
    return level == DOCTOR_ERROR ? CLI_RED : level == DOCTOR_WARNING ? CLI_YELLOW : CLI_CYAN;
}

/* Advice is given once where the one before, which may be NULL, gave the same. */
static void print_finding(cli_t *cli, const doctor_finding_t *finding,
                          const doctor_finding_t *before)
{
    bool said = before != NULL && finding->entry->todo[0] != '\0' &&
                strcmp(before->advice, finding->advice) == 0;
    const doctor_entry_t *entry = finding->entry;
    cli_print(cli, "%s%s%s %s%s%s  %s%s", cli_style(cli, level_style(entry->level)),
              doctor_level_name(entry->level), cli_style(cli, CLI_PLAIN), cli_style(cli, CLI_BOLD),
              entry->id, cli_style(cli, CLI_PLAIN), finding->where,
              finding->times > 1 ? cli_format(cli, " (%u times)", finding->times) : "");
    cli_print(cli, "\n");
    print_paragraph(cli, "  ", entry->what);
    if (finding->seen[0] != '\0') {
        print_paragraph(cli, "  here: ", finding->seen);
    }
    if (entry->todo[0] != '\0') {
        print_paragraph(cli, "  do:   ", entry->todo);
    }
    if (finding->advice[0] != '\0' && !said) {
        print_paragraph(cli, entry->todo[0] != '\0' ? "        " : "  do:   ", finding->advice);
    }
}

/* complete: everything that was named could be read. */
static int report(cli_t *cli, const doctor_t *doctor, bool complete)
{
    for (size_t i = 0; i < doctor->count; i++) {
        if (i > 0) {
            cli_print(cli, "\n");
        }
        print_finding(cli, &doctor->finding[i], i > 0 ? &doctor->finding[i - 1] : NULL);
    }
    if (doctor->count == 0 && complete) {
        cli_print(cli, "Nothing in it is known to be a failure.\n");
    }
    if (doctor->more) {
        cli_print(cli, "\nThere was more than %u findings: show fewer things at once.\n",
                  DOCTOR_FINDINGS);
    }
    doctor_level_t worst = doctor_worst(doctor);
    cJSON *findings = doctor_json(doctor);
    if (findings != NULL) {
        (void)cJSON_AddItemToObject(cli->report, "findings", findings);
    }
    (void)cJSON_AddStringToObject(cli->report, "worst", doctor_level_name(worst));
    (void)cJSON_AddBoolToObject(cli->report, "more", doctor->more);
    return worst == DOCTOR_NOTE && complete ? CLI_OK : CLI_REFUSED;
}

/* --- input ---------------------------------------------------------------------------------- */

static bool take_logs(cli_t *cli, doctor_t *doctor)
{
    size_t at = 0;
    for (const char *text = cli_next(cli, "log", &at); text != NULL;
         text = cli_next(cli, "log", &at)) {
        cli_bytes_t file = {(const uint8_t *)text, strlen(text)};
        if (strcmp(text, "-") == 0 && !cli_read(cli, "-", CLI_FILE_MAX, &file)) {
            return false;
        }
        doctor_log(doctor, "", (const char *)file.bytes, file.len);
    }
    return true;
}

static bool take_files(cli_t *cli, doctor_t *doctor)
{
    bool all = true;
    for (size_t i = 0; i < cli->operands; i++) {
        const char *path = cli->operand[i];
        cli_bytes_t file;
        if (cli_read(cli, path, CLI_FILE_MAX, &file)) {
            doctor_file(doctor, strcmp(path, "-") == 0 ? "stdin" : path, file.bytes, file.len);
        } else {
            all = false; /* reported; the others are looked at all the same */
        }
    }
    return all;
}

static int list(cli_t *cli)
{
    const doctor_entry_t *entry = NULL;
    cJSON *all = cJSON_AddArrayToObject(cli->report, "entries");
    for (size_t i = 0; (entry = doctor_entry_at(i)) != NULL; i++) {
        cli_print(cli, "%s (%s)\n", entry->id, doctor_level_name(entry->level));
        print_paragraph(cli, "  ", entry->what);
        cJSON *object = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(object, "id", entry->id);
        (void)cJSON_AddStringToObject(object, "level", doctor_level_name(entry->level));
        (void)cJSON_AddStringToObject(object, "what", entry->what);
        (void)cJSON_AddStringToObject(object, "todo", entry->todo);
        (void)cJSON_AddItemToArray(all, object);
    }
    return CLI_OK;
}

static int run(cli_t *cli)
{
    static doctor_t doctor; /* too large for a stack */
    if (cli_flag(cli, "list")) {
        return list(cli);
    }
    if (cli->operands == 0 && !cli_given(cli, "log")) {
        return cli_misuse(cli, "nothing to look at",
                          "give a file, or a line of a log: otary doctor --log \"E (4256) ...\"");
    }
    doctor_begin(&doctor);
    bool all = take_files(cli, &doctor);
    all = take_logs(cli, &doctor) && all;
    doctor_finish(&doctor);
    return report(cli, &doctor, all);
}

static const cli_option_t options[] = {
    {"log", 'l', CLI_TEXT, "TEXT", NULL, "a line of a log, an error name or number; - reads stdin"},
    {"list", 0, CLI_FLAG, NULL, NULL, "everything that can be found, by id"},
    CLI_END};

static const cli_verb_t verbs[] = {
    {.operands = "[FILE...]",
     .max = CLI_MANY,
     .run = run,
     .summary = "say what went wrong, where, and what to do",
     .details = "FILE may be anything: an image, a partition table (binary or CSV), otadata, a "
                "whole flash, a saved log, or whatever a device received instead of firmware.\n\n"
                "Show together what belongs together: a log and the partition table, an app and "
                "its table. They explain each other.\n\n"
                "Exit status 0: nothing wrong was found; 1: something was.",
     .example = "otary doctor firmware.bin partitions.csv\n"
                "otary doctor --log \"esp_https_ota: Mismatch chip id, expected 9, found 27757\"\n"
                "otary doctor --log 0x1501 huge_app.csv\n"
                "pio device monitor | tee serial.log; otary doctor serial.log",
     .options = options},
    {0}};

const cli_command_t cli_doctor = {"doctor", "decode failures: files, flashes and lines of logs",
                                  verbs};
