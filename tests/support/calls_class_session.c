/* SPDX-License-Identifier: Apache-2.0 */
/* Differences of sessions: begin, resume, write, end. */
#include "support/calls_class.h"

#include <stdlib.h>
#include <string.h>

static calls_handle_t *step_handle(calls_run_t *run)
{
    return calls_handle(run, run->step->word[1]);
}

static bool is_write(const calls_run_t *run)
{
    return step_is(run, "write") || step_is(run, "write_off");
}

static bool is_open(const calls_run_t *run)
{
    return step_is(run, "begin") || step_is(run, "resume");
}

/* The two sides of this handle went apart for the named reason; later steps on it, and what is in
 * its partition when it ends, follow from that. */
static bool part_ways(calls_handle_t *h, const char *reason)
{
    if (h != NULL) {
        h->apart = reason;
    }
    return true;
}

static bool apart_for(const calls_handle_t *h, const char *reason)
{
    return h != NULL && h->apart != NULL && strcmp(h->apart, reason) == 0;
}

static bool on_handle(const calls_run_t *run)
{
    return is_write(run) || step_is(run, "end") || step_is(run, "abort") ||
           step_is(run, "set_final");
}

static bool follows(calls_run_t *run, const calls_difference_t *d, const char *reason)
{
    if (d->what != DIFFERS_BYTE) {
        return on_handle(run) && apart_for(step_handle(run), reason);
    }
    for (unsigned i = 0; i < CALLS_HANDLES; i++) {
        const calls_handle_t *h = &run->handle[i];
        if (apart_for(h, reason) && (h->part == d->part || h->final == d->part)) {
            return true;
        }
    }
    return false;
}

/* Another session of theirs alone keeps this partition busy. */
static bool kept_busy(calls_run_t *run, const char *reason)
{
    const ota_part_t *part = step_part(run);
    for (unsigned i = 0; i < CALLS_HANDLES; i++) {
        const calls_handle_t *h = &run->handle[i];
        if (h->theirs && !h->ours && apart_for(h, reason) &&
            (h->part == part || h->final == part)) {
            return theirs_is(run, "5383");
        }
    }
    return false;
}

/* --- begin ----------------------------------------------------------------------------------- */

bool class_leaked_handle(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "leaked-handle";
    if (is_open(run) && d->what == DIFFERS_VALUE && !theirs_is(run, "0") && !ours_is(run, "0") &&
        run->step->value[0] != '\0' && run->result.value[0] == '\0') {
        return part_ways(calls_handle(run, run->step->value), name);
    }
    return follows(run, d, name) || (is_open(run) && kept_busy(run, name));
}

bool class_size_wraps(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "size-wraps";
    uint32_t size = calls_hex(run->step->word[2]);
    if (step_is(run, "begin") && codes(run, "0", "260") && size >= 0xFFFFF001u &&
        size <= 0xFFFFFFFDu) {
        return part_ways(calls_handle(run, run->step->value), name);
    }
    return follows(run, d, name) || (is_open(run) && kept_busy(run, name));
}

bool class_read_only_at_begin(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "read-only-at-begin";
    const ota_part_t *part = step_part(run);
    if (is_open(run) && codes(run, "0", "269") && part != NULL &&
        (part->flags & OTA_PART_READONLY) != 0) {
        return part_ways(calls_handle(run, run->step->value), name);
    }
    return follows(run, d, name) || (is_open(run) && kept_busy(run, name));
}

/* --- erasing --------------------------------------------------------------------------------- */

/* Their begin erased it, nobody wrote it, and with us the old content still stands there. */
bool class_erased_as_reached(calls_run_t *run, const calls_difference_t *d)
{
    if (d->what == DIFFERS_CODE) { /* their erase at begin failed; there was none of ours */
        return is_open(run) && codes(run, "24577", "0") && run->result.flash_ops == 0;
    }
    uint32_t sector = d->at >> 12;
    return d->what == DIFFERS_BYTE && d->theirs == 0xFF && d->ours == d->before &&
           run->our_erased[sector] == 0 && (run->ref_erased[sector] & ERASED_BY_SESSION) != 0;
}

