/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor, from files and flashes: case of docs/doctor.md -> a file made on the spot -> finding
 * that must be reported. (From logs: test_doctor.c.)
 */
#include "host/doctor.h"
#include "support/data.h"
#include "support/sample.h"
#include "support/unit.h"

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

static void print_all(void)
{
    for (size_t i = 0; i < doctor.count; i++) {
        print_error("    has %s: %s / %s\n", doctor.finding[i].entry->id, doctor.finding[i].seen,
                    doctor.finding[i].advice);
    }
}

static unsigned judge(unsigned number, const char *what, const char *id, const char *words)
{
    const doctor_finding_t *finding = found(id);
    const doctor_entry_t *entry = doctor_entry_find(id);
    bool listed = number == 0;
    for (size_t n = 0; entry != NULL && n < DOCTOR_CASES; n++) {
        listed = listed || entry->cases[n] == number;
    }
    if (finding != NULL && listed && (words == NULL || says(finding, words))) {
        return 0;
    }
    print_error("case %u, %s: wants %s (%s), listed %d\n", number, what, id,
                words != NULL ? words : "", listed);
    print_all();
    return 1;
}

static void show(const char *name, const sample_t *sample)
{
    doctor_file(&doctor, name, sample->bytes, sample->len);
}

/* --- single files ---------------------------------------------------------------------------- */

static const struct {
    unsigned number;
    sample_maker_t make;
    const char *text; /* where no maker is needed */
    const char *id;
    const char *words;
} files[] = {
    {3, sample_empty, NULL, "file-empty", NULL},
    {3, sample_blank, NULL, "file-blank", NULL},
    {3, sample_zeroes, NULL, "file-zeroes", NULL},
    {3, NULL, "<!DOCTYPE html>\n<html><head><title>Login</title></head></html>", "file-html",
     "chip id 27757"},
    {41, NULL, "<html>\r\n<head><title>404 Not Found</title></head>\r\n</html>", "file-html",
     "404 Not Found"},
    {3, NULL, "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "file-xml",
     "chip id 15726"},
    {41, NULL, "{\"message\":\"Not Found\",\"status\":\"404\"}", "file-json", "chip id 28494"},
    {41, NULL, "404: Not Found", "file-text", "404: Not Found"},
    {3, NULL, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "file-lfs",
     NULL},
    {3, NULL, ":020000040000FA\n:10000000E9060220\n", "file-hex", NULL},
    {3, NULL, "S00600004844521B\nS1130000285F245F2212226A000424290008237C2A\n", "file-hex", NULL},
    {3, sample_gzip, NULL, "file-gzip", NULL},
    {3, sample_zip, NULL, "file-archive", NULL},
    {3, sample_elf, NULL, "file-elf", NULL},
    {3, sample_uf2, NULL, "file-uf2", NULL},
    {3, sample_http, NULL, "file-http-header", "begins at byte 56"},
    {3, sample_multipart, NULL, "file-multipart", "begins at byte"},
    {3, sample_shifted, NULL, "file-shifted", "byte 467"},
    {70, sample_ciphertext, NULL, "file-random", "entropy"},
    {70, sample_encrypted_flash, NULL, "flash-encrypted", NULL},
    {70, sample_encrypted_image, NULL, "file-esp-encrypted", "as announced"},
    {71, sample_padded_encrypted_image, NULL, "file-esp-encrypted-padded", "padded"},
    {3, sample_delta, NULL, "file-delta", NULL},
    {42, sample_esp8266, NULL, "file-esp8266", "chip id 3460"},
    {3, sample_mcuboot, NULL, "file-mcuboot", NULL},
    {40, sample_littlefs, NULL, "file-filesystem", NULL},
    {41, sample_merged, NULL, "file-merged", "table at 0x8000"},
    {4, sample_app, NULL, "image-ok", "esp32"},
    {3, sample_cut_app, NULL, "image-truncated", "At least"},
    {4, sample_flipped_app, NULL, "image-broken", "OTA_ERR_IMAGE_CHECKSUM"},
    {45, sample_resized_app, NULL, "image-header-edited", "16 MiB"},
    {4, sample_rehashed_not, NULL, "image-hash", NULL},
    {20, sample_arduino_app, NULL, "app-arduino-confirms", NULL},
    {37, sample_huge_app, NULL, "app-no-two-slots", "default_8MB.csv"},
    {66, sample_two_key_app, NULL, "image-several-keys", "2 signature"},
    {69, sample_fat_bootloader, NULL, "bootloader-too-big", "28672"},
    {3, sample_bootloader, NULL, "file-bootloader", NULL},
    {33, sample_broken_table, NULL, "table-broken", "OTA_ERR_TABLE_MD5"},
    {7, NULL, sample_one_slot, "table-one-slot", "board_build.partitions = min_spiffs.csv"},
    {38, NULL, sample_safeboot, "table-safeboot", "factory"},
    {9, NULL, sample_no_otadata, "table-no-otadata", NULL},
    {0, NULL, sample_two_slots, "table-ok", "ota_1"},
    {7, NULL, "nvs,data,nvs,0x9000,0x5000\nfactory,app,factory,0x10000,0x100000\n",
     "table-no-slots", "min_spiffs.csv"},
    {39, NULL, "nvs,data,nvs,0x9000,0x5000\napp0,app,ota_0,0x11000,1M\n", "table-refused", NULL},
    {39, NULL, "nvs,data,nvs,0x9000,0x5000\nx,data,ota,0xd000,0x2000\napp0,app,ota_0,0xe000,1M\n",
     "table-refused", "0xd000"},
    {39, NULL,
     "nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\na,app,ota_0,0x10000,1M\n"
     "b,app,ota_2,0x110000,1M\n",
     "table-slot-holes", "the application 1"},
    {39, NULL,
     "nvs,data,nvs,0x9000,0x5000\notadata,data,ota,0xe000,0x2000\na,app,ota_0,0x10000,1M\n"
     "b,app,ota_1,0x110000,2M\n",
     "table-slots-differ", NULL},
    {40, sample_nvs, NULL, "file-nvs", NULL},
    {3, sample_picture, NULL, "file-media", NULL},
    {3, sample_bare_image, NULL, "file-image", "no descriptor"},
    {3, sample_odd, NULL, "file-unknown", "begins with"},
    {4, sample_app_without_hash, NULL, "image-no-hash", NULL},
    {0, sample_app_and_more, NULL, "image-trailing", "32868"},
    {39, NULL,
     "nvs,data,nvs,0x9000,0x5000\nota_1,data,ota,0xe000,0x2000\na,app,ota_0,0x10000,1M\n"
     "b,app,ota_1,0x110000,1M\n",
     "table-lint", NULL},
    {10, sample_small_otadata, NULL, "table-otadata-size", "4096"},
    {0, sample_first_record, NULL, "otadata-says", "sequence 1, VALID, names ota_0"},
    {3, NULL, "just some notes about the project", "file-text", "just some"},
};

