/* SPDX-License-Identifier: Apache-2.0 */
/* otary flash extract: a part of a flash into a file; images to the byte. */
#include "cli/flash.h"
#include "cli/flash_open.h"
#include "ota/image.h"
#include "ports/crypto/openssl.h"

#include <string.h>

const cli_option_t flash_extract_options[] = {
    {"whole", 'w', CLI_FLAG, NULL, NULL, "the whole partition, not the image alone"},
    CLI_TABLE_OFFSET,
    CLI_FORCE,
    CLI_END};

/* What to take: a region, and whether an image in it tells how much of it. */
typedef struct {
    ota_region_t region;
    bool image;
    ota_image_kind_t kind;
} wanted_t;

static bool find_part(cli_t *cli, const flash_image_t *image, const char *name, wanted_t *wanted)
{
    ota_part_t part;
    const char *list = "bootloader, table";
    if (part_parse(&image->table, name, &part) == OTA_OK) {
        *wanted = (wanted_t){{part.offset, part.size}, part.type == OTA_TYPE_APP, OTA_IMAGE_APP};
        return true;
    }
    if (strcmp(name, "table") == 0) {
        *wanted = (wanted_t){.region = {image->table_offset, OTA_TABLE_SIZE}};
        return true;
    }
    if (strcmp(name, "bootloader") == 0 && image->bootloader.size > 0) {
        *wanted = (wanted_t){image->bootloader, true, OTA_IMAGE_BOOTLOADER};
        return true;
    }
    for (uint32_t i = 0; i < image->table.count; i++) {
        if (ota_table_get(&image->table, i, &part) == OTA_OK) {
            list = cli_format(cli, "%s, %s", list, part.label);
        }
    }
    (void)cli_refuse(cli, "OTA_ERR_NOT_IN_TABLE",
                     cli_format(cli, "the flash has no part \"%s\"", name), cli->operand[0],
                     cli_format(cli, "one of %s", list));
    return false;
}

/* Bytes to take of an image: its own length, if it verifies. */
static bool image_length(cli_t *cli, const flash_image_t *image, const wanted_t *wanted,
                         uint32_t *length)
{
    ota_fault_t fault = {0};
    void *buffer = cli_allocate(cli, CLI_BUFFER_SIZE);
    ota_image_rules_t rules = {.kind = wanted->kind,
                               .chip = image->chip,
                               .chip_by_id = ota_chip_by_id,
                               .any_rev = true,
                               .address = wanted->region.offset,
                               .limit = wanted->region.size,
                               .crypto = &crypto_openssl};
    ota_status_t status =
        ota_image_check_flash(&image->file.flash, &rules, buffer, CLI_BUFFER_SIZE, length, &fault);
    if (status != OTA_OK) {
        (void)cli_status(cli, status, &fault,
                         cli_format(cli, "%s, %s at 0x%x", cli->operand[0], cli->operand[1],
                                    (unsigned)wanted->region.offset));
        (void)cli_refuse(cli, "FLASH-EXTRACT", "no whole image to take", cli->operand[1],
                         "add --whole to take the partition as it is");
    }
    return status == OTA_OK;
}

static int take(cli_t *cli, const flash_image_t *image)
{
    wanted_t wanted;
    const char *path = cli->operand[2];
    if (!find_part(cli, image, cli->operand[1], &wanted)) {
        return CLI_REFUSED;
    }
    uint32_t length = wanted.region.size;
    if (wanted.image && !cli_flag(cli, "whole") && !image_length(cli, image, &wanted, &length)) {
        return CLI_REFUSED;
    }
    uint8_t *bytes = cli_allocate(cli, length);
    ota_status_t status = ota_flash_read(&image->file.flash, wanted.region.offset, bytes, length);
    if (status != OTA_OK) {
        return cli_status(cli, status, NULL, cli->operand[0]);
    }
    if (!cli_write(cli, path, bytes, length)) {
        return CLI_REFUSED;
    }
    (void)cJSON_AddStringToObject(cli->report, "part", cli->operand[1]);
    (void)cJSON_AddNumberToObject(cli->report, "offset", wanted.region.offset);
    (void)cJSON_AddNumberToObject(cli->report, "bytes", length);
    (void)cJSON_AddStringToObject(cli->report, "file", path);
    if (strcmp(path, "-") != 0) {
        cli_print(cli, "%s: %u bytes from 0x%x\n", path, (unsigned)length,
                  (unsigned)wanted.region.offset);
    }
    return CLI_OK;
}

int flash_extract(cli_t *cli)
{
    flash_image_t image;
    if (!cli_may_write(cli, cli->operand[2]) ||
        !cli_flash_open(cli, cli->operand[0], false, &image)) {
        return CLI_REFUSED;
    }
    int rc = take(cli, &image);
    flash_image_close(&image);
    return rc;
}
