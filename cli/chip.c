/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/chip.h"

bool cli_chip(cli_t *cli, const ota_chip_t **chip)
{
    const char *name = cli_text(cli, "chip");
    *chip = name != NULL ? ota_chip_by_name(name) : NULL;
    if (name == NULL || *chip != NULL) {
        return true;
    }
    const char *known = "";
    for (size_t i = 0; ota_chip_at(i) != NULL; i++) {
        known = cli_format(cli, "%s%s%s", known, i > 0 ? ", " : "", ota_chip_at(i)->name);
    }
    (void)cli_misuse(cli, cli_format(cli, "unknown chip \"%s\"", name),
                     cli_format(cli, "one of %s", known));
    return false;
}
