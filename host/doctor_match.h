/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small pattern language for lines of logs. A pattern is found anywhere in a line, letters
 * without case, a blank of the pattern for one or more blanks of the line. In it stand for
 *   %d  a decimal number         %x  a hexadecimal number, with or without 0x
 *   %n  either, by its 0x        %v  a revision "v3.99", captured as 399 (v251.85: 25185)
 *   %w  a word: letters, digits, _ - . / (not captured)
 *   %*  anything within the line, as little as possible
 * Numbers beyond 32 bits are captured as FFFFFFFF.
 */
#ifndef HOST_DOCTOR_MATCH_H
#define HOST_DOCTOR_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATCH_NUMBERS 4u

typedef struct {
    size_t count;
    uint32_t number[MATCH_NUMBERS];
} match_t;

/* True if `pattern` is found in the line; `match` then holds its numbers. */
bool match_line(const char *pattern, const char *line, size_t len, match_t *match);

#endif
