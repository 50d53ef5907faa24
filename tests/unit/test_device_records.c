/* SPDX-License-Identifier: Apache-2.0 */
/* The table of functions behind the device (core/device.h): what the calls ask of it, and what
 * commits record of a download. */
#include "core/device.h"

#include "support/no_read.h"
#include "support/rig.h"
#include "support/unit.h"

#define F    OTA_SLOT_FACTORY
#define T    OTA_SLOT_TEST
#define NONE OTA_SLOT_NONE

/* --- what is asked ---------------------------------------------------------------------------- */

static struct {
    ota_status_t status; /* the answer to everything */
    uint32_t state;      /* that was marked, or is told */
    ota_slot_t back;     /* that was named, or is told */
    unsigned marks;
} asked;

static ota_status_t note_mark(const ota_device_t *device, uint32_t state, ota_slot_t back)
{
    (void)device;
    asked.state = state;
    asked.back = back;
    asked.marks++;
    return asked.status;
}

static ota_status_t tell_state(const ota_device_t *device, ota_slot_t slot, uint32_t *state)
{
    assert_int_equal(slot, device->running);
    *state = asked.state;
    return asked.status;
}

static ota_status_t tell_slot(const ota_device_t *device, ota_slot_t *slot)
{
    (void)device;
    *slot = asked.back;
    return asked.status;
}

static const ota_records_t noted = {
    .mark = note_mark, .state = tell_state, .way_back = tell_slot, .previous = tell_slot};

static void start_noted(rig_t *rig, ota_status_t status)
{
    rig_start(rig, "F 0 1", "-", "-", 1);
    rig->device.boot.rollback = true;
    rig->device.records = &noted;
    memset(&asked, 0, sizeof(asked));
    asked.status = status;
}

static void confirming_names_no_way_back_and_rejecting_the_one_found(void **state)
{
    (void)state;
    rig_t rig;
    start_noted(&rig, OTA_OK);
    assert_int_equal(ota_device_confirm(&rig.device), OTA_OK);
    assert_int_equal(asked.marks, 1);
    assert_int_equal(asked.state, OTA_STATE_VALID);
    assert_int_equal(asked.back, NONE);
    asked.back = F;
    assert_int_equal(ota_device_reject(&rig.device), OTA_OK);
    assert_int_equal(asked.marks, 2);
    assert_int_equal(asked.state, OTA_STATE_INVALID);
    assert_int_equal(asked.back, F);
    rig_stop(&rig);
}

