/* SPDX-License-Identifier: Apache-2.0 */
/* The machine: which step comes next, and how long to wait before it. */
#include "agent/agent.h"

#include "agent/internal.h"
#include "core/bytes.h"

#define DEFAULT_POLL_MS      (6u * 3600u * 1000u)
#define DEFAULT_RETRY_MS     2000u
#define DEFAULT_RETRY_MAX_MS 300000u
#define DEFAULT_STALL_MS     30000u
#define DEFAULT_DOCUMENT_MS  60000u
#define DEFAULT_IMAGE_MS     1800000u
#define DEFAULT_TRIES        8u
#define WRONG_TRIES          2u          /* whole downloads of wrong bytes, a check */
#define WAIT_MAX             0x3FFFFFFFu /* differences of the clock must stay unambiguous */
#define TRIAL_PAUSE_MS       1000u
#define WORKSPACE_MIN        2048u
#define ID_MAX               32u

uint32_t ota_agent_ms(const ota_agent_t *agent)
{
    return agent->config.clock->ms(agent->config.clock->ctx);
}

void ota_agent_tell(const ota_agent_t *agent, const ota_agent_event_t *event)
{
    ota_agent_event_t told = *event;
    if (agent->config.event == NULL) {
        return;
    }
    told.http = told.http != 0 ? told.http : agent->code;
    told.version = told.version != NULL ? told.version : "";
    agent->config.event(agent->config.ctx, &told);
}

void ota_agent_sleep(ota_agent_t *agent, uint32_t ms)
{
    agent->wake = ota_agent_ms(agent) + min_u32(ms, WAIT_MAX);
}

/* `ms`, give or take: a fleet that starts together must not stay together. */
static uint32_t spread(const ota_agent_t *agent, uint32_t ms, uint32_t width)
{
    const ota_random_t *random = agent->config.random;
    return ms - width + (width > 0 ? random->next(random->ctx) % (width + 1) : 0);
}

void ota_agent_rest(ota_agent_t *agent)
{
    ota_agent_hang_up(agent);
    ota_update_abort(&agent->update);
    agent->tries = 0;
    agent->check_tries = 0;
    agent->state = STATE_IDLE;
    uint32_t ms = spread(agent, agent->config.poll_ms, agent->config.poll_ms / 8);
    ota_agent_sleep(agent, agent->again ? 0 : ms);
    agent->again = false;
}

/* --- failures ----------------------------------------------------------------------------------
 */

static uint32_t delay(const ota_agent_t *agent)
{
    uint32_t ms = agent->config.retry_ms;
    for (uint8_t i = 1; i < agent->tries && ms < agent->config.retry_max_ms; i++) {
        ms = ms < WAIT_MAX ? ms * 2 : ms;
    }
    ms = min_u32(ms, agent->config.retry_max_ms);
    return spread(agent, ms, ms / 2);
}

/* A busy server's word counts where it is longer, up to a poll: whoever forges it cannot hold a
 * device for longer than silence could. Those that it told the same do not come back together. */
static uint32_t wait_for(ota_agent_t *agent)
{
    uint32_t own = delay(agent);
    uint32_t asked = min_u32(agent->asked_ms, agent->config.poll_ms);
    agent->asked_ms = 0;
    uint32_t width = min_u32(asked / 8, agent->config.poll_ms - asked);
    return asked > own ? spread(agent, asked + width, width) : own;
}

static void give_up(ota_agent_t *agent, ota_agent_event_t *event)
{
    bool downloading = agent->state >= STATE_DOWNLOAD;
    event->kind = OTA_AGENT_GAVE_UP;
    ota_agent_tell(agent, event);
    if (downloading && agent->memory.report.kind == 0) {
        ota_text_t version = agent->manifest.version;
        agent->memory.report.kind = OTA_AGENT_GAVE_UP + 1;
        agent->memory.report.status = event->status;
        agent->memory.report.order = agent->manifest.order;
        memset(agent->memory.report.version, 0, sizeof(agent->memory.report.version));
        memcpy(agent->memory.report.version, version.at, min_u32(version.len, OTA_NAME_MAX));
        (void)ota_agent_remember(agent); /* it has told */
    }
    if (agent->state == STATE_REPORT) { /* it waits for the next check; what is newer does not */
        agent->state = STATE_KEYS;
        agent->tries = 0;
        return;
    }
    ota_agent_rest(agent);
}

/* A download goes on where it is, a check begins anew: what it had may be old by then. */
APART static void fail(ota_agent_t *agent, ota_status_t status)
{
    ota_agent_event_t event = {.kind = OTA_AGENT_RETRY, .status = status, .http = agent->code};
    if (ota_update_open(&agent->update)) {
        event.fault = *ota_update_fault(&agent->update);
    }
    ota_agent_hang_up(agent);
    if (++agent->tries > agent->config.tries || agent->check_tries >= WRONG_TRIES) {
        give_up(agent, &event);
        return;
    }
    if (agent->state > STATE_REPORT && agent->state < STATE_DOWNLOAD) {
        agent->state = STATE_KEYS;
    }
    event.wait_ms = wait_for(agent);
    ota_agent_sleep(agent, event.wait_ms);
    ota_agent_tell(agent, &event);
}

