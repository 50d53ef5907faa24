/* SPDX-License-Identifier: Apache-2.0 */
/* device: the running app's trial. Confirm and reject act on the running slot's record, whatever
 * is in force; and whatever flash operation fails, something whole boots. */
#include "ota/device.h"

#include "support/boot_world.h"
#include "support/rig.h"
#include "support/unit.h"

#define F OTA_SLOT_FACTORY

typedef struct {
    const char *copy[2], *apps;
    ota_slot_t running;
    ota_status_t status;
    const char *after;
} row_t;

static void check(const row_t *row, ota_status_t (*call)(ota_device_t *device))
{
    rig_t rig;
    char text[48];
    rig_start(&rig, row->apps, row->copy[0], row->copy[1], row->running);
    rig.device.boot.rollback = true;
    assert_int_equal(call(&rig.device), row->status);
    assert_string_equal(rig_otadata(&rig, text), row->after);
    rig_stop(&rig);
}

/* gaps 18: Espressif's acts on the record in force. */
static void confirming_acts_on_the_running_slots_record(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"1V", "2P"}, "0 1", 1, OTA_OK, "1V 2V"},
        {{"1V", "2V"}, "0 1", 1, OTA_OK, "1V 2V"},
        {{"1P", "2N"}, "0 1", 0, OTA_OK, "1V 2N"},            /* after a select, before the reset */
        {{"1V", "2P"}, "0 1", 0, OTA_OK, "1V 2P"},            /* after a fallback boot */
        {{"2V", "-"}, "0 1", 0, OTA_ERR_NO_RECORD, "2V -"},   /* nothing says that it runs */
        {{"1V", "2A"}, "0 1", 1, OTA_ERR_NO_RECORD, "1V 2A"}, /* rejected stays rejected */
        {{"1P", "-"}, "F 0", F, OTA_ERR_NO_CHOICE, "1P -"},
        {{"1U", "-"}, "0 1", 0, OTA_OK, "1V -"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check(&rows[i], ota_device_confirm);
    }
}

static void rejecting_needs_something_to_go_back_to(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"1V", "2P"}, "0 1", 1, OTA_OK, "1V 2I"},
        {{"1V", "2P"}, "0x 1", 1, OTA_ERR_NO_FALLBACK, "1V 2P"},
        {{"1V", "2P"}, "F 0x 1", 1, OTA_OK, "1V 2I"}, /* factory */
        {{"1V", "2P"}, "Fx 0x 1", 1, OTA_ERR_NO_FALLBACK, "1V 2P"},
        {{"1A", "2P"}, "0 1", 1, OTA_ERR_NO_FALLBACK, "1A 2P"}, /* rejected is no way back */
        {{"1A", "2P"}, "F 0 1", 1, OTA_OK, "1A 2I"},
        {{"2P", "-"}, "0 1", 1, OTA_ERR_NO_FALLBACK, "2P -"},
        {{"3P", "3V"}, "F 0 1", 0, OTA_OK, "3I 3I"}, /* both copies name it */
        {{"1P", "2N"}, "0 1", 0, OTA_OK, "1I 2N"},   /* gaps 18 */
        {{"1P", "2N"}, "0 1x", 0, OTA_ERR_NO_FALLBACK, "1P 2N"},
        {{"1V", "-"}, "F 0", F, OTA_ERR_NO_CHOICE, "1V -"},
        {{"2V", "-"}, "0 1", 0, OTA_ERR_NO_RECORD, "2V -"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check(&rows[i], ota_device_reject);
    }
}

