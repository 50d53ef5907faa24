/* SPDX-License-Identifier: Apache-2.0 */
/* Functions, not macros or inlines: each of them stands in flash once. */
#include "core/bytes.h"

uint16_t ota_get_le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t ota_get_le32(const uint8_t *p)
{
    return ota_get_le16(p) | (uint32_t)ota_get_le16(p + 2) << 16;
}

void ota_put_le16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

void ota_put_le32(uint8_t *p, uint32_t v)
{
    ota_put_le16(p, (uint16_t)v);
    ota_put_le16(p + 2, (uint16_t)(v >> 16));
}
