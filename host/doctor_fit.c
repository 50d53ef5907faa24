/* SPDX-License-Identifier: Apache-2.0 */
/* Which stock table with two slots holds an app. */
#include "host/doctor_internal.h"

#include <inttypes.h>
#include <stdio.h>

#define MIB 0x100000u

/* Tables of arduino-esp32 (and PlatformIO, which takes them from there) with two equal slots,
 * small slots first. Facts of their CSV files; the tests compare them with the real ones. */
static const struct {
    const char *name;
    uint32_t slot;
    uint32_t flash;
} tables[] = {
    {"default.csv", 0x140000, 4 * MIB},       {"min_spiffs.csv", 0x1E0000, 4 * MIB},
    {"no_fs.csv", 0x1F0000, 4 * MIB},         {"default_8MB.csv", 0x330000, 8 * MIB},
    {"default_16MB.csv", 0x640000, 16 * MIB}, {"default_32MB.csv", 0xC80000, 32 * MIB},
};

#define TABLES      (sizeof(tables) / sizeof(tables[0]))
#define LARGEST_4MB 0x1F0000u

void doctor_fit(uint32_t app, uint32_t flash, char *text, size_t room)
{
    char slot[24];
    char chip[24];
    size_t i = 0;
    while (i < TABLES && (tables[i].slot < app || (flash != 0 && tables[i].flash > flash))) {
        i++;
    }
    if (i == TABLES) {
        (void)snprintf(text, room,
                       "no stock table with two slots holds %s%s: make the app smaller, use a "
                       "larger flash, or a recovery app plus one slot (safeboot). huge_app.csv "
                       "gives 3 MB on 4 MB flash, without OTA",
                       doctor_mb(app, slot), flash != 0 ? " on this flash" : "");
        return;
    }
    (void)snprintf(text, room,
                   "%s fits: two slots of %s on %s flash, filled to %u%%. In platformio.ini: "
                   "`board_build.partitions = %s`%s",
                   tables[i].name, doctor_mb(tables[i].slot, slot),
                   doctor_mb(tables[i].flash, chip),
                   (unsigned)((uint64_t)app * 100u / tables[i].slot), tables[i].name,
                   flash == 0 && app > LARGEST_4MB
                       ? " (on 4 MB flash none with two slots holds it; huge_app.csv does, "
                         "without OTA)"
                       : "");
}