static void every_case_that_a_file_shows_is_found(void **state)
{
    (void)state;
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        sample_t sample;
        if (files[i].make != NULL) {
            files[i].make(&sample);
        } else {
            sample_text(&sample, files[i].text);
        }
        doctor_begin(&doctor);
        show("file", &sample);
        doctor_finish(&doctor);
        failed += judge(files[i].number, files[i].text != NULL ? files[i].text : "", files[i].id,
                        files[i].words);
        sample_free(&sample);
    }
    assert_int_equal(failed, 0);
}

/* --- whole flashes -------------------------------------------------------------------------------
 */

#define NEW       OTA_STATE_NEW
#define PENDING   OTA_STATE_PENDING
#define VALID     OTA_STATE_VALID
#define INVALID   OTA_STATE_INVALID
#define ABORTED   OTA_STATE_ABORTED
#define UNDEFINED OTA_STATE_UNDEFINED

static const struct {
    unsigned number;
    sample_flash_t flash;
    const char *id;
    const char *words;
} flashes[] = {
    {0, {.good = 3, .seq = {1, 2}, .state = {VALID, VALID}}, "flash-boots", "starts ota_1"},
    {1,
     {.good = 1, .broken = 2, .seq = {1, 2}, .state = {VALID, VALID}},
     "flash-mismatch",
     "names ota_1, which does not verify; ota_0 boots"},
    {15,
     {.good = 2, .broken = 1, .seq = {1, 2}, .state = {VALID, VALID}},
     "flash-record-of-broken",
     "names ota_0"},
    {15, {.good = 1, .broken = 2}, "flash-slot-broken", "OTA_ERR_IMAGE_"},
    {10, {.good = 0, .seq = {1, 0}, .state = {VALID, 0}}, "flash-nothing-boots", NULL},
    {10,
     {.good = 3, .seq = {1, 2}, .state = {VALID, VALID}, .bad_crc = true},
     "otadata-damaged",
     "copy 1"},
    {11,
     {.csv = sample_factory_and_two,
      .good = 3 | SAMPLE_FACTORY,
      .seq = {1, 0},
      .state = {VALID, 0}},
     "flash-factory-shadowed",
     "ota_0 boots"},
    {13, {.good = 3, .seq = {1, 2}, .state = {VALID, PENDING}}, "otadata-pending", "copy 1"},
    {18,
     {.good = 3, .seq = {15, 16}, .state = {VALID, VALID}, .no_bootloader = true},
     "otadata-sequence-16",
     "16"},
    {20, {.good = 3, .seq = {1, 2}, .state = {VALID, UNDEFINED}}, "otadata-undefined", NULL},
    {21, {.good = 3, .seq = {1, 2}, .state = {VALID, NEW}}, "otadata-new", "ota_1"},
    {22, {.good = 3, .seq = {1, 2}, .state = {VALID, ABORTED}}, "otadata-aborted", "ota_1"},
    {23, {.good = 3, .seq = {3, 2}, .state = {ABORTED, VALID}}, "otadata-aborted", "ota_0"},
    {24, {.good = 3, .seq = {1, 2}, .state = {VALID, INVALID}}, "otadata-invalid", "ota_1"},
    {29, {.good = 3, .no_bootloader = true}, "flash-no-bootloader", NULL},
    {31, {.good = 1, .app_size = 0x3F000}, "slot-nearly-full", "98 %"},
    {31, {.flash = 0x200000, .good = 1}, "table-unused", "1 MiB of 2 MiB"},
    {31, {.flash = 0x200000, .good = 1}, "flash-size-unused", "1 MiB of 2 MiB"},
    {42, {.good = 3, .other_chip = "esp32s3"}, "flash-other-chip", "esp32s3"},
    {43, {.good = 3, .header_flash = 4}, "flash-header-size", "ota_0"},
    {9, {.csv = sample_no_otadata, .good = 3}, "table-no-otadata", NULL},
};

