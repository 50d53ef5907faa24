/* SPDX-License-Identifier: Apache-2.0 */
/* boot, policy stock: what Espressif's bootloader does, from the rules and from what real ones
 * were seen to do. */
#include "core/boot_plan.h"
#include "support/boot_world.h"
#include "support/unit.h"

#include <stdio.h>

enum { OFF = 1, ON = 2, BOTH = OFF | ON, AR = 4 }; /* rollback builds that a row holds for */

typedef struct {
    const char *name;
    const char *copy[2];
    const char *apps;
    int modes;
    const char *order; /* NULL: not looked at */
    ota_slot_t booted;
    const char *after[2]; /* NULL: unchanged */
} row_t;

#define F     OTA_SLOT_FACTORY
#define T     OTA_SLOT_TEST
#define RESET OTA_SLOT_NONE

static void check_copies(const world_t *world, const row_t *row)
{
    for (int i = 0; i < 2; i++) {
        char text[24];
        const char *want = row->after[i] != NULL ? row->after[i] : row->copy[i];
        ota_entry_t entry;
        char wanted[24];
        sector_entry(&entry, want);
        assert_string_equal(sector_entry_text(&world->od.copy[i], text),
                            sector_entry_text(&entry, wanted));
    }
}

static void check_row(const row_t *row, int mode)
{
    world_t world;
    boot_result_t boot;
    world_make(&world, row->apps, row->copy[0], row->copy[1]);
    world.config.rollback = mode == ON;
    world_boot(&world, &boot);
    if (row->order != NULL) {
        assert_string_equal(boot.order, row->order);
    }
    if (boot.booted != row->booted) {
        fail_msg("%s: boots %d, not %d", row->name, boot.booted, row->booted);
    }
    check_copies(&world, row);
}

static void check_rows(const row_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (int mode = OFF; mode <= ON; mode <<= 1) {
            if ((rows[i].modes & mode) != 0) {
                check_row(&rows[i], mode);
            }
        }
    }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void the_decision_vectors_hold(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"1", {"-", "-"}, "F 0 1", BOTH, "F 0 1", F, {0}},
        {"2", {"-", "-"}, "0 1", BOTH, "0 1", 0, {"1V"}},
        {"3", {"1N", "-"}, "F 0 1", ON, "0 F 1", 0, {"1P"}},
        {"4", {"1N", "-"}, "F 0 1", OFF, "0 F 1", 0, {0}},
        {"5", {"1V", "2P"}, "0 1", ON, "0 1", 0, {NULL, "2A"}},
        {"6", {"1V", "2P"}, "0 1", OFF, "1 0", 1, {0}},
        {"7", {"1P", "-"}, "F 0 1", ON, "F 0 1", F, {"1A"}},
        {"8", {"1P", "-"}, "0 1", ON, "0 1", 0, {"1A"}},
        {"9", {"1A", "2I"}, "0 1", BOTH, "0 1", 0, {0}},
        {"10", {"1A", "2I"}, "F 0 1", BOTH, "F 0 1", F, {0}},
        {"11", {"1V!", "2V!"}, "F 0 1", BOTH, "F 0 1", F, {0}},
        {"12", {"1V!", "2V!"}, "0 1", BOTH, "0 1", 0, {0}},
        {"13", {"-", "2V!"}, "0 1", BOTH, "0 1", 0, {0}},
        {"14", {"1V", "2N!"}, "0 1", BOTH, "0 1", 0, {0}},
        {"15", {"3V", "3N"}, "0 1", ON, "0 1", 0, {0}},
        {"16", {"3N", "3V"}, "0 1", ON, "0 1", 0, {"3P"}},
        {"18", {"4V", "5V"}, "0 1 2 3", BOTH, "0 1 2 3", 0, {0}},
        {"19", {"1V", "-"}, "F", BOTH, "F", F, {0}},
        {"20", {"0xFFFFFFFEV", "0xFFFFFFFDV"}, "0 1", BOTH, "1 0", 1, {0}},
        {"21", {"2X", "1V"}, "0 1", ON, "1 0", 1, {0}},
        {"22", {"1V", "2P!"}, "0 1", ON, "0 1", 0, {NULL, "2A!"}},
        {"23", {"3V", "-"}, "F 0 1 2x 3", BOTH, "2 1 0 F 3", 1, {0}},
        {"23", {"3V", "-"}, "F 0 1x 2x 3", BOTH, "2 1 0 F 3", 0, {0}},
        {"24", {"3V", "-"}, "Fx 0x 1x 2x 3", BOTH, "2 1 0 F 3", 3, {0}},
        {"25", {"2N", "1V"}, "0 1x", ON, "1 0", 0, {"2P"}},
        {"25 again", {"2P", "1V"}, "0 1x", ON, "0 1", 0, {"2A"}},
        {"26", {"-", "-"}, "0x 1", BOTH, "0 1", 1, {"2V"}},
        {"27", {"1V", "-"}, "Fx 0x 1x T", BOTH, "0 F 1 T", T, {0}},
        {"27", {"1V", "-"}, "Fx 0x 1x Tx", BOTH, "0 F 1 T", RESET, {0}},
        {"a hole", {"1V", "-"}, "0x 2", BOTH, "0", RESET, {0}}, /* gaps 23 */
        {"no slot boots", {"-", "-"}, "0x 1x T", BOTH, "0 1 T", T, {0}},
        {"no app at all", {"1V", "-"}, "", BOTH, "", RESET, {0}},
    };
    CHECK_ROWS(rows);
}

