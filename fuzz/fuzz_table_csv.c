/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a partition CSV: read, verified, linted, built. What is built must be read by the
 * application's reader with as many entries, and be built again from its own CSV. */
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

static const char *environment(void *ctx, const char *name)
{
    (void)ctx;
    return name[0] == 'S' ? "64K" : name[0] == 'R' ? "row,data,fat,,4K" : NULL;
}

static void check_built(table_source_t *source)
{
    uint8_t binary[OTA_TABLE_SIZE];
    ota_table_t table;
    if (!table_to_binary(source, binary)) {
        require(table_findings_error(&source->findings) != NULL);
        return;
    }
    require(ota_table_open_app(&table, binary, sizeof(binary), NULL) == OTA_OK);
    require(table.count == source->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const extra[] = {"data, mine, 0x99", "app,two,41"};
    static table_source_t source;
    table_options_t options = TABLE_OPTIONS_DEFAULT;
    options.env = environment;
    options.extra = extra;
    options.extra_count = 2;
    options.has_bootloader = size % 2 != 0;
    options.bootloader_offset = 0x1000;
    options.has_recovery = size % 3 != 0;
    options.recovery_offset = 0x300000;
    options.secure = size % 5 == 0 ? TABLE_SECURE_V1 : TABLE_SECURE_NO;
    if (table_read(&source, &options, data, size) && !source.from_binary) {
        bool ok = table_verify(&source);
        require(ok == (table_findings_error(&source.findings) == NULL));
        if (ok) {
            check_built(&source);
        }
        table_lint_t lint = {.flash_size = 4u << 20, .app_size = (uint32_t)size * 4096};
        (void)table_lint(&source, &lint, data, size);
    } else if (!source.from_binary) {
        require(table_findings_error(&source.findings) != NULL);
    }
    table_source_free(&source);
    return 0;
}