static void can_reject_names_the_slot_that_will_boot(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *apps;
        ota_slot_t running, to;
    } rows[] = {
        {{"1V", "2P"}, "F 0 1", 1, 0},
        {{"1V", "2P"}, "F 0x 1", 1, F},
        {{"1V", "2P"}, "0x 1", 1, OTA_SLOT_NONE},
        {{"3P", "2V"}, "0 1", 0, 1},
        {{"3P", "2V"}, "F 0 1x", 0, OTA_SLOT_NONE}, /* stock: 1, 0 again, and only then factory */
        {{"4P", "3V"}, "F 0 1 2x", 0, 1},           /* stock: 2, 1 */
        {{"2P", "1V"}, "F 0x 1", 1, F},
        {{"2P", "-"}, "F 0 1 T", 1, F},                /* test is never gone back to */
        {{"2V", "3P"}, "0x 1x 2 T", 2, OTA_SLOT_NONE}, /* not even where nothing else is left */
        {{"3V", "4P"}, "0 1x 2x 3", 3, 0},             /* stock: 2, 1, 0 */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        ota_slot_t to = 99;
        rig_start(&rig, rows[i].apps, rows[i].copy[0], rows[i].copy[1], rows[i].running);
        ota_status_t status = ota_device_can_reject(&rig.device, &to);
        assert_int_equal(status, rows[i].to == OTA_SLOT_NONE ? OTA_ERR_NO_FALLBACK : OTA_OK);
        assert_int_equal(to, rows[i].to);
        assert_int_equal(rig.nor.erases[0], 0);
        if (status == OTA_OK) { /* and a stock bootloader keeps the promise */
            world_t world;
            boot_result_t boot;
            char text[48];
            rig.device.boot.rollback = true;
            assert_int_equal(ota_device_reject(&rig.device), OTA_OK);
            char *second = strchr(rig_otadata(&rig, text), ' ');
            *second = '\0';
            world_make(&world, rows[i].apps, text, second + 1);
            world.config.rollback = true;
            world_boot(&world, &boot);
            assert_int_equal(boot.booted, to);
        }
        rig_stop(&rig);
    }
}

/* Only a stock bootloader would go down the numbers. */
static void a_bootloader_of_ours_goes_to_factory_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *apps;
        ota_policy_t policy;
        ota_status_t status;
        ota_slot_t to;
    } rows[] = {
        {"0 1x 2", OTA_POLICY_STOCK, OTA_OK, 0},
        {"0 1x 2", OTA_POLICY_OTARY, OTA_ERR_NO_FALLBACK, OTA_SLOT_NONE},
        {"F 0 1x 2", OTA_POLICY_OTARY, OTA_OK, F},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        ota_slot_t to = 9;
        rig_start(&rig, rows[i].apps, "2V", "3P", 2);
        rig.device.boot.policy = rows[i].policy;
        assert_int_equal(ota_device_can_reject(&rig.device, &to), rows[i].status);
        assert_int_equal(to, rows[i].to);
        rig_stop(&rig);
    }
}

static void can_reject_needs_a_record_of_the_running_slot(void **state)
{
    (void)state;
    rig_t rig;
    ota_slot_t to = 99;
    rig_start(&rig, "F 0 1", "2V", "-", 0);
    assert_int_equal(ota_device_can_reject(&rig.device, &to), OTA_ERR_NO_RECORD);
    assert_int_equal(to, OTA_SLOT_NONE);
    to = 99;
    rig.device.running = F;
    assert_int_equal(ota_device_can_reject(&rig.device, &to), OTA_ERR_NO_CHOICE);
    assert_int_equal(to, OTA_SLOT_NONE);
    rig_stop(&rig);
}

static void an_older_secure_version_is_no_way_back(void **state)
{
    (void)state;
    rig_t rig;
    rig_start(&rig, "0@1 1@2", "1V", "2P", 1);
    rig.device.boot.anti_rollback = true;
    rig.burnt = 2;
    assert_int_equal(ota_device_reject(&rig.device), OTA_ERR_NO_FALLBACK);
    rig.burnt = 1;
    assert_int_equal(ota_device_reject(&rig.device), OTA_OK);
    rig_stop(&rig);
}

