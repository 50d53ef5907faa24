/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines as ESP-IDF's bootloader and libraries, the ROM, Arduino's Update, the build tools and
 * esptool print them. Formats are facts of those programs; numbers are captured (doctor_match.h).
 */
#include "host/doctor_patterns.h"

#include <stddef.h>

const doctor_pattern_t doctor_patterns[] = {
    /* --- chip, revision, flash size ------------------------------------------------------- */
    {"mismatch chip id%*expected %d%*found %d", NULL, say_chip},
    {"invalid chip id%*expected %*%d%*found %d", NULL, say_chip},
    {"invalid chip id%*expected %d read %d", NULL, say_chip},
    {"chip%*mismatch%*header %d%*model %d", NULL, say_chip_model},
    {"chip mismatch%*expected %d%*%d", NULL, say_chip},
    {"chip revision check failed%*required %*%v%*found %v", "chip-revision", say_revision},
    {"mismatch chip revision", "chip-revision", NULL},
    {"can't run on lower chip revision", "chip-revision", NULL},
    {"invalid chip revision", "chip-revision", NULL},
    {"requires chip rev%*%v%*chip is %v", "chip-revision", say_revision},
    {"efuse blk rev%*%v%*chip is %v", NULL, say_block_rev},
    {"efuse block revision%*required %*%v%*found %v", NULL, say_block_rev},
    {"detected size(%dk) smaller than the size in the binary image header(%dk)",
     "flash-size-header", say_probe},
    {"flash config wrong real: %d ide: %d", "esp8266-flash-config", NULL},
    {"error[8]", "esp8266-flash-config", NULL},

    /* --- the image in flash ----------------------------------------------------------------- */
    {"has invalid magic byte", "boot-nothing-flashed", NULL},
    {"checksum failed. calculated %x read %x", "boot-checksum", say_checksum},
    {"image hash failed", "boot-hash", NULL},
    {"invalid segment length %x", "boot-segment-length", say_segment},
    {"image length %d doesn't fit in partition length %d", "image-exceeds-partition",
     say_image_length},
    {"bootloader_mmap(%*failed", "boot-mmap", NULL},
    {"esp_image: %*mmap%*failed", "boot-mmap", NULL},

    /* --- the bootloader's choice ------------------------------------------------------------- */
    {"no bootable app partitions in the partition table", "boot-nothing-boots", NULL},
    {"ota app partition slot %d is not bootable", "boot-slot-refused", NULL},
    {"factory app partition is not bootable", "boot-factory-refused", NULL},
    {"ota data partition invalid and no factory", "boot-otadata-invalid", NULL},
    {"ota data partition invalid, falling back to factory", "boot-otadata-factory", NULL},
    {"defaulting to factory image", "boot-factory", NULL},
    {"no factory image, trying ota 0", "boot-first-slot", NULL},
    {"set actual ota_seq=%d in otadata[%d]", "boot-set-sequence", NULL},
    {"ota_info partition size %d is too small", "boot-otadata-small", NULL},
    {"partition %d invalid - offset %x size %x exceeds flash chip size %x", "boot-table-too-long",
     say_table_end},
    {"incorrect md5 checksum", "boot-table-md5", NULL},
    {"partition %d invalid magic number %x", "boot-table-absent", say_table_magic},
    {"failed to verify partition table", "boot-table-refused", NULL},
    {"load partition table error", "boot-table-refused", NULL},
    {"loaded app from partition at offset %x", NULL, say_loaded},
    {"esp-idf %v%*2nd stage bootloader", NULL, say_bootloader_version},
    {"esp-idf: %v", NULL, say_app_version},
    {"idf version: %v", NULL, say_app_version},

    /* --- the ROM and crashes ------------------------------------------------------------------ */
    {"csum err:%x!=%x", "boot-rom-checksum", NULL},
    {"checksum failure. calculated %x stored %x", "boot-rom-checksum", NULL},
    {"falling back to built-in command interpreter", "boot-rom-checksum", NULL},
    {"ets_main.c %d", "boot-rom-empty", NULL},
    {"invalid header: 0xffffffff", "boot-rom-empty", NULL},
    {"flash read err, %d", "boot-rom-empty", NULL},
    {"user code done", "boot-rom-stops", NULL},
    {"guru meditation error", NULL, say_crash},
    {"rst:%x (%w", NULL, say_crash},

    /* --- build tools
       ------------------------------------------------------------------------------ */
    {"the program size (%d bytes) is greater than maximum allowed (%d bytes)",
     "app-too-big-for-slot", say_program_size},
    {"sketch uses %d bytes%*maximum is %d bytes", "app-too-big-for-slot", say_sketch_uses},
    {"sketch too big", "app-too-big-for-slot", NULL},
    {"text section exceeds available space", "app-too-big-for-slot", NULL},
    {"app partition is too small for binary%*size %x", "app-too-big-for-slot", say_idf_part},
    {"app partitions are too small for binary%*size %x", "app-too-big-for-slot", say_idf_part},
    {"bootloader binary size %x bytes is too large for partition table offset %x",
     "bootloader-too-big", say_bootloader_size},
    {"bootloader binary size%*too large", "bootloader-too-big", NULL},
    {"default_ota.csv", "table-name-unknown", NULL},
    {"default.csv%*can%*not be flashed", "default-csv", say_default_csv},
    {"default.csv%*can't be flashed", "default-csv", say_default_csv},
    {"default.csv%*too big", "default-csv", say_default_csv},
    {"default.csv%*too small", "default-csv", say_default_csv},

    /* --- update calls
       ------------------------------------------------------------------------------ */
    {"not found otadata", "ota-no-otadata", NULL},
    {"otadata partition not found", "ota-no-otadata", NULL},
    {"esp_ota_get_state_partition%*not_found", "ota-no-record", NULL},
    {"esp_ota_get_state_partition%*0x105", "ota-no-record", NULL},
    {"esp_ota_get_running_partition%*it != null", "ota-running-unknown", NULL},
    {"it != null%*esp_ota_get_running_partition", "ota-running-unknown", NULL},
    {"is_safe_write_address", "ota-write-running", NULL},
    {"must erase the partition before writing", "ota-write-unerased", NULL},
    {"could not activate the firmware", "arduino-activate", NULL},
    {"update_error_activate", "arduino-activate", NULL},
    {"flash read failed", "arduino-read", NULL},
    {"update_error_read", "arduino-read", NULL},
    {"wrong magic byte", "arduino-magic", NULL},
    {"update_error_magic_byte", "arduino-magic", NULL},
    {"not enough space", "update-no-space", NULL},
    {"bad size given", "update-no-space", NULL},
    {"update_error_space", "update-no-space", NULL},
    {"upload buffer miscompare", "update-miscompare", NULL},
    {"file magic header does not start with 0xe9", "arduino-magic", NULL},

    /* --- signatures, encryption, versions
       ------------------------------------------------------------ */
    {"signature verification failed", "signature-failed", NULL},
    {"secure boot%*verification failed", "signature-failed", NULL},
    {"signed with untrusted key", "signature-failed", NULL},
    {"no signature block", "signature-failed", NULL},
    {"no signatures were found for the running app", "running-app-unsigned", NULL},
    {"no signatures found for running app", "running-app-unsigned", NULL},
    {"esp_encrypted_img%*invalid operation", "encrypted-image-length", NULL},
    {"esp_encrypted_img_decrypt_end%*fail", "encrypted-image-length", NULL},
    {"downgrade or same version not allowed", "downgrade-refused", NULL},
    {"secure version%*lower than", "ota-secure-version", NULL},
    {NULL, NULL, NULL},
};
