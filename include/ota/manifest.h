/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifest: what one release of a product is, in one channel, and for whom.
 *
 *   accept      enough keys vouch for the bytes -> read them       (this header)
 *   gate        is it meant for this device, now?                  (ota/release.h)
 *
 * docs/manifest.md specifies the members; here are their meanings for a device. Everything is read
 * once, completely, before any of it is used; images, recalls and cohorts are then walked
 * with iterators over the same bytes. Nothing is copied: the bytes must outlive the struct and stay
 * as they are.
 */
#ifndef OTA_MANIFEST_H
#define OTA_MANIFEST_H

#include "ota/keys.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_SHARE_ALL      10000u /* a rollout's share in 1/100 %: everyone */
#define OTA_MANIFEST_NOTES 4096u  /* bytes of `notes`, as they stand */

/* Who gets the release: cohorts at once, of all others a share (ota/release.h). */
typedef struct {
    uint32_t share;  /* 0 .. OTA_SHARE_ALL */
    ota_text_t salt; /* of the bucket */
    bool halted;     /* nobody */
    uint32_t cohorts_at;
} ota_rollout_t;

typedef struct {
    const uint8_t *bytes; /* the caller's */
    uint32_t len;
    ota_text_t product;
    ota_text_t channel;
    ota_text_t version; /* for people */
    ota_text_t notes;   /* escapes as they stand */
    uint32_t serial;    /* rises with every manifest of the channel */
    uint32_t order;     /* of the version: the larger is the newer */
    uint32_t issued;    /* seconds since 1970 */
    uint32_t expires;   /* the same; 0: never */
    uint32_t keys;      /* version of the key set that it was made under */
    uint32_t attempts;  /* how often a device may try this version in all; 1 if not said */
    ota_rollout_t rollout;
    uint32_t images_at;
    uint32_t recalls_at; /* 0: none */
} ota_manifest_t;

/* One image. The file lies at ota_manifest_image_path. */
typedef struct {
    uint8_t sha256[OTA_SHA256_SIZE]; /* of the whole file */
    uint32_t size;                   /* of the whole file */
    uint32_t chip;                   /* id in image headers */
    ota_text_t variant;              /* of the board; empty: the only one */
    uint32_t min_rev;                /* chip revisions, major * 100 + minor */
    uint32_t max_rev;
    uint32_t secure_version;
    uint32_t flash_size; /* smallest chip that will do, bytes; 0: any */
    uint32_t slot_size;  /* smallest slot; at least size */
    uint32_t slots;      /* OTA slots that the table must have; 2 if not said */
    uint32_t bootloader; /* smallest version of its descriptor; 0: any */
    bool rollback;       /* the bootloader must be able to roll back */
} ota_release_image_t;

/* A version that devices shall leave. */
typedef struct {
    uint32_t order;
    uint32_t to; /* for this or a newer one, though it be older; 0: only for a newer one */
    ota_text_t version;
} ota_recall_t;

/* Verify, then read: what a device calls. Statuses of ota_keys_verify and ota_manifest_open;
 * OTA_ERR_KEYS_PRODUCT: the keys are those of another product. fault may be NULL. */
OTA_MUST_CHECK ota_status_t ota_manifest_accept(ota_manifest_t *manifest, const ota_keys_t *keys,
                                                const ota_crypto_t *crypto,
                                                const ota_signed_t *document, ota_fault_t *fault);

/* Read only: for tools, and for bytes that were accepted before. OTA_ERR_JSON_*, _DOCUMENT_*,
 * _FIELD_*: the first thing that is wrong, from the front; but kind and format are looked at
 * before anything else, images and recalls after the rest. fault may be NULL. */
OTA_MUST_CHECK ota_status_t ota_manifest_open(ota_manifest_t *manifest, const uint8_t *bytes,
                                              size_t len, ota_fault_t *fault);

/* Iterators, in the order of the document: start with *at = 0; false: no more. */
bool ota_manifest_image(const ota_manifest_t *manifest, uint32_t *at, ota_release_image_t *image);
bool ota_manifest_recall(const ota_manifest_t *manifest, uint32_t *at, ota_recall_t *recall);
bool ota_manifest_cohort(const ota_manifest_t *manifest, uint32_t *at, ota_text_t *cohort);

/* "images/" and the SHA-256 in lower-case digits and ".bin": where the image lies, from the root of
 * the published directory. */
#define OTA_IMAGE_PATH_SIZE 76u /* with NUL */
void ota_manifest_image_path(const ota_release_image_t *image, char path[OTA_IMAGE_PATH_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
