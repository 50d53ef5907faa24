/* SPDX-License-Identifier: Apache-2.0 */
/* A flash file as a powered device, with the options that say how its bootloader is built: for
 * slots, boot, update, demo. */
#ifndef CLI_POWERED_OPEN_H
#define CLI_POWERED_OPEN_H

#include "cli/cli.h"
#include "host/powered.h"

/* Put into the option table of a verb that depends on the bootloader. What is not given is as
 * the last boot left it beside the flash file; at first: stock, no rollback. */
/* clang-format off */
#define CLI_BOOTLOADER                                                                             \
    {"policy", 'p', CLI_CHOICE, "stock|otary", NULL, "whose bootloader; kept for the next command"}, \
    {"rollback", 0, CLI_FLAG, NULL, NULL, "it was built with app rollback; kept likewise"},        \
    {"no-rollback", 0, CLI_FLAG, NULL, NULL, "and now it was not"},                                \
    {"trial-boots", 0, CLI_NUMBER, "N", NULL, "otary: boots to confirm an update in; kept; else 3"}, \
    {"secure-version", 0, CLI_NUMBER, "N", NULL, "it has anti-rollback, and its eFuse says N"}
/* clang-format on */

#define CLI_RUNNING                                                                                \
    {                                                                                              \
        "running", 'r', CLI_TEXT, "SLOT", NULL, "the slot that runs, instead of the last boot's"   \
    }

/* The device of an open flash file, options applied; lives until the command ends. */
powered_t *cli_powered(cli_t *cli, const char *path, const flash_image_t *image);

/* Starts its application: the slot of --running, else of the last boot, else (may_guess) what
 * would boot now. false: reported. */
bool cli_powered_run(cli_t *cli, powered_t *powered, bool may_guess);

/* Keeps the facts beside the flash. false: reported. */
bool cli_powered_save(cli_t *cli, const powered_t *powered);

#endif
