/* SPDX-License-Identifier: Apache-2.0 */
/* commit: everything that open reads out of two sectors, that close plans, and that apply says a
 * later read will see; and a chip agrees. */
#include "core/commit.h"

#include "support/commit_chip.h"
#include "support/unit.h"

#include <stdio.h>

typedef struct {
    const char *copy[2];
    uint8_t count;
    const char *shall;    /* the record to write; NULL: nothing */
    const char *before;   /* in force */
    const char *plan;     /* see plan_text */
    const char *after[2]; /* NULL: as before */
} row_t;

#define PLAN_TEXT 160u

/* --- text ------------------------------------------------------------------------------------- */

/* The sector in force and what is said of it | the sector to program again, to write, and to wipe:
 * after writing or without. */
static const char *plan_text(const ota_commit_t *commit, char text[PLAN_TEXT])
{
    (void)snprintf(text, PLAN_TEXT, "%d%s%s%s | firm %d, write %d%s%s, wipe %u or %u, steps %u",
                   commit->sector, commit->foreign ? " foreign" : "", commit->mend ? " mend" : "",
                   commit->expiring ? " expiring" : "", commit->firm, commit->write,
                   commit->spare ? " to spare" : "", commit->behind ? " and behind" : "",
                   commit->wipe, commit->wipe_idle, ota_commit_steps(commit));
    return text;
}

static const char *whole_record(const ota_record_t *record, char text[SECTOR_TEXT + 24])
{
    ota_otadata_t od = {.record = {*record}, .marks = {0xFF}};
    char line[SECTOR_TEXT];
    (void)sector_text(&od, 0, 0, line);
    char *entry = strstr(line, " | ");
    if (entry != NULL) {
        *entry = '\0';
    }
    (void)snprintf(text, SECTOR_TEXT + 24, "%s replaces %u", line, (unsigned)record->replaces);
    return text;
}

/* --- checks ----------------------------------------------------------------------------------- */

static void check_record(const chip_t *chip, const char *what, const ota_record_t *record,
                         const char *expected)
{
    char text[SECTOR_TEXT + 24];
    uint8_t bytes[2][OTA_RECORD_SIZE];
    ota_record_t wanted;
    sector_record(&wanted, expected);
    ota_record_encode(bytes[0], &wanted);
    ota_record_encode(bytes[1], record);
    if (memcmp(bytes[0], bytes[1], OTA_RECORD_SIZE) != 0) {
        fail_msg("%s: %s is %s, not %s", chip->name, what, whole_record(record, text), expected);
    }
}

static void check_sector(const chip_t *chip, const char *what, const ota_otadata_t *od, int i,
                         const char *expected)
{
    ota_otadata_t wanted;
    uint8_t bytes[OTA_JOURNAL_AT];
    char text[SECTOR_TEXT];
    sector_bytes(bytes, chip->count, expected);
    ota_otadata_decode(&wanted, i, bytes);
    if (od->marks[i] != wanted.marks[i] ||
        memcmp(&od->copy[i], &wanted.copy[i], sizeof(wanted.copy[i])) != 0) {
        fail_msg("%s: %s, sector %d is %s, not %s", chip->name, what, i,
                 sector_text(od, i, chip->count, text), expected);
    }
    if (expected[0] == 'R') {
        check_record(chip, what, &od->record[i], expected);
    } else {
        check_record(chip, what, &od->record[i], "R0 - replaces 0");
    }
}

