/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/release.h"

#include "core/fields.h"
#include "host/date.h"
#include "host/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

int cli_trouble(cli_t *cli, const release_trouble_t *trouble)
{
    return cli_refuse(cli, trouble->code, trouble->what, trouble->where, trouble->todo);
}

/* --- keys ----------------------------------------------------------------------------------- */

static crypto_key_t *open_key(cli_t *cli, const char *name)
{
    cli_bytes_t pem;
    if (crypto_key_is_uri(name)) {
        crypto_key_t *key = crypto_key_open(name);
        if (key == NULL) {
            (void)cli_refuse(
                cli, "KEY", "OpenSSL finds no key there that can sign documents", name,
                "check the URI with: openssl storeutl; a PKCS#11 token needs OpenSSL's "
                "pkcs11 provider or engine, and its PIN in the URI (pin-value=)");
        }
        return key;
    }
    if (!cli_read(cli, name, 65536, &pem)) {
        return NULL;
    }
    crypto_key_t *key = crypto_key_read((const char *)pem.bytes, pem.len);
    if (key == NULL) {
        (void)cli_refuse(cli, "KEY", "this is no ECDSA P-256 or RSA-3072 key in PEM", name,
                         "make one with: openssl ecparam -genkey -noout -name prime256v1 -out "
                         "key.pem; one with a passphrase has to be decrypted first, or kept in a "
                         "token");
    }
    return key;
}

static bool fits(cli_t *cli, const crypto_key_t *key, const char *name, bool want_private)
{
    if (crypto_key_kind(key) == OTA_SIGNATURE_ECDSA_P384) {
        (void)cli_refuse(cli, "KEY", "a P-384 key signs images, not releases", name,
                         "give an ECDSA P-256 or RSA-3072 key");
        return false;
    }
    if (want_private && !crypto_key_is_private(key)) {
        (void)cli_refuse(cli, "KEY", "this is a public key: it cannot sign", name,
                         "give the private key");
        return false;
    }
    return true;
}

bool cli_keys_read(cli_t *cli, const char *option, bool want_private, cli_keys_t *keys)
{
    size_t at = 0;
    for (const char *name = cli_next(cli, option, &at); name != NULL;
         name = cli_next(cli, option, &at)) {
        if (keys->count == OTA_KEYS_MAX) {
            (void)cli_refuse(cli, "KEY", "more keys than a key set holds", name,
                             cli_format(cli, "name at most %u", OTA_KEYS_MAX));
            return false;
        }
        crypto_key_t *key = open_key(cli, name);
        if (key == NULL) {
            return false;
        }
        keys->name[keys->count] = name;
        keys->key[keys->count++] = key;
        if (!fits(cli, key, name, want_private)) {
            return false;
        }
    }
    return true;
}

void cli_keys_free(cli_keys_t *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        crypto_key_free(keys->key[i]);
    }
    keys->count = 0;
}

/* --- options -------------------------------------------------------------------------------- */

/* Up to two digits behind the point, as hundredths. */
static uint32_t hundredths(const char *digits, size_t count)
{
    uint32_t first = count > 0 ? (uint32_t)(digits[0] - '0') : 0;
    uint32_t second = count > 1 ? (uint32_t)(digits[1] - '0') : 0;
    return first * 10 + second;
}

static bool parse_share(const char *text, uint32_t *share)
{
    static const char digit[] = "0123456789";
    size_t whole = strspn(text, digit);
    const char *rest = text + whole;
    bool point = *rest == '.';
    size_t part = point ? strspn(rest + 1, digit) : 0;
    const char *end = rest + (point ? part + 1 : 0);
    if (whole == 0 || whole > 3 || part > 2 || point != (part > 0)) {
        return false;
    }
    *share = (uint32_t)strtoul(text, NULL, 10) * 100 + hundredths(rest + 1, part);
    return strcmp(end + (*end == '%'), "") == 0 && *share <= OTA_SHARE_ALL;
}

