/* SPDX-License-Identifier: Apache-2.0 */
/* otary lab faults: every call of the flash port fails, in every scenario. */
#include "cli/lab.h"
#include "cli/lab_parts.h"
#include "lab/faults.h"
#include "lab/lab.h"
#include "lab/share.h"

#include <string.h>

#define OTARY_SCENARIOS "*/o4,*/o4f,*/o4r,*/o16x"
#define STOCK_SCENARIOS "*/i4,*/i4f,*/i4r"
#define LARGEST_KIB     16u /* of an image; larger ones make the same calls, more of them */

const cli_option_t lab_faults_options[] = {
    {"scenario", 0, CLI_TEXT, "PATTERN", OTARY_SCENARIOS,
     "scenarios by name, * stands for anything, commas between"},
    {"stock", 0, CLI_FLAG, NULL, NULL, "Espressif's rules instead (*/i4,*/i4f,*/i4r)"},
    LAB_JOBS_OPTION,
    CLI_END,
};

typedef struct {
    cli_t *cli;
    lab_scenario_t *scenario;
    size_t scenarios;
    cli_progress_t bar;
} job_t;

/* A scenario is one piece of work: its cases share a world. */
static ota_status_t work(void *ctx, const share_worker_t *worker, void *result)
{
    const job_t *job = ctx;
    faults_result_t *one = result;
    faults_result_t sum;
    ota_status_t status = OTA_OK;
    memset(&sum, 0, sizeof(sum));
    for (size_t i = share_take(worker); i < job->scenarios && status == OTA_OK;
         i = share_take(worker)) {
        status = faults_run(&job->scenario[i], job->scenario[i].row->metadata, 0, 1, NULL, one);
        faults_add(&sum, one);
        ++*worker->done;
    }
    *one = sum;
    return status;
}

static void add(void *sum, const void *result)
{
    faults_add(sum, result);
}

static void advance(void *user, uint64_t done)
{
    job_t *job = user;
    cli_progress(job->cli, &job->bar, done);
}

static bool select_scenarios(cli_t *cli, job_t *job, const char *patterns, size_t *left_out)
{
    lab_options_t options;
    lab_options_default(&options);
    options.scenarios = patterns;
    size_t all = lab_select(&options, NULL, 0);
    if (all == 0) {
        (void)cli_refuse(cli, "LAB-SCENARIO", "no scenario has such a name", options.scenarios,
                         "`otary lab list` shows them");
        return false;
    }
    lab_scenario_t *list = cli_allocate(cli, all * sizeof(*list));
    (void)lab_select(&options, list, all);
    for (size_t i = 0; i < all; i++) {
        if (list[i].row->image_kib <= LARGEST_KIB && !list[i].row->boundaries_only) {
            list[job->scenarios++] = list[i];
        }
    }
    job->scenario = list;
    *left_out = all - job->scenarios;
    return true;
}

static void report(cli_t *cli, const job_t *job, const faults_result_t *result)
{
    cJSON *json = cli->report;
    (void)cJSON_AddNumberToObject(json, "scenarios", (double)job->scenarios);
    (void)cJSON_AddNumberToObject(json, "reads", (double)result->calls[0]);
    (void)cJSON_AddNumberToObject(json, "programs", (double)result->calls[1]);
    (void)cJSON_AddNumberToObject(json, "erases", (double)result->calls[2]);
    cJSON *cases = cJSON_AddObjectToObject(json, "cases");
    for (unsigned i = 0; i < FAULTS_PLANS; i++) {
        (void)cJSON_AddNumberToObject(cases, faults_plan_name((faults_plan_t)i),
                                      (double)result->cases[i]);
    }
    (void)cJSON_AddNumberToObject(json, "unnoticed", (double)result->unnoticed);
    (void)cJSON_AddNumberToObject(json, "detours", (double)result->detours);
    (void)cJSON_AddNumberToObject(json, "broken", (double)faults_violations(result));
    cJSON *list = cJSON_AddArrayToObject(json, "replay");
    for (uint32_t i = 0; i < result->kept; i++) {
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(item, "id", result->violation[i].name);
        (void)cJSON_AddStringToObject(item, "oracle",
                                      lab_oracle_name(result->violation[i].verdict.oracle));
        (void)cJSON_AddStringToObject(item, "what", result->violation[i].verdict.what);
        (void)cJSON_AddItemToArray(list, item);
    }
}

static void print_broken(cli_t *cli, const faults_result_t *result)
{
    for (unsigned i = 0; i < FAULTS_PLANS * 3u * MEDIUM_FAILURES; i++) {
        unsigned plan = i / (3u * MEDIUM_FAILURES);
        unsigned kind = i / MEDIUM_FAILURES % 3u;
        unsigned how = i % MEDIUM_FAILURES;
        uint64_t n = result->broken[plan][kind][how];
        if (n > 0) {
            cli_print(cli, "  broken: %-9s %-7s %-28s %12s\n",
                      faults_plan_name((faults_plan_t)plan), faults_kind_name((medium_kind_t)kind),
                      faults_how_name((medium_failure_t)how), lab_number(cli, n));
        }
    }
}

