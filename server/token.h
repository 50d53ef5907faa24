/* SPDX-License-Identifier: Apache-2.0 */
/* The admin token: 256 random bits as 64 digits, in a file that only its owner reads. */
#ifndef SERVER_TOKEN_H
#define SERVER_TOKEN_H

#include "host/release.h"

#define TOKEN_DIGITS 64u

/* Reads the token of `path`, or makes it (*made). A file that others may read is refused. */
bool token_load(const char *path, char token[TOKEN_DIGITS + 1], bool *made,
                release_trouble_t *trouble);

/* Takes the same time wherever two texts of one length differ. */
bool token_equal(const char *given, const char *token);

/* Does the value of an Authorization header carry the token: "Bearer TOKEN", or "Basic" with any
 * user and the token as password, which is what a browser can? NULL: no. */
bool token_authorized(const char *header, const char *token);

#endif
