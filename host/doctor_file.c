/* SPDX-License-Identifier: Apache-2.0 */
/* A single file: what it is, and which part of the doctor looks at it. */
#include "host/doctor_internal.h"

#include "core/bytes.h"
#include <inttypes.h>
#include <stdio.h>

#define MIB         0x100000u
#define BEGINNING   56u /* characters of a text that are quoted */
#define GCM_SIZE_AT 404u
#define GCM_HEADER  512u

/* Kinds whose very presence is the finding. */
static const char *const kind_ids[SNIFF_KINDS] = {
    [SNIFF_UNKNOWN] = "file-unknown", [SNIFF_EMPTY] = "file-empty",
    [SNIFF_BLANK] = "file-blank",     [SNIFF_ZEROES] = "file-zeroes",
    [SNIFF_DELTA] = "file-delta",     [SNIFF_ESP8266] = "file-esp8266",
    [SNIFF_MCUBOOT] = "file-mcuboot", [SNIFF_FILESYSTEM] = "file-filesystem",
    [SNIFF_NVS] = "file-nvs",         [SNIFF_GZIP] = "file-gzip",
    [SNIFF_ZIP] = "file-archive",     [SNIFF_XZ] = "file-archive",
    [SNIFF_ARCHIVE] = "file-archive", [SNIFF_ELF] = "file-elf",
    [SNIFF_UF2] = "file-uf2",         [SNIFF_RANDOM] = "file-random",
    [SNIFF_MEDIA] = "file-media",     [SNIFF_HTML] = "file-html",
    [SNIFF_XML] = "file-xml",         [SNIFF_JSON] = "file-json",
    [SNIFF_IHEX] = "file-hex",        [SNIFF_SREC] = "file-hex",
    [SNIFF_LFS] = "file-lfs",         [SNIFF_HTTP] = "file-http-header",
    [SNIFF_SHIFTED] = "file-shifted", [SNIFF_MULTIPART] = "file-multipart",
    [SNIFF_TEXT] = "file-text",
};

/* The first characters with blanks for line ends; false if they are not all text. */
static bool clean_text(const uint8_t *bytes, size_t n, char *clean)
{
    for (size_t i = 0; i < n; i++) {
        bool prints = bytes[i] >= 0x20 && bytes[i] < 0x7F;
        if (!prints && bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\t') {
            return false;
        }
        clean[i] = (char)(prints ? bytes[i] : ' ');
    }
    clean[n] = '\0';
    return n > 0;
}

/* The first characters if they are text, else the first bytes in hex. */
static void quote_beginning(const doctor_input_t *input, char *text, size_t room)
{
    size_t n = min_size(input->len, BEGINNING);
    char clean[BEGINNING + 1];
    if (clean_text(input->bytes, n, clean)) {
        (void)snprintf(text, room, "begins with `%s`", clean);
        return;
    }
    int len = snprintf(text, room, "begins with");
    for (size_t i = 0; i < min_size(n, 16) && len > 0 && (size_t)len + 4 < room; i++) {
        len += snprintf(text + len, room - (size_t)len, " %02x", input->bytes[i]);
    }
}

static void report_kind(doctor_t *doctor, const doctor_input_t *input)
{
    char beginning[96];
    const sniff_t *kind = &input->kind;
    const char *id = kind_ids[kind->kind];
    quote_beginning(input, beginning, sizeof(beginning));
    if (kind->has_app) {
        doctor_finding_t *finding = doctor_report(
            doctor, id, input->name, "%s; the application image begins at byte %zu (0x%zx)",
            beginning, kind->at, kind->at);
        doctor_advise(finding, "The image alone: `tail -c +%zu %s > app.bin`", kind->at + 1,
                      input->name);
    } else if (kind->kind == SNIFF_RANDOM) {
        (void)doctor_report(doctor, id, input->name,
                            "%.3f bits of entropy a byte over %zu bytes, no known format; %s",
                            kind->entropy, input->len, beginning);
    } else if (input->len == 0) {
        (void)doctor_report(doctor, id, input->name, "0 bytes");
    } else {
        (void)doctor_report(doctor, id, input->name, "%s, %zu bytes; %s", sniff_words(kind->kind),
                            input->len, beginning);
    }
}

