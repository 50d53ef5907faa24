/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device: the application's view of the chip it runs on, and the calls that choose
 * what boots next.
 *
 * The caller fills the struct once (ota_device_init does the reading) and keeps it
 * for as long as it updates. Nothing here is global: a process may hold a thousand.
 *
 * Not thread-safe: one task at a time per device, or a lock around it.
 */
#ifndef OTA_DEVICE_H
#define OTA_DEVICE_H

#include "ota/boot.h"
#include "ota/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The anti-rollback counter. raise burns bits: for ever on a chip. */
typedef struct {
    uint32_t version; /* 1 */
    void *ctx;
    ota_status_t (*read)(void *ctx, uint32_t *secure_version);
    ota_status_t (*raise)(void *ctx, uint32_t secure_version);
} ota_efuse_t;

struct ota_update;

/*
 * How otadata is changed. Commits, the default, never touch the sector in force: at whatever byte
 * the power fails, the choice before or the choice after it is what boots. They work under both
 * policies; under a stock bootloader what that one rewrites in place stays at risk
 * (docs/reliability.md). In place is Espressif's own way, for comparison with it.
 */
typedef struct ota_records ota_records_t;
extern const ota_records_t ota_records_in_place;

typedef struct {
    const ota_flash_t *flash;
    const ota_crypto_t *crypto; /* NULL: ota_crypto_builtin */
    const ota_efuse_t *efuse;   /* NULL: no anti-rollback */
    const ota_trust_t *trust;   /* NULL: unsigned build */
    uint8_t *workspace;         /* OTA_SIGNATURE_BLOCK bytes if trust is set, and OTA_TABLE_SIZE
                                   if a session shall update a partition table */
    uint32_t workspace_size;    /* its bytes; 0 means OTA_SIGNATURE_BLOCK */
    const ota_chip_t *chip; /* NULL on hosts that do not know: chip_by_id, see ota_image_rules_t */
    const ota_chip_t *(*chip_by_id)(uint16_t id);
    uint16_t chip_rev;
    uint16_t block_rev;
    bool any_rev;           /* do not look at revisions: the chip is not known (tools on hosts) */
    ota_boot_config_t boot; /* how this device's bootloader decides */
    const ota_records_t *records; /* NULL: commits */
    bool require_hash;            /* refuse images with nothing but the XOR checksum */
    ota_layout_t layout;
    ota_slot_t running;
    struct ota_update *sessions; /* open sessions, newest first; the library's */
} ota_device_t;

/* Reads the layout out of an opened table and finds the running slot from an address inside
 * it. Fields up to `require_hash` must be set before. OTA_ERR_ARG; OTA_ERR_NOT_A_SLOT if no
 * app partition holds `running_address`; OTA_ERR_RUNNING if the table puts otadata over that app:
 * the first record written would destroy it. */
OTA_MUST_CHECK ota_status_t ota_device_init(ota_device_t *device, const ota_table_t *table,
                                            uint32_t running_address);

/* Rules for verifying an app of this device in `where`. An eFuse that cannot be read counts as
 * the highest floor: nothing passes. */
void ota_device_rules(const ota_device_t *device, ota_region_t where, ota_image_rules_t *rules);

/* The slot for the next update. While a session is open on an OTA slot it is that slot, so
 * that asking twice gives the same answer. Else ota_layout_next(running).
 * OTA_ERR_NO_SLOTS, OTA_ERR_ONLY_SLOT, OTA_ERR_SLOT_UNREACHABLE (only slots beyond a hole in the
 * numbering are left: no bootloader would find them). */
OTA_MUST_CHECK ota_status_t ota_device_next(const ota_device_t *device, ota_slot_t *slot);

/* What the bootloader will decide about the app in `slot`, evaluated now by the same code:
 * OTA_OK or the reason it would refuse (fault->offset in the image). Also refuses what the
 * bootloader would accept but could not run: flash size in the header, secure version that
 * the eFuse field cannot hold. OTA_ERR_NOT_A_SLOT; statuses of flash and eFuse. */
