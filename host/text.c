/* SPDX-License-Identifier: Apache-2.0 */
#include "host/text.h"

#include <stdarg.h>
#include <stdio.h>

size_t text_append(char *text, size_t room, size_t used, const char *format, ...)
{
    va_list args;
    if (used >= room) {
        return used;
    }
    va_start(args, format);
    int n = vsnprintf(text + used, room - used, format, args);
    va_end(args);
    return n > 0 ? used + (size_t)n : used;
}
