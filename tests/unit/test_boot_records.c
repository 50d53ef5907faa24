/* SPDX-License-Identifier: Apache-2.0 */
/* boot, policy otary, with records of its own: trials of several boots, fallback, what is mended,
 * firmed up and wiped, and what stock software left beside a record. */
#include "ota/boot.h"

#include "support/boot_world.h"
#include "support/unit.h"

#define F     OTA_SLOT_FACTORY
#define RESET OTA_SLOT_NONE

typedef struct {
    const char *copy[2], *apps;
    ota_slot_t booted;
    unsigned writes;
    const char *after;
} row_t;

static void start(world_t *world, const row_t *row)
{
    world_make(world, row->apps, row->copy[0], row->copy[1]);
    world->config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
}

static void fail_row(const row_t *row, const char *what, const char *found)
{
    fail_msg("%s ; %s with %s: %s %s", row->copy[0], row->copy[1], row->apps, what, found);
}

/* One boot; then, with no trial open, one more, which writes nothing, and one by a stock bootloader
 * in our place: both start the same slot. */
static void check_row(const row_t *row)
{
    world_t world;
    boot_result_t boot;
    char text[WORLD_TEXT];
    start(&world, row);
    world_boot(&world, &boot);
    if (strcmp(world_text(&world, text), row->after) != 0 || boot.booted != row->booted ||
        boot.writes != row->writes) {
        fail_row(row, "left", text);
    }
    if (strchr(text, '/') != NULL || row->booted == RESET) {
        return;
    }
    world_boot(&world, &boot);
    if (boot.booted != row->booted || boot.writes != 0) {
        fail_row(row, "did not rest after", text);
    }
    world.config.policy = OTA_POLICY_STOCK;
    world_boot(&world, &boot);
    if (boot.booted != row->booted) {
        fail_row(row, "stock boots something else after", text);
    }
}

#define CHECK_ROWS(rows)                                                                           \
    for (size_t row_ = 0; row_ < sizeof(rows) / sizeof((rows)[0]); row_++) {                       \
        check_row(&(rows)[row_]);                                                                  \
    }

/* --- trials ------------------------------------------------------------------------------- */

static void a_trial_has_the_boots_that_it_was_given_and_is_not_forgiven(void **state)
{
    (void)state;
    static const struct {
        const char *next;
        unsigned boots;
    } rows[] = {
        {"R4 1 1/1 else 0 V0", 1},
        {"R4 1 3/3 else 0 V0", 3},
        {"R4 1 2/3 else 0 V0", 2}, /* one was spent before */
        {"R4 1 255/255 else 0 V0", 255},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const row_t row = {{"R3 0 V0", rows[i].next}, "0 1", 0, 0, ""};
        world_t world;
        boot_result_t boot;
        start(&world, &row);
        for (unsigned n = 1; n <= rows[i].boots; n++) {
            world_boot(&world, &boot);
            assert_int_equal(boot.booted, 1);
            /* each boot costs a record, the last one more: the way back, for a stock bootloader */
            assert_int_equal(boot.writes, n == rows[i].boots ? 2 : 1);
            const ota_record_t *record = &boot.settled.commit.record;
            assert_int_equal(record->left, rows[i].boots - n);
            const ota_entry_t *entry = &world.od.copy[boot.settled.commit.write];
            assert_int_equal(entry->state, record->left != 0 ? OTA_STATE_NEW : OTA_STATE_PENDING);
        }
        for (unsigned n = 0; n < 4; n++) { /* given up, and at rest */
            world_boot(&world, &boot);
            assert_int_equal(boot.booted, 0);
            assert_int_equal(boot.writes, n == 0 ? 1 : 0);
            assert_true(ota_record_rejected(&boot.plan.commit.record, 1));
            assert_int_equal(boot.plan.commit.record.refused, 1);
        }
    }
}

static void a_trial_gets_three_boots_unless_something_else_is_asked_for(void **state)
{
    (void)state;
    static const uint8_t asked[] = {0, 1, 2, 255};
    for (size_t i = 0; i < sizeof(asked); i++) { /* an entry of stock says only NEW */
        const row_t row = {{"1V", "2N"}, "0 1", 0, 0, ""};
        world_t world;
        boot_result_t boot;
        unsigned boots = 0;
        start(&world, &row);
        world.config.trial_boots = asked[i];
        for (world_boot(&world, &boot); boot.booted == 1; world_boot(&world, &boot)) {
            boots++;
        }
        assert_int_equal(boots, asked[i] == 0 ? 3 : asked[i]);
    }
}

