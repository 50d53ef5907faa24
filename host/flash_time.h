/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash time: what erasing and programming cost on a real chip, from its datasheet.
 *
 * Times are the chip's own (busy until the next command is taken). Sending the bytes over SPI
 * is left out: 256 bytes take 13 us at 40 MHz in four-bit mode, against 400 us of programming.
 */
#ifndef HOST_FLASH_TIME_H
#define HOST_FLASH_TIME_H

#include "ota/update.h"

#define FLASH_TIME_PAGE 256u /* bytes that one page-program command can reach */

typedef struct {
    uint32_t typical_us;
    uint32_t maximum_us;
} flash_time_t;

typedef struct {
    const char *name;     /* the part */
    const char *document; /* where the figures stand */
    flash_time_t page;    /* one page-program command, however few bytes it carries */
    flash_time_t erase_4k;
    flash_time_t erase_32k;
    flash_time_t erase_64k;
} flash_part_t;

/* The part whose figures are used by default: on very many ESP32 modules, or one like it. */
extern const flash_part_t flash_part_w25q32jv;

/* A bill: count operations as they happen, price them at the end. Start from zeroes. */
typedef struct {
    uint64_t pages;
    uint64_t erases[3]; /* of 4, 32 and 64 KiB */
    uint64_t programmed_bytes;
} flash_bill_t;

/* One call of the flash port: `len` bytes from `addr` touch every page they overlap. */
void flash_bill_program(flash_bill_t *bill, uint32_t addr, size_t len);

/* `len` is erased in the units given (OTA_ERASE_*), the largest that fit first. */
void flash_bill_erase(flash_bill_t *bill, uint32_t addr, size_t len, uint32_t units);

uint64_t flash_bill_erased_bytes(const flash_bill_t *bill);

/* Microseconds of the whole bill. */
uint64_t flash_bill_typical(const flash_bill_t *bill, const flash_part_t *part);
uint64_t flash_bill_maximum(const flash_bill_t *bill, const flash_part_t *part);

/* --- a chip that keeps the bill -------------------------------------------------------------- */

typedef struct {
    ota_flash_t inner;
    flash_bill_t bill; /* of operations that succeeded */
} flash_meter_t;

/* Puts `meter` between the library and *flash: *flash is changed in place and works on through
 * `meter`, which must outlive it. */
void flash_meter_arm(flash_meter_t *meter, ota_flash_t *flash);

/* --- what stock ESP-IDF does --------------------------------------------------------------- */

/*
 * The bill of one update as esp_ota_begin and esp_ota_write make it, flash encryption off:
 *   OTA_SIZE_UNKNOWN            the whole partition is erased at begin
 *   a size                      rounded up to sectors, at begin
 *   OTA_WITH_SEQUENTIAL_WRITES  as sectors are reached: the sectors that each write newly enters
 * units: what the flash driver erases with. ESP-IDF's takes 64 KiB blocks where a range allows
 * it, and 4 KiB sectors otherwise.
 */
void flash_bill_stock(flash_bill_t *bill, ota_region_t slot, uint32_t image_len, uint32_t size,
                      uint32_t chunk);

#define FLASH_STOCK_UNITS (OTA_ERASE_4K | OTA_ERASE_64K)

#endif
