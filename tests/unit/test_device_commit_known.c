/* SPDX-License-Identifier: Apache-2.0 */
/* device, with otadata changed by commits: what the calls know of slots, what forgetting leaves,
 * all of it under Espressif's bootloader, and with every operation failing. Policy otary unless a
 * test says otherwise. */
#include "ota/device.h"

#include "support/rig.h"
#include "support/unit.h"

#include <stdio.h>

#define F    OTA_SLOT_FACTORY
#define T    OTA_SLOT_TEST
#define NONE OTA_SLOT_NONE

typedef struct {
    const char *copy[2], *apps;
    ota_slot_t running;
    ota_status_t status;
    const char *after;
} row_t;

static void start(rig_t *rig, const row_t *row, ota_policy_t policy)
{
    rig_start(rig, row->apps, row->copy[0], row->copy[1], row->running);
    rig_commits(rig, policy);
}

static void fail_row(const row_t *row, const char *what, const char *found)
{
    fail_msg("%s ; %s, %s, %d runs: %s %s", row->copy[0], row->copy[1], row->apps, row->running,
             what, found);
}

typedef ota_status_t (*call_t)(ota_device_t *device, ota_slot_t slot);

static ota_status_t select_it(ota_device_t *device, ota_slot_t slot)
{
    return ota_device_select(device, slot, false, NULL);
}

static ota_status_t confirm(ota_device_t *device, ota_slot_t slot)
{
    (void)slot;
    return ota_device_confirm(device);
}

/* --- what is known -------------------------------------------------------------------------- */

static void states_are_those_of_the_record(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *apps;
        ota_slot_t running, slot;
        ota_status_t status;
        uint32_t state;
        bool on_trial;
    } rows[] = {
        {{"R3 0 V0", "R4 1 3/3 else 0 V0"}, "0 1", 0, 1, OTA_OK, OTA_STATE_NEW, false},
        {{"R3 0 V0", "R4 1 2/3 else 0 V0"}, "0 1", 0, 1, OTA_OK, OTA_STATE_PENDING, false},
        {{"R3 0 V0", "R4 1 2/3 else 0 V0"}, "0 1", 1, 1, OTA_OK, OTA_STATE_PENDING, true},
        /* it runs although its boot could not be noted */
        {{"R3 0 V0", "R4 1 3/3 else 0 V0"}, "0 1", 1, 1, OTA_OK, OTA_STATE_PENDING, true},
        {{"R3 0 V0", "R4 1 2/3 else 0 V0"}, "0 1", 1, 0, OTA_OK, OTA_STATE_VALID, true},
        {{"R3 0 V0 A1 refused 1", "w"}, "0 1", 0, 1, OTA_OK, OTA_STATE_ABORTED, false},
        {{"R3 0", "w"}, "0 1", 0, 0, OTA_OK, OTA_STATE_UNDEFINED, false},
        {{"R3 0", "w"}, "0 1", 0, 1, OTA_ERR_NO_RECORD, 0, false},
        {{"R3 0 else 1", "w"}, "0 1", 0, 1, OTA_OK, OTA_STATE_UNDEFINED, false},
        {{"R3 F else 1", "w"}, "F 0 1", F, F, OTA_ERR_NO_RECORD, 0, false},
        {{"R3 0 | 3U!", "w"}, "0 1", 0, 0, OTA_OK, OTA_STATE_UNDEFINED, false},
        {{"1V", "2P"}, "0 1", 1, 1, OTA_OK, OTA_STATE_PENDING, true},
        {{"1V", "2N"}, "0 1", 0, 1, OTA_OK, OTA_STATE_NEW, false},
        {{"1V", "2A"}, "0 1", 0, 1, OTA_OK, OTA_STATE_ABORTED, false},
        {{"R3 0 V0", "2U"}, "0 1", 0, 1, OTA_OK, OTA_STATE_UNDEFINED, false}, /* by the entry */
        {{"2U", "R3 0 V0"}, "0 1", 0, 1, OTA_OK, OTA_STATE_UNDEFINED, false},
        {{"-", "-"}, "0 1", 0, 0, OTA_ERR_NO_RECORD, 0, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        uint32_t found = 0;
        const row_t row = {
            {rows[i].copy[0], rows[i].copy[1]}, rows[i].apps, rows[i].running, OTA_OK, ""};
        start(&rig, &row, OTA_POLICY_OTARY);
        ota_status_t status = ota_device_state(&rig.device, rows[i].slot, &found);
        if (status != rows[i].status || found != rows[i].state ||
            ota_device_on_trial(&rig.device) != rows[i].on_trial) {
            fail_row(&row, "state", ota_status_name(status));
        }
        rig.device.boot.rollback = false;
        assert_false(ota_device_on_trial(&rig.device));
        rig_stop(&rig);
    }
}

