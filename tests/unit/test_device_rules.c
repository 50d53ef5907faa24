/* SPDX-License-Identifier: Apache-2.0 */
/* device: what an image is held against, verdicts over flash that fails, and the eFuse. */
#include "ota/device.h"

#include "support/rig.h"
#include "support/unit.h"

#define F OTA_SLOT_FACTORY

/* --- the rules ------------------------------------------------------------------------------ */

static const ota_chip_t *no_chip(uint16_t id)
{
    (void)id;
    return NULL;
}

static void an_image_is_held_against_all_that_the_device_is(void **state)
{
    (void)state;
    static const ota_trust_t trust = {.scheme = OTA_SCHEME_V2_RSA3072};
    static uint8_t workspace[OTA_SIGNATURE_BLOCK];
    const ota_region_t where = {0x20000, 0x10000};
    rig_t rig;
    rig_start(&rig, "0 1", "-", "-", 0);
    ota_device_t *d = &rig.device;
    d->chip_by_id = no_chip;
    d->chip_rev = 301;
    d->block_rev = 102;
    d->any_rev = true;
    d->require_hash = true;
    d->trust = &trust;
    d->workspace = workspace;
    d->crypto = &ota_crypto_builtin;
    ota_image_rules_t expected;
    memset(&expected, 0, sizeof(expected));
    expected.kind = OTA_IMAGE_APP;
    expected.chip = d->chip;
    expected.chip_by_id = no_chip;
    expected.chip_rev = 301;
    expected.block_rev = 102;
    expected.any_rev = true;
    expected.address = 0x20000;
    expected.limit = 0x10000;
    expected.flash_size = RIG_SIZE;
    expected.require_hash = true;
    expected.trust = &trust;
    expected.workspace = workspace;
    expected.crypto = &ota_crypto_builtin;
    ota_image_rules_t rules;
    memset(&rules, 0xA5, sizeof(rules));
    ota_device_rules(d, where, &rules);
    assert_memory_equal(&rules, &expected, sizeof(rules));
    rig_stop(&rig);
}

static void a_floor_takes_anti_rollback_and_an_efuse_that_can_be_read(void **state)
{
    (void)state;
    static const struct {
        bool anti_rollback, efuse;
        ota_status_t reads;
        bool counts;
        uint32_t floor;
        ota_status_t verdict; /* of an image with secure version 2 */
    } rows[] = {
        {false, false, OTA_OK, false, 0, OTA_OK},
        {false, true, OTA_OK, false, 0, OTA_OK},
        {false, true, OTA_ERR_PORT, false, 0, OTA_OK}, /* nobody asks it */
        {true, false, OTA_OK, false, 0, OTA_OK},
        {true, true, OTA_OK, true, 3, OTA_ERR_SECURE_VERSION},
        {true, true, OTA_ERR_PORT, true, UINT32_MAX, OTA_ERR_PORT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        ota_image_rules_t rules;
        ota_fault_t fault;
        rig_start(&rig, "0 1@2", "-", "-", 0);
        rig.burnt = 3;
        rig.efuse_status = rows[i].reads;
        rig.device.boot.anti_rollback = rows[i].anti_rollback;
        rig.device.efuse = rows[i].efuse ? &rig.efuse : NULL;
        ota_device_rules(&rig.device, rig.device.layout.slot[1], &rules);
        assert_int_equal(rules.anti_rollback, rows[i].counts);
        assert_int_equal(rules.secure_version, rows[i].floor);
        assert_int_equal(ota_device_verdict(&rig.device, 1, &fault), rows[i].verdict);
        assert_int_equal(fault.status, rows[i].verdict);
        rig_stop(&rig);
    }
}

/* --- flash that fails ----------------------------------------------------------------------- */

static struct {
    unsigned count;   /* reads so far */
    unsigned failing; /* the one that fails, from 1; 0: none */
} reads;

static ota_status_t counted_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    memcpy(dst, nor->bytes + addr, len);
    return ++reads.count == reads.failing ? OTA_ERR_FLASH_READ : OTA_OK;
}

static ota_status_t verdict_failing_at(rig_t *rig, unsigned failing, ota_fault_t *fault)
{
    reads.count = 0;
    reads.failing = failing;
    return ota_device_verdict(&rig->device, 1, fault);
}