/* 17: the CRC of 0 is FFFFFFFF, so a 0 in an erased copy counts. */
static void sequence_0_with_an_erased_crc_boots_the_last_slot(void **state)
{
    (void)state;
    world_t world;
    boot_result_t boot;
    world_make(&world, "F 0 1", "-", "-");
    world.od.copy[0].seq = 0;
    world_boot(&world, &boot);
    assert_string_equal(boot.order, "1 0 F");
    assert_int_equal(boot.booted, 1);
    assert_int_equal(boot.writes, 0);
}

/* Row by row what prebuilt bootloaders v4.4 .. v5.5.2 were seen to do on emulated chips. */
static void real_bootloaders_were_seen_to_do_the_same(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"both blank", {"-", "-"}, "0 1", BOTH, NULL, 0, {"1V"}},
        {"both blank, ota_0 empty", {"-", "-"}, "0u 1", BOTH, NULL, 1, {"2V"}},
        {"both blank, both slots empty", {"-", "-"}, "0u 1u", BOTH, NULL, RESET, {0}},
        {"[0]=1", {"1U", "-"}, "0 1", BOTH, NULL, 0, {0}},
        {"[0]=1,[1]=2", {"1U", "2U"}, "0 1", BOTH, NULL, 1, {0}},
        {"[0]=3,[1]=2", {"3U", "2U"}, "0 1", BOTH, NULL, 0, {0}},
        {"only [1]=2", {"-", "2U"}, "0 1", BOTH, NULL, 1, {0}},
        {"newest bad crc", {"1U", "2U!"}, "0 1", BOTH, NULL, 0, {0}},
        {"both bad crc", {"1U!", "2U!"}, "0 1", BOTH, NULL, 0, {0}},
        {"selected app flipped, hash, magic, cut, chip", {"1U", "2U"}, "0 1x", BOTH, "1 0", 0, {0}},
        {"both apps corrupt", {"1U", "2U"}, "0x 1x", BOTH, "1 0", RESET, {0}},
        {"newest NEW", {"1V", "2N"}, "0 1", OFF, NULL, 1, {0}},
        {"newest NEW", {"1V", "2N"}, "0 1", ON, NULL, 1, {NULL, "2P"}},
        {"newest NEW, boot 2", {"1V", "2P"}, "0 1", ON, NULL, 0, {NULL, "2A"}},
        {"newest PENDING", {"1V", "2P"}, "0 1", OFF, NULL, 1, {0}},
        {"newest VALID", {"1V", "2V"}, "0 1", BOTH, NULL, 1, {0}},
        {"newest INVALID", {"1V", "2I"}, "0 1", BOTH, NULL, 0, {0}},
        {"newest ABORTED", {"1V", "2A"}, "0 1", BOTH, NULL, 0, {0}},
        {"newest UNDEFINED", {"1V", "2U"}, "0 1", BOTH, NULL, 1, {0}},
        {"both ABORTED", {"1A", "2A"}, "0 1", BOTH, NULL, 0, {0}},
        {"newest state 7", {"1V", "2X"}, "0 1", BOTH, NULL, 1, {0}},
        {"[0]=2,[1]=2", {"2U", "2U"}, "0 1", BOTH, NULL, 1, {0}},
        {"[0]=FFFFFFFE,[1]=1", {"0xFFFFFFFEU", "1U"}, "0 1", BOTH, NULL, 1, {0}},
        {"[1] torn", {"1V", "0xFFFFFF02U!"}, "0 1", BOTH, NULL, 0, {0}},
        {"NEW and corrupt", {"1V", "2N"}, "0 1x", ON, NULL, 0, {NULL, "2P"}},
        {"NEW and corrupt, boot 2", {"1V", "2P"}, "0 1x", ON, NULL, 0, {NULL, "2A"}},
        {"only [1] NEW", {"-", "2N"}, "0 1", ON, NULL, 1, {NULL, "2P"}},
        {"only [1] NEW, boot 2", {"-", "2P"}, "0 1", ON, NULL, 0, {NULL, "2A"}},
        {"PENDING, other corrupt", {"1V", "2P"}, "0x 1", ON, NULL, 1, {NULL, "2A"}},
        {"PENDING, other corrupt, later", {"1V", "2A"}, "0x 1", ON, NULL, 1, {0}},
        {"every PENDING is aborted", {"1P", "2V"}, "0 1", ON, NULL, 1, {"1A"}},
        {"live", {"2V", "3N"}, "0 1", ON, NULL, 0, {NULL, "3P"}},
        {"live, after the restart", {"2V", "3P"}, "0 1", ON, NULL, 1, {NULL, "3A"}},
    };
    CHECK_ROWS(rows);
}