static void expect_slot(const row_t *row, const char *what, ota_status_t status, ota_slot_t found,
                        ota_slot_t expected)
{
    bool right =
        expected == NONE ? status == OTA_ERR_NO_RECORD : status == OTA_OK && found == expected;
    if (!right) {
        fail_row(row, what, ota_status_name(status));
    }
}

static void chosen_previous_and_last_rejected_are_read_from_the_record(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *apps;
        ota_slot_t running, chosen, previous, rejected;
    } rows[] = {
        {{"R3 0 V0", "R4 1 V1 else 0"}, "0 1", 1, 1, 0, NONE},
        {{"R3 0 V0 A1 refused 1", "w"}, "0 1", 0, 0, NONE, 1},
        {{"R3 0 V0 A1 refused 1", "w"}, "0 1x", 0, 0, NONE, NONE}, /* not whole any more */
        {{"R3 0 V0 A1 refused 1", "w"}, "0 1u", 0, 0, NONE, NONE},
        {{"R3 F else 1", "w"}, "F 0 1", F, F, 1, NONE},
        {{"R4 1 else F", "w"}, "F 0 1", 1, 1, NONE, NONE},
        {{"R4 1 else 0", "w"}, "0 1", 0, 1, NONE, NONE}, /* it runs: no other one */
        {{"-", "-"}, "F 0 1", F, F, NONE, NONE},
        {{"-", "-"}, "0 1", 0, 0, NONE, NONE},
        {{"R3 -", "w"}, "1 T", 1, 1, NONE, NONE},
        {{"R3 5", "w"}, "0 1", 0, NONE, NONE, NONE}, /* it is not there */
        {{"1V", "2A"}, "0 1", 0, 0, NONE, 1},
        {{"1V", "2V"}, "0 1", 1, 1, 0, NONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        ota_slot_t slot = NONE;
        const row_t row = {
            {rows[i].copy[0], rows[i].copy[1]}, rows[i].apps, rows[i].running, OTA_OK, ""};
        start(&rig, &row, OTA_POLICY_OTARY);
        if (ota_device_chosen(&rig.device) != rows[i].chosen) {
            fail_row(&row, "chosen", "");
        }
        ota_status_t status = ota_device_previous(&rig.device, &slot);
        expect_slot(&row, "previous", status, slot, rows[i].previous);
        status = ota_device_last_rejected(&rig.device, &slot);
        expect_slot(&row, "rejected", status, slot, rows[i].rejected);
        rig_stop(&rig);
    }
}

static void expect_forgotten(const row_t *row, const rig_t *rig)
{
    char text[WORLD_TEXT];
    if (strcmp(rig_sectors(rig, text), row->after) != 0) {
        fail_row(row, "left", text);
    }
    ota_otadata_t od;
    ota_commit_t commit;
    assert_int_equal(ota_otadata_read(&rig->nor.flash, rig->device.layout.otadata, &od), OTA_OK);
    ota_commit_open(&commit, &od, &rig->device.boot, rig->slots);
    const ota_record_t *record = &commit.record;
    bool named =
        record->slot == 1 || record->fallback == 1 || record->refused == 1 || record->writing == 1;
    bool moved = commit.sector >= 0 && row->running >= F && record->slot != row->running;
    if (named || moved || ota_record_state(record, 1) != OTA_STATE_UNDEFINED) {
        fail_row(row, "still known:", rig_sectors(rig, text));
    }
}

