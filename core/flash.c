/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/flash.h"

/* Units of programming: the powers of two up to 32 are what divides it. */
static bool units_coherent(const ota_flash_t *flash)
{
    return flash->program_unit != 0 && 32 % flash->program_unit == 0 &&
           (flash->encrypted_unit == 0 || flash->encrypted_unit == 16) &&
           (flash->erase_units & OTA_ERASE_4K) != 0;
}

ota_status_t ota_flash_check(const ota_flash_t *flash)
{
    if (flash == NULL || flash->version != OTA_FLASH_VERSION || flash->read == NULL ||
        flash->program == NULL || flash->erase == NULL) {
        return OTA_ERR_ARG;
    }
    if (flash->size == 0 || flash->size % OTA_FLASH_SECTOR != 0 || !units_coherent(flash)) {
        return OTA_ERR_ARG;
    }
    return OTA_OK;
}

static bool inside(const ota_flash_t *flash, uint32_t addr, size_t len)
{
    return addr <= flash->size && len <= flash->size - addr;
}

ota_status_t ota_flash_read(const ota_flash_t *flash, uint32_t addr, void *dst, size_t len)
{
    if (!inside(flash, addr, len)) {
        return OTA_ERR_RANGE;
    }
    return flash->read(flash->ctx, addr, dst, len);
}

bool ota_flash_unread(ota_status_t status)
{
    return status == OTA_ERR_FLASH_READ || status == OTA_ERR_PORT;
}

ota_status_t ota_flash_program(const ota_flash_t *flash, uint32_t addr, const void *src, size_t len)
{
    if (!inside(flash, addr, len)) {
        return OTA_ERR_RANGE;
    }
    if (addr % flash->program_unit != 0 || len % flash->program_unit != 0) {
        return OTA_ERR_ALIGN;
    }
    return flash->program(flash->ctx, addr, src, len);
}

uint32_t ota_flash_erase_unit(const ota_flash_t *flash, uint32_t addr, size_t room)
{
    static const uint32_t units[] = {OTA_ERASE_64K, OTA_ERASE_32K};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if ((flash->erase_units & units[i]) != 0 && addr % units[i] == 0 && room >= units[i]) {
            return units[i];
        }
    }
    return OTA_FLASH_SECTOR;
}

ota_status_t ota_flash_erase(const ota_flash_t *flash, uint32_t addr, size_t len)
{
    if (!inside(flash, addr, len)) {
        return OTA_ERR_RANGE;
    }
    if (addr % OTA_FLASH_SECTOR != 0 || len % OTA_FLASH_SECTOR != 0) {
        return OTA_ERR_ALIGN;
    }
    while (len != 0) {
        uint32_t unit = ota_flash_erase_unit(flash, addr, len);
        ota_status_t status = flash->erase(flash->ctx, addr, unit);
        if (status != OTA_OK) {
            return status;
        }
        addr += unit;
        len -= unit;
    }
    return OTA_OK;
}
