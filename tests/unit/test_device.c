/* SPDX-License-Identifier: Apache-2.0 */
/* device: which slot is next, what may boot, choosing, confirming, rejecting; and all of it with
 * every flash operation failing once. */
#include "ota/device.h"

#include "ota/update.h"
#include "support/rig.h"
#include "support/unit.h"

#define F OTA_SLOT_FACTORY
#define T OTA_SLOT_TEST

static void the_running_slot_is_found_by_its_address(void **state)
{
    (void)state;
    rig_t rig;
    rig_start(&rig, "F 0 1 T", "-", "-", 1);
    ota_device_t *d = &rig.device;
    ota_update_t of_another_life = {0};
    d->sessions = &of_another_life;
    assert_int_equal(ota_device_init(d, &rig.table, rig_address(F)), OTA_OK);
    assert_int_equal(d->running, F);
    assert_null(d->sessions);
    assert_int_equal(ota_device_init(d, &rig.table, rig_address(T) + 0xFFFF), OTA_OK);
    assert_int_equal(d->running, T);
    assert_int_equal(ota_device_init(d, &rig.table, 0x9000), OTA_ERR_NOT_A_SLOT);
    assert_int_equal(ota_device_init(d, NULL, 0x10000), OTA_ERR_ARG);
    assert_int_equal(ota_device_init(NULL, &rig.table, 0x10000), OTA_ERR_ARG);
    d->flash = NULL;
    assert_int_equal(ota_device_init(d, &rig.table, 0x10000), OTA_ERR_ARG);
    rig_stop(&rig);
}

static void otadata_over_the_running_app_would_have_destroyed_it(void **state)
{
    (void)state;
    rig_t rig;
    rig_start(&rig, "F 0 1 T", "-", "-", 1);
    uint8_t bytes[OTA_TABLE_SIZE];
    const ota_table_t table = {bytes, rig.table.count};
    memcpy(bytes, rig.table.bytes, table.count * OTA_TABLE_ENTRY);
    for (uint32_t i = 0; i < table.count; i++) {
        ota_part_t part;
        assert_int_equal(ota_table_get(&table, i, &part), OTA_OK);
        if (part.type == OTA_TYPE_DATA && part.subtype == OTA_SUBTYPE_OTADATA) {
            part.offset = rig_address(1) - 0x1000; /* its second sector is the app's first */
            ota_table_encode(bytes + i * OTA_TABLE_ENTRY, &part);
        }
    }
    assert_int_equal(ota_device_init(&rig.device, &table, rig_address(1)), OTA_ERR_RUNNING);
    assert_int_equal(ota_device_init(&rig.device, &table, rig_address(T)), OTA_OK);
    rig_stop(&rig);
}

static void the_next_slot_is_never_the_running_one(void **state)
{
    (void)state;
    static const struct {
        const char *apps;
        ota_slot_t running, next;
        ota_status_t status;
    } rows[] = {
        {"F 0 1", F, 0, OTA_OK},
        {"0 1", 0, 1, OTA_OK},
        {"0 1", 1, 0, OTA_OK},
        {"0 1 2", 2, 0, OTA_OK},
        {"0 1 T", T, 0, OTA_OK},
        {"0", 0, OTA_SLOT_NONE, OTA_ERR_ONLY_SLOT}, /* gaps 27: huge_app.csv */
        {"F 0", F, 0, OTA_OK},
        {"F", F, OTA_SLOT_NONE, OTA_ERR_NO_SLOTS},
        {"0 2", 0, 0, OTA_ERR_SLOT_UNREACHABLE}, /* gaps 23: no bootloader would find ota_2 */
        {"F 2", F, 2, OTA_ERR_SLOT_UNREACHABLE},
        {"F 1", F, 1, OTA_ERR_SLOT_UNREACHABLE},
        {"F 5 6", F, 5, OTA_ERR_SLOT_UNREACHABLE},
        {"0 1 3", 1, 0, OTA_OK},
        {"0 5", 5, 0, OTA_OK},
        {"0 1 5", 1, 0, OTA_OK},
        {"0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 T", 15, 0, OTA_OK}, /* gaps 24 */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        ota_slot_t next = OTA_SLOT_NONE;
        rig_start(&rig, rows[i].apps, "-", "-", rows[i].running);
        assert_int_equal(ota_device_next(&rig.device, &next), rows[i].status);
        if (rows[i].status == OTA_OK) {
            assert_int_equal(next, rows[i].next);
        }
        rig_stop(&rig);
    }
}

