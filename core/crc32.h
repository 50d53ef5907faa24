/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32, reflected, polynomial EDB88320, as the ESP32 ROM's ota_crc32: the start value is
 * inverted on the way in and the result on the way out. Start 0 gives zlib's CRC-32;
 * otadata uses start FFFFFFFF.
 */
#ifndef CORE_CRC32_H
#define CORE_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t ota_crc32(uint32_t start, const void *data, size_t len);

#endif
