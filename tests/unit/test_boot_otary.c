/* SPDX-License-Identifier: Apache-2.0 */
/* boot, policy otary: row by row what differs from Espressif's bootloader (docs/boot.md), met with
 * otadata that only ever knew stock. What it does with its own records: test_boot_records.c. */
#include "ota/boot.h"

#include "core/bytes.h"
#include "core/crc32.h"
#include "support/boot_world.h"
#include "support/unit.h"

#define F     OTA_SLOT_FACTORY
#define T     OTA_SLOT_TEST
#define RESET OTA_SLOT_NONE

typedef struct {
    const char *copy[2], *apps;
    const char *order;
    ota_slot_t booted;
    const char *after;
} row_t;

/* One boot; and a second one of the same chip, with no trial open, writes nothing more. */
static void check_row(const row_t *row)
{
    world_t world;
    boot_result_t boot;
    char text[WORLD_TEXT];
    world_make(&world, row->apps, row->copy[0], row->copy[1]);
    world.config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
    world_boot(&world, &boot);
    assert_string_equal(boot.order, row->order);
    assert_int_equal(boot.booted, row->booted);
    assert_string_equal(world_text(&world, text), row->after);
    if (strchr(text, '/') == NULL) {
        world_boot(&world, &boot);
        assert_int_equal(boot.booted, row->booted);
        assert_int_equal(boot.writes, 0);
    }
}

#define CHECK_ROWS(rows)                                                                           \
    for (size_t row_ = 0; row_ < sizeof(rows) / sizeof((rows)[0]); row_++) {                       \
        check_row(&(rows)[row_]);                                                                  \
    }

static void where_nothing_is_wrong_it_boots_what_stock_boots(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"1V", "-"}, "F 0 1", "0 F 1", 0, "R1 0 V0 ; w"},
        {{"1V", "2V"}, "0 1", "1 0", 1, "1V ; R2 1 else 0 V0 V1"},
        {{"1V", "2N"}, "0 1", "1 0", 1, "R4 1 2/3 else 0 V0 ; R2 1 3/3 else 0 V0"},
        {{"1V", "2P"}, "0 1", "0 1", 0, "R3 0 V0 A1 refused 1 ; R2 1 0/3 else 0 V0"},
        {{"-", "-"}, "F 0 1", "F 0 1", F, "w ; w"},
        {{"1V", "2U"}, "0 1", "1 0", 1, "1V ; R2 1 else 0 V0"},
        {{"1V", "2X"}, "0 1", "1 0", 1, "R4 1 else 0 V0 ; R2 1 else 0 V0 | 2X"},
        {{"1A", "2I"}, "F 0 1", "F 0 1", F, "1A ; 2I"},
    };
    CHECK_ROWS(rows);
}

static void gaps_19_fallback_asks_the_records_before_the_numbers(void **state)
{
    (void)state;
    static const row_t rows[] = {
        /* stock tries 3, 2, 1, 0: ota_2 was never confirmed by anybody */
        {{"4V", "1V"}, "0 1 2 3x", "3 0 1 2", 0, "R4 3 else 0 V0 V3 ; R5 0 V0 A3 refused 3"},
        {{"4V", "1V"}, "F 0 1 2 3x", "3 0 F 1 2", 0, "R4 3 else 0 V0 V3 ; R5 0 V0 A3 refused 3"},
        {{"3V", "2A"}, "F 0 1 2x", "2 F 0 1", F, "w ; R4 F A1 A2 refused 2"},
        /* stock would boot rejected ota_1 */
        {{"3V", "2A"}, "0 1 2x", "2 0 1", 0, "R3 2 A1 V2 refused 1 ; R4 0 A1 A2 refused 2"},
    };
    CHECK_ROWS(rows);
}

