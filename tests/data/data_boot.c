/* SPDX-License-Identifier: Apache-2.0 */
/* Every recorded boot of Espressif's bootloader: what is tried, what starts, what is written. */
#include "ota/boot.h"

#include "support/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VECTORS "vectors/idf-behaviour/boot.tsv.gz"
#define ROWS    43808L
#define COLUMNS 14

enum { GROUP, MODE, APPS, OD, COPY0, COPY1, EFUSE, IDX, TRIED, RESULT, OPS, AFTER0, AFTER1, EF };

typedef struct {
    ota_layout_t layout;
    ota_boot_config_t config;
    ota_boot_app_t apps[OTA_BOOT_APPS];
    char verdict[OTA_BOOT_APPS];
    ota_otadata_t od;
    ota_boot_input_t input;
} boot_t;

typedef struct {
    char tried[256];
    char ops[1024];
    char result[8];
} run_t;

typedef struct {
    long rows, div0, wrong;
} tally_t;

static unsigned index_of(ota_slot_t slot)
{
    return slot >= 0                  ? (unsigned)slot
           : slot == OTA_SLOT_FACTORY ? OTA_SLOTS_MAX
                                      : OTA_SLOTS_MAX + 1u;
}

static const char *name_of(ota_slot_t slot)
{
    static char number[8];
    (void)snprintf(number, sizeof(number), "%d", slot);
    return slot == OTA_SLOT_FACTORY ? "F" : slot == OTA_SLOT_TEST ? "T" : number;
}

static void read_copy(ota_entry_t *entry, const char *text)
{
    ota_entry_blank(entry);
    uint8_t raw[OTA_ENTRY_SIZE];
    unsigned seq, state, crc, label;
    if (text[0] == 'R' && hex_decode(text + 1, raw, sizeof(raw)) == (long)sizeof(raw)) {
        ota_entry_decode(entry, raw);
    } else if (sscanf(text, "%x:%x:%x:%x", &seq, &state, &crc, &label) == 4) {
        entry->seq = seq;
        entry->state = state;
        entry->crc = crc;
        memset(entry->label, (int)label, sizeof(entry->label));
    }
}

static const char *print_copy(const ota_entry_t *e, char *text, size_t room)
{
    if (ota_entry_is_blank(e)) {
        return "E";
    }
    (void)snprintf(text, room, "%x:%x:%x:%x", (unsigned)e->seq, (unsigned)e->state,
                   (unsigned)e->crc, e->label[0]);
    return text;
}

/* The table is written with the real encoder and read with the real reader. */
static void read_layout(boot_t *boot, char *apps, const char *od)
{
    static uint8_t rows[OTA_TABLE_SIZE];
    ota_table_t table = {rows, 0};
    char *save = NULL;
    for (char *app = strtok_r(apps, " -", &save); app != NULL; app = strtok_r(NULL, " ", &save)) {
        ota_slot_t slot = app[0] == 'F'   ? OTA_SLOT_FACTORY
                          : app[0] == 'T' ? OTA_SLOT_TEST
                                          : (ota_slot_t)atoi(app);
        const char *colon = strchr(app, ':');
        boot->verdict[index_of(slot)] = colon[1];
        boot->apps[index_of(slot)].readable = colon[1] != 'b';
        boot->apps[index_of(slot)].secure_version = (uint32_t)strtoul(colon + 2, NULL, 10);
        ota_part_t part = {.type = OTA_TYPE_APP,
                           .subtype = slot == OTA_SLOT_FACTORY ? OTA_SUBTYPE_FACTORY
                                      : slot == OTA_SLOT_TEST
                                          ? OTA_SUBTYPE_TEST
                                          : (uint8_t)(OTA_SUBTYPE_OTA_0 + (unsigned)slot),
                           .offset = 0x10000u * (table.count + 1u),
                           .size = 0x10000};
        ota_table_encode(rows + OTA_TABLE_ENTRY * table.count++, &part);
    }
    if (od[0] != '-') {
        ota_part_t part = {.type = OTA_TYPE_DATA,
                           .subtype = OTA_SUBTYPE_OTADATA,
                           .offset = 0x9000,
                           .size = (uint32_t)strtoul(od, NULL, 16)};
        ota_table_encode(rows + OTA_TABLE_ENTRY * table.count++, &part);
    }
    ota_layout_read(&boot->layout, &table);
}

static void read_boot(boot_t *boot, char **column)
{
    memset(boot, 0, sizeof(*boot));
    read_layout(boot, column[APPS], column[OD]);
    read_copy(&boot->od.copy[0], column[COPY0]);
    read_copy(&boot->od.copy[1], column[COPY1]);
    boot->config.policy = OTA_POLICY_STOCK;
    boot->config.rollback = strcmp(column[MODE], "off") != 0;
    boot->config.anti_rollback = strcmp(column[MODE], "ar") == 0;
    boot->input = (ota_boot_input_t){.config = &boot->config,
                                     .layout = &boot->layout,
                                     .otadata = &boot->od,
                                     .apps = boot->config.anti_rollback ? boot->apps : NULL,
                                     .efuse_version = (uint32_t)strtoul(column[EFUSE], NULL, 10)};
}

