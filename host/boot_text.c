/* SPDX-License-Identifier: Apache-2.0 */
#include "host/boot_text.h"

#include "host/explain.h"
#include "host/flash_image.h"
#include "host/slots_text.h"
#include "host/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    boot_line_t *line;
    void *user;
} log_t;

__attribute__((format(printf, 3, 4))) static void say(const log_t *log, char level,
                                                      const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    log->line(log->user, level, text);
}

static const struct {
    const char *name;
    char level;
    bool slot; /* a slot's name follows the words */
    const char *words;
} whys[] = {
    [OTA_WHY_NO_OTADATA] = {"no_otadata", 'I', false,
                            "the table has no otadata: factory first, then every slot"},
    [OTA_WHY_OTADATA_SIZE] = {"otadata_size", 'E', false,
                              "otadata is unusable: it needs 8 KiB that can be read"},
    [OTA_WHY_PENDING_ABORTED] = {"pending_aborted", 'W', true,
                                 "was on trial and did not confirm itself: given up:"},
    [OTA_WHY_BLANK_FACTORY] = {"blank_factory", 'I', false, "no record to follow: factory first"},
    [OTA_WHY_BLANK_FIRST_SLOT] = {"blank_first_slot", 'I', true,
                                  "no record to follow and no factory app: the first slot is"},
    [OTA_WHY_CRC_FACTORY] = {"crc_factory", 'W', false,
                             "no record is usable: factory first, then every slot"},
    [OTA_WHY_ACTIVE] = {"active", 'I', true, "is in force and names"},
    [OTA_WHY_TRIAL] = {"trial", 'I', true, "is not confirmed yet: a trial boot of"},
    [OTA_WHY_VERSION_FILTERED] = {"version_filtered", 'W', true,
                                  "is passed over, its app is older than the eFuse allows:"},
    [OTA_WHY_EFUSE_RAISED] = {"efuse_raised", 'I', true,
                              "is confirmed, the eFuse is raised to the version of"},
    [OTA_WHY_FACTORY_PIN] = {"factory_pin", 'W', false, "the factory-reset pin is held"},
    [OTA_WHY_TEST_PIN] = {"test_pin", 'W', false, "the test pin is held: the test app"},
    [OTA_WHY_TEST_ABSENT] = {"test_absent", 'E', false,
                             "the test pin is held, but there is no test app"},
    [OTA_WHY_SLOT_ABSENT] = {"slot_absent", 'W', true,
                             "names a slot that the table does not have:"},
    [OTA_WHY_FALLBACK] = {"fallback", 'W', true, "says what was there before:"},
};

const char *boot_why_name(ota_why_t why)
{
    return whys[why].name;
}

static void log_whys(const log_t *log, const ota_boot_plan_t *plan)
{
    for (uint8_t i = 0; i < plan->whys; i++) {
        ota_why_t why = plan->why[i].why;
        char copy[24] = "";
        if (plan->why[i].copy >= 0) {
            (void)snprintf(copy, sizeof(copy), "otadata copy %d ", plan->why[i].copy);
        }
        say(log, whys[why].level, "%s%s%s%s", copy, whys[why].words, whys[why].slot ? " " : "",
            whys[why].slot ? slot_name(plan->why[i].slot) : "");
    }
}

static void log_writes(const log_t *log, const ota_plan_t *plan, uint8_t count)
{
    for (uint8_t i = 0; i < plan->count; i++) {
        const ota_plan_step_t *step = &plan->step[i];
        char text[160];
        slots_entry_text(&step->entry, count, text, sizeof(text));
        say(log, 'I', "otadata copy %u %s%s", step->copy, step->write ? "becomes " : "is erased",
            step->write ? text : "");
    }
}

static void log_commit(const log_t *log, const ota_commit_t *commit)
{
    char text[200];
    if (commit->firm >= 0) {
        slots_record_text(&commit->before, text, sizeof(text));
        say(log, 'I', "otadata sector %d %s: %s", commit->firm,
            commit->foreign ? "is taken over with a record of its own"
                            : "was not sealed to the end, and is programmed once more",
            text);
    }
    if (commit->write >= 0 && !commit->spare) {
        slots_record_text(&commit->record, text, sizeof(text));
        say(log, 'I', "otadata sector %d becomes %s", commit->write, text);
    }
    for (int i = 0; i < 2; i++) {
        if (((uint32_t)ota_commit_wipes(commit, commit->spare) >> i & 1u) != 0) {
            say(log, 'I', "otadata sector %d is wiped", i);
        }
    }
}

