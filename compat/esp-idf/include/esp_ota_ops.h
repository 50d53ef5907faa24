/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_ota_ops.h: ESP-IDF's OTA calls over Otary's core.
 *
 *   esp_ota_get_next_update_partition -> esp_ota_begin -> esp_ota_write* -> esp_ota_end
 *       -> esp_ota_set_boot_partition -> restart -> esp_ota_mark_app_valid_cancel_rollback
 *
 * The calls, their arguments and their codes are Espressif's (master, v6.2-dev). Where Otary
 * differs on purpose docs/compat.md says so, call by call; the differences that matter when reading
 * this header are marked [differs].
 *
 * Partitions are pointers into the list of esp_partition.h, or copies of its entries. Nothing here
 * is thread-safe. Every function that returns esp_err_t can also give ESP_ERR_INVALID_STATE if
 * nothing is installed (otary_compat.h) and ESP_ERR_FLASH_OP_FAIL if the flash fails.
 */
#ifndef OTARY_ESP_OTA_OPS_H
#define OTARY_ESP_OTA_OPS_H

#include "esp_app_desc.h"
#include "esp_bootloader_desc.h"
#include "esp_flash_partitions.h"
#include "esp_image_format.h"
#include "esp_partition.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OTA_SIZE_UNKNOWN           0xFFFFFFFFu /* not known beforehand */
#define OTA_WITH_SEQUENTIAL_WRITES 0xFFFFFFFEu /* not known; writes come in order */

/* Names one session. Never 0, never used twice between two installs, valid until esp_ota_end or
 * esp_ota_abort. */
typedef uint32_t esp_ota_handle_t;

typedef enum {
    SECURE_BOOT_PUBLIC_KEY_INDEX_0 = 0,
    SECURE_BOOT_PUBLIC_KEY_INDEX_1 = 1,
    SECURE_BOOT_PUBLIC_KEY_INDEX_2 = 2
} esp_ota_secure_boot_public_key_index_t;

/*
 * Open a session that writes into `partition`: an OTA slot that is not running, or a partition of
 * another type. image_size: bytes, 0 or OTA_SIZE_UNKNOWN, or OTA_WITH_SEQUENTIAL_WRITES.
 * [differs] Nothing is erased yet, whatever image_size says: sectors are erased as bytes reach
 * them, and nothing before the first bytes were judged.
 * ESP_OK: *out_handle is the session; end it with esp_ota_end or esp_ota_abort. After a failure
 * there is no session and *out_handle is untouched [differs].
 * ESP_ERR_INVALID_ARG            NULL; an app partition that is no OTA slot
 * ESP_ERR_NOT_FOUND              not in the table and not registered
 * ESP_ERR_OTA_PARTITION_CONFLICT it is the running partition (with one OTA slot only, as in
 *                                huge_app.csv, the next update partition is the running one)
 * ESP_ERR_OTA_ROLLBACK_INVALID_STATE  the running app is on trial: confirm or reject it first
 * ESP_ERR_OTA_ALREADY_IN_PROGRESS     another session has this partition
 * ESP_ERR_NO_MEM                 OTARY_COMPAT_SESSIONS sessions are open
 * ESP_ERR_INVALID_SIZE           image_size exceeds the partition
 * ESP_ERR_NOT_ALLOWED            the partition is read-only
 */
esp_err_t esp_ota_begin(const esp_partition_t *partition, size_t image_size,
                        esp_ota_handle_t *out_handle);

/*
 * Go on with a download of which image_offset bytes are already in the partition.
 * erase_size: OTA_WITH_SEQUENTIAL_WRITES if the rest still has to be erased as it is reached; any
 * other value says that it is erased.
 * Codes as esp_ota_begin, and ESP_ERR_INVALID_ARG if image_offset exceeds the partition.
 */
esp_err_t esp_ota_resume(const esp_partition_t *partition, size_t erase_size, size_t image_offset,
                         esp_ota_handle_t *out_handle);