static void check_row(const row_t *row, const ota_boot_config_t *config)
{
    chip_t chip;
    char text[PLAN_TEXT];
    chip_start(&chip, row->copy, row->count, 1);
    chip.config = *config;
    chip_read(&chip);
    assert_true(ota_commit_idle(&chip.commit)); /* nothing is planned yet */
    assert_int_equal(chip.commit.firm, OTA_SECTOR_NONE);
    assert_int_equal(chip.commit.write, OTA_SECTOR_NONE);
    check_record(&chip, "before", &chip.commit.before, row->before);
    check_record(&chip, "record", &chip.commit.record, row->before);
    if (row->shall != NULL) {
        sector_record(&chip.commit.record, row->shall);
    }
    ota_commit_close(&chip.commit, &chip.od, chip.count, row->shall != NULL);
    if (strcmp(plan_text(&chip.commit, text), row->plan) != 0) {
        fail_msg("%s: %s, not %s", chip.name, text, row->plan);
    }
    bool acts = chip.commit.firm >= 0 || chip.commit.write >= 0 || chip.commit.wipe_idle != 0;
    assert_int_equal(ota_commit_idle(&chip.commit), !acts);
    ota_otadata_t applied = chip.od;
    ota_commit_apply(&chip.commit, &applied, chip.count);
    assert_int_equal(chip_execute(&chip), OTA_OK);
    chip_read(&chip);
    for (int i = 0; i < 2; i++) {
        const char *after = row->after[i] != NULL ? row->after[i] : row->copy[i];
        check_sector(&chip, "applied", &applied, i, after);
        check_sector(&chip, "in flash", &chip.od, i, after);
    }
    chip_stop(&chip);
}

static const ota_boot_config_t otary = {.policy = OTA_POLICY_OTARY, .rollback = true};
static const ota_boot_config_t stock = {.policy = OTA_POLICY_STOCK, .rollback = true};

#define CHECK_ROWS(rows, config)                                                                   \
    for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) {                                \
        check_row(&(rows)[i], config);                                                             \
    }

/* --- what is in force --------------------------------------------------------------------------
 */

#define STANDS_0 "0 | firm -1, write -1, wipe 0 or 0, steps 0"
#define STANDS_1 "1 | firm -1, write -1, wipe 0 or 0, steps 0"
#define NOTHING  "-1 | firm -1, write -1, wipe 0 or 0, steps 0"

static void what_is_in_force_is_made_solid_and_what_is_doubtful_is_wiped(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0", "w"}, 2, NULL, "R3 0 V0", STANDS_0, {NULL, NULL}},
        {{"w", "R3' 0 V0"},
         2,
         NULL,
         "R3 0 V0",
         "1 | firm 1, write -1, wipe 0 or 0, steps 1",
         {NULL, "R3 0 V0"}},
        {{"R9 0 V0 | 9P", "w"},
         2,
         NULL,
         "R9 0 V0",
         "0 mend | firm -1, write 1, wipe 0 or 0, steps 1",
         {NULL, "R11 0 V0 replaces 9"}},
        {{"R9' 0 V0 | 9P", "w"},
         2,
         NULL,
         "R9 0 V0",
         "0 mend | firm 0, write 1, wipe 0 or 0, steps 2",
         {NULL, "R11 0 V0 replaces 9"}},
        {{"R3 0 V0", "R8? 1 | 8V"},
         2,
         NULL,
         "R3 0 V0",
         "0 | firm -1, write -1, wipe 0 or 2, steps 1",
         {NULL, "w"}},
        {{"R4? 1 V1", "1V d"},
         2,
         NULL,
         "R0 - replaces 0",
         "-1 | firm -1, write -1, wipe 0 or 3, steps 2",
         {"w", "w"}},
        {{"R0 1 V1 replaces 5", "5V"}, /* the count started again, at any number */
         2,
         NULL,
         "R0 1 V1 replaces 5",
         "0 | firm -1, write -1, wipe 0 or 2, steps 1",
         {NULL, "w"}},
    };
    CHECK_ROWS(rows, &otary)
}

/* --- what stock software wrote -----------------------------------------------------------------
 */

