/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/net/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS_MAX 400000u /* small pieces of work; a session of 30 KiB takes some 300 */
#define BOOTS_MAX 2000u
#define POLLS_MAX 40u   /* that end without an update, where one must come */
#define QUIET_MS  250u  /* put forward where nothing came */
#define BUSY_MS   1u    /* and where something did */
#define UNIT      4096u /* erase unit: what an interruption may send twice */
#define NAP_MS    20u   /* of a pause, by a real clock */
#define TRIAL_MS  100u  /* and so much of it is passed over while a trial is open */
#define IN_FLIGHT 1024u /* and the piece that was on its way */

typedef struct {
    const net_stage_t *stage;
    const net_plan_t *plan;
    net_outcome_t *outcome;
    device_t *device;
    net_link_t link;
    wire_t wire; /* plan.server */
    ota_http_t port;
    uint32_t seen;  /* boots that were looked at */
    uint32_t polls; /* that ended without an update */
} session_t;

static uint32_t device_clock(void *ctx)
{
    return device_ms(ctx);
}

__attribute__((format(printf, 2, 3))) static void blame(session_t *session, const char *format, ...)
{
    va_list list;
    net_outcome_t *outcome = session->outcome;
    if (outcome->end == NET_BROKEN) {
        return; /* the first one counts */
    }
    va_start(list, format);
    outcome->end = NET_BROKEN;
    (void)vsnprintf(outcome->what, sizeof(outcome->what), format, list);
    va_end(list);
}

/* --- what holds ---------------------------------------------------------------------------- */

static bool holds(const session_t *session, ota_slot_t slot, const uint8_t *bytes, uint32_t len)
{
    ota_region_t where = ota_layout_region(&session->device->image.layout, slot);
    return where.size >= len && memcmp(session->device->nor.bytes + where.offset, bytes, len) == 0;
}

static bool runs_new(const session_t *session)
{
    const site_file_t *image = session->stage->image;
    return holds(session, session->device->trace.booted, image->bytes, image->len);
}

/* The published image, and nobody may take it away. */
static bool updated(const session_t *session)
{
    return runs_new(session) && !ota_device_on_trial(&session->device->powered.device);
}

static void look_at_boot(session_t *session)
{
    const device_t *device = session->device;
    if (!device->on || device->boots == session->seen) {
        return;
    }
    session->seen = device->boots;
    if (!runs_new(session) &&
        !holds(session, device->trace.booted, session->stage->old, session->stage->old_len)) {
        blame(session, "N1 (whole): %s boots, and holds neither image",
              slot_name(device->trace.booted));
    }
}

/* Over sockets a report that was answered with 2xx is looked for in the server's database. */
static void judge_report(session_t *session)
{
    if (session->plan->server != NULL && session->outcome->end == NET_UPDATED &&
        session->link.reports == 0) {
        blame(session, "N5 (told): it updated, and the server never took its report");
    }
}

static void judge_end(session_t *session)
{
    const device_t *device = session->device;
    net_outcome_t *outcome = session->outcome;
    const link_plan_t *link = &session->plan->link;
    uint64_t interruptions = (uint64_t)session->link.broken + device->power_cuts;
    uint64_t tries = 1u + device->rolled_back; /* what was given up is fetched anew */
    uint64_t most = tries * session->stage->image->len + interruptions * (UNIT + IN_FLIGHT);
    outcome->end = outcome->end == NET_BROKEN ? NET_BROKEN
                   : updated(session)         ? NET_UPDATED
                                              : NET_REFUSED;
    outcome->status = device->last_status;
    if (session->plan->must_update && outcome->end == NET_REFUSED) {
        blame(session, "N3 (converges): it does not come to the published image: %s",
              ota_status_name(device->last_status));
    }
    if (link->mode == LINK_FINE && session->link.image_bytes > most) {
        blame(session, "N4 (frugal): %llu bytes of an image of %u were sent",
              (unsigned long long)session->link.image_bytes, (unsigned)session->stage->image->len);
    }
    if (outcome->end == NET_REFUSED && device->last_status == OTA_OK) {
        blame(session, "N5 (told): no update, and no reason");
    }
}

static void switch_once_more(session_t *session)
{
    device_t *device = session->device;
    ota_slot_t ran = device->trace.booted;
    if (session->outcome->end == NET_BROKEN) {
        return;
    }
    device->wish.cuts = 0;
    device_switch_off(device);
    (void)device_step(device);
    look_at_boot(session);
    if (!device->on || device->trace.booted != ran) {
        blame(session, "N6 (stays): %s ran, and after the next reset %s does", slot_name(ran),
              device->on ? slot_name(device->trace.booted) : "nothing");
    }
}

/* --- life ---------------------------------------------------------------------------------- */

