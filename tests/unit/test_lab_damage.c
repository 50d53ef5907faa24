/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unit.h"

#include <stdlib.h>

#include "lab/damage.h"

#define SIZE 0x20000u
#define AT   0x10000u

static const medium_spec_t chip = {
    .size = SIZE, .program_unit = 4, .erase_units = OTA_ERASE_4K | OTA_ERASE_64K, .seed = 3};

typedef struct {
    medium_t medium;
    uint8_t data[256];
} world_t;

static int setup(void **state)
{
    static world_t world;
    memset(&world, 0, sizeof(world));
    if (medium_open(&world.medium, &chip) != OTA_OK) {
        return -1;
    }
    for (unsigned i = 0; i < sizeof(world.data); i++) {
        world.data[i] = (uint8_t)medium_mix(i, 5);
    }
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    world_t *world = *state;
    medium_close(&world->medium);
    return 0;
}

static medium_op_t program_of(world_t *world, uint32_t len)
{
    return (medium_op_t){MEDIUM_PROGRAM, AT, len, world->data};
}

/* Something to erase. */
static medium_op_t erase_of(world_t *world, uint32_t len)
{
    for (uint32_t at = 0; at < len; at += 8u) {
        uint64_t word = medium_mix(at, 77) & medium_mix(at, 78);
        medium_store(&world->medium, AT + at, (const uint8_t *)&word, NULL, 8);
    }
    return (medium_op_t){MEDIUM_ERASE, AT, len, NULL};
}

static void there_are_at_least_sixteen_kinds(void **state)
{
    world_t *world = *state;
    unsigned kinds = 0;
    const medium_op_t program = program_of(world, 32);
    const medium_op_t erase = erase_of(world, OTA_ERASE_64K);
    for (unsigned kind = 0; kind < DAMAGE_KINDS; kind++) {
        uint32_t programs =
            damage_count(&world->medium, &program, (damage_kind_t)kind, DAMAGE_FINE);
        uint32_t erases = damage_count(&world->medium, &erase, (damage_kind_t)kind, DAMAGE_FINE);
        assert_true(programs + erases > 0); /* none is in the table for show */
        kinds++;
    }
    assert_true(kinds >= 16);
}

static void the_lists_are_as_long_as_the_header_says(void **state)
{
    world_t *world = *state;
    medium_t *medium = &world->medium;
    const medium_op_t shorter = program_of(world, 32);
    const medium_op_t longer = program_of(world, 256);
    unsigned bits = 0;
    for (unsigned i = 0; i < 32; i++) {
        bits += (unsigned)__builtin_popcount((uint8_t)~world->data[i]);
    }
    assert_int_equal(damage_count(medium, &shorter, DAMAGE_PREFIX, DAMAGE_FINE), 31);
    assert_int_equal(damage_count(medium, &shorter, DAMAGE_SUFFIX, DAMAGE_FINE), 31);
    assert_int_equal(damage_count(medium, &shorter, DAMAGE_BIT, DAMAGE_FINE), bits);
    assert_int_equal(damage_count(medium, &shorter, DAMAGE_ALL_BUT, DAMAGE_FINE), bits);
    assert_int_equal(damage_count(medium, &longer, DAMAGE_PREFIX, DAMAGE_FINE), 255);
    assert_int_equal(damage_count(medium, &longer, DAMAGE_BIT, DAMAGE_FINE), 64);
    assert_int_equal(damage_count(medium, &longer, DAMAGE_PREFIX, DAMAGE_COARSE), 8);
    const medium_op_t erase = erase_of(world, 0x1000);
    assert_int_equal(damage_count(medium, &erase, DAMAGE_PAGES, DAMAGE_FINE), 15);
    assert_int_equal(damage_count(medium, &erase, DAMAGE_SECTORS, DAMAGE_FINE), 0);
    assert_int_equal(damage_count(medium, &erase, DAMAGE_PREFIX, DAMAGE_FINE), 0);
}

/* The first or last of a thinned list are the first and last of the whole one. */
static void a_thinned_list_keeps_both_ends(void **state)
{
    world_t *world = *state;
    const medium_op_t op = program_of(world, 256);
    assert_int_equal(damage_nth(&world->medium, &op, DAMAGE_PREFIX, DAMAGE_COARSE, 0).index, 0);
    assert_int_equal(damage_nth(&world->medium, &op, DAMAGE_PREFIX, DAMAGE_COARSE, 7).index, 254);
}