static void an_entry_is_adopted_with_what_the_other_sector_knows(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"2V", "-"},
         2,
         NULL,
         "R2 1 V1 replaces 2",
         "0 foreign mend | firm 0, write 1 to spare, wipe 0 or 2, steps 2",
         {"R2 1 V1 replaces 2 | 2V", "w"}},
        {{"-", "2N"},
         2,
         NULL,
         "R2 1 3/3 replaces 2",
         "1 foreign mend | firm 1, write 0 to spare, wipe 0 or 1, steps 2",
         {"w", "R2 1 3/3 replaces 2 | 2N"}},
        {{"R3 F", "4P"},
         2,
         NULL,
         "R4 1 0/3 else F",
         "1 foreign mend | firm 1, write 0 to spare and behind, wipe 0 or 0, steps 1",
         {NULL, "R4 1 0/3 else F | 4P"}},
        {{"1V", "4P"},
         2,
         NULL,
         "R4 1 0/3 else 0 V0 replaces 4",
         "1 foreign mend | firm 1, write 0 to spare and behind, wipe 0 or 0, steps 1",
         {NULL, "R4 1 0/3 else 0 V0 replaces 4 | 4P"}},
        {{"R5 F else 1 A0 V1 refused 0", "1V"}, /* stock software counts entries only */
         2,
         NULL,
         "R1 0 else F V0 V1 refused 0 replaces 5",
         "1 foreign mend | firm 1, write 0 to spare, wipe 0 or 0, steps 1",
         {NULL, "R1 0 else F V0 V1 refused 0 replaces 5 | 1V"}},
        {{"1V", "R5 F else 1 A0 V1 refused 0"},
         2,
         NULL,
         "R1 0 else F V0 V1 refused 0 replaces 5",
         "0 foreign mend | firm 0, write 1 to spare, wipe 0 or 0, steps 1",
         {"R1 0 else F V0 V1 refused 0 replaces 5 | 1V", NULL}},
    };
    CHECK_ROWS(rows, &otary)
}

static void an_entry_is_on_trial_only_where_there_are_trials(void **state)
{
    (void)state;
    static const ota_boot_config_t none = {.policy = OTA_POLICY_OTARY};
    static const row_t rows[] = {
        {{"R3 0 V0", "4N"},
         2,
         NULL,
         "R4 1 else 0 V0 replaces 4",
         "1 foreign mend | firm 1, write 0, wipe 0 or 0, steps 2",
         {"R6 1 else 0 V0 replaces 4", "R4 1 else 0 V0 replaces 4 | 4N"}},
        {{"R3 0 V0", "4P"},
         2,
         NULL,
         "R4 1 else 0 V0 replaces 4",
         "1 foreign mend | firm 1, write 0, wipe 0 or 0, steps 2",
         {"R6 1 else 0 V0 replaces 4", "R4 1 else 0 V0 replaces 4 | 4P"}},
    };
    CHECK_ROWS(rows, &none)
}

static void a_later_entry_that_rejects_its_slot_is_heard(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0 else 1", "4A"}, 2, NULL, "R3 0 V0 A1 refused 1", STANDS_0, {NULL, NULL}},
        {{"4I", "R3 0 V0 else 1"}, 2, NULL, "R3 0 V0 I1 refused 1", STANDS_1, {NULL, NULL}},
        {{"R4 0 V0 else 2", "5A"}, 3, NULL, "R4 0 else 2 V0 A1 refused 1", STANDS_0, {NULL, NULL}},
        {{"3V", "4A"},
         2,
         NULL,
         "R3 0 V0 A1 refused 1 replaces 3",
         "0 foreign mend | firm 0, write 1 to spare, wipe 0 or 0, steps 1",
         {"R3 0 V0 A1 refused 1 replaces 3 | 3V", NULL}},
        {{"R3 0 V0", "2A"}, 2, NULL, "R3 0 V0", STANDS_0, {NULL, NULL}}, /* earlier */
        {{"R4 F", "4A"}, 2, NULL, "R4 F", STANDS_0, {NULL, NULL}},       /* not later */
        {{"R3 0 V0", "5A"}, 2, NULL, "R3 0 V0", STANDS_0, {NULL, NULL}}, /* the slot that boots */
        {{"1A", "2I"}, 2, NULL, "R0 - A0 I1 refused 1 replaces 0", NOTHING, {NULL, NULL}},
        {{"0A", "w"}, 2, NULL, "R0 - A1 refused 1 replaces 0", NOTHING, {NULL, NULL}},
    };
    CHECK_ROWS(rows, &otary)
}

/* --- what is written ---------------------------------------------------------------------------
 */

