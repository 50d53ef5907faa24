/* SPDX-License-Identifier: Apache-2.0 */
/* What is in force, and what the next record takes: pure. commit_write.c carries it out. */
#include "core/commit.h"
#include "core/crc32.h"

#define TAG_AT 16u /* in the label: its last four bytes */
#include "core/bytes.h"

static bool has(const ota_otadata_t *od, int i, uint8_t marks)
{
    return (od->marks[i] & marks) == marks;
}

static bool whole(const ota_otadata_t *od, int i)
{
    return has(od, i, OTA_MARK_WHOLE);
}

static bool sealed(const ota_otadata_t *od, int i)
{
    return has(od, i, OTA_MARKS_SEALED);
}

static bool names(const ota_record_t *record, uint8_t count)
{
    return record->slot >= 0 && record->slot < (ota_slot_t)count;
}

static void tag(const ota_entry_t *entry, uint8_t bytes[4])
{
    uint8_t about[8];
    ota_put_le32(about, entry->seq);
    ota_put_le32(about + 4, entry->state);
    ota_put_le32(bytes, ota_crc32(0, about, sizeof(about)));
}

void ota_commit_entry(const ota_record_t *record, uint8_t count, ota_entry_t *entry)
{
    ota_entry_blank(entry);
    if (names(record, count)) {
        entry->seq = record->seq;
        entry->crc = ota_entry_crc(record->seq);
        entry->state = record->trial == 0  ? ota_record_state(record, record->slot)
                       : record->left != 0 ? OTA_STATE_NEW
                                           : OTA_STATE_PENDING;
        tag(entry, entry->label + TAG_AT);
    }
}

/* Beside one of our records. Stock software copies the label and changes what the tag is about. */
static bool tagged(const ota_entry_t *entry)
{
    uint8_t right[4];
    tag(entry, right);
    return memcmp(entry->label + TAG_AT, right, sizeof(right)) == 0;
}

/* The entry says what one beside this record would, by this table's count. */
static bool says(const ota_entry_t *found, const ota_record_t *record, uint8_t count)
{
    ota_entry_t entry;
    if (!names(record, count)) { /* erased cells of encrypted flash do not read as FF */
        return !ota_entry_crc_ok(found);
    }
    ota_commit_entry(record, count, &entry);
    return found->seq == entry.seq && found->crc == entry.crc && found->state == entry.state &&
           ota_entry_slot(&entry, count) == record->slot;
}

bool ota_commit_entry_fits(const ota_otadata_t *od, int i, uint8_t count)
{
    return whole(od, i) && says(&od->copy[i], &od->record[i], count);
}

/* --- in force --------------------------------------------------------------------------- */

/* No whole record: of a write of ours that never got its seal, or whose erase a cut ended. With a
 * seal the record has rotted, and the entry counts. */
static bool unfinished(const ota_otadata_t *od, int i)
{
    return !has(od, i, OTA_MARK_SEAL_1) && (tagged(&od->copy[i]) || has(od, i, OTA_MARK_LITTER));
}

/* Under a stock bootloader the entry decides; without one factory boots, as a record without entry
 * says. */
static bool counts(const ota_otadata_t *od, int i, bool stock)
{
    bool valid = ota_entry_valid(&od->copy[i]);
    if (stock) {
        return valid || (sealed(od, i) && !ota_entry_crc_ok(&od->copy[i]));
    }
    return sealed(od, i) || (valid && !whole(od, i) && !unfinished(od, i));
}

static uint32_t seq_of(const ota_otadata_t *od, int i)
{
    return whole(od, i) ? od->record[i].seq : od->copy[i].seq;
}

/* Our record in sector i was written later than what the other sector holds, whatever the numbers
 * say: the count started again. */
static bool replaces(const ota_otadata_t *od, int i)
{
    return whole(od, i) && od->record[i].replaces == seq_of(od, i ^ 1);
}

/* Stock software counts entries only: over a record without one it starts from 1. */
static bool started_over(const ota_otadata_t *od, int i)
{
    return !whole(od, i) && whole(od, i ^ 1) && !ota_entry_crc_ok(&od->copy[i ^ 1]);
}

/* Both count, by our rules. Two that replace each other: the one without an entry was there first,
 * since stock software started over beside it. */
static bool later(const ota_otadata_t *od, int i)
{
    if (started_over(od, i)) {
        return true;
    }
    return replaces(od, i) && (!replaces(od, i ^ 1) || !ota_entry_crc_ok(&od->copy[i ^ 1]));
}