static void gaps_20_a_rejected_image_boots_only_if_nothing_else_does(void **state)
{
    (void)state;
    static const row_t rows[] = {
        /* stock boots ota_0 again */
        {{"1P", "-"}, "0 1", "1 0", 1, "R1 0 0/3 ; R2 1 A0 refused 0"},
        {{"1P", "-"}, "0 1x", "1 0", 0, "R1 0 0/3 ; R3 0 A0 refused 0"},
        {{"1A", "2I"}, "0 1 2", "2 0 1", 2, "R3 2 A0 I1 refused 1 ; 2I"},
        {{"1A", "2I"}, "0 1 T", "T 0 1", T, "1A ; 2I"},
        {{"1A", "2I"}, "Fx 0 1", "F 0 1", 0, "1A ; 2I"}, /* and stays rejected */
        {{"1A", "2I"}, "0x 1", "0 1", 1, "1A ; 2I"},
        {{"1A", "2I"}, "0x 1x", "0 1", RESET, "1A ; 2I"},
        /* in force, and rejected by its application: it is not given up as well */
        {{"R4 1 else 0 V0 I1", "w"}, "0 1", "0 1", 0, "R4 1 else 0 V0 I1 ; R5 0 V0 I1"},
    };
    CHECK_ROWS(rows);
}

static void gaps_21_a_fallback_boot_mends_the_record(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"1V", "2V"}, "0 1x", "1 0", 0, "R3 0 V0 A1 refused 1 ; R2 1 else 0 V0 V1"},
        {{"1V", "-"}, "F 0x 1", "0 F 1", F, "w ; R2 F A0 refused 0"},
        {{"1V", "2V"}, "F 0x 1x", "1 0 F", F, "R3 F else 0 V0 A1 refused 1 ; w"},
        {{"1V", "-"}, "0x 1", "0 1", 1, "R1 0 V0 ; R2 1 A0 refused 0"},
        {{"1V", "2V"}, "0x 1x 2", "1 0 2", 2, "R3 2 else 0 V0 A1 refused 1 ; R2 1 else 0 V0 V1"},
        /* names ota_1, which is not there: nothing is said of it */
        {{"2V", "-"}, "0 2", "0 2", 0, "R2 1 V1 ; R3 0 V1"},
    };
    CHECK_ROWS(rows);
}

static void gaps_21_damaged_copies_are_renewed_or_wiped(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"1V!", "2V!"}, "0 1", "0 1", 0, "R1 0 ; w"},
        {{"1V!", "2V!"}, "F 0 1", "F 0 1", F, "w ; w"},
        {{"1V", "2N!"}, "0 1", "0 1", 0, "R1 0 V0 ; w"},
        {{"1V", "2P!"}, "0 1", "0 1", 0, "R1 0 V0 ; w"}, /* stock writes ABORTED over it */
        {{"-", "2V!"}, "0x 1", "0 1", 1, "R2 1 ; w"},
        {{"2A", "5V!"}, "0 1", "0 1", 0, "2A ; R3 0 A1 refused 1"},
    };
    CHECK_ROWS(rows);
}

static void nothing_is_written_before_an_image_has_been_judged(void **state)
{
    (void)state;
    static const char *const copies[][2] = {
        {"1V", "2P!"}, {"1V", "2P"}, {"1N", "2N"}, {"1V d", "-"}, {"R1 0 V0", "R2? 1 1/1"}};
    for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
        world_t world;
        boot_result_t boot;
        world_make(&world, "0x 1x", copies[i][0], copies[i][1]);
        world.config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
        world_boot(&world, &boot);
        assert_int_equal(boot.booted, RESET);
        assert_int_equal(boot.writes, 0);
    }
}

static void a_new_image_is_judged_before_its_try_is_consumed(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"2N", "1V"},
         "0 1x",
         "1 0",
         0,
         "R2 1 3/3 else 0 V0 ; R3 0 V0 A1 refused 1"}, /* stock: PENDING first */
        {{"1N", "-"}, "F 0x", "0 F", F, "w ; R2 F A0 refused 0"},
        {{"3V", "2N"}, "0x 1", "0 1", 1, "R3 0 else 1 V0 ; R4 1 A0 refused 0"},
        {{"1N", "2N"}, "0x 1x", "1 0", RESET, "1N ; 2N"},
    };
    CHECK_ROWS(rows);
}

