/* SPDX-License-Identifier: Apache-2.0 */
/* otary publish: a release into a directory that any static host serves. */
#include "cli/publish.h"

#include "host/date.h"

#include <inttypes.h>
#include <string.h>

static const cli_option_t options[] = {
    CLI_RELEASE_KEY,
    {"product", 'p', CLI_TEXT, "NAME", NULL, "product; devices take releases of their own only"},
    {"version", 'v', CLI_TEXT, "TEXT", NULL, "version; by default the one in the images"},
    {"output", 'o', CLI_FILE, "DIR", NULL, "directory to publish into; made if need be"},
    {"channel", 'c', CLI_TEXT, "NAME", "stable", "channel that devices follow"},
    {"rollout", 'r', CLI_TEXT, "SHARE", "100%", "share of the devices that gets it, such as 5%"},
    {"cohort", 0, CLI_TEXT, "NAME", NULL, "a group that gets it at once; may be repeated"},
    {"salt", 0, CLI_TEXT, "NAME", NULL, "shuffles the devices; by default product and order"},
    {"notes", 'n', CLI_TEXT, "TEXT", NULL, "what is new"},
    {"expires", 'e', CLI_TEXT, "WHEN", "365d", "30d, 12w, 1y, a day like 2027-12-31, or never"},
    {"recall", 0, CLI_TEXT, "VERSION", NULL,
     "an earlier version that devices shall leave at once; may be repeated"},
    {"attempts", 0, CLI_NUMBER, "N", "1", "tries on a device where it fails"},
    {"order", 0, CLI_NUMBER, "N", NULL, "of the version; by default one more than the last"},
    {"serial", 0, CLI_NUMBER, "N", NULL, "of the manifest; by default one more than the last"},
    {"slots", 0, CLI_NUMBER, "N", "2", "OTA slots that a device's table must have"},
    {"bootloader", 0, CLI_NUMBER, "N", NULL, "oldest bootloader version that will do"},
    {"need-rollback", 0, CLI_FLAG, NULL, NULL, "only for bootloaders that can roll back"},
    {"threshold", 0, CLI_NUMBER, "N", "1",
     "first release only: signatures that devices shall ask for"},
    {"trust", 0, CLI_FILE, "KEY", NULL,
     "first release only: a further public key that counts; may be repeated"},
    CLI_END};

typedef struct {
    release_place_t place;
    cli_keys_t signers;
    release_keys_t keys;
    release_t last; /* the release that counts now */
    bool first;     /* there is none */
    uint32_t order;
    const char *version;
    uint32_t share;
    uint32_t now;
    uint32_t expires;
} publish_t;

/* --- order and serial ----------------------------------------------------------------------- */

/* The highest order that ever counted: a recall may have gone back from it. */
static uint32_t highest_order(const ota_manifest_t *manifest)
{
    ota_recall_t recall;
    uint32_t at = 0;
    uint32_t order = manifest->order;
    while (ota_manifest_recall(manifest, &at, &recall)) {
        order = recall.order > order ? recall.order : order;
    }
    return order;
}

/* One version is one set of bytes: devices that have it would never fetch it again. */
static int same_version(cli_t *cli, publish_t *publish, const release_t *earlier,
                        const cJSON *images)
{
    const cJSON *there = cJSON_GetObjectItemCaseSensitive(earlier->json, "images");
    if (earlier->manifest.order != publish->last.manifest.order ||
        !cJSON_Compare(there, images, true)) {
        return cli_refuse(cli, "VERSION",
                          cli_format(cli,
                                     "version %s was published already, with other images or "
                                     "before the present one",
                                     publish->version),
                          earlier->document.name,
                          "give the new images a new version; to go back to an old one use `otary "
                          "rollout recall --to`");
    }
    publish->order = earlier->manifest.order;
    return CLI_OK;
}

