/* SPDX-License-Identifier: Apache-2.0 */
/* Text: building a sentence piece by piece in a buffer of the caller's. */
#ifndef HOST_TEXT_H
#define HOST_TEXT_H

#include <stddef.h>

/* printf at text + used; returns what is used then. What does not fit is cut off. */
size_t text_append(char *text, size_t room, size_t used, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