static void what_the_bootloader_finds_by_itself_counts_as_unconfirmed(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"-", "-"}, "0 1", "0 1", 0, "R1 0 ; w"}, /* stock: VALID */
        {{"-", "-"}, "0x 1", "0 1", 1, "R2 1 ; w"},
        {{"-", "-"}, "Fx 0 1", "F 0 1", 0, "R1 0 ; w"}, /* stock: not recorded */
    };
    CHECK_ROWS(rows);
}

static void gaps_23_slots_beyond_a_hole_are_still_tried(void **state)
{
    (void)state;
    static const row_t rows[] = {
        /* no sequence names ota_5: the record says what it said */
        {{"1V", "-"}, "0x 5", "0 5", 5, "R1 0 V0 ; w"},
        {{"1V", "-"}, "0 5", "0 5", 0, "R1 0 V0 ; w"},
        {{"1V", "-"}, "0x 2", "0 2", 2, "R1 0 V0 ; w"},
        {{"1V", "2V"}, "F", "F", F, "1V ; 2V"}, /* no slot count: nothing to mend */
        {{"1V!", "2N!"}, "F", "F", F, "1V! ; 2N!"},
        {{"1V", "2V"}, "", "", RESET, "1V ; 2V"},
    };
    CHECK_ROWS(rows);
}

static void gaps_30_mending_goes_on_where_the_sequence_ends(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"0xFFFFFFFEV", "-"}, "0 1x", "1 0", 0, "w ; R1 0 A1 refused 1"},
        {{"4294967294A", "-"}, "0 1", "0 1", 0, "4294967294A ; R1 0 A1 refused 1"},
        {{"0xFFFFFFFEV", "0xFFFFFFFDV"}, "0x 1x 2", "1 0 2", 2, "w ; R3 2 else 0 V0 A1 refused 1"},
        {{"0xFFFFFFFEV", "-"}, "0 1", "1 0", 1, "R4294967294 1 V1 ; w"},
    };
    CHECK_ROWS(rows);
}

static void gaps_13_pins_cost_a_waiting_update_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *apps;
        bool factory, erases, test;
        ota_slot_t booted;
        const char *after;
    } rows[] = {
        /* trap 1: it is tried */
        {{"1V", "2N"}, "F 0 1", true, false, false, 1, "R4 1 2/3 else 0 V0 ; R2 1 3/3 else 0 V0"},
        /* trap 2: it waits */
        {{"1V", "2N"}, "0 1 T", false, false, true, T, "1V ; R2 1 3/3 else 0 V0"},
        {{"R1 0 V0", "R2 1 3/3 else 0 V0"},
         "0 1 T",
         false,
         false,
         true,
         T,
         "R1 0 V0 ; R2 1 3/3 else 0 V0"},
        {{"1V", "2N"}, "F 0 1", true, true, false, F, "R3 F ; w"},
        {{"R1 0 V0", "R2 1 3/3 else 0 V0"}, "F 0 1", true, true, false, F, "R3 F ; w"},
        {{"R3 0 V0", "w"}, "F 0 1", true, true, false, F, "w ; R4 F"},
        {{"1V", "2V"}, "0 1", true, true, false, 0, "R3 0 ; R2 1 else 0 V0 V1"},
        {{"1V", "2V"}, "0 1", false, false, true, 1, "1V ; R2 1 else 0 V0 V1"}, /* stock: reset */
        {{"1V", "2V"}, "0 1 Tx", false, false, true, 1, "1V ; R2 1 else 0 V0 V1"}, /* likewise */
        {{"1V", "2V"}, "F 0 1 T", true, true, true, T, "R3 F ; w"},
        {{"-", "-"}, "F 0 1", true, true, false, F, "w ; w"},
        {{"1A", "2I"}, "F 0 1", true, true, false, F, "R3 F ; 2I"}, /* forgiven, as by stock */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_t world;
        boot_result_t boot;
        char text[WORLD_TEXT];
        world_make(&world, rows[i].apps, rows[i].copy[0], rows[i].copy[1]);
        world.config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY,
                                           .rollback = true,
                                           .factory_reset = true,
                                           .factory_erases_otadata = rows[i].erases,
                                           .test_app = true};
        world.factory_pin = rows[i].factory;
        world.test_pin = rows[i].test;
        world_boot(&world, &boot);
        assert_int_equal(boot.booted, rows[i].booted);
        assert_string_equal(world_text(&world, text), rows[i].after);
    }
}

