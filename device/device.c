/* SPDX-License-Identifier: Apache-2.0 */
#include "device/device.h"

#include "agent/internal.h"
#include "host/boot_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIAL_SECONDS 120u
#define WATCHDOG_MS   5000u
#define SWITCHED_OFF  30000u /* ms until somebody loses patience with DEVICE_FORGET */
#define CUT_OPS       300u   /* flash operations among which --cuts chooses */

/* --- power ---------------------------------------------------------------------------------------
 */

static void hear_boot(void *user, char level, const char *text)
{
    device_say(user, level, "boot", "%s", text);
}

/* The power holds for all of this boot, or up to some flash operation. */
static void arm(device_t *device)
{
    bool kill = device->wish.kill && device->boots == 1;
    bool random = device_random(device) % 100u < device->wish.cuts;
    uint32_t among = device->wish.cut_ops != 0 ? device->wish.cut_ops : CUT_OPS;
    uint32_t at = kill ? device->wish.kill_at : device_random(device) % among;
    device->image.file.flash = device->whole;
    memset(&device->cut, 0, sizeof(device->cut));
    if (kill || random) {
        flash_cut_arm(&device->cut, &device->image.file.flash, at);
    }
}

static void power_off(device_t *device, const char *why)
{
    device->on = false;
    device->powered.device.sessions = NULL;
    ota_agent_hang_up(&device->agent); /* the peer sees the connection go */
    device_say(device, 'E', "power", "%s", why);
}

/* The version in the descriptor of what runs. */
static void read_version(device_t *device)
{
    uint8_t bytes[OTA_APP_DESC_SIZE];
    ota_app_desc_t desc;
    ota_region_t where = ota_layout_region(&device->image.layout, device->trace.booted);
    device->version[0] = '\0';
    if (ota_flash_read(&device->image.file.flash, where.offset + OTA_APP_DESC_OFFSET, bytes,
                       sizeof(bytes)) == OTA_OK &&
        ota_app_desc_decode(&desc, bytes) == OTA_OK) {
        (void)snprintf(device->version, sizeof(device->version), "%s", desc.version);
    }
}

static ota_status_t start_agent(device_t *device)
{
    const device_identity_t *identity = &device->identity;
    device->who =
        (ota_identity_t){.product = identity->product,
                         .channel = identity->channel,
                         .variant = identity->variant[0] != '\0' ? identity->variant : NULL,
                         .id = (const uint8_t *)identity->id,
                         .id_len = (uint32_t)strlen(identity->id),
                         .cohorts = identity->cohorts,
                         .cohort_count = identity->cohort_count,
                         .version = device->version,
                         .keys = (const uint8_t *)identity->keys,
                         .keys_len = (uint32_t)strlen(identity->keys)};
    bool forgets = device->wish.behave == DEVICE_FORGET;
    ota_agent_config_t config = {
        .device = &device->powered.device,
        .http = &device->http_port,
        .clock = &device->clock,
        .random = &device->random,
        .store = &device->store_port,
        .identity = &device->who,
        .server = device->wish.server,
        .report = device->wish.report,
        .workspace = device->workspace,
        .workspace_size = sizeof(device->workspace),
        .trial = {forgets ? OTA_TRIAL_MANUAL : OTA_TRIAL_CONTACT, 0, forgets ? 0 : TRIAL_SECONDS},
        .stall_ms = device->wish.stall_ms,
        .ctx = device,
        .event = device_hear};
    return ota_agent_start(&device->agent, &config);
}

static void power_on(device_t *device)
{
    powered_switches_t switches = {.dry_run = false};
    device->boots++;
    arm(device);
    device_say(device, 'I', "power", "on, for the %u. time", (unsigned)device->boots);
    ota_status_t status = powered_boot(&device->powered, &switches, &device->trace);
    boot_log(&device->trace, status, &device->powered.rtc.config, hear_boot, device);
    if (device->cut.cut) {
        return;
    }
    if (status == OTA_OK) {
        status = powered_run(&device->powered, device->trace.booted);
    }
    if (status == OTA_OK) {
        read_version(device);
        device_say(device, 'I', "app", "%s runs in %s", device->version,
                   slot_name(device->trace.booted));
        device->offline = false;
        status = start_agent(device);
    }
    device->on = status == OTA_OK;
    device->begun_ms = device_ms(device);
    if (status != OTA_OK && !device->cut.cut) {
        device->last_status = status;
        device_say(device, 'E', "app", "%s", ota_status_name(status));
        device->end = DEVICE_BRICK;
    }
}

/* --- the application -----------------------------------------------------------------------------
 */

/* Ends this boot, as the behaviour says; true: it did. Only what is on trial misbehaves. */
static bool misbehave(device_t *device)
{
    uint32_t up = device_ms(device) - device->begun_ms;
    bool crashes = device->wish.behave == DEVICE_CRASH &&
                   (device->wish.crash_at == 0 || device->wish.crash_at == device->trials);
    device->offline = device->wish.behave == DEVICE_NO_SERVER;
    if (crashes) {
        power_off(device, "Guru Meditation Error: LoadProhibited; rebooting");
    } else if (device->wish.behave == DEVICE_HANG) {
        device_skip(device, WATCHDOG_MS);
        power_off(device, "Task watchdog got triggered; rebooting");
    } else if (device->wish.behave == DEVICE_FORGET && up >= SWITCHED_OFF) {
        power_off(device, "somebody switches it off and on again");
    }
    return !device->on;
}

