/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A laboratory that cannot fail proves nothing: rules are broken on purpose, in a port between the
 * library and the chip, and each break must be found, with an id that replays to it.
 */
#include "support/unit.h"

#include "lab/lab.h"
#include "support/lab_thread.h"

#define OTADATA   0xE000u
#define SEAL_1_AT 0x60u
#define SEAL_2_AT 0x80u
#define WIPED_AT  0xA0u
#define HEAD_END  0xC0u /* behind it lies the journal */
#define SHORT_ID  48u
#define LOST      4u
#define LIVES     1024u /* places on the stack that a life may have */

/* What the port does to the rules. */
typedef struct {
    uint32_t deaf_from; /* programs to [deaf_from, deaf_to) of an otadata sector do nothing */
    uint32_t deaf_to;
    bool lies;             /* and read in this life as if they had: nobody reads back */
    bool deaf_erase;       /* erases of otadata do nothing */
    bool both_sectors;     /* an erase of one otadata sector erases the other one first */
    bool no_firming;       /* nothing is programmed once more: only what does not read like that */
    bool no_wiping;        /* an erase that only a wiped tag follows is left out, and the tag */
    bool seq_first;        /* the entry's front half is programmed before its back half */
    bool deaf_data_erase;  /* erases of app partitions do nothing */
    uint32_t lost_data_at; /* programs to this sector of an app partition do nothing; 0: none */
    uint64_t broken;       /* how often a rule was broken */
    ota_status_t (*read)(void *ctx, uint32_t addr, void *dst, size_t len);
    ota_status_t (*program)(void *ctx, uint32_t addr, const void *src, size_t len);
    ota_status_t (*erase)(void *ctx, uint32_t addr, size_t len);
} break_t;

/* The callbacks get the inner port's context, so the break stands here. */
static break_t now;

/* What the port remembers of one life: lives are suspended in one another. */
typedef struct {
    void *ctx;
    uint32_t waits;   /* address of an erase that is put off: a wipe, or a write? 0: none */
    uint32_t held_at; /* the entry's back half, put off; 0: none */
    uint8_t held[16];
    uint32_t lost; /* programs that did nothing, the last ones */
    struct {
        uint32_t at;
        size_t len;
        uint8_t bytes[64];
    } gone[LOST];
} memory_t;

static memory_t memories[LIVES];

static memory_t *memory_of(void *ctx)
{
    memory_t *mine = &memories[0];
    while (mine->ctx != ctx && mine->ctx != NULL) {
        mine++;
        assert_true(mine < memories + LIVES);
    }
    mine->ctx = ctx;
    return mine;
}

static bool in_otadata(uint32_t addr)
{
    return addr >= OTADATA && addr < OTADATA + OTA_OTADATA_SIZE;
}

static ota_status_t lose(memory_t *mine, uint32_t addr, const void *src, size_t len)
{
    now.broken++;
    uint32_t which = mine->lost++ % LOST;
    assert_true(len <= sizeof(mine->gone[which].bytes));
    mine->gone[which].at = addr;
    mine->gone[which].len = len;
    memcpy(mine->gone[which].bytes, src, len);
    return OTA_OK;
}

/* The erase that was put off comes first, unless a wiped tag shows that it was a wipe. */
static ota_status_t end_waiting(memory_t *mine, uint32_t at, void *ctx, bool *drop)
{
    uint32_t waits = mine->waits;
    mine->waits = 0;
    *drop = waits != 0 && at == WIPED_AT;
    now.broken += *drop;
    return waits != 0 && !*drop ? now.erase(ctx, waits, OTA_OTADATA_SECTOR) : OTA_OK;
}

static bool reads_as(void *ctx, uint32_t addr, const void *src, size_t len)
{
    uint8_t found[64];
    return len <= sizeof(found) && now.read(ctx, addr, found, len) == OTA_OK &&
           memcmp(found, src, len) == 0;
}

/* Deaf there; or it firms up: the cells read like that already. */
static bool goes_nowhere(void *ctx, uint32_t addr, const void *src, size_t len)
{
    uint32_t at = addr % OTA_OTADATA_SECTOR;
    if (at >= now.deaf_from && at < now.deaf_to) {
        return true;
    }
    return now.no_firming && at < HEAD_END && reads_as(ctx, addr, src, len);
}

static ota_status_t program_held(void *ctx, memory_t *mine)
{
    uint32_t at = mine->held_at;
    mine->held_at = 0;
    now.broken++;
    return now.program(ctx, at, mine->held, sizeof(mine->held));
}

static ota_status_t program_record(void *ctx, uint32_t addr, const void *src, size_t len)
{
    bool drop;
    memory_t *mine = memory_of(ctx);
    uint32_t at = addr % OTA_OTADATA_SECTOR;
    ota_status_t status = end_waiting(mine, at, ctx, &drop);
    if (status != OTA_OK || drop) {
        return status;
    }
    if (goes_nowhere(ctx, addr, src, len)) {
        return lose(mine, addr, src, len);
    }
    if (now.seq_first && at == 16 && len == 16) {
        mine->held_at = addr;
        memcpy(mine->held, src, 16);
        return OTA_OK;
    }
    status = now.program(ctx, addr, src, len);
    return status == OTA_OK && mine->held_at != 0 ? program_held(ctx, mine) : status;
}

