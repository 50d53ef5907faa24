/* SPDX-License-Identifier: Apache-2.0 */
/* commit: what the bytes of a sector say, and how often one is read that says nothing clear. */
#include "ota/commit.h"

#include "support/commit_chip.h"
#include "support/unit.h"

/* --- marks -------------------------------------------------------------------------------------
 */

#define ALL (OTA_MARK_WHOLE | OTA_MARK_SEAL_1 | OTA_MARK_SEAL_2)

static uint8_t marks_of(const uint8_t bytes[OTA_JOURNAL_AT])
{
    ota_otadata_t od;
    memset(&od, 0xEE, sizeof(od));
    ota_otadata_decode(&od, 1, bytes);
    return od.marks[1];
}

static void every_sector_has_its_marks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t marks;
    } rows[] = {
        {"-", 0},
        {"w", OTA_MARK_WIPED},
        {"4V", 0},
        {"4V d", OTA_MARK_LITTER},
        {"4V r", OTA_MARK_SEAL_1 | OTA_MARK_SEAL_2},
        {"R4? 1 V1", OTA_MARK_WHOLE},
        {"R4' 1 V1", OTA_MARK_WHOLE | OTA_MARK_SEAL_1},
        {"R4 1 V1", ALL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[OTA_JOURNAL_AT];
        sector_bytes(bytes, 2, rows[i].text);
        assert_int_equal(marks_of(bytes), rows[i].marks);
    }
}

/* One of its blocks is in ruins, and the other has as many wrong bits as it may, none of them at
 * its ends. */
static void either_block_of_a_seal_is_enough_and_no_byte_beside_it_counts(void **state)
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
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[OTA_JOURNAL_AT];
        uint32_t at = rows[i / 2].at;
        uint32_t good = at + (i % 2 == 0 ? 0 : 16);
        sector_bytes(bytes, 2, rows[i / 2].text);
        memset(bytes + (i % 2 == 0 ? at + 16 : at), 0, 16);
        bytes[good + 4] ^= 0xFF;
        bytes[good + 11] ^= 0xFF;
        assert_true((marks_of(bytes) & rows[i / 2].mark) != 0);
        bytes[good + 8] ^= 1;
        assert_true((marks_of(bytes) & rows[i / 2].mark) == 0);
    }
}

/* Behind an entry of stock software, of cells that are blank but for these. */
static void more_than_eight_fallen_bits_are_the_rest_of_a_record(void **state)
{
    (void)state;
    static const struct {
        uint32_t at[2]; /* in the record, of two bytes .. */
        uint8_t is[2];  /* .. which are these */
        bool litter;
    } rows[] = {
        {{4, 30}, {0x00, 0xFF}, false},                                 /* 8 */
        {{4, 30}, {0x00, 0x7F}, true},                                  /* 9 */
        {{4, 63}, {0x00, 0xFE}, true},  {{4, 64}, {0x00, 0xFE}, false}, /* behind it */
        {{4, 52}, {0x00, 0xFE}, false},                               /* no record has a 0 there */
        {{4, 0}, {0x00, 0xFE}, false},  {{5, 0}, {0x03, 0x4F}, true}, /* 6 and 3 */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[OTA_JOURNAL_AT];
        sector_bytes(bytes, 2, "4V");
        bytes[OTA_RECORD_AT + rows[i].at[0]] = rows[i].is[0];
        bytes[OTA_RECORD_AT + rows[i].at[1]] = rows[i].is[1];
        assert_int_equal(marks_of(bytes), rows[i].litter ? OTA_MARK_LITTER : 0);
    }
}

/* Erased cells of it read as anything, and so as this. */
static void encrypted_flash_has_no_litter(void **state)
{
    (void)state;
    static const char *const copy[2] = {"4V", "R3 0 V0"};
    static const uint32_t units[] = {16, CHIP_ENCRYPTED};
    uint8_t bytes[OTA_JOURNAL_AT];
    sector_bytes(bytes, 2, "4V d");
    for (size_t i = 0; i < 2; i++) {
        chip_t chip;
        chip_start(&chip, copy, 2, units[i]);
        const ota_flash_t *flash = &chip.nor.flash;
        assert_int_equal(flash->program(flash->ctx, CHIP_OTADATA + OTA_RECORD_AT,
                                        bytes + OTA_RECORD_AT, OTA_RECORD_SIZE),
                         OTA_OK);
        chip_read(&chip);
        assert_int_equal(chip.od.marks[0], i == 0 ? OTA_MARK_LITTER : 0);
        assert_int_equal(chip.od.marks[1], ALL);
        chip_stop(&chip);
    }
}