bool cli_share(cli_t *cli, const char *text, uint32_t *share)
{
    if (parse_share(text, share)) {
        return true;
    }
    (void)cli_misuse(cli, cli_format(cli, "\"%s\" is no share of devices", text),
                     "write it like 5%, 12.5% or 100%; hundredths are the finest");
    return false;
}

const char *cli_share_text(cli_t *cli, uint32_t share)
{
    const char *whole = cli_format(cli, "%u", share / 100);
    if (share % 100 == 0) {
        return cli_format(cli, "%s %%", whole);
    }
    return share % 10 == 0 ? cli_format(cli, "%s.%u %%", whole, share / 10 % 10)
                           : cli_format(cli, "%s.%02u %%", whole, share % 100);
}

bool cli_expires(cli_t *cli, uint32_t from, uint32_t *expires)
{
    const char *text = cli_text(cli, "expires");
    bool ok = date_parse(text, from, expires) && (*expires == 0 || *expires > from);
    if (!ok) {
        (void)cli_misuse(cli, cli_format(cli, "--expires %s is no time to come", text),
                         "write 30d, 12w, 1y, a day like 2027-12-31, or never");
    }
    return ok;
}

bool cli_name(cli_t *cli, const char *what, const char *name)
{
    const ota_text_t text = {name, (uint32_t)strlen(name)};
    if (text.len <= OTA_NAME_MAX && ota_text_is_name(text)) {
        return true;
    }
    (void)cli_misuse(cli, cli_format(cli, "%s \"%s\" is no name", what, name),
                     "1 to 32 letters, digits, dots, hyphens, underscores; no dot or hyphen first");
    return false;
}

const char *cli_text_of(cli_t *cli, ota_text_t text)
{
    return text.len > 0 ? cli_format(cli, "%.*s", (int)text.len, text.at) : "";
}

/* --- the only one --------------------------------------------------------------------------- */

static bool has_manifest(cli_t *cli, const char *folder)
{
    uint64_t size = 0;
    return file_size(cli_format(cli, "%s/manifest.json", folder), &size);
}

/* The folders in `folder` whose name could be a product's or channel's; *name: the last one. */
static size_t folders_in(cli_t *cli, const char *folder, bool channels, const char **name)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry = dir != NULL ? readdir(dir) : NULL; entry != NULL;
         entry = readdir(dir)) {
        const char *path = cli_format(cli, "%s/%s", folder, entry->d_name);
        const char *inner = NULL;
        const ota_text_t text = {entry->d_name, (uint32_t)strlen(entry->d_name)};
        if (ota_text_is_name(text) &&
            (channels ? has_manifest(cli, path) : folders_in(cli, path, true, &inner) > 0)) {
            *name = cli_format(cli, "%s", entry->d_name);
            count++;
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return count;
}

static const char *choose(cli_t *cli, const char *folder, const char *option, bool channels)
{
    const char *name = cli_text(cli, option);
    if (name != NULL) {
        return cli_name(cli, cli_format(cli, "--%s", option), name) ? name : NULL;
    }
    size_t count = folders_in(cli, folder, channels, &name);
    if (count == 1) {
        return name;
    }
    (void)cli_refuse(cli, NULL,
                     count == 0 ? "nothing has been published here"
                                : cli_format(cli, "there is more than one %s here", option),
                     folder,
                     count == 0 ? "name the directory that `otary publish -o` wrote"
                                : cli_format(cli, "say which with --%s", option));
    return NULL;
}

const char *cli_only_product(cli_t *cli, const char *root)
{
    return choose(cli, root, "product", false);
}

bool cli_place(cli_t *cli, const char *root, release_place_t *place)
{
    *place = (release_place_t){.root = root};
    place->product = cli_only_product(cli, root);
    if (place->product == NULL) {
        return false;
    }
    place->channel = choose(cli, cli_format(cli, "%s/%s", root, place->product), "channel", true);
    return place->channel != NULL;
}
