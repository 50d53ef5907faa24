/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing the two sectors as records. include/ota/record.h draws the bytes. */
#include "core/bytes.h"
#include "core/commit.h"
#include "core/crc32.h"

#define SEAL_1    0x5Au
#define SEAL_2    0xA5u
#define WIPED     0x3Cu
#define BLOCK     16u /* one encrypted block */
#define TOLERATED 16u /* bits of a block that may differ */
#define ROTTEN    8u  /* bits of blank cells that may have fallen */
#define READINGS  4   /* of a sector, at most */

_Static_assert(OTA_SEAL_SIZE == 2 * BLOCK, "a seal is two blocks");
_Static_assert(OTA_WIPED_AT + OTA_SEAL_SIZE <= OTA_JOURNAL_AT, "the journal follows");

/* --- reading ---------------------------------------------------------------------------- */

static uint32_t bits_set(uint32_t byte)
{
    uint32_t n = 0;
    for (; byte != 0; byte &= byte - 1u) {
        n++;
    }
    return n;
}

static bool block_reads(const uint8_t *block, uint8_t pattern)
{
    uint32_t differing = 0;
    for (uint32_t i = 0; i < BLOCK; i++) {
        differing += bits_set((uint32_t)(block[i] ^ pattern));
    }
    return differing <= TOLERATED;
}

static bool seal_counts(const uint8_t *seal, uint8_t pattern)
{
    return block_reads(seal, pattern) || block_reads(seal + BLOCK, pattern);
}

/* More than a few rotten bits: the rest of a record, whose erase or whose writing a cut ended. */
static bool littered(const uint8_t record[OTA_RECORD_SIZE])
{
    uint32_t cleared = 0;
    for (uint32_t i = 0; i < OTA_RECORD_SIZE; i++) {
        cleared += bits_set((uint32_t)record[i] ^ 0xFFu);
    }
    return cleared > ROTTEN && ota_record_remains(record);
}

void ota_otadata_decode(ota_otadata_t *od, int i, const uint8_t bytes[OTA_JOURNAL_AT])
{
    ota_entry_decode(&od->copy[i], bytes);
    uint8_t marks = ota_record_decode(&od->record[i], bytes + OTA_RECORD_AT) ? OTA_MARK_WHOLE : 0;
    marks |= seal_counts(bytes + OTA_SEAL_1_AT, SEAL_1) ? OTA_MARK_SEAL_1 : 0;
    bool ours = (marks & OTA_MARKS_SEALED) != 0;
    marks |= !ours && littered(bytes + OTA_RECORD_AT) ? OTA_MARK_LITTER : 0;
    marks |= seal_counts(bytes + OTA_SEAL_2_AT, SEAL_2) ? OTA_MARK_SEAL_2 : 0;
    marks |= seal_counts(bytes + OTA_WIPED_AT, WIPED) ? OTA_MARK_WIPED : 0;
    od->marks[i] = marks;
}

void ota_otadata_blank(ota_otadata_t *od)
{
    for (int i = 0; i < 2; i++) {
        ota_entry_blank(&od->copy[i]);
        ota_record_blank(&od->record[i]);
        od->marks[i] = 0;
    }
}

/* Neither a record that counts nor known to be empty: what one bad read can make of a good sector.
 */
static bool unclear(uint8_t marks)
{
    return (marks & OTA_MARKS_SEALED) != OTA_MARKS_SEALED && (marks & OTA_MARK_WIPED) == 0;
}

/* *crc, if somebody compares it: of a sector that is unclear. */
static ota_status_t read_sector(const ota_flash_t *flash, ota_region_t where, int i,
                                ota_otadata_t *od, uint32_t *crc)
{
    uint8_t bytes[OTA_JOURNAL_AT] = {0}; /* a read that delivers nothing must not pass */
    uint32_t address = where.offset + (uint32_t)i * OTA_OTADATA_SECTOR;
    ota_status_t status = ota_flash_read(flash, address, bytes, sizeof(bytes));
    if (status == OTA_OK) {
        ota_otadata_decode(od, i, bytes);
        /* Erased cells of encrypted flash read as anything. */
        od->marks[i] &= flash->encrypted_unit != 0 ? (uint8_t)~OTA_MARK_LITTER : 0xFFu;
        if (crc != NULL && unclear(od->marks[i])) {
            *crc = ota_crc32(0, bytes, sizeof(bytes));
        }
    }
    return status;
}

