/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "lab/lab.h"
#include "support/lab_thread.h"

static void names_come_back(void **state)
{
    (void)state;
    lab_options_t options;
    lab_options_default(&options);
    options.scenarios = "*";
    size_t count = lab_select(&options, NULL, 0);
    lab_scenario_t *list = calloc(count, sizeof(*list));
    assert_non_null(list);
    assert_int_equal(lab_select(&options, list, count), count);
    assert_true(count > 3000);
    for (size_t i = 0; i < count; i++) {
        lab_scenario_t back;
        assert_true(lab_scenario_parse(list[i].name, &back));
        assert_ptr_equal(back.row, list[i].row);
        assert_memory_equal(&back.variant, &list[i].variant, sizeof(back.variant));
    }
    free(list);
}

static void nonsense_is_no_scenario(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",          "normal",      "normal/",    "normal/o",
                                        "normal/o3", "normal/x4",   "normal/o64", "normal/o4z",
                                        "/o4",       "normal/o4k4", "factory/o4", "norma/o4"};
    lab_scenario_t scenario;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(lab_scenario_parse(wrong[i], &scenario));
    }
}

static void nonsense_is_no_path(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "normal/o4.",     "normal/o4.1",       "normal/o4.1.",           "normal/o4.1.q",
        "normal/o4.-1.n", "normal/o4.1.n-",    "normal/o4.1.n@",         "normal/o4.1.n@q",
        "normal/o4-1.n",  "normal/o4.1.n.2.n", "normal/o4.1.n@ooooooooo"};
    lab_scenario_t scenario;
    lab_path_t path;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(lab_path_parse(wrong[i], &scenario, &path));
    }
    assert_true(lab_path_parse("normal/o4.17.p5@zo-3.n-2.M@f", &scenario, &path));
    char id[160];
    lab_path_id(&scenario, &path, id);
    assert_string_equal(id, "normal/o4.17.p5@zo-3.n-2.M@f");
}

/* Without a cut every row reaches its end, under every policy, on every table. */
static void every_row_ends_well_without_cuts(void **state)
{
    (void)state;
    lab_options_t options;
    lab_options_default(&options);
    size_t count = lab_select(&options, NULL, 0);
    lab_scenario_t *list = calloc(count, sizeof(*list));
    assert_non_null(list);
    count = lab_select(&options, list, count);
    for (size_t i = 0; i < count; i++) {
        lab_bench_t lab;
        lab_lived_t lived;
        if (list[i].row->image_kib > 16 || list[i].variant.encrypted != (i % 2u == 0)) {
            continue; /* the laboratory runs all of them; here half is enough */
        }
        lab_open(&lab, list[i].name);
        lab_world_settle(lab.world, MEDIUM_ONES, 24, &lived);
        if (lived.end != LAB_LIFE_RESTS) {
            print_error("%s: %s\n", list[i].name, lived.verdict.what);
        }
        assert_int_equal(lived.end, LAB_LIFE_RESTS);
        lab_close(&lab);
    }
    free(list);
}

static void every_row_has_a_story_and_some_table(void **state)
{
    (void)state;
    unsigned metadata = 0;
    for (size_t i = 0; i < lab_row_count; i++) {
        assert_true(strlen(lab_rows[i].what) > 10);
        assert_int_not_equal(lab_rows[i].tables, 0);
        metadata += lab_rows[i].metadata;
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(lab_rows[i].name, lab_rows[k].name);
        }
    }
    assert_true(lab_row_count > 30);
    assert_true(metadata >= 10);
}

static void selections_are_named(void **state)
{
    (void)state;
    lab_options_t options;
    lab_scenario_t list[8];
    lab_options_default(&options);
    options.scenarios = "normal/s4,crash/?4";
    assert_int_equal(lab_select(&options, list, 8), 4); /* o, s and i of crash */
    options.way = LAB_WAY_STOCK;
    assert_int_equal(lab_select(&options, list, 8), 2);
    options.scenarios = "nothing*";
    assert_int_equal(lab_select(&options, list, 8), 0);
    lab_report_t report;
    assert_int_equal(lab_run(&options, &report), OTA_ERR_ARG);
    options.scenarios = NULL;
    options.tears = "sideways";
    assert_int_equal(lab_run(&options, &report), OTA_ERR_ARG);
}

