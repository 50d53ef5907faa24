/* SPDX-License-Identifier: Apache-2.0 */
#include "host/image_build.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/bytes.h"
#include "core/sha256.h"
#include "host/image_memory.h"

#define SEGMENT_HEADER 8u
#define PARTS_MAX      4u

typedef struct {
    uint32_t load; /* where it goes; a mapped one is moved to its place within the page */
    bool mapped;
    uint32_t len;
} part_t;

void image_wish_default(image_wish_t *wish)
{
    *wish = (image_wish_t){
        .chip = ota_chip_by_name("esp32"),
        .kind = OTA_IMAGE_APP,
        .seed = 1,
        .address = 0x10000,
        .version = "1.0",
        .project = "otary",
        .idf_version = "v6.1",
        .date = "Jan  1 2026",
        .time = "12:00:00",
        .bootloader_version = 1,
        .max_rev = 0xFFFF,
        .max_block_rev = 0xFFFF,
        .spi_mode = 2,
        .flash_size = 2,
    };
}

static uint32_t desc_size(const image_wish_t *wish)
{
    return wish->kind == OTA_IMAGE_APP ? OTA_APP_DESC_SIZE : OTA_BOOTLOADER_DESC_SIZE;
}

static uint32_t hash_size(const image_wish_t *wish)
{
    return wish->no_hash ? 0 : OTA_SHA256_SIZE;
}

uint32_t image_wish_smallest(const image_wish_t *wish)
{
    uint32_t end = OTA_IMAGE_HEADER + SEGMENT_HEADER + desc_size(wish);
    return (end / 16 + 1) * 16 + hash_size(wish);
}

/* --- segments ----------------------------------------------------------------------------- */

/* Divides `body` bytes among the parts: a linker's usual shares. */
static size_t plan(const image_wish_t *wish, uint32_t body, part_t parts[PARTS_MAX])
{
    const ota_chip_t *chip = wish->chip;
    uint32_t irom = chip->windows[0].start;
    uint32_t drom = chip->windows[1].start;
    if (drom == 0 || drom > irom) { /* one bus for both: code a few pages behind the data */
        drom = irom;
        irom += 0x200000;
    }
    uint32_t iram = image_memory_start(chip, "IRAM");
    uint32_t dram = image_memory_start(chip, "DRAM");
    if (iram == dram) {
        dram += 0x10000;
    }
    bool app = wish->kind == OTA_IMAGE_APP;
    parts[0] = (part_t){app ? drom : dram, app, body};
    if (body < 4096) {
        return 1;
    }
    parts[0].len = body / 4 & ~3u;
    parts[1] = (part_t){dram + 0x4000, false, body / 32 & ~3u};
    parts[2] = (part_t){app ? irom : iram, app, 0};
    parts[3] = (part_t){iram + 0x400, false, body / 16 & ~3u};
    size_t count = app ? 4 : 3;
    parts[2].len = body - parts[0].len - parts[1].len - (app ? parts[3].len : 0);
    return count;
}

/* xorshift64*: the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1Dull;
}

static void fill(uint8_t *bytes, size_t len, uint64_t *state)
{
    for (size_t i = 0; i < len; i += 4) {
        ota_put_le32(bytes + i, (uint32_t)(next_random(state) >> 32));
    }
}

static void put_text(uint8_t *field, size_t room, const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    memset(field, 0, room);
    if (len > 0) {
        memcpy(field, text, min_size(len, room));
    }
}

static void put_app_desc(uint8_t *desc, const image_wish_t *wish, uint64_t *state)
{
    memset(desc, 0, OTA_APP_DESC_SIZE);
    ota_put_le32(desc, OTA_APP_DESC_MAGIC);
    ota_put_le32(desc + 4, wish->secure_version);
    put_text(desc + 16, 32, wish->version);
    put_text(desc + 48, 32, wish->project);
    put_text(desc + 80, 16, wish->time);
    put_text(desc + 96, 16, wish->date);
    put_text(desc + 112, 32, wish->idf_version);
    fill(desc + 144, 32, state);
    ota_put_le16(desc + 176, wish->min_block_rev);
    ota_put_le16(desc + 178, wish->max_block_rev);
    desc[180] = wish->mmu_page_log2;
}

static void put_bootloader_desc(uint8_t *desc, const image_wish_t *wish)
{
    memset(desc, 0, OTA_BOOTLOADER_DESC_SIZE);
    desc[0] = OTA_BOOTLOADER_DESC_MAGIC;
    desc[3] = (uint8_t)wish->secure_version;
    ota_put_le32(desc + 4, wish->bootloader_version);
    put_text(desc + 8, 32, wish->idf_version);
    (void)snprintf((char *)desc + 40, 24, "%s %s", wish->date != NULL ? wish->date : "",
                   wish->time != NULL ? wish->time : "");
}

static void put_header(uint8_t *bytes, const image_wish_t *wish, size_t segments, uint32_t entry)
{
    memset(bytes, 0, OTA_IMAGE_HEADER);
    bytes[0] = OTA_IMAGE_MAGIC;
    bytes[1] = (uint8_t)segments;
    bytes[2] = wish->spi_mode;
    bytes[3] = (uint8_t)(wish->flash_size << 4 | (wish->spi_speed & 0x0F));
    ota_put_le32(bytes + 4, entry);
    bytes[8] = 0xEE; /* no write-protect pin */
    ota_put_le16(bytes + 12, wish->chip->id);
    ota_put_le16(bytes + 15, wish->min_rev);
    ota_put_le16(bytes + 17, wish->max_rev);
    bytes[23] = wish->no_hash ? 0 : 1;
}

