/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What devices have reported, in one SQLite file (write-ahead log). All values are bound to
 * prepared statements. Two tables: the latest word of each device, and the log of reports, which
 * keeps the newest ones. Both are bounded, because anyone who reaches the server can write.
 *
 * Functions may be called from any thread.
 */
#ifndef SERVER_STORE_H
#define SERVER_STORE_H

#include "host/release.h"
#include "server/report.h"

#define STORE_DEVICES 1000000u
#define STORE_LOG     200000u

typedef struct store store_t;

/* Makes the file (mode 0600) if need be. devices, log: how many rows are kept; 0: the numbers
 * above. NULL: trouble. */
store_t *store_open(const char *path, uint32_t devices, uint32_t log, release_trouble_t *trouble);
void store_close(store_t *store);

typedef enum { STORE_OK, STORE_FULL, STORE_FAILED } store_result_t;

/* Takes a report in, all of it or nothing. FULL: a new device, and there are too many. */
store_result_t store_report(store_t *store, const report_t *report, uint32_t now);

/* Adds to `json`:
 *   "devices": how many, "versions": [{product, version, devices}], the running ones,
 *   "results": [{product, version, order, result, devices}], the latest word of each device,
 *   "failures": [{product, version, result, reason, reports, devices, last}], newest first,
 *   "latest": the latest reports. false: the database fails. */
bool store_status(store_t *store, cJSON *json);

#endif
