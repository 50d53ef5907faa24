/* SPDX-License-Identifier: Apache-2.0 */
/* How a number of bytes is written, everywhere. */
#ifndef HOST_SIZE_H
#define HOST_SIZE_H

#include <stdint.h>

#define SIZE_TEXT 64u /* room for either form */

/* "1.25 MiB", "20 KiB", "1.411 MiB", "508 bytes". Whole 64 KiB are exact ("1.9375 MiB"); others are
 * cut off, behind one decimal of KiB or three of MiB: nothing reads larger than it is. Returns
 * text. */
char *size_text(uint64_t bytes, char text[SIZE_TEXT]);

/* The same with the number to compare or to copy: "1.411 MiB (1479570 bytes)". Returns text. */
char *size_exact(uint64_t bytes, char text[SIZE_TEXT]);

#endif
