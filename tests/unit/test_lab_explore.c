/* SPDX-License-Identifier: Apache-2.0 */
/* That the laboratory finds what is there to be found. */
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "lab/lab.h"
#include "support/lab_thread.h"

#define SHORT_ID 40u /* characters of an id that a person copies */

static void check_replays(lab_bench_t *lab, const lab_violation_t *found)
{
    lab_scenario_t scenario;
    lab_path_t path;
    lab_verdict_t verdict;
    char id[160];
    assert_true(lab_path_parse(found->id, &scenario, &path));
    assert_string_equal(scenario.name, lab->scenario.name);
    lab_path_id(&scenario, &path, id);
    assert_string_equal(id, found->id);
    assert_true(explore_path(lab->world, &path, NULL, NULL, &verdict));
    assert_int_equal(verdict.oracle, found->verdict.oracle);
    assert_string_equal(verdict.what, found->verdict.what);
}

/* Espressif's rewriting in place: an accepted update is lost, and one runs without protection. */
static void the_laboratory_finds_what_stock_loses(void **state)
{
    (void)state;
    lab_bench_t lab;
    explore_result_t result;
    const explore_limits_t limits = {.cuts = 1};
    lab_open(&lab, "select/s4");
    lab_explore(lab.world, &limits, &result);
    assert_true(result.complete);
    assert_true(result.cuts > 800);
    assert_true(result.violations[LAB_S3] > 100);
    assert_true(result.violations[LAB_S4] > 20);
    assert_int_equal(result.violations[LAB_S1], 0); /* it always boots */
    assert_int_equal(result.violations[LAB_S2], 0); /* and what was put there */
    assert_true(result.kept > 0);
    for (uint32_t i = 0; i < result.kept; i++) {
        check_replays(&lab, &result.violation[i]);
    }
    lab_close(&lab);
}

static void a_violation_has_a_short_id_that_replays_to_it(void **state)
{
    (void)state;
    lab_bench_t lab;
    explore_result_t result;
    const explore_limits_t limits = {.cuts = 2, .grain = DAMAGE_COARSE, .first_violation = true};
    lab_open(&lab, "confirm/s4");
    lab_explore(lab.world, &limits, &result);
    assert_int_equal(result.kept, 1);
    lab_violation_t *found = &result.violation[0];
    (void)explore_minimise(lab.world, &found->path, &found->verdict);
    lab_path_id(&lab.scenario, &found->path, found->id);
    assert_int_equal(found->path.cuts, 1);
    assert_true(strlen(found->id) < SHORT_ID);
    check_replays(&lab, found);
    bool violated = false;
    FILE *told = tmpfile();
    assert_non_null(told);
    assert_int_equal(lab_replay(found->id, NULL, told, &violated), OTA_OK);
    assert_true(violated);
    assert_true(ftell(told) > 500); /* map, operations, verdict */
    assert_int_equal(fclose(told), 0);
    lab_close(&lab);
}

static void a_path_without_a_violation_replays_to_none(void **state)
{
    (void)state;
    bool violated = true;
    FILE *told = tmpfile();
    assert_non_null(told);
    assert_int_equal(lab_replay("normal/s4.3.p5", NULL, told, &violated), OTA_OK);
    assert_false(violated);
    assert_int_equal(lab_replay("normal/s4", NULL, told, &violated), OTA_OK);
    assert_false(violated);
    assert_int_equal(lab_replay("normal/s4.3", NULL, told, NULL), OTA_ERR_ARG);
    assert_int_equal(lab_replay("abnormal/s4.3.p5", NULL, told, NULL), OTA_ERR_ARG);
    assert_int_equal(fclose(told), 0);
}

/* The data of an image may be torn in any way: nothing is lost. */
static void torn_data_costs_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"plain/s4", "plain/o16x", "truncated/o1", "damaged/s4f",
                                        "too-big/o4"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        lab_bench_t lab;
        explore_result_t result;
        const explore_limits_t limits = {.cuts = 1, .grain = DAMAGE_COARSE};
        lab_open(&lab, names[i]);
        lab_explore(lab.world, &limits, &result);
        assert_true(result.complete);
        assert_int_equal(explore_violations(&result), 0);
        lab_close(&lab);
    }
}