static void otadata_too_small_still_boots_and_is_left_alone(void **state)
{
    (void)state;
    for (uint32_t size = 0; size < OTA_OTADATA_SIZE; size += 0xFFF) {
        world_t world;
        boot_result_t boot;
        world_make(&world, "0x 1", "2V", "1V");
        world.config.policy = OTA_POLICY_OTARY;
        world.config.factory_reset = true;
        world.config.factory_erases_otadata = true;
        world.factory_pin = true;
        world.layout.otadata.size = size;
        world_boot(&world, &boot);
        assert_int_equal(boot.booted, 1);
        assert_int_equal(boot.writes, 0);
        assert_int_equal(boot.plan.why[0].why,
                         size == 0 ? OTA_WHY_NO_OTADATA : OTA_WHY_OTADATA_SIZE);
    }
}

/* gaps 15: Espressif burns from a descriptor that nobody has verified. */
static void gaps_15_the_efuse_rises_only_for_a_verified_and_confirmed_app(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *apps;
        uint32_t efuse;
        ota_slot_t booted;
        const char *after;
        uint32_t efuse_after;
    } rows[] = {
        {{"1V", "-"}, "0@3 1", 1, 0, "R1 0 V0 ; w", 3},
        /* stock: 3, and nothing boots again */
        {{"1V", "-"}, "0x@3 1@2", 1, 1, "R1 0 V0 ; R2 1 A0 refused 0", 1},
        {{"-", "-"}, "0@1 1@1", 0, 0, "R1 0 ; w", 0}, /* stock: 1 */
        {{"1V", "2N"}, "0@1 1@2", 1, 1, "R4 1 2/3 else 0 V0 ; R2 1 3/3 else 0 V0", 1},
        /* too old ever to load */
        {{"1V", "2N"}, "0@1 1@0", 1, 0, "R3 0 V0 A1 refused 1 ; R2 1 3/3 else 0 V0", 1},
        {{"1V", "2A"}, "0@1 1@2", 2, 1, "R1 0 V0 A1 refused 1 ; 2A", 2},
        {{"1V", "-"}, "0@17 1", 1, 0, "R1 0 V0 ; w", 1}, /* wider than the field */
        {{"1V", "2V"}, "0@1 1@2", 0, 1, "1V ; R2 1 else 0 V0 V1", 2},
        {{"R1 0 V0", "R2 1 V0 V1 else 0"}, "0@1 1@2", 0, 1, "R1 0 V0 ; R2 1 else 0 V0 V1", 2},
        /* confirmed once, and on trial again */
        {{"R1 0 V0", "R2 1 3/3 V1"}, "0@1 1@2", 1, 1, "R4 1 2/3 V1 ; R2 1 3/3 V1", 1},
        /* confirmed, and not what is in force */
        {{"R1 0 V0 V5", "w"}, "0x@1 5@3", 1, 5, "R1 0 V0 V5 ; w", 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_t world;
        boot_result_t boot;
        char text[WORLD_TEXT];
        world_make(&world, rows[i].apps, rows[i].copy[0], rows[i].copy[1]);
        world.config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .anti_rollback = true};
        world.efuse = rows[i].efuse;
        world_boot(&world, &boot);
        assert_int_equal(boot.plan.raise_to, 0);
        assert_int_equal(boot.booted, rows[i].booted);
        assert_string_equal(world_text(&world, text), rows[i].after);
        assert_int_equal(world.efuse, rows[i].efuse_after);
    }
}