static void real_bootloaders_with_factory_and_four_slots_too(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"factory, blank", {"-", "-"}, "F 0 1", BOTH, NULL, F, {0}},
        {"factory, both ABORTED", {"1A", "2A"}, "F 0 1", BOTH, NULL, F, {0}},
        {"factory, both bad crc", {"1U!", "2U!"}, "F 0 1", BOTH, NULL, F, {0}},
        {"factory, both apps corrupt", {"1U", "2U"}, "F 0x 1x", BOTH, NULL, F, {0}},
        {"factory empty, blank", {"-", "-"}, "Fu 0 1", BOTH, "F 0 1", 0, {0}},
        {"factory, only NEW", {"1N", "-"}, "F 0 1", ON, NULL, 0, {"1P"}},
        {"factory, only NEW, boot 2", {"1P", "-"}, "F 0 1", ON, NULL, F, {"1A"}},
        {"4 slots, seq 1", {"1U", "-"}, "0 1 2 3", BOTH, NULL, 0, {0}},
        {"4 slots, seq 2", {"2U", "-"}, "0 1 2 3", BOTH, NULL, 1, {0}},
        {"4 slots, seq 3", {"3U", "-"}, "0 1 2 3", BOTH, NULL, 2, {0}},
        {"4 slots, seq 4", {"4U", "-"}, "0 1 2 3", BOTH, NULL, 3, {0}},
        {"4 slots, seq 5", {"5U", "-"}, "0 1 2 3", BOTH, NULL, 0, {0}},
        {"4 slots, seq 6", {"6U", "-"}, "0 1 2 3", BOTH, NULL, 1, {0}},
        {"4 slots, ota_2 bad", {"3U", "-"}, "F 0 1 2x 3", BOTH, "2 1 0 F 3", 1, {0}},
        {"4 slots, and ota_1", {"3U", "-"}, "F 0 1x 2x 3", BOTH, "2 1 0 F 3", 0, {0}},
        {"4 slots, and ota_0", {"3U", "-"}, "F 0x 1x 2x 3", BOTH, "2 1 0 F 3", F, {0}},
        {"4 slots, and factory", {"3U", "-"}, "Fx 0x 1x 2x 3", BOTH, "2 1 0 F 3", 3, {0}},
    };
    CHECK_ROWS(rows);
}

