/* SPDX-License-Identifier: Apache-2.0 */
/* Differences of the choice: what boots, states, rollback. */
#include "support/calls_class.h"

#include <string.h>

static const ota_layout_t *layout(const calls_run_t *run)
{
    return &run->compat.device.layout;
}

/* The slot that the copy in force names, by the application's count. */
static ota_slot_t active_slot(const calls_run_t *run, int *copy)
{
    ota_otadata_t od;
    *copy = otadata_of(run, OD_BEFORE, &od) ? ota_otadata_active(&od) : -1;
    return *copy < 0 ? OTA_SLOT_NONE : ota_entry_slot(&od.copy[*copy], layout(run)->boot_count);
}

static ota_slot_t step_slot(const calls_run_t *run)
{
    const ota_part_t *part = step_part(run);
    return part != NULL && ota_part_is_slot(part) ? (ota_slot_t)(part->subtype - OTA_SUBTYPE_OTA_0)
                                                  : OTA_SLOT_NONE;
}

static bool is_set_boot(const calls_run_t *run)
{
    return step_is(run, "set_boot") || step_is(run, "set_boot_nv");
}

/* Our side has recorded what was asked for: the bootloader will take that slot. */
static bool ours_names_it(const calls_run_t *run)
{
    ota_otadata_t od;
    int copy = otadata_of(run, OD_OURS, &od) ? ota_otadata_active(&od) : -1;
    return copy >= 0 && ota_entry_slot(&od.copy[copy], layout(run)->boot_count) == step_slot(run);
}

/* Our side has changed nothing but states, and only of records that name what runs. */
static bool ours_marked_what_runs(const calls_run_t *run)
{
    ota_otadata_t before;
    ota_otadata_t after;
    if (!otadata_of(run, OD_BEFORE, &before) || !otadata_of(run, OD_OURS, &after)) {
        return true;
    }
    for (int i = 0; i < 2; i++) {
        const ota_entry_t *was = &before.copy[i];
        const ota_entry_t *is = &after.copy[i];
        bool runs = ota_entry_slot(was, layout(run)->boot_count) == run->compat.device.running;
        if (is->seq != was->seq || is->crc != was->crc || (is->state != was->state && !runs)) {
            return false;
        }
    }
    return true;
}

static bool is_mark(const calls_run_t *run)
{
    return step_is(run, "mark_valid") || step_is(run, "mark_invalid") ||
           step_is(run, "mark_invalid_reboot");
}

/* Calls that turn a sequence number into a slot, or back. */
static bool is_counting(const calls_run_t *run)
{
    static const char *const counting[] = {"get_boot",         "get_next",   "state",
                                           "last_invalid",     "erase_last", "inval_inactive",
                                           "rollback_possible"};
    for (size_t i = 0; i < sizeof(counting) / sizeof(counting[0]); i++) {
        if (step_is(run, counting[i])) {
            return true;
        }
    }
    return is_set_boot(run) || is_mark(run);
}

/* What holes can do to otadata: another slot recorded or marked; ours is the one meant. */
static bool holes_in_otadata(const calls_run_t *run)
{
    if (is_set_boot(run)) {
        return ours_is(run, "0") && ours_names_it(run);
    }
    return !is_mark(run) || ours_marked_what_runs(run);
}

/* The application counts ota_0, ota_1, .. up to the first hole, the bootloader counts all. */
bool class_holes(calls_run_t *run, const calls_difference_t *d)
{
    if (layout(run)->app_count == layout(run)->boot_count) {
        return false;
    }
    if (d->what == DIFFERS_BYTE) { /* which app the one before this was */
        return step_is(run, "erase_last") &&
               (run->ref_erased[d->at >> 12] | run->our_erased[d->at >> 12]) == ERASED_BY_CALL;
    }
    if (step_is(run, "begin") || step_is(run, "resume")) {
        return theirs_is(run, "5382") != ours_is(run, "5382") || d->what == DIFFERS_OTADATA;
    }
    return is_counting(run) && (d->what != DIFFERS_OTADATA || holes_in_otadata(run));
}

/* ota_15 and test are neighbours in number: every call that counts slots asserts. */
bool class_sixteen_slots(calls_run_t *run, const calls_difference_t *d)
{
    (void)d;
    return theirs_is(run, "assert") && layout(run)->boot_count == OTA_SLOTS_MAX &&
           layout(run)->test.size != 0;
}