static void an_entry_of_its_own_making_is_tagged(void **state)
{
    (void)state;
    world_t world;
    boot_result_t boot;
    world_make(&world, "0 1", "1V!", "2V!");
    world.config.policy = OTA_POLICY_OTARY;
    memset(world.od.copy[0].label, 0x5A, sizeof(world.od.copy[0].label));
    world_boot(&world, &boot);
    static const uint8_t about[8] = {1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}; /* seq, state */
    for (size_t i = 0; i < 16; i++) {
        assert_int_equal(world.od.copy[0].label[i], 0xFF);
    }
    assert_int_equal(ota_get_le32(world.od.copy[0].label + 16), ota_crc32(0, about, sizeof(about)));
}

static void pins_are_named_as_reasons(void **state)
{
    (void)state;
    static const struct {
        const char *apps;
        int whys;
        ota_why_t first;
        ota_slot_t chosen;
    } rows[] = {
        {"0 1 T", 1, OTA_WHY_TEST_PIN, T},
        {"0 1", 2, OTA_WHY_TEST_ABSENT, 0},
        {"", 1, OTA_WHY_TEST_ABSENT, RESET},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_t world;
        boot_result_t boot;
        world_make(&world, rows[i].apps, "1V", "-");
        world.config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .test_app = true};
        world.test_pin = true;
        if (rows[i].apps[0] == '\0') {
            world.od.copy[0] = world.od.copy[1];
        }
        world_boot(&world, &boot);
        assert_int_equal(boot.plan.whys, rows[i].whys);
        assert_int_equal(boot.plan.why[0].why, rows[i].first);
        assert_int_equal(boot.plan.why[0].slot, T);
        assert_int_equal(boot.plan.chosen, rows[i].chosen);
    }
}

static void reasons_name_the_record_that_was_passed_over(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *apps;
        int whys;
        ota_why_t last;
    } rows[] = {
        {{"1V", "2N"}, "0 1", 1, OTA_WHY_TRIAL},
        {{"1V", "2V"}, "0 1", 1, OTA_WHY_ACTIVE},
        {{"2V", "-"}, "0 2", 2, OTA_WHY_BLANK_FIRST_SLOT},
        {{"-", "-"}, "F 0", 1, OTA_WHY_BLANK_FACTORY},
        {{"1V", "2P"}, "0 1", 2, OTA_WHY_FALLBACK},
        {{"R4 1 0/3 else F", "w"}, "F 0 1", 2, OTA_WHY_FALLBACK},
        {{"R4 1 0/3", "w"}, "F 0 1", 2, OTA_WHY_BLANK_FACTORY},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_t world;
        boot_result_t boot;
        world_make(&world, rows[i].apps, rows[i].copy[0], rows[i].copy[1]);
        world.config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
        world_boot(&world, &boot);
        assert_int_equal(boot.plan.whys, rows[i].whys);
        assert_int_equal(boot.plan.why[rows[i].whys - 1].why, rows[i].last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_nothing_is_wrong_it_boots_what_stock_boots),
        cmocka_unit_test(gaps_19_fallback_asks_the_records_before_the_numbers),
        cmocka_unit_test(gaps_20_a_rejected_image_boots_only_if_nothing_else_does),
        cmocka_unit_test(gaps_21_a_fallback_boot_mends_the_record),
        cmocka_unit_test(gaps_21_damaged_copies_are_renewed_or_wiped),
        cmocka_unit_test(nothing_is_written_before_an_image_has_been_judged),
        cmocka_unit_test(a_new_image_is_judged_before_its_try_is_consumed),
        cmocka_unit_test(what_the_bootloader_finds_by_itself_counts_as_unconfirmed),
        cmocka_unit_test(gaps_23_slots_beyond_a_hole_are_still_tried),
        cmocka_unit_test(gaps_30_mending_goes_on_where_the_sequence_ends),
        cmocka_unit_test(gaps_13_pins_cost_a_waiting_update_nothing),
        cmocka_unit_test(otadata_too_small_still_boots_and_is_left_alone),
        cmocka_unit_test(gaps_15_the_efuse_rises_only_for_a_verified_and_confirmed_app),
        cmocka_unit_test(an_entry_of_its_own_making_is_tagged),
        cmocka_unit_test(pins_are_named_as_reasons),
        cmocka_unit_test(reasons_name_the_record_that_was_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
