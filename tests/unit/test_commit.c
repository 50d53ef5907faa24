/* SPDX-License-Identifier: Apache-2.0 */
/* commit: open, close, execute and apply agree about both sectors, whatever they hold and whichever
 * operation fails; what is in force is never touched. */
#include "ota/commit.h"

#include "support/commit_chip.h"
#include "support/unit.h"

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
                                      "3V r",
                                      "4V t",
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
                                      "R9' 0 V0 | 9P",
                                      "R10 1 | -",
                                      "R0xFFFFFFFD 0 V0",
                                      "R0xFFFFFFFE 1 replaces 0xFFFFFFFD"};
#define SECTORS (sizeof(sectors) / sizeof(sectors[0]))

static const uint32_t units[] = {1, 4, 16, 32, CHIP_ENCRYPTED};
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

/* Cells behind a foreign entry do not take a record: something stands there. (Encrypted flash takes
 * nothing twice; that only seal 2 is looked for, see sector_takes.) */
static bool cannot_adopt(const chip_t *chip)
{
    const ota_commit_t *commit = &chip->commit;
    bool taken = false;
    if (!commit->foreign) {
        return false;
    }
    if (!chip->encrypted) {
        return (chip->od.marks[commit->sector] & OTA_MARK_SEAL_1) != 0;
    }
    uint32_t sector = CHIP_OTADATA + (uint32_t)commit->sector * OTA_OTADATA_SECTOR;
    for (uint32_t i = OTA_RECORD_AT; i < OTA_RECORD_AT + OTA_RECORD_SIZE; i++) {
        taken = taken || chip->nor.bytes[sector + i] != 0xFF;
    }
    return taken;
}

static void check_sectors(chip_t *chip, size_t edit, const ota_otadata_t *expected)
{
    char text[2][SECTOR_TEXT];
    for (int i = 0; i < 2; i++) {
        if (!same_sector(chip, expected, &chip->od, i)) {
            fail_msg("edit %zu on %s: sector %d is %s, not %s", edit, chip->name, i,
                     sector_text(&chip->od, i, chip->count, text[0]),
                     sector_text(expected, i, chip->count, text[1]));
        }
    }
}

static void check_agreement(chip_t *chip, size_t edit)
{
    close_with(chip, edit);
    const ota_commit_t done = chip->commit;
    const bool fits = !cannot_adopt(chip);
    ota_otadata_t expected = chip->od;
    ota_commit_apply(&done, &expected, chip->count);
    if (chip_execute(chip) != OTA_OK) {
        fail_msg("edit %zu fails on %s", edit, chip->name);
    }
    chip_read(chip);
    if (fits) {
        check_sectors(chip, edit, &expected);
    }
    bool writes = done.write >= 0 && !(done.spare && fits);
    if (writes && (chip->commit.sector != done.write || chip->commit.mend ||
                   !ota_commit_same(&chip->commit.record, &done.record))) {
        fail_msg("edit %zu on %s: what was written is not in force", edit, chip->name);
    }
    ota_commit_close(&chip->commit, &chip->od, chip->count, false);
    if (!ota_commit_idle(&chip->commit)) {
        fail_msg("edit %zu on %s: there is still something to do", edit, chip->name);
    }
}

static void what_execute_leaves_reads_back_as_apply_says(void **state)
{
    (void)state;
    for_every_chip(check_agreement);
}

/* Byte for byte, and nothing behind it. */
static void a_sector_is_written_as_the_header_draws_it(void **state)
{
    (void)state;
    for (size_t i = 0; i + 1 < UNITS; i++) {
        chip_t chip;
        uint8_t expected[OTA_OTADATA_SECTOR];
        chip_start(&chip, (const char *const[]){"R4 1 3/3 else 0 V0", "2V"}, 2, units[i]);
        close_with(&chip, 2);
        assert_int_equal(chip_execute(&chip), OTA_OK);
        memset(expected, 0xFF, sizeof(expected));
        sector_bytes(expected, 2, "R6 1 2/3 else 0 V0 replaces 4");
        assert_memory_equal(chip.nor.bytes + CHIP_OTADATA + OTA_OTADATA_SECTOR, expected,
                            sizeof(expected));
        chip_stop(&chip);
    }
}

