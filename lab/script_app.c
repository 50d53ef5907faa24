/* SPDX-License-Identifier: Apache-2.0 */
/* Applications that do what a script says. */
#include <string.h>

#include "lab/script_play.h"

typedef struct {
    play_t *play;
    app_t app;
    bool ended; /* reset, or dead */
    /* its session */
    ota_update_t update;
    ota_part_t part;
    ota_slot_t slot;
    ota_slot_t finished; /* in this life; OTA_SLOT_NONE */
    int image;
    uint32_t at;
    bool continued;
    bool scattered; /* it has written out of order, and goes on so */
} actor_t;

static const image_bytes_t *image_of(const actor_t *actor)
{
    return &actor->play->world->plan->image[actor->image];
}

static void tell(const actor_t *actor, const char *what, ota_status_t status)
{
    play_tell(actor->play, "%s: %s", what, ota_status_name(status));
}

/* --- sessions ------------------------------------------------------------------------------ */

static void forget_told(actor_t *actor)
{
    actor->play->told_image = -1;
}

static ota_status_t find_target(actor_t *actor)
{
    uint32_t index = 0;
    ota_status_t status = ota_device_next(&actor->app.device, &actor->slot);
    if (status != OTA_OK) {
        return status;
    }
    return ota_table_find(&actor->play->world->table, &index, OTA_TYPE_APP,
                          (int)OTA_SUBTYPE_OTA_0 + actor->slot, NULL, &actor->part);
}

/* % 4 the image, / 4 % 4 how. */
static void take_begin(actor_t *actor)
{
    uint8_t how = play_byte(actor->play);
    ota_status_t status = find_target(actor);
    if (status != OTA_OK || ota_update_open(&actor->update)) {
        return;
    }
    actor->image = how % LAB_IMAGES_MAX;
    const uint32_t len = (uint32_t)image_of(actor)->len;
    const uint32_t sizes[] = {len, OTA_SIZE_UNKNOWN, OTA_WITH_SEQUENTIAL_WRITES, len};
    uint32_t flags = how / 4u % 4u == 3u ? OTA_UPDATE_READ_BACK : 0;
    status = ota_update_begin(&actor->update, &actor->app.device, &actor->part,
                              sizes[how / 4u % 4u], flags);
    actor->at = 0;
    actor->continued = false;
    actor->scattered = false;
    tell(actor, "begins", status);
}

/* A download that was told of goes on where it was, but for a unit. */
static void judge_resume(const actor_t *actor, uint32_t offset)
{
    const play_t *play = actor->play;
    bool same = play->told_image == actor->image && play->told_slot == actor->slot;
    uint32_t unit = (play->world->plan->chip.erase_units & OTA_ERASE_64K) != 0 ? OTA_ERASE_64K
                                                                               : OTA_FLASH_SECTOR;
    if (same && play->told > offset + unit && !play->over) {
        (void)life_blame(actor->app.life, LAB_L1, "%u bytes are sent again, more than %u",
                         (unsigned)(play->told - offset), (unsigned)unit);
    }
}

static void continue_with(actor_t *actor, int which)
{
    app_t *app = &actor->app;
    ota_status_t status = find_target(actor);
    if (status != OTA_OK || ota_update_open(&actor->update)) {
        return;
    }
    actor->image = which;
    const image_bytes_t *image = image_of(actor);
    app->offer.size = (uint32_t)image->len;
    memcpy(app->offer.id, image->bytes + image->len - OTA_OFFER_ID, OTA_OFFER_ID);
    status =
        ota_update_continue(&actor->update, &app->device, &actor->part, &app->offer, 0, &actor->at);
    actor->continued = true;
    actor->scattered = false;
    if (status == OTA_OK) {
        judge_resume(actor, actor->at);
    }
    tell(actor, "continues", status);
}

/* A trial that waits in the slot ends when the slot is written. */
static void open_slot(actor_t *actor)
{
    lab_ledger_t *ledger = actor->app.ledger;
    if (ledger->trial == actor->slot) {
        ledger_open(ledger, LAB_OPEN_BACK, ledger->current);
    }
    if (!actor->continued) {
        forget_told(actor);
    }
}

static void close_slot(actor_t *actor)
{
    lab_ledger_t *ledger = actor->app.ledger;
    if (!actor->play->over && ledger->trial == actor->slot &&
        ledger->content[lab_slot_index(actor->slot)] < 0) {
        ledger_selected(ledger, ledger->current, false);
    }
}

static void note_told(actor_t *actor)
{
    play_t *play = actor->play;
    if (actor->continued && play->world->medium.fail.how == MEDIUM_WORKS && !play->rotten &&
        play->world->plan->scenario.variant.way == LAB_WAY_OTARY) {
        play->told_image = actor->image;
        play->told_slot = actor->slot;
        play->told = actor->at;
    }
}

static uint32_t at_most(uint32_t n, uint32_t limit)
{
    return n < limit ? n : limit;
}

