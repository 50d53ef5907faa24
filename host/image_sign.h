/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing images and naming keys, in Espressif's v1 and v2 signature formats (docs/images.md).
 */
#ifndef HOST_IMAGE_SIGN_H
#define HOST_IMAGE_SIGN_H

#include "host/image_build.h"

#define IMAGE_KEYS_MAX 3u

/* A public key as rules want it: first 32 bytes SHA-256 of the key field for v2 schemes, 64
 * bytes X || Y for v1. OTA_ERR_UNSUPPORTED: the key is not of this scheme. */
OTA_MUST_CHECK ota_status_t image_key_trust(const crypto_key_t *key, ota_scheme_t scheme,
                                            uint8_t trusted[64]);

/* The v2 scheme that signs with this key. */
ota_scheme_t image_key_scheme(const crypto_key_t *key);

/* "none", "v1", "rsa3072", "p256", "p384", and back; OTA_SCHEME_NONE for other words. */
const char *image_scheme_name(ota_scheme_t scheme);
ota_scheme_t image_scheme_by_name(const char *name);

/*
 * Append a signature to an unsigned image (what follows the image proper is cut off).
 * v1: one P-256 key, 68 bytes behind the hash. v2: up to three keys of one kind, one block
 * each, in a 4 KiB sector at the next 4 KiB boundary.
 * OTA_ERR_ARG: no key, too many, public ones; OTA_ERR_UNSUPPORTED: the kind does not fit the
 * scheme; OTA_ERR_IMAGE_TRUNCATED: no whole image; OTA_ERR_NO_ROOM; OTA_ERR_PORT: OpenSSL.
 */
OTA_MUST_CHECK ota_status_t image_sign(image_bytes_t *image, ota_scheme_t scheme,
                                       crypto_key_t *const *keys, size_t count);

#endif
