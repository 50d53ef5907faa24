/* SPDX-License-Identifier: Apache-2.0 */
/* device, with otadata changed by commits: what each call writes, that it is what boots then, and
 * that the record in force is never touched. Policy otary unless a test says otherwise. */
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

static void check(const row_t *row, ota_policy_t policy, call_t call, ota_slot_t slot)
{
    rig_t rig;
    char text[WORLD_TEXT];
    start(&rig, row, policy);
    ota_status_t status = call(&rig.device, slot);
    (void)rig_sectors(&rig, text);
    if (status != row->status || strcmp(text, row->after) != 0) {
        fail_row(row, ota_status_name(status), text);
    }
    if (status == OTA_OK) { /* saying it again changes nothing */
        uint64_t programs = rig.nor.programs;
        uint64_t erases = rig.nor.erases[0];
        status = call(&rig.device, slot);
        if (status != OTA_OK || rig.nor.erases[0] != erases || rig.nor.programs != programs) {
            fail_row(row, "a second time:", rig_sectors(&rig, text));
        }
    }
    rig_stop(&rig);
}

#define CHECK_ROWS(rows, policy, call, slot)                                                       \
    for (size_t row_ = 0; row_ < sizeof(rows) / sizeof((rows)[0]); row_++) {                       \
        check(&(rows)[row_], policy, call, slot);                                                  \
    }

static ota_status_t select_it(ota_device_t *device, ota_slot_t slot)
{
    return ota_device_select(device, slot, false, NULL);
}

static ota_status_t confirm(ota_device_t *device, ota_slot_t slot)
{
    (void)slot;
    return ota_device_confirm(device);
}

/* --- select --------------------------------------------------------------------------------- */

static void selecting_puts_on_trial_with_the_running_slot_behind_it(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"-", "-"}, "0 1", 0, OTA_OK, "R2 1 3/3 else 0 ; w"},
        {{"R3 0 V0", "w"}, "0 1", 0, OTA_OK, "R3 0 V0 ; R4 1 3/3 else 0 V0"},
        {{"1V", "-"}, "0 1", 0, OTA_OK, "R1 0 V0 ; R2 1 3/3 else 0 V0"},
        {{"R3 F", "w"}, "F 0 1", F, OTA_OK, "R3 F ; R4 1 3/3 else F"},
        {{"-", "-"}, "F 0 1", F, OTA_OK, "R2 1 3/3 else F ; w"},
        /* what was rejected gets a new trial; what was being written is no more */
        {{"R3 0 V0 A1 refused 1", "w"},
         "0 1",
         0,
         OTA_OK,
         "R3 0 V0 A1 refused 1 ; R4 1 3/3 else 0 V0"},
        {{"R3 0 V0 writing 1", "w"}, "0 1", 0, OTA_OK, "R3 0 V0 writing 1 ; R4 1 3/3 else 0 V0"},
        /* it stands there already, untried */
        {{"R3 0 V0", "R4 1 3/3 else 0 V0"}, "0 1", 0, OTA_OK, "R3 0 V0 ; R4 1 3/3 else 0 V0"},
        {{"R3 0 V0", "R4' 1 3/3 else 0 V0"}, "0 1", 0, OTA_OK, "R3 0 V0 ; R4 1 3/3 else 0 V0"},
        {{"1V", "2N"}, "0 1", 0, OTA_OK, "1V ; R2 1 3/3 else 0 V0"},
        /* some of its boots are spent: all of them again */
        {{"R3 0 V0", "R4 1 1/3 else 0 V0"},
         "0 1",
         0,
         OTA_OK,
         "R6 1 3/3 else 0 V0 ; R4 1 1/3 else 0 V0"},
        /* a record that nobody writes: in force and rejected, on trial and confirmed */
        {{"R3 0 V0", "R4 1 I1"}, "0 1", 0, OTA_OK, "R6 1 3/3 else 0 ; R4 1 I1"},
        {{"R3 0 V0", "R4 1 2/3 else 0 V0 V1"},
         "0 1",
         1,
         OTA_OK,
         "R6 1 3/3 else 0 V0 ; R4 1 2/3 else 0 V0 V1"},
        /* in force without a trial: not confirmed, or not what runs */
        {{"R3 0 V0", "R4 1 else 0 V0"}, "0 1", 1, OTA_OK, "R6 1 3/3 else 0 V0 ; R4 1 else 0 V0"},
        {{"R3 0 V0", "R4 1 else 0 V0 V1"},
         "0 1",
         0,
         OTA_OK,
         "R6 1 3/3 else 0 V0 ; R4 1 else 0 V0 V1"},
        /* gaps 26: the running one, confirmed, is not put on trial again */
        {{"R3 0 V0", "R4 1 else 0 V0 V1"}, "0 1", 1, OTA_OK, "R3 0 V0 ; R4 1 else 0 V0 V1"},
        {{"w", "R4 1 V1"}, "0 1x", 1, OTA_ERR_IMAGE_CHECKSUM, "w ; R4 1 V1"},
        /* the running one, but another is in force: its fallback stays */
        {{"R3 0 V0", "R4 1 3/3 else 0 V0 V1"}, "0 1", 0, OTA_OK, "R3 0 V0 ; R4 1 3/3 else 0 V0 V1"},
        {{"R3 0 V0", "R6 2 3/3 else 1 V0 V1"},
         "0 1 2",
         1,
         OTA_OK,
         "R8 1 3/3 V0 ; R6 2 3/3 else 1 V0 V1"},
        /* an app that no record can name is no fallback */
        {{"R3 0 V0", "w"}, "0 1 T", T, OTA_OK, "R3 0 V0 ; R4 1 3/3 V0"},
    };
    CHECK_ROWS(rows, OTA_POLICY_OTARY, select_it, 1);
}

