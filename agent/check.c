/* SPDX-License-Identifier: Apache-2.0 */
/* Is there an update? The next key sets, the manifest, the gate. */
#include "agent/internal.h"

#include "core/bytes.h"

/* Behind the set that is held, with room in front for its own header when it is stored. */
static uint8_t *document_place(const ota_agent_t *agent)
{
    return agent->config.workspace + agent->held + STORE_HEADER;
}

static ota_status_t fetch_document(ota_agent_t *agent, const char *folder, const char *name)
{
    const char *parts[] = {agent->config.server,
                           "/",
                           agent->config.identity->product,
                           "/",
                           folder,
                           "/",
                           name,
                           ".json"};
    ota_status_t status = ota_agent_address(agent, parts, sizeof(parts) / sizeof(parts[0]));
    uint8_t *place = document_place(agent);
    uint32_t room = agent->config.workspace_size - (uint32_t)(place - agent->config.workspace);
    return status == OTA_OK ? ota_agent_fetch(agent, place, min_u32(room, OTA_DOCUMENT_MAX))
                            : status;
}

static void document_there(ota_agent_t *agent)
{
    agent->document = agent->fill;
    agent->document_len = agent->fill_len;
    agent->signature_count = 0;
    ota_agent_sign_round(agent, &agent->keys);
}

static ota_signed_t document(ota_agent_t *agent)
{
    return (ota_signed_t){agent->document, agent->document_len, agent->signature,
                          agent->signature_count};
}

/* --- key sets ----------------------------------------------------------------------------------
 */

/* The built-in set, or a newer one that was taken over and stored. */
ota_status_t ota_agent_keys_start(ota_agent_t *agent)
{
    const ota_identity_t *who = agent->config.identity;
    ota_fault_t fault;
    size_t len = 0;
    agent->held = 0;
    ota_status_t status = ota_keys_open(&agent->keys, who->keys, who->keys_len, &fault);
    if (status != OTA_OK) {
        return status;
    }
    if (!ota_text_is(agent->keys.product, who->product)) {
        return OTA_ERR_KEYS_PRODUCT;
    }
    uint8_t *place = agent->config.workspace;
    status = ota_agent_load(agent, STORE_KEYS, place, agent->config.workspace_size, &len);
    if (status != OTA_OK) {
        ota_agent_tell(agent, &(ota_agent_event_t){.kind = OTA_AGENT_STORE, .status = status});
        return OTA_OK;
    }
    if (len > 0 && ota_keys_open(&agent->next, place + STORE_HEADER, len, &fault) == OTA_OK &&
        ota_text_is(agent->next.product, who->product) &&
        agent->next.version > agent->keys.version) {
        agent->keys = agent->next;
        agent->held = STORE_HEADER + (uint32_t)len;
    }
    return OTA_OK;
}

/* No next set, as static hosts say it: some answer 403, or with a page, for what is not there. */
static bool no_next(ota_status_t status)
{
    return status == OTA_ERR_HTTP_ABSENT || status == OTA_ERR_HTTP_DENIED ||
           status == OTA_ERR_HTTP_TYPE || status == OTA_ERR_HTTP_STATUS;
}

APART static ota_status_t keys_step(ota_agent_t *agent)
{
    char digits[NUMBER_SIZE];
    bool done = false;
    if (!agent->open) {
        return fetch_document(agent, "keys", ota_agent_digits(agent->keys.version + 1, digits));
    }
    ota_status_t status = ota_agent_fetched(agent, &done);
    if (no_next(status)) {
        ota_agent_hang_up(agent);
        agent->state = STATE_MANIFEST;
        return OTA_OK;
    }
    if (done) {
        document_there(agent);
        agent->state = STATE_KEYS_HELD;
    }
    return status;
}

/* A set that is not ours to follow: say so, and see what the held one vouches for. */
static ota_status_t pass_over(ota_agent_t *agent, ota_status_t status, const ota_fault_t *fault)
{
    ota_agent_tell(
        agent, &(ota_agent_event_t){.kind = OTA_AGENT_REFUSED, .status = status, .fault = *fault});
    agent->state = STATE_MANIFEST;
    return OTA_OK;
}