/* Anti-rollback: an image without descriptor asserts in their verifier. */
bool class_no_descriptor(calls_run_t *run, const calls_difference_t *d)
{
    (void)d;
    return theirs_is(run, "assert") && run->anti_rollback &&
           (is_set_boot(run) || step_is(run, "end") || step_is(run, "last_invalid") ||
            step_is(run, "rollback_possible") || is_mark(run));
}

bool class_unknown_start(calls_run_t *run, const calls_difference_t *d)
{
    (void)d;
    return step_is(run, "get_next") && theirs_is(run, "assert") &&
           strcmp(run->result.value, "null") == 0 && strchr(run->step->word[1], '~') != NULL;
}

/* They mark the copy in force, although it names an app that is not running. */
bool class_other_app_marked(calls_run_t *run, const calls_difference_t *d)
{
    int copy;
    ota_slot_t active = active_slot(run, &copy);
    if (d->what == DIFFERS_OTADATA && !ours_marked_what_runs(run)) {
        return false;
    }
    return (is_mark(run) || step_is(run, "rollback_possible")) && copy >= 0 &&
           active != run->compat.device.running;
}

/* Both copies are records of this slot. */
static bool both_name(const ota_otadata_t *od, uint8_t count, ota_slot_t slot)
{
    return ota_entry_crc_ok(&od->copy[0]) && ota_entry_crc_ok(&od->copy[1]) &&
           ota_entry_slot(&od->copy[0], count) == slot &&
           ota_entry_slot(&od->copy[1], count) == slot;
}

/* They take the first copy that matches, although the other one is newer. */
bool class_newest_record(calls_run_t *run, const calls_difference_t *d)
{
    ota_otadata_t od;
    bool state = step_is(run, "state");
    bool trial = (step_is(run, "begin") || step_is(run, "resume")) &&
                 (theirs_is(run, "5382") || codes(run, "0", "5382"));
    if (d->what == DIFFERS_OTADATA || !(state || trial) || !otadata_of(run, OD_BEFORE, &od)) {
        return false;
    }
    ota_slot_t slot = state ? step_slot(run) : run->compat.device.running;
    return both_name(&od, layout(run)->boot_count, slot) && od.copy[1].seq > od.copy[0].seq;
}

/* Both copies name the running slot: we mark both, they only the one in force. */
bool class_both_records(calls_run_t *run, const calls_difference_t *d)
{
    ota_otadata_t od;
    if (d->what == DIFFERS_OTADATA && !ours_marked_what_runs(run)) {
        return false;
    }
    return (is_mark(run) || step_is(run, "rollback_possible")) && otadata_of(run, OD_BEFORE, &od) &&
           both_name(&od, layout(run)->boot_count, run->compat.device.running);
}

/* otadata cannot name the test app: they select slot 0 instead. */
bool class_test_app(calls_run_t *run, const calls_difference_t *d)
{
    const ota_part_t *part = step_part(run);
    (void)d;
    return is_set_boot(run) && part != NULL && part->type == OTA_TYPE_APP &&
           part->subtype == OTA_SUBTYPE_TEST && ours_is(run, "258");
}

/* What is in force already, in that state or confirmed and running, is not written again. */
bool class_chosen_already(calls_run_t *run, const calls_difference_t *d)
{
    int copy;
    ota_otadata_t od;
    (void)d;
    if (!is_set_boot(run) || !ours_is(run, "0") || active_slot(run, &copy) != step_slot(run) ||
        copy < 0 || !otadata_of(run, OD_BEFORE, &od)) {
        return false;
    }
    uint32_t state = od.copy[copy].state;
    return otadata_same(run, OD_BEFORE, OD_OURS) &&
           (state == (run->rollback ? OTA_STATE_NEW : OTA_STATE_UNDEFINED) ||
            (state == OTA_STATE_VALID && step_slot(run) == run->compat.device.running));
}

/* Too old a version: they erase the whole slot (or die trying, if it is the running one). */
bool class_version_erases(calls_run_t *run, const calls_difference_t *d)
{
    if (!is_set_boot(run) || !run->anti_rollback || !ours_is(run, "5380")) {
        return false;
    }
    if (d->what == DIFFERS_BYTE) {
        return d->part == step_part(run) && d->theirs == 0xFF && d->ours == d->before &&
               (run->ref_erased[d->at >> 12] & ERASED_BY_CALL) != 0;
    }
    return theirs_is(run, "abort") || theirs_is(run, "269") || theirs_is(run, "24577");
}

