/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_flash_partitions.h: the partition table and otadata as they lie in flash.
 *
 *   otadata copy   seq u32 | label[20] | state u32 | crc u32                     32 bytes
 *   table entry    AA 50 | type | subtype | offset u32 | size u32 | label[16] | flags u32
 */
#ifndef OTARY_ESP_FLASH_PARTITIONS_H
#define OTARY_ESP_FLASH_PARTITIONS_H

#include "esp_err.h"
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ESP_PARTITION_MAGIC             0x50AA
#define ESP_PARTITION_MAGIC_MD5         0xEBEB
#define ESP_PARTITION_MD5_OFFSET        16
#define ESP_PARTITION_TABLE_OFFSET      0x8000
#define ESP_PARTITION_TABLE_SIZE        0x1000
#define ESP_PARTITION_TABLE_MAX_LEN     0xC00
#define ESP_PARTITION_TABLE_MAX_ENTRIES 96

#define PART_TYPE_APP              0x00
#define PART_SUBTYPE_FACTORY       0x00
#define PART_SUBTYPE_OTA_FLAG      0x10
#define PART_SUBTYPE_OTA_MASK      0x0f
#define PART_SUBTYPE_TEST          0x20
#define PART_TYPE_DATA             0x01
#define PART_SUBTYPE_DATA_OTA      0x00
#define PART_SUBTYPE_DATA_RF       0x01
#define PART_SUBTYPE_DATA_WIFI     0x02
#define PART_SUBTYPE_DATA_NVS_KEYS 0x04
#define PART_SUBTYPE_DATA_EFUSE_EM 0x05
#define PART_TYPE_BOOTLOADER       0x02
#define PART_TYPE_PARTITION_TABLE  0x03
#define PART_TYPE_END              0xff
#define PART_SUBTYPE_END           0xff
#define PART_FLAG_ENCRYPTED        (1u << 0)
#define PART_FLAG_READONLY         (1u << 1)

/* State of an otadata copy. (The last value needs more than an int, which ISO C does not have.) */
__extension__ typedef enum {
    ESP_OTA_IMG_NEW = 0x0U,             /* selected, not booted yet (rollback on) */
    ESP_OTA_IMG_PENDING_VERIFY = 0x1U,  /* booted once, waits for its confirmation */
    ESP_OTA_IMG_VALID = 0x2U,           /* confirmed */
    ESP_OTA_IMG_INVALID = 0x3U,         /* rejected by the application */
    ESP_OTA_IMG_ABORTED = 0x4U,         /* given up by the bootloader */
    ESP_OTA_IMG_UNDEFINED = 0xFFFFFFFFU /* no trial (rollback off) */
} esp_ota_img_states_t;

typedef struct {
    uint32_t ota_seq; /* FFFFFFFF: empty. slot = (seq - 1) mod number of slots */
    uint8_t seq_label[20];
    uint32_t ota_state; /* esp_ota_img_states_t */
    uint32_t crc;       /* of ota_seq alone */
} esp_ota_select_entry_t;

typedef struct {
    uint32_t offset; /* flash address, bytes */
    uint32_t size;   /* bytes */
} esp_partition_pos_t;

typedef struct {
    uint16_t magic;
    uint8_t type;
    uint8_t subtype;
    esp_partition_pos_t pos;
    uint8_t label[16];
    uint32_t flags;
} esp_partition_info_t;

/*
 * Judge table bytes as the bootloader and an OTA of the table do. `partition_table`: ESP_PARTITION_
 * TABLE_MAX_LEN readable bytes. The chip size is the installed flash's. log_errors is accepted and
 * ignored: this library does not print.
 * ESP_OK and, in *num_partitions, the entries without the digest slot.
 * ESP_ERR_INVALID_ARG: NULL. ESP_ERR_INVALID_SIZE: an entry leaves the chip.
 * ESP_ERR_INVALID_STATE: empty, unknown magic, no end, wrong or second digest, or nothing
 * installed.
 */
esp_err_t esp_partition_table_verify(const esp_partition_info_t *partition_table, bool log_errors,
                                     int *num_partitions);

#ifdef __cplusplus
}
#endif

#endif