static ota_status_t broken_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    if (in_otadata(addr)) {
        return program_record(ctx, addr, src, len);
    }
    if (now.lost_data_at != 0 && addr / 0x1000u == now.lost_data_at / 0x1000u) {
        now.broken++;
        return OTA_OK;
    }
    return now.program(ctx, addr, src, len);
}

/* As if it were there. */
static void lie(const memory_t *mine, uint32_t which, uint32_t addr, uint8_t *dst, size_t len)
{
    for (size_t i = 0; i < mine->gone[which].len; i++) {
        uint32_t at = mine->gone[which].at + (uint32_t)i;
        if (at >= addr && at < addr + len) {
            dst[at - addr] &= mine->gone[which].bytes[i];
        }
    }
}

static ota_status_t broken_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const memory_t *mine = memory_of(ctx);
    ota_status_t status = now.read(ctx, addr, dst, len);
    for (uint32_t i = 0; now.lies && i < mine->lost && i < LOST; i++) {
        lie(mine, i, addr, dst, len);
    }
    return status;
}

static ota_status_t erase_record(void *ctx, uint32_t addr, size_t len)
{
    bool first = addr < OTADATA + OTA_OTADATA_SECTOR;
    memory_t *mine = memory_of(ctx);
    if (now.no_wiping) {
        mine->waits = addr;
        return OTA_OK;
    }
    ota_status_t status = OTA_OK;
    if (now.both_sectors) {
        now.broken++;
        status = now.erase(ctx, first ? addr + OTA_OTADATA_SECTOR : addr - OTA_OTADATA_SECTOR, len);
    }
    return status == OTA_OK ? now.erase(ctx, addr, len) : status;
}

static ota_status_t broken_erase(void *ctx, uint32_t addr, size_t len)
{
    bool record = in_otadata(addr);
    if (record ? now.deaf_erase : now.deaf_data_erase) {
        now.broken++;
        return OTA_OK;
    }
    return record ? erase_record(ctx, addr, len) : now.erase(ctx, addr, len);
}

static void wrap(void *user, ota_flash_t *flash)
{
    (void)user;
    *memory_of(flash->ctx) = (memory_t){.ctx = flash->ctx};
    now.read = flash->read;
    now.program = flash->program;
    now.erase = flash->erase;
    flash->read = broken_read;
    flash->program = broken_program;
    flash->erase = broken_erase;
}

static uint64_t explore_within(lab_bench_t *lab, const break_t *how, const explore_limits_t *limits,
                               explore_result_t *result)
{
    now = *how;
    memset(memories, 0, sizeof(memories));
    lab_world_wrap(lab->world, wrap, NULL);
    lab_explore(lab->world, limits, result);
    return explore_violations(result);
}

static uint64_t explore_broken(lab_bench_t *lab, const break_t *how, uint8_t cuts,
                               explore_result_t *result)
{
    const explore_limits_t limits = {.cuts = cuts,
                                     .grain = DAMAGE_COARSE,
                                     .later_grain = DAMAGE_SPARSE,
                                     .first_violation = true};
    return explore_within(lab, how, &limits, result);
}

static void check_short(lab_bench_t *lab, explore_result_t *result)
{
    lab_scenario_t scenario;
    lab_path_t path;
    lab_verdict_t verdict;
    lab_violation_t *found = &result->violation[0];
    assert_true(result->kept > 0);
    (void)explore_minimise(lab->world, &found->path, &found->verdict);
    lab_path_id(&lab->scenario, &found->path, found->id);
    print_message("  %s: %s\n", found->id, found->verdict.what);
    assert_true(strlen(found->id) < SHORT_ID);
    assert_true(lab_path_parse(found->id, &scenario, &path));
    assert_true(explore_path(lab->world, &path, NULL, NULL, &verdict));
    assert_int_equal(verdict.oracle, found->verdict.oracle);
}

static void unbroken_there_is_nothing_to_find(void **state)
{
    (void)state;
    lab_bench_t lab;
    explore_result_t result;
    const break_t nothing = {0};
    lab_open(&lab, "plain/o4");
    assert_int_equal(explore_broken(&lab, &nothing, 1, &result), 0);
    assert_int_equal(now.broken, 0);
    assert_true(result.cuts > 500);
    lab_close(&lab);
}

static void check_found(const char *name, const break_t *how)
{
    lab_bench_t lab;
    explore_result_t result;
    lab_open(&lab, name);
    assert_true(explore_broken(&lab, how, 1, &result) > 0);
    assert_true(now.broken > 0);
    check_short(&lab, &result);
    lab_close(&lab);
}

