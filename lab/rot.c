/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/rot.h"

#include "core/bytes.h"
#include "lab/case_name.h"
#include "lab/dice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OTADATA_BYTES 256u /* of each sector */
#define TABLE_ENTRY   32u
#define BOOTS_MAX     8u  /* more than any trial has */
#define HASH_FLAG_AT  23u /* of an image's header */

typedef struct {
    const rot_wish_t *wish;
    rot_result_t *result;
    stand_t stand;
    ota_boot_trace_t trace;
    uint8_t otadata[ROT_RESTS][OTA_OTADATA_SIZE];
    ota_slot_t wanted[ROT_RESTS]; /* what boots from there when nothing is wrong */
    uint64_t index;               /* of the flip, over all of them */
} sweep_t;

/* --- names --------------------------------------------------------------------------------- */

const char *rot_place_name(rot_place_t place)
{
    static const char *const names[ROT_PLACES] = {"otadata", "table", "header", "data"};
    return names[place];
}

const char *rot_rest_name(rot_rest_t rest)
{
    static const char *const names[ROT_RESTS] = {"confirmed", "selected", "trial", "rejected"};
    return names[rest];
}

const char *rot_verdict_name(rot_verdict_t verdict)
{
    static const char *const names[ROT_VERDICTS] = {
        "harmless",    "detected",  "refused",         "runs without hash",
        "update lost", "unguarded", "runs wrong bits", "does not boot"};
    return names[verdict];
}

uint64_t rot_count(const rot_result_t *result, rot_place_t place, rot_verdict_t verdict)
{
    uint64_t sum = 0;
    for (unsigned rest = 0; rest < ROT_RESTS; rest++) {
        sum += result->count[place][rest][verdict];
    }
    return sum;
}

void rot_add(rot_result_t *sum, const rot_result_t *more)
{
    uint64_t *to = &sum->count[0][0][0];
    const uint64_t *from = &more->count[0][0][0];
    sum->flips += more->flips;
    for (size_t i = 0; i < sizeof(sum->count) / sizeof(*to); i++) {
        to[i] += from[i];
    }
    for (unsigned v = 0; v < ROT_VERDICTS; v++) {
        for (uint32_t i = 0; i < more->kept[v] && sum->kept[v] < ROT_CASES_KEPT; i++) {
            sum->example[v][sum->kept[v]++] = more->example[v][i];
        }
    }
}

static const char *way_word(unsigned n)
{
    return stand_way_name((stand_way_t)n);
}

static const char *rest_word(unsigned n)
{
    return rot_rest_name((rot_rest_t)n);
}

void rot_case_name(const rot_case_t *which, char text[ROT_NAME])
{
    (void)snprintf(text, ROT_NAME, "rot.%s.%s.0x%x.%u", stand_way_name(which->way),
                   rot_rest_name(which->rest), (unsigned)which->address, which->bit);
}

bool rot_case_parse(const char *text, rot_case_t *which)
{
    unsigned way;
    unsigned rest;
    uint32_t bit;
    if (strncmp(text, "rot.", 4) != 0) {
        return false;
    }
    text += 4;
    if (!case_take_word(&text, way_word, STAND_WAYS, &way) ||
        !case_take_word(&text, rest_word, ROT_RESTS, &rest) ||
        !case_take_hex(&text, '.', &which->address) || !case_take_number(&text, '\0', &bit)) {
        return false;
    }
    which->way = (stand_way_t)way;
    which->rest = (rot_rest_t)rest;
    which->bit = (uint8_t)bit;
    return bit < 8;
}

/* --- coming to rest -------------------------------------------------------------------------- */

static ota_slot_t boot(sweep_t *sweep)
{
    return stand_boot(&sweep->stand, &sweep->trace) == OTA_OK ? sweep->trace.booted : OTA_SLOT_NONE;
}

static uint8_t *otadata(sweep_t *sweep)
{
    return sweep->stand.nor.bytes + STAND_OTADATA;
}

static void keep(sweep_t *sweep, rot_rest_t rest)
{
    memcpy(sweep->otadata[rest], otadata(sweep), OTA_OTADATA_SIZE);
}

