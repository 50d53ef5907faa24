/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing after a step, and putting both sides even again. */
#include "support/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool unexplained(calls_run_t *run, const char *what, const char *theirs, const char *ours)
{
    (void)snprintf(run->why, sizeof(run->why), "\"%s\": %s: theirs %s, ours %s", run->step->line,
                   what, theirs[0] != '\0' ? theirs : "nothing",
                   ours[0] != '\0' ? ours : "nothing");
    return false;
}

static bool explained(calls_run_t *run, differs_t what)
{
    const calls_difference_t difference = {.what = what};
    return calls_explain(run, &difference) != NULL;
}

/* --- handles --------------------------------------------------------------------------------- */

static void theirs_opened(calls_run_t *run, const calls_step_t *step)
{
    calls_handle_t *h = calls_handle(run, step->value);
    if (h == NULL) {
        return;
    }
    h->theirs = true;
    h->part = calls_part(run, step->word[1]);
    h->final = NULL;
    h->meant = h->part;
    h->held = 0;
    h->flushed = false;
    h->scattered = false;
    h->counted = false;
    h->written = strcmp(step->word[0], "resume") == 0 ? calls_hex(step->word[3]) : 0;
}

static void final_named(calls_run_t *run, calls_handle_t *h, const calls_step_t *step)
{
    if (strcmp(step->rc, "0") == 0) {
        h->meant = calls_part(run, step->word[2]);
        h->final = strcmp(step->word[3], "1") == 0 && h->meant != h->part ? h->meant : NULL;
    }
}

/* What the step did to sessions on either side. Ours alone is closed; theirs alone stays apart. */
static void handles(calls_run_t *run, const calls_step_t *step)
{
    const char *c = step->word[0];
    calls_handle_t *h = calls_handle(run, step->word[1]);
    if (strcmp(c, "begin") == 0 || strcmp(c, "resume") == 0) {
        theirs_opened(run, step);
    } else if (h != NULL && strcmp(c, "set_final") == 0) {
        final_named(run, h, step);
    } else if (h != NULL && (strcmp(c, "end") == 0 || strcmp(c, "abort") == 0)) {
        h->theirs = false;
        h->ours = h->ours && strcmp(run->result.rc, "261") == 0;
    }
}

static bool in_session(const calls_run_t *run, const ota_part_t *part)
{
    for (unsigned i = 0; i < CALLS_HANDLES; i++) {
        const calls_handle_t *h = &run->handle[i];
        if ((h->theirs || h->ours) && h->part == part) {
            return true;
        }
    }
    return false;
}

/* --- flash ----------------------------------------------------------------------------------- */

static void even(calls_run_t *run, const ota_part_t *part)
{
    for (uint32_t s = part->offset >> 12; s < (part->offset + part->size) >> 12; s++) {
        uint32_t at = s << 12;
        if (run->dirty[s]) {
            memcpy(run->nor.bytes + at, run->ref + at, 0x1000);
            memcpy(run->base + at, run->ref + at, 0x1000);
            run->dirty[s] = false;
            run->ref_erased[s] = 0;
            run->our_erased[s] = 0;
        }
    }
}

static bool same_bytes(calls_run_t *run, const ota_part_t *part, uint32_t at)
{
    for (uint32_t i = at; i < at + 0x1000; i++) {
        const calls_difference_t difference = {DIFFERS_BYTE,      part,        i, run->ref[i],
                                               run->nor.bytes[i], run->base[i]};
        if (difference.theirs != difference.ours && calls_explain(run, &difference) == NULL) {
            (void)snprintf(run->why, sizeof(run->why),
                           "\"%s\": flash at %x (%s): theirs %02x, ours %02x, before %02x",
                           run->step->line, i, part->label, difference.theirs, difference.ours,
                           difference.before);
            return false;
        }
    }
    return true;
}

