/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/medium.h"

#define SIZE 0x20000u

typedef struct {
    medium_t medium;
    medium_port_t port;
    medium_power_t before;
    unsigned dead_calls;
} world_t;

static const medium_spec_t plain = {
    .size = SIZE, .program_unit = 4, .erase_units = OTA_ERASE_4K | OTA_ERASE_64K, .seed = 7};

static void start_with(world_t *world, const medium_spec_t *spec)
{
    memset(world, 0, sizeof(*world));
    assert_int_equal(medium_open(&world->medium, spec), OTA_OK);
    medium_power_on(&world->medium, &world->port, MEDIUM_ONES, &world->before);
}

static int setup(void **state)
{
    static world_t world;
    start_with(&world, &plain);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    world_t *world = *state;
    medium_close(&world->medium);
    return 0;
}

static void fill(uint8_t *bytes, size_t len, uint8_t first)
{
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(first + i * 7u);
    }
}

static void a_program_clears_bits_and_an_erase_sets_them(void **state)
{
    world_t *world = *state;
    const ota_flash_t *flash = &world->port.flash;
    uint8_t wrote[64];
    uint8_t found[64];
    fill(wrote, sizeof(wrote), 3);
    assert_int_equal(ota_flash_check(flash), OTA_OK);
    assert_int_equal(ota_flash_program(flash, 0x1FE0, wrote, sizeof(wrote)),
                     OTA_OK); /* two sectors */
    assert_int_equal(ota_flash_read(flash, 0x1FE0, found, sizeof(found)), OTA_OK);
    assert_memory_equal(wrote, found, sizeof(found));
    assert_int_equal(ota_flash_program(flash, 0x1FE0, wrote, sizeof(wrote)), OTA_OK); /* again */
    assert_int_equal(ota_flash_erase(flash, 0x1000, 0x1000), OTA_OK);
    assert_int_equal(ota_flash_read(flash, 0x1FE0, found, sizeof(found)), OTA_OK);
    for (unsigned i = 0; i < 0x20; i++) {
        assert_int_equal(found[i], 0xFF);
    }
    assert_memory_equal(wrote + 0x20, found + 0x20, 0x20);
    assert_int_equal(world->medium.wear[1], 1);
    assert_int_equal(world->medium.fault, MEDIUM_FAULT_NONE);
}

static void what_no_code_may_ask_is_noted(void **state)
{
    world_t *world = *state;
    const ota_flash_t *flash = &world->port.flash;
    const uint8_t zeros[8] = {0};
    const uint8_t ones[8] = {0x10, 0, 0, 0, 0, 0, 0, 0};
    assert_int_equal(flash->program(flash->ctx, 0x100, zeros, 8), OTA_OK);
    assert_int_equal(flash->program(flash->ctx, 0x100, ones, 8), OTA_ERR_FLASH_NOT_BLANK);
    assert_int_equal(world->medium.fault, MEDIUM_FAULT_RAISE);
    assert_int_equal(world->medium.fault_op.addr, 0x100);
    world->medium.fault = MEDIUM_FAULT_NONE;
    assert_int_equal(flash->erase(flash->ctx, 0x1000, 0x2000), OTA_ERR_FLASH_ERASE);
    assert_int_equal(world->medium.fault, MEDIUM_FAULT_ERASE);
    world->medium.fault = MEDIUM_FAULT_NONE;
    assert_int_equal(flash->erase(flash->ctx, 0x8000, OTA_ERASE_32K), OTA_ERR_FLASH_ERASE);
    assert_int_equal(world->medium.fault, MEDIUM_FAULT_ERASE);
    world->medium.fault = MEDIUM_FAULT_NONE;
    assert_int_equal(flash->program(flash->ctx, SIZE - 4, zeros, 8), OTA_ERR_FLASH_PROGRAM);
    assert_int_equal(world->medium.fault, MEDIUM_FAULT_RANGE);
    world->medium.fault = MEDIUM_FAULT_NONE;
    assert_int_equal(flash->program(flash->ctx, 2, zeros, 4), OTA_ERR_FLASH_PROGRAM);
    assert_int_equal(world->medium.fault, MEDIUM_FAULT_RANGE);
}

