/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded vectors and real files. They lie beside the repository, or where OTARY_DATA says,
 * and are never part of it: a test without them says what it skipped and exits with 77.
 */
#ifndef TESTS_SUPPORT_DATA_H
#define TESTS_SUPPORT_DATA_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEST_SKIPPED 77

/* Full path of a file in the data folder ("vectors/..."), valid until the next call; NULL if
 * there is no such folder or file. */
const char *data_path(const char *name);

/* Prints "SKIPPED: <what>" and where it was looked for (tools/test.sh collects these lines);
 * returns TEST_SKIPPED. */
int data_skip(const char *what);

/* Whole file, gunzipped if its name ends in .gz, with a NUL behind it. free() it. NULL: failed. */
uint8_t *data_read(const char *path, size_t *len);

/* Calls `each` for every line (without its newline) of a text file; stops at false. Returns the
 * number of lines, -1 if the file cannot be read. */
long data_lines(const char *path, bool (*each)(void *user, long number, char *line), void *user);

/* JSON helpers for vectors. Absent members give NULL / the default. */
const char *json_text(const cJSON *object, const char *name);
long long json_number(const cJSON *object, const char *name, long long otherwise);

/* Hex digits to bytes; at most `room`; number of bytes, or -1 if it is not hex. */
long hex_decode(const char *hex, uint8_t *out, size_t room);
/* Base64 to bytes; likewise. */
long base64_decode(const char *text, uint8_t *out, size_t room);

#endif
