/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_app_desc.h: the 256 bytes with which every application image describes itself.
 *
 *   image + 0x20   magic secver reserv1[2] version[32] project[32] time[16] date[16]
 *                  idf_ver[32] elf_sha256[32] min_blk max_blk mmu spi reserv3 reserv2[18]
 */
#ifndef OTARY_ESP_APP_DESC_H
#define OTARY_ESP_APP_DESC_H

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ESP_APP_DESC_MAGIC_WORD 0xABCD5432u

/* Length in characters of what esp_app_get_elf_sha256 gives out at most. */
#ifndef CONFIG_APP_RETRIEVE_LEN_ELF_SHA
#define CONFIG_APP_RETRIEVE_LEN_ELF_SHA 9
#endif

/* As it lies in flash, little-endian. Texts may fill their field without a NUL. */
typedef struct {
    uint32_t magic_word;     /* ESP_APP_DESC_MAGIC_WORD */
    uint32_t secure_version; /* anti-rollback version */
    uint32_t reserv1[2];
    char version[32];
    char project_name[32];
    char time[16]; /* of the build */
    char date[16];
    char idf_ver[32];
    uint8_t app_elf_sha256[32];
    uint16_t min_efuse_blk_rev_full; /* major * 100 + minor */
    uint16_t max_efuse_blk_rev_full;
    uint8_t mmu_page_size;  /* log2 of bytes; 0: the chip's default */
    uint8_t spi_flash_mode; /* 0 unknown, 1 QIO, 2 QOUT, 3 DIO, 4 DOUT, 5 OPI */
    uint8_t reserv3[2];
    uint32_t reserv2[18];
} esp_app_desc_t;

#ifdef __cplusplus
static_assert(sizeof(esp_app_desc_t) == 256, "fixed by the image format");
#else
_Static_assert(sizeof(esp_app_desc_t) == 256, "fixed by the image format");
#endif

/* Descriptor of the running application, as it stands in flash. The library's memory; valid until
 * the next otary_compat_install. NULL if nothing is installed or the running partition holds no
 * readable descriptor (on a chip under ESP-IDF it is never NULL). */
const esp_app_desc_t *esp_app_get_description(void);

/* Lower-case hex of the running application's ELF hash into dst: at most
 * CONFIG_APP_RETRIEVE_LEN_ELF_SHA characters and a NUL, never more than `size` bytes. Returns the
 * bytes written including the NUL; 0 if dst is NULL, size < 2 or there is no descriptor. */
int esp_app_get_elf_sha256(char *dst, size_t size);

/* The same text in the library's own memory, valid until the next call; "" without descriptor. */
char *esp_app_get_elf_sha256_str(void);

#ifdef __cplusplus
}
#endif

#endif
