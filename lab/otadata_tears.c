/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/otadata_tears.h"

#include "lab/case_name.h"
#include "lab/otadata_tear.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CRASHES_MAX 8u /* a trial has far fewer boots */

typedef struct {
    const tears_wish_t *wish;
    tears_result_t *result;
    stand_t stand;
    tear_log_t log;
    ota_boot_trace_t trace;
    uint8_t start[OTA_OTADATA_SIZE]; /* before the phase */
} sweep_t;

/* --- names ------------------------------------------------------------------------------- */

const char *tears_phase_name(tears_phase_t phase)
{
    static const char *const names[TEARS_PHASES] = {"select", "trial", "confirm"};
    return names[phase];
}

const char *tears_model_name(tears_model_t model)
{
    static const char *const names[TEARS_MODELS] = {"prefix", "one-bit", "random"};
    return names[model];
}

const char *tears_verdict_name(tears_verdict_t verdict)
{
    static const char *const names[TEARS_VERDICTS] = {
        "fine", "trial spent", "update lost", "unprotected", "falsely confirmed", "does not boot"};
    return names[verdict];
}

uint64_t tears_count(const tears_result_t *result, tears_model_t model, tears_verdict_t verdict)
{
    uint64_t sum = 0;
    for (unsigned phase = 0; phase < TEARS_PHASES; phase++) {
        sum += result->count[phase][model][verdict];
    }
    return sum;
}

void tears_case_name(const tears_case_t *which, char text[TEARS_NAME])
{
    (void)snprintf(text, TEARS_NAME, "otadata.%s.%s.%u.%s.%u", stand_way_name(which->way),
                   tears_phase_name(which->phase), which->op, tears_model_name(which->model),
                   (unsigned)which->n);
}

static const char *way_word(unsigned n)
{
    return stand_way_name((stand_way_t)n);
}

static const char *phase_word(unsigned n)
{
    return tears_phase_name((tears_phase_t)n);
}

static const char *model_word(unsigned n)
{
    return tears_model_name((tears_model_t)n);
}

bool tears_case_parse(const char *text, tears_case_t *which)
{
    static const char head[] = "otadata.";
    unsigned way;
    unsigned phase;
    unsigned model;
    uint32_t op;
    if (strncmp(text, head, sizeof(head) - 1) != 0) {
        return false;
    }
    text += sizeof(head) - 1;
    if (!case_take_word(&text, way_word, STAND_WAYS, &way) ||
        !case_take_word(&text, phase_word, TEARS_PHASES, &phase) ||
        !case_take_number(&text, '.', &op) ||
        !case_take_word(&text, model_word, TEARS_MODELS, &model) ||
        !case_take_number(&text, '\0', &which->n)) {
        return false;
    }
    which->way = (stand_way_t)way;
    which->phase = (tears_phase_t)phase;
    which->op = op;
    which->model = (tears_model_t)model;
    return true;
}

/* --- the phases -------------------------------------------------------------------------- */

static uint8_t *otadata(sweep_t *sweep)
{
    return sweep->stand.nor.bytes + STAND_OTADATA;
}

/* What the device is asked to do in a phase, and whether it did. */
static ota_status_t act(sweep_t *sweep, tears_phase_t phase)
{
    ota_device_t device;
    ota_status_t status;
    if (phase == TEARS_TRIAL) {
        status = stand_boot(&sweep->stand, &sweep->trace);
        return status == OTA_OK && sweep->trace.booted != 1 ? OTA_ERR_STATE : status;
    }
    status = stand_run(&sweep->stand, phase == TEARS_SELECT ? 0 : 1, &device);
    if (status != OTA_OK) {
        return status;
    }
    return phase == TEARS_SELECT ? ota_device_select(&device, 1, true, NULL)
                                 : ota_device_confirm(&device);
}

/* --- the verdict --------------------------------------------------------------------------- */

static ota_slot_t boot(sweep_t *sweep)
{
    ota_boot_trace_t *trace = &sweep->trace;
    return stand_boot(&sweep->stand, trace) == OTA_OK ? trace->booted : OTA_SLOT_NONE;
}

/* The bootloader found the new image's record whole, on trial, and out of boots. */
static bool spent(const ota_boot_trace_t *trace)
{
    for (uint8_t i = 0; i < trace->plan.whys; i++) {
        int copy = trace->plan.why[i].copy;
        if (trace->plan.why[i].why == OTA_WHY_PENDING_ABORTED && trace->plan.why[i].slot == 1 &&
            copy >= 0 && ota_entry_crc_ok(&trace->before.copy[copy])) {
            return true;
        }
    }
    return false;
}

