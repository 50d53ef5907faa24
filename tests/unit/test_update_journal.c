/* SPDX-License-Identifier: Apache-2.0 */
/* update: the journal of a download. Wherever a session is lost, the next one on the same offer
 * goes on within a sector of it; whatever flash, offer or journal say that does not fit costs a
 * start from 0. */
#include "core/bytes.h"
#include "core/crc32.h"
#include "support/download.h"
#include "support/unit.h"

#define SECTOR OTA_FLASH_SECTOR

static void users_16_an_update_lost_at_any_byte_costs_at_most_one_sector(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(11), .seed = 7});
    for (uint32_t unit = 1; unit <= 32; unit *= unit < 16 ? 4 : 2) {
        board->nor.flash.program_unit = unit;
        for (uint32_t lost = 0; lost <= image.len; lost += lost % SECTOR < 40 ? 1 : 331) {
            download_fresh(board);
            assert_int_equal(download_until(board, &image, &download_unknown, lost, 777), 0);
            download_complete(board, &image, &download_unknown, lost / SECTOR * SECTOR);
        }
    }
    board_image_free(&image);
}

static void sizes_of_pieces_and_sessions_do_not_matter(void **state)
{
    board_t *board = *state;
    static const uint32_t chunks[] = {1, 31, 32, 4095, 4096, 4097, 9000, 20000};
    const ota_offer_t exact = {.id = {1}, .size = KIB(20)};
    board_image_t image = board_image((board_want_t){.size = KIB(20), .seed = 8});
    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        download_fresh(board);
        for (uint32_t lost = 0; lost < image.len; lost += 3000) { /* lost again and again */
            uint32_t offset = download_until(board, &image, &exact, lost, chunks[i]);
            assert_int_equal(offset, (lost < 3000 ? 0 : lost - 3000) / SECTOR * SECTOR);
        }
        download_complete(board, &image, &exact, KIB(16));
    }
    board_image_free(&image);
}

static void what_is_complete_needs_no_byte_more(void **state)
{
    board_t *board = *state;
    const ota_offer_t exact = {.id = {2}, .size = KIB(12)};
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    (void)download_until(board, &image, &exact, image.len, 1000);
    download_complete(board, &image, &exact, image.len);
    board_image_free(&image);
}

static void another_offer_size_or_slot_starts_from_0(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    const ota_offer_t offer = {.id = {3}, .size = KIB(12)};
    const ota_offer_t changed = {.id = {[15] = 1, [0] = 3}, .size = KIB(12)};
    const ota_offer_t shorter = {.id = {3}, .size = KIB(12) - 16};
    (void)download_until(board, &image, &offer, KIB(9), 1000);
    assert_int_equal(download_go_on(board, &update, "ota_1", &changed), 0);
    download_lose(board);
    assert_int_equal(download_go_on(board, &update, "ota_1", &shorter), 0);
    download_lose(board);
    assert_int_equal(download_go_on(board, &update, "ota_2", &offer), 0);
    download_lose(board);
    download_complete(board, &image, &offer, KIB(8)); /* asking changed nothing */
    (void)download_until(board, &image, &offer, KIB(9), 1000);
    (void)download_until(board, &image, &changed, KIB(1), 1000);
    download_complete(board, &image, &offer, 0); /* writing something else did */
    board_image_free(&image);
}

static void a_choice_ends_what_was_being_written(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    download_complete(board, &image, &download_unknown, 0);
    assert_int_equal(ota_device_select(&board->device, 1, false, NULL), OTA_OK);
    download_complete(board, &image, &download_unknown, 0);
    board_image_free(&image);
}

static void content_damaged_behind_the_journal_goes_back_to_the_last_good_mark(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(20), .seed = 4});
    for (uint32_t at = 0; at < KIB(17); at += 500) {
        download_fresh(board);
        (void)download_until(board, &image, &download_unknown, KIB(17), 1000);
        board->nor.bytes[0x60000 + at] ^= 0x04;
        download_complete(board, &image, &download_unknown, min_u32(at / SECTOR * SECTOR, KIB(16)));
    }
    board_image_free(&image);
}

/* --- the journal ------------------------------------------------------------------------------ */

static uint8_t *line_at(board_t *board, uint32_t line)
{
    uint32_t sector = 1; /* what board_start has in force lies in copy 0 */
    return board->nor.bytes + DOWNLOAD_OTADATA + sector * SECTOR + OTA_JOURNAL_AT + 16 * line;
}

