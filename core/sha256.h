/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4) in portable C, for chips without a crypto port. */
#ifndef CORE_SHA256_H
#define CORE_SHA256_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t state[8];
    uint64_t len;
    uint8_t buffer[64];
} sha256_t;

void ota_sha256_start(sha256_t *sha);
void ota_sha256_update(sha256_t *sha, const void *data, size_t len);
void ota_sha256_finish(sha256_t *sha, uint8_t digest[32]);

#endif
