/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key pairs for tests that sign. Fresh ones; but finding the primes of RSA takes seconds, each
 * time another number of them. Where a program runs a thousand times (tools/mutate.py),
 * OTARY_TEST_KEYS names a folder that keeps those.
 */
#ifndef TESTS_SUPPORT_KEYS_H
#define TESTS_SUPPORT_KEYS_H

#include "ports/crypto/openssl_key.h"

/* Another number is another key. NULL: OpenSSL would not. The caller frees it. */
crypto_key_t *keys_take(ota_signature_kind_t kind, int number);

#endif
