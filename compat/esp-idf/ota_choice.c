/* SPDX-License-Identifier: Apache-2.0 */
/* What boots: choosing, and asking what was chosen. */
#include "context.h"

#include <string.h>

const esp_partition_t *esp_ota_get_running_partition(void)
{
    const otary_compat_t *c = compat_ready();
    return c != NULL ? c->running : NULL;
}

const esp_partition_t *esp_ota_get_boot_partition(void)
{
    const otary_compat_t *c = compat_ready();
    if (c == NULL || c->device.layout.otadata.size == 0) {
        return NULL;
    }
    return compat_slot_partition(c, ota_device_chosen(&c->device));
}

const esp_partition_t *esp_ota_get_next_update_partition(const esp_partition_t *start_from)
{
    const otary_compat_t *c = compat_ready();
    ota_slot_t next = OTA_SLOT_NONE;
    ota_status_t status;
    if (c == NULL) {
        return NULL;
    }
    if (start_from == NULL) {
        status = ota_device_next(&c->device, &next);
        start_from = c->running;
    } else {
        start_from = esp_partition_verify(start_from);
        if (start_from == NULL) {
            return NULL;
        }
        status = ota_layout_next(&c->device.layout, compat_partition_slot(start_from), &next);
    }
    if (status == OTA_ERR_ONLY_SLOT) {
        return start_from; /* esp_ota_begin refuses it if it is running */
    }
    return status == OTA_OK ? compat_slot_partition(c, next) : NULL;
}

uint8_t esp_ota_get_app_partition_count(void)
{
    const otary_compat_t *c = compat_ready();
    return c != NULL ? c->device.layout.app_count : 0;
}

/* A refusal whose cause is not the image: ESP-IDF names the image first if that is bad as well. */
static esp_err_t refuse(otary_compat_t *c, const esp_partition_t *partition, bool validate,
                        esp_err_t cause)
{
    const esp_partition_pos_t where = {partition->address, partition->size};
    return validate && compat_image_verify(c, &where, c->config.trust, NULL) != ESP_OK
               ? ESP_ERR_OTA_VALIDATE_FAILED
               : cause;
}

/* Without a verification too the bootloader's anti-rollback rule holds. */
static esp_err_t check_version(const otary_compat_t *c, ota_slot_t slot)
{
    uint32_t floor = 0;
    uint32_t version = 0;
    if (!c->config.boot.anti_rollback || c->config.efuse == NULL || slot == OTA_SLOT_FACTORY) {
        return ESP_OK;
    }
    ota_region_t where = ota_layout_region(&c->device.layout, slot);
    ota_status_t status = c->config.efuse->read(c->config.efuse->ctx, &floor);
    if (status == OTA_OK) {
        status = ota_app_secure_version(&c->guard, where.offset, &version);
    }
    if (status == OTA_ERR_IMAGE_DESCRIPTOR) {
        return ESP_ERR_NOT_FOUND;
    }
    return status == OTA_OK && version < floor ? ESP_ERR_OTA_SMALL_SEC_VER
                                               : otary_compat_code(status);
}

static esp_err_t choose(const esp_partition_t *partition, bool validate)
{
    otary_compat_t *c = compat_ready();
    if (partition == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    ota_slot_t slot = compat_partition_slot(partition);
    if (slot == OTA_SLOT_NONE || slot == OTA_SLOT_TEST) {
        return refuse(c, partition, validate, ESP_ERR_INVALID_ARG);
    }
    esp_err_t err = validate ? ESP_OK : check_version(c, slot);
    if (err != ESP_OK) {
        return err;
    }
    ota_fault_t fault;
    ota_status_t status = ota_device_select(&c->device, slot, !validate, &fault);
    if (status == OTA_ERR_SECURE_VERSION) {
        return refuse(c, partition, validate, ESP_ERR_OTA_SMALL_SEC_VER);
    }
    if (status == OTA_ERR_IMAGE_DESCRIPTOR && c->config.boot.anti_rollback) {
        return refuse(c, partition, validate, ESP_ERR_NOT_FOUND);
    }
    return otary_compat_code(status);
}

esp_err_t esp_ota_set_boot_partition(const esp_partition_t *partition)
{
    return choose(partition, true);
}

esp_err_t esp_ota_set_boot_partition_skip_validate(const esp_partition_t *partition)
{
    return choose(partition, false);
}

/* --- what an image header says beforehand --------------------------------------------------- */

static bool runs_here(const otary_compat_t *c, const esp_image_header_t *header, bool app)
{
    uint16_t max = header->max_chip_rev_full;
    bool limited = app && max != 0 && max != UINT16_MAX;
    return (uint16_t)header->chip_id == c->config.chip->id &&
           header->min_chip_rev_full <= c->config.chip_rev &&
           !(limited && max < c->config.chip_rev);
}

/* 0 stands for "not known" on either side. */
static bool same_spi_mode(const esp_app_desc_t *desc)
{
    const esp_app_desc_t *running = esp_app_get_description();
    return running == NULL || running->spi_flash_mode == 0 || desc->spi_flash_mode == 0 ||
           running->spi_flash_mode == desc->spi_flash_mode;
}

esp_err_t esp_ota_check_image_validity(esp_partition_type_t type, const esp_image_header_t *img_hdr,
                                       const esp_app_desc_t *app_desc)
{
    bool app = type == ESP_PARTITION_TYPE_APP;
    if (img_hdr == NULL || (!app && type != ESP_PARTITION_TYPE_BOOTLOADER)) {
        return ESP_ERR_INVALID_ARG;
    }
    const otary_compat_t *c = compat_ready();
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    if (!runs_here(c, img_hdr, app)) {
        return ESP_ERR_INVALID_VERSION;
    }
    return app && app_desc != NULL && !same_spi_mode(app_desc) ? ESP_ERR_OTA_SPI_MODE_MISMATCH
                                                               : ESP_OK;
}
