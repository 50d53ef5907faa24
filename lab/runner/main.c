/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lab_runner: the laboratory for make cuts, make closure, make storm and the tests. People use
 * `otary lab`.
 *
 *   lab_runner cuts|closure|storm [OPTION..]      lab_runner replay ID      lab_runner list
 *   lab_runner script FILE                        (an input of fuzz_scenario, as a story)
 *
 * Exit status: 0 no violation in policy otary; 1 violations there; 2 wrong arguments or no room.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/lab.h"
#include "lab/script.h"

#define SCRIPT_MAX 65536u /* bytes */

typedef struct {
    lab_options_t options;
    bool rows;              /* print a line a scenario */
    size_t printed;         /* rows so far */
    bool losses;            /* violations in policy otary are printed and do not fail */
    unsigned long at_least; /* cuts; fewer fail */
    const char *word;
    const char *id;
} wish_t;

static int usage(void)
{
    (void)fputs(
        "lab_runner cuts|closure|storm [--quick] [--rows] [--jobs N] [--depth N] [--tear KINDS]\n"
        "           [--way otary|stock|in-place] [--scenario PATTERN,..] [--seconds N] [--seed N]\n"
        "           [--storms N] [--at-least CUTS] [--losses-known]\n"
        "lab_runner replay ID\n"
        "lab_runner script FILE\n"
        "lab_runner list [--way ..] [--scenario ..] [--quick]\n",
        stderr);
    return 2;
}

static bool take_way(wish_t *wish, const char *value)
{
    static const char *const ways[LAB_WAYS] = {"otary", "stock", "in-place"};
    for (int i = 0; i < (int)LAB_WAYS; i++) {
        if (strcmp(value, ways[i]) == 0) {
            wish->options.way = i;
            return true;
        }
    }
    return false;
}

static bool take_number(wish_t *wish, const char *name, const char *value)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);
    unsigned long depth = wish->options.depth;
    unsigned long jobs = wish->options.jobs;
    unsigned long storms = wish->options.storms;
    unsigned long seed = wish->options.seed;
    unsigned long seconds = 0;
    const struct {
        const char *name;
        unsigned long *to;
    } numbers[] = {{"--jobs", &jobs}, {"--depth", &depth},     {"--storms", &storms},
                   {"--seed", &seed}, {"--seconds", &seconds}, {"--at-least", &wish->at_least}};
    bool found = false;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].to = number;
            found = true;
        }
    }
    wish->options.jobs = (unsigned)jobs;
    wish->options.depth = (uint8_t)(depth < 250 ? depth : 250);
    wish->options.storms = (unsigned)storms;
    wish->options.seed = seed;
    wish->options.seconds = seconds > 0 ? (double)seconds : wish->options.seconds;
    return found && value[0] >= '0' && value[0] <= '9' && *end == '\0';
}

static bool take_text(wish_t *wish, const char *name, const char *value)
{
    if (strcmp(name, "--tear") == 0) {
        wish->options.tears = value;
    } else if (strcmp(name, "--scenario") == 0) {
        wish->options.scenarios = value;
    } else if (strcmp(name, "--way") == 0) {
        return take_way(wish, value);
    } else {
        return take_number(wish, name, value);
    }
    return true;
}

static bool take_flag(wish_t *wish, const char *name)
{
    if (strcmp(name, "--quick") == 0) {
        wish->options.quick = true;
    } else if (strcmp(name, "--rows") == 0) {
        wish->rows = true;
    } else if (strcmp(name, "--losses-known") == 0) {
        wish->losses = true;
    } else {
        return false;
    }
    return true;
}

static bool take_arguments(wish_t *wish, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (argv[i][0] != '-' && wish->id == NULL) {
            wish->id = argv[i];
        } else if (!take_flag(wish, argv[i])) {
            if (i + 1 >= argc || !take_text(wish, argv[i], argv[i + 1])) {
                (void)fprintf(stderr, "lab_runner: %s?\n", argv[i]);
                return false;
            }
            i++;
        }
    }
    return true;
}

static void print_row(const lab_row_result_t *row, bool closure)
{
    const char *end = row->failed                             ? " FAILED"
                      : !row->result.complete                 ? " (cut short)"
                      : !closure                              ? ""
                      : explore_violations(&row->result) == 0 ? " closed"
                                                              : " (stopped there)";
    (void)printf("%-24s %5u ops %9llu cuts %9llu states %6llu violations %6.1f s%s\n",
                 row->scenario.name, (unsigned)row->result.ops,
                 (unsigned long long)row->result.cuts, (unsigned long long)row->result.states,
                 (unsigned long long)explore_violations(&row->result), row->seconds, end);
}

