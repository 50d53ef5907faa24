/* SPDX-License-Identifier: Apache-2.0 */
/* An image file: is it whole, what is it for, what was done to it. */
#include "host/doctor_internal.h"
#include "host/size.h"

#include "core/bytes.h"
#include "host/explain.h"
#include "host/flash_build.h"
#include "ports/crypto/openssl.h"
#include <inttypes.h>
#include <stdio.h>

#define SLOT_PLACE  0x10000u /* any address on a 64 KiB boundary: where slots lie */
#define NO_LIMIT    0xFFFFFFFFu
#define OVERHEAD    0x20000u  /* flash in front of the first slot, and kept for data, at least */
#define EDIT_LIMIT  0x800000u /* images beyond are not searched for header edits */
#define AT_MODE     2u
#define AT_SIZE     3u
#define SIGN_BLOCKS 3u
#define SECTOR      0x1000u

typedef struct {
    const doctor_input_t *input;
    ota_image_header_t header;
    bool has_desc;
    ota_app_desc_t desc;
    uint32_t length;
    ota_fault_t fault;
} image_view_t;

static ota_status_t verify(image_view_t *view)
{
    const doctor_input_t *input = view->input;
    bool bootloader = input->kind.kind == SNIFF_BOOTLOADER;
    const ota_chip_t *chip = ota_chip_by_id(input->kind.chip_id);
    ota_image_rules_t rules = {
        .kind = bootloader ? OTA_IMAGE_BOOTLOADER : OTA_IMAGE_APP,
        .chip = chip,
        .any_rev = true,
        .address = bootloader && chip != NULL ? chip->bootloader_offset : SLOT_PLACE,
        .limit = NO_LIMIT,
        .bootloader_hash = true,
        .crypto = &crypto_openssl,
    };
    return image_check_bytes(&rules, input->bytes, input->len, &view->length, &view->fault);
}

/* --- what is wrong ------------------------------------------------------------------------------
 */

/* SHA-256 of the first `len` bytes as if bytes 2 and 3 were these. */
static bool hash_with(const uint8_t *bytes, size_t len, uint8_t mode, uint8_t size,
                      const uint8_t *wanted)
{
    ota_hash_t hash;
    uint8_t digest[OTA_SHA256_SIZE];
    uint8_t head[OTA_IMAGE_HEADER];
    memcpy(head, bytes, sizeof(head));
    head[AT_MODE] = mode;
    head[AT_SIZE] = size;
    if (crypto_openssl.hash_start(crypto_openssl.ctx, &hash, OTA_HASH_SHA256) != OTA_OK) {
        return false;
    }
    crypto_openssl.hash_update(crypto_openssl.ctx, &hash, head, sizeof(head));
    crypto_openssl.hash_update(crypto_openssl.ctx, &hash, bytes + sizeof(head), len - sizeof(head));
    crypto_openssl.hash_finish(crypto_openssl.ctx, &hash, digest);
    return memcmp(digest, wanted, sizeof(digest)) == 0;
}

/* Tools edit flash mode, speed and size in bytes 2 and 3. Is there a setting that makes the hash
 * right? All that exist: 6 modes, 4 speeds, 8 sizes. */
static bool find_edit(const uint8_t *bytes, size_t hash_at, uint8_t *mode, uint8_t *size)
{
    static const uint8_t speeds[] = {0, 1, 2, 0xF};
    for (unsigned n = 0; n < 6u * 4u * 8u; n++) {
        *mode = (uint8_t)(n % 6);
        *size = (uint8_t)(speeds[n / 6 % 4] | n / 24 << 4);
        if (hash_with(bytes, hash_at, *mode, *size, bytes + hash_at)) {
            return true;
        }
    }
    return false;
}

static const char *mode_name(uint8_t mode)
{
    static const char *const names[] = {"QIO", "QOUT", "DIO", "DOUT", "FAST_READ", "SLOW_READ"};
    return mode < sizeof(names) / sizeof(names[0]) ? names[mode] : "?";
}

static void report_hash(doctor_t *doctor, const image_view_t *view)
{
    const uint8_t *bytes = view->input->bytes;
    size_t at = view->fault.offset;
    uint8_t mode = 0;
    uint8_t size = 0;
    bool searchable = at > OTA_IMAGE_HEADER && at <= EDIT_LIMIT && view->input->len > at &&
                      view->input->len - at >= OTA_SHA256_SIZE;
    if (searchable && find_edit(bytes, at, &mode, &size)) {
        (void)doctor_report(doctor, "image-header-edited", view->input->name,
                            "bytes 2 and 3 are %02x %02x (%s, %u MiB); the hash was made with %02x "
                            "%02x (%s, %u MiB)",
                            bytes[AT_MODE], bytes[AT_SIZE], mode_name(bytes[AT_MODE]),
                            1u << (bytes[AT_SIZE] >> 4), mode, size, mode_name(mode),
                            1u << (size >> 4));
        return;
    }
    (void)doctor_report(doctor, "image-hash", view->input->name,
                        "the hash at byte %zu (0x%zx) does not match; no other flash setting in "
                        "the header makes it right",
                        at, at);
}

static void report_broken(doctor_t *doctor, const image_view_t *view)
{
    explain_t words;
    explain_fault(&view->fault, &words);
    if (view->fault.status == OTA_ERR_IMAGE_HASH) {
        report_hash(doctor, view);
        return;
    }
    const char *id =
        view->fault.status == OTA_ERR_IMAGE_TRUNCATED ? "image-truncated" : "image-broken";
    doctor_finding_t *finding = doctor_report(doctor, id, view->input->name, "%s Place: %s [%s]",
                                              words.what, words.where, words.name);
    if (view->fault.status == OTA_ERR_IMAGE_TRUNCATED) {
        doctor_advise(finding, "At least %" PRIu64 " bytes are needed, the file has %zu.",
                      view->input->kind.needs, view->input->len);
    } else {
        doctor_advise(finding, "%s", words.todo);
    }
}

