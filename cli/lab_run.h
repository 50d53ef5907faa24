/* SPDX-License-Identifier: Apache-2.0 */
/* `otary lab run`: what its files share. */
#ifndef CLI_LAB_RUN_H
#define CLI_LAB_RUN_H

#include "cli/lab.h"
#include "host/flash_build.h"
#include "lab/own.h"

/* What the user gave, judged: nothing is run before this is whole. */
typedef struct {
    const char *table_path;
    const char *old_path;
    const char *new_path;
    cli_bytes_t old_image;
    cli_bytes_t new_image;
    const char *old_words; /* "esp32, demo 1.0.0, 976.5 KiB" */
    const char *new_words;
    flash_build_t flash; /* table and both images, placed */
    ota_slot_t home;
    ota_slot_t target;
} lab_input_t;

/* One set of rules. */
typedef struct {
    lab_way_t way;
    const char *name;
    const char *words;
    own_result_t *result;
} lab_side_t;

#define LAB_SIDES 2u /* stock as it is in the field, and the one that was asked for */

typedef struct {
    cli_t *cli;
    lab_input_t input;
    lab_side_t side[LAB_SIDES];
    size_t sides_done;
    const char *verdict; /* about the last side */
    bool good;
    cli_progress_t bar;
} lab_run_t;

/* --table, --flash, --from, --to ..: for run and replay. */
#define LAB_INPUT_OPTIONS                                                                          \
    {"table", 't', CLI_FILE, "FILE", NULL, "partition table, CSV or binary"},                      \
        {"flash", 0, CLI_FILE, "FLASH", NULL, "take the table from a whole flash instead"},        \
        {"from", 0, CLI_FILE, "FILE", NULL, "app image that runs (needed)"},                       \
        {"to", 0, CLI_FILE, "FILE", NULL, "app image to update to (needed)"},                      \
        {"flash-size", 's',  CLI_NUMBER,                                                           \
         "SIZE",       NULL, "size of the chip; else the smallest that fits"},                     \
    {                                                                                              \
        "table-offset", 0, CLI_NUMBER, "OFFSET", "0x8000", "where the table lies"                  \
    }

/* Reads and judges. false: reported (return CLI_REFUSED). Stop with lab_input_stop. */
bool lab_input_read(cli_t *cli, lab_input_t *input);
void lab_input_stop(lab_input_t *input);

/* The wish for one way; jobs, depth, seed and time are left to the caller. */
void lab_input_wish(const lab_input_t *input, lab_way_t way, own_wish_t *wish);

/* How finely the side was cut, in sentences 0..3; NULL: nothing to say there. */
const char *lab_run_sampled(cli_t *cli, const lab_side_t *side, unsigned line);

void lab_run_say(lab_run_t *run);                    /* text, and into cli->report */
bool lab_run_page(lab_run_t *run, const char *path); /* HTML; false: reported */

#endif
