/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/case_name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool case_take_word(const char **text, case_word_t word, unsigned count, unsigned *n)
{
    for (*n = 0; *n < count; (*n)++) {
        size_t len = strlen(word(*n));
        if (strncmp(*text, word(*n), len) == 0 && (*text)[len] == '.') {
            *text += len + 1;
            return true;
        }
    }
    return false;
}

static bool take(const char **text, int base, char end, uint32_t *n)
{
    char *rest = NULL;
    unsigned long value = strtoul(*text, &rest, base);
    if (value > UINT32_MAX || rest - *text > 10 || *rest != end) {
        return false;
    }
    *n = (uint32_t)value;
    *text = end != '\0' ? rest + 1 : rest;
    return true;
}

bool case_take_number(const char **text, char end, uint32_t *n)
{
    return isdigit((unsigned char)**text) && take(text, 10, end, n);
}

bool case_take_hex(const char **text, char end, uint32_t *n)
{
    if ((*text)[0] != '0' || (*text)[1] != 'x' || !isxdigit((unsigned char)(*text)[2])) {
        return false;
    }
    *text += 2;
    return take(text, 16, end, n);
}
