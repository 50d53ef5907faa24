/* SPDX-License-Identifier: Apache-2.0 */
/* An image's facts as JSON. Member names are stable: scripts read them. */
#include <stdio.h>

#include "core/bytes.h"
#include "host/image_info.h"

static void add_hex(cJSON *object, const char *name, const uint8_t *bytes, size_t len)
{
    char text[2 * 48 + 1];
    image_hex(bytes, len, text);
    (void)cJSON_AddStringToObject(object, name, text);
}

static void add_address(cJSON *object, const char *name, uint32_t address)
{
    char text[16];
    (void)snprintf(text, sizeof(text), "0x%08x", address);
    (void)cJSON_AddStringToObject(object, name, text);
}

/* Text of a descriptor may be any bytes; JSON is UTF-8, so what is not ASCII becomes '?'. */
static void add_text(cJSON *object, const char *name, const char *text)
{
    char ascii[64];
    size_t i = 0;
    for (; i < sizeof(ascii) - 1 && text[i] != '\0'; i++) {
        ascii[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    }
    ascii[i] = '\0';
    (void)cJSON_AddStringToObject(object, name, ascii);
}

static void add_header(cJSON *json, const image_info_t *info)
{
    const ota_image_header_t *header = &info->header;
    cJSON *o = cJSON_AddObjectToObject(json, "header");
    (void)cJSON_AddStringToObject(o, "chip", info->chip != NULL ? info->chip->name : "unknown");
    (void)cJSON_AddNumberToObject(o, "chip_id", header->chip_id);
    (void)cJSON_AddNumberToObject(o, "segments", header->segments);
    add_address(o, "entry", header->entry);
    (void)cJSON_AddStringToObject(o, "spi_mode", image_spi_mode_name(header->spi_mode));
    (void)cJSON_AddStringToObject(o, "flash_size", image_flash_size_name(header->spi_speed_size));
    (void)cJSON_AddStringToObject(o, "flash_freq",
                                  image_flash_freq_name(info->chip, header->spi_speed_size));
    (void)cJSON_AddNumberToObject(o, "min_rev", header->min_rev);
    (void)cJSON_AddNumberToObject(o, "max_rev", header->max_rev);
    (void)cJSON_AddNumberToObject(o, "wp_pin", info->wp_pin);
    (void)cJSON_AddBoolToObject(o, "hash_appended", header->hash_appended != 0);
}

static void add_segments(cJSON *json, const image_info_t *info)
{
    cJSON *list = cJSON_AddArrayToObject(json, "segments");
    for (size_t i = 0; i < info->segments; i++) {
        const image_segment_t *segment = &info->segment[i];
        cJSON *o = cJSON_CreateObject();
        (void)cJSON_AddNumberToObject(o, "offset", segment->at);
        add_address(o, "load", segment->load);
        (void)cJSON_AddNumberToObject(o, "length", segment->len);
        cJSON *names = cJSON_AddArrayToObject(o, "memory");
        for (size_t k = 0; k < segment->names; k++) {
            (void)cJSON_AddItemToArray(names, cJSON_CreateString(segment->name[k]));
        }
        (void)cJSON_AddItemToArray(list, o);
    }
}

static void add_descriptor(cJSON *json, const image_info_t *info)
{
    if (info->has_app_desc) {
        const ota_app_desc_t *desc = &info->app;
        cJSON *o = cJSON_AddObjectToObject(json, "app");
        add_text(o, "project", desc->project);
        add_text(o, "version", desc->version);
        add_text(o, "idf_version", desc->idf_version);
        add_text(o, "date", desc->date);
        add_text(o, "time", desc->time);
        (void)cJSON_AddNumberToObject(o, "secure_version", desc->secure_version);
        (void)cJSON_AddNumberToObject(o, "min_block_rev", desc->min_block_rev);
        (void)cJSON_AddNumberToObject(o, "max_block_rev", desc->max_block_rev);
        (void)cJSON_AddNumberToObject(o, "mmu_page",
                                      desc->mmu_page_log2 != 0 && desc->mmu_page_log2 < 31
                                          ? (double)(1u << desc->mmu_page_log2)
                                          : 0.0);
        add_hex(o, "elf_sha256", desc->elf_sha256, sizeof(desc->elf_sha256));
    }
    if (info->has_bootloader_desc) {
        const ota_bootloader_desc_t *desc = &info->bootloader;
        cJSON *o = cJSON_AddObjectToObject(json, "bootloader");
        (void)cJSON_AddNumberToObject(o, "version", desc->version);
        (void)cJSON_AddNumberToObject(o, "secure_version", desc->secure_version);
        add_text(o, "idf_version", desc->idf_version);
        add_text(o, "date_time", desc->date_time);
    }
}

static void add_seals(cJSON *json, const image_info_t *info)
{
    cJSON *o = cJSON_AddObjectToObject(json, "checksum");
    (void)cJSON_AddNumberToObject(o, "offset", info->checksum_at);
    (void)cJSON_AddNumberToObject(o, "stored", info->checksum_stored);
    (void)cJSON_AddNumberToObject(o, "computed", info->checksum);
    (void)cJSON_AddBoolToObject(o, "valid", info->checksum == info->checksum_stored);
    if (info->header.hash_appended == 0) {
        (void)cJSON_AddNullToObject(json, "hash");
        return;
    }
    o = cJSON_AddObjectToObject(json, "hash");
    (void)cJSON_AddNumberToObject(o, "offset", info->hash_at);
    add_hex(o, "stored", info->hash_stored, info->length - info->hash_at);
    add_hex(o, "computed", info->hash, sizeof(info->hash));
    (void)cJSON_AddBoolToObject(o, "valid", info->hash_true);
}

static void add_block(cJSON *list, const image_block_t *block)
{
    if (block->kind == BLOCK_ABSENT) {
        return;
    }
    cJSON *o = cJSON_CreateObject();
    (void)cJSON_AddNumberToObject(o, "offset", block->at);
    (void)cJSON_AddStringToObject(o, "kind", image_block_name(block->kind));
    if (block->kind == BLOCK_MALFORMED) {
        (void)cJSON_AddStringToObject(o, "why", block->why);
    } else if (block->kind != BLOCK_V1) {
        add_hex(o, "key_digest", block->key_digest, sizeof(block->key_digest));
        (void)cJSON_AddBoolToObject(o, "digest_valid", block->digest_true);
        (void)cJSON_AddBoolToObject(o, "signature_valid", block->signature_true);
    }
    (void)cJSON_AddItemToArray(list, o);
}

static void add_signatures(cJSON *json, const image_info_t *info)
{
    cJSON *list = cJSON_AddArrayToObject(json, "signatures");
    add_block(list, &info->v1);
    /* a sector of which no block is well formed is trailing rubbish, not a signature */
    for (size_t i = 0; i < IMAGE_BLOCKS && info->v1.kind == BLOCK_ABSENT; i++) {
        if (info->signed_length != info->length) {
            add_block(list, &info->block[i]);
        }
    }
}

cJSON *image_info_json(const image_info_t *info)
{
    cJSON *json = cJSON_CreateObject();
    if (json == NULL) {
        return NULL;
    }
    (void)cJSON_AddNumberToObject(json, "file_length", (double)info->file_len);
    (void)cJSON_AddBoolToObject(json, "complete", info->stop == IMAGE_STOP_NONE);
    if (info->stop != IMAGE_STOP_NONE) {
        (void)cJSON_AddStringToObject(json, "stopped", image_stop_text(info->stop));
        (void)cJSON_AddNumberToObject(json, "stopped_at", info->stop_at);
    }
    if (info->stop == IMAGE_STOP_EMPTY || info->stop == IMAGE_STOP_MAGIC) {
        return json;
    }
    (void)cJSON_AddStringToObject(json, "kind", info->kind == OTA_IMAGE_APP ? "app" : "bootloader");
    add_header(json, info);
    add_segments(json, info);
    add_descriptor(json, info);
    if (info->sealed) {
        add_seals(json, info);
        (void)cJSON_AddNumberToObject(json, "length", info->length);
        (void)cJSON_AddNumberToObject(json, "signed_length", info->signed_length);
        add_signatures(json, info);
        (void)cJSON_AddNumberToObject(json, "trailing", (double)info->trailing);
    }
    return json;
}