static void the_lowest_slot_waits_for_its_trial_like_any_other(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R4 1 V1", "w"}, "0 1", 1, OTA_OK, "R4 1 V1 ; R5 0 3/3 else 1 V1"},
        {{"R4 1 V1", "R5 0 3/3 else 1 V1"}, "0 1", 1, OTA_OK, "R4 1 V1 ; R5 0 3/3 else 1 V1"},
        {{"R4 1 V1", "R5 0 else 1 V1"}, "0 1", 1, OTA_OK, "R7 0 3/3 else 1 V1 ; R5 0 else 1 V1"},
    };
    CHECK_ROWS(rows, OTA_POLICY_OTARY, select_it, 0);
}

static void without_rollback_a_choice_is_no_trial(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0", "w"}, "0 1", 0, OTA_OK, "R3 0 V0 ; R4 1 else 0 V0"},
        {{"R3 0 V0", "R4 1 I1"}, "0 1", 0, OTA_OK, "R6 1 else 0 ; R4 1 I1"}, /* nobody writes it */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        char text[WORLD_TEXT];
        start(&rig, &rows[i], OTA_POLICY_OTARY);
        rig.device.boot.rollback = false;
        for (int n = 0; n < 2; n++) {
            assert_int_equal(ota_device_select(&rig.device, 1, false, NULL), OTA_OK);
            assert_string_equal(rig_sectors(&rig, text), rows[i].after);
        }
        rig_stop(&rig);
    }
}

