/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/stand.h"

#include "host/table_csv.h"
#include "ports/crypto/openssl.h"

#include <string.h>

static const char two_slots[] = "nvs,     data, nvs,     0x9000,  0x5000\n"
                                "otadata, data, ota,     0xe000,  0x2000\n"
                                "app0,    app,  ota_0,   0x10000, 0x10000\n"
                                "app1,    app,  ota_1,   0x20000, 0x10000\n";

static const char with_factory[] = "nvs,     data, nvs,     0x9000,  0x5000\n"
                                   "otadata, data, ota,     0xe000,  0x2000\n"
                                   "factory, app,  factory, 0x10000, 0x10000\n"
                                   "app0,    app,  ota_0,   0x20000, 0x10000\n"
                                   "app1,    app,  ota_1,   0x30000, 0x10000\n";

const char *stand_way_name(stand_way_t way)
{
    static const char *const names[STAND_WAYS] = {"stock", "library", "otary"};
    return names[way];
}

const char *stand_way_words(stand_way_t way)
{
    static const char *const words[STAND_WAYS] = {"Espressif's bootloader and application",
                                                  "Espressif's bootloader, our library",
                                                  "our bootloader and library"};
    return words[way];
}

ota_slot_t stand_slot(unsigned image)
{
    return image == 2 ? OTA_SLOT_FACTORY : (ota_slot_t)image;
}

ota_region_t stand_region(const stand_t *stand, unsigned image)
{
    uint32_t first = stand->wish.factory ? 0x20000u : 0x10000u;
    uint32_t offset = image == 2 ? 0x10000u : first + image * STAND_SLOT;
    return (ota_region_t){offset, STAND_SLOT};
}

/* --- making ----------------------------------------------------------------------------- */

static bool watch(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    stand_t *stand = user;
    if (addr < STAND_OTADATA || addr - STAND_OTADATA > OTA_OTADATA_SIZE ||
        len > OTA_OTADATA_SIZE - (addr - STAND_OTADATA)) {
        stand->strayed = true;
        return false;
    }
    if (stand->note != NULL) {
        stand->note(stand->user, op, addr - STAND_OTADATA, data, len);
    }
    return true;
}

static ota_status_t put_table(stand_t *stand)
{
    const char *csv = stand->wish.factory ? with_factory : two_slots;
    table_source_t source;
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    ota_fault_t fault;
    bool ok = table_read(&source, &options, (const uint8_t *)csv, strlen(csv)) &&
              table_verify(&source) && table_to_binary(&source, stand->table_bytes);
    table_source_free(&source);
    if (!ok) {
        return OTA_ERR_NO_ROOM; /* the tables above are good: only memory can be missing */
    }
    memcpy(stand->nor.bytes + OTA_TABLE_OFFSET, stand->table_bytes, OTA_TABLE_SIZE);
    return ota_table_open_boot(&stand->table, stand->table_bytes, OTA_TABLE_SIZE, STAND_FLASH,
                               &fault);
}

static ota_status_t put_image(stand_t *stand, unsigned image)
{
    static const char *const versions[STAND_IMAGES] = {"1.0.0", "1.1.0", "0.9.0"};
    image_wish_t wish;
    ota_region_t where = stand_region(stand, image);
    image_wish_default(&wish);
    wish.flash_size = 0; /* 1 MiB */
    wish.version = versions[image];
    wish.seed = stand->wish.seed + image;
    wish.size = stand->wish.image_size;
    wish.address = where.offset;
    wish.no_hash = stand->wish.no_hash;
    ota_status_t status = image_build(&wish, &stand->image[image]);
    if (status == OTA_OK && stand->image[image].len > where.size) {
        status = OTA_ERR_RANGE;
    }
    if (status == OTA_OK) {
        memcpy(stand->nor.bytes + where.offset, stand->image[image].bytes, stand->image[image].len);
    }
    return status;
}

