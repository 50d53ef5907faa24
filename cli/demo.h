/* SPDX-License-Identifier: Apache-2.0 */
/*
 * otary demo: a story told by running the commands that it shows.
 *
 *   demo_stage.c   the stage: a folder with a table and images, given, found or made
 *   demo_act.c     one act: run a command of ours, print it, hold its outcome against the script
 *   demo.c         the script
 */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "cli/cli.h"

#define DEMO_WORDS_MAX 20u

typedef struct {
    cli_t *cli;
    const char *folder;  /* where everything happens; the commands run inside */
    bool temporary;      /* remove it at the end */
    const char *source;  /* where the images come from, for people */
    size_t new_len;      /* bytes of new.bin */
    uint32_t flash_size; /* that the table needs, bytes */
    const char *first;   /* the slot that a new device starts from: "factory" or "ota_0" */
    bool made;           /* the images were made here */
    cJSON *chapters;     /* of the report */
    cJSON *acts;         /* of the present chapter */
    unsigned number;     /* of the present chapter */
    unsigned failures;   /* acts that did not go as the script says */
    const char *running; /* slot of the last boot */
} demo_t;

/* Files of the stage, by the names that the commands use. */
#define DEMO_FLASH      "device.bin"
#define DEMO_TABLE      "partitions.csv"
#define DEMO_BOOTLOADER "bootloader.bin"
#define DEMO_OLD        "old.bin"
#define DEMO_NEW        "new.bin"
#define DEMO_BROKEN     "broken.bin"   /* new.bin with one bit flipped */
#define DEMO_CRASHING   "crashing.bin" /* a whole image whose application never confirms */
#define DEMO_PAGE       "page.bin"     /* what a web server sends instead of a firmware */

/* Sets the stage and enters its folder. False: reported. demo_strike in any case. */
bool demo_set(demo_t *demo);
void demo_strike(demo_t *demo);

/* True if both files can be read and hold the same bytes. */
bool demo_same_files(demo_t *demo, const char *a, const char *b);

/* A chapter: a title, and a sentence on what it shows. */
void demo_chapter(demo_t *demo, const char *title, const char *sentence);

/* Runs `line` (words split by blanks, without "otary"), shows it as one would type it, and
 * expects this exit status. Returns its report, to be deleted; never NULL. After the first
 * failure the story is over: nothing is run, said or counted any more. */
cJSON *demo_run(demo_t *demo, int status, const char *line);

/* A fact that the script relies on: printed with a tick or a cross, and counted. */
void demo_fact(demo_t *demo, bool true_so, const char *sentence);

#endif
