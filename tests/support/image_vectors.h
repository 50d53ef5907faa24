/* SPDX-License-Identifier: Apache-2.0 */
/* The records of vectors/tables-and-images/image.jsonl.gz: their bytes, and their keys. */
#ifndef TESTS_SUPPORT_IMAGE_VECTORS_H
#define TESTS_SUPPORT_IMAGE_VECTORS_H

#include "ports/crypto/openssl_key.h"
#include "support/data.h"

#define IMAGE_VECTORS        "vectors/tables-and-images/image.jsonl.gz"
#define IMAGE_VECTOR_RECORDS 2758

/* The image of a record: given whole, or made of a file of the firmware collection by the
 * record's changes. free() it. */
uint8_t *image_vector_bytes(const cJSON *record, size_t *len);

/* Public key by name ("rsa3072_a"), NULL: of a kind that nothing here checks (P-192). Kept for
 * the life of the program. */
const crypto_key_t *image_vector_key(const char *name);

/* Calls `each` with every record; fails the test if they are not IMAGE_VECTOR_RECORDS. */
void image_vectors(void (*each)(void *user, const cJSON *record), void *user);

#endif
