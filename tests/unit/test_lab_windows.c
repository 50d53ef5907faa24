/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What remains lost under a stock bootloader, window by window: docs/stock-windows.md has the same
 * list. Every operation of these scenarios is cut in every way; the operations in which anything is
 * violated, and what, are exactly those named here.
 */
#include "support/unit.h"

#include "lab/world.h"
#include "support/lab_thread.h"

#define OPS_MAX 64u

typedef struct {
    bool boot; /* the bootloader's, or the application's */
    medium_kind_t kind;
    unsigned nth; /* of that kind, by that party, into otadata */
    bool lost;    /* S3: an accepted update is never tried */
    bool naked;   /* S4: it runs without protection, or once too often */
} window_t;

typedef struct {
    const char *scenario;
    window_t window[4];
    unsigned windows;
} row_t;

/* NEW becomes PENDING by erasing the entry and writing it anew. */
#define ERASED                                                                                     \
    {                                                                                              \
        true, MEDIUM_ERASE, 0, true, false                                                         \
    }
#define STARTS                                                                                     \
    ERASED,                                                                                        \
    {                                                                                              \
        true, MEDIUM_PROGRAM, 0, true, true                                                        \
    }
/* Of an encrypted block nothing is right once a bit is wrong: no checksum, no entry. */
#define STARTS_ENCRYPTED                                                                           \
    ERASED,                                                                                        \
    {                                                                                              \
        true, MEDIUM_PROGRAM, 0, true, false                                                       \
    }
/* PENDING becomes ABORTED likewise: what is torn is tried once more. */
#define GIVES_UP                                                                                   \
    {                                                                                              \
        true, MEDIUM_PROGRAM, 1, false, true                                                       \
    }

static const row_t rows[] = {
    {"select/s4", {STARTS}, 2},
    {"select/s16x", {STARTS_ENCRYPTED}, 2},
    {"confirm/s4", {STARTS}, 2},
    {"confirm/s4r", {STARTS}, 2},
    {"reject/s4", {STARTS}, 2},
    {"crash/s4", {STARTS, GIVES_UP}, 3},
    {"raise/s4", {STARTS}, 2},
    {"plain-select/s4", {{0}}, 0}, /* without trials there is nothing to rewrite */
    {"factory/s4f", {{0}}, 0},
    /* Espressif's library besides: it writes the new entry in one program, ... */
    {"select/i4", {STARTS, {false, MEDIUM_PROGRAM, 0, false, true}}, 3},
    {"confirm/i4", {STARTS}, 2},
    /* ... and rewrites the entry in force to reject itself. */
    {"reject/i4", {STARTS, {false, MEDIUM_PROGRAM, 0, false, true}}, 3},
    {"crash/i4", {STARTS, GIVES_UP}, 3},
};

/* The operations of a run without cuts. */
typedef struct {
    uint32_t count;
    struct {
        bool boot;
        bool record;
        medium_kind_t kind;
    } op[OPS_MAX];
} ops_t;

static void watch(void *user, lab_world_t *world, const medium_op_t *op, uint32_t index,
                  const damage_t *cut)
{
    ops_t *ops = user;
    uint32_t otadata = world->plan->layout.otadata.offset;
    (void)cut;
    assert_true(index < OPS_MAX);
    ops->count = index + 1u;
    ops->op[index].boot = world->life != NULL && world->life->booting;
    ops->op[index].record = world->life != NULL && op->kind != MEDIUM_READ && op->addr >= otadata &&
                            op->addr - otadata < OTA_OTADATA_SIZE;
    ops->op[index].kind = op->kind;
}

static void add(uint64_t sum[LAB_ORACLES], const explore_result_t *result)
{
    for (unsigned i = 0; i < LAB_ORACLES; i++) {
        sum[i] += result->violations[i];
    }
}

/* The window that operation `index` is; NULL: none. */
static const window_t *window_of(const row_t *row, const ops_t *ops, uint32_t index)
{
    unsigned nth = 0;
    for (uint32_t i = 0; i < index; i++) {
        nth += ops->op[i].record && ops->op[i].boot == ops->op[index].boot &&
               ops->op[i].kind == ops->op[index].kind;
    }
    for (unsigned i = 0; ops->op[index].record && i < row->windows; i++) {
        const window_t *window = &row->window[i];
        if (window->boot == ops->op[index].boot && window->kind == ops->op[index].kind &&
            window->nth == nth) {
            return window;
        }
    }
    return NULL;
}

