/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device tells about an update: POST /report. docs/report.md is the specification, with a
 * JSON schema. Read by the strict reader of the device library, without heap.
 *
 * A report is hearsay: nobody has signed it. It is shown to people, and decides nothing.
 */
#ifndef SERVER_REPORT_H
#define SERVER_REPORT_H

#include "ota/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPORT_MAX    2048u /* bytes of a report */
#define REPORT_DEVICE 64u
#define REPORT_NAME   32u
#define REPORT_REASON 64u

typedef enum {
    REPORT_CONFIRMED,   /* it runs the version, for good */
    REPORT_INSTALLED,   /* it has written the version and is going to try it */
    REPORT_ROLLED_BACK, /* it has tried the version and runs the one before */
    REPORT_FAILED,      /* download or installation failed */
    REPORT_REFUSED,     /* the version is not for it */
    REPORT_RESULTS
} report_result_t;

typedef struct {
    char device[REPORT_DEVICE + 1];
    char product[REPORT_NAME + 1];
    char channel[REPORT_NAME + 1]; /* "": not said */
    char version[REPORT_NAME + 1]; /* that the report is about */
    char from[REPORT_NAME + 1];    /* that ran before; "": not said */
    char reason[REPORT_REASON + 1];
    uint32_t order;
    uint32_t boots;
    report_result_t result;
} report_t;

/* "confirmed", "rolled-back", ... */
const char *report_result_name(report_result_t result);

/* Statuses and faults of the strict reader: OTA_ERR_JSON_*, OTA_ERR_FIELD_*, and
 * OTA_ERR_DOCUMENT_SIZE. */
OTA_MUST_CHECK ota_status_t report_read(report_t *report, const void *bytes, size_t len,
                                        ota_fault_t *fault);

#endif