static void trials_get_the_boots_that_the_bootloader_was_built_for(void **state)
{
    (void)state;
    static const struct {
        ota_policy_t policy;
        uint8_t asked;
        const char *after;
    } rows[] = {
        {OTA_POLICY_OTARY, 1, "R3 0 V0 ; R4 1 1/1 else 0 V0"},
        {OTA_POLICY_OTARY, 255, "R3 0 V0 ; R4 1 255/255 else 0 V0"},
        {OTA_POLICY_STOCK, 0, "R3 0 V0 ; R4 1 1/1 else 0 V0"},
        {OTA_POLICY_STOCK, 5, "R3 0 V0 ; R4 1 1/1 else 0 V0"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        char text[WORLD_TEXT];
        const row_t row = {{"R3 0 V0", "w"}, "0 1", 0, OTA_OK, ""};
        start(&rig, &row, rows[i].policy);
        rig.device.boot.trial_boots = rows[i].asked;
        for (int n = 0; n < 2; n++) {
            assert_int_equal(ota_device_select(&rig.device, 1, true, NULL), OTA_OK);
            assert_string_equal(rig_sectors(&rig, text), rows[i].after);
        }
        assert_int_equal(rig_boots(&rig, row.apps, rows[i].policy), 1);
        rig_stop(&rig);
    }
}

static void factory_is_a_choice_like_any_other(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"-", "-"}, "F 0 1", 0, OTA_OK, "w ; w"}, /* it boots anyway */
        {{"R3 0 V0", "w"}, "F 0 1", 0, OTA_OK, "w ; R4 F else 0 V0"},
        {{"R3 0 V0", "R4 1 1/3 else 0 V0"}, "F 0 1", 1, OTA_OK, "R5 F else 1 V0 ; w"},
        {{"1V", "2V"}, "F 0 1", 1, OTA_OK, "R3 F else 1 V0 V1 ; w"},
        {{"R3 F", "w"}, "F 0 1", F, OTA_OK, "R3 F ; w"},
        {{"R3 0 V0", "w"}, "Fx 0 1", 0, OTA_ERR_IMAGE_CHECKSUM, "R3 0 V0 ; w"},
    };
    CHECK_ROWS(rows, OTA_POLICY_OTARY, select_it, F);
    for (size_t i = 0; i + 1 < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int policy = 0; policy < 2; policy++) {
            rig_t rig;
            start(&rig, &rows[i], (ota_policy_t)policy);
            assert_int_equal(select_it(&rig.device, F), OTA_OK);
            assert_int_equal(rig_boots(&rig, rows[i].apps, OTA_POLICY_OTARY), F);
            assert_int_equal(rig_boots(&rig, rows[i].apps, OTA_POLICY_STOCK), F);
            rig_stop(&rig);
        }
    }
}

