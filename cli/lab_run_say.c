/* SPDX-License-Identifier: Apache-2.0 */
/* What `otary lab run` found: the verdict, and stock beside ours, as text and as JSON. */
#include "cli/lab_run.h"

#include <stdio.h>

static uint64_t violations(const lab_side_t *side, lab_oracle_t oracle)
{
    return side->result->sum.violations[oracle];
}

static uint64_t bricks(const lab_side_t *side)
{
    return violations(side, LAB_S1);
}

static uint64_t damaged(const lab_side_t *side)
{
    return violations(side, LAB_S2);
}

static uint64_t lost(const lab_side_t *side)
{
    return violations(side, LAB_S3);
}

static uint64_t unguarded(const lab_side_t *side)
{
    return violations(side, LAB_S4) + violations(side, LAB_S5);
}

static uint64_t other(const lab_side_t *side)
{
    return violations(side, LAB_L1) + violations(side, LAB_L2) + violations(side, LAB_C1) +
           violations(side, LAB_X);
}

static uint64_t ops(const lab_side_t *side)
{
    return side->result->metadata_ops + side->result->data_ops;
}

static uint64_t cuts(const lab_side_t *side)
{
    return side->result->sum.cuts;
}

static uint64_t states(const lab_side_t *side)
{
    return side->result->sum.states;
}

static uint64_t recovery(const lab_side_t *side)
{
    return side->result->sum.longest_silence + 1u;
}

static uint64_t slowest(const lab_side_t *side)
{
    return side->result->sum.slowest_boot_us / 1000u;
}

static const struct {
    const char *name; /* in the report */
    const char *words;
    uint64_t (*value)(const lab_side_t *side);
    bool hurts;
} rows[] = {
    {"ops", "flash operations of the update", ops, false},
    {"cuts", "power cuts judged", cuts, false},
    {"states", "different states booted", states, false},
    {"bricks", "bricks: nothing boots", bricks, true},
    {"damaged", "a damaged image runs", damaged, true},
    {"lost", "an accepted update is lost", lost, true},
    {"unguarded", "unprotected, or confirmed by nobody", unguarded, true},
    {"other", "other broken promises", other, true},
    {"recovery_boots", "longest recovery, boots", recovery, false},
    {"slowest_boot_ms", "slowest boot's flash work, ms", slowest, false},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void conclude(lab_run_t *run)
{
    cli_t *cli = run->cli;
    const lab_side_t *side = &run->side[LAB_SIDES - 1];
    uint64_t all = explore_violations(&side->result->sum);
    uint64_t rest = all - bricks(side) - lost(side);
    uint64_t boots = recovery(side);
    run->good = all == 0;
    run->verdict = cli_format(
        cli, "%s cuts: %s bricks, %s lost updates%s; longest recovery %s boot%s",
        lab_number(cli, cuts(side)), lab_number(cli, bricks(side)), lab_number(cli, lost(side)),
        rest > 0 ? cli_format(cli, ", %s other broken promises", lab_number(cli, rest)) : "",
        lab_number(cli, boots), boots == 1 ? "" : "s");
}

static void print_table(lab_run_t *run)
{
    cli_t *cli = run->cli;
    cli_print(cli, "\n%-38s %15s %15s\n", "", run->side[0].name, run->side[1].name);
    for (size_t i = 0; i < ROWS; i++) {
        cli_print(cli, "%-38s", rows[i].words);
        for (size_t s = 0; s < LAB_SIDES; s++) {
            uint64_t value = rows[i].value(&run->side[s]);
            cli_style_t style = !rows[i].hurts ? CLI_PLAIN : value == 0 ? CLI_GREEN : CLI_RED;
            cli_print(cli, " %s%15s%s", cli_style(cli, style), lab_number(cli, value),
                      cli_style(cli, CLI_PLAIN));
        }
        cli_print(cli, "\n");
    }
}

static unsigned closed(const own_result_t *result)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < result->rows; i++) {
        n += result->row[i].closed;
    }
    return n;
}

const char *lab_run_sampled(cli_t *cli, const lab_side_t *side, unsigned line)
{
    const own_result_t *result = side->result;
    bool stock = side->way == LAB_WAY_IN_PLACE;
    switch (line) {
    case 0:
        return cli_format(cli,
                          "%s: each of the %s operations was cut before and after it. The %u on "
                          "otadata were cut inside too%s, and %u of the others, spread from first "
                          "to last",
                          side->name, lab_number(cli, ops(side)), (unsigned)result->metadata_ops,
                          stock ? ", at every byte and with every kind of damage" : "",
                          (unsigned)result->data_inside);
    case 1:
        return result->fine_ops == 0
                   ? NULL
                   : cli_format(cli,
                                "%s: the same with images of 8 KiB in your slots: each of %u "
                                "operations at every byte, with every kind of damage: %s cuts",
                                side->name, (unsigned)result->fine_ops,
                                lab_number(cli, result->fine_cuts));
    case 2:
        return cli_format(cli,
                          "%s: otadata alone, in %u situations (select, trial, reject ..): two "
                          "cuts in a row%s",
                          side->name, (unsigned)result->rows,
                          side->way != LAB_WAY_OTARY
                              ? ""
                              : cli_format(cli,
                                           "; then any number of them, until every state that can "
                                           "be reached had been judged: in %u of the situations",
                                           closed(result)));
    default:
        return result->unfinished == 0
                   ? NULL
                   : cli_format(cli,
                                "%s: time ran out: %u pieces were left out or cut short; a larger "
                                "--seconds goes on",
                                side->name, (unsigned)result->unfinished);
    }
}

