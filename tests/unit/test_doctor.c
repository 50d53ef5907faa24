/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor, from logs: case of docs/doctor.md -> what is pasted -> finding that must be reported.
 * (From files: test_doctor_files.c.)
 */
#include "host/doctor.h"
#include "host/explain.h"
#include "support/sample.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

static doctor_t doctor;

static const doctor_finding_t *found(const char *id)
{
    for (size_t i = 0; i < doctor.count; i++) {
        if (strcmp(doctor.finding[i].entry->id, id) == 0) {
            return &doctor.finding[i];
        }
    }
    return NULL;
}

static bool says(const doctor_finding_t *finding, const char *words)
{
    return strstr(finding->seen, words) != NULL || strstr(finding->advice, words) != NULL;
}

static const struct {
    unsigned number; /* of the case; 0: seen on real bootloaders or elsewhere */
    const char *log;
    const char *id;
    const char *words; /* of `seen` or `advice` */
} cases[] = {
    {1, "E (5124) app: esp_ota_begin failed (ESP_ERR_OTA_PARTITION_CONFLICT)",
     "ota-partition-conflict", "board_build.partitions = min_spiffs.csv"},
    {1, "esp_ota_begin failed, err=0x1501", "ota-partition-conflict", "huge_app.csv"},
    {1, "0x1501", "ota-partition-conflict", "huge_app.csv"},
    {1, "Update failed: error 5377", "ota-partition-conflict", "Give doctor the partition table"},
    {2, "E ota: esp_ota_begin: ESP_ERR_OTA_ALREADY_IN_PROGRESS", "ota-already-in-progress",
     "two updaters"},
    {3, "E (1234) esp_image: invalid segment length 0xffffffff", "boot-segment-length", "erased"},
    {3, "E (9) esp_image: invalid segment length 0x0a0d3032", "boot-segment-length", "\"20..\""},
    {3, "E (9) esp_image: invalid segment length 0x9c1f3b07", "boot-segment-length", "ciphertext"},
    {3, "esp_ota_end failed (ESP_ERR_OTA_VALIDATE_FAILED)!", "ota-validate-failed", "web page"},
    {4, "E (88) esp_image: Image hash failed - image is corrupt", "boot-hash", NULL},
    {5,
     "[ 67607][E][HTTPUpdate.cpp:442] runUpdate(): Update.end failed! (Could Not Activate The "
     "Firmware)",
     "arduino-activate", NULL},
    {6, "Update error: Flash Read Failed", "arduino-read", NULL},
    {8, "abort() was called at PC 0x400d1234 in is_safe_write_address", "ota-write-running", NULL},
    {9, "E (3421) esp_ota_ops: not found otadata", "ota-no-otadata", NULL},
    {10, "E (117) boot: ota data partition invalid and no factory, can't boot",
     "boot-otadata-invalid", NULL},
    {12, "esp_ota_get_state_partition failed: ESP_ERR_NOT_FOUND", "ota-no-record", NULL},
    {13, "esp_ota_begin: ESP_ERR_OTA_ROLLBACK_INVALID_STATE (0x1506)", "ota-unconfirmed", NULL},
    {14, "E (77) app: rollback: 0x1505 failed? err 0x1505", "ota-no-fallback", "bars"},
    {16, "assert failed: esp_ota_write_with_offset (must erase the partition before writing to it)",
     "ota-write-unerased", NULL},
    {19, "assert failed: esp_ota_get_running_partition esp_ota_ops.c:575 (it != NULL)",
     "ota-running-unknown", NULL},
    {24,
     "I boot: Loaded app from partition at offset 0x20000\n"
     "I boot: Loaded app from partition at offset 0x200000\n"
     "I boot: Loaded app from partition at offset 0x20000\n"
     "I boot: Loaded app from partition at offset 0x200000\n",
     "boot-alternates", "3 times"},
    {25, "I (29) boot: ESP-IDF v5.1.2 2nd stage bootloader\nI (300) cpu_start: ESP-IDF: v4.4.7\n",
     "app-older-than-bootloader", "bootloader v5.1, app v4.4"},
    {26, "Chip ID mismatch: header 0 vs model 1", "chip-id-is-model", "expected 1"},
    {27, "E (1) boot_comm: Image requires efuse blk rev >= v251.85, but chip is v1.3",
     "efuse-block-rev-absurd", "v251.85"},
    {27, "E (1) boot_comm: Image requires efuse blk rev >= v1.4, but chip is v1.3",
     "efuse-block-rev", "v1.4"},
    {28,
     "I boot: Loaded app from partition at offset 0x10000\nGuru Meditation Error: Core 0\n"
     "I boot: Loaded app from partition at offset 0x10000\nrst:0x7 (TG0WDT_SYS_RESET)\n"
     "I boot: Loaded app from partition at offset 0x10000\nGuru Meditation Error: Core 0\n",
     "boot-crash-loop", "3 crashes"},
    {29, "ets Jun  8 2016 00:22:57\nuser code done", "boot-rom-stops", NULL},
    {30, "Error: The program size (1479570 bytes) is greater than maximum allowed (1310720 bytes)",
     "app-too-big-for-slot", "`board_build.partitions = min_spiffs.csv`"},
    {30, "The program size (1479570 bytes) is greater than maximum allowed (1310720 bytes)",
     "app-too-big-for-slot", "168850 bytes too many"},
    {30, "Sketch uses 1479570 bytes (112%) of program storage space. Maximum is 1310720 bytes.",
     "app-too-big-for-slot", "the slot of default.csv"},
    {30, "Sketch too big; see https://example.org/ for tips on reducing it.",
     "app-too-big-for-slot", NULL},
    {30, "E (52) esp_image: Image length 1723008 doesn't fit in partition length 1310720",
     "image-exceeds-partition", "board_build.partitions = min_spiffs.csv"},
    {30, "default.csv cannot be flashed", "default-csv", "board_build.partitions = min_spiffs.csv"},
    {30, "board_build.partitions = default_ota.csv", "table-name-unknown", NULL},
    {30, "The program size (3000000 bytes) is greater than maximum allowed (1310720 bytes)",
     "app-too-big-for-slot", "default_8MB.csv"},
    {33, "E (66) boot: load partition table error!", "boot-table-refused", NULL},
    {36, "ERROR[10]: Not Enough Space", "update-no-space", NULL},
    {36, "Upload buffer miscompare", "update-miscompare", NULL},
    {41, "E (67786) boot_comm: mismatch chip ID, expected 2, found 3460", "chip-id-unknown",
     "ESP8266"},
    {41, "E esp_https_ota: Mismatch chip id, expected 0, found 18242", "chip-id-is-text", "\"BG\""},
    {41, "esp_https_ota: Mismatch chip id, expected 9, found 4", "chip-id-beta", "before v4.4"},
    {41, "E (42256) esp_https_ota: Mismatch chip id, expected 9, found 27757", "chip-id-is-html",
     "<!DOCTYPE html"},
    {41, "Mismatch chip id, expected 0, found 28494", "chip-id-is-text", "GitHub"},
    {41, "Mismatch chip id, expected 0, found 15726", "chip-id-is-text", "XML"},
    {41, "Mismatch chip id, expected 0, found 65535", "chip-id-blank", NULL},
    {42, "mismatch chip ID, expected 0, found 5", "chip-id-other-chip", "Take the file for esp32."},
    {41, "boot_comm: image has invalid chip ID, expected at least 0, found 35478",
     "chip-id-unknown", "35478"},
    {43,
     "E (330) spi_flash: Detected size(8192k) smaller than the size in the binary image "
     "header(16384k). Probe failed.",
     "flash-size-header", "8 MiB"},
    {44, "ERROR[8]: Flash config wrong real: 1048576 IDE: 4194304", "esp8266-flash-config", NULL},
    {65, "E (300) secure_boot_v2: Secure Boot V2 verification failed.", "signature-failed", NULL},
    {67, "E (1) secure_boot: No signatures were found for the running app", "running-app-unsigned",
     NULL},
    {68, "E (755) esp_image: Secure boot signature verification failed", "signature-failed", NULL},
    {69, "Bootloader binary size 0x7340 bytes is too large for partition table offset 0x8000.",
     "bootloader-too-big", "0x7340"},
    {70, "[E] Wrong Magic Byte", "arduino-magic", NULL},
    {71, "E esp_encrypted_img: esp_encrypted_img_decrypt_end: Invalid operation",
     "encrypted-image-length", NULL},
    {72, "W ota: Downgrade or same version not allowed", "downgrade-refused", NULL},
    {72, "esp_ota_set_boot_partition failed: ESP_ERR_OTA_SMALL_SEC_VER", "ota-secure-version",
     NULL},

    /* What real bootloaders print. */
    {0, "\x1b[0;32mI (1087) boot: No factory image, trying OTA 0\x1b[0m", "boot-first-slot", NULL},
    {0, "E (95) esp_image: image at 0x1f0000 has invalid magic byte (nothing flashed here?)",
     "boot-nothing-flashed", "0x1f0000"},
    {0, "E (9) boot: No bootable app partitions in the partition table", "boot-nothing-boots",
     NULL},
    {0, "I (1656) boot: Set actual ota_seq=1 in otadata[0]", "boot-set-sequence", NULL},
    {0, "E (7) esp_image: Checksum failed. Calculated 0x34 read 0xcb", "boot-checksum", "0xcb"},
    {0, "E (102) boot: OTA app partition slot 1 is not bootable", "boot-slot-refused", NULL},
    {0, "E boot: ota data partition invalid and no factory, will try all partitions",
     "boot-otadata-invalid", NULL},
    {0, "E boot: ota data partition invalid, falling back to factory", "boot-otadata-factory",
     NULL},
    {0, "I boot: Defaulting to factory image", "boot-factory", NULL},
    {0, "E boot: Factory app partition is not bootable", "boot-factory-refused", NULL},
    {0, "E esp_image: Image length 330224 doesn't fit in partition length 65536",
     "image-exceeds-partition", "264688 bytes too many"},
    {0, "E flash_parts: Incorrect MD5 checksum", "boot-table-md5", NULL},
    {0, "E boot: Failed to verify partition table", "boot-table-refused", NULL},
    {39,
     "18:04:22.123 > \x1b[0;31mE (51) flash_parts: partition 3 invalid - offset 0x150000 size "
     "0x640000 exceeds flash chip size 0x400000\x1b[0m\r\n",
     "boot-table-too-long",
     "takes 6.25 MiB from 0x150000 and ends at 0x790000; the flash has 4 MiB"},
    {0, "E (93) boot_comm: mismatch chip revision, expected 3, found 0", "chip-revision", NULL},
    {0, "E flash_parts: partition 0 invalid magic number 0xffff", "boot-table-absent", "erased"},
    {0, "E boot: ota_info partition size 4096 is too small (minimum 8192 bytes)",
     "boot-otadata-small", NULL},
    {0, "E boot_comm: chip revision check failed. Required >= v3.99, found v3.0.", "chip-revision",
     "v3.99, the chip is v3.0"},
    {0, "csum err:0xe6!=0x19", "boot-rom-checksum", NULL},
    {0, "Checksum failure. Calculated 0x2f stored 0xd0", "boot-rom-checksum", NULL},
    {0, "invalid header: 0xffffffff", "boot-rom-empty", NULL},
    {0, "E (8) esp_image: bootloader_mmap(0x1f0020, 0x4e69c) failed", "boot-mmap", NULL},
    {0, "esp_ota_begin failed (ESP_ERR_INVALID_ARG)", "esp-error", "update partition is NULL"},
    {0, "esp_https_ota failed: ESP_ERR_OTA_SPI_MODE_MISMATCH", "ota-spi-mode", NULL},
    {0, "ESP_FAIL", "esp-error", "Read the error line"},
};

