/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of a partition CSV: numbers with suffixes, and the names of types and subtypes.
 *
 * Numbers are written as in Python's int(text, 0): decimal, 0x, 0o, 0b, a sign, single
 * underscores between digits, no leading zeros in decimal; any decimal digits of Unicode
 * count. Any number of suffixes k (x1024) and m (x1048576) may follow, in either case.
 * Values are kept within +-TABLE_HUGE: what is larger fits no field anyway.
 */
#ifndef HOST_TABLE_WORDS_H
#define HOST_TABLE_WORDS_H

#include "host/table_text.h"

#define TABLE_HUGE ((int64_t)1 << 60)

int64_t table_add(int64_t a, int64_t b); /* sum, kept within +-TABLE_HUGE */

/* Digits only, no suffix. base 0 or 16. */
bool table_number(table_view_t text, unsigned base, int64_t *value);

#define TABLE_WORDS_MAX 320u

typedef struct {
    int type; /* of the partition type that it is a subtype of */
    table_view_t name;
    int64_t value;
} table_word_t;

/* Subtypes known to one run: Espressif's and those given in options. */
typedef struct {
    table_word_t words[TABLE_WORDS_MAX];
    size_t count;
} table_subtypes_t;

void table_subtypes_init(table_subtypes_t *subtypes);
/* Adds a name, or gives an existing one another value. False: full. */
bool table_subtypes_set(table_subtypes_t *subtypes, int type, table_view_t name, int64_t value);
/* Value of a name of a type (exact case), -1 if unknown. */
int64_t table_subtype_value(const table_subtypes_t *subtypes, int type, const char *name);
/* First name of a value; .at is NULL if there is none. */
table_view_t table_subtype_name(const table_subtypes_t *subtypes, int64_t type, int64_t value);
bool table_subtype_used(const table_subtypes_t *subtypes, int type, int64_t value);
/* True if `name` is a subtype of any type. */
bool table_is_subtype_name(const table_subtypes_t *subtypes, table_view_t name);

/* Value of a type's name (exact case), -1 if it is none; name of a type, NULL if it has none. */
int64_t table_type_value(table_view_t name);
const char *table_type_name(int64_t type);

typedef enum {
    TABLE_CELL_OK,
    TABLE_CELL_NUMBER,  /* must be a number and is not */
    TABLE_CELL_KEYWORD, /* is neither a number nor a keyword */
} table_cell_t;

#define TABLE_NO_WORDS (-1) /* numbers only */
#define TABLE_TYPES    (-2) /* or the name of a type */

/*
 * A cell with suffixes: number, or keyword of `words` (TABLE_NO_WORDS, TABLE_TYPES, or a type
 * whose subtypes count; a type without any takes numbers only). `rest` is what was left when
 * the suffixes were off: the part that failed.
 */
table_cell_t table_cell(const table_subtypes_t *subtypes, table_view_t text, int64_t words,
                        int64_t *value, table_view_t *rest);

#endif
