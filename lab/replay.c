/* SPDX-License-Identifier: Apache-2.0 */
/* One replay id, told step by step. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "host/flash_map.h"
#include "lab/lab.h"
#include "lab/world.h"

#define STACK     ((size_t)256 << 20)
#define SHOWN     64u  /* bytes of an operation that are shown */
#define QUIET_MAX 400u /* operations told; of longer runs those around the cuts */

typedef struct {
    const char *id;
    const lab_plan_t *given;
    FILE *out;
    /* while it runs */
    lab_world_t *world;
    uint32_t epoch;
    unsigned lives;
    uint64_t told;
    uint64_t left_out;
    bool violated;
    ota_status_t status;
} replay_t;

/* --- flash --------------------------------------------------------------------------------- */

static void part_note(replay_t *replay, const ota_part_t *part, char text[96])
{
    static const char *const images[LAB_IMAGES_MAX] = {"old image", "new image", "older image",
                                                       "other image"};
    medium_t *medium = lab_world_medium(replay->world);
    const lab_plan_t *plan = lab_world_plan(replay->world);
    text[0] = '\0';
    if (part->type != OTA_TYPE_APP) {
        return;
    }
    (void)snprintf(text, 96, "no whole image");
    for (unsigned i = LAB_IMAGES_MAX; i-- > 0;) {
        const image_bytes_t *image = &plan->image[i];
        if (image->bytes != NULL &&
            medium_holds(medium, part->offset, image->bytes, (uint32_t)image->len)) {
            (void)snprintf(text, 96, "%s, %zu bytes", images[i], image->len);
        }
    }
}

static void tell_entry(const ota_entry_t *entry, uint8_t count, FILE *out)
{
    static const char *const states[] = {"NEW", "PENDING", "VALID", "INVALID", "ABORTED"};
    if (ota_entry_is_blank(entry)) {
        (void)fprintf(out, "blank");
    } else if (!ota_entry_crc_ok(entry)) {
        (void)fprintf(out, "damaged, sequence %u", (unsigned)entry->seq);
    } else if (entry->state < sizeof(states) / sizeof(states[0])) {
        (void)fprintf(out, "slot %d, sequence %u, %s", ota_entry_slot(entry, count),
                      (unsigned)entry->seq, states[entry->state]);
    } else {
        (void)fprintf(out, "slot %d, sequence %u, state %08X", ota_entry_slot(entry, count),
                      (unsigned)entry->seq, (unsigned)entry->state);
    }
}

static void tell_records(replay_t *replay)
{
    const lab_plan_t *plan = lab_world_plan(replay->world);
    medium_t *medium = lab_world_medium(replay->world);
    for (uint32_t i = 0; i < 2; i++) {
        uint8_t bytes[OTA_ENTRY_SIZE];
        ota_entry_t entry;
        uint32_t at = plan->layout.otadata.offset + i * OTA_OTADATA_SECTOR;
        uint32_t marginal = medium_region_marginal(medium, at, OTA_OTADATA_SECTOR);
        medium_view(medium, at, bytes, sizeof(bytes));
        ota_entry_decode(&entry, bytes);
        (void)fprintf(replay->out, "    otadata %u: ", (unsigned)i);
        tell_entry(&entry, plan->layout.boot_count, replay->out);
        if (marginal > 0) {
            (void)fprintf(replay->out, "; %u cells of the sector undecided", (unsigned)marginal);
        }
        (void)fputc('\n', replay->out);
    }
}

static void tell_flash(replay_t *replay)
{
    ota_part_t parts[FLASH_MAP_PARTS_MAX];
    char note[FLASH_MAP_PARTS_MAX][96];
    const char *notes[FLASH_MAP_PARTS_MAX];
    flash_map_t map = FLASH_MAP_DEFAULT;
    uint32_t count = replay->world->table.count;
    count = count < FLASH_MAP_PARTS_MAX ? count : FLASH_MAP_PARTS_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (ota_table_get(&replay->world->table, i, &parts[i]) != OTA_OK) {
            return;
        }
        part_note(replay, &parts[i], note[i]);
        notes[i] = note[i];
    }
    map.flash_size = lab_world_plan(replay->world)->chip.size;
    map.notes = notes;
    char *text = flash_map_draw(&map, parts, count);
    if (text != NULL) {
        (void)fputs(text, replay->out);
        free(text);
    }
    tell_records(replay);
}

/* --- operations ---------------------------------------------------------------------------- */