static void whichever_read_fails_there_is_no_verdict(void **state)
{
    (void)state;
    for (uint32_t version = 2; version <= 17; version += 15) { /* 17: more than the eFuse holds */
        rig_t rig;
        ota_fault_t fault;
        rig_start(&rig, "0 1", "-", "-", 0);
        rig_image(&rig, 1, version);
        rig.device.boot.anti_rollback = true;
        rig.nor.flash.read = counted_read;
        ota_status_t expected = version == 2 ? OTA_OK : OTA_ERR_SECURE_VERSION;
        assert_int_equal(verdict_failing_at(&rig, 0, &fault), expected);
        assert_int_equal(fault.status, expected);
        assert_int_equal(verdict_failing_at(&rig, 0, NULL), expected);
        unsigned all = reads.count;
        for (unsigned n = 1; n <= all; n++) {
            assert_int_equal(verdict_failing_at(&rig, n, &fault), OTA_ERR_FLASH_READ);
            assert_int_equal(fault.status, OTA_ERR_FLASH_READ);
            assert_int_equal(verdict_failing_at(&rig, n, NULL), OTA_ERR_FLASH_READ);
        }
        rig_stop(&rig);
    }
}

/* --- the eFuse ------------------------------------------------------------------------------ */

static ota_status_t unreadable(void *ctx, uint32_t *version)
{
    (void)ctx;
    *version = 0;
    return OTA_ERR_PORT;
}

static ota_status_t unburnable(void *ctx, uint32_t version)
{
    (void)ctx, (void)version;
    return OTA_ERR_PORT;
}

static void confirming_says_what_the_efuse_says_and_never_burns_blindly(void **state)
{
    (void)state;
    rig_t rig;
    char text[48];
    rig_start(&rig, "0@1 1@2", "1V", "2P", 1);
    rig.device.boot.anti_rollback = true;
    ota_efuse_t whole = rig.efuse;
    rig.efuse.read = unreadable;
    assert_int_equal(ota_device_confirm(&rig.device), OTA_ERR_PORT);
    assert_int_equal(rig.burns, 0);
    assert_string_equal(rig_otadata(&rig, text), "1V 2V"); /* gaps 16 */
    rig.efuse = whole;
    rig.efuse.raise = unburnable;
    assert_int_equal(ota_device_confirm(&rig.device), OTA_ERR_PORT);
    rig.efuse = whole;
    assert_int_equal(ota_device_confirm(&rig.device), OTA_OK);
    assert_int_equal(rig.burnt, 2);
    rig_stop(&rig);
}

/* What cannot be read is no secure version. */
static void a_running_app_without_descriptor_burns_nothing(void **state)
{
    (void)state;
    rig_t rig;
    rig_start(&rig, "0@1 1@2", "1V", "2P", 1);
    rig.device.boot.anti_rollback = true;
    rig.nor.bytes[rig_address(1) + OTA_APP_DESC_OFFSET] = 0;
    assert_int_equal(ota_device_confirm(&rig.device), OTA_ERR_IMAGE_DESCRIPTOR);
    assert_int_equal(rig.burns, 0);
    rig_stop(&rig);
}

static void a_rejected_app_is_remembered_whatever_its_secure_version(void **state)
{
    (void)state;
    rig_t rig;
    ota_slot_t slot = F;
    rig_start(&rig, "0@3 1@2", "1V", "2A", 0);
    rig.device.boot.anti_rollback = true;
    rig.burnt = 3;
    assert_int_equal(ota_device_verdict(&rig.device, 1, NULL), OTA_ERR_SECURE_VERSION);
    assert_int_equal(ota_device_last_rejected(&rig.device, &slot), OTA_OK);
    assert_int_equal(slot, 1);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_is_held_against_all_that_the_device_is),
        cmocka_unit_test(a_floor_takes_anti_rollback_and_an_efuse_that_can_be_read),
        cmocka_unit_test(whichever_read_fails_there_is_no_verdict),
        cmocka_unit_test(confirming_says_what_the_efuse_says_and_never_burns_blindly),
        cmocka_unit_test(a_running_app_without_descriptor_burns_nothing),
        cmocka_unit_test(a_rejected_app_is_remembered_whatever_its_secure_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
