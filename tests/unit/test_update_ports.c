/* SPDX-License-Identifier: Apache-2.0 */
/* update: each read of flash that fails says so with its place; and what the sessions' own rooms
 * refuse when they are handed what no caller above hands them. */
#include "core/bytes.h"
#include "core/update.h"
#include "support/board.h"
#include "support/fault.h"

#define KIB(n) ((uint32_t)(n) << 10)

/* Reads of `len` bytes at `addr` fail, `after` times not. */
typedef struct {
    board_t *board;
    uint32_t addr;
    size_t len; /* 0: of any length */
    unsigned after;
    ota_status_t status;
} bad_t;

static bad_t bad;
static ota_status_t (*good_read)(void *ctx, uint32_t addr, void *dst, size_t len);

static ota_status_t read_or_fail(void *ctx, uint32_t addr, void *dst, size_t len)
{
    bool here = bad.status != OTA_OK && addr == bad.addr && (bad.len == 0 || len == bad.len);
    if (here && bad.after-- == 0) {
        bad.after = 0;
        return bad.status;
    }
    return good_read(ctx, addr, dst, len);
}

static int setup(void **state)
{
    int result = board_setup(state);
    board_t *board = *state;
    good_read = board->nor.flash.read;
    board->nor.flash.read = read_or_fail;
    bad = (bad_t){.board = board};
    return result;
}

static void fail_reads(uint32_t addr, size_t len, unsigned after)
{
    bad.addr = addr;
    bad.len = len;
    bad.after = after;
    bad.status = OTA_ERR_PORT;
}

/* --- the copy --------------------------------------------------------------------------------- */

/* A whole staged update with copy; its fault. */
static ota_fault_t copy(board_t *board, const board_image_t *image)
{
    ota_update_t update;
    ota_part_t from = board_part(board, "storage");
    ota_part_t to = board_part(board, "ota_1");
    assert_int_equal(ota_update_begin(&update, &board->device, &from, OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &to, true), OTA_OK);
    assert_int_equal(ota_update_write(&update, image->bytes, image->len), OTA_OK);
    ota_status_t status = ota_update_finish(&update);
    ota_fault_t fault = *ota_update_fault(&update);
    assert_int_equal(fault.status, status);
    return fault;
}

static void a_copy_that_cannot_read_its_source_says_where(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    fail_reads(board_part(board, "storage").offset + 0x180, 128, 0); /* the judge reads 256 */
    assert_fault(copy(board, &image), OTA_ERR_PORT, 0x180, 0, 0);
    bad.status = OTA_OK;
    assert_int_equal(copy(board, &image).status, OTA_OK);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static bool refuse_erase(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    (void)data;
    (void)len;
    return op != NOR_ERASE || addr != *(const uint32_t *)user;
}

static void a_copy_that_cannot_erase_programs_nothing_there(void **state)
{
    board_t *board = *state;
    uint32_t second = board_part(board, "ota_1").offset + 0x1000;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    board_put(board, second, image.bytes, 16);
    board->nor.flash.erase_units = OTA_ERASE_4K;
    board->nor.watch = refuse_erase;
    board->nor.user = &second;
    assert_fault(copy(board, &image), OTA_ERR_FLASH_ERASE, 0x1000, 0, 0);
    assert_memory_equal(board->nor.bytes + second, image.bytes, 16);
    board_image_free(&image);
}

/* --- tables ------------------------------------------------------------------------------------
 */

static ota_fault_t take_table(board_t *board, const uint8_t *bytes)
{
    ota_update_t update;
    ota_part_t part = board_part(board, "table_new");
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, OTA_TABLE_SIZE), OTA_OK);
    ota_status_t status = ota_update_finish(&update);
    ota_fault_t fault = *ota_update_fault(&update);
    assert_int_equal(fault.status, status);
    return fault;
}

