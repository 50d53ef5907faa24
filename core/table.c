/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/table.h"

#include "core/bytes.h"
#include "core/md5.h"

/*
 *   +0  magic     AA 50 entry, EB EB digest
 *   +2  type
 *   +3  subtype
 *   +4  offset    (digest: FF fill, read by nobody)
 *   +8  size
 *   +12 label[16] (digest: MD5 at +16)
 *   +28 flags
 */
#define MAGIC_ENTRY  0x50AAu
#define MAGIC_DIGEST 0xEBEBu
#define MAGIC_END    0xFFFFu
#define AT_TYPE      2u
#define AT_SUBTYPE   3u
#define AT_OFFSET    4u
#define AT_SIZE      8u
#define AT_LABEL     12u
#define AT_FLAGS     28u
#define AT_DIGEST    16u

static COLD ota_status_t fail(ota_fault_t *fault, ota_status_t status, size_t offset,
                              uint32_t found, uint32_t expected)
{
    if (fault != NULL) {
        fault->status = status;
        fault->offset = (uint32_t)offset;
        fault->found = found;
        fault->expected = expected;
    }
    return status;
}

static ota_status_t check_digest(const uint8_t *bytes, size_t at, ota_fault_t *fault)
{
    uint8_t digest[MD5_SIZE];
    const uint8_t *stored = bytes + at + AT_DIGEST;
    ota_md5(bytes, at, digest);
    if (memcmp(digest, stored, MD5_SIZE) == 0) {
        return OTA_OK;
    }
    return fail(fault, OTA_ERR_TABLE_MD5, at + AT_DIGEST, ota_get_le32(stored),
                ota_get_le32(digest));
}

/* v6.1 and later: no sum that could wrap. Older bootloaders compared offset + size in 32 bits. */
static ota_status_t check_range(const uint8_t *slot, size_t at, uint32_t chip_size,
                                ota_fault_t *fault)
{
    uint32_t offset = ota_get_le32(slot + AT_OFFSET);
    uint32_t size = ota_get_le32(slot + AT_SIZE);
    if (offset > chip_size) {
        return fail(fault, OTA_ERR_TABLE_RANGE, at + AT_OFFSET, offset, chip_size);
    }
    if (size > chip_size - offset) {
        return fail(fault, OTA_ERR_TABLE_RANGE, at + AT_SIZE, size, chip_size - offset);
    }
    return OTA_OK;
}

static bool is_end(const uint8_t *slot)
{
    return ota_get_le16(slot) == MAGIC_END && slot[AT_TYPE] == 0xFFu && slot[AT_SUBTYPE] == 0xFFu;
}

/* One slot that is not the end marker. */
static ota_status_t check_slot(const uint8_t *bytes, size_t at, uint32_t chip_size,
                               uint32_t *digests, ota_fault_t *fault)
{
    uint16_t magic = ota_get_le16(bytes + at);
    if (magic == MAGIC_ENTRY) {
        return check_range(bytes + at, at, chip_size, fault);
    }
    if (magic != MAGIC_DIGEST) {
        return fail(fault, OTA_ERR_TABLE_MAGIC, at, magic, MAGIC_ENTRY);
    }
    if ((*digests)++ > 0) {
        return fail(fault, OTA_ERR_TABLE_MD5_TWICE, at, magic, MAGIC_END);
    }
    return check_digest(bytes, at, fault);
}

ota_status_t ota_table_open_boot(ota_table_t *table, const uint8_t *bytes, size_t len,
                                 uint32_t chip_size, ota_fault_t *fault)
{
    if (table == NULL || bytes == NULL) {
        return fail(fault, OTA_ERR_ARG, 0, 0, 0);
    }
    size_t limit = min_size(len, OTA_TABLE_SIZE);
    uint32_t digests = 0;
    size_t at = 0;
    while (limit - at >= OTA_TABLE_ENTRY && !is_end(bytes + at)) {
        ota_status_t status = check_slot(bytes, at, chip_size, &digests, fault);
        if (status != OTA_OK) {
            return status;
        }
        at += OTA_TABLE_ENTRY;
    }
    if (limit - at < OTA_TABLE_ENTRY) {
        return fail(fault, OTA_ERR_TABLE_NO_END, at, 0, MAGIC_END);
    }
    if (at == 0) {
        return fail(fault, OTA_ERR_TABLE_EMPTY, 0, MAGIC_END, MAGIC_ENTRY);
    }
    table->bytes = bytes;
    table->count = (uint32_t)(at / OTA_TABLE_ENTRY) - digests;
    return OTA_OK;
}

