/* SPDX-License-Identifier: Apache-2.0 */
/* The stage of `otary lab net`: a flash and a published directory; given, or made for the purpose.
 */
#ifndef CLI_LAB_NET_H
#define CLI_LAB_NET_H

#include "cli/cli.h"
#include "lab/net/net.h"

typedef struct {
    const char *folder; /* temporary; NULL: nobody needed one yet */
    const char *directory;
    net_stage_t stage;
} lab_net_stage_t;

/* A flash and a directory, or both NULL: then they are made, with two images of 24 KiB, a key and a
 * release. false: said why. */
bool lab_net_open(cli_t *cli, const char *flash, const char *directory, lab_net_stage_t *stage);
/* The temporary folder is there. false: said why. */
bool lab_net_folder(cli_t *cli, lab_net_stage_t *stage);
/* Ends it, and removes what was made. */
void lab_net_close(lab_net_stage_t *stage);

/* `--sockets`: the fleet over TCP and TLS, from a server that is killed. */
int lab_net_sockets(cli_t *cli, lab_net_stage_t *stage);

#endif
