/* SPDX-License-Identifier: Apache-2.0 */
/* Every recorded binary table: what the bootloader's and the application's reader make of it. */
#include "ota/table.h"
#include "support/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ESP_INVALID_STATE 259 /* 0x103 */
#define ESP_INVALID_SIZE  260 /* 0x104 */
#define ESP_NOT_FOUND     261 /* 0x105 */

typedef struct {
    long tables;
    long rows;
    long wrong;
} tally_t;

static int esp_number(ota_status_t status, uint32_t count, bool app)
{
    switch ((int)status) {
    case OTA_OK:
        return app && count == 0 ? ESP_NOT_FOUND : 0; /* the loader calls an empty list not found */
    case OTA_ERR_TABLE_RANGE:
        return ESP_INVALID_SIZE;
    case OTA_ERR_TABLE_MD5_MISSING:
        return ESP_NOT_FOUND;
    default:
        return ESP_INVALID_STATE;
    }
}

/* Slots at address 0 of size 0 are recorded as absent, like those that are. */
static void boot_text(const ota_layout_t *layout, char *text, size_t room)
{
    int n = snprintf(text, room, "n=%u O=%x+%x F=%x+%x T=%x+%x", layout->boot_count,
                     layout->otadata.offset, layout->otadata.size, layout->factory.offset,
                     layout->factory.size, layout->test.offset, layout->test.size);
    for (unsigned i = 0; i < OTA_SLOTS_MAX; i++) {
        ota_region_t region = ota_layout_region(layout, (ota_slot_t)i);
        if ((region.offset | region.size) != 0 && n > 0 && (size_t)n < room) {
            n += snprintf(text + n, room - (size_t)n, " %u=%x+%x", i, region.offset, region.size);
        }
    }
}

static bool boot_agrees(const cJSON *json, const uint8_t *bytes)
{
    ota_table_t table = {bytes, 0};
    ota_fault_t fault = {OTA_OK, 0, 0, 0};
    uint32_t chip = (uint32_t)strtoul(json_text(json, "chip"), NULL, 16);
    ota_status_t status = ota_table_open_boot(&table, bytes, OTA_TABLE_SECTOR, chip, &fault);
    if (esp_number(status, table.count, false) != json_number(json, "rc", -1) ||
        table.count != json_number(json, "n", -1) || fault.status != status) {
        return false;
    }
    char text[1024] = "";
    if (status == OTA_OK) {
        ota_layout_t layout;
        ota_layout_read(&layout, &table);
        boot_text(&layout, text, sizeof(text));
        return strcmp(text, json_text(json, "boot")) == 0;
    }
    return fault.offset <= OTA_TABLE_SIZE;
}

/* type.subtype.offset+size.ER.label; E is recorded with flash encryption off: always 0. */
static void row_text(const ota_part_t *part, char *text, size_t room)
{
    const bool encryption_on = false;
    int n = snprintf(text, room, "%x.%x.%x+%x.%d%d.", part->type, part->subtype, part->offset,
                     part->size, encryption_on && ota_part_encrypted(part),
                     (part->flags & OTA_PART_READONLY) != 0);
    for (const char *p = part->label; *p != '\0'; p++) {
        n += snprintf(text + n, room - (size_t)n, "%02x", (unsigned char)*p);
    }
}

static bool app_agrees(const cJSON *json, const uint8_t *bytes, long *rows)
{
    ota_table_t table = {bytes, 0};
    ota_status_t status = ota_table_open_app(&table, bytes, OTA_TABLE_SECTOR, NULL);
    if (esp_number(status, table.count, true) != json_number(json, "app_rc", -1) ||
        table.count != json_number(json, "app_n", -1)) {
        return false;
    }
    const char *want = json_text(json, "app");
    ota_part_t part;
    for (uint32_t i = 0; want != NULL && ota_table_get(&table, i, &part) == OTA_OK; i++) {
        char text[128];
        row_text(&part, text, sizeof(text));
        size_t len = strlen(text);
        if (strncmp(want, text, len) != 0 || (want[len] != ' ' && want[len] != '\0')) {
            return false;
        }
        want += len + (want[len] == ' ');
        (*rows)++;
    }
    return want == NULL || *want == '\0';
}

static bool one(void *user, long number, char *line)
{
    tally_t *tally = user;
    uint8_t bytes[OTA_TABLE_SECTOR];
    memset(bytes, 0xFF, sizeof(bytes));
    cJSON *json = cJSON_Parse(line);
    if (json == NULL || hex_decode(json_text(json, "hex"), bytes, sizeof(bytes)) < 0) {
        (void)fprintf(stderr, "line %ld: not a vector\n", number);
        tally->wrong++;
    } else if (!boot_agrees(json, bytes) || !app_agrees(json, bytes, &tally->rows)) {
        (void)fprintf(stderr, "table %lld (%s) differs\n", json_number(json, "id", -1),
                      json_text(json, "kind"));
        tally->wrong++;
    }
    tally->tables++;
    cJSON_Delete(json);
    return tally->wrong < 20;
}

int main(void)
{
    const char *path = data_path("vectors/idf-behaviour/ptable.jsonl.gz");
    tally_t tally = {0, 0, 0};
    if (path == NULL) {
        return data_skip("2873 recorded binary tables");
    }
    if (data_lines(path, one, &tally) < 2873) {
        (void)fprintf(stderr, "the vector file is short: %ld tables\n", tally.tables);
        return 1;
    }
    (void)printf("%ld tables, %ld application rows, %ld differ\n", tally.tables, tally.rows,
                 tally.wrong);
    return tally.wrong == 0 && tally.rows > 0 ? 0 : 1;
}