static void restore(sweep_t *sweep, rot_rest_t rest)
{
    memcpy(otadata(sweep), sweep->otadata[rest], OTA_OTADATA_SIZE);
}

static ota_status_t reach_trial(sweep_t *sweep)
{
    ota_device_t device;
    stand_fresh(&sweep->stand, 1);
    if (boot(sweep) != 0) {
        return OTA_ERR_STATE;
    }
    ota_status_t status = stand_run(&sweep->stand, 0, &device);
    if (status == OTA_OK) {
        status = ota_device_select(&device, 1, false, NULL);
    }
    keep(sweep, ROT_SELECTED);
    if (status == OTA_OK && boot(sweep) != 1) {
        status = OTA_ERR_STATE;
    }
    keep(sweep, ROT_TRIAL);
    return status;
}

/* All four kinds of rest, each by the calls that a device makes. */
static ota_status_t reach_rests(sweep_t *sweep)
{
    ota_device_t device;
    ota_status_t status = reach_trial(sweep);
    if (status == OTA_OK) {
        status = stand_run(&sweep->stand, 1, &device);
    }
    if (status == OTA_OK) {
        status = ota_device_confirm(&device);
    }
    keep(sweep, ROT_CONFIRMED);
    restore(sweep, ROT_TRIAL);
    if (status == OTA_OK) {
        status = ota_device_reject(&device);
    }
    if (status == OTA_OK && boot(sweep) != 0) {
        status = OTA_ERR_STATE;
    }
    keep(sweep, ROT_REJECTED);
    for (unsigned rest = 0; rest < ROT_RESTS; rest++) {
        restore(sweep, (rot_rest_t)rest);
        sweep->wanted[rest] = boot(sweep);
    }
    return status;
}

/* --- the verdict --------------------------------------------------------------------------------
 */

static bool always_boots(sweep_t *sweep, ota_slot_t slot)
{
    for (unsigned i = 0; i < BOOTS_MAX; i++) {
        if (boot(sweep) != slot) {
            return false;
        }
    }
    return true;
}

static bool on_trial(sweep_t *sweep)
{
    ota_device_t device;
    return stand_run(&sweep->stand, 1, &device) == OTA_OK && ota_device_on_trial(&device);
}

/* Unconfirmed and crashing, it gives way to the old image; to factory only where that is lost. */
static rot_verdict_t gives_way(sweep_t *sweep)
{
    for (unsigned i = 0; i < BOOTS_MAX; i++) {
        ota_slot_t booted = boot(sweep);
        if (booted != 1) {
            return booted == 0 ? ROT_HARMLESS : ROT_LOST;
        }
    }
    return ROT_UNGUARDED;
}

static rot_verdict_t judge_confirmed(sweep_t *sweep, ota_slot_t booted)
{
    return booted == 1 && always_boots(sweep, 1) ? ROT_HARMLESS : ROT_LOST;
}

static rot_verdict_t judge_rejected(sweep_t *sweep, ota_slot_t booted)
{
    if (booted == OTA_SLOT_FACTORY) {
        return ROT_LOST;
    }
    return booted == 0 && always_boots(sweep, 0) ? ROT_HARMLESS : ROT_UNGUARDED;
}

/* On trial, or about to be. */
static rot_verdict_t judge_unconfirmed(sweep_t *sweep, rot_rest_t rest, ota_slot_t booted)
{
    if (booted == 1) {
        return on_trial(sweep) ? gives_way(sweep) : ROT_UNGUARDED;
    }
    return rest == ROT_TRIAL && booted == 0 ? ROT_HARMLESS : ROT_LOST;
}

/* Both images are as they were: what must run, by the rest. */
static rot_verdict_t judge_records(sweep_t *sweep, rot_rest_t rest, ota_slot_t booted)
{
    switch (rest) {
    case ROT_CONFIRMED:
        return judge_confirmed(sweep, booted);
    case ROT_REJECTED:
        return judge_rejected(sweep, booted);
    case ROT_SELECTED:
    case ROT_TRIAL:
        break;
    }
    return judge_unconfirmed(sweep, rest, booted);
}

