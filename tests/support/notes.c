/* SPDX-License-Identifier: Apache-2.0 */
#include "support/notes.h"

#include "boot/boot.h"
#include "host/image_build.h"
#include "otary_compat.h"
#include "ports/flash/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOT_SIZE 0x40000u

static const ota_part_t rows[] = {
    {OTA_TYPE_DATA, OTA_SUBTYPE_NVS, 0x9000, 0x5000, 0, "nvs"},
    {OTA_TYPE_DATA, OTA_SUBTYPE_OTADATA, 0xE000, 0x2000, 0, "otadata"},
    {OTA_TYPE_APP, OTA_SUBTYPE_OTA_0, 0x10000, SLOT_SIZE, 0, "app0"},
    {OTA_TYPE_APP, OTA_SUBTYPE_OTA_0 + 1, 0x50000, SLOT_SIZE, 0, "app1"},
};

static struct {
    char folder[32];
    char path[64];
    flash_file_t file;
    otary_compat_t compat;
    image_bytes_t old;
    image_bytes_t new;
} notes;

static bool make(image_bytes_t *image, const char *version, uint32_t address, uint32_t size)
{
    image_wish_t wish;
    image_wish_default(&wish);
    wish.chip = ota_chip_by_name("esp32s3");
    wish.address = address;
    wish.version = version;
    wish.size = size;
    return image_build(&wish, image) == OTA_OK;
}

static bool lay_out(const ota_flash_t *flash)
{
    uint8_t table[OTA_TABLE_SIZE];
    const uint32_t count = sizeof(rows) / sizeof(rows[0]);
    memset(table, 0xFF, sizeof(table));
    for (uint32_t i = 0; i < count; i++) {
        ota_table_encode(table + i * OTA_TABLE_ENTRY, &rows[i]);
    }
    ota_table_encode_md5(table + count * OTA_TABLE_ENTRY, table, count);
    return ota_flash_program(flash, OTA_TABLE_OFFSET, table, sizeof(table)) == OTA_OK &&
           ota_flash_program(flash, rows[2].offset, notes.old.bytes, notes.old.len) == OTA_OK;
}

bool notes_set_up(const unsigned char **firmware, size_t *len)
{
    memset(&notes, 0, sizeof(notes));
    (void)strcpy(notes.folder, "/tmp/otary_notes_XXXXXX");
    if (mkdtemp(notes.folder) == NULL) {
        return false;
    }
    (void)snprintf(notes.path, sizeof(notes.path), "%s/flash.bin", notes.folder);
    if (flash_file_create(&notes.file, notes.path, 0x400000) != OTA_OK ||
        !make(&notes.old, "1.0", rows[2].offset, 0x8000) ||
        !make(&notes.new, "2.0", rows[3].offset, 0x9010) || !lay_out(&notes.file.flash)) {
        return false;
    }
    notes.compat.config.flash = &notes.file.flash;
    notes.compat.config.chip = ota_chip_by_name("esp32s3");
    notes.compat.config.running_address = rows[2].offset;
    *firmware = notes.new.bytes;
    *len = notes.new.len;
    return otary_compat_install(&notes.compat) == ESP_OK;
}

static bool holds(const ota_part_t *row, const image_bytes_t *image)
{
    uint8_t *bytes = malloc(image->len);
    bool same = bytes != NULL &&
                ota_flash_read(&notes.file.flash, row->offset, bytes, image->len) == OTA_OK &&
                memcmp(bytes, image->bytes, image->len) == 0;
    free(bytes);
    if (!same) {
        (void)printf("%s does not hold its image\n", row->label);
    }
    return same;
}

bool notes_check(void)
{
    static uint8_t table[OTA_TABLE_SIZE];
    static uint8_t buffer[4096];
    const ota_boot_config_t config = {.policy = OTA_POLICY_STOCK};
    ota_boot_verifier_t verifier = {
        .flash = &notes.file.flash,
        .rules = {.kind = OTA_IMAGE_APP, .chip = notes.compat.config.chip},
        .buffer = buffer,
        .buffer_len = sizeof(buffer),
    };
    const ota_machine_t machine = {.flash = &notes.file.flash,
                                   .table_buffer = table,
                                   .config = &config,
                                   .ctx = &verifier,
                                   .load = ota_boot_verify};
    ota_boot_trace_t trace;
    ota_status_t status = ota_boot_run(&machine, &trace);
    if (status != OTA_OK || trace.booted != 1) {
        (void)printf("boots slot %d, not 1\n", status == OTA_OK ? trace.booted : OTA_SLOT_NONE);
        return false;
    }
    return holds(&rows[2], &notes.old) && holds(&rows[3], &notes.new);
}

void notes_tear_down(void)
{
    otary_compat_uninstall();
    flash_file_close(&notes.file);
    image_free(&notes.old);
    image_free(&notes.new);
    (void)unlink(notes.path);
    (void)rmdir(notes.folder);
}
