/* SPDX-License-Identifier: Apache-2.0 */
#include "host/sniff.h"

#include "core/bytes.h"
#include "host/sniff_text.h"
#include "ota/image.h"
#include "ota/slots.h"
#include "ota/table.h"
#include <math.h>

#define LOOK        (256u * 1024u) /* how far contents are judged */
#define GLUE        (64u * 1024u)  /* how far in front of an image other bytes may stand */
#define BLOCK       16u
#define MIB         (1024u * 1024u)
#define TABLE_FIRST 0x1000u
#define TABLE_LAST  0x20000u

/* --- distribution of the bytes -------------------------------------------------------------- */

static bool all_of(const uint8_t *bytes, size_t len, uint8_t value)
{
    return len == 0 || (bytes[0] == value && memcmp(bytes, bytes + 1, len - 1) == 0);
}

static double entropy_of(const uint32_t count[256], size_t total)
{
    double bits = 0;
    for (unsigned i = 0; i < 256; i++) {
        if (count[i] > 0) {
            double p = (double)count[i] / (double)total;
            bits -= p * log2(p);
        }
    }
    return bits;
}

double sniff_entropy(const uint8_t *bytes, size_t len, size_t *used)
{
    uint32_t count[256] = {0};
    size_t total = 0;
    size_t end = min_size(len, LOOK);
    for (size_t at = 0; at < end; at += BLOCK) {
        size_t block = min_size(BLOCK, end - at);
        if (all_of(bytes + at, block, 0xFF) || all_of(bytes + at, block, 0)) {
            continue;
        }
        for (size_t i = 0; i < block; i++) {
            count[bytes[at + i]]++;
        }
        total += block;
    }
    if (used != NULL) {
        *used = total;
    }
    return total > 0 ? entropy_of(count, total) : 0;
}

/* n random bytes have 8 - 255/(2 n ln 2) = 8 - 184/n bits a byte on average, with little spread:
 * twice the gap is far outside of chance, and far above what code or text reaches. */
bool sniff_is_random(double entropy, size_t used)
{
    return used >= 512 && entropy > 8.0 - 368.0 / (double)used && entropy > 7.5;
}

/* --- images ----------------------------------------------------------------------------------- */

static bool plausible_header(const uint8_t *p)
{
    uint8_t speed = p[3] & 0x0F;
    return p[0] == OTA_IMAGE_MAGIC && p[1] >= 1 && p[1] <= OTA_IMAGE_SEGMENTS_MAX && p[2] <= 5 &&
           (speed <= 2 || speed == 0x0F) && p[3] >> 4 <= 7 && p[23] <= 1 &&
           ota_chip_by_id(ota_get_le16(p + 12)) != NULL;
}

/* The first segment: whole words, short of 16 MiB, to an address where memory is. */
static bool plausible_segment(const uint8_t *p)
{
    uint32_t load = ota_get_le32(p);
    uint32_t len = ota_get_le32(p + 4);
    return len % 4 == 0 && len > 0 && len < 16 * MIB &&
           (load == 0 || (load >= 0x30000000u && load < 0x60200000u));
}

int sniff_header_at(const uint8_t *bytes, size_t len, size_t at)
{
    const uint8_t *p = bytes + at;
    if (at >= len || len - at < OTA_IMAGE_HEADER + 8u || !plausible_header(p) ||
        !plausible_segment(p + OTA_IMAGE_HEADER)) {
        return 0;
    }
    bool app = len - at >= OTA_APP_DESC_OFFSET + 4u &&
               ota_get_le32(p + OTA_APP_DESC_OFFSET) == OTA_APP_DESC_MAGIC;
    return app ? 2 : 1;
}

size_t sniff_find_app(const uint8_t *bytes, size_t len, size_t from, size_t limit)
{
    size_t end = min_size(len, limit);
    for (size_t at = from; at < end; at++) {
        const uint8_t *hit = memchr(bytes + at, OTA_IMAGE_MAGIC, end - at);
        if (hit == NULL) {
            break;
        }
        at = (size_t)(hit - bytes);
        if (sniff_header_at(bytes, len, at) == 2) {
            return at;
        }
    }
    return SIZE_MAX;
}