static void write_next(actor_t *actor, uint32_t n, bool wrong)
{
    uint8_t bytes[8192];
    const image_bytes_t *image = image_of(actor);
    n = at_most(at_most(n, (uint32_t)image->len - actor->at), sizeof(bytes));
    if (!ota_update_open(&actor->update) || n == 0 || actor->scattered) {
        return;
    }
    memcpy(bytes, image->bytes + actor->at, n);
    bytes[n / 2u] ^= wrong ? 0x10u : 0u;
    open_slot(actor);
    ota_status_t status = ota_update_write(&actor->update, bytes, n);
    if (actor->play->over) {
        return;
    }
    close_slot(actor);
    if (status == OTA_OK) {
        actor->at += n;
        note_told(actor);
    }
    if (wrong) {
        forget_told(actor);
    }
    play_tell(actor->play, "writes %u bytes%s up to %u: %s", (unsigned)n,
              wrong ? ", one wrong," : "", (unsigned)actor->at, ota_status_name(status));
}

static void take_write(actor_t *actor, bool wrong)
{
    static const uint32_t lens[] = {1, 16, 31, 400, 1000, 4095, 4096, 8192};
    write_next(actor, lens[play_byte(actor->play) % 8u], wrong);
}

static void take_write_at(actor_t *actor)
{
    const image_bytes_t *image = image_of(actor);
    uint32_t sectors = ((uint32_t)image->len + OTA_FLASH_SECTOR - 1u) / OTA_FLASH_SECTOR;
    uint32_t from = play_byte(actor->play) % (sectors > 0 ? sectors : 1u) * OTA_FLASH_SECTOR;
    uint32_t left = (uint32_t)image->len - from;
    if (!ota_update_open(&actor->update) || actor->at > 0) {
        return;
    }
    actor->continued = false;
    actor->scattered = true;
    open_slot(actor);
    ota_status_t status = ota_update_write_at(&actor->update, from, image->bytes + from,
                                              left < OTA_FLASH_SECTOR ? left : OTA_FLASH_SECTOR);
    close_slot(actor);
    tell(actor, "writes a sector", status);
}

static void finish(actor_t *actor)
{
    play_t *play = actor->play;
    lab_ledger_t *ledger = actor->app.ledger;
    const image_bytes_t *image = image_of(actor);
    if (!ota_update_open(&actor->update)) {
        return;
    }
    open_slot(actor);
    ota_status_t status = ota_update_finish(&actor->update);
    if (play->over) {
        return;
    }
    close_slot(actor);
    forget_told(actor);
    tell(actor, "finishes", status);
    if (status != OTA_OK) {
        return;
    }
    if (!play->silent && !medium_holds(&play->world->medium, actor->part.offset, image->bytes,
                                       (uint32_t)image->len)) {
        (void)life_blame(actor->app.life, LAB_S2, "a session was finished on what is no image");
    }
    ledger->content[lab_slot_index(actor->slot)] = (int8_t)actor->image;
    actor->finished = actor->slot;
}

/* --- what boots ---------------------------------------------------------------------------- */

static void select_slot(actor_t *actor, ota_slot_t slot)
{
    app_t *app = &actor->app;
    uint32_t ops = app->life->ops;
    bool trusted = slot == actor->finished && slot != OTA_SLOT_NONE;
    forget_told(actor);
    if (app->ledger->content[lab_slot_index(slot)] < 0) { /* nobody finished it: cells may lie */
        tell(actor, "looks at a slot", ota_device_verdict(&app->device, slot, NULL));
        return;
    }
    ota_status_t status = application_select(app, slot, trusted);
    if (actor->play->over) {
        return;
    }
    if (status == OTA_OK) {
        actor->play->result->updates += trusted;
    } else if (app->life->ops == ops) {
        ledger_refused(app->ledger);
    }
    play_tell(actor->play, "selects slot %d: %s", slot, ota_status_name(status));
}

static void take_select(actor_t *actor)
{
    uint8_t which = play_byte(actor->play);
    uint8_t count = actor->play->world->plan->layout.app_count;
    ota_slot_t slot = (ota_slot_t)(which / 4u % (count > 0 ? count : 1u));
    switch (which % 4u) {
    case 0:
        slot = actor->finished;
        if (slot == OTA_SLOT_NONE && ota_device_next(&actor->app.device, &slot) != OTA_OK) {
            return;
        }
        break;
    case 1:
        slot = actor->app.life->running;
        break;
    case 2:
        slot = OTA_SLOT_FACTORY;
        break;
    default:
        break;
    }
    select_slot(actor, slot);
}

static void confirm(actor_t *actor)
{
    app_t *app = &actor->app;
    bool trial = app->ledger->trial == app->life->running;
    forget_told(actor);
    ota_status_t status = trial ? application_confirm(app) : ota_device_confirm(&app->device);
    tell(actor, "confirms itself", status);
}

/* Confirmed before, and bad after all: it goes back to what the library names. */
static ota_status_t reject_confirmed(app_t *app)
{
    ota_slot_t to;
    ota_status_t status = ota_device_can_reject(&app->device, &to);
    if (status != OTA_OK) {
        return status;
    }
    ledger_open(app->ledger, LAB_OPEN_BACK, to);
    status = ota_device_reject(&app->device);
    if (status == OTA_OK) {
        ledger_selected(app->ledger, to, false);
        app->ledger->dropped = app->life->running;
    }
    return status;
}

