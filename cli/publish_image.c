/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a release: what every device would refuse is not published. */
#include "cli/publish.h"

#include "cli/image.h"
#include "host/image_info.h"
#include "host/image_verify.h"
#include "ports/crypto/openssl.h"

#include <string.h>

/* "psram=app.bin": variant and path. The path alone may hold a '=' behind a '/'. */
static bool split(cli_t *cli, const char *operand, const char **variant, const char **path)
{
    size_t len = strcspn(operand, "=/");
    *variant = NULL;
    *path = operand;
    if (operand[len] != '=') {
        return true;
    }
    *variant = cli_format(cli, "%.*s", (int)len, operand);
    *path = operand + len + 1;
    return cli_name(cli, "variant", *variant);
}

/* By the device's own code, as far as no device is known. */
static int judge(cli_t *cli, const char *path, const file_map_t *map)
{
    ota_image_t image;
    const ota_image_rules_t rules = {.kind = OTA_IMAGE_APP,
                                     .chip_by_id = ota_chip_by_id,
                                     .any_rev = true,
                                     .address = 0x10000,
                                     .limit = 0xFFFFFFFFu,
                                     .crypto = &crypto_openssl};
    ota_status_t status = image_verify(&image, &rules, map->bytes, map->len);
    if (status != OTA_OK) {
        return cli_status(cli, status, ota_image_fault(&image), path);
    }
    static image_info_t info;
    image_info_read(map->bytes, map->len, &info);
    if (info.kind != OTA_IMAGE_APP || !info.has_app_desc) {
        return cli_refuse(cli, "IMAGE", "this image has no app descriptor", path,
                          "publish the app's own .bin, not a bootloader");
    }
    if (info.trailing > 0) {
        return cli_refuse(cli, "IMAGE",
                          cli_format(cli, "%zu bytes lie behind the image", info.trailing), path,
                          "publish the app's own .bin, not a merged or padded file");
    }
    return CLI_OK;
}

/* All descriptors name one version, and that is the one that is published. */
static void compare_version(cli_t *cli, const char *path, const file_map_t *map,
                            const char **version)
{
    static image_info_t info;
    const char *wanted = cli_text(cli, "version");
    image_info_read(map->bytes, map->len, &info);
    const char *said = cli_format(cli, "%s", info.app.version);
    if (wanted != NULL && strcmp(wanted, said) != 0) {
        cli_warn(cli, "VERSION",
                 cli_format(cli, "the image calls itself \"%s\", the release \"%s\"", said, wanted),
                 path, "build it with PROJECT_VER set to the version that is published");
    }
    if (*version == NULL) {
        *version = said;
    } else if (strcmp(*version, said) != 0) {
        *version = "";
    }
}

static uint32_t number_of(const cJSON *entry, const char *name, uint32_t otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(entry, name);
    return cJSON_IsNumber(item) ? (uint32_t)item->valuedouble : otherwise;
}

static const char *variant_of(const cJSON *entry)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "variant"));
    return text != NULL ? text : "";
}

/* Two images for one device: the second would never be installed. */
static bool overlaps(const cJSON *a, const cJSON *b)
{
    return number_of(a, "chip", 0) == number_of(b, "chip", 0) &&
           strcmp(variant_of(a), variant_of(b)) == 0 &&
           number_of(a, "min_rev", 0) <= number_of(b, "max_rev", 0xFFFF) &&
           number_of(b, "min_rev", 0) <= number_of(a, "max_rev", 0xFFFF);
}

static int check_overlaps(cli_t *cli, const cJSON *images, const cJSON *entry, const char *path)
{
    const cJSON *other = NULL;
    cJSON_ArrayForEach(other, images)
    {
        if (overlaps(other, entry)) {
            return cli_refuse(
                cli, "IMAGE", "two images are meant for the same devices", path,
                "tell them apart: VARIANT=app.bin, or builds for other chip revisions");
        }
    }
    return CLI_OK;
}

static void add_needs(cli_t *cli, cJSON *entry)
{
    (void)cJSON_ReplaceItemInObjectCaseSensitive(entry, "slots",
                                                 cJSON_CreateNumber(cli_number(cli, "slots")));
    if (cli_given(cli, "bootloader")) {
        (void)cJSON_AddNumberToObject(entry, "bootloader", cli_number(cli, "bootloader"));
    }
    if (cli_flag(cli, "need-rollback")) {
        (void)cJSON_AddTrueToObject(entry, "rollback");
    }
}

static int judge_operand(cli_t *cli, const char *operand, cJSON *images, const char **version)
{
    const char *variant = NULL;
    const char *path = NULL;
    file_map_t map;
    if (!split(cli, operand, &variant, &path)) {
        return CLI_MISUSE;
    }
    if (!cli_image_open(cli, path, &map)) {
        return CLI_REFUSED;
    }
    int rc = judge(cli, path, &map);
    if (rc == CLI_OK) {
        compare_version(cli, path, &map, version);
        cJSON *entry = release_image(map.bytes, map.len, variant);
        rc = check_overlaps(cli, images, entry, path);
        add_needs(cli, entry);
        (void)cJSON_AddItemToArray(images, entry);
    }
    file_unmap(&map);
    return rc;
}

int publish_judge(cli_t *cli, cJSON *images, const char **version)
{
    *version = NULL;
    int rc = CLI_OK;
    for (size_t i = 0; rc == CLI_OK && i < cli->operands; i++) {
        rc = judge_operand(cli, cli->operand[i], images, version);
    }
    if (*version != NULL && (*version)[0] == '\0') {
        *version = NULL;
    }
    return rc;
}

/* A file that has changed since it was judged lands under another name, and its own is missing
 * when the manifest is written. */
int publish_store(cli_t *cli, const char *root)
{
    for (size_t i = 0; i < cli->operands; i++) {
        const char *variant = NULL;
        const char *path = NULL;
        file_map_t map;
        release_trouble_t trouble;
        if (!split(cli, cli->operand[i], &variant, &path) || !cli_image_open(cli, path, &map)) {
            return CLI_REFUSED;
        }
        bool ok = release_image_store(root, map.bytes, map.len, &trouble);
        file_unmap(&map);
        if (!ok) {
            return cli_trouble(cli, &trouble);
        }
    }
    return CLI_OK;
}
