/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/manifest.h"

#include "core/bytes.h"
#include "core/fields.h"

#define ANY 0xFFFFFFFFu

typedef struct {
    ota_text_t sha256;
    ota_release_image_t image;
} entry_t;

/* Places in ota_manifest_t. */
#define AT(member) offsetof(ota_manifest_t, member)
static const field_t manifest_fields[] = {
    {"product", FIELD_NAME, true, AT(product), 0, OTA_NAME_MAX},
    {"channel", FIELD_NAME, true, AT(channel), 0, OTA_NAME_MAX},
    {"version", FIELD_LINE, true, AT(version), 0, OTA_NAME_MAX},
    {"notes", FIELD_PROSE, false, AT(notes), 0, OTA_MANIFEST_NOTES},
    {"serial", FIELD_NUMBER, true, AT(serial), 1, ANY},
    {"order", FIELD_NUMBER, true, AT(order), 1, ANY},
    {"issued", FIELD_NUMBER, true, AT(issued), 1, ANY},
    {"expires", FIELD_NUMBER, false, AT(expires), 1, ANY},
    {"keys", FIELD_NUMBER, true, AT(keys), 1, ANY},
    {"attempts", FIELD_NUMBER, false, AT(attempts), 1, 255},
    {"rollout", FIELD_OBJECT, false, AT(rollout.cohorts_at), 0, 0}, /* until it is read itself */
    {"images", FIELD_ARRAY, true, AT(images_at), 0, 0},
    {"recalls", FIELD_ARRAY, false, AT(recalls_at), 0, 0},
};
#undef AT

#define AT(member) offsetof(ota_rollout_t, member)
static const field_t rollout_fields[] = {
    {"share", FIELD_NUMBER, true, AT(share), 0, OTA_SHARE_ALL},
    {"salt", FIELD_NAME, true, AT(salt), 0, OTA_NAME_MAX},
    {"halted", FIELD_BOOL, false, AT(halted), 0, 0},
    {"cohorts", FIELD_ARRAY, false, AT(cohorts_at), 0, 0},
};
#undef AT

#define AT(member) offsetof(entry_t, image.member)
static const field_t image_fields[] = {
    {"sha256", FIELD_HEX, true, offsetof(entry_t, sha256), 64, 64},
    {"size", FIELD_NUMBER, true, AT(size), 1, ANY},
    {"chip", FIELD_NUMBER, true, AT(chip), 0, 0xFFFE},
    {"variant", FIELD_NAME, false, AT(variant), 0, OTA_NAME_MAX},
    {"min_rev", FIELD_NUMBER, false, AT(min_rev), 0, 0xFFFF},
    {"max_rev", FIELD_NUMBER, false, AT(max_rev), 0, 0xFFFF},
    {"secure_version", FIELD_NUMBER, false, AT(secure_version), 0, ANY},
    {"flash_size", FIELD_NUMBER, false, AT(flash_size), 0, ANY},
    {"slot_size", FIELD_NUMBER, false, AT(slot_size), 1, ANY},
    {"slots", FIELD_NUMBER, false, AT(slots), 1, 16},
    {"bootloader", FIELD_NUMBER, false, AT(bootloader), 0, ANY},
    {"rollback", FIELD_BOOL, false, AT(rollback), 0, 0},
};
#undef AT

#define AT(member) offsetof(ota_recall_t, member)
static const field_t recall_fields[] = {
    {"order", FIELD_NUMBER, true, AT(order), 1, ANY},
    {"to", FIELD_NUMBER, false, AT(to), 1, ANY},
    {"version", FIELD_LINE, false, AT(version), 0, OTA_NAME_MAX},
};
#undef AT

#define READ(json, fields, out)                                                                    \
    ota_fields_read(json, fields, (uint32_t)(sizeof(fields) / sizeof((fields)[0])), out)

/* --- one element ---------------------------------------------------------------------------- */

