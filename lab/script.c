/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts: lives one after the other, in worlds that are used again. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lab/script_play.h"
#include "lab/search.h"

#define CHIPS       4u
#define IMAGE_KIB   9u   /* three sectors, the last one not full */
#define PEACE_BOOTS 16u  /* more is no recovery */
#define LIVES_MAX   200u /* of one script */
#define QUIET_MAX   3u   /* resets without an application, then a port that fails works again */

static const lab_variant_t script_chips[CHIPS] = {
    {.program_unit = 4},
    {.program_unit = 1, .large_erases = true},
    {.program_unit = 16, .encrypted = true},
    {.program_unit = 32, .large_erases = true, .encrypted = true},
};

typedef struct {
    bool open;
    lab_row_t row; /* its start changes from script to script */
    lab_plan_t plan;
    lab_world_t *world;
    void (*hook)(void *user, const medium_op_t *op);
    void *user;
    play_t *play;
} place_t;

struct script_stage {
    place_t place[LAB_WAYS][CHIPS][LAB_TABLES];
    lab_wrap_t wrap;
    void *wrap_user;
};

uint8_t play_byte(play_t *play)
{
    return play->at < play->len ? play->bytes[play->at++] : 0;
}

bool play_ended(const play_t *play)
{
    return play->at >= play->len;
}

void play_tell(const play_t *play, const char *format, ...)
{
    va_list list;
    if (play->story == NULL || play->over) {
        return;
    }
    va_start(list, format);
    (void)fputs("  ", play->story);
    (void)vfprintf(play->story, format, list);
    (void)fputc('\n', play->story);
    va_end(list);
}

/* --- what need not hold -------------------------------------------------------------------- */

/* What a call that did nothing should have written is not there: only reading back finds that. */
static bool unnoticed(const play_t *play, lab_oracle_t oracle)
{
    lab_world_t *world = play->world;
    if (!play->silent || (oracle != LAB_S3 && oracle != LAB_S4 && oracle != LAB_L1)) {
        return false;
    }
    for (unsigned i = 0; i < world->app_count; i++) {
        int8_t which = world->ledger.content[lab_slot_index(world->app_slot[i])];
        const image_bytes_t *image = &world->plan->image[which < 0 ? 0 : which];
        if (which >= 0 && !medium_holds(&world->medium, world->apps[i].offset, image->bytes,
                                        (uint32_t)image->len)) {
            return true;
        }
    }
    return false;
}

static bool guesses(const play_t *play)
{
    return play->rotten || play->shaken || play->world->plan->scenario.variant.way != LAB_WAY_OTARY;
}

static bool excused(const play_t *play, lab_oracle_t oracle)
{
    bool fails = play->world->medium.fail.how != MEDIUM_WORKS;
    bool promised[LAB_ORACLES] = {
        [LAB_S1] = !play->blind,   [LAB_S2] = true,
        [LAB_S3] = !guesses(play), [LAB_S4] = !guesses(play),
        [LAB_S5] = true,           [LAB_L1] = !fails,
        [LAB_L2] = !fails,         [LAB_C1] = !fails && !guesses(play),
        [LAB_X] = !play->silent, /* what was not erased: the program fails, and is noticed so */
    };
    return !promised[oracle] || unnoticed(play, oracle);
}

/* What runs is taken as chosen. */
static void take_as_chosen(play_t *play, ota_slot_t running)
{
    lab_ledger_t *ledger = &play->world->ledger;
    if (running != OTA_SLOT_NONE) {
        ledger->current = running;
    }
    ledger->trial = OTA_SLOT_NONE;
    ledger->dropped = OTA_SLOT_NONE;
    ledger->target = OTA_SLOT_NONE;
    ledger->open = LAB_OPEN_NOTHING;
    ledger->starts = 0;
    ledger->maybe = 0;
}

static void violate(play_t *play, const lab_verdict_t *verdict, ota_slot_t booted)
{
    bool known = excused(play, verdict->oracle);
    play_tell(play, "%s %s: %s", lab_oracle_name(verdict->oracle),
              known ? "need not hold here" : "IS VIOLATED", verdict->what);
    if (known) {
        play->result->excused++;
        play->told_image = -1;
        (void)play_byte(play);
        if (verdict->oracle == LAB_S3 || verdict->oracle == LAB_S4) {
            take_as_chosen(play, booted);
        }
        return;
    }
    play->result->violated = true;
    play->result->verdict = *verdict;
    play->over = true;
}

