/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian fields in byte strings. Formats are read field by field, never by casting. */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* For what reports a failure: stands in flash once instead of at every place that fails. */
#define COLD __attribute__((cold, noinline))

uint16_t ota_get_le16(const uint8_t *p);
uint32_t ota_get_le32(const uint8_t *p);
void ota_put_le16(uint8_t *p, uint16_t v);
void ota_put_le32(uint8_t *p, uint32_t v);

static inline size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

#endif