static void log_tries(const log_t *log, const ota_boot_trace_t *trace)
{
    for (uint8_t i = 0; i < trace->tries; i++) {
        const ota_boot_try_t *try = &trace->tried[i];
        const char *name = slot_name(try->slot);
        ota_region_t where = ota_layout_region(&trace->layout, try->slot);
        if (try->fault.status == OTA_OK) {
            say(log, 'I', "%s at 0x%x verifies", name, (unsigned)where.offset);
        } else {
            explain_t words;
            explain_fault(&try->fault, &words);
            say(log, 'E', "%s at 0x%x is %s: %s", name, (unsigned)where.offset,
                try->refused ? "refused" : "not bootable", words.what);
            if (words.where[0] != '\0') {
                say(log, 'E', "  %s", words.where);
            }
        }
    }
}

static void log_failures(const log_t *log, const ota_boot_trace_t *trace)
{
    explain_t words;
    if (trace->write != OTA_OK) {
        explain_status(trace->write, &words);
        say(log, 'E', "otadata could not be written: %s", words.what);
    }
    if (trace->efuse != OTA_OK) {
        explain_status(trace->efuse, &words);
        say(log, 'E', "the eFuse could not be raised: %s", words.what);
    }
}

static void log_otadata(const log_t *log, const ota_boot_trace_t *trace,
                        const ota_boot_config_t *config)
{
    uint8_t count = trace->layout.boot_count;
    char text[256];
    for (int i = 0; i < 2; i++) {
        slots_entry_text(&trace->before.copy[i], count, text, sizeof(text));
        say(log, 'I', "otadata copy %d: %s", i, text);
    }
    if (config->policy == OTA_POLICY_OTARY &&
        slots_in_force_text(&trace->before, config, count, text, sizeof(text))) {
        say(log, 'I', "otadata %s", text);
    }
}

static void log_start(const log_t *log, const ota_boot_trace_t *trace,
                      const ota_boot_config_t *config)
{
    say(log, 'I', "policy %s%s%s", config->policy == OTA_POLICY_OTARY ? "otary" : "stock",
        config->rollback || config->anti_rollback ? ", rollback" : ", no rollback",
        config->anti_rollback ? ", anti-rollback" : "");
    say(log, 'I', "partition table read: %u OTA slot%s%s%s", trace->layout.boot_count,
        trace->layout.boot_count == 1 ? "" : "s",
        trace->layout.factory.size != 0 ? ", factory" : "",
        trace->layout.test.size != 0 ? ", test app" : "");
    if (trace->otadata == OTA_OK) {
        log_otadata(log, trace, config);
    }
}

void boot_log(const ota_boot_trace_t *trace, ota_status_t status, const ota_boot_config_t *config,
              boot_line_t *line, void *user)
{
    log_t log = {line, user};
    explain_t words;
    if (trace->table.status != OTA_OK) {
        explain_fault(&trace->table, &words);
        say(&log, 'E', "the partition table cannot be read: %s", words.what);
        say(&log, 'E', "  %s", words.where);
        say(&log, 'E', "reset");
        return;
    }
    log_start(&log, trace, config);
    log_whys(&log, &trace->plan);
    log_writes(&log, &trace->plan.writes, trace->layout.boot_count);
    log_tries(&log, trace);
    if (trace->booted != OTA_SLOT_NONE) {
        log_writes(&log, &trace->settled.writes, trace->layout.boot_count);
        log_commit(&log, &trace->settled.commit);
    }
    if (trace->efuse_after != trace->efuse_before) {
        say(&log, 'I', "eFuse secure version %u becomes %u", (unsigned)trace->efuse_before,
            (unsigned)trace->efuse_after);
    }
    log_failures(&log, trace);
    if (status == OTA_OK) {
        say(&log, 'I', "%s starts", slot_name(trace->booted));
    } else {
        explain_status(status, &words);
        say(&log, 'E', "reset: %s", words.what);
    }
}

/* --- in short ----------------------------------------------------------------------------- */

static bool committed(const ota_boot_trace_t *trace)
{
    return trace->booted != OTA_SLOT_NONE && !ota_commit_idle(&trace->settled.commit);
}

static size_t commit_summary(const ota_boot_trace_t *trace, char *text, size_t room, size_t used)
{
    const ota_commit_t *commit = &trace->settled.commit;
    char record[200];
    if (!committed(trace)) {
        return used;
    }
    if (commit->write >= 0 && !commit->spare) {
        slots_record_text(&commit->record, record, sizeof(record));
        used = text_append(text, room, used, "; sector %d will say %s", commit->write, record);
    } else if (commit->firm >= 0) {
        used = text_append(text, room, used, "; sector %d is %s", commit->firm,
                           commit->foreign ? "taken over" : "programmed once more");
    }
    uint32_t wipes = ota_commit_wipes(commit, commit->spare);
    for (int i = 0; i < 2; i++) {
        if ((wipes >> i & 1u) != 0) {
            used = text_append(text, room, used, "; sector %d is wiped", i);
        }
    }
    return used;
}