/* Whatever is left in a result by a call that failed. */
static void what_a_failed_reading_leaves_behind_is_not_believed(void **state)
{
    (void)state;
    static const struct {
        ota_status_t status, trial;
        bool on_trial;
    } rows[] = {
        {OTA_OK, OTA_OK, true},
        {OTA_ERR_NO_RECORD, OTA_OK, false},
        {OTA_ERR_NO_OTADATA, OTA_OK, false},
        {OTA_ERR_FLASH_READ, OTA_ERR_FLASH_READ, false},
        {OTA_ERR_PORT, OTA_ERR_PORT, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        bool trial = !rows[i].on_trial;
        ota_slot_t slot = 99;
        start_noted(&rig, rows[i].status);
        asked.state = OTA_STATE_PENDING;
        assert_int_equal(ota_device_trial(&rig.device, &trial), rows[i].trial);
        assert_int_equal(trial, rows[i].on_trial);
        assert_int_equal(ota_device_on_trial(&rig.device), rows[i].on_trial);
        asked.back = 0;
        assert_int_equal(ota_device_can_reject(&rig.device, &slot), rows[i].status);
        assert_int_equal(slot, rows[i].status == OTA_OK ? 0 : NONE);
        assert_int_equal(ota_device_previous(&rig.device, &slot), rows[i].status);
        asked.back = rig.device.running;
        assert_int_equal(ota_device_previous(&rig.device, &slot),
                         rows[i].status == OTA_OK ? OTA_ERR_NO_RECORD : rows[i].status);
        rig_stop(&rig);
    }
}

/* --- what is recorded of a download ------------------------------------------------------------
 */

static const ota_offer_t offer = {.id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
                                  .size = 0x9000};
static const ota_progress_t made = {&offer, 0x3000, 0x12345678};

static void a_download_is_recorded_beside_what_boots_until_it_is_whole(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *apps;
        ota_slot_t running;
        int8_t sector; /* with the journal */
        const char *after;
    } rows[] = {
        {{"R3 0 V0", "w"}, "0 1", 0, 1, "R3 0 V0 ; R5 0 V0 writing 1"},
        {{"w", "R3 0 V0"}, "0 1", 0, 0, "R5 0 V0 writing 1 ; R3 0 V0"},
        {{"R3 0 V0 writing 1", "w"}, "0 1", 0, 1, "R3 0 V0 writing 1 ; R5 0 V0 writing 1"},
        {{"R3 0 V0", "R4 1 3/3 else 0 V0"}, "0 1", 0, 0, "R5 0 V0 writing 1 ; R4 1 3/3 else 0 V0"},
        /* nothing is in force: what runs is, or what boots without a record */
        {{"w", "w"}, "0 1", 0, 0, "R1 0 writing 1 ; w"},
        {{"w", "w"}, "F 0 1", F, 0, "R1 F writing 1 ; w"},
        {{"w", "w"}, "F 0 1 T", T, 0, "R1 F writing 1 ; w"},
        {{"w", "w"}, "0 1 T", T, 0, "R1 - writing 1 ; w"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        char text[WORLD_TEXT];
        ota_progress_t left = {0};
        int8_t sector = 99;
        rig_start(&rig, rows[i].apps, rows[i].copy[0], rows[i].copy[1], rows[i].running);
        rig_commits(&rig, OTA_POLICY_OTARY);
        const ota_device_t *d = &rig.device;
        assert_int_equal(ota_records_commit.forget(d, 1, &made, &sector), OTA_OK);
        assert_string_equal(rig_sectors(&rig, text), rows[i].after);
        assert_int_equal(sector, rows[i].sector);
        sector = 99;
        assert_int_equal(ota_records_commit.progress(d, 1, &offer, &left, &sector), OTA_OK);
        assert_int_equal(sector, rows[i].sector);
        assert_int_equal(left.done, made.done);
        assert_int_equal(left.crc, made.crc);
        rig_stop(&rig);
    }
}

static void only_the_same_offer_for_the_same_slot_goes_on(void **state)
{
    (void)state;
    rig_t rig;
    ota_progress_t left;
    int8_t sector;
    rig_start(&rig, "0 1 2", "w", "w", 0);
    rig_commits(&rig, OTA_POLICY_OTARY);
    const ota_device_t *d = &rig.device;
    const ota_offer_t nothing = {.id = {0}, .size = 0}; /* as a blank record has it */
    assert_int_equal(ota_records_commit.progress(d, 1, &nothing, &left, &sector),
                     OTA_ERR_NO_RECORD);
    assert_int_equal(ota_records_commit.forget(d, 1, &made, &sector), OTA_OK);
    assert_int_equal(ota_records_commit.progress(d, 1, &offer, &left, &sector), OTA_OK);
    assert_int_equal(ota_records_commit.progress(d, 2, &offer, &left, &sector), OTA_ERR_NO_RECORD);
    ota_offer_t other = offer;
    other.size++;
    assert_int_equal(ota_records_commit.progress(d, 1, &other, &left, &sector), OTA_ERR_NO_RECORD);
    for (size_t i = 0; i < sizeof(other.id); i++) {
        other = offer;
        other.id[i] ^= 1;
        assert_int_equal(ota_records_commit.progress(d, 1, &other, &left, &sector),
                         OTA_ERR_NO_RECORD);
    }
    assert_int_equal(ota_records_commit.forget(d, 1, NULL, &sector), OTA_OK);
    assert_int_equal(ota_records_commit.progress(d, 1, &offer, &left, &sector), OTA_ERR_NO_RECORD);
    rig_stop(&rig);
}

static void where_nothing_can_be_recorded_there_is_no_journal(void **state)
{
    (void)state;
    static const struct {
        const char *apps;
        bool dead;
        ota_status_t status;
    } rows[] = {{"F 0 1", true, OTA_ERR_FLASH_READ}, {"F", false, OTA_OK}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        int8_t sector = 99;
        rig_start(&rig, rows[i].apps, "R3 F?", "w", F);
        rig_commits(&rig, OTA_POLICY_OTARY);
        rig.nor.flash.read = rows[i].dead ? no_read : rig.nor.flash.read;
        assert_int_equal(ota_records_commit.forget(&rig.device, 1, &made, &sector), rows[i].status);
        assert_int_equal(sector, OTA_SECTOR_NONE);
        assert_int_equal(rig.nor.erases[0] + rig.nor.programs, 0);
        rig_stop(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confirming_names_no_way_back_and_rejecting_the_one_found),
        cmocka_unit_test(what_a_failed_reading_leaves_behind_is_not_believed),
        cmocka_unit_test(a_download_is_recorded_beside_what_boots_until_it_is_whole),
        cmocka_unit_test(only_the_same_offer_for_the_same_slot_goes_on),
        cmocka_unit_test(where_nothing_can_be_recorded_there_is_no_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