ota_status_t stand_start(stand_t *stand, const stand_wish_t *wish)
{
    memset(stand, 0, sizeof(*stand));
    stand->wish = *wish;
    stand->config.policy = wish->way == STAND_OTARY ? OTA_POLICY_OTARY : OTA_POLICY_STOCK;
    stand->config.rollback = wish->rollback;
    ota_status_t status = nor_sim_start(&stand->nor, STAND_FLASH);
    stand->nor.watch = watch;
    stand->nor.user = stand;
    if (status == OTA_OK) {
        status = put_table(stand);
    }
    for (unsigned i = 0; status == OTA_OK && i < (wish->factory ? 3u : 2u); i++) {
        status = put_image(stand, i);
    }
    if (status != OTA_OK) {
        stand_stop(stand);
    }
    return status;
}

void stand_stop(stand_t *stand)
{
    for (unsigned i = 0; i < STAND_IMAGES; i++) {
        image_free(&stand->image[i]);
    }
    nor_sim_stop(&stand->nor);
}

void stand_fresh(stand_t *stand, uint32_t seq)
{
    uint8_t *otadata = stand->nor.bytes + STAND_OTADATA;
    ota_entry_t entry;
    ota_entry_blank(&entry);
    entry.seq = seq;
    entry.state = OTA_STATE_VALID;
    entry.crc = ota_entry_crc(seq);
    memset(otadata, 0xFF, OTA_OTADATA_SIZE);
    ota_entry_encode(otadata, &entry);
}

/* --- living ------------------------------------------------------------------------------- */

static uint32_t slot_bit(ota_slot_t slot)
{
    return 1u << (slot - OTA_SLOT_FACTORY);
}

int stand_image_at(const stand_t *stand, uint32_t address)
{
    for (unsigned i = 0; i < (stand->wish.factory ? STAND_IMAGES : 2u); i++) {
        ota_region_t where = stand_region(stand, i);
        if (address >= where.offset && address - where.offset < where.size) {
            return (int)i;
        }
    }
    return -1;
}

void stand_flip(stand_t *stand, uint32_t address, unsigned bit)
{
    int image = stand_image_at(stand, address);
    stand->nor.bytes[address] ^= (uint8_t)(1u << bit);
    if (image >= 0) {
        stand->known &= ~slot_bit(stand_slot((unsigned)image));
    }
}

static ota_status_t load(void *ctx, ota_slot_t slot, ota_region_t where, ota_fault_t *fault)
{
    stand_t *stand = ctx;
    if (slot >= OTA_SLOT_FACTORY && (stand->known & slot_bit(slot)) != 0) {
        return OTA_OK;
    }
    ota_boot_verifier_t verifier = {.flash = &stand->nor.flash,
                                    .rules = {.kind = OTA_IMAGE_APP,
                                              .any_rev = true,
                                              .chip_by_id = ota_chip_by_id,
                                              .flash_size = STAND_FLASH,
                                              .crypto = &crypto_openssl},
                                    .buffer = stand->load_buffer,
                                    .buffer_len = sizeof(stand->load_buffer)};
    ota_status_t status = ota_boot_verify(&verifier, slot, where, fault);
    if (status == OTA_OK && slot >= OTA_SLOT_FACTORY) {
        stand->known |= slot_bit(slot);
    }
    return status;
}

ota_status_t stand_boot(stand_t *stand, ota_boot_trace_t *trace)
{
    ota_machine_t machine = {.flash = &stand->nor.flash,
                             .table_buffer = stand->boot_buffer,
                             .config = &stand->config,
                             .ctx = stand,
                             .load = load};
    return ota_boot_run(&machine, trace);
}

ota_status_t stand_run(stand_t *stand, ota_slot_t running, ota_device_t *device)
{
    ota_table_t table = stand->table;
    memset(device, 0, sizeof(*device));
    device->flash = &stand->nor.flash;
    device->crypto = &crypto_openssl;
    device->chip_by_id = ota_chip_by_id;
    device->any_rev = true;
    device->boot = stand->config;
    device->records = stand->wish.way == STAND_STOCK ? &ota_records_in_place : NULL;
    for (unsigned i = 0; i < STAND_IMAGES; i++) {
        if (stand_slot(i) == running) {
            return ota_device_init(device, &table, stand_region(stand, i).offset);
        }
    }
    return OTA_ERR_NOT_A_SLOT;
}
