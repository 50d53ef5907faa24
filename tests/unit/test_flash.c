/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unit.h"

#include "ota/flash.h"
#include "ports/flash/nor_sim.h"

#define SIZE 0x40000u

static int setup(void **state)
{
    static nor_sim_t nor;
    *state = &nor;
    return nor_sim_start(&nor, SIZE) == OTA_OK ? 0 : -1;
}

static int teardown(void **state)
{
    nor_sim_stop(*state);
    return 0;
}

static void a_coherent_port_is_accepted(void **state)
{
    nor_sim_t *nor = *state;
    assert_int_equal(ota_flash_check(&nor->flash), OTA_OK);
    ota_flash_t flash = nor->flash;
    flash.encrypted_unit = 16;
    flash.program_unit = 32;
    assert_int_equal(ota_flash_check(&flash), OTA_OK);
}

static void a_port_that_contradicts_itself_is_refused(void **state)
{
    nor_sim_t *nor = *state;
    ota_flash_t wrong[13];
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        wrong[i] = nor->flash; /* and then one field each */
    }
    wrong[0].version = OTA_FLASH_VERSION + 1;
    wrong[1].read = NULL;
    wrong[2].program = NULL;
    wrong[3].erase = NULL;
    wrong[4].size = 0;
    wrong[5].size = SIZE + 1;
    wrong[6].program_unit = 0;
    wrong[7].program_unit = 24;
    wrong[8].program_unit = 64;
    wrong[9].encrypted_unit = 32;
    wrong[10].erase_units = OTA_ERASE_32K | OTA_ERASE_64K;
    wrong[11].erase_units = 1; /* single bytes, and no sectors */
    wrong[12].program_unit = 33;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(ota_flash_check(&wrong[i]), OTA_ERR_ARG);
    }
    assert_int_equal(ota_flash_check(NULL), OTA_ERR_ARG);
}

static void nothing_leaves_the_chip(void **state)
{
    nor_sim_t *nor = *state;
    uint8_t bytes[8] = {0};
    static const struct {
        uint32_t addr;
        size_t len;
    } outside[] = {{SIZE, 1}, {SIZE - 4, 8}, {SIZE + 1, 0}, {0xFFFFFFFCu, 8}, {0, SIZE_MAX}};
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        uint32_t addr = outside[i].addr;
        size_t len = outside[i].len;
        assert_int_equal(ota_flash_read(&nor->flash, addr, bytes, len), OTA_ERR_RANGE);
        assert_int_equal(ota_flash_program(&nor->flash, addr, bytes, len), OTA_ERR_RANGE);
        assert_int_equal(ota_flash_erase(&nor->flash, addr, len), OTA_ERR_RANGE);
    }
    assert_int_equal(ota_flash_read(&nor->flash, SIZE - 8, bytes, 8), OTA_OK);
    assert_int_equal(ota_flash_read(&nor->flash, SIZE, bytes, 0), OTA_OK);
    assert_int_equal(nor->programs, 0);
}

static void programs_are_whole_units(void **state)
{
    nor_sim_t *nor = *state;
    uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    ota_flash_t flash = nor->flash;
    flash.program_unit = 8;
    assert_int_equal(ota_flash_program(&flash, 4, bytes, 8), OTA_ERR_ALIGN);
    assert_int_equal(ota_flash_program(&flash, 8, bytes, 4), OTA_ERR_ALIGN);
    assert_int_equal(nor->programs, 0);
    assert_int_equal(ota_flash_program(&flash, 8, bytes, 8), OTA_OK);
    assert_memory_equal(nor->bytes + 8, bytes, 8);
}

static void erases_are_whole_sectors_in_the_largest_units(void **state)
{
    nor_sim_t *nor = *state;
    assert_int_equal(ota_flash_erase(&nor->flash, 0x1004, 0x1000), OTA_ERR_ALIGN);
    assert_int_equal(ota_flash_erase(&nor->flash, 0x1000, 0x0FFF), OTA_ERR_ALIGN);
    /* 7000 | 8000 32K | 10000 64K | 20000 64K | 30000 */
    assert_int_equal(ota_flash_erase(&nor->flash, 0x7000, 0x2A000), OTA_OK);
    assert_int_equal(nor->erases[0], 2);
    assert_int_equal(nor->erases[1], 1);
    assert_int_equal(nor->erases[2], 2);
}

static void an_erase_stops_at_its_first_failure(void **state)
{
    nor_sim_t *nor = *state;
    nor->flash.erase_units = OTA_ERASE_4K;
    memset(nor->bytes, 0, SIZE);
    nor->fail_in = 1;
    assert_int_not_equal(ota_flash_erase(&nor->flash, 0, 0x3000), OTA_OK);
    assert_int_equal(nor->bytes[0x0FFF], 0xFF);
    assert_int_equal(nor->bytes[0x1000], 0);
    assert_int_equal(nor->bytes[0x2000], 0);
}

#define WITH_A_CHIP(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_CHIP(a_coherent_port_is_accepted),
        WITH_A_CHIP(a_port_that_contradicts_itself_is_refused),
        WITH_A_CHIP(nothing_leaves_the_chip),
        WITH_A_CHIP(programs_are_whole_units),
        WITH_A_CHIP(erases_are_whole_sectors_in_the_largest_units),
        WITH_A_CHIP(an_erase_stops_at_its_first_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
