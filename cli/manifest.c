/* SPDX-License-Identifier: Apache-2.0 */
/* otary manifest: signed documents looked at, verified, signed by one more key. */
#include "cli/release.h"

#include "host/file.h"
#include "ports/crypto/openssl.h"

#include <inttypes.h>
#include <string.h>

static const cli_option_t show_options[] = {CLI_END};
static const cli_option_t verify_options[] = {
    {"key", 'k', CLI_FILE, "KEY", NULL,
     "a key whose signature counts, public or private; may be repeated; instead of a key set"},
    {"threshold", 0, CLI_NUMBER, "N", "1", "signatures that it takes, with --key"},
    {"keys", 0, CLI_FILE, "FILE", NULL,
     "a key set that is trusted, such as the one built into the app; by default the directory's "
     "keys/1.json, which is as good as where it comes from"},
    {"signature", 's', CLI_FILE, "FILE", NULL,
     "signature file, as openssl dgst writes it; by default those beside FILE; may be repeated"},
    CLI_END};
static const cli_option_t sign_options[] = {CLI_RELEASE_KEY, CLI_END};

/* --- files ---------------------------------------------------------------------------------- */

/* FILE, and where it lies: its folder, the product and the root above it. */
bool cli_release_document(cli_t *cli, const char *path, release_document_t *document)
{
    release_trouble_t trouble;
    const char *slash = strrchr(path, '/');
    const char *folder = slash == NULL   ? "."
                         : slash == path ? "/"
                                         : cli_format(cli, "%.*s", (int)(slash - path), path);
    if (release_document_read(document, folder, slash != NULL ? slash + 1 : path, NULL, &trouble)) {
        return true;
    }
    (void)cli_trouble(cli, &trouble);
    return false;
}

/* --- show ----------------------------------------------------------------------------------- */

static int run_show(cli_t *cli)
{
    release_document_t document;
    ota_manifest_t manifest;
    ota_keys_t keys;
    ota_fault_t fault;
    if (!cli_release_document(cli, cli->operand[0], &document)) {
        return CLI_REFUSED;
    }
    int rc = CLI_OK;
    ota_status_t status = ota_manifest_open(&manifest, document.bytes, document.len, &fault);
    if (status == OTA_OK) {
        (void)cJSON_AddStringToObject(cli->report, "kind", "manifest");
        cli_show_manifest(cli, &manifest);
    } else if (status == OTA_ERR_DOCUMENT_KIND &&
               ota_keys_open(&keys, document.bytes, document.len, &fault) == OTA_OK) {
        (void)cJSON_AddStringToObject(cli->report, "kind", "keys");
        cli_show_keys(cli, &keys);
    } else {
        rc = cli_status(cli, fault.status, &fault, cli->operand[0]);
    }
    release_document_free(&document);
    return rc;
}

/* --- verify --------------------------------------------------------------------------------- */

/* --key: a key set made of them, for this once. */
static bool set_of(cli_t *cli, const char *product, release_keys_t *keys)
{
    cli_keys_t typed = {0};
    ota_fault_t fault;
    cJSON *json = NULL;
    bool ok = cli_keys_read(cli, "key", false, &typed);
    if (ok) {
        json = release_keys_json(product, 1, cli_number(cli, "threshold"), typed.key, typed.count);
        char *text = json != NULL ? release_print(json) : NULL;
        keys->document.bytes = (uint8_t *)text;
        keys->document.len = text != NULL ? strlen(text) : 0;
        ok = text != NULL;
    }
    if (ok &&
        ota_keys_open(&keys->set, keys->document.bytes, keys->document.len, &fault) != OTA_OK) {
        (void)cli_status(cli, fault.status, &fault, "--key");
        ok = false;
    }
    cJSON_Delete(json);
    cli_keys_free(&typed);
    return ok;
}

/* ROOT/PRODUCT/CHANNEL/FILE -> ROOT. */
static const char *root_of(cli_t *cli, const release_document_t *document)
{
    return cli_format(cli, "%s/../..", document->folder);
}

static bool find_keys(cli_t *cli, const char *product, const release_document_t *document,
                      release_keys_t *keys)
{
    release_trouble_t trouble;
    bool absent = false;
    *keys = (release_keys_t){0};
    if (cli_given(cli, "key")) {
        return set_of(cli, product, keys);
    }
    bool ok = release_keys_load(keys, root_of(cli, document), product, cli_text(cli, "keys"),
                                &absent, &trouble);
    if (ok && absent) {
        ok = release_fail(&trouble, "KEY", document->folder,
                          "name the key with --key, or a trusted set with --keys",
                          "there is no key set of product %s beside the document", product);
    }
    if (!ok) {
        (void)cli_trouble(cli, &trouble);
    }
    return ok;
}

