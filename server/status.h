/* SPDX-License-Identifier: Apache-2.0 */
/* What the admin sees: what is published, and what the devices say. As JSON, and as a page. */
#ifndef SERVER_STATUS_H
#define SERVER_STATUS_H

#include "server/store.h"

/* "releases": [{product, channel, version, order, serial, issued, expires, share, halted,
 * recalled, chips}] for every manifest.json below `root` (a folder's descriptor), or with "error"
 * where it cannot be read; and what store_status adds, with a "meaning" in words beside a reason
 * that is a number. Whether a manifest is signed rightly is not looked at: devices do. NULL: no
 * memory, or the database fails. */
cJSON *status_collect(int root, store_t *store);

/* The same as one self-contained page; free() it. NULL: no memory. */
char *status_page(const cJSON *status, size_t *len);

#endif