/* Both count. */
static int newer(const ota_otadata_t *od, bool stock)
{
    if (stock && ota_entry_valid(&od->copy[0]) != ota_entry_valid(&od->copy[1])) {
        return ota_entry_valid(&od->copy[1]) ? 1 : 0;
    }
    if (!stock && (later(od, 0) || later(od, 1))) {
        return later(od, 0) ? 0 : 1;
    }
    return seq_of(od, 1) > seq_of(od, 0) ? 1 : 0;
}

static int8_t in_force(const ota_otadata_t *od, bool stock)
{
    bool first = counts(od, 0, stock);
    bool second = counts(od, 1, stock);
    if (first && second) {
        return (int8_t)newer(od, stock);
    }
    if (first) {
        return 0;
    }
    return second ? 1 : OTA_SECTOR_NONE;
}

/* --- what stock software left, as a record ------------------------------------------------ */

/* How many boots of it one of our own trials still had went with its record: the last one is left.
 * More, and cuts at the right places would renew a trial for ever. */
static void take_trial(ota_record_t *record, const ota_entry_t *entry,
                       const ota_boot_config_t *config)
{
    uint32_t state = entry->state;
    if (!ota_boot_config_trials(config) || (state != OTA_STATE_NEW && state != OTA_STATE_PENDING)) {
        return;
    }
    record->trial = ota_commit_trial_boots(config);
    record->left = state == OTA_STATE_PENDING ? 0 : tagged(entry) ? 1u : record->trial;
}

uint8_t ota_commit_trial_boots(const ota_boot_config_t *config)
{
    if (config->policy == OTA_POLICY_STOCK) {
        return 1;
    }
    return config->trial_boots != 0 ? config->trial_boots : (uint8_t)OTA_TRIAL_BOOTS;
}

/* What the other sector still knows: it is older. */
static void take_fallback(ota_record_t *record, const ota_otadata_t *od, int other, uint8_t count)
{
    if (sealed(od, other)) {
        const ota_record_t *older = &od->record[other];
        record->states = older->states;
        record->refused = older->refused;
        record->fallback = older->slot != record->slot ? older->slot : older->fallback;
    } else if (!whole(od, other) && ota_entry_valid(&od->copy[other])) {
        ota_slot_t slot = ota_entry_slot(&od->copy[other], count);
        record->fallback = slot != record->slot ? slot : OTA_SLOT_NONE;
        ota_record_set_state(record, slot, od->copy[other].state);
    }
}

static void take_entry(ota_commit_t *commit, const ota_otadata_t *od,
                       const ota_boot_config_t *config, uint8_t count)
{
    const ota_entry_t *entry = &od->copy[commit->sector];
    ota_record_t *record = &commit->record;
    commit->foreign = true;
    record->seq = entry->seq;
    record->replaces =
        started_over(od, commit->sector) ? seq_of(od, commit->sector ^ 1) : entry->seq;
    record->slot = ota_entry_slot(entry, count);
    take_fallback(record, od, commit->sector ^ 1, count);
    take_trial(record, entry, config);
    ota_record_set_state(record, record->slot, entry->state);
}

/* A newer entry of stock software that rejects its slot says nothing of what boots, but that. */
static void take_rejection(ota_record_t *record, const ota_otadata_t *od, int i, uint8_t count)
{
    const ota_entry_t *entry = &od->copy[i];
    ota_slot_t slot = ota_entry_slot(entry, count);
    if (whole(od, i) || !ota_entry_crc_ok(entry) || !ota_entry_rejected(entry) ||
        slot == record->slot) {
        return;
    }
    ota_record_set_state(record, slot, entry->state);
    record->refused = slot;
    record->fallback = record->fallback == slot ? OTA_SLOT_NONE : record->fallback;
}

static void start(ota_commit_t *commit)
{
    memset(commit, 0, sizeof(*commit));
    ota_record_blank(&commit->record);
    commit->sector = OTA_SECTOR_NONE;
    commit->firm = OTA_SECTOR_NONE;
    commit->write = OTA_SECTOR_NONE;
}

static void take_rejections(ota_commit_t *commit, const ota_otadata_t *od, uint8_t count)
{
    for (int i = 0; i < 2; i++) {
        if (commit->sector < 0 || commit->foreign || od->copy[i].seq > commit->record.seq) {
            take_rejection(&commit->record, od, i, count);
        }
    }
}

