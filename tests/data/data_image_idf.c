/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 2,131 images as ESP-IDF's own verifier judged them (vectors/idf-behaviour/image.jsonl.gz):
 * result code and length, ours against the recorded one. Where ours differs on purpose, the
 * record falls into a named class; a difference that no class explains fails the test.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ota/image.h"
#include "ports/crypto/openssl.h"
#include "support/data.h"
#include "support/unit.h"

#define VECTORS    "vectors/idf-behaviour/image.jsonl.gz"
#define RECORDS    2131
#define FLASH_SIZE 0x400000u

#define IDF_OK            0
#define IDF_FAIL          (-1)
#define IDF_INVALID_ARG   258
#define IDF_IMAGE_INVALID 8194
#define IDF_ASSERT        1 /* "assert" in the record */

/* An image at an address of an otherwise blank flash. */
typedef struct {
    uint8_t *bytes;
    uint32_t len;
    uint32_t at;
} shelf_t;

static ota_status_t shelf_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const shelf_t *shelf = ctx;
    memset(dst, 0xFF, len);
    for (size_t i = 0; i < len; i++) {
        if (addr + i >= shelf->at && addr + i - shelf->at < shelf->len) {
            ((uint8_t *)dst)[i] = shelf->bytes[addr + i - shelf->at];
        }
    }
    return OTA_OK;
}

static ota_status_t no_write(void *ctx, uint32_t addr, const void *src, size_t len)
{
    (void)ctx;
    (void)addr;
    (void)src;
    (void)len;
    return OTA_ERR_FLASH_PROGRAM;
}

static ota_status_t no_erase(void *ctx, uint32_t addr, size_t len)
{
    (void)ctx;
    (void)addr;
    (void)len;
    return OTA_ERR_FLASH_ERASE;
}

static int idf_code(ota_status_t status)
{
    switch ((int)status) {
    case OTA_OK:
        return IDF_OK;
    case OTA_ERR_IMAGE_PARTITION:
        return IDF_INVALID_ARG;
    case OTA_ERR_IMAGE_CHIP:
    case OTA_ERR_IMAGE_CHIP_REV_MIN:
    case OTA_ERR_IMAGE_CHIP_REV_MAX:
    case OTA_ERR_IMAGE_BLOCK_REV:
        return IDF_FAIL;
    default:
        return IDF_IMAGE_INVALID;
    }
}

typedef struct {
    int rc;
    uint32_t len;
    /* ours only */
    ota_status_t status;
    ota_fault_t fault;
    uint32_t limit;
} verdict_t;

static bool no_assert(const verdict_t *idf, const verdict_t *ours)
{
    return idf->rc == IDF_ASSERT && ours->status == OTA_ERR_IMAGE_DESCRIPTOR;
}

static bool fits_first(const verdict_t *idf, const verdict_t *ours)
{
    return idf->rc == IDF_FAIL && ours->status == OTA_ERR_IMAGE_TOO_BIG;
}

static bool large_partition(const verdict_t *idf, const verdict_t *ours)
{
    return idf->rc == IDF_INVALID_ARG && ours->rc == IDF_OK && ours->limit > 0x1000000u;
}

static const struct {
    const char *why;
    bool (*explains)(const verdict_t *idf, const verdict_t *ours);
} classes[] = {
    {"anti-rollback without app descriptor: stock asserts, ours says OTA_ERR_IMAGE_DESCRIPTOR",
     no_assert},
    {"too big for its partition is said at the segment header, before the block revision is read",
     fits_first},
    {"partition above 16 MiB: the recorded build had no 32-bit flash mapping, the chip has",
     large_partition},
};

#define CLASSES (sizeof(classes) / sizeof(classes[0]))

typedef struct {
    long records;
    long same;
    long classed[CLASSES];
    long unexplained;
} tally_t;

static verdict_t judge(const cJSON *record)
{
    const char *hex = json_text(record, "hex");
    shelf_t shelf = {.at = (uint32_t)strtoul(json_text(record, "at"), NULL, 16)};
    shelf.bytes = malloc(strlen(hex) / 2 + 1);
    assert_non_null(shelf.bytes);
    long len = hex_decode(hex, shelf.bytes, strlen(hex) / 2);
    assert_true(len >= 0);
    shelf.len = (uint32_t)len;
    ota_flash_t flash = {.version = OTA_FLASH_VERSION,
                         .size = FLASH_SIZE,
                         .program_unit = 1,
                         .erase_units = OTA_ERASE_4K,
                         .ctx = &shelf,
                         .read = shelf_read,
                         .program = no_write,
                         .erase = no_erase};
    ota_image_rules_t rules = {
        .kind = shelf.at == 0 ? OTA_IMAGE_BOOTLOADER : OTA_IMAGE_APP,
        .chip = ota_chip_by_name("esp32s3"),
        .chip_rev = (uint16_t)json_number(record, "chip_rev", 0),
        .block_rev = (uint16_t)json_number(record, "blk_rev", 0),
        .address = shelf.at,
        .limit = (uint32_t)strtoul(json_text(record, "size"), NULL, 16),
        .anti_rollback = json_number(record, "ar", 0) != 0,
        .crypto = &crypto_openssl,
    };
    uint8_t buffer[4096];
    verdict_t ours = {.limit = rules.limit};
    ours.status =
        ota_image_check_flash(&flash, &rules, buffer, sizeof(buffer), &ours.len, &ours.fault);
    ours.rc = idf_code(ours.status);
    free(shelf.bytes);
    return ours;
}

static bool each(void *user, long number, char *line)
{
    tally_t *tally = user;
    cJSON *record = cJSON_Parse(line);
    assert_non_null(record);
    verdict_t ours = judge(record);
    verdict_t idf = {.rc = (int)json_number(record, "rc", IDF_ASSERT),
                     .len = (uint32_t)json_number(record, "len", 0)};
    tally->records++;
    size_t class = CLASSES;
    if (idf.rc == ours.rc && idf.len == ours.len) {
        tally->same++;
    } else {
        for (class = 0; class < CLASSES && !classes[class].explains(&idf, &ours); class ++) {
        }
        if (class < CLASSES) {
            tally->classed[class]++;
        } else {
            tally->unexplained++;
            (void)printf("line %ld id %lld %s: recorded %d length %u, ours %s at 0x%x length %u\n",
                         number, json_number(record, "id", -1), json_text(record, "kind"), idf.rc,
                         idf.len, ota_status_name(ours.status), ours.fault.offset, ours.len);
        }
    }
    cJSON_Delete(record);
    return true;
}

static void every_recorded_verdict_is_ours_or_a_named_class(void **state)
{
    const char *path = *state;
    tally_t tally = {0};
    assert_true(data_lines(path, each, &tally) >= 0);
    (void)printf("%ld records: %ld the same\n", tally.records, tally.same);
    for (size_t i = 0; i < CLASSES; i++) {
        (void)printf("%5ld  %s\n", tally.classed[i], classes[i].why);
    }
    assert_int_equal(tally.unexplained, 0);
    assert_int_equal(tally.records, RECORDS);
}

int main(void)
{
    char path[4096];
    const char *found = data_path(VECTORS);
    if (found == NULL) {
        return data_skip("2131 recorded image verdicts");
    }
    (void)snprintf(path, sizeof(path), "%s", found);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(every_recorded_verdict_is_ours_or_a_named_class, path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
