/* SPDX-License-Identifier: Apache-2.0 */
#include "host/flash_build.h"

#include "core/bytes.h"
#include "ports/crypto/openssl.h"

#include <stdlib.h>

#define FLASH_MAX      (256u << 20)
#define MIB            (1u << 20)
#define FLASH_SIZE_LOG 8u /* header nibbles 0..8: 1 MiB .. 256 MiB */

static ota_status_t failed(ota_fault_t *fault, ota_status_t status, uint32_t found,
                           uint32_t expected)
{
    *fault = (ota_fault_t){.status = status, .found = found, .expected = expected};
    return status;
}

ota_status_t flash_build_start(flash_build_t *build, uint32_t size, uint32_t table_offset,
                               const ota_chip_t *chip, ota_fault_t *fault)
{
    *build = (flash_build_t){.size = size, .table_offset = table_offset, .chip = chip};
    if (size == 0 || size > FLASH_MAX || size % OTA_FLASH_SECTOR != 0 ||
        table_offset % OTA_FLASH_SECTOR != 0 || table_offset >= size) {
        return failed(fault, OTA_ERR_ARG, table_offset, size);
    }
    build->bytes = malloc(size);
    if (build->bytes == NULL) {
        return failed(fault, OTA_ERR_NO_ROOM, size, 0);
    }
    memset(build->bytes, 0xFF, size);
    return OTA_OK;
}

void flash_build_stop(flash_build_t *build)
{
    free(build->bytes);
    build->bytes = NULL;
}

ota_status_t flash_build_table(flash_build_t *build, const uint8_t *bytes, size_t len,
                               ota_fault_t *fault)
{
    if (len > OTA_TABLE_SECTOR) {
        return failed(fault, OTA_ERR_NO_ROOM, (uint32_t)min_size(len, UINT32_MAX),
                      OTA_TABLE_SECTOR);
    }
    ota_table_t table;
    ota_status_t status = ota_table_open_boot(&table, bytes, len, build->size, fault);
    if (status != OTA_OK) {
        fault->status = status;
        return status;
    }
    memcpy(build->bytes + build->table_offset, bytes, len);
    build->table = table;
    build->table.bytes = build->bytes + build->table_offset;
    ota_layout_read(&build->layout, &build->table);
    return OTA_OK;
}

ota_status_t image_check_bytes(const ota_image_rules_t *rules, const uint8_t *bytes, size_t len,
                               uint32_t *length, ota_fault_t *fault)
{
    ota_image_t image;
    ota_status_t status = ota_image_start(&image, rules);
    if (status == OTA_OK) {
        status = ota_image_feed(&image, bytes, len);
    }
    if (status == OTA_OK) {
        status = ota_image_finish(&image);
    }
    *fault = *ota_image_fault(&image);
    fault->status = status;
    if (length != NULL) {
        *length = status == OTA_OK ? ota_image_length(&image) : 0;
    }
    return status;
}

/* Judge, then place the whole file (a signed image is longer than what its header describes). */
static ota_status_t place_image(flash_build_t *build, ota_image_rules_t *rules,
                                const uint8_t *bytes, size_t len, ota_fault_t *fault)
{
    rules->any_rev = true;
    rules->flash_size = build->size;
    rules->crypto = &crypto_openssl;
    rules->chip = build->chip;
    rules->chip_by_id = ota_chip_by_id;
    ota_status_t status = image_check_bytes(rules, bytes, len, NULL, fault);
    if (status != OTA_OK) {
        return status;
    }
    if (len > rules->limit) {
        return failed(fault, OTA_ERR_IMAGE_TOO_BIG, (uint32_t)min_size(len, UINT32_MAX),
                      rules->limit);
    }
    ota_image_header_t header;
    if (build->chip == NULL && ota_image_header_decode(&header, bytes) == OTA_OK) {
        build->chip = ota_chip_by_id(header.chip_id);
    }
    memcpy(build->bytes + rules->address, bytes, len);
    return OTA_OK;
}

/* The chip that the image names: where its bootloader goes depends on it. */
static const ota_chip_t *chip_of(const uint8_t *bytes, size_t len)
{
    ota_image_header_t header;
    if (len < OTA_IMAGE_HEADER || ota_image_header_decode(&header, bytes) != OTA_OK) {
        return NULL;
    }
    return ota_chip_by_id(header.chip_id);
}

ota_status_t flash_build_bootloader(flash_build_t *build, const uint8_t *bytes, size_t len,
                                    ota_fault_t *fault)
{
    const ota_chip_t *chip = build->chip != NULL ? build->chip : chip_of(bytes, len);
    uint32_t address = chip != NULL ? chip->bootloader_offset : 0;
    if (address >= build->table_offset) {
        return failed(fault, OTA_ERR_RANGE, address, build->table_offset);
    }
    ota_image_rules_t rules = {.kind = OTA_IMAGE_BOOTLOADER,
                               .address = address,
                               .limit = build->table_offset - address,
                               .bootloader_hash = true};
    return place_image(build, &rules, bytes, len, fault);
}

ota_status_t flash_build_app(flash_build_t *build, ota_slot_t slot, const uint8_t *bytes,
                             size_t len, ota_fault_t *fault)
{
    ota_region_t region = ota_layout_region(&build->layout, slot);
    if (region.size == 0) {
        return failed(fault, OTA_ERR_NOT_A_SLOT, 0, 0);
    }
    ota_image_rules_t rules = {
        .kind = OTA_IMAGE_APP, .address = region.offset, .limit = region.size};
    return place_image(build, &rules, bytes, len, fault);
}

ota_status_t flash_build_data(flash_build_t *build, const ota_part_t *part, const uint8_t *bytes,
                              size_t len, ota_fault_t *fault)
{
    if (len > part->size) {
        return failed(fault, OTA_ERR_RANGE, (uint32_t)min_size(len, UINT32_MAX), part->size);
    }
    if (part->offset > build->size || part->size > build->size - part->offset) {
        return failed(fault, OTA_ERR_RANGE, part->offset, build->size);
    }
    memcpy(build->bytes + part->offset, bytes, len);
    return OTA_OK;
}

uint32_t image_flash_size(const uint8_t *bytes, size_t len)
{
    ota_image_header_t header;
    if (len < OTA_IMAGE_HEADER || ota_image_header_decode(&header, bytes) != OTA_OK) {
        return 0;
    }
    uint32_t log = (uint32_t)header.spi_speed_size >> 4;
    return log <= FLASH_SIZE_LOG ? MIB << log : 0;
}

uint32_t flash_size_for(const ota_table_t *table)
{
    uint64_t end = 0;
    ota_part_t part;
    for (uint32_t i = 0; i < table->count; i++) {
        if (ota_table_get(table, i, &part) == OTA_OK && (uint64_t)part.offset + part.size > end) {
            end = (uint64_t)part.offset + part.size;
        }
    }
    for (uint32_t size = MIB; size <= FLASH_MAX; size *= 2) {
        if (end <= size) {
            return size;
        }
    }
    return 0;
}
