/* SPDX-License-Identifier: Apache-2.0 */
/* The page: tables and nothing else. No script, nothing from elsewhere; every text is escaped. */
#include "server/status.h"

#include "host/date.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>otary serve</title><style>"
    "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;"
    "color-scheme:light dark}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.25em .8em;border-bottom:1px solid #8884}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}h2{margin-top:2em}"
    ".bad{color:#c33;font-weight:600}</style></head><body><h1>otary serve</h1>\n";

static void escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            (void)fputs("&lt;", out);
            break;
        case '>':
            (void)fputs("&gt;", out);
            break;
        case '&':
            (void)fputs("&amp;", out);
            break;
        case '"':
            (void)fputs("&quot;", out);
            break;
        default:
            (void)fputc(*text, out);
        }
    }
}

static const char *text_of(const cJSON *row, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, name));
    return text != NULL ? text : "";
}

static uint32_t number_of(const cJSON *row, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(row, name);
    return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= UINT32_MAX
               ? (uint32_t)item->valuedouble
               : 0;
}

static bool is_true(const cJSON *row, const char *name)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, name));
}

static void cell(FILE *out, const cJSON *row, const char *name)
{
    char when[DATE_TEXT];
    if (strcmp(name, "last") == 0 || strcmp(name, "at") == 0) {
        (void)fprintf(out, "<td>%s", date_text(number_of(row, name), when));
    } else if (cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(row, name))) {
        (void)fprintf(out, "<td class=\"n\">%" PRIu32, number_of(row, name));
    } else {
        (void)fputs("<td>", out);
        escaped(out, text_of(row, name));
    }
    (void)fputs("</td>", out);
}

/* A table of the array `name`; columns end with NULL. */
static void table(FILE *out, const cJSON *status, const char *name, const char *title,
                  const char *const *columns)
{
    const cJSON *row = NULL;
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(status, name);
    (void)fprintf(out, "<h2>%s</h2>", title);
    if (cJSON_GetArraySize(rows) == 0) {
        (void)fputs("<p>None.</p>\n", out);
        return;
    }
    (void)fputs("<table><tr>", out);
    for (size_t i = 0; columns[i] != NULL; i++) {
        (void)fprintf(out, "<th>%s</th>", columns[i]);
    }
    (void)fputs("</tr>\n", out);
    cJSON_ArrayForEach(row, rows)
    {
        (void)fputs("<tr>", out);
        for (size_t i = 0; columns[i] != NULL; i++) {
            cell(out, row, columns[i]);
        }
        (void)fputs("</tr>\n", out);
    }
    (void)fputs("</table>\n", out);
}

static void state(FILE *out, const cJSON *release)
{
    uint32_t share = number_of(release, "share");
    const char *error = text_of(release, "error");
    if (error[0] != '\0') {
        (void)fprintf(out, "<span class=\"bad\">cannot be read: %s</span>", error);
        return;
    }
    (void)fprintf(out, "%" PRIu32, share / 100);
    if (share % 100 != 0) {
        (void)fprintf(out, ".%02" PRIu32, share % 100);
    }
    (void)fputs(" %", out);
    const cJSON *cohort = NULL;
    cJSON_ArrayForEach(cohort, cJSON_GetObjectItemCaseSensitive(release, "cohorts"))
    {
        (void)fputs(", ", out);
        escaped(out, cohort->valuestring);
    }
    static const char *const flags[] = {"halted", "recalled", "expired"};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (is_true(release, flags[i])) {
            (void)fprintf(out, ", <span class=\"bad\">%s</span>", flags[i]);
        }
    }
}

static void releases(FILE *out, const cJSON *status)
{
    static const char *const columns[] = {"product", "channel", "version", "order", "serial", NULL};
    const cJSON *release = NULL;
    (void)fputs("<h2>Releases</h2><table><tr>", out);
    for (size_t i = 0; columns[i] != NULL; i++) {
        (void)fprintf(out, "<th>%s</th>", columns[i]);
    }
    (void)fputs("<th>rollout</th><th>issued</th></tr>\n", out);
    cJSON_ArrayForEach(release, cJSON_GetObjectItemCaseSensitive(status, "releases"))
    {
        char when[DATE_TEXT];
        (void)fputs("<tr>", out);
        for (size_t i = 0; columns[i] != NULL; i++) {
            cell(out, release, columns[i]);
        }
        (void)fputs("<td>", out);
        state(out, release);
        (void)fprintf(out, "</td><td>%s</td></tr>\n",
                      date_text(number_of(release, "issued"), when));
    }
    (void)fputs("</table>\n", out);
}

char *status_page(const cJSON *status, size_t *len)
{
    static const char *const versions[] = {"product", "version", "devices", NULL};
    static const char *const results[] = {"product", "version", "order", "result", "devices", NULL};
    static const char *const failures[] = {"product", "version", "result", "reason", "meaning",
                                           "devices", "reports", "last",   NULL};
    static const char *const latest[] = {"at",     "product", "device",  "version", "from",
                                         "result", "reason",  "meaning", NULL};
    char when[DATE_TEXT];
    char *page = NULL;
    FILE *out = open_memstream(&page, len);
    if (out == NULL) {
        return NULL;
    }
    (void)fputs(head, out);
    (void)fprintf(out,
                  "<p>%" PRIu32 " devices, %s. Reports are what devices say; nobody signs "
                  "them.</p>\n",
                  number_of(status, "devices"), date_text(number_of(status, "now"), when));
    releases(out, status);
    table(out, status, "versions", "Devices by running version", versions);
    table(out, status, "results", "Updates by latest result", results);
    table(out, status, "failures", "Failures", failures);
    table(out, status, "latest", "Latest reports", latest);
    (void)fputs("</body></html>\n", out);
    if (fclose(out) != 0) {
        free(page);
        return NULL;
    }
    return page;
}