/* --- lives --------------------------------------------------------------------------------- */

static void make_peace(play_t *play)
{
    lab_ledger_t *ledger = &play->world->ledger;
    play_works_again(play);
    play_tell(play, "peace");
    play->peace = true;
    play->armed = false;
    play->quiet = 0;
    ledger->updates = 0;
    ledger->offer = LAB_IMAGE_NEW;
    ledger->progress = 0;
}

static void no_rest(play_t *play)
{
    lab_verdict_t verdict = {.oracle = LAB_L1};
    (void)snprintf(verdict.what, sizeof(verdict.what), "no rest after %u boots in peace",
                   PEACE_BOOTS);
    play->result->violated = true;
    play->result->verdict = verdict;
    play->over = true;
}

/* A boot that failed may have cost the trial one of its starts. */
static void note_silence(play_t *play)
{
    lab_ledger_t *ledger = &play->world->ledger;
    if (ledger->trial != OTA_SLOT_NONE && ledger->starts == 0 && ledger->attempts < UINT8_MAX) {
        ledger->attempts++;
    }
    if (++play->quiet >= QUIET_MAX) {
        play_works_again(play);
    }
}

void play_shaken(play_t *play, bool booting)
{
    const medium_t *medium = &play->world->medium;
    bool hit = medium->fail.how != MEDIUM_WORKS && medium->fail_count > medium->fail.nth;
    bool read = (medium->fail.kinds & 1u << MEDIUM_READ) != 0;
    play->shaken = play->shaken || (hit && (booting || read));
}

/* All of an image was written, and nobody said that it was finished: it may run all the same. */
static void look_at_slots(lab_world_t *world)
{
    for (unsigned i = 0; i < world->app_count; i++) {
        int8_t *content = &world->ledger.content[lab_slot_index(world->app_slot[i])];
        for (int8_t which = 0; *content < 0 && which < (int8_t)LAB_IMAGES_MAX; which++) {
            const image_bytes_t *image = &world->plan->image[which];
            if (medium_holds(&world->medium, world->apps[i].offset, image->bytes,
                             (uint32_t)image->len)) {
                *content = which;
            }
        }
    }
}

static void live(play_t *play)
{
    lab_lived_t lived;
    look_at_slots(play->world);
    lab_world_live(play->world, play->reading, &lived);
    if (play->over) {
        return;
    }
    play_shaken(play, lived.booted == OTA_SLOT_NONE);
    play->result->lives++;
    play->quiet = lived.booted != OTA_SLOT_NONE ? 0 : play->quiet;
    switch (lived.end) {
    case LAB_LIFE_VIOLATES:
        violate(play, &lived.verdict, lived.booted);
        break;
    case LAB_LIFE_SILENT:
        play_tell(play, "nothing boots");
        note_silence(play);
        break;
    case LAB_LIFE_RESTS:
        play_tell(play, "rests");
        play->over = true;
        break;
    case LAB_LIFE_RESETS:
        break;
    }
    if (lived.end == LAB_LIFE_VIOLATES && lived.booted == OTA_SLOT_NONE && !play->over) {
        note_silence(play);
    }
}

void play_on(play_t *play)
{
    while (!play->over) {
        if (!play->peace && (play_ended(play) || play->result->lives >= LIVES_MAX)) {
            make_peace(play);
        }
        if (play->peace && play->boots++ >= PEACE_BOOTS) {
            no_rest(play);
            return;
        }
        live(play);
    }
}

/* --- stages -------------------------------------------------------------------------------- */

static void on_op(void *user, const medium_op_t *op)
{
    place_t *place = user;
    place->hook(place->user, op);
    if (place->play != NULL) {
        play_op(place->play, op);
    }
}

static void fill_row(lab_row_t *row)
{
    *row = (lab_row_t){.name = "script",
                       .what = "what the bytes say",
                       .start = LAB_START_BLANK,
                       .old_does = LAB_DOES_UPDATE,
                       .new_does = LAB_DOES_UPDATE,
                       .updates = 1,
                       .image_kib = IMAGE_KIB,
                       .tables = (1u << LAB_TABLES) - 1u};
}