static ota_status_t read_surely(const ota_flash_t *flash, ota_region_t where, int i,
                                ota_otadata_t *od)
{
    uint32_t last = 0;
    ota_status_t status = read_sector(flash, where, i, od, &last);
    for (int more = 1; more < READINGS && (status != OTA_OK || unclear(od->marks[i])); more++) {
        uint32_t before = last;
        ota_status_t again = read_sector(flash, where, i, od, &last);
        if (again == OTA_OK && status == OTA_OK && last == before) {
            break;
        }
        status = status == OTA_OK ? OTA_OK : again;
    }
    return status;
}

ota_status_t ota_otadata_read(const ota_flash_t *flash, ota_region_t where, ota_otadata_t *od)
{
    ota_status_t status = ota_otadata_check(where);
    for (int i = 0; status == OTA_OK && i < 2; i++) {
        status = read_sector(flash, where, i, od, NULL);
    }
    return status;
}

ota_status_t ota_otadata_read_surely(const ota_flash_t *flash, ota_region_t where,
                                     ota_otadata_t *od)
{
    ota_status_t status = ota_otadata_check(where);
    for (int i = 0; status == OTA_OK && i < 2; i++) {
        status = read_surely(flash, where, i, od);
    }
    return status;
}

/* --- writing ---------------------------------------------------------------------------- */

static ota_status_t seal(const ota_flash_t *flash, uint32_t address, uint8_t pattern)
{
    uint8_t bytes[OTA_SEAL_SIZE];
    memset(bytes, pattern, sizeof(bytes));
    return ota_flash_program(flash, address, bytes, sizeof(bytes));
}

static ota_status_t write_seals(const ota_flash_t *flash, uint32_t address)
{
    ota_status_t status = seal(flash, address + OTA_SEAL_1_AT, SEAL_1);
    return status == OTA_OK ? seal(flash, address + OTA_SEAL_2_AT, SEAL_2) : status;
}

/* State and crc before seq: until the seq is there, nobody takes the entry for one. */
static ota_status_t write_entry(const ota_flash_t *flash, uint32_t address,
                                const ota_entry_t *entry)
{
    uint8_t bytes[OTA_ENTRY_SIZE];
    ota_entry_encode(bytes, entry);
    if (flash->program_unit > BLOCK) {
        return ota_flash_program(flash, address, bytes, sizeof(bytes));
    }
    ota_status_t status = ota_flash_program(flash, address + BLOCK, bytes + BLOCK, BLOCK);
    return status == OTA_OK ? ota_flash_program(flash, address, bytes, BLOCK) : status;
}

static ota_status_t write_record(const ota_flash_t *flash, uint32_t address,
                                 const ota_record_t *record, const ota_entry_t *entry)
{
    uint8_t bytes[OTA_RECORD_SIZE];
    ota_record_encode(bytes, record);
    ota_status_t status = ota_flash_program(flash, address + OTA_RECORD_AT, bytes, sizeof(bytes));
    if (status == OTA_OK && !ota_entry_is_blank(entry)) {
        status = write_entry(flash, address, entry);
    }
    return status == OTA_OK ? write_seals(flash, address) : status;
}

static ota_status_t same_bytes(const ota_flash_t *flash, uint32_t address, const uint8_t *bytes,
                               size_t len)
{
    uint8_t found[OTA_RECORD_SIZE] = {0}; /* a read that delivers nothing must not pass */
    ota_status_t status = ota_flash_read(flash, address, found, len);
    return status == OTA_OK && memcmp(found, bytes, len) != 0 ? OTA_ERR_FLASH_MISMATCH : status;
}

static ota_status_t seal_reads(const ota_flash_t *flash, uint32_t address, uint8_t pattern)
{
    uint8_t found[OTA_SEAL_SIZE] = {0};
    ota_status_t status = ota_flash_read(flash, address, found, sizeof(found));
    return status == OTA_OK && !seal_counts(found, pattern) ? OTA_ERR_FLASH_MISMATCH : status;
}

/* No cell would have to rise: blank, or what a cut left of an earlier attempt. */
static ota_status_t takes(const ota_flash_t *flash, uint32_t address, const uint8_t *bytes,
                          size_t len, bool *fits)
{
    uint8_t found[OTA_RECORD_SIZE];
    memset(found, 0xFF, sizeof(found)); /* programming is harmless, erasing the other is not */
    ota_status_t status = ota_flash_read(flash, address, found, len);
    for (size_t i = 0; i < len; i++) {
        *fits = *fits && (found[i] & bytes[i]) == bytes[i];
    }
    return status;
}

