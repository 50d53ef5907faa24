/* SPDX-License-Identifier: Apache-2.0 */
/* commit: which record is in force, of two that both could be, at every number, and under a stock
 * bootloader. */
#include "ota/commit.h"

#include "support/commit_chip.h"
#include "support/unit.h"

#include <stdio.h>

/* --- numbers ---------------------------------------------------------------------------------- */

static void a_record_is_newer_than_the_one_beside_it_at_every_sequence(void **state)
{
    (void)state;
    static const uint32_t seqs[] = {1,          2,          3,          0x7FFFFFFF,
                                    0x80000000, 0xFFFFFFF0, 0xFFFFFFFA, 0xFFFFFFFB,
                                    0xFFFFFFFC, 0xFFFFFFFD, 0xFFFFFFFE};
    for (size_t i = 0; i < sizeof(seqs) / sizeof(seqs[0]) * 16 * 18; i++) {
        uint8_t count = (uint8_t)(1 + i / 11 % 16);
        ota_slot_t slot = (ota_slot_t)(i / 11 / 16);
        char text[32];
        uint32_t seq = seqs[i % 11];
        chip_t chip;
        (void)snprintf(text, sizeof(text), "R%u %u V0", (unsigned)seq,
                       (unsigned)((seq - 1) % count));
        chip_start(&chip, (const char *const[]){"w", text}, count, 1);
        chip.commit.record.slot = slot < 16 ? slot : slot == 16 ? OTA_SLOT_FACTORY : OTA_SLOT_NONE;
        ota_commit_close(&chip.commit, &chip.od, count, true);
        const ota_record_t *record = &chip.commit.record;
        assert_true(record->seq != seq && record->seq != 0 && record->seq != OTA_SEQ_EMPTY);
        assert_int_equal(record->replaces, seq);
        assert_true(record->seq > seq || seq > 0xFFFFFFF0 - count);
        if (record->seq > seq) {
            assert_true(record->seq - seq <= count);
        }
        assert_int_equal(chip_execute(&chip), OTA_OK);
        const ota_record_t written = chip.commit.record;
        chip_read(&chip);
        assert_int_equal(chip.commit.sector, 0);
        assert_true(ota_commit_same(&chip.commit.record, &written));
        chip_stop(&chip);
    }
}

/* --- under a stock bootloader ------------------------------------------------------------------
 */

static void under_a_stock_bootloader_what_it_sees_is_in_force(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2];
        int8_t sector;
        bool foreign;
        ota_slot_t slot;
    } rows[] = {
        {{"R3 0 V0", "R4 1 1/1 else 0 V0"}, 1, false, 1},
        {{"R3 0 V0", "R4? 1 1/1 else 0 V0"}, 1, false, 1}, /* it does not know of seals */
        {{"R3 0 V0", "R4 1 V1 | 4A"}, 0, false, 0},
        {{"R3 0 V0", "R4 1 V1 | 4P"}, 1, true, 1},
        {{"R3 0 V0", "R4 1 V1 | -"}, 0, false, 0},
        {{"R3 0 V0", "4P"}, 1, true, 1},
        {{"R3 F", "w"}, 0, false, OTA_SLOT_FACTORY},
        {{"R3 F", "2V"}, 1, true, 1},
        {{"2V", "R3 F"}, 0, true, 1},
        {{"R3 F", "R4 F"}, 1, false, OTA_SLOT_FACTORY},
        {{"R3? F", "w"}, OTA_SECTOR_NONE, false, OTA_SLOT_NONE},
        {{"R1 0 V0 replaces 0xFFFFFFFE", "R0xFFFFFFFE 1 V1"}, 1, false, 1}, /* the larger */
        {{"w", "-"}, OTA_SECTOR_NONE, false, OTA_SLOT_NONE},
        {{"1A", "2I"}, OTA_SECTOR_NONE, false, OTA_SLOT_NONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        chip_t chip;
        chip_start(&chip, rows[i].copy, 2, 1);
        chip.config.policy = OTA_POLICY_STOCK;
        chip_read(&chip);
        if (chip.commit.sector != rows[i].sector || chip.commit.foreign != rows[i].foreign ||
            chip.commit.record.slot != rows[i].slot) {
            fail_msg("%s: sector %d, foreign %d, slot %d", chip.name, chip.commit.sector,
                     chip.commit.foreign, chip.commit.record.slot);
        }
        chip_stop(&chip);
    }
}

static void without_slots_or_otadata_there_is_nothing_to_commit(void **state)
{
    (void)state;
    chip_t chip;
    chip_start(&chip, (const char *const[]){"1V", "R3 0 V0"}, 0, 1);
    assert_int_equal(chip.commit.sector, OTA_SECTOR_NONE);
    ota_commit_close(&chip.commit, &chip.od, 0, false);
    assert_true(ota_commit_idle(&chip.commit));
    ota_region_t none = {0, 0};
    ota_region_t small = {CHIP_OTADATA, OTA_OTADATA_SECTOR};
    ota_region_t high = {0xFFFFF000, OTA_OTADATA_SIZE};
    assert_int_equal(ota_commit_execute(&chip.commit, &chip.od, 0, &chip.nor.flash, none), OTA_OK);
    ota_commit_close(&chip.commit, &chip.od, 0, true);
    assert_false(ota_commit_idle(&chip.commit));
    assert_int_equal(ota_commit_execute(&chip.commit, &chip.od, 0, &chip.nor.flash, none),
                     OTA_ERR_NO_OTADATA);
    assert_int_equal(ota_commit_execute(&chip.commit, &chip.od, 0, &chip.nor.flash, small),
                     OTA_ERR_OTADATA_SIZE);
    assert_int_equal(ota_commit_execute(&chip.commit, &chip.od, 0, &chip.nor.flash, high),
                     OTA_ERR_RANGE);
    chip_stop(&chip);
}