static void the_next_slot_stays_while_a_session_is_open(void **state)
{
    (void)state;
    rig_t rig;
    ota_slot_t next;
    rig_start(&rig, "0 1 2", "-", "-", 0);
    ota_update_t other = {.staging = {.type = OTA_TYPE_DATA, .subtype = OTA_SUBTYPE_OTA_0}};
    ota_update_t session = {.next = &other,
                            .staging = {.type = OTA_TYPE_APP, .subtype = OTA_SUBTYPE_OTA_0 + 2}};
    rig.device.sessions = &session;
    assert_int_equal(ota_device_next(&rig.device, &next), OTA_OK);
    assert_int_equal(next, 2);
    rig.device.sessions = &other; /* data of that subtype number is no slot */
    assert_int_equal(ota_device_next(&rig.device, &next), OTA_OK);
    assert_int_equal(next, 1);
    rig_stop(&rig);
}

static void the_verdict_is_the_bootloaders(void **state)
{
    (void)state;
    rig_t rig;
    ota_fault_t fault;
    rig_start(&rig, "0 1x 2u 3@2 4@17", "-", "-", 0);
    ota_device_t *d = &rig.device;
    assert_int_equal(ota_device_verdict(d, 0, &fault), OTA_OK);
    assert_int_equal(fault.status, OTA_OK);
    assert_int_equal(ota_device_verdict(d, 0, NULL), OTA_OK);
    assert_int_equal(ota_device_verdict(d, 1, &fault), OTA_ERR_IMAGE_CHECKSUM);
    assert_int_equal(fault.status, OTA_ERR_IMAGE_CHECKSUM);
    assert_int_equal(ota_device_verdict(d, 2, &fault), OTA_ERR_IMAGE_MAGIC);
    assert_int_equal(fault.offset, 0);
    assert_int_equal(ota_device_verdict(d, 9, &fault), OTA_ERR_NOT_A_SLOT);
    assert_int_equal(fault.status, OTA_ERR_NOT_A_SLOT);
    assert_int_equal(ota_device_verdict(d, OTA_SLOT_NONE, NULL), OTA_ERR_NOT_A_SLOT);

    d->boot.anti_rollback = true;
    rig.burnt = 3;
    assert_int_equal(ota_device_verdict(d, 3, &fault), OTA_ERR_SECURE_VERSION);
    rig.burnt = 2;
    assert_int_equal(ota_device_verdict(d, 3, &fault), OTA_OK);
    assert_int_equal(ota_device_verdict(d, 4, &fault), OTA_ERR_SECURE_VERSION); /* field: 16 */
    assert_int_equal(fault.offset, OTA_APP_DESC_OFFSET + 4);
    assert_int_equal(fault.found, 17);
    assert_int_equal(fault.expected, 16);
    d->boot.secure_version_bits = 17;
    assert_int_equal(ota_device_verdict(d, 4, &fault), OTA_OK);
    d->efuse = NULL;
    rig.burnt = 17;
    assert_int_equal(ota_device_verdict(d, 3, &fault), OTA_OK);
    d->efuse = &rig.efuse;
    rig.efuse_status = OTA_ERR_PORT;
    assert_int_equal(ota_device_verdict(d, 4, &fault), OTA_ERR_PORT);
    ota_image_rules_t rules;
    ota_device_rules(d, d->layout.slot[4], &rules);
    assert_int_equal(rules.secure_version, UINT32_MAX);
    rig_stop(&rig);
}

static void an_image_for_a_larger_chip_is_refused_before_it_is_chosen(void **state)
{
    (void)state;
    rig_t rig;
    ota_fault_t fault;
    char text[48];
    rig_start(&rig, "0 1", "1V", "-", 0);
    rig.nor.bytes[rig_address(1) + 3] = 0x40; /* 16 MiB */
    assert_int_equal(ota_device_select(&rig.device, 1, false, &fault), OTA_ERR_IMAGE_FLASH_SIZE);
    assert_string_equal(rig_otadata(&rig, text), "1V -");
    rig_stop(&rig);
}

typedef struct {
    const char *copy[2], *apps;
    bool rollback;
    ota_slot_t running, select;
    ota_status_t status;
    const char *after;
} select_row_t;