static void take_sector(ota_commit_t *commit, const ota_otadata_t *od,
                        const ota_boot_config_t *config, uint8_t count)
{
    int s = commit->sector;
    bool stock = config->policy == OTA_POLICY_STOCK;
    bool fits = ota_commit_entry_fits(od, s, count);
    if (stock ? fits : sealed(od, s)) {
        commit->record = od->record[s];
    } else {
        take_entry(commit, od, config, count);
    }
    commit->mend = !fits;
    commit->expiring = stock && ota_boot_config_trials(config) &&
                       od->copy[s].state == OTA_STATE_PENDING && ota_entry_valid(&od->copy[s ^ 1]);
}

void ota_commit_open(ota_commit_t *commit, const ota_otadata_t *od, const ota_boot_config_t *config,
                     uint8_t count)
{
    start(commit);
    if (count != 0) {
        commit->sector = in_force(od, config->policy == OTA_POLICY_STOCK);
        if (commit->sector >= 0) {
            take_sector(commit, od, config, count);
        }
        take_rejections(commit, od, count);
    }
    commit->before = commit->record;
}

bool ota_commit_same(const ota_record_t *a, const ota_record_t *b)
{
    uint8_t bytes[2][OTA_RECORD_SIZE];
    ota_record_t copy = *b;
    copy.seq = a->seq;
    copy.replaces = a->replaces;
    ota_record_encode(bytes[0], a);
    ota_record_encode(bytes[1], &copy);
    return memcmp(bytes[0], bytes[1], OTA_RECORD_SIZE) == 0;
}

/* --- what it takes ---------------------------------------------------------------------- */

/* Without anything in force: the sector that says less. */
static int8_t free_sector(const ota_otadata_t *od)
{
    return ota_entry_crc_ok(&od->copy[0]) && !ota_entry_crc_ok(&od->copy[1]) ? 1 : 0;
}

static bool last_boot(const ota_record_t *record)
{
    return record->trial != 0 && record->left == 0;
}

/* The next number for the record, or 0: the count has to start again. */
static uint32_t number_after(const ota_record_t *record, uint32_t seq, uint8_t count)
{
    if (seq >= OTA_SEQ_EMPTY - 1u) {
        return 0;
    }
    return names(record, count) ? ota_seq_next(seq + 1u, record->slot, count) : seq + 1u;
}

/* Larger than what the kept sector says, so that every reader prefers it; and not the number that
 * the kept one replaced. Where the count starts again, `replaces` decides for ours, and wiping the
 * kept sector for stock's. */
static void number(ota_commit_t *commit, const ota_otadata_t *od, int kept, uint8_t count)
{
    ota_record_t *record = &commit->record;
    const ota_record_t *beside = kept == commit->sector ? &commit->before : &od->record[kept];
    bool said = whole(od, kept) || ota_entry_crc_ok(&od->copy[kept]);
    uint32_t last = said ? seq_of(od, kept) : 0;
    record->replaces = last;
    record->seq = number_after(record, last, count);
    if (record->seq == beside->replaces) {
        record->seq = number_after(record, record->seq, count);
    }
    if (record->seq == 0) {
        record->seq = number_after(record, 0, count);
    }
    if (last_boot(record) && record->seq <= count) {
        record->seq += count; /* the fallback gets a smaller one */
    }
}

/* A stock bootloader would take what stands in sector i rather than `record`. */
static bool preferred(const ota_otadata_t *od, int i, const ota_record_t *record, uint8_t count)
{
    const ota_entry_t *entry = &od->copy[i];
    return ota_entry_valid(entry) && (!names(record, count) || entry->seq >= record->seq);
}

/* Neither empty nor an older choice that was complete. What only reads as blank may read as the
 * record that it was another day, after an erase that a power cut ended: the tag tells. */
static bool doubtful(const ota_otadata_t *od, int i)
{
    if (whole(od, i)) {
        return !sealed(od, i);
    }
    return ota_entry_crc_ok(&od->copy[i]) ? unfinished(od, i) : !has(od, i, OTA_MARK_WIPED);
}

/* The sectors beside the one in force that do not stay as they are. */
static uint8_t wipe_idle(const ota_commit_t *commit, const ota_otadata_t *od, uint8_t count)
{
    uint8_t wipe = 0;
    for (int i = 0; i < 2; i++) {
        bool stands = commit->sector >= 0 && preferred(od, i, &commit->before, count);
        if (i != commit->sector && (stands || doubtful(od, i))) {
            wipe |= (uint8_t)(1u << i);
        }
    }
    return wipe;
}

/* A record in its last boot is PENDING: a stock bootloader gives it up next, as ours does, and
 * takes what stands in the other sector. That has to be where ours goes: the fallback, or nothing.
 */