static void print(cli_t *cli, const job_t *job, const faults_result_t *result, size_t left_out)
{
    uint64_t broken = faults_violations(result);
    cli_print(cli, "%zu scenarios: %s reads, %s programs, %s erases\n", job->scenarios,
              lab_number(cli, result->calls[0]), lab_number(cli, result->calls[1]),
              lab_number(cli, result->calls[2]));
    for (unsigned i = 0; i < FAULTS_PLANS; i++) {
        static const char *const words[FAULTS_PLANS] = {
            "a call fails once", "a call and every later one of its kind fail",
            "a call fails once, then the power is cut", "the power is cut, then a call fails"};
        cli_print(cli, "  %-46s %12s cases\n", words[i], lab_number(cli, result->cases[i]));
    }
    cli_print(cli, "  %-46s %12s (silent, and not read back: refused at the next boot)\n",
              "image data lost unnoticed", lab_number(cli, result->unnoticed));
    cli_print(cli, "  %-46s %12s (the next boot goes the right way again)\n",
              "detours: a call fails, the other image starts", lab_number(cli, result->detours));
    if (left_out > 0) {
        cli_print(cli,
                  "  left out: %zu scenarios with larger images; cuts are combined only with "
                  "those that move metadata alone\n",
                  left_out);
    }
    for (unsigned i = 0; i < LAB_ORACLES; i++) {
        if (result->violations[i] > 0) {
            cli_print(cli, "  %s %-43s %12s\n", lab_oracle_name((lab_oracle_t)i),
                      lab_oracle_title((lab_oracle_t)i), lab_number(cli, result->violations[i]));
        }
    }
    print_broken(cli, result);
    for (uint32_t i = 0; i < result->kept; i++) {
        cli_print(cli, "  %s\n    %s\n", result->violation[i].name,
                  result->violation[i].verdict.what);
    }
    cli_print(cli, "%s%s cases: %s broken promises%s\n",
              cli_style(cli, broken == 0 ? CLI_GREEN : CLI_RED),
              lab_number(cli, faults_cases(result)), lab_number(cli, broken),
              cli_style(cli, CLI_PLAIN));
}

static ota_status_t sweep(job_t *job, faults_result_t *result)
{
    share_t share = {.jobs = cli_number(job->cli, "jobs"),
                     .result_size = sizeof(*result),
                     .work = work,
                     .add = add,
                     .ctx = job,
                     .progress = advance,
                     .user = job};
    job->bar = (cli_progress_t){.label = "faults", .total = job->scenarios, .unit = "scenarios"};
    ota_status_t status = share_run(&share, result);
    cli_progress_end(job->cli, &job->bar);
    if (status != OTA_OK) {
        (void)lab_broken(job->cli, status, "a scenario does not run without failures");
    }
    return status;
}

int lab_faults(cli_t *cli)
{
    faults_result_t *result = cli_allocate(cli, sizeof(*result));
    job_t job = {.cli = cli};
    size_t left_out = 0;
    const char *patterns = cli_flag(cli, "stock") ? STOCK_SCENARIOS : cli_text(cli, "scenario");
    if (cli_number(cli, "jobs") > SHARE_JOBS_MAX) {
        return cli_misuse(cli, "--jobs is out of range", "give at most 32");
    }
    if (!select_scenarios(cli, &job, patterns, &left_out) || sweep(&job, result) != OTA_OK) {
        return CLI_REFUSED;
    }
    report(cli, &job, result);
    print(cli, &job, result, left_out);
    return faults_violations(result) == 0 ? CLI_OK : CLI_REFUSED;
}

bool lab_part_faults(cli_t *cli, const char **ours, bool *met)
{
    faults_result_t *otary = cli_allocate(cli, sizeof(*otary));
    faults_result_t *stock = cli_allocate(cli, sizeof(*stock));
    job_t job = {.cli = cli};
    job_t other = {.cli = cli};
    size_t left_out = 0;
    bool quick = cli_flag(cli, "quick");
    if (!select_scenarios(cli, &job, quick ? "confirm/o4" : OTARY_SCENARIOS, &left_out) ||
        sweep(&job, otary) != OTA_OK ||
        !select_scenarios(cli, &other, quick ? "confirm/i4" : STOCK_SCENARIOS, &left_out) ||
        sweep(&other, stock) != OTA_OK) {
        return false;
    }
    *ours =
        cli_format(cli,
                   "%s cases in %zu scenarios, once, for ever, silently, and with a cut before or "
                   "after: %s broken promises (stock: %s of %s)",
                   lab_number(cli, faults_cases(otary)), job.scenarios,
                   lab_number(cli, faults_violations(otary)),
                   lab_number(cli, faults_violations(stock)), lab_number(cli, faults_cases(stock)));
    *met = faults_violations(otary) == 0;
    return true;
}