static void selecting_writes_what_espressifs_call_writes_except_for_its_faults(void **state)
{
    (void)state;
    static const select_row_t rows[] = {
        {{"-", "-"}, "F 0 1", false, F, 0, OTA_OK, "1U -"},
        {{"-", "-"}, "F 0 1", true, F, 1, OTA_OK, "2N -"},
        {{"1V", "-"}, "0 1", true, 0, 1, OTA_OK, "1V 2N"},
        {{"1V", "2V"}, "0 1", true, 1, 0, OTA_OK, "3N 2V"},
        {{"3A", "2V"}, "0 1", true, 1, 0, OTA_OK, "3N 2V"},
        {{"1V", "2U"}, "0 1", true, 0, 1, OTA_OK, "1V 2N"}, /* in force, unproved: on trial */
        {{"1V", "2V"}, "0 1", true, 0, 1, OTA_OK, "1V 2N"},
        {{"1V", "2V"}, "0 1", true, 1, 1, OTA_OK, "1V 2V"}, /* gaps 26 */
        {{"1V", "2P"}, "0 1", true, 1, 1, OTA_OK, "1V 2N"}, /* it runs, but not confirmed yet */
        {{"1V", "-"}, "F 0 1", true, 0, F, OTA_OK, "- -"},
        {{"-", "-"}, "F 0 1", true, F, F, OTA_OK, "- -"},
        {{"1V", "-"}, "0 1 T", true, 0, T, OTA_ERR_NOT_A_SLOT, "1V -"}, /* gaps 25 */
        {{"1V", "-"}, "0 1", true, 0, F, OTA_ERR_NOT_A_SLOT, "1V -"},
        {{"1V", "-"}, "0 2", true, 0, 2, OTA_ERR_SLOT_UNREACHABLE, "1V -"}, /* gaps 23 */
        {{"1V", "-"}, "0 1x", true, 0, 1, OTA_ERR_IMAGE_CHECKSUM, "1V -"},
        {{"0xFFFFFFFEV", "0xFFFFFFFDV"}, "0 1", true, 1, 0, OTA_OK, "2V 3N"}, /* gaps 30 */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        char text[48];
        ota_fault_t fault;
        rig_start(&rig, rows[i].apps, rows[i].copy[0], rows[i].copy[1], rows[i].running);
        rig.device.boot.rollback = rows[i].rollback;
        assert_int_equal(ota_device_select(&rig.device, rows[i].select, false, &fault),
                         rows[i].status);
        assert_int_equal(fault.status, rows[i].status);
        assert_string_equal(rig_otadata(&rig, text), rows[i].after);
        if (rows[i].status == OTA_OK) { /* and again: nothing more to write */
            uint64_t before = rig.nor.erases[0];
            assert_int_equal(ota_device_select(&rig.device, rows[i].select, true, NULL), OTA_OK);
            assert_int_equal(rig.nor.erases[0], before);
            assert_int_equal(ota_device_chosen(&rig.device), rows[i].select);
        }
        rig_stop(&rig);
    }
}

typedef struct {
    unsigned count;
    uint32_t address[4];
} erased_t;

static bool note_erase(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    erased_t *erased = user;
    (void)data, (void)len;
    assert_int_equal(op, NOR_ERASE);
    assert_true(erased->count < 4);
    erased->address[erased->count++] = addr;
    return true;
}

static void choosing_factory_erases_each_record_once_and_the_one_in_force_last(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2];
        unsigned count;
        uint32_t sector[2];
    } rows[] = {
        {{"1V", "2V"}, 2, {0, 1}}, {{"3V", "2V"}, 2, {1, 0}}, {{"1V", "-"}, 1, {0, 0}},
        {{"-", "2V"}, 1, {1, 0}},  {{"-", "-"}, 0, {0, 0}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        erased_t erased = {0};
        rig_start(&rig, "F 0 1", rows[i].copy[0], rows[i].copy[1], F);
        rig.nor.watch = note_erase;
        rig.nor.user = &erased;
        assert_int_equal(ota_device_select(&rig.device, F, false, NULL), OTA_OK);
        assert_int_equal(erased.count, rows[i].count);
        for (unsigned n = 0; n < rows[i].count; n++) {
            assert_int_equal(erased.address[n],
                             RIG_OTADATA + rows[i].sector[n] * OTA_OTADATA_SECTOR);
        }
        rig_stop(&rig);
    }
}

static void trusted_skips_the_verdict_and_nothing_else(void **state)
{
    (void)state;
    rig_t rig;
    char text[48];
    rig_start(&rig, "0 1x", "1V", "-", 0);
    rig.device.boot.anti_rollback = true; /* which has rollback in it */
    assert_int_equal(ota_device_select(&rig.device, 1, true, NULL), OTA_OK);
    assert_string_equal(rig_otadata(&rig, text), "1V 2N");
    assert_int_equal(ota_device_select(&rig.device, 7, true, NULL), OTA_ERR_NOT_A_SLOT);
    rig.device.layout.otadata.size = 0;
    assert_int_equal(ota_device_select(&rig.device, 0, true, NULL), OTA_ERR_NO_OTADATA);
    rig.device.layout.otadata.size = 0x1000;
    assert_int_equal(ota_device_select(&rig.device, 0, true, NULL), OTA_ERR_OTADATA_SIZE);
    rig_stop(&rig);
}

