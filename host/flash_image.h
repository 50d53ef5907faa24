/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash image: a whole flash chip in a file, understood far enough to work on it.
 *
 *   0x0000 | 0x1000 | 0x2000   bootloader: names the chip
 *   0x8000                     partition table (or elsewhere below 0x20000)
 *   ...                        what the table says
 *
 * Nothing is written by anything here; every byte of the file is untrusted.
 */
#ifndef HOST_FLASH_IMAGE_H
#define HOST_FLASH_IMAGE_H

#include "ota/chip.h"
#include "ota/table.h"
#include "ports/flash/file.h"

#define FLASH_TABLE_ANYWHERE   0u       /* look at 0x8000, then elsewhere */
#define FLASH_TABLE_SEARCH_END 0x20000u /* the highest place that the search looks at */

typedef enum {
    FLASH_CHIP_UNKNOWN,
    FLASH_CHIP_BOOTLOADER, /* its image header names it, at the place where that chip looks */
    FLASH_CHIP_APP         /* no bootloader; the first app image in the table names it */
} flash_chip_source_t;

typedef struct {
    flash_file_t file;       /* file.flash is the chip; do not move the struct while open */
    uint32_t table_offset;   /* where the table is */
    bool table_elsewhere;    /* found by searching: not at OTA_TABLE_OFFSET */
    ota_fault_t usual_fault; /* then: what is wrong at OTA_TABLE_OFFSET */
    ota_table_t table;       /* as the bootloader reads it */
    ota_layout_t layout;
    const ota_chip_t *chip; /* NULL: not known */
    flash_chip_source_t chip_from;
    ota_region_t bootloader; /* from its first byte up to the table; size 0: none found */
    uint8_t table_bytes[OTA_TABLE_SECTOR];
} flash_image_t;

/*
 * Open a flash file and find table, layout, chip. table_offset: where the table must be, or
 * FLASH_TABLE_ANYWHERE. fault->offset: byte in the *file*.
 * OTA_OK; OTA_ERR_PORT with errno (cannot open); OTA_ERR_RANGE (no regular file, empty, larger
 * than 256 MiB, or not whole sectors of 4 KiB); OTA_ERR_ARG (table_offset not a multiple of
 * 4 KiB); statuses of ota_table_open_boot, of the place named or of 0x8000 where the search
 * found nothing; OTA_ERR_FLASH_READ. On failure nothing stays open.
 */
OTA_MUST_CHECK ota_status_t flash_image_open(flash_image_t *image, const char *path, bool writable,
                                             uint32_t table_offset, ota_fault_t *fault);

void flash_image_close(flash_image_t *image);

/* The same for a chip that is open already (a simulated one): fills table .. bootloader; `file`
 * is not touched. Statuses of the table. */
OTA_MUST_CHECK ota_status_t flash_image_read(flash_image_t *image, const ota_flash_t *flash,
                                             uint32_t table_offset, ota_fault_t *fault);

/* --- slots and partitions by name ------------------------------------------------------ */

/* "ota_0" .. "ota_15", "factory", "test", "none"; constant. */
const char *slot_name(ota_slot_t slot);

/* A slot by its name or by its partition's label. OTA_SLOT_NONE: no such slot in the table. */
ota_slot_t slot_parse(const ota_table_t *table, const char *text);

/* The table's entry of a slot (the last one, as the bootloader counts). OTA_ERR_NOT_IN_TABLE. */
OTA_MUST_CHECK ota_status_t slot_part(const ota_table_t *table, ota_slot_t slot, ota_part_t *part);

/* A partition by label, else by slot name. OTA_ERR_NOT_IN_TABLE. */
OTA_MUST_CHECK ota_status_t part_parse(const ota_table_t *table, const char *text,
                                       ota_part_t *part);

#endif
