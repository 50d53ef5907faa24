/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `otary publish`. */
#ifndef CLI_PUBLISH_H
#define CLI_PUBLISH_H

#include "cli/release.h"

/* The images of the command line: judged, their entries into `images`. *version: the one that all
 * descriptors name, NULL: they differ. */
int publish_judge(cli_t *cli, cJSON *images, const char **version);

/* Their files into the directory, once nothing else can refuse the release. */
int publish_store(cli_t *cli, const char *root);

/* The key set of the product, made from --key, --trust and --threshold where there is none yet. */
int publish_keys(cli_t *cli, const release_place_t *place, const cli_keys_t *signers,
                 release_keys_t *keys);

#endif