static void blank_otadata_knows_nothing(void **state)
{
    (void)state;
    uint8_t bytes[OTA_JOURNAL_AT];
    ota_otadata_t blank;
    ota_otadata_t read;
    memset(&blank, 0xEE, sizeof(blank));
    memset(&read, 0, sizeof(read));
    ota_otadata_blank(&blank);
    sector_bytes(bytes, 2, "-");
    for (int i = 0; i < 2; i++) {
        ota_otadata_decode(&read, i, bytes);
        assert_memory_equal(&blank.copy[i], &read.copy[i], sizeof(read.copy[i]));
        assert_memory_equal(&blank.record[i], &read.record[i], sizeof(read.record[i]));
        assert_int_equal(blank.marks[i], 0);
    }
}

/* --- reading again -----------------------------------------------------------------------------
 */

static const char *script; /* what reading sector 0 gives, one letter each time */

static const char *text_of(char reading)
{
    switch (reading) {
    case 'g':
        return "R3 0 V0";
    case 'u': /* unsealed */
        return "R3? 0 V0";
    case 'r': /* rotted */
        return "4V r";
    case 'a':
        return "1V";
    case 'b':
        return "2V";
    default:
        assert_int_equal(reading, 'w');
        return "w";
    }
}

/* And e, p: that status. */
static ota_status_t scripted_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    assert_int_equal(len, OTA_JOURNAL_AT);
    if (addr != CHIP_OTADATA) {
        memcpy(dst, nor->bytes + addr, len);
        return OTA_OK;
    }
    char reading = *script++;
    if (reading == 'e' || reading == 'p') {
        return reading == 'e' ? OTA_ERR_FLASH_READ : OTA_ERR_PORT;
    }
    sector_bytes(dst, 2, text_of(reading));
    return OTA_OK;
}

static void a_sector_is_read_until_it_is_clear_or_reads_the_same_twice(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        ota_status_t status;
        uint8_t marks;
    } rows[] = {
        {"g", OTA_OK, ALL},
        {"w", OTA_OK, OTA_MARK_WIPED},
        {"uu", OTA_OK, OTA_MARK_WHOLE},
        {"rr", OTA_OK, OTA_MARK_SEAL_1 | OTA_MARK_SEAL_2},
        {"ug", OTA_OK, ALL},
        {"aw", OTA_OK, OTA_MARK_WIPED},
        {"abb", OTA_OK, 0},
        {"abg", OTA_OK, ALL},
        {"abaa", OTA_OK, 0},
        {"abab", OTA_OK, 0}, /* four times at most */
        {"abag", OTA_OK, ALL},
        {"aeg", OTA_OK, ALL}, /* what fails confirms nothing */
        {"aea", OTA_OK, 0},
        {"aeee", OTA_OK, 0},
        {"eg", OTA_OK, ALL},
        {"eaa", OTA_OK, 0},
        {"eeeg", OTA_OK, ALL},
        {"eeep", OTA_ERR_PORT, 0},
        {"pppe", OTA_ERR_FLASH_READ, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const char *const copy[2] = {"-", "R4 1 V1"};
        chip_t chip;
        ota_otadata_t od;
        chip_start(&chip, copy, 2, 1);
        chip.nor.flash.read = scripted_read;
        script = rows[i].script;
        memset(&od, 0, sizeof(od));
        ota_status_t status = ota_otadata_read_surely(&chip.nor.flash, chip_otadata, &od);
        if (status != rows[i].status || *script != '\0' || od.marks[0] != rows[i].marks) {
            fail_msg("%s: status %d, marks %x, %s is left", rows[i].script, status, od.marks[0],
                     script);
        }
        assert_int_equal(od.marks[1], status == OTA_OK ? ALL : 0);
        chip_stop(&chip);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sector_has_its_marks),
        cmocka_unit_test(either_block_of_a_seal_is_enough_and_no_byte_beside_it_counts),
        cmocka_unit_test(more_than_eight_fallen_bits_are_the_rest_of_a_record),
        cmocka_unit_test(encrypted_flash_has_no_litter),
        cmocka_unit_test(blank_otadata_knows_nothing),
        cmocka_unit_test(a_sector_is_read_until_it_is_clear_or_reads_the_same_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
