/* SPDX-License-Identifier: Apache-2.0 */
/* update: going on with what an earlier session left. */
#include "core/bytes.h"
#include "support/board.h"
#include "support/no_read.h"
#include "support/unit.h"

#define KIB(n) ((uint32_t)(n) << 10)

/* The first `len` bytes, then the session is gone. */
static void begin_and_lose(board_t *board, const char *label, const board_image_t *image,
                           uint32_t len)
{
    ota_update_t update;
    ota_part_t part = board_part(board, label);
    assert_int_equal(
        ota_update_begin(&update, &board->device, &part, OTA_WITH_SEQUENTIAL_WRITES, 0), OTA_OK);
    for (uint32_t at = 0; at < len; at += 1000) {
        assert_int_equal(ota_update_write(&update, image->bytes + at, min_u32(1000, len - at)),
                         OTA_OK);
    }
    board->device.sessions = NULL; /* a reset asks nobody */
}

static ota_status_t resume(board_t *board, ota_update_t *update, const char *label,
                           uint32_t *offset)
{
    ota_part_t part = board_part(board, label);
    return ota_update_resume(update, &board->device, &part, OTA_SIZE_UNKNOWN, 0, offset);
}

static void send_from(board_t *board, ota_update_t *update, const board_image_t *image,
                      uint32_t offset)
{
    assert_int_equal(ota_update_written(update), offset);
    assert_int_equal(ota_update_write(update, image->bytes + offset, image->len - offset), OTA_OK);
    assert_int_equal(ota_update_finish(update), OTA_OK);
    assert_null(board->device.sessions);
}

static void users_16_an_update_lost_anywhere_is_resumed_there(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(11), .seed = 7});
    for (uint32_t unit = 1; unit <= 32; unit *= 4) {
        board->nor.flash.program_unit = unit;
        for (uint32_t lost = 0; lost <= image.len; lost += lost < 64 ? 7 : 61) {
            ota_update_t update;
            uint32_t offset = lost;
            begin_and_lose(board, "ota_1", &image, lost);
            assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_OK);
            assert_true(offset <= lost);
            assert_true(lost < 32 ? offset == 0 : lost - offset < unit);
            send_from(board, &update, &image, offset);
            assert_true(board_holds(board, "ota_1", &image));
        }
    }
    board_image_free(&image);
}

static void a_saved_offset_that_lags_behind_goes_back_to_its_sector(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_log_t log;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    uint32_t offset = 5000; /* noted at 5000, written up to 9000 */
    begin_and_lose(board, "ota_1", &image, 9000);
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_OK);
    assert_int_equal(offset, 4096);
    board_log(board, &log);
    assert_int_equal(ota_update_write(&update, image.bytes + offset, 4096), OTA_OK);
    assert_string_equal(log.text, "e:61000:1000 w:61000:1000");
    send_from(board, &update, &image, 8192);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static void one_cell_at_the_sectors_end_sends_it_back_to_its_start(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    uint32_t offset = 5000;
    begin_and_lose(board, "ota_1", &image, 5000);
    board->nor.bytes[0x61FFF] = 0xFE;
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_OK);
    assert_int_equal(offset, 4096);
    send_from(board, &update, &image, offset);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

static void fewer_bytes_than_are_judged_first_are_sent_again(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(4)});
    uint32_t offset = 24;
    begin_and_lose(board, "ota_1", &image, 24); /* the slot is still blank */
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_OK);
    assert_int_equal(offset, 0);
    send_from(board, &update, &image, 0);
    board_image_free(&image);
}

static void a_sector_with_a_blank_rest_is_gone_on_with_unerased(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_log_t log;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    uint32_t offset = 5000;
    begin_and_lose(board, "ota_1", &image, 5000);
    board_log(board, &log);
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_OK);
    assert_int_equal(offset, 5000);
    assert_string_equal(log.text, ""); /* resuming only reads */
    assert_int_equal(ota_update_write(&update, image.bytes + offset, 4000), OTA_OK);
    assert_string_equal(log.text, "e:62000:1000 w:61388:fa0");
    send_from(board, &update, &image, 9000);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