/* Unconfirmed, it crashes at every start: the old image must come back. */
static bool comes_back(sweep_t *sweep)
{
    for (unsigned i = 0; i < CRASHES_MAX; i++) {
        if (boot(sweep) == 0) {
            return true;
        }
    }
    return false;
}

/* Confirmed again by whoever does not know that it was, it stays. */
static bool stays(sweep_t *sweep)
{
    ota_device_t device;
    return stand_run(&sweep->stand, 1, &device) == OTA_OK &&
           ota_device_confirm(&device) == OTA_OK && boot(sweep) == 1 && boot(sweep) == 1;
}

static tears_verdict_t judge_new(sweep_t *sweep, tears_phase_t phase)
{
    ota_device_t device;
    uint32_t state = OTA_STATE_UNDEFINED;
    if (stand_run(&sweep->stand, 1, &device) != OTA_OK) {
        return TEARS_DEAD;
    }
    bool trial = ota_device_on_trial(&device);
    bool valid =
        !trial && ota_device_state(&device, 1, &state) == OTA_OK && state == OTA_STATE_VALID;
    if (!trial && !valid) {
        return TEARS_UNPROTECTED;
    }
    if (phase == TEARS_CONFIRM) {
        return stays(sweep) ? TEARS_FINE : TEARS_LOST;
    }
    if (valid) {
        return TEARS_FALSE;
    }
    return comes_back(sweep) ? TEARS_FINE : TEARS_UNPROTECTED;
}

static tears_verdict_t judge(sweep_t *sweep, tears_phase_t phase)
{
    ota_slot_t booted = boot(sweep);
    if (booted == OTA_SLOT_NONE) {
        booted = boot(sweep);
    }
    if (booted == 1) {
        return judge_new(sweep, phase);
    }
    if (booted != 0) {
        return TEARS_DEAD;
    }
    if (phase == TEARS_SELECT) {
        return TEARS_FINE; /* select had not returned yet */
    }
    return spent(&sweep->trace) ? TEARS_SPENT : TEARS_LOST;
}

/* --- the sweep ---------------------------------------------------------------------------------
 */

/* otadata as it stood before operation `op`. */
static void rewind_to(sweep_t *sweep, unsigned op)
{
    memcpy(otadata(sweep), sweep->start, OTA_OTADATA_SIZE);
    for (unsigned i = 0; i < op; i++) {
        tear_complete(&sweep->log.op[i], otadata(sweep));
    }
}

/* Everything about one kind of tear of one operation. `base` is otadata before it. */
static void sweep_model(sweep_t *sweep, tears_case_t which, const tear_span_t *span,
                        const uint8_t *base)
{
    uint64_t *count = sweep->result->count[which.phase][which.model];
    uint32_t n = tear_states(span, which.model, sweep->wish->random);
    uint32_t step = which.model == TEARS_RANDOM && span->bits == 0 ? n : 1; /* all alike */
    for (which.n = 0; which.n < n; which.n += step) {
        memcpy(otadata(sweep), base, OTA_OTADATA_SIZE);
        tear_apply(span, which.model, which.n, sweep->wish->seed, otadata(sweep));
        tears_verdict_t verdict = judge(sweep, which.phase);
        if (sweep->result->first[verdict].n == UINT32_MAX) {
            sweep->result->first[verdict] = which;
        }
        count[verdict] += step;
        sweep->result->states += step;
    }
}

static void sweep_op(sweep_t *sweep, tears_phase_t phase, unsigned op)
{
    uint8_t base[OTA_OTADATA_SIZE];
    tear_span_t span;
    rewind_to(sweep, op);
    memcpy(base, otadata(sweep), sizeof(base));
    tear_span(&sweep->log.op[op], base, phase * TEAR_OPS + op, &span);
    for (unsigned model = 0; model < TEARS_MODELS; model++) {
        tears_case_t which = {sweep->wish->way, phase, op, (tears_model_t)model, 0};
        sweep_model(sweep, which, &span, base);
    }
}

/* Runs the phase untorn, with its operations noted; otadata is then as after it. */
static ota_status_t rehearse(sweep_t *sweep, tears_phase_t phase)
{
    memcpy(sweep->start, otadata(sweep), OTA_OTADATA_SIZE);
    tear_log_start(&sweep->log);
    ota_status_t status = act(sweep, phase);
    tear_log_stop(&sweep->log);
    return status == OTA_OK && sweep->log.lost ? OTA_ERR_STATE : status;
}

