/* SPDX-License-Identifier: Apache-2.0 */
/* slots and boots in words, the facts kept beside a flash file. */
#include "host/boot_text.h"
#include "host/explain.h"
#include "host/file.h"
#include "host/rtc.h"
#include "host/slots_text.h"
#include "support/boot_world.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void every_kind_of_copy_has_its_words(void **state)
{
    (void)state;
    static const struct {
        const char *entry, *words;
    } rows[] = {
        {"-", "blank"},
        {"2N", "ota_1, sequence 2, NEW (selected, not booted yet)"},
        {"1X", "ota_0, sequence 1, unknown (no state that anybody writes; taken as bootable)"},
        {"2V!",
         "damaged: sequence 2 with CRC 0x55f63674, which should be 0x55f63774 (state VALID)"},
        {"4294967295V", "damaged: no sequence, but not blank either"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[160];
        ota_entry_t entry;
        sector_entry(&entry, rows[i].entry);
        slots_entry_text(&entry, 2, text, sizeof(text));
        assert_string_equal(text, rows[i].words);
    }
    char text[160];
    ota_entry_t entry;
    sector_entry(&entry, "1V");
    slots_entry_text(&entry, 0, text, sizeof(text));
    assert_string_equal(text, "no slot (the table has none), sequence 1, VALID (confirmed)");
}

static void the_winner_is_named_with_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2], *words;
    } rows[] = {
        {{"1V", "2N"}, "copy 1 is in force and names ota_1: its sequence 2 is larger than 1"},
        {{"3V", "3N"},
         "copy 0 is in force and names ota_0: both have sequence 3, and a tie goes to copy 0"},
        {{"1V", "2A"}, "copy 0 is in force and names ota_0: copy 1 was given up by the bootloader"},
        {{"1I", "2V!"},
         "no copy is in force: copy 0 was rejected by its application, copy 1 is damaged"},
        {{"-", "2U"}, "copy 1 is in force and names ota_1: copy 0 is blank"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[200];
        ota_otadata_t od;
        sector_entry(&od.copy[0], rows[i].copy[0]);
        sector_entry(&od.copy[1], rows[i].copy[1]);
        slots_winner_text(&od, 2, text, sizeof(text));
        assert_string_equal(text, rows[i].words);
    }
}

static void state_names_go_both_ways(void **state)
{
    (void)state;
    static const uint32_t all[] = {0, 1, 2, 3, 4, OTA_STATE_UNDEFINED};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        uint32_t back = 99;
        assert_true(slots_state_parse(slots_state_name(all[i]), &back));
        assert_int_equal(back, all[i]);
    }
    uint32_t none;
    assert_false(slots_state_parse("unknown", &none));
    assert_true(slots_state_parse("pending", &none));
}

static void every_reason_has_a_name(void **state)
{
    (void)state;
    for (int why = OTA_WHY_NO_OTADATA; why <= (int)OTA_WHY_SLOT_ABSENT; why++) {
        assert_non_null(boot_why_name((ota_why_t)why));
    }
}

/* --- boots --------------------------------------------------------------------------------- */

typedef struct {
    char text[4096];
    unsigned errors;
} console_t;

static void collect(void *user, char level, const char *text)
{
    console_t *console = user;
    size_t used = strlen(console->text);
    (void)snprintf(console->text + used, sizeof(console->text) - used, "%c %s\n", level, text);
    console->errors += level == 'E';
}

/* A trace without a chip: what boot_world did, put into one. */
static void trace_of(world_t *world, ota_boot_trace_t *trace)
{
    boot_result_t boot;
    memset(trace, 0, sizeof(*trace));
    trace->layout = world->layout;
    trace->before = world->od;
    trace->efuse_before = world->efuse;
    world_boot(world, &boot);
    trace->plan = boot.plan;
    trace->settled = boot.settled;
    trace->after = world->od;
    trace->efuse_after = world->efuse;
    trace->booted = boot.booted;
    for (uint8_t i = 0; i < boot.plan.count; i++) {
        ota_boot_try_t *try = &trace->tried[trace->tries++];
        try->slot = boot.plan.candidate[i];
        if (try->slot == boot.booted) {
            break;
        }
        try->fault = (ota_fault_t){OTA_ERR_IMAGE_MAGIC, 0, 0xFF, 0xE9};
    }
}

