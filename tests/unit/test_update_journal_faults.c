/* SPDX-License-Identifier: Apache-2.0 */
/* update: the journal of a download where its page is full and where flash fails. It never costs
 * the update, and what was noted stays noted. */
#include "core/bytes.h"
#include "core/crc32.h"
#include "support/download.h"
#include "support/unit.h"

#define SECTOR OTA_FLASH_SECTOR

/* --- a journal's page is full
 * --------------------------------------------------------------------- */

#define BIG_FLASH 0x400000u
#define BIG_SLOT  0x200000u

typedef struct {
    nor_sim_t nor;
    uint8_t table_bytes[OTA_TABLE_SIZE];
    ota_device_t device;
    ota_part_t slot[2];
} big_t;

static void big_start(big_t *big)
{
    memset(big, 0, sizeof(*big));
    assert_int_equal(nor_sim_start(&big->nor, BIG_FLASH), OTA_OK);
    const ota_part_t otadata = {.type = OTA_TYPE_DATA,
                                .subtype = OTA_SUBTYPE_OTADATA,
                                .offset = DOWNLOAD_OTADATA,
                                .size = OTA_OTADATA_SIZE,
                                .label = "otadata"};
    big->slot[0] = (ota_part_t){.type = OTA_TYPE_APP,
                                .subtype = OTA_SUBTYPE_OTA_0,
                                .offset = 0x10000,
                                .size = 0x10000,
                                .label = "ota_0"};
    big->slot[1] = (ota_part_t){.type = OTA_TYPE_APP,
                                .subtype = OTA_SUBTYPE_OTA_0 + 1,
                                .offset = 0x20000,
                                .size = BIG_SLOT,
                                .label = "ota_1"};
    memset(big->table_bytes, 0xFF, sizeof(big->table_bytes));
    ota_table_encode(big->table_bytes, &otadata);
    ota_table_encode(big->table_bytes + OTA_TABLE_ENTRY, &big->slot[0]);
    ota_table_encode(big->table_bytes + 2 * OTA_TABLE_ENTRY, &big->slot[1]);
    const ota_table_t table = {big->table_bytes, 3};
    big->device = (ota_device_t){.flash = &big->nor.flash,
                                 .chip = ota_chip_by_name("esp32"),
                                 .boot = {.policy = OTA_POLICY_OTARY, .rollback = true}};
    assert_int_equal(ota_device_init(&big->device, &table, 0x10000), OTA_OK);
}

static uint32_t big_send(big_t *big, const board_image_t *image, uint32_t to, bool finish)
{
    ota_update_t update;
    uint32_t offset = 99;
    assert_int_equal(
        ota_update_continue(&update, &big->device, &big->slot[1], &download_unknown, 0, &offset),
        OTA_OK);
    download_send(&update, image, offset, to, 30000);
    assert_int_equal(ota_update_fault(&update)->status, OTA_OK); /* whatever became of notes */
    if (finish) {
        assert_int_equal(ota_update_finish(&update), OTA_OK);
    }
    big->device.sessions = NULL;
    return offset;
}

static bool counts_otadata_erases(void *user, nor_op_t op, uint32_t addr, const void *data,
                                  size_t len)
{
    (void)data;
    (void)len;
    unsigned *erases = user;
    *erases +=
        op == NOR_ERASE && addr >= DOWNLOAD_OTADATA && addr < DOWNLOAD_OTADATA + OTA_OTADATA_SIZE;
    return true;
}

static void a_full_page_is_turned_and_nothing_is_sent_twice(void **state)
{
    (void)state;
    big_t big;
    unsigned erases = 0;
    board_image_t image = board_image((board_want_t){.size = KIB(2000)});
    big_start(&big);
    big.nor.watch = counts_otadata_erases;
    big.nor.user = &erases;
    assert_int_equal(big_send(&big, &image, DOWNLOAD_LINES * SECTOR + 10, false), 0);
    assert_int_equal(erases, 2); /* a record, and a wipe of what only looked blank */
    assert_int_equal(big_send(&big, &image, (2 * DOWNLOAD_LINES + 2) * SECTOR, false),
                     DOWNLOAD_LINES * SECTOR);
    assert_int_equal(erases, 4); /* a session's own record, and then a page */
    assert_int_equal(big_send(&big, &image, (2 * DOWNLOAD_LINES + 3) * SECTOR + 5, false),
                     (2 * DOWNLOAD_LINES + 2) * SECTOR);
    assert_int_equal(big_send(&big, &image, image.len, true), (2 * DOWNLOAD_LINES + 3) * SECTOR);
    assert_memory_equal(big.nor.bytes + big.slot[1].offset, image.bytes, image.len);
    board_image_free(&image);
    nor_sim_stop(&big.nor);
}

