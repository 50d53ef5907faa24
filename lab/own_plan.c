/* SPDX-License-Identifier: Apache-2.0 */
/* Plans and worlds on the user's table. */
#include "lab/own_plan.h"

#include <string.h>

#define CHUNK 4096u /* of one write: what an HTTP client hands over */

static ota_status_t plan_with(const own_wish_t *wish, const lab_scenario_t *scenario,
                              lab_plan_t *plan, ota_fault_t *fault)
{
    ota_status_t status =
        lab_plan_own(plan, scenario, wish->table, wish->flash_size, wish->old_image, wish->old_len,
                     wish->new_image, wish->new_len, fault);
    plan->chunk = CHUNK;
    plan->chip.seed = wish->seed != 0 ? wish->seed : plan->chip.seed;
    return status;
}

/* Small images in the place of the user's, in the user's slots: a megabyte would be written anew,
 * and judged, after each of a million cuts. */
static ota_status_t stand_in(const own_wish_t *wish, const lab_row_t *row, uint64_t seed,
                             image_bytes_t *image)
{
    image_wish_t small;
    ota_image_header_t header;
    image_wish_default(&small);
    if (wish->new_len >= OTA_IMAGE_HEADER &&
        ota_image_header_decode(&header, wish->new_image) == OTA_OK &&
        ota_chip_by_id(header.chip_id) != NULL) {
        small.chip = ota_chip_by_id(header.chip_id);
    }
    small.flash_size = 0;
    small.seed = seed;
    small.size = row->image_kib * 1024u;
    return image_build(&small, image);
}

static ota_status_t small_plan(const own_wish_t *wish, const lab_scenario_t *scenario,
                               lab_plan_t *plan, ota_fault_t *fault)
{
    image_bytes_t old = {0};
    image_bytes_t new = {0};
    own_wish_t small = *wish;
    ota_status_t status = stand_in(wish, scenario->row, 1, &old);
    status = status == OTA_OK ? stand_in(wish, scenario->row, 2, &new) : status;
    if (status == OTA_OK) {
        small.old_image = old.bytes;
        small.old_len = old.len;
        small.new_image = new.bytes;
        small.new_len = new.len;
        status = plan_with(&small, scenario, plan, fault);
    }
    image_free(&old);
    image_free(&new);
    return status;
}

ota_status_t own_plan(const own_wish_t *wish, const lab_scenario_t *scenario, lab_plan_t *plan,
                      ota_fault_t *fault)
{
    return scenario->row == own_main_row(wish) ? plan_with(wish, scenario, plan, fault)
                                               : small_plan(wish, scenario, plan, fault);
}

/* Which of the laboratory's tables the user's is like. */
static lab_table_t table_of(const ota_layout_t *layout)
{
    bool factory = layout->factory.size != 0;
    return factory && layout->app_count < 2 ? LAB_TABLE_RECOVERY
           : factory                        ? LAB_TABLE_FACTORY_TWO
           : layout->app_count > 2          ? LAB_TABLE_FOUR
                                            : LAB_TABLE_TWO;
}

/* The scenario of that row as the user's chip has it: programs of any length, large erases. */
static bool scenario_of(const own_wish_t *wish, const lab_row_t *row, lab_scenario_t *scenario)
{
    ota_table_t table;
    ota_layout_t layout;
    ota_fault_t fault;
    lab_variant_t variant = {.way = wish->way, .program_unit = 1, .large_erases = true};
    if (ota_table_open_boot(&table, wish->table, OTA_TABLE_SIZE, wish->flash_size, &fault) !=
        OTA_OK) {
        return false;
    }
    ota_layout_read(&layout, &table);
    variant.table = table_of(&layout);
    return lab_scenario_make(row, &variant, scenario);
}

static const lab_row_t *row_named(const char *name)
{
    for (size_t i = 0; i < lab_row_count; i++) {
        if (strcmp(lab_rows[i].name, name) == 0) {
            return &lab_rows[i];
        }
    }
    return NULL;
}

const lab_row_t *own_main_row(const own_wish_t *wish)
{
    return row_named(wish->rollback ? "normal" : "plain");
}

const lab_row_t *own_fine_row(const own_wish_t *wish)
{
    lab_scenario_t scenario;
    const lab_row_t *row = wish->rollback ? row_named("again") : NULL;
    return row != NULL && scenario_of(wish, row, &scenario) ? row : NULL;
}

ota_status_t own_world(const own_wish_t *wish, const lab_row_t *row, lab_plan_t *plan,
                       lab_world_t **world, ota_fault_t *fault)
{
    lab_scenario_t scenario;
    if (row == NULL || !scenario_of(wish, row, &scenario)) {
        return OTA_ERR_ARG;
    }
    ota_status_t status = own_plan(wish, &scenario, plan, fault);
    if (status == OTA_OK) {
        status = lab_world_open(world, plan);
        if (status != OTA_OK) {
            lab_plan_close(plan);
        }
    }
    return status;
}