static void a_boot_of_a_trial_is_spent_only_when_the_image_has_verified(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0", "R4 1 3/3 else 0 V0"},
         "0 1x",
         0,
         1,
         "R5 0 V0 A1 refused 1 ; R4 1 3/3 else 0 V0"},
        {{"R3 0 V0", "R4 1 3/3 else 0 V0"}, "0x 1x", RESET, 0, "R3 0 V0 ; R4 1 3/3 else 0 V0"},
        {{"R3 0 V0", "R4 1 0/3 else 0 V0"}, "0x 1x", RESET, 0, "R3 0 V0 ; R4 1 0/3 else 0 V0"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_t world;
        boot_result_t boot;
        char text[WORLD_TEXT];
        start(&world, &rows[i]);
        world_boot(&world, &boot);
        assert_int_equal(boot.booted, rows[i].booted);
        assert_string_equal(world_text(&world, text), rows[i].after);
    }
}

static void without_rollback_there_is_no_trial(void **state)
{
    (void)state;
    const row_t row = {{"R3 0 V0", "R4 1 1/3 else 0 V0"}, "0 1", 1, 0, ""};
    world_t world;
    boot_result_t boot;
    start(&world, &row);
    world.config.rollback = false;
    for (int i = 0; i < 5; i++) {
        world_boot(&world, &boot);
        assert_int_equal(boot.booted, 1);
        assert_int_equal(boot.writes, 0);
    }
}

static void what_was_given_up_boots_only_if_nothing_else_does(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R4 1 0/3 else 0 V0", "w"},
         "0x 1",
         1,
         1,
         "R4 1 0/3 else 0 V0 ; R6 1 else 0 V0 A1 refused 1"},
        {{"R4 1 A1 refused 1", "w"}, "0x 1", 1, 0, "R4 1 A1 refused 1 ; w"},
        {{"R5 1 A0 A1 refused 1", "w"},
         "0 1 2",
         2,
         1,
         "R5 1 A0 A1 refused 1 ; R6 2 A0 A1 refused 1"},
    };
    CHECK_ROWS(rows);
}

/* --- the order ------------------------------------------------------------------------------ */

static void the_records_fallback_comes_before_factory_and_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *record, *apps, *order;
    } rows[] = {
        {"R3 2 else 1", "F 0 1 2 T", "2 1 F 0 T"},
        {"R3 2 else 1 A1", "F 0 1 2 T", "2 F 0 T 1"},
        {"R3 2 else F", "F 0 1 2", "2 F 0 1"},
        {"R3 F else 2 A0", "F 0 1 2", "F 2 1 0"},
        {"R3 -", "F 0 1 2", "F 0 1 2"},
        {"R3 -", "0 1 2", "0 1 2"},
        {"R3 2 I2 V0", "0 1 2", "0 1 2"},
        {"R3 5 else 7", "0 1 2", "0 1 2"}, /* neither is in the table */
        {"R3 -128 else 99", "0 1", "0 1"}, /* nobody writes these */
        {"R3 0 0/3 else 0", "0 1", "1 0"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const row_t row = {{rows[i].record, "w"}, rows[i].apps, 0, 0, ""};
        world_t world;
        boot_result_t boot;
        start(&world, &row);
        world_boot(&world, &boot);
        assert_string_equal(boot.order, rows[i].order);
    }
}

static void factory_can_be_the_choice(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 F else 1 V1", "w"}, "F 0 1", F, 0, "R3 F else 1 V1 ; w"},
        /* a cut before the older entry was wiped */
        {{"R3 F else 1 V1", "2V"}, "F 0 1", F, 1, "R3 F else 1 V1 ; w"},
        {{"R3 F else 1 V1", "w"}, "Fx 0 1", 1, 1, "R3 F else 1 V1 ; R4 1 V1"},
        {{"R3 F else 1 V1", "w"}, "0 1", 1, 1, "R3 F else 1 V1 ; R4 1 V1"},
        {{"R3' F", "w"}, "F 0", F, 1, "R3 F ; w"},
    };
    CHECK_ROWS(rows);
}

