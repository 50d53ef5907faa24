/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/keys.h"

#include "core/bytes.h"
#include "core/fields.h"

#define P256_DIGITS 128u
#define RSA_DIGITS  768u
#define EXPONENT    65537u

typedef struct {
    ota_text_t product;
    uint32_t version;
    uint32_t threshold;
    uint32_t keys_at;
} set_t;

typedef struct {
    ota_text_t id;
    ota_text_t kind;
    ota_text_t number;
    uint32_t exponent;
} entry_t;

static const field_t set_fields[] = {
    {"product", FIELD_NAME, true, offsetof(set_t, product), 0, OTA_NAME_MAX},
    {"version", FIELD_NUMBER, true, offsetof(set_t, version), 1, 0xFFFFFFFFu},
    {"threshold", FIELD_NUMBER, true, offsetof(set_t, threshold), 1, OTA_KEYS_MAX},
    {"keys", FIELD_ARRAY, true, offsetof(set_t, keys_at), 0, 0},
};

static const field_t entry_fields[] = {
    {"id", FIELD_HEX, true, offsetof(entry_t, id), OTA_KEY_ID_SIZE, OTA_KEY_ID_SIZE},
    {"kind", FIELD_NAME, true, offsetof(entry_t, kind), 0, OTA_NAME_MAX},
    {"public", FIELD_HEX, true, offsetof(entry_t, number), P256_DIGITS, RSA_DIGITS},
    {"exponent", FIELD_NUMBER, false, offsetof(entry_t, exponent), 3, 0xFFFFFFFFu},
};

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof((table)[0])))

static bool same(ota_text_t a, ota_text_t b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* One key under two names would count twice. */
static bool is_double(const ota_keys_t *keys, const ota_key_t *key)
{
    for (uint32_t i = 0; i < keys->count; i++) {
        if (same(keys->key[i].id, key->id) || same(keys->key[i].number, key->number)) {
            return true;
        }
    }
    return false;
}

static ota_status_t read_key(json_t *json, ota_keys_t *keys)
{
    entry_t entry = {.exponent = EXPONENT};
    uint32_t at = json->at;
    ota_status_t status = ota_fields_read(json, entry_fields, COUNT(entry_fields), &entry);
    if (status != OTA_OK) {
        return status;
    }
    bool rsa = ota_text_is(entry.kind, "rsa-3072");
    bool known = rsa || ota_text_is(entry.kind, "ecdsa-p256");
    if (!known || entry.number.len != (rsa ? RSA_DIGITS : P256_DIGITS)) {
        return ota_json_fail(json, OTA_ERR_FIELD_VALUE, at, entry.number.len, RSA_DIGITS);
    }
    ota_key_t key = {entry.id, entry.number, rsa ? entry.exponent : 0};
    if (keys->count == OTA_KEYS_MAX || is_double(keys, &key)) {
        return ota_json_fail(json, OTA_ERR_KEYS_SET, at, keys->count + 1, OTA_KEYS_MAX);
    }
    keys->key[keys->count++] = key;
    return OTA_OK;
}

ota_status_t ota_keys_open(ota_keys_t *keys, const uint8_t *bytes, size_t len, ota_fault_t *fault)
{
    json_t json;
    json_list_t list;
    ota_fault_t spare;
    set_t set;
    bool more = true;
    ota_status_t status = ota_document_open(&json, bytes, len, "keys", fault, &spare);
    if (status == OTA_OK) {
        status = ota_fields_read(&json, set_fields, COUNT(set_fields), &set);
    }
    if (status != OTA_OK) {
        return status;
    }
    *keys = (ota_keys_t){set.product, set.version, set.threshold, 0, {{{0}, {0}, 0}}};
    json.at = set.keys_at;
    status = ota_json_begin(&json, &list, '[');
    while (status == OTA_OK) {
        status = ota_json_next(&json, &list, &more);
        if (status != OTA_OK || !more) {
            break;
        }
        status = read_key(&json, keys);
    }
    if (status == OTA_OK && keys->count < keys->threshold) {
        return ota_json_fail(&json, OTA_ERR_KEYS_SET, set.keys_at, keys->count, keys->threshold);
    }
    return status;
}
