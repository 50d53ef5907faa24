/* SPDX-License-Identifier: Apache-2.0 */
/* lab/rot: every bit of what decides, turned over one at a time. */
#include "lab/rot.h"

#include "support/unit.h"

#define SMALL 1024u /* bytes of an image: the sweep over its headers is what takes the time */

/* The sweeps that several tests look at, run once. */
static rot_result_t two_slots[STAND_WAYS];
static rot_result_t with_factory;

static void run(stand_way_t way, bool factory, rot_result_t *result)
{
    rot_wish_t wish = {
        .way = way, .factory = factory, .image_size = SMALL, .random = 2000, .seed = 1};
    assert_int_equal(rot_run(&wish, result), OTA_OK);
}

static int sweep(void **state)
{
    (void)state;
    for (unsigned way = 0; way < STAND_WAYS; way++) {
        run((stand_way_t)way, false, &two_slots[way]);
    }
    run(STAND_OTARY, true, &with_factory);
    return 0;
}

static void nothing(const rot_result_t *result, rot_verdict_t verdict)
{
    if (result->kept[verdict] > 0) {
        char name[ROT_NAME];
        rot_case_name(&result->example[verdict][0], name);
        fail_msg("%s: %s", rot_verdict_name(verdict), name);
    }
    for (unsigned place = 0; place < ROT_PLACES; place++) {
        assert_int_equal(rot_count(result, (rot_place_t)place, verdict), 0);
    }
}

static void no_wrong_bit_runs_and_no_device_is_bricked(void **state)
{
    (void)state;
    for (unsigned way = 0; way < STAND_WAYS; way++) {
        nothing(&two_slots[way], ROT_WRONG);
        nothing(&two_slots[way], ROT_DEAD);
    }
    nothing(&with_factory, ROT_WRONG);
    nothing(&with_factory, ROT_DEAD);
}

/* No single bit of our records, nor of the entries beside them, decides anything. */
static void otary_loses_nothing_to_a_bit(void **state)
{
    (void)state;
    nothing(&two_slots[STAND_OTARY], ROT_LOST);
    nothing(&two_slots[STAND_OTARY], ROT_UNGUARDED);
    nothing(&with_factory, ROT_LOST);
    nothing(&with_factory, ROT_UNGUARDED);
}

static void every_bit_of_an_image_is_detected(void **state)
{
    (void)state;
    const rot_result_t *result = &two_slots[STAND_OTARY];
    assert_int_equal(rot_count(result, ROT_DATA, ROT_DETECTED), 2000);
    uint64_t detected = rot_count(result, ROT_HEADER, ROT_DETECTED);
    uint64_t harmless = rot_count(result, ROT_HEADER, ROT_HARMLESS); /* the image not to run */
    /* one bit of each header says that there is a hash: without it the checksum is left */
    assert_int_equal(rot_count(result, ROT_HEADER, ROT_UNHASHED), 4);
    assert_int_equal(detected + 4, harmless);
    assert_true(detected > 4u * 8u * (24u + 256u + 8u + 33u - 1u));
    assert_int_equal(rot_count(result, ROT_HEADER, ROT_LOST), 0);
}

static void every_bit_of_the_table_is_refused_or_without_meaning(void **state)
{
    (void)state;
    for (unsigned way = 0; way < STAND_WAYS; way++) {
        const rot_result_t *result = &two_slots[way];
        /* 4 rows and the row of the MD5, of which 14 bytes are filling; 4 kinds of rest */
        assert_int_equal(rot_count(result, ROT_TABLE, ROT_HARMLESS), 4 * 14 * 8);
        assert_int_equal(rot_count(result, ROT_TABLE, ROT_REFUSED), 4 * (5 * 32 - 14) * 8);
    }
}

/* The entry in force has 66 bits that must not turn: seq, CRC, and two of the state. */
static void stock_forgets_a_confirmed_update_by_one_bit(void **state)
{
    (void)state;
    uint64_t(*count)[ROT_VERDICTS] = two_slots[STAND_STOCK].count[ROT_OTADATA];
    assert_int_equal(count[ROT_CONFIRMED][ROT_LOST], 66);
    assert_int_equal(count[ROT_SELECTED][ROT_LOST], 66);
    assert_int_equal(count[ROT_SELECTED][ROT_UNGUARDED], 30);
    assert_int_equal(count[ROT_TRIAL][ROT_UNGUARDED], 30);
    assert_int_equal(count[ROT_REJECTED][ROT_UNGUARDED], 31);
}