/* --- taking over ------------------------------------------------------------------------------ */

static void otadata_that_only_knew_stock_is_taken_over_at_the_first_boot(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"2V", "1V"}, "F 0 1", 1, 1, "R2 1 else 0 V0 V1 ; 1V"},
        {{"1V", "2I"}, "F 0 1", 0, 1, "R1 0 V0 I1 refused 1 ; 2I"},
        {{"1V", "2A"}, "F 0 1", 0, 1, "R1 0 V0 A1 refused 1 ; 2A"},
        {{"1A", "2V"}, "F 0 1", 1, 1, "1A ; R2 1 A0 V1 refused 0"},
        {{"-", "2U"}, "F 0 1", 1, 2, "w ; R2 1"},
        {{"3X", "-"}, "F 0 1", 0, 2, "R3 0 | 3X ; R5 0"},
        {{"1P", "2N"},
         "F 0 1",
         1,
         2,
         "R4 1 2/3 else 0 ; R2 1 3/3 else 0"}, /* 0 is older: nothing ends it */
        {{"1N", "2P"}, "F 0 1", 0, 2, "R3 0 A1 refused 1 ; R2 1 0/3 else 0"},
        {{"1P", "-"}, "F 0 1", F, 3, "w ; R2 F A0 refused 0"},
        {{"3V", "3V"}, "F 0 1", 0, 2, "R3 0 V0 ; w"}, /* a tie goes to copy 0 */
        {{"0V", "-"}, "F 0 1", 1, 2, "R0 1 V1 ; w"},
    };
    CHECK_ROWS(rows);
}

static void what_is_rejected_in_stock_otadata_stays_so_without_a_record(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"1I", "-"}, "0 1", 1, 1, "1I ; R2 1 I0 refused 0"},
        {{"1I", "2A"}, "F 0 1", F, 0, "1I ; 2A"},
        {{"1I", "5V!"}, "F 0 1", F, 1, "1I ; w"},
    };
    CHECK_ROWS(rows);
}

/* --- damage ----------------------------------------------------------------------------------- */

static void one_damaged_half_of_a_sector_is_mended_from_the_other(void **state)
{
    (void)state;
    static const row_t rows[] = {
        /* the entry: state, crc, sequence, gone */
        {{"R3 0 V0", "R4 1 V0 V1 else 0 | 4P"},
         "0 1",
         1,
         1,
         "R6 1 else 0 V0 V1 ; R4 1 else 0 V0 V1 | 4P"},
        {{"R3 0 V0", "R4 1 V0 V1 else 0 | 4V!"},
         "0 1",
         1,
         1,
         "R6 1 else 0 V0 V1 ; R4 1 else 0 V0 V1 | 4V!"},
        {{"R3 0 V0", "R4 1 V0 V1 else 0 | 5V"},
         "0 1",
         1,
         1,
         "R6 1 else 0 V0 V1 ; R4 1 else 0 V0 V1 | 5V"},
        {{"R3 0 V0", "R4 1 V0 V1 else 0 | -"},
         "0 1",
         1,
         1,
         "R6 1 else 0 V0 V1 ; R4 1 else 0 V0 V1 | -"},
        /* a record without entry beside which one appeared */
        {{"w", "R4 F V1 | 9V"}, "F 0 1", F, 2, "R5 F V1 ; w"},
    };
    CHECK_ROWS(rows);
}

static void damage_beside_the_record_in_force_changes_nothing(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"3V d", "R4 1 V1 else 0"}, "0 1", 1, 1, "w ; R4 1 else 0 V1"},
        {{"3V r", "R4 1 V1 else 0"}, "0 1", 1, 0, "3V r ; R4 1 else 0 V1"},
        {{"R3 0 V0 | 3V!", "R4 1 V1 else 0"}, "0 1", 1, 0, "R3 0 V0 | 3V! ; R4 1 else 0 V1"},
        {{"3V!", "R4 1 V1 else 0"}, "0 1", 1, 1, "w ; R4 1 else 0 V1"},
        {{"- d", "R4 1 V1 else 0"}, "0 1", 1, 1, "w ; R4 1 else 0 V1"},
    };
    CHECK_ROWS(rows);
}