static ota_status_t read_image(json_t *json, ota_release_image_t *image)
{
    entry_t entry = {.image = {.max_rev = 0xFFFF, .slots = 2}};
    uint32_t start = json->at;
    ota_status_t status = READ(json, image_fields, &entry);
    if (status != OTA_OK) {
        return status;
    }
    *image = entry.image;
    ota_hex_bytes(entry.sha256.at, image->sha256, sizeof(image->sha256));
    if (image->slot_size == 0) {
        image->slot_size = image->size;
    }
    if (image->slot_size < image->size) {
        return ota_json_fail(json, OTA_ERR_FIELD_VALUE, start, image->slot_size, image->size);
    }
    if (image->max_rev < image->min_rev) {
        return ota_json_fail(json, OTA_ERR_FIELD_VALUE, start, image->max_rev, image->min_rev);
    }
    return OTA_OK;
}

static ota_status_t read_recall(json_t *json, ota_recall_t *recall)
{
    *recall = (ota_recall_t){0};
    uint32_t start = json->at;
    ota_status_t status = READ(json, recall_fields, recall);
    if (status == OTA_OK && recall->to == recall->order) {
        return ota_json_fail(json, OTA_ERR_FIELD_VALUE, start, recall->to, recall->order);
    }
    return status;
}

static ota_status_t read_cohort(json_t *json, ota_text_t *cohort)
{
    uint32_t at = json->at;
    ota_status_t status = ota_json_text(json, cohort, NULL);
    if (status == OTA_OK && (cohort->len > OTA_NAME_MAX || !ota_text_is_name(*cohort))) {
        return ota_json_fail(json, OTA_ERR_FIELD_VALUE, at, cohort->len, OTA_NAME_MAX);
    }
    return status;
}

/* --- arrays --------------------------------------------------------------------------------- */

typedef union {
    ota_release_image_t image;
    ota_recall_t recall;
    ota_text_t cohort;
} element_t;

typedef enum { IMAGES, RECALLS, COHORTS } array_t;

static ota_status_t read_element(json_t *json, array_t array, element_t *element)
{
    if (array == IMAGES) {
        return read_image(json, &element->image);
    }
    return array == RECALLS ? read_recall(json, &element->recall)
                            : read_cohort(json, &element->cohort);
}

/* The next element: *at is the array's bracket the first time, then where the last one ended. */
static ota_status_t next_element(json_t *json, array_t array, bool first, element_t *element,
                                 bool *more)
{
    json_list_t list = {.close = ']', .started = true};
    ota_status_t status = first ? ota_json_begin(json, &list, '[') : OTA_OK;
    if (status == OTA_OK) {
        status = ota_json_next(json, &list, more);
    }
    return status == OTA_OK && *more ? read_element(json, array, element) : status;
}

/* All of an array, once. *count comes back. */
static ota_status_t check_array(json_t *json, array_t array, uint32_t at, uint32_t *count)
{
    element_t element;
    bool more = at != 0;
    json->at = at;
    *count = 0;
    while (more) {
        ota_status_t status = next_element(json, array, *count == 0, &element, &more);
        if (status != OTA_OK) {
            return status;
        }
        *count += more;
    }
    return OTA_OK;
}

/* One step of an iterator: *at is 0, or where the last element ended. array_at is 0 where there is
 * no array: there stands the document's own bracket. What was opened reads well;
 * whoever changes the bytes meanwhile gets an end. */
static bool step(const ota_manifest_t *manifest, array_t array, uint32_t array_at, uint32_t *at,
                 element_t *element)
{
    ota_fault_t fault;
    json_t json = {manifest->bytes, manifest->len, *at == 0 ? array_at : *at, &fault};
    bool more;
    ota_status_t status = next_element(&json, array, *at == 0, element, &more);
    bool good = status == OTA_OK && more;
    *at = good ? json.at : manifest->len; /* behind the end it stays the end */
    return good;
}

