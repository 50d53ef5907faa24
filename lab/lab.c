/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab/work.h"

#define JOBS_MAX     256u
#define LOOK_EVERY   100000000L /* nanoseconds between looks at the workers */
#define SEED_DEFAULT 1u

void lab_options_default(lab_options_t *options)
{
    *options = (lab_options_t){.mode = LAB_CUTS, .way = -1, .seed = SEED_DEFAULT};
}

static unsigned jobs_of(const lab_options_t *options, size_t items)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = options->jobs != 0 ? options->jobs : cores > 0 ? (size_t)cores : 1u;
    jobs = jobs < items ? jobs : items;
    return (unsigned)(jobs < JOBS_MAX ? jobs : JOBS_MAX);
}

static int start_worker(work_t *work)
{
    int child = (int)fork();
    if (child == 0) {
        work_all(work);
        _exit(0);
    }
    return child;
}

/* The item that a dead worker had begun has failed. */
static void blame_item(work_t *work, int worker, int how)
{
    for (size_t i = 0; i < work->count; i++) {
        work_result_t *result = &work->results[i];
        if (atomic_load(&result->worker) == worker && atomic_load(&result->state) == WORK_BEGUN) {
            lab_violation_t *violation = &result->result.violation[0];
            memset(&result->result, 0, sizeof(result->result));
            result->status = OTA_ERR_PORT;
            result->result.kept = 1;
            result->result.violations[LAB_X] = 1;
            violation->verdict.oracle = LAB_X;
            (void)snprintf(violation->id, sizeof(violation->id), "%s",
                           work->report->rows[work->items[i].row].scenario.name);
            (void)snprintf(violation->verdict.what, sizeof(violation->verdict.what),
                           "the process died: %s %d", WIFSIGNALED(how) ? "signal" : "exit status",
                           WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how));
            atomic_store(&result->state, WORK_DONE);
        }
    }
}

/* --- the report ---------------------------------------------------------------------------- */

static void add_item(lab_report_t *report, const work_t *work, size_t index)
{
    const work_result_t *from = &work->results[index];
    lab_row_result_t *row = &report->rows[work->items[index].row];
    uint32_t ops = row->result.ops;
    row->seconds += from->seconds;
    row->failed = row->failed || from->status != OTA_OK;
    explore_add(&row->result, &from->result);
    row->result.ops =
        from->result.ops > ops ? from->result.ops : ops; /* each range lives them all */
}

static void sum_up(lab_report_t *report, const work_t *work, double started)
{
    for (size_t i = 0; i < report->scenarios; i++) {
        memset(&report->rows[i].result, 0, sizeof(report->rows[i].result));
        report->rows[i].result.complete = true;
        report->rows[i].seconds = 0;
        report->rows[i].left = 0;
        report->rows[i].failed = false;
    }
    size_t done = 0;
    for (size_t i = 0; i < work->count; i++) {
        if (atomic_load(&work->results[i].state) == WORK_DONE) {
            add_item(report, work, i);
            done++;
        } else {
            report->rows[work->items[i].row].left++;
        }
    }
    memset(&report->sum, 0, sizeof(report->sum));
    memset(report->by_way, 0, sizeof(report->by_way));
    memset(report->way_scenarios, 0, sizeof(report->way_scenarios));
    report->sum.complete = done == work->count;
    for (unsigned i = 0; i < LAB_WAYS; i++) {
        report->by_way[i].complete = true;
    }
    for (size_t i = 0; i < report->scenarios; i++) {
        const lab_row_result_t *row = &report->rows[i];
        lab_way_t way = row->scenario.variant.way;
        explore_add(&report->sum, &row->result);
        explore_add(&report->by_way[way], &row->result);
        report->way_scenarios[way]++;
    }
    report->items = work->count;
    report->done = done;
    report->seconds = work_now() - started;
}

/* --- the run ------------------------------------------------------------------------------- */

static bool replace(work_t *work, int *workers, unsigned jobs, int gone, int how)
{
    bool well = WIFEXITED(how) && WEXITSTATUS(how) == 0;
    for (unsigned i = 0; i < jobs; i++) {
        if (workers[i] == gone) {
            workers[i] = 0;
            if (!well) {
                blame_item(work, gone, how);
                workers[i] = start_worker(work);
            }
            return workers[i] > 0;
        }
    }
    return false;
}

static void watch(work_t *work, int *workers, unsigned jobs, lab_report_t *report, double started)
{
    const lab_options_t *options = work->options;
    unsigned alive = 0;
    for (unsigned i = 0; i < jobs; i++) {
        alive += workers[i] > 0;
    }
    for (unsigned looks = 1; alive > 0; looks++) {
        const struct timespec pause = {0, LOOK_EVERY};
        for (unsigned i = 0; i < jobs; i++) {
            int how;
            if (workers[i] > 0 && waitpid(workers[i], &how, WNOHANG) == workers[i] &&
                !replace(work, workers, jobs, workers[i], how)) {
                alive--;
            }
        }
        if (alive > 0) {
            (void)nanosleep(&pause, NULL);
        }
        if (options->progress != NULL && looks % 5u == 0) {
            sum_up(report, work, started);
            options->progress(options->user, report);
        }
    }
}

static ota_status_t run_work(work_t *work, lab_report_t *report, double started)
{
    int workers[JOBS_MAX] = {0};
    unsigned begun = 0;
    report->jobs = jobs_of(work->options, work->count);
    for (unsigned i = 0; i < report->jobs; i++) {
        workers[i] = start_worker(work);
        begun += workers[i] > 0;
    }
    if (begun == 0) {
        return OTA_ERR_PORT;
    }
    watch(work, workers, report->jobs, report, started);
    sum_up(report, work, started);
    return OTA_OK;
}

static bool list_rows(const lab_options_t *options, lab_report_t *report)
{
    size_t count = lab_select(options, NULL, 0);
    lab_scenario_t *list = calloc(count, sizeof(*list));
    report->rows = calloc(count, sizeof(*report->rows));
    if (list == NULL || report->rows == NULL) {
        free(list);
        return false;
    }
    report->scenarios = lab_select(options, list, count);
    for (size_t i = 0; i < count; i++) {
        report->rows[i].scenario = list[i];
    }
    free(list);
    return true;
}

ota_status_t lab_run(const lab_options_t *options, lab_report_t *report)
{
    work_t work;
    damage_set_t set;
    double started = work_now();
    memset(report, 0, sizeof(*report));
    if ((options->tears != NULL && !damage_set_parse(options->tears, &set)) ||
        lab_select(options, NULL, 0) == 0) {
        return OTA_ERR_ARG;
    }
    if (!list_rows(options, report)) {
        lab_report_free(report);
        return OTA_ERR_NO_ROOM;
    }
    ota_status_t status = work_start(&work, options, report);
    if (status == OTA_OK) {
        status = run_work(&work, report, started);
        work_stop(&work);
    }
    if (status != OTA_OK) {
        lab_report_free(report);
    }
    return status;
}

void lab_report_free(lab_report_t *report)
{
    free(report->rows);
    memset(report, 0, sizeof(*report));
}