OTA_MUST_CHECK ota_status_t ota_device_verdict(const ota_device_t *device, ota_slot_t slot,
                                               ota_fault_t *fault);

/* Boot `slot` (0..15, or factory) next. Runs the verdict first unless `trusted` (a session
 * has just finished on it). Nothing is written where otadata already says so, and selecting
 * the running slot while it is in force and confirmed does not put it on trial again. Factory:
 * both records are erased, the one in force last. Statuses of the verdict, OTA_ERR_NO_OTADATA,
 * OTA_ERR_SLOT_UNREACHABLE, statuses of the flash port. After a power cut inside: the old or the
 * new choice. */
OTA_MUST_CHECK ota_status_t ota_device_select(ota_device_t *device, ota_slot_t slot, bool trusted,
                                              ota_fault_t *fault);

/* The slot that otadata names for the next boot, or what boots without it (factory, lowest
 * slot, test); OTA_SLOT_NONE if nothing. */
ota_slot_t ota_device_chosen(const ota_device_t *device);

/* State of a slot: what is known of it, OTA_STATE_NEW and OTA_STATE_PENDING while it is on trial.
 * OTA_ERR_NO_OTADATA, OTA_ERR_NO_SLOTS, OTA_ERR_NO_RECORD. */
OTA_MUST_CHECK ota_status_t ota_device_state(const ota_device_t *device, ota_slot_t slot,
                                             uint32_t *state);

/* The running app is good: VALID, then with anti_rollback raise the eFuse to its version; calling
 * it again completes what failed. OTA_ERR_SECURE_VERSION: the eFuse field cannot hold it. Acts on
 * the record of the *running* slot, never on another. OTA_ERR_NO_OTADATA, OTA_ERR_NO_RECORD,
 * OTA_ERR_NO_CHOICE (factory runs), flash and eFuse statuses. */
OTA_MUST_CHECK ota_status_t ota_device_confirm(ota_device_t *device);

/* The running app is bad: INVALID, if there is something to go back to.
 * As confirm, and OTA_ERR_NO_FALLBACK. The caller restarts. */
OTA_MUST_CHECK ota_status_t ota_device_reject(ota_device_t *device);

/* OTA_OK if reject would leave something that boots; `to` (may be NULL) says what.
 * OTA_ERR_NO_FALLBACK otherwise. Reads and verifies the other image. */
OTA_MUST_CHECK ota_status_t ota_device_can_reject(const ota_device_t *device, ota_slot_t *to);

/* The slot that was last rejected or aborted, if it still holds a whole image (of any secure
 * version). OTA_ERR_NO_RECORD: none. */
OTA_MUST_CHECK ota_status_t ota_device_last_rejected(const ota_device_t *device, ota_slot_t *slot);

/* *trial: the running app is on trial (PENDING): no new update before confirm or reject.
 * OTA_ERR_FLASH_READ, OTA_ERR_PORT: nobody knows, ask again; *trial is false. */
OTA_MUST_CHECK ota_status_t ota_device_trial(const ota_device_t *device, bool *trial);

/* The same; false where nobody knows. */
bool ota_device_on_trial(const ota_device_t *device);

/* The OTA slot that ran before this one and to which a rollback would go by otadata, whether or
 * not it still holds an image. OTA_ERR_NO_RECORD: none; OTA_ERR_NO_OTADATA. */
OTA_MUST_CHECK ota_status_t ota_device_previous(const ota_device_t *device, ota_slot_t *slot);

/* The content of `slot` is going away: from now on nothing chooses it or goes back to it. A session
 * does this by itself before its first erase. OTA_ERR_RUNNING; OTA_ERR_NO_OTADATA; flash
 * statuses. */
OTA_MUST_CHECK ota_status_t ota_device_forget(ota_device_t *device, ota_slot_t slot);

#ifdef __cplusplus
}
#endif

#endif
