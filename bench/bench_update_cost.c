/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an update costs in flash time: our session, run on a simulated chip that keeps the
 * bill, beside what stock's esp_ota_begin and esp_ota_write do for the same bytes. Nothing here
 * depends on the machine: the times are the flash part's. Fails where ours costs more.
 *
 *   bench_update_cost [IMAGE...]      images of one's own instead of the made ones
 */
#include "host/flash_time.h"
#include "host/image_build.h"
#include "ports/crypto/openssl.h"
#include "ports/flash/nor_sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB(n)  ((uint32_t)(n) << 20)
#define KIB(n)  ((uint32_t)(n) << 10)
#define CHUNK   4096u
#define SLOT_0  0x10000u
#define SLOT    KIB(1920) /* min_spiffs.csv: 1.875 MiB */
#define IN_SLOT 0x10000u  /* below it: table, otadata */

typedef struct {
    const char *name;
    uint32_t size;
} begin_t;

static const uint32_t units = OTA_ERASE_4K | OTA_ERASE_32K | OTA_ERASE_64K;

static bool add(void *user, nor_op_t op, uint32_t addr, const void *data, size_t len)
{
    flash_bill_t *bill = user;
    (void)data;
    if (addr < IN_SLOT) {
        return true;
    }
    if (op == NOR_ERASE) {
        flash_bill_erase(bill, addr, len, units);
    } else {
        flash_bill_program(bill, addr, len);
    }
    return true;
}

static ota_part_t slot_part(unsigned n)
{
    ota_part_t part = {.type = OTA_TYPE_APP,
                       .subtype = (uint8_t)(OTA_SUBTYPE_OTA_0 + n),
                       .offset = SLOT_0 + n * SLOT,
                       .size = SLOT};
    (void)snprintf(part.label, sizeof(part.label), "app%u", n);
    return part;
}

static ota_status_t make_device(nor_sim_t *nor, ota_device_t *device, const ota_chip_t *chip)
{
    uint8_t bytes[OTA_TABLE_SIZE];
    ota_table_t table;
    ota_fault_t fault;
    memset(bytes, 0xFF, sizeof(bytes));
    ota_part_t otadata = {.type = OTA_TYPE_DATA, .offset = 0xe000, .size = OTA_OTADATA_SIZE};
    ota_part_t slots[] = {slot_part(0), slot_part(1)};
    ota_table_encode(bytes, &otadata);
    ota_table_encode(bytes + OTA_TABLE_ENTRY, &slots[0]);
    ota_table_encode(bytes + 2 * OTA_TABLE_ENTRY, &slots[1]);
    ota_table_encode_md5(bytes + 3 * OTA_TABLE_ENTRY, bytes, 3);
    ota_status_t status = ota_table_open_boot(&table, bytes, sizeof(bytes), MIB(4), &fault);
    if (status != OTA_OK) {
        return status;
    }
    *device = (ota_device_t){.flash = &nor->flash, .crypto = &crypto_openssl, .chip = chip};
    return ota_device_init(device, &table, SLOT_0);
}

static ota_status_t install(ota_device_t *device, const uint8_t *image, uint32_t len, uint32_t size)
{
    ota_update_t update;
    ota_part_t target = slot_part(1);
    ota_status_t status = ota_update_begin(&update, device, &target, size, 0);
    if (status != OTA_OK) {
        return status;
    }
    for (uint32_t at = 0; status == OTA_OK && at < len; at += CHUNK) {
        status = ota_update_write(&update, image + at, len - at < CHUNK ? len - at : CHUNK);
    }
    if (status != OTA_OK) {
        ota_update_abort(&update);
        return status;
    }
    return ota_update_finish(&update);
}

