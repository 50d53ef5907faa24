/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request brings to the server's own parsers: any bytes, taken as a path, as a range, as a
 * list of entity tags, as an Authorization header and as a report.
 *
 * A path that passes has only words that a publisher could have written; a part lies within the
 * file; nothing but the token authorizes; a report's texts end within their bounds.
 */
#include "server/path.h"
#include "server/range.h"
#include "server/report.h"
#include "server/token.h"

#include <stdlib.h>
#include <string.h>

static void demand(bool held)
{
    if (!held) {
        abort();
    }
}

static void try_path(const char *text)
{
    char path[SERVER_PATH];
    if (!path_decode(text, path)) {
        return;
    }
    demand(path[0] != '\0' && path[0] != '/' && strlen(path) < sizeof(path));
    demand(strstr(path, "..") != path && strstr(path, "/.") == NULL && strstr(path, "//") == NULL);
    demand(path[strlen(path) - 1] != '/' && strchr(path, '\\') == NULL);
    for (const char *at = path; *at != '\0'; at++) {
        demand(*at > ' ' && *at < 0x7F);
    }
}

static void try_range(const char *text, uint64_t size)
{
    uint64_t first = 0;
    uint64_t len = 0;
    switch (range_read(text, size, &first, &len)) {
    case RANGE_WHOLE:
        demand(first == 0 && len == size);
        break;
    case RANGE_PART:
        demand(len > 0 && first < size && len <= size - first);
        break;
    case RANGE_BEYOND:
        break;
    }
}

static void try_report(const uint8_t *data, size_t size)
{
    report_t report;
    ota_fault_t fault;
    ota_status_t status = report_read(&report, data, size, &fault);
    if (status != OTA_OK) {
        demand(fault.status == status && fault.offset <= size);
        return;
    }
    demand(size <= REPORT_MAX && report.result < REPORT_RESULTS);
    demand(strlen(report.device) > 0 && strlen(report.device) <= REPORT_DEVICE);
    demand(strlen(report.product) > 0 && strlen(report.version) > 0);
    demand(strlen(report.reason) <= REPORT_REASON && strlen(report.from) <= REPORT_NAME);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char token[] = "7e57aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    try_path(text);
    try_range(text, 0);
    try_range(text, 1);
    try_range(text, 1500000);
    try_range(text, UINT64_MAX);
    (void)range_tag_listed(text, "\"a\"");
    demand(!range_allowed(text, "\"a\"") || strcmp(text, "\"a\"") == 0);
    if (strstr(text, token) == NULL && size < 80) { /* too short for the token in base 64 */
        demand(!token_authorized(text, token));
    }
    try_report(data, size);
    free(text);
    return 0;
}
