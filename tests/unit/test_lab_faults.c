/* SPDX-License-Identifier: Apache-2.0 */
/* lab/faults: calls of the flash port that fail, and lab/share: the same on all cores. */
#include "lab/faults.h"
#include "lab/share.h"

#include "support/unit.h"

#include <stdlib.h>

static void run(const char *name, bool cuts, faults_result_t *result)
{
    lab_scenario_t scenario;
    assert_true(lab_scenario_parse(name, &scenario));
    assert_int_equal(faults_run(&scenario, cuts, 0, 1, NULL, result), OTA_OK);
}

static uint64_t calls(const faults_result_t *result)
{
    return result->calls[MEDIUM_READ] + result->calls[MEDIUM_PROGRAM] + result->calls[MEDIUM_ERASE];
}

static void every_call_fails_in_every_way(void **state)
{
    (void)state;
    faults_result_t result;
    run("smallest/o4", false, &result);
    assert_true(result.calls[MEDIUM_READ] > 10);
    assert_true(result.calls[MEDIUM_PROGRAM] >= 4);
    assert_true(result.calls[MEDIUM_ERASE] >= 3);
    assert_int_equal(result.cases[FAULTS_ONCE], 3 * calls(&result));
    assert_int_equal(result.cases[FAULTS_FOR_EVER], 3 * calls(&result));
    assert_int_equal(result.cases[FAULTS_THEN_CUT], 0);
    assert_int_equal(result.cases[FAULTS_AFTER_CUT], 0);
}

static void failures_and_cuts_are_combined(void **state)
{
    (void)state;
    faults_result_t result;
    run("confirm/o4", true, &result);
    assert_true(result.cases[FAULTS_THEN_CUT] > 100);
    assert_true(result.cases[FAULTS_AFTER_CUT] > 100);
}

/* Whatever call fails: nothing is bricked, and no image runs that is not the old or the new one. */
static void no_failing_call_bricks_a_device(void **state)
{
    (void)state;
    static const char *const names[] = {"smallest/o4", "confirm/o4", "reject/o4", "smallest/s4",
                                        "smallest/i4", "confirm/i4", "crash/i4"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        faults_result_t result;
        run(names[i], false, &result);
        assert_int_equal(result.violations[LAB_S1], 0);
        assert_int_equal(result.violations[LAB_S2], 0);
    }
}

/* A boot of a trial that cannot be counted is put off (crash), a read that fails once costs nobody
 * the way back (reject, factory), an update its turn (raise), or the running app its trial
 * (crash-twice). */
static void otary_keeps_every_promise_while_calls_fail(void **state)
{
    (void)state;
    static const char *const names[] = {"crash/o4",         "crash-twice/o4f", "reject/o4f",
                                        "reject-again/o4f", "raise/o16x",      "factory/o4f",
                                        "last-select/o4",   "early/o4",        "scatter/o4"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        faults_result_t result;
        run(names[i], false, &result);
        if (faults_violations(&result) != 0) {
            fail_msg("%s: %s", result.violation[0].name, result.violation[0].verdict.what);
        }
    }
}

/* The sweep does see what it looks for: Espressif's rewriting in place loses records. */
static void stock_loses_by_failing_calls(void **state)
{
    (void)state;
    faults_result_t result;
    run("confirm/i4", true, &result);
    assert_true(result.violations[LAB_S3] > 0);
    assert_true(result.kept > 0);
}

/* Data that was not written, without a word, is found by the bootloader and counted apart. */
static void silent_losses_of_data_are_counted_apart(void **state)
{
    (void)state;
    faults_result_t result;
    run("plain/o4", false, &result);
    assert_true(result.unnoticed > 0);
    assert_true(result.unnoticed <=
                2 * (result.calls[MEDIUM_PROGRAM] + result.calls[MEDIUM_ERASE]));
    run("confirm/o4", false, &result); /* no data moves here */
    assert_int_equal(result.unnoticed, 0);
}

static void a_failure_is_replayed_by_its_name(void **state)
{
    (void)state;
    faults_result_t result;
    run("confirm/i4", true, &result);
    for (uint32_t i = 0; i < result.kept; i++) {
        lab_scenario_t scenario;
        faults_case_t again;
        bool violated = false;
        lab_verdict_t verdict;
        char name[FAULTS_NAME];
        assert_true(faults_case_parse(result.violation[i].name, &scenario, &again));
        faults_case_name(&scenario, &again, name);
        assert_string_equal(name, result.violation[i].name);
        assert_int_equal(faults_replay(&scenario, &again, NULL, &violated, &verdict), OTA_OK);
        assert_true(violated);
        assert_int_equal(verdict.oracle, result.violation[i].verdict.oracle);
        assert_string_equal(verdict.what, result.violation[i].verdict.what);
    }
}

