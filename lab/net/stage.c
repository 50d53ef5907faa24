/* SPDX-License-Identifier: Apache-2.0 */
/* What all sessions start from. */
#include "lab/net/session.h"

#include <stdlib.h>
#include <string.h>

#define IMAGE_MAGIC 0xE9u

static bool holds_app(const ota_flash_t *flash, ota_region_t where)
{
    uint8_t magic = 0;
    return where.size != 0 && ota_flash_read(flash, where.offset, &magic, 1) == OTA_OK &&
           magic == IMAGE_MAGIC;
}

/* The app that a flash without any choice runs. */
static ota_status_t take_old(net_stage_t *stage, const flash_image_t *image)
{
    const ota_flash_t *flash = &image->file.flash;
    ota_region_t where = image->layout.factory;
    if (!holds_app(flash, where)) {
        where = ota_layout_region(&image->layout, 0);
    }
    if (!holds_app(flash, where)) {
        return OTA_ERR_NO_FALLBACK;
    }
    stage->old = malloc(where.size);
    stage->old_len = where.size;
    return stage->old != NULL ? ota_flash_read(flash, where.offset, stage->old, where.size)
                              : OTA_ERR_NO_ROOM;
}

static ota_status_t take_image(net_stage_t *stage)
{
    unsigned images = 0;
    for (size_t i = 0; i < stage->site.files; i++) {
        if (stage->site.file[i].kind == SITE_IMAGE) {
            stage->image = &stage->site.file[i];
            images++;
        }
    }
    return images == 1 ? OTA_OK : OTA_ERR_NO_FALLBACK;
}

ota_status_t stage_open(net_stage_t *stage, const char *flash, const char *directory, uint32_t now)
{
    flash_image_t image;
    ota_fault_t fault;
    memset(stage, 0, sizeof(*stage));
    stage->flash = flash;
    stage->now = now;
    ota_status_t status = flash_image_open(&image, flash, false, FLASH_TABLE_ANYWHERE, &fault);
    if (status != OTA_OK) {
        return status;
    }
    status = take_old(stage, &image);
    flash_image_close(&image);
    if (status == OTA_OK) {
        status = site_load(&stage->site, directory);
    }
    if (status == OTA_OK) {
        status = take_image(stage);
    }
    if (status != OTA_OK) {
        stage_close(stage);
    }
    return status;
}

void stage_close(net_stage_t *stage)
{
    site_free(&stage->site);
    free(stage->old);
    stage->old = NULL;
}