static int find_order(cli_t *cli, publish_t *publish, const cJSON *images)
{
    release_t earlier;
    release_trouble_t trouble;
    bool absent = false;
    uint32_t above = publish->first ? 0 : highest_order(&publish->last.manifest);
    if (!release_find(&earlier, &publish->place, NULL, publish->version,
                      publish->first ? 0 : publish->last.manifest.serial, &absent, &trouble)) {
        return cli_trouble(cli, &trouble);
    }
    if (!absent) {
        int rc = same_version(cli, publish, &earlier, images);
        release_free(&earlier);
        return rc;
    }
    publish->order = cli_given(cli, "order") ? cli_number(cli, "order") : above + 1;
    if (publish->order <= above) {
        return cli_misuse(cli, "--order does not rise",
                          cli_format(cli, "give more than %" PRIu32, above));
    }
    return CLI_OK;
}

static int add_serial(cli_t *cli, const publish_t *publish, cJSON *json)
{
    uint32_t last = publish->first ? 0 : publish->last.manifest.serial;
    uint32_t serial = cli_given(cli, "serial") ? cli_number(cli, "serial") : last + 1;
    if (serial <= last) {
        return cli_misuse(cli, "--serial does not rise",
                          cli_format(cli, "give more than %" PRIu32, last));
    }
    (void)cJSON_AddNumberToObject(json, "serial", serial);
    return CLI_OK;
}

/* --- the document --------------------------------------------------------------------------- */

static int add_rollout(cli_t *cli, const publish_t *publish, cJSON *json)
{
    size_t at = 0;
    const char *salt = cli_text(cli, "salt");
    const char *cohort = cli_next(cli, "cohort", &at);
    cJSON *rollout = cJSON_AddObjectToObject(json, "rollout");
    if (salt == NULL) {
        salt = cli_format(cli, "%.16s-%" PRIu32, publish->place.product, publish->order);
    }
    if (!cli_name(cli, "--salt", salt)) {
        return CLI_MISUSE;
    }
    (void)cJSON_AddNumberToObject(rollout, "share", publish->share);
    (void)cJSON_AddStringToObject(rollout, "salt", salt);
    cJSON *cohorts = cohort != NULL ? cJSON_AddArrayToObject(rollout, "cohorts") : NULL;
    for (; cohort != NULL; cohort = cli_next(cli, "cohort", &at)) {
        if (!cli_name(cli, "--cohort", cohort)) {
            return CLI_MISUSE;
        }
        (void)cJSON_AddItemToArray(cohorts, cJSON_CreateString(cohort));
    }
    return CLI_OK;
}

/* What was recalled stays recalled; --recall adds versions that were published. */
static int add_recalls(cli_t *cli, const publish_t *publish, cJSON *json)
{
    size_t at = 0;
    const cJSON *old =
        publish->first ? NULL : cJSON_GetObjectItemCaseSensitive(publish->last.json, "recalls");
    cJSON *recalls = old != NULL ? cJSON_Duplicate(old, true) : cJSON_CreateArray();
    (void)cJSON_AddItemToObject(json, "recalls", recalls);
    for (const char *version = cli_next(cli, "recall", &at); version != NULL;
         version = cli_next(cli, "recall", &at)) {
        release_t bad;
        release_trouble_t trouble;
        bool absent = true;
        if (!publish->first && !release_find(&bad, &publish->place, &publish->keys.set, version,
                                             publish->last.manifest.serial, &absent, &trouble)) {
            return cli_trouble(cli, &trouble);
        }
        if (absent || bad.manifest.order >= publish->order) {
            return cli_refuse(cli, "VERSION",
                              cli_format(cli, "%s is no earlier version of this channel", version),
                              publish->place.root, "`otary rollout show` names what is published");
        }
        cJSON *entry = cJSON_CreateObject();
        (void)cJSON_AddNumberToObject(entry, "order", bad.manifest.order);
        (void)cJSON_AddStringToObject(entry, "version", version);
        (void)cJSON_AddItemToArray(recalls, entry);
        release_free(&bad);
    }
    if (cJSON_GetArraySize(recalls) == 0) {
        cJSON_DeleteItemFromObject(json, "recalls");
    }
    return CLI_OK;
}

