/* SPDX-License-Identifier: Apache-2.0 */
/* A life under a hostile network: power, steps, and what must hold. */
#include "lab/net/hostile.h"

#include "agent/internal.h"
#include "lab/net/hostile_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_MS     250u /* put forward where nothing came */
#define IMAGE_MS    60000u
#define DOCUMENT_MS 20000u
#define STALL_MS    5000u
#define POLLS_MAX   8u
#define STEPS_PEACE 6000u
#define STEPS_A_BYTE                                                                               \
    1500u /* an answer is at least one byte, and ends in as many pieces of work                    \
           */

const char *hostile_oracle_name(hostile_oracle_t oracle)
{
    static const char *const names[] = {"fine", "H1 (whole)", "H2 (signed)", "H3 (ends)",
                                        "H4 (converges)"};
    return names[oracle];
}

void hostile_blame(hostile_t *stage, hostile_oracle_t oracle, const char *format, ...)
{
    va_list list;
    if (stage->result->broken != HOSTILE_FINE) {
        return; /* the first one counts */
    }
    stage->result->broken = oracle;
    va_start(list, format);
    (void)vsnprintf(stage->result->what, sizeof(stage->result->what), format, list);
    va_end(list);
}

/* --- what holds ---------------------------------------------------------------------------- */

static bool holds(const hostile_t *stage, uint32_t offset, unsigned image)
{
    const image_bytes_t *bytes = &stage->site.image[image];
    return memcmp(stage->nor.bytes + offset, bytes->bytes, bytes->len) == 0;
}

static bool is_document(const hostile_t *stage, hostile_file_t file)
{
    const hostile_document_t *document = &stage->site.file[file];
    return stage->agent.document_len == document->len &&
           memcmp(stage->agent.document, document->bytes, document->len) == 0;
}

static void hear(void *ctx, const ota_agent_event_t *event)
{
    hostile_t *stage = ctx;
    if (event->kind == OTA_AGENT_OFFER && !is_document(stage, HOSTILE_MANIFEST)) {
        hostile_blame(stage, HOSTILE_SIGNED, "version %s is offered, and not by its manifest",
                      event->version);
    } else if (event->kind == OTA_AGENT_INSTALLED && !holds(stage, stage->agent.part.offset, 1)) {
        hostile_blame(stage, HOSTILE_WHOLE, "the slot that is chosen holds no published image");
    }
}

static bool anybodys_manifest(const hostile_t *stage)
{
    return is_document(stage, HOSTILE_MANIFEST) || is_document(stage, HOSTILE_REPLAYED) ||
           is_document(stage, HOSTILE_STOVE);
}

static bool publishers_keys(const ota_keys_t *keys)
{
    bool known = keys->version == 1 || keys->version == 2;
    return known && keys->count == 1 && keys->key[0].id.at[0] == (keys->version == 2 ? 'b' : 'a');
}

static void look_at_agent(hostile_t *stage)
{
    const ota_agent_t *agent = &stage->agent;
    if (agent->state == STATE_GATE && !anybodys_manifest(stage)) {
        hostile_blame(stage, HOSTILE_SIGNED, "a manifest that nobody signed is read");
    }
    if (agent->memory.serial > 2) { /* the highest that was signed for this product */
        hostile_blame(stage, HOSTILE_SIGNED, "serial %u is remembered, of nobody's manifest",
                      (unsigned)agent->memory.serial);
    }
    if (!publishers_keys(&agent->keys)) {
        hostile_blame(stage, HOSTILE_SIGNED, "key set %u is held, and is not the publisher's",
                      (unsigned)agent->keys.version);
    }
}

static void look_at_request(hostile_t *stage)
{
    uint32_t most = IMAGE_MS + STALL_MS;
    if (stage->open && stage->ms - stage->begun > most) {
        hostile_blame(stage, HOSTILE_ENDS, "a request lasts longer than %u ms", (unsigned)most);
    }
}

static bool updated(const hostile_t *stage)
{
    return stage->on && holds(stage, SLOT_AT((unsigned)stage->device.running), 1) &&
           !ota_device_on_trial(&stage->device);
}

static void judge_end(hostile_t *stage)
{
    stage->result->updated = updated(stage);
    bool failed = stage->agent.memory.failure[0].attempts > 0 &&
                  holds(stage, SLOT_AT((unsigned)stage->device.running), 0);
    if (!stage->result->updated && !failed) {
        hostile_blame(stage, HOSTILE_CONVERGES, "slot %d runs in the end, serial %u%s",
                      (int)stage->device.running, (unsigned)stage->agent.memory.serial,
                      stage->agent.trial_open ? ", on trial" : "");
    }
}

/* --- power --------------------------------------------------------------------------------- */

static void power_off(hostile_t *stage)
{
    stage->on = false;
    stage->open = false;
    stage->reset = false;
    stage->device.sessions = NULL;
}