static void every_case_that_a_flash_shows_is_found(void **state)
{
    (void)state;
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof(flashes) / sizeof(flashes[0]); i++) {
        sample_flash_t what = flashes[i].flash;
        sample_t sample;
        what.csv = what.csv != NULL ? what.csv : sample_two_slots;
        what.flash = what.flash != 0 ? what.flash : 0x100000;
        sample_flash(&sample, &what);
        doctor_begin(&doctor);
        show("flash.bin", &sample);
        doctor_finish(&doctor);
        failed += judge(flashes[i].number, "flash", flashes[i].id, flashes[i].words);
        sample_free(&sample);
    }
    assert_int_equal(failed, 0);
}

static void a_healthy_flash_gives_notes_only(void **state)
{
    (void)state;
    const sample_flash_t what = {.csv = sample_two_slots,
                                 .flash = 0x100000,
                                 .good = 3,
                                 .seq = {1, 2},
                                 .state = {VALID, VALID}};
    sample_t sample;
    sample_flash(&sample, &what);
    doctor_begin(&doctor);
    show("flash.bin", &sample);
    doctor_finish(&doctor);
    if (doctor_worst(&doctor) != DOCTOR_NOTE) {
        print_all();
        fail();
    }
    sample_free(&sample);
}

/* --- several things together
 * ------------------------------------------------------------------------ */

static void show_text(const char *name, const char *text)
{
    sample_t sample;
    sample_text(&sample, text);
    show(name, &sample);
    sample_free(&sample);
}

static void conflict_and_table(const char *csv)
{
    static const char line[] = "esp_ota_begin failed (ESP_ERR_OTA_PARTITION_CONFLICT)";
    doctor_begin(&doctor);
    doctor_log(&doctor, "", line, sizeof(line) - 1);
    show_text("partitions.csv", csv);
    doctor_finish(&doctor);
}

static void a_conflict_with_a_single_slot_table_is_proven(void **state)
{
    (void)state;
    conflict_and_table(sample_one_slot);
    assert_int_equal(judge(1, "conflict", "ota-partition-conflict", "proven: partitions.csv"), 0);
    assert_int_equal(judge(1, "conflict", "ota-partition-conflict", "ota_0 (3 MiB at 0x10000)"), 0);
    assert_int_equal(
        judge(1, "conflict", "ota-partition-conflict", "`board_build.partitions = min_spiffs.csv`"),
        0);
    assert_int_equal(judge(7, "table", "table-one-slot", "ota_0 3 MiB"), 0);
}

