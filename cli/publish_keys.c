/* SPDX-License-Identifier: Apache-2.0 */
/* The first key set of a product comes with its first release. */
#include "cli/publish.h"

/* --key and --trust together: whose signatures will count. */
static size_t all_keys(const cli_keys_t *signers, const cli_keys_t *trusted,
                       crypto_key_t *all[2 * OTA_KEYS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < signers->count; i++) {
        all[count++] = signers->key[i];
    }
    for (size_t i = 0; i < trusted->count; i++) {
        all[count++] = trusted->key[i];
    }
    return count;
}

static int make_first(cli_t *cli, const release_place_t *place, const cli_keys_t *signers,
                      const cli_keys_t *trusted)
{
    crypto_key_t *all[2 * OTA_KEYS_MAX];
    release_trouble_t trouble;
    bool pending = false;
    size_t count = all_keys(signers, trusted, all);
    const char *path = cli_format(cli, "%s/%s/keys", place->root, place->product);
    cJSON *json = release_keys_json(place->product, 1, cli_number(cli, "threshold"), all, count);
    if (json == NULL) {
        return cli_refuse(cli, "KEY", "a key set cannot be made of these keys", path,
                          "give ECDSA P-256 or RSA-3072 keys");
    }
    bool ok = release_keys_commit(place->root, place->product, NULL, json, signers->key,
                                  signers->count, &pending, &trouble);
    cJSON_Delete(json);
    if (!ok) {
        return cli_trouble(cli, &trouble);
    }
    if (pending) {
        return cli_refuse(cli, "OTA_ERR_KEYS_THRESHOLD",
                          "the product's first key set needs more signatures",
                          cli_format(cli, "%s/next.json", path),
                          "let the holders of the other keys run `otary manifest sign` on it, then "
                          "publish again");
    }
    cli_print(cli, "%s/1.json: the keys that devices of %s will trust; build it into their app\n",
              path, place->product);
    return CLI_OK;
}

int publish_keys(cli_t *cli, const release_place_t *place, const cli_keys_t *signers,
                 release_keys_t *keys)
{
    release_trouble_t trouble;
    bool absent = false;
    if (!release_keys_load(keys, place->root, place->product, NULL, &absent, &trouble)) {
        return cli_trouble(cli, &trouble);
    }
    bool about_first = cli_given(cli, "threshold") || cli_given(cli, "trust");
    if (!absent) {
        return about_first ? cli_refuse(cli, "KEY", "the product has a key set already",
                                        cli_format(cli, "%s/%s/keys", place->root, place->product),
                                        "change it with `otary keys rotate`; leave --threshold and "
                                        "--trust out")
                           : CLI_OK;
    }
    cli_keys_t trusted = {0};
    int rc = cli_keys_read(cli, "trust", false, &trusted)
                 ? make_first(cli, place, signers, &trusted)
                 : CLI_REFUSED;
    cli_keys_free(&trusted);
    if (rc == CLI_OK &&
        !release_keys_load(keys, place->root, place->product, NULL, &absent, &trouble)) {
        rc = cli_trouble(cli, &trouble);
    }
    return rc;
}
