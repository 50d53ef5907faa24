/* SPDX-License-Identifier: Apache-2.0 */
/* Which stock table with two slots holds an app: the ranking of host/table_suggest.h, in one line.
 */
#include "host/doctor_internal.h"
#include "host/size.h"

#include "host/table_suggest.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MIB 0x100000u

/* The best table of arduino-esp32 (PlatformIO takes its tables from there) with two slots. */
static bool best_of(uint32_t app, uint32_t flash, suggestion_t *list, suggestion_t *best)
{
    const suggest_need_t need = {.app_size = app, .flash_size = flash};
    size_t count = suggest_rank(list, &need);
    for (size_t i = 0; i < count; i++) {
        if (list[i].fits && list[i].update == SUGGEST_TWO_SLOTS && !list[i].preset->special &&
            list[i].preset->source == PRESET_ARDUINO) {
            *best = list[i];
            return true;
        }
    }
    return false;
}

/* With the flash not known the smallest that holds two slots counts, 4 MiB first. */
static bool find(uint32_t app, uint32_t flash, suggestion_t *best, uint32_t *on)
{
    suggestion_t *list = malloc(SUGGESTIONS_MAX * sizeof(*list));
    bool found = false;
    if (list == NULL) {
        return false;
    }
    if (flash >= MIB && flash % 0x10000u == 0) {
        *on = flash;
        found = best_of(app, flash, list, best);
    }
    for (uint32_t size = 4 * MIB; flash == 0 && !found && size <= 32 * MIB; size *= 2) {
        *on = size;
        found = best_of(app, size, list, best);
    }
    free(list);
    return found;
}

void doctor_fit(uint32_t app, uint32_t flash, char *text, size_t room)
{
    char slot[SIZE_TEXT];
    char chip[SIZE_TEXT];
    suggestion_t best;
    uint32_t on = 0;
    if (app == 0 || !find(app, flash, &best, &on)) {
        (void)snprintf(text, room,
                       "no stock table with two slots holds %s%s: make the app smaller, use a "
                       "larger flash, or a recovery app plus one slot (safeboot); `otary table "
                       "suggest --app-size %" PRIu32 "` shows what there is",
                       size_text(app, slot), flash != 0 ? " on this flash" : "", app);
        return;
    }
    (void)snprintf(text, room,
                   "%s.csv fits: two slots of %s on %s flash, filled to %u%%. In platformio.ini: "
                   "`board_build.partitions = %s.csv`%s (Arduino IDE, ESP-IDF: `otary table "
                   "suggest --app-size %" PRIu32 "`)",
                   best.preset->name, size_text(best.slot_size, slot), size_text(on, chip),
                   (unsigned)((uint64_t)app * 100u / best.slot_size), best.preset->name,
                   flash == 0 && on > 4 * MIB
                       ? "; on 4 MiB flash none with two slots holds it (huge_app.csv does, "
                         "without OTA)"
                       : "",
                   app);
}
