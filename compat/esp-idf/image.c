/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying images and tables that lie in flash. */
#include "context.h"

#include <string.h>

esp_err_t esp_partition_table_verify(const esp_partition_info_t *partition_table, bool log_errors,
                                     int *num_partitions)
{
    const otary_compat_t *c = otary_compat_installed();
    (void)log_errors;
    if (partition_table == NULL || num_partitions == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    ota_table_t table;
    ota_fault_t fault;
    ota_status_t status =
        ota_table_open_boot(&table, (const uint8_t *)partition_table, ESP_PARTITION_TABLE_MAX_LEN,
                            c->config.flash->size, &fault);
    *num_partitions = status == OTA_OK ? (int)table.count : 0;
    return otary_compat_code(status);
}

static uint32_t table_at(const otary_compat_t *c)
{
    return c->config.table_offset != 0 ? c->config.table_offset : OTA_TABLE_OFFSET;
}

void compat_image_rules(otary_compat_t *c, const esp_partition_pos_t *where,
                        ota_image_rules_t *rules)
{
    memset(rules, 0, sizeof(*rules));
    bool bootloader =
        where->offset == c->config.chip->bootloader_offset || where->offset == c->bootloader_offset;
    rules->kind = bootloader ? OTA_IMAGE_BOOTLOADER : OTA_IMAGE_APP;
    rules->chip = c->config.chip;
    rules->chip_rev = c->config.chip_rev;
    rules->block_rev = c->config.block_rev;
    rules->address = where->offset;
    rules->limit = where->size;
    rules->trust = c->config.trust;
    rules->workspace = c->verify_block;
    rules->crypto = c->config.crypto;
}

/* Two families only: what is wrong with the image, and what it was not made for. */
static esp_err_t image_code(ota_status_t status)
{
    switch ((int)status) {
    case OTA_ERR_IMAGE_CHIP:
    case OTA_ERR_IMAGE_CHIP_REV_MIN:
    case OTA_ERR_IMAGE_CHIP_REV_MAX:
    case OTA_ERR_IMAGE_BLOCK_REV:
    case OTA_ERR_IMAGE_DESCRIPTOR:
        return ESP_FAIL;
    case OTA_ERR_IMAGE_PARTITION:
    case OTA_ERR_RANGE:
        return ESP_ERR_INVALID_ARG;
    default:
        break;
    }
    esp_err_t err = otary_compat_code(status);
    return err == ESP_ERR_OTA_VALIDATE_FAILED ? ESP_ERR_IMAGE_INVALID : err;
}

esp_err_t compat_image_verify(otary_compat_t *c, const esp_partition_pos_t *where,
                              const ota_trust_t *trust, uint32_t *length)
{
    ota_image_rules_t rules;
    ota_fault_t fault;
    compat_image_rules(c, where, &rules);
    rules.trust = trust;
    return image_code(
        ota_image_check_flash(&c->guard, &rules, c->buffer, sizeof(c->buffer), length, &fault));
}

/* --- metadata ------------------------------------------------------------------------------- */

/* Walks the segment headers. false: they leave [offset, +size). *end: behind the last segment. */
static esp_err_t read_segments(const otary_compat_t *c, const esp_partition_pos_t *part,
                               esp_image_metadata_t *data, uint32_t *end)
{
    uint32_t at = (uint32_t)sizeof(data->image);
    for (uint8_t i = 0; i < data->image.segment_count; i++) {
        esp_image_segment_header_t *segment = &data->segments[i];
        if (part->size < sizeof(*segment) || at > part->size - sizeof(*segment)) {
            return ESP_ERR_IMAGE_INVALID;
        }
        if (ota_flash_read(&c->guard, part->offset + at, segment, sizeof(*segment)) != OTA_OK) {
            return ESP_ERR_FLASH_OP_FAIL;
        }
        at += (uint32_t)sizeof(*segment);
        if (segment->data_len % 4 != 0 || segment->data_len > part->size - at) {
            return ESP_ERR_IMAGE_INVALID;
        }
        data->segment_data[i] = part->offset + at;
        at += segment->data_len;
    }
    *end = at;
    return ESP_OK;
}

/* The descriptor's fields that belong to the metadata; images without one leave them as they are.
 */
static void read_descriptor(const otary_compat_t *c, esp_image_metadata_t *data)
{
    uint8_t bytes[OTA_APP_DESC_SIZE];
    ota_app_desc_t desc;
    data->mmu_page_size = c->config.chip->mmu_page;
    if (data->image.segment_count > 0 && data->segments[0].data_len >= sizeof(bytes) &&
        ota_flash_read(&c->guard, data->start_addr + OTA_APP_DESC_OFFSET, bytes, sizeof(bytes)) ==
            OTA_OK &&
        ota_app_desc_decode(&desc, bytes) == OTA_OK) {
        data->secure_version = desc.secure_version;
        if (desc.mmu_page_log2 < 32 &&
            (c->config.chip->mmu_pages & (1u << desc.mmu_page_log2)) != 0) {
            data->mmu_page_size = 1u << desc.mmu_page_log2;
        }
    }
}

/* Checksum byte and appended hash behind the last segment. */
static esp_err_t read_end(const otary_compat_t *c, const esp_partition_pos_t *part,
                          esp_image_metadata_t *data, uint32_t end)
{
    uint32_t length = (end + 16u) & ~15u; /* the checksum byte is the last of a block of 16 */
    if (data->image.hash_appended != 0) {
        if (length > part->size || part->size - length < ESP_IMAGE_HASH_LEN) {
            return ESP_ERR_IMAGE_INVALID;
        }
        if (ota_flash_read(&c->guard, part->offset + length, data->image_digest,
                           ESP_IMAGE_HASH_LEN) != OTA_OK) {
            return ESP_ERR_FLASH_OP_FAIL;
        }
        length += ESP_IMAGE_HASH_LEN;
    }
    data->image_len = length;
    return length > part->size ? ESP_ERR_IMAGE_INVALID : ESP_OK;
}

static esp_err_t read_metadata(const otary_compat_t *c, const esp_partition_pos_t *part,
                               esp_image_metadata_t *data)
{
    uint32_t end = 0;
    data->start_addr = part->offset;
    if (part->size < sizeof(data->image) ||
        ota_flash_read(&c->guard, part->offset, &data->image, sizeof(data->image)) != OTA_OK) {
        return ESP_ERR_FLASH_OP_FAIL;
    }
    if (data->image.magic != ESP_IMAGE_HEADER_MAGIC ||
        data->image.segment_count > ESP_IMAGE_MAX_SEGMENTS) {
        return ESP_ERR_IMAGE_INVALID;
    }
    esp_err_t err = read_segments(c, part, data, &end);
    if (err == ESP_OK) {
        err = read_end(c, part, data, end);
    }
    if (err == ESP_OK) {
        read_descriptor(c, data);
    }
    return err;
}

static bool outside(const otary_compat_t *c, const esp_partition_pos_t *part)
{
    uint32_t chip = c->config.flash->size;
    return part->offset > chip || part->size > chip - part->offset;
}

esp_err_t esp_image_get_metadata(const esp_partition_pos_t *part, esp_image_metadata_t *metadata)
{
    const otary_compat_t *c = compat_ready();
    if (part == NULL || metadata == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    memset(metadata, 0, sizeof(*metadata));
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    if (outside(c, part)) {
        return ESP_ERR_INVALID_ARG;
    }
    esp_err_t err = read_metadata(c, part, metadata);
    if (err != ESP_OK) {
        memset(metadata, 0, sizeof(*metadata));
    }
    return err;
}

esp_err_t esp_image_verify(esp_image_load_mode_t mode, const esp_partition_pos_t *part,
                           esp_image_metadata_t *data)
{
    otary_compat_t *c = compat_ready();
    (void)mode;
    if (part == NULL || data == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    memset(data, 0, sizeof(*data));
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    uint32_t length = 0;
    esp_err_t err = outside(c, part) ? ESP_ERR_INVALID_ARG
                                     : compat_image_verify(c, part, c->config.trust, &length);
    if (err == ESP_OK) {
        err = esp_image_get_metadata(part, data);
        data->image_len = err == ESP_OK ? length : 0;
    }
    return err;
}

/* --- the bootloader ------------------------------------------------------------------------- */

esp_err_t esp_image_verify_bootloader_data(esp_image_metadata_t *data)
{
    const otary_compat_t *c = compat_ready();
    if (data == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (c == NULL) {
        memset(data, 0, sizeof(*data));
        return ESP_ERR_INVALID_STATE;
    }
    uint32_t start = c->config.chip->bootloader_offset;
    const esp_partition_pos_t where = {start, table_at(c) - start};
    return esp_image_verify(ESP_IMAGE_VERIFY, &where, data);
}

esp_err_t esp_image_verify_bootloader(uint32_t *length)
{
    esp_image_metadata_t data;
    esp_err_t err = esp_image_verify_bootloader_data(&data);
    if (length != NULL) {
        *length = err == ESP_OK ? data.image_len : 0;
    }
    return err;
}

uint32_t esp_image_bootloader_offset_get(void)
{
    const otary_compat_t *c = compat_ready();
    return c != NULL ? c->bootloader_offset : 0;
}

void esp_image_bootloader_offset_set(uint32_t offset)
{
    otary_compat_t *c = compat_ready();
    if (c != NULL) {
        c->bootloader_offset = offset;
    }
}

int esp_image_get_flash_size(esp_image_flash_size_t app_flash_size)
{
    return app_flash_size < ESP_IMAGE_FLASH_SIZE_MAX ? 1 << (20 + (int)app_flash_size) : 0;
}
