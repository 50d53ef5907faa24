/* SPDX-License-Identifier: Apache-2.0 */
/* trial: when an update on trial counts as good, and when it is given up. */
#include "ota/trial.h"

#include "support/no_read.h"
#include "support/rig.h"
#include "support/unit.h"

#include <stdio.h>

#define C OTA_TRIAL_CONFIRM
#define R OTA_TRIAL_REJECT
#define W OTA_TRIAL_WAITS

typedef struct {
    uint32_t now;
    bool healthy;
    bool contact;
    ota_trial_verdict_t want;
} look_t;

static void check(ota_trial_rule_t rule, uint32_t start, const look_t *looks, size_t count)
{
    ota_trial_t trial;
    memset(&trial, 0xFF, sizeof(trial)); /* of an earlier one */
    ota_trial_start(&trial, &rule, start);
    for (size_t i = 0; i < count; i++) {
        ota_trial_verdict_t said =
            ota_trial_look(&trial, looks[i].now, looks[i].healthy, looks[i].contact);
        if (said != looks[i].want) {
            fail_msg("look %zu: %d, not %d", i, said, looks[i].want);
        }
    }
}

#define CHECK(rule, start, ...)                                                                    \
    do {                                                                                           \
        const look_t looks[] = {__VA_ARGS__};                                                      \
        check(rule, start, looks, sizeof(looks) / sizeof(looks[0]));                               \
    } while (0)

static void a_manual_trial_waits_for_the_application(void **state)
{
    (void)state;
    CHECK(((ota_trial_rule_t){OTA_TRIAL_MANUAL, 0, 0}), 0, {0, true, true, W},
          {UINT32_MAX / 2, true, true, W});
    CHECK(((ota_trial_rule_t){OTA_TRIAL_MANUAL, 0, 10}), 0, {9, true, true, W},
          {10, true, true, R});
}

static void healthy_seconds_count_without_a_break(void **state)
{
    (void)state;
    CHECK(((ota_trial_rule_t){OTA_TRIAL_HEALTHY, 30, 0}), 100, {129, true, false, W},
          {130, true, false, C});
    CHECK(((ota_trial_rule_t){OTA_TRIAL_HEALTHY, 30, 0}), 0, {29, true, false, W},
          {30, false, false, W}, {59, true, false, W}, {60, true, false, C});
    CHECK(((ota_trial_rule_t){OTA_TRIAL_HEALTHY, 0, 0}), 0, {0, false, false, W},
          {0, true, false, C});
}

static void contact_counts_once_made_and_asks_for_health_too(void **state)
{
    (void)state;
    CHECK(((ota_trial_rule_t){OTA_TRIAL_CONTACT, 0, 0}), 0, {1000, true, false, W},
          {1001, true, true, C});
    CHECK(((ota_trial_rule_t){OTA_TRIAL_CONTACT, 20, 0}), 0, {5, true, true, W},
          {19, true, false, W}, {20, true, false, C});
    CHECK(((ota_trial_rule_t){OTA_TRIAL_CONTACT, 0, 0}), 0, {5, false, true, W},
          {6, true, false, C});
}

static void a_deadline_ends_what_stays_open_and_comes_after_the_good_verdict(void **state)
{
    (void)state;
    CHECK(((ota_trial_rule_t){OTA_TRIAL_HEALTHY, 30, 60}), 0, {59, false, false, W},
          {60, false, false, R});
    CHECK(((ota_trial_rule_t){OTA_TRIAL_HEALTHY, 60, 60}), 0, {60, true, false, C});
    CHECK(((ota_trial_rule_t){OTA_TRIAL_CONTACT, 0, 60}), 0, {61, true, false, R},
          {62, true, true, C});
}

static void clocks_wrap_jump_and_stand_still(void **state)
{
    (void)state;
    CHECK(((ota_trial_rule_t){OTA_TRIAL_HEALTHY, 30, 0}), UINT32_MAX - 9, {19, true, false, W},
          {20, true, false, C}); /* over the end of the numbers */
    CHECK(((ota_trial_rule_t){OTA_TRIAL_HEALTHY, 30, 100}), 5000, {100, true, false, W},
          {129, true, false, W}, {130, true, false, C}); /* set back: stood still */
    CHECK(((ota_trial_rule_t){OTA_TRIAL_MANUAL, 0, UINT32_MAX}), 0, {INT32_MAX, true, false, W},
          {UINT32_MAX - 1, true, false, W}, {UINT32_MAX, true, false, R}, {10, true, false, R});
}

