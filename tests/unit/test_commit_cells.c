/* SPDX-License-Identifier: Apache-2.0 */
/* commit: cells that do not take what is written, reads that fail, bits that rot. */
#include "ota/commit.h"

#include "support/boot_world.h"
#include "support/commit_chip.h"
#include "support/unit.h"

#include <stdio.h>

static void try_slot_1(chip_t *chip)
{
    chip->commit.record.slot = 1;
    ota_commit_close(&chip->commit, &chip->od, chip->count, true);
}

/* --- cells that do not take what is written ------------------------------------------------- */

static ota_status_t (*plain_program)(void *ctx, uint32_t addr, const void *src, size_t len);
static uint32_t stuck_at;
static uint8_t stuck_bits;

static ota_status_t stuck_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    nor_sim_t *nor = ctx;
    ota_status_t status = plain_program(ctx, addr, src, len);
    if (stuck_at >= addr && stuck_at < addr + len) {
        nor->bytes[stuck_at] ^= stuck_bits;
    }
    return status;
}

static void what_cannot_be_read_back_was_not_written(void **state)
{
    (void)state;
    static const char *const copy[2] = {"R3 0 V0", "w"};
    for (uint32_t at = 0; at < OTA_WIPED_AT; at++) {
        for (int whole = 0; whole < 2; whole++) {
            chip_t chip;
            chip_start(&chip, copy, 2, 1);
            plain_program = chip.nor.flash.program;
            chip.nor.flash.program = stuck_program;
            stuck_at = CHIP_OTADATA + OTA_OTADATA_SECTOR + at;
            stuck_bits = whole != 0 ? 0xFF : 0x10;
            try_slot_1(&chip);
            bool seal = at >= OTA_SEAL_1_AT; /* one bad byte does not break one */
            assert_int_equal(chip_execute(&chip), seal ? OTA_OK : OTA_ERR_FLASH_MISMATCH);
            chip_stop(&chip);
        }
    }
}

static ota_status_t deaf_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    return addr % OTA_OTADATA_SECTOR == stuck_at ? OTA_OK : plain_program(ctx, addr, src, len);
}

static void a_program_that_changes_nothing_is_noticed(void **state)
{
    (void)state;
    static const char *const copy[2] = {"R3 0 V0", "w"};
    static const uint32_t ats[] = {0, 16, OTA_RECORD_AT, OTA_SEAL_1_AT, OTA_SEAL_2_AT};
    for (size_t i = 0; i < sizeof(ats) / sizeof(ats[0]); i++) {
        chip_t chip;
        chip_start(&chip, copy, 2, 1);
        plain_program = chip.nor.flash.program;
        chip.nor.flash.program = deaf_program;
        stuck_at = ats[i];
        try_slot_1(&chip);
        assert_int_equal(chip_execute(&chip), OTA_ERR_FLASH_MISMATCH);
        chip_stop(&chip);
    }
}

static unsigned reads_left; /* until one fails, */
static unsigned bad_reads;  /* and so many after it */

static ota_status_t failing_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    memcpy(dst, nor->bytes + addr, len);
    if (reads_left > 0) {
        reads_left--;
        return OTA_OK;
    }
    bad_reads -= bad_reads > 0 ? 1u : 0;
    return bad_reads > 0 ? OTA_ERR_FLASH_READ : OTA_OK;
}

static void a_failing_read_ends_reading_and_reading_back(void **state)
{
    (void)state;
    static const char *const copy[2] = {"R3 0 V0", "w"};
    for (unsigned n = 0; n < 6; n++) {
        chip_t chip;
        chip_start(&chip, copy, 2, 1);
        chip.nor.flash.read = failing_read;
        try_slot_1(&chip);
        reads_left = n;
        bad_reads = 2;
        assert_int_equal(chip_execute(&chip), n < 4 ? OTA_ERR_FLASH_READ : OTA_OK);
        reads_left = n;
        bad_reads = 2;
        assert_int_equal(ota_otadata_read_surely(&chip.nor.flash, chip_otadata, &chip.od), OTA_OK);
        reads_left = n;
        bad_reads = 5;
        assert_int_equal(ota_otadata_read_surely(&chip.nor.flash, chip_otadata, &chip.od),
                         n < 2 ? OTA_ERR_FLASH_READ : OTA_OK);
        chip_stop(&chip);
    }
}

