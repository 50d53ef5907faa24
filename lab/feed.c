/* SPDX-License-Identifier: Apache-2.0 */
/* How a new image reaches its slot, in all the ways of lab_feed_t. */
#include <string.h>

#include "lab/application.h"

#define LOST_EVERY OTA_FLASH_SECTOR /* bytes after which the link of LAB_FEED_LOST fails */

/* Sessions that go on after a cut become equal soon after their first erase. */
#define FIRST_WRITES 4u

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

/* A trial that waits in the slot (its boot was put off) ends when the slot is written. */
static ota_status_t begin(feed_t *feed, uint32_t size, uint32_t *offset)
{
    app_t *app = feed->app;
    lab_ledger_t *ledger = app->ledger;
    if (ledger->trial == feed->slot) {
        ledger_open(ledger, LAB_OPEN_BACK, ledger->current);
    }
    ledger->content[lab_slot_index(feed->slot)] = -1;
    ota_status_t status = application_open(app, &feed->update, &feed->part, size, offset);
    if (status == OTA_OK) {
        judge_resume(feed, *offset);
        ledger->progress = *offset;
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
            feed->stopped = explore_checkpoint(world, application_ram(&feed->update, at, to));
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
    uint32_t links = len / LOST_EVERY + 2u; /* more means that nothing is ever gone on with */
    while (status == OTA_OK && !feed->stopped) {
        uint32_t end = offset + LOST_EVERY < len ? offset + LOST_EVERY : len;
        status = send(feed, feed->image->bytes, offset, end);
        if (status != OTA_OK || feed->stopped || end == len) {
            break;
        }
        ota_update_abort(&feed->update);
        if (links-- == 0) {
            return OTA_ERR_RESUME;
        }
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
    bool failed = feed->app->world->failing && other == OTA_ERR_FLASH_READ;
    if (other != OTA_ERR_BUSY && !failed) {
        (void)life_blame(feed->app->life, LAB_X, "a second session on the slot: %s",
                         ota_status_name(other));
    }
    return send(feed, feed->image->bytes, offset, len);
}

/* --- offers that must be refused ----------------------------------------------------------- */

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

static ota_status_t feed_damaged(feed_t *feed)
{
    uint8_t piece[64];
    uint32_t offset;
    uint32_t len = (uint32_t)feed->image->len;
    uint32_t half = len / 2u;
    ota_status_t status = begin(feed, OTA_WITH_SEQUENTIAL_WRITES, &offset);
    if (status == OTA_OK) {
        status = send(feed, feed->image->bytes, 0, half);
    }
    if (status == OTA_OK && !feed->stopped) {
        memcpy(piece, feed->image->bytes + half, sizeof(piece));
        piece[0] ^= 0x40;
        status = ota_update_write(&feed->update, piece, sizeof(piece));
    }
    if (status == OTA_OK && !feed->stopped) {
        status = send(feed, feed->image->bytes, half + (uint32_t)sizeof(piece), len);
    }
    return status;
}

static ota_status_t feed_truncated(feed_t *feed)
{
    uint32_t offset;
    ota_status_t status = begin(feed, OTA_WITH_SEQUENTIAL_WRITES, &offset);
    uint32_t end = (uint32_t)feed->image->len / 4u * 3u;
    return status == OTA_OK ? send(feed, feed->image->bytes, 0, end) : status;
}

static ota_status_t feed_too_big(feed_t *feed)
{
    uint32_t offset;
    return begin(feed, feed->part.size + 1u, &offset);
}

/* --- the update ---------------------------------------------------------------------------- */

typedef struct {
    ota_status_t (*feed)(feed_t *feed);
    bool bad; /* must be refused */
} way_t;

static const way_t ways[] = {
    [LAB_FEED_STREAM] = {feed_stream, false},      [LAB_FEED_STAGED] = {NULL, false},
    [LAB_FEED_SCATTER] = {feed_scatter, false},    [LAB_FEED_LOST] = {feed_lost, false},
    [LAB_FEED_TRUNCATED] = {feed_truncated, true}, [LAB_FEED_DAMAGED] = {feed_damaged, true},
    [LAB_FEED_CHIP] = {feed_stream, true},         [LAB_FEED_TOO_BIG] = {feed_too_big, true},
    [LAB_FEED_REPLACED] = {feed_replaced, false},  [LAB_FEED_TWICE] = {feed_twice, false},
};

static act_t finish_and_select(feed_t *feed)
{
    app_t *app = feed->app;
    ota_status_t status = ota_update_finish(&feed->update);
    if (status != OTA_OK) {
        return behaviour_failed(app, "finish", status);
    }
    app->ledger->content[lab_slot_index(feed->slot)] = (int8_t)app->ledger->offer;
    app->ledger->progress = 0;
    status = application_select(app, feed->slot, true);
    return status == OTA_OK ? ACT_RESETS : behaviour_failed(app, "select", status);
}

static act_t end_bad(feed_t *feed, ota_status_t status)
{
    if (status == OTA_OK) {
        status = ota_update_finish(&feed->update);
    }
    ota_update_abort(&feed->update);
    return refused(feed->app, status);
}

/* It failed before it touched the slot, which still holds image `held`. */
static void look_again(feed_t *feed, int8_t held)
{
    lab_world_t *world = feed->app->world;
    const image_bytes_t *image = held >= 0 ? &world->plan->image[held] : NULL;
    if (image != NULL &&
        medium_holds(&world->medium, feed->part.offset, image->bytes, (uint32_t)image->len)) {
        world->ledger.content[lab_slot_index(feed->slot)] = held;
    }
}

static act_t update_with(feed_t *feed)
{
    app_t *app = feed->app;
    int8_t held = app->ledger->content[lab_slot_index(feed->slot)];
    const way_t *way = &ways[app->world->plan->scenario.row->feed];
    if (way->feed == NULL) { /* it lies there */
        ota_status_t status = application_select(app, feed->slot, false);
        return status == OTA_OK ? ACT_RESETS : behaviour_failed(app, "select", status);
    }
    app->ledger->progress = way->bad ? 0 : app->ledger->progress;
    ota_status_t status = way->feed(feed);
    if (feed->stopped) {
        return ACT_STOPPED;
    }
    if (status != OTA_OK) {
        look_again(feed, held);
    }
    if (way->bad) {
        return end_bad(feed, status);
    }
    return status == OTA_OK ? finish_and_select(feed)
                            : behaviour_failed(app, "the download", status);
}

act_t feed_update(app_t *app)
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
    return status == OTA_OK ? update_with(&feed) : behaviour_failed(app, "next", status);
}

/* On trial: an update must be refused before it touches anything. */
void feed_too_early(app_t *app)
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
    bool failed = app->world->failing && status == OTA_ERR_FLASH_READ;
    if ((status != OTA_ERR_UNCONFIRMED && !failed) || app->life->ops != ops) {
        (void)life_blame(app->life, LAB_X, "an update during a trial: %s", ota_status_name(status));
    }
}
