/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML page of `otary lab run`: the laboratory's figures as lab/report_html.h wants them. */
#include "cli/lab_run.h"
#include "host/flash_image.h"
#include "host/flash_map.h"
#include "lab/report_html.h"

#include <stdlib.h>
#include <string.h>

#define TEXTS_MAX (4u * LAB_SIDES)
#define CASES_MAX (LAB_VIOLATIONS_KEPT * LAB_SIDES)

static const char *const assumptions[] = {
    "Flash is NOR: a program only clears bits, an erase sets all bits of its range. What an "
    "interrupted operation leaves lies in its own range and nowhere else.",
    "After an interrupted operation a cell may read either way until it is erased or programmed "
    "again. Programming the same bytes once more is allowed and firms cells up.",
    "Bits do not turn over by themselves here (`otary lab rot`), and calls of the flash driver do "
    "not "
    "fail here (`otary lab faults`).",
    "The application confirms itself when it has started well. What an application does beyond "
    "updating is not part of this.",
};

/* --- the map ------------------------------------------------------------------------------------
 */

static report_role_t role_of(const lab_input_t *input, const ota_part_t *part)
{
    ota_region_t home = ota_layout_region(&input->flash.layout, input->home);
    ota_region_t target = ota_layout_region(&input->flash.layout, input->target);
    if (part->type == OTA_TYPE_APP) {
        return part->offset == home.offset     ? REPORT_PART_OLD
               : part->offset == target.offset ? REPORT_PART_NEW
                                               : REPORT_PART_APP;
    }
    bool otadata = part->type == OTA_TYPE_DATA && part->subtype == OTA_SUBTYPE_OTADATA;
    return otadata ? REPORT_PART_OTADATA : REPORT_PART_DATA;
}

static int by_offset(const void *a, const void *b)
{
    const report_part_t *first = a;
    const report_part_t *second = b;
    return first->offset < second->offset ? -1 : first->offset > second->offset;
}

static void set_parts(cli_t *cli, const lab_input_t *input, report_t *report)
{
    report_part_t *parts = cli_allocate(cli, (input->flash.table.count + 2u) * sizeof(*parts));
    size_t count = 0;
    uint32_t table = input->flash.table_offset;
    uint32_t boot = input->flash.chip != NULL ? input->flash.chip->bootloader_offset : 0;
    if (boot < table) {
        parts[count++] =
            (report_part_t){"bootloader", "second stage", boot, table - boot, REPORT_PART_SYSTEM};
    }
    parts[count++] =
        (report_part_t){"table", "partition table", table, OTA_TABLE_SECTOR, REPORT_PART_SYSTEM};
    for (uint32_t i = 0; i < input->flash.table.count; i++) {
        ota_part_t part;
        char kind[40];
        if (ota_table_get(&input->flash.table, i, &part) == OTA_OK) {
            parts[count++] = (report_part_t){cli_format(cli, "%s", part.label),
                                             cli_format(cli, "%s", flash_map_kind(&part, kind)),
                                             part.offset, part.size, role_of(input, &part)};
        }
    }
    qsort(parts, count, sizeof(*parts), by_offset);
    report->part = parts;
    report->part_count = count;
}

/* --- the timeline
 * --------------------------------------------------------------------------------- */

/* A run of image data and the sample inside it are one cell of the picture. */
static void set_ops(cli_t *cli, const own_result_t *result, report_side_t *side)
{
    report_op_t *ops = cli_allocate(cli, (result->cells + 1u) * sizeof(*ops));
    size_t count = 0;
    for (uint32_t i = 0; i < result->cells; i++) {
        const own_cell_t *cell = &result->cell[i];
        const own_cut_t *cut = &result->cut[i];
        bool sample = cell->inside && !cell->metadata;
        if (!sample) {
            count++;
            ops[count - 1] = (report_op_t){.phase = own_phase_name(cell->phase),
                                           .erase = cell->erase,
                                           .metadata = cell->metadata,
                                           .count = cell->count,
                                           .addr = cell->addr,
                                           .len = cell->len};
        }
        report_op_t *op = &ops[count - 1];
        op->cuts += cut->cuts;
        op->hurt += cut->violations;
        if (cut->violations > 0 && op->what == NULL) {
            op->what = cut->what;
            op->id = cut->id;
        }
    }
    side->op = ops;
    side->op_count = count;
}