static void tell_cells(replay_t *replay, const char *what, const medium_op_t *op)
{
    const medium_t *medium = lab_world_medium(replay->world);
    uint32_t len = op->len < SHOWN ? op->len : SHOWN;
    (void)fprintf(replay->out, "        %s\n", what);
    for (uint32_t i = 0; i < len; i++) {
        uint8_t mask = medium->marginal[op->addr + i];
        if (i % 16u == 0) {
            (void)fprintf(replay->out, "        %06X ", (unsigned)(op->addr + i));
        }
        if (mask != 0) {
            (void)fprintf(replay->out, " ??");
        } else {
            (void)fprintf(replay->out, " %02X", medium->cells[op->addr + i]);
        }
        if (i % 16u == 15u || i + 1u == len) {
            (void)fputc('\n', replay->out);
        }
    }
}

static void tell_cut(replay_t *replay, const medium_op_t *op, const damage_t *damage)
{
    char text[32];
    medium_t *medium = lab_world_medium(replay->world);
    damage_text(*damage, text);
    (void)fprintf(replay->out, "    >>> the power goes: %s\n", text);
    if (op->kind == MEDIUM_READ) {
        return;
    }
    size_t mark = medium_mark(medium);
    tell_cells(replay, "before", op);
    (void)damage_apply(medium, op, *damage);
    tell_cells(replay, "left behind (?? reads either way)", op);
    medium_undo(medium, mark);
}

static const char *place_of(const replay_t *replay, uint32_t addr)
{
    static char text[40];
    ota_part_t part;
    for (uint32_t i = 0; ota_table_get(&replay->world->table, i, &part) == OTA_OK; i++) {
        if (addr >= part.offset && addr - part.offset < part.size) {
            (void)snprintf(text, sizeof(text), "%s+0x%X", part.label,
                           (unsigned)(addr - part.offset));
            return text;
        }
    }
    return "";
}

static void tell_life(replay_t *replay)
{
    const medium_t *medium = lab_world_medium(replay->world);
    if (medium->epoch == replay->epoch || medium->epoch == 0) {
        return;
    }
    replay->epoch = medium->epoch;
    (void)fprintf(replay->out, "  power on (%u)", ++replay->lives);
    if (medium->marginal_total > 0) {
        (void)fprintf(replay->out, "; undecided cells read %s",
                      medium_reading_name(medium->reading));
    }
    (void)fputc('\n', replay->out);
}

static void tell_op(void *user, lab_world_t *world, const medium_op_t *op, uint32_t index,
                    const damage_t *cut)
{
    replay_t *replay = user;
    const life_t *life = world->life;
    tell_life(replay);
    if (cut == NULL && replay->told >= QUIET_MAX) {
        replay->left_out++;
        return;
    }
    replay->told++;
    (void)fprintf(replay->out, "    %4u  ", (unsigned)index);
    if (life == NULL) {
        (void)fprintf(replay->out, "at rest\n");
    } else if (op->kind == MEDIUM_READ) {
        (void)fprintf(replay->out, "burn the anti-rollback counter: %u\n", (unsigned)op->addr);
    } else {
        (void)fprintf(replay->out, "%-7s 0x%06X %6u bytes  %-18s ",
                      op->kind == MEDIUM_ERASE ? "erase" : "program", (unsigned)op->addr,
                      (unsigned)op->len, place_of(replay, op->addr));
        (void)fprintf(replay->out, life->booting ? "bootloader\n" : "app in slot %d\n",
                      life->running);
    }
    if (cut != NULL) {
        tell_cut(replay, op, cut);
    }
}

/* --- replays ------------------------------------------------------------------------------- */

static void tell_end(replay_t *replay, bool violated, const lab_verdict_t *verdict)
{
    replay->violated = violated;
    if (replay->left_out > 0) {
        (void)fprintf(replay->out, "    (%llu operations more)\n",
                      (unsigned long long)replay->left_out);
    }
    if (violated) {
        (void)fprintf(replay->out, "VIOLATION of %s (%s): %s\n", lab_oracle_name(verdict->oracle),
                      lab_oracle_title(verdict->oracle), verdict->what);
    } else {
        (void)fprintf(replay->out, "no violation: the device recovers\n");
    }
}

static void replay_storm(replay_t *replay, uint64_t seed)
{
    explore_result_t *result = malloc(sizeof(*result));
    if (result == NULL) {
        replay->status = OTA_ERR_NO_ROOM;
        return;
    }
    explore_storm(replay->world, seed, 1000, tell_op, replay, result);
    tell_end(replay, result->kept > 0, &result->violation[0].verdict);
    free(result);
}

static void replay_path(replay_t *replay, const lab_path_t *path)
{
    lab_verdict_t verdict;
    bool violated = explore_path(replay->world, path, tell_op, replay, &verdict);
    tell_end(replay, violated, &verdict);
}

