/* SPDX-License-Identifier: Apache-2.0 */
#include "support/commit_chip.h"

#include "support/unit.h"

#include <stdio.h>

const ota_region_t chip_otadata = {CHIP_OTADATA, OTA_OTADATA_SIZE};

/* As flash encryption looks from above: every byte is turned over by a key of its address. */
static uint8_t key(uint32_t addr)
{
    uint32_t x = addr * 2654435761u;
    return (uint8_t)(x >> 24 ^ x >> 13);
}

static ota_status_t (*plain_program)(void *ctx, uint32_t addr, const void *src, size_t len);

static ota_status_t encrypted_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const nor_sim_t *nor = ctx;
    uint8_t *p = dst;
    for (uint32_t i = 0; i < len; i++) {
        p[i] = nor->bytes[addr + i] ^ key(addr + i);
    }
    return OTA_OK;
}

static ota_status_t encrypted_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    uint8_t block[64];
    const uint8_t *p = src;
    assert_true(addr % 16 == 0 && len % 16 == 0 && len <= sizeof(block));
    for (uint32_t i = 0; i < len; i++) {
        block[i] = p[i] ^ key(addr + i);
    }
    return plain_program(ctx, addr, block, len);
}

void chip_read(chip_t *chip)
{
    memset(&chip->od, 0, sizeof(chip->od));
    assert_int_equal(ota_otadata_read(&chip->nor.flash, chip_otadata, &chip->od), OTA_OK);
    ota_commit_open(&chip->commit, &chip->od, &chip->config, chip->count);
}

static void chip_put(chip_t *chip, int i, const char *text)
{
    uint8_t bytes[OTA_JOURNAL_AT];
    uint32_t at = CHIP_OTADATA + (uint32_t)i * OTA_OTADATA_SECTOR;
    sector_bytes(bytes, chip->count, text);
    memset(chip->nor.bytes + at, 0xFF, OTA_OTADATA_SECTOR);
    for (uint32_t n = 0; n < sizeof(bytes); n++) {
        bool erased = text[0] == '-' || (bytes[n] == 0xFF && n >= OTA_ENTRY_SIZE);
        if (!erased) {
            chip->nor.bytes[at + n] = chip->encrypted ? bytes[n] ^ key(at + n) : bytes[n];
        }
    }
    if (chip->encrypted && text[0] == 'R') { /* the record's own FF are programmed */
        for (uint32_t n = OTA_RECORD_AT; n < OTA_RECORD_AT + OTA_RECORD_SIZE; n++) {
            chip->nor.bytes[at + n] = bytes[n] ^ key(at + n);
        }
    }
}

void chip_start(chip_t *chip, const char *const copy[2], uint8_t count, uint32_t unit)
{
    memset(chip, 0, sizeof(*chip));
    assert_int_equal(nor_sim_start(&chip->nor, CHIP_SIZE), OTA_OK);
    chip->config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
    chip->count = count;
    chip->encrypted = unit == CHIP_ENCRYPTED;
    chip->nor.flash.program_unit = unit != CHIP_ENCRYPTED ? unit : 16;
    if (unit == CHIP_ENCRYPTED) {
        plain_program = chip->nor.flash.program;
        chip->nor.flash.read = encrypted_read;
        chip->nor.flash.program = encrypted_program;
        chip->nor.flash.encrypted_unit = 16;
    }
    for (int i = 0; i < 2; i++) {
        chip_put(chip, i, copy[i]);
    }
    (void)snprintf(chip->name, sizeof(chip->name), "%s ; %s, %u slots, unit %u", copy[0], copy[1],
                   (unsigned)count, (unsigned)unit);
    chip_read(chip);
}

void chip_stop(chip_t *chip)
{
    nor_sim_stop(&chip->nor);
}

ota_status_t chip_execute(chip_t *chip)
{
    return ota_commit_execute(&chip->commit, &chip->od, chip->count, &chip->nor.flash,
                              chip_otadata);
}