/* The numbers started again, or somebody wrote beside a record what replaces it. */
static void of_two_records_that_replace_each_other_the_later_is_in_force(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2];
        int8_t sector;
    } rows[] = {
        {{"R5 0 V0 replaces 9", "R9 0 replaces 8"}, 0},
        {{"R9 0 replaces 8", "R5 0 V0 replaces 9"}, 1},
        {{"R5 0 V0 replaces 8", "R8 1 V1 replaces 5"}, 1}, /* each the other: the larger number */
        {{"R8 1 V1 replaces 5", "R5 0 V0 replaces 8"}, 0},
        {{"R8 F replaces 5", "R5 0 V0 replaces 8"}, 1}, /* unless it has no entry */
        {{"R5 0 V0 replaces 8", "R8 F replaces 5"}, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        chip_t chip;
        chip_start(&chip, rows[i].copy, 2, 1);
        if (chip.commit.sector != rows[i].sector) {
            fail_msg("%s: %d is in force", chip.name, chip.commit.sector);
        }
        chip_stop(&chip);
    }
}

/* Adopting it is all; only if that cannot be done, a record and its way back are written. */
static void what_adopting_spares_is_not_counted(void **state)
{
    (void)state;
    chip_t chip;
    chip_start(&chip, (const char *const[]){"1V", "2P"}, 2, 1);
    ota_commit_close(&chip.commit, &chip.od, chip.count, false);
    assert_true(chip.commit.spare && chip.commit.behind);
    assert_int_equal(ota_commit_steps(&chip.commit), 1);
    chip.commit.spare = false;
    assert_int_equal(ota_commit_steps(&chip.commit), 3);
    chip_stop(&chip);
}

static void two_records_are_the_same_but_for_their_numbers(void **state)
{
    (void)state;
    ota_record_t a;
    ota_record_t b;
    sector_record(&a, "R3 1 2/3 else 0 V0 refused 2 writing 2");
    b = a;
    b.seq = 99;
    b.replaces = 98;
    assert_true(ota_commit_same(&a, &b));
    b.done_crc ^= 1;
    assert_false(ota_commit_same(&a, &b));
}

/* --- found by the model (proofs/record.pml) --------------------------------------------------- */

/* With its record went the number of boots that were left: cuts that destroy the record of a trial
 * each time gave an image any number of boots that nobody had confirmed. */
static void a_trial_whose_record_is_gone_was_begun_anew(void **state)
{
    (void)state;
    static const char *const ours[2] = {"R3 0 V0", "R4 1 2/3 else 0 V0"};
    static const char *const stock[2] = {"R3 0 V0", "4N"};
    chip_t chip;
    chip_start(&chip, ours, 2, 1);
    memset(chip.nor.bytes + CHIP_OTADATA + OTA_OTADATA_SECTOR + OTA_RECORD_AT, 0, 8);
    chip_read(&chip);
    assert_true(chip.commit.foreign);
    assert_int_equal(chip.commit.record.slot, 1);
    assert_int_equal(chip.commit.record.trial, 3);
    assert_int_equal(chip.commit.record.left, 1);
    chip_stop(&chip);
    chip_start(&chip, stock, 2, 1); /* chosen by stock software: a trial of its own */
    assert_true(chip.commit.foreign);
    assert_int_equal(chip.commit.record.left, 3);
    chip_stop(&chip);
}

/* Seal 2 said that all was solid, and the entry, which had not read, was never programmed again. */
static void seal_2_was_written_beside_an_entry_that_did_not_read(void **state)
{
    (void)state;
    static const char *const copy[2] = {"R4' 1 V1", "w"};
    chip_t chip;
    chip_start(&chip, copy, 2, 1);
    memset(chip.nor.bytes + CHIP_OTADATA, 0xFF, OTA_ENTRY_SIZE); /* today */
    chip_read(&chip);
    assert_true(chip.commit.mend);
    ota_commit_close(&chip.commit, &chip.od, chip.count, false);
    assert_int_equal(chip.commit.firm, 0);
    chip.nor.fail_in = 2; /* the erase behind record and seal 1 */
    assert_int_not_equal(chip_execute(&chip), OTA_OK);
    chip.nor.fail_in = -1;
    chip_read(&chip);
    assert_int_equal(chip.od.marks[0], OTA_MARK_WHOLE | OTA_MARK_SEAL_1);
    ota_commit_close(&chip.commit, &chip.od, chip.count, false);
    assert_int_equal(chip_execute(&chip), OTA_OK);
    chip_read(&chip);
    assert_int_equal(chip.commit.sector, 1);
    assert_false(chip.commit.mend);
    chip_stop(&chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_newer_than_the_one_beside_it_at_every_sequence),
        cmocka_unit_test(under_a_stock_bootloader_what_it_sees_is_in_force),
        cmocka_unit_test(without_slots_or_otadata_there_is_nothing_to_commit),
        cmocka_unit_test(of_two_records_that_replace_each_other_the_later_is_in_force),
        cmocka_unit_test(what_adopting_spares_is_not_counted),
        cmocka_unit_test(two_records_are_the_same_but_for_their_numbers),
        cmocka_unit_test(a_trial_whose_record_is_gone_was_begun_anew),
        cmocka_unit_test(seal_2_was_written_beside_an_entry_that_did_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
