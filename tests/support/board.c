/* SPDX-License-Identifier: Apache-2.0 */
#include "support/board.h"

#include "core/bytes.h"
#include "ports/crypto/openssl.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define SEGMENT 8u

typedef struct {
    const char *label;
    uint8_t type;
    uint8_t subtype;
    uint32_t offset;
    uint32_t size;
    uint32_t flags;
} row_t;

static const row_t rows[] = {
    {"nvs", OTA_TYPE_DATA, OTA_SUBTYPE_NVS, 0x9000, 0x4000, 0},
    {"otadata", OTA_TYPE_DATA, OTA_SUBTYPE_OTADATA, 0xd000, 0x2000, 0},
    {"phy_init", OTA_TYPE_DATA, OTA_SUBTYPE_PHY, 0xf000, 0x1000, 0},
    {"factory", OTA_TYPE_APP, OTA_SUBTYPE_FACTORY, 0x10000, 0x20000, 0},
    {"ota_0", OTA_TYPE_APP, 0x10, 0x30000, 0x30000, 0},
    {"ota_1", OTA_TYPE_APP, 0x11, 0x60000, 0x30000, 0},
    {"ota_2", OTA_TYPE_APP, 0x12, 0x90000, 0x30000, 0},
    {"storage", OTA_TYPE_DATA, 0x82, 0xc0000, 0x20000, 0},
    {"boot_new", OTA_TYPE_BOOTLOADER, 0x01, 0xe0000, 0x8000, 0},
    {"table_new", OTA_TYPE_TABLE, 0x01, 0xe8000, 0x1000, 0},
    {"locked", OTA_TYPE_DATA, 0x82, 0xe9000, 0x1000, OTA_PART_READONLY},
    {"spare", OTA_TYPE_DATA, 0x82, 0xf0000, 0x10000, 0},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void make_table(uint8_t *bytes)
{
    memset(bytes, 0xFF, OTA_TABLE_SIZE);
    for (size_t i = 0; i < ROWS; i++) {
        ota_part_t part = {.type = rows[i].type,
                           .subtype = rows[i].subtype,
                           .offset = rows[i].offset,
                           .size = rows[i].size,
                           .flags = rows[i].flags};
        memcpy(part.label, rows[i].label, strlen(rows[i].label));
        ota_table_encode(bytes + i * OTA_TABLE_ENTRY, &part);
    }
    ota_table_encode_md5(bytes + ROWS * OTA_TABLE_ENTRY, bytes, ROWS);
}

static void make_entry(board_t *board, int copy, uint32_t seq, uint32_t state)
{
    uint8_t bytes[OTA_ENTRY_SIZE];
    ota_entry_t entry;
    ota_entry_blank(&entry);
    entry.seq = seq;
    entry.state = state;
    entry.crc = ota_entry_crc(seq);
    ota_entry_encode(bytes, &entry);
    board_put(board, 0xd000 + (uint32_t)copy * OTA_OTADATA_SECTOR, bytes, sizeof(bytes));
}

void board_start(board_t *board)
{
    memset(board, 0, sizeof(*board));
    assert_int_equal(nor_sim_start(&board->nor, BOARD_FLASH), OTA_OK);
    make_table(board->table_bytes);
    board_put(board, OTA_TABLE_OFFSET, board->table_bytes, OTA_TABLE_SIZE);
    assert_int_equal(
        ota_table_open_boot(&board->table, board->table_bytes, OTA_TABLE_SIZE, BOARD_FLASH, NULL),
        OTA_OK);
    board->device = (ota_device_t){.flash = &board->nor.flash,
                                   .crypto = &crypto_openssl,
                                   .workspace = board->workspace,
                                   .workspace_size = sizeof(board->workspace),
                                   .chip = ota_chip_by_name("esp32"),
                                   .records = &ota_records_in_place};
    assert_int_equal(ota_device_init(&board->device, &board->table, 0x30000), OTA_OK);
    assert_int_equal(board->device.running, 0);
    board_image_t running = board_image((board_want_t){.size = 0x3000, .seed = 1});
    board_put(board, 0x30000, running.bytes, running.len);
    board_image_free(&running);
    make_entry(board, 0, 4, OTA_STATE_VALID);
    make_entry(board, 1, 2, OTA_STATE_VALID);
}

void board_stop(board_t *board)
{
    nor_sim_stop(&board->nor);
}

ota_part_t board_part(const board_t *board, const char *label)
{
    ota_part_t part;
    uint32_t at = 0;
    assert_int_equal(ota_table_find(&board->table, &at, OTA_ANY, OTA_ANY, label, &part), OTA_OK);
    return part;
}

/* --- images ----------------------------------------------------------------------------- */

/*
 * header 24 | segment 0: 256 bytes with the descriptor | segment 1: the rest, in RAM
 * (0x20.. is 32 bytes into its page, and so is the first segment's load address)
 */
static uint32_t segment_1(const board_want_t *want)
{
    uint32_t fixed = OTA_IMAGE_HEADER + SEGMENT + OTA_APP_DESC_SIZE + SEGMENT;
    uint32_t tail = want->no_hash ? 0 : OTA_SHA256_SIZE;
    return (want->size - fixed - tail - 1) / 4 * 4;
}

void board_image_seal(board_image_t *image)
{
    bool hashed = image->bytes[23] != 0;
    uint32_t body = image->len - (hashed ? OTA_SHA256_SIZE : 0);
    uint8_t sum = 0xEF;
    uint32_t at = OTA_IMAGE_HEADER;
    for (int i = 0; i < 2; i++) {
        uint32_t len = ota_get_le32(image->bytes + at + 4);
        at += SEGMENT;
        for (uint32_t n = 0; n < len; n++) {
            sum ^= image->bytes[at++];
        }
    }
    memset(image->bytes + at, 0, body - at);
    image->bytes[body - 1] = sum;
    if (hashed) {
        ota_hash_t hash;
        assert_int_equal(crypto_openssl.hash_start(NULL, &hash, OTA_HASH_SHA256), OTA_OK);
        crypto_openssl.hash_update(NULL, &hash, image->bytes, body);
        crypto_openssl.hash_finish(NULL, &hash, image->bytes + body);
    }
}

board_image_t board_image(board_want_t want)
{
    assert_true(want.size % 16 == 0 && want.size >= 512);
    board_image_t image = {.bytes = malloc(want.size), .len = want.size};
    uint8_t *p = image.bytes;
    assert_non_null(p);
    uint32_t x = want.seed * 2654435761u + 1;
    for (uint32_t i = 0; i < want.size; i++) {
        x = x * 1664525u + 1013904223u;
        p[i] = (uint8_t)(x >> 24);
    }
    memset(p, 0, OTA_IMAGE_HEADER);
    p[0] = OTA_IMAGE_MAGIC;
    p[1] = 2;
    p[3] = (uint8_t)(want.flash << 4);
    ota_put_le32(p + 4, 0x40080000u);
    ota_put_le16(p + 12, want.chip);
    p[23] = want.no_hash ? 0 : 1;
    ota_put_le32(p + 24, want.bootloader ? 0x3FFF0020u : 0x3F400020u);
    ota_put_le32(p + 28, OTA_APP_DESC_SIZE);
    memset(p + OTA_APP_DESC_OFFSET, 0, OTA_APP_DESC_SIZE);
    ota_put_le32(p + OTA_APP_DESC_OFFSET, OTA_APP_DESC_MAGIC);
    if (want.bootloader) {
        ota_put_le32(p + OTA_APP_DESC_OFFSET, OTA_BOOTLOADER_DESC_MAGIC);
    }
    ota_put_le32(p + 288, 0x40078000u);
    ota_put_le32(p + 292, segment_1(&want));
    board_image_seal(&image);
    return image;
}

void board_image_free(board_image_t *image)
{
    free(image->bytes);
    image->bytes = NULL;
}

/* --- flash -------------------------------------------------------------------------------- */

void board_put(board_t *board, uint32_t addr, const void *bytes, uint32_t len)
{
    uint32_t from = addr / OTA_FLASH_SECTOR * OTA_FLASH_SECTOR;
    uint32_t to = (addr + len + OTA_FLASH_SECTOR - 1) / OTA_FLASH_SECTOR * OTA_FLASH_SECTOR;
    memset(board->nor.bytes + from, 0xFF, to - from);
    memcpy(board->nor.bytes + addr, bytes, len);
}

bool board_holds(const board_t *board, const char *label, const board_image_t *image)
{
    ota_part_t part = board_part(board, label);
    return memcmp(board->nor.bytes + part.offset, image->bytes, image->len) == 0;
}

bool board_blank(const board_t *board, uint32_t addr, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (board->nor.bytes[addr + i] != 0xFF) {
            return false;
        }
    }
    return true;
}

