/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What headers and descriptors must fulfil, in the order in which Espressif's verifier asks.
 * Offsets in faults are those of the fields:
 *
 *   0 magic   1 segments   3 flash size   12 chip   15 min rev   17 max rev   23 hash
 *   segment at s:  s load address   s+4 length
 *   descriptor:  0x20 magic  0x24 secure version  0xD0 min, 0xD2 max block revision
 */
#include "core/bytes.h"
#include "core/image_internal.h"

#define AT_SEGMENTS   1u
#define AT_FLASH_SIZE 3u
#define AT_CHIP       12u
#define AT_MIN_REV    15u
#define AT_MAX_REV    17u
#define AT_HASH       23u

#define REV_UNSET(rev) ((rev) == 0 || (rev) == 0xFFFFu)

ota_status_t ota_image_header_decode(ota_image_header_t *header,
                                     const uint8_t bytes[OTA_IMAGE_HEADER])
{
    if (bytes[0] != OTA_IMAGE_MAGIC) {
        return OTA_ERR_IMAGE_MAGIC;
    }
    header->segments = bytes[AT_SEGMENTS];
    header->spi_mode = bytes[2];
    header->spi_speed_size = bytes[AT_FLASH_SIZE];
    header->entry = ota_get_le32(bytes + 4);
    header->chip_id = ota_get_le16(bytes + AT_CHIP);
    header->min_rev = ota_get_le16(bytes + AT_MIN_REV);
    header->max_rev = ota_get_le16(bytes + AT_MAX_REV);
    header->hash_appended = bytes[AT_HASH];
    return OTA_OK;
}

/* --- header ------------------------------------------------------------------------- */

static ota_status_t judge_chip(ota_image_t *image)
{
    const ota_image_rules_t *rules = image->rules;
    const ota_image_header_t *header = &image->header;
    if (rules->chip == NULL && rules->chip_by_id != NULL) {
        image->chip = rules->chip_by_id(header->chip_id);
    }
    if (image->chip == NULL || image->chip->id != header->chip_id) {
        return ota_image_fail(image, OTA_ERR_IMAGE_CHIP, AT_CHIP, header->chip_id,
                              rules->chip != NULL ? rules->chip->id : OTA_CHIP_ID_INVALID);
    }
    image->mmu_page = image->chip->mmu_page;
    return OTA_OK;
}

static ota_status_t judge_revision(ota_image_t *image)
{
    const ota_image_rules_t *rules = image->rules;
    const ota_image_header_t *header = &image->header;
    if (rules->any_rev) {
        return OTA_OK;
    }
    if (header->min_rev > rules->chip_rev) {
        return ota_image_fail(image, OTA_ERR_IMAGE_CHIP_REV_MIN, AT_MIN_REV, header->min_rev,
                              rules->chip_rev);
    }
    if (rules->kind == OTA_IMAGE_APP && !rules->any_max_rev && !REV_UNSET(header->max_rev) &&
        header->max_rev < rules->chip_rev) {
        return ota_image_fail(image, OTA_ERR_IMAGE_CHIP_REV_MAX, AT_MAX_REV, header->max_rev,
                              rules->chip_rev);
    }
    return OTA_OK;
}

/* Bytes of flash that the header promises; all ones: more than any chip has. */
static uint32_t header_flash_size(const ota_image_header_t *header)
{
    uint8_t n = header->spi_speed_size >> 4;
    return n <= 7 ? 0x100000u << n : 0xFFFFFFFFu;
}

/* The image ends where `end` and the tail behind it say; the field at `offset` says so. */
static ota_status_t judge_fit(ota_image_t *image, uint32_t end, uint32_t offset)
{
    const ota_image_rules_t *rules = image->rules;
    uint32_t total = ota_image_total(image, end);
    if (total > rules->limit) { /* never, if there is no limit */
        return ota_image_fail(image, OTA_ERR_IMAGE_TOO_BIG, offset, total, rules->limit);
    }
    if (ota_image_add(rules->address, total) == UINT32_MAX) {
        return ota_image_fail(image, OTA_ERR_IMAGE_WRAP, offset, total,
                              UINT32_MAX - rules->address);
    }
    return OTA_OK;
}

ota_status_t ota_image_judge_partition(ota_image_t *image)
{
    uint32_t mappable = image->chip->segment_limit;
    uint32_t limit = image->rules->limit;
    return limit == IMAGE_LIMIT_NONE || limit <= mappable
               ? OTA_OK
               : ota_image_fail(image, OTA_ERR_IMAGE_PARTITION, 0, limit, mappable);
}

/* What the stock verifier does not ask, and the length, which it asks at the end. */
static ota_status_t judge_header_further(ota_image_t *image)
{
    const ota_image_rules_t *rules = image->rules;
    const ota_image_header_t *header = &image->header;
    uint32_t flash_size = header_flash_size(header);
    if (rules->flash_size != 0 && flash_size > rules->flash_size) {
        return ota_image_fail(image, OTA_ERR_IMAGE_FLASH_SIZE, AT_FLASH_SIZE, flash_size,
                              rules->flash_size);
    }
    if (rules->require_hash && header->hash_appended == 0 && !ota_image_signed(rules)) {
        return ota_image_fail(image, OTA_ERR_IMAGE_NO_HASH, AT_HASH, 0, 1);
    }
    return judge_fit(image, OTA_IMAGE_HEADER + header->segments * SEGMENT_HEADER, AT_SEGMENTS);
}