/* A stock bootloader in our place takes the same slot; nothing where the record names none. */
static void check_stock_view(chip_t *chip, size_t edit)
{
    close_with(chip, edit);
    const ota_record_t record = chip->commit.record;
    bool written = chip->commit.write >= 0 && !chip->commit.spare;
    assert_int_equal(chip_execute(chip), OTA_OK);
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

/* An entry that cannot be adopted stays in force until its successor is complete, and with no entry
 * there until it is wiped; meanwhile what only the other sector knew, the way back, may be lost. So
 * may a rejection that stock software wrote beside our record. The choice itself stays. */
static bool in_force_is(const chip_t *chip, const ota_commit_t *other, bool hard)
{
    const ota_record_t *a = &chip->commit.record;
    const ota_record_t *b = &other->record;
    bool stays = chip->commit.foreign == other->foreign && a->slot == b->slot &&
                 a->trial == b->trial && a->left == b->left;
    return chip->commit.sector == other->sector && (ota_commit_same(a, b) || (stays && hard));
}

static bool rejection_beside(const ota_otadata_t *od)
{
    bool found = false;
    for (int i = 0; i < 2; i++) {
        bool whole = (od->marks[i] & OTA_MARK_WHOLE) != 0;
        found =
            found || (!whole && ota_entry_crc_ok(&od->copy[i]) && ota_entry_rejected(&od->copy[i]));
    }
    return found;
}

static void check_failures(chip_t *chip, size_t edit)
{
    uint8_t flash[OTA_OTADATA_SIZE];
    const ota_commit_t before = chip->commit;
    const ota_otadata_t od = chip->od;
    bool hard = cannot_adopt(chip);
    close_with(chip, edit);
    hard = hard || rejection_beside(&od);
    const ota_commit_t plan = chip->commit;
    ota_commit_t after = plan;
    after.sector = plan.write >= 0 ? plan.write : before.sector;
    memcpy(flash, chip->nor.bytes + CHIP_OTADATA, sizeof(flash));
    for (int64_t n = 0;; n++) {
        memcpy(chip->nor.bytes + CHIP_OTADATA, flash, sizeof(flash));
        chip->commit = plan;
        chip->od = od;
        chip->nor.fail_in = n;
        chip->nor.fail_for_ever = true;
        ota_status_t status = chip_execute(chip);
        chip->nor.fail_in = -1;
        if (status == OTA_OK) {
            break;
        }
        assert_true(status == OTA_ERR_FLASH_ERASE || status == OTA_ERR_FLASH_PROGRAM);
        chip_read(chip);
        if (!in_force_is(chip, &before, hard) && !in_force_is(chip, &after, hard)) {
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
    bool foreign;
    int8_t write;
    bool free; /* its successor is complete */
    unsigned erases;
} guard_t;

static bool superseded(const guard_t *guard)
{
    ota_otadata_t od;
    ota_commit_t now;
    assert_int_equal(ota_otadata_read(&guard->chip->nor.flash, chip_otadata, &od), OTA_OK);
    ota_commit_open(&now, &od, &guard->chip->config, guard->chip->count);
    return guard->write >= 0 && (now.sector == guard->write || now.foreign) &&
           (od.marks[guard->write] & OTA_MARK_SEAL_2) != 0;
}

/* Firmed up, no bit changes; adopted, no bit of the entry. */
static void check_program(const guard_t *guard, uint32_t addr, const uint8_t *data, size_t len)
{
    uint32_t at = (addr - CHIP_OTADATA) % OTA_OTADATA_SECTOR;
    uint32_t fixed = guard->foreign ? OTA_RECORD_AT : OTA_SEAL_1_AT;
    for (uint32_t i = 0; at < fixed && i < len; i++) {
        if (guard->chip->nor.bytes[addr + i] != data[i]) {
            fail_msg("%s: what is in force is written to at %x", guard->chip->name, at + i);
        }
    }
}

static bool guarded(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    guard_t *guard = user;
    int sector = addr < CHIP_OTADATA + OTA_OTADATA_SECTOR ? 0 : 1;
    assert_true(addr >= CHIP_OTADATA && addr + len <= CHIP_OTADATA + OTA_OTADATA_SIZE);
    guard->erases += op == NOR_ERASE;
    if (sector != guard->kept || guard->free) {
        return true;
    }
    if (op == NOR_PROGRAM) {
        check_program(guard, addr, data, len);
    } else if (!superseded(guard)) {
        fail_msg("%s: what is in force is erased", guard->chip->name);
    }
    guard->free = op == NOR_ERASE;
    return true;
}

static void check_touched(chip_t *chip, size_t edit)
{
    guard_t guard = {.chip = chip, .kept = chip->commit.sector, .foreign = chip->commit.foreign};
    if (chip->encrypted) {
        return; /* below the port, bytes are others */
    }
    close_with(chip, edit);
    guard.write = chip->commit.write;
    chip->nor.watch = guarded;
    chip->nor.user = &guard;
    assert_int_equal(chip_execute(chip), OTA_OK);
    assert_true(guard.erases <= 2);
}

static void the_sector_in_force_is_touched_by_nothing_but_the_same_bytes(void **state)
{
    (void)state;
    for_every_chip(check_touched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_execute_leaves_reads_back_as_apply_says),
        cmocka_unit_test(a_sector_is_written_as_the_header_draws_it),
        cmocka_unit_test(after_every_commit_a_stock_bootloader_sees_the_same_choice),
        cmocka_unit_test(whichever_operation_fails_the_record_before_or_after_is_in_force),
        cmocka_unit_test(the_sector_in_force_is_touched_by_nothing_but_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