/* What turned the page is the last that counts. */
static void a_turned_page_says_how_far_it_is(void **state)
{
    (void)state;
    big_t big;
    board_image_t image = board_image((board_want_t){.size = KIB(1200)});
    big_start(&big);
    assert_int_equal(big_send(&big, &image, (DOWNLOAD_LINES + 1) * SECTOR + 10, false), 0);
    assert_int_equal(big_send(&big, &image, image.len, true), (DOWNLOAD_LINES + 1) * SECTOR);
    board_image_free(&image);
    nor_sim_stop(&big.nor);
}

static void damage_before_a_turned_page_starts_from_0(void **state)
{
    (void)state;
    big_t big;
    board_image_t image = board_image((board_want_t){.size = KIB(1200)});
    big_start(&big);
    (void)big_send(&big, &image, (DOWNLOAD_LINES + 5) * SECTOR, false);
    big.nor.bytes[big.slot[1].offset + KIB(100)] ^= 1; /* the marks of that page are gone */
    assert_int_equal(big_send(&big, &image, image.len, true), 0);
    board_image_free(&image);
    nor_sim_stop(&big.nor);
}

/* The place of the line that says `offset`. */
static uint8_t *find_line(big_t *big, uint32_t offset)
{
    uint8_t *otadata = big->nor.bytes + DOWNLOAD_OTADATA;
    for (uint32_t at = 0; at < OTA_OTADATA_SIZE; at += 16) {
        if (at % OTA_OTADATA_SECTOR >= OTA_JOURNAL_AT && ota_get_le32(otadata + at) == offset) {
            return otadata + at;
        }
    }
    fail_msg("no line says %u", (unsigned)offset);
    return NULL;
}

/* Whole and true of what flash holds, but no end of a sector: an update never notes such. */
static void a_line_within_a_sector_is_not_gone_on_from(void **state)
{
    (void)state;
    big_t big;
    board_image_t image = board_image((board_want_t){.size = KIB(100)});
    big_start(&big);
    (void)big_send(&big, &image, 3 * SECTOR + 600, false);
    uint8_t *line = find_line(&big, 3 * SECTOR) + 16;
    ota_put_le32(line, 3 * SECTOR + 256);
    ota_put_le32(line + 4, ota_crc32(0, image.bytes, 3 * SECTOR + 256));
    ota_put_le32(line + 12, ota_crc32(0, line, 12));
    assert_memory_equal(big.nor.bytes + big.slot[1].offset, image.bytes, 3 * SECTOR + 256);
    assert_int_equal(big_send(&big, &image, image.len, true), 3 * SECTOR);
    board_image_free(&image);
    nor_sim_stop(&big.nor);
}

static bool no_second_page(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    (void)data;
    (void)len;
    unsigned *erases = user;
    *erases +=
        op == NOR_ERASE && addr >= DOWNLOAD_OTADATA && addr < DOWNLOAD_OTADATA + OTA_OTADATA_SIZE;
    return *erases < 3 || addr < DOWNLOAD_OTADATA || addr >= DOWNLOAD_OTADATA + OTA_OTADATA_SIZE;
}

static void a_page_that_cannot_be_turned_costs_no_update(void **state)
{
    (void)state;
    big_t big;
    unsigned erases = 0;
    board_image_t image = board_image((board_want_t){.size = KIB(1200)});
    big_start(&big);
    big.nor.watch = no_second_page;
    big.nor.user = &erases;
    (void)big_send(&big, &image, (DOWNLOAD_LINES + 5) * SECTOR, false);
    assert_true(erases > 2);
    big.nor.watch = NULL;
    assert_int_equal(big_send(&big, &image, image.len, true), DOWNLOAD_LINES * SECTOR);
    board_image_free(&image);
    nor_sim_stop(&big.nor);
}

/* --- failures -----------------------------------------------------------------------------------
 */

static bool no_notes(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    (void)user;
    (void)op;
    (void)data;
    (void)len;
    bool otadata = addr >= DOWNLOAD_OTADATA && addr < DOWNLOAD_OTADATA + OTA_OTADATA_SIZE;
    return !otadata || addr % SECTOR < OTA_JOURNAL_AT;
}

static void notes_that_cannot_be_written_cost_no_update(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    board->nor.watch = no_notes;
    ota_update_t update;
    assert_int_equal(download_go_on(board, &update, "ota_1", &download_unknown), 0);
    download_send(&update, &image, 0, KIB(13), 1000);
    assert_int_equal(ota_update_fault(&update)->status, OTA_OK); /* nor is it a failure */
    download_lose(board);
    download_complete(board, &image, &download_unknown, 0); /* but nothing was noted */
    board_image_free(&image);
}

/* Each operation of the second session fails, and then the power is gone: what the first one noted
 * is still there, or what the second one did. */