static void every_case_that_a_log_shows_is_found(void **state)
{
    (void)state;
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        doctor_begin(&doctor);
        doctor_log(&doctor, "", cases[i].log, strlen(cases[i].log));
        doctor_finish(&doctor);
        const doctor_finding_t *finding = found(cases[i].id);
        if (finding == NULL || (cases[i].words != NULL && !says(finding, cases[i].words))) {
            print_error("case %u: %s\n  wants %s (%s), has %s: %s / %s\n", cases[i].number,
                        cases[i].log, cases[i].id, cases[i].words != NULL ? cases[i].words : "",
                        doctor.count > 0 ? doctor.finding[0].entry->id : "nothing",
                        doctor.count > 0 ? doctor.finding[0].seen : "",
                        doctor.count > 0 ? doctor.finding[0].advice : "");
            failed++;
        }
    }
    assert_int_equal(failed, 0);
}

static void every_case_names_its_finding_in_the_entry(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const doctor_entry_t *entry = doctor_entry_find(cases[i].id);
        assert_non_null(entry);
        bool listed = cases[i].number == 0;
        for (size_t n = 0; n < DOCTOR_CASES; n++) {
            listed = listed || entry->cases[n] == cases[i].number;
        }
        if (!listed) {
            fail_msg("%s does not list case %u", entry->id, cases[i].number);
        }
    }
}