static void nested_marks_bring_everything_back(void **state)
{
    world_t *world = *state;
    medium_t *medium = &world->medium;
    uint8_t *ground = malloc(SIZE);
    uint64_t coin = 1;
    assert_non_null(ground);
    for (uint32_t at = 0; at < SIZE; at += 8) {
        uint64_t word = medium_mix(at, 1);
        medium_store(medium, at, (const uint8_t *)&word, NULL, 8);
    }
    medium_settle(medium);
    memcpy(ground, medium->cells, SIZE);
    uint64_t key = medium_key(medium);
    for (unsigned round = 0; round < 50; round++) {
        size_t marks[4];
        uint64_t keys[4];
        for (unsigned depth = 0; depth < 4; depth++) {
            marks[depth] = medium_mark(medium);
            keys[depth] = medium_key(medium);
            for (unsigned i = 0; i < 5; i++) {
                uint8_t bytes[600];
                uint8_t mask[600];
                coin = medium_mix(coin, 9);
                uint32_t len = 1u + (uint32_t)(coin % sizeof(bytes));
                uint32_t at = (uint32_t)(coin >> 20) % (SIZE - len);
                fill(bytes, len, (uint8_t)coin);
                fill(mask, len, (uint8_t)(coin >> 8));
                medium_store(medium, at, bytes, i % 2u == 0 ? mask : NULL, len);
            }
            const medium_op_t erase = {MEDIUM_ERASE, 0x3000, 0x1000, NULL};
            medium_carry_out(medium, &erase);
        }
        assert_int_not_equal(medium_key(medium), key);
        for (unsigned depth = 4; depth-- > 0;) {
            medium_undo(medium, marks[depth]);
            assert_int_equal(medium_key(medium), keys[depth]);
        }
    }
    assert_memory_equal(ground, medium->cells, SIZE);
    assert_int_equal(medium_key(medium), key);
    assert_int_equal(medium->marginal_total, 0);
    assert_int_equal(medium->wear[3], 0);
    free(ground);
}

static void the_key_is_of_the_content_and_not_of_the_way_there(void **state)
{
    world_t *world = *state;
    medium_t *medium = &world->medium;
    uint8_t bytes[300];
    uint64_t blank = medium_key(medium);
    fill(bytes, sizeof(bytes), 9);
    medium_store(medium, 0x2345, bytes, NULL, sizeof(bytes));
    uint64_t once = medium_key(medium);
    assert_int_not_equal(once, blank);
    medium_fill(medium, 0x2000, 0xFF, 0x1000);
    assert_int_equal(medium_key(medium), blank);
    for (unsigned i = sizeof(bytes); i-- > 0;) {
        medium_store(medium, 0x2345 + i, &bytes[i], NULL, 1);
    }
    assert_int_equal(medium_key(medium), once);
    bytes[0] ^= 1;
    medium_store(medium, 0x2345, bytes, NULL, 1);
    assert_int_not_equal(medium_key(medium), once);
    assert_int_equal(medium_region_key(medium, 0x2000, 0x1000), medium_key(medium));
    assert_int_equal(medium_region_key(medium, 0x3000, 0x1000), 0);
}

static void a_marginal_cell_reads_as_the_reading_says_until_it_is_written(void **state)
{
    world_t *world = *state;
    medium_t *medium = &world->medium;
    const ota_flash_t *flash = &world->port.flash;
    const uint8_t cells[4] = {0x0F, 0xFF, 0xFF, 0xFF};
    const uint8_t mask[4] = {0xF0, 0, 0, 0};
    const uint8_t half[4] = {0x3F, 0xFF, 0xFF, 0xFF};
    uint8_t found = 0;
    medium_store(medium, 0x4000, cells, mask, 4);
    assert_int_equal(medium->marginal_total, 4);
    uint64_t key = medium_key(medium);
    medium->reading = MEDIUM_ONES;
    medium_view(medium, 0x4000, &found, 1);
    assert_int_equal(found, 0xFF);
    medium->reading = MEDIUM_ZEROS;
    medium_view(medium, 0x4000, &found, 1);
    assert_int_equal(found, 0x0F);
    unsigned seen = 0;
    medium->reading = MEDIUM_MIXED;
    for (unsigned i = 0; i < 200; i++) {
        medium_view(medium, 0x4000, &found, 1);
        assert_int_equal(found & 0x0F, 0x0F);
        seen |= 1u << (found >> 4);
    }
    assert_int_equal(seen, 0xFFFF); /* every mixture came up */
    medium->reading = MEDIUM_FADING;
    medium->marginal_reads = 0;
    medium_view(medium, 0x4000, &found, 1);
    assert_int_equal(found, 0x0F);
    for (unsigned i = 0; i < MEDIUM_FADES_AFTER; i++) {
        medium_view(medium, 0x4000, &found, 1);
    }
    assert_int_equal(found, 0xFF);
    assert_int_equal(medium_key(medium), key); /* reading changes nothing */
    assert_false(medium_holds(medium, 0x4000, cells, 4));
    assert_int_equal(ota_flash_program(flash, 0x4000, half, 4), OTA_OK);
    assert_int_equal(medium->marginal_total, 2); /* two fell for good, two are as they were */
    assert_int_equal(ota_flash_erase(flash, 0x4000, 0x1000), OTA_OK);
    assert_int_equal(medium->marginal_total, 0);
    medium_view(medium, 0x4000, &found, 1);
    assert_int_equal(found, 0xFF);
}

