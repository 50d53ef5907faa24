/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Table CSV: Espressif's partition CSV to the binary table, and back.
 *
 * For every input that Espressif's generator (tool version 1.5) accepts the output is the same,
 * byte for byte, and so are the warnings; what it refuses is refused by the same rule, with the
 * line and a sentence. The grammar and the rules with their ids: docs/tables.md.
 *
 *   bytes -- table_read --> rows -- table_verify --> (same rows) -- table_to_binary --> 0xC00 bytes
 *                                                               \-- table_to_csv -----> text
 *
 * Memory is bounded: input up to TABLE_INPUT_MAX bytes, up to TABLE_ROWS_MAX rows.
 */
#ifndef HOST_TABLE_CSV_H
#define HOST_TABLE_CSV_H

#include "host/table_finding.h"
#include "host/table_words.h"
#include "ota/table.h"

#define TABLE_INPUT_MAX (1u << 20)
#define TABLE_ROWS_MAX                                                                             \
    1024u /* the table itself ends at 95; the rest is for errors that come first */

/* What --secure says: how the size of an app is aligned. */
typedef enum { TABLE_SECURE_NO, TABLE_SECURE_V1, TABLE_SECURE_V2 } table_secure_t;

typedef struct {
    int64_t table_offset;      /* flash address of the table; 0x8000 */
    int64_t bootloader_offset; /* of the primary bootloader, if has_bootloader */
    int64_t recovery_offset;   /* of the recovery bootloader, if has_recovery */
    bool has_bootloader;
    bool has_recovery;
    table_secure_t secure;
    bool keep_going;          /* table_verify: report every rule that is broken, not the first */
    bool no_md5;              /* no digest is written, and none looked for */
    uint32_t flash_mb;        /* table_verify_size: MiB of flash */
    const char *const *extra; /* "type, name, value" of additional subtypes */
    size_t extra_count;
    table_env_t env; /* NULL: no variable is set */
    void *env_ctx;
} table_options_t;

#define TABLE_OPTIONS_DEFAULT                                                                      \
    {                                                                                              \
        .table_offset = OTA_TABLE_OFFSET                                                           \
    }

/* A partition as the input says it; what does not fit its field of the table is refused late. */
typedef struct {
    char *name;      /* malloc'ed, whole: the table keeps the first 16 bytes */
    size_t name_len; /* bytes; may hold NULs */
    int64_t type;
    int64_t subtype;
    int64_t offset;
    int64_t size;
    bool has_offset;
    uint32_t flags;   /* OTA_PART_*; from a binary table all bits */
    uint32_t line;    /* of the CSV; 0 for a binary table */
    uint32_t slot_at; /* byte of the binary table that the row came from */
} table_row_t;

typedef struct {
    table_options_t options;
    table_subtypes_t subtypes;
    table_findings_t findings;
    bool from_binary; /* the input began with AA 50 */
    bool has_md5;     /* a binary table had a digest slot, and it was right */
    table_row_t *rows;
    size_t count;
    size_t room;
} table_source_t;

/*
 * Reads a CSV, or a binary table if the first two bytes are AA 50; offsets and sizes are filled
 * in. False: refused, findings ends with the reason. Call table_source_free in any case.
 */
bool table_read(table_source_t *source, const table_options_t *options, const uint8_t *bytes,
                size_t len);

/* All rules over the rows, in Espressif's order; the first that is broken ends it (unless
 * options.keep_going). Warnings are added on the way. */
bool table_verify(table_source_t *source);
/* The highest partition ends within options.flash_mb. */
bool table_verify_size(table_source_t *source);

/* The binary table: 0xC00 bytes, FF-filled. False: a value does not fit, or too many rows. */
bool table_to_binary(table_source_t *source, uint8_t out[OTA_TABLE_SIZE]);

/* The CSV as Espressif's tool prints it: malloc'ed, NUL-terminated. NULL: no memory. */
char *table_to_csv(const table_source_t *source, size_t *len);

/* The rows as partitions (values that do not fit are cut off); at most `room`, the count. */
size_t table_parts(const table_source_t *source, ota_part_t *parts, size_t room);

void table_source_free(table_source_t *source);

#endif
