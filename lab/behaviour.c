/* SPDX-License-Identifier: Apache-2.0 */
/* What applications do when they run, in all the ways of lab_does_t. */
#include "lab/application.h"

/* Each select that a cut undoes takes larger sequence numbers, so that whoever tries for ever never
 * closes. After so many in vain the server withdraws its offer. */
#define VAIN_MAX 2u

act_t behaviour_failed(app_t *app, const char *call, ota_status_t status)
{
    if (app->world->medium.fail.how == MEDIUM_WORKS) {
        (void)life_blame(app->life, LAB_L1, "%s in slot %d fails: %s", call, app->life->running,
                         ota_status_name(status));
    }
    return ACT_RESETS;
}

/* true: go on; else *act. */
static bool settle_trial(app_t *app, act_t *act)
{
    bool trial;
    ota_status_t status = ota_device_trial(&app->device, &trial);
    if (status == OTA_OK && trial) {
        status = application_confirm(app);
    }
    if (status != OTA_OK) {
        *act = behaviour_failed(app, "confirm", status);
        return false;
    }
    if (!trial && app->ledger->trial == app->life->running) {
        ledger_confirmed(app->ledger); /* cut after it had taken effect: for all to see */
    }
    return true;
}

static act_t crash_or_confirm(app_t *app, unsigned crashes)
{
    act_t act = ACT_RESTS;
    bool trial;
    ota_status_t status = ota_device_trial(&app->device, &trial);
    if (status != OTA_OK) {
        return behaviour_failed(app, "trial", status);
    }
    if (trial && app->ledger->trial == app->life->running && app->ledger->starts <= crashes) {
        return ACT_RESETS;
    }
    (void)settle_trial(app, &act);
    return act;
}

static act_t give_up(app_t *app)
{
    ota_status_t status = application_reject(app);
    return status == OTA_OK ? ACT_RESETS : behaviour_failed(app, "reject", status);
}

static act_t to_factory(app_t *app)
{
    if (app->ledger->vain >= VAIN_MAX) {
        app->ledger->given_up = 1;
        return ACT_RESTS;
    }
    ota_status_t status = application_select(app, OTA_SLOT_FACTORY, false);
    return status == OTA_OK ? ACT_RESETS : behaviour_failed(app, "select factory", status);
}

static act_t do_nothing(app_t *app)
{
    (void)app;
    return ACT_RESTS;
}

static void lose_patience(lab_ledger_t *ledger)
{
    if (ledger->vain >= VAIN_MAX && ledger->updates > 0) {
        ledger->updates = 0;
        ledger->given_up++;
    }
}

static act_t do_update(app_t *app)
{
    act_t act = ACT_RESTS;
    lose_patience(app->ledger);
    return settle_trial(app, &act) && app->ledger->updates > 0 ? feed_update(app) : act;
}

static act_t do_confirm(app_t *app)
{
    act_t act = ACT_RESTS;
    (void)settle_trial(app, &act);
    return act;
}

static act_t do_update_early(app_t *app)
{
    if (ota_device_on_trial(&app->device)) {
        feed_too_early(app);
    }
    return do_confirm(app);
}

static act_t do_reject(app_t *app)
{
    return app->ledger->trial == app->life->running ? give_up(app) : ACT_RESTS;
}

static act_t do_crash(app_t *app)
{
    return crash_or_confirm(app, UINT8_MAX);
}

static act_t do_crash_twice(app_t *app)
{
    return crash_or_confirm(app, 2);
}

static act_t (*const does[])(app_t *app) = {
    [LAB_DOES_NOTHING] = do_nothing, [LAB_DOES_UPDATE] = do_update,
    [LAB_DOES_CONFIRM] = do_confirm, [LAB_DOES_REJECT] = do_reject,
    [LAB_DOES_CRASH] = do_crash,     [LAB_DOES_CRASH_TWICE] = do_crash_twice,
    [LAB_DOES_FACTORY] = to_factory, [LAB_DOES_UPDATE_EARLY] = do_update_early,
};

act_t application_act(lab_world_t *world, life_t *life, int image)
{
    app_t app = {.world = world, .life = life, .ledger = &world->ledger, .image = image};
    const lab_row_t *row = world->plan->scenario.row;
    bool fresh = image == LAB_IMAGE_NEW || image == LAB_IMAGE_OTHER;
    if (life->running == OTA_SLOT_FACTORY && world->plan->home != OTA_SLOT_FACTORY) {
        return ACT_RESTS;
    }
    ota_status_t status = application_start(&app);
    if (status != OTA_OK) {
        return behaviour_failed(&app, "init", status);
    }
    return does[fresh || row->same ? row->new_does : row->old_does](&app);
}
