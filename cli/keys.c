/* SPDX-License-Identifier: Apache-2.0 */
/* otary keys: whose signatures count, and the next set of them. */
#include "cli/release.h"

#include <inttypes.h>
#include <string.h>

static const cli_option_t show_options[] = {
    {"product", 'p', CLI_TEXT, "NAME", NULL, "product; by default the only one there"}, CLI_END};
static const cli_option_t rotate_options[] = {
    CLI_RELEASE_KEY,
    {"product", 'p', CLI_TEXT, "NAME", NULL, "product; by default the only one there"},
    {"trust", 't', CLI_FILE, "KEY", NULL,
     "a public key of the new set; may be repeated; keys that are not named are revoked"},
    {"threshold", 0, CLI_NUMBER, "N", NULL,
     "signatures that devices shall ask for; by default as before"},
    CLI_END};

/* The product that is meant; its channel does not matter. */
static const char *product_of(cli_t *cli)
{
    return cli_only_product(cli, cli->operand[0]);
}

static int load(cli_t *cli, const char *product, release_keys_t *keys)
{
    release_trouble_t trouble;
    bool absent = false;
    bool ok = release_keys_load(keys, cli->operand[0], product, NULL, &absent, &trouble);
    if (ok && absent) {
        ok = release_fail(&trouble, "FILE", cli->operand[0], "publish a release first",
                          "the product %s has no key set here", product);
    }
    return ok ? CLI_OK : cli_trouble(cli, &trouble);
}

static int run_show(cli_t *cli)
{
    release_keys_t keys;
    const char *product = product_of(cli);
    if (product == NULL) {
        return CLI_REFUSED;
    }
    int rc = load(cli, product, &keys);
    if (rc == CLI_OK) {
        cli_show_keys(cli, &keys.set);
        release_keys_free(&keys);
    }
    return rc;
}

static int commit(cli_t *cli, const char *product, const release_keys_t *held, const cJSON *json,
                  const cli_keys_t *signers)
{
    release_trouble_t trouble;
    bool pending = false;
    if (!release_keys_commit(cli->operand[0], product, &held->set, json, signers->key,
                             signers->count, &pending, &trouble)) {
        return cli_trouble(cli, &trouble);
    }
    const char *folder = cli_format(cli, "%s/%s/keys", cli->operand[0], product);
    const char *path = pending
                           ? cli_format(cli, "%s/next.json", folder)
                           : cli_format(cli, "%s/%" PRIu32 ".json", folder, held->set.version + 1);
    (void)cJSON_AddBoolToObject(cli->report, "pending", pending);
    (void)cJSON_AddStringToObject(cli->report, "file", path);
    cli_print(cli,
              pending ? "%s waits: let the other holders run `otary manifest sign` on it\n"
                      : "%s counts now; the next release or `otary rollout set` tells devices\n",
              path);
    return CLI_OK;
}

static int rotate(cli_t *cli, const char *product, const cli_keys_t *signers,
                  const cli_keys_t *trusted)
{
    release_keys_t held;
    int rc = load(cli, product, &held);
    if (rc != CLI_OK) {
        return rc;
    }
    uint32_t threshold =
        cli_given(cli, "threshold") ? cli_number(cli, "threshold") : held.set.threshold;
    cJSON *json =
        release_keys_json(product, held.set.version + 1, threshold, trusted->key, trusted->count);
    rc = json != NULL ? commit(cli, product, &held, json, signers)
                      : cli_refuse(cli, "KEY", "a key set cannot be made of these keys", product,
                                   "give ECDSA P-256 or RSA-3072 keys");
    cJSON_Delete(json);
    release_keys_free(&held);
    return rc;
}

static int run_rotate(cli_t *cli)
{
    cli_keys_t signers = {0};
    cli_keys_t trusted = {0};
    release_trouble_t trouble;
    if (!cli_given(cli, "key") || !cli_given(cli, "trust")) {
        return cli_misuse(cli, "a new key set needs keys, and signatures of the old ones",
                          "write --trust for each key of the new set, --key for those that sign");
    }
    const char *product = product_of(cli);
    if (product == NULL) {
        return CLI_REFUSED;
    }
    int lock = release_lock(cli->operand[0], product, &trouble);
    int rc = lock >= 0 ? CLI_OK : cli_trouble(cli, &trouble);
    if (rc == CLI_OK) {
        rc = cli_keys_read(cli, "key", true, &signers) &&
                     cli_keys_read(cli, "trust", false, &trusted)
                 ? rotate(cli, product, &signers, &trusted)
                 : CLI_REFUSED;
    }
    release_unlock(lock);
    cli_keys_free(&trusted);
    cli_keys_free(&signers);
    return rc;
}

static const cli_verb_t verbs[] = {
    {.name = "new",
     .operands = "FILE",
     .min = 1,
     .max = 1,
     .run = cli_keys_new,
     .summary = "make a fresh private key, as PEM",
     .details = "Only its owner may read the file; an existing one is never overwritten. Keys made "
                "otherwise, by "
                "`openssl genpkey`, by espsecure.py for Secure Boot or in a token, "
                "are as good.",
     .options = cli_keys_new_options,
     .example = "otary keys new key.pem"},
    {.name = "show",
     .operands = "DIR",
     .min = 1,
     .max = 1,
     .run = run_show,
     .summary = "the newest key set of a published product",
     .options = show_options,
     .example = "otary keys show public"},
    {.name = "rotate",
     .operands = "DIR",
     .min = 1,
     .max = 1,
     .run = run_rotate,
     .summary = "publish the next key set: new keys in, others revoked",
     .details =
         "It counts once as many keys of the old set have signed it as the old set asks for, "
         "and as many of the new set as that asks for. What is missing is added with `otary "
         "manifest sign`.",
     .options = rotate_options,
     .example = "otary keys rotate public --key old.pem --key new.pem --trust new.pub.pem"},
    {0}};

const cli_command_t cli_keys = {"keys", "key sets: whose signatures count", verbs};
