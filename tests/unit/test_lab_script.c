/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts: bytes that are scenarios. fuzz/fuzz_scenario.c makes them up. */
#include "support/unit.h"

#include "lab/dice.h"
#include "lab/script.h"

#define OTADATA 0xE000u

/* Two bytes of head: two slots and program units of 4, policy otary; how the flash starts. */
#define CONFIRMED "\x00\x00"
#define BOTH      "\x00\x08"
#define TRIAL     "\x00\x0C"
#define UPDATE    "u\x01"

static void play(script_stage_t *stage, const char *bytes, size_t len, script_result_t *result)
{
    assert_int_equal(script_play(stage, (const uint8_t *)bytes, len, NULL, result), OTA_OK);
}

#define PLAY(stage, bytes, result) play(stage, bytes, sizeof(bytes) - 1u, result)

static void an_update_is_taken_and_confirmed(void **state)
{
    (void)state;
    script_result_t result;
    script_stage_t *stage = script_open();
    assert_non_null(stage);
    PLAY(stage, CONFIRMED UPDATE "vr", &result);
    assert_false(result.violated);
    assert_int_equal(result.updates, 1);
    assert_int_equal(result.cuts, 0);
    assert_true(result.ops > 30);
    script_close(stage);
}

static void the_power_goes_where_the_script_says(void **state)
{
    (void)state;
    script_result_t first;
    script_result_t again;
    script_stage_t *stage = script_open();
    assert_non_null(stage);
    PLAY(stage,
         BOTH "c\x01p\x03\x02\x09\x01w\x07p\x02\x0E\x10\x02rc\x01w\x07w\x07"
              "fs",
         &first);
    PLAY(stage,
         BOTH "c\x01p\x03\x02\x09\x01w\x07p\x02\x0E\x10\x02rc\x01w\x07w\x07"
              "fs",
         &again);
    assert_false(first.violated);
    assert_true(first.cuts >= 1);
    assert_memory_equal(&first, &again, sizeof(first)); /* worlds are left as they were */
    script_close(stage);
}

static void a_script_is_told_as_a_story(void **state)
{
    (void)state;
    static const char bytes[] = TRIAL "xe\x01\x02" UPDATE "kr";
    char story[4096] = "";
    script_result_t result;
    script_stage_t *stage = script_open();
    FILE *told = fmemopen(story, sizeof(story), "w");
    assert_non_null(stage);
    assert_non_null(told);
    assert_int_equal(script_play(stage, (const uint8_t *)bytes, sizeof(bytes) - 1u, told, &result),
                     OTA_OK);
    assert_int_equal(fclose(told), 0);
    assert_non_null(strstr(story, "rejects itself: OTA_OK"));
    assert_non_null(strstr(story, "program 2 from here fails"));
    assert_non_null(strstr(story, "peace"));
    script_close(stage);
}

static void what_is_no_script_is_refused(void **state)
{
    (void)state;
    script_result_t result;
    script_stage_t *stage = script_open();
    assert_non_null(stage);
    assert_int_equal(script_play(stage, (const uint8_t *)"x", 1, NULL, &result), OTA_ERR_ARG);
    PLAY(stage, "\xFF\xFF", &result); /* in place, whatever table and start */
    assert_false(result.violated);
    PLAY(stage, "\x00\x00\x01\x02\xFF", &result); /* no instruction among them */
    assert_false(result.violated);
    script_close(stage);
}

