/* SPDX-License-Identifier: Apache-2.0 */
/* Documents for tests: a good manifest and a good key set, and the same with one change. */
#ifndef TESTS_SUPPORT_DOCUMENT_H
#define TESTS_SUPPORT_DOCUMENT_H

#include "ota/manifest.h"

/* Every member is there, each on a line of its own; two images, one recall, two cohorts. */
extern const char good_manifest[];
/* Two P-256 keys and one RSA key, threshold 2; the numbers are no real keys. */
const char *good_keys(void);

/* `text` with the first `old` replaced by `new`; fails the test if `old` is not in it. The result
 * lies in an exact block of its own, so that AddressSanitizer sees a byte read too far; it lives
 * until the next call but seven. */
typedef struct {
    const uint8_t *bytes;
    size_t len;
} document_t;

document_t changed(const char *text, const char *old, const char *new);
/* The first len bytes. */
document_t cut(const char *text, size_t len);
document_t whole(const char *text);

/* ota_manifest_open; fails the test if the fault does not repeat the status or lies outside. */
ota_status_t read_manifest(document_t document, ota_manifest_t *manifest, ota_fault_t *fault);

typedef struct {
    const char *old;
    const char *new;
    ota_status_t status;
    const char *at; /* the fault is where this begins in the changed text; NULL: not looked at */
} refusal_t;

/* Fails the test unless the changed text is refused so. */
void expect_refusal(const char *text, const refusal_t *refusal);

/* The folder of the repository, for files that are part of it. */
const char *vectors_root(void);

#endif