static void confirming_burns_the_running_apps_version_and_repeats_what_failed(void **state)
{
    (void)state;
    rig_t rig;
    char text[48];
    rig_start(&rig, "0@1 1@2", "1V", "2P", 1);
    rig.burnt = 1;
    assert_int_equal(ota_device_confirm(&rig.device), OTA_OK);
    assert_int_equal(rig.burns, 0); /* not an anti-rollback device */

    rig.device.boot.anti_rollback = true;
    rig_records(&rig, "1V", "2P");
    rig.efuse_status = OTA_ERR_PORT;
    assert_int_equal(ota_device_confirm(&rig.device), OTA_ERR_PORT);
    assert_string_equal(rig_otadata(&rig, text), "1V 2V"); /* gaps 16 */
    rig.efuse_status = OTA_OK;
    assert_int_equal(ota_device_confirm(&rig.device), OTA_OK);
    assert_int_equal(rig.burnt, 2);
    assert_int_equal(ota_device_confirm(&rig.device), OTA_OK);
    assert_int_equal(rig.burns, 1);

    rig_image(&rig, 1, 16);
    assert_int_equal(ota_device_confirm(&rig.device), OTA_OK);
    assert_int_equal(rig.burnt, 16);
    rig_image(&rig, 1, 17);
    assert_int_equal(ota_device_confirm(&rig.device), OTA_ERR_SECURE_VERSION);
    rig.nor.bytes[rig_address(1) + OTA_APP_DESC_OFFSET] = 0;
    assert_int_equal(ota_device_confirm(&rig.device), OTA_ERR_IMAGE_DESCRIPTOR);
    rig.device.efuse = NULL;
    assert_int_equal(ota_device_confirm(&rig.device), OTA_OK);
    rig_stop(&rig);
}

static void the_last_rejected_slot_is_the_one_with_the_smaller_sequence(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *apps;
        ota_slot_t slot; /* NONE: no record */
    } rows[] = {
        {{"1V", "2A"}, "0 1", 1},
        {{"1I", "2A"}, "0 1", 0},
        {{"2A", "1I"}, "0 1", 0},
        {{"2A", "1V"}, "0 1", 1},
        {{"3I", "2A"}, "0 1", 1},
        {{"1V", "2A"}, "0 1x", OTA_SLOT_NONE},
        {{"1V", "2A!"}, "0 1", OTA_SLOT_NONE},
        {{"1V", "2V"}, "0 1", OTA_SLOT_NONE},
        {{"1V", "-"}, "0 1", OTA_SLOT_NONE},
        {{"1V", "2A"}, "0 2", OTA_SLOT_NONE}, /* names ota_1, which is not there */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        ota_slot_t slot = OTA_SLOT_NONE;
        rig_start(&rig, rows[i].apps, rows[i].copy[0], rows[i].copy[1], 0);
        ota_status_t status = ota_device_last_rejected(&rig.device, &slot);
        assert_int_equal(status, rows[i].slot == OTA_SLOT_NONE ? OTA_ERR_NO_RECORD : OTA_OK);
        if (status == OTA_OK) {
            assert_int_equal(slot, rows[i].slot);
        }
        rig_stop(&rig);
    }
}

static void without_otadata_every_call_says_so(void **state)
{
    (void)state;
    rig_t rig;
    ota_slot_t slot;
    rig_start(&rig, "F 0 1", "1P", "2A", 0);
    rig.device.layout.otadata.size = 0;
    assert_int_equal(ota_device_confirm(&rig.device), OTA_ERR_NO_OTADATA);
    assert_int_equal(ota_device_reject(&rig.device), OTA_ERR_NO_OTADATA);
    assert_int_equal(ota_device_can_reject(&rig.device, &slot), OTA_ERR_NO_OTADATA);
    assert_int_equal(ota_device_last_rejected(&rig.device, &slot), OTA_ERR_NO_OTADATA);
    assert_false(ota_device_on_trial(&rig.device));
    rig_stop(&rig);
}

/* --- failures ---------------------------------------------------------------------------- */

static ota_status_t select_other(ota_device_t *device)
{
    return ota_device_select(device, device->running == 1 ? 0 : 1, false, NULL);
}

static ota_status_t select_factory(ota_device_t *device)
{
    return ota_device_select(device, F, false, NULL);
}

