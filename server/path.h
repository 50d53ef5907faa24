/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the path of a request to an open file, and never out of the directory.
 *
 * Two locks on one door. The words of a path are names as `otary publish` writes them, so "..",
 * hidden files, backslashes and bytes that are no names are refused before any file is touched.
 * Then the directory is walked one word at a time, and no symbolic link is followed: neither at
 * the end nor on the way, whoever put it there and whenever.
 */
#ifndef SERVER_PATH_H
#define SERVER_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#define SERVER_PATH 512u /* with NUL */

/* A word: 1 to 128 letters, digits, '.', '_', '-', the first one not '.' or '-'. */
bool path_word(const char *word, size_t len);

/* "/lamp/stable/manifest.json" as it stood in the request, with or without %XX, decoded once, to
 * "lamp/stable/manifest.json". false: it names no file that could be published. */
bool path_decode(const char *url, char path[SERVER_PATH]);

/* Opens a regular file below `root` (a folder's descriptor) for reading. -1: there is none, or it
 * is not one that may be served. The caller closes. */
int path_open(int root, const char *path, struct stat *info);

#endif
