/* SPDX-License-Identifier: Apache-2.0 */
/* otary rollout: who gets a release that is published already. Each change is a new manifest. */
#include "cli/release.h"

#include "host/date.h"

#include <inttypes.h>
#include <string.h>

#define AGAIN                                                                                      \
    {                                                                                              \
        "expires", 'e', CLI_TEXT, "WHEN", NULL,                                                    \
            "30d, 12w, 1y, a day, or never; by default as long as it was published for"            \
    }

static const cli_option_t show_options[] = {CLI_RELEASE_PLACE, CLI_END};
static const cli_option_t set_options[] = {
    CLI_RELEASE_KEY,
    CLI_RELEASE_PLACE,
    {"cohort", 0, CLI_TEXT, "NAME", NULL, "groups that get it at once, instead of those before"},
    {"attempts", 0, CLI_NUMBER, "N", NULL, "tries on a device where it fails"},
    AGAIN,
    CLI_END};
static const cli_option_t halt_options[] = {CLI_RELEASE_KEY, CLI_RELEASE_PLACE, AGAIN, CLI_END};
static const cli_option_t recall_options[] = {
    CLI_RELEASE_KEY,
    CLI_RELEASE_PLACE,
    {"to", 't', CLI_TEXT, "VERSION", NULL, "earlier version that devices shall go back to"},
    AGAIN,
    CLI_END};

typedef struct {
    release_place_t place;
    cli_keys_t signers;
    release_keys_t keys;
    release_t release;
} rollout_t;

static void set_number(cJSON *object, const char *name, uint32_t number)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object, name);
    (void)cJSON_AddNumberToObject(object, name, number);
}

static cJSON *rollout_of(cJSON *json)
{
    cJSON *rollout = cJSON_GetObjectItemCaseSensitive(json, "rollout");
    if (rollout == NULL) {
        rollout = cJSON_AddObjectToObject(json, "rollout");
        (void)cJSON_AddStringToObject(rollout, "salt", "0");
        (void)cJSON_AddNumberToObject(rollout, "share", OTA_SHARE_ALL);
    }
    return rollout;
}

/* --- a new manifest from an old one --------------------------------------------------------- */

/* Serial, issue and end of what is published again. `base`: whose serial counts on. */
static int renew(cli_t *cli, const rollout_t *rollout, cJSON *json)
{
    const ota_manifest_t *old = &rollout->release.manifest;
    uint32_t now = date_now();
    uint32_t expires = old->expires != 0 ? now + (old->expires - old->issued) : 0;
    if (cli_given(cli, "expires") && !cli_expires(cli, now, &expires)) {
        return CLI_MISUSE;
    }
    set_number(json, "serial", old->serial + 1);
    set_number(json, "issued", now);
    set_number(json, "keys", rollout->keys.set.version);
    cJSON_DeleteItemFromObjectCaseSensitive(json, "expires");
    if (expires != 0) {
        set_number(json, "expires", expires);
    }
    return CLI_OK;
}

static int commit(cli_t *cli, const rollout_t *rollout, cJSON *json)
{
    release_trouble_t trouble;
    bool pending = false;
    int rc = renew(cli, rollout, json);
    if (rc != CLI_OK) {
        return rc;
    }
    if (!release_commit(&rollout->place, &rollout->keys.set, json, rollout->signers.key,
                        rollout->signers.count, &pending, &trouble)) {
        return cli_trouble(cli, &trouble);
    }
    return cli_committed(cli, &rollout->place, &rollout->keys.set, pending);
}

/* Everything that changes a release: load it under the lock, change, commit. */
static int change(cli_t *cli, int (*edit)(cli_t *cli, rollout_t *rollout))
{
    static rollout_t rollout;
    release_trouble_t trouble;
    memset(&rollout, 0, sizeof(rollout));
    if (!cli_given(cli, "key")) {
        return cli_misuse(cli, "a release is signed", "name the private key with --key");
    }
    if (!cli_place(cli, cli->operand[0], &rollout.place)) {
        return CLI_REFUSED;
    }
    int rc = cli_keys_read(cli, "key", true, &rollout.signers) ? CLI_OK : CLI_REFUSED;
    int lock =
        rc == CLI_OK ? release_lock(rollout.place.root, rollout.place.product, &trouble) : -1;
    if (rc == CLI_OK && lock < 0) {
        rc = cli_trouble(cli, &trouble);
    }
    if (rc == CLI_OK) {
        rc = cli_load_release(cli, &rollout.place, &rollout.keys, &rollout.release);
    }
    rc = rc == CLI_OK ? edit(cli, &rollout) : rc;
    release_unlock(lock);
    release_free(&rollout.release);
    release_keys_free(&rollout.keys);
    cli_keys_free(&rollout.signers);
    return rc;
}