static void a_torn_line_costs_one_sector(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    for (uint32_t byte = 0; byte < 16; byte++) {
        download_fresh(board);
        (void)download_until(board, &image, &download_unknown, KIB(13), 1000);
        uint8_t *otadata = board->nor.bytes + DOWNLOAD_OTADATA;
        uint8_t *line = otadata + OTA_JOURNAL_AT + 32; /* fresh: the record lies in sector 0 */
        assert_int_equal(ota_get_le32(line), KIB(12));
        line[byte] ^= 0x01;
        download_complete(board, &image, &download_unknown, KIB(8));
    }
    board_image_free(&image);
}

static void put_line(uint8_t *line, uint32_t offset, uint32_t crc)
{
    memset(line, 0xFF, 16);
    ota_put_le32(line, offset);
    ota_put_le32(line + 4, crc);
    ota_put_le32(line + 12, ota_crc32(0, line, 12));
}

static void lines_that_say_nothing_are_passed_over(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    (void)download_until(board, &image, &download_unknown, KIB(9), 1000);
    assert_int_equal(ota_get_le32(line_at(board, 1)), KIB(8));
    put_line(line_at(board, 2), KIB(4), 1);     /* less than before */
    put_line(line_at(board, 3), 5000, 2);       /* no sector's end */
    put_line(line_at(board, 4), 0xFFFFF000, 3); /* beyond the slot */
    put_line(line_at(board, 5), 0, 4);
    put_line(line_at(board, 6), KIB(8), 5); /* no more than before */
    memcpy(board->nor.bytes + 0x60000 + KIB(8), image.bytes + KIB(8), KIB(4));
    put_line(line_at(board, DOWNLOAD_LINES - 1), KIB(12), ota_crc32(0, image.bytes, KIB(12)));
    download_complete(board, &image, &download_unknown,
                      KIB(12)); /* the last line of the page counts */
    board_image_free(&image);
}

static void a_line_that_promises_too_much_ends_the_search(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    (void)download_until(board, &image, &download_unknown, KIB(9), 1000);
    put_line(line_at(board, 2), KIB(16), 0x12345678);
    download_complete(board, &image, &download_unknown, KIB(8));
    board_image_free(&image);
}

static void a_journal_of_what_is_no_image_starts_from_0(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    (void)download_until(board, &image, &download_unknown, KIB(3), 1000);
    memset(board->nor.bytes + 0x60000, 0x33, KIB(4));
    put_line(line_at(board, 0), KIB(4), ota_crc32(0, board->nor.bytes + 0x60000, KIB(4)));
    download_complete(board, &image, &download_unknown, 0);
    board_image_free(&image);
}

static void flash_that_holds_no_image_for_this_device_starts_from_0(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    (void)download_until(board, &image, &download_unknown, KIB(9), 1000);
    board->device.chip = ota_chip_by_name("esp32s3"); /* as if the rules had become stricter */
    assert_int_equal(download_go_on(board, &update, "ota_1", &download_unknown), 0);
    assert_int_equal(ota_update_write(&update, image.bytes, 64), OTA_ERR_IMAGE_CHIP);
    ota_update_abort(&update);
    board->device.chip = ota_chip_by_name("esp32");
    download_complete(board, &image, &download_unknown, KIB(8));
    board_image_free(&image);
}

/* --- where there is no journal ------------------------------------------------------------------
 */

static void in_place_keeps_no_journal(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    board->device.records = &ota_records_in_place;
    (void)download_until(board, &image, &download_unknown, KIB(9), 1000);
    download_complete(board, &image, &download_unknown, 0);
    board_image_free(&image);
}

static void under_a_stock_bootloader_there_is_one(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    board->device.boot.policy = OTA_POLICY_STOCK;
    (void)download_until(board, &image, &download_unknown, KIB(9), 1000);
    download_complete(board, &image, &download_unknown, KIB(8));
    board_image_free(&image);
}

static void without_otadata_there_is_none(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(12)});
    for (uint32_t size = 0; size < OTA_OTADATA_SIZE; size += SECTOR) {
        board->device.layout.otadata.size = size;
        (void)download_until(board, &image, &download_unknown, KIB(9), 1000);
        download_complete(board, &image, &download_unknown, 0);
    }
    board_image_free(&image);
}

