/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian fields in byte strings. Formats are read field by field, never by casting. */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* For what reports a failure: stands in flash once instead of at every place that fails. */
#define COLD __attribute__((cold, noinline))

/* For what needs much stack, which its neighbours shall not hold while they run. */
#define APART __attribute__((noinline))

uint16_t ota_get_le16(const uint8_t *p);
uint32_t ota_get_le32(const uint8_t *p);
void ota_put_le16(uint8_t *p, uint16_t v);
void ota_put_le32(uint8_t *p, uint32_t v);

/* 0..15, or -1: no hexadecimal digit. A..F only where `capitals`. */
int ota_hex_digit(uint8_t c, bool capitals);
/* 2 * len digits into bytes, which the caller knows to be lower-case digits. */
void ota_hex_bytes(const char *text, uint8_t *bytes, size_t len);
/* Bytes as 2 * len lower-case digits, without NUL. */
void ota_hex_text(const uint8_t *bytes, size_t len, char *text);

static inline size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

#endif
