/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Release: is an accepted manifest meant for this device, now? Pure decisions, taken before any
 * byte is downloaded or erased.
 *
 * The gate asks in this order, and the first "no" is the answer:
 *
 *   identity    product, channel
 *   freshness   key set, serial (no older manifest than before), expiry
 *   direction   runs already, older, recalled
 *   fitness     chip, variant, revisions, secure version, flash, slots, slot size, bootloader
 *   history     failed here before
 *   rollout     halted, share
 *
 * Rollout without a server's memory: the device computes its own bucket,
 *
 *   bucket = first 4 bytes, big-endian, of SHA-256(salt || 00 || id) modulo 10000
 *
 * and takes part if bucket < share. A larger share keeps whoever was in; a new salt shuffles.
 *
 * Three numbers are the caller's to keep in non-volatile storage: the highest serial of an accepted
 * manifest, the order of the running version, and the failures.
 */
#ifndef OTA_RELEASE_H
#define OTA_RELEASE_H

#include "ota/manifest.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A version that was installed, and then rolled back or never confirmed. */
typedef struct {
    uint32_t order;
    uint32_t attempts;
} ota_failure_t;

/* What the device knows of itself. Zeroed fields are the most cautious, or say "not known". */
typedef struct {
    const char *product;
    const char *channel;
    const char *variant; /* of the board; NULL: none */

    uint16_t chip;
    uint16_t chip_rev;       /* major * 100 + minor */
    bool any_rev;            /* do not look at revisions: the chip is not known (tools on hosts) */
    uint32_t secure_version; /* anti-rollback floor */
    uint32_t flash_size;     /* bytes */
    uint32_t slot_size;      /* of the slot that an update would go to; 0: there is none */
    uint32_t slots;          /* OTA slots in the table */
    uint32_t bootloader;     /* version of its descriptor; 0: it has none */
    bool rollback;           /* it can roll back */

    const char *version; /* that runs; looked at where order is 0 */
    uint32_t order;      /* of what runs; 0: not known (flashed by cable) */
    const ota_failure_t *failures;
    uint32_t failure_count;
    uint32_t serial; /* of the newest manifest accepted; 0: none */
    uint32_t keys;   /* version of the key set held */
    uint32_t now;    /* seconds since 1970; 0: no clock */

    const uint8_t *id; /* of this device, any bytes */
    uint32_t id_len;
    const char *const *cohorts; /* that it belongs to */
    uint32_t cohort_count;
} ota_target_t;

/*
 * OTA_OK: `image` is what to install. Otherwise OTA_ERR_RELEASE_*, one a cause (ota/status.h);
 * fault (may be NULL) has what was found and expected, offset 0. Of several images for the
 * chip the first that fits is taken, else the one that came furthest names the cause.
 *
 * A clock before `issued` is wrong: `issued` counts then. Without a clock nothing expires, the
 * serial still may not fall. A recalled version is left for the one that its recall names or a
 * newer one, without regard to the share. crypto NULL: ota_crypto_builtin; statuses of hash_start.
 */
OTA_MUST_CHECK ota_status_t ota_release_gate(const ota_manifest_t *manifest,
                                             const ota_target_t *target, const ota_crypto_t *crypto,
                                             ota_release_image_t *image, ota_fault_t *fault);

/* The device's bucket, 0 .. 9999. Statuses of hash_start. */
OTA_MUST_CHECK ota_status_t ota_release_bucket(const ota_crypto_t *crypto, ota_text_t salt,
                                               const uint8_t *id, size_t id_len, uint32_t *bucket);

/* Is the version of this order to be left? *recall (may be NULL): the entry. */
bool ota_release_recalled(const ota_manifest_t *manifest, uint32_t order, ota_recall_t *recall);

#ifdef __cplusplus
}
#endif

#endif