/* One image has a wrong bit. If it is the one to run, another one stands in for it, whatever its
 * record says, and factory only for an old one: that has no other. */
static rot_verdict_t judge_images(ota_slot_t wanted, ota_slot_t booted, ota_slot_t spoilt,
                                  bool flag)
{
    bool hit = spoilt == wanted;
    ota_slot_t expected = hit ? wanted ^ 1 : wanted;
    if (booted == spoilt) {
        return flag ? ROT_UNHASHED : ROT_WRONG;
    }
    if (booted == expected) {
        return hit ? ROT_DETECTED : ROT_HARMLESS;
    }
    return hit && booted == OTA_SLOT_FACTORY && wanted == 0 ? ROT_DETECTED : ROT_LOST;
}

static rot_verdict_t judge(sweep_t *sweep, const rot_case_t *which)
{
    int spoilt = stand_image_at(&sweep->stand, which->address);
    ota_slot_t booted = boot(sweep);
    if (booted == OTA_SLOT_NONE) {
        booted = boot(sweep);
    }
    if (booted == OTA_SLOT_NONE) {
        return sweep->trace.table.status != OTA_OK ? ROT_REFUSED : ROT_DEAD;
    }
    if (spoilt < 0) {
        return judge_records(sweep, which->rest, booted);
    }
    uint32_t at = which->address - stand_region(&sweep->stand, (unsigned)spoilt).offset;
    return judge_images(sweep->wanted[which->rest], booted, stand_slot((unsigned)spoilt),
                        at == HASH_FLAG_AT);
}

/* --- the sweep
 * ------------------------------------------------------------------------------------- */

static rot_verdict_t flip(sweep_t *sweep, const rot_case_t *which)
{
    stand_t *stand = &sweep->stand;
    restore(sweep, which->rest);
    stand_flip(stand, which->address, which->bit);
    rot_verdict_t verdict = judge(sweep, which);
    /* In otadata the device may have mended it; everything else it cannot have touched. */
    if (which->address < STAND_OTADATA || which->address >= STAND_OTADATA + OTA_OTADATA_SIZE) {
        stand_flip(stand, which->address, which->bit);
    }
    return verdict;
}

static void count_flip(sweep_t *sweep, rot_place_t place, rot_rest_t rest, uint32_t address,
                       unsigned bit)
{
    rot_result_t *result = sweep->result;
    uint32_t of = sweep->wish->of != 0 ? sweep->wish->of : 1;
    if (sweep->index++ % of != sweep->wish->share || result == NULL) {
        return; /* somebody else's, or all that is wanted is their number */
    }
    rot_case_t which = {sweep->wish->way, rest, address, (uint8_t)bit};
    rot_verdict_t verdict = flip(sweep, &which);
    result->flips++;
    result->count[place][rest][verdict]++;
    if (result->kept[verdict] < ROT_CASES_KEPT) {
        result->example[verdict][result->kept[verdict]++] = which;
    }
    if (sweep->wish->done != NULL) {
        ++*sweep->wish->done;
    }
}

static void flip_bytes(sweep_t *sweep, rot_place_t place, uint32_t address, uint32_t len)
{
    for (unsigned rest = 0; rest < ROT_RESTS; rest++) {
        for (uint32_t i = 0; i < len * 8u; i++) {
            count_flip(sweep, place, (rot_rest_t)rest, address + i / 8u, i % 8u);
        }
    }
}

static uint32_t table_used(const uint8_t *table)
{
    uint32_t used = 0;
    while (used < OTA_TABLE_SIZE && (table[used] != 0xFF || table[used + 1] != 0xFF)) {
        used += TABLE_ENTRY;
    }
    return used;
}

/* Header, descriptor, segment headers, and the seal behind the last segment. */
static void flip_headers(sweep_t *sweep, unsigned image)
{
    const image_bytes_t *bytes = &sweep->stand.image[image];
    uint32_t base = stand_region(&sweep->stand, image).offset;
    uint32_t at = OTA_IMAGE_HEADER;
    flip_bytes(sweep, ROT_HEADER, base, OTA_IMAGE_HEADER);
    flip_bytes(sweep, ROT_HEADER, base + OTA_APP_DESC_OFFSET, OTA_APP_DESC_SIZE);
    for (unsigned i = 0; i < bytes->bytes[1]; i++) {
        uint32_t len = ota_get_le32(bytes->bytes + at + 4);
        flip_bytes(sweep, ROT_HEADER, base + at, 8);
        at += 8u + len;
    }
    flip_bytes(sweep, ROT_HEADER, base + at, (uint32_t)bytes->len - at);
}

