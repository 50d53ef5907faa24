/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Espressif's host tools say of 2,758 images (vectors/tables-and-images/image.jsonl.gz):
 * esptool's reading of every field, segment, seal and descriptor against host/image_info, and
 * espsecure's verdict on every key tried against host/image_blocks. Deliberate differences are
 * named classes with their counts; any other difference fails the test.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/bytes.h"
#include "host/image_info.h"
#include "host/image_sign.h"
#include "ports/crypto/openssl.h"
#include "support/image_vectors.h"
#include "support/unit.h"

enum {
    SAME,
    OTHER_CHIP,   /* esptool read the image as another chip's */
    HASH_FLAG,    /* hash_appended is neither 0 nor 1 */
    ODD_LENGTH,   /* a segment's length is no multiple of 4 */
    FREQ_C6,      /* 0 means 80m and 40m there */
    NOT_UTF8,     /* descriptor text that esptool cannot decode */
    DESC_CUT,     /* descriptor in a segment shorter than it */
    TOO_MANY,     /* more than 16 segments, and cut off as well */
    CHIP_H4,      /* the tool that was recorded had other numbers for it */
    KEY_IN_BLOCK, /* espsecure does not look at the key that the block carries */
    VERSION_BYTE, /* nor at the version byte, if the key is RSA */
    TOOL_CRASH,   /* espsecure ended in an exception */
    P192,         /* a curve that nothing here checks */
    CLASSES
};

static const char *const class_names[CLASSES] = {
    [SAME] = "the same",
    [OTHER_CHIP] = "chip id that esptool takes for another chip's (it looks at the low byte)",
    [HASH_FLAG] = "hash_appended neither 0 nor 1: devices take any but 0 as 1, esptool refuses",
    [ODD_LENGTH] = "segment length no multiple of 4: esptool rounds it up, we show it as it is",
    [FREQ_C6] = "ESP32-C6 speed 0: esptool says 80m, we say 80m or 40m, as its table does",
    [NOT_UTF8] = "descriptor text that is not UTF-8: esptool ends, we show the bytes",
    [DESC_CUT] = "first DROM segment shorter than a descriptor: esptool ends, we show none",
    [TOO_MANY] = "more than 16 segments: we stop at the header, esptool where the bytes end",
    [CHIP_H4] = "ESP32-H4: memory and speeds changed between esptool v4.9.1 and ours of 2026",
    [VERSION_BYTE] = "RSA block that calls itself ECDSA: espsecure does not mind, devices do",
    [TOOL_CRASH] = "espsecure ended in an exception, the signature is good",
    [P192] = "signed with P-192, which nothing here checks",
    [KEY_IN_BLOCK] = "the key in the block is not the one that signed: espsecure does not look",
};

typedef struct {
    long records;
    long signatures;
    long count[CLASSES];
    long unexplained;
    const char *id;
    image_info_t info;
} tally_t;

static void differs(tally_t *tally, const char *what, const char *theirs, const char *ours)
{
    tally->unexplained++;
    (void)printf("%s: %s: theirs %s, ours %s\n", tally->id, what, theirs, ours);
}

static void same_number(tally_t *tally, const cJSON *object, const char *name, long long ours)
{
    long long theirs = json_number(object, name, -1);
    char a[32];
    char b[32];
    if (theirs != ours) {
        (void)snprintf(a, sizeof(a), "%lld", theirs);
        (void)snprintf(b, sizeof(b), "%lld", ours);
        differs(tally, name, a, b);
    }
}

static void same_text(tally_t *tally, const cJSON *object, const char *name, const char *ours)
{
    const char *theirs = json_text(object, name);
    theirs = theirs != NULL ? theirs : "?";
    if (strcmp(theirs, ours) != 0) {
        differs(tally, name, theirs, ours);
    }
}

/* --- esptool ------------------------------------------------------------------------------- */

static image_stop_t stop_of(const char *error)
{
    static const struct {
        const char *error;
        image_stop_t stop;
    } pairs[] = {
        {"file_empty", IMAGE_STOP_EMPTY},          {"bad_magic", IMAGE_STOP_MAGIC},
        {"header_truncated", IMAGE_STOP_HEADER},   {"segment_truncated", IMAGE_STOP_SEGMENT},
        {"checksum_missing", IMAGE_STOP_CHECKSUM}, {"too_many_segments", IMAGE_STOP_TOO_MANY},
    };
    for (size_t i = 0; error != NULL && i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (strcmp(pairs[i].error, error) == 0) {
            return pairs[i].stop;
        }
    }
    return IMAGE_STOP_NONE;
}

