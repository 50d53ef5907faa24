/* SPDX-License-Identifier: Apache-2.0 */
/* update: flags that must not reach into one another, last bytes, bytes out of order, copies that
 * do not arrive, and where a failure is said to be. */
#include "core/bytes.h"
#include "core/update.h"
#include "support/board.h"
#include "support/unit.h"

#define KIB(n) ((uint32_t)(n) << 10)

static ota_status_t begin(board_t *board, ota_update_t *update, const char *label, uint32_t size,
                          uint32_t flags)
{
    ota_part_t part = board_part(board, label);
    return ota_update_begin(update, &board->device, &part, size, flags);
}

static void expect_fault(const ota_update_t *update, ota_status_t status, uint32_t offset)
{
    assert_int_equal(ota_update_fault(update)->status, status);
    assert_int_equal(ota_update_fault(update)->offset, offset);
}

/* --- a flash that does not do what it says -----------------------------------------------------
 */

static struct {
    uint32_t from, to; /* addresses; */
    bool reads_fail;   /* in there, */
    unsigned fails;    /* so many of them; */
    bool deaf;         /* programs there change nothing */
    uint64_t read;     /* bytes that were read in there */
    uint32_t end;      /* of the last program in there */
    ota_status_t (*program)(void *ctx, uint32_t addr, const void *src, size_t len);
} bad;

static bool in_there(uint32_t addr)
{
    return addr >= bad.from && addr < bad.to;
}

static ota_status_t read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    bad.read += in_there(addr) ? len : 0;
    memcpy(dst, nor->bytes + addr, len);
    bool fails = in_there(addr) && (bad.reads_fail || bad.fails > 0);
    bad.fails -= fails && bad.fails > 0 ? 1u : 0;
    return fails ? OTA_ERR_FLASH_READ : OTA_OK;
}

static ota_status_t program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    bad.end = in_there(addr) ? addr + (uint32_t)len : bad.end;
    return in_there(addr) && bad.deaf ? OTA_OK : bad.program(ctx, addr, src, len);
}

static void watch(board_t *board, const char *label)
{
    ota_part_t part = board_part(board, label);
    memset(&bad, 0, sizeof(bad));
    bad.from = part.offset;
    bad.to = part.offset + part.size;
    bad.program = board->nor.flash.program;
    board->nor.flash.read = read;
    board->nor.flash.program = program;
}

/* --- flags ----------------------------------------------------------------------------------- */

static void reading_back_is_no_other_flag(void **state)
{
    board_t *board = *state;
    ota_update_t first;
    ota_update_t second;
    ota_part_t final = board_part(board, "ota_1");
    assert_int_equal(begin(board, &first, "storage", OTA_SIZE_UNKNOWN, OTA_UPDATE_READ_BACK),
                     OTA_OK);
    assert_int_equal(ota_update_set_final(&first, &final, false), OTA_OK);
    assert_int_equal(first.flags, OTA_UPDATE_READ_BACK); /* and stays */
    assert_int_equal(begin(board, &second, "ota_1", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    ota_update_abort(&second);
    assert_int_equal(ota_update_set_final(&first, &final, true), OTA_OK);
    assert_int_equal(first.flags, OTA_UPDATE_READ_BACK | UPDATE_COPY);
    assert_int_equal(ota_update_set_final(&first, &final, true), OTA_OK); /* its own already */
    ota_update_abort(&first);
    assert_int_equal(begin(board, &first, "storage", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&first, &final, true), OTA_OK);
    assert_int_equal(first.flags, UPDATE_COPY);
    ota_update_abort(&first);
}

static void a_slot_is_forgotten_by_a_session_that_reads_back(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = 0x2000, .seed = 3});
    assert_int_equal(board_update(board, "ota_1", &image, image.len, OTA_UPDATE_READ_BACK, 1000),
                     OTA_OK);
    assert_true(board_blank(board, 0xe000, OTA_ENTRY_SIZE)); /* it was confirmed there */
    board_image_free(&image);
}

