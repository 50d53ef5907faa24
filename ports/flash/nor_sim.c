/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/flash/nor_sim.h"

#include <stdlib.h>
#include <string.h>

/* Counts the operation down to its scheduled failure. */
static bool allowed(nor_sim_t *nor, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    if (nor->fail_in == 0) {
        if (!nor->fail_for_ever) {
            nor->fail_in = -1;
        }
        return false;
    }
    if (nor->fail_in > 0) {
        nor->fail_in--;
    }
    return nor->watch == NULL || nor->watch(nor->user, op, addr, data, len);
}

static ota_status_t nor_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    memcpy(dst, nor->bytes + addr, len);
    return OTA_OK;
}

static ota_status_t nor_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    nor_sim_t *nor = ctx;
    const uint8_t *p = src;
    if (!nor->lenient) {
        for (size_t i = 0; i < len; i++) {
            if ((nor->bytes[addr + i] & p[i]) != p[i]) {
                return OTA_ERR_FLASH_NOT_BLANK;
            }
        }
    }
    if (!allowed(nor, NOR_PROGRAM, addr, src, len)) {
        return OTA_ERR_FLASH_PROGRAM;
    }
    for (size_t i = 0; i < len; i++) {
        nor->bytes[addr + i] &= p[i];
    }
    nor->programs++;
    nor->programmed_bytes += len;
    return OTA_OK;
}

static ota_status_t nor_erase(void *ctx, uint32_t addr, size_t len)
{
    nor_sim_t *nor = ctx;
    if (!allowed(nor, NOR_ERASE, addr, NULL, len)) {
        return OTA_ERR_FLASH_ERASE;
    }
    memset(nor->bytes + addr, 0xFF, len);
    nor->erases[len == OTA_ERASE_64K ? 2 : len == OTA_ERASE_32K ? 1 : 0]++;
    return OTA_OK;
}

ota_status_t nor_sim_start(nor_sim_t *nor, uint32_t size)
{
    memset(nor, 0, sizeof(*nor));
    if (size == 0 || size % OTA_FLASH_SECTOR != 0) {
        return OTA_ERR_ARG;
    }
    nor->bytes = malloc(size);
    if (nor->bytes == NULL) {
        return OTA_ERR_PORT;
    }
    memset(nor->bytes, 0xFF, size);
    nor->fail_in = -1;
    nor->flash = (ota_flash_t){
        .version = OTA_FLASH_VERSION,
        .size = size,
        .program_unit = 1,
        .erase_units = OTA_ERASE_4K | OTA_ERASE_32K | OTA_ERASE_64K,
        .ctx = nor,
        .read = nor_read,
        .program = nor_program,
        .erase = nor_erase,
    };
    return OTA_OK;
}

void nor_sim_stop(nor_sim_t *nor)
{
    free(nor->bytes);
    nor->bytes = NULL;
}
