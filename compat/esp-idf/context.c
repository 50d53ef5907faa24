/* SPDX-License-Identifier: Apache-2.0 */
/* The installed device: the one global, and what is read once when it is installed. */
#include "context.h"

#include <string.h>

static otary_compat_t *installed;
esp_flash_t *esp_flash_default_chip;

otary_compat_t *otary_compat_installed(void)
{
    return installed;
}

otary_compat_t *compat_ready(void)
{
    if (installed != NULL && !installed->loaded && compat_load(installed) != ESP_OK) {
        return NULL;
    }
    return installed;
}

/* --- the guarded port: read-only partitions stay as they are, whoever asks ------------------ */

static bool read_only(const otary_compat_t *c, uint32_t addr, size_t len)
{
    for (size_t i = 0; i < c->count; i++) {
        const esp_partition_t *p = &c->list[i];
        if (p->readonly && p->flash_chip == &c->chip && addr < p->address + p->size &&
            p->address < addr + len) {
            return true;
        }
    }
    return false;
}

static ota_status_t guard_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const otary_compat_t *c = ctx;
    return c->config.flash->read(c->config.flash->ctx, addr, dst, len);
}

static ota_status_t guard_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    const otary_compat_t *c = ctx;
    return read_only(c, addr, len) ? OTA_ERR_READ_ONLY
                                   : c->config.flash->program(c->config.flash->ctx, addr, src, len);
}

static ota_status_t guard_erase(void *ctx, uint32_t addr, size_t len)
{
    const otary_compat_t *c = ctx;
    return read_only(c, addr, len) ? OTA_ERR_READ_ONLY
                                   : c->config.flash->erase(c->config.flash->ctx, addr, len);
}

static void guard_start(otary_compat_t *c)
{
    c->guard = *c->config.flash;
    c->guard.ctx = c;
    c->guard.read = guard_read;
    c->guard.program = guard_program;
    c->guard.erase = guard_erase;
    c->chip.port = &c->guard;
}

/* --- reading the table ---------------------------------------------------------------------- */

static bool list_table(otary_compat_t *c, const ota_table_t *table)
{
    c->count = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        ota_part_t part;
        if (c->count == OTARY_COMPAT_PARTITIONS || ota_table_get(table, i, &part) != OTA_OK) {
            return false;
        }
        esp_partition_t *p = &c->list[c->count++];
        memset(p, 0, sizeof(*p));
        p->flash_chip = &c->chip;
        p->type = (esp_partition_type_t)part.type;
        p->subtype = (esp_partition_subtype_t)part.subtype;
        p->address = part.offset;
        p->size = part.size;
        p->erase_size = OTA_FLASH_SECTOR;
        memcpy(p->label, part.label, sizeof(part.label));
        p->encrypted = c->config.flash->encrypted_unit != 0 && ota_part_encrypted(&part);
        p->readonly = (part.flags & OTA_PART_READONLY) != 0;
    }
    c->table_count = c->count;
    return true;
}

static const esp_partition_t *find_running(const otary_compat_t *c)
{
    uint32_t at = c->config.running_address;
    for (size_t i = 0; i < c->count; i++) {
        const esp_partition_t *p = &c->list[i];
        if (p->type == ESP_PARTITION_TYPE_APP && at >= p->address && at - p->address < p->size) {
            return p;
        }
    }
    return NULL;
}

static void device_start(otary_compat_t *c)
{
    memset(&c->device, 0, sizeof(c->device));
    c->device.flash = &c->guard;
    c->device.crypto = c->config.crypto;
    c->device.efuse = c->config.efuse;
    c->device.trust = c->config.trust;
    c->device.workspace = c->workspace;
    c->device.workspace_size = sizeof(c->workspace);
    c->device.chip = c->config.chip;
    c->device.chip_rev = c->config.chip_rev;
    c->device.block_rev = c->config.block_rev;
    c->device.boot = c->config.boot;
    c->device.records = c->config.records;
}

