/* SPDX-License-Identifier: Apache-2.0 */
/* lab/otadata_tears: every torn write to otadata, on the real code. */
#include "lab/otadata_tears.h"

#include "support/unit.h"

static tears_story_t story; /* large */

static void run(stand_way_t way, uint32_t random, tears_result_t *result)
{
    tears_wish_t wish = TEARS_WISH_DEFAULT;
    wish.way = way;
    wish.random = random;
    assert_int_equal(tears_run(&wish, result), OTA_OK);
}

static void count_is(const tears_result_t *result, tears_model_t model, tears_verdict_t verdict,
                     uint64_t expected)
{
    assert_int_equal(tears_count(result, model, verdict), expected);
}

/* The published counts of the model of Espressif's protocol, one for one. Where the model says
 * "state ok" of a record on trial, the real bootloader finds the trial's one boot used up. */
static void stock_loses_what_was_published(void **state)
{
    (void)state;
    tears_result_t result;
    run(STAND_STOCK, 10, &result);
    for (unsigned phase = 0; phase < TEARS_PHASES; phase++) {
        assert_int_equal(result.ops[phase], 2);
    }
    assert_int_equal(result.states, 198 + 774 + 60);
    count_is(&result, TEARS_PREFIX, TEARS_LOST, 128);
    count_is(&result, TEARS_PREFIX, TEARS_UNPROTECTED, 0);
    count_is(&result, TEARS_PREFIX, TEARS_FALSE, 0);
    count_is(&result, TEARS_PREFIX, TEARS_FINE, 68);
    count_is(&result, TEARS_PREFIX, TEARS_SPENT, 2);
    count_is(&result, TEARS_ONE_BIT, TEARS_LOST, 497);
    count_is(&result, TEARS_ONE_BIT, TEARS_UNPROTECTED, 148);
    count_is(&result, TEARS_ONE_BIT, TEARS_FALSE, 2);
    count_is(&result, TEARS_ONE_BIT, TEARS_FINE, 126);
    count_is(&result, TEARS_ONE_BIT, TEARS_SPENT, 1);
    for (unsigned model = 0; model < TEARS_MODELS; model++) {
        count_is(&result, (tears_model_t)model, TEARS_DEAD, 0);
    }
}

static void within(const tears_result_t *result, tears_verdict_t verdict, uint64_t low,
                   uint64_t high)
{
    assert_in_range(tears_count(result, TEARS_RANDOM, verdict), low, high);
}

/* Of 120,000 random tears about 65 % lose the update, 0.66 % its protection, 0.008 % confirm it. */
static void random_tears_have_the_published_shares(void **state)
{
    (void)state;
    tears_result_t result;
    run(STAND_STOCK, 20000, &result);
    assert_int_equal(result.states, 120972);
    within(&result, TEARS_LOST, 77400, 79200);
    within(&result, TEARS_UNPROTECTED, 690, 890);
    within(&result, TEARS_FALSE, 2, 25);
}

static void a_first_update_has_twenty_states_less(void **state)
{
    (void)state;
    tears_wish_t wish = TEARS_WISH_DEFAULT;
    tears_result_t result;
    wish.random = 0;
    wish.seq = 1; /* the CRC of sequence 2 clears two bits less */
    assert_int_equal(tears_run(&wish, &result), OTA_OK);
    assert_int_equal(result.states, 198 + 754);
    count_is(&result, TEARS_ONE_BIT, TEARS_LOST, 481);
    count_is(&result, TEARS_ONE_BIT, TEARS_UNPROTECTED, 148);
    count_is(&result, TEARS_ONE_BIT, TEARS_FALSE, 2);
}

/* The same models over every write that ours makes: nothing is lost, unprotected or made up. */
static void otary_loses_nothing(void **state)
{
    (void)state;
    tears_result_t result;
    run(STAND_OTARY, 1000, &result);
    assert_true(result.states > 20000);
    for (unsigned phase = 0; phase < TEARS_PHASES; phase++) {
        assert_true(result.ops[phase] >= 5); /* erase, record, entry in two parts, seals */
    }
    for (unsigned model = 0; model < TEARS_MODELS; model++) {
        for (unsigned verdict = TEARS_SPENT; verdict < TEARS_VERDICTS; verdict++) {
            count_is(&result, (tears_model_t)model, (tears_verdict_t)verdict, 0);
        }
    }
}