static void reject(actor_t *actor)
{
    app_t *app = &actor->app;
    ota_status_t status = OTA_ERR_STATE;
    forget_told(actor);
    if (app->ledger->trial == app->life->running) {
        status = application_reject(app);
    } else if (app->ledger->trial == OTA_SLOT_NONE && app->ledger->current == app->life->running) {
        status = reject_confirmed(app);
    }
    actor->ended = status == OTA_OK; /* the caller restarts */
    tell(actor, "rejects itself", status);
}

static void take_forget(actor_t *actor)
{
    app_t *app = &actor->app;
    uint8_t count = actor->play->world->plan->layout.app_count;
    ota_slot_t slot = (ota_slot_t)(play_byte(actor->play) % (count > 0 ? count : 1u));
    bool waits = app->ledger->trial == slot && app->life->running != slot;
    forget_told(actor);
    if (slot == app->ledger->current && slot != app->life->running) {
        return; /* the way back: it would go anywhere, and rightly so */
    }
    if (waits) {
        ledger_open(app->ledger, LAB_OPEN_BACK, app->ledger->current);
    }
    ota_status_t status = ota_device_forget(&app->device, slot);
    if (waits && status == OTA_OK && !actor->play->over) {
        ledger_selected(app->ledger, app->ledger->current, false);
    }
    play_tell(actor->play, "forgets slot %d: %s", slot, ota_status_name(status));
}

static void whole_update(actor_t *actor)
{
    continue_with(actor, play_byte(actor->play) % LAB_IMAGES_MAX);
    for (unsigned i = 0; i < 8u && !actor->play->over; i++) {
        write_next(actor, 2000, false);
    }
    finish(actor);
    if (actor->finished != OTA_SLOT_NONE && !actor->play->over) {
        select_slot(actor, actor->finished);
    }
    actor->ended = true;
}

/* --- acting -------------------------------------------------------------------------------- */

static void do_session(actor_t *actor, uint8_t letter)
{
    switch (letter) {
    case 'b':
        take_begin(actor);
        break;
    case 'c':
        continue_with(actor, play_byte(actor->play) % LAB_IMAGES_MAX);
        break;
    case 'w':
    case 'm':
        take_write(actor, letter == 'm');
        break;
    case 'a':
        take_write_at(actor);
        break;
    case 'f':
        finish(actor);
        break;
    case 'q':
        ota_update_abort(&actor->update);
        break;
    default:
        play_fate(actor->play, letter);
        break;
    }
}

static void do_letter(actor_t *actor, uint8_t letter)
{
    switch (letter) {
    case 'r':
    case 'o':
        play_tell(actor->play, letter == 'r' ? "resets" : "is switched off");
        actor->ended = true;
        if (letter == 'o') {
            actor->play->reading = (medium_reading_t)(play_byte(actor->play) % MEDIUM_READINGS);
        }
        break;
    case 's':
        take_select(actor);
        break;
    case 'v':
        confirm(actor);
        break;
    case 'x':
        reject(actor);
        break;
    case 'd':
        take_forget(actor);
        break;
    case 'u':
        whole_update(actor);
        break;
    default:
        do_session(actor, letter);
        break;
    }
}

/* One update more, confirmed: then it rests. */
static act_t live_in_peace(play_t *play, app_t *app)
{
    lab_ledger_t *ledger = app->ledger;
    ota_slot_t slot;
    if (ota_device_on_trial(&app->device) || ledger->trial == app->life->running) {
        ota_status_t status = application_confirm(app);
        if (status != OTA_OK) {
            return behaviour_failed(app, "confirm", status);
        }
    }
    if (play->served) {
        return ACT_RESTS;
    }
    if (ota_device_next(&app->device, &slot) == OTA_ERR_ONLY_SLOT) { /* factory updates it */
        ota_status_t status = application_select(app, OTA_SLOT_FACTORY, false);
        return status == OTA_OK ? ACT_RESETS : behaviour_failed(app, "select factory", status);
    }
    ledger->updates = 1;
    play->served = true;
    return feed_update(app);
}

act_t play_act(void *user, lab_world_t *world, life_t *life, int image)
{
    play_t *play = user;
    actor_t actor = {.play = play, .finished = OTA_SLOT_NONE};
    actor.app = (app_t){.world = world, .life = life, .ledger = &world->ledger, .image = image};
    play_shaken(play, true);
    ota_status_t status = application_start(&actor.app);
    play_tell(play, "image %d starts in slot %d", image, life->running);
    if (status != OTA_OK) {
        return behaviour_failed(&actor.app, "init", status);
    }
    if (world->ledger.trial == life->running && world->ledger.maybe != 0 &&
        !ota_device_on_trial(&actor.app.device)) {
        ledger_confirmed(&world->ledger); /* cut after it had taken effect: for all to see */
    }
    if (play->peace) {
        return live_in_peace(play, &actor.app);
    }
    while (!actor.ended && !play->over && !life->violated && !play_ended(play)) {
        do_letter(&actor, play_byte(play));
    }
    return ACT_RESETS;
}