static void a_failing_operation_fails_as_it_was_told(void **state)
{
    world_t *world = *state;
    const ota_flash_t *flash = &world->port.flash;
    const uint8_t zeros[8] = {0};
    uint8_t found[8];
    const struct {
        medium_failure_t how;
        ota_status_t status;
        uint8_t first;
        uint8_t last;
    } rows[] = {{MEDIUM_FAILS, OTA_ERR_FLASH_PROGRAM, 0xFF, 0xFF},
                {MEDIUM_HALF, OTA_ERR_FLASH_PROGRAM, 0, 0xFF},
                {MEDIUM_SILENT, OTA_OK, 0xFF, 0xFF}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint32_t at = 0x5000 + (uint32_t)i * 64u;
        const medium_fail_t fail = {.kinds = 1u << MEDIUM_PROGRAM, .how = rows[i].how, .nth = 1};
        medium_fail(&world->medium, &fail);
        assert_int_equal(ota_flash_program(flash, at + 16, zeros, 8), OTA_OK);
        assert_int_equal(ota_flash_read(flash, at, found, 8), OTA_OK); /* not of the kinds */
        assert_int_equal(ota_flash_program(flash, at, zeros, 8), rows[i].status);
        assert_int_equal(ota_flash_read(flash, at, found, 8), OTA_OK);
        assert_int_equal(found[0], rows[i].first);
        assert_int_equal(found[7], rows[i].last);
        assert_int_equal(ota_flash_program(flash, at, zeros, 8), OTA_OK); /* once */
    }
    const medium_fail_t ever = {
        .kinds = 1u << MEDIUM_ERASE, .how = MEDIUM_FAILS, .for_ever = true, .nth = 0};
    medium_fail(&world->medium, &ever);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(ota_flash_erase(flash, 0x5000, 0x1000), OTA_ERR_FLASH_ERASE);
    }
}

static void a_stuck_cell_never_changes(void **state)
{
    world_t *world = *state;
    const ota_flash_t *flash = &world->port.flash;
    const uint8_t zeros[4] = {0};
    uint8_t found[4];
    assert_int_equal(medium_stick(&world->medium, 0x6000u * 8u + 3u), OTA_OK);
    assert_int_equal(ota_flash_program(flash, 0x6000, zeros, 4), OTA_OK);
    assert_int_equal(ota_flash_read(flash, 0x6000, found, 4), OTA_OK);
    assert_int_equal(found[0], 0x08);
    medium_unstick(&world->medium);
    medium_flip(&world->medium, 0x6000u * 8u + 3u);
    assert_int_equal(ota_flash_read(flash, 0x6000, found, 4), OTA_OK);
    assert_int_equal(found[0], 0);
}

static void encrypted_flash_takes_whole_blocks_once(void **state)
{
    (void)state;
    world_t world;
    medium_spec_t spec = plain;
    uint8_t wrote[48];
    uint8_t found[48];
    spec.encrypted = true;
    spec.encrypted_from = 0x10000;
    spec.encrypted_to = SIZE;
    start_with(&world, &spec);
    const ota_flash_t *flash = &world.port.flash;
    assert_int_equal(flash->encrypted_unit, 16);
    fill(wrote, sizeof(wrote), 1);
    assert_int_equal(ota_flash_read(flash, 0x10000, found, 16), OTA_OK);
    unsigned blank = 0;
    for (unsigned i = 0; i < 16; i++) {
        blank += found[i] == 0xFF;
    }
    assert_true(blank < 4); /* erased cells do not read as FF */
    assert_int_equal(ota_flash_program(flash, 0x10010, wrote, 48), OTA_OK);
    assert_int_equal(ota_flash_program(flash, 0x10010, wrote, 48), OTA_OK); /* the same again */
    assert_int_equal(ota_flash_read(flash, 0x10013, found, 41), OTA_OK);
    assert_memory_equal(found, wrote + 3, 41);
    assert_true(medium_holds(&world.medium, 0x10010, wrote, 48));
    assert_memory_not_equal(world.medium.cells + 0x10010, wrote, 48);
    assert_int_equal(world.medium.fault, MEDIUM_FAULT_NONE);
    medium_flip(&world.medium, 0x10021u * 8u);
    assert_int_equal(ota_flash_read(flash, 0x10010, found, 48), OTA_OK);
    assert_memory_equal(found, wrote, 16); /* the blocks beside it are whole */
    assert_memory_equal(found + 32, wrote + 32, 16);
    unsigned same = 0;
    for (unsigned i = 16; i < 32; i++) {
        same += found[i] == wrote[i];
    }
    assert_true(same < 4);
    assert_int_equal(ota_flash_program(flash, 0x10014, wrote, 16), OTA_ERR_ALIGN);
    assert_int_equal(world.medium.fault, MEDIUM_FAULT_BLOCK);
    world.medium.fault = MEDIUM_FAULT_NONE;
    wrote[0] ^= 0x80;
    assert_int_equal(ota_flash_program(flash, 0x10030, wrote, 16), OTA_ERR_FLASH_NOT_BLANK);
    assert_int_equal(world.medium.fault, MEDIUM_FAULT_RAISE);
    medium_close(&world.medium);
}

