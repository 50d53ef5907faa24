/* SPDX-License-Identifier: Apache-2.0 */
#include "ota/release.h"

#include "core/bytes.h"

static COLD ota_status_t refuse(ota_fault_t *fault, ota_status_t status, uint32_t found,
                                uint32_t expected)
{
    *fault = (ota_fault_t){status, 0, found, expected};
    return status;
}

bool ota_release_recalled(const ota_manifest_t *manifest, uint32_t order, ota_recall_t *recall)
{
    ota_recall_t entry;
    uint32_t at = 0;
    while (ota_manifest_recall(manifest, &at, &entry)) {
        if (entry.order == order) { /* never 0 */
            if (recall != NULL) {
                *recall = entry;
            }
            return true;
        }
    }
    return false;
}

static ota_status_t identity(const ota_manifest_t *manifest, const ota_target_t *target,
                             ota_fault_t *fault)
{
    if (target->product == NULL || !ota_text_is(manifest->product, target->product)) {
        return refuse(fault, OTA_ERR_RELEASE_PRODUCT, 0, 0);
    }
    if (target->channel == NULL || !ota_text_is(manifest->channel, target->channel)) {
        return refuse(fault, OTA_ERR_RELEASE_CHANNEL, 0, 0);
    }
    return OTA_OK;
}

static ota_status_t freshness(const ota_manifest_t *manifest, const ota_target_t *target,
                              ota_fault_t *fault)
{
    if (manifest->keys > target->keys) {
        return refuse(fault, OTA_ERR_RELEASE_KEYS, target->keys, manifest->keys);
    }
    if (manifest->serial < target->serial) {
        return refuse(fault, OTA_ERR_RELEASE_SERIAL, manifest->serial, target->serial);
    }
    if (manifest->expires != 0 && target->now > manifest->expires) {
        return refuse(fault, OTA_ERR_RELEASE_EXPIRED, manifest->expires, target->now);
    }
    return OTA_OK;
}

/* Does the release's version run already? */
static bool is_current(const ota_manifest_t *manifest, const ota_target_t *target)
{
    if (target->order != 0) {
        return manifest->order == target->order;
    }
    return target->version != NULL && ota_text_is(manifest->version, target->version);
}

/* *leaving: what runs was recalled, and this release is a way out. */
static APART ota_status_t direction(const ota_manifest_t *manifest, const ota_target_t *target,
                                    bool *leaving, ota_fault_t *fault)
{
    ota_recall_t recall = {0};
    bool recalled = ota_release_recalled(manifest, target->order, &recall);
    if (ota_release_recalled(manifest, manifest->order, NULL)) {
        return refuse(fault, OTA_ERR_RELEASE_RECALLED, manifest->order, target->order);
    }
    if (is_current(manifest, target)) {
        return refuse(fault, OTA_ERR_RELEASE_CURRENT, manifest->order, target->order);
    }
    bool newer = manifest->order > target->order;
    bool way_back = recall.to != 0 && manifest->order >= recall.to;
    if (!newer && !way_back) {
        return refuse(fault, OTA_ERR_RELEASE_OLDER, manifest->order, target->order);
    }
    *leaving = recalled;
    return OTA_OK;
}

/* --- fitness -------------------------------------------------------------------------------- */

#define STEPS 10u

/* Question `step` about an image. The order is that of the statuses. */
static ota_status_t ask(uint32_t step, const ota_release_image_t *image, const ota_target_t *target,
                        ota_fault_t *fault)
{
    const char *variant = target->variant != NULL ? target->variant : "";
    const struct {
        bool good;
        uint32_t found;
        uint32_t expected;
    } answers[STEPS] = {
        {image->chip == target->chip, image->chip, target->chip},
        {ota_text_is(image->variant, variant), 0, 0},
        {target->any_rev || target->chip_rev >= image->min_rev, target->chip_rev, image->min_rev},
        {target->any_rev || target->chip_rev <= image->max_rev, target->chip_rev, image->max_rev},
        {image->secure_version >= target->secure_version, image->secure_version,
         target->secure_version},
        {target->flash_size >= image->flash_size, target->flash_size, image->flash_size},
        {target->slots >= image->slots, target->slots, image->slots},
        {target->slot_size >= image->slot_size, target->slot_size, image->slot_size},
        {target->bootloader >= image->bootloader, target->bootloader, image->bootloader},
        {target->rollback || !image->rollback, 0, 1},
    };
    if (answers[step].good) {
        return OTA_OK;
    }
    return refuse(fault, (ota_status_t)(OTA_ERR_RELEASE_CHIP - (int)step), answers[step].found,
                  answers[step].expected);
}

_Static_assert(OTA_ERR_RELEASE_ROLLBACK == OTA_ERR_RELEASE_CHIP - (int)STEPS + 1,
               "one status a question, in their order");

