/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the whole server serve: "root" in support/folder.h, with one image and one
 * manifest; and its admin token. */
#ifndef TESTS_SUPPORT_SERVED_H
#define TESTS_SUPPORT_SERVED_H

#include <stddef.h>

#define SERVED_MANIFEST "{\"a\":1}" /* lamp/stable/manifest.json */
#define SERVED_IMAGE    "images/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.bin"
#define SERVED_TOKEN    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Makes the folder, and all that; broken connections raise no signal from here on. */
int served_make(void **state, const void *image, size_t len);

#endif