APART static ota_status_t keys_held_step(ota_agent_t *agent)
{
    bool done = false;
    ota_fault_t fault = {OTA_OK, 0, 0, 0};
    ota_status_t status = ota_agent_signatures(agent, "keys", &done);
    if (status != OTA_OK || !done) {
        return status;
    }
    ota_signed_t signed_document = document(agent);
    status = ota_keys_verify(&agent->keys, agent->config.device->crypto, &signed_document, &fault);
    if (status == OTA_OK) { /* now it may be read, to learn whose signatures it needs besides */
        status = ota_keys_open(&agent->next, agent->document, agent->document_len, &fault);
    }
    if (status != OTA_OK) {
        return pass_over(agent, status, &fault);
    }
    ota_agent_sign_round(agent, &agent->next);
    agent->state = STATE_KEYS_NEXT;
    return OTA_OK;
}

/* Stored first, then held: a reset between finds the old set, and the same next one. */
static ota_status_t replace(ota_agent_t *agent, ota_fault_t *fault)
{
    ota_signed_t signed_document = document(agent);
    ota_status_t status = ota_keys_replace(&agent->keys, &agent->next, agent->config.device->crypto,
                                           &signed_document, fault);
    if (status != OTA_OK) {
        return status;
    }
    uint8_t *record = agent->document - STORE_HEADER;
    status = ota_agent_save(agent, STORE_KEYS, record, agent->document_len);
    if (status != OTA_OK) {
        ota_agent_tell(agent, &(ota_agent_event_t){.kind = OTA_AGENT_STORE, .status = status});
    }
    uint8_t *place = agent->config.workspace;
    memmove(place + STORE_HEADER, agent->document, agent->document_len);
    agent->held = STORE_HEADER + agent->document_len;
    return ota_keys_open(&agent->keys, place + STORE_HEADER, agent->document_len, fault);
}

APART static ota_status_t keys_next_step(ota_agent_t *agent)
{
    bool done = false;
    ota_fault_t fault = {OTA_OK, 0, 0, 0};
    ota_status_t status = ota_agent_signatures(agent, "keys", &done);
    if (status != OTA_OK || !done) {
        return status;
    }
    status = replace(agent, &fault);
    if (status != OTA_OK) {
        return pass_over(agent, status, &fault);
    }
    ota_agent_tell(agent,
                   &(ota_agent_event_t){.kind = OTA_AGENT_KEYS, .order = agent->keys.version});
    agent->state = STATE_KEYS;
    return OTA_OK;
}

/* --- the manifest ------------------------------------------------------------------------------
 */

APART static ota_status_t manifest_step(ota_agent_t *agent)
{
    bool done = false;
    if (!agent->open) {
        return fetch_document(agent, agent->config.identity->channel, "manifest");
    }
    ota_status_t status = ota_agent_fetched(agent, &done);
    if (done) {
        document_there(agent);
        agent->state = STATE_MANIFEST_SIGNED;
    }
    return status;
}

APART static ota_status_t manifest_signed_step(ota_agent_t *agent)
{
    bool done = false;
    ota_fault_t fault;
    ota_status_t status = ota_agent_signatures(agent, agent->config.identity->channel, &done);
    if (status != OTA_OK || !done) {
        return status;
    }
    ota_signed_t signed_document = document(agent);
    status = ota_manifest_accept(&agent->manifest, &agent->keys, agent->config.device->crypto,
                                 &signed_document, &fault);
    if (status == OTA_OK) {
        agent->contact = true; /* this cannot be a captive portal */
        agent->state = STATE_GATE;
    }
    return status;
}

/* --- the gate ----------------------------------------------------------------------------------
 */

static void fill_room(const ota_device_t *device, ota_target_t *target)
{
    ota_slot_t slot = OTA_SLOT_NONE;
    for (size_t i = 0; i < OTA_SLOTS_MAX; i++) {
        target->slots += device->layout.slot[i].size != 0;
    }
    if (device->layout.otadata.size != 0 && ota_device_next(device, &slot) == OTA_OK) {
        target->slot_size = ota_layout_region(&device->layout, slot).size;
    }
    if (device->efuse != NULL &&
        device->efuse->read(device->efuse->ctx, &target->secure_version) != OTA_OK) {
        target->secure_version = UINT32_MAX; /* a floor that is not known lets nothing pass */
    }
}

