/* SPDX-License-Identifier: Apache-2.0 */
#include "host/powered.h"

#include "ports/crypto/openssl.h"

#include <string.h>

static ota_status_t efuse_read(void *ctx, uint32_t *version)
{
    const powered_t *powered = ctx;
    *version = powered->rtc.efuse;
    return OTA_OK;
}

static ota_status_t efuse_raise(void *ctx, uint32_t version)
{
    powered_t *powered = ctx;
    if (version < powered->rtc.efuse) {
        return OTA_ERR_PORT; /* bits do not come back */
    }
    powered->rtc.efuse = version;
    return OTA_OK;
}

void powered_start(powered_t *powered, const flash_image_t *image, const char *path)
{
    memset(powered, 0, sizeof(*powered));
    powered->path = path;
    powered->image = image;
    powered->efuse = (ota_efuse_t){1, powered, efuse_read, efuse_raise};
    rtc_load(&powered->rtc, path);
}

/* --- boot -------------------------------------------------------------------------------- */

typedef struct {
    ota_boot_verifier_t verifier; /* first: the loader's context */
    const ota_flash_t *flash;
    const char *labels;
    ota_status_t reset;
} loader_t;

static ota_status_t load(void *ctx, ota_slot_t slot, ota_region_t where, ota_fault_t *fault)
{
    loader_t *loader = ctx;
    return ota_boot_verify(&loader->verifier, slot, where, fault);
}

static bool listed(const char *labels, const char *label)
{
    size_t len = strlen(label);
    for (const char *at = labels; *at != '\0'; at += strcspn(at, ", ")) {
        at += strspn(at, ", ");
        if (strcspn(at, ", ") == len && len > 0 && memcmp(at, label, len) == 0) {
            return true;
        }
    }
    return false;
}

static void erase_data(void *ctx, const ota_table_t *table)
{
    loader_t *loader = ctx;
    uint32_t index = 0;
    ota_part_t part;
    while (ota_table_find(table, &index, OTA_TYPE_DATA, OTA_ANY, NULL, &part) == OTA_OK) {
        if (listed(loader->labels, part.label)) {
            ota_status_t status = ota_flash_erase(loader->flash, part.offset, part.size);
            loader->reset = loader->reset == OTA_OK ? status : loader->reset; /* and go on */
        }
    }
}

static ota_status_t boot_by(powered_t *powered, const ota_boot_config_t *config,
                            const powered_switches_t *switches, ota_boot_trace_t *trace)
{
    const ota_flash_t *flash = &powered->image->file.flash;
    loader_t loader = {
        .verifier = {.flash = flash,
                     .rules = {.chip = powered->image->chip,
                               .any_rev = true,
                               .crypto = &crypto_openssl},
                     .buffer = powered->buffer,
                     .buffer_len = sizeof(powered->buffer)},
        .flash = flash,
        .labels = switches->factory_erases != NULL ? switches->factory_erases : "nvs",
    };
    ota_boot_config_t built = *config;
    built.factory_reset = switches->factory_pin;
    built.factory_erases_otadata = switches->factory_erases_otadata;
    built.test_app = switches->test_pin;
    ota_machine_t machine = {.flash = flash,
                             .table_offset = powered->image->table_offset,
                             .table_buffer = powered->workspace,
                             .config = &built,
                             .efuse = &powered->efuse,
                             .factory_pin = switches->factory_pin,
                             .test_pin = switches->test_pin,
                             .dry_run = switches->dry_run,
                             .ctx = &loader,
                             .load = load,
                             .factory_reset = erase_data};
    ota_status_t status = ota_boot_run(&machine, trace);
    powered->reset = loader.reset;
    return status;
}

ota_status_t powered_boot(powered_t *powered, const powered_switches_t *switches,
                          ota_boot_trace_t *trace)
{
    ota_status_t status = boot_by(powered, &powered->rtc.config, switches, trace);
    if (!switches->dry_run) {
        powered->rtc.running = trace->booted;
        powered->rtc.boots += powered->rtc.boots < UINT32_MAX ? 1u : 0;
    }
    return status;
}

ota_slot_t powered_would_boot(powered_t *powered, ota_policy_t policy, ota_boot_trace_t *trace)
{
    ota_boot_config_t config = powered->rtc.config;
    powered_switches_t switches = {.dry_run = true};
    config.policy = policy;
    return boot_by(powered, &config, &switches, trace) == OTA_OK ? trace->booted : OTA_SLOT_NONE;
}

/* --- the application --------------------------------------------------------------------- */

ota_status_t powered_run(powered_t *powered, ota_slot_t running)
{
    const flash_image_t *image = powered->image;
    ota_region_t where = ota_layout_region(&image->layout, running);
    if (where.size == 0) {
        return OTA_ERR_NOT_A_SLOT;
    }
    powered->device = (ota_device_t){.flash = &image->file.flash,
                                     .crypto = &crypto_openssl,
                                     .efuse = &powered->efuse,
                                     .workspace = powered->workspace,
                                     .workspace_size = sizeof(powered->workspace),
                                     .chip = image->chip,
                                     .any_rev = true,
                                     .boot = powered->rtc.config};
    return ota_device_init(&powered->device, &image->table, where.offset);
}

bool powered_save(const powered_t *powered)
{
    return rtc_store(&powered->rtc, powered->path);
}
