/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An otadata sector in a line of text, for tables of tests. Written from the drawing in
 * include/ota/record.h, not from the code that writes sectors.
 *
 *   "-"                 blank
 *   "w"                 wiped: blank, and tagged as such
 *   "2N"                stock entry: sequence 2, state New Pending Valid Invalid Aborted Undefined,
 *                       X (7); "2N!" with a bad CRC
 *   "R5 1 2/3 else 0"   record: sequence 5, slot 1 (F factory, - none), 2 of 3 boots of its trial
 *                       left, and after that in this order, where there is any:
 *       else 0          fallback
 *       V0 I1 A2        what is known of slots
 *       refused 2       the last that was
 *       writing 1       slot that an offer is being written to
 *       replaces 4      the sequence beside it; seq - 1 if not said, never printed
 *   "R5?" "R5'"         the record without its seals; with seal 1 only
 *   "... | 5V!"         beside the record stands this entry, not its own
 *   "4V d"              what is left of a record behind the entry
 *   "4V t"              an entry that is tagged as ours, and no record; never printed
 *   "4V r"              seals, and a record that cannot be read any more
 */
#ifndef TESTS_SUPPORT_SECTOR_TEXT_H
#define TESTS_SUPPORT_SECTOR_TEXT_H

#include "ota/slots.h"

#define SECTOR_TEXT 128u /* bytes of the longest */

void sector_entry(ota_entry_t *entry, const char *text);
const char *sector_entry_text(const ota_entry_t *entry, char text[24]);

/* The record of "R5 1 .."; its slot names an entry if it is below `count`. */
void sector_record(ota_record_t *record, const char *text);

/* The sector's first bytes as flash holds them. */
void sector_bytes(uint8_t bytes[OTA_JOURNAL_AT], uint8_t count, const char *text);

const char *sector_text(const ota_otadata_t *od, int i, uint8_t count, char text[SECTOR_TEXT]);

#endif
