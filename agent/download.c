/* SPDX-License-Identifier: Apache-2.0 */
/* The image, by as many requests as it takes, into one session (ota/update.h). */
#include "agent/internal.h"

#include "core/bytes.h"

/* --- the session -------------------------------------------------------------------------------
 */

static ota_part_t part_of(const ota_device_t *device, ota_slot_t slot)
{
    ota_region_t region = ota_layout_region(&device->layout, slot);
    return (ota_part_t){.type = OTA_TYPE_APP,
                        .subtype = (uint8_t)(OTA_SUBTYPE_OTA_0 + (unsigned)slot),
                        .offset = region.offset,
                        .size = region.size,
                        .label = "ota"};
}

static bool same_image(const ota_agent_t *agent)
{
    return memcmp(agent->memory.download.image, agent->image.sha256,
                  sizeof(agent->memory.download.image)) == 0;
}

static ota_status_t begin(ota_agent_t *agent)
{
    ota_slot_t slot;
    uint32_t offset = 0;
    ota_device_t *device = agent->config.device;
    ota_status_t status = ota_device_next(device, &slot);
    if (status != OTA_OK) {
        return status;
    }
    if (!same_image(agent)) { /* what is known of another file does not help */
        memset(&agent->memory.download, 0, sizeof(agent->memory.download));
        memcpy(agent->memory.download.image, agent->image.sha256,
               sizeof(agent->memory.download.image));
    }
    agent->part = part_of(device, slot);
    agent->offer.size = agent->image.size;
    memcpy(agent->offer.id, agent->image.sha256, sizeof(agent->offer.id));
    agent->offer.id[sizeof(agent->offer.id) - 1] ^= agent->memory.download.generation;
    status = ota_update_continue(&agent->update, device, &agent->part, &agent->offer,
                                 agent->config.update_flags, &offset);
    agent->mark = offset;
    return status;
}

/* The bytes in the slot are not what they should be: the next session begins at 0. */
static void spoil(ota_agent_t *agent)
{
    ota_update_abort(&agent->update);
    agent->memory.download.generation++;
    agent->memory.download.etag[0] = '\0';
    (void)ota_agent_remember(agent); /* it has told; a lost count costs one more download */
}

/* The bytes themselves, not the way that they came or the medium that they lie on. */
static bool is_wrong(ota_status_t status)
{
    bool judged = status <= OTA_ERR_IMAGE_MAGIC && status >= OTA_ERR_IMAGE_SPI_MODE;
    return judged || status == OTA_ERR_HTTP_CHANGED || status == OTA_ERR_RELEASE_HASH;
}

/* Once more from 0, then it is the server's turn to change something. */
ota_status_t ota_agent_wrong(ota_agent_t *agent, ota_status_t status)
{
    ota_agent_hang_up(agent);
    spoil(agent);
    agent->state = STATE_DOWNLOAD;
    agent->check_tries++;
    return status;
}

ota_status_t ota_agent_judged(ota_agent_t *agent, ota_status_t status)
{
    return is_wrong(status) ? ota_agent_wrong(agent, status) : status;
}

static void tell_progress(const ota_agent_t *agent)
{
    ota_agent_tell(agent, &(ota_agent_event_t){.kind = OTA_AGENT_PROGRESS,
                                               .order = agent->manifest.order,
                                               .done = ota_update_written(&agent->update),
                                               .total = agent->image.size});
}

/* --- the response ------------------------------------------------------------------------------
 */

static ota_status_t send(ota_agent_t *agent)
{
    char path[OTA_IMAGE_PATH_SIZE];
    ota_manifest_image_path(&agent->image, path);
    const char *parts[] = {agent->config.server, "/", path};
    const char *etag = agent->memory.download.etag;
    ota_status_t status = ota_agent_address(agent, parts, sizeof(parts) / sizeof(parts[0]));
    return status == OTA_OK
               ? ota_agent_send(agent,
                                &(ota_http_request_t){
                                    .from = agent->whole ? 0 : ota_update_written(&agent->update),
                                    .if_range = etag[0] != '\0' ? etag : NULL})
               : status;
}