static void check_op(lab_bench_t *lab, const row_t *row, const ops_t *ops, uint32_t index,
                     uint64_t sum[LAB_ORACLES])
{
    explore_result_t result;
    const explore_limits_t limits = {
        .cuts = 1, .grain = DAMAGE_COARSE, .first_op = index, .last_op = index};
    const window_t *window = window_of(row, ops, index);
    lab_explore(lab->world, &limits, &result);
    add(sum, &result);
    bool lost = result.violations[LAB_S3] > 0;
    bool naked = result.violations[LAB_S4] > 0;
    if (lost != (window != NULL && window->lost) || naked != (window != NULL && window->naked)) {
        fail_msg("%s, operation %u: S3 %s, S4 %s", row->scenario, (unsigned)index,
                 lost ? "violated" : "holds", naked ? "violated" : "holds");
    }
}

/* What the first operation adds to the others' violations: ranges of it alone cannot be asked for.
 */
static void check_rest(lab_bench_t *lab, const row_t *row, const ops_t *ops,
                       const uint64_t sum[LAB_ORACLES])
{
    explore_result_t whole;
    const explore_limits_t limits = {.cuts = 1, .grain = DAMAGE_COARSE};
    const window_t *window = window_of(row, ops, 0);
    lab_explore(lab->world, &limits, &whole);
    assert_true(whole.complete);
    for (unsigned i = 0; i < LAB_ORACLES; i++) {
        bool known =
            window != NULL && ((i == LAB_S3 && window->lost) || (i == LAB_S4 && window->naked));
        assert_true((whole.violations[i] > sum[i]) == known);
        assert_true(i == LAB_S3 || i == LAB_S4 || whole.violations[i] == 0); /* S1, S2, .. hold */
    }
}

static void stock_loses_in_these_windows_and_in_no_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        lab_bench_t lab;
        ops_t ops = {0};
        lab_verdict_t verdict;
        uint64_t sum[LAB_ORACLES] = {0};
        const lab_path_t none = {0};
        unsigned windows = 0;
        lab_open(&lab, rows[i].scenario);
        assert_false(explore_path(lab.world, &none, watch, &ops, &verdict));
        for (uint32_t index = 0; index < ops.count; index++) {
            windows += window_of(&rows[i], &ops, index) != NULL;
            if (index > 0) {
                check_op(&lab, &rows[i], &ops, index, sum);
            }
        }
        assert_int_equal(windows, rows[i].windows); /* each of them is there */
        check_rest(&lab, &rows[i], &ops, sum);
        lab_close(&lab);
    }
}

/* Those that docs/stock-windows.md shows. */
static const struct {
    const char *id;
    lab_oracle_t oracle;
} ids[] = {
    {"confirm/s4.0.d", LAB_S3},        {"confirm/s4.1.n", LAB_S3},  {"confirm/s4.1.c32", LAB_S4},
    {"crash/s4.3.c31", LAB_S4},        {"select/i4.1.c32", LAB_S4}, {"reject/i4.3.c31", LAB_S4},
    {"last-select/i4.1.S0@m", LAB_S3},
};

static void the_documents_replays_show_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        lab_bench_t lab;
        lab_scenario_t scenario;
        lab_path_t path;
        lab_verdict_t verdict;
        assert_true(lab_path_parse(ids[i].id, &scenario, &path));
        lab_open(&lab, scenario.name);
        assert_true(explore_path(lab.world, &path, NULL, NULL, &verdict));
        assert_int_equal(verdict.oracle, ids[i].oracle);
        lab_close(&lab);
    }
}

static void check_end(const char *name, int image, unsigned given_up)
{
    lab_bench_t lab;
    lab_lived_t lived;
    lab_open(&lab, name);
    lab_world_settle(lab.world, MEDIUM_ONES, 24, &lived);
    assert_int_equal(lived.end, LAB_LIFE_RESTS);
    assert_int_equal(lived.image, image);
    assert_int_equal(lab_world_ledger(lab.world)->given_up, given_up);
    lab_close(&lab);
}

/* No oracle's business, since one start is all that stock promises. */
static void any_reset_ends_a_trial_under_stock(void **state)
{
    (void)state;
    check_end("crash-twice/s4", LAB_IMAGE_OLD, 1);
    check_end("crash-twice/i4", LAB_IMAGE_OLD, 1);
    check_end("crash-twice/o4", LAB_IMAGE_NEW, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stock_loses_in_these_windows_and_in_no_other),
        cmocka_unit_test(the_documents_replays_show_it),
        cmocka_unit_test(any_reset_ends_a_trial_under_stock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
