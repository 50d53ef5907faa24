/* SPDX-License-Identifier: Apache-2.0 */
/* What a command that changed a release says at its end. */
#include "cli/release.h"

#include <inttypes.h>

static const char *verdict(ota_status_t status)
{
    switch ((int)status) {
    case OTA_OK:
        return "good";
    case OTA_ERR_SIGNATURE_FORM:
        return "no signature of this key's kind";
    case OTA_ERR_SIGNATURE:
        return "WRONG";
    default:
        return ota_status_name(status);
    }
}

void cli_show_signatures(cli_t *cli, const release_signatures_t *signatures, uint32_t wanted)
{
    uint32_t good = 0;
    cJSON *list = cJSON_AddArrayToObject(cli->report, "signatures");
    for (uint32_t i = 0; i < signatures->count; i++) {
        const ota_detached_t *one = &signatures->list[i];
        const char *id = cli_text_of(cli, one->key_id);
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(item, "key", id);
        (void)cJSON_AddBoolToObject(item, "good", one->status == OTA_OK);
        (void)cJSON_AddStringToObject(item, "status", ota_status_name(one->status));
        (void)cJSON_AddItemToArray(list, item);
        good += one->status == OTA_OK;
        cli_print(cli, "  signature %s: %s%s%s\n", id,
                  cli_style(cli, one->status == OTA_OK ? CLI_GREEN : CLI_RED), verdict(one->status),
                  cli_style(cli, CLI_PLAIN));
    }
    (void)cJSON_AddNumberToObject(cli->report, "threshold", wanted);
    cli_print(cli, "  signed    by %" PRIu32 " of the %" PRIu32 " key%s that it takes\n", good,
              wanted, wanted == 1 ? "" : "s");
}

static int show_pending(cli_t *cli, const release_place_t *place, const ota_keys_t *keys)
{
    release_document_t next;
    release_signatures_t signatures;
    release_trouble_t trouble;
    ota_manifest_t manifest;
    ota_fault_t fault;
    const char *folder = cli_format(cli, "%s/%s/%s", place->root, place->product, place->channel);
    if (!release_document_read(&next, folder, "next.json", NULL, &trouble)) {
        return cli_trouble(cli, &trouble);
    }
    if (ota_manifest_open(&manifest, next.bytes, next.len, &fault) == OTA_OK) {
        (void)release_verify(&next, keys, &signatures, &fault);
        cli_show_manifest(cli, &manifest);
        cli_show_signatures(cli, &signatures, keys->threshold);
        cli_print(cli, "%s/next.json waits: let others run `otary manifest sign` on it\n", folder);
    }
    (void)cJSON_AddStringToObject(cli->report, "file", cli_format(cli, "%s/next.json", folder));
    release_document_free(&next);
    return CLI_OK;
}

int cli_committed(cli_t *cli, const release_place_t *place, const ota_keys_t *keys, bool pending)
{
    release_t release;
    release_trouble_t trouble;
    release_signatures_t signatures;
    ota_fault_t fault;
    bool absent = false;
    (void)cJSON_AddBoolToObject(cli->report, "pending", pending);
    if (pending) {
        return show_pending(cli, place, keys);
    }
    if (!release_load(&release, place, keys, &absent, &trouble)) {
        return cli_trouble(cli, &trouble);
    }
    (void)release_verify(&release.document, keys, &signatures, &fault);
    cli_show_manifest(cli, &release.manifest);
    cli_show_signatures(cli, &signatures, keys->threshold);
    const char *path = cli_format(cli, "%s/%s", release.document.folder, release.document.name);
    (void)cJSON_AddStringToObject(cli->report, "file", path);
    cli_print(cli, "%s counts now\n", path);
    release_free(&release);
    return CLI_OK;
}

int cli_load_release(cli_t *cli, const release_place_t *place, release_keys_t *keys,
                     release_t *release)
{
    release_trouble_t trouble;
    bool absent = false;
    *release = (release_t){0};
    bool ok = release_keys_load(keys, place->root, place->product, NULL, &absent, &trouble);
    if (ok && absent) {
        ok = release_fail(&trouble, "FILE", place->root, "publish a release first",
                          "the product %s has no key set here", place->product);
    }
    if (ok) {
        ok = release_load(release, place, &keys->set, &absent, &trouble);
    }
    if (ok && absent) {
        ok = release_fail(&trouble, "FILE", place->root, "publish a release first",
                          "nothing is published in channel %s", place->channel);
    }
    if (ok) {
        return CLI_OK;
    }
    release_keys_free(keys);
    return cli_trouble(cli, &trouble);
}