/* A strong tag of the file as it is now; kept for the next request. *other: not the one before. */
static void take_etag(ota_agent_t *agent, bool *other)
{
    char etag[OTA_AGENT_ETAG];
    char *known = agent->memory.download.etag;
    const ota_http_t *http = agent->config.http;
    size_t len = http->header(http->ctx, "etag", etag, sizeof(etag));
    bool usable = len > 0 && len < sizeof(etag) && etag[0] == '"';
    *other = known[0] != '\0' && usable && strcmp(known, etag) != 0;
    if (usable && !*other && known[0] == '\0') {
        memcpy(known, etag, sizeof(etag));
        (void)ota_agent_remember(agent); /* after a reset the tag is merely not known */
    }
}

typedef struct {
    uint32_t first;
    uint32_t last;
    uint32_t total; /* UINT32_MAX: not said */
} range_t;

/* "bytes FIRST-LAST/TOTAL", or a star for the total. */
static bool read_range(const ota_agent_t *agent, range_t *range)
{
    char text[48];
    const ota_http_t *http = agent->config.http;
    size_t len = http->header(http->ctx, "content-range", text, sizeof(text));
    const char *at = text + 6;
    if (len < 6 || len >= sizeof(text) || memcmp(text, "bytes ", 6) != 0) {
        return false;
    }
    if (!ota_agent_number(&at, &range->first) || *at++ != '-' ||
        !ota_agent_number(&at, &range->last) || *at++ != '/') {
        return false;
    }
    if (!ota_agent_number(&at, &range->total)) {
        range->total = UINT32_MAX;
    }
    return true;
}

/* It must be exactly what is missing. */
static ota_status_t judge_range(const ota_agent_t *agent)
{
    range_t range;
    uint32_t length;
    uint32_t from = agent->request.from;
    if (!read_range(agent, &range) || range.first != from || range.last < from || from == 0) {
        return OTA_ERR_HTTP_RANGE;
    }
    if ((range.total != UINT32_MAX && range.total != agent->image.size) ||
        range.last >= agent->image.size) {
        return OTA_ERR_HTTP_LENGTH;
    }
    return ota_agent_length(agent, &length) && length != range.last - from + 1 ? OTA_ERR_HTTP_LENGTH
                                                                               : OTA_OK;
}

/* All of it though a part was asked for: what flash has is compared as it passes. */
static ota_status_t judge_whole(ota_agent_t *agent)
{
    uint32_t length = 0;
    agent->skip = ota_update_written(&agent->update);
    return ota_agent_length(agent, &length) && length != agent->image.size ? OTA_ERR_HTTP_LENGTH
                                                                           : OTA_OK;
}

static bool text_type(const ota_agent_t *agent)
{
    char type[24];
    const ota_http_t *http = agent->config.http;
    return http->header(http->ctx, "content-type", type, sizeof(type)) > 0 &&
           (strncmp(type, "text/", 5) == 0 || strncmp(type, "application/json", 16) == 0);
}

static ota_status_t judge_head(ota_agent_t *agent)
{
    bool other = false;
    if (agent->code != 200 && agent->code != 206) {
        return OTA_ERR_HTTP_STATUS;
    }
    if (text_type(agent)) {
        return OTA_ERR_HTTP_TYPE;
    }
    agent->skip = 0;
    ota_status_t status = agent->code == 206 ? judge_range(agent) : judge_whole(agent);
    if (status == OTA_OK) {
        take_etag(agent, &other);
        status = other ? OTA_ERR_HTTP_CHANGED : OTA_OK;
    }
    return status;
}

/* --- the bytes ---------------------------------------------------------------------------------
 */

/* Bytes that were written already; the last few may wait for a whole program unit still, and are
 * judged with the rest. */
static ota_status_t compare(ota_agent_t *agent, const uint8_t *bytes, uint32_t len)
{
    uint8_t there[64];
    uint32_t from = ota_update_written(&agent->update) - agent->skip;
    uint32_t end = min_u32(from + len, agent->update.programmed);
    agent->skip -= len;
    for (uint32_t at = from, n; at < end; at += n) {
        n = min_u32(end - at, sizeof(there));
        ota_status_t status =
            ota_flash_read(agent->config.device->flash, agent->part.offset + at, there, n);
        if (status != OTA_OK) {
            return status;
        }
        if (memcmp(there, bytes + (at - from), n) != 0) {
            return OTA_ERR_HTTP_CHANGED;
        }
    }
    return OTA_OK;
}