static void a_conflict_with_two_slots_points_at_otadata(void **state)
{
    (void)state;
    conflict_and_table(sample_two_slots);
    assert_int_equal(judge(1, "conflict", "ota-partition-conflict", "has 2 slots"), 0);
    assert_null(strstr(found("ota-partition-conflict")->advice, "min_spiffs"));
}

static void an_app_and_its_table_are_compared(void **state)
{
    (void)state;
    sample_t app;
    sample_app_for(&app, "esp32", 0x48000);
    doctor_begin(&doctor);
    show("firmware.bin", &app);
    show_text("partitions.csv", sample_two_slots);
    doctor_finish(&doctor);
    assert_int_equal(judge(30, "app", "app-too-big-for-slot", "32768 bytes too many"), 0);
    sample_free(&app);
}

/* The share of a slot that is not there was once divided by its size. */
static void an_app_and_a_table_without_apps_do_not_divide_by_zero(void **state)
{
    (void)state;
    sample_t app;
    sample_app(&app);
    doctor_begin(&doctor);
    show("firmware.bin", &app);
    show_text("partitions.csv", "nvs,data,nvs,0x9000,0x5000\n");
    doctor_finish(&doctor);
    assert_int_equal(judge(7, "table", "table-no-slots", "no app partition"), 0);
    assert_null(found("slot-nearly-full"));
    assert_null(found("app-too-big-for-slot"));
    sample_free(&app);
}

static void a_log_of_another_table_than_the_projects_is_noticed(void **state)
{
    (void)state;
    static const char line[] = "E esp_image: Image length 330224 doesn't fit in partition length "
                               "65536";
    doctor_begin(&doctor);
    doctor_log(&doctor, "", line, sizeof(line) - 1);
    show_text("partitions.csv", sample_two_slots);
    doctor_finish(&doctor);
    assert_int_equal(judge(32, "log", "table-not-on-device", "65536"), 0);
}

static void an_app_and_a_bootloader_of_different_chips_are_noticed(void **state)
{
    (void)state;
    sample_t app;
    sample_t boot;
    sample_app_for(&app, "esp32c3", 0);
    sample_bootloader(&boot);
    doctor_begin(&doctor);
    show("app.bin", &app);
    show("bootloader.bin", &boot);
    doctor_finish(&doctor);
    assert_int_equal(judge(41, "chips", "flash-other-chip", "esp32c3"), 0);
    sample_free(&boot);
    sample_free(&app);
}

/* The advice names real tables: their slots are those of the CSV files. */
static void the_tables_that_are_recommended_are_the_real_ones(void **state)
{
    (void)state;
    static const char *const names[] = {"default",     "min_spiffs",   "no_fs",
                                        "default_8MB", "default_16MB", "default_32MB"};
    static const uint32_t slots[] = {0x140000, 0x1E0000, 0x1F0000, 0x330000, 0x640000, 0xC80000};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char name[64] = "tables/arduino-";
        strcat(name, names[i]); /* NOLINT: our own short names */
        strcat(name, ".csv");   /* NOLINT */
        const char *path = data_path(name);
        if (path == NULL) {
            (void)data_skip("the slots of the 6 tables that the doctor recommends");
            skip();
        }
        size_t len = 0;
        uint8_t *bytes = data_read(path, &len);
        doctor_begin(&doctor);
        doctor_file(&doctor, name, bytes, len);
        assert_int_equal(doctor.facts.layout.slot[0].size, slots[i]);
        assert_int_equal(doctor.facts.layout.slot[1].size, slots[i]);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_that_a_file_shows_is_found),
        cmocka_unit_test(every_case_that_a_flash_shows_is_found),
        cmocka_unit_test(a_healthy_flash_gives_notes_only),
        cmocka_unit_test(a_conflict_with_a_single_slot_table_is_proven),
        cmocka_unit_test(a_conflict_with_two_slots_points_at_otadata),
        cmocka_unit_test(an_app_and_its_table_are_compared),
        cmocka_unit_test(an_app_and_a_table_without_apps_do_not_divide_by_zero),
        cmocka_unit_test(a_log_of_another_table_than_the_projects_is_noticed),
        cmocka_unit_test(an_app_and_a_bootloader_of_different_chips_are_noticed),
        cmocka_unit_test(the_tables_that_are_recommended_are_the_real_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
