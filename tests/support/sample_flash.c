/* SPDX-License-Identifier: Apache-2.0 */
#include "support/sample.h"

#include "host/flash_build.h"
#include "host/image_build.h"
#include "host/table_csv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 17u /* ota_0 .. ota_15, factory */

const char sample_two_slots[] = "nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\n"
                                "app0,app,ota_0,0x10000,0x40000\napp1,app,ota_1,0x50000,0x40000\n"
                                "spiffs,data,spiffs,0x90000,0x70000\n";
const char sample_one_slot[] = "nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\n"
                               "app0,app,ota_0,0x10000,0x300000\nspiffs,data,spiffs,0x310000,"
                               "0xF0000\n";
const char sample_factory_and_two[] =
    "nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\n"
    "factory,app,factory,0x10000,0x40000\napp0,app,ota_0,0x50000,0x40000\n"
    "app1,app,ota_1,0x90000,0x40000\n";
const char sample_safeboot[] = "nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\n"
                               "safeboot,app,factory,0x10000,0xD0000\n"
                               "app0,app,ota_0,0xE0000,0x300000\n";
const char sample_no_otadata[] = "nvs,data,nvs,0x9000,0x5000\napp0,app,ota_0,0x10000,0x40000\n"
                                 "app1,app,ota_1,0x50000,0x40000\n";

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "sample_flash: %s\n", what);
        abort();
    }
}

static void table_of(const char *csv, uint8_t binary[OTA_TABLE_SIZE])
{
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    table_source_t source;
    must(table_read(&source, &options, (const uint8_t *)csv, strlen(csv)) &&
             table_to_binary(&source, binary),
         "the CSV is refused");
    table_source_free(&source);
}

/* Straight into the bytes: broken and foreign apps must get in too. */
static void place_app(uint8_t *flash, const sample_flash_t *what, ota_region_t where, unsigned n)
{
    image_wish_t wish;
    image_bytes_t image;
    image_wish_default(&wish);
    wish.chip = ota_chip_by_name(n == 0 && what->other_chip != NULL ? what->other_chip : "esp32");
    wish.size = what->app_size;
    wish.seed = n;
    wish.flash_size = what->header_flash;
    must(image_build(&wish, &image) == OTA_OK && image.len <= where.size, "no room for the app");
    memcpy(flash + where.offset, image.bytes, image.len);
    if ((what->broken >> n & 1u) != 0) {
        flash[where.offset + image.len / 2] ^= 1;
    }
    image_free(&image);
}

static void place_bootloader(uint8_t *flash)
{
    sample_t boot;
    sample_bootloader(&boot);
    memcpy(flash + 0x1000, boot.bytes, boot.len);
    sample_free(&boot);
}

static void place_otadata(uint8_t *flash, const sample_flash_t *what, ota_region_t where)
{
    sample_t otadata;
    sample_otadata(&otadata, what->seq[0], what->state[0], what->seq[1], what->state[1]);
    if (what->bad_crc) {
        otadata.bytes[OTA_OTADATA_SECTOR + 28] ^= 1;
    }
    memcpy(flash + where.offset, otadata.bytes, otadata.len);
    sample_free(&otadata);
}

void sample_flash(sample_t *sample, const sample_flash_t *what)
{
    uint8_t binary[OTA_TABLE_SIZE];
    ota_table_t table;
    ota_fault_t fault;
    ota_layout_t layout;
    table_of(what->csv, binary);
    must(ota_table_open_boot(&table, binary, sizeof(binary), what->flash, &fault) == OTA_OK,
         "the table leaves the flash");
    ota_layout_read(&layout, &table);
    uint8_t *flash = malloc(what->flash);
    if (flash == NULL) {
        abort();
    }
    memset(flash, 0xFF, what->flash);
    memcpy(flash + OTA_TABLE_OFFSET, binary, sizeof(binary));
    if (!what->no_bootloader) {
        place_bootloader(flash);
    }
    for (unsigned n = 0; n < PLACES; n++) {
        ota_region_t where = n < OTA_SLOTS_MAX ? layout.slot[n] : layout.factory;
        if (((what->good | what->broken) >> n & 1u) != 0) {
            place_app(flash, what, where, n);
        }
    }
    if (layout.otadata.size >= OTA_OTADATA_SIZE) {
        place_otadata(flash, what, layout.otadata);
    }
    sample_bytes(sample, flash, what->keep != 0 ? what->keep : what->flash);
    free(flash);
}

void sample_merged(sample_t *sample)
{
    const sample_flash_t what = {
        .csv = sample_two_slots, .flash = 0x400000, .keep = 0x18000, .app_size = 0x8000, .good = 1};
    sample_flash(sample, &what);
}

void sample_broken_table(sample_t *sample)
{
    uint8_t binary[OTA_TABLE_SIZE];
    table_of(sample_two_slots, binary);
    binary[0x28] ^= 1;
    sample_bytes(sample, binary, sizeof(binary));
}

/* The generator refuses it, so it is made of entries: otadata of a single sector. */
void sample_small_otadata(sample_t *sample)
{
    static const ota_part_t parts[] = {
        {OTA_TYPE_DATA, OTA_SUBTYPE_OTADATA, 0xD000, 0x1000, 0, "otadata"},
        {OTA_TYPE_APP, OTA_SUBTYPE_OTA_0, 0x10000, 0x100000, 0, "app0"},
        {OTA_TYPE_APP, OTA_SUBTYPE_OTA_0 + 1, 0x110000, 0x100000, 0, "app1"},
    };
    uint8_t binary[OTA_TABLE_SIZE];
    memset(binary, 0xFF, sizeof(binary));
    for (size_t i = 0; i < 3; i++) {
        ota_table_encode(binary + i * OTA_TABLE_ENTRY, &parts[i]);
    }
    ota_table_encode_md5(binary + sizeof(parts) / sizeof(parts[0]) * OTA_TABLE_ENTRY, binary, 3);
    sample_bytes(sample, binary, sizeof(binary));
}
