/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of images share: the reference image, and one way to run the verifier. */
#ifndef TESTS_SUPPORT_IMAGE_H
#define TESTS_SUPPORT_IMAGE_H

#include "ota/image.h"

#define NO_LIMIT 0xFFFFFFFFu

typedef struct {
    ota_status_t status;
    ota_fault_t fault;
    uint32_t length; /* 0 unless the image is good */
} verdict_t;

/* An app of this chip ("esp32") in a 1 MiB slot at 0x10000. */
ota_image_rules_t rules_for(const char *chip);

/* Feeds `first` bytes, then pieces of `piece`. Fails the test if the fault does not repeat the
 * status. */
verdict_t verify_pieces(const ota_image_rules_t *rules, const uint8_t *bytes, size_t len,
                        size_t first, size_t piece);
verdict_t verify(const ota_image_rules_t *rules, const uint8_t *bytes, size_t len);

/* ESP32-S3, DIO, 4 MB: 256 bytes of DROM (the descriptor), 16 of IROM; 352 bytes in all. */
#define WORKED_IMAGE 352u
size_t worked_image(uint8_t image[WORKED_IMAGE]);

#endif
