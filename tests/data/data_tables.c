/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of arduino-esp32 and ESP-IDF: each CSV gives the bytes beside it, or is refused where
 * there are none; each binary reads back to a CSV that gives the same bytes again. */
#include "host/table_csv.h"
#include "support/data.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int built;
    int refused;
    int wrong;
} tally_t;

static bool build(const uint8_t *bytes, size_t len, uint8_t out[OTA_TABLE_SIZE], const char *name)
{
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    table_source_t *source = calloc(1, sizeof(*source));
    bool ok = source != NULL && table_read(source, &options, bytes, len) && table_verify(source) &&
              table_to_binary(source, out);
    const table_finding_t *error = source != NULL ? table_findings_error(&source->findings) : NULL;
    if (!ok && error != NULL) {
        (void)printf("%s:%u: %s: %s\n", name, error->line, error->rule, error->what);
    }
    if (source != NULL) {
        table_source_free(source);
    }
    free(source);
    return ok && error == NULL;
}

/* CSV of a binary table, by way of its rows. */
static char *back_to_csv(const uint8_t *bytes, size_t len, size_t *csv_len)
{
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    table_source_t *source = calloc(1, sizeof(*source));
    char *csv = NULL;
    if (source != NULL && table_read(source, &options, bytes, len) && table_verify(source)) {
        csv = table_to_csv(source, csv_len);
    }
    if (source != NULL) {
        table_source_free(source);
    }
    free(source);
    return csv;
}

static bool same_round_trip(const uint8_t *want, size_t want_len, const char *name)
{
    uint8_t again[OTA_TABLE_SIZE];
    size_t len = 0;
    char *csv = back_to_csv(want, want_len, &len);
    bool ok = csv != NULL && build((const uint8_t *)csv, len, again, name) &&
              memcmp(again, want, sizeof(again)) == 0;
    free(csv);
    return ok;
}

static void one(tally_t *tally, const char *csv_name)
{
    char path[512];
    size_t csv_len = 0;
    size_t want_len = 0;
    uint8_t out[OTA_TABLE_SIZE];
    (void)snprintf(path, sizeof(path), "tables/%s", csv_name);
    const char *found = data_path(path);
    uint8_t *csv = found != NULL ? data_read(found, &csv_len) : NULL;
    bool ok = csv != NULL && build(csv, csv_len, out, csv_name);
    free(csv);
    (void)memcpy(strrchr(path, '.'), ".bin", 5);
    found = data_path(path);
    uint8_t *want = found != NULL ? data_read(found, &want_len) : NULL;
    if (want == NULL) {
        tally->refused += !ok;
        tally->wrong += ok;
    } else if (ok && want_len == OTA_TABLE_SIZE && memcmp(out, want, want_len) == 0 &&
               same_round_trip(want, want_len, csv_name)) {
        tally->built++;
    } else {
        (void)fprintf(stderr, "%s: differs from its .bin\n", csv_name);
        tally->wrong++;
    }
    free(want);
}

int main(void)
{
    const char *folder = data_path("tables");
    DIR *dir = folder != NULL ? opendir(folder) : NULL;
    tally_t tally = {0, 0, 0};
    if (dir == NULL) {
        return data_skip("71 partition tables of arduino-esp32 and ESP-IDF");
    }
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot != NULL && strcmp(dot, ".csv") == 0) {
            one(&tally, entry->d_name);
        }
    }
    (void)closedir(dir);
    (void)printf("%d tables built, %d refused as they should be, %d wrong\n", tally.built,
                 tally.refused, tally.wrong);
    return tally.wrong == 0 && tally.built >= 69 && tally.refused == 2 ? 0 : 1;
}