static void start_agent(hostile_t *stage)
{
    stage->config = (ota_agent_config_t){.device = &stage->device,
                                         .http = &stage->http,
                                         .clock = &stage->clock,
                                         .random = &stage->random,
                                         .store = &stage->store,
                                         .identity = &stage->who,
                                         .server = "http://site.example",
                                         .report = "http://site.example/report",
                                         .workspace = stage->workspace,
                                         .workspace_size = sizeof(stage->workspace),
                                         .trial = {OTA_TRIAL_CONTACT, 0, 100},
                                         .poll_ms = 3600000,
                                         .retry_ms = 1000,
                                         .retry_max_ms = 20000,
                                         .stall_ms = STALL_MS,
                                         .document_ms = DOCUMENT_MS,
                                         .image_ms = IMAGE_MS,
                                         .tries = 5,
                                         .ctx = stage,
                                         .event = hear};
    if (stage->wrap != NULL) {
        stage->wrap(stage->user, &(hostile_parts_t){&stage->crypto, &stage->http, &stage->flash,
                                                    &stage->config});
    }
    stage->on = ota_agent_start(&stage->agent, &stage->config) == OTA_OK;
}

static void run(hostile_t *stage, ota_slot_t slot)
{
    stage->who =
        (ota_identity_t){.product = "lamp",
                         .channel = "stable",
                         .id = (const uint8_t *)"7",
                         .id_len = 1,
                         .version = holds(stage, SLOT_AT((unsigned)slot), 1) ? "2.0" : "1.0",
                         .keys = (const uint8_t *)stage->site.born,
                         .keys_len = (uint32_t)strlen(stage->site.born)};
    stage->device = (ota_device_t){.flash = &stage->flash,
                                   .crypto = &stage->crypto,
                                   .chip = ota_chip_by_name("esp32"),
                                   .any_rev = true,
                                   .boot = {.policy = OTA_POLICY_OTARY, .rollback = true}};
    if (ota_device_init(&stage->device, &stage->table, SLOT_AT((unsigned)slot)) == OTA_OK) {
        start_agent(stage);
    }
}

static void power_on(hostile_t *stage)
{
    stage->result->boots++;
    stage->dead = stage->faults_met = false;
    hostile_ports(stage);
    ota_boot_config_t config = {.policy = OTA_POLICY_OTARY, .rollback = true};
    ota_boot_verifier_t verifier = {
        .flash = &stage->flash,
        .rules = {.chip = ota_chip_by_name("esp32"), .any_rev = true, .crypto = &stage->crypto},
        .buffer = stage->buffer,
        .buffer_len = sizeof(stage->buffer)};
    ota_machine_t machine = {.flash = &stage->flash,
                             .table_buffer = stage->table_read,
                             .config = &config,
                             .ctx = &verifier,
                             .load = ota_boot_verify};
    bool up = ota_boot_run(&machine, &stage->trace) == OTA_OK;
    ota_slot_t slot = stage->trace.booted;
    if (stage->dead || (!up && stage->faults_met)) {
        return; /* it is switched on again */
    }
    if (!up || (slot != 0 && slot != 1)) {
        hostile_blame(stage, HOSTILE_CONVERGES, "nothing boots");
    } else if (!holds(stage, SLOT_AT((unsigned)slot), 0) &&
               !holds(stage, SLOT_AT((unsigned)slot), 1)) {
        hostile_blame(stage, HOSTILE_WHOLE, "slot %d boots, and holds neither image", (int)slot);
    } else {
        run(stage, slot);
    }
}

/* --- life ---------------------------------------------------------------------------------- */

/* At rest in peace: true if there is nothing to wait for. */
static bool rests(hostile_t *stage)
{
    const ota_agent_t *agent = &stage->agent;
    if (!stage->peace || agent->state != STATE_IDLE || agent->trial_open || !agent->judged ||
        ota_agent_pause(agent) == 0) {
        return false;
    }
    stage->polls++;
    return stage->polls >= POLLS_MAX || (updated(stage) && agent->memory.report.kind == 0);
}

static void let_time_pass(hostile_t *stage, bool nothing_came)
{
    uint32_t pause = ota_agent_pause(&stage->agent);
    uint32_t busy = stage->open && nothing_came ? IDLE_MS : 1u;
    stage->ms += pause > 0 ? pause : busy;
}

/* true: it has come to its end. */
static bool run_app(hostile_t *stage)
{
    uint32_t before = stage->moved;
    bool healthy = stage->ill == 0;
    stage->ill -= healthy ? 0 : 1;
    ota_agent_next_t next = ota_agent_step(&stage->agent, healthy);
    look_at_request(stage);
    if (!stage->dead) {
        look_at_agent(stage);
    }
    if (stage->dead || stage->reset || next == OTA_AGENT_RESTART) {
        power_off(stage);
        return false;
    }
    bool over = next == OTA_AGENT_WAIT && rests(stage);
    let_time_pass(stage, stage->moved == before);
    return over;
}

