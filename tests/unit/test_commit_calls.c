/* SPDX-License-Identifier: Apache-2.0 */
/* commit: every call of the flash port that carries a plan out, in order; and each of them fails.
 */
#include "ota/commit.h"

#include "support/commit_chip.h"
#include "support/unit.h"

#include <stdio.h>

/* --- calls, noted ------------------------------------------------------------------------------
 */

/* "r0:20+40": 0x40 bytes of sector 0 are read from 0x20; p: programmed; e1: erased. */
static struct {
    ota_flash_t port; /* as it was */
    char text[768];
    unsigned calls;
    unsigned fails; /* the call that does nothing but fail; none: UINT_MAX */
    bool deaf;      /* reads deliver nothing */
    bool weak;      /* seals are programmed with a bit of every byte wrong */
} notes;

static bool note(char op, uint32_t addr, size_t len)
{
    char text[24];
    uint32_t at = addr % OTA_OTADATA_SECTOR;
    int sector = addr < CHIP_OTADATA + OTA_OTADATA_SECTOR ? 0 : 1;
    assert_true(addr >= CHIP_OTADATA && addr + len <= CHIP_OTADATA + OTA_OTADATA_SIZE);
    (void)snprintf(text, sizeof(text), op == 'e' ? "%c%d " : "%c%d:%x+%x ", op, sector,
                   (unsigned)at, (unsigned)len);
    size_t used = strlen(notes.text);
    assert_true(used + strlen(text) < sizeof(notes.text));
    (void)strcpy(notes.text + used, text);
    return notes.calls++ != notes.fails;
}

static ota_status_t noted_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    if (!note('r', addr, len)) {
        return OTA_ERR_PORT;
    }
    return notes.deaf ? OTA_OK : notes.port.read(ctx, addr, dst, len);
}

static ota_status_t noted_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    nor_sim_t *nor = ctx;
    if (!note('p', addr, len)) {
        return OTA_ERR_PORT;
    }
    ota_status_t status = notes.port.program(ctx, addr, src, len);
    bool seal = addr % OTA_OTADATA_SECTOR >= OTA_SEAL_1_AT;
    for (size_t i = 0; notes.weak && seal && i < len; i++) {
        nor->bytes[addr + i] ^= 0x80;
    }
    return status;
}

static ota_status_t noted_erase(void *ctx, uint32_t addr, size_t len)
{
    return note('e', addr, len) ? notes.port.erase(ctx, addr, len) : OTA_ERR_PORT;
}

static void start_notes(chip_t *chip)
{
    memset(&notes, 0, sizeof(notes));
    notes.fails = UINT32_MAX;
    notes.port = chip->nor.flash;
    chip->nor.flash.read = noted_read;
    chip->nor.flash.program = noted_program;
    chip->nor.flash.erase = noted_erase;
}

/* --- rows --------------------------------------------------------------------------------------
 */

typedef struct {
    const char *copy[2];
    uint32_t unit;
    const char *shall; /* the record to write; NULL: nothing */
    const char *calls;
    const char *after[2]; /* NULL: as before */
    uint32_t poke;        /* this byte of sector 0 .. */
    uint8_t value;        /* .. is that; 0, 0: none is */
    bool no_entry;        /* sector 0's entry was never programmed */
    bool lenient;         /* the chip refuses nothing */
    bool stock;           /* the bootloader is */
} row_t;

static void start_row(chip_t *chip, const row_t *row)
{
    chip_start(chip, row->copy, 2, row->unit);
    chip->nor.lenient = row->lenient;
    chip->config.policy = row->stock ? OTA_POLICY_STOCK : OTA_POLICY_OTARY;
    if (row->poke != 0) {
        chip->nor.bytes[CHIP_OTADATA + row->poke] = row->value;
    }
    if (row->no_entry) {
        memset(chip->nor.bytes + CHIP_OTADATA, 0xFF, OTA_ENTRY_SIZE);
    }
    chip_read(chip);
    if (row->shall != NULL) {
        sector_record(&chip->commit.record, row->shall);
    }
    ota_commit_close(&chip->commit, &chip->od, chip->count, row->shall != NULL);
    start_notes(chip);
}

static void check_bytes(const chip_t *chip, const row_t *row, int i)
{
    uint8_t found[OTA_JOURNAL_AT];
    uint8_t expected[OTA_JOURNAL_AT];
    uint32_t at = CHIP_OTADATA + (uint32_t)i * OTA_OTADATA_SECTOR;
    sector_bytes(expected, chip->count, row->after[i] != NULL ? row->after[i] : row->copy[i]);
    assert_int_equal(notes.port.read(notes.port.ctx, at, found, sizeof(found)), OTA_OK);
    for (uint32_t n = 0; n < sizeof(found); n++) {
        bool erased = chip->nor.bytes[at + n] == 0xFF && expected[n] == 0xFF;
        bool poked = i == 0 && n == row->poke && row->poke != 0;
        if (!erased && !poked && found[n] != expected[n]) {
            fail_msg("%s: byte %x of sector %d is %02x, not %02x", chip->name, n, i, found[n],
                     expected[n]);
        }
    }
}