ota_status_t board_update(board_t *board, const char *label, const board_image_t *image,
                          uint32_t size, uint32_t flags, uint32_t chunk)
{
    ota_update_t update;
    ota_part_t part = board_part(board, label);
    ota_status_t status = ota_update_begin(&update, &board->device, &part, size, flags);
    if (status != OTA_OK) {
        return status;
    }
    for (uint32_t at = 0; status == OTA_OK && at < image->len; at += chunk) {
        uint32_t n = min_u32(chunk, image->len - at);
        status = ota_update_write(&update, image->bytes + at, n);
    }
    if (status != OTA_OK) {
        ota_update_abort(&update);
        return status;
    }
    return ota_update_finish(&update);
}

static bool write_log(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    (void)data;
    board_log_t *log = user;
    int n = snprintf(log->text + log->len, sizeof(log->text) - log->len, "%s%c:%x:%zx",
                     log->len > 0 ? " " : "", op == NOR_ERASE ? 'e' : 'w', addr, len);
    assert_true(n > 0 && (size_t)n < sizeof(log->text) - log->len);
    log->len += (size_t)n;
    return true;
}

void board_log(board_t *board, board_log_t *log)
{
    log->len = 0;
    log->text[0] = '\0';
    board->nor.watch = write_log;
    board->nor.user = log;
}

uint64_t board_operations(const board_t *board)
{
    const nor_sim_t *nor = &board->nor;
    return nor->programs + nor->erases[0] + nor->erases[1] + nor->erases[2];
}

int board_setup(void **state)
{
    static board_t board;
    board_start(&board);
    *state = &board;
    return 0;
}

int board_teardown(void **state)
{
    board_stop(*state);
    return 0;
}