static void any_number_of_cuts_comes_to_an_end(void **state)
{
    (void)state;
    lab_bench_t lab;
    explore_result_t once;
    explore_result_t closed;
    explore_limits_t limits = {.cuts = 1, .grain = DAMAGE_COARSE, .later_grain = DAMAGE_COARSE};
    lab_open(&lab, "factory/i4f");
    lab_explore(lab.world, &limits, &once);
    limits.cuts = LAB_CUTS_UNBOUNDED;
    lab_explore(lab.world, &limits, &closed);
    assert_true(closed.complete);
    assert_true(closed.states > once.states);
    assert_true(closed.deepest > 2);
    /* Again: the same, from the same ground. */
    lab_explore(lab.world, &limits, &once);
    assert_int_equal(once.states, closed.states);
    assert_int_equal(once.cuts, closed.cuts);
    lab_close(&lab);
}

/* Every violation that living everything finds is found by living every state once. */
static void skipping_hides_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"select/i4",       "crash/i4",    "confirm/i1r",
                                        "plain-select/i4", "smallest/i4", "plain/i4"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        lab_bench_t lab;
        explore_result_t once;
        explore_result_t all;
        explore_limits_t limits = {
            .cuts = i < 4 ? 2 : 1, .grain = DAMAGE_SPARSE, .later_grain = DAMAGE_SPARSE};
        lab_open(&lab, names[i]);
        lab_explore(lab.world, &limits, &once);
        limits.no_skipping = true;
        lab_explore(lab.world, &limits, &all);
        assert_true(once.complete && all.complete);
        assert_true(all.lives > once.lives);
        assert_int_equal(once.ops, all.ops);
        for (unsigned oracle = 0; oracle < LAB_ORACLES; oracle++) {
            assert_true((once.violations[oracle] > 0) == (all.violations[oracle] > 0));
        }
        lab_close(&lab);
    }
}

static void exploring_leaves_the_world_as_it_was(void **state)
{
    (void)state;
    lab_bench_t lab;
    explore_result_t result;
    const explore_limits_t limits = {.cuts = 2, .grain = DAMAGE_COARSE, .later = DAMAGE_EDGES};
    lab_open(&lab, "crash/i4");
    uint64_t key = medium_key(lab_world_medium(lab.world));
    lab_ledger_t ledger = *lab_world_ledger(lab.world);
    lab_explore(lab.world, &limits, &result);
    assert_int_equal(medium_key(lab_world_medium(lab.world)), key);
    assert_memory_equal(lab_world_ledger(lab.world), &ledger, sizeof(ledger));
    assert_int_equal(result.ops, 5); /* PENDING, ABORTED: erase and program each; and at rest */
    lab_close(&lab);
}

/* Ranges of operations, shared out among workers, make up the whole. */
static void ranges_add_up(void **state)
{
    (void)state;
    lab_bench_t lab;
    explore_result_t whole;
    explore_result_t part;
    explore_limits_t limits = {.cuts = 1, .grain = DAMAGE_COARSE};
    uint64_t cuts = 0;
    lab_open(&lab, "smallest/s4");
    lab_explore(lab.world, &limits, &whole);
    for (uint32_t from = 0; from <= whole.ops; from += 3) {
        limits.first_op = from;
        limits.last_op = from + 2u;
        lab_explore(lab.world, &limits, &part);
        cuts += part.cuts;
    }
    assert_int_equal(cuts, whole.cuts);
    lab_close(&lab);
}

static void a_storm_with_the_same_seed_is_the_same_storm(void **state)
{
    (void)state;
    lab_bench_t lab;
    explore_result_t first;
    explore_result_t again;
    lab_open(&lab, "to-and-fro/s4");
    explore_storm(lab.world, 5, 40, NULL, NULL, &first);
    explore_storm(lab.world, 5, 40, NULL, NULL, &again);
    assert_true(first.cuts > 0);
    assert_int_equal(first.cuts, again.cuts);
    assert_int_equal(first.lives, again.lives);
    assert_int_equal(first.kept, again.kept);
    if (first.kept > 0) {
        assert_string_equal(first.violation[0].id, "to-and-fro/s4!5");
        assert_string_equal(first.violation[0].verdict.what, again.violation[0].verdict.what);
    }
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_laboratory_finds_what_stock_loses),
        cmocka_unit_test(a_violation_has_a_short_id_that_replays_to_it),
        cmocka_unit_test(a_path_without_a_violation_replays_to_none),
        cmocka_unit_test(torn_data_costs_nothing),
        cmocka_unit_test(any_number_of_cuts_comes_to_an_end),
        cmocka_unit_test(skipping_hides_nothing),
        cmocka_unit_test(exploring_leaves_the_world_as_it_was),
        cmocka_unit_test(ranges_add_up),
        cmocka_unit_test(a_storm_with_the_same_seed_is_the_same_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