static bool same_partition(calls_run_t *run, const ota_part_t *part)
{
    for (uint32_t s = part->offset >> 12; s < (part->offset + part->size) >> 12; s++) {
        if (run->dirty[s] &&
            memcmp(run->ref + (s << 12), run->nor.bytes + (s << 12), 0x1000) != 0 &&
            !same_bytes(run, part, s << 12)) {
            return false;
        }
    }
    even(run, part);
    return true;
}

/* Did this step end a session that wrote into the partition? */
static bool session_ended(calls_run_t *run, const ota_part_t *part)
{
    const char *c = run->step->word[0];
    const calls_handle_t *h = calls_handle(run, run->step->word[1]);
    return (strcmp(c, "end") == 0 || strcmp(c, "abort") == 0) && h != NULL &&
           (h->part == part || h->final == part);
}

static bool same_otadata(calls_run_t *run)
{
    const ota_part_t *od = calls_otadata(run);
    if (od == NULL || in_session(run, od)) {
        return true;
    }
    if (session_ended(run, od)) {
        return same_partition(run, od);
    }
    if (memcmp(run->ref + od->offset, run->nor.bytes + od->offset, od->size) != 0 &&
        !explained(run, DIFFERS_OTADATA)) {
        for (uint32_t i = 0; i < od->size; i++) {
            uint32_t at = od->offset + i;
            if (run->ref[at] != run->nor.bytes[at]) {
                (void)snprintf(run->why, sizeof(run->why),
                               "\"%s\": otadata at %x: theirs %02x, ours %02x", run->step->line, i,
                               run->ref[at], run->nor.bytes[at]);
                return false;
            }
        }
    }
    even(run, od);
    return true;
}

static bool same_flash(calls_run_t *run, bool everything)
{
    for (unsigned i = 0; i < run->table->rows; i++) {
        const ota_part_t *part = &run->table->row[i];
        bool od = part == calls_otadata(run);
        if (!od && (everything || !in_session(run, part)) && !same_partition(run, part)) {
            return false;
        }
    }
    return true;
}

/* --- a step ---------------------------------------------------------------------------------- */

static bool same_result(calls_run_t *run, const calls_step_t *step)
{
    if (strcmp(step->rc, run->result.rc) != 0 && !explained(run, DIFFERS_CODE)) {
        return unexplained(run, "code", step->rc, run->result.rc);
    }
    bool tried = strcmp(step->tried, run->result.tried) == 0;
    if ((strcmp(step->value, run->result.value) != 0 || !tried) && !explained(run, DIFFERS_VALUE)) {
        return unexplained(run, tried ? "value" : "tried", tried ? step->value : step->tried,
                           tried ? run->result.value : run->result.tried);
    }
    return true;
}

bool calls_compare(calls_run_t *run, const calls_step_t *step)
{
    bool boot = strcmp(step->word[0], "boot") == 0;
    if (!same_result(run, step)) {
        return false;
    }
    handles(run, step);
    if (!same_otadata(run)) {
        return false;
    }
    if (run->efuse != run->ref_efuse && !explained(run, DIFFERS_EFUSE)) {
        return unexplained(run, "eFuse version", "another", "another");
    }
    run->efuse = run->ref_efuse;
    return same_flash(run, boot);
}

/* The rebuilt flash against the recorded CRCs; and what sessions have left open. */
bool calls_compare_end(calls_run_t *run)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(run->sequence, "crc"))
    {
        const ota_part_t *part = calls_part(run, item->string);
        uint32_t want = calls_hex(cJSON_GetStringValue(item));
        if (part == NULL || calls_crc(run->ref + part->offset, part->size) != want) {
            (void)snprintf(run->why, sizeof(run->why),
                           "the recording does not add up: CRC of %s at the end", item->string);
            return false;
        }
    }
    return same_flash(run, true) &&
           (calls_otadata(run) == NULL || same_partition(run, calls_otadata(run)));
}
