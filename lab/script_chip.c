/* SPDX-License-Identifier: Apache-2.0 */
/* What befalls the chip in a script. */
#include "lab/script_play.h"
#include "lab/search.h"

void play_works_again(play_t *play)
{
    const medium_fail_t none = {.how = MEDIUM_WORKS};
    medium_fail(&play->world->medium, &none);
    play->world->ledger.silent = 0;
    play->blind = false;
}

/* --- instructions -------------------------------------------------------------------------- */

static void take_cut(play_t *play)
{
    play->cut_in = play_byte(play) % 64u;
    play->cut_kind = play_byte(play);
    play->cut_index = play_byte(play);
    play->cut_reading = (medium_reading_t)(play_byte(play) % MEDIUM_READINGS);
    play->armed = true;
    play_tell(play, "the power will go in operation %u from here", (unsigned)play->cut_in);
}

static void take_failure(play_t *play)
{
    static const char *const hows[] = {"fails", "is half done and fails", "does nothing"};
    static const char *const kinds[] = {"read", "program", "erase"};
    uint8_t what = play_byte(play);
    medium_fail_t fail = {.kinds = (uint8_t)(1u << what % 3u),
                          .how = (medium_failure_t)(MEDIUM_FAILS + what / 3u % 3u),
                          .for_ever = what / 9u % 2u != 0,
                          .nth = play_byte(play) % 128u};
    medium_fail(&play->world->medium, &fail);
    play->blind = fail.for_ever && what % 3u == 0;
    play->silent = play->silent || fail.how == MEDIUM_SILENT;
    play->told_image = -1;
    play->result->failures++;
    play_tell(play, "%s %u from here %s%s", kinds[what % 3u], (unsigned)fail.nth,
              hows[what / 3u % 3u], fail.for_ever ? ", and all later ones" : "");
}

/* What is written of otadata; the rest of the sectors is never looked at. */
static void take_rot(play_t *play)
{
    uint32_t where = play_byte(play);
    uint32_t bit = play_byte(play);
    uint32_t sector = play->world->plan->layout.otadata.offset + (where & 1u) * MEDIUM_SECTOR;
    uint64_t at = ((uint64_t)sector + where / 2u * 4u) * 8u + bit % 32u;
    medium_flip(&play->world->medium, at);
    play->rotten = true;
    play->told_image = -1;
    play_tell(play, "bit %u of 0x%X rots", (unsigned)(at % 8u), (unsigned)(at / 8u));
}

void play_fate(play_t *play, uint8_t letter)
{
    switch (letter) {
    case 'p':
        take_cut(play);
        break;
    case 'e':
        take_failure(play);
        break;
    case 't':
        take_rot(play);
        break;
    case 'k':
        play_works_again(play);
        play_tell(play, "the port works");
        break;
    default:
        break;
    }
}

/* --- cuts ---------------------------------------------------------------------------------- */

/* One of the outcomes that the operation has: the byte counts kinds that it has, then outcomes. */
static damage_t choose(const play_t *play, const medium_op_t *op)
{
    const medium_t *medium = &play->world->medium;
    unsigned skip = play->cut_kind % DAMAGE_KINDS;
    for (unsigned i = 0; i < DAMAGE_KINDS; i++) {
        damage_kind_t kind = (damage_kind_t)((skip + i) % DAMAGE_KINDS);
        uint32_t count = damage_count(medium, op, kind, DAMAGE_FINE);
        if (count > 0) {
            return (damage_t){kind, (uint32_t)((uint64_t)play->cut_index * count / 256u)};
        }
    }
    return (damage_t){DAMAGE_BEFORE, 0};
}

/* What is known when the power goes, as the explorer counts it. */
static void note_cut(lab_world_t *world)
{
    const uint8_t patience = application_trials(world->plan).patience;
    lab_ledger_t *ledger = &world->ledger;
    ledger->silent = 0;
    if (world->life->booting && ledger->trial != OTA_SLOT_NONE && ledger->starts == 0 &&
        ledger->attempts < patience && patience != UINT8_MAX) {
        ledger->attempts++;
    }
}

static void cut(play_t *play, const medium_op_t *op)
{
    char text[32];
    fork_t fork;
    lab_world_t *world = play->world;
    life_t *life = world->life;
    damage_t damage = choose(play, op);
    search_fork(world, &fork);
    play->armed = false;
    play->reading = play->cut_reading;
    play->result->cuts++;
    (void)damage_apply(&world->medium, op, damage);
    damage_text(damage, text);
    play_tell(play, ">>> the power goes while %u bytes at 0x%X are %s: %s", (unsigned)op->len,
              (unsigned)op->addr, op->kind == MEDIUM_ERASE ? "erased" : "programmed", text);
    note_cut(world);
    world->life = NULL;
    play_on(play);
    world->life = life;
    search_back(world, &fork);
}

/* What is written into a slot is no image any more, until a session is finished. */
static void note_content(lab_world_t *world, const medium_op_t *op)
{
    for (unsigned i = 0; i < world->app_count; i++) {
        ota_region_t where = world->apps[i];
        if (op->addr + op->len > where.offset && op->addr < where.offset + where.size) {
            world->ledger.content[lab_slot_index(world->app_slot[i])] = -1;
        }
    }
}

void play_op(play_t *play, const medium_op_t *op)
{
    lab_world_t *world = play->world;
    if (play->over || world->life == NULL || world->life->violated) {
        return;
    }
    play->result->ops++;
    if (play->armed && play->cut_in-- == 0) {
        cut(play, op);
        if (play->over) {
            return;
        }
    }
    note_content(world, op);
}