/* The sweep does see what it looks for: without a hash nothing protects an image's header. */
static void wrong_bits_that_run_are_seen(void **state)
{
    (void)state;
    rot_wish_t wish = {.way = STAND_OTARY, .image_size = SMALL, .no_hash = true, .random = 500};
    rot_result_t result;
    assert_int_equal(rot_run(&wish, &result), OTA_OK);
    assert_true(rot_count(&result, ROT_HEADER, ROT_WRONG) > 50);
    assert_true(result.kept[ROT_WRONG] == ROT_CASES_KEPT);
}

static void shares_add_up_to_the_whole(void **state)
{
    (void)state;
    rot_result_t sum;
    rot_result_t part;
    const rot_result_t *whole = &two_slots[STAND_STOCK];
    memset(&sum, 0, sizeof(sum));
    for (uint32_t share = 0; share < 3; share++) {
        rot_wish_t wish = {.way = STAND_STOCK,
                           .image_size = SMALL,
                           .random = 2000,
                           .seed = 1,
                           .share = share,
                           .of = 3};
        assert_int_equal(rot_run(&wish, &part), OTA_OK);
        assert_true(part.flips < whole->flips / 2);
        rot_add(&sum, &part);
    }
    assert_int_equal(sum.flips, whole->flips);
    assert_memory_equal(sum.count, whole->count, sizeof(sum.count));
}

static void a_flip_is_replayed_by_its_name(void **state)
{
    (void)state;
    const rot_result_t *result = &two_slots[STAND_STOCK];
    rot_wish_t wish = {.image_size = SMALL, .seed = 1};
    rot_story_t story;
    unsigned replayed = 0;
    for (unsigned v = 0; v < ROT_VERDICTS; v++) {
        for (uint32_t i = 0; i < result->kept[v]; i++, replayed++) {
            char name[ROT_NAME];
            rot_case_t again;
            rot_case_name(&result->example[v][i], name);
            assert_true(rot_case_parse(name, &again));
            assert_int_equal(again.address, result->example[v][i].address);
            assert_int_equal(again.bit, result->example[v][i].bit);
            assert_int_equal(again.rest, result->example[v][i].rest);
            assert_int_equal(rot_replay(&wish, &again, &story), OTA_OK);
            assert_int_equal(story.verdict, v);
        }
    }
    assert_true(replayed > 30);
    rot_case_t outside = {STAND_STOCK, ROT_TRIAL, STAND_FLASH, 0};
    assert_int_equal(rot_replay(&wish, &outside, &story), OTA_ERR_RANGE);
}

static void names_of_no_flip_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "rot.",
                                        "rot.stock.trial",
                                        "rot.stock.trial.0x",
                                        "rot.stock.trial.0xe000",
                                        "rot.stock.trial.0xe000.",
                                        "rot.stock.trial.0xe000.8",
                                        "rot.stock.trial.0xe000.1x",
                                        "rot.stock.trial.e000.1",
                                        "rot.stock.trial.0x1e0000000.1",
                                        "rot.stock.trial.0x-1.1",
                                        "rot.stock.never.0xe000.1",
                                        "otadata.stock.trial.0xe000.1"};
    rot_case_t which;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(rot_case_parse(wrong[i], &which));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_wrong_bit_runs_and_no_device_is_bricked),
        cmocka_unit_test(otary_loses_nothing_to_a_bit),
        cmocka_unit_test(every_bit_of_an_image_is_detected),
        cmocka_unit_test(every_bit_of_the_table_is_refused_or_without_meaning),
        cmocka_unit_test(stock_forgets_a_confirmed_update_by_one_bit),
        cmocka_unit_test(wrong_bits_that_run_are_seen),
        cmocka_unit_test(shares_add_up_to_the_whole),
        cmocka_unit_test(a_flip_is_replayed_by_its_name),
        cmocka_unit_test(names_of_no_flip_are_refused),
    };
    return cmocka_run_group_tests(tests, sweep, NULL);
}