static void the_choice_without_a_record_is_factory_else_the_lowest_slot(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *apps;
        ota_slot_t running, chosen;
    } rows[] = {
        {{"-", "-"}, "F 0 1", F, F},
        {{"-", "-"}, "0 1", 0, 0},
        {{"1V!", "2V!"}, "2 3", 2, 2},
        {{"-", "-"}, "15 T", T, 15},
        {{"1A", "2I"}, "F 0 1", F, F},
        {{"1V", "2N"}, "F 0 1", 0, 1},
        {{"1V", "2A"}, "F 0 1", 0, 0},
        {{"2V", "-"}, "0 2", 0, OTA_SLOT_NONE}, /* names ota_1, which is not there */
        {{"1V", "-"}, "T", T, T},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        rig_start(&rig, rows[i].apps, rows[i].copy[0], rows[i].copy[1], rows[i].running);
        assert_int_equal(ota_device_chosen(&rig.device), rows[i].chosen);
        rig_stop(&rig);
    }
    rig_t rig;
    rig_start(&rig, "0 1", "2V", "-", 0);
    rig.device.layout.otadata.size = 0;
    assert_int_equal(ota_device_chosen(&rig.device), 0); /* gaps 28 */
    rig.device.layout.otadata.size = 0x1000;
    assert_int_equal(ota_device_chosen(&rig.device), OTA_SLOT_NONE); /* a stock device resets */
    rig.device.boot.policy = OTA_POLICY_OTARY;
    assert_int_equal(ota_device_chosen(&rig.device), 0);
    memset(&rig.device.layout.slot, 0, sizeof(rig.device.layout.slot));
    assert_int_equal(ota_device_chosen(&rig.device), OTA_SLOT_NONE);
    rig_stop(&rig);
}

/* gaps 22: the newest record of a slot, not the first. */
static void the_state_is_the_newest_records(void **state)
{
    (void)state;
    rig_t rig;
    uint32_t s = 99;
    rig_start(&rig, "0 1", "1V", "3I", 0);
    assert_int_equal(ota_device_state(&rig.device, 0, &s), OTA_OK);
    assert_int_equal(s, OTA_STATE_INVALID);
    assert_int_equal(ota_device_state(&rig.device, 1, &s), OTA_ERR_NO_RECORD);
    assert_int_equal(ota_device_state(&rig.device, F, &s), OTA_ERR_NO_RECORD);
    rig_records(&rig, "1V!", "-");
    assert_int_equal(ota_device_state(&rig.device, 0, &s), OTA_ERR_NO_RECORD);
    rig.device.layout.boot_count = 0;
    assert_int_equal(ota_device_state(&rig.device, 0, &s), OTA_ERR_NO_SLOTS);
    rig.device.layout.otadata.size = 0;
    assert_int_equal(ota_device_state(&rig.device, 0, &s), OTA_ERR_NO_OTADATA);
    rig_stop(&rig);
}

static void a_trial_exists_only_with_rollback_and_for_the_running_app(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2];
        bool rollback;
        ota_slot_t running;
        bool on_trial;
    } rows[] = {
        {{"1V", "2P"}, true, 1, true},   {{"1V", "2P"}, false, 1, false},
        {{"1V", "2P"}, true, 0, false},  {{"1V", "2N"}, true, 1, false},
        {{"1V", "2P!"}, true, 1, false}, {{"1P", "2P"}, true, F, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_t rig;
        rig_start(&rig, "F 0 1", rows[i].copy[0], rows[i].copy[1], rows[i].running);
        rig.device.boot.rollback = rows[i].rollback;
        assert_int_equal(ota_device_on_trial(&rig.device), rows[i].on_trial);
        rig_stop(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_running_slot_is_found_by_its_address),
        cmocka_unit_test(otadata_over_the_running_app_would_have_destroyed_it),
        cmocka_unit_test(the_next_slot_is_never_the_running_one),
        cmocka_unit_test(the_next_slot_stays_while_a_session_is_open),
        cmocka_unit_test(the_verdict_is_the_bootloaders),
        cmocka_unit_test(an_image_for_a_larger_chip_is_refused_before_it_is_chosen),
        cmocka_unit_test(selecting_writes_what_espressifs_call_writes_except_for_its_faults),
        cmocka_unit_test(choosing_factory_erases_each_record_once_and_the_one_in_force_last),
        cmocka_unit_test(trusted_skips_the_verdict_and_nothing_else),
        cmocka_unit_test(the_choice_without_a_record_is_factory_else_the_lowest_slot),
        cmocka_unit_test(the_state_is_the_newest_records),
        cmocka_unit_test(a_trial_exists_only_with_rollback_and_for_the_running_app),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