void boot_summary(const ota_boot_trace_t *trace, ota_status_t status, char *text, size_t room)
{
    size_t used = 0;
    explain_t words;
    if (status == OTA_OK) {
        used = text_append(text, room, used, "%s", slot_name(trace->booted));
    } else {
        explain_status(status, &words);
        used = text_append(text, room, used, "a reset: %s", words.what);
    }
    used = commit_summary(trace, text, room, used);
    for (int i = 0; !committed(trace) && i < 2; i++) {
        const ota_entry_t *was = &trace->before.copy[i];
        const ota_entry_t *is = &trace->after.copy[i];
        if (ota_entry_is_blank(is) && !ota_entry_is_blank(was)) {
            used = text_append(text, room, used, "; copy %d is wiped", i);
        } else if (was->seq != is->seq && ota_entry_crc_ok(is)) {
            used = text_append(text, room, used, "; copy %d will name %s, %s", i,
                               slot_name(ota_entry_slot(is, trace->layout.boot_count)),
                               slots_state_name(is->state));
        } else if (was->state != is->state) {
            used = text_append(text, room, used, "; copy %d becomes %s", i,
                               slots_state_name(is->state));
        }
    }
    if (trace->efuse_after != trace->efuse_before) {
        (void)text_append(text, room, used, "; the eFuse rises to %u",
                          (unsigned)trace->efuse_after);
    }
}

/* --- JSON --------------------------------------------------------------------------------- */

static cJSON *json_tries(const ota_boot_trace_t *trace)
{
    cJSON *list = cJSON_CreateArray();
    for (uint8_t i = 0; i < trace->tries; i++) {
        const ota_boot_try_t *try = &trace->tried[i];
        bool good = try->fault.status == OTA_OK;
        cJSON *item = good ? cJSON_CreateObject() : explain_json(&try->fault);
        (void)cJSON_AddStringToObject(item, "slot", slot_name(try->slot));
        if (good) {
            (void)cJSON_AddStringToObject(item, "status", ota_status_name(OTA_OK));
        }
        (void)cJSON_AddBoolToObject(item, "boots", good);
        (void)cJSON_AddItemToArray(list, item);
    }
    return list;
}

static cJSON *json_whys(const ota_boot_plan_t *plan)
{
    cJSON *list = cJSON_CreateArray();
    for (uint8_t i = 0; i < plan->whys; i++) {
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(item, "why", boot_why_name(plan->why[i].why));
        (void)cJSON_AddNumberToObject(item, "copy", plan->why[i].copy);
        (void)cJSON_AddStringToObject(item, "slot", slot_name(plan->why[i].slot));
        (void)cJSON_AddItemToArray(list, item);
    }
    return list;
}

/* Sectors written, programmed again or wiped. */
static unsigned boot_writes(const ota_boot_trace_t *trace)
{
    unsigned writes = trace->plan.writes.count;
    if (trace->booted != OTA_SLOT_NONE) {
        writes += trace->settled.writes.count + ota_commit_steps(&trace->settled.commit);
    }
    return writes;
}

cJSON *boot_json(const ota_boot_trace_t *trace, ota_status_t status)
{
    uint8_t count = trace->layout.boot_count;
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "booted", slot_name(trace->booted));
    (void)cJSON_AddStringToObject(object, "status", ota_status_name(status));
    (void)cJSON_AddStringToObject(object, "chosen", slot_name(trace->plan.chosen));
    (void)cJSON_AddItemToObject(object, "why", json_whys(&trace->plan));
    (void)cJSON_AddItemToObject(object, "tried", json_tries(trace));
    (void)cJSON_AddItemToObject(object, "otadata_before", slots_json(&trace->before, count));
    (void)cJSON_AddItemToObject(object, "otadata_after", slots_json(&trace->after, count));
    (void)cJSON_AddNumberToObject(object, "writes", boot_writes(trace));
    (void)cJSON_AddNumberToObject(object, "efuse_before", trace->efuse_before);
    (void)cJSON_AddNumberToObject(object, "efuse_after", trace->efuse_after);
    return object;
}

const char *boot_policy_title(ota_policy_t policy)
{
    return policy == OTA_POLICY_OTARY ? "Otary's bootloader" : "Espressif's bootloader";
}
