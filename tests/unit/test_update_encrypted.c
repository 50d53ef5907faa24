/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update, with flash encryption on: whole blocks of 16 bytes, none programmed twice with
 * different bytes, none where nothing was erased, whatever pieces the bytes come in.
 */
#include "core/bytes.h"
#include "support/board.h"
#include "support/unit.h"

#define KIB(n) ((uint32_t)(n) << 10)
#define BLOCK  16u

/* Every program into the watched range is held against the rules of the medium. */
typedef struct {
    const nor_sim_t *nor;
    uint32_t from;
    uint32_t to;
    bool programmed[BOARD_FLASH / BLOCK]; /* since its last erase */
    unsigned broken;
} rules_t;

static bool check(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    rules_t *rules = user;
    if (addr < rules->from || addr >= rules->to) {
        return true;
    }
    if (addr % BLOCK != 0 || len % BLOCK != 0) {
        rules->broken++;
    }
    for (uint32_t block = addr / BLOCK; block < (addr + len) / BLOCK; block++) {
        const uint8_t *now =
            op == NOR_PROGRAM ? (const uint8_t *)data + (block * BLOCK - addr) : NULL;
        if (now != NULL && rules->programmed[block] &&
            memcmp(now, rules->nor->bytes + (size_t)block * BLOCK, BLOCK) != 0) {
            rules->broken++;
        }
        rules->programmed[block] = op == NOR_PROGRAM;
    }
    return true;
}

static rules_t rules;

static int setup(void **state)
{
    static board_t board;
    board_start(&board);
    board.nor.flash.encrypted_unit = BLOCK;
    memset(board.nor.bytes + 0x60000, 0x3C, 0x30000);
    memset(&rules, 0, sizeof(rules));
    rules.nor = &board.nor;
    rules.from = 0x60000;
    rules.to = 0x90000;
    board.nor.watch = check;
    board.nor.user = &rules;
    *state = &board;
    return 0;
}

static int teardown(void **state)
{
    assert_int_equal(rules.broken, 0);
    board_stop(*state);
    return 0;
}

static void open_session(board_t *board, ota_update_t *update, const char *label)
{
    ota_part_t part = board_part(board, label);
    assert_int_equal(ota_update_begin(update, &board->device, &part, OTA_WITH_SEQUENTIAL_WRITES, 0),
                     OTA_OK);
}

static void in_pieces(board_t *board, const board_image_t *image, const uint32_t *pieces,
                      size_t count)
{
    ota_update_t update;
    uint32_t at = 0;
    open_session(board, &update, "ota_1");
    for (size_t i = 0; at < image->len; i++) {
        uint32_t n = min_u32(i < count ? pieces[i] : 4096, image->len - at);
        assert_int_equal(ota_update_write(&update, image->bytes + at, n), OTA_OK);
        at += n;
    }
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_true(board_holds(board, "ota_1", image));
}

static void pieces_that_trip_stock_give_the_right_bytes(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(12), .seed = 3});
    const uint32_t seq_1000[] = {1000, 1000, 1000, 1000, 1000};
    const uint32_t erased_twice[] = {4080, 20, 100};
    const uint32_t never_erased[] = {4064, 15, 20};
    const uint32_t by_one[] = {1, 4096, 1, 4096, 1};
    in_pieces(board, &image, seq_1000, 5);
    in_pieces(board, &image, erased_twice, 3);
    in_pieces(board, &image, never_erased, 3);
    in_pieces(board, &image, by_one, 5);
    board_image_free(&image);
}

static void random_pieces_give_the_right_bytes(void **state)
{
    board_t *board = *state;
    uint32_t x = 5;
    board_image_t image = board_image((board_want_t){.size = KIB(20) + 16, .seed = 4});
    for (int round = 0; round < 40; round++) {
        uint32_t pieces[64];
        for (size_t i = 0; i < 64; i++) {
            x = x * 1664525u + 1013904223u;
            pieces[i] = 1 + (x >> 8) % (1u << ((x >> 4) % 13u));
        }
        in_pieces(board, &image, pieces, 64);
    }
    board_image_free(&image);
}