static void half_the_numbers_ahead_is_forward_and_no_more(void **state)
{
    (void)state;
    CHECK(((ota_trial_rule_t){OTA_TRIAL_HEALTHY, 1, 0}), 7, {7u + INT32_MAX, true, false, C});
    CHECK(((ota_trial_rule_t){OTA_TRIAL_HEALTHY, 1, 0}), 7, {8u + INT32_MAX, true, false, W});
}

/* --- carried out -------------------------------------------------------------------------- */

static ota_trial_verdict_t step(rig_t *rig, ota_trial_rule_t rule, uint32_t seconds)
{
    ota_trial_t trial;
    ota_trial_verdict_t verdict = W;
    ota_trial_start(&trial, &rule, 0);
    assert_int_equal(ota_trial_step(&trial, &rig->device, seconds, true, false, &verdict), OTA_OK);
    return verdict;
}

static void a_step_confirms_or_rejects_what_is_on_trial(void **state)
{
    (void)state;
    rig_t rig;
    uint32_t now;
    rig_start(&rig, "0 1", "1V", "2P", 1);
    rig.device.records = NULL;
    rig.device.boot = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
    assert_int_equal(step(&rig, (ota_trial_rule_t){OTA_TRIAL_HEALTHY, 5, 0}, 4), W);
    assert_true(ota_device_on_trial(&rig.device));
    assert_int_equal(step(&rig, (ota_trial_rule_t){OTA_TRIAL_HEALTHY, 5, 0}, 5), C);
    assert_int_equal(ota_device_state(&rig.device, 1, &now), OTA_OK);
    assert_int_equal(now, OTA_STATE_VALID);
    assert_int_equal(step(&rig, (ota_trial_rule_t){OTA_TRIAL_MANUAL, 0, 5}, 5), W);  /* no trial */
    assert_int_equal(step(&rig, (ota_trial_rule_t){OTA_TRIAL_HEALTHY, 5, 0}, 5), W); /* no more */
    rig_records(&rig, "1V", "2P");
    assert_int_equal(step(&rig, (ota_trial_rule_t){OTA_TRIAL_MANUAL, 0, 5}, 5), R);
    assert_int_equal(ota_device_chosen(&rig.device), 0);
    rig_stop(&rig);
}

static void what_cannot_be_written_is_told_and_tried_again(void **state)
{
    (void)state;
    rig_t rig;
    ota_trial_t trial;
    const ota_trial_rule_t rule = {OTA_TRIAL_HEALTHY, 1, 0};
    rig_start(&rig, "0 1", "1V", "2P", 1);
    rig.device.boot = (ota_boot_config_t){.policy = OTA_POLICY_STOCK, .rollback = true};
    ota_trial_start(&trial, &rule, 0);
    rig.nor.fail_in = 0;
    assert_int_equal(ota_trial_step(&trial, &rig.device, 1, true, false, NULL),
                     OTA_ERR_FLASH_ERASE);
    assert_int_equal(ota_trial_step(&trial, &rig.device, 2, true, false, NULL), OTA_OK);
    assert_false(ota_device_on_trial(&rig.device));
    rig_stop(&rig);
}

static void what_cannot_be_carried_out_is_told(void **state)
{
    (void)state;
    rig_t rig;
    ota_trial_t trial;
    ota_trial_verdict_t verdict = C;
    const ota_trial_rule_t rule = {OTA_TRIAL_MANUAL, 0, 1};
    rig_start(&rig, "0x 1", "1V", "2P", 1); /* nowhere to go back to */
    rig.device.boot = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
    ota_trial_start(&trial, &rule, 0);
    assert_int_equal(ota_trial_step(&trial, &rig.device, 1, true, false, &verdict),
                     OTA_ERR_NO_FALLBACK);
    assert_int_equal(verdict, R);
    rig.nor.flash.read = no_read; /* nor is it known whether there is a trial */
    assert_int_equal(ota_trial_step(&trial, &rig.device, 2, true, false, &verdict),
                     OTA_ERR_FLASH_READ);
    assert_int_equal(verdict, W);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manual_trial_waits_for_the_application),
        cmocka_unit_test(healthy_seconds_count_without_a_break),
        cmocka_unit_test(contact_counts_once_made_and_asks_for_health_too),
        cmocka_unit_test(a_deadline_ends_what_stays_open_and_comes_after_the_good_verdict),
        cmocka_unit_test(clocks_wrap_jump_and_stand_still),
        cmocka_unit_test(a_step_confirms_or_rejects_what_is_on_trial),
        cmocka_unit_test(what_cannot_be_written_is_told_and_tried_again),
        cmocka_unit_test(what_cannot_be_carried_out_is_told),
        cmocka_unit_test(half_the_numbers_ahead_is_forward_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
