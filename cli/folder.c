/* SPDX-License-Identifier: Apache-2.0 */
/* Folders that a command works in and leaves nothing of. */
#include "cli/cli.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#define PATH_ROOM 4096

const char *cli_temporary(cli_t *cli, const char *name)
{
    const char *tmp = getenv("TMPDIR");
    char *made = cli_allocate(cli, PATH_ROOM);
    int n = snprintf(made, PATH_ROOM, "%s/otary-%s.XXXXXX",
                     tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp", name);
    if (n < 0 || n >= PATH_ROOM || mkdtemp(made) == NULL) {
        (void)cli_refuse(cli, "FILE", "cannot make a temporary folder", made,
                         "set TMPDIR to a folder that can be written");
        return NULL;
    }
    return made;
}

static int remove_one(const char *path, const struct stat *what, int kind, struct FTW *where)
{
    (void)what;
    (void)kind;
    (void)where;
    (void)remove(path);
    return 0;
}

void cli_remove_folder(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
