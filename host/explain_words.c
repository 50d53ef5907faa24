/* SPDX-License-Identifier: Apache-2.0 */
#include "host/explain_words.h"

/* The order is that of ota/status.h. */
static const explain_words_t words[] = {
    {OTA_OK, AS_NOTHING, "", "Nothing is wrong.", "Nothing to do."},

    /* The caller. */
    {OTA_ERR_ARG, AS_OFFSET, "the call",
     "The program passed a value outside the range that the call documents.",
     "This is a fault in the calling program: compare its arguments with the header's comment."},
    {OTA_ERR_STATE, AS_NOTHING, "the session",
     "The call is not allowed in the present state of the session.",
     "Keep the order begin, write, finish; write_at needs a session that was not opened for "
     "sequential writes, set_final must come before the first write."},
    {OTA_ERR_RANGE, AS_LIMIT, "the partition or flash",
     "An address or length leaves the partition or the flash chip.",
     "Check that the partition is as large as what is written to it and lies wholly on the "
     "chip; `otary table show` draws the map."},
    {OTA_ERR_ALIGN, AS_OFFSET, "the partition or flash",
     "An address or length is not a multiple of what the medium needs.",
     "Erase in multiples of 4096 bytes; write encrypted partitions in whole blocks of 16."},
    {OTA_ERR_UNSUPPORTED, AS_NOTHING, "this port or build",
     "This port or build cannot do what was asked.",
     "Use a port that offers it (signatures and SHA-384 need the OpenSSL or mbedTLS port)."},
    {OTA_ERR_NO_ROOM, AS_COUNT, "a buffer of the caller",
     "A table or buffer that the caller owns is full.", "Pass a larger one."},

    /* The medium. */
    {OTA_ERR_FLASH_READ, AS_OFFSET, "the flash", "Reading the flash failed.",
     "Try again; if it stays, check supply voltage, wiring and flash mode (DIO instead of QIO), "
     "and on a host that the file is readable and whole."},
    {OTA_ERR_FLASH_PROGRAM, AS_OFFSET, "the flash", "Programming the flash failed.",
     "Check the supply voltage and that no block protection is set; on a host that the disk is "
     "not full and the file is writable."},
    {OTA_ERR_FLASH_ERASE, AS_OFFSET, "the flash", "Erasing the flash failed.",
     "Check the supply voltage and that no block protection is set; on a host that the file is "
     "writable."},
    {OTA_ERR_FLASH_MISMATCH, AS_BYTE, "the flash",
     "What was read back differs from what was programmed.",
     "The sector is worn out, was not erased, or the supply sags while programming: retry once, "
     "then move the slot or replace the chip."},
    {OTA_ERR_FLASH_NOT_BLANK, AS_BYTE, "the flash",
     "Programming here would have to raise bits, which only an erase can do.",
     "Erase the sector first, or let a session do it: it erases what it needs."},
    {OTA_ERR_READ_ONLY, AS_NOTHING, "the partition's flags",
     "The partition carries the readonly flag.",
     "Choose another partition, or drop `readonly` from its Flags in the partition table."},
    {OTA_ERR_PORT, AS_NOTHING, "a port of the host program",
     "A port failed for a reason of its own.",
     "On a host the reason stands in the message of the system: does the file exist, may it be "
     "read and written, is there space?"},

    /* The partition table. */
    {OTA_ERR_TABLE_EMPTY, AS_OFFSET, "the partition table",
     "The partition table is empty: its first entry is already the end marker.",
     "Nothing was flashed here, or the table lies elsewhere (default 0x8000). Write the table: "
     "`esptool write_flash 0x8000 partitions.bin`."},
    {OTA_ERR_TABLE_MAGIC, AS_WORD, "the partition table",
     "An entry starts with neither AA 50 (partition), EB EB (digest) nor FF FF (end).",
     "This is not a partition table, or it was overwritten: most often a bootloader that grew "
     "past 0x8000, a wrong offset, or a merged image flashed at the wrong place. Flash it again."},
    {OTA_ERR_TABLE_NO_END, AS_OFFSET, "the partition table",
     "The table has no end marker within its 96 slots.",
     "The file was cut or something was written behind it. Build it again with `otary table "
     "build`; at most 94 partitions fit."},
    {OTA_ERR_TABLE_MD5, AS_WORD, "the partition table's digest",
     "The MD5 digest of the table differs from its entries: a byte was changed after it was built.",
     "Do not patch tables by hand: edit the CSV and build it again (`otary table build`). A "
     "device with this table resets for ever."},
    {OTA_ERR_TABLE_MD5_TWICE, AS_OFFSET, "the partition table",
     "The table has more than one digest entry.", "Build it again with `otary table build`."},
    {OTA_ERR_TABLE_MD5_MISSING, AS_OFFSET, "the partition table",
     "The table has no MD5 digest: the bootloader accepts that, the application does not and "
     "then finds no partition at all.",
     "Build it again without --disable-md5sum, or build the application with "
     "CONFIG_PARTITION_TABLE_MD5=n."},
    {OTA_ERR_TABLE_RANGE, AS_LIMIT, "the partition table", "An entry leaves the flash chip.",
     "The table was made for a larger flash, or the flash size in the bootloader's header is too "
     "small. Choose a table for this chip (`otary table suggest`)."},

    /* The image. */
    {OTA_ERR_IMAGE_MAGIC, AS_BYTE, "the image",
     "This is not an ESP32 application image: its first byte is not E9.",
     "Run `otary doctor FILE`: it says what the file really is (web page, archive, encrypted, "
     "whole flash, another file of the build). Send the app's own .bin."},
    {OTA_ERR_IMAGE_TRUNCATED, AS_SHORT, "the image", "The bytes end before the image does.",
     "The download or copy was cut. Fetch the file again and compare its size with the "
     "original's; a server that answers with chunks or ranges may have lost the rest."},
    {OTA_ERR_IMAGE_CHIP, AS_CHIP, "the image's header",
     "The image was built for another chip, or the file is no image at all.",
     "Take the file that was built for this chip. If the number is no known chip, the file "
     "behind byte 0 is something else: `otary doctor FILE` says what."},
    {OTA_ERR_IMAGE_CHIP_REV_MIN, AS_REV, "the image's header",
     "The image needs a newer revision of the chip.",
     "Build with a lower CONFIG_ESP32xx_REV_MIN for this board, or use a newer chip."},
    {OTA_ERR_IMAGE_CHIP_REV_MAX, AS_REV, "the image's header",
     "The image refuses a chip of this revision: it was built before that revision existed.",
     "Build with a newer ESP-IDF (or Arduino core) that knows this chip revision."},
    {OTA_ERR_IMAGE_BLOCK_REV, AS_REV, "the app descriptor",
     "The eFuse block revision of the chip lies outside the range that the image accepts.",
     "Build with a newer ESP-IDF. A range like v251.85 is no version: the descriptor is damaged "
     "or read from the wrong place."},
    {OTA_ERR_IMAGE_SEGMENT_COUNT, AS_COUNT, "the image's header",
     "The header announces more than 16 segments.",
     "The file is damaged, or no image although it starts with E9: build or fetch it again."},
    {OTA_ERR_IMAGE_SEGMENT_LENGTH, AS_SEGMENT, "a segment header",
     "A segment's length is not a multiple of 4, or beyond what the chip can map.",
     "The bytes before it were shifted or replaced: header bytes of the transfer in front, a "
     "lost or doubled chunk, or erased flash (ffffffff) behind an update that was cut. Compare "
     "what arrived with the file, starting at this offset."},
    {OTA_ERR_IMAGE_SEGMENT0_SHORT, AS_SHORT, "the first segment's header",
     "The first segment is too short for the app descriptor.",
     "This is a bootloader or a bare-metal program, not an app of ESP-IDF or Arduino: send the "
     "app's own .bin."},
    {OTA_ERR_IMAGE_MAPPING, AS_WORD, "a segment header",
     "The segment cannot be mapped: its place in flash and its load address differ within an "
     "MMU page.",
     "The slot is not aligned to 64 KiB, or bytes were inserted before this segment. Align app "
     "partitions to 0x10000 and send the file unchanged."},
    {OTA_ERR_IMAGE_DESCRIPTOR, AS_WORD, "the app descriptor",
     "The app descriptor is missing: its magic word abcd5432 is not there.",
     "Send an app image made by ESP-IDF or Arduino, not a bootloader; Rust and bare-metal "
     "programs must place esp_app_desc first in their read-only data."},
    {OTA_ERR_IMAGE_WRAP, AS_WORD, "a segment header",
     "The segments run past the end of the address space.",
     "The file is damaged or was made to attack: do not use it."},
    {OTA_ERR_IMAGE_CHECKSUM, AS_BYTE, "the image's checksum",
     "The XOR checksum differs: at least one byte of the image was changed.",
     "Send or flash the image again. If it happens again at the same place, that flash sector is "
     "bad; if elsewhere, the transfer or the supply is."},
    {OTA_ERR_IMAGE_HASH, AS_OFFSET, "the image's appended SHA-256",
     "The SHA-256 at the end of the image differs from its content.",
     "A byte was changed after the build. Header edits count: let esptool (or `otary image`) "
     "renew the hash when flash size or mode are changed."},
    {OTA_ERR_IMAGE_NO_HASH, AS_OFFSET, "the image's header",
     "The image carries neither a hash nor a signature, and the rules ask for one.",
     "Build it with the SHA-256 digest appended (esptool's default), or relax the rule."},
    {OTA_ERR_IMAGE_TOO_BIG, AS_SIZE, "the partition", "The image does not fit the partition.",
     "Make the slot larger or the app smaller: `otary table suggest FILE` names tables "
     "that fit. A new table has to be flashed by cable once; an update does not bring it."},
    {OTA_ERR_IMAGE_FLASH_SIZE, AS_HEADER_SIZE, "the image's header",
     "The header names a larger flash chip than this board has: it would stop at boot.",
     "Build for the flash size of this board (board_build.flash_size, or idf.py menuconfig: "
     "Flash size)."},
    {OTA_ERR_IMAGE_PARTITION, AS_SIZE, "the partition",
     "The partition is larger than the chip can map.",
     "Make the app partition smaller than 16 MiB in the partition table."},
    {OTA_ERR_SECURE_VERSION, AS_COUNT, "the app descriptor",
     "The image's secure version is below the anti-rollback floor burnt into the chip.",
     "Older apps are barred for ever on this chip: build with a secure version at least as high "
     "(CONFIG_BOOTLOADER_APP_SECURE_VERSION)."},
    {OTA_ERR_SIGNATURE_MISSING, AS_OFFSET, "the end of the image",
     "There is no well-formed signature behind the image.",
     "Sign it (espsecure.py sign_data --version ...) with the scheme of this device, and send "
     "the signed file."},
    {OTA_ERR_SIGNATURE_KEY, AS_OFFSET, "the signature sector",
     "The image is signed, but by no key that this device trusts.",
     "Sign it with a key whose digest is in the device, or update first to an app that trusts "
     "the new key."},
    {OTA_ERR_SIGNATURE, AS_OFFSET, "the signature sector",
     "A trusted key's signature does not match the content.",
     "A byte was changed after signing, or the file was signed before it was padded or patched: "
     "sign last."},
    {OTA_ERR_IMAGE_SPI_MODE, AS_COUNT, "the app descriptor",
     "The image's SPI mode differs from the running application's.",
     "Build both with the same flash mode (board_build.flash_mode, or menuconfig: Flash SPI "
     "mode)."},

    /* Slots and otadata. */
    {OTA_ERR_NO_OTADATA, AS_NOTHING, "the partition table",
     "The table has no otadata partition (type data, subtype ota), so no choice can be recorded.",
     "Add `otadata,data,ota,,0x2000` to the table and flash it by cable, or use a table that has "
     "it (`otary table presets`)."},
    {OTA_ERR_OTADATA_SIZE, AS_SHORT, "the partition table",
     "The otadata partition is smaller than two sectors; the bootloader resets for ever on it.",
     "Give it exactly 0x2000 bytes in the partition table."},
    {OTA_ERR_NO_SLOTS, AS_NOTHING, "the partition table",
     "The table has no OTA slot (type app, subtype ota_0 ..): there is nothing to update into.",
     "Use a table with two OTA slots, such as min_spiffs.csv; flash it by cable once."},
    {OTA_ERR_SLOT_UNREACHABLE, AS_COUNT, "the partition table",
     "The slot's number is not below the number of slots: the numbering has a hole, so otadata "
     "cannot name it.",
     "Number the OTA slots ota_0, ota_1, .. without a gap."},
    {OTA_ERR_NOT_A_SLOT, AS_COUNT, "the partition table",
     "The partition is not an app partition that the bootloader could choose for an update.",
     "Choose one of ota_0 .. ota_15; factory is flashed by cable only."},
    {OTA_ERR_NOT_IN_TABLE, AS_NOTHING, "the partition table", "The table has no such partition.",
     "`otary table show` lists what it has. The table on the device may differ from the "
     "project's: an update never changes it."},
    {OTA_ERR_NO_RECORD, AS_NOTHING, "otadata", "otadata holds no record of that slot.",
     "Normal for a slot that was never selected, or whose record the next update replaced."},
    {OTA_ERR_NO_CHOICE, AS_NOTHING, "otadata",
     "otadata names no slot: the factory app runs, or it was never written.",
     "Normal before the first update; there is nothing to confirm or reject."},

    /* Policy. */
    {OTA_ERR_RUNNING, AS_NOTHING, "the slot",
     "The slot is the one that runs; it must not be overwritten.",
     "Write to the slot that ota_device_next (esp_ota_get_next_update_partition) names."},
    {OTA_ERR_ONLY_SLOT, AS_NOTHING, "the partition table",
     "The table's only OTA slot is the running one (huge_app.csv and other single-slot tables): "
     "the next update partition would be the running app itself.",
     "Use a table with two OTA slots: `board_build.partitions = min_spiffs.csv` (1.875 MiB each "
     "on 4 MiB flash), flashed by cable once."},
    {OTA_ERR_BUSY, AS_NOTHING, "the slot", "Another open session owns this slot.",
     "Finish or abort the first session; let only one updater run at a time."},
    {OTA_ERR_UNCONFIRMED, AS_NOTHING, "otadata",
     "The running app is on trial: it was not confirmed since its first boot.",
     "Confirm or reject it first (ota_device_confirm, esp_ota_mark_app_valid_cancel_rollback)."},
    {OTA_ERR_NO_FALLBACK, AS_NOTHING, "the other slots", "There is nothing bootable to go back to.",
     "Keep running this app and update to a good one; going back needs a whole, permitted image "
     "in the other slot or in factory."},
    {OTA_ERR_EMPTY, AS_NOTHING, "the session", "The update was finished without a single byte.",
     "The download delivered nothing: look at the transfer (status 200? length? redirect?)."},
    {OTA_ERR_LENGTH, AS_SHORT, "the session",
     "The number of bytes differs from what was announced.",
     "The transfer was cut, or the announced size was that of another file: fetch it again."},
    {OTA_ERR_RESUME, AS_OFFSET, "the slot",
     "What lies in flash is not the beginning of a valid image, so the update cannot go on there.",
     "Start again from the first byte."},
};

const explain_words_t *explain_words(ota_status_t status)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].status == status) {
            return &words[i];
        }
    }
    for (size_t i = 0; i < explain_words_releases; i++) {
        if (explain_words_release[i].status == status) {
            return &explain_words_release[i];
        }
    }
    return NULL;
}
