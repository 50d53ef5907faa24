/* SPDX-License-Identifier: Apache-2.0 */
/* Single lives: that each oracle sees what it is there for. */
#include "support/unit.h"

#include "lab/lab.h"
#include "support/lab_thread.h"

#define OTADATA 0xE000u

static void check_violated(lab_bench_t *lab, lab_oracle_t oracle, const char *word)
{
    lab_lived_t lived;
    lab_world_settle(lab->world, MEDIUM_ONES, 8, &lived);
    assert_int_equal(lived.end, LAB_LIFE_VIOLATES);
    assert_int_equal(lived.verdict.oracle, oracle);
    assert_non_null(strstr(lived.verdict.what, word));
}

static uint32_t slot_address(const lab_bench_t *lab, ota_slot_t slot)
{
    return ota_layout_region(&lab->plan.layout, slot).offset;
}

static void a_device_that_boots_nothing_is_seen(void **state)
{
    (void)state;
    lab_bench_t lab;
    lab_open(&lab, "first-install/o4");
    medium_fill(lab_world_medium(lab.world), slot_address(&lab, 0), 0xFF, MEDIUM_SECTOR);
    check_violated(&lab, LAB_S1, "3 resets in a row");
    lab_close(&lab);
}

/* A whole image that verifies, and not the one that was put there. */
static void another_image_in_the_slot_is_seen(void **state)
{
    (void)state;
    lab_bench_t lab;
    lab_open(&lab, "normal/s4");
    const image_bytes_t *other = &lab.plan.image[LAB_IMAGE_OTHER];
    medium_write(lab_world_medium(lab.world), slot_address(&lab, 0), other->bytes,
                 (uint32_t)other->len);
    check_violated(&lab, LAB_S2, "does not hold");
    lab_close(&lab);
}

/* It verifies today, and one of its cells may read otherwise tomorrow. */
static void an_undecided_cell_in_a_running_image_is_seen(void **state)
{
    (void)state;
    lab_bench_t lab;
    lab_open(&lab, "normal/o4");
    medium_t *medium = lab_world_medium(lab.world);
    uint32_t at = slot_address(&lab, 0) + 0x200u;
    while (medium->cells[at] == 0) {
        at++;
    }
    uint8_t cell = medium->cells[at];
    uint8_t mask = (uint8_t)(cell & (uint8_t)-cell);
    medium_store(medium, at, &cell, &mask, 1);
    check_violated(&lab, LAB_S2, "does not hold");
    lab_close(&lab);
}

static void a_record_that_lost_its_protection_is_seen(void **state)
{
    (void)state;
    lab_bench_t lab;
    const uint8_t nonsense[4] = {0x40, 0, 0, 0}; /* a state that none has */
    lab_open(&lab, "confirm/s4");
    medium_write(lab_world_medium(lab.world), OTADATA + OTA_OTADATA_SECTOR + 24u, nonsense, 4);
    check_violated(&lab, LAB_S4, "without rollback protection");
    lab_close(&lab);
}

static void a_counter_above_what_was_confirmed_is_seen(void **state)
{
    (void)state;
    lab_bench_t lab;
    const uint8_t valid[4] = {OTA_STATE_VALID, 0, 0, 0};
    lab_open(&lab, "raise/s4"); /* VALID without a confirm: the bootloader burns its version */
    medium_write(lab_world_medium(lab.world), OTADATA + OTA_OTADATA_SECTOR + 24u, valid, 4);
    check_violated(&lab, LAB_S5, "nothing above 1");
    lab_close(&lab);
}

static void a_device_that_never_rests_is_seen(void **state)
{
    (void)state;
    lab_bench_t lab;
    const medium_fail_t fail = {.kinds = 1u << MEDIUM_ERASE, .how = MEDIUM_FAILS, .for_ever = true};
    lab_open(&lab, "normal/s4");
    medium_fail(lab_world_medium(lab.world), &fail);
    check_violated(&lab, LAB_L1, "no rest");
    lab_close(&lab);
}

/* The record in force names slot 3, which is empty; ours falls back to the other record's slot, a
 * stock bootloader to the number below. Ours mends the record, but nothing it writes arrives. */
static void a_stock_bootloader_that_would_go_elsewhere_is_seen(void **state)
{
    (void)state;
    lab_bench_t lab;
    uint8_t bytes[OTA_ENTRY_SIZE];
    ota_entry_t entry;
    lab_open(&lab, "plain/o4q");
    medium_t *medium = lab_world_medium(lab.world);
    const image_bytes_t *older = &lab.plan.image[LAB_IMAGE_OLDER];
    ota_entry_blank(&entry);
    entry.seq = 8; /* slot 3 of 4 */
    entry.crc = ota_entry_crc(entry.seq);
    ota_entry_encode(bytes, &entry);
    medium_write(medium, OTADATA, bytes, sizeof(bytes));
    medium_write(medium, slot_address(&lab, 2), older->bytes, (uint32_t)older->len);
    const medium_fail_t fail = {
        .kinds = 1u << MEDIUM_ERASE | 1u << MEDIUM_PROGRAM, .how = MEDIUM_SILENT, .for_ever = true};
    medium_fail(medium, &fail);
    lab_world_ledger(lab.world)->updates = 0;
    check_violated(&lab, LAB_C1, "would start slot 2, ours slot 0");
    lab_close(&lab);
}

static ota_status_t (*inner_erase)(void *ctx, uint32_t addr, size_t len);

/* Data sectors are erased in the wrong slot. */
static ota_status_t astray(void *ctx, uint32_t addr, size_t len)
{
    return inner_erase(ctx, addr >= 0x20000u ? addr - 0x10000u : addr, len);
}

static void lead_astray(void *user, ota_flash_t *flash)
{
    (void)user;
    inner_erase = flash->erase;
    flash->erase = astray;
}

static void an_erase_in_the_running_slot_is_seen(void **state)
{
    (void)state;
    lab_bench_t lab;
    lab_open(&lab, "normal/o4");
    lab_world_wrap(lab.world, lead_astray, NULL);
    check_violated(&lab, LAB_X, "in slot 0 while it runs");
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_that_boots_nothing_is_seen),
        cmocka_unit_test(another_image_in_the_slot_is_seen),
        cmocka_unit_test(an_undecided_cell_in_a_running_image_is_seen),
        cmocka_unit_test(a_record_that_lost_its_protection_is_seen),
        cmocka_unit_test(a_counter_above_what_was_confirmed_is_seen),
        cmocka_unit_test(a_device_that_never_rests_is_seen),
        cmocka_unit_test(a_stock_bootloader_that_would_go_elsewhere_is_seen),
        cmocka_unit_test(an_erase_in_the_running_slot_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