/* Adds up the segments. Where a header lies beyond the file: up to and with that header. */
static uint64_t image_needs(const uint8_t *bytes, size_t len, size_t at)
{
    const uint8_t *p = bytes + at;
    uint64_t there = len - at;
    uint64_t end = OTA_IMAGE_HEADER;
    for (unsigned i = 0; i < p[1]; i++) {
        if (end + 8 > there) {
            return end + 8;
        }
        end += 8 + (uint64_t)ota_get_le32(p + end + 4);
    }
    return ((end + 16) & ~(uint64_t)15) + (p[23] != 0 ? 32 : 0);
}

static bool loads_into_ram(const uint8_t *p)
{
    const ota_chip_t *chip = ota_chip_by_id(ota_get_le16(p + 12));
    uint32_t load = ota_get_le32(p + OTA_IMAGE_HEADER);
    for (unsigned i = 0; chip != NULL && i < OTA_CHIP_WINDOWS; i++) {
        if (load >= chip->windows[i].start && load < chip->windows[i].end) {
            return false;
        }
    }
    return load != 0;
}

static void describe_image(const uint8_t *bytes, size_t len, size_t at, sniff_t *out)
{
    out->at = at;
    out->chip_id = ota_get_le16(bytes + at + 12);
    out->needs = image_needs(bytes, len, at);
    out->truncated = out->needs > len - at;
}

static bool is_image(const uint8_t *bytes, size_t len, sniff_t *out)
{
    int strength = sniff_header_at(bytes, len, 0);
    if (strength == 0) {
        return false;
    }
    describe_image(bytes, len, 0, out);
    out->kind = strength == 2 ? SNIFF_APP : loads_into_ram(bytes) ? SNIFF_BOOTLOADER : SNIFF_IMAGE;
    return true;
}

/* The ESP8266 has an 8-byte header: magic, segments, mode, size, entry; its first segment goes
 * to IRAM or DRAM of that chip. EA is the two-part image of its later SDKs. */
static bool esp8266_address(uint32_t load)
{
    static const struct {
        uint32_t start;
        uint32_t end;
    } memory[] = {
        {0x40100000u, 0x40108000u}, {0x3FFE8000u, 0x40000000u}, {0x40200000u, 0x40300000u}};
    for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++) {
        if (load >= memory[i].start && load < memory[i].end) {
            return true;
        }
    }
    return false;
}

static bool is_esp8266(const uint8_t *bytes, size_t len)
{
    if (len < 16 || bytes[1] == 0 || bytes[2] > 3) {
        return false;
    }
    if (bytes[0] == 0xEA) {
        return bytes[1] == 4;
    }
    return bytes[0] == OTA_IMAGE_MAGIC && bytes[1] <= OTA_IMAGE_SEGMENTS_MAX &&
           esp8266_address(ota_get_le32(bytes + 8)) && ota_get_le32(bytes + 12) < MIB;
}

/* --- tables, flashes, otadata ------------------------------------------------------------------
 */

static bool is_entry(const uint8_t *p)
{
    return p[0] == 0xAA && p[1] == 0x50;
}

bool sniff_table_at(const uint8_t *bytes, size_t len, size_t at)
{
    if (at >= len || len - at < 2u * OTA_TABLE_ENTRY || !is_entry(bytes + at)) {
        return false;
    }
    const uint8_t *next = bytes + at + OTA_TABLE_ENTRY;
    bool goes_on = is_entry(next) || (next[0] == 0xEB && next[1] == 0xEB) ||
                   (next[0] == 0xFF && next[1] == 0xFF);
    return goes_on && ota_get_le32(bytes + at + 8) != 0 && ota_get_le32(bytes + at + 4) % 4u == 0;
}