/* 4064 + 15 + 20 bytes: the tail of three bytes lies in a sector of its own. */
static void gap_59_the_tail_lies_in_an_erased_sector(void **state)
{
    board_t *board = *state;
    board_log_t log;
    ota_update_t update;
    ota_part_t final = board_part(board, "spare");
    uint8_t bytes[4099];
    memset(bytes, 0x42, sizeof(bytes));
    board_log(board, &log);
    open_session(board, &update, "ota_1");
    assert_int_equal(ota_update_set_final(&update, &final, false), OTA_OK); /* data: no judge */
    assert_int_equal(ota_update_write(&update, bytes, 4064), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes + 4064, 15), OTA_OK);
    assert_int_equal(ota_update_write(&update, bytes + 4079, 20), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_string_equal(log.text, "e:e000:1000 e:60000:1000 w:60000:fe0 w:60fe0:10 w:60ff0:10 "
                                  "e:61000:1000 w:61000:10");
    assert_memory_equal(board->nor.bytes + 0x60000, bytes, sizeof(bytes));
}

static void gap_60_the_tail_is_always_padded_with_ff(void **state)
{
    board_t *board = *state;
    ota_part_t final = board_part(board, "spare");
    for (uint32_t len = 1; len < 40; len++) {
        uint8_t bytes[40] = {0};
        ota_update_t update;
        open_session(board, &update, "ota_1");
        assert_int_equal(ota_update_set_final(&update, &final, false), OTA_OK);
        assert_int_equal(ota_update_write(&update, bytes, len), OTA_OK);
        assert_int_equal(ota_update_finish(&update), OTA_OK);
        assert_memory_equal(board->nor.bytes + 0x60000, bytes, len);
        assert_true(board_blank(board, 0x60000 + len, 4096 - len));
    }
}

static void gap_61_a_failed_block_is_repeated_exactly(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(8), .seed = 6});
    for (int64_t fail = 0; fail < 8; fail++) {
        ota_update_t update;
        open_session(board, &update, "ota_1");
        board->nor.fail_in = fail;
        for (uint32_t at = 0, n; at < image.len; at += n) {
            n = min_u32(at % 2 == 0 ? 1001 : 37, image.len - at);
            ota_status_t status = ota_update_write(&update, image.bytes + at, n);
            if (status != OTA_OK) {
                assert_int_equal(ota_update_written(&update), at);
                n = 0; /* the same call again */
            }
        }
        assert_int_equal(ota_update_finish(&update), OTA_OK);
        assert_true(board_holds(board, "ota_1", &image));
    }
    board_image_free(&image);
}

static void gap_62_plain_partitions_keep_their_bytes(void **state)
{
    board_t *board = *state;
    board_log_t log;
    ota_update_t update;
    board_log(board, &log);
    open_session(board, &update, "storage");
    assert_int_equal(ota_update_write(&update, "abc", 3), OTA_OK);
    assert_int_equal(ota_update_write(&update, "de", 2), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_string_equal(log.text, "e:c0000:1000 w:c0000:3 w:c0003:2");
}

static void a_data_partition_with_the_encrypted_flag_has_the_rule(void **state)
{
    board_t *board = *state;
    board_log_t log;
    ota_update_t update;
    ota_part_t part = board_part(board, "storage");
    part.flags |= OTA_PART_ENCRYPTED;
    board_log(board, &log);
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_write(&update, "abc", 3), OTA_OK);
    assert_string_equal(log.text, "");
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_string_equal(log.text, "e:c0000:1000 w:c0000:10");
}

static void offsets_and_lengths_are_whole_blocks(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "ota_1");
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 8, image.bytes, 16), OTA_ERR_ALIGN);
    assert_int_equal(ota_update_write_at(&update, 0, image.bytes, 24), OTA_ERR_ALIGN);
    assert_int_equal(ota_update_fault(&update)->status, OTA_ERR_ALIGN);
    assert_int_equal(ota_update_write_at(&update, 0, image.bytes, 4096), OTA_OK);
    assert_int_equal(ota_update_write_at(&update, 4096, image.bytes + 4096, 4096), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    board_image_free(&image);
}

