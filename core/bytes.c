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

int ota_hex_digit(uint8_t c, bool capitals)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (capitals) {
        c |= 0x20u;
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void ota_hex_bytes(const char *text, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = ota_hex_digit((uint8_t)text[2 * i], false);
        int low = ota_hex_digit((uint8_t)text[2 * i + 1], false);
        bytes[i] = (uint8_t)((uint32_t)high << 4 | ((uint32_t)low & 0x0Fu));
    }
}

void ota_hex_text(const uint8_t *bytes, size_t len, char *text)
{
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 0x0Fu];
    }
}
