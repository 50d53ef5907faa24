/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call that the laboratory makes into the device library stands in this file, and what the
 * applications do with them. A change of the library's calls is made here and nowhere else.
 */
#include <string.h>

#include "lab/world.h"
#include "ports/crypto/openssl.h"

/* Starts that the boot code gives a trial, and after how many cut boots a trial that never started
 * may be given up: never where Espressif's bootloader decides, an accepted update is lost then. */
static const lab_trials_t stock_trials = {.starts = 1, .patience = UINT8_MAX};
static const lab_trials_t otary_trials = {.starts = 1, .patience = 3};

#define LOST_EVERY OTA_FLASH_SECTOR /* bytes after which the link of LAB_FEED_LOST fails */

/* Sessions that go on after a cut become equal soon after their first erase. */
#define FIRST_WRITES 4u

/* One application at work. */
typedef struct {
    lab_world_t *world;
    life_t *life;
    lab_ledger_t *ledger;
    int image; /* that runs */
    ota_device_t device;
    ota_efuse_t efuse;
} app_t;

void application_boot_config(const lab_scenario_t *scenario, ota_boot_config_t *config)
{
    *config = (ota_boot_config_t){
        .policy = scenario->variant.way == LAB_WAY_OTARY ? OTA_POLICY_OTARY : OTA_POLICY_STOCK,
        .rollback = !scenario->row->no_rollback,
        .anti_rollback = scenario->row->versions != 0,
    };
}

lab_trials_t application_trials(const lab_plan_t *plan)
{
    lab_trials_t trials = plan->boot.policy == OTA_POLICY_OTARY ? otary_trials : stock_trials;
    trials.trials = plan->boot.rollback || plan->boot.anti_rollback;
    return trials;
}

/* --- the calls ----------------------------------------------------------------------------- */

static ota_status_t start_device(app_t *app)
{
    const lab_plan_t *plan = app->world->plan;
    app->efuse = life_efuse(app->world);
    app->device = (ota_device_t){.flash = &app->life->port.flash,
                                 .crypto = &crypto_openssl,
                                 .efuse = plan->boot.anti_rollback ? &app->efuse : NULL,
                                 .chip = plan->image_chip,
                                 .any_rev = true,
                                 .boot = plan->boot};
    uint32_t pc = ota_layout_region(&plan->layout, app->life->running).offset + 0x20u;
    return ota_device_init(&app->device, &app->world->table, pc);
}

/* Opens the session. *offset: from where to send. Without a call that finds the place in flash, the
 * application goes by what it was told to have delivered. */
static ota_status_t open_session(app_t *app, ota_update_t *update, const ota_part_t *part,
                                 uint32_t size, uint32_t *offset)
{
    ota_status_t status = OTA_ERR_RESUME;
    *offset = app->ledger->progress;
    if (*offset > 0) {
        status = ota_update_resume(update, &app->device, part, size, 0, offset);
    }
    if (status == OTA_ERR_RESUME) {
        *offset = 0;
        status = ota_update_begin(update, &app->device, part, size, 0);
    }
    return status;
}

static ota_status_t select_slot(app_t *app, ota_slot_t slot, bool trusted)
{
    ota_fault_t fault;
    bool trial = slot != OTA_SLOT_FACTORY && application_trials(app->world->plan).trials;
    ledger_open(app->ledger, LAB_OPEN_SELECT, slot);
    ota_status_t status = ota_device_select(&app->device, slot, trusted, &fault);
    if (status == OTA_OK) {
        ledger_selected(app->ledger, slot, trial);
    }
    return status;
}

static ota_status_t confirm(app_t *app)
{
    uint32_t version = app->world->plan->image_version[app->image];
    ledger_open(app->ledger, LAB_OPEN_CONFIRM, OTA_SLOT_NONE);
    if (version > app->ledger->efuse_limit) {
        app->ledger->efuse_limit = version;
    }
    ota_status_t status = ota_device_confirm(&app->device);
    if (status == OTA_OK) {
        ledger_confirmed(app->ledger);
    }
    return status;
}