static void names_of_no_failure_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "fault.",
                                        "fault.confirm/o4",
                                        "fault.confirm/o4.once",
                                        "fault.confirm/o4.once.read",
                                        "fault.confirm/o4.once.read.1",
                                        "fault.confirm/o4.once.read.1.",
                                        "fault.confirm/o4.once.read.1.works",
                                        "fault.confirm/o4.once.read.x.fails",
                                        "fault.confirm/o4.once.read.1.fails.2.p5",
                                        "fault.confirm/o4.then-cut.read.1.fails",
                                        "fault.confirm/o4.then-cut.read.1.fails.2",
                                        "fault.confirm/o4.then-cut.read.1.fails.2.",
                                        "fault.confirm/o4.then-cut.read.1.fails.2.p5x",
                                        "fault.confirm/o4.sometimes.read.1.fails",
                                        "fault.confirm/o4.once.verify.1.fails",
                                        "fault.nothing/o4.once.read.1.fails",
                                        "confirm/o4.once.read.1.fails"};
    lab_scenario_t scenario;
    faults_case_t which;
    bool violated;
    lab_verdict_t verdict;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(faults_case_parse(wrong[i], &scenario, &which));
    }
    assert_true(
        faults_case_parse("fault.confirm/o4.then-cut.read.1.fails.99999.p5", &scenario, &which));
    assert_int_equal(faults_replay(&scenario, &which, NULL, &violated, &verdict), OTA_ERR_RANGE);
}

/* --- shares ------------------------------------------------------------------------------------
 */

typedef struct {
    uint64_t sum;
    uint64_t cases;
} tally_t;

static ota_status_t count(void *ctx, const share_worker_t *worker, void *result)
{
    const uint32_t *numbers = ctx;
    tally_t *tally = result;
    for (uint32_t i = share_take(worker); i < *numbers; i = share_take(worker)) {
        tally->sum += i;
        tally->cases++;
        ++*worker->done;
    }
    return OTA_OK;
}

static ota_status_t refuse(void *ctx, const share_worker_t *worker, void *result)
{
    (void)ctx;
    (void)result;
    return worker->share == 1 ? OTA_ERR_STATE : OTA_OK;
}

static ota_status_t die(void *ctx, const share_worker_t *worker, void *result)
{
    (void)ctx;
    (void)result;
    if (worker->share == 1) {
        _Exit(0);
    }
    return OTA_OK;
}

static void add(void *sum, const void *result)
{
    tally_t *to = sum;
    const tally_t *from = result;
    to->sum += from->sum;
    to->cases += from->cases;
}

static void every_number_is_taken_by_one_worker(void **state)
{
    (void)state;
    uint32_t numbers = 1000;
    tally_t tally;
    share_t share = {
        .jobs = 3, .result_size = sizeof(tally), .work = count, .add = add, .ctx = &numbers};
    assert_int_equal(share_run(&share, &tally), OTA_OK);
    assert_int_equal(tally.cases, 1000);
    assert_int_equal(tally.sum, 999 * 1000 / 2);
    assert_true(share_cores() >= 1);
}

static void a_worker_that_fails_or_dies_is_noticed(void **state)
{
    (void)state;
    tally_t tally;
    share_t share = {.jobs = 3, .result_size = sizeof(tally), .work = refuse, .add = add};
    assert_int_equal(share_run(&share, &tally), OTA_ERR_STATE);
    share.work = die;
    assert_int_equal(share_run(&share, &tally), OTA_ERR_PORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_fails_in_every_way),
        cmocka_unit_test(failures_and_cuts_are_combined),
        cmocka_unit_test(no_failing_call_bricks_a_device),
        cmocka_unit_test(otary_keeps_every_promise_while_calls_fail),
        cmocka_unit_test(stock_loses_by_failing_calls),
        cmocka_unit_test(silent_losses_of_data_are_counted_apart),
        cmocka_unit_test(a_failure_is_replayed_by_its_name),
        cmocka_unit_test(names_of_no_failure_are_refused),
        cmocka_unit_test(every_number_is_taken_by_one_worker),
        cmocka_unit_test(a_worker_that_fails_or_dies_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