static void whichever_operation_fails_nothing_that_was_noted_is_lost(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    bool failed = true;
    for (int64_t n = 0; failed; n++) {
        ota_update_t update;
        download_fresh(board);
        (void)download_until(board, &image, &download_unknown, KIB(9), 1000);
        assert_int_equal(download_go_on(board, &update, "ota_1", &download_unknown), KIB(8));
        board->nor.fail_in = n;
        board->nor.fail_for_ever = true;
        uint32_t at = KIB(8);
        while (at < KIB(13) && ota_update_write(&update, image.bytes + at, 1024) == OTA_OK) {
            at += 1024;
        }
        failed = board->nor.fail_in == 0;
        board->nor.fail_in = -1;
        download_lose(board);
        uint32_t offset = download_go_on(board, &update, "ota_1", &download_unknown);
        assert_true(offset >= KIB(8) && offset <= at && offset % SECTOR == 0);
        download_send(&update, &image, offset, image.len, 1000);
        assert_int_equal(ota_update_finish(&update), OTA_OK);
        assert_true(board_holds(board, "ota_1", &image));
    }
    board_image_free(&image);
}

static void a_write_that_failed_is_repeated_and_noted_once(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    for (int64_t n = 0; n < 24; n++) {
        ota_update_t update;
        download_fresh(board);
        assert_int_equal(download_go_on(board, &update, "ota_1", &download_unknown), 0);
        board->nor.fail_for_ever = false;
        board->nor.fail_in = n;
        if (ota_update_write(&update, image.bytes, KIB(10)) != OTA_OK) {
            assert_int_equal(ota_update_written(&update), 0);
            assert_int_equal(ota_update_write(&update, image.bytes, KIB(10)), OTA_OK);
        }
        board->nor.fail_in = -1;
        download_lose(board);
        uint32_t offset = download_go_on(board, &update, "ota_1", &download_unknown);
        assert_true(offset == KIB(8) || (offset == KIB(4) && n > 5)); /* a note was lost */
        download_send(&update, &image, offset, image.len, 1000);
        assert_int_equal(ota_update_finish(&update), OTA_OK);
        assert_true(board_holds(board, "ota_1", &image));
    }
    board_image_free(&image);
}

static uint32_t dead_from, dead_to;

static ota_status_t dead_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    memcpy(dst, nor->bytes + addr, len);
    return addr + len > dead_from && addr < dead_to ? OTA_ERR_FLASH_READ : OTA_OK;
}

static void flash_that_cannot_be_read_opens_no_session(void **state)
{
    board_t *board = *state;
    static const uint32_t dead[][2] = {
        {DOWNLOAD_OTADATA, DOWNLOAD_OTADATA + 1},
        {DOWNLOAD_OTADATA + SECTOR, DOWNLOAD_OTADATA + SECTOR + 1},
        {DOWNLOAD_OTADATA + SECTOR + OTA_JOURNAL_AT, DOWNLOAD_OTADATA + 2 * SECTOR},
        {0x60000 + KIB(5), 0x60000 + KIB(6)}};
    board_image_t image = board_image((board_want_t){.size = KIB(20)});
    (void)download_until(board, &image, &download_unknown, KIB(9), 1000);
    ota_part_t part = board_part(board, "ota_1");
    board->device.boot.rollback = false; /* else begin itself asks otadata for a trial */
    for (size_t i = 0; i < sizeof(dead) / sizeof(dead[0]); i++) {
        ota_update_t update;
        uint32_t offset;
        dead_from = dead[i][0];
        dead_to = dead[i][1];
        ota_status_t (*alive)(void *, uint32_t, void *, size_t) = board->nor.flash.read;
        board->nor.flash.read = dead_read;
        assert_int_equal(
            ota_update_continue(&update, &board->device, &part, &download_unknown, 0, &offset),
            OTA_ERR_FLASH_READ);
        assert_false(ota_update_open(&update));
        assert_null(board->device.sessions);
        board->nor.flash.read = alive;
    }
    download_complete(board, &image, &download_unknown, KIB(8));
    board_image_free(&image);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, download_setup, board_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_page_is_turned_and_nothing_is_sent_twice),
        cmocka_unit_test(a_turned_page_says_how_far_it_is),
        cmocka_unit_test(a_line_within_a_sector_is_not_gone_on_from),
        cmocka_unit_test(damage_before_a_turned_page_starts_from_0),
        cmocka_unit_test(a_page_that_cannot_be_turned_costs_no_update),
        TEST(notes_that_cannot_be_written_cost_no_update),
        TEST(whichever_operation_fails_nothing_that_was_noted_is_lost),
        TEST(a_write_that_failed_is_repeated_and_noted_once),
        TEST(flash_that_cannot_be_read_opens_no_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
