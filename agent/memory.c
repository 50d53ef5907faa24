/* SPDX-License-Identifier: Apache-2.0 */
/* What survives resets, as bytes: field by field, in the order of ota_agent_memory_t. */
#include "agent/internal.h"

#include "core/bytes.h"

#define MEMORY_SIZE                                                                                \
    (4u + 4u + 1u + OTA_AGENT_VERSION + OTA_AGENT_FAILURES * 8u + 1u + 1u + 4u +                   \
     OTA_AGENT_VERSION + 1u + 4u + 4u + OTA_AGENT_VERSION + 8u + 1u + OTA_AGENT_ETAG)

/* One walk for both directions, so that they cannot differ. */
typedef struct {
    uint8_t *at;
    bool write;
} walk_t;

static void field(walk_t *walk, void *value, size_t len)
{
    if (walk->write) {
        memcpy(walk->at, value, len);
    } else {
        memcpy(value, walk->at, len);
    }
    walk->at += len;
}

static void number(walk_t *walk, uint32_t *value)
{
    if (walk->write) {
        ota_put_le32(walk->at, *value);
    } else {
        *value = ota_get_le32(walk->at);
    }
    walk->at += 4;
}

static void slot(walk_t *walk, ota_slot_t *value)
{
    if (walk->write) {
        *walk->at = (uint8_t)*value;
    } else {
        *value = (ota_slot_t)(int8_t)*walk->at;
    }
    walk->at++;
}

static void status(walk_t *walk, ota_status_t *value)
{
    uint32_t n = (uint32_t)*value;
    number(walk, &n);
    if (!walk->write) {
        *value = (ota_status_t)(int32_t)n;
    }
}

static void text(walk_t *walk, char *value, size_t size)
{
    field(walk, value, size);
    value[size - 1] = '\0';
}

static void walk_memory(walk_t *walk, ota_agent_memory_t *memory)
{
    number(walk, &memory->serial);
    number(walk, &memory->order);
    slot(walk, &memory->slot);
    text(walk, memory->version, sizeof(memory->version));
    for (size_t i = 0; i < OTA_AGENT_FAILURES; i++) {
        number(walk, &memory->failure[i].order);
        number(walk, &memory->failure[i].attempts);
    }
    field(walk, &memory->install.phase, 1);
    slot(walk, &memory->install.slot);
    number(walk, &memory->install.order);
    text(walk, memory->install.version, sizeof(memory->install.version));
    field(walk, &memory->report.kind, 1);
    status(walk, &memory->report.status);
    number(walk, &memory->report.order);
    text(walk, memory->report.version, sizeof(memory->report.version));
    field(walk, memory->download.image, sizeof(memory->download.image));
    field(walk, &memory->download.generation, 1);
    text(walk, memory->download.etag, sizeof(memory->download.etag));
}

ota_status_t ota_agent_recall(ota_agent_t *agent)
{
    uint8_t buffer[STORE_HEADER + MEMORY_SIZE];
    size_t len = 0;
    memset(&agent->memory, 0, sizeof(agent->memory));
    agent->memory.slot = OTA_SLOT_NONE;
    ota_status_t result = ota_agent_load(agent, STORE_STATE, buffer, sizeof(buffer), &len);
    if (result == OTA_OK && len == MEMORY_SIZE) {
        walk_memory(&(walk_t){buffer + STORE_HEADER, false}, &agent->memory);
    }
    return result;
}

ota_status_t ota_agent_remember(ota_agent_t *agent)
{
    uint8_t buffer[STORE_HEADER + MEMORY_SIZE];
    walk_memory(&(walk_t){buffer + STORE_HEADER, true}, &agent->memory);
    ota_status_t result = ota_agent_save(agent, STORE_STATE, buffer, MEMORY_SIZE);
    if (result != OTA_OK) {
        ota_agent_tell(agent, &(ota_agent_event_t){.kind = OTA_AGENT_STORE, .status = result});
    }
    return result;
}

/* Where all places are taken the oldest version goes: it is the least likely to come again. */
void ota_agent_count_failure(ota_agent_memory_t *memory, uint32_t order)
{
    ota_failure_t *place = &memory->failure[0];
    for (size_t i = 0; i < OTA_AGENT_FAILURES; i++) {
        ota_failure_t *failure = &memory->failure[i];
        if (failure->attempts > 0 && failure->order == order) {
            failure->attempts++;
            return;
        }
        if (place->attempts > 0 && (failure->attempts == 0 || failure->order < place->order)) {
            place = failure;
        }
    }
    *place = (ota_failure_t){order, 1};
}