static void print_row(const char *mode, const char *who, const flash_bill_t *bill)
{
    const flash_part_t *part = &flash_part_w25q32jv;
    (void)printf("| %-10s | %-5s | %4" PRIu64 " | %4" PRIu64 " | %4" PRIu64 " | %8.2f | %7" PRIu64
                 " | %9.2f | %9.2f |\n",
                 mode, who, bill->erases[0], bill->erases[1], bill->erases[2],
                 (double)flash_bill_erased_bytes(bill) / (double)MIB(1), bill->pages,
                 (double)flash_bill_typical(bill, part) / 1e6,
                 (double)flash_bill_maximum(bill, part) / 1e6);
}

static bool price(const uint8_t *image, uint32_t len, const ota_chip_t *chip)
{
    const begin_t modes[] = {{"unknown", OTA_SIZE_UNKNOWN},
                             {"sequential", OTA_WITH_SEQUENTIAL_WRITES},
                             {"known size", len}};
    bool ok = true;
    (void)printf("| begin      | who   |   4K |  32K |  64K |   erased |   pages |   typical |"
                 "   maximum |\n"
                 "|------------|-------|-----:|-----:|-----:|---------:|--------:|----------:|"
                 "----------:|\n");
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        nor_sim_t nor;
        ota_device_t device;
        flash_bill_t ours = {0};
        flash_bill_t stock = {0};
        if (nor_sim_start(&nor, MIB(4)) != OTA_OK) {
            return false;
        }
        nor.watch = add;
        nor.user = &ours;
        ota_status_t status = make_device(&nor, &device, chip);
        if (status == OTA_OK) {
            status = install(&device, image, len, modes[i].size);
        }
        nor_sim_stop(&nor);
        if (status != OTA_OK) {
            (void)fprintf(stderr, "bench_update_cost: %s\n", ota_status_name(status));
            return false;
        }
        ota_region_t slot = {SLOT_0 + SLOT, SLOT};
        flash_bill_stock(&stock, slot, len, modes[i].size, CHUNK);
        print_row(modes[i].name, "stock", &stock);
        print_row("", "Otary", &ours);
        ok = ok && flash_bill_typical(&ours, &flash_part_w25q32jv) <=
                       flash_bill_typical(&stock, &flash_part_w25q32jv);
    }
    if (!ok) {
        (void)fprintf(stderr, "bench_update_cost: dearer than stock\n");
    }
    return ok;
}

static bool made(uint32_t size)
{
    image_wish_t wish;
    image_bytes_t image;
    image_wish_default(&wish);
    wish.size = size;
    wish.address = SLOT_0;
    if (image_build(&wish, &image) != OTA_OK) {
        return false;
    }
    (void)printf("\nA made image of %" PRIu32 " bytes\n\n", size);
    bool ok = price(image.bytes, (uint32_t)image.len, wish.chip);
    image_free(&image);
    return ok;
}

static bool given(const char *path)
{
    static uint8_t bytes[SLOT];
    ota_image_header_t header;
    FILE *file = fopen(path, "rb");
    size_t len = file != NULL ? fread(bytes, 1, sizeof(bytes), file) : 0;
    if (file == NULL || fclose(file) != 0 || len < OTA_IMAGE_HEADER ||
        ota_image_header_decode(&header, bytes) != OTA_OK) {
        (void)fprintf(stderr, "bench_update_cost: %s is no image\n", path);
        return false;
    }
    (void)printf("\n%s, %zu bytes\n\n", path, len);
    return price(bytes, (uint32_t)len, ota_chip_by_id(header.chip_id));
}

int main(int argc, char **argv)
{
    const flash_part_t *part = &flash_part_w25q32jv;
    bool ok = true;
    (void)printf("Flash: %s (%s)\nSlot: %u KiB (min_spiffs.csv), pieces of %u bytes; times in "
                 "seconds, erased in MiB\n",
                 part->name, part->document, SLOT >> 10, CHUNK);
    for (int i = 1; i < argc; i++) {
        ok = given(argv[i]) && ok;
    }
    if (argc < 2) {
        ok = made(1258288);
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
