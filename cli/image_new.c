/* SPDX-License-Identifier: Apache-2.0 */
/* otary image new and edit: images for tests, and headers changed without breaking them. */
#include "cli/image.h"

#include <stdlib.h>
#include <string.h>

#define SPI_MODES "qio|qout|dio|dout"

const cli_option_t image_new_options[] = {
    CLI_IMAGE_CHIP("the chip it is for (esp32)"),
    {"kind", 0, CLI_CHOICE, "app|bootloader", "app", "what it shall be"},
    {"size", 's', CLI_NUMBER, "SIZE", NULL,
     "its length without signature, rounded up to 16; by default the smallest"},
    {"project", 0, CLI_TEXT, "NAME", "otary", "project name in the descriptor"},
    {"version", 0, CLI_TEXT, "TEXT", "1.0", "version in the descriptor"},
    {"idf", 0, CLI_TEXT, "TEXT", "v6.1", "ESP-IDF version in the descriptor"},
    {"secure-version", 0, CLI_NUMBER, "N", "0", "anti-rollback version"},
    {"min-rev", 0, CLI_TEXT, "N.N", "0.0", "oldest chip revision it runs on"},
    {"max-rev", 0, CLI_TEXT, "N.N", "655.35", "newest chip revision it runs on"},
    {"flash-size", 0, CLI_NUMBER, "SIZE", "4M", "flash size in the header, 1M to 128M"},
    {"spi-mode", 0, CLI_CHOICE, SPI_MODES, "dio", "flash mode in the header"},
    {"address", 0, CLI_NUMBER, "ADDR", "0x10000", "flash address it is made for"},
    {"seed", 0, CLI_NUMBER, "N", "1", "of the pseudo-random content"},
    {"no-hash", 0, CLI_FLAG, NULL, NULL, "leave the SHA-256 out"},
    {"key", 'k', CLI_FILE, "PEM", NULL, "sign with this private key; may be repeated"},
    CLI_IMAGE_SCHEME,
    CLI_FORCE,
    CLI_END};

const cli_option_t image_edit_options[] = {
    {"flash-size", 0, CLI_NUMBER, "SIZE", NULL, "flash size in the header, 1M to 128M"},
    {"spi-mode", 0, CLI_CHOICE, SPI_MODES, NULL, "flash mode in the header"},
    CLI_FORCE,
    CLI_END};

/* 4 MiB -> 2; false: reported. */
static bool flash_size_code(cli_t *cli, uint8_t *code)
{
    uint32_t size = cli_number(cli, "flash-size");
    for (uint8_t n = 0; n <= 7; n++) {
        if (size == 0x100000u << n) {
            *code = n;
            return true;
        }
    }
    (void)cli_misuse(cli, "--flash-size is no size that a header can name",
                     "1M, 2M, 4M, 8M, 16M, 32M, 64M or 128M");
    return false;
}

static uint8_t spi_mode_code(const char *name)
{
    static const char *const names[] = {"qio", "qout", "dio", "dout"};
    uint8_t n = 0;
    while (n < 3 && strcmp(names[n], name) != 0) {
        n++;
    }
    return n;
}

/* --- new -------------------------------------------------------------------------------------- */

static bool take_wish(cli_t *cli, image_wish_t *wish)
{
    const ota_chip_t *chip = NULL;
    image_wish_default(wish);
    if (!cli_chip(cli, &chip) || !cli_image_rev(cli, "min-rev", &wish->min_rev) ||
        !cli_image_rev(cli, "max-rev", &wish->max_rev) ||
        !flash_size_code(cli, &wish->flash_size)) {
        return false;
    }
    wish->chip = chip != NULL ? chip : wish->chip;
    wish->kind = strcmp(cli_text(cli, "kind"), "app") == 0 ? OTA_IMAGE_APP : OTA_IMAGE_BOOTLOADER;
    wish->project = cli_text(cli, "project");
    wish->version = cli_text(cli, "version");
    wish->idf_version = cli_text(cli, "idf");
    wish->secure_version = cli_number(cli, "secure-version");
    wish->spi_mode = spi_mode_code(cli_text(cli, "spi-mode"));
    wish->address = cli_number(cli, "address");
    wish->seed = cli_number(cli, "seed");
    wish->no_hash = cli_flag(cli, "no-hash");
    uint32_t size = cli_number(cli, "size");
    if (size > CLI_FILE_MAX) {
        (void)cli_misuse(cli, "--size is larger than any flash chip", "at most 256M");
        return false;
    }
    wish->size = (size + 15u) & ~15u;
    if (size != 0 && wish->size < image_wish_smallest(wish)) {
        (void)cli_misuse(cli, cli_format(cli, "--size %u has no room for a descriptor", size),
                         cli_format(cli, "at least %u", image_wish_smallest(wish)));
        return false;
    }
    return true;
}

