/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand: a small ESP32 in memory on which one thing is broken at a time. For sweeps that need no
 * engine: they set flash, break it, boot, judge, and set it back.
 *
 *   two slots                        factory too
 *   0x08000 table                    0x08000 table
 *   0x0e000 otadata                  0x0e000 otadata
 *   0x10000 ota_0   64 KiB           0x10000 factory  64 KiB
 *   0x20000 ota_1   64 KiB           0x20000 ota_0    64 KiB
 *                                    0x30000 ota_1    64 KiB
 *
 * ota_0 holds the old image, ota_1 the new one, factory a third; all differ and all verify.
 * Everything that runs on it is the device's own code: ota_boot_run and ota_device_*. Nothing that
 * runs can change anything but otadata, so a slot that has verified once is not read again until
 * somebody here has touched it.
 */
#ifndef LAB_STAND_H
#define LAB_STAND_H

#include "boot/boot.h"
#include "host/image_build.h"
#include "ports/flash/nor_sim.h"

#define STAND_FLASH   0x100000u
#define STAND_SLOT    0x10000u
#define STAND_OTADATA 0xE000u
#define STAND_IMAGES  3u /* old (ota_0), new (ota_1), factory */

/* Who decides and who records. */
typedef enum {
    STAND_STOCK,   /* Espressif's bootloader, and an application that changes otadata as
                      Espressif's esp_ota_ops does: what is in the field */
    STAND_LIBRARY, /* Espressif's bootloader, our library in the application */
    STAND_OTARY    /* both ours */
} stand_way_t;

#define STAND_WAYS 3u

typedef struct {
    stand_way_t way;
    bool factory;        /* the second table */
    bool rollback;       /* the bootloader was built with it */
    uint32_t image_size; /* a multiple of 16; 0: the smallest */
    bool no_hash;        /* of the images: nothing but the checksum */
    uint64_t seed;       /* of the images' content */
} stand_wish_t;

typedef struct {
    stand_wish_t wish;
    nor_sim_t nor;
    uint8_t table_bytes[OTA_TABLE_SIZE]; /* as written at 0x8000 */
    ota_table_t table;
    ota_boot_config_t config;
    image_bytes_t image[STAND_IMAGES];
    uint8_t boot_buffer[OTA_TABLE_SIZE];
    uint8_t load_buffer[4096];
    uint32_t known; /* bit per slot that has loaded, and was not touched since */
    bool strayed;   /* a change outside otadata was asked for; it was refused */
    /* Called for each change of otadata before it is made; `at` from its start. NULL: nobody. */
    void (*note)(void *user, nor_op_t op, uint32_t at, const void *data, size_t len);
    void *user;
} stand_t;

/* "stock", "library", "otary"; constant. */
const char *stand_way_name(stand_way_t way);
/* The same in words: "Espressif's bootloader and application"; constant. */
const char *stand_way_words(stand_way_t way);

/* Table and images in flash, otadata blank. The struct must not move. OTA_ERR_PORT,
 * OTA_ERR_NO_ROOM: no memory; OTA_ERR_RANGE, OTA_ERR_ALIGN: image_size. */
OTA_MUST_CHECK ota_status_t stand_start(stand_t *stand, const stand_wish_t *wish);
void stand_stop(stand_t *stand);

/* Where ota_0 (0), ota_1 (1) or factory (2) lies. */
ota_region_t stand_region(const stand_t *stand, unsigned image);
/* The slot of that image. */
ota_slot_t stand_slot(unsigned image);

/* otadata as a device leaves it that has been flashed with the old image, by cable, and has
 * confirmed it: ota_0, this sequence (odd), VALID. The other sector is blank. */
void stand_fresh(stand_t *stand, uint32_t seq);

/* One bit of flash turns over: bit 0..7 of the byte at `address`. Once more: it is as before. */
void stand_flip(stand_t *stand, uint32_t address, unsigned bit);

/* The image whose slot holds this address; -1: none. */
int stand_image_at(const stand_t *stand, uint32_t address);

/* One boot by the bootloader of this way. Statuses of ota_boot_run. */
OTA_MUST_CHECK ota_status_t stand_boot(stand_t *stand, ota_boot_trace_t *trace);

/* The application in `running` is up. OTA_ERR_NOT_A_SLOT. */
OTA_MUST_CHECK ota_status_t stand_run(stand_t *stand, ota_slot_t running, ota_device_t *device);

#endif
