/* SPDX-License-Identifier: Apache-2.0 */
/* A power cycle of a recorded sequence: the executor of boot/, then the app that it started. */
#include "support/calls.h"

#include "boot/boot.h"

#include <stdio.h>
#include <string.h>

static void name_of(char *out, size_t room, ota_slot_t slot)
{
    if (slot == OTA_SLOT_NONE) {
        (void)snprintf(out, room, "reset");
    } else if (slot == OTA_SLOT_FACTORY || slot == OTA_SLOT_TEST) {
        (void)snprintf(out, room, "%c", slot == OTA_SLOT_FACTORY ? 'F' : 'T');
    } else {
        (void)snprintf(out, room, "%d", slot);
    }
}

/* "1- 0+": as the recording writes the candidates. */
static void tell(calls_run_t *run, const ota_boot_trace_t *trace)
{
    char *out = run->result.tried;
    size_t room = sizeof(run->result.tried);
    for (unsigned i = 0; i < trace->tries; i++) {
        char name[8];
        const ota_boot_try_t *t = &trace->tried[i];
        name_of(name, sizeof(name), t->slot);
        size_t used = strlen(out);
        (void)snprintf(out + used, room - used, "%s%s%c", used > 0 ? " " : "", name,
                       t->refused                  ? 'v'
                       : t->fault.status == OTA_OK ? '+'
                                                   : '-');
    }
    name_of(run->result.value, sizeof(run->result.value), trace->booted);
}

void calls_boot(calls_run_t *run)
{
    static uint8_t table[OTA_TABLE_SIZE];
    static uint8_t buffer[4096];
    const ota_boot_config_t config = run->compat.config.boot;
    ota_boot_verifier_t verifier = {
        .flash = &run->port,
        .rules = {.kind = OTA_IMAGE_APP, .chip = run->compat.config.chip},
        .buffer = buffer,
        .buffer_len = sizeof(buffer),
    };
    const ota_machine_t machine = {
        .flash = &run->port,
        .table_buffer = table,
        .config = &config,
        .efuse = run->anti_rollback ? &run->efuse_port : NULL,
        .ctx = &verifier,
        .load = ota_boot_verify,
    };
    ota_boot_trace_t trace;
    ota_status_t status = ota_boot_run(&machine, &trace);
    tell(run, &trace);
    if (status == OTA_OK) {
        ota_region_t where = ota_layout_region(&trace.layout, trace.booted);
        if (!calls_power_on(run, where.offset)) {
            (void)snprintf(run->result.value, sizeof(run->result.value), "cannot start");
        }
    }
}