static void an_announced_length_binds_a_session_that_reads_back(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint8_t bytes[64] = {0};
    assert_int_equal(begin(board, &update, "storage", 100, OTA_UPDATE_READ_BACK), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, 64), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_ERR_LENGTH);
}

/* What was judged as it passed is not read a second time for that. */
static void a_stream_is_read_once(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = 0x2000, .seed = 3});
    watch(board, "ota_1");
    assert_int_equal(board_update(board, "ota_1", &image, image.len, OTA_UPDATE_READ_BACK, 1000),
                     OTA_OK);
    assert_int_equal(bad.read, image.len);
    board_image_free(&image);
}

/* --- last bytes ------------------------------------------------------------------------------ */

static void the_last_byte_is_read_back_too(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint8_t bytes[65];
    memset(bytes, 0x5A, sizeof(bytes));
    watch(board, "storage");
    assert_int_equal(begin(board, &update, "storage", OTA_SIZE_UNKNOWN, OTA_UPDATE_READ_BACK),
                     OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, 64), OTA_OK);
    bad.deaf = true;
    assert_int_equal(ota_update_write(&update, bytes, 1), OTA_ERR_FLASH_MISMATCH);
    expect_fault(&update, OTA_ERR_FLASH_MISMATCH, 64);
    ota_update_abort(&update);
}

static void bytes_that_were_held_back_may_fail_too(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint8_t bytes[24] = {0};
    board->nor.flash.program_unit = 16;
    assert_int_equal(begin(board, &update, "storage", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, sizeof(bytes)), OTA_OK);
    board->nor.fail_in = 0;
    assert_int_equal(ota_update_finish(&update), OTA_ERR_FLASH_PROGRAM);
    expect_fault(&update, OTA_ERR_FLASH_PROGRAM, 16);
}

static void nothing_leaves_the_partition(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "storage");
    const uint8_t bytes[16] = {0};
    assert_int_equal(begin(board, &update, "storage", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_program(&update, &part, part.size + 4096, bytes, 16),
                     OTA_ERR_RANGE);
    assert_int_equal(ota_update_program(&update, &part, part.size - 8, bytes, 16), OTA_ERR_RANGE);
    assert_int_equal(ota_update_write_at(&update, part.size + 16, bytes, 16), OTA_ERR_RANGE);
    assert_int_equal(board_operations(board), 0);
    assert_int_equal(ota_update_write(&update, NULL, 4), OTA_ERR_ARG);
    expect_fault(&update, OTA_ERR_ARG, 0);
    ota_update_abort(&update);
}

/* Of unknown data nothing is certain but what came: the rest of the partition stays. */
static void no_more_is_erased_than_is_written(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    static const uint8_t bytes[0x8100] = {0};
    board_put(board, 0xca000, bytes, 100);
    assert_int_equal(begin(board, &update, "storage", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, sizeof(bytes)), OTA_OK);
    assert_memory_equal(board->nor.bytes + 0xca000, bytes, 100);
    ota_update_abort(&update);
}

/* From a place that no large unit begins at, up to where one does. */
static void large_units_are_erased_where_they_begin(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_log_t log;
    static const uint8_t bytes[0x1f000] = {0};
    const ota_part_t part = {
        .type = OTA_TYPE_DATA, .subtype = 0x82, .offset = 0xc1000, .size = sizeof(bytes)};
    board_log(board, &log);
    assert_int_equal(ota_update_begin(&update, &board->device, &part, part.size, 0), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, sizeof(bytes)), OTA_OK);
    assert_non_null(strstr(log.text, "e:c7000:1000 e:c8000:8000 e:d0000:10000 w:"));
    assert_int_equal(ota_update_finish(&update), OTA_OK);
}

/* --- out of order ---------------------------------------------------------------------------- */

