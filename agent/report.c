/* SPDX-License-Identifier: Apache-2.0 */
/* The pending report: a POST of one JSON object. docs/agent.md specifies it. */
#include "agent/internal.h"

#include "core/bytes.h"

#define ID_MAX 32u

typedef struct {
    char *at;
    char *end;
} writer_t;

static void put(writer_t *writer, const char *text)
{
    size_t len = min_size(strlen(text), (size_t)(writer->end - writer->at));
    memcpy(writer->at, text, len);
    writer->at += len;
}

static void put_number(writer_t *writer, const char *name, uint32_t number)
{
    char digits[NUMBER_SIZE];
    put(writer, name);
    put(writer, ota_agent_digits(number, digits));
}

/* Inside a JSON text: what would have to be escaped is not worth it. */
static void put_plain(writer_t *writer, const char *text)
{
    for (; *text != '\0'; text++) {
        char c = *text;
        bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
        const char one[2] = {plain ? c : '?', '\0'};
        put(writer, one);
    }
}

static bool is_text(const ota_identity_t *who)
{
    for (uint32_t i = 0; i < who->id_len; i++) {
        char c = (char)who->id[i];
        if (c <= ' ' || c > '~' || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

/* As it stands if it is a text, else its hexadecimal digits. */
static void put_id(writer_t *writer, const ota_identity_t *who)
{
    char text[2 * ID_MAX + 1];
    size_t len = who->id_len;
    if (is_text(who)) {
        memcpy(text, who->id, len);
    } else {
        ota_hex_text(who->id, len, text);
        len *= 2;
    }
    text[len] = '\0';
    put(writer, text);
}

static const char *result_of(uint8_t kind)
{
    return kind == OTA_AGENT_CONFIRMED + 1     ? "confirmed"
           : kind == OTA_AGENT_ROLLED_BACK + 1 ? "rolled-back"
                                               : "failed";
}

static void put_reason(writer_t *writer, const ota_agent_memory_t *memory)
{
    ota_status_t status = memory->report.status;
    if (status != OTA_OK) { /* numbers: a chip carries no names */
        put_number(writer, ",\"reason\":\"status -", 0u - (uint32_t)status);
        put(writer, "\",\"from\":\"");
        put_plain(writer, memory->version);
        put(writer, "\"");
    }
}

static size_t write_report(const ota_agent_t *agent, char *text, size_t room)
{
    const ota_agent_memory_t *memory = &agent->memory;
    const ota_identity_t *who = agent->config.identity;
    writer_t writer = {text, text + room};
    put(&writer, "{\"device\":\"");
    put_id(&writer, who);
    put(&writer, "\",\"product\":\"");
    put(&writer, who->product);
    put(&writer, "\",\"channel\":\"");
    put(&writer, who->channel);
    put(&writer, "\",\"version\":\"");
    put_plain(&writer, memory->report.version);
    put_number(&writer, "\",\"order\":", memory->report.order);
    put(&writer, ",\"result\":\"");
    put(&writer, result_of(memory->report.kind));
    put(&writer, "\"");
    put_reason(&writer, memory);
    put_number(&writer, ",\"serial\":", memory->serial);
    put(&writer, "}");
    return (size_t)(writer.at - text);
}

/* A static host takes no reports: then there is nobody to tell. */
static bool nobody(ota_status_t status)
{
    return status == OTA_ERR_HTTP_ABSENT || status == OTA_ERR_HTTP_DENIED ||
           status == OTA_ERR_HTTP_STATUS || status == OTA_ERR_HTTP_URL;
}

static ota_status_t send(ota_agent_t *agent)
{
    char *text = (char *)agent->config.workspace + agent->held;
    size_t room = agent->config.workspace_size - agent->held;
    ota_status_t status = ota_agent_address(agent, &agent->config.report, 1);
    size_t len = write_report(agent, text, room);
    return status == OTA_OK
               ? ota_agent_send(agent, &(ota_http_request_t){.body = text, .body_len = len})
               : status;
}

static ota_status_t told(ota_agent_t *agent, ota_status_t status)
{
    ota_agent_event_t event = {.kind = OTA_AGENT_REPORTED,
                               .status = status,
                               .http = agent->code,
                               .order = agent->memory.report.order,
                               .version = agent->memory.report.version};
    ota_agent_hang_up(agent);
    ota_agent_tell(agent, &event);
    agent->memory.report.kind = 0;
    agent->tries = 0;
    agent->state = STATE_KEYS;
    (void)ota_agent_remember(agent); /* it has told; at worst the server hears it twice */
    return OTA_OK;
}

ota_status_t ota_agent_report_step(ota_agent_t *agent)
{
    if (!agent->open) {
        return send(agent);
    }
    ota_status_t status = ota_agent_head(agent, agent->config.document_ms);
    if (status == OTA_OK && agent->code == 0) {
        return OTA_OK;
    }
    return status == OTA_OK || nobody(status) ? told(agent, status) : status;
}
