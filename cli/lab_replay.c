/* SPDX-License-Identifier: Apache-2.0 */
/* otary lab replay: one case of a sweep, step by step. */
#include "cli/lab_run.h"
#include "host/boot_text.h"
#include "lab/faults.h"
#include "lab/lab.h"
#include "lab/otadata_tears.h"
#include "lab/rot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const cli_option_t lab_replay_options[] = {
    LAB_SEED_OPTION,
    {"factory", 0, CLI_FLAG, NULL, NULL, "rot: on a table with a factory app"},
    LAB_INPUT_OPTIONS,
    CLI_END,
};

static void print_line(void *user, char level, const char *text)
{
    cli_t *cli = user;
    cli_style_t style = level == 'E' ? CLI_RED : level == 'W' ? CLI_YELLOW : CLI_PLAIN;
    cli_print(cli, "  %s%c boot: %s%s\n", cli_style(cli, style), level, text,
              cli_style(cli, CLI_PLAIN));
}

/* 32 bytes in hex, those that differ from `other` in colour. */
static void print_entry(cli_t *cli, const char *what, const uint8_t *bytes, const uint8_t *other,
                        uint32_t len)
{
    for (uint32_t row = 0; row < len; row += 32) {
        cli_print(cli, "  %-6s +0x%03x ", row == 0 ? what : "", (unsigned)row);
        for (uint32_t i = row; i < row + 32 && i < len; i++) {
            bool differs = bytes[i] != other[i];
            cli_print(cli, "%s%02x%s%s", cli_style(cli, differs ? CLI_RED : CLI_PLAIN), bytes[i],
                      cli_style(cli, CLI_PLAIN), i % 4 == 3 ? " " : "");
        }
        cli_print(cli, "\n");
    }
}

/* What of a sector is worth showing: whole rows up to the last byte that is not blank. */
static uint32_t used(const uint8_t *a, const uint8_t *b, const uint8_t *c)
{
    uint32_t len = OTA_OTADATA_SECTOR;
    while (len > 32 && a[len - 1] == 0xFF && b[len - 1] == 0xFF && c[len - 1] == 0xFF) {
        len--;
    }
    return (len + 31) / 32 * 32;
}

static void print_sectors(cli_t *cli, const tears_story_t *story)
{
    for (uint32_t copy = 0; copy < 2; copy++) {
        uint32_t at = copy * OTA_OTADATA_SECTOR;
        const uint8_t *before = story->before + at;
        const uint8_t *torn = story->torn + at;
        const uint8_t *after = story->after + at;
        uint32_t len = used(before, torn, after);
        cli_print(cli, "\nsector %u of otadata\n", (unsigned)copy);
        print_entry(cli, "before", before, before, len);
        print_entry(cli, "torn", torn, before, len);
        print_entry(cli, "after", after, torn, len);
    }
}

static int finish(cli_t *cli, const char *verdict, bool bad, cJSON *boot)
{
    (void)cJSON_AddStringToObject(cli->report, "verdict", verdict);
    (void)cJSON_AddBoolToObject(cli->report, "broken", bad);
    (void)cJSON_AddItemToObject(cli->report, "boot", boot);
    cli_print(cli, "\nverdict   %s%s%s\n", cli_style(cli, bad ? CLI_RED : CLI_GREEN), verdict,
              cli_style(cli, CLI_PLAIN));
    return bad ? CLI_REFUSED : CLI_OK;
}

static int replay_tear(cli_t *cli, const tears_case_t *which)
{
    tears_wish_t wish = TEARS_WISH_DEFAULT;
    tears_story_t *story = cli_allocate(cli, sizeof(*story));
    wish.seed = cli_number(cli, "seed");
    wish.random = UINT32_MAX;
    ota_status_t status = tears_replay(&wish, which, story);
    if (status == OTA_ERR_RANGE) {
        return cli_refuse(cli, "LAB-ID", "there is no such operation or tear", cli->operand[0],
                          "copy the name from the output of `otary lab otadata`");
    }
    if (status != OTA_OK) {
        return lab_broken(cli, status, stand_way_words(which->way));
    }
    cli_print(cli, "device    %s\n", stand_way_words(which->way));
    cli_print(cli, "during    %s, operation %u: %s of %u bytes at otadata +0x%x, %u bits change\n",
              tears_phase_name(which->phase), which->op, story->erase ? "erase" : "program",
              (unsigned)story->len, (unsigned)story->at, (unsigned)story->bits);
    cli_print(cli, "torn      %s %u\n", tears_model_name(which->model), (unsigned)which->n);
    print_sectors(cli, story);
    cli_print(cli, "\nfirst boot after the cut\n");
    boot_log(&story->boot, story->booted, &story->config, print_line, cli);
    bool bad = story->verdict >= TEARS_LOST;
    return finish(cli, tears_verdict_name(story->verdict), bad,
                  boot_json(&story->boot, story->booted));
}