/* "?": whatever it holds. */
static bool known(const row_t *row, int i)
{
    return row->after[i] == NULL || row->after[i][0] != '?';
}

static unsigned check_calls(const row_t *row)
{
    chip_t chip;
    start_row(&chip, row);
    ota_status_t status = chip_execute(&chip);
    if (status != OTA_OK || strcmp(notes.text, row->calls) != 0) {
        fail_msg("%s: status %d, %s\nnot %s", chip.name, status, notes.text, row->calls);
    }
    for (int i = 0; i < 2; i++) {
        if (known(row, i)) {
            check_bytes(&chip, row, i);
        }
    }
    chip_stop(&chip);
    return notes.calls;
}

/* Whichever fails, it is the last, and its status is known. */
static void check_failures(const row_t *row, unsigned calls)
{
    for (unsigned n = 0; n < calls; n++) {
        chip_t chip;
        start_row(&chip, row);
        notes.fails = n;
        ota_status_t status = chip_execute(&chip);
        if (status != OTA_ERR_PORT || notes.calls != n + 1) {
            fail_msg("%s: call %u fails, status %d after %s", chip.name, n, status, notes.text);
        }
        chip_stop(&chip);
    }
}

#define CHECK_ROWS(rows)                                                                           \
    for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) {                                \
        check_failures(&(rows)[i], check_calls(&(rows)[i]));                                       \
    }

#define SEALS_0  "p0:60+20 p0:80+20 "
#define ENTRY_0  "p0:10+10 p0:0+10 "
#define RECORD_0 "p0:20+40 "
#define TAKES_0  "r0:20+40 r0:60+20 r0:80+20 "
#define BEHIND_0 "p0:60+20 r0:60+20 p0:20+40 p0:80+20 r0:20+40 "
#define STAND_0  "r0:60+10 p0:60+10 r0:70+10 p0:70+10 r0:80+10 p0:80+10 r0:90+10 p0:90+10 "
#define WRITE_0  "e0 p0:20+40 p0:10+10 p0:0+10 p0:60+20 p0:80+20 "
#define READ_0   "r0:20+40 r0:0+20 r0:60+20 r0:80+20 "
#define WRITE_1  "e1 p1:20+40 p1:10+10 p1:0+10 p1:60+20 p1:80+20 "
#define READ_1   "r1:20+40 r1:0+20 r1:60+20 r1:80+20 "
#define WIPE_0   "e0 p0:a0+20 "
#define WIPE_1   "e1 p1:a0+20 "

/* --- writing and wiping ------------------------------------------------------------------------
 */

static void a_record_is_written_and_read_back(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0", "w"}, 1, "R0 1 V1", WRITE_1 READ_1, .after = {NULL, "R4 1 V1"}},
        {{"R3 0 V0", "w"}, 16, "R0 1 V1", WRITE_1 READ_1, .after = {NULL, "R4 1 V1"}},
        {{"R3 0 V0", "w"}, CHIP_ENCRYPTED, "R0 1 V1", WRITE_1 READ_1, .after = {NULL, "R4 1 V1"}},
        {{"R3 0 V0", "w"},
         32,
         "R0 1 V1",
         "e1 p1:20+40 p1:0+20 p1:60+20 p1:80+20 " READ_1,
         .after = {NULL, "R4 1 V1"}},
        {{"R3 0 V0", "w"}, /* no entry, and no other that a stock bootloader would take */
         1,
         "R0 F",
         "e1 p1:20+40 p1:60+20 p1:80+20 r1:20+40 r1:60+20 r1:80+20 " WIPE_0,
         .after = {"w", "R4 F"}},
        {{"R3 F", "w"}, /* with its fallback behind it */
         1,
         "R0 1 0/3 else 0",
         WRITE_1 READ_1 WRITE_0 READ_0,
         .after = {"R3 0 replaces 3", "R4 1 0/3 else 0"}},
        {{"R4? 1 V1", "1V d"}, 1, NULL, WIPE_0 WIPE_1, .after = {"w", "w"}},
        {{"R3 0 V0", "4P"},
         1,
         NULL,
         WRITE_1 READ_1,
         .after = {NULL, "R4 1 0/1 else 0 V0"},
         .stock = true},
    };
    CHECK_ROWS(rows)
}