/* How many questions the image passes. */
static APART uint32_t fits(const ota_release_image_t *image, const ota_target_t *target,
                           ota_fault_t *fault)
{
    uint32_t step = 0;
    while (step < STEPS && ask(step, image, target, fault) == OTA_OK) {
        step++;
    }
    return step;
}

static APART ota_status_t fitness(const ota_manifest_t *manifest, const ota_target_t *target,
                                  ota_release_image_t *image, ota_fault_t *fault)
{
    uint32_t at = 0;
    uint32_t furthest = 0;
    (void)refuse(fault, OTA_ERR_RELEASE_CHIP, 0, target->chip);
    while (ota_manifest_image(manifest, &at, image)) {
        ota_fault_t one;
        uint32_t passed = fits(image, target, &one);
        if (passed == STEPS) {
            return OTA_OK;
        }
        if (passed >= furthest) {
            furthest = passed;
            *fault = one;
        }
    }
    return fault->status;
}

/* --- history and rollout -------------------------------------------------------------------- */

static ota_status_t history(const ota_manifest_t *manifest, const ota_target_t *target,
                            ota_fault_t *fault)
{
    for (uint32_t i = 0; i < target->failure_count; i++) {
        const ota_failure_t *failure = &target->failures[i];
        if (failure->order == manifest->order && failure->attempts >= manifest->attempts) {
            return refuse(fault, OTA_ERR_RELEASE_FAILED, failure->attempts, manifest->attempts);
        }
    }
    return OTA_OK;
}

ota_status_t ota_release_bucket(const ota_crypto_t *crypto, ota_text_t salt, const uint8_t *id,
                                size_t id_len, uint32_t *bucket)
{
    ota_hash_t hash;
    uint8_t digest[OTA_SHA256_SIZE];
    if (crypto == NULL) {
        crypto = &ota_crypto_builtin;
    }
    ota_status_t status = crypto->hash_start(crypto->ctx, &hash, OTA_HASH_SHA256);
    if (status != OTA_OK) {
        return status;
    }
    crypto->hash_update(crypto->ctx, &hash, salt.at, salt.len);
    crypto->hash_update(crypto->ctx, &hash, "", 1);
    crypto->hash_update(crypto->ctx, &hash, id, id_len);
    crypto->hash_finish(crypto->ctx, &hash, digest);
    uint32_t number = 0;
    for (uint32_t i = 0; i < 4; i++) {
        number = number << 8 | digest[i];
    }
    *bucket = number % OTA_SHARE_ALL;
    return OTA_OK;
}

static bool in_cohort(const ota_manifest_t *manifest, const ota_target_t *target)
{
    ota_text_t cohort;
    uint32_t at = 0;
    while (ota_manifest_cohort(manifest, &at, &cohort)) {
        for (uint32_t i = 0; i < target->cohort_count; i++) {
            if (ota_text_is(cohort, target->cohorts[i])) {
                return true;
            }
        }
    }
    return false;
}

static APART ota_status_t rollout(const ota_manifest_t *manifest, const ota_target_t *target,
                                  const ota_crypto_t *crypto, bool leaving, ota_fault_t *fault)
{
    uint32_t share = manifest->rollout.share;
    uint32_t bucket;
    if (manifest->rollout.halted) {
        return refuse(fault, OTA_ERR_RELEASE_HALTED, 0, 0);
    }
    if (share == OTA_SHARE_ALL || leaving || in_cohort(manifest, target)) {
        return OTA_OK;
    }
    ota_status_t status =
        ota_release_bucket(crypto, manifest->rollout.salt, target->id, target->id_len, &bucket);
    if (status != OTA_OK) {
        return refuse(fault, status, 0, 0);
    }
    return bucket < share ? OTA_OK : refuse(fault, OTA_ERR_RELEASE_ROLLOUT, bucket, share);
}

ota_status_t ota_release_gate(const ota_manifest_t *manifest, const ota_target_t *target,
                              const ota_crypto_t *crypto, ota_release_image_t *image,
                              ota_fault_t *fault)
{
    ota_fault_t spare;
    bool leaving = false;
    if (fault == NULL) {
        fault = &spare;
    }
    ota_status_t status = identity(manifest, target, fault);
    if (status == OTA_OK) {
        status = freshness(manifest, target, fault);
    }
    if (status == OTA_OK) {
        status = direction(manifest, target, &leaving, fault);
    }
    if (status == OTA_OK) {
        status = fitness(manifest, target, image, fault);
    }
    if (status == OTA_OK) {
        status = history(manifest, target, fault);
    }
    return status == OTA_OK ? rollout(manifest, target, crypto, leaving, fault) : status;
}