static void a_record_without_seals_does_not_count_and_is_wiped(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0", "R4? 1 3/3 else 0 V0"}, "0 1", 0, 1, "R3 0 V0 ; w"},
        {{"R3 0 V0", "R4? 1 3/3 else 0 V0 | -"}, "0 1", 0, 1, "R3 0 V0 ; w"},
        {{"R4? 1 V1", "-"}, "F 0 1", F, 2, "w ; w"},
        {{"R4? 1 V1", "-"}, "0 1", 0, 2, "w ; R5 0"},
        {{"R3 0 V0", "4V d"}, "0 1", 0, 1, "R3 0 V0 ; w"}, /* nor does an entry before litter, */
        {{"R3 0 V0", "4V t"}, "0 1", 0, 1, "R3 0 V0 ; w"}, /* nor ours without its record */
        /* beside what stock software left: nothing of it is believed */
        {{"1V", "R2? 1 3/3 V1"}, "0 1", 0, 2, "R1 0 V0 ; w"},
        {{"1V", "R2? 0 A0 refused 0"}, "0 1", 0, 2, "R1 0 V0 ; w"},
    };
    CHECK_ROWS(rows);
}

static void a_record_without_its_second_seal_is_firmed_up(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0", "R4' 1 V1 else 0"}, "0 1", 1, 1, "R3 0 V0 ; R4 1 else 0 V1"},
        {{"R3 0 V0", "R4' 1 3/3 else 0 V0"},
         "0 1",
         1,
         2,
         "R6 1 2/3 else 0 V0 ; R4 1 3/3 else 0 V0"},
        {{"R3' 0 V0", "R4 1 V1 else 0"}, "0 1", 1, 0, "R3' 0 V0 ; R4 1 else 0 V1"},
    };
    CHECK_ROWS(rows);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static void where_the_sequence_ends_the_record_says_which_it_replaces(void **state)
{
    (void)state;
    static const row_t rows[] = {
        /* a cut before the older one was wiped */
        {{"R0xFFFFFFFE 1 V1", "R1 0 V0 replaces 0xFFFFFFFE"}, "0 1", 0, 1, "w ; R1 0 V0"},
        {{"R1 0 V0 replaces 0xFFFFFFFE", "R0xFFFFFFFE 1 V1"}, "0 1", 0, 1, "R1 0 V0 ; w"},
        {{"0xFFFFFFFEV", "R1 0 V0 replaces 0xFFFFFFFE"}, "0 1", 0, 1, "w ; R1 0 V0"},
        /* the next one is the larger again */
        {{"R3 0 V0 replaces 1", "R1 0 V0 replaces 0xFFFFFFFE"}, "0 1", 0, 0, "R3 0 V0 ; R1 0 V0"},
        /* a trial that runs across the end */
        {{"R0xFFFFFFFE 1 3/3 else 0", "w"}, "0 1", 1, 2, "w ; R2 1 2/3 else 0"},
        {{"R0xFFFFFFFE F", "w"}, "Fx 0 1", 0, 1, "R4294967294 F ; R1 0"},
    };
    CHECK_ROWS(rows);
}