static ota_status_t one_wrong_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    memcpy(dst, nor->bytes + addr, len);
    if (reads_left-- == 0) {
        memset(dst, 0xA5, len);
    }
    return OTA_OK;
}

/* A sector that nothing sensible can be read of would be wiped: it is looked at twice. */
static void one_wrong_read_gives_no_record_up(void **state)
{
    (void)state;
    static const char *const copy[2] = {"R3 0 V0", "R4 1 else 0 V0 V1"};
    for (unsigned n = 0; n < 2; n++) {
        chip_t chip;
        chip_start(&chip, copy, 2, 1);
        chip.nor.flash.read = one_wrong_read;
        reads_left = n;
        assert_int_equal(ota_otadata_read_surely(&chip.nor.flash, chip_otadata, &chip.od), OTA_OK);
        assert_int_equal(chip.od.record[0].slot, 0);
        assert_int_equal(chip.od.record[1].slot, 1);
        chip_stop(&chip);
    }
}

/* Of a seal beside which the record has rotted, only blocks that can be programmed are. */
static void a_seal_is_firmed_up_as_far_as_its_cells_go(void **state)
{
    (void)state;
    static const char *const copy[2] = {"4V r", "w"};
    static const uint32_t ats[] = {OTA_SEAL_1_AT, OTA_SEAL_1_AT + 20u, OTA_SEAL_2_AT + 15u};
    for (size_t i = 0; i < sizeof(ats) / sizeof(ats[0]); i++) {
        chip_t chip;
        chip_start(&chip, copy, 2, 1);
        chip.nor.bytes[CHIP_OTADATA + ats[i]] = 0; /* the chip refuses to raise these bits */
        chip_read(&chip);
        assert_true(chip.commit.foreign);
        ota_commit_close(&chip.commit, &chip.od, chip.count, false);
        assert_int_equal(chip_execute(&chip), OTA_OK);
        assert_int_equal(chip.nor.bytes[CHIP_OTADATA + ats[i]], 0);
        chip_stop(&chip);
    }
    for (unsigned n = 0; n < 7; n++) { /* record, seals; then block by block */
        chip_t chip;
        chip_start(&chip, copy, 2, 1);
        ota_commit_close(&chip.commit, &chip.od, chip.count, false);
        chip.nor.flash.read = failing_read;
        reads_left = n;
        bad_reads = 2;
        assert_int_equal(chip_execute(&chip), OTA_ERR_FLASH_READ);
        chip_stop(&chip);
    }
}

/* --- rot -------------------------------------------------------------------------------------- */

static const char *const at_rest[][2] = {
    {"R3 0 V0", "w"},
    {"R3 0 V0", "R4 1 else 0 V0 V1"},
    {"R6 1 else 0 V0 V1 replaces 5", "R5 0 V0"},
    {"R3 0 V0", "R4 1 3/3 else 0 V0"},
    {"R6 1 2/3 else 0 V0 replaces 4", "R4 1 3/3 else 0 V0"},
    {"R10 1 0/3 else 0 V0 replaces 8", "R8 1 1/3 else 0 V0"},
    {"R10 1 0/3 else 0 V0 replaces 8", "R11 0 V0 A1 refused 1 replaces 10"},
    {"R3 F else 0 V0 A1 refused 1", "w"},
    {"1V", "R3 0 V0 replaces 1"},
    {"R1 0 V0 replaces 0xFFFFFFFE", "w"},
};

/* Entries of stock software protect nothing but their sequence; behind them a bit says nothing. */
static const char *const never_adopted[][2] = {
    {"1V", "-"}, {"2V", "1V"}, {"1V", "2N"}, {"-", "2U"}};

static ota_slot_t boots_now(world_t world)
{
    boot_result_t boot;
    world_boot(&world, &boot);
    return boot.booted;
}

/* One bit has turned over, in either direction: what booted before boots, now and, at rest, at the
 * next boot. */
