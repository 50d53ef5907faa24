/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a binary table, through the device's two readers, the layout, the host's reader,
 * lint, the map and the CSV. */
#include "host/flash_map.h"
#include "host/table_csv.h"
#include "host/table_lint.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth) {
        abort();
    }
}

static void check_layout(const ota_table_t *table)
{
    ota_layout_t layout;
    ota_layout_read(&layout, table);
    require(layout.app_count <= OTA_SLOTS_MAX && layout.app_count <= layout.boot_count);
    for (int running = -2; running < 16; running++) {
        ota_slot_t next = OTA_SLOT_NONE;
        if (ota_layout_next(&layout, (ota_slot_t)running, &next) == OTA_OK) {
            require(next != (ota_slot_t)running && next >= 0);
            require(ota_layout_region(&layout, next).size != 0);
        }
    }
    ota_part_t part;
    for (uint32_t at = 0; ota_table_find(table, &at, OTA_ANY, OTA_ANY, NULL, &part) == OTA_OK;) {
        require(at <= table->count);
    }
}

static void check_readers(const uint8_t *data, size_t size)
{
    ota_table_t table;
    ota_fault_t fault = {OTA_OK, 0, 0, 0};
    if (ota_table_open_boot(&table, data, size, 16u << 20, &fault) == OTA_OK) {
        check_layout(&table);
    } else {
        require(fault.status != OTA_OK && fault.offset <= OTA_TABLE_SIZE);
    }
    if (ota_table_open_app(&table, data, size, &fault) == OTA_OK) {
        check_layout(&table);
    }
}

static void check_host(const uint8_t *data, size_t size)
{
    static table_source_t source;
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    table_lint_t lint = {.flash_size = 4u << 20};
    options.no_md5 = size % 7 == 0;
    if (table_read(&source, &options, data, size)) {
        ota_part_t parts[FLASH_MAP_PARTS_MAX];
        size_t len = 0;
        char *csv = table_to_csv(&source, &len);
        require(csv != NULL);
        free(csv);
        (void)table_lint(&source, &lint, data, size);
        size_t count = table_parts(&source, parts, FLASH_MAP_PARTS_MAX);
        flash_map_t map = FLASH_MAP_DEFAULT;
        map.utf8 = size % 2 != 0;
        char *text = flash_map_draw(&map, parts, count);
        require(text != NULL && strchr(text, '\x1b') == NULL);
        free(text);
    }
    table_source_free(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_readers(data, size);
    if (size >= 2 && data[0] == 0xAA && data[1] == 0x50) {
        check_host(data, size);
    }
    return 0;
}
