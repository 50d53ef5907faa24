/* SPDX-License-Identifier: Apache-2.0 */
/* What the files host/doctor*.c know of each other. */
#ifndef HOST_DOCTOR_INTERNAL_H
#define HOST_DOCTOR_INTERNAL_H

#include "host/doctor.h"
#include "ota/slots.h"

/* --- findings -------------------------------------------------------------------------------- */

/* Reports `id` (which must have an entry: a slip aborts) with the numbers of
 * this case. The same id with the same words only counts up. Never NULL: where the list is full
 * the last place is written over. */
doctor_finding_t *doctor_report(doctor_t *doctor, const char *id, const char *where,
                                const char *seen, ...) __attribute__((format(printf, 4, 5)));

/* Sets the advice of a finding. */
void doctor_advise(doctor_finding_t *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

bool doctor_has(const doctor_t *doctor, const char *id);

/* The lists of entries, each ended by an id of NULL. */
extern const doctor_entry_t doctor_entries_file[];
extern const doctor_entry_t doctor_entries_image[];
extern const doctor_entry_t doctor_entries_table[];
extern const doctor_entry_t doctor_entries_boot[];
extern const doctor_entry_t doctor_entries_update[];

/* --- parts -------------------------------------------------------------------------------------
 */

typedef struct {
    const char *name;
    const uint8_t *bytes;
    size_t len;
    sniff_t kind;
} doctor_input_t;

void doctor_look_table(doctor_t *doctor, const doctor_input_t *input);
void doctor_look_csv(doctor_t *doctor, const doctor_input_t *input);
void doctor_look_image(doctor_t *doctor, const doctor_input_t *input);
void doctor_look_flash(doctor_t *doctor, const doctor_input_t *input);
void doctor_look_otadata(doctor_t *doctor, const doctor_input_t *input);

/* Judge a layout that was read from `name`: slots, otadata, holes. */
void doctor_judge_layout(doctor_t *doctor, const char *name, const ota_layout_t *layout);

/* Say what otadata says, with `count` slots (0: not known). */
void doctor_judge_otadata(doctor_t *doctor, const char *name, const ota_otadata_t *od,
                          uint8_t count);

/* --- pieces ------------------------------------------------------------------------------------
 */

/* The two bytes 12 and 13 that a device read as chip id: reports what they mean.
 * expected: the device's own, OTA_CHIP_ID_INVALID if not known. */
void doctor_explain_chip(doctor_t *doctor, const char *where, uint32_t expected, uint32_t found);

/* Names a table with two slots that holds an app of `app` bytes on `flash` bytes (0: not known,
 * 4 MiB assumed first), with the line for platformio.ini. */
void doctor_fit(uint32_t app, uint32_t flash, char *text, size_t room);

/* Text of an input made safe to print, in place: bytes that are not ASCII text become '?'. */
void doctor_clean(char *text);

/* "v5.1.2-dirty" -> 501; 0: no version in it. */
unsigned doctor_idf_version(const char *text);

#endif
