/* SPDX-License-Identifier: Apache-2.0 */
/*
 * otadata of any bytes, on a table of any shape: both policies decide, and what they must never
 * do, they do not; and every plan of the application's side means what it says.
 *
 *   0     flags: rollback, anti-rollback, pins, otadata erased by the pin; CRC of copy 0, 1 made
 * good 1     factory, test; otadata too small, absent 2..5  slots present, slots that load (16 bits
 * each) 6     version in the eFuse 7     count of doubles 8     which slot is selected, marked,
 * forgotten 9..   copy 0, copy 1 then, where there is more: marks of both sectors (those of
 * ota_otadata_t; bit 7: the CRC of the record is made good), record 0, record 1
 */
#include "ota/boot.h"

#include "core/bytes.h"
#include "core/crc32.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD  9u
#define MARKS (HEAD + 2u * OTA_ENTRY_SIZE)
#define INPUT (MARKS + 2u + 2u * OTA_RECORD_SIZE)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

typedef struct {
    ota_layout_t layout;
    ota_boot_config_t config;
    ota_boot_app_t apps[OTA_BOOT_APPS];
    uint32_t loads; /* bit n: apps[n] */
    ota_otadata_t od;
    ota_boot_input_t input;
} world_t;

static unsigned index_of(ota_slot_t slot)
{
    return slot >= 0                  ? (unsigned)slot
           : slot == OTA_SLOT_FACTORY ? OTA_SLOTS_MAX
                                      : OTA_SLOTS_MAX + 1u;
}

static void make_layout(world_t *w, const uint8_t *data)
{
    uint32_t present = (uint32_t)data[2] | (uint32_t)data[3] << 8;
    for (unsigned i = 0; i < OTA_SLOTS_MAX; i++) {
        if ((present >> i & 1u) != 0) {
            w->layout.slot[i] = (ota_region_t){0x100000u + 0x10000u * i, 0x10000};
            w->layout.boot_count++;
        }
    }
    w->layout.boot_count = (uint8_t)(w->layout.boot_count + data[7] % 80u);
    w->layout.factory.size = (data[1] & 1u) != 0 ? 0x10000 : 0;
    w->layout.test.size = (data[1] & 2u) != 0 ? 0x10000 : 0;
    w->layout.otadata.size = (data[1] & 8u) != 0 ? 0 : (data[1] & 4u) != 0 ? 0x1000 : 0x2000;
    w->loads = (uint32_t)data[4] | (uint32_t)data[5] << 8 | (uint32_t)(data[1] >> 4 & 3u) << 16;
    for (unsigned i = 0; i < OTA_BOOT_APPS; i++) {
        w->apps[i].readable =
            ((uint32_t)data[i % HEAD] >> (i % 8u) & 1u) != 0 || (w->loads >> i & 1u) != 0;
        w->apps[i].secure_version = data[(i + 3u) % HEAD] % 20u;
    }
}

static void make_record(world_t *w, const uint8_t *data, unsigned i)
{
    uint8_t bytes[OTA_RECORD_SIZE];
    uint8_t marks = data[MARKS + i];
    memcpy(bytes, data + MARKS + 2u + i * OTA_RECORD_SIZE, sizeof(bytes));
    if (marks == 0xFF) { /* no more input: a sector that only knows stock */
        return;
    }
    if ((marks & 0x80u) != 0) {
        ota_put_le32(bytes, 0x3152544Fu); /* OTR1 */
        ota_put_le32(bytes + 60, ota_crc32(0, bytes, 60));
    }
    w->od.marks[i] = marks & (OTA_MARK_SEAL_1 | OTA_MARK_SEAL_2 | OTA_MARK_WIPED);
    w->od.marks[i] |= ota_record_decode(&w->od.record[i], bytes) ? OTA_MARK_WHOLE : 0;
}

static void make(world_t *w, const uint8_t *data, ota_policy_t policy)
{
    memset(w, 0, sizeof(*w));
    make_layout(w, data);
    w->config = (ota_boot_config_t){.policy = policy,
                                    .rollback = (data[0] & 1u) != 0,
                                    .anti_rollback = (data[0] & 2u) != 0,
                                    .factory_reset = true,
                                    .factory_erases_otadata = (data[0] & 16u) != 0,
                                    .test_app = true};
    for (unsigned i = 0; i < 2; i++) {
        ota_entry_decode(&w->od.copy[i], data + HEAD + i * OTA_ENTRY_SIZE);
        if ((data[0] >> (5 + i) & 1u) != 0) {
            w->od.copy[i].crc = ota_entry_crc(w->od.copy[i].seq);
        }
        make_record(w, data, i);
    }
    w->input = (ota_boot_input_t){.config = &w->config,
                                  .layout = &w->layout,
                                  .otadata = &w->od,
                                  .apps = w->config.anti_rollback ? w->apps : NULL,
                                  .efuse_version = data[6] % 20u,
                                  .factory_pin = (data[0] & 4u) != 0,
                                  .test_pin = (data[0] & 8u) != 0};
}

static bool loads(const world_t *w, ota_slot_t slot)
{
    return ota_layout_region(&w->layout, slot).size != 0 &&
           (w->loads >> index_of(slot) & 1u) != 0 && ota_boot_version_ok(&w->input, slot);
}

static void check_plan(const ota_plan_t *plan)
{
    MUST(plan->count <= OTA_PLAN_STEPS);
    for (uint8_t i = 0; i < plan->count; i++) {
        MUST(plan->step[i].copy < 2);
    }
}

