/* SPDX-License-Identifier: Apache-2.0 */
/* The option --chip, wherever a verb has it. */
#ifndef CLI_CHIP_H
#define CLI_CHIP_H

#include "cli/cli.h"
#include "ota/chip.h"

/* The chip that --chip names, or NULL where it was not typed. false: no such chip; reported
 * (return CLI_MISUSE). */
bool cli_chip(cli_t *cli, const ota_chip_t **chip);

#endif
