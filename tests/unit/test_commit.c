/* SPDX-License-Identifier: Apache-2.0 */
/* commit: open, close, execute and apply agree about both sectors, whatever they hold and whichever
 * operation fails; what is in force is never touched. */
#include "ota/commit.h"

#include "ports/flash/nor_sim.h"
#include "support/boot_world.h"
#include "support/unit.h"

#include <stdio.h>

#define OTADATA_AT 0xE000u
#define CHIP       0x10000u

static const ota_region_t where = {OTADATA_AT, OTA_OTADATA_SIZE};
static const ota_boot_config_t otary = {.policy = OTA_POLICY_OTARY, .rollback = true};
static const ota_boot_config_t stock = {.policy = OTA_POLICY_STOCK, .rollback = true};

/* --- chips -------------------------------------------------------------------------------- */

/* As flash encryption looks from above: every byte is turned over by a key of its address. */
static uint8_t key(uint32_t addr)
{
    uint32_t x = addr * 2654435761u;
    return (uint8_t)(x >> 24 ^ x >> 13);
}

static ota_status_t (*plain_program)(void *ctx, uint32_t addr, const void *src, size_t len);

static ota_status_t encrypted_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    uint8_t *p = dst;
    for (uint32_t i = 0; i < len; i++) {
        p[i] = nor->bytes[addr + i] ^ key(addr + i);
    }
    return OTA_OK;
}

static ota_status_t encrypted_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    uint8_t block[64];
    const uint8_t *p = src;
    assert_true(addr % 16 == 0 && len % 16 == 0 && len <= sizeof(block));
    for (uint32_t i = 0; i < len; i++) {
        block[i] = p[i] ^ key(addr + i);
    }
    return plain_program(ctx, addr, block, len);
}

typedef struct {
    nor_sim_t nor;
    ota_boot_config_t config;
    uint8_t count;
    bool encrypted;
    ota_otadata_t od;
    ota_commit_t commit;
    char name[2 * SECTOR_TEXT + 64];
} chip_t;

static void chip_read(chip_t *chip)
{
    memset(&chip->od, 0, sizeof(chip->od));
    assert_int_equal(ota_otadata_read(&chip->nor.flash, where, &chip->od), OTA_OK);
    ota_commit_open(&chip->commit, &chip->od, &chip->config, chip->count);
}

static void chip_put(chip_t *chip, int i, const char *text)
{
    uint8_t bytes[OTA_JOURNAL_AT];
    uint32_t at = OTADATA_AT + (uint32_t)i * OTA_OTADATA_SECTOR;
    sector_bytes(bytes, chip->count, text);
    memset(chip->nor.bytes + at, 0xFF, OTA_OTADATA_SECTOR);
    for (uint32_t n = 0; n < sizeof(bytes); n++) {
        bool erased = text[0] == '-' || (bytes[n] == 0xFF && n >= OTA_ENTRY_SIZE);
        if (!erased) {
            chip->nor.bytes[at + n] = chip->encrypted ? bytes[n] ^ key(at + n) : bytes[n];
        }
    }
    if (chip->encrypted && text[0] == 'R') { /* the record's own FF are programmed */
        for (uint32_t n = OTA_RECORD_AT; n < OTA_RECORD_AT + OTA_RECORD_SIZE; n++) {
            chip->nor.bytes[at + n] = bytes[n] ^ key(at + n);
        }
    }
}

/* unit 0: encrypted. */
static void chip_start(chip_t *chip, const char *const copy[2], uint8_t count, uint32_t unit)
{
    memset(chip, 0, sizeof(*chip));
    assert_int_equal(nor_sim_start(&chip->nor, CHIP), OTA_OK);
    chip->config = otary;
    chip->count = count;
    chip->encrypted = unit == 0;
    chip->nor.flash.program_unit = unit != 0 ? unit : 16;
    if (unit == 0) {
        plain_program = chip->nor.flash.program;
        chip->nor.flash.read = encrypted_read;
        chip->nor.flash.program = encrypted_program;
        chip->nor.flash.encrypted_unit = 16;
    }
    for (int i = 0; i < 2; i++) {
        chip_put(chip, i, copy[i]);
    }
    (void)snprintf(chip->name, sizeof(chip->name), "%s ; %s, %u slots, unit %u", copy[0], copy[1],
                   (unsigned)count, (unsigned)unit);
    chip_read(chip);
}

