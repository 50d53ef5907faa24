/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/chip.h"

#define LIMIT_16M     0x1000000u  /* chips with 24-bit flash addresses */
#define LIMIT_4G      0xFFFFFFFFu /* chips that map flash with 32-bit addresses */
#define PAGE_64K      0x10000u
#define FIXED_64K     PAGE_64K
#define PAGES_16_64K  0x1C000u /* 16, 32, 64 KiB */
#define PAGES_8_64K   0x1E000u /* 8, 16, 32, 64 KiB */
#define PAGES_32_256K 0x78000u /* 32, 64, 128, 256 KiB */

/* Windows of chips with one shared bus span page size x 256 pages. */
static const ota_chip_t chips[] = {
    {0x0000,
     "esp32",
     0x1000,
     LIMIT_16M,
     PAGE_64K,
     FIXED_64K,
     false,
     {{0x400D0000u, 0x40400000u}, {0x3F400000u, 0x3F800000u}}},
    {0x0002,
     "esp32s2",
     0x1000,
     LIMIT_16M,
     PAGE_64K,
     FIXED_64K,
     true,
     {{0x40080000u, 0x40800000u}, {0x3F000000u, 0x3FF80000u}}},
    {0x0005,
     "esp32c3",
     0x0,
     LIMIT_16M,
     PAGE_64K,
     FIXED_64K,
     true,
     {{0x42000000u, 0x42800000u}, {0x3C000000u, 0x3C800000u}}},
    {0x0009,
     "esp32s3",
     0x0,
     LIMIT_4G,
     PAGE_64K,
     FIXED_64K,
     true,
     {{0x42000000u, 0x44000000u}, {0x3C000000u, 0x3E000000u}}},
    {0x000C,
     "esp32c2",
     0x0,
     LIMIT_16M,
     PAGE_64K,
     PAGES_16_64K,
     true,
     {{0x42000000u, 0x42400000u}, {0x3C000000u, 0x3C400000u}}},
    {0x000D,
     "esp32c6",
     0x0,
     LIMIT_16M,
     PAGE_64K,
     PAGES_8_64K,
     true,
     {{0x42000000u, 0x43000000u}, {0, 0}}},
    {0x0010,
     "esp32h2",
     0x0,
     LIMIT_16M,
     PAGE_64K,
     PAGES_8_64K,
     true,
     {{0x42000000u, 0x43000000u}, {0, 0}}},
    {0x0012,
     "esp32p4",
     0x2000,
     LIMIT_4G,
     PAGE_64K,
     FIXED_64K,
     true,
     {{0x40000000u, 0x44000000u}, {0x48000000u, 0x4C000000u}}},
    {0x0014,
     "esp32c61",
     0x0,
     LIMIT_4G,
     PAGE_64K,
     PAGES_8_64K,
     true,
     {{0x42000000u, 0x44000000u}, {0, 0}}},
    {0x0017,
     "esp32c5",
     0x2000,
     LIMIT_4G,
     PAGE_64K,
     FIXED_64K,
     true,
     {{0x42000000u, 0x44000000u}, {0, 0}}},
    {0x0019,
     "esp32h21",
     0x0,
     LIMIT_16M,
     PAGE_64K,
     PAGES_8_64K,
     true,
     {{0x42000000u, 0x43000000u}, {0, 0}}},
    {0x001C,
     "esp32h4",
     0x2000,
     LIMIT_16M,
     PAGE_64K,
     PAGES_8_64K,
     true,
     {{0x42000000u, 0x44000000u}, {0, 0}}},
    {0x0020,
     "esp32s31",
     0x2000,
     LIMIT_4G,
     PAGE_64K,
     PAGES_32_256K,
     true,
     {{0x40000000u, 0x44000000u}, {0x50000000u, 0x54000000u}}},
};

const ota_chip_t *ota_chip_at(size_t index)
{
    return index < sizeof(chips) / sizeof(chips[0]) ? &chips[index] : NULL;
}

const ota_chip_t *ota_chip_by_id(uint16_t id)
{
    for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
        if (chips[i].id == id) {
            return &chips[i];
        }
    }
    return NULL;
}

/* Compares letters without case and skips hyphens: "ESP32-S3" is "esp32s3". */
static bool same_name(const char *chip, const char *name)
{
    for (; *name != '\0'; name++) {
        char c = *name;
        if (c == '-') {
            continue;
        }
        if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        }
        if (c != *chip) {
            return false;
        }
        chip++;
    }
    return *chip == '\0';
}

const ota_chip_t *ota_chip_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
        if (same_name(chips[i].name, name)) {
            return &chips[i];
        }
    }
    return NULL;
}
