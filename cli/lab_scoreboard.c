/* SPDX-License-Identifier: Apache-2.0 */
/* otary lab scoreboard: everything that the laboratory can show, in one table. */
#include "cli/lab.h"
#include "cli/lab_parts.h"
#include "lab/lab.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

const cli_option_t lab_scoreboard_options[] = {
    {"seconds", 0, CLI_NUMBER, "N", "840", "for all of it"},
    {"random", 'r', CLI_NUMBER, "N", "1000000", "random bits of rot"},
    {"quick", 0, CLI_FLAG, NULL, NULL, "a small sample of each row, to see that all of it works"},
    {"compared", 0, CLI_TEXT, "TEXT", NULL,
     "what the comparison with Espressif's own code said (make scoreboard gives it)"},
    LAB_JOBS_OPTION,
    LAB_SEED_OPTION,
    CLI_END,
};

#define ROWS        10u
#define SECONDS_MIN 5u
#define CUTS_GOAL   10000000u

/* Of the time, what each part may take; the sweeps behind them take what they take. */
#define SHARE_CUTS    0.68
#define SHARE_STOCK   0.05 /* cuts by Espressif's rules: a sample, to show what it loses */
#define SHARE_CLOSURE 0.15
#define SHARE_STORM   0.05

typedef struct {
    const char *number;
    const char *measure;
    const char *best; /* known elsewhere */
    const char *ours;
    bool met;
    bool open; /* not measured here */
} row_t;

typedef struct {
    cli_t *cli;
    row_t row[ROWS];
    unsigned rows;
    cli_progress_t bar;
    double started;
    uint64_t chained; /* cuts of the closure */
} board_t;

