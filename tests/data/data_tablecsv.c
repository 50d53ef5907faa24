/* SPDX-License-Identifier: Apache-2.0 */
/* Every recorded run of Espressif's generator: the same bytes or text, the same warnings, or the
 * same refusal at the same line with the same values in the sentence. */
#include "host/table_csv.h"
#include "support/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    long records;
    long accepted;
    long details;
    long warnings;
    long wrong;
} tally_t;

typedef struct {
    table_options_t options;
    bool no_verify;
    const char *extra[32];
} run_t;

/* What the record expects and what came out. */
typedef struct {
    const cJSON *json;
    table_source_t *source;
    uint8_t out[OTA_TABLE_SIZE];
    char *csv;
    size_t csv_len;
    bool ok;
} outcome_t;

static int64_t number(const char *text)
{
    int64_t value = 0;
    (void)table_number((table_view_t){text, strlen(text)}, 0, &value);
    return value;
}

static const char *environment(void *ctx, const char *name)
{
    const cJSON *env = ctx;
    return env != NULL ? json_text(env, name) : NULL;
}

static const cJSON *extra_options(run_t *run, const cJSON *opt)
{
    size_t n = 0;
    while (opt->next != NULL && strncmp(opt->next->valuestring, "--", 2) != 0 && n < 32) {
        opt = opt->next;
        run->extra[n++] = opt->valuestring;
    }
    run->options.extra = run->extra;
    run->options.extra_count = n;
    return opt;
}

/* Options with a value; returns the last item taken. */
static const cJSON *valued_option(run_t *run, const cJSON *opt)
{
    const char *name = opt->valuestring;
    const char *value = opt->next != NULL ? opt->next->valuestring : "";
    table_options_t *options = &run->options;
    if (strcmp(name, "-o") == 0 || strcmp(name, "--offset") == 0) {
        options->table_offset = number(value);
    } else if (strcmp(name, "--primary-bootloader-offset") == 0) {
        options->has_bootloader = true;
        options->bootloader_offset = number(value);
    } else if (strcmp(name, "--recovery-bootloader-offset") == 0) {
        options->has_recovery = true;
        options->recovery_offset = number(value);
    } else if (strcmp(name, "--flash-size") == 0) {
        options->flash_mb = (uint32_t)strtoul(value, NULL, 10);
    } else if (strcmp(name, "--extra-partition-subtypes") == 0) {
        return extra_options(run, opt);
    } else {
        return opt;
    }
    return opt->next;
}

static void read_options(run_t *run, const cJSON *json)
{
    run->options = (table_options_t)TABLE_OPTIONS_DEFAULT;
    run->options.env = environment;
    const cJSON *env = cJSON_GetObjectItemCaseSensitive(json, "env");
    memcpy(&run->options.env_ctx, &env, sizeof(env));
    const cJSON *opt = cJSON_GetObjectItemCaseSensitive(json, "opts")->child;
    for (; opt != NULL; opt = opt->next) {
        if (strcmp(opt->valuestring, "--no-verify") == 0) {
            run->no_verify = true;
        } else if (strcmp(opt->valuestring, "--disable-md5sum") == 0) {
            run->options.no_md5 = true;
        } else if (strcmp(opt->valuestring, "--secure") == 0) {
            bool v2 = opt->next != NULL && strcmp(opt->next->valuestring, "v2") == 0;
            bool v1 = opt->next != NULL && strcmp(opt->next->valuestring, "v1") == 0;
            run->options.secure = v2 ? TABLE_SECURE_V2 : TABLE_SECURE_V1;
            opt = v1 || v2 ? opt->next : opt;
        } else {
            opt = valued_option(run, opt);
        }
    }
}

static size_t put_utf8(uint8_t *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; c >>= 6) {
        out[i] = (uint8_t)(0x80u | (c & 0x3Fu));
    }
    out[0] = (uint8_t)(lead[n] | c);
    return n;
}

static uint32_t hex4(const char *p)
{
    char digits[5] = {p[0], p[1], p[2], p[3], '\0'};
    return (uint32_t)strtoul(digits, NULL, 16);
}

