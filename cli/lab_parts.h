/* SPDX-License-Identifier: Apache-2.0 */
/* Sweeps as rows of the scoreboard: each runs policy otary and stock, and says what came out in one
 * sentence. false: it did not run; reported. */
#ifndef CLI_LAB_PARTS_H
#define CLI_LAB_PARTS_H

#include "cli/cli.h"

bool lab_part_otadata(cli_t *cli, const char **ours, bool *met);
bool lab_part_rot(cli_t *cli, const char **ours, bool *met);
bool lab_part_faults(cli_t *cli, const char **ours, bool *met);
bool lab_part_net(cli_t *cli, const char **ours, bool *met);

#endif
