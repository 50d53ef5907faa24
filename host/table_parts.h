/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind host/table_csv.h share, and nobody else includes. */
#ifndef HOST_TABLE_PARTS_H
#define HOST_TABLE_PARTS_H

#include "host/table_csv.h"

#define ALIGN_APP   0x10000
#define ALIGN_OTHER 0x1000
#define NVS_MIN     0x3000
#define OTADATA_LEN 0x2000

/* Adds an error; `row` names the partition and the line (NULL: `line` alone, 0 for none). */
table_finding_t *table_refuse(table_source_t *source, const char *rule, const table_row_t *row,
                              uint32_t line);
/* A zeroed row with a copy of the name. NULL: no memory or too many rows (refused). */
table_row_t *table_add_row(table_source_t *source, table_view_t name, uint32_t line);

/* True for the rows that describe the primary bootloader or the table itself. */
bool table_is_primary(const table_source_t *source, const table_row_t *row);
bool table_is_kind(const table_source_t *source, const table_row_t *row, int type,
                   const char *subtype);
int64_t table_alignment(const table_row_t *row);

/* First address behind the table. */
int64_t table_end(const table_source_t *source);

/* "0x9000"; "-0x1000" for negative numbers. Returns text. */
#define HEX_ROOM 24
char *table_hex(int64_t value, char text[HEX_ROOM]);

bool table_read_csv(table_source_t *source, const uint8_t *bytes, size_t len);
bool table_read_binary(table_source_t *source, const uint8_t *bytes, size_t len);
bool table_read_extra(table_source_t *source);
bool table_place(table_source_t *source);

#endif
