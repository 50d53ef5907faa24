/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Table lint: what is wrong with a table beyond what Espressif's generator looks at.
 *
 * The generator accepts tables that cannot be updated, that boot into something else after an
 * update, or that the application cannot read. docs/tables.md lists the rules; each is one
 * function here. Nothing is decided by looking at names: only types, places and sizes count.
 */
#ifndef HOST_TABLE_LINT_H
#define HOST_TABLE_LINT_H

#include "host/table_csv.h"

typedef struct {
    uint32_t flash_size;        /* bytes; 0: not known, then nothing is said about the end */
    uint32_t app_size;          /* bytes of the firmware that is to fit; 0: not known */
    uint32_t bootloader_size;   /* bytes; 0: not known */
    uint32_t bootloader_offset; /* for bootloader_size */
} table_lint_t;

/*
 * All rules: the generator's (table_verify with keep_going) and those beyond. `source` was read
 * successfully; bytes are the input if it was a binary table. Findings are added to
 * source->findings. True: no error among them.
 */
bool table_lint(table_source_t *source, const table_lint_t *lint, const uint8_t *bytes, size_t len);

/* The fit rules alone (app_too_big, app_fits_some, app_nearly_full, no_app, bootloader_too_big). */
void table_lint_fit(table_source_t *source, const table_lint_t *lint);

#endif