static ota_status_t reject(app_t *app)
{
    ledger_open(app->ledger, LAB_OPEN_REJECT, OTA_SLOT_NONE);
    ota_status_t status = ota_device_reject(&app->device);
    if (status == OTA_OK) {
        ledger_rejected(app->ledger);
    }
    return status;
}

/* --- what a call that failed means --------------------------------------------------------- */

/* On a flash that works, it must not have failed. With failures armed the application restarts. */
static act_t failed(app_t *app, const char *call, ota_status_t status)
{
    if (app->world->medium.fail.how == MEDIUM_WORKS) {
        (void)life_blame(app->life, LAB_L1, "%s in slot %d fails: %s", call, app->life->running,
                         ota_status_name(status));
    }
    return ACT_RESETS;
}

/* A bad offer was refused, as it must be: the server is told and offers no more. */
static act_t refused(app_t *app, ota_status_t status)
{
    if (status == OTA_OK) {
        (void)life_blame(app->life, LAB_S2, "an image that is none was accepted");
    }
    app->ledger->updates = 0;
    app->ledger->progress = 0;
    return ACT_RESTS;
}

/* --- the session's RAM, for checkpoints ---------------------------------------------------- */

static uint64_t ram_of(const ota_update_t *update, uint32_t next, uint32_t end)
{
    ota_update_t copy; /* without what differs from life to life */
    memcpy(&copy, update, sizeof(copy));
    copy.next = NULL;
    copy.device = NULL;
    copy.final = NULL;
    copy.rules.crypto = NULL;
    copy.image.rules = NULL;
    return medium_mix_bytes(((uint64_t)end << 32) + next, &copy, sizeof(copy));
}

/* --- feeding ------------------------------------------------------------------------------- */

typedef struct {
    app_t *app;
    ota_update_t update;
    ota_part_t part;
    ota_slot_t slot;
    const image_bytes_t *image;
    bool stopped; /* a checkpoint knew the rest */
} feed_t;

static void note_progress(feed_t *feed, uint32_t at)
{
    feed->app->ledger->progress = at;
}

/* How many bytes were sent before and are sent again. */
static void judge_resume(feed_t *feed, uint32_t offset)
{
    uint32_t told = feed->app->ledger->progress;
    uint32_t again = told > offset ? told - offset : 0;
    uint32_t unit = (feed->app->world->plan->chip.erase_units & OTA_ERASE_64K) != 0
                        ? OTA_ERASE_64K
                        : OTA_FLASH_SECTOR;
    explore_result_t *result = feed->app->world->result;
    if (result != NULL && again > result->most_resent) {
        result->most_resent = again;
    }
    if (again > unit) {
        (void)life_blame(feed->app->life, LAB_L1, "%u bytes are sent again, more than %u",
                         (unsigned)again, (unsigned)unit);
    }
}

static ota_status_t begin(feed_t *feed, uint32_t size, uint32_t *offset)
{
    app_t *app = feed->app;
    app->ledger->content[lab_slot_index(feed->slot)] = -1;
    ota_status_t status = open_session(app, &feed->update, &feed->part, size, offset);
    if (status == OTA_OK) {
        judge_resume(feed, *offset);
        app->ledger->progress = *offset;
    }
    return status;
}

/* [from, to) of the image in the plan's chunks. */
static ota_status_t send(feed_t *feed, const uint8_t *bytes, uint32_t from, uint32_t to)
{
    lab_world_t *world = feed->app->world;
    ota_status_t status = OTA_OK;
    uint32_t sector = UINT32_MAX;
    uint32_t sent = 0;
    for (uint32_t n, at = from; at < to && status == OTA_OK; at += n) {
        n = to - at < world->plan->chunk ? to - at : world->plan->chunk;
        if (sent++ < FIRST_WRITES || at / OTA_FLASH_SECTOR != sector) {
            sector = at / OTA_FLASH_SECTOR;
            feed->stopped = explore_checkpoint(world, ram_of(&feed->update, at, to));
            if (feed->stopped) {
                return OTA_OK;
            }
        }
        status = ota_update_write(&feed->update, bytes + at, n);
        if (status == OTA_OK) {
            note_progress(feed, at + n);
        }
    }
    return status;
}