/* --- set and halt --------------------------------------------------------------------------- */

static int set_cohorts(cli_t *cli, cJSON *rollout)
{
    size_t at = 0;
    if (!cli_given(cli, "cohort")) {
        return CLI_OK;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(rollout, "cohorts");
    cJSON *cohorts = cJSON_AddArrayToObject(rollout, "cohorts");
    for (const char *name = cli_next(cli, "cohort", &at); name != NULL;
         name = cli_next(cli, "cohort", &at)) {
        if (!cli_name(cli, "--cohort", name)) {
            return CLI_MISUSE;
        }
        (void)cJSON_AddItemToArray(cohorts, cJSON_CreateString(name));
    }
    return CLI_OK;
}

static int edit_set(cli_t *cli, rollout_t *rollout)
{
    cJSON *json = rollout->release.json;
    cJSON *who = rollout_of(json);
    uint32_t share = rollout->release.manifest.rollout.share;
    if (cli->operands == 2 && !cli_share(cli, cli->operand[1], &share)) {
        return CLI_MISUSE;
    }
    if (share < rollout->release.manifest.rollout.share) {
        cli_warn(cli, "ROLLOUT", "the share falls: devices that were in it keep what they have",
                 rollout->place.root, "to take a version back use `otary rollout recall`");
    }
    set_number(who, "share", share);
    cJSON_DeleteItemFromObjectCaseSensitive(who, "halted");
    if (cli_given(cli, "attempts")) {
        set_number(json, "attempts", cli_number(cli, "attempts"));
    }
    int rc = set_cohorts(cli, who);
    return rc == CLI_OK ? commit(cli, rollout, json) : rc;
}

static int edit_halt(cli_t *cli, rollout_t *rollout)
{
    cJSON *who = rollout_of(rollout->release.json);
    cJSON_DeleteItemFromObjectCaseSensitive(who, "halted");
    (void)cJSON_AddTrueToObject(who, "halted");
    return commit(cli, rollout, rollout->release.json);
}

static int run_set(cli_t *cli)
{
    return change(cli, edit_set);
}

static int run_halt(cli_t *cli)
{
    return change(cli, edit_halt);
}

/* --- recall --------------------------------------------------------------------------------- */

/* A version of the channel that was published; end with release_free. */
static int find(cli_t *cli, const rollout_t *rollout, const char *version, release_t *found)
{
    release_trouble_t trouble;
    bool absent = true;
    if (!release_find(found, &rollout->place, &rollout->keys.set, version,
                      rollout->release.manifest.serial, &absent, &trouble)) {
        return cli_trouble(cli, &trouble);
    }
    return absent ? cli_refuse(
                        cli, "VERSION",
                        cli_format(cli, "version %s was never published here", version),
                        rollout->release.document.folder,
                        "name one that the present keys have signed: `otary manifest show` tells "
                        "the version of each SERIAL.json")
                  : CLI_OK;
}

/* The list of what counts now, with this version in it, once. */
static cJSON *recalls_with(const rollout_t *rollout, const release_t *bad, uint32_t to,
                           const char *version)
{
    const cJSON *old = cJSON_GetObjectItemCaseSensitive(rollout->release.json, "recalls");
    cJSON *recalls = old != NULL ? cJSON_Duplicate(old, true) : cJSON_CreateArray();
    for (int i = cJSON_GetArraySize(recalls) - 1; i >= 0; i--) {
        const cJSON *order =
            cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(recalls, i), "order");
        double number = cJSON_IsNumber(order) ? order->valuedouble : 0;
        if ((uint32_t)number == bad->manifest.order || (uint32_t)number == to) {
            cJSON_DeleteItemFromArray(recalls,
                                      i); /* and what is gone back to is recalled no more */
        }
    }
    cJSON *entry = cJSON_CreateObject();
    (void)cJSON_AddNumberToObject(entry, "order", bad->manifest.order);
    if (to != 0) {
        (void)cJSON_AddNumberToObject(entry, "to", to);
    }
    (void)cJSON_AddStringToObject(entry, "version", version);
    (void)cJSON_AddItemToArray(recalls, entry);
    return recalls;
}