static size_t find_table(const uint8_t *bytes, size_t len)
{
    if (sniff_table_at(bytes, len, OTA_TABLE_OFFSET)) {
        return OTA_TABLE_OFFSET;
    }
    for (size_t at = TABLE_FIRST; at <= TABLE_LAST; at += OTA_FLASH_SECTOR) {
        if (sniff_table_at(bytes, len, at)) {
            return at;
        }
    }
    return SIZE_MAX;
}

static bool chip_sized(size_t len)
{
    return len >= MIB && (len & (len - 1)) == 0;
}

/* A table behind the place of the bootloader makes the file a flash, whole or its beginning. */
static bool is_flash(const uint8_t *bytes, size_t len, sniff_t *out)
{
    static const size_t places[] = {0, 0x1000, 0x2000};
    size_t table = find_table(bytes, len);
    if (table == SIZE_MAX) {
        return false;
    }
    out->table_at = table;
    out->kind = chip_sized(len) ? SNIFF_FLASH : SNIFF_MERGED;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (places[i] < table && sniff_header_at(bytes, len, places[i]) > 0) {
            out->at = places[i];
            out->chip_id = ota_get_le16(bytes + places[i] + 12);
            return true;
        }
    }
    return chip_sized(len);
}

static bool is_record(const uint8_t *bytes, size_t len, size_t at)
{
    if (at >= len || len - at < OTA_ENTRY_SIZE) {
        return false;
    }
    ota_entry_t entry;
    ota_entry_decode(&entry, bytes + at);
    return ota_entry_crc_ok(&entry);
}

static bool is_otadata(const uint8_t *bytes, size_t len)
{
    return len >= OTA_ENTRY_SIZE && len <= 2u * OTA_OTADATA_SIZE &&
           (is_record(bytes, len, 0) || is_record(bytes, len, OTA_OTADATA_SECTOR));
}

/* NVS pages begin with their state, then a sequence number, then version FE or FF and 19 bytes FF.
 */
static bool is_nvs(const uint8_t *bytes, size_t len)
{
    return len >= OTA_FLASH_SECTOR && ota_get_le32(bytes) >= 0xFFFFFFF8u &&
           ota_get_le32(bytes) <= 0xFFFFFFFEu && bytes[8] >= 0xFE && all_of(bytes + 9, 19, 0xFF) &&
           ota_get_le32(bytes + 4) != 0xFFFFFFFFu;
}

static bool is_fat(const uint8_t *bytes, size_t len)
{
    return len >= 512 && bytes[510] == 0x55 && bytes[511] == 0xAA &&
           ota_get_le16(bytes + 11) >= 512 && (bytes[0] == 0xEB || bytes[0] == 0xE9);
}

static bool is_filesystem(const uint8_t *bytes, size_t len)
{
    return (len >= 16 && memcmp(bytes + 8, "littlefs", 8) == 0) || is_fat(bytes, len);
}

/* --- magic numbers of others -------------------------------------------------------------------
 */