static ota_status_t start(sweep_t *sweep, const tears_wish_t *wish, tears_result_t *result)
{
    stand_wish_t stand = {.way = wish->way, .rollback = true, .seed = wish->seed};
    memset(sweep, 0, sizeof(*sweep));
    sweep->wish = wish;
    sweep->result = result;
    ota_status_t status = stand_start(&sweep->stand, &stand);
    if (status == OTA_OK) {
        stand_fresh(&sweep->stand, wish->seq);
        tear_log_arm(&sweep->log, &sweep->stand);
        status = stand_boot(&sweep->stand, &sweep->trace); /* it has been running for a while */
        if (status != OTA_OK) {
            stand_stop(&sweep->stand);
        }
    }
    return status;
}

static ota_status_t sweep_phase(sweep_t *sweep, tears_phase_t phase)
{
    uint8_t after[OTA_OTADATA_SIZE];
    ota_status_t status = rehearse(sweep, phase);
    memcpy(after, otadata(sweep), sizeof(after));
    sweep->result->ops[phase] = sweep->log.ops;
    for (unsigned op = 0; status == OTA_OK && op < sweep->log.ops; op++) {
        sweep_op(sweep, phase, op);
    }
    memcpy(otadata(sweep), after, sizeof(after));
    return status == OTA_OK && sweep->stand.strayed ? OTA_ERR_STATE : status;
}

ota_status_t tears_run(const tears_wish_t *wish, tears_result_t *result)
{
    memset(result, 0, sizeof(*result));
    for (unsigned i = 0; i < TEARS_VERDICTS; i++) {
        result->first[i].n = UINT32_MAX;
    }
    sweep_t *sweep = malloc(sizeof(*sweep));
    ota_status_t status = sweep != NULL ? start(sweep, wish, result) : OTA_ERR_NO_ROOM;
    if (status == OTA_OK) {
        for (unsigned phase = 0; status == OTA_OK && phase < TEARS_PHASES; phase++) {
            status = sweep_phase(sweep, (tears_phase_t)phase);
        }
        stand_stop(&sweep->stand);
    }
    free(sweep);
    return status;
}

/* The operation that the case names, with otadata as before it. */
static ota_status_t find(sweep_t *sweep, const tears_case_t *which, tear_span_t *span)
{
    ota_status_t status = OTA_OK;
    for (unsigned phase = 0; status == OTA_OK && phase <= (unsigned)which->phase; phase++) {
        status = rehearse(sweep, (tears_phase_t)phase);
    }
    if (status != OTA_OK) {
        return status;
    }
    if (which->op >= sweep->log.ops) {
        return OTA_ERR_RANGE;
    }
    rewind_to(sweep, which->op);
    tear_span(&sweep->log.op[which->op], otadata(sweep), which->phase * TEAR_OPS + which->op, span);
    return which->n < tear_states(span, which->model, sweep->wish->random) ? OTA_OK : OTA_ERR_RANGE;
}

static void tell(sweep_t *sweep, const tears_case_t *which, const tear_span_t *span,
                 tears_story_t *story)
{
    story->erase = sweep->log.op[which->op].kind == NOR_ERASE;
    story->at = span->at;
    story->len = span->len;
    story->bits = span->bits;
    story->config = sweep->stand.config;
    memcpy(story->before, otadata(sweep), OTA_OTADATA_SIZE);
    tear_apply(span, which->model, which->n, sweep->wish->seed, otadata(sweep));
    memcpy(story->torn, otadata(sweep), OTA_OTADATA_SIZE);
    story->booted = stand_boot(&sweep->stand, &story->boot);
    memcpy(otadata(sweep), story->torn, OTA_OTADATA_SIZE);
    story->verdict = judge(sweep, which->phase);
    memcpy(story->after, otadata(sweep), OTA_OTADATA_SIZE);
}

ota_status_t tears_replay(const tears_wish_t *wish, const tears_case_t *which, tears_story_t *story)
{
    tears_wish_t own = *wish;
    tear_span_t span;
    own.way = which->way;
    sweep_t *sweep = malloc(sizeof(*sweep));
    ota_status_t status = sweep != NULL ? start(sweep, &own, NULL) : OTA_ERR_NO_ROOM;
    if (status == OTA_OK) {
        status = find(sweep, which, &span);
        if (status == OTA_OK) {
            tell(sweep, which, &span, story);
        }
        stand_stop(&sweep->stand);
    }
    free(sweep);
    return status;
}