static void settle(device_t *device)
{
    bool idle = device->agent.state == STATE_IDLE && !device->agent.trial_open &&
                ota_agent_pause(&device->agent) > 0;
    if (idle) {
        device->end = device->gave_up ? DEVICE_GAVE_UP : DEVICE_SETTLED;
    }
}

static void run_app(device_t *device)
{
    bool trial = device->agent.trial_open;
    if (trial && misbehave(device)) {
        return;
    }
    ota_agent_next_t next = ota_agent_step(&device->agent, true);
    if (device->cut.cut) {
        return;
    }
    if (next == OTA_AGENT_RESTART) {
        device->on = false;
        device->powered.device.sessions = NULL;
    } else if (next == OTA_AGENT_WAIT) {
        settle(device);
    }
}

device_end_t device_step(device_t *device)
{
    if (device->end != DEVICE_RUNS) {
        return device->end;
    }
    if (device->on) {
        run_app(device);
    } else if (device->boots >= device->wish.boots) {
        device->end = DEVICE_WORN_OUT;
    } else {
        power_on(device);
        device->trials += device->on && device->agent.trial_open;
    }
    if (device->cut.cut) {
        device->power_cuts++;
        device->end = DEVICE_RUNS;
        power_off(device, "the power fails in the middle of a flash operation");
        device->cut.cut = false;
    }
    return device->end;
}

void device_switch_off(device_t *device)
{
    device->end = DEVICE_RUNS;
    power_off(device, "somebody switches it off");
}

uint32_t device_pause(const device_t *device)
{
    return device->on ? ota_agent_pause(&device->agent) : 0;
}

void device_skip(device_t *device, uint32_t ms)
{
    device->skipped_ms += ms;
}

/* --- opening -------------------------------------------------------------------------------------
 */

static ota_status_t prepare(device_t *device, const char *path, const device_wish_t *wish)
{
    device->wish = *wish;
    if (!device_identity_load(&device->identity, path)) {
        return OTA_ERR_PORT;
    }
    ota_status_t status = store_file_start(&device->files, path);
    if (status == OTA_OK && wish->http == NULL) {
        status = http_curl_open(&device->http);
    }
    device->http.authorities = wish->authorities;
    device->http.any_certificate = wish->any_certificate;
    device->http.wait_ms = wish->http_wait_ms;
    device_ports(device);
    return status;
}

ota_status_t device_open(device_t *device, const char *path, const device_wish_t *wish,
                         ota_fault_t *fault)
{
    ota_status_t status = flash_image_open(&device->image, path, true, FLASH_TABLE_ANYWHERE, fault);
    if (status != OTA_OK) {
        return status;
    }
    status = prepare(device, path, wish);
    if (status != OTA_OK) {
        flash_image_close(&device->image);
        return status;
    }
    device->whole = device->image.file.flash;
    powered_start(&device->powered, &device->image, path);
    return OTA_OK;
}

static ota_status_t copy_flash(device_t *device, const flash_image_t *from, ota_fault_t *fault)
{
    ota_status_t status = nor_sim_start(&device->nor, from->file.flash.size);
    if (status != OTA_OK) {
        return status;
    }
    device->nor.lenient = true; /* as a chip is where a cut left half a sector erased */
    status = ota_flash_read(&from->file.flash, 0, device->nor.bytes, device->nor.flash.size);
    if (status == OTA_OK) {
        status = flash_image_read(&device->image, &device->nor.flash, from->table_offset, fault);
    }
    device->image.file.flash = device->nor.flash;
    return status;
}

ota_status_t device_clone(device_t *device, const char *path, uint32_t number,
                          const device_wish_t *wish, ota_fault_t *fault)
{
    flash_image_t from;
    device_wish_t own = *wish;
    own.seed += number * 7919u;
    device->in_memory = true;
    ota_status_t status = flash_image_open(&from, path, false, FLASH_TABLE_ANYWHERE, fault);
    if (status != OTA_OK) {
        return status;
    }
    status = copy_flash(device, &from, fault);
    flash_image_close(&from);
    if (status == OTA_OK) {
        status = prepare(device, path, &own);
    }
    if (status != OTA_OK) {
        nor_sim_stop(&device->nor);
        return status;
    }
    size_t used = strlen(device->identity.id);
    (void)snprintf(device->identity.id + used, sizeof(device->identity.id) - used, "-%u",
                   (unsigned)number);
    device->whole = device->nor.flash;
    powered_start(&device->powered, &device->image, path);
    return OTA_OK;
}

bool device_close(device_t *device)
{
    bool kept = device->in_memory || powered_save(&device->powered);
    ota_agent_hang_up(&device->agent);
    if (device->wish.http == NULL) {
        http_curl_close(&device->http);
    }
    device_free_values(device);
    if (device->in_memory) {
        nor_sim_stop(&device->nor);
    } else {
        flash_image_close(&device->image);
    }
    return kept;
}

ota_status_t device_memory(const char *path, ota_agent_memory_t *memory)
{
    store_file_t *files = calloc(1, sizeof(*files));
    ota_agent_t *agent = calloc(1, sizeof(*agent));
    ota_status_t status = files != NULL && agent != NULL ? OTA_OK : OTA_ERR_NO_ROOM;
    if (status == OTA_OK) {
        status = store_file_start(files, path);
    }
    if (status == OTA_OK) {
        agent->config.store = &files->store;
        status = ota_agent_recall(agent);
        *memory = agent->memory;
    }
    free(agent);
    free(files);
    return status;
}
