/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers from Espressif's tool (esptool v4.9.1; H21, H4 and S31 from mid-2026). Ranges overlap:
 * an address has every name whose range holds it. */
#include "host/image_memory.h"

#include <string.h>

typedef struct {
    uint32_t start;
    uint32_t end; /* exclusive */
    const char *name;
} range_t;

static const range_t esp32[] = {
    {0x00000000u, 0x00010000u, "PADDING"},
    {0x3F400000u, 0x3F800000u, "DROM"},
    {0x3F800000u, 0x3FC00000u, "EXTRAM_DATA"},
    {0x3FF80000u, 0x3FF82000u, "RTC_DRAM"},
    {0x3FF90000u, 0x40000000u, "BYTE_ACCESSIBLE"},
    {0x3FFAE000u, 0x40000000u, "DRAM"},
    {0x3FFE0000u, 0x3FFFFFFCu, "DIRAM_DRAM"},
    {0x40000000u, 0x40070000u, "IROM"},
    {0x40070000u, 0x40078000u, "CACHE_PRO"},
    {0x40078000u, 0x40080000u, "CACHE_APP"},
    {0x40080000u, 0x400A0000u, "IRAM"},
    {0x400A0000u, 0x400BFFFCu, "DIRAM_IRAM"},
    {0x400C0000u, 0x400C2000u, "RTC_IRAM"},
    {0x400D0000u, 0x40400000u, "IROM"},
    {0x50000000u, 0x50002000u, "RTC_DATA"},
    {0, 0, NULL},
};

static const range_t esp32s2[] = {
    {0x00000000u, 0x00010000u, "PADDING"},
    {0x3F000000u, 0x3FF80000u, "DROM"},
    {0x3F500000u, 0x3FF80000u, "EXTRAM_DATA"},
    {0x3FF9E000u, 0x3FFA0000u, "RTC_DRAM"},
    {0x3FF9E000u, 0x40000000u, "BYTE_ACCESSIBLE"},
    {0x3FF9E000u, 0x40072000u, "MEM_INTERNAL"},
    {0x3FFB0000u, 0x40000000u, "DRAM"},
    {0x40000000u, 0x4001A100u, "IROM_MASK"},
    {0x40020000u, 0x40070000u, "IRAM"},
    {0x40070000u, 0x40072000u, "RTC_IRAM"},
    {0x40080000u, 0x40800000u, "IROM"},
    {0x50000000u, 0x50002000u, "RTC_DATA"},
    {0, 0, NULL},
};

static const range_t esp32c3[] = {
    {0x00000000u, 0x00010000u, "PADDING"},       {0x3C000000u, 0x3C800000u, "DROM"},
    {0x3FC80000u, 0x3FCE0000u, "DRAM"},          {0x3FC88000u, 0x3FD00000u, "BYTE_ACCESSIBLE"},
    {0x3FF00000u, 0x3FF20000u, "DROM_MASK"},     {0x40000000u, 0x40060000u, "IROM_MASK"},
    {0x42000000u, 0x42800000u, "IROM"},          {0x4037C000u, 0x403E0000u, "IRAM"},
    {0x50000000u, 0x50002000u, "RTC_IRAM"},      {0x50000000u, 0x50002000u, "RTC_DRAM"},
    {0x600FE000u, 0x60100000u, "MEM_INTERNAL2"}, {0, 0, NULL},
};

static const range_t esp32s3[] = {
    {0x00000000u, 0x00010000u, "PADDING"},
    {0x3C000000u, 0x3D000000u, "DROM"},
    {0x3D000000u, 0x3E000000u, "EXTRAM_DATA"},
    {0x600FE000u, 0x60100000u, "RTC_DRAM"},
    {0x3FC88000u, 0x3FD00000u, "BYTE_ACCESSIBLE"},
    {0x3FC88000u, 0x403E2000u, "MEM_INTERNAL"},
    {0x3FC88000u, 0x3FD00000u, "DRAM"},
    {0x40000000u, 0x4001A100u, "IROM_MASK"},
    {0x40370000u, 0x403E0000u, "IRAM"},
    {0x600FE000u, 0x60100000u, "RTC_IRAM"},
    {0x42000000u, 0x42800000u, "IROM"},
    {0x50000000u, 0x50002000u, "RTC_DATA"},
    {0, 0, NULL},
};