/* --- what is worth saying
 * ---------------------------------------------------------------------------- */

static void describe(doctor_t *doctor, const image_view_t *view)
{
    char size[SIZE_TEXT];
    const ota_chip_t *chip = ota_chip_by_id(view->header.chip_id);
    char desc[160] = "";
    if (view->has_desc) {
        (void)snprintf(desc, sizeof(desc), "; project \"%s\", version \"%s\", ESP-IDF %s",
                       view->desc.project, view->desc.version, view->desc.idf_version);
    }
    (void)doctor_report(doctor, "image-ok", view->input->name, "%s for %s, %s%s",
                        view->input->kind.kind == SNIFF_BOOTLOADER ? "bootloader" : "app",
                        chip != NULL ? chip->name : "an unknown chip",
                        size_exact(view->length, size), desc);
}

/* Blocks of a Secure Boot v2 signature sector: E7, version 2 or 3. */
static unsigned signature_blocks(const doctor_input_t *input, uint32_t length)
{
    uint64_t at = ((uint64_t)length + SECTOR - 1) / SECTOR * SECTOR;
    unsigned blocks = 0;
    while (blocks < SIGN_BLOCKS && at + OTA_SIGNATURE_BLOCK <= input->len &&
           input->bytes[at] == 0xE7 && (input->bytes[at + 1] == 2 || input->bytes[at + 1] == 3)) {
        blocks++;
        at += OTA_SIGNATURE_BLOCK;
    }
    return blocks;
}

static void look_behind(doctor_t *doctor, const image_view_t *view)
{
    const doctor_input_t *input = view->input;
    unsigned blocks = signature_blocks(input, view->length);
    if (blocks > 1) {
        (void)doctor_report(doctor, "image-several-keys", input->name, "%u signature blocks",
                            blocks);
    } else if (blocks == 0 && input->len > view->length) {
        (void)doctor_report(doctor, "image-trailing", input->name,
                            "the image has %" PRIu32 " bytes, the file %zu", view->length,
                            input->len);
    }
}

static void look_app(doctor_t *doctor, const image_view_t *view)
{
    doctor_facts_t *facts = &doctor->facts;
    char mb[SIZE_TEXT];
    uint32_t flash = 0x100000u << (view->header.spi_speed_size >> 4 & 7u);
    facts->app_size = view->length;
    facts->app_chip = view->header.chip_id;
    facts->app_flash_size = flash;
    const char *slash = strrchr(view->input->name, '/'); /* others name it in their sentences */
    (void)snprintf(facts->app_name, sizeof(facts->app_name), "%s",
                   slash != NULL ? slash + 1 : view->input->name);
    if (view->has_desc) {
        facts->app_version = doctor_idf_version(view->desc.idf_version);
    }
    if (view->has_desc && strncmp(view->desc.project, "arduino-lib-builder", 19) == 0) {
        (void)doctor_report(doctor, "app-arduino-confirms", view->input->name,
                            "the project name in the descriptor is the Arduino core's");
    }
    if (view->length > (flash - OVERHEAD) / 2) {
        char fit[320];
        doctor_fit(view->length, 0, fit, sizeof(fit));
        doctor_finding_t *finding = doctor_report(doctor, "app-no-two-slots", view->input->name,
                                                  "%" PRIu32 " bytes, flash of %s by its header",
                                                  view->length, size_text(flash, mb));
        doctor_advise(finding, "%s", fit);
    }
    if (view->header.hash_appended == 0) {
        (void)doctor_report(doctor, "image-no-hash", view->input->name, "byte 23 is 0");
    }
}

static void look_bootloader(doctor_t *doctor, const image_view_t *view)
{
    const ota_chip_t *chip = ota_chip_by_id(view->header.chip_id);
    doctor->facts.boot_chip = view->header.chip_id;
    (void)doctor_report(doctor, "file-bootloader", view->input->name, "%" PRIu32 " bytes",
                        view->length);
    if (chip != NULL && view->length > OTA_TABLE_OFFSET - chip->bootloader_offset) {
        (void)doctor_report(doctor, "bootloader-too-big", view->input->name,
                            "%" PRIu32 " bytes, there is room for %" PRIu32 " between 0x%" PRIx32
                            " and the table at 0x8000",
                            view->length, OTA_TABLE_OFFSET - chip->bootloader_offset,
                            chip->bootloader_offset);
    }
}

void doctor_look_image(doctor_t *doctor, const doctor_input_t *input)
{
    image_view_t view = {.input = input};
    const uint8_t *desc = input->bytes + OTA_APP_DESC_OFFSET;
    ota_status_t status = verify(&view);
    bool header = ota_image_header_decode(&view.header, input->bytes) == OTA_OK;
    view.has_desc = input->len >= OTA_APP_DESC_OFFSET + OTA_APP_DESC_SIZE &&
                    ota_app_desc_decode(&view.desc, desc) == OTA_OK;
    doctor_clean(view.desc.project);
    doctor_clean(view.desc.version);
    doctor_clean(view.desc.idf_version);
    view.fault.status = status;
    if (status != OTA_OK || !header) {
        report_broken(doctor, &view);
        return;
    }
    describe(doctor, &view);
    if (input->kind.kind == SNIFF_BOOTLOADER) {
        look_bootloader(doctor, &view);
        return;
    }
    if (input->kind.kind == SNIFF_IMAGE) {
        (void)doctor_report(doctor, "file-image", input->name, "no descriptor at byte 32");
    }
    look_app(doctor, &view);
    look_behind(doctor, &view);
}