/* "esp32-s3" is our esp32s3. */
static bool same_chip(const cJSON *tool, const ota_chip_t *chip)
{
    const char *name = json_text(tool, "chip_arg");
    name = name != NULL ? name : json_text(tool, "auto");
    return name != NULL && chip != NULL && ota_chip_by_name(name) == chip;
}

static void compare_fields(tally_t *tally, const cJSON *tool)
{
    const image_info_t *info = &tally->info;
    const ota_image_header_t *header = &info->header;
    const cJSON *fields = cJSON_GetObjectItemCaseSensitive(tool, "fields");
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(tool, "names");
    same_number(tally, fields, "entry", header->entry);
    same_number(tally, fields, "spi_mode", header->spi_mode);
    same_number(tally, fields, "size_freq", header->spi_speed_size);
    same_number(tally, fields, "wp_pin", info->wp_pin);
    same_number(tally, fields, "clk_drv", info->drive[0] & 15);
    same_number(tally, fields, "q_drv", info->drive[0] >> 4);
    same_number(tally, fields, "chip_id", header->chip_id);
    same_number(tally, fields, "min_rev", info->min_rev_legacy);
    same_number(tally, fields, "min_rev_full", header->min_rev);
    same_number(tally, fields, "max_rev_full", header->max_rev);
    if (header->spi_mode < 4) { /* esptool has no names for the slow modes */
        same_text(tally, names, "flash_mode", image_spi_mode_name(header->spi_mode));
    }
    same_text(tally, names, "flash_size", image_flash_size_name(header->spi_speed_size));
    if (info->chip->id == 0x000D && (header->spi_speed_size & 15) == 0) {
        tally->count[FREQ_C6]++;
    } else {
        same_text(tally, names, "flash_freq",
                  image_flash_freq_name(info->chip, header->spi_speed_size));
    }
}

static void compare_segments(tally_t *tally, const cJSON *tool)
{
    const image_info_t *info = &tally->info;
    const cJSON *segments = cJSON_GetObjectItemCaseSensitive(tool, "segments");
    if ((size_t)cJSON_GetArraySize(segments) != info->segments) {
        differs(tally, "segments", "another number", "ours");
        return;
    }
    for (size_t i = 0; i < info->segments; i++) {
        const image_segment_t *ours = &info->segment[i];
        const cJSON *theirs = cJSON_GetArrayItem(segments, (int)i);
        const cJSON *memories = cJSON_GetObjectItemCaseSensitive(theirs, "mem");
        same_number(tally, theirs, "load", ours->load);
        same_number(tally, theirs, "len", ours->len);
        same_number(tally, theirs, "offs", ours->at);
        bool same = (size_t)cJSON_GetArraySize(memories) == ours->names;
        for (size_t k = 0; same && k < ours->names; k++) {
            same = strcmp(cJSON_GetStringValue(cJSON_GetArrayItem(memories, (int)k)),
                          ours->name[k]) == 0;
        }
        if (!same) {
            differs(tally, "memory names", "others", "ours");
        }
    }
}

static void compare_seals(tally_t *tally, const cJSON *tool)
{
    const image_info_t *info = &tally->info;
    const cJSON *checksum = cJSON_GetObjectItemCaseSensitive(tool, "checksum");
    const cJSON *hash = cJSON_GetObjectItemCaseSensitive(tool, "hash");
    char hex[65];
    same_number(tally, checksum, "stored", info->checksum_stored);
    same_number(tally, checksum, "calc", info->checksum);
    if (cJSON_IsNull(hash) || hash == NULL) {
        same_number(tally, tool, "no hash", info->header.hash_appended == 0 ? -1 : 0);
        return;
    }
    image_hex(info->hash, 32, hex);
    same_text(tally, hash, "calc", hex);
    image_hex(info->hash_stored, info->length - info->hash_at, hex);
    same_text(tally, hash, "stored", hex);
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(hash, "valid")) != info->hash_true) {
        differs(tally, "hash valid", "the contrary", "ours");
    }
    same_number(tally, hash, "hashed_len", info->hash_at);
}

static void compare_descriptors(tally_t *tally, const cJSON *tool)
{
    const image_info_t *info = &tally->info;
    const cJSON *app = cJSON_GetObjectItemCaseSensitive(tool, "app_desc");
    const cJSON *boot = cJSON_GetObjectItemCaseSensitive(tool, "bootloader_desc");
    char hex[65];
    if ((app != NULL) != info->has_app_desc) {
        differs(tally, "app descriptor", app != NULL ? "there" : "none",
                info->has_app_desc ? "there" : "none");
    } else if (app != NULL) {
        same_number(tally, app, "secure_version", info->app.secure_version);
        same_text(tally, app, "version", info->app.version);
        same_text(tally, app, "project_name", info->app.project);
        same_text(tally, app, "time", info->app.time);
        same_text(tally, app, "date", info->app.date);
        same_text(tally, app, "idf_ver", info->app.idf_version);
        image_hex(info->app.elf_sha256, 32, hex);
        same_text(tally, app, "app_elf_sha256", hex);
    }
    if ((boot != NULL) != info->has_bootloader_desc) {
        differs(tally, "bootloader descriptor", boot != NULL ? "there" : "none",
                info->has_bootloader_desc ? "there" : "none");
    } else if (boot != NULL) {
        same_number(tally, boot, "version", info->bootloader.version);
        same_text(tally, boot, "idf_ver", info->bootloader.idf_version);
        same_text(tally, boot, "date_time", info->bootloader.date_time);
    }
}