static void a_table_that_cannot_be_read_back_is_not_accepted(void **state)
{
    board_t *board = *state;
    fail_reads(board_part(board, "table_new").offset, OTA_TABLE_SIZE, 0);
    assert_fault(take_table(board, board->table_bytes), OTA_ERR_PORT, 0, 0, 0);
    bad.status = OTA_OK;
    assert_int_equal(take_table(board, board->table_bytes).status, OTA_OK);
}

/* The application's reader asks nothing of ranges. */
static void a_table_that_only_the_application_reads_is_refused(void **state)
{
    board_t *board = *state;
    uint8_t bytes[OTA_TABLE_SIZE];
    memcpy(bytes, board->table_bytes, sizeof(bytes));
    uint32_t last = board->table.count - 1;
    ota_put_le32(bytes + last * OTA_TABLE_ENTRY + 8, 0x20000);
    ota_table_encode_md5(bytes + board->table.count * OTA_TABLE_ENTRY, bytes, board->table.count);
    assert_fault(take_table(board, bytes), OTA_ERR_TABLE_RANGE, last * OTA_TABLE_ENTRY + 8, 0x20000,
                 0x10000);
}

static void a_choice_that_cannot_be_read_is_not_known_to_stay(void **state)
{
    board_t *board = *state;
    fail_reads(board->device.layout.otadata.offset, 0, 0);
    bad.after = 0;
    ota_fault_t fault = take_table(board, board->table_bytes);
    assert_fault(fault, OTA_ERR_PORT, 0, 0, 0);
}

/* Where there is no otadata, or too little of it, there is no choice to keep. */
static void a_device_without_otadata_may_take_a_table(void **state)
{
    board_t *board = *state;
    uint8_t bytes[OTA_TABLE_SIZE];
    static const uint32_t sizes[] = {0x1000, 0};
    for (size_t i = 0; i < 2; i++) {
        memcpy(bytes, board->table_bytes, sizeof(bytes));
        ota_put_le32(bytes + 1 * OTA_TABLE_ENTRY + 8, sizes[i]);
        ota_table_encode_md5(bytes + board->table.count * OTA_TABLE_ENTRY, bytes,
                             board->table.count);
        board->device.layout.otadata.size = sizes[i];
        assert_int_equal(take_table(board, bytes).status, OTA_OK);
    }
}

/* One byte of 3 KiB too few is no workspace. */
static void a_workspace_holds_a_whole_table_or_none(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "table_new");
    board->device.workspace_size = OTA_TABLE_SIZE - 1;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                     OTA_ERR_NO_ROOM);
    assert_fault(*ota_update_fault(&update), OTA_ERR_NO_ROOM, 0, 0, 0);
    part = board_part(board, "spare"); /* data is judged by nobody, and needs none */
    board->device.workspace = NULL;
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0), OTA_OK);
    ota_update_abort(&update);
}

static void thirty_two_bytes_are_a_table_to_look_at(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "table_new");
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_write(&update, board->table_bytes, 32), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_ERR_TABLE_MD5_MISSING);
    assert_int_equal(ota_update_fault(&update)->offset, 32);
}

/* --- going on ------------------------------------------------------------------------------------
 */

static ota_status_t go_on(board_t *board, uint32_t *offset, ota_fault_t *fault)
{
    ota_update_t update;
    ota_part_t part = board_part(board, "ota_1");
    ota_status_t status =
        ota_update_resume(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0, offset);
    *fault = *ota_update_fault(&update);
    ota_update_abort(&update);
    return status;
}

