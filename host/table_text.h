/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of a partition CSV: bytes to UTF-8, UTF-8 to lines, lines to trimmed cells.
 *
 * The rules are those of Espressif's generator, which is a Python program: a byte order mark
 * chooses the encoding, lines end where Python's splitlines() ends them and blanks are what
 * Unicode calls white space. Text is a view, never NUL-terminated: a CSV may hold NULs.
 */
#ifndef HOST_TABLE_TEXT_H
#define HOST_TABLE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *at;
    size_t len;
} table_view_t;

#define TABLE_NOT_A_CHAR 0xFFFFFFFFu

/* Decodes one code point and moves *at past it; of bytes that are not UTF-8 one is taken and
 * TABLE_NOT_A_CHAR returned. *at < end. */
uint32_t table_next_char(const char **at, const char *end);

/* True for Unicode white space. */
bool table_is_blank(uint32_t c);

bool table_is_utf8(const char *bytes, size_t len);

/*
 * Decodes a whole file by its byte order mark (UTF-8, UTF-16 LE/BE, UTF-32 BE; UTF-8 without)
 * into malloc'ed UTF-8 without the mark. NULL: the bytes are not valid in `*encoding`; *bad is
 * the offset of the first that is not (or SIZE_MAX: out of memory).
 */
char *table_decode(const uint8_t *bytes, size_t len, size_t *out_len, const char **encoding,
                   size_t *bad);

/* Takes the next line off `rest`, without its end. False: there is none. */
bool table_next_line(table_view_t *rest, table_view_t *line);

/* Without blanks at both ends. */
table_view_t table_trim(table_view_t text);

/* Takes the next part before `separator` off `rest`. When nothing is left the part is empty and
 * false comes back. */
bool table_next_part(table_view_t *rest, char separator, table_view_t *part);

/* Value of a variable, NULL if it is not set. The name is NUL-terminated. */
typedef const char *(*table_env_t)(void *ctx, const char *name);

/*
 * Replaces $NAME and ${NAME} by their values, once: values are not expanded again and unknown
 * variables stay. Returns malloc'ed text, or NULL: no memory, or longer than TABLE_LINE_MAX.
 */
#define TABLE_LINE_MAX 65536u
char *table_expand(table_view_t line, table_env_t env, void *ctx, size_t *out_len);

/* True if the line begins with $identifier; `name` is then the identifier. */
bool table_starts_with_variable(table_view_t line, table_view_t *name);

bool table_view_is(table_view_t view, const char *text);

#endif
