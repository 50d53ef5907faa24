/* SPDX-License-Identifier: Apache-2.0 */
/* Binary tables put together row by row. */
#ifndef TESTS_SUPPORT_TABLE_MAKER_H
#define TESTS_SUPPORT_TABLE_MAKER_H

#include "ota/table.h"
#include "support/unit.h"

#define MIB(n) ((uint32_t)(n) << 20)
#define KIB(n) ((uint32_t)(n) << 10)

typedef struct {
    uint8_t bytes[OTA_TABLE_SECTOR];
    uint32_t count;
} maker_t;

static inline void start(maker_t *m)
{
    memset(m, 0xFF, sizeof(m->bytes));
    m->count = 0;
}

static inline void add(maker_t *m, const char *label, uint8_t type, uint8_t subtype,
                       uint32_t offset, uint32_t size)
{
    ota_part_t part = {.type = type, .subtype = subtype, .offset = offset, .size = size};
    size_t len = strlen(label);
    assert_true(len <= OTA_LABEL_MAX);
    memcpy(part.label, label, len);
    ota_table_encode(m->bytes + (size_t)m->count++ * OTA_TABLE_ENTRY, &part);
}

static inline void seal(maker_t *m)
{
    ota_table_encode_md5(m->bytes + (size_t)m->count * OTA_TABLE_ENTRY, m->bytes, m->count);
}

static inline void two_ota(maker_t *m)
{
    start(m);
    add(m, "nvs", 1, 2, 0x9000, 0x4000);
    add(m, "otadata", 1, 0, 0xd000, 0x2000);
    add(m, "phy_init", 1, 1, 0xf000, 0x1000);
    add(m, "factory", 0, 0, 0x10000, MIB(1));
    add(m, "ota_0", 0, 0x10, 0x110000, MIB(1));
    add(m, "ota_1", 0, 0x11, 0x210000, MIB(1));
    seal(m);
}

#endif