/* A cell that an interrupted program left half-way: FF when resuming looks, 0 afterwards. */
static void a_weak_cell_behind_the_offset_is_noticed_when_it_falls(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    uint32_t offset = 5000;
    begin_and_lose(board, "ota_1", &image, 5000);
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_OK);
    assert_int_equal(offset, 5000);
    board->nor.lenient = true;
    board->nor.bytes[board_part(board, "ota_1").offset + 5100] = (uint8_t)~image.bytes[5100];
    assert_int_equal(ota_update_write(&update, image.bytes + offset, 1000), OTA_ERR_FLASH_MISMATCH);
    assert_int_equal(ota_update_fault(&update)->offset, 5100);
    ota_update_abort(&update);
    board_image_free(&image);
}

static void a_power_cut_at_every_operation_can_be_resumed(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(10), .seed = 8});
    for (int64_t cut = 0; cut < 20; cut++) {
        ota_update_t update;
        ota_part_t part = board_part(board, "ota_1");
        uint32_t saved = 0;
        board_stop(board);
        board_start(board);
        memset(board->nor.bytes + 0x60000, 0x5A, 0x30000);
        board->nor.fail_in = cut;
        board->nor.fail_for_ever = true;
        assert_int_equal(
            ota_update_begin(&update, &board->device, &part, OTA_WITH_SEQUENTIAL_WRITES, 0),
            OTA_OK);
        while (saved < image.len &&
               ota_update_write(&update, image.bytes + saved, 1024) == OTA_OK) {
            saved += 1024;
        }
        board->device.sessions = NULL;
        board->nor.fail_in = -1;
        assert_int_equal(resume(board, &update, "ota_1", &saved), OTA_OK);
        send_from(board, &update, &image, saved);
        assert_true(board_holds(board, "ota_1", &image));
    }
    board_image_free(&image);
}

static void the_record_is_forgotten_when_resuming_too(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_log_t log;
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    uint32_t offset = 4096;
    board_put(board, 0x60000, image.bytes, 4096);
    board_log(board, &log);
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes + 4096, 4096), OTA_OK);
    assert_string_equal(log.text, "e:e000:1000 e:61000:1000 w:61000:1000");
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    board_image_free(&image);
}

static void what_is_no_beginning_of_an_image_is_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint32_t offset = KIB(8);
    memset(board->nor.bytes + 0x60000, 0x5A, KIB(8));
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_ERR_RESUME);
    assert_int_equal(ota_update_fault(&update)->status, OTA_ERR_IMAGE_MAGIC);
    assert_false(ota_update_open(&update));
    assert_null(board->device.sessions);
    offset = 100; /* blank */
    memset(board->nor.bytes + 0x60000, 0xFF, KIB(8));
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_ERR_RESUME);
    offset = 0; /* from the start there is nothing to judge */
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_OK);
    assert_int_equal(board_operations(board), 0);
    ota_update_abort(&update);
}

static void another_image_behind_the_same_name_is_found(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t old = board_image((board_want_t){.size = KIB(12), .seed = 1});
    board_image_t new = board_image((board_want_t){.size = KIB(12), .seed = 2});
    uint32_t offset = KIB(6);
    begin_and_lose(board, "ota_1", &old, offset);
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_OK);
    ota_status_t status = ota_update_write(&update, new.bytes + offset, new.len - offset);
    assert_true(status == OTA_ERR_IMAGE_CHECKSUM || status == OTA_ERR_IMAGE_HASH);
    ota_update_abort(&update);
    board_image_free(&old);
    board_image_free(&new);
}

