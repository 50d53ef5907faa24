/* SPDX-License-Identifier: Apache-2.0 */
/*
 * About 4,800 verdicts of a model of the bootloader's documented rules (the `derived` member of
 * vectors/tables-and-images): many chips, partitions, revisions, signed builds. The model is no
 * oracle; where ours differs, a named class says why, and anything else fails the test.
 */
#include <stdio.h>
#include <stdlib.h>

#include "host/image_sign.h"
#include "ports/crypto/openssl.h"
#include "support/image_vectors.h"
#include "support/unit.h"

typedef struct {
    const char *reason; /* the model's; "accept" */
    uint32_t length;
    const cJSON *config;
} model_t;

typedef struct {
    ota_status_t status;
    ota_fault_t fault;
    uint32_t length;
} ours_t;

/* --- running ours --------------------------------------------------------------------------- */

typedef struct {
    const uint8_t *bytes;
    size_t len;
    uint32_t at;
} shelf_t;

/* The image at its partition's address, the rest of the flash blank. */
static ota_status_t shelf_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const shelf_t *shelf = ctx;
    size_t from = addr - shelf->at;
    size_t there = from < shelf->len ? shelf->len - from : 0;
    if (there > len) {
        there = len;
    }
    memset(dst, 0xFF, len);
    memcpy(dst, shelf->bytes + (there > 0 ? from : 0), there);
    return OTA_OK;
}

static uint8_t trusted[3][64];

static void take_trust(const cJSON *sig, ota_trust_t *trust)
{
    const char *scheme = json_text(sig, "scheme");
    const cJSON *keys = cJSON_GetObjectItemCaseSensitive(sig, "trusted");
    const cJSON *key = NULL;
    *trust = (ota_trust_t){.blocks = (uint8_t)json_number(sig, "blocks", 1),
                           .keys = (const uint8_t(*)[64])trusted};
    memset(trusted, 0, sizeof(trusted));
    if (strcmp(scheme, "v1_ecdsa_p256") == 0) {
        const char *name = cJSON_IsArray(keys) ? cJSON_GetStringValue(cJSON_GetArrayItem(keys, 0))
                                               : cJSON_GetStringValue(keys);
        trust->scheme = OTA_SCHEME_V1_P256;
        trust->key_count = 1;
        assert_int_equal(image_key_trust(image_vector_key(name), trust->scheme, trusted[0]),
                         OTA_OK);
        return;
    }
    trust->scheme = strcmp(scheme, "v2_rsa3072") == 0 ? OTA_SCHEME_V2_RSA3072 : OTA_SCHEME_V2_P256;
    cJSON_ArrayForEach(key, keys)
    {
        assert_int_equal(hex_decode(cJSON_GetStringValue(key), trusted[trust->key_count++], 32),
                         32);
    }
}

static ours_t judge(const cJSON *config, const uint8_t *bytes, size_t len)
{
    static uint8_t buffer[65536];
    static uint8_t workspace[OTA_SIGNATURE_BLOCK];
    const cJSON *sig = cJSON_GetObjectItemCaseSensitive(config, "sig");
    ota_trust_t trust;
    shelf_t shelf = {bytes, len, (uint32_t)json_number(config, "part_offset", 0)};
    ota_flash_t flash = {
        .size = (uint32_t)json_number(config, "flash_size", 0), .ctx = &shelf, .read = shelf_read};
    ota_image_rules_t rules = {
        .kind =
            strcmp(json_text(config, "role"), "app") == 0 ? OTA_IMAGE_APP : OTA_IMAGE_BOOTLOADER,
        .chip = ota_chip_by_name(json_text(config, "chip")),
        .chip_rev = (uint16_t)json_number(config, "chip_rev", 0),
        .block_rev = (uint16_t)json_number(config, "efuse_blk_rev", 0),
        .address = shelf.at,
        .limit = (uint32_t)json_number(config, "part_size", 0),
        .workspace = workspace,
        .crypto = &crypto_openssl,
    };
    if (sig != NULL) {
        take_trust(sig, &trust);
        rules.trust = &trust;
    }
    ours_t ours = {.status = OTA_OK};
    ours.status =
        ota_image_check_flash(&flash, &rules, buffer, sizeof(buffer), &ours.length, &ours.fault);
    return ours;
}

/* --- comparing ------------------------------------------------------------------------------ */