static void a_boot_reads_like_a_console(void **state)
{
    (void)state;
    world_t world;
    ota_boot_trace_t trace;
    console_t console = {{0}, 0};
    char text[256];
    world_make(&world, "F 0 1x", "1V", "2N");
    world.config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
    trace_of(&world, &trace);
    boot_log(&trace, OTA_OK, &world.config, collect, &console);
    static const char *const lines[] = {
        "I policy otary, rollback\n",
        "I partition table read: 2 OTA slots, factory\n",
        "I otadata copy 1: ota_1, sequence 2, NEW (selected, not booted yet)\n",
        "I otadata copy 1 is not confirmed yet: a trial boot of ota_1\n",
        "E ota_1 at 0x20000 is not bootable: ",
        "I ota_0 at 0x10000 verifies\n",
        ("I otadata sector 1 is taken over with a record of its own: ota_1, on trial with 3 of 3 "
         "boots left; else ota_0 (confirmed)\n"),
        "I otadata sector 0 becomes ota_0, confirmed; ota_1 was given up\n",
        "I ota_0 starts\n",
    };
    const char *at = console.text;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        at = strstr(at, lines[i]);
        if (at == NULL) {
            fail_msg("no line \"%s\" in order in:\n%s", lines[i], console.text);
            return;
        }
    }
    boot_summary(&trace, OTA_OK, text, sizeof(text));
    assert_string_equal(text, "ota_0; sector 0 will say ota_0, confirmed; ota_1 was given up");
}

static void what_a_commit_does_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2];
        const char *line, *summary;
    } rows[] = {
        {{"R3 0 V0", "R4' 1 3/3 else 0 V0"},
         "I otadata sector 1 was not sealed to the end, and is programmed once more: ota_1, on "
         "trial "
         "with 3 of 3 boots left; else ota_0 (confirmed)\n",
         "ota_1; sector 0 will say ota_1, on trial with 2 of 3 boots left; else ota_0 "
         "(confirmed)"},
        {{"R3' 0 V0", "w"},
         "I otadata sector 0 was not sealed to the end, and is programmed once more: ota_0, "
         "confirmed\n",
         "ota_0; sector 0 is programmed once more"},
        {{"1V", "2V"},
         "I otadata sector 1 is taken over with a record of its own: ota_1, confirmed; else ota_0 "
         "(confirmed)\n",
         "ota_1; sector 1 is taken over"},
        {{"R3 0 V0", "R4? 1"}, "I otadata sector 1 is wiped\n", "ota_0; sector 1 is wiped"},
        {{"R3 0 V0", "w"}, "I otadata sector 0, Otary's record: ota_0, confirmed\n", "ota_0"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_t world;
        ota_boot_trace_t trace;
        console_t console = {{0}, 0};
        char text[256];
        world_make(&world, "0 1", rows[i].copy[0], rows[i].copy[1]);
        world.config = (ota_boot_config_t){.policy = OTA_POLICY_OTARY, .rollback = true};
        trace_of(&world, &trace);
        boot_log(&trace, OTA_OK, &world.config, collect, &console);
        if (strstr(console.text, rows[i].line) == NULL) {
            fail_msg("no line \"%s\" in:\n%s", rows[i].line, console.text);
        }
        boot_summary(&trace, OTA_OK, text, sizeof(text));
        assert_string_equal(text, rows[i].summary);
    }
}

