/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole flash of 1 MiB through everything that reads one: table, layout, chip, otadata,
 * image heads and images, and a few boots in a row by either policy.
 *
 * Inputs are sparse, so that seeds stay small and mutations hit what matters:
 *   byte 0: switches of the bootloader; then records of
 *   sector u8 | length u16 little-endian | that many bytes, placed at sector * 4 KiB
 * on blank flash. Record lengths are cut at the end of the input and of the flash.
 */
#include "boot/boot.h"
#include "core/bytes.h"
#include "host/flash_look.h"
#include "ports/flash/nor_sim.h"

#include <stdlib.h>

#define CHIP_SIZE   0x100000u /* the smallest that an image header can name */
#define RECORD_HEAD 3u
#define BOOTS       (OTA_TRIAL_BOOTS + 3u)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(nor_sim_t *nor, const uint8_t *data, size_t size)
{
    while (size > RECORD_HEAD) {
        uint32_t at = (uint32_t)data[0] * OTA_FLASH_SECTOR;
        size_t len = min_size(ota_get_le16(data + 1), size - RECORD_HEAD);
        if (at < CHIP_SIZE) {
            memcpy(nor->bytes + at, data + RECORD_HEAD, min_size(len, CHIP_SIZE - at));
        }
        data += RECORD_HEAD + len;
        size -= RECORD_HEAD + len;
    }
}

static void look_at_apps(const flash_image_t *image, const ota_flash_t *flash)
{
    uint8_t buffer[256];
    ota_part_t part;
    flash_app_t app;
    for (ota_slot_t slot = OTA_SLOT_TEST; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        if (slot_part(&image->table, slot, &part) == OTA_OK) {
            flash_look_app(flash, image->chip, OTA_IMAGE_APP,
                           (ota_region_t){part.offset, part.size}, buffer, sizeof(buffer), &app);
        }
    }
    flash_look_app(flash, image->chip, OTA_IMAGE_BOOTLOADER, image->bootloader, buffer,
                   sizeof(buffer), &app);
}

static void expect(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* By the bootloader's own rules: it does not look at the flash size in the header. */
static bool verifies(const ota_flash_t *flash, const ota_chip_t *chip, ota_region_t where)
{
    uint8_t buffer[256];
    ota_image_rules_t rules = {
        .chip = chip, .any_rev = true, .address = where.offset, .limit = where.size};
    return ota_image_check_flash(flash, &rules, buffer, sizeof(buffer), NULL, NULL) == OTA_OK;
}

/* A few boots in a row, each writing what it decides. Whatever the flash held: what is jumped to
 * lies in the table and verifies, no write fails, and policy otary settles: left alone, a trial
 * ends after its boots, and then the same slot boots for ever. */
static void boot(const flash_image_t *image, const ota_flash_t *flash, ota_policy_t policy,
                 uint8_t switches)
{
    static uint8_t table[OTA_TABLE_SIZE];
    static ota_boot_trace_t trace;
    uint8_t buffer[256];
    ota_slot_t last = OTA_SLOT_NONE;
    ota_boot_config_t config = {.policy = policy,
                                .rollback = (switches & 1) != 0,
                                .anti_rollback = (switches & 2) != 0,
                                .factory_reset = (switches & 4) != 0,
                                .factory_erases_otadata = (switches & 8) != 0,
                                .test_app = (switches & 16) != 0};
    ota_boot_verifier_t verifier = {.flash = flash,
                                    .rules = {.chip = image->chip, .any_rev = true},
                                    .buffer = buffer,
                                    .buffer_len = sizeof(buffer)};
    ota_machine_t machine = {.flash = flash,
                             .table_offset = image->table_offset,
                             .table_buffer = table,
                             .config = &config,
                             .factory_pin = (switches & 32) != 0,
                             .test_pin = (switches & 64) != 0,
                             .ctx = &verifier,
                             .load = ota_boot_verify};
    for (unsigned i = 0; i < BOOTS; i++) {
        ota_status_t status = ota_boot_run(&machine, &trace);
        expect((status == OTA_OK) == (trace.booted != OTA_SLOT_NONE));
        if (status == OTA_OK) {
            ota_region_t where = ota_layout_region(&image->layout, trace.booted);
            expect(where.size != 0);
            expect(verifies(flash, image->chip, where));
        }
        expect(policy != OTA_POLICY_OTARY || i < OTA_TRIAL_BOOTS + 1u || trace.booted == last);
        last = trace.booted;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static flash_image_t image;
    static const ota_policy_t policies[] = {OTA_POLICY_STOCK, OTA_POLICY_OTARY};
    for (size_t i = 0; size > 0 && i < sizeof(policies) / sizeof(policies[0]); i++) {
        nor_sim_t nor;
        ota_fault_t fault;
        if (nor_sim_start(&nor, CHIP_SIZE) != OTA_OK) {
            return 0;
        }
        fill(&nor, data + 1, size - 1);
        if (flash_image_read(&image, &nor.flash, FLASH_TABLE_ANYWHERE, &fault) == OTA_OK) {
            look_at_apps(&image, &nor.flash);
            boot(&image, &nor.flash, policies[i], data[0]);
        }
        nor_sim_stop(&nor);
    }
    return 0;
}
