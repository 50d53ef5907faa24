/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include "boot/boot.h"
#include "host/image_build.h"
#include "otary_compat.h"
#include "ports/flash/file.h"

#include <stdio.h>
#include <string.h>

#define FLASH_SIZE 0x400000u
#define SLOT_SIZE  0x1E0000u

/* 0x9000 nvs | 0xE000 otadata | 0x10000 ota_0 | 0x1F0000 ota_1: min_spiffs.csv's two slots. */
static const ota_part_t rows[] = {
    {OTA_TYPE_DATA, OTA_SUBTYPE_NVS, 0x9000, 0x5000, 0, "nvs"},
    {OTA_TYPE_DATA, OTA_SUBTYPE_OTADATA, 0xE000, 0x2000, 0, "otadata"},
    {OTA_TYPE_APP, OTA_SUBTYPE_OTA_0, 0x10000, SLOT_SIZE, 0, "ota_0"},
    {OTA_TYPE_APP, OTA_SUBTYPE_OTA_0 + 1, 0x10000 + SLOT_SIZE, SLOT_SIZE, 0, "ota_1"},
};

static struct {
    flash_file_t file;
    otary_compat_t compat;
    image_bytes_t firmware;
    bool restart;
} board;

static void restart(void *user)
{
    (void)user;
    board.restart = true;
}

static void fatal(void *user, esp_err_t code, const char *file, int line, const char *expression)
{
    (void)user;
    (void)fprintf(stderr, "%s:%d: %s: %s\n", file, line, expression, esp_err_to_name(code));
}

static bool build(image_bytes_t *image, const char *version, uint32_t size)
{
    image_wish_t wish;
    image_wish_default(&wish);
    wish.chip = board.compat.config.chip;
    wish.version = version;
    wish.project = "example";
    wish.size = size;
    return image_build(&wish, image) == OTA_OK;
}

static bool lay_out(void)
{
    uint8_t table[OTA_TABLE_SIZE];
    image_bytes_t old = {NULL, 0};
    const uint32_t count = sizeof(rows) / sizeof(rows[0]);
    memset(table, 0xFF, sizeof(table));
    for (uint32_t i = 0; i < count; i++) {
        ota_table_encode(table + i * OTA_TABLE_ENTRY, &rows[i]);
    }
    ota_table_encode_md5(table + count * OTA_TABLE_ENTRY, table, count);
    const ota_flash_t *flash = &board.file.flash;
    bool fine = build(&old, "1.0", 0x20010) && build(&board.firmware, "2.0", 0x24010) &&
                ota_flash_program(flash, OTA_TABLE_OFFSET, table, sizeof(table)) == OTA_OK &&
                ota_flash_program(flash, rows[2].offset, old.bytes, old.len) == OTA_OK;
    image_free(&old);
    return fine;
}

bool board_new(const char *flash_file)
{
    memset(&board, 0, sizeof(board));
    (void)remove(flash_file);
    if (flash_file_create(&board.file, flash_file, FLASH_SIZE) != OTA_OK) {
        perror(flash_file);
        return false;
    }
    otary_compat_config_t *c = &board.compat.config;
    c->flash = &board.file.flash;
    c->chip = ota_chip_by_name("esp32s3");
    c->boot.rollback = true;
    c->restart = restart;
    c->fatal = fatal;
    return lay_out() && board_power_cycle();
}

const uint8_t *board_firmware(size_t *len)
{
    *len = board.firmware.len;
    return board.firmware.bytes;
}

bool board_power_cycle(void)
{
    static uint8_t table[OTA_TABLE_SIZE];
    static uint8_t buffer[4096];
    static ota_boot_trace_t trace;
    ota_boot_verifier_t verifier = {
        .flash = &board.file.flash,
        .rules = {.kind = OTA_IMAGE_APP, .chip = board.compat.config.chip},
        .buffer = buffer,
        .buffer_len = sizeof(buffer),
    };
    const ota_machine_t machine = {.flash = &board.file.flash,
                                   .table_buffer = table,
                                   .config = &board.compat.config.boot,
                                   .ctx = &verifier,
                                   .load = ota_boot_verify};
    board.restart = false;
    if (ota_boot_run(&machine, &trace) != OTA_OK) {
        (void)fprintf(stderr, "nothing boots\n");
        return false;
    }
    board.compat.config.running_address = ota_layout_region(&trace.layout, trace.booted).offset;
    return otary_compat_install(&board.compat) == ESP_OK;
}

bool board_wants_restart(void)
{
    return board.restart;
}

void board_free(void)
{
    otary_compat_uninstall();
    flash_file_close(&board.file);
    image_free(&board.firmware);
}