static void what_no_record_can_name_is_not_chosen(void **state)
{
    (void)state;
    static const struct {
        const char *apps;
        ota_slot_t running, slot;
        ota_status_t status;
    } rows[] = {
        {"0 5", 0, 5, OTA_ERR_SLOT_UNREACHABLE}, {"0 2", 0, 2, OTA_ERR_SLOT_UNREACHABLE},
        {"0 1", 0, 2, OTA_ERR_NOT_A_SLOT},       {"0 1 T", 0, T, OTA_ERR_NOT_A_SLOT},
        {"0 1", 0, F, OTA_ERR_NOT_A_SLOT},       {"0 1", 0, NONE, OTA_ERR_NOT_A_SLOT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        const row_t row = {{"-", "-"}, rows[i].apps, rows[i].running, OTA_OK, ""};
        start(&rig, &row, OTA_POLICY_OTARY);
        assert_int_equal(select_it(&rig.device, rows[i].slot), rows[i].status);
        assert_int_equal(rig.nor.erases[0], 0);
        rig.device.layout.boot_count = 0;
        if (rows[i].slot == 5) {
            assert_int_equal(select_it(&rig.device, 5), OTA_ERR_NO_SLOTS);
            assert_int_equal(select_it(&rig.device, 0), OTA_ERR_NO_SLOTS);
        }
        rig_stop(&rig);
    }
}

/* --- confirm -------------------------------------------------------------------------------- */

static void confirming_ends_the_trial_of_the_running_slot(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R6 1 2/3 else 0 V0", "R4 1 3/3 else 0 V0"},
         "0 1",
         1,
         OTA_OK,
         "R6 1 2/3 else 0 V0 ; R8 1 else 0 V0 V1"},
        {{"R6 1 0/3 else 0 V0", "R4 1 1/3 else 0 V0"},
         "0 1",
         1,
         OTA_OK,
         "R6 1 0/3 else 0 V0 ; R8 1 else 0 V0 V1"},
        {{"R3 0 V0", "R4 1 else 0 V0 V1"}, "0 1", 1, OTA_OK, "R3 0 V0 ; R4 1 else 0 V0 V1"},
        {{"R3 0 V0", "R4' 1 else 0 V0 V1"}, "0 1", 1, OTA_OK, "R3 0 V0 ; R4 1 else 0 V0 V1"},
        {{"R3 0", "w"}, "0 1", 0, OTA_OK, "R3 0 ; R5 0 V0"},
        /* confirmed before it was put on trial: nobody writes that */
        {{"R3 0 V0", "R4 1 2/3 else 0 V0 V1"},
         "0 1",
         1,
         OTA_OK,
         "R6 1 else 0 V0 V1 ; R4 1 2/3 else 0 V0 V1"},
        {{"1V", "2P"}, "0 1", 1, OTA_OK, "R4 1 else 0 V0 V1 ; R2 1 0/3 else 0 V0"},
        {{"1V", "2N"}, "0 1", 1, OTA_OK, "R4 1 else 0 V0 V1 ; R2 1 3/3 else 0 V0"},
        {{"1U", "-"}, "0 1", 0, OTA_OK, "R1 0 ; R3 0 V0"},
        /* gaps 18: another one waits for its trial, and goes on waiting */
        {{"R3 0", "R4 1 3/3 else 0"}, "0 1", 0, OTA_OK, "R6 1 3/3 else 0 V0 ; R4 1 3/3 else 0"},
        /* the fallback boots, the record is not mended yet */
        {{"R3 0 V0", "R4 1 0/3 else 0 V0"}, "0 1", 0, OTA_OK, "R3 0 V0 ; R4 1 0/3 else 0 V0"},
        {{"R4 1 V1", "w"}, "0 1", 0, OTA_ERR_NO_RECORD, "R4 1 V1 ; w"},
        {{"-", "-"}, "0 1", 0, OTA_ERR_NO_RECORD, "- ; -"},
        {{"R3 0 V0 A1 refused 1", "w"},
         "0 1",
         1,
         OTA_ERR_NO_RECORD,
         "R3 0 V0 A1 refused 1 ; w"}, /* stays rejected */
        {{"R3 F", "w"}, "F 0 1", F, OTA_ERR_NO_CHOICE, "R3 F ; w"},
        {{"R3 0 V0", "w"}, "0 5", 5, OTA_ERR_NO_RECORD, "R3 0 V0 ; w"},
        {{"R3 5", "w"}, "0 5", 5, OTA_ERR_NO_RECORD, "R3 5 ; w"}, /* no entry can say it */
    };
    CHECK_ROWS(rows, OTA_POLICY_OTARY, confirm, 0);
}

/* --- reject ----------------------------------------------------------------------------------- */

