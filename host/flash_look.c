/* SPDX-License-Identifier: Apache-2.0 */
#include "host/flash_look.h"

#include "core/bytes.h"
#include "ports/crypto/openssl.h"

/* Header and descriptor, for words about an image whether it verifies or not. */
static void look_at_head(const ota_flash_t *flash, ota_region_t where, flash_app_t *app)
{
    uint8_t head[OTA_APP_DESC_OFFSET + OTA_APP_DESC_SIZE];
    if (where.size < sizeof(head) ||
        ota_flash_read(flash, where.offset, head, sizeof(head)) != OTA_OK) {
        return;
    }
    app->blank = true;
    for (size_t i = 0; i < sizeof(head); i++) {
        app->blank = app->blank && head[i] == 0xFF;
    }
    app->has_header = ota_image_header_decode(&app->header, head) == OTA_OK;
    app->has_desc =
        app->has_header && ota_app_desc_decode(&app->desc, head + OTA_APP_DESC_OFFSET) == OTA_OK;
}

void flash_look_app(const ota_flash_t *flash, const ota_chip_t *chip, ota_image_kind_t kind,
                    ota_region_t where, void *buffer, size_t buffer_len, flash_app_t *app)
{
    ota_image_rules_t rules = {.kind = kind,
                               .chip = chip,
                               .chip_by_id = ota_chip_by_id,
                               .any_rev = true,
                               .address = where.offset,
                               .limit = where.size,
                               .flash_size = flash->size,
                               .crypto = &crypto_openssl};
    *app = (flash_app_t){0};
    look_at_head(flash, where, app);
    app->status =
        ota_image_check_flash(flash, &rules, buffer, buffer_len, &app->length, &app->fault);
    app->fault.status = app->status;
}
