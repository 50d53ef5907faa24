/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole flash of 192 KiB through everything that reads one: table, layout, chip, otadata,
 * image heads and images, and what would boot by either policy.
 *
 * Inputs are sparse, so that seeds stay small and mutations hit what matters:
 *   byte 0: switches of the bootloader; then records of
 *   sector u8 | length u16 little-endian | that many bytes, placed at sector * 4 KiB
 * on blank flash. Record lengths are cut at the end of the input and of the flash.
 */
#include "core/bytes.h"
#include "host/flash_look.h"
#include "ports/flash/nor_sim.h"

#include <stdlib.h>

#define CHIP_SIZE   0x30000u
#define RECORD_HEAD 3u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(nor_sim_t *nor, const uint8_t *data, size_t size)
{
    while (size > RECORD_HEAD) {
        uint32_t at = (uint32_t)data[0] * OTA_FLASH_SECTOR;
        size_t len = min_size(get_le16(data + 1), size - RECORD_HEAD);
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

/* The decision, and every record it would write: what it names must lie in the table. */
static void decide(const flash_image_t *image, const ota_flash_t *flash, uint8_t switches)
{
    ota_otadata_t od;
    ota_boot_app_t apps[OTA_BOOT_APPS] = {{true, switches}};
    ota_boot_plan_t plan;
    if (ota_otadata_read(flash, image->layout.otadata, &od) != OTA_OK) {
        ota_entry_blank(&od.copy[0]);
        ota_entry_blank(&od.copy[1]);
    }
    for (int policy = OTA_POLICY_STOCK; policy <= OTA_POLICY_OTARY; policy++) {
        ota_boot_config_t config = {.policy = (ota_policy_t)policy,
                                    .rollback = (switches & 1) != 0,
                                    .anti_rollback = (switches & 2) != 0,
                                    .factory_reset = (switches & 4) != 0,
                                    .factory_erases_otadata = (switches & 8) != 0,
                                    .test_app = (switches & 16) != 0};
        ota_boot_input_t input = {.config = &config,
                                  .layout = &image->layout,
                                  .otadata = &od,
                                  .apps = apps,
                                  .efuse_version = 1,
                                  .factory_pin = (switches & 32) != 0,
                                  .test_pin = (switches & 64) != 0};
        ota_boot_decide(&input, &plan);
        for (uint8_t i = 0; i < plan.count; i++) {
            ota_plan_t writes = {0};
            uint32_t raise_to = 0;
            if (ota_layout_region(&image->layout, plan.candidate[i]).size == 0) {
                abort(); /* nothing that is not in the table may ever be tried */
            }
            ota_boot_settle(&input, &plan, plan.candidate[i], &writes, &raise_to);
            ota_plan_apply(&writes, &od);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nor_sim_t nor;
    static flash_image_t image;
    ota_fault_t fault;
    if (size == 0 || nor_sim_start(&nor, CHIP_SIZE) != OTA_OK) {
        return 0;
    }
    fill(&nor, data + 1, size - 1);
    if (flash_image_read(&image, &nor.flash, FLASH_TABLE_ANYWHERE, &fault) == OTA_OK) {
        look_at_apps(&image, &nor.flash);
        decide(&image, &nor.flash, data[0]);
    }
    nor_sim_stop(&nor);
    return 0;
}
