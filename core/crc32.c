/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crc32.h"

/*
 * Four bits at a time, of two bytes side by side: 256 bytes of table make a journal's CRC of a
 * whole image affordable. pass[n][v]: what v has become when it and n more nibbles of 0 have
 * passed.
 */
uint32_t ota_crc32(uint32_t start, const void *data, size_t len)
{
    static const uint32_t pass[4][16] = {
        {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158,
         0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4,
         0xA00AE278, 0xBDBDF21C},
        {0x00000000, 0x77073096, 0xEE0E612C, 0x990951BA, 0x076DC419, 0x706AF48F, 0xE963A535,
         0x9E6495A3, 0x0EDB8832, 0x79DCB8A4, 0xE0D5E91E, 0x97D2D988, 0x09B64C2B, 0x7EB17CBD,
         0xE7B82D07, 0x90BF1D91},
        {0x00000000, 0x4AC21251, 0x958424A2, 0xDF4636F3, 0xF0794F05, 0xBABB5D54, 0x65FD6BA7,
         0x2F3F79F6, 0x3B83984B, 0x71418A1A, 0xAE07BCE9, 0xE4C5AEB8, 0xCBFAD74E, 0x8138C51F,
         0x5E7EF3EC, 0x14BCE1BD},
        {0x00000000, 0x191B3141, 0x32366282, 0x2B2D53C3, 0x646CC504, 0x7D77F445, 0x565AA786,
         0x4F4196C7, 0xC8D98A08, 0xD1C2BB49, 0xFAEFE88A, 0xE3F4D9CB, 0xACB54F0C, 0xB5AE7E4D,
         0x9E832D8E, 0x87981CCF},
    };
    const uint8_t *p = data;
    uint32_t crc = ~start;
    for (; len >= 2; len -= 2, p += 2) {
        crc ^= p[0] | (uint32_t)p[1] << 8;
        crc = (crc >> 16) ^ pass[3][crc & 15u] ^ pass[2][crc >> 4 & 15u] ^ pass[1][crc >> 8 & 15u] ^
              pass[0][crc >> 12 & 15u];
    }
    if (len != 0) {
        crc ^= p[0];
        crc = (crc >> 8) ^ pass[1][crc & 15u] ^ pass[0][crc >> 4 & 15u];
    }
    return ~crc;
}
