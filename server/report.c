/* SPDX-License-Identifier: Apache-2.0 */
#include "server/report.h"

#include "core/fields.h"

#include <string.h>

#define ANY 0xFFFFFFFFu

/* The members as they stand in the bytes. */
typedef struct {
    ota_text_t device;
    ota_text_t product;
    ota_text_t channel;
    ota_text_t version;
    ota_text_t from;
    ota_text_t result;
    ota_text_t reason;
    uint32_t order;
    uint32_t boots;
} members_t;

#define AT(member) offsetof(members_t, member)
static const field_t fields[] = {
    {"device", FIELD_LINE, true, AT(device), 0, REPORT_DEVICE},
    {"product", FIELD_NAME, true, AT(product), 0, REPORT_NAME},
    {"channel", FIELD_NAME, false, AT(channel), 0, REPORT_NAME},
    {"version", FIELD_LINE, true, AT(version), 0, REPORT_NAME},
    {"order", FIELD_NUMBER, true, AT(order), 0, ANY},
    {"from", FIELD_PROSE, false, AT(from), 0, REPORT_NAME},
    {"result", FIELD_NAME, true, AT(result), 0, REPORT_NAME},
    {"reason", FIELD_PROSE, false, AT(reason), 0, REPORT_REASON},
    {"boots", FIELD_NUMBER, false, AT(boots), 0, ANY},
};
#undef AT

static const char *const results[REPORT_RESULTS] = {
    [REPORT_CONFIRMED] = "confirmed",     [REPORT_INSTALLED] = "installed",
    [REPORT_ROLLED_BACK] = "rolled-back", [REPORT_FAILED] = "failed",
    [REPORT_REFUSED] = "refused",
};

const char *report_result_name(report_result_t result)
{
    return results[result];
}

/* Bounds were checked by the table: `text` has room for the longest value and a NUL. */
static void copy(char *text, ota_text_t value)
{
    if (value.len > 0) {
        memcpy(text, value.at, value.len);
    }
    text[value.len] = '\0';
}

static ota_status_t take_result(report_t *report, const json_t *json, ota_text_t value)
{
    for (unsigned i = 0; i < REPORT_RESULTS; i++) {
        if (ota_text_is(value, results[i])) {
            report->result = (report_result_t)i;
            return OTA_OK;
        }
    }
    return ota_json_fail(json, OTA_ERR_FIELD_VALUE,
                         (uint32_t)((const uint8_t *)value.at - json->bytes), value.len, 0);
}

ota_status_t report_read(report_t *report, const void *bytes, size_t len, ota_fault_t *fault)
{
    members_t members = {.boots = 0};
    json_t json = {.bytes = bytes, .len = (uint32_t)len, .fault = fault};
    *fault = (ota_fault_t){.status = OTA_OK};
    if (len > REPORT_MAX) {
        json.len = REPORT_MAX;
        return ota_json_fail(&json, OTA_ERR_DOCUMENT_SIZE, 0, (uint32_t)len, REPORT_MAX);
    }
    ota_status_t status =
        ota_fields_read(&json, fields, (uint32_t)(sizeof(fields) / sizeof(fields[0])), &members);
    if (status == OTA_OK) {
        status = ota_json_end(&json);
    }
    if (status != OTA_OK) {
        return status;
    }
    *report = (report_t){.order = members.order, .boots = members.boots};
    copy(report->device, members.device);
    copy(report->product, members.product);
    copy(report->channel, members.channel);
    copy(report->version, members.version);
    copy(report->from, members.from);
    copy(report->reason, members.reason);
    return take_result(report, &json, members.result);
}
