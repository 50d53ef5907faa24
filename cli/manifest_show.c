/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest as text, and its facts into the report. */
#include "cli/release.h"

#include "host/date.h"
#include "host/image_info.h"
#include "ota/chip.h"

#include <inttypes.h>

static const char *chip_name(cli_t *cli, uint32_t id)
{
    const ota_chip_t *chip = ota_chip_by_id((uint16_t)id);
    return chip != NULL ? chip->name : cli_format(cli, "chip %" PRIu32, id);
}

static const char *rev_text(cli_t *cli, uint32_t rev)
{
    return cli_format(cli, "v%" PRIu32 ".%" PRIu32, rev / 100, rev % 100);
}

/* What the image asks of the device, behind one another; "" if nothing. */
static const char *needs(cli_t *cli, const ota_release_image_t *image)
{
    const char *text = "";
    if (image->min_rev > 0) {
        text = cli_format(cli, "%s, chip %s or newer", text, rev_text(cli, image->min_rev));
    }
    if (image->max_rev < 0xFFFF) {
        text = cli_format(cli, "%s, chip up to %s", text, rev_text(cli, image->max_rev));
    }
    if (image->flash_size > 0) {
        text = cli_format(cli, "%s, flash %s", text, cli_bytes(cli, image->flash_size));
    }
    text = cli_format(cli, "%s, %" PRIu32 " OTA slot%s of %s", text, image->slots,
                      image->slots > 1 ? "s" : "", cli_bytes(cli, image->slot_size));
    if (image->secure_version > 0) {
        text = cli_format(cli, "%s, secure version %" PRIu32, text, image->secure_version);
    }
    if (image->bootloader > 0) {
        text = cli_format(cli, "%s, bootloader %" PRIu32 " or newer", text, image->bootloader);
    }
    return cli_format(cli, "%s%s", text, image->rollback ? ", a bootloader that rolls back" : "");
}

static void show_images(cli_t *cli, const ota_manifest_t *manifest)
{
    ota_release_image_t image;
    uint32_t at = 0;
    cJSON *list = cJSON_AddArrayToObject(cli->report, "images");
    while (ota_manifest_image(manifest, &at, &image)) {
        char path[OTA_IMAGE_PATH_SIZE];
        const char *variant = cli_text_of(cli, image.variant);
        cJSON *item = cJSON_CreateObject();
        ota_manifest_image_path(&image, path);
        (void)cJSON_AddStringToObject(item, "path", path);
        (void)cJSON_AddStringToObject(item, "chip", chip_name(cli, image.chip));
        (void)cJSON_AddStringToObject(item, "variant", variant);
        (void)cJSON_AddNumberToObject(item, "size", image.size);
        (void)cJSON_AddItemToArray(list, item);
        cli_print(cli, "  image     %s%s%s, %s: %s\n", chip_name(cli, image.chip),
                  variant[0] != '\0' ? " " : "", variant, cli_bytes(cli, image.size), path);
        cli_print(cli, "            needs%s\n", needs(cli, &image) + 1);
    }
}

static void show_recalls(cli_t *cli, const ota_manifest_t *manifest)
{
    ota_recall_t recall;
    uint32_t at = 0;
    cJSON *list = cJSON_AddArrayToObject(cli->report, "recalls");
    while (ota_manifest_recall(manifest, &at, &recall)) {
        cJSON *item = cJSON_CreateObject();
        const char *version = cli_text_of(cli, recall.version);
        (void)cJSON_AddStringToObject(item, "version", version);
        (void)cJSON_AddNumberToObject(item, "order", recall.order);
        (void)cJSON_AddNumberToObject(item, "to", recall.to);
        (void)cJSON_AddItemToArray(list, item);
        const char *to =
            recall.to != 0 ? cli_format(cli, "for order %" PRIu32, recall.to) : "for a newer one";
        cli_print(cli, "  recall    %s (order %" PRIu32 ") is to be left %s\n", version,
                  recall.order, to);
    }
}

