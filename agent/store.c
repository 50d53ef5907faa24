/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two records of each kind, written in turns: whatever a power cut leaves of one, the other is
 * whole.
 *
 *   +0 "OAR1" | +4 seq u32 | +8 bytes u32 | +12 CRC-32 of the 12 before and the content | +16
 * content
 */
#include "agent/internal.h"

#include "core/bytes.h"
#include "core/crc32.h"

#define MAGIC  0x3152414Fu
#define CRC_AT 12u

static const char *const keys[2][2] = {{"ota.state.a", "ota.state.b"},
                                       {"ota.keys.a", "ota.keys.b"}};

static uint32_t check(const uint8_t *buffer, size_t len)
{
    return ota_crc32(ota_crc32(0, buffer, CRC_AT), buffer + STORE_HEADER, len);
}

/* Bytes of content; 0: nothing whole there. */
static ota_status_t read_side(const ota_agent_t *agent, const char *key, uint8_t *buffer,
                              size_t room, size_t *len)
{
    size_t all = 0;
    const ota_store_t *store = agent->config.store;
    ota_status_t status = store->read(store->ctx, key, buffer, room, &all);
    *len = 0;
    if (status != OTA_OK || all <= STORE_HEADER || all > room) {
        return status;
    }
    size_t content = all - STORE_HEADER;
    if (ota_get_le32(buffer) == MAGIC && ota_get_le32(buffer + 8) == content &&
        ota_get_le32(buffer + CRC_AT) == check(buffer, content)) {
        *len = content;
    }
    return OTA_OK;
}

ota_status_t ota_agent_load(ota_agent_t *agent, unsigned which, uint8_t *buffer, size_t room,
                            size_t *len)
{
    agent->seq[which] = 0;
    agent->side[which] = 1; /* the first record goes to side 0 */
    for (uint8_t side = 0; side < 2; side++) {
        ota_status_t status = read_side(agent, keys[which][side], buffer, room, len);
        if (status != OTA_OK) {
            return status;
        }
        uint32_t seq = ota_get_le32(buffer + 4);
        if (*len > 0 && seq > agent->seq[which]) {
            agent->seq[which] = seq;
            agent->side[which] = side;
        }
    }
    *len = 0;
    return agent->seq[which] == 0
               ? OTA_OK
               : read_side(agent, keys[which][agent->side[which]], buffer, room, len);
}

ota_status_t ota_agent_save(ota_agent_t *agent, unsigned which, uint8_t *buffer, size_t len)
{
    const ota_store_t *store = agent->config.store;
    uint8_t side = agent->side[which] ^ 1u;
    ota_put_le32(buffer, MAGIC);
    ota_put_le32(buffer + 4, agent->seq[which] + 1);
    ota_put_le32(buffer + 8, (uint32_t)len);
    ota_put_le32(buffer + CRC_AT, check(buffer, len));
    ota_status_t status = store->write(store->ctx, keys[which][side], buffer, STORE_HEADER + len);
    if (status == OTA_OK) {
        agent->side[which] = side;
        agent->seq[which]++;
    }
    return status;
}
