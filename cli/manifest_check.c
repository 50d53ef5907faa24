/* SPDX-License-Identifier: Apache-2.0 */
/* otary manifest check: the device's gate, asked from a desk. */
#include "cli/release.h"

#include "cli/chip.h"
#include "cli/image.h"
#include "cli/table_file.h"
#include "host/date.h"
#include "ota/release.h"
#include "ota/table.h"
#include "ports/crypto/openssl.h"

#include <inttypes.h>
#include <string.h>

#define COHORTS_MAX 16u

const cli_option_t cli_manifest_check_options[] = {
    CLI_IMAGE_CHIP("its chip"),
    {"rev", 0, CLI_TEXT, "N.N", NULL, "revision of the chip, such as 3.1"},
    {"variant", 0, CLI_TEXT, "NAME", NULL, "variant of the board"},
    {"flash-size", 0, CLI_NUMBER, "SIZE", NULL, "size of its flash chip"},
    {"table", 0, CLI_FILE, "FILE", NULL,
     "its partition table, CSV or binary: slots and their size"},
    {"secure-version", 0, CLI_NUMBER, "N", "0", "anti-rollback floor"},
    {"bootloader", 0, CLI_NUMBER, "N", NULL, "version in its bootloader's descriptor"},
    {"no-rollback", 0, CLI_FLAG, NULL, NULL, "its bootloader cannot roll back"},
    {"product", 'p', CLI_TEXT, "NAME", NULL, "product that it is"},
    {"channel", 0, CLI_TEXT, "NAME", NULL, "channel that it follows"},
    {"order", 0, CLI_NUMBER, "N", "0", "order of the version that it runs; 0: not known"},
    {"running", 0, CLI_TEXT, "VERSION", NULL, "version that it runs; looked at without --order"},
    {"failed", 0, CLI_NUMBER, "N", "0", "how often this version has failed on it"},
    {"serial", 0, CLI_NUMBER, "N", "0", "serial of the newest manifest that it has accepted"},
    {"keys", 0, CLI_NUMBER, "N", NULL, "version of the key set that it holds"},
    {"id", 0, CLI_TEXT, "TEXT", NULL, "its id; without it the share is not looked at"},
    {"cohort", 0, CLI_TEXT, "NAME", NULL, "a group that it belongs to; may be repeated"},
    CLI_END};

/* What is not told stands in nobody's way. */
static void assume(const ota_manifest_t *manifest, ota_target_t *target)
{
    *target = (ota_target_t){
        .any_rev = true,
        .flash_size = UINT32_MAX,
        .slot_size = UINT32_MAX,
        .slots = OTA_SLOTS_MAX,
        .bootloader = UINT32_MAX,
        .keys = manifest->keys,
        .now = date_now(),
    };
}

/* Slots of the table, and the smallest: an update may go to any of them. */
static int take_table(cli_t *cli, ota_target_t *target)
{
    const char *path = cli_text(cli, "table");
    cli_bytes_t bytes;
    ota_table_t table;
    ota_layout_t layout;
    ota_fault_t fault;
    if (path == NULL) {
        return CLI_OK;
    }
    if (!cli_table_read(cli, path, OTA_TABLE_OFFSET, &bytes)) {
        return CLI_REFUSED;
    }
    ota_status_t status = ota_table_open_boot(&table, bytes.bytes, bytes.len, 0xFFFFFFFFu, &fault);
    if (status != OTA_OK) {
        return cli_status(cli, status, &fault, path);
    }
    ota_layout_read(&layout, &table);
    target->slots = 0;
    for (size_t i = 0; i < OTA_SLOTS_MAX; i++) {
        uint32_t size = layout.slot[i].size;
        if (size != 0) {
            target->slots++;
            target->slot_size = size < target->slot_size ? size : target->slot_size;
        }
    }
    return CLI_OK;
}

static uint32_t number_or(cli_t *cli, const char *option, uint32_t otherwise)
{
    return cli_given(cli, option) ? cli_number(cli, option) : otherwise;
}