static void a_record_has_its_words(void **state)
{
    (void)state;
    static const struct {
        const char *record, *words;
    } rows[] = {
        {"R4 1 2/3 else 0 V0", "ota_1, on trial with 2 of 3 boots left; else ota_0 (confirmed)"},
        {"R3 0 V0", "ota_0, confirmed"},
        {"R3 0", "ota_0, bootable, confirmed by nobody"},
        {"R3 F else 1 A0 refused 0", "factory; else ota_1; ota_0 was given up"},
        {"R3 0 else F I1 refused 1",
         "ota_0, bootable, confirmed by nobody; else factory; ota_1 was "
         "rejected"},
        {"R3 - writing 1", "no slot; ota_1 is being written"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ota_record_t record;
        char text[200];
        sector_record(&record, rows[i].record);
        slots_record_text(&record, text, sizeof(text));
        assert_string_equal(text, rows[i].words);
    }
}

static void what_is_in_force_is_said_where_a_record_says_it(void **state)
{
    (void)state;
    static const struct {
        const char *copy[2];
        const char *text, *json;
    } rows[] = {
        {{"R3 0 V0", "R4 1 2/3 else 0 V0 I1 refused 1 writing 2"},
         "sector 1, Otary's record: ota_1, on trial with 2 of 3 boots left; else ota_0 "
         "(confirmed); ota_1 was rejected; ota_2 is being written",
         "{\"sector\":1,\"slot\":\"ota_1\",\"fallback\":\"ota_0\",\"refused\":\"ota_1\","
         "\"writing\":\"ota_2\",\"trial\":3,\"left\":2,\"states\":{\"ota_0\":\"VALID\","
         "\"ota_1\":\"INVALID\"},\"words\":"},
        {{"R3 F", "w"},
         "sector 0, Otary's record: factory",
         "{\"sector\":0,\"slot\":\"factory\",\"fallback\":null,\"refused\":null,"
         "\"writing\":null,\"trial\":0,\"left\":0,\"states\":{},\"words\":\"factory\"}"},
        {{"R3 0 V0", "4V"}, "", "null"}, /* stock software's is newer */
        {{"-", "-"}, "", "null"},
    };
    const ota_boot_config_t config = {.policy = OTA_POLICY_OTARY, .rollback = true};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_t world;
        char text[256];
        world_make(&world, "F 0 1 2", "-", "-");
        world.layout.boot_count = 2;
        world_sector(&world, 0, rows[i].copy[0]);
        world_sector(&world, 1, rows[i].copy[1]);
        bool found = slots_in_force_text(&world.od, &config, 2, text, sizeof(text));
        assert_int_equal(found, rows[i].text[0] != '\0');
        assert_string_equal(text, rows[i].text);
        cJSON *json = slots_in_force_json(&world.od, &config, 2);
        char *printed = cJSON_PrintUnformatted(json);
        if (strncmp(printed, rows[i].json, strlen(rows[i].json)) != 0) {
            fail_msg("JSON is %s, not %s", printed, rows[i].json);
        }
        free(printed);
        cJSON_Delete(json);
    }
}