static int fill(cli_t *cli, const publish_t *publish, cJSON *json, cJSON *images)
{
    const char *notes = cli_text(cli, "notes");
    (void)cJSON_AddStringToObject(json, "otary", "manifest");
    (void)cJSON_AddNumberToObject(json, "format", OTA_DOCUMENT_FORMAT);
    (void)cJSON_AddStringToObject(json, "product", publish->place.product);
    (void)cJSON_AddStringToObject(json, "channel", publish->place.channel);
    int rc = add_serial(cli, publish, json);
    (void)cJSON_AddStringToObject(json, "version", publish->version);
    (void)cJSON_AddNumberToObject(json, "order", publish->order);
    (void)cJSON_AddNumberToObject(json, "issued", publish->now);
    if (publish->expires != 0) {
        (void)cJSON_AddNumberToObject(json, "expires", publish->expires);
    }
    (void)cJSON_AddNumberToObject(json, "keys", publish->keys.set.version);
    if (cli_number(cli, "attempts") != 1) {
        (void)cJSON_AddNumberToObject(json, "attempts", cli_number(cli, "attempts"));
    }
    rc = rc == CLI_OK ? add_rollout(cli, publish, json) : rc;
    rc = rc == CLI_OK ? add_recalls(cli, publish, json) : rc;
    (void)cJSON_AddItemReferenceToObject(json, "images", images);
    if (notes != NULL) {
        (void)cJSON_AddStringToObject(json, "notes", notes);
    }
    return rc;
}

static int commit(cli_t *cli, const publish_t *publish, const cJSON *json)
{
    release_trouble_t trouble;
    bool pending = false;
    if (!release_commit(&publish->place, &publish->keys.set, json, publish->signers.key,
                        publish->signers.count, &pending, &trouble)) {
        return cli_trouble(cli, &trouble);
    }
    return cli_committed(cli, &publish->place, &publish->keys.set, pending);
}

/* --- the command ---------------------------------------------------------------------------- */

/* Names, shares and times as they were typed. */
static int take_words(cli_t *cli, publish_t *publish)
{
    if (!cli_name(cli, "--product", publish->place.product) ||
        !cli_name(cli, "--channel", publish->place.channel) ||
        !cli_share(cli, cli_text(cli, "rollout"), &publish->share) ||
        !cli_expires(cli, publish->now, &publish->expires)) {
        return CLI_MISUSE;
    }
    if (strcmp(publish->place.product, "images") == 0 ||
        strcmp(publish->place.channel, "keys") == 0) {
        return cli_misuse(cli, "the directory needs that name itself",
                          "no product is called images, no channel keys");
    }
    return CLI_OK;
}

static int take_options(cli_t *cli, publish_t *publish)
{
    publish->place = (release_place_t){cli_text(cli, "output"), cli_text(cli, "product"),
                                       cli_text(cli, "channel")};
    publish->now = date_now();
    if (publish->place.root == NULL || publish->place.root[0] == '\0' ||
        publish->place.product == NULL) {
        return cli_misuse(cli, "nothing is published without a product and a directory",
                          "write --product NAME -o DIR");
    }
    if (!cli_given(cli, "key")) {
        return cli_misuse(cli, "a release is signed", "name the private key with --key");
    }
    int rc = take_words(cli, publish);
    if (rc != CLI_OK) {
        return rc;
    }
    return cli_keys_read(cli, "key", true, &publish->signers) ? CLI_OK : CLI_REFUSED;
}

