/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crc32.h"

/* Bit by bit: 4 bytes of otadata and 1196 of a signature block are all that it ever sees, and a
 * table would be larger than the function. */
uint32_t ota_crc32(uint32_t start, const void *data, size_t len)
{
    const uint8_t *p = data;
    uint32_t crc = ~start;
    for (size_t i = 0; i < len; i++) {
        crc ^= p[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
        }
    }
    return ~crc;
}