/* Near the end of the 32-bit range they write "empty" or never come back. */
bool class_sequence_end(calls_run_t *run, const calls_difference_t *d)
{
    int copy;
    ota_otadata_t od;
    (void)d;
    return is_set_boot(run) && ours_is(run, "0") && ours_names_it(run) &&
           active_slot(run, &copy) != OTA_SLOT_NONE && otadata_of(run, OD_BEFORE, &od) &&
           od.copy[copy].seq >= 0xFFFFFFF0u;
}

static bool verifies(const calls_run_t *run, ota_region_t where)
{
    const esp_partition_pos_t pos = {where.offset, where.size};
    esp_image_metadata_t data;
    uint32_t version = 0;
    return where.size != 0 && esp_image_verify(ESP_IMAGE_VERIFY, &pos, &data) == ESP_OK &&
           (!run->anti_rollback ||
            (ota_app_secure_version(&run->port, where.offset, &version) == OTA_OK &&
             version >= run->efuse));
}

static bool another_verifies(const calls_run_t *run)
{
    const ota_layout_t *apps = layout(run);
    bool found = verifies(run, apps->factory);
    for (ota_slot_t slot = 0; !found && slot < (ota_slot_t)OTA_SLOTS_MAX; slot++) {
        found = slot != run->compat.device.running && verifies(run, apps->slot[slot]);
    }
    return found;
}

/* They look at the other copy's app alone; the bootloader would go on to lower slots and factory.
 */
bool class_way_back(calls_run_t *run, const calls_difference_t *d)
{
    (void)d;
    bool possible = step_is(run, "rollback_possible") && strcmp(run->step->value, "0") == 0 &&
                    strcmp(run->result.value, "1") == 0;
    bool rejected =
        is_mark(run) && theirs_is(run, "5381") && (ours_is(run, "0") || ours_is(run, "restart"));
    return (possible || rejected) && another_verifies(run);
}

/* Confirmed, but the eFuse is still behind: confirming again completes it, and says if it cannot.
 */
bool class_raise_repeated(calls_run_t *run, const calls_difference_t *d)
{
    int copy;
    ota_otadata_t od;
    (void)d;
    return step_is(run, "mark_valid") && run->anti_rollback && theirs_is(run, "0") &&
           active_slot(run, &copy) == run->compat.device.running && copy >= 0 &&
           otadata_of(run, OD_BEFORE, &od) && od.copy[copy].state == OTA_STATE_VALID &&
           otadata_same(run, OD_BEFORE, OD_OURS);
}

/* A sequence number of 0 (which they take for valid) stays 0: they record another slot. */
bool class_sequence_zero(calls_run_t *run, const calls_difference_t *d)
{
    int copy;
    ota_otadata_t before;
    ota_otadata_t after;
    (void)d;
    if (!is_set_boot(run) || !codes(run, "0", "0") || active_slot(run, &copy) == OTA_SLOT_NONE ||
        !otadata_of(run, OD_BEFORE, &before) || !otadata_of(run, OD_THEIRS, &after)) {
        return false;
    }
    const ota_entry_t *written = &after.copy[1 - copy];
    return ours_names_it(run) && before.copy[copy].seq == 0 && written->seq == 0 &&
           ota_entry_slot(written, layout(run)->boot_count) != step_slot(run);
}

/* Factory with a version below the eFuse's: the bootloader would refuse it and find nothing. */
bool class_factory_version(calls_run_t *run, const calls_difference_t *d)
{
    uint32_t version = 0;
    const ota_part_t *part = step_part(run);
    (void)d;
    return is_set_boot(run) && run->anti_rollback && ours_is(run, "5380") && part != NULL &&
           part->type == OTA_TYPE_APP && part->subtype == OTA_SUBTYPE_FACTORY &&
           ota_app_secure_version(&run->port, part->offset, &version) == OTA_OK &&
           version < run->efuse;
}

/* No OTA slot at all: their bootloader divides by zero, and what comes then is not defined. */
bool class_no_slots(calls_run_t *run, const calls_difference_t *d)
{
    (void)d;
    return step_is(run, "boot") && strcmp(run->step->value, "div0") == 0 &&
           layout(run)->boot_count == 0;
}

/* The record goes before the app: a failure in between leaves no record of an erased slot. */
bool class_record_first(calls_run_t *run, const calls_difference_t *d)
{
    if (!step_is(run, "erase_last") || theirs_is(run, "0")) {
        return false;
    }
    return d->what != DIFFERS_BYTE || (d->theirs == 0xFF && d->ours == d->before &&
                                       (run->ref_erased[d->at >> 12] & ERASED_BY_CALL) != 0);
}
