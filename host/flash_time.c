/* SPDX-License-Identifier: Apache-2.0 */
#include "host/flash_time.h"

const flash_part_t flash_part_w25q32jv = {
    .name = "Winbond W25Q32JV",
    .document = "W25Q32JV datasheet, revision F of 2017-05-11, AC electrical characteristics",
    .page = {400, 3000},            /* tPP */
    .erase_4k = {45000, 400000},    /* tSE */
    .erase_32k = {120000, 1600000}, /* tBE1 */
    .erase_64k = {150000, 2000000}, /* tBE2 */
};

void flash_bill_program(flash_bill_t *bill, uint32_t addr, size_t len)
{
    if (len > 0) {
        uint64_t last = ((uint64_t)addr + len - 1) / FLASH_TIME_PAGE;
        bill->pages += last - addr / FLASH_TIME_PAGE + 1;
        bill->programmed_bytes += len;
    }
}

void flash_bill_erase(flash_bill_t *bill, uint32_t addr, size_t len, uint32_t units)
{
    const ota_flash_t driver = {.erase_units = units | OTA_ERASE_4K};
    while (len > 0) {
        uint32_t unit = ota_flash_erase_unit(&driver, addr, len);
        bill->erases[unit == OTA_ERASE_64K ? 2 : unit == OTA_ERASE_32K ? 1 : 0]++;
        addr += unit;
        len -= len < unit ? len : unit;
    }
}

uint64_t flash_bill_erased_bytes(const flash_bill_t *bill)
{
    return bill->erases[0] * OTA_ERASE_4K + bill->erases[1] * OTA_ERASE_32K +
           bill->erases[2] * OTA_ERASE_64K;
}

uint64_t flash_bill_typical(const flash_bill_t *bill, const flash_part_t *part)
{
    return bill->pages * part->page.typical_us + bill->erases[0] * part->erase_4k.typical_us +
           bill->erases[1] * part->erase_32k.typical_us +
           bill->erases[2] * part->erase_64k.typical_us;
}

uint64_t flash_bill_maximum(const flash_bill_t *bill, const flash_part_t *part)
{
    return bill->pages * part->page.maximum_us + bill->erases[0] * part->erase_4k.maximum_us +
           bill->erases[1] * part->erase_32k.maximum_us +
           bill->erases[2] * part->erase_64k.maximum_us;
}

/* --- meter ---------------------------------------------------------------------------------- */

static ota_status_t meter_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const flash_meter_t *meter = ctx;
    return meter->inner.read(meter->inner.ctx, addr, dst, len);
}

static ota_status_t meter_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    flash_meter_t *meter = ctx;
    ota_status_t status = meter->inner.program(meter->inner.ctx, addr, src, len);
    if (status == OTA_OK) {
        flash_bill_program(&meter->bill, addr, len);
    }
    return status;
}

static ota_status_t meter_erase(void *ctx, uint32_t addr, size_t len)
{
    flash_meter_t *meter = ctx;
    ota_status_t status = meter->inner.erase(meter->inner.ctx, addr, len);
    if (status == OTA_OK) {
        flash_bill_erase(&meter->bill, addr, len, meter->inner.erase_units);
    }
    return status;
}

void flash_meter_arm(flash_meter_t *meter, ota_flash_t *flash)
{
    *meter = (flash_meter_t){.inner = *flash};
    flash->ctx = meter;
    flash->read = meter_read;
    flash->program = meter_program;
    flash->erase = meter_erase;
}

/* --- stock ---------------------------------------------------------------------------------- */

static uint32_t sectors(uint32_t bytes)
{
    return (bytes + OTA_FLASH_SECTOR - 1) / OTA_FLASH_SECTOR;
}

void flash_bill_stock(flash_bill_t *bill, ota_region_t slot, uint32_t image_len, uint32_t size,
                      uint32_t chunk)
{
    bool sequential = size == OTA_WITH_SEQUENTIAL_WRITES;
    if (!sequential) {
        bool whole = size == OTA_SIZE_UNKNOWN || size == 0;
        flash_bill_erase(bill, slot.offset, whole ? slot.size : sectors(size) * OTA_FLASH_SECTOR,
                         FLASH_STOCK_UNITS);
    }
    for (uint32_t at = 0; at < image_len; at += chunk) {
        uint32_t n = image_len - at < chunk ? image_len - at : chunk;
        uint32_t from = sectors(at);
        uint32_t to = sectors(at + n);
        if (sequential && to > from) {
            flash_bill_erase(bill, slot.offset + from * OTA_FLASH_SECTOR,
                             (to - from) * OTA_FLASH_SECTOR, FLASH_STOCK_UNITS);
        }
        flash_bill_program(bill, slot.offset + at, n);
    }
}