static void a_record_is_programmed_again_until_seal_2_says_it_was(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0", "w"}, 1, NULL, "", .after = {NULL}},
        {{"R3' 0 V0", "w"}, 1, NULL, RECORD_0 ENTRY_0 SEALS_0, .after = {"R3 0 V0", NULL}},
        {{"R5' F", "w"}, 1, NULL, RECORD_0 SEALS_0, .after = {"R5 F", NULL}},
        {{"R5' F", "w"},
         CHIP_ENCRYPTED, /* what is erased reads as anything */
         NULL,
         RECORD_0 SEALS_0,
         .after = {"R5 F", NULL},
         .no_entry = true},
        {{"R9' 0 V0 | 9P", "w"}, /* the entry is not the record's */
         1,
         NULL,
         RECORD_0 "p0:60+20 " WRITE_1 READ_1,
         .after = {NULL, "R11 0 V0 replaces 9"}},
    };
    CHECK_ROWS(rows)
}

/* --- adopting ----------------------------------------------------------------------------------
 */

static void a_record_is_programmed_behind_an_entry(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"2V", "w"},
         1,
         NULL,
         ENTRY_0 TAKES_0 BEHIND_0,
         .after = {"R2 1 V1 replaces 2 | 2V", NULL}},
        {{"2V", "w"},
         16,
         NULL,
         ENTRY_0 TAKES_0 BEHIND_0,
         .after = {"R2 1 V1 replaces 2 | 2V", NULL}},
        {{"2V", "w"},
         32,
         NULL,
         "p0:0+20 " TAKES_0 BEHIND_0,
         .after = {"R2 1 V1 replaces 2 | 2V", NULL}},
        {{"2V", "w"},
         CHIP_ENCRYPTED,
         NULL,
         ENTRY_0 BEHIND_0,
         .after = {"R2 1 V1 replaces 2 | 2V", NULL}},
    };
    CHECK_ROWS(rows)
}

/* Then one is written into the other sector. */
static void what_an_entry_has_behind_it_may_not_take_a_record(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"4V", "w"}, /* a bit of the record */
         1,
         NULL,
         ENTRY_0 TAKES_0 WRITE_1 READ_1,
         .after = {NULL, "R6 1 V1 replaces 4"},
         .poke = OTA_RECORD_AT,
         .value = 0xFE},
        {{"4V", "w"}, /* a cell of seal 1 */
         1,
         NULL,
         ENTRY_0 TAKES_0 WRITE_1 READ_1,
         .after = {NULL, "R6 1 V1 replaces 4"},
         .poke = OTA_SEAL_1_AT + 5u,
         .value = 0},
        {{"4V", "-"}, /* what would have been wiped is written */
         1,
         NULL,
         ENTRY_0 TAKES_0 WRITE_1 READ_1,
         .after = {NULL, "R6 1 V1 replaces 4"},
         .poke = OTA_SEAL_1_AT + 5u,
         .value = 0},
        {{"4V", "w"}, /* a bit of seal 2 */
         1,
         NULL,
         ENTRY_0 TAKES_0 WRITE_1 READ_1,
         .after = {NULL, "R6 1 V1 replaces 4"},
         .poke = OTA_SEAL_2_AT + 5u,
         .value = 0xFE},
        {{"R4? 1 V1 | 4N", "w"}, /* a record of ours that the entry's bootloader did not know */
         1,
         NULL,
         ENTRY_0 TAKES_0 WRITE_1 READ_1,
         .after = {NULL, "R6 1 1/1 replaces 4"},
         .stock = true},
    };
    CHECK_ROWS(rows)
}

/* Erased cells of encrypted flash read as anything: it is tried. A chip refuses, or what it makes
 * of the bytes does not read as a record. */
static void encrypted_cells_behind_an_entry_are_tried(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"4V d", "w"},
         CHIP_ENCRYPTED,
         NULL,
         ENTRY_0 "p0:60+20 r0:60+20 p0:20+40 " WRITE_1 READ_1,
         .after = {"?", "R6 1 V1 replaces 4"}},
        {{"4V d", "w"},
         CHIP_ENCRYPTED,
         NULL,
         ENTRY_0 BEHIND_0 WRITE_1 READ_1,
         .after = {"?", "R6 1 V1 replaces 4"},
         .lenient = true},
        {{"R4? 1 V1 | 4N", "w"},
         CHIP_ENCRYPTED,
         NULL,
         ENTRY_0 "p0:60+20 r0:60+20 p0:20+40 " WRITE_1 READ_1,
         .after = {"R4' 1 V1 | 4N", "R6 1 1/1 replaces 4"},
         .stock = true},
        {{"R4' 1 V1 | 4N", "w"},
         CHIP_ENCRYPTED,
         NULL,
         ENTRY_0 "p0:60+20 r0:60+20 p0:20+40 " WRITE_1 READ_1,
         .after = {NULL, "R6 1 1/1 replaces 4"},
         .stock = true},
    };
    CHECK_ROWS(rows)
}