static void every_reason_reads_as_a_line(void **state)
{
    (void)state;
    static const struct {
        ota_why_t why;
        int8_t copy;
        const char *line;
    } rows[] = {
        {OTA_WHY_NO_OTADATA, -1, "I the table has no otadata: factory first, then every slot\n"},
        {OTA_WHY_OTADATA_SIZE, -1, "E otadata is unusable: it needs 8 KiB that can be read\n"},
        {OTA_WHY_PENDING_ABORTED, 1,
         "W otadata copy 1 was on trial and did not confirm itself: given up: ota_3\n"},
        {OTA_WHY_BLANK_FACTORY, -1, "I no record to follow: factory first\n"},
        {OTA_WHY_BLANK_FIRST_SLOT, -1,
         "I no record to follow and no factory app: the first slot is ota_3\n"},
        {OTA_WHY_CRC_FACTORY, -1, "W no record is usable: factory first, then every slot\n"},
        {OTA_WHY_ACTIVE, 0, "I otadata copy 0 is in force and names ota_3\n"},
        {OTA_WHY_TRIAL, 0, "I otadata copy 0 is not confirmed yet: a trial boot of ota_3\n"},
        {OTA_WHY_VERSION_FILTERED, 0,
         "W otadata copy 0 is passed over, its app is older than the eFuse allows: ota_3\n"},
        {OTA_WHY_EFUSE_RAISED, 1,
         "I otadata copy 1 is confirmed, the eFuse is raised to the version of ota_3\n"},
        {OTA_WHY_FACTORY_PIN, -1, "W the factory-reset pin is held\n"},
        {OTA_WHY_TEST_PIN, -1, "W the test pin is held: the test app\n"},
        {OTA_WHY_TEST_ABSENT, -1, "E the test pin is held, but there is no test app\n"},
        {OTA_WHY_FALLBACK, 1, "W otadata copy 1 says what was there before: ota_3\n"},
        {OTA_WHY_SLOT_ABSENT, 1,
         "W otadata copy 1 names a slot that the table does not have: ota_3\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ota_boot_config_t config = {.policy = OTA_POLICY_STOCK};
        ota_boot_trace_t trace;
        console_t console = {{0}, 0};
        memset(&trace, 0, sizeof(trace));
        trace.layout.boot_count = 1;
        trace.plan.whys = 1;
        trace.plan.why[0].why = rows[i].why;
        trace.plan.why[0].copy = rows[i].copy;
        trace.plan.why[0].slot = 3;
        boot_log(&trace, OTA_OK, &config, collect, &console);
        assert_non_null(strstr(console.text, "I partition table read: 1 OTA slot\n"));
        if (strstr(console.text, rows[i].line) == NULL) {
            fail_msg("no line \"%s\" in:\n%s", rows[i].line, console.text);
        }
    }
}

static void failures_of_ports_are_said(void **state)
{
    (void)state;
    world_t world;
    ota_boot_trace_t trace;
    console_t console = {{0}, 0};
    world_make(&world, "0@2", "1V", "-");
    world.config.anti_rollback = true;
    trace_of(&world, &trace);
    trace.write = OTA_ERR_FLASH_ERASE;
    trace.efuse = OTA_ERR_PORT;
    boot_log(&trace, OTA_OK, &world.config, collect, &console);
    assert_non_null(strstr(console.text, "E otadata could not be written: "));
    assert_non_null(strstr(console.text, "E the eFuse could not be raised: "));
    assert_non_null(strstr(console.text, "I eFuse secure version 0 becomes 2\n"));
    char text[16]; /* too small: cut, not overrun */
    boot_summary(&trace, OTA_OK, text, sizeof(text));
    assert_int_equal(strlen(text), sizeof(text) - 1);
}

static void a_reset_says_why(void **state)
{
    (void)state;
    ota_boot_config_t config = {.policy = OTA_POLICY_STOCK};
    ota_boot_trace_t trace;
    console_t console = {{0}, 0};
    char text[256];
    memset(&trace, 0, sizeof(trace));
    trace.booted = OTA_SLOT_NONE;
    trace.table = (ota_fault_t){OTA_ERR_TABLE_MAGIC, 0x40, 0x1234, 0x50AA};
    boot_log(&trace, OTA_ERR_TABLE_MAGIC, &config, collect, &console);
    assert_int_equal(console.errors, 3);
    explain_t words;
    explain_fault(&trace.table, &words);
    assert_non_null(strstr(console.text, words.what));
    assert_non_null(strstr(console.text, words.where));
    boot_summary(&trace, OTA_ERR_NO_FALLBACK, text, sizeof(text));
    explain_status(OTA_ERR_NO_FALLBACK, &words);
    assert_int_equal(strncmp(text, "a reset: ", 9), 0);
    assert_string_equal(text + 9, words.what);
}

static void json_carries_the_whole_boot(void **state)
{
    (void)state;
    world_t world;
    ota_boot_trace_t trace;
    world_make(&world, "0x 1", "1V", "2P");
    world.config.rollback = true;
    trace_of(&world, &trace);
    cJSON *json = boot_json(&trace, OTA_OK);
    char *text = cJSON_PrintUnformatted(json);
    static const char *const parts[] = {
        "\"booted\":\"ota_1\"",
        "\"why\":\"pending_aborted\",\"copy\":1,\"slot\":\"ota_1\"",
        "\"status\":\"OTA_ERR_IMAGE_MAGIC\"",
        "\"state\":\"ABORTED\"",
        "\"words\":\"ota_1, sequence 2, ABORTED (given up by the bootloader)\"",
        "\"slot\":\"ota_0\"}],\"tried\"",
        "\"writes\":1",
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strstr(text, parts[i]) == NULL) {
            fail_msg("JSON lacks %s: %s", parts[i], text);
        }
    }
    free(text);
    cJSON_Delete(json);
}

/* --- rtc ------------------------------------------------------------------------------------ */