static void check_program_bits(const world_t *world, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        uint8_t cells = world->medium.cells[AT + i];
        assert_int_equal(cells & world->data[i], world->data[i]); /* nothing fell that shall stay */
        assert_int_equal(world->medium.marginal[AT + i] & world->data[i], 0);
    }
}

static void a_torn_program_lies_between_before_and_after(void **state)
{
    world_t *world = *state;
    medium_t *medium = &world->medium;
    const medium_op_t op = program_of(world, 48);
    uint64_t blank = medium_key(medium);
    for (unsigned kind = DAMAGE_PREFIX; kind <= DAMAGE_M_ALL; kind++) {
        uint32_t count = damage_count(medium, &op, (damage_kind_t)kind, DAMAGE_FINE);
        for (uint32_t i = 0; i < count; i++) {
            size_t mark = medium_mark(medium);
            if (damage_apply(medium, &op, (damage_t){(damage_kind_t)kind, i})) {
                if (kind != DAMAGE_REVERSED) {
                    check_program_bits(world, 48);
                }
                assert_true(((DAMAGE_MARGINAL >> kind & 1u) != 0) == (medium->marginal_total > 0));
                medium_carry_out(medium, &op); /* the same bytes once more make it whole */
                if (kind != DAMAGE_REVERSED) {
                    assert_memory_equal(medium->cells + AT, world->data, 48);
                    assert_int_equal(medium->marginal_total, 0);
                }
            }
            medium_undo(medium, mark);
            assert_int_equal(medium_key(medium), blank);
        }
    }
}

static void a_prefix_is_the_first_bytes_and_a_suffix_the_last(void **state)
{
    world_t *world = *state;
    medium_t *medium = &world->medium;
    const medium_op_t op = program_of(world, 32);
    for (uint32_t i = 0; i < 31; i++) {
        size_t mark = medium_mark(medium);
        (void)damage_apply(medium, &op, (damage_t){DAMAGE_PREFIX, i});
        assert_memory_equal(medium->cells + AT, world->data, i + 1u);
        for (uint32_t k = i + 1u; k < 32; k++) {
            assert_int_equal(medium->cells[AT + k], 0xFF);
        }
        medium_undo(medium, mark);
        (void)damage_apply(medium, &op, (damage_t){DAMAGE_SUFFIX, i});
        for (uint32_t k = 0; k <= i; k++) {
            assert_int_equal(medium->cells[AT + k], 0xFF);
        }
        assert_memory_equal(medium->cells + AT + i + 1u, world->data + i + 1u, 31 - i);
        medium_undo(medium, mark);
    }
}

static void single_bits_are_all_different(void **state)
{
    world_t *world = *state;
    medium_t *medium = &world->medium;
    const medium_op_t op = program_of(world, 32);
    uint32_t count = damage_count(medium, &op, DAMAGE_BIT, DAMAGE_FINE);
    uint8_t sum[32];
    memset(sum, 0xFF, sizeof(sum));
    for (uint32_t i = 0; i < count; i++) {
        unsigned bits = 0;
        size_t mark = medium_mark(medium);
        assert_true(damage_apply(medium, &op, (damage_t){DAMAGE_BIT, i}));
        for (unsigned k = 0; k < 32; k++) {
            bits += (unsigned)__builtin_popcount((uint8_t)~medium->cells[AT + k]);
            sum[k] &= medium->cells[AT + k];
        }
        assert_int_equal(bits, 1);
        medium_undo(medium, mark);
    }
    assert_memory_equal(sum, world->data, 32); /* together they are the whole program */
}