static int find_version(cli_t *cli, publish_t *publish, const char *in_images)
{
    const char *typed = cli_text(cli, "version");
    publish->version = typed != NULL ? typed : in_images;
    if (publish->version == NULL) {
        return cli_misuse(cli, "the images name different versions", "give the one to --version");
    }
    if (publish->version[0] == '\0' || strlen(publish->version) > OTA_NAME_MAX) {
        return cli_misuse(cli, "a version has 1 to 32 bytes", "give a shorter one to --version");
    }
    return CLI_OK;
}

/* Under the lock of the channel. */
static int publish_locked(cli_t *cli, publish_t *publish, cJSON *images)
{
    release_trouble_t trouble;
    int rc = publish_keys(cli, &publish->place, &publish->signers, &publish->keys);
    if (rc != CLI_OK) {
        return rc;
    }
    if (!release_load(&publish->last, &publish->place, &publish->keys.set, &publish->first,
                      &trouble)) {
        return cli_trouble(cli, &trouble);
    }
    if (!release_keys_check(&publish->keys.set, publish->signers.key, publish->signers.count,
                            &trouble)) {
        return cli_trouble(cli, &trouble);
    }
    cJSON *json = cJSON_CreateObject();
    rc = find_order(cli, publish, images);
    rc = rc == CLI_OK ? fill(cli, publish, json, images) : rc;
    rc = rc == CLI_OK ? publish_store(cli, publish->place.root) : rc;
    rc = rc == CLI_OK ? commit(cli, publish, json) : rc;
    cJSON_Delete(json);
    return rc;
}

static int publish_all(cli_t *cli, publish_t *publish, cJSON *images)
{
    release_trouble_t trouble;
    const char *in_images = NULL;
    int rc = publish_judge(cli, images, &in_images);
    rc = rc == CLI_OK ? find_version(cli, publish, in_images) : rc;
    if (rc != CLI_OK) {
        return rc;
    }
    int lock = release_lock(publish->place.root, publish->place.product, &trouble);
    rc = lock >= 0 ? publish_locked(cli, publish, images) : cli_trouble(cli, &trouble);
    release_unlock(lock);
    return rc;
}

static int run(cli_t *cli)
{
    static publish_t publish;
    memset(&publish, 0, sizeof(publish));
    cJSON *images = cJSON_CreateArray();
    int rc = take_options(cli, &publish);
    rc = rc == CLI_OK ? publish_all(cli, &publish, images) : rc;
    release_free(&publish.last);
    release_keys_free(&publish.keys);
    cli_keys_free(&publish.signers);
    cJSON_Delete(images);
    return rc;
}

static const cli_verb_t verbs[] = {
    {.operands = "[VARIANT=]APP.BIN...",
     .min = 1,
     .max = CLI_MANY,
     .run = run,
     .summary = "sign a release and write it into a directory that any static host serves",
     .details = "Images are named by their SHA-256; one signed manifest a product and channel says "
                "for which chips they are and who gets them. It is replaced last, by a rename: a "
                "device that looks meanwhile sees the old release or the new one. Trust lies in "
                "the signature, so plain HTTP will do.\n\n"
                "The first release of a product makes its key set (PRODUCT/keys/1.json) from --key "
                "and --trust; devices are built with it. Where --threshold asks for more keys "
                "than are at hand, the manifest waits as next.json for `otary manifest sign`.\n\n"
                "One version is one set of images. Publishing the same version again changes its "
                "rollout, notes and expiry, as `otary rollout set` does.",
     .options = options,
     .example =
         "otary publish --key key.pem --product lamp --version 2.1.0 build/lamp.bin -o public\n"
         "otary publish --key key.pem -p lamp -v 2.2.0 --rollout 5% s3.bin psram=s3-psram.bin "
         "-o public\n"
         "otary publish --key \"pkcs11:token=release;object=lamp\" -p lamp app.bin -o public"},
    {0}};

const cli_command_t cli_publish = {"publish", "signed releases for devices to fetch", verbs};