static void a_record_that_is_not_written_is_found(void **state)
{
    (void)state;
    check_found("plain/o4", &(break_t){.deaf_to = 32});
}

static void a_record_that_is_not_erased_first_is_found(void **state)
{
    (void)state;
    check_found("plain/o4", &(break_t){.deaf_erase = true});
}

static void an_erase_that_hits_the_record_in_force_is_found(void **state)
{
    (void)state;
    check_found("plain/o4f", &(break_t){.both_sectors = true});
}

static void data_that_is_not_erased_first_is_found(void **state)
{
    (void)state;
    check_found("plain/o4", &(break_t){.deaf_data_erase = true});
}

static void data_that_is_not_written_is_found(void **state)
{
    (void)state;
    check_found("plain/o4", &(break_t){.lost_data_at = 0x20000});
}

/* --- the rules of the commit record -------------------------------------------------------- */

static void check_rule(const char *name, const break_t *how, uint8_t cuts, lab_oracle_t oracle)
{
    lab_bench_t lab;
    explore_result_t result;
    lab_open(&lab, name);
    assert_true(explore_broken(&lab, how, cuts, &result) > 0);
    assert_true(now.broken > 0);
    check_short(&lab, &result);
    assert_int_equal(result.violation[0].verdict.oracle, oracle);
    assert_true(result.violation[0].path.cuts <= 2);
    lab_close(&lab);
}

/* A cut leaves the first seal between two values. Read as set it lets the new image start; another
 * day it is not. */
static void a_record_that_is_not_firmed_up_is_found(void **state)
{
    (void)state;
    check_rule("select/o4", &(break_t){.no_firming = true}, 2, LAB_S3);
}

/* A stock bootloader would take what was left. */
static void leftovers_that_are_not_wiped_are_found(void **state)
{
    (void)state;
    check_rule("select/o4", &(break_t){.no_wiping = true}, 2, LAB_C1);
}

/* The device reads back what it wrote and says that it could not. */
static void a_missing_first_seal_is_found(void **state)
{
    (void)state;
    check_rule("select/o4", &(break_t){.deaf_from = SEAL_1_AT, .deaf_to = SEAL_2_AT}, 1, LAB_L1);
}

static void a_missing_second_seal_is_found(void **state)
{
    (void)state;
    check_rule("select/o4", &(break_t){.deaf_from = SEAL_2_AT, .deaf_to = WIPED_AT}, 1, LAB_L1);
}

/* Without reading back the update would be promised, and lost. */
static void a_record_that_is_not_read_back_is_found(void **state)
{
    (void)state;
    check_rule("select/o4", &(break_t){.deaf_to = SEAL_1_AT, .lies = true}, 1, LAB_S3);
}

static void an_erase_of_the_sector_in_force_is_found(void **state)
{
    (void)state;
    check_rule("select/o4f", &(break_t){.both_sectors = true}, 1, LAB_S4);
}

/* Under a stock bootloader the entry is all there is: with its sequence number, and its state not
 * yet there, it is an update without protection. */
static void an_entry_with_its_number_first_is_found(void **state)
{
    (void)state;
    lab_bench_t lab;
    explore_result_t result;
    const break_t nothing = {0};
    const break_t swapped = {.seq_first = true};
    /* Of the commit that selects: what the bootloader rewrites in place later is another matter. */
    const explore_limits_t limits = {.cuts = 1, .first_op = 5, .last_op = 10};
    lab_open(&lab, "select/s4");
    (void)explore_within(&lab, &nothing, &limits, &result);
    assert_int_equal(result.violations[LAB_S4], 0);
    (void)explore_within(&lab, &swapped, &limits, &result);
    assert_true(now.broken > 0);
    assert_true(result.violations[LAB_S4] > 0);
    while (result.violation[0].verdict.oracle != LAB_S4) { /* those come later in the list */
        assert_true(--result.kept > 0);
        memmove(&result.violation[0], &result.violation[1], result.kept * sizeof(lab_violation_t));
    }
    check_short(&lab, &result);
    assert_int_equal(result.violation[0].path.cuts, 1);
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unbroken_there_is_nothing_to_find),
        cmocka_unit_test(a_record_that_is_not_written_is_found),
        cmocka_unit_test(a_record_that_is_not_erased_first_is_found),
        cmocka_unit_test(an_erase_that_hits_the_record_in_force_is_found),
        cmocka_unit_test(data_that_is_not_erased_first_is_found),
        cmocka_unit_test(data_that_is_not_written_is_found),
        cmocka_unit_test(a_record_that_is_not_firmed_up_is_found),
        cmocka_unit_test(leftovers_that_are_not_wiped_are_found),
        cmocka_unit_test(a_missing_first_seal_is_found),
        cmocka_unit_test(a_missing_second_seal_is_found),
        cmocka_unit_test(a_record_that_is_not_read_back_is_found),
        cmocka_unit_test(an_erase_of_the_sector_in_force_is_found),
        cmocka_unit_test(an_entry_with_its_number_first_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
