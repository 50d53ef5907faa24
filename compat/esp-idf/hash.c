/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of what a partition holds. */
#include "bootloader_common.h"
#include "context.h"

#include <string.h>

static esp_err_t hash_range(otary_compat_t *c, uint32_t address, uint32_t size, uint8_t *out)
{
    const ota_crypto_t *crypto = c->config.crypto != NULL ? c->config.crypto : &ota_crypto_builtin;
    ota_hash_t hash;
    ota_status_t status = crypto->hash_start(crypto->ctx, &hash, OTA_HASH_SHA256);
    for (uint32_t done = 0; status == OTA_OK && done < size; done += OTARY_COMPAT_BUFFER) {
        uint32_t n = size - done < OTARY_COMPAT_BUFFER ? size - done : OTARY_COMPAT_BUFFER;
        status = ota_flash_read(&c->guard, address + done, c->buffer, n);
        if (status == OTA_OK) {
            crypto->hash_update(crypto->ctx, &hash, c->buffer, n);
        }
    }
    if (status == OTA_OK) {
        crypto->hash_finish(crypto->ctx, &hash, out);
    }
    return otary_compat_code(status);
}

/* The stored hash goes out first and stays there even if the contents differ from it. */
static esp_err_t hash_image(otary_compat_t *c, const esp_partition_pos_t *where, uint8_t *out)
{
    esp_image_metadata_t data;
    if (esp_image_get_metadata(where, &data) != ESP_OK) {
        return ESP_ERR_IMAGE_INVALID;
    }
    if (data.image.hash_appended == 0) {
        return hash_range(c, where->offset, data.image_len, out);
    }
    uint8_t computed[OTA_SHA256_SIZE];
    memcpy(out, data.image_digest, OTA_SHA256_SIZE);
    esp_err_t err = hash_range(c, where->offset, data.image_len - ESP_IMAGE_HASH_LEN, computed);
    if (err == ESP_OK && memcmp(computed, out, sizeof(computed)) != 0) {
        err = ESP_ERR_IMAGE_INVALID;
    }
    return err;
}

esp_err_t bootloader_common_get_sha256_of_partition(uint32_t address, uint32_t size, int type,
                                                    uint8_t *out_sha_256)
{
    otary_compat_t *c = compat_ready();
    if (out_sha_256 == NULL || size == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    if (c == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    uint32_t chip = c->config.flash->size;
    if (address > chip || size > chip - address) {
        return ESP_ERR_INVALID_ARG;
    }
    const esp_partition_pos_t where = {address, size};
    return type == ESP_PARTITION_TYPE_APP || type == ESP_PARTITION_TYPE_BOOTLOADER
               ? hash_image(c, &where, out_sha_256)
               : hash_range(c, address, size, out_sha_256);
}

esp_err_t esp_partition_get_sha256(const esp_partition_t *partition, uint8_t *sha_256)
{
    return partition != NULL
               ? bootloader_common_get_sha256_of_partition(partition->address, partition->size,
                                                           (int)partition->type, sha_256)
               : ESP_ERR_INVALID_ARG;
}

bool esp_partition_check_identity(const esp_partition_t *partition_1,
                                  const esp_partition_t *partition_2)
{
    uint8_t first[OTA_SHA256_SIZE];
    uint8_t second[OTA_SHA256_SIZE];
    return esp_partition_get_sha256(partition_1, first) == ESP_OK &&
           esp_partition_get_sha256(partition_2, second) == ESP_OK &&
           memcmp(first, second, sizeof(first)) == 0;
}
