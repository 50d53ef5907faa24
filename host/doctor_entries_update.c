/* SPDX-License-Identifier: Apache-2.0 */
/* Findings about update calls: esp_ota, esp_https_ota, Arduino's Update, signatures. */
#include "host/doctor_internal.h"

const doctor_entry_t doctor_entries_update[] = {
    {"ota-partition-conflict",
     DOCTOR_ERROR,
     "ESP_ERR_OTA_PARTITION_CONFLICT (0x1501): the update would overwrite the app that is running. "
     "Most likely the partition table has a single OTA slot (huge_app.csv and the like): its only "
     "app partition is ota_0, so the next update partition is the running one.",
     "The table needs two OTA slots, and the update has to go into the one that does not run.",
     {1, 7}},
    {"ota-validate-failed",
     DOCTOR_ERROR,
     "ESP_ERR_OTA_VALIDATE_FAILED (0x1503): what was written is not a valid image for this "
     "device. The number has many causes; the line before it names the check.",
     "Run doctor on the file that was sent: it tells web pages, archives, encrypted, cut and "
     "foreign images apart. If the file is good, the transfer changed it.",
     {3, 65}},
    {"ota-secure-version",
     DOCTOR_ERROR,
     "ESP_ERR_OTA_SMALL_SEC_VER (0x1504): the image's secure version is below the chip's "
     "anti-rollback eFuse; the slot was erased.",
     "Build with a secure version at least as high: older ones are barred for ever on this chip.",
     {72}},
    {"ota-no-fallback",
     DOCTOR_ERROR,
     "ESP_ERR_OTA_ROLLBACK_FAILED (0x1505): there is no other valid app to go back to (other slot "
     "empty or rejected, or barred by anti-rollback).",
     "Keep the running app and update to a good one.",
     {14}},
    {"ota-unconfirmed",
     DOCTOR_ERROR,
     "ESP_ERR_OTA_ROLLBACK_INVALID_STATE (0x1506): the running app is still on trial.",
     "Confirm or reject the running app first: esp_ota_mark_app_valid_cancel_rollback().",
     {13}},
    {"ota-already-in-progress",
     DOCTOR_ERROR,
     "ESP_ERR_OTA_ALREADY_IN_PROGRESS (0x1507): another handle is open on this slot; two updaters "
     "at once (HTTP, BLE, serial), or an earlier handle that was never ended.",
     "Let one updater run at a time; call esp_ota_end or esp_ota_abort on every path.",
     {2}},
    {"ota-spi-mode",
     DOCTOR_ERROR,
     "ESP_ERR_OTA_SPI_MODE_MISMATCH (0x1508): the image was built for another flash mode than the "
     "running app.",
     "Build with the same flash mode (board_build.flash_mode, menuconfig: Flash SPI mode).",
     {43}},
    {"ota-no-otadata",
     DOCTOR_ERROR,
     "The device's partition table has no otadata partition (data, ota): no update can be "
     "selected.",
     "Flash a table with `otadata,data,ota,,0x2000` by cable once; give doctor the table to check "
     "it.",
     {9}},
    {"ota-no-record",
     DOCTOR_WARNING,
     "otadata has no record of that slot: its record was overwritten by the update that followed. "
     "Normal for the older of two updates in a row.",
     "Treat ESP_ERR_NOT_FOUND of esp_ota_get_state_partition as \"no trial\", not as a failure.",
     {12}},
    {"ota-write-running",
     DOCTOR_ERROR,
     "The program tried to write the app that is running (is_safe_write_address stops it): the "
     "update's target is the running slot.",
     "The table has one slot only, or the target was not taken from "
     "esp_ota_get_next_update_partition(NULL). Give doctor the table.",
     {7, 8}},
    {"ota-write-unerased",
     DOCTOR_ERROR,
     "esp_ota_write_with_offset was used on a session opened for sequential writes, or the "
     "sectors were not erased by esp_ota_begin.",
     "Open the session with the image's size for writes in any order; to go on after a reset use "
     "esp_ota_resume.",
     {16}},
    {"ota-running-unknown",
     DOCTOR_ERROR,
     "The running app lies in no partition of the table that the app reads: table and app do not "
     "belong together, or the table fails its MD5 check.",
     "Flash table and app from the same build by cable; give doctor the flash.",
     {19}},
    {"arduino-activate",
     DOCTOR_ERROR,
     "\"Could Not Activate The Firmware\": the image was written and then refused when it was "
     "selected. Six causes share this message: wrong chip, no image, encrypted or cut file, wrong "
     "signature, damaged transfer.",
     "Run doctor on the file, and read the esp_image or boot_comm line just before the message.",
     {5}},
    {"arduino-read",
     DOCTOR_ERROR,
     "\"Flash Read Failed\": Update could not read back the slot's first bytes, or the slot is the "
     "running one.",
     "Give doctor the table: with one slot only this is what happens. Otherwise check supply and "
     "flash mode.",
     {6}},
    {"arduino-magic",
     DOCTOR_ERROR,
     "\"Wrong Magic Byte\": the first byte that arrived is not E9.",
     "The file is no app image, or other bytes came first (form upload, HTTP header): run doctor "
     "on it. An image enciphered for flash encryption does it too.",
     {3, 5, 70}},
    {"signature-failed",
     DOCTOR_ERROR,
     "The image's signature does not verify: unsigned, another key, another scheme, or changed "
     "after signing. An interface that reports success before the restart does not know.",
     "`otary image verify` with the trusted key says which digest or key differs. Sign last, with "
     "the scheme of the device, and pad as espsecure.py does.",
     {65, 68}},
    {"running-app-unsigned",
     DOCTOR_ERROR,
     "The running app carries no signature: it boots, but it has no key to check updates with and "
     "refuses them all.",
     "Flash a signed app by cable once.",
     {67}},
    {"encrypted-image-length",
     DOCTOR_ERROR,
     "esp_encrypted_img ended with \"Invalid operation\": more or fewer bytes came than the header "
     "announces.",
     "Send the file byte for byte, without padding; run doctor on it to compare the lengths.",
     {71}},
    {"downgrade-refused",
     DOCTOR_WARNING,
     "The update was refused because its version is not newer than the running one.",
     "Raise the version of the build; a fixed older release needs a higher number too.",
     {72}},
    {"esp-error",
     DOCTOR_ERROR,
     "An esp_err_t number with several causes.",
     "Match the causes with what the program was doing; the line before often names the check.",
     {0}},
    {NULL, DOCTOR_NOTE, NULL, NULL, {0}},
};