/* --signature: each is held to every key. */
static ota_status_t verify_given(cli_t *cli, const release_document_t *document,
                                 const ota_keys_t *keys, release_signatures_t *signatures,
                                 ota_fault_t *fault)
{
    size_t at = 0;
    signatures->count = 0;
    for (const char *path = cli_next(cli, "signature", &at); path != NULL;
         path = cli_next(cli, "signature", &at)) {
        cli_bytes_t file;
        if (!cli_read(cli, path, OTA_SIG_MAX, &file)) {
            *fault = (ota_fault_t){.status = OTA_ERR_SIGNATURE_FORM};
            return OTA_ERR_SIGNATURE_FORM;
        }
        for (uint32_t i = 0; i < keys->count && signatures->count < OTA_KEYS_MAX; i++) {
            ota_detached_t one = {keys->key[i].id, file.bytes, (uint32_t)file.len, OTA_OK};
            const ota_signed_t alone = {document->bytes, (uint32_t)document->len, &one, 1};
            ota_keys_t single = *keys;
            single.threshold = 1;
            if (ota_keys_verify(&single, &crypto_openssl, &alone, NULL) == OTA_OK) {
                signatures->list[signatures->count++] = one;
            }
        }
    }
    const ota_signed_t whole = {document->bytes, (uint32_t)document->len, signatures->list,
                                signatures->count};
    return ota_keys_verify(keys, &crypto_openssl, &whole, fault);
}

static int verify(cli_t *cli, const release_document_t *document, const ota_keys_t *keys,
                  const ota_manifest_t *manifest)
{
    release_signatures_t signatures;
    ota_fault_t fault = {0};
    ota_status_t status = cli_given(cli, "signature")
                              ? verify_given(cli, document, keys, &signatures, &fault)
                              : release_verify(document, keys, &signatures, &fault);
    if (status == OTA_OK && manifest != NULL) {
        cli_show_manifest(cli, manifest);
    }
    if (!cli_given(cli, "key") && !cli_given(cli, "keys")) {
        cli_print(cli,
                  "  keys      set %" PRIu32 " of the directory itself; --keys names one that you "
                  "trust\n",
                  keys->version);
    }
    cli_show_signatures(cli, &signatures, keys->threshold);
    return status == OTA_OK ? CLI_OK : cli_status(cli, status, &fault, cli->operand[0]);
}

static int run_verify(cli_t *cli)
{
    release_document_t document;
    release_keys_t keys;
    ota_manifest_t manifest;
    ota_keys_t as_keys;
    ota_fault_t fault;
    if (!cli_release_document(cli, cli->operand[0], &document)) {
        return CLI_REFUSED;
    }
    /* Read first, to learn the product and to say what is wrong: a host can afford it. */
    bool is_keys = ota_keys_open(&as_keys, document.bytes, document.len, NULL) == OTA_OK;
    ota_status_t status =
        is_keys ? OTA_OK : ota_manifest_open(&manifest, document.bytes, document.len, &fault);
    int rc = CLI_REFUSED;
    if (status != OTA_OK) {
        rc = cli_status(cli, status, &fault, cli->operand[0]);
    } else if (find_keys(cli, cli_text_of(cli, is_keys ? as_keys.product : manifest.product),
                         &document, &keys)) {
        rc = verify(cli, &document, &keys.set, is_keys ? NULL : &manifest);
        release_keys_free(&keys);
    }
    release_document_free(&document);
    return rc;
}

/* --- sign ----------------------------------------------------------------------------------- */

static int promote(cli_t *cli, const release_document_t *document)
{
    release_trouble_t trouble;
    ota_manifest_t manifest;
    ota_keys_t keys;
    bool done = false;
    bool is_keys = ota_keys_open(&keys, document->bytes, document->len, NULL) == OTA_OK;
    if (!is_keys && ota_manifest_open(&manifest, document->bytes, document->len, NULL) != OTA_OK) {
        return CLI_REFUSED; /* has been read before */
    }
    const char *product = cli_text_of(cli, is_keys ? keys.product : manifest.product);
    int lock = release_lock(root_of(cli, document), product, &trouble);
    bool ok =
        lock >= 0 && release_promote(root_of(cli, document), product, document, &done, &trouble);
    release_unlock(lock);
    if (!ok) {
        return cli_trouble(cli, &trouble);
    }
    (void)cJSON_AddBoolToObject(cli->report, "counts", done);
    cli_print(cli, done ? "enough keys have signed: it counts now\n"
                        : "signed; more signatures are needed before it counts\n");
    return CLI_OK;
}