/* The first candidate that loads; on the way the list itself is judged. */
static ota_slot_t first_that_loads(const world_t *w, const ota_boot_plan_t *plan)
{
    ota_slot_t booted = OTA_SLOT_NONE;
    MUST(plan->count <= OTA_BOOT_CANDIDATES && plan->whys <= OTA_BOOT_WHYS);
    for (uint8_t i = 0; i < plan->count; i++) {
        MUST(ota_layout_region(&w->layout, plan->candidate[i]).size != 0);
        for (uint8_t k = 0; k < i; k++) {
            MUST(plan->candidate[k] != plan->candidate[i]);
        }
        if (booted == OTA_SLOT_NONE && loads(w, plan->candidate[i])) {
            booted = plan->candidate[i];
        }
    }
    return booted;
}

static void burn(world_t *w, uint32_t raise_to)
{
    MUST(raise_to == 0 || raise_to > w->input.efuse_version);
    w->input.efuse_version = raise_to != 0 ? raise_to : w->input.efuse_version;
}

/* What is in force is written to by nothing but the same bytes, and wiped only once something else
 * is; what was written is in force afterwards. Returns the number of sectors changed. */
static unsigned check_commit(const world_t *w, const ota_commit_t *commit)
{
    ota_commit_t after;
    MUST(commit->firm == OTA_SECTOR_NONE || commit->firm == commit->sector);
    MUST(commit->write == OTA_SECTOR_NONE || commit->write != commit->sector);
    MUST(commit->sector < 0 || (commit->wipe_idle >> commit->sector & 1u) == 0);
    ota_commit_open(&after, &w->od, &w->config, w->layout.boot_count);
    if (commit->write >= 0 && !commit->spare) {
        MUST(after.sector == commit->write && !after.foreign && !after.mend);
        MUST(ota_commit_same(&after.record, &commit->record));
    }
    return ota_commit_steps(commit);
}

/* One boot; the records and the eFuse move on. */
static ota_slot_t boot(world_t *w, unsigned *writes)
{
    ota_boot_plan_t plan;
    ota_boot_settled_t settled = {0};
    unsigned steps = 0;
    ota_otadata_t before = w->od;
    w->input.otadata = &before;
    ota_boot_decide(&w->input, &plan);
    check_plan(&plan.writes);
    ota_plan_apply(&plan.writes, &w->od);
    burn(w, plan.raise_to);
    ota_slot_t booted = first_that_loads(w, &plan);
    if (booted != OTA_SLOT_NONE) {
        ota_boot_settle(&w->input, &plan, booted, &settled);
        check_plan(&settled.writes);
        ota_plan_apply(&settled.writes, &w->od);
        ota_commit_apply(&settled.commit, &w->od, w->layout.boot_count);
        steps = settled.writes.count + check_commit(w, &settled.commit);
        MUST(settled.raise_to == 0 || settled.raise_to == w->apps[index_of(booted)].secure_version);
        burn(w, settled.raise_to);
    }
    steps += plan.writes.count;
    MUST(w->layout.otadata.size >= OTA_OTADATA_SIZE || steps == 0);
    *writes = steps + (settled.raise_to != 0) + (plan.raise_to != 0);
    return booted;
}

/* It boots whatever loads, and comes to rest. */
static void check_otary(const uint8_t *data)
{
    world_t w;
    bool any = false;
    make(&w, data, OTA_POLICY_OTARY);
    for (ota_slot_t slot = OTA_SLOT_TEST; slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        any = any || loads(&w, slot);
    }
    unsigned writes = 1;
    ota_slot_t booted = OTA_SLOT_NONE;
    for (int boots = 0; writes != 0; boots++) {
        MUST(boots < 6 + UINT8_MAX); /* a trial may have that many */
        booted = boot(&w, &writes);
        w.input.factory_pin = false; /* held once */
        w.input.test_pin = false;
        MUST((booted != OTA_SLOT_NONE) == any);
    }
}

static void check_choice(const uint8_t *data)
{
    world_t w;
    ota_plan_t plan;
    make(&w, data, OTA_POLICY_STOCK);
    uint8_t count = w.layout.boot_count;
    ota_slot_t slot = (ota_slot_t)(data[8] % 18);
    ota_otadata_t od = w.od;
    ota_status_t status = ota_plan_select(&od, count, slot, OTA_STATE_NEW, &plan);
    check_plan(&plan);
    MUST((status == OTA_OK) == (slot < (ota_slot_t)count));
    if (status == OTA_OK) {
        ota_plan_apply(&plan, &od);
        int active = ota_otadata_active(&od);
        MUST(active >= 0 && ota_entry_slot(&od.copy[active], count) == slot);
        MUST(od.copy[active].state == OTA_STATE_NEW);
        MUST(ota_plan_mark(&od, count, slot, OTA_STATE_VALID, &plan) == OTA_OK);
        ota_plan_apply(&plan, &od);
        MUST(ota_otadata_active(&od) == active && od.copy[active].state == OTA_STATE_VALID);
    }
    ota_plan_forget(&w.od, count, slot, (ota_slot_t)(data[8] / 16), &plan);
    check_plan(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t input[INPUT];
    memset(input, 0xFF, sizeof(input));
    memcpy(input, data, size < sizeof(input) ? size : sizeof(input));
    world_t w;
    unsigned writes;
    make(&w, input, OTA_POLICY_STOCK);
    (void)boot(&w, &writes);
    check_otary(input);
    check_choice(input);
    return 0;
}