static void a_block_that_waits_for_its_rest_is_not_written_over(void **state)
{
    board_t *board = *state;
    ota_update_t update;
    ota_part_t part = board_part(board, "ota_1");
    board_image_t image = board_image((board_want_t){.size = KIB(8)});
    assert_int_equal(ota_update_begin(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0), OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes, 33), OTA_OK); /* holds 1 */
    assert_int_equal(ota_update_write_at(&update, 32, image.bytes + 32, 16), OTA_ERR_STATE);
    assert_int_equal(ota_update_write(&update, image.bytes + 33, 7), OTA_OK); /* holds 8 */
    assert_int_equal(ota_update_write_at(&update, 32, image.bytes + 32, 32), OTA_ERR_STATE);
    assert_int_equal(ota_update_write_at(&update, 48, image.bytes + 48, KIB(8) - 48), OTA_OK);
    assert_int_equal(ota_update_write(&update, image.bytes + 40, 8), OTA_OK);
    assert_int_equal(ota_update_finish(&update), OTA_OK);
    assert_true(board_holds(board, "ota_1", &image));
    board_image_free(&image);
}

/* --- as the chip does it: erased cells do not decrypt to FF
 * --------------------------------------- */

static uint8_t pad_of(uint32_t addr)
{
    return (uint8_t)((addr * 2654435761u) >> 13 | 1u);
}

static ota_status_t decrypting_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    uint8_t *p = dst;
    for (uint32_t i = 0; i < len; i++) {
        bool slot = addr + i >= 0x60000 && addr + i < 0x90000;
        p[i] = (uint8_t)(nor->bytes[addr + i] ^ (slot ? pad_of(addr + i) : 0));
    }
    return OTA_OK;
}

static ota_status_t (*plain_program)(void *, uint32_t, const void *, size_t);

static ota_status_t encrypting_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    static uint8_t cipher[0x30000];
    const uint8_t *p = src;
    if (addr < 0x60000 || addr >= 0x90000) {
        return plain_program(ctx, addr, src, len);
    }
    for (uint32_t i = 0; i < len; i++) {
        cipher[i] = (uint8_t)(p[i] ^ pad_of(addr + i));
    }
    return plain_program(ctx, addr, cipher, len);
}

static void an_encrypted_update_is_resumed_from_a_sector(void **state)
{
    board_t *board = *state;
    board_image_t image = board_image((board_want_t){.size = KIB(12), .seed = 5});
    plain_program = board->nor.flash.program;
    board->nor.flash.program = encrypting_program;
    board->nor.flash.read = decrypting_read;
    for (uint32_t lost = 0; lost <= image.len; lost += 500) {
        ota_update_t update;
        ota_part_t part = board_part(board, "ota_1");
        uint32_t offset = lost;
        uint8_t found[KIB(12)];
        open_session(board, &update, "ota_1");
        assert_int_equal(ota_update_write(&update, image.bytes, lost), OTA_OK);
        board->device.sessions = NULL;
        assert_int_equal(
            ota_update_resume(&update, &board->device, &part, OTA_SIZE_UNKNOWN, 0, &offset),
            OTA_OK);
        assert_int_equal(offset, lost / 4096 * 4096);
        assert_int_equal(ota_update_write(&update, image.bytes + offset, image.len - offset),
                         OTA_OK);
        assert_int_equal(ota_update_finish(&update), OTA_OK);
        assert_int_equal(ota_flash_read(&board->nor.flash, 0x60000, found, image.len), OTA_OK);
        assert_memory_equal(found, image.bytes, image.len);
    }
    board_image_free(&image);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(pieces_that_trip_stock_give_the_right_bytes),
        TEST(random_pieces_give_the_right_bytes),
        TEST(gap_59_the_tail_lies_in_an_erased_sector),
        TEST(gap_60_the_tail_is_always_padded_with_ff),
        TEST(gap_61_a_failed_block_is_repeated_exactly),
        TEST(gap_62_plain_partitions_keep_their_bytes),
        TEST(a_data_partition_with_the_encrypted_flag_has_the_rule),
        TEST(offsets_and_lengths_are_whole_blocks),
        TEST(a_block_that_waits_for_its_rest_is_not_written_over),
        TEST(an_encrypted_update_is_resumed_from_a_sector),
    };
    return cmocka_run_group_tests_name("update: encrypted", tests, NULL, NULL);
}