static void note_dead_call(void *user, const medium_op_t *op)
{
    world_t *world = user;
    (void)op;
    world->dead_calls++;
}

static void nothing_reaches_the_chip_after_death(void **state)
{
    world_t *world = *state;
    medium_t *medium = &world->medium;
    const uint8_t zeros[4] = {0};
    uint8_t found[4];
    medium_port_t second;
    medium_power_t before;
    medium->after_death = note_dead_call;
    medium->user = world;
    uint64_t key = medium_key(medium);
    medium_power_on(medium, &second, MEDIUM_ONES, &before);
    assert_int_equal(ota_flash_read(&world->port.flash, 0, found, 4), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_flash_program(&world->port.flash, 0, zeros, 4), OTA_ERR_FLASH_PROGRAM);
    assert_int_equal(ota_flash_erase(&world->port.flash, 0, 0x1000), OTA_ERR_FLASH_ERASE);
    assert_int_equal(world->dead_calls, 3);
    assert_int_equal(ota_flash_read(&second.flash, 0, found, 4), OTA_OK);
    medium_power_off(medium, &before);
    assert_int_equal(ota_flash_read(&second.flash, 0, found, 4), OTA_ERR_FLASH_READ);
    assert_int_equal(ota_flash_read(&world->port.flash, 0, found, 4), OTA_OK); /* it lives on */
    assert_int_equal(world->dead_calls, 4);
    assert_int_equal(medium_key(medium), key);
}

static void a_call_after_death_ends_the_process(void **state)
{
    world_t *world = *state;
    int how = 0;
    medium_power_t off = {0};
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        uint8_t byte;
        (void)signal(SIGABRT, SIG_DFL);
        if (freopen("/dev/null", "w", stderr) == NULL) {
            _exit(1);
        }
        medium_power_off(&world->medium, &off);
        (void)world->port.flash.read(world->port.flash.ctx, 0, &byte, 1);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    assert_int_equal(WTERMSIG(how), SIGABRT);
}

static void incoherent_chips_are_refused(void **state)
{
    (void)state;
    medium_t medium;
    medium_spec_t wrong[6];
    for (unsigned i = 0; i < 6; i++) {
        wrong[i] = plain;
    }
    wrong[0].size = 0x1001;
    wrong[1].size = 0;
    wrong[2].program_unit = 3;
    wrong[3].erase_units = OTA_ERASE_64K;
    wrong[4].program_unit = 64;
    wrong[5].encrypted = true;
    wrong[5].encrypted_to = SIZE + 16;
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(medium_open(&medium, &wrong[i]), OTA_ERR_ARG);
    }
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(a_program_clears_bits_and_an_erase_sets_them),
        FRESH(what_no_code_may_ask_is_noted),
        FRESH(nested_marks_bring_everything_back),
        FRESH(the_key_is_of_the_content_and_not_of_the_way_there),
        FRESH(a_marginal_cell_reads_as_the_reading_says_until_it_is_written),
        FRESH(a_failing_operation_fails_as_it_was_told),
        FRESH(a_stuck_cell_never_changes),
        cmocka_unit_test(encrypted_flash_takes_whole_blocks_once),
        FRESH(nothing_reaches_the_chip_after_death),
        FRESH(a_call_after_death_ends_the_process),
        cmocka_unit_test(incoherent_chips_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
