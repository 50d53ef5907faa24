/* SPDX-License-Identifier: Apache-2.0 */
/* Documents and their signatures, into the workspace: key set held | document | signatures. */
#include "agent/internal.h"

#include "core/bytes.h"

ota_status_t ota_agent_fetch(ota_agent_t *agent, uint8_t *fill, uint32_t room)
{
    agent->fill = fill;
    agent->fill_len = 0;
    agent->room = room;
    return ota_agent_send(agent, &(ota_http_request_t){.from = 0});
}

/* The buffer is full: is that all? One byte more, and it is too long. */
static ota_status_t expect_end(ota_agent_t *agent, bool *end)
{
    uint8_t more;
    size_t len = 0;
    ota_status_t status =
        ota_agent_body(agent, &more, sizeof(more), &len, end, agent->config.document_ms);
    return status == OTA_OK && len > 0 ? OTA_ERR_DOCUMENT_SIZE : status;
}

ota_status_t ota_agent_fetched(ota_agent_t *agent, bool *done)
{
    size_t len = 0;
    bool end = false;
    ota_status_t status = OTA_OK;
    *done = false;
    if (agent->code == 0) {
        status = ota_agent_head(agent, agent->config.document_ms);
        return status == OTA_OK && agent->code == 206 ? OTA_ERR_HTTP_RANGE : status;
    }
    if (agent->fill_len == agent->room) {
        status = expect_end(agent, &end);
    } else {
        status = ota_agent_body(agent, agent->fill + agent->fill_len, agent->room - agent->fill_len,
                                &len, &end, agent->config.document_ms);
        agent->fill_len += status == OTA_OK ? (uint32_t)len : 0;
    }
    if (status == OTA_OK && end) {
        ota_agent_hang_up(agent);
        *done = true;
    }
    return status;
}

/* --- signatures --------------------------------------------------------------------------------
 */

void ota_agent_sign_round(ota_agent_t *agent, const ota_keys_t *signers)
{
    agent->signers = signers;
    agent->signer = 0;
}

static bool have(const ota_agent_t *agent, ota_text_t id)
{
    for (uint8_t i = 0; i < agent->signature_count; i++) {
        ota_text_t other = agent->signature[i].key_id;
        if (other.len == id.len && memcmp(other.at, id.at, id.len) == 0) {
            return true;
        }
    }
    return false;
}

static ota_status_t ask(ota_agent_t *agent, const char *folder, ota_text_t id)
{
    char name[OTA_SIG_NAME_SIZE];
    ota_status_t status = ota_signed_name(agent->config.device->crypto, agent->document,
                                          agent->document_len, id, name);
    const char *parts[] = {
        agent->config.server, "/", agent->config.identity->product, "/", folder, "/", name};
    if (status == OTA_OK) {
        status = ota_agent_address(agent, parts, sizeof(parts) / sizeof(parts[0]));
    }
    uint8_t *free = agent->document + agent->document_len;
    for (uint8_t i = 0; i < agent->signature_count; i++) {
        free += agent->signature[i].len;
    }
    size_t used = (size_t)(free - agent->config.workspace);
    if (status == OTA_OK && agent->config.workspace_size - used < OTA_SIG_MAX) {
        status = OTA_ERR_NO_ROOM;
    }
    return status == OTA_OK ? ota_agent_fetch(agent, free, OTA_SIG_MAX) : status;
}

/* One key has not signed, or not so that it can be had: the others decide. */
static bool missing(ota_status_t status)
{
    return status == OTA_ERR_HTTP_ABSENT || status == OTA_ERR_HTTP_DENIED ||
           status == OTA_ERR_HTTP_TYPE || status == OTA_ERR_HTTP_STATUS ||
           status == OTA_ERR_DOCUMENT_SIZE;
}

static ota_status_t take(ota_agent_t *agent, ota_text_t id)
{
    bool there = false;
    ota_status_t status = ota_agent_fetched(agent, &there);
    if (there) {
        agent->signature[agent->signature_count++] =
            (ota_detached_t){.key_id = id, .bytes = agent->fill, .len = agent->fill_len};
        agent->signer++;
    } else if (missing(status)) {
        ota_agent_hang_up(agent);
        agent->signer++;
        status = OTA_OK;
    }
    return status;
}

ota_status_t ota_agent_signatures(ota_agent_t *agent, const char *folder, bool *done)
{
    *done = agent->signer >= agent->signers->count;
    if (*done) {
        return OTA_OK;
    }
    ota_text_t id = agent->signers->key[agent->signer].id;
    if (agent->open) {
        return take(agent, id);
    }
    if (have(agent, id)) {
        agent->signer++;
        return OTA_OK;
    }
    return ask(agent, folder, id);
}
