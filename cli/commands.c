/* SPDX-License-Identifier: Apache-2.0 */
/* The nouns, in the order of help: one line each. */
#include "cli/layer.h"

const cli_command_t *const cli_commands[] = {
    /* table */
    &cli_table,

    &cli_image,

    /* flash */
    &cli_flash,

    /* slots */
    &cli_slots,

    /* update */
    &cli_update,

    /* boot */
    &cli_boot,

    /* doctor */
    &cli_doctor,

    /* lab */
    &cli_lab,

    /* publish */
    &cli_publish,

    /* rollout */
    &cli_rollout,

    /* manifest */
    &cli_manifest,

    /* keys */
    &cli_keys,

    /* serve */
    &cli_serve,

    /* device */
    &cli_device,

    /* demo */
    &cli_demo,

    NULL,
};
