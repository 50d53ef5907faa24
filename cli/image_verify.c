/* SPDX-License-Identifier: Apache-2.0 */
/* otary image verify: the device's own verifier over files. */
#include "host/image_verify.h"
#include "cli/image.h"
#include "cli/table_file.h"
#include "host/explain.h"
#include "host/flash_image.h"
#include "ports/crypto/openssl.h"

#include <string.h>

const cli_option_t image_verify_options[] = {
    CLI_IMAGE_CHIP("the chip that shall run it; by default the one that the header names"),
    {"rev", 0, CLI_TEXT, "N.N", NULL, "its revision, such as 3.1; by default not looked at"},
    {"block-rev", 0, CLI_TEXT, "N.N", "0.0", "its eFuse block revision; looked at with --rev"},
    {"kind", 0, CLI_CHOICE, "auto|app|bootloader", "auto", "what it is meant to be"},
    {"address", 0, CLI_NUMBER, "ADDR", NULL,
     "flash address that it goes to; by default 0x10000, or the bootloader's place"},
    {"partition-size", 0, CLI_NUMBER, "SIZE", NULL, "room that it has there"},
    {"table", 0, CLI_FILE, "FILE", NULL,
     "take address and room from this partition table, CSV or binary"},
    {"slot", 0, CLI_TEXT, "SLOT", NULL, "the slot in --table; by default the smallest one"},
    {"flash-size", 0, CLI_NUMBER, "SIZE", NULL, "size of the flash chip"},
    {"secure-version", 0, CLI_NUMBER, "N", NULL, "anti-rollback floor of the device"},
    {"require-hash", 0, CLI_FLAG, NULL, NULL, "refuse images without hash and signature"},
    {"key", 'k', CLI_FILE, "PEM", NULL,
     "a key that the device trusts, public or private; may be repeated"},
    CLI_IMAGE_SCHEME,
    {"blocks", 0, CLI_NUMBER, "N", "3", "signature blocks that the device looks at, 1 to 3"},
    CLI_END};

typedef struct {
    ota_image_rules_t rules;
    ota_trust_t trust;
    uint8_t keys[IMAGE_KEYS_MAX][64];
    uint8_t workspace[OTA_SIGNATURE_BLOCK];
    bool address_given;
    const char *slot; /* what address and limit are about, for people */
} wanted_t;

/* --- the device ------------------------------------------------------------------------------ */

/* Smallest OTA slot, else factory. */
static ota_slot_t smallest(const ota_table_t *table)
{
    ota_layout_t layout;
    ota_slot_t best = OTA_SLOT_FACTORY;
    ota_layout_read(&layout, table);
    for (ota_slot_t i = 0; i < (ota_slot_t)OTA_SLOTS_MAX; i++) {
        uint32_t size = layout.slot[i].size;
        if (size != 0 && (best < 0 || size < layout.slot[best].size)) {
            best = i;
        }
    }
    return best;
}

static int take_table(cli_t *cli, wanted_t *wanted)
{
    const char *path = cli_text(cli, "table");
    const char *name = cli_text(cli, "slot");
    cli_bytes_t bytes;
    ota_table_t table;
    ota_fault_t fault;
    ota_part_t part;
    if (path == NULL) {
        return name == NULL ? CLI_OK
                            : cli_misuse(cli, "--slot without --table", "name the table too");
    }
    if (!cli_table_read(cli, path, OTA_TABLE_OFFSET, &bytes)) {
        return CLI_REFUSED;
    }
    ota_status_t status = ota_table_open_boot(&table, bytes.bytes, bytes.len, 0xFFFFFFFFu, &fault);
    if (status != OTA_OK) {
        return cli_status(cli, status, &fault, path);
    }
    status =
        name != NULL ? part_parse(&table, name, &part) : slot_part(&table, smallest(&table), &part);
    if (status != OTA_OK) {
        return cli_refuse(cli, ota_status_name(status),
                          name != NULL ? cli_format(cli, "the table has no slot \"%s\"", name)
                                       : "the table has no slot for applications",
                          path, "`otary table show` lists its partitions");
    }
    wanted->rules.address = part.offset;
    wanted->rules.limit = part.size;
    wanted->address_given = true;
    wanted->slot = cli_format(cli, "%s", part.label);
    return CLI_OK;
}

/* The keys into the rules' trust. */
static int trust_keys(cli_t *cli, wanted_t *wanted, const cli_image_keys_t *keys)
{
    ota_scheme_t scheme = cli_image_scheme(cli, keys);
    if (keys->count == 0) {
        return cli_given(cli, "scheme") ? cli_misuse(cli, "--scheme without --key",
                                                     "name the key that the device trusts")
                                        : CLI_OK;
    }
    for (size_t i = 0; i < keys->count; i++) {
        if (image_key_trust(keys->key[i], scheme, wanted->keys[i]) != OTA_OK) {
            return cli_refuse(
                cli, "KEY",
                cli_format(cli, "the key does not fit scheme %s", image_scheme_name(scheme)),
                keys->path[i], "name keys of one kind, or another --scheme");
        }
    }
    wanted->trust = (ota_trust_t){.scheme = scheme,
                                  .blocks = (uint8_t)cli_number(cli, "blocks"),
                                  .key_count = (uint8_t)keys->count,
                                  .keys = (const uint8_t(*)[64])wanted->keys};
    wanted->rules.trust = &wanted->trust;
    wanted->rules.workspace = wanted->workspace;
    return CLI_OK;
}

