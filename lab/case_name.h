/* SPDX-License-Identifier: Apache-2.0 */
/* Names of single cases: words and numbers with dots between, read from left to right. */
#ifndef LAB_CASE_NAME_H
#define LAB_CASE_NAME_H

#include <stdbool.h>
#include <stdint.h>

/* The n-th word of a list. */
typedef const char *(*case_word_t)(unsigned n);

/* Takes "word." off the text, one of the `count` words; its number. False: none of them. */
bool case_take_word(const char **text, case_word_t word, unsigned count, unsigned *n);

/* Takes a decimal number and the character behind it, which must be `end`. */
bool case_take_number(const char **text, char end, uint32_t *n);

/* As case_take_number for "0x" and hex digits. */
bool case_take_hex(const char **text, char end, uint32_t *n);

#endif