static void otadata_absent_means_factory_and_too_small_means_reset(void **state)
{
    (void)state;
    static const struct {
        uint32_t size;
        const char *apps;
        ota_slot_t booted;
        ota_why_t why;
    } rows[] = {
        {0, "F 0", F, OTA_WHY_NO_OTADATA},
        {0, "0 1", 0, OTA_WHY_NO_OTADATA},
        {0x1000, "F 0 1", RESET, OTA_WHY_OTADATA_SIZE},
        {0x1FFF, "F 0 1", RESET, OTA_WHY_OTADATA_SIZE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int pins = 0; pins < 2; pins++) {
            world_t world;
            boot_result_t boot;
            world_make(&world, rows[i].apps, "2V", "1V"); /* must not be looked at */
            world.layout.otadata.size = rows[i].size;
            world.factory_pin = pins != 0;
            world.config.factory_reset = true;
            world.config.factory_erases_otadata = true;
            world_boot(&world, &boot);
            assert_int_equal(boot.booted, rows[i].booted);
            assert_int_equal(boot.plan.why[0].why, rows[i].why);
            assert_int_equal(boot.writes, 0);
        }
    }
}

/* Of an app that is not there, or whose descriptor nobody looked at, no read has failed. */
static void what_was_not_looked_at_is_not_unread(void **state)
{
    (void)state;
    world_t world;
    ota_boot_app_t apps[OTA_BOOT_APPS] = {{.unread = true}, {.unread = true}};
    world_make(&world, "1", "1V", "-");
    ota_boot_input_t input = {.config = &world.config, .layout = &world.layout};
    assert_false(ota_boot_app_unread(&input, 1));
    input.apps = apps;
    assert_true(ota_boot_app_unread(&input, 1));
    assert_false(ota_boot_app_unread(&input, 0));
    apps[1].unread = false;
    assert_false(ota_boot_app_unread(&input, 1));
}

static void anti_rollback_vectors_hold(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *apps;
        uint32_t efuse;
        ota_slot_t booted;
        const char *after[2];
        uint32_t efuse_after;
    } rows[] = {
        {{"-", "-"}, "0@1 1@1", 0, 0, {"1V", "-"}, 1},
        {{"1V", "2N"}, "0@1 1@2", 1, 1, {"1V", "2P"}, 1},
        {{"1V", "2N"}, "0@1 1@0", 1, 0, {"1V", "2N"}, 1},
        {{"1V", "2A"}, "0@1 1@2", 2, 1, {"1V", "2A"}, 2},
        {{"1V", "-"}, "0@3 1u", 1, 0, {"1V", "-"}, 3},
        {{"1V", "-"}, "0x@3 1@2", 1, RESET, {"1V", "-"}, 3}, /* burnt before it was verified */
        {{"1V", "-"}, "0@16 1", 1, 0, {"1V", "-"}, 16},
        {{"1V", "-"}, "0@17 1", 1, 0, {"1V", "-"}, 1},       /* wider than the field */
        {{"1V!", "2V!"}, "0@1 1@1", 1, 0, {"1V", "2V!"}, 1}, /* repaired only here */
        {{"1V", "-"}, "F T", 0, F, {"1V", "-"}, 0},          /* no slots: theirs divides by 0 */
        {{"1A", "-"}, "F@1 0@1 T@2", 2, T, {"1A", "-"}, 2},  /* factory and test are held to it */
        {{"1A", "-"}, "Fu 0@2 T", 2, 0, {"1A", "-"}, 2},
        {{"3V", "-"}, "F@9 0@2", 2, 0, {"3V", "-"}, 2},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_t world;
        boot_result_t boot;
        char text[24];
        world_make(&world, rows[i].apps, rows[i].copy[0], rows[i].copy[1]);
        world.config.anti_rollback = true;
        world.efuse = rows[i].efuse;
        world_boot(&world, &boot);
        assert_int_equal(boot.booted, rows[i].booted);
        assert_string_equal(sector_entry_text(&world.od.copy[0], text), rows[i].after[0]);
        assert_string_equal(sector_entry_text(&world.od.copy[1], text), rows[i].after[1]);
        assert_int_equal(world.efuse, rows[i].efuse_after);
    }
}

