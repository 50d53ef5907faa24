/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: what may boot, by what the world was told. */
#include "support/unit.h"

#include "lab/oracle.h"

static const lab_trials_t one = {.trials = true, .starts = 1, .patience = UINT8_MAX};
static const lab_trials_t three = {.trials = true, .starts = 3, .patience = 3};
static const lab_trials_t none = {.trials = false, .starts = 1, .patience = UINT8_MAX};

static lab_ledger_t at_home(void)
{
    lab_ledger_t ledger;
    memset(&ledger, 0, sizeof(ledger));
    ledger.trial = OTA_SLOT_NONE;
    ledger.target = OTA_SLOT_NONE;
    ledger.dropped = OTA_SLOT_NONE;
    ledger.updates = 2;
    return ledger;
}

static lab_ledger_t accepted(void)
{
    lab_ledger_t ledger = at_home();
    ledger_open(&ledger, LAB_OPEN_SELECT, 1);
    ledger_selected(&ledger, 1, true);
    return ledger;
}

static void check(lab_ledger_t *ledger, ota_slot_t slot, const lab_trials_t *trials)
{
    lab_verdict_t verdict;
    assert_true(oracle_started(ledger, slot, trials, &verdict));
}

static void check_not(lab_ledger_t *ledger, ota_slot_t slot, const lab_trials_t *trials,
                      lab_oracle_t oracle)
{
    lab_verdict_t verdict;
    assert_false(oracle_started(ledger, slot, trials, &verdict));
    assert_int_equal(verdict.oracle, oracle);
    assert_true(strlen(verdict.what) > 10);
}

static void what_was_accepted_must_be_tried(void **state)
{
    (void)state;
    lab_ledger_t ledger = accepted();
    assert_int_equal(ledger.updates, 1);
    check_not(&ledger, 0, &one, LAB_S3);
    ledger = accepted();
    check(&ledger, 1, &one);
    check(&ledger, 0, &one); /* tried and not confirmed: given up */
    assert_int_equal(ledger.given_up, 1);
    check_not(&ledger, 1, &one, LAB_S4); /* it must not come alive again */
}

static void a_trial_that_never_started_may_be_given_up_after_its_patience(void **state)
{
    (void)state;
    lab_ledger_t ledger = accepted();
    ledger.attempts = 2;
    check_not(&ledger, 0, &three, LAB_S3);
    ledger = accepted();
    ledger.attempts = 3;
    check(&ledger, 0, &three);
}

static void a_trial_has_so_many_starts(void **state)
{
    (void)state;
    lab_ledger_t ledger = accepted();
    check(&ledger, 1, &three);
    check(&ledger, 1, &three);
    check(&ledger, 1, &three);
    check_not(&ledger, 1, &three, LAB_S4);
    ledger = accepted();
    check(&ledger, 1, &one);
    check_not(&ledger, 1, &one, LAB_S4);
}

static void what_was_confirmed_stays(void **state)
{
    (void)state;
    lab_ledger_t ledger = accepted();
    check(&ledger, 1, &one);
    ledger_open(&ledger, LAB_OPEN_CONFIRM, OTA_SLOT_NONE);
    ledger_confirmed(&ledger);
    check(&ledger, 1, &one);
    check(&ledger, 1, &one);
    check_not(&ledger, 0, &one, LAB_S3);
}

static void a_confirm_that_was_cut_may_have_worked_or_not(void **state)
{
    (void)state;
    lab_ledger_t ledger = accepted();
    check(&ledger, 1, &one);
    ledger_open(&ledger, LAB_OPEN_CONFIRM, OTA_SLOT_NONE);
    lab_ledger_t back = ledger;
    for (unsigned i = 0; i < 5; i++) {
        check(&ledger, 1, &one); /* any number of times */
    }
    check(&back, 0, &one);
    check_not(&back, 1, &one, LAB_S4);
}

static void a_select_that_was_cut_counts_once_it_is_seen(void **state)
{
    (void)state;
    lab_ledger_t ledger = at_home();
    ledger_open(&ledger, LAB_OPEN_SELECT, 1);
    lab_ledger_t in_vain = ledger;
    check(&ledger, 1, &one);
    assert_int_equal(ledger.trial, 1);
    assert_int_equal(ledger.starts, 1);
    check(&in_vain, 0, &one);
    check_not(&in_vain, 1, &one, LAB_S4); /* nobody chose it since */
}

