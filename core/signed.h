/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of documents share about their bytes. Internal to core. */
#ifndef CORE_SIGNED_H
#define CORE_SIGNED_H

#include "ota/document.h"

/* SHA-256 through the port; crypto NULL: ota_crypto_builtin. Statuses of hash_start. */
OTA_MUST_CHECK ota_status_t ota_signed_digest(const ota_crypto_t *crypto, const uint8_t *bytes,
                                              size_t len, uint8_t digest[OTA_SHA256_SIZE]);

#endif
