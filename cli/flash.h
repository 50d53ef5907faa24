/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of `otary flash`, one file each. */
#ifndef CLI_FLASH_H
#define CLI_FLASH_H

#include "cli/cli.h"
#include "host/flash_image.h"

extern const cli_option_t flash_new_options[];
extern const cli_option_t flash_show_options[];
extern const cli_option_t flash_extract_options[];

int flash_new(cli_t *cli);
int flash_show(cli_t *cli);
int flash_extract(cli_t *cli);

/* Parts of show: otadata in words, and what would boot by either policy; `path` is the flash
 * file, beside which the device keeps what it knows of its last boot. */
void flash_show_otadata(cli_t *cli, const flash_image_t *image);
void flash_show_next(cli_t *cli, const flash_image_t *image, const char *path);

#endif