static void a_table_with_another_number_of_slots_keeps_the_slot(void **state)
{
    (void)state;
    static const row_t rows[] = {
        /* written with two slots: seq 4 names ota_1. With three a stock bootloader reads ota_0. */
        {{"w", "R4 1 V1"}, "0 1 2", 1, 1, "R5 1 V1 ; R4 1 V1"},
        {{"w", "R5 1 V1"}, "0 1 2", 1, 0, "w ; R5 1 V1"},
        /* written with three; the slot is gone, or no sequence can name it any more */
        {{"w", "R6 2 V2"}, "0 1", 0, 1, "R7 0 V2 ; R6 2 V2"},
        {{"w", "R4 0 V0"}, "0 1", 0, 1, "R5 0 V0 ; R4 0 V0"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_t world;
        boot_result_t boot;
        char text[WORLD_TEXT];
        start(&world, &rows[i]);
        uint8_t count = world.layout.boot_count;
        world.layout.boot_count = strchr(rows[i].copy[1], '6') != NULL ? 3 : count;
        world_sector(&world, 1, rows[i].copy[1]); /* as it was written then */
        world.layout.boot_count = count;
        for (int n = 0; n < 2; n++) {
            world_boot(&world, &boot);
            assert_int_equal(boot.booted, rows[i].booted);
            assert_int_equal(boot.writes, n == 0 ? rows[i].writes : 0);
        }
        world.config.policy = OTA_POLICY_STOCK;
        world_boot(&world, &boot);
        assert_int_equal(boot.booted, rows[i].booted);
        (void)world_text(&world, text);
    }
}

/* --- stock software under our bootloader ------------------------------------------------------ */

static void what_stock_software_writes_beside_a_record_counts(void **state)
{
    (void)state;
    static const row_t rows[] = {
        /* esp_ota_set_boot_partition: the other sector, the next sequence */
        {{"R3 0 V0", "4N"}, "0 1", 1, 2, "R6 1 2/3 else 0 V0 ; R4 1 3/3 else 0 V0"},
        {{"R3 0 V0", "4U"}, "0 1", 1, 1, "R3 0 V0 ; R4 1 else 0 V0"},
        /* mark_app_valid, mark_app_invalid: rewritten in place */
        {{"R3 0 V0", "4V"}, "0 1", 1, 1, "R3 0 V0 ; R4 1 else 0 V0 V1"},
        {{"R3 0 V0 I1", "4V"}, "0 1", 1, 1, "R3 0 V0 I1 ; R4 1 else 0 V0 V1"},
        {{"R3 0 V0", "4I"}, "0 1", 0, 0, "R3 0 V0 ; 4I"},
        {{"R3 0 V0", "4A"}, "0 1", 0, 0, "R3 0 V0 ; 4A"},
        /* older than the record: no news */
        {{"R5 0 V0", "4I"}, "0 1", 0, 0, "R5 0 V0 ; 4I"},
        {{"R5 0 V0", "4V"}, "0 1", 0, 0, "R5 0 V0 ; 4V"},
        /* it sees no entry beside a record of factory, and starts its count again */
        {{"2V", "R7 F else 1 V1 replaces 6"}, "F 0 1", 1, 1, "R2 1 else F V1 ; R7 F else 1 V1"},
        {{"2V", "R3 F else 1 V1 replaces 2"}, "F 0 1", 1, 1, "R2 1 else F V1 ; R3 F else 1 V1"},
        /* it erased what it did not know */
        {{"-", "R4 1 V1 else 0"}, "0 1", 1, 1, "w ; R4 1 else 0 V1"},
        {{"R3 0 V0", "-"}, "0 1", 0, 1, "R3 0 V0 ; w"},
    };
    CHECK_ROWS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trial_has_the_boots_that_it_was_given_and_is_not_forgiven),
        cmocka_unit_test(a_trial_gets_three_boots_unless_something_else_is_asked_for),
        cmocka_unit_test(a_boot_of_a_trial_is_spent_only_when_the_image_has_verified),
        cmocka_unit_test(without_rollback_there_is_no_trial),
        cmocka_unit_test(what_was_given_up_boots_only_if_nothing_else_does),
        cmocka_unit_test(the_records_fallback_comes_before_factory_and_numbers),
        cmocka_unit_test(factory_can_be_the_choice),
        cmocka_unit_test(otadata_that_only_knew_stock_is_taken_over_at_the_first_boot),
        cmocka_unit_test(what_is_rejected_in_stock_otadata_stays_so_without_a_record),
        cmocka_unit_test(one_damaged_half_of_a_sector_is_mended_from_the_other),
        cmocka_unit_test(damage_beside_the_record_in_force_changes_nothing),
        cmocka_unit_test(a_record_without_seals_does_not_count_and_is_wiped),
        cmocka_unit_test(a_record_without_its_second_seal_is_firmed_up),
        cmocka_unit_test(where_the_sequence_ends_the_record_says_which_it_replaces),
        cmocka_unit_test(a_table_with_another_number_of_slots_keeps_the_slot),
        cmocka_unit_test(what_stock_software_writes_beside_a_record_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