static void a_read_that_fails_is_not_taken_for_another_image(void **state)
{
    board_t *board = *state;
    ota_fault_t fault;
    uint32_t slot = board_part(board, "ota_1").offset;
    board_image_t image = board_image((board_want_t){.size = KIB(16)});
    board_put(board, slot, image.bytes, image.len);
    static const ota_status_t statuses[] = {OTA_ERR_PORT, OTA_ERR_FLASH_READ};
    for (size_t i = 0; i < 2; i++) {
        uint32_t offset = KIB(8);
        fail_reads(slot + 0x200, 256, 0);
        bad.status = statuses[i];
        assert_int_equal(go_on(board, &offset, &fault), statuses[i]);
        assert_int_equal(fault.offset, 0x200);
    }
    bad.status = OTA_OK;
    uint32_t offset = KIB(8);
    assert_int_equal(go_on(board, &offset, &fault), OTA_OK);
    board->nor.bytes[slot + 1] = 17; /* another image: the judge's word */
    assert_int_equal(go_on(board, &offset, &fault), OTA_ERR_RESUME);
    assert_fault(fault, OTA_ERR_IMAGE_SEGMENT_COUNT, 1, 17, 16);
    board_image_free(&image);
}

/* --- inside
 * ------------------------------------------------------------------------------------------ */

static void parts_beyond_the_chip_are_refused_without_wrapping(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "spare");
    static const ota_region_t beyond[] = {{0xF0000, BOARD_FLASH + 0x1000},
                                          {0xF0000, 0xFFFFF000u},
                                          {0xF0000, 0x11000},
                                          {0xFFFF1000u, 0x1000}};
    for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
        part.offset = beyond[i].offset;
        part.size = beyond[i].size;
        assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0),
                         OTA_ERR_RANGE);
    }
}

static void nothing_leaves_a_partition(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint8_t bytes[16] = {0};
    ota_part_t part = board_part(board, "spare");
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_program(&update, &part, part.size, bytes, 16), OTA_ERR_RANGE);
    assert_fault(*ota_update_fault(&update), OTA_ERR_RANGE, part.size, 0, 0);
    assert_int_equal(ota_update_program(&update, &part, part.size - 8, bytes, 16), OTA_ERR_RANGE);
    assert_int_equal(ota_update_program(&update, &part, part.size + 16, bytes, 16), OTA_ERR_RANGE);
    assert_int_equal(ota_update_program(&update, &part, part.size + 16, bytes, 0), OTA_OK);
    assert_int_equal(board_operations(board), 0);
    assert_int_equal(ota_update_program(&update, &part, part.size - 16, bytes, 16), OTA_OK);
    ota_update_abort(&update);
}

static void ranges_overlap_where_both_have_a_byte(void **state)
{
    (void)state;
    assert_true(update_overlap(0x1000, 0x1000, 0x1FFF, 1));
    assert_true(update_overlap(0x1FFF, 1, 0x1000, 0x1000));
    assert_true(update_overlap(0x1000, 1, 0x1000, 1));
    assert_false(update_overlap(0x1000, 0x1000, 0x2000, 1));
    assert_false(update_overlap(0x2000, 1, 0x1000, 0x1000));
    assert_false(update_overlap(0x1800, 0, 0x1000, 0x1000));
    assert_false(update_overlap(0x1000, 0x1000, 0x1800, 0));
    assert_true(update_overlap(0, 0xFFFFFFFFu, 0xFFFFFFFEu, 0x10));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, board_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_copy_that_cannot_read_its_source_says_where),
        TEST(a_copy_that_cannot_erase_programs_nothing_there),
        TEST(a_table_that_cannot_be_read_back_is_not_accepted),
        TEST(a_table_that_only_the_application_reads_is_refused),
        TEST(a_choice_that_cannot_be_read_is_not_known_to_stay),
        TEST(a_device_without_otadata_may_take_a_table),
        TEST(a_workspace_holds_a_whole_table_or_none),
        TEST(thirty_two_bytes_are_a_table_to_look_at),
        TEST(a_read_that_fails_is_not_taken_for_another_image),
        TEST(parts_beyond_the_chip_are_refused_without_wrapping),
        TEST(nothing_leaves_a_partition),
        cmocka_unit_test(ranges_overlap_where_both_have_a_byte),
    };
    return cmocka_run_group_tests_name("update: ports", tests, NULL, NULL);
}
