/* SPDX-License-Identifier: Apache-2.0 */
/* What may come of failing calls: lab/faults.h says it in words. */
#include "lab/faults_sweep.h"

void faults_works_again(lab_world_t *world)
{
    const medium_fail_t none = {.how = MEDIUM_WORKS};
    medium_fail(&world->medium, &none);
    world->ledger.silent = 0;
    world->failing = false;
}

static void violate(sweep_t *sweep, const lab_verdict_t *verdict)
{
    faults_result_t *result = sweep->result;
    const lab_scenario_t *scenario = &sweep->world->plan->scenario;
    result->violations[verdict->oracle]++;
    result->broken[sweep->now.plan][sweep->now.kind][sweep->now.how]++;
    for (uint32_t i = 0; i < result->kept; i++) { /* one example of each kind is enough */
        if (result->violation[i].verdict.oracle == verdict->oracle &&
            result->violation[i].which.plan == sweep->now.plan) {
            return;
        }
    }
    if (result->kept < FAULTS_KEPT) {
        faults_violation_t *kept = &result->violation[result->kept++];
        kept->which = sweep->now;
        kept->verdict = *verdict;
        faults_case_name(scenario, &sweep->now, kept->name);
    }
}

/* A slot whose content the world vouches for does not hold it. */
static bool slot_is_hollow(lab_world_t *world, unsigned app)
{
    ota_region_t where = world->apps[app];
    int8_t which = world->ledger.content[lab_slot_index(world->app_slot[app])];
    const image_bytes_t *image = which >= 0 ? &world->plan->image[which] : NULL;
    return image != NULL &&
           !medium_holds(&world->medium, where.offset, image->bytes, (uint32_t)image->len);
}

/* What the call that did nothing should have written is not there: only reading back finds that. */
static bool unnoticed(const sweep_t *sweep, const lab_verdict_t *verdict)
{
    bool hollow = false;
    for (unsigned i = 0; i < sweep->world->app_count; i++) {
        hollow = hollow || slot_is_hollow(sweep->world, i);
    }
    return hollow && sweep->now.how == MEDIUM_SILENT &&
           (verdict->oracle == LAB_S3 || verdict->oracle == LAB_L1);
}

/* Every read says OK and delivers nothing: the device knows nothing, and does not know that. */
static bool deceived(const sweep_t *sweep)
{
    return sweep->now.plan == FAULTS_FOR_EVER && sweep->now.kind == MEDIUM_READ &&
           sweep->now.how == MEDIUM_SILENT;
}

/* May that not hold as long as calls fail? (What is programmed where an erase did nothing asks bits
 * to rise: the program fails, and so it is noticed.) */
bool faults_excused(const sweep_t *sweep, lab_oracle_t oracle)
{
    bool blind = sweep->now.plan == FAULTS_FOR_EVER && sweep->now.kind == MEDIUM_READ;
    bool unerased = sweep->now.how == MEDIUM_SILENT && sweep->now.kind == MEDIUM_ERASE;
    if (deceived(sweep)) {
        return oracle != LAB_S2;
    }
    if (oracle == LAB_S1) {
        return blind;
    }
    return oracle == LAB_X ? unerased : oracle == LAB_L1 || oracle == LAB_L2 || oracle == LAB_C1;
}

/* A call failed, and so the wrong one of two good images runs. That is a detour if nothing of it
 * stays: the world has not been told anything, and what follows is judged as if it had not been.
 * More starts than allowed are none, but where the trial could not be read. */
static bool detour(const sweep_t *sweep, const lab_verdict_t *verdict)
{
    return verdict->oracle == LAB_S3 ||
           (sweep->now.kind == MEDIUM_READ && verdict->oracle == LAB_S4);
}

bool faults_live_failing(sweep_t *sweep)
{
    lab_lived_t lived = {.end = LAB_LIFE_RESETS};
    bool detours = false;
    for (unsigned i = 0; i < FAULTS_BOOTS && lived.end != LAB_LIFE_RESTS; i++) {
        lab_ledger_t told = sweep->world->ledger;
        lab_world_live(sweep->world, MEDIUM_ONES, &lived);
        detours |= told.trial != OTA_SLOT_NONE && lived.booted == told.current;
        if (lived.end != LAB_LIFE_VIOLATES || faults_excused(sweep, lived.verdict.oracle)) {
            continue;
        }
        if (unnoticed(sweep, &lived.verdict)) {
            sweep->result->unnoticed++;
            return false;
        }
        if (!detour(sweep, &lived.verdict)) {
            violate(sweep, &lived.verdict);
            return false;
        }
        sweep->world->ledger = told;
        detours = true;
    }
    sweep->result->detours += detours;
    return true;
}

void faults_live_on(sweep_t *sweep)
{
    lab_lived_t lived;
    faults_works_again(sweep->world);
    if (sweep->watch != NULL) {
        sweep->watch->works_again(sweep->watch->user, sweep->world);
    }
    lab_world_settle(sweep->world, MEDIUM_ONES, FAULTS_BOOTS, &lived);
    if (lived.end != LAB_LIFE_VIOLATES) {
        return;
    }
    if (unnoticed(sweep, &lived.verdict)) {
        sweep->result->unnoticed++;
    } else if (!deceived(sweep) || lived.verdict.oracle <= LAB_S2) {
        violate(sweep, &lived.verdict);
    }
}
