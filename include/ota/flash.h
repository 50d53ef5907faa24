/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash: the port through which the library touches a NOR chip.
 *
 * A struct of callbacks, so that one process can hold a thousand devices. All
 * addresses and lengths are bytes; addresses count from the start of the chip.
 *
 * What the library asks of a port
 *   read     copies len bytes; any alignment.
 *   program  can only clear bits (1 -> 0). addr and len are multiples of
 *            program_unit. Programming the same bytes again must be harmless.
 *   erase    sets [addr, addr+len) to FF. The library calls it with one unit at a
 *            time: len is one of the sizes offered in erase_units, addr a multiple of it.
 * Calls are synchronous. OTA_OK means the medium holds the result; any other
 * status means the range may hold any mixture of old and new bits. After a power
 * cut inside program or erase the range may read as any mixture, and may read
 * differently next time, unless `guarantees` promises better.
 *
 * Encrypted flash: the port encrypts and decrypts; the library sees plaintext. Where
 * encryption is on, `encrypted_unit` is 16: programs into partitions that are
 * encrypted (ota_part_encrypted) come in whole aligned blocks of 16 bytes, and no
 * block is programmed twice with different bytes between two erases. One exception: erased blocks
 * of otadata cannot be told from others, so that the library may try to program behind an entry
 * that other software wrote. A port refuses (OTA_ERR_FLASH_NOT_BLANK) or lets bits fall; either is
 * harmless.
 */
#ifndef OTA_FLASH_H
#define OTA_FLASH_H

#include "ota/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_FLASH_VERSION 1u
#define OTA_FLASH_SECTOR  0x1000u /* smallest erase unit of every ESP32 flash chip */

/* Bits of erase_units: bit n set means that 2^n bytes can be erased in one go. */
#define OTA_ERASE_4K  (1u << 12)
#define OTA_ERASE_32K (1u << 15)
#define OTA_ERASE_64K (1u << 16)

/* Bits of guarantees; 0 is always safe. */
#define OTA_FLASH_ATOMIC_PROGRAM_UNIT (1u << 0) /* one program_unit is never torn */
#define OTA_FLASH_PREFIX_PROGRAM      (1u << 1) /* a torn program leaves a prefix, in address order */

typedef struct ota_flash {
    uint32_t version;        /* OTA_FLASH_VERSION */
    uint32_t size;           /* bytes on the chip, a multiple of OTA_FLASH_SECTOR */
    uint32_t program_unit;   /* bytes, power of two, 1..32: alignment and multiple of programs */
    uint32_t erase_units;    /* OTA_ERASE_*; OTA_ERASE_4K must be among them */
    uint32_t encrypted_unit; /* 0: flash encryption off. 16: on */
    uint32_t guarantees;     /* OTA_FLASH_* that the medium really promises */
    void *ctx;               /* handed back untouched */
    ota_status_t (*read)(void *ctx, uint32_t addr, void *dst, size_t len);
    ota_status_t (*program)(void *ctx, uint32_t addr, const void *src, size_t len);
    ota_status_t (*erase)(void *ctx, uint32_t addr, size_t len);
} ota_flash_t;

/* OTA_OK if the struct is coherent: version, callbacks set, units powers of two, size
 * aligned. Else OTA_ERR_ARG. Call it once; nothing below checks again. */
OTA_MUST_CHECK ota_status_t ota_flash_check(const ota_flash_t *flash);

/* Read with bounds: OTA_ERR_RANGE if the range leaves the chip, else what read said. */
OTA_MUST_CHECK ota_status_t ota_flash_read(const ota_flash_t *flash, uint32_t addr, void *dst,
                                           size_t len);

/* True for OTA_ERR_FLASH_READ and OTA_ERR_PORT: the port failed, and nobody knows what lies there.
 * A decision must not take that for an answer. */
bool ota_flash_unread(ota_status_t status);

/* Program with bounds and alignment: OTA_ERR_RANGE, OTA_ERR_ALIGN, else what program said. */
OTA_MUST_CHECK ota_status_t ota_flash_program(const ota_flash_t *flash, uint32_t addr,
                                              const void *src, size_t len);

/* Erase [addr, addr+len), both multiples of 4 KiB, with the largest units that fit:
 * OTA_ERR_RANGE, OTA_ERR_ALIGN, else the first failure of erase. */
OTA_MUST_CHECK ota_status_t ota_flash_erase(const ota_flash_t *flash, uint32_t addr, size_t len);

/* The largest offered unit that could be erased at addr (a multiple of 4 KiB) without going
 * beyond `room` bytes; never less than 4 KiB. */
uint32_t ota_flash_erase_unit(const ota_flash_t *flash, uint32_t addr, size_t room);

#ifdef __cplusplus
}
#endif

#endif
