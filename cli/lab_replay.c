/* SPDX-License-Identifier: Apache-2.0 */
/* otary lab replay: one case of a sweep, step by step. */
#include "cli/lab.h"
#include "host/boot_text.h"
#include "lab/otadata_tears.h"
#include "lab/rot.h"

#include <string.h>

const cli_option_t lab_replay_options[] = {
    LAB_SEED_OPTION,
    {"factory", 0, CLI_FLAG, NULL, NULL, "rot: on a table with a factory app"},
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

int lab_replay_case(cli_t *cli)
{
    const char *id = cli->operand[0];
    tears_case_t tear;
    rot_case_t flip;
    (void)cJSON_AddStringToObject(cli->report, "id", id);
    if (tears_case_parse(id, &tear)) {
        return replay_tear(cli, &tear);
    }
    if (rot_case_parse(id, &flip)) {
        return replay_flip(cli, &flip);
    }
    return cli_refuse(cli, "LAB-ID", "that is no name of a case", id,
                      "copy it from the output of a sweep, such as "
                      "otadata.stock.confirm.0.prefix.12");
}
