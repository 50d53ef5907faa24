/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared layer of the `otary` command. This header is the manual for whoever adds a noun.
 *
 *   otary NOUN VERB [OPTIONS] FILE...      a noun without verbs: otary NOUN [OPTIONS] FILE...
 *
 * To add a noun: write cli/<noun>.c that defines `const cli_command_t cli_<noun>`, and add one
 * line to cli/commands.c. Options are tables; parsing, `--help`, the man page and bash
 * completion all come from those tables, so that they cannot drift apart. After a change run
 * `tools/cli-docs` to renew the man page and the completion; a test compares them.
 *
 *   static int check(cli_t *cli) { ... return CLI_OK; }
 *   static const cli_option_t check_options[] = {
 *       {"flash-size", 0, CLI_NUMBER, "SIZE", "4M", "size of the flash chip"},
 *       {"policy", 'p', CLI_CHOICE, "stock|otary", "stock", "whose rules"},
 *       {"strict", 0, CLI_FLAG, NULL, NULL, "warnings are errors"},
 *       CLI_END};
 *   static const cli_verb_t verbs[] = {
 *       {.name = "check", .operands = "FILE...", .min = 1, .max = CLI_MANY, .run = check,
 *        .summary = "find what is wrong with a table", .options = check_options,
 *        .example = "otary table check partitions.csv"},
 *       {0}};
 *   const cli_command_t cli_table = {"table", "partition tables", verbs};
 *
 * Every verb also understands --json, --color, --help (the layer's). Exit status of `run`:
 * CLI_OK fine, CLI_REFUSED refused or found wrong, CLI_MISUSE typed wrongly. With --json stdout
 * carries exactly one document: cli->report, completed with "command", "ok", "warnings" and
 * "errors"; human text (cli_print) is then silent. Messages always go to stderr as well.
 *
 * Memory: strings of cli_format and bytes of cli_read live until the command ends; nobody frees.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "ota/status.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLI_OK = 0, CLI_REFUSED = 1, CLI_MISUSE = 2 };

/* --- declaring ---------------------------------------------------------------------- */

typedef enum {
    CLI_FLAG,   /* no argument */
    CLI_TEXT,   /* any text */
    CLI_NUMBER, /* 0..0xFFFFFFFF; decimal or 0x hex, suffix K/KB/KiB or M/MB/MiB (1024s) */
    CLI_CHOICE, /* one of the words of `value`, "a|b|c" */
    CLI_FILE    /* a path; completion offers files */
} cli_kind_t;

typedef struct {
    const char *name; /* "flash-size" for --flash-size */
    char letter;      /* 'f' for -f; 0: none */
    cli_kind_t kind;
    const char *value;     /* what help calls the argument; NULL for flags */
    const char *otherwise; /* default, as one would type it; NULL: none */
    const char *help;      /* one line, no capital, no full stop */
} cli_option_t;

#define CLI_END                                                                                    \
    {                                                                                              \
        NULL, 0, CLI_FLAG, NULL, NULL, NULL                                                        \
    }
#define CLI_FORCE                                                                                  \
    {                                                                                              \
        "force", 'f', CLI_FLAG, NULL, NULL, "overwrite what exists"                                \
    }
#define CLI_MANY 255u

struct cli;

typedef struct {
    const char *name;     /* "check"; NULL where the noun has no verbs (then it is the only one) */
    const char *operands; /* "FILE...", "FLASH FIRMWARE"; NULL: none */
    uint8_t min;          /* operands needed */
    uint8_t max;          /* operands allowed, CLI_MANY */
    const char *summary;  /* one line, no full stop */
    const char *details;  /* paragraphs for --help and the man page, plain text; may be NULL */
    const char *example;  /* lines that one could type, split by \n; may be NULL */
    const cli_option_t *options; /* ends with CLI_END; NULL: none of its own */
    int (*run)(struct cli *cli);
} cli_verb_t;

typedef struct {
    const char *name;
    const char *summary;
    const cli_verb_t *verbs; /* ends with {0} */
} cli_command_t;

/* Defined in cli/<noun>.c; listed in cli/commands.c. */
extern const cli_command_t cli_table;
extern const cli_command_t cli_image;
extern const cli_command_t cli_flash;
extern const cli_command_t cli_slots;
extern const cli_command_t cli_update;
extern const cli_command_t cli_boot;
extern const cli_command_t cli_doctor;
extern const cli_command_t cli_lab;
extern const cli_command_t cli_demo;
extern const cli_command_t cli_publish;
extern const cli_command_t cli_rollout;
extern const cli_command_t cli_manifest;
extern const cli_command_t cli_keys;
extern const cli_command_t cli_serve;
extern const cli_command_t cli_device;

/* --- what `run` gets ------------------------------------------------------------------ */

#define CLI_VALUES_MAX 64u

typedef struct {
    const cli_option_t *option;
    const char *text;
    uint32_t number; /* of a CLI_NUMBER */
} cli_value_t;

typedef struct cli {
    const cli_command_t *command;
    const cli_verb_t *verb;
    const char **operand; /* operands of them */
    size_t operands;
    bool json;      /* print nothing but the report on stdout */
    bool colour;    /* stdout takes colours */
    bool utf8;      /* the locale can show more than ASCII */
    unsigned width; /* columns of the terminal; 80 in a pipe */
    cJSON *report;  /* an object; fill it always, it is printed only with --json */

    /* Below: the layer's. */
    bool silent;                                /* run by cli_run: nothing on stdout or stderr */
    void (*hear)(void *user, const char *text); /* who gets what it would print; NULL: nobody */
    void *hear_user;
    bool colour_errors;
    bool misused;         /* cli_misuse was called: the exit status is CLI_MISUSE */
    unsigned error_width; /* columns of stderr; UINT_MAX where it is no terminal */
    bool progress;
    size_t values;
    cli_value_t value[CLI_VALUES_MAX];
    cJSON *errors;
    cJSON *warnings;
    struct cli_memory *memory;
} cli_t;

/* Options by their name; a name that is not in the verb's table aborts: it is a slip in our
 * code. Repeated options: the last one counts, unless read with cli_next. */
bool cli_has(const cli_t *cli, const char *name); /* declared in the verb's table at all */
bool cli_flag(const cli_t *cli, const char *name);
bool cli_given(const cli_t *cli, const char *name);       /* typed, not defaulted */
const char *cli_text(const cli_t *cli, const char *name); /* typed, default, or NULL */
uint32_t cli_number(const cli_t *cli, const char *name);  /* typed, default, or 0 */

/* Every value of a repeatable option in the order typed: start with *at = 0; NULL: no more. */
const char *cli_next(const cli_t *cli, const char *name, size_t *at);

/* "64K", "0x1000", "4MB", "1310720" to bytes; false: not a number, or above 0xFFFFFFFF. */
bool cli_parse_number(const char *text, uint32_t *number);

/* --- saying things --------------------------------------------------------------------- */

/* printf to stdout, silent with --json. */
void cli_print(const cli_t *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

typedef enum {
    CLI_PLAIN,
    CLI_BOLD,
    CLI_DIM,
    CLI_RED,
    CLI_GREEN,
    CLI_YELLOW,
    CLI_BLUE,
    CLI_MAGENTA,
    CLI_CYAN
} cli_style_t;

/* The escape sequence for stdout, "" where colours are off. End with CLI_PLAIN. */
const char *cli_style(const cli_t *cli, cli_style_t style);

/* sprintf into memory that lives until the command ends. */
const char *cli_format(cli_t *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* size_text of host/size.h in the command's memory: 1310720 -> "1.25 MiB". */
const char *cli_bytes(cli_t *cli, uint64_t bytes);

/*
 * Errors and warnings in three parts, to stderr and into the report:
 *   otary: error: WHAT [CODE]
 *     where: WHERE
 *     do:    REMEDY
 * code: a rule id or ota_status_name(), or NULL. where: file, offset, line, or NULL.
 * todo: the remedy, or NULL only where there truly is none.
 * On a terminal long parts are folded; elsewhere each is one line.
 * cli_refuse returns CLI_REFUSED and cli_misuse CLI_MISUSE, to be returned by `run`; once
 * cli_misuse was called the command ends with CLI_MISUSE, whatever `run` returns.
 */
int cli_refuse(cli_t *cli, const char *code, const char *what, const char *where, const char *todo);
int cli_misuse(cli_t *cli, const char *what, const char *todo);
void cli_warn(cli_t *cli, const char *code, const char *what, const char *where, const char *todo);

/* A failure of the library about `path`: what and remedy from host/explain, place from the
 * fault (may be NULL). Returns CLI_REFUSED. */
int cli_status(cli_t *cli, ota_status_t status, const ota_fault_t *fault, const char *path);

/* A bar with amount and rate on a terminal's stderr; nothing anywhere else. Start with a zeroed
 * struct, call as bytes pass (cheap: draws ten times a second), end with done == total or
 * cli_progress_end. */
typedef struct {
    const char *label;
    const char *unit; /* what is counted, "flips"; NULL: bytes */
    uint64_t total;   /* 0: unknown */
    uint64_t started_ns;
    uint64_t drawn_ns;
    bool visible;
} cli_progress_t;

void cli_progress(const cli_t *cli, cli_progress_t *progress, uint64_t done);
void cli_progress_end(const cli_t *cli, cli_progress_t *progress);

/* Zeroed memory that lives until the command ends; never NULL (out of memory ends it). */
void *cli_allocate(struct cli *cli, size_t bytes);

#define CLI_BUFFER_SIZE 65536u /* a good size for reading images in pieces */

/* --- files -------------------------------------------------------------------------------- */

typedef struct {
    const uint8_t *bytes; /* a NUL follows the last one: text can be read as a string */
    size_t len;
} cli_bytes_t;

#define CLI_FILE_MAX (256u << 20) /* largest flash or image the tools look at */

/* The whole file ("-": stdin), at most `limit` bytes. false: reported; return CLI_REFUSED. */
bool cli_read(cli_t *cli, const char *path, size_t limit, cli_bytes_t *file);

/* Writes a whole new file ("-": stdout), by a temporary one and a rename: at any moment the
 * path holds nothing, the old file or the whole new one. What exists is replaced only where the
 * verb has CLI_FORCE and --force was typed; stdout only without --json. false: reported. */
bool cli_write(cli_t *cli, const char *path, const void *bytes, size_t len);

/* True if cli_write would not refuse `path` because something is there; call it before long
 * work. false: reported. */
bool cli_may_write(cli_t *cli, const char *path);

/* --- folders to work in ---------------------------------------------------------------- */

/* Makes "otary-NAME.XXXXXX" in TMPDIR, else in /tmp; the name is in the command's memory. NULL:
 * reported. */
const char *cli_temporary(cli_t *cli, const char *name);

/* Removes a folder with everything in it, as far as it can; links are not followed. */
void cli_remove_folder(const char *path);

/* --- commands inside commands ---------------------------------------------------------- */

/* Runs a command of ours as if it had been typed, in this process: argv without "otary", NULL
 * behind it. Nothing is printed; *document is what --json would have printed (cJSON_Delete it).
 * Returns the exit status. */
int cli_run(const char *const *argv, cJSON **document);

/* The same, for a command that takes a while: what it prints is told as it comes (a piece may hold
 * several lines, or a part of one), and a terminal sees its progress bar. */
int cli_run_heard(const char *const *argv, cJSON **document,
                  void (*hear)(void *user, const char *text), void *user);

/* The same as cli_run, without the document: the first error becomes the outer command's. */
int cli_run_inside(cli_t *cli, const char *const *argv);

#endif
