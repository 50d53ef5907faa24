/* SPDX-License-Identifier: Apache-2.0 */
/* Files in and out, with their failures reported. */
#include "cli/layer.h"
#include "host/file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *reading_remedy(cli_t *cli, file_result_t result, size_t limit)
{
    switch (result) {
    case FILE_ERR_TOO_BIG:
        return cli_format(cli, "give a file of at most %s", cli_bytes(cli, limit));
    case FILE_ERR_DIRECTORY:
        return "name a file in it";
    case FILE_ERR_OPEN:
        return "check the name and the permissions";
    case FILE_OK:
    case FILE_ERR_READ:
    case FILE_ERR_MEMORY:
    case FILE_ERR_EXISTS:
    case FILE_ERR_WRITE:
        break;
    }
    return "try again, or use a copy of the file";
}

bool cli_read(cli_t *cli, const char *path, size_t limit, cli_bytes_t *file)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    file_result_t result = file_read(path, limit, &bytes, &len);
    if (result != FILE_OK) {
        const char *why = file_result_text(result);
        (void)cli_refuse(cli, "FILE", cli_format(cli, "cannot read the file: %s", why), path,
                         reading_remedy(cli, result, limit));
        return false;
    }
    cli_adopt(cli, bytes);
    *file = (cli_bytes_t){bytes, len};
    return true;
}

static bool forced(const cli_t *cli)
{
    return cli_has(cli, "force") && cli_flag(cli, "force");
}

static const char *writing_remedy(const cli_t *cli, file_result_t result)
{
    if (result == FILE_ERR_EXISTS) {
        return cli_has(cli, "force") ? "name another file, or add --force to overwrite it"
                                     : "name another file, or remove this one first";
    }
    return result == FILE_ERR_DIRECTORY ? "name a file in it"
                                        : "check the folder, its permissions and free space";
}

/* Both the bytes and the report on stdout would be neither. */
static bool stdout_is_taken(cli_t *cli, const char *path)
{
    if (!cli->json || strcmp(path, "-") != 0) {
        return false;
    }
    (void)cli_misuse(cli, "with --json stdout carries the report",
                     "name a file for the result instead of -");
    return true;
}

bool cli_may_write(cli_t *cli, const char *path)
{
    struct stat st;
    if (stdout_is_taken(cli, path)) {
        return false;
    }
    if (strcmp(path, "-") == 0 || stat(path, &st) != 0) {
        return true;
    }
    file_result_t result = S_ISDIR(st.st_mode) ? FILE_ERR_DIRECTORY : FILE_ERR_EXISTS;
    if (result == FILE_ERR_EXISTS && (forced(cli) || !S_ISREG(st.st_mode))) {
        return true;
    }
    (void)cli_refuse(cli, "FILE",
                     cli_format(cli, "cannot write the file: %s", file_result_text(result)), path,
                     writing_remedy(cli, result));
    return false;
}

bool cli_write(cli_t *cli, const char *path, const void *bytes, size_t len)
{
    if (stdout_is_taken(cli, path)) {
        return false;
    }
    (void)fflush(stdout);
    file_result_t result = file_write(path, bytes, len, forced(cli));
    if (result != FILE_OK) {
        const char *why = file_result_text(result);
        (void)cli_refuse(cli, "FILE", cli_format(cli, "cannot write the file: %s", why), path,
                         writing_remedy(cli, result));
    }
    return result == FILE_OK;
}