static void chip_stop(chip_t *chip)
{
    nor_sim_stop(&chip->nor);
}

/* --- what is changed ------------------------------------------------------------------------ */

static void nothing(ota_record_t *record)
{
    (void)record;
}

static void try_slot_1(ota_record_t *record)
{
    record->fallback = record->slot;
    record->slot = 1;
    record->trial = 3;
    record->left = 3;
}

static void spend(ota_record_t *record)
{
    record->left = (uint8_t)(record->left != 0 ? record->left - 1 : 0);
}

static void confirm(ota_record_t *record)
{
    record->trial = 0;
    record->left = 0;
    ota_record_set_state(record, record->slot, OTA_STATE_VALID);
}

static void reject(ota_record_t *record)
{
    ota_record_set_state(record, record->slot, OTA_STATE_INVALID);
    record->refused = record->slot;
    record->slot = 0;
    record->trial = 0;
}

static void factory(ota_record_t *record)
{
    record->slot = OTA_SLOT_FACTORY;
    record->trial = 0;
}

static void forget(ota_record_t *record)
{
    record->slot = OTA_SLOT_NONE;
    record->trial = 0;
    record->writing = 1;
}

static void (*const edits[])(ota_record_t *record) = {nothing, try_slot_1, spend, confirm,
                                                      reject,  factory,    forget};
#define EDITS (sizeof(edits) / sizeof(edits[0]))

static const char *const sectors[] = {"-",
                                      "w",
                                      "- d",
                                      "1V",
                                      "2N",
                                      "4P",
                                      "5V!",
                                      "6A",
                                      "3V d",
                                      "0xFFFFFFFEV",
                                      "R3 0 V0",
                                      "R4 1 2/3 else 0 V0",
                                      "R6 1 0/3 else 0 V0",
                                      "R5 F",
                                      "R5 - writing 1",
                                      "R7? 0",
                                      "R8? 1 | -",
                                      "R8' 1 1/1",
                                      "R9 0 V0 | 9P",
                                      "R10 1 | -",
                                      "R0xFFFFFFFD 0 V0",
                                      "R0xFFFFFFFE 1 replaces 0xFFFFFFFD"};
#define SECTORS (sizeof(sectors) / sizeof(sectors[0]))

static const uint32_t units[] = {1, 4, 16, 32, 0};
#define UNITS (sizeof(units) / sizeof(units[0]))

typedef void (*check_t)(chip_t *chip, size_t edit);

static void for_every_chip(check_t check)
{
    unsigned chips = 0;
    for (size_t i = 0; i < SECTORS * SECTORS * UNITS; i++) {
        const char *const copy[2] = {sectors[i % SECTORS], sectors[i / SECTORS % SECTORS]};
        for (size_t edit = 0; edit <= EDITS; edit++) { /* the last: nothing is written */
            chip_t chip;
            chip_start(&chip, copy, (uint8_t)(2 + edit % 2), units[i / SECTORS / SECTORS]);
            check(&chip, edit);
            chip_stop(&chip);
            chips++;
        }
    }
    print_message("%u chips\n", chips);
}

static void close_with(chip_t *chip, size_t edit)
{
    if (edit < EDITS) {
        edits[edit](&chip->commit.record);
    }
    ota_commit_close(&chip->commit, &chip->od, chip->count, edit < EDITS);
}

static ota_status_t execute(chip_t *chip)
{
    return ota_commit_execute(&chip->commit, &chip->od, chip->count, &chip->nor.flash, where);
}

/* --- agreement ------------------------------------------------------------------------------ */