esp_err_t compat_load(otary_compat_t *c)
{
    uint32_t at = c->config.table_offset != 0 ? c->config.table_offset : OTA_TABLE_OFFSET;
    ota_status_t status = ota_flash_read(c->config.flash, at, c->buffer, OTA_TABLE_SECTOR);
    ota_table_t table;
    ota_fault_t fault;
    if (status == OTA_OK) {
        status = ota_table_open_app(&table, c->buffer, OTA_TABLE_SECTOR, &fault);
    }
    if (status != OTA_OK) {
        return status == OTA_ERR_TABLE_MD5_MISSING ? ESP_ERR_NOT_FOUND : otary_compat_code(status);
    }
    if (!list_table(c, &table)) {
        return ESP_ERR_NO_MEM;
    }
    c->running = find_running(c);
    if (c->running == NULL) {
        return ESP_ERR_NOT_FOUND;
    }
    device_start(c);
    status = ota_device_init(&c->device, &table, c->config.running_address);
    c->loaded = status == OTA_OK;
    return status == OTA_ERR_NOT_A_SLOT ? ESP_ERR_NOT_FOUND : otary_compat_code(status);
}

/* --- installing ----------------------------------------------------------------------------- */

static void forget(otary_compat_t *c)
{
    otary_compat_config_t config = c->config;
    memset(c, 0, sizeof(*c));
    c->config = config;
}

void otary_compat_uninstall(void)
{
    installed = NULL;
    esp_flash_default_chip = NULL;
}

esp_err_t otary_compat_install(otary_compat_t *compat)
{
    otary_compat_uninstall();
    if (compat == NULL || compat->config.flash == NULL || compat->config.chip == NULL ||
        ota_flash_check(compat->config.flash) != OTA_OK) {
        return ESP_ERR_INVALID_ARG;
    }
    forget(compat);
    guard_start(compat);
    compat->bootloader_offset = compat->config.chip->bootloader_offset;
    esp_err_t err = compat_load(compat);
    if (err == ESP_OK) {
        installed = compat;
        esp_flash_default_chip = &compat->chip;
    }
    return err;
}

/* --- conversions ---------------------------------------------------------------------------- */

void compat_part(ota_part_t *part, const esp_partition_t *partition)
{
    memset(part, 0, sizeof(*part));
    part->type = (uint8_t)partition->type;
    part->subtype = (uint8_t)partition->subtype;
    part->offset = partition->address;
    part->size = partition->size;
    part->flags = (partition->encrypted ? OTA_PART_ENCRYPTED : 0u) |
                  (partition->readonly ? OTA_PART_READONLY : 0u);
    memcpy(part->label, partition->label, OTA_LABEL_MAX);
}

bool compat_is_slot(const esp_partition_t *partition)
{
    return partition->type == ESP_PARTITION_TYPE_APP &&
           partition->subtype >= ESP_PARTITION_SUBTYPE_APP_OTA_MIN &&
           partition->subtype < ESP_PARTITION_SUBTYPE_APP_OTA_MAX;
}

ota_slot_t compat_partition_slot(const esp_partition_t *partition)
{
    if (compat_is_slot(partition)) {
        return (ota_slot_t)((unsigned)partition->subtype - OTA_SUBTYPE_OTA_0);
    }
    if (partition->type == ESP_PARTITION_TYPE_APP &&
        partition->subtype == ESP_PARTITION_SUBTYPE_APP_FACTORY) {
        return OTA_SLOT_FACTORY;
    }
    return partition->type == ESP_PARTITION_TYPE_APP &&
                   partition->subtype == ESP_PARTITION_SUBTYPE_APP_TEST
               ? OTA_SLOT_TEST
               : OTA_SLOT_NONE;
}

const esp_partition_t *compat_slot_partition(const otary_compat_t *c, ota_slot_t slot)
{
    for (size_t i = 0; slot != OTA_SLOT_NONE && i < c->table_count; i++) {
        if (compat_partition_slot(&c->list[i]) == slot) {
            return &c->list[i];
        }
    }
    return NULL;
}