/* --- steps -------------------------------------------------------------------------------------
 */

APART static ota_status_t begin_check(ota_agent_t *agent)
{
    ota_status_t status = agent->judged ? OTA_OK : ota_agent_judge_boot(agent);
    if (status != OTA_OK) {
        return status;
    }
    /* While a trial is open contact comes first: its time is short, and a report has plenty. */
    bool report =
        agent->memory.report.kind != 0 && agent->config.report != NULL && !agent->trial_open;
    agent->state = report ? STATE_REPORT : STATE_KEYS;
    ota_agent_tell(agent, &(ota_agent_event_t){.kind = OTA_AGENT_CHECKING});
    return OTA_OK;
}

static ota_status_t work(ota_agent_t *agent)
{
    switch (agent->state) {
    case STATE_IDLE:
        return begin_check(agent);
    case STATE_REPORT:
        return ota_agent_report_step(agent);
    case STATE_DOWNLOAD:
        return ota_agent_download_step(agent);
    case STATE_HASH:
        return ota_agent_hash_step(agent);
    case STATE_CHOOSE:
        return ota_agent_choose_step(agent);
    default:
        return ota_agent_check_step(agent);
    }
}

static uint32_t left(const ota_agent_t *agent)
{
    uint32_t ms = agent->wake - ota_agent_ms(agent);
    return ms > WAIT_MAX ? 0 : ms; /* beyond: it has passed */
}

ota_agent_next_t ota_agent_step(ota_agent_t *agent, bool healthy)
{
    if (agent->trial_open && agent->state != STATE_RESTART) {
        ota_agent_trial_step(agent, healthy);
    }
    if (agent->state == STATE_RESTART) {
        ota_agent_hang_up(agent);
        return OTA_AGENT_RESTART;
    }
    if (left(agent) > 0) {
        return OTA_AGENT_WAIT;
    }
    agent->wake = ota_agent_ms(agent);
    ota_status_t status = work(agent);
    if (status != OTA_OK) {
        fail(agent, status);
    }
    return agent->state == STATE_RESTART ? OTA_AGENT_RESTART
           : left(agent) > 0             ? OTA_AGENT_WAIT
                                         : OTA_AGENT_GO;
}

uint32_t ota_agent_pause(const ota_agent_t *agent)
{
    uint32_t ms = left(agent);
    return agent->trial_open ? min_u32(ms, TRIAL_PAUSE_MS) : ms;
}

void ota_agent_check(ota_agent_t *agent)
{
    agent->again = agent->state != STATE_IDLE;
    if (!agent->again) {
        agent->wake = ota_agent_ms(agent);
    }
}

/* --- the start ---------------------------------------------------------------------------------
 */

static bool ports_fit(const ota_agent_config_t *config)
{
    return config->http != NULL && config->http->version == OTA_HTTP_VERSION &&
           config->clock != NULL && config->clock->version == OTA_CLOCK_VERSION &&
           config->random != NULL && config->random->version == OTA_RANDOM_VERSION &&
           config->store != NULL && config->store->version == OTA_STORE_VERSION;
}

static bool rest_fits(const ota_agent_config_t *config)
{
    const ota_identity_t *who = config->identity;
    return config->device != NULL && config->server != NULL && config->workspace != NULL &&
           config->workspace_size >= WORKSPACE_MIN && who != NULL && who->product != NULL &&
           who->channel != NULL && who->version != NULL && who->keys != NULL &&
           who->id_len <= ID_MAX;
}

static void otherwise(uint32_t *value, uint32_t usual)
{
    *value = min_u32(*value != 0 ? *value : usual, WAIT_MAX);
}

ota_status_t ota_agent_start(ota_agent_t *agent, const ota_agent_config_t *config)
{
    if (!ports_fit(config) || !rest_fits(config)) {
        return OTA_ERR_ARG;
    }
    memset(agent, 0, sizeof(*agent));
    agent->config = *config;
    otherwise(&agent->config.poll_ms, DEFAULT_POLL_MS);
    otherwise(&agent->config.retry_ms, DEFAULT_RETRY_MS);
    otherwise(&agent->config.retry_max_ms, DEFAULT_RETRY_MAX_MS);
    otherwise(&agent->config.stall_ms, DEFAULT_STALL_MS);
    otherwise(&agent->config.document_ms, DEFAULT_DOCUMENT_MS);
    otherwise(&agent->config.image_ms, DEFAULT_IMAGE_MS);
    agent->config.tries = config->tries != 0 ? config->tries : DEFAULT_TRIES;
    agent->wake = ota_agent_ms(agent);
    ota_status_t status = ota_agent_keys_start(agent);
    if (status != OTA_OK) {
        return status;
    }
    status = ota_agent_recall(agent);
    if (status != OTA_OK) {
        ota_agent_tell(agent, &(ota_agent_event_t){.kind = OTA_AGENT_STORE, .status = status});
    }
    (void)ota_agent_judge_boot(agent); /* else the first step does, and says what fails */
    return OTA_OK;
}