/* `json` becomes the manifest, with these recalls. Takes them over. */
static int recall(cli_t *cli, const rollout_t *rollout, cJSON *json, cJSON *recalls)
{
    cJSON_DeleteItemFromObjectCaseSensitive(json, "recalls");
    (void)cJSON_AddItemToObject(json, "recalls", recalls);
    return commit(cli, rollout, json);
}

/* Back to an earlier version, for everyone: its images are there still. */
static int go_back(cli_t *cli, rollout_t *rollout, const release_t *bad, const char *version)
{
    release_t good;
    int rc = find(cli, rollout, cli_text(cli, "to"), &good);
    if (rc != CLI_OK) {
        return rc;
    }
    if (good.manifest.order >= bad->manifest.order) {
        rc = cli_refuse(cli, "VERSION", "devices go back to an earlier version only",
                        good.document.name, "publish the newer version with --recall instead");
    } else {
        cJSON *who = rollout_of(good.json);
        set_number(who, "share", OTA_SHARE_ALL);
        cJSON_DeleteItemFromObjectCaseSensitive(who, "halted");
        rc = recall(cli, rollout, good.json,
                    recalls_with(rollout, bad, good.manifest.order, version));
    }
    release_free(&good);
    return rc;
}

static int edit_recall(cli_t *cli, rollout_t *rollout)
{
    release_t bad;
    const char *version = cli->operand[1];
    int rc = find(cli, rollout, version, &bad);
    if (rc != CLI_OK) {
        return rc;
    }
    bool present = bad.manifest.order == rollout->release.manifest.order;
    if (cli_given(cli, "to")) {
        rc = present ? go_back(cli, rollout, &bad, version)
                     : cli_refuse(cli, "VERSION", "a newer version is published already",
                                  rollout->release.document.name,
                                  "leave --to out: devices go on to the newer version");
    } else {
        rc = recall(cli, rollout, rollout->release.json, recalls_with(rollout, &bad, 0, version));
    }
    release_free(&bad);
    return rc;
}

static int run_recall(cli_t *cli)
{
    return change(cli, edit_recall);
}

/* --- show ----------------------------------------------------------------------------------- */

static int run_show(cli_t *cli)
{
    release_place_t place;
    release_keys_t keys;
    release_t release;
    release_signatures_t signatures;
    ota_fault_t fault;
    if (!cli_place(cli, cli->operand[0], &place)) {
        return CLI_REFUSED;
    }
    int rc = cli_load_release(cli, &place, &keys, &release);
    if (rc != CLI_OK) {
        return rc;
    }
    (void)release_verify(&release.document, &keys.set, &signatures, &fault);
    cli_show_manifest(cli, &release.manifest);
    cli_show_signatures(cli, &signatures, keys.set.threshold);
    release_free(&release);
    release_keys_free(&keys);
    return CLI_OK;
}

static const cli_verb_t verbs[] = {
    {.name = "show",
     .operands = "DIR",
     .min = 1,
     .max = 1,
     .run = run_show,
     .summary = "what is published, and who gets it",
     .options = show_options,
     .example = "otary rollout show public"},
    {.name = "set",
     .operands = "DIR [SHARE]",
     .min = 1,
     .max = 2,
     .run = run_set,
     .summary = "give the release to another share of the devices; let a halted one go on",
     .details = "A device computes from its id whether it is in the share, so no server keeps a "
                "list. A larger share keeps whoever was in. Without SHARE the release is published "
                "again as it is, with a new end.",
     .options = set_options,
     .example = "otary rollout set public 25% --key key.pem"},
    {.name = "halt",
     .operands = "DIR",
     .min = 1,
     .max = 1,
     .run = run_halt,
     .summary = "nobody new gets the release",
     .details = "Devices that have installed it keep it; `otary rollout recall` takes it back.",
     .options = halt_options,
     .example = "otary rollout halt public --key key.pem"},
    {.name = "recall",
     .operands = "DIR VERSION",
     .min = 2,
     .max = 2,
     .run = run_recall,
     .summary = "have devices leave a version, for an earlier one or the next",
     .details = "With --to the earlier version is published again and devices that run VERSION go "
                "back to it: the only way to an older version. Without --to they wait for the next "
                "release, and nobody new gets VERSION.",
     .options = recall_options,
     .example = "otary rollout recall public 2.1.0 --to 2.0.3 --key key.pem"},
    {0}};

const cli_command_t cli_rollout = {"rollout", "who gets a published release", verbs};
