/* SPDX-License-Identifier: Apache-2.0 */
/* A temporary folder for the tests of one program: the group's setup and teardown. */
#ifndef TESTS_SUPPORT_FOLDER_H
#define TESTS_SUPPORT_FOLDER_H

#include <stddef.h>

int folder_make(void **state);
int folder_remove(void **state); /* with everything in it */

const char *folder_name(void);
/* A name in it. Four such paths live at once. */
const char *folder_path(const char *name);

/* A new file in it. */
void folder_put(const char *name, const void *bytes, size_t len);
void folder_sub(const char *name);

#endif