static void forgetting_leaves_nothing_that_boots_or_believes_the_slot(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0", "w"}, "0 1", 0, OTA_OK, "R3 0 V0 ; w"},
        {{"R3 0 V0 V1 else 1", "w"}, "0 1", 0, OTA_OK, "R3 0 else 1 V0 V1 ; R5 0 V0"},
        {{"R3 0 V0 A1 refused 1", "w"}, "0 1", 0, OTA_OK, "R3 0 V0 A1 refused 1 ; R5 0 V0"},
        {{"R3 0 V0 writing 1", "w"}, "0 1", 0, OTA_OK, "R3 0 V0 writing 1 ; R5 0 V0"},
        {{"R3 0 V0", "R4 1 3/3 else 0 V0"}, "0 1", 0, OTA_OK, "R5 0 V0 ; R4 1 3/3 else 0 V0"},
        {{"R3 F", "R4 1 3/3 else F"}, "F 0 1", F, OTA_OK, "R5 F ; w"},
        {{"R4 1 V1", "w"}, "0 1", 0, OTA_OK, "R4 1 V1 ; R5 0"},
        {{"R4 1 V1 else 0", "w"}, "0 1", 0, OTA_OK, "R4 1 else 0 V1 ; R5 0"},
        /* an app runs that no record can name */
        {{"R4 1 V1 else 0", "w"}, "0 1 T", T, OTA_OK, "R4 1 else 0 V1 ; R5 0"},
        {{"R4 1 V1", "w"}, "F 0 1 T", T, OTA_OK, "w ; R5 F"},
        {{"R4 1 V1", "w"}, "0 1 T", T, OTA_OK, "w ; R5 -"},
        {{"R4 1 V1 else 1", "w"}, "0 1 T", T, OTA_OK, "w ; R5 -"}, /* nobody writes such a record */
        {{"1V", "2N"}, "0 1", 0, OTA_OK, "R3 0 V0 ; R2 1 3/3 else 0 V0"},
        {{"1V", "2A"}, "0 1", 0, OTA_OK, "R1 0 V0 A1 refused 1 ; R3 0 V0"},
        {{"-", "-"}, "0 1", 0, OTA_OK, "w ; w"}, /* may have been a record another day */
        {{"w", "w"}, "0 1", 0, OTA_OK, "w ; w"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        start(&rig, &rows[i], OTA_POLICY_OTARY);
        assert_int_equal(ota_device_forget(&rig.device, 1), OTA_OK);
        expect_forgotten(&rows[i], &rig);
        rig_spoil(&rig, 1); /* as the update will */
        if (rows[i].running != T) {
            assert_int_equal(rig_boots(&rig, rows[i].apps, OTA_POLICY_OTARY), rows[i].running);
            assert_int_equal(rig_boots(&rig, rows[i].apps, OTA_POLICY_STOCK), rows[i].running);
        }
        uint64_t erases = rig.nor.erases[0];
        assert_int_equal(ota_device_forget(&rig.device, 1), OTA_OK); /* again: nothing */
        assert_int_equal(rig.nor.erases[0], erases);
        if (rows[i].running >= F) {
            assert_int_equal(ota_device_forget(&rig.device, rows[i].running), OTA_ERR_RUNNING);
        }
        rig_stop(&rig);
    }
}

static void the_only_slot_is_forgotten_like_any_other(void **state)
{
    (void)state;
    rig_t rig;
    char text[WORLD_TEXT];
    const row_t row = {{"R3 F V0 else 0", "w"}, "F 0", F, OTA_OK, ""};
    start(&rig, &row, OTA_POLICY_OTARY);
    assert_int_equal(ota_device_forget(&rig.device, 0), OTA_OK);
    assert_string_equal(rig_sectors(&rig, text), "R3 F else 0 V0 ; R4 F");
    rig_stop(&rig);
}

