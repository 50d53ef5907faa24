/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's store in files: key K of the prefix P is the file P.K. A write replaces the content
 * in place, so that a killed process leaves what a power cut would leave; the agent copes with
 * that.
 */
#ifndef PORTS_STORE_FILE_H
#define PORTS_STORE_FILE_H

#include "agent/ports.h"

typedef struct {
    char prefix[4000];
    ota_store_t store; /* ctx points back at this struct: do not move it */
} store_file_t;

/* OTA_ERR_RANGE: the prefix is too long. Nothing is opened yet. */
OTA_MUST_CHECK ota_status_t store_file_start(store_file_t *file, const char *prefix);

#endif
