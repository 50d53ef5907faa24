/* SPDX-License-Identifier: Apache-2.0 */
/* What became of an installation: judged after each reset, decided by the trial's rule. */
#include "agent/internal.h"

#include "core/bytes.h"

static uint32_t seconds(const ota_agent_t *agent)
{
    return ota_agent_ms(agent) / 1000;
}

static void tell(const ota_agent_t *agent, ota_agent_kind_t kind, ota_status_t status)
{
    ota_agent_tell(agent, &(ota_agent_event_t){.kind = kind,
                                               .status = status,
                                               .order = agent->memory.install.order,
                                               .version = agent->memory.install.version});
}

static void file_report(ota_agent_memory_t *memory, ota_agent_kind_t kind, ota_status_t status)
{
    memory->report.kind = (uint8_t)(kind + 1);
    memory->report.status = status;
    memory->report.order = memory->install.order;
    memcpy(memory->report.version, memory->install.version, sizeof(memory->report.version));
}

static bool ours(const ota_agent_t *agent)
{
    return agent->memory.install.phase != PHASE_NONE &&
           agent->memory.install.slot == agent->config.device->running;
}

static void take_version(ota_agent_t *agent, uint32_t order)
{
    const char *version = agent->config.identity->version;
    memset(agent->memory.version, 0, sizeof(agent->memory.version));
    memcpy(agent->memory.version, version, min_size(strlen(version), OTA_NAME_MAX));
    agent->memory.order = order;
    agent->memory.slot = agent->config.device->running;
}

/* What runs stays. An app that somebody else installed has no order that we know. */
static void confirmed(ota_agent_t *agent)
{
    agent->trial_open = false;
    take_version(agent, ours(agent) ? agent->memory.install.order : 0);
    if (ours(agent)) {
        file_report(&agent->memory, OTA_AGENT_CONFIRMED, OTA_OK);
    }
    tell(agent, OTA_AGENT_CONFIRMED, OTA_OK);
    agent->memory.install.phase = PHASE_NONE;
    (void)ota_agent_remember(agent); /* it has told; the next boot comes here again */
}

static void gone_back(ota_agent_t *agent)
{
    ota_agent_count_failure(&agent->memory, agent->memory.install.order);
    file_report(&agent->memory, OTA_AGENT_ROLLED_BACK, OTA_ERR_RELEASE_BACK);
    tell(agent, OTA_AGENT_ROLLED_BACK, OTA_ERR_RELEASE_BACK);
}

/* Another slot runs than was installed. Was it ever chosen, or did the power fail just before? */
static ota_status_t judge_absent(ota_agent_t *agent)
{
    uint32_t state = OTA_STATE_UNDEFINED;
    ota_slot_t slot = agent->memory.install.slot;
    ota_status_t status = ota_device_state(agent->config.device, slot, &state);
    if (status == OTA_ERR_FLASH_READ || status == OTA_ERR_PORT) {
        return status; /* whether it was given up will be asked again, but only once */
    }
    bool given_up = status == OTA_OK && (state == OTA_STATE_INVALID || state == OTA_STATE_ABORTED);
    if (given_up || agent->memory.install.phase == PHASE_CHOSEN) {
        gone_back(agent);
    }
    agent->memory.install.phase = PHASE_NONE;
    (void)ota_agent_remember(agent); /* it has told; the next boot judges the same */
    return OTA_OK;
}

static void open_trial(ota_agent_t *agent)
{
    agent->trial_open = true;
    ota_trial_start(&agent->trial, &agent->config.trial, seconds(agent));
    tell(agent, OTA_AGENT_TRIAL, OTA_OK);
}

/* Nothing is changed before both readings are there. */
ota_status_t ota_agent_judge_boot(ota_agent_t *agent)
{
    const ota_agent_memory_t *memory = &agent->memory;
    bool trial = false;
    ota_status_t status = ota_device_trial(agent->config.device, &trial);
    if (status == OTA_OK && memory->install.phase != PHASE_NONE && !ours(agent)) {
        status = judge_absent(agent);
    }
    agent->judged = status == OTA_OK;
    if (status != OTA_OK) {
        return status;
    }
    if (trial) {
        open_trial(agent);
    } else if (ours(agent)) {
        confirmed(agent); /* a bootloader without trials, or a reset right after the confirm */
    } else if (memory->slot != agent->config.device->running ||
               strncmp(memory->version, agent->config.identity->version, OTA_NAME_MAX) != 0) {
        take_version(agent, 0); /* flashed by somebody else */
    }
    return OTA_OK;
}

void ota_agent_trial_step(ota_agent_t *agent, bool healthy)
{
    ota_trial_verdict_t verdict = OTA_TRIAL_WAITS;
    ota_device_t *device = agent->config.device;
    bool trial = true;
    ota_status_t status =
        ota_trial_step(&agent->trial, device, seconds(agent), healthy, agent->contact, &verdict);
    agent->contact = false;
    if (status == OTA_OK && verdict == OTA_TRIAL_WAITS) {
        status = ota_device_trial(device, &trial); /* the application may have decided */
    }
    if (status != OTA_OK) {
        return; /* the next step tries again */
    }
    if (verdict == OTA_TRIAL_REJECT) {
        tell(agent, OTA_AGENT_REJECTED, OTA_OK);
        agent->state = STATE_RESTART;
    } else if (verdict == OTA_TRIAL_CONFIRM || !trial) {
        confirmed(agent);
        ota_agent_check(agent); /* to report, and perhaps there is something newer */
    }
}