static void a_rotted_record_stands_on_its_seals_block_by_block(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"4V r", "w"},
         1,
         NULL,
         ENTRY_0 TAKES_0 STAND_0 WRITE_1 READ_1,
         .after = {NULL, "R6 1 V1 replaces 4"}},
        {{"4V r", "w"},
         16,
         NULL,
         ENTRY_0 TAKES_0 STAND_0 WRITE_1 READ_1,
         .after = {NULL, "R6 1 V1 replaces 4"}},
        {{"4V r", "w"},
         32,
         NULL,
         "p0:0+20 " TAKES_0 "r0:60+20 p0:60+20 r0:80+20 p0:80+20 "
         "e1 p1:20+40 p1:0+20 p1:60+20 p1:80+20 " READ_1,
         .after = {NULL, "R6 1 V1 replaces 4"}},
        {{"4V r", "w"},
         CHIP_ENCRYPTED,
         NULL,
         ENTRY_0 STAND_0 WRITE_1 READ_1,
         .after = {NULL, "R6 1 V1 replaces 4"}},
        {{"4V r", "w"}, /* a block that does not take its seal */
         1,
         NULL,
         ENTRY_0 TAKES_0
         "r0:60+10 r0:70+10 p0:70+10 r0:80+10 p0:80+10 r0:90+10 p0:90+10 " WRITE_1 READ_1,
         .after = {NULL, "R6 1 V1 replaces 4"},
         .poke = OTA_SEAL_1_AT,
         .value = 0},
    };
    CHECK_ROWS(rows)
}

/* --- what cells and ports make of it -------------------------------------------------------------
 */

static void a_seal_with_one_wrong_bit_in_every_byte_is_one(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0", "w"}, 1, "R0 1 V1", WRITE_1 READ_1, .after = {NULL}},
        {{"2V", "w"}, 1, NULL, ENTRY_0 TAKES_0 BEHIND_0, .after = {NULL}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        chip_t chip;
        start_row(&chip, &rows[i]);
        notes.weak = true;
        assert_int_equal(chip_execute(&chip), OTA_OK);
        assert_string_equal(notes.text, rows[i].calls);
        chip_stop(&chip);
    }
}

/* Programming is harmless, erasing is not; but what cannot be read back was not written. */
static void a_read_that_delivers_nothing_passes_for_blank_cells_and_nothing_else(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"2V", "w"}, 1, NULL, ENTRY_0 TAKES_0 "p0:60+20 r0:60+20 ", .after = {NULL}},
        {{"R3 0 V0", "w"}, 1, "R0 1 V1", WRITE_1 "r1:20+40 ", .after = {NULL}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        chip_t chip;
        start_row(&chip, &rows[i]);
        notes.deaf = true;
        assert_int_equal(chip_execute(&chip), OTA_ERR_FLASH_MISMATCH);
        assert_string_equal(notes.text, rows[i].calls);
        chip_stop(&chip);
    }
}

static void without_otadata_nothing_is_programmed_again(void **state)
{
    (void)state;
    static const row_t row = {{"R3' 0 V0", "w"}, 1, NULL, "", .after = {NULL}};
    static const ota_region_t none = {0, 0};
    chip_t chip;
    start_row(&chip, &row);
    assert_int_equal(chip.commit.firm, 0);
    assert_int_equal(ota_commit_execute(&chip.commit, &chip.od, chip.count, &chip.nor.flash, none),
                     OTA_ERR_NO_OTADATA);
    assert_string_equal(notes.text, "");
    chip_stop(&chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_written_and_read_back),
        cmocka_unit_test(a_record_is_programmed_again_until_seal_2_says_it_was),
        cmocka_unit_test(a_record_is_programmed_behind_an_entry),
        cmocka_unit_test(what_an_entry_has_behind_it_may_not_take_a_record),
        cmocka_unit_test(encrypted_cells_behind_an_entry_are_tried),
        cmocka_unit_test(a_rotted_record_stands_on_its_seals_block_by_block),
        cmocka_unit_test(a_seal_with_one_wrong_bit_in_every_byte_is_one),
        cmocka_unit_test(a_read_that_delivers_nothing_passes_for_blank_cells_and_nothing_else),
        cmocka_unit_test(without_otadata_nothing_is_programmed_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