static void the_width_of_the_efuse_field_bounds_what_is_burnt(void **state)
{
    (void)state;
    for (uint8_t bits = 3; bits <= 5; bits++) {
        world_t world;
        boot_result_t boot;
        world_make(&world, "0@4 1", "1V", "-");
        world.config.anti_rollback = true;
        world.config.secure_version_bits = bits;
        world_boot(&world, &boot);
        assert_int_equal(boot.booted, 0);
        assert_int_equal(world.efuse, bits < 4 ? 0 : 4);
    }
}

typedef struct {
    const char *copy[2], *apps;
    bool factory, erases, test;
    ota_slot_t booted;
    const char *after[2];
} pin_row_t;

static void check_pins(ota_policy_t policy, const pin_row_t *row)
{
    world_t world;
    boot_result_t boot;
    char text[24];
    world_make(&world, row->apps, row->copy[0], row->copy[1]);
    world.config = (ota_boot_config_t){.policy = policy,
                                       .rollback = true,
                                       .factory_reset = true,
                                       .factory_erases_otadata = row->erases,
                                       .test_app = true};
    world.factory_pin = row->factory;
    world.test_pin = row->test;
    world_boot(&world, &boot);
    assert_int_equal(boot.booted, row->booted);
    assert_string_equal(sector_entry_text(&world.od.copy[0], text), row->after[0]);
    assert_string_equal(sector_entry_text(&world.od.copy[1], text), row->after[1]);
}

