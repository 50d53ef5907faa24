/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

static const cli_verb_t verbs[] = {
    {.name = "check",
     .operands = "TABLE...",
     .min = 1,
     .max = CLI_MANY,
     .summary = "find what is wrong with a table, or could be better",
     .details = "TABLE is a CSV, a binary table, - for stdin, or the name of a known table.\n"
                "Errors are what Espressif's generator, a bootloader or an app would refuse, and "
                "tables\nthat cannot be updated safely. docs/tables.md explains every rule.",
     .example = "otary table check partitions.csv --flash-size 4M\n"
                "otary table check partitions.csv --app build/firmware.bin",
     .options = table_check_options,
     .run = table_check},
    {.name = "show",
     .operands = "TABLE",
     .min = 1,
     .max = 1,
     .summary = "draw the flash as a map to scale",
     .details = "TABLE is a CSV, a binary table, - for stdin, or the name of a known table.",
     .example = "otary table show partitions.csv\notary table show min_spiffs",
     .options = table_show_options,
     .run = table_show},
    {.name = "build",
     .operands = "TABLE",
     .min = 1,
     .max = 1,
     .summary = "CSV to the binary table, and a binary table to CSV",
     .details = "The direction follows from the input: a binary table begins with AA 50. The "
                "output is\nbyte for byte that of Espressif's generator.",
     .example = "otary table build partitions.csv -o partitions.bin\n"
                "otary table build partitions.bin -o -",
     .options = table_build_options,
     .run = table_build},
    {.name = "suggest",
     .operands = "[APP]",
     .min = 0,
     .max = 1,
     .summary = "which table fits this app, and the lines to choose it",
     .details =
         "APP is the firmware file; --app-size gives its size instead. The flash is as large "
         "as APP's\nheader says, unless --flash-size does. Known tables are ranked, and "
         "one is computed. Tables\nwithout updates over the air are only offered with "
         "--no-ota.",
     .example = "otary table suggest firmware.bin\n"
                "otary table suggest --app-size 1479570 --flash-size 4M --spiffs 128K",
     .options = table_suggest_options,
     .run = table_suggest},
    {.name = "presets",
     .operands = "[NAME]",
     .min = 0,
     .max = 1,
     .summary = "the known tables, or one of them as CSV",
     .details = "Names of arduino-esp32 (also PlatformIO's), of ESP-IDF, and our own.",
     .example = "otary table presets\notary table presets min_spiffs -o partitions.csv",
     .options = table_presets_options,
     .run = table_presets},
    {0}};

const cli_command_t cli_table = {"table", "partition tables: check, draw, build, choose", verbs};
