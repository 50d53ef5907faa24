/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash map: a partition table drawn to scale, for terminals.
 *
 *   0x000000 |..::######## app0 ota_0 1.25 MiB #######|     every line the same number of bytes,
 *   0x080000 |########################################|     every column too
 *
 * and below it the list: offset, size, name, kind, a note. Cells go to whoever has most of them;
 * a partition smaller than a cell still gets one where that takes nobody's last.
 */
#ifndef HOST_FLASH_MAP_H
#define HOST_FLASH_MAP_H

#include "ota/table.h"

#define FLASH_MAP_PARTS_MAX 128u

typedef struct {
    uint32_t flash_size;        /* bytes; 0: the smallest usual chip that holds the table */
    uint32_t table_offset;      /* OTA_TABLE_OFFSET */
    uint32_t bootloader_offset; /* where the bootloader begins: 0, 0x1000 or 0x2000 */
    unsigned width;             /* columns of the terminal; kept within 60..160 */
    bool utf8;
    bool colour;
    const char *const *notes; /* one text a partition for the list, or NULL; may be NULL */
} flash_map_t;

#define FLASH_MAP_DEFAULT                                                                          \
    {                                                                                              \
        .table_offset = OTA_TABLE_OFFSET, .width = 80                                              \
    }

/*
 * Draws `count` partitions in any order, overlapping or beyond the end as they may be. malloc'ed
 * text, lines ending in \n, none wider than the width in columns. NULL: no memory or more
 * partitions than FLASH_MAP_PARTS_MAX.
 */
char *flash_map_draw(const flash_map_t *map, const ota_part_t *parts, size_t count);

/* Smallest of 1, 2, 4 .. 256 MiB that holds all partitions; 0 if none does. */
uint32_t flash_map_chip_size(const ota_part_t *parts, size_t count);

/* "app/ota_0", "data/spiffs", "0x40/0x01". Returns text. */
char *flash_map_kind(const ota_part_t *part, char text[40]);

#endif