static void pins_act_after_otadata_was_written(void **state)
{
    (void)state;
    static const pin_row_t rows[] = {
        {{"1V", "2V"}, "F 0 1", true, true, false, F, {"-", "-"}},
        {{"1V", "2V"}, "0 1", true, true, false, 0, {"1V", "-"}},
        {{"1V", "2V"}, "F 0 1", true, false, false, 1, {"1V", "2V"}},
        {{"1V", "2N"}, "F 0 1", true, false, false, 0, {"1V", "2A"}}, /* trap 1: thrown away */
        {{"1V", "2N"}, "F 0 1", true, true, false, F, {"-", "-"}},
        {{"1V", "2N"}, "0 1 T", false, false, true, T, {"1V", "2P"}}, /* trap 2: consumed */
        {{"1V", "2V"}, "0 1", false, false, true, RESET, {"1V", "2V"}},
        {{"1V", "2V"}, "0 1 Tx", false, false, true, RESET, {"1V", "2V"}},
        {{"1V", "2V"}, "F 0 1 T", true, true, true, T, {"-", "-"}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_pins(OTA_POLICY_STOCK, &rows[i]);
    }
}

static void pins_do_nothing_where_they_are_not_configured(void **state)
{
    (void)state;
    world_t world;
    boot_result_t boot;
    world_make(&world, "F 0 1 T", "1V", "2V");
    world.factory_pin = true;
    world.test_pin = true;
    world.config.factory_erases_otadata = true;
    for (int policy = 0; policy < 2; policy++) {
        world.config.policy = policy == 0 ? OTA_POLICY_STOCK : OTA_POLICY_OTARY;
        world_boot(&world, &boot);
        assert_int_equal(boot.booted, 1);
        assert_int_equal(boot.writes, policy == 0 ? 0 : 1); /* otary takes otadata over */
    }
}

static void a_reason_is_given_for_every_step(void **state)
{
    (void)state;
    world_t world;
    boot_result_t boot;
    world_make(&world, "0 1", "3N", "2P");
    world.config.rollback = true;
    world_boot(&world, &boot);
    assert_int_equal(boot.plan.whys, 3);
    assert_int_equal(boot.plan.why[0].why, OTA_WHY_PENDING_ABORTED);
    assert_int_equal(boot.plan.why[0].copy, 1);
    assert_int_equal(boot.plan.why[0].slot, 1);
    assert_int_equal(boot.plan.why[1].why, OTA_WHY_ACTIVE);
    assert_int_equal(boot.plan.why[2].why, OTA_WHY_TRIAL);
    assert_int_equal(boot.plan.why[2].slot, 0);

    static const ota_why_t filtered[] = {OTA_WHY_VERSION_FILTERED, OTA_WHY_ACTIVE,
                                         OTA_WHY_EFUSE_RAISED};
    world_make(&world, "0@2 1", "1V", "2V");
    world.config.anti_rollback = true;
    world.efuse = 1;
    world_boot(&world, &boot);
    assert_int_equal(boot.plan.whys, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(boot.plan.why[i].why, filtered[i]);
    }
    world_make(&world, "0 1", "-", "-");
    world.config.anti_rollback = true;
    world_boot(&world, &boot);
    assert_int_equal(boot.plan.why[0].why, OTA_WHY_BLANK_FACTORY);

    /* the longest: both passes of a factory reset, everything noted */
    world_make(&world, "0@1 1@1", "2P", "3N");
    world.config = (ota_boot_config_t){.anti_rollback = true, .factory_reset = true};
    world.factory_pin = true;
    world.efuse = 1;
    world_boot(&world, &boot);
    assert_true(boot.plan.whys <= OTA_BOOT_WHYS);
    assert_int_equal(boot.plan.why[boot.plan.whys - 1].why, OTA_WHY_CRC_FACTORY);
}

static void without_a_descriptor_no_version_is_good_enough(void **state)
{
    (void)state;
    world_t world;
    world_make(&world, "F 0 1u", "-", "-");
    world.config.anti_rollback = true;
    const ota_boot_input_t input = {
        .config = &world.config, .layout = &world.layout, .otadata = &world.od, .apps = world.apps};
    assert_true(ota_boot_version_ok(&input, 0));
    assert_false(ota_boot_version_ok(&input, 1));
    assert_false(ota_boot_version_ok(&input, 2)); /* not in the table */
    world.config.anti_rollback = false;
    assert_true(ota_boot_version_ok(&input, 1));
    world.config.anti_rollback = true; /* nobody looked into any app */
    const ota_boot_input_t blind = {
        .config = &world.config, .layout = &world.layout, .otadata = &world.od};
    assert_false(ota_boot_version_ok(&blind, 0));
    assert_int_equal(ota_boot_burnable(&blind, 0), 0);
}

static void more_reasons_than_a_plan_holds_are_dropped(void **state)
{
    (void)state;
    struct {
        ota_boot_plan_t plan;
        uint8_t behind[64];
    } room;
    memset(&room, 0x77, sizeof(room));
    ota_boot_plan_start(&room.plan);
    for (unsigned i = 0; i < OTA_BOOT_WHYS + 3u; i++) {
        ota_boot_why(&room.plan, OTA_WHY_ACTIVE, 1, (ota_slot_t)i);
    }
    assert_int_equal(room.plan.whys, OTA_BOOT_WHYS);
    assert_int_equal(room.plan.why[OTA_BOOT_WHYS - 1].slot, OTA_BOOT_WHYS - 1);
    for (size_t i = 0; i < sizeof(room.behind); i++) {
        assert_int_equal(room.behind[i], 0x77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_decision_vectors_hold),
        cmocka_unit_test(what_was_not_looked_at_is_not_unread),
        cmocka_unit_test(sequence_0_with_an_erased_crc_boots_the_last_slot),
        cmocka_unit_test(real_bootloaders_were_seen_to_do_the_same),
        cmocka_unit_test(real_bootloaders_with_factory_and_four_slots_too),
        cmocka_unit_test(otadata_absent_means_factory_and_too_small_means_reset),
        cmocka_unit_test(anti_rollback_vectors_hold),
        cmocka_unit_test(the_width_of_the_efuse_field_bounds_what_is_burnt),
        cmocka_unit_test(pins_act_after_otadata_was_written),
        cmocka_unit_test(pins_do_nothing_where_they_are_not_configured),
        cmocka_unit_test(a_reason_is_given_for_every_step),
        cmocka_unit_test(without_a_descriptor_no_version_is_good_enough),
        cmocka_unit_test(more_reasons_than_a_plan_holds_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
