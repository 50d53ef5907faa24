/* SPDX-License-Identifier: Apache-2.0 */
/* otary lab run: every power cut of an update, on the user's own table and images. */
#include "cli/lab_run.h"
#include "lab/share.h"

const cli_option_t lab_run_options[] = {
    LAB_INPUT_OPTIONS,
    {"policy", 'p', CLI_CHOICE, "stock|otary", "otary",
     "whose bootloader: Espressif's with our library, or ours"},
    {"bootloader-rollback", 0, CLI_FLAG, NULL, NULL,
     "Espressif's bootloader was built with rollback (ours always is)"},
    {"html", 0, CLI_FILE, "FILE", NULL, "write the report as one HTML page"},
    CLI_FORCE,
    LAB_JOBS_OPTION,
    {"depth", 0, CLI_NUMBER, "N", "1", "cuts in a row while otadata is written, 1 to 3"},
    LAB_SEED_OPTION,
    {"seconds", 0, CLI_NUMBER, "N", "50", "stop after that time and say what was left out"},
    CLI_END,
};

#define DEPTH_MAX   3u
#define SECONDS_MAX 86400u

static void advance(void *user, uint64_t done, uint64_t total)
{
    lab_run_t *run = user;
    run->bar.total = total;
    cli_progress(run->cli, &run->bar, done);
}

static bool check_numbers(cli_t *cli)
{
    uint32_t depth = cli_number(cli, "depth");
    uint32_t seconds = cli_number(cli, "seconds");
    if (depth == 0 || depth > DEPTH_MAX) {
        (void)cli_misuse(cli, "--depth is out of range", "give 1, 2 or 3");
        return false;
    }
    if (seconds == 0 || seconds > SECONDS_MAX || cli_number(cli, "jobs") > SHARE_JOBS_MAX) {
        (void)cli_misuse(cli, "--seconds or --jobs is out of range",
                         "give 1 to 86400 seconds and at most 32 jobs");
        return false;
    }
    return true;
}

/* Stock as it is in the field first: quick, and what ours is held against. */
static bool run_side(lab_run_t *run, size_t index)
{
    cli_t *cli = run->cli;
    lab_side_t *side = &run->side[index];
    own_wish_t wish;
    ota_fault_t fault = {0};
    double seconds = (double)cli_number(cli, "seconds");
    lab_input_wish(&run->input, side->way, &wish);
    wish.rollback = side->way == LAB_WAY_OTARY || cli_flag(cli, "bootloader-rollback");
    wish.depth = (uint8_t)cli_number(cli, "depth");
    wish.jobs = cli_number(cli, "jobs");
    wish.seed = cli_number(cli, "seed");
    wish.seconds = index == 0 ? seconds * 0.35 : seconds * 0.65;
    wish.progress = advance;
    wish.user = run;
    run->bar = (cli_progress_t){.label = side->name, .unit = "pieces"};
    ota_status_t status = own_run(&wish, side->result, &fault);
    cli_progress_end(cli, &run->bar);
    if (status == OTA_ERR_STATE) {
        (void)cli_refuse(cli, ota_status_name(status),
                         "the update does not reach its end even without a power cut", side->words,
                         "try it with `otary flash new` and `otary update`, which say why");
    } else if (status != OTA_OK) {
        (void)cli_status(cli, status, &fault, run->input.new_path);
    }
    return status == OTA_OK;
}

static void set_sides(lab_run_t *run)
{
    bool otary = cli_text(run->cli, "policy")[0] == 'o';
    run->side[0] = (lab_side_t){.way = LAB_WAY_IN_PLACE,
                                .name = "stock",
                                .words = "Espressif's bootloader and application"};
    run->side[1] = otary ? (lab_side_t){.way = LAB_WAY_OTARY,
                                        .name = "otary",
                                        .words = "Otary's bootloader and library"}
                         : (lab_side_t){.way = LAB_WAY_STOCK,
                                        .name = "library",
                                        .words = "Espressif's bootloader, Otary's library"};
    for (size_t i = 0; i < LAB_SIDES; i++) {
        run->side[i].result = cli_allocate(run->cli, sizeof(own_result_t));
    }
}

static bool run_sides(lab_run_t *run)
{
    bool ok = true;
    set_sides(run);
    for (size_t i = 0; i < LAB_SIDES && ok; i++) {
        ok = run_side(run, i);
    }
    return ok;
}

int lab_run_verb(cli_t *cli)
{
    lab_run_t *run = cli_allocate(cli, sizeof(*run));
    const char *page = cli_text(cli, "html");
    run->cli = cli;
    if (!check_numbers(cli) || (page != NULL && !cli_may_write(cli, page)) ||
        !lab_input_read(cli, &run->input)) {
        return CLI_REFUSED;
    }
    bool ok = run_sides(run);
    if (ok) {
        lab_run_say(run);
        ok = page == NULL || lab_run_page(run, page);
    }
    lab_input_stop(&run->input);
    return ok && run->good ? CLI_OK : CLI_REFUSED;
}
