/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of `otary image`, one file each, and what they share. */
#ifndef CLI_IMAGE_H
#define CLI_IMAGE_H

#include "cli/chip.h"
#include "cli/cli.h"
#include "host/file_map.h"
#include "host/image_sign.h"

extern const cli_option_t image_show_options[];
extern const cli_option_t image_verify_options[];
extern const cli_option_t image_new_options[];
extern const cli_option_t image_edit_options[];

int image_show(cli_t *cli);
int image_verb_verify(cli_t *cli);
int image_new(cli_t *cli);
int image_edit(cli_t *cli);

/* The image file as bytes; end with file_unmap. false: reported. */
bool cli_image_open(cli_t *cli, const char *path, file_map_t *map);

/* A revision as "3.1" or "301". false: reported as misuse of --option. */
bool cli_image_rev(cli_t *cli, const char *option, uint16_t *rev);

/* The PEM files of --key, at most IMAGE_KEYS_MAX; free them with cli_image_keys_free. false:
 * reported (return CLI_REFUSED). */
typedef struct {
    size_t count;
    crypto_key_t *key[IMAGE_KEYS_MAX];
    const char *path[IMAGE_KEYS_MAX];
} cli_image_keys_t;

bool cli_image_keys(cli_t *cli, cli_image_keys_t *keys);
void cli_image_keys_free(cli_image_keys_t *keys);

/* --scheme, or what the first key signs with. */
ota_scheme_t cli_image_scheme(const cli_t *cli, const cli_image_keys_t *keys);

#define CLI_IMAGE_CHIP(help)                                                                       \
    {                                                                                              \
        "chip", 'c', CLI_TEXT, "CHIP", NULL, help                                                  \
    }
#define CLI_IMAGE_SCHEME                                                                           \
    {                                                                                              \
        "scheme", 0, CLI_CHOICE, "v1|rsa3072|p256|p384", NULL,                                     \
            "signature scheme; by default v2 with the kind of the key"                             \
    }

#endif