static const range_t esp32c2[] = {
    {0x00000000u, 0x00010000u, "PADDING"},
    {0x3C000000u, 0x3C400000u, "DROM"},
    {0x3FCA0000u, 0x3FCE0000u, "DRAM"},
    {0x3FC88000u, 0x3FD00000u, "BYTE_ACCESSIBLE"},
    {0x3FF00000u, 0x3FF50000u, "DROM_MASK"},
    {0x40000000u, 0x40090000u, "IROM_MASK"},
    {0x42000000u, 0x42400000u, "IROM"},
    {0x4037C000u, 0x403C0000u, "IRAM"},
    {0, 0, NULL},
};

static const range_t esp32c6[] = {
    {0x00000000u, 0x00010000u, "PADDING"},       {0x42000000u, 0x43000000u, "DROM"},
    {0x40800000u, 0x40880000u, "DRAM"},          {0x40800000u, 0x40880000u, "BYTE_ACCESSIBLE"},
    {0x4004AC00u, 0x40050000u, "DROM_MASK"},     {0x40000000u, 0x4004AC00u, "IROM_MASK"},
    {0x42000000u, 0x43000000u, "IROM"},          {0x40800000u, 0x40880000u, "IRAM"},
    {0x50000000u, 0x50004000u, "RTC_IRAM"},      {0x50000000u, 0x50004000u, "RTC_DRAM"},
    {0x600FE000u, 0x60100000u, "MEM_INTERNAL2"}, {0, 0, NULL},
};

static const range_t esp32p4[] = {
    {0x00000000u, 0x00010000u, "PADDING"},       {0x40000000u, 0x4C000000u, "DROM"},
    {0x4FF00000u, 0x4FFA0000u, "DRAM"},          {0x4FF00000u, 0x4FFA0000u, "BYTE_ACCESSIBLE"},
    {0x4FC00000u, 0x4FC20000u, "DROM_MASK"},     {0x4FC00000u, 0x4FC20000u, "IROM_MASK"},
    {0x40000000u, 0x4C000000u, "IROM"},          {0x4FF00000u, 0x4FFA0000u, "IRAM"},
    {0x50108000u, 0x50110000u, "RTC_IRAM"},      {0x50108000u, 0x50110000u, "RTC_DRAM"},
    {0x600FE000u, 0x60100000u, "MEM_INTERNAL2"}, {0, 0, NULL},
};

static const range_t esp32c61[] = {
    {0x00000000u, 0x00010000u, "PADDING"},       {0x42000000u, 0x44000000u, "DROM"},
    {0x40800000u, 0x40860000u, "DRAM"},          {0x40800000u, 0x40860000u, "BYTE_ACCESSIBLE"},
    {0x4004AC00u, 0x40050000u, "DROM_MASK"},     {0x40000000u, 0x4004AC00u, "IROM_MASK"},
    {0x42000000u, 0x44000000u, "IROM"},          {0x40800000u, 0x40860000u, "IRAM"},
    {0x50000000u, 0x50004000u, "RTC_IRAM"},      {0x50000000u, 0x50004000u, "RTC_DRAM"},
    {0x600FE000u, 0x60100000u, "MEM_INTERNAL2"}, {0, 0, NULL},
};