static bool step(hostile_t *stage)
{
    if (stage->on) {
        return run_app(stage);
    }
    power_on(stage);
    return false;
}

static void set_up(hostile_t *stage, const uint8_t *bytes, size_t len, hostile_result_t *result)
{
    memset(result, 0, sizeof(*result));
    stage->result = result;
    stage->bytes = bytes;
    stage->len = len < HOSTILE_BYTES ? len : HOSTILE_BYTES;
    stage->at = 0;
    stage->peace = false;
    memcpy(stage->nor.bytes, stage->pristine, FLASH_USED);
    memset(stage->value, 0, sizeof(stage->value));
    memset(&stage->agent, 0, sizeof(stage->agent));
    stage->ms = 0xFFFFF000u; /* wraps soon */
    stage->dice = 1;
    power_off(stage);
    hostile_make_peace(stage);
    stage->peace = false;
    stage->polls = stage->moved = 0;
    stage->read_skip = stage->op_skip = 0;
    stage->cut_done = 0;
}

void hostile_play(hostile_t *stage, const uint8_t *bytes, size_t len, hostile_result_t *result)
{
    set_up(stage, bytes, len, result);
    uint32_t most = STEPS_PEACE + STEPS_A_BYTE * (uint32_t)stage->len;
    bool over = false;
    while (!over && result->broken == HOSTILE_FINE && result->steps < most) {
        over = step(stage);
        result->steps++;
    }
    if (!over && result->broken == HOSTILE_FINE) {
        hostile_blame(stage, HOSTILE_ENDS, "%u pieces of work, and no end", (unsigned)most);
    }
    if (over) {
        judge_end(stage);
    }
    power_off(stage);
}

/* --- the stage ----------------------------------------------------------------------------- */

static void put_part(uint8_t *table, unsigned n, ota_part_t part, const char *label)
{
    memcpy(part.label, label, strlen(label));
    ota_table_encode(table + (size_t)n * OTA_TABLE_ENTRY, &part);
}

static void make_table(uint8_t *table)
{
    const ota_part_t otadata = {.type = OTA_TYPE_DATA,
                                .subtype = OTA_SUBTYPE_OTADATA,
                                .offset = OTADATA_AT,
                                .size = OTA_OTADATA_SIZE};
    ota_part_t app = {.type = OTA_TYPE_APP, .subtype = 0x10, .offset = SLOT_AT(0u)};
    app.size = SLOT_SIZE;
    memset(table, 0xFF, OTA_TABLE_SIZE);
    put_part(table, 0, otadata, "otadata");
    put_part(table, 1, app, "ota_0");
    app.subtype++;
    app.offset = SLOT_AT(1u);
    put_part(table, 2, app, "ota_1");
    ota_table_encode_md5(table + 3u * OTA_TABLE_ENTRY, table, 3);
}

static bool make_flash(hostile_t *stage)
{
    uint8_t *table = stage->table_bytes;
    ota_entry_t entry;
    make_table(table);
    memset(stage->pristine, 0xFF, FLASH_USED);
    memcpy(stage->pristine + OTA_TABLE_OFFSET, table, OTA_TABLE_SIZE);
    memcpy(stage->pristine + SLOT_AT(0u), stage->site.image[0].bytes, stage->site.image[0].len);
    ota_entry_blank(&entry);
    entry.seq = 1;
    entry.state = OTA_STATE_VALID;
    entry.crc = ota_entry_crc(1);
    ota_entry_encode(stage->pristine + OTADATA_AT, &entry);
    return ota_table_open_boot(&stage->table, table, OTA_TABLE_SIZE, FLASH_SIZE, NULL) == OTA_OK;
}

hostile_t *hostile_open(void)
{
    hostile_t *stage = calloc(1, sizeof(*stage));
    if (stage == NULL) {
        return NULL;
    }
    stage->pristine = malloc(FLASH_USED);
    bool ok = nor_sim_start(&stage->nor, FLASH_SIZE) == OTA_OK && stage->pristine != NULL &&
              hostile_site_start(&stage->site) && make_flash(stage);
    stage->nor.lenient = true; /* as a chip is where a cut left half a sector erased */
    if (!ok) {
        hostile_close(stage);
        return NULL;
    }
    return stage;
}

void hostile_close(hostile_t *stage)
{
    hostile_site_stop(&stage->site);
    nor_sim_stop(&stage->nor);
    free(stage->pristine);
    free(stage);
}

void hostile_wrap(hostile_t *stage, hostile_wrap_t wrap, void *user)
{
    stage->wrap = wrap;
    stage->user = user;
}

const uint8_t *hostile_file(const hostile_t *stage, hostile_file_t file, uint32_t *len)
{
    *len = stage->site.file[file].len;
    return stage->site.file[file].bytes;
}