static void an_interrupted_erase_can_always_be_repeated(void **state)
{
    world_t *world = *state;
    medium_t *medium = &world->medium;
    const medium_op_t op = erase_of(world, OTA_ERASE_64K);
    uint64_t full = medium_key(medium);
    unsigned outcomes = 0;
    for (unsigned kind = DAMAGE_PAGES; kind < DAMAGE_KINDS; kind++) {
        uint32_t count = damage_count(medium, &op, (damage_kind_t)kind, DAMAGE_FINE);
        for (uint32_t i = 0; i < count; i++) {
            size_t mark = medium_mark(medium);
            if (damage_apply(medium, &op, (damage_t){(damage_kind_t)kind, i})) {
                outcomes++;
                assert_int_not_equal(medium_key(medium), full);
                assert_true(medium->wear[AT / MEDIUM_SECTOR] > 0 || kind == DAMAGE_SECTORS);
                medium_carry_out(medium, &op);
                assert_int_equal(medium_key(medium), 0); /* blank and solid */
            }
            medium_undo(medium, mark);
        }
    }
    assert_int_equal(medium_key(medium), full);
    assert_true(outcomes > 30);
}

static void what_the_medium_promises_narrows_the_list(void **state)
{
    world_t *world = *state;
    medium_t *medium = &world->medium;
    const medium_op_t op = program_of(world, 32);
    medium->spec.guarantees = OTA_FLASH_ATOMIC_PROGRAM_UNIT;
    assert_int_equal(damage_count(medium, &op, DAMAGE_PREFIX, DAMAGE_FINE), 7); /* units of 4 */
    assert_int_equal(damage_count(medium, &op, DAMAGE_SUFFIX, DAMAGE_FINE), 7);
    assert_int_equal(damage_count(medium, &op, DAMAGE_BIT, DAMAGE_FINE), 0);
    assert_int_equal(damage_count(medium, &op, DAMAGE_M_ALL, DAMAGE_FINE), 0);
    medium->spec.guarantees = OTA_FLASH_PREFIX_PROGRAM | OTA_FLASH_ATOMIC_PROGRAM_UNIT;
    assert_int_equal(damage_count(medium, &op, DAMAGE_SUFFIX, DAMAGE_FINE), 0);
    assert_int_equal(damage_count(medium, &op, DAMAGE_BEFORE, DAMAGE_FINE), 1);
    (void)damage_apply(medium, &op, (damage_t){DAMAGE_PREFIX, 0});
    assert_memory_equal(medium->cells + AT, world->data, 4);
    assert_int_equal(medium->cells[AT + 4], 0xFF);
}

static void codes_and_names_come_back(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < DAMAGE_KINDS; kind++) {
        char text[16];
        damage_t back;
        const char *end;
        damage_set_t set;
        const damage_t damage = {(damage_kind_t)kind, 17};
        damage_code(damage, text);
        assert_true(damage_parse(text, &back, &end));
        assert_int_equal(back.kind, kind);
        assert_true(back.index == 17 || (back.index == 0 && text[1] == '\0'));
        assert_int_equal(*end, '\0');
        assert_true(damage_set_parse(damage_kind_name((damage_kind_t)kind), &set));
        assert_int_equal(set, 1u << kind);
    }
}

static void nonsense_is_no_damage(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "q1", "p", "p-1", "p+1", "?", "p99999999999"};
    damage_t damage;
    const char *end;
    damage_set_t set;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(damage_parse(wrong[i], &damage, &end));
    }
    assert_true(damage_set_parse("all", &set));
    assert_int_equal(set, DAMAGE_ALL);
    assert_true(damage_set_parse("edges,weak", &set));
    assert_int_equal(set, DAMAGE_EDGES | 1u << DAMAGE_WEAK);
    assert_true(damage_set_parse("solid,marginal", &set));
    assert_int_equal(set, DAMAGE_ALL);
    assert_false(damage_set_parse("prefix,sideways", &set));
    assert_false(damage_set_parse("", &set));
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(there_are_at_least_sixteen_kinds),
        FRESH(the_lists_are_as_long_as_the_header_says),
        FRESH(a_thinned_list_keeps_both_ends),
        FRESH(a_torn_program_lies_between_before_and_after),
        FRESH(a_prefix_is_the_first_bytes_and_a_suffix_the_last),
        FRESH(single_bits_are_all_different),
        FRESH(an_interrupted_erase_can_always_be_repeated),
        FRESH(what_the_medium_promises_narrows_the_list),
        cmocka_unit_test(codes_and_names_come_back),
        cmocka_unit_test(nonsense_is_no_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
