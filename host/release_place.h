/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of host/release*.c share. */
#ifndef HOST_RELEASE_PLACE_H
#define HOST_RELEASE_PLACE_H

#include "host/release.h"

/* The text of `json` as the bytes of `document`; its folder stands already. */
bool release_draft(release_document_t *document, const cJSON *json, release_trouble_t *trouble);

/* Writes the document under this name into its folder, by a rename. */
bool release_place_document(release_document_t *document, const char *name,
                            release_trouble_t *trouble);

/* What was renamed into the folder stays, whatever happens to the machine. Best effort: not every
 * file system can. */
void release_sync(const char *folder);

/* Does the set in `document` follow `held`, with the signatures that lie beside it? */
ota_status_t release_follow(const release_document_t *document, const ota_keys_t *held,
                            ota_keys_t *next, ota_fault_t *fault);

#endif
