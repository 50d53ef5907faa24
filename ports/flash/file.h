/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash chip in a file: byte 0 of the file is address 0 of the chip.
 *
 * NOR rules are kept: program only clears bits, erase sets whole units to FF. Writes go
 * through to the file in the order of the calls, so that a killed process leaves what a
 * power cut at that point would leave.
 */
#ifndef PORTS_FLASH_FILE_H
#define PORTS_FLASH_FILE_H

#include "ota/flash.h"

typedef struct {
    int fd;
    bool writable;
    ota_flash_t flash; /* ctx points back at this struct: do not move it */
} flash_file_t;

/* Open an existing file as a chip. Its size must be a multiple of 4 KiB and at most 256 MiB.
 * OTA_ERR_PORT with errno set (open failed), OTA_ERR_RANGE (size). */
OTA_MUST_CHECK ota_status_t flash_file_open(flash_file_t *file, const char *path, bool writable);

/* Make a new file of `size` bytes FF. Refuses to overwrite (OTA_ERR_PORT, errno EEXIST). */
OTA_MUST_CHECK ota_status_t flash_file_create(flash_file_t *file, const char *path, uint32_t size);

void flash_file_close(flash_file_t *file);

#endif