static const struct {
    sniff_kind_t kind;
    uint8_t len;
    uint8_t magic[6];
} magics[] = {
    {SNIFF_GZIP, 2, {0x1F, 0x8B}},
    {SNIFF_ZIP, 4, {'P', 'K', 3, 4}},
    {SNIFF_ZIP, 4, {'P', 'K', 5, 6}},
    {SNIFF_XZ, 6, {0xFD, '7', 'z', 'X', 'Z', 0}},
    {SNIFF_ARCHIVE, 3, {'B', 'Z', 'h'}},
    {SNIFF_ARCHIVE, 4, {0x28, 0xB5, 0x2F, 0xFD}},
    {SNIFF_ARCHIVE, 6, {'7', 'z', 0xBC, 0xAF, 0x27, 0x1C}},
    {SNIFF_ARCHIVE, 4, {0x04, 0x22, 0x4D, 0x18}},
    {SNIFF_ARCHIVE, 4, {'R', 'a', 'r', '!'}},
    {SNIFF_ELF, 4, {0x7F, 'E', 'L', 'F'}},
    {SNIFF_UF2, 4, {'U', 'F', '2', '\n'}},
    {SNIFF_ENCRYPTED_IMAGE, 4, {0xCF, 0xB6, 0x88, 0x07}},
    {SNIFF_DELTA, 4, {0x10, 0xDE, 0xCD, 0xFC}},
    {SNIFF_MCUBOOT, 4, {0x3D, 0xB8, 0xF3, 0x96}},
    {SNIFF_MEDIA, 4, {0x89, 'P', 'N', 'G'}},
    {SNIFF_MEDIA, 3, {0xFF, 0xD8, 0xFF}},
    {SNIFF_MEDIA, 4, {'%', 'P', 'D', 'F'}},
    {SNIFF_MEDIA, 4, {'G', 'I', 'F', '8'}},
};

static bool is_magic(const uint8_t *bytes, size_t len, sniff_t *out)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        if (len >= magics[i].len && memcmp(bytes, magics[i].magic, magics[i].len) == 0) {
            out->kind = magics[i].kind;
            return true;
        }
    }
    return false;
}

/* --- the order of judgement ----------------------------------------------------------------------
 */

static size_t first_not_blank(const uint8_t *bytes, size_t len)
{
    size_t at = 0;
    while (at < len && bytes[at] == 0xFF) {
        at++;
    }
    return at;
}

static bool is_uniform(const uint8_t *bytes, size_t len, sniff_t *out)
{
    if (len == 0 || out->first_used == len) {
        out->kind = len == 0 ? SNIFF_EMPTY : SNIFF_BLANK;
        return true;
    }
    out->kind = SNIFF_ZEROES;
    return all_of(bytes, len, 0);
}

static bool is_structured(const uint8_t *bytes, size_t len, sniff_t *out)
{
    if (is_flash(bytes, len, out) || is_image(bytes, len, out)) {
        return true;
    }
    out->table_at = 0;
    out->kind = sniff_table_at(bytes, len, 0) ? SNIFF_TABLE
                : is_otadata(bytes, len)      ? SNIFF_OTADATA
                : is_esp8266(bytes, len)      ? SNIFF_ESP8266
                : is_filesystem(bytes, len)   ? SNIFF_FILESYSTEM
                : is_nvs(bytes, len)          ? SNIFF_NVS
                                              : SNIFF_UNKNOWN;
    return out->kind != SNIFF_UNKNOWN;
}

/* Text in front of an image, or bytes of some transfer. */
static void look_behind(const uint8_t *bytes, size_t len, sniff_t *out)
{
    size_t at = sniff_find_app(bytes, len, 1, GLUE);
    if (at != SIZE_MAX) {
        describe_image(bytes, len, at, out);
        out->has_app = true;
    }
}

void sniff(const uint8_t *bytes, size_t len, sniff_t *out)
{
    *out = (sniff_t){.kind = SNIFF_UNKNOWN, .chip_id = OTA_CHIP_ID_INVALID};
    out->first_used = first_not_blank(bytes, len);
    if (is_uniform(bytes, len, out)) {
        return;
    }
    size_t used;
    out->entropy = sniff_entropy(bytes, len, &used);
    if (is_structured(bytes, len, out) || is_magic(bytes, len, out)) {
        return;
    }
    out->kind = sniff_text(bytes, len);
    if (out->kind == SNIFF_HTTP || out->kind == SNIFF_MULTIPART) {
        look_behind(bytes, len, out);
        return;
    }
    if (out->kind != SNIFF_UNKNOWN) {
        return;
    }
    look_behind(bytes, len, out);
    if (out->has_app) {
        out->kind = SNIFF_SHIFTED;
    } else if (sniff_is_random(out->entropy, used)) {
        out->kind = SNIFF_RANDOM;
    }
}
