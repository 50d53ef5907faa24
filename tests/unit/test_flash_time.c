/* SPDX-License-Identifier: Apache-2.0 */
/* flash_time: the price of operations, and that our updates never cost more than stock's. */
#include "core/bytes.h"
#include "host/flash_time.h"
#include "support/board.h"
#include "support/unit.h"

#define KIB(n) ((uint32_t)(n) << 10)

static void a_program_touches_every_page_that_it_overlaps(void **state)
{
    (void)state;
    flash_bill_t bill = {0};
    flash_bill_program(&bill, 0, 256);
    assert_int_equal(bill.pages, 1);
    flash_bill_program(&bill, 255, 2);
    assert_int_equal(bill.pages, 3);
    flash_bill_program(&bill, 1, 4096);
    assert_int_equal(bill.pages, 3 + 17);
    flash_bill_program(&bill, 1, 0);
    assert_int_equal(bill.pages, 20);
    assert_int_equal(bill.programmed_bytes, 256 + 2 + 4096);
}

static void an_erase_is_split_into_the_units_of_the_driver(void **state)
{
    (void)state;
    flash_bill_t ours = {0};
    flash_bill_t stock = {0};
    flash_bill_erase(&ours, 0xF000, KIB(4 + 64 + 32 + 8),
                     OTA_ERASE_4K | OTA_ERASE_32K | OTA_ERASE_64K);
    assert_int_equal(ours.erases[0], 3);
    assert_int_equal(ours.erases[1], 1);
    assert_int_equal(ours.erases[2], 1);
    flash_bill_erase(&stock, 0xF000, KIB(4 + 64 + 32 + 8), FLASH_STOCK_UNITS);
    assert_int_equal(stock.erases[0], 11);
    assert_int_equal(stock.erases[2], 1);
    assert_int_equal(flash_bill_erased_bytes(&ours), KIB(108));
    assert_int_equal(flash_bill_erased_bytes(&stock), KIB(108));
}

static void prices_are_those_of_the_datasheet(void **state)
{
    (void)state;
    flash_bill_t bill = {.pages = 10, .erases = {3, 2, 1}};
    assert_int_equal(flash_bill_typical(&bill, &flash_part_w25q32jv),
                     10 * 400 + 3 * 45000 + 2 * 120000 + 150000);
    assert_int_equal(flash_bill_maximum(&bill, &flash_part_w25q32jv),
                     10 * 3000 + 3 * 400000 + 2 * 1600000 + 2000000);
}

/* The traces of api.md: which sectors stock erases with which write. */
static void stock_erases_the_sectors_that_a_write_newly_enters(void **state)
{
    (void)state;
    const ota_region_t slot = {0x60000, 0x30000};
    flash_bill_t bill = {0};
    flash_bill_stock(&bill, slot, 5096, OTA_WITH_SEQUENTIAL_WRITES, 1000);
    assert_int_equal(bill.erases[0], 2);
    memset(&bill, 0, sizeof(bill));
    flash_bill_stock(&bill, slot, 5096, 5096, 1000);
    assert_int_equal(bill.erases[0], 2);
    memset(&bill, 0, sizeof(bill));
    flash_bill_stock(&bill, slot, 5096, OTA_SIZE_UNKNOWN, 1000);
    assert_int_equal(bill.erases[2], 3);
    assert_int_equal(bill.erases[0], 0);
}

/* --- ours against stock ---------------------------------------------------------------------- */

static bool add(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    flash_bill_t *bill = user;
    (void)data;
    if (addr < 0x10000) {
        return true; /* otadata: a sector either way, see docs/update-cost.md */
    }
    if (op == NOR_ERASE) {
        flash_bill_erase(bill, addr, len, OTA_ERASE_4K | OTA_ERASE_32K | OTA_ERASE_64K);
    } else {
        flash_bill_program(bill, addr, len);
    }
    return true;
}

/*
 * Of unknown size, stock erases the whole slot in blocks of 64 KiB. We know only the image up
 * to its next segment header; where a segment ends within a block, that block can come to 15
 * sectors instead. So in a slot that the image nearly fills we may pay more: by this at most.
 */
static void compare(const flash_bill_t *ours, const flash_bill_t *stock, uint32_t segment_ends)
{
    const flash_part_t *part = &flash_part_w25q32jv;
    uint64_t typical = 15ull * part->erase_4k.typical_us - part->erase_64k.typical_us;
    uint64_t maximum = 15ull * part->erase_4k.maximum_us - part->erase_64k.maximum_us;
    assert_true(flash_bill_typical(ours, part) <=
                flash_bill_typical(stock, part) + segment_ends * typical);
    assert_true(flash_bill_maximum(ours, part) <=
                flash_bill_maximum(stock, part) + segment_ends * maximum);
}

static void our_update_never_costs_more_than_stocks(void **state)
{
    (void)state;
    static const uint32_t chunks[] = {256, 1000, 1024, 1460, 4096, 5000, 16384, 65536, 0x30000};
    board_t board;
    board_start(&board);
    ota_region_t slot = ota_layout_region(&board.device.layout, 1);
    for (uint32_t len = 512; len <= slot.size; len += 21008) {
        board_image_t image = board_image((board_want_t){.size = len / 16 * 16});
        const uint32_t modes[] = {OTA_SIZE_UNKNOWN, OTA_WITH_SEQUENTIAL_WRITES, image.len};
        for (size_t i = 0; i < 3 * sizeof(chunks) / sizeof(chunks[0]); i++) {
            flash_bill_t ours = {0};
            flash_bill_t stock = {0};
            board.nor.watch = add;
            board.nor.user = &ours;
            assert_int_equal(board_update(&board, "ota_1", &image, modes[i % 3], 0, chunks[i / 3]),
                             OTA_OK);
            flash_bill_stock(&stock, slot, image.len, modes[i % 3], chunks[i / 3]);
            compare(&ours, &stock, modes[i % 3] == OTA_SIZE_UNKNOWN ? 2 : 0);
            assert_true(flash_bill_erased_bytes(&ours) <= flash_bill_erased_bytes(&stock));
            assert_int_equal(ours.programmed_bytes, image.len);
        }
        board_image_free(&image);
    }
    board_stop(&board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_touches_every_page_that_it_overlaps),
        cmocka_unit_test(an_erase_is_split_into_the_units_of_the_driver),
        cmocka_unit_test(prices_are_those_of_the_datasheet),
        cmocka_unit_test(stock_erases_the_sectors_that_a_write_newly_enters),
        cmocka_unit_test(our_update_never_costs_more_than_stocks),
    };
    return cmocka_run_group_tests_name("flash_time", tests, NULL, NULL);
}
