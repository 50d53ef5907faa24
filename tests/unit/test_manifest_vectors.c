/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/manifest: what the specification demands of any implementation, of ours. */
#include "host/file.h"
#include "host/release.h"
#include "ota/release.h"
#include "ports/crypto/openssl.h"
#include "support/document.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

static const char *path_of(const char *name)
{
    static char path[4096];
    (void)snprintf(path, sizeof(path), "%s/tests/vectors/manifest/%s", vectors_root(), name);
    return path;
}

static cJSON *cases;

static int read_cases(void **state)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    (void)state;
    if (file_read(path_of("cases.json"), 1u << 20, &bytes, &len) != FILE_OK) {
        return -1;
    }
    cases = cJSON_ParseWithLength((const char *)bytes, len);
    free(bytes);
    return cases != NULL ? 0 : -1;
}

static int drop_cases(void **state)
{
    (void)state;
    cJSON_Delete(cases);
    return 0;
}

static const char *text_of(const cJSON *item, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, name));
}

static uint32_t number_of(const cJSON *item, const char *name, uint32_t otherwise)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(item, name);
    return cJSON_IsNumber(number) ? (uint32_t)number->valuedouble : otherwise;
}

static void read_document(const cJSON *item, const char *name, release_document_t *document)
{
    char folder[4096];
    release_trouble_t trouble;
    const char *file = text_of(item, name);
    assert_non_null(file);
    (void)snprintf(folder, sizeof(folder), "%s", path_of(file));
    char *slash = strrchr(folder, '/');
    assert_non_null(slash);
    *slash = '\0';
    assert_true(release_document_read(document, folder, slash + 1, NULL, &trouble));
}

static void judge(const cJSON *item, ota_status_t status)
{
    if (strcmp(text_of(item, "status"), ota_status_name(status)) != 0) {
        char *text = cJSON_PrintUnformatted(item);
        fail_msg("%s: %s", text, ota_status_name(status));
    }
}

/* Bytes that end where AddressSanitizer looks. */
static document_t exact(const release_document_t *document)
{
    return cut((const char *)document->bytes, document->len);
}

static const cJSON *list(const char *name, int least)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(cases, name);
    assert_true(cJSON_GetArraySize(array) >= least);
    return array;
}

static void readers_answer_as_specified(void **state)
{
    (void)state;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list("read", 20))
    {
        release_document_t file;
        ota_manifest_t manifest;
        read_document(item, "document", &file);
        document_t document = exact(&file);
        judge(item, ota_manifest_open(&manifest, document.bytes, document.len, NULL));
        release_document_free(&file);
    }
}

/* As a device does: signature files by the names of the keys it knows. */
static void accept(const cJSON *item, bool is_keys)
{
    release_document_t file;
    release_document_t keys_file;
    release_signatures_t of_held;
    release_signatures_t of_next = {.count = 0};
    ota_detached_t all[2 * OTA_KEYS_MAX];
    uint32_t count = 0;
    ota_keys_t keys;
    ota_keys_t next;
    read_document(item, "document", &file);
    read_document(item, "keys", &keys_file);
    assert_int_equal(ota_keys_open(&keys, keys_file.bytes, keys_file.len, NULL), OTA_OK);
    release_signatures_read(&file, &keys, &of_held);
    if (is_keys) {
        assert_int_equal(ota_keys_open(&next, file.bytes, file.len, NULL), OTA_OK);
        release_signatures_read(&file, &next, &of_next);
    }
    for (uint32_t i = 0; i < of_held.count; i++) {
        all[count++] = of_held.list[i];
    }
    for (uint32_t i = 0; i < of_next.count; i++) {
        all[count++] = of_next.list[i];
    }
    const ota_signed_t whole = {file.bytes, (uint32_t)file.len, all, count};
    ota_manifest_t manifest;
    judge(item, is_keys ? ota_keys_replace(&keys, &next, &crypto_openssl, &whole, NULL)
                        : ota_manifest_accept(&manifest, &keys, &crypto_openssl, &whole, NULL));
    release_document_free(&keys_file);
    release_document_free(&file);
}

static void verifiers_answer_as_specified(void **state)
{
    (void)state;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list("accept", 6))
    {
        accept(item, false);
    }
    cJSON_ArrayForEach(item, list("replace", 3))
    {
        accept(item, true);
    }
}

/* A device with room for everything, that has nothing yet; `facts` change it. */
static void gate(const cJSON *item)
{
    static const char *cohorts[1];
    const cJSON *facts = cJSON_GetObjectItemCaseSensitive(item, "device");
    const char *product = text_of(facts, "product");
    const char *channel = text_of(facts, "channel");
    const char *id = text_of(facts, "id");
    const ota_failure_t failure = {number_of(facts, "failed", 0), number_of(facts, "attempts", 0)};
    cohorts[0] = text_of(facts, "cohort");
    id = id != NULL ? id : "device-1";
    const ota_target_t target = {
        .product = product != NULL ? product : "lamp",
        .channel = channel != NULL ? channel : "stable",
        .variant = text_of(facts, "variant"),
        .chip = (uint16_t)number_of(facts, "chip", 9),
        .chip_rev = (uint16_t)number_of(facts, "chip_rev", 1),
        .secure_version = number_of(facts, "secure_version", 0),
        .flash_size = number_of(facts, "flash_size", 4194304),
        .slot_size = number_of(facts, "slot_size", 1048576),
        .slots = number_of(facts, "slots", 2),
        .bootloader = number_of(facts, "bootloader", 1),
        .rollback = !cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(facts, "rollback")),
        .version = text_of(facts, "version"),
        .order = number_of(facts, "order", 0),
        .failures = &failure,
        .failure_count = failure.order != 0,
        .serial = number_of(facts, "serial", 0),
        .keys = number_of(facts, "keys", 1),
        .now = number_of(facts, "now", 1790000001),
        .id = (const uint8_t *)id,
        .id_len = (uint32_t)strlen(id),
        .cohorts = cohorts,
        .cohort_count = cohorts[0] != NULL,
    };
    release_document_t file;
    ota_manifest_t manifest;
    ota_release_image_t image;
    read_document(item, "document", &file);
    assert_int_equal(ota_manifest_open(&manifest, file.bytes, file.len, NULL), OTA_OK);
    judge(item, ota_release_gate(&manifest, &target, NULL, &image, NULL));
    release_document_free(&file);
}

static void gates_answer_as_specified(void **state)
{
    (void)state;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list("gate", 26))
    {
        gate(item);
    }
}

static void buckets_are_as_specified(void **state)
{
    (void)state;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list("bucket", 4))
    {
        const char *salt = text_of(item, "salt");
        const char *id = text_of(item, "id");
        uint32_t bucket = 0;
        assert_int_equal(ota_release_bucket(NULL, (ota_text_t){salt, (uint32_t)strlen(salt)},
                                            (const uint8_t *)id, strlen(id), &bucket),
                         OTA_OK);
        assert_int_equal(bucket, number_of(item, "bucket", OTA_SHARE_ALL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_answer_as_specified),
        cmocka_unit_test(verifiers_answer_as_specified),
        cmocka_unit_test(gates_answer_as_specified),
        cmocka_unit_test(buckets_are_as_specified),
    };
    return cmocka_run_group_tests(tests, read_cases, drop_cases);
}