/*
 * Say, before the first write, where the bytes finally belong: their kind (app, bootloader, table,
 * data) is that of `final`, and with finalize_with_copy esp_ota_end copies them there.
 * ESP_ERR_INVALID_ARG: final NULL. ESP_ERR_NOT_FOUND: unknown handle, or final is not in the table.
 * ESP_ERR_INVALID_STATE: already written. With copy also ESP_ERR_OTA_PARTITION_CONFLICT: final is
 * the running partition [differs].
 */
esp_err_t esp_ota_set_final_partition(esp_ota_handle_t handle, const esp_partition_t *final,
                                      bool finalize_with_copy);

/*
 * The next `size` bytes. size 0 is fine.
 * ESP_ERR_INVALID_ARG: data NULL, or unknown handle. ESP_ERR_INVALID_SIZE: beyond the partition.
 * ESP_ERR_OTA_VALIDATE_FAILED: not the beginning of an image for this chip, or broken further on
 * [differs: judged while writing, not only its first byte]. ESP_ERR_FLASH_OP_FAIL: nothing was
 * taken, the same call may be repeated. The session stays open after every failure: abort or end
 * it.
 */
esp_err_t esp_ota_write(esp_ota_handle_t handle, const void *data, size_t size);

/*
 * Bytes at an offset, in any order; only in sessions opened with a size or OTA_SIZE_UNKNOWN.
 * ESP_ERR_INVALID_ARG: data NULL, unknown handle, offset beyond the partition, or with flash
 * encryption size or offset not multiples of 16. ESP_ERR_INVALID_SIZE: the range leaves the
 * partition. ESP_ERR_INVALID_STATE: a session with sequential writes [differs: ESP-IDF asserts].
 */
esp_err_t esp_ota_write_with_offset(esp_ota_handle_t handle, const void *data, size_t size,
                                    uint32_t offset);

/*
 * All bytes are there: judge them (and copy them to the final partition). The handle is gone
 * afterwards, whatever comes back. What boots does not change: esp_ota_set_boot_partition does.
 * ESP_ERR_NOT_FOUND: unknown handle. ESP_ERR_INVALID_ARG: nothing was written.
 * ESP_ERR_OTA_VALIDATE_FAILED: not a valid image or table. ESP_ERR_INVALID_STATE: the last, held
 * back bytes could not be written (flash encryption). ESP_ERR_INVALID_SIZE: staging is smaller than
 * the final partition. ESP_ERR_NOT_ALLOWED: the final partition is read-only.
 */
esp_err_t esp_ota_end(esp_ota_handle_t handle);

/* Drop a session; what it wrote stays. ESP_OK, ESP_ERR_NOT_FOUND: unknown handle. */
esp_err_t esp_ota_abort(esp_ota_handle_t handle);

/*
 * Verify the partition's image and boot it next.
 * ESP_ERR_INVALID_ARG: NULL; not an app; test or TEE app [differs]; a slot that the numbering of
 * the table cannot reach. ESP_ERR_OTA_VALIDATE_FAILED: the bootloader would refuse it.
 * ESP_ERR_OTA_SMALL_SEC_VER: below the anti-rollback version (and nothing is erased [differs]).
 * ESP_ERR_NOT_FOUND: the table has no otadata. ESP_ERR_NOT_ALLOWED: otadata is read-only.
 */
esp_err_t esp_ota_set_boot_partition(const esp_partition_t *partition);

/* The same without verifying the image; for callers that have just had ESP_OK from esp_ota_end. */
esp_err_t esp_ota_set_boot_partition_skip_validate(const esp_partition_t *partition);

/* What otadata names for the next boot, or what boots by default: factory, the first OTA slot,
 * test. NULL: none of them, or no otadata. */
const esp_partition_t *esp_ota_get_boot_partition(void);

/* The partition that holds the running application; NULL if nothing is installed. */
const esp_partition_t *esp_ota_get_running_partition(void);

/*
 * The OTA slot for the next update: the one after start_from in a circle, the lowest if start_from
 * is no OTA slot. NULL stands for the running partition. With one OTA slot it is that slot, even if
 * it is running: esp_ota_begin refuses it then. NULL: no OTA slots, or start_from is unknown
 * [differs: ESP-IDF asserts].
 */