static void turn_bit(const world_t *whole, const char *const copy[2], uint32_t bit)
{
    uint8_t bytes[OTA_JOURNAL_AT];
    int sector = bit / 8 < OTA_JOURNAL_AT ? 0 : 1;
    uint32_t at = bit / 8 % OTA_JOURNAL_AT;
    ota_slot_t expected = boots_now(*whole);
    bool trial = strchr(copy[0], '/') != NULL || strpbrk(copy[1], "/N") != NULL;
    world_t world = *whole;
    boot_result_t boot;
    sector_bytes(bytes, whole->layout.boot_count, copy[sector]);
    bytes[at] = (uint8_t)(bytes[at] ^ 1u << bit % 8);
    ota_otadata_decode(&world.od, sector, bytes);
    for (int n = 0; n < (trial ? 1 : 2); n++) {
        world_boot(&world, &boot);
        if (boot.booted != expected) {
            fail_msg("%s ; %s: boots %d, not %d, with bit %u of byte %x of sector %d", copy[0],
                     copy[1], boot.booted, expected, bit % 8, at, sector);
        }
    }
}

static unsigned turn_bits(const char *const copy[2], uint32_t from)
{
    unsigned bits = 0;
    world_t whole;
    world_make(&whole, "F 0 1", copy[0], copy[1]);
    whole.config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
    for (uint32_t bit = 0; bit < 2 * 8 * OTA_JOURNAL_AT; bit++) { /* nothing reads more */
        if (bit / 8 % OTA_JOURNAL_AT >= from) {
            turn_bit(&whole, copy, bit);
            bits++;
        }
    }
    return bits;
}

static void no_single_rotten_bit_changes_what_boots(void **state)
{
    (void)state;
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof(at_rest) / sizeof(at_rest[0]); i++) {
        bits += turn_bits(at_rest[i], 0);
    }
    for (size_t i = 0; i < sizeof(never_adopted) / sizeof(never_adopted[0]); i++) {
        bits += turn_bits(never_adopted[i], OTA_ENTRY_SIZE);
    }
    print_message("%u bits\n", bits);
}

/* Both blocks alike. */
static bool seal_counts(const char *text, uint32_t at, uint8_t mark, uint32_t bits)
{
    uint8_t bytes[OTA_JOURNAL_AT];
    ota_otadata_t od;
    sector_bytes(bytes, 2, text);
    for (uint32_t i = 0; i < bits; i++) {
        bytes[at + i % 16] ^= (uint8_t)(1u << i / 16);
        bytes[at + 16 + i % 16] ^= (uint8_t)(0x80u >> i / 16);
    }
    memset(&od, 0, sizeof(od));
    ota_otadata_decode(&od, 0, bytes);
    return (od.marks[0] & mark) != 0;
}

static void a_seal_reads_until_more_than_an_eighth_of_both_blocks_has_turned_over(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t at;
        uint8_t mark;
    } rows[] = {
        {"R3 0 V0", OTA_SEAL_1_AT, OTA_MARK_SEAL_1},
        {"R3 0 V0", OTA_SEAL_2_AT, OTA_MARK_SEAL_2},
        {"w", OTA_WIPED_AT, OTA_MARK_WIPED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (uint32_t bits = 0; bits <= 64; bits++) {
            assert_int_equal(seal_counts(rows[i].text, rows[i].at, rows[i].mark, bits), bits <= 16);
        }
    }
}

/* The other block is enough. */
static void one_block_of_a_seal_is_enough(void **state)
{
    (void)state;
    for (uint32_t block = 0; block < 2; block++) {
        uint8_t bytes[OTA_JOURNAL_AT];
        ota_otadata_t od;
        sector_bytes(bytes, 2, "R3 0 V0");
        memset(bytes + OTA_SEAL_1_AT + 16 * block, 0, 16);
        memset(&od, 0, sizeof(od));
        ota_otadata_decode(&od, 0, bytes);
        assert_true((od.marks[0] & OTA_MARK_SEAL_1) != 0);
        assert_true((od.marks[0] & OTA_MARK_SEAL_2) != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_read_back_was_not_written),
        cmocka_unit_test(a_program_that_changes_nothing_is_noticed),
        cmocka_unit_test(a_failing_read_ends_reading_and_reading_back),
        cmocka_unit_test(one_wrong_read_gives_no_record_up),
        cmocka_unit_test(no_single_rotten_bit_changes_what_boots),
        cmocka_unit_test(a_seal_reads_until_more_than_an_eighth_of_both_blocks_has_turned_over),
        cmocka_unit_test(one_block_of_a_seal_is_enough),
        cmocka_unit_test(a_seal_is_firmed_up_as_far_as_its_cells_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