/* All but the last byte, which is the checksum, as a stream, and that one before them. */
static ota_status_t last_byte_first(board_t *board, const board_image_t *image)
{
    ota_update_t update;
    assert_int_equal(begin(board, &update, "ota_1", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, image->len - 1, image->bytes + image->len - 1, 1),
                     OTA_OK);
    assert_int_equal(ota_update_write(&update, image->bytes, image->len - 1), OTA_OK);
    return ota_update_finish(&update);
}

static void one_byte_out_of_order_and_all_is_judged_again(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = 0x2000, .seed = 3, .no_hash = true});
    assert_int_equal(last_byte_first(board, &image), OTA_OK);
    assert_true(board_holds(board, "ota_1", &image));
    image.bytes[0x1000] ^= 1;
    assert_int_equal(last_byte_first(board, &image), OTA_ERR_IMAGE_CHECKSUM);
    board_image_free(&image);
}

/* All that came is good, and not all has come. */
static void half_an_image_out_of_order_is_none(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = 0x2000, .seed = 3});
    assert_int_equal(begin(board, &update, "ota_1", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 0x900, image.bytes + 0x900, 16), OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes, 0x800), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_ERR_IMAGE_TRUNCATED);
    board_image_free(&image);
}

static void a_table_that_could_not_be_read_once_is_not_finished(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    watch(board, "table_new");
    assert_int_equal(begin(board, &update, "table_new", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 0x800, board->table_bytes + 0x800, 0x400),
                     OTA_OK);
    assert_int_equal(ota_update_write(&update, board->table_bytes, 0x800), OTA_OK);
    bad.fails = 1;
    assert_int_equal(ota_update_finish(&update), OTA_ERR_FLASH_READ);
}

static void what_cannot_be_judged_again_is_not_finished(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "ota_1");
    board_image_t image = board_image((board_want_t){.size = 0x2000, .seed = 3});
    watch(board, "storage");
    assert_int_equal(begin(board, &update, "storage", image.len, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes, image.len), OTA_OK);
    bad.reads_fail = true;
    assert_int_equal(ota_update_finish(&update), OTA_ERR_FLASH_READ);
    board_image_free(&image);
}

/* --- copies ---------------------------------------------------------------------------------- */

static void a_copy_that_does_not_arrive_is_noticed(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "spare");
    uint8_t bytes[100];
    memset(bytes, 0x33, sizeof(bytes));
    watch(board, "spare");
    bad.deaf = true;
    assert_int_equal(begin(board, &update, "storage", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, sizeof(bytes)), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_ERR_FLASH_MISMATCH);
}

static void a_copy_ends_with_its_last_byte(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "spare");
    uint8_t bytes[200];
    memset(bytes, 0x33, sizeof(bytes));
    watch(board, "spare");
    assert_int_equal(begin(board, &update, "storage", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, sizeof(bytes)), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_memory_equal(board->nor.bytes + final.offset, bytes, sizeof(bytes));
    assert_int_equal(bad.end, final.offset + sizeof(bytes));
}

static void bytes_out_of_order_are_copied_too(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "spare");
    const uint8_t bytes[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    assert_int_equal(begin(board, &update, "storage", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes, sizeof(bytes)), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 1000, bytes, 1), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_memory_equal(board->nor.bytes + final.offset, bytes, sizeof(bytes));
    assert_int_equal(board->nor.bytes[final.offset + 1000], 1);
}

