/* SPDX-License-Identifier: Apache-2.0 */
/* bootloader_common.h: helpers shared by the bootloader and the application. */
#ifndef OTARY_BOOTLOADER_COMMON_H
#define OTARY_BOOTLOADER_COMMON_H

#include "esp_image_format.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { ESP_IMAGE_BOOTLOADER, ESP_IMAGE_APPLICATION } esp_image_type;

/* CRC of a copy's sequence number. */
uint32_t bootloader_common_ota_select_crc(const esp_ota_select_entry_t *s);

/* Empty, INVALID or ABORTED; the CRC is not looked at. */
bool bootloader_common_ota_select_invalid(const esp_ota_select_entry_t *s);

/* Not invalid, and the CRC is right. */
bool bootloader_common_ota_select_valid(const esp_ota_select_entry_t *s);

/* Which of two copies is in force: 0 or 1; -1 if none is valid or the pointer is NULL. */
int bootloader_common_get_active_otadata(esp_ota_select_entry_t *two_otadata);

/* The same from given validities: of two valid ones that with the larger (max) or smaller
 * sequence, a tie goes to 0; -1 if none is valid or a pointer is NULL. */
int bootloader_common_select_otadata(const esp_ota_select_entry_t *two_otadata,
                                     const bool *valid_two_otadata, bool max);

/* Read both copies. ESP_ERR_NOT_FOUND: offset 0. ESP_FAIL: smaller than 0x2000 bytes, or not
 * readable, or nothing installed. ESP_ERR_INVALID_ARG: NULL. */
esp_err_t bootloader_common_read_otadata(const esp_partition_pos_t *ota_info,
                                         esp_ota_select_entry_t *two_otadata);

/* Read the app descriptor of an app partition. ESP_ERR_INVALID_ARG: NULL or offset 0. ESP_FAIL: not
 * readable. ESP_ERR_NOT_FOUND: no descriptor there. */
esp_err_t bootloader_common_get_partition_description(const esp_partition_pos_t *partition,
                                                      esp_app_desc_t *app_desc);

/*
 * SHA-256 of what is in a partition. type: esp_partition_type_t. App and bootloader: the image's
 * appended hash (checked against its contents) or, without one, the hash of the image's length.
 * Other types: of the whole range.
 * ESP_ERR_INVALID_ARG: out NULL, size 0 or outside the flash. ESP_ERR_IMAGE_INVALID: no image, or
 * its hash is wrong; `out_sha_256` then holds the stored one. ESP_ERR_FLASH_OP_FAIL: not readable.
 */
esp_err_t bootloader_common_get_sha256_of_partition(uint32_t address, uint32_t size, int type,
                                                    uint8_t *out_sha_256);

/* Is the image for this chip and revision? ESP_OK or ESP_FAIL (also for NULL). */
esp_err_t bootloader_common_check_chip_validity(const esp_image_header_t *img_hdr,
                                                esp_image_type type);

/* Only the revisions; the maximum only if asked for. */
bool bootloader_common_check_chip_revision_validity(const esp_image_header_t *img_hdr,
                                                    bool check_max_revision);

/* Is `label` one of the words of `list` (separated by commas and blanks)? Words are compared over
 * the 16 bytes that a label can have. false for NULL. */
bool bootloader_common_label_search(const char *list, char *label);

/* Erase the data partitions whose labels are in the list; with ota_data_erase also otadata. true if
 * nothing failed. Never touches apps. */
bool bootloader_common_erase_part_type_data(const char *list_erase, bool ota_data_erase);

#ifdef __cplusplus
}
#endif

#endif