static const struct {
    row_t row;
    ota_slot_t to;
} rejections[] = {
    {{{"R6 1 2/3 else 0 V0", "w"}, "0 1", 1, OTA_OK, "R6 1 2/3 else 0 V0 ; R7 0 V0 I1 refused 1"},
     0},
    {{{"1V", "4P"}, "0 1", 1, OTA_OK, "R5 0 V0 I1 refused 1 ; R4 1 0/3 else 0 V0"}, 0},
    {{{"R3 0 V0", "R4 1 V0 V1 else 0"},
      "F 0 1",
      1,
      OTA_OK,
      "R5 0 V0 I1 refused 1 ; R4 1 else 0 V0 V1"},
     0},
    {{{"R3 0 V0", "R4 1 V0 V1 else 0"}, "F 0x 1", 1, OTA_OK, "R5 F else 0 V0 I1 refused 1 ; w"}, F},
    {{{"R3 0 V0", "R6 2 V0 V2 else 0"},
      "0x 1 2",
      2,
      OTA_OK,
      "R8 1 else 0 V0 I2 refused 2 ; R6 2 else 0 V0 V2"},
     1}, /* nobody knows it, but it verifies */
    {{{"R4 1 V1", "w"}, "0 1", 1, OTA_OK, "R4 1 V1 ; R5 0 I1 refused 1"}, 0}, /* nor this one */
    {{{"R3 0 V0", "R4 1 V1 else 0"}, "0x 1", 1, OTA_ERR_NO_FALLBACK, ""}, NONE},
    {{{"R3 0 V0", "R4 1 V0 I1 else 0"}, /* rejected, and yet in force */
      "0 1",
      1,
      OTA_OK,
      "R5 0 V0 I1 refused 1 ; R4 1 else 0 V0 I1"},
     0},
    {{{"R3 0 V0", "R4 1 V1 A0"}, "0 1", 1, OTA_ERR_NO_FALLBACK, ""}, NONE}, /* rejected itself */
    {{{"R3 0 V0", "R4 1 V1 A0"}, "F 0 1", 1, OTA_OK, "R5 F A0 I1 refused 1 ; w"}, F},
    {{{"R4 1 V1", "w"}, "0x 1 T", 1, OTA_ERR_NO_FALLBACK, ""}, NONE}, /* test cannot be named */
    {{{"R5 1 V1", "w"}, "0x 1 5", 1, OTA_ERR_NO_FALLBACK, ""}, NONE}, /* nor can that */
    {{{"R4 0 V0", "R5 1 V1 else 5"}, "0x 1 5", 1, OTA_ERR_NO_FALLBACK, ""}, NONE},
    /* another is in force already */
    {{{"R3 0", "R4 1 3/3 else 0"}, "0 1", 0, OTA_OK, "R6 1 3/3 I0 refused 0 ; R4 1 3/3 else 0"}, 1},
    {{{"R3 0", "R6 2 3/3 else 0"}, "F 0 1 2", 0, OTA_OK, "R9 2 3/3 I0 refused 0 ; R6 2 3/3 else 0"},
     2},
    {{{"R3 0", "R4 1 3/3 else 0"}, "0 1x", 0, OTA_ERR_NO_FALLBACK, ""}, NONE},
    {{{"R3 F", "w"}, "F 0 1", F, OTA_ERR_NO_CHOICE, ""}, NONE},
    {{{"R4 1 V1", "w"}, "0 1", 0, OTA_ERR_NO_RECORD, ""}, NONE},
    {{{"R3 5 V5", "w"}, "F 0 5", 5, OTA_ERR_NO_RECORD, ""}, NONE},
    {{{"-", "-"}, "0 1", 0, OTA_ERR_NO_RECORD, ""}, NONE},
    {{{"1A", "-"}, "F 0 1", 0, OTA_ERR_NO_RECORD, ""}, NONE}, /* nothing is in force */
};

static void expect_back_at(const row_t *row, rig_t *rig, ota_slot_t to)
{
    uint64_t erases = rig->nor.erases[0];
    assert_int_equal(rig_boots(rig, row->apps, OTA_POLICY_OTARY), to);
    assert_int_equal(rig_boots(rig, row->apps, OTA_POLICY_STOCK), to);
    assert_int_equal(ota_device_reject(&rig->device), OTA_OK); /* again: nothing */
    assert_int_equal(rig->nor.erases[0], erases);
}

static void check_rejection(const row_t *row, ota_slot_t expected, ota_policy_t policy)
{
    rig_t rig;
    char text[WORLD_TEXT];
    char before[WORLD_TEXT];
    ota_slot_t to = 99;
    start(&rig, row, policy);
    (void)rig_sectors(&rig, before);
    ota_status_t status = ota_device_can_reject(&rig.device, &to);
    assert_int_equal(rig.nor.erases[0] + rig.nor.programs, 0);
    if (status != row->status || to != expected) {
        fail_row(row, "can reject says", ota_status_name(status));
    }
    assert_int_equal(ota_device_can_reject(&rig.device, NULL), row->status);
    assert_int_equal(ota_device_reject(&rig.device), row->status);
    (void)rig_sectors(&rig, text);
    if (status != OTA_OK) {
        assert_string_equal(text, before);
    } else if (policy == OTA_POLICY_OTARY && strcmp(text, row->after) != 0) {
        fail_row(row, "left", text); /* under stock numbers may differ */
    }
    if (status == OTA_OK) {
        expect_back_at(row, &rig, expected);
    }
    rig_stop(&rig);
}