/* The text of "csv" as it stands in the line: cJSON's strings end at the first \u0000. */
static long raw_csv(const char *line, uint8_t *out)
{
    static const char escape[] = "\"\\/bfnrt";
    static const char plain[] = "\"\\/\b\f\n\r\t";
    const char *p = strstr(line, "\"csv\": \"");
    size_t skip = 8;
    if (p == NULL) {
        p = strstr(line, "\"csv\":\"");
        skip = 7;
    }
    if (p == NULL) {
        return -1;
    }
    size_t n = 0;
    for (p += skip; *p != '"'; p++) {
        if (*p != '\\') {
            out[n++] = (uint8_t)*p;
            continue;
        }
        const char *known = strchr(escape, *++p);
        if (known != NULL) {
            out[n++] = (uint8_t)plain[known - escape];
            continue;
        }
        uint32_t c = hex4(p + 1);
        p += 4;
        if (c >= 0xD800 && c < 0xDC00) {
            c = 0x10000 + ((c - 0xD800) << 10) + (hex4(p + 3) - 0xDC00);
            p += 6;
        }
        n += put_utf8(out + n, c);
    }
    return (long)n;
}

static uint8_t *input_of(const cJSON *json, const char *line, size_t *len)
{
    const char *csv = json_text(json, "csv");
    const char *base64 = json_text(json, "csv_b64");
    const char *binary = json_text(json, "bin_in");
    size_t room = csv != NULL ? strlen(line) : base64 != NULL ? strlen(base64) : 65536;
    uint8_t *bytes = malloc(room + 1);
    long n = -1;
    if (bytes != NULL && csv != NULL) {
        n = raw_csv(line, bytes);
    } else if (bytes != NULL && base64 != NULL) {
        n = base64_decode(base64, bytes, room);
    } else if (bytes != NULL && binary != NULL) {
        memset(bytes, 0xFF, room);
        (void)hex_decode(binary, bytes, room);
        n = json_number(json, "bin_in_len", -1);
    }
    if (n < 0) {
        free(bytes);
        return NULL;
    }
    *len = (size_t)n;
    return bytes;
}

static bool run_tool(outcome_t *outcome, const run_t *run, const uint8_t *bytes, size_t len)
{
    table_source_t *source = outcome->source;
    if (!table_read(source, &run->options, bytes, len) ||
        (!run->no_verify && !table_verify(source)) ||
        (run->options.flash_mb != 0 && !table_verify_size(source))) {
        return false;
    }
    if (source->from_binary) {
        outcome->csv = table_to_csv(source, &outcome->csv_len);
        return outcome->csv != NULL;
    }
    return table_to_binary(source, outcome->out);
}

static bool same_output(const outcome_t *outcome)
{
    const char *csv = json_text(outcome->json, "csv_out");
    if (csv != NULL) {
        return outcome->csv != NULL && strlen(csv) == outcome->csv_len &&
               memcmp(csv, outcome->csv, outcome->csv_len) == 0;
    }
    uint8_t want[OTA_TABLE_SIZE];
    memset(want, 0xFF, sizeof(want));
    return json_number(outcome->json, "len", 0) == OTA_TABLE_SIZE &&
           hex_decode(json_text(outcome->json, "bin"), want, sizeof(want)) >= 0 &&
           memcmp(want, outcome->out, sizeof(want)) == 0;
}

static bool same_warnings(const outcome_t *outcome, long *count)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(outcome->json, "warnings");
    const cJSON *want = list != NULL ? list->child : NULL;
    for (size_t i = 0; i < outcome->source->findings.count; i++) {
        const table_finding_t *finding = &outcome->source->findings.items[i];
        if (finding->severity != TABLE_WARNING) {
            continue;
        }
        if (want == NULL || strcmp(want->child->valuestring, finding->rule) != 0) {
            return false;
        }
        const char *said =
            strcmp(finding->rule, "unknown_flags") == 0 ? finding->what : finding->part;
        if (strstr(said, want->child->next->valuestring) == NULL) {
            return false;
        }
        want = want->next;
        (*count)++;
    }
    return want == NULL;
}