static int replay_flip(cli_t *cli, const rot_case_t *which)
{
    rot_wish_t wish = {.seed = cli_number(cli, "seed"), .factory = cli_flag(cli, "factory")};
    rot_story_t *story = cli_allocate(cli, sizeof(*story));
    ota_status_t status = rot_replay(&wish, which, story);
    if (status == OTA_ERR_RANGE) {
        return cli_refuse(cli, "LAB-ID", "the flash ends before that byte", cli->operand[0],
                          "copy the name from the output of `otary lab rot`");
    }
    if (status != OTA_OK) {
        return lab_broken(cli, status, stand_way_words(which->way));
    }
    cli_print(cli, "device    %s, at rest: %s\n", stand_way_words(which->way),
              rot_rest_name(which->rest));
    cli_print(cli, "flipped   bit %u of the byte at 0x%x\n", which->bit, (unsigned)which->address);
    cli_print(cli, "\nfirst boot after that\n");
    boot_log(&story->boot, story->booted, &story->config, print_line, cli);
    return finish(cli, rot_verdict_name(story->verdict), rot_bad(story->verdict),
                  boot_json(&story->boot, story->booted));
}

static int replay_fault(cli_t *cli, const lab_scenario_t *scenario, const faults_case_t *which)
{
    bool violated = false;
    char *story = NULL;
    size_t len = 0;
    lab_verdict_t verdict = {LAB_S1, ""};
    FILE *out = open_memstream(&story, &len);
    ota_status_t status =
        out != NULL ? lab_replay_fault(scenario, which, out, &violated, &verdict) : OTA_ERR_NO_ROOM;
    if (out != NULL && fclose(out) != 0) {
        status = OTA_ERR_NO_ROOM;
    }
    if (status == OTA_OK) {
        cli_print(cli, "scenario  %s: %s\nfailure   %s\n%s", scenario->name, scenario->row->what,
                  faults_plan_name(which->plan), story);
        (void)cJSON_AddStringToObject(cli->report, "story", story);
    }
    free(story);
    if (status == OTA_ERR_RANGE) {
        return cli_refuse(cli, "LAB-ID", "the scenario has no such call or operation",
                          cli->operand[0], "copy the name from the output of `otary lab faults`");
    }
    if (status != OTA_OK) {
        return lab_broken(cli, status, scenario->name);
    }
    const char *words = violated ? cli_format(cli, "%s (%s): %s", lab_oracle_name(verdict.oracle),
                                              lab_oracle_title(verdict.oracle), verdict.what)
                                 : "every promise is kept";
    return finish(cli, words, violated, cJSON_CreateNull());
}

/* The story goes to stdout as it is told; with --json it is kept for the report. */
static int replay_path(cli_t *cli, const lab_plan_t *plan)
{
    bool violated = false;
    char *story = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&story, &len);
    ota_status_t status =
        out != NULL ? lab_replay(cli->operand[0], plan, out, &violated) : OTA_ERR_NO_ROOM;
    if (out != NULL && fclose(out) != 0) {
        status = OTA_ERR_NO_ROOM;
    }
    if (status == OTA_OK) {
        cli_print(cli, "%s", story);
        (void)cJSON_AddStringToObject(cli->report, "story", story);
        (void)cJSON_AddBoolToObject(cli->report, "broken", violated);
    }
    free(story);
    if (status == OTA_ERR_ARG) {
        return cli_refuse(cli, "LAB-ID", "that is no path through this scenario", cli->operand[0],
                          "copy the name from the output of a sweep");
    }
    return status != OTA_OK ? lab_broken(cli, status, cli->operand[0])
           : violated       ? CLI_REFUSED
                            : CLI_OK;
}

/* On the user's own table and images, if they are given again. */
static int replay_own(cli_t *cli, const lab_scenario_t *scenario)
{
    lab_input_t *input = cli_allocate(cli, sizeof(*input));
    lab_plan_t plan;
    own_wish_t wish;
    ota_fault_t fault = {0};
    if (!lab_input_read(cli, input)) {
        return CLI_REFUSED;
    }
    lab_input_wish(input, scenario->variant.way, &wish);
    wish.seed = cli_number(cli, "seed");
    ota_status_t status = own_plan(&wish, scenario, &plan, &fault);
    int rc = CLI_REFUSED;
    if (status == OTA_OK) {
        rc = replay_path(cli, &plan);
        lab_plan_close(&plan);
    } else {
        (void)cli_status(cli, status, &fault, input->new_path);
    }
    lab_input_stop(input);
    return rc;
}

int lab_replay_case(cli_t *cli)
{
    const char *id = cli->operand[0];
    tears_case_t tear;
    rot_case_t flip;
    faults_case_t fault;
    lab_scenario_t scenario;
    lab_path_t path;
    (void)cJSON_AddStringToObject(cli->report, "id", id);
    if (tears_case_parse(id, &tear)) {
        return replay_tear(cli, &tear);
    }
    if (rot_case_parse(id, &flip)) {
        return replay_flip(cli, &flip);
    }
    if (faults_case_parse(id, &scenario, &fault)) {
        return replay_fault(cli, &scenario, &fault);
    }
    if (lab_path_parse(id, &scenario, &path) || strchr(id, '!') != NULL) {
        bool own = cli_given(cli, "from") || cli_given(cli, "to") || cli_given(cli, "table");
        return own ? replay_own(cli, &scenario) : replay_path(cli, NULL);
    }
    return cli_refuse(cli, "LAB-ID", "that is no name of a case", id,
                      "copy it from the output of a sweep, such as normal/o4.17.p5 or "
                      "otadata.stock.confirm.0.prefix.12");
}