/* The promise is kept: under both bootloaders, whichever the device has. */
static void rejecting_boots_what_can_reject_promised(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rejections) / sizeof(rejections[0]); i++) {
        check_rejection(&rejections[i].row, rejections[i].to, OTA_POLICY_OTARY);
        check_rejection(&rejections[i].row, rejections[i].to, OTA_POLICY_STOCK);
    }
}

static void a_way_back_too_old_for_the_efuse_is_none(void **state)
{
    (void)state;
    rig_t rig;
    ota_slot_t to;
    const row_t row = {{"R3 0 V0", "R4 1 2/3 else 0 V0"}, "F@1 0@1 1@2", 1, OTA_OK, ""};
    start(&rig, &row, OTA_POLICY_OTARY);
    rig.device.boot.anti_rollback = true;
    rig.burnt = 1;
    assert_int_equal(ota_device_can_reject(&rig.device, &to), OTA_OK);
    assert_int_equal(to, 0);
    rig.burnt = 2;
    assert_int_equal(ota_device_can_reject(&rig.device, &to), OTA_ERR_NO_FALLBACK);
    rig_stop(&rig);
}

static struct {
    uint32_t address; /* of an app */
    unsigned begun;   /* how often reading it began */
    unsigned bad;     /* the first so many fail */
} reads;

static ota_status_t counted_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    memcpy(dst, nor->bytes + addr, len);
    bool begins = addr == reads.address;
    reads.begun += begins ? 1 : 0;
    return begins && reads.begun <= reads.bad ? OTA_ERR_FLASH_READ : OTA_OK;
}

static void one_bad_read_costs_no_app_its_place_as_the_way_back(void **state)
{
    (void)state;
    static const struct {
        unsigned bad;
        ota_status_t status;
        ota_slot_t to;
        unsigned begun;
    } rows[] = {
        {0, OTA_OK, 0, 1},
        {1, OTA_OK, 0, 2},
        {2, OTA_ERR_FLASH_READ, NONE, 2}, /* whether factory would boot is not known */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        ota_slot_t to = 99;
        const row_t row = {{"R3 0 V0", "R4 1 2/3 else 0 V0"}, "F 0 1", 1, OTA_OK, ""};
        start(&rig, &row, OTA_POLICY_OTARY);
        reads.address = rig_address(0);
        reads.begun = 0;
        reads.bad = rows[i].bad;
        rig.nor.flash.read = counted_read;
        assert_int_equal(ota_device_can_reject(&rig.device, &to), rows[i].status);
        assert_int_equal(to, rows[i].to);
        assert_int_equal(reads.begun, rows[i].begun);
        rig_stop(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selecting_puts_on_trial_with_the_running_slot_behind_it),
        cmocka_unit_test(the_lowest_slot_waits_for_its_trial_like_any_other),
        cmocka_unit_test(without_rollback_a_choice_is_no_trial),
        cmocka_unit_test(trials_get_the_boots_that_the_bootloader_was_built_for),
        cmocka_unit_test(factory_is_a_choice_like_any_other),
        cmocka_unit_test(what_no_record_can_name_is_not_chosen),
        cmocka_unit_test(confirming_ends_the_trial_of_the_running_slot),
        cmocka_unit_test(rejecting_boots_what_can_reject_promised),
        cmocka_unit_test(a_way_back_too_old_for_the_efuse_is_none),
        cmocka_unit_test(one_bad_read_costs_no_app_its_place_as_the_way_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