static ota_status_t feed_stream(feed_t *feed)
{
    uint32_t offset;
    uint32_t len = (uint32_t)feed->image->len;
    ota_status_t status = begin(feed, len, &offset);
    return status == OTA_OK ? send(feed, feed->image->bytes, offset, len) : status;
}

/* The link fails after every sector; a new session goes on. */
static ota_status_t feed_lost(feed_t *feed)
{
    uint32_t offset;
    uint32_t len = (uint32_t)feed->image->len;
    ota_status_t status = begin(feed, len, &offset);
    while (status == OTA_OK && !feed->stopped) {
        uint32_t end = offset + LOST_EVERY < len ? offset + LOST_EVERY : len;
        status = send(feed, feed->image->bytes, offset, end);
        if (status != OTA_OK || feed->stopped || end == len) {
            break;
        }
        ota_update_abort(&feed->update);
        status = begin(feed, len, &offset);
    }
    return status;
}

/* Halfway the server has another image. */
static ota_status_t feed_replaced(feed_t *feed)
{
    app_t *app = feed->app;
    uint32_t offset;
    uint32_t half = (uint32_t)feed->image->len / 2u;
    if (app->ledger->offer == LAB_IMAGE_NEW) {
        ota_status_t status = begin(feed, (uint32_t)feed->image->len, &offset);
        if (status == OTA_OK && offset < half) {
            status = send(feed, feed->image->bytes, offset, half);
        }
        if (status != OTA_OK || feed->stopped) {
            return status;
        }
        ota_update_abort(&feed->update);
        app->ledger->offer = LAB_IMAGE_OTHER;
        app->ledger->progress = 0; /* of that one nothing was sent */
        feed->image = &app->world->plan->image[LAB_IMAGE_OTHER];
    }
    return feed_stream(feed);
}

/* Sectors from the last to the first. */
static ota_status_t feed_scatter(feed_t *feed)
{
    uint32_t offset;
    uint32_t len = (uint32_t)feed->image->len;
    ota_status_t status = begin(feed, OTA_SIZE_UNKNOWN, &offset);
    for (uint32_t n, end = len; end > 0 && status == OTA_OK; end -= n) {
        n = end % OTA_FLASH_SECTOR != 0 ? end % OTA_FLASH_SECTOR : OTA_FLASH_SECTOR;
        status = ota_update_write_at(&feed->update, end - n, feed->image->bytes + (end - n), n);
    }
    return status;
}

static ota_status_t feed_twice(feed_t *feed)
{
    uint32_t offset;
    ota_update_t second;
    uint32_t len = (uint32_t)feed->image->len;
    ota_status_t status = begin(feed, len, &offset);
    if (status != OTA_OK) {
        return status;
    }
    ota_status_t other =
        ota_update_begin(&second, &feed->app->device, &feed->part, OTA_SIZE_UNKNOWN, 0);
    if (other != OTA_ERR_BUSY) {
        (void)life_blame(feed->app->life, LAB_X, "a second session on the slot: %s",
                         ota_status_name(other));
    }
    return send(feed, feed->image->bytes, offset, len);
}

static ota_status_t feed_good(feed_t *feed)
{
    switch (feed->app->world->plan->scenario.row->feed) {
    case LAB_FEED_LOST:
        return feed_lost(feed);
    case LAB_FEED_REPLACED:
        return feed_replaced(feed);
    case LAB_FEED_SCATTER:
        return feed_scatter(feed);
    case LAB_FEED_TWICE:
        return feed_twice(feed);
    case LAB_FEED_STAGED:
    case LAB_FEED_STREAM:
    case LAB_FEED_TRUNCATED:
    case LAB_FEED_DAMAGED:
    case LAB_FEED_CHIP:
    case LAB_FEED_TOO_BIG:
        break;
    }
    return feed_stream(feed);
}