/* An entry that is not there reads as anything under encryption. */
static bool same_sector(const chip_t *chip, const ota_otadata_t *a, const ota_otadata_t *b, int i)
{
    uint8_t bytes[2][OTA_RECORD_SIZE];
    bool no_entry = !ota_entry_crc_ok(&a->copy[i]) && !ota_entry_crc_ok(&b->copy[i]);
    ota_record_encode(bytes[0], &a->record[i]);
    ota_record_encode(bytes[1], &b->record[i]);
    return a->marks[i] == b->marks[i] && memcmp(bytes[0], bytes[1], sizeof(bytes[0])) == 0 &&
           (memcmp(&a->copy[i], &b->copy[i], sizeof(a->copy[i])) == 0 ||
            (chip->encrypted && no_entry));
}

static void check_agreement(chip_t *chip, size_t edit)
{
    char text[2][SECTOR_TEXT];
    close_with(chip, edit);
    ota_commit_t done = chip->commit;
    ota_otadata_t expected = chip->od;
    ota_commit_apply(&done, &expected, chip->count);
    if (execute(chip) != OTA_OK) {
        fail_msg("edit %zu fails on %s", edit, chip->name);
    }
    chip_read(chip);
    for (int i = 0; i < 2; i++) {
        if (!same_sector(chip, &expected, &chip->od, i)) {
            fail_msg("edit %zu on %s: sector %d is %s, not %s", edit, chip->name, i,
                     sector_text(&chip->od, i, chip->count, text[0]),
                     sector_text(&expected, i, chip->count, text[1]));
        }
    }
    if (done.write >= 0 && (chip->commit.sector != done.write || chip->commit.mend ||
                            !ota_commit_same(&chip->commit.record, &done.record))) {
        fail_msg("edit %zu on %s: what was written is not in force", edit, chip->name);
    }
    ota_commit_close(&chip->commit, &chip->od, chip->count, false);
    if (!ota_commit_idle(&chip->commit) && !chip->commit.foreign) {
        fail_msg("edit %zu on %s: there is still something to do", edit, chip->name);
    }
}

static void what_execute_leaves_reads_back_as_apply_says(void **state)
{
    (void)state;
    for_every_chip(check_agreement);
}

/* A stock bootloader in our place takes the same slot; nothing where the record names none. */
static void check_stock_view(chip_t *chip, size_t edit)
{
    close_with(chip, edit);
    const ota_record_t record = chip->commit.record;
    bool written = chip->commit.write >= 0;
    assert_int_equal(execute(chip), OTA_OK);
    chip_read(chip);
    int active = ota_otadata_active(&chip->od);
    bool named = record.slot >= 0 && record.slot < chip->count;
    bool rejected = ota_record_rejected(&record, record.slot) && record.trial == 0;
    if (!written || (named && rejected)) {
        return;
    }
    if (named ? active < 0 || ota_entry_slot(&chip->od.copy[active], chip->count) != record.slot
              : active >= 0) {
        fail_msg("edit %zu on %s: stock takes copy %d", edit, chip->name, active);
    }
}

static void after_every_commit_a_stock_bootloader_sees_the_same_choice(void **state)
{
    (void)state;
    for_every_chip(check_stock_view);
}

/* --- failures ------------------------------------------------------------------------------- */

/* What only an entry of stock software knows, the way back or a rejection, can be lost while its
 * sector is erased for the first record; the choice itself cannot. */
static bool in_force_is(const chip_t *chip, const ota_otadata_t *od, const ota_commit_t *other)
{
    const ota_record_t *a = &chip->commit.record;
    const ota_record_t *b = &other->record;
    bool choice = a->slot == b->slot && a->trial == b->trial && a->left == b->left;
    bool stock_beside = false;
    for (int i = 0; i < 2; i++) {
        bool whole = (od->marks[i] & OTA_MARK_WHOLE) != 0;
        stock_beside = stock_beside || (!whole && ota_entry_crc_ok(&od->copy[i]));
    }
    return chip->commit.sector == other->sector &&
           (ota_commit_same(a, b) || (stock_beside && choice));
}

