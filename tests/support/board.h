/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole device for tests: 1 MiB of strict NOR flash, a partition table, a running app in
 * ota_0, and images made to order.
 *
 *   0x08000 table      0x09000 nvs       0x0d000 otadata   0x0f000 phy_init
 *   0x10000 factory    0x30000 ota_0     0x60000 ota_1     0x90000 ota_2
 *   0xc0000 storage (data)               0xe0000 boot_new (bootloader)   0xe8000 table_new
 *   0xe9000 locked (data, read-only)     0xf0000 spare (data)
 */
#ifndef TESTS_SUPPORT_BOARD_H
#define TESTS_SUPPORT_BOARD_H

#include "ota/update.h"
#include "ports/flash/nor_sim.h"

#define BOARD_FLASH 0x100000u

typedef struct {
    nor_sim_t nor;
    uint8_t table_bytes[OTA_TABLE_SIZE];
    uint8_t workspace[OTA_TABLE_SIZE];
    ota_table_t table;
    ota_device_t device;
} board_t;

typedef struct {
    uint8_t *bytes;
    uint32_t len;
} board_image_t;

/* What an image says; zeroed with `size` set it is a good ESP32 app. */
typedef struct {
    uint32_t size;   /* bytes in all, a multiple of 16, at least 512 */
    uint32_t seed;   /* of its content */
    uint16_t chip;   /* header */
    uint8_t flash;   /* flash size nibble: 0 = 1 MiB */
    bool bootloader; /* in internal RAM, and with a bootloader's descriptor */
    bool no_hash;
} board_want_t;

/* ota_0 holds a good image and runs; otadata: ota_0 confirmed in copy 0, ota_1 in copy 1,
 * older. */
void board_start(board_t *board);
void board_stop(board_t *board);

/* The table's entry of this label; fails the test if there is none. */
ota_part_t board_part(const board_t *board, const char *label);

board_image_t board_image(board_want_t want);
void board_image_free(board_image_t *image);
void board_image_seal(board_image_t *image); /* renew checksum and hash after an edit */

/* Puts bytes into flash behind the session's back: erase, then program. */
void board_put(board_t *board, uint32_t addr, const void *bytes, uint32_t len);
bool board_holds(const board_t *board, const char *label, const board_image_t *image);
bool board_blank(const board_t *board, uint32_t addr, uint32_t len);

/* A whole update in pieces of `chunk` bytes, finished. The first failure is returned and the
 * session aborted. */
ota_status_t board_update(board_t *board, const char *label, const board_image_t *image,
                          uint32_t size, uint32_t flags, uint32_t chunk);

/* Every operation is printed into `log`: "e:60000:10000 w:60000:1000 ". */
typedef struct {
    char text[8192];
    size_t len;
} board_log_t;

void board_log(board_t *board, board_log_t *log);
uint64_t board_operations(const board_t *board); /* carried out since the start */

/* Around one test, with the board as its state. */
int board_setup(void **state);
int board_teardown(void **state);

#endif