static const range_t esp32c5[] = {
    {0x00000000u, 0x00010000u, "PADDING"},       {0x42000000u, 0x44000000u, "DROM"},
    {0x40800000u, 0x40860000u, "DRAM"},          {0x40800000u, 0x40860000u, "BYTE_ACCESSIBLE"},
    {0x4003A000u, 0x40040000u, "DROM_MASK"},     {0x40000000u, 0x4003A000u, "IROM_MASK"},
    {0x42000000u, 0x44000000u, "IROM"},          {0x40800000u, 0x40860000u, "IRAM"},
    {0x50000000u, 0x50004000u, "RTC_IRAM"},      {0x50000000u, 0x50004000u, "RTC_DRAM"},
    {0x600FE000u, 0x60100000u, "MEM_INTERNAL2"}, {0, 0, NULL},
};

static const range_t esp32h4[] = {
    {0x00000000u, 0x00010000u, "PADDING"},       {0x42000000u, 0x44000000u, "DROM"},
    {0x40810000u, 0x40860000u, "DRAM"},          {0x40810000u, 0x40860000u, "BYTE_ACCESSIBLE"},
    {0x40000000u, 0x40050000u, "DROM_MASK"},     {0x40000000u, 0x40050000u, "IROM_MASK"},
    {0x42000000u, 0x44000000u, "IROM"},          {0x40810000u, 0x40860000u, "IRAM"},
    {0x50000000u, 0x50004000u, "RTC_IRAM"},      {0x50000000u, 0x50004000u, "RTC_DRAM"},
    {0x60000000u, 0x60100000u, "MEM_INTERNAL2"}, {0, 0, NULL},
};

static const range_t esp32s31[] = {
    {0x00000000u, 0x00010000u, "PADDING"},
    {0x40000000u, 0x54000000u, "DROM"},
    {0x2F000000u, 0x2F080000u, "DRAM"},
    {0x2F000000u, 0x2F080000u, "BYTE_ACCESSIBLE"},
    {0x2F800000u, 0x2F850000u, "DROM_MASK"},
    {0x2F800000u, 0x2F850000u, "IROM_MASK"},
    {0x40000000u, 0x54000000u, "IROM"},
    {0x2F000000u, 0x2F080000u, "IRAM"},
    {0x2E000000u, 0x2E008000u, "RTC_IRAM"},
    {0x2E000000u, 0x2E008000u, "RTC_DRAM"},
    {0, 0, NULL},
};

static const struct {
    uint16_t id;
    const range_t *ranges;
} maps[] = {
    {0x0000u, esp32},    {0x0002u, esp32s2}, {0x0005u, esp32c3}, {0x0009u, esp32s3},
    {0x000Cu, esp32c2},  {0x000Du, esp32c6}, {0x0010u, esp32c6}, {0x0012u, esp32p4},
    {0x0014u, esp32c61}, {0x0017u, esp32c5}, {0x0019u, esp32c6}, {0x001Cu, esp32h4},
    {0x0020u, esp32s31},
};

static const range_t *map_of(const ota_chip_t *chip)
{
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        if (maps[i].id == chip->id) {
            return maps[i].ranges;
        }
    }
    return maps[0].ranges;
}

size_t image_memory_names(const ota_chip_t *chip, uint32_t load,
                          const char *names[IMAGE_MEMORIES_MAX])
{
    size_t count = 0;
    for (const range_t *r = map_of(chip); r->name != NULL; r++) {
        if (load >= r->start && load < r->end && count < IMAGE_MEMORIES_MAX) {
            names[count++] = r->name;
        }
    }
    return count;
}

bool image_memory_is(const ota_chip_t *chip, uint32_t load, const char *name)
{
    for (const range_t *r = map_of(chip); r->name != NULL; r++) {
        if (load >= r->start && load < r->end && strcmp(r->name, name) == 0) {
            return true;
        }
    }
    return false;
}

uint32_t image_memory_start(const ota_chip_t *chip, const char *name)
{
    for (const range_t *r = map_of(chip); r->name != NULL; r++) {
        if (strcmp(r->name, name) == 0) {
            return r->start;
        }
    }
    return 0;
}