static void a_run_shares_its_work_and_adds_it_up(void **state)
{
    (void)state;
    lab_options_t options;
    lab_report_t report;
    lab_options_default(&options);
    options.jobs = 2;
    options.scenarios = "smallest/s4,too-big/o4,crash/s4";
    options.tears = "edges,prefix";
    options.depth = 1;
    assert_int_equal(lab_run(&options, &report), OTA_OK);
    assert_int_equal(report.scenarios, 3);
    assert_int_equal(report.done, report.items);
    assert_true(report.sum.complete);
    uint64_t cuts = 0;
    for (size_t i = 0; i < report.scenarios; i++) {
        assert_false(report.rows[i].failed);
        assert_true(report.rows[i].result.cuts > 0);
        cuts += report.rows[i].result.cuts;
    }
    assert_int_equal(report.sum.cuts, cuts);
    assert_int_equal(report.way_scenarios[LAB_WAY_STOCK], 2);
    assert_int_equal(explore_violations(&report.by_way[LAB_WAY_OTARY]), 0);
    assert_true(explore_violations(&report.by_way[LAB_WAY_STOCK]) > 0);
    FILE *told = tmpfile();
    assert_non_null(told);
    lab_report_print(&report, told);
    assert_true(ftell(told) > 200);
    assert_int_equal(fclose(told), 0);
    lab_report_free(&report);
}

/* --- the user's own ------------------------------------------------------------------------ */

static ota_status_t own(const lab_plan_t *like, const uint8_t *new_image, size_t new_len,
                        const char *name)
{
    lab_scenario_t scenario;
    lab_plan_t plan;
    ota_fault_t fault;
    assert_true(lab_scenario_parse(name, &scenario));
    ota_status_t status = lab_plan_own(&plan, &scenario, like->table, like->chip.size,
                                       like->image[LAB_IMAGE_OLD].bytes,
                                       like->image[LAB_IMAGE_OLD].len, new_image, new_len, &fault);
    if (status == OTA_OK) {
        lab_world_t *world;
        lab_lived_t lived;
        assert_int_equal(lab_world_open(&world, &plan), OTA_OK);
        lab_world_settle(world, MEDIUM_ONES, 24, &lived);
        assert_int_equal(lived.end, LAB_LIFE_RESTS);
        assert_int_equal(lived.image, LAB_IMAGE_NEW);
        lab_world_close(world);
        lab_plan_close(&plan);
    } else {
        assert_int_equal(fault.status, status);
    }
    return status;
}

static void the_users_own_table_and_images_are_taken(void **state)
{
    (void)state;
    lab_bench_t lab;
    lab_open(&lab, "normal/s4f");
    const image_bytes_t *image = &lab.plan.image[LAB_IMAGE_NEW];
    assert_int_equal(own(&lab.plan, image->bytes, image->len, "normal/s4"), OTA_OK);
    assert_int_equal(own(&lab.plan, image->bytes, image->len, "select/o4"), OTA_OK);
    assert_int_equal(own(&lab.plan, image->bytes, 10, "normal/s4"), OTA_ERR_IMAGE_TRUNCATED);
    uint8_t *large = calloc(1, 0x40000);
    assert_non_null(large);
    memcpy(large, image->bytes, image->len);
    assert_int_equal(own(&lab.plan, large, 0x40000, "normal/s4"), OTA_ERR_IMAGE_TOO_BIG);
    large[0] = 0;
    assert_int_equal(own(&lab.plan, large, 0x4000, "normal/s4"), OTA_ERR_IMAGE_MAGIC);
    free(large);
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_back),
        cmocka_unit_test(nonsense_is_no_scenario),
        cmocka_unit_test(nonsense_is_no_path),
        cmocka_unit_test(every_row_ends_well_without_cuts),
        cmocka_unit_test(every_row_has_a_story_and_some_table),
        cmocka_unit_test(selections_are_named),
        cmocka_unit_test(a_run_shares_its_work_and_adds_it_up),
        cmocka_unit_test(the_users_own_table_and_images_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
