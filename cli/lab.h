/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of `otary lab` share. */
#ifndef CLI_LAB_H
#define CLI_LAB_H

#include "cli/cli.h"
#include "lab/stand.h"

#define LAB_JOBS_OPTION                                                                            \
    {                                                                                              \
        "jobs", 'j', CLI_NUMBER, "N", NULL, "worker processes; else one for each core"             \
    }
#define LAB_SEED_OPTION                                                                            \
    {                                                                                              \
        "seed", 0, CLI_NUMBER, "N", "1", "of everything that is drawn by lot"                      \
    }

extern const cli_option_t lab_otadata_options[];
extern const cli_option_t lab_rot_options[];
extern const cli_option_t lab_scoreboard_options[];
extern const cli_option_t lab_list_options[];
extern const cli_option_t lab_faults_options[];
extern const cli_option_t lab_net_options[];
extern const cli_option_t lab_replay_options[];
extern const cli_option_t lab_run_options[];
int lab_otadata(cli_t *cli);
int lab_rot(cli_t *cli);
int lab_scoreboard(cli_t *cli);
int lab_list(cli_t *cli);
int lab_faults(cli_t *cli);
int lab_net(cli_t *cli);
int lab_replay_case(cli_t *cli);
int lab_run_verb(cli_t *cli);

/* 1234567 as "1,234,567", in the command's memory. */
const char *lab_number(cli_t *cli, uint64_t number);

/* "0", or in red the number and its share of all: "497 (64.2 %)". `width` columns, flush right. */
const char *lab_loss(cli_t *cli, uint64_t number, uint64_t all, int width);

/* A failure of the laboratory itself: what it stands on did not do what it should. */
int lab_broken(cli_t *cli, ota_status_t status, const char *what);

#endif
