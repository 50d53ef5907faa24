/* SPDX-License-Identifier: Apache-2.0 */
/* device, with otadata changed in place: what the calls know of the other record, what forgetting
 * it leaves, and flash that fails. */
#include "core/device.h"

#include "support/no_read.h"
#include "support/rig.h"
#include "support/unit.h"

#define F    OTA_SLOT_FACTORY
#define NONE OTA_SLOT_NONE

static void the_previous_slot_is_the_other_records(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2];
        ota_slot_t running, previous; /* NONE: no record */
    } rows[] = {
        {{"1V", "2V"}, 1, 0},    {{"3V", "2V"}, 0, 1},
        {{"1A", "2V"}, 1, 0}, /* a rollback would find it gone, but it ran */
        {{"1V", "2V"}, 0, 0}, /* not the one that runs */
        {{"1V", "-"}, 0, NONE},  {{"1V!", "2V"}, 1, NONE},
        {{"1A", "2A"}, F, NONE}, /* nothing is in force */
        {{"-", "-"}, F, NONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        ota_slot_t slot = NONE;
        rig_start(&rig, "F 0 1", rows[i].copy[0], rows[i].copy[1], rows[i].running);
        bool none = rows[i].previous == NONE || rows[i].previous == rows[i].running;
        assert_int_equal(ota_device_previous(&rig.device, &slot),
                         none ? OTA_ERR_NO_RECORD : OTA_OK);
        assert_int_equal(slot, rows[i].previous);
        rig_stop(&rig);
    }
}

static void forgetting_the_previous_slot_erases_its_record_alone(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2];
        ota_slot_t running, slot;
        const char *after;
    } rows[] = {
        {{"1V", "2V"}, 1, 0, "- 2V"},
        {{"3V", "2V"}, 0, 1, "3V -"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        char text[48];
        rig_start(&rig, "0 1", rows[i].copy[0], rows[i].copy[1], rows[i].running);
        rig.nor.fail_in = 0;
        assert_int_equal(ota_device_forget(&rig.device, rows[i].slot), OTA_ERR_FLASH_ERASE);
        assert_int_equal(ota_device_forget(&rig.device, rows[i].slot), OTA_OK);
        assert_string_equal(rig_otadata(&rig, text), rows[i].after);
        assert_int_equal(rig.nor.erases[0], 1);
        rig_stop(&rig);
    }
}

/* --- what is about to be overwritten ------------------------------------------------------- */

static void no_progress_is_recorded_in_place(void **state)
{
    (void)state;
    rig_t rig;
    char text[48];
    const ota_offer_t offer = {.id = {1}, .size = 0x8000};
    ota_progress_t made = {&offer, 0x2000, 0x1234};
    int8_t sector = 1;
    rig_start(&rig, "0 1", "1V", "2V", 0);
    const ota_records_t *records = ota_device_records(&rig.device);
    assert_int_equal(records->forget(&rig.device, 1, &made, &sector), OTA_OK);
    assert_int_equal(sector, OTA_SECTOR_NONE);
    assert_string_equal(rig_otadata(&rig, text), "1V -");
    sector = 1;
    assert_int_equal(records->progress(&rig.device, 1, &offer, &made, &sector), OTA_ERR_NO_RECORD);
    assert_int_equal(sector, OTA_SECTOR_NONE);
    rig_stop(&rig);
}

/* --- flash that fails ------------------------------------------------------------------------ */

static void what_cannot_be_read_is_said_and_not_changed(void **state)
{
    (void)state;
    rig_t rig;
    ota_slot_t slot = 1;
    uint32_t found;
    int8_t sector = 1;
    rig_start(&rig, "F 0 1", "1V", "2V", 1);
    ota_device_t *d = &rig.device;
    rig.nor.flash.read = no_read;
    assert_int_equal(ota_device_select(d, 0, true, NULL), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_device_select(d, F, true, NULL), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_device_confirm(d), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_device_reject(d), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_device_can_reject(d, NULL), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_device_state(d, 0, &found), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_device_previous(d, &slot), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_device_last_rejected(d, &slot), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_device_forget(d, 0), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_device_records(d)->forget(d, 0, NULL, &sector), OTA_ERR_FLASH_READ);
    assert_int_equal(sector, OTA_SECTOR_NONE);
    d->running = F;
    assert_int_equal(ota_device_confirm(d), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_device_can_reject(d, NULL), OTA_ERR_FLASH_READ);
    assert_int_equal(rig.nor.erases[0] + rig.nor.programs, 0);
    rig_stop(&rig);
}

/* The one bad read is the first of an app that is whole. */
static uint32_t bad_once;

static ota_status_t bad_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    memcpy(dst, nor->bytes + addr, len);
    bool bad = addr == bad_once;
    bad_once = bad ? 0 : bad_once;
    return bad ? OTA_ERR_FLASH_READ : OTA_OK;
}

/* Commits ask twice; here, as in Espressif's library, nobody does. */
static void one_bad_read_costs_an_app_its_place(void **state)
{
    (void)state;
    rig_t rig;
    ota_slot_t to = 99;
    rig_start(&rig, "0 1 2", "2V", "3P", 2);
    rig.nor.flash.read = bad_read;
    bad_once = rig_address(1);
    assert_int_equal(ota_device_can_reject(&rig.device, &to), OTA_OK);
    assert_int_equal(to, 0);
    assert_int_equal(ota_device_can_reject(&rig.device, &to), OTA_OK);
    assert_int_equal(to, 1);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_previous_slot_is_the_other_records),
        cmocka_unit_test(forgetting_the_previous_slot_erases_its_record_alone),
        cmocka_unit_test(no_progress_is_recorded_in_place),
        cmocka_unit_test(what_cannot_be_read_is_said_and_not_changed),
        cmocka_unit_test(one_bad_read_costs_an_app_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