static void print_sampled(lab_run_t *run)
{
    cli_print(run->cli, "\nWhat was cut\n");
    for (size_t s = 0; s < LAB_SIDES; s++) {
        for (unsigned line = 0; line < 4; line++) {
            const char *text = lab_run_sampled(run->cli, &run->side[s], line);
            if (text != NULL) {
                cli_print(run->cli, "  %s\n", text);
            }
        }
    }
}

static void print_examples(lab_run_t *run)
{
    cli_t *cli = run->cli;
    const char *head =
        "\nSee it happen (otary lab replay ID, with the same --table, --from, --to)\n";
    for (size_t s = 0; s < LAB_SIDES; s++) {
        bool shown[LAB_ORACLES] = {false};
        const explore_result_t *sum = &run->side[s].result->sum;
        for (uint32_t i = 0; i < sum->kept; i++) {
            lab_oracle_t oracle = sum->violation[i].verdict.oracle;
            if (!shown[oracle]) {
                cli_print(cli, "%s  %-24s %s: %s\n", head, sum->violation[i].id, run->side[s].name,
                          sum->violation[i].verdict.what);
                shown[oracle] = true;
                head = "";
            }
        }
    }
}

static void report_side(cli_t *cli, cJSON *sides, const lab_side_t *side)
{
    const own_result_t *result = side->result;
    cJSON *json = cJSON_AddObjectToObject(sides, side->name);
    (void)cJSON_AddStringToObject(json, "words", side->words);
    for (size_t i = 0; i < ROWS; i++) {
        (void)cJSON_AddNumberToObject(json, rows[i].name, (double)rows[i].value(side));
    }
    cJSON *oracles = cJSON_AddObjectToObject(json, "violations");
    for (unsigned i = 0; i < LAB_ORACLES; i++) {
        (void)cJSON_AddNumberToObject(oracles, lab_oracle_name((lab_oracle_t)i),
                                      (double)result->sum.violations[i]);
    }
    (void)cJSON_AddBoolToObject(json, "complete", result->unfinished == 0);
    (void)cJSON_AddNumberToObject(json, "data_ops", result->data_ops);
    (void)cJSON_AddNumberToObject(json, "data_ops_cut_inside", result->data_inside);
    (void)cJSON_AddNumberToObject(json, "otadata_ops", result->metadata_ops);
    (void)cJSON_AddNumberToObject(json, "situations", result->rows);
    (void)cJSON_AddNumberToObject(json, "situations_closed", closed(result));
    cJSON *list = cJSON_AddArrayToObject(json, "sampled");
    for (unsigned line = 0; line < 4; line++) {
        const char *text = lab_run_sampled(cli, side, line);
        if (text != NULL) {
            (void)cJSON_AddItemToArray(list, cJSON_CreateString(text));
        }
    }
    cJSON *ids = cJSON_AddArrayToObject(json, "replay");
    for (uint32_t i = 0; i < result->sum.kept; i++) {
        cJSON *item = cJSON_CreateObject();
        const lab_violation_t *violation = &result->sum.violation[i];
        (void)cJSON_AddStringToObject(item, "id", violation->id);
        (void)cJSON_AddStringToObject(item, "oracle", lab_oracle_name(violation->verdict.oracle));
        (void)cJSON_AddStringToObject(item, "what", violation->verdict.what);
        (void)cJSON_AddItemToArray(ids, item);
    }
}

void lab_run_say(lab_run_t *run)
{
    cli_t *cli = run->cli;
    const lab_input_t *input = &run->input;
    conclude(run);
    cli_print(cli, "table     %s\nold       %s  %s\nnew       %s  %s\n", input->table_path,
              input->old_path, input->old_words, input->new_path, input->new_words);
    print_table(run);
    print_sampled(run);
    print_examples(run);
    cli_print(cli, "\n%s%s%s\n", cli_style(cli, run->good ? CLI_GREEN : CLI_RED), run->verdict,
              cli_style(cli, CLI_PLAIN));
    (void)cJSON_AddStringToObject(cli->report, "verdict", run->verdict);
    (void)cJSON_AddBoolToObject(cli->report, "good", run->good);
    (void)cJSON_AddStringToObject(cli->report, "policy", run->side[LAB_SIDES - 1].name);
    cJSON *sides = cJSON_AddObjectToObject(cli->report, "sides");
    for (size_t i = 0; i < LAB_SIDES; i++) {
        report_side(cli, sides, &run->side[i]);
    }
}