static int sign(cli_t *cli, image_bytes_t *image, const cli_image_keys_t *keys)
{
    ota_scheme_t scheme = cli_image_scheme(cli, keys);
    if (keys->count == 0) {
        return scheme == OTA_SCHEME_NONE
                   ? CLI_OK
                   : cli_misuse(cli, "--scheme without --key", "name the private key");
    }
    ota_status_t status = image_sign(image, scheme, keys->key, keys->count);
    if (status == OTA_OK) {
        return CLI_OK;
    }
    return cli_refuse(
        cli, ota_status_name(status),
        cli_format(cli, "cannot sign by scheme %s with this key", image_scheme_name(scheme)),
        keys->path[0], "give private keys of the scheme's kind; v1 takes one P-256 key");
}

static void tell(cli_t *cli, const image_wish_t *wish, size_t len, bool is_signed)
{
    const char *path = cli->operand[0];
    (void)cJSON_AddStringToObject(cli->report, "file", path);
    (void)cJSON_AddStringToObject(cli->report, "chip", wish->chip->name);
    (void)cJSON_AddNumberToObject(cli->report, "length", (double)len);
    if (strcmp(path, "-") != 0) {
        cli_print(cli, "%s: %s for %s, %zu bytes%s\n", path,
                  wish->kind == OTA_IMAGE_APP ? "app" : "bootloader", wish->chip->name, len,
                  is_signed ? ", signed" : "");
    }
}

static int make(cli_t *cli, const image_wish_t *wish, const cli_image_keys_t *keys)
{
    image_bytes_t image = {0};
    ota_status_t status = image_build(wish, &image);
    int rc =
        status == OTA_OK ? sign(cli, &image, keys) : cli_status(cli, status, NULL, cli->operand[0]);
    if (rc == CLI_OK && !cli_write(cli, cli->operand[0], image.bytes, image.len)) {
        rc = CLI_REFUSED;
    }
    if (rc == CLI_OK) {
        tell(cli, wish, image.len, keys->count > 0);
    }
    image_free(&image);
    return rc;
}

int image_new(cli_t *cli)
{
    image_wish_t wish;
    cli_image_keys_t keys;
    if (!take_wish(cli, &wish)) {
        return CLI_MISUSE;
    }
    if (!cli_may_write(cli, cli->operand[0])) {
        return CLI_REFUSED;
    }
    int rc = cli_image_keys(cli, &keys) ? make(cli, &wish, &keys) : CLI_REFUSED;
    cli_image_keys_free(&keys);
    return rc;
}

/* --- edit ------------------------------------------------------------------------------------- */

/* The edited bytes into a block of their own; the report on the way. */
static int reseal(cli_t *cli, uint8_t *bytes, size_t len, uint8_t size)
{
    const char *out = cli->operand[1];
    if (cli_given(cli, "flash-size")) {
        bytes[3] = (uint8_t)(size << 4 | (bytes[3] & 0x0F));
    }
    if (cli_given(cli, "spi-mode")) {
        bytes[2] = spi_mode_code(cli_text(cli, "spi-mode"));
    }
    ota_status_t status = image_reseal(bytes, len);
    if (status != OTA_OK) {
        return cli_status(cli, status, NULL, cli->operand[0]);
    }
    if (!cli_write(cli, out, bytes, len)) {
        return CLI_REFUSED;
    }
    (void)cJSON_AddStringToObject(cli->report, "file", out);
    (void)cJSON_AddNumberToObject(cli->report, "length", (double)len);
    if (strcmp(out, "-") != 0) {
        cli_print(cli, "%s: %zu bytes, checksum and hash are right\n", out, len);
    }
    return CLI_OK;
}

int image_edit(cli_t *cli)
{
    const char *path = cli->operand[0];
    cli_bytes_t file;
    uint8_t size = 0;
    if (cli_given(cli, "flash-size") && !flash_size_code(cli, &size)) {
        return CLI_MISUSE;
    }
    if (!cli_may_write(cli, cli->operand[1]) || !cli_read(cli, path, CLI_FILE_MAX, &file)) {
        return CLI_REFUSED;
    }
    size_t len = image_plain_length(file.bytes, file.len);
    if (len == 0) {
        bool magic = file.len > 0 && file.bytes[0] == OTA_IMAGE_MAGIC;
        return cli_status(cli, magic ? OTA_ERR_IMAGE_TRUNCATED : OTA_ERR_IMAGE_MAGIC, NULL, path);
    }
    uint8_t *bytes = malloc(len);
    if (bytes == NULL) {
        return cli_refuse(cli, NULL, "out of memory", path, "close other programs and try again");
    }
    memcpy(bytes, file.bytes, len);
    if (len < file.len) {
        cli_warn(cli, NULL,
                 cli_format(cli, "%zu bytes behind the image are left out", file.len - len), path,
                 "sign the new file again if it was signed");
    }
    int rc = reseal(cli, bytes, len, size);
    free(bytes);
    return rc;
}