/* Is there a sector of the handle's partition that we erased and they did not? */
static bool only_we_erased(const calls_run_t *run, const calls_handle_t *h)
{
    for (uint32_t s = h->part->offset >> 12; s < (h->part->offset + h->part->size) >> 12; s++) {
        if (run->ref_erased[s] == 0 && run->our_erased[s] != 0) {
            return true;
        }
    }
    return false;
}

/* They programmed over what was there (bits only fall); we erased first. */
bool class_erased_first(calls_run_t *run, const calls_difference_t *d)
{
    uint32_t sector = d->at >> 12;
    if (d->what == DIFFERS_BYTE) {
        return run->ref_erased[sector] == 0 && (run->our_erased[sector] & ERASED_BY_SESSION) != 0 &&
               d->theirs == (uint8_t)(d->before & d->ours);
    }
    const calls_handle_t *h = step_handle(run);
    return d->what == DIFFERS_CODE && step_is(run, "end") && codes(run, "5379", "0") && h != NULL &&
           h->part != NULL && only_we_erased(run, h);
}

/* The last block of 16 under flash encryption: they pad with 00 if nothing was held back before,
 * and program it even where the image turns out to be bad. */
bool class_last_block(calls_run_t *run, const calls_difference_t *d)
{
    for (unsigned i = 0; run->encrypted && d->what == DIFFERS_BYTE && i < CALLS_HANDLES; i++) {
        const calls_handle_t *h = &run->handle[i];
        uint32_t end = d->part->offset + h->written;
        if (h->part == d->part && d->ours == 0xFF && d->at >= (end & ~15u) &&
            d->at < ((end + 15u) & ~15u)) {
            return d->theirs == 0 || (step_is(run, "end") && codes(run, "5379", "5379"));
        }
    }
    return false;
}

/* --- judging --------------------------------------------------------------------------------- */

/* What the recording says later of this handle's end; "": it never ends. */
static const char *later_end(const calls_run_t *run, char *out, size_t room)
{
    const cJSON *steps = cJSON_GetObjectItemCaseSensitive(run->sequence, "steps");
    const cJSON *json;
    char line[32];
    out[0] = '\0';
    (void)strcpy(line, "end ");
    (void)strncat(line, run->step->word[1], 16);
    int index = -1;
    cJSON_ArrayForEach(json, steps)
    {
        if (++index <= run->index) {
            continue;
        }
        const char *text = json_text(json, "c");
        const cJSON *rc = cJSON_GetObjectItemCaseSensitive(json, "r");
        if (text != NULL && strcmp(text, line) == 0 && cJSON_IsNumber(rc) && rc->valueint != 261 &&
            room > 8) {
            (void)strcpy(out, rc->valueint == 5379 ? "5379" : rc->valueint == 0 ? "0" : "other");
            break;
        }
    }
    return out;
}

/* The same for a version that the eFuse forbids, or could not hold: they take the image whole. */
bool class_version_while_writing(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "version-while-writing";
    calls_handle_t *h = is_write(run) ? step_handle(run) : NULL;
    const calls_image_t *image = h != NULL ? calls_image(run->data, run->step->word[2]) : NULL;
    if (d->what == DIFFERS_CODE && image != NULL && image->len > 40 && run->anti_rollback &&
        codes(run, "0", "5380")) {
        const uint8_t *p = image->bytes + OTA_APP_DESC_OFFSET + 4;
        uint32_t version = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        return (version < run->efuse || version > 16) && part_ways(h, name);
    }
    return follows(run, d, name);
}

/* We refuse at the first wrong byte what they refuse at the end. */
bool class_judged_while_writing(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "judged-while-writing";
    char end[16];
    calls_handle_t *h = is_write(run) ? step_handle(run) : NULL;
    if (d->what == DIFFERS_CODE && h != NULL && h->ours && codes(run, "0", "5379") &&
        strcmp(later_end(run, end, sizeof(end)), "0") != 0) {
        return part_ways(h, name);
    }
    return follows(run, d, name);
}

