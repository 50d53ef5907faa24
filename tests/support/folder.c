/* SPDX-License-Identifier: Apache-2.0 */
#include "support/folder.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char folder[] = "/tmp/otary-unit-XXXXXX";

int folder_make(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

int folder_remove(void **state)
{
    (void)state;
    char command[64];
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command); /* NOLINT(cert-env33-c): a fixed name of our own */
}

const char *folder_name(void)
{
    return folder;
}

const char *folder_path(const char *name)
{
    static char path[4][256];
    static unsigned turn;
    char *mine = path[turn++ % 4];
    (void)snprintf(mine, sizeof(path[0]), "%s/%s", folder, name);
    return mine;
}

void folder_put(const char *name, const void *bytes, size_t len)
{
    FILE *file = fopen(folder_path(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

void folder_sub(const char *name)
{
    assert_int_equal(mkdir(folder_path(name), 0700), 0);
}