/* Offers that must be refused, from begin to finish. */
static act_t feed_bad(feed_t *feed, lab_feed_t how)
{
    uint8_t piece[64];
    uint32_t offset = 0;
    uint32_t len = (uint32_t)feed->image->len;
    uint32_t spoilt = how == LAB_FEED_DAMAGED ? len / 2u : len;
    uint32_t size = how == LAB_FEED_TOO_BIG ? feed->part.size + 1u : OTA_WITH_SEQUENTIAL_WRITES;
    feed->app->ledger->progress = 0;
    ota_status_t status = begin(feed, size, &offset);
    uint32_t end = how == LAB_FEED_TRUNCATED ? len / 4u * 3u : spoilt;
    if (status == OTA_OK) {
        status = send(feed, feed->image->bytes, 0, end);
    }
    if (status == OTA_OK && !feed->stopped && spoilt < len) {
        uint32_t n = len - spoilt < sizeof(piece) ? len - spoilt : (uint32_t)sizeof(piece);
        memcpy(piece, feed->image->bytes + spoilt, n);
        piece[0] ^= 0x40;
        status = ota_update_write(&feed->update, piece, n);
        if (status == OTA_OK) {
            status = send(feed, feed->image->bytes, spoilt + n, len);
        }
    }
    if (feed->stopped) {
        return ACT_STOPPED;
    }
    if (status == OTA_OK) {
        status = ota_update_finish(&feed->update);
    }
    ota_update_abort(&feed->update);
    return refused(feed->app, status);
}

/* --- acting -------------------------------------------------------------------------------- */

static bool bad_offer(lab_feed_t feed)
{
    return feed == LAB_FEED_TRUNCATED || feed == LAB_FEED_DAMAGED || feed == LAB_FEED_CHIP ||
           feed == LAB_FEED_TOO_BIG;
}

static act_t finish_and_select(feed_t *feed)
{
    app_t *app = feed->app;
    ota_status_t status = ota_update_finish(&feed->update);
    if (status != OTA_OK) {
        return failed(app, "finish", status);
    }
    app->ledger->content[lab_slot_index(feed->slot)] = (int8_t)app->ledger->offer;
    app->ledger->progress = 0;
    status = select_slot(app, feed->slot, true);
    return status == OTA_OK ? ACT_RESETS : failed(app, "select", status);
}

static act_t update_with(feed_t *feed)
{
    app_t *app = feed->app;
    const lab_row_t *row = app->world->plan->scenario.row;
    if (row->feed == LAB_FEED_STAGED) {
        ota_status_t status = select_slot(app, feed->slot, false);
        return status == OTA_OK ? ACT_RESETS : failed(app, "select", status);
    }
    if (bad_offer(row->feed)) {
        return feed_bad(feed, row->feed);
    }
    ota_status_t status = feed_good(feed);
    if (feed->stopped) {
        return ACT_STOPPED;
    }
    return status == OTA_OK ? finish_and_select(feed) : failed(app, "the download", status);
}

static act_t update(app_t *app)
{
    const lab_plan_t *plan = app->world->plan;
    feed_t feed = {.app = app};
    uint32_t index = 0;
    if (plan->scenario.row->repeat) {
        app->ledger->offer = app->image == LAB_IMAGE_NEW ? LAB_IMAGE_OTHER : LAB_IMAGE_NEW;
    }
    feed.image = &plan->image[app->ledger->offer];
    ota_status_t status = ota_device_next(&app->device, &feed.slot);
    if (status == OTA_OK) {
        status = ota_table_find(&app->world->table, &index, OTA_TYPE_APP,
                                (int)OTA_SUBTYPE_OTA_0 + feed.slot, NULL, &feed.part);
    }
    return status == OTA_OK ? update_with(&feed) : failed(app, "next", status);
}