const esp_partition_t *esp_ota_get_next_update_partition(const esp_partition_t *start_from);

/* The app descriptor of an image in an app partition. ESP_ERR_INVALID_ARG: NULL.
 * ESP_ERR_NOT_SUPPORTED: not an app partition. ESP_ERR_NOT_FOUND: no descriptor there. */
esp_err_t esp_ota_get_partition_description(const esp_partition_t *partition,
                                            esp_app_desc_t *app_desc);

/* The descriptor of a bootloader; NULL: of the primary one. ESP_ERR_INVALID_ARG: desc NULL.
 * ESP_ERR_NOT_FOUND: no descriptor there. */
esp_err_t esp_ota_get_bootloader_description(const esp_partition_t *bootloader_partition,
                                             esp_bootloader_desc_t *desc);

/* Number of OTA slots: ota_0, ota_1, .. up to the first that is missing. */
uint8_t esp_ota_get_app_partition_count(void);

/*
 * The running application is good: VALID, no rollback any more; with anti-rollback the eFuse
 * version is raised to its own. [differs] Acts on the record of the running slot, never on
 * another's. ESP_ERR_NOT_FOUND: no otadata. ESP_FAIL: otadata does not name the running slot
 * (factory runs).
 */
esp_err_t esp_ota_mark_app_valid_cancel_rollback(void);

/*
 * The running application is bad: INVALID. The caller restarts. [differs] as above.
 * ESP_ERR_NOT_FOUND, ESP_FAIL as above. ESP_ERR_OTA_ROLLBACK_FAILED: nothing to go back to.
 */
esp_err_t esp_ota_mark_app_invalid_rollback(void);

/* The same and, on success, esp_restart. */
esp_err_t esp_ota_mark_app_invalid_rollback_and_reboot(void);

/* Is there a verified image to go back to? Reads it whole. */
bool esp_ota_check_rollback_is_possible(void);

/* The slot that was last rejected or aborted, if its image still verifies; else NULL. */
const esp_partition_t *esp_ota_get_last_invalid_partition(void);

/*
 * Forget the app before this one: its record, and all of its partition. [differs: record first.]
 * ESP_FAIL: there is none, or it is the running one.
 */
esp_err_t esp_ota_erase_last_boot_app_partition(void);

/* Only the record of the otadata copy that is not in force. ESP_FAIL as above. */
esp_err_t esp_ota_invalidate_inactive_ota_data_slot(void);

/*
 * State of the newest record of an OTA slot [differs: not of the first copy that matches].
 * ESP_ERR_INVALID_ARG: NULL. ESP_ERR_NOT_SUPPORTED: no OTA slot. ESP_ERR_NOT_FOUND: no otadata, or
 * no record of it.
 */
esp_err_t esp_ota_get_state_partition(const esp_partition_t *partition,
                                      esp_ota_img_states_t *ota_state);

/*
 * Would an image with this header (and descriptor, may be NULL) run on this chip?
 * type: app or bootloader. ESP_ERR_INVALID_ARG: header NULL or another type.
 * ESP_ERR_INVALID_VERSION: other chip id or revision. ESP_ERR_OTA_SPI_MODE_MISMATCH: built for
 * another SPI flash mode than the running app (app only; 0 matches all).
 */
esp_err_t esp_ota_check_image_validity(esp_partition_type_t type, const esp_image_header_t *img_hdr,
                                       const esp_app_desc_t *app_desc);

/*
 * Revoke one of the (up to three) Secure Boot v2 keys: the running app and the bootloader must
 * verify with another one. Irreversible on a chip.
 * ESP_FAIL: not a signed build, the running app is not confirmed (rollback on), or nothing would
 * verify any more. ESP_ERR_INVALID_ARG: index. ESP_ERR_NOT_SUPPORTED: no revoke callback installed.
 */
esp_err_t esp_ota_revoke_secure_boot_public_key(esp_ota_secure_boot_public_key_index_t index);

#ifdef __cplusplus
}
#endif

#endif
