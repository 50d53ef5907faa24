/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of log lines in words. */
#include "host/doctor_patterns.h"
#include "host/explain.h"
#include "host/size.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_SLOT 0x140000u /* of default.csv */
#define NO_BLOCK_REV 9999u     /* v99.99: no chip has an eFuse block revision like that */
#define LINE_SHOWN   200

doctor_finding_t *doctor_quote(doctor_t *doctor, const doctor_line_t *line)
{
    int shown = line->len < LINE_SHOWN ? (int)line->len : LINE_SHOWN;
    return doctor_report(doctor, line->id, line->where, "`%.*s`", shown, line->text);
}

/* --- chip ------------------------------------------------------------------------------------- */

void say_chip(doctor_t *doctor, const doctor_line_t *line)
{
    doctor_explain_chip(doctor, line->where, line->match.number[0], line->match.number[1]);
}

/* "header 0 vs model 1": the header's number is what was found. */
void say_chip_model(doctor_t *doctor, const doctor_line_t *line)
{
    doctor_explain_chip(doctor, line->where, line->match.number[1], line->match.number[0]);
}

void say_revision(doctor_t *doctor, const doctor_line_t *line)
{
    char needs[24];
    char has[24];
    explain_rev(line->match.number[0], false, needs, sizeof(needs));
    explain_rev(line->match.number[1], false, has, sizeof(has));
    (void)doctor_report(doctor, line->id, line->where,
                        "the image asks for revision %s, the chip is %s", needs, has);
}

void say_block_rev(doctor_t *doctor, const doctor_line_t *line)
{
    char needs[24];
    char has[24];
    bool absurd = line->match.number[0] > NO_BLOCK_REV;
    explain_rev(line->match.number[0], false, needs, sizeof(needs));
    explain_rev(line->match.number[1], false, has, sizeof(has));
    (void)doctor_report(doctor, absurd ? "efuse-block-rev-absurd" : "efuse-block-rev", line->where,
                        "asks for eFuse block revision %s, the chip has %s", needs, has);
}

void say_probe(doctor_t *doctor, const doctor_line_t *line)
{
    char has[SIZE_TEXT];
    char says[SIZE_TEXT];
    (void)doctor_report(doctor, line->id, line->where, "the chip has %s, the image header says %s",
                        size_text((uint64_t)line->match.number[0] << 10, has),
                        size_text((uint64_t)line->match.number[1] << 10, says));
}

/* --- the image in flash
 * --------------------------------------------------------------------------- */

void say_checksum(doctor_t *doctor, const doctor_line_t *line)
{
    (void)doctor_report(doctor, line->id, line->where,
                        "the content gives 0x%02" PRIx32 ", the image says 0x%02" PRIx32,
                        line->match.number[0], line->match.number[1]);
}

static bool as_text(uint32_t word, char text[5])
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t byte = word >> 8 * i & 0xFFu;
        bool line_end = byte == '\r' || byte == '\n';
        if ((byte < 0x20 || byte > 0x7E) && !line_end) {
            return false;
        }
        text[i] = line_end ? '.' : (char)byte;
    }
    text[4] = '\0';
    return true;
}

void say_segment(doctor_t *doctor, const doctor_line_t *line)
{
    uint32_t length = line->match.number[0];
    char text[5];
    if (length == 0xFFFFFFFFu) {
        doctor_finding_t *finding = doctor_report(
            doctor, line->id, line->where,
            "0x%08" PRIx32 " is erased flash: the image ends before this segment", length);
        doctor_advise(finding, "The update was cut or bytes in front of the image pushed its end "
                               "out: compare the length that arrived with the file's.");
    } else if (as_text(length, text)) {
        (void)doctor_report(doctor, line->id, line->where,
                            "0x%08" PRIx32
                            " are the characters \"%s\": text of the transfer stands "
                            "in the image",
                            length, text);
    } else {
        (void)doctor_report(doctor, line->id, line->where,
                            "0x%08" PRIx32 " cannot be a length: other bytes of the file (or of "
                            "ciphertext) stand where the header should",
                            length);
    }
}

void say_table_magic(doctor_t *doctor, const doctor_line_t *line)
{
    uint32_t magic = line->match.number[1];
    const char *meaning = magic == 0xFFFFu           ? "erased: no table was flashed there"
                          : magic == 0               ? "zeroes were flashed there"
                          : (magic & 0xFFu) == 0xE9u ? "an image lies there: it was flashed at "
                                                       "the table's address, or the bootloader "
                                                       "is too large"
                                                     : "something else lies there, or the flash "
                                                       "is encrypted and the table is not";
    (void)doctor_report(doctor, line->id, line->where, "entry %" PRIu32 " begins %04" PRIx32 ": %s",
                        line->match.number[0], magic, meaning);
}

