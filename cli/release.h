/* SPDX-License-Identifier: Apache-2.0 */
/* What `publish`, `rollout`, `manifest` and `keys` share. */
#ifndef CLI_RELEASE_H
#define CLI_RELEASE_H

#include "cli/cli.h"
#include "host/release.h"

/* Reports what a function of host/release found. Returns CLI_REFUSED. */
int cli_trouble(cli_t *cli, const release_trouble_t *trouble);

/* The keys of a repeated option: PEM files, or URIs (pkcs11:, file:). End with cli_keys_free. */
typedef struct {
    crypto_key_t *key[OTA_KEYS_MAX];
    const char *name[OTA_KEYS_MAX]; /* as typed */
    size_t count;
} cli_keys_t;

/* Appends to `keys`, which starts zeroed. false: reported (CLI_REFUSED). */
bool cli_keys_read(cli_t *cli, const char *option, bool want_private, cli_keys_t *keys);
void cli_keys_free(cli_keys_t *keys);

/* "5%", "12.5%", "0.25", "100": hundredths of a per cent. false: reported as misuse. */
bool cli_share(cli_t *cli, const char *text, uint32_t *share);
/* "5 %", "12.5 %". */
const char *cli_share_text(cli_t *cli, uint32_t share);

/* --expires from `from`; false: reported as misuse. */
bool cli_expires(cli_t *cli, uint32_t from, uint32_t *expires);

/* A product, channel, variant or cohort; false: reported as misuse. `what` is the option. */
bool cli_name(cli_t *cli, const char *what, const char *name);

/* FILE as a document; false: reported. */
bool cli_release_document(cli_t *cli, const char *path, release_document_t *document);

/* The text of a document as a string of the command's memory. */
const char *cli_text_of(cli_t *cli, ota_text_t text);

/* The release of DIR that is meant: --product and --channel, or the only one there is. false:
 * reported (CLI_REFUSED). */
bool cli_place(cli_t *cli, const char *root, release_place_t *place);
const char *cli_only_product(cli_t *cli, const char *root);

/* How a manifest reads for people, and its facts into the report. */
void cli_show_manifest(cli_t *cli, const ota_manifest_t *manifest);

/* `otary manifest check`. */
extern const cli_option_t cli_manifest_check_options[];
int cli_manifest_check(cli_t *cli);

/* `otary keys new`. */
extern const cli_option_t cli_keys_new_options[];
int cli_keys_new(cli_t *cli);

void cli_show_keys(cli_t *cli, const ota_keys_t *keys);

/* The verdict on every signature beside a document, as text and into the report. */
void cli_show_signatures(cli_t *cli, const release_signatures_t *signatures, uint32_t wanted);

/* A manifest was committed: shows what counts now, or what waits for signatures. */
int cli_committed(cli_t *cli, const release_place_t *place, const ota_keys_t *keys, bool pending);

/* The keys and the release of DIR, verified; end with release_free and release_keys_free.
 * CLI_OK or reported. */
int cli_load_release(cli_t *cli, const release_place_t *place, release_keys_t *keys,
                     release_t *release);

#define CLI_RELEASE_KEY                                                                            \
    {                                                                                              \
        "key", 'k', CLI_FILE, "KEY", NULL,                                                         \
            "private key to sign with: a PEM file or a pkcs11: URI; may be repeated"               \
    }
#define CLI_RELEASE_PLACE                                                                          \
    {"product", 'p', CLI_TEXT, "NAME", NULL, "product; by default the only one there"},            \
    {                                                                                              \
        "channel", 'c', CLI_TEXT, "NAME", NULL, "channel; by default the only one there"           \
    }

#endif
