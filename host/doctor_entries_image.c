/* SPDX-License-Identifier: Apache-2.0 */
/* Findings about images and about the chip that they are for. */
#include "host/doctor_internal.h"

const doctor_entry_t doctor_entries_image[] = {
    {"image-ok",
     DOCTOR_NOTE,
     "The image is whole: header, segments, checksum and hash are right.",
     "If a device refuses this very file, the transfer changed it, or device and file do not "
     "match (chip, revision, size, signature).",
     {4}},
    {"image-broken",
     DOCTOR_ERROR,
     "The image does not verify: a device refuses it.",
     "Build it again from scratch (stale objects happen), or fetch it again.",
     {3, 4}},
    {"image-truncated",
     DOCTOR_ERROR,
     "The image is cut: its own headers promise more bytes than the file has.",
     "Fetch it again and compare the size with the original's.",
     {3}},
    {"image-hash",
     DOCTOR_ERROR,
     "The image's SHA-256 does not match although its checksum does.",
     "Bytes were changed after the build: fetch or build it again.",
     {4, 45}},
    {"image-header-edited",
     DOCTOR_ERROR,
     "Only the header was edited after the build: with other flash settings in bytes 2 and 3 the "
     "SHA-256 is right.",
     "Set flash mode and size when building or let esptool set them while flashing or merging "
     "(it renews the hash): do not patch the bytes.",
     {45}},
    {"image-no-hash",
     DOCTOR_WARNING,
     "The image carries no SHA-256: only an 8-bit checksum guards it.",
     "Let esptool append the digest (its default; do not use --dont-append-digest).",
     {4}},
    {"image-several-keys",
     DOCTOR_NOTE,
     "The image is signed with several keys. Builds with signed apps but without secure boot look "
     "at the first signature only: rotating keys does not work there.",
     "Put the key that devices trust first.",
     {66}},
    {"image-trailing",
     DOCTOR_NOTE,
     "Bytes stand behind the end of the image. Devices ignore them.",
     "",
     {0}},
    {"app-arduino-confirms",
     DOCTOR_NOTE,
     "This app was made with the Arduino core, which confirms every app before setup() runs: a "
     "rollback never happens.",
     "Define `extern \"C\" bool verifyRollbackLater() { return true; }` and call "
     "esp_ota_mark_app_valid_cancel_rollback() once the app is proven.",
     {20}},
    {"app-no-two-slots",
     DOCTOR_WARNING,
     "The app is so large that no table with two slots holds it on its flash.",
     "Make it smaller, use a larger flash, or a small recovery app plus one slot (safeboot).",
     {30, 37}},
    {"bootloader-too-big",
     DOCTOR_ERROR,
     "The bootloader does not fit in front of the partition table: it would overwrite the table "
     "or be overwritten by it.",
     "Lower its log level or drop features, or move the table (CONFIG_PARTITION_TABLE_OFFSET) and "
     "flash everything again.",
     {69}},

    /* What a device read where the chip id should be. */
    {"chip-id-is-html",
     DOCTOR_ERROR,
     "The file that the device received is an HTML page, not firmware: the two bytes that it took "
     "for the chip id are letters of the page's first line.",
     "Fetch the address with `curl -v -o fw.bin URL`: the server sends a page (login, error, "
     "redirect, or a viewer around the file). Use the address of the file itself.",
     {3, 41}},
    {"chip-id-is-text",
     DOCTOR_ERROR,
     "The file that the device received is text, not firmware: the two bytes that it took for the "
     "chip id are readable characters.",
     "Fetch the address with `curl -v -o fw.bin URL` and read what the server says.",
     {3, 41}},
    {"chip-id-other-chip",
     DOCTOR_ERROR,
     "The image is for another chip.",
     "Take the build for this chip; release pages often carry one file for each.",
     {41, 42}},
    {"chip-id-beta",
     DOCTOR_ERROR,
     "The image was built for a beta chip's number, by an ESP-IDF from before the chip was "
     "released.",
     "Build with an ESP-IDF that knows the final chip.",
     {41}},
    {"chip-id-blank",
     DOCTOR_ERROR,
     "The chip id reads FFFF: the image begins with erased flash.",
     "Either a merged image was sent whose bootloader begins at 0x1000, or nothing was flashed "
     "there. Send the app's own .bin.",
     {41}},
    {"chip-id-is-model",
     DOCTOR_ERROR,
     "The receiver compares with a number that is no image chip id: it uses the chip's model "
     "number (esp_chip_info) instead. The fault is in the firmware that receives.",
     "This firmware refuses every update of its kind: flash a corrected one by cable once. Image "
     "chip ids: esp32 0, esp32s2 2, esp32c3 5, esp32s3 9, esp32c2 12, esp32c6 13, esp32h2 16.",
     {26}},
    {"chip-id-unknown",
     DOCTOR_ERROR,
     "The two bytes at offset 12 of what the device received are neither a chip id nor text.",
     "The file is compressed or encrypted, of another chip family (ESP8266), or the first bytes of "
     "the transfer were lost so that everything is shifted: run doctor on the file, and compare "
     "the first 32 bytes that arrive with it.",
     {3, 41}},
    {"chip-revision",
     DOCTOR_ERROR,
     "The image does not accept this revision of the chip.",
     "Build with a minimum (or maximum) chip revision that includes this chip: "
     "CONFIG_ESP32xx_REV_MIN, or a newer ESP-IDF for newer chips.",
     {41}},
    {"efuse-block-rev",
     DOCTOR_ERROR,
     "The image asks for another eFuse block revision than the chip has.",
     "Build with an ESP-IDF that knows this chip, or take a build for it.",
     {27}},
    {"efuse-block-rev-absurd",
     DOCTOR_ERROR,
     "The eFuse block revision that the image seems to ask for is no real version: the descriptor "
     "was read from the wrong bytes, or is damaged.",
     "Verify the file (`otary image verify`). If it is whole, the receiving firmware reads the "
     "descriptor at a wrong place: update that one by cable.",
     {27}},
    {"flash-size-header",
     DOCTOR_ERROR,
     "The image's header names a larger flash than the chip has: the app stops at boot (\"Probe "
     "failed\").",
     "Build for this board's flash size (board_upload.flash_size / board_build.flash_size in "
     "PlatformIO, Flash size in menuconfig); take care that merging does not rewrite the header.",
     {43}},
    {"esp8266-flash-config",
     DOCTOR_ERROR,
     "An ESP8266 refuses the update because the flash size in the image's header is not the "
     "chip's.",
     "Choose the right flash size in the board's settings; the running firmware cannot be talked "
     "out of its check: flash once by cable.",
     {44}},
    {NULL, DOCTOR_NOTE, NULL, NULL, {0}},
};