static ota_status_t seal_takes(const ota_flash_t *flash, uint32_t address, uint8_t pattern,
                               bool *fits)
{
    uint8_t bytes[OTA_SEAL_SIZE];
    memset(bytes, pattern, sizeof(bytes));
    return takes(flash, address, bytes, sizeof(bytes), fits);
}

/* Block by block, what of a seal can be programmed once more. */
static ota_status_t seal_again(const ota_flash_t *flash, uint32_t address, uint8_t pattern)
{
    uint8_t bytes[OTA_SEAL_SIZE];
    uint32_t step = flash->program_unit > BLOCK ? OTA_SEAL_SIZE : BLOCK;
    ota_status_t status = OTA_OK;
    memset(bytes, pattern, sizeof(bytes));
    for (uint32_t at = 0; status == OTA_OK && at < OTA_SEAL_SIZE; at += step) {
        bool fits = true;
        status = takes(flash, address + at, bytes, step, &fits);
        if (status == OTA_OK && fits) {
            status = ota_flash_program(flash, address + at, bytes, step);
        }
    }
    return status;
}

/* A rotted record stands on its seals. */
static ota_status_t stand(const ota_otadata_t *od, int i, const ota_flash_t *flash,
                          uint32_t address)
{
    if ((od->marks[i] & OTA_MARK_SEAL_1) == 0) {
        return OTA_OK;
    }
    ota_status_t status = seal_again(flash, address + OTA_SEAL_1_AT, SEAL_1);
    return status == OTA_OK ? seal_again(flash, address + OTA_SEAL_2_AT, SEAL_2) : status;
}

/* Erased cells of encrypted flash read as anything; but nothing of ours got as far as seal 2 there
 * and does not read, unless it has rotted. What a cut left of an attempt is the same bytes. */
static ota_status_t sector_takes(const ota_otadata_t *od, int i, const ota_flash_t *flash,
                                 uint32_t address, const uint8_t record[OTA_RECORD_SIZE],
                                 bool *fits)
{
    if (flash->encrypted_unit != 0) {
        *fits = (od->marks[i] & OTA_MARK_SEAL_2) == 0;
        return OTA_OK;
    }
    *fits = true;
    ota_status_t status = takes(flash, address + OTA_RECORD_AT, record, OTA_RECORD_SIZE, fits);
    if (status == OTA_OK) {
        status = seal_takes(flash, address + OTA_SEAL_1_AT, SEAL_1, fits);
    }
    return status == OTA_OK ? seal_takes(flash, address + OTA_SEAL_2_AT, SEAL_2, fits) : status;
}

/*
 * seal 1 | record | seal 2. Seal 1 first: with it the entry counts whatever a cut leaves of the
 * record. Seal 2 last: until it is there, the record may only read as whole.
 */
static ota_status_t write_behind(const ota_flash_t *flash, uint32_t address,
                                 const uint8_t record[OTA_RECORD_SIZE])
{
    ota_status_t status = seal(flash, address + OTA_SEAL_1_AT, SEAL_1);
    if (status == OTA_OK) { /* a whole record without it would stand in the entry's way */
        status = seal_reads(flash, address + OTA_SEAL_1_AT, SEAL_1);
    }
    if (status == OTA_OK) {
        status = ota_flash_program(flash, address + OTA_RECORD_AT, record, OTA_RECORD_SIZE);
    }
    if (status == OTA_OK) {
        status = seal(flash, address + OTA_SEAL_2_AT, SEAL_2);
    }
    return status == OTA_OK ? same_bytes(flash, address + OTA_RECORD_AT, record, OTA_RECORD_SIZE)
                            : status;
}

/* The entry once more, and a record behind it, if all of it can be programmed. */
APART static ota_status_t adopt(const ota_commit_t *commit, const ota_otadata_t *od,
                                const ota_flash_t *flash, uint32_t address, bool *adopted)
{
    uint8_t bytes[OTA_RECORD_SIZE];
    ota_record_encode(bytes, &commit->before);
    ota_status_t status = write_entry(flash, address, &od->copy[commit->firm]);
    if (status == OTA_OK) {
        status = sector_takes(od, commit->firm, flash, address, bytes, adopted);
    }
    if (status != OTA_OK || !*adopted) {
        return status == OTA_OK ? stand(od, commit->firm, flash, address) : status;
    }
    status = write_behind(flash, address, bytes);
    *adopted = status == OTA_OK;
    bool only_tried = flash->encrypted_unit != 0 &&
                      (status == OTA_ERR_FLASH_NOT_BLANK || status == OTA_ERR_FLASH_MISMATCH);
    return only_tried ? OTA_OK : status;
}

/* A record whose entry does not read: it will be written anew. Seal 2 would vouch for the entry
 * too, which may read again another day. */