ota_status_t ota_image_judge_header(ota_image_t *image)
{
    ota_image_header_t *header = &image->header;
    ota_status_t status = ota_image_header_decode(header, image->hold);
    if (status == OTA_OK) {
        status = judge_chip(image);
    }
    if (status == OTA_OK) {
        status = judge_revision(image);
    }
    if (status == OTA_OK && header->segments > OTA_IMAGE_SEGMENTS_MAX) {
        status = ota_image_fail(image, OTA_ERR_IMAGE_SEGMENT_COUNT, AT_SEGMENTS, header->segments,
                                OTA_IMAGE_SEGMENTS_MAX);
    }
    if (status == OTA_OK) {
        status = ota_image_judge_partition(image);
    }
    return status == OTA_OK ? judge_header_further(image) : status;
}

/* --- segments ----------------------------------------------------------------------- */

static bool page_is_chosen_by_image(const ota_chip_t *chip)
{
    return (chip->mmu_pages & (chip->mmu_pages - 1)) != 0;
}

static bool is_mapped(const ota_chip_t *chip, uint32_t load)
{
    for (size_t i = 0; i < OTA_CHIP_WINDOWS; i++) {
        if (load >= chip->windows[i].start && load < chip->windows[i].end) {
            return true;
        }
    }
    return false;
}

/* The MMU maps whole pages: a byte keeps its place within the page from flash to memory. */
static ota_status_t judge_mapping(ota_image_t *image, uint32_t data_offset)
{
    uint32_t load = image->segment_load;
    uint32_t in_page = image->mmu_page - 1;
    uint32_t flash = image->rules->address + data_offset;
    if (is_mapped(image->chip, load) && ((load ^ flash) & in_page) != 0) {
        return ota_image_fail(image, OTA_ERR_IMAGE_MAPPING, data_offset - SEGMENT_HEADER,
                              load & in_page, flash & in_page);
    }
    return OTA_OK;
}

ota_status_t ota_image_judge_segment(ota_image_t *image, uint32_t load, uint32_t len)
{
    uint32_t at_length = image->offset - 4;
    bool first_of_app = image->segment == 0 && image->rules->kind == OTA_IMAGE_APP;
    image->segment_load = load;
    if (len % 4 != 0 || len >= image->chip->segment_limit) {
        return ota_image_fail(image, OTA_ERR_IMAGE_SEGMENT_LENGTH, at_length, len,
                              image->chip->segment_limit);
    }
    if (first_of_app && len < OTA_APP_DESC_SIZE) {
        return ota_image_fail(image, OTA_ERR_IMAGE_SEGMENT0_SHORT, at_length, len,
                              OTA_APP_DESC_SIZE);
    }
    /* Where the descriptor names the page, the first segment's mapping waits for it. */
    if (!(first_of_app && page_is_chosen_by_image(image->chip))) {
        ota_status_t status = judge_mapping(image, image->offset);
        if (status != OTA_OK) {
            return status;
        }
    }
    uint32_t later = SEGMENT_HEADER * (uint32_t)(image->header.segments - image->segment - 1);
    return judge_fit(image, ota_image_add(ota_image_add(image->offset, len), later), at_length);
}

/* --- descriptor --------------------------------------------------------------------- */

ota_status_t ota_image_judge_desc_head(ota_image_t *image)
{
    const ota_image_rules_t *rules = image->rules;
    uint32_t magic = ota_get_le32(image->hold);
    bool there = magic == OTA_APP_DESC_MAGIC;
    if (!there && (rules->anti_rollback || page_is_chosen_by_image(image->chip))) {
        return ota_image_fail(image, OTA_ERR_IMAGE_DESCRIPTOR, OTA_APP_DESC_OFFSET, magic,
                              OTA_APP_DESC_MAGIC);
    }
    uint32_t version = ota_get_le32(image->hold + 4);
    if (rules->anti_rollback && version < rules->secure_version) {
        return ota_image_fail(image, OTA_ERR_SECURE_VERSION, OTA_APP_DESC_OFFSET + 4, version,
                              rules->secure_version);
    }
    return OTA_OK;
}

static ota_status_t judge_block_rev(ota_image_t *image)
{
    const ota_image_rules_t *rules = image->rules;
    uint16_t min = ota_get_le16(image->hold);
    uint16_t max = ota_get_le16(image->hold + 2);
    if (!image->chip->block_rev || rules->any_rev) {
        return OTA_OK;
    }
    if (!REV_UNSET(min) && min > rules->block_rev) {
        return ota_image_fail(image, OTA_ERR_IMAGE_BLOCK_REV, OTA_APP_DESC_OFFSET + 176, min,
                              rules->block_rev);
    }
    if (!REV_UNSET(max) && max < rules->block_rev) {
        return ota_image_fail(image, OTA_ERR_IMAGE_BLOCK_REV, OTA_APP_DESC_OFFSET + 178, max,
                              rules->block_rev);
    }
    return OTA_OK;
}

ota_status_t ota_image_judge_desc_tail(ota_image_t *image)
{
    uint8_t page_log2 = image->hold[4];
    if (page_is_chosen_by_image(image->chip)) {
        if (page_log2 < 32 && (image->chip->mmu_pages >> page_log2 & 1u) != 0) {
            image->mmu_page = 1u << page_log2;
        }
        ota_status_t status = judge_mapping(image, OTA_APP_DESC_OFFSET);
        if (status != OTA_OK) {
            return status;
        }
    }
    return judge_block_rev(image);
}