static void the_next_record_gets_a_number_and_a_sector(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"w", "R4 1 V1"},
         2,
         "R0 0 V0",
         "R4 1 V1",
         "1 | firm -1, write 0, wipe 0 or 0, steps 1",
         {"R5 0 V0", NULL}},
        {{"-", "-"},
         2,
         "R0 0 V0",
         "R0 - replaces 0",
         "-1 | firm -1, write 0, wipe 2 or 3, steps 2",
         {"R1 0 V0", "w"}},
        {{"1A", "-"},
         2,
         "R0 1 V1",
         "R0 - A0 refused 0 replaces 0",
         "-1 | firm -1, write 1, wipe 0 or 2, steps 1",
         {NULL, "R2 1 V1"}},
        {{"2V", "w"},
         2,
         "R0 0 V0",
         "R2 1 V1 replaces 2",
         "0 foreign mend | firm 0, write 1, wipe 0 or 0, steps 2",
         {"R2 1 V1 replaces 2 | 2V", "R3 0 V0"}},
        {{"R3 0 V0 replaces 4", "w"}, /* not the one that it replaced itself */
         2,
         "R0 1 V1",
         "R3 0 V0 replaces 4",
         "0 | firm -1, write 1, wipe 0 or 0, steps 1",
         {NULL, "R6 1 V1 replaces 3"}},
        {{"R0xFFFFFFFD 0 V0", "w"}, /* one number is left */
         2,
         "R0 1 V1",
         "R0xFFFFFFFD 0 V0",
         "0 | firm -1, write 1, wipe 0 or 0, steps 1",
         {NULL, "R0xFFFFFFFE 1 V1"}},
        {{"R0xFFFFFFFD 0 V0", "w"},
         2,
         "R0 F",
         "R0xFFFFFFFD 0 V0",
         "0 | firm -1, write 1, wipe 1 or 0, steps 2",
         {"w", "R0xFFFFFFFE F"}},
        {{"R0xFFFFFFFE 1 V1", "w"}, /* none is */
         2,
         "R0 0 V0",
         "R0xFFFFFFFE 1 V1",
         "0 | firm -1, write 1, wipe 1 or 0, steps 2",
         {"w", "R1 0 V0 replaces 0xFFFFFFFE"}},
    };
    CHECK_ROWS(rows, &otary)
}

/* Where a stock bootloader gives the record up, it takes what stands beside it. */
static void a_record_in_its_last_boot_has_its_fallback_behind_it(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"1V", "w"}, /* there already */
         2,
         "R0 1 0/3 else 0 V0",
         "R1 0 V0 replaces 1",
         "0 foreign mend | firm 0, write 1, wipe 0 or 0, steps 2",
         {"R1 0 V0 replaces 1 | 1V", "R4 1 0/3 else 0 V0 replaces 1"}},
        {{"R3 F", "w"},
         2,
         "R0 1 0/3 else 0 V0 writing 0",
         "R3 F",
         "0 | firm -1, write 1 and behind, wipe 0 or 0, steps 2",
         {"R3 0 V0 replaces 3", "R4 1 0/3 else 0 V0 writing 0"}},
        {{"R3 F", "w"},
         3,
         "R0 1 0/3 else 2",
         "R3 F",
         "0 | firm -1, write 1 and behind, wipe 0 or 0, steps 2",
         {"R3 2 replaces 3", "R5 1 0/3 else 2 replaces 3"}},
        {{"w", "w"},
         2,
         "R0 1 0/3 else 0 V0",
         "R0 - replaces 0",
         "-1 | firm -1, write 0 and behind, wipe 0 or 0, steps 2",
         {"R4 1 0/3 else 0 V0 replaces 0", "R3 0 V0 replaces 3"}},
        {{"R0xFFFFFFFE 1 V1", "w"}, /* nothing shall be there */
         2,
         "R0 0 0/3",
         "R0xFFFFFFFE 1 V1",
         "0 | firm -1, write 1 and behind, wipe 0 or 0, steps 2",
         {"R2 - replaces 2", "R3 0 0/3 replaces 0xFFFFFFFE"}},
        {{"R3 F", "w"}, /* nor is there */
         2,
         "R0 1 0/3",
         "R3 F",
         "0 | firm -1, write 1, wipe 0 or 0, steps 1",
         {NULL, "R4 1 0/3"}},
        {{"R3 F", "w"}, /* not its last */
         2,
         "R0 1 1/3 else 0",
         "R3 F",
         "0 | firm -1, write 1, wipe 0 or 0, steps 1",
         {NULL, "R4 1 1/3 else 0"}},
    };
    CHECK_ROWS(rows, &otary)
}

