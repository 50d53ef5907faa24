/* SPDX-License-Identifier: Apache-2.0 */
/* What surrounds the five calls of an update, for a C and a C++ test: a device in a flash file, new
 * firmware in memory, and a look at the flash afterwards. */
#ifndef TESTS_SUPPORT_NOTES_H
#define TESTS_SUPPORT_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A flash file with two OTA slots whose first runs, and the calls installed on it. *firmware: the
 * new image, the library's. false: it could not be made. */
bool notes_set_up(const unsigned char **firmware, size_t *len);

/* After the calls and a power cycle: the second slot runs and holds the firmware, bit for bit; the
 * first is as it was. Prints what is wrong. */
bool notes_check(void);

/* Closes and removes the flash file. */
void notes_tear_down(void);

#ifdef __cplusplus
}
#endif

#endif
