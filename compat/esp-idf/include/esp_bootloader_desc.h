/* SPDX-License-Identifier: Apache-2.0 */
/* esp_bootloader_desc.h: the 80 bytes with which a second-stage bootloader describes itself. */
#ifndef OTARY_ESP_BOOTLOADER_DESC_H
#define OTARY_ESP_BOOTLOADER_DESC_H

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ESP_BOOTLOADER_DESC_MAGIC_BYTE 80

/* At image + 0x20, little-endian. Texts may fill their field without a NUL. */
typedef struct {
    uint8_t magic_byte; /* ESP_BOOTLOADER_DESC_MAGIC_BYTE */
    uint8_t reserved[2];
    uint8_t secure_version;
    uint32_t version; /* CONFIG_BOOTLOADER_PROJECT_VER */
    char idf_ver[32];
    char date_time[24];
    uint8_t reserved2[16];
} esp_bootloader_desc_t;

#ifdef __cplusplus
static_assert(sizeof(esp_bootloader_desc_t) == 80, "fixed by the image format");
#else
_Static_assert(sizeof(esp_bootloader_desc_t) == 80, "fixed by the image format");
#endif

#ifdef __cplusplus
}
#endif

#endif
