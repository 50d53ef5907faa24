/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind host/table_lint.h share, and nobody else includes. */
#ifndef HOST_TABLE_LINT_RULES_H
#define HOST_TABLE_LINT_RULES_H

#include "host/table_lint.h"

/* Adds a finding about a row, or about the table as a whole (NULL). */
table_finding_t *lint_say(table_source_t *source, table_severity_t severity, const char *rule,
                          const table_row_t *row);
/* The first row of a type and subtype, or NULL. */
const table_row_t *lint_find(const table_source_t *source, int64_t type, int64_t subtype);
bool lint_is_slot(const table_row_t *row);

void lint_slots(table_source_t *source); /* what an update needs */
void lint_data(table_source_t *source);  /* nvs, coredump */

#endif