static ota_status_t open_place(script_stage_t *stage, place_t *place, const lab_variant_t *variant)
{
    lab_scenario_t scenario;
    fill_row(&place->row);
    if (!lab_scenario_make(&place->row, variant, &scenario)) {
        return OTA_ERR_ARG;
    }
    ota_status_t status = lab_plan_open(&place->plan, &scenario);
    if (status != OTA_OK) {
        return status;
    }
    status = lab_world_open(&place->world, &place->plan);
    if (status != OTA_OK) {
        lab_plan_close(&place->plan);
        return status;
    }
    lab_world_wrap(place->world, stage->wrap, stage->wrap_user);
    place->hook = place->world->medium.hook;
    place->user = place->world->medium.user;
    place->world->medium.hook = on_op;
    place->world->medium.user = place;
    place->world->no_memo = true;
    place->open = true;
    return OTA_OK;
}

script_stage_t *script_open(void)
{
    return calloc(1, sizeof(script_stage_t));
}

void script_close(script_stage_t *stage)
{
    place_t *all = &stage->place[0][0][0];
    for (size_t i = 0; i < sizeof(stage->place) / sizeof(*all); i++) {
        if (all[i].open) {
            lab_world_close(all[i].world);
            lab_plan_close(&all[i].plan);
        }
    }
    free(stage);
}

void script_wrap(script_stage_t *stage, lab_wrap_t wrap, void *user)
{
    stage->wrap = wrap;
    stage->wrap_user = user;
}

/* Of one slot and factory there are no two records. */
static lab_start_t start_of(uint8_t byte, lab_table_t table)
{
    lab_start_t start = (lab_start_t)(byte % ((unsigned)LAB_START_LAST_SEQ + 1u));
    if (table != LAB_TABLE_RECOVERY) {
        return start;
    }
    return start == LAB_START_BOTH       ? LAB_START_BLANK
           : start == LAB_START_LAST_SEQ ? LAB_START_TRIAL
                                         : start;
}

/* The flash as the script wants it, over whatever the place holds. */
static ota_status_t lay_out(place_t *place, lab_start_t start)
{
    lab_world_t *world = place->world;
    place->row.start = start;
    ota_status_t status = lab_plan_slots(&place->plan);
    medium_fill(&world->medium, place->plan.layout.otadata.offset, 0xFF, OTA_OTADATA_SIZE);
    for (unsigned i = 0; i < world->app_count; i++) {
        uint32_t used = IMAGE_KIB * 1024u + OTA_FLASH_SECTOR;
        used = used < world->apps[i].size ? used : world->apps[i].size;
        medium_fill(&world->medium, world->apps[i].offset, 0xFF,
                    used / MEDIUM_SECTOR * MEDIUM_SECTOR);
    }
    return status == OTA_OK ? lab_plan_flash(&place->plan, &world->medium, &world->ledger) : status;
}

static ota_status_t play_in(place_t *place, lab_start_t start, play_t *play)
{
    fork_t fork;
    lab_world_t *world = place->world;
    search_fork(world, &fork);
    ota_status_t status = lay_out(place, start);
    if (status == OTA_OK) {
        play->world = world;
        place->play = play;
        world->actor = play_act;
        world->actor_user = play;
        play_works_again(play);
        play_tell(play, "%s, start %d", place->plan.scenario.name, (int)start);
        play_on(play);
        play_works_again(play);
        place->play = NULL;
        world->actor = NULL;
    }
    search_back(world, &fork);
    return status;
}

ota_status_t script_play(script_stage_t *stage, const uint8_t *bytes, size_t len, FILE *story,
                         script_result_t *result)
{
    memset(result, 0, sizeof(*result));
    if (len < 2) {
        return OTA_ERR_ARG;
    }
    unsigned way = bytes[0] % 8u;
    unsigned chip = bytes[0] / 8u % CHIPS;
    lab_table_t table = (lab_table_t)(bytes[1] % LAB_TABLES);
    lab_variant_t variant = script_chips[chip];
    variant.way = way < 6 ? LAB_WAY_OTARY : way == 6 ? LAB_WAY_STOCK : LAB_WAY_IN_PLACE;
    variant.table = table;
    place_t *place = &stage->place[variant.way][chip][table];
    if (!place->open) {
        ota_status_t status = open_place(stage, place, &variant);
        if (status != OTA_OK) {
            return status;
        }
    }
    play_t play = {
        .bytes = bytes, .len = len, .at = 2, .story = story, .result = result, .told_image = -1};
    return play_in(place, start_of(bytes[1] / LAB_TABLES, table), &play);
}