/* Bytes given for an offset where others already stand: their flash holds neither. */
bool class_written_twice(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "written-twice";
    calls_handle_t *h = is_write(run) ? step_handle(run) : NULL;
    const calls_image_t *image = h != NULL ? calls_image(run->data, run->step->word[2]) : NULL;
    if (d->what == DIFFERS_CODE && image != NULL && h->scattered && codes(run, "0", "24577")) {
        uint32_t len = calls_hex(run->step->word[4]);
        uint32_t at = step_is(run, "write_off") ? calls_hex(run->step->word[5]) : h->written - len;
        const uint8_t *theirs = run->ref + h->part->offset + at;
        if (memcmp(theirs, image->bytes + calls_hex(run->step->word[3]), len) != 0) {
            return part_ways(h, name);
        }
    }
    return follows(run, d, name);
}

bool class_offset_in_sequential(calls_run_t *run, const calls_difference_t *d)
{
    (void)d;
    return step_is(run, "write_off") && codes(run, "assert", "259");
}

/* A write in order behind writes at offsets: they go on behind as many bytes as were written, we
 * behind those that are there without a gap. */
bool class_counted_position(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "counted-position";
    calls_handle_t *h = step_handle(run);
    if (h == NULL || follows(run, d, name)) {
        return h != NULL;
    }
    if (d->what == DIFFERS_BYTE) {
        return step_is(run, "end") && h->counted && h->part == d->part;
    }
    bool behind = step_is(run, "write") && h->ours && h->scattered;
    return behind && theirs_is(run, "0") && part_ways(h, name);
}

/* The first 32 bytes are judged before anything is erased: fewer never reach the flash. */
bool class_first_bytes(calls_run_t *run, const calls_difference_t *d)
{
    for (unsigned i = 0; d->what == DIFFERS_BYTE && i < CALLS_HANDLES; i++) {
        const calls_handle_t *h = &run->handle[i];
        if (h->part == d->part && h->written < 32 && d->at - d->part->offset < h->written) {
            return d->ours == d->before && run->our_erased[d->at >> 12] == 0;
        }
    }
    return false;
}

/* --- records --------------------------------------------------------------------------------- */

/* Which copies the step blanked on one side and which stayed as they were on the other. */
static bool blanked(const calls_run_t *run, od_side_t side, int copy)
{
    ota_otadata_t before;
    ota_otadata_t after;
    return otadata_of(run, OD_BEFORE, &before) && otadata_of(run, side, &after) &&
           !ota_entry_is_blank(&before.copy[copy]) && ota_entry_is_blank(&after.copy[copy]);
}

/* Their begin blanks the other copy at once; ours waits for the slot's first erase. */
bool class_forgotten_later(calls_run_t *run, const calls_difference_t *d)
{
    return d->what == DIFFERS_OTADATA && step_is(run, "begin") && run->rollback &&
           otadata_same(run, OD_BEFORE, OD_OURS) &&
           (blanked(run, OD_THEIRS, 0) || blanked(run, OD_THEIRS, 1));
}

/* The slot that the step is about to overwrite; OTA_SLOT_NONE if it is none. */
static ota_slot_t overwritten(calls_run_t *run)
{
    const calls_handle_t *h = is_write(run) || step_is(run, "end") ? step_handle(run) : NULL;
    if (step_is(run, "resume")) {
        h = calls_handle(run, run->step->value);
    }
    return h != NULL && h->part != NULL && ota_part_is_slot(h->part)
               ? (ota_slot_t)(h->part->subtype - OTA_SUBTYPE_OTA_0)
               : OTA_SLOT_NONE;
}

/* We blank records that name the slot about to be overwritten, also where they do not. */
bool class_forgotten_before(calls_run_t *run, const calls_difference_t *d)
{
    ota_otadata_t before;
    ota_slot_t slot = overwritten(run);
    uint8_t count = run->compat.device.layout.boot_count;
    if (d->what != DIFFERS_OTADATA || slot == OTA_SLOT_NONE ||
        !otadata_same(run, OD_BEFORE, OD_THEIRS) || !otadata_of(run, OD_BEFORE, &before)) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (blanked(run, OD_OURS, i) && ota_entry_slot(&before.copy[i], count) != slot) {
            return false;
        }
    }
    return blanked(run, OD_OURS, 0) || blanked(run, OD_OURS, 1);
}

/* --- resume and final ------------------------------------------------------------------------ */