APART static void fill_target(ota_agent_t *agent)
{
    const ota_device_t *device = agent->config.device;
    const ota_identity_t *who = agent->config.identity;
    const ota_agent_memory_t *memory = &agent->memory;
    ota_target_t *target = &agent->target;
    *target = (ota_target_t){.product = who->product,
                             .channel = who->channel,
                             .variant = who->variant,
                             .chip = device->chip != NULL ? device->chip->id : UINT16_MAX,
                             .chip_rev = device->chip_rev,
                             .any_rev = device->any_rev,
                             .flash_size = device->flash->size,
                             .bootloader = who->bootloader,
                             .rollback = ota_boot_config_trials(&device->boot),
                             .version = who->version,
                             .order = memory->order,
                             .failures = memory->failure,
                             .serial = memory->serial,
                             .keys = agent->keys.version,
                             .now = agent->config.clock->now(agent->config.clock->ctx),
                             .id = who->id,
                             .id_len = who->id_len,
                             .cohorts = who->cohorts,
                             .cohort_count = who->cohort_count};
    while (target->failure_count < OTA_AGENT_FAILURES &&
           memory->failure[target->failure_count].attempts > 0) {
        target->failure_count++;
    }
    if (agent->trial_open) {
        target->order = memory->install.order; /* it is what runs */
    }
    fill_room(device, target);
}

/* The manifest is ours and is the newest that we know: no older one will be taken. */
APART static ota_status_t raise_serial(ota_agent_t *agent, ota_status_t gate)
{
    bool ours = gate != OTA_ERR_RELEASE_PRODUCT && gate != OTA_ERR_RELEASE_CHANNEL &&
                gate != OTA_ERR_RELEASE_KEYS && gate != OTA_ERR_RELEASE_SERIAL;
    if (!ours || agent->manifest.serial <= agent->memory.serial) {
        return OTA_OK;
    }
    agent->memory.serial = agent->manifest.serial;
    return ota_agent_remember(agent);
}

APART static void tell_verdict(const ota_agent_t *agent, ota_status_t status,
                               const ota_fault_t *fault)
{
    char version[OTA_AGENT_VERSION] = "";
    memcpy(version, agent->manifest.version.at, min_u32(agent->manifest.version.len, OTA_NAME_MAX));
    ota_agent_tell(
        agent, &(ota_agent_event_t){.kind = status == OTA_OK ? OTA_AGENT_OFFER : OTA_AGENT_REFUSED,
                                    .status = status,
                                    .fault = *fault,
                                    .order = agent->manifest.order,
                                    .version = version,
                                    .total = status == OTA_OK ? agent->image.size : 0});
}

APART static ota_status_t gate_step(ota_agent_t *agent)
{
    ota_fault_t fault = {OTA_OK, 0, 0, 0};
    fill_target(agent);
    ota_status_t status = ota_release_gate(&agent->manifest, &agent->target,
                                           agent->config.device->crypto, &agent->image, &fault);
    ota_status_t stored = raise_serial(agent, status);
    if (status == OTA_OK && agent->trial_open) {
        status = OTA_ERR_UNCONFIRMED;
    }
    if (status == OTA_OK && stored != OTA_OK) {
        status = stored; /* without a memory a bad version would be tried for ever */
    }
    tell_verdict(agent, status, &fault);
    if (status != OTA_OK) {
        ota_agent_rest(agent);
        return OTA_OK;
    }
    agent->tries = 0;
    agent->whole = false;
    agent->state = STATE_DOWNLOAD;
    return OTA_OK;
}

ota_status_t ota_agent_check_step(ota_agent_t *agent)
{
    switch (agent->state) {
    case STATE_KEYS:
        return keys_step(agent);
    case STATE_KEYS_HELD:
        return keys_held_step(agent);
    case STATE_KEYS_NEXT:
        return keys_next_step(agent);
    case STATE_MANIFEST:
        return manifest_step(agent);
    case STATE_MANIFEST_SIGNED:
        return manifest_signed_step(agent);
    default:
        return gate_step(agent);
    }
}