/* At rest: true if there is reason to wait for the next poll. */
static bool polls_again(session_t *session)
{
    device_t *device = session->device;
    bool wants = !updated(session) || device->agent.memory.report.kind != 0;
    if (!session->plan->must_update || !wants || session->polls >= POLLS_MAX) {
        return false;
    }
    session->polls++;
    device->gave_up = false;
    device->end = DEVICE_RUNS;
    return true;
}

/* false: it has come to an end. */
static bool goes_on(session_t *session, device_end_t end)
{
    if (end == DEVICE_BRICK || end == DEVICE_WORN_OUT) {
        blame(session, "N2 (ends): %s",
              end == DEVICE_BRICK ? "nothing boots" : "it does not come to rest");
        return false;
    }
    return session->outcome->end != NET_BROKEN && (end == DEVICE_RUNS || polls_again(session));
}

/* A real clock moves of itself: only pauses are cut short, and little while a trial is open, or a
 * server that is down for a moment would be down until the trial's deadline. */
static void pass_time(session_t *session, uint32_t idle)
{
    static const struct timespec nap = {0, NAP_MS * 1000000L};
    bool real = session->plan->server != NULL;
    uint32_t pause = device_pause(session->device);
    if (real && pause > 0) {
        (void)nanosleep(&nap, NULL);
    }
    if (real && session->device->agent.trial_open && pause > TRIAL_MS) {
        pause = TRIAL_MS;
    }
    device_skip(session->device, pause > 0 ? pause : real ? 0 : idle);
}

static void meddle(const session_t *session)
{
    const net_plan_t *plan = session->plan;
    if (plan->meddle != NULL) {
        plan->meddle(plan->user, session->device, &session->link);
    }
}

static void live(session_t *session)
{
    device_t *device = session->device;
    bool on = true;
    uint32_t steps = 0;
    for (; on && steps < STEPS_MAX; steps++) {
        uint64_t before = session->link.places;
        device_end_t end = device_step(device);
        look_at_boot(session);
        meddle(session);
        on = goes_on(session, end);
        if (on) {
            pass_time(session, session->link.places == before ? QUIET_MS : BUSY_MS);
        }
    }
    if (steps == STEPS_MAX) {
        blame(session, "N2 (ends): it goes on without an end");
    }
}

static void report(const session_t *session)
{
    const device_t *device = session->device;
    net_outcome_t *outcome = session->outcome;
    outcome->boots = device->boots;
    outcome->power_cuts = device->power_cuts;
    outcome->broken = session->link.broken;
    outcome->requests = session->link.requests;
    outcome->reports = session->link.reports;
    outcome->places = session->link.places;
    outcome->image_bytes = session->link.image_bytes;
    outcome->dead = session->link.dead;
    outcome->minutes = device->skipped_ms / 60000u;
}

/* The network, and whose server is on it. */
static ota_status_t connect_to(session_t *session, device_wish_t *wish)
{
    const wire_server_t *server = session->plan->server;
    if (server == NULL) {
        session->port = link_port(&session->link);
        return OTA_OK;
    }
    wish->server = server->url;
    wish->report = server->report;
    wish->stall_ms = server->stall_ms;
    wish->now = 0;
    ota_status_t status = wire_open(&session->wire, server, &session->link);
    session->port = wire_port(&session->wire);
    return status;
}

static ota_status_t run(session_t *session)
{
    ota_fault_t fault;
    const net_plan_t *plan = session->plan;
    device_wish_t wish = {.server = "http://site.example",
                          .report = "http://site.example/report",
                          .boots = BOOTS_MAX,
                          .cuts = plan->cuts,
                          .cut_ops = plan->cut_ops,
                          .seed = plan->seed,
                          .http = &session->port,
                          .now = session->stage->now};
    link_start(&session->link, &session->stage->site, &plan->link);
    session->link.ms = device_clock;
    session->link.clock = session->device;
    ota_status_t status = connect_to(session, &wish);
    if (status != OTA_OK) {
        return status;
    }
    status = device_clone(session->device, session->stage->flash, plan->number, &wish, &fault);
    if (status == OTA_OK) {
        live(session);
        judge_end(session);
        judge_report(session);
        switch_once_more(session);
        report(session);
        (void)device_close(session->device);
    }
    if (plan->server != NULL) {
        wire_close(&session->wire);
    }
    return status;
}

ota_status_t net_session(const net_stage_t *stage, const net_plan_t *plan, net_outcome_t *outcome)
{
    ota_status_t status = OTA_ERR_NO_ROOM;
    session_t *session = calloc(1, sizeof(*session)); /* large: not for a stack */
    memset(outcome, 0, sizeof(*outcome));
    if (session == NULL) {
        return status;
    }
    session->stage = stage;
    session->plan = plan;
    session->outcome = outcome;
    session->device = calloc(1, sizeof(*session->device));
    if (session->device != NULL) {
        status = run(session);
    }
    free(session->device);
    free(session);
    return status;
}
