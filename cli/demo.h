/* SPDX-License-Identifier: Apache-2.0 */
/*
 * otary demo: a story told by running the commands that it shows.
 *
 *   demo_stage.c   the stage: a folder with a table and images, given, found or made
 *   demo_act.c     one act: run a command of ours, print it, hold its outcome against the script
 *   demo_air.c     the script over the air
 *   demo_local.c   the script of one flash file alone
 *   demo_server.c  `otary serve` as a process of its own, and what its status says
 *   demo_wire.c    the line between a device and the server: it may be slow, and break
 */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "cli/cli.h"

#define DEMO_WORDS_MAX 20u

typedef struct demo_server demo_server_t;

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
#define DEMO_NEXT       "next.bin"     /* the release after the one that crashes */

#define DEMO_BAD_VERSION  "3.0.0"
#define DEMO_NEXT_VERSION "4.0.0"

/* The scripts. */
bool demo_is_local(const demo_t *demo);
const char *demo_policy(const demo_t *demo); /* whose bootloader */
void demo_local(demo_t *demo);
void demo_air(demo_t *demo);

/* Sets the stage. False: reported. demo_strike in any case. */
bool demo_set(demo_t *demo);
void demo_strike(demo_t *demo);

/* True if both files can be read and hold the same bytes. */
bool demo_same_files(demo_t *demo, const char *a, const char *b);

/* Extracts what `slot` holds: it must be new.bin to the last bit. */
void demo_holds_new(demo_t *demo, const char *slot);

/* A chapter: a title, and a sentence on what it shows. */
void demo_chapter(demo_t *demo, const char *title, const char *sentence);

/* Runs `line` (words split by blanks, without "otary"), shows it as one would type it, and
 * expects this exit status. Returns its report, to be deleted; never NULL. After the first
 * failure the story is over: nothing is run, said or counted any more. */
cJSON *demo_run(demo_t *demo, int status, const char *line);

/* The same; what the command prints is told, but not with --json. `user` is the demo. */
typedef void (*demo_hear_t)(void *user, const char *text);
cJSON *demo_run_heard(demo_t *demo, int status, const char *line, demo_hear_t hear);

/* A command that is run in another way: shows it. */
void demo_show_command(const demo_t *demo, const char *line);

/* A fact that the script relies on: printed with a tick or a cross, and counted. */
void demo_fact(demo_t *demo, bool true_so, const char *sentence);

/* Members of a report; "" and 0 where there are none. */
const char *demo_text(const cJSON *report, const char *name);
uint32_t demo_count(const cJSON *report, const char *name);

/* Ctrl-C ends the story after the command under way, so that nothing is left behind. */
void demo_look_for_end(demo_t *demo);

/* --- over the air ------------------------------------------------------------------------------
 */

/* Starts `otary serve public` on loopback, HTTPS only, in a process that ends with this one. NULL:
 * it did not start (a fact that failed). */
demo_server_t *demo_serve(demo_t *demo);
void demo_serve_stop(demo_server_t *server);
const char *demo_serve_url(const demo_server_t *server);
uint16_t demo_serve_port(const demo_server_t *server);
/* GET /status with the admin token, over HTTPS; NULL: no answer. cJSON_Delete it. */
cJSON *demo_serve_status(demo_t *demo, const demo_server_t *server);

typedef struct demo_wire demo_wire_t;

/* Hands on what comes at a port of its own to `port`. Once, after `reset_after` bytes towards the
 * device, it breaks the connection with a reset. bytes_a_second: 0: as fast as it goes. NULL: no
 * socket, no thread. */
demo_wire_t *demo_wire_start(uint16_t port, uint64_t reset_after, uint32_t bytes_a_second);
void demo_wire_stop(demo_wire_t *wire);
uint16_t demo_wire_port(const demo_wire_t *wire);
unsigned demo_wire_resets(const demo_wire_t *wire);

#endif
