/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole board for the tests of the esp_ota calls: chip, table, eFuse, pins, our stock bootloader,
 * and the calls installed on it.
 */
#ifndef TESTS_SUPPORT_IDF_BOARD_H
#define TESTS_SUPPORT_IDF_BOARD_H

#include "host/image_build.h"
#include "otary_compat.h"
#include "ports/flash/nor_sim.h"

#define IDF_BOARD_FLASH 0x400000u

typedef struct {
    const char *label;
    uint8_t type;
    uint8_t subtype;
    uint32_t offset;
    uint32_t size;
    uint32_t flags;
} idf_board_row_t;

typedef struct {
    nor_sim_t nor;
    otary_compat_t compat;
    ota_efuse_t efuse_port;
    uint32_t efuse;
    bool factory_pin;
    bool test_pin;
    unsigned restarts;
} idf_board_t;

/* nvs, otadata, phy, factory, ota_0, ota_1, test: the table of ESP-IDF's own OTA tests. */
extern const idf_board_row_t idf_board_rows[];
extern const unsigned idf_board_row_count;

/* A blank chip with this table. Nothing runs yet: idf_board_run. Fails the test if it cannot. */
void idf_board_start(idf_board_t *board, const idf_board_row_t *rows, unsigned count);
void idf_board_stop(idf_board_t *board);

/* Puts an esp32s3 app of `size` bytes (0: the smallest) at a label. */
void idf_board_image(idf_board_t *board, const char *label, const char *version, uint32_t size,
                     uint32_t secure_version);

/* The app at `label` runs from here on: installs the calls. */
void idf_board_run(idf_board_t *board, const char *label);

/* Power cycle: boots by policy stock and runs what boots. Returns its label; "" for a reset. */
const char *idf_board_boot(idf_board_t *board);

const esp_partition_t *idf_board_part(const char *label);

/* Copies what runs into `target` with begin (size), writes of 4 KiB, end; selects it if `select`.
 */
void idf_board_update(idf_board_t *board, const esp_partition_t *target, size_t size, bool select);

#endif
