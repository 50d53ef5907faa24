/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of logs that doctor knows: data. */
#ifndef HOST_DOCTOR_PATTERNS_H
#define HOST_DOCTOR_PATTERNS_H

#include "host/doctor_internal.h"
#include "host/doctor_match.h"

/* One line of a log in which a pattern was found. */
typedef struct {
    const char *id;    /* of the pattern */
    const char *where; /* "serial.log, line 12" */
    const char *text;  /* the line, trimmed */
    size_t len;
    match_t match;
} doctor_line_t;

/* Puts the numbers of a line into words; NULL: the line itself says enough. */
typedef void (*doctor_say_t)(doctor_t *doctor, const doctor_line_t *line);

typedef struct {
    const char *pattern;
    const char *id; /* the finding it stands for; NULL: only `say` acts */
    doctor_say_t say;
} doctor_pattern_t;

/* Tried in order; every pattern that is found acts, one per finding and line. Ends with a
 * pattern of NULL. */
extern const doctor_pattern_t doctor_patterns[];

/* Reports line->id with the line as what was seen. */
doctor_finding_t *doctor_quote(doctor_t *doctor, const doctor_line_t *line);

/* doctor_say.c */
void say_chip(doctor_t *doctor, const doctor_line_t *line);
void say_chip_model(doctor_t *doctor, const doctor_line_t *line);
void say_revision(doctor_t *doctor, const doctor_line_t *line);
void say_block_rev(doctor_t *doctor, const doctor_line_t *line);
void say_program_size(doctor_t *doctor, const doctor_line_t *line);
void say_sketch_uses(doctor_t *doctor, const doctor_line_t *line);
void say_idf_part(doctor_t *doctor, const doctor_line_t *line);
void say_image_length(doctor_t *doctor, const doctor_line_t *line);
void say_default_csv(doctor_t *doctor, const doctor_line_t *line);
void say_probe(doctor_t *doctor, const doctor_line_t *line);
void say_segment(doctor_t *doctor, const doctor_line_t *line);
void say_loaded(doctor_t *doctor, const doctor_line_t *line);
void say_crash(doctor_t *doctor, const doctor_line_t *line);
void say_bootloader_version(doctor_t *doctor, const doctor_line_t *line);
void say_app_version(doctor_t *doctor, const doctor_line_t *line);
void say_checksum(doctor_t *doctor, const doctor_line_t *line);
void say_table_magic(doctor_t *doctor, const doctor_line_t *line);
void say_table_end(doctor_t *doctor, const doctor_line_t *line);
void say_bootloader_size(doctor_t *doctor, const doctor_line_t *line);

#endif