/* What lies in flash is not the beginning of an image: nothing to go on with. */
bool class_resume_judged(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "resume-judged";
    if (step_is(run, "resume") && codes(run, "0", "5379")) {
        return part_ways(calls_handle(run, run->step->value), name);
    }
    return follows(run, d, name) || (is_open(run) && kept_busy(run, name));
}

/* Under flash encryption they cannot go on at an offset that is no multiple of 16. */
bool class_resume_unaligned(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "resume-unaligned";
    calls_handle_t *h = is_write(run) ? step_handle(run) : NULL;
    if (run->encrypted && d->what == DIFFERS_CODE && h != NULL && theirs_is(run, "258") &&
        h->theirs && h->written % 16 != 0) {
        return part_ways(h, name);
    }
    return follows(run, d, name);
}

/* A final partition that must not be written is refused when it is named, not at the end. */
bool class_final_refused(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "final-refused";
    if (step_is(run, "set_final") && (codes(run, "0", "5377") || codes(run, "0", "269"))) {
        return part_ways(step_handle(run), name);
    }
    return follows(run, d, name);
}

/* What the handle's copy takes does not fit, or did not fit only by their way of counting. */
static bool copy_length(const calls_run_t *run, const calls_handle_t *h)
{
    uint32_t len = calls_hex(run->step->word[4]);
    return (is_write(run) && codes(run, "0", "260") && h->written + len > h->final->size) ||
           (step_is(run, "end") && codes(run, "260", "0") && h->part->size < h->final->size);
}

/* Their copy went on behind what was written. */
static bool copied_behind(const calls_run_t *run, const calls_handle_t *h,
                          const calls_difference_t *d)
{
    uint32_t at = h->final == d->part ? d->at - d->part->offset : 0;
    return at >= h->written && h->written > 0 && step_is(run, "end") && d->ours == d->before &&
           d->theirs == run->ref[h->part->offset + at];
}

/* Copying takes what was written: it must fit, and need not fill, the final partition. */
bool class_final_length(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "final-length";
    calls_handle_t *h = step_handle(run);
    if (h == NULL || h->final == NULL) {
        return false;
    }
    if (d->what == DIFFERS_CODE && copy_length(run, h)) {
        return part_ways(h, name);
    }
    return follows(run, d, name) || (d->what == DIFFERS_BYTE && copied_behind(run, h, d));
}

/* They judge the image for the place where it waits, we for the place where it will run: the rule
 * of the mapping depends on the address. */
bool class_final_place(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "final-place";
    calls_handle_t *h = step_handle(run);
    if (d->what == DIFFERS_CODE && step_is(run, "end") && h != NULL && h->meant != NULL &&
        codes(run, "5379", "0") &&
        (h->meant->type == OTA_TYPE_APP || h->meant->type == OTA_TYPE_BOOTLOADER) &&
        h->part->offset % 0x10000 != h->meant->offset % 0x10000) {
        return part_ways(h, name);
    }
    return follows(run, d, name);
}

/* The appended hash of a bootloader: they do not compare it. */
bool class_bootloader_hash(calls_run_t *run, const calls_difference_t *d)
{
    static const char name[] = "bootloader-hash";
    calls_handle_t *h = step_handle(run);
    if (d->what == DIFFERS_CODE && (is_write(run) || step_is(run, "end")) && h != NULL &&
        h->meant != NULL && h->meant->type == OTA_TYPE_BOOTLOADER && codes(run, "0", "5379")) {
        return part_ways(h, name);
    }
    return follows(run, d, name);
}

/* With flash encryption on they hold bytes back in partitions too that are not encrypted, and lose
 * them when the session is dropped. */
bool class_plain_partition(calls_run_t *run, const calls_difference_t *d)
{
    const calls_handle_t *h = step_handle(run);
    if (!run->encrypted || h == NULL || h->part == NULL || ota_part_encrypted(h->part)) {
        return false;
    }
    if (d->what == DIFFERS_CODE) {
        return step_is(run, "end") && codes(run, "259", "0");
    }
    uint32_t end = h->part->offset + h->written;
    return d->what == DIFFERS_BYTE && d->part == h->part && end - d->at <= 16 &&
           d->theirs == d->before;
}
