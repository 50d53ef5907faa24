/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A laboratory that cannot fail proves nothing: rules are broken on purpose, in a port between the
 * library and the chip, and each break must be found, with an id that replays to it.
 */
#include "support/unit.h"

#include "lab/lab.h"
#include "support/lab_thread.h"

#define OTADATA  0xE000u
#define SHORT_ID 48u

/* What the port does to the rules. */
typedef struct {
    uint32_t deaf_from; /* programs to [deaf_from, deaf_to) of an otadata sector do nothing */
    uint32_t deaf_to;
    bool deaf_erase;       /* erases of otadata do nothing */
    bool both_sectors;     /* an erase of one otadata sector erases the other one first */
    bool deaf_data_erase;  /* erases of app partitions do nothing */
    uint32_t lost_data_at; /* programs to this sector of an app partition do nothing; 0: none */
    uint64_t broken;       /* how often a rule was broken */
    ota_status_t (*program)(void *ctx, uint32_t addr, const void *src, size_t len);
    ota_status_t (*erase)(void *ctx, uint32_t addr, size_t len);
} break_t;

/* The callbacks get the inner port's context, so the break stands here. */
static break_t now;

static bool in_otadata(uint32_t addr)
{
    return addr >= OTADATA && addr < OTADATA + OTA_OTADATA_SIZE;
}

static ota_status_t broken_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    uint32_t at = addr % OTA_OTADATA_SECTOR;
    bool record = in_otadata(addr) && at >= now.deaf_from && at < now.deaf_to;
    bool data =
        addr >= 0x10000u && now.lost_data_at != 0 && addr / 0x1000u == now.lost_data_at / 0x1000u;
    if (record || data) {
        now.broken++;
        return OTA_OK;
    }
    return now.program(ctx, addr, src, len);
}

static ota_status_t broken_erase(void *ctx, uint32_t addr, size_t len)
{
    if ((in_otadata(addr) && now.deaf_erase) || (addr >= 0x10000u && now.deaf_data_erase)) {
        now.broken++;
        return OTA_OK;
    }
    if (in_otadata(addr) && now.both_sectors) {
        now.broken++;
        ota_status_t status = now.erase(ctx, addr ^ OTA_OTADATA_SECTOR, len);
        return status == OTA_OK ? now.erase(ctx, addr, len) : status;
    }
    return now.erase(ctx, addr, len);
}

static void wrap(void *user, ota_flash_t *flash)
{
    (void)user;
    now.program = flash->program;
    now.erase = flash->erase;
    flash->program = broken_program;
    flash->erase = broken_erase;
}

static uint64_t explore_broken(lab_bench_t *lab, const break_t *how, uint8_t cuts,
                               explore_result_t *result)
{
    const explore_limits_t limits = {.cuts = cuts,
                                     .grain = DAMAGE_COARSE,
                                     .later_grain = DAMAGE_COARSE,
                                     .first_violation = true};
    now = *how;
    lab_world_wrap(lab->world, wrap, NULL);
    lab_explore(lab->world, &limits, result);
    return explore_violations(result);
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
    assert_true(strlen(found->id) < SHORT_ID);
    assert_true(lab_path_parse(found->id, &scenario, &path));
    assert_true(explore_path(lab->world, &path, NULL, NULL, &verdict));
    assert_int_equal(verdict.oracle, found->verdict.oracle);
    print_message("  %s: %s\n", found->id, found->verdict.what);
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

/* The seals of the commit record, where the library writes one: without either of them a cut must
 * be able to lose something. */
static void a_missing_seal_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *seal;
        uint32_t from;
        uint32_t to;
    } rows[] = {{"first", 0x60, 0x80}, {"second", 0x80, 0xA0}};
    unsigned written = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        lab_bench_t lab;
        explore_result_t result;
        const break_t how = {.deaf_from = rows[i].from, .deaf_to = rows[i].to};
        lab_open(&lab, "select/o4");
        uint64_t violations = explore_broken(&lab, &how, 2, &result);
        if (now.broken > 0) {
            written++;
            print_message("the %s seal:\n", rows[i].seal);
            assert_true(violations > 0);
            check_short(&lab, &result);
        }
        lab_close(&lab);
    }
    if (written == 0) {
        print_message("SKIPPED: 2 seals: the library writes none yet\n");
        skip();
    }
    assert_int_equal(written, 2);
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
        cmocka_unit_test(a_missing_seal_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
