/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image_info.h"

#include "core/bytes.h"
#include "ports/crypto/openssl.h"

#define SEGMENT_HEADER 8u
#define SECTOR         4096u
#define BLOCK_V1_SIZE  68u

/* --- names --------------------------------------------------------------------------------- */

const char *image_spi_mode_name(uint8_t mode)
{
    static const char *const names[] = {"QIO", "QOUT", "DIO", "DOUT", "FAST_READ", "SLOW_READ"};
    return mode < sizeof(names) / sizeof(names[0]) ? names[mode] : "?";
}

const char *image_flash_size_name(uint8_t spi_speed_size)
{
    static const char *const names[] = {"1MB",  "2MB",  "4MB",  "8MB",
                                        "16MB", "32MB", "64MB", "128MB"};
    size_t n = spi_speed_size >> 4;
    return n < sizeof(names) / sizeof(names[0]) ? names[n] : "?";
}

/* Speeds are divisors of a clock that differs by chip: /2, /3, /4, and F for /1. */
const char *image_flash_freq_name(const ota_chip_t *chip, uint8_t spi_speed_size)
{
    static const char *const usual[] = {"40m", "26m", "20m", "80m"};
    static const char *const no_third[] = {"40m", "?", "20m", "80m"};
    static const char *const c2[] = {"30m", "20m", "15m", "60m"};
    static const char *const c6[] = {"80m or 40m", "?", "20m", "?"};
    static const char *const h2[] = {"24m", "16m", "12m", "48m"};
    static const struct {
        uint16_t id;
        const char *const *names;
    } chips[] = {{0x000C, c2},       {0x000D, c6},       {0x0010, h2},
                 {0x0012, no_third}, {0x0014, no_third}, {0x0017, no_third},
                 {0x0019, h2},       {0x001C, h2},       {0x0020, no_third}};
    uint8_t speed = spi_speed_size & 0x0F;
    size_t column = speed == 0x0F ? 3 : speed;
    if (speed > 2 && speed != 0x0F) {
        return "?";
    }
    for (size_t i = 0; chip != NULL && i < sizeof(chips) / sizeof(chips[0]); i++) {
        if (chips[i].id == chip->id) {
            return chips[i].names[column];
        }
    }
    return usual[column];
}

const char *image_stop_text(image_stop_t stop)
{
    static const char *const texts[] = {
        [IMAGE_STOP_NONE] = "complete",
        [IMAGE_STOP_EMPTY] = "there are no bytes at all",
        [IMAGE_STOP_MAGIC] = "the first byte is not E9",
        [IMAGE_STOP_HEADER] = "the bytes end inside a header",
        [IMAGE_STOP_TOO_MANY] = "the header names more than 16 segments",
        [IMAGE_STOP_SEGMENT] = "the bytes end inside a segment",
        [IMAGE_STOP_CHECKSUM] = "the bytes end before the checksum",
    };
    return texts[stop];
}

void image_hex(const uint8_t *bytes, size_t len, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * len] = '\0';
}

/* --- reading -------------------------------------------------------------------------------- */

static void stop(image_info_t *info, image_stop_t why, size_t at)
{
    info->stop = why;
    info->stop_at = (uint32_t)at;
}

static bool read_header(image_info_t *info, const uint8_t *bytes, size_t len)
{
    if (len == 0 || bytes[0] != OTA_IMAGE_MAGIC) {
        stop(info, len == 0 ? IMAGE_STOP_EMPTY : IMAGE_STOP_MAGIC, 0);
        return false;
    }
    if (len < OTA_IMAGE_HEADER || ota_image_header_decode(&info->header, bytes) != OTA_OK) {
        stop(info, IMAGE_STOP_HEADER, len);
        return false;
    }
    info->chip = ota_chip_by_id(info->header.chip_id);
    info->wp_pin = bytes[8];
    memcpy(info->drive, bytes + 9, sizeof(info->drive));
    info->min_rev_legacy = bytes[14];
    if (info->header.segments > OTA_IMAGE_SEGMENTS_MAX) {
        stop(info, IMAGE_STOP_TOO_MANY, 1);
        return false;
    }
    return true;
}

/* End of the last segment; 0: stopped before. */
static size_t read_segments(image_info_t *info, const uint8_t *bytes, size_t len)
{
    const ota_chip_t *chip = info->chip != NULL ? info->chip : ota_chip_by_id(0);
    size_t at = OTA_IMAGE_HEADER;
    info->checksum = 0xEF;
    for (unsigned i = 0; i < info->header.segments; i++) {
        if (len - at < SEGMENT_HEADER) {
            stop(info, IMAGE_STOP_HEADER, len);
            return 0;
        }
        image_segment_t *segment = &info->segment[info->segments++];
        segment->at = (uint32_t)at;
        segment->load = ota_get_le32(bytes + at);
        segment->len = ota_get_le32(bytes + at + 4);
        segment->names = image_memory_names(chip, segment->load, segment->name);
        at += SEGMENT_HEADER;
        if (segment->len > len - at) {
            stop(info, IMAGE_STOP_SEGMENT, len);
            return 0;
        }
        for (size_t end = at + segment->len; at < end; at++) {
            info->checksum ^= bytes[at];
        }
    }
    return at;
}