static void forgetting_a_way_back_leaves_the_choice(void **state)
{
    (void)state;
    rig_t rig;
    char text[WORLD_TEXT];
    const row_t row = {{"R3 0 V0 V1 else 1", "w"}, "F 0 1", F, OTA_OK, ""};
    start(&rig, &row, OTA_POLICY_OTARY);
    assert_int_equal(ota_device_forget(&rig.device, 1), OTA_OK);
    assert_string_equal(rig_sectors(&rig, text), "R3 0 else 1 V0 V1 ; R5 0 V0");
    rig_stop(&rig);
}

/* --- under a stock bootloader ------------------------------------------------------------------
 */

typedef struct {
    uint32_t kept; /* address of the sector in force */
    const uint8_t *bytes;
} guard_t;

static bool keeps(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    const guard_t *guard = user;
    if (addr >= guard->kept && addr < guard->kept + OTA_OTADATA_SECTOR) {
        assert_int_equal(op, NOR_PROGRAM);
        uint32_t at = addr - guard->kept;
        assert_true(at >= OTA_RECORD_AT || memcmp(guard->bytes + addr, data, len) == 0);
    }
    return true;
}

/* What a stock bootloader would start if the power failed in any operation of the call: what is in
 * force, or, where that is on trial and will be given up at the next boot, the way back. */