static void flip_data(sweep_t *sweep)
{
    uint64_t bits = sweep->stand.image[1].len * 8u;
    uint32_t base = stand_region(&sweep->stand, 1).offset;
    for (uint32_t i = 0; i < sweep->wish->random; i++) {
        dice_t dice;
        dice_start(&dice, sweep->wish->seed + i);
        uint64_t bit = dice_below(&dice, bits);
        count_flip(sweep, ROT_DATA, ROT_CONFIRMED, base + (uint32_t)(bit / 8u),
                   (unsigned)(bit % 8u));
    }
}

static ota_status_t start(sweep_t *sweep, const rot_wish_t *wish, stand_way_t way,
                          rot_result_t *result)
{
    stand_wish_t stand = {.way = way,
                          .factory = wish->factory,
                          .rollback = true,
                          .image_size = wish->image_size != 0 ? wish->image_size : STAND_SLOT,
                          .no_hash = wish->no_hash,
                          .seed = wish->seed};
    memset(sweep, 0, sizeof(*sweep));
    sweep->wish = wish;
    sweep->result = result;
    ota_status_t status = stand_start(&sweep->stand, &stand);
    if (status == OTA_OK) {
        status = reach_rests(sweep);
        if (status != OTA_OK) {
            stand_stop(&sweep->stand);
        }
    }
    return status;
}

static void flip_all(sweep_t *sweep)
{
    flip_bytes(sweep, ROT_OTADATA, STAND_OTADATA, OTADATA_BYTES);
    flip_bytes(sweep, ROT_OTADATA, STAND_OTADATA + OTA_OTADATA_SECTOR, OTADATA_BYTES);
    flip_bytes(sweep, ROT_TABLE, OTA_TABLE_OFFSET, table_used(sweep->stand.table_bytes));
    flip_headers(sweep, 0);
    flip_headers(sweep, 1);
    flip_data(sweep);
}

/* result NULL: only counts. */
static ota_status_t run(const rot_wish_t *wish, rot_result_t *result, uint64_t *flips)
{
    sweep_t *sweep = malloc(sizeof(*sweep));
    ota_status_t status = sweep != NULL ? start(sweep, wish, wish->way, result) : OTA_ERR_NO_ROOM;
    if (status == OTA_OK) {
        flip_all(sweep);
        *flips = sweep->index;
        status = sweep->stand.strayed ? OTA_ERR_STATE : OTA_OK;
        stand_stop(&sweep->stand);
    }
    free(sweep);
    return status;
}

ota_status_t rot_run(const rot_wish_t *wish, rot_result_t *result)
{
    uint64_t flips;
    memset(result, 0, sizeof(*result));
    return run(wish, result, &flips);
}

ota_status_t rot_total(const rot_wish_t *wish, uint64_t *flips)
{
    *flips = 0;
    return run(wish, NULL, flips);
}

ota_status_t rot_replay(const rot_wish_t *wish, const rot_case_t *which, rot_story_t *story)
{
    if (which->address >= STAND_FLASH) {
        return OTA_ERR_RANGE;
    }
    sweep_t *sweep = malloc(sizeof(*sweep));
    ota_status_t status = sweep != NULL ? start(sweep, wish, which->way, NULL) : OTA_ERR_NO_ROOM;
    if (status == OTA_OK) {
        restore(sweep, which->rest);
        stand_flip(&sweep->stand, which->address, which->bit);
        story->config = sweep->stand.config;
        story->booted = stand_boot(&sweep->stand, &story->boot);
        stand_flip(&sweep->stand, which->address, which->bit);
        story->verdict = flip(sweep, which);
        stand_stop(&sweep->stand);
    }
    free(sweep);
    return status;
}