/* On trial: an update must be refused before it touches anything. */
static void update_early(app_t *app)
{
    ota_update_t update;
    ota_part_t part;
    uint32_t index = 0;
    uint32_t ops = app->life->ops;
    ota_slot_t slot;
    if (ota_device_next(&app->device, &slot) != OTA_OK ||
        ota_table_find(&app->world->table, &index, OTA_TYPE_APP, (int)OTA_SUBTYPE_OTA_0 + slot,
                       NULL, &part) != OTA_OK) {
        return; /* one slot only */
    }
    ota_status_t status = ota_update_begin(&update, &app->device, &part, OTA_SIZE_UNKNOWN, 0);
    if (status != OTA_ERR_UNCONFIRMED || app->life->ops != ops) {
        (void)life_blame(app->life, LAB_X, "an update during a trial: %s", ota_status_name(status));
    }
}

/* true: go on; else *act. */
static bool settle_trial(app_t *app, act_t *act)
{
    if (ota_device_on_trial(&app->device)) {
        ota_status_t status = confirm(app);
        if (status != OTA_OK) {
            *act = failed(app, "confirm", status);
            return false;
        }
    } else if (app->ledger->trial == app->life->running) {
        ledger_confirmed(app->ledger); /* cut after it had taken effect: for all to see */
    }
    return true;
}

static act_t crash_or_confirm(app_t *app, unsigned crashes)
{
    act_t act = ACT_RESTS;
    if (app->ledger->trial == app->life->running && app->ledger->starts <= crashes) {
        return ACT_RESETS;
    }
    (void)settle_trial(app, &act);
    return act;
}

static act_t give_up(app_t *app)
{
    ota_status_t status = reject(app);
    return status == OTA_OK ? ACT_RESETS : failed(app, "reject", status);
}

static act_t to_factory(app_t *app)
{
    ota_status_t status = select_slot(app, OTA_SLOT_FACTORY, false);
    return status == OTA_OK ? ACT_RESETS : failed(app, "select factory", status);
}

static act_t act_as(app_t *app, lab_does_t does)
{
    act_t act = ACT_RESTS;
    bool trial = app->ledger->trial == app->life->running;
    switch (does) {
    case LAB_DOES_UPDATE:
        return settle_trial(app, &act) && app->ledger->updates > 0 ? update(app) : act;
    case LAB_DOES_CONFIRM:
        (void)settle_trial(app, &act);
        return act;
    case LAB_DOES_UPDATE_EARLY:
        if (trial && ota_device_on_trial(&app->device)) {
            update_early(app);
        }
        (void)settle_trial(app, &act);
        return act;
    case LAB_DOES_REJECT:
        return trial ? give_up(app) : ACT_RESTS;
    case LAB_DOES_CRASH:
        return crash_or_confirm(app, UINT8_MAX);
    case LAB_DOES_CRASH_TWICE:
        return crash_or_confirm(app, 2);
    case LAB_DOES_FACTORY:
        return to_factory(app);
    case LAB_DOES_NOTHING:
        break;
    }
    return ACT_RESTS;
}

act_t application_act(lab_world_t *world, life_t *life, int image)
{
    app_t app = {.world = world, .life = life, .ledger = &world->ledger, .image = image};
    const lab_row_t *row = world->plan->scenario.row;
    bool fresh = image == LAB_IMAGE_NEW || image == LAB_IMAGE_OTHER;
    if (life->running == OTA_SLOT_FACTORY && world->plan->home != OTA_SLOT_FACTORY) {
        return ACT_RESTS;
    }
    ota_status_t status = start_device(&app);
    if (status != OTA_OK) {
        return failed(&app, "init", status);
    }
    return act_as(&app, fresh || row->same ? row->new_does : row->old_does);
}