static void other_partitions_keep_none(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    static const uint8_t data[9000] = {1};
    assert_int_equal(download_go_on(board, &update, "storage", &download_unknown), 0);
    assert_int_equal(ota_update_write(&update, data, sizeof(data)), OTA_OK);
    download_lose(board);
    assert_int_equal(download_go_on(board, &update, "storage", &download_unknown), 0);
    assert_true(
        board_blank(board, DOWNLOAD_OTADATA + SECTOR + OTA_ENTRY_SIZE, SECTOR - OTA_ENTRY_SIZE));
    ota_update_abort(&update);
}

static void what_begin_refuses_is_refused(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    uint32_t offset = 99;
    ota_part_t part = board_part(board, "ota_1");
    ota_part_t running = board_part(board, "ota_0");
    const ota_offer_t large = {.id = {1}, .size = 0x30001};
    ota_device_t *d = &board->device;
    assert_int_equal(ota_update_continue(&update, d, &part, NULL, 0, &offset), OTA_ERR_ARG);
    assert_int_equal(ota_update_continue(&update, d, &part, &download_unknown, 0, NULL),
                     OTA_ERR_ARG);
    assert_int_equal(ota_update_continue(&update, d, NULL, &download_unknown, 0, &offset),
                     OTA_ERR_ARG);
    assert_int_equal(ota_update_continue(&update, d, &running, &download_unknown, 0, &offset),
                     OTA_ERR_RUNNING);
    assert_int_equal(ota_update_continue(&update, d, &part, &large, 0, &offset), OTA_ERR_RANGE);
    assert_int_equal(offset, 0);
    assert_null(d->sessions);
}

/* --- encryption
 * ------------------------------------------------------------------------------------ */

static ota_status_t (*plain_program)(void *ctx, uint32_t addr, const void *src, size_t len);

static uint8_t key(uint32_t addr)
{
    return (uint8_t)(addr * 2654435761u >> 24);
}

static ota_status_t encrypted_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    uint8_t *p = dst;
    for (uint32_t i = 0; i < len; i++) {
        p[i] = nor->bytes[addr + i] ^ key(addr + i);
    }
    return OTA_OK;
}

static ota_status_t encrypted_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    const uint8_t *p = src;
    uint8_t block[16];
    ota_status_t status = OTA_OK;
    assert_int_equal((addr | len) % sizeof(block), 0);
    for (size_t at = 0; status == OTA_OK && at < len; at += sizeof(block)) {
        for (uint32_t i = 0; i < sizeof(block); i++) {
            block[i] = p[at + i] ^ key(addr + (uint32_t)at + i);
        }
        status = plain_program(ctx, addr + (uint32_t)at, block, sizeof(block));
    }
    return status;
}

static void on_encrypted_flash_it_is_the_same(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(20), .seed = 3});
    ota_flash_t *flash = &board->nor.flash;
    plain_program = flash->program;
    flash->encrypted_unit = 16;
    flash->read = encrypted_read;
    flash->program = encrypted_program;
    for (uint32_t lost = 0; lost < image.len; lost += 1777) {
        uint8_t found[KIB(20)];
        ota_update_t update;
        download_fresh(board); /* reads as anything */
        (void)download_until(board, &image, &download_unknown, lost, 1000);
        uint32_t offset = download_go_on(board, &update, "ota_1", &download_unknown);
        assert_int_equal(offset, lost / SECTOR * SECTOR);
        download_send(&update, &image, offset, image.len, 500);
        assert_int_equal(ota_update_finish(&update), OTA_OK);
        assert_int_equal(ota_flash_read(flash, 0x60000, found, image.len), OTA_OK);
        assert_memory_equal(found, image.bytes, image.len);
    }
    board_image_free(&image);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, download_setup, board_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(users_16_an_update_lost_at_any_byte_costs_at_most_one_sector),
        TEST(sizes_of_pieces_and_sessions_do_not_matter),
        TEST(what_is_complete_needs_no_byte_more),
        TEST(another_offer_size_or_slot_starts_from_0),
        TEST(a_choice_ends_what_was_being_written),
        TEST(content_damaged_behind_the_journal_goes_back_to_the_last_good_mark),
        TEST(a_torn_line_costs_one_sector),
        TEST(lines_that_say_nothing_are_passed_over),
        TEST(a_line_that_promises_too_much_ends_the_search),
        TEST(a_journal_of_what_is_no_image_starts_from_0),
        TEST(flash_that_holds_no_image_for_this_device_starts_from_0),
        TEST(in_place_keeps_no_journal),
        TEST(under_a_stock_bootloader_there_is_one),
        TEST(without_otadata_there_is_none),
        TEST(other_partitions_keep_none),
        TEST(what_begin_refuses_is_refused),
        TEST(on_encrypted_flash_it_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