static void check_failures(chip_t *chip, size_t edit)
{
    uint8_t flash[OTA_OTADATA_SIZE];
    const ota_commit_t before = chip->commit;
    const ota_otadata_t od = chip->od;
    close_with(chip, edit);
    const ota_commit_t plan = chip->commit;
    ota_commit_t after = plan;
    after.sector = plan.write >= 0 ? plan.write : before.sector;
    memcpy(flash, chip->nor.bytes + OTADATA_AT, sizeof(flash));
    for (int64_t n = 0;; n++) {
        memcpy(chip->nor.bytes + OTADATA_AT, flash, sizeof(flash));
        chip->commit = plan;
        chip->od = od;
        chip->nor.fail_in = n;
        chip->nor.fail_for_ever = true;
        ota_status_t status = execute(chip);
        chip->nor.fail_in = -1;
        if (status == OTA_OK) {
            break;
        }
        assert_true(status == OTA_ERR_FLASH_ERASE || status == OTA_ERR_FLASH_PROGRAM);
        chip_read(chip);
        if (!in_force_is(chip, &od, &before) && !in_force_is(chip, &od, &after)) {
            fail_msg("edit %zu on %s: operation %d fails, and neither is in force", edit,
                     chip->name, (int)n);
        }
    }
}

static void whichever_operation_fails_the_record_before_or_after_is_in_force(void **state)
{
    (void)state;
    for_every_chip(check_failures);
}

/* --- what may be touched ---------------------------------------------------------------------- */

typedef struct {
    const chip_t *chip;
    int8_t kept; /* in force before */
    int8_t write;
    unsigned erases;
} guard_t;

static bool superseded(const guard_t *guard)
{
    ota_otadata_t od;
    ota_commit_t now;
    assert_int_equal(ota_otadata_read(&guard->chip->nor.flash, where, &od), OTA_OK);
    ota_commit_open(&now, &od, &guard->chip->config, guard->chip->count);
    return guard->write >= 0 && (now.sector == guard->write || now.foreign) &&
           (od.marks[guard->write] & OTA_MARK_SEAL_2) != 0;
}

static bool guarded(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    guard_t *guard = user;
    const uint8_t *p = data;
    int sector = addr < OTADATA_AT + OTA_OTADATA_SECTOR ? 0 : 1;
    assert_true(addr >= OTADATA_AT && addr + len <= OTADATA_AT + OTA_OTADATA_SIZE);
    guard->erases += op == NOR_ERASE;
    if (sector != guard->kept) {
        return true;
    }
    if (op == NOR_ERASE) {
        if (!superseded(guard)) {
            fail_msg("%s: what is in force is erased", guard->chip->name);
        }
        return true;
    }
    uint32_t at = (addr - OTADATA_AT) % OTA_OTADATA_SECTOR;
    for (uint32_t i = 0; at < OTA_SEAL_1_AT && i < len; i++) { /* firmed up: no bit changes */
        if (guard->chip->nor.bytes[addr + i] != p[i]) {
            fail_msg("%s: what is in force is written to at %x", guard->chip->name, at + i);
        }
    }
    return true;
}

static void check_touched(chip_t *chip, size_t edit)
{
    guard_t guard = {.chip = chip, .kept = chip->commit.sector};
    if (chip->encrypted) {
        return; /* below the port, bytes are others */
    }
    close_with(chip, edit);
    guard.write = chip->commit.write;
    chip->nor.watch = guarded;
    chip->nor.user = &guard;
    assert_int_equal(execute(chip), OTA_OK);
    assert_true(guard.erases <= 2);
}

static void the_sector_in_force_is_touched_by_nothing_but_the_same_bytes(void **state)
{
    (void)state;
    for_every_chip(check_touched);
}

/* --- cells that do not take what is written ------------------------------------------------- */

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
            stuck_at = OTADATA_AT + OTA_OTADATA_SECTOR + at;
            stuck_bits = whole != 0 ? 0xFF : 0x10;
            close_with(&chip, 1);
            bool seal = at >= OTA_SEAL_1_AT; /* one bad byte does not break one */
            assert_int_equal(execute(&chip), seal ? OTA_OK : OTA_ERR_FLASH_MISMATCH);
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
        close_with(&chip, 1);
        assert_int_equal(execute(&chip), OTA_ERR_FLASH_MISMATCH);
        chip_stop(&chip);
    }
}