ota_status_t ota_table_open_app(ota_table_t *table, const uint8_t *bytes, size_t len,
                                ota_fault_t *fault)
{
    if (table == NULL || bytes == NULL) {
        return fail(fault, OTA_ERR_ARG, 0, 0, 0);
    }
    size_t limit = min_size(len, OTA_TABLE_SECTOR);
    size_t at = 0;
    while (limit - at >= OTA_TABLE_ENTRY && ota_get_le16(bytes + at) == MAGIC_ENTRY) {
        at += OTA_TABLE_ENTRY;
    }
    if (limit - at < OTA_TABLE_ENTRY) {
        return fail(fault, OTA_ERR_TABLE_MD5_MISSING, at, 0, MAGIC_DIGEST);
    }
    uint16_t magic = ota_get_le16(bytes + at);
    if (magic != MAGIC_DIGEST) {
        return fail(fault, OTA_ERR_TABLE_MD5_MISSING, at, magic, MAGIC_DIGEST);
    }
    ota_status_t status = check_digest(bytes, at, fault);
    if (status == OTA_OK) {
        table->bytes = bytes;
        table->count = (uint32_t)(at / OTA_TABLE_ENTRY);
    }
    return status;
}

static void decode(const uint8_t slot[OTA_TABLE_ENTRY], ota_part_t *part)
{
    part->type = slot[AT_TYPE];
    part->subtype = slot[AT_SUBTYPE];
    part->offset = ota_get_le32(slot + AT_OFFSET);
    part->size = ota_get_le32(slot + AT_SIZE);
    part->flags = ota_get_le32(slot + AT_FLAGS);
    memcpy(part->label, slot + AT_LABEL, OTA_LABEL_MAX);
    part->label[OTA_LABEL_MAX] = '\0';
}

ota_status_t ota_table_get(const ota_table_t *table, uint32_t index, ota_part_t *part)
{
    if (index >= table->count) {
        return OTA_ERR_ARG;
    }
    decode(table->bytes + (size_t)index * OTA_TABLE_ENTRY, part);
    return OTA_OK;
}

static bool matches(const ota_part_t *part, int type, int subtype, const char *label)
{
    return (type == OTA_ANY || type == part->type) &&
           (subtype == OTA_ANY || subtype == part->subtype) &&
           (label == NULL || strcmp(label, part->label) == 0);
}

ota_status_t ota_table_find(const ota_table_t *table, uint32_t *index, int type, int subtype,
                            const char *label, ota_part_t *part)
{
    while (*index < table->count) {
        const uint8_t *slot = table->bytes + (size_t)(*index)++ * OTA_TABLE_ENTRY;
        decode(slot, part);
        /* A table with entries behind its digest has that digest among the rows. */
        if (ota_get_le16(slot) == MAGIC_ENTRY && matches(part, type, subtype, label)) {
            return OTA_OK;
        }
    }
    return OTA_ERR_NOT_IN_TABLE;
}

void ota_table_encode(uint8_t slot[OTA_TABLE_ENTRY], const ota_part_t *part)
{
    ota_put_le16(slot, MAGIC_ENTRY);
    slot[AT_TYPE] = part->type;
    slot[AT_SUBTYPE] = part->subtype;
    ota_put_le32(slot + AT_OFFSET, part->offset);
    ota_put_le32(slot + AT_SIZE, part->size);
    bool more = true;
    for (size_t i = 0; i < OTA_LABEL_MAX; i++) {
        more = more && part->label[i] != '\0';
        slot[AT_LABEL + i] = more ? (uint8_t)part->label[i] : 0;
    }
    ota_put_le32(slot + AT_FLAGS, part->flags);
}

void ota_table_encode_md5(uint8_t slot[OTA_TABLE_ENTRY], const uint8_t *entries, uint32_t count)
{
    memset(slot, 0xFF, AT_DIGEST);
    ota_put_le16(slot, MAGIC_DIGEST);
    ota_md5(entries, (size_t)count * OTA_TABLE_ENTRY, slot + AT_DIGEST);
}

bool ota_part_encrypted(const ota_part_t *part)
{
    switch (part->type) {
    case OTA_TYPE_APP:
    case OTA_TYPE_BOOTLOADER:
    case OTA_TYPE_TABLE:
        return true;
    case OTA_TYPE_DATA:
        if (part->subtype == OTA_SUBTYPE_OTADATA || part->subtype == OTA_SUBTYPE_TEE_OTADATA ||
            part->subtype == OTA_SUBTYPE_NVS_KEYS) {
            return true;
        }
        break;
    default:
        break;
    }
    return (part->flags & OTA_PART_ENCRYPTED) != 0;
}

bool ota_part_is_slot(const ota_part_t *part)
{
    return part->type == OTA_TYPE_APP && part->subtype >= OTA_SUBTYPE_OTA_0 &&
           part->subtype <= OTA_SUBTYPE_OTA_15;
}

bool ota_part_equal(const ota_part_t *a, const ota_part_t *b)
{
    return a->type == b->type && a->subtype == b->subtype && a->offset == b->offset &&
           a->size == b->size && strcmp(a->label, b->label) == 0;
}
