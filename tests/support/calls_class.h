/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of classes share. A predicate says whether its cause really explains this
 * difference of this step; see calls_classes.c for the list. */
#ifndef TESTS_SUPPORT_CALLS_CLASS_H
#define TESTS_SUPPORT_CALLS_CLASS_H

#include "support/calls.h"

typedef bool calls_class_t(calls_run_t *run, const calls_difference_t *d);

/* Sessions (calls_class_session.c). */
calls_class_t class_leaked_handle;
calls_class_t class_size_wraps;
calls_class_t class_read_only_at_begin;
calls_class_t class_erased_as_reached;
calls_class_t class_erased_first;
calls_class_t class_judged_while_writing;
calls_class_t class_written_twice;
calls_class_t class_offset_in_sequential;
calls_class_t class_last_block;
calls_class_t class_first_bytes;
calls_class_t class_counted_position;
calls_class_t class_version_while_writing;
calls_class_t class_final_place;
calls_class_t class_bootloader_hash;
calls_class_t class_plain_partition;
calls_class_t class_forgotten_later;
calls_class_t class_forgotten_before;
calls_class_t class_resume_judged;
calls_class_t class_resume_unaligned;
calls_class_t class_final_refused;
calls_class_t class_final_length;

/* Choice and states (calls_class_choice.c). */
calls_class_t class_holes;
calls_class_t class_sixteen_slots;
calls_class_t class_no_descriptor;
calls_class_t class_unknown_start;
calls_class_t class_other_app_marked;
calls_class_t class_newest_record;
calls_class_t class_both_records;
calls_class_t class_test_app;
calls_class_t class_chosen_already;
calls_class_t class_version_erases;
calls_class_t class_sequence_end;
calls_class_t class_way_back;
calls_class_t class_record_first;
calls_class_t class_raise_repeated;
calls_class_t class_sequence_zero;
calls_class_t class_factory_version;
calls_class_t class_no_slots;

/* --- helpers (calls_classes.c) ------------------------------------------------------------------
 */

bool step_is(const calls_run_t *run, const char *word);
bool codes(const calls_run_t *run, const char *theirs, const char *ours);
bool theirs_is(const calls_run_t *run, const char *rc);
bool ours_is(const calls_run_t *run, const char *rc);

/* otadata as both sides had it before the step, as they left it, as we left it. */
typedef enum { OD_BEFORE, OD_THEIRS, OD_OURS } od_side_t;
bool otadata_of(const calls_run_t *run, od_side_t side, ota_otadata_t *od);
bool otadata_same(const calls_run_t *run, od_side_t a, od_side_t b);

/* The partition that the step names first; NULL: none. */
const ota_part_t *step_part(const calls_run_t *run);

#endif