static void offsets_beyond_the_partition_or_the_size_are_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "ota_1");
    uint32_t offset = 0x30001;
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_ERR_RANGE);
    offset = 4097;
    assert_int_equal(ota_update_resume(&update, &board->device, &part, 4096, 0, &offset),
                     OTA_ERR_RANGE);
    assert_null(board->device.sessions);
}

static void resume_obeys_the_rules_of_begin(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_update_t other;
    uint32_t offset = 0;
    assert_int_equal(resume(board, &update, "ota_0", &offset), OTA_ERR_RUNNING);
    assert_int_equal(resume(board, &update, "factory", &offset), OTA_ERR_NOT_A_SLOT);
    assert_int_equal(resume(board, &other, "ota_1", &offset), OTA_OK);
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_ERR_BUSY);
    ota_update_abort(&other);
}

static void a_chip_that_cannot_be_read_is_not_called_a_bad_image(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint32_t offset = 4096;
    board->nor.flash.read = no_read;
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_ERR_FLASH_READ);
    offset = 5000;
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_ERR_FLASH_READ);
    assert_null(board->device.sessions);
}

static void a_whole_image_that_lies_there_is_finished_at_once(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    uint32_t offset = image.len;
    board_put(board, 0x60000, image.bytes, image.len);
    assert_int_equal(resume(board, &update, "ota_1", &offset), OTA_OK);
    assert_int_equal(offset, image.len);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_int_equal(board_operations(board), 0);
    board_image_free(&image);
}

static void data_is_resumed_by_its_place_alone(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    memset(image.bytes, 0x77, 100);
    uint32_t offset = 6000;
    begin_and_lose(board, "storage", &image, 6000);
    assert_int_equal(resume(board, &update, "storage", &offset), OTA_OK);
    assert_int_equal(offset, 6000);
    send_from(board, &update, &image, offset);
    assert_true(board_holds(board, "storage", &image));
    board_image_free(&image);
}

static void a_final_partition_set_after_resuming_judges_what_is_there(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t final = board_part(board, "ota_1");
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    uint32_t offset = KIB(5);
    begin_and_lose(board, "storage", &image, offset);
    assert_int_equal(resume(board, &update, "storage", &offset), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_OK);
    send_from(board, &update, &image, offset);
    assert_true(board_holds(board, "ota_1", &image));
    memset(image.bytes, 0x77, 100);
    offset = KIB(5);
    begin_and_lose(board, "storage", &image, offset);
    assert_int_equal(resume(board, &update, "storage", &offset), OTA_OK);
    assert_int_equal(ota_update_set_final(&update, &final, true), OTA_ERR_IMAGE_MAGIC);
    ota_update_abort(&update);
    board_image_free(&image);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, board_setup, board_teardown)
    const struct CMUnitTest tests[] = {
        TEST(users_16_an_update_lost_anywhere_is_resumed_there),
        TEST(a_saved_offset_that_lags_behind_goes_back_to_its_sector),
        TEST(one_cell_at_the_sectors_end_sends_it_back_to_its_start),
        TEST(fewer_bytes_than_are_judged_first_are_sent_again),
        TEST(a_sector_with_a_blank_rest_is_gone_on_with_unerased),
        TEST(a_weak_cell_behind_the_offset_is_noticed_when_it_falls),
        TEST(a_power_cut_at_every_operation_can_be_resumed),
        TEST(the_record_is_forgotten_when_resuming_too),
        TEST(what_is_no_beginning_of_an_image_is_refused),
        TEST(another_image_behind_the_same_name_is_found),
        TEST(offsets_beyond_the_partition_or_the_size_are_refused),
        TEST(resume_obeys_the_rules_of_begin),
        TEST(a_chip_that_cannot_be_read_is_not_called_a_bad_image),
        TEST(a_whole_image_that_lies_there_is_finished_at_once),
        TEST(data_is_resumed_by_its_place_alone),
        TEST(a_final_partition_set_after_resuming_judges_what_is_there),
    };
    return cmocka_run_group_tests_name("update: resume", tests, NULL, NULL);
}