static void every_way_boots_whatever_is_torn(void **state)
{
    (void)state;
    for (unsigned way = 0; way < STAND_WAYS; way++) {
        tears_result_t result;
        run((stand_way_t)way, 200, &result);
        for (unsigned model = 0; model < TEARS_MODELS; model++) {
            count_is(&result, (tears_model_t)model, TEARS_DEAD, 0);
        }
    }
}

static void the_same_seed_tears_the_same_bits(void **state)
{
    (void)state;
    tears_result_t first;
    tears_result_t second;
    run(STAND_STOCK, 300, &first);
    run(STAND_STOCK, 300, &second);
    assert_memory_equal(&first, &second, sizeof(first));
}

/* An example of every verdict is found again under its name. */
static void a_state_is_replayed_by_its_name(void **state)
{
    (void)state;
    tears_wish_t wish = TEARS_WISH_DEFAULT;
    tears_result_t result;
    run(STAND_STOCK, wish.random, &result);
    for (unsigned v = 0; v < TEARS_DEAD; v++) {
        char name[TEARS_NAME];
        tears_case_t again;
        assert_true(result.first[v].n != UINT32_MAX);
        tears_case_name(&result.first[v], name);
        assert_true(tears_case_parse(name, &again));
        assert_memory_equal(&again, &result.first[v], sizeof(again));
        assert_int_equal(tears_replay(&wish, &again, &story), OTA_OK);
        assert_int_equal(story.verdict, v);
    }
    assert_true(result.first[TEARS_DEAD].n == UINT32_MAX);
}

static void names_of_no_state_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "otadata",
                                        "otadata.",
                                        "otadata.stock",
                                        "otadata.stock.select.0.prefix",
                                        "otadata.stock.select.0.prefix.",
                                        "otadata.stock.select.0.prefix.x",
                                        "otadata.stock.select.0.prefix.1x",
                                        "otadata.stock.select.0.prefix.4294967296",
                                        "otadata.stock.select.-1.prefix.1",
                                        "otadata.stock.select.0.suffix.1",
                                        "otadata.nobody.select.0.prefix.1",
                                        "rot.stock.select.0.prefix.1"};
    tears_case_t which;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(tears_case_parse(wrong[i], &which));
    }
    tears_wish_t wish = TEARS_WISH_DEFAULT;
    assert_true(tears_case_parse("otadata.stock.select.2.prefix.1", &which));
    assert_int_equal(tears_replay(&wish, &which, &story), OTA_ERR_RANGE);
    assert_true(tears_case_parse("otadata.stock.select.0.prefix.33", &which));
    assert_int_equal(tears_replay(&wish, &which, &story), OTA_ERR_RANGE);
}

/* The slots are trusted not to change: a write to one would not go unseen. */
static void writes_outside_otadata_are_refused_and_noted(void **state)
{
    (void)state;
    stand_t stand;
    stand_wish_t wish = {.way = STAND_STOCK};
    uint8_t byte = 0;
    assert_int_equal(stand_start(&stand, &wish), OTA_OK);
    const ota_flash_t *flash = &stand.nor.flash;
    assert_int_equal(ota_flash_program(flash, STAND_OTADATA, &byte, 1), OTA_OK);
    assert_false(stand.strayed);
    assert_int_not_equal(ota_flash_program(flash, STAND_OTADATA + OTA_OTADATA_SIZE, &byte, 1),
                         OTA_OK);
    assert_true(stand.strayed);
    stand.strayed = false;
    assert_int_not_equal(ota_flash_erase(flash, STAND_OTADATA - OTA_FLASH_SECTOR, 4096), OTA_OK);
    assert_true(stand.strayed);
    stand_stop(&stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stock_loses_what_was_published),
        cmocka_unit_test(random_tears_have_the_published_shares),
        cmocka_unit_test(a_first_update_has_twenty_states_less),
        cmocka_unit_test(otary_loses_nothing),
        cmocka_unit_test(every_way_boots_whatever_is_torn),
        cmocka_unit_test(the_same_seed_tears_the_same_bits),
        cmocka_unit_test(a_state_is_replayed_by_its_name),
        cmocka_unit_test(names_of_no_state_are_refused),
        cmocka_unit_test(writes_outside_otadata_are_refused_and_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
