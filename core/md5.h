/* SPDX-License-Identifier: Apache-2.0 */
/* MD5 (RFC 1321): the partition table's digest. Detects damage, authenticates nothing. */
#ifndef CORE_MD5_H
#define CORE_MD5_H

#include <stddef.h>
#include <stdint.h>

#define MD5_SIZE 16u

/* Of less than 512 MiB: a table has 3 KiB. */
void ota_md5(const void *data, size_t len, uint8_t digest[MD5_SIZE]);

#endif
