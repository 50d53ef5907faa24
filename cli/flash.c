/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/flash.h"

static const cli_verb_t verbs[] = {
    {.name = "new",
     .operands = "FLASH",
     .min = 1,
     .max = 1,
     .summary = "assemble a whole flash from table, bootloader, apps and data",
     .details = "Every part is judged by the device's own code first; nothing is written if one "
                "does not\nverify or does not fit. Slots go by name (factory, ota_0, ..) or by "
                "label.",
     .example = "otary flash new device.bin --table partitions.csv --bootloader bootloader.bin "
                "--app ota_0=app.bin\n"
                "otary flash new device.bin --table min_spiffs.csv --app app0=app.bin "
                "--data nvs=nvs.bin --flash-size 4M",
     .options = flash_new_options,
     .run = flash_new},
    {.name = "show",
     .operands = "FLASH",
     .min = 1,
     .max = 1,
     .summary = "who lives where, what each slot holds, and what would boot",
     .details = "The flash is only read. What would boot is decided by the device's own code on a "
                "copy in\nmemory, once by the rules of Espressif's bootloader and once by "
                "Otary's.",
     .example = "otary flash show device.bin\notary flash show device.bin --json",
     .options = flash_show_options,
     .run = flash_show},
    {.name = "extract",
     .operands = "FLASH PART FILE",
     .min = 3,
     .max = 3,
     .summary = "take a part out of a flash, into a file",
     .details = "PART is a label, a slot (factory, ota_0, ..), `bootloader` or `table`. Of an "
                "app or a\nbootloader the image alone is taken, to the byte; --whole takes the "
                "partition as it is.",
     .example = "otary flash extract device.bin ota_0 app.bin\n"
                "otary flash extract device.bin table - | otary table show -",
     .options = flash_extract_options,
     .run = flash_extract},
    {0}};

const cli_command_t cli_flash = {"flash", "whole flashes: assemble, look at, take apart", verbs};