/* Which slot boots from the chip as it stands, under this policy; the records move on. */
static ota_slot_t boots(const rig_t *rig, const char *apps, ota_policy_t policy)
{
    world_t world;
    boot_result_t boot;
    world_make(&world, apps, "-", "-");
    world.config.rollback = true;
    world.config.policy = policy;
    for (uint32_t i = 0; i < 2; i++) {
        ota_entry_decode(&world.od.copy[i], rig->nor.bytes + RIG_OTADATA + i * OTA_OTADATA_SECTOR);
    }
    world_boot(&world, &boot);
    return boot.booted;
}

typedef struct {
    const char *copy[2], *apps;
    ota_slot_t running;
    ota_status_t (*call)(ota_device_t *device);
    ota_slot_t old, new; /* what may boot afterwards */
} failure_t;

/* Operation k fails, and so do all after it: a power cut before it. */
static void check_failure(const failure_t *row, int64_t k, bool *done)
{
    rig_t rig;
    rig_start(&rig, row->apps, row->copy[0], row->copy[1], row->running);
    rig.device.boot.rollback = true;
    rig.nor.fail_in = k;
    rig.nor.fail_for_ever = true;
    ota_status_t status = row->call(&rig.device);
    *done = status == OTA_OK;
    for (int policy = OTA_POLICY_STOCK; policy <= (int)OTA_POLICY_OTARY; policy++) {
        ota_slot_t booted = boots(&rig, row->apps, (ota_policy_t)policy);
        if (booted != row->old && booted != row->new) {
            char text[48];
            fail_msg("%s %s, operation %d: %s boots %d", row->copy[0], row->copy[1], (int)k,
                     rig_otadata(&rig, text), booted);
        }
        assert_true(!*done || booted == row->new);
    }
    assert_true(*done || status == OTA_ERR_FLASH_ERASE || status == OTA_ERR_FLASH_PROGRAM);
    rig.nor.fail_in = -1;
    if (row->call == select_other || row->call == select_factory) { /* asked again, it works */
        assert_int_equal(row->call(&rig.device), OTA_OK);
        assert_int_equal(boots(&rig, row->apps, OTA_POLICY_STOCK), row->new);
    }
    rig_stop(&rig);
}

static void whatever_operation_fails_the_old_or_the_new_choice_boots(void **state)
{
    (void)state;
    static const failure_t rows[] = {
        {{"-", "-"}, "F 0 1", F, select_other, F, 1},
        {{"1V", "-"}, "0 1", 0, select_other, 0, 1},
        {{"1V", "2V"}, "0 1", 1, select_other, 1, 0},
        {{"0xFFFFFFFEV", "0xFFFFFFFDV"}, "0 1", 1, select_other, 1, 0},
        {{"1V", "2V"}, "F 0 1", 1, select_factory, 1, F},
        {{"3V", "2V"}, "F 0 1", 0, select_factory, 0, F},
        {{"1V", "2P"}, "0 1", 1, ota_device_confirm, 0, 1}, /* a trial that ends here: old */
        {{"3P", "2V"}, "F 0 1", 0, ota_device_confirm, 1, 0},
        {{"1P", "-"}, "0 1x", 0, ota_device_confirm, 0, 0},
        {{"1V", "2P"}, "0 1", 1, ota_device_reject, 0, 0},
        {{"1A", "2P"}, "F 0 1", 1, ota_device_reject, F, F},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool done = false;
        for (int64_t k = 0; !done; k++) {
            assert_true(k < 10);
            check_failure(&rows[i], k, &done);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confirming_acts_on_the_running_slots_record),
        cmocka_unit_test(rejecting_needs_something_to_go_back_to),
        cmocka_unit_test(can_reject_names_the_slot_that_will_boot),
        cmocka_unit_test(can_reject_needs_a_record_of_the_running_slot),
        cmocka_unit_test(a_bootloader_of_ours_goes_to_factory_at_once),
        cmocka_unit_test(an_older_secure_version_is_no_way_back),
        cmocka_unit_test(confirming_burns_the_running_apps_version_and_repeats_what_failed),
        cmocka_unit_test(the_last_rejected_slot_is_the_one_with_the_smaller_sequence),
        cmocka_unit_test(without_otadata_every_call_says_so),
        cmocka_unit_test(whatever_operation_fails_the_old_or_the_new_choice_boots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