static void put_segments(uint8_t *bytes, const image_wish_t *wish, const part_t *parts,
                         size_t count)
{
    uint64_t state = (wish->seed + 1) * 0x9E3779B97F4A7C15ull | 1u;
    uint32_t at = OTA_IMAGE_HEADER;
    for (size_t i = 0; i < count; i++) {
        uint32_t data = at + SEGMENT_HEADER;
        uint32_t page = wish->chip->mmu_page;
        uint32_t load = parts[i].load;
        if (parts[i].mapped) {
            load = (load & ~(page - 1)) + ((wish->address + data) & (page - 1));
        }
        ota_put_le32(bytes + at, load);
        ota_put_le32(bytes + at + 4, parts[i].len);
        fill(bytes + data, parts[i].len, &state);
        if (i == 0 && wish->kind == OTA_IMAGE_APP) {
            put_app_desc(bytes + data, wish, &state);
        } else if (i == 0) {
            put_bootloader_desc(bytes + data, wish);
        }
        at = data + parts[i].len;
    }
}

ota_status_t image_build(const image_wish_t *wish, image_bytes_t *image)
{
    if (wish->chip == NULL) {
        return OTA_ERR_ARG;
    }
    uint32_t size = wish->size != 0 ? wish->size : image_wish_smallest(wish);
    if (size % 16 != 0) {
        return OTA_ERR_ALIGN;
    }
    if (size < image_wish_smallest(wish)) {
        return OTA_ERR_RANGE;
    }
    part_t parts[PARTS_MAX];
    /* the checksum ends the last block of 16: 4 bytes with padding keep segments whole words */
    uint32_t end = size - hash_size(wish) - 4;
    size_t count = plan(wish, end - OTA_IMAGE_HEADER - SEGMENT_HEADER, parts);
    parts[0].len -= (uint32_t)(count - 1) * SEGMENT_HEADER;
    image->bytes = calloc(1, size);
    if (image->bytes == NULL) {
        return OTA_ERR_NO_ROOM;
    }
    image->len = size;
    put_segments(image->bytes, wish, parts, count);
    size_t code = count > 2 ? 2 : 0;
    put_header(image->bytes, wish, count, parts[code].load + 0x128);
    return image_reseal(image->bytes, image->len);
}

void image_free(image_bytes_t *image)
{
    free(image->bytes);
    *image = (image_bytes_t){0};
}

/* --- sealing ------------------------------------------------------------------------------- */

/* End of the last segment's data; 0: the bytes end before it does. */
static size_t segments_end(const uint8_t *bytes, size_t len)
{
    size_t at = OTA_IMAGE_HEADER;
    for (unsigned i = 0; i < bytes[1]; i++) {
        if (len - at < SEGMENT_HEADER || ota_get_le32(bytes + at + 4) > len - at - SEGMENT_HEADER) {
            return 0;
        }
        at += SEGMENT_HEADER + ota_get_le32(bytes + at + 4);
    }
    return at;
}

size_t image_plain_length(const uint8_t *bytes, size_t len)
{
    if (len < OTA_IMAGE_HEADER || bytes[0] != OTA_IMAGE_MAGIC) {
        return 0;
    }
    size_t end = segments_end(bytes, len);
    size_t total = (end / 16 + 1) * 16 + (bytes[23] != 0 ? OTA_SHA256_SIZE : 0);
    return end != 0 && total <= len ? total : 0;
}

ota_status_t image_reseal(uint8_t *bytes, size_t len)
{
    if (len == 0 || bytes[0] != OTA_IMAGE_MAGIC) {
        return OTA_ERR_IMAGE_MAGIC;
    }
    size_t total = image_plain_length(bytes, len);
    if (total == 0) {
        return OTA_ERR_IMAGE_TRUNCATED;
    }
    uint8_t sum = 0xEF;
    size_t at = OTA_IMAGE_HEADER;
    for (unsigned i = 0; i < bytes[1]; i++) {
        size_t data_end = at + SEGMENT_HEADER + ota_get_le32(bytes + at + 4);
        for (at += SEGMENT_HEADER; at < data_end; at++) {
            sum ^= bytes[at];
        }
    }
    size_t checksum = (at / 16 + 1) * 16 - 1;
    bytes[checksum] = sum;
    if (bytes[23] != 0) {
        sha256_t sha;
        ota_sha256_start(&sha);
        ota_sha256_update(&sha, bytes, checksum + 1);
        ota_sha256_finish(&sha, bytes + checksum + 1);
    }
    return OTA_OK;
}