/* "<scenario>!<seed>" apart. false: it is not one. */
static bool is_storm(const char *id, lab_scenario_t *scenario, uint64_t *seed)
{
    char name[64];
    char *end;
    size_t len = strcspn(id, "!");
    if (id[len] != '!' || len >= sizeof(name) || id[len + 1u] < '0' || id[len + 1u] > '9') {
        return false;
    }
    memcpy(name, id, len);
    name[len] = '\0';
    *seed = strtoull(id + len + 1u, &end, 10);
    return *end == '\0' && lab_scenario_parse(name, scenario);
}

static void run(replay_t *replay, const lab_plan_t *plan)
{
    lab_path_t path = {0};
    lab_scenario_t scenario;
    uint64_t seed = 0;
    bool storm = is_storm(replay->id, &scenario, &seed);
    if (!storm) {
        (void)lab_path_parse(replay->id, &scenario, &path);
    }
    replay->status = lab_world_open(&replay->world, plan);
    if (replay->status != OTA_OK) {
        return;
    }
    (void)fprintf(replay->out, "%s: %s; policy %s, %s, program unit %u%s%s\n", replay->id,
                  plan->scenario.row->what, lab_way_name(plan->scenario.variant.way),
                  lab_table_name(plan->scenario.variant.table), (unsigned)plan->chip.program_unit,
                  (plan->chip.erase_units & OTA_ERASE_64K) != 0 ? ", erases of 64 KiB" : "",
                  plan->chip.encrypted ? ", flash encryption" : "");
    tell_flash(replay);
    if (storm) {
        replay_storm(replay, seed);
    } else {
        replay_path(replay, &path);
    }
    lab_world_close(replay->world);
}

/* --- failing calls ------------------------------------------------------------------------- */

static void begin_fault(replay_t *replay, lab_world_t *world)
{
    if (replay->world == NULL) {
        replay->world = world;
        tell_flash(replay);
    }
    tell_life(replay);
}

static void tell_fault_op(void *user, lab_world_t *world, const medium_op_t *op, uint32_t index,
                          const damage_t *cut)
{
    begin_fault(user, world);
    tell_op(user, world, op, index, cut);
}

static void tell_failed(void *user, lab_world_t *world, const medium_op_t *op, medium_failure_t how)
{
    static const char *const kinds[] = {"read", "program", "erase"};
    static const char *const hows[] = {"works", "fails", "fails halfway", "does nothing, says OK"};
    replay_t *replay = user;
    begin_fault(replay, world);
    if (replay->told >= QUIET_MAX) {
        replay->left_out++;
        return;
    }
    replay->told++;
    (void)fprintf(replay->out, "    !!!!  %-7s 0x%06X %6u bytes  %-18s %s\n", kinds[op->kind],
                  (unsigned)op->addr, (unsigned)op->len, place_of(replay, op->addr), hows[how]);
}

static void tell_works_again(void *user, lab_world_t *world)
{
    replay_t *replay = user;
    begin_fault(replay, world);
    (void)fprintf(replay->out, "  from here on every call works\n");
}

ota_status_t lab_replay_fault(const lab_scenario_t *scenario, const faults_case_t *which, FILE *out,
                              bool *violated, lab_verdict_t *verdict)
{
    replay_t replay = {.id = scenario->name, .out = out};
    const faults_watch_t watch = {tell_fault_op, tell_failed, tell_works_again, &replay};
    ota_status_t status = faults_replay(scenario, which, &watch, violated, verdict);
    if (status == OTA_OK) {
        tell_end(&replay, *violated, verdict);
    }
    return status;
}

/* --- the thread ---------------------------------------------------------------------------- */

static void *on_thread(void *argument)
{
    replay_t *replay = argument;
    lab_scenario_t scenario;
    lab_path_t path;
    lab_plan_t plan;
    uint64_t seed;
    if (!is_storm(replay->id, &scenario, &seed) && !lab_path_parse(replay->id, &scenario, &path)) {
        replay->status = OTA_ERR_ARG;
    } else if (replay->given != NULL) {
        run(replay, replay->given);
    } else {
        replay->status = lab_plan_open(&plan, &scenario);
        if (replay->status == OTA_OK) {
            run(replay, &plan);
            lab_plan_close(&plan);
        }
    }
    return NULL;
}

ota_status_t lab_replay(const char *id, const lab_plan_t *plan, FILE *out, bool *violated)
{
    replay_t replay = {.id = id, .given = plan, .out = out, .status = OTA_ERR_PORT};
    pthread_t thread;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) == 0 && pthread_attr_setstacksize(&attributes, STACK) == 0 &&
        pthread_create(&thread, &attributes, on_thread, &replay) == 0) {
        (void)pthread_join(thread, NULL);
    }
    (void)pthread_attr_destroy(&attributes);
    if (violated != NULL) {
        *violated = replay.violated;
    }
    return replay.status;
}