static ota_status_t firm_record(const ota_flash_t *flash, uint32_t address,
                                const ota_record_t *record)
{
    uint8_t bytes[OTA_RECORD_SIZE];
    ota_record_encode(bytes, record);
    ota_status_t status = ota_flash_program(flash, address + OTA_RECORD_AT, bytes, sizeof(bytes));
    return status == OTA_OK ? seal(flash, address + OTA_SEAL_1_AT, SEAL_1) : status;
}

/* The same bytes once more: cells that a cut left between two values become what they read as. */
static ota_status_t firm_up(const ota_commit_t *commit, const ota_otadata_t *od, uint8_t count,
                            const ota_flash_t *flash, uint32_t address, bool *adopted)
{
    int i = commit->firm;
    ota_entry_t entry = od->copy[i];
    if (commit->foreign) {
        return adopt(commit, od, flash, address, adopted);
    }
    if (!ota_commit_entry_fits(od, i, count)) {
        return firm_record(flash, address, &od->record[i]);
    }
    if (!ota_entry_crc_ok(&entry)) {
        ota_entry_blank(&entry); /* it has none */
    }
    return write_record(flash, address, &od->record[i], &entry);
}

/* What cannot be read back was not written: then nothing has been promised either. */
APART static ota_status_t read_back(const ota_record_t *record, const ota_entry_t *entry,
                                    const ota_flash_t *flash, uint32_t address)
{
    uint8_t bytes[OTA_RECORD_SIZE];
    ota_record_encode(bytes, record);
    ota_status_t status = same_bytes(flash, address + OTA_RECORD_AT, bytes, sizeof(bytes));
    if (status == OTA_OK && !ota_entry_is_blank(entry)) {
        ota_entry_encode(bytes, entry);
        status = same_bytes(flash, address, bytes, OTA_ENTRY_SIZE);
    }
    if (status == OTA_OK) {
        status = seal_reads(flash, address + OTA_SEAL_1_AT, SEAL_1);
    }
    return status == OTA_OK ? seal_reads(flash, address + OTA_SEAL_2_AT, SEAL_2) : status;
}

static ota_status_t write_sector(const ota_record_t *record, uint8_t count,
                                 const ota_flash_t *flash, uint32_t address)
{
    ota_entry_t entry;
    ota_commit_entry(record, count, &entry);
    ota_status_t status = ota_flash_erase(flash, address, OTA_OTADATA_SECTOR);
    if (status == OTA_OK) {
        status = write_record(flash, address, record, &entry);
    }
    return status == OTA_OK ? read_back(record, &entry, flash, address) : status;
}

static ota_status_t wipe(const ota_flash_t *flash, uint32_t address)
{
    ota_status_t status = ota_flash_erase(flash, address, OTA_OTADATA_SECTOR);
    return status == OTA_OK ? seal(flash, address + OTA_WIPED_AT, WIPED) : status;
}

static ota_status_t wipe_all(uint32_t sectors, const ota_flash_t *flash, const uint32_t address[2])
{
    ota_status_t status = OTA_OK;
    for (int i = 0; status == OTA_OK && i < 2; i++) {
        if ((sectors >> i & 1u) != 0) {
            status = wipe(flash, address[i]);
        }
    }
    return status;
}

static ota_status_t write_records(const ota_commit_t *commit, uint8_t count,
                                  const ota_flash_t *flash, const uint32_t address[2])
{
    ota_record_t record;
    ota_status_t status = write_sector(&commit->record, count, flash, address[commit->write]);
    if (status != OTA_OK || !commit->behind) {
        return status;
    }
    ota_commit_behind(commit, count, &record);
    return write_sector(&record, count, flash, address[commit->write ^ 1]);
}

ota_status_t ota_commit_execute(const ota_commit_t *commit, const ota_otadata_t *od, uint8_t count,
                                const ota_flash_t *flash, ota_region_t where)
{
    ota_status_t status = ota_commit_idle(commit) ? OTA_OK : ota_otadata_check(where);
    uint32_t address[2] = {where.offset, where.offset + OTA_OTADATA_SECTOR};
    bool adopted = false;
    if (status == OTA_OK && commit->firm >= 0) {
        status = firm_up(commit, od, count, flash, address[commit->firm], &adopted);
    }
    if (status == OTA_OK && commit->write >= 0 && !(commit->spare && adopted)) {
        status = write_records(commit, count, flash, address);
    }
    return status == OTA_OK ? wipe_all(ota_commit_wipes(commit, adopted), flash, address) : status;
}
