/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes in a slot to the slot that boots next. */
#include "agent/internal.h"

#include "core/bytes.h"

/* The manifest's SHA-256 against what flash really holds: also for those bytes that an earlier boot
 * programmed, and for those that rotted since. */
ota_status_t ota_agent_hash_step(ota_agent_t *agent)
{
    uint8_t digest[OTA_SHA384_SIZE];
    const ota_device_t *device = agent->config.device;
    const ota_crypto_t *crypto = device->crypto != NULL ? device->crypto : &ota_crypto_builtin;
    uint32_t n = min_u32(agent->image.size - agent->at, sizeof(agent->piece));
    if (n > 0) {
        ota_status_t status =
            ota_flash_read(device->flash, agent->part.offset + agent->at, agent->piece, n);
        if (status == OTA_OK) {
            crypto->hash_update(crypto->ctx, &agent->hash, agent->piece, n);
            agent->at += n;
        }
        return status; /* what cannot be read now may be read next time */
    }
    crypto->hash_finish(crypto->ctx, &agent->hash, digest);
    if (memcmp(digest, agent->image.sha256, OTA_SHA256_SIZE) != 0) {
        return ota_agent_wrong(agent, OTA_ERR_RELEASE_HASH);
    }
    agent->state = STATE_CHOOSE;
    return OTA_OK;
}

static void phase(ota_agent_t *agent, uint8_t now)
{
    ota_text_t version = agent->manifest.version;
    memset(&agent->memory.install, 0, sizeof(agent->memory.install));
    agent->memory.install.phase = now;
    agent->memory.install.slot = (ota_slot_t)(agent->part.subtype - OTA_SUBTYPE_OTA_0);
    agent->memory.install.order = agent->manifest.order;
    memcpy(agent->memory.install.version, version.at, min_u32(version.len, OTA_NAME_MAX));
}

/* Stored before the choice and after it. A reset between the two is judged by what runs then; a
 * choice that nobody would remember is not made. */
ota_status_t ota_agent_choose_step(ota_agent_t *agent)
{
    ota_fault_t fault;
    phase(agent, PHASE_CHOOSING);
    ota_status_t status = ota_agent_remember(agent);
    if (status != OTA_OK) {
        return status;
    }
    status = ota_device_select(agent->config.device, agent->memory.install.slot, false, &fault);
    phase(agent, status == OTA_OK ? PHASE_CHOSEN : PHASE_NONE);
    (void)ota_agent_remember(agent); /* it has told; the boot is judged as after a reset here */
    if (status != OTA_OK) {
        return ota_agent_judged(agent, status);
    }
    ota_agent_tell(agent, &(ota_agent_event_t){.kind = OTA_AGENT_INSTALLED,
                                               .order = agent->manifest.order,
                                               .version = agent->memory.install.version});
    agent->state = STATE_RESTART;
    return OTA_OK;
}
