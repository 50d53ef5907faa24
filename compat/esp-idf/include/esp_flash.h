/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_flash.h: only what esp_partition_t needs, a name for a flash chip.
 */
#ifndef OTARY_ESP_FLASH_H
#define OTARY_ESP_FLASH_H

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ota_flash;

/* A chip is a flash port. The caller owns both; they must outlive the partitions on them. */
typedef struct esp_flash_t {
    const struct ota_flash *port;
} esp_flash_t;

/* The chip that otary_compat_install was given; NULL before. */
extern esp_flash_t *esp_flash_default_chip;

#ifdef __cplusplus
}
#endif

#endif
