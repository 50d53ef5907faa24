/* SPDX-License-Identifier: Apache-2.0 */
/* The differences that are meant. docs/compat.md has the same list with its reasons and counts. */
#include "support/calls_class.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char *name;
    calls_class_t *explains;
    long sequences;
    int last; /* the sequence that was counted last */
} classes[] = {
    {"leaked-handle", class_leaked_handle, 0, -1},
    {"size-wraps", class_size_wraps, 0, -1},
    {"read-only-at-begin", class_read_only_at_begin, 0, -1},
    {"judged-while-writing", class_judged_while_writing, 0, -1},
    {"erased-as-reached", class_erased_as_reached, 0, -1},
    {"erased-first", class_erased_first, 0, -1},
    {"written-twice", class_written_twice, 0, -1},
    {"offset-in-sequential", class_offset_in_sequential, 0, -1},
    {"last-block", class_last_block, 0, -1},
    {"first-bytes", class_first_bytes, 0, -1},
    {"version-while-writing", class_version_while_writing, 0, -1},
    {"counted-position", class_counted_position, 0, -1},
    {"forgotten-later", class_forgotten_later, 0, -1},
    {"forgotten-before", class_forgotten_before, 0, -1},
    {"resume-judged", class_resume_judged, 0, -1},
    {"resume-unaligned", class_resume_unaligned, 0, -1},
    {"final-refused", class_final_refused, 0, -1},
    {"final-length", class_final_length, 0, -1},
    {"bootloader-hash", class_bootloader_hash, 0, -1},
    {"plain-partition", class_plain_partition, 0, -1},
    {"final-place", class_final_place, 0, -1},
    {"sixteen-slots", class_sixteen_slots, 0, -1},
    {"no-descriptor", class_no_descriptor, 0, -1},
    {"unknown-start", class_unknown_start, 0, -1},
    {"holes", class_holes, 0, -1},
    {"test-app", class_test_app, 0, -1},
    {"chosen-already", class_chosen_already, 0, -1},
    {"version-erases", class_version_erases, 0, -1},
    {"sequence-end", class_sequence_end, 0, -1},
    {"other-app-marked", class_other_app_marked, 0, -1},
    {"both-records", class_both_records, 0, -1},
    {"newest-record", class_newest_record, 0, -1},
    {"way-back", class_way_back, 0, -1},
    {"sequence-zero", class_sequence_zero, 0, -1},
    {"factory-version", class_factory_version, 0, -1},
    {"no-slots", class_no_slots, 0, -1},
    {"raise-repeated", class_raise_repeated, 0, -1},
    {"record-first", class_record_first, 0, -1},
};

#define CLASSES (sizeof(classes) / sizeof(classes[0]))

/* --- helpers ---------------------------------------------------------------------------------- */

bool step_is(const calls_run_t *run, const char *word)
{
    return strcmp(run->step->word[0], word) == 0;
}

bool theirs_is(const calls_run_t *run, const char *rc)
{
    return strcmp(run->step->rc, rc) == 0;
}

bool ours_is(const calls_run_t *run, const char *rc)
{
    return strcmp(run->result.rc, rc) == 0;
}

bool codes(const calls_run_t *run, const char *theirs, const char *ours)
{
    return theirs_is(run, theirs) && ours_is(run, ours);
}

static const uint8_t *side_bytes(const calls_run_t *run, od_side_t side)
{
    return side == OD_BEFORE ? run->base : side == OD_THEIRS ? run->ref : run->nor.bytes;
}

bool otadata_of(const calls_run_t *run, od_side_t side, ota_otadata_t *od)
{
    const ota_part_t *part = calls_otadata(run);
    if (part == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < 2; i++) {
        ota_entry_decode(&od->copy[i], side_bytes(run, side) + part->offset + i * 0x1000u);
    }
    return true;
}

bool otadata_same(const calls_run_t *run, od_side_t a, od_side_t b)
{
    const ota_part_t *part = calls_otadata(run);
    return part == NULL || memcmp(side_bytes(run, a) + part->offset,
                                  side_bytes(run, b) + part->offset, part->size) == 0;
}

const ota_part_t *step_part(const calls_run_t *run)
{
    return run->step->words > 1 ? calls_part(run, run->step->word[1]) : NULL;
}

/* --- explaining and reporting ------------------------------------------------------------------
 */

const char *calls_explain(calls_run_t *run, const calls_difference_t *difference)
{
    for (size_t i = 0; i < CLASSES; i++) {
        if (classes[i].explains(run, difference)) {
            classes[i].sequences += classes[i].last != run->id;
            classes[i].last = run->id;
            return classes[i].name;
        }
    }
    return NULL;
}

/* The count that the document gives for a class: in a row "| `name` | count | ..."; -1: none. */
static long documented(const char *text, const char *name)
{
    char row[64];
    (void)snprintf(row, sizeof(row), "| `%s` |", name);
    const char *at = strstr(text, row);
    return at != NULL ? strtol(at + strlen(row), NULL, 10) : -1;
}

bool calls_report(void)
{
    bool fine = true;
    size_t len = 0;
    uint8_t *text = data_read(OTARY_SOURCE_DIR "/docs/compat.md", &len);
    for (size_t i = 0; i < CLASSES; i++) {
        long said = text != NULL ? documented((const char *)text, classes[i].name) : -1;
        bool same = said == classes[i].sequences;
        (void)printf("%6ld  %s%s\n", classes[i].sequences, classes[i].name,
                     classes[i].sequences == 0 ? "  EXPLAINS NOTHING"
                     : same                    ? ""
                                               : "  docs/compat.md SAYS ANOTHER NUMBER");
        fine = fine && same && classes[i].sequences > 0;
    }
    free(text);
    return fine;
}