static void hash_of(const uint8_t *bytes, size_t len, uint8_t digest[32])
{
    ota_hash_t hash;
    if (crypto_openssl.hash_start(crypto_openssl.ctx, &hash, OTA_HASH_SHA256) == OTA_OK) {
        crypto_openssl.hash_update(crypto_openssl.ctx, &hash, bytes, len);
        crypto_openssl.hash_finish(crypto_openssl.ctx, &hash, digest);
    }
}

static void read_seals(image_info_t *info, const uint8_t *bytes, size_t len, size_t end)
{
    info->checksum_at = (uint32_t)((end / 16 + 1) * 16 - 1);
    if (info->checksum_at >= len) {
        stop(info, IMAGE_STOP_CHECKSUM, len);
        return;
    }
    info->sealed = true;
    info->checksum_stored = bytes[info->checksum_at];
    info->hash_at = info->checksum_at + 1;
    info->length = info->hash_at;
    if (info->header.hash_appended == 0) {
        return;
    }
    size_t there = min_size(len - info->hash_at, 32);
    hash_of(bytes, info->hash_at, info->hash);
    memcpy(info->hash_stored, bytes + info->hash_at, there);
    info->hash_there = there == 32;
    info->hash_true = info->hash_there && memcmp(info->hash, info->hash_stored, 32) == 0;
    info->length += (uint32_t)there;
}

/* A v1 block shows itself only by its version word; blank flash and v2 padding are none. */
static void read_signatures(image_info_t *info, const uint8_t *bytes, size_t len)
{
    size_t end = info->length;
    size_t sector = (end + SECTOR - 1) / SECTOR * SECTOR;
    info->signed_length = info->length;
    for (size_t i = 0; i < IMAGE_BLOCKS; i++) {
        image_block_read(bytes, len, sector, sector + i * OTA_SIGNATURE_BLOCK, &info->block[i]);
        if (info->block[i].kind > BLOCK_MALFORMED) {
            info->signed_length = (uint32_t)min_size(sector + SECTOR, len);
        }
    }
    if (info->signed_length == info->length && len - end >= BLOCK_V1_SIZE &&
        ota_get_le32(bytes + end) == 0) {
        info->v1 = (image_block_t){.kind = BLOCK_V1, .at = (uint32_t)end};
        info->signed_length = (uint32_t)(end + BLOCK_V1_SIZE);
    }
}

/* --- descriptors ---------------------------------------------------------------------------- */

static bool in(const image_segment_t *segment, const char *memory)
{
    for (size_t i = 0; i < segment->names; i++) {
        if (strcmp(segment->name[i], memory) == 0) {
            return true;
        }
    }
    return false;
}

static void try_app(image_info_t *info, const uint8_t *bytes, const image_segment_t *segment)
{
    uint32_t at = segment->at + SEGMENT_HEADER;
    if (segment->len < OTA_APP_DESC_SIZE || ota_app_desc_decode(&info->app, bytes + at) != OTA_OK) {
        return;
    }
    info->has_app_desc = true;
    info->desc_at = at;
}

static void try_bootloader(image_info_t *info, const uint8_t *bytes, const image_segment_t *segment)
{
    uint32_t at = segment->at + SEGMENT_HEADER;
    if (segment->len < OTA_BOOTLOADER_DESC_SIZE ||
        ota_bootloader_desc_decode(&info->bootloader, bytes + at) != OTA_OK) {
        return;
    }
    info->has_bootloader_desc = true;
    info->desc_at = at;
}

/* The first of `count` segments that goes to this memory; NULL: none. */
static const image_segment_t *first_in(const image_info_t *info, size_t count, const char *memory)
{
    for (size_t i = 0; i < count; i++) {
        if (in(&info->segment[i], memory)) {
            return &info->segment[i];
        }
    }
    return NULL;
}

/* An app's descriptor opens its first segment in flash; a bootloader has none there, and its
 * descriptor opens a segment of data RAM. */
static void read_descriptor(image_info_t *info, const uint8_t *bytes)
{
    size_t whole = info->segments - (info->stop == IMAGE_STOP_SEGMENT ? 1 : 0);
    const image_segment_t *data = first_in(info, whole, "DROM");
    info->kind = OTA_IMAGE_APP;
    if (data != NULL) {
        try_app(info, bytes, data);
    }
    if (data != NULL || whole == 0 || first_in(info, whole, "IROM") != NULL) {
        return;
    }
    info->kind = OTA_IMAGE_BOOTLOADER;
    for (size_t i = whole; i > 0 && !info->has_bootloader_desc; i--) {
        if (in(&info->segment[i - 1], "DRAM")) {
            try_bootloader(info, bytes, &info->segment[i - 1]);
        }
    }
}

void image_info_read(const uint8_t *bytes, size_t len, image_info_t *info)
{
    memset(info, 0, sizeof(*info));
    info->file_len = len;
    if (!read_header(info, bytes, len)) {
        return;
    }
    size_t end = read_segments(info, bytes, len);
    if (end != 0) {
        read_seals(info, bytes, len, end);
    }
    read_descriptor(info, bytes);
    if (!info->sealed) {
        return;
    }
    read_signatures(info, bytes, len);
    info->trailing = len - info->signed_length;
    info->trailing_blank = true;
    for (size_t i = info->signed_length; i < len && info->trailing_blank; i++) {
        info->trailing_blank = bytes[i] == 0xFF;
    }
}
