/* SPDX-License-Identifier: Apache-2.0 */
/* Options and operand to a table that was read; findings to a report. */
#include "cli/table.h"
#include "host/flash_map.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXTRA_MAX 64u

const char *table_environment(void *ctx, const char *name)
{
    (void)ctx;
    return getenv(name);
}

static void read_extra(cli_t *cli, table_options_t *options)
{
    const char **extra = cli_allocate(cli, EXTRA_MAX * sizeof(*extra));
    size_t at = 0;
    options->extra = extra;
    for (const char *text = cli_next(cli, "extra-partition-subtypes", &at);
         text != NULL && options->extra_count < EXTRA_MAX;
         text = cli_next(cli, "extra-partition-subtypes", &at)) {
        extra[options->extra_count++] = text;
    }
}

static bool read_options(cli_t *cli, table_options_t *options)
{
    const char *secure = cli_text(cli, "secure");
    uint32_t flash = cli_number(cli, "flash-size");
    *options = (table_options_t)TABLE_OPTIONS_DEFAULT;
    options->table_offset = cli_number(cli, "offset");
    options->has_bootloader = cli_given(cli, "primary-bootloader-offset");
    options->bootloader_offset = cli_number(cli, "primary-bootloader-offset");
    options->has_recovery = cli_given(cli, "recovery-bootloader-offset");
    options->recovery_offset = cli_number(cli, "recovery-bootloader-offset");
    options->no_md5 = cli_flag(cli, "disable-md5sum");
    options->env = table_environment;
    if (secure != NULL) {
        options->secure = strcmp(secure, "v1") == 0 ? TABLE_SECURE_V1 : TABLE_SECURE_V2;
    }
    options->flash_mb = flash >> 20;
    read_extra(cli, options);
    if (flash % (1u << 20) != 0) {
        (void)cli_misuse(cli, cli_format(cli, "--flash-size %u is not whole MiB", flash),
                         "write it as 2M, 4M, 8M, 16M or 32M");
        return false;
    }
    return true;
}

static bool preset_bytes(cli_t *cli, table_input_t *input)
{
    suggestion_t *preset = cli_allocate(cli, sizeof(*preset));
    memset(preset, 0, sizeof(*preset));
    preset->count = preset_parts(input->preset, preset->parts);
    size_t len = 0;
    char *csv = suggest_csv(preset, &len);
    if (csv == NULL) {
        (void)cli_refuse(cli, NULL, "out of memory", NULL, NULL);
        return false;
    }
    input->path = cli_format(cli, "preset %s", input->preset->name);
    const char *text = cli_format(cli, "%s", csv);
    input->file = (cli_bytes_t){(const uint8_t *)text, len};
    free(csv);
    return true;
}

table_input_t *table_open(cli_t *cli, const char *path, int *status)
{
    table_input_t *input = cli_allocate(cli, sizeof(*input));
    memset(input, 0, sizeof(*input));
    input->path = path;
    table_options_t options;
    *status = CLI_MISUSE;
    if (!read_options(cli, &options)) {
        return NULL;
    }
    *status = CLI_REFUSED;
    if (strcmp(path, "-") != 0 && access(path, F_OK) != 0) {
        input->preset = preset_find(path);
    }
    bool ok = input->preset != NULL ? preset_bytes(cli, input)
                                    : cli_read(cli, path, TABLE_INPUT_MAX, &input->file);
    if (!ok) {
        return NULL;
    }
    input->read = table_read(&input->source, &options, input->file.bytes, input->file.len);
    return input;
}

void table_close(table_input_t *input)
{
    table_source_free(&input->source);
}

/* Copies: findings go with their source. */
static const char *copy(cli_t *cli, const char *text)
{
    return text[0] != '\0' ? cli_format(cli, "%s", text) : NULL;
}

static const char *where(cli_t *cli, const char *path, const table_finding_t *finding)
{
    const char *line =
        finding->line > 0 ? cli_format(cli, ", line %u", (unsigned)finding->line) : "";
    const char *part =
        finding->part[0] != '\0' ? cli_format(cli, ", partition %s", finding->part) : "";
    return cli_format(cli, "%s%s%s", path, line, part);
}

static void report_json(cJSON *list, const table_finding_t *finding)
{
    cJSON *item = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(item, "severity", table_severity_name(finding->severity));
    (void)cJSON_AddStringToObject(item, "rule", finding->rule);
    if (finding->line > 0) {
        (void)cJSON_AddNumberToObject(item, "line", finding->line);
    }
    if (finding->part[0] != '\0') {
        (void)cJSON_AddStringToObject(item, "partition", finding->part);
    }
    (void)cJSON_AddStringToObject(item, "what", finding->what);
    (void)cJSON_AddStringToObject(item, "todo", finding->todo);
    (void)cJSON_AddItemToArray(list, item);
}

void table_say(cli_t *cli, const char *path, const table_finding_t *finding)
{
    const char *what = copy(cli, finding->what);
    const char *at = where(cli, path, finding);
    const char *todo = copy(cli, finding->todo);
    switch (finding->severity) {
    case TABLE_ERROR:
        (void)cli_refuse(cli, finding->rule, what, at, todo);
        break;
    case TABLE_WARNING:
        cli_warn(cli, finding->rule, what, at, todo);
        break;
    case TABLE_ADVICE:
    default:
        cli_print(cli, "advice: %s [%s]\n  where: %s\n  do:    %s\n", what, finding->rule, at,
                  todo);
        break;
    }
}

int table_report(cli_t *cli, const table_input_t *input, cJSON *item)
{
    const table_findings_t *findings = &input->source.findings;
    cJSON *list = cJSON_AddArrayToObject(item, "findings");
    for (table_severity_t severity = TABLE_ERROR; severity <= TABLE_ADVICE; severity++) {
        for (size_t i = 0; i < findings->count; i++) {
            if (findings->items[i].severity == severity) {
                table_say(cli, input->path, &findings->items[i]);
                report_json(list, &findings->items[i]);
            }
        }
    }
    return table_findings_count(findings, TABLE_ERROR) > 0 ? CLI_REFUSED : CLI_OK;
}

void table_report_parts(const table_input_t *input, cJSON *item)
{
    ota_part_t parts[FLASH_MAP_PARTS_MAX];
    size_t count = table_parts(&input->source, parts, FLASH_MAP_PARTS_MAX);
    cJSON *list = cJSON_AddArrayToObject(item, "partitions");
    for (size_t i = 0; i < count; i++) {
        char kind[40];
        char label[72];
        cJSON *part = cJSON_CreateObject();
        (void)table_printable(parts[i].label, strlen(parts[i].label), label, sizeof(label));
        (void)cJSON_AddStringToObject(part, "label", label);
        (void)cJSON_AddNumberToObject(part, "type", parts[i].type);
        (void)cJSON_AddNumberToObject(part, "subtype", parts[i].subtype);
        (void)cJSON_AddStringToObject(part, "kind", flash_map_kind(&parts[i], kind));
        (void)cJSON_AddNumberToObject(part, "offset", parts[i].offset);
        (void)cJSON_AddNumberToObject(part, "size", parts[i].size);
        (void)cJSON_AddBoolToObject(part, "encrypted", (parts[i].flags & OTA_PART_ENCRYPTED) != 0);
        (void)cJSON_AddBoolToObject(part, "readonly", (parts[i].flags & OTA_PART_READONLY) != 0);
        (void)cJSON_AddItemToArray(list, part);
    }
}