/* Any order of updates, confirmations, rejections, resets and power cuts. */
static void random_scripts_break_no_promise(void **state)
{
    (void)state;
    static const char letters[] = "uuvvxrrcwwfqpppob";
    script_stage_t *stage = script_open();
    dice_t dice;
    uint32_t cuts = 0;
    uint32_t updates = 0;
    assert_non_null(stage);
    dice_start(&dice, 2026);
    for (unsigned i = 0; i < 250; i++) {
        uint8_t bytes[48];
        script_result_t result;
        for (size_t k = 0; k < sizeof(bytes); k++) {
            bool letter = k > 1 && dice_below(&dice, 3) != 0;
            bytes[k] = letter ? (uint8_t)letters[dice_below(&dice, sizeof(letters) - 1u)]
                              : (uint8_t)dice_roll(&dice);
        }
        bytes[0] = (uint8_t)(bytes[0] % 4u * 8u);                         /* each chip, otary */
        bytes[1] = (uint8_t)(bytes[1] % LAB_TABLES + bytes[1] % 5u * 4u); /* but for garbage */
        assert_int_equal(script_play(stage, bytes, sizeof(bytes), NULL, &result), OTA_OK);
        if (result.violated) {
            assert_int_equal(script_play(stage, bytes, sizeof(bytes), stderr, &result), OTA_OK);
        }
        assert_false(result.violated);
        cuts += result.cuts;
        updates += result.updates;
    }
    print_message("  %u cuts, %u updates\n", (unsigned)cuts, (unsigned)updates);
    assert_true(cuts > 60);
    assert_true(updates > 100);
    script_close(stage);
}

/* --- a script that cannot fail proves nothing ---------------------------------------------- */

static ota_status_t (*real_program)(void *ctx, uint32_t addr, const void *src, size_t len);
static ota_status_t (*real_erase)(void *ctx, uint32_t addr, size_t len);

static bool in_otadata(uint32_t addr)
{
    return addr >= OTADATA && addr < OTADATA + OTA_OTADATA_SIZE;
}

static ota_status_t deaf_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    return in_otadata(addr) ? OTA_OK : real_program(ctx, addr, src, len);
}

static ota_status_t wild_erase(void *ctx, uint32_t addr, size_t len)
{
    ota_status_t status = OTA_OK;
    if (in_otadata(addr)) {
        status = real_erase(ctx, OTADATA, OTA_OTADATA_SECTOR);
        addr = OTADATA + OTA_OTADATA_SECTOR;
    }
    return status == OTA_OK ? real_erase(ctx, addr, len) : status;
}

static void make_deaf(void *user, ota_flash_t *flash)
{
    (void)user;
    real_program = flash->program;
    flash->program = deaf_program;
}

static void make_wild(void *user, ota_flash_t *flash)
{
    (void)user;
    real_erase = flash->erase;
    flash->erase = wild_erase;
}

static void check_found(lab_wrap_t wrap, lab_oracle_t oracle, const char *bytes, size_t len)
{
    script_result_t result;
    script_stage_t *stage = script_open();
    assert_non_null(stage);
    script_wrap(stage, wrap, NULL);
    play(stage, bytes, len, &result);
    assert_true(result.violated);
    print_message("  %s: %s\n", lab_oracle_name(result.verdict.oracle), result.verdict.what);
    assert_int_equal(result.verdict.oracle, oracle);
    script_close(stage);
}

static void a_record_that_is_not_written_is_found(void **state)
{
    (void)state;
    check_found(make_deaf, LAB_L1, CONFIRMED UPDATE "vr", 6);
}

/* Cut behind the erase: nothing is left that says what is on trial, and what stands. */
static void an_erase_of_both_sectors_is_found(void **state)
{
    (void)state;
    static const char bytes[] = "\x00\x0D" /* factory and two slots, a trial */
                                "rp\x01\x01\x00\x00r";
    check_found(make_wild, LAB_S4, bytes, sizeof(bytes) - 1u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_is_taken_and_confirmed),
        cmocka_unit_test(the_power_goes_where_the_script_says),
        cmocka_unit_test(a_script_is_told_as_a_story),
        cmocka_unit_test(what_is_no_script_is_refused),
        cmocka_unit_test(random_scripts_break_no_promise),
        cmocka_unit_test(a_record_that_is_not_written_is_found),
        cmocka_unit_test(an_erase_of_both_sectors_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