/* --- room
 * ------------------------------------------------------------------------------------------- */

static void too_big(doctor_t *doctor, const doctor_line_t *line, uint32_t app, uint32_t slot)
{
    char fit[320];
    char mb[SIZE_TEXT];
    char over[64] = "";
    doctor->facts.app_size = app;
    doctor_fit(app, doctor->facts.flash_size, fit, sizeof(fit));
    if (app > slot) {
        (void)snprintf(over, sizeof(over), ": %" PRIu32 " bytes too many", app - slot);
    }
    doctor_finding_t *finding = doctor_report(
        doctor, line->id, line->where,
        "the app has %" PRIu32 " bytes, its slot %" PRIu32 " (%s%s)%s", app, slot,
        size_text(slot, mb), slot == DEFAULT_SLOT ? ", the slot of default.csv" : "", over);
    doctor_advise(finding, "%s", fit);
}

void say_program_size(doctor_t *doctor, const doctor_line_t *line)
{
    too_big(doctor, line, line->match.number[0], line->match.number[1]);
}

void say_sketch_uses(doctor_t *doctor, const doctor_line_t *line)
{
    if (line->match.number[0] > line->match.number[1]) {
        too_big(doctor, line, line->match.number[0], line->match.number[1]);
    }
}

void say_image_length(doctor_t *doctor, const doctor_line_t *line)
{
    doctor->facts.log_slot_size = line->match.number[1];
    too_big(doctor, line, line->match.number[0], line->match.number[1]);
}

void say_idf_part(doctor_t *doctor, const doctor_line_t *line)
{
    char fit[320];
    uint32_t app = line->match.number[0];
    doctor->facts.app_size = app;
    doctor_fit(app, doctor->facts.flash_size, fit, sizeof(fit));
    doctor_finding_t *finding =
        doctor_report(doctor, line->id, line->where, "the app has %" PRIu32 " bytes", app);
    doctor_advise(finding,
                  "%s. In ESP-IDF: menuconfig, Partition Table, \"Two large size OTA "
                  "partitions\" or a custom CSV.",
                  fit);
}

void say_default_csv(doctor_t *doctor, const doctor_line_t *line)
{
    char fit[320];
    uint32_t app = doctor->facts.app_size > DEFAULT_SLOT ? doctor->facts.app_size : 0;
    doctor_finding_t *finding = doctor_quote(doctor, line);
    if (app != 0) {
        doctor_fit(app, doctor->facts.flash_size, fit, sizeof(fit));
        doctor_advise(finding, "%s", fit);
    } else {
        doctor_advise(finding, "For apps up to 1966080 bytes, in platformio.ini: "
                               "`board_build.partitions = min_spiffs.csv`");
    }
}

void say_table_end(doctor_t *doctor, const doctor_line_t *line)
{
    const uint32_t *number = line->match.number;
    char size[SIZE_TEXT];
    char chip[SIZE_TEXT];
    (void)doctor_report(doctor, line->id, line->where,
                        "row %" PRIu32 " of the table takes %s from 0x%" PRIx32
                        " and ends at 0x%" PRIx64 "; the flash has %s",
                        number[0], size_text(number[2], size), number[1],
                        (uint64_t)number[1] + number[2], size_text(number[3], chip));
}

void say_bootloader_size(doctor_t *doctor, const doctor_line_t *line)
{
    (void)doctor_report(doctor, line->id, line->where,
                        "the bootloader has 0x%" PRIx32 " bytes, the table begins at 0x%" PRIx32,
                        line->match.number[0], line->match.number[1]);
}

/* --- the story of a log
 * ------------------------------------------------------------------------------ */

void say_loaded(doctor_t *doctor, const doctor_line_t *line)
{
    doctor_facts_t *facts = &doctor->facts;
    uint32_t offset = line->match.number[0];
    if (facts->boots > 0 && facts->boot_offset != offset) {
        facts->boot_switches++;
        facts->crashes = 0;
    }
    facts->boots++;
    facts->boot_offset = offset;
}

static bool holds(const doctor_line_t *line, const char *word)
{
    match_t match;
    return match_line(word, line->text, line->len, &match);
}

void say_crash(doctor_t *doctor, const doctor_line_t *line)
{
    if (holds(line, "guru") || holds(line, "wdt") || holds(line, "panic")) {
        doctor->facts.crashes++;
    }
}

void say_bootloader_version(doctor_t *doctor, const doctor_line_t *line)
{
    doctor->facts.bootloader_version = line->match.number[0];
}

void say_app_version(doctor_t *doctor, const doctor_line_t *line)
{
    doctor->facts.app_version = line->match.number[0];
}