static int take_device(cli_t *cli, const ota_manifest_t *manifest, ota_target_t *target)
{
    const ota_chip_t *chip = NULL;
    assume(manifest, target);
    if (!cli_given(cli, "chip")) {
        return cli_misuse(cli, "without a chip there is no device", "name it with --chip");
    }
    if (!cli_chip(cli, &chip) || !cli_image_rev(cli, "rev", &target->chip_rev)) {
        return CLI_MISUSE;
    }
    const char *product = cli_text(cli, "product");
    const char *channel = cli_text(cli, "channel");
    target->product = product != NULL ? product : cli_text_of(cli, manifest->product);
    target->channel = channel != NULL ? channel : cli_text_of(cli, manifest->channel);
    target->variant = cli_text(cli, "variant");
    target->chip = chip->id;
    target->any_rev = !cli_given(cli, "rev");
    target->secure_version = cli_number(cli, "secure-version");
    target->flash_size = number_or(cli, "flash-size", target->flash_size);
    target->bootloader = number_or(cli, "bootloader", target->bootloader);
    target->rollback = !cli_flag(cli, "no-rollback");
    target->version = cli_text(cli, "running");
    target->order = cli_number(cli, "order");
    target->serial = cli_number(cli, "serial");
    target->keys = number_or(cli, "keys", target->keys);
    return take_table(cli, target);
}

static int ask(cli_t *cli, const ota_manifest_t *manifest, const ota_target_t *target)
{
    ota_release_image_t image;
    ota_fault_t fault;
    uint32_t bucket = 0;
    ota_status_t status = ota_release_gate(manifest, target, &crypto_openssl, &image, &fault);
    (void)cJSON_AddBoolToObject(cli->report, "taken", status == OTA_OK);
    (void)cJSON_AddStringToObject(cli->report, "status", ota_status_name(status));
    if (target->id != NULL && ota_release_bucket(&crypto_openssl, manifest->rollout.salt,
                                                 target->id, target->id_len, &bucket) == OTA_OK) {
        (void)cJSON_AddNumberToObject(cli->report, "bucket", bucket);
    }
    if (status != OTA_OK) {
        return cli_status(cli, status, &fault, cli->operand[0]);
    }
    char path[OTA_IMAGE_PATH_SIZE];
    ota_manifest_image_path(&image, path);
    (void)cJSON_AddStringToObject(cli->report, "image", path);
    cli_print(cli, "it would install %s: %s, %s\n", cli_text_of(cli, manifest->version), path,
              cli_bytes(cli, image.size));
    return CLI_OK;
}

static int check(cli_t *cli, ota_manifest_t *manifest)
{
    const char *cohorts[COHORTS_MAX];
    const char *id = cli_text(cli, "id");
    size_t at = 0;
    ota_target_t target;
    int rc = take_device(cli, manifest, &target);
    if (rc != CLI_OK) {
        return rc;
    }
    const ota_failure_t failure = {manifest->order, cli_number(cli, "failed")};
    target.failures = &failure;
    target.failure_count = failure.attempts > 0;
    for (const char *name = cli_next(cli, "cohort", &at);
         name != NULL && target.cohort_count < COHORTS_MAX; name = cli_next(cli, "cohort", &at)) {
        cohorts[target.cohort_count++] = name;
    }
    target.cohorts = cohorts;
    if (id != NULL) {
        target.id = (const uint8_t *)id;
        target.id_len = (uint32_t)strlen(id);
    } else {
        manifest->rollout.share = OTA_SHARE_ALL;
    }
    return ask(cli, manifest, &target);
}

int cli_manifest_check(cli_t *cli)
{
    release_document_t document;
    ota_manifest_t manifest;
    ota_fault_t fault;
    if (!cli_release_document(cli, cli->operand[0], &document)) {
        return CLI_REFUSED;
    }
    ota_status_t status = ota_manifest_open(&manifest, document.bytes, document.len, &fault);
    int rc =
        status == OTA_OK ? check(cli, &manifest) : cli_status(cli, status, &fault, cli->operand[0]);
    release_document_free(&document);
    return rc;
}