/* What makes the readings incomparable from the start; SAME: nothing does. */
static int early_class(tally_t *tally, const char *error)
{
    const image_info_t *info = &tally->info;
    if (error != NULL && strcmp(error, "bad_hash_appended") == 0) {
        if (info->header.hash_appended < 2) {
            differs(tally, "hash_appended", "refused", "fine");
        }
        return HASH_FLAG;
    }
    for (size_t i = 0; i < info->segments; i++) {
        if (info->segment[i].len % 4 != 0) {
            return ODD_LENGTH;
        }
    }
    image_stop_t stop = stop_of(error);
    bool cut = stop != IMAGE_STOP_NONE && stop != IMAGE_STOP_TOO_MANY;
    return info->stop == IMAGE_STOP_TOO_MANY && cut ? TOO_MANY : SAME;
}

/* The class of this record; differences are reported on the way. */
static int compare_tool(tally_t *tally, const cJSON *tool)
{
    const image_info_t *info = &tally->info;
    const char *error = json_text(tool, "error");
    image_stop_t stop = stop_of(error);
    int class = early_class(tally, error);
    if (class != SAME) {
        return class;
    }
    if (stop != info->stop) {
        differs(tally, "end of reading", error != NULL ? error : "complete",
                image_stop_text(info->stop));
    }
    if (stop != IMAGE_STOP_NONE || info->stop != IMAGE_STOP_NONE) {
        return SAME;
    }
    if (!same_chip(tool, info->chip)) {
        return OTHER_CHIP;
    }
    if (info->chip->id == 0x001C) {
        return CHIP_H4;
    }
    compare_fields(tally, tool);
    compare_segments(tally, tool);
    compare_seals(tally, tool);
    if (error != NULL) {
        return strcmp(error, "desc_truncated") == 0 ? DESC_CUT : NOT_UTF8;
    }
    compare_descriptors(tally, tool);
    return SAME;
}

/* --- espsecure ------------------------------------------------------------------------------ */

static bool verify_v1(const crypto_key_t *key, const uint8_t *bytes, size_t len)
{
    uint8_t numbers[CRYPTO_NUMBERS_MAX];
    uint8_t digest[32];
    ota_hash_t hash;
    if (len < 68 || ota_get_le32(bytes + len - 68) != 0 || crypto_key_numbers(key, numbers) != 64) {
        return false;
    }
    assert_int_equal(crypto_openssl.hash_start(NULL, &hash, OTA_HASH_SHA256), OTA_OK);
    crypto_openssl.hash_update(NULL, &hash, bytes, len - 68);
    crypto_openssl.hash_finish(NULL, &hash, digest);
    ota_signature_t signature = {.kind = OTA_SIGNATURE_ECDSA_P256,
                                 .key = numbers,
                                 .key_len = 64,
                                 .digest = digest,
                                 .digest_len = 32,
                                 .signature = bytes + len - 64,
                                 .signature_len = 64};
    return crypto_openssl.verify(NULL, &signature) == OTA_OK;
}

typedef enum { REFUSED, GOOD, GOOD_BY_ANOTHER_KEY } signed_t;

static bool known_key(const crypto_key_t *key, uint8_t digest[64])
{
    return key != NULL && image_key_trust(key, image_key_scheme(key), digest) == OTA_OK;
}

/* One block, as espsecure takes it: a well-formed one with another digest ends everything. */
static signed_t verify_block(const image_block_t *block, const uint8_t trusted[64], bool *ends)
{
    bool by_this_key = memcmp(block->key_digest, trusted, 32) == 0;
    if (block->kind <= BLOCK_MALFORMED) {
        return REFUSED;
    }
    *ends = !block->digest_true || (by_this_key && block->signature_true);
    if (*ends) {
        return block->digest_true ? GOOD : REFUSED;
    }
    return by_this_key ? REFUSED : GOOD_BY_ANOTHER_KEY;
}