static double now(void)
{
    struct timespec time = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void add_row(board_t *board, const char *number, const char *measure, const char *best,
                    const char *ours, bool met)
{
    board->row[board->rows++] = (row_t){.number = number,
                                        .measure = measure,
                                        .best = best,
                                        .ours = ours,
                                        .met = met,
                                        .open = ours == NULL};
}

/* --- the explorer ---------------------------------------------------------------------------- */

static void advance(void *user, const lab_report_t *report)
{
    board_t *board = user;
    board->bar.total = report->items;
    cli_progress(board->cli, &board->bar, report->done);
}

static bool explore_all(board_t *board, lab_mode_t mode, int way, double share,
                        lab_report_t *report)
{
    static const char *const labels[] = {"cuts", "closure", "storms"};
    cli_t *cli = board->cli;
    lab_options_t options;
    lab_options_default(&options);
    options.mode = mode;
    options.way = way;
    options.depth = mode == LAB_CUTS ? 1 : 0; /* more in a row are the closure's */
    options.jobs = cli_number(cli, "jobs");
    options.seed = cli_number(cli, "seed");
    options.quick = cli_flag(cli, "quick");
    options.seconds = (double)cli_number(cli, "seconds") * share;
    options.progress = advance;
    options.user = board;
    board->bar = (cli_progress_t){.label = labels[mode], .unit = "pieces"};
    ota_status_t status = lab_run(&options, report);
    cli_progress_end(cli, &board->bar);
    if (status != OTA_OK) {
        (void)lab_broken(cli, status, labels[mode]);
    }
    return status == OTA_OK;
}

static const char *losses(cli_t *cli, const explore_result_t *result)
{
    return cli_format(cli, "%s broken promises", lab_number(cli, explore_violations(result)));
}

static uint32_t boundary_ops(const lab_report_t *report, lab_way_t way)
{
    uint32_t ops = 0;
    for (size_t i = 0; i < report->scenarios; i++) {
        const lab_row_result_t *row = &report->rows[i];
        ops += row->scenario.variant.way == way && row->scenario.row->boundaries_only
                   ? row->result.ops
                   : 0;
    }
    return ops;
}

static unsigned kinds_of(const explore_result_t *result)
{
    unsigned kinds = 0;
    for (unsigned i = 0; i < DAMAGE_KINDS; i++) {
        kinds += result->kinds[i] > 0;
    }
    return kinds;
}

/* Those on metadata alone are among the closure's. */
static uint64_t update_cuts(const lab_report_t *report)
{
    uint64_t cuts = 0;
    for (size_t i = 0; i < report->scenarios; i++) {
        const lab_row_result_t *row = &report->rows[i];
        cuts += row->scenario.row->metadata ? 0 : row->result.cuts;
    }
    return cuts;
}

static bool cuts_rows(board_t *board)
{
    cli_t *cli = board->cli;
    lab_report_t report;
    lab_report_t other;
    if (!explore_all(board, LAB_CUTS, LAB_WAY_OTARY, SHARE_CUTS, &report)) {
        return false;
    }
    lab_way_t theirs = cli_flag(cli, "quick") ? LAB_WAY_STOCK : LAB_WAY_IN_PLACE;
    if (!explore_all(board, LAB_CUTS, (int)theirs, SHARE_STOCK, &other)) {
        lab_report_free(&report);
        return false;
    }
    const explore_result_t *ours = &report.sum;
    const explore_result_t *stock = &other.sum;
    bool clean = explore_violations(ours) == 0;
    unsigned kinds = kinds_of(ours);
    add_row(board, "1", "flash operations cut", "all, between operations (MCUboot, littlefs)",
            cli_format(cli,
                       "%s: before, after and at every byte inside (%s of an image of 1 MiB only "
                       "before and after)%s",
                       lab_number(cli, ours->ops),
                       lab_number(cli, boundary_ops(&report, LAB_WAY_OTARY)),
                       ours->complete ? "" : "; time ran out before all were cut"),
            ours->complete);
    uint64_t whole = update_cuts(&report);
    add_row(board, "2", "power cuts judged", "28,741 (littlefs); 0 for OTA (ESP-IDF)",
            cli_format(cli,
                       "%s, %s of them in whole updates, in %s scenarios: %s (Espressif's rules: "
                       "%s in %s cuts)",
                       lab_number(cli, whole + board->chained), lab_number(cli, whole),
                       lab_number(cli, report.way_scenarios[LAB_WAY_OTARY]), losses(cli, ours),
                       losses(cli, stock), lab_number(cli, stock->cuts)),
            clean && whole + board->chained >= CUTS_GOAL);
    add_row(board, "3", "outcomes of one cut", "1 (littlefs v2, MCUboot); 1 random (SQLite)",
            cli_format(cli, "%u kinds of damage, %u readings of marginal cells", kinds,
                       (unsigned)MEDIUM_READINGS),
            kinds >= 16);
    lab_report_free(&report);
    lab_report_free(&other);
    return true;
}

static bool chain_row(board_t *board)
{
    cli_t *cli = board->cli;
    lab_report_t closure;
    lab_report_t storm;
    unsigned closed = 0;
    if (!explore_all(board, LAB_CLOSURE, LAB_WAY_OTARY, SHARE_CLOSURE, &closure)) {
        return false;
    }
    for (size_t i = 0; i < closure.scenarios; i++) {
        const explore_result_t *result = &closure.rows[i].result;
        closed += result->complete && explore_violations(result) == 0;
    }
    board->chained = closure.sum.cuts;
    bool ok = explore_all(board, LAB_STORM, LAB_WAY_OTARY, SHARE_STORM, &storm);
    if (ok) {
        bool all = closed == closure.scenarios && explore_violations(&storm.sum) == 0;
        add_row(
            board, "4", "cuts in a row", "2 on two suites (littlefs); 5 random (MCUboot)",
            cli_format(cli,
                       "any number: %u of %zu situations closed, %s states, %s cuts, %s; storms "
                       "of up to 1,000: %s cuts, %s",
                       closed, closure.scenarios, lab_number(cli, closure.sum.states),
                       lab_number(cli, closure.sum.cuts), losses(cli, &closure.sum),
                       lab_number(cli, storm.sum.cuts), losses(cli, &storm.sum)),
            all);
        lab_report_free(&storm);
    }
    lab_report_free(&closure);
    return ok;
}

/* --- the sweeps ----------------------------------------------------------------------------------
 */

static bool sweep_row(board_t *board, const char *number, const char *measure, const char *best,
                      bool (*sweep)(cli_t *cli, const char **ours, bool *met))
{
    const char *ours = NULL;
    bool met = false;
    if (!sweep(board->cli, &ours, &met)) {
        return false;
    }
    add_row(board, number, measure, best, ours, met);
    return true;
}

static bool sweep_rows(board_t *board)
{
    cli_t *cli = board->cli;
    const char *compared = cli_text(cli, "compared");
    bool ok = sweep_row(board, "5", "torn writes to otadata",
                        "ESP-IDF: 65 % lost, 0.66 % unprotected of random tears", lab_part_otadata);
    add_row(board, "6", "boot rules against Espressif's code", "-", compared,
            compared != NULL && strstr(compared, " 0 disagree") != NULL);
    return ok && sweep_row(board, "7", "single-bit rot", "none exhaustive", lab_part_rot) &&
           sweep_row(board, "8", "failing flash calls", "SQLite: every call, once and for ever",
                     lab_part_faults) &&
           sweep_row(board, "9", "network cut points", "examples", lab_part_net);
}

/* --- the table
 * --------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    return strcmp(((const row_t *)a)->number, ((const row_t *)b)->number);
}

static bool show(board_t *board)
{
    cli_t *cli = board->cli;
    bool all = true;
    cJSON *list = cJSON_AddArrayToObject(cli->report, "rows");
    qsort(board->row, board->rows, sizeof(board->row[0]), by_number);
    for (unsigned i = 0; i < board->rows; i++) {
        const row_t *row = &board->row[i];
        const char *verdict = row->open ? "open" : row->met ? "met" : "MISSED";
        cli_style_t style = row->open ? CLI_YELLOW : row->met ? CLI_GREEN : CLI_RED;
        const char *ours = row->ours != NULL ? row->ours : "not measured in this run";
        all = all && (row->met || row->open);
        cli_print(cli, "%s%-2s %-6s%s %s\n          elsewhere: %s\n          ours: %s\n",
                  cli_style(cli, style), row->number, verdict, cli_style(cli, CLI_PLAIN),
                  row->measure, row->best, ours);
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(item, "row", row->number);
        (void)cJSON_AddStringToObject(item, "measure", row->measure);
        (void)cJSON_AddStringToObject(item, "elsewhere", row->best);
        (void)cJSON_AddStringToObject(item, "ours", ours);
        (void)cJSON_AddStringToObject(item, "verdict", verdict);
        (void)cJSON_AddItemToArray(list, item);
    }
    double seconds = now() - board->started;
    (void)cJSON_AddNumberToObject(cli->report, "seconds", seconds);
    cli_print(cli, "%.0f s\n", seconds);
    return all;
}

int lab_scoreboard(cli_t *cli)
{
    board_t *board = cli_allocate(cli, sizeof(*board));
    board->cli = cli;
    board->started = now();
    if (cli_number(cli, "seconds") < SECONDS_MIN) {
        return cli_misuse(cli, "--seconds is out of range", "give at least 5");
    }
    if (!chain_row(board) || !cuts_rows(board) || !sweep_rows(board)) {
        return CLI_REFUSED;
    }
    return show(board) ? CLI_OK : CLI_REFUSED;
}