static void under_a_stock_bootloader_what_it_would_start_is_never_touched(void **state)
{
    (void)state;
    static const struct {
        row_t row;
        int kept;
    } rows[] = {
        {{{"1V", "2P"}, "0 1", 1, OTA_OK, "1V ; R2 1 else 0 V0 V1"}, 0},
        {{{"2P", "1V"}, "0 1", 1, OTA_OK, "R2 1 else 0 V0 V1 ; 1V"}, 1},
        {{{"R3 0 V0", "4P"}, "0 1", 1, OTA_OK, "R3 0 V0 ; R4 1 else 0 V0 V1"}, 0},
        {{{"-", "4P"}, "0 1", 1, OTA_OK, "R6 1 V1 ; R4 1 0/1"}, 1}, /* there is no way back */
        {{{"R3 0", "R4 1 1/1 else 0"}, "0 1", 0, OTA_OK, "R6 1 1/1 else 0 V0 ; R4 1 1/1 else 0"},
         1},
        {{{"1V", "2U"}, "0 1", 1, OTA_OK, "R4 1 else 0 V0 V1 ; R2 1 else 0 V0"}, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        char text[WORLD_TEXT];
        start(&rig, &rows[i].row, OTA_POLICY_STOCK);
        guard_t guard = {RIG_OTADATA + (uint32_t)rows[i].kept * OTA_OTADATA_SECTOR, rig.nor.bytes};
        rig.nor.watch = keeps;
        rig.nor.user = &guard;
        assert_int_equal(ota_device_confirm(&rig.device), OTA_OK);
        assert_string_equal(rig_sectors(&rig, text), rows[i].row.after);
        assert_int_equal(ota_device_confirm(&rig.device), OTA_OK);
        assert_string_equal(rig_sectors(&rig, text), rows[i].row.after);
        rig_stop(&rig);
    }
}

/* select, boot, confirm, five times round, by Espressif's bootloader. */
static void updates_under_a_stock_bootloader_go_to_and_fro(void **state)
{
    (void)state;
    world_t world;
    boot_result_t boot;
    rig_t rig;
    const row_t row = {{"-", "-"}, "F 0 1", F, OTA_OK, ""};
    start(&rig, &row, OTA_POLICY_STOCK);
    world_make(&world, row.apps, "-", "-");
    world.config = rig.device.boot;
    for (int i = 0; i < 5; i++) {
        ota_slot_t next = NONE;
        uint32_t found;
        assert_int_equal(ota_device_next(&rig.device, &next), OTA_OK);
        assert_int_equal(ota_device_forget(&rig.device, next), OTA_OK);
        assert_int_equal(ota_device_select(&rig.device, next, true, NULL), OTA_OK);
        assert_int_equal(ota_device_chosen(&rig.device), next);
        ota_region_t where = rig.device.layout.otadata;
        assert_int_equal(ota_otadata_read(&rig.nor.flash, where, &world.od), OTA_OK);
        world_boot(&world, &boot);
        assert_int_equal(boot.booted, next);
        assert_int_equal(ota_plan_execute(&boot.plan.writes, &rig.nor.flash, where), OTA_OK);
        rig.device.running = next;
        assert_true(ota_device_on_trial(&rig.device));
        assert_int_equal(ota_device_confirm(&rig.device), OTA_OK);
        assert_int_equal(ota_device_state(&rig.device, next, &found), OTA_OK);
        assert_int_equal(found, OTA_STATE_VALID);
        for (int n = 0; n < 2; n++) { /* and it stays */
            assert_int_equal(rig_boots(&rig, row.apps, OTA_POLICY_STOCK), next);
            assert_int_equal(rig_boots(&rig, row.apps, OTA_POLICY_OTARY), next);
        }
    }
    rig_stop(&rig);
}

/* --- failures --------------------------------------------------------------------------------- */

static ota_status_t reject(ota_device_t *device, ota_slot_t slot)
{
    (void)slot;
    return ota_device_reject(device);
}

/* Whichever operation fails: the old or the new choice boots, and repeating the call completes it.
 */
static void whichever_operation_fails_the_call_can_be_repeated(void **state)
{
    (void)state;
    static const struct {
        row_t row;
        call_t call;
        ota_slot_t slot;
    } rows[] = {
        {{{"R3 0 V0", "w"}, "F 0 1", 0, OTA_OK, ""}, select_it, 1},
        {{{"R3 0 V0", "R4' 1 3/3 else 0 V0"}, "F 0 1", 0, OTA_OK, ""}, select_it, 1},
        {{{"R3 0 V0", "R4' 1 else 0 V0 V1"}, "F 0 1", 1, OTA_OK, ""}, confirm, 0},
        {{{"1V", "2V"}, "F 0 1", 1, OTA_OK, ""}, select_it, F},
        {{{"R6 1 2/3 else 0 V0", "R4 1 3/3 else 0 V0"}, "F 0 1", 1, OTA_OK, ""}, confirm, 0},
        {{{"R6 1 2/3 else 0 V0", "R4 1 3/3 else 0 V0"}, "F 0 1", 1, OTA_OK, ""}, reject, 0},
        {{{"R3 0 V0", "R4 1 3/3 else 0 V0"}, "F 0 1", 0, OTA_OK, ""}, ota_device_forget, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const row_t *row = &rows[i].row;
        rig_t rig;
        start(&rig, row, OTA_POLICY_OTARY);
        ota_slot_t before = rig_boots(&rig, row->apps, OTA_POLICY_OTARY);
        assert_int_equal(rows[i].call(&rig.device, rows[i].slot), OTA_OK);
        ota_slot_t after = rig_boots(&rig, row->apps, OTA_POLICY_OTARY);
        int64_t operations = (int64_t)(rig.nor.programs + rig.nor.erases[0]);
        rig_stop(&rig);
        assert_true(operations > 0);
        for (int64_t n = 0; n < operations; n++) {
            start(&rig, row, OTA_POLICY_OTARY);
            rig.nor.fail_in = n;
            ota_status_t status = rows[i].call(&rig.device, rows[i].slot);
            assert_true(status == OTA_ERR_FLASH_PROGRAM || status == OTA_ERR_FLASH_ERASE);
            ota_slot_t booted = rig_boots(&rig, row->apps, OTA_POLICY_OTARY);
            assert_true(booted == before || booted == after);
            rig.nor.fail_in = -1;
            assert_int_equal(rows[i].call(&rig.device, rows[i].slot), OTA_OK);
            assert_int_equal(rig_boots(&rig, row->apps, OTA_POLICY_OTARY), after);
            rig_stop(&rig);
        }
    }
}

static ota_status_t dead_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    memcpy(dst, nor->bytes + addr, len);
    return addr >= RIG_OTADATA && addr < RIG_OTADATA + OTA_OTADATA_SIZE ? OTA_ERR_FLASH_READ
                                                                        : OTA_OK;
}

static void otadata_that_cannot_be_read_is_said_by_every_call(void **state)
{
    (void)state;
    for (int missing = 0; missing < 2; missing++) {
        rig_t rig;
        ota_slot_t slot;
        uint32_t found;
        const row_t row = {{"R3 0 V0", "w"}, "0 1", 0, OTA_OK, ""};
        ota_status_t expected = missing != 0 ? OTA_ERR_NO_OTADATA : OTA_ERR_FLASH_READ;
        start(&rig, &row, OTA_POLICY_OTARY);
        rig.nor.flash.read = missing != 0 ? rig.nor.flash.read : dead_read;
        rig.device.layout.otadata.size = missing != 0 ? 0 : OTA_OTADATA_SIZE;
        ota_device_t *d = &rig.device;
        assert_int_equal(ota_device_select(d, 1, true, NULL), expected);
        assert_int_equal(ota_device_state(d, 0, &found), expected);
        assert_int_equal(ota_device_confirm(d), expected);
        assert_int_equal(ota_device_reject(d), expected);
        assert_int_equal(ota_device_can_reject(d, &slot), expected);
        assert_int_equal(ota_device_last_rejected(d, &slot), expected);
        assert_int_equal(ota_device_previous(d, &slot), expected);
        assert_int_equal(ota_device_forget(d, 1), expected);
        assert_int_equal(ota_device_chosen(d), 0); /* what otary boots without it */
        d->boot.policy = OTA_POLICY_STOCK;
        assert_int_equal(ota_device_chosen(d), missing != 0 ? 0 : NONE); /* stock resets */
        /* and before all else that is to be said */
        d->layout.boot_count = 1;
        assert_int_equal(ota_device_select(d, 1, true, NULL), expected);
        d->layout.boot_count = 0;
        assert_int_equal(ota_device_select(d, 0, true, NULL), expected);
        assert_int_equal(ota_device_state(d, 0, &found), expected);
        d->running = F;
        assert_int_equal(ota_device_confirm(d), expected);
        assert_int_equal(ota_device_can_reject(d, &slot), expected);
        assert_int_equal(rig.nor.erases[0] + rig.nor.programs, 0);
        rig_stop(&rig);
    }
}

static void a_table_without_slots_has_nothing_to_record(void **state)
{
    (void)state;
    rig_t rig;
    uint32_t found;
    const row_t row = {{"R3 F", "w"}, "F", F, OTA_OK, ""};
    start(&rig, &row, OTA_POLICY_OTARY);
    assert_int_equal(ota_device_state(&rig.device, 0, &found), OTA_ERR_NO_SLOTS);
    assert_int_equal(ota_device_forget(&rig.device, 0), OTA_OK);
    assert_int_equal(ota_device_select(&rig.device, F, false, NULL), OTA_OK);
    assert_int_equal(ota_device_chosen(&rig.device), F);
    rig_records(&rig, "R3 F?", "w");
    assert_int_equal(ota_device_forget(&rig.device, 0), OTA_OK);
    assert_int_equal(rig.nor.erases[0], 0);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_are_those_of_the_record),
        cmocka_unit_test(chosen_previous_and_last_rejected_are_read_from_the_record),
        cmocka_unit_test(the_only_slot_is_forgotten_like_any_other),
        cmocka_unit_test(forgetting_a_way_back_leaves_the_choice),
        cmocka_unit_test(forgetting_leaves_nothing_that_boots_or_believes_the_slot),
        cmocka_unit_test(under_a_stock_bootloader_what_it_would_start_is_never_touched),
        cmocka_unit_test(updates_under_a_stock_bootloader_go_to_and_fro),
        cmocka_unit_test(whichever_operation_fails_the_call_can_be_repeated),
        cmocka_unit_test(otadata_that_cannot_be_read_is_said_by_every_call),
        cmocka_unit_test(a_table_without_slots_has_nothing_to_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