/* As the first way into flash does: what will certainly be written decides. */
static void a_copy_erases_in_large_units(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "spare");
    static uint8_t bytes[KIB(64)];
    assert_int_equal(begin(board, &update, "storage", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    for (uint32_t at = 0; at < sizeof(bytes) - 100; at += 500) {
        uint32_t n = min_u32((uint32_t)sizeof(bytes) - 100 - at, 500);
        assert_int_equal(ota_update_write(&update, bytes + at, n), OTA_OK);
    }
    uint64_t before = board->nor.erases[2];
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_int_equal(board->nor.erases[2], before + 1);
}

static void a_final_partition_may_be_just_large_enough(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "spare");
    uint32_t offset = final.size;
    assert_int_equal(begin(board, &update, "storage", final.size, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    ota_update_abort(&update);
    assert_int_equal(begin(board, &update, "storage", final.size + 1, 0), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_ERR_RANGE);
    expect_fault(&update, OTA_ERR_RANGE, 0);
    assert_int_equal(ota_update_set_final(&update, NULL, true), OTA_ERR_ARG);
    expect_fault(&update, OTA_ERR_ARG, 0);
    ota_update_abort(&update);
    ota_part_t storage = board_part(board, "storage");
    assert_int_equal(
        ota_update_resume(&update, &board->device, &storage, OTA_SIZE_UNKNOWN, 0, &offset), OTA_OK);
    assert_int_equal(offset, final.size); /* as much as it takes is there already */
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    ota_update_abort(&update);
}

/* --- beginning and ending ----------------------------------------------------------------------
 */

static void a_session_that_ended_knows_no_other(void **state)
{
    board_t *board = *state;
    ota_update_t first;
    ota_update_t second;
    assert_int_equal(begin(board, &first, "storage", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(begin(board, &second, "spare", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_ptr_equal(second.next, &first);
    ota_update_abort(&second);
    assert_null(second.next);
    assert_int_equal(ota_update_finish(&first), OTA_ERR_EMPTY);
    expect_fault(&first, OTA_ERR_EMPTY, 0);
}

static void no_session_where_the_trial_cannot_be_read(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board->device.boot.rollback = true;
    watch(board, "otadata");
    bad.reads_fail = true;
    assert_int_equal(begin(board, &update, "ota_1", OTA_SIZE_UNKNOWN, 0), OTA_ERR_FLASH_READ);
    assert_int_equal(begin(board, &update, "storage", OTA_SIZE_UNKNOWN, 0), OTA_OK);
    ota_update_abort(&update);
}

static void a_record_that_cannot_be_forgotten_stops_at_the_front(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = 0x2000, .seed = 3});
    assert_int_equal(begin(board, &update, "ota_1", image.len, 0), OTA_OK);
    board->nor.fail_in = 0;
    assert_int_equal(ota_update_write(&update, image.bytes, 64), OTA_ERR_FLASH_ERASE);
    expect_fault(&update, OTA_ERR_FLASH_ERASE, 0);
    ota_update_abort(&update);
    board_image_free(&image);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, board_setup, board_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reading_back_is_no_other_flag),
        TEST(a_slot_is_forgotten_by_a_session_that_reads_back),
        TEST(an_announced_length_binds_a_session_that_reads_back),
        TEST(a_stream_is_read_once),
        TEST(the_last_byte_is_read_back_too),
        TEST(bytes_that_were_held_back_may_fail_too),
        TEST(nothing_leaves_the_partition),
        TEST(no_more_is_erased_than_is_written),
        TEST(large_units_are_erased_where_they_begin),
        TEST(half_an_image_out_of_order_is_none),
        TEST(a_table_that_could_not_be_read_once_is_not_finished),
        TEST(one_byte_out_of_order_and_all_is_judged_again),
        TEST(what_cannot_be_judged_again_is_not_finished),
        TEST(a_copy_that_does_not_arrive_is_noticed),
        TEST(a_copy_ends_with_its_last_byte),
        TEST(bytes_out_of_order_are_copied_too),
        TEST(a_copy_erases_in_large_units),
        TEST(a_final_partition_may_be_just_large_enough),
        TEST(a_session_that_ended_knows_no_other),
        TEST(no_session_where_the_trial_cannot_be_read),
        TEST(a_record_that_cannot_be_forgotten_stops_at_the_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