static void what_was_rejected_stays_so(void **state)
{
    (void)state;
    lab_ledger_t ledger = accepted();
    check(&ledger, 1, &one);
    ledger_open(&ledger, LAB_OPEN_REJECT, OTA_SLOT_NONE);
    lab_ledger_t cut = ledger;
    ledger_rejected(&ledger);
    check(&ledger, 0, &one);
    check_not(&ledger, 1, &one, LAB_S4);
    check(&cut, 0, &one);
    assert_int_equal(cut.rejected, 1);
    assert_int_equal(cut.given_up, 0);
}

static void without_trials_the_choice_is_in_force_at_once(void **state)
{
    (void)state;
    lab_ledger_t ledger = at_home();
    ledger_open(&ledger, LAB_OPEN_SELECT, 1);
    ledger_selected(&ledger, 1, false);
    check(&ledger, 1, &none);
    check_not(&ledger, 0, &none, LAB_S3);
    ledger = at_home();
    ledger_open(&ledger, LAB_OPEN_SELECT, OTA_SLOT_FACTORY);
    check(&ledger, OTA_SLOT_FACTORY, &one); /* nobody is on trial in factory */
    assert_int_equal(ledger.current, OTA_SLOT_FACTORY);
    assert_int_equal(ledger.trial, OTA_SLOT_NONE);
}

static void a_slot_that_nobody_chose_is_a_violation(void **state)
{
    (void)state;
    lab_ledger_t ledger = at_home();
    check_not(&ledger, 3, &one, LAB_S3);
    ledger = accepted();
    check_not(&ledger, OTA_SLOT_FACTORY, &one, LAB_S3);
    ledger = at_home();
    ledger_open(&ledger, LAB_OPEN_SELECT, 1);
    ledger_refused(&ledger);
    check_not(&ledger, 1, &one, LAB_S3);
}

static void two_silent_resets_are_allowed(void **state)
{
    (void)state;
    lab_ledger_t ledger = at_home();
    lab_verdict_t verdict;
    assert_true(oracle_silent(&ledger, OTA_ERR_NO_FALLBACK, &verdict));
    assert_true(oracle_silent(&ledger, OTA_ERR_NO_FALLBACK, &verdict));
    assert_false(oracle_silent(&ledger, OTA_ERR_NO_FALLBACK, &verdict));
    assert_int_equal(verdict.oracle, LAB_S1);
    check(&ledger, 0, &one);
    assert_int_equal(ledger.silent, 0);
}

static void the_counter_goes_up_with_confirmation_only(void **state)
{
    (void)state;
    lab_ledger_t ledger = at_home();
    lab_verdict_t verdict;
    ledger.efuse_limit = 2;
    assert_true(oracle_efuse(&ledger, 1, &verdict));
    assert_true(oracle_efuse(&ledger, 2, &verdict));
    assert_false(oracle_efuse(&ledger, 3, &verdict));
    assert_int_equal(verdict.oracle, LAB_S5);
    assert_false(oracle_efuse(&ledger, 2, &verdict)); /* it fell */
    assert_int_equal(verdict.oracle, LAB_S5);
}

static void every_oracle_has_a_name_and_slots_have_places(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LAB_ORACLES; i++) {
        assert_true(lab_oracle_name((lab_oracle_t)i)[0] != '?');
        assert_true(lab_oracle_title((lab_oracle_t)i)[0] != '?');
    }
    assert_int_equal(lab_slot_index(0), 0);
    assert_int_equal(lab_slot_index(15), 15);
    assert_int_equal(lab_slot_index(OTA_SLOT_FACTORY), 16);
    assert_int_equal(lab_slot_index(OTA_SLOT_TEST), 17);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_accepted_must_be_tried),
        cmocka_unit_test(a_trial_that_never_started_may_be_given_up_after_its_patience),
        cmocka_unit_test(a_trial_has_so_many_starts),
        cmocka_unit_test(what_was_confirmed_stays),
        cmocka_unit_test(a_confirm_that_was_cut_may_have_worked_or_not),
        cmocka_unit_test(a_select_that_was_cut_counts_once_it_is_seen),
        cmocka_unit_test(what_was_rejected_stays_so),
        cmocka_unit_test(without_trials_the_choice_is_in_force_at_once),
        cmocka_unit_test(a_slot_that_nobody_chose_is_a_violation),
        cmocka_unit_test(two_silent_resets_are_allowed),
        cmocka_unit_test(the_counter_goes_up_with_confirmation_only),
        cmocka_unit_test(every_oracle_has_a_name_and_slots_have_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