static void facts_survive_a_power_cycle_of_the_tool(void **state)
{
    (void)state;
    char folder[] = "/tmp/otary-rtc.XXXXXX";
    char flash[64];
    char path[80];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(flash, sizeof(flash), "%s/dev.bin", folder);
    (void)snprintf(path, sizeof(path), "%s.rtc", flash);
    rtc_t rtc;
    rtc_load(&rtc, flash);
    assert_int_equal(rtc.found, RTC_FRESH);
    assert_int_equal(rtc.running, OTA_SLOT_NONE);
    for (ota_slot_t slot = OTA_SLOT_TEST; slot < 16; slot++) {
        rtc_t back;
        rtc = (rtc_t){.running = slot,
                      .boots = 0xFFFFFFFF,
                      .efuse = 32,
                      .config = {.policy = OTA_POLICY_OTARY,
                                 .rollback = true,
                                 .anti_rollback = slot >= 0,
                                 .trial_boots = (uint8_t)(slot + 2),
                                 .secure_version_bits = 9}};
        assert_true(rtc_store(&rtc, flash));
        rtc_load(&back, flash);
        rtc.found = RTC_FOUND;
        assert_int_equal(back.found, RTC_FOUND);
        assert_int_equal(back.running, slot);
        assert_int_equal(back.boots, rtc.boots);
        assert_int_equal(back.efuse, 32);
        assert_int_equal(back.config.policy, rtc.config.policy);
        assert_int_equal(back.config.rollback, rtc.config.rollback);
        assert_int_equal(back.config.anti_rollback, rtc.config.anti_rollback);
        assert_int_equal(back.config.trial_boots, rtc.config.trial_boots);
        assert_int_equal(back.config.secure_version_bits, rtc.config.secure_version_bits);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_false(rtc_store(&rtc, flash)); /* no folder any more */
}

static void damaged_facts_are_no_facts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        rtc_found_t found;
        ota_slot_t running;
    } rows[] = {
        {"", RTC_DAMAGED, OTA_SLOT_NONE},
        {"{", RTC_DAMAGED, OTA_SLOT_NONE},
        {"{\"otary\":\"rtc\",\"version\":2,\"running\":\"ota_1\"}", RTC_DAMAGED, OTA_SLOT_NONE},
        {"{\"otary\":\"rtc\",\"version\":1,\"running\":\"ota_1\"}", RTC_FOUND, 1},
        {"{\"otary\":\"rtc\",\"version\":1,\"running\":\"ota_16\",\"efuse\":-1}", RTC_FOUND,
         OTA_SLOT_NONE},
        {"{\"otary\":\"rtc\",\"version\":1,\"running\":7,\"boots\":1e300,\"efuse\":\"x\"}",
         RTC_FOUND, OTA_SLOT_NONE},
    };
    char folder[] = "/tmp/otary-rtc.XXXXXX";
    char flash[64];
    char path[80];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(flash, sizeof(flash), "%s/dev.bin", folder);
    (void)snprintf(path, sizeof(path), "%s.rtc", flash);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rtc_t rtc;
        assert_int_equal(file_write(path, rows[i].text, strlen(rows[i].text), true), FILE_OK);
        rtc_load(&rtc, flash);
        assert_int_equal(rtc.found, rows[i].found);
        assert_int_equal(rtc.running, rows[i].running);
        assert_int_equal(rtc.efuse, 0);
        assert_int_equal(rtc.boots, 0);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_copy_has_its_words),
        cmocka_unit_test(the_winner_is_named_with_its_reason),
        cmocka_unit_test(state_names_go_both_ways),
        cmocka_unit_test(every_reason_has_a_name),
        cmocka_unit_test(a_boot_reads_like_a_console),
        cmocka_unit_test(what_a_commit_does_is_said),
        cmocka_unit_test(a_record_has_its_words),
        cmocka_unit_test(what_is_in_force_is_said_where_a_record_says_it),
        cmocka_unit_test(every_reason_reads_as_a_line),
        cmocka_unit_test(failures_of_ports_are_said),
        cmocka_unit_test(a_reset_says_why),
        cmocka_unit_test(json_carries_the_whole_boot),
        cmocka_unit_test(facts_survive_a_power_cycle_of_the_tool),
        cmocka_unit_test(damaged_facts_are_no_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
