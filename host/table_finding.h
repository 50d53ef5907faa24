/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: what is wrong, or could be better, about a partition table.
 *
 * Reading, verifying and linting all report through one list. A finding names its rule by a
 * stable id ("offset_unaligned"; docs/tables.md lists them all), says what is wrong and where
 * in one sentence and what to do in another. Text from the input is made safe to print:
 * control characters appear as \xNN.
 */
#ifndef HOST_TABLE_FINDING_H
#define HOST_TABLE_FINDING_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    TABLE_ERROR,   /* refused, or will not work */
    TABLE_WARNING, /* works, and will hurt */
    TABLE_ADVICE,  /* could be better */
} table_severity_t;

typedef struct {
    table_severity_t severity;
    const char *rule; /* constant */
    uint32_t line;    /* 1-based line of the CSV; 0: none to name */
    char part[72];    /* name of the partition, printable; "": the table as a whole */
    char what[256];
    char todo[256];
} table_finding_t;

/* Owned by the caller: start with {0}, end with table_findings_free. */
typedef struct {
    table_finding_t *items;
    size_t count;
    size_t room;
    table_finding_t spare; /* where a finding goes when memory is out */
} table_findings_t;

/* Appends a finding without sentences and returns it: valid until the next one is added. */
table_finding_t *table_finding_add(table_findings_t *list, table_severity_t severity,
                                   const char *rule, uint32_t line);
/* Sets the partition's name from bytes of the input. */
void table_finding_part(table_finding_t *finding, const char *name, size_t len);
#if defined(__GNUC__)
#define TABLE_PRINTF __attribute__((format(printf, 2, 3)))
#else
#define TABLE_PRINTF
#endif
void table_finding_what(table_finding_t *finding, const char *format, ...) TABLE_PRINTF;
void table_finding_todo(table_finding_t *finding, const char *format, ...) TABLE_PRINTF;

/* The finding of the worst severity, the last of its kind: why something was refused. NULL: none.
 */
const table_finding_t *table_findings_error(const table_findings_t *list);
size_t table_findings_count(const table_findings_t *list, table_severity_t severity);
void table_findings_free(table_findings_t *list);

/* "error", "warning", "advice". */
const char *table_severity_name(table_severity_t severity);

/* Bytes of the input as printable text, cut with ".." at the end of `room`. Returns text. */
char *table_printable(const char *bytes, size_t len, char *text, size_t room);

#endif
