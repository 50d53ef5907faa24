/* SPDX-License-Identifier: Apache-2.0 */
/* Every application and bootloader of the firmware collection: verified by the device's code in
 * pieces of several sizes, and read as facts that must be those of MANIFEST.tsv. */
#include <stdio.h>
#include <stdlib.h>

#include "host/image_info.h"
#include "host/image_verify.h"
#include "ports/crypto/openssl.h"
#include "support/data.h"
#include "support/image.h"
#include "support/unit.h"

enum {
    PATH,
    BYTES = 2,
    CHIP,
    KIND = 13,
    PROJECT,
    VERSION,
    IDF,
    BUILD_TIME,
    NSEG,
    CHECKSUM_OK,
    SHA256_OK,
    TRAILING,
    COLUMNS = 23
};

#define IMAGES 36 /* rows of kind app or bootloader */

typedef struct {
    long images;
    long apps;
    const char *column[COLUMNS];
} collection_t;

static void check_verdict(const collection_t *row, const uint8_t *bytes, size_t len)
{
    static const size_t pieces[] = {31, 1460, 4096, 65536, 16u << 20};
    ota_image_rules_t rules = {
        .kind = strcmp(row->column[KIND], "app") == 0 ? OTA_IMAGE_APP : OTA_IMAGE_BOOTLOADER,
        .chip = ota_chip_by_name(row->column[CHIP]),
        .any_rev = true,
        .limit = NO_LIMIT,
        .bootloader_hash = true,
        .crypto = &crypto_openssl,
    };
    assert_non_null(rules.chip);
    rules.address = rules.kind == OTA_IMAGE_APP ? 0x10000 : rules.chip->bootloader_offset;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        verdict_t verdict = verify_pieces(&rules, bytes, len, pieces[i], pieces[i]);
        if (verdict.status != OTA_OK) {
            fail_msg("%s: %s at 0x%x", row->column[PATH], ota_status_name(verdict.status),
                     verdict.fault.offset);
        }
        assert_int_equal(verdict.length, len - strtoul(row->column[TRAILING], NULL, 10));
    }
    assert_int_equal(image_guess_kind(bytes, len), rules.kind);
}

static void check_facts(const collection_t *row, const uint8_t *bytes, size_t len)
{
    static image_info_t info;
    char built[64];
    image_info_read(bytes, len, &info);
    assert_int_equal(info.stop, IMAGE_STOP_NONE);
    assert_int_equal(info.segments, strtoul(row->column[NSEG], NULL, 10));
    assert_string_equal(info.chip->name, row->column[CHIP]);
    assert_int_equal(info.checksum == info.checksum_stored,
                     strcmp(row->column[CHECKSUM_OK], "True") == 0);
    if (strcmp(row->column[SHA256_OK], "None") == 0) {
        assert_int_equal(info.header.hash_appended, 0);
    } else {
        assert_int_equal(info.hash_true, strcmp(row->column[SHA256_OK], "True") == 0);
    }
    assert_int_equal(info.trailing, strtoul(row->column[TRAILING], NULL, 10));
    assert_int_equal(info.kind == OTA_IMAGE_APP, strcmp(row->column[KIND], "app") == 0);
    assert_int_equal(info.has_app_desc, info.kind == OTA_IMAGE_APP);
    if (info.has_app_desc) {
        assert_string_equal(info.app.project, row->column[PROJECT]);
        assert_string_equal(info.app.version, row->column[VERSION]);
        assert_string_equal(info.app.idf_version, row->column[IDF]);
        (void)snprintf(built, sizeof(built), "%s%s%s", info.app.date,
                       info.app.date[0] != '\0' ? " " : "", info.app.time);
        assert_string_equal(built, row->column[BUILD_TIME]);
    }
    cJSON *json = image_info_json(&info);
    assert_non_null(json);
    cJSON_Delete(json);
}

static bool each(void *user, long number, char *line)
{
    collection_t *all = user;
    char *rest = line;
    for (size_t i = 0; i < COLUMNS; i++) {
        all->column[i] = rest;
        char *tab = strchr(rest, '\t');
        if (tab != NULL) {
            *tab = '\0';
            rest = tab + 1;
        } else {
            rest += strlen(rest);
        }
    }
    bool app = strcmp(all->column[KIND], "app") == 0;
    if (number == 1 || (!app && strcmp(all->column[KIND], "bootloader") != 0)) {
        return true;
    }
    char path[512];
    size_t len = 0;
    (void)snprintf(path, sizeof(path), "firmware/%s", all->column[PATH]);
    const char *full = data_path(path);
    assert_non_null(full);
    uint8_t *bytes = data_read(full, &len);
    assert_non_null(bytes);
    assert_int_equal(len, strtoul(all->column[BYTES], NULL, 10));
    check_verdict(all, bytes, len);
    check_facts(all, bytes, len);
    free(bytes);
    all->images++;
    all->apps += app ? 1 : 0;
    return true;
}

static void every_real_image_verifies_and_reads_as_its_manifest_says(void **state)
{
    (void)state;
    collection_t all = {0};
    assert_true(data_lines(data_path("firmware/MANIFEST.tsv"), each, &all) > 0);
    (void)printf("%ld images: %ld applications, %ld bootloaders\n", all.images, all.apps,
                 all.images - all.apps);
    assert_int_equal(all.images, IMAGES);
}

int main(void)
{
    if (data_path("firmware/MANIFEST.tsv") == NULL) {
        return data_skip("36 real applications and bootloaders");
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_real_image_verifies_and_reads_as_its_manifest_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