static int take_trust(cli_t *cli, wanted_t *wanted)
{
    cli_image_keys_t keys;
    uint32_t blocks = cli_number(cli, "blocks");
    if (blocks < 1 || blocks > 3) {
        return cli_misuse(cli, "--blocks is none of 1, 2, 3", "a signature sector has three");
    }
    int rc = cli_image_keys(cli, &keys) ? trust_keys(cli, wanted, &keys) : CLI_REFUSED;
    cli_image_keys_free(&keys);
    return rc;
}

static int take_options(cli_t *cli, wanted_t *wanted)
{
    ota_image_rules_t *rules = &wanted->rules;
    rules->limit = 0xFFFFFFFFu;
    rules->chip_by_id = ota_chip_by_id;
    rules->crypto = &crypto_openssl;
    rules->bootloader_hash = true;
    rules->any_rev = !cli_given(cli, "rev");
    rules->flash_size = cli_number(cli, "flash-size");
    rules->require_hash = cli_flag(cli, "require-hash");
    rules->anti_rollback = cli_given(cli, "secure-version");
    rules->secure_version = cli_number(cli, "secure-version");
    if (!cli_chip(cli, &rules->chip) || !cli_image_rev(cli, "rev", &rules->chip_rev) ||
        !cli_image_rev(cli, "block-rev", &rules->block_rev)) {
        return CLI_MISUSE;
    }
    int rc = take_table(cli, wanted);
    if (rc != CLI_OK) {
        return rc;
    }
    if (cli_given(cli, "address")) {
        rules->address = cli_number(cli, "address");
        wanted->address_given = true;
    }
    if (cli_given(cli, "partition-size")) {
        rules->limit = cli_number(cli, "partition-size");
    }
    return take_trust(cli, wanted);
}

/* The device stops at the first segment header that shows too much; a host can name the whole. */
static ota_fault_t told(const ota_image_t *image, const file_map_t *map)
{
    ota_fault_t fault = *ota_image_fault(image);
    size_t whole = image_plain_length(map->bytes, map->len);
    if (fault.status == OTA_ERR_IMAGE_TOO_BIG && whole > fault.found) {
        fault.found = (uint32_t)whole;
    }
    return fault;
}

/* --- one file -------------------------------------------------------------------------------- */

/* What differs from file to file: kind, and the place where that kind usually lies. */
static void adapt(const cli_t *cli, const wanted_t *wanted, const file_map_t *map,
                  ota_image_rules_t *rules)
{
    const char *kind = cli_text(cli, "kind");
    *rules = wanted->rules;
    rules->kind =
        strcmp(kind, "auto") == 0 ? image_guess_kind(map->bytes, map->len) : OTA_IMAGE_APP;
    if (strcmp(kind, "bootloader") == 0) {
        rules->kind = OTA_IMAGE_BOOTLOADER;
    }
    if (!wanted->address_given) {
        bool app = rules->kind == OTA_IMAGE_APP || rules->chip == NULL;
        rules->address = app ? 0x10000u : rules->chip->bootloader_offset;
    }
}

static int verify_file(cli_t *cli, const wanted_t *wanted, const char *path)
{
    file_map_t map;
    ota_image_t image;
    ota_image_rules_t rules;
    cJSON *item = cJSON_CreateObject();
    (void)cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(cli->report, "images"), item);
    (void)cJSON_AddStringToObject(item, "file", path);
    if (!cli_image_open(cli, path, &map)) {
        (void)cJSON_AddBoolToObject(item, "good", false);
        return CLI_REFUSED;
    }
    adapt(cli, wanted, &map, &rules);
    ota_status_t status = image_verify(&image, &rules, map.bytes, map.len);
    const char *kind = rules.kind == OTA_IMAGE_APP ? "app" : "bootloader";
    (void)cJSON_AddBoolToObject(item, "good", status == OTA_OK);
    (void)cJSON_AddStringToObject(item, "kind", kind);
    int rc = CLI_OK;
    if (status == OTA_OK) {
        uint32_t length = ota_image_length(&image);
        (void)cJSON_AddNumberToObject(item, "length", length);
        (void)cJSON_AddBoolToObject(item, "signed", rules.trust != NULL);
        cli_print(cli, "%s: %sgood%s, %s for %s, %s%s%s%s\n", path, cli_style(cli, CLI_GREEN),
                  cli_style(cli, CLI_PLAIN), kind, image.chip->name, cli_bytes(cli, length),
                  rules.trust != NULL ? ", signed by a trusted key" : "",
                  wanted->slot != NULL ? ", fits " : "", wanted->slot != NULL ? wanted->slot : "");
    } else {
        ota_fault_t fault = told(&image, &map);
        (void)cJSON_AddItemToObject(item, "fault", explain_json(&fault));
        rc = cli_status(cli, status, &fault, path);
    }
    file_unmap(&map);
    return rc;
}

int image_verb_verify(cli_t *cli)
{
    static wanted_t wanted;
    int rc = take_options(cli, &wanted);
    if (rc != CLI_OK) {
        return rc;
    }
    (void)cJSON_AddArrayToObject(cli->report, "images");
    for (size_t i = 0; i < cli->operands; i++) {
        int one = verify_file(cli, &wanted, cli->operand[i]);
        rc = one != CLI_OK ? one : rc;
    }
    return rc;
}