static void set_side(cli_t *cli, const lab_side_t *from, report_side_t *side)
{
    const explore_result_t *sum = &from->result->sum;
    *side = (report_side_t){.name = from->name,
                            .words = from->words,
                            .ops = from->result->metadata_ops + from->result->data_ops,
                            .cuts = sum->cuts,
                            .states = sum->states,
                            .bricks = sum->violations[LAB_S1],
                            .damaged = sum->violations[LAB_S2],
                            .lost = sum->violations[LAB_S3],
                            .unguarded = sum->violations[LAB_S4] + sum->violations[LAB_S5],
                            .other = sum->violations[LAB_L1] + sum->violations[LAB_L2] +
                                     sum->violations[LAB_C1] + sum->violations[LAB_X],
                            .boots = sum->longest_silence + 1u,
                            .boot_us = sum->slowest_boot_us,
                            .wear = sum->worst_wear};
    set_ops(cli, from->result, side);
}

/* --- words
 * ------------------------------------------------------------------------------------------- */

static void set_texts(lab_run_t *run, report_t *report)
{
    const char **texts = cli_allocate(run->cli, TEXTS_MAX * sizeof(*texts));
    for (size_t s = 0; s < LAB_SIDES; s++) {
        for (unsigned line = 0; line < 4; line++) {
            const char *text = lab_run_sampled(run->cli, &run->side[s], line);
            if (text != NULL) {
                texts[report->sampled_count++] = text;
            }
        }
    }
    report->sampled = texts;
    report->assumption = assumptions;
    report->assumption_count = sizeof(assumptions) / sizeof(assumptions[0]);
}

static void set_examples(lab_run_t *run, report_t *report)
{
    report_case_t *cases = cli_allocate(run->cli, CASES_MAX * sizeof(*cases));
    for (size_t s = 0; s < LAB_SIDES; s++) {
        const explore_result_t *sum = &run->side[s].result->sum;
        bool shown[LAB_ORACLES] = {false}; /* one of each kind says enough */
        for (uint32_t i = 0; i < sum->kept; i++) {
            const lab_violation_t *violation = &sum->violation[i];
            if (!shown[violation->verdict.oracle]) {
                report->example_count++;
                cases[report->example_count - 1] =
                    (report_case_t){violation->id, violation->verdict.what, run->side[s].name};
            }
            shown[violation->verdict.oracle] = true;
        }
    }
    report->example = cases;
}

bool lab_run_page(lab_run_t *run, const char *path)
{
    cli_t *cli = run->cli;
    const lab_input_t *input = &run->input;
    report_side_t sides[LAB_SIDES];
    report_t report = {.verdict = run->verdict,
                       .good = run->good,
                       .table = input->table_path,
                       .old_image = input->old_path,
                       .new_image = input->new_path,
                       .old_words = input->old_words,
                       .new_words = input->new_words,
                       .program = "otary " OTARY_VERSION,
                       .flash_size = input->flash.size,
                       .side = sides,
                       .side_count = LAB_SIDES};
    size_t len = 0;
    for (size_t i = 0; i < LAB_SIDES; i++) {
        set_side(cli, &run->side[i], &sides[i]);
    }
    set_parts(cli, input, &report);
    set_texts(run, &report);
    set_examples(run, &report);
    char *page = report_html(&report, &len);
    if (page == NULL) {
        (void)cli_refuse(cli, NULL, "out of memory", path, NULL);
        return false;
    }
    bool ok = cli_write(cli, path, page, len);
    free(page);
    if (ok) {
        cli_print(cli, "report    %s\n", path);
        (void)cJSON_AddStringToObject(cli->report, "html", path);
    }
    return ok;
}
