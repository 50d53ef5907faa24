/* SPDX-License-Identifier: Apache-2.0 */
/* The serial console: one line for each thing that the agent says. */
#include "device/device.h"

#include <stdarg.h>
#include <stdio.h>

void device_say(const device_t *device, char level, const char *tag, const char *format, ...)
{
    char text[512];
    va_list list;
    if (device->wish.line == NULL) {
        return;
    }
    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    device->wish.line(device->wish.user, level, device_ms(device), tag, text);
}

static void hear_trouble(device_t *device, const ota_agent_event_t *event)
{
    const char *name = ota_status_name(event->status);
    device->last_status = event->status;
    if (event->kind == OTA_AGENT_RETRY) {
        device->retries++;
        device_say(device, 'W', "agent", "%s; again in %u ms", name, (unsigned)event->wait_ms);
    } else if (event->kind == OTA_AGENT_GAVE_UP) {
        device->gave_up = true;
        device_say(device, 'E', "agent", "%s; given up until the next poll", name);
    } else if (event->kind == OTA_AGENT_STORE) {
        device_say(device, 'E', "agent", "the store failed: %s", name);
    } else if (event->status == OTA_ERR_RELEASE_CURRENT) {
        device_say(device, 'I', "agent", "%s is what runs: nothing to do", event->version);
    } else {
        device_say(device, 'W', "agent", "no update to \"%s\": %s", event->version, name);
    }
}

static void hear_progress(device_t *device, const ota_agent_event_t *event)
{
    if (event->done == 0 || event->done < device->done || event->done == event->total ||
        event->done - device->done >= event->total / 4) {
        device_say(device, 'I', "agent", "%u of %u bytes", (unsigned)event->done,
                   (unsigned)event->total);
        device->done = event->done;
    }
    if (device->wish.progress != NULL) {
        device->wish.progress(device->wish.user, event->done, event->total);
    }
}

static void hear_check(device_t *device, const ota_agent_event_t *event)
{
    if (event->kind == OTA_AGENT_CHECKING) {
        device->gave_up = false;
        device_say(device, 'I', "agent", "checking %s", device->wish.server);
    } else if (event->kind == OTA_AGENT_KEYS) {
        device_say(device, 'I', "agent", "key set %u counts from now on", (unsigned)event->order);
    } else {
        device_say(device, 'I', "agent", "update to %s (order %u), %u bytes", event->version,
                   (unsigned)event->order, (unsigned)event->total);
    }
}

static void hear_boot(device_t *device, const ota_agent_event_t *event)
{
    if (event->kind == OTA_AGENT_INSTALLED) {
        device_say(device, 'I', "agent", "%s is in its slot, verified and chosen: restarting",
                   event->version);
    } else if (event->kind == OTA_AGENT_TRIAL) {
        device_say(device, 'I', "agent", "%s is on trial", device->version);
    } else {
        device_say(device, 'E', "agent", "the trial's time is over: rejected, restarting");
    }
}

static void hear_outcome(device_t *device, const ota_agent_event_t *event)
{
    unsigned order = (unsigned)event->order;
    if (event->kind == OTA_AGENT_CONFIRMED) {
        device->confirmed++;
        device_say(device, 'I', "agent", "confirmed: %s stays", device->version);
    } else if (event->kind == OTA_AGENT_ROLLED_BACK) {
        device->rolled_back++;
        device_say(device, 'E', "agent", "%s (order %u) was given up: rolled back", event->version,
                   order);
    } else if (event->kind == OTA_AGENT_REPORTED) {
        device->reported += event->status == OTA_OK;
        device_say(device, event->status == OTA_OK ? 'I' : 'W', "agent", "report about %s: %s",
                   event->version,
                   event->status == OTA_OK ? "delivered" : ota_status_name(event->status));
    }
}

void device_hear(void *ctx, const ota_agent_event_t *event)
{
    static void (*const hear[])(device_t * device, const ota_agent_event_t *event) = {
        [OTA_AGENT_CHECKING] = hear_check,    [OTA_AGENT_KEYS] = hear_check,
        [OTA_AGENT_REFUSED] = hear_trouble,   [OTA_AGENT_OFFER] = hear_check,
        [OTA_AGENT_PROGRESS] = hear_progress, [OTA_AGENT_RETRY] = hear_trouble,
        [OTA_AGENT_GAVE_UP] = hear_trouble,   [OTA_AGENT_INSTALLED] = hear_boot,
        [OTA_AGENT_TRIAL] = hear_boot,        [OTA_AGENT_CONFIRMED] = hear_outcome,
        [OTA_AGENT_REJECTED] = hear_boot,     [OTA_AGENT_ROLLED_BACK] = hear_outcome,
        [OTA_AGENT_REPORTED] = hear_outcome,  [OTA_AGENT_STORE] = hear_trouble};
    const device_t *device = ctx;
    if (!device->cut.cut) { /* without power nobody speaks: the failure is the power's */
        hear[event->kind](ctx, event);
    }
}
