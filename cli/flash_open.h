/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the FLASH operand, with every failure reported: for flash, slots, update, boot. */
#ifndef CLI_FLASH_OPEN_H
#define CLI_FLASH_OPEN_H

#include "cli/cli.h"
#include "host/flash_image.h"

/* Put it into the option table of a verb that takes a FLASH. */
#define CLI_TABLE_OFFSET                                                                           \
    {                                                                                              \
        "table-offset", 0, CLI_NUMBER, "OFFSET", NULL,                                             \
            "where the partition table is, if not at 0x8000"                                       \
    }

/* And this one if the verb writes: for rehearsing power cuts. */
#define CLI_CUT_AFTER                                                                              \
    {                                                                                              \
        "cut-after", 0, CLI_NUMBER, "N", NULL,                                                     \
            "rehearse a power cut: die in the middle of flash operation N+1"                       \
    }

/* Opens `path`, finds table and chip, warns where the table was not where it usually is.
 * false: reported; return CLI_REFUSED. Close with flash_image_close. */
bool cli_flash_open(cli_t *cli, const char *path, bool writable, flash_image_t *image);

#endif
