/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/image.h"

#include <stdlib.h>
#include <string.h>

static const cli_verb_t verbs[] = {
    {.name = "show",
     .operands = "FILE...",
     .min = 1,
     .max = CLI_MANY,
     .run = image_show,
     .summary = "everything that is in an image",
     .details = "Header, segments with the memory they go to, descriptors, checksum, hash, "
                "signature blocks with the digests of their keys, and what lies behind the image. "
                "Whether a bootloader can roll back is not to be seen: with its usual log level "
                "it carries no text about it.",
     .options = image_show_options,
     .example = "otary image show build/app.bin"},
    {.name = "verify",
     .operands = "FILE...",
     .min = 1,
     .max = CLI_MANY,
     .run = image_verb_verify,
     .summary = "verify images with the device's own code",
     .details = "Without options: whatever every device of the image's own chip would refuse. "
                "Each option adds a fact about the device or its partition table.",
     .options = image_verify_options,
     .example = "otary image verify build/app.bin --chip esp32s3 --rev 0.2\n"
                "otary image verify app.bin --table partitions.csv --slot ota_0\n"
                "otary image verify signed.bin --key public.pem"},
    {.name = "new",
     .operands = "OUT",
     .min = 1,
     .max = 1,
     .run = image_new,
     .summary = "make a valid image for tests",
     .details = "Every verifier accepts it, no chip can run it: its code is pseudo-random. The "
                "same options give the same bytes (signatures excepted).",
     .options = image_new_options,
     .example = "otary image new test.bin --chip esp32c3 --size 1M --version 2.0\n"
                "otary image new signed.bin --size 64K --key private.pem"},
    {.name = "edit",
     .operands = "FILE OUT",
     .min = 2,
     .max = 2,
     .run = image_edit,
     .summary = "change the flash settings in a header and make checksum and hash right again",
     .details = "The appended hash covers the header: whoever changes it by hand gets an image "
                "that no device accepts. Without options only checksum and hash are renewed. A "
                "signature does not survive and is cut off.",
     .options = image_edit_options,
     .example = "otary image edit app.bin app-4mb.bin --flash-size 4M"},
    {0}};

const cli_command_t cli_image = {"image", "application and bootloader images", verbs};

/* --- shared --------------------------------------------------------------------------------- */

bool cli_image_open(cli_t *cli, const char *path, file_map_t *map)
{
    file_result_t result = file_map(path, CLI_FILE_MAX, map);
    if (result == FILE_OK) {
        return true;
    }
    (void)cli_refuse(cli, "FILE",
                     cli_format(cli, "cannot read the file: %s", file_result_text(result)), path,
                     result == FILE_ERR_TOO_BIG ? "give an image, not a disk"
                                                : "check the name and the permissions");
    return false;
}

/* "3.1", "v3.1", "301": 301. */
static bool parse_rev(const char *text, unsigned long *number)
{
    char *end = NULL;
    const char *digits = text[0] == 'v' ? text + 1 : text;
    if (*digits < '0' || *digits > '9') {
        return false;
    }
    *number = strtoul(digits, &end, 10);
    if (*end == '.' && end[1] >= '0' && end[1] <= '9' && *number <= 655) {
        unsigned long minor = strtoul(end + 1, &end, 10);
        *number = minor < 100 ? *number * 100 + minor : 0x10000;
    }
    return *end == '\0' && *number <= 0xFFFF;
}

bool cli_image_rev(cli_t *cli, const char *option, uint16_t *rev)
{
    const char *text = cli_text(cli, option);
    unsigned long number = 0;
    if (text != NULL && !parse_rev(text, &number)) {
        (void)cli_misuse(cli, cli_format(cli, "--%s %s is no revision", option, text),
                         "write it as major.minor, such as 3.1");
        return false;
    }
    *rev = (uint16_t)number;
    return true;
}

/* --- keys ------------------------------------------------------------------------------------ */

bool cli_image_keys(cli_t *cli, cli_image_keys_t *keys)
{
    size_t at = 0;
    *keys = (cli_image_keys_t){0};
    for (const char *path = cli_next(cli, "key", &at); path != NULL;
         path = cli_next(cli, "key", &at)) {
        cli_bytes_t pem;
        if (keys->count == IMAGE_KEYS_MAX) {
            (void)cli_refuse(cli, NULL, "more keys than a signature sector has blocks", path,
                             "name at most three");
            return false;
        }
        if (!cli_read(cli, path, 65536, &pem)) {
            return false;
        }
        crypto_key_t *key = crypto_key_read((const char *)pem.bytes, pem.len);
        if (key == NULL) {
            (void)cli_refuse(cli, "KEY", "this is no RSA-3072, P-256 or P-384 key in PEM", path,
                             "make one with: openssl genrsa 3072, or openssl ecparam -genkey "
                             "-noout -name prime256v1");
            return false;
        }
        keys->path[keys->count] = path;
        keys->key[keys->count++] = key;
    }
    return true;
}

void cli_image_keys_free(cli_image_keys_t *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        crypto_key_free(keys->key[i]);
    }
    keys->count = 0;
}

ota_scheme_t cli_image_scheme(const cli_t *cli, const cli_image_keys_t *keys)
{
    const char *name = cli_text(cli, "scheme");
    if (name != NULL) {
        return image_scheme_by_name(name);
    }
    return keys->count > 0 ? image_key_scheme(keys->key[0]) : OTA_SCHEME_NONE;
}
