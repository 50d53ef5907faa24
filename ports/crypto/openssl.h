/* SPDX-License-Identifier: Apache-2.0 */
/* The crypto port over OpenSSL 3: SHA-256 with the CPU's instructions, SHA-384, RSA-PSS, ECDSA. */
#ifndef PORTS_CRYPTO_OPENSSL_H
#define PORTS_CRYPTO_OPENSSL_H

#include "ota/crypto.h"

extern const ota_crypto_t crypto_openssl;

#endif