static void count(ota_agent_t *agent, uint32_t before)
{
    uint32_t written = ota_update_written(&agent->update);
    if (written - agent->mark >= OTA_FLASH_SECTOR) { /* it is getting somewhere */
        agent->mark = written;
        agent->tries = 0;
    }
    if (before / OTA_FLASH_SECTOR != written / OTA_FLASH_SECTOR || written == agent->image.size) {
        tell_progress(agent);
    }
}

static ota_status_t take(ota_agent_t *agent, const uint8_t *bytes, uint32_t len)
{
    uint32_t known = min_u32(len, agent->skip);
    uint32_t before = ota_update_written(&agent->update);
    ota_status_t status = known > 0 ? compare(agent, bytes, known) : OTA_OK;
    if (status != OTA_OK || known == len) {
        return status;
    }
    if (len - known > agent->image.size - before) {
        return OTA_ERR_HTTP_LENGTH;
    }
    status = ota_update_write(&agent->update, bytes + known, len - known);
    if (status == OTA_OK) {
        count(agent, before);
    }
    return status;
}

/* Everything is here: end the session, and let flash be compared with the manifest. */
static ota_status_t finish(ota_agent_t *agent)
{
    const ota_crypto_t *crypto = agent->config.device->crypto;
    crypto = crypto != NULL ? crypto : &ota_crypto_builtin;
    ota_agent_hang_up(agent);
    ota_status_t status = ota_update_finish(&agent->update);
    if (status != OTA_OK) {
        return ota_agent_judged(agent, status);
    }
    agent->at = 0;
    agent->state = STATE_HASH;
    return crypto->hash_start(crypto->ctx, &agent->hash, OTA_HASH_SHA256);
}

static ota_status_t receive(ota_agent_t *agent)
{
    size_t len = 0;
    bool end = false;
    /* Never beyond a sector: what came with the byte that the power fails at would be lost, too. */
    uint32_t at = ota_update_written(&agent->update) - agent->skip;
    uint32_t room = min_u32(sizeof(agent->piece), OTA_FLASH_SECTOR - at % OTA_FLASH_SECTOR);
    ota_status_t status =
        ota_agent_body(agent, agent->piece, room, &len, &end, agent->config.image_ms);
    ota_status_t taken =
        status == OTA_OK && len > 0 ? take(agent, agent->piece, (uint32_t)len) : status;
    if (taken == OTA_ERR_HTTP_LENGTH) { /* too many: who knows which of them are the right ones */
        return ota_agent_wrong(agent, taken);
    }
    bool complete = ota_update_written(&agent->update) == agent->image.size;
    if (complete && agent->skip == 0 && (end || status != OTA_OK)) {
        return finish(agent); /* how the connection ends does not matter any more */
    }
    return taken == OTA_OK && end ? OTA_ERR_HTTP_LOST : taken;
}

static ota_status_t go_on(ota_agent_t *agent)
{
    if (agent->code != 0) {
        return receive(agent);
    }
    ota_status_t status = ota_agent_head(agent, agent->config.image_ms);
    return status == OTA_OK && agent->code != 0 ? judge_head(agent) : status;
}

ota_status_t ota_agent_download_step(ota_agent_t *agent)
{
    ota_status_t status = OTA_OK;
    if (!ota_update_open(&agent->update)) {
        status = begin(agent);
    } else if (!agent->open && ota_update_written(&agent->update) == agent->image.size) {
        return finish(agent);
    } else if (!agent->open) {
        tell_progress(agent);
        return send(agent);
    } else {
        status = go_on(agent);
    }
    bool part = status == OTA_ERR_HTTP_LENGTH && agent->code == 206;
    if (status == OTA_ERR_HTTP_RANGE || part) { /* who answers parts wrongly is asked for none */
        agent->whole = true;
    }
    return ota_agent_judged(agent, status);
}
