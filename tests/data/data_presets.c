/* SPDX-License-Identifier: Apache-2.0 */
/* Every known table of arduino-esp32 and ESP-IDF against the bytes of Espressif's generator. */
#include "host/presets.h"
#include "support/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same(const preset_t *preset, const uint8_t *want, size_t want_len)
{
    ota_part_t parts[PRESET_PARTS_MAX];
    uint8_t got[OTA_TABLE_SIZE];
    size_t count = preset_parts(preset, parts);
    memset(got, 0xFF, sizeof(got));
    for (size_t i = 0; i < count; i++) {
        ota_table_encode(got + i * OTA_TABLE_ENTRY, &parts[i]);
    }
    ota_table_encode_md5(got + count * OTA_TABLE_ENTRY, got, (uint32_t)count);
    return want_len == sizeof(got) && memcmp(got, want, sizeof(got)) == 0;
}

int main(void)
{
    if (data_path("tables") == NULL) {
        return data_skip("69 known tables of arduino-esp32 and ESP-IDF");
    }
    int right = 0;
    int wrong = 0;
    for (size_t i = 0; i < presets_count; i++) {
        char name[128];
        size_t len = 0;
        if (presets[i].source == PRESET_OTARY) {
            continue;
        }
        (void)snprintf(name, sizeof(name), "tables/%s-%s.bin",
                       presets[i].source == PRESET_IDF ? "idf" : "arduino", presets[i].name);
        const char *path = data_path(name);
        uint8_t *want = path != NULL ? data_read(path, &len) : NULL;
        bool ok = want != NULL && same(&presets[i], want, len);
        right += ok;
        wrong += !ok;
        if (!ok) {
            (void)fprintf(stderr, "%s differs\n", name);
        }
        free(want);
    }
    (void)printf("%d known tables are right, %d wrong\n", right, wrong);
    return wrong == 0 && right == 69 ? 0 : 1;
}
