/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device took for the chip id: bytes 12 and 13 of whatever it received, low byte first.
 *
 *   0         1
 *   0123456789012345
 *   <!DOCTYPE html>        "ml" = 6d 6c -> 0x6c6d = 27757
 *   {"message":"Not Found  "No" = 4e 6f -> 0x6f4e = 28494
 *   <?xml version="1.0"    "n=" = 6e 3d -> 0x3d6e = 15726
 */
#include "host/doctor_internal.h"

#include "host/explain.h"
#include <stdio.h>
#include <string.h>

#define AT_CHIP_ID 12u

/* First lines that servers send instead of a file; only the two bytes at 12 count. */
static const struct {
    const char *text;
    const char *words;
    bool html;
} starts[] = {
    {"<!DOCTYPE html>", "an HTML page", true},
    {"<!DOCTYPE HTML PUBLIC", "an HTML page", true},
    {"<html><head><title>", "an HTML page", true},
    {"<html>\r\n<head><title>", "an HTML page (nginx's error page begins so)", true},
    {"<html>\n<head>\n", "an HTML page", true},
    {"<html lang=\"en\">", "an HTML page", true},
    {"{\"message\":\"Not Found\"", "GitHub's JSON answer \"Not Found\"", false},
    {"{\"message\": \"Not Found\"", "a JSON answer \"Not Found\"", false},
    {"{\"error\":\"Not Found\"", "a JSON error", false},
    {"{\"detail\":\"Not found\"", "a JSON error", false},
    {"{\"status\":404,", "a JSON error", false},
    {"<?xml version=\"1.0\"", "an XML document (storage servers answer errors so)", false},
    {"<Error><Code>AccessDenied", "a storage server's XML error", false},
    {"<Error><Code>NoSuchKey", "a storage server's XML error", false},
    {"404: Not Found", "the text \"404: Not Found\" (GitHub's raw server)", false},
    {"404 page not found", "the text \"404 page not found\"", false},
    {"HTTP/1.1 200 OK", "an HTTP header", false},
    {"HTTP/1.1 302 Found", "an HTTP header (a redirect)", false},
    {"HTTP/1.1 301 Moved", "an HTTP header (a redirect)", false},
    {"HTTP/1.1 404 Not Found", "an HTTP header (404)", false},
    {"version https://git-lfs", "a Git LFS pointer", false},
    {"------WebKitFormBoundary", "a form upload with its multipart header", false},
    {"------------------------", "a form upload with its multipart header", false},
};

/* Numbers that ESP-IDF used before these chips were released. */
static const struct {
    uint16_t id;
    const char *words;
} betas[] = {
    {4, "esp32s3 beta (the ESP32-S3 of ESP-IDF before v4.4)"},
    {6, "esp32s3 beta 3"},
    {7, "esp32c6 beta"},
    {10, "esp32h2 beta 1"},
    {14, "esp32h2 beta 2"},
    {17, "esp32c5 beta 3"},
};

/* "; one of: .." of every known first line that has these bytes there. */
static bool name_starts(uint16_t id, char *text, size_t room, bool *html)
{
    bool any = false;
    *html = false;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        const unsigned char *p = (const unsigned char *)starts[i].text + AT_CHIP_ID;
        if (strlen(starts[i].text) < AT_CHIP_ID + 2u || (p[0] | p[1] << 8) != id) {
            continue;
        }
        size_t len = strlen(text);
        (void)snprintf(text + len, room - len, "%s%s, whose first line is `%.14s`",
                       any ? "; or " : "", starts[i].words, starts[i].text);
        *html = *html || starts[i].html;
        any = true;
    }
    return any;
}

static const char *beta_words(uint16_t id)
{
    for (size_t i = 0; i < sizeof(betas) / sizeof(betas[0]); i++) {
        if (betas[i].id == id) {
            return betas[i].words;
        }
    }
    return NULL;
}

static bool letters(uint16_t id)
{
    unsigned low = id & 0xFFu;
    unsigned high = id >> 8;
    return low >= 0x20 && low < 0x7F && high >= 0x20 && high < 0x7F;
}

/* The ZIP header has a date there (bit 15..9 year since 1980, 8..5 month, 4..0 day). */
static bool zip_date(uint16_t id, char *text, size_t room)
{
    unsigned year = 1980u + (id >> 9);
    unsigned month = id >> 5 & 15u;
    unsigned day = id & 31u;
    if (year < 2018 || year > 2030 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    (void)snprintf(text, room, "; in a ZIP archive it would be the date %u-%02u-%02u", year, month,
                   day);
    return true;
}

static void explain_unknown(doctor_t *doctor, const char *where, uint16_t id, const char *numbers)
{
    char zip[64] = "";
    char first[256];
    bool html = false;
    (void)zip_date(id, zip, sizeof(zip));
    if (name_starts(id, first, sizeof(first), &html)) {
        (void)doctor_report(doctor, html ? "chip-id-is-html" : "chip-id-is-text", where, "%s: %s",
                            numbers, first);
    } else if (letters(id)) {
        (void)doctor_report(doctor, "chip-id-is-text", where,
                            "%s: most likely an error page, a form or another text, unless it is "
                            "chance in a packed file%s",
                            numbers, zip);
    } else {
        (void)doctor_report(doctor, "chip-id-unknown", where, "%s%s%s", numbers,
                            id % 4u == 0 ? "; a multiple of 4 may be a segment length, which "
                                           "ESP8266 images have at that place"
                                         : "",
                            zip);
    }
}

static void explain_known(doctor_t *doctor, const char *where, uint32_t expected, uint16_t found,
                          const char *numbers)
{
    const ota_chip_t *chip = ota_chip_by_id(found);
    doctor_finding_t *finding = doctor_report(doctor, "chip-id-other-chip", where,
                                              "%s: the file is for %s", numbers, chip->name);
    const ota_chip_t *wanted =
        expected < OTA_CHIP_ID_INVALID ? ota_chip_by_id((uint16_t)expected) : NULL;
    if (wanted != NULL) {
        doctor_advise(finding, "Take the file for %s.", wanted->name);
    }
}

void doctor_explain_chip(doctor_t *doctor, const char *where, uint32_t expected, uint32_t found)
{
    char numbers[224];
    char text[96];
    char want[96] = "";
    uint16_t id = (uint16_t)found;
    explain_chip(id, text, sizeof(text));
    if (expected < OTA_CHIP_ID_INVALID) {
        explain_chip((uint16_t)expected, want, sizeof(want));
    }
    (void)snprintf(numbers, sizeof(numbers), "%s%s%s%s%s", want[0] != '\0' ? "expected " : "", want,
                   want[0] != '\0' ? ", " : "", "found ", text);
    if (found > 0xFFFFu) {
        (void)doctor_report(doctor, "chip-id-unknown", where, "found %u: no 16-bit number",
                            (unsigned)found);
    } else if (expected < OTA_CHIP_ID_INVALID && ota_chip_by_id((uint16_t)expected) == NULL) {
        (void)doctor_report(doctor, "chip-id-is-model", where, "%s", numbers);
    } else if (id == OTA_CHIP_ID_INVALID) {
        (void)doctor_report(doctor, "chip-id-blank", where, "%s", numbers);
    } else if (ota_chip_by_id(id) != NULL) {
        explain_known(doctor, where, expected, id, numbers);
    } else if (beta_words(id) != NULL) {
        (void)doctor_report(doctor, "chip-id-beta", where, "%s: %s", numbers, beta_words(id));
    } else {
        explain_unknown(doctor, where, id, numbers);
    }
}
