/* SPDX-License-Identifier: Apache-2.0 */
/* Which scenarios a run has. */
#include <fnmatch.h>
#include <string.h>

#include "lab/lab.h"

/* Chips that stand for the product of program units, erase sizes and encryption: every unit, every
 * erase size and every kind of flash meets every row and every table. */
static const lab_variant_t chips[] = {
    {.program_unit = 4},
    {.program_unit = 1, .large_erases = true},
    {.program_unit = 16, .encrypted = true},
    {.program_unit = 32, .large_erases = true, .encrypted = true},
};
#define CHIPS (sizeof(chips) / sizeof(chips[0]))

/* Every combination can be asked for by name. */
static const uint32_t units[] = {1, 4, 16, 32};

/* `name` fits one of the patterns between commas. */
static bool named(const char *patterns, const char *name)
{
    char pattern[64];
    for (size_t len; *patterns != '\0'; patterns += len + (patterns[len] == ',' ? 1u : 0)) {
        len = strcspn(patterns, ",");
        if (len < sizeof(pattern)) {
            memcpy(pattern, patterns, len);
            pattern[len] = '\0';
            if (fnmatch(pattern, name, 0) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Which of the chips the variant has; CHIPS: none. */
static size_t chip_of(const lab_variant_t *variant)
{
    size_t i = 0;
    while (i < CHIPS && (chips[i].program_unit != variant->program_unit ||
                         chips[i].large_erases != variant->large_erases ||
                         chips[i].encrypted != variant->encrypted)) {
        i++;
    }
    return i;
}

/* A quick run takes every row once under each policy, chips and tables in turn. */
static bool is_turn(const lab_scenario_t *scenario)
{
    const lab_variant_t *variant = &scenario->variant;
    size_t row = (size_t)(scenario->row - lab_rows);
    size_t tables = 0;
    size_t before = 0; /* of the row's tables, those that come before this one */
    for (unsigned i = 0; i < LAB_TABLES; i++) {
        bool has = (scenario->row->tables & (1u << i)) != 0;
        tables += has;
        before += has && i < (unsigned)variant->table;
    }
    return variant->way != LAB_WAY_IN_PLACE && row % tables == before &&
           row % CHIPS == chip_of(variant);
}

/* Closures: encrypted and not, entries in two programs and in one; to records four slots are two.
 * Two updates in a row are twice what one is, and square its states. */
static bool closes(const lab_scenario_t *scenario)
{
    const lab_variant_t *variant = &scenario->variant;
    if (!scenario->row->metadata || scenario->row->updates > 1) {
        return false;
    }
    return variant->program_unit == 32
               ? variant->table == LAB_TABLE_TWO
               : variant->program_unit == 4 && variant->table != LAB_TABLE_FOUR;
}

/* Left out in every mode: it is the same in another variant. */
static bool same_elsewhere(const lab_row_t *row, const lab_variant_t *variant)
{
    /* A slot of 64 KiB that is full to the last byte is full in every table. */
    if (row->fills_slot && variant->large_erases && variant->table != LAB_TABLE_TWO) {
        return true;
    }
    /* An image that large is there for the erases of 64 KiB. */
    if (row->image_kib > 64 && !row->boundaries_only && !variant->large_erases) {
        return true;
    }
    /* What is in place differs from stock only where the library writes. */
    return variant->way == LAB_WAY_IN_PLACE && variant->program_unit != 4;
}

/* Does the mode's own selection have this one? */
static bool usual(const lab_options_t *options, const lab_scenario_t *scenario)
{
    const lab_row_t *row = scenario->row;
    if (same_elsewhere(row, &scenario->variant) ||
        (options->mode == LAB_CLOSURE && !closes(scenario)) ||
        (options->mode == LAB_STORM && row->boundaries_only)) {
        return false;
    }
    return !options->quick || (row->image_kib <= 16 && is_turn(scenario));
}

static bool wanted(const lab_options_t *options, const lab_scenario_t *scenario, bool preset)
{
    if (options->way >= 0 && scenario->variant.way != (lab_way_t)options->way) {
        return false;
    }
    return options->scenarios != NULL ? named(options->scenarios, scenario->name)
                                      : preset && usual(options, scenario);
}

static size_t select_variant(const lab_options_t *options, const lab_row_t *row,
                             const lab_variant_t *variant, lab_scenario_t *list, size_t at,
                             size_t max)
{
    lab_scenario_t scenario;
    if (!lab_scenario_make(row, variant, &scenario) ||
        !wanted(options, &scenario, chip_of(variant) < CHIPS)) {
        return at;
    }
    if (at < max) {
        list[at] = scenario;
    }
    return at + 1u;
}

static size_t select_row(const lab_options_t *options, const lab_row_t *row, lab_scenario_t *list,
                         size_t at, size_t max)
{
    for (unsigned i = 0; i < (unsigned)LAB_WAYS * (unsigned)LAB_TABLES * 4u * 4u; i++) {
        const lab_variant_t variant = {.way = (lab_way_t)(i / 64u),
                                       .table = (lab_table_t)(i / 16u % LAB_TABLES),
                                       .program_unit = units[i / 4u % 4u],
                                       .large_erases = (i & 1u) != 0,
                                       .encrypted = (i & 2u) != 0};
        at = select_variant(options, row, &variant, list, at, max);
    }
    return at;
}

size_t lab_select(const lab_options_t *options, lab_scenario_t *list, size_t max)
{
    size_t count = 0;
    if (options->plan != NULL) {
        if (max > 0) {
            list[0] = options->plan->scenario;
        }
        return 1;
    }
    for (size_t i = 0; i < lab_row_count; i++) {
        count = select_row(options, &lab_rows[i], list, count, max);
    }
    return count;
}
