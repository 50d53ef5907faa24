/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios by name: rows and variants. */
#include "lab/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char way_letter[LAB_WAYS + 1] = "osi";
static const char table_letter[LAB_TABLES + 1] = "-fqr";

const char *lab_way_name(lab_way_t way)
{
    static const char *const names[LAB_WAYS] = {"otary", "stock", "stock in place"};
    return (unsigned)way < LAB_WAYS ? names[way] : "?";
}

const char *lab_table_name(lab_table_t table)
{
    static const char *const names[LAB_TABLES] = {"two slots", "factory and two slots",
                                                  "four slots", "one slot and factory"};
    return (unsigned)table < LAB_TABLES ? names[table] : "?";
}

bool lab_scenario_make(const lab_row_t *row, const lab_variant_t *variant, lab_scenario_t *scenario)
{
    uint32_t unit = variant->program_unit;
    if ((unsigned)variant->way >= LAB_WAYS || (unsigned)variant->table >= LAB_TABLES ||
        (row->tables & (1u << variant->table)) == 0 || unit == 0 || unit > 32 ||
        (unit & (unit - 1u)) != 0) {
        return false;
    }
    scenario->row = row;
    scenario->variant = *variant;
    (void)snprintf(scenario->name, sizeof(scenario->name), "%s/%c%u%s%s%.*s", row->name,
                   way_letter[variant->way], (unsigned)unit, variant->large_erases ? "k" : "",
                   variant->encrypted ? "x" : "", variant->table != LAB_TABLE_TWO ? 1 : 0,
                   &table_letter[variant->table]);
    return true;
}

static bool parse_variant(const char *text, lab_variant_t *variant)
{
    char *end;
    const char *way = *text != '\0' ? strchr(way_letter, *text) : NULL;
    if (way == NULL || text[1] < '1' || text[1] > '9') {
        return false;
    }
    *variant = (lab_variant_t){.way = (lab_way_t)(way - way_letter)};
    variant->program_unit = (uint32_t)strtoul(text + 1, &end, 10);
    if (*end == 'k') {
        variant->large_erases = true;
        end++;
    }
    if (*end == 'x') {
        variant->encrypted = true;
        end++;
    }
    const char *table = *end != '\0' ? strchr(table_letter + 1, *end) : NULL;
    if (table != NULL) {
        variant->table = (lab_table_t)(table - table_letter);
        end++;
    }
    return *end == '\0';
}

bool lab_scenario_parse(const char *name, lab_scenario_t *scenario)
{
    lab_variant_t variant;
    const char *slash = strchr(name, '/');
    if (slash == NULL || !parse_variant(slash + 1, &variant)) {
        return false;
    }
    for (size_t i = 0; i < lab_row_count; i++) {
        size_t len = strlen(lab_rows[i].name);
        if (len == (size_t)(slash - name) && memcmp(lab_rows[i].name, name, len) == 0) {
            return lab_scenario_make(&lab_rows[i], &variant, scenario);
        }
    }
    return false;
}
