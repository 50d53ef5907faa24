/* SPDX-License-Identifier: Apache-2.0 */
/* Findings about partition tables and about room in them. */
#include "host/doctor_internal.h"

const doctor_entry_t doctor_entries_table[] = {
    {"table-ok",
     DOCTOR_NOTE,
     "The partition table is fit for OTA updates: otadata and two or more slots.",
     "",
     {0}},
    {"table-broken",
     DOCTOR_ERROR,
     "The partition table does not verify: with it a device resets for ever.",
     "Build it again from its CSV (`otary table build`) and flash it by cable to the table's "
     "address (0x8000).",
     {10, 33}},
    {"table-refused",
     DOCTOR_ERROR,
     "The partition table breaks a rule that decides: Espressif's generator refuses it, or a "
     "device "
     "cannot use it.",
     "Correct what is named; `otary table check` explains each rule.",
     {39}},
    {"table-lint",
     DOCTOR_WARNING,
     "The partition table breaks a rule.",
     "`otary table check` names every rule, line and remedy.",
     {39}},
    {"table-one-slot",
     DOCTOR_ERROR,
     "The table has a single OTA slot and nothing else to run: the running app lies in it, so the "
     "next update partition is the running one. Updates end in ESP_ERR_OTA_PARTITION_CONFLICT "
     "(0x1501), or crash where the check is missing.",
     "Use a table with two OTA slots and flash it by cable once: a table does not come with an "
     "update.",
     {1, 7, 8, 30}},
    {"table-safeboot",
     DOCTOR_NOTE,
     "The table has a factory app and one OTA slot (the safeboot layout): updates of the slot must "
     "be run by the factory app, not by the app in the slot.",
     "Restart into factory for the update. A firmware that expects two slots fails on this table.",
     {36, 37, 38}},
    {"table-no-slots",
     DOCTOR_ERROR,
     "The table has no OTA slot: there is nothing to update into.",
     "Use a table with two OTA slots and flash it by cable once.",
     {7, 30}},
    {"table-no-otadata",
     DOCTOR_ERROR,
     "The table has no otadata partition (data, ota): the choice of the slot cannot be stored.",
     "Add `otadata,data,ota,,0x2000` in front of the apps, or use a table that has it; flash it by "
     "cable once.",
     {9}},
    {"table-otadata-size",
     DOCTOR_ERROR,
     "The otadata partition is smaller than two sectors: the bootloader resets for ever on it.",
     "Give it exactly 0x2000 bytes.",
     {10}},
    {"table-slot-holes",
     DOCTOR_ERROR,
     "The numbers of the OTA slots have a hole or a double: application and bootloader count them "
     "differently, and an update may select a slot that never boots.",
     "Number them ota_0, ota_1, .. without a gap.",
     {10, 39}},
    {"table-slots-differ",
     DOCTOR_WARNING,
     "The OTA slots differ in size: an app that fits one may not fit the next.",
     "Give all slots the size of the largest app to come.",
     {39}},
    {"table-unused",
     DOCTOR_WARNING,
     "A large part of the flash is in no partition.",
     "The table is frozen at the first flash: make the slots larger before that. `otary table "
     "suggest` computes one.",
     {31}},
    {"table-name-unknown",
     DOCTOR_ERROR,
     "There is no default_ota.csv: neither PlatformIO nor arduino-esp32 has a table of that name. "
     "The stock table with two slots is called default.csv (1.25 MiB each).",
     "Write `board_build.partitions = default.csv`, or min_spiffs.csv for apps up to 1.875 MiB.",
     {30}},
    {"table-not-on-device",
     DOCTOR_ERROR,
     "The device has another partition table than this one: the table lies at 0x8000 and does not "
     "come with an update.",
     "Flash the new table by cable once (`pio run -t upload`, `idf.py flash`), then updates have "
     "the room.",
     {32}},
    {"app-too-big-for-slot",
     DOCTOR_ERROR,
     "The app is larger than its slot in the partition table.",
     "Choose a table whose slots hold it and flash that table by cable once. Mind that "
     "huge_app.csv and no_ota.csv give the room by dropping OTA.",
     {30, 35}},
    {"default-csv",
     DOCTOR_ERROR,
     "default.csv has two slots of 1.25 MiB (1310720 bytes): an app that is larger cannot be built "
     "for or flashed with it.",
     "Use min_spiffs.csv: two slots of 1.875 MiB (1966080 bytes) on the same 4 MiB flash.",
     {30}},
    {"image-exceeds-partition",
     DOCTOR_ERROR,
     "The app is longer than the partition that it was flashed to: the bootloader refuses it.",
     "The table on the device has smaller slots than the app was built for: flash a table with "
     "larger slots by cable, together with the app.",
     {30, 32}},
    {"slot-nearly-full",
     DOCTOR_WARNING,
     "The app fills its slot to more than nine tenths: the next versions may not fit, and the "
     "table cannot be changed by an update.",
     "Choose larger slots before devices leave the house.",
     {31}},
    {"update-no-space",
     DOCTOR_ERROR,
     "The device has less room for the update than the image needs.",
     "Compare the slot's size on the device (its own table, not the project's: a new table does "
     "not come with an update) with the image. ESP8266 and Tasmota: go by way of the minimal "
     "image.",
     {32, 36}},
    {"update-miscompare",
     DOCTOR_ERROR,
     "What the device read back differs from what it was sent.",
     "ESP8266 and Tasmota: the flash size in the header is not the chip's, or there is no room; "
     "update by way of the minimal image. Otherwise check supply and flash mode.",
     {36}},
    {NULL, DOCTOR_NOTE, NULL, NULL, {0}},
};