bool ota_manifest_image(const ota_manifest_t *manifest, uint32_t *at, ota_release_image_t *image)
{
    element_t element;
    bool more = step(manifest, IMAGES, manifest->images_at, at, &element);
    if (more) {
        *image = element.image;
    }
    return more;
}

bool ota_manifest_recall(const ota_manifest_t *manifest, uint32_t *at, ota_recall_t *recall)
{
    element_t element;
    bool more = step(manifest, RECALLS, manifest->recalls_at, at, &element);
    if (more) {
        *recall = element.recall;
    }
    return more;
}

bool ota_manifest_cohort(const ota_manifest_t *manifest, uint32_t *at, ota_text_t *cohort)
{
    element_t element;
    bool more = step(manifest, COHORTS, manifest->rollout.cohorts_at, at, &element);
    if (more) {
        *cohort = element.cohort;
    }
    return more;
}

/* --- the whole ------------------------------------------------------------------------------ */

/* No rollout: everyone. */
static ota_status_t read_rollout(json_t *json, ota_rollout_t *rollout)
{
    json->at = rollout->cohorts_at;
    *rollout = (ota_rollout_t){.share = OTA_SHARE_ALL};
    return json->at != 0 ? READ(json, rollout_fields, rollout) : OTA_OK;
}

static ota_status_t check_arrays(json_t *json, const ota_manifest_t *manifest)
{
    uint32_t count;
    ota_status_t status = check_array(json, COHORTS, manifest->rollout.cohorts_at, &count);
    if (status == OTA_OK) {
        status = check_array(json, RECALLS, manifest->recalls_at, &count);
    }
    if (status == OTA_OK) {
        status = check_array(json, IMAGES, manifest->images_at, &count);
    }
    if (status == OTA_OK && count == 0) {
        return ota_json_fail(json, OTA_ERR_FIELD_VALUE, manifest->images_at, 0, 1);
    }
    return status;
}

ota_status_t ota_manifest_open(ota_manifest_t *manifest, const uint8_t *bytes, size_t len,
                               ota_fault_t *fault)
{
    json_t json;
    ota_fault_t spare;
    ota_status_t status = ota_document_open(&json, bytes, len, "manifest", fault, &spare);
    if (status != OTA_OK) {
        return status;
    }
    *manifest = (ota_manifest_t){.bytes = bytes, .len = json.len, .attempts = 1};
    status = READ(&json, manifest_fields, manifest);
    if (status == OTA_OK) {
        status = read_rollout(&json, &manifest->rollout);
    }
    if (status == OTA_OK) {
        status = check_arrays(&json, manifest);
    }
    if (status == OTA_OK && manifest->expires != 0 && manifest->expires <= manifest->issued) {
        return ota_json_fail(&json, OTA_ERR_FIELD_VALUE, 0, manifest->expires, manifest->issued);
    }
    return status;
}

ota_status_t ota_manifest_accept(ota_manifest_t *manifest, const ota_keys_t *keys,
                                 const ota_crypto_t *crypto, const ota_signed_t *document,
                                 ota_fault_t *fault)
{
    ota_status_t status = ota_keys_verify(keys, crypto, document, fault);
    if (status == OTA_OK) {
        status = ota_manifest_open(manifest, document->bytes, document->len, fault);
    }
    if (status != OTA_OK) {
        return status;
    }
    if (manifest->product.len != keys->product.len ||
        memcmp(manifest->product.at, keys->product.at, keys->product.len) != 0) {
        if (fault != NULL) {
            *fault = (ota_fault_t){.status = OTA_ERR_KEYS_PRODUCT};
        }
        return OTA_ERR_KEYS_PRODUCT;
    }
    return OTA_OK;
}

void ota_manifest_image_path(const ota_release_image_t *image, char path[OTA_IMAGE_PATH_SIZE])
{
    static const char front[] = "images/";
    const size_t at = sizeof(front) - 1;
    memcpy(path, front, at);
    ota_hex_text(image->sha256, sizeof(image->sha256), path + at);
    memcpy(path + at + 64, ".bin", sizeof(".bin"));
}
