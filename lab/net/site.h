/* SPDX-License-Identifier: Apache-2.0 */
/* Site: a published directory, in memory, as any static host would serve it. */
#ifndef LAB_NET_SITE_H
#define LAB_NET_SITE_H

#include "ota/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SITE_FILES 64u
#define SITE_PATH  200u

typedef enum { SITE_IMAGE, SITE_MANIFEST, SITE_OTHER, SITE_KINDS } site_kind_t;

typedef struct {
    char path[SITE_PATH]; /* from the directory, with a '/' before it */
    uint8_t *bytes;
    uint32_t len;
    site_kind_t kind;
} site_file_t;

typedef struct {
    site_file_t file[SITE_FILES];
    size_t files;
} site_t;

/* Every file below `directory`. OTA_ERR_PORT: one cannot be read; OTA_ERR_NO_ROOM: too many or too
 * long names. Free with site_free, also then. */
OTA_MUST_CHECK ota_status_t site_load(site_t *site, const char *directory);
void site_free(site_t *site);

/* NULL: none. */
const site_file_t *site_find(const site_t *site, const char *path);

#endif
