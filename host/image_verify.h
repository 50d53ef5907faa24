/* SPDX-License-Identifier: Apache-2.0 */
/* The device's own verifier over bytes in memory, and what a host may guess before it runs. */
#ifndef HOST_IMAGE_VERIFY_H
#define HOST_IMAGE_VERIFY_H

#include "ota/image.h"

/* Feeds the bytes in pieces that stay in the CPU's cache. Statuses of ota_image_start, feed and
 * finish; `image` answers further questions afterwards. */
OTA_MUST_CHECK ota_status_t image_verify(ota_image_t *image, const ota_image_rules_t *rules,
                                         const uint8_t *bytes, size_t len);

/* An app has a descriptor or segments in flash; an image with neither is a bootloader. Looks at
 * headers only. */
ota_image_kind_t image_guess_kind(const uint8_t *bytes, size_t len);

#endif