/* Lines of healthy devices, and of things that only look alike. */
static void healthy_logs_are_left_alone(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "I (1187) esp_image: segment 0: paddr=00020020 vaddr=3f400020 size=04f68h ( 20328) map",
        "I (858) boot: ESP-IDF v5.5.1 2nd stage bootloader",
        "rst:0x1 (POWERON_RESET),boot:0x12 (SPI_FAST_FLASH_BOOT)",
        "I (9) wifi: size=0x105, heap 0x1501",
        "ESP_OK",
        "Sketch uses 900000 bytes (68%) of program storage space. Maximum is 1310720 bytes.",
        "mode:DIO, clock div:2",
        "",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        doctor_begin(&doctor);
        doctor_log(&doctor, "", lines[i], strlen(lines[i]));
        doctor_finish(&doctor);
        if (doctor.count != 0) {
            fail_msg("\"%s\" gave %s", lines[i], doctor.finding[0].entry->id);
        }
    }
}

static void the_same_line_is_counted_not_repeated(void **state)
{
    (void)state;
    static const char log[] = "E boot: No bootable app partitions in the partition table\n"
                              "rst:0x3 (SW_RESET)\n"
                              "E boot: No bootable app partitions in the partition table\n";
    doctor_begin(&doctor);
    doctor_log(&doctor, "serial.log", log, sizeof(log) - 1);
    doctor_finish(&doctor);
    assert_int_equal(doctor.count, 1);
    assert_int_equal(doctor.finding[0].times, 2);
    assert_string_equal(doctor.finding[0].where, "serial.log, line 1");
}

