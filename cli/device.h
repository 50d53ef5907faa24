/* SPDX-License-Identifier: Apache-2.0 */
/* otary device: the verbs and their options. */
#ifndef CLI_DEVICE_H
#define CLI_DEVICE_H

#include "cli/cli.h"

extern const cli_option_t device_new_options[];
extern const cli_option_t device_run_options[];

int device_new(cli_t *cli);
int device_run(cli_t *cli);
int device_show(cli_t *cli);

/* "FLASH.device is missing" and how to mend it. Returns CLI_REFUSED. */
int device_refuse_identity(cli_t *cli, const char *path);

#endif