static void show_rollout(cli_t *cli, const ota_manifest_t *manifest)
{
    ota_text_t cohort;
    uint32_t at = 0;
    const char *names = "";
    cJSON *rollout = cJSON_AddObjectToObject(cli->report, "rollout");
    (void)cJSON_AddNumberToObject(rollout, "share", manifest->rollout.share);
    (void)cJSON_AddBoolToObject(rollout, "halted", manifest->rollout.halted);
    cJSON *list = cJSON_AddArrayToObject(rollout, "cohorts");
    while (ota_manifest_cohort(manifest, &at, &cohort)) {
        const char *name = cli_text_of(cli, cohort);
        (void)cJSON_AddItemToArray(list, cJSON_CreateString(name));
        names = cli_format(cli, "%s, %s", names, name);
    }
    cli_print(cli, "  rollout   %s%s%s%s%s%s\n", cli_share_text(cli, manifest->rollout.share),
              names[0] != '\0' ? " and cohort" : "", names[0] != '\0' ? names + 1 : "",
              manifest->rollout.halted ? cli_style(cli, CLI_RED) : "",
              manifest->rollout.halted ? ", HALTED: nobody new" : "", cli_style(cli, CLI_PLAIN));
}

static void show_times(cli_t *cli, const ota_manifest_t *manifest)
{
    char issued[DATE_TEXT];
    char expires[DATE_TEXT];
    bool expired = manifest->expires != 0 && date_now() > manifest->expires;
    (void)cJSON_AddNumberToObject(cli->report, "issued", manifest->issued);
    (void)cJSON_AddNumberToObject(cli->report, "expires", manifest->expires);
    (void)cJSON_AddBoolToObject(cli->report, "expired", expired);
    cli_print(cli, "  issued    %s, expires %s%s%s%s\n", date_text(manifest->issued, issued),
              manifest->expires != 0 ? date_text(manifest->expires, expires) : "never",
              expired ? cli_style(cli, CLI_RED) : "", expired ? ": EXPIRED" : "",
              cli_style(cli, CLI_PLAIN));
}

void cli_show_manifest(cli_t *cli, const ota_manifest_t *manifest)
{
    const char *product = cli_text_of(cli, manifest->product);
    const char *channel = cli_text_of(cli, manifest->channel);
    const char *version = cli_text_of(cli, manifest->version);
    (void)cJSON_AddStringToObject(cli->report, "product", product);
    (void)cJSON_AddStringToObject(cli->report, "channel", channel);
    (void)cJSON_AddStringToObject(cli->report, "version", version);
    (void)cJSON_AddNumberToObject(cli->report, "order", manifest->order);
    (void)cJSON_AddNumberToObject(cli->report, "serial", manifest->serial);
    (void)cJSON_AddNumberToObject(cli->report, "keys", manifest->keys);
    (void)cJSON_AddNumberToObject(cli->report, "attempts", manifest->attempts);
    cli_print(cli, "%s%s %s%s in channel %s: order %" PRIu32 ", serial %" PRIu32 "\n",
              cli_style(cli, CLI_BOLD), product, version, cli_style(cli, CLI_PLAIN), channel,
              manifest->order, manifest->serial);
    show_images(cli, manifest);
    show_rollout(cli, manifest);
    show_recalls(cli, manifest);
    show_times(cli, manifest);
    if (manifest->attempts > 1) {
        cli_print(cli, "  attempts  %" PRIu32 " on a device where it fails\n", manifest->attempts);
    }
    if (manifest->notes.len > 0) {
        const char *quoted = cli_format(cli, "\"%s\"", cli_text_of(cli, manifest->notes));
        (void)cJSON_AddItemToObject(cli->report, "notes", cJSON_Parse(quoted));
        cli_print(cli, "  notes     %s\n", cli_text_of(cli, manifest->notes));
    }
}

void cli_show_keys(cli_t *cli, const ota_keys_t *keys)
{
    const char *product = cli_text_of(cli, keys->product);
    cJSON *list = cJSON_AddArrayToObject(cli->report, "keys");
    (void)cJSON_AddStringToObject(cli->report, "product", product);
    (void)cJSON_AddNumberToObject(cli->report, "version", keys->version);
    (void)cJSON_AddNumberToObject(cli->report, "threshold", keys->threshold);
    cli_print(cli, "%skey set %" PRIu32 "%s of %s: %" PRIu32 " of these %" PRIu32 " must sign\n",
              cli_style(cli, CLI_BOLD), keys->version, cli_style(cli, CLI_PLAIN), product,
              keys->threshold, keys->count);
    for (uint32_t i = 0; i < keys->count; i++) {
        const char *id = cli_text_of(cli, keys->key[i].id);
        const char *kind = keys->key[i].exponent != 0 ? "rsa-3072" : "ecdsa-p256";
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(item, "id", id);
        (void)cJSON_AddStringToObject(item, "kind", kind);
        (void)cJSON_AddItemToArray(list, item);
        cli_print(cli, "  %s  %s\n", id, kind);
    }
}
