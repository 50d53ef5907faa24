/* SPDX-License-Identifier: Apache-2.0 */
/* esp_image_format.h: verify an application or bootloader image that lies in flash. */
#ifndef OTARY_ESP_IMAGE_FORMAT_H
#define OTARY_ESP_IMAGE_FORMAT_H

#include "esp_app_format.h"
#include "esp_flash_partitions.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ESP_IMAGE_HASH_LEN          32
#define ESP_PRIMARY_BOOTLOADER_TYPE 0

/* How to read. Here all of them verify fully and load nothing: loading is the bootloader's. */
typedef enum {
    ESP_IMAGE_VERIFY,
    ESP_IMAGE_VERIFY_SILENT,
    ESP_IMAGE_LOAD,
    ESP_IMAGE_LOAD_NO_VALIDATE
} esp_image_load_mode_t;

/* What a verification found out. All of it is zero after a failure. */
typedef struct {
    uint32_t start_addr; /* flash address */
    esp_image_header_t image;
    esp_image_segment_header_t segments[ESP_IMAGE_MAX_SEGMENTS];
    uint32_t segment_data[ESP_IMAGE_MAX_SEGMENTS]; /* flash address of each segment's data */
    uint32_t image_len;                            /* bytes incl. hash and signature */
    uint8_t image_digest[ESP_IMAGE_HASH_LEN];      /* the appended hash; zero without one */
    uint32_t secure_version;                       /* of the app descriptor */
    uint32_t mmu_page_size;                        /* bytes */
} esp_image_metadata_t;

/*
 * Verify the image in [part->offset, +part->size). At the bootloader's own address, and at the
 * address set by esp_image_bootloader_offset_set, it is judged as a bootloader, else as an app.
 * ESP_OK with *data filled.
 * ESP_ERR_INVALID_ARG: NULL, or the region is larger than the chip can map, or leaves the flash.
 * ESP_ERR_IMAGE_INVALID: magic, segments, mapping, checksum, hash, signature, or too long.
 * ESP_FAIL: for another chip or revision, or (chips with several MMU page sizes) no descriptor.
 * ESP_ERR_FLASH_OP_FAIL: the flash could not be read. ESP_ERR_INVALID_STATE: nothing installed.
 */
esp_err_t esp_image_verify(esp_image_load_mode_t mode, const esp_partition_pos_t *part,
                           esp_image_metadata_t *data);

/* Header, segments and lengths without judging the contents. Results as esp_image_verify, except
 * what only contents can show. */
esp_err_t esp_image_get_metadata(const esp_partition_pos_t *part, esp_image_metadata_t *metadata);

/* Verify the primary bootloader (the chip's bootloader offset up to the partition table).
 * *length (may be NULL): its bytes, 0 on failure. Results as esp_image_verify. */
esp_err_t esp_image_verify_bootloader(uint32_t *length);

/* The same with everything that was found. NULL: ESP_ERR_INVALID_ARG. */
esp_err_t esp_image_verify_bootloader_data(esp_image_metadata_t *data);

/* Flash address that is judged as a bootloader besides the primary one: bytes from the start of the
 * flash; the primary bootloader's own address means "no other one". */
uint32_t esp_image_bootloader_offset_get(void);
void esp_image_bootloader_offset_set(uint32_t offset);

/* Bytes that a header's size code stands for; 0 for an unknown code. */
int esp_image_get_flash_size(esp_image_flash_size_t app_flash_size);

#ifdef __cplusplus
}
#endif

#endif