/* The last 4096 bytes are the sector; it looks at three blocks for RSA, at one for ECDSA. */
static signed_t verify_v2(const crypto_key_t *key, const uint8_t *bytes, size_t len)
{
    uint8_t trusted[64];
    signed_t verdict = REFUSED;
    bool ends = false;
    if (!known_key(key, trusted) || len % 4096 != 0 || len == 0) {
        return REFUSED;
    }
    size_t blocks = crypto_key_kind(key) == OTA_SIGNATURE_RSA3072_PSS ? 3 : 1;
    for (size_t i = 0; i < blocks && !ends; i++) {
        image_block_t block;
        image_block_read(bytes, len, len - 4096, len - 4096 + i * OTA_SIGNATURE_BLOCK, &block);
        signed_t one = verify_block(&block, trusted, &ends);
        verdict = ends || one != REFUSED ? one : verdict;
    }
    return verdict;
}

static int signature_class(const char *verdict, const crypto_key_t *key, signed_t ours,
                           const uint8_t *bytes, size_t len)
{
    bool valid = strcmp(verdict, "valid") == 0;
    if (key == NULL) {
        return valid ? P192 : CLASSES;
    }
    if (strncmp(verdict, "exception_", 10) == 0 && ours == GOOD) {
        return TOOL_CRASH;
    }
    if (valid && crypto_key_kind(key) == OTA_SIGNATURE_RSA3072_PSS && bytes[len - 4096 + 1] == 3) {
        return VERSION_BYTE;
    }
    return valid && ours == GOOD_BY_ANOTHER_KEY ? KEY_IN_BLOCK : CLASSES;
}

static void compare_signature(tally_t *tally, const cJSON *entry, const uint8_t *bytes, size_t len)
{
    const char *name = json_text(entry, "key");
    const crypto_key_t *key = image_vector_key(name);
    bool theirs = strcmp(json_text(entry, "verdict"), "valid") == 0;
    signed_t ours = REFUSED;
    if (json_number(entry, "scheme", 0) == 1) {
        ours = verify_v1(key, bytes, len) ? GOOD : REFUSED;
    } else {
        ours = verify_v2(key, bytes, len);
    }
    tally->signatures++;
    if (theirs == (ours == GOOD)) {
        return;
    }
    int class = signature_class(json_text(entry, "verdict"), key, ours, bytes, len);
    if (class != CLASSES) {
        tally->count[class]++;
        return;
    }
    differs(tally, name, json_text(entry, "verdict"), ours == GOOD ? "valid" : "refused");
}

static void each(void *user, const cJSON *record)
{
    tally_t *tally = user;
    const cJSON *entry = NULL;
    size_t len = 0;
    uint8_t *bytes = image_vector_bytes(record, &len);
    tally->id = json_text(record, "id");
    tally->records++;
    image_info_read(bytes, len, &tally->info);
    tally->count[compare_tool(tally, cJSON_GetObjectItemCaseSensitive(record, "esptool"))]++;
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(record, "espsecure"))
    {
        compare_signature(tally, entry, bytes, len);
    }
    free(bytes);
}

static void esptool_and_espsecure_agree_or_a_class_says_why(void **state)
{
    (void)state;
    static tally_t tally;
    image_vectors(each, &tally);
    (void)printf("%ld images, %ld signatures\n", tally.records, tally.signatures);
    for (size_t i = 0; i < CLASSES; i++) {
        (void)printf("%5ld  %s\n", tally.count[i], class_names[i]);
    }
    assert_int_equal(tally.unexplained, 0);
}

/* The digests that Espressif's tool makes of the public keys are ours. */
static void keys_have_the_digests_that_eFuses_would_hold(void **state)
{
    (void)state;
    size_t len = 0;
    uint8_t *text = data_read(data_path("vectors/tables-and-images/keys/key_digests.json"), &len);
    cJSON *digests = cJSON_Parse((const char *)text);
    const cJSON *digest = NULL;
    int seen = 0;
    cJSON_ArrayForEach(digest, digests)
    {
        uint8_t trusted[64];
        char hex[65];
        const crypto_key_t *key = image_vector_key(digest->string);
        assert_non_null(key);
        assert_int_equal(image_key_trust(key, image_key_scheme(key), trusted), OTA_OK);
        image_hex(trusted, 32, hex);
        assert_string_equal(hex, cJSON_GetStringValue(digest));
        seen++;
    }
    assert_int_equal(seen, 5);
    cJSON_Delete(digests);
    free(text);
}

int main(void)
{
    if (data_path(IMAGE_VECTORS) == NULL) {
        return data_skip("esptool's and espsecure's verdicts on 2758 images");
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_the_digests_that_eFuses_would_hold),
        cmocka_unit_test(esptool_and_espsecure_agree_or_a_class_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