/* A key set that will count: what is published has to be signed by its keys too. */
static int resign(cli_t *cli, const release_document_t *document, const ota_keys_t *next,
                  const cli_keys_t *signers)
{
    release_trouble_t trouble;
    release_keys_t held;
    bool absent = false;
    const char *product = cli_text_of(cli, next->product);
    const char *root = root_of(cli, document);
    bool ok = release_keys_load(&held, root, product, NULL, &absent, &trouble) &&
              (absent || release_resign(root, product, &held.set, next, signers->key,
                                        signers->count, &trouble));
    release_keys_free(&held);
    return ok ? CLI_OK : cli_trouble(cli, &trouble);
}

/* keys: what the document holds if it is a key set, else NULL. */
static int sign(cli_t *cli, const release_document_t *document, const ota_keys_t *keys)
{
    cli_keys_t signers = {0};
    release_trouble_t trouble;
    int rc = cli_keys_read(cli, "key", true, &signers) ? CLI_OK : CLI_REFUSED;
    for (size_t i = 0; rc == CLI_OK && i < signers.count; i++) {
        char id[CRYPTO_KEY_ID] = "?";
        (void)crypto_key_id(signers.key[i], id);
        rc = release_sign(document, signers.key[i], &trouble) ? CLI_OK : cli_trouble(cli, &trouble);
        if (rc == CLI_OK) {
            cli_print(cli, "%s: signed by %s\n", cli->operand[0], id);
        }
    }
    if (rc == CLI_OK && keys != NULL) {
        rc = resign(cli, document, keys, &signers);
    }
    cli_keys_free(&signers);
    bool waits = strcmp(document->name, "next.json") == 0;
    return rc == CLI_OK && waits ? promote(cli, document) : rc;
}

/* What the device's reader refuses is not signed. */
static int run_sign(cli_t *cli)
{
    release_document_t document;
    ota_manifest_t manifest;
    ota_keys_t keys;
    ota_fault_t fault;
    if (!cli_given(cli, "key")) {
        return cli_misuse(cli, "nothing to sign with", "name the private key with --key");
    }
    if (!cli_release_document(cli, cli->operand[0], &document)) {
        return CLI_REFUSED;
    }
    ota_status_t status = ota_manifest_open(&manifest, document.bytes, document.len, &fault);
    bool is_keys = status == OTA_ERR_DOCUMENT_KIND;
    if (is_keys) {
        status = ota_keys_open(&keys, document.bytes, document.len, &fault);
    }
    int rc = status == OTA_OK ? sign(cli, &document, is_keys ? &keys : NULL)
                              : cli_status(cli, status, &fault, cli->operand[0]);
    release_document_free(&document);
    return rc;
}

static const cli_verb_t verbs[] = {
    {.name = "show",
     .operands = "FILE",
     .min = 1,
     .max = 1,
     .run = run_show,
     .summary = "a manifest or key set as the device's reader sees it",
     .details = "Signatures are not looked at: `otary manifest verify` does that.",
     .options = show_options,
     .example = "otary manifest show public/lamp/stable/manifest.json"},
    {.name = "verify",
     .operands = "FILE",
     .min = 1,
     .max = 1,
     .run = run_verify,
     .summary = "do enough trusted keys vouch for a manifest or key set?",
     .options = verify_options,
     .example = "otary manifest verify public/lamp/stable/manifest.json --keys app/keys.json\n"
                "otary manifest verify manifest.json --key pub.pem --signature manifest.sig"},
    {.name = "check",
     .operands = "FILE",
     .min = 1,
     .max = 1,
     .run = cli_manifest_check,
     .summary = "would this device take the release? asked of the device's own gate",
     .details = "Each option is a fact about the device; what is not told does not stand in the "
                "way. Signatures are not looked at: `otary manifest verify` does that.",
     .options = cli_manifest_check_options,
     .example = "otary manifest check public/lamp/stable/manifest.json --chip esp32s3 --table "
                "partitions.csv --order 6\n"
                "otary manifest check manifest.json --chip esp32 --id aabbccddeeff"},
    {.name = "sign",
     .operands = "FILE",
     .min = 1,
     .max = 1,
     .run = run_sign,
     .summary = "add a signature; next.json counts as soon as there are enough",
     .details =
         "The same as: openssl dgst -sha256 -sign KEY -out FILE.sig FILE, under the name that "
         "devices look for.",
     .options = sign_options,
     .example = "otary manifest sign public/lamp/stable/next.json --key second.pem"},
    {0}};

const cli_command_t cli_manifest = {"manifest", "signed manifests and key sets", verbs};