/* Device logs name what was read as chip id: of a file that is no image, say which number that
 * would be, so that log and file are recognised as the same case. */
static void mention_chip_number(doctor_t *doctor, const doctor_input_t *input)
{
    if (input->len < 14 || doctor->count == 0 || kind_ids[input->kind.kind] == NULL) {
        return;
    }
    doctor_finding_t *finding = &doctor->finding[doctor->count - 1];
    size_t len = strlen(finding->seen);
    (void)snprintf(finding->seen + len, sizeof(finding->seen) - len,
                   "; a device reads chip id %u in it", ota_get_le16(input->bytes + 12));
}

static void look_encrypted_image(doctor_t *doctor, const doctor_input_t *input)
{
    if (input->len < GCM_HEADER) {
        (void)doctor_report(doctor, "file-esp-encrypted-padded", input->name,
                            "%zu bytes: shorter than the header of 512", input->len);
        return;
    }
    uint64_t expected = (uint64_t)GCM_HEADER + ota_get_le32(input->bytes + GCM_SIZE_AT);
    if (expected != input->len) {
        (void)doctor_report(doctor, "file-esp-encrypted-padded", input->name,
                            "the header announces %" PRIu64 " bytes in all, the file has %zu: %s",
                            expected, input->len,
                            input->len > expected ? "it was padded" : "it was cut");
        return;
    }
    (void)doctor_report(doctor, "file-esp-encrypted", input->name, "%zu bytes, as announced",
                        input->len);
}

/* A dump of an encrypted device: as long as a flash chip, and ciphertext where the table is. */
static bool is_encrypted_flash(const doctor_input_t *input)
{
    bool chip_sized = input->len >= MIB && (input->len & (input->len - 1)) == 0;
    size_t used = 0;
    if (!chip_sized || input->kind.kind != SNIFF_RANDOM) {
        return false;
    }
    double entropy = sniff_entropy(input->bytes + OTA_TABLE_OFFSET, OTA_TABLE_SECTOR, &used);
    return sniff_is_random(entropy, used);
}

static void look_text(doctor_t *doctor, const doctor_input_t *input)
{
    size_t before = doctor->count;
    doctor_log(doctor, input->name, (const char *)input->bytes, input->len);
    if (doctor->count == before && input->kind.kind == SNIFF_TEXT) {
        report_kind(doctor, input);
    }
}

static void look_merged(doctor_t *doctor, const doctor_input_t *input)
{
    (void)doctor_report(doctor, "file-merged", input->name,
                        "%zu bytes; table at 0x%zx, bootloader at 0x%zx", input->len,
                        input->kind.table_at, input->kind.at);
    doctor_look_flash(doctor, input);
}

static void look_stranger(doctor_t *doctor, const doctor_input_t *input)
{
    report_kind(doctor, input);
    mention_chip_number(doctor, input);
}

/* Who looks at what; all others are strangers. */
static void (*const lookers[SNIFF_KINDS])(doctor_t *, const doctor_input_t *) = {
    [SNIFF_APP] = doctor_look_image,
    [SNIFF_BOOTLOADER] = doctor_look_image,
    [SNIFF_IMAGE] = doctor_look_image,
    [SNIFF_MERGED] = look_merged,
    [SNIFF_FLASH] = doctor_look_flash,
    [SNIFF_TABLE] = doctor_look_table,
    [SNIFF_TABLE_CSV] = doctor_look_csv,
    [SNIFF_OTADATA] = doctor_look_otadata,
    [SNIFF_ENCRYPTED_IMAGE] = look_encrypted_image,
    [SNIFF_LOG] = look_text,
    [SNIFF_TEXT] = look_text,
};

void doctor_file(doctor_t *doctor, const char *name, const uint8_t *bytes, size_t len)
{
    doctor_input_t input = {.name = name, .bytes = bytes, .len = len};
    sniff(bytes, len, &input.kind);
    if (is_encrypted_flash(&input)) {
        (void)doctor_report(doctor, "flash-encrypted", name,
                            "%zu bytes; the table's sector is as evenly spread as ciphertext", len);
        return;
    }
    if (lookers[input.kind.kind] != NULL) {
        lookers[input.kind.kind](doctor, &input);
    } else {
        look_stranger(doctor, &input);
    }
}