static unsigned reads_left;

static ota_status_t failing_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    memcpy(dst, nor->bytes + addr, len);
    return reads_left-- == 0 ? OTA_ERR_FLASH_READ : OTA_OK;
}

static void a_failing_read_ends_reading_and_reading_back(void **state)
{
    (void)state;
    static const char *const copy[2] = {"R3 0 V0", "w"};
    for (unsigned n = 0; n < 6; n++) {
        chip_t chip;
        chip_start(&chip, copy, 2, 1);
        chip.nor.flash.read = failing_read;
        close_with(&chip, 1);
        reads_left = n;
        assert_int_equal(execute(&chip), n < 4 ? OTA_ERR_FLASH_READ : OTA_OK);
        reads_left = n;
        assert_int_equal(ota_otadata_read(&chip.nor.flash, where, &chip.od),
                         n < 2 ? OTA_ERR_FLASH_READ : OTA_OK);
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

/* A sector's bit that has turned over, in either direction, boots what booted before. */
static void no_single_rotten_bit_changes_what_boots(void **state)
{
    (void)state;
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof(at_rest) / sizeof(at_rest[0]); i++) {
        world_t whole;
        boot_result_t boot;
        world_make(&whole, "F 0 1", at_rest[i][0], at_rest[i][1]);
        whole.config = otary;
        world_t world = whole;
        world_boot(&world, &boot);
        ota_slot_t expected = boot.booted;
        for (uint32_t bit = 0; bit < 2 * 8 * OTA_JOURNAL_AT; bit++) { /* nothing reads more */
            uint8_t bytes[OTA_JOURNAL_AT];
            int sector = bit / 8 < OTA_JOURNAL_AT ? 0 : 1;
            uint32_t at = bit / 8 % OTA_JOURNAL_AT;
            sector_bytes(bytes, whole.layout.boot_count, at_rest[i][sector]);
            bytes[at] = (uint8_t)(bytes[at] ^ 1u << bit % 8);
            world = whole;
            ota_otadata_decode(&world.od, sector, bytes);
            for (int n = 0; n < 2; n++) {
                bool trial = strchr(at_rest[i][0], '/') != NULL || strchr(at_rest[i][1], '/');
                world_boot(&world, &boot);
                if (boot.booted != expected && (n == 0 || !trial)) {
                    fail_msg("%s ; %s: boots %d, not %d, with bit %u of byte %x of sector %d",
                             at_rest[i][0], at_rest[i][1], boot.booted, expected, bit % 8, at,
                             sector);
                }
            }
            bits++;
        }
    }
    print_message("%u bits\n", bits);
}

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
        assert_int_equal(execute(&chip), OTA_OK);
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
        chip.config = stock;
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
    ota_region_t small = {OTADATA_AT, OTA_OTADATA_SECTOR};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_execute_leaves_reads_back_as_apply_says),
        cmocka_unit_test(after_every_commit_a_stock_bootloader_sees_the_same_choice),
        cmocka_unit_test(whichever_operation_fails_the_record_before_or_after_is_in_force),
        cmocka_unit_test(the_sector_in_force_is_touched_by_nothing_but_the_same_bytes),
        cmocka_unit_test(what_cannot_be_read_back_was_not_written),
        cmocka_unit_test(a_program_that_changes_nothing_is_noticed),
        cmocka_unit_test(a_failing_read_ends_reading_and_reading_back),
        cmocka_unit_test(no_single_rotten_bit_changes_what_boots),
        cmocka_unit_test(a_record_is_newer_than_the_one_beside_it_at_every_sequence),
        cmocka_unit_test(under_a_stock_bootloader_what_it_sees_is_in_force),
        cmocka_unit_test(without_slots_or_otadata_there_is_nothing_to_commit),
        cmocka_unit_test(two_records_are_the_same_but_for_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