static bool lacks_fallback(const ota_commit_t *commit, const ota_otadata_t *od, int kept,
                           uint8_t count)
{
    const ota_record_t *record = &commit->record;
    const ota_entry_t *entry = &od->copy[kept];
    bool there = ota_entry_valid(entry);
    if (!last_boot(record)) {
        return false;
    }
    return there ? ota_entry_slot(entry, count) != record->fallback : record->fallback >= 0;
}

void ota_commit_behind(const ota_commit_t *commit, uint8_t count, ota_record_t *record)
{
    *record = commit->record;
    record->slot = commit->record.fallback;
    record->fallback = OTA_SLOT_NONE;
    record->trial = 0;
    record->writing = OTA_SLOT_NONE;
    /* The next smaller number that names it. */
    uint32_t back =
        names(record, count) ? (uint32_t)(commit->record.slot - record->slot + count) % count : 1u;
    record->seq -= back;
    record->replaces = record->seq;
}

/* What is in force has to be firmed up, or adopted. */
static bool loose(const ota_commit_t *commit, const ota_otadata_t *od)
{
    return commit->sector >= 0 && !commit->expiring &&
           (commit->foreign || !has(od, commit->sector, OTA_MARK_SEAL_2));
}

/* Its entry says what the record would that is to stand behind it. */
static bool adopted_is_all(const ota_commit_t *commit, const ota_otadata_t *od, uint8_t count)
{
    return commit->foreign && commit->firm >= 0 &&
           says(&od->copy[commit->sector], &commit->before, count);
}

static int8_t next_sector(const ota_commit_t *commit, const ota_otadata_t *od)
{
    if (commit->sector < 0) {
        return free_sector(od);
    }
    return commit->expiring ? commit->sector : (int8_t)(commit->sector ^ 1);
}

void ota_commit_close(ota_commit_t *commit, const ota_otadata_t *od, uint8_t count, bool write)
{
    commit->firm = loose(commit, od) ? commit->sector : OTA_SECTOR_NONE;
    commit->spare = !write && adopted_is_all(commit, od, count);
    commit->wipe_idle = wipe_idle(commit, od, count);
    if (!write && !commit->mend) {
        return;
    }
    commit->write = next_sector(commit, od);
    int8_t kept = (int8_t)(commit->write ^ 1);
    number(commit, od, kept, count);
    commit->behind = lacks_fallback(commit, od, kept, count);
    if (!commit->behind && (preferred(od, kept, &commit->record, count) ||
                            (commit->sector < 0 && doubtful(od, kept)))) {
        commit->wipe = (uint8_t)(1u << kept);
    }
}

uint8_t ota_commit_wipes(const ota_commit_t *commit, bool adopted)
{
    bool writes = commit->write >= 0 && !(commit->spare && adopted);
    return writes ? commit->wipe : commit->wipe_idle;
}

unsigned ota_commit_steps(const ota_commit_t *commit)
{
    uint8_t wipes = ota_commit_wipes(commit, commit->spare);
    return (commit->firm >= 0 ? 1u : 0) + (commit->write >= 0 && !commit->spare ? 1u : 0) +
           (commit->behind && !commit->spare ? 1u : 0) + (wipes & 1u) + ((uint32_t)wipes >> 1 & 1u);
}

bool ota_commit_idle(const ota_commit_t *commit)
{
    return commit->firm < 0 && commit->write < 0 && commit->wipe_idle == 0;
}

void ota_commit_apply(const ota_commit_t *commit, ota_otadata_t *od, uint8_t count)
{
    const uint8_t all = OTA_MARKS_SEALED | OTA_MARK_SEAL_2;
    if (commit->firm >= 0) {
        od->record[commit->firm] = commit->before;
        if (commit->foreign || !commit->mend) { /* else sealed it is, and no more */
            od->marks[commit->firm] |= all;
        }
    }
    if (commit->write >= 0 && !commit->spare) {
        od->record[commit->write] = commit->record;
        ota_commit_entry(&commit->record, count, &od->copy[commit->write]);
        od->marks[commit->write] = all;
    }
    if (commit->behind && !commit->spare) {
        int i = commit->write ^ 1;
        ota_commit_behind(commit, count, &od->record[i]);
        ota_commit_entry(&od->record[i], count, &od->copy[i]);
        od->marks[i] = all;
    }
    for (int i = 0; i < 2; i++) {
        if (((uint32_t)ota_commit_wipes(commit, commit->spare) >> i & 1u) != 0) {
            ota_entry_blank(&od->copy[i]);
            ota_record_blank(&od->record[i]);
            od->marks[i] = OTA_MARK_WIPED;
        }
    }
}