static bool same_reason(const char *reason, ota_status_t status)
{
    static const struct {
        const char *reason;
        ota_status_t status;
    } pairs[] = {
        {"accept", OTA_OK},
        {"no_valid_block", OTA_ERR_SIGNATURE_MISSING},
        {"sig_version", OTA_ERR_SIGNATURE_MISSING},
        {"key_not_trusted", OTA_ERR_SIGNATURE_KEY},
        {"signature", OTA_ERR_SIGNATURE},
        {"checksum", OTA_ERR_IMAGE_CHECKSUM},
        {"hash", OTA_ERR_IMAGE_HASH},
        {"mapping", OTA_ERR_IMAGE_MAPPING},
        {"segment_length", OTA_ERR_IMAGE_SEGMENT_LENGTH},
        {"segment0_short", OTA_ERR_IMAGE_SEGMENT0_SHORT},
        {"chip_id", OTA_ERR_IMAGE_CHIP},
        {"min_chip_rev", OTA_ERR_IMAGE_CHIP_REV_MIN},
        {"max_chip_rev", OTA_ERR_IMAGE_CHIP_REV_MAX},
        {"partition_too_small", OTA_ERR_IMAGE_TOO_BIG},
        {"read_beyond_flash", OTA_ERR_IMAGE_TRUNCATED},
        {"app_desc_magic", OTA_ERR_IMAGE_DESCRIPTOR},
        {"efuse_blk_rev", OTA_ERR_IMAGE_BLOCK_REV},
        {"magic", OTA_ERR_IMAGE_MAGIC},
        {"segment_count", OTA_ERR_IMAGE_SEGMENT_COUNT},
        {"partition_too_large", OTA_ERR_IMAGE_PARTITION},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (strcmp(pairs[i].reason, reason) == 0) {
            return pairs[i].status == status;
        }
    }
    return false;
}

static bool fits_first(const model_t *model, const ours_t *ours)
{
    return strcmp(model->reason, "accept") != 0 && ours->status == OTA_ERR_IMAGE_TOO_BIG;
}

static bool no_limit(const model_t *model, const ours_t *ours)
{
    return strcmp(model->reason, "partition_too_large") == 0 && ours->status == OTA_OK &&
           json_number(model->config, "part_size", 0) == 0xFFFFFFFF;
}

static const struct {
    const char *why;
    bool (*explains)(const model_t *model, const ours_t *ours);
} classes[] = {
    {"both refuse; ours already at the segment header that shows it does not fit", fits_first},
    {"a partition of FFFFFFFF bytes: to ours that limit means none at all", no_limit},
};

#define CLASSES (sizeof(classes) / sizeof(classes[0]))

typedef struct {
    long verdicts;
    long same;
    long classed[CLASSES];
    long unexplained;
} tally_t;

static void compare(tally_t *tally, const cJSON *record, const model_t *model, const ours_t *ours)
{
    tally->verdicts++;
    if (same_reason(model->reason, ours->status) && model->length == ours->length) {
        tally->same++;
        return;
    }
    for (size_t i = 0; i < CLASSES; i++) {
        if (classes[i].explains(model, ours)) {
            tally->classed[i]++;
            return;
        }
    }
    tally->unexplained++;
    char *config = cJSON_PrintUnformatted(model->config);
    (void)printf("%s %s: model %s length %u, ours %s at 0x%x length %u; %s\n",
                 json_text(record, "id"), json_text(record, "aim"), model->reason, model->length,
                 ota_status_name(ours->status), ours->fault.offset, ours->length, config);
    cJSON_free(config);
}

static void each(void *user, const cJSON *record)
{
    const cJSON *entry = NULL;
    size_t len = 0;
    uint8_t *bytes = image_vector_bytes(record, &len);
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(record, "derived"))
    {
        model_t model = {.config = cJSON_GetObjectItemCaseSensitive(entry, "config"),
                         .length = (uint32_t)json_number(entry, "image_len", 0),
                         .reason = json_text(entry, "reason")};
        if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(entry, "accept"))) {
            model.reason = "accept";
        } else {
            model.length = 0;
        }
        ours_t ours = judge(model.config, bytes, len);
        compare(user, record, &model, &ours);
    }
    free(bytes);
}

static void every_derived_verdict_is_ours_or_a_named_class(void **state)
{
    (void)state;
    tally_t tally = {0};
    image_vectors(each, &tally);
    (void)printf("%ld verdicts: %ld the same\n", tally.verdicts, tally.same);
    for (size_t i = 0; i < CLASSES; i++) {
        (void)printf("%5ld  %s\n", tally.classed[i], classes[i].why);
    }
    assert_int_equal(tally.unexplained, 0);
}

int main(void)
{
    if (data_path(IMAGE_VECTORS) == NULL) {
        return data_skip("the bootloader model's verdicts on 2758 images");
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_derived_verdict_is_ours_or_a_named_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