static void add(char *text, size_t room, const char *word)
{
    size_t used = strlen(text);
    (void)snprintf(text + used, room - used, "%s%s", used > 0 ? " " : "", word);
}

static void add_writes(run_t *run, const ota_plan_t *plan)
{
    for (uint8_t i = 0; i < plan->count; i++) {
        char copy[64];
        char word[96];
        (void)snprintf(word, sizeof(word), "e%u", plan->step[i].copy);
        add(run->ops, sizeof(run->ops), word);
        if (plan->step[i].write) {
            (void)snprintf(word, sizeof(word), "w%u=%s", plan->step[i].copy,
                           print_copy(&plan->step[i].entry, copy, sizeof(copy)));
            add(run->ops, sizeof(run->ops), word);
        }
    }
}

static void burn(boot_t *boot, run_t *run, uint32_t raise_to)
{
    if (raise_to != 0) {
        char word[16];
        (void)snprintf(word, sizeof(word), "b%u", (unsigned)raise_to);
        add(run->ops, sizeof(run->ops), word);
        boot->input.efuse_version = raise_to;
    }
}

/* A boot with verdicts in place of images: what the executor does, written down. */
static void run_boot(boot_t *boot, ota_boot_plan_t *plan, run_t *run)
{
    memset(run, 0, sizeof(*run));
    add(run->result, sizeof(run->result), "reset");
    ota_boot_decide(&boot->input, plan);
    add_writes(run, &plan->writes);
    burn(boot, run, plan->raise_to);
    ota_otadata_t before = boot->od;
    ota_plan_apply(&plan->writes, &boot->od);
    for (uint8_t i = 0; i < plan->count; i++) {
        ota_slot_t slot = plan->candidate[i];
        bool allowed = ota_boot_version_ok(&boot->input, slot);
        bool loads = allowed && boot->verdict[index_of(slot)] == 'g';
        char word[16];
        (void)snprintf(word, sizeof(word), "%s%s", name_of(slot),
                       loads     ? "+"
                       : allowed ? "-"
                                 : "v");
        add(run->tried, sizeof(run->tried), word);
        if (loads) {
            ota_boot_settled_t settled;
            boot->input.otadata = &before;
            ota_boot_settle(&boot->input, plan, slot, &settled);
            add_writes(run, &settled.writes);
            burn(boot, run, settled.raise_to);
            ota_plan_apply(&settled.writes, &boot->od);
            run->result[0] = '\0';
            add(run->result, sizeof(run->result), name_of(slot));
            return;
        }
    }
}

static bool same(const char *what, const char *got, const char *want, long number)
{
    const char *shown = got[0] != '\0' ? got : "-";
    if (strcmp(shown, want) == 0) {
        return true;
    }
    (void)printf("line %ld: %s is \"%s\", recorded \"%s\"\n", number, what, shown, want);
    return false;
}

static bool check_row(boot_t *boot, char **column, long number)
{
    ota_boot_plan_t plan;
    run_t run;
    char text[64];
    run_boot(boot, &plan, &run);
    bool reset = plan.chosen == OTA_SLOT_NONE;
    bool ok = same("idx", reset ? "invalid" : name_of(plan.chosen), column[IDX], number);
    ok = same("tried", run.tried, column[TRIED], number) && ok;
    ok = same("ops", run.ops, column[OPS], number) && ok;
    ok = same("result", run.result, column[RESULT], number) && ok;
    for (int i = 0; i < 2; i++) { /* "-": outside a partition that is too small */
        const char *want = column[AFTER0 + i];
        const char *got = print_copy(&boot->od.copy[i], text, sizeof(text));
        ok = same(i == 0 ? "copy 0" : "copy 1", want[0] == '-' ? want : got, want, number) && ok;
    }
    (void)snprintf(text, sizeof(text), "%u", (unsigned)boot->input.efuse_version);
    return same("efuse", text, column[EF], number) && ok;
}

static bool each(void *user, long number, char *line)
{
    tally_t *tally = user;
    char *column[COLUMNS] = {line};
    int columns = 1;
    for (char *p = line; *p != '\0' && columns < COLUMNS; p++) {
        if (*p == '\t') {
            *p = '\0';
            column[columns++] = p + 1;
        }
    }
    if (number == 1 || columns != COLUMNS) {
        return true;
    }
    boot_t boot;
    read_boot(&boot, column);
    tally->rows++;
    if (strcmp(column[RESULT], "div0") == 0) { /* ours has a result there; theirs is undefined */
        ota_boot_plan_t plan;
        run_t run;
        run_boot(&boot, &plan, &run);
        tally->div0++;
        tally->wrong += boot.layout.boot_count == 0 ? 0 : 1;
    } else if (!check_row(&boot, column, number)) {
        tally->wrong++;
    }
    return tally->wrong < 20;
}

int main(void)
{
    const char *path = data_path(VECTORS);
    if (path == NULL) {
        return data_skip("43808 recorded boots");
    }
    tally_t tally = {0};
    if (data_lines(path, each, &tally) < 0) {
        (void)printf("cannot read %s\n", path);
        return 1;
    }
    (void)printf("%ld recorded boots, %ld of them div0, %ld disagree\n", tally.rows, tally.div0,
                 tally.wrong);
    return tally.rows == ROWS && tally.wrong == 0 ? 0 : 1;
}
