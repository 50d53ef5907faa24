/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/trial.h"

void ota_trial_start(ota_trial_t *trial, const ota_trial_rule_t *rule, uint32_t now)
{
    trial->rule = *rule;
    trial->last = now;
    trial->elapsed = 0;
    trial->healthy = 0;
    trial->contact = false;
}

/* Stops at the largest number. */
static uint32_t plus(uint32_t seconds, uint32_t more)
{
    return seconds > UINT32_MAX - more ? UINT32_MAX : seconds + more;
}

/* Half the range ahead is forward, the other half back. */
static uint32_t passed(ota_trial_t *trial, uint32_t now)
{
    uint32_t ahead = now - trial->last;
    trial->last = now;
    return ahead <= INT32_MAX ? ahead : 0;
}

static bool good(const ota_trial_t *trial, bool healthy)
{
    if (trial->rule.kind == OTA_TRIAL_MANUAL || !healthy) {
        return false;
    }
    return trial->healthy >= trial->rule.seconds &&
           (trial->rule.kind == OTA_TRIAL_HEALTHY || trial->contact);
}

ota_trial_verdict_t ota_trial_look(ota_trial_t *trial, uint32_t now, bool healthy, bool contact)
{
    uint32_t seconds = passed(trial, now);
    trial->elapsed = plus(trial->elapsed, seconds);
    trial->healthy = healthy ? plus(trial->healthy, seconds) : 0;
    trial->contact = trial->contact || contact;
    if (good(trial, healthy)) {
        return OTA_TRIAL_CONFIRM;
    }
    bool late = trial->rule.deadline != 0 && trial->elapsed >= trial->rule.deadline;
    return late ? OTA_TRIAL_REJECT : OTA_TRIAL_WAITS;
}

ota_status_t ota_trial_step(ota_trial_t *trial, ota_device_t *device, uint32_t now, bool healthy,
                            bool contact, ota_trial_verdict_t *verdict)
{
    ota_status_t status = OTA_OK;
    ota_trial_verdict_t said = ota_trial_look(trial, now, healthy, contact);
    if (said != OTA_TRIAL_WAITS) {
        bool running;
        status = ota_device_trial(device, &running); /* false where nobody knows */
        said = running ? said : OTA_TRIAL_WAITS;
    }
    if (said == OTA_TRIAL_CONFIRM) {
        status = ota_device_confirm(device);
    } else if (said == OTA_TRIAL_REJECT) {
        status = ota_device_reject(device);
    }
    if (verdict != NULL) {
        *verdict = said;
    }
    return status;
}
