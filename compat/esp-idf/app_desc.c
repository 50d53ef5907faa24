/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors: of the running application, of images and bootloaders in flash. */
#include "context.h"

#include <string.h>

const esp_app_desc_t *esp_app_get_description(void)
{
    otary_compat_t *c = compat_ready();
    if (c == NULL) {
        return NULL;
    }
    if (!c->described) {
        c->described = esp_ota_get_partition_description(c->running, &c->description) == ESP_OK;
    }
    return c->described ? &c->description : NULL;
}

int esp_app_get_elf_sha256(char *dst, size_t size)
{
    const esp_app_desc_t *desc = esp_app_get_description();
    if (dst == NULL || size < 2 || desc == NULL) {
        return 0;
    }
    size_t digits = size - 1;
    if (digits > CONFIG_APP_RETRIEVE_LEN_ELF_SHA) {
        digits = CONFIG_APP_RETRIEVE_LEN_ELF_SHA;
    }
    for (size_t i = 0; i < digits; i++) {
        uint8_t byte = desc->app_elf_sha256[i / 2];
        dst[i] = "0123456789abcdef"[i % 2 == 0 ? byte >> 4 : byte & 0xF];
    }
    dst[digits] = '\0';
    return (int)(digits + 1);
}

char *esp_app_get_elf_sha256_str(void)
{
    static char none[1];
    otary_compat_t *c = compat_ready();
    if (c == NULL) {
        return none;
    }
    if (esp_app_get_elf_sha256(c->elf_sha, sizeof(c->elf_sha)) == 0) {
        c->elf_sha[0] = '\0';
    }
    return c->elf_sha;
}

esp_err_t esp_ota_get_partition_description(const esp_partition_t *partition,
                                            esp_app_desc_t *app_desc)
{
    if (partition == NULL || app_desc == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (partition->type != ESP_PARTITION_TYPE_APP) {
        return ESP_ERR_NOT_SUPPORTED;
    }
    esp_err_t err = esp_partition_read(partition, OTA_APP_DESC_OFFSET, app_desc, sizeof(*app_desc));
    if (err == ESP_OK && app_desc->magic_word != ESP_APP_DESC_MAGIC_WORD) {
        err = ESP_ERR_NOT_FOUND;
    }
    return err;
}

esp_err_t esp_ota_get_bootloader_description(const esp_partition_t *bootloader_partition,
                                             esp_bootloader_desc_t *desc)
{
    const otary_compat_t *c = compat_ready();
    if (desc == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    esp_err_t err;
    if (bootloader_partition != NULL) {
        err = esp_partition_read(bootloader_partition, OTA_APP_DESC_OFFSET, desc, sizeof(*desc));
    } else {
        err = otary_compat_code(
            ota_flash_read(&c->guard, c->config.chip->bootloader_offset + OTA_APP_DESC_OFFSET, desc,
                           sizeof(*desc)));
    }
    if (err == ESP_OK && desc->magic_byte != ESP_BOOTLOADER_DESC_MAGIC_BYTE) {
        err = ESP_ERR_NOT_FOUND;
    }
    return err;
}
