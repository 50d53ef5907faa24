/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, writing, erasing, mapping and copying partitions. */
#include "context.h"

#include <string.h>

#define BLOCK 16u /* of flash encryption */

/* ESP-IDF's two range codes, in its order. */
static esp_err_t range(const esp_partition_t *p, size_t offset, size_t size)
{
    if (offset > p->size) {
        return ESP_ERR_INVALID_ARG;
    }
    return size > p->size - offset ? ESP_ERR_INVALID_SIZE : ESP_OK;
}

esp_err_t esp_partition_read(const esp_partition_t *partition, size_t src_offset, void *dst,
                             size_t size)
{
    if (partition == NULL || dst == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (compat_ready() == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    esp_err_t err = range(partition, src_offset, size);
    if (err != ESP_OK) {
        return err;
    }
    return otary_compat_code(ota_flash_read(partition->flash_chip->port,
                                            partition->address + (uint32_t)src_offset, dst, size));
}

esp_err_t esp_partition_read_raw(const esp_partition_t *partition, size_t src_offset, void *dst,
                                 size_t size)
{
    if (partition != NULL && partition->encrypted) {
        return ESP_ERR_NOT_SUPPORTED;
    }
    return esp_partition_read(partition, src_offset, dst, size);
}

/* Writes that would take the device down: bootloader and table, and the running application. */
static bool dangerous(const otary_compat_t *c, const esp_partition_t *p, size_t offset, size_t size)
{
    size_t start = p->address + offset;
    uint32_t table = c->config.table_offset != 0 ? c->config.table_offset : OTA_TABLE_OFFSET;
    if (c->config.allow_dangerous_writes || size == 0 || p->flash_chip != &c->chip) {
        return false;
    }
    return start <= (size_t)table + OTA_TABLE_SIZE ||
           (start < (size_t)c->running->address + c->running->size &&
            c->running->address < start + size);
}

/*
 * The port wants whole program units. What surrounds the bytes in the first and last unit is
 * programmed as it already is, which changes nothing.
 */
static ota_status_t program(const ota_flash_t *flash, uint32_t at, const uint8_t *src, size_t size)
{
    uint32_t unit = flash->program_unit;
    ota_status_t status = OTA_OK;
    while (size > 0 && status == OTA_OK) {
        uint32_t skip = at & (unit - 1u);
        size_t n = size & ~(size_t)(unit - 1u);
        if (skip == 0 && n > 0) {
            status = ota_flash_program(flash, at, src, n);
        } else {
            uint8_t whole[32];
            n = unit - skip < size ? unit - skip : size;
            status = ota_flash_read(flash, at - skip, whole, unit);
            memcpy(whole + skip, src, n);
            if (status == OTA_OK) {
                status = ota_flash_program(flash, at - skip, whole, unit);
            }
        }
        at += (uint32_t)n;
        src += n;
        size -= n;
    }
    return status;
}

/* Whole blocks where flash encryption works in blocks. */
static esp_err_t blocks(const esp_partition_t *p, size_t offset, size_t size)
{
    if (p->encrypted && (p->address + offset) % BLOCK != 0) {
        return ESP_ERR_INVALID_ARG;
    }
    return p->encrypted && size % BLOCK != 0 ? ESP_ERR_INVALID_SIZE : ESP_OK;
}

/* What writing and erasing ask first. */
static esp_err_t changeable(const esp_partition_t *p, size_t offset, size_t size)
{
    if (p == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (compat_ready() == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    return p->readonly ? ESP_ERR_NOT_ALLOWED : range(p, offset, size);
}

esp_err_t esp_partition_write(const esp_partition_t *partition, size_t dst_offset, const void *src,
                              size_t size)
{
    esp_err_t err = changeable(partition, dst_offset, size);
    if (err == ESP_OK) {
        err = src != NULL ? blocks(partition, dst_offset, size) : ESP_ERR_INVALID_ARG;
    }
    if (err == ESP_OK && dangerous(compat_ready(), partition, dst_offset, size)) {
        err = ESP_ERR_INVALID_ARG;
    }
    return err != ESP_OK
               ? err
               : otary_compat_code(program(partition->flash_chip->port,
                                           partition->address + (uint32_t)dst_offset, src, size));
}

esp_err_t esp_partition_write_raw(const esp_partition_t *partition, size_t dst_offset,
                                  const void *src, size_t size)
{
    if (partition != NULL && partition->encrypted) {
        return ESP_ERR_NOT_SUPPORTED;
    }
    return esp_partition_write(partition, dst_offset, src, size);
}

esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t offset, size_t size)
{
    esp_err_t err = changeable(partition, offset, size);
    if (err != ESP_OK) {
        return err;
    }
    if (size % partition->erase_size != 0) {
        return ESP_ERR_INVALID_SIZE;
    }
    if (offset % partition->erase_size != 0 || dangerous(compat_ready(), partition, offset, size)) {
        return ESP_ERR_INVALID_ARG;
    }
    return otary_compat_code(
        ota_flash_erase(partition->flash_chip->port, partition->address + (uint32_t)offset, size));
}

/* --- mapping -------------------------------------------------------------------------------- */

static esp_err_t map_range(otary_compat_t *c, const esp_partition_t *p, size_t offset, size_t size,
                           const void **out_ptr)
{
    esp_err_t err = range(p, offset, size);
    if (err != ESP_OK) {
        return err;
    }
    if (c->config.map == NULL || p->flash_chip != &c->chip) {
        return ESP_ERR_NOT_SUPPORTED;
    }
    *out_ptr = c->config.map(c->config.user, p->address + (uint32_t)offset, size);
    return *out_ptr != NULL ? ESP_OK : ESP_ERR_NOT_SUPPORTED;
}

esp_err_t esp_partition_mmap(const esp_partition_t *partition, size_t offset, size_t size,
                             esp_partition_mmap_memory_t memory, const void **out_ptr,
                             esp_partition_mmap_handle_t *out_handle)
{
    otary_compat_t *c = compat_ready();
    (void)memory; /* instructions and data read the same here */
    if (partition == NULL || out_ptr == NULL || out_handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    uint32_t vacant = 0;
    while (vacant < OTARY_COMPAT_MAPS && c->mapped[vacant]) {
        vacant++;
    }
    esp_err_t err = map_range(c, partition, offset, size, out_ptr);
    if (err != ESP_OK || vacant == OTARY_COMPAT_MAPS) {
        return err != ESP_OK ? err : ESP_ERR_NO_MEM;
    }
    c->mapped[vacant] = true;
    *out_handle = vacant + 1;
    return ESP_OK;
}

void esp_partition_munmap(esp_partition_mmap_handle_t handle)
{
    otary_compat_t *c = otary_compat_installed();
    if (c != NULL && handle >= 1 && handle <= OTARY_COMPAT_MAPS) {
        c->mapped[handle - 1] = false;
    }
}

/* --- copying -------------------------------------------------------------------------------- */

/* Where a copy may go; on ESP_OK *size is what is copied and *erase what is erased. */
static esp_err_t copy_ranges(const esp_partition_t *dest, size_t dest_offset,
                             const esp_partition_t *src, size_t src_offset, size_t *size,
                             size_t *erase)
{
    if (src_offset > src->size || dest_offset > dest->size) {
        return ESP_ERR_INVALID_SIZE;
    }
    bool rest = *size == SIZE_MAX;
    if (rest) {
        *size = src->size - src_offset;
    }
    if (*size > src->size - src_offset || *size > dest->size - dest_offset) {
        return ESP_ERR_INVALID_SIZE;
    }
    size_t sector = dest->erase_size;
    *erase = rest ? dest->size - dest_offset : (*size + sector - 1) / sector * sector;
    return ESP_OK;
}

static esp_err_t copy_bytes(otary_compat_t *c, const esp_partition_t *dest, uint32_t dest_offset,
                            const esp_partition_t *src, uint32_t src_offset, size_t size)
{
    esp_err_t err = ESP_OK;
    for (size_t done = 0; err == ESP_OK && done < size; done += OTARY_COMPAT_BUFFER) {
        size_t n = size - done < OTARY_COMPAT_BUFFER ? size - done : OTARY_COMPAT_BUFFER;
        err = esp_partition_read(src, src_offset + done, c->buffer, n);
        if (err == ESP_OK) {
            err = esp_partition_write(dest, dest_offset + done, c->buffer, n);
        }
    }
    return err;
}

esp_err_t esp_partition_copy(const esp_partition_t *dest_part, uint32_t dest_offset,
                             const esp_partition_t *src_part, uint32_t src_offset, size_t size)
{
    otary_compat_t *c = compat_ready();
    if (dest_part == NULL || src_part == NULL || dest_part == src_part) {
        return ESP_ERR_INVALID_ARG;
    }
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    if (src_part->flash_chip != &c->chip) {
        return ESP_ERR_NOT_SUPPORTED;
    }
    size_t erase = 0;
    esp_err_t err = copy_ranges(dest_part, dest_offset, src_part, src_offset, &size, &erase);
    if (err == ESP_OK) {
        err = esp_partition_erase_range(dest_part, dest_offset, erase);
    }
    return err == ESP_OK ? copy_bytes(c, dest_part, dest_offset, src_part, src_offset, size) : err;
}