/* Rows as they are done, in their order. */
static void print_rows(void *user, const lab_report_t *report)
{
    wish_t *wish = user;
    while (wish->printed < report->scenarios && report->rows[wish->printed].left == 0) {
        print_row(&report->rows[wish->printed++], wish->options.mode == LAB_CLOSURE);
        (void)fflush(stdout);
    }
}

static int verdict(const wish_t *wish, const lab_report_t *report)
{
    bool failed = false;
    for (size_t i = 0; i < report->scenarios; i++) {
        failed = failed || report->rows[i].failed;
    }
    if (report->sum.cuts < wish->at_least) {
        (void)printf("fewer than %lu cuts\n", wish->at_least);
        failed = true;
    }
    if (wish->options.mode == LAB_CLOSURE && !report->by_way[LAB_WAY_OTARY].complete) {
        (void)printf("not everything closed\n");
        failed = true;
    }
    uint64_t lost = explore_violations(&report->by_way[LAB_WAY_OTARY]);
    return failed || (lost > 0 && !wish->losses) ? 1 : 0;
}

static int run(wish_t *wish)
{
    lab_report_t report;
    if (wish->rows) {
        wish->options.progress = print_rows;
        wish->options.user = wish;
    }
    ota_status_t status = lab_run(&wish->options, &report);
    if (status != OTA_OK) {
        (void)fprintf(stderr, "lab_runner: %s\n", ota_status_name(status));
        return 2;
    }
    for (; wish->rows && wish->printed < report.scenarios; wish->printed++) {
        print_row(&report.rows[wish->printed], wish->options.mode == LAB_CLOSURE);
    }
    lab_report_print(&report, stdout);
    int result = verdict(wish, &report);
    lab_report_free(&report);
    return result;
}

static int replay(const wish_t *wish)
{
    bool violated;
    if (wish->id == NULL) {
        return usage();
    }
    ota_status_t status = lab_replay(wish->id, NULL, stdout, &violated);
    if (status != OTA_OK) {
        (void)fprintf(stderr, "lab_runner: %s: %s\n", wish->id, ota_status_name(status));
        return 2;
    }
    return violated ? 1 : 0;
}

static int tell_script(const uint8_t *bytes, size_t len)
{
    script_result_t result;
    script_stage_t *stage = script_open();
    ota_status_t status =
        stage != NULL ? script_play(stage, bytes, len, stdout, &result) : OTA_ERR_NO_ROOM;
    if (stage != NULL) {
        script_close(stage);
    }
    if (status != OTA_OK) {
        (void)fprintf(stderr, "lab_runner: %s\n", ota_status_name(status));
        return 2;
    }
    (void)printf("%u lives, %u ops, %u cuts, %u failures armed, %u updates, %u excused: %s\n",
                 (unsigned)result.lives, (unsigned)result.ops, (unsigned)result.cuts,
                 (unsigned)result.failures, (unsigned)result.updates, (unsigned)result.excused,
                 result.violated ? "VIOLATED" : "all held");
    return result.violated ? 1 : 0;
}

static int script(const wish_t *wish)
{
    static uint8_t bytes[SCRIPT_MAX];
    FILE *file = wish->id != NULL ? fopen(wish->id, "rb") : NULL;
    if (file == NULL) {
        return usage();
    }
    size_t len = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    return tell_script(bytes, len);
}

static int list(const wish_t *wish)
{
    size_t count = lab_select(&wish->options, NULL, 0);
    lab_scenario_t *all = calloc(count + 1u, sizeof(*all));
    if (all == NULL) {
        return 2;
    }
    count = lab_select(&wish->options, all, count);
    for (size_t i = 0; i < count; i++) {
        (void)printf("%-24s %s\n", all[i].name, all[i].row->what);
    }
    free(all);
    return 0;
}

int main(int argc, char **argv)
{
    wish_t wish = {.word = argc > 1 ? argv[1] : ""};
    lab_options_default(&wish.options);
    if (!take_arguments(&wish, argc, argv)) {
        return usage();
    }
    if (strcmp(wish.word, "cuts") == 0) {
        wish.options.mode = LAB_CUTS;
    } else if (strcmp(wish.word, "closure") == 0) {
        wish.options.mode = LAB_CLOSURE;
    } else if (strcmp(wish.word, "storm") == 0) {
        wish.options.mode = LAB_STORM;
    } else if (strcmp(wish.word, "replay") == 0) {
        return replay(&wish);
    } else if (strcmp(wish.word, "script") == 0) {
        return script(&wish);
    } else {
        return strcmp(wish.word, "list") == 0 ? list(&wish) : usage();
    }
    return run(&wish);
}