/* --- under a stock bootloader ------------------------------------------------------------------
 */

static void under_a_stock_bootloader_the_entry_counts(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {{"R3 0 V0", "4P"}, /* given up at the next boot: not even adopted */
         2,
         NULL,
         "R4 1 0/1 else 0 V0 replaces 4",
         "1 foreign mend expiring | firm -1, write 1, wipe 0 or 0, steps 1",
         {NULL, "R4 1 0/1 else 0 V0"}},
        {{"R3 0 V0", "4P"},
         2,
         "R0 0 V0 A1",
         "R4 1 0/1 else 0 V0 replaces 4",
         "1 foreign mend expiring | firm -1, write 1, wipe 0 or 0, steps 1",
         {NULL, "R5 0 V0 A1 replaces 3"}},
        {{"w", "R4 1 V1 | 4A"}, 2, NULL, "R0 - replaces 0", NOTHING, {NULL, NULL}},
        {{"w", "4N"},
         2,
         NULL,
         "R4 1 1/1 replaces 4",
         "1 foreign mend | firm 1, write 0 to spare, wipe 0 or 0, steps 1",
         {NULL, "R4 1 1/1 replaces 4 | 4N"}},
        {{"R4? 1 V1", "w"}, /* it does not know of seals */
         2,
         "R0 0 V0",
         "R4 1 V1",
         "0 | firm 0, write 1, wipe 0 or 0, steps 2",
         {"R4 1 V1", "R5 0 V0"}},
    };
    CHECK_ROWS(rows, &stock)
}

static void without_trials_no_entry_expires(void **state)
{
    (void)state;
    static const ota_boot_config_t none = {.policy = OTA_POLICY_STOCK};
    static const row_t rows[] = {
        {{"R3 0 V0", "4P"},
         2,
         NULL,
         "R4 1 else 0 V0 replaces 4",
         "1 foreign mend | firm 1, write 0, wipe 0 or 0, steps 2",
         {"R6 1 else 0 V0 replaces 4", "R4 1 else 0 V0 replaces 4 | 4P"}},
    };
    CHECK_ROWS(rows, &none)
}

/* --- an entry that does not fit -----------------------------------------------------------------
 */

static void an_entry_fits_only_with_the_number_and_the_record(void **state)
{
    (void)state;
    chip_t chip;
    chip_start(&chip, (const char *const[]){"R4 1 V1", "w"}, 2, 1);
    assert_true(ota_commit_entry_fits(&chip.od, 0, 2));
    assert_false(ota_commit_entry_fits(&chip.od, 1, 2)); /* nothing beside nothing */
    chip.od.copy[0].seq ^= 2;                            /* a bit has rotted */
    assert_false(ota_commit_entry_fits(&chip.od, 0, 2));
    chip_stop(&chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_force_is_made_solid_and_what_is_doubtful_is_wiped),
        cmocka_unit_test(an_entry_is_adopted_with_what_the_other_sector_knows),
        cmocka_unit_test(an_entry_is_on_trial_only_where_there_are_trials),
        cmocka_unit_test(a_later_entry_that_rejects_its_slot_is_heard),
        cmocka_unit_test(the_next_record_gets_a_number_and_a_sector),
        cmocka_unit_test(a_record_in_its_last_boot_has_its_fallback_behind_it),
        cmocka_unit_test(under_a_stock_bootloader_the_entry_counts),
        cmocka_unit_test(without_trials_no_entry_expires),
        cmocka_unit_test(an_entry_fits_only_with_the_number_and_the_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
