/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents and signatures: any bytes, taken as a manifest, as a key set and as an ECDSA signature.
 *
 * What the strict reader accepts, cJSON must read too and find the same values in; every walk ends;
 * the gate answers; faults lie inside the bytes. A signature that is accepted must be the one way
 * to write its two numbers.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "ota/release.h"

static void demand(bool held)
{
    if (!held) {
        abort();
    }
}

/* --- manifests ------------------------------------------------------------------------------- */

static void same_number(const cJSON *json, const char *name, uint32_t value)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    demand(cJSON_IsNumber(item) && item->valuedouble >= value && item->valuedouble <= value);
}

static void same_text(const cJSON *json, const char *name, ota_text_t text)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
    demand(value != NULL && ota_text_is(text, value));
}

static void walk(const ota_manifest_t *manifest, const cJSON *json)
{
    ota_release_image_t image;
    ota_recall_t recall;
    ota_text_t cohort;
    uint32_t at = 0;
    int count = 0;
    const cJSON *images = cJSON_GetObjectItemCaseSensitive(json, "images");
    for (; ota_manifest_image(manifest, &at, &image); count++) {
        const cJSON *entry = cJSON_GetArrayItem(images, count);
        same_number(entry, "size", image.size);
        same_number(entry, "chip", image.chip);
        demand(image.slot_size >= image.size && image.min_rev <= image.max_rev);
    }
    demand(count > 0 && count == cJSON_GetArraySize(images));
    at = 0;
    count = 0;
    const cJSON *recalls = cJSON_GetObjectItemCaseSensitive(json, "recalls");
    for (; ota_manifest_recall(manifest, &at, &recall); count++) {
        same_number(cJSON_GetArrayItem(recalls, count), "order", recall.order);
    }
    demand(count == cJSON_GetArraySize(recalls));
    at = 0;
    while (ota_manifest_cohort(manifest, &at, &cohort)) {
        demand(cohort.len > 0 && cohort.len <= OTA_NAME_MAX);
    }
}

static void ask_gate(const ota_manifest_t *manifest)
{
    static const uint8_t id[] = "aabbccddeeff";
    ota_target_t target = {.product = "lamp",
                           .channel = "stable",
                           .chip = 9,
                           .chip_rev = 100,
                           .flash_size = 0x400000,
                           .slot_size = 0x200000,
                           .slots = 2,
                           .order = 5,
                           .keys = 9,
                           .id = id,
                           .id_len = sizeof(id)};
    ota_release_image_t image;
    ota_fault_t fault = {0};
    ota_status_t status = ota_release_gate(manifest, &target, NULL, &image, &fault);
    if (status == OTA_OK) {
        demand(image.chip == 9 && image.size <= target.slot_size && !manifest->rollout.halted);
        demand(manifest->order > 5 || ota_release_recalled(manifest, 5, NULL));
    } else {
        demand(fault.status == status);
    }
}

/* cJSON takes numbers of up to 63 characters only. */
static bool has_long_number(const uint8_t *data, size_t size)
{
    size_t run = 0;
    for (size_t i = 0; i < size && run < 60; i++) {
        bool in = data[i] != 0 && strchr("0123456789+-.eE", data[i]) != NULL;
        run = in ? run + 1 : 0;
    }
    return run >= 60;
}

static void try_manifest(const uint8_t *data, size_t size)
{
    ota_manifest_t manifest;
    ota_fault_t fault;
    ota_status_t status = ota_manifest_open(&manifest, data, size, &fault);
    if (status != OTA_OK) {
        demand(fault.status == status && fault.offset <= size);
        return;
    }
    cJSON *json = cJSON_ParseWithLength((const char *)data, size);
    if (json == NULL) {
        demand(has_long_number(data, size));
        return;
    }
    same_number(json, "serial", manifest.serial);
    same_number(json, "order", manifest.order);
    same_number(json, "issued", manifest.issued);
    same_text(json, "product", manifest.product);
    same_text(json, "channel", manifest.channel);
    same_text(json, "version", manifest.version);
    walk(&manifest, json);
    ask_gate(&manifest);
    cJSON_Delete(json);
}

static void try_keys(const uint8_t *data, size_t size)
{
    ota_keys_t keys;
    ota_fault_t fault;
    ota_status_t status = ota_keys_open(&keys, data, size, &fault);
    if (status != OTA_OK) {
        demand(fault.status == status && fault.offset <= size);
        return;
    }
    demand(keys.threshold > 0 && keys.threshold <= keys.count && keys.count <= OTA_KEYS_MAX);
    for (uint32_t i = 0; i < keys.count; i++) {
        demand(keys.key[i].number.len == (keys.key[i].exponent != 0 ? 768u : 128u));
    }
}

/* --- signatures ------------------------------------------------------------------------------ */

/* Two numbers as DER. */
static size_t encode(const uint8_t pair[64], uint8_t der[80])
{
    size_t len = 2;
    for (size_t n = 0; n < 2; n++) {
        const uint8_t *number = pair + n * 32;
        size_t skip = 0;
        while (skip < 31 && number[skip] == 0) {
            skip++;
        }
        bool pad = (number[skip] & 0x80u) != 0;
        der[len++] = 0x02;
        der[len++] = (uint8_t)(32 - skip + pad);
        if (pad) {
            der[len++] = 0;
        }
        memcpy(der + len, number + skip, 32 - skip);
        len += 32 - skip;
    }
    der[0] = 0x30;
    der[1] = (uint8_t)(len - 2);
    return len;
}

typedef struct {
    const uint8_t *der;
    size_t len;
} expected_t;

/* Stands in for a crypto port: believes every signature, after looking at its form. */
static ota_status_t believe(void *ctx, const ota_signature_t *signature)
{
    const expected_t *expected = ctx;
    uint8_t der[80];
    demand(signature->signature_len == 64 && signature->key_len == 64);
    size_t len = encode(signature->signature, der);
    demand(len == expected->len && memcmp(der, expected->der, len) == 0);
    return OTA_OK;
}

static void try_signature(const uint8_t *data, size_t size)
{
    static const char number[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
                                 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static const ota_text_t id = {"0123456789abcdef", OTA_KEY_ID_SIZE};
    ota_keys_t keys = {.threshold = 1, .count = 1};
    expected_t expected = {data, size};
    ota_crypto_t crypto = ota_crypto_builtin;
    crypto.ctx = &expected;
    crypto.verify = believe;
    keys.key[0] = (ota_key_t){id, {number, 128}, 0};
    ota_detached_t detached = {id, data, (uint32_t)size, OTA_OK};
    const ota_signed_t document = {(const uint8_t *)"", 0, &detached, 1};
    ota_status_t status = ota_keys_verify(&keys, &crypto, &document, NULL);
    demand(status == OTA_OK || detached.status == OTA_ERR_SIGNATURE_FORM);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_manifest(data, size);
    try_keys(data, size);
    try_signature(data, size);
    return 0;
}