static void the_worst_finding_comes_first(void **state)
{
    (void)state;
    static const char log[] = "I boot: Defaulting to factory image\n"
                              "W ota: Downgrade or same version not allowed\n"
                              "E boot: load partition table error!\n";
    doctor_begin(&doctor);
    doctor_log(&doctor, "", log, sizeof(log) - 1);
    doctor_finish(&doctor);
    assert_int_equal(doctor.count, 3);
    assert_int_equal(doctor.finding[0].entry->level, DOCTOR_ERROR);
    assert_int_equal(doctor.finding[2].entry->level, DOCTOR_NOTE);
    assert_int_equal(doctor_worst(&doctor), DOCTOR_ERROR);
}

static void more_findings_than_there_is_room_for_are_said_to_be_more(void **state)
{
    (void)state;
    doctor_begin(&doctor);
    for (unsigned i = 0; i < 2 * DOCTOR_FINDINGS; i++) {
        char line[96];
        int n = snprintf(line, sizeof(line), "mismatch chip id, expected 0, found %u", 40000 + i);
        doctor_log(&doctor, "", line, (size_t)n);
    }
    doctor_finish(&doctor);
    assert_int_equal(doctor.count, DOCTOR_FINDINGS);
    assert_true(doctor.more);
}

static void entries_are_complete_and_their_ids_unique(void **state)
{
    (void)state;
    const doctor_entry_t *entry = NULL;
    for (size_t i = 0; (entry = doctor_entry_at(i)) != NULL; i++) {
        assert_ptr_equal(doctor_entry_find(entry->id), entry);
        assert_true(strlen(entry->what) > 15);
        assert_true(entry->level == DOCTOR_NOTE || strlen(entry->todo) > 10);
    }
}

/* Cases 1..45 and 65..73 are the field's; docs/doctor.md says why these cannot be seen. */
static void every_case_of_the_field_is_answered_or_known_to_be_out_of_sight(void **state)
{
    (void)state;
    static const unsigned char unseen[] = {17, 34, 73};
    bool answered[128] = {false};
    const doctor_entry_t *entry = NULL;
    for (size_t i = 0; (entry = doctor_entry_at(i)) != NULL; i++) {
        for (size_t n = 0; n < DOCTOR_CASES && entry->cases[n] != 0; n++) {
            assert_true(entry->cases[n] < sizeof(answered));
            answered[entry->cases[n]] = true;
        }
    }
    for (unsigned number = 1; number <= 73; number++) {
        bool known = memchr(unseen, (int)number, sizeof(unseen)) != NULL;
        if ((number <= 45 || number >= 65) && answered[number] == known) {
            fail_msg("case %u: answered %d, said to be unseen %d", number, answered[number], known);
        }
    }
}

static void json_carries_every_finding(void **state)
{
    (void)state;
    static const char line[] = "Mismatch chip id, expected 9, found 27757";
    doctor_begin(&doctor);
    doctor_log(&doctor, "", line, sizeof(line) - 1);
    doctor_finish(&doctor);
    cJSON *json = doctor_json(&doctor);
    assert_int_equal(cJSON_GetArraySize(json), 1);
    const cJSON *first = cJSON_GetArrayItem(json, 0);
    assert_string_equal(cJSON_GetObjectItem(first, "id")->valuestring, "chip-id-is-html");
    assert_string_equal(cJSON_GetObjectItem(first, "level")->valuestring, "error");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(first, "cases")), 2);
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_that_a_log_shows_is_found),
        cmocka_unit_test(every_case_names_its_finding_in_the_entry),
        cmocka_unit_test(healthy_logs_are_left_alone),
        cmocka_unit_test(the_same_line_is_counted_not_repeated),
        cmocka_unit_test(the_worst_finding_comes_first),
        cmocka_unit_test(more_findings_than_there_is_room_for_are_said_to_be_more),
        cmocka_unit_test(entries_are_complete_and_their_ids_unique),
        cmocka_unit_test(every_case_of_the_field_is_answered_or_known_to_be_out_of_sight),
        cmocka_unit_test(json_carries_every_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