/* Each recorded value must be in the sentence. Values that cannot be printed as they are differ. */
static bool same_detail(const outcome_t *outcome, const table_finding_t *finding, long *count)
{
    const cJSON *detail = cJSON_GetObjectItemCaseSensitive(outcome->json, "detail");
    for (const cJSON *item = detail != NULL ? detail->child : NULL; item != NULL;
         item = item->next) {
        char text[256] = "";
        if (strcmp(item->string, "line") == 0) {
            if (finding->line != (uint32_t)item->valueint) {
                return false;
            }
        } else if (cJSON_IsNumber(item)) {
            (void)snprintf(text, sizeof(text), "%.0f", item->valuedouble);
        } else if (strncmp(item->valuestring, "0x-", 3) == 0 &&
                   strstr(finding->what, item->valuestring) == NULL) {
            (void)snprintf(text, sizeof(text), "-0x%s", item->valuestring + 3);
        } else {
            size_t len = strlen(item->valuestring);
            (void)table_printable(item->valuestring, len < 70 ? len : 70, text, 80);
        }
        if (strstr(finding->what, text) == NULL) {
            return false;
        }
        (*count)++;
    }
    return true;
}

static const char *judge_refusal(const outcome_t *outcome, const table_finding_t *error,
                                 tally_t *tally)
{
    if (error->what[0] == '\0' || error->todo[0] == '\0') {
        return "no sentence";
    }
    return same_detail(outcome, error, &tally->details) ? NULL : error->what;
}

/* NULL if all is as recorded, else what differs. */
static const char *judge(const outcome_t *outcome, tally_t *tally)
{
    const char *want = json_text(outcome->json, "class");
    const table_finding_t *error = table_findings_error(&outcome->source->findings);
    if (outcome->ok != (error == NULL)) {
        return outcome->ok ? "accepted with an error" : "refused without a reason";
    }
    const char *got = error == NULL ? "ok" : error->rule;
    if (strcmp(got, want) != 0) {
        return got;
    }
    if (!same_warnings(outcome, &tally->warnings)) {
        return "warnings";
    }
    if (error != NULL) {
        return judge_refusal(outcome, error, tally);
    }
    tally->accepted++;
    return same_output(outcome) ? NULL : "output";
}

static bool one(void *user, long line_number, char *line)
{
    tally_t *tally = user;
    cJSON *json = cJSON_Parse(line);
    size_t len = 0;
    uint8_t *bytes = json != NULL ? input_of(json, line, &len) : NULL;
    tally->records++;
    if (bytes == NULL) {
        (void)fprintf(stderr, "line %ld: not a vector\n", line_number);
        tally->wrong++;
        cJSON_Delete(json);
        return true;
    }
    static table_source_t source;
    run_t run = {.no_verify = false};
    outcome_t outcome = {.json = json, .source = &source};
    read_options(&run, json);
    outcome.ok = run_tool(&outcome, &run, bytes, len);
    const char *problem = judge(&outcome, tally);
    if (problem != NULL) {
        (void)fprintf(stderr, "%s (%s): expected %s, got %s\n", json_text(json, "id"),
                      json_text(json, "aim"), json_text(json, "class"), problem);
        tally->wrong++;
    }
    free(outcome.csv);
    table_source_free(&source);
    free(bytes);
    cJSON_Delete(json);
    return tally->wrong < 40;
}

static bool run_file(const char *name, long expected)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "vectors/tables-and-images/%s", name);
    tally_t tally = {0, 0, 0, 0, 0};
    long lines = data_lines(data_path(path), one, &tally);
    (void)printf("%s: %ld records, %ld accepted, %ld details, %ld warnings, %ld differ\n", name,
                 tally.records, tally.accepted, tally.details, tally.warnings, tally.wrong);
    return lines == expected && tally.records == expected && tally.wrong == 0;
}

int main(void)
{
    if (data_path("vectors/tables-and-images/partcsv.jsonl.gz") == NULL) {
        return data_skip("6894 recorded CSV inputs and 1096 recorded binary inputs");
    }
    bool csv = run_file("partcsv.jsonl.gz", 6894);
    bool binary = run_file("partbin.jsonl.gz", 1096);
    return csv && binary ? 0 : 1;
}
